"""The data sets by name: what there is, and about each one."""

from __future__ import annotations

import difflib
import json
import os
import shutil
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from seqdatasets.entries import Entry, RemoteFile, entry_of
from seqpro.checks import shown

__all__ = ["Entry", "RemoteFile", "add_dataset", "find", "info", "list_datasets"]

REGISTRY = "SEQDATASETS_REGISTRY"
_NOT_STATED = "not stated"
_COLUMNS = ("rows", "lengths_bp", "title", "task", "organism", "licence", "split")


class Listing(pd.DataFrame):
    """A table that prints all its columns, in as many blocks as the terminal's width asks for."""

    def __repr__(self) -> str:
        """Give the table as text."""
        return self.to_string(line_width=shutil.get_terminal_size().columns, max_colwidth=60)


class Info(dict[str, Any]):
    """All that is known of a data set: a dictionary that prints itself line by line."""

    def __repr__(self) -> str:
        """Give a line for each field, and one or two for each file."""
        return "\n".join(_lines(self))


def list_datasets() -> pd.DataFrame:
    """List the data sets: what each one is, how large, under which licence, and whether it is here.

    Returns
    -------
    DataFrame indexed by name, with ``here`` (whether the files of the default subset are on this machine, in
    the mirror or the cache), ``rows`` (of the default subset), ``lengths_bp``, ``title``, ``task``,
    ``organism``, ``licence``, ``split`` (the standard split, if there is one) and ``subsets``

    Examples
    --------
    >>> list_datasets().loc["dream_yeast_demo", "task"]
    'regression'
    """
    from seqdatasets.fetch import is_here

    rows = {}
    for name, entry in _all().items():
        told = {key: entry.about.get(key, "") for key in _COLUMNS}
        rows[name] = told | {"here": is_here(entry), "subsets": ", ".join(entry.subsets)}
    table = pd.DataFrame.from_dict(rows, orient="index")[["here", *_COLUMNS, "subsets"]]
    numbers = pd.to_numeric(table["rows"], errors="coerce").astype("Int64")
    return Listing(table.assign(rows=numbers))


def info(name: str) -> Info:
    """Give all that the registry says of a data set, its files' addresses and hashes included.

    The dictionary is a copy: to change it changes nothing else. Where a file's hash has not been recorded,
    ``sha256`` is None.

    Parameters
    ----------
    name
        A name of `list_datasets`.

    Returns
    -------
    dict, which prints itself line by line

    Raises
    ------
    ValueError
        If there is no such data set; the message suggests near names.

    Examples
    --------
    >>> info("dream_yeast_demo")["doi"]
    '10.1038/s41587-024-02414-w'
    """
    entry = find(name)
    found = Info(name=name, **deepcopy(entry.about))
    if entry.subsets:
        found["subsets"] = deepcopy(entry.subsets)
        found["default_subset"] = entry.default_subset
    found["recipe"] = entry.recipe
    found["files"] = [asdict(file) for file in entry.files]
    return found


def find(name: str) -> Entry:
    """Give a data set's entry in the registry, or among those that the user added.

    Parameters
    ----------
    name
        A name of `list_datasets`.

    Raises
    ------
    ValueError
        If there is no such data set; the message suggests near names.

    Examples
    --------
    >>> find("dream_yeast_demo").files[0].bytes
    760902
    """
    known = _all()
    if not isinstance(name, str) or name not in known:
        lower = {each.lower(): each for each in known}
        near = difflib.get_close_matches(str(name).lower(), lower, n=3, cutoff=0.6)
        names = [lower[each] for each in near]
        hint = f"did you mean {' or '.join(names)}?" if near else f"there are {', '.join(known)}"
        msg = f"no data set {shown(name)}; {hint}"
        raise ValueError(msg)
    return known[name]


