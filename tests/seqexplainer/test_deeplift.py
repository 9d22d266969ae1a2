"""DeepLIFT: complete on the networks where others are not, equal to captum where captum is right."""

import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import seqpro as sp
from seqexplainer import (
    CompletenessWarning,
    TorchPredictor,
    deeplift_shap,
    project,
    shuffled_references,
)

SEQS = sp.random_seqs((4, 60), sp.DNA, rng=1)


def reused_modules(net, x):
    return net.act(net.dense(net.act(net.conv2(net.act(net.conv1(x)))).mean(-1)))


def functional(net, x):
    hidden = torch.tanh(net.conv2(net.conv1(x).relu())).mean(-1)
    return F.leaky_relu(net.dense(hidden), 0.1)


def in_place(net, x):
    hidden = net.conv1(x)
    F.relu(hidden, inplace=True)
    later = net.conv2(hidden)
    later += hidden
    later.relu_()
    return later.mean(-1)


def changed_after_use(net, x):
    """The reference's tensors are overwritten after a rule has read them."""
    hidden = torch.sigmoid(net.conv1(x))
    gated = hidden.clone()
    gated *= hidden
    hidden += gated
    gated[:, 0] = hidden[:, 1]
    return F.elu(hidden, inplace=True).mean(-1) + gated.mean(-1)


def squeeze_excitation(net, x):
    hidden = F.relu(net.conv1(x))
    return (hidden * torch.sigmoid(net.dense(hidden.mean(-1)))[..., None]).mean(-1)


def silu(net, x):
    return F.silu(net.conv2(F.silu(net.conv1(x)))).mean(-1)


def glu(net, x):
    return F.glu(net.conv2(F.gelu(net.conv1(x))).repeat(1, 2, 1) * 3, 1).mean(-1)


def max_pooling(net, x):
    hidden = F.max_pool1d(net.norm(net.conv1(x)), 3, stride=2, padding=1)
    return F.max_pool1d(F.relu(net.conv2(hidden)), 4, ceil_mode=True).amax(-1)


def softmax_expectation(net, x):
    hidden = net.conv1(x)
    return (torch.softmax(net.conv2(hidden), -1) * hidden).sum(-1)


def residual(net, x):
    hidden = net.conv1(x)
    for _ in range(2):
        hidden = hidden + F.relu(net.conv2(F.relu(net.norm(hidden))))
    return F.relu(hidden).mean(-1)


def attention(net, x):
    tokens = net.layer_norm(net.conv1(x).transpose(1, 2))
    return F.gelu(net.attention(tokens, tokens, tokens)[0]).mean(1)


NETWORKS = [
    reused_modules,
    functional,
    in_place,
    changed_after_use,
    squeeze_excitation,
    silu,
    glu,
    max_pooling,
    softmax_expectation,
    residual,
    attention,
]


class Network(nn.Module):
    """Layers that a body puts together."""

    def __init__(self, body, targets=1):
        super().__init__()
        torch.manual_seed(2)
        self.body = body
        self.conv1, self.conv2 = nn.Conv1d(4, 8, 7, padding=3), nn.Conv1d(8, 8, 5, padding=2)
        self.norm, self.layer_norm = nn.BatchNorm1d(8), nn.LayerNorm(8)
        self.norm.running_mean.uniform_(-1, 1)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.lstm = nn.LSTM(8, 8, batch_first=True)
        self.act, self.dense, self.out = nn.ReLU(), nn.Linear(8, 8), nn.Linear(8, targets)
        with torch.no_grad():
            self.out.weight *= 20  # so that predictions differ by much more than rounding

    def forward(self, x):
        return self.out(self.body(self, x))


@pytest.mark.parametrize("body", NETWORKS)
def test_contributions_add_up(body):
    predictor = TorchPredictor(Network(body))
    result = deeplift_shap(predictor, SEQS, n_references=6, rng=0)
    difference = result.prediction - result.baseline
    total = project(result.scores, SEQS).sum(axis=1, dtype=np.float64)
    scale = np.abs(predictor(SEQS) - np.ravel(result.baseline)).mean()
    assert np.abs(total - difference).max() <= 1e-4 * scale
    np.testing.assert_allclose(
        result.completeness_error, np.abs(total - difference), atol=1e-5 * scale
    )
    np.testing.assert_allclose(result.prediction, predictor(SEQS)[:, 0], rtol=1e-5)


@pytest.mark.parametrize("scale", [1e-5, 1e-2, 1e3])
@pytest.mark.parametrize("activation", [F.relu, F.gelu, torch.sigmoid])
def test_contributions_add_up_at_any_scale(scale, activation):
    """What counts as equal must not be an absolute number."""

    def body(net, x):
        small = F.relu(net.conv1(x)) * scale
        return activation(F.conv1d(small, net.conv2.weight)).mean(-1) / scale

    result = deeplift_shap(TorchPredictor(Network(body).double()), SEQS, n_references=3, rng=0)
    rounding = 1e-14 * np.abs(result.prediction)  # a small difference of large numbers
    difference = np.abs(result.prediction - result.baseline)
    assert (result.completeness_error <= 1e-7 * difference + rounding).all()


