"""Named data sets as Datasets: splits, subsets, stores."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import seqdata as sd
import seqdatasets
from seqdata.provenance import steps
from seqdata.testing import assert_conforms, assert_same_rows
from seqdatasets.catalogue import find

JORES = "set\tsp\tgene\tsequence\tenrichment\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror and a cache of the test's own, and no network to go to."""
    monkeypatch.setenv("SEQDATASETS_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("SEQDATASETS_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def jores(place: Path) -> Path:
    """Small tables of jores21, in its layout."""
    folder = place / "mirror" / "jores21"
    folder.mkdir(parents=True)
    for assay, value in (("leaf", 1.0), ("proto", 2.0)):
        for part, rows in (("train", 3), ("test", 2)):
            lines = [f"{part}\tAt\tAT1G{i}\t{'ACGT' * 5}\t{value + i}\n" for i in range(rows)]
            (folder / f"CNN_{part}_{assay}.tsv").write_text(JORES + "".join(lines))
    return folder


def test_split_selects_rows_and_needs_no_other_file(jores: Path) -> None:
    (jores / "CNN_train_leaf.tsv").unlink()
    ds = seqdatasets.load("jores21", split="test", download=False)
    assert ds["enrichment"].values.tolist() == [1.0, 2.0]
    assert set(ds["split"].values) == {"test"}


def test_split_within_one_file_is_selected(mirror: Path) -> None:
    whole = seqdatasets.load("dream_human_mpra")
    test = seqdatasets.load("dream_human_mpra", split="test")
    assert_same_rows(test, sd.select(whole, where={"fold": 0}))


def test_all_rows_carry_their_split(jores: Path) -> None:
    ds = seqdatasets.load("jores21")
    assert ds["split"].values.tolist() == ["train"] * 3 + ["test"] * 2
    assert "subset" not in ds


def test_several_subsets_say_which_row_is_of_which(jores: Path) -> None:
    ds = seqdatasets.load("jores21", subset=["proto", "leaf"])
    assert ds["subset"].values.tolist() == ["proto"] * 5 + ["leaf"] * 5
    assert ds["enrichment"].values.tolist() == [2, 3, 4, 2, 3, 1, 2, 3, 1, 2]
    assert np.unique(ds["row"].values).size == 10
    assert_conforms(ds)


@pytest.mark.parametrize("subset", [None, ["leaf", "proto"]])
def test_store_holds_what_memory_holds(jores: Path, tmp_path: Path, subset: list[str]) -> None:
    in_memory = seqdatasets.load("jores21", subset=subset)
    stored = seqdatasets.load("jores21", subset=subset, out=tmp_path / "new" / "a.zarr")
    xr.testing.assert_equal(stored.load(), in_memory)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.zarr"]


def test_store_of_ragged_parts_holds_what_memory_holds(place: Path) -> None:
    """The way of 28 million promoters: two tables, each by way of a store of its own."""
    for number, lines in ((0, b"ACGTA\t1.5\nACG\t2\n"), (6, b"AC\t11\n")):
        path = place / "mirror" / find("deBoer20").files[number].mirror
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(lines))
    in_memory = seqdatasets.load("deBoer20", subset=[0, 6])
    stored = seqdatasets.load("deBoer20", subset=[0, 6], out=place / "a.zarr")
    assert_same_rows(stored, in_memory)
    assert [row.tobytes() for row in sd.ragged(stored, "seq")] == [b"ACGTA", b"ACG", b"AC"]


def test_store_is_not_replaced_unasked(jores: Path, tmp_path: Path) -> None:
    seqdatasets.load("jores21", out=tmp_path / "a.zarr")
    with pytest.raises(FileExistsError, match="pass overwrite=True"):
        seqdatasets.load("jores21", out=tmp_path / "a.zarr")
    seqdatasets.load("jores21", subset="proto", out=tmp_path / "a.zarr", overwrite=True)
    assert float(sd.open_zarr(tmp_path / "a.zarr")["enrichment"][0]) == 2.0


def test_faulty_file_leaves_no_store(jores: Path, tmp_path: Path) -> None:
    (jores / "CNN_test_leaf.tsv").write_text(JORES + "test\tAt\tg\tACGT\tmuch\n")
    with pytest.raises(ValueError, match="target 'enrichment' must be a number; found 'much'"):
        seqdatasets.load("jores21", out=tmp_path / "new" / "a.zarr")
    assert list((tmp_path / "new").iterdir()) == []


def test_units_source_and_steps_stand_in_the_data(jores: Path) -> None:
    ds = seqdatasets.load("jores21", split="train")
    assert ds["enrichment"].attrs["units"] == "log2 of RNA over input"
    assert ds["enrichment"].attrs["task"] == "regression"
    assert ds.attrs["dataset"] == "jores21"
    assert ds.attrs["doi"] == "10.1038/s41477-021-00932-y"
    step = steps(ds)[-1]
    assert (step["dataset"], step["subset"], step["split"]) == ("jores21", "leaf", "train")
    assert [each["file"] for each in step["files"]] == ["CNN_train_leaf.tsv"]


def test_other_number_of_rows_than_published_is_told(
    jores: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("WARNING"):
        seqdatasets.load("jores21")
    assert "jores21 leaf: expected 72158 rows; found 5" in caplog.text


@pytest.mark.parametrize(
    ("name", "split", "message"),
    [
        ("random1000", "train", "'random1000' has no standard split; found split='train'"),
        ("jores21", "dev", "split must be 'train', 'val' or 'test'; found 'dev'"),
        ("jores21", "val", "no file of 'jores21' leaf holds rows of split 'val'"),
    ],
)
def test_unknown_split_is_refused(name: str, split: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        seqdatasets.load(name, split=split, download=False)


def test_offline_error_is_enough_to_go_on(place: Path) -> None:
    with pytest.raises(ConnectionError) as caught:
        seqdatasets.load("jores21", download=False)
    for told in ("https://raw.githubusercontent.com/tobjores", str(place / "cache" / "jores21")):
        assert told in str(caught.value)
