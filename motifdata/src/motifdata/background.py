"""Backgrounds: how likely each letter is where there is no motif."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqpro import Alphabet

EXACT = 1e-12
"""Sums this close to 1 are left as they are, so that what is written and read back is the same."""


def check_background(background: ArrayLike | None, alphabet: Alphabet) -> NDArray[np.float64]:
    """Give a background as an array that sums to 1, shape (letters,); uniform for None.

    Raises
    ------
    ValueError
        If it has another length, a letter without probability, or a sum further than 0.01 from 1.

    Examples
    --------
    >>> import seqpro as sp
    >>> check_background([0.3, 0.2, 0.2, 0.3], sp.DNA).tolist()
    [0.3, 0.2, 0.2, 0.3]
    """
    letters = len(alphabet)
    if background is None:
        return np.full(letters, 1 / letters)
    chances = np.asarray(background, dtype=np.float64)
    if chances.shape != (letters,) or not (chances > 0).all() or abs(chances.sum() - 1) > 0.01:
        msg = (
            f"background must be {letters} positive numbers that sum to 1, in the order of "
            f"{alphabet.letters}; found {chances.tolist()}"
        )
        raise ValueError(msg)
    total = chances.sum()
    return chances if abs(total - 1) <= EXACT else chances / total
