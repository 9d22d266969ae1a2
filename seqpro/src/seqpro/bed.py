"""BED, narrowPeak and broadPeak tables, as pandas frames with 0-based half-open coordinates."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

_BED = ("chrom", "chromStart", "chromEnd", "name", "score", "strand")
_BED12 = ("thickStart", "thickEnd", "itemRgb", "blockCount", "blockSizes", "blockStarts")
_PEAK = ("signalValue", "pValue", "qValue")
_PEAK_FILES = {"narrowPeak": (*_BED, *_PEAK, "summit"), "broadPeak": (*_BED, *_PEAK)}
_NUMBERS = ("score", *_PEAK)
_MISSING = (".", "", "na", "nan")  # in any case; programs that write tables use them all
_FARTHEST = 2**53  # above, a float no longer tells whole numbers apart
Center = Literal["midpoint", "summit"]


def read_bed(path: str | os.PathLike[str]) -> pd.DataFrame:
    r"""Read a BED, narrowPeak or broadPeak file, plain or gzipped.

    Blank lines, comments (``#``) and ``track`` and ``browser`` lines are passed over. A file with
    tabs is split at tabs, any other at white space.

    Parameters
    ----------
    path
        A file whose name, ``.gz`` aside, ends in ``.narrowPeak`` or ``.broadPeak`` is read as such,
        any other as BED with 3 to 12 columns.

    Returns
    -------
    DataFrame with one row a line, in the file's order: ``chrom``, ``chromStart`` and ``chromEnd``
    (0-based, half-open), and those of ``name score strand`` ... that the file has. A missing score
    (``.``, ``NA``, ``NaN`` or nothing) is NaN. A narrowPeak file gives ``summit``: the 0-based position
    on the contig, -1 where the file has none. A file without intervals has the columns of its kind,
    a BED file the first three.

    Raises
    ------
    ValueError
        If a line has too few columns or another number than the first, a coordinate that is not a
        whole number, a score that is no number, a start below 0, an end before its start, a strand
        other than + - and the dot, or a summit outside its peak; the message names file and line.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp(), "peaks.bed")
    >>> _ = path.write_text("track name=x\nchr1\t5\t9\tfirst\n\nchr2\t0\t3\tsecond\n")
    >>> read_bed(path)
      chrom  chromStart  chromEnd    name
    0  chr1           5         9   first
    1  chr2           0         3  second
    """
    import pandas as pd

    path = Path(path)
    rows, lines = _split(path)
    kind = path.name.removesuffix(".gz").rsplit(".", 1)[-1]
    names = _PEAK_FILES.get(kind, (*_BED, *_BED12))
    least = len(names) if kind in _PEAK_FILES else 3
    width = len(rows[0]) if rows else least
    _check_width(path, rows, lines, width, least)
    columns = (
        dict(zip(names, zip(*rows, strict=True), strict=False))
        if rows
        else dict.fromkeys(names[:least], ())
    )
    frame = pd.DataFrame({name: list(column) for name, column in columns.items()}, dtype=object)
    for name in ("chromStart", "chromEnd", "summit"):
        if name in frame:
            frame[name] = _whole_numbers(path, lines, frame[name])
    for name in _NUMBERS:
        if name in frame:
            frame[name] = _numbers(path, lines, frame[name])
    _check_rows(path, lines, frame)
    if "summit" in frame:
        has_summit = frame["summit"] >= 0
        frame["summit"] = (frame["chromStart"] + frame["summit"]).where(has_summit, -1)
    return frame


def resize(bed: pd.DataFrame, length: int, *, center: Center = "midpoint") -> pd.DataFrame:
    """Set every interval to one length around its middle or its summit.

    Starts may become negative and ends may pass the contig's: nothing is clipped.

    Parameters
    ----------
    bed
        Table with ``chromStart`` and ``chromEnd`` (0-based, half-open) and, for summits, ``summit``.
    length
        New length, bp.
    center
        ``"midpoint"``: start is ``(start + end - length) // 2``. ``"summit"``: start is
        ``summit - length // 2``; rows without a summit (-1) use their midpoint.

    Returns
    -------
    DataFrame like `bed` with new ``chromStart`` and ``chromEnd``

    Raises
    ------
    ValueError
        If `length` is not positive, or summits are asked of a table without any.

    Examples
    --------
    >>> import pandas as pd
    >>> bed = pd.DataFrame({"chrom": ["c", "c"], "chromStart": [10, 10], "chromEnd": [20, 21]})
    >>> resize(bed, 5).loc[0, ["chromStart", "chromEnd"]].tolist()
    [12, 17]
    >>> resize(bed, 4).loc[1, ["chromStart", "chromEnd"]].tolist()
    [13, 17]
    """
    if length < 1:
        msg = f"length must be at least 1 bp; found {length}"
        raise ValueError(msg)
    starts = (bed["chromStart"] + bed["chromEnd"] - length) // 2
    if center == "summit":
        if "summit" not in bed:
            msg = "center='summit' needs a column summit, as narrowPeak files have; pass center='midpoint'"
            raise ValueError(msg)
        starts = (bed["summit"] - length // 2).where(bed["summit"] >= 0, starts)
    elif center != "midpoint":
        msg = f"center must be 'midpoint' or 'summit'; found {center!r}"
        raise ValueError(msg)
    return bed.assign(chromStart=starts, chromEnd=starts + length)


def _split(path: Path) -> tuple[list[list[str]], list[int]]:
    opener: Any = gzip.open if path.suffix == ".gz" else open
    rows, lines = [], []
    with opener(path, "rt", encoding="utf-8-sig") as stream:
        for number, line in enumerate(stream, 1):
            text = line.rstrip("\r\n")
            if text.startswith("#") or text.split(None, 1)[:1] in ([], ["track"], ["browser"]):
                continue
            rows.append(text.split("\t") if "\t" in text else text.split())
            lines.append(number)
    return rows, lines


def _check_width(
    path: Path, rows: list[list[str]], lines: list[int], width: int, least: int
) -> None:
    for row, line in zip(rows, lines, strict=True):
        if len(row) < least or len(row) != width:
            wanted = f"at least {least}" if len(row) < least else f"{width}, as the first line has"
            msg = f"{path.name}, line {line}: expected {wanted} columns; found {len(row)}"
            raise ValueError(msg)
    if width > len(_BED) + len(_BED12):
        msg = f"{path.name}: a BED file has at most 12 columns; found {width}"
        raise ValueError(msg)


def parse_coordinates(column: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Read a column of coordinates.

    Parameters
    ----------
    column
        Numbers, or text that writes them.

    Returns
    -------
    The numbers, and a boolean Series that marks the rows without a whole number up to 2**53

    Examples
    --------
    >>> import pandas as pd
    >>> parse_coordinates(pd.Series(["5", "1e20", "x"]))[1].tolist()
    [False, True, True]
    """
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce")
    return numbers, numbers.isna() | (numbers % 1 != 0) | (numbers.abs() > _FARTHEST)


