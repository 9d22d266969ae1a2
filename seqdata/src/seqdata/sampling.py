"""Rows drawn with replacement, by weight or so that classes are equally frequent."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqpro.checks import as_array


def balanced_weights(labels: ArrayLike) -> NDArray[np.float64]:
    """Give each row a weight such that all classes weigh the same.

    Rows without a label (-1, NaN or empty text) weigh nothing.

    Parameters
    ----------
    labels
        Class of each row, shape (n,): text, whole numbers or truth values.

    Returns
    -------
    Weights, shape (n,), that add up to 1

    Raises
    ------
    ValueError
        If labels are no classes, or all are missing.

    Examples
    --------
    >>> balanced_weights([0, 0, 1, -1]).tolist()
    [0.25, 0.25, 0.5, 0.0]
    """
    given = as_array(labels, "labels")
    if given.dtype.kind in "OTU":
        given = given.astype(str)
        known = given != ""
    else:
        known = (given == given) & (given != -1)
    if given.ndim != 1 or given.dtype.kind not in "Ubiuf" or not _are_whole(given[known]):
        msg = (
            "labels must be classes, one for each row: text, whole numbers or truth values; found "
            f"{given.dtype} with shape {given.shape}"
        )
        raise ValueError(msg)
    if not known.any():
        msg = f"labels must have a class for at least one row; found {given.size} rows without"
        raise ValueError(msg)
    classes, number, counts = np.unique(given[known], return_inverse=True, return_counts=True)
    weights = np.zeros(given.size)
    weights[known] = 1 / (classes.size * counts[number])
    return weights


def checked_weights(weights: ArrayLike, n: int) -> NDArray[np.float64]:
    """Give weights as float64, one for each of `n` rows, none negative.

    Parameters
    ----------
    weights
        Shape (n,); need not add up to 1.
    n
        Number of rows.

    Raises
    ------
    ValueError
        If they do not fit.

    Examples
    --------
    >>> checked_weights([1, 3], 2).tolist()
    [1.0, 3.0]
    """
    given = as_array(weights, "weights")
    if given.shape != (n,) or given.dtype.kind not in "biuf":
        msg = (
            f"weights must be one number for each of the {n} rows; found {given.dtype} with shape "
            f"{given.shape}"
        )
        raise ValueError(msg)
    wrong = ~(np.isfinite(given) & (given >= 0))
    if wrong.any():
        row = int(wrong.argmax())
        msg = f"weights must be finite and not negative; found {given[row]} for row {row}"
        raise ValueError(msg)
    return given.astype(np.float64)


def draw(weights: NDArray[np.float64], size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw `size` places with replacement, each with a probability in proportion to its weight.

    Parameters
    ----------
    weights
        Shape (n,), with a positive sum.
    size
        Number of draws.
    rng
        Source of the draws.

    Returns
    -------
    Places, shape (size,)

    Examples
    --------
    >>> draw(np.array([0.0, 1.0, 0.0]), 3, np.random.default_rng(0)).tolist()
    [1, 1, 1]
    """
    scaled = weights / weights.max()  # a sum of large weights could pass what a float holds
    return rng.choice(weights.size, size=size, p=scaled / scaled.sum()).astype(np.int64)


def _are_whole(numbers: NDArray[np.generic]) -> bool:
    return numbers.dtype.kind != "f" or bool((numbers == np.floor(numbers)).all())
