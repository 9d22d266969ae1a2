"""Marks for contributions where the positions that matter are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqexplainer.score.ranking import ranking_areas


@dataclass(frozen=True, eq=False)
class TruthScore:
    """How well contributions rank the positions of known motifs, for each sequence and on average.

    A sequence without a true position, or without a false one, cannot be ranked: its entries are NaN,
    and it does not enter the means.

    Attributes
    ----------
    auprc
        Area under the precision-recall curve of each sequence, as average precision, shape (n,).
        Chance level is the base rate.
    auroc
        Area under the receiver operating characteristic of each sequence, shape (n,). Chance level
        is 0.5.
    base_rate
        Fraction of positions that are true in each sequence, shape (n,).

    Examples
    --------
    >>> TruthScore(np.array([1, 0.5, np.nan]), np.array([1, 0.8, np.nan]), np.array([0.1, 0.1, 0]))
    TruthScore(2 of 3 sequences: AUPRC 0.750 +- 0.250, AUROC 0.900 +- 0.100, base rate 0.100)
    """

    auprc: NDArray[np.float64]
    auroc: NDArray[np.float64]
    base_rate: NDArray[np.float64]

    @property
    def n(self) -> int:
        """Number of sequences that enter the means."""
        return int(np.isfinite(self.auroc).sum())

    @property
    def mean_auprc(self) -> float:
        """Mean over sequences; NaN without any."""
        return self._mean(self.auprc)

    @property
    def mean_auroc(self) -> float:
        """Mean over sequences; NaN without any."""
        return self._mean(self.auroc)

    @property
    def mean_base_rate(self) -> float:
        """Mean over the same sequences; NaN without any."""
        return self._mean(self.base_rate)

    @property
    def auprc_standard_error(self) -> float:
        """Standard error of `mean_auprc` over sequences; NaN with fewer than two."""
        return self._standard_error(self.auprc)

    @property
    def auroc_standard_error(self) -> float:
        """Standard error of `mean_auroc` over sequences; NaN with fewer than two."""
        return self._standard_error(self.auroc)

    def __repr__(self) -> str:
        return (
            f"TruthScore({self.n} of {self.auroc.size} sequences: "
            f"AUPRC {self.mean_auprc:.3f} +- {self.auprc_standard_error:.3f}, "
            f"AUROC {self.mean_auroc:.3f} +- {self.auroc_standard_error:.3f}, "
            f"base rate {self.mean_base_rate:.3f})"
        )

    def _mean(self, values: NDArray[np.float64]) -> float:
        scored = values[np.isfinite(self.auroc)]
        return float(scored.mean()) if scored.size else float("nan")

    def _standard_error(self, values: NDArray[np.float64]) -> float:
        scored = values[np.isfinite(self.auroc)]
        return float(scored.std(ddof=1) / np.sqrt(scored.size)) if scored.size > 1 else float("nan")


def score_against_truth(
    contributions: ArrayLike, truth: ArrayLike, *, signed: bool = False
) -> TruthScore:
    """Score how well contributions find the positions that are known to matter.

    Give it the sequences that the model predicts correctly, and report how many: an explanation of a
    wrong prediction need not find anything. Score a motif scan and `random_baseline` the same way, for
    a plain scan finds motifs without any model.

    Parameters
    ----------
    contributions
        One number a position, shape (n, length), such as `project` gives.
    truth
        True for positions that matter, shape (n, length).
    signed
        Rank by the contributions themselves, for which lowering the prediction is the opposite of
        mattering, rather than by their absolute values. A scan's track of log-odds is ranked so.

    Raises
    ------
    TypeError
        If `truth` is not boolean.
    ValueError
        If shapes differ, a contribution is NaN, or one is infinite and ranked by its absolute value.

    Notes
    -----
    Positions with equal scores are taken together, so that their order does not matter.

    Examples
    --------
    >>> truth = [[False, True, True, False]]
    >>> score_against_truth([[0.1, -0.9, 0.2, 0.3]], truth).auprc.round(4).tolist()
    [0.8333]
    >>> score_against_truth([[0.1, -0.9, 0.2, 0.3]], truth, signed=True).auroc.tolist()
    [0.25]
    """
    scores = np.asarray(contributions, np.float64)
    mask = np.asarray(truth)
    if mask.dtype != np.bool_:
        msg = f"truth must be boolean; found {mask.dtype}"
        raise TypeError(msg)
    if scores.ndim != 2 or scores.shape != mask.shape:
        msg = (
            "contributions and truth must both have shape (n, length); "
            f"found {scores.shape} and {mask.shape}"
        )
        raise ValueError(msg)
    bad = np.isnan(scores) if signed else ~np.isfinite(scores)
    if bad.any():
        row, position = np.argwhere(bad)[0]
        msg = (
            f"contributions must be numbers; found {scores[row, position]} at position {position} of "
            f"sequence {row}. Leave such sequences out, or rank scores of a scan, whose lowest is -inf, "
            "with signed=True"
        )
        raise ValueError(msg)
    auprc, auroc = ranking_areas(scores if signed else np.abs(scores), mask)
    auprc[np.isnan(auroc)] = np.nan  # all positions true: nothing to find
    return TruthScore(auprc=auprc, auroc=auroc, base_rate=mask.mean(axis=1))


def random_baseline(
    truth: ArrayLike, *, rng: int | np.random.Generator | None = None
) -> TruthScore:
    """Score independent random contributions against the truth: what ranking by chance reaches.

    Parameters
    ----------
    truth
        True for positions that matter, shape (n, length).
    rng
        Seed, generator or None.

    Raises
    ------
    TypeError, ValueError
        As `score_against_truth`.

    Examples
    --------
    >>> truth = np.zeros((500, 50), bool)
    >>> truth[:, 20:30] = True
    >>> round(random_baseline(truth, rng=0).mean_auroc, 1)
    0.5
    """
    draws = np.random.default_rng(rng).random(np.shape(truth))
    return score_against_truth(draws, truth)
