"""Batches from a Dataset: in order or shuffled, from memory or from a store larger than memory."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, DTypeLike, NDArray

from seqdata.ahead import read_ahead
from seqdata.columns import Chosen, Column, Held, RaggedColumn, column_of
from seqdata.epoch import Runs, batch_sizes, crop_starts, first_of_share
from seqdata.genotype_column import GenotypeColumn, has_genotypes
from seqdata.resume import Resumable
from seqdata.sampling import balanced_weights, checked_weights, draw
from seqdata.schema import LENGTH, SEQUENCE
from seqdata.selection import select_rows
from seqpro import Ragged
from seqpro.checks import choice, flag, number_type, shown, whole_number

Batch = dict[str, Any]
"""An array for each variable, rows first, or a `seqpro.Ragged` for rows of unequal length."""


class Loader(Resumable[Batch]):
    """Goes over the rows of a Dataset in batches, each selected row exactly once an epoch.

    Shuffling permutes the store's blocks, reads them into a bounded buffer and draws batches from it;
    what fits into the buffer whole, or is in memory, is shuffled whole. The order depends on the seed
    and the number of the epoch only. One thread reads ahead; blocks are decoded on several. A batch
    belongs to the user: changing it changes nothing else.

    Parameters
    ----------
    ds
        Dataset in memory or from `open_zarr`.
    variables
        Names of the variables in a batch. Each has ``_sequence`` as its first dimension, is ragged,
        begins with another dimension that `over` names, or is the haplotypes of a `seqdata.Genotypes`
        reader, which are then made for each batch.
    batch_size
        Rows in a batch; the last one of an epoch may be shorter.
    shuffle
        Whether to draw rows at random. False keeps their order.
    seed
        Decides the order, the draws and the random crops.
    split
        Use only rows whose ``split`` is this: ``"train"``, ``"val"``, ``"test"`` or ``"unused"``.
    rows
        Use only these rows: a boolean mask, or positions (whose order is kept when not shuffling),
        counted in `ds`.
    drop_last
        Whether to leave out a last batch that is short.
    crop
        How the jitter room (root attribute ``max_jitter``, bp) is cut from both ends of variables along
        the window: ``"center"``, or ``"random"`` for a new place for each row each epoch, which moves by
        whole bins where variables are binned.
    buffer_bytes
        Most bytes of rows held at a time, half of which are those being read ahead; one block of the
        store is held in any case. The memory is kept for the next epoch.
    over
        Dimensions that items run over: ``("_sequence", "atac_sample")`` makes each sample of each row
        an item of its own. Variables without the second dimension repeat. In order, the samples of a
        row follow each other.
    weights
        Draw rows with replacement, with a chance in proportion to these, shape (rows of `ds`,).
        Needs `shuffle`.
    balance
        Draw rows with replacement so that the classes of this variable are equally frequent; rows
        without a class (-1, NaN, empty text) are not drawn. Needs `shuffle`.
    epoch_size
        Items drawn an epoch with `weights` or `balance`; None for as many as are selected.
    rank, world
        Which share of each epoch to give, from 0, and how many there are. All ranks together give every
        row once, in equal numbers of batches, as `seqdata.epoch.batch_sizes` says.
    pad
        Ragged variables to give as arrays as long as the batch's longest row, filled on the right, by
        name: a number, or a letter such as ``"N"``. Others come as `seqpro.Ragged`.
    dtypes
        Types to give variables in, by name: a float, or a type that holds all values of the stored one.
    transform
        Called with each batch, a dict, after all else; gives a dict, which may have other entries.

    Raises
    ------
    TypeError
        If a type is none or may lose values, or `transform` gives no dict.
    ValueError
        If a variable is not there, is text or has no rows, if no variable is named, if nothing is
        selected, if the jitter room does not fit the length, if the ranks cannot have equal numbers of
        batches, or if options do not fit each other.

    Examples
    --------
    >>> import numpy as np, xarray as xr, seqdata as sd
    >>> ds = xr.Dataset({"row": ("_sequence", np.arange(5)), "y": ("_sequence", np.arange(5.0))})
    >>> [batch["y"].tolist() for batch in sd.Loader(ds, ["y"], batch_size=2)]
    [[0.0, 1.0], [2.0, 3.0], [4.0]]
    >>> sorted(np.concatenate([b["y"] for b in sd.Loader(ds, ["y"], batch_size=2, shuffle=True)]).tolist())
    [0.0, 1.0, 2.0, 3.0, 4.0]
    """

    def __init__(
        self,
        ds: xr.Dataset,
        variables: Sequence[str],
        *,
        batch_size: int,
        shuffle: bool = False,
        seed: int = 0,
        split: str | None = None,
        rows: ArrayLike | None = None,
        drop_last: bool = False,
        crop: Literal["center", "random"] = "center",
        buffer_bytes: int = 512 << 20,
        over: Sequence[str] = (SEQUENCE,),
        weights: ArrayLike | None = None,
        balance: str | None = None,
        epoch_size: int | None = None,
        rank: int = 0,
        world: int = 1,
        pad: Mapping[str, float | str] | None = None,
        dtypes: Mapping[str, DTypeLike] | None = None,
        transform: Callable[[Batch], Mapping[str, Any]] | None = None,
    ) -> None:
        super().__init__()
        self.batch_size = whole_number(batch_size, "batch_size", low=1)
        self.shuffle, self.drop_last = flag(shuffle, "shuffle"), flag(drop_last, "drop_last")
        self.seed = _checked_seed(seed)
        self._is_random_crop = choice(crop, "crop", ("center", "random")) == "random"
        self._buffer_bytes = whole_number(buffer_bytes, "buffer_bytes", low=1)
        self.world = whole_number(world, "world", low=1)
        self.rank = whole_number(rank, "rank", low=0, high=self.world - 1)
        self._transform = transform
        self._columns = _columns(ds, variables, tuple(over))
        self._over = _sample_sizes(ds, self._columns, tuple(over))
        self._fills, self._dtypes = _fills(self._columns, pad), _dtypes(self._columns, dtypes)
        self._room, self._step = _room_to_crop(ds, self._columns)
        self.positions = select_rows(ds, split=split, rows=rows)
        self._weights = _weights(ds, self.positions, weights, balance, is_random=self.shuffle)
        self._samples = int(np.prod(list(self._over.values()), dtype=np.int64))
        self._total = _epoch_size(epoch_size, self._weights, self.positions.size * self._samples)
        share: Any = {"rank": self.rank, "world": self.world, "drop_last": self.drop_last}
        self._sizes = batch_sizes(self._total, self.batch_size, **share)
        self._start = first_of_share(self._total, self.batch_size, **share)
        self._stop = self._start + int(self._sizes.sum())
        needed = sum(int(column.sizes(self.positions).sum()) for column in self._columns.values())
        self._is_whole = needed <= self._buffer_bytes
        self._resident: tuple[dict[str, Held], NDArray[np.int64]] | None = None
        self._sorted: tuple[NDArray[np.int64], Runs] | None = None
        self._spare: _Spaces | None = None

    def __len__(self) -> int:
        return int(self._sizes.size)

    def is_ragged(self, name: str) -> bool:
        """Whether a variable of the batches has rows of unequal length."""
        return self._columns[name].is_ragged

    def options(self) -> dict[str, Any]:
        """Give what decides the batches, but for the rank; text and numbers."""
        weights = b"" if self._weights is None else self._weights.tobytes()
        return {
            "variables": list(self._columns),
            "over": list(self._over),
            "batch_size": self.batch_size,
            "shuffle": self.shuffle,
            "seed": self.seed,
            "drop_last": self.drop_last,
            "world": self.world,
            "crop": [self._is_random_crop, self._room],
            "rows": [self.positions.size, zlib.crc32(self.positions.tobytes())],
            "weights": [self._total, zlib.crc32(weights)],
            "buffer_bytes": None if self._is_whole else self._buffer_bytes,
            "block": None if self._is_whole else _deciding(self._columns).block,
        }

    def batches(self, epoch: int, *, first: int = 0) -> Iterator[Batch]:
        """Give the batches of an epoch from number `first` on; leaves the loader's place alone."""
        if first >= len(self):
            return
        start = self._start + int(self._sizes[:first].sum())
        groups = self._whole(epoch) if self._is_whole else self._streamed(epoch, start)
        for parts in _deal(groups, start, self._sizes[first:], self._take):
            batch = {name: self._finished(name, [p[name] for p in parts]) for name in self._columns}
            yield batch if self._transform is None else _as_dict(self._transform(batch))

    def _whole(self, epoch: int) -> Iterator[_Group]:
        """Give all items as one group."""
        if self._resident is None:
            rows, places = np.unique(self.positions, return_inverse=True)
            held = {name: column.hold(rows) for name, column in self._columns.items()}
            self._resident = held, places
        held, places = self._resident
        if self._weights is None:
            items = np.arange(self._total)
            if self.shuffle:
                np.random.default_rng([self.seed, epoch]).shuffle(items)
            items = items[self._start : self._stop]
            drawn, samples = items // self._samples, items % self._samples
        else:
            share = slice(self._start, self._stop)
            drawn, samples = (part[share] for part in self._drawn(epoch, self._weights))
        yield self._group(held, places[drawn], samples, epoch, self._start)

    def _drawn(
        self, epoch: int, weights: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Draw the epoch's items: numbers of selected rows, and samples."""
        rng = np.random.default_rng([self.seed, epoch, 2])
        drawn = draw(weights, self._total, rng)
        return drawn, rng.integers(0, self._samples, self._total)

    def _streamed(self, epoch: int, start: int) -> Iterator[_Group]:
        """Give groups of items that fit half the buffer, from the one with item `start` on."""
        plan = self._plan(epoch)
        spaces = self._spaces(int(plan.counts.max()))

        def read(number: int) -> _Group:
            return self._read(plan, epoch, number, spaces.both[number % 2])

        first = int(np.searchsorted(plan.firsts, start, side="right")) - 1
        try:
            yield from read_ahead(map(read, range(first, plan.counts.size)), 1)
        finally:
            self._spare = spaces

    def _spaces(self, most: int) -> _Spaces:
        """Give what an earlier epoch held groups in, if it has room for so many rows, or else make some."""
        spare, self._spare = self._spare, None  # nobody else may use it meanwhile
        if spare is not None and spare.most >= most:
            return spare
        both = [{name: c.space(most) for name, c in self._columns.items()} for _ in range(2)]
        return _Spaces(most, both)

    def _plan(self, epoch: int) -> _Plan:
        """Put the share's blocks in the order of the epoch, and cut them into groups."""
        if self._weights is None:
            each, samples = self._samples, None
            if self._sorted is None:
                self._sorted = self._in_blocks(self.positions)
            rows, runs = self._sorted
        else:
            each = 1
            drawn, samples = self._drawn(epoch, self._weights)  # samples do not depend on the rows
            rows, runs = self._in_blocks(self.positions[drawn])
        if self.shuffle:
            runs = runs.permuted(np.random.default_rng([self.seed, epoch]))
        before = self._start // each
        runs = runs.cut(before, -(-self._stop // each))
        bounds = runs.groups(self._buffer_bytes // 2)
        counts = np.add.reduceat(runs.stops - runs.starts, bounds[:-1])
        firsts = (before + np.cumsum(counts) - counts) * each
        return _Plan(rows, samples, each, runs, bounds, counts, firsts)

    def _in_blocks(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], Runs]:
        """Give rows so that those of one block are together, if they are to be shuffled, and their runs."""
        deciding = _deciding(self._columns)
        units, reaches = deciding.units(rows), deciding.reaches(rows)
        if self.shuffle and (reaches.any() or (np.diff(units) < 0).any()):
            order = np.lexsort((reaches, units))
            rows, units, reaches = rows[order], units[order], reaches[order]
        sizes = sum(column.sizes(rows) for column in self._columns.values())
        return rows, Runs.of(units, np.asarray(sizes), reaches)

    def _read(self, plan: _Plan, epoch: int, number: int, spaces: dict[str, Any]) -> _Group:
        """Hold the rows of a group, and put its items in the order of the epoch."""
        runs = range(*plan.bounds[number : number + 2].tolist())
        pieces = [slice(plan.runs.starts[i], plan.runs.stops[i]) for i in runs]
        rows = np.concatenate([plan.rows[p] for p in pieces])
        # asked for the index as well, numpy sorts stably, which pieces in order make fast
        rows, _, places = np.unique(rows, return_index=True, return_inverse=True)
        low = int(plan.firsts[number])
        high = low + int(plan.counts[number]) * plan.each
        items = np.arange(max(low, self._start), min(high, self._stop)) - low
        if self.shuffle:
            rng = np.random.default_rng([self.seed, epoch, 3, self.rank, number])
            items = rng.permutation(items)
        if plan.samples is None:
            samples = items % plan.each
        else:
            samples = np.concatenate([plan.samples[p] for p in pieces])[items]
        held = {name: c.hold(rows, spaces[name]) for name, c in self._columns.items()}
        return self._group(held, places[items // plan.each], samples, epoch, max(low, self._start))

    def _group(
        self,
        held: dict[str, Held],
        places: NDArray[np.int64],
        samples: NDArray[np.int64],
        epoch: int,
        first: int,
    ) -> _Group:
        """Say where the crops of items begin, the first of which is number `first` of the epoch."""
        starts = None
        if self._room:
            span = slice(first, first + places.size)
            how: Any = {"room": self._room, "step": self._step, "random": self._is_random_crop}
            starts = crop_starts(self.seed, epoch, span, **how)
        return _Group(held, places, samples, starts, first)

    def _take(self, group: _Group, a: int, b: int) -> Batch:
        """Copy items `a` to `b` of a group."""
        starts = None if group.starts is None else group.starts[a:b]
        samples = np.unravel_index(group.samples[a:b], tuple(self._over.values()) or (1,))
        by_name = dict(zip(self._over, samples, strict=False))
        chosen = Chosen(group.places[a:b], by_name, starts, self._room)
        return {
            name: column.take(group.held[name], chosen) for name, column in self._columns.items()
        }

    def _finished(self, name: str, parts: list[Any]) -> Any:
        """Join what was taken of several groups; give it its type and length."""
        column = self._columns[name]
        values = parts[0] if len(parts) == 1 else column.join(parts)
        if isinstance(values, Ragged):
            if name in self._dtypes:
                flat = values.values.astype(self._dtypes[name])
                values = Ragged(flat, values.starts, values.sizes)
            return values.to_padded(None, self._fills[name]) if name in self._fills else values
        return values.astype(self._dtypes.get(name, values.dtype), copy=False)


@dataclass(frozen=True)
class _Group:
    """Rows that are held together, and the items made of them in the order of the epoch."""

    held: dict[str, Held]
    places: NDArray[np.int64]  # of each item: where its row is held
    samples: NDArray[np.int64]  # of each item, over all dimensions besides the rows
    starts: NDArray[np.int64] | None  # of each item's crop
    first: int  # number of the first item in the epoch


@dataclass(frozen=True)
class _Spaces:
    """Room for two groups, the one that is dealt out and the one that is read ahead."""

    most: int  # rows that a group may have
    both: list[dict[str, Any]]


@dataclass(frozen=True)
class _Plan:
    """A list of rows, its runs in the order of an epoch, and the groups that these make."""

    rows: NDArray[np.int64]
    samples: NDArray[np.int64] | None  # of each row of the list, if they were drawn
    each: int  # items that a row of the list stands for
    runs: Runs
    bounds: NDArray[np.int64]  # of the groups, in the runs
    counts: NDArray[np.int64]  # rows of each group
    firsts: NDArray[np.int64]  # number of each group's first item in the epoch


def _deal(
    groups: Iterator[_Group],
    start: int,
    sizes: NDArray[np.int64],
    take: Callable[[_Group, int, int], Batch],
) -> Iterator[list[Batch]]:
    """Cut groups into batches of the given sizes, from item `start` on; one may span several groups.

    What is taken is a copy: a group's room is used again once the next group is asked for.
    """
    group = next(groups)
    at = start - group.first
    for size in sizes.tolist():
        parts, missing = [], size
        while missing:
            if at == group.places.size:
                group, at = next(groups), 0
            stop = min(at + missing, group.places.size)
            parts.append(take(group, at, stop))
            missing -= stop - at
            at = stop
        yield parts


def _as_dict(batch: Any) -> Batch:
    if not isinstance(batch, Mapping):
        msg = f"transform must give a dict of the batch's entries; found {shown(batch)}"
        raise TypeError(msg)
    return dict(batch)


def _checked_seed(seed: Any) -> int:
    if isinstance(seed, int | np.integer) and not isinstance(seed, bool) and seed >= 0:
        return int(seed)
    msg = f"seed must be a whole number, at least 0; found {shown(seed)}"
    raise ValueError(msg)


def _columns(ds: xr.Dataset, variables: Sequence[str], over: tuple[str, ...]) -> dict[str, Column]:
    if isinstance(variables, str) or not variables:
        found = f"the text {variables!r}" if isinstance(variables, str) else "none"
        msg = f"variables must be a list that names at least one variable of the Dataset; found {found}"
        raise ValueError(msg)
    if over[:1] != (SEQUENCE,) or LENGTH in over or len(set(over)) < len(over):
        msg = (
            f"over must be {SEQUENCE!r} and then dimensions of samples, each once; found {over}. For "
            f"rows alone leave it out"
        )
        raise ValueError(msg)
    return {
        name: GenotypeColumn(ds, name, over)
        if has_genotypes(ds, name)
        else column_of(ds, name, over)
        for name in variables
    }


def _sample_sizes(
    ds: xr.Dataset, columns: dict[str, Column], over: tuple[str, ...]
) -> dict[str, int]:
    """Give the sizes of the dimensions that items run over besides the rows."""
    for dim in over[1:]:
        if not any(dim in column.dims for column in columns.values()):
            msg = f"over must name dimensions of {', '.join(columns)}; none of them has {dim!r}"
            raise ValueError(msg)
        if not ds.sizes[dim]:
            msg = f"over must name dimensions with samples; found none along {dim!r}"
            raise ValueError(msg)
    return {dim: ds.sizes[dim] for dim in over[1:]}


def _deciding(columns: dict[str, Column]) -> Column:
    """Give the column whose blocks decide what is read together: one of stretches, else the widest."""
    lazy = [column for column in columns.values() if not column.in_memory]
    stretched = RaggedColumn | GenotypeColumn
    return max(lazy, key=lambda c: (isinstance(c, stretched), getattr(c, "width", 0)))


def _fills(columns: dict[str, Column], pad: Mapping[str, float | str] | None) -> dict[str, Any]:
    fills = {}
    for name, value in (pad or {}).items():
        column = columns.get(name)
        if column is None or not column.is_ragged:
            found = f"no {name!r} in the batch" if column is None else f"{name!r} of one length"
            msg = f"pad must name variables with rows of unequal length; found {found}"
            raise ValueError(msg)
        fills[name] = column.fill(value)
    return fills


def _dtypes(
    columns: dict[str, Column], dtypes: Mapping[str, DTypeLike] | None
) -> dict[str, np.dtype[Any]]:
    checked = {}
    for name, wanted in (dtypes or {}).items():
        if name not in columns:
            msg = f"dtypes must name variables of the batch ({', '.join(columns)}); found {name!r}"
            raise ValueError(msg)
        checked[name] = number_type(wanted, "dtypes")
        stored = columns[name].dtype
        if checked[name].kind != "f" and not np.can_cast(stored, checked[name], "safe"):
            msg = (
                f"dtypes must give floats, or types that hold every {stored}; found {checked[name]} for "
                f"{name!r}. Convert with transform= where values are known to fit"
            )
            raise TypeError(msg)
    return checked


def _weights(
    ds: xr.Dataset,
    positions: NDArray[np.int64],
    weights: ArrayLike | None,
    balance: str | None,
    *,
    is_random: bool,
) -> NDArray[np.float64] | None:
    """Give the weight of each selected row, or None where each row comes once."""
    if weights is None and balance is None:
        return None
    if (weights is not None and balance is not None) or not is_random:
        found = "both" if is_random else "shuffle=False"
        msg = f"weights or balance, one of them, needs shuffle=True; found {found}"
        raise ValueError(msg)
    if balance is not None:
        if balance not in ds or ds[balance].dims != (SEQUENCE,):
            found = str(ds[balance].dims) if balance in ds else f"no {balance!r}"
            msg = f"balance must name a variable with one class a row ({SEQUENCE},); found {found}"
            raise ValueError(msg)
        return balanced_weights(ds[balance].values[positions])
    chosen = checked_weights(np.asarray(weights), ds.sizes[SEQUENCE])[positions]
    if not chosen.any():
        msg = f"weights must be above 0 for at least one selected row; found {chosen.size} zeros"
        raise ValueError(msg)
    return chosen


def _epoch_size(size: int | None, weights: NDArray[np.float64] | None, selected: int) -> int:
    if size is None:
        return selected
    if weights is None:
        msg = f"epoch_size needs weights or balance: else an epoch is each row once; found {shown(size)}"
        raise ValueError(msg)
    return whole_number(size, "epoch_size", low=1)


def _room_to_crop(ds: xr.Dataset, columns: dict[str, Column]) -> tuple[int, int]:
    """Give the jitter room, 0 where nothing has any, and the steps that a random crop moves by, bp."""
    along = {name: column for name, column in columns.items() if column.step}
    room = int(ds.attrs.get("max_jitter", 0)) if along else 0
    step = math.lcm(*(column.step for column in along.values()))
    if not room:
        return 0, step
    for name, column in along.items():
        has_offset = "offset" in ds[name].attrs if name in ds else False
        _check_room(ds, room, column.extents, is_whole=not has_offset)
    if room % step:
        msg = (
            f"attribute max_jitter must be a multiple of the bins that are cropped, together {step} bp; "
            f"found {room}. Build with one that is, or leave binned variables out"
        )
        raise ValueError(msg)
    return room, step


def jitter_room(ds: xr.Dataset) -> int:
    """Give the positions to cut from both ends of rows, bp: the root attribute ``max_jitter``.

    Parameters
    ----------
    ds
        Dataset with rows of one length.

    Returns
    -------
    The room, 0 where there is none

    Raises
    ------
    ValueError
        If the rows do not have that room, or are no longer the windows that it was built with.

    Examples
    --------
    >>> rows = {"seq": (("_sequence", "_length"), np.zeros((1, 9)))}
    >>> jitter_room(xr.Dataset(rows, attrs={"max_jitter": 2}))
    2
    """
    room = int(ds.attrs.get("max_jitter", 0))
    if room:
        _check_room(ds, room, np.array([ds.sizes[LENGTH]]))
    return room


def _check_room(
    ds: xr.Dataset, room: int, extents: NDArray[np.int64], *, is_whole: bool = True
) -> None:
    """Refuse rows that are too short for the room, or that no longer fill their windows."""
    least = int(extents.min(initial=np.iinfo(np.int64).max))
    if not 0 < 2 * room < least:
        msg = (
            f"attribute max_jitter must leave positions between both rooms; found {room} bp for rows of "
            f"{least}. Set it to what the windows were built with, or to 0"
        )
        raise ValueError(msg)
    if is_whole and "windowStart" in ds and "windowEnd" in ds and "blockSizes" not in ds:
        sizes = ds["windowEnd"].values - ds["windowStart"].values
        wrong = np.flatnonzero(sizes != extents)
        if wrong.size:
            found = np.broadcast_to(extents, sizes.shape)[wrong[0]]
            msg = (
                f"{LENGTH} must be that of the windows (windowStart to windowEnd) to cut jitter room of "
                f"{room} bp from; found {found} positions for a window of {sizes[wrong[0]]} bp. "
                "Set the attribute max_jitter to 0 if the room was cut off"
            )
            raise ValueError(msg)
