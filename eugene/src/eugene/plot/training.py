"""How a training went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eugene.plot.style import INK, MAIN, OTHER, new_axes, tidy
from eugene.tasks import TASKS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from eugene.train.run import Run

LABELS = {
    "pearson": "Pearson r",
    "spearman": "Spearman ρ",  # noqa: RUF001
    "r_squared": "R²",
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "accuracy": "accuracy",
}
"""What scores are called in figures."""


def training(run: Run, *, ax: Axes | None = None) -> Axes:
    """Plot losses and the deciding score of each epoch, the chosen epoch marked.

    Parameters
    ----------
    run
        A trained network's run.
    ax
        Where to draw; None makes a figure.

    Returns
    -------
    Axes with the losses; the score has its own axis on the right

    Raises
    ------
    ValueError
        If the run has no epochs, as baselines have none.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=200, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("cnn", data, targets="label", epochs=2, filters=8, out=tempfile.mkdtemp() + "/run")
    >>> eu.plot.training(run).get_xlabel()
    'epoch'
    """
    from matplotlib.ticker import MaxNLocator

    history = run.history
    if not len(history):
        msg = f"training curves need epochs; {run.name} was fitted without any"
        raise ValueError(msg)
    ax = new_axes(5, 3.2) if ax is None else ax
    metric = TASKS[run.model.card.task].main_metric
    epochs = history["epoch"] + 1
    ax.plot(epochs, history["train_loss"], color=MAIN, label="loss, train")
    ax.plot(epochs, history["val_loss"], color=OTHER, label="loss, val")
    best = (run.best_epoch or 0) + 1
    ax.axvline(best, color=INK, linewidth=0.8, linestyle=":")
    right = ax.twinx()
    right.plot(
        epochs, history[f"val_{metric}"], color=INK, linestyle="--", label=f"{LABELS[metric]}, val"
    )
    right.set_ylabel(f"{LABELS[metric]} on val", fontsize=9, color=INK)
    right.tick_params(labelsize=8, colors=INK)
    right.spines["top"].set_visible(False)
    handles = [*ax.get_legend_handles_labels()[0], *right.get_legend_handles_labels()[0]]
    ax.legend(handles=handles, fontsize=8, frameon=False, loc="center right")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return tidy(ax, title=f"{run.name}: best epoch {best} of {len(history)}", x="epoch", y="loss")
