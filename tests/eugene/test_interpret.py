"""Explanations of Datasets: they agree with closed forms, find planted motifs, and keep the keys."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
import xarray as xr

import eugene as eu
import motifdata as md
import seqdata as sd
import seqdatasets
import seqpro as sp
from eugene.interpret.attribute import contributions
from eugene.train import load_run
from seqdata.testing import assert_conforms


@pytest.fixture(scope="module")
def linear_run(gc_data: xr.Dataset, tmp_path_factory: pytest.TempPathFactory):
    """A model whose contributions are known: a weight for each letter, whatever its place."""
    out = tmp_path_factory.mktemp("linear") / "run"
    return eu.fit("kmer_linear", gc_data, targets="gc", longest=1, both_strands=False, out=out)


def letter_effects(run) -> np.ndarray:
    model = run.model
    return model.weights[0] / model.scale


def test_mutagenesis_of_a_linear_model_is_its_weights(linear_run, gc_data: xr.Dataset) -> None:
    """On a model of letter counts a mutation changes the prediction by the weights' difference."""
    explained = eu.interpret.attribute(linear_run, gc_data, method="ism", rows=[4, 2])
    effects = letter_effects(linear_run)
    expected = effects - effects.mean()
    found = explained["attributions_ism"].values
    np.testing.assert_allclose(found, np.broadcast_to(expected[:, None], found.shape), atol=1e-5)


def test_attributions_keep_keys_and_follow_the_contract(
    linear_run, gc_data: xr.Dataset, tmp_path
) -> None:
    out = tmp_path / "explained.zarr"
    explained = eu.interpret.attribute(linear_run, gc_data, method="ism", rows=[9, 1, 5], out=out)
    assert explained["row"].values.tolist() == [9, 1, 5]
    assert explained["attributions_ism"].dims == ("_sequence", "_ohe", "_length")
    assert explained["attributions_ism"].attrs["model"] == linear_run.model.digest()
    assert_conforms(explained.load())
    again = eu.interpret.attribute(linear_run, gc_data, method="ism", rows=[9, 1, 5])
    np.testing.assert_array_equal(again["attributions_ism"], explained["attributions_ism"])


@pytest.mark.parametrize("method", ["deeplift_shap", "gradient_x_input", "ism", "occlusion"])
def test_every_method_explains_a_network_and_is_seeded(method: str, motif_run, motif_data) -> None:
    options = {"n_references": 4} if method == "deeplift_shap" else {}
    rows = np.flatnonzero(motif_data["label"].values)[:3]
    explain = lambda seed: eu.interpret.attribute(  # noqa: E731
        motif_run, motif_data, method=method, rows=rows, seed=seed, **options
    )
    first, again = explain(1), explain(1)
    assert first.identical(again)
    assert np.isfinite(first[f"attributions_{method}"].values).all()


def test_deeplift_is_complete_on_the_trained_network(motif_run, motif_data) -> None:
    rows = np.flatnonzero(motif_data["label"].values)[:10]
    explained = eu.interpret.attribute(motif_run, motif_data, method="deeplift_shap", rows=rows)
    assert (explained["completeness_error_deeplift_shap"].values < 1e-3).all()


def test_explained_is_the_average_of_both_strands(gc_run, gc_data: xr.Dataset) -> None:
    """A model that reads both strands explains a sequence and its reverse complement alike."""
    turned = gc_data.copy()
    turned["seq"] = (turned["seq"].dims, sp.reverse_complement(gc_data["seq"].values, sp.DNA))
    kinds = {"method": "gradient_x_input", "rows": [0, 1]}
    forward = eu.interpret.attribute(gc_run, gc_data, **kinds)[
        "attributions_gradient_x_input"
    ].values
    reverse = eu.interpret.attribute(gc_run, turned, **kinds)[
        "attributions_gradient_x_input"
    ].values
    np.testing.assert_allclose(forward, reverse[:, ::-1, ::-1], atol=1e-5)


