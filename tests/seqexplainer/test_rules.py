"""Each rule: the value is torch's, and the shares add up, for every operation in the table."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from seqexplainer.attribute.multipliers import _Recorder, find_multipliers
from seqexplainer.attribute.rules import LINEAR, RULES

ABOVE_ZERO = {
    name: lambda x, name=name: getattr(torch, name)(x.square() + 0.5)
    for name in ("log", "log2", "log10", "log1p", "sqrt", "rsqrt", "reciprocal")
}
SIMPLE = """
relu relu6 leaky_relu elu selu celu gelu silu mish softplus softsign hardtanh hardswish hardsigmoid
hardshrink softshrink tanhshrink sigmoid tanh exp exp2 expm1 abs absolute square sin cos erf
"""
ENTRYWISE = {name: getattr(torch, name, None) or getattr(F, name) for name in SIMPLE.split()} | {
    "log_sigmoid": F.logsigmoid,
    "clamp": lambda x: torch.clamp(x, -0.5, max=0.7),
    "clip": lambda x: x.clip(min=-0.2),
    "clamp_min": lambda x: torch.clamp_min(x, 0.1),
    "clamp_max": lambda x: torch.clamp_max(x, 0.1),
    "threshold": lambda x: torch.threshold(x, 0.1, 0.1),
    "_threshold": lambda x: F.threshold(x, 0.1, 0.1),
    "rrelu": lambda x: F.rrelu(x, 0.1, 0.3),
    "pow": lambda x: x**3,
    "__rpow__": lambda x: 2**x,
}

WEIGHTS = torch.linspace(-1, 1, 6, dtype=torch.float64)
MASK = torch.zeros(4, 6, dtype=torch.float64).fill_diagonal_(-torch.inf)
IN_PROJECTION = torch.linspace(-1, 1, 108, dtype=torch.float64).sin().view(18, 6)


def attend(x, **options):
    inputs = x.transpose(0, 1)  # (length, n, channels)
    mixed, weights = F.multi_head_attention_forward(
        *(inputs, inputs, inputs, 6, 2, IN_PROJECTION, IN_PROJECTION[:, 0]),
        *(None, None, False, 0.0, IN_PROJECTION[:6], None),
        training=False,
        **options,
    )
    return mixed.transpose(0, 1) if weights is None else mixed.sum(0) + weights.flatten(1)[:, :6]


ATTENTION = nn.MultiheadAttention(6, 2).double().eval().requires_grad_(False)


def moved(x):
    """A second tensor that depends on the input."""
    return x.roll(1, -1) * 0.7 + 0.2


# of x (n, 4, 6); names of operations after "/" tell spellings apart
OTHERS = {
    "mul": lambda x: x * moved(x),
    "mul/same": lambda x: x * x,
    "mul/broadcast": lambda x: x * moved(x).mean(1, keepdim=True),
    "mul/constant": lambda x: WEIGHTS * x,
    "mul/named": lambda x: torch.mul(input=x, other=moved(x)),
    "multiply": lambda x: torch.multiply(x, other=moved(x)),
    "div": lambda x: x / (moved(x).square() + 1),
    "div/number": lambda x: x / 3,
    "divide": lambda x: torch.divide(x, moved(x).exp()),
    "true_divide": lambda x: torch.true_divide(torch.ones(1).double(), moved(x).exp()),
    "__rdiv__": lambda x: 2 / (x.square() + 1),
    "matmul": lambda x: x @ moved(x).transpose(1, 2),
    "matmul/constant": lambda x: torch.diag(WEIGHTS[:4]) @ x,
    "bmm": lambda x: torch.bmm(x, moved(x).transpose(1, 2)),
    "mm": lambda x: torch.stack([torch.mm(row, moved(row).T) for row in x]),
    "mv": lambda x: torch.stack([torch.mv(row, moved(row)[0]) for row in x]),
    "dot": lambda x: torch.stack([torch.dot(row[0], row[1]) for row in x]),
    "einsum": lambda x: torch.einsum("ncl,ndl->ncd", x, moved(x)),
    "einsum/constant": lambda x: torch.einsum("l,ncl,ncl->nc", WEIGHTS, x, moved(x)),
    "einsum/single": lambda x: torch.einsum("ncl,l->nc", x, WEIGHTS),
    "softmax": lambda x: x.softmax(-1),
    "softmax/apart": lambda x: F.softmax(x * 60, dim=1),
    "softmax/masked": lambda x: (x + MASK).softmax(-1),
    "log_softmax": lambda x: F.log_softmax(x, dim=1),
    "log_softmax/type": lambda x: torch.log_softmax(x, 1, dtype=torch.float64),
    "logsumexp": lambda x: x.logsumexp(-1),
    "logsumexp/kept": lambda x: torch.logsumexp(x, 1, keepdim=True),
    "glu": lambda x: F.glu(x, 1),
    "prelu": lambda x: F.prelu(x, WEIGHTS[:4]),
    "prelu/one": lambda x: F.prelu(x, WEIGHTS[:1]),
    "scaled_dot_product_attention": lambda x: F.scaled_dot_product_attention(x, moved(x), x.sin()),
    "scaled_dot_product_attention/scale": lambda x: F.scaled_dot_product_attention(
        x, moved(x), x, scale=0.1
    ),
    "multi_head_attention_forward": attend,
    "multi_head_attention_forward/heads": lambda x: attend(x, average_attn_weights=False),
    "multi_head_attention_forward/alone": lambda x: attend(x, need_weights=False),
    "max_pool1d": lambda x: F.max_pool1d(x, 3, stride=2, padding=1),
    "max_pool1d/ceil": lambda x: F.max_pool1d(x, 4, ceil_mode=True),
    "max_pool1d/dilation": lambda x: F.max_pool1d(x, 2, 1, dilation=3),
    "max_pool2d": lambda x: F.max_pool2d(x[:, None], (2, 3)),
    "max_pool3d": lambda x: F.max_pool3d(x.view(-1, 1, 2, 2, 6), 2),
    "adaptive_max_pool1d": lambda x: F.adaptive_max_pool1d(x, 4),
    "adaptive_max_pool2d": lambda x: F.adaptive_max_pool2d(x[:, None], (3, 2)),
    "adaptive_max_pool3d": lambda x: F.adaptive_max_pool3d(x.view(-1, 1, 2, 2, 6), (1, 2, 3)),
    "amax": lambda x: x.amax(-1),
    "amax/axes": lambda x: torch.amax(x, (1, -1), keepdim=True),
    "amax/kept": lambda x: x.amax(1, keepdim=True),
    "max": lambda x: x.max(1).values,
    "max/kept": lambda x: torch.max(x, -1, keepdim=True)[0],
    "max/all": lambda x: torch.stack([row.max() for row in x]),
    "max/two": lambda x: torch.max(x, moved(x)),
    "maximum": lambda x: torch.maximum(x, moved(x)[:, :1]),
    "maximum/constant": lambda x: torch.maximum(WEIGHTS, x),
    "layer_norm": lambda x: F.layer_norm(x, (4, 6)),
    "layer_norm/affine": lambda x: F.layer_norm(x, (6,), WEIGHTS, WEIGHTS.flip(0)),
    "group_norm": lambda x: F.group_norm(x, 2, WEIGHTS[:4], WEIGHTS[2:]),
    "instance_norm": lambda x: F.instance_norm(x, weight=WEIGHTS[:4], bias=WEIGHTS[2:]),
}
CASES = ENTRYWISE | ABOVE_ZERO | OTHERS


class Network(nn.Module):
    """Read one number a sequence out of a function, so that every entry of its result counts."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        result = self.function(x).reshape(len(x), -1)
        return result @ torch.linspace(-1, 2, result.shape[1], dtype=result.dtype)


