"""S4 shuffle of one-hot arrays that keeps dinucleotides, tangermeme."""

import numpy as np
from inputs import sequences

CASES = {"2,000 x 1 kb": (2_000, 1_000)}
SIDES = {"ours": "ours", "tangermeme": "peers"}


def onehot(n, length):
    codes = sequences(n, length).view(np.uint8)
    return (codes[:, None] == np.frombuffer(b"ACGT", np.uint8)[:, None]).astype(np.int8)


def pair_counts(array):
    codes = np.asarray(array).reshape(-1, 4, array.shape[-1]).argmax(axis=1)
    pairs = codes[:, :-1] * 4 + codes[:, 1:] + 16 * np.arange(len(codes))[:, None]
    return np.bincount(pairs.ravel(), minlength=16 * len(codes)).tobytes()


def ours(n, length):
    import seqpro as sp

    array = onehot(n, length)
    return lambda: sp.k_shuffle(array, 2, ohe_axis=-2, rng=0), pair_counts


def tangermeme(n, length):
    import torch
    from tangermeme.ersatz import dinucleotide_shuffle

    array = torch.from_numpy(onehot(n, length))
    return lambda: dinucleotide_shuffle(array, n=1, random_state=0), pair_counts
