"""S3 decode one-hot."""

import numpy as np
from inputs import SHAPES, sequences

CASES = {
    f"letters {order}, {name}": (axis, *shape)
    for order, axis in (("last", -1), ("first", -2))
    for name, shape in SHAPES.items()
}
SIDES = {"ours": "ours", "public_seqpro": "peers"}


def onehot(axis, n, length):
    codes = sequences(n, length).view(np.uint8)
    letters = np.frombuffer(b"ACGT", np.uint8)
    if axis == -1:
        return (codes[..., None] == letters).astype(np.uint8)
    return (codes[:, None] == letters[:, None]).astype(np.uint8)


def ours(axis, n, length):
    import seqpro as sp

    array = onehot(axis, n, length)
    return lambda: sp.decode_ohe(array, sp.DNA, ohe_axis=axis), bytes


def public_seqpro(axis, n, length):
    import seqpro as sp

    array = onehot(axis, n, length)
    return lambda: sp.decode_ohe(array, axis, sp.DNA), bytes
