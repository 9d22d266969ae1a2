"""Checks of a Dataset against the contract."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from seqdata.labels import label_words
from seqdata.schema import (
    ALLELE,
    AXES,
    CONTRACT_VERSION,
    MOTIF_LENGTH,
    NAMED_DIMS,
    ROW_KEYS,
    SEQUENCE,
    SPECS,
    STRAND,
    VALUE,
    VARIANT,
    Spec,
    dim_matches,
    kind_of,
)

_COORDINATE_SYSTEM = "0-based half-open"
_ROWS = 1 << 20  # values of a variable read at a time
_BOUNDS = (
    ("chromStart", "chromEnd"),
    ("windowStart", "windowEnd"),
    ("variantStart", "variantEnd"),
    ("embedding_start", "embedding_end"),
    ("hit_start", "hit_end"),
    ("edit_start", "edit_end"),
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
        Any Dataset, in memory or lazily opened. What the contract names and has one value a row or
        entry of a table is read, such as keys, coordinates and labels; sequences, tracks and targets
        are not.

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
    _check_attributes(ds)
    _check_dimensions(ds)
    for name, variable in ds.variables.items():
        _check_name(name)
        if name not in ds.dims:
            _check_variable(ds, str(name), variable)
    if SEQUENCE in ds.dims:
        _check_rows(ds)
    _check_bounds(ds)
    _check_places(ds)
    _check_tables(ds)


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
    ('1', 'Key of a row')
    """
    out = ds.copy()
    for name, variable in out.variables.items():
        if name not in out.dims:
            spec = spec_of(out, str(name))
            variable.attrs = {**variable.attrs, "description": spec.prose}
    out.attrs = {
        **ds.attrs,
        "seqdata_contract": CONTRACT_VERSION,
        "coordinate_system": _COORDINATE_SYSTEM,
    }
    return out


def spec_of(ds: xr.Dataset, name: str) -> Spec:
    """Give what the contract says about a variable of a Dataset.

    Parameters
    ----------
    ds
        Dataset with the variable.
    name
        The variable's name.

    Raises
    ------
    ContractError
        If its dimensions or its type are not those of the contract.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> spec_of(xr.Dataset({"covered": (("_sequence", "_length"), np.ones((2, 3), bool))}), "covered").prose
    'A mask over positions.'
    """
    variable = ds.variables[name]
    dims, kind = tuple(map(str, variable.dims)), kind_of(variable)
    found_dims = ", ".join(dims)
    own = next((s.name for s in SPECS if s.name != "any" and s.names(name, ds.dims)), "any")
    judging = [spec for spec in SPECS if spec.name == own]
    candidates = [spec for spec in judging if spec.fits(dims)]
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
    if own != "any":
        wanted = " or ".join(f"({spec.shape()})" for spec in judging)
        msg = f"variable {name!r} must have dimensions {wanted}; found ({found_dims}){_dims_hint(dims)}"
        raise ContractError(msg)
    if any(_reserved(dim) for dim in dims):
        msg = (
            f"variable {name!r} has dimensions ({found_dims}), which no variable of the contract "
            f"has{_dims_hint(dims)}"
        )
        raise ContractError(msg)
    return Spec(name, dims, (kind,), "as the user decides", "A variable outside the contract.")


def _dims_hint(dims: tuple[str, ...]) -> str:
    if dims[:1] == (SEQUENCE,) and any(dim in dims[1:] for dim in ROW_KEYS):
        return ". Join Datasets with seqdata.concat, or xr.concat(..., data_vars='minimal')"
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


def _check_attributes(ds: xr.Dataset) -> None:
    """Check the root attributes that the contract knows, where they are there."""
    found = ds.attrs.get("seqdata_contract", CONTRACT_VERSION)
    if found != CONTRACT_VERSION:
        msg = f"data must follow contract version {CONTRACT_VERSION!r}; found {found!r}"
        raise ContractError(msg)
    rules: dict[str, tuple[bool, str]] = {
        "max_jitter": (_is_whole(ds.attrs.get("max_jitter", 0), 0), "a whole number of bp from 0"),
        "genome": (isinstance(ds.attrs.get("genome", ""), str), "text"),
        "coordinate_system": (
            ds.attrs.get("coordinate_system", _COORDINATE_SYSTEM) == _COORDINATE_SYSTEM,
            repr(_COORDINATE_SYSTEM),
        ),
        "provenance": (_is_list(ds.attrs.get("provenance", "[]")), "a JSON list of steps"),
    }
    for name, (holds, rule) in rules.items():
        if not holds:
            msg = f"attribute {name!r} of the data must be {rule}; found {ds.attrs[name]!r}"
            raise ContractError(msg)


