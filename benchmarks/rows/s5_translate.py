"""S5 translate."""

import numpy as np
from inputs import SHAPES, sequences

CASES = {name: (n, length - length % 3) for name, (n, length) in SHAPES.items()}
SIDES = {"ours": "ours", "public_seqpro": "peers"}


def ours(n, length):
    import seqpro as sp

    seqs = sequences(n, length)
    return lambda: sp.translate(seqs), bytes


def public_seqpro(n, length):
    import seqpro as sp

    seqs = sequences(n, length)
    return lambda: np.asarray(sp.AA.translate(seqs, length_axis=1)), bytes
