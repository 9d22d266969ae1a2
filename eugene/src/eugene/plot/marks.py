"""Marks of explanation methods against the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eugene.plot.style import INK, MAIN, QUIET, new_axes, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from eugene.interpret.scorecard import Scorecard

_ROOM = 0.12  # a shorter bar has no room for its number


def marks(card: Scorecard, *, model: str | None = None, ax: Axes | None = None) -> Axes:
    """Plot how well each method finds the causal motif, baselines in grey.

    Parameters
    ----------
    card
        Result of `eugene.interpret.scorecard`.
    model
        Which model; the first by default.
    ax
        Where to draw; None makes a figure.

    Returns
    -------
    Axes with a bar a method: mean AUPRC over sequences, with its standard error

    Raises
    ------
    ValueError
        If there is no such model.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=300, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("kmer_linear", data, targets="label", out=tempfile.mkdtemp() + "/run")
    >>> card = eu.interpret.scorecard(run, data, methods=["ism"], n_sequences=5, minimum_auroc=0.5)
    >>> len(eu.plot.marks(card).patches)
    4
    """
    table = card.table
    chosen = model or table["model"].iloc[0]
    table = table[table["model"] == chosen]
    if not len(table):
        msg = (
            f"model must be one of {', '.join(sorted(set(card.table['model'])))}; found {chosen!r}"
        )
        raise ValueError(msg)
    ax = new_axes(5, 0.4 * len(table) + 0.9) if ax is None else ax
    table = table.iloc[::-1]
    colors = [MAIN if calls else QUIET for calls in table["model_calls"]]
    ax.barh(table["method"], table["auprc"], xerr=table["standard_error"], color=colors, ecolor=INK)
    for i, value in enumerate(table["auprc"]):
        inside = value > _ROOM
        place, color = (0.01, "white") if inside else (value + 0.03, INK)
        ax.text(place, i, f"{value:.2f}", va="center", fontsize=8, color=color, fontweight="bold")
    ax.axvline(float(table["base_rate"].iloc[0]), color=INK, linewidth=0.8, linestyle=":")
    ax.set_xlim(0, 1)
    count = int(table["sequences"].iloc[0])
    title = f"{chosen}: finding the causal motif"
    return tidy(ax, title=title, x=f"AUPRC, mean of {count} sequences (dotted: chance)", y="")
