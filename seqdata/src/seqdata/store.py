"""Stores on disk: written whole or not at all, opened lazily, self-describing zarr v3."""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
import warnings
from collections.abc import Sequence
from pathlib import Path, PurePath
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import xarray as xr

from seqdata.exchange import beside, journal_of, leave, recover, remove_abandoned, replace, take_up
from seqdata.labels import FREE_TEXT, decode_labels, encode_labels
from seqdata.schema import CONTRACT_VERSION, SEQUENCE, kind_of
from seqdata.validation import ContractError, annotate, check_text, validate

if TYPE_CHECKING:  # zarr loads when a store is opened or written
    import zarr

    from seqdata.watched import WatchedStore

StorePath = str | os.PathLike[str]

_CHUNK_BYTES = 16 << 20
_MOST_ROWS = 1 << 16
ROOT = "zarr.json"
"""File that makes a folder a zarr store."""
_OWN_ATTRS = ("uuid", "variables", "coordinates")


class StoreChangedError(RuntimeError):
    """The store was replaced after it was opened, so reading on would mix two stores.

    Open it again with `open_zarr`.
    """


def to_zarr(ds: xr.Dataset, path: StorePath, *, overwrite: bool = False) -> xr.Dataset:
    """Write a Dataset to a zarr store, whole or not at all.

    The store is written beside `path`, checked, and then put in its place in one step: after a kill
    or a full disk, `path` is what it was before. Labels become integer codes; every array has the
    same number of rows to a block.

    Parameters
    ----------
    ds
        Dataset that follows the contract, in memory, lazy or on dask. It may come from the very
        store that it replaces.
    path
        Folder to write, ending in ``.zarr`` by custom.
    overwrite
        Whether a store at `path` may be replaced.

    Returns
    -------
    Dataset, opened lazily from `path`

    Raises
    ------
    ContractError
        If `ds` breaks the contract. Nothing is written.
    FileExistsError
        If `path` exists and `overwrite` is False, or is not a zarr store.
    OSError
        If the disk is full. What was at `path` stays.

    Examples
    --------
    >>> import numpy as np, tempfile, xarray as xr, seqdata as sd
    >>> ds = xr.Dataset({"row": ("_sequence", np.arange(3)), "x": ("_sequence", np.zeros(3, "f4"))})
    >>> sd.to_zarr(ds, tempfile.mkdtemp() + "/a.zarr")["x"].values.tolist()
    [0.0, 0.0, 0.0]
    """
    validate(ds)
    rows = block_rows(ds)
    with StoreWriter(path, overwrite=overwrite) as writer:
        coordinates = sorted(map(str, ds.coords))
        for name in (*coordinates, *map(str, ds.data_vars)):
            writer.write(name, ds.variables[name], rows)
        undimensioned = [name for name in coordinates if name not in ds.dims]
        writer.commit(ds.attrs, coordinates=undimensioned)
    return open_zarr(path)


