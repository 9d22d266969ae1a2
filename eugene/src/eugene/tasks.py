"""Kinds of targets: each with its loss, its link from network to target, and its scores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eugene import metrics
from eugene.metrics import Metric

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Task:
    """What a kind of target asks of training and scoring.

    Parameters
    ----------
    name
        ``"regression"`` or ``"binary"``.
    loss
        Function of network outputs, targets and a mask (all of shape (n, targets)), giving the mean
        over unmasked entries.
    link
        From network outputs to predictions on the target's scale, on arrays.
    metrics
        Scores by name, the first being the one that models are chosen by (higher is better).
    standardise
        Whether targets are centred and scaled for training.
    """

    name: str
    loss: Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
    link: Callable[[NDArray[Any]], NDArray[Any]]
    metrics: dict[str, Metric]
    standardise: bool

    @property
    def main_metric(self) -> str:
        """Name of the score that models are chosen by."""
        return next(iter(self.metrics))


def _squared_error(
    outputs: torch.Tensor, targets: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    errors = (outputs - targets) ** 2
    return (errors * mask).sum() / mask.sum().clamp(min=1)


def _cross_entropy(
    outputs: torch.Tensor, targets: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    import torch.nn.functional as F

    errors = F.binary_cross_entropy_with_logits(outputs, targets, reduction="none")
    return (errors * mask).sum() / mask.sum().clamp(min=1)


def _identity(outputs: NDArray[Any]) -> NDArray[Any]:
    return outputs


def _logistic(outputs: NDArray[Any]) -> NDArray[Any]:
    from scipy.special import expit

    return np.asarray(expit(outputs))


TASKS = {
    "regression": Task(
        "regression",
        _squared_error,
        _identity,
        {"pearson": metrics.pearson, "spearman": metrics.spearman, "r_squared": metrics.r_squared},
        standardise=True,
    ),
    "binary": Task(
        "binary",
        _cross_entropy,
        _logistic,
        {"auroc": metrics.auroc, "auprc": metrics.auprc, "accuracy": metrics.accuracy},
        standardise=False,
    ),
}
"""Every kind of target, by name."""