def test_jitter_room_is_not_explained(gc_data: xr.Dataset, tmp_path) -> None:
    data = gc_data.assign_attrs(max_jitter=4).assign(
        windowStart=("_sequence", np.zeros(300, np.int64)),
        windowEnd=("_sequence", np.full(300, 40)),
    )
    run = eu.fit("kmer_linear", data, targets="gc", out=tmp_path / "run")
    explained = eu.interpret.attribute(run, data, method="ism", rows=[0])
    assert explained["attributions_ism"].shape == (1, 4, 32)
    assert explained["windowStart"].values == [4]
    assert explained["windowEnd"].values == [36]
    assert explained["seq"].values.tobytes() == data["seq"].values[0, 4:36].tobytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "magic"}, "method must be one of ism"),
        ({"method": "ism", "n_references": 3}, "method 'ism' has no option 'n_references'"),
        ({"method": "ism", "output": "at"}, r"one of the model's targets \(gc\); found 'at'"),
        ({"method": "ism", "split": "unused"}, "no rows selected"),
    ],
)
def test_bad_argument_is_named(
    linear_run, gc_data: xr.Dataset, arguments: dict, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        eu.interpret.attribute(linear_run, gc_data, **arguments)


def test_gradients_of_a_model_without_any_are_refused(linear_run, gc_data: xr.Dataset) -> None:
    with pytest.raises((TypeError, ValueError), match="module"):
        eu.interpret.attribute(linear_run, gc_data, method="deeplift_shap", rows=[0])


def test_several_targets_need_a_name(gc_data: xr.Dataset, tmp_path) -> None:
    run = eu.fit("kmer_linear", gc_data, targets=["gc", "at"], longest=1, out=tmp_path / "run")
    with pytest.raises(ValueError, match="output must name one of the model's targets"):
        eu.interpret.attribute(run, gc_data, method="ism", rows=[0])
    gc, at = (
        eu.interpret.attribute(run, gc_data, method="ism", rows=[0], output=name)[
            "attributions_ism"
        ].values
        for name in ("gc", "at")
    )
    np.testing.assert_allclose(gc, -at, atol=1e-4)


def test_contributions_are_of_the_letters_that_stand_there(linear_run, gc_data: xr.Dataset) -> None:
    explained = eu.interpret.attribute(linear_run, gc_data, method="ism", rows=[0])
    effects = letter_effects(linear_run)
    columns = sp.DNA.index_table()[explained["seq"].values[0]]
    np.testing.assert_allclose(
        contributions(explained, "ism")[0], (effects - effects.mean())[columns], atol=1e-5
    )
    with pytest.raises(
        ValueError, match="data has no 'attributions_occlusion'; it has attributions_ism"
    ):
        contributions(explained, "occlusion")


def test_filters_find_the_planted_motif(motif_run, motif_data) -> None:
    """The reason for all of this: what was planted is what is found, by name."""
    known = md.load("consensus_vertebrates")
    filters = eu.interpret.find_filters(motif_run, motif_data, known=known, top=8)
    best = filters.table.iloc[0]  # the most influential
    assert best["match"] == "CTCF"
    assert best["direction"] > 0.5
    assert best["evalue"] < 0.01
    assert filters.motifs.ids == filters.table.index.tolist()
    assert filters.table["influence"].is_monotonic_decreasing


def test_looking_at_filters_leaves_the_network_as_it_was(motif_run, motif_data) -> None:
    before = motif_run.model.digest()
    eu.interpret.find_filters(motif_run, motif_data, top=2)
    assert motif_run.model.digest() == before
    for module in motif_run.model.network.modules():
        assert not module._forward_hooks


def test_filters_of_a_baseline_are_refused(linear_run, gc_data: xr.Dataset) -> None:
    with pytest.raises(TypeError, match="kmer_linear has no filters"):
        eu.interpret.find_filters(linear_run, gc_data)


def test_directions_of_filters_are_signs_of_their_effect(gc_run, gc_data: xr.Dataset) -> None:
    """Where G and C decide, what has more of them raises the prediction."""
    filters = eu.interpret.find_filters(gc_run, gc_data, top=8)
    shares = np.array([motif.probabilities[:, 1:3].mean() for motif in filters.motifs])
    clear = (np.abs(shares - 0.5) > 0.15) & (filters.table["direction"].abs() > 0.2).to_numpy()
    assert clear.sum() >= 2
    np.testing.assert_array_equal(filters.table["direction"][clear] > 0, shares[clear] > 0.5)


def explained_by_hand() -> xr.Dataset:
    """A gives 1 a letter, C gives -2, in rows that share an adapter."""
    rows = ["AAGTCCGTGT" + "ACACAC", "GTGTAAGTGT" + "ACACAC", "GTGTGTGTTT" + "ACACAC"]
    codes = np.array([list(row.encode()) for row in rows], dtype=np.uint8)
    scores = sp.ohe(codes, sp.DNA).swapaxes(1, 2) * np.array([1.0, -2.0, 0.0, 0.0])[:, None]
    return xr.Dataset(
        {
            "seq": (("_sequence", "_length"), codes, {"alphabet": "DNA"}),
            "attributions_ism": (("_sequence", "_ohe", "_length"), scores.astype(np.float32)),
        }
    )


def test_effect_of_a_kmer_is_the_mean_over_its_places() -> None:
    data = explained_by_hand()
    options = {"method": "ism", "k": 2, "minimum": 1}
    table = eu.interpret.kmer_effects(data, both_strands=False, **options).set_index("kmer")
    assert table.loc["AA", ["places", "effect"]].tolist() == [2, 2.0]
    assert table.loc["CC", ["places", "effect"]].tolist() == [1, -4.0]
    assert table.loc["TA", ["places", "effect"]].tolist() == [1, 1.0]
    # every row has AC in its adapter, and it stands nowhere else
    assert "AC" not in table.index
    assert table["effect"].is_monotonic_decreasing
    both = eu.interpret.kmer_effects(data, **options).set_index("kmer")
    # AA is the reverse complement of TT, which stands twice and gives nothing
    assert both.loc["AA", ["places", "effect"]].tolist() == [4, 1.0]
    assert "TT" not in both.index
    with pytest.raises(ValueError, match="k must be from 1 to the sequences' 16 letters; found 17"):
        eu.interpret.kmer_effects(data, method="ism", k=17)


def test_kmers_with_unknown_letters_are_left_out() -> None:
    data = explained_by_hand()
    data["seq"].values[0, 0] = ord("N")
    table = eu.interpret.kmer_effects(
        data, method="ism", k=2, minimum=1, both_strands=False
    ).set_index("kmer")
    assert table.loc["AA", "places"] == 1


def test_kmers_of_the_planted_motif_raise_the_prediction_most(motif_run, motif_data) -> None:
    explained = eu.interpret.attribute(
        motif_run, motif_data, split="test", method="gradient_x_input", seed=0
    )
    table = eu.interpret.kmer_effects(explained, method="gradient_x_input", k=4)
    forward = "CCASYAGRKGGC"  # what was planted
    letters = {"S": "CG", "Y": "CT", "R": "AG", "K": "GT"}
    fits = [
        any(
            all(a in letters.get(b, b) for a, b in zip(word, forward[i : i + 4], strict=True))
            for i in range(9)
            for word in (kmer, sp.reverse_complement(kmer, sp.DNA).tobytes().decode())
        )
        for kmer in table["kmer"].head(5)
    ]
    assert sum(fits) >= 4


def test_a_filter_that_only_likes_letters_is_no_motif(gc_data, tmp_path) -> None:
    """Where the target is the share of G and C, filters are rich in them, but there is no motif."""
    run = eu.fit("cnn", gc_data, targets="gc", epochs=8, seed=0, out=tmp_path / "run")
    table = eu.interpret.find_filters(run, gc_data, known="consensus_vertebrates").table
    assert (table["evalue"] < 0.01).any()  # what a comparison alone would have claimed
    assert not table["is_match"].any()


def test_known_motifs_of_another_alphabet_are_not_compared(gc_data, tmp_path, caplog) -> None:
    codes = np.where(gc_data["seq"] == ord("T"), ord("U"), gc_data["seq"]).astype(np.uint8)
    data = gc_data.assign(seq=(("_sequence", "_length"), codes, {"alphabet": "RNA"}))
    run = eu.fit("cnn", data, targets="gc", epochs=1, filters=4, out=tmp_path / "run")
    with caplog.at_level("WARNING"):
        text = run.report(tmp_path / "report.html").read_text()
    assert "known motifs are of DNA, the model of RNA" in caplog.text
    assert "Its most influential filters read" in text


def test_a_network_without_filters_has_a_report(gc_data, tmp_path) -> None:
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(160, 1))
    run = eu.fit(network, gc_data, targets="gc", epochs=1, out=tmp_path / "run")
    assert "Sequential(...)" in run.report(tmp_path / "report.html").read_text()
    with pytest.raises(ValueError, match="needs a network with a torch"):
        eu.interpret.find_filters(run, gc_data)
    again = load_run(run.path, gc_data, network=copy.deepcopy(network))
    np.testing.assert_array_equal(again.predict()["predictions"], run.predict()["predictions"])


