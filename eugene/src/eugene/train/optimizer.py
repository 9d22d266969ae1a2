"""How weights are moved: optimiser and learning-rate schedule as one small value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    import torch


@dataclass(frozen=True)
class Optimizer:
    """AdamW with a learning rate that rises, then falls.

    Parameters
    ----------
    learning_rate
        The highest rate.
    weight_decay
        Decoupled weight decay (Loshchilov and Hutter 2019).
    schedule
        ``"one_cycle"``: from a twenty-fifth of the rate up to it and down to nearly nothing, by
        cosines, in step with the batches (Smith and Topin 2018). ``"constant"``: the rate throughout.
    warmup
        Share of the steps in which the one-cycle rate rises.
    gradient_clip
        Largest norm of the gradient.

    Raises
    ------
    ValueError
        If a number is out of its range or the schedule is unknown.

    Examples
    --------
    >>> Optimizer(learning_rate=0.001).schedule
    'one_cycle'
    """

    learning_rate: float = 0.01
    weight_decay: float = 0.01
    schedule: Literal["one_cycle", "constant"] = "one_cycle"
    warmup: float = 0.2
    gradient_clip: float = 1.0

    def __post_init__(self) -> None:
        if self.learning_rate <= 0 or self.weight_decay < 0 or self.gradient_clip <= 0:
            msg = (
                "learning_rate and gradient_clip must be positive and weight_decay not negative; "
                f"found {self.learning_rate}, {self.gradient_clip} and {self.weight_decay}"
            )
            raise ValueError(msg)
        if self.schedule not in ("one_cycle", "constant") or not 0 < self.warmup < 1:
            msg = (
                "schedule must be 'one_cycle' or 'constant' and warmup between 0 and 1; "
                f"found {self.schedule!r} and {self.warmup}"
            )
            raise ValueError(msg)

    def configure(self, parameters: Iterable[torch.nn.Parameter], steps: int) -> dict[str, Any]:
        """Make the optimiser and its schedule, as Lightning takes them, for a number of steps."""
        import torch

        adamw = torch.optim.AdamW(parameters, lr=self.learning_rate, weight_decay=self.weight_decay)
        if self.schedule == "constant":
            return {"optimizer": adamw}
        steps = max(steps, 2)
        share = max(self.warmup, 1.5 / steps)  # torch divides by share * steps - 1
        rate = torch.optim.lr_scheduler.OneCycleLR(
            adamw, self.learning_rate, total_steps=steps, pct_start=share
        )
        return {"optimizer": adamw, "lr_scheduler": {"scheduler": rate, "interval": "step"}}
