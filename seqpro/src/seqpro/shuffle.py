"""Shuffles that keep the counts of k-lets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqpro import _kernels
from seqpro.containers import as_codes, as_rows, in_kind
from seqpro.parallel import run_blocks
from seqpro.ragged import Ragged
from seqpro.sample import RandomState, draw_seed

_LEAST = 2  # highest byte that input must reach: any byte is a letter, but one-hot arrays hold none
_BLOCK = 1 << 16  # positions a thread takes at a time


def k_shuffle(seqs: Any, k: int = 2, *, rng: RandomState = None) -> NDArray[Any]:
    """Shuffle each sequence, keeping how often each k-let (word of k letters) occurs in it.

    Every sequence with the same k-let counts and the same first and last k-1 letters is equally
    likely. ``k=1`` keeps the letters' counts, ``k=2`` the dinucleotides'. Every distinct byte is a
    letter of its own, so any alphabet works, N and lower case included, and so do indices of letters
    as uint8; only an array of nothing but 0 and 1 is refused, for it is one-hot. A sequence of at most
    k letters comes back as it was.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`.
    k
        Length of the words whose counts are kept, at least 1.
    rng
        Seed, generator or None. A row depends on the seed and its number only: not on threads, nor on
        how many rows there are.

    Returns
    -------
    array of the input's shape: ``S1`` for text, uint8 for ASCII codes

    Raises
    ------
    TypeError
        If `seqs` holds no letters: numbers of another type than uint8, or a one-hot array.
    ValueError
        If `k` is less than 1 or lengths differ.

    Notes
    -----
    A uniform Euler path through the graph of (k-1)-lets (Kandel, Matias, Unger and Winkler 1996), with
    last exits from a uniform random tree (Wilson 1996).

    Examples
    --------
    >>> import seqpro as sp
    >>> shuffled = sp.k_shuffle("AAGGCCTTAAGG", 2, rng=0)
    >>> sp.count_kmers([shuffled.tobytes()], 2, sp.DNA) == sp.count_kmers(["AAGGCCTTAAGG"], 2, sp.DNA)
    array([[ True,  True,  True,  True,  True,  True,  True,  True,  True,
             True,  True,  True,  True,  True,  True,  True]])
    """
    if not isinstance(k, int | np.integer) or k < 1:
        msg = f"k must be a whole number, at least 1; found {k!r}"
        raise ValueError(msg)
    codes = as_codes(seqs, least=_LEAST)
    rows = Ragged.from_dense(as_rows(codes))
    out = np.empty_like(rows.values)
    seed = draw_seed(rng)
    shuffle = _kernels.random.shuffle_klets

    def work(a: int, b: int) -> None:
        starts, sizes = rows.starts[a:b], rows.sizes[a:b]
        shuffle(rows.values, starts, sizes, k, seed, a, starts, out)

    run_blocks(work, len(rows), block=max(1, _BLOCK // max(1, codes.shape[-1])))
    return in_kind(out.reshape(codes.shape), seqs)
