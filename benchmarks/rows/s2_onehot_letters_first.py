"""S2 one-hot, 20,000 x 1,000 bp, letters first."""

import numpy as np
from inputs import sequences

SIDES = {"ours_out": "ours", "public_seqpro": "peers", "copy_of_memory": "ours"}


def ours_out():
    import seqpro as sp

    seqs = sequences()
    out = np.empty((seqs.shape[0], 4, seqs.shape[1]), np.uint8)
    return lambda: sp.ohe(seqs, sp.DNA, ohe_axis=-2, out=out), bytes


def public_seqpro():
    import seqpro as sp

    seqs = sequences()
    return lambda: np.ascontiguousarray(sp.ohe(seqs, sp.DNA).swapaxes(1, 2)), bytes


def copy_of_memory():
    source = np.ones((20_000, 4, 1_000), np.uint8)
    target = np.empty_like(source)
    return lambda: np.copyto(target, source), None
