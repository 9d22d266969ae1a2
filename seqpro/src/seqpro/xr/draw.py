"""Random changes that depend on the seed and each sequence's number, not on chunks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqpro.alphabet import Alphabet, Case
from seqpro.jitter import jitter as plain_jitter
from seqpro.mutate import mutate as plain_mutate
from seqpro.sample import RandomState, draw_seed
from seqpro.shuffle import k_shuffle as plain_k_shuffle
from seqpro.xr.blocks import (
    Dims,
    Named,
    apply,
    core_dims,
    each_sequence,
    full_chunks,
    ohe_axis,
    require_array,
    require_dims,
    sequence_dims,
)


def k_shuffle(
    seqs: xr.DataArray,
    k: int = 2,
    *,
    rng: RandomState = None,
    rows: xr.DataArray | None = None,
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
) -> xr.DataArray:
    """Shuffle each sequence, keeping how often each k-let (word of k letters) occurs in it.

    Parameters
    ----------
    seqs
        Letters, or one-hot of any alphabet.
    k, rng
        As for `seqpro.k_shuffle`. The seed is drawn at once, also for a lazy array.
    rows
        Number of each sequence, which with the seed decides its shuffle, such as ``data["row"]``; its
        place among all by default, counted through the dims of the sequences in their order.
    length_dim, ohe_dim
        Dims of positions and of letters.

    Returns
    -------
    DataArray of the type of `seqs`, shape (..., length) or (..., letters, length)

    Raises
    ------
    TypeError, ValueError
        As `seqpro.k_shuffle`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["AAGGCCTTAAGG"]), dims=("_sequence", "_length"))
    >>> shuffled = sp.xr.k_shuffle(seqs, rng=0)
    >>> bool((sp.xr.count_kmers(shuffled, 2, sp.DNA) == sp.xr.count_kmers(seqs, 2, sp.DNA)).all())
    True
    """
    core = core_dims(seqs, length_dim, ohe_dim)
    shuffle = partial(plain_k_shuffle, k=k, ohe_axis=ohe_axis(core))
    if seqs.chunks is not None and seqs.dtype == np.uint8 and ohe_dim not in core:
        shuffle = partial(_shuffle_any_bytes, shuffle)
    return _drawn(shuffle, seqs, core, rng, rows)


def mutate(
    seqs: xr.DataArray,
    alphabet: Alphabet,
    *,
    rate: float | None = None,
    number: int | None = None,
    rng: RandomState = None,
    rows: xr.DataArray | None = None,
    case: Case = "fold",
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
) -> xr.DataArray:
    """Replace letters at random by other letters of the alphabet, all equally likely.

    Parameters
    ----------
    seqs
        Letters, or one-hot of the alphabet.
    alphabet, rate, number, rng, case
        As for `seqpro.mutate`. The seed is drawn at once, also for a lazy array.
    rows
        Number of each sequence, as for `k_shuffle`.
    length_dim, ohe_dim
        Dims of positions and of letters.

    Returns
    -------
    DataArray of the type of `seqs`, shape (..., length) or (..., letters, length)

    Raises
    ------
    TypeError, ValueError
        As `seqpro.mutate`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["AAAAaaaaNN"]), dims=("_sequence", "_length"))
    >>> mutated = sp.xr.mutate(seqs, sp.DNA, number=3, rng=1)
    >>> int((mutated != seqs).sum())
    3
    """
    core = core_dims(seqs, length_dim, ohe_dim, alphabet=alphabet)
    change = partial(
        plain_mutate,
        alphabet=alphabet,
        rate=rate,
        number=number,
        case=case,
        ohe_axis=ohe_axis(core),
    )
    return _drawn(change, seqs, core, rng, rows)


def jitter(
    *arrays: xr.DataArray,
    max_jitter: int,
    rng: RandomState = None,
    rows: xr.DataArray | None = None,
    sequence_dim: str = "_sequence",
    length_dims: str | Sequence[str] = "_length",
    ohe_dim: str = "_ohe",
) -> tuple[xr.DataArray, ...]:
    """Cut a random window out of each sequence, the same from all arrays.

    Parameters
    ----------
    arrays
        Letters, one-hot arrays or tracks of any number type. Dims other than those named here, such as
        letters or samples, share the window.
    max_jitter, rng
        As for `seqpro.jitter`. The seed is drawn at once, also for lazy arrays.
    rows
        Number of each sequence, which with the seed decides its window, such as ``data["row"]``; 0, 1,
        2 ... by default.
    sequence_dim
        Dim of the sequences. Arrays without it are one sequence.
    length_dims
        Dim of positions, one for all arrays or one for each.
    ohe_dim
        Dim of letters, for the order of the result.

    Returns
    -------
    one DataArray for each, shape (..., length) or (..., letters, length), ``2 * max_jitter`` positions
    shorter, of the same type

    Raises
    ------
    TypeError, ValueError
        As `seqpro.jitter`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["ACGTACGT"]), dims=("_sequence", "_length"))
    >>> track = xr.DataArray([list(range(8))], dims=("_sequence", "_length"))
    >>> window, signal = sp.xr.jitter(seqs, track, max_jitter=2, rng=3)
    >>> window.values.tobytes() == seqs.values[0, signal.values[0]].tobytes()
    True
    """
    dims = _one_each(length_dims, len(arrays))
    for i, (array, dim) in enumerate(zip(arrays, dims, strict=True)):
        require_array(array, f"arrays[{i}]")
        require_dims(array, f"arrays[{i}]", length_dims=dim)
    _require_same_sequences(arrays, sequence_dim)
    _require_room(arrays, dims, max_jitter)
    cut = partial(plain_jitter, max_jitter=max_jitter)
    begin = _begin(rng)
    return tuple(
        _windows(array, cut, begin, rows, sequence_dim, dim, ohe_dim)
        for array, dim in zip(arrays, dims, strict=True)
    )


def _drawn(
    change: Callable[..., NDArray[Any]],
    seqs: xr.DataArray,
    core: Dims,
    rng: RandomState,
    rows: xr.DataArray | None,
) -> xr.DataArray:
    """Call ``change(block, rng=..., rows=...)`` with one seed and the numbers of the block's sequences."""
    begin = _begin(rng)
    numbers = _numbers(seqs, sequence_dims(seqs, core), rows)

    def work(block: NDArray[Any], part: NDArray[Any]) -> NDArray[Any]:
        every = np.broadcast_to(part, block.shape[: -len(core)]).reshape(-1)
        return change(block, rng=deepcopy(begin), rows=every)

    return apply(work, (seqs, core), (numbers, ()), out=core, keeps_attrs=True)