def parse_scores(column: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Read a column of measurements, of which some may be missing.

    Parameters
    ----------
    column
        Numbers, or text that writes them; missing are ``.``, nothing, ``NA`` and ``NaN`` in any case.

    Returns
    -------
    The numbers, NaN where missing, and a boolean Series that marks the rows with anything else

    Examples
    --------
    >>> import pandas as pd
    >>> parse_scores(pd.Series(["5", ".", "x"]))[1].tolist()
    [False, False, True]
    """
    import pandas as pd

    missing = column.isna() | column.astype(str).str.lower().isin(_MISSING)
    numbers = pd.to_numeric(column.where(~missing, None), errors="coerce")
    return numbers, numbers.isna() & ~missing


def _whole_numbers(path: Path, lines: list[int], column: pd.Series) -> pd.Series:
    numbers, bad = parse_coordinates(column)
    if bad.any():
        _refuse(path, lines, bad, f"{column.name} must be a whole number", column.map(repr))
    return numbers.astype("int64")


def _numbers(path: Path, lines: list[int], column: pd.Series) -> pd.Series:
    numbers, bad = parse_scores(column)
    if bad.any():
        rule = f"{column.name} must be a number, or . where there is none"
        _refuse(path, lines, bad, rule, column.map(repr))
    return numbers if len(numbers) else numbers.astype("float64")


def _check_rows(path: Path, lines: list[int], frame: pd.DataFrame) -> None:
    """Refuse the first row whose interval, strand or summit cannot be."""
    start, end = frame["chromStart"], frame["chromEnd"]
    place = start.astype(str) + " to " + end.astype(str)
    rules = [
        (start < 0, "a start must be 0 or more", start),
        (end < start, "an interval must end after its start", place),
    ]
    if "strand" in frame:
        strand = frame["strand"]
        rules.append((~strand.isin(["+", "-", "."]), "strand must be + - or .", strand.map(repr)))
    if "summit" in frame:
        summit = frame["summit"]
        place = summit.astype(str) + " in " + (end - start).astype(str) + " bp"
        rules.append((summit >= end - start, "a summit must lie in its peak", place))
    for broken, rule, found in rules:
        _refuse(path, lines, broken, rule, found)


def _refuse(path: Path, lines: list[int], broken: pd.Series, rule: str, found: pd.Series) -> None:
    """Raise for the first row that breaks a rule."""
    if broken.any():
        row = int(broken.to_numpy().argmax())
        msg = f"{path.name}, line {lines[row]}: {rule}; found {found.iloc[row]}"
        raise ValueError(msg)
