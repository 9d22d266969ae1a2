"""The table of rules: which operations of torch have one, by the name torch gives them.

A rule takes the arguments of the operation, with a `Pair` wherever a tensor depends on the sequence, and
gives the `Pair` of outputs. It gives NotImplemented for a use that it does not cover. The operations named
in `LINEAR` need no rule: the gradient of a linear function is its multiplier.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from seqexplainer.attribute.pair import Pair

Rule = Callable[..., Any]


def _entrywise(function: Callable[..., torch.Tensor]) -> Rule:
    """Make the rule of a function of each entry alone, whose other arguments are numbers."""

    def rule(x: Pair, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(x, Pair) or _any_tensor(*args, *kwargs.values()):
            return NotImplemented
        kwargs.pop("inplace", None)
        return x.rescale(lambda values: function(values, *args, **kwargs))

    return rule


def _bilinear(function: Callable[..., torch.Tensor]) -> Rule:
    """Make the rule of a function that is linear in each of its two arguments."""

    def rule(x: Any, other: Any) -> Any:
        if isinstance(x, Pair) and isinstance(other, Pair):
            return x.combine(other, function)
        if isinstance(x, Pair):
            return x.linear(lambda values: function(values, other))
        return other.linear(lambda values: function(x, values))

    return rule


def _any_tensor(*values: Any) -> bool:
    return any(isinstance(value, torch.Tensor | Pair) for value in values)


def _divide(x: Any, other: Any) -> Any:
    if not isinstance(other, Pair):
        return x.linear(lambda values: values / other)
    if isinstance(x, Pair):
        return x.divide(other)
    return other.rescale(torch.reciprocal).linear(lambda values: values * x)


def _divide_reversed(x: Any, other: Any) -> Any:
    return _divide(other, x)


def _power(x: Any, exponent: Any) -> Any:
    if _any_tensor(exponent) or not isinstance(x, Pair):
        return NotImplemented
    return x.rescale(lambda values: values**exponent)


def _power_reversed(x: Any, base: Any) -> Any:
    return NotImplemented if _any_tensor(base) else x.rescale(lambda values: base**values)


def _prelu(x: Pair, weight: torch.Tensor) -> Any:
    slopes = weight.view(-1, *[1] * (x.value.ndim - 2)) if weight.numel() > 1 else weight
    below = x.linear(torch.neg).rescale(torch.relu)
    return Pair(*(a - slopes * b for a, b in zip(x.rescale(torch.relu), below, strict=True)))


def _einsum(equation: str, *operands: Any) -> Any:
    inputs = [place for place, operand in enumerate(operands) if isinstance(operand, Pair)]

    def function(*values: torch.Tensor) -> torch.Tensor:
        full = list(operands)
        for place, value in zip(inputs, values, strict=True):
            full[place] = value
        return torch.einsum(equation, *full)

    if len(inputs) == 1:
        return operands[inputs[0]].linear(function)
    if len(inputs) == 2:
        return operands[inputs[0]].combine(operands[inputs[1]], function)
    return NotImplemented


def _exponentials(x: Pair, dim: int) -> tuple[Pair, Pair, Pair]:
    """Give exp(x - top), its sum over `dim`, and top, the maximum over `dim`.

    Sequence and reference are each relative to their own maximum. Relative to a common one, a
    difference of 20 between the maxima would leave nothing but rounding.
    """
    top = _largest(x, dim, keepdim=True)
    powers = Pair(x.value - top.value, x.reference - top.reference).rescale(torch.exp)
    return powers, powers.linear(lambda values: values.sum(dim, keepdim=True)), top


def _cast(x: Pair, dtype: torch.dtype | None) -> Pair:
    return x if dtype is None else x.linear(lambda values: values.to(dtype))


def _softmax(
    x: Pair, dim: int, dtype: torch.dtype | None = None, *, _stacklevel: int | None = None
) -> Any:
    powers, total, _ = _exponentials(_cast(x, dtype), dim)
    return powers.divide(total)


def _log_softmax(
    x: Pair, dim: int, dtype: torch.dtype | None = None, *, _stacklevel: int | None = None
) -> Any:
    x = _cast(x, dtype)
    total = _logsumexp(x, dim, keepdim=True)
    return Pair(x.value - total.value, x.reference - total.reference)


def _logsumexp(x: Pair, dim: int, keepdim: bool = False) -> Any:
    if not isinstance(dim, int):
        return NotImplemented
    _, total, top = _exponentials(x, dim)
    logarithm = total.rescale(torch.log)
    total = Pair(logarithm.value + top.value, logarithm.reference + top.reference)
    return total if keepdim else total.linear(lambda values: values.squeeze(dim))


def _glu(x: Pair, dim: int = -1) -> Any:
    first = x.linear(lambda values: values.chunk(2, dim)[0])
    gate = x.linear(lambda values: values.chunk(2, dim)[1])
    return first.combine(gate.rescale(torch.sigmoid), torch.mul)


def _attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: torch.Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    every_input = all(isinstance(part, Pair) for part in (query, key, value))
    if not every_input or attn_mask is not None or is_causal or dropout_p or enable_gqa:
        return NotImplemented
    factor = query.value.shape[-1] ** -0.5 if scale is None else scale
    return _attention_weights(query, key, factor).combine(value, torch.matmul)


def _multi_head_attention(
    query: Any,
    key: Any,
    value: Any,
    _embed_dim: int,
    heads: int,
    in_weight: Any,
    in_bias: Any,
    *rest: Any,
    need_weights: bool = True,
    average_attn_weights: bool = True,
    training: bool = False,
    **options: Any,
) -> Any:
    """Attend without masks or added keys; inputs have shape (length, n, channels)."""
    *added, dropout, out_weight, out_bias = rest
    inputs = (query, key, value)
    if not all(isinstance(part, Pair) and part.value.ndim == 3 for part in inputs):
        return NotImplemented
    if in_weight is None or (training and dropout) or any(map(_given, (*added, *options.values()))):
        return NotImplemented
    biases = (None, None, None) if in_bias is None else in_bias.chunk(3)
    # (length, n, channels) -> (n, heads, length, channels of a head)
    queries, keys, values = (
        part.linear(
            lambda tensor, weight=weight, bias=bias: (
                F.linear(tensor, weight, bias).unflatten(-1, (heads, -1)).permute(1, 2, 0, 3)
            )
        )
        for part, weight, bias in zip(inputs, in_weight.chunk(3), biases, strict=True)
    )
    weights = _attention_weights(queries, keys, queries.value.shape[-1] ** -0.5)
    mixed = weights.combine(values, torch.matmul).linear(
        lambda tensor: F.linear(tensor.permute(2, 0, 1, 3).flatten(2), out_weight, out_bias)
    )
    shown = weights.value.mean(1) if average_attn_weights else weights.value
    both: Any = (mixed.value, shown if need_weights else None)
    return Pair(both, mixed.reference)


def _attention_weights(query: Pair, key: Pair, factor: float) -> Pair:
    scores = query.linear(lambda values: values * factor).combine(
        key.linear(lambda values: values.transpose(-2, -1)), torch.matmul
    )
    weights: Pair = _softmax(scores, -1)
    return weights


def _given(option: Any) -> bool:
    return option is not None and option is not False


def _max_pool(name: str, axes: int) -> Rule:
    """Make the rule of a pooling over the last `axes` axes."""
    function = getattr(F, name)

    def rule(x: Pair, *args: Any, **kwargs: Any) -> Any:
        kwargs.pop("return_indices", None)  # with it, torch names the operation otherwise
        with torch.no_grad():
            own = function(x.value, *args, return_indices=True, **kwargs)[1]
            references = function(x.reference, *args, return_indices=True, **kwargs)[1]
        chosen = x.linear(lambda values: values.flatten(-axes)).choose(
            own.flatten(-axes), references.flatten(-axes)
        )
        return chosen.linear(lambda values: values.view(own.shape))

    return rule


def _largest(x: Pair, dim: int | tuple[int, ...], keepdim: bool) -> Pair:
    """Take the maximum over axes: one window, moved to the last axis."""
    axes = sorted(axis % x.value.ndim for axis in ((dim,) if isinstance(dim, int) else dim))
    ends = list(range(-len(axes), 0))
    flat = x.linear(lambda values: values.movedim(axes, ends).flatten(-len(axes)))
    top = flat.choose(
        flat.value.argmax(-1, keepdim=True), flat.reference.argmax(-1, keepdim=True)
    ).linear(lambda values: values.squeeze(-1))
    if not keepdim:
        return top
    shape = [1 if axis in axes else size for axis, size in enumerate(x.value.shape)]
    return top.linear(lambda values: values.view(shape))


def _amax(x: Pair, dim: Any = (), keepdim: bool = False) -> Any:
    everything = tuple(range(x.value.ndim))
    return _largest(x, everything if dim == () else dim, keepdim)


def _max(x: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    if other is not None or _any_tensor(dim):
        return _maximum(x, dim if other is None else other)
    if dim is None:
        return _amax(x)
    top = _largest(x, dim, keepdim)
    indices = x.value.argmax(dim, keepdim=keepdim)
    both: Any = torch.return_types.max((top.value, indices))
    return Pair(both, top.reference)


def _maximum(x: Any, other: Any) -> Any:
    pairs = [part if isinstance(part, Pair) else Pair(part, part) for part in (x, other)]
    shape = torch.broadcast_shapes(*(pair.value.shape for pair in pairs))
    stacked = (
        torch.stack([side.expand(shape) for side in sides], -1)
        for sides in zip(*pairs, strict=True)
    )
    return _largest(Pair(*stacked), -1, keepdim=False)


def _standardize(x: Pair, axes: tuple[int, ...], eps: float) -> Pair:
    """Subtract the mean over `axes` and divide by the standard deviation."""
    centred = x.linear(lambda values: values - values.mean(axes, keepdim=True))
    variance = centred.rescale(torch.square).linear(lambda values: values.mean(axes, keepdim=True))
    return centred.combine(variance.rescale(lambda values: (values + eps).rsqrt()), torch.mul)


def _affine(x: Pair, weight: torch.Tensor | None, bias: torch.Tensor | None) -> Pair:
    scaled = x if weight is None else x.linear(lambda values: values * weight)
    return scaled if bias is None else scaled.linear(lambda values: values + bias)


def _by_channel(weight: torch.Tensor | None, x: Pair) -> torch.Tensor | None:
    return None if weight is None else weight.view(-1, *[1] * (x.value.ndim - 2))


def _layer_norm(
    x: Pair, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    axes = tuple(range(-len(normalized_shape), 0))
    return _affine(_standardize(x, axes, eps), weight, bias)


def _group_norm(
    x: Pair, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    shape = x.value.shape
    grouped = x.linear(lambda values: values.reshape(shape[0], num_groups, -1))
    normal = _standardize(grouped, (-1,), eps).linear(lambda values: values.view(shape))
    return _affine(normal, _by_channel(weight, x), _by_channel(bias, x))


def _instance_norm(
    x: Pair,
    *,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    eps: float = 1e-5,
    **_running: Any,
) -> Any:
    if not use_input_stats:
        return NotImplemented
    normal = _standardize(x, tuple(range(2, x.value.ndim)), eps)
    return _affine(normal, _by_channel(weight, x), _by_channel(bias, x))


def _words(text: str) -> list[str]:
    return text.split()


ENTRYWISE = _words(
    "relu relu6 leaky_relu elu selu celu gelu silu mish softplus softsign hardtanh hardswish "
    "hardsigmoid hardshrink softshrink tanhshrink threshold rrelu sigmoid tanh exp exp2 expm1 log log2 "
    "log10 log1p sqrt rsqrt reciprocal abs absolute square sin cos erf clamp clamp_min clamp_max clip"
)
BILINEAR = _words("mul multiply matmul mm bmm mv dot")

RULES: dict[str, Rule] = {
    **{name: _entrywise(getattr(torch, name, None) or getattr(F, name)) for name in ENTRYWISE},
    **{name: _bilinear(getattr(torch, name)) for name in BILINEAR},
    **{f"max_pool{axes}d": _max_pool(f"max_pool{axes}d", axes) for axes in (1, 2, 3)},
    **{
        f"adaptive_max_pool{axes}d": _max_pool(f"adaptive_max_pool{axes}d", axes)
        for axes in (1, 2, 3)
    },
    "log_sigmoid": _entrywise(F.logsigmoid),
    "_threshold": _entrywise(F.threshold),
    "div": _divide,
    "divide": _divide,
    "true_divide": _divide,
    "__rdiv__": _divide_reversed,
    "pow": _power,
    "__rpow__": _power_reversed,
    "prelu": _prelu,
    "einsum": _einsum,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "logsumexp": _logsumexp,
    "glu": _glu,
    "scaled_dot_product_attention": _attention,
    "multi_head_attention_forward": _multi_head_attention,
    "amax": _amax,
    "max": _max,
    "maximum": _maximum,
    "layer_norm": _layer_norm,
    "group_norm": _group_norm,
    "instance_norm": _instance_norm,
}
"""Rule of each operation. An in-place spelling is looked up without its trailing underscore."""

LINEAR = frozenset(
    _words("""
    linear conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d batch_norm dropout
    dropout1d dropout2d dropout3d feature_dropout alpha_dropout feature_alpha_dropout
    avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d
    interpolate pad constant_pad_nd add subtract sub rsub __rsub__ neg negative sum mean cumsum
    cat concat concatenate stack hstack vstack chunk split tensor_split unbind view view_as reshape
    flatten unflatten ravel squeeze unsqueeze transpose permute movedim swapaxes swapdims t contiguous
    clone expand expand_as repeat repeat_interleave tile narrow select index_select gather take
    __getitem__ __get__ __setitem__ flip roll unfold fold diagonal tril triu copy to float double half
    bfloat16 type type_as cpu cuda requires_grad
    """)
)
"""Operations whose gradient is exact, so that none of them is named when contributions do not add up."""
