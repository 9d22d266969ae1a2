"""CNN: a small convolutional network that trains on a laptop in about a minute.

Our own design, for data sets of thousands of sequences, where a ridge on k-mer counts is hard to beat.
A deep path: few wide filters whose outputs are averaged over many positions, so that later layers cannot
put motifs together from parts and each filter has to hold a motif of its own (Koo and Eddy 2019); then
convolutions for how motifs stand together; and means rather than maxima of positions, because many weak
sites add up in a promoter. A wide path beside it (Cheng et al. 2016): k-mer counts, which a network would
otherwise spend its few sequences on finding.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from eugene.models.layers import KmerCounts


@dataclass(frozen=True)
class CNNConfig:
    """Configuration of `CNN`.

    Parameters
    ----------
    length
        Letters of a sequence, `kernel` at least.
    targets
        Outputs.
    letters
        Channels of the one-hot input.
    filters
        Filters of the first layer.
    kernel
        Width of the first filters, letters; odd.
    pool
        Positions that are averaged after the first layer.
    hidden
        Filters of the two further layers and units of the dense one.
    kmer
        Letters of the k-mers that are counted beside the filters; 0 for none. None: as many as give at
        most 256 k-mers, 4 for DNA and 1 for proteins.
    dropout
        Share of units dropped while training.
    """

    length: int
    targets: int = 1
    letters: int = 4
    filters: int = 32
    kernel: int = 15
    pool: int = 20
    hidden: int = 64
    kmer: int | None = None
    dropout: float = 0.2

    def __post_init__(self) -> None:
        if self.length < self.kernel:
            msg = f"sequences must be as long as a filter, {self.kernel} letters; found length {self.length}"
            raise ValueError(msg)

    def counted(self) -> int:
        """Give the letters of the k-mers that are counted: `kmer`, or what None stands for.

        Examples
        --------
        >>> CNNConfig(length=60).counted(), CNNConfig(length=60, letters=20).counted()
        (4, 1)
        """
        if self.kmer is not None:
            return self.kmer
        k = 1
        while self.letters ** (k + 1) <= 256:
            k += 1
        return k


class CNN(nn.Module):
    """Three convolutions and the mean over positions, beside a linear model of k-mer counts.

    Parameters
    ----------
    config
        Shape of the network.

    References
    ----------
    Koo and Eddy 2019, "Representation learning of genomic sequence motifs with convolutional neural
    networks"; Cheng et al. 2016, "Wide & Deep Learning for Recommender Systems".

    Examples
    --------
    >>> CNN(CNNConfig(length=60, targets=2))(torch.zeros(3, 4, 60)).shape
    torch.Size([3, 2])
    """

    def __init__(self, config: CNNConfig) -> None:
        super().__init__()
        self.config = config
        hidden, drop = config.hidden, config.dropout
        self.first = nn.Conv1d(config.letters, config.filters, config.kernel, padding="same")
        self.first_norm = nn.BatchNorm1d(config.filters)
        self.body = nn.Sequential(
            *self._convolution(config.filters, hidden, drop),
            *self._convolution(hidden, hidden, drop),
        )
        self.head = nn.Sequential(
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Dropout(drop),
            nn.Linear(hidden, config.targets),
        )
        self.wide = self._wide(config) if config.counted() else None

    @staticmethod
    def _convolution(channels: int, filters: int, dropout: float) -> list[nn.Module]:
        convolution = nn.Conv1d(channels, filters, 7, padding="same")
        return [convolution, nn.BatchNorm1d(filters), nn.ReLU(), nn.Dropout(dropout)]

    @staticmethod
    def _wide(config: CNNConfig) -> nn.Module:
        counts = KmerCounts(config.counted(), config.letters)
        linear = nn.Linear(counts.kmers, config.targets, bias=False)
        nn.init.zeros_(linear.weight)
        norm = nn.BatchNorm1d(counts.kmers, affine=False)
        return nn.Sequential(counts, norm, nn.Dropout(0.5), linear)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map one-hot (n, letters, length) to (n, targets)."""
        y = F.relu(self.first_norm(self.first(x)))  # (n, filters, length)
        y = F.avg_pool1d(y, self.config.pool, ceil_mode=True)  # (n, filters, length / pool)
        y = self.head(self.body(y).mean(dim=2))  # (n, targets)
        return y if self.wide is None else y + self.wide(x)
