"""Motifs of a network's first filters, how much each matters, and which known motifs they resemble."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

import motifdata as md
import seqdata as sd
import seqpro as sp
from eugene.metrics import pearson
from eugene.models.model import Model, NetworkModel
from seqdata.loader import select_rows
from seqexplainer import filter_motifs

if TYPE_CHECKING:
    import pandas as pd
    import torch

    from eugene.train.run import Run

_MOST_ROWS = 2000
_INFLUENCE_ROWS = 200


@dataclass(frozen=True, eq=False)
class FilterMotifs:
    """Motifs of a network's first filters.

    Parameters
    ----------
    motifs
        A motif a filter, most influential first.
    table
        One row a motif: ``filter``, ``consensus``, ``sites``, ``influence`` (mean absolute change of
        the prediction when the filter is silenced), ``direction`` (Pearson's r over sequences between
        the filter's strongest activation and the prediction) and, if motifs were compared, the best
        match: ``match``, ``match_name``, ``offset``, ``strand``, ``pvalue`` and ``evalue``, as
        `motifdata.compare` gives them.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=200, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("cnn", data, targets="label", epochs=1, filters=8, out=tempfile.mkdtemp() + "/run")
    >>> eu.interpret.find_filters(run, data, top=2).table.columns.tolist()
    ['filter', 'consensus', 'sites', 'influence', 'direction']
    """

    motifs: md.MotifSet
    table: pd.DataFrame


def find_filters(
    model: Model | Run,
    data: xr.Dataset,
    *,
    known: md.MotifSet | None = None,
    split: str | None = "train",
    rows: ArrayLike | None = None,
    top: int = 20,
    seed: int = 0,
) -> FilterMotifs:
    """Turn the first filters of a network into motifs, the most influential first.

    A filter's motif counts the windows that activate it most, on both strands if the model reads both.
    Its influence is the mean absolute change of the prediction when its output is held at its mean.

    Parameters
    ----------
    model
        A trained network, or its run.
    data
        Dataset to take windows from; at most 2,000 of the chosen rows are used, drawn at random.
    known
        Motifs to compare with.
    split
        Use only rows of this split.
    rows
        Use only these rows.
    top
        How many filters to give.
    seed
        Seed of the draw of rows.

    Returns
    -------
    FilterMotifs

    Raises
    ------
    TypeError
        If the model is not a network.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=200, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("cnn", data, targets="label", epochs=1, filters=8, out=tempfile.mkdtemp() + "/run")
    >>> len(eu.interpret.find_filters(run, data, top=3).motifs)
    3
    """
    import pandas as pd

    trained = model if isinstance(model, Model) else model.model
    if not isinstance(trained, NetworkModel):
        msg = f"find_filters needs a network; {trained.card.architecture} has no filters"
        raise TypeError(msg)
    codes = _sample(trained, data, split, rows, seed)
    influence, direction = _influence(trained, codes[:_INFLUENCE_ROWS])
    seen = codes
    if trained.card.both_strands:
        seen = np.concatenate([codes, sp.reverse_complement(codes, trained.alphabet)])
    found = filter_motifs(trained.forward_predictor(), seen, alphabet=trained.alphabet)
    numbers = {motif.id: int(motif.id.rsplit("_", 1)[1]) for motif in found}
    order = sorted(found, key=lambda motif: -influence[numbers[motif.id]])[:top]
    motifs = md.MotifSet(order)
    table = pd.DataFrame(
        {
            "filter": [numbers[motif.id] for motif in order],
            "consensus": [motif.consensus() for motif in order],
            "sites": [int(motif.nsites or 0) for motif in order],
            "influence": [float(influence[numbers[motif.id]]) for motif in order],
            "direction": [float(direction[numbers[motif.id]]) for motif in order],
        },
        index=[motif.id for motif in order],
    )
    if known is not None:
        best = md.compare(motifs, known, top=1).set_index("query")
        names = {motif.id: motif.name or motif.id for motif in known}
        best = best[["target", "offset", "strand", "pvalue", "evalue"]].reindex(table.index)
        table = table.join(best.rename(columns={"target": "match"}))
        table.insert(table.columns.get_loc("match") + 1, "match_name", table["match"].map(names))
    return FilterMotifs(motifs, table)


def _sample(
    model: Model, data: xr.Dataset, split: str | None, rows: ArrayLike | None, seed: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    positions = select_rows(data, split=split, rows=rows)
    if positions.size > _MOST_ROWS:
        positions = np.random.default_rng(seed).choice(positions, _MOST_ROWS, replace=False)
    loader = sd.Loader(data, [model.card.variable], batch_size=_MOST_ROWS, rows=positions)
    return np.concatenate([batch[model.card.variable] for batch in loader])


def _influence(
    model: NetworkModel, codes: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.float64]]]:
    """Give each filter's influence on the prediction, and its direction."""
    import torch
    from torch import nn

    convolution = next(m for m in model.network.modules() if isinstance(m, nn.Conv1d))
    means: list[torch.Tensor] = []
    peaks: list[torch.Tensor] = []

    def look(_module: object, _inputs: object, output: torch.Tensor) -> None:
        means.append(output.mean(dim=(0, 2)))
        peaks.append(output.amax(dim=2))

    handle = convolution.register_forward_hook(look)
    predictor = model.forward_predictor()
    before = np.asarray(predictor(codes))
    handle.remove()
    mean = torch.stack(means).mean(dim=0).detach()
    strongest = torch.cat(peaks).detach().double().cpu().numpy()  # (n, filters)
    changes = np.zeros(convolution.out_channels)
    for number in range(convolution.out_channels):
        handle = convolution.register_forward_hook(_hold(number, mean[number]))
        changes[number] = np.abs(np.asarray(predictor(codes)) - before).mean()
        handle.remove()
    return changes, pearson(before[:, 0], strongest.T)


def _hold(number: int, value: torch.Tensor) -> Callable[..., torch.Tensor]:
    """Give a forward hook that holds one channel at a value."""

    def hook(_module: object, _inputs: object, output: torch.Tensor) -> torch.Tensor:
        held = output.clone()
        held[:, number] = value
        return held

    return hook
