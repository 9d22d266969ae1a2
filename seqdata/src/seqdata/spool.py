"""Arrays that grow while a file is read: in memory, or in files so that memory does not grow with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xarray.backends import BackendArray
from xarray.core import indexing

_MOST_WORDS = 4096  # of a column of labels


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
        return np.concatenate(self._parts if self.path is None else list(self.blocks()))

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

    def lazy(self, row: int | None = None) -> indexing.LazilyIndexedArray:
        """Give an array for a variable of xarray, read from the file when it is asked for.

        Parameters
        ----------
        row
            Values to a row of an array of two axes; None for one axis.
        """
        return indexing.LazilyIndexedArray(_Rows(self, row))


class _Rows(BackendArray):
    """Values of a file as an array of one axis, or of two."""

    def __init__(self, source: Growing, row: int | None) -> None:
        self.source, self.row = source, row
        self.dtype = source._blocks[0][3]
        self.shape = (len(source),) if row is None else (len(source) // row, row)

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        return indexing.explicit_indexing_adapter(
            key, self.shape, indexing.IndexingSupport.OUTER_1VECTOR, self._read
        )

    def _read(self, key: tuple[Any, ...]) -> Any:
        """Read the rows that a key spans, then choose among them."""
        chosen = key[0]
        if isinstance(chosen, slice):
            span = range(*chosen.indices(self.shape[0]))
            chosen = np.arange(span.start, span.stop, span.step)
        low, high = int(np.min(chosen, initial=self.shape[0])), int(np.max(chosen, initial=-1)) + 1
        if high <= low:
            return np.empty((0, *self.shape[1:]), self.dtype)[(slice(0), *key[1:])]
        width = self.row or 1
        values = self.source.rows(low * width, high * width).reshape(-1, *self.shape[1:])
        is_run = isinstance(key[0], slice) and key[0].step in (None, 1)
        return values[(slice(None) if is_run else chosen - low, *key[1:])]
