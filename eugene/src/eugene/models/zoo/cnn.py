"""CNN: a small convolutional network that trains on a laptop in about a minute.

Our own design: wide first filters that can hold a motif each, a pooled second layer for how motifs
stand together, and the mean and maximum over positions, so that weak signals spread over the sequence
and single strong sites both count.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class CNNConfig:
    """Configuration of `CNN`.

    Parameters
    ----------
    length
        Letters of a sequence; the network takes any from `kernel` on.
    targets
        Outputs.
    letters
        Channels of the one-hot input.
    filters
        Filters of the first layer.
    kernel
        Width of the first filters, letters; odd.
    pool
        Positions that are pooled (maximum) after the first layer.
    hidden
        Filters of the second layer and units of the dense one.
    dropout
        Share of channels dropped while training.
    """

    length: int
    targets: int = 1
    letters: int = 4
    filters: int = 128
    kernel: int = 15
    pool: int = 4
    hidden: int = 64
    dropout: float = 0.2


class CNN(nn.Module):
    """Two convolutions, mean and maximum over positions, one dense layer.

    Parameters
    ----------
    config
        Shape of the network.

    Examples
    --------
    >>> CNN(CNNConfig(length=60, targets=2))(torch.zeros(3, 4, 60)).shape
    torch.Size([3, 2])
    """

    def __init__(self, config: CNNConfig) -> None:
        super().__init__()
        self.config = config
        self.first = nn.Conv1d(config.letters, config.filters, config.kernel, padding="same")
        self.first_norm = nn.BatchNorm1d(config.filters)
        self.second = nn.Conv1d(config.filters, config.hidden, 7, padding="same")
        self.second_norm = nn.BatchNorm1d(config.hidden)
        self.drop = nn.Dropout1d(config.dropout)
        self.dense = nn.Linear(2 * config.hidden, config.hidden)
        self.dense_drop = nn.Dropout(config.dropout)
        self.out = nn.Linear(config.hidden, config.targets)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map one-hot (n, letters, length) to (n, targets)."""
        x = F.relu(self.first_norm(self.first(x)))  # (n, filters, length)
        x = self.drop(
            F.max_pool1d(x, self.config.pool, ceil_mode=True)
        )  # (n, filters, length / pool)
        x = self.drop(F.relu(self.second_norm(self.second(x))))  # (n, hidden, length / pool)
        x = torch.cat([x.mean(dim=2), x.amax(dim=2)], dim=1)  # (n, 2 * hidden)
        x = self.dense_drop(F.relu(self.dense(x)))  # (n, hidden)
        return self.out(x)