PLAIN = {
    "convolutions": lambda: (
        *(nn.Conv1d(4, 8, 7), nn.ReLU(), nn.Conv1d(8, 4, 5), nn.ELU()),
        *(nn.Flatten(), nn.Linear(200, 2)),
    ),
    "smooth": lambda: (
        *(nn.Conv1d(4, 8, 7), nn.BatchNorm1d(8), nn.Sigmoid(), nn.Flatten()),
        *(nn.Linear(432, 9), nn.Tanh(), nn.Linear(9, 2), nn.Softplus()),
    ),
    "dense": lambda: (
        *(nn.Flatten(), nn.Linear(240, 30), nn.LeakyReLU(), nn.Dropout(), nn.Linear(30, 2)),
    ),
}


@pytest.mark.parametrize("layers", PLAIN.values(), ids=PLAIN)
def test_equals_captum_on_plain_networks(layers):
    from captum.attr import DeepLift

    torch.manual_seed(0)
    network = nn.Sequential(*layers()).eval()
    references = shuffled_references(SEQS, 1, rng=0)
    result = deeplift_shap(TorchPredictor(network), SEQS, references=references, output=1)
    own, others = (
        torch.from_numpy(sp.ohe(seqs, sp.DNA, ohe_axis=-2, dtype=np.float32))
        for seqs in (SEQS, references[:, 0])
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # captum tells that it sets hooks
        expected = DeepLift(network).attribute(own, others, target=1)
    expected = expected.detach().sum(1).numpy()
    np.testing.assert_allclose(project(result.scores, SEQS), expected, atol=1e-6)


def test_linear_model_gives_its_weights_relative_to_the_references():
    linear = nn.Linear(4 * 60, 1)
    weights = linear.weight.detach().numpy().reshape(4, 60)
    references = shuffled_references(SEQS, 3, rng=0)
    result = deeplift_shap(
        TorchPredictor(nn.Sequential(nn.Flatten(), linear)), SEQS, references=references
    )
    mean = sp.ohe(references, sp.DNA, ohe_axis=-2).mean(axis=1)  # (n, letters, length)
    expected = weights - (weights * mean).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(result.scores, expected, atol=1e-6)


def test_score_of_a_letter_is_its_contribution_if_it_were_there():
    """For one network of one layer: the multiplier of the sequence as it is, times letter minus reference."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 5), nn.ReLU(), nn.Linear(5, 1))
    references = shuffled_references(["ACG"], 2, k=1, rng=0)
    result = deeplift_shap(TorchPredictor(network), ["ACG"], references=references)
    encode = lambda seqs: torch.from_numpy(sp.ohe(seqs, sp.DNA, ohe_axis=-2, dtype=np.float32))  # noqa: E731
    expected = torch.zeros(4, 3)
    with torch.no_grad():
        before = network[1](network[0](encode(["ACG"])))
        for reference in encode(references[0]):
            other = network[1](reference.flatten())
            slope = (before.relu() - other.relu()) / (before - other)
            slope = torch.where((before - other).abs() < 1e-6, (before > 0).float(), slope)
            multiplier = (slope * network[3].weight @ network[1].weight).view(4, 3)
            expected += (multiplier - (multiplier * reference).sum(0)) / 2
    np.testing.assert_allclose(result.scores[0], expected, atol=1e-6)


def test_unknown_letters_as_reference_are_the_zero_baseline():
    network = Network(functional)
    references = np.full((4, 1, 60), ord("N"), np.uint8)
    result = deeplift_shap(TorchPredictor(network), SEQS, references=references)
    with torch.no_grad():
        zero = network.eval()(torch.zeros(1, 4, 60)).item()
    np.testing.assert_allclose(result.baseline, zero, rtol=1e-6)
    assert result.standard_error is None


@pytest.mark.parametrize("batch_size", [1, 5, 64])
def test_batches_do_not_matter(batch_size):
    """With 6 references, batches of 1 and 5 cut through those of a sequence."""
    predictor = TorchPredictor(Network(max_pooling))
    expected = deeplift_shap(predictor, SEQS, n_references=6, rng=0, batch_size=24)
    found = deeplift_shap(predictor, SEQS, n_references=6, rng=0, batch_size=batch_size)
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-4)
    np.testing.assert_allclose(found.baseline, expected.baseline, atol=1e-5)


def test_one_sequence_alone_is_explained_as_among_others():
    predictor = TorchPredictor(Network(squeeze_excitation))
    references = shuffled_references(SEQS, 3, rng=0)
    among = deeplift_shap(predictor, SEQS, references=references)
    alone = deeplift_shap(predictor, SEQS[2:3], references=references[2:3])
    np.testing.assert_allclose(alone.scores[0], among.scores[2], atol=1e-5)


def test_the_same_seed_gives_the_same_scores():
    predictor = TorchPredictor(Network(functional))
    first, same, other = (
        deeplift_shap(predictor, SEQS, n_references=2, rng=seed) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first.scores, same.scores)
    assert not np.allclose(first.scores, other.scores)


def test_standard_error_is_that_of_the_mean_over_references():
    predictor = TorchPredictor(Network(functional))
    references = shuffled_references(SEQS, 5, rng=0)
    result = deeplift_shap(predictor, SEQS, references=references)
    each = [
        deeplift_shap(predictor, SEQS, references=references[:, i : i + 1]).scores for i in range(5)
    ]
    np.testing.assert_allclose(result.scores, np.mean(each, axis=0), atol=1e-5)
    np.testing.assert_allclose(
        result.standard_error, np.std(each, axis=0, ddof=1) / 5**0.5, atol=1e-5
    )


def test_result_says_what_it_is():
    result = deeplift_shap(TorchPredictor(Network(silu)), SEQS, n_references=3, k=1, rng=0)
    assert (result.scores.dtype, result.standard_error.dtype) == (np.float32, np.float32)
    assert result.scores.shape == result.standard_error.shape == (4, 4, 60)
    assert (result.method, result.model_calls) == ("deeplift_shap", 4 * (1 + 2 * 3))
    assert result.parameters == {
        "output": None, "alphabet": "ACGT", "references": "shuffled", "n_references": 3, "k": 1
    }  # fmt: skip


def lstm(net, x):
    return net.lstm(net.conv1(x).transpose(1, 2) * 5)[0].mean(1)


def sort(net, x):
    return net.conv1(x).sort(-1).values[..., -5:].relu().mean(-1)


@pytest.mark.parametrize("body", [lstm, sort])
def test_what_has_no_rule_is_told_by_name_and_size(body):
    predictor = TorchPredictor(Network(body))
    with pytest.warns(
        CompletenessWarning, match=f"whose gradient was used: {body.__name__}"
    ) as caught:
        result = deeplift_shap(predictor, SEQS, n_references=3, rng=0)
    worst = result.completeness_error.max()
    assert worst > 1e-3
    assert f"miss by {worst:.3g}" in str(caught[0].message)
    assert caught[0].filename == __file__


class Cubed(torch.autograd.Function):
    """Torch's function mode does not see it."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, gradient):
        return gradient * 3 * ctx.saved_tensors[0] ** 2


def test_what_cannot_be_seen_is_told_too():
    predictor = TorchPredictor(Network(lambda net, x: Cubed.apply(net.conv1(x)).mean(-1)))
    with pytest.warns(CompletenessWarning, match="no operation without a rule was seen"):
        deeplift_shap(predictor, SEQS, n_references=3, rng=0)


def test_a_prediction_that_is_no_number_is_told():
    predictor = TorchPredictor(Network(lambda net, x: net.conv1(x).mean(-1) * float("nan")))
    with pytest.warns(CompletenessWarning, match="4 of 4 sequences"):
        deeplift_shap(predictor, SEQS, n_references=2, rng=0)


@pytest.mark.parametrize(
    "body",
    [
        lambda net, x: (
            net.conv1(x).mean(-1).relu() if x.sum() > 30 else net.conv1(x).mean(-1).tanh()
        ),
        lambda net, x: net.conv1(x).mean(-1).relu() if x.sum() > 30 else net.conv1(x).mean(-1),
        lambda net, x: net.conv1(x).mean(-1) if x.sum() > 30 else net.conv1(x).mean(-1).relu(),
        lambda net, x: net.conv1(x)[..., : int(x.sum()) // 10].relu().mean(-1),
    ],
    ids=["another", "one more", "one less", "another shape"],
)
def test_networks_that_choose_operations_by_content_are_refused(body):
    references = np.full((1, 1, 60), ord("N"), np.uint8)
    references[..., :20] = ord("A")
    with pytest.raises(ValueError, match=r"module must (run the same operations|compute tensors)"):
        deeplift_shap(TorchPredictor(Network(body)), SEQS[:1], references=references)


class Caches(nn.Module):
    """Makes a table on its first call, with an operation that has a rule, and keeps it."""

    def __init__(self):
        super().__init__()
        self.table = None

    def forward(self, x):
        if self.table is None:
            self.table = torch.exp(-torch.arange(60.0) / 30)
        return (x * self.table).sum((1, 2)).relu()


def test_tables_made_on_the_first_call_do_not_disturb():
    result = deeplift_shap(TorchPredictor(Caches()), SEQS, n_references=3, rng=0)
    assert result.completeness_error.max() < 1e-4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"references": ["ACG"]}, r"= \(1, at least 1, 3\); found \(1, 3\)"),
        ({"references": np.zeros((1, 0, 3), np.uint8)}, r"found \(1, 0, 3\)"),
        ({"references": [["ACGT"]]}, r"found \(1, 1, 4\)"),
        ({"references": [["ACG"]], "k": 1}, "found references with n_references=None and k=1"),
        ({"references": [["ACG"]], "n_references": 1}, "found references with n_references=1"),
        ({"n_references": 0}, "n_references=0"),
        ({"k": 0}, "k must be a whole number, at least 1"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
    ],
)
def test_settings_that_do_not_fit_are_refused(options, message):
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 1))
    with pytest.raises(ValueError, match=message):
        deeplift_shap(TorchPredictor(network), ["ACG"], **options)
