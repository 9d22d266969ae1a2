"""Learned motifs beside the known motifs that resemble them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import motifdata as md
from eugene.plot.style import INK, QUIET

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from eugene.interpret.filters import FilterMotifs


def motif_table(filters: FilterMotifs, known: md.MotifSet, *, top: int = 6) -> list[Axes]:
    """Plot learned motifs, each beside its best match among known ones, aligned and on its strand.

    A match that is not sure (``is_match`` of the filters' table) is called the nearest, in grey.

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
    for (left, right), (name, found) in zip(axes, table.iterrows(), strict=True):
        known_motif = known[str(found["match"])]
        learned, match = _aligned(filters.motifs[str(name)], known_motif, found)
        md.plot_motif_logo(learned, ax=left)
        md.plot_motif_logo(match, ax=right)
        title = f"{found['match_name']}, e-value {found['evalue']:.1g}"
        right.set_title(
            title if found["is_match"] else f"nearest: {title}, not sure",
            fontsize=9,
            loc="left",
            color=INK if found["is_match"] else QUIET,
        )
        effect = "raises" if found["direction"] > 0 else "lowers"
        left.set_title(
            f"filter {found['filter']}: {effect} the prediction, influence {found['influence']:.2g}",
            fontsize=9,
            loc="left",
            color=INK,
        )
    return list(axes.ravel())


def _aligned(learned: md.Motif, match: md.Motif, found: pd.Series) -> tuple[md.Motif, md.Motif]:
    """Bring two motifs to one strand and one length, columns that match under each other."""
    if found["strand"] == "-":
        learned = learned.reverse_complement()
    offset = int(found["offset"])  # column of the match under the learned motif's first
    start, stop = min(0, -offset), max(len(learned), len(match) - offset)
    return (
        _padded(learned, -start, stop - len(learned)),
        _padded(match, -offset - start, stop + offset - len(match)),
    )


def _padded(motif: md.Motif, left: int, right: int) -> md.Motif:
    letters = motif.probabilities.shape[1]
    blank = np.full((left + right, letters), 1 / letters)
    return md.Motif(
        motif.id, np.concatenate([blank[:left], motif.probabilities, blank[left:]]), motif.alphabet
    )
