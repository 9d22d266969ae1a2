"""Stores that the published SeqData wrote (zarr v2), rewritten under the data contract."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from xarray.backends import BackendArray
from xarray.core import indexing

from seqdata.provenance import add_step
from seqdata.readers.letters import count_outside, known_letters
from seqdata.schema import LENGTH, OHE, SEQUENCE, STRANDS, TARGET
from seqdata.store import StorePath, to_zarr
from seqdata.view import sequence_variables
from seqpro import AA, DNA, RNA, Alphabet, Ragged

_log = logging.getLogger(__name__)

_LOOKED_AT = 1_000  # rows whose letters tell the alphabet
_UNKNOWN = ord("N")
_INEXACT = (
    "stored by SeqData with a Delta filter, which is not exact for floats; values are as stored"
)


def convert(path: str | os.PathLike[str], out: StorePath, *, overwrite: bool = False) -> xr.Dataset:
    """Rewrite a store of the published SeqData (zarr v2) as a store of the data contract.

    SeqData kept regions with the jitter room already added: that room is taken off again, and what was
    stored becomes ``windowStart`` and ``windowEnd``. A region that SeqData had set to one length stays at
    that length, for the one before was not kept. ``train_val`` becomes ``split``; one-hot copies are
    left out, for the letters hold the same; NUL letters, which filled short rows, become N. Fixed-length
    arrays are copied block by block, rows of unequal length are held in memory.

    Parameters
    ----------
    path
        Folder of the old store.
    out
        Store to write, a folder or URL.
    overwrite
        Whether a store at `out` may be replaced.

    Returns
    -------
    Dataset, opened lazily from `out`

    Raises
    ------
    FileNotFoundError
        If there is no folder at `path`.
    ValueError
        If it is no zarr v2 store with rows, or holds a track of unequal lengths as floats, which
        SeqData's filters made unreadable.

    Notes
    -----
    A float track stored with a Delta filter is not exact: its values are kept as they are stored, with
    a warning in the log and a ``comment`` in its attributes. Build it anew from its bigWig files.

    Examples
    --------
    >>> import tempfile, zarr, seqdata as sd
    >>> path = tempfile.mkdtemp()
    >>> old = zarr.open_group(path + "/old.zarr", mode="w", zarr_format=2)
    >>> seq = old.create_array("seq", data=np.array([[b"A", b"C"], [b"G", b"T"]], "S1"))
    >>> seq.attrs["_ARRAY_DIMENSIONS"] = ["_sequence", "_length"]
    >>> sd.head(sd.convert(path + "/old.zarr", path + "/new.zarr"))
       row seq
    0    0  AC
    1    1  GT
    """
    folder = _checked(Path(path))
    stored = [_Stored(file.parent) for file in sorted(folder.glob("*/.zarray"))]
    attrs = _json(folder / ".zattrs")
    dims = _dimensions(stored, attrs)
    parts: dict[str, xr.Variable] = {}
    for array in stored:
        if any(dim == OHE for dim in array.dims):
            _log.info(
                "%s: one-hot array %r is left out; its letters are kept", folder.name, array.name
            )
            continue
        parts |= _variables(array, dims)
    rows = next(
        variable.sizes[SEQUENCE] for variable in parts.values() if SEQUENCE in variable.dims
    )
    parts.setdefault("row", xr.Variable(SEQUENCE, np.arange(rows, dtype=np.int64)))
    max_jitter = int(attrs.get("max_jitter") or 0)
    parts = _named(parts, max_jitter, folder.name)
    coords = {name: parts.pop(name) for name in list(parts) if parts[name].dims == (name,)}
    ordered = {"row": parts.pop("row"), **parts}
    ds = xr.Dataset(ordered, coords, {"max_jitter": max_jitter})
    ds = add_step(ds, "seqdata.convert", store=folder.name)
    return to_zarr(ds, out, overwrite=overwrite)


class _Stored:
    """One array of the old store, with its metadata."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.name = folder, folder.name
        meta = _json(folder / ".zarray")
        self.dims: tuple[str, ...] = tuple(_json(folder / ".zattrs").get("_ARRAY_DIMENSIONS", ()))
        self.shape, self.chunks = tuple(meta["shape"]), tuple(meta["chunks"])
        self.separator = meta.get("dimension_separator", ".")
        self.type = str(meta["dtype"])
        self.filters: list[dict[str, Any]] = meta.get("filters") or []
        self.compressor: dict[str, Any] | None = meta.get("compressor")
        if len(self.dims) != len(self.shape):
            msg = (
                f"array {self.name!r} must name its {len(self.shape)} dimensions in _ARRAY_DIMENSIONS, as "
                f"xarray writes them; found {list(self.dims)}"
            )
            raise ValueError(msg)

    @property
    def codec(self) -> str:
        """Name of the codec of an array of objects, ``""`` for numbers and letters."""
        return str(self.filters[0]["id"]) if self.type == "|O" and self.filters else ""

    def open(self) -> Any:
        """Open it with zarr."""
        import zarr

        return zarr.open_array(self.folder, mode="r", zarr_format=2)

    def chunk(self, numbers: tuple[int, ...]) -> NDArray[Any]:
        """Decode one chunk without zarr, which does not know arrays of arrays."""
        import numcodecs

        data: Any = (self.folder / self.separator.join(map(str, numbers))).read_bytes()
        codecs = [*self.filters, *([self.compressor] if self.compressor else [])]
        for config in reversed(codecs):
            data = numcodecs.get_codec(dict(config)).decode(data)
        return np.asarray(data, dtype=object)


