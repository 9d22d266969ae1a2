"""Which sequences are relatives: groups for splits that do not leak."""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqpro import _kernels
from seqpro.alphabet import DNA, RNA, Alphabet, Case, require_alphabet
from seqpro.checks import real_number, whole_number
from seqpro.containers import Block, Rows, rows_of
from seqpro.kmers import Coding, check_length, coding_of, row_counts
from seqpro.parallel import run_blocks
from seqpro.ragged import Ragged
from seqpro.sample import RandomState, draw_seed

_DESIGN_LETTERS = 12  # shortest stretch that can be recognised as part of the design
_PARTS = 64  # most parts that stretches are compared in
_PORTION = 1 << 20  # stretches that are compared at a time
_MISSED = 9e-4  # chance that a pair that is just similar enough shares no band
_REJECTED = 1e-4  # chance that its sketches agree in too few hash functions
_BLOCK = 1 << 12  # rows a thread takes at a time


def shared_sequence_groups(
    seqs: Any,
    *,
    shared: int = 32,
    ignore_common: float | None = None,
    alphabet: Alphabet = DNA,
    both_strands: bool = True,
    ohe_axis: int | None = None,
) -> NDArray[np.int64]:
    """Group sequences that share an identical stretch, directly or through others.

    Two sequences that have `shared` letters in a row in common are in one group, and so is whatever
    shares a stretch with either. Exact: stretches are compared whole, not by a sketch. Sequences
    shorter than `shared` are in no group but their own.

    A constant part of a library's design (an adapter, a plasmid's flank) makes relatives of all its
    sequences. `ignore_common` takes such parts out of the comparison.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`, or a one-hot array if
        `ohe_axis` is given.
    shared
        Letters in a row that make two sequences relatives, 1 to 32.
    ignore_common
        Leave out every stretch of 12 letters or more that more than this share of the sequences have,
        such as 0.5. Not for libraries of variants of one sequence, whose members really are relatives.
        None leaves nothing out.
    alphabet
        `DNA` or `RNA`. Stretches with any other letter (N) relate nothing.
    both_strands
        Whether a stretch and its reverse complement count as the same.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    int64 array, shape (...): the number of the first row of each row's group

    Raises
    ------
    ValueError
        If `shared` is outside 1 to 32, `ignore_common` outside 0 to 1, or the alphabet is another.

    Notes
    -----
    Stretches are compared by a part of all at a time, of up to 64. Memory: for each thread 32 MB at
    most, or 1 byte for each position of more than 64 million, and 8 bytes for each sequence; with
    `ignore_common`, 1 byte for each position more.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.shared_sequence_groups(["AACCGGTA", "TTTTTTTT", "GGTACCCC"], shared=4).tolist()
    [0, 1, 0]
    """
    shared = whole_number(shared, "shared", low=1, high=32)
    if ignore_common is not None:
        ignore_common = real_number(ignore_common, "ignore_common", low=0, high=1)
    if require_alphabet(alphabet) not in (DNA, RNA):
        msg = f"alphabet must be DNA or RNA; found {alphabet.name!r}"
        raise ValueError(msg)
    rows = rows_of(seqs, alphabet=alphabet, ohe_axis=ohe_axis)
    shape = rows.shape
    if ignore_common is not None:
        rows = _without_common(rows, ignore_common, alphabet)
    coding = coding_of(shared, alphabet, canonical=both_strands, argument="both_strands")
    return _holder_groups(rows, coding).reshape(shape)


