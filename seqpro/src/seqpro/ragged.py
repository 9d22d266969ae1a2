"""Rows of unequal length over one flat array."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

Side = Literal["left", "right", "both"]


class Ragged:
    """Rows of unequal length, held as one flat array with a start and a size for each row.

    A row's start and size, rather than n + 1 offsets, keep any selection or order of rows valid
    over the same flat array; rows may overlap or leave gaps.

    Parameters
    ----------
    values
        Flat values, shape (total,).
    starts
        0-based position of each row's first value, shape (n,).
    sizes
        Number of values of each row, shape (n,).

    Raises
    ------
    TypeError
        If starts or sizes are not whole numbers.
    ValueError
        If shapes do not fit, or a row reaches outside `values`.

    Examples
    --------
    >>> rows = Ragged.from_bytes([b"ACG", b"T"])
    >>> rows
    Ragged(2 rows of 1 to 3 uint8 values)
    >>> rows[0].tobytes(), rows[::-1].sizes.tolist()
    (b'ACG', [1, 3])
    """

    def __init__(self, values: ArrayLike, starts: ArrayLike, sizes: ArrayLike) -> None:
        self.values = np.asarray(values)
        self.starts = _whole_numbers(starts, "starts")
        self.sizes = _whole_numbers(sizes, "sizes")
        if self.values.ndim != 1 or self.starts.ndim != 1 or self.starts.shape != self.sizes.shape:
            msg = (
                "values must be flat, starts and sizes one number a row; found shapes "
                f"{self.values.shape}, {self.starts.shape} and {self.sizes.shape}"
            )
            raise ValueError(msg)
        if not self.starts.size:
            return
        last_start = self.values.size - self.sizes  # a sum of start and size could overflow
        outside = (self.starts < 0) | (self.sizes < 0) | (self.starts > last_start)
        if outside.any():
            row = int(outside.argmax())
            msg = (
                "starts and sizes must lie within the values; found row "
                f"{row} with start {self.starts[row]} and size {self.sizes[row]} "
                f"of {self.values.size} values"
            )
            raise ValueError(msg)

    @classmethod
    def from_sizes(cls, values: ArrayLike, sizes: ArrayLike) -> Ragged:
        """Lay rows of the given sizes one after the other over `values`, which they must use up."""
        lengths = _whole_numbers(sizes, "sizes")
        total = np.asarray(values).size
        if lengths.sum() != total:
            msg = f"sizes must add up to the number of values, {total}; found a sum of {lengths.sum()}"
            raise ValueError(msg)
        return cls(values, np.cumsum(lengths) - lengths, lengths)

    @classmethod
    def from_bytes(cls, words: Sequence[bytes]) -> Ragged:
        """Make a Ragged of ASCII codes, one row a word."""
        values = np.frombuffer(b"".join(words), np.uint8)
        return cls.from_sizes(values, np.fromiter(map(len, words), np.int64, len(words)))

    @classmethod
    def from_dense(cls, array: NDArray[Any]) -> Ragged:
        """View an array of shape (n, length) as n rows of one size."""
        if array.ndim != 2:
            msg = f"array must have shape (n, length); found shape {array.shape}"
            raise ValueError(msg)
        n, length = array.shape
        flat = np.ascontiguousarray(array).reshape(-1)
        return cls(flat, np.arange(n, dtype=np.int64) * length, np.full(n, length, np.int64))

    def __len__(self) -> int:
        return self.sizes.size

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self[i] for i in range(len(self)))

    @overload
    def __getitem__(self, index: int | np.integer[Any]) -> NDArray[Any]: ...
    @overload
    def __getitem__(self, index: slice | NDArray[Any] | list[int]) -> Ragged: ...
    def __getitem__(self, index: Any) -> Any:
        starts, sizes = self.starts[index], self.sizes[index]
        if np.ndim(starts) == 0:
            return self.values[starts : starts + sizes]
        return Ragged(self.values, starts, sizes)

    def __repr__(self) -> str:
        span = f"{self.sizes.min()} to {self.sizes.max()}" if len(self) else "no"
        return f"Ragged({len(self)} rows of {span} {self.values.dtype} values)"

    def packed(self) -> Ragged:
        """Give the same rows laid one after the other, without gaps, overlaps or reordering."""
        starts = np.cumsum(self.sizes) - self.sizes
        if np.array_equal(starts, self.starts) and self.sizes.sum() == self.values.size:
            return self
        index = np.repeat(self.starts - starts, self.sizes) + np.arange(self.sizes.sum())
        return Ragged(self.values[index], starts, self.sizes)

    def to_padded(
        self, length: int, fill: Any, *, side: Side = "right", truncate: Side = "right"
    ) -> NDArray[Any]:
        """Give every row the same length.

        Parameters
        ----------
        length
            Positions in the result.
        fill
            Value of positions that a shorter row lacks.
        side
            Where a shorter row is filled; ``"both"`` centres it, an odd place going to the right.
        truncate
            Where a longer row is cut; ``"both"`` keeps its centre, an odd place going to the right.

        Returns
        -------
        array of the values' dtype, shape (n, length)

        Examples
        --------
        >>> Ragged.from_bytes([b"ACG", b"T"]).to_padded(2, ord("N"), side="left").tobytes()
        b'ACNT'
        """
        for name, value in (("side", side), ("truncate", truncate)):
            if value not in ("left", "right", "both"):
                msg = f"{name} must be 'left', 'right' or 'both'; found {value!r}"
                raise ValueError(msg)
        if length < 0:
            msg = f"length must not be negative; found {length}"
            raise ValueError(msg)
        spare = length - self.sizes
        room = np.maximum(spare, 0)
        cut = np.maximum(-spare, 0)
        left = {"left": room, "right": np.zeros_like(room), "both": room // 2}[side]
        skip = {"left": cut, "right": np.zeros_like(cut), "both": cut // 2}[truncate]
        out = np.full((len(self), length), fill, self.values.dtype)
        kept = self.sizes - cut
        rows = np.repeat(np.arange(len(self)), kept)
        within = np.arange(kept.sum()) - np.repeat(np.cumsum(kept) - kept, kept)
        out[rows, np.repeat(left, kept) + within] = self.values[
            np.repeat(self.starts + skip, kept) + within
        ]
        return out


def _whole_numbers(numbers: ArrayLike, argument: str) -> NDArray[np.int64]:
    array = np.asarray(numbers)
    if array.size and array.dtype.kind not in "iu":
        msg = f"{argument} must be whole numbers; found {array.dtype}"
        raise TypeError(msg)
    return array.astype(np.int64, copy=False)
