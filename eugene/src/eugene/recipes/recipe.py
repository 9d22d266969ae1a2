"""A recipe: which function of seqdata makes a store, with which keywords, from which files."""

from __future__ import annotations

import hashlib
import inspect
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eugene.recipes.place import Place, close_to, entries, found, read_nodes
from eugene.recipes.values import arguments

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

CALLS = ("build", "read_table", "read_fasta")
"""Functions of seqdata that a recipe can call; its section is named for the function."""

_HASHES = "sha256"


@dataclass(frozen=True)
class Recipe:
    """What a recipe says, checked, with its readers made and relative paths resolved.

    Parameters
    ----------
    path
        The YAML file.
    call
        Name of the function: ``"build"``, ``"read_table"`` or ``"read_fasta"``.
    keywords
        Its arguments by name.

    Examples
    --------
    >>> Recipe(Path("a.yaml"), "read_fasta", {"path": "a.fa"}).call
    'read_fasta'
    """

    path: Path
    call: str
    keywords: dict[str, Any]

    def run(
        self, *, out: str | os.PathLike[str] | None = None, overwrite: bool = False
    ) -> xr.Dataset:
        """Build the store.

        Parameters
        ----------
        out
            Store to write, in place of the recipe's own ``out``.
        overwrite
            Whether a store that is there may be replaced, whatever the recipe says.

        Returns
        -------
        Dataset, opened lazily from the store

        Raises
        ------
        ValueError
            If neither the recipe nor `out` says where to write, and as the function itself.
        """
        import seqdata as sd

        keywords = dict(self.keywords)
        if out is not None:
            keywords["out"] = out
        if keywords.get("out") is None:
            msg = f"{self.path.name} must say where to write: give it a line 'out: NAME.zarr', or pass --out"
            raise ValueError(msg)
        if overwrite:
            keywords["overwrite"] = True
        made: xr.Dataset = getattr(sd, self.call)(**keywords)
        return made

    def lint(self, **further: Any) -> pd.DataFrame:
        """Look at the sources before building, with `seqdata.lint`.

        Parameters
        ----------
        further
            Arguments that `seqdata.lint` has and a recipe has not: ``split`` and ``variants``.

        Returns
        -------
        DataFrame with a row a finding

        Raises
        ------
        ValueError
            If the recipe does not build windows.
        """
        import seqdata as sd

        if self.call != "build":
            msg = (
                f"{self.path.name} must have a section 'build' to be looked at; found {self.call!r}, which "
                "checks its file itself while it reads it"
            )
            raise ValueError(msg)
        not_linted = set(inspect.signature(sd.build).parameters) - set(
            inspect.signature(sd.lint).parameters
        )
        keywords = {k: value for k, value in self.keywords.items() if k not in not_linted}
        return sd.lint(**keywords, **further)


def read_recipe(path: str | os.PathLike[str]) -> Recipe:
    r"""Read and check a recipe.

    A recipe has one section, named for a function of seqdata, whose entries are exactly that function's
    keywords; ``readers`` names the variables, each with the ``type`` of its reader and that class's
    keywords. Relative paths begin in the recipe's folder. A second section ``sha256`` may give the
    sha256 of files; a file that has another is refused.

    Parameters
    ----------
    path
        A YAML file.

    Returns
    -------
    Recipe

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If a key is unknown, missing or there twice, a value is of another type, a reader cannot be made,
        or a file is not the one that the recipe was made for. The message says file and line.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()); _ = (folder / "a.fa").write_text(">x\nAC\n")
    >>> _ = (folder / "a.yaml").write_text("read_fasta:\n  path: a.fa\n  out: a.zarr\n")
    >>> read_recipe(folder / "a.yaml").run().sizes["_length"]
    2
    """
    import seqdata as sd

    file = Path(path)
    if not file.exists():
        msg = f"no recipe at {file}"
        raise FileNotFoundError(msg)
    top, node = Place(file), read_nodes(file)
    what = f"one section: {', '.join(CALLS)}"
    sections = entries(node, top, what=what)
    for name, (key, _) in sections.items():
        if name not in (*CALLS, _HASHES):
            hint = close_to(name, (*CALLS, _HASHES))
            raise top.error(key, f"a recipe has no section {name!r}; {hint}")
    calls = [name for name in sections if name in CALLS]
    if len(calls) != 1:
        raise top.error(node, f"a recipe must have {what}; found {', '.join(calls) or 'none'}")
    if _HASHES in sections:
        _check_files(sections[_HASHES][1], top.at(_HASHES))
    (call,) = calls
    place, (_, section) = top.at(call), sections[call]
    keywords = arguments(section, getattr(sd, call), place)
    readers = keywords.pop("readers", {})
    for name in set(readers) & set(inspect.signature(getattr(sd, call)).parameters):
        raise place.error(section, f"a reader must not be called {name!r}, which is a keyword")
    return Recipe(file, call, {**keywords, **readers})


def _check_files(node: Any, place: Place) -> None:
    """Refuse files that are not those that the recipe was made for."""
    for name, (key, value) in entries(node, place, what="files, each with its sha256").items():
        file = place.file.parent / name
        if not file.exists():
            raise place.error(key, f"{place.name} names {name}, which is not at {file}")
        with open(file, "rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        wanted = getattr(value, "value", None)
        if digest != wanted:
            raise place.error(
                value,
                f"{name} must be the file the recipe was made for, of sha256 "
                f"{wanted if isinstance(wanted, str) else found(value)}; found {digest}",
            )
