"""Marks against scikit-learn, ties included, and what chance reaches."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

import motifdata
import seqpro as sp
from seqexplainer import random_baseline, score_against_truth


@pytest.mark.parametrize("distinct", [1000, 5, 2, 1], ids="{} distinct values".format)
@pytest.mark.parametrize("signed", [False, True])
def test_areas_are_those_of_scikit_learn(distinct, signed):
    rng = np.random.default_rng(distinct)
    scores = rng.integers(-distinct, distinct, (20, 60)) / 7
    truth = rng.random((20, 60)) < 0.2
    result = score_against_truth(scores, truth, signed=signed)
    ranked = scores if signed else np.abs(scores)
    auprc = [average_precision_score(t, s) for t, s in zip(truth, ranked, strict=True)]
    auroc = [roc_auc_score(t, s) for t, s in zip(truth, ranked, strict=True)]
    np.testing.assert_allclose(result.auprc, auprc, atol=1e-12)
    np.testing.assert_allclose(result.auroc, auroc, atol=1e-12)


def test_sign_does_not_matter_unless_asked_for():
    """A repressor's motif lowers the prediction, and is found all the same."""
    truth = [[False, True, True, False]]
    assert score_against_truth([[0, -2, -1, 0.5]], truth).mean_auprc == 1
    assert score_against_truth([[0, -2, -1, 0.5]], truth, signed=True).mean_auroc == 0


def test_perfect_and_worst_rankings():
    truth = np.array([[True, False, False, False]])
    assert score_against_truth([[4, 3, 2, 1]], truth).auprc[0] == 1
    worst = score_against_truth([[1, 2, 3, 4]], truth)
    assert (worst.auprc[0], worst.auroc[0]) == (0.25, 0)


def test_equal_scores_are_chance():
    truth = np.array([[True, False, False, True, False]])
    result = score_against_truth(np.zeros((1, 5)), truth)
    assert (result.auprc[0], result.auroc[0]) == (0.4, 0.5)


def test_sequences_that_cannot_be_ranked_leave_the_means_alone():
    truth = np.array([[True, False], [False, False], [True, True], [False, True]])
    result = score_against_truth([[2, 1], [2, 1], [2, 1], [2, 1]], truth)
    assert result.n == 2
    assert np.isnan(result.auroc[[1, 2]]).all()
    assert np.isnan(result.auprc[[1, 2]]).all()
    assert (result.mean_auprc, result.mean_auroc, result.mean_base_rate) == (0.75, 0.5, 0.5)
    assert result.auroc_standard_error == pytest.approx(np.std([1, 0], ddof=1) / 2**0.5)
    assert result.auprc_standard_error == pytest.approx(np.std([1, 0.5], ddof=1) / 2**0.5)
    assert repr(result).startswith("TruthScore(2 of 4 sequences: AUPRC 0.750 +- 0.250")


def test_no_sequence_to_rank_gives_no_number_rather_than_a_warning():
    result = score_against_truth([[1.0, 2.0]], [[False, False]])
    assert result.n == 0
    assert np.isnan([result.mean_auprc, result.mean_auroc, result.auprc_standard_error]).all()


def test_random_contributions_reach_the_base_rate_and_a_half():
    truth = np.zeros((2000, 100), bool)
    truth[:, 40:50] = True
    result = random_baseline(truth, rng=0)
    assert result.mean_auroc == pytest.approx(0.5, abs=4 * result.auroc_standard_error)
    assert result.mean_base_rate == pytest.approx(0.1)
    # average precision of 10 in 100 ranked by chance is a little above the rate
    assert 0.1 < result.mean_auprc < 0.16


def test_motif_scan_is_marked_by_the_same_function():
    """Its log-odds are negative almost everywhere, and minus infinity where nothing was scored."""
    motif = motifdata.Motif.from_consensus("TGACTCA", id="AP1", certainty=1)
    seqs = sp.random_seqs((3, 50), sp.DNA, rng=0)
    seqs[:, 20:27] = list("TGACTCA")
    seqs[0, :9] = "N"
    truth = np.zeros(seqs.shape, bool)
    truth[:, 20:27] = True
    result = score_against_truth(motifdata.score_track(seqs, motif), truth, signed=True)
    assert result.auprc.tolist() == result.auroc.tolist() == [1, 1, 1]


def test_random_baseline_follows_its_seed():
    truth = np.arange(40).reshape(2, 20) % 5 == 0
    first, same, other = (random_baseline(truth, rng=seed).auprc for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


@pytest.mark.parametrize(
    ("scores", "truth", "error", "message"),
    [
        ([[1.0, 2.0]], [[0, 1]], TypeError, "truth must be boolean; found int64"),
        ([[1.0, 2.0]], [[False, True, True]], ValueError, r"found \(1, 2\) and \(1, 3\)"),
        ([1.0, 2.0], [False, True], ValueError, r"found \(2,\) and \(2,\)"),
        ([[1, 2], [np.nan, 0]], [[False, True]] * 2, ValueError, "nan at position 0 of sequence 1"),
        ([[1, -np.inf]], [[False, True]], ValueError, "with signed=True"),
    ],
)
def test_what_cannot_be_scored_is_refused(scores, truth, error, message):
    with pytest.raises(error, match=message):
        score_against_truth(scores, truth)
