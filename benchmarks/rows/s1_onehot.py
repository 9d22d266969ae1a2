"""S1 one-hot, 20,000 x 1,000 bp, letters last."""

import numpy as np
from inputs import sequences

SIDES = {"ours": "ours", "ours_out": "ours", "public_seqpro": "peers", "copy_of_memory": "ours"}


def ours():
    import seqpro as sp

    seqs = sequences()
    return lambda: sp.ohe(seqs, sp.DNA), bytes


def ours_out():
    import seqpro as sp

    seqs = sequences()
    out = np.empty((*seqs.shape, 4), np.uint8)
    return lambda: sp.ohe(seqs, sp.DNA, out=out), bytes


def public_seqpro():
    import seqpro as sp

    seqs = sequences()
    return lambda: sp.ohe(seqs, sp.DNA), bytes


def copy_of_memory():
    source = np.ones((20_000, 1_000, 4), np.uint8)
    target = np.empty_like(source)
    return lambda: np.copyto(target, source), None