def _is_whole(value: Any, lowest: int) -> bool:
    is_number = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return is_number and value >= lowest


def _is_list(text: Any) -> bool:
    try:
        return isinstance(json.loads(text), list)
    except (TypeError, ValueError):
        return False


def _check_dimensions(ds: xr.Dataset) -> None:
    """Check that dimensions are the contract's, and that those with names have names."""
    for dim, size in ds.sizes.items():
        if str(dim).startswith("_") and dim not in AXES:
            msg = f"dimension {dim!r} must be one of the contract's: {', '.join(AXES)}"
            raise ContractError(msg)
        if dim in ds.coords and any(dim_matches(str(dim), named) for named in NAMED_DIMS):
            _check_names(str(dim), ds.coords[dim])
        if dim == ALLELE and size != 2:
            msg = f"dimension {dim!r} must have 2 places, reference and alternative; found {size}"
            raise ContractError(msg)
    if SEQUENCE in ds.coords:
        msg = (
            f"dimension {SEQUENCE!r} must have no coordinate, as rows are told apart by 'row'; found one. "
            f"Drop it with ds.drop_vars({SEQUENCE!r})"
        )
        raise ContractError(msg)
    if STRAND in ds.dims:
        strands = ds.coords[STRAND].values.tolist() if STRAND in ds.coords else None
        known = [list("+-"), ["+"], ["-"]]
        if strands not in known and not (strands is None and ds.sizes[STRAND] == 2):
            found = f"{ds.sizes[STRAND]} places without names" if strands is None else strands
            msg = f"dimension {STRAND!r} must be + then -, or one of them by name; found {found}"
            raise ContractError(msg)


def _check_names(dim: str, names: xr.DataArray) -> None:
    if kind_of(names) != "text":
        msg = f"coordinate {dim!r} must be names, as text; found {names.dtype}"
        raise ContractError(msg)
    check_text(dim, np.asarray(names.values, dtype=object))
    twice = names.values[pd.Index(names.values).duplicated()]
    if twice.size:
        msg = f"coordinate {dim!r} must hold names that are all different; found {twice[0]!r} twice"
        raise ContractError(msg)


def _check_variable(ds: xr.Dataset, name: str, variable: xr.Variable) -> None:
    spec = spec_of(ds, name)
    if kind_of(variable) == "text" and variable.dtype.kind != "U" and variable._in_memory:
        check_text(name, np.asarray(variable.values, dtype=object))
    if "flag_meanings" in variable.attrs and np.issubdtype(variable.dtype, np.integer):
        _check_codes(name, variable)
    if spec.words:
        _check_words(name, variable, spec)
    if variable.ndim == 1 and spec.name != "any" and not dim_matches(str(variable.dims[0]), VALUE):
        check_range(name, variable, spec)
    for attribute, lowest in (("bin_width", 1), ("offset", 0)):
        value = variable.attrs.get(attribute, lowest)
        if not _is_whole(value, lowest):
            msg = (
                f"attribute {attribute!r} of variable {name!r} must be a whole number of bp from {lowest}; "
                f"found {value!r}"
            )
            raise ContractError(msg)


def _check_codes(name: str, variable: xr.Variable) -> None:
    """Check that every code of a label has a meaning."""
    flags = np.atleast_1d(np.asarray(variable.attrs.get("flag_values", ())))
    words = label_words(variable.attrs)
    if flags.size != len(words):
        msg = (
            f"attributes 'flag_values' and 'flag_meanings' of variable {name!r} must have one length; "
            f"found {flags.size} and {len(words)}"
        )
        raise ContractError(msg)
    for first, (codes,) in _stretches(variable):
        unknown = ~np.isin(codes, flags)
        if unknown.any():
            place = int(unknown.argmax())
            msg = (
                f"variable {name!r} must hold codes of 'flag_values'; found {codes.flat[place]} at position "
                f"{first + place}"
            )
            raise ContractError(msg)


def _check_words(name: str, variable: xr.Variable, spec: Spec) -> None:
    if kind_of(variable) == "text":
        words = {word for _, (part,) in _stretches(variable) for word in pd.unique(part)}
    else:
        words = set(label_words(variable.attrs))
    odd = sorted(words - set(spec.words), key=str)
    if odd:
        msg = f"variable {name!r} must hold {', '.join(spec.words)}; found {odd[0]!r}"
        raise ContractError(msg)


