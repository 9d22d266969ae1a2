"""S1 one-hot, letters last."""

import numpy as np
from inputs import SHAPES, sequences

CASES = SHAPES
SIDES = {
    "ours": "ours",
    "allocate_and_copy": "ours",
    "public_seqpro": "peers",
    "ours_out": "ours",
    "copy_of_memory": "ours",
}


def ours(n, length):
    import seqpro as sp

    seqs = sequences(n, length)
    return lambda: sp.ohe(seqs, sp.DNA), bytes


def ours_out(n, length):
    import seqpro as sp

    seqs = sequences(n, length)
    out = np.empty((n, length, 4), np.uint8)
    return lambda: sp.ohe(seqs, sp.DNA, out=out), bytes


def public_seqpro(n, length):
    import seqpro as sp

    seqs = sequences(n, length)
    return lambda: sp.ohe(seqs, sp.DNA), bytes


def allocate_and_copy(n, length):
    source = np.ones((n, length, 4), np.uint8)
    return lambda: source.copy(), None


def copy_of_memory(n, length):
    source = np.ones((n, length, 4), np.uint8)
    target = np.empty_like(source)
    return lambda: np.copyto(target, source), None
