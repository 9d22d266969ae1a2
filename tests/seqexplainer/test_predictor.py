"""Predictors: what may be explained, and what is refused with a way out."""

import numpy as np
import pytest
import torch

import seqpro as sp
from seqexplainer import (
    DifferentiablePredictor,
    StringPredictor,
    TorchPredictor,
    average_strands,
    deeplift_shap,
    gradient_x_input,
    ism,
    occlusion,
    project,
)
from seqexplainer.predictor import choose_output, predict

METHODS = [ism, occlusion, gradient_x_input, deeplift_shap]
OPTIONS = {occlusion: {"window": 2, "stride": 1}}


@pytest.fixture
def two_outputs():
    torch.manual_seed(0)
    return TorchPredictor(torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4 * 6, 2)))


@pytest.mark.parametrize("method", METHODS)
def test_output_must_be_named_when_there_are_several(method, two_outputs):
    with pytest.raises(ValueError, match="output must name a column, for the model has 2 outputs"):
        method(two_outputs, ["ACGTAC"], **OPTIONS.get(method, {}))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("output", [2, -1])
def test_output_that_is_not_there_is_refused(method, output, two_outputs):
    with pytest.raises(ValueError, match=f"output must be a column from 0 to 1; found {output}"):
        method(two_outputs, ["ACGTAC"], output=output, **OPTIONS.get(method, {}))


@pytest.mark.parametrize("method", METHODS)
def test_each_output_gets_its_own_explanation(method, two_outputs):
    seqs = sp.random_seqs((3, 6), sp.DNA, rng=0)
    options = OPTIONS.get(method, {}) | ({} if method in (ism, gradient_x_input) else {"rng": 0})
    predictions = two_outputs(seqs)
    results = [method(two_outputs, seqs, output=column, **options) for column in (0, 1)]
    for column, result in enumerate(results):
        np.testing.assert_allclose(result.prediction, predictions[:, column], atol=1e-6)
    assert not np.allclose(results[0].scores, results[1].scores, atol=1e-3)


@pytest.mark.parametrize("method", METHODS)
def test_letters_of_another_alphabet_are_refused(method, two_outputs):
    """An RNA model would see T as unknown and answer without complaint."""
    with pytest.raises(ValueError, match=r"alphabet must be that of the predictor, DNA \(ACGT\)"):
        method(two_outputs, ["ACGUAC"], output=0, alphabet=sp.RNA, **OPTIONS.get(method, {}))


@pytest.mark.parametrize("method", [ism, occlusion])
def test_bare_module_is_refused_with_the_adapter_named(method):
    with pytest.raises(TypeError, match=r"Pass seqexplainer\.TorchPredictor\(module\)"):
        method(torch.nn.Flatten(), ["ACGTAC"], **OPTIONS.get(method, {}))


@pytest.mark.parametrize("method", [gradient_x_input, deeplift_shap])
@pytest.mark.parametrize("predictor", [torch.nn.Flatten(), len])
def test_gradients_of_what_shows_no_module_are_refused(method, predictor):
    with pytest.raises(TypeError, match="predictor must show its torch module"):
        method(predictor, ["ACGTAC"])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seqs", ["ACGTAC", [], np.zeros((0, 6), np.uint8)])
def test_one_sequence_or_none_is_refused(method, seqs, two_outputs):
    with pytest.raises(ValueError, match="Put a single sequence in a list"):
        method(two_outputs, seqs, output=0, **OPTIONS.get(method, {}))


def test_predict_refuses_an_answer_without_a_row_per_sequence():
    codes = sp.as_codes(["AC", "GT"])
    with pytest.raises(ValueError, match=r"n = 2; found shape \(3, 1\)"):
        predict(lambda seqs: np.zeros((3, 1)), codes)
    with pytest.raises(ValueError, match=r"found shape \(2, 1, 1\)"):
        predict(lambda seqs: np.zeros((2, 1, 1)), codes)


def test_string_predictor_hands_over_strings_and_gives_rows():
    predictor = StringPredictor(lambda words: [[len(word), word.count("N")] for word in words])
    assert predictor(sp.as_codes(["ACN", "NNN"])).tolist() == [[3, 1], [3, 3]]


def test_choose_output_takes_the_only_one():
    assert choose_output(1, None) == 0


class TestAverageStrands:
    def test_is_the_mean_over_both_strands(self):
        seqs = sp.random_seqs((4, 9), sp.DNA, rng=0)
        weights = np.random.default_rng(0).normal(size=(9, 4))

        def predict_one(codes):
            return (sp.ohe(codes, sp.DNA) * weights).sum((1, 2))

        turned = sp.reverse_complement(seqs, sp.DNA)
        expected = (predict_one(seqs) + predict_one(turned)) / 2
        averaged = average_strands(predict_one)
        np.testing.assert_allclose(averaged(seqs)[:, 0], expected)
        np.testing.assert_allclose(averaged(turned)[:, 0], expected)

    def test_keeps_gradients_and_they_are_those_of_the_average(self, two_outputs):
        seqs = sp.random_seqs((4, 6), sp.DNA, rng=0)
        averaged = average_strands(two_outputs)
        assert isinstance(averaged, DifferentiablePredictor)
        by_gradient = gradient_x_input(averaged, seqs, output=1)
        np.testing.assert_allclose(
            by_gradient.scores, ism(averaged, seqs, output=1).scores, atol=1e-6
        )

    def test_deeplift_adds_up_over_both_strands(self):
        """The network runs twice in one pass, on every strand once."""
        torch.manual_seed(0)
        network = torch.nn.Sequential(
            torch.nn.Conv1d(4, 5, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(50, 1)
        )
        averaged = average_strands(TorchPredictor(network))
        seqs = sp.random_seqs((3, 12), sp.DNA, rng=0)
        result = deeplift_shap(averaged, seqs, n_references=4, rng=0)
        total = project(result.scores, seqs).sum(axis=1)
        np.testing.assert_allclose(total, result.prediction - result.baseline, atol=1e-6)

    def test_what_only_predicts_shows_no_module(self):
        assert not isinstance(average_strands(lambda seqs: seqs[:, 0]), DifferentiablePredictor)

    def test_proteins_are_refused(self):
        with pytest.raises(ValueError, match="has no complement"):
            average_strands(lambda seqs: seqs[:, 0], sp.AA)
