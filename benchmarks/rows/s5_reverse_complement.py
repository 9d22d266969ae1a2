"""S5 reverse complement, materialised."""

import numpy as np
from inputs import SHAPES, sequences

CASES = SHAPES
SIDES = {"ours": "ours", "public_seqpro": "peers"}


def ours(n, length):
    import seqpro as sp

    seqs = sequences(n, length)
    return lambda: sp.reverse_complement(seqs, sp.DNA), bytes


def public_seqpro(n, length):
    import seqpro as sp

    seqs = sequences(n, length)
    return lambda: np.ascontiguousarray(sp.reverse_complement(seqs, sp.DNA, length_axis=1)), bytes
