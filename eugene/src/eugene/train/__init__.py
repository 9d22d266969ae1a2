"""Training: `fit`, its optimiser, and runs."""

from eugene.train.fit import fit
from eugene.train.optimizer import Optimizer
from eugene.train.run import Run, load_run

__all__ = ["fit", "Optimizer", "Run", "load_run"]
