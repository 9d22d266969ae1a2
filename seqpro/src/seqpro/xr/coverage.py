"""Coverage tracks: bins and library sizes."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import xarray as xr

from seqpro.coverage import bin_coverage as plain_bin_coverage
from seqpro.coverage import normalize_coverage as plain_normalize_coverage
from seqpro.xr.blocks import apply, each_sequence, require_array, require_dims


def bin_coverage(
    coverage: xr.DataArray,
    bin_width: int,
    *,
    statistic: Literal["sum", "mean", "max"] = "sum",
    length_dim: str = "_length",
    bin_dim: str = "_bin",
) -> xr.DataArray:
    """Join positions into bins.

    Parameters
    ----------
    coverage
        Numbers of any type, shape (..., length) in any order of dims.
    bin_width, statistic
        As for `seqpro.bin_coverage`.
    length_dim
        Dim of positions.
    bin_dim
        New dim of bins; may be `length_dim` again.

    Returns
    -------
    DataArray, shape (..., length / bin_width), of a type as for `seqpro.bin_coverage`

    Raises
    ------
    TypeError, ValueError
        As `seqpro.bin_coverage`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> coverage = xr.DataArray([[1, 2, 3, 4]], dims=("_sequence", "_length"))
    >>> sp.xr.bin_coverage(coverage, 2).values.tolist()
    [[3, 7]]
    """
    _require_track(coverage, length_dim)
    work = partial(plain_bin_coverage, bin_width=bin_width, statistic=statistic)
    return apply(work, (coverage, (length_dim,)), out=(bin_dim,), renumbers=(length_dim,))


def normalize_coverage(
    coverage: xr.DataArray,
    total: xr.DataArray | float,
    *,
    method: Literal["CPM", "CPKM"] = "CPM",
    length_dim: str = "_length",
) -> xr.DataArray:
    """Scale coverage to the size of its library.

    Parameters
    ----------
    coverage
        Counts of reads or fragments, shape (..., length) in any order of dims.
    total
        Reads or fragments of the whole library: one number, or an array with some of the dims of
        `coverage`, such as its samples.
    method
        As for `seqpro.normalize_coverage`.
    length_dim
        Dim of positions.

    Returns
    -------
    DataArray of float64, shape (..., length)

    Raises
    ------
    TypeError, ValueError
        As `seqpro.normalize_coverage`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> coverage = xr.DataArray([[2, 0], [3, 1]], dims=("sample", "_length"))
    >>> total = xr.DataArray([4_000_000, 1_000_000], dims="sample")
    >>> sp.xr.normalize_coverage(coverage, total).values.tolist()
    [[0.5, 0.0], [3.0, 1.0]]
    """
    _require_track(coverage, length_dim)
    core = (length_dim,)
    totals = each_sequence(total, "total", coverage, core)
    work = partial(plain_normalize_coverage, method=method)
    return apply(work, (coverage, core), (totals, ()), out=core)


def _require_track(coverage: Any, length_dim: str) -> None:
    require_array(coverage, "coverage")
    require_dims(coverage, "coverage", length_dim=length_dim)
