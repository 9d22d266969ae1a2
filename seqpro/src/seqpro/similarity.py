"""Which sequences share a stretch: groups for splits that do not leak."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqpro import _kernels
from seqpro.alphabet import DNA, RNA, Alphabet
from seqpro.containers import as_ragged
from seqpro.ragged import Ragged

_DESIGN_LETTERS = 12  # shortest stretch that can be recognised as part of the design


def shared_sequence_groups(
    seqs: Any,
    *,
    shared: int = 32,
    ignore_common: float | None = None,
    alphabet: Alphabet = DNA,
    both_strands: bool = True,
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
        A list of strings, an array of text, an array of letters (n, length), or a `Ragged`.
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

    Returns
    -------
    int64 array, shape (n,): the number of the first row of each row's group

    Raises
    ------
    ValueError
        If `shared` is outside 1 to 32, `ignore_common` outside 0 to 1, or the alphabet is another.

    Notes
    -----
    Memory: 32 bytes for each position of the input, 60 with `ignore_common`.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.shared_sequence_groups(["AACCGGTA", "TTTTTTTT", "GGTACCCC"], shared=4).tolist()
    [0, 1, 0]
    """
    if not isinstance(shared, int | np.integer) or not 1 <= shared <= 32:
        msg = f"shared must be a whole number of letters, 1 to 32; found {shared!r}"
        raise ValueError(msg)
    if ignore_common is not None and not 0 <= ignore_common <= 1:
        msg = f"ignore_common must be a share between 0 and 1, or None; found {ignore_common!r}"
        raise ValueError(msg)
    if alphabet not in (DNA, RNA):
        msg = f"alphabet must be DNA or RNA; found {alphabet.name!r}"
        raise ValueError(msg)
    rows = as_ragged(seqs)
    if ignore_common is not None:
        rows = _without_common(rows.packed(), ignore_common, alphabet)
    codes, owner, _ = _kmers(rows, shared, alphabet, both_strands)
    parent = np.arange(len(rows))
    _kernels.counts.join_equal(codes, owner, np.argsort(codes), parent)
    return parent


def _kmers(
    rows: Ragged, k: int, alphabet: Alphabet, both_strands: bool
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    """Code, row and place of every k-mer."""
    room = int(np.maximum(rows.sizes - k + 1, 0).sum())
    codes, owner, places = (
        np.empty(room, np.uint64),
        np.empty(room, np.int64),
        np.empty(room, np.int64),
    )
    found = _kernels.counts.kmer_places(
        rows.values,
        rows.starts,
        rows.sizes,
        alphabet.index_table(),
        k,
        both_strands,
        codes,
        owner,
        places,
    )
    return codes[:found], owner[:found], places[:found]


def _without_common(rows: Ragged, share: float, alphabet: Alphabet) -> Ragged:
    """Put N where a 12-mer stands that more than `share` of the rows have."""
    codes, owner, places = _kmers(rows, _DESIGN_LETTERS, alphabet, False)
    order = np.lexsort((owner, codes))
    codes, owner, places = codes[order], owner[order], places[order]
    first_of_code = np.ones(codes.size, bool)
    first_of_code[1:] = codes[1:] != codes[:-1]
    first_of_row = first_of_code.copy()
    first_of_row[1:] |= owner[1:] != owner[:-1]
    group = np.cumsum(first_of_code) - 1
    rows_with = np.bincount(group, weights=first_of_row) if codes.size else np.empty(0)
    common = places[rows_with[group] > share * len(rows)]
    values = rows.values.copy()
    for offset in range(_DESIGN_LETTERS):
        values[common + offset] = ord("N")
    return Ragged(values, rows.starts, rows.sizes)
