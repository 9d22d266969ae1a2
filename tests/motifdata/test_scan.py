"""Scanning, against a loop over every window and against other programs."""

from __future__ import annotations

import gzip
import sys

import numpy as np
import pandas as pd
import pytest
from Bio import motifs as biomotifs
from Bio.Seq import Seq
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

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
from motifdata.fasta import scan_fasta
from motifdata.qvalues import qvalues, qvalues_of_groups
from motifdata.scan import count_sites

JASPAR = "JASPAR2022_CORE_vertebrates_non-redundant_v2.meme"

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
    return list(table.drop(columns=["pvalue", "qvalue"]).itertuples(index=False, name=None))


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
    monkeypatch.setattr(sys.modules["motifdata.hits"], "CHUNK", 97)
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
    plus = table[table["strand"] == "+"].drop(columns=["pvalue", "qvalue"])
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


def test_scan__of_all_jaspar_motifs_equals_scoring_every_window(mirror):
    """A site lost by the index, at an N, in lower case or at an end, would show here."""
    motifs = read_meme(mirror / "motifs" / JASPAR)
    seqs = random_texts([2500, 0, 7, 900, 31, 1600], seed=20, letters="ACGTACGTacgtACGTACGTacgtN")
    table = scan(seqs, motifs, pvalue=1e-3)
    text = np.array(list("N".join(seqs).upper() + "N" * 40))
    place = np.concatenate([np.arange(len(t) + 1) for t in seqs])
    row = np.concatenate([np.full(len(t) + 1, i) for i, t in enumerate(seqs)])
    column = np.full(text.size, 4)
    for i, letter in enumerate("ACGT"):
        column[text == letter] = i
    expected = set()
    for motif in motifs:
        threshold = score_threshold(motif, 1e-3, background=motifs.background)
        for strand, read in (("+", motif), ("-", motif.reverse_complement())):
            bits = np.round(read.log_odds(motifs.background) * 128) / 128
            table_of_scores = np.column_stack([bits, np.full(len(motif), -np.inf)])
            total = sum(table_of_scores[i, column[i : i + row.size]] for i in range(len(motif)))
            for at in np.flatnonzero(total >= threshold):
                expected.add(
                    (row[at], motif.id, place[at], place[at] + len(motif), strand, total[at])
                )
    found = as_tuples(table)
    assert len(found) == len(set(found)) > 4000
    assert set(found) == expected


def test_scan__qvalues_are_those_of_all_windows():
    """With every window in the table, scipy's procedure must give the same rates for each motif."""
    motifs, seqs = (
        random_motifs([3, 6], seed=21),
        random_texts([150, 40, 2], seed=21, letters="ACGTN"),
    )
    table = scan(seqs, motifs, pvalue=1)
    for motif in motifs:
        own = table[table["motif"] == motif.id]
        assert len(own) == len(list(windows(seqs, motif)))
        np.testing.assert_allclose(own["qvalue"], stats.false_discovery_control(own["pvalue"]))


@pytest.mark.parametrize("strands", ["+", "both"])
def test_scan__qvalues_of_rare_sites_are_never_below_those_of_all_windows(strands):
    motifs, seqs = random_motifs([5, 7], seed=22), random_texts([3000, 500], seed=22)
    key = ["row", "motif", "start", "strand"]
    every = scan(seqs, motifs, pvalue=1, strands=strands).set_index(key)["qvalue"]
    some = scan(seqs, motifs, pvalue=0.01, strands=strands).set_index(key)["qvalue"]
    assert (some >= every.loc[some.index] * (1 - 1e-12)).all()
    alone = scan(seqs, motifs["m1"], pvalue=0.01, strands=strands).set_index(key)["qvalue"]
    assert alone.equals(some[some.index.get_level_values("motif") == "m1"])  # whatever the others


def test_scan__qvalues_tell_planted_sites_from_chance():
    motif = Motif.from_consensus("TGACTCATGG", id="m")
    chance = random_texts([20_000], seed=23)
    assert scan(chance, motif, pvalue=1e-3)["qvalue"].min() > 0.2
    planted = scan(["".join([chance[0], motif.consensus() * 40])], motif)
    assert (planted["qvalue"] < 0.01).sum() >= 40


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1)), min_size=1, max_size=30),
    st.integers(0, 20),
)
def test_qvalues_of_groups__are_scipys_within_each_group(pairs, more):
    groups, pvalues = (np.array(column) for column in zip(*pairs, strict=True))
    tests = np.bincount(groups, minlength=4) + more
    found = qvalues_of_groups(pvalues, groups, tests)
    for group in np.unique(groups):
        own = pvalues[groups == group]
        padded = np.concatenate([own, np.ones(more)])
        expected = stats.false_discovery_control(padded)[: own.size]
        np.testing.assert_allclose(found[groups == group], expected)
    np.testing.assert_allclose(qvalues(pvalues), stats.false_discovery_control(pvalues))


def test_count_sites__counts_the_rows_of_the_table():
    motifs, seqs = random_motifs([4, 6, 9], seed=24), random_texts([300, 0, 90, 400], seed=24)
    table = scan(seqs, motifs, pvalue=0.01)
    expected = np.zeros((4, 3), int)
    for hit in table.itertuples():
        expected[hit.row, motifs.ids.index(hit.motif)] += 1
    counts = count_sites(seqs, motifs, pvalue=0.01)
    assert counts.dtype == np.int64
    assert np.array_equal(counts, expected)
    assert counts.sum() > 20
    assert count_sites([], motifs).shape == (0, 3)
    assert count_sites(seqs, MotifSet()).shape == (4, 0)


