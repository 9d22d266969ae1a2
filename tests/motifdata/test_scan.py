"""Scanning, against a loop over every window and against other programs."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from Bio import motifs as biomotifs
from Bio.Seq import Seq

import seqpro as sp
from motifdata import (
    Motif,
    MotifSet,
    best_scores,
    load,
    read_meme,
    scan,
    score_distribution,
    score_threshold,
    score_track,
)

SKEWED = [0.35, 0.15, 0.1, 0.4]


def random_motifs(lengths, seed, alphabet=sp.DNA, **options):
    rng = np.random.default_rng(seed)
    width = len(alphabet)
    made = [
        Motif(f"m{i}", rng.dirichlet(np.full(width, 0.3), n), alphabet)
        for i, n in enumerate(lengths)
    ]
    return MotifSet(made, **options)


def random_texts(sizes, seed, letters="ACGT"):
    rng = np.random.default_rng(seed)
    return ["".join(rng.choice(list(letters), size=size)) for size in sizes]


def windows(seqs, motif, background=None, strands="both", pseudocount=1e-3):
    """Yield row, start, strand and score of every window without unknown letters, from the definition."""
    rounded = np.round(motif.log_odds(background, pseudocount=pseudocount) * 128) / 128
    letters = motif.alphabet.letters
    for row, text in enumerate(seqs):
        for start in range(len(text) - len(motif) + 1):
            site = text[start : start + len(motif)].upper()
            if set(site) <= set(letters):
                for strand in ("+", "-") if strands == "both" else (strands,):
                    read = site
                    if strand == "-":
                        read = "".join(motif.alphabet.complement(a) for a in reversed(site))
                    score = sum(rounded[i, letters.index(a)] for i, a in enumerate(read))
                    yield row, start, strand, score


def naive_scan(seqs, motifs, pvalue, background=None, strands="both"):
    found = []
    for number, motif in enumerate(motifs):
        threshold = score_threshold(motif, pvalue, background=background)
        for row, start, strand, score in windows(seqs, motif, background, strands):
            if score >= threshold:
                found.append((row, start, number, strand, motif.id, start + len(motif), score))
    found.sort(key=lambda hit: (*hit[:3], hit[3] == "-"))
    return [(h[0], h[4], h[1], h[5], h[3], h[6]) for h in found]


def as_tuples(table):
    return list(table.drop(columns="pvalue").itertuples(index=False, name=None))


@pytest.mark.parametrize("pvalue", [1e-4, 0.02, 1.0])
def test_scan__equals_a_loop_over_all_windows(pvalue):
    motifs = random_motifs([1, 4, 7, 8, 12, 15, 25], seed=0)
    seqs = random_texts([0, 3, 200, 12, 350, 25], seed=1, letters="ACGTACGTACGTacgtN")
    table = scan(seqs, motifs, pvalue=pvalue)
    assert as_tuples(table) == naive_scan(seqs, motifs, pvalue)


@pytest.mark.parametrize("strands", ["+", "-", "both"])
def test_scan__of_one_strand_is_that_part_of_both(strands):
    motifs, seqs = load("consensus_yeast"), random_texts([400, 300], seed=2)
    table = scan(seqs, motifs, pvalue=1e-3, strands=strands)
    assert as_tuples(table) == naive_scan(seqs, motifs, 1e-3, strands=strands)
    assert len(table)


def test_scan__loses_and_doubles_no_site_where_sequences_are_cut(monkeypatch):
    monkeypatch.setattr(sys.modules["motifdata.scan"], "_CHUNK", 97)
    motifs = random_motifs([6, 11, 18], seed=3)
    seqs = random_texts([700, 40, 0, 500], seed=4, letters="ACGTACGTACGTACGTN")
    assert as_tuples(scan(seqs, motifs, pvalue=0.01)) == naive_scan(seqs, motifs, 0.01)


def test_scan__skewed_background_counts_on_each_strand():
    motifs, seqs = random_motifs([5, 9], seed=5), random_texts([600], seed=6)
    table = scan(seqs, motifs, pvalue=0.005, background=SKEWED)
    for hit in table.itertuples():
        motif = motifs[hit.motif]
        if hit.strand == "+":
            expected = score_distribution(motif, background=SKEWED).pvalue(hit.score)
            assert hit.pvalue == pytest.approx(float(expected), rel=1e-9)
    plus = table[table["strand"] == "+"].drop(columns="pvalue")
    expected = naive_scan(seqs, motifs, 0.005, SKEWED, "+")
    assert list(plus.itertuples(index=False, name=None)) == expected


def test_scan__minus_strand_pvalues_are_those_of_random_forward_letters():
    """A motif rich in A is common on + and rare on - where A is common and T is not."""
    motif = Motif("polyA", [[0.97, 0.01, 0.01, 0.01]] * 4)
    background = [0.7, 0.1, 0.1, 0.1]
    table = scan(["AAAATTTT"], motif, pvalue=0.3, background=background)
    best = table.groupby("strand")["pvalue"].min()
    assert best["+"] == pytest.approx(0.7**4)
    assert best["-"] == pytest.approx(0.1**4)


def test_scan__the_background_of_the_set_counts_unless_another_is_given():
    seqs = random_texts([500], seed=7)
    motifs = random_motifs([6], seed=7, background=SKEWED)
    own, given = (
        scan(seqs, motifs, pvalue=0.01),
        scan(seqs, list(motifs), pvalue=0.01, background=SKEWED),
    )
    assert own.equals(given)
    assert not own.equals(scan(seqs, list(motifs), pvalue=0.01))


def test_scan__pvalues_are_those_of_the_distribution():
    motif = random_motifs([10], seed=8)["m0"]
    table = scan(random_texts([3000], seed=8), motif, pvalue=0.01)
    expected = score_distribution(motif).pvalue(table["score"])
    np.testing.assert_allclose(table["pvalue"], expected, rtol=1e-12)
    assert table["pvalue"].max() <= 0.01


def test_scan__finds_as_many_sites_in_random_sequence_as_the_pvalue_says():
    seqs = sp.random_seqs((50, 4000), sp.DNA, rng=0)
    motifs = random_motifs([8, 10, 12], seed=9)
    count = len(scan(seqs, motifs, pvalue=1e-3))
    expected = 0.0
    for motif in motifs:
        chance = float(score_distribution(motif).pvalue(score_threshold(motif, 1e-3)))
        expected += 2 * 50 * (4000 - len(motif) + 1) * chance
    assert count == pytest.approx(expected, rel=0.15)


def test_scan__a_palindrome_is_found_once_on_each_strand():
    table = scan(["TTCACGTGTT"], Motif.from_consensus("CACGTG", id="E-box"), pvalue=1e-3)
    assert table[["start", "end", "strand"]].to_numpy().tolist() == [[2, 8, "+"], [2, 8, "-"]]


def test_scan__an_unknown_letter_or_a_sequence_end_makes_no_site():
    motif = Motif.from_consensus("TGACTCA", id="AP1")
    seqs = ["TGACNCA", "TGAC", "TCA", "", "NTGACTCAN"]
    assert scan(seqs, motif, pvalue=1e-3)[["row", "start"]].to_numpy().tolist() == [[4, 1]]


def test_scan__containers_of_the_same_sequences_give_the_same_sites():
    texts = random_texts([80, 80], seed=10)
    motif = random_motifs([6], seed=10)["m0"]
    table = scan(texts, motif, pvalue=0.01)
    codes = np.array([list(t.encode()) for t in texts], np.uint8)
    for seqs in (codes, codes.view("S1"), sp.as_ragged(texts), [t.lower() for t in texts]):
        assert scan(seqs, motif, pvalue=0.01).equals(table)
    assert len(table)


def test_scan__nothing_found_or_nothing_asked_is_a_table_of_the_same_types():
    motif = Motif.from_consensus("TGACTCA", id="AP1")
    some = scan(["TGACTCA"], motif)
    for table in (scan(["CCCC"], motif), scan([], motif), scan(["ACGT"], MotifSet())):
        assert len(table) == 0
        assert table.dtypes.to_dict() == some.dtypes.to_dict()
    assert some.dtypes[["row", "start", "end"]].tolist() == [np.dtype(np.int64)] * 3


def test_scan__a_motif_without_rare_sites_has_none_beside_one_that_has():
    motifs = [Motif.from_consensus(s, id=s) for s in ("GATA", "TGACTCAT")]
    assert scan(["GATATGACTCAT"], motifs)["motif"].tolist() == ["TGACTCAT"]


def test_scan__proteins_have_one_strand():
    motifs = random_motifs([4, 6], seed=11, alphabet=sp.AA)
    seqs = random_texts([300, 50], seed=11, letters=sp.AA.letters + "X")
    table = scan(seqs, motifs, pvalue=0.01, strands="+")
    assert as_tuples(table) == naive_scan(seqs, motifs, 0.01, strands="+")
    with pytest.raises(ValueError, match=r"strands must be '\+'"):
        scan(seqs, motifs)


def test_scan__threads_change_nothing(monkeypatch):
    seqs, motifs = random_texts([5000], seed=12), random_motifs([5] * 70, seed=12)
    table = scan(seqs, motifs, pvalue=0.01)
    monkeypatch.setenv("SEQPRO_THREADS", "1")
    assert scan(seqs, motifs, pvalue=0.01).equals(table)


def test_scan__scores_are_biopythons_but_for_rounding():
    counts = np.array([[8, 2, 0, 0], [0, 0, 10, 0], [1, 2, 3, 4], [0, 0, 0, 10], [9, 1, 0, 0]])
    other = biomotifs.Motif("ACGT", counts={a: counts[:, i].tolist() for i, a in enumerate("ACGT")})
    text = random_texts([300], seed=13)[0]
    expected = other.counts.normalize(0.25).log_odds().calculate(Seq(text))
    motif = Motif.from_counts(counts, id="m", pseudocount=1)
    table = scan([text], motif, pvalue=1, pseudocount=1e-9, strands="+")
    assert len(table) == len(expected)
    np.testing.assert_allclose(table["score"], expected, atol=len(motif) / 256 + 1e-5)


def test_scan__hits_are_memelites_but_for_those_at_the_threshold(mirror):
    """The peer rounds to 0.1 bit for p-values only, so sites near the threshold differ."""
    from memelite import fimo

    motifs = list(
        read_meme(mirror / "motifs" / "JASPAR2022_CORE_vertebrates_non-redundant_v2.meme")
    )[::8]
    letters = np.random.default_rng(0).integers(0, 4, 100_000)
    onehot = np.eye(4, dtype=np.int8)[letters].T[None]
    theirs = fimo({m.id: m.probabilities.T for m in motifs}, onehot, threshold=1e-4)
    table = scan(sp.DNA.codes[letters][None], motifs, pseudocount=4e-4)
    shared = 0
    for motif, hits in zip(motifs, theirs, strict=True):
        own = table[table["motif"] == motif.id]
        ours, other = (
            dict(zip(zip(t["start"], t["strand"], strict=True), t.get("score", []), strict=True))
            for t in (own, hits)
        )
        # one bin of theirs, and what rounding each letter to it does to the table of p-values
        limit = score_threshold(motif, 1e-4, pseudocount=4e-4) + 0.1 + 0.05 * len(motif)
        assert all(ours[key] < limit for key in ours.keys() - other.keys())
        assert all(other[key] < limit for key in other.keys() - ours.keys())
        for key in ours.keys() & other.keys():
            assert ours[key] == pytest.approx(other[key], abs=len(motif) / 128)
            shared += 1
    assert shared > 0.85 * len(table)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"pvalue": 0}, "pvalue must be"),
        ({"strands": "plus"}, "strands must be"),
        ({"background": [1, 1]}, "background must be"),
        ({"pseudocount": 0}, "pseudocount must be above 0"),
    ],
)
def test_scan__refuses(options, reason):
    with pytest.raises(ValueError, match=reason):
        scan(["ACGT"], random_motifs([3], seed=0), **options)


def test_scan__refuses_what_is_no_motif():
    with pytest.raises(TypeError, match="motifs must be a Motif, a MotifSet or a list"):
        scan(["ACGT"], 3)


@pytest.mark.parametrize("strands", ["+", "-", "both"])
def test_best_scores__is_the_highest_of_all_windows(strands):
    motifs = random_motifs([1, 3, 6, 7, 12, 13, 30], seed=14)
    seqs = random_texts([40, 5, 0, 150, 30], seed=14, letters="ACGTACGTACGTacgtN")
    found = best_scores(seqs, motifs, strands=strands)
    expected = np.full((5, 7), -np.inf)
    for number, motif in enumerate(motifs):
        for row, _, _, score in windows(seqs, motif, strands=strands):
            expected[row, number] = max(expected[row, number], score)
    assert np.array_equal(found, expected)


def test_best_scores__of_proteins_and_of_nothing():
    motifs = random_motifs([2, 5], seed=15, alphabet=sp.AA)
    seqs = random_texts([60], seed=15, letters=sp.AA.letters)
    expected = [max(s for *_, s in windows(seqs, motif, strands="+")) for motif in motifs]
    assert best_scores(seqs, motifs, strands="+").tolist() == [expected]
    assert best_scores([], motifs, strands="+").shape == (0, 2)
    assert best_scores(seqs, MotifSet()).shape == (1, 0)


@pytest.mark.parametrize("strands", ["+", "both"])
def test_score_track__is_the_best_site_over_each_position(strands):
    motif = random_motifs([7], seed=16)["m0"]
    seqs = random_texts([60, 7, 3, 0, 90], seed=16, letters="ACGTACGTACGTN")
    expected = np.full((5, 90), -np.inf)
    for row, start, _, score in windows(seqs, motif, strands=strands):
        covered = expected[row, start : start + 7]
        np.maximum(covered, score, out=covered)
    assert np.array_equal(score_track(seqs, motif, strands=strands), expected)


def test_score_track__highest_value_is_the_best_score():
    motif, seqs = random_motifs([9], seed=17)["m0"], sp.random_seqs((20, 100), sp.DNA, rng=1)
    assert np.array_equal(score_track(seqs, motif).max(axis=1), best_scores(seqs, motif)[:, 0])


def test_score_track__wants_one_motif():
    with pytest.raises(TypeError, match="one Motif; found MotifSet"):
        score_track(["ACGT"], random_motifs([3], seed=0))


def test_best_scores__long_motifs_over_unknown_letters_do_not_overflow():
    motif = Motif("long", np.full((250, 20), 0.05), sp.AA)
    seqs = ["X" * 300, "X" * 25 + "A" * 250]
    assert best_scores(seqs, motif, strands="+").tolist() == [[-np.inf], [0.0]]
    with pytest.raises(ValueError, match="at most 250 positions"):
        scan(seqs, Motif("longer", np.full((251, 20), 0.05), sp.AA), strands="+")
