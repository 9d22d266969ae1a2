"""Gradients against closed forms and finite differences."""

import numpy as np
import pytest
import torch
from torch import nn

import seqpro as sp
from seqexplainer import TorchPredictor, gradient_x_input, project


def linear_model(length, targets=1):
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(4 * length, targets))


def test_linear_model_gives_its_weights():
    model = linear_model(6)
    weights = model[1].weight.detach().numpy().reshape(4, 6)
    result = gradient_x_input(TorchPredictor(model), ["ACGTTA"], correct=False)
    np.testing.assert_allclose(result.scores[0], weights, atol=1e-7)


def test_correction_takes_the_mean_letter_away():
    model = linear_model(6)
    weights = model[1].weight.detach().numpy().reshape(4, 6)
    result = gradient_x_input(TorchPredictor(model), ["ACGTTA"])
    np.testing.assert_allclose(result.scores[0], weights - weights.mean(axis=0), atol=1e-7)


def test_matches_finite_differences():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv1d(4, 6, 3), nn.Tanh(), nn.Flatten(), nn.Linear(36, 1)).double()
    onehot = torch.from_numpy(sp.ohe(["ACGTTAGC"], sp.DNA, ohe_axis=-2, dtype=np.float64))
    result = gradient_x_input(TorchPredictor(network), ["ACGTTAGC"], correct=False)
    for letter, position in [(0, 0), (2, 3), (3, 7)]:
        step = torch.zeros_like(onehot)
        step[0, letter, position] = 1e-5
        with torch.no_grad():
            slope = (network(onehot + step) - network(onehot - step)).item() / 2e-5
        assert result.scores[0, letter, position] == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize("batch_size", [1, 2, 256])
def test_batches_do_not_matter(batch_size):
    network = nn.Sequential(nn.Conv1d(4, 6, 3), nn.GELU(), nn.Flatten(), nn.Linear(36, 1))
    seqs = sp.random_seqs((5, 8), sp.DNA, rng=0)
    expected = gradient_x_input(TorchPredictor(network), seqs)
    found = gradient_x_input(TorchPredictor(network), seqs, batch_size=batch_size)
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-7)
    np.testing.assert_allclose(found.prediction, TorchPredictor(network)(seqs)[:, 0], atol=1e-6)


def test_says_what_it_is():
    result = gradient_x_input(TorchPredictor(linear_model(4, 2)), ["ACGT", "TTTT"], output=1)
    assert (result.method, result.model_calls) == ("gradient_x_input", 2)
    assert np.isnan(result.baseline).all()
    assert result.completeness_error is None
    assert result.parameters == {"output": 1, "alphabet": "ACGT", "correct": True}


def test_contributions_of_a_linear_model_add_up():
    predictor = TorchPredictor(linear_model(6))
    result = gradient_x_input(predictor, ["ACGTTA"], correct=False)
    bias = predictor.module[1].bias.item()
    total = project(result.scores, ["ACGTTA"]).sum()
    assert total + bias == pytest.approx(result.prediction[0], abs=1e-6)
