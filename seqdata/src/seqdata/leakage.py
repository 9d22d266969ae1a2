"""Rows that are alike: equal letters, overlapping windows, and groups that two splits share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqpro import DNA, Ragged, hash_rows

COUNTED_SPLITS = ("train", "val", "test")
"""Splits that must not share anything; rows of any other are left out."""


def sequence_keys(sequences: Ragged, *, both_strands: bool) -> NDArray[np.uint64]:
    """Give a number for each sequence that equal sequences share, in either case.

    Parameters
    ----------
    sequences
        ASCII codes, n rows.
    both_strands
        Whether a nucleic acid and its reverse complement share a number; U counts as T then.

    Returns
    -------
    uint64 array, shape (n,)

    Examples
    --------
    >>> from seqpro import as_ragged
    >>> keys = sequence_keys(as_ragged(["AACG", "cgtt", "ACGT"]), both_strands=True)
    >>> keys[0] == keys[1], keys[0] == keys[2]
    (np.True_, np.False_)
    """
    rows = sequences.packed()
    folded = _folded(both_strands)[rows.values.view(np.uint8)]
    keys = hash_rows(Ragged.from_sizes(folded, rows.sizes))
    if not both_strands:
        return keys
    turned = Ragged.from_sizes(DNA.complement_table()[folded[::-1]], rows.sizes[::-1])
    return np.minimum(keys, hash_rows(turned)[::-1])


def repeated(keys: NDArray[Any]) -> NDArray[np.bool_]:
    """Mark the rows whose key another row before them has.

    Examples
    --------
    >>> repeated(np.array([5, 7, 5])).tolist()
    [False, False, True]
    """
    found = np.ones(len(keys), dtype=np.bool_)
    found[np.unique(keys, return_index=True)[1]] = False
    return found


def shared_between(keys: NDArray[Any], splits: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Mark the rows whose key a row of another split has, too.

    Parameters
    ----------
    keys
        Number of each row's group, shape (n,).
    splits
        Split of each row, shape (n,); rows outside train, val and test are left out.

    Returns
    -------
    bool array, shape (n,)

    Examples
    --------
    >>> splits = np.array(["train", "train", "test", "unused"], dtype=object)
    >>> shared_between(np.array([1, 2, 1, 2]), splits).tolist()
    [True, False, True, False]
    """
    codes = _codes(splits)
    groups = np.unique(keys, return_inverse=True)[1].ravel()
    pairs = np.unique(groups[codes >= 0] * len(COUNTED_SPLITS) + codes[codes >= 0])
    holders = np.bincount(pairs // len(COUNTED_SPLITS), minlength=len(groups))
    return (codes >= 0) & (holders[groups] > 1)


def overlapping_splits(
    contigs: NDArray[Any],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    splits: NDArray[np.object_],
) -> NDArray[np.bool_]:
    """Mark the rows whose window overlaps one of another split.

    Parameters
    ----------
    contigs, starts, ends
        Windows, 0-based and half-open, shape (n,); contigs by name or number.
    splits
        Split of each row, shape (n,); rows outside train, val and test are left out.

    Returns
    -------
    bool array, shape (n,)

    Examples
    --------
    >>> contigs, splits = np.array(["c"] * 3, object), np.array(["train", "test", "test"], object)
    >>> overlapping_splits(contigs, np.array([0, 4, 5]), np.array([5, 9, 9]), splits).tolist()
    [True, True, False]
    """
    codes = _codes(splits)
    found = np.zeros(len(codes), dtype=np.bool_)
    if not len(codes):
        return found
    lows, highs = on_one_line(contigs, starts, ends)
    for code in range(len(COUNTED_SPLITS)):
        own, other = np.flatnonzero(codes == code), (codes >= 0) & (codes != code)
        begun = np.searchsorted(np.sort(lows[other]), highs[own], side="left")
        ended = np.searchsorted(np.sort(highs[other]), lows[own], side="right")
        found[own] = begun > ended
    return found


def on_one_line(
    contigs: NDArray[Any], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lay contigs end to end, so that windows of different contigs never overlap.

    Examples
    --------
    >>> on_one_line(np.array(["a", "b"], object), np.array([0, 0]), np.array([5, 5]))
    (array([0, 6]), array([ 5, 11]))
    """
    import pandas as pd

    numbers = pd.factorize(contigs)[0]
    low = int(starts.min())
    step = int(ends.max()) - low + 1
    return starts - low + numbers * step, ends - low + numbers * step


def _codes(splits: NDArray[np.object_]) -> NDArray[np.intp]:
    codes = np.full(len(splits), -1, dtype=np.intp)
    for code, name in enumerate(COUNTED_SPLITS):
        codes[splits == name] = code
    return codes


def _folded(is_nucleic: bool) -> NDArray[np.uint8]:
    """Table of upper-case letters, with T for U where that is the same base."""
    table = np.arange(256, dtype=np.uint8)
    table[ord("a") : ord("z") + 1] = np.arange(ord("A"), ord("Z") + 1)
    if is_nucleic:
        table[[ord("U"), ord("u")]] = ord("T")
    return table