def add_dataset(
    entry: Mapping[str, Any] | str | os.PathLike[str], *, overwrite: bool = False
) -> Path:
    r"""Add a data set of your own, so that `load` and `list_datasets` know it from now on.

    It is kept as one JSON file in the folder that the environment variable ``SEQDATASETS_REGISTRY`` names,
    else in the user's configuration folder; to delete the file is to forget the data set.

    Parameters
    ----------
    entry
        One data set by its name, as a dictionary or the path of a TOML file, with the fields of
        ``registry.toml``: ``title``, ``licence`` and ``files`` at least. A file has a ``name`` and a
        ``url``, or the ``path`` of a file on this machine; a relative path counts from the TOML file's
        folder, or from the working directory. Without ``recipe``, the name of a module with a function
        ``load(files)``, the files are tables or FASTA files, and ``options`` are those of
        `seqdatasets.recipes.table.load`.
    overwrite
        Whether an entry of that name that was added before may be replaced.

    Returns
    -------
    Path of the file that keeps it

    Raises
    ------
    ValueError
        If a field is missing or wrong, there is not one data set, or the name is one of the registry's or
        was added before.

    Examples
    --------
    >>> import os, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.tsv").write_text("seq\ty\nACGT\t1.5\n")
    >>> os.environ["SEQDATASETS_REGISTRY"] = str(folder / "registry")
    >>> file = {"name": "a.tsv", "path": str(folder / "a.tsv")}
    >>> options = {"sequence": "seq", "targets": ["y"]}
    >>> mine = {"title": "My assay", "licence": "mine", "files": [file], "options": options}
    >>> add_dataset({"mine": mine}).name
    'mine.json'
    >>> import seqdatasets
    >>> seqdatasets.load("mine")["y"].values.tolist()
    [1.5]
    >>> _ = os.environ.pop("SEQDATASETS_REGISTRY")
    """
    tables, folder = _tables(entry)
    if len(tables) != 1:
        msg = f"entry must hold one data set by its name; found {', '.join(map(str, tables)) or 'none'}"
        raise ValueError(msg)
    name, table = next(iter(tables.items()))
    entry_of(name, table)
    kept = registry_folder() / f"{name}.json"
    if name in _registry() or (kept.exists() and not overwrite):
        way_out = (
            "choose another name" if name in _registry() else "pass overwrite=True to replace it"
        )
        msg = f"there is a data set {name!r} already; {way_out}"
        raise ValueError(msg)
    placed = [
        {**file, "path": str((folder / file["path"]).resolve())} if "path" in file else file
        for file in table["files"]
    ]
    kept.parent.mkdir(parents=True, exist_ok=True)
    beside = kept.with_name(f".{kept.name}.{os.getpid()}")
    beside.write_text(json.dumps({name: {**table, "files": placed}}, indent=1) + "\n", "utf-8")
    beside.replace(kept)
    return kept


def registry_folder() -> Path:
    """Give the folder of the data sets that the user added.

    Examples
    --------
    >>> isinstance(registry_folder(), Path)
    True
    """
    import platformdirs

    return Path(os.environ.get(REGISTRY) or platformdirs.user_config_path("seqdatasets"))


def _tables(entry: Any) -> tuple[dict[Any, Any], Path]:
    """Read what `add_dataset` is given: tables by name, and the folder that paths count from."""
    if isinstance(entry, Mapping):
        return dict(entry), Path.cwd()
    if not isinstance(entry, str | os.PathLike):
        msg = f"entry must be a dictionary or the path of a TOML file; found {shown(entry)}"
        raise TypeError(msg)
    path = Path(entry)
    try:
        return tomllib.loads(path.read_text("utf-8")), path.resolve().parent
    except tomllib.TOMLDecodeError as error:
        msg = f"{path.name} must be a TOML file; {error}"
        raise ValueError(msg) from None


def _all() -> dict[str, Entry]:
    """Entries of the registry, and those of the user's folder as they are now."""
    entries = dict(_registry())
    for path in sorted(registry_folder().glob("*.json")):
        try:
            ((name, table),) = json.loads(path.read_text("utf-8")).items()
        except (ValueError, AttributeError) as error:
            msg = (
                f"{path} must hold one data set as add_dataset writes it ({error}). Delete it, and add it "
                "again"
            )
            raise ValueError(msg) from None
        entries.setdefault(name, entry_of(name, table))
    return entries


@cache
def _registry() -> dict[str, Entry]:
    text = files("seqdatasets").joinpath("registry.toml").read_text("utf-8")
    return {name: entry_of(name, table) for name, table in tomllib.loads(text).items()}


def _lines(about: Mapping[str, Any]) -> list[str]:
    lines = []
    for key, value in about.items():
        if key == "files":
            lines.append("files")
            for file in value:
                lines += _file_lines(file)
        elif isinstance(value, Mapping):
            lines.append(key)
            lines += [f"  {name:<20} {_inline(each)}" for name, each in value.items()]
        else:
            lines.append(f"{key:<15} {value if value != '' else _NOT_STATED}")
    return lines


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(
            f"{v}" if k in ("type", "about") else f"{k}: {v}" for k, v in value.items()
        )
    return str(value)


def _file_lines(file: Mapping[str, Any]) -> list[str]:
    size = _NOT_STATED if file["bytes"] is None else f"{file['bytes']:,}"
    notes = [f"bytes: {size}", f"sha256: {file['sha256'] or 'not recorded'}"]
    if file["subsets"]:
        notes.append(f"subsets: {', '.join(file['subsets'])}")
    return [
        f"  {file['name']}",
        f"    {file['url'] or file['path']}",
        f"    {'; '.join(notes)}",
    ]
