"""Compare motifs with each other, with p-values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from motifdata import _kernels
from motifdata._layout import Strands, strand_flags
from motifdata.motifset import Motifs, MotifSet, as_motifset
from motifdata.qvalues import qvalues_of_sorted
from seqpro.parallel import run_blocks

if TYPE_CHECKING:
    import pandas as pd

_WIDTH = 1 / 40  # of a level of distance between columns
_NOTHING = 0.01  # bits; a column below says nothing


def compare(
    queries: Motifs,
    targets: Motifs,
    *,
    top: int | None = 5,
    min_overlap: int = 3,
    strands: Strands = "both",
) -> pd.DataFrame:
    """Find for each query the targets most like it, and how likely such a match is by chance.

    Query and target slide along each other. Two columns under each other are as similar as their
    Euclidean distance is below the median over all target columns, so that a column without a partner
    counts 0. So does one over a target column without information (below 0.01 bits), as in the gap of
    CGGNNNNNNNNNNNCCG: to be like it is no evidence. An alignment's score is the sum. The p-value is the
    probability that the best alignment with a target of this length scores as high when its columns are
    drawn at random from all target columns. The distribution is exact for distances rounded to 1/40.
    P-values mean little with fewer than about 50 targets.

    Parameters
    ----------
    queries, targets
        A motif, a set, or any iterable of motifs; over one alphabet.
    top
        Matches reported for each query, the best first; None for all targets.
    min_overlap
        Least number of columns that lie under each other; fewer where a motif is shorter.
    strands
        ``"both"`` also aligns the query's reverse complement with each target; ``"+"`` does not.

    Returns
    -------
    Table of matches, sorted by query (in the order given), p-value and order of targets: ``query`` and
    ``target`` (ids), ``offset`` (the target's position, from 0, under the query's first column; negative if
    the query begins earlier), ``strand`` (``-``: it is the query's reverse complement that aligns),
    ``overlap`` (columns), ``score``, ``pvalue``; ``evalue``: the number of targets expected to match as well
    by chance, 1 or more if nothing really matches; and ``qvalue``: the share of false discoveries among
    the query's matches that are as good, from the p-values of all targets (Benjamini and Hochberg 1995).

    Raises
    ------
    ValueError
        If alphabets differ, no target has a column with information, or an option does not fit.

    Notes
    -----
    The method of Gupta, Stamatoyannopoulos, Bailey and Noble 2007, with the scores of Tanaka, Bailey,
    Grant and Noble 2011, in which unaligned columns count. Tomtom lets columns without information match;
    motifs with a gap are then what every unclear motif resembles most.

    Examples
    --------
    >>> import motifdata as md
    >>> sites = ("TGACTCA", "CCGGAAGT", "GATAAG", "CACGTG")
    >>> targets = md.MotifSet(md.Motif.from_consensus(site, id=site) for site in sites)
    >>> query = md.Motif.from_consensus("ACTTCC", id="new")
    >>> md.compare(query, targets, top=1)[["query", "target", "offset", "strand"]]
      query    target  offset strand
    0   new  CCGGAAGT       2      -
    """
    asked, known = as_motifset(queries), as_motifset(targets)
    _check(asked, known, top, min_overlap)
    both = any(strand_flags(strands, known.alphabet))
    if strands == "-":
        msg = "strands must be 'both' or '+' to compare motifs; found '-'"
        raise ValueError(msg)
    library = _Library.of(known)
    kept = len(known) if top is None else min(top, len(known))
    found = np.empty((4, len(asked), kept), np.int64)
    chances = np.empty((2, len(asked), kept))
    motifs = list(asked)

    def work(a: int, b: int) -> None:
        for q in range(a, b):
            query = motifs[q].probabilities.astype(np.float32)
            found[:, q], chances[:, q] = _best_targets(query, library, kept, min_overlap, both)

    run_blocks(work, len(asked), block=1)
    return _table(asked, known, found, chances)


@dataclass(frozen=True, eq=False)
class _Library:
    """The targets, side by side."""

    columns: NDArray[np.float32]  # (letters, columns)
    silent: NDArray[np.int64]  # numbers of the columns without information
    bounds: NDArray[np.int64]  # (targets + 1,), where each target's columns begin and end
    wides: NDArray[np.int64]  # (targets,), numbers of columns
    complements: NDArray[np.intp] | None  # (letters,), columns of the letters' complements

    @classmethod
    def of(cls, targets: MotifSet) -> _Library:
        wides = np.array([len(motif) for motif in targets], dtype=np.int64)
        columns = np.concatenate([motif.probabilities for motif in targets]).T
        information = np.concatenate([motif.information_content() for motif in targets])
        alphabet = targets.alphabet
        return cls(
            columns.astype(np.float32, order="C"),
            np.flatnonzero(information < _NOTHING),
            np.concatenate([[0], np.cumsum(wides)]),
            wides,
            alphabet.complement_columns() if alphabet.has_complement else None,
        )


def _best_targets(
    query: NDArray[np.float32], library: _Library, kept: int, min_overlap: int, both: bool
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Numbers, offsets, strands and scores of the targets that match best; their p- and q-values."""
    reverse = query[:0]
    if both:
        reverse = np.ascontiguousarray(query[::-1][:, library.complements])
    offsets, strands, scores, chances, medians = _kernels.compare.align_query(
        query, reverse, library.columns, library.silent, library.bounds, min_overlap, _WIDTH
    )
    pvalues = _kernels.compare.chances_of_best(
        chances, medians, library.wides, scores, min_overlap, both
    )
    order = np.argsort(pvalues, kind="stable")
    best, ascending = order[:kept], pvalues[order]
    found = np.stack([best, offsets[best], strands[best], scores[best]])
    return found, np.stack([ascending[:kept], qvalues_of_sorted(ascending)[:kept]])


def _check(queries: MotifSet, targets: MotifSet, top: int | None, min_overlap: int) -> None:
    if not any((motif.information_content() >= _NOTHING).any() for motif in targets):
        msg = f"targets must hold a motif with information; found none among {len(targets)}"
        raise ValueError(msg)
    if len(queries) and queries.alphabet != targets.alphabet:
        msg = (
            "queries and targets must be over one alphabet; found "
            f"{queries.alphabet.name} and {targets.alphabet.name}"
        )
        raise ValueError(msg)
    if (top is not None and top < 1) or min_overlap < 1:
        msg = f"top and min_overlap must be at least 1; found {top} and {min_overlap}"
        raise ValueError(msg)


def _table(
    queries: MotifSet,
    targets: MotifSet,
    found: NDArray[np.int64],
    chances: NDArray[np.float64],
) -> pd.DataFrame:
    import pandas as pd

    target, offset, minus, score = found.reshape(4, -1)
    pvalue, qvalue = chances.reshape(2, -1)
    lengths = np.array([len(motif) for motif in queries], dtype=np.int64).repeat(found.shape[2])
    widths = np.array([len(motif) for motif in targets], dtype=np.int64)[target]
    overlap = np.minimum(lengths, widths - offset) - np.maximum(0, -offset)
    ids = np.array(queries.ids, dtype=object).repeat(found.shape[2])
    return pd.DataFrame(
        {
            "query": pd.Series(ids, dtype="str"),
            "target": pd.Series(np.array(targets.ids, dtype=object)[target], dtype="str"),
            "offset": offset,
            "strand": pd.Series(np.array(["+", "-"], dtype=object)[minus], dtype="str"),
            "overlap": overlap,
            "score": score * _WIDTH,
            "pvalue": pvalue,
            "evalue": pvalue * len(targets),
            "qvalue": qvalue,
        }
    )
