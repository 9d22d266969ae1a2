"""Checks of the letters in windows: unknown ones, soft masks, and windows that are alike."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seqdata.findings import Finding
from seqdata.leakage import repeated
from seqdata.lint_sources import Sources
from seqdata.readers.letters import known_letters
from seqpro import DNA

_MUCH_UNKNOWN = 0.1  # share of N that is much for one window
_MUCH_LOWER = 0.5  # share of lower case that is worth a note


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
        again = repeated(summary.strand_keys) & ~same_place & summary.has_letters
        message = (
            "have the letters of another place, as they are or reverse complemented; keep equal ones in "
            "one split, or remove them"
        )
        yield from sample.marked("warning", "duplicate_sequences", name, again, message)
