"""Clean sequences: one alphabet, no white space, and none that are mostly unknown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqpro import _kernels
from seqpro.alphabet import UNKNOWN, Alphabet, Case, require_alphabet, require_letter
from seqpro.checks import real_number, shown
from seqpro.containers import PAD, Block, Rows, copy_block, rows_of
from seqpro.content import count_classes
from seqpro.ragged import Ragged

_BLANKS = b" \t\n\v\f\r"
_GAP = 4  # rows that are sooner read along than left out
_GAP_VIEWED = 1024  # the same, where reading copies nothing


def sanitize(
    seqs: Any,
    alphabet: Alphabet,
    *,
    remove: str = "-.",
    unknown_char: str | None = None,
    case: Case = "fold",
) -> Ragged:
    r"""Bring sequences to the letters of an alphabet: no white space or gaps, one case, N for the rest.

    Parameters
    ----------
    seqs
        Letters of any lengths in any container of `as_codes`.
    alphabet
        The letters that stay, in the alphabet's own case, even those that `remove` names. Others become
        the unknown letter: `transcribe` and `back_transcribe` change T and U first.
    remove
        Letters to leave out, besides white space, inner and outer, and zero bytes, which pad text
        arrays: the gaps of alignments by default. With ``""`` gaps become unknown letters.
    unknown_char
        Letter for those outside the alphabet; the alphabet's own (N, or X for proteins) by default.
    case
        ``"fold"``: lower case counts as upper case; ``"strict"``: lower case is unknown.

    Returns
    -------
    Ragged of n rows, one for each sequence in order: ``S1`` for text, uint8 for ASCII codes

    Raises
    ------
    TypeError, ValueError
        As `as_codes`, and if `remove` or `unknown_char` are no letters.

    Examples
    --------
    >>> import seqpro as sp
    >>> [row.tobytes() for row in sp.sanitize([" acg-t\n", "AC GR"], sp.DNA)]
    [b'ACGT', b'ACGN']
    """
    columns = require_alphabet(alphabet).index_table(case)
    if not isinstance(remove, str) or not remove.isascii():
        msg = f"remove must be ASCII letters; found {shown(remove)}"
        raise ValueError(msg)
    unknown = alphabet.unknown if unknown_char is None else unknown_char
    table = np.full(256, require_letter(unknown, "unknown_char"), np.int16)
    table[[PAD, *_BLANKS, *remove.encode("ascii")]] = -1
    known = columns != UNKNOWN
    table[known] = alphabet.codes[columns[known]]
    rows = rows_of(seqs)
    sizes = count_classes(rows, np.where(table < 0, UNKNOWN, 0), 1)[:, 0]
    keep = _kernels.modify.translate_kept
    return rows.map(lambda _, block, target: keep(*block, table, target), sizes=sizes)


def unknown_content(
    seqs: Any, alphabet: Alphabet, *, case: Case = "fold", ohe_axis: int | None = None
) -> NDArray[np.float64]:
    """Give the fraction of letters outside an alphabet in each sequence.

    Zero bytes, which pad text arrays, count as no letter.

    Parameters
    ----------
    seqs
        Sequences of any lengths in any container of `as_codes`, or a one-hot array if `ohe_axis` is
        given, in which all-zero and uniform columns are unknown.
    alphabet
        The known letters.
    case
        ``"fold"``: lower case counts as upper case; ``"strict"``: lower case is unknown.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    float64 array, shape (...): between 0 and 1; 0 for a sequence without letters

    Raises
    ------
    TypeError, ValueError
        As `as_codes`.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.unknown_content(["ACNN", "acg", "N", ""], sp.DNA).tolist()
    [0.5, 0.0, 1.0, 0.0]
    """
    rows = rows_of(seqs, alphabet=require_alphabet(alphabet), ohe_axis=ohe_axis)
    return _unknown(rows, alphabet, case).reshape(rows.shape)


def remove_N(  # noqa: N802 (the letter's name)
    seqs: Any,
    alphabet: Alphabet,
    *,
    most: float = 0.0,
    case: Case = "fold",
    ohe_axis: int | None = None,
) -> Any:
    """Leave out the sequences with letters outside an alphabet, such as N.

    ``unknown_content(seqs, alphabet) <= most`` tells which stay, where other arrays are to lose the
    same rows; a sequence of nothing but unknown letters goes whatever `most` is. An empty sequence has
    none and stays.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`, or a one-hot array if
        `ohe_axis` is given, in which all-zero and uniform columns are unknown.
    alphabet
        The known letters.
    most
        Largest fraction of unknown letters that a sequence may have, 0 to 1. 0 leaves out every
        sequence with an unknown letter, 1 those that hold no other letter.
    case
        ``"fold"``: lower case counts as upper case; ``"strict"``: lower case is unknown.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    new array of the sequences that stay, shape (n, length), other axes of sequences joined into one:
    ``S1`` for text, uint8 for ASCII codes, one-hot as it came; a `Ragged` for a `Ragged`

    Raises
    ------
    ValueError
        If `most` is not 0 to 1, or lengths differ and `seqs` is no `Ragged`.

    Examples
    --------
    >>> import seqpro as sp
    >>> seqs = ["ACGT", "ACNN", "NNNN"]
    >>> len(sp.remove_N(seqs, sp.DNA)), len(sp.remove_N(seqs, sp.DNA, most=0.5))
    (1, 2)
    """
    most = real_number(most, "most", low=0, high=1)
    rows = rows_of(seqs, alphabet=require_alphabet(alphabet), ohe_axis=ohe_axis)
    if not isinstance(seqs, Ragged):
        rows.one_length()
    unknown = _unknown(rows, alphabet, case)
    kept = np.flatnonzero((unknown <= most) & (unknown < 1))
    stay = replace(
        rows,
        shape=kept.shape,
        sizes=rows.sizes[kept],
        length=rows.length if kept.size else rows.length or 0,
        read=lambda start, stop: read_rows(rows, kept[start:stop]),
    )
    return stay.map(lambda _, block, target: copy_block(block, target))


def read_rows(rows: Rows, numbers: NDArray[np.int64]) -> Block:
    """Read rows by number, in any order and repeated or not; those between near ones are read along."""
    if not numbers.size:
        return rows.block(0, 0)
    distinct, places = np.unique(numbers, return_inverse=True)
    gap = _GAP_VIEWED if _is_viewed(rows) else _GAP
    stretches = np.split(distinct, np.flatnonzero(np.diff(distinct) > gap) + 1)
    blocks = [rows.block(int(part[0]), int(part[-1]) + 1) for part in stretches]
    chosen = [
        Block(block.values, block.starts[part - part[0]], block.sizes[part - part[0]])
        for block, part in zip(blocks, stretches, strict=True)
    ]
    if len(chosen) == 1:
        values, starts, sizes = chosen[0]
        return Block(values, starts[places], sizes[places])
    sizes = np.concatenate([block.sizes for block in chosen])
    values, begin = np.empty(int(sizes.sum()), np.uint8), 0
    for block in chosen:
        end = begin + int(block.sizes.sum())
        copy_block(block, values[begin:end])
        begin = end
    return Block(values, (np.cumsum(sizes) - sizes)[places], sizes[places])


def _is_viewed(rows: Rows) -> bool:
    """Whether reading rows copies no letters."""
    source = rows.source
    is_flat = isinstance(source, Ragged) or (
        isinstance(source, np.ndarray) and source.dtype == np.uint8 and source.flags.c_contiguous
    )
    return rows.columns is None and is_flat


def _unknown(rows: Rows, alphabet: Alphabet, case: Case) -> NDArray[np.float64]:
    """Give the fraction of unknown letters in each row, shape (n,)."""
    classes = (alphabet.index_table(case) == UNKNOWN).astype(np.uint8)
    classes[PAD] = UNKNOWN
    counts = count_classes(rows, classes, 2)
    letters = counts.sum(axis=1)
    fractions = np.zeros(len(rows))
    np.divide(counts[:, 1], letters, out=fractions, where=letters > 0)
    return fractions
