"""Values of a sequence together with those of its reference, and the rules that compare them.

A rule says how the difference between the outputs of an operation is shared among the differences
between its inputs. It is written as a gradient: the output carries the value that the network computes,
and the backward pass multiplies by (difference of outputs) / (difference of inputs) instead of by the
derivative. Every rule here is complete: the shares add up to the difference, exactly.

Sources: the rescale rule is that of Shrikumar, Greenside and Kundaje 2017; the product rule is the
Shapley value of a product of two factors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch

ROUNDING = 16
"""Rounding errors that a difference of outputs may hold. Inputs that differ by no more than these count as
equal, and the derivative takes the place of the quotient."""

Function = Callable[[torch.Tensor], torch.Tensor]


class Pair(NamedTuple):
    """A tensor of the sequences, which carries gradients, and the same tensor of the references.

    Examples
    --------
    >>> x = torch.tensor([3.0], requires_grad=True)
    >>> pair = Pair(x, torch.tensor([-1.0]))
    >>> torch.autograd.grad(pair.rescale(torch.relu).value, x)  # (relu(3) - relu(-1)) / (3 - -1)
    (tensor([0.7500]),)
    """

    value: torch.Tensor
    reference: torch.Tensor

    def linear(self, function: Function) -> Pair:
        """Apply a linear function, or move entries about: the gradient is exact as it is."""
        return Pair(function(self.value), function(self.reference))

    def rescale(self, function: Function) -> Pair:
        """Apply a function of each entry alone: the multiplier is the slope of the secant."""
        reference = function(self.reference)
        return Pair(_Rescale.apply(self.value, self.reference, reference, function), reference)

    def combine(
        self, other: Pair, function: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    ) -> Pair:
        """Apply a function that is linear in each of two tensors, such as a product.

        The multiplier of either is what the function does with the mean of the other over sequence
        and reference.
        """
        own, others = self._mean(), other._mean()
        share = function(self.value, others) + function(own, other.value)
        with torch.no_grad():
            value = function(self.value, other.value)
        return Pair(_Carry.apply(share, value, None), function(self.reference, other.reference))

    def divide(self, other: Pair) -> Pair:
        """Divide entry by entry: the product with the other's reciprocal."""
        return self.combine(other.rescale(torch.reciprocal), torch.mul)

    def choose(self, own: torch.Tensor, references: torch.Tensor) -> Pair:
        """Take the largest entry of each window on the last axis.

        The difference is carried by the entry where the larger of the two maxima lies. There the
        entries differ by at least as much as the maxima do, so that the multiplier is between 0 and 1.

        Parameters
        ----------
        own
            Index of the sequence's largest entry of each window.
        references
            The same of the reference.
        """
        value, reference = self.value.gather(-1, own), self.reference.gather(-1, references)
        index = torch.where(value >= reference, own, references)
        carrier = self.value.gather(-1, index)
        with torch.no_grad():
            step = carrier - self.reference.gather(-1, index)
            slope = torch.where(step == 0, 1.0, (value - reference) / step)
        return Pair(_Carry.apply(carrier, value.detach(), slope), reference)

    def _mean(self) -> torch.Tensor:
        return (self.value.detach() + self.reference) / 2


class _Carry(torch.autograd.Function):
    """Give `value`, and pass to `source` the gradient times `slope` (times 1 where it is None)."""

    @staticmethod
    def forward(
        ctx: Any, source: torch.Tensor, value: torch.Tensor, slope: torch.Tensor | None
    ) -> torch.Tensor:
        del source
        ctx.save_for_backward(slope)
        return value.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        (slope,) = ctx.saved_tensors
        return gradients[0] if slope is None else gradients[0] * slope, None, None


class _Rescale(torch.autograd.Function):
    """Give ``function(x)``, and pass back the gradient times the slope of the secant to the reference."""

    @staticmethod
    def forward(
        ctx: Any,
        x: torch.Tensor,
        reference: torch.Tensor,
        output: torch.Tensor,
        function: Function,
    ) -> torch.Tensor:
        value = function(x)
        step = x - reference
        slope = (value - output).div_(step).flatten()
        blurred = value.abs().mul_(ROUNDING * torch.finfo(x.dtype).eps)
        # where both are infinite, as masked scores are, the step is no number: equal too
        close = (step.abs_() > blurred).logical_not_().flatten().nonzero()[:, 0]
        if close.numel():
            slope[close] = _derivative(function, x.flatten()[close])
        ctx.save_for_backward(slope.view(x.shape))
        return value

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None, None, None]:
        (slope,) = ctx.saved_tensors
        return gradients[0] * slope, None, None, None


def _derivative(function: Function, x: torch.Tensor) -> torch.Tensor:
    with torch.enable_grad():
        leaf = x.detach().requires_grad_()
        return torch.autograd.grad(function(leaf).sum(), leaf)[0]
