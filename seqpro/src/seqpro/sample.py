"""Random sequences."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqpro import _kernels
from seqpro.alphabet import Alphabet
from seqpro.containers import as_rows
from seqpro.parallel import run_blocks

RandomState: TypeAlias = int | np.integer | np.random.Generator | None

_BLOCK = 1 << 16  # letters a thread draws at a time


def random_seqs(
    shape: int | tuple[int, ...],
    alphabet: Alphabet,
    *,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
) -> NDArray[np.bytes_]:
    """Draw sequences of independent letters.

    Parameters
    ----------
    shape
        Shape of the result, (..., length).
    alphabet
        The letters.
    weights
        Probability of each letter, in the alphabet's order, shape (letters,), summing to 1; equal by
        default.
    rng
        Seed, generator or None. A row depends on the seed and its number only.

    Returns
    -------
    ``S1`` array of `shape`

    Raises
    ------
    ValueError
        If `weights` has another length, a negative entry, or a sum that is not 1 within 1e-6.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.random_seqs((2, 5), sp.DNA, weights=[0, 0.5, 0.5, 0], rng=1).tolist()
    [[b'C', b'C', b'G', b'G', b'C'], [b'C', b'C', b'G', b'G', b'C']]
    """
    shape = (int(shape),) if isinstance(shape, int | np.integer) else tuple(shape)
    width = len(alphabet)
    chances = np.full(width, 1 / width) if weights is None else np.asarray(weights, float)
    if chances.shape != (width,) or not (chances >= 0).all() or abs(chances.sum() - 1) > 1e-6:
        msg = (
            f"weights must be {width} non-negative numbers that sum to 1 "
            f"(order {alphabet.letters}); found {np.array2string(chances)}, sum {chances.sum():g}"
        )
        raise ValueError(msg)
    thresholds = np.round(np.cumsum(chances) * 2.0**53).astype(np.uint64)
    thresholds[np.flatnonzero(chances)[-1] :] = 2**53  # rounding must not reach letters of weight 0
    out = np.empty(shape, np.uint8)
    rows = as_rows(out) if shape else out.reshape(1, 1)
    seed = draw_seed(rng)
    sample, letters = _kernels.random.sample, alphabet.codes
    run_blocks(
        lambda a, b: sample(letters, thresholds, seed, a, rows[a:b]),
        rows.shape[0],
        block=max(1, _BLOCK // max(1, rows.shape[1])),
    )
    return out.view("S1")


def draw_seed(rng: RandomState) -> np.uint64:
    """Draw the seed of one call from a seed, a generator (which moves on) or fresh entropy.

    Examples
    --------
    >>> int(draw_seed(0)) == int(draw_seed(0)), int(draw_seed(0)) == int(draw_seed(1))
    (True, False)
    """
    return np.random.default_rng(rng).integers(2**64, dtype=np.uint64)
