"""The report of one run: what it learned, how well, from which data, and how to get it again."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

import motifdata as md
from eugene import plot
from eugene.interpret.attribute import attribute
from eugene.interpret.filters import FilterMotifs, find_filters
from eugene.interpret.motif_effects import motif_effects
from eugene.models.model import NetworkModel
from eugene.plot.motif_table import SURE
from eugene.plot.training import LABELS
from eugene.report.data import data_summary
from eugene.report.page import Figure, Section, Table, write_page
from seqdata.provenance import steps

if TYPE_CHECKING:
    import pandas as pd

    from eugene.evaluate.evaluation import Evaluation
    from eugene.train.run import Run

_STRONGEST = 5
_NAMED = 6
_SITE_ROWS = 400
_CLEAR = 5  # standard errors


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
    """

    run: Run
    evaluation: Evaluation
    filters: FilterMotifs | None
    known: md.MotifSet
    explained: xr.Dataset
    method: str
    effects: pd.DataFrame


def report(
    run: Run,
    path: str | os.PathLike[str],
    *,
    known: str | md.MotifSet = "consensus_vertebrates",
    split: str = "test",
    seed: int = 0,
) -> Path:
    """Write a run's report: one HTML file that needs no network.

    Parameters
    ----------
    run
        A finished training, with its data.
    path
        The HTML file.
    known
        Motifs to compare the filters with: a `MotifSet`, or the name of a bundled one.
    split
        Held-out rows to score and explain.
    seed
        Seed of intervals and of explanations.

    Returns
    -------
    Path of the file

    Raises
    ------
    ValueError
        If the run was opened without its data.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=200, seq_length=60, seed=0), seed=0)
    >>> folder = tempfile.mkdtemp()
    >>> run = eu.fit("kmer_linear", data, targets="label", out=folder + "/run")
    >>> eu.report.report(run, folder + "/report.html").name
    'report.html'
    """
    learned = study(run, known=known, split=split, seed=seed)
    card = run.model.card
    sections = [*run_sections(learned), reproduce(_call_of(run), run.require_data())]
    return write_page(
        path,
        title=f"{run.name} predicts {', '.join(card.targets)}",
        subtitle=f"{card.task} on {card.length} {card.alphabet} letters",
        sections=sections,
    )


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
    some = evaluation.rows[:_SITE_ROWS]
    options: dict[str, Any] = {"n_references": 10} if is_network else {}
    wide = attribute(run, data, method=method, rows=some, output=output, seed=seed, **options)
    variable = run.record["inputs"]
    effects = motif_effects(wide, motifs, method=method, variable=variable)
    return Learned(run, evaluation, filters, motifs, explained, method, effects)


def run_sections(learned: Learned, *, prefix: str = "") -> list[Section]:
    """Give the sections of a run's report: in short, data, training, scores, what it learned.

    Parameters
    ----------
    learned
        Result of `study`.
    prefix
        Put before every heading, when a page holds several runs.

    Returns
    -------
    list of Section

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=200, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("kmer_linear", data, targets="label", out=tempfile.mkdtemp() + "/run")
    >>> [section.title for section in run_sections(study(run))]
    ['in short', 'data', 'held-out score', 'what it learned']
    """
    run = learned.run
    data = run.require_data()
    sections = [
        Section(f"{prefix}in short", _in_short(learned), lead=True),
        Section(
            f"{prefix}data",
            tables=[
                Table(data_summary(data, run.record["targets"], variable=run.record["inputs"]))
            ],
        ),
    ]
    figures = [
        Figure(
            plot.performance(learned.evaluation),
            "Held-out rows that neither training nor the choice of the epoch has seen.",
        )
    ]
    if run.epochs:
        curves = Figure(
            plot.training(run), "The dotted line marks the epoch whose weights are used."
        )
        sections.append(Section(f"{prefix}training", tables=[_trained(run)], figures=[curves]))
    sections.append(
        Section(
            f"{prefix}held-out score",
            tables=[
                Table(
                    _score_table(learned.evaluation),
                    "95 % bootstrap intervals over rows. The last row is the paired difference: an "
                    "interval that holds 0 means that the two cannot be told apart on these rows.",
                )
            ],
            figures=figures,
        )
    )
    sites = Table(
        _clear(learned.effects).head(10),
        f"Sites of known motifs (p below 0.001) in {min(_SITE_ROWS, learned.evaluation.rows.size)} "
        "held-out sequences: what a site contributes on average, compared with the same positions in the "
        f"other sequences. Shown are effects of more than {_CLEAR} standard errors, the largest first.",
    )
    sections.append(
        Section(f"{prefix}what it learned", tables=[sites], figures=_learned_figures(learned))
    )
    return sections


