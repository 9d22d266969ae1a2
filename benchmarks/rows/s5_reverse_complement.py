"""S5 reverse complement, 20,000 x 1,000 bp, materialised."""

import numpy as np
from inputs import sequences

SIDES = {"ours": "ours", "public_seqpro": "peers"}


def ours():
    import seqpro as sp

    seqs = sequences()
    return lambda: sp.reverse_complement(seqs, sp.DNA), bytes


def public_seqpro():
    import seqpro as sp

    seqs = sequences()
    return lambda: np.ascontiguousarray(sp.reverse_complement(seqs, sp.DNA, length_axis=1)), bytes
