"""The recipe of a store, made from its provenance: run again, it makes the store again."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eugene.recipes.recipe import CALLS
from eugene.recipes.values import reader_types

if TYPE_CHECKING:
    import xarray as xr

_WIDTH = 100
_TABLES = ("regions", "exclude", "negatives.exclude")
_ENTRY, _SUMMARY = {"file", "sha256"}, {"entries", "sha256"}


@dataclass
class _Files:
    """Files that a recipe names: the sha256 of each."""

    hashes: dict[str, str] = field(default_factory=dict)

    def name(self, entry: dict[str, str]) -> str:
        """Give the name a file has in the recipe; of two with one name the second is in a folder."""
        name, digest = entry["file"], entry["sha256"]
        if self.hashes.get(name, digest) != digest:
            name = f"{digest[:8]}/{name}"
        self.hashes[name] = digest
        return name


def recipe_of(ds: xr.Dataset, *, out: str | None = None) -> str:
    r"""Write the recipe that makes a Dataset again, from its provenance.

    Files stand by their name, without the folder they were in, and with their sha256, so that a recipe
    whose files are others is refused. Steps after the first, such as a split, are named in a comment.

    Parameters
    ----------
    ds
        Dataset that `seqdata.build`, `read_table` or `read_fasta` made, or one derived from it.
    out
        Name of the store that the recipe writes.

    Returns
    -------
    Text in YAML

    Raises
    ------
    ValueError
        If provenance does not say enough: the first step is another, a table was in memory and not in
        a file, or a reader's class or options are not told.

    Examples
    --------
    >>> import pathlib, tempfile, seqdata as sd
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.fa"); _ = path.write_text(">x\nAC\n")
    >>> print(recipe_of(sd.read_fasta(path), out="a.zarr"))
    # Made from the provenance of a Dataset of seqdata ...
    read_fasta:
      path: a.fa
      out: a.zarr
    sha256:
      a.fa: ...
    """
    import yaml  # type: ignore[import-untyped]

    from seqdata.provenance import steps

    first, *later = steps(ds) or [{"step": "nothing", "version": ""}]
    call = first["step"].removeprefix("seqdata.")
    if call not in CALLS:
        msg = f"data must begin with one of {', '.join(CALLS)} to have a recipe; found {first['step']}"
        raise ValueError(msg)
    files = _Files()
    section = _section(call, first, files)
    if call != "build" and "seq" in ds:
        section.setdefault("alphabet", ds["seq"].attrs.get("alphabet"))
    section = _without_defaults(section, _function(call))
    lines = [
        f"# Made from the provenance of a Dataset of seqdata {first['version']}.",
        "# Put the files beside this recipe, or give their paths; then: eugene data build RECIPE.yaml",
    ]
    if later:
        lines.append(
            f"# What was done afterwards is not part of it: {', '.join(s['step'] for s in later)}"
        )
    content = {call: _ordered(section | {"out": out}, call), "sha256": files.hashes}
    text = yaml.safe_dump(content, sort_keys=False, width=_WIDTH, allow_unicode=True)
    return "\n".join([*lines, text])


def _function(call: str) -> Any:
    import seqdata as sd

    return getattr(sd, call)


def _section(call: str, step: dict[str, Any], files: _Files) -> dict[str, Any]:
    """Give what a step's details say as the function's keywords."""
    accepted = inspect.signature(_function(call)).parameters
    known = {name: value for name, value in step.items() if name in accepted}
    if call != "build":
        paths = _plain("path", step["files"], files)
        return {k: _plain(k, v, files) for k, v in known.items()} | {
            "path": paths if len(paths) > 1 else paths[0]
        }
    negatives = dict(known.pop("negatives", None) or {})
    readers = known.pop("readers")
    section = {k: _plain(k, v, files) for k, v in known.items()}
    if negatives:
        import seqdata as sd

        section["seed"] = negatives.pop("seed")
        plain = {k: _plain(f"negatives.{k}", v, files) for k, v in negatives.items()}
        section["negatives"] = _without_defaults(plain, sd.GCMatched, keep=("ratio",))
    section["readers"] = {name: _reader(name, told, files) for name, told in readers.items()}
    return section


def _reader(name: str, told: Any, files: _Files) -> dict[str, Any]:
    """Give a reader's type and keywords."""
    known = reader_types()
    kind = known.get(told["type"]) if isinstance(told, dict) else None
    options = {k: v for k, v in told.items() if k != "type"} if kind else {}
    if kind is None or set(options) != set(inspect.signature(kind).parameters):
        what = told["type"] if isinstance(told, dict) and kind is None else "its files alone"
        msg = (
            f"provenance must tell the class and the options of reader {name!r}, one of {', '.join(known)}; "
            f"found {what}. Write the recipe by hand, or build the store anew with this seqdata"
        )
        raise ValueError(msg)
    plain = {}
    for key, value in options.items():
        is_reader = isinstance(value, dict) and "type" in value and value["type"] in known
        read = _reader if is_reader else _plain
        plain[key] = read(f"{name}.{key}", value, files)
    return {"type": told["type"], **_without_defaults(plain, kind)}


def _plain(name: str, value: Any, files: _Files) -> Any:
    """Give a value as a recipe has it: files by their names."""
    if value == "a table" and name in _TABLES:
        msg = (
            f"{name} must have been a file for a recipe to name it; it was a table in memory. Save the table "
            "with seqpro.bed.write_bed, and build from the file"
        )
        raise ValueError(msg)
    if isinstance(value, list):
        return [_plain(name, item, files) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == _ENTRY:
        return files.name(value)
    if value.keys() == _SUMMARY:
        msg = (
            f"{name} must have been a file for a recipe to name it; it was given in memory, with "
            f"{value['entries']} entries. Save them in a file, and build from that"
        )
        raise ValueError(msg)
    return {key: _plain(name, item, files) for key, item in value.items()}


def _without_defaults(
    section: dict[str, Any], call: Any, keep: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Leave out what is as the function has it anyway."""
    parameters = inspect.signature(call).parameters
    return {
        name: value
        for name, value in section.items()
        if name in keep or value != _as_recorded(parameters[name].default)
    }


def _as_recorded(default: Any) -> Any:
    """Give a default as provenance would hold it: lists for tuples, alphabets by name."""
    if default is inspect.Parameter.empty:
        return default
    return json.loads(json.dumps(getattr(default, "name", default)))


def _ordered(section: dict[str, Any], call: str) -> dict[str, Any]:
    """Order keywords as the function's signature does."""
    names = inspect.signature(_function(call)).parameters
    return {name: section[name] for name in names if section.get(name) is not None}
