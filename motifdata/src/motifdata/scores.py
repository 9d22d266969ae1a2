"""Scores of sites in whole bins, and their exact distribution by chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motifdata import _kernels
from motifdata.background import check_background
from motifdata.motif import PSEUDOCOUNT, Motif
from seqpro.parallel import run_blocks

BIN = 1 / 128
"""Width of a score's bin in bits. Log-odds are rounded to it letter by letter, then added, so that scores
are exact and so are their p-values."""


@dataclass(frozen=True, eq=False)
class ScoreDistribution:
    """How likely each score of a motif is at a random site: letters drawn alone from a background.

    Parameters
    ----------
    scores
        Every bin from the lowest to the highest score in bits, ascending, shape (bins,).
    pvalues
        Probability of a score at least this high, shape (bins,).

    Examples
    --------
    >>> distribution = score_distribution(Motif("m", [[1, 0, 0, 0], [0, 1, 0, 0]]))
    >>> float(distribution.pvalues[-1]), distribution.threshold(0.1)
    (0.0625, 4.0)
    """

    scores: NDArray[np.float64]
    pvalues: NDArray[np.float64]

    def pvalue(self, score: ArrayLike) -> NDArray[np.float64]:
        """Give the probability of a score at least as high, for scores of any shape; NaN for NaN.

        Examples
        --------
        >>> distribution = score_distribution(Motif("m", [[1, 0, 0, 0], [0, 1, 0, 0]]))
        >>> distribution.pvalue([4.0, 5.0, -100]).tolist()
        [0.0625, 0.0, 1.0]
        """
        places = np.append(self.scores, np.inf)  # NaN comes after infinity
        bins = np.searchsorted(places, np.asarray(score, dtype=np.float64))
        return np.append(self.pvalues, [0.0, np.nan])[bins]

    def threshold(self, pvalue: float) -> float:
        """Give the lowest score of a site whose p-value is at most `pvalue`; infinity if none is so rare.

        Examples
        --------
        >>> distribution = score_distribution(Motif("m", [[1, 0, 0, 0], [0, 1, 0, 0]]))
        >>> distribution.threshold(0.01)
        inf
        """
        ascending = self.pvalues[::-1]
        rare = int(np.searchsorted(ascending, pvalue, side="right"))
        if not rare:
            return np.inf
        rarer = int(
            np.searchsorted(ascending, ascending[rare - 1])
        )  # bins above, up to a real score
        return float(self.scores[-1 - rarer])


def score_distribution(
    motif: Motif, *, background: ArrayLike | None = None, pseudocount: float = PSEUDOCOUNT
) -> ScoreDistribution:
    """Give the exact distribution of a motif's score over random sites.

    A site's score is the sum of its letters' log-odds, each rounded to a bin of 1/128 bit; this is the
    score that `scan` reports. The distribution is computed position by position (dynamic programming
    over the bins), without sampling.

    Parameters
    ----------
    motif
        The motif.
    background
        Probability of each letter, shape (letters,): that of the log-odds and of the random sites;
        uniform by default.
    pseudocount
        As for `Motif.log_odds`; must be above 0.

    Raises
    ------
    ValueError
        If `background` or `pseudocount` does not fit.

    Examples
    --------
    >>> distribution = score_distribution(Motif.from_consensus("TGACTCA", id="AP1"))
    >>> bool(np.isclose(distribution.pvalues[-1], 0.25**7))
    True
    """
    matrix = integer_scores(motif, background, pseudocount)
    (lowest, pvalues), *_ = null_distributions(
        [matrix], check_background(background, motif.alphabet)
    )
    scores = (lowest + np.arange(pvalues.size, dtype=np.int64)) * np.float64(BIN)
    return ScoreDistribution(scores, pvalues)


def score_threshold(
    motif: Motif,
    pvalue: float,
    *,
    background: ArrayLike | None = None,
    pseudocount: float = PSEUDOCOUNT,
) -> float:
    """Give the lowest score of a site, in bits, with a p-value of at most `pvalue`.

    It is infinity if no site is so rare.

    Parameters
    ----------
    motif
        The motif.
    pvalue
        Probability that a random site scores as high.
    background
        Probability of each letter, shape (letters,); None as for `score_distribution`.
    pseudocount
        As for `score_distribution`.

    Raises
    ------
    ValueError
        If `pvalue` is not above 0 and at most 1, or as `score_distribution`.

    Examples
    --------
    >>> score_threshold(Motif("m", [[1, 0, 0, 0], [0, 1, 0, 0]]), 0.1)
    4.0
    """
    check_pvalue(pvalue)
    distribution = score_distribution(motif, background=background, pseudocount=pseudocount)
    return distribution.threshold(pvalue)


def integer_scores(
    motif: Motif, background: ArrayLike | None, pseudocount: float
) -> NDArray[np.int32]:
    """Give the log-odds in whole bins, shape (length, letters).

    Raises
    ------
    ValueError
        If `pseudocount` is not above 0: a score of minus infinity has no bin.

    Examples
    --------
    >>> integer_scores(Motif("m", [[0.5, 0.5, 0, 0]]), None, 0.25).tolist()
    [[103, 103, -256, -256]]
    """
    if not pseudocount > 0:
        msg = f"pseudocount must be above 0, so that every site has a score; found {pseudocount}"
        raise ValueError(msg)
    return np.rint(motif.log_odds(background, pseudocount=pseudocount) / BIN).astype(np.int32)


def null_distributions(
    matrices: list[NDArray[np.int32]], background: NDArray[np.float64]
) -> list[tuple[int, NDArray[np.float64]]]:
    """Give each matrix's lowest score and the p-value of each bin from there on, in order.

    Examples
    --------
    >>> [(lowest, pvalues)] = null_distributions([np.array([[0, 2]], np.int32)], np.array([0.5, 0.5]))
    >>> lowest, pvalues.tolist()
    (0, [1.0, 0.5, 0.5])
    """
    found: list[tuple[int, NDArray[np.float64]]] = [(0, np.empty(0))] * len(matrices)
    tail = _kernels.scores.tail_probabilities

    def work(start: int, stop: int) -> None:
        for i in range(start, stop):
            found[i] = (int(matrices[i].min(axis=1).sum()), tail(matrices[i], background))

    run_blocks(work, len(matrices), block=16)
    return found


def check_pvalue(pvalue: float) -> None:
    """Refuse a p-value that is not above 0 and at most 1.

    Examples
    --------
    >>> check_pvalue(1e-4)
    """
    if not 0 < pvalue <= 1:
        msg = f"pvalue must be above 0 and at most 1; found {pvalue}"
        raise ValueError(msg)
