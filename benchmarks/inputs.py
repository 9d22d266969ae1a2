"""Inputs that several rows share."""

from __future__ import annotations

import numpy as np

SHAPES = {
    "10 x 1 Mb": (10, 1_000_000),
    "20,000 x 1 kb": (20_000, 1_000),
    "1,000,000 x 40": (1_000_000, 40),
}
"""Few long sequences, the usual, and many short ones."""


def sequences(n: int, length: int) -> np.ndarray:
    """Random DNA as letters, dtype S1, shape (n, length)."""
    return np.frombuffer(b"ACGT", "S1")[
        np.random.default_rng(0).integers(0, 4, (n, length), np.uint8)
    ]