def reproduce(call: str, *data: xr.Dataset, timings: pd.DataFrame | None = None) -> Section:
    """Give the section that says how to get the same numbers again.

    Parameters
    ----------
    call
        The command or the Python call.
    data
        Datasets whose provenance is shown.
    timings
        Seconds of each step, if they were taken.

    Returns
    -------
    Section

    Examples
    --------
    >>> import xarray as xr
    >>> reproduce("eugene demo", xr.Dataset()).code.splitlines()[0]
    'eugene demo'
    """
    lines = [call, ""]
    for step in chain.from_iterable(map(steps, data)):
        lines.append(f"# {step['step']} {step['version']}")
        details = {k: v for k, v in step.items() if k not in ("step", "version") and v is not None}
        lines += [f"#   {key}: {value}" for key, value in details.items()]
    packages = ["numpy", "torch", "pytorch-lightning", "xarray", "zarr", "numba"]
    found = ", ".join(f"{name} {version(name)}" for name in packages)
    text = [
        f"Python {platform.python_version()} on {sys.platform}; {found}. The same call with the same "
        "versions on the same machine gives the same numbers."
    ]
    tables = [] if timings is None else [Table(timings, "Wall time of each step.")]
    return Section("how to reproduce", text, tables=tables, code="\n".join(lines))


def _in_short(learned: Learned) -> list[str]:
    """Two sentences: how well it predicts, and what it looks at."""
    run, evaluation = learned.run, learned.evaluation
    models = list(evaluation.predictions)
    metric = evaluation.table["metric"].iloc[0]
    own = evaluation.row(metric)
    first = (
        f"{run.name} predicts {own['target']} of unseen sequences with {LABELS[metric]} = "
        f"{own['value']:.3f} (95 % interval {own['low']:.3f} to {own['high']:.3f}, "
        f"{evaluation.rows.size} rows)"
    )
    if len(models) == 2:
        other = evaluation.row(metric, model=models[1])
        gap = evaluation.row(metric, model=f"{models[0]} - {models[1]}")
        first += (
            f"; a {models[1]} on the same rows reaches {other['value']:.3f}, and the paired difference is "
            f"{gap['value']:+.3f} ({gap['low']:+.3f} to {gap['high']:+.3f}), {_verdict(gap)}"
        )
    return [first + ".", _filters_in_short(learned), _sites_in_short(learned)]


def _verdict(gap: dict[str, Any]) -> str:
    if gap["low"] > 0:
        return "so the network is the better model"
    if gap["high"] < 0:
        return "so the k-mer model is the better one"
    return "which these rows cannot tell from none"


