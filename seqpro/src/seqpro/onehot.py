"""One-hot encoding and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from seqpro.alphabet import UNKNOWN, Alphabet, Case, require_alphabet, require_letter
from seqpro.checks import as_array
from seqpro.columns import Columns, Unknown, last_axes, letters_axis
from seqpro.containers import BLOCK, as_rows, put_back, rows_of
from seqpro.parallel import run_blocks


def ohe(
    seqs: Any,
    alphabet: Alphabet,
    *,
    ohe_axis: int = -1,
    dtype: DTypeLike = np.uint8,
    case: Case = "fold",
    unknown: Unknown = "zero",
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """One-hot encode sequences.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`. Of sequences of unequal
        length the shorter ones end in columns of unknown letters.
    alphabet
        Gives the order of the columns.
    ohe_axis
        Where the letters go in the result: -1 for (..., length, letters), -2 for
        (..., letters, length), the order that networks take.
    dtype
        Number type of the result.
    case
        ``"fold"``: lower case counts as upper case; ``"strict"``: lower case is unknown.
    unknown
        Columns of a letter outside the alphabet: ``"zero"`` all zero, ``"uniform"`` one over the
        number of letters, ``"error"`` to refuse, or a number for every entry.
    out
        Array to write into, of the result's shape and dtype. It is also what is returned.

    Returns
    -------
    array of `dtype`, shape (..., length, letters) or (..., letters, length)

    Raises
    ------
    ValueError
        If a letter is unknown under ``unknown="error"``, if `dtype` cannot hold `unknown`, or if an
        argument does not fit.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.ohe("ANa", sp.DNA).tolist()
    [[1, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]]
    >>> sp.ohe(["AC", "GT"], sp.DNA, ohe_axis=-2).shape
    (2, 4, 2)
    """
    rows = rows_of(seqs)
    ndim = len(rows.shape) + 2
    axis = last_axes(ohe_axis, ndim)
    if axis not in (-1, -2):
        msg = (
            f"ohe_axis must be -1 (letters last) or -2 (letters before positions); found {ohe_axis}"
        )
        raise ValueError(msg)
    columns = Columns(alphabet, axis=axis, dtype=dtype, case=case, unknown=unknown)
    length = rows.longest()
    result = rows.output(out, columns.shape(rows.shape, length), columns.dtype)
    filled = as_rows(result, ndim=3)
    refuses = isinstance(unknown, str) and unknown == "error"

    def encode(first: int, codes: NDArray[np.uint8]) -> None:
        if refuses:
            _refuse_unknown(codes, first, alphabet, case)
        columns.encode(codes, filled[first : first + len(codes)])

    rows.run_dense(encode)
    put_back(filled, result)
    return result


def decode_ohe(
    onehot: Any,
    alphabet: Alphabet,
    *,
    ohe_axis: int = -1,
    unknown_char: str | None = None,
) -> NDArray[np.bytes_]:
    """Turn one-hot columns back into letters.

    A column with one entry equal to 1 and the rest 0 is that letter. Every other column (all zero,
    uniform, several ones) is `unknown_char`.

    Parameters
    ----------
    onehot
        Any number type, shape (..., length, letters) or (..., letters, length).
    alphabet
        The order of the columns.
    ohe_axis
        Axis of the letters: one of the last two.
    unknown_char
        Letter for columns that are not one-hot; the alphabet's own (N, or X for proteins) by default.

    Returns
    -------
    ``S1`` array, shape (..., length)

    Raises
    ------
    TypeError
        If `onehot` holds no real numbers.
    ValueError
        If the axis of letters does not have the alphabet's size, or `unknown_char` is not one letter.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.decode_ohe(sp.ohe("ACNT", sp.DNA), sp.DNA).tobytes()
    b'ACNT'
    """
    onehot = as_array(onehot, "onehot")
    axis = letters_axis(onehot, require_alphabet(alphabet), ohe_axis, "onehot")
    columns = Columns(alphabet, axis=axis, dtype=onehot.dtype)
    unknown = require_letter(
        alphabet.unknown if unknown_char is None else unknown_char, "unknown_char"
    )
    rows = as_rows(onehot, ndim=3)
    length = onehot.shape[-3 - axis]
    out = np.empty((len(rows), length), np.uint8)

    run_blocks(
        lambda a, b: columns.decode(rows[a:b], out[a:b], unknown),
        len(rows),
        block=max(1, BLOCK // max(1, length)),
    )
    return out.reshape(*onehot.shape[:-2], length).view("S1")


def _refuse_unknown(codes: NDArray[np.uint8], first: int, alphabet: Alphabet, case: Case) -> None:
    bad = alphabet.index_table(case)[codes] == UNKNOWN
    if bad.any():
        row, place = map(int, np.argwhere(bad)[0])
        letter = chr(int(codes[row, place]))
        what = "nothing (a shorter sequence)" if letter == "\0" else repr(letter)
        msg = (
            f"seqs must hold letters of {alphabet.name} ({alphabet.letters}) only; found {what} "
            f"at position {place} of sequence {first + row}. "
            "Pass unknown='zero' to give them all-zero columns"
        )
        raise ValueError(msg)
