"""Counts of k-mers."""

from __future__ import annotations

from itertools import product
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from seqpro import _kernels
from seqpro.alphabet import Alphabet, Case, require_alphabet
from seqpro.checks import as_array, flag, number_type, shown
from seqpro.containers import BLOCK, Block, Rows, as_rows, put_back, rows_of
from seqpro.parallel import run_blocks, thread_count

_BLOCK = 1 << 16  # positions a thread takes at a time
_MOST = 1 << 22  # columns of a dense table
_TALLY = 1 << 20  # words that are counted in a table rather than by sorting
_PREFIXES = 1 << 16  # beginnings of words that say how k-mers are spread
_PORTION = 1 << 21  # k-mers that are sorted at a time
_PORTIONS = 64


class KmerCounts(NamedTuple):
    """The k-mers that each sequence has, as a sparse table (CSR).

    Row i has the k-mers ``kmers[offsets[i] : offsets[i + 1]]``, in order and each once, and
    ``counts`` of the same places.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.kmers.count_kmers_sparse(["AAAA", "AAC"], 2, sp.DNA)
    KmerCounts(offsets=array([0, 1, 3]), kmers=array([0, 0, 1], dtype=uint64), counts=array([3, 1, 1]))
    """

    offsets: NDArray[np.int64]
    kmers: NDArray[np.uint64]
    counts: NDArray[np.int64]


class KmerTotals(NamedTuple):
    """The k-mers that all sequences have, in order and each once, and how often.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.kmers.kmer_totals(["AAAA", "AAC"], 2, sp.DNA)
    KmerTotals(kmers=array([0, 1], dtype=uint64), counts=array([4, 1]))
    """

    kmers: NDArray[np.uint64]
    counts: NDArray[np.int64]


class Coding(NamedTuple):
    """How k-mers are numbered: what kernels take after a block."""

    table: NDArray[np.uint8]
    width: int
    k: int
    complement: NDArray[np.uint64]  # columns; empty where strands are told apart


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
    k = _check_dense(k, alphabet)
    words = ["".join(word) for word in product(alphabet.letters, repeat=k)]
    if not flag(canonical, "canonical"):
        return words
    first = canonical_columns(k, alphabet)
    return [word for i, word in enumerate(words) if first[1][i]]


def kmer_words(kmers: ArrayLike, k: int, alphabet: Alphabet) -> NDArray[np.str_]:
    """Spell k-mers that are given as codes.

    Parameters
    ----------
    kmers
        Codes of `count_kmers_sparse` and `kmer_totals`, shape (...): a k-mer's place among all words
        of `k` letters in the alphabet's order, from 0.
    k
        Length of a word.
    alphabet
        Gives letters and order.

    Returns
    -------
    array of text, shape (...)

    Raises
    ------
    ValueError
        If `k` does not fit, or a code is no whole number from 0 to below ``letters ** k``.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.kmers.kmer_words([0, 27], 3, sp.DNA).tolist()
    ['AAA', 'CGT']
    """
    k = check_length(k, alphabet)
    codes, words = as_array(kmers, "kmers"), len(alphabet) ** k
    if codes.size and (codes.dtype.kind not in "iu" or codes.min() < 0 or codes.max() >= words):
        found = f"{codes.min()} to {codes.max()} of type {codes.dtype}"
        msg = f"kmers must be whole numbers from 0 to {words - 1} for k={k}; found {found}"
        raise ValueError(msg)
    left = codes.astype(np.uint64)
    letters = np.empty((*codes.shape, k), np.uint8)
    for place in reversed(range(k)):
        left, column = np.divmod(left, np.uint64(len(alphabet)))
        letters[..., place] = alphabet.codes[column]
    return letters.view(f"S{k}")[..., 0].astype(f"U{k}")


