"""Simulated sequences: the truth table, chance hits, reproducibility, and arguments that do not fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import motifdata as md
import seqdata as sd
import seqpro as sp
from seqdata.testing import assert_conforms
from seqdatasets import simulate
from seqdatasets.simulation import Markov, Quantity

KNOWN = md.load("consensus_vertebrates")


@pytest.fixture(scope="module")
def data():
    return simulate(
        num_seqs=4000, seq_length=100, motifs=["POU2F1", "CEBPA"], pos_motifs=["POU2F1"], seed=3
    )


def embeddings(ds, motif: str):
    chosen = ds["embedding_motif"].values == motif
    return {
        k: ds[f"embedding_{k}"].values[chosen]
        for k in ("row", "start", "end", "strand", "string", "score")
    }


@pytest.mark.parametrize("gen_type", ["presence", "order", "distance"])
def test_truth_table_says_what_is_in_the_sequence(gen_type: str) -> None:
    data = simulate(gen_type=gen_type, num_seqs=500, seq_length=120, seed=1)
    letters = sd.chars(data, "seq").values
    rows = data["embedding_row"].values
    assert (np.diff(rows) >= 0).all(), "the table is in the order of the rows"
    for i in range(data.sizes["_embedding"]):
        start, end = (int(data[f"embedding_{k}"].values[i]) for k in ("start", "end"))
        found = letters[rows[i], start:end].tobytes().decode()
        assert found == data["embedding_string"].values[i]
        assert end - start == len(KNOWN[data["embedding_motif"].values[i]])


@pytest.mark.parametrize("gen_type", ["presence", "order", "distance"])
def test_masks_are_the_union_of_the_tables_intervals(gen_type: str) -> None:
    motifs = ["POU2F1", "CEBPA", "TBP"]
    data = simulate(gen_type=gen_type, num_seqs=500, motifs=motifs, pos_motifs=motifs[:2], seed=2)
    for name, chosen in (
        ("motif_mask", np.ones(data.sizes["_embedding"], bool)),
        ("causal_mask", data["embedding_is_causal"].values),
    ):
        expected = np.zeros(data["seq"].shape, bool)
        for i in np.flatnonzero(chosen):
            row, start, end = (
                int(data[f"embedding_{k}"].values[i]) for k in ("row", "start", "end")
            )
            assert not expected[row, start:end].any(), "planted motifs overlap"
            expected[row, start:end] = True
        np.testing.assert_array_equal(data[name].values, expected)
    causal = set(data["embedding_motif"].values[data["embedding_is_causal"].values])
    assert causal == set(motifs[:2])


def test_planted_letters_follow_the_motif(data) -> None:
    """Letter frequencies of the sites, read on the motif's strand, are the motif's probabilities."""
    found = embeddings(data, "POU2F1")
    sites = sp.as_codes(list(found["string"]))
    sites = sp.reverse_complement(sites, sp.DNA, mask=found["strand"] == "-")
    frequencies = sp.ohe(sites, sp.DNA).mean(axis=0)
    expected = KNOWN["POU2F1"].probabilities
    spread = np.sqrt(expected * (1 - expected) / len(sites))
    assert np.all(np.abs(frequencies - expected) < 5 * spread + 1e-9)


def test_scores_are_log_odds_of_the_sites(data) -> None:
    motif = KNOWN["POU2F1"]
    found = embeddings(data, "POU2F1")
    for i in range(0, len(found["row"]), 101):
        site = found["string"][i]
        if found["strand"][i] == "-":
            site = sp.reverse_complement(site, sp.DNA).tobytes().decode()
        expected = sum(motif.log_odds()[j, "ACGT".index(letter)] for j, letter in enumerate(site))
        assert found["score"][i] == pytest.approx(expected, abs=1e-4)


def test_least_score_and_best_letters_are_kept_to() -> None:
    arguments = {"num_seqs": 400, "motifs": ["POU2F1"], "strand": "forward", "seed": 0}
    plain, high = simulate(**arguments), simulate(**arguments, min_score=12.0)
    assert plain["embedding_score"].values.min() < 12 <= high["embedding_score"].values.min()
    best = simulate(**arguments, sampling="best")
    assert set(best["embedding_string"].values) == {KNOWN["POU2F1"].consensus()}


def test_background_has_the_letters_asked_for() -> None:
    from scipy.stats import chisquare

    data = simulate(num_seqs=4000, seq_length=50, background_dist=[0.1, 0.2, 0.3, 0.4], seed=5)
    letters = np.where(data["motif_mask"].values, np.uint8(ord("N")), data["seq"].values)
    counts = sp.count_kmers(letters, 1, sp.DNA).sum(axis=0)
    assert chisquare(counts, counts.sum() * np.array([0.1, 0.2, 0.3, 0.4])).pvalue > 0.001


def test_same_seed_same_data_other_seed_other_data() -> None:
    first, again = (simulate(num_seqs=50, seq_length=60, seed=1) for _ in range(2))
    other = simulate(num_seqs=50, seq_length=60, seed=2)
    assert first.identical(again)
    assert (first["seq"].values != other["seq"].values).any()


def test_more_rows_begin_with_the_same_rows() -> None:
    few, many = (simulate(num_seqs=n, seq_length=60, seed=4) for n in (50, 200))
    np.testing.assert_array_equal(few["seq"].values, many["seq"].values[:50])
    np.testing.assert_array_equal(few["label"].values, many["label"].values[:50])


def test_a_longer_seed_of_everything_is_told_by_provenance() -> None:
    data = simulate(num_seqs=4, gen_type="order", seed=2**40)
    assert '"seed": 1099511627776' in data.attrs["provenance"]


def oracle_of_chance_hits(data, causal: list[str]) -> np.ndarray:
    """Rows with a hit of `motifdata.scan`, on either strand, that touches nothing planted."""
    found = md.scan(data["seq"].values, KNOWN.select(causal), pvalue=1e-4)
    planted = data["motif_mask"].values
    rows = {
        row
        for row, start, end in zip(found["row"], found["start"], found["end"], strict=True)
        if not planted[row, start:end].any()
    }
    return np.isin(np.arange(data.sizes["_sequence"]), list(rows))


@pytest.mark.parametrize("gen_type", ["presence", "order", "distance"])
@pytest.mark.parametrize("scrub", [False, True])
def test_chance_hits_are_those_of_a_scan(gen_type: str, scrub: bool) -> None:
    """Otherwise a user could not tell clean negatives from others."""
    motifs = ["TBP", "SRF", "CTCF"]
    data = simulate(
        gen_type=gen_type, num_seqs=800, motifs=motifs, pos_motifs=motifs[:2], scrub=scrub, seed=0
    )
    expected = oracle_of_chance_hits(data, motifs[:2])
    np.testing.assert_array_equal(data["chance_hit"].values, expected)
    assert data.attrs["chance_hit_rate"] == expected[data["label"].values == 0].mean()
    assert expected.any() != scrub


def test_scrub_leaves_no_chance_hit_of_the_positive_motif() -> None:
    clean = simulate(num_seqs=600, motifs=["TBP"], scrub=True, seed=0)
    negative = clean["seq"].values[clean["label"].values == 0]
    assert len(md.scan(negative, md.MotifSet([KNOWN["TBP"]]), pvalue=1e-4)) == 0


@pytest.mark.parametrize("scrub", [False, True])
def test_planted_distractors_are_no_chance_hits(scrub: bool) -> None:
    """A distractor that looks like the positive motif, planted everywhere, leaves the rate alone."""
    motif = KNOWN["TBP"]
    data = simulate(
        num_seqs=600,
        motifs=[motif, replace(motif, id="twin", name="")],
        pos_motifs=["TBP"],
        distractor_rate=1,
        scrub=scrub,
        seed=0,
    )
    negative = np.flatnonzero(data["label"].values == 0)
    sites = md.scan(data["seq"].values[negative], motif, pvalue=1e-4)
    assert len(set(sites["row"])) > 150, "the twin is found where it was planted"
    assert (data.attrs["chance_hit_rate"] == 0) == scrub


def test_scrub_draws_anew_in_both_classes_alike() -> None:
    """Else an absence of chance hits would tell the class."""
    data = simulate(num_seqs=3000, motifs=["TBP"], scrub=True, seed=0)
    letters = np.where(data["motif_mask"].values, np.uint8(ord("N")), data["seq"].values)
    for label in (0, 1):
        assert not len(md.scan(letters[data["label"].values == label], KNOWN["TBP"], pvalue=1e-4))


def test_more_motifs_than_a_word_of_bits_holds_are_all_looked_for() -> None:
    motifs = list(KNOWN)[:40]
    data = simulate(
        num_seqs=200, seq_length=400, motifs=motifs, pos_motifs=[m.id for m in motifs], seed=0
    )
    expected = oracle_of_chance_hits(data, [m.id for m in motifs])
    np.testing.assert_array_equal(data["chance_hit"].values, expected)


def test_follows_the_contract_and_its_selections_do(data) -> None:
    part = data.isel(_sequence=np.random.default_rng(0).permutation(200))
    assert_conforms(part)


def test_other_backgrounds_and_lengths_are_taken() -> None:
    background = Markov.fit(["ACGT" * 20], order=1, pseudocount=0.1)
    data = simulate(num_seqs=20, seq_length=Quantity.uniform(40, 60), background=background, seed=0)
    assert set(data["seq_size"].values) <= set(range(40, 61))
    assert_conforms(data)


LONG = md.Motif("long", np.full((61, 4), 0.25))
RNA_MOTIF = md.Motif("rna", [[0, 0, 0, 1.0]], sp.RNA)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gen_type": "orders"}, r"gen_type must be 'presence', 'order' or 'distance'; found 'ord"),
        ({"background_dist": [0.5, 0.5, 0.5, 0.5]}, r"background_dist must be four .* sum 2\. Div"),
        ({"background_dist": [0.5, 0.5]}, r"background_dist must be four probabilities"),
        ({"background_dist": [1.5, -0.5, 0, 0]}, r"background_dist must be four probabilities"),
        ({"background_dist": [np.nan, 0.5, 0.5, 0]}, r"background_dist must be four probabilities"),
        ({"background_dist": "ACGT"}, r"background_dist must be four probabilities"),
        (
            {"background_dist": [0.25] * 4, "background": Markov.fit(["AC"], order=0)},
            r"background and background_dist must not both be given",
        ),
        (
            {"pos_motifs": ["SOX2"]},
            r"pos_motifs must be among motifs \(POU2F1, CEBPA\); found 'SOX2'",
        ),
        ({"pos_motifs": "POU2F1"}, r"pos_motifs must be a list"),
        ({"pos_motifs": ["POU2F1", "POU2F1"]}, r"pos_motifs must be different"),
        ({"motifs": ["POU2F1x"]}, r"no motif has the id or name 'POU2F1x'.*Did you mean 'POU2F1'"),
        ({"motifs": ["POU2F1", "POU2F1"]}, r"must be different"),
        ({"motifs": "POU2F1"}, r"motifs must be a list"),
        ({"motifs": []}, r"motifs must be a list"),
        ({"seq_length": 15}, r"up to 18 bp and do not fit into seq_length=15"),
        ({"seq_length": 0}, r"seq_length must be a whole number, at least 1; found 0"),
        ({"seq_length": 2.5}, r"seq_length must be a whole number"),
        (
            {"motifs": ["POU2F1", LONG], "distractor_rate": 0},
            r"motifs must fit into seq_length=60; found 'long' of 61 bp",
        ),
        (
            {"motifs": ["POU2F1", RNA_MOTIF]},
            r"motifs must be over DNA \(ACGT\), .* found 'rna' over RNA \(ACGU\)",
        ),
        ({"distractor_rate": 1.5}, r"distractor_rate must be a number from 0 to 1; found 1\.5"),
        ({"pos_fraction": -0.1}, r"pos_fraction must be a number from 0 to 1"),
        ({"strand": "reverse"}, r"strand must be 'both' or 'forward'"),
        ({"num_seqs": 0}, r"num_seqs must be a whole number, at least 1"),
        ({"motif_set": "nothing"}, r"nothing"),
        ({"seed": -1}, r"seed must be a whole number, at least 0"),
        ({"scrub": "yes"}, r"scrub must be True or False"),
        ({"logic": "some"}, r"logic must be 'any', 'all', 'none' or 'count'"),
        ({"count": 0}, r"count must be a whole number, at least 1"),
        ({"negatives": "far"}, r"negatives must be 'background' or 'shuffled'"),
        ({"sampling": "worst"}, r"sampling must be 'pwm' or 'best'"),
        ({"min_score": 100.0}, r"min_score must be a score that sites of 'POU2F1' reach"),
        ({"min_score": 1.0, "sampling": "best"}, r"min_score is for drawn letters"),
        ({"gen_type": "presence", "min_dist": 3}, r"min_dist is for gen_type='distance'; found it"),
        ({"gen_type": "order", "max_dist": 3}, r"max_dist is for gen_type='distance'"),
        ({"gen_type": "order", "dist_from": "edge"}, r"dist_from is for gen_type='distance'"),
        ({"gen_type": "order", "negatives": "far"}, r"negatives is for gen_type='presence'"),
        ({"gen_type": "distance", "logic": "any"}, r"logic is for gen_type='presence'"),
        (
            {"gen_type": "order", "pos_motifs": ["POU2F1"]},
            r"pos_motifs must be exactly two motifs for 'order'; found \['POU2F1'\]",
        ),
        (
            {"gen_type": "distance", "motifs": ["POU2F1"]},
            r"pos_motifs must be exactly two motifs for 'distance'",
        ),
        (
            {"gen_type": "order", "pos_motifs": ["POU2F1", "POU2F1"]},
            r"pos_motifs must be different",
        ),
        ({"min_dist": 9, "max_dist": 5}, r"min_dist must be at most max_dist; found 9 and 5"),
        ({"min_dist": -1}, r"min_dist must be a whole number, at least 0"),
        (
            {"max_dist": 43},
            r"distances must be such as .*, 0 to 42 bp; found 5 to 43",
        ),
        ({"max_dist": 42}, None),
        (
            {"min_dist": 0, "max_dist": 42},
            r"negatives='uniform' needs distances outside 0 to 42 bp that fit",
        ),
        ({"min_dist": 0, "negatives": "near"}, r"needs distances .* found none below"),
        ({"max_dist": 42, "negatives": "far"}, r"needs distances .* found none above"),
        (
            {"min_dist": 2, "max_dist": 7, "dist_from": "start"},
            r"such as two motifs of 8 and 10 bp can have .*, 8 to 50 bp; found 2 to 7",
        ),
    ],
)
def test_bad_argument_is_named(change: dict, message: str | None) -> None:
    arguments = {"num_seqs": 10, "seq_length": 60, **change}
    if message is None:
        simulate(**arguments)
        return
    with pytest.raises(ValueError, match=message):
        simulate(**arguments)


def test_scrub_that_can_never_end_is_refused() -> None:
    """A background that always holds the motif ends in an error, not in an endless loop."""
    poly = md.Motif.from_consensus("AAAAAAAA", id="poly", certainty=1.0)
    arguments = {"num_seqs": 2, "seq_length": 40, "motifs": [poly]}
    with pytest.raises(ValueError, match=r"scrub found no background without a chance hit of poly"):
        simulate(**arguments, background_dist=[1, 0, 0, 0], scrub=True)
