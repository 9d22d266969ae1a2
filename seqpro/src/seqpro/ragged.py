"""Rows of unequal length over one flat array."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, overload

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import ArrayLike, NDArray

from seqpro import _kernels
from seqpro.checks import as_array, choice, shown, size_of_axis
from seqpro.parallel import run_blocks

Side = Literal["left", "right", "both"]

_ON_THE_LEFT = {"left": 2, "both": 1, "right": 0}  # halves of the spare places
_BLOCK = 1 << 20  # bytes, or values, that are dealt with at a time
_BLOCK_ROWS = 1 << 14
_SHOWN_ROWS, _SHOWN_LETTERS, _SHOWN_VALUES = 6, 60, 8


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Ragged(NDArrayOperatorsMixin):
    """Rows of unequal length, held as one flat array with a start and a size for each row.

    A row's start and size, rather than n + 1 offsets, keep any selection or order of rows valid
    over the same flat array; rows may overlap or leave gaps. They are checked, copied, and read-only.

    ``rows[i]`` is an array, a view of the values; ``rows[selection]``, by slice, numbers or mask, is a
    Ragged over the same values; ``rows[selection, a:b]`` cuts every row as Python cuts a list;
    ``rows[selection, 3]`` takes that position of every row, as an array of shape (n, ...).

    Arithmetic and comparisons, ``==`` among them, go value by value, as in numpy, and give a Ragged. The
    other operand is one number, a Ragged of the same sizes, or one number for each row, of shape (n,)
    or (n, 1). `equals` compares whole Raggeds.

    Parameters
    ----------
    values
        Flat values, shape (total, ...): letters (uint8 ASCII codes or ``S1``), one-hot columns
        (total, letters), one track or several. Copied only if they have gaps in memory.
    starts
        0-based position of each row's first value, shape (n,).
    sizes
        Number of values of each row, shape (n,).

    Raises
    ------
    TypeError
        If starts or sizes are not whole numbers, or values are Python objects.
    ValueError
        If shapes do not fit, or a row reaches outside `values`.

    Examples
    --------
    >>> rows = Ragged.from_bytes([b"ACG", b"T", b"GATTACA"])
    >>> rows
    Ragged of 3 rows, 1 to 7 letters (uint8)
      ACG
      T
      GATTACA
    >>> rows[2].tobytes(), rows[::-1].sizes.tolist(), rows[:, -3:].to_strings()
    (b'GATTACA', [7, 1, 3], ['ACG', 'T', 'ACA'])
    >>> (rows == ord("A")).sum().tolist()
    [1, 0, 3]
    """

    values: NDArray[Any]
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]

    def __init__(self, values: ArrayLike, starts: ArrayLike, sizes: ArrayLike) -> None:
        flat = _flat_values(values)
        first, count = _whole_numbers(starts, "starts"), _whole_numbers(sizes, "sizes")
        if first.size != count.size:
            msg = f"starts and sizes must be as many; found {first.size} starts and {count.size} sizes"
            raise ValueError(msg)
        _refuse_rows_outside(first, count, len(flat))
        self._fill_in(flat, first, count)

    def _fill_in(self, values: NDArray[Any], starts: NDArray[Any], sizes: NDArray[Any]) -> Ragged:
        """Take parts that are known to fit."""
        for name, part in (("values", values), ("starts", starts), ("sizes", sizes)):
            object.__setattr__(self, name, np.ascontiguousarray(part))
        self.starts.flags.writeable = self.sizes.flags.writeable = False
        return self

    def __getattr__(self, name: str) -> NoReturn:
        from seqpro.old_names import RAGGED, missing

        raise missing(name, "a Ragged", RAGGED)

    @classmethod
    def from_sizes(cls, values: ArrayLike, sizes: ArrayLike) -> Ragged:
        """Lay rows of the given sizes one after the other over `values`, which they must use up."""
        flat, count = _flat_values(values), _whole_numbers(sizes, "sizes")
        if count.size and count.min() < 0:
            row = int(count.argmin())
            msg = f"sizes must not be negative; found {count[row]} in row {row}"
            raise ValueError(msg)
        total = count.sum()
        if total != len(flat) or (count > total).any():  # the latter where the sum passes 64 bits
            found = sum(count.tolist())
            msg = f"sizes must add up to the number of values, {len(flat)}; found a sum of {found}"
            raise ValueError(msg)
        return _trusted(flat, _starts(count), count)

    @classmethod
    def from_offsets(cls, values: ArrayLike, offsets: ArrayLike) -> Ragged:
        """Make row i of ``values[offsets[i]:offsets[i + 1]]``; `offsets`, shape (n + 1,), do not fall."""
        flat, bounds = _flat_values(values), _whole_numbers(offsets, "offsets")
        if not bounds.size:
            msg = "offsets must be n + 1 numbers for n rows; found none"
            raise ValueError(msg)
        wrong = (bounds[1:] < bounds[:-1]) | (bounds[1:] > len(flat))
        if wrong.any() or not 0 <= bounds[0] <= len(flat):
            row = int(wrong.argmax()) if wrong.size else 0
            msg = (
                f"offsets must not fall, from 0 or more to {len(flat)} values or less; found "
                f"{' to '.join(map(str, bounds[row : row + 2]))} for row {row}"
            )
            raise ValueError(msg)
        return _trusted(flat, bounds[:-1], np.diff(bounds))

    @classmethod
    def from_bytes(cls, words: Sequence[bytes]) -> Ragged:
        """Make a Ragged of ASCII codes, one row for each of `words`; `to_bytes` is the way back."""
        if not isinstance(words, list | tuple) or not all(isinstance(w, bytes) for w in words):
            msg = (
                f"words must be a list of bytes; found {shown(words)}. seqpro.as_ragged takes text"
            )
            raise TypeError(msg)
        values = np.frombuffer(b"".join(words), np.uint8)
        return cls.from_sizes(values, np.fromiter(map(len, words), np.int64, len(words)))

    @classmethod
    def from_dense(cls, array: NDArray[Any]) -> Ragged:
        """View an `array` of shape (n, length, ...) as n rows of one size."""
        array = as_array(array, "array")
        if array.ndim < 2:
            msg = f"array must have shape (n, length, ...); found shape {array.shape}"
            raise ValueError(msg)
        n, length = array.shape[:2]
        flat = _flat_values(array.reshape(n * length, *array.shape[2:]))
        return _trusted(flat, np.arange(n, dtype=np.int64) * length, np.full(n, length, np.int64))

    @classmethod
    def from_padded(cls, array: NDArray[Any], fill: Any, *, side: Side = "right") -> Ragged:
        """View an array of shape (n, length, ...) without the fill at an end of its rows.

        The way back from `to_padded`, but for rows that end in the fill themselves.

        Parameters
        ----------
        array
            Padded rows.
        fill
            Value of positions that are no part of a row; may be NaN.
        side
            End that is filled; ``"both"`` for either.

        Examples
        --------
        >>> Ragged.from_padded(np.array([[0, 1, 0], [2, 0, 0]]), 0).tolist()
        [[0, 1], [2]]
        """
        _refuse_other_sides(side, "side")
        array = as_array(array, "array")
        dense = cls.from_dense(array)
        blank = _fitting(fill, dense.values, "fill")
        starts, sizes = dense.starts.copy(), dense.sizes.copy()
        for a, b in dense._blocks():
            part = array[a:b]
            kept = part != blank
            if (blank != blank).any():  # NaN differs from itself
                kept &= (part == part) | (blank == blank)
            kept = kept.any(axis=tuple(range(2, array.ndim)))
            left = 0 if side == "right" else _falses_before(kept)
            right = 0 if side == "left" else _falses_before(kept[:, ::-1])
            starts[a:b] += left
            sizes[a:b] -= np.minimum(left + right, array.shape[1])
        return _trusted(dense.values, starts, sizes)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the values."""
        return self.values.dtype

    @property
    def offsets(self) -> NDArray[np.int64]:
        """Bounds of rows that follow each other, shape (n + 1,): row i is ``values[o[i]:o[i + 1]]``.

        Other rows have none, which is a ValueError; those of ``packed()`` always do.
        """
        if not self._is_consecutive():
            msg = "offsets need rows that follow each other; found gaps or another order. Call packed()"
            raise ValueError(msg)
        first = self.starts[:1] if len(self) else np.zeros(1, np.int64)
        return np.concatenate([first, self.starts + self.sizes])

    def __len__(self) -> int:
        return self.sizes.size

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self.values[start:stop] for start, stop in self._bounds())

    def __bool__(self) -> NoReturn:
        msg = "a Ragged is neither true nor false as a whole; use len(), equals(), any() or all()"
        raise ValueError(msg)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        msg = (
            "a Ragged has rows of unequal length and is no array; to_padded(length, fill) makes one of "
            "shape (n, length), and .values are the flat values"
        )
        raise TypeError(msg)

    def __reduce__(self) -> tuple[type[Ragged], tuple[NDArray[Any], ...]]:
        """Let copies and pickles take along no values but those of the rows."""
        rows = self.packed() if self.sizes.sum() < len(self.values) else self
        return Ragged, (rows.values, rows.starts, rows.sizes)

    @overload
    def __getitem__(self, index: int | np.integer[Any]) -> NDArray[Any]: ...
    @overload
    def __getitem__(self, index: slice | NDArray[Any] | list[int] | list[bool]) -> Ragged: ...
    @overload
    def __getitem__(self, index: tuple[Any, ...]) -> Any: ...
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, tuple):
            return self._along_rows(index)
        rows = _row_index(index, len(self))
        starts, sizes = self.starts[rows], self.sizes[rows]
        if starts.ndim == 0:
            return self.values[starts : starts + sizes]
        return _trusted(self.values, starts, sizes)

    def _along_rows(self, index: tuple[Any, ...]) -> Any:
        """Select rows, then positions of each."""
        if len(index) != 2:
            msg = f"a Ragged takes rows and positions, as in rows[2:5, :10]; found {len(index)} indices"
            raise IndexError(msg)
        rows, positions = self[index[0]], index[1]
        if isinstance(positions, bool) or not isinstance(positions, slice | int | np.integer):
            msg = f"positions must be a slice or a whole number; found {type(positions).__name__}"
            raise TypeError(msg)
        if not isinstance(rows, Ragged):
            return rows[positions]
        return rows._cut(positions) if isinstance(positions, slice) else rows._pick(int(positions))

    def _cut(self, positions: slice) -> Ragged:
        """Cut each row as Python would."""
        if positions.step not in (None, 1):
            msg = f"positions of a Ragged must have step 1; found step {positions.step}"
            raise ValueError(msg)
        first = _within(0 if positions.start is None else positions.start, self)
        sizes = _within(len(self.values) if positions.stop is None else positions.stop, self)
        sizes -= first
        np.maximum(sizes, 0, out=sizes)
        first += self.starts
        return _trusted(self.values, first, sizes)

    def _pick(self, position: int) -> NDArray[Any]:
        """Take one position of each row, shape (n, ...)."""
        short = self.sizes < (position + 1 if position >= 0 else -position)
        if short.any():
            row = int(short.argmax())
            msg = f"every row must have position {position}; found {self.sizes[row]} values in row {row}"
            raise IndexError(msg)
        return self.values[self.starts + position + (0 if position >= 0 else self.sizes)]

    def __repr__(self) -> str:
        n = len(self)
        sizes = {int(self.sizes.min()), int(self.sizes.max())} if n else set()
        span = " to ".join(map(str, sorted(sizes))) or "no"
        behind = "".join(f" x {size}" for size in self.values.shape[1:])
        kind, lines = _shown(self[:_SHOWN_ROWS])
        dtype = str(self.dtype).lstrip("|")
        head = f"Ragged of {n} row{'s' * (n != 1)}, {span} {kind}{'s' * (span != '1')}{behind} ({dtype})"
        return "\n  ".join([head, *lines, *["..."] * (n > _SHOWN_ROWS)])

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Ragged:
        elementwise = method == "__call__" and ufunc.nout == 1 and ufunc.signature is None
        if not elementwise or {"out", "where"} & set(options):
            msg = (
                "a Ragged takes numpy functions that go value by value and give one new result, without out "
                f"and where; found {ufunc.__name__} ({method}). Reductions are methods, such as sum()"
            )
            raise TypeError(msg)
        operands = [_operand(given, self) for given in inputs]

        def block(a: int, b: int) -> list[Any]:
            return [_in_block(operand, a, b, self) for operand in operands]

        starts = _starts(self.sizes)
        dtype = ufunc(*block(0, 0), **options).dtype
        out = np.empty((int(self.sizes.sum()), *self.values.shape[1:]), dtype)
        for a, b in self._blocks():
            ufunc(*block(a, b), out=out[starts[a] : starts[b - 1] + self.sizes[b - 1]], **options)
        return _trusted(out, starts, self.sizes)

    def equals(self, other: Ragged) -> bool:
        """Whether `other` has the same rows of the same dtype, NaN being equal to NaN."""
        if not isinstance(other, Ragged) or _kind(self) != _kind(other):
            return False
        if not np.array_equal(self.sizes, other.sizes):
            return False
        nan = self.dtype.kind in "fc"
        for a, b in self._blocks():
            mine, others = self[a:b].packed().values, other[a:b].packed().values
            for i in range(0, len(mine), _BLOCK):
                if not np.array_equal(mine[i : i + _BLOCK], others[i : i + _BLOCK], equal_nan=nan):
                    return False
        return True

    def sum(self) -> NDArray[Any]:
        """Add up each row, shape (n, ...), in numpy's type for sums; 0 for a row without values."""
        return self._reduced(np.add, 0, np.add.reduce(self._numbers()[:0]).dtype)

    def mean(self) -> NDArray[Any]:
        """Average each row, shape (n, ...), in the values' float type or float64; NaN for no values."""
        kind = self._numbers().dtype
        total = self._reduced(np.add, 0, np.result_type(kind, np.float64))
        count = self.sizes.reshape(-1, *(1,) * (total.ndim - 1))
        mean = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
        return mean.astype(kind, copy=False) if kind.kind in "fc" else mean

    def min(self, *, initial: Any = None) -> NDArray[Any]:
        """Give each row's lowest value, or `initial`, which empty rows need, if lower; shape (n, ...)."""
        return self._extreme(np.minimum, initial)

    def max(self, *, initial: Any = None) -> NDArray[Any]:
        """Give each row's highest value, or `initial`, which empty rows need, if higher; shape (n, ...)."""
        return self._extreme(np.maximum, initial)

    def any(self) -> NDArray[np.bool_]:
        """Whether a value of each row is not 0, shape (n, ...); False for a row without values."""
        return self._reduced(np.logical_or, False, np.dtype(bool))

    def all(self) -> NDArray[np.bool_]:
        """Whether each row's values all differ from 0, shape (n, ...); True for a row without values."""
        return self._reduced(np.logical_and, True, np.dtype(bool))

    def _extreme(self, ufunc: np.ufunc, initial: Any) -> NDArray[Any]:
        values = self._numbers()
        if initial is not None:
            start = _fitting(initial, values, "initial")
            return ufunc(self._reduced(ufunc, start, values.dtype), start)
        if len(self) and self.sizes.min() == 0:
            msg = f"every row must have values; found none in row {self.sizes.argmin()}. Pass initial="
            raise ValueError(msg)
        return self._reduced(ufunc, 0, values.dtype)

    def _reduced(self, ufunc: np.ufunc, empty: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
        """Reduce the values of each row; `empty` for a row without any."""
        out = np.full((len(self), *self._numbers().shape[1:]), empty, dtype)
        for a, b in self._blocks():
            which = a + np.flatnonzero(self.sizes[a:b])
            if which.size:
                rows = self[which].packed()
                out[which] = ufunc.reduceat(rows.values, rows.starts, dtype=dtype)
        return out

    def _numbers(self) -> NDArray[Any]:
        if self.dtype.kind not in "biufc":
            msg = f"reductions need numbers; found {_kind(self)}"
            raise TypeError(msg)
        return self.values

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """Cut the rows into ranges of no more values and rows than a block; a longer row is one alone."""
        start = 0
        while start < len(self):
            ends = np.cumsum(self.sizes[start : start + _BLOCK_ROWS])
            stop = start + max(1, int(np.searchsorted(ends, _BLOCK, side="right")))
            yield start, stop
            start = stop

    def _bounds(self) -> Iterator[tuple[int, int]]:
        for a, b in self._blocks():
            stops = self.starts[a:b] + self.sizes[a:b]
            yield from zip(self.starts[a:b].tolist(), stops.tolist(), strict=True)

    def _is_consecutive(self) -> bool:
        return np.array_equal(self.starts[1:], self.starts[:-1] + self.sizes[:-1])

    def packed(self) -> Ragged:
        """Give the same rows laid one after the other, without gaps, overlaps or reordering.

        Rows that lie so already are not copied.
        """
        total = int(self.sizes.sum())
        if self._is_consecutive():
            first = self.starts[0] if len(self) else 0
            if total == len(self.values):
                return self
            return _trusted(self.values[first : first + total], self.starts - first, self.sizes)
        starts = _starts(self.sizes)
        out = np.empty((total, *self.values.shape[1:]), self.dtype)
        _copy_rows(self, starts, out)
        return _trusted(out, starts, self.sizes)

    def to_padded(
        self, length: int | None, fill: Any, *, side: Side = "right", truncate: Side = "right"
    ) -> NDArray[Any]:
        """Give every row the same length.

        Parameters
        ----------
        length
            Positions in the result; None for the longest row's.
        fill
            Value of positions that a shorter row lacks.
        side
            Where a shorter row is filled; ``"both"`` centres it, an odd place going to the right.
        truncate
            Where a longer row is cut; ``"both"`` keeps its centre, an odd place going to the right.

        Returns
        -------
        array of the values' dtype, shape (n, length, ...)

        Examples
        --------
        >>> Ragged.from_bytes([b"ACG", b"T"]).to_padded(2, ord("N"), side="left").tobytes()
        b'ACNT'
        """
        _refuse_other_sides(side, "side")
        _refuse_other_sides(truncate, "truncate")
        if length is None:
            length = int(self.sizes.max()) if len(self) else 0
        length = size_of_axis(length, "length")
        blank = _fitting(fill, self.values, "fill")
        out = np.empty((len(self), length, *self.values.shape[1:]), self.dtype)
        source, width = _bytes(self.values), _width(self.values)
        places = length, _ON_THE_LEFT[side], _ON_THE_LEFT[truncate]

        def work(a: int, b: int) -> None:
            out[a:b] = blank
            target = out[a:b].reshape(-1).view(np.uint8)
            rows = self.starts[a:b], self.sizes[a:b]
            _kernels.ragged.copy_into_lines(source, *rows, width, *places, target)

        run_blocks(work, len(self), block=max(1, _BLOCK // max(1, length * width)))
        return out

    def tolist(self) -> list[Any]:
        """Give the rows as lists of Python's own numbers or bytes."""
        return [row.tolist() for row in self]

    def to_bytes(self) -> list[bytes]:
        """Give each row as the bytes it has in memory, which are text for letters."""
        data, width = _bytes(self.values).data, _width(self.values)
        return [bytes(data[start * width : stop * width]) for start, stop in self._bounds()]

    def to_strings(self) -> list[str]:
        """Give rows of letters as text.

        Values of another kind are a TypeError, letters that are not ASCII a ValueError.
        """
        if not _may_be_letters(self):
            msg = f"text needs letters, uint8 ASCII codes or S1; found {_kind(self)}"
            raise TypeError(msg)
        return [row.decode("ascii") for row in self.to_bytes()]


def concatenate(parts: Sequence[Ragged], *, axis: Literal[0, 1] = 0) -> Ragged:
    """Join Raggeds row after row, or each row of one to the same row of the others.

    Parameters
    ----------
    parts
        Raggeds of one dtype, at least one.
    axis
        0: the rows of all parts one after the other. 1: row i of the result is row i of every part in
        turn; all parts have as many rows.

    Raises
    ------
    TypeError
        If a part is no Ragged.
    ValueError
        If there are no parts, or they do not fit together.

    Examples
    --------
    >>> heads, tails = Ragged.from_bytes([b"A", b"CC"]), Ragged.from_bytes([b"g", b"t"])
    >>> concatenate([heads, tails]).to_strings(), concatenate([heads, tails], axis=1).to_strings()
    (['A', 'CC', 'g', 't'], ['Ag', 'CCt'])
    """
    parts = list(parts)
    _refuse_unlike_parts(parts, axis)
    if axis == 0:
        sizes = np.concatenate([part.sizes for part in parts])
    else:
        sizes = sum((part.sizes for part in parts), np.zeros(len(parts[0]), np.int64))
    out = np.empty((int(sizes.sum()), *parts[0].values.shape[1:]), parts[0].dtype)
    places = _starts(sizes)
    row = 0
    for part in parts:
        here = places[row : row + len(part)]
        _copy_rows(part, here, out)
        if axis == 0:
            row += len(part)
        else:
            here += part.sizes
    if axis == 1:
        places -= sizes
    return _trusted(out, places, sizes)


def _refuse_unlike_parts(parts: list[Ragged], axis: int) -> None:
    if axis not in (0, 1) or not parts:
        msg = f"parts must be one Ragged or more, axis 0 or 1; found {len(parts)} parts, axis {axis!r}"
        raise ValueError(msg)
    for i, part in enumerate(parts):
        if not isinstance(part, Ragged):
            msg = f"parts must be Raggeds; found {type(part).__name__} as part {i}"
            raise TypeError(msg)
        if _kind(part) != _kind(parts[0]) or (axis == 1 and len(part) != len(parts[0])):
            first = f"{len(parts[0])} rows of {_kind(parts[0])}"
            msg = f"parts must fit; found {first}, and {len(part)} of {_kind(part)} in part {i}"
            raise ValueError(msg)


def _copy_rows(rows: Ragged, places: NDArray[np.int64], out: NDArray[Any]) -> None:
    """Copy row i to ``out[places[i]:]``."""
    source, target, width = _bytes(rows.values), out.reshape(-1).view(np.uint8), _width(out)
    copy = _kernels.ragged.copy_rows

    def work(a: int, b: int) -> None:
        copy(source, rows.starts[a:b], rows.sizes[a:b], width, places[a:b], target)

    run_blocks(work, len(rows), block=1 + _BLOCK * len(rows) // (1 + int(rows.sizes.sum()) * width))


def _bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
    """View values as flat bytes that are only read, so that kernels are compiled for one type."""
    flat = values.reshape(-1).view(np.uint8)
    flat.flags.writeable = False
    return flat


def _width(values: NDArray[Any]) -> int:
    """Bytes of one position of flat values."""
    return values.itemsize * math.prod(values.shape[1:])


def _starts(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the starts of rows that follow each other from 0 on."""
    starts = np.cumsum(sizes)
    starts -= sizes
    return starts


def _trusted(values: NDArray[Any], starts: NDArray[Any], sizes: NDArray[Any]) -> Ragged:
    """Make a Ragged of parts that are known to fit."""
    return object.__new__(Ragged)._fill_in(values, starts, sizes)


def _kind(rows: Ragged) -> str:
    """Say in words what two Raggeds must have in common."""
    behind = rows.values.shape[1:]
    return f"{rows.dtype} values" + (f" with axes {behind} behind" if behind else "")


def _flat_values(values: ArrayLike) -> NDArray[Any]:
    flat = as_array(values, "values")
    if flat.ndim == 0:
        msg = f"values must have shape (total, ...); found the single value {flat[()]!r}"
        raise ValueError(msg)
    if flat.dtype.hasobject:
        msg = f"values must be numbers or letters; found {flat.dtype}. seqpro.as_ragged takes text"
        raise TypeError(msg)
    return np.ascontiguousarray(flat)


def _whole_numbers(numbers: ArrayLike, argument: str) -> NDArray[np.int64]:
    """Give a copy as int64, shape (n,), unless nobody can write in the numbers."""
    array = as_array(numbers, argument)
    if array.ndim != 1:
        msg = f"{argument} must be a flat list of numbers; found shape {array.shape}"
        raise ValueError(msg)
    if array.size and array.dtype.kind not in "iu":
        msg = f"{argument} must be whole numbers; found {array.dtype}"
        raise TypeError(msg)
    if array.size and array.max() > np.iinfo(np.int64).max:
        msg = f"{argument} must be less than 2**63; found {array.max()}"
        raise ValueError(msg)
    return array.astype(np.int64, copy=bool(array.flags.writeable))


def _refuse_rows_outside(starts: NDArray[np.int64], sizes: NDArray[np.int64], total: int) -> None:
    if not starts.size:
        return
    lowest, highest = min(starts.min(), sizes.min()), max(starts.max(), sizes.max())
    if lowest >= 0 and highest <= total and (starts + sizes).max() <= total:
        return
    outside = (starts < 0) | (sizes < 0) | (starts > total - sizes)  # a sum could pass 64 bits
    row = int(outside.argmax())
    msg = (
        "starts and sizes must lie within the values; found row "
        f"{row} with start {starts[row]} and size {sizes[row]} of {total} values"
    )
    raise ValueError(msg)


def _refuse_other_sides(side: str, argument: str) -> None:
    choice(side, argument, ("left", "right", "both"))


def _row_index(index: Any, n: int) -> Any:
    """Check what numpy would take for something else than rows."""
    rows = index if isinstance(index, slice) else as_array(index, "rows")
    if isinstance(rows, slice):
        return rows
    if rows.dtype.kind in "iu" and rows.ndim < 2:
        outside = rows[(rows < -n) | (rows >= n)] if rows.ndim else rows
        if outside.size and not -n <= int(outside.flat[0]) < n:
            msg = f"rows must be among the {n} rows; found row {int(outside.flat[0])}"
            raise IndexError(msg)
        return rows.astype(np.intp)
    if rows.ndim == 1 and rows.dtype == bool:
        if rows.size != n:
            msg = f"a mask must have one entry for each of {n} rows; found {rows.size}"
            raise IndexError(msg)
        return np.flatnonzero(rows)
    if rows.shape == (0,):
        return rows.astype(np.intp)
    msg = (
        "rows must be a whole number, a slice, a flat list of whole numbers or a mask; "
        f"found {rows.dtype} of shape {rows.shape}"
    )
    raise TypeError(msg)


def _within(bound: Any, rows: Ragged) -> NDArray[np.int64]:
    """Give the place of a slice's bound in each row."""
    total = len(rows.values)
    place = min(max(operator.index(bound), -total), total)  # no row is longer; 64 bits suffice
    return np.minimum(place, rows.sizes) if place >= 0 else np.maximum(place + rows.sizes, 0)


def _falses_before(flags: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Count what is False before the first True of each row."""
    ends = np.ones((len(flags), 1), bool)
    return np.concatenate([flags, ends], axis=1).argmax(axis=1)


def _fitting(value: Any, values: NDArray[Any], argument: str) -> NDArray[Any]:
    """Give `value` in the type of `values`, for one position of theirs, if it stays what it is."""
    given, shape, letters = as_array(value, argument), values.shape[1:], "SU"
    alike = (given.dtype.kind in letters) == (values.dtype.kind in letters)
    alike &= given.dtype.kind != "c" or values.dtype.kind == "c"
    if alike and given.dtype.kind != "O" and given.shape in ((), shape):
        with np.errstate(invalid="ignore", over="ignore"):
            cast = given.astype(values.dtype)
            if values.dtype.kind in "fc" or (cast.astype(given.dtype) == given).all():
                return cast
    msg = f"{argument} must be a value of {values.dtype}, one or of shape {shape}; found {shown(value)}"
    raise ValueError(msg)


def _operand(given: Any, rows: Ragged) -> Any:
    """Give a Ragged, one number, or numbers of shape (n,), or refuse what does not fit the rows."""
    n = len(rows)
    if isinstance(given, Ragged):
        if len(given) == n and given.values.shape[1:] == rows.values.shape[1:]:
            unequal = given.sizes != rows.sizes
            if not unequal.any():
                return given
            row = int(unequal.argmax())
            found = f"{rows.sizes[row]} and {given.sizes[row]} in row {row}"
        else:
            found = f"{n} rows of {_kind(rows)}, and {len(given)} of {_kind(given)}"
        msg = f"Raggeds must have the same sizes; found {found}"
        raise ValueError(msg)
    if np.ndim(given) == 0:
        return given
    array = np.asarray(given)
    if array.shape not in ((n,), (n, 1)):
        msg = (
            f"the other operand must be one number, a Ragged of {n} rows, or one number for each row, shape "
            f"({n},) or ({n}, 1); found shape {array.shape}"
        )
        raise ValueError(msg)
    return array.reshape(n)


def _in_block(operand: Any, a: int, b: int, rows: Ragged) -> Any:
    """Give an operand for the values of rows a to b."""
    if isinstance(operand, Ragged):
        return operand[a:b].packed().values
    if np.ndim(operand) == 0:
        return operand
    part = operand[a:b] if b == a + 1 else np.repeat(operand[a:b], rows.sizes[a:b])
    return part.reshape(-1, *(1,) * (rows.values.ndim - 1))


def _may_be_letters(rows: Ragged) -> bool:
    return rows.dtype in ("uint8", "S1") and rows.values.ndim == 1


def _shown(rows: Ragged) -> tuple[str, list[str]]:
    """Say whether rows are letters or values, and show the beginning of each."""
    texts = [row.tobytes().decode("latin-1") for row in rows[:, : _SHOWN_LETTERS + 1]]
    joined = "".join(texts)
    if _may_be_letters(rows) and joined.isascii() and joined.isprintable():
        long = [f"{text[:_SHOWN_LETTERS]}..." if text[_SHOWN_LETTERS:] else text for text in texts]
        return "letter", [text or "(empty)" for text in long]
    lines = []
    for row in rows:
        text = np.array2string(row[:_SHOWN_VALUES], separator=", ", precision=4)
        text = " ".join(text.split()).replace("[ ", "[").replace(" ,", ",").replace(" ]", "]")
        lines.append(f"{text[:-1]}, ...]" if len(row) > _SHOWN_VALUES else text)
    return "value", lines