def open_zarr(
    path: StorePath, *, labels: Literal["text", "codes"] = "text", chunks: Any = None
) -> xr.Dataset:
    """Open a store lazily: values are read when they are asked for.

    Any xarray user can also open it with ``xarray.open_zarr``; what is added here is the check of
    the contract's version, labels as text, and an error instead of mixed data when the store is
    replaced while it is open.

    Parameters
    ----------
    path
        Folder that `to_zarr`, `read_table` or `build` wrote.
    labels
        ``"text"`` gives labels as object arrays of str, ``"codes"`` the integers that are stored.
    chunks
        As in ``xarray.open_zarr``: None for xarray's own lazy arrays, ``{}`` for dask with a task a
        block.

    Returns
    -------
    Dataset

    Raises
    ------
    FileNotFoundError
        If there is no store at `path`.
    ContractError
        If the store has no contract version, or another than this seqdata reads.

    Examples
    --------
    >>> import numpy as np, tempfile, xarray as xr, seqdata as sd
    >>> ds = xr.Dataset({"row": ("_sequence", np.arange(3))})
    >>> path = tempfile.mkdtemp() + "/a.zarr"
    >>> _ = sd.to_zarr(ds, path)
    >>> sd.open_zarr(path).sizes["_sequence"]
    3
    """
    if labels not in ("text", "codes"):
        msg = f"labels must be 'text' or 'codes'; found {labels!r}"
        raise ValueError(msg)
    folder = _local(path)
    recover(folder)
    if not folder.exists():
        recover(folder)  # a writer may have moved it aside just now
    if not folder.exists():
        msg = f"no store at {folder}; write one with seqdata.to_zarr, read_table or build"
        raise FileNotFoundError(msg)
    if not (folder / ROOT).exists():
        is_old = (folder / ".zgroup").exists()
        kind = "a zarr v2 store" if is_old else "not a zarr v3 store"
        msg = (
            f"{folder} is {kind}; expected a store of contract version {CONTRACT_VERSION!r}, in zarr v3"
            f"{'. Convert one that SeqData wrote with seqdata.convert(path, out)' if is_old else ''}"
        )
        raise ContractError(msg)
    from seqdata.watched import WatchedStore

    ds = _opened(WatchedStore(folder), chunks)
    version = ds.attrs.get("seqdata_contract")
    if version != CONTRACT_VERSION:
        found = "none" if version is None else repr(version)
        msg = (
            f"{folder} must have contract version {CONTRACT_VERSION!r}; found {found}. Rebuild it, or "
            "open it with xarray.open_zarr and write it again with seqdata.to_zarr"
        )
        raise ContractError(msg)
    if labels == "text":
        coded = {k: decode_labels(v) for k, v in ds.variables.items() if "flag_meanings" in v.attrs}
        ds = ds.assign(coded)
    order = [name for name in ds.attrs.pop("variables", ()) if name in ds.data_vars]
    others = [name for name in ds.data_vars if name not in order]
    return ds[[*order, *others]].assign_coords(ds.coords)


