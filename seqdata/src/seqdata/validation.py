"""Checks of a Dataset against the contract."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from seqdata.schema import (
    AXES,
    CONTRACT_VERSION,
    EMBEDDING,
    SEQUENCE,
    SPECS,
    SPLITS,
    STRANDS,
    Spec,
    dim_matches,
    kind_of,
)


class ContractError(ValueError):
    """A Dataset or a store breaks the contract.

    The message names the variable, what was expected and what was found.
    """


def validate(ds: xr.Dataset) -> None:
    """Check a Dataset against the contract.

    Parameters
    ----------
    ds
        Any Dataset, in memory or lazily opened. Keys, coordinates and ragged starts are read; other
        values are not.

    Raises
    ------
    ContractError
        At the first breach, naming the variable, what was expected and what was found.

    Examples
    --------
    >>> import numpy as np, xarray as xr, seqdata as sd
    >>> ds = xr.Dataset({"row": ("_sequence", np.arange(2)), "chromStart": ("_sequence", [1.5, 2.0])})
    >>> sd.validate(ds)
    Traceback (most recent call last):
    seqdata.validation.ContractError: variable 'chromStart' (_sequence) must have type int64; found float64...
    """
    found = ds.attrs.get("seqdata_contract", CONTRACT_VERSION)
    if found != CONTRACT_VERSION:
        msg = f"data must follow contract version {CONTRACT_VERSION!r}; found {found!r}"
        raise ContractError(msg)
    for dim in ds.dims:
        if str(dim).startswith("_") and dim not in AXES:
            msg = f"dimension {dim!r} must be one of the contract's: {', '.join(AXES)}"
            raise ContractError(msg)
    for name, variable in ds.variables.items():
        _check_name(name)
        if name not in ds.dims:
            _check_variable(ds, str(name), variable)
    if SEQUENCE in ds.dims:
        _check_rows(ds)
    _check_values(ds)
    _check_ragged(ds)


def annotate(ds: xr.Dataset) -> xr.Dataset:
    """Write the contract's prose and version into a Dataset's attributes.

    Parameters
    ----------
    ds
        A Dataset that follows the contract.

    Returns
    -------
    Dataset with ``description`` on every variable and the root attributes ``seqdata_contract`` and
    ``coordinate_system``

    Raises
    ------
    ContractError
        If a variable breaks the contract.

    Examples
    --------
    >>> import numpy as np, xarray as xr, seqdata as sd
    >>> ds = sd.annotate(xr.Dataset({"row": ("_sequence", np.arange(2))}))
    >>> ds.attrs["seqdata_contract"], ds["row"].attrs["description"][:12]
    ('1-draft', 'Key of a row')
    """
    out = ds.copy()
    for name, variable in out.variables.items():
        if name not in out.dims:
            spec = _spec_of(out, str(name), variable)
            variable.attrs = {**variable.attrs, "description": spec.prose}
    out.attrs = {
        **ds.attrs,
        "seqdata_contract": CONTRACT_VERSION,
        "coordinate_system": "0-based half-open",
    }
    return out


def _spec_of(ds: xr.Dataset, name: str, variable: xr.Variable) -> Spec:
    dims, kind = tuple(map(str, variable.dims)), kind_of(variable)
    found_dims = ", ".join(dims)
    named = next((spec for spec in SPECS if spec.name != "any" and _is_about(spec, name, ds)), None)
    if named and not named.fits(dims):
        wanted = ", ".join(named.dims)
        msg = f"variable {name!r} must have dimensions ({wanted}); found ({found_dims}){_dims_hint(dims)}"
        raise ContractError(msg)
    candidates = [named] if named else [s for s in SPECS if s.name == "any" and s.fits(dims)]
    for spec in candidates:
        if _kind_fits(kind, variable, spec):
            return spec
    if candidates:
        kinds = sorted({kind for spec in candidates for kind in spec.kinds})
        msg = (
            f"variable {name!r} ({found_dims}) must have type {' or '.join(kinds)}; "
            f"found {kind}{_type_hint(kind, kinds)}"
        )
        raise ContractError(msg)
    if any(_reserved(dim) for dim in dims):
        msg = (
            f"variable {name!r} has dimensions ({found_dims}), which no variable of the contract "
            f"has{_dims_hint(dims)}"
        )
        raise ContractError(msg)
    return Spec(name, dims, (kind,), "as the user decides", "A variable outside the contract.")


def _is_about(spec: Spec, name: str, ds: xr.Dataset) -> bool:
    if spec.name in ("{v}_start", "{v}_size"):
        stem = name.rpartition("_")[0]
        return spec.names(name) and f"{stem}_value" in ds.dims
    return spec.names(name)


def _dims_hint(dims: tuple[str, ...]) -> str:
    if dims[:1] == (SEQUENCE,) and any(dim in dims[1:] for dim in (EMBEDDING, "_hit", "_edit")):
        return ". Long tables are concatenated with xr.concat(..., data_vars='minimal')"
    return ""


def _type_hint(kind: str, kinds: Sequence[str]) -> str:
    if kind == "float64" and "float32" in kinds:
        return ". Convert it with astype('float32')"
    if kind.startswith("float"):
        return ". Selecting with where() turns whole numbers into floats: use isel(_sequence=mask)"
    return ""


def _reserved(dim: str) -> bool:
    return any(dim_matches(dim, axis) for axis in AXES)


def _kind_fits(kind: str, variable: xr.Variable, spec: Spec) -> bool:
    if kind == "text":
        return "label" in spec.kinds or "text" in spec.kinds
    if "label" in spec.kinds and "flag_meanings" in variable.attrs:
        return np.issubdtype(variable.dtype, np.integer)
    return kind in spec.kinds


def check_text(name: str, values: NDArray[np.object_]) -> None:
    """Check that an object array holds nothing but text.

    Raises
    ------
    ContractError
        If a value is missing (None, NaN) or not text.

    Examples
    --------
    >>> check_text("chrom", np.array(["chr1", None], object))
    Traceback (most recent call last):
    seqdata.validation.ContractError: variable 'chrom' must hold text only, '' where it is missing; ...
    """
    found = pd.api.types.infer_dtype(values.ravel(), skipna=False)
    if found not in ("string", "empty"):
        msg = f"variable {name!r} must hold text only, '' where it is missing; found {found} values"
        raise ContractError(msg)


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not name or "/" in name or name.startswith((".", "__")):
        msg = (
            "names of variables must be text without '/' that does not begin with '.' or '__', as "
            f"folders of a store must; found {name!r}. Rename it"
        )
        raise ContractError(msg)


def _check_variable(ds: xr.Dataset, name: str, variable: xr.Variable) -> None:
    _spec_of(ds, name, variable)
    if variable.dtype == object and isinstance(variable._data, np.ndarray):
        check_text(name, variable.values)


def _check_rows(ds: xr.Dataset) -> None:
    if "row" not in ds:
        msg = (
            "data must have a variable 'row', a unique int64 key for each of _sequence; found none"
        )
        raise ContractError(msg)
    rows = ds["row"].values
    if np.unique(rows).size != rows.size:
        values, counts = np.unique(rows, return_counts=True)
        twice = int(values[counts.argmax()])
        msg = f"variable 'row' must be unique; found {twice} {int(counts.max())} times"
        raise ContractError(msg)


def _check_values(ds: xr.Dataset) -> None:
    for name, allowed in (("split", SPLITS), ("strand", STRANDS)):
        if name in ds and kind_of(ds[name]) == "text":
            odd = sorted(set(pd.unique(ds[name].values.astype(object))) - set(allowed))
            if odd:
                msg = f"variable {name!r} must hold {', '.join(allowed)}; found {odd[0]!r}"
                raise ContractError(msg)
    for start, end in (("chromStart", "chromEnd"), ("windowStart", "windowEnd")):
        if start in ds and end in ds:
            backwards = ds[end].values < ds[start].values
            if backwards.any():
                row = int(backwards.argmax())
                msg = (
                    f"variable {end!r} must not be before {start!r}; found "
                    f"{int(ds[start].values[row])} to {int(ds[end].values[row])} at position {row}"
                )
                raise ContractError(msg)


def _check_ragged(ds: xr.Dataset) -> None:
    for dim in ds.dims:
        stem = str(dim).removesuffix("_value")
        if str(dim).startswith("_") or stem == dim:
            continue
        for part in ("start", "size"):
            if f"{stem}_{part}" not in ds:
                msg = f"flat dimension {dim!r} must have a variable '{stem}_{part}'; found none"
                raise ContractError(msg)
        starts, sizes = ds[f"{stem}_start"].values, ds[f"{stem}_size"].values
        outside = (starts < 0) | (sizes < 0) | (starts + sizes > ds.sizes[dim])
        if outside.any():
            row = int(outside.argmax())
            msg = (
                f"variables '{stem}_start' and '{stem}_size' must stay within the {ds.sizes[dim]} places "
                f"of {dim!r}; found {int(starts[row])} + {int(sizes[row])} at position {row}"
            )
            raise ContractError(msg)