@pytest.mark.parametrize("axis", [-1, -2])
def test_scan__onehot_gives_what_its_letters_give(axis):
    motif, texts = (
        random_motifs([6], seed=25)["m0"],
        random_texts([80, 80], seed=25, letters="ACGTN"),
    )
    onehot = sp.ohe(texts, sp.DNA, ohe_axis=axis).astype(np.float32)
    for function in (scan, best_scores, count_sites, score_track):
        options = {"pvalue": 0.05} if function in (scan, count_sites) else {}
        given_letters = function(texts, motif, **options)
        given_onehot = function(onehot, motif, ohe_axis=axis, **options)
        if function is scan:
            assert given_onehot.equals(given_letters)
            assert len(given_letters)
        else:
            assert np.array_equal(given_onehot, given_letters)


def test_scan__onehot_on_the_wrong_axis_is_refused():
    onehot = sp.ohe(["ACGTACGT"], sp.DNA)
    with pytest.raises(ValueError, match=r"Did you mean ohe_axis=-1"):
        scan(onehot, random_motifs([3], seed=0), ohe_axis=-2)


def write_fasta(path, records, width=60):
    """Write records over lines of `width` letters, as genomes have them."""
    lines = []
    for name, text in records:
        lines += [f">{name} a description"]
        lines += [text[i : i + width] for i in range(0, len(text), width)]
    data = "\n".join([*lines, ""]).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("chunk", [1 << 21, 500])
@pytest.mark.parametrize("name", ["a.fa", "a.fa.gz"])
def test_scan_fasta__of_records_is_a_scan_of_their_sequences(tmp_path, monkeypatch, name, chunk):
    for module in ("motifdata.hits", "motifdata.fasta"):
        monkeypatch.setattr(sys.modules[module], "CHUNK", chunk)
    texts = random_texts([700, 0, 40, 900, 3], seed=26, letters="ACGTacgtN")
    path = write_fasta(tmp_path / name, [(f"chr{i}", t) for i, t in enumerate(texts)])
    motifs = random_motifs([5, 8], seed=26)
    table = scan_fasta(path, motifs, pvalue=0.01)
    assert table["chrom"].tolist() == [f"chr{i}" for i in table["row"]]
    assert table.drop(columns="chrom").equals(scan(texts, motifs, pvalue=0.01))
    assert len(table)


def test_scan_fasta__of_regions_is_a_scan_of_what_lies_in_them(tmp_path):
    texts = dict(zip(("chr1", "chr2", "chr3"), random_texts([900, 300, 100], seed=27), strict=True))
    path = write_fasta(tmp_path / "g.fa", texts.items())
    regions = pd.DataFrame(
        {
            "chrom": ["chr2", "chr1", "chr1", "chr2"],
            "chromStart": [100, 0, 200, 50],
            "chromEnd": [300, 400, 900, 50],
        }
    )
    motifs = random_motifs([5, 8], seed=27)
    table = scan_fasta(path, motifs, regions=regions, pvalue=0.01)
    cut = [texts[c][a:b] for c, a, b in regions.itertuples(index=False)]
    expected = scan(cut, motifs, pvalue=0.01)
    shift = regions["chromStart"].to_numpy()[expected["row"]]
    expected["start"] += shift
    expected["end"] += shift
    assert table["chrom"].tolist() == regions["chrom"].to_numpy()[expected["row"]].tolist()
    assert table.drop(columns="chrom").equals(expected)
    assert set(table["row"]) == {0, 1, 2}


def test_scan_fasta__finds_the_same_sites_in_a_genome_and_in_its_contigs(mirror):
    folder = mirror / "region_fixtures" / "yeast_sacCer3_atac"
    motif = load("consensus_yeast")["GCN4"]
    peaks = sp.bed.read_bed(folder / "SRR1822137.hmmratac.narrowPeak")
    table = scan_fasta(folder / "sacCer3.fa", motif, regions=peaks, pvalue=2e-4)
    every = scan_fasta(folder / "sacCer3.fa", motif, pvalue=2e-4)
    inside = table.drop_duplicates(["chrom", "start", "strand"])
    both = inside.merge(every, on=["chrom", "start", "end", "strand", "score", "pvalue"])
    assert len(both) == len(inside) > 50
    assert len(every) > 10 * len(inside)


@pytest.mark.parametrize(
    ("text", "regions", "reason"),
    [
        ("ACGT\n", None, r"bad.fa, line 1: a FASTA file must begin with '>'; found b'ACGT"),
        (">a\nAC\n> \nGT\n", None, r"bad.fa, line 3: a record must have a name"),
        (">a\nACGT\n>a\nGT\n", [["a", 0, 2]], r"found 'a' twice"),
        (">a\nACGT\n", [["b", 0, 2]], r"regions must lie on records of .*bad.fa; found 'b'"),
        (">a\nACGT\n", [["a", 1, 5]], r"found a:1-5, and a has 4 letters"),
    ],
)
def test_scan_fasta__refuses(tmp_path, text, regions, reason):
    path = tmp_path / "bad.fa"
    path.write_text(text)
    if regions is not None:
        regions = pd.DataFrame(regions, columns=["chrom", "chromStart", "chromEnd"])
    with pytest.raises(ValueError, match=reason):
        scan_fasta(path, random_motifs([3], seed=0), regions=regions)


def test_scan__hits_are_memelites_but_for_those_at_the_threshold(mirror):
    """The peer rounds to 0.1 bit for p-values only, so sites near the threshold differ."""
    from memelite import fimo

    motifs = list(read_meme(mirror / "motifs" / JASPAR))[::8]
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
