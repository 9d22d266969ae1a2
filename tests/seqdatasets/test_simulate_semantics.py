"""The table of label semantics, row by row: what is positive, what negative, what is equal in both classes.

Tests are numbered as the table's cells: P presence, O order, D distance; 1 positive, 2 negative,
3 equal laws.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import xarray as xr

import motifdata as md
import seqdata as sd
import seqpro as sp
from seqdatasets import recipe_of, simulate

MOTIFS = ["POU2F1", "CEBPA", "TBP"]
N = 6000
LEAST = 1e-4  # p-value below which two laws are taken for different


def simulated(gen_type: str, **change) -> xr.Dataset:
    arguments = {"num_seqs": N, "motifs": MOTIFS, "pos_motifs": MOTIFS[:2], "seed": 11} | change
    return simulate(gen_type=gen_type, **arguments)


@pytest.fixture(scope="module")
def presence() -> xr.Dataset:
    return simulated("presence", pos_motifs=["POU2F1"])


@pytest.fixture(scope="module")
def order() -> xr.Dataset:
    return simulated("order")


@pytest.fixture(scope="module")
def distance() -> xr.Dataset:
    return simulated("distance")


def counts(ds: xr.Dataset) -> dict[str, np.ndarray]:
    """Planted sites of each motif in each row."""
    motif, row = ds["embedding_motif"].values, ds["embedding_row"].values
    return {m: np.bincount(row[motif == m], minlength=ds.sizes["_sequence"]) for m in MOTIFS}


def sites(ds: xr.Dataset, motif: str, *, label: int | None = None) -> dict[str, np.ndarray]:
    """Columns of the truth table for one motif, in rows of one class."""
    chosen = ds["embedding_motif"].values == motif
    if label is not None:
        chosen &= ds["label"].values[ds["embedding_row"].values] == label
    names = ("row", "start", "end", "strand")
    return {name: ds[f"embedding_{name}"].values[chosen] for name in names}


def same_law(first: np.ndarray, second: np.ndarray) -> bool:
    from scipy.stats import chi2_contingency, ks_2samp

    if first.dtype == object or len(np.unique(first)) < 20:
        values = np.unique(np.concatenate([first, second]))
        table = [[np.sum(side == value) for value in values] for side in (first, second)]
        return len(values) == 1 or chi2_contingency(table).pvalue > LEAST
    return ks_2samp(first, second).pvalue > LEAST


def test_the_comparison_of_laws_sees_a_difference() -> None:
    rng = np.random.default_rng(0)
    assert not same_law(rng.integers(0, 100, N // 2), rng.integers(0, 108, N // 2))
    assert not same_law(rng.random(N // 2) < 0.5, rng.random(N // 2) < 0.56)


# presence


def test_P1_a_positive_holds_one_positive_motif(presence) -> None:
    found = counts(presence)["POU2F1"]
    np.testing.assert_array_equal(found, presence["label"].values)
    assert presence["label"].values.mean() == 0.5


@pytest.mark.parametrize(
    ("logic", "count", "positive", "negative"),
    [
        ("any", None, {1}, {0}),
        ("all", None, {2}, {0}),
        ("none", None, {0}, {1}),
        ("count", 3, {3}, {0}),
    ],
)
def test_P1_logics(logic: str, count: int | None, positive: set, negative: set) -> None:
    data = simulated("presence", logic=logic, count=count, num_seqs=600)
    found = counts(data)
    both = found["POU2F1"] + found["CEBPA"]
    assert set(both[data["label"].values == 1]) == positive
    assert set(both[data["label"].values == 0]) == negative
    if logic == "all":
        np.testing.assert_array_equal(found["POU2F1"], found["CEBPA"])
    if logic == "any":
        chosen = found["POU2F1"][data["label"].values == 1]
        assert abs(chosen.mean() - 0.5) < 0.1, "each positive motif equally often"


def test_P1_each_motif_has_a_label_of_its_own(presence) -> None:
    for motif, found in counts(presence).items():
        np.testing.assert_array_equal(presence[f"label_{motif}"].values, found > 0)


@pytest.mark.parametrize("negatives", ["background", "shuffled"])
def test_P2_a_negative_holds_none(negatives: str) -> None:
    data = simulated("presence", pos_motifs=["POU2F1"], negatives=negatives, num_seqs=600)
    assert not counts(data)["POU2F1"][data["label"].values == 0].any()


def test_P2_shuffled_negatives_keep_what_the_motif_brings_to_the_composition() -> None:
    """Dinucleotide counts of the classes agree, where plain background lacks those of the motif."""
    differences = {}
    for negatives in ("background", "shuffled"):
        data = simulated(
            "presence",
            motifs=["POU2F1"],
            pos_motifs=["POU2F1"],
            negatives=negatives,
            seq_length=60,
        )
        counted = sp.count_kmers(data["seq"].values, 2, sp.DNA)
        label = data["label"].values
        mean = [counted[label == c].mean(axis=0) for c in (0, 1)]
        spread = np.sqrt(counted.var(axis=0) * 4 / N)
        differences[negatives] = np.abs((mean[1] - mean[0]) / spread).max()
    assert differences["shuffled"] < 4.5
    assert differences["background"] > 20


@pytest.mark.parametrize("negatives", ["background", "shuffled"])
@pytest.mark.parametrize("logic", ["any", "all", "count"])
def test_P3_distractors_have_one_law(logic: str, negatives: str) -> None:
    """In sequences so short that the room of the deciding motifs shows in the places of others."""
    count = 2 if logic == "count" else None
    data = simulated("presence", logic=logic, count=count, negatives=negatives, seq_length=36)
    label = data["label"].values
    found = counts(data)["TBP"]
    assert set(found) == {0, 1}
    assert same_law(found[label == 0], found[label == 1])
    assert abs(found.mean() - 0.5) < 0.03
    classes = [sites(data, "TBP", label=c) for c in (0, 1)]
    for column in ("start", "strand"):
        assert same_law(classes[0][column], classes[1][column]), column


def test_P3_background_has_one_law(presence) -> None:
    letters = np.where(presence["motif_mask"].values, np.uint8(ord("N")), presence["seq"].values)
    counted = sp.count_kmers(letters, 2, sp.DNA)
    label = presence["label"].values
    share = counted / counted.sum(axis=1, keepdims=True)
    spread = np.sqrt(share.var(axis=0) * 4 / N)
    means = [share[label == c].mean(axis=0) for c in (0, 1)]
    assert np.abs((means[1] - means[0]) / spread).max() < 4.5


# order


def test_O1_O2_the_label_says_which_motif_is_upstream(order) -> None:
    """On forward-strand coordinates, whatever the strands."""
    first, second = sites(order, "POU2F1"), sites(order, "CEBPA")
    np.testing.assert_array_equal(first["row"], order["row"].values)
    np.testing.assert_array_equal(second["row"], order["row"].values)
    np.testing.assert_array_equal(first["start"] < second["start"], order["label"].values == 1)
    assert order["label"].values.mean() == 0.5
    np.testing.assert_array_equal(first["strand"], second["strand"])
    for strand in "+-":
        chosen = first["strand"] == strand
        assert 0.47 < chosen.mean() < 0.53
        assert 0.45 < order["label"].values[chosen].mean() < 0.55


def test_O1_the_first_of_pos_motifs_is_the_one_that_comes_first() -> None:
    data = simulated("order", pos_motifs=["CEBPA", "POU2F1"], num_seqs=100)
    first, second = sites(data, "CEBPA"), sites(data, "POU2F1")
    np.testing.assert_array_equal(first["start"] < second["start"], data["label"].values == 1)


@pytest.mark.parametrize("rule", ["order", "distance"])
def test_O3_D3_both_motifs_once_in_every_sequence(rule: str, request) -> None:
    found = counts(request.getfixturevalue(rule))
    assert set(found["POU2F1"]) == set(found["CEBPA"]) == {1}


@pytest.mark.parametrize("rule", ["order", "distance"])
def test_O3_D3_upstream_motif_begins_at_places_of_one_law(rule: str, request) -> None:
    data = request.getfixturevalue(rule)
    start = np.minimum(sites(data, "POU2F1")["start"], sites(data, "CEBPA")["start"])
    label = data["label"].values
    assert same_law(start[label == 0], start[label == 1])


@pytest.mark.parametrize("rule", ["order", "distance"])
@pytest.mark.parametrize("motif", MOTIFS)
def test_O3_D3_strands_and_distractors_have_one_law(rule: str, motif: str, request) -> None:
    data = request.getfixturevalue(rule)
    classes = [sites(data, motif, label=c) for c in (0, 1)]
    assert same_law(classes[0]["strand"], classes[1]["strand"])
    if motif == "TBP":
        assert same_law(classes[0]["start"], classes[1]["start"])
        found, label = counts(data)["TBP"], data["label"].values
        assert same_law(found[label == 0], found[label == 1])


def test_O3_gaps_have_one_law(order) -> None:
    gap, label = order["gap"].values, order["label"].values
    assert same_law(gap[label == 0], gap[label == 1])
    assert gap.min() == 5, "so that no word of five letters touches both motifs"
    assert gap.max() - gap.min() > 50


# distance


@pytest.mark.parametrize("dist_from", ["edge", "start", "center"])
@pytest.mark.parametrize("negatives", ["uniform", "far", "near", "both"])
def test_D1_D2_the_label_says_whether_the_distance_is_within(
    dist_from: str, negatives: str
) -> None:
    """Every distance from min_dist to max_dist comes, both included, and only in positives."""
    low, high = 12, 17
    data = simulated(
        "distance",
        min_dist=low,
        max_dist=high,
        dist_from=dist_from,
        negatives=negatives,
        num_seqs=2000,
    )
    first, second = sites(data, "POU2F1"), sites(data, "CEBPA")
    starts = np.stack([first["start"], second["start"]])
    ends = np.stack([first["end"], second["end"]])
    found = {
        "edge": starts.max(axis=0) - ends.min(axis=0),
        "start": np.abs(np.diff(starts, axis=0)[0]),
        "center": np.abs(np.diff(starts + ends, axis=0)[0]) / 2,
    }
    for name, variable in (("edge", "gap"), ("start", "gap_start"), ("center", "gap_center")):
        np.testing.assert_array_equal(data[variable].values, found[name])
    measured, label = found[dist_from], data["label"].values
    np.testing.assert_array_equal((low <= measured) & (measured <= high), label == 1)
    assert set(measured[label == 1]) == set(range(low, high + 1))
    assert label.mean() == 0.5
    is_near, is_far = (measured < low)[label == 0], (measured > high)[label == 0]
    expected = {"far": (0, 1), "near": (1, 0), "both": (0.5, 0.5)}.get(negatives)
    if expected is None:
        assert min(is_near.mean(), is_far.mean()) > 0.02
    else:
        assert (is_near.mean(), is_far.mean()) == pytest.approx(expected, abs=0.05)


def test_D1_positive_distances_are_equally_likely(distance) -> None:
    from scipy.stats import chisquare

    gap = distance["gap"].values[distance["label"].values == 1]
    assert chisquare(np.bincount(gap)[5:16]).pvalue > LEAST
    other = distance["gap"].values[distance["label"].values == 0]
    assert chisquare(np.bincount(other)[np.r_[0:5, 16 : other.max() + 1]]).pvalue > LEAST


def test_D3_the_order_of_the_motifs_has_one_law(distance) -> None:
    is_first = sites(distance, "POU2F1")["start"] < sites(distance, "CEBPA")["start"]
    label = distance["label"].values
    assert same_law(is_first[label == 0], is_first[label == 1])
    assert abs(is_first.mean() - 0.5) < 0.03


def test_pairs_are_numbered_and_nothing_stands_between_them(order) -> None:
    pair = order["embedding_pair"].values
    motif = order["embedding_motif"].values
    assert ((pair < 0) == (motif == "TBP")).all()
    numbers, times = np.unique(pair[pair >= 0], return_counts=True)
    assert (times == 2).all()
    assert numbers.size == N
    place = np.flatnonzero(pair >= 0).reshape(-1, 2)
    assert (np.diff(place, axis=1) == 1).all()


def test_one_fraction_of_positives_is_exact_in_every_stretch_of_rows() -> None:
    data = simulated("order", pos_fraction=0.3, num_seqs=2000)
    label = data["label"].values
    assert set(label.reshape(-1, 10).sum(axis=1)) == {3}
    runs = [tuple(part) for part in label.reshape(-1, 10)]
    assert len(set(runs)) > 50, "in no regular order"
    assert any(a != b for a, b in pairwise(runs))


def test_forward_strand_only() -> None:
    for rule in ("presence", "order", "distance"):
        data = simulated(rule, strand="forward", num_seqs=100)
        assert set(data["embedding_strand"].values) == {"+"}


def test_a_given_distance_means_the_rule_is_distance() -> None:
    data = simulate(num_seqs=10, min_dist=3)
    assert recipe_of(data).name == "distance"
    assert recipe_of(simulate(num_seqs=10)).name == "presence"


def test_motifs_named_by_name_and_given_as_motifs_are_the_same() -> None:
    known = md.load("consensus_vertebrates")
    named = simulate(num_seqs=50, motifs=["octamer"], pos_motifs=["octamer"], seed=1)
    given = simulate(num_seqs=50, motifs=[known["POU2F1"]], pos_motifs=["POU2F1"], seed=1)
    xr.testing.assert_identical(named, given)
    assert sd.head(named, 2).shape[0] == 2
