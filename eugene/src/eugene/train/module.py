"""The one Lightning module: any network on one-hot sequences, any task, metrics of whole epochs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch import nn

from eugene.tasks import Task
from eugene.train.optimizer import Optimizer
from seqdata.torch import one_hot
from seqpro import Alphabet

SEQUENCE_KEY = "seq"
TARGET_KEY = "target"


class SequenceModule(pl.LightningModule):
    """Trains a network on batches of ASCII codes and targets.

    A batch is a dict: ``seq`` uint8 (n, length), encoded on the device, and ``target`` float32
    (n, targets) with NaN where a value is missing; those entries count neither in the loss nor in the
    scores. After each epoch ``history`` holds losses and scores of the whole epoch.

    Parameters
    ----------
    network
        Maps one-hot float (n, letters, length) to (n, targets).
    task
        Loss, link and scores.
    alphabet
        The sequences' letters.
    center, scale
        For each target: the loss compares network outputs with (target - center) / scale.
    optimizer
        How weights are moved.
    both_strands
        Whether each sequence is shown as its reverse complement half of the time, and scored by the
        mean of both strands.

    Examples
    --------
    >>> import seqpro as sp
    >>> from eugene.tasks import TASKS
    >>> net = nn.Sequential(nn.Flatten(), nn.Linear(12, 1))
    >>> module = SequenceModule(net, TASKS["regression"], sp.DNA, np.zeros(1), np.ones(1), Optimizer())
    >>> batch = {"seq": torch.full((2, 3), 65, dtype=torch.uint8), "target": torch.zeros(2, 1)}
    >>> module.training_step(batch).ndim
    0
    """

    def __init__(
        self,
        network: nn.Module,
        task: Task,
        alphabet: Alphabet,
        center: np.ndarray[Any, Any],
        scale: np.ndarray[Any, Any],
        optimizer: Optimizer,
        both_strands: bool = False,
    ) -> None:
        super().__init__()
        self.network, self.task, self.alphabet = network, task, alphabet
        self.optimizer, self.both_strands = optimizer, both_strands
        self.register_buffer("center", torch.as_tensor(center, dtype=torch.float32))
        self.register_buffer("scale", torch.as_tensor(scale, dtype=torch.float32))
        columns = alphabet.complement_columns().tolist() if both_strands else []
        self.register_buffer("complement", torch.tensor(columns, dtype=torch.long))
        self.history: list[dict[str, float]] = []
        self._losses: list[torch.Tensor] = []
        self._outputs: list[torch.Tensor] = []
        self._targets: list[torch.Tensor] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map one-hot (n, letters, length) to network outputs (n, targets)."""
        return self.network(x)

    def training_step(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        """Give the loss of a batch, each sequence on a random strand if both count."""
        x = one_hot(batch[SEQUENCE_KEY], self.alphabet)
        if self.both_strands:
            turned = torch.rand(x.shape[0], device=x.device) < 0.5
            x = torch.where(turned[:, None, None], self._reverse_complement(x), x)
        loss = self._loss(self(x), batch[TARGET_KEY])
        self._losses.append(loss.detach())
        return loss

    def validation_step(self, batch: dict[str, torch.Tensor]) -> None:
        """Keep outputs and targets for the end of the epoch."""
        x = one_hot(batch[SEQUENCE_KEY], self.alphabet)
        outputs = self(x)
        if self.both_strands:
            outputs = (outputs + self(self._reverse_complement(x))) / 2
        self._outputs.append(outputs.detach().float())
        self._targets.append(batch[TARGET_KEY])

    def on_validation_epoch_end(self) -> None:
        """Score the whole epoch and add it to the history."""
        outputs, targets = torch.cat(self._outputs), torch.cat(self._targets)
        entry = {
            "epoch": float(self.current_epoch),
            "val_loss": float(self._loss(outputs, targets)),
        }
        if self._losses:
            entry["train_loss"] = float(torch.stack(self._losses).mean())
        predictions = self.task.link((self.center + self.scale * outputs).cpu().numpy())
        for name, metric in self.task.metrics.items():
            entry[f"val_{name}"] = _mean_score(metric, targets.cpu().numpy(), predictions)
        self.history.append(entry)
        for kept in (self._losses, self._outputs, self._targets):
            kept.clear()

    def configure_optimizers(self) -> Any:
        """Make the optimiser for all steps of the training."""
        steps = int(self.trainer.estimated_stepping_batches)
        return self.optimizer.configure(self.network.parameters(), steps)

    def _loss(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        mask = ~torch.isnan(targets)
        scaled = (torch.nan_to_num(targets) - self.center) / self.scale
        return self.task.loss(outputs, scaled, mask)

    def _reverse_complement(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, self.complement].flip(2)


def _mean_score(
    metric: Any, targets: np.ndarray[Any, Any], predictions: np.ndarray[Any, Any]
) -> float:
    """Mean over targets of the score of the rows that have the target; NaN if none can be scored."""
    scores = []
    for t in range(targets.shape[1]):
        known = ~np.isnan(targets[:, t])
        if known.any():
            scores.append(float(metric(targets[known, t], predictions[known, t])))
    finite = [score for score in scores if not np.isnan(score)]
    return float(np.mean(finite)) if finite else float("nan")
