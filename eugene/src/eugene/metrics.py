"""Scores of predictions. Each is computed along the last axis, so that resamples are done at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqexplainer import ranking_areas

Metric = Callable[[NDArray[Any], NDArray[Any]], NDArray[np.float64]]


def pearson(target: NDArray[Any], prediction: NDArray[Any]) -> NDArray[np.float64]:
    """Pearson correlation along the last axis; NaN where one side is constant.

    Parameters
    ----------
    target, prediction
        Numbers of one shape, (..., n).

    Returns
    -------
    float64 array, shape (...)

    Examples
    --------
    >>> float(pearson(np.array([1.0, 2, 3]), np.array([2.0, 4, 6])))
    1.0
    """
    t = target - target.mean(axis=-1, keepdims=True, dtype=np.float64)
    p = prediction - prediction.mean(axis=-1, keepdims=True, dtype=np.float64)
    scale = np.sqrt((t**2).sum(axis=-1) * (p**2).sum(axis=-1))
    return _divide((t * p).sum(axis=-1), scale)


def spearman(target: NDArray[Any], prediction: NDArray[Any]) -> NDArray[np.float64]:
    """Spearman rank correlation along the last axis; ties share their mean rank.

    Parameters
    ----------
    target, prediction
        Numbers of one shape, (..., n).

    Returns
    -------
    float64 array, shape (...)

    Examples
    --------
    >>> float(spearman(np.array([1.0, 2, 3]), np.array([1.0, 10, 100])))
    1.0
    """
    from scipy.stats import rankdata

    return pearson(rankdata(target, axis=-1), rankdata(prediction, axis=-1))


def r_squared(target: NDArray[Any], prediction: NDArray[Any]) -> NDArray[np.float64]:
    """Share of the target's variance that predictions explain, along the last axis; can be negative.

    Parameters
    ----------
    target, prediction
        Numbers of one shape, (..., n).

    Returns
    -------
    float64 array, shape (...)

    Examples
    --------
    >>> float(r_squared(np.array([1.0, 2, 3]), np.array([2.0, 2, 2])))
    0.0
    """
    residual = ((target - prediction).astype(np.float64) ** 2).sum(axis=-1)
    centred = target - target.mean(axis=-1, keepdims=True, dtype=np.float64)
    return 1 - _divide(residual, (centred**2).sum(axis=-1))


def auroc(target: NDArray[Any], prediction: NDArray[Any]) -> NDArray[np.float64]:
    """Area under the ROC curve along the last axis: the chance that a positive outranks a negative.

    Parameters
    ----------
    target
        0 or 1, shape (..., n).
    prediction
        Scores of the same shape; ties count half.

    Returns
    -------
    float64 array, shape (...): NaN where a class is missing or a score is NaN

    Examples
    --------
    >>> float(auroc(np.array([0, 1, 1]), np.array([0.1, 0.1, 0.9])))
    0.75
    """
    return ranking_areas(prediction, target == 1)[1]


def auprc(target: NDArray[Any], prediction: NDArray[Any]) -> NDArray[np.float64]:
    """Average precision along the last axis: precision at each positive, averaged (ties as one step).

    Parameters
    ----------
    target
        0 or 1, shape (..., n).
    prediction
        Scores of the same shape.

    Returns
    -------
    float64 array, shape (...): NaN where there is no positive or a score is NaN

    Examples
    --------
    >>> round(float(auprc(np.array([0, 1, 1]), np.array([0.5, 0.4, 0.9]))), 4)
    0.8333
    """
    return ranking_areas(prediction, target == 1)[0]


def accuracy(target: NDArray[Any], prediction: NDArray[Any]) -> NDArray[np.float64]:
    """Share of rows on the right side of a probability of 0.5, along the last axis.

    Parameters
    ----------
    target
        0 or 1, shape (..., n).
    prediction
        Probabilities of the same shape.

    Returns
    -------
    float64 array, shape (...): NaN where a probability is NaN

    Examples
    --------
    >>> float(accuracy(np.array([0, 1]), np.array([0.2, 0.3])))
    0.5
    """
    right = ((prediction >= 0.5) == (target == 1)).mean(axis=-1)
    return np.where(np.isnan(prediction).any(axis=-1), np.nan, right)


def _divide(top: NDArray[Any], bottom: NDArray[Any]) -> NDArray[np.float64]:
    top, bottom = np.asarray(top, np.float64), np.asarray(bottom, np.float64)
    out = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=out, where=bottom > 0)
    return out
