"""Helpers for the tests of packages that make or take Datasets."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import xarray as xr

from seqdata.schema import SEQUENCE
from seqdata.store import open_zarr, to_zarr
from seqdata.validation import validate


def assert_conforms(ds: xr.Dataset) -> None:
    """Check that a Dataset follows the contract, also after it went through a store.

    Parameters
    ----------
    ds
        Dataset small enough to write to a temporary folder.

    Raises
    ------
    ContractError
        If it breaks the contract.
    AssertionError
        If a value or a type changes on the way to a store and back.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> assert_conforms(xr.Dataset({"row": ("_sequence", np.arange(3))}))
    """
    validate(ds)
    with tempfile.TemporaryDirectory() as folder:
        to_zarr(ds, Path(folder, "a.zarr"))
        back = open_zarr(Path(folder, "a.zarr")).load()
    validate(back)
    assert set(back.data_vars) == set(ds.data_vars), set(back.data_vars) ^ set(ds.data_vars)
    assert set(back.coords) == set(ds.coords), set(back.coords) ^ set(ds.coords)
    for name, variable in ds.variables.items():
        found = back.variables[name]
        assert found.dims == variable.dims, (name, found.dims, variable.dims)
        if variable.dtype.kind in "OTU":
            assert found.values.tolist() == variable.values.tolist(), name
        else:
            assert found.dtype == variable.dtype, (name, found.dtype, variable.dtype)
            np.testing.assert_array_equal(found.values, variable.values, err_msg=str(name))


def assert_same_rows(ds: xr.Dataset, other: xr.Dataset) -> None:
    """Check that two Datasets hold the same rows by key, in any order, with equal values.

    Examples
    --------
    >>> import xarray as xr
    >>> ds = xr.Dataset({"row": ("_sequence", [4, 5]), "x": ("_sequence", [1, 2])})
    >>> assert_same_rows(ds, ds.isel(_sequence=[1, 0]))
    """
    first = ds.isel({SEQUENCE: np.argsort(ds["row"].values)})
    second = other.isel({SEQUENCE: np.argsort(other["row"].values)})
    xr.testing.assert_equal(first, second)
