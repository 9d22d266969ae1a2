"""Colours and axes that all figures share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAIN = "#1b6ca8"
OTHER = "#e07b39"
QUIET = "#9aa5b1"
INK = "#22303c"


def new_axes(width: float, height: float) -> Axes:
    """Make a figure of its own, sized in inches, that no window manager knows of."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes: Axes = figure.subplots()
    return axes


def tidy(ax: Axes, *, title: str, x: str, y: str) -> Axes:
    """Set title and labels, and take away the lines that say nothing."""
    ax.set_title(title, fontsize=10, color=INK, loc="left")
    ax.set_xlabel(x, fontsize=9, color=INK)
    ax.set_ylabel(y, fontsize=9, color=INK)
    ax.tick_params(labelsize=8, colors=INK)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    return ax
