"""The report: one file, complete, readable without a network."""

from __future__ import annotations

import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eugene as eu
import seqdatasets
from eugene.report import Section, Table, write_page
from eugene.report.data import data_summary


@pytest.fixture(scope="module")
def page(motif_run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return motif_run.report(tmp_path_factory.mktemp("report") / "report.html")


def test_report_needs_nothing_from_elsewhere(page: Path) -> None:
    """It can be mailed, and opened on a train."""
    text = page.read_text()
    assert not re.findall(r"""(?:src|href)=["'](?!data:image/png;base64,|#)""", text)
    assert "<script" not in text
    assert "@import" not in text
    assert "url(" not in text


def test_report_says_score_baseline_and_what_was_learned(page: Path, motif_run) -> None:
    text = page.read_text()
    auroc = motif_run.evaluate().value("auroc")
    assert f"AUROC = {auroc:.3f}" in text
    assert "k-mer logistic regression" in text
    assert "CTCF" in text
    for heading in (
        "in short",
        "data",
        "training",
        "held-out score",
        "what it learned",
        "how to reproduce",
    ):
        assert f">{heading}</h2>" in text
    assert "eugene.fit(" in text
    assert "seqdatasets.simulate" in text


def test_report_is_well_formed(page: Path) -> None:
    class Checker(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []

        def handle_starttag(self, tag: str, attrs: list) -> None:
            if tag not in ("meta", "img"):
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

    checker = Checker()
    checker.feed(page.read_text())
    assert not checker.open


def test_same_run_gives_the_same_report(motif_run, tmp_path: Path, page: Path) -> None:
    assert motif_run.report(tmp_path / "again.html").read_bytes() == page.read_bytes()


def test_baseline_has_a_report_too(gc_data, tmp_path: Path) -> None:
    run = eu.fit("kmer_linear", gc_data, targets="gc", out=tmp_path / "run")
    text = run.report(tmp_path / "report.html").read_text()
    assert "k-mer ridge predicts gc" in text
    assert "in-silico mutagenesis" in text


def test_text_is_escaped_and_missing_numbers_are_blank(tmp_path: Path) -> None:
    table = Table(pd.DataFrame({"a_b": [float("nan"), 0.00001234], "c": ["<x>", "y"]}))
    path = write_page(
        tmp_path / "a.html",
        title="<T>",
        subtitle="s",
        sections=[Section("S", ["a < b"], tables=[table])],
    )
    text = path.read_text()
    assert "&lt;T&gt;" in text
    assert "<td>&lt;x&gt;</td>" in text
    assert "<td></td>" in text
    assert "1.23e-05" in text


def test_data_summary_counts_repeats_on_either_strand(gc_data) -> None:
    """A test row whose reverse complement was trained on is a leak, and is counted."""
    import seqpro as sp

    seqs = gc_data["seq"].values.copy()
    split = gc_data["split"].values
    train, test = np.flatnonzero(split == "train"), np.flatnonzero(split == "test")
    seqs[test[0]] = seqs[train[0]]
    seqs[test[1]] = sp.reverse_complement(seqs[train[1]], sp.DNA)
    summary = data_summary(gc_data.assign(seq=(gc_data["seq"].dims, seqs)), ["gc"]).set_index(
        "split"
    )
    assert summary.loc["test", "also in train"] == 2
    assert summary.loc["val", "also in train"] == 0
    assert summary.loc["train", "rows"] == 240


@pytest.mark.browser
def test_report_renders_in_a_browser(page: Path, chromium: str, tmp_path: Path) -> None:
    """Headless Chromium draws the whole page: not blank, and every picture loaded."""
    shot = tmp_path / "page.png"
    command = [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={tmp_path / 'profile'}", "--hide-scrollbars", "--window-size=1100,3200",
        f"--screenshot={shot}", page.as_uri(),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    from matplotlib.image import imread

    picture = imread(shot)[..., :3]
    assert picture.shape[:2] == (3200, 1100)
    ink = (picture < 0.95).any(axis=-1)
    assert 0.02 < ink.mean() < 0.6
    rows = np.flatnonzero(ink.any(axis=1))
    assert rows.max() - rows.min() > 2000  # the page goes on to its last section
    colours = {tuple(c) for c in (picture[::7, ::7].reshape(-1, 3) * 15).astype(int).tolist()}
    assert len(colours) > 20  # figures, not only text


@pytest.fixture(scope="module")
def rule_page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The scorecard page of a model that knows the order of motifs and one that only counts."""
    folder = tmp_path_factory.mktemp("rule")
    data = seqdatasets.simulate(gen_type="order", num_seqs=800, seq_length=80, seed=0)
    data = eu.preprocess.split(data, stratify="label", seed=0)
    runs = [
        eu.fit(model, data, targets="label", out=folder / model, **config)
        for model, config in (("rule_oracle", {}), ("kmer_linear", {"longest": 1}))
    ]
    path = eu.report.scorecard_report(runs, data, folder / "page.html", n_sequences=4)
    return path.read_text()


def test_scorecard_page_says_the_rule_who_learned_it_and_how_true_explanations_are(
    rule_page: str,
) -> None:
    assert "A sequence is positive if POU2F1 stands upstream of CEBPA. Both stand in" in rule_page
    assert re.search(r"Learned by rule oracle \((0\.9\d+|1\.000)\)", rule_page)
    assert re.search(r"Not learned by k-mer logistic regression \(0\.[3-6]\d+\)", rule_page)
    cells = re.findall(r"<td>(.*?)</td>", rule_page)
    assert cells.count("yes") == cells.count("no") == 1
    assert "these marks say whether an explanation points at the two motifs" in rule_page
    assert "<th>ism</th>" in rule_page
    assert "deeplift" not in rule_page.lower()  # neither is a network
    assert not re.findall(r"""(?:src|href)=["'](?!data:image/png;base64,|#)""", rule_page)


def test_calls_on_the_page_hold_what_a_user_can_give(rule_page: str) -> None:
    call = next(line for line in rule_page.splitlines() if "rule_oracle" in line)
    assert "eugene.fit(" in call
    assert "probabilities" not in call
    assert "longest=1" in rule_page
    assert "characters)" in rule_page  # the recipe is long, and stands in the data


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"motifs": ["CTCF"]}, "if CTCF was planted in it."),
        (
            {"motifs": ["CTCF", "NRF1", "SPI1"], "pos_motifs": ["CTCF", "NRF1"], "logic": "all"},
            "if CTCF and NRF1 were all planted in it. SPI1 stands in both classes equally often and says "
            "nothing.",
        ),
        ({"motifs": ["CTCF"], "logic": "none"}, "if no CTCF was planted in it."),
        (
            {"motifs": ["CTCF"], "logic": "count", "count": 2},
            "if 2 sites of CTCF were planted in it.",
        ),
        (
            {"gen_type": "distance", "motifs": ["CTCF", "NRF1"], "dist_from": "start",
             "min_dist": 15, "max_dist": 20},
            "if CTCF and NRF1 are 15 to 20 bp apart, from start to start. Both stand in every sequence.",
        ),
    ],
)  # fmt: skip
def test_rule_is_told_in_a_sentence(options: dict, sentence: str) -> None:
    data = seqdatasets.simulate(num_seqs=4, **options)
    assert eu.report.rule_in_words(data) == f"A sequence is positive {sentence}"
    with pytest.raises(ValueError, match="target must be one of label"):
        eu.report.rule_in_words(data, "activity")


def test_wrong_labels_are_told() -> None:
    recipe = seqdatasets.recipe_of(seqdatasets.simulate(gen_type="order", num_seqs=4))
    data = seqdatasets.simulate_recipe(recipe.with_label_noise(0.1))
    assert "10% of the labels are wrong." in eu.report.rule_in_words(data)


def test_two_runs_of_one_model_are_told_apart(tmp_path: Path) -> None:
    data = seqdatasets.simulate(num_seqs=400, seq_length=60, seed=0)
    data = eu.preprocess.split(data, stratify="label", seed=0)
    runs = [eu.fit("rule_oracle", data, targets="label", out=tmp_path / name) for name in "ab"]
    options = {"methods": ["ism"], "n_sequences": 2}
    path = eu.report.scorecard_report(runs, data, tmp_path / "page.html", **options)
    assert "rule oracle (a)" in path.read_text()
    with pytest.raises(ValueError, match="runs must be different"):
        eu.report.scorecard_report([runs[0], runs[0]], data, tmp_path / "page.html", **options)
