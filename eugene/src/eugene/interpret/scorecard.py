"""Explanations marked against a known truth: does a method find what decided the label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import motifdata as md
from eugene.interpret.attribute import attribute, contributions
from eugene.interpret.stream import method_names
from eugene.train.targets import read_targets
from seqdata import progress
from seqdata.loader import select_rows
from seqexplainer import TruthScore, random_baseline, score_against_truth

if TYPE_CHECKING:
    import pandas as pd

    from eugene.train.run import Run

RANDOM = "random"
SCAN = "scan, all motifs"
CEILING = "scan, causal motif"


@dataclass(frozen=True, eq=False)
class Scorecard:
    """Marks of explanation methods.

    Parameters
    ----------
    table
        One row a model and method: ``model``, ``method``, ``auprc`` and ``auroc`` (means over sequences
        of how well contributions rank the positions of causal motifs), ``standard_error`` of the AUPRC,
        ``base_rate`` (the AUPRC of chance), ``sequences`` that were marked and ``model_calls``. Three
        baselines use no model: ``random``; ``scan, all motifs``, which looks for every planted motif and
        does not know which one decides; and ``scan, causal motif``, which knows the answer. Where all
        planted motifs decide, there is one scan.
    explained
        For each model, the Dataset of the sequences with all attributions.
    refused
        For each model that is not explained, why.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=300, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("kmer_linear", data, targets="label", out=tempfile.mkdtemp() + "/run")
    >>> card = eu.interpret.scorecard(run, data, methods=["ism"], n_sequences=5, minimum_auroc=0.5)
    >>> list(card.explained)
    ['k-mer logistic regression']
    """

    table: pd.DataFrame
    explained: dict[str, xr.Dataset]
    refused: dict[str, str] = field(default_factory=dict)


class NotLearnedError(ValueError):
    """A model whose explanations would mislead, because it has not learned what decides the label."""


def scorecard(
    runs: Run | Mapping[str, Run],
    data: xr.Dataset,
    *,
    split: str = "test",
    methods: Sequence[str] | str = "all",
    n_sequences: int = 100,
    minimum_auroc: float = 0.8,
    seed: int = 0,
) -> Scorecard:
    """Mark explanation methods against the motifs that decided the label.

    Marked are positive sequences that the model gets right, `n_sequences` of them at most, drawn at
    random. For each, the absolute contributions rank the positions, and the AUPRC says how well the
    causal motifs come first. A scan for all planted motifs needs no model: a method that is no better
    than it says nothing about the model that the scan does not. Models that have not learned the rule are
    not explained; `Scorecard.refused` says why.

    Parameters
    ----------
    runs
        A run, or several by name.
    data
        Simulated Dataset with ``causal_mask`` and the motifs that were planted.
    split
        Rows to draw from.
    methods
        Names of methods, or ``"all"``; methods that need a network are left out for other models.
    n_sequences
        Most sequences to explain.
    minimum_auroc
        A model that does not reach this on the split has not learned the rule, and explaining it would
        mislead.
    seed
        Seed of the draw of sequences and of the methods.

    Returns
    -------
    Scorecard

    Raises
    ------
    ValueError
        If the data has no truth, the runs are not of one class label, or no model has learned the rule.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=300, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("kmer_linear", data, targets="label", out=tempfile.mkdtemp() + "/run")
    >>> card = eu.interpret.scorecard(run, data, methods=["ism"], n_sequences=5, minimum_auroc=0.5)
    >>> card.table["method"].tolist()
    ['ism', 'scan, causal motif', 'scan, all motifs', 'random']
    """
    import pandas as pd

    if "causal_mask" not in data:
        msg = (
            "data must hold the truth ('causal_mask'), as seqdatasets.simulate gives it; found none"
        )
        raise ValueError(msg)
    named = dict(runs) if isinstance(runs, Mapping) else {runs.name: runs}
    wanted = method_names() if methods == "all" else list(methods)
    rows: list[dict[str, Any]] = []
    explained: dict[str, xr.Dataset] = {}
    refused: dict[str, str] = {}
    for name, run in named.items():
        try:
            chosen = _correct_positives(run, data, split, n_sequences, minimum_auroc, seed)
        except NotLearnedError as error:
            refused[name] = str(error)
            continue
        explained[name], marks = _marks(name, run, data, chosen, _fitting(wanted, run), seed)
        rows += marks
    if not rows:
        raise NotLearnedError("; ".join(refused.values()))
    return Scorecard(pd.DataFrame(rows), explained, refused)


def _marks(
    name: str,
    run: Run,
    data: xr.Dataset,
    chosen: NDArray[np.int64],
    methods: list[str],
    seed: int,
) -> tuple[xr.Dataset, list[dict[str, Any]]]:
    """Explain some rows by each method; give them with all attributions, and the marks."""
    rows = []
    result = data.isel(_sequence=chosen)
    truth = result["causal_mask"].values
    for method in progress(methods, description=f"explaining {name}"):
        one = attribute(run, data, method=method, rows=chosen, seed=seed)
        result = result.assign({k: v for k, v in one.data_vars.items() if k not in result})
        mark = score_against_truth(contributions(one, method), truth)
        calls = one[f"attributions_{method}"].attrs["model_calls"]
        rows.append(_row(name, method, mark, calls))
    rows.append(
        _row(name, CEILING, score_against_truth(_scan(result, True), truth, signed=True), 0)
    )
    if set(result["motif_id"].values) > _causal(result):
        scan = score_against_truth(_scan(result, False), truth, signed=True)
        rows.append(_row(name, SCAN, scan, 0))
    rows.append(_row(name, RANDOM, random_baseline(truth, rng=seed), 0))
    return result, rows


def _causal(data: xr.Dataset) -> set[str]:
    return set(data["embedding_motif"].values[data["embedding_is_causal"].values])


def _fitting(methods: list[str], run: Run) -> list[str]:
    from seqexplainer import DifferentiablePredictor

    if isinstance(run.model.predictor(), DifferentiablePredictor):
        return methods
    return [method for method in methods if method in ("ism", "occlusion")]


def _correct_positives(
    run: Run, data: xr.Dataset, split: str, most: int, minimum_auroc: float, seed: int
) -> NDArray[np.int64]:
    """Draw positive rows that the model calls positive, if it has learned anything."""
    from eugene.metrics import auroc

    targets = read_targets(data, run.record["targets"])
    if targets.task != "binary" or targets.values.shape[1] != 1:
        msg = f"scorecard marks models of one class label; found {targets.task} of {targets.names}"
        raise ValueError(msg)
    positions = select_rows(data, split=split)
    label = targets.values[positions, 0]
    prediction = run.predict(data, rows=positions)["predictions"].values[:, 0]
    score = float(auroc(label, prediction))
    if not score >= minimum_auroc:
        msg = (
            f"{run.name} has AUROC {score:.2f} on {split}, below {minimum_auroc}: it has not learned the "
            "rule, and explaining it would mislead. Train it on more sequences or for more epochs, take "
            "another model (counts of k-mers cannot tell order or distance; the cnn tells distance with "
            "pool=5), or lower minimum_auroc knowingly"
        )
        raise NotLearnedError(msg)
    right = positions[(label == 1) & (prediction >= 0.5)]
    if not right.size:
        msg = f"{run.name} calls no positive sequence of {split} positive; there is nothing to mark"
        raise NotLearnedError(msg)
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(right, min(most, right.size), replace=False))


def _scan(data: xr.Dataset, causal_only: bool) -> NDArray[np.float64]:
    """Best log-odds of a site of a planted motif over each position: what needs no model."""
    causal = _causal(data)
    tracks = []
    for i, name in enumerate(data["motif_id"].values):
        if causal_only and name not in causal:
            continue
        size = int(data["motif_size"].values[i])
        motif = md.Motif(str(name), data["motif"].values[i, :size].astype(np.float64))
        tracks.append(md.score_track(data["seq"].values, motif))
    return np.nan_to_num(np.max(tracks, axis=0), neginf=-1e6)


def _row(model: str, method: str, mark: TruthScore, calls: int) -> dict[str, Any]:
    return {
        "model": model,
        "method": method,
        "auprc": mark.mean_auprc,
        "standard_error": mark.auprc_standard_error,
        "auroc": mark.mean_auroc,
        "base_rate": mark.mean_base_rate,
        "sequences": mark.n,
        "model_calls": calls,
    }
