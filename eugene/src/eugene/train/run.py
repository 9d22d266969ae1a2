"""A finished training: the best model, where it is, how it got there, and what to do next."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from eugene.evaluate.leak import TRAINED_ON
from eugene.models.model import Model, NetworkModel
from eugene.models.storage import load_model
from eugene.tasks import TASKS

if TYPE_CHECKING:
    import pandas as pd
    from torch import nn

    from eugene.evaluate.evaluation import Evaluation
    from motifdata import MotifSet

HISTORY = "history.json"
RUN = "run.json"


@dataclass(frozen=True, eq=False)
class Run:
    """A finished training.

    Parameters
    ----------
    model
        The model, with the weights of its best epoch.
    path
        The run's folder; `eugene.load_run` opens it again.
    record
        What was asked for, and how many rows were used and dropped.
    epochs
        Losses and scores of each epoch; empty for baselines.
    data
        The Dataset it was trained on, or None when a run is opened without it.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=200, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("kmer_linear", data, targets="label", out=tempfile.mkdtemp() + "/run")
    >>> print(run.summary().splitlines()[0])
    k-mer logistic regression: seq (60 DNA letters) -> label (binary)
    """

    model: Model
    path: Path
    record: dict[str, Any]
    epochs: list[dict[str, float]]
    data: xr.Dataset | None

    def __repr__(self) -> str:
        return f"Run({self.name}, {', '.join(self.model.card.targets)}, {self.path})"

    @property
    def name(self) -> str:
        """The model's name, baselines by what they are for the task."""
        return self.model.name

    @property
    def history(self) -> pd.DataFrame:
        """Losses and scores, one row an epoch; without rows for baselines."""
        import pandas as pd

        metrics = [f"val_{name}" for name in TASKS[self.model.card.task].metrics]
        columns = ["epoch", "train_loss", "val_loss", *metrics]
        return pd.DataFrame(self.epochs, columns=columns).astype({"epoch": int})

    @property
    def best_epoch(self) -> int | None:
        """Number of the epoch, from 0, that the weights are from; None for baselines."""
        if not self.epochs:
            return None
        return int(self.history[self._main].fillna(-float("inf")).idxmax())

    @property
    def score(self) -> float:
        """The score on the val rows that the model was chosen by: Pearson's r, or AUROC."""
        if self.epochs:
            return float(self.history[self._main].max())
        val = self.evaluate(
            split="val", baseline=False, n_resamples=1
        )  # the intervals are not used
        return val.value(self._main.removeprefix("val_"))

    @property
    def _main(self) -> str:
        return f"val_{TASKS[self.model.card.task].main_metric}"

    def trained_on(self) -> NDArray[np.uint64]:
        """Give the fingerprints of the sequences it was trained on, sorted; see `eugene.evaluate.leak`."""
        return np.frombuffer((self.path / TRAINED_ON).read_bytes(), "<u8")

    def require_data(self, data: xr.Dataset | None = None) -> xr.Dataset:
        """Give `data`, or else the Dataset of the training.

        Raises
        ------
        ValueError
            If there is neither.
        """
        found = self.data if data is None else data
        if found is None:
            msg = "the run was opened without its data; pass data=, or open it with load_run(path, data)"
            raise ValueError(msg)
        return found

    def predict(
        self,
        data: xr.Dataset | None = None,
        *,
        split: str | None = None,
        rows: ArrayLike | None = None,
    ) -> xr.Dataset:
        """Predict rows of the training's Dataset or of another; see `eugene.predict`."""
        from eugene.evaluate.predict import predict

        return predict(self.model, self.require_data(data), split=split, rows=rows)

    def evaluate(
        self,
        data: xr.Dataset | None = None,
        *,
        split: str = "test",
        baseline: bool = True,
        n_resamples: int = 1000,
        seed: int = 0,
    ) -> Evaluation:
        """Score held-out rows, beside a k-mer model trained on the same rows.

        See `eugene.evaluate.evaluate`.
        """
        from eugene.evaluate.evaluation import evaluate

        chosen = self.require_data(data)
        return evaluate(
            self, chosen, split=split, baseline=baseline, n_resamples=n_resamples, seed=seed
        )

    def summary(self) -> str:
        """Say in a few lines what was trained, on what, and how it went."""
        card, record = self.model.card, self.record
        rows, dropped = record["rows"], record["dropped"]
        lines = [
            f"{self.name}: {card.variable} ({card.length} {card.alphabet} letters) "
            f"-> {', '.join(card.targets)} ({card.task})",
            f"rows: {rows['train']} train, {rows['val']} val; dropped for missing targets "
            f"({record['missing']}): {dropped['train']} train, {dropped['val']} val",
        ]
        if isinstance(self.model, NetworkModel):
            lines.append(f"parameters: {self.model.parameter_count():,}")
        if self.best_epoch is not None:
            lines.append(f"best epoch: {self.best_epoch + 1} of {len(self.epochs)}")
        lines.append(f"score on val, {self._main.removeprefix('val_')}: {self.score:.3f}")
        lines.append(f"model: {self.path}")
        return "\n".join(lines)

    def report(
        self,
        path: str | os.PathLike[str],
        *,
        known: str | MotifSet = "consensus_vertebrates",
        seed: int = 0,
    ) -> Path:
        """Write the run's HTML report; see `eugene.report.report`."""
        from eugene.report import report

        return report(self, path, known=known, seed=seed)


def load_run(
    path: str | os.PathLike[str],
    data: xr.Dataset | None = None,
    *,
    network: nn.Module | None = None,
) -> Run:
    """Open a run's folder again.

    Parameters
    ----------
    path
        Folder that `eugene.fit` wrote.
    data
        The Dataset it was trained on, for `evaluate` and `report`.
    network
        For a network of one's own: an instance of the same shape, whose weights are replaced.

    Returns
    -------
    Run

    Raises
    ------
    FileNotFoundError
        If there is no finished run in the folder.

    Examples
    --------
    >>> load_run("nowhere")
    Traceback (most recent call last):
    FileNotFoundError: no finished run in nowhere: run.json is not there
    """
    folder = Path(path)
    if not (folder / RUN).exists():
        msg = f"no finished run in {folder}: {RUN} is not there"
        raise FileNotFoundError(msg)
    record = json.loads((folder / RUN).read_text())
    history = json.loads((folder / HISTORY).read_text())
    return Run(load_model(folder, network=network), folder, record, history, data)
