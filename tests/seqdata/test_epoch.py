"""Shares, batches, blocks and crops of an epoch, as laws on numbers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqdata.epoch import Runs, batch_sizes, crop_starts, first_of_share

MANY = settings(deadline=None, max_examples=200)


@given(
    n=st.integers(1, 400), size=st.integers(1, 40), world=st.integers(1, 9), drop_last=st.booleans()
)
@MANY
def test_shares_follow_each_other_and_have_as_many_batches(
    n: int, size: int, world: int, drop_last: bool
) -> None:
    try:
        sizes = [
            batch_sizes(n, size, rank=r, world=world, drop_last=drop_last) for r in range(world)
        ]
    except ValueError:
        assert not drop_last
        assert n < world or (size == 1 and n % world)
        return
    assert len({found.size for found in sizes}) == 1
    end = 0
    for rank, found in enumerate(sizes):
        assert first_of_share(n, size, rank=rank, world=world, drop_last=drop_last) == end
        assert ((found > 0) & (found <= size)).all()
        assert (found[:-2] == size).all()
        end += int(found.sum())
    assert end == (n - n % (world * size) if drop_last else n)


def test_a_rank_without_a_last_batch_shares_its_last_full_one() -> None:
    assert batch_sizes(17, 8, rank=0, world=2).tolist() == [8, 1]
    assert batch_sizes(17, 8, rank=1, world=2).tolist() == [4, 4]
    with pytest.raises(ValueError, match="3 rows in batches of 1 cannot be shared among 2 ranks"):
        batch_sizes(3, 1, rank=0, world=2)


UNITS = st.lists(st.integers(0, 5), min_size=1, max_size=60)


@given(UNITS, st.integers(1, 30), st.integers(0, 60), st.integers(0, 60), st.integers(0, 9))
@MANY
def test_groups_of_runs_hold_every_row_once_within_the_capacity(
    units: list[int], capacity: int, a: int, b: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    sizes, reaches = np.arange(len(units)) % 4, rng.random(len(units)) < 0.2
    runs = Runs.of(np.array(units), sizes, reaches).permuted(rng)
    order = [i for x, y in zip(runs.starts, runs.stops, strict=True) for i in range(x, y)]
    assert sorted(order) == list(range(len(units)))
    for x, y, size in zip(runs.starts, runs.stops, runs.sizes, strict=True):
        assert len(set(units[x:y])) == len(set(reaches[x:y])) == 1
        assert size == sizes[x:y].sum()
    cut = runs.cut(a, b)
    kept = [i for x, y in zip(cut.starts, cut.stops, strict=True) for i in range(x, y)]
    assert kept == order[a:b]
    bounds = runs.groups(capacity)
    assert bounds[0] == 0
    assert bounds[-1] == runs.starts.size
    for x, y in itertools.pairwise(bounds):
        assert y == x + 1 or (y > x and runs.sizes[x:y].sum() <= capacity)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(0, 99))
@MANY
def test_rows_in_two_blocks_come_when_both_were_read(units: list[int], seed: int) -> None:
    """Else blocks are read twice an epoch, for the few rows that lie across their ends."""
    rng = np.random.default_rng(seed)
    found, reaches = np.sort(units), rng.random(len(units)) < 0.3
    order = np.lexsort((reaches, found))
    runs = Runs.of(found[order], np.ones(order.size, np.int64), reaches[order]).permuted(rng)
    read = set(runs.units[~runs.reaches].tolist())
    for place in np.flatnonzero(runs.reaches):
        own = int(runs.units[place])
        assert {own, own + 1} & read <= set(runs.units[:place].tolist())


@given(st.integers(0, 2**64), st.integers(0, 9), st.integers(0, 200), st.integers(0, 50))
@MANY
def test_a_crop_depends_on_its_place_only(seed: int, epoch: int, first: int, n: int) -> None:
    whole = crop_starts(seed, epoch, slice(0, 250), room=5, random=True)
    part = crop_starts(seed, epoch, slice(first, first + n), room=5, random=True)
    np.testing.assert_array_equal(part, whole[first : first + n])
    assert whole.min() >= 0
    assert whole.max() <= 10


def test_crops_without_chance_are_central() -> None:
    assert crop_starts(0, 0, slice(2, 5), room=3, random=False).tolist() == [3, 3, 3]
