"""Texts that come more than once, found without holding all of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from seqdata.schema import SEQUENCE, kind_of
from seqpro.checks import shown

_ROWS = 1 << 16  # read at a time
_MOST = 1 << 20  # compared at a time


def repeated_rows(ds: xr.Dataset, name: str) -> NDArray[np.int64]:
    """Find rows whose text an earlier row has, such as an ``id`` that is there twice.

    The variable is read block by block, and eight bytes of each text are kept: ten million texts take
    some hundred megabytes, however long they are. Rows whose eight bytes agree are read again and compared.

    Parameters
    ----------
    ds
        Dataset in memory or lazy.
    name
        Variable with one text a row. Empty texts, which stand for missing ones, repeat nothing.

    Returns
    -------
    Positions of the rows, ascending, shape (rows,); none if all texts differ

    Raises
    ------
    ValueError
        If the variable is not there or has not one text a row.

    Examples
    --------
    >>> import numpy as np, xarray as xr, seqdata as sd
    >>> ids = np.array(["a", "b", "", "a", ""], object)
    >>> sd.repeated_rows(xr.Dataset({"id": ("_sequence", ids)}), "id").tolist()
    [3]
    """
    if name not in ds or ds[name].dims != (SEQUENCE,) or kind_of(ds[name]) != "text":
        msg = f"name must be a variable with one text a row ({SEQUENCE},); found {shown(name)}"
        raise ValueError(msg)
    variable = ds.variables[name]
    keys = np.zeros(variable.shape[0], dtype=np.uint64)
    is_there = np.zeros(keys.size, dtype=bool)
    for start in range(0, keys.size, _ROWS):
        texts = variable[start : start + _ROWS].values.astype(object)
        keys[start : start + _ROWS] = text_keys(texts)
        is_there[start : start + _ROWS] = texts != ""
    rows = np.flatnonzero(is_there)
    found = list(_repeated(variable, *_alike(keys[rows], rows)))
    return np.sort(np.concatenate([rows[:0], *found]))


def text_keys(texts: NDArray[np.object_]) -> NDArray[np.uint64]:
    """Give a number for each text, the same for equal ones and hardly ever for others.

    Examples
    --------
    >>> keys = text_keys(np.array(["a", "b", "a"], object))
    >>> bool(keys[0] == keys[2]), bool(keys[0] == keys[1])
    (True, False)
    """
    return pd.util.hash_array(texts, categorize=False)


def _alike(
    keys: NDArray[np.uint64], rows: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Keep rows that share a key with another, in the order of the keys and then of the rows."""
    order = np.argsort(keys, kind="stable")
    keys, rows = keys[order], rows[order]
    is_shared = np.zeros(keys.size, dtype=bool)
    is_shared[1:] = keys[1:] == keys[:-1]
    is_shared[:-1] |= is_shared[1:].copy()
    return keys[is_shared], rows[is_shared]


def _repeated(
    variable: xr.Variable, keys: NDArray[np.uint64], rows: NDArray[np.int64]
) -> Iterator[NDArray[np.int64]]:
    """Compare the texts of rows that share keys, some at a time; those of one key may span several."""
    before: set[str] = set()  # of the key that may go on
    for start in range(0, rows.size, _MOST):
        part, part_keys = rows[start : start + _MOST], keys[start : start + _MOST]
        order = np.argsort(part)
        texts = np.empty(part.size, dtype=object)
        texts[order] = variable[part[order]].values
        named = pd.Series(texts, dtype=object)
        yield part[(named.duplicated() | named.isin(before)).to_numpy()]
        goes_on = part_keys[0] == part_keys[-1]
        before = (before if goes_on else set()) | set(texts[part_keys == part_keys[-1]])
