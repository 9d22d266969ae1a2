"""Datasets made of others: the rows of several, or a part of the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from seqdata.labels import decode_labels, encode_labels, with_text_labels
from seqdata.lazy import chained, is_lazy
from seqdata.loader import select_rows
from seqdata.provenance import add_step, steps
from seqdata.schema import LENGTH, ROW_KEYS, SEQUENCE, kind_of
from seqdata.validation import annotate, validate
from seqpro.checks import shown

_PLACES = {"start": "_value", "first": "_variant"}
"""Variables that say where a row's part of a flat dimension begins, and what such dimensions end with."""
_DECISIVE = ("alphabet", "bin_width", "offset", "units")  # attributes that change what values mean


def concat(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Put the rows of several Datasets one after the other.

    Where all parts have keys (``row``) of their own, those stay; else each part's keys, in its long
    tables too, are raised by one number, which the provenance records as ``key_offsets``. Long tables
    keep the entries of rows that are there. Lazy variables stay lazy, and what is on dask stays there,
    but for sequences of one length that are joined to ragged ones, which are read.

    Parameters
    ----------
    parts
        Datasets with the same variables, types, axes and names of samples and targets. A variable may
        be ragged in some and of one length in others, and labels may be text or codes.

    Returns
    -------
    Dataset with the rows in the order of `parts`; labels are codes if they are so in every part. If the
    root attribute ``genome`` differs, the variable ``genome`` says each row's.

    Raises
    ------
    TypeError
        If `parts` is one Dataset, or holds something else.
    ValueError
        If there is no part, or they disagree; the message names the variable, or the lengths.

    Examples
    --------
    >>> import numpy as np, xarray as xr, seqdata as sd
    >>> ds = xr.Dataset({"row": ("_sequence", np.arange(2)), "x": ("_sequence", np.zeros(2, "f4"))})
    >>> sd.concat([ds, ds])["row"].values.tolist()
    [0, 1, 2, 3]
    """
    parts = _checked_parts(parts)
    for part in parts:
        validate(part)
    parts = _one_form(_with_genomes(parts))
    _check_alike(parts)
    offsets = _key_offsets(parts)
    tables = [{dim: _present(part, dim) for dim in ROW_KEYS if dim in part.dims} for part in parts]
    whole = [
        _with_keys(part.isel(table), offset)
        for part, table, offset in zip(parts, tables, offsets, strict=True)
    ]
    variables = {name: _joined(str(name), whole) for name in whole[0].variables}
    found = xr.Dataset(
        {name: variables[name] for name in parts[0].data_vars},
        {name: variables[name] for name in parts[0].coords},
        _shared_attrs([part.attrs for part in parts]),
    )
    found = add_step(
        found, "seqdata.concat", key_offsets=offsets, parts=[steps(part) for part in parts]
    )
    validate(found)
    return annotate(found)


def select(
    ds: xr.Dataset,
    *,
    rows: ArrayLike | None = None,
    split: str | None = None,
    where: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """Keep some of the rows; what is asked for by several arguments must all hold.

    Keys (``row``) stay, and so do ragged values and long tables whole.

    Parameters
    ----------
    ds
        Dataset with rows, in memory or lazy.
    rows
        A boolean mask, shape (n,), or positions, whose order is kept.
    split
        Keep rows whose ``split`` is this.
    where
        A value, or several, by name of a variable with one value a row: ``{"chrom": ["chr1", "chr2"]}``.

    Returns
    -------
    Dataset with the selected rows

    Raises
    ------
    TypeError
        If `where` is no mapping.
    ValueError
        If nothing is asked for or selected, or an argument does not fit.

    Examples
    --------
    >>> import numpy as np, xarray as xr, seqdata as sd
    >>> ds = xr.Dataset({"row": ("_sequence", np.arange(3)),
    ...                  "chrom": ("_sequence", np.array(["chr1", "chr2", "chr1"], object))})
    >>> sd.select(ds, where={"chrom": "chr1"})["row"].values.tolist()
    [0, 2]
    """
    if where is not None and not isinstance(where, Mapping):
        msg = (
            f"where must be a value by name, such as {{'chrom': 'chrI'}}; found {shown(where)}. A condition "
            "goes to rows, such as rows=ds['score'] > 5"
        )
        raise TypeError(msg)
    if rows is None and split is None and not where:
        msg = "select needs rows=, split= or where=; found none"
        raise ValueError(msg)
    readable = with_text_labels(ds, ["split", *(where or ())])
    positions = select_rows(readable, split=split, rows=rows)
    for name, wanted in (where or {}).items():
        positions = positions[_accepted(readable, name, wanted, positions)]
    return ds.isel({SEQUENCE: positions})


def _accepted(
    ds: xr.Dataset, name: str, wanted: Any, positions: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Mark the positions at which a variable has one of the values that are wanted."""
    if name not in ds or ds[name].dims != (SEQUENCE,):
        found = f"{name!r} has {ds[name].dims}" if name in ds else f"there is no {name!r}"
        msg = f"where must name variables with one value a row; {found}"
        raise ValueError(msg)
    is_one = isinstance(wanted, str) or not np.ndim(wanted)
    values = ds[name].values[positions]
    kept = np.isin(values, np.array([wanted] if is_one else list(wanted)))
    if not kept.any():
        there = list(dict.fromkeys(values[:1000].tolist()))
        some = ", ".join(map(repr, there[:5])) + (" ..." if len(there) > 5 else "")
        msg = (
            f"where must leave rows; found none whose {name!r} is {shown(wanted)} among {len(values)}, which "
            f"have {some}"
        )
        raise ValueError(msg)
    return kept


def _checked_parts(parts: Any) -> list[xr.Dataset]:
    if isinstance(parts, xr.Dataset):
        msg = "parts must be several Datasets; found one. Pass them in a list: concat([first, second])"
        raise TypeError(msg)
    parts = list(parts)
    odd = next((part for part in parts if not isinstance(part, xr.Dataset)), None)
    if odd is not None:
        msg = f"parts must be Datasets; found {shown(odd)}. Open stores with seqdata.open_zarr"
        raise TypeError(msg)
    if not parts:
        msg = "parts must hold at least one Dataset; found none"
        raise ValueError(msg)
    return parts


def _with_genomes(parts: list[xr.Dataset]) -> list[xr.Dataset]:
    """Write the assembly of each row where the parts are of several."""
    genomes = [part.attrs.get("genome") for part in parts]
    per_row = [part for part in parts if "genome" in part]
    if len(set(genomes)) == 1 and len(per_row) in (0, len(parts)):
        return parts
    found = []
    for part, genome in zip(parts, genomes, strict=True):
        if "genome" not in part:
            if genome is None:
                msg = (
                    "every part must say its genome where one does; found a part without. Pass it as "
                    "ds.assign_attrs(genome='hg38')"
                )
                raise ValueError(msg)
            labels = np.full(part.sizes[SEQUENCE], genome, dtype=object)
            part = part.assign(genome=(SEQUENCE, labels))
        part = part.copy()
        part.attrs = {key: value for key, value in part.attrs.items() if key != "genome"}
        found.append(part)
    return found


def _one_form(parts: list[xr.Dataset]) -> list[xr.Dataset]:
    """Make labels text, and variables ragged, where they are so in one part."""
    coded = [{k for k, v in p.variables.items() if "flag_meanings" in v.attrs} for p in parts]
    mixed = set.union(*coded) - set.intersection(*coded)
    parts = [with_text_labels(part, sorted(map(str, mixed))) for part in parts]
    flat: dict[str, str] = {}
    for part in parts:
        for name, variable in part.data_vars.items():
            if variable.ndim == 1 and _is_flat(str(variable.dims[0])):
                flat[str(name)] = str(variable.dims[0])
    return [_made_ragged(part, flat) for part in parts]


def _is_flat(dim: str) -> bool:
    return dim.endswith(tuple(_PLACES.values())) and not dim.startswith("_")


def _made_ragged(ds: xr.Dataset, flat: dict[str, str]) -> xr.Dataset:
    """Lay variables of one length on the flat dimensions that they have in other parts."""
    made: dict[str, xr.Variable] = {}
    for name, dim in flat.items():
        if name not in ds or ds[name].dims != (SEQUENCE, LENGTH):
            continue
        variable = ds.variables[name]
        n, length = variable.shape
        stem = dim.removesuffix("_value")
        made[name] = xr.Variable(dim, variable.values.reshape(-1), variable.attrs)
        made[f"{stem}_start"] = xr.Variable(SEQUENCE, np.arange(n, dtype=np.int64) * length)
        made[f"{stem}_size"] = xr.Variable(SEQUENCE, np.full(n, length, dtype=np.int64))
    return ds.drop_vars(made, errors="ignore").assign(made) if made else ds


def _check_alike(parts: list[xr.Dataset]) -> None:
    """Refuse parts whose variables differ, naming the first that does."""
    first = parts[0]
    for number, part in enumerate(parts[1:], 1):
        odd = sorted(map(str, set(first.variables) ^ set(part.variables)))
        if odd:
            where = number if odd[0] in part.variables else 0
            msg = (
                f"parts must have the same variables; {odd[0]!r} is in part {where} and not in part "
                f"{number - where}. Drop it, or add it to the other"
            )
            raise ValueError(msg)
        for name, variable in first.variables.items():
            _check_variable(str(name), variable, part.variables[name], number)
    rooms = {int(part.attrs.get("max_jitter", 0)) for part in parts}
    if len(rooms) > 1:
        msg = (
            f"parts must have one jitter room (root attribute max_jitter, bp); found {sorted(rooms)}. "
            "Build them alike"
        )
        raise ValueError(msg)


def _check_variable(name: str, first: xr.Variable, other: xr.Variable, number: int) -> None:
    if first.dims != other.dims:
        msg = (
            f"variable {name!r} must have the same dimensions in all parts; found {first.dims} in part 0 "
            f"and {other.dims} in part {number}"
        )
        raise ValueError(msg)
    both_labels = "flag_meanings" in first.attrs and "flag_meanings" in other.attrs
    if kind_of(first) != kind_of(other) and not both_labels:
        msg = (
            f"variable {name!r} must have one type in all parts; found {kind_of(first)} in part 0 and "
            f"{kind_of(other)} in part {number}. Convert one with astype"
        )
        raise ValueError(msg)
    for key in _DECISIVE:
        values = [v.attrs[key] for v in (first, other) if key in v.attrs]
        if len(values) == 2 and values[0] != values[1]:
            msg = (
                f"attribute {key} of variable {name!r} must be one in all parts; found {values[0]!r} in "
                f"part 0 and {values[1]!r} in part {number}"
            )
            raise ValueError(msg)
    joined = _joined_dim(first)
    for dim, size in first.sizes.items():
        if dim != joined and size != other.sizes[dim]:
            what = "lengths" if str(dim).endswith("_length") else f"sizes of {dim}"
            msg = (
                f"variable {name!r} must have one size in all parts; found {what} {size} in part 0 and "
                f"{other.sizes[dim]} in part {number}. Build them alike, or crop or pad one"
            )
            raise ValueError(msg)
    if both_labels and joined is None:
        first, other = decode_labels(first), decode_labels(other)
    if joined is None and not first.equals(other):
        msg = (
            f"variable {name!r} must be the same in all parts; found {shown(first.values.tolist())} in part "
            f"0 and {shown(other.values.tolist())} in part {number}. Rename or select, so that they agree"
        )
        raise ValueError(msg)


def _joined_dim(variable: xr.Variable) -> str | None:
    """Name the dimension along which a variable of several parts is joined, if there is one."""
    dims = map(str, variable.dims)
    return next((d for d in dims if d == SEQUENCE or d in ROW_KEYS or _is_flat(d)), None)


def _key_offsets(parts: list[xr.Dataset]) -> list[int]:
    """Give what to add to the keys of each part, so that none comes twice; zeros if none does."""
    keys = [part["row"].values for part in parts]
    if np.unique(np.concatenate(keys)).size == sum(map(len, keys)):
        return [0] * len(parts)
    offsets, reach = [], None
    for part in keys:
        low, high = (int(part.min()), int(part.max())) if part.size else (0, -1)
        offset = 0 if reach is None else max(0, reach + 1 - low)
        offsets.append(offset)
        reach = max(high + offset, -1 if reach is None else reach)
    return offsets


def _with_keys(ds: xr.Dataset, offset: int) -> xr.Dataset:
    """Raise the keys of rows, and those by which long tables refer to them."""
    if not offset:
        return ds
    names = [name for name in ("row", *ROW_KEYS.values()) if name in ds]
    return ds.assign({name: ds[name] + offset for name in names})


def _present(ds: xr.Dataset, dim: str) -> NDArray[np.intp]:
    """Give the places of a long table's entries whose rows are there."""
    key = ROW_KEYS[dim]
    if key not in ds:
        return np.arange(ds.sizes[dim])
    return np.flatnonzero(np.isin(ds[key].values, ds["row"].values))


def _joined(name: str, parts: list[xr.Dataset]) -> xr.Variable:
    variables = [part.variables[name] for part in parts]
    dim = _joined_dim(variables[0])
    if dim is None:
        return variables[0]
    attrs = _shared_attrs([variable.attrs for variable in variables])
    if "flag_meanings" in variables[0].attrs:
        return _joined_codes(variables, attrs)
    stem, _, part_name = name.rpartition("_")
    flat = stem + _PLACES.get(part_name, "")
    if part_name in _PLACES and flat in parts[0].dims:
        sizes = [part.sizes[flat] for part in parts]
        shifts = np.cumsum([0, *sizes[:-1]])
        shifted = [v.values + shift for v, shift in zip(variables, shifts, strict=True)]
        return xr.Variable(dim, np.concatenate(shifted), attrs)
    if any(is_lazy(variable) for variable in variables) and variables[0].dims[0] == dim:
        return chained(variables, attrs)
    found = xr.Variable.concat(variables, dim)
    return xr.Variable(found.dims, found._data, attrs)


def _joined_codes(variables: list[xr.Variable], attrs: dict[str, Any]) -> xr.Variable:
    """Join labels that are codes; their meanings may differ from part to part."""
    kept = {k: v for k, v in attrs.items() if k not in ("flag_values", "flag_meanings")}
    text = np.concatenate([decode_labels(variable).values for variable in variables])
    coded = encode_labels(text)
    if coded is None:
        return xr.Variable(variables[0].dims, text, kept)
    return xr.Variable(variables[0].dims, coded[0], {**kept, **coded[1]})


def _shared_attrs(attrs: list[dict[Any, Any]]) -> dict[Any, Any]:
    """Give the attributes on which all that have them agree; provenance is written anew."""
    merged: dict[Any, Any] = {}
    for key in dict.fromkeys(key for one in attrs for key in one if key != "provenance"):
        values = [one[key] for one in attrs if key in one]
        if all(value == values[0] for value in values):
            merged[key] = values[0]
    return merged
