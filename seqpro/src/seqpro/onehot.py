"""One-hot encoding and back."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray

from seqpro import _kernels
from seqpro.alphabet import UNKNOWN, Alphabet, Case
from seqpro.containers import as_codes, as_rows
from seqpro.parallel import run_blocks

Unknown = Literal["zero", "uniform", "error"] | float

_BLOCK = 1 << 18  # positions a thread takes at a time
_WORDS = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64, 16: np.complex128}


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
        Sequences of shape (..., length), in any container of `as_codes`. In a list of strings of
        unequal length the shorter ones end in columns of unknown letters.
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
    codes = as_codes(seqs, unequal="pad")
    if ohe_axis not in (-1, -2):
        msg = (
            f"ohe_axis must be -1 (letters last) or -2 (letters before positions); found {ohe_axis}"
        )
        raise ValueError(msg)
    if unknown == "error":
        _refuse_unknown(codes, alphabet, case)
    width = len(alphabet)
    shape = (*codes.shape, width) if ohe_axis == -1 else (*codes.shape[:-1], width, codes.shape[-1])
    out = _output(out, shape, np.dtype(dtype))
    compiled = _kernel_dtype(out.dtype) == out.dtype
    table = _letter_table(alphabet, case, unknown, out.dtype)
    if ohe_axis == -1 and out.flags.c_contiguous:
        _encode_last(codes, table, out)
    elif out.flags.c_contiguous and unknown in ("zero", "error") and compiled and codes.size:
        _encode_first(codes, alphabet, case, out)
    else:
        letters_last = np.moveaxis(out, ohe_axis, -1)
        letters_last[...] = table[codes]
    return out


def decode_ohe(
    onehot: NDArray[Any],
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
        Axis of the letters: -1 or -2.
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
    onehot = np.asarray(onehot)
    if ohe_axis not in (-1, -2) or onehot.ndim < 2:
        msg = f"onehot must have letters on axis -1 or -2; found ohe_axis={ohe_axis} and shape {onehot.shape}"
        raise ValueError(msg)
    if onehot.shape[ohe_axis] != len(alphabet):
        other = -3 - ohe_axis
        hint = f". Did you mean ohe_axis={other}?" if onehot.shape[other] == len(alphabet) else ""
        msg = (
            f"onehot must have {len(alphabet)} letters ({alphabet.name}) on axis {ohe_axis}; "
            f"found shape {onehot.shape}{hint}"
        )
        raise ValueError(msg)
    letter = alphabet.unknown if unknown_char is None else unknown_char
    if len(letter) != 1 or not letter.isascii():
        msg = f"unknown_char must be one ASCII letter; found {letter!r}"
        raise ValueError(msg)
    numbers = onehot.astype(_kernel_dtype(onehot.dtype), copy=False)
    letters_first = np.moveaxis(numbers, ohe_axis, -2)
    shape = (*letters_first.shape[:-2], letters_first.shape[-1])
    rows = as_rows(letters_first, ndim=3)
    out = np.empty((rows.shape[0], rows.shape[2]), np.uint8)
    decode = _kernels.onehot.decode
    run_blocks(
        lambda start, stop: decode(rows[start:stop], alphabet.codes, ord(letter), out[start:stop]),
        rows.shape[0],
        block=max(1, _BLOCK // max(1, rows.shape[2])),
    )
    return out.reshape(shape).view("S1")


def _output(out: NDArray[Any] | None, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    if out is None:
        return np.empty(shape, dtype)
    if out.shape != shape or out.dtype != dtype:
        msg = f"out must have shape {shape} and dtype {dtype}; found {out.shape} and {out.dtype}"
        raise ValueError(msg)
    return out


def _kernel_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Give the number type that kernels take in place of `dtype`, which may be theirs or not."""
    if dtype.kind not in "biuf":
        msg = f"a one-hot array must hold real numbers; found {dtype}"
        raise TypeError(msg)
    if dtype.kind == "f":
        return np.dtype(np.float32 if dtype.itemsize <= 4 else np.float64)
    return dtype.newbyteorder("=")


def _refuse_unknown(codes: NDArray[np.uint8], alphabet: Alphabet, case: Case) -> None:
    bad = alphabet.index_table(case)[codes] == UNKNOWN
    if bad.any():
        where = np.unravel_index(int(bad.argmax()), bad.shape)
        place = ", ".join(map(str, where))
        letter = chr(int(codes[where]))
        what = "nothing (a shorter sequence)" if letter == "\0" else repr(letter)
        msg = (
            f"seqs must hold letters of {alphabet.name} ({alphabet.letters}) only; found {what} "
            f"at position [{place}], {int(bad.sum())} such in all. "
            "Pass unknown='zero' to give them all-zero columns"
        )
        raise ValueError(msg)


def _letter_table(
    alphabet: Alphabet, case: Case, unknown: Unknown, dtype: np.dtype[Any]
) -> NDArray[Any]:
    """One-hot column of every byte, shape (256, letters)."""
    width = len(alphabet)
    named = {"zero": 0.0, "error": 0.0, "uniform": 1 / width}
    if isinstance(unknown, str) and unknown not in named:
        msg = f"unknown must be 'zero', 'uniform', 'error' or a number; found {unknown!r}"
        raise ValueError(msg)
    fill = named[unknown] if isinstance(unknown, str) else float(unknown)
    if dtype.kind in "iub":
        low, high = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
        if not (low <= fill <= high and fill.is_integer()):
            msg = (
                f"unknown={unknown!r} fills columns with {fill:g}, which {dtype} cannot hold; "
                "pass a float dtype"
            )
            raise ValueError(msg)
    table = np.full((256, width), fill, dtype)
    columns = alphabet.index_table(case)
    known = columns != UNKNOWN
    table[known] = np.eye(width, dtype=dtype)[columns[known]]
    return table


def _encode_last(codes: NDArray[np.uint8], table: NDArray[Any], out: NDArray[Any]) -> None:
    word = _WORDS.get(table.itemsize * table.shape[1])
    flat = codes.reshape(-1)
    if word is None or not flat.size:
        out[...] = table[codes]
        return
    words: NDArray[Any] = table.view(word).reshape(-1)
    target: NDArray[Any] = out.reshape(-1).view(word)
    gather = _kernels.onehot.gather
    run_blocks(
        lambda start, stop: gather(flat[start:stop], words, target[start:stop]),
        flat.size,
        block=_BLOCK,
    )


def _encode_first(
    codes: NDArray[np.uint8], alphabet: Alphabet, case: Case, out: NDArray[Any]
) -> None:
    columns = alphabet.index_table(case)
    letters = alphabet.codes
    # 0xDF drops the bit that tells a letter's case, where both cases stand for the same column
    twins = columns[np.char.lower(letters.view("S1")).view(np.uint8)]
    folds = (twins == np.arange(len(alphabet))) & (columns[letters & 0xDF] == twins)
    folds &= np.char.isalpha(letters.view("S1"))
    mask = np.where(folds, 0xDF, 0xFF).astype(np.uint8)
    rows = codes.reshape(-1, codes.shape[-1])
    target = out.reshape(-1, *out.shape[-2:])
    encode = _kernels.onehot.encode_first
    run_blocks(
        lambda start, stop: encode(rows[start:stop], letters, mask, target[start:stop]),
        rows.shape[0],
        block=max(1, _BLOCK // rows.shape[1]),
    )