def near_duplicate_groups(
    seqs: Any,
    *,
    similarity: float = 0.5,
    k: int = 12,
    sketch: int = 128,
    alphabet: Alphabet = DNA,
    both_strands: bool = True,
    case: Case = "fold",
    ohe_axis: int | None = None,
    rng: RandomState = 0,
) -> NDArray[np.int64]:
    """Group sequences that have most of their k-mers in common, directly or through others.

    Two sequences are near duplicates where the k-mers of both are at least the share `similarity` of
    the k-mers of either (the Jaccard index of the sets). Sketches find pairs to compare, and each is
    compared exactly: what is in one group belongs there, and a pair is missed rarely (see Notes).
    Sequences without a k-mer are in no group but their own.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`, or a one-hot array if
        `ohe_axis` is given.
    similarity
        Smallest Jaccard index of near duplicates, above 0 to 1.
    k
        Letters of a k-mer, so many that ``letters ** k`` is far above the sequences' length and
        unrelated ones share few; fewer bear more mutations. Proteins need 5 or so.
    sketch
        Hash functions of a sketch. Smaller `similarity` needs more; time grows with them.
    alphabet
        Gives the letters. K-mers with any other letter (N) are left out.
    both_strands
        Whether a k-mer and its reverse complement count as the same; False for proteins.
    case
        ``"fold"``: lower case counts as upper case; ``"strict"``: lower case is unknown.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.
    rng
        Seed, generator or None (different each time). It decides which of the pairs near the limit are
        missed, if any.

    Returns
    -------
    int64 array, shape (...): the number of the first row of each row's group

    Raises
    ------
    ValueError
        If `similarity`, `k` or `sketch` do not fit, or `both_strands` is asked of an alphabet whose
        letters do not pair.

    Notes
    -----
    MinHash (Broder 1997): two sketches agree in a hash function with a chance of the Jaccard index.
    Pairs are looked at whose sketches agree in all functions of at least one of b bands of r functions
    (Leskovec, Rajaraman and Ullman 2014, chapter 3): a pair of index J is overlooked with a chance of
    ``(1 - J**r)**b``, and r is the largest for which that is at most 0.0009 at ``J = similarity``. Those
    that agree in far fewer functions than so similar ones (chance 0.0001, Hoeffding 1963) are passed
    over. So a pair just similar enough is missed with a chance below 0.001; pairs more alike are missed
    more rarely, and a missed pair may still be joined through others.

    Where letters mutate independently at a rate d, the index is about ``1 / (2 * exp(k * d) - 1)``
    (Ondov et al. 2016): with ``k=12``, 0.5 stands for 3% of the letters, 0.2 for 9%.

    Memory: 16 bytes for each position and 4 for each hash function of each sequence. Time grows with
    the square of the number of sequences that share a band without being near duplicates, such as those
    of a design with a long constant part: cut it off, or use a larger sketch.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.similarity.near_duplicate_groups(["AACCGGTACG", "TTTTTTTTTT", "ACCGGTACGT"], k=4).tolist()
    [0, 1, 0]
    """
    bands, width = _bands(similarity, sketch)
    k = check_length(k, alphabet)
    coding = coding_of(k, alphabet, case=case, canonical=both_strands, argument="both_strands")
    sequences = rows_of(seqs, alphabet=alphabet, ohe_axis=ohe_axis)
    offsets, kmers = row_counts(sequences, coding)[:2]
    rows = np.flatnonzero(np.diff(offsets))
    begins, found = offsets[rows], np.diff(offsets)[rows]
    least, whole = _sketches(begins, found, kmers, bands * width, draw_seed(rng))
    parent = np.arange(len(sequences))

    def join(
        keys: NDArray[np.uint64], among: NDArray[np.int64], agreed: float, limit: float
    ) -> None:
        order = among[np.argsort(keys[among])]
        _kernels.counts.join_alike(
            keys, order, rows, begins, found, kmers, least, agreed, limit, parent
        )

    join(whole, np.arange(rows.size), 0.0, 1.0)
    different = np.flatnonzero(parent[rows] == rows)  # of equal sets only the first is compared on
    agreed = _agreed(similarity, bands * width)
    for band in range(bands):
        _kernels.counts.band_keys(least, band * width, (band + 1) * width, whole)
        join(whole, different, agreed, float(similarity))
    _kernels.counts.flatten(parent)
    return parent.reshape(sequences.shape)


