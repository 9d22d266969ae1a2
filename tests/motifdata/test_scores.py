"""Exact distributions of scores, against every word there is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from Bio import motifs as biomotifs

import seqpro as sp
from motifdata import Motif, score_distribution, score_threshold

SKEWED = [0.35, 0.15, 0.1, 0.4]


def random_motif(length, seed, alphabet=sp.DNA):
    rng = np.random.default_rng(seed)
    return Motif("m", rng.dirichlet(np.full(len(alphabet), 0.4), length), alphabet)


def all_words(motif, background, pseudocount=1e-3):
    """Score and probability of every word, from the definition."""
    rounded = np.round(motif.log_odds(background, pseudocount=pseudocount) * 128) / 128
    letters = len(motif.alphabet)
    words = np.array(list(itertools.product(range(letters), repeat=len(motif))))
    scores = rounded[np.arange(len(motif)), words].sum(axis=1)
    chances = np.array(background if background else np.full(letters, 1 / letters))
    return scores, chances[words].prod(axis=1)


@pytest.mark.parametrize("background", [None, SKEWED], ids=["uniform", "skewed"])
@pytest.mark.parametrize("length", [1, 4, 8])
def test_score_distribution__equals_enumeration_of_all_words(length, background):
    motif = random_motif(length, seed=length)
    scores, chances = all_words(motif, background)
    found = score_distribution(motif, background=background)
    assert (found.scores[0], found.scores[-1]) == (scores.min(), scores.max())
    expected = [chances[scores >= score].sum() for score in np.unique(scores)]
    np.testing.assert_allclose(found.pvalue(np.unique(scores)), expected, rtol=1e-9)


def test_score_distribution__of_a_protein_motif():
    motif = random_motif(3, seed=3, alphabet=sp.AA)
    scores, chances = all_words(motif, None)
    found = score_distribution(motif).pvalue(scores)
    order = np.argsort(-scores, kind="stable")
    first_of_score = np.searchsorted(-scores[order], -scores, side="right") - 1
    np.testing.assert_allclose(found, np.cumsum(chances[order])[first_of_score], rtol=1e-9)


def test_score_distribution__pvalues_fall_from_one_and_stay_exact_far_out():
    found = score_distribution(Motif.from_consensus("ACGT" * 8, id="m"))
    assert found.pvalues[0] == pytest.approx(1)
    assert (np.diff(found.pvalues) <= 0).all()
    assert found.pvalues[-1] == pytest.approx(0.25**32, rel=1e-9)


def test_score_distribution__agrees_with_biopython():
    counts = np.array([[8, 2, 0, 0], [0, 0, 10, 0], [1, 2, 3, 4], [0, 0, 0, 10]])
    pssm = (
        biomotifs.Motif("ACGT", counts={a: counts[:, i].tolist() for i, a in enumerate("ACGT")})
        .counts.normalize(0.25)
        .log_odds()
    )
    motif = Motif.from_counts(counts, id="m", pseudocount=1)
    found = score_distribution(motif, pseudocount=1e-12)
    assert found.scores[-1] == pytest.approx(pssm.max, abs=len(motif) / 256)
    threshold = pssm.distribution(precision=10**4).threshold_fpr(0.01)
    assert found.pvalue(threshold + 0.05) == found.pvalue(found.threshold(0.01))  # the same sites


@pytest.mark.parametrize("pvalue", [1, 0.3, 0.01, 0.25**6])
def test_score_threshold__is_the_lowest_score_that_is_rare_enough(pvalue):
    motif = random_motif(6, seed=0)
    scores, chances = all_words(motif, None)
    threshold = score_threshold(motif, pvalue)
    assert threshold in scores
    assert chances[scores >= threshold].sum() <= pvalue * (1 + 1e-9)
    below = scores[scores < threshold]
    assert below.size == 0 or chances[scores >= below.max()].sum() > pvalue


def test_score_threshold__of_a_motif_too_short_for_so_rare_sites_is_infinite():
    assert score_threshold(Motif.from_consensus("GATA", id="m"), 1e-4) == np.inf


@pytest.mark.parametrize("pvalue", [0, -1, 1.5, np.nan])
def test_score_threshold__refuses_what_is_no_pvalue(pvalue):
    with pytest.raises(ValueError, match="pvalue must be above 0"):
        score_threshold(random_motif(3, seed=0), pvalue)


def test_score_distribution__refuses_scores_of_minus_infinity():
    with pytest.raises(ValueError, match="pseudocount must be above 0"):
        score_distribution(random_motif(3, seed=0), pseudocount=0)


def test_score_distribution__a_score_that_is_no_number_is_not_rare():
    """NaN once came back as 0, the rarest there is."""
    found = score_distribution(random_motif(3, seed=0))
    np.testing.assert_array_equal(
        found.pvalue([[np.nan, np.inf], [-np.inf, found.scores[-1]]]),
        [[np.nan, 0], [1, found.pvalues[-1]]],
    )
    assert np.isnan(found.pvalue(np.nan))
