"""Windows that are read in one go: near ones together, far ones apart, none cut short."""

from __future__ import annotations

import numpy as np
import pytest

from seqdata import _kernels


def runs(starts: list[int], ends: list[int], gap: int, most: int) -> list[list[int]]:
    found = _kernels.gather.near_runs(np.array(starts), np.array(ends), gap, most)
    return found.tolist()


def test_near_windows_are_read_in_one_go_and_far_ones_apart() -> None:
    starts, ends = [0, 5, 5, 3_000, 90_000], [10, 900, 20, 3_010, 90_001]
    assert runs(starts, ends, 2_000, 4 << 20) == [
        [0, 3, 0, 900],
        [3, 4, 3_000, 3_010],
        [4, 5, 90_000, 90_001],
    ]
    assert runs([0, 10, 5_000], [9_000, 20, 5_010], 2_000, 4 << 20) == [[0, 3, 0, 9_000]]


def test_a_run_is_no_longer_than_asked_unless_one_window_is() -> None:
    assert runs([0, 10, 50], [5, 2_900, 60], 100, 1_000) == [
        [0, 1, 0, 5],
        [1, 2, 10, 2_900],
        [2, 3, 50, 60],
    ]


@pytest.mark.parametrize("seed", range(5))
def test_runs_hold_every_window_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    starts = np.sort(rng.integers(0, 5_000, 200))
    ends = starts + rng.integers(1, 90, 200)
    found = runs(starts.tolist(), ends.tolist(), 20, 500)
    assert [first for first, *_ in found[1:]] == [last for _, last, *_ in found[:-1]]
    assert (found[0][0], found[-1][1]) == (0, 200)
    for first, last, low, high in found:
        assert (low, high) == (starts[first], ends[first:last].max())
