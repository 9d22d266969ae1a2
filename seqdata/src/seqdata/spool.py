"""Arrays that grow while a file is read: in memory, or in files so that memory does not grow with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from xarray.backends import BackendArray
from xarray.core import indexing

from seqdata.blocks import BlockArray
from seqdata.schema import LENGTH, SEQUENCE
from seqdata.store import block_rows, create_array
from seqdata.view import sequence_variables
from seqpro import Alphabet, Ragged
from seqpro.parallel import thread_count

_MOST_WORDS = 4096  # of a column of labels
_LETTERS = "letters.zarr"


class Growing:
    """An array of one axis that is appended to.

    Parameters
    ----------
    path
        File to keep it in; None keeps it in memory.

    Examples
    --------
    >>> import tempfile
    >>> numbers = Growing(Path(tempfile.mkdtemp(), "numbers"))
    >>> numbers.append(np.arange(3)); numbers.append(np.array([0.5]))
    >>> numbers.whole().tolist(), len(numbers)
    ([0.0, 1.0, 2.0, 0.5], 4)
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.kinds: set[str] = set()
        self.words: dict[str, None] | None = {}
        """Different texts in the order of their first appearance; None where they are too many for labels."""
        self._parts: list[NDArray[Any]] = []
        self._blocks: list[tuple[int, int, int, np.dtype[Any]]] = []  # first, size, byte and type
        self._size = self._bytes = 0

    def __len__(self) -> int:
        return self._size

    def append(self, values: NDArray[Any]) -> None:
        """Append values: numbers, or text as an object array."""
        self.kinds.add({"O": "text", "b": "truth"}.get(values.dtype.kind, "number"))
        if self.path is None:
            self._parts.append(values)
            self._size += len(values)
            return
        if values.dtype == object:
            data = memoryview(json.dumps(values.tolist()).encode())
            self._note(values)
        else:
            data = np.ascontiguousarray(values).data
        with self.path.open("ab") as file:
            file.write(data)
        self._blocks.append((self._size, len(values), self._bytes, values.dtype))
        self._size, self._bytes = self._size + len(values), self._bytes + data.nbytes

    def _note(self, values: NDArray[Any]) -> None:
        if self.words is not None:
            self.words |= dict.fromkeys(values.tolist())
            if len(self.words) > _MOST_WORDS:
                self.words = None

    def whole(self) -> NDArray[Any]:
        """Give all values in one array."""
        if self.path is None:
            return np.concatenate(self._parts)
        out = np.empty(self._size, np.result_type(*(block[3] for block in self._blocks)))
        for (first, size, *_), values in zip(self._blocks, self.blocks(), strict=True):
            out[first : first + size] = values
        return out

    def blocks(self) -> Iterator[NDArray[Any]]:
        """Give what was appended, from the file."""
        for number in range(len(self._blocks)):
            yield self._block(number)

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """Give some of the values, which must be of one type, from the file."""
        dtype = self._blocks[0][3]
        if dtype.kind != "O":
            return self._numbers(start * dtype.itemsize, stop - start, dtype)
        firsts = [block[0] for block in self._blocks]
        low = int(np.searchsorted(firsts, start, side="right")) - 1
        high = int(np.searchsorted(firsts, stop, side="left"))
        values = np.concatenate([self._block(number) for number in range(low, high)])
        return values[start - firsts[low] : stop - firsts[low]]

    def _block(self, number: int) -> NDArray[Any]:
        _, size, place, dtype = self._blocks[number]
        if dtype.kind != "O":
            return self._numbers(place, size, dtype)
        following = self._blocks[number + 1][2] if number + 1 < len(self._blocks) else self._bytes
        text = self._numbers(place, following - place, np.dtype(np.uint8))
        return np.array(json.loads(text.tobytes()), dtype=object)

    def _numbers(self, place: int, count: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        assert self.path is not None
        return np.fromfile(self.path, dtype, count, offset=place)

    def lazy(self) -> indexing.LazilyIndexedArray:
        """Give an array for a variable of xarray, read from the file when it is asked for."""
        return indexing.LazilyIndexedArray(_Values(self))


class GrowingRows:
    """Letters of rows that are appended to: blocks of a store while all have one length, else flat.

    Parameters
    ----------
    folder
        Folder to keep them in; None keeps them in memory.

    Examples
    --------
    >>> import tempfile
    >>> from seqpro import DNA, as_ragged
    >>> rows = GrowingRows(Path(tempfile.mkdtemp()))
    >>> rows.append(as_ragged(["AC", "GT"])); rows.append(as_ragged(["A"]))
    >>> [variable.shape for variable in rows.finish(DNA).values()]
    [(5,), (3,), (3,)]
    """

    def __init__(self, folder: Path | None) -> None:
        self.array: Path | None = None
        """Folder of the array that holds all rows, where `finish` found that they have one length."""
        self._folder = folder
        self._sizes: list[NDArray[np.int64]] = []
        self._room = np.empty((0, 0), np.uint8)  # for blocks that are compressed at once
        self._filled = 0
        self._blocks: BlockArray | None = None
        self._flat = Growing(None) if folder is None else None

    def __len__(self) -> int:
        return sum(map(len, self._sizes))

    def append(self, rows: Ragged) -> None:
        """Append rows."""
        length = int((self._sizes or [rows.sizes])[0][0])
        if self._flat is None and (rows.sizes != length).any():
            self._flatten()
        if self._flat is not None:
            self._sizes.append(rows.sizes)
            self._flat.append(rows.values)
            return
        self._sizes.append(np.broadcast_to(np.int64(length), len(rows)))  # takes no memory
        if not self._room.size:
            self._room = np.empty((_block_rows(length) * thread_count(), length), np.uint8)
        part = rows.values.reshape(-1, length)
        while len(part):
            fitting = part[: len(self._room) - self._filled]
            self._room[self._filled : self._filled + len(fitting)] = fitting
            self._filled, part = self._filled + len(fitting), part[len(fitting) :]
            if self._filled == len(self._room):
                self._write()

    def _write(self) -> None:
        """Add blocks to the array, which is made with the first of them."""
        if self._blocks is None:
            import zarr

            assert self._folder is not None
            group = zarr.open_group(self._folder / _LETTERS, mode="w", zarr_format=3)
            dims, length = (SEQUENCE, LENGTH), self._room.shape[1]
            chunks = _block_rows(length), length
            self._blocks = create_array(group, "seq", dims, (0, length), np.uint8, chunks, {})
        self._blocks.extend(self._room[: self._filled])
        self._filled = 0

    def _flatten(self) -> None:
        """Go on with one flat file, as rows differ in size."""
        assert self._folder is not None
        self._flat = Growing(self._folder / "values")
        if self._blocks is not None:
            written, block = self._written(), self._blocks.block
            for start in range(0, written.shape[0], block):
                self._flat.append(written[start : start + block].values.ravel())
        self._flat.append(self._room[: self._filled].ravel())

    def _written(self) -> xr.Variable:
        assert self._folder is not None
        found = xr.open_zarr(self._folder / _LETTERS, consolidated=False, chunks=None)
        return found.variables["seq"]

    def finish(self, alphabet: Alphabet) -> dict[str, xr.Variable]:
        """Give the variables of the sequence, which stay in their files where they are in some."""
        attrs = {"alphabet": alphabet.name}
        if self._flat is not None:
            sizes = np.concatenate(self._sizes)
            if self._flat.path is None:
                return sequence_variables(Ragged.from_sizes(self._flat.whole(), sizes), alphabet)
            return {
                "seq": xr.Variable("seq_value", self._flat.lazy(), attrs),
                "seq_start": xr.Variable(SEQUENCE, np.cumsum(sizes) - sizes),
                "seq_size": xr.Variable(SEQUENCE, sizes),
            }
        if self._blocks is None:
            return {"seq": xr.Variable((SEQUENCE, LENGTH), self._room[: self._filled], attrs)}
        if self._filled:
            self._write()
        self.array = self._folder and self._folder / _LETTERS / "seq"
        return {"seq": self._written()._replace(attrs=attrs)}


def _block_rows(length: int) -> int:
    """Rows to a block of a store, where nothing else has wider rows."""
    rows = {"seq": ((SEQUENCE, LENGTH), np.empty((1, length), np.uint8)), "row": (SEQUENCE, [0])}
    return block_rows(xr.Dataset(rows))


class _Values(BackendArray):
    """Values of a file as an array of one axis."""

    def __init__(self, source: Growing) -> None:
        self.source, self.dtype, self.shape = source, source._blocks[0][3], (len(source),)

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        return indexing.explicit_indexing_adapter(
            key, self.shape, indexing.IndexingSupport.OUTER_1VECTOR, self._read
        )

    def _read(self, key: tuple[Any, ...]) -> Any:
        """Read the values that a key spans, then choose among them."""
        chosen = key[0]
        if isinstance(chosen, slice):
            span = range(*chosen.indices(self.shape[0]))
            chosen = np.arange(span.start, span.stop, span.step)
        low, high = int(np.min(chosen, initial=self.shape[0])), int(np.max(chosen, initial=-1)) + 1
        if high <= low:
            return np.empty(0, self.dtype)
        values = self.source.rows(low, high)
        is_run = isinstance(key[0], slice) and key[0].step in (None, 1)
        return values if is_run else values[chosen - low]
