"""Learned motifs beside the known motifs that resemble them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import motifdata as md
from eugene.plot.style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from eugene.interpret.filters import FilterMotifs

_SURE = 0.1  # e-value below which a match is shown as one


def motif_table(filters: FilterMotifs, known: md.MotifSet, *, top: int = 6) -> list[Axes]:
    """Plot learned motifs, each beside its best match among known ones.

    Matches with an e-value above 0.1 are not shown: at that level a match by chance is expected.

    Parameters
    ----------
    filters
        Result of `eugene.interpret.find_filters` with `known` given.
    known
        The same known motifs.
    top
        How many learned motifs to show.

    Returns
    -------
    list of Axes: learned motif and match in turn

    Raises
    ------
    ValueError
        If the filters were not compared.

    Examples
    --------
    >>> import eugene as eu, motifdata as md, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=200, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("cnn", data, targets="label", epochs=1, filters=8, out=tempfile.mkdtemp() + "/run")
    >>> known = md.load("consensus_vertebrates")
    >>> filters = eu.interpret.find_filters(run, data, known=known, top=2)
    >>> len(eu.plot.motif_table(filters, known, top=2))
    4
    """
    from matplotlib.figure import Figure

    if "match" not in filters.table:
        msg = "filters must have been compared; pass known= to find_filters"
        raise ValueError(msg)
    table = filters.table.iloc[:top]
    figure = Figure(figsize=(8, 1.25 * len(table)), layout="constrained")
    axes = figure.subplots(len(table), 2, squeeze=False)
    for row, (name, found) in enumerate(table.iterrows()):
        left, right = axes[row]
        md.plot_motif_logo(filters.motifs[str(name)], ax=left)
        left.set_title(
            f"filter {found['filter']}, influence {found['influence']:.2g}",
            fontsize=9,
            loc="left",
            color=INK,
        )
        if found["evalue"] < _SURE:
            md.plot_motif_logo(known[str(found["match"])], ax=right)
            title = f"{found['match_name']}, e-value {found['evalue']:.1g}"
        else:
            right.axis("off")
            title = "no known motif resembles it"
        right.set_title(title, fontsize=9, loc="left", color=INK)
    return list(axes.ravel())
