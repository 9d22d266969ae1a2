"""Fingerprints of sequences, to find equal ones and to name contents."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqpro import _kernels
from seqpro.checks import choice
from seqpro.containers import Block, rows_of
from seqpro.parallel import run_blocks
from seqpro.ragged import Ragged

Work: TypeAlias = Callable[[int, Block, int], object]

_DIGESTS = {"sha256": hashlib.sha256, "md5": hashlib.md5}
_ROWS = 1 << 12  # rows a thread takes at a time


def digest_rows(seqs: Any, *, algorithm: Literal["sha256", "md5"] = "sha256") -> NDArray[np.uint8]:
    """Give the digest of each row's bytes, as hashlib gives it.

    For names and checks of contents that others can repeat. Letters are hashed as they are, upper and
    lower case apart; rows of numbers as the bytes that they have in memory.

    Parameters
    ----------
    seqs
        A `Ragged` of any values, or sequences of shape (..., length) in any container of `as_codes`.
    algorithm
        ``"sha256"``, or ``"md5"``, which is faster but no protection against forgery.

    Returns
    -------
    uint8 array, shape (..., bytes): 32 bytes for each row, 16 for md5

    Raises
    ------
    TypeError
        If `seqs` holds no sequences.
    ValueError
        If `algorithm` is another.

    Examples
    --------
    >>> import hashlib, seqpro as sp
    >>> digests = digest_rows(["ACGT", "T"])
    >>> digests[1].tobytes() == hashlib.sha256(b"T").digest(), digests.shape
    (True, (2, 32))
    """
    choice(algorithm, "algorithm", tuple(_DIGESTS))
    digest = _DIGESTS[algorithm]
    shape, run = _reader(seqs)
    out = np.empty((math.prod(shape), digest().digest_size), np.uint8)

    def work(first: int, block: Block, width: int) -> None:
        for i, (start, size) in enumerate(zip(block.starts, block.sizes, strict=True), first):
            row = block.values[start * width : (start + size) * width]
            out[i] = np.frombuffer(digest(row.tobytes(), usedforsecurity=False).digest(), np.uint8)

    run(work)
    return out.reshape(*shape, out.shape[1])


def hash_rows(seqs: Any, *, seed: int = 0) -> NDArray[np.uint64]:
    """Give a 64-bit number for each row that equal rows share, fast.

    For finding duplicates: among a million different rows, the chance that any two share a number is
    3 in 100 million. Not for security. Upper and lower case are apart.

    Parameters
    ----------
    seqs
        A `Ragged` of any values, or sequences of shape (..., length) in any container of `as_codes`.
    seed
        0 to 2**64 - 1; another seed gives other numbers.

    Returns
    -------
    uint64 array, shape (...)

    Raises
    ------
    TypeError
        If `seqs` holds no sequences, or `seed` is no whole number.
    ValueError
        If `seed` is outside its range.

    Notes
    -----
    XXH64 of each row's bytes in memory (Collet, xxHash fast digest algorithm, specification 0.1.1).

    Examples
    --------
    >>> hashes = hash_rows(["ACGT", "T", "ACGT"])
    >>> hashes[0] == hashes[2], hashes[0] == hashes[1]
    (np.True_, np.False_)
    >>> np.unique(hashes).size
    2
    """
    if not isinstance(seed, int | np.integer) or isinstance(seed, bool):
        msg = f"seed must be a whole number; found {type(seed).__name__}"
        raise TypeError(msg)
    if not 0 <= seed < 2**64:
        msg = f"seed must lie within 0 and 2**64 - 1; found {seed}"
        raise ValueError(msg)
    shape, run = _reader(seqs)
    out = np.empty(math.prod(shape), np.uint64)
    compute = _kernels.ragged.hash_rows

    def work(first: int, block: Block, width: int) -> None:
        compute(*block, width, np.uint64(seed), out[first : first + block.sizes.size])

    run(work)
    return out.reshape(shape)


def _reader(seqs: Any) -> tuple[tuple[int, ...], Callable[[Work], None]]:
    """Give the shape of the sequences, and what calls ``work(first, block, width)`` on blocks of them.

    The values of a block are bytes, `width` to a value.
    """
    if not isinstance(seqs, Ragged):
        rows = rows_of(seqs)
        return rows.shape, lambda work: rows.run(lambda first, block: work(first, block, 1))
    flat = seqs.values.reshape(-1).view(np.uint8)
    flat.flags.writeable = False  # one type for the kernel
    width = flat.size // max(1, len(seqs.values))

    def run(work: Work) -> None:
        run_blocks(
            lambda a, b: work(a, Block(flat, seqs.starts[a:b], seqs.sizes[a:b]), width),
            len(seqs),
            block=_ROWS,
        )

    return (len(seqs),), run
