"""S5 GC content."""

import numpy as np
from inputs import SHAPES, sequences

CASES = SHAPES
SIDES = {"ours": "ours", "public_seqpro": "peers"}


def in_parts_per_million(share: np.ndarray) -> bytes:
    """Round, so that float32 and float64 compare."""
    return np.rint(np.asarray(share, float) * 1e5).astype(int).tobytes()


def ours(n, length):
    import seqpro as sp

    seqs = sequences(n, length)
    return lambda: sp.gc_content(seqs), in_parts_per_million


def public_seqpro(n, length):
    import seqpro as sp

    seqs = sequences(n, length)
    return lambda: sp.gc_content(seqs, length_axis=1), in_parts_per_million
