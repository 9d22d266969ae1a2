"""Settings: where runs go, which device is used, whether progress is shown.

There is one frozen `Settings`, read with `current` and changed for a stretch of code with `use`. It
starts from environment variables, and no function of the suite changes it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Settings:
    """What may differ between machines, and never between results.

    Parameters
    ----------
    runs_dir
        Folder for training runs that are not given one. From ``EUGENE_RUNS_DIR``, or ``runs``.
    device
        ``"auto"`` (a GPU if there is one), ``"cpu"`` or ``"cuda"``. From ``EUGENE_DEVICE``.
    batch_size
        Sequences in a batch when predicting and explaining.

    Examples
    --------
    >>> Settings(device="cpu").device
    'cpu'
    """

    runs_dir: Path = field(default_factory=lambda: Path(os.environ.get("EUGENE_RUNS_DIR", "runs")))
    device: str = field(default_factory=lambda: os.environ.get("EUGENE_DEVICE", "auto"))
    batch_size: int = 256

    def __post_init__(self) -> None:
        if self.device not in ("auto", "cpu", "cuda"):
            msg = f"device must be 'auto', 'cpu' or 'cuda'; found {self.device!r}"
            raise ValueError(msg)
        if self.batch_size < 1:
            msg = f"batch_size must be at least 1; found {self.batch_size}"
            raise ValueError(msg)


_chosen: ContextVar[Settings | None] = ContextVar("eugene_settings", default=None)


def current() -> Settings:
    """Give the settings in force.

    Examples
    --------
    >>> current().batch_size
    256
    """
    return _chosen.get() or Settings()


@contextmanager
def use(**changes: Any) -> Iterator[Settings]:
    """Change settings inside a ``with`` block, for the calling thread or task.

    Parameters
    ----------
    changes
        Fields of `Settings` and their values.

    Raises
    ------
    TypeError
        If there is no such setting.

    Examples
    --------
    >>> with use(batch_size=32):
    ...     current().batch_size
    32
    >>> current().batch_size
    256
    """
    token = _chosen.set(replace(current(), **changes))
    try:
        yield current()
    finally:
        _chosen.reset(token)


def device() -> str:
    """Give the device that networks run on: ``"cpu"`` or ``"cuda"``.

    Raises
    ------
    ValueError
        If CUDA is asked for where there is none.

    Examples
    --------
    >>> with use(device="cpu"):
    ...     device()
    'cpu'
    """
    import torch

    wanted = current().device
    if wanted == "cuda" and not torch.cuda.is_available():
        msg = "device must be 'cpu' here: torch sees no CUDA device. Set EUGENE_DEVICE=cpu or auto"
        raise ValueError(msg)
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return wanted
