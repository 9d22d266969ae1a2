"""Random numbers that depend on a seed, a purpose and a row's number, and on nothing else."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def stream(seed: int, *purpose: int | str) -> int:
    """Give the seed of one purpose, such as the n-th attempt at a background.

    Examples
    --------
    >>> stream(0, "background", 0) == stream(0, "background", 1)
    False
    """
    key = [part if isinstance(part, int) else int.from_bytes(part.encode()) for part in purpose]
    state = np.random.SeedSequence([seed, *key]).generate_state(1, np.uint64)
    return int(state[0])


def uniforms(seed: int, rows: NDArray[np.int64], number: int = 1) -> NDArray[np.float64]:
    """Draw numbers from 0 to below 1 for each row, shape (n, number), by splitmix64.

    Examples
    --------
    >>> both = uniforms(0, np.array([3, 5]))
    >>> bool(both[1, 0] == uniforms(0, np.array([5]))[0, 0])
    True
    """
    state = _mixed(np.uint64(seed) ^ _mixed(rows.astype(np.uint64) + _GOLDEN))
    steps = np.arange(1, number + 1, dtype=np.uint64) * _GOLDEN
    bits = _mixed(state[:, None] + steps) >> np.uint64(11)
    return bits.astype(np.float64) * 2.0**-53


def normals(seed: int, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Draw a standard normal number for each row, shape (n,) (Box and Muller 1958).

    Examples
    --------
    >>> normals(0, np.arange(10_000)).std().round(1)
    np.float64(1.0)
    """
    first, second = uniforms(seed, rows, 2).T
    return np.asarray(np.sqrt(-2 * np.log1p(-first)) * np.cos(2 * np.pi * second))


def _mixed(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Finish a splitmix64 step (Steele, Lea and Flood 2014)."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
