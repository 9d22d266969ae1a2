"""Patterns of letters in sequences: write over, insert, cut out, repeat."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqpro import _kernels
from seqpro.alphabet import DNA, Alphabet, require_alphabet
from seqpro.checks import as_array, size_of_axis, whole_number
from seqpro.columns import NOTHING, UNIFORM
from seqpro.containers import Block, Rows, rows_of, same_size
from seqpro.ragged import Ragged


def substitute(
    seqs: Any,
    pattern: Any,
    position: ArrayLike,
    *,
    alphabet: Alphabet = DNA,
    ohe_axis: int | None = None,
) -> Any:
    """Write a pattern over the letters of each sequence; lengths stay.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`, or a one-hot array if
        `ohe_axis` is given.
    pattern
        Letters, in any container: one pattern for all sequences, or one for each, of any lengths. They
        need not be of the alphabet; in a one-hot array such a letter is an all-zero column.
    position
        Where the pattern begins, 0-based: one number, or one for each sequence, shape (...).
    alphabet
        Names the columns of a one-hot array; letters need none.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    array of the input's shape: ``S1`` for text, uint8 for ASCII codes, one-hot as it came; a `Ragged`
    for a `Ragged`

    Raises
    ------
    ValueError
        If a pattern reaches outside its sequence, or if patterns or positions are neither one nor one
        for each sequence.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.substitute("AAAAAAAA", "GTC", 2).tobytes()
    b'AAGTCAAA'
    >>> [row.tobytes() for row in sp.substitute(["AAAA", "TTTT"], ["G", "CC"], [0, 2])]
    [b'GAAA', b'TTCC']
    """
    rows = rows_of(seqs, alphabet=require_alphabet(alphabet), ohe_axis=ohe_axis)
    patterns = _patterns(pattern, rows)
    return _splice(rows, position, patterns.sizes, patterns, None)


def insert(
    seqs: Any,
    pattern: Any,
    position: ArrayLike,
    *,
    alphabet: Alphabet = DNA,
    ohe_axis: int | None = None,
) -> Any:
    """Put a pattern between the letters of each sequence, which grows by the pattern's length.

    `pad_seqs` with ``length=`` cuts the results back to one length, from the end that ``truncate=``
    names; `delete` undoes an insertion.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`, or a one-hot array if
        `ohe_axis` is given.
    pattern
        Letters, in any container: one pattern for all sequences, or one for each; of one length unless
        `seqs` is a `Ragged`. They need not be of the alphabet; in a one-hot array such a letter is an
        all-zero column.
    position
        Letters that come before the pattern, from 0 to the sequence's length: one number, or one for
        each sequence, shape (...).
    alphabet
        Names the columns of a one-hot array; letters need none.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    array, shape (..., length + pattern length): ``S1`` for text, uint8 for ASCII codes, one-hot as it
    came; a `Ragged` for a `Ragged`

    Raises
    ------
    ValueError
        If a position lies outside its sequence, if patterns or positions are neither one nor one for
        each sequence, or if results differ in length and `seqs` is no `Ragged`.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.insert(["AAAA", "TTTT"], "gc", [0, 3]).tolist()
    [[b'g', b'c', b'A', b'A', b'A', b'A'], [b'T', b'T', b'T', b'g', b'c', b'T']]
    """
    rows = rows_of(seqs, alphabet=require_alphabet(alphabet), ohe_axis=ohe_axis)
    patterns = _patterns(pattern, rows)
    growth = patterns.sizes if patterns.length is None else np.asarray(patterns.length)
    sizes = _new_sizes(rows, growth, "pattern")
    return _splice(rows, position, same_size(0, len(rows)), patterns, sizes)


def delete(seqs: Any, position: ArrayLike, size: ArrayLike, *, ohe_axis: int | None = None) -> Any:
    """Cut a stretch out of each sequence, which becomes shorter by it.

    `pad_seqs` fills the results up to one length again.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`, or a one-hot array of any
        alphabet if `ohe_axis` is given.
    position
        Where the stretch begins, 0-based: one number, or one for each sequence, shape (...).
    size
        Letters of the stretch: one number, or one for each sequence, shape (...); all equal unless
        `seqs` is a `Ragged`.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    array, shape (..., length - size): ``S1`` for text, uint8 for ASCII codes, one-hot as it came; a
    `Ragged` for a `Ragged`

    Raises
    ------
    ValueError
        If a stretch reaches outside its sequence, if `size` is negative, or if results differ in length
        and `seqs` is no `Ragged`.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.delete("AAGTCAAA", 2, 3).tobytes()
    b'AAAAA'
    """
    rows = rows_of(seqs, ohe_axis=ohe_axis)
    removed = _numbers(size, rows, "size")
    if removed.size and removed.min() < 0:
        msg = f"size must not be negative; found {int(removed.min())}"
        raise ValueError(msg)
    growth = -removed if np.ndim(size) else -np.asarray(size, np.int64)
    sizes = _new_sizes(rows, growth, "size")
    return _splice(rows, position, removed, _patterns("", rows), sizes)


def tile(pattern: Any, length: int, *, ohe_axis: int | None = None) -> NDArray[Any]:
    """Repeat a pattern, end to end, until a length is full; the last copy may be cut.

    Parameters
    ----------
    pattern
        One pattern or many of any lengths, (..., pattern length), in any container of `as_codes`, or a
        one-hot array of any alphabet if `ohe_axis` is given.
    length
        Positions of the result.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    array, shape (..., length): ``S1`` for text, uint8 for ASCII codes, one-hot as it came

    Raises
    ------
    ValueError
        If `length` is negative, or a pattern is empty and `length` is not 0.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.tile("ACG", 8).tobytes()
    b'ACGACGAC'
    """
    rows = rows_of(pattern, ohe_axis=ohe_axis, argument="pattern")
    length = size_of_axis(length, "length")
    if length and len(rows) and not rows.sizes.all():
        msg = f"pattern must hold at least one letter; found none in row {int(rows.sizes.argmin())}"
        raise ValueError(msg)
    repeat = _kernels.modify.repeat
    return rows.map(lambda _, block, target: repeat(*block, length, target), sizes=int(length))


def _patterns(pattern: Any, rows: Rows) -> Rows:
    """Read the patterns as one for each row."""
    patterns = rows_of(pattern, argument="pattern")
    if patterns.shape == rows.shape:
        return patterns
    if patterns.shape != ():
        msg = (
            f"pattern must be one sequence or one for each of the {rows.shape} sequences; "
            f"found {patterns.shape}"
        )
        raise ValueError(msg)
    letters = patterns.block(0, 1).values

    def read(start: int, stop: int) -> Block:
        n = stop - start
        return Block(letters, np.zeros(n, np.int64), np.full(n, letters.size))

    sizes = same_size(letters.size, len(rows))
    return replace(patterns, shape=rows.shape, sizes=sizes, read=read)


def _numbers(numbers: ArrayLike, rows: Rows, argument: str) -> NDArray[np.int64]:
    """Give one whole number for each row."""
    array = as_array(numbers, argument)
    if array.size and array.dtype.kind not in "iu":
        msg = f"{argument} must be whole numbers; found {array.dtype}"
        raise TypeError(msg)
    if array.shape == ():
        return same_size(whole_number(array[()], argument), len(rows))
    if array.shape != rows.shape:
        msg = (
            f"{argument} must be one number or one for each of the {rows.shape} sequences; "
            f"found shape {array.shape}"
        )
        raise ValueError(msg)
    return array.reshape(-1).astype(np.int64, copy=False)


def _new_sizes(rows: Rows, growth: NDArray[np.int64], argument: str) -> int | NDArray[np.int64]:
    """Give the lengths of the new rows: one, unless they are to be a `Ragged`."""
    if isinstance(rows.source, Ragged):
        return np.maximum(rows.sizes + growth, 0)
    length = rows.one_length()
    if growth.size and growth.min() != growth.max():
        msg = (
            f"{argument} must be of one length for all sequences unless seqs is a Ragged; found "
            f"{abs(growth).min()} to {abs(growth).max()} letters. seqpro.as_ragged(seqs) takes any"
        )
        raise ValueError(msg)
    return max(0, length + int(growth.max())) if growth.size else length


def _splice(
    rows: Rows,
    position: ArrayLike,
    removed: NDArray[np.int64],
    patterns: Rows,
    sizes: int | NDArray[np.int64] | None,
) -> Any:
    """Put each row's pattern in place of the letters removed from its position on."""
    places = _numbers(position, rows, "position")
    splice = _kernels.modify.splice

    def work(first: int, block: Block, target: NDArray[np.uint8]) -> None:
        last = first + block.sizes.size
        begin, cut = places[first:last], removed[first:last]
        bad = (begin < 0) | (begin > block.sizes - cut)
        if bad.any():
            at = int(bad.argmax())
            msg = (
                f"position and the {cut[at]} letters from there on must lie within the sequence; found "
                f"position {begin[at]} in sequence {first + at} of {block.sizes[at]} letters"
            )
            raise ValueError(msg)
        inserted = patterns.block(first, last)
        if rows.columns is not None:
            # among one-hot columns this byte means a column, not a letter
            values = np.where(inserted.values == UNIFORM, NOTHING, inserted.values)
            inserted = inserted._replace(values=values)
        splice(*block, begin, cut, *inserted, target)

    return rows.map(work, sizes=sizes)
