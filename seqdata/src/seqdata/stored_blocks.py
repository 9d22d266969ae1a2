"""Blocks of a variable, read from its store straight into the memory that is to hold them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from xarray.core import indexing

if TYPE_CHECKING:
    import zarr


class StoredBlocks:
    """The blocks that the first axis of a variable is stored in.

    zarr makes an array of what it decompresses, and xarray's the values out of that. Where a variable
    is an array of a store as it is, blocks of zstd are decompressed into their place at once, in half
    the time; any other variable is read by xarray.

    Parameters
    ----------
    variable
        The variable, in memory or lazy.

    Examples
    --------
    >>> blocks = StoredBlocks(xr.Variable("x", [1, 2, 3], encoding={"chunks": (2,)}))
    >>> blocks.read(1).tolist()
    [3]
    """

    def __init__(self, variable: xr.Variable) -> None:
        self._variable, self._array = variable, _array_of(variable)
        chunks = self._array.chunks if self._array is not None else variable.encoding.get("chunks")
        self.size = int(chunks[0]) if chunks else max(1, variable.shape[0])

    def rows(self, number: int) -> int:
        """Give the number of rows of one block; the last may be short."""
        return min(self.size, self._variable.shape[0] - number * self.size)

    def read(self, number: int) -> NDArray[Any]:
        """Give one block."""
        out = np.empty((self.rows(number), *self._variable.shape[1:]), self._variable.dtype)
        self.read_into(out, number)
        return out

    def read_into(self, out: NDArray[Any], number: int) -> None:
        """Read one block into an array of its shape, whose values follow each other in memory.

        Raises
        ------
        OSError
            If the block is damaged.
        """
        data = None if self._array is None else _compressed(self._array, number)
        if data is None:  # what was never written has fill values
            first = number * self.size
            out[...] = self._variable[first : first + len(out)].values
            return
        is_short = len(out) < self.size  # but it is stored whole
        whole = np.empty((self.size, *out.shape[1:]), out.dtype) if is_short else out
        import zstandard

        try:
            _decompress(data, whole)
        except (zstandard.ZstdError, RuntimeError, ValueError) as error:
            msg = (
                f"block {number} of {self._array} is damaged ({error}). Copy the store again from where it "
                "is whole, or build it anew"
            )
            raise OSError(msg) from error
        if is_short:
            out[...] = whole[: len(out)]


def _array_of(variable: xr.Variable) -> zarr.Array[Any] | None:
    """Give the array of a store that a variable is, all of it; None if blocks are not simply of zstd."""
    data = variable._data
    while isinstance(data, indexing.MemoryCachedArray | indexing.CopyOnWriteArray):
        data = data.array
    if not isinstance(data, indexing.LazilyIndexedArray) or not all(
        isinstance(key, slice) and key == slice(None) for key in data.key.tuple
    ):
        return None
    from xarray.backends.zarr import ZarrArrayWrapper

    if not isinstance(data.array, ZarrArrayWrapper):
        return None
    array: zarr.Array[Any] = data.array.get_array()
    return array if _is_zstd(array) and array.chunks[1:] == array.shape[1:] else None


def _is_zstd(array: zarr.Array[Any]) -> bool:
    """Whether a block is the bytes of its values as they are in memory, compressed by zstd."""
    from zarr.codecs import BytesCodec, ZstdCodec

    match getattr(array.metadata, "codecs", ()):
        case (BytesCodec() as order, ZstdCodec()):
            return order.endian is None or order.endian.value == sys.byteorder
    return False


def _compressed(array: zarr.Array[Any], number: int) -> memoryview | None:
    """Read what is stored of a block, None if nothing is."""
    from zarr.abc.store import SupportsGetSync
    from zarr.core.buffer import default_buffer_prototype
    from zarr.core.sync import sync

    key = array.metadata.encode_chunk_key((number, *(0 for _ in array.shape[1:])))
    place = array.store_path / key
    if isinstance(place.store, SupportsGetSync):  # a folder needs no event loop
        found = place.store.get_sync(place.path)
    else:
        found = sync(place.get(default_buffer_prototype()))
    return None if found is None else found.as_numpy_array().data


def _decompress(data: memoryview, out: NDArray[Any]) -> None:
    """Decompress a block into its place; ZstdError, RuntimeError or ValueError if it is damaged."""
    import zstandard
    from numcodecs.zstd import Zstd

    if zstandard.frame_content_size(data) == out.nbytes:
        Zstd().decode(data, out=out)
        return
    found = np.frombuffer(Zstd().decode(data), out.dtype)  # not all that write zstd note the size
    out[...] = found.reshape(out.shape)
