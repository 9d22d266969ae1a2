"""Which motifs are more common in one group of sequences than in the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motifdata._layout import Strands, as_letters
from motifdata.hits import table_of
from motifdata.motif import PSEUDOCOUNT
from motifdata.motifset import Motifs, as_motifset
from motifdata.qvalues import qvalues
from motifdata.scan import best_scores, count_sites
from seqpro.checks import as_array
from seqpro.parallel import run_blocks

if TYPE_CHECKING:
    import pandas as pd


def enrichment(
    seqs: Any,
    motifs: Motifs,
    labels: ArrayLike,
    *,
    pvalue: float = 1e-4,
    background: ArrayLike | None = None,
    pseudocount: float = PSEUDOCOUNT,
    strands: Strands = "both",
    ohe_axis: int | None = None,
) -> pd.DataFrame:
    """Find the motifs that more sequences of one group have a site of than of the others.

    Sequences of one group that are longer, or richer in the letters of a motif, have more sites by
    chance: compare groups that are alike in both.

    Parameters
    ----------
    seqs, motifs, pvalue, background, pseudocount, strands, ohe_axis
        As for `scan`.
    labels
        Group of each sequence, shape (n,): text, whole numbers or booleans.

    Returns
    -------
    Table as `enrichment_of_hits` gives it.

    Raises
    ------
    ValueError
        If an argument does not fit, or there are fewer than two groups.

    Examples
    --------
    >>> from motifdata.motif import Motif
    >>> seqs = ["CCTGACTCACC", "ATGACTCATAA", "CCCCCCCCC", "GGGTTTGGG"]
    >>> ap1 = Motif.from_consensus("TGACTCA", id="AP1")
    >>> table = enrichment(seqs, ap1, [True, True, False, False])
    >>> table[["motif", "in_group", "in_others", "auroc"]]
      motif  in_group  in_others  auroc
    0   AP1         2          0    1.0
    """
    motifset = as_motifset(motifs)
    rows = as_letters(seqs, motifset.alphabet, ohe_axis)
    groups = _as_labels(labels, len(rows))
    counts = count_sites(
        rows,
        motifset,
        pvalue=pvalue,
        background=background,
        pseudocount=pseudocount,
        strands=strands,
    )
    best = best_scores(
        rows, motifset, background=background, pseudocount=pseudocount, strands=strands
    )
    return enrichment_of_hits(counts, best, groups, ids=motifset.ids)


def enrichment_of_hits(
    counts: ArrayLike, best: ArrayLike, labels: ArrayLike, *, ids: Sequence[str]
) -> pd.DataFrame:
    """Find the motifs that are enriched in a group, from arrays of an earlier scan.

    Each group is compared with all other sequences; of boolean labels, True with False.

    Parameters
    ----------
    counts
        Sites of each motif in each sequence, shape (n, motifs), as `count_sites` gives them.
    best
        Best score of each motif in each sequence, shape (n, motifs), as `best_scores` gives them.
    labels
        Group of each sequence, shape (n,): text, whole numbers or booleans.
    ids
        The motifs' ids, in the order of the columns.

    Returns
    -------
    Table with a row for each group and motif, sorted by group, p-value and order of motifs: ``motif`` (id),
    ``group``, ``in_group`` and ``in_others`` (sequences with a site), ``group_size`` and ``others_size``
    (sequences), ``log2_odds`` (log2 of the odds ratio, 0.5 added to each cell so that it is finite),
    ``pvalue`` (of as many sequences of the group with a site, or more, by chance), ``qvalue`` over the whole
    table, and ``auroc``: the probability that a sequence of the group has a higher best score than another,
    where ties count half.

    Raises
    ------
    ValueError
        If shapes do not fit, a score is NaN, or there are fewer than two groups.

    Notes
    -----
    Fisher's exact test, one-sided; q-values by Benjamini and Hochberg 1995; the AUROC is the statistic of
    Mann and Whitney divided by the number of pairs. 0.5 is added as in Haldane 1956 and Anscombe 1956.

    Examples
    --------
    >>> table = enrichment_of_hits([[2], [1], [0], [0]], [[9.0], [8], [1], [2]], list("aabb"), ids=["AP1"])
    >>> table[["group", "in_group", "group_size", "pvalue"]].round(3)
      group  in_group  group_size  pvalue
    0     a         2           2   0.167
    1     b         0           2   1.000
    """
    has, scores = np.asarray(counts) > 0, np.asarray(best, dtype=np.float64)
    names = list(ids)
    groups = _as_labels(labels, scores.shape[0] if scores.ndim else 0)
    _check_shapes(has, scores, groups, names)
    every, inverse = np.unique(groups, return_inverse=True)
    chosen = [1] if every.dtype == bool else range(every.size)
    parts = [_one_group(has, scores, inverse == g) for g in chosen]
    joined = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    label = every[list(chosen)].repeat(len(names))
    columns: dict[str, NDArray[Any]] = {
        "motif": np.tile(np.array(names, dtype=object), len(parts)),
        "group": label.astype(object) if label.dtype.kind in "UO" else label,
        **joined,
    }
    columns["qvalue"] = qvalues(joined["pvalue"])
    order = np.lexsort((joined["pvalue"], np.repeat(np.arange(len(parts)), len(names))))
    first = ("motif", "group", "in_group", "group_size", "in_others", "others_size")
    table = {key: columns[key][order] for key in (*first, "log2_odds", "pvalue", "qvalue", "auroc")}
    return table_of(table)


def _one_group(
    has: NDArray[np.bool_], scores: NDArray[np.float64], inside: NDArray[np.bool_]
) -> dict[str, NDArray[Any]]:
    """Columns of the table that compare one group with all others."""
    size = int(inside.sum())
    others = inside.size - size
    a, b = has[inside].sum(axis=0), has[~inside].sum(axis=0)
    odds = (a + 0.5) * (others - b + 0.5) / ((size - a + 0.5) * (b + 0.5))
    return {
        "in_group": a,
        "group_size": np.full(a.size, size),
        "in_others": b,
        "others_size": np.full(a.size, others),
        "log2_odds": np.log2(odds),
        "pvalue": fisher_pvalues(a, a + b, size, inside.size),
        "auroc": auroc(scores, inside),
    }


def fisher_pvalues(
    found: NDArray[np.int64], marked: NDArray[np.int64], drawn: int, total: int
) -> NDArray[np.float64]:
    """Give the chance that of `drawn` of `total` things at least `found` are among the `marked` ones.

    Parameters
    ----------
    found
        Marked things among those drawn, shape (n,).
    marked
        Marked things in all, shape (n,).
    drawn
        Things drawn.
    total
        Things in all.

    Returns
    -------
    Upper tail of the hypergeometric distribution, shape (n,).

    Examples
    --------
    >>> fisher_pvalues(np.array([2, 0]), np.array([2, 2]), 2, 4).round(3).tolist()
    [0.167, 1.0]
    """
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, total + 1)))])  # of factorials
    tails = np.ones(found.size)
    for i, (least, own) in enumerate(zip(found.tolist(), marked.tolist(), strict=True)):
        lowest = max(0, drawn + own - total)
        if least <= lowest:
            continue
        x = np.arange(least, min(drawn, own) + 1)
        ways = logs[own] - logs[x] - logs[own - x]
        ways += logs[total - own] - logs[drawn - x] - logs[total - own - drawn + x]
        tails[i] = min(1.0, np.exp(ways - (logs[total] - logs[drawn] - logs[total - drawn])).sum())
    return tails


def auroc(scores: NDArray[np.float64], inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Give for each column the chance that a row inside scores higher than one outside; ties count half.

    Parameters
    ----------
    scores
        Any numbers but NaN, shape (n, columns).
    inside
        Which rows are inside, shape (n,); some must be, and some not.

    Returns
    -------
    Areas under the receiver operating characteristic, shape (columns,).

    Examples
    --------
    >>> auroc(np.array([[3.0], [1.0], [1.0]]), np.array([True, True, False])).tolist()
    [0.75]
    """
    areas = np.empty(scores.shape[1])

    def work(first: int, last: int) -> None:
        for column in range(first, last):
            own, others = scores[inside, column], np.sort(scores[~inside, column])
            below = np.searchsorted(others, own, side="left").sum()
            at_most = np.searchsorted(others, own, side="right").sum()
            areas[column] = (below + at_most) / 2 / (own.size * others.size)

    run_blocks(work, areas.size, block=8)
    return areas


def _as_labels(labels: ArrayLike, n: int) -> NDArray[Any]:
    groups = as_array(labels, "labels")
    if groups.dtype == object:
        groups = groups.astype(str)
    if groups.shape != (n,) or groups.dtype.kind not in "biuU":
        msg = (
            f"labels must be text, whole numbers or booleans, one for each of {n} sequences; found "
            f"an array of {groups.dtype} with shape {groups.shape}"
        )
        raise ValueError(msg)
    if np.unique(groups).size < 2:
        msg = f"labels must name at least two groups; found {np.unique(groups).tolist()}"
        raise ValueError(msg)
    return groups


def _check_shapes(
    has: NDArray[np.bool_], scores: NDArray[np.float64], groups: NDArray[Any], names: list[str]
) -> None:
    expected = (groups.size, len(names))
    if has.shape != expected or scores.shape != expected:
        msg = (
            f"counts and best must have shape (n, motifs), here {expected}; "
            f"found {has.shape} and {scores.shape}"
        )
        raise ValueError(msg)
    if np.isnan(scores).any():
        msg = f"best must hold scores; found NaN for motif {names[np.isnan(scores).any(axis=0).argmax()]!r}"
        raise ValueError(msg)
