"""Laws that hold for any motif."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import seqpro as sp
from motifdata import Motif, MotifSet, best_scores, read_meme, scan, score_distribution, write_meme

words = st.text("ABCDEFGH0123456789_.:-", min_size=1, max_size=12)
names = st.lists(words, max_size=3).map(" ".join)
amounts = st.none() | st.floats(0, 1e9, allow_nan=False)


@st.composite
def motifs(draw, alphabet=sp.DNA, max_length=8, **fields):
    counts = draw(
        hnp.arrays(
            np.float64,
            st.tuples(st.integers(1, max_length), st.just(len(alphabet))),
            elements=st.sampled_from([0.0, 1.0, 2.0, 7.0, 0.3, 1e-3]),
        )
    )
    counts[counts.sum(axis=1) == 0] = 1
    options = {key: draw(value) for key, value in fields.items()}
    probabilities = counts / counts.sum(axis=1, keepdims=True)
    return Motif(draw(words), probabilities, alphabet, **options)


@st.composite
def motif_sets(draw):
    alphabet = draw(st.sampled_from([sp.DNA, sp.RNA, sp.AA]))
    made = motifs(alphabet, name=names, nsites=amounts, evalue=amounts, source=names)
    found = draw(st.lists(made, min_size=1, max_size=4, unique_by=lambda m: m.id))
    weights = draw(st.lists(st.integers(1, 9), min_size=len(alphabet), max_size=len(alphabet)))
    return MotifSet(found, background=np.array(weights) / sum(weights))


texts = st.text("ACGTacgtN", max_size=40)


@settings(deadline=None)
@given(motif_sets())
def test_a_motif_set_survives_a_meme_file_exactly(motifset):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "motifs.meme"
        write_meme(motifset, path)
        assert read_meme(path) == motifset


@settings(deadline=None)
@given(motifs())
def test_reverse_complement_twice_is_the_motif(motif):
    assert motif.reverse_complement().reverse_complement() == motif


@settings(deadline=None)
@given(motifs())
def test_information_is_between_nothing_and_two_bits_and_the_same_on_both_strands(motif):
    information = motif.information_content()
    assert ((information >= -1e-9) & (information <= 2 + 1e-9)).all()
    turned = motif.reverse_complement().information_content()
    np.testing.assert_allclose(turned[::-1], information, atol=1e-12)


@settings(deadline=None)
@given(st.text("ACGTRYSWKMBDHVN", min_size=1, max_size=20), st.floats(0.9, 1))
def test_a_consensus_survives_becoming_a_motif(consensus, certainty):
    motif = Motif.from_consensus(consensus, id="m", certainty=certainty)
    assert motif.consensus("iupac") == consensus
    assert motif.reverse_complement().consensus("iupac") == "".join(
        sp.DNA.complement(letter) for letter in reversed(consensus)
    )


@settings(deadline=None)
@given(motifs(max_length=6), st.integers(0, 99))
def test_sampled_sites_are_possible_and_score_within_the_range(motif, seed):
    sites = motif.sample(20, rng=seed)
    columns = np.array([[b"ACGT".index(letter) for letter in site] for site in sites])
    assert (motif.probabilities[np.arange(len(motif)), columns] > 0).all()
    distribution = score_distribution(motif)
    best = best_scores(sites, motif, strands="+")[:, 0]
    assert ((best >= distribution.scores[0]) & (best <= distribution.scores[-1])).all()


@settings(deadline=None)
@given(st.lists(texts, max_size=4), motifs(), st.sampled_from([1.0, 0.2, 0.01]))
def test_sites_of_the_reverse_complement_are_those_of_the_other_strand(seqs, motif, pvalue):
    columns = ["row", "start", "end", "score", "pvalue"]
    plus = scan(seqs, motif.reverse_complement(), pvalue=pvalue, strands="+")[columns]
    minus = scan(seqs, motif, pvalue=pvalue, strands="-")[columns]
    np.testing.assert_allclose(plus.to_numpy(float), minus.to_numpy(float), rtol=1e-9)


@settings(deadline=None)
@given(st.lists(texts, max_size=4), motifs())
def test_the_best_score_is_that_of_the_best_site(seqs, motif):
    every = scan(seqs, motif, pvalue=1)
    best = every.groupby("row")["score"].max().reindex(range(len(seqs)), fill_value=-np.inf)
    assert np.array_equal(best_scores(seqs, motif)[:, 0], best.to_numpy())
