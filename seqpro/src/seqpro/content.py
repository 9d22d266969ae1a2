"""What sequences are made of."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from seqpro import _kernels
from seqpro.containers import as_codes, as_rows
from seqpro.parallel import run_blocks
from seqpro.ragged import Ragged

_BLOCK = 1 << 18  # positions a thread takes at a time


def gc_content(seqs: Any, *, by: Literal["length", "valid"] = "length") -> NDArray[np.float64]:
    """Give the fraction of G and C in each sequence, in either case.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`. In a list of strings of
        unequal length, `length` is that of the longest.
    by
        What to divide by: ``"length"``, all positions, N and padding included; ``"valid"``, the
        letters A, C, G, T and U only.

    Returns
    -------
    float64 array, shape (...): between 0 and 1; NaN where there is nothing to divide by

    Raises
    ------
    ValueError
        If `by` is neither.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.gc_content(["GGCA", "NNca"]).tolist(), sp.gc_content(["GGCA", "NNca"], by="valid").tolist()
    ([0.75, 0.25], [0.75, 0.5])
    """
    if by not in ("length", "valid"):
        msg = f"by must be 'length' or 'valid'; found {by!r}"
        raise ValueError(msg)
    codes = as_codes(seqs, unequal="pad")
    table = np.full(256, 255, np.uint8)
    for letter, column in zip("GCATU", (0, 0, 1, 1, 1), strict=True):
        table[[ord(letter), ord(letter.lower())]] = column
    rows = Ragged.from_dense(as_rows(codes))
    counts = np.zeros((len(rows), 2), np.int64)
    count = _kernels.counts.count_classes
    run_blocks(
        lambda a, b: count(rows.values, rows.starts[a:b], rows.sizes[a:b], table, counts[a:b]),
        len(rows),
        block=max(1, _BLOCK // max(1, codes.shape[-1])),
    )
    whole = counts.sum(axis=1) if by == "valid" else np.full(len(rows), codes.shape[-1])
    fraction = np.full(len(rows), np.nan)
    np.divide(counts[:, 0], whole, out=fraction, where=whole > 0)
    return fraction.reshape(codes.shape[:-1])