def _checked(folder: Path) -> Path:
    if not folder.is_dir():
        msg = f"no store at {folder}; path must be the folder of a zarr v2 store"
        raise FileNotFoundError(msg)
    if (folder / "zarr.json").exists():
        msg = f"{folder} must be a zarr v2 store; found zarr v3. Open it with seqdata.open_zarr"
        raise ValueError(msg)
    if not any(folder.glob("*/.zarray")):
        msg = f"{folder} holds no zarr v2 arrays; path must be the folder that SeqData wrote"
        raise ValueError(msg)
    return folder


def _json(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def _dimensions(stored: list[_Stored], attrs: dict[str, Any]) -> dict[str, str]:
    """Give the contract's name of each dimension that SeqData or its user named otherwise."""
    letters = (a for a in stored if a.type == "|S1" or a.codec == "vlen-bytes")
    first = next(letters, None)
    own = attrs.get("sequence_dim") or (first.dims[0] if first is not None else SEQUENCE)
    along = attrs.get("length_dim") or (first.dims[-1] if first and len(first.dims) > 1 else LENGTH)
    names = {own: SEQUENCE, along: LENGTH, "_targets": TARGET}
    if not any(own in array.dims for array in stored):
        msg = f"the store must have a dimension of rows; found no array along {own!r}"
        raise ValueError(msg)
    for array in stored:
        names |= dict(_inner_names(array, names))
    return {old: new for old, new in names.items() if old != new}


def _inner_names(array: _Stored, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Name the axes of samples and haplotypes, which a user could name as he liked."""
    ends = ("_sample", "_haplotype")
    inner = [dim for dim in array.dims[1:] if names.get(dim, dim) not in (LENGTH, TARGET)]
    is_track = array.dims and names.get(array.dims[-1]) == LENGTH
    if is_track or array.codec == "vlen-array":
        for dim, end in zip(inner, ends, strict=False):
            if dim.startswith("_") or not dim.endswith(end):
                yield dim, f"{array.name}{end}"


def _variables(array: _Stored, dims: dict[str, str]) -> dict[str, xr.Variable]:
    """Give the contract's variables for one array."""
    named = tuple(dims.get(dim, dim) for dim in array.dims)
    name = dims.get(array.name, array.name) if array.dims == (array.name,) else array.name
    if array.codec == "vlen-array":
        return _ragged_track(array)
    if array.codec == "vlen-bytes":
        sequences = _ragged_letters(array)
        return sequence_variables(sequences, _alphabet(iter(sequences)), name)
    if array.type == "|O" and array.codec != "vlen-utf8":
        msg = (
            f"array {array.name!r} must hold letters, text or numbers; found objects of codec "
            f"{array.codec or 'none'!r}. Delete its folder in a copy of the store to convert the rest"
        )
        raise ValueError(msg)
    if array.codec == "vlen-utf8" or array.type[1] == "U":
        return {name: xr.Variable(named, np.asarray(array.open()[...]).astype(object))}
    if array.type == "|S1":
        top = array.open()[:_LOOKED_AT]
        attrs = {"alphabet": _alphabet(row.tobytes() for row in top).name}
        return {name: _lazy(array, named, np.dtype(np.uint8), _letters, attrs)}
    target = _type_of(np.dtype(array.type), named)
    attrs = {}
    if any(f["id"] == "delta" for f in array.filters) and np.dtype(array.type).kind == "f":
        _log.warning("%s: %s. Build it anew from its files", array.name, _INEXACT)
        attrs["comment"] = _INEXACT
    return {name: _lazy(array, named, target, lambda v: _cast(v, target, array.name), attrs)}


@dataclass
class _Lazy(BackendArray):
    """An array of the old store whose values are converted as they are read."""

    array: Any
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    change: Callable[[NDArray[Any]], NDArray[Any]]

    def __getitem__(self, key: Any) -> Any:
        support = indexing.IndexingSupport.BASIC
        return indexing.explicit_indexing_adapter(key, self.shape, support, self._read)

    def _read(self, key: Any) -> NDArray[Any]:
        return self.change(np.asarray(self.array[key]))


def _lazy(
    array: _Stored,
    dims: tuple[str, ...],
    dtype: np.dtype[Any],
    change: Callable[[NDArray[Any]], NDArray[Any]],
    attrs: dict[str, Any],
) -> xr.Variable:
    lazy = _Lazy(array.open(), array.shape, dtype, change)
    return xr.Variable(dims, indexing.LazilyIndexedArray(lazy), attrs)


def _letters(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Give letters as codes, with N for the NUL that filled short rows."""
    codes = np.ascontiguousarray(values).view(np.uint8).reshape(values.shape)
    return np.where(codes == 0, np.uint8(_UNKNOWN), codes)


def _type_of(dtype: np.dtype[Any], dims: tuple[str, ...]) -> np.dtype[Any]:
    """Give the contract's type for numbers of a type."""
    if dtype.kind == "f":
        return np.dtype(np.float32)
    if dims[-1:] == (LENGTH,) and dtype.kind in "iu":
        narrow = np.dtype(np.float32) if dtype.kind == "i" else np.dtype(np.uint16)
        return narrow if dtype.itemsize <= 2 else np.dtype(np.uint32)
    if dtype.kind in "iub" and TARGET in dims:
        return np.dtype(np.int64 if dtype != np.int8 else np.int8)
    return np.dtype(np.int64) if dtype.kind in "iu" and dtype.itemsize >= 4 else dtype


def _cast(values: NDArray[Any], dtype: np.dtype[Any], name: str) -> NDArray[Any]:
    if dtype.kind in "iu" and values.dtype.kind in "iu" and values.size:
        low, high = int(values.min()), int(values.max())
        limits = np.iinfo(dtype)
        if low < limits.min or high > limits.max:
            worst = low if low < limits.min else high
            msg = f"array {name!r} must fit into {dtype}, as the contract asks; found {worst}"
            raise ValueError(msg)
    return values.astype(dtype)


def _ragged_letters(array: _Stored) -> Ragged:
    """Read letters of unequal length, a chunk at a time."""
    opened, step = array.open(), array.chunks[0]
    parts = [
        Ragged.from_bytes([bytes(row) for row in opened[first : first + step]])
        for first in range(0, array.shape[0], step)
    ]
    values = np.concatenate([part.packed().values for part in parts])
    return Ragged.from_sizes(values, np.concatenate([part.sizes for part in parts]))


def _ragged_track(array: _Stored) -> dict[str, xr.Variable]:
    """Read a track of unequal lengths, one variable for each sample if there are several."""
    dtype = np.dtype(array.filters[0]["dtype"])
    if dtype.kind == "f" and any(f["id"] == "delta" for f in array.filters):
        msg = (
            f"array {array.name!r} holds {dtype} rows of unequal length that SeqData passed through a Delta "
            "filter together with their lengths, so that nothing can read them. Delete its folder in a copy "
            f"of the store ({array.folder}) to convert the rest, and build the track anew"
        )
        raise ValueError(msg)
    names = _sample_names(array)
    kept = np.dtype(np.float32) if dtype.kind == "f" else _type_of(dtype, (SEQUENCE, LENGTH))
    found: dict[str, xr.Variable] = {}
    for number, label in enumerate(names):
        chunks = range(-(-array.shape[0] // array.chunks[0]))
        rows = [row for chunk in chunks for row in array.chunk((chunk, number)).ravel()]
        rows = rows[: array.shape[0]]  # the last chunk is filled up
        sizes = np.array([len(row) for row in rows], dtype=np.int64)
        name = array.name if len(names) == 1 else f"{array.name}_{label}"
        flat = _cast(np.concatenate(rows), kept, array.name)
        found[name] = xr.Variable(f"{array.name}_value", flat)
        found[f"{array.name}_start"] = xr.Variable(SEQUENCE, np.cumsum(sizes) - sizes)
        found[f"{array.name}_size"] = xr.Variable(SEQUENCE, sizes)
    return found


def _sample_names(array: _Stored) -> list[str]:
    """Give the samples of a track of unequal lengths, whose chunks hold one each."""
    if len(array.shape) != 2 or array.chunks[1] != 1:
        msg = (
            f"array {array.name!r} must have rows and samples, one sample to a chunk, as SeqData writes "
            f"ragged tracks; found shape {array.shape} in chunks of {array.chunks}"
        )
        raise ValueError(msg)
    labels = array.folder.with_name(array.dims[1])
    if not (labels / ".zarray").exists():
        return [str(number) for number in range(array.shape[1])]
    return [str(label) for label in _Stored(labels).open()[...]]


def _alphabet(rows: Iterator[Any]) -> Alphabet:
    """Tell the alphabet by the letters of the first rows."""
    top = [bytes(row).replace(b"\0", b"") for row, _ in zip(rows, range(_LOOKED_AT), strict=False)]
    for alphabet in (DNA, RNA, AA):
        if not count_outside(top, known_letters(alphabet)):
            return alphabet
    return DNA


def _named(parts: dict[str, xr.Variable], max_jitter: int, store: str) -> dict[str, xr.Variable]:
    """Give SeqData's own columns their names and meaning in the contract."""
    found = dict(parts)
    if SEQUENCE in found:  # names of FASTA records
        found["id" if "name" in found else "name"] = found.pop(SEQUENCE)
    if "train_val" in found:
        is_train = found.pop("train_val").values.astype(bool)
        found["split"] = xr.Variable(SEQUENCE, np.where(is_train, "train", "val").astype(object))
    if "strand" in found:
        strands = found["strand"].values.astype(object)
        known = np.isin(strands.astype(str), STRANDS)
        found["strand"] = xr.Variable(SEQUENCE, np.where(known, strands, "."))
    if "score" in found and found["score"].dtype.kind not in "f":
        found["score"] = xr.Variable(SEQUENCE, _scores(found["score"].values))
    for name in ("chrom", "name"):
        if name in found and found[name].dtype != object:
            found[name] = xr.Variable(SEQUENCE, found[name].values.astype(str).astype(object))
    if {"chromStart", "chromEnd"} <= found.keys():
        found |= _regions(found, max_jitter, store)
    return found


def _scores(values: NDArray[Any]) -> NDArray[np.float32]:
    import pandas as pd

    numbers = pd.to_numeric(pd.Series(values), errors="coerce")
    return numbers.to_numpy(dtype=np.float32)


def _regions(parts: dict[str, xr.Variable], max_jitter: int, store: str) -> dict[str, xr.Variable]:
    """Take the jitter room off the regions; what was stored are the windows."""
    starts, ends = (parts[name].values.astype(np.int64) for name in ("chromStart", "chromEnd"))
    sizes = {
        name.removesuffix("_size"): variable.values
        for name, variable in parts.items()
        if name.endswith("_size") and f"{name.removesuffix('_size')}_start" in parts
    }
    sizes |= {
        name: np.full(len(starts), variable.sizes[LENGTH])
        for name, variable in parts.items()
        if LENGTH in variable.dims
    }
    odd = [name for name, found in sizes.items() if not np.array_equal(found, ends - starts)]
    if odd:
        _log.warning(
            "%s: the regions do not have the length of %r, as after splicing; they are kept as they are, "
            "without windows", store, odd[0],
        )  # fmt: skip
        return {
            "chromStart": xr.Variable(SEQUENCE, starts),
            "chromEnd": xr.Variable(SEQUENCE, ends),
        }
    return {
        "chromStart": xr.Variable(SEQUENCE, starts + max_jitter),
        "chromEnd": xr.Variable(SEQUENCE, ends - max_jitter),
        "windowStart": xr.Variable(SEQUENCE, starts),
        "windowEnd": xr.Variable(SEQUENCE, ends),
    }
