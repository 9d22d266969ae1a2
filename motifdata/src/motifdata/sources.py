"""Motif sets that come with the package, made from published consensus sequences."""

from __future__ import annotations

import csv
import difflib
from functools import cache
from typing import TYPE_CHECKING

from motifdata.motif import Motif
from motifdata.motifset import MotifSet

if TYPE_CHECKING:
    import pandas as pd

_CERTAINTY = 0.95


def load(name: str) -> MotifSet:
    """Give a motif set that comes with the package.

    These sets are written down from published consensus sequences: the letters a code stands for share a
    probability of 0.95 (`Motif.from_consensus`). They are for teaching, tests, planting sites and first
    looks; measured matrices come from a file, with `read_meme`. Each motif's `source` says so, and names
    the publication or review that describes the site.

    Parameters
    ----------
    name
        A name that `sources` lists.

    Raises
    ------
    ValueError
        If there is no such set.

    Examples
    --------
    >>> motifs = load("consensus_yeast")
    >>> motifs["GCN4"].consensus("iupac"), motifs["GCN4"].source
    ('TGASTCA', 'made from the consensus TGASTCA: Harbison et al. 2004, Nature 431:99')
    """
    rows = [row for row in _table() if row["set"] == name]
    if not rows:
        names = list(dict.fromkeys(row["set"] for row in _table()))
        close = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
        hint = f"Did you mean {close[0]!r}?" if close else "Other motifs are read with read_meme"
        msg = f"name must be one of {', '.join(map(repr, names))}; found {name!r}. {hint}"
        raise ValueError(msg)
    return MotifSet(
        Motif.from_consensus(
            row["consensus"],
            id=row["id"],
            name=row["name"],
            certainty=_CERTAINTY,
            source=f"made from the consensus {row['consensus']}: {row['reference']}",
        )
        for row in rows
    )


def sources() -> pd.DataFrame:
    """List the motif sets that come with the package.

    Returns
    -------
    Table with ``name`` (for `load`), ``motifs`` (how many), ``taxon`` and ``made_from``.

    Examples
    --------
    >>> sources()[["name", "motifs"]]
                        name  motifs
    0        consensus_yeast      66
    1  consensus_vertebrates      75
    """
    import pandas as pd

    table = pd.DataFrame(_table()).groupby(["set", "taxon"], sort=False, as_index=False).size()
    table.columns = pd.Index(["name", "taxon", "motifs"])
    table["made_from"] = "published consensus sequences"
    return table[["name", "motifs", "taxon", "made_from"]]


@cache
def _table() -> tuple[dict[str, str], ...]:
    from importlib.resources import files

    text = files("motifdata").joinpath("data/consensus.tsv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines(), delimiter="\t"))