def block_rows(ds: xr.Dataset, *, block_bytes: int | None = None) -> int:
    """Give the rows that a block of each array holds: about 16 MiB, or `block_bytes`, of the widest.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> block_rows(xr.Dataset({"seq": (("_sequence", "_length"), np.zeros((9, 2048), "u1"))}))
    8192
    """
    widest = 1
    for variable in ds.variables.values():
        if variable.dims[:1] == (SEQUENCE,):
            width = int(np.prod(variable.shape[1:], dtype=np.int64)) * variable.dtype.itemsize
            if "_target" in variable.dims[1:-1]:
                width //= variable.sizes["_target"]
            widest = max(widest, width)
    return int(np.clip((block_bytes or _CHUNK_BYTES) // widest, 1, _MOST_ROWS))


class StoreWriter:
    """Writes the arrays of a store beside its target and puts it in place when all is there.

    Parameters
    ----------
    path
        The store's folder to be.
    overwrite
        Whether an existing store there may be replaced.
    work
        Names what is being done. What a process that was killed or interrupted had written of the same
        work is taken up again: `done` tells which blocks are there.

    Raises
    ------
    FileExistsError
        If something is at `path` that may not be replaced.

    Examples
    --------
    >>> import numpy as np, tempfile, xarray as xr
    >>> path = tempfile.mkdtemp() + "/a.zarr"
    >>> with StoreWriter(path) as writer:
    ...     writer.write("row", xr.Variable("_sequence", np.arange(2)), 8)
    ...     writer.commit({})
    >>> open_zarr(path)["row"].values.tolist()
    [0, 1]
    """

    def __init__(
        self, path: StorePath, *, overwrite: bool = False, work: str | None = None
    ) -> None:
        self.path, self._overwrite, self._work = _local(path), overwrite, work
        recover(self.path)
        self._check_target()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        taken = take_up(self.path, work) if work else None
        self.folder = taken or beside(self.path, work=work)
        remove_abandoned(self.path)
        self._names: list[str] = []
        self._journal = journal_of(self.folder)
        self.done = self._read_journal() if taken else set()
        import zarr

        try:
            mode: Literal["a", "w"] = "a" if self.done else "w"
            self._group = zarr.open_group(
                self.folder, mode=mode, zarr_format=3, use_consolidated=False
            )
        except BaseException:
            self._discard()
            raise

    def _read_journal(self) -> set[tuple[str, int]]:
        """Read which blocks are written, each as its variable's name and its number."""
        for cut_short in self.folder.rglob("*.partial"):  # what zarr was writing when it was killed
            cut_short.unlink()
        if not self._journal.exists():
            return set()
        lines = self._journal.read_text().splitlines(keepends=True)
        whole = [line[:-1].split(" ", 1) for line in lines if line.endswith("\n")]  # one may be cut
        return {(name, int(number)) for number, name in whole}

    def mark(self, name: str, number: int) -> None:
        """Note that a block is written, so that it is not written again when work is taken up."""
        with open(self._journal, "a") as journal:
            journal.write(f"{number} {name}\n")
        self.done.add((name, number))

    def _check_target(self) -> None:
        if not self.path.exists():
            return
        if not self._overwrite:
            msg = f"{self.path} exists; pass overwrite=True to replace it"
            raise FileExistsError(msg)
        if not (self.path / ROOT).exists():
            msg = f"{self.path} exists and is not a zarr store; choose another path"
            raise FileExistsError(msg)

    def __enter__(self) -> StoreWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        was_interrupted = kind is not None and not issubclass(kind, Exception)
        if self._work and was_interrupted:
            leave(self.folder, self.path, self._work)
        else:
            self._discard()

    def _discard(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self._journal.unlink(missing_ok=True)

    def create(
        self,
        name: str,
        *,
        dims: tuple[str, ...],
        shape: tuple[int, ...],
        dtype: Any,
        rows: int,
        attrs: dict[str, Any] | None = None,
    ) -> zarr.Array[Any]:
        """Create an array to be filled block by block; `rows` is the store's rows to a block.

        Write whole blocks only: ``array[k * rows : (k + 1) * rows] = values``. Where work is taken up
        again, the array is the one that is there.
        """
        from zarr.codecs import ZstdCodec

        self._names.append(name)
        if self.done:
            there = cast("zarr.Array[Any]", self._group[name])
            there.attrs.put(_plain(attrs or {}))  # a kill may have come while they were described
            return there
        return self._group.create_array(
            name,
            shape=shape,
            dtype=dtype,
            chunks=chunks_of(
                dims, shape, np.dtype(object if dtype is str else dtype).itemsize, rows
            ),
            compressors=ZstdCodec(level=1),
            dimension_names=dims,
            attributes=_plain(attrs or {}),
        )

    def write(self, name: str, variable: xr.Variable, rows: int) -> None:
        """Write one variable, a block at a time."""
        attrs: dict[str, Any] = dict(variable.attrs)
        dims, dtype = tuple(map(str, variable.dims)), variable.dtype
        if kind_of(variable) == "text":
            text = np.asarray(variable.values, dtype=object)
            check_text(name, text)
            coded = None if name in FREE_TEXT or name in dims else encode_labels(text)
            data, dtype = (text, str) if coded is None else (coded[0], coded[0].dtype)
            attrs |= {} if coded is None else coded[1]
            variable = xr.Variable(dims, data)
        array = self.create(
            name, dims=dims, shape=variable.shape, dtype=dtype, rows=rows, attrs=attrs
        )
        if not variable.ndim:
            array[...] = variable.values
            return
        step = array.chunks[0]
        for start in range(0, variable.shape[0], step):
            array[start : start + step] = np.asarray(variable[start : start + step].values)

    def commit(self, attrs: dict[Any, Any], *, coordinates: Sequence[str] = ()) -> None:
        """Check what was written, give it its identity, and put it in place.

        `coordinates` names the arrays that are coordinates without a dimension of their own.
        """
        kept = {key: value for key, value in attrs.items() if key not in _OWN_ATTRS}
        if coordinates:
            kept["coordinates"] = " ".join(coordinates)  # where CF, and so xarray, looks for them
        self._group.attrs.put(_plain({**kept, "seqdata_contract": CONTRACT_VERSION}))
        self._consolidate()
        written = annotate(_opened(self.folder, None))
        validate(written)
        for name, variable in written.variables.items():
            self._group[str(name)].attrs.put(_plain(variable.attrs))
        described = {**kept, **written.attrs, "variables": self._names}
        self._group.attrs.put(_plain(described))
        identity = str(uuid.UUID(bytes=_digest(self.folder)))
        self._group.attrs.put(_plain({**described, "uuid": identity}))
        self._consolidate()
        self._check_target()  # it may have come into being meanwhile
        replace(self.folder, self.path)
        self._journal.unlink(missing_ok=True)

    def _consolidate(self) -> None:
        import zarr

        with warnings.catch_warnings():
            # zarr warns that consolidated metadata is not yet in the v3 specification
            warnings.filterwarnings("ignore", message="Consolidated metadata")
            zarr.consolidate_metadata(self._group.store)


def _opened(store: Path | WatchedStore, chunks: Any) -> xr.Dataset:
    """Open a store with its values as they are: attributes such as ``units`` change nothing."""
    return xr.open_zarr(
        store, chunks=chunks, consolidated=True, decode_times=False, mask_and_scale=False
    )


def _local(path: StorePath) -> Path:
    if "://" in os.fspath(path):
        msg = f"path must be a local folder; found the URL {os.fspath(path)!r}. Write locally, then copy"
        raise ValueError(msg)
    return Path(path).resolve()  # a lazy Dataset outlives a change of folder, a link keeps pointing


def _plain(attrs: dict[Any, Any]) -> dict[str, Any]:
    """Attributes as JSON can hold them, but for the one that belongs to another file's encoding.

    They are sorted: the order they came in must not make equal stores differ.
    """
    return {
        str(key): value.tolist() if isinstance(value, np.ndarray | np.generic) else value
        for key, value in sorted(attrs.items(), key=lambda item: str(item[0]))
        if key != "_FillValue"
    }


def chunks_of(
    dims: tuple[str, ...], shape: tuple[int, ...], itemsize: int, rows: int
) -> tuple[int, ...]:
    """Give an array's chunks: `rows` rows of per-row arrays, about 16 MiB along the first axis of others.

    Examples
    --------
    >>> chunks_of(("_sequence", "_length"), (100, 8), 1, rows=30)
    (30, 8)
    """
    if not shape:
        return ()
    inner = [
        1 if dim == "_target" else max(1, size)
        for dim, size in zip(dims[1:-1], shape[1:-1], strict=True)
    ]
    last = [max(1, shape[-1])] if len(shape) > 1 else []
    width = int(np.prod([*inner, *last], dtype=np.int64)) * itemsize
    first = rows if dims[0] == SEQUENCE else max(1, _CHUNK_BYTES // width)
    return (max(1, min(first, shape[0])), *inner, *last)


def _name_within(folder: PurePath, file: PurePath) -> str:
    """Name a file of a store in one way on all systems."""
    return file.relative_to(folder).as_posix()


def _digest(folder: Path) -> bytes:
    """Hash every file of a store, so that equal content has an equal identity."""
    digest = hashlib.blake2b(digest_size=16)
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(_name_within(folder, file).encode())
        with open(file, "rb") as stream:
            digest.update(hashlib.file_digest(stream, "blake2b").digest())
    return digest.digest()
