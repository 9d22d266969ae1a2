"""Multipliers of a whole network, from one pass of the references and one of the sequences.

The second pass has a rule in place of each nonlinear operation. Operations are caught where torch runs
them, not where modules stand. So a module that is used twice, a functional spelling, a tensor method and
an in-place one are all seen, once for each call.
"""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from seqexplainer.attribute.pair import Pair
from seqexplainer.attribute.rules import LINEAR, RULES
from seqexplainer.network import as_outputs, input_gradient


@dataclass(frozen=True)
class Multipliers:
    """What the two passes give for n pairs of a sequence and a reference.

    Attributes
    ----------
    values
        Multiplier of each one-hot entry, shape (n, letters, length).
    references
        What the module computes for the references, shape (n, targets).
    without_rule
        Names of nonlinear operations that have no rule, so that their gradient was used.

    Examples
    --------
    >>> network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.ReLU())
    >>> x, reference = torch.tensor([[[3.0]]]), torch.tensor([[[-1.0]]])
    >>> find_multipliers(network, x, reference, None).values
    tensor([[[0.7500]]])
    """

    values: torch.Tensor
    references: torch.Tensor
    without_rule: set[str]


def find_multipliers(
    module: torch.nn.Module, onehot: torch.Tensor, references: torch.Tensor, output: int | None
) -> Multipliers:
    """Find what each entry of `onehot` contributes to an output for each unit that it differs by.

    Parameters
    ----------
    module
        Network in evaluation mode with frozen weights.
    onehot, references
        Pairs of sequence and reference, shape (n, letters, length) each.
    output
        Column of the output; may be None if there is one.

    Raises
    ------
    ValueError
        If `output` does not name a column, or if the module runs other operations on the sequences
        than on the references.

    Examples
    --------
    >>> x, zero = torch.tensor([[[3.0]]]), torch.tensor([[[0.0]]])
    >>> find_multipliers(torch.nn.Sequential(torch.nn.Flatten(), torch.nn.GELU()), x, zero, 0).values
    tensor([[[0.9987]]])
    """
    recorder = _Recorder()
    with torch.no_grad(), recorder:
        reference_outputs = as_outputs(module(references.clone()), len(references))
    comparer = _Comparer(recorder.tape)
    with comparer:
        _, values = input_gradient(module, onehot, output)
    if recorder.tape:
        raise ValueError(_other_operations("nothing", recorder.tape[0].name))
    return Multipliers(values, reference_outputs, comparer.without_rule)


@dataclass(frozen=True)
class _Call:
    """One operation of the reference pass, with its arguments."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def kept_from(self, home: int) -> _Call:
        """Copy the tensors that lie in the memory at `home`, which is about to change."""

        def keep(value: Any) -> Any:
            stays = not isinstance(value, torch.Tensor) or _home(value) != home
            return value if stays else value.clone()

        kwargs = {key: keep(value) for key, value in self.kwargs.items()}
        return _Call(self.name, tuple(map(keep, self.args)), kwargs)


class _Recorder(TorchFunctionMode):
    """Write down each operation that has a rule, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.tape: deque[_Call] = deque()

    def __torch_function__(
        self, func: Callable[..., Any], _types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        args, kwargs = _input_first(args, kwargs or {})
        name, in_place = _identify(func, kwargs)
        if name in RULES:
            self.tape.append(_Call(name, args, kwargs))
        if in_place and args and isinstance(args[0], torch.Tensor):
            home = _home(args[0])
            self.tape = deque(call.kept_from(home) for call in self.tape)
        return func(*args, **kwargs)


class _Comparer(TorchFunctionMode):
    """Run each operation that has a rule by its rule, beside the call that was written down."""

    def __init__(self, tape: deque[_Call]) -> None:
        super().__init__()
        self.tape = tape
        self.without_rule: set[str] = set()

    def __torch_function__(
        self, func: Callable[..., Any], _types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        args, kwargs = _input_first(args, kwargs or {})
        name, in_place = _identify(func, kwargs)
        if name in RULES:
            pair = _apply_rule(name, args, kwargs, self._recorded(name))
            if isinstance(pair, Pair):
                return args[0].copy_(pair.value) if in_place else pair.value
        result = func(*args, **kwargs)
        linear = name in LINEAR and not kwargs.get("training", False)
        if not linear and _depends_on_input(result):
            self.without_rule.add(name)
        return result

    def _recorded(self, name: str) -> _Call:
        call = self.tape.popleft() if self.tape else None
        if call is None or call.name != name:
            raise ValueError(_other_operations(name, "nothing" if call is None else call.name))
        return call


def _other_operations(own: str, reference: str) -> str:
    return (
        f"module must run the same operations on every sequence; found {own} where the reference ran "
        f"{reference}. Use seqexplainer.ism for such a model"
    )


def _input_first(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Move an `input` that was passed by name to where it stands in every operation, the front."""
    if "input" not in kwargs:
        return args, kwargs
    rest = {key: value for key, value in kwargs.items() if key != "input"}
    return (kwargs["input"], *args), rest


def _identify(function: Callable[..., Any], kwargs: dict[str, Any]) -> tuple[str, bool]:
    """Give the name of an operation, and whether it changes its first argument."""
    name = getattr(function, "__name__", "")
    if name.endswith("_") and not name.endswith("__"):
        return name[:-1], True
    return name, name == "__setitem__" or bool(kwargs.get("inplace"))


def _apply_rule(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], recorded: _Call) -> Any:
    """Run the rule, or give None where nothing depends on the sequence or the rule does not fit."""
    paired = [_pair(own, other) for own, other in zip(args, recorded.args, strict=True)]
    named = {key: _pair(own, recorded.kwargs[key]) for key, own in kwargs.items()}
    if not any(isinstance(value, Pair) for value in (*paired, *named.values())):
        return None
    rule = RULES[name]
    try:
        inspect.signature(rule).bind(*paired, **named)
    except TypeError:  # an argument that the rule does not know, such as out=
        return None
    return rule(*paired, **named)


def _pair(own: Any, reference: Any) -> Any:
    if not isinstance(own, torch.Tensor) or not own.requires_grad:
        return own
    if own.shape != reference.shape:
        msg = (
            "module must compute tensors of the same shapes for every sequence; found "
            f"{tuple(own.shape)} where the reference has {tuple(reference.shape)}"
        )
        raise ValueError(msg)
    return Pair(own, reference)


def _home(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _depends_on_input(result: Any) -> bool:
    if isinstance(result, torch.Tensor):
        return result.requires_grad
    return isinstance(result, tuple | list) and any(map(_depends_on_input, result))