def count_kmers(
    seqs: Any,
    k: int,
    alphabet: Alphabet,
    *,
    canonical: bool = False,
    case: Case = "fold",
    ohe_axis: int | None = None,
    dtype: DTypeLike | None = None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Count every k-mer in each sequence; overlapping ones count each time.

    K-mers with a letter outside the alphabet are not counted. `count_kmers_sparse` is for k-mers so
    long that most words are absent. Sequences are read and counts written block by block, so that both
    may be memory-mapped files larger than memory.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`, or a one-hot array if
        `ohe_axis` is given.
    k
        Length of a word, at least 1.
    alphabet
        Gives letters and order.
    canonical
        Whether a word and its reverse complement are counted together.
    case
        ``"fold"``: lower case counts as upper case; ``"strict"``: lower case is unknown.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.
    dtype
        Type of whole numbers that the longest sequence's counts fit in; that of `out` by default, or
        int64 without one.
    out
        Array to write into, of the result's shape and type. It is also returned.

    Returns
    -------
    array of shape (..., words), int64 unless told; `kmer_names` names the columns

    Raises
    ------
    TypeError
        If `dtype` is no type of whole numbers.
    ValueError
        If `k` is less than 1 or so long that the table would have more than 4 million columns,
        `canonical` is asked of an alphabet whose letters do not pair, or counts do not fit `dtype`.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.count_kmers(["ACGT", "AAN"], 1, sp.DNA).tolist()
    [[1, 1, 1, 1], [2, 0, 0, 0]]
    >>> sp.count_kmers("ACGT", 1, sp.DNA).tolist()
    [1, 1, 1, 1]
    """
    k = _check_dense(k, alphabet)
    rank = (
        _canonical_columns(k, alphabet)[0]
        if flag(canonical, "canonical")
        else np.empty(0, np.int32)
    )
    coding = coding_of(k, alphabet, case=case)
    rows = rows_of(seqs, alphabet=alphabet, ohe_axis=ohe_axis)
    words = int(rank.max()) + 1 if canonical else len(alphabet) ** k
    result = rows.output(out, (*rows.shape, words), _count_type(dtype, out, rows.longest() - k + 1))
    counts = as_rows(np.asarray(result))
    count = _kernels.counts.count_kmers

    def work(first: int, block: Block) -> None:
        part = counts[first : first + block.sizes.size]
        part[...] = 0
        count(*block, *coding, rank, part)

    rows.run(work, positions=_BLOCK)
    put_back(counts, result)
    return result


def count_kmers_sparse(
    seqs: Any,
    k: int,
    alphabet: Alphabet,
    *,
    canonical: bool = False,
    case: Case = "fold",
    ohe_axis: int | None = None,
) -> KmerCounts:
    """Count the k-mers that each sequence has, for k-mers too long for a table of all words.

    K-mers with a letter outside the alphabet are not counted. A k-mer's code is its place among all
    words of `k` letters in the alphabet's order, from 0; `kmer_words` spells it.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`, or a one-hot array if
        `ohe_axis` is given. More axes than one are counted through in order.
    k
        Length of a word, at least 1; ``letters ** k`` must be below ``2 ** 63``: 31 letters of DNA, 14
        of proteins.
    alphabet
        Gives letters and order.
    canonical
        Whether a word and its reverse complement are counted together, as the first of them in order.
    case
        ``"fold"``: lower case counts as upper case; ``"strict"``: lower case is unknown.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    `KmerCounts`: offsets int64, shape (n + 1,); kmers uint64 and counts int64, shape (total,)

    Raises
    ------
    ValueError
        If `k` does not fit, or `canonical` is asked of an alphabet whose letters do not pair.

    Notes
    -----
    Memory: 16 bytes for each k-mer of the result; 8 more for each repeat in a row, unless there are
    fewer words than k-mers in the row, and a million words at most.

    ``scipy.sparse.csr_array((counts, kmers.astype("int64"), offsets), shape=(n, 4**k))`` makes a matrix
    with the columns of `count_kmers`, where these are not canonical.

    Examples
    --------
    >>> import seqpro as sp
    >>> counted = sp.kmers.count_kmers_sparse(["ACACA", "GGN"], 2, sp.DNA)
    >>> counted.offsets.tolist(), counted.counts.tolist()
    ([0, 2, 3], [2, 2, 1])
    >>> sp.kmers.kmer_words(counted.kmers, 2, sp.DNA).tolist()
    ['AC', 'CA', 'GG']
    """
    k = check_length(k, alphabet)
    coding = coding_of(k, alphabet, case=case, canonical=canonical)
    rows = rows_of(seqs, alphabet=alphabet, ohe_axis=ohe_axis)
    return row_counts(rows, coding)


def kmer_totals(
    seqs: Any,
    k: int,
    alphabet: Alphabet,
    *,
    canonical: bool = False,
    case: Case = "fold",
    ohe_axis: int | None = None,
) -> KmerTotals:
    """Count the k-mers of all sequences together, such as those of a genome.

    K-mers with a letter outside the alphabet are not counted, and none reaches from one sequence into
    the next. Sequences are read block by block, several times, and may be a memory-mapped file larger
    than memory. For short k-mers `count_kmers` of one long sequence is faster.

    Parameters
    ----------
    seqs, k, alphabet, canonical, case, ohe_axis
        As for `count_kmers_sparse`.

    Returns
    -------
    `KmerTotals`: kmers uint64 and counts int64, shape (total,)

    Raises
    ------
    ValueError
        If `k` does not fit, or `canonical` is asked of an alphabet whose letters do not pair.

    Notes
    -----
    K-mers are counted in up to 64 portions of the alphabet's order, each of which is sorted in memory:
    16 bytes for each k-mer of the result, and for each thread 32 MB, or a quarter of a byte for each
    position where that is more.

    Examples
    --------
    >>> import seqpro as sp
    >>> totals = sp.kmers.kmer_totals(["ACG", "TACG"], 3, sp.DNA)
    >>> dict(zip(sp.kmers.kmer_words(totals.kmers, 3, sp.DNA).tolist(), totals.counts.tolist()))
    {'ACG': 2, 'TAC': 1}
    """
    k = check_length(k, alphabet)
    coding = coding_of(k, alphabet, case=case, canonical=canonical)
    rows = rows_of(seqs, alphabet=alphabet, ohe_axis=ohe_axis)
    bounds, expected = _portions(rows, coding)
    totals = KmerTotals(np.empty(0, np.uint64), np.empty(0, np.int64))
    for start in range(0, expected.size, thread_count()):
        numbers = range(start, min(start + thread_count(), expected.size))
        _add_portions(totals, rows, coding, bounds, expected, numbers)
    return totals


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
    columns, named = _canonical_columns(k, alphabet)
    return columns.astype(np.int64), named


def coding_of(
    k: int,
    alphabet: Alphabet,
    *,
    case: Case = "fold",
    canonical: bool = False,
    argument: str = "canonical",
) -> Coding:
    """Give what kernels need to know of k-mers; `argument` is the name of `canonical` in errors.

    Examples
    --------
    >>> import seqpro as sp
    >>> coding_of(3, sp.DNA, canonical=True)[1:]
    (4, 3, array([3, 2, 1, 0], dtype=uint64))
    """
    table = require_alphabet(alphabet).index_table(case)
    complement = _complement(alphabet, argument) if flag(canonical, argument) else np.empty(0)
    return Coding(table, len(alphabet), int(k), complement.astype(np.uint64))


def row_counts(rows: Rows, coding: Coding) -> KmerCounts:
    """Count the k-mers that each row has, as `count_kmers_sparse` gives them."""
    begins = _room(rows.sizes, coding)
    kmers, counts = np.empty(begins[-1], np.uint64), np.empty(begins[-1], np.int64)
    found = np.empty(len(rows), np.int64)
    count = _kernels.counts.distinct_kmers

    def work(first: int, block: Block) -> None:
        last = first + block.sizes.size
        count(*block, *coding, begins[first : last + 1], kmers, counts, found[first:last])

    rows.run(work, positions=_BLOCK)
    total = _kernels.counts.pack_rows(begins, found, kmers, counts)
    for array in (kmers, counts):
        array.resize(total, refcheck=False)  # gives back the room of what repeats
    np.cumsum(found, out=begins[1:])
    return KmerCounts(begins, kmers, counts)


def block_counts(block: Block, coding: Coding) -> tuple[NDArray[Any], ...]:
    """Count the k-mers of a block's rows: ``begins``, ``found`` and ``counts`` as kernels take them."""
    begins = _room(block.sizes, coding)
    kmers, counts = np.empty(begins[-1], np.uint64), np.empty(begins[-1], np.int64)
    found = np.empty(block.sizes.size, np.int64)
    _kernels.counts.distinct_kmers(*block, *coding, begins, kmers, counts, found)
    return begins, found, counts


def _check_dense(k: int, alphabet: Alphabet) -> int:
    require_alphabet(alphabet)
    if not isinstance(k, int | np.integer) or not 1 <= k < 64 or len(alphabet) ** int(k) > _MOST:
        msg = (
            f"k must be a whole number, at least 1, and give at most {_MOST} words; "
            f"found k={shown(k)} of {len(alphabet)} letters"
        )
        raise ValueError(msg)
    return int(k)


def check_length(k: int, alphabet: Alphabet) -> int:
    """Give the length of words; refuse one whose words have no codes."""
    require_alphabet(alphabet)
    if not isinstance(k, int | np.integer) or not 1 <= k < 64 or len(alphabet) ** int(k) >= 2**63:
        msg = (
            "k must be a whole number, at least 1, and give fewer than 2**63 words; "
            f"found k={shown(k)} of {len(alphabet)} letters"
        )
        raise ValueError(msg)
    return int(k)


def _count_type(dtype: DTypeLike | None, out: NDArray[Any] | None, most: int) -> np.dtype[Any]:
    """Type of counts, which must hold `most`."""
    default = out.dtype if isinstance(out, np.ndarray) else np.int64
    chosen = number_type(default if dtype is None else dtype, "dtype")
    if chosen.kind not in "iu" or not chosen.isnative:
        msg = f"dtype must be a type of whole numbers such as int32; found {chosen}"
        raise TypeError(msg)
    if np.iinfo(chosen).max < most:
        msg = (
            f"dtype must hold counts up to {most}, the k-mers of the longest sequence; found {chosen}, "
            f"which ends at {np.iinfo(chosen).max}"
        )
        raise ValueError(msg)
    return chosen


def _complement(alphabet: Alphabet, argument: str = "canonical") -> NDArray[np.intp]:
    """Column of each letter's complement; refuse an alphabet whose strands cannot be joined."""
    if not alphabet.has_complement:
        msg = f"{argument} must be False for alphabet {alphabet.name!r}, which has no complement"
        raise ValueError(msg)
    columns = alphabet.complement_columns()
    if (columns[columns] != np.arange(len(alphabet))).any():
        msg = (
            f"{argument} must be False for alphabet {alphabet.name!r}, whose pairs go one way only"
        )
        raise ValueError(msg)
    return columns


def _canonical_columns(k: int, alphabet: Alphabet) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    complement = _complement(alphabet).astype(np.int32)
    partner = np.zeros(1, np.int32)
    for _ in range(k):  # the first letter's complement is the partner's last
        partner = (partner * np.int32(len(alphabet)) + complement[:, None]).reshape(-1)
    codes = np.arange(partner.size, dtype=np.int32)
    named = codes <= partner
    column = np.cumsum(named, dtype=np.int32)
    column -= 1
    return column[np.minimum(codes, partner, out=partner)], named


def _room(sizes: NDArray[np.int64], coding: Coding) -> NDArray[np.int64]:
    """Where the k-mers of each row begin, shape (n + 1,): a place for each, or for each word."""
    begins = np.zeros(sizes.size + 1, np.int64)
    np.maximum(sizes - coding.k + 1, 0, out=begins[1:])
    words = coding.width**coding.k
    if words <= _TALLY:
        np.minimum(begins, words, out=begins)
    return np.cumsum(begins, out=begins)


def _portions(rows: Rows, coding: Coding) -> tuple[list[int], NDArray[np.int64]]:
    """Cut all codes into ranges with about as many k-mers: bounds, and the k-mers in each."""
    total = int(np.maximum(rows.sizes - coding.k + 1, 0).sum())
    words = coding.width**coding.k
    portion = max(_PORTION, total // _PORTIONS)
    if total <= portion:
        return [0, words], np.array([total])
    divisor = 1
    while words // divisor > _PREFIXES:
        divisor *= coding.width
    spread = np.zeros(words // divisor, np.int64)
    lock = Lock()

    def work(_: int, block: Block) -> None:
        counts = np.zeros_like(spread)
        _kernels.counts.count_prefixes(*block, *coding, np.uint64(divisor), counts)
        with lock:
            np.add(spread, counts, out=spread)

    rows.run(work, positions=16 * BLOCK)
    before = np.concatenate([[0], np.cumsum(spread)])
    cuts = [0]
    while cuts[-1] < spread.size:
        cut = int(np.searchsorted(before, before[cuts[-1]] + portion, side="right")) - 1
        cuts.append(max(cut, cuts[-1] + 1))
    return [cut * divisor for cut in cuts], np.diff(before[cuts])


def _add_portions(
    totals: KmerTotals,
    rows: Rows,
    coding: Coding,
    bounds: list[int],
    expected: NDArray[np.int64],
    numbers: range,
) -> None:
    """Count the k-mers of the next ranges of codes, several at a time, and add them in place."""
    parts: dict[int, KmerTotals] = {}

    def work(start: int, stop: int) -> None:
        for i in numbers[start:stop]:
            low, high = np.uint64(bounds[i]), np.uint64(bounds[i + 1])
            kmers = np.empty(expected[i], np.uint64)
            found = 0
            for _, block in rows.blocks():
                take = _kernels.counts.codes_between
                found += take(*block, *coding, low, high, kmers[found:])
            counts = np.empty(found, np.int64)
            n = _kernels.counts.sort_and_count(kmers[:found], counts, coding.width, coding.k)
            parts[i] = KmerTotals(kmers[:n], counts[:n])

    run_blocks(work, len(numbers), block=1)
    for i in numbers:
        for array, more in zip(totals, parts[i], strict=True):
            array.resize(array.size + more.size, refcheck=False)
            array[array.size - more.size :] = more
