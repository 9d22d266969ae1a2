"""The order of an epoch: shares of ranks, sizes of batches, and blocks that are held together."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray


def batch_sizes(
    n: int, batch_size: int, *, rank: int = 0, world: int = 1, drop_last: bool = False
) -> NDArray[np.int64]:
    """Give the number of items in each batch of a rank, so that all ranks have as many batches.

    Ranks have equal shares, the first ones one item more where they cannot. Only the last batch is
    short; a rank for whose last batch nothing is left makes two of its last full one.

    Parameters
    ----------
    n
        Items of all ranks together.
    batch_size
        Most items in a batch.
    rank
        Which share, from 0.
    world
        Number of ranks.
    drop_last
        Whether to leave out what does not fill a batch on every rank.

    Returns
    -------
    Sizes, shape (batches,)

    Raises
    ------
    ValueError
        If some rank would have an empty batch.

    Examples
    --------
    >>> [batch_sizes(13, 3, rank=rank, world=2).tolist() for rank in (0, 1)]
    [[3, 3, 1], [3, 2, 1]]
    """
    steps = n // (world * batch_size) if drop_last else math.ceil(n / (world * batch_size))
    sizes = np.full(steps, batch_size, np.int64)
    if drop_last:
        return sizes
    least = n // world
    if least < steps:
        msg = (
            f"{n} rows in batches of {batch_size} cannot be shared among {world} ranks so that all have "
            "as many batches and none is empty. Pass drop_last=True, or a larger batch_size or more rows"
        )
        raise ValueError(msg)
    sizes[-1] = least + (rank < n % world) - (steps - 1) * batch_size
    if not sizes[-1]:
        sizes[-2:] = (batch_size + 1) // 2, batch_size // 2
    return sizes


def first_of_share(
    n: int, batch_size: int, *, rank: int = 0, world: int = 1, drop_last: bool = False
) -> int:
    """Give the place, in the order of the whole epoch, of a rank's first item.

    Shares follow each other: without shuffling, the batches of all ranks, rank after rank, are those
    of one.

    Parameters
    ----------
    n, batch_size, rank, world, drop_last
        As in `batch_sizes`.

    Examples
    --------
    >>> [first_of_share(13, 3, rank=rank, world=2) for rank in (0, 1)]
    [0, 7]
    """
    if drop_last:
        return rank * (n // (world * batch_size)) * batch_size
    return rank * (n // world) + min(rank, n % world)


@dataclass(frozen=True)
class Runs:
    """Stretches of a list of rows that lie in one block of a store each, in the order to be read.

    Parameters
    ----------
    starts, stops
        Bounds of each stretch in the list, shape (runs,).
    sizes
        Bytes that holding each takes, shape (runs,).
    units
        Number of the block that each lies in, shape (runs,).
    reaches
        Whether its rows reach into the next block, shape (runs,).

    Examples
    --------
    >>> runs = Runs.of(np.array([0, 0, 3, 1]), np.array([2, 2, 2, 2]), np.zeros(4, bool))
    >>> runs.stops.tolist(), runs.groups(6).tolist(), runs.cut(1, 3).starts.tolist()
    ([2, 3, 4], [0, 2, 3], [1, 2])
    """

    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    sizes: NDArray[np.int64]
    units: NDArray[np.int64]
    reaches: NDArray[np.bool_]

    @classmethod
    def of(
        cls, units: NDArray[np.int64], sizes: NDArray[np.int64], reaches: NDArray[np.bool_]
    ) -> Runs:
        """Find the runs of rows that are alike: their unit, bytes, and whether they reach on; shape (n,)."""
        bounds = np.flatnonzero((np.diff(units) != 0) | (reaches[1:] != reaches[:-1])) + 1
        starts, stops = np.append(0, bounds), np.append(bounds, units.size)
        return cls(starts, stops, np.add.reduceat(sizes, starts), units[starts], reaches[starts])

    def permuted(self, rng: np.random.Generator) -> Runs:
        """Give the blocks in random order; rows in two blocks come with that which comes later."""
        blocks, which = np.unique(self.units, return_inverse=True)
        rank = np.empty(blocks.size, np.int64)
        rank[rng.permutation(blocks.size)] = np.arange(blocks.size)
        following = np.minimum(which + 1, blocks.size - 1)
        is_there = self.reaches & (blocks[following] == self.units + 1)
        later = np.where(is_there, np.maximum(rank[which], rank[following]), rank[which])
        return self._chosen(np.argsort(2 * later + self.reaches, kind="stable"))

    def _chosen(self, which: NDArray[Any]) -> Runs:
        parts = (self.starts, self.stops, self.sizes, self.units, self.reaches)
        return Runs(*(part[which] for part in parts))

    def cut(self, first: int, stop: int) -> Runs:
        """Keep the rows from number `first` to `stop`, counted in the order of the runs."""
        counts = self.stops - self.starts
        before = np.cumsum(counts) - counts
        starts = self.starts + np.clip(first - before, 0, counts)
        stops = self.starts + np.clip(stop - before, 0, counts)
        return replace(self, starts=starts, stops=stops)._chosen(stops > starts)

    def groups(self, capacity: int) -> NDArray[np.int64]:
        """Give bounds of groups of runs that hold `capacity` bytes, or a single larger run."""
        held = np.cumsum(self.sizes)
        bounds, before = [0], 0
        while bounds[-1] < held.size:
            run = int(np.searchsorted(held, before + capacity, side="right"))
            bounds.append(max(bounds[-1] + 1, run))
            before = int(held[bounds[-1] - 1])
        return np.array(bounds, np.int64)


def crop_starts(
    seed: int, epoch: int, places: slice, *, room: int, random: bool, step: int = 1
) -> NDArray[np.int64]:
    """Give where each row's crop begins, from 0 to twice the room.

    Each place in the epoch has a draw of its own, whatever is asked for with it.

    Parameters
    ----------
    seed, epoch
        Decide the draws.
    places
        Places in the order of the whole epoch.
    room
        Positions to spare at either end, bp.
    random
        Whether to draw; False gives the centre.
    step
        What drawn starts are multiples of, bp; divides the room.

    Returns
    -------
    Starts, shape (places,), bp

    Examples
    --------
    >>> both = crop_starts(0, 0, slice(0, 9), room=3, random=True)
    >>> np.array_equal(both[4:], crop_starts(0, 0, slice(4, 9), room=3, random=True))
    True
    """
    n = places.stop - places.start
    if not random:
        return np.full(n, room)
    bits = np.random.PCG64([seed, epoch, 1])
    bits.advance(places.start)  # one step a draw
    return (np.random.Generator(bits).random(n) * (2 * room // step + 1)).astype(np.int64) * step
