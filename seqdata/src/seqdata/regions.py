"""Genomic regions: what the user gave, and the windows that are read for them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqdata.schema import SEQUENCE, STRANDS
from seqdata.windows import Windows
from seqpro import bed as bed_tables
from seqpro.bed import Center

if TYPE_CHECKING:
    import pandas as pd

EXONS = ("exon_starts", "exon_ends")
"""Columns of spliced regions, as `seqpro.gtf.transcripts` names them."""


def read_regions(regions: str | os.PathLike[str] | pd.DataFrame) -> pd.DataFrame:
    """Read regions from a BED-like file or take them from a table.

    Parameters
    ----------
    regions
        Path of a BED, narrowPeak or broadPeak file, or a table with the columns ``chrom``,
        ``chromStart`` and ``chromEnd`` (0-based, half-open), and maybe ``strand``, ``name``,
        ``score`` and ``summit``; ``exon_starts`` and ``exon_ends`` (arrays, as
        `seqpro.gtf.transcripts` gives them) for spliced rows; and columns of any other name.

    Returns
    -------
    DataFrame with those columns, ``strand`` always among them (``.`` where it is not known); other
    columns hold text, bool, int64 or float32

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
    for name in table.columns.difference([*columns, "score"], sort=False):
        columns[name] = table[name] if name in EXONS else _plain(table[name], what)
    found = pd.DataFrame(columns).reset_index(drop=True)
    _check_places(found, what)
    if EXONS[0] in found or EXONS[1] in found:
        _check_exons(found, what)
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
    if length is not None and EXONS[0] in regions:
        msg = f"length must be None for spliced regions, which keep their exons' length; found {length}"
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


def _plain(column: pd.Series, what: str) -> pd.Series:
    """Bring a column of the user's own to a type that the contract has."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(column.dtype) and not column.isna().any():
        return column.astype(bool)
    if pd.api.types.is_integer_dtype(column.dtype) and not column.isna().any():
        return column.astype(np.int64)
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype(np.float32)
    text = column.astype(object).where(column.notna(), "")
    odd = [value for value in text if not isinstance(value, str)]
    if odd:
        msg = f"column {column.name!r} of regions must hold text or numbers; {what} has {odd[0]!r}"
        raise TypeError(msg)
    return text


def _check_exons(regions: pd.DataFrame, what: str) -> None:
    """Check that each row's exons are in the order of the genome and fill it from end to end."""
    if not set(EXONS) <= set(regions.columns):
        msg = f"regions must have both of {' and '.join(EXONS)} or neither; {what} has one"
        raise ValueError(msg)
    for i, (first, last, starts, ends) in enumerate(
        zip(
            regions["chromStart"],
            regions["chromEnd"],
            regions[EXONS[0]],
            regions[EXONS[1]],
            strict=True,
        )
    ):
        starts, ends = np.asarray(starts), np.asarray(ends)
        fits = starts.ndim == 1 and starts.shape == ends.shape and starts.size > 0
        whole = fits and starts.dtype.kind in "iu" and ends.dtype.kind in "iu"
        ordered = whole and (starts < ends).all() and (starts[1:] >= ends[:-1]).all()
        if not ordered or starts[0] != first or ends[-1] != last:
            msg = (
                f"exons must be in the order of the genome, without overlap, from chromStart to chromEnd; "
                f"{what} has {starts.tolist()} to {ends.tolist()} in row {i}. seqpro.gtf.transcripts gives "
                "them so"
            )
            raise ValueError(msg)


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
    for name in ("chrom", "strand"):
        codes, words = _labels(regions[name])
        columns[name] = words[codes]
    if "name" in regions:
        columns["name"] = regions["name"].astype(str).to_numpy(dtype=object)
    for name in ("chromStart", "chromEnd", "summit"):
        if name in regions:
            columns[name] = regions[name].to_numpy(dtype=np.int64)
    if "score" in regions:
        columns["score"] = regions["score"].to_numpy(dtype=np.float32)
    if EXONS[0] in regions:
        columns |= _blocks(regions)
    for name in regions.columns.difference([*columns, *EXONS], sort=False):
        columns[name] = regions[name].to_numpy()
    columns["windowStart"] = windows["chromStart"].to_numpy(dtype=np.int64)
    columns["windowEnd"] = windows["chromEnd"].to_numpy(dtype=np.int64)
    # fastpath: text stays as it is; otherwise xarray looks at each word
    return {name: xr.Variable(SEQUENCE, v, fastpath=True) for name, v in columns.items()}


def pieces_of(windows: pd.DataFrame) -> Windows:
    """Give windows as what the engine cuts: one piece each, or their exons.

    Jitter room lies on the outer ends of a spliced row.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"chrom": ["c"], "chromStart": [2], "chromEnd": [30], "strand": ["-"],
    ...                       "exon_starts": [np.array([2, 20])], "exon_ends": [np.array([9, 30])]})
    >>> pieces_of(table).sizes.tolist()
    [17]
    """
    import pandas as pd

    starts, ends = (windows[name].to_numpy(dtype=np.int64) for name in ("chromStart", "chromEnd"))
    bounds = np.arange(len(windows) + 1)
    if EXONS[0] in windows:
        exon_starts, exon_ends = ([np.asarray(each) for each in windows[name]] for name in EXONS)
        bounds = np.concatenate([[0], np.cumsum([each.size for each in exon_starts])])
        outer_starts, outer_ends = starts, ends
        starts, ends = np.concatenate(exon_starts), np.concatenate(exon_ends)
        starts[bounds[:-1]], ends[bounds[1:] - 1] = outer_starts, outer_ends
    reverse = (windows["strand"] == "-").to_numpy()
    contigs = pd.Categorical.from_codes(*_labels(windows["chrom"]))
    return Windows(contigs, reverse, bounds, starts, ends)


def _labels(column: pd.Series) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """Give the number of each row's text, shape (n,), and the texts, each of which is made once."""
    import pandas as pd

    codes, words = pd.factorize(column.astype(str), use_na_sentinel=False)
    return codes, np.asarray(words, object)


def _blocks(regions: pd.DataFrame) -> dict[str, np.ndarray]:
    """Write exons as BED does: sizes, and starts counted from chromStart."""
    sizes, starts = [], []
    for first, begins, ends in zip(
        regions["chromStart"], regions[EXONS[0]], regions[EXONS[1]], strict=True
    ):
        sizes.append(",".join(map(str, np.asarray(ends) - np.asarray(begins))))
        starts.append(",".join(map(str, np.asarray(begins) - first)))
    return {
        "blockSizes": np.array(sizes, dtype=object),
        "blockStarts": np.array(starts, dtype=object),
    }
