"""Stores in folders and under URLs: written whole or not at all, opened lazily, self-describing zarr v3."""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqdata.blocks import BlockArray, lost_value
from seqdata.exchange import beside, journal_of, leave, recover, remove_abandoned, replace, take_up
from seqdata.labels import FREE_TEXT, encode_labels, with_text_labels
from seqdata.remote import ROOT, claim, place_of, publish, read_file, release, staging_of, state_of
from seqdata.schema import CONTRACT_VERSION, SEQUENCE, kind_of
from seqdata.validation import ContractError, annotate, check_text, validate
from seqpro.parallel import run_blocks, thread_count

if TYPE_CHECKING:  # zarr loads when a store is opened or written
    import zarr
    from zarr.abc.store import Store

StorePath = str | os.PathLike[str]

_CHUNK_BYTES = 16 << 20
_MOST_ROWS = 1 << 16
_OWN_ATTRS = ("uuid", "variables", "coordinates")


class StoreChangedError(RuntimeError):
    """The store was replaced after it was opened, so reading on would mix two stores.

    Open it again with `open_zarr`.
    """

    @classmethod
    def of(cls, place: Path | str) -> StoreChangedError:
        """Say which store it was."""
        msg = f"{place} was replaced after it was opened; open it again with seqdata.open_zarr"
        return cls(msg)