def _holder_groups(rows: Rows, coding: Coding) -> NDArray[np.int64]:
    """Group rows that have a k-mer in common, by a part of all k-mers at a time."""
    total = int(np.maximum(rows.sizes - coding.k + 1, 0).sum())
    parts = 1
    while parts < _PARTS and total > parts * _PORTION:
        parts *= 2
    places = 2
    while places < 2 * -(-total // parts):
        places *= 2
    parent = np.arange(len(rows))
    lock = Lock()

    def work(start: int, stop: int) -> None:
        groups = np.arange(len(rows))
        slots = np.empty(places, np.uint64)
        holders = np.empty(places, np.int64)
        for part in range(start, stop):
            holders[:] = -1
            for first, block in rows.blocks():
                _kernels.counts.join_holders(
                    *block, *coding, first, part, parts, slots, holders, groups
                )
        with lock:
            _kernels.counts.join_groups(parent, groups)

    run_blocks(work, parts, block=1)
    _kernels.counts.flatten(parent)
    return parent


def _without_common(rows: Rows, share: float, alphabet: Alphabet) -> Rows:
    """Put N where a 12-mer stands that more than `share` of the rows have."""
    coding = coding_of(_DESIGN_LETTERS, alphabet)
    common = np.zeros(4**_DESIGN_LETTERS, np.bool_)

    def find(start: int, stop: int) -> None:
        last = np.zeros(stop - start, np.int64)
        holders = np.zeros(stop - start, np.int64)
        for first, block in rows.blocks():
            _kernels.counts.count_holders(*block, *coding, first, np.uint64(start), last, holders)
        np.greater(holders, share * len(rows), out=common[start:stop])

    run_blocks(find, common.size, block=_PORTION // 8)
    sizes = np.ascontiguousarray(rows.sizes)
    ends = np.cumsum(sizes)
    values = np.empty(int(sizes.sum()), np.uint8)

    def hide(first: int, block: Block) -> None:
        last = first + block.sizes.size
        part = values[ends[first] - sizes[first] : ends[last - 1]]
        letter = np.uint8(ord("N"))
        _kernels.counts.hide_kmers(*block, coding.table, coding.k, common, letter, part)

    rows.run(hide)
    return rows_of(Ragged(values.view("S1"), ends - sizes, sizes))


def _bands(similarity: float, sketch: int) -> tuple[int, int]:
    """Give the number of bands and the hash functions in each."""
    if real_number(similarity, "similarity", low=0, high=1) == 0:
        msg = f"similarity must be above 0, at most 1; found {similarity}"
        raise ValueError(msg)
    sketch = whole_number(sketch, "sketch", low=1, high=1 << 16)
    for width in range(sketch, 0, -1):
        bands = sketch // width
        if (1 - similarity**width) ** bands <= _MISSED:
            return bands, width
    least = int(np.ceil(np.log(_MISSED) / np.log1p(-similarity)))
    msg = f"sketch must be at least {least} for similarity={similarity}; found {sketch}"
    raise ValueError(msg)


def _agreed(similarity: float, functions: int) -> float:
    """Give the least number of hash functions that sketches of similar sequences agree in."""
    return functions * similarity - float(np.sqrt(-np.log(_REJECTED) * functions / 2))


def _sketches(
    begins: NDArray[np.int64],
    found: NDArray[np.int64],
    kmers: NDArray[np.uint64],
    functions: int,
    seed: np.uint64,
) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
    """Sketch of each row, shape (rows, functions), and a key of its whole set of k-mers."""
    drawn = np.random.default_rng(seed).integers(2**32, size=(2, functions), dtype=np.uint32)
    factors, shifts = drawn[0] | np.uint32(1), drawn[1]
    least, whole = np.empty((found.size, functions), np.uint32), np.empty(found.size, np.uint64)

    def work(a: int, b: int) -> None:
        part = begins[a:b], found[a:b], kmers
        _kernels.counts.sketch(*part, seed, factors, shifts, least[a:b], whole[a:b])

    run_blocks(work, found.size, block=_BLOCK)
    return least, whole
