"""The data sets by name: what there is, and about each one."""

from __future__ import annotations

import difflib
import tomllib
from copy import deepcopy
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class RemoteFile:
    """One file of a data set.

    Parameters
    ----------
    name
        Its name in the cache.
    mirror
        Its path inside a mirror folder.
    url
        Where it is downloaded from.
    sha256
        Hash of its content.
    bytes
        Its size.
    """

    name: str
    mirror: str
    url: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Entry:
    """What the registry says of a data set.

    Parameters
    ----------
    name
        What `load` calls it.
    files
        Its files.
    recipe
        Module whose ``load`` turns the files into a Dataset.
    about
        Everything else: title, citation, doi, licence, organism, assay, task, target, units, rows and
        lengths_bp.
    """

    name: str
    files: tuple[RemoteFile, ...]
    recipe: str
    about: dict[str, Any]


def list_datasets() -> pd.DataFrame:
    """List the data sets: what each one is, how large, under which licence.

    Returns
    -------
    DataFrame indexed by name

    Examples
    --------
    >>> list_datasets().loc["dream_yeast_demo", "task"]
    'regression'
    """
    import pandas as pd

    columns = ["title", "organism", "task", "rows", "lengths_bp", "licence"]
    table = {name: [entry.about[c] for c in columns] for name, entry in _registry().items()}
    return pd.DataFrame.from_dict(table, orient="index", columns=columns)


def info(name: str) -> dict[str, Any]:
    """Give all that the registry says of a data set, its files' addresses and hashes included.

    The dictionary is a copy: to change it changes nothing else.

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
    >>> info("dream_yeast_demo")["doi"]
    '10.1038/s41587-024-02414-w'
    """
    entry = find(name)
    return {"name": name, **deepcopy(entry.about), "files": [asdict(file) for file in entry.files]}


def find(name: str) -> Entry:
    """Give a data set's entry in the registry.

    Raises
    ------
    ValueError
        If there is no such data set; the message suggests near names.

    Examples
    --------
    >>> find("dream_yeast_demo").files[0].bytes
    760902
    """
    known = _registry()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}"
        msg = f"no data set {name!r}; {hint}"
        raise ValueError(msg)
    return known[name]


@cache
def _registry() -> dict[str, Entry]:
    table = tomllib.loads(files("seqdatasets").joinpath("registry.toml").read_text())
    entries = {}
    for name, about in table.items():
        remote = tuple(RemoteFile(**file) for file in about.pop("files"))
        entries[name] = Entry(name, remote, about.pop("recipe"), about)
    return entries
