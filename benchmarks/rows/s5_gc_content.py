"""S5 GC content, 20,000 x 1,000 bp."""

import numpy as np
from inputs import sequences

SIDES = {"ours": "ours", "public_seqpro": "peers"}


def in_percent(share: np.ndarray) -> bytes:
    """Round, so that float32 and float64 compare."""
    return np.rint(np.asarray(share, float) * 1000).astype(int).tobytes()


def ours():
    import seqpro as sp

    seqs = sequences()
    return lambda: sp.gc_content(seqs), in_percent


def public_seqpro():
    import seqpro as sp

    seqs = sequences()
    return lambda: sp.gc_content(seqs, length_axis=1), in_percent
