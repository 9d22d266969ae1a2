"""The first check of every verb: a Dataset is a Dataset."""

from __future__ import annotations

from typing import Any

import xarray as xr


def require_dataset(data: Any) -> None:
    """Refuse anything but a Dataset, and say how to get one.

    Raises
    ------
    TypeError
        If it is a path, a table, or something else.

    Examples
    --------
    >>> require_dataset("mpra.zarr")
    Traceback (most recent call last):
    TypeError: data must be an xarray.Dataset; found str. Open a store with seqdata.open_zarr...
    """
    if not isinstance(data, xr.Dataset):
        msg = (
            f"data must be an xarray.Dataset; found {type(data).__name__}. Open a store with "
            "seqdata.open_zarr, or read a table with seqdata.read_table"
        )
        raise TypeError(msg)
