"""The main job, as a newcomer runs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from eugene.cli.demo import CAUSAL, demo

pytestmark = pytest.mark.slow


def run_demo(folder: Path, **environment: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from eugene.cli import main; main()", "demo", "--out", str(folder)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, mirror: Path) -> Path:
    out = tmp_path_factory.mktemp("demo") / "demo"
    run_demo(out, SEQDATASETS_MIRROR=str(mirror))
    return out


@pytest.fixture(scope="module")
def scores(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "scores.csv")


def test_simulated_rule_is_learned(scores: pd.DataFrame) -> None:
    table = scores[(scores["part"] == "simulated") & (scores["metric"] == "auroc")]
    auroc = table.set_index("model")["value"]
    assert auroc["cnn"] >= 0.95
    assert auroc["cnn"] > auroc["k-mer logistic regression"]
    ceiling = scores[(scores["part"] == "ceiling") & (scores["metric"] == "auroc")]["value"].iloc[0]
    assert 0.9 < ceiling < 1


def test_explanations_find_the_planted_motif(scores: pd.DataFrame) -> None:
    """Better than a scan for both planted motifs, which does not know what decides."""
    marks = scores[scores["part"] == "marks"].set_index("method")["auprc"]
    for method in ("ism", "occlusion", "deeplift_shap", "gradient_x_input"):
        assert marks[method] > marks["scan, all motifs"] > marks["random"], method


def test_learned_filter_matches_the_planted_motif(folder: Path) -> None:
    import motifdata as md

    filters = md.read_meme(folder / "simulated_run" / "filters.meme")
    matches = md.compare(filters, md.load("consensus_vertebrates"), top=1)
    best = matches.sort_values("pvalue").iloc[0]
    assert best["target"] == CAUSAL
    assert best["evalue"] < 1e-3


def test_real_promoters_are_scored_beside_the_ridge(scores: pd.DataFrame) -> None:
    table = scores[(scores["part"] == "real") & (scores["metric"] == "pearson")].set_index("model")
    assert table.loc["k-mer ridge", "value"] == pytest.approx(0.61, abs=0.03)
    assert table.loc["cnn", "value"] > 0.6
    gap = table.loc["cnn - k-mer ridge"]
    assert gap["low"] < gap["value"] < gap["high"]


def test_everything_is_in_one_folder(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "report.html", "scores.csv", "simulated.zarr", "simulated_run", "yeast.zarr", "yeast_run",
    }  # fmt: skip


def test_report_tells_the_whole_story(folder: Path) -> None:
    text = (folder / "report.html").read_text()
    headings = re.findall(r"<h2>(.*?)</h2>", text)
    assert headings[:2] == ["simulated: in short", "real: in short"]
    assert "simulated: are the explanations true?" in headings
    assert "real: what it learned" in headings
    assert headings[-1] == "how to reproduce"
    assert "eugene demo --out demo --seed 0" in text
    assert not re.findall(r"""(?:src|href)=["'](?!data:image/png;base64,|#)""", text)


def test_second_run_gives_the_same_numbers(folder: Path, mirror: Path, tmp_path: Path) -> None:
    run_demo(tmp_path / "demo", SEQDATASETS_MIRROR=str(mirror))
    assert (tmp_path / "demo" / "scores.csv").read_bytes() == (folder / "scores.csv").read_bytes()
    for name in ("simulated_run", "yeast_run"):
        first, second = (f / name / "model.safetensors" for f in (folder, tmp_path / "demo"))
        assert first.read_bytes() == second.read_bytes()


def test_without_the_real_data_the_rest_runs_and_says_how_to_get_it(tmp_path: Path) -> None:
    nowhere = {"SEQDATASETS_MIRROR": str(tmp_path), "SEQDATASETS_CACHE": str(tmp_path / "cache")}
    nowhere |= {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    run_demo(tmp_path / "demo", **nowhere)
    text = (tmp_path / "demo" / "report.html").read_text()
    assert "real promoters: not there" in text
    assert "raw.githubusercontent.com" in text
    assert "simulated: what it learned" in text


def test_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(FileExistsError, match="is not empty"):
        demo(tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "keep"
