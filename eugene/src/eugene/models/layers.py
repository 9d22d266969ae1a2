"""Layers that several networks share."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn


class Scaled(nn.Module):
    """A network whose outputs are brought to the target's scale.

    Parameters
    ----------
    network
        Maps (n, letters, length) to (n, targets).
    center, scale
        For each target: result = center + scale * output.

    Examples
    --------
    >>> Scaled(nn.Flatten(), [1.0], [2.0])(torch.ones(1, 1, 1)).item()
    3.0
    """

    center: torch.Tensor
    scale: torch.Tensor

    def __init__(self, network: nn.Module, center: Sequence[float], scale: Sequence[float]) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("center", torch.tensor(center, dtype=torch.float32))
        self.register_buffer("scale", torch.tensor(scale, dtype=torch.float32))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (n, letters, length) to (n, targets)."""
        return self.center + self.scale * self.network(x)


class KmerCounts(nn.Module):
    """Count every k-mer of one-hot sequences; nothing is learned.

    Parameters
    ----------
    k
        Letters of a k-mer.
    letters
        Letters of the alphabet.

    Notes
    -----
    A k-mer is counted where a filter that holds its one-hot matches all k letters, so that the counts are
    a function of the one-hot with a gradient. K-mers are in alphabetical order of the letters.

    Examples
    --------
    >>> x = torch.eye(4)[[0, 2, 0]].T[None]  # AGA
    >>> KmerCounts(1, 4)(x)
    tensor([[2., 0., 1., 0.]])
    """

    filters: torch.Tensor
    bias: torch.Tensor

    def __init__(self, k: int, letters: int) -> None:
        super().__init__()
        self.kmers = letters**k
        words = torch.cartesian_prod(*[torch.arange(letters)] * k).view(-1, k)
        filters = F.one_hot(words, letters).transpose(1, 2).float()  # (kmers, letters, k)
        self.register_buffer("filters", filters, persistent=False)
        self.register_buffer("bias", torch.full((self.kmers,), 1.0 - k), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map one-hot (n, letters, length) to counts (n, kmers)."""
        return F.relu(F.conv1d(x, self.filters, self.bias)).sum(dim=2)


class SqueezeExcite(nn.Module):
    """Scale each channel by a gate computed from all channels' means.

    Parameters
    ----------
    channels
        Channels in and out.
    hidden
        Units of the gate's hidden layer.

    Notes
    -----
    Hu, Shen and Sun 2018, with SiLU in the hidden layer.

    Examples
    --------
    >>> SqueezeExcite(8, 2)(torch.zeros(1, 8, 5)).shape
    torch.Size([1, 8, 5])
    """

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.gate = nn.Sequential(
            nn.Linear(channels, hidden), nn.SiLU(), nn.Linear(hidden, channels), nn.Sigmoid()
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (n, channels, length) to the same shape."""
        gate = self.gate(x.mean(dim=2))  # (n, channels)
        return x * gate.unsqueeze(2)
