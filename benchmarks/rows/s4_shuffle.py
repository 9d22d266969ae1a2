"""S4 shuffle that keeps the counts of k-lets."""

import numpy as np
from inputs import SHAPES, sequences

CASES = {f"k={k}, {name}": (k, *shape) for k in (1, 2, 3) for name, shape in SHAPES.items()}
SIDES = {"ours": "ours", "public_seqpro": "peers"}


def klet_counts(k, n):
    """Make a count of the k-lets of each row, which every right answer shares."""

    def count(seqs: np.ndarray) -> bytes:
        codes = np.searchsorted(
            np.frombuffer(b"ACGT", np.uint8), seqs.view(np.uint8).reshape(n, -1)
        ).astype(np.int64)
        words = sum(codes[:, i : codes.shape[1] - k + 1 + i] * 4**i for i in range(k))
        keys, counts = np.unique(words + 4**k * np.arange(n)[:, None], return_counts=True)
        return keys.tobytes() + counts.tobytes()

    return count


def ours(k, n, length):
    import seqpro as sp

    seqs = sequences(n, length)
    return lambda: sp.k_shuffle(seqs, k, rng=0), klet_counts(k, n)


def public_seqpro(k, n, length):
    import seqpro as sp

    seqs = sequences(n, length)
    return lambda: sp.k_shuffle(seqs, k, sp.DNA, length_axis=1, seed=0), klet_counts(k, n)
