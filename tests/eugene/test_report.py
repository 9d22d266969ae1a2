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
