"""In silico mutagenesis against a loop over mutants, and closed forms."""

import numpy as np
import pytest
import torch

import seqpro as sp
from seqexplainer import TorchPredictor, ism, project, single_mutant_effects


@pytest.fixture(scope="module")
def predictor():
    torch.manual_seed(0)
    return TorchPredictor(
        torch.nn.Sequential(
            torch.nn.Conv1d(4, 8, 5),
            torch.nn.GELU(),
            torch.nn.Flatten(),
            torch.nn.Linear(8 * 6, 2),
        )
    )


WORDS = ["ACGTTAGCAT", "TTTTGACCGA"]


@pytest.fixture(scope="module")
def by_hand(predictor):
    """Effects on output 1, one mutant at a time, straight from the definition."""
    effects = np.zeros((2, 4, 10))
    for n, word in enumerate(WORDS):
        for place in range(10):
            for row, letter in enumerate("ACGT"):
                mutant = word[:place] + letter + word[place + 1 :]
                both = predictor([mutant, word])[:, 1]
                effects[n, row, place] = both[0] - both[1]
    return effects


@pytest.mark.parametrize("batch_size", [7, 4096])
def test_effects_match_a_loop_over_mutants(predictor, by_hand, batch_size):
    result = ism(predictor, WORDS, output=1, batch_size=batch_size)
    effects = single_mutant_effects(result.scores, WORDS)
    np.testing.assert_allclose(effects, by_hand, atol=1e-6)
    assert (project(effects, WORDS) == 0).all()


def test_scores_are_relative_to_the_mean_letter(predictor):
    scores = ism(predictor, WORDS, output=0).scores
    np.testing.assert_allclose(scores.sum(axis=1), 0, atol=1e-6)


def test_additive_model_gives_its_weights():
    weights = np.random.default_rng(0).normal(size=(4, 6))
    result = ism(lambda seqs: (sp.ohe(seqs, sp.DNA, ohe_axis=-2) * weights).sum((1, 2)), ["ACGTTA"])
    np.testing.assert_allclose(result.scores[0], weights - weights.mean(axis=0), atol=1e-6)


def test_costs_three_mutants_a_position_and_one_more():
    counts = []

    def predict(seqs):
        counts.append(len(seqs))
        return np.zeros(len(seqs))

    result = ism(predict, ["ACGTAC", "AAAAAA"], batch_size=10)
    assert sum(counts) == result.model_calls == 2 * (3 * 6 + 1)
    assert max(counts) <= 10


def test_mutants_of_several_sequences_share_a_batch():
    counts = []

    def predict(seqs):
        counts.append(len(seqs))
        return np.zeros(len(seqs))

    ism(predict, ["AC"] * 50)
    assert counts == [50, 50 * 2 * 3]


def test_unknown_letters_are_left_alone_and_score_nothing():
    seen = []

    def predict(seqs):
        seen.extend(row.tobytes() for row in seqs)
        return (seqs == ord("G")).sum(axis=1)

    result = ism(predict, ["ANG"])
    assert all(word[1:2] == b"N" for word in seen)
    assert (result.scores[0, :, 1] == 0).all()
    assert result.model_calls == 1 + 2 * 3


def test_lower_case_is_its_upper_case_letter():
    upper = ism(lambda seqs: (seqs == ord("G")).sum(axis=1), ["AGT"])
    lower = ism(lambda seqs: ((seqs & 0xDF) == ord("G")).sum(axis=1), ["agt"])
    np.testing.assert_array_equal(lower.scores, upper.scores)


def test_other_alphabets_have_their_own_letters():
    result = ism(lambda seqs: (seqs == ord("W")).sum(axis=1), ["WK"], alphabet=sp.AA)
    assert result.scores.shape == (1, 20, 2)
    assert result.model_calls == 1 + 2 * 19
    np.testing.assert_allclose(project(result.scores, ["WK"], alphabet=sp.AA), [[0.95, -0.05]])


def test_input_is_not_changed(predictor):
    codes = sp.as_codes(WORDS)
    before = codes.copy()
    ism(predictor, codes, output=0)
    np.testing.assert_array_equal(codes, before)
