"""A look at the sources before a build: what would stop it, and what would spoil its data."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqdata.findings import Finding, findings_table
from seqdata.leakage import COUNTED_SPLITS, overlapping_splits, repeated, shared_between
from seqdata.lint_sources import MOST_ROWS, Sources, place_of
from seqdata.lint_variants import check_variants, twin_of
from seqdata.readers.letters import known_letters
from seqdata.readers.protocol import RegionSource, bins_of
from seqdata.regions import read_regions, windows_of
from seqdata.schema import SPLITS
from seqdata.summaries import LetterSummary, sampled_rows
from seqpro import DNA, near_duplicate_groups, shared_sequence_groups
from seqpro.bed import Center
from seqpro.checks import choice, shown, whole_number
from seqpro.intervals import subtract

if TYPE_CHECKING:
    import pandas as pd

_ALIKE_PLACES = 1 << 24  # bp of the windows that are compared for likeness
_STRETCH = 32  # identical letters that make two windows relatives
_MUCH_UNKNOWN = 0.1  # share of N that is much for one window
_MUCH_LOWER = 0.5  # share of lower case that is worth a note
_OUTLIER = 3.5  # robust z-score of a sample's total (Iglewicz and Hoaglin 1993)
_FOLD = 2.0  # how far from the median such a total is at least
_FEWEST_SAMPLES = 4


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

    Takes the arguments of `build`. Bad data never raise: they are rows of the table. Coordinates are
    checked for all regions, and all records of `variants`. Letters and values are read for at most
    100,000 windows and 268 million values a reader, drawn with seed 0, and relatives are looked for in
    16.8 Mbp of those; a message says where not all windows were read. Spliced regions are looked at from
    end to end, introns included.

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
    nothing to say

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
    >>> lint(table, seq=sd.GenomeFASTA(path))[["severity", "check", "count", "example"]]
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


def contig_names(sources: Sources) -> Iterator[Finding]:
    """Contigs that a reader lacks, and those it has by another name."""
    contigs = sources.regions["chrom"].to_numpy(dtype=object)
    for name, reader in sources.readers.items():
        known = reader.contigs()
        lacking = dict.fromkeys(contigs[sources.lengths(reader) < 0])
        twins = {contig: twin_of(contig, known) for contig in lacking}
        named = {contig: twin for contig, twin in twins.items() if twin}
        absent = [contig for contig in twins if contig not in named]
        pairs = _listed([f"{contig!r}: {twin!r}" for contig, twin in named.items()])
        message = (
            f"regions are on contigs that {name!r} names otherwise; pass chrom_alias={{{pairs}}}"
        )
        renamed = np.array([contig in named for contig in contigs])
        yield from sources.marked("error", "contig_names", name, renamed, message)
        message = (
            f"regions are on contigs that {name!r} lacks: {_listed(absent)} (it has {_listed(list(known))}); "
            "remove them, or use the genome they are of"
        )
        missing = np.array([contig in absent for contig in contigs])
        yield from sources.marked("error", "contig_missing", name, missing, message)


def contig_lengths(sources: Sources) -> Iterator[Finding]:
    """Readers that give one contig different lengths: files of different builds."""
    (first, reference), *others = sources.readers.items()
    expected = reference.contigs()
    for name, reader in others:
        found = reader.contigs()
        wrong = [contig for contig in found if expected.get(contig, found[contig]) != found[contig]]
        if wrong:
            message = (
                f"{len(wrong)} contigs have another length in {name!r} than in {first!r}: {wrong[0]} has "
                f"{found[wrong[0]]:,} bp, not {expected[wrong[0]]:,} bp; use files of one genome build"
            )
            yield Finding("error", "build_mismatch", name, message, len(wrong), wrong[0])


def contig_ends(sources: Sources) -> Iterator[Finding]:
    """Regions beyond the ends of their contigs, and windows that reach over them."""
    ends = sources.regions["chromEnd"].to_numpy()
    window_starts, window_ends = sources.bounds
    said: list[NDArray[np.bool_]] = []  # of several readers of one genome only the first is named
    for name, reader in sources.readers.items():
        lengths = sources.lengths(reader)
        known = lengths >= 0
        beyond = known & (ends > lengths)
        message = (
            f"regions end beyond their contig in {name!r}; were they made with another genome build? Lift "
            "them over, or remove them"
        )
        yield from sources.marked("error", "region_beyond_contig", name, beyond, message)
        off = known & ~beyond & ((window_ends <= 0) | (window_starts >= lengths))
        message = f"windows lie wholly beside their contig in {name!r}, and build refuses them; remove them"
        yield from sources.marked("error", "window_beside_contig", name, off, message)
        over = known & ~beyond & ~off & ((window_starts < 0) | (window_ends > lengths))
        message = (
            f"windows reach over an end of their contig in {name!r}, and what lies beyond is filled in; "
            "shorten length or max_jitter, or remove them"
        )
        if not any(np.array_equal(over, before) for before in said):
            yield from sources.marked("warning", "window_over_end", name, over, message)
        said.append(over)


def window_lengths(sources: Sources) -> Iterator[Finding]:
    """Windows of unequal length where none is asked for, and those that bins do not fill."""
    starts, ends = sources.bounds
    sizes = ends - starts
    message = (
        f"windows have another length than the first ({int(sizes.min()):,} to {int(sizes.max()):,} bp) and "
        "are stored as ragged rows; pass length= for windows of one length"
    )
    yield from sources.marked("note", "unequal_lengths", "regions", sizes != sizes[0], message)
    for name, reader in sources.readers.items():
        bin_width, _ = bins_of(reader)
        message = (
            f"windows are no multiple of the bins of {name!r}, {bin_width:,} bp, so that build refuses "
            "them; pass a length that is one, jitter room included"
        )
        yield from sources.marked("error", "bin_width", name, sizes % bin_width != 0, message)


def duplicate_regions(sources: Sources) -> Iterator[Finding]:
    """Regions that are there more than once."""
    again = sources.regions.duplicated(["chrom", "chromStart", "chromEnd", "strand"]).to_numpy()
    message = "regions repeat another one, so that they weigh more and leak between random splits; drop them"
    yield from sources.marked("warning", "duplicate_regions", "regions", again, message)


def summits(sources: Sources) -> Iterator[Finding]:
    """Summits that are asked for and not there."""
    if sources.center != "summit":
        return
    missing = np.ones(len(sources.regions), dtype=np.bool_)
    if "summit" not in sources.regions:
        message = "regions have no summit: there is no such column; pass center='midpoint'"
        yield from sources.marked("error", "summit_missing", "regions", missing, message)
        return
    missing = (sources.regions["summit"] < 0).to_numpy()
    message = (
        "regions have no summit (-1) and are centred on their midpoint; remove them, or pass "
        "center='midpoint' for all"
    )
    yield from sources.marked("warning", "summit_missing", "regions", missing, message)
    if sources.length is None:
        message = "center='summit' changes nothing while length is None; pass length="
        yield Finding("note", "summit_unused", "regions", message, len(missing))


def strands(sources: Sources) -> Iterator[Finding]:
    """Regions without a strand where stranded tracks are read."""
    unknown = (sources.regions["strand"] == ".").to_numpy()
    for name, reader in sources.readers.items():
        if any(axis.dim == "_strand" for axis in reader.axes()):
            message = (
                f"regions have no strand, so that {name!r} keeps the genome's direction there; give them "
                "one (+ or -) if they have any"
            )
            yield from sources.marked("warning", "strand_missing", name, unknown, message)


def unreadable(sources: Sources) -> Iterator[Finding]:
    """Readers that raise on the windows."""
    for name, error in sources.reads.errors.items():
        message = f"{one_line(error)}. Mend or replace the file before building"
        yield Finding("error", "unreadable", name, message, 1, type(error).__name__)


def unknown_letters(sources: Sources) -> Iterator[Finding]:
    """Windows with much N, and letters that are not of DNA."""
    known = np.frombuffer(known_letters(DNA), dtype=np.uint8)
    for name, (sample, summary) in sources.reads.letters.items():
        share = summary.unknown.sum() / summary.letters.sum()
        message = f"have more than {_MUCH_UNKNOWN:.0%} N ({share:.2%} of all letters); remove regions in gaps"
        many = summary.unknown > _MUCH_UNKNOWN * summary.sizes
        yield from sample.marked("warning", "unknown_letters", name, many, message)
        strange = summary.letters.copy()
        strange[known] = 0
        if strange.any():
            message = (
                f"{int(strange.sum()):,} letters of {sample.words} are not of DNA and will be zero columns "
                "in one-hot arrays; check that the file is a genome"
            )
            letter = chr(int(strange.argmax()))
            yield Finding("warning", "foreign_letters", name, message, int(strange.sum()), letter)


def lower_case(sources: Sources) -> Iterator[Finding]:
    """Soft-masked letters, where they are many."""
    for name, (sample, summary) in sources.reads.letters.items():
        lower = int(summary.letters[ord("a") : ord("z") + 1].sum())
        share = lower / int(summary.letters.sum())
        if share > _MUCH_LOWER:
            message = (
                f"{share:.1%} of the letters of {sample.words} are lower case, which marks repeats; they "
                "count as upper case unless case='strict': remove them if repeats are not wanted"
            )
            yield Finding("note", "lower_case", name, message, lower)


def duplicate_sequences(sources: Sources) -> Iterator[Finding]:
    """Windows that have the letters of another window, on either strand."""
    for name, (sample, summary) in sources.reads.letters.items():
        windows = sources.windows.iloc[sample.rows]
        same_place = windows.duplicated(["chrom", "chromStart", "chromEnd"]).to_numpy()
        again = repeated(summary.strand_keys) & ~same_place & has_letters(summary)
        message = (
            "have the letters of another place, as they are or reverse complemented; keep equal ones in "
            "one split, or remove them"
        )
        yield from sample.marked("warning", "duplicate_sequences", name, again, message)


def flat_tracks(sources: Sources) -> Iterator[Finding]:
    """Samples of a track without any signal."""
    for name, (sample, summary) in sources.reads.values.items():
        silent = summary.missing == summary.count
        zero = silent | ((summary.smallest == 0) & (summary.largest == 0))
        same = ~zero & (summary.smallest == summary.largest)
        for check, found, what in (
            ("empty_track", zero, "0 or missing everywhere"),
            ("constant_track", same, "the same value everywhere"),
        ):
            flat = [sample.names[i] or name for i in np.flatnonzero(found)]
            if flat:
                message = (
                    f"{len(flat)} of {sample.width} samples are {what} in {sample.words}: {_listed(flat)}; "
                    "check the file, its contigs' names and the reader's filters"
                )
                yield Finding("error", check, name, message, len(flat), flat[0])


def track_values(sources: Sources) -> Iterator[Finding]:
    """Missing values, and negative values among counts."""
    for name, (sample, summary) in sources.reads.values.items():
        counts = (summary.fractional == 0) & (summary.negative > 0)
        if counts.any():
            number = int(summary.negative[counts].sum())
            message = (
                f"{number:,} values in {sample.words} are below 0 in a track of whole numbers, which counts "
                "cannot be; if it is a minus strand written with negative sign, turn the sign"
            )
            first = sample.names[int(counts.argmax())]
            yield Finding("warning", "negative_counts", name, message, number, first)
        missing = int(summary.missing.sum())
        if missing:
            message = (
                f"{missing / int(summary.count.sum()):.1%} of the values in {sample.words} are missing "
                "(NaN); pass missing=0 to the reader if no data means no signal, or mask them in the loss"
            )
            worst = sample.names[int((summary.missing / summary.count).argmax())]
            yield Finding("note", "missing_values", name, message, missing, worst)


def scale_outliers(sources: Sources) -> Iterator[Finding]:
    """Samples whose total is far from that of the others."""
    for name, (sample, summary) in sources.reads.values.items():
        scores = np.abs(outlier_scores(summary.total))
        far = int((scores > _OUTLIER).sum())
        if far:
            worst = int(scores.argmax())
            ratio = summary.total[worst] / np.median(summary.total[summary.total > 0])
            message = (
                f"{far} of {sample.width} samples have another scale than the rest: {sample.names[worst]!r} "
                f"has {ratio:.3g} times the median total in {sample.words}; normalise by depth, or "
                "leave it out"
            )
            yield Finding("warning", "scale_outlier", name, message, far, sample.names[worst])


def split_names(sources: Sources) -> Iterator[Finding]:
    """Splits that the contract does not know."""
    if sources.splits is not None:
        odd = ~np.isin(sources.splits.astype(str), SPLITS)
        found = _listed([repr(value) for value in dict.fromkeys(sources.splits[odd])])
        message = f"rows have a split other than {', '.join(SPLITS)}: {found}; rename it"
        yield from sources.marked("error", "split_names", "split", odd, message)


def split_overlaps(sources: Sources) -> Iterator[Finding]:
    """Windows of one split that overlap those of another."""
    if sources.splits is not None:
        found = overlapping_splits(sources.contigs, *sources.bounds, sources.splits)
        message = (
            f"windows overlap windows of another split ({_by_split(found, sources.splits)}); split by "
            "contig, or keep overlapping regions in one split"
        )
        yield from sources.marked("error", "split_overlap", "split", found, message)


def split_duplicates(sources: Sources) -> Iterator[Finding]:
    """Windows of one split that have the letters of another's."""
    if sources.splits is None:
        return
    for name, (sample, summary) in sources.reads.letters.items():
        splits = sources.splits[sample.rows]
        equal = shared_between(summary.strand_keys, splits) & has_letters(summary)
        message = (
            f"have the letters of a window of another split, on either strand ({_by_split(equal, splits)}); "
            "put equal sequences into one split"
        )
        yield from sample.marked("error", "split_duplicates", name, equal, message)


