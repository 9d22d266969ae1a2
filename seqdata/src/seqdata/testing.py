"""Helpers for the tests of packages that make or take Datasets."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from seqdata.labels import with_text_labels
from seqdata.schema import SAMPLE, SEQUENCE, TARGET, dim_matches, kind_of
from seqdata.store import open_zarr, to_zarr
from seqdata.validation import ContractError, check_range, spec_of, validate


def assert_conforms(ds: xr.Dataset) -> None:
    """Check that a Dataset follows the contract, also after it went through a store.

    Stricter than `seqdata.validate`: every value is looked at, and samples and targets must have names.

    Parameters
    ----------
    ds
        Dataset small enough to write to a temporary folder.

    Raises
    ------
    ContractError
        If it breaks the contract.
    AssertionError
        If a value, a type, an attribute or the order of variables changes on the way to a store and
        back.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> assert_conforms(xr.Dataset({"row": ("_sequence", np.arange(3))}))
    """
    _check_whole(ds)
    with tempfile.TemporaryDirectory() as folder:
        to_zarr(ds, Path(folder, "a.zarr"))
        back = open_zarr(Path(folder, "a.zarr")).load()
    _check_whole(back)
    assert list(back.data_vars) == list(ds.data_vars), (list(back.data_vars), list(ds.data_vars))
    assert set(back.coords) == set(ds.coords), set(back.coords) ^ set(ds.coords)
    _assert_attributes(dict(back.attrs), dict(ds.attrs), "the data")
    wanted = with_text_labels(ds)
    for name, variable in wanted.variables.items():
        found = back.variables[name]
        assert found.dims == variable.dims, (name, found.dims, variable.dims)
        _assert_attributes(dict(found.attrs), dict(variable.attrs), name)
        if variable.dtype.kind in "OTU":
            assert found.values.tolist() == variable.values.tolist(), name
        else:
            assert found.dtype == variable.dtype, (name, found.dtype, variable.dtype)
            np.testing.assert_array_equal(found.values, variable.values, err_msg=str(name))


def _check_whole(ds: xr.Dataset) -> None:
    """Check a Dataset and what `validate` leaves out: large values, and names of samples and targets."""
    validate(ds)
    for dim in ds.dims:
        if any(dim_matches(str(dim), named) for named in (SAMPLE, TARGET)) and dim not in ds.coords:
            msg = f"dimension {dim!r} must have a coordinate with names; found none"
            raise ContractError(msg)
    for name, variable in ds.variables.items():
        if name in ds.dims or kind_of(variable) == "text":
            continue
        spec = spec_of(ds, str(name))
        if variable.dtype.kind in "iu":
            check_range(str(name), variable, spec)
        elif variable.dtype.kind == "f" and spec.missing == "never missing":
            gaps = int(np.isnan(variable.values).sum())
            if gaps:
                msg = f"variable {name!r} must have no missing values; found {gaps} NaN"
                raise ContractError(msg)


def _assert_attributes(found: dict[Any, Any], wanted: dict[Any, Any], where: object) -> None:
    """Check that attributes are kept; a store adds some, and numpy's numbers become Python's."""
    for key in wanted.keys() - {"_FillValue", "description", "uuid", "variables"}:
        value = wanted[key]
        plain = value.tolist() if isinstance(value, np.ndarray | np.generic) else value
        assert key in found, f"attribute {key!r} of {where} is lost"
        assert found[key] == (list(plain) if isinstance(plain, tuple) else plain), (where, key)


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
