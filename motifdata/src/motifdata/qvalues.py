"""False discovery rates of many p-values."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motifdata import _kernels


def qvalues_of_groups(
    pvalues: ArrayLike, groups: ArrayLike, tests: ArrayLike
) -> NDArray[np.float64]:
    """Give the q-value of each p-value among those of its group.

    A q-value is the least share of false discoveries at which a test still counts as one. Where a group had
    more tests than p-values are given, those left out must be the larger ones; a q-value is then at least
    what it would be with all.

    Parameters
    ----------
    pvalues
        P-values, shape (n,).
    groups
        Number of each p-value's group, from 0, shape (n,).
    tests
        How many tests each group had, shape (groups,).

    Returns
    -------
    Q-values, shape (n,), at most 1.

    Notes
    -----
    The step-up procedure of Benjamini and Hochberg 1995.

    Examples
    --------
    >>> qvalues_of_groups([0.01, 0.02, 0.5], [0, 0, 1], [4, 1]).tolist()
    [0.04, 0.04, 0.5]
    """
    chances, numbers = np.asarray(pvalues, np.float64), np.asarray(groups, np.int64)
    order = np.lexsort((chances, numbers))
    found = np.empty(chances.size)
    _kernels.qvalues.step_up(chances, numbers, np.asarray(tests, np.int64), order, found)
    return found


def qvalues(pvalues: ArrayLike) -> NDArray[np.float64]:
    """Give the q-value of each p-value among all of them, shape (n,).

    Parameters
    ----------
    pvalues
        P-values of all tests, shape (n,).

    Notes
    -----
    The step-up procedure of Benjamini and Hochberg 1995.

    Examples
    --------
    >>> qvalues([0.5, 0.01, 0.02]).round(3).tolist()
    [0.5, 0.03, 0.03]
    """
    chances = np.asarray(pvalues, np.float64)
    order = np.argsort(chances)
    found = np.empty(chances.size)
    found[order] = qvalues_of_sorted(chances[order])
    return found


def qvalues_of_sorted(pvalues: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the q-values of all tests' p-values that ascend, shape (n,).

    Examples
    --------
    >>> qvalues_of_sorted(np.array([0.01, 0.02, 0.5])).round(3).tolist()
    [0.03, 0.03, 0.5]
    """
    shares = pvalues * (pvalues.size / np.arange(1, pvalues.size + 1))
    return np.minimum.accumulate(np.minimum(shares, 1)[::-1])[::-1]
