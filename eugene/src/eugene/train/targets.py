"""Targets: which variables are predicted, what kind they are, and which rows have them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from eugene.tasks import TASKS
from seqdata.schema import SEQUENCE

Missing = Literal["drop", "mask", "error"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Targets:
    """The values to predict, of every row.

    Parameters
    ----------
    names
        One name a column.
    task
        Name of the task in `TASKS`.
    values
        float32, shape (n, targets), NaN where missing.
    """

    names: tuple[str, ...]
    task: str
    values: NDArray[np.float32]


def read_targets(data: xr.Dataset, names: str | Sequence[str]) -> Targets:
    """Read targets from a Dataset and tell what kind they are.

    A variable's attribute ``task`` decides if there is one; otherwise int8 and bool are binary and
    float32 and int64 are measured numbers.

    Parameters
    ----------
    data
        Dataset with the targets.
    names
        One variable, of dims (_sequence) or (_sequence, _target), or several of dims (_sequence).

    Returns
    -------
    Targets

    Raises
    ------
    ValueError
        If a variable is not there, has other dims, holds text or infinity, or the kinds differ.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> data = xr.Dataset({"y": ("_sequence", np.array([0, 1, -1], "int8"))})
    >>> targets = read_targets(data, "y")
    >>> targets.task, targets.values[:, 0].tolist()
    ('binary', [0.0, 1.0, nan])
    """
    wanted = (names,) if isinstance(names, str) else tuple(names)
    if not wanted:
        msg = "targets must name at least one variable; found none"
        raise ValueError(msg)
    columns: list[NDArray[np.float32]] = []
    labels: list[str] = []
    tasks: dict[str, str] = {}
    for name in wanted:
        if name not in data:
            msg = (
                f"targets must name variables of the data; found no {name!r} among {_numeric(data)}"
            )
            raise ValueError(msg)
        variable = data[name]
        if (
            variable.dims not in ((SEQUENCE,), (SEQUENCE, "_target"))
            or variable.dtype.kind not in "biuf"
        ):
            msg = (
                f"target {name!r} must be numbers with dims (_sequence) or (_sequence, _target); "
                f"found {variable.dtype} with dims {variable.dims}"
            )
            raise ValueError(msg)
        tasks[name] = _task_of(name, variable)
        values = _as_float(variable, tasks[name])
        if np.isinf(values).any():
            position = int(np.isinf(values.reshape(values.shape[0], -1)).any(axis=1).argmax())
            msg = f"target {name!r} must be finite or NaN; found infinity at position {position}"
            raise ValueError(msg)
        columns.append(values.reshape(values.shape[0], -1))
        inner = variable.coords["_target"].values if "_target" in variable.coords else None
        width = columns[-1].shape[1]
        labels += (
            [name]
            if width == 1 and inner is None
            else [str(x) for x in (inner if inner is not None else range(width))]
        )
    if len(set(tasks.values())) > 1:
        msg = f"targets must be of one kind; found {tasks}. Fit them one kind at a time"
        raise ValueError(msg)
    return Targets(tuple(labels), next(iter(tasks.values())), np.concatenate(columns, axis=1))


def usable_rows(
    targets: Targets, rows: NDArray[np.int64], missing: Missing, *, part: str
) -> NDArray[np.int64]:
    """Leave out rows by what their targets lack, and log how many.

    Parameters
    ----------
    targets
        Targets of all rows.
    rows
        Positions to choose from.
    missing
        ``"drop"`` leaves out rows that lack any target, ``"mask"`` those that lack all of them,
        ``"error"`` refuses.
    part
        What the rows are, for messages: ``"train"``, ``"val"`` ...

    Returns
    -------
    int64 array of positions

    Raises
    ------
    ValueError
        If a target is missing under ``"error"``, or no row is left.

    Examples
    --------
    >>> import numpy as np
    >>> targets = Targets(("y",), "regression", np.array([[1.0], [np.nan]], "float32"))
    >>> usable_rows(targets, np.array([0, 1]), "drop", part="train").tolist()
    [0]
    """
    if missing not in ("drop", "mask", "error"):
        msg = f"missing must be 'drop', 'mask' or 'error'; found {missing!r}"
        raise ValueError(msg)
    absent = np.isnan(targets.values[rows])
    if missing == "error" and absent.any():
        row, column = np.argwhere(absent)[0]
        msg = (
            f"target {targets.names[column]!r} must not be missing; found NaN at position {rows[row]} "
            f"({int(absent.any(axis=1).sum())} rows of {part} in all). Pass missing='drop' or 'mask'"
        )
        raise ValueError(msg)
    dropped = absent.all(axis=1) if missing == "mask" else absent.any(axis=1)
    if dropped.any():
        _log.warning(
            "%s: dropped %d of %d rows with a missing target", part, dropped.sum(), rows.size
        )
    if dropped.all():
        msg = f"{part} must have rows with targets {', '.join(targets.names)}; found none of {rows.size}"
        raise ValueError(msg)
    return rows[~dropped]


def _task_of(name: str, variable: xr.DataArray) -> str:
    task = variable.attrs.get("task")
    if task is None:
        task = "binary" if variable.dtype.kind == "b" or variable.dtype == np.int8 else "regression"
    if task not in TASKS:
        msg = f"target {name!r} must have a task of {', '.join(TASKS)}; found {task!r}"
        raise ValueError(msg)
    if task == "binary":
        values = _as_float(variable, task)
        odd = ~(np.isin(values, (0, 1)) | np.isnan(values))
        if odd.any():
            msg = f"binary target {name!r} must hold 0 and 1 (-1 or NaN if missing); found {values[odd][0]:g}"
            raise ValueError(msg)
    return str(task)


def _as_float(variable: xr.DataArray, task: str) -> NDArray[np.float32]:
    """Give the values as numbers, with NaN for the -1 that stands for a missing class."""
    values: NDArray[Any] = variable.values
    if task == "binary" and values.dtype.kind in "iu":
        return np.where(values == -1, np.nan, values).astype(np.float32)
    return values.astype(np.float32)


def _numeric(data: xr.Dataset) -> str:
    found = [
        str(k)
        for k, v in data.data_vars.items()
        if v.dims == (SEQUENCE,) and v.dtype.kind in "biuf"
    ]
    return ", ".join(found)
