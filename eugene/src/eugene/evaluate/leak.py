"""Whether held-out rows hold sequences that were trained on."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import seqpro as sp

if TYPE_CHECKING:
    from seqpro import Alphabet

TRAINED_ON = "trained_on.bin"
"""File of a run's folder: the fingerprints of its training sequences, little-endian uint64, sorted."""


def fingerprints(codes: NDArray[np.uint8], alphabet: Alphabet) -> NDArray[np.uint64]:
    """Give each sequence a number that its reverse complement shares and others hardly ever do.

    Parameters
    ----------
    codes
        ASCII codes, shape (n, length).
    alphabet
        Of the sequences; without a complement only the sequence itself counts.

    Returns
    -------
    uint64 array, shape (n,): the first 8 bytes of a BLAKE2 hash

    Examples
    --------
    >>> a, b, c = fingerprints(sp.as_codes(["AAC", "GTT", "ACA"]), sp.DNA)
    >>> bool(a == b), bool(a == c)
    (True, False)
    """
    strands = [np.ascontiguousarray(codes)]
    if alphabet.has_complement:
        strands.append(np.ascontiguousarray(sp.reverse_complement(codes, alphabet)))
    found = [
        hashlib.blake2b(min(row.tobytes() for row in rows), digest_size=8).digest()
        for rows in zip(*strands, strict=True)
    ]
    return np.frombuffer(b"".join(found), "<u8")
