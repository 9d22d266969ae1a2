"""Batches from a Dataset: in order or shuffled, from memory or from a store larger than memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from seqdata.schema import LENGTH, SEQUENCE, SPLITS, kind_of
from seqdata.view import is_ragged
from seqpro.parallel import run_blocks

Batch = dict[str, NDArray[Any]]

_IN_MEMORY_BLOCK = 8192  # rows


class Loader:
    """Goes over the rows of a Dataset in batches, each selected row exactly once an epoch.

    Shuffling permutes the store's blocks, reads them into a bounded buffer and draws batches from it;
    what fits into the buffer whole is shuffled whole. The order depends on the seed and the number of
    the epoch only. One thread reads ahead; blocks are decoded on several.

    Parameters
    ----------
    ds
        Dataset in memory or from `open_zarr`.
    variables
        Names of the variables in a batch; each must have ``_sequence`` as its first dimension.
    batch_size
        Rows in a batch; the last one of an epoch may be shorter.
    shuffle
        Whether to draw rows at random. False keeps their order.
    seed
        Decides the order and the random crops.
    split
        Use only rows whose ``split`` is this: ``"train"``, ``"val"``, ``"test"`` or ``"unused"``.
    rows
        Use only these rows: a boolean mask, or positions (whose order is kept when not shuffling),
        counted in `ds`.
    drop_last
        Whether to leave out a last batch that is short.
    crop
        How the jitter room (root attribute ``max_jitter``, bp) is cut from both ends of variables
        with a ``_length``: ``"center"``, or ``"random"`` for a new place for each row each epoch.
    buffer_bytes
        Most bytes of rows held at a time, besides one group that is being read ahead.

    Raises
    ------
    ValueError
        If a variable is not there, is ragged or has no rows, if no variable is named, if nothing is
        selected, or if the jitter room does not fit the length.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> ds = xr.Dataset({"row": ("_sequence", np.arange(5)), "y": ("_sequence", np.arange(5.0))})
    >>> [batch["y"].tolist() for batch in Loader(ds, ["y"], batch_size=2)]
    [[0.0, 1.0], [2.0, 3.0], [4.0]]
    >>> sorted(np.concatenate([b["y"] for b in Loader(ds, ["y"], batch_size=2, shuffle=True)]).tolist())
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
        buffer_bytes: int = 256 << 20,
    ) -> None:
        if batch_size < 1:
            msg = f"batch_size must be at least 1; found {batch_size}"
            raise ValueError(msg)
        if crop not in ("center", "random"):
            msg = f"crop must be 'center' or 'random'; found {crop!r}"
            raise ValueError(msg)
        self.batch_size, self.shuffle, self.seed, self.drop_last = (
            batch_size,
            shuffle,
            seed,
            drop_last,
        )
        if not variables:
            msg = "variables must name at least one variable of the Dataset; found none"
            raise ValueError(msg)
        self.epoch = 0
        self.positions = select_rows(ds, split=split, rows=rows)
        self._variables = {name: _checked(ds, name) for name in variables}
        has_length = any(variable.dims[-1] == LENGTH for variable in self._variables.values())
        self._crop, self._room = crop, jitter_room(ds) if has_length else 0
        self._block = _stored_block(self._variables)
        width = sum(
            int(np.prod(v.shape[1:], dtype=np.int64)) * v.dtype.itemsize
            for v in self._variables.values()
        )
        self._buffer_rows = max(batch_size, buffer_bytes // max(1, width))
        self._resident: Batch | None = None

    def __len__(self) -> int:
        whole, rest = divmod(self.positions.size, self.batch_size)
        return whole if self.drop_last or not rest else whole + 1

    def set_epoch(self, epoch: int) -> None:
        """Choose the number of the next epoch; each pass over the loader also adds one."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[Batch]:
        # two streams, so that the order of rows does not depend on how crops are drawn
        order_rng = np.random.default_rng([self.seed, self.epoch])
        crop_rng = np.random.default_rng([self.seed, self.epoch, 1])
        self.epoch += 1
        for batch in self._batches(order_rng):
            size = next(iter(batch.values())).shape[0]
            if size == self.batch_size or not self.drop_last:
                yield self._cropped(batch, crop_rng)

    def _batches(self, rng: np.random.Generator) -> Iterator[Batch]:
        if self.positions.size <= self._buffer_rows:
            if self._resident is None:
                self._resident = self._held()
            order = np.arange(self.positions.size)
            if self.shuffle:
                rng.shuffle(order)
            for start in range(0, order.size, self.batch_size):
                chosen = order[start : start + self.batch_size]  # copies: a batch is the user's own
                yield {name: values[chosen] for name, values in self._resident.items()}
            return
        yield from _rebatched(self._read_ahead(self._groups(rng)), self.batch_size)

    def _groups(self, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
        """Give positions in the order of the epoch, a buffer at a time."""
        size = self._buffer_rows
        if not self.shuffle:
            for start in range(0, self.positions.size, size):
                yield self.positions[start : start + size]
            return
        ordered = np.sort(self.positions)
        bounds = np.flatnonzero(np.diff(ordered // self._block)) + 1
        blocks = np.split(ordered, bounds)
        group: list[NDArray[np.int64]] = []
        held = 0
        for i in rng.permutation(len(blocks)):
            if group and held + blocks[i].size > size:
                yield rng.permutation(np.concatenate(group))
                group, held = [], 0
            group.append(blocks[i])
            held += blocks[i].size
        yield rng.permutation(np.concatenate(group))

    def _read_ahead(self, groups: Iterator[NDArray[np.int64]]) -> Iterator[Batch]:
        with ThreadPoolExecutor(1, thread_name_prefix="seqdata-loader") as reader:
            following = reader.submit(self._read, next(groups))
            for group in groups:
                values = following.result()
                following = reader.submit(self._read, group)
                yield values
            yield following.result()

    def _held(self) -> Batch:
        """Give all selected rows; arrays in memory are used where they are, not copied."""
        variables = self._variables.values()
        whole = np.array_equal(self.positions, np.arange(next(iter(variables)).shape[0]))
        if whole and all(isinstance(variable._data, np.ndarray) for variable in variables):
            return {name: variable.values for name, variable in self._variables.items()}
        return self._read(self.positions)

    def _read(self, positions: NDArray[np.int64]) -> Batch:
        """Copy rows in the order of `positions`, each block of a store read once."""
        batch: Batch = {}
        order = np.argsort(positions, kind="stable")
        parts = np.split(order, np.flatnonzero(np.diff(positions[order] // self._block)) + 1)
        for name, variable in self._variables.items():
            if isinstance(variable._data, np.ndarray):
                batch[name] = variable.values[positions]
                continue
            batch[name] = np.empty((positions.size, *variable.shape[1:]), variable.dtype)
            work = partial(self._fill, batch[name], variable, positions, parts)
            run_blocks(work, len(parts), block=1)
        return batch

    def _fill(
        self,
        out: NDArray[Any],
        variable: xr.Variable,
        positions: NDArray[np.int64],
        parts: list[NDArray[np.intp]],
        start: int,
        stop: int,
    ) -> None:
        """Write the rows of some blocks; each of `parts` lists the places that one block fills."""
        for part in parts[start:stop]:
            first = int(positions[part[0]] // self._block) * self._block
            block = variable[first : first + self._block].values
            rows = positions[part] - first
            is_whole = np.array_equal(rows, np.arange(block.shape[0]))
            out[_slice_if_dense(part)] = block if is_whole else block[rows]

    def _cropped(self, batch: Batch, rng: np.random.Generator) -> Batch:
        if not self._room:
            return batch
        n = next(iter(batch.values())).shape[0]
        centre = np.full(n, self._room)
        starts = rng.integers(0, 2 * self._room + 1, n) if self._crop == "random" else centre
        out: Batch = {}
        for name, values in batch.items():
            if self._variables[name].dims[-1] != LENGTH:
                out[name] = values
                continue
            kept = values.shape[-1] - 2 * self._room
            index = starts.reshape(n, *[1] * (values.ndim - 1)) + np.arange(kept)
            out[name] = np.take_along_axis(values, index, axis=-1)
        return out


def select_rows(
    ds: xr.Dataset, *, split: str | None = None, rows: ArrayLike | None = None
) -> NDArray[np.int64]:
    """Give the positions of the rows that a split, a mask or a list of positions selects.

    Parameters
    ----------
    ds
        Dataset with rows.
    split
        Keep rows whose ``split`` is this.
    rows
        A boolean mask, shape (n,), or positions, whose order is kept.

    Returns
    -------
    int64 array of positions

    Raises
    ------
    ValueError
        If nothing is selected, the Dataset has no ``split`` or only its codes, or `rows` does not fit.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> ds = xr.Dataset({"split": ("_sequence", np.array(["train", "test"], object))})
    >>> select_rows(ds, split="test").tolist()
    [1]
    """
    n = ds.sizes[SEQUENCE]
    positions = np.arange(n)
    if rows is not None:
        chosen = np.asarray(rows)
        fits = chosen.ndim == 1 and (
            chosen.size == n if chosen.dtype == bool else chosen.dtype.kind in "iu"
        )
        if not fits:
            msg = (
                f"rows must be a boolean mask of {n} values or whole-number positions; "
                f"found {chosen.dtype} with shape {chosen.shape}"
            )
            raise ValueError(msg)
        if chosen.dtype != bool and chosen.size and not -n <= chosen.min() <= chosen.max() < n:
            msg = f"rows must be positions below {n}; found {chosen.min()} to {chosen.max()}"
            raise ValueError(msg)
        positions = positions[chosen]
    if split is not None:
        if "split" not in ds or split not in SPLITS:
            found = "no variable 'split'" if "split" not in ds else repr(split)
            msg = f"split must be one of {', '.join(SPLITS)} of a split Dataset; found {found}"
            raise ValueError(msg)
        if kind_of(ds["split"]) != "text":
            msg = (
                f"split needs splits as text; found {ds['split'].dtype} codes. Open the store with "
                "labels='text', or pass rows="
            )
            raise ValueError(msg)
        positions = positions[ds["split"].values[positions] == split]
    if not positions.size:
        msg = f"no rows selected by split={split!r} and rows; the Dataset has {n}"
        raise ValueError(msg)
    return positions.astype(np.int64)


def _checked(ds: xr.Dataset, name: str) -> xr.Variable:
    if name not in ds:
        msg = f"variables must be in the Dataset; found no {name!r} among {', '.join(map(str, ds.data_vars))}"
        raise ValueError(msg)
    if is_ragged(ds, name):
        msg = f"variable {name!r} has rows of unequal length; give them one length before loading"
        raise ValueError(msg)
    variable = ds.variables[name]
    if variable.dims[:1] != (SEQUENCE,):
        msg = (
            f"variable {name!r} must have {SEQUENCE} as its first dimension; found {variable.dims}"
        )
        raise ValueError(msg)
    return variable


def jitter_room(ds: xr.Dataset) -> int:
    """Give the positions to cut from both ends of rows, bp: the root attribute ``max_jitter``.

    Parameters
    ----------
    ds
        Dataset with ``_length``.

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
    if not room:
        return 0
    length = ds.sizes[LENGTH]
    if not 0 < 2 * room < length:
        msg = (
            f"attribute max_jitter must leave positions between both rooms; found {room} bp for rows of "
            f"{length}. Set it to what the windows were built with, or to 0"
        )
        raise ValueError(msg)
    if "windowStart" in ds and "windowEnd" in ds:
        sizes = ds["windowEnd"].values - ds["windowStart"].values
        if (sizes != length).any():
            msg = (
                f"{LENGTH} must be that of the windows (windowStart to windowEnd) to cut jitter room of "
                f"{room} bp from; found {length} positions for a window of {sizes[sizes != length][0]} bp. "
                "Set the attribute max_jitter to 0 if the room was cut off"
            )
            raise ValueError(msg)
    return room


def _stored_block(variables: dict[str, xr.Variable]) -> int:
    """Rows in a block of the store; any size serves for data in memory."""
    for variable in variables.values():
        chunks = variable.encoding.get("chunks")
        if chunks and not isinstance(variable._data, np.ndarray):
            return int(chunks[0])
    return _IN_MEMORY_BLOCK


def _slice_if_dense(places: NDArray[np.intp]) -> slice | NDArray[np.intp]:
    """Name ascending neighbours by a slice, which numpy copies faster."""
    first, last = int(places[0]), int(places[-1]) + 1
    dense = np.array_equal(places, np.arange(first, last))
    return slice(first, last) if dense else places


def _rebatched(groups: Iterator[Batch], size: int) -> Iterator[Batch]:
    """Cut groups of rows into batches of `size`; what is left over begins the next group's first."""
    rest: Batch = {}
    left = 0
    for group in groups:
        n = next(iter(group.values())).shape[0]
        start = 0
        if left:
            start = min(size - left, n)
            rest = {k: np.concatenate([rest[k], values[:start]]) for k, values in group.items()}
            left += start
            if left < size:
                continue
            yield rest
        last = n - (n - start) % size
        for i in range(start, last, size):
            yield {name: values[i : i + size] for name, values in group.items()}
        left = n - last
        rest = {name: values[last:].copy() for name, values in group.items()}
    if left:
        yield rest
