"""Columns of a table, added to the rows of a Dataset by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqdata.combine import select
from seqdata.labels import with_text_labels
from seqdata.provenance import add_step
from seqdata.schema import SEQUENCE, SPECS
from seqdata.validation import annotate, validate
from seqpro.checks import choice

if TYPE_CHECKING:
    import pandas as pd


def join(
    ds: xr.Dataset,
    table: pd.DataFrame,
    *,
    on: str | Sequence[str] | Mapping[str, str],
    missing: Literal["error", "fill", "drop"] = "error",
    unused: Literal["ignore", "error"] = "ignore",
) -> xr.Dataset:
    """Add the columns of a table to the rows that have the same key.

    Rows are matched by key, never by position; several may have one key. Whole numbers become int64,
    other numbers float32, truth values bool and everything else text.

    Parameters
    ----------
    ds
        Dataset with rows, in memory or lazy.
    table
        Table whose rows have keys of their own.
    on
        The key: a name, or several, of variables of `ds` and columns of `table`; or a mapping of names
        in `ds` to names in `table`.
    missing
        What to do with rows of `ds` whose key the table lacks: ``"error"``; ``"fill"`` gives them NaN,
        -1 for whole numbers and classes (truth values become int8 classes then), and ``""`` for text;
        ``"drop"`` leaves them out.
    unused
        Whether keys of the table that `ds` lacks are an error.

    Returns
    -------
    Dataset like `ds` with one more variable for each column that is not part of the key

    Raises
    ------
    TypeError
        If `table` is not a DataFrame, or a key is text on one side and a number on the other.
    ValueError
        If a key comes twice in the table, is empty there or is missing on a side where it must not, a
        column has the name of a variable or holds lists, -1 stands in a column of whole numbers that is
        to be filled, or the result breaks the contract.

    Examples
    --------
    >>> import numpy as np, pandas as pd, xarray as xr, seqdata as sd
    >>> ds = xr.Dataset({"row": ("_sequence", np.arange(2)),
    ...                  "id": ("_sequence", np.array(["b", "a"], object))})
    >>> table = pd.DataFrame({"id": ["a", "b"], "activity": [0.5, 2.5]})
    >>> sd.join(ds, table, on="id")["activity"].values.tolist()
    [2.5, 0.5]
    """
    choice(missing, "missing", ("error", "fill", "drop"))
    choice(unused, "unused", ("ignore", "error"))
    _check_table(table)
    keys = _key_names(on)
    wanted, offered = _row_keys(ds, keys), _table_keys(table, keys)
    _check_key_types(wanted, offered)
    places = _matches(wanted, offered)
    absent = places < 0
    if absent.any() and missing == "error":
        msg = (
            f"table must have the key of every row; it lacks {int(absent.sum())} of {absent.size}, first "
            f"{_key_text(wanted, int(absent.argmax()))}. Pass missing='fill' or 'drop'"
        )
        raise ValueError(msg)
    if unused == "error":
        _refuse_unused(offered, places)
    if missing == "drop":
        ds, places = select(ds, rows=~absent), places[~absent]
    added = {}
    for column in table.columns.difference(list(keys.values()), sort=False):
        if column in ds.variables or column in ds.dims:
            msg = f"table must not have a column {column!r}, as the data has it already. Rename one of them"
            raise ValueError(msg)
        added[column] = (SEQUENCE, aligned_values(table[column], places))
    found = add_step(ds.assign(added), "seqdata.join", on=keys, missing=missing, unused=unused)
    validate(found)
    return annotate(found)


def aligned_values(column: pd.Series, places: NDArray[np.intp]) -> NDArray[Any]:
    """Give a column's values at some places, in the contract's types; places of -1 are filled.

    Examples
    --------
    >>> import pandas as pd
    >>> aligned_values(pd.Series(["a", "b"]), np.array([1, -1, 0])).tolist()
    ['b', '', 'a']
    """
    values, gap = contract_values(column)
    absent = places < 0
    if not absent.any():
        return values[places]
    if values.dtype == bool:
        values = values.astype(np.int8)
    if values.dtype.kind == "i" and (values[column.notna().to_numpy()] == -1).any():
        msg = (
            f"column {column.name!r} must not hold -1, which stands for a missing whole number, where rows "
            "are filled. Recode it, make it float, or pass missing='drop'"
        )
        raise ValueError(msg)
    if not values.size:
        return np.full(places.size, gap, dtype=values.dtype)
    found = values[places]
    found[absent] = gap
    return found


def contract_values(column: pd.Series) -> tuple[NDArray[Any], Any]:
    """Give a column in the type that the contract has for its name and values, and what marks a gap.

    Examples
    --------
    >>> import pandas as pd
    >>> contract_values(pd.Series([1, None], dtype="Int64"))
    (array([ 1, -1]), -1)
    """
    import pandas as pd

    from seqdata.readers.table import contract_column, float32_changes

    spec = next((s for s in SPECS if s.name == column.name and s.dims == (SEQUENCE,)), None)
    if spec and not {"label", "text"}.isdisjoint(spec.kinds) and column.dtype.kind not in "iu":
        column = column.astype(object)
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    if column.dtype == "boolean" and not column.isna().any():
        column = column.astype(bool)
    numeric = pd.api.types.is_numeric_dtype(column) and column.dtype != bool
    if not numeric:
        _refuse_nested(column)
        values = contract_column(column)
        return values, "" if values.dtype == object else -1
    floats = column.to_numpy(dtype=np.float64, na_value=np.nan)
    wants_whole = pd.api.types.is_integer_dtype(column) or column.dtype == "boolean"
    wants_float = spec is not None and spec.kinds == ("float32",)
    if not wants_float and (wants_whole or float32_changes(floats)):
        return _whole(column, spec.kinds[-1] if spec and len(spec.kinds) == 1 else "int64"), -1
    return floats.astype(np.float32), np.nan


def _refuse_nested(column: pd.Series) -> None:
    """Refuse lists and arrays in cells, which would become text like ``[1, 2]``."""
    nested = [isinstance(value, list | tuple | dict | set | np.ndarray) for value in column]
    if any(nested):
        row = nested.index(True)
        msg = (
            f"column {column.name!r} must have one value a row; found a {type(column.iloc[row]).__name__} in "
            f"row {row}. Make columns of its parts, or drop it"
        )
        raise ValueError(msg)


def _check_table(table: Any) -> None:
    import pandas as pd

    if not isinstance(table, pd.DataFrame):
        found = type(table).__name__
        msg = f"table must be a pandas DataFrame; found {found}. Read files with pandas.read_csv"
        raise TypeError(msg)
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        msg = (
            f"table must have columns with names of their own; found {twice[0]!r} twice. Rename one"
        )
        raise ValueError(msg)


def _key_names(on: str | Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    if isinstance(on, Mapping):
        keys = dict(on)
    else:
        keys = {name: name for name in ([on] if isinstance(on, str) else on)}
    if not keys:
        msg = "on must name at least one variable; found none"
        raise ValueError(msg)
    return keys


def _row_keys(ds: xr.Dataset, keys: dict[str, str]) -> pd.DataFrame:
    import pandas as pd

    for name in keys:
        if name not in ds or ds[name].dims != (SEQUENCE,) or ds[name].dtype.kind == "f":
            found = f"is {ds[name].dtype} {ds[name].dims}" if name in ds else "is not there"
            msg = (
                f"on must name variables of the data with one text or whole number a row; {name!r} {found}. "
                "Where names differ: on={'name in the data': 'name in the table'}"
            )
            raise ValueError(msg)
    readable = with_text_labels(ds, list(keys))
    return pd.DataFrame({name: readable[name].values for name in keys})


def _table_keys(table: pd.DataFrame, keys: dict[str, str]) -> pd.DataFrame:
    """Give the table's key columns under the names that they have in the data."""
    absent = [column for column in keys.values() if column not in table]
    if absent:
        known = ", ".join(map(str, table.columns))
        msg = f"on must name columns of the table; found no {absent[0]!r} among {known}"
        raise ValueError(msg)
    found = table[list(keys.values())].set_axis(list(keys), axis=1).reset_index(drop=True)
    empty = found.isna().any(axis=1).to_numpy()
    if empty.any():
        msg = (
            f"every row of the table must have a key; row {int(empty.argmax())} has none. "
            f"Leave such rows out with table.dropna(subset={list(keys.values())})"
        )
        raise ValueError(msg)
    again = found.duplicated().to_numpy()
    if again.any():
        msg = (
            f"keys of the table must be unique; found {_key_text(found, int(again.argmax()))} twice. "
            "Drop or aggregate its rows first"
        )
        raise ValueError(msg)
    return found


