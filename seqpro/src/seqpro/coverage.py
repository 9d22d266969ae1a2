"""Coverage tracks: bins and library sizes."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqpro import _kernels
from seqpro.checks import as_array, choice, kernel_type, shown, whole_number
from seqpro.containers import BLOCK, as_rows
from seqpro.parallel import run_blocks


def bin_coverage(
    coverage: Any, bin_width: int, *, statistic: Literal["sum", "mean", "max"] = "sum"
) -> NDArray[Any]:
    """Join positions into bins.

    Parameters
    ----------
    coverage
        Numbers of any type, shape (..., length).
    bin_width
        Positions of a bin, bp; must divide the length.
    statistic
        ``"sum"``, ``"mean"`` or ``"max"`` of the positions of a bin.

    Returns
    -------
    array, shape (..., length / bin_width). Sums of whole numbers are int64 (uint64 if unsigned), means
    of them float64; other results have the type of `coverage`, summed up in float64

    Raises
    ------
    TypeError
        If `coverage` holds no real numbers.
    ValueError
        If `bin_width` does not divide the length, or `statistic` is none of the three.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.bin_coverage([[1, 2, 3, 4]], 2).tolist()
    [[3, 7]]
    >>> sp.bin_coverage([1, 2, 3, 4], 2, statistic="mean").tolist()
    [1.5, 3.5]
    """
    array = _numbers(coverage)
    length = array.shape[-1]
    bin_width = whole_number(bin_width, "bin_width", low=1)
    if length % bin_width:
        msg = (
            f"bin_width must divide the length, {length}; found {bin_width}. Cut the track to a "
            "multiple of it first"
        )
        raise ValueError(msg)
    choice(statistic, "statistic", ("sum", "mean", "max"))
    rows = as_rows(array)
    dtype = _binned_type(array.dtype, statistic)
    out = np.empty((len(rows), length // bin_width), dtype)

    def join(start: int, stop: int) -> None:
        block = np.ascontiguousarray(rows[start:stop], kernel_type(array.dtype))
        shape = out[start:stop].shape
        if statistic == "max":
            bins = np.empty(shape, block.dtype)
            _kernels.coverage.bin_max(block, bin_width, bins)
        else:
            bins = np.empty(shape, _sum_type(array.dtype))
            _kernels.coverage.bin_sum(block, bin_width, bins.dtype.type(0), bins)
        out[start:stop] = bins / bin_width if statistic == "mean" else bins

    run_blocks(join, len(rows), block=max(1, BLOCK // max(1, length)))
    return out.reshape(*array.shape[:-1], out.shape[1])


def normalize_coverage(
    coverage: Any, total: ArrayLike, *, method: Literal["CPM", "CPKM"] = "CPM"
) -> NDArray[np.float64]:
    """Scale coverage to the size of its library.

    Parameters
    ----------
    coverage
        Counts of reads or fragments, shape (..., length).
    total
        Reads or fragments of the whole library: one number, or an array that numpy broadcasts against
        the sequences, (...).
    method
        ``"CPM"``: counts per million of the library. ``"CPKM"``: the same per kilobase, that is, CPM
        over the length in kb.

    Returns
    -------
    float64 array, shape (..., length)

    Raises
    ------
    TypeError
        If `coverage` holds no real numbers.
    ValueError
        If a total is not positive, or `method` is neither.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.normalize_coverage([2, 0], total=4_000_000).tolist()
    [0.5, 0.0]
    """
    array = _numbers(coverage)
    totals = as_array(total, "total")
    if totals.dtype.kind not in "iuf" or not (np.isfinite(totals) & (totals > 0)).all():
        msg = f"total must be positive, the reads of a whole library; found {shown(total)}"
        raise ValueError(msg)
    choice(method, "method", ("CPM", "CPKM"))
    try:
        np.broadcast_shapes(totals.shape, array.shape[:-1])
    except ValueError as error:
        msg = (
            f"total must be one number or fit the sequences, of shape {array.shape[:-1]}; found shape "
            f"{totals.shape}"
        )
        raise ValueError(msg) from error
    per = 1e6 if method == "CPM" else 1e9 / max(1, array.shape[-1])
    return array * (per / totals[..., None])


def _numbers(coverage: Any) -> NDArray[Any]:
    array = as_array(coverage, "coverage")
    if array.dtype.kind not in "biuf":
        msg = f"coverage must hold numbers; found {array.dtype}"
        raise TypeError(msg)
    if not array.ndim:
        msg = "coverage must have positions on its last axis; found one number"
        raise ValueError(msg)
    return array


def _sum_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Give the type that sums of numbers of `dtype` are made in."""
    return np.dtype({"f": np.float64, "i": np.int64}.get(dtype.kind, np.uint64))


def _binned_type(dtype: np.dtype[Any], statistic: str) -> np.dtype[Any]:
    if dtype.kind == "f" or statistic == "max":
        return dtype
    return np.dtype(np.float64) if statistic == "mean" else _sum_type(dtype)
