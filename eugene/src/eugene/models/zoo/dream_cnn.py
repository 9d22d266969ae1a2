"""DREAM-CNN: the convolutional network that the Random Promoter DREAM Challenge 2022 led to.

Source: Rafi et al., Nature Biotechnology 2024, "A community effort to optimize sequence-based deep
learning models of gene regulation"; its blocks go back to the submissions BHI (first layers) and LegNet
(core and final layers; Penzar et al., Bioinformatics 2023).

Reference parameter counts: 1,933,970 (yeast: 6 channels, soft bins), 1,945,857 (human MPRA: 5 channels,
one linear target), 1,962,754 (fly STARR-seq: 5 channels, two linear targets). Receptive field: 87 bp.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

from eugene.models.layers import SqueezeExcite


@dataclass(frozen=True)
class DreamCNNConfig:
    """Configuration of `DreamCNN`; the defaults with ``head="soft_bins"`` are the yeast network.

    Parameters
    ----------
    length
        Letters of a sequence; the network takes any.
    targets
        Outputs. The soft-bin head has one.
    letters
        Channels of the one-hot input.
    covariates
        Constants a sequence that are appended as channels: for yeast, whether it is reversed and
        whether its value is a single observation; zero where they are not given.
    head
        ``"linear"``: a tower a target. ``"soft_bins"``: the expectation over 18 expression bins, on
        the scale 0 to 17.
    """

    length: int = 150
    targets: int = 1
    letters: int = 4
    covariates: int = 2
    head: Literal["linear", "soft_bins"] = "linear"


class DreamCNN(nn.Module):
    """DREAM-CNN: two kernel widths, six inverted-residual stages with concatenation, mean pooling.

    Parameters
    ----------
    config
        Shape of the network.

    Raises
    ------
    ValueError
        If the soft-bin head is asked for more than one target.

    Examples
    --------
    >>> net = DreamCNN(DreamCNNConfig(head="soft_bins"))
    >>> sum(p.numel() for p in net.parameters()), net(torch.zeros(2, 4, 150)).shape
    (1933970, torch.Size([2, 1]))
    """

    WIDTHS = (320, 128, 128, 64, 64, 64, 64)

    def __init__(self, config: DreamCNNConfig) -> None:
        super().__init__()
        if config.head == "soft_bins" and config.targets != 1:
            msg = f"head 'soft_bins' has one target; found targets={config.targets}. Pass head='linear'"
            raise ValueError(msg)
        self.config = config
        self.predicts_target_scale = config.head == "soft_bins"
        channels = config.letters + config.covariates
        self.first = nn.ModuleList([_branch(channels, self.WIDTHS[0] // 2, k) for k in (9, 15)])
        pairs = zip(self.WIDTHS[:-1], self.WIDTHS[1:], strict=True)
        self.core = nn.ModuleList([Stage(before, after) for before, after in pairs])
        last = self.WIDTHS[-1]
        self.final: nn.Module
        if config.head == "soft_bins":
            self.final = SoftBins(last)
        else:
            self.final = LinearTowers(last, config.targets)
        self.core.apply(_initialise)  # the first layers keep torch's own
        self.final.apply(_initialise)

    def forward(self, x: torch.Tensor, covariates: torch.Tensor | None = None) -> torch.Tensor:
        """Map one-hot (n, letters, length), with covariates (n, k) if any, to (n, targets)."""
        if self.config.covariates:
            if covariates is None:
                covariates = x.new_zeros(x.shape[0], self.config.covariates)
            constant = covariates.unsqueeze(2).expand(-1, -1, x.shape[2])  # (n, k, length)
            x = torch.cat([x, constant], dim=1)  # (n, letters + k, length)
        x = torch.cat([branch(x) for branch in self.first], dim=1)  # (n, 320, length)
        for stage in self.core:
            x = stage(x)  # (n, 64, length) at the end
        return self.final(x)


class Stage(nn.Module):
    """An inverted residual whose result is concatenated to its input, then brought to a new width.

    Parameters
    ----------
    before, after
        Channels in and out.

    Examples
    --------
    >>> Stage(8, 4)(torch.zeros(1, 8, 10)).shape
    torch.Size([1, 4, 10])
    """

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        middle = 4 * after
        self.inner = nn.Sequential(
            *_conv(before, middle, 1),
            *_conv(middle, middle, 7, groups=middle // 2),
            SqueezeExcite(middle, before // 4),
            *_conv(middle, before, 1),
        )
        self.resize = nn.Sequential(*_conv(2 * before, after, 7))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (n, before, length) to (n, after, length)."""
        return self.resize(torch.cat([x, self.inner(x)], dim=1))


class SoftBins(nn.Module):
    """Probabilities of 18 expression bins, averaged over positions as logits, and their expectation.

    Parameters
    ----------
    channels
        Channels in.

    Examples
    --------
    >>> SoftBins(4)(torch.zeros(1, 4, 10)).shape
    torch.Size([1, 1])
    """

    bins: torch.Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mapper = nn.Conv1d(channels, 18, 1)
        self.register_buffer("bins", torch.arange(18.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (n, channels, length) to the expected bin, (n, 1)."""
        logits = self.mapper(x).mean(dim=2)  # (n, 18)
        return (logits.softmax(dim=1) * self.bins).sum(dim=1, keepdim=True)


class LinearTowers(nn.Module):
    """A tower for each target: a pointwise convolution, the mean over positions, a linear unit.

    Parameters
    ----------
    channels
        Channels in.
    targets
        Number of towers.

    Examples
    --------
    >>> LinearTowers(4, 2)(torch.zeros(1, 4, 10)).shape
    torch.Size([1, 2])
    """

    def __init__(self, channels: int, targets: int) -> None:
        super().__init__()
        self.mappers = nn.ModuleList([nn.Conv1d(channels, 256, 1) for _ in range(targets)])
        self.linears = nn.ModuleList([nn.Linear(256, 1) for _ in range(targets)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (n, channels, length) to (n, targets)."""
        towers = zip(self.mappers, self.linears, strict=True)
        return torch.cat([linear(mapper(x).mean(dim=2)) for mapper, linear in towers], dim=1)


def _branch(channels: int, width: int, kernel: int) -> nn.Sequential:
    conv = nn.Conv1d(channels, width, kernel, padding="same")
    return nn.Sequential(conv, nn.ReLU(), nn.Dropout(0.2))


def _conv(before: int, after: int, kernel: int, groups: int = 1) -> list[nn.Module]:
    conv = nn.Conv1d(before, after, kernel, padding="same", groups=groups, bias=False)
    return [conv, nn.BatchNorm1d(after), nn.SiLU()]


def _initialise(module: nn.Module) -> None:
    """Draw weights as the challenge's core and final layers do."""
    if isinstance(module, nn.Conv1d):
        spread = (2 / (module.kernel_size[0] * module.out_channels)) ** 0.5
        nn.init.normal_(module.weight, 0, spread)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, 0, 0.001)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