def _check_key_types(wanted: pd.DataFrame, offered: pd.DataFrame) -> None:
    """Refuse keys that can never be equal, and numbers that are no whole ones."""
    import pandas as pd

    for name in wanted:
        kinds = [pd.api.types.is_numeric_dtype(keys[name]) for keys in (wanted, offered)]
        if kinds[0] != kinds[1]:
            what = ["numbers" if kind else "text" for kind in kinds]
            msg = (
                f"key {name!r} must be of one type on both sides; it is {what[0]} in the data and {what[1]} "
                "in the table. Convert the table's column with astype"
            )
            raise TypeError(msg)


def _matches(wanted: pd.DataFrame, offered: pd.DataFrame) -> NDArray[np.intp]:
    """Give the place of each wanted key among the offered ones, -1 where there is none."""
    import pandas as pd

    if wanted.shape[1] == 1:
        return pd.Index(offered.iloc[:, 0]).get_indexer(pd.Index(wanted.iloc[:, 0]))
    index = pd.MultiIndex.from_frame(offered)
    return index.get_indexer(pd.MultiIndex.from_frame(wanted))


def _key_text(keys: pd.DataFrame, row: int) -> str:
    return ", ".join(f"{name} {keys[name].tolist()[row]!r}" for name in keys)


def _refuse_unused(offered: pd.DataFrame, places: NDArray[np.intp]) -> None:
    idle = np.ones(len(offered), dtype=bool)
    idle[places[places >= 0]] = False
    if idle.any():
        msg = (
            f"every key of the table must be in the data; {int(idle.sum())} of {idle.size} are not, first "
            f"{_key_text(offered, int(idle.argmax()))}. Pass unused='ignore'"
        )
        raise ValueError(msg)


def _whole(column: pd.Series, dtype: str) -> NDArray[np.integer]:
    """Give whole numbers with -1 in the gaps."""
    gaps = column.isna().to_numpy()
    values = column.fillna(-1).to_numpy(dtype=np.int64)
    if gaps.any() and (values[~gaps] == -1).any():
        msg = (
            f"column {column.name!r} must not have both empty cells and -1, which stands for a missing "
            "whole number. Fill them, or drop the column"
        )
        raise ValueError(msg)
    if dtype == "int16" and values.size and np.abs(values).max() < 2**15:
        return values.astype(np.int16)
    return values
