"""BED, narrowPeak and broadPeak tables, as pandas frames with 0-based half-open coordinates.

Files are read and written here; what is done with tables is in `seqpro.intervals` and is offered here too.
"""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING

from seqpro.files import write_whole
from seqpro.intervals import (
    Center,
    clip,
    merge,
    overlap_fractions,
    overlap_labels,
    resize,
    shuffle,
    sort,
    subtract,
)
from seqpro.places import import_pandas, parse_coordinates, places_of, refuse, whole_numbers

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "read_bed",
    "write_bed",
    "read_contig_sizes",
    "sort",
    "resize",
    "clip",
    "merge",
    "subtract",
    "shuffle",
    "overlap_labels",
    "overlap_fractions",
    "Center",
    "open_text",
    "parse_coordinates",
    "parse_scores",
]

_BED = ("chrom", "chromStart", "chromEnd", "name", "score", "strand")
_BED12 = ("thickStart", "thickEnd", "itemRgb", "blockCount", "blockSizes", "blockStarts")
_PEAK = ("signalValue", "pValue", "qValue")
_PEAK_FILES = {"narrowPeak": (*_BED, *_PEAK, "summit"), "broadPeak": (*_BED, *_PEAK)}
_NUMBERS = ("score", *_PEAK)
_MISSING = (".", "", "na", "nan")  # in any case; programs that write tables use them all
_OPTIONAL = ("name", "score", "strand")  # a dot says that there is none

Place = Callable[[int], str]


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
    pd = import_pandas()
    path = Path(path)
    rows, lines = _split(path)
    kind = _kind(path)
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

    def place(row: int) -> str:
        return f"{path.name}, line {lines[row]}"

    for name in ("chromStart", "chromEnd", "summit"):
        if name in frame:
            frame[name] = whole_numbers(frame[name], place)
    for name in _NUMBERS:
        if name in frame:
            frame[name] = _numbers(frame[name], place)
    if "summit" in frame:
        has_summit = frame["summit"] >= 0
        frame["summit"] = (frame["chromStart"] + frame["summit"]).where(has_summit, -1)
    _check_rows(frame, place)
    return frame


