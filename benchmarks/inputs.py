"""Inputs that several rows share."""

from __future__ import annotations

import numpy as np


def sequences(n: int = 20_000, length: int = 1_000) -> np.ndarray:
    """Random DNA as letters, dtype S1, shape (n, length)."""
    return np.random.default_rng(0).choice(np.frombuffer(b"ACGT", "S1"), (n, length))
