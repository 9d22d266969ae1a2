"""One-hot columns: how letters stand in an array of numbers, and how blocks of them are made and read."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray

from seqpro import _kernels
from seqpro.alphabet import AA, DNA, UNKNOWN, Alphabet, Case, require_alphabet
from seqpro.checks import kernel_type, number_type, shown, whole_number

Unknown = Literal["zero", "uniform", "error"] | float

UNIFORM = 254
"""Byte that stands for a column of equal shares where one-hot arrays are read as letters."""

NOTHING = 253
"""Byte that stands for an all-zero column where the unknown letter has a column of its own."""

_PRINTABLE = 94  # ASCII characters that are neither control characters nor blank
_FEW_LINES, _FEW_PAGES = 300, 10_000  # bytes between letters at which one after the other is faster
_WORDS = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64, 16: np.complex128}


class Columns:
    """The letters of an alphabet as one-hot columns on one axis of an array.

    Parameters
    ----------
    alphabet
        Gives the order of the columns.
    axis
        -1 for arrays (..., length, letters), -2 for (..., letters, length).
    dtype
        Number type of the arrays.
    case, unknown
        As for `seqpro.ohe`.
    uniform
        Whether the byte `UNIFORM` is a column of equal shares, as where columns are read and written
        back, or a letter like any other.

    Raises
    ------
    TypeError
        If `dtype` holds no real numbers.
    ValueError
        If `dtype` cannot hold what `unknown` asks for.

    Examples
    --------
    >>> from seqpro import DNA
    >>> columns = Columns(DNA, axis=-1, dtype="uint8")
    >>> out = np.empty((1, 2, 4), np.uint8)
    >>> columns.encode(np.array([[65, 84]], np.uint8), out)
    >>> out.tolist()
    [[[1, 0, 0, 0], [0, 0, 0, 1]]]
    """

    def __init__(
        self,
        alphabet: Alphabet,
        *,
        axis: int,
        dtype: DTypeLike,
        case: Case = "fold",
        unknown: Unknown = "zero",
        uniform: bool = False,
    ) -> None:
        self.alphabet = require_alphabet(alphabet)
        self.axis = axis
        self.dtype = number_type(dtype, "dtype")
        if self.dtype.kind not in "biuf":
            msg = f"a one-hot array must hold real numbers; found {self.dtype}"
            raise TypeError(msg)
        self.width = len(alphabet)
        self._kernel_dtype = kernel_type(self.dtype)
        self._table = _table(alphabet, case, unknown, self.dtype)
        self._uniform = uniform and self.dtype.kind == "f"
        if self._uniform:
            self._table[UNIFORM] = 1 / self.width
        plain = isinstance(unknown, str) and unknown in ("zero", "error")
        self._compare = letters_and_folds(alphabet, case) if plain else None

    def shape(self, lead: tuple[int, ...], length: int) -> tuple[int, ...]:
        """Give the shape of the array for sequences of shape (*lead, length)."""
        return (*lead, length, self.width) if self.axis == -1 else (*lead, self.width, length)

    def encode(self, codes: NDArray[np.uint8], out: NDArray[Any]) -> None:
        """Write codes of shape (n, length) into `out`, whose shape is ``shape((n,), length)``."""
        word = _WORDS.get(self.dtype.itemsize * self.width)
        if not out.flags.c_contiguous or not codes.size:
            np.moveaxis(out, self.axis, -1)[...] = self._table[codes]
        elif self.axis == -1 and word is not None:
            words: NDArray[Any] = self._table.view(word).reshape(-1)
            _kernels.onehot.gather(codes.reshape(-1), words, out.reshape(-1).view(word))
        elif self.axis == -2 and self._compare and self._kernel_dtype == self.dtype:
            self._compare_letters(codes, out)
            if self._uniform:
                np.moveaxis(out, -2, -1)[codes == UNIFORM] = self._table[UNIFORM]
        else:
            np.moveaxis(out, self.axis, -1)[...] = self._table[codes]

    def _compare_letters(self, codes: NDArray[np.uint8], out: NDArray[Any]) -> None:
        letters, masks = self._compare  # type: ignore[misc]
        by_words = codes.shape[-1] % 8 == 0 and self.dtype.itemsize == 1
        if by_words and not (codes.ctypes.data | out.ctypes.data) % 8:
            wide = np.uint64
            _kernels.onehot.encode_first_words(codes.view(wide), letters, masks, out.view(wide))
        else:
            _kernels.onehot.encode_first(codes, letters, masks, out)

    def decode(self, onehot: NDArray[Any], out: NDArray[np.uint8], unknown: int) -> None:
        """Write the letters of an array of shape ``shape((n,), length)``; `unknown` if not one-hot."""
        numbers = np.ascontiguousarray(onehot, self._kernel_dtype)
        letters, other = self.alphabet.codes, np.uint8(unknown)
        if self.axis == -2:
            stride = numbers.shape[-1] * numbers.itemsize
            together = self.width == 4 and not _FEW_LINES <= stride <= _FEW_PAGES
            kernels = _kernels.onehot
            decode = kernels.decode_four_first if together else kernels.decode_first
            decode(numbers, letters, other, out)
        elif self.width == 4 and numbers.dtype.itemsize == 1:
            words = numbers.reshape(-1).view(np.uint32)
            _kernels.onehot.decode_words(words, letters, other, out.reshape(-1))
        else:
            flat = numbers.reshape(-1, self.width)
            _kernels.onehot.decode_last(flat, letters, other, out.reshape(-1))

    def decode_strictly(self, onehot: NDArray[Any], first: int, argument: str) -> NDArray[np.uint8]:
        """Decode; all-zero columns are the unknown letter, uniform ones `UNIFORM`; refuse any other."""
        codes = np.empty((len(onehot), onehot.shape[-3 - self.axis]), np.uint8)
        self.decode(onehot, codes, 0)
        if codes.size and not codes.min():
            rows, places = np.divmod(np.flatnonzero(codes == 0), codes.shape[1])
            columns = np.moveaxis(onehot, self.axis, -1)[rows, places]  # (columns, letters)
            zero = (columns == 0).all(axis=1)
            uniform = (np.abs(columns - 1 / self.width) < 1e-3).all(axis=1)
            if not (zero | uniform).all():
                at = int((zero | uniform).argmin())
                msg = (
                    f"{argument} must hold columns that are one-hot, all zero or uniform; found "
                    f"{np.array2string(columns[at], precision=3)} at position "
                    f"[{first + int(rows[at])}, {int(places[at])}]. "
                    "seqpro.decode_ohe turns such columns into the unknown letter"
                )
                raise ValueError(msg)
            unknown = self.alphabet.unknown
            nothing = NOTHING if unknown in self.alphabet.letters else ord(unknown)
            codes[rows, places] = np.where(zero, nothing, UNIFORM)
        return codes


def anonymous_letters(width: int) -> Alphabet:
    """Give an alphabet for columns whose letters do not matter: a familiar one of that size, or any."""
    familiar = {len(alphabet): alphabet for alphabet in (DNA, AA)}
    if width in familiar:
        return familiar[width]
    if not 1 <= width <= _PRINTABLE:
        msg = f"a one-hot array must have 1 to {_PRINTABLE} letters; found {width}"
        raise ValueError(msg)
    return Alphabet("any letters", bytes(range(33, 33 + width)).decode("ascii"), unknown=" ")


def last_axes(ohe_axis: int, ndim: int) -> int:
    """Count an axis from the end."""
    axis = whole_number(ohe_axis, "ohe_axis")
    return axis - ndim if 0 <= axis < ndim else axis


def letters_axis(array: NDArray[Any], alphabet: Alphabet, ohe_axis: int, argument: str) -> int:
    """Give the axis of letters as -1 or -2; refuse an array that has no such axis of that size."""
    axis = last_axes(ohe_axis, array.ndim)
    if axis not in (-1, -2) or array.ndim < 2:
        msg = (
            f"{argument} must have its letters on one of the last two axes; found ohe_axis={ohe_axis} "
            f"and shape {array.shape}. numpy.moveaxis brings them there"
        )
        raise ValueError(msg)
    if array.shape[axis] != len(alphabet):
        other = -3 - axis
        hint = f". Did you mean ohe_axis={other}?" if array.shape[other] == len(alphabet) else ""
        msg = (
            f"{argument} must have {len(alphabet)} letters ({alphabet.name}) on axis {ohe_axis}; "
            f"found shape {array.shape}{hint}"
        )
        raise ValueError(msg)
    return axis


def _table(alphabet: Alphabet, case: Case, unknown: Unknown, dtype: np.dtype[Any]) -> NDArray[Any]:
    """One-hot column of every byte, shape (256, letters)."""
    width = len(alphabet)
    named = {"zero": 0.0, "error": 0.0, "uniform": 1 / width}
    number = isinstance(unknown, int | float | np.integer | np.floating)
    if not number and not (isinstance(unknown, str) and unknown in named):
        msg = f"unknown must be 'zero', 'uniform', 'error' or a number; found {shown(unknown)}"
        raise ValueError(msg)
    fill = named[unknown] if isinstance(unknown, str) else float(unknown)
    if dtype.kind == "f" and float(np.finfo(dtype).max) < abs(fill) < np.inf:
        msg = f"unknown={unknown!r} is beyond what {dtype} can hold; pass a wider dtype"
        raise ValueError(msg)
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


def letters_and_folds(
    alphabet: Alphabet, case: Case
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Give each letter, and the bits of a byte to compare with it: 0xDF leaves out that of the case.

    Examples
    --------
    >>> letters, folds = letters_and_folds(DNA, "fold")
    >>> (np.frombuffer(b"gG", np.uint8) & folds[2] == letters[2]).tolist()
    [True, True]
    """
    columns = alphabet.index_table(case)
    letters = alphabet.codes
    twins = columns[np.char.lower(letters.view("S1")).view(np.uint8)]
    folds = (twins == np.arange(len(alphabet))) & (columns[letters & 0xDF] == twins)
    folds &= np.char.isalpha(letters.view("S1"))
    mask = np.where(folds, 0xDF, 0xFF).astype(np.uint8)
    return letters & mask, mask
