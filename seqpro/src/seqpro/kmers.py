"""Counts of k-mers."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqpro import _kernels
from seqpro.alphabet import Alphabet
from seqpro.containers import as_ragged
from seqpro.parallel import run_blocks

_BLOCK = 1 << 16  # positions a thread takes at a time
_MOST = 1 << 22  # columns of a dense table


def kmer_names(k: int, alphabet: Alphabet, *, canonical: bool = False) -> list[str]:
    """Name the columns of `count_kmers`.

    Parameters
    ----------
    k
        Length of a word.
    alphabet
        Gives letters and order.
    canonical
        Whether a word and its reverse complement share a column, named by the first in order.

    Returns
    -------
    list of ``letters ** k`` words in the alphabet's order, fewer if canonical

    Raises
    ------
    ValueError
        If `k` is less than 1, or `canonical` is asked of an alphabet whose letters do not pair.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.kmers.kmer_names(1, sp.DNA), sp.kmers.kmer_names(1, sp.DNA, canonical=True)
    (['A', 'C', 'G', 'T'], ['A', 'C'])
    """
    _check(k, alphabet)
    words = ["".join(word) for word in product(alphabet.letters, repeat=k)]
    if not canonical:
        return words
    first = canonical_columns(k, alphabet)
    return [word for i, word in enumerate(words) if first[1][i]]


def count_kmers(
    seqs: Any, k: int, alphabet: Alphabet, *, canonical: bool = False
) -> NDArray[np.int64]:
    """Count every k-mer in each sequence; overlapping ones count each time.

    K-mers with a letter outside the alphabet are not counted. Lower case counts as upper case.

    Parameters
    ----------
    seqs
        A list of strings, an array of text, an array of letters (n, length), or a `Ragged`.
    k
        Length of a word, at least 1.
    alphabet
        Gives letters and order.
    canonical
        Whether a word and its reverse complement are counted together.

    Returns
    -------
    int64 array, shape (n, words); `kmer_names` names the columns

    Raises
    ------
    ValueError
        If `k` is less than 1 or so long that the table would have more than 4 million columns, or
        `canonical` is asked of an alphabet whose letters do not pair.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.count_kmers(["ACGT", "AAN"], 1, sp.DNA).tolist()
    [[1, 1, 1, 1], [2, 0, 0, 0]]
    """
    _check(k, alphabet)
    rows = as_ragged(seqs)
    width = len(alphabet)
    rank = canonical_columns(k, alphabet)[0] if canonical else np.arange(width**k)
    counts = np.zeros((len(rows), int(rank.max()) + 1), np.int64)
    table = alphabet.index_table()
    count = _kernels.counts.count_kmers

    def work(a: int, b: int) -> None:
        starts, sizes = rows.starts[a:b], rows.sizes[a:b]
        count(rows.values, starts, sizes, table, width, k, rank, counts[a:b])

    longest = int(rows.sizes.max()) if len(rows) else 0
    run_blocks(work, len(rows), block=max(1, _BLOCK // max(1, longest)))
    return counts


def _check(k: int, alphabet: Alphabet) -> None:
    if not isinstance(k, int | np.integer) or k < 1 or len(alphabet) ** k > _MOST:
        msg = (
            f"k must be a whole number, at least 1, and give at most {_MOST} words; "
            f"found k={k!r} of {len(alphabet)} letters"
        )
        raise ValueError(msg)


def canonical_columns(k: int, alphabet: Alphabet) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Column of every k-mer code when strands are joined, and whether the code names its column.

    A k-mer's code is its place in `kmer_names`.

    Raises
    ------
    ValueError
        If the alphabet's letters do not pair.

    Examples
    --------
    >>> import seqpro as sp
    >>> canonical_columns(1, sp.DNA)[0].tolist()  # T is A's column, G is C's
    [0, 1, 1, 0]
    """
    if not alphabet.has_complement:
        msg = f"canonical must be False for alphabet {alphabet.name!r}, which has no complement"
        raise ValueError(msg)
    width = len(alphabet)
    columns = alphabet.complement_columns()
    if (columns[columns] != np.arange(width)).any():
        msg = f"canonical must be False for alphabet {alphabet.name!r}, whose pairs go one way only"
        raise ValueError(msg)
    partner = np.zeros(width**k, np.int64)
    codes = np.arange(width**k)
    for _ in range(k):
        partner = partner * width + columns[codes % width]
        codes = codes // width
    named = np.arange(width**k) <= partner
    column = np.cumsum(named) - 1
    return column[np.minimum(np.arange(width**k), partner)], named
