"""Predictions against what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eugene.plot.style import INK, MAIN, OTHER, QUIET, new_axes, tidy
from eugene.plot.training import LABELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from eugene.evaluate.evaluation import Evaluation


def performance(
    evaluation: Evaluation,
    *,
    model: str | None = None,
    target: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Plot predictions against measured values, with the score and its interval.

    Measured numbers give a scatter; classes give the distribution of predictions in each class.

    Parameters
    ----------
    evaluation
        Result of ``run.evaluate()``.
    model
        Which model's predictions; the first by default.
    target
        Which target; the first by default.
    ax
        Where to draw; None makes a figure.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no such model or target.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=200, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("kmer_linear", data, targets="label", out=tempfile.mkdtemp() + "/run")
    >>> eu.plot.performance(run.evaluate(baseline=False)).get_xlabel()
    'predicted probability'
    """
    names = list(dict.fromkeys(evaluation.table["target"]))
    chosen_model = model or next(iter(evaluation.predictions))
    chosen_target = target or names[0]
    if chosen_model not in evaluation.predictions or chosen_target not in names:
        msg = (
            f"model must be one of {', '.join(evaluation.predictions)} and target one of "
            f"{', '.join(names)}; found {chosen_model!r} and {chosen_target!r}"
        )
        raise ValueError(msg)
    column = names.index(chosen_target)
    measured = evaluation.targets[:, column]
    predicted = evaluation.predictions[chosen_model][:, column]
    known = ~np.isnan(measured)
    ax = new_axes(3.6, 3.4) if ax is None else ax
    metrics = list(dict.fromkeys(evaluation.table["metric"]))
    scores = [
        evaluation.row(metric, model=chosen_model, target=chosen_target) for metric in metrics[:2]
    ]
    title = "\n".join(
        f"{LABELS[row['metric']]} {row['value']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"
        for row in scores
    )
    if "auroc" in metrics:
        _classes(ax, measured[known], predicted[known])
        x, y = "predicted probability", "sequences"
    else:
        ax.scatter(predicted[known], measured[known], s=5, alpha=0.4, color=MAIN, linewidths=0)
        low = float(min(predicted[known].min(), measured[known].min()))
        high = float(max(predicted[known].max(), measured[known].max()))
        ax.plot([low, high], [low, high], color=QUIET, linewidth=0.8, linestyle=":")
        x, y = f"{chosen_target}, predicted", f"{chosen_target}, measured"
    tidy(ax, title=f"{chosen_model}, {known.sum()} rows of {evaluation.split}", x=x, y=y)
    ax.text(
        0.03, 0.97, title, transform=ax.transAxes, va="top", fontsize=8, color=INK,
        bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 2},
    )  # fmt: skip
    return ax


def _classes(ax: Axes, measured: NDArray[np.float32], predicted: NDArray[np.float32]) -> None:
    bins = np.linspace(0, 1, 26).tolist()
    for value, color, name in ((0, QUIET, "negative"), (1, OTHER, "positive")):
        ax.hist(predicted[measured == value], bins=bins, color=color, alpha=0.7, label=name)
    ax.legend(fontsize=8, frameon=False, loc="center")
