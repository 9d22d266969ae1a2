"""The command line: each command calls the function of its name, and a mistake costs one line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import eugene as eu
import seqdata as sd
import seqdatasets
from eugene.cli.app import app

COMMANDS = [
    "demo", "simulate", "fit", "predict", "evaluate", "interpret", "report", "doctor",
    "data table", "data fasta", "data build", "data split", "data pad", "data fetch", "data list",
    "data info", "data lint", "data validate", "data convert", "data report",
]  # fmt: skip


def call(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_a_sentence_and_an_example(command: str) -> None:
    text = call(*command.split(), "--help")
    assert f"Example:  eugene {command}" in re.sub(r"\s*\n\s*", "\n", text).replace("\n ", "\n")


def test_example_of_each_help_names_options_that_exist() -> None:
    """An example that cannot be typed is worse than none."""
    for command in COMMANDS:
        text = call(*command.split(), "--help")
        example = re.search(r"Example:\s+(.*?)\n\n", text, flags=re.DOTALL)
        assert example, command
        for option in re.findall(r"--[a-z-]+", example.group(1)):
            assert option in text.split("Options:")[1], (command, option)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the steps from simulation to training were done on the command line."""
    folder = tmp_path_factory.mktemp("cli")
    call("simulate", "--num-seqs", 400, "--seq-length", 60, "--motif", "CTCF", "--pos-motif", "CTCF",
         "--out", folder / "sim.zarr")  # fmt: skip
    call(
        "data", "split", folder / "sim.zarr", "--stratify", "label", "--out", folder / "split.zarr"
    )
    call("fit", "kmer_linear", folder / "split.zarr", "--target", "label", "--out", folder / "run")
    return folder


def test_commands_give_what_the_functions_give(work: Path) -> None:
    data = sd.open_zarr(work / "split.zarr")
    direct = seqdatasets.simulate(
        num_seqs=400, seq_length=60, motifs=["CTCF"], pos_motifs=["CTCF"], seed=0
    )
    direct = eu.preprocess.split(direct, stratify="label", seed=0)
    assert (data["seq"].values == direct["seq"].values).all()
    assert (data["split"].values == direct["split"].values).all()
    run = eu.load_run(work / "run", data)
    assert str(run.evaluate()) in call("evaluate", work / "run", work / "split.zarr")


def test_predictions_as_a_table_and_as_a_store(work: Path) -> None:
    call("predict", work / "run", work / "split.zarr", "--split", "test", "--out", work / "p.tsv")
    call("predict", work / "run", work / "split.zarr", "--split", "test", "--out", work / "p.zarr")
    table = pd.read_csv(work / "p.tsv", sep="\t")
    stored = sd.open_zarr(work / "p.zarr")
    assert table["row"].tolist() == stored["row"].values.tolist()
    assert table["label_prediction"].to_numpy() == pytest.approx(stored["predictions"].values[:, 0])
    with pytest.raises(FileExistsError, match="pass --overwrite"):
        call("predict", work / "run", work / "split.zarr", "--out", work / "p.tsv")


def test_interpret_and_report_write_their_files(work: Path) -> None:
    call(
        "interpret", work / "run", work / "split.zarr", "--method", "ism", "--out", work / "e.zarr"
    )
    assert "attributions_ism" in sd.open_zarr(work / "e.zarr")
    assert "report.html" in call(
        "report", work / "run", work / "split.zarr", "--out", work / "report.html"
    )
    assert (work / "report.html").stat().st_size > 10_000


def test_scorecard_page_of_several_runs(work: Path) -> None:
    split, page = work / "split.zarr", work / "page.html"
    call("fit", "rule_oracle", split, "--target", "label", "--out", work / "oracle")
    arguments = ("interpret", work / "oracle", work / "run", split, "--method", "ism", "--num-seqs", 3,
                 "--minimum-auroc", 0.7, "--out", page)  # fmt: skip
    assert str(page) in call(*arguments)
    assert "<td>rule oracle</td>" in page.read_text()
    with pytest.raises(FileExistsError, match="pass --overwrite to replace it"):
        call(*arguments)
    with pytest.raises(ValueError, match="a store holds one run by one method; found 2 runs"):
        call("interpret", work / "oracle", work / "run", split, "--out", work / "two.zarr")


def test_rules_settings_and_strands_reach_the_functions(tmp_path: Path) -> None:
    store = tmp_path / "sim.zarr"
    call("simulate", "--gen-type", "distance", "--min-dist", 3, "--max-dist", 6, "--num-seqs", 200,
         "--seq-length", 60, "--background-dist", 0.4, 0.1, 0.1, 0.4, "--split", "--out", store)  # fmt: skip
    data = sd.open_zarr(store)
    gaps = data["gap"].values[data["label"].values == 1]
    assert set(gaps.tolist()) == {3, 4, 5, 6}
    assert (data["seq"].values == ord("A")).mean() > 0.3
    direct = seqdatasets.simulate(
        gen_type="distance", min_dist=3, max_dist=6, num_seqs=200, seq_length=60,
        background_dist=[0.4, 0.1, 0.1, 0.4],
    )  # fmt: skip
    direct = eu.preprocess.split(direct, stratify="label", seed=0)
    assert (data["split"].values == direct["split"].values).all()
    assert (data["seq"].values == direct["seq"].values).all()
    call("fit", "kmer_boosting", store, "--target", "label", "--setting", "trees=3", "--setting",
         "rate=0.5", "--one-strand", "--out", tmp_path / "run")  # fmt: skip
    card = eu.load_run(tmp_path / "run").model.card
    assert (card.config["trees"], card.config["rate"], card.both_strands) == (3, 0.5, False)
    with pytest.raises(ValueError, match="must be name=value, such as filters=64; found 'trees'"):
        call("fit", "kmer_boosting", store, "--target", "label", "--setting", "trees")


def test_a_mistake_ends_in_one_line_and_exit_code_1(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from eugene.cli import main; main()",
            "data",
            "info",
            str(tmp_path / "no.zarr"),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ},
    )
    assert done.returncode == 1
    assert done.stderr.strip().startswith("eugene: no store at")
    assert len(done.stderr.strip().splitlines()) == 1


def test_doctor_finds_a_stranger_and_a_missing_mirror(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from eugene.cli import doctor as module

    findings = {finding.subject: finding for finding in eu.doctor()}
    assert findings["seqpro"].is_fine
    assert findings["no stranger named seqpro"].is_fine
    real = module.version
    monkeypatch.setattr(
        module, "version", lambda name: "0.21.1" if name == "seqpro" else real(name)
    )
    monkeypatch.setenv("SEQDATASETS_MIRROR", str(tmp_path / "nowhere"))
    findings = {finding.subject: finding for finding in eu.doctor()}
    assert not findings["no stranger named seqpro"].is_fine
    assert "pip uninstall seqpro" in findings["no stranger named seqpro"].message
    assert not findings["mirror"].is_fine
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "MEND  no stranger named seqpro" in result.output


def test_doctor_sees_that_ours_was_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    import seqpro

    monkeypatch.setattr(seqpro, "__version__", "0.21.1")
    findings = {finding.subject: finding for finding in eu.doctor()}
    assert not findings["seqpro"].is_fine
    assert "another distribution has overwritten it" in findings["seqpro"].message