def _filters_in_short(learned: Learned) -> str:
    if learned.filters is None:
        return (
            "It has no filters; the logos below show which letters carry its strongest predictions."
        )
    table = learned.filters.table
    sure = table[table["evalue"] < SURE]
    if not len(sure):
        top = ", ".join(table["consensus"].head(3))
        return f"Its most influential filters read {top}; none resembles a known motif for certain."
    groups = sorted(sure.groupby("match_name", sort=False), key=lambda group: -len(group[1]))
    named = [
        f"{name} ({len(rows)} filter{'s' * (len(rows) > 1)}, {_directions(rows['direction'])})"
        for name, rows in groups[:_NAMED]
    ]
    more = f", and {len(groups) - _NAMED} more" if len(groups) > _NAMED else ""
    return (
        f"Of its {len(table)} most influential filters, {len(sure)} {'look' if len(sure) > 1 else 'looks'} "
        f"like a known motif (e-value below {SURE}): {', '.join(named)}{more}."
    )


def _sites_in_short(learned: Learned) -> str:
    clear = _clear(learned.effects)
    if not len(clear):
        return "No known motif's sites have an effect that is clear from chance."
    named = [f"{row.name} {row.effect:+.2f}" for row in clear.head(3).itertuples(index=False)]
    return (
        f"Sites of known motifs that change its predictions most, on average: {', '.join(named)}."
    )


def _clear(effects: pd.DataFrame) -> pd.DataFrame:
    return effects[effects["z"].abs() > _CLEAR].reset_index(drop=True)


def _directions(correlations: pd.Series) -> str:
    raises = (correlations > 0).mean()
    return "raising" if raises == 1 else "lowering" if raises == 0 else "raising or lowering"


def _learned_figures(learned: Learned) -> list[Figure]:
    figures = []
    if learned.filters is not None:
        axes = plot.motif_table(learned.filters, learned.known)
        figures.append(
            Figure(
                axes[0],
                "Left: the most influential filters of the first layer as motifs (height: bits). Right: the "
                "known motif each resembles most, aligned with it. Influence: mean change of the prediction "
                "when the filter is silenced.",
                wide=True,
            )
        )
    axes = plot.attributions(
        learned.explained,
        method=learned.method,
        rows=range(learned.explained.sizes["_sequence"]),
    )
    shaded = (
        " Shaded: the motif that decides the label." if "causal_mask" in learned.explained else ""
    )
    name = {"deeplift_shap": "DeepLIFT/SHAP", "ism": "in-silico mutagenesis"}[learned.method]
    figures.append(
        Figure(
            axes[0],
            f"The held-out sequences with the largest predictions. The height of a letter is its "
            f"contribution by {name}: up raises the prediction, down lowers it.{shaded}",
            wide=True,
        )
    )
    return figures


def _trained(run: Run) -> Table:
    """The run's summary as a table, without the folder, which means nothing to a reader elsewhere."""
    import pandas as pd

    lines = [line.split(": ", 1) for line in run.summary().splitlines()]
    kept = [line for line in lines if line[0] != "model"]
    return Table(pd.DataFrame(kept[1:], columns=kept[0]))


def _score_table(evaluation: Evaluation) -> pd.DataFrame:
    table = evaluation.table
    wide = table.assign(
        score=[f"{r.value:.3f} [{r.low:.3f}, {r.high:.3f}]" for r in table.itertuples()]
    ).pivot(index=["target", "model"], columns="metric", values="score")
    wide = wide[list(dict.fromkeys(table["metric"]))]
    wide = wide.reindex(list(dict.fromkeys(table["model"])), level="model")
    return wide.rename(columns=LABELS).reset_index()


def _call_of(run: Run) -> str:
    record, card = run.record, run.model.card
    config = "".join(
        f", {k}={v!r}"
        for k, v in (card.config or {}).items()
        if k not in ("length", "targets", "letters")
    )
    return (
        f"eugene.fit({record['model']!r}, data, inputs={record['inputs']!r}, targets={record['targets']!r}, "
        f"epochs={record['epochs']}, batch_size={record['batch_size']},\n"
        f"           optimizer=eugene.train.Optimizer(**{record['optimizer']}),\n"
        f"           both_strands={card.both_strands}, missing={record['missing']!r}, seed={record['seed']}"
        f"{config})"
    )
