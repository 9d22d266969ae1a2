"""The other rules: labels and numbers recomputed from the truth table by hand."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import motifdata as md
import seqdata as sd
from seqdata.testing import assert_conforms
from seqdatasets import grammar, simulate_recipe
from seqdatasets.simulation import (
    Additive,
    Arm,
    Distance,
    Embed,
    Order,
    Present,
    Quantity,
    Recipe,
    Variants,
)

KNOWN = md.load("consensus_vertebrates")
A, B = KNOWN["POU2F1"], KNOWN["CEBPA"]
N = 1200
SETUP = {"num_seqs": N, "seed": 3}


def counts(ds: xr.Dataset, motif: str = "POU2F1") -> np.ndarray:
    rows = ds["embedding_row"].values[ds["embedding_motif"].values == motif]
    return np.bincount(rows, minlength=ds.sizes["_sequence"])


def test_counting_tells_many_from_few() -> None:
    data = simulate_recipe(grammar.counting(A, **SETUP))
    found = counts(data)
    np.testing.assert_array_equal(data["label"].values, found >= 3)
    np.testing.assert_array_equal(data["count"].values, found)
    assert set(found) == set(range(6))
    assert data["label"].values.mean() == 0.5


def test_density_has_more_zeros_than_its_law() -> None:
    data = simulate_recipe(grammar.density([A, B], **SETUP))
    for motif in ("POU2F1", "CEBPA"):
        np.testing.assert_array_equal(data[f"count_{motif}"].values, counts(data, motif))
    assert np.mean(counts(data) == 0) == pytest.approx(0.25 + 0.75 * np.exp(-2) / 0.983, abs=0.05)
    assert data["count_POU2F1"].attrs["task"] == "regression"


def test_localization_tells_the_centre_from_the_rest() -> None:
    data = simulate_recipe(grammar.localization(A, width=40, **SETUP))
    start, end = data["embedding_start"].values, data["embedding_end"].values
    np.testing.assert_array_equal(data["label"].values == 1, (start >= 80) & (end <= 120))
    outside = (end <= 80) | (start >= 120)
    np.testing.assert_array_equal(data["label"].values == 0, outside)
    assert data["label"].values.mean() == 0.5


def test_multi_label_motifs_do_not_depend_on_each_other() -> None:
    data = simulate_recipe(grammar.multi_label([A, B], rate=0.3, **SETUP))
    labels = [data[f"label_{m}"].values for m in ("POU2F1", "CEBPA")]
    for label, motif in zip(labels, ("POU2F1", "CEBPA"), strict=True):
        np.testing.assert_array_equal(label, counts(data, motif) > 0)
        assert label.mean() == pytest.approx(0.3, abs=0.05)
    assert abs(np.corrcoef(labels)[0, 1]) < 0.1


@pytest.mark.parametrize(
    ("logic", "met"),
    [
        ("and", lambda a, b: a & b),
        ("or", lambda a, b: a | b),
        ("xor", lambda a, b: a ^ b),
    ],
)
def test_cooperativity_is_the_truth_table_of_its_name(logic: str, met) -> None:
    data = simulate_recipe(grammar.cooperativity(A, B, logic=logic, **SETUP))
    first, second = counts(data) > 0, counts(data, "CEBPA") > 0
    np.testing.assert_array_equal(data["label"].values == 1, met(first, second))
    assert data["label"].values.mean() == 0.5
    if logic == "xor":
        for motif in ("POU2F1", "CEBPA"):
            alone = data[f"label_{motif}"].values
            assert abs(np.corrcoef(alone, data["label"].values)[0, 1]) < 0.1


def test_helical_phase_puts_positives_whole_turns_apart() -> None:
    data = simulate_recipe(grammar.helical_phase(A, B, **SETUP))
    apart = data["gap_center"].values
    label = data["label"].values
    assert set(apart[label == 1]) == {21, 32, 42}
    assert set(apart[label == 0]) == {16, 26, 37, 47}
    phase = np.cos(2 * np.pi * apart / 10.5)
    assert phase[label == 1].min() > 0.8
    assert phase[label == 0].max() < -0.8


def test_helical_phase_of_motifs_whose_middles_are_half_a_base_off() -> None:
    odd = md.Motif.from_consensus("TGACTCA", id="AP1")
    data = simulate_recipe(grammar.helical_phase(A, odd, **SETUP))
    apart, label = data["gap_center"].values, data["label"].values
    assert set(apart[label == 1]) == {21.5, 32.5, 42.5}
    assert label.mean() == 0.5


def test_heterodimer_has_one_direction_on_either_strand() -> None:
    """Strands and orders are the same in both classes: only the gap tells."""
    data = simulate_recipe(grammar.heterodimer(A, B, **SETUP))
    strand = data["embedding_strand"].values.reshape(-1, 2)
    motif = data["embedding_motif"].values.reshape(-1, 2)
    assert (strand[:, 0] == strand[:, 1]).all()
    np.testing.assert_array_equal(motif[:, 0] == "POU2F1", strand[:, 0] == "+")
    label, gap = data["label"].values, data["gap"].values
    np.testing.assert_array_equal(label == 1, (gap >= 2) & (gap <= 10))
    assert gap[label == 0].min() == 11
    assert (strand[:, 0] == "+")[label == 1].mean() == pytest.approx(0.5, abs=0.07)
    assert (strand[:, 0] == "+")[label == 0].mean() == pytest.approx(0.5, abs=0.07)


def test_regression_adds_log_odds_interactions_and_noise() -> None:
    recipe = grammar.regression(
        [A, B], effects={"POU2F1": 0.2, "CEBPA": -0.1}, interactions=[("POU2F1", "CEBPA", 3.0)],
        noise=0.5, **SETUP,
    )  # fmt: skip
    data = simulate_recipe(recipe)
    expected = np.zeros(N)
    names = ("row", "motif", "score")
    for row, motif, score in zip(*(data[f"embedding_{k}"].values for k in names), strict=True):
        expected[row] += {"POU2F1": 0.2, "CEBPA": -0.1}[motif] * score
    expected += 3.0 * ((counts(data) > 0) & (counts(data, "CEBPA") > 0))
    np.testing.assert_allclose(data["activity_true"].values, expected, atol=1e-4)
    noise = data["activity"].values - data["activity_true"].values
    assert noise.std() == pytest.approx(0.5, abs=0.05)
    assert abs(np.corrcoef(noise, expected)[0, 1]) < 0.1


def test_label_noise_flips_a_share_of_both_classes() -> None:
    recipe = grammar.order([A, B], **SETUP).with_label_noise(0.1)
    data = simulate_recipe(recipe)
    flipped = data["label"].values != data["label_true"].values
    np.testing.assert_array_equal(data["label_true"].values, simulate_recipe(
        grammar.order([A, B], **SETUP))["label"].values)  # fmt: skip
    for label in (0, 1):
        assert flipped[data["label_true"].values == label].mean() == pytest.approx(0.1, abs=0.04)


def test_rule_without_its_motifs_gives_a_missing_label() -> None:
    law = Quantity.bernoulli(0.5)
    arm = Arm((Embed(("POU2F1",), law), Embed(("CEBPA",), law)))
    targets = {
        "order": Order("POU2F1", "CEBPA"),
        "distance": Distance("POU2F1", "CEBPA", tuple(range(50))),
    }
    data = simulate_recipe(Recipe((A, B), (arm,), targets, num_seqs=200))
    both = (counts(data) > 0) & (counts(data, "CEBPA") > 0)
    for name in targets:
        np.testing.assert_array_equal(data[name].values >= 0, both)
    nothing = Recipe((A, B), (Arm(()),), targets, num_seqs=3)
    assert simulate_recipe(nothing)["order"].values.tolist() == [-1, -1, -1]


@pytest.fixture(scope="module")
def variants() -> xr.Dataset:
    recipe = grammar.presence([A, B], ["POU2F1"], variants=Variants(0.5), **SETUP)
    return simulate_recipe(recipe)


def test_alleles_differ_in_one_letter_only(variants) -> None:
    assert_conforms(variants)
    ref, alt = variants["alleles"].values[:, 0], variants["alleles"].values[:, 1]
    np.testing.assert_array_equal(ref, variants["seq"].values)
    position = variants["variantStart"].values
    expected = np.zeros(ref.shape, bool)
    expected[np.arange(N), position] = True
    np.testing.assert_array_equal(ref != alt, expected)
    np.testing.assert_array_equal(variants["variantEnd"].values, position + 1)
    for i in range(0, N, 50):
        assert chr(ref[i, position[i]]) == variants["ref"].values[i]
        assert chr(alt[i, position[i]]) == variants["alt"].values[i]


def test_variants_hit_the_deciding_motif_as_often_as_asked(variants) -> None:
    position = variants["variantStart"].values
    causal = variants["causal_mask"].values[np.arange(N), position]
    np.testing.assert_array_equal(variants["variant_is_causal"].values, causal)
    positive = variants["label"].values == 1
    assert causal[positive].mean() == pytest.approx(0.5, abs=0.06)
    assert not causal[~positive].any()
    planted = variants["motif_mask"].values[np.arange(N), position]
    assert not (planted & ~causal)[positive].any(), "no variant in a distractor"


def test_effect_of_a_variant_is_the_change_of_the_sites_score(variants) -> None:
    effect = variants["variant_effect"].values
    assert (effect[~variants["variant_is_causal"].values] == 0).all()
    names = ("row", "motif", "start", "end", "strand", "score")
    table = {k: variants[f"embedding_{k}"].values for k in names}
    for i in np.flatnonzero(table["motif"] == "POU2F1")[:200]:
        row, start, end = (int(table[k][i]) for k in ("row", "start", "end"))
        site = variants["alleles"].values[row, 1, start:end][None]
        strands = table["strand"][i]
        changed = md.best_scores(site, A, strands=strands)[0, 0]
        assert effect[row] == pytest.approx(changed - table["score"][i], abs=0.05)


def test_ids_with_a_slash_name_variables_without() -> None:
    motif = md.Motif.from_consensus("GATAAGG", id="GATA/1")
    data = simulate_recipe(grammar.multi_label([motif], num_seqs=5))
    assert "label_GATA_1" in data
    assert sd.head(data, 1).shape[0] == 1


def test_interactions_count_motifs_as_causal() -> None:
    assert Additive({"a": 1.0}, (("a", "b", 1.0),)).causal == ("a", "b")
    assert Present(("a", "b")).causal == ("a", "b")
