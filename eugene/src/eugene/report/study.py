"""What a report needs to know of a run: its scores, its filters and what carries its predictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

import motifdata as md
from eugene.interpret.attribute import attribute
from eugene.interpret.filters import FilterMotifs, find_filters
from eugene.interpret.motif_effects import motif_effects
from eugene.models.model import NetworkModel

if TYPE_CHECKING:
    import pandas as pd

    from eugene.evaluate.evaluation import Evaluation
    from eugene.train.run import Run

SITE_ROWS = 400
"""Held-out rows that are explained for the effects of known motifs' sites, at most."""

_STRONGEST = 5


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
        Its first filters, compared with `known`; None for baselines.
    known
        Motifs they were compared with.
    explained
        The rows with the largest predictions, with attributions.
    method
        The method of those.
    effects
        What sites of `known` contribute, from as many held-out rows as are quick to explain.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=200, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("kmer_linear", data, targets="label", out=tempfile.mkdtemp() + "/run")
    >>> eu.report.study(run).effects.columns.tolist()[:4]
    ['motif', 'name', 'consensus', 'sites']
    """

    run: Run
    evaluation: Evaluation
    filters: FilterMotifs | None
    known: md.MotifSet
    explained: xr.Dataset
    method: str
    effects: pd.DataFrame


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
    motifs = md.load(known) if isinstance(known, str) else known
    evaluation = run.evaluate(split=split, seed=seed)
    first = next(iter(evaluation.predictions.values()))[:, 0]
    strongest = evaluation.rows[np.argsort(-first, kind="stable")[:_STRONGEST]]
    is_network = isinstance(run.model, NetworkModel)
    method = "deeplift_shap" if is_network else "ism"
    output = run.model.card.targets[0]
    predicted = run.predict(data, rows=strongest)
    explained = attribute(
        run, predicted, method=method, rows=np.arange(strongest.size), output=output, seed=seed
    )
    filters = find_filters(run, data, known=motifs, seed=seed) if is_network else None
    some = evaluation.rows[:SITE_ROWS]
    options: dict[str, Any] = {"n_references": 10} if is_network else {}
    wide = attribute(run, data, method=method, rows=some, output=output, seed=seed, **options)
    variable = run.record["inputs"]
    effects = motif_effects(wide, motifs, method=method, variable=variable)
    return Learned(run, evaluation, filters, motifs, explained, method, effects)
