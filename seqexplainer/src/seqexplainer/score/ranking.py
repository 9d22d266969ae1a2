"""How well scores rank what is true above what is not."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def ranking_areas(
    scores: ArrayLike, truth: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give average precision and area under the ROC curve along the last axis.

    Equal scores are taken together, so that their order does not matter.

    Parameters
    ----------
    scores
        Numbers, shape (..., n): the higher, the rather true.
    truth
        What is true, boolean or 0 and 1, of the same shape.

    Returns
    -------
    Two float64 arrays, shape (...)
        Area under the precision-recall curve as average precision, NaN where nothing is true; area
        under the receiver operating characteristic, NaN where nothing is true or nothing false. Both
        are NaN where a score is.

    Raises
    ------
    ValueError
        If shapes differ.

    Examples
    --------
    >>> auprc, auroc = ranking_areas([[0.1, 0.2, 0.9], [0.1, 0.1, 0.9]], [[0, 1, 1], [0, 1, 1]])
    >>> auprc.tolist(), auroc.tolist()
    ([1.0, 0.8333333333333333], [1.0, 0.75])
    """
    values, mask = np.asarray(scores, np.float64), np.asarray(truth, np.bool_)
    if values.shape != mask.shape or not values.ndim:
        msg = (
            f"scores and truth must both have shape (..., n); found {values.shape} and {mask.shape}"
        )
        raise ValueError(msg)
    n = values.shape[-1]
    order = np.argsort(-values, axis=-1)
    hits = np.take_along_axis(mask, order, axis=-1)
    starts, ends = _ties(np.take_along_axis(values, order, axis=-1))
    true = np.take_along_axis(np.cumsum(hits, axis=-1), ends, axis=-1)
    false = ends + 1 - true
    positives = hits.sum(axis=-1)
    negatives = n - positives
    # false ones before each rank's ties: those up to its ties, less those among them
    misses: NDArray[np.int_] = np.cumsum(~hits, axis=-1) - ~hits
    before: NDArray[np.int_] = np.take_along_axis(misses, starts, axis=-1)
    precision = (hits * true / (ends + 1)).sum(axis=-1)
    above = (hits * (negatives[..., None] - (false + before) / 2)).sum(axis=-1)
    ranked = np.asarray(~np.isnan(values).any(axis=-1))
    return _divide(precision, positives, ranked), _divide(above, positives * negatives, ranked)


def _ties(ranked: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give the first and the last rank of each rank's ties."""
    n = ranked.shape[-1]
    last = np.ones(ranked.shape, bool)
    last[..., :-1] = ranked[..., :-1] != ranked[..., 1:]
    first = np.ones(ranked.shape, bool)
    first[..., 1:] = last[..., :-1]
    ends = np.where(last, np.arange(n), n)
    ends = np.minimum.accumulate(ends[..., ::-1], axis=-1)[..., ::-1]
    return np.maximum.accumulate(np.where(first, np.arange(n), 0), axis=-1), ends


def _divide(
    top: NDArray[np.float64], bottom: NDArray[np.int_], ranked: NDArray[np.bool_]
) -> NDArray[np.float64]:
    areas = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=areas, where=ranked & (bottom > 0))
    return areas
