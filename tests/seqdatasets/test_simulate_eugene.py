"""``eugene simulate`` gives what the function gives."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import seqdata as sd
from eugene.cli.simulate import simulate as command
from seqdatasets import recipe_of, simulate


def call(*arguments: object) -> str:
    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_every_option_reaches_the_function(tmp_path: Path) -> None:
    options = {
        "--gen-type": "distance", "--num-seqs": 30, "--seq-length": 150, "--min-dist": 12,
        "--max-dist": 19, "--dist-from": "center", "--negatives": "far", "--distractor-rate": 0.2,
        "--pos-fraction": 0.25, "--strand": "forward", "--min-score": 2.0, "--seed": 4,
    }  # fmt: skip
    given = [part for option in options.items() for part in option]
    names = [f"--motif={m}" for m in ("TBP", "CTCF", "SRF")] + [
        "--pos-motif=SRF",
        "--pos-motif=CTCF",
    ]
    given += ["--scrub", "--background-dist", 0.1, 0.2, 0.3, 0.4]
    text = call(*given, *names, "--out", tmp_path / "a.zarr", "--out", tmp_path / "a.fa")
    assert "_sequence 30" in text
    assert "a.fa" in text
    expected = simulate(
        gen_type="distance", num_seqs=30, seq_length=150, min_dist=12, max_dist=19, dist_from="center",
        negatives="far", distractor_rate=0.2, pos_fraction=0.25, strand="forward", min_score=2.0,
        seed=4, scrub=True, background_dist=[0.1, 0.2, 0.3, 0.4], motifs=["TBP", "CTCF", "SRF"],
        pos_motifs=["SRF", "CTCF"],
    )  # fmt: skip
    data = sd.open_zarr(tmp_path / "a.zarr")
    assert recipe_of(data) == recipe_of(expected)
    assert data.load().equals(expected)


def test_logic_of_presence(tmp_path: Path) -> None:
    call(
        "--num-seqs",
        20,
        "--logic",
        "count",
        "--count",
        3,
        "--sampling",
        "best",
        "-o",
        tmp_path / "a.zarr",
    )
    data = sd.open_zarr(tmp_path / "a.zarr")
    assert recipe_of(data) == recipe_of(
        simulate(num_seqs=20, logic="count", count=3, sampling="best")
    )


def test_motifs_are_listed_and_a_file_must_be_named() -> None:
    assert "GATA1" in call("--list-motifs", "gata")
    with pytest.raises(ValueError, match=r"--out must name at least one file"):
        call("--num-seqs", 3)
