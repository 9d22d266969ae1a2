"""The command of the brief: no arguments, each argument by its name, with a dash or an underscore."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import seqdata as sd
from seqdatasets import recipe_of, simulate
from seqdatasets.simulation.command import DEFAULT_OUT, generate, list_motifs, main

SCRIPT = Path(__file__).resolve().parents[2] / "tutorials/model_agnostic/Generate_sequences.py"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def called(*arguments: object):
    main([str(argument) for argument in arguments])
    return sd.open_zarr(DEFAULT_OUT)


def test_no_argument_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    data = called()
    assert data["seq"].shape == (10_000, 200)
    assert data.load().equals(simulate())
    assert capsys.readouterr().out == "sequences.zarr\n"


@pytest.mark.parametrize("dash", ["-", "_"])
@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("num_seqs", [30], {"num_seqs": 30}),
        ("seq_length", [90], {"seq_length": 90}),
        ("gen_type", ["presence"], {"gen_type": "presence"}),
        ("gen_type", ["order"], {"gen_type": "order"}),
        ("gen_type", ["distance"], {"gen_type": "distance"}),
        ("background_dist", [0.1, 0.2, 0.3, 0.4], {"background_dist": [0.1, 0.2, 0.3, 0.4]}),
        ("motifs", ["TBP", "CTCF"], {"motifs": ["TBP", "CTCF"]}),
        ("pos_motifs", ["CEBPA"], {"pos_motifs": ["CEBPA"]}),
        ("min_dist", [3], {"min_dist": 3}),
        ("max_dist", [30], {"max_dist": 30}),
        ("pos_fraction", [0.25], {"pos_fraction": 0.25}),
        ("dist_from", ["start"], None),
        ("seed", [7], {"seed": 7}),
    ],
)
def test_each_argument_by_its_name(dash: str, name: str, values: list, expected) -> None:
    few = [] if name == "num_seqs" else ["--num_seqs", 40]
    option = f"--{name.replace('_', dash)}"
    if expected is None:
        data = called(*few, "--gen-type", "distance", "--min-dist", 12, option, *values)
        assert set(data["gap_start"].values[data["label"].values == 1]) <= set(range(12, 16))
        return
    data = called(*few, option, *values)
    arguments = ({} if name == "num_seqs" else {"num_seqs": 40}) | expected
    assert recipe_of(data) == recipe_of(simulate(**arguments))


def test_files_by_their_endings_hold_the_same_rows(folder: Path) -> None:
    main(["--num_seqs", "20", "--out", "a.fa", "--out", "a.zarr", "--out", "a.simdata"])
    letters = sd.open_zarr("a.zarr")["seq"].values
    np.testing.assert_array_equal(sd.read_fasta("a.fa")["seq"].values, letters)
    assert (folder / "a_info.txt").exists()


def test_named_file_is_kept_the_default_is_written_anew(capsys: pytest.CaptureFixture[str]) -> None:
    assert called("--num_seqs", 4).sizes["_sequence"] == 4
    assert called("--num_seqs", 6).sizes["_sequence"] == 6
    main(["--num_seqs", "4", "--out", "a.fa"])
    with pytest.raises(SystemExit) as error:
        main(["--num_seqs", "4", "--out", "a.fa"])
    assert error.value.code == 1
    assert "a.fa exists; pass --overwrite" in capsys.readouterr().err
    main(["--num_seqs", "4", "--out", "a.fa", "--overwrite"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--motifs", "POU2F"], "Did you mean 'POU2F1'"),
        (["--background_dist", "1", "1", "1", "1"], "that sum to 1"),
        (["--gen_type", "presence", "--min_dist", "3"], "min_dist is for gen_type='distance'"),
        (["--out", "a.xls"], "path must end in"),
    ],
)
def test_mistake_ends_in_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as error:
        main(arguments)
    assert error.value.code == 1
    text = capsys.readouterr().err
    assert text.startswith("simulate: ")
    assert message in text
    assert len(text.strip().splitlines()) == 1


def test_motifs_are_listed_by_a_part_of_their_name(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--list-motifs", "stat"])
    assert "STAT1" in capsys.readouterr().out
    table = list_motifs("consensus_vertebrates", "octamer")
    assert table["id"].tolist() == ["POU2F1"]
    assert table["information"].iloc[0] == pytest.approx(13.1, abs=0.2)
    assert len(list_motifs("consensus_yeast")) == 66


def test_motifs_of_a_file_are_planted(folder: Path) -> None:
    import motifdata as md

    md.write_meme(md.load("consensus_yeast").select(["GCN4", "REB1"]), folder / "my.meme")
    data = called("--num_seqs", 10, "--motif_set", "my.meme", "--motifs", "GCN4", "REB1")
    assert set(data["motif_id"].values) == {"GCN4", "REB1"}


def test_nothing_is_written_when_one_file_is_there(folder: Path) -> None:
    (folder / "a.fa").write_text("mine")
    with pytest.raises(FileExistsError, match=r"a\.fa exists"):
        generate(["a.zarr", "a.fa"], num_seqs=4)
    assert [path.name for path in folder.iterdir()] == ["a.fa"]


def test_script_of_the_brief_runs_as_it_is_called_there(folder: Path) -> None:
    """python Generate_sequences.py"""
    done = subprocess.run(
        [sys.executable, SCRIPT], capture_output=True, text=True, check=True, cwd=folder
    )
    assert done.stdout == "sequences.zarr\n"
    assert sd.open_zarr(folder / "sequences.zarr").sizes["_sequence"] == 10_000
    assert len(SCRIPT.read_text().strip().splitlines()) <= 10
