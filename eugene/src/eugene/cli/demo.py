"""The demo: simulated promoters with a known rule, then real yeast promoters, and one report.

It uses public calls only; every line could stand in a notebook.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

import eugene as eu
import motifdata as md
import seqdata as sd
import seqdatasets
from eugene.interpret import Scorecard
from eugene.report import Figure, Learned, Section, Table, reproduce, run_sections, study
from motifdata import MotifSet
from seqpro.files import write_whole

_log = logging.getLogger(__name__)

CAUSAL, DISTRACTOR = "CTCF", "NRF1"  # as strong as each other: a scan cannot tell which decides


def demo(out: str | os.PathLike[str] = "demo", *, seed: int = 0) -> Path:
    """Run the suite's main job on simulated and on real promoters.

    (a) 10,000 sequences of 200 bp, half of them with a planted motif, and half of either class with a
    distractor: trained, scored beside the best motif scan, explained, and the explanations marked against
    the truth. (b) 6,370 measured yeast promoters, if they are in the mirror or can be downloaded:
    trained and scored beside a k-mer ridge on rows without relatives in the training data.

    Parameters
    ----------
    out
        Folder for everything: stores, runs, motifs, ``scores.csv`` and ``report.html``.
    seed
        Decides everything that is random.

    Returns
    -------
    Path of ``report.html``

    Raises
    ------
    FileExistsError
        If `out` holds a demo already.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "mine.txt").write_text("")
    >>> demo(folder)
    Traceback (most recent call last):
    FileExistsError: ... is not empty; choose another folder, or delete it
    """
    folder = Path(out)
    if folder.exists() and any(folder.iterdir()):
        msg = f"{folder} is not empty; choose another folder, or delete it"
        raise FileExistsError(msg)
    timer = _Timer()
    simulated, card, ceiling = _simulated(folder, seed, timer)
    sections = _simulated_sections(simulated, card, ceiling)
    scores = [
        simulated.evaluation.table.assign(part="simulated"),
        ceiling.assign(part="ceiling"),
        card.table.assign(part="marks"),
    ]
    data = [simulated.run.require_data()]
    try:
        seqdatasets.fetch("dream_yeast_demo")
    except (ConnectionError, ValueError) as error:  # not to be had, or not what was published
        _log.warning("%s", error)
        sections.insert(1, Section("real promoters: not there", [str(error)], lead=True))
    else:
        real = _real(folder, seed, timer)
        in_short, *rest = run_sections(real, prefix="real: ")
        sections = [sections[0], in_short, *sections[1:], *rest]
        scores.append(real.evaluation.table.assign(part="real"))
        data.append(real.run.require_data())
    write_whole(folder / "scores.csv", pd.concat(scores).to_csv(index=False).encode())
    command = f"eugene demo --out {folder.name} --seed {seed}"
    sections.append(reproduce(command, *data, timings=timer.table()))
    return eu.report.write_page(
        folder / "report.html",
        title="What the networks learned",
        subtitle=(
            "from simulated sequences with a known rule"
            + (", and from measured yeast promoters" if len(data) == 2 else "")
            + f" (eugene {eu.__version__})"
        ),
        sections=sections,
    )


def _simulated(folder: Path, seed: int, timer: _Timer) -> tuple[Learned, Scorecard, pd.DataFrame]:
    """Run part (a): a rule that is known, learned, and found again by explanations."""
    known = md.load("consensus_vertebrates")
    with timer("simulate 10,000 sequences, write and open the store"):
        data = seqdatasets.simulate(
            num_seqs=10_000,
            seq_length=200,
            motifs=[CAUSAL, DISTRACTOR],
            pos_motifs=[CAUSAL],
            motif_set=known,
            seed=seed,
        )
        data = eu.preprocess.split(data, stratify="label", seed=seed)
        data = sd.to_zarr(data, folder / "simulated.zarr")
    with timer("train the CNN on the simulated sequences"):
        run = eu.fit(
            "cnn",
            data,
            targets="label",
            epochs=8,
            batch_size=128,
            seed=seed,
            out=folder / "simulated_run",
        )
    with timer("score and explain it"):
        learned = study(run, known=known, seed=seed)
        ceiling = _scan_scores(learned, known)
        card = eu.interpret.scorecard(run, data, n_sequences=40, seed=seed)
    _write_filters(learned, folder / "simulated_run")
    return learned, card, ceiling


def _scan_scores(learned: Learned, known: MotifSet) -> pd.DataFrame:
    """Score the held-out rows by the best site of the planted motif: a model that knows the answer."""
    evaluation = learned.evaluation
    data = learned.run.require_data().isel(_sequence=evaluation.rows)
    best = md.best_scores(data["seq"].values, MotifSet([known[CAUSAL]]))[:, 0]
    scores = eu.evaluate.score(
        evaluation.targets, {f"best {CAUSAL} site": best}, task="binary", names=("label",)
    )
    return scores[scores["metric"] != "accuracy"]  # a log-odds score is no probability


def _real(folder: Path, seed: int, timer: _Timer) -> Learned:
    """Run part (b): measured promoters, a small network beside k-mer counts."""
    with timer("fetch the yeast promoters, group relatives, write and open the store"):
        data = seqdatasets.load("dream_yeast_demo")
        data = eu.preprocess.split(data, by="homology", ignore_common=0.5, seed=seed)
        data = sd.to_zarr(data, folder / "yeast.zarr")
    with timer("train the CNN on the yeast promoters"):
        run = eu.fit("cnn", data, targets="expression", seed=seed, out=folder / "yeast_run")
    with timer("score and explain it, beside a k-mer ridge"):
        learned = study(run, known=md.load("consensus_yeast"), seed=seed)
    _write_filters(learned, folder / "yeast_run")
    return learned


def _write_filters(learned: Learned, folder: Path) -> None:
    if learned.filters is not None and len(learned.filters.motifs):
        md.write_meme(learned.filters.motifs, folder / "filters.meme")


def _simulated_sections(learned: Learned, card: Scorecard, ceiling: pd.DataFrame) -> list[Section]:
    """The report's part (a): the run, the motif scan beside it, and the marks."""
    sections = run_sections(learned, prefix="simulated: ")
    data = learned.run.require_data()
    best = ceiling.iloc[0]
    rule = (
        f"The rule: a sequence is positive if the motif {CAUSAL} was planted in it. {DISTRACTOR} was "
        f"planted in half of both classes and says nothing. {data.attrs['chance_hit_rate']:.1%} of the "
        f"negative sequences hold a site like {CAUSAL} by chance."
    )
    scan = (
        f"The best {CAUSAL} site of a sequence alone, which needs to know the motif, reaches AUROC "
        f"{best['value']:.3f} [{best['low']:.3f}, {best['high']:.3f}], which is about as much as there is to "
        "learn."
    )
    marks = card.table.set_index("method")["auprc"]
    methods = card.table.loc[card.table["model_calls"] > 0, "method"]
    found = (
        f"Its explanations rank the positions of the planted motif first with AUPRC "
        f"{marks[methods].min():.2f} to {marks[methods].max():.2f}, depending on the method; a scan for both "
        f"motifs, which does not know what decides, reaches {marks['scan, all motifs']:.2f}, chance "
        f"{marks['random']:.2f}."
    )
    sections[0] = Section(sections[0].title, [rule, *sections[0].text, scan, found], lead=True)
    figures = [
        Figure(
            eu.plot.marks(card),
            "Blue: explanations of the network. Grey: baselines that use no model; the scan for the causal "
            "motif knows the answer, the scan for all motifs also finds the distractor.",
            wide=True,
        )
    ]
    sections.append(
        Section(
            "simulated: are the explanations true?",
            [
                "For positive held-out sequences that the network gets right, each method ranks the 200 "
                "positions; the AUPRC says how well the planted motif's positions come first."
            ],
            tables=[Table(card.table.drop(columns="model"))],
            figures=figures,
        )
    )
    return sections


class _Timer:
    """Takes the wall time of steps and tells the log what is being done."""

    def __init__(self) -> None:
        self._steps: list[tuple[str, float]] = []

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        _log.info("%s", step)
        start = time.perf_counter()
        yield
        self._steps.append((step, time.perf_counter() - start))

    def table(self) -> pd.DataFrame:
        """Give the steps and their seconds, the sum last."""
        total = sum(seconds for _, seconds in self._steps)
        rows = [*self._steps, ("in all", total)]
        return pd.DataFrame(rows, columns=["step", "seconds"]).round({"seconds": 1})
