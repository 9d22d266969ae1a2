"""Lazy variables put one after the other, still lazy: parts are read when they are asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from xarray.backends import BackendArray
from xarray.core import indexing


def is_lazy(variable: xr.Variable) -> bool:
    """Whether values are read only when asked for, by xarray itself and not by dask.

    Examples
    --------
    >>> is_lazy(xr.Variable("x", [1, 2]))
    False
    """
    return not isinstance(variable._data, np.ndarray) and variable.chunks is None


def chained(variables: list[xr.Variable], attrs: dict[str, Any]) -> xr.Variable:
    """Put variables of the same dimensions and type one after the other along their first dimension.

    Parameters
    ----------
    variables
        Variables in memory or lazy.
    attrs
        Attributes of the result, whose encoding is that of the first.

    Returns
    -------
    Lazy Variable

    Examples
    --------
    >>> parts = [xr.Variable("x", [1, 2]), xr.Variable("x", [3])]
    >>> chained(parts, {})[1:].values.tolist()
    [2, 3]
    """
    data = indexing.LazilyIndexedArray(_Chain(variables))
    encoding = {k: v for k, v in variables[0].encoding.items() if k == "chunks"}
    return xr.Variable(variables[0].dims, data, attrs, encoding)


class _Chain(BackendArray):
    """Parts along the first axis, as xarray's lazy indexing asks for them."""

    def __init__(self, parts: list[xr.Variable]) -> None:
        self.parts = parts
        self.bounds = np.cumsum([0, *(len(part) for part in parts)])
        self.dtype = parts[0].dtype
        self.shape = (int(self.bounds[-1]), *parts[0].shape[1:])

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        return indexing.explicit_indexing_adapter(
            key, self.shape, indexing.IndexingSupport.OUTER, self._read
        )

    def _read(self, key: tuple[Any, ...]) -> NDArray[Any]:
        first, inner = key[0], key[1:]
        if isinstance(first, slice):
            start, stop, step = first.indices(self.shape[0])
            if step == 1:
                return self._read_range(start, max(start, stop), inner)
            first = np.arange(start, stop, step)
        rows = np.atleast_1d(first)  # ascending, as xarray asks backends for rows
        numbers = np.searchsorted(self.bounds, rows, side="right") - 1
        found = [
            self.parts[number][(rows[numbers == number] - self.bounds[number], *inner)].values
            for number in np.unique(numbers)
        ]
        values = np.concatenate(found or [self.parts[0][(rows, *inner)].values])
        return values if np.ndim(first) else values[0]

    def _read_range(self, start: int, stop: int, inner: tuple[Any, ...]) -> NDArray[Any]:
        found: list[NDArray[Any]] = []
        for part, low, high in zip(self.parts, self.bounds, self.bounds[1:], strict=False):
            within = slice(max(start, low) - low, max(start, low, min(stop, high)) - low)
            if within.stop > within.start or not found:
                found.append(part[(within, *inner)].values)
        return np.concatenate(found)
