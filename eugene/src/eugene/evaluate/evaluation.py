"""How well a model does on held-out rows, with intervals, beside a k-mer baseline."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from eugene.dataset import require_dataset
from eugene.evaluate.bootstrap import Interval, bootstrap
from eugene.evaluate.leak import fingerprints
from eugene.tasks import TASKS
from eugene.train.targets import read_targets, usable_rows
from seqdata.loader import Loader, select_rows

if TYPE_CHECKING:
    import pandas as pd

    from eugene.train.run import Run

_log = logging.getLogger(__name__)
_COLUMNS = ["model", "target", "metric", "value", "low", "high"]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Scores of held-out rows.

    Parameters
    ----------
    table
        DataFrame with ``model``, ``target``, ``metric``, ``value`` and the ends of its 95 % interval,
        ``low`` and ``high``. Rows whose model is ``"A - B"`` are paired differences.
    split
        Which rows were scored.
    rows
        Their positions in the Dataset.
    targets
        Measured values, shape (rows, targets).
    predictions
        Predictions of each model by name, shape (rows, targets).

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=200, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("kmer_linear", data, targets="label", out=tempfile.mkdtemp() + "/run")
    >>> run.evaluate(baseline=False).row("auroc")["model"]
    'k-mer logistic regression'
    """

    table: pd.DataFrame
    split: str
    rows: NDArray[np.int64]
    targets: NDArray[np.float32]
    predictions: dict[str, NDArray[np.float32]]

    def __str__(self) -> str:
        shown = self.wide().to_string()
        return f"{self.rows.size} rows of {self.split}, 95 % bootstrap intervals\n{shown}"

    def wide(self) -> pd.DataFrame:
        """Give the scores as text with their intervals: a row a target and model, a column a metric."""
        table = self.table
        wide = table.assign(
            score=[str(Interval(r.value, r.low, r.high)) for r in table.itertuples()]
        ).pivot(index=["target", "model"], columns="metric", values="score")
        wide = wide[list(dict.fromkeys(table["metric"]))]
        return wide.reindex(list(dict.fromkeys(table["model"])), level="model")

    def value(self, metric: str, *, model: str | None = None, target: str | None = None) -> float:
        """Give one score: of the first model and the first target unless named.

        Raises
        ------
        ValueError
            If there is no such score.
        """
        return float(self.row(metric, model=model, target=target)["value"])

    def row(
        self, metric: str, *, model: str | None = None, target: str | None = None
    ) -> dict[str, Any]:
        """Give one row of the table as a dict."""
        table = self.table
        chosen = table[
            (table["metric"] == metric)
            & (table["model"] == (model or table["model"].iloc[0]))
            & (table["target"] == (target or table["target"].iloc[0]))
        ]
        if not len(chosen):
            msg = f"no score {metric!r} of {model or 'the model'}; there are {sorted(set(table['metric']))}"
            raise ValueError(msg)
        return dict(chosen.iloc[0])


def evaluate(
    run: Run,
    data: xr.Dataset,
    *,
    split: str = "test",
    baseline: bool = True,
    n_resamples: int = 1000,
    seed: int = 0,
) -> Evaluation:
    """Score a run on held-out rows, beside a k-mer linear model of the same training rows.

    Rows whose very sequence was trained on, on either strand, are counted in the log: they are scored, but
    not held out. Intervals are 95 % percentile bootstraps over rows; the difference to the baseline is
    paired, its interval that of the same resamples for both.

    Parameters
    ----------
    run
        A finished training.
    data
        The Dataset it was trained on (for the baseline), with the rows to score.
    split
        Which rows: ``"test"``, ``"val"`` or ``"train"``.
    baseline
        Whether to train and score the k-mer model too: on the given strand or on both, whichever
        predicts the validation rows better.
    n_resamples
        Resamples of the bootstrap.
    seed
        Seed of the bootstrap.

    Returns
    -------
    Evaluation: Pearson's and Spearman's r and R squared for measured numbers; AUROC, AUPRC and
    accuracy for classes

    Raises
    ------
    ValueError
        If the split has no rows with targets.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=200, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("kmer_linear", data, targets="label", out=tempfile.mkdtemp() + "/run")
    >>> eu.evaluate.evaluate(run, data, baseline=False).table["metric"].tolist()
    ['auroc', 'auprc', 'accuracy']
    """
    require_dataset(data)
    targets = read_targets(data, run.record["targets"])
    rows = usable_rows(targets, select_rows(data, split=split), run.record["missing"], part=split)
    if split != "train":
        _warn_of_leaks(run, data, rows, split)
    runs = {run.name: run}
    if baseline and run.model.card.architecture != "kmer_linear":
        with tempfile.TemporaryDirectory() as folder:
            other = _baseline(run, data, Path(folder))
        runs[other.name] = other
    predictions = {
        name: each.predict(data, rows=rows)["predictions"].values for name, each in runs.items()
    }
    table = score(
        targets.values[rows],
        predictions,
        task=targets.task,
        names=targets.names,
        n_resamples=n_resamples,
        seed=seed,
    )
    return Evaluation(table, split, rows, targets.values[rows], predictions)


