"""Checks of splits: what rows of one share with rows of another."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from seqdata.findings import Finding, listed
from seqdata.leakage import COUNTED_SPLITS, overlapping_splits, shared_between
from seqdata.lint_sources import Sources
from seqdata.schema import SPLITS
from seqpro import near_duplicate_groups, shared_sequence_groups

_ALIKE_PLACES = 1 << 24  # bp of the windows that are compared for likeness
_STRETCH = 32  # identical letters that make two windows relatives


def split_names(sources: Sources) -> Iterator[Finding]:
    """Splits that the contract does not know."""
    if sources.splits is not None:
        odd = ~np.isin(sources.splits.astype(str), SPLITS)
        found = listed([repr(value) for value in dict.fromkeys(sources.splits[odd])])
        message = f"rows have a split other than {', '.join(SPLITS)}: {found}; rename it"
        yield from sources.marked("error", "split_names", "split", odd, message)


def split_overlaps(sources: Sources) -> Iterator[Finding]:
    """Windows of one split that overlap those of another."""
    if sources.splits is not None:
        found = overlapping_splits(sources.contigs[0], *sources.bounds, sources.splits)
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
        equal = shared_between(summary.strand_keys, splits) & summary.has_letters
        message = (
            f"have the letters of a window of another split, on either strand ({_by_split(equal, splits)}); "
            "put equal sequences into one split"
        )
        yield from sample.marked("error", "split_duplicates", name, equal, message)


def split_relatives(sources: Sources) -> Iterator[Finding]:
    """Windows of one split whose letters are much like those of another's."""
    if sources.splits is None:
        return
    for name, (whole, _) in sources.reads.letters.items():
        sample = whole.drawn(places=_ALIKE_PLACES)
        splits, sequences = (
            sources.splits[sample.rows],
            sample.sequences(np.arange(len(sample.rows))),
        )
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


def _by_split(found: NDArray[np.bool_], splits: NDArray[np.object_]) -> str:
    counts = [(name, int((found & (splits == name)).sum())) for name in COUNTED_SPLITS]
    return " and ".join(f"{count:,} {name} windows" for name, count in counts if count)