@pytest.fixture(scope="module")
def pairs():
    generator = torch.Generator().manual_seed(0)
    x, references = torch.randn(2, 8, 4, 6, generator=generator, dtype=torch.float64)
    x[0] = references[0]  # equal throughout
    x[1, :, :3] = references[1, :, :3]  # equal in part
    return x, references


@pytest.mark.parametrize("case", CASES)
def test_shares_add_up_to_the_difference_that_torch_computes(case, pairs):
    x, references = pairs
    network = Network(CASES[case])
    found = find_multipliers(network, x, references, None)
    assert not found.without_rule
    torch.testing.assert_close(
        (found.values * (x - references)).sum((1, 2)),
        network(x) - network(references),
        atol=1e-6,
        rtol=1e-6,
    )


@pytest.mark.parametrize("case", CASES)
def test_where_sequence_and_reference_agree_the_multiplier_is_the_gradient(case, pairs):
    x = pairs[1].clone().requires_grad_()
    network = Network(CASES[case])
    (gradient,) = torch.autograd.grad(network(x).sum(), x)
    found = find_multipliers(network, x.detach(), x.detach(), None)
    torch.testing.assert_close(found.values, gradient, atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize("name", ENTRYWISE)
def test_multiplier_of_a_function_of_one_number_is_the_slope_of_the_secant(name, pairs):
    x, references = (part[2:] for part in pairs)
    function = ENTRYWISE[name]
    found = find_multipliers(nn.Sequential(Network(function)), x, references, None)
    weights = torch.linspace(-1, 2, 24, dtype=torch.float64).view(4, 6)
    slope = (function(x) - function(references)) / (x - references)
    torch.testing.assert_close(found.values, weights * slope)


def test_every_rule_is_tried(pairs):
    names = set()
    for function in CASES.values():
        with _Recorder() as recorder:
            function(pairs[0].clone())
        names |= {call.name for call in recorder.tape}
    assert names == set(RULES)
    assert not LINEAR & set(RULES)


def test_product_is_shared_as_by_shapley():
    """Both orders of exchanging two factors, averaged: (3 - 1) counts 2 + 5 halves, and so on."""
    x, references = torch.tensor([[[3.0, 5.0]]]), torch.tensor([[[1.0, 2.0]]])
    found = find_multipliers(Network(lambda x: 1 * x[:, 0, 0] * x[:, 0, 1]), x, references, None)
    readout = -1  # the first of Network's weights
    assert (found.values * (x - references)).tolist() == [[[readout * 7.0, readout * 6.0]]]


@pytest.mark.parametrize(
    ("x", "reference", "expected"),
    [
        ([3, 1], [0, 2], [1 / 3, 0]),  # 3 against 2, carried by the place of the 3
        ([0, 1], [5, 4], [4 / 5, 0]),  # 1 against 5, carried by the place of the 5
        ([2, 0], [0, 2], [0, 0]),  # equal maxima at different places
        ([2, 0], [2, 1], [1, 0]),  # the same maximum
    ],
)
def test_maximum_is_carried_by_the_place_of_the_larger_one(x, reference, expected):
    x, reference = torch.tensor([[x]]).double(), torch.tensor([[reference]]).double()
    found = find_multipliers(nn.Sequential(nn.MaxPool1d(2), nn.Flatten()), x, reference, None)
    torch.testing.assert_close(found.values, torch.tensor([[expected]]).double())


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("div", lambda x: torch.div(x, moved(x), rounding_mode="floor") + x),
        ("pow", lambda x: (x.square() + 1) ** moved(x)),
        ("pow", lambda x: torch.pow(2.0, x)),
        ("einsum", lambda x: torch.einsum("ncl,ncl,ncl->nc", x, moved(x), x)),
        ("einsum", lambda x: torch.einsum("ncl,ncl->nc", [x, moved(x)])),
        ("logsumexp", lambda x: torch.logsumexp(x, (1, 2))),
        ("clamp", lambda x: torch.clamp(x, min=moved(x))),
        (
            "instance_norm",
            lambda x: nn.InstanceNorm1d(4, track_running_stats=True).eval().double()(x),
        ),
        ("multi_head_attention_forward", lambda x: attend(x, attn_mask=torch.zeros(4, 4).double())),
        (
            "multi_head_attention_forward",
            lambda x: torch.stack([ATTENTION(*[r] * 3)[0] for r in x]),
        ),
        (
            "scaled_dot_product_attention",
            lambda x: F.scaled_dot_product_attention(x, x, x, is_causal=True),
        ),
        ("cumprod", lambda x: x.cumprod(-1)),
        ("dropout", lambda x: F.dropout(x, training=True)),
    ],
)
def test_use_without_a_rule_is_named(name, function, pairs):
    found = find_multipliers(Network(function), *pairs, None)
    assert found.without_rule == {name}
