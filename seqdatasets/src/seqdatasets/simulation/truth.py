"""What was planted in some rows, as arrays: what rules look at and what the truth table is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqdatasets.simulation.quantity import Quantity


@dataclass(frozen=True)
class Truth:
    """Sites that are planted in some rows, sorted by row and start.

    Parameters
    ----------
    rows
        Number of each row, shape (n,).
    sizes
        Length of each row, bp, shape (n,).
    motifs
        Ids of the motifs.
    row
        Position of each site's row among `rows`, shape (sites,).
    motif
        Position of its motif among `motifs`.
    start, end
        0-based half-open interval in its row.
    is_reverse
        Whether it stands on the reverse strand.
    pair
        Number of its pair within the row, or -1.
    score
        Log-odds score of its letters, bits.
    """

    rows: NDArray[np.int64]
    sizes: NDArray[np.int64]
    motifs: tuple[str, ...]
    row: NDArray[np.int64]
    motif: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    is_reverse: NDArray[np.bool_]
    pair: NDArray[np.int64]
    score: NDArray[np.float64]

    def of(self, motif: str) -> NDArray[np.intp]:
        """Give the places of a motif's sites, shape (n,)."""
        return np.flatnonzero(self.motif == self.motifs.index(motif))

    def counts(self, motif: str) -> NDArray[np.int64]:
        """Count a motif's sites in each row, shape (n,)."""
        return np.bincount(self.row[self.of(motif)], minlength=self.rows.size).astype(np.int64)

    def first(self, motif: str) -> NDArray[np.int64]:
        """Give the place of a motif's first site in each row, -1 where there is none, shape (n,)."""
        places = self.of(motif)[::-1]
        found = np.full(self.rows.size, -1, np.int64)
        found[self.row[places]] = places
        return found


@dataclass(frozen=True)
class Gaps:
    """How far the first two sites of two motifs are from each other in each row, by three definitions.

    Parameters
    ----------
    edge
        Positions between the end of the upstream site and the start of the other, -1 where a motif is
        missing, shape (n,). Of sites that overlap, which nothing planted does, it would be negative.
    start
        Difference of their starts, -1 where a motif is missing, shape (n,).
    center
        Difference of their middles, NaN where a motif is missing, shape (n,).
    """

    edge: NDArray[np.int64]
    start: NDArray[np.int64]
    center: NDArray[np.float64]


def gaps(truth: Truth, first: str, second: str) -> Gaps:
    """Measure the distance of two motifs, whichever is upstream.

    Examples
    --------
    >>> one = np.array([0])
    >>> truth = Truth(one, one + 20, ("a", "b"), np.zeros(2, int), np.array([1, 0]),
    ...     np.array([2, 9]), np.array([6, 12]), np.zeros(2, bool), one.repeat(2), np.zeros(2))
    >>> found = gaps(truth, "a", "b")
    >>> found.edge.tolist(), found.start.tolist(), found.center.tolist()
    ([3], [7], [6.5])
    """
    places = np.stack([truth.first(first), truth.first(second)])
    there = (places >= 0).all(axis=0)
    starts = np.where(there, truth.start[places] if truth.start.size else 0, 0)
    ends = np.where(there, truth.end[places] if truth.end.size else 0, 0)
    edge = np.maximum(starts[1] - ends[0], starts[0] - ends[1])
    start = np.abs(starts[1] - starts[0])
    center = np.abs((starts[1] + ends[1]) - (starts[0] + ends[0])) / 2
    return Gaps(
        np.where(there, edge, -1), np.where(there, start, -1), np.where(there, center, np.nan)
    )


def sizes_of(law: Quantity, draws: NDArray[np.float64]) -> NDArray[np.int64]:
    """Turn numbers from 0 to below 1 into values of a law, shape (n,).

    Examples
    --------
    >>> sizes_of(Quantity.uniform(3, 4), np.array([0.2, 0.7])).tolist()
    [3, 4]
    """
    scaled = (draws * 2.0**53).astype(np.uint64)
    chosen = np.searchsorted(law.thresholds(), scaled, side="right")
    return np.asarray(law.values, np.int64)[chosen]
