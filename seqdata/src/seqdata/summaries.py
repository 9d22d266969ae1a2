"""What letters and tracks amount to, summed block by block so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqdata.leakage import sequence_keys
from seqpro import Ragged, gc_content

SEED = 0
"""Seed of every sample of rows."""


@dataclass(frozen=True)
class LetterSummary:
    """What n sequences are made of.

    Parameters
    ----------
    letters
        Number of each byte in all sequences, shape (256,).
    sizes
        Letters of each sequence, shape (n,).
    gc
        Share of G and C among each sequence's A, C, G, T and U, shape (n,); NaN without any.
    unknown
        Number of N in each sequence, shape (n,).
    keys
        Number that equal sequences share, shape (n,).
    strand_keys
        Number that equal sequences and reverse complements share, shape (n,).
    """

    letters: NDArray[np.int64]
    sizes: NDArray[np.int64]
    gc: NDArray[np.float64]
    unknown: NDArray[np.int64]
    keys: NDArray[np.uint64]
    strand_keys: NDArray[np.uint64]

    @property
    def has_letters(self) -> NDArray[np.bool_]:
        """Mark the sequences that are more than N, shape (n,)."""
        return self.unknown < self.sizes


@dataclass(frozen=True)
class TrackSummary:
    """What the values of each sample amount to; every array has shape (samples,).

    Parameters
    ----------
    count
        Number of values.
    missing
        Number of NaN.
    negative
        Number of values below 0.
    fractional
        Number of values that are no whole numbers.
    total
        Sum of the values, without NaN.
    smallest, largest
        Extremes of the values, without NaN; inf and -inf where there is none.
    """

    count: NDArray[np.int64]
    missing: NDArray[np.int64]
    negative: NDArray[np.int64]
    fractional: NDArray[np.int64]
    total: NDArray[np.float64]
    smallest: NDArray[np.float64]
    largest: NDArray[np.float64]


def summarise_letters(
    blocks: Iterable[tuple[NDArray[np.intp], Ragged]], n: int, *, is_nucleic: bool
) -> LetterSummary:
    """Sum up sequences that come in blocks.

    Parameters
    ----------
    blocks
        Row numbers and ASCII codes of each block; together they are the rows 0 to n - 1.
    n
        Number of rows.
    is_nucleic
        Whether letters are DNA or RNA; proteins have no GC and no second strand.

    Examples
    --------
    >>> from seqpro import as_ragged
    >>> found = summarise_letters([(np.arange(2), as_ragged(["GCNN", "AT"]))], 2, is_nucleic=True)
    >>> found.gc.tolist(), found.unknown.tolist()
    ([1.0, 0.0], [2, 0])
    """
    letters = np.zeros(256, dtype=np.int64)
    sizes, unknown = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    gc = np.full(n, np.nan)
    keys, strand_keys = np.zeros(n, dtype=np.uint64), np.zeros(n, dtype=np.uint64)
    for rows, block in blocks:
        packed = block.packed()
        codes = packed.values.view(np.uint8)
        letters += np.bincount(codes, minlength=256)
        sizes[rows] = packed.sizes
        keys[rows] = sequence_keys(packed, both_strands=False)
        if is_nucleic:
            strand_keys[rows] = sequence_keys(packed, both_strands=True)
            gc[rows] = gc_content(packed, by="valid")
            unknown[rows] = _count_in_rows((codes | 0x20) == ord("n"), packed.sizes)
    return LetterSummary(letters, sizes, gc, unknown, keys, strand_keys if is_nucleic else keys)


def summarise_tracks(blocks: Iterable[NDArray[Any]], samples: int) -> TrackSummary:
    """Sum up track values that come in blocks of shape (samples, places).

    Examples
    --------
    >>> found = summarise_tracks([np.array([[1, np.nan]]), np.array([[-2.5]])], 1)
    >>> found.total.tolist(), found.missing.tolist(), found.negative.tolist(), found.fractional.tolist()
    ([-1.5], [1], [1], [1])
    """
    whole = np.zeros((4, samples), dtype=np.int64)
    total = np.zeros(samples)
    smallest, largest = np.full(samples, np.inf), np.full(samples, -np.inf)
    for block in blocks:
        values = block if block.dtype.kind == "f" else block.astype(np.float64)
        known = ~np.isnan(values)
        whole[0] += values.shape[1]
        whole[1] += values.shape[1] - known.sum(axis=1)
        whole[2] += (values < 0).sum(axis=1)
        whole[3] += (known & (values != np.floor(values))).sum(axis=1)
        total += np.sum(values, axis=1, dtype=np.float64, where=known)
        smallest = np.minimum(smallest, np.min(values, axis=1, where=known, initial=np.inf))
        largest = np.maximum(largest, np.max(values, axis=1, where=known, initial=-np.inf))
    count, missing, negative, fractional = whole
    return TrackSummary(count, missing, negative, fractional, total, smallest, largest)


def blocks_of(sizes: NDArray[np.int64], room: int) -> Iterator[slice]:
    """Cut rows into runs that together have at most `room` places, or are a single row.

    Examples
    --------
    >>> list(blocks_of(np.array([2, 2, 9, 1]), 4))
    [slice(0, 2, None), slice(2, 3, None), slice(3, 4, None)]
    """
    ends = np.cumsum(sizes)
    first = 0
    while first < len(sizes):
        used = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(ends, used + room, side="right")))
        yield slice(first, last)
        first = last


def sampled_rows(sizes: NDArray[np.int64], *, rows: int, places: int) -> NDArray[np.intp]:
    """Draw rows without replacement until there are `rows` of them or they have `places` places.

    At least one row is drawn; they come in ascending order, and the same ones each time.

    Examples
    --------
    >>> sampled_rows(np.array([3, 3, 3]), rows=2, places=100).size
    2
    """
    drawn = np.random.default_rng(SEED).permutation(len(sizes))[:rows]
    fitting = int(np.searchsorted(np.cumsum(sizes[drawn]), places, side="right"))
    return np.sort(drawn[: max(1, fitting)])


def _count_in_rows(marked: NDArray[np.bool_], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    rows = np.searchsorted(np.cumsum(sizes), np.flatnonzero(marked), side="right")
    return np.bincount(rows, minlength=len(sizes))
