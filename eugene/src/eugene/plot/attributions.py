"""Sequences with the height of each letter its contribution to the prediction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import seqdata as sd
from eugene.interpret.attribute import contributions
from eugene.plot.style import INK, tidy
from seqexplainer import plot_attribution

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def attributions(
    data: xr.Dataset,
    *,
    method: str,
    rows: Sequence[int] = (0,),
    window: tuple[int, int] | None = None,
    variable: str = "seq",
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Plot attribution logos, one row of the figure a sequence.

    If the Dataset holds the truth of a simulation, the causal motifs are shaded.

    Parameters
    ----------
    data
        Result of `eugene.interpret.attribute`.
    method
        Which method's attributions.
    rows
        Positions of the sequences in `data`, from 0.
    window
        Part of the sequences to show, 0-based half-open; None shows all.
    variable
        The sequence.
    axes
        Where to draw, one for each row; None makes a figure.

    Returns
    -------
    list of Axes

    Raises
    ------
    ValueError
        If there are no such attributions, or not as many axes as rows.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=200, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("kmer_linear", data, targets="label", out=tempfile.mkdtemp() + "/run")
    >>> explained = eu.interpret.attribute(run, data, method="ism", rows=[0, 1])
    >>> len(eu.plot.attributions(explained, method="ism", rows=[0, 1]))
    2
    """
    heights = contributions(data, method, variable=variable)
    letters = sd.chars(data, variable).values
    start, stop = window or (0, heights.shape[1])
    if axes is None:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(12, 1.3 * len(rows)), layout="constrained")
        axes = list(figure.subplots(len(rows), 1, squeeze=False)[:, 0])
    if len(axes) != len(rows):
        msg = f"axes must be one for each row; found {len(axes)} for {len(rows)} rows"
        raise ValueError(msg)
    for ax, row in zip(axes, rows, strict=True):
        shade = [(a - start, b - start) for a, b in _causal(data, row) if b > start and a < stop]
        plot_attribution(heights[row, start:stop], letters[row, start:stop], ax=ax, highlight=shade)
        tidy(ax, title=_title(data, row, method), x="", y="contribution")
        ax.title.set_color(INK)
    axes[-1].set_xlabel("position, bp" + (f" from {start}" if start else ""), fontsize=9, color=INK)
    return list(axes)


def _causal(data: xr.Dataset, row: int) -> list[tuple[int, int]]:
    """Causal stretches of a row, from the mask that a simulation stores."""
    if "causal_mask" not in data:
        return []
    mask = np.concatenate([[False], data["causal_mask"].values[row], [False]]).astype(np.int8)
    steps = np.diff(mask)
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def _title(data: xr.Dataset, row: int, method: str) -> str:
    parts = [f"row {int(data['row'].values[row])}"]
    if "windowStart" in data:
        where = [data[name].values[row] for name in ("chrom", "windowStart", "windowEnd")]
        parts.append(f"{where[0]}:{where[1]}-{where[2]}")
    if "predictions" in data:
        target = data[f"attributions_{method}"].attrs.get("target")
        column = data["_target"].values.tolist().index(target) if "_target" in data.coords else 0
        parts.append(f"predicted {float(data['predictions'].values[row, column]):.2f}")
    return ", ".join(parts)