def test_a_store_that_is_there_is_refused_before_the_work(linear_run, gc_data, tmp_path) -> None:
    (tmp_path / "a.zarr").mkdir()
    with pytest.raises(FileExistsError, match="overwrite=True"):
        eu.interpret.attribute(linear_run, gc_data, method="ism", out=tmp_path / "a.zarr")


@pytest.fixture(scope="module")
def card(motif_run, motif_data):
    return eu.interpret.scorecard(motif_run, motif_data, n_sequences=20, seed=0)


def test_explanations_find_the_causal_motif_and_chance_does_not(card) -> None:
    marks = card.table.set_index("method")["auprc"]
    assert marks["deeplift_shap"] > 0.7
    assert marks["ism"] > 0.7
    base = card.table["base_rate"].iloc[0]
    assert marks["random"] == pytest.approx(base, abs=0.1)
    assert marks["scan, causal motif"] > 0.9


def test_scorecard_marks_correct_positives_only(card, motif_data) -> None:
    explained = card.explained["cnn"]
    assert (explained["label"].values == 1).all()
    assert explained.sizes["_sequence"] == 20
    assert {"attributions_ism", "attributions_deeplift_shap"} <= set(explained.data_vars)
    sd.validate(explained)
    assert set(explained["split"].values) == {"test"}


