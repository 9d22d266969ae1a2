"""S5 tokenize."""

from inputs import SHAPES, sequences

CASES = SHAPES
SIDES = {"ours": "ours", "public_seqpro": "peers"}
TOKENS = {"A": 0, "C": 1, "G": 2, "T": 3}


def ours(n, length):
    import seqpro as sp

    seqs = sequences(n, length)
    return lambda: sp.tokenize(seqs, TOKENS), bytes


def public_seqpro(n, length):
    import seqpro as sp

    seqs = sequences(n, length)
    return lambda: sp.tokenize(seqs, TOKENS, -1), bytes
