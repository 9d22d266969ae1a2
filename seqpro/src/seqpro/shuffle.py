"""Shuffles that keep the counts of k-lets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqpro import _kernels
from seqpro.checks import whole_number
from seqpro.containers import Block, rows_of
from seqpro.sample import RandomState, draw_seed, row_numbers

_LEAST = 2  # highest byte that input must reach: any byte is a letter, but one-hot arrays hold none
_LONGEST = 2**31  # what the kernel counts in
_LANES = 4  # rows that the kernel walks in turns
_BLOCK = 1 << 16  # positions a thread takes at a time
_STREAM = np.uint64(0x8EBC6AF09C88C6E3)  # any number: the draws of one seed differ by function


def k_shuffle(
    seqs: Any,
    k: int = 2,
    *,
    rng: RandomState = None,
    rows: ArrayLike | None = None,
    ohe_axis: int | None = None,
) -> Any:
    """Shuffle each sequence, keeping how often each k-let (word of k letters) occurs in it.

    Every sequence with the same k-let counts and the same first and last k-1 letters is equally
    likely. ``k=1`` keeps the letters' counts, ``k=2`` the dinucleotides'. Every distinct byte is a
    letter of its own, so any alphabet works, N and lower case included, and so do indices of letters
    as uint8; only an array of nothing but 0 and 1 is refused, for it is one-hot. A sequence of at most
    k letters comes back as it was.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`, or a one-hot array of any
        alphabet if `ohe_axis` is given.
    k
        Length of the words whose counts are kept, at least 1.
    rng
        Seed, generator or None. A row depends on the seed and its number only: not on threads, nor on
        how many rows there are.
    rows
        Number of each sequence, shape (n,), where they are a part of more; 0, 1, 2 ... by default.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    array of the input's shape: ``S1`` for text, uint8 for ASCII codes, one-hot as it came; a `Ragged`
    for a `Ragged`

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
    k = min(whole_number(k, "k", low=1), _LONGEST)
    sequences = rows_of(seqs, ohe_axis=ohe_axis, least=_LEAST)
    if sequences.longest() >= _LONGEST:
        msg = f"seqs must have fewer than {_LONGEST} letters each; found {sequences.longest()}"
        raise ValueError(msg)
    numbers = row_numbers(rows, len(sequences))
    seed = draw_seed(rng) ^ _STREAM
    shuffle = _kernels.shuffle.shuffle_klets

    def work(first: int, block: Block, target: NDArray[np.uint8]) -> None:
        keys = numbers[first : first + block.sizes.size]
        shuffle(*block, k, seed, keys, np.cumsum(block.sizes) - block.sizes, target)

    return sequences.map(work, positions=max(_BLOCK, _LANES * sequences.longest()))
