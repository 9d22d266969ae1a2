"""Confidence intervals by resampling rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eugene.metrics import Metric

_CELLS = 4_000_000  # resampled numbers held at a time


@dataclass(frozen=True)
class Interval:
    """A score with its confidence interval.

    Parameters
    ----------
    value
        The score of all rows.
    low, high
        Ends of the interval.

    Examples
    --------
    >>> print(Interval(0.5, 0.4, 0.6))
    0.500 [0.400, 0.600]
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def bootstrap(
    metric: Metric,
    target: NDArray[Any],
    *predictions: NDArray[Any],
    n_resamples: int = 1000,
    confidence: float = 0.95,
    rng: int | np.random.Generator | None = 0,
) -> list[Interval]:
    """Score one prediction, or two and their paired difference, with percentile intervals.

    Rows are drawn with replacement, the same ones for every prediction, so that the interval of the
    difference is that of a paired comparison. Resamples without a score (one class only) are left out.

    Parameters
    ----------
    metric
        A function of `eugene.metrics`.
    target
        Measured values, shape (n,).
    predictions
        One or two predictions of the same rows, shape (n,) each.
    n_resamples
        Number of resamples.
    confidence
        Share of the resamples inside the interval.
    rng
        Seed, generator or None.

    Returns
    -------
    list of intervals: one for each prediction, and for two predictions that of first minus second

    Raises
    ------
    ValueError
        If there are not one or two predictions, or shapes differ.

    Notes
    -----
    Percentile method, Efron 1979.

    Examples
    --------
    >>> from eugene.metrics import pearson
    >>> y = np.arange(50.0)
    >>> bootstrap(pearson, y, y)[0]
    Interval(value=1.0, low=1.0, high=1.0)
    """
    if len(predictions) not in (1, 2) or any(p.shape != target.shape for p in predictions):
        shapes = [p.shape for p in predictions]
        msg = f"bootstrap needs one or two predictions of shape {target.shape}; found {shapes}"
        raise ValueError(msg)
    values = [float(metric(target, p)) for p in predictions]
    draws = [
        [metric(target[rows], p[rows]) for p in predictions]
        for rows in _resamples(target.size, n_resamples, np.random.default_rng(rng))
    ]
    samples = [np.concatenate(column) for column in zip(*draws, strict=True)]
    if len(predictions) == 2:
        values.append(values[0] - values[1])
        samples.append(samples[0] - samples[1])
    tail = (1 - confidence) / 2
    intervals = []
    for value, sample in zip(values, samples, strict=True):
        kept = sample[~np.isnan(sample)]
        low, high = np.quantile(kept, [tail, 1 - tail]) if kept.size else (np.nan, np.nan)
        intervals.append(Interval(value, float(low), float(high)))
    return intervals


def _resamples(n: int, count: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Give row numbers of resamples, shape (resamples, n), a bounded number at a time."""
    step = max(1, _CELLS // max(1, n))
    for start in range(0, count, step):
        yield rng.integers(0, n, (min(step, count - start), n))
