"""Datasets written for other programs: BED and peak files, and tables."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqdata.labels import with_text_labels
from seqdata.overlaps import region_table
from seqdata.schema import LENGTH, SEQUENCE, TARGET
from seqdata.view import is_ragged
from seqpro.checks import flag
from seqpro.files import written_whole

if TYPE_CHECKING:
    import pandas as pd

_BED = ("name", "score", "strand", "signalValue", "pValue", "qValue", "summit")
_SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t", ".tab": "\t"}
_ROWS = 1 << 16  # rows turned into text at a time


def to_bed(
    ds: xr.Dataset,
    path: str | os.PathLike[str],
    *,
    window: bool = False,
    name: str = "name",
    score: str = "score",
) -> None:
    r"""Write the regions of a Dataset's rows as a BED or peak file, in the order of the rows.

    The file appears whole or not at all. Variables called as columns of the format are written too:
    ``strand``, and for narrowPeak files ``signalValue pValue qValue summit``.

    Parameters
    ----------
    ds
        Dataset with regions.
    path
        File to write; its ending tells the format, as in `seqpro.bed.write_bed`.
    window
        Whether to write what is stored (``windowStart`` to ``windowEnd``, jitter room included) in place
        of the regions. What lies before the contig's start is cut off, as BED has no place for it.
    name, score
        Variables with one value a row that are written as those columns, such as ``"row"`` and a
        prediction. A missing ``name`` or ``score`` is written as a dot.

    Raises
    ------
    ValueError
        If `ds` has no regions, a variable is not there or has more than one value a row, or the format
        cannot hold a value.

    Examples
    --------
    >>> import pathlib, tempfile, seqdata as sd
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.bed")
    >>> ds = xr.Dataset({"row": ("_sequence", [7]), "chrom": ("_sequence", np.array(["c"], object)),
    ...                  "chromStart": ("_sequence", [1]), "chromEnd": ("_sequence", [4])})
    >>> sd.to_bed(ds, path, name="row")
    >>> path.read_text()
    'c\t1\t4\t7\n'
    """
    from seqpro.bed import write_bed

    ds = with_text_labels(ds)
    table = region_table(ds, window=flag(window, "window"))
    table["chromStart"] = table["chromStart"].clip(lower=0)
    for column in _BED:
        source = {"name": name, "score": score}.get(column, column)
        if source in ds and ds[source].dims == (SEQUENCE,):
            table[column] = _shortest(ds[source].values)
        elif source in ds or source != column:
            found = (
                f"{source!r} has {ds[source].dims}" if source in ds else f"there is no {source!r}"
            )
            msg = f"{column} must name a variable with one value a row; {found}"
            raise ValueError(msg)
    write_bed(table, path)


def _shortest(values: NDArray[Any]) -> NDArray[Any]:
    """Give float32 as the float64 with the fewest digits, so that 0.1 is written 0.1."""
    return values.astype(str).astype(np.float64) if values.dtype == np.float32 else values


def to_table(
    ds: xr.Dataset, path: str | os.PathLike[str], *, variables: Sequence[str] | None = None
) -> None:
    r"""Write the rows of a Dataset as a table: csv, tsv or parquet.

    Sequences, ragged or of one length, are written as letters and labels as text. A variable with
    targets gives a column a target, ``{variable}_{target}``. Missing numbers (NaN) and classes (-1 in
    int8) are empty cells. The file appears whole or not at all, and equal data give equal bytes.
    `read_table` reads it back; csv and tsv hold no types, so that text like ``NA`` or ``007`` comes back
    as what it looks like, parquet keeps them.

    Parameters
    ----------
    ds
        Dataset with rows, in memory or lazy. Rows are read and turned into text some at a time.
    path
        File to write. The name's ending tells the format: ``.csv``, ``.tsv``, ``.tab``, ``.txt`` (tabs),
        each maybe with ``.gz``, or ``.parquet``, which needs the extra ``[parquet]``.
    variables
        What to write, in this order; None writes all, and refuses what a table cannot hold.

    Raises
    ------
    ValueError
        If a variable is not there or has more axes than rows and targets, two columns would have one
        name, or `path` has another ending. Nothing is written.
    TypeError
        If `variables` is one text.
    FileNotFoundError
        If the folder of `path` is not there.
    ImportError
        If pyarrow is needed and not installed.

    Examples
    --------
    >>> import pathlib, tempfile, seqdata as sd
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.csv")
    >>> ds = xr.Dataset({"row": ("_sequence", [7, 8]),
    ...                  "seq": (("_sequence", "_length"), np.frombuffer(b"ACGT", "u1").reshape(2, 2))})
    >>> sd.to_table(ds, path)
    >>> path.read_text()
    'row,seq\n7,AC\n8,GT\n'
    """
    path = Path(path)
    separator = _separator(path)
    if isinstance(variables, str):
        msg = f"variables must be several names; found the text {variables!r}. Pass [{variables!r}]"
        raise TypeError(msg)
    ds = with_text_labels(ds)
    names = _names_of_rows(ds) if variables is None else list(variables)
    _check_writable(ds, names)
    n = ds.sizes[SEQUENCE]
    frames = (_frame(ds, names, slice(a, min(a + _ROWS, n))) for a in range(0, max(n, 1), _ROWS))
    with written_whole(path) as unfinished:
        if separator is None:
            _write_parquet(frames, unfinished)
        else:
            _write_text(frames, unfinished, separator, is_gzip=path.suffix == ".gz")


def _separator(path: Path) -> str | None:
    """Give what stands between columns, None for parquet."""
    suffix = Path(path.name.removesuffix(".gz")).suffix
    if path.suffix == ".parquet":
        return None
    if suffix not in _SEPARATORS:
        msg = f"path must end in {', '.join(_SEPARATORS)} (maybe with .gz) or .parquet; found {path.name!r}"
        raise ValueError(msg)
    return _SEPARATORS[suffix]


def _names_of_rows(ds: xr.Dataset) -> list[str]:
    """Name everything but where ragged rows begin and what their sizes are."""
    flat = {str(dim).removesuffix("_value") for dim in ds.dims if str(dim).endswith("_value")}
    places = {f"{stem}_{part}" for stem in flat for part in ("start", "size")}
    about_rows = [name for name in ds.coords if SEQUENCE in ds[name].dims]
    return [str(name) for name in (*ds.data_vars, *about_rows) if name not in places]


def _check_writable(ds: xr.Dataset, names: list[str]) -> None:
    absent = [name for name in names if name not in ds]
    if absent:
        known = ", ".join(map(str, ds.data_vars))
        msg = f"variables must be in the data; found no {absent[0]!r} among {known}"
        raise ValueError(msg)
    if SEQUENCE not in ds.dims or not names:
        msg = "to_table writes rows; the data has none, or no variable is named"
        raise ValueError(msg)
    odd = [name for name in names if not (_is_letters(ds, name) or _is_column(ds, name))]
    if odd:
        listed = ", ".join(f"{name} {ds[name].dims}" for name in odd)
        msg = (
            f"a table holds one value a row and the letters of sequences; found {listed}. Leave that out: "
            f"to_table(ds.drop_vars({odd}), ...)"
        )
        raise ValueError(msg)
    columns = [column for name in names for column in _columns(ds, name)]
    twice = next((c for i, c in enumerate(columns) if c in columns[:i]), None)
    if twice is not None:
        msg = f"columns must have names of their own; {twice!r} would come twice. Rename a variable"
        raise ValueError(msg)


def _is_letters(ds: xr.Dataset, name: str) -> bool:
    is_sequence = ds[name].dims == (SEQUENCE, LENGTH) or is_ragged(ds, name)
    return ds[name].dtype == np.uint8 and is_sequence


def _is_column(ds: xr.Dataset, name: str) -> bool:
    has_names = ds[name].dims == (SEQUENCE, TARGET) and TARGET in ds.coords
    return ds[name].dims == (SEQUENCE,) or has_names


def _columns(ds: xr.Dataset, name: str) -> list[str]:
    if ds[name].dims != (SEQUENCE, TARGET):
        return [name]
    return [f"{name}_{target}" for target in ds[TARGET].values.tolist()]


def _frame(ds: xr.Dataset, names: list[str], rows: slice) -> pd.DataFrame:
    import pandas as pd

    columns: dict[str, Any] = {}
    for name in names:
        if _is_letters(ds, name):
            columns[name] = _letters(ds, name, rows)
            continue
        values = ds.variables[name][rows].values
        for column, part in zip(_columns(ds, name), values.reshape(len(values), -1).T, strict=True):
            columns[column] = _with_gaps(part)
    return pd.DataFrame(columns)


def _letters(ds: xr.Dataset, name: str, rows: slice) -> list[str]:
    variable = ds.variables[name]
    if variable.dims[0] == SEQUENCE:
        return [row.tobytes().decode("ascii") for row in variable[rows].values]
    stem = str(variable.dims[0]).removesuffix("_value")
    starts, sizes = (ds.variables[f"{stem}_{part}"][rows].values for part in ("start", "size"))
    first, last = (int(starts.min()), int((starts + sizes).max())) if starts.size else (0, 0)
    text = variable[first:last].values.tobytes().decode("ascii")
    places = zip((starts - first).tolist(), sizes.tolist(), strict=True)
    return [text[start : start + size] for start, size in places]


def _with_gaps(values: NDArray[Any]) -> Any:
    """Mark missing classes; other whole numbers, such as folds, keep their -1."""
    import pandas as pd

    if values.dtype == np.int8:
        return pd.arrays.IntegerArray(values.copy(), values == -1)
    return values


def _write_text(
    frames: Iterator[pd.DataFrame], path: Path, separator: str, *, is_gzip: bool
) -> None:
    """Write frames one after the other; a gzipped file holds no name and no time."""
    with ExitStack() as stack:
        raw: Any = stack.enter_context(path.open("wb"))
        if is_gzip:
            raw = stack.enter_context(gzip.GzipFile("", "wb", 6, raw, mtime=0))
        file = stack.enter_context(io.TextIOWrapper(raw, "utf-8", newline=""))
        for number, frame in enumerate(frames):
            frame.to_csv(file, sep=separator, index=False, header=not number, lineterminator="\n")


def _write_parquet(frames: Iterator[pd.DataFrame], path: Path) -> None:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        msg = "parquet needs pyarrow, which is not installed: pip install 'eugene-seqdata[parquet]'"
        raise ImportError(msg) from error
    first = pyarrow.Table.from_pandas(next(frames), preserve_index=False)
    with pyarrow.parquet.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for frame in frames:
            writer.write_table(pyarrow.Table.from_pandas(frame, preserve_index=False))
