"""Genomic regions: what the user gave, and the windows that are read for them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from seqdata.schema import SEQUENCE, STRANDS
from seqpro import bed as bed_tables
from seqpro.bed import Center

if TYPE_CHECKING:
    import pandas as pd


def read_regions(regions: str | os.PathLike[str] | pd.DataFrame) -> pd.DataFrame:
    """Read regions from a BED-like file or take them from a table.

    Parameters
    ----------
    regions
        Path of a BED, narrowPeak or broadPeak file, or a table with the columns ``chrom``,
        ``chromStart`` and ``chromEnd`` (0-based, half-open), and maybe ``strand``, ``name``,
        ``score`` and ``summit``.

    Returns
    -------
    DataFrame with those columns, ``strand`` always among them (``.`` where it is not known)

    Raises
    ------
    ValueError
        If there are no regions, a column is missing, a coordinate is not a whole number, a start is
        below 0, a strand is not + - or the dot, a summit is outside its region, or a score is not a
        number.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"chrom": ["c"], "chromStart": [1], "chromEnd": [4]})
    >>> read_regions(table)["strand"].tolist()
    ['.']
    """
    import pandas as pd

    if isinstance(regions, str | os.PathLike):
        table, what = bed_tables.read_bed(regions), os.fspath(regions)
    else:
        table, what = regions, "the table"
    missing = [name for name in ("chrom", "chromStart", "chromEnd") if name not in table]
    if missing:
        msg = (
            f"regions must have columns chrom, chromStart and chromEnd; {what} has no {missing[0]} "
            f"(it has {', '.join(map(str, table.columns))}). Rename its columns"
        )
        raise ValueError(msg)
    if not len(table):
        msg = f"regions must hold at least one region; {what} has none"
        raise ValueError(msg)
    columns = {"chrom": table["chrom"].astype(str), "strand": table.get("strand", ".")}
    for name in ("chromStart", "chromEnd", "summit"):
        if name in table:
            columns[name] = _whole_numbers(table[name], what)
    if "name" in table:
        columns["name"] = table["name"].astype(object).where(table["name"].notna(), "").astype(str)
    if "score" in table:
        columns["score"] = _scores(table["score"], what)
    found = pd.DataFrame(columns).reset_index(drop=True)
    _check_places(found, what)
    return found


def windows_of(
    regions: pd.DataFrame, *, length: int | None, center: Center, max_jitter: int
) -> pd.DataFrame:
    """Give the window that is read for each region: resized, then widened by the jitter room.

    Parameters
    ----------
    regions
        Table of `read_regions`.
    length
        Length of every window, bp, or None to keep each region's own.
    center
        What windows of one length are centred on: ``"midpoint"`` or ``"summit"``.
    max_jitter
        Room added on both sides, bp.

    Returns
    -------
    DataFrame like `regions`, with the windows as ``chromStart`` and ``chromEnd``

    Raises
    ------
    ValueError
        If `max_jitter` is negative, `length` is not positive, or a window has no positions.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"chrom": ["c"], "chromStart": [10], "chromEnd": [20]})
    >>> windows_of(table, length=4, center="midpoint", max_jitter=1)[["chromStart", "chromEnd"]].values
    array([[12, 18]])
    """
    if max_jitter < 0:
        msg = f"max_jitter must not be negative; found {max_jitter} bp"
        raise ValueError(msg)
    windows = regions if length is None else bed_tables.resize(regions, length, center=center)
    windows = windows.assign(
        chromStart=windows["chromStart"] - max_jitter, chromEnd=windows["chromEnd"] + max_jitter
    )
    empty = (windows["chromEnd"] <= windows["chromStart"]).to_numpy()
    backwards = (regions["chromEnd"] < regions["chromStart"]).to_numpy()
    if (empty | backwards).any():
        row = int((empty | backwards).argmax())
        chrom, start, end = (regions[c].iloc[row] for c in ("chrom", "chromStart", "chromEnd"))
        msg = (
            f"regions must end after their start; found {chrom}:{start}-{end}. Pass length= if they "
            "are points"
        )
        raise ValueError(msg)
    return windows


def _whole_numbers(column: pd.Series, what: str) -> pd.Series:
    numbers, bad = bed_tables.parse_coordinates(column)
    if bad.any():
        row = int(bad.to_numpy().argmax())
        msg = (
            f"column {column.name!r} of regions must hold whole numbers; {what} has "
            f"{column.iloc[row]!r} in row {row}"
        )
        raise ValueError(msg)
    return numbers.astype(np.int64)


def _scores(column: pd.Series, what: str) -> pd.Series:
    numbers, bad = bed_tables.parse_scores(column)
    if bad.any():
        row = int(bad.to_numpy().argmax())
        msg = f"column 'score' of regions must hold numbers; {what} has {column.iloc[row]!r} in row {row}"
        raise ValueError(msg)
    return numbers


def _check_places(regions: pd.DataFrame, what: str) -> None:
    """Hold a table to the rules that `seqpro.bed.read_bed` holds files to."""
    start, end, strand = (regions[name] for name in ("chromStart", "chromEnd", "strand"))
    rules = [
        ("chromStart", start < 0, "starts of 0 or more, 0-based"),
        ("strand", ~strand.isin(STRANDS), "+ - or ."),
    ]
    if "summit" in regions:
        summit = regions["summit"]
        outside = (summit >= 0) & ((summit < start) | (summit >= end))
        rules.append(("summit", outside, "positions on the contig within the region, or -1"))
    for name, broken, rule in rules:
        if broken.any():
            row = int(broken.to_numpy().argmax())
            found = regions[name].tolist()[row]
            msg = f"column {name!r} of regions must hold {rule}; {what} has {found!r} in row {row}"
            raise ValueError(msg)


def region_variables(regions: pd.DataFrame, windows: pd.DataFrame) -> dict[str, xr.Variable]:
    """Give the contract's variables that describe regions and windows, with a fresh ``row`` key.

    Examples
    --------
    >>> import pandas as pd
    >>> table = read_regions(pd.DataFrame({"chrom": ["c"], "chromStart": [1], "chromEnd": [4]}))
    >>> sorted(region_variables(table, table))
    ['chrom', 'chromEnd', 'chromStart', 'row', 'strand', 'windowEnd', 'windowStart']
    """
    columns: dict[str, np.ndarray] = {"row": np.arange(len(regions), dtype=np.int64)}
    for name in ("chrom", "strand", "name"):
        if name in regions:
            columns[name] = regions[name].astype(str).to_numpy(dtype=object)
    for name in ("chromStart", "chromEnd", "summit"):
        if name in regions:
            columns[name] = regions[name].to_numpy(dtype=np.int64)
    if "score" in regions:
        columns["score"] = regions["score"].to_numpy(dtype=np.float32)
    columns["windowStart"] = windows["chromStart"].to_numpy(dtype=np.int64)
    columns["windowEnd"] = windows["chromEnd"].to_numpy(dtype=np.int64)
    return {name: xr.Variable(SEQUENCE, values) for name, values in columns.items()}
