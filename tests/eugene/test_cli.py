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
from eugene.cli.app import app

COMMANDS = [
    "demo", "simulate", "fit", "predict", "evaluate", "interpret", "report", "doctor",
    "data table", "data fasta", "data build", "data split", "data pad", "data fetch", "data list",
    "data info",
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
    import seqdatasets

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


def test_table_with_unequal_lengths_is_padded_and_shown(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("dna,y\nACGT,1.5\nAC,2.5\n")
    call(
        "data",
        "table",
        tmp_path / "a.csv",
        "--sequence",
        "dna",
        "--target",
        "y",
        "--out",
        tmp_path / "a.zarr",
    )
    call(
        "data",
        "pad",
        tmp_path / "a.zarr",
        "--length",
        5,
        "--side",
        "left",
        "--out",
        tmp_path / "b.zarr",
    )
    text = call("data", "info", tmp_path / "b.zarr")
    assert "NACGT" in text
    assert "NNNAC" in text
    assert "_sequence 2" in text


def test_windows_are_built_from_files(tmp_path: Path) -> None:
    import pyBigWig

    (tmp_path / "g.fa").write_text(">chr1\nACGTACGTACGT\n")
    with pyBigWig.open(str(tmp_path / "a.bw"), "w") as file:
        file.addHeader([("chr1", 12)])
        file.addEntries(["chr1"], [0], ends=[12], values=[2.0])
    (tmp_path / "r.bed").write_text("chr1\t2\t6\n")
    signal = f"atac={tmp_path}/a.bw"
    call("data", "build", tmp_path / "r.bed", "--genome", tmp_path / "g.fa", "--signal", signal,
         "--length", 4, "--out", tmp_path / "r.zarr")  # fmt: skip
    data = sd.open_zarr(tmp_path / "r.zarr")
    assert sd.chars(data, "seq").values.tobytes() == b"GTAC"
    assert data["signal"].values.sum() == 8
    call("data", "fasta", tmp_path / "g.fa", "--out", tmp_path / "f.zarr")
    with pytest.raises(ValueError, match=r"--signal must be NAME=FILE.bw"):
        call("data", "build", tmp_path / "r.bed", "--genome", tmp_path / "g.fa", "--signal", "a.bw",
             "--out", tmp_path / "x.zarr")  # fmt: skip


def test_data_sets_are_listed_and_fetched(tmp_path: Path, mirror: Path) -> None:
    assert "dream_yeast_demo" in call("data", "list")
    assert "_sequence 6,370" in call(
        "data", "fetch", "dream_yeast_demo", "--out", tmp_path / "y.zarr"
    )


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