def check_range(name: str, variable: xr.Variable, spec: Spec) -> None:
    """Check whole numbers against the bounds of their spec.

    Examples
    --------
    >>> spec = Spec("fold", ("_sequence",), ("int16",), "-1", "", lowest=-1)
    >>> check_range("fold", xr.Variable("_sequence", [0, -2]), spec)
    Traceback (most recent call last):
    seqdata.validation.ContractError: variable 'fold' must be -1 or more; found -2 at position 1
    """
    low, high = spec.lowest, spec.highest
    if low is None:
        return
    for first, (values,) in _stretches(variable):
        outside = (values < low) if high is None else (values < low) | (values > high)
        if outside.any():
            place = np.unravel_index(int(outside.argmax()), outside.shape)
            rule = f"{low} or more" if high is None else f"{low} to {high}"
            msg = (
                f"variable {name!r} must be {rule}; found {values[place]} at position "
                f"{first + int(place[0])}"
            )
            raise ContractError(msg)


def _stretches(*variables: xr.Variable) -> Iterator[tuple[int, list[NDArray[Any]]]]:
    """Read variables of one first dimension some rows at a time, with the number of the first."""
    width = int(np.prod(variables[0].shape[1:], dtype=np.int64))
    step = max(1, _ROWS // max(1, width))
    for first in range(0, variables[0].shape[0], step):
        yield first, [variable[first : first + step].values for variable in variables]


def _check_rows(ds: xr.Dataset) -> None:
    if "row" not in ds:
        msg = (
            "data must have a variable 'row', a unique int64 key for each of _sequence; found none"
        )
        raise ContractError(msg)
    rows = ds["row"].values
    if (rows[1:] > rows[:-1]).all():
        return
    ordered = np.sort(rows)
    is_same = ordered[1:] == ordered[:-1]
    if is_same.any():
        twice = ordered[1:][is_same][0]
        msg = f"variable 'row' must be unique; found {twice} {int((rows == twice).sum())} times"
        raise ContractError(msg)


def _check_bounds(ds: xr.Dataset) -> None:
    """Check that nothing ends before it begins."""
    cohorts = [str(dim) for dim in ds.dims if dim_matches(str(dim), VARIANT)]
    pairs = (*_BOUNDS, *((f"{dim}Start", f"{dim}End") for dim in cohorts))
    for start, end in pairs:
        if start not in ds or end not in ds:
            continue
        for first, (starts, ends) in _stretches(ds.variables[start], ds.variables[end]):
            backwards = ends < starts
            if backwards.any():
                place = int(backwards.argmax())
                msg = (
                    f"variable {end!r} must not be before {start!r}; found {starts[place]} to "
                    f"{ends[place]} at position {first + place}"
                )
                raise ContractError(msg)


def _check_places(ds: xr.Dataset) -> None:
    """Check that rows lie within the flat values, or the variants, that they refer to."""
    for dim, total in ds.sizes.items():
        for pattern, parts in ((VALUE, ("start", "size")), (VARIANT, ("first", "count"))):
            if not dim_matches(str(dim), pattern):
                continue
            stem = str(dim).removesuffix(pattern.removeprefix("{v}"))
            names = [f"{stem}_{part}" for part in parts]
            for name in names:
                if name not in ds:
                    msg = f"flat dimension {dim!r} must have a variable {name!r}; found none"
                    raise ContractError(msg)
            for first, (starts, sizes) in _stretches(*(ds.variables[name] for name in names)):
                outside = (starts < 0) | (sizes < 0) | (starts > total - sizes)
                if outside.any():
                    place = int(outside.argmax())
                    msg = (
                        f"variables {names[0]!r} and {names[1]!r} must stay within the {total} places of "
                        f"{dim!r}; found {starts[place]} + {sizes[place]} at position {first + place}"
                    )
                    raise ContractError(msg)


def _check_tables(ds: xr.Dataset) -> None:
    """Check that long tables have their keys, and motifs their sizes."""
    for dim, key in (*ROW_KEYS.items(), (MOTIF_LENGTH, "motif_size")):
        if dim in ds.dims and key not in ds:
            msg = f"dimension {dim!r} must have a variable {key!r}; found none"
            raise ContractError(msg)
    if MOTIF_LENGTH in ds.dims:
        sizes, most = ds["motif_size"].values, ds.sizes[MOTIF_LENGTH]
        if (sizes > most).any():
            msg = f"variable 'motif_size' must be {most} at most, as {MOTIF_LENGTH!r} is; found {sizes.max()}"
            raise ContractError(msg)
