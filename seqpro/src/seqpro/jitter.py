"""Random windows of sequences and of what lies along them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqpro import _kernels
from seqpro.checks import as_array, shown, size_of_axis
from seqpro.containers import BLOCK, Block, copy_block, nested_shape, rows_of
from seqpro.parallel import run_blocks
from seqpro.ragged import Ragged
from seqpro.sample import RandomState, draw_seed, row_numbers

_NUMBERS = "biufcmM"  # kinds of numpy types; the last two are spans and points of time


def jitter(
    *arrays: Any,
    max_jitter: int,
    length_axes: int | Sequence[int] = -1,
    rng: RandomState = None,
    rows: ArrayLike | None = None,
) -> tuple[Any, ...]:
    """Cut a random window out of each row, the same from all arrays.

    Row i of every array loses its first ``offset[i]`` positions and its last ``2 * max_jitter -
    offset[i]``; offsets are uniform on 0 to ``2 * max_jitter``, both included. Arrays that belong
    together, such as sequences and a track along them, stay aligned, in one call or in several with the
    same seed. They may have different lengths; the offset is the same number of positions.

    Parameters
    ----------
    arrays
        Arrays of any number type or of letters, shape (n, ..., length), (n, length, letters) or any
        other with the rows first; text of equal lengths; a `Ragged` of letters, numbers or columns. An
        array whose first axis is the positions is one row.
    max_jitter
        Most positions that a window moves to either side, bp.
    length_axes
        Axis of the positions, one for all arrays or one for each: -1 for letters, tracks and one-hot
        arrays (n, letters, length); -2 for one-hot arrays (n, length, letters). Text and `Ragged` have
        theirs last.
    rng
        Seed, generator or None. An offset depends on the seed and the row's number only.
    rows
        Number of each row, shape (n,), where they are a part of more; 0, 1, 2 ... by default.

    Returns
    -------
    one new array for each, ``2 * max_jitter`` positions shorter, of the same type: ``S1`` for text, a
    `Ragged` for a `Ragged`

    Raises
    ------
    TypeError
        If an array holds neither numbers nor letters.
    ValueError
        If `max_jitter` is no whole number or negative, if arrays have different numbers of rows, or if
        one has rows of at most ``2 * max_jitter`` positions.

    Examples
    --------
    >>> import numpy as np
    >>> import seqpro as sp
    >>> seqs, track = sp.jitter(["ACGTACGT"], np.arange(8)[None], max_jitter=2, rng=3)
    >>> seqs.tobytes(), track
    (b'TACG', array([[3, 4, 5, 6]]))
    """
    room = 2 * size_of_axis(max_jitter, "max_jitter")
    axes = _axes(length_axes, len(arrays))
    sources = [
        _source(array, axis, f"arrays[{i}]")
        for i, (array, axis) in enumerate(zip(arrays, axes, strict=True))
    ]
    n = _common_rows(sources, room)
    offsets = np.empty(n, np.int64)
    numbers, seed = row_numbers(rows, n), draw_seed(rng)
    _kernels.random.offsets(seed, numbers, np.full(n, room + 1), offsets)
    return tuple(source.cut(offsets, room) for source in sources)


@dataclass(frozen=True)
class _Source:
    """One of the arrays: how many rows, the positions of the shortest one, and how to cut them."""

    n: int
    shortest: int
    cut: Callable[[NDArray[np.int64], int], Any]
    name: str


def _axes(length_axes: int | Sequence[int], count: int) -> list[int]:
    if not count:
        msg = "jitter needs at least one array; found none"
        raise ValueError(msg)
    axes = length_axes if isinstance(length_axes, Sequence) else [length_axes] * count
    whole = all(isinstance(axis, int | np.integer) for axis in axes)
    if not whole or len(axes) != count:
        msg = f"length_axes must be one axis or one for each of {count} arrays; found {shown(length_axes)}"
        raise ValueError(msg)
    return list(axes)


def _common_rows(sources: list[_Source], room: int) -> int:
    n = sources[0].n
    for source in sources:
        if source.n != n:
            msg = (
                f"all arrays must have the same number of rows; found {n} in {sources[0].name} and "
                f"{source.n} in {source.name}"
            )
            raise ValueError(msg)
        if n and source.shortest <= room:
            msg = (
                f"rows of {source.name} must have more than {room} positions, twice max_jitter; found "
                f"{source.shortest}. For positions on another axis pass length_axes"
            )
            raise ValueError(msg)
    return n


def _source(array: Any, axis: int, name: str) -> _Source:
    if not isinstance(array, Ragged) and not _is_text(array, name):
        array = as_array(array, name)
        if array.dtype.kind in _NUMBERS or array.dtype == "S1":
            return _of_array(array, axis, name)
    if axis != -1:
        msg = f"length_axes must be -1 for {name}, text or a Ragged; found {axis}"
        raise ValueError(msg)
    return _of_ragged(array, name) if isinstance(array, Ragged) else _of_text(array, name)


def _is_text(array: Any, name: str) -> bool:
    """Whether this is a string or lists of strings, nested to any depth; empty lists are."""
    if not isinstance(array, Sequence):
        return False
    for size in nested_shape(array, name):
        if not size:
            return True
        array = array[0]
    return isinstance(array, str | bytes)


def _of_text(seqs: Any, name: str) -> _Source:
    rows = rows_of(seqs, argument=name)
    length, n = rows.one_length(), rows.shape[0] if rows.shape else 1

    def cut(offsets: NDArray[np.int64], room: int) -> Any:
        each = math.prod(rows.shape[1:])  # rows of one offset

        def work(first: int, block: Block, target: NDArray[np.uint8]) -> None:
            place = offsets[np.arange(first, first + block.sizes.size) // each]
            copy_block(Block(block.values, block.starts + place, block.sizes - room), target)

        return rows.map(work, sizes=max(0, length - room))

    return _Source(n, length, cut, name)


def _of_ragged(ragged: Ragged, name: str) -> _Source:
    def cut(offsets: NDArray[np.int64], room: int) -> Ragged:
        sizes = ragged.sizes - room
        starts = np.cumsum(sizes) - sizes
        values = ragged.values
        out = np.empty((int(sizes.sum()), *values.shape[1:]), values.dtype)
        step = values.itemsize * math.prod(values.shape[1:])
        taken, filled = values.reshape(-1).view(np.uint8), out.reshape(-1).view(np.uint8)

        def work(a: int, b: int) -> None:
            target = filled[int(starts[a]) * step :]
            places = (ragged.starts[a:b] + offsets[a:b]) * step
            copy_block(Block(taken, places, sizes[a:b] * step), target)

        mean = max(1, out.size // max(1, len(ragged)))
        run_blocks(work, len(ragged), block=max(1, BLOCK // (mean * out.itemsize)))
        return Ragged(out, starts, sizes)

    shortest = int(ragged.sizes.min()) if len(ragged) else 0
    return _Source(len(ragged), shortest, cut, name)


def _of_array(array: NDArray[Any], length_axis: int, name: str) -> _Source:
    axis = length_axis + array.ndim if length_axis < 0 else length_axis
    if not 0 <= axis < array.ndim:
        msg = f"length_axes must be axes of the arrays; found {length_axis} for {name} of shape {array.shape}"
        raise ValueError(msg)
    table = array if axis else array[None]  # without an axis of rows it is one row
    axis = max(axis, 1)
    n, each, length = table.shape[0], math.prod(table.shape[1:axis]), table.shape[axis]
    inner = table.shape[axis + 1 :]

    def cut(offsets: NDArray[np.int64], room: int) -> NDArray[Any]:
        out = np.empty((*table.shape[:axis], max(0, length - room), *inner), table.dtype)
        step = array.itemsize * math.prod(inner)

        def work(a: int, b: int) -> None:
            taken = np.ascontiguousarray(table[a:b]).reshape(-1).view(np.uint8)
            filled = out[a:b].reshape(-1).view(np.uint8)
            starts = np.arange((b - a) * each) * length + np.repeat(offsets[a:b], each)
            sizes = np.full(starts.size, (length - room) * step)
            copy_block(Block(taken, starts * step, sizes), filled)

        if out.size:
            run_blocks(work, n, block=max(1, BLOCK // (each * length * step)))
        return out if table is array else out[0]

    return _Source(n, length, cut, name)
