"""What a store or a Dataset holds, as text for a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from numbers import Integral
from pathlib import Path
from textwrap import fill, shorten
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr

_WIDTH = 100
_SENTENCE = 60
_MOST = 12  # names of a dimension's entries that are shown


def rows_text(ds: xr.Dataset, rows: int = 5) -> str:
    """Give sizes, rows by split and the first rows.

    Examples
    --------
    >>> import xarray as xr
    >>> print(rows_text(xr.Dataset({"row": ("_sequence", [0, 1])})))
    _sequence 2
       row
    0    0
    1    1
    """
    lines = [", ".join(f"{dim} {size:,}" for dim, size in ds.sizes.items())]
    if "split" in ds:
        lines.append(f"split: {_splits(ds)}")
    return "\n".join([*lines, _head(ds, rows)])


def store_text(ds: xr.Dataset, path: Path, rows: int = 5) -> str:
    """Say what a store holds: size, dimensions, variables, how it was made, first rows.

    Parameters
    ----------
    ds
        The store, opened.
    path
        Its folder.
    rows
        Rows to show.

    Returns
    -------
    Text of several paragraphs
    """
    from seqdata.provenance import steps

    parts = [
        _facts(ds, path),
        "Dimensions\n" + _dimensions(ds),
        "Variables\n" + _variables(ds),
        "How it was made\n" + ("\n".join(map(_step, steps(ds))) or "  not recorded"),
    ]
    if rows:
        parts.append("First rows\n" + _head(ds, rows))
    return "\n\n".join(parts)


def figures_text(found: xr.Dataset) -> str:
    """Give the figures of `seqdata.report` as tables, its histograms left out.

    Parameters
    ----------
    found
        What `seqdata.report` gave.

    Returns
    -------
    Text, a table for sequences, targets, classes, tracks and so on
    """
    parts = [f"{int(found['rows']):,} rows"]
    for title, dim in _TITLES.items():
        names = [name for name, v in found.variables.items() if v.dims == (dim,) and name != dim]
        if names:
            labels = found[dim].values if dim in found.coords else range(found.sizes[dim])
            columns: dict[str, Any] = {dim: labels} | {
                _words(name, dim): found[name].values for name in names
            }
            parts.append(f"{title}\n{_aligned(columns)}")
    if "leaking" in found:
        leaking = found["leaking"]
        way, split = map(str, leaking.dims)
        shared = dict(zip(map(str, found[split].values), leaking.values.T, strict=True))
        parts.append(
            "Rows of a split that are in another split, too\n"
            + _aligned({"same by": found[way].values} | shared)
        )
    return "\n\n".join(parts)


_TITLES = {
    "Splits": "split",
    "Contigs": "contig",
    "Sequences": "sequence",
    "Targets": "target",
    "Classes and labels": "class",
    "Tracks": "track",
}
"""Titles of the tables of a report, and the dimension that each is along."""


def _words(name: object, dim: str) -> str:
    """Name a figure in words."""
    return str(name).removeprefix(f"{dim}_").replace("_", " ")


def _facts(ds: xr.Dataset, path: Path) -> str:
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    lines = [
        f"{path.name}: {ds.sizes.get('_sequence', 0):,} rows, {_bytes(size)} on disk",
        f"data contract {ds.attrs['seqdata_contract']}, coordinates {ds.attrs['coordinate_system']}",
    ]
    if ds.attrs.get("genome"):
        lines.append(f"genome {ds.attrs['genome']}")
    if ds.attrs.get("max_jitter"):
        lines.append(f"room for shifts: {ds.attrs['max_jitter']} bp on both sides of every window")
    if "split" in ds:
        lines.append(f"split: {_splits(ds)}")
    lines.append(f"identity {ds.attrs['uuid']}")
    return "\n".join(lines)


def _bytes(size: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _splits(ds: xr.Dataset) -> str:
    counts = ds["split"].to_series().value_counts()
    return ", ".join(f"{part} {count:,}" for part, count in counts.items())


def _dimensions(ds: xr.Dataset) -> str:
    """List dimensions with their sizes and, where entries have names, the names."""
    entries = []
    for dim, size in ds.sizes.items():
        names = ", ".join(map(str, ds[dim].values[:_MOST])) if dim in ds.coords else ""
        entries.append(names + (" ..." if names and size > _MOST else ""))
    return _aligned({"name": list(ds.sizes), "size": list(ds.sizes.values()), "entries": entries})


def _variables(ds: xr.Dataset) -> str:
    from seqdata.schema import kind_of

    variables = {name: v for name, v in ds.variables.items() if name not in ds.dims}
    columns: dict[str, list[Any]] = {
        "name": list(variables),
        "dimensions": [", ".join(map(str, v.dims)) for v in variables.values()],
        "type": [kind_of(v) for v in variables.values()],
        "unit": [_unit(v) for v in variables.values()],
        "what it is": [_sentence(v) for v in variables.values()],
    }
    return _aligned(columns)


def _unit(variable: xr.Variable) -> str:
    """Give a variable's unit; of letters the alphabet, of joined positions the bins."""
    attrs = variable.attrs
    if attrs.get("bin_width", 1) != 1:
        return f"bins of {attrs['bin_width']} bp"
    return str(attrs.get("units") or attrs.get("alphabet") or "")


def _sentence(variable: xr.Variable) -> str:
    text = str(variable.attrs.get("description", "")).partition(". ")[0].rstrip(".")
    return shorten(text, _SENTENCE, placeholder=" ...")


def _step(step: dict[str, Any]) -> str:
    """Give a step of provenance: its name, version and what was given."""
    named = {k: v for k, v in step.items() if k not in ("step", "version")}
    given = ", ".join(f"{k} {_short(v)}" for k, v in named.items() if v not in (None, "", [], {}))
    text = f"{step['step']} {step.get('version', '')}: {given}".rstrip(": ")
    return fill(text, _WIDTH, initial_indent="  ", subsequent_indent="      ")


def _short(value: Any) -> str:
    """Give a recorded value without hashes."""
    if isinstance(value, dict):
        if value.keys() == {"file", "sha256"}:
            return str(value["file"])
        inside = {k: v for k, v in value.items() if k != "type" and v is not None}
        listed = ", ".join(f"{k} {_short(v)}" for k, v in inside.items())
        return f"{value['type']}({listed})" if "type" in value else f"({listed})"
    if isinstance(value, list):
        return ", ".join(map(_short, value))
    return value if isinstance(value, str) else json.dumps(value)


def _head(ds: xr.Dataset, rows: int) -> str:
    import pandas as pd

    import seqdata as sd

    with pd.option_context("display.width", 160, "display.max_columns", 20):
        return sd.head(ds, rows).to_string()


def _aligned(columns: Mapping[str, Iterable[Any]]) -> str:
    """Write columns below their names: text to the left, numbers to the right."""
    written = []
    for name, values in columns.items():
        cells = [str(name), *(_cell(value) for value in values)]
        width = max(map(len, cells))
        is_text = any(isinstance(value, str) for value in values)
        written.append([f"{cell:<{width}}" if is_text else f"{cell:>{width}}" for cell in cells])
    return "\n".join(("  " + "  ".join(line)).rstrip() for line in zip(*written, strict=True))


def _cell(value: Any) -> str:
    """Write a value; a count of -1 is one that cannot be told."""
    if isinstance(value, str):
        return value
    if isinstance(value, Integral):
        return "-" if value == -1 else f"{value:,}"
    return f"{value:.5g}"