def write_bed(bed: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    r"""Write a table of intervals as BED, narrowPeak or broadPeak, gzipped if the name ends in ``.gz``.

    `read_bed` gives the same table back, row for row; a BED file without rows tells only its first three
    columns. The file appears whole or not at all, and equal tables give equal bytes.

    Parameters
    ----------
    bed
        Table of intervals (0-based, half-open), with ``summit`` as a position on the contig, -1 for none.
        Missing names, scores and strands are written as a dot. Columns that the format does not have are
        left out.
    path
        A name that ends, ``.gz`` aside, in ``.narrowPeak`` or ``.broadPeak`` gives such a file, any other
        BED with as many of its 12 columns as the table has.

    Raises
    ------
    TypeError, ValueError
        If `bed` is no table of intervals (as in `sort`), the format needs a column that it lacks, or it
        holds what `read_bed` refuses or could not tell apart: a start below 0, a strand other than + -
        and the dot, a summit outside its peak, a tab in a text, a contig named like a comment.

    Examples
    --------
    >>> import tempfile, pathlib, pandas as pd
    >>> path = pathlib.Path(tempfile.mkdtemp(), "genes.bed")
    >>> table = pd.DataFrame({"chrom": ["c"], "chromStart": [1], "chromEnd": [4], "strand": ["-"]})
    >>> write_bed(table, path)
    >>> path.read_text()
    'c\t1\t4\t.\t.\t-\n'
    """
    path = Path(path)
    places = places_of(bed, "bed")
    names = _names_to_write(bed, path)

    def place(row: int) -> str:
        return f"bed, row {row}"

    _check_contigs(places.contigs)
    table = bed.reindex(columns=names).reset_index(drop=True)
    table = table.assign(chromStart=places.starts, chromEnd=places.ends)
    for name in _NUMBERS:
        if name in table:
            table[name] = _numbers(table[name], place)
    if "strand" in table:
        table["strand"] = table["strand"].astype(object).fillna(".")
    if "summit" in table:
        table["summit"] = whole_numbers(table["summit"], place)
    _check_rows(table, place)
    _check_text(table, place)
    if "summit" in table:
        table["summit"] = (table["summit"] - table["chromStart"]).where(table["summit"] >= 0, -1)
    data = _as_text(table).encode()
    write_whole(path, gzip.compress(data, 6, mtime=0) if path.suffix == ".gz" else data)


def read_contig_sizes(path: str | os.PathLike[str]) -> dict[str, int]:
    r"""Read the length of each contig from a ``chrom.sizes`` file or a FASTA index (``.fai``).

    Parameters
    ----------
    path
        A file with a contig and its length in the first two columns of each line, plain or gzipped;
        further columns, blank lines and comments are passed over.

    Returns
    -------
    Length of each contig, bp, by name, in the file's order

    Raises
    ------
    ValueError
        If a line has no such columns, or a contig comes twice; the message names file and line.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp(), "genome.fa.fai")
    >>> _ = path.write_text("chr1\t80\t6\t60\t61\nchrM\t20\t94\t60\t61\n")
    >>> read_contig_sizes(path)
    {'chr1': 80, 'chrM': 20}
    """
    path = Path(path)
    sizes: dict[str, int] = {}
    for row, line in zip(*_split(path), strict=True):
        if len(row) < 2 or not (row[1].isascii() and row[1].isdigit()):
            msg = (
                f"{path.name}, line {line}: expected a contig and its length; found "
                f"{' '.join(row)[:60]!r}. Pass a chrom.sizes file or the .fai index of a FASTA file"
            )
            raise ValueError(msg)
        if row[0] in sizes:
            msg = f"{path.name}, line {line}: a contig must come once; found {row[0]!r} again"
            raise ValueError(msg)
        sizes[row[0]] = int(row[1])
    return sizes


def open_text(path: Path) -> IO[str]:
    """Open a text file in UTF-8 for reading, gzipped if its name ends in ``.gz``.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.txt.gz")
    >>> _ = path.write_bytes(gzip.compress(b"text"))
    >>> with open_text(path) as stream:
    ...     stream.read()
    'text'
    """
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig")


def _kind(path: Path) -> str:
    return path.name.removesuffix(".gz").rsplit(".", 1)[-1]


def _split(path: Path) -> tuple[list[list[str]], list[int]]:
    rows, lines = [], []
    with open_text(path) as stream:
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


def _numbers(column: pd.Series, place: Place) -> pd.Series:
    numbers, bad = parse_scores(column)
    rule = f"{column.name} must be a number, or . where there is none"
    refuse(bad, place, rule, lambda row: repr(column.iloc[row]))
    return numbers if len(numbers) else numbers.astype("float64")


def _check_rows(frame: pd.DataFrame, place: Place) -> None:
    """Refuse the first row whose interval, strand or summit cannot be."""
    start, end = frame["chromStart"], frame["chromEnd"]
    refuse(start < 0, place, "a start must be 0 or more", start.__getitem__)
    rule = "an interval must end after its start"
    refuse(end < start, place, rule, lambda row: f"{start[row]} to {end[row]}")
    if "strand" in frame:
        strand = frame["strand"]
        wrong = ~strand.isin(["+", "-", "."])
        refuse(wrong, place, "strand must be + - or .", lambda row: repr(strand[row]))
    if "summit" in frame:
        offset, length = frame["summit"] - start, end - start
        outside = (frame["summit"] >= 0) & ((offset < 0) | (offset >= length))
        rule = "a summit must lie in its peak"
        refuse(outside, place, rule, lambda row: f"{offset[row]} in {length[row]} bp")


def _names_to_write(bed: pd.DataFrame, path: Path) -> list[str]:
    """Give the columns of a peak file, or those of BED up to the last that the table has."""
    kind = _kind(path)
    names: list[str] = list(_PEAK_FILES.get(kind, ()))
    if not names:
        names = [*_BED, *_BED12]
        while names[-1] not in bed:
            names.pop()
    missing = [name for name in names if name not in bed and name not in _OPTIONAL]
    if missing:
        what = f"a {kind} file" if kind in _PEAK_FILES else f"a BED file with {names[-1]}"
        msg = f"{what} must have a column {missing[0]}; bed has none. Add it, or write another kind"
        raise ValueError(msg)
    return names


def _check_contigs(contigs: list[str]) -> None:
    """Refuse names that `read_bed` would take for something else."""
    for contig in contigs:
        if contig in ("", "track", "browser") or contig[:1] == "#" or contig.split() != [contig]:
            msg = (
                "contigs of a BED file must be words other than track and browser that do not begin with "
                f"#; found {contig!r}. Rename it"
            )
            raise ValueError(msg)


def _check_text(table: pd.DataFrame, place: Place) -> None:
    for name in table.columns.intersection(["name", *_BED12]):
        column = table[name].astype(str)
        broken = column.str.contains("[\t\r\n]")
        refuse(broken, place, f"{name} must not hold tabs and line ends", column.map(repr).get)


def _as_text(table: pd.DataFrame) -> str:
    return table.to_csv(
        sep="\t", header=False, index=False, na_rep=".", lineterminator="\n", quoting=csv.QUOTE_NONE
    )
