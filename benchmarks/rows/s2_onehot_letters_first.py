"""S2 one-hot, letters first, into an array that is there."""

import numpy as np
from inputs import SHAPES, sequences

CASES = SHAPES
SIDES = {"ours_out": "ours", "public_seqpro": "peers", "copy_of_memory": "ours"}


def ours_out(n, length):
    import seqpro as sp

    seqs = sequences(n, length)
    out = np.empty((n, 4, length), np.uint8)
    return lambda: sp.ohe(seqs, sp.DNA, ohe_axis=-2, out=out), bytes


def public_seqpro(n, length):
    import seqpro as sp

    seqs = sequences(n, length)
    return lambda: np.ascontiguousarray(sp.ohe(seqs, sp.DNA).swapaxes(1, 2)), bytes


def copy_of_memory(n, length):
    source = np.ones((n, 4, length), np.uint8)
    target = np.empty_like(source)
    return lambda: np.copyto(target, source), None
