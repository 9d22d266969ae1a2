"""S5 counts of 4-mers; the peer is numpy, for the public seqpro has none for arrays."""

import numpy as np
from inputs import SHAPES, sequences

CASES = SHAPES
SIDES = {"ours": "ours", "numpy": "ours"}


def ours(n, length):
    import seqpro as sp

    seqs = sequences(n, length)
    return lambda: sp.count_kmers(seqs, 4, sp.DNA), bytes


def numpy(n, length):
    seqs = sequences(n, length)
    columns = np.zeros(256, np.int64)
    columns[list(b"ACGT")] = range(4)

    def count():
        codes = columns[seqs.view(np.uint8)]
        words = sum(codes[:, i : length - 3 + i] * 4 ** (3 - i) for i in range(4))
        words += 256 * np.arange(n)[:, None]
        return np.bincount(words.ravel(), minlength=256 * n)

    return count, bytes