def to_zarr(ds: xr.Dataset, path: StorePath, *, overwrite: bool = False) -> xr.Dataset:
    """Write a Dataset to a zarr store, whole or not at all.

    The store is written beside `path`, checked, and then put in its place in one step: after a kill
    or a full disk, `path` is what it was before. Labels become integer codes; every array has the
    same number of rows to a block.

    A store for a URL is made among the temporary files of this machine (environment variable
    ``TMPDIR``), checked, and then sent. There is no replacing in one step there: the root's metadata
    are removed first and written last, so that after a kill there may be no store, but never half a
    one. One process at a time may write to a URL. Credentials and options of the file system are
    those of fsspec, from its configuration files or variables such as ``FSSPEC_S3_ANON``.

    Parameters
    ----------
    ds
        Dataset that follows the contract, in memory, lazy or on dask. It may come from the very
        store that it replaces.
    path
        Folder to write, ending in ``.zarr`` by custom; or a URL that fsspec knows, such as
        ``"memory://a.zarr"`` or ``"s3://bucket/a.zarr"`` (``pip install 'eugene-seqdata[remote]'``).
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
        If the disk is full, or nothing can be written at a URL. What was at `path` stays.

    Notes
    -----
    A write that was killed begins anew: what a lazy Dataset holds cannot be told without reading it, so
    what is there already could be of other data. `build` knows its inputs and goes on where it was.

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
    replaced while it is open, and instead of zeros (OSError) where a block was lost.

    Parameters
    ----------
    path
        Folder or URL that `to_zarr`, `read_table` or `build` wrote; also ``"http://..."`` of a copy.
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
    place = place_of(path)
    ds = _opened(_watched_url(place) if isinstance(place, str) else _watched_folder(place), chunks)
    version = ds.attrs.get("seqdata_contract")
    if version != CONTRACT_VERSION:
        found = "none" if version is None else repr(version)
        msg = (
            f"{place} must have contract version {CONTRACT_VERSION!r}; found {found}. Rebuild it, or write "
            "it anew: seqdata.to_zarr(xarray.open_zarr(path, decode_times=False).assign_attrs("
            f"seqdata_contract={CONTRACT_VERSION!r}), new_path)"
        )
        raise ContractError(msg)
    if labels == "text":
        ds = with_text_labels(ds)
    order = [name for name in ds.attrs.pop("variables", ()) if name in ds.data_vars]
    others = [name for name in ds.data_vars if name not in order]
    return ds[[*order, *others]].assign_coords(ds.coords)


def _watched_folder(folder: Path) -> Store:
    """Open the zarr store in a folder."""
    recover(folder)
    if not folder.exists():
        recover(folder)  # a writer may have moved it aside just now
    if not (folder / ROOT).exists():
        raise _no_store(folder, folder.exists(), (folder / ".zgroup").exists())
    from seqdata.watched import WatchedStore

    return WatchedStore(folder)


def _watched_url(url: str) -> Store:
    """Open the zarr store under a URL."""
    root = read_file(url, ROOT)
    if root is None:
        is_old = read_file(url, ".zgroup") is not None
        raise _no_store(url, is_old, is_old)
    from seqdata.watched import WatchedURL

    return WatchedURL.at(url, root)


def _no_store(place: Path | str, exists: bool, is_old: bool) -> Exception:
    """Say why a place cannot be opened."""
    if not exists:
        msg = f"no store at {place}; write one with seqdata.to_zarr, read_table or build"
        return FileNotFoundError(msg)
    kind = "a zarr v2 store" if is_old else "not a zarr v3 store"
    msg = (
        f"{place} is {kind}; expected a store of contract version {CONTRACT_VERSION!r}, in zarr v3"
        f"{'. Convert one that SeqData wrote with seqdata.convert(path, out)' if is_old else ''}"
    )
    return ContractError(msg)


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
        The store's folder to be, or its URL, in which case it is made among the temporary files.
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
        self._target, self._overwrite, self._work = place_of(path), overwrite, work
        self.path = staging_of(self._target) if isinstance(self._target, str) else self._target
        self._is_complete = False
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
            if isinstance(self._target, str):
                claim(self._target)
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
        if isinstance(self._target, str):
            state = state_of(self._target)
            exists, is_store = state != "nothing", state == "store"
        else:
            exists, is_store = self._target.exists(), (self._target / ROOT).exists()
        if exists and not self._overwrite:
            msg = f"{self._target} exists; pass overwrite=True to replace it"
            raise FileExistsError(msg)
        if exists and not is_store:
            msg = f"{self._target} exists and is not a zarr store; choose another path"
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
        could_not_be_sent = kind is not None and self._is_complete
        if self._work and (was_interrupted or could_not_be_sent):
            leave(self.folder, self.path, self._work)
        else:
            self._discard()

    def _discard(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self._journal.unlink(missing_ok=True)
        if isinstance(self._target, str) and not self._is_complete:
            release(self._target)

    def create(
        self,
        name: str,
        *,
        dims: tuple[str, ...],
        shape: tuple[int, ...],
        dtype: Any,
        rows: int,
        attrs: dict[str, Any] | None = None,
    ) -> BlockArray:
        """Create an array to be filled by whole blocks; `rows` is the store's rows to a block.

        Where work is taken up again, the array is the one that is there.
        """
        self._names.append(name)
        if self.done:  # a kill may have come while its attributes were written
            self._group[name].attrs.put(_plain(attrs or {}))
            return BlockArray.within(self.folder, name)
        itemsize = np.dtype(object if dtype is str else dtype).itemsize
        chunks = chunks_of(dims, shape, itemsize, rows)
        return create_array(self._group, name, dims, shape, dtype, chunks, _plain(attrs or {}))

    def adopt(self, name: str, folder: Path, attrs: Mapping[Any, Any]) -> None:
        """Take an array that `create_array` made in another folder of this disk, blocks and all."""
        self._names.append(name)
        folder.replace(self.folder / name)
        self._group[name].attrs.put(_plain(attrs))

    def write(self, name: str, variable: xr.Variable, rows: int) -> None:
        """Write one variable, some blocks at a time; only labels are held whole."""
        attrs: dict[str, Any] = dict(variable.attrs)
        dims, dtype = tuple(map(str, variable.dims)), variable.dtype
        is_text = kind_of(variable) == "text"
        if is_text:
            dtype = str
            coded = None if name in dims else _labels(name, variable)
            if coded is not None:
                variable, dtype, is_text = xr.Variable(dims, coded[0]), coded[0].dtype, False
                attrs |= coded[1]
        array = self.create(
            name, dims=dims, shape=variable.shape, dtype=dtype, rows=rows, attrs=attrs
        )
        if not variable.ndim:
            array.write_scalar(variable.values)
            return
        step = array.block * thread_count()  # blocks that are compressed at once
        for start in range(0, variable.shape[0], step):
            values = variable[start : start + step].values
            array[start : start + step] = _text(name, values) if is_text else np.asarray(values)

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
        self._is_complete = True
        if isinstance(self._target, str):
            publish(self.folder, self._target)
        else:
            replace(self.folder, self._target)
        self._journal.unlink(missing_ok=True)

    def _consolidate(self) -> None:
        import zarr

        with warnings.catch_warnings():
            # zarr warns that consolidated metadata is not yet in the v3 specification
            warnings.filterwarnings("ignore", message="Consolidated metadata")
            zarr.consolidate_metadata(self._group.store)


def create_array(
    group: zarr.Group,
    name: str,
    dims: tuple[str, ...],
    shape: tuple[int, ...],
    dtype: Any,
    chunks: tuple[int, ...],
    attrs: Mapping[str, Any],
) -> BlockArray:
    """Create an array of a store, to be filled by whole blocks.

    Examples
    --------
    >>> import zarr
    >>> array = create_array(zarr.group({}), "y", ("_sequence",), (5,), "f4", (2,), {})
    >>> array[0:2] = np.zeros(2)
    """
    from zarr.codecs import ZstdCodec

    array = group.create_array(
        name,
        shape=shape,
        dtype=dtype,
        chunks=chunks,
        compressors=ZstdCodec(level=1),  # as measured: benchmarks/codecs.py
        fill_value=lost_value(dtype),
        dimension_names=dims,
        attributes=dict(attrs),
    )
    return BlockArray(array)


def _labels(name: str, variable: xr.Variable) -> tuple[NDArray[Any], dict[str, Any]] | None:
    """Give text as codes and their attributes; None if it is free text, as its first rows may show."""
    if name in FREE_TEXT or (variable.ndim and encode_labels(variable[:_MOST_ROWS].values) is None):
        return None
    return encode_labels(_text(name, variable.values))


def _text(name: str, values: NDArray[Any]) -> NDArray[Any]:
    text = np.asarray(values, dtype=object)
    check_text(name, text)
    return text


def _opened(store: Path | Store, chunks: Any) -> xr.Dataset:
    """Open a store with its values as they are: attributes such as ``units`` change nothing."""
    return xr.open_zarr(
        store, chunks=chunks, consolidated=True, decode_times=False, mask_and_scale=False
    )


def _plain(attrs: Mapping[Any, Any]) -> dict[str, Any]:
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
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    digests = [b""] * len(files)

    def work(start: int, stop: int) -> None:
        for i in range(start, stop):
            with open(files[i], "rb") as stream:
                digests[i] = hashlib.file_digest(stream, "blake2b").digest()

    run_blocks(work, len(files), block=1)
    digest = hashlib.blake2b(digest_size=16)
    for file, of_file in zip(files, digests, strict=True):
        digest.update(_name_within(folder, file).encode() + of_file)
    return digest.digest()
