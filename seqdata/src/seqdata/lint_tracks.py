"""Checks of the values in windows: silent tracks, missing values, and samples of another scale."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from seqdata.findings import Finding, listed
from seqdata.lint_sources import Sources

_OUTLIER = 3.5  # robust z-score of a sample's total (Iglewicz and Hoaglin 1993)
_FOLD = 2.0  # how far from the median such a total is at least
_FEWEST_SAMPLES = 4


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
                    f"{len(flat)} of {sample.width} samples are {what} in {sample.words}: {listed(flat)}; "
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
