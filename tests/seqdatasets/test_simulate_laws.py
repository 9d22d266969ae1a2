"""Where things stand and how many there are: against plain enumeration and sampling."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import motifdata as md
from seqdatasets import simulate_recipe
from seqdatasets.simulation import (
    Arm,
    Central,
    Count,
    Embed,
    FixedStart,
    Normal,
    OutsideCentral,
    Pair,
    Present,
    Quantity,
    Recipe,
)
from seqdatasets.simulation.streams import normals, uniforms

A = md.Motif.from_consensus("ACG", id="a")
B = md.Motif.from_consensus("TTACGT", id="b")
LEAST = 1e-4


def starts(*embedders, length: int, n: int = 6000, motifs=(A, B), seed: int = 1):
    """Starts of the sites of each row, in the order of the table."""
    recipe = Recipe(motifs, (Arm(embedders),), {"label": Present(("a",))}, n, length, seed=seed)
    data = simulate_recipe(recipe)
    names = ("row", "motif", "start", "strand")
    return {name: data[f"embedding_{name}"].values for name in names}


def by_row(found) -> Counter:
    """How often each arrangement came: motifs and starts of a row."""
    rows: dict[int, list] = {}
    for row, motif, start in zip(found["row"], found["motif"], found["start"], strict=True):
        rows.setdefault(int(row), []).append((motif, int(start)))
    return Counter(tuple(sorted(row)) for row in rows.values())


def equally_likely(counts: Counter, expected: set) -> bool:
    from scipy.stats import chisquare

    assert set(counts) <= expected, set(counts) - expected
    assert counts
    return len(expected) == 1 or chisquare([counts[key] for key in expected]).pvalue > LEAST


def arrangements(widths: list[tuple[str, int]], allowed: list[list[int]]) -> set:
    """Every way to put motifs of some widths at allowed starts without overlap, by trying all."""
    found = set()
    for places in product(*allowed):
        taken = sorted((s, s + w) for s, (_, w) in zip(places, widths, strict=True))
        if all(end <= start for (_, end), (start, _) in pairwise(taken)):
            found.add(tuple(sorted((m, s) for s, (m, _) in zip(places, widths, strict=True))))
    return found


def test_arrangements_without_overlap_are_equally_likely() -> None:
    found = starts(Embed(("a",), Quantity.fixed(2)), Embed(("b",)), length=15)
    anywhere = [list(range(13)), list(range(13)), list(range(10))]
    expected = arrangements([("a", 3), ("a", 3), ("b", 6)], anywhere)
    assert len(expected) > 20
    assert equally_likely(by_row(found), expected)


def test_sequence_that_is_filled_to_the_last_base() -> None:
    found = starts(Embed(("a",), Quantity.fixed(2)), Embed(("b",)), length=12)
    expected = {
        (("a", 0), ("a", 3), ("b", 6)),
        (("a", 0), ("a", 9), ("b", 3)),
        (("a", 6), ("a", 9), ("b", 0)),
    }
    assert equally_likely(by_row(found), expected)


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (Central(6), range(7, 11)),  # of 20 bp, 7 to 13
        (OutsideCentral(6), [*range(5), *range(13, 18)]),
        (FixedStart(4), [4]),
    ],
)
def test_starts_are_those_of_the_position(position, expected) -> None:
    found = starts(Embed(("a",), position=position), length=20)
    assert equally_likely(by_row(found), {(("a", start),) for start in expected})


def test_laws_of_positions_hold_given_that_nothing_overlaps() -> None:
    found = starts(Embed(("a",), position=Central(8)), Embed(("b",)), length=16)
    expected = arrangements([("a", 3), ("b", 6)], [list(range(4, 10)), list(range(11))])
    assert equally_likely(by_row(found), expected)


def test_normal_position_is_a_rounded_normal_that_fits() -> None:
    from scipy.stats import chisquare, norm

    found = starts(Embed(("a",), position=Normal(4.0, offset=2.0)), length=20)["start"]
    edges = np.arange(19) - 0.5
    chances = np.diff(norm.cdf(edges, loc=(20 - 3) / 2 + 2, scale=4))
    kept = chances > 0.002
    counts = np.bincount(found, minlength=18)[kept]
    assert chisquare(counts, chances[kept] / chances[kept].sum() * counts.sum()).pvalue > LEAST


def test_room_that_is_kept_moves_others_as_sites_do() -> None:
    """Else the places of distractors would tell whether the other motif is there."""
    from scipy.stats import ks_2samp

    there = starts(Embed(("a",)), Embed(("b",)), length=12, n=4000)
    kept = starts(
        Embed(("a",), Quantity.fixed(0), room=1), Embed(("b",)), length=12, n=4000, seed=2
    )
    assert set(kept["motif"]) == {"b"}
    others = there["start"][there["motif"] == "b"]
    assert ks_2samp(others, kept["start"]).pvalue > LEAST
    alone = starts(Embed(("b",)), length=12, n=4000, seed=3)
    assert ks_2samp(alone["start"], kept["start"]).pvalue < LEAST


@pytest.mark.parametrize("strand", ["both", "same", "forward", "composite"])
def test_pair_stands_as_its_strand_says(strand: str) -> None:
    gap = Quantity.choice([0, 2])
    found = starts(Pair("a", "b", gap, room=15, strand=strand), length=20)
    motif, start, turned = (found[k].reshape(-1, 2) for k in ("motif", "start", "strand"))
    seen = Counter(map(tuple, np.concatenate([motif, turned], axis=1).tolist()))
    expected = {
        "both": {("a", "b", s, t) for s in "+-" for t in "+-"},
        "same": {("a", "b", "+", "+"), ("a", "b", "-", "-")},
        "forward": {("a", "b", "+", "+")},
        "composite": {("a", "b", "+", "+"), ("b", "a", "-", "-")},
    }[strand]
    assert equally_likely(seen, expected)
    widths = np.where(motif[:, 0] == "a", 3, 6)
    assert set(start[:, 1] - start[:, 0] - widths) == {0, 2}
    assert equally_likely(Counter(start[:, 0].tolist()), set(range(6))), "the room begins there"


def test_each_of_several_motifs_is_taken_equally_often() -> None:
    found = starts(Embed(("a", "b"), Quantity.fixed(3)), length=40)
    assert equally_likely(Counter(found["motif"].tolist()), {"a", "b"})


@pytest.mark.parametrize(
    "law",
    [
        Quantity.uniform(0, 4),
        Quantity.poisson(1.5),
        Quantity.poisson(2.0, most=3).zero_inflated(0.3),
        Quantity.bernoulli(0.2),
        Quantity.choice([1, 4]),
    ],
)
def test_numbers_of_sites_follow_their_law(law: Quantity) -> None:
    from scipy.stats import chisquare

    recipe = Recipe((A,), (Arm((Embed(("a",), law),)),), {"count": Count(("a",))}, 4000, 200)
    found = simulate_recipe(recipe)["count"].values
    expected = dict(zip(law.values, 4000 * np.array(law.weights), strict=True))
    assert set(found) <= set(expected)
    kept = [value for value in expected if expected[value] > 5]
    counts = [np.sum(found == value) for value in kept]
    total = sum(expected[value] for value in kept)
    shares = [expected[value] / total * sum(counts) for value in kept]
    assert len(kept) == 1 or chisquare(counts, shares).pvalue > LEAST


def test_poisson_is_that_of_scipy_and_zeros_are_added() -> None:
    from scipy.stats import poisson

    law = Quantity.poisson(3.0)
    np.testing.assert_allclose(law.weights, poisson.pmf(law.values, 3.0), rtol=1e-9)
    assert law.most >= 16
    inflated = law.zero_inflated(0.5)
    assert inflated.weights[0] == pytest.approx(0.5 + 0.5 * math.exp(-3))
    assert Quantity.poisson(0.0).values == (0,)
    assert law.clipped(1, 2).weights[0] == pytest.approx(poisson.cdf(1, 3.0))


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 20)), min_size=1, max_size=6),
    st.floats(0, 1),
)
@settings(deadline=None, max_examples=100)
def test_quantities_keep_their_weights(parts: list[tuple[int, int]], rate: float) -> None:
    values = tuple(dict.fromkeys(value for value, _ in parts))
    weights = [weight for _, weight in parts][: len(values)]
    law = Quantity(values, tuple(weight / sum(weights) for weight in weights))
    assert math.fsum(law.weights) == pytest.approx(1)
    assert law.zero_inflated(rate).mean == pytest.approx((1 - rate) * law.mean)
    assert law.least <= law.mean <= law.most
    assert law.thresholds()[-1] == 2**53


@given(st.integers(0, 2**63), st.lists(st.integers(0, 2**40), min_size=1, unique=True))
@settings(deadline=None, max_examples=50)
def test_numbers_of_a_row_depend_on_the_seed_and_the_row_only(seed: int, rows: list[int]) -> None:
    numbers = np.array(rows)
    whole = uniforms(seed, numbers, 3)
    for i, row in enumerate(rows):
        np.testing.assert_array_equal(uniforms(seed, np.array([row]), 3)[0], whole[i])


def test_uniform_and_normal_numbers_are_so() -> None:
    from scipy.stats import kstest

    rows = np.arange(20_000)
    drawn = uniforms(3, rows, 2)
    assert kstest(drawn.ravel(), "uniform").pvalue > LEAST
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 0.03
    assert kstest(normals(3, rows), "norm").pvalue > LEAST
