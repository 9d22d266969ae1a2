"""How varied sequences are: entropy and linguistic complexity."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqpro import _kernels
from seqpro.alphabet import Alphabet, Case
from seqpro.containers import Block, rows_of
from seqpro.kmers import block_counts, check_length, coding_of

_BLOCK = 1 << 16  # positions a thread takes at a time


def entropy(
    seqs: Any,
    k: int,
    alphabet: Alphabet,
    *,
    case: Case = "fold",
    ohe_axis: int | None = None,
) -> NDArray[np.float64]:
    """Give the Shannon entropy of each sequence's k-mers, in bits.

    It is 0 where all k-mers are the same, and at most the logarithm (base 2) of ``letters ** k`` or of
    the number of k-mers, whichever is less: compare sequences of one length. K-mers with a letter
    outside the alphabet are left out.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`, or a one-hot array if
        `ohe_axis` is given.
    k
        Length of a word, at least 1; 1 gives the entropy of the letters.
    alphabet
        Gives the letters.
    case
        ``"fold"``: lower case counts as upper case; ``"strict"``: lower case is unknown.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    float64 array, shape (...); NaN where a sequence has no k-mer

    Raises
    ------
    ValueError
        If `k` is less than 1, or ``letters ** k`` not below ``2 ** 63``.

    Notes
    -----
    The sum of ``-p * log2(p)`` over the shares p of the k-mers, overlapping ones included (Shannon
    1948).

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.complexity.entropy(["AAAA", "AACC", "ACGT", "NN"], 1, sp.DNA).tolist()
    [0.0, 1.0, 2.0, nan]
    """
    k = check_length(k, alphabet)
    coding = coding_of(k, alphabet, case=case)
    rows = rows_of(seqs, alphabet=alphabet, ohe_axis=ohe_axis)
    result = np.empty(len(rows))

    def work(first: int, block: Block) -> None:
        begins, found, counts = block_counts(block, coding)
        _kernels.counts.entropies(begins, found, counts, result[first : first + found.size])

    rows.run(work, positions=_BLOCK)
    return result.reshape(rows.shape)


def linguistic_complexity(
    seqs: Any,
    k: int | Iterable[int],
    alphabet: Alphabet,
    *,
    case: Case = "fold",
    ohe_axis: int | None = None,
) -> NDArray[np.float64]:
    """Give the share of the possible k-mers that each sequence has.

    The number of different k-mers over the most there could be: ``letters ** k``, or the number of
    k-mers where that is less. K-mers with a letter outside the alphabet are left out of both. For
    several k, both numbers are added up over k.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`, or a one-hot array if
        `ohe_axis` is given.
    k
        Length of a word, at least 1, or several lengths.
    alphabet
        Gives the letters.
    case
        ``"fold"``: lower case counts as upper case; ``"strict"``: lower case is unknown.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    float64 array, shape (...): above 0 to 1; NaN where a sequence has no k-mer

    Raises
    ------
    ValueError
        If a `k` is less than 1, or ``letters ** k`` not below ``2 ** 63``, or there is none.

    Notes
    -----
    One k gives the vocabulary usage of Trifonov (1990), whose linguistic complexity is its product over
    ``k`` from 1 on: ``numpy.prod([linguistic_complexity(seqs, i, alphabet) for i in (1, 2, 3)], axis=0)``.
    All k up to the length of the sequences give that of Troyanskaya et al. (2002).

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.complexity.linguistic_complexity(["ACACACAC", "ACGTTGCA"], 2, sp.DNA).round(3).tolist()
    [0.286, 1.0]
    >>> sp.complexity.linguistic_complexity("ATTTGGATT", range(1, 10), sp.DNA).tolist()
    0.875
    """
    several = isinstance(k, Iterable) and not (isinstance(k, np.ndarray) and not k.ndim)
    lengths: list[Any] = list(k) if several else [k]  # type: ignore[arg-type]
    if not lengths:
        msg = "k must be a whole number or several of them; found none"
        raise ValueError(msg)
    lengths = [check_length(one, alphabet) for one in lengths]
    codings = [coding_of(one, alphabet, case=case) for one in lengths]
    rows = rows_of(seqs, alphabet=alphabet, ohe_axis=ohe_axis)
    result = np.full(len(rows), np.nan)

    def work(first: int, block: Block) -> None:
        distinct, possible = np.zeros((2, block.sizes.size), np.int64)
        for coding in codings:
            words = coding.width**coding.k
            add = _kernels.counts.add_usage
            add(*block_counts(block, coding), words, distinct, possible)
        part = result[first : first + block.sizes.size]
        np.divide(distinct, possible, out=part, where=possible > 0)

    rows.run(work, positions=_BLOCK)
    return result.reshape(rows.shape)
