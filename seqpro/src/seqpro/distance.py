"""Distances between sequences: Hamming and edit distance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqpro import _kernels
from seqpro.alphabet import UNKNOWN, Alphabet, Case, require_alphabet
from seqpro.checks import choice, flag
from seqpro.containers import PAD, Block, Rows, rows_of

Outside = Literal["mismatch", "letter"]

_BLOCK = 1 << 14  # positions a thread takes at a time


def hamming_distance(
    seqs: Any,
    others: Any,
    alphabet: Alphabet,
    *,
    all_pairs: bool = False,
    case: Case = "fold",
    unknown: Outside = "mismatch",
    ohe_axis: int | None = None,
) -> NDArray[np.int64]:
    """Count the positions where sequences of one length differ.

    Zero bytes, which pad text arrays, match each other and nothing else.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`, or a one-hot array if
        `ohe_axis` is given.
    others
        As many sequences as `seqs`, to compare row by row, or one sequence, to compare with all; any
        number with `all_pairs`. Either argument may be the one sequence.
    alphabet
        Gives the letters.
    all_pairs
        Whether to compare each of `seqs` with each of `others`, rather than row by row.
    case
        ``"fold"``: lower case is the same letter as upper case; ``"strict"``: lower case is unknown.
    unknown
        What letters outside the alphabet (N) are: ``"mismatch"``, different from every letter and from
        each other; ``"letter"``, letters like any other, so that N matches N.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters. Holds for both arguments.

    Returns
    -------
    int64 array, shape (...), that of the sequences; (..., ...), that of both, with `all_pairs`

    Raises
    ------
    ValueError
        If two sequences to compare are of unequal length, or the numbers of sequences do not fit.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.distance.hamming_distance(["ACGT", "AANN"], ["ACCT", "aANC"], sp.DNA).tolist()
    [1, 2]
    >>> sp.distance.hamming_distance(["AC", "GT"], ["AC", "AT", "GT"], sp.DNA, all_pairs=True).tolist()
    [[0, 1, 2], [2, 1, 0]]
    """
    flag(all_pairs, "all_pairs")
    pair = _pair(seqs, others, alphabet, all_pairs, case, unknown, ohe_axis)
    _check_lengths(pair)
    kernels = _kernels.distance
    return _distances(pair, kernels.hamming_all if pair.matrix else kernels.hamming_pairs)


def edit_distance(
    seqs: Any,
    others: Any,
    alphabet: Alphabet,
    *,
    all_pairs: bool = False,
    case: Case = "fold",
    unknown: Outside = "mismatch",
    ohe_axis: int | None = None,
) -> NDArray[np.int64]:
    """Count the letters to insert, delete or replace to turn one sequence into another (Levenshtein).

    Sequences may be of any lengths. Zero bytes at their ends, which pad text arrays, are no letters.

    Parameters
    ----------
    seqs, others, alphabet, all_pairs, case, unknown, ohe_axis
        As for `hamming_distance`, but for the lengths. With ``unknown="letter"`` any bytes can be
        compared.

    Returns
    -------
    int64 array, shape (...), that of the sequences; (..., ...), that of both, with `all_pairs`

    Raises
    ------
    ValueError
        If the numbers of sequences do not fit.

    Notes
    -----
    Exact, 64 letters of one sequence at a time (Myers 1999, with the words of Hyyrö 2003); time grows
    with the product of the lengths.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.distance.edit_distance(["ACGT", "ACGTT"], ["CGTA", ""], sp.DNA).tolist()
    [2, 5]
    >>> sp.distance.edit_distance("kitten", "sitting", sp.AA, unknown="letter").tolist()
    3
    """
    flag(all_pairs, "all_pairs")
    pair = _pair(seqs, others, alphabet, all_pairs, case, unknown, ohe_axis)
    kernels = _kernels.distance
    return _distances(pair, kernels.edit_all if pair.matrix else kernels.edit_pairs)


class _Pair(NamedTuple):
    """Two sets of sequences to compare, and the class of each byte in either: equal ones match."""

    first: Rows
    second: Rows
    table: NDArray[np.uint8]
    other_table: NDArray[np.uint8]
    matrix: bool  # whether all are compared with all, not row by row
    shape: tuple[int, ...]


def _pair(
    seqs: Any,
    others: Any,
    alphabet: Alphabet,
    all_pairs: bool,
    case: Case,
    unknown: Outside,
    ohe_axis: int | None,
) -> _Pair:
    tables = _tables(require_alphabet(alphabet), case, unknown)
    first = rows_of(seqs, alphabet=alphabet, ohe_axis=ohe_axis)
    second = rows_of(others, alphabet=alphabet, ohe_axis=ohe_axis, argument="others")
    if all_pairs:
        return _Pair(first, second, *tables, True, (*first.shape, *second.shape))
    if first.shape == () != second.shape:
        first, second = second, first
    if second.shape not in ((), first.shape):
        msg = (
            f"others must be as many sequences as seqs, {first.shape}, or one; found {second.shape}. "
            "all_pairs=True compares each with each"
        )
        raise ValueError(msg)
    return _Pair(first, second, *tables, second.shape == (), first.shape)


def _tables(
    alphabet: Alphabet, case: Case, unknown: Outside
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Class of each byte on either side; letters outside never match where they are no letters."""
    choice(unknown, "unknown", ("mismatch", "letter"))
    columns = alphabet.index_table(case)
    known = columns != UNKNOWN
    table = np.arange(256, dtype=np.uint8)
    table[known] = alphabet.codes[columns[known]]
    if unknown == "letter":
        if case == "fold":
            lower = ~known & (table >= ord("a")) & (table <= ord("z"))
            table[lower] -= ord("a") - ord("A")
        return table, table
    known[PAD] = True
    return np.where(known, table, np.uint8(254)), np.where(known, table, np.uint8(255))


def _check_lengths(pair: _Pair) -> None:
    first, second = pair.first, pair.second
    if not (len(first) and len(second)):
        return
    sizes, other_sizes = first.sizes, second.sizes
    if pair.matrix:
        sizes = np.array([sizes.min(), sizes.max()])
        other_sizes = np.array([other_sizes.max(), other_sizes.min()])
    unequal = sizes != other_sizes
    if unequal.any():
        at = int(unequal.argmax())
        place = "" if pair.matrix else f" in pair {at}"
        msg = (
            "seqs and others must be of one length to be compared position by position; found lengths "
            f"{sizes[at]} and {other_sizes[at]}{place}. edit_distance takes any lengths"
        )
        raise ValueError(msg)


def _distances(pair: _Pair, measure: Callable[..., None]) -> NDArray[np.int64]:
    """Fill the result block by block with a kernel for pairs of rows, or for all pairs."""
    first, second = pair.first, pair.second
    result = np.empty((len(first), len(second)) if pair.matrix else len(first), np.int64)

    def work(start: int, block: Block) -> None:
        part = result[start : start + block.sizes.size]
        if not pair.matrix:
            other = second.block(start, start + len(part))
            measure(*block, pair.table, *other, pair.other_table, part)
            return
        for at, other in second.blocks():
            out = part[:, at : at + other.sizes.size]
            measure(*block, pair.table, *other, pair.other_table, out)

    first.run(work, positions=_BLOCK)
    return result.reshape(pair.shape)