def split_relatives(sources: Sources) -> Iterator[Finding]:
    """Windows of one split whose letters are much like those of another's."""
    if sources.splits is None:
        return
    for name, (whole, summary) in sources.reads.letters.items():
        sample = whole.take(sampled_rows(summary.sizes, rows=MOST_ROWS, places=_ALIKE_PLACES))
        splits, sequences = sources.splits[sample.rows], sample.sequences(slice(None))
        near = shared_between(near_duplicate_groups(sequences), splits)
        stretch = shared_between(shared_sequence_groups(sequences, shared=_STRETCH), splits) & ~near
        for check, found, what in (
            ("split_near_duplicates", near, "half of their 12-mers"),
            ("split_shared_stretch", stretch, f"{_STRETCH} letters in a row"),
        ):
            message = (
                f"share {what} with windows of another split, directly or through others "
                f"({_by_split(found, splits)}); split by groups of relatives (seqpro.near_duplicate_groups, "
                "seqpro.shared_sequence_groups)"
            )
            yield from sample.marked("warning", check, name, found, message)


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


def outlier_scores(totals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give each total's robust z-score on the log scale, 0 where it is near the median or unusable.

    Totals that are not positive are left out, and so are all where there are fewer than 4.

    Examples
    --------
    >>> outlier_scores(np.array([100, 110, 90, 105, 4000.0])).round(1).tolist()
    [0.0, 0.0, 0.0, 0.0, 50.3]
    """
    scores = np.zeros(len(totals))
    usable = totals > 0
    if usable.sum() < _FEWEST_SAMPLES:
        return scores
    logs = np.log(totals[usable])
    distances = logs - np.median(logs)
    spread = np.median(np.abs(distances)) / 0.6745 or np.mean(np.abs(distances)) * 1.2533
    far = np.abs(distances) > np.log(_FOLD)
    scores[usable] = np.where(far, distances / (spread or 1.0), 0.0)
    return scores


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


def _by_split(found: NDArray[np.bool_], splits: NDArray[np.object_]) -> str:
    counts = [(name, int((found & (splits == name)).sum())) for name in COUNTED_SPLITS]
    return " and ".join(f"{count:,} {name} windows" for name, count in counts if count)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words[:5]) + (" ..." if len(words) > 5 else "")


def has_letters(summary: LetterSummary) -> NDArray[np.bool_]:
    """Mark the sequences that are more than N."""
    return summary.unknown < summary.sizes


def one_line(error: Exception) -> str:
    r"""Put an error's message on one line.

    Examples
    --------
    >>> one_line(ValueError("a\nb."))
    'a b'
    """
    text = error.args[0] if isinstance(error, KeyError) and error.args else error
    return " ".join(str(text).split()).rstrip(".") or type(error).__name__
