"""Scores of several models beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eugene.plot.style import INK, MAIN, QUIET, new_axes, tidy
from eugene.plot.training import LABELS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def scores(
    table: pd.DataFrame,
    *,
    metric: str = "auroc",
    minimum: float | None = None,
    chance: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Plot one score of several models with its intervals; models below a minimum in grey.

    Parameters
    ----------
    table
        Rows of the tables of `Evaluation`: ``model``, ``metric``, ``value``, ``low`` and ``high``, of one
        target.
    metric
        Which score.
    minimum
        What a model must reach; drawn as a dashed line.
    chance
        What guessing gives; drawn as a dotted line.
    ax
        Where to draw; None makes a figure.

    Returns
    -------
    Axes with a point a model, the first on top

    Raises
    ------
    ValueError
        If the table has no such score.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"model": "cnn", "metric": "auroc", "value": 0.9, "low": 0.8, "high": 0.95}
    >>> eu_scores = scores(pd.DataFrame([row]), minimum=0.8)
    >>> [label.get_text() for label in eu_scores.get_yticklabels()]
    ['cnn']
    """
    table = table[table["metric"] == metric].iloc[::-1]
    if not len(table):
        msg = f"table must have rows of metric {metric!r}; found none"
        raise ValueError(msg)
    ax = new_axes(7, 0.4 * len(table) + 0.9) if ax is None else ax
    least = float("-inf") if minimum is None else minimum
    for i, row in enumerate(table.itertuples()):
        color = MAIN if row.value >= least else QUIET
        ax.plot([row.low, row.high], [i, i], color=color, linewidth=2)
        ax.plot([row.value], [i], "o", color=color, markersize=7)
        ax.annotate(
            f"{row.value:.3f}", (row.value, i), xytext=(0, 7), textcoords="offset points",
            ha="center", fontsize=8, color=INK,
        )  # fmt: skip
    for line, style in ((minimum, "--"), (chance, ":")):
        if line is not None:
            ax.axvline(line, color=INK, linewidth=0.8, linestyle=style)
    ax.set_yticks(range(len(table)), table["model"])
    ax.set_ylim(-0.5, len(table) - 0.2)
    return tidy(ax, title="", x=LABELS.get(metric, metric), y="")
