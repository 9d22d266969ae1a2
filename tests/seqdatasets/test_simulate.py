"""Simulated sequences: the rule, the truth table, and nothing else that gives the label away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import motifdata as md
import seqdata as sd
import seqpro as sp
from seqdata.testing import assert_conforms
from seqdatasets import simulate


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


def test_a_sequence_is_positive_exactly_if_a_positive_motif_was_planted(data) -> None:
    planted = np.isin(data["row"].values, embeddings(data, "POU2F1")["row"])
    np.testing.assert_array_equal(planted, data["label"].values == 1)
    assert data["label"].values.mean() == 0.5


def test_truth_table_says_what_is_in_the_sequence(data) -> None:
    letters = sd.chars(data, "seq").values
    for i in range(0, data.sizes["_embedding"], 7):
        row, start, end = (int(data[f"embedding_{k}"].values[i]) for k in ("row", "start", "end"))
        assert letters[row, start:end].tobytes().decode() == data["embedding_string"].values[i]


def test_masks_are_the_union_of_the_tables_intervals(data) -> None:
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


def test_distractor_says_nothing_about_the_label(data) -> None:
    """Rate, positions and strands of the distractor are the same in both classes."""
    from scipy.stats import chi2_contingency, ks_2samp

    found = embeddings(data, "CEBPA")
    label = data["label"].values[found["row"]]
    has = np.isin(data["row"].values, found["row"])
    table = [
        [np.sum(has & (data["label"].values == c)), np.sum(~has & (data["label"].values == c))]
        for c in (0, 1)
    ]
    assert chi2_contingency(table).pvalue > 0.001
    assert abs(has.mean() - 0.5) < 0.03
    strands = [[np.sum((found["strand"] == s) & (label == c)) for s in "+-"] for c in (0, 1)]
    assert chi2_contingency(strands).pvalue > 0.001
    # sharing a sequence with the planted motif shifts positions only as far as it takes room
    assert ks_2samp(found["start"][label == 0], found["start"][label == 1]).pvalue > 0.001


def test_planted_letters_follow_the_motif(data) -> None:
    """Letter frequencies of the sites, read on the motif's strand, are the motif's probabilities."""
    motif = md.load("consensus_vertebrates")["POU2F1"]
    found = embeddings(data, "POU2F1")
    sites = sp.as_codes(list(found["string"]))
    sites = sp.reverse_complement(sites, sp.DNA, mask=found["strand"] == "-")
    frequencies = sp.ohe(sites, sp.DNA).mean(axis=0)
    n = len(sites)
    spread = np.sqrt(motif.probabilities * (1 - motif.probabilities) / n)
    assert np.all(np.abs(frequencies - motif.probabilities) < 5 * spread + 1e-9)


def test_scores_are_log_odds_of_the_sites(data) -> None:
    motif = md.load("consensus_vertebrates")["POU2F1"]
    found = embeddings(data, "POU2F1")
    for i in range(0, len(found["row"]), 101):
        site = found["string"][i]
        if found["strand"][i] == "-":
            site = sp.reverse_complement(site, sp.DNA).tobytes().decode()
        expected = sum(motif.log_odds()[j, "ACGT".index(letter)] for j, letter in enumerate(site))
        assert found["score"][i] == pytest.approx(expected, abs=1e-4)


def test_starts_and_background_are_uniform(data) -> None:
    from scipy.stats import chisquare

    alone = simulate(num_seqs=4000, seq_length=50, motifs=["POU2F1"], pos_motifs=["POU2F1"], seed=5)
    starts = alone["embedding_start"].values
    width = int(alone["motif_size"].values[0])
    assert chisquare(np.bincount(starts, minlength=50 - width + 1)).pvalue > 0.001
    negative = alone["seq"].values[alone["label"].values == 0]
    counts = sp.count_kmers(negative, 1, sp.DNA).sum(axis=0)
    assert chisquare(counts, counts.sum() * np.array([0.27, 0.23, 0.23, 0.27])).pvalue > 0.001


def test_same_seed_same_data_other_seed_other_data() -> None:
    first, again = (
        simulate(num_seqs=50, seq_length=60, seed=1),
        simulate(num_seqs=50, seq_length=60, seed=1),
    )
    other = simulate(num_seqs=50, seq_length=60, seed=2)
    assert first.identical(again)
    assert (first["seq"].values != other["seq"].values).any()


def test_forward_strand_only() -> None:
    data = simulate(num_seqs=100, seq_length=60, strand="forward", seed=0)
    assert set(data["embedding_strand"].values) == {"+"}


def test_any_of_several_positive_motifs() -> None:
    data = simulate(
        num_seqs=400,
        seq_length=80,
        motifs=["POU2F1", "CEBPA"],
        pos_motifs=["POU2F1", "CEBPA"],
        seed=0,
    )
    names, counts = np.unique(data["embedding_motif"].values, return_counts=True)
    assert data.sizes["_embedding"] == 200
    assert counts.min() > 70, dict(zip(names, counts, strict=True))


def test_scrub_leaves_no_chance_hit_of_the_positive_motif() -> None:
    arguments = {
        "num_seqs": 600,
        "seq_length": 200,
        "motifs": ["TBP"],
        "pos_motifs": ["TBP"],
        "seed": 0,
    }
    plain, clean = simulate(**arguments), simulate(**arguments, scrub=True)
    assert plain.attrs["chance_hit_rate"] > 0.01
    assert clean.attrs["chance_hit_rate"] == 0
    negative = clean["seq"].values[clean["label"].values == 0]
    motif = md.load("consensus_vertebrates")["TBP"]
    assert len(md.scan(negative, md.MotifSet([motif]), pvalue=1e-4)) == 0


@pytest.mark.parametrize("scrub", [False, True])
def test_planted_distractors_are_no_chance_hits(scrub: bool) -> None:
    """A distractor that looks like the positive motif, planted everywhere, leaves the rate alone."""
    motif = md.load("consensus_vertebrates")["TBP"]
    twin = replace(motif, id="twin", name="")
    data = simulate(
        num_seqs=600,
        seq_length=200,
        motifs=[motif, twin],
        pos_motifs=["TBP"],
        distractor_rate=1,
        scrub=scrub,
        seed=0,
    )
    negative = np.flatnonzero(data["label"].values == 0)
    sites = md.scan(data["seq"].values[negative], motif, pvalue=1e-4)
    planted = data["motif_mask"].values[negative]
    apart = {
        row
        for row, start, end in zip(sites["row"], sites["start"], sites["end"], strict=True)
        if not planted[row, start:end].any()
    }
    assert len(set(sites["row"])) > 150, "the twin is found where it was planted"
    assert data.attrs["chance_hit_rate"] == len(apart) / len(negative)
    assert (data.attrs["chance_hit_rate"] == 0) == scrub


def test_follows_the_contract_and_its_selections_do(data) -> None:
    part = data.isel(_sequence=np.random.default_rng(0).permutation(200))
    assert_conforms(part)


LONG = md.Motif("long", np.full((61, 4), 0.25))
RNA_MOTIF = md.Motif("rna", [[0, 0, 0, 1.0]], sp.RNA)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gen_type": "order"}, "gen_type must be one of presence; found 'order'"),
        ({"background_dist": [0.5, 0.5, 0.5, 0.5]}, "sum to 1"),
        (
            {"pos_motifs": ["SOX2"]},
            r"pos_motifs must be among motifs \(POU2F1, CEBPA\); found 'SOX2'",
        ),
        ({"motifs": ["POU2F1x"]}, "POU2F1"),
        ({"motifs": ["POU2F1", "POU2F1"]}, "must be different"),
        ({"motifs": "POU2F1"}, "motifs must be a list"),
        ({"seq_length": 15}, "do not fit into seq_length=15"),
        (
            {"motifs": ["POU2F1", LONG], "distractor_rate": 0},
            "motifs must fit into seq_length=60; found 'long' of 61 bp",
        ),
        (
            {"motifs": ["POU2F1", RNA_MOTIF]},
            r"motifs must be over DNA \(ACGT\), .* found 'rna' over RNA \(ACGU\)",
        ),
        ({"distractor_rate": 1.5}, "between 0 and 1; found 1.5"),
        ({"strand": "reverse"}, "'both' or 'forward'"),
        ({"num_seqs": 1}, "num_seqs must be at least 2"),
        ({"motif_set": "nothing"}, "nothing"),
    ],
)
def test_bad_argument_is_named(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        simulate(**{"num_seqs": 10, "seq_length": 60, **change})
