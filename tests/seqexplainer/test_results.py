"""What methods give back, and the contribution of the observed letter."""

import dataclasses

import numpy as np
import pytest
import torch

import seqpro as sp
from seqexplainer import Attribution, TorchPredictor, ism, load_method, project
from seqexplainer.attribute import METHODS


def test_project_picks_the_observed_letter_whatever_its_case():
    scores = np.arange(12, dtype=float).reshape(1, 4, 3)
    assert project(scores, ["gAt"]).tolist() == [[6, 1, 11]]


def test_project_gives_zero_where_the_letter_is_unknown():
    assert project(np.ones((1, 4, 3)), ["NAX"]).tolist() == [[0, 1, 0]]


def test_project_follows_the_order_of_the_alphabet():
    scores = np.arange(20, dtype=float).reshape(1, 20, 1)
    assert project(scores, ["Y"], alphabet=sp.AA).tolist() == [[19]]


@pytest.mark.parametrize("shape", [(1, 4, 2), (2, 4, 3), (1, 3, 4), (4, 3)])
def test_scores_of_other_sequences_are_refused(shape):
    with pytest.raises(ValueError, match=r"= \(1, 4, 3\) of the sequences; found"):
        project(np.ones(shape), ["ACG"])


def test_results_cannot_be_changed_by_accident():
    result = ism(lambda seqs: seqs[:, 0], ["AC"])
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.scores = np.zeros(1)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_is_called_alike_and_keeps_the_shape_contract(name):
    """A driver runs any of them from the table without knowing which."""
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(80, 3))
    seqs = sp.random_seqs((2, 20), sp.DNA, rng=0)
    settings = {"output": 1, "alphabet": sp.DNA, "batch_size": 3}
    result = load_method(name)(TorchPredictor(network), seqs, **settings)
    assert isinstance(result, Attribution)
    assert result.method == name
    assert (result.scores.shape, result.scores.dtype) == ((2, 4, 20), np.float32)
    assert result.prediction.shape == result.baseline.shape == (2,)
    assert result.model_calls > 0
    assert result.parameters["output"] == 1
    assert result.parameters["alphabet"] == "ACGT"


def test_unknown_method_is_refused_with_the_names_there_are():
    with pytest.raises(ValueError, match=r"one of ism, occlusion, .*; found 'shap'"):
        load_method("shap")
