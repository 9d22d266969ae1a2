"""Torch modules as predictors: encoding, and borrowing a module so that it comes back as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from seqexplainer.predictor import (
    DifferentiablePredictor,
    choose_output,
    read_seqs,
    require_positive,
)
from seqpro import DNA, Alphabet, ohe


@dataclass(frozen=True)
class Placement:
    """Where a module lies and what number type it takes.

    Examples
    --------
    >>> Placement.of(torch.nn.Linear(2, 1).double())
    Placement(device=device(type='cpu'), dtype=torch.float64)
    """

    device: torch.device
    dtype: torch.dtype

    @classmethod
    def of(cls, module: torch.nn.Module) -> Placement:
        """Read both from the module's first floating parameter or buffer; CPU and float32 without one."""
        for tensor in (*module.parameters(), *module.buffers()):
            if tensor.is_floating_point():
                return cls(tensor.device, tensor.dtype)
        return cls(torch.device("cpu"), torch.float32)


def require_module(predictor: DifferentiablePredictor) -> torch.nn.Module:
    """Give the module of a predictor.

    Raises
    ------
    TypeError
        If it shows none.

    Examples
    --------
    >>> require_module(TorchPredictor(torch.nn.Flatten()))
    Flatten(start_dim=1, end_dim=-1)
    """
    if not isinstance(predictor, DifferentiablePredictor):
        msg = (
            "predictor must show its torch module, for gradients; found "
            f"{type(predictor).__name__}. Pass seqexplainer.TorchPredictor(module), or use "
            "seqexplainer.ism, which needs predictions only"
        )
        raise TypeError(msg)
    return predictor.module


@contextmanager
def borrowed(
    module: torch.nn.Module, device: str | torch.device | None = None
) -> Iterator[Placement]:
    """Put a module in evaluation mode with frozen weights, and give it back as it was.

    Device, training mode of every submodule and `requires_grad` of every parameter are restored, also
    after an exception. Under it no weight collects a gradient.

    Parameters
    ----------
    module
        The network.
    device
        Where to run it; None leaves it where it lies.

    Raises
    ------
    ValueError
        If a `device` is named for a module that is spread over several.

    Examples
    --------
    >>> network = torch.nn.Linear(2, 1)
    >>> with borrowed(network) as placement:
    ...     network.training, network.weight.requires_grad, placement.dtype
    (False, False, torch.float32)
    >>> network.training, network.weight.requires_grad
    (True, True)
    """
    modes = [(part, part.training) for part in module.modules()]
    weights = [(weight, weight.requires_grad) for weight in module.parameters()]
    homes = {tensor.device for tensor in (*module.parameters(), *module.buffers())}
    if device is not None and len(homes) > 1:
        msg = f"device must be None for a module spread over {len(homes)} devices; found {device!r}"
        raise ValueError(msg)
    try:
        module.eval().requires_grad_(False)
        if device is not None:
            module.to(device)
        yield Placement.of(module)
    finally:
        for home in homes if device is not None else ():
            module.to(home)
        for weight, trained in weights:
            weight.requires_grad_(trained)
        for part, training in modes:
            part.training = training


def encode(codes: NDArray[np.uint8], alphabet: Alphabet, placement: Placement) -> torch.Tensor:
    """One-hot encode ASCII codes (n, length) to a tensor (n, letters, length); unknown letters are zero.

    Examples
    --------
    >>> encode(np.frombuffer(b"AN", np.uint8)[None], DNA, Placement.of(torch.nn.ReLU())).tolist()
    [[[1.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]]
    """
    onehot = torch.from_numpy(ohe(codes, alphabet, ohe_axis=-2))
    return onehot.to(placement.device).to(placement.dtype)


def as_outputs(outputs: Any, n: int) -> torch.Tensor:
    """Give what a module returned as (n, targets); one number a sequence becomes (n, 1).

    A module that squeezes its output loses the axis of a batch of one; it is put back.

    Raises
    ------
    TypeError
        If the module returned something else than a tensor.
    ValueError
        If the tensor has more axes or another number of rows.

    Examples
    --------
    >>> as_outputs(torch.zeros(3), 3).shape, as_outputs(torch.zeros(5), 1).shape
    (torch.Size([3, 1]), torch.Size([1, 5]))
    """
    way_out = "Wrap the module in one that gives one row of targets a sequence"
    if not isinstance(outputs, torch.Tensor):
        msg = f"module must return a tensor (n, targets); found {type(outputs).__name__}. {way_out}"
        raise TypeError(msg)
    if outputs.ndim < 2 and (n == 1 or outputs.numel() == n):
        return outputs.reshape(n, -1)
    if outputs.ndim != 2 or outputs.shape[0] != n:
        msg = (
            f"module must return a tensor (n, targets) with n = {n}; "
            f"found shape {tuple(outputs.shape)}. {way_out}"
        )
        raise ValueError(msg)
    return outputs


