"""What the registry holds: data sets and their files, checked when they are read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import PurePosixPath
from typing import Any

from seqpro.checks import shown

SPLITS = ("train", "val", "test")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ADDRESS = re.compile(r"https?://\S+")
_ARCHIVES = ("tar", "zip", "gzip")
_NEEDED = ("title", "licence", "files")
_TEXTS = (
    *("title", "citation", "doi", "licence", "source", "organism", "assay", "task", "target"),
    *("units", "lengths_bp", "split", "description", "recipe", "default_subset"),
)


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
        Hash of its content; None where nobody has recorded it.
    bytes
        Its size; None where it is not known.
    path
        Where it is on this machine, in data sets of the user's own; such a file is never copied.
    subsets
        Subsets that need it; none: all do.
    split
        The one split whose rows it holds; None: any.
    unpack
        ``"tar"``, ``"zip"`` or ``"gzip"`` where it is given to the recipe unpacked.
    """

    name: str
    mirror: str = ""
    url: str = ""
    sha256: str | None = None
    bytes: int | None = None
    path: str = ""
    subsets: tuple[str, ...] = ()
    split: str | None = None
    unpack: str | None = None


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
        Everything else: title, citation, doi, licence, source, organism, assay, task, target, units, rows,
        lengths_bp, split and the variables.
    options
        Further arguments of the recipe.
    subsets
        Its subsets by name, with ``about`` and ``rows`` of each; empty where there are none.
    default_subset
        The subset that is taken where none is named.
    """

    name: str
    files: tuple[RemoteFile, ...]
    recipe: str
    about: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict)
    subsets: dict[str, dict[str, Any]] = field(default_factory=dict)
    default_subset: str | None = None


def entry_of(name: str, table: Mapping[str, Any]) -> Entry:
    """Check a table of a registry, and give its entry.

    Parameters
    ----------
    name
        The data set's name: letters, digits, ``_``, ``-`` and ``.``.
    table
        Its fields, as in ``registry.toml``.

    Returns
    -------
    Entry

    Raises
    ------
    ValueError
        If a field is missing or not what it must be; the message names data set and field.

    Examples
    --------
    >>> file = {"name": "a.tsv", "url": "https://example.org/a.tsv"}
    >>> options = {"sequence": "seq"}
    >>> entry_of("mine", {"title": "T", "licence": "MIT", "files": [file], "options": options}).recipe
    'seqdatasets.recipes.table'
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        msg = f"a data set's name must be letters, digits, '_', '-' and '.'; found {shown(name)}"
        raise ValueError(msg)
    if not isinstance(table, Mapping):
        msg = f"data set {name!r} must be a table of fields; found {shown(table)}"
        raise ValueError(msg)
    lacking = next((key for key in _NEEDED if not table.get(key)), None)
    if lacking is not None:
        msg = (
            f"data set {name!r} must have the field {lacking!r}; found {', '.join(table) or 'none'}"
        )
        raise ValueError(msg)
    odd = next((key for key in _TEXTS if not isinstance(table.get(key, ""), str)), None)
    if odd is not None:
        msg = f"field {odd!r} of data set {name!r} must be text; found {shown(table[odd])}"
        raise ValueError(msg)
    rows = table.get("rows", 0)
    if type(rows) is not int:
        msg = f"field 'rows' of data set {name!r} must be a whole number; found {shown(rows)}"
        raise ValueError(msg)
    subsets = {str(key): dict(value) for key, value in table.get("subsets", {}).items()}
    default = table.get("default_subset")
    if subsets and default not in subsets:
        msg = (
            f"field 'default_subset' of data set {name!r} must be one of {', '.join(subsets)}; "
            f"found {shown(default)}"
        )
        raise ValueError(msg)
    files = tuple(_file(name, file, subsets) for file in table["files"])
    names = [file.name for file in files]
    twice = next((each for i, each in enumerate(names) if each in names[:i]), None)
    if twice is not None:
        msg = f"files of data set {name!r} must have names of their own; found {twice!r} twice"
        raise ValueError(msg)
    own = ("files", "recipe", "options", "subsets", "default_subset")
    return Entry(
        name,
        files,
        table.get("recipe", "seqdatasets.recipes.table"),
        {key: value for key, value in table.items() if key not in own},
        dict(table.get("options", {})),
        subsets,
        default,
    )


def _file(dataset: str, table: Mapping[str, Any], subsets: Mapping[str, Any]) -> RemoteFile:
    known = [each.name for each in fields(RemoteFile)]
    where = f"file {table.get('name')!r} of data set {dataset!r}"
    unknown = next((key for key in table if key not in known), None)
    if unknown is not None:
        msg = f"{where} has no field {unknown!r}; there are {', '.join(known)}"
        raise ValueError(msg)
    checks: dict[str, tuple[bool, str]] = {
        "name": (bool(_NAME.fullmatch(str(table.get("name", "")))), "a plain file name"),
        "mirror": (_stays_inside(str(table.get("mirror", ""))), "a path inside the mirror folder"),
        "url": (
            bool(_ADDRESS.fullmatch(str(table.get("url", "https://-")))),
            "an address that begins https://",
        ),
        "sha256": (
            bool(_SHA256.fullmatch(str(table.get("sha256", "0" * 64)))),
            "64 digits of 0-9a-f",
        ),
        "bytes": (type(table.get("bytes", 0)) is int, "a whole number"),
        "subsets": (set(table.get("subsets", ())) <= set(subsets), f"of {', '.join(subsets)}"),
        "split": (table.get("split", "train") in SPLITS, f"one of {', '.join(SPLITS)}"),
        "unpack": (table.get("unpack", "tar") in _ARCHIVES, f"one of {', '.join(_ARCHIVES)}"),
    }
    for key, (is_good, wanted) in checks.items():
        if not is_good:
            msg = f"{key!r} of {where} must be {wanted}; found {shown(table.get(key))}"
            raise ValueError(msg)
    if not table.get("url") and not table.get("path"):
        msg = f"{where} must have a 'url', or the 'path' of a file on this machine; found neither"
        raise ValueError(msg)
    return RemoteFile(**{**table, "subsets": tuple(table.get("subsets", ()))})


def _stays_inside(path: str) -> bool:
    parts = PurePosixPath(path)
    return not parts.is_absolute() and ".." not in parts.parts
