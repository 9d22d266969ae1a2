"""Torch modules come back as they were, and give one row a sequence whatever they return."""

import numpy as np
import pytest
import torch
from torch import nn

import seqpro as sp
from seqexplainer import TorchPredictor, deeplift_shap, gradient_x_input, ism
from seqexplainer.network import as_outputs, borrowed, input_gradient


def state(module):
    return (
        [part.training for part in module.modules()],
        [(weight.requires_grad, weight.grad, weight.device) for weight in module.parameters()],
    )


@pytest.fixture
def network():
    """One that a careless borrower would change: mixed modes, a frozen weight, dropout, batch norm."""
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv1d(4, 3, 3),
        nn.BatchNorm1d(3),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(12, 1),
    ).train()
    network[1].eval()
    network[0].weight.requires_grad_(False)
    return network


class Fails(nn.Module):
    def forward(self, onehot):
        raise RuntimeError("as this module does")


@pytest.mark.parametrize(
    "call",
    [
        lambda predictor, seqs: predictor(seqs),
        lambda predictor, seqs: ism(predictor, seqs),
        lambda predictor, seqs: gradient_x_input(predictor, seqs),
        lambda predictor, seqs: deeplift_shap(predictor, seqs, n_references=2, rng=0),
    ],
    ids=["predict", "ism", "gradient_x_input", "deeplift_shap"],
)
@pytest.mark.parametrize("fails", [False, True])
def test_module_comes_back_as_it_was(call, fails, network):
    if fails:
        network.append(Fails())
    before, statistics = state(network), network[1].running_mean.clone()
    predictor = TorchPredictor(network, device="cpu")
    if fails:
        with pytest.raises(RuntimeError, match="as this module does"):
            call(predictor, ["ACGTAC"])
    else:
        call(predictor, ["ACGTAC"])
    assert state(network) == before
    assert torch.equal(network[1].running_mean, statistics)


def test_predictions_are_those_of_evaluation_mode_in_any_batches(network):
    seqs = sp.random_seqs((7, 6), sp.DNA, rng=0)
    onehot = torch.from_numpy(sp.ohe(seqs, sp.DNA, ohe_axis=-2, dtype=np.float32))
    whole = TorchPredictor(network)(seqs)
    np.testing.assert_allclose(TorchPredictor(network, batch_size=2)(seqs), whole, atol=1e-6)
    with torch.no_grad():
        np.testing.assert_allclose(whole, network.eval()(onehot), atol=1e-6)


def test_unknown_letters_are_zero_columns():
    predictor = TorchPredictor(nn.Flatten())
    assert predictor(["NC"]).tolist() == [[0, 0, 0, 1, 0, 0, 0, 0]]


def test_alphabet_gives_the_order_of_columns():
    assert TorchPredictor(nn.Flatten(), alphabet=sp.RNA)(["U"]).tolist() == [[0, 0, 0, 1]]


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_module_gets_its_own_number_type(dtype):
    linear = nn.Linear(8, 1).to(dtype)
    predictor = TorchPredictor(nn.Sequential(nn.Flatten(), linear))
    expected = (linear.weight[0, 0] + linear.weight[0, 7] + linear.bias).detach().float().numpy()
    np.testing.assert_allclose(predictor(["AT"])[0], expected, rtol=0.01)
    assert gradient_x_input(predictor, ["AT"]).scores.dtype == np.float32


@pytest.mark.parametrize("n", [1, 3])
def test_squeezed_outputs_get_their_axis_back(n):
    class Squeezes(nn.Module):
        def forward(self, onehot):
            return onehot.sum((1, 2)).squeeze()

    seqs = ["ACN"] * n
    assert TorchPredictor(Squeezes())(seqs).tolist() == [[2.0]] * n
    assert (
        gradient_x_input(TorchPredictor(Squeezes()), seqs, correct=False).scores.tolist()
        == [[[1.0] * 3] * 4] * n
    )


@pytest.mark.parametrize(
    ("outputs", "error", "message"),
    [
        ({"y": torch.zeros(2)}, TypeError, "found dict"),
        (torch.zeros(2, 3, 4), ValueError, r"found shape \(2, 3, 4\)"),
        (torch.zeros(3, 1), ValueError, r"n = 2; found shape \(3, 1\)"),
    ],
)
def test_other_outputs_are_refused(outputs, error, message):
    with pytest.raises(error, match=message):
        as_outputs(outputs, 2)


def test_gradient_of_a_module_that_changes_its_input_in_place():
    class Scales(nn.Module):
        def forward(self, onehot):
            onehot *= 3
            return onehot.sum((1, 2))

    onehot = torch.ones(2, 4, 5)
    values, gradient = input_gradient(Scales(), onehot, None)
    assert values.tolist() == [60, 60]
    assert (gradient == 3).all()
    assert (onehot == 1).all()


def test_gradient_of_a_constant_is_zero():
    class Constant(nn.Module):
        def forward(self, onehot):
            return torch.ones(len(onehot))

    result = deeplift_shap(TorchPredictor(Constant()), ["ACGT"], n_references=2, rng=0)
    assert (result.scores == 0).all()
    assert result.completeness_error.tolist() == [0.0]


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize("method", [gradient_x_input, deeplift_shap])
def test_gradients_are_taken_where_the_caller_switched_them_off(context, method, network):
    options = {"rng": 0} if method is deeplift_shap else {}
    expected = method(TorchPredictor(network), ["ACGTAC"], **options).scores
    with context():
        found = method(TorchPredictor(network), ["ACGTAC"], **options).scores
    np.testing.assert_array_equal(found, expected)
    assert np.abs(found).max() > 0


def test_recurrent_networks_on_each_device(device):
    """CUDA's own recurrent kernels refuse a backward pass in evaluation mode."""

    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.LSTM(4, 3, batch_first=True)

        def forward(self, onehot):
            return self.layer(onehot.transpose(1, 2))[0].sum((1, 2))

    predictor = TorchPredictor(Recurrent(), device=device)
    assert np.abs(gradient_x_input(predictor, ["ACGTAC"]).scores).max() > 0
    assert {weight.device.type for weight in predictor.module.parameters()} == {"cpu"}


def test_device_of_a_module_on_several_devices_is_refused():
    spread = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2, device="meta"))
    with pytest.raises(ValueError, match="spread over 2 devices"), borrowed(spread, "cpu"):
        pass


def test_batch_size_below_one_is_refused():
    with pytest.raises(ValueError, match="batch_size must be at least 1; found 0"):
        TorchPredictor(nn.Flatten(), batch_size=0)