def test_scorecard_refuses_a_model_that_has_not_learned(motif_data, tmp_path) -> None:
    """Explaining noise would look like an explanation."""
    shuffled = motif_data.assign(
        label=("_sequence", np.random.default_rng(0).permutation(motif_data["label"].values))
    )
    run = eu.fit("kmer_linear", shuffled, targets="label", longest=1, out=tmp_path / "run")
    with pytest.raises(
        ValueError, match="it has not learned the rule, and explaining it would mislead"
    ):
        eu.interpret.scorecard(run, motif_data)


def test_scorecard_leaves_out_models_that_have_not_learned(motif_run, motif_data, tmp_path) -> None:
    """One bad model among several must neither be explained nor hide the others' marks."""
    shuffled = motif_data.assign(
        label=("_sequence", np.random.default_rng(0).permutation(motif_data["label"].values))
    )
    bad = eu.fit("kmer_linear", shuffled, targets="label", longest=1, out=tmp_path / "run")
    card = eu.interpret.scorecard(
        {"good": motif_run, "bad": bad}, motif_data, methods=["occlusion"], n_sequences=3
    )
    assert set(card.table["model"]) == {"good"}
    assert list(card.explained) == ["good"]
    assert list(card.refused) == ["bad"]
    assert "has not learned the rule" in card.refused["bad"]


@pytest.mark.parametrize(("rule", "scans"), [("presence", 2), ("order", 1)])
def test_scan_that_spares_distractors_is_shown_only_where_there_are_some(
    rule: str, scans: int, tmp_path
) -> None:
    data = seqdatasets.simulate(gen_type=rule, num_seqs=400, seq_length=60, seed=0)
    data = eu.preprocess.split(data, stratify="label", seed=0)
    run = eu.fit("rule_oracle", data, targets="label", out=tmp_path / "run")
    card = eu.interpret.scorecard(run, data, methods=["ism"], n_sequences=5)
    assert card.table["method"].str.startswith("scan").sum() == scans


def test_scorecard_needs_the_truth_and_a_class(
    gc_run, gc_data: xr.Dataset, motif_run, motif_data
) -> None:
    with pytest.raises(ValueError, match=r"must hold the truth \('causal_mask'\)"):
        eu.interpret.scorecard(gc_run, gc_data)
    with pytest.raises(ValueError, match="method must be one of"):
        eu.interpret.scorecard(motif_run, motif_data, methods=["magic"], n_sequences=2)
