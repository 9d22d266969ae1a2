"""Motifs of a network's first filters, how much each matters, and which known motifs they resemble."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
_SURE = 0.01  # e-value below which a match is one
_SHUFFLES = 20
_CLEARLY = 0.1


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
        `motifdata.compare` gives them, and ``is_match``: whether the e-value is below 0.01 and the
        p-value below a tenth of that of each of 20 motifs with the same columns in other orders. A
        filter that only likes G and C fails the latter: its columns resemble some motif in any order.

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
    known: str | md.MotifSet | None = None,
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
        Motifs to compare with: a `MotifSet`, or the name of a bundled one.
    split
        Use only rows of this split.
    rows
        Use only these rows: a boolean mask of shape (n,), or positions.
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
    ValueError
        If the network has no 1-d convolution.

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
        table = table.join(
            _matches(motifs, md.load(known) if isinstance(known, str) else known, seed)
        )
    return FilterMotifs(motifs, table)


def _matches(motifs: md.MotifSet, known: md.MotifSet, seed: int) -> pd.DataFrame:
    """Give each motif's best match, and whether its order of columns is what matches."""
    best = md.compare(motifs, known, top=1).set_index("query").reindex(motifs.ids)
    names = {motif.id: motif.name or motif.id for motif in known}
    rng = np.random.default_rng(seed)
    shuffled = md.MotifSet(
        md.Motif(f"{motif.id} {i}", rng.permutation(motif.probabilities), motif.alphabet)
        for motif in motifs
        for i in range(_SHUFFLES)
    )
    chance = (
        md.compare(shuffled, known, top=1)["pvalue"].to_numpy().reshape(-1, _SHUFFLES).min(axis=1)
    )
    return (
        best[["target", "offset", "strand", "pvalue", "evalue"]]
        .rename(columns={"target": "match"})
        .assign(
            match_name=best["target"].map(names),
            is_match=(best["evalue"] < _SURE) & (best["pvalue"] < chance * _CLEARLY),
        )
    )


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

    convolution = next((m for m in model.network.modules() if isinstance(m, nn.Conv1d)), None)
    if convolution is None:
        msg = f"find_filters needs a network with a torch.nn.Conv1d; {model.card.architecture} has none"
        raise ValueError(msg)
    means: list[torch.Tensor] = []
    peaks: list[torch.Tensor] = []

    def look(_module: object, _inputs: object, output: torch.Tensor) -> None:
        means.append(output.mean(dim=(0, 2)))
        peaks.append(output.amax(dim=2))

    predictor = model.forward_predictor()
    with _hooked(convolution, look):
        before = np.asarray(predictor(codes))
    mean = torch.stack(means).mean(dim=0).detach()
    strongest = torch.cat(peaks).detach().double().cpu().numpy()  # (n, filters)
    changes = np.zeros(convolution.out_channels)
    for number in range(convolution.out_channels):
        with _hooked(convolution, _hold(number, mean[number])):
            changes[number] = np.abs(np.asarray(predictor(codes)) - before).mean()
    return changes, pearson(before[:, 0], strongest.T)


@contextmanager
def _hooked(layer: torch.nn.Module, hook: Callable[..., Any]) -> Iterator[None]:
    """Have a forward hook on a layer as long as the block lasts."""
    handle = layer.register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def _hold(number: int, value: torch.Tensor) -> Callable[..., torch.Tensor]:
    """Give a forward hook that holds one channel at a value."""

    def hook(_module: object, _inputs: object, output: torch.Tensor) -> torch.Tensor:
        held = output.clone()
        held[:, number] = value
        return held

    return hook
