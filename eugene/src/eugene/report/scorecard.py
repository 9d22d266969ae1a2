"""The report of models of simulated data: who learned the rule, and whose explanations are true."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from eugene import plot
from eugene.interpret.scorecard import CEILING, RANDOM, Scorecard, scorecard
from eugene.plot.training import LABELS
from eugene.report.page import Figure, Section, Table, write_page
from eugene.report.rule import rule_in_words
from eugene.report.run import call_of, reproduce

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from eugene.train.run import Run

MINIMUM_AUROC = 0.8
"""What a model must reach on held-out sequences before it is explained."""

N_SEQUENCES = 40
"""Sequences that are explained for each model, at most."""

METHOD_NAMES = {
    "ism": "in-silico mutagenesis",
    "occlusion": "occlusion",
    "deeplift_shap": "DeepLIFT/SHAP",
    "gradient_x_input": "gradient times input",
}


def scorecard_report(
    runs: Run | Sequence[Run],
    data: xr.Dataset,
    path: str | os.PathLike[str],
    *,
    split: str = "test",
    methods: Sequence[str] | str = "all",
    n_sequences: int = N_SEQUENCES,
    minimum_auroc: float = MINIMUM_AUROC,
    call: str | None = None,
    seed: int = 0,
) -> Path:
    """Write the scorecard of one or several models of simulated data: one HTML file.

    It says what the rule is, which models learned it, and how well the explanations of those find what
    decided the labels; see `eugene.interpret.scorecard`.

    Parameters
    ----------
    runs
        Finished trainings on `data`.
    data
        Simulated Dataset with its truth.
    path
        The HTML file.
    split
        Held-out rows to score and explain.
    methods, n_sequences, minimum_auroc
        As for `eugene.interpret.scorecard`.
    call
        The command that made the page; None shows the Python calls.
    seed
        Seed of intervals, of the draw of sequences and of explanations.

    Returns
    -------
    Path of the file

    Raises
    ------
    ValueError
        If the data has no truth, or no model has learned the rule.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=300, seq_length=60, seed=0), seed=0)
    >>> folder = tempfile.mkdtemp()
    >>> run = eu.fit("rule_oracle", data, targets="label", out=folder + "/run")
    >>> page = eu.report.scorecard_report(run, data, folder + "/page.html", methods=["ism"], n_sequences=2)
    >>> page.name
    'page.html'
    """
    named = _named([runs] if not isinstance(runs, Sequence) else runs)
    card = scorecard(
        named,
        data,
        split=split,
        methods=methods,
        n_sequences=n_sequences,
        minimum_auroc=minimum_auroc,
        seed=seed,
    )
    marked = _Marked(named, data, card, _scores(named, data, split, seed), split, minimum_auroc)
    calls = "\n".join(call_of(run) for run in named.values())
    sections = [
        Section("in short", _in_short(marked), lead=True),
        _learned(marked),
        _true(marked),
        _example(marked),
        reproduce(call or calls, data),
    ]
    rule = str(data[marked.target].attrs.get("rule", marked.target))
    return write_page(
        path,
        title="Are the explanations true?",
        subtitle=f"{len(named)} models of simulated sequences whose rule is known: {rule}",
        sections=sections,
    )


@dataclass(frozen=True, eq=False)
class _Marked:
    """Everything that the page is made of."""

    runs: dict[str, Run]
    data: xr.Dataset
    card: Scorecard
    scores: pd.DataFrame
    split: str
    minimum_auroc: float

    @property
    def target(self) -> str:
        return str(next(iter(self.runs.values())).model.card.targets[0])

    def auroc(self, name: str) -> float:
        table = self.scores
        chosen = table[(table["model"] == name) & (table["metric"] == "auroc")]
        return float(chosen["value"].iloc[0])

    @property
    def is_pair(self) -> bool:
        """Whether every sequence holds all motifs, so that a scan finds them without the rule."""
        return str(self.data[self.target].attrs.get("rule")) in ("order", "distance")


def _named(runs: Sequence[Run]) -> dict[str, Run]:
    """Name runs by their models, and by their folders where models have one name."""
    counts = Counter(run.name for run in runs)
    names = [run.name if counts[run.name] == 1 else f"{run.name} ({run.path.name})" for run in runs]
    if len(set(names)) < len(names):
        msg = f"runs must be different; found {', '.join(str(run.path) for run in runs)}"
        raise ValueError(msg)
    return dict(zip(names, runs, strict=True))


def _scores(runs: dict[str, Run], data: xr.Dataset, split: str, seed: int) -> pd.DataFrame:
    import pandas as pd

    tables = [
        run.evaluate(data, split=split, baseline=False, seed=seed).table.assign(model=name)
        for name, run in runs.items()
    ]
    return pd.concat(tables, ignore_index=True)


def _in_short(marked: _Marked) -> list[str]:
    card = marked.card
    told = [f"{name} ({marked.auroc(name):.3f})" for name in card.explained]
    text = [
        f"The rule: {rule_in_words(marked.data, marked.target)}",
        f"Learned by {', '.join(told)}: AUROC on sequences that were not trained on, of which "
        f"{marked.minimum_auroc:g} must be reached.",
    ]
    if card.refused:
        refused = ", ".join(f"{name} ({marked.auroc(name):.3f})" for name in card.refused)
        text.append(f"Not learned by {refused}: their explanations would mislead and are left out.")
    table = card.table
    best = table[table["model_calls"] > 0].sort_values("auprc").groupby("model", sort=False).tail(1)
    means = table.groupby("method")["auprc"].mean()
    found = ", ".join(
        f"{row.auprc:.2f} for {row.model} by {METHOD_NAMES.get(row.method, row.method)}"
        for row in best.set_index("model").loc[list(card.explained)].reset_index().itertuples()
    )
    text.append(
        f"How well the best explanation of each finds the deciding motifs (AUPRC, 1 is perfect): {found}; "
        f"a scan for the motifs, which knows them, {means[CEILING]:.2f}; chance {means[RANDOM]:.2f}."
    )
    return text


def _learned(marked: _Marked) -> Section:
    wide = marked.scores.assign(
        score=[f"{r.value:.3f} [{r.low:.3f}, {r.high:.3f}]" for r in marked.scores.itertuples()]
    ).pivot(index="model", columns="metric", values="score")
    wide = wide.loc[list(marked.runs), list(dict.fromkeys(marked.scores["metric"]))]
    wide = wide.rename(columns=LABELS).reset_index()
    wide["explained"] = ["no" if name in marked.card.refused else "yes" for name in marked.runs]
    axes = plot.scores(marked.scores, minimum=marked.minimum_auroc, chance=0.5)
    return Section(
        "who learned the rule?",
        ["An explanation of a model that has not learned the rule says nothing about the rule."],
        tables=[Table(wide, f"Rows of {marked.split}; 95 % bootstrap intervals over rows.")],
        figures=[
            Figure(
                axes,
                "AUROC with its interval. Dotted: guessing. Dashed: what is asked of a model before it is "
                "explained. The rule oracle knows the rule and the motifs, but not where they stand: what "
                "it reaches is about what there is to learn.",
                wide=True,
            )
        ],
    )


def _true(marked: _Marked) -> Section:
    text = [
        "For positive held-out sequences that a model gets right, each method ranks the positions; the "
        "AUPRC says how well the positions of the deciding motifs come first."
    ]
    if marked.is_pair:
        text.append(
            "Both motifs stand in every sequence, so a scan finds them without the rule: these marks say "
            "whether an explanation points at the two motifs, not whether it shows how they must stand."
        )
    if "rule oracle" in marked.card.explained:
        text.append(
            "The rule oracle has learned nothing wrong: where its marks are low, it is the method that does "
            "not find the motifs."
        )
    table = marked.card.table
    marks = [f"{r.auprc:.2f} ± {r.standard_error:.2f}" for r in table.itertuples()]
    wide = table.assign(mark=marks).pivot(index="model", columns="method", values="mark")
    methods = [m for m in METHOD_NAMES if m in wide] + [m for m in wide if m not in METHOD_NAMES]
    wide = wide.loc[list(marked.card.explained), methods].fillna("")
    counts = table.groupby("model")["sequences"].first()
    wide.insert(0, "sequences", counts[wide.index])
    caption = (
        "AUPRC, mean over sequences with its standard error, by method; blank where a method does not apply "
        f"to a model. {CEILING}: the best site of the deciding motifs, without any model."
    )
    figures = [
        Figure(plot.marks(marked.card, model=name), "Blue: explanations. Grey: no model is used.")
        for name in marked.card.explained
    ]
    return Section(
        "are the explanations true?",
        text,
        tables=[Table(wide.reset_index(), caption)],
        figures=figures,
    )


def _example(marked: _Marked) -> Section:
    """Show one sequence as each model explains it."""
    from matplotlib.figure import Figure as Canvas

    explained = marked.card.explained
    used = marked.card.table
    method = str(used.loc[used["model_calls"] > 0, "method"].iloc[0])
    rows = [set(ds["row"].values.tolist()) for ds in explained.values()]
    shared = sorted(set.intersection(*rows))
    canvas = Canvas(figsize=(12, 1.4 * len(explained)), layout="constrained")
    axes: list[Axes] = list(canvas.subplots(len(explained), 1, squeeze=False)[:, 0])
    for ax, (name, ds) in zip(axes, explained.items(), strict=True):
        place = int(np.flatnonzero(ds["row"].values == shared[0])[0]) if shared else 0
        plot.attributions(ds, method=method, rows=[place], axes=[ax])
        ax.set_title(f"{name}: row {int(ds['row'].values[place])}", loc="left", fontsize=10)
    caption = (
        f"A positive sequence of {marked.split} as each model sees it, by "
        f"{METHOD_NAMES.get(method, method)}: upright letters speak for a positive, those upside down "
        "against it. Shaded: the motifs that decide."
    )
    return Section("an example", figures=[Figure(axes[0], caption, wide=True)])
