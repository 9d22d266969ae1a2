"""The variables of a batch: what rows of them are held, and how a batch is taken from it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqdata.schema import LENGTH, SEQUENCE, kind_of
from seqdata.stored_blocks import StoredBlocks
from seqdata.view import is_ragged
from seqpro import Ragged
from seqpro.checks import shown
from seqpro.parallel import run_blocks
from seqpro.ragged import concatenate

Rows = NDArray[np.int64]

_PLACED = {"bin_width", "offset"}  # either tells where an extent of its own lies
_EDGE = 64  # one in so many values of a block may be kept


@dataclass(frozen=True)
class Held:
    """Rows in memory.

    Parameters
    ----------
    values
        An array, one row along its first axis for each that is held, or a Ragged.
    rows
        Which row of `values` each held row is; None where they are in the same order.
    """

    values: Any
    rows: Rows | None = None

    def at(self, places: Rows) -> Rows:
        """Give the rows of `values` at some places of what is held."""
        return places if self.rows is None else self.rows[places]


@dataclass(frozen=True)
class Chosen:
    """The items of a batch, as each column needs to know them.

    Parameters
    ----------
    places
        Place of each item's row in what is held.
    samples
        For each dimension that items run over besides the rows: each item's index along it.
    starts
        Where each item's crop begins, bp from the window's 5' end, or None for no crop.
    room
        Jitter room at either end, bp; a crop leaves what is between both rooms, wherever it begins.
    """

    places: Rows
    samples: Mapping[str, NDArray[np.intp]]
    starts: Rows | None = None
    room: int = 0


class Column(ABC):
    """One variable of the batches.

    Parameters
    ----------
    name
        The variable's name.
    variable
        The variable, in memory or lazy.
    """

    is_ragged: bool = False
    """Whether items differ in size."""
    step: int = 0
    """Positions of the window that one value covers, bp; 0 for what does not lie along it."""

    def __init__(self, name: str, variable: xr.Variable) -> None:
        self.name, self._variable, self.dtype = name, variable, variable.dtype
        self.dims = tuple(map(str, variable.dims))
        self.in_memory = isinstance(variable._data, np.ndarray)
        self._blocks = StoredBlocks(variable)
        self.block = self._blocks.size

    @abstractmethod
    def units(self, rows: Rows) -> Rows:
        """Give the number of the block of the store that each row lies in."""

    def reaches(self, rows: Rows) -> NDArray[np.bool_]:
        """Tell which rows lie in more than one block."""
        return np.zeros(rows.size, dtype=bool)

    @abstractmethod
    def sizes(self, rows: Rows) -> Rows:
        """Give the bytes that holding each row takes."""

    @abstractmethod
    def hold(self, rows: Rows, space: NDArray[Any] | None = None) -> Held:
        """Read rows, which ascend without repeats, into the start of `space` where there is one."""

    @abstractmethod
    def take(self, held: Held, chosen: Chosen) -> Any:
        """Copy the items of a batch out of what is held."""

    @abstractmethod
    def join(self, parts: list[Any]) -> Any:
        """Put items from several groups together."""

    @property
    def extents(self) -> Rows:
        """Positions that rows of a variable along the window cover, bp; shape (rows,) or (1,)."""
        return np.array([self._variable.shape[-1] * self.step])

    def space(self, n: int) -> NDArray[Any] | None:  # noqa: ARG002
        """Give room for `n` rows that can be used again and again, where that saves time."""
        return None

    def fill(self, value: Any) -> Any:
        """Give what fills a short row: a number, or the code of a letter."""
        if not isinstance(value, str):
            return value
        if len(value) != 1 or not value.isascii() or self.dtype != np.uint8:
            msg = (
                "pad must give a number, or one ASCII letter where the variable holds letters; found "
                f"{shown(value)} for {self.name!r} ({self.dtype})"
            )
            raise ValueError(msg)
        return ord(value)


class DenseColumn(Column):
    """A variable with rows of one shape, or one of samples only, which repeats for every row."""

    def __init__(self, name: str, variable: xr.Variable, over: tuple[str, ...]) -> None:
        self.by_row = variable.dims[:1] == (SEQUENCE,)
        if not self.by_row:
            variable = variable.copy(data=variable.values)
        super().__init__(name, variable)
        self._samples = tuple(dim for dim in over if dim in variable.dims and dim != SEQUENCE)
        is_along = str(variable.dims[-1]).endswith(LENGTH)
        if is_along and (variable.dims[-1] == LENGTH or _PLACED & variable.attrs.keys()):
            self.step = int(variable.attrs.get("bin_width", 1))
        self.width = int(np.prod(variable.shape[1:], dtype=np.int64)) * variable.dtype.itemsize

    def units(self, rows: Rows) -> Rows:
        """Give the number of each row's block, as `Column.units`."""
        return rows // self.block

    def sizes(self, rows: Rows) -> Rows:
        """Give the bytes of each row, 0 where they are in memory anyway."""
        return np.full(rows.size, 0 if self.in_memory else self.width)

    def space(self, n: int) -> NDArray[Any] | None:
        """Give room for `n` rows of a store."""
        if self.in_memory:
            return None
        most = min(n, self._variable.shape[0])  # rows that are drawn again are held once
        return np.empty((most, *self._variable.shape[1:]), self.dtype)

    def hold(self, rows: Rows, space: NDArray[Any] | None = None) -> Held:
        """Read the blocks that rows lie in, several at a time; arrays in memory stay where they are."""
        if self.in_memory:
            is_whole = not self.by_row or np.array_equal(rows, np.arange(self._variable.shape[0]))
            return Held(self._variable.values, None if is_whole else rows)
        if space is None:
            space = np.empty((rows.size, *self._variable.shape[1:]), self.dtype)
        bounds = np.flatnonzero(np.diff(self.units(rows), prepend=-1, append=-1))
        work = partial(self._fill, space, rows, bounds)
        run_blocks(work, bounds.size - 1, block=1)
        return Held(space[: rows.size])

    def _fill(
        self, out: NDArray[Any], rows: Rows, bounds: NDArray[np.intp], start: int, stop: int
    ) -> None:
        """Write the rows of some blocks; block i fills ``out[bounds[i]:bounds[i + 1]]``."""
        for i in range(start, stop):
            a, b = bounds[i], bounds[i + 1]
            number = int(rows[a] // self.block)
            if b - a == self._blocks.rows(number):
                self._blocks.read_into(out[a:b], number)
            else:
                block = self._blocks.read(number)
                np.take(block, rows[a:b] - number * self.block, axis=0, out=out[a:b], mode="clip")

    def take(self, held: Held, chosen: Chosen) -> NDArray[Any]:
        """Copy the rows, samples and crops of a batch in one step."""
        values = held.values
        index: list[Any] = [held.at(chosen.places)] if self.by_row else []
        if self._samples:
            axes = [self._variable.dims.index(dim) for dim in self._samples]
            values = np.moveaxis(values, axes, range(len(index), len(index) + len(axes)))
            index += [chosen.samples[dim] for dim in self._samples]
        if self.step and chosen.starts is not None:
            kept = values.shape[-1] - 2 * (chosen.room // self.step)
            values = np.lib.stride_tricks.sliding_window_view(values, kept, axis=-1)
            index += [..., chosen.starts // self.step, slice(None)]
        if len(index) == 1:
            return np.take(values, index[0], axis=0)
        return np.ascontiguousarray(values[tuple(index)])

    def join(self, parts: list[Any]) -> NDArray[Any]:
        """Put items from several groups together."""
        return np.concatenate(parts)


class RaggedColumn(Column):
    """A variable with rows of unequal length on a flat dimension; items are rows of a Ragged."""

    is_ragged = True

    def __init__(self, name: str, ds: xr.Dataset, over: tuple[str, ...]) -> None:
        variable = ds.variables[name]
        super().__init__(name, variable)
        self._samples = tuple(dim for dim in over if dim in variable.dims)
        self._width = int(np.prod(variable.shape[1:], dtype=np.int64))  # values of one position
        if {"bin_width", "alphabet"} & variable.attrs.keys():
            self.step = int(variable.attrs.get("bin_width", 1))
        stem = str(variable.dims[0]).removesuffix("_value")
        missing = [part for part in ("start", "size") if f"{stem}_{part}" not in ds]
        if missing:
            msg = (
                f"ragged {name!r} needs {stem}_{missing[0]}, which says where rows lie; found none"
            )
            raise ValueError(msg)
        self._starts, self._sizes = (
            ds[f"{stem}_{part}"].values.astype(np.int64) for part in ("start", "size")
        )
        if self.in_memory:
            self._whole = Ragged(variable.values, self._starts, self._sizes)
        elif ((self._starts < 0) | (self._sizes < 0)).any() or (
            self._starts + self._sizes > variable.shape[0]
        ).any():
            msg = f"rows of {name!r} must lie within its {variable.shape[0]} values; see seqdata.validate"
            raise ValueError(msg)
        else:
            # rows reach over into the next block: neither is read again for the few values there
            self._kept: dict[int, tuple[NDArray[Any], NDArray[Any]]] = {}
            self._heads, self._tails = _edges(
                self._starts, self._sizes, self.block, variable.shape[0]
            )

    def units(self, rows: Rows) -> Rows:
        """Give the number of each row's first block, as `Column.units`."""
        return self._starts[rows] // self.block

    def reaches(self, rows: Rows) -> NDArray[np.bool_]:
        """Tell which rows lie in more than one block, as `Column.reaches`."""
        last = self._starts[rows] + np.maximum(self._sizes[rows], 1) - 1
        return last // self.block > self.units(rows)

    def sizes(self, rows: Rows) -> Rows:
        """Give the bytes of each row, 0 where they are in memory anyway."""
        if self.in_memory:
            return np.zeros(rows.size, np.int64)
        return self._sizes[rows] * (self._width * self.dtype.itemsize)

    @property
    def extents(self) -> Rows:
        """Positions that rows cover, as `Column.extents`."""
        return self._sizes * self.step

    def space(self, n: int) -> NDArray[Any] | None:
        """Give room for the `n` longest rows of a store; what is not used of it takes no memory."""
        if self.in_memory:
            return None
        most = int(self._longest[min(n, self._sizes.size)])
        return np.empty((most, *self._variable.shape[1:]), self.dtype)

    @cached_property
    def _longest(self) -> Rows:
        """How many positions the longest rows have together, by their number."""
        return np.append(0, np.cumsum(np.sort(self._sizes)[::-1]))

    def hold(self, rows: Rows, space: NDArray[Any] | None = None) -> Held:
        """Read the flat blocks that rows lie in; rows in memory stay where they are."""
        if self.in_memory:
            return Held(self._whole, rows)
        starts, sizes = self._starts[rows], self._sizes[rows]
        order = np.argsort(starts, kind="stable")
        places = np.empty_like(sizes)
        places[order] = np.cumsum(sizes[order]) - sizes[order]  # in the order of the store
        total = int(sizes.sum())
        if space is None:
            space = np.empty((total, *self._variable.shape[1:]), self.dtype)
        out = space[:total]
        windows = starts[order], (starts + sizes)[order], places[order]
        blocks = np.unique(_blocks_between(*windows[:2], self.block))
        run_blocks(partial(self._fill, out, windows, blocks), blocks.size, block=1)
        return Held(Ragged(out, places, sizes))

    def _fill(
        self, out: NDArray[Any], windows: tuple[Rows, Rows, Rows], blocks: Rows, a: int, b: int
    ) -> None:
        """Write what some flat blocks hold of windows (starts, ends, places in `out`), sorted by start."""
        starts, ends, places = windows
        furthest = np.maximum.accumulate(ends)
        for number in blocks[a:b].tolist():
            low, high = number * self.block, (number + 1) * self.block
            part = slice(
                int(np.searchsorted(furthest, low, side="right")),
                int(np.searchsorted(starts, high)),
            )
            first, last = np.maximum(starts[part], low), np.minimum(ends[part], high)
            first, last, at = _joined(first, last, places[part] + first - starts[part])
            run, origin = out[:0], low
            for x, y, place in zip(first.tolist(), last.tolist(), at.tolist(), strict=True):
                if not origin <= x <= y <= origin + run.shape[0]:
                    run, origin = self._part(number, x, y)
                out[place : place + y - x] = run[x - origin : y - origin]

    def _part(self, number: int, first: int, last: int) -> tuple[NDArray[Any], int]:
        """Give a block, or what was kept of its beginning or end if that is enough, and where it begins."""
        low, high = number * self.block, (number + 1) * self.block
        head, tail = int(self._heads[number]), int(self._tails[number])
        if number in self._kept and last <= head:
            return self._kept[number][0], low
        if number in self._kept and first >= tail:
            return self._kept[number][1], tail
        run = self._blocks.read(number)
        if head - low + high - tail <= self.block // _EDGE:
            self._kept[number] = run[: head - low].copy(), run[tail - low :].copy()
        return run, low

    def take(self, held: Held, chosen: Chosen) -> Ragged:
        """Copy the rows of a batch, one after the other."""
        rows = held.values[held.at(chosen.places)]
        if self.step and chosen.starts is not None:
            starts = rows.starts + chosen.starts // self.step
            rows = Ragged(rows.values, starts, rows.sizes - 2 * (chosen.room // self.step))
        rows = rows.packed()
        values = rows.values
        if not self._samples and not np.may_share_memory(values, held.values.values):
            return rows
        if not self._samples:
            return Ragged.from_sizes(values.copy(), rows.sizes)
        axes = [self._variable.dims.index(dim) for dim in self._samples]
        index = [np.repeat(chosen.samples[dim], rows.sizes) for dim in self._samples]
        first = np.moveaxis(values, axes, range(1, 1 + len(axes)))
        return Ragged.from_sizes(first[(np.arange(len(values)), *index)], rows.sizes)

    def join(self, parts: list[Any]) -> Ragged:
        """Put items from several groups together."""
        return concatenate(parts)


def _joined(first: Rows, last: Rows, places: Rows) -> tuple[Rows, Rows, Rows]:
    """Make one window of those that follow each other, in what is read and in what is written."""
    filled = last > first
    first, last, places = first[filled], last[filled], places[filled]
    follows = (first[1:] == last[:-1]) & (places[1:] == (places + last - first)[:-1])
    begins, ends = ~np.append(False, follows), ~np.append(follows, False)
    return first[begins], last[ends], places[begins]


def _edges(starts: Rows, sizes: Rows, block: int, total: int) -> tuple[Rows, Rows]:
    """Give, for each block, where rows from before it end, and where those begin that reach on."""
    heads = np.arange(0, total, block)
    tails, ends = heads + block, starts + sizes
    units, lasts = starts // block, (ends - 1) // block
    across = (lasts > units) & (sizes > 0)
    np.minimum.at(tails, units[across], starts[across])
    np.maximum.at(heads, lasts[across], ends[across])
    return heads, tails


def _blocks_between(starts: Rows, ends: Rows, block: int) -> Rows:
    """Give the numbers of all blocks that windows, not all empty, touch; with repeats."""
    filled = ends > starts
    first, last = starts[filled] // block, (ends[filled] - 1) // block
    counts = last - first + 1
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(first, counts) + within


def column_of(ds: xr.Dataset, name: str, over: tuple[str, ...]) -> Column:
    """Find out how a variable of a Dataset is loaded.

    Parameters
    ----------
    ds
        Dataset with the variable.
    name
        Its name.
    over
        Dimensions that items run over; the first is ``_sequence``.

    Raises
    ------
    ValueError
        If the variable is not there, is text, or has none of the dimensions first.

    Examples
    --------
    >>> ds = xr.Dataset({"y": ("_sequence", np.zeros(3))})
    >>> column_of(ds, "y", ("_sequence",)).sizes(np.arange(2)).tolist()
    [0, 0]
    """
    if name not in ds:
        known = ", ".join(map(str, ds.data_vars))
        msg = f"variables must be in the Dataset; found no {name!r} among {known}"
        raise ValueError(msg)
    variable = ds.variables[name]
    if kind_of(variable) == "text":
        msg = (
            f"variables must be numbers; found text in {name!r}. Load 'row' and look the text up in the "
            "Dataset, or for labels open the store with labels='codes'"
        )
        raise ValueError(msg)
    if is_ragged(ds, name):
        return RaggedColumn(name, ds, over)
    if variable.dims[:1] == (SEQUENCE,) or (variable.dims[:1] and variable.dims[0] in over):
        return DenseColumn(name, variable, over)
    msg = f"variable {name!r} must have {SEQUENCE} as its first dimension; found {variable.dims}"
    raise ValueError(msg)
