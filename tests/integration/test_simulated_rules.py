"""From a rule to a scorecard on the command line, for each of the three rules."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import eugene as eu
import seqdata as sd

pytestmark = pytest.mark.slow

RULES = ("presence", "order", "distance")
BASELINES = ("kmer_linear", "kmer_forest", "kmer_boosting", "rule_oracle")
COUNTING = ("k-mer logistic regression", "k-mer random forest", "k-mer boosted trees")
METHODS = ("ism", "occlusion", "deeplift_shap", "gradient_x_input")
LEAST = {"presence": 0.9, "order": 0.95, "distance": 0.95}


def eugene(*arguments: object) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from eugene.cli import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},  # small networks: threads wait for each other
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module", params=RULES)
def chain(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """Rule and folder, after the three commands."""
    rule = request.param
    folder = tmp_path_factory.mktemp(rule)
    store = folder / "sim.zarr"
    eugene("simulate", "--gen-type", rule, "--seq-length", 100, "--num-seqs", 6000, "--motif", "CTCF",
           "--motif", "NRF1", "--split", "--out", store)  # fmt: skip
    cnn = ("--setting", "pool=5", "--epochs", 10)
    eugene("fit", "cnn", store, "--target", "label", *cnn, "--out", folder / "cnn")
    for model in BASELINES:
        eugene("fit", model, store, "--target", "label", "--out", folder / model)
    runs = [folder / model for model in ("cnn", *BASELINES)]
    eugene("interpret", *runs, store, "--num-seqs", 20, "--out", folder / "page.html")
    return rule, folder


def auroc(folder: Path, model: str) -> float:
    data = sd.open_zarr(folder / "sim.zarr")
    evaluation = eu.load_run(folder / model, data).evaluate(baseline=False, n_resamples=10)
    return evaluation.value("auroc")


def test_network_learns_the_rule_and_the_oracle_knows_it(chain) -> None:
    rule, folder = chain
    oracle = auroc(folder, "rule_oracle")
    assert oracle > 0.98
    assert LEAST[rule] < auroc(folder, "cnn") < oracle + 0.01


def test_counts_of_kmers_tell_presence_only(chain) -> None:
    rule, folder = chain
    for model in ("kmer_linear", "kmer_forest", "kmer_boosting"):
        score = auroc(folder, model)
        assert score > 0.8 if rule == "presence" else 0.4 < score < 0.6, model


def test_page_names_the_rule_the_learners_and_every_method(chain) -> None:
    rule, folder = chain
    text = (folder / "page.html").read_text()
    condition = {
        "presence": "if CTCF was planted in it. NRF1 stands in both classes equally often",
        "order": "if CTCF stands upstream of NRF1.",
        "distance": "if CTCF and NRF1 are 5 to 15 bp apart",
    }[rule]
    assert condition in text
    for name in ("rule oracle", "cnn", *COUNTING):
        assert f"<td>{name}</td>" in text, name
    for method in METHODS:
        assert f"<th>{method.replace('_', ' ')}</th>" in text or f"<th>{method}</th>" in text, (
            method
        )
    refused = re.search(r"Not learned by (.*?): their explanations", text)
    if rule == "presence":
        assert refused is None
    else:
        assert refused is not None
        assert all(name in refused.group(1) for name in COUNTING)
        assert "cnn" not in refused.group(1)


def test_explanations_of_the_network_find_the_motifs(chain) -> None:
    rule, folder = chain
    data = sd.open_zarr(folder / "sim.zarr")
    run = eu.load_run(folder / "cnn", data)
    card = eu.interpret.scorecard(run, data, n_sequences=20, methods=["ism", "deeplift_shap"])
    marks = card.table.set_index("method")["auprc"]
    least = {"presence": 0.8}.get(rule, 0.5)
    assert marks[["ism", "deeplift_shap"]].max() > least
    assert marks["random"] < least - 0.1
