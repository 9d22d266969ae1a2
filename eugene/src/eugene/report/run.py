"""The report of one run: what it learned, how well, from which data, and how to get it again."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

import motifdata as md
from eugene import plot
from eugene.models.registry import BASELINES, find_model, list_models
from eugene.plot.training import LABELS
from eugene.report.data import data_summary
from eugene.report.in_short import in_short
from eugene.report.page import Figure, Section, Table, write_page
from eugene.report.study import Learned, study
from seqdata.provenance import steps

if TYPE_CHECKING:
    import pandas as pd

    from eugene.train.run import Run

_MOST = 400  # characters of a value of the provenance


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
    sections = [*run_sections(learned), reproduce(call_of(run), run.require_data())]
    return write_page(
        path,
        title=f"{run.name} predicts {', '.join(card.targets)}",
        subtitle=f"{card.task} on {card.length} {card.alphabet} letters",
        sections=sections,
    )


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
        Section(f"{prefix}in short", in_short(learned), lead=True),
        Section(
            f"{prefix}data",
            _source(data),
            tables=[
                Table(data_summary(data, run.record["targets"], variable=run.record["inputs"]))
            ],
        ),
    ]
    figures = [
        Figure(
            plot.performance(learned.evaluation),
            _ROWS_OF[learned.evaluation.split],
        )
    ]
    if run.epochs:
        curves = Figure(
            plot.training(run),
            "The dotted line marks the epoch whose weights are used. The loss of training is taken with "
            "dropout and while weights still move, and so can lie above that of val.",
        )
        sections.append(Section(f"{prefix}training", tables=[_trained(run)], figures=[curves]))
    sections.append(
        Section(
            f"{prefix}held-out score",
            tables=[
                Table(
                    learned.evaluation.wide().rename(columns=LABELS).reset_index(),
                    "95 % bootstrap intervals over rows."
                    + (_PAIRED if len(learned.evaluation.predictions) == 2 else ""),
                )
            ],
            figures=figures,
        )
    )
    kmers = Table(
        _ends(learned.kmers),
        "K-mers that raise the prediction most, and those that lower it most: mean contribution in "
        f"{learned.unit}, over the places where they stand in held-out sequences.",
    )
    sections.append(
        Section(f"{prefix}what it learned", tables=[kmers], figures=_learned_figures(learned))
    )
    return sections


_PAIRED = (
    " The last row is the paired difference: an interval that holds 0 means that the two cannot be told "
    "apart on these rows."
)
_ROWS_OF = {
    "test": "Held-out rows that neither training nor the choice of the epoch has seen.",
    "val": "Rows that chose the epoch: training has not seen them, but the score is too good by that choice.",
    "train": "Rows that it was trained on: no measure of how well it predicts others.",
}


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
        lines += [f"#   {key}: {_short(value)}" for key, value in details.items()]
    packages = ["numpy", "torch", "pytorch-lightning", "xarray", "zarr", "numba"]
    found = ", ".join(f"{name} {version(name)}" for name in packages)
    text = [
        f"Python {platform.python_version()} on {sys.platform}; {found}. The same call with the same "
        "versions on the same machine gives the same numbers."
    ]
    tables = [] if timings is None else [Table(timings, "Wall time of each step.")]
    return Section("how to reproduce", text, tables=tables, code="\n".join(lines))


def _short(value: Any) -> str:
    """Write a value, a long one without its end, which stands in the data's provenance."""
    text = str(value)
    return text if len(text) <= _MOST else f"{text[:_MOST]} ... ({len(text):,} characters)"


def _source(data: xr.Dataset) -> list[str]:
    """Say where public data comes from, as its attributes tell."""
    if "dataset" not in data.attrs:
        return []
    details = [f"{name} {data.attrs[name]}" for name in ("doi", "licence") if name in data.attrs]
    return [f"{data.attrs['dataset']} ({', '.join(details)})."]


def _ends(kmers: pd.DataFrame, most: int = 5) -> pd.DataFrame:
    """Give the first and the last rows of a table."""
    return kmers if len(kmers) <= 2 * most else kmers.iloc[[*range(most), *range(-most, 0)]]


def _learned_figures(learned: Learned) -> list[Figure]:
    figures = []
    if learned.filters is not None and learned.known is not None:
        axes = plot.motif_table(learned.filters, learned.known)
        figures.append(
            Figure(
                axes[0],
                "Left: the most influential filters of the first layer as motifs (height: bits). Right: the "
                "known motif each resembles most, aligned with it; sure if its e-value is "
                "below 0.01, and below a tenth of what the same columns have in any of 20 other orders. "
                "Influence: mean change of the prediction when the filter is silenced.",
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
            f"contribution by {name} in {learned.unit}: upright letters raise the prediction, those upside "
            f"down lower it.{shaded}{_shared(learned)}",
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


def _shared(learned: Learned) -> str:
    if not learned.constant:
        return ""
    places = " and ".join(f"{start} to {stop - 1}" for start, stop in learned.constant)
    return f" Positions {places} hold the same letters in nearly all sequences, as adapters do."


def _model_of(run: Run) -> str:
    """Write a model of the registry by name, and one of the user's own as the class it is."""
    name = str(run.record["model"])
    return repr(name) if name in list_models() else name.rpartition(":")[2] + "(...)"


def _given(run: Run) -> dict[str, Any]:
    """Give the settings of a model that a user can give; others come from the data."""
    name, config = str(run.record["model"]), run.model.card.config or {}
    if name in BASELINES:
        known = find_model(name).factory.DEFAULTS
        return {k: v for k, v in config.items() if k in known}
    return {k: v for k, v in config.items() if k not in ("length", "targets", "letters")}


def call_of(run: Run) -> str:
    """Write the Python call that gives a run again.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=200, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("kmer_linear", data, targets="label", out=tempfile.mkdtemp() + "/run")
    >>> call_of(run).splitlines()[0]
    "eugene.fit('kmer_linear', data, inputs='seq', targets=['label'],"
    """
    record, card = run.record, run.model.card
    start = f"eugene.fit({_model_of(run)}, data, inputs={record['inputs']!r}, targets={record['targets']!r}"
    training = (
        ""
        if record["model"] in BASELINES
        else (
            f", epochs={record['epochs']}, batch_size={record['batch_size']},\n"
            f"           optimizer=eugene.train.Optimizer(**{record['optimizer']})"
        )
    )
    config = "".join(f", {k}={v!r}" for k, v in _given(run).items())
    return (
        f"{start}{training},\n"
        f"           both_strands={card.both_strands}, missing={record['missing']!r}, seed={record['seed']}"
        f"{config})"
    )
