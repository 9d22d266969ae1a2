"""Checks of regions, their windows, and the files that they are looked up in."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from seqdata.findings import Finding, listed, one_line
from seqdata.lint_sources import Sources
from seqdata.lint_variants import twin_of
from seqdata.readers.protocol import bins_of


def contig_names(sources: Sources) -> Iterator[Finding]:
    """Contigs that a reader lacks, and those it has by another name."""
    numbers, contigs = sources.contigs
    for name, reader in sources.readers.items():
        known = reader.contigs()
        files = zip(contigs, sources.file_names(reader), strict=True)
        twins = {contig: twin_of(contig, known) for contig, file in files if file not in known}
        named = {contig: twin for contig, twin in twins.items() if twin}
        absent = [contig for contig in twins if contig not in named]
        pairs = listed([f"{contig!r}: {twin!r}" for contig, twin in named.items()])
        message = (
            f"regions are on contigs that {name!r} names otherwise; pass chrom_alias={{{pairs}}}"
        )
        renamed = np.array([contig in named for contig in contigs])[numbers]
        yield from sources.marked("error", "contig_names", name, renamed, message)
        message = (
            f"regions are on contigs that {name!r} lacks: {listed(absent)} (it has {listed(list(known))}); "
            "remove them, or use the genome they are of"
        )
        missing = np.array([contig in absent for contig in contigs])[numbers]
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