def _windows(
    array: xr.DataArray,
    cut: Callable[..., tuple[NDArray[Any], ...]],
    begin: np.random.Generator,
    rows: xr.DataArray | None,
    sequence_dim: str,
    length_dim: str,
    ohe_dim: str,
) -> xr.DataArray:
    """Cut the windows of one array."""
    is_one = sequence_dim not in array.dims
    table = array.expand_dims(sequence_dim) if is_one else array
    numbers = _numbers(table, (sequence_dim,), rows)

    def work(block: NDArray[Any], part: NDArray[Any]) -> NDArray[Any]:
        return cut(block, rng=deepcopy(begin), rows=part.reshape(-1))[0]

    windows = apply(
        work,
        (table.transpose(sequence_dim, ...), (length_dim,)),
        (numbers, ()),
        out=(length_dim,),
        renumbers=(length_dim,),
        keeps_attrs=True,
    )
    last = [dim for dim in (ohe_dim, length_dim) if dim in array.dims]
    first = [dim for dim in array.dims if dim not in last]
    return (windows.isel({sequence_dim: 0}) if is_one else windows).transpose(*first, *last)


def _begin(rng: RandomState) -> np.random.Generator:
    """Give a generator that is about to draw the seed that `rng` draws now."""
    generator = np.random.default_rng(rng)
    begin = deepcopy(generator)
    draw_seed(generator)
    return begin


def _numbers(seqs: xr.DataArray, dims: Dims, rows: xr.DataArray | None) -> Named:
    """Give the number of each sequence: `rows`, or its place in the order of some dims."""
    if rows is not None:
        require_array(rows, "rows")
        return each_sequence(rows, "rows", seqs, sequence_dims(seqs, dims))
    numbers = xr.Variable((), np.uint64(0))
    step = 1
    for dim in reversed(dims):
        along = xr.Variable((dim,), _arange(seqs, dim)) * np.uint64(step)
        numbers = along + numbers
        step *= seqs.sizes[dim]
    return numbers


def _arange(seqs: xr.DataArray, dim: str) -> Any:
    """Count along a dim, lazily where the array is lazy."""
    size = seqs.sizes[dim]
    if seqs.chunks is None:
        return np.arange(size, dtype=np.uint64)
    import dask.array

    chunks = full_chunks(seqs.variable.chunksizes[dim])
    return dask.array.arange(size, chunks=(chunks,), dtype=np.uint64)


def _shuffle_any_bytes(
    shuffle: Callable[..., NDArray[Any]], block: NDArray[np.uint8], **options: Any
) -> NDArray[np.uint8]:
    """Shuffle as text, of which any byte is taken: a chunk of indices may hold 0 and 1 only."""
    return shuffle(block.view("S1"), **options).view(np.uint8)


def _one_each(length_dims: str | Sequence[str], count: int) -> Sequence[str]:
    dims = [length_dims] * count if isinstance(length_dims, str) else list(length_dims)
    if not count or len(dims) != count:
        msg = (
            f"jitter needs an array or more, and as length_dims one dim or one for each; found {count} "
            f"arrays and {length_dims!r}"
        )
        raise ValueError(msg)
    return dims


def _require_same_sequences(arrays: Sequence[xr.DataArray], sequence_dim: str) -> None:
    """Refuse arrays whose sequences differ in number or labels."""
    without = [i for i, array in enumerate(arrays) if sequence_dim not in array.dims]
    if without and len(without) < len(arrays):
        msg = (
            f"all arrays or none must have the dim {sequence_dim!r}; arrays[{without[0]}] has "
            f"{arrays[without[0]].dims}. Pass the name of its own as sequence_dim"
        )
        raise ValueError(msg)
    others = {dim for array in arrays for dim in array.dims} - {sequence_dim}
    xr.align(*arrays, join="exact", copy=False, exclude=others)


def _require_room(arrays: Sequence[xr.DataArray], dims: Sequence[str], max_jitter: int) -> None:
    """Refuse arrays that have no window left."""
    plain_jitter(np.empty((0, 1)), max_jitter=max_jitter)  # refuses what is no number of positions
    for i, (array, dim) in enumerate(zip(arrays, dims, strict=True)):
        if array.sizes[dim] <= 2 * max_jitter:
            msg = (
                f"arrays[{i}] must have more than {2 * max_jitter} positions along {dim!r}, twice "
                f"max_jitter; found {array.sizes[dim]}"
            )
            raise ValueError(msg)
