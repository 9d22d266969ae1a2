"""A look at the sources before a build: what would stop it, and what would spoil its data."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqdata.findings import Finding, findings_table, one_line
from seqdata.lint_letters import duplicate_sequences, lower_case, unknown_letters
from seqdata.lint_regions import (
    contig_ends,
    contig_lengths,
    contig_names,
    duplicate_regions,
    strands,
    summits,
    unreadable,
    window_lengths,
)
from seqdata.lint_sources import Sources, place_of
from seqdata.lint_splits import split_duplicates, split_names, split_overlaps, split_relatives
from seqdata.lint_tracks import flat_tracks, scale_outliers, track_values
from seqdata.lint_variants import check_variants
from seqdata.readers.protocol import RegionSource
from seqdata.regions import read_regions, windows_of
from seqpro.bed import Center
from seqpro.checks import choice, shown, whole_number
from seqpro.intervals import subtract

if TYPE_CHECKING:
    import pandas as pd


def lint(
    regions: str | os.PathLike[str] | pd.DataFrame,
    *,
    length: int | None = None,
    center: Center = "midpoint",
    max_jitter: int = 0,
    exclude: str | os.PathLike[str] | pd.DataFrame | None = None,
    chrom_alias: Mapping[str, str] | None = None,
    split: str | ArrayLike | None = None,
    variants: str | os.PathLike[str] | None = None,
    **readers: RegionSource,
) -> pd.DataFrame:
    r"""Look at the sources of a build first, and say what is wrong with them.

    Takes the arguments of `build`. Bad data never raise: they are rows of the table. Coordinates and
    letters are looked at in all windows, and all records of `variants`; memory grows by some 100 bytes a
    window. Values of tracks are read for at most 100,000 windows and 268 million values a reader, and
    relatives are looked for in 16.8 Mbp, both drawn with seed 0; a message says where that is not all.
    Spliced regions are looked at from end to end, introns included.

    Parameters
    ----------
    regions
        Path of a BED, narrowPeak or broadPeak file, or a table, as in `build`.
    length
        Length of every window, bp, or None for each region's own.
    center
        ``"midpoint"`` or ``"summit"``.
    max_jitter
        Room on both sides of every window, bp.
    exclude
        Regions whose overlapping windows are left out, as in `build`.
    chrom_alias
        Name of contigs in the files for names in the regions, as in `build`.
    split
        Split of each region (train, val, test or unused): a column of the table, or an array of
        shape (n,). Looks for leakage between them.
    variants
        VCF file, plain or gzipped, whose records are compared with the first genome among the readers.
    readers
        What would be read: a variable's name and a reader, such as ``seq=GenomeFASTA("hg38.fa")``.

    Returns
    -------
    DataFrame with a row a finding, errors first: ``severity`` (error, warning or note), ``check``,
    ``source``, ``message`` (one line, with the fix), ``count`` and ``example``; without rows if there is
    nothing to say. ``print(*findings["message"], sep="\n")`` shows the messages in full

    Raises
    ------
    ValueError, TypeError
        If an argument does not fit: a length below 1, a `split` of another size, no reader.
    FileNotFoundError
        If a file is not there.

    Notes
    -----
    Scale outliers: robust z-score above 3.5 of the logarithm of a sample's total, and at least 2 times
    the median or half of it (Iglewicz and Hoaglin 1993). Relatives: half of the 12-mers in common
    (`seqpro.near_duplicate_groups`), or 32 identical letters in a row.

    Examples
    --------
    >>> import pathlib, tempfile, pandas as pd, seqdata as sd
    >>> path = pathlib.Path(tempfile.mkdtemp(), "g.fa"); _ = path.write_text(">chr1\nAACCGGTT\n")
    >>> table = pd.DataFrame({"chrom": ["1", "chr1"], "chromStart": [0, 2], "chromEnd": [4, 6]})
    >>> sd.lint(table, seq=sd.GenomeFASTA(path))[["severity", "check", "count", "example"]]
      severity         check  count example
    0    error  contig_names      1   1:0-4
    """
    center = choice(center, "center", ("midpoint", "summit"))  # type: ignore[assignment]
    length = None if length is None else whole_number(length, "length", low=1)
    max_jitter = whole_number(max_jitter, "max_jitter", low=0)
    _check_readers(readers)
    path = None if variants is None else _existing(variants, "variants")
    if isinstance(regions, str | os.PathLike):
        _existing(regions, "regions")
    given = _named_splits(regions, split)
    findings = [] if path is None else list(check_variants(path, _genome(readers)))
    try:
        table = read_regions(regions)
    except ValueError as error:
        message = f"{one_line(error)}. Mend them first: nothing else could be checked"
        return findings_table([*findings, Finding("error", "regions", "regions", message, 1)])
    splits = _splits(given, len(table))
    usable = _usable(table, is_widened=length is not None or max_jitter > 0)
    findings += _unusable(table, usable)
    windows = _windows(table[usable], length, center, max_jitter)
    if exclude is not None and len(windows):
        windows = subtract(windows, read_regions(exclude))
        findings += _excluded(int(usable.sum()) - len(windows), int(usable.sum()))
    if len(windows):
        kept = windows.index.to_numpy()
        splits = None if splits is None else splits[kept]
        regions_kept = table.loc[kept].reset_index(drop=True)
        windows = windows.reset_index(drop=True)
        alias = dict(chrom_alias or {})
        sources = Sources(regions_kept, windows, dict(readers), alias, splits, length, center)
        findings += [finding for check in CHECKS for finding in check(sources)]
    return findings_table(findings)


CHECKS: tuple[Callable[[Sources], Iterator[Finding]], ...] = (
    contig_names,
    contig_lengths,
    contig_ends,
    window_lengths,
    summits,
    strands,
    duplicate_regions,
    unreadable,
    unknown_letters,
    lower_case,
    duplicate_sequences,
    flat_tracks,
    track_values,
    scale_outliers,
    split_names,
    split_overlaps,
    split_duplicates,
    split_relatives,
)
"""Every check of regions and readers; each takes the sources and gives its findings."""


def _check_readers(readers: Mapping[str, Any]) -> None:
    if not readers:
        msg = "lint needs at least one reader, such as seq=seqdata.GenomeFASTA('genome.fa'); found none"
        raise ValueError(msg)
    for name, reader in readers.items():
        if not isinstance(reader, RegionSource):
            msg = (
                f"{name} must be a reader of regions, such as seqdata.GenomeFASTA('genome.fa'); found "
                f"{shown(reader)}"
            )
            raise TypeError(msg)


def _genome(readers: Mapping[str, RegionSource]) -> RegionSource | None:
    found = (reader for reader in readers.values() if reader.is_sequence and not reader.axes())
    return next(found, None)


def _existing(path: str | os.PathLike[str], argument: str) -> Path:
    if not Path(path).exists():
        msg = f"{argument} must be a file; there is none at {os.fspath(path)}"
        raise FileNotFoundError(msg)
    return Path(path)


def _named_splits(regions: Any, split: Any) -> Any:
    """Take the column that `split` names, or `split` itself."""
    if not isinstance(split, str):
        return split
    if isinstance(regions, str | os.PathLike) or split not in regions:
        msg = f"split must be an array, or a column of a table of regions; there is no column {split!r}"
        raise ValueError(msg)
    return regions[split]


def _splits(given: Any, n: int) -> NDArray[np.object_] | None:
    if given is None:
        return None
    values = np.asarray(given, dtype=object)
    if values.shape != (n,):
        msg = f"split must have one entry for each of the {n} regions; found shape {values.shape}"
        raise ValueError(msg)
    return values


def _usable(table: pd.DataFrame, *, is_widened: bool) -> NDArray[np.bool_]:
    sizes = (table["chromEnd"] - table["chromStart"]).to_numpy()
    return sizes >= 0 if is_widened else sizes > 0


def _unusable(table: pd.DataFrame, usable: NDArray[np.bool_]) -> Iterator[Finding]:
    if not usable.all():
        message = (
            f"{int((~usable).sum()):,} of {len(usable):,} regions do not end after their start and were left "
            "out of the other checks; remove them, or pass length= if they are points"
        )
        row = int((~usable).argmax())
        count = int((~usable).sum())
        yield Finding("error", "empty_regions", "regions", message, count, place_of(table, row))


def _excluded(count: int, n: int) -> Iterator[Finding]:
    if count == n:
        message = f"exclude overlaps all {n:,} windows, so that none is left; exclude less"
        yield Finding("error", "excluded", "regions", message, count)
    elif count:
        message = f"{count:,} of {n:,} windows overlap what is excluded and are left out of build and checks"
        yield Finding("note", "excluded", "regions", message, count)


def _windows(
    table: pd.DataFrame, length: int | None, center: Center, max_jitter: int
) -> pd.DataFrame:
    if not len(table):
        return table
    usual: Center = center if "summit" in table else "midpoint"
    return windows_of(table, length=length, center=usual, max_jitter=max_jitter)