def score(
    targets: ArrayLike,
    predictions: dict[str, NDArray[Any]],
    *,
    task: str,
    names: tuple[str, ...] = ("target",),
    n_resamples: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Score one or two sets of predictions of the same rows, with intervals.

    Parameters
    ----------
    targets
        Measured values, shape (n, targets) or (n,); NaN where missing.
    predictions
        One or two models' predictions by name, of the same shape.
    task
        Name of the task, which decides the scores.
    names
        Names of the targets.
    n_resamples
        Resamples of the bootstrap.
    seed
        Seed of the bootstrap.

    Returns
    -------
    DataFrame with columns model, target, metric, value, low, high; for two models also their paired
    difference, first minus second

    Raises
    ------
    ValueError
        If there are not one or two models.

    Examples
    --------
    >>> table = score([1.0, 2.0, 3.0], {"m": np.array([1.0, 2.0, 3.0])}, task="regression")
    >>> table["value"].round(3).tolist()
    [1.0, 1.0, 1.0]
    """
    import pandas as pd

    measured = np.asarray(targets, dtype=np.float64)
    measured = measured.reshape(measured.shape[0], -1)
    labels = list(predictions)
    if len(labels) == 2:
        labels.append(f"{labels[0]} - {labels[1]}")
    found = []
    for t, target in enumerate(names):
        known = ~np.isnan(measured[:, t])
        columns = [
            np.asarray(p, float).reshape(measured.shape)[known, t] for p in predictions.values()
        ]
        for name, metric in TASKS[task].metrics.items():
            intervals = bootstrap(
                metric, measured[known, t], *columns, n_resamples=n_resamples, rng=seed
            )
            found += [
                (label, target, name, each.value, each.low, each.high)
                for label, each in zip(labels, intervals, strict=True)
            ]
    table = pd.DataFrame(found, columns=_COLUMNS)
    order = {label: i for i, label in enumerate(labels)}
    return table.sort_values("model", key=lambda c: c.map(order), kind="stable", ignore_index=True)


def _warn_of_leaks(run: Run, data: xr.Dataset, rows: NDArray[np.int64], split: str) -> None:
    """Say how many rows have a sequence that the run was trained on, as after another split."""
    name = run.record["inputs"]
    loader = Loader(data, [name], batch_size=8192, rows=rows)
    seen = run.trained_on()
    count = sum(
        int(np.isin(fingerprints(batch[name], run.model.alphabet), seen).sum()) for batch in loader
    )
    if count:
        _log.warning(
            "%d of %d rows of %s have a sequence that %s was trained on: their score is no held-out score. "
            "Was the data split again since?",
            count,
            rows.size,
            split,
            run.name,
        )


def _baseline(run: Run, data: xr.Dataset, folder: Path) -> Run:
    """Fit the k-mer model on the given strand, and on both if the run reads both; keep the better on val."""
    from eugene.train.fit import fit

    record = run.record
    fitted = [
        fit(
            "kmer_linear",
            data,
            inputs=record["inputs"],
            targets=record["targets"],
            both_strands=both,
            missing=record["missing"],
            seed=record["seed"],
            out=folder / str(both),
        )
        for both in sorted({False, run.model.card.both_strands})
    ]
    return max(fitted, key=lambda each: each.score)
