"""S3 decode one-hot, 20,000 x 1,000 bp, letters last."""

from inputs import sequences

SIDES = {"ours": "ours", "public_seqpro": "peers"}


def ours():
    import seqpro as sp

    onehot = sp.ohe(sequences(), sp.DNA)
    return lambda: sp.decode_ohe(onehot, sp.DNA, ohe_axis=-1), bytes


def public_seqpro():
    import seqpro as sp

    onehot = sp.ohe(sequences(), sp.DNA)
    return lambda: sp.decode_ohe(onehot, -1, sp.DNA), bytes
