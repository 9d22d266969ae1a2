"""What a report needs to know of a run: its scores, its filters and what carries its predictions."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import motifdata as md
from eugene.interpret.attribute import attribute
from eugene.interpret.filters import FilterMotifs, find_filters
from eugene.interpret.kmer_effects import kmer_effects
from eugene.models.model import Model, NetworkModel

if TYPE_CHECKING:
    import pandas as pd

    from eugene.evaluate.evaluation import Evaluation
    from eugene.train.run import Run

KMER_ROWS = 600
"""Held-out rows that are explained for the effects of k-mers, at most."""

_STRONGEST = 5
_CONSTANT = 0.9  # share of the rows that have the same letter
_STRETCH = 8  # letters
_KMER = 6
_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Learned:
    """What is known of a run when its report is written.

    Parameters
    ----------
    run
        The training.
    evaluation
        Its scores.
    filters
        Its first filters, compared with `known`; None where there are none.
    known
        Motifs they were compared with; None if these are of another alphabet.
    explained
        The rows with the largest predictions, with attributions.
    method
        The method of those.
    kmers
        What k-mers contribute, from as many held-out rows as are quick to explain.
    constant
        Stretches that nearly all of those rows share, 0-based half-open.
    unit
        What predictions and contributions are measured in.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=200, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("kmer_linear", data, targets="label", out=tempfile.mkdtemp() + "/run")
    >>> eu.report.study(run).kmers.columns.tolist()
    ['kmer', 'places', 'effect', 'standard_error']
    """

    run: Run
    evaluation: Evaluation
    filters: FilterMotifs | None
    known: md.MotifSet | None
    explained: xr.Dataset
    method: str
    kmers: pd.DataFrame
    constant: list[tuple[int, int]]
    unit: str


def study(
    run: Run,
    *,
    known: str | md.MotifSet = "consensus_vertebrates",
    split: str = "test",
    seed: int = 0,
) -> Learned:
    """Score a run and explain it, as its report needs.

    Parameters
    ----------
    run
        A finished training, with its data.
    known
        Motifs to compare the filters with: a `MotifSet`, or the name of a bundled one.
    split
        Held-out rows to score and explain.
    seed
        Seed of intervals and of explanations.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=200, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("kmer_linear", data, targets="label", out=tempfile.mkdtemp() + "/run")
    >>> study(run).method
    'ism'
    """
    data = run.require_data()
    card = run.model.card
    evaluation = run.evaluate(split=split, seed=seed)
    first = next(iter(evaluation.predictions.values()))[:, 0]
    strongest = evaluation.rows[np.argsort(-first, kind="stable")[:_STRONGEST]]
    is_network = isinstance(run.model, NetworkModel)
    method = "deeplift_shap" if is_network else "ism"
    output = card.targets[0]
    predicted = run.predict(data, rows=strongest)
    explained = attribute(
        run, predicted, method=method, rows=np.arange(strongest.size), output=output, seed=seed
    )
    motifs = _comparable(md.load(known) if isinstance(known, str) else known, run.model)
    filters = _filters(run, data, motifs, seed) if is_network else None
    some = evaluation.rows[:KMER_ROWS]
    options: dict[str, Any] = {"n_references": 10} if is_network else {}
    wide = attribute(run, data, method=method, rows=some, output=output, seed=seed, **options)
    variable = card.variable
    kmers = kmer_effects(
        wide,
        method=method,
        k=min(_KMER if len(run.model.alphabet) <= 4 else 2, card.length),
        both_strands=card.both_strands,
        variable=variable,
    )
    constant = _constant(wide[variable].values)
    unit = _unit(data, output, card.task)
    return Learned(run, evaluation, filters, motifs, explained, method, kmers, constant, unit)


def _comparable(motifs: md.MotifSet, model: Model) -> md.MotifSet | None:
    if motifs.alphabet == model.alphabet:
        return motifs
    _log.warning(
        "known motifs are of %s, the model of %s: its filters are not compared",
        motifs.alphabet.name,
        model.alphabet.name,
    )
    return None


def _filters(
    run: Run, data: xr.Dataset, known: md.MotifSet | None, seed: int
) -> FilterMotifs | None:
    """Give the filters, or None for a network whose first layer has none that read the sequence."""
    try:
        return find_filters(run, data, known=known, seed=seed)
    except ValueError as error:
        _log.warning("no filters to show: %s", error)
        return None


def _constant(codes: NDArray[np.uint8]) -> list[tuple[int, int]]:
    """Find the stretches in which nearly all rows have the same letters."""
    same = [np.bincount(column).max() > _CONSTANT * codes.shape[0] for column in codes.T]
    edges = np.flatnonzero(np.diff(np.array([0, *same, 0], dtype=np.int8)))
    stretches = edges.reshape(-1, 2).tolist()
    return [(start, stop) for start, stop in stretches if stop - start >= _STRETCH]


def _unit(data: xr.Dataset, output: str, task: str) -> str:
    if task == "binary":
        return "log-odds"
    return str(data[output].attrs.get("units", output)) if output in data else output