def input_gradient(
    module: torch.nn.Module, onehot: torch.Tensor, output: int | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Give one output of a borrowed module, (n,), and its gradient by the input, (n, letters, length).

    Raises
    ------
    ValueError
        If `output` does not name a column of the module's output.

    Examples
    --------
    >>> values, gradient = input_gradient(torch.nn.Flatten(), torch.ones(1, 2, 1), 1)
    >>> values.tolist(), gradient.tolist()
    ([1.0], [[[0.0], [1.0]]])
    """
    with torch.inference_mode(False), torch.enable_grad(), _recurrent_backward(module):
        leaf = onehot.clone().requires_grad_()
        outputs = as_outputs(module(leaf.clone()), len(leaf))  # the module may change its input
        column = outputs[:, choose_output(outputs.shape[1], output)]
        if not column.requires_grad:  # nothing in it depends on the sequence
            return column, torch.zeros_like(onehot)
        (gradient,) = torch.autograd.grad(column.sum(), leaf, materialize_grads=True)
        return column.detach(), gradient


def _recurrent_backward(module: torch.nn.Module) -> AbstractContextManager[None]:
    """Keep cuDNN out of recurrent layers, which it refuses to differentiate in evaluation mode."""
    if any(isinstance(part, torch.nn.RNNBase) for part in module.modules()):
        return torch.backends.cudnn.flags(enabled=False)
    return nullcontext()


@dataclass(frozen=True)
class TorchPredictor:
    """A `DifferentiablePredictor` around a torch module.

    The module is borrowed for each call: it runs in evaluation mode without gradients, and has its
    device and the training mode of every part back afterwards, also when the call fails.

    Parameters
    ----------
    module
        Network on one-hot sequences, (n, letters, length) to (n, targets) or (n,). It gets the number
        type of its first parameter.
    alphabet
        Order of the one-hot columns; letters outside it are all-zero columns.
    batch_size
        Sequences pushed through the module at a time.
    device
        Where to run, such as ``"cuda"``; None for where the module lies. Naming one moves the module
        there and back in every call, so move it yourself to save that time.

    Raises
    ------
    ValueError
        If `batch_size` is less than 1.

    Examples
    --------
    >>> network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 1))
    >>> _ = torch.nn.init.ones_(network[1].weight), torch.nn.init.zeros_(network[1].bias)
    >>> TorchPredictor(network)(["ACG", "ANN"]).tolist()
    [[3.0], [1.0]]
    """

    module: torch.nn.Module
    alphabet: Alphabet = DNA
    batch_size: int = 256
    device: str | torch.device | None = None

    def __post_init__(self) -> None:
        require_positive(batch_size=self.batch_size)

    def __call__(self, seqs: Any) -> NDArray[np.floating[Any]]:
        """Predict sequences of shape (n, length); gives shape (n, targets)."""
        codes = read_seqs(self, seqs, self.alphabet)
        rows = [codes[i : i + self.batch_size] for i in range(0, len(codes), self.batch_size)]
        with borrowed(self.module, self.device) as placement, torch.no_grad():
            parts = [
                as_outputs(self.module(encode(batch, self.alphabet, placement)), len(batch)).cpu()
                for batch in rows
            ]
        values = torch.cat(parts)
        return values.to(torch.promote_types(values.dtype, torch.float32)).numpy()


class StrandAverage(torch.nn.Module):
    """A module that averages another over both strands of one-hot sequences.

    Parameters
    ----------
    module
        Network on one-hot sequences (n, letters, length).
    alphabet
        Says which columns pair.

    Examples
    --------
    >>> network = StrandAverage(torch.nn.Flatten(), DNA)
    >>> network(encode(np.frombuffer(b"A", np.uint8)[None], DNA, Placement.of(network))).tolist()
    [[0.5, 0.0, 0.0, 0.5]]
    """

    def __init__(self, module: torch.nn.Module, alphabet: Alphabet) -> None:
        super().__init__()
        self.module = module
        self.columns = alphabet.complement_columns().tolist()

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        """Average both strands: (n, letters, length) to (n, targets)."""
        turned = onehot[:, self.columns].flip(-1)
        n = len(onehot)
        return (as_outputs(self.module(onehot), n) + as_outputs(self.module(turned), n)) / 2
