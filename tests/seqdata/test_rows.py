"""Rows streamed to a store: byte for byte what reading into memory and writing would give."""

from __future__ import annotations

import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import seqdata as sd
from seqdata.readers import fasta, table
from seqdata.spool import Growing
from seqdata.testing import assert_conforms, assert_same_rows

TABLES = {
    "one length": "dna,y,c,note,id,reads,place\n"
    + "".join(f"ACG{'ACGT'[i % 4]},{i / 3},{i % 2},n{i % 3},i{i},{i},\n" for i in range(23)),
    "ragged at last": "dna,y\n" + "ACGT,1\n" * 22 + "ACG,2\n" + "ACGT,3\n" * 9,
    "text at last": "dna,plate\n" + "ACGT,1\n" * 22 + "ACGG,A 1\n",
    "ragged": "dna,y\n" + "".join(f"{'ACGT' * i}A,{i}\n" for i in range(9)),
    "labels": "dna,split,strand,chrom,fold,score,empty\nAC,train,+,1,1,2,\nGG,test,.,X,,,\n",
    "numbers, then text": "dna,plate,truth\nAC,1,True\nGG,2,\nTT,A 1%,False\n",
    "gaps": "dna,place,y\nAC,248956421,\nGG,,0\nTT,3,1\n",
    "odd text": 'dna,note,id\nAC,"a, b\n""c""",é\nGG,naïve T,\nTT,%,x y\n',
}


@pytest.fixture(params=[1, 4, 100])
def rows(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(table, "_ROWS", request.param)
    monkeypatch.setattr(fasta, "_RECORDS", request.param)
    monkeypatch.setattr(sys.modules["seqdata.store"], "_MOST_ROWS", 5)
    monkeypatch.setattr(sys.modules["seqdata.spool"], "thread_count", lambda: 1)
    return int(request.param)


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_a_streamed_table_is_the_store_that_memory_gives(
    tmp_path: Path, rows: int, text: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    targets = [name for name in ("y", "c") if name in text.splitlines()[0].split(",")]
    whole = sd.read_table(path, sequence="dna", targets=targets)
    streamed = sd.read_table(path, sequence="dna", targets=targets, out=tmp_path / "a.zarr")
    assert streamed.attrs["uuid"] == sd.to_zarr(whole, tmp_path / "b.zarr").attrs["uuid"]
    assert_same_rows(streamed.load(), whole)
    assert_conforms(streamed)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "a.zarr", "b.zarr"]


@pytest.mark.parametrize("text", [">x\nAC\n>y\nGG\n>\nTT\n", ">x\nA\n>y\nGGG\n>z\nTT\n"])
def test_a_streamed_fasta_file_is_the_store_that_memory_gives(
    tmp_path: Path, rows: int, text: str
) -> None:
    path = tmp_path / "a.fa"
    path.write_text(text)
    whole = sd.read_fasta(path)
    streamed = sd.read_fasta(path, out=tmp_path / "a.zarr")
    assert streamed.attrs["uuid"] == sd.to_zarr(whole, tmp_path / "b.zarr").attrs["uuid"]
    assert_same_rows(streamed.load(), whole)


@pytest.mark.parametrize("words", [4096, 4097])
def test_many_different_words_are_labels_or_free_text_as_in_memory(
    tmp_path: Path, words: int
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("dna,w\n" + "".join(f"AC,w{i}\n" for i in range(words)))
    whole = sd.to_zarr(sd.read_table(path, sequence="dna"), tmp_path / "b.zarr")
    streamed = sd.read_table(path, sequence="dna", out=tmp_path / "a.zarr")
    assert streamed.attrs["uuid"] == whole.attrs["uuid"]
    codes = sd.open_zarr(tmp_path / "a.zarr", labels="codes")["w"]
    assert (codes.dtype.kind == "i") == (words == 4096)


REFUSED = {
    "strand": ("dna,strand\nAC,fwd\n", "'strand' must hold"),
    "text as number": ("dna,fold\nAC,first\n", "'fold' .* must have type int16; found text"),
    "free text as number": ("dna,fold\n" + "".join(f"AC,f{i}\n" for i in range(4097)), "'fold' .*int16"),
    "a later row": ("dna,y\nAC,1\nA C,2\n", "line 3: sequences must be unbroken"),
    "no rows": ("dna,y\n", "must hold at least one sequence"),
    "name of the contract": ("dna,row\nAC,1\n", "column 'row' must be renamed"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_what_memory_refuses_a_store_refuses_and_nothing_is_left(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    for out in (None, tmp_path / "a.zarr"):
        with pytest.raises(ValueError, match=message):
            sd.read_table(path, sequence="dna", out=out)
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def test_a_store_that_is_there_is_refused_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("dna\nAC\n")
    sd.read_table(path, sequence="dna", out=tmp_path / "a.zarr")
    monkeypatch.setattr(table.Table, "blocks", lambda self: pytest.fail("read"))
    with pytest.raises(FileExistsError, match="overwrite=True"):
        sd.read_table(path, sequence="dna", out=tmp_path / "a.zarr")


def test_an_error_while_reading_leaves_the_old_store(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("dna\nAC\n")
    before = sd.read_table(path, sequence="dna", out=tmp_path / "a.zarr").attrs["uuid"]
    path.write_text("dna\nA C\n")
    with pytest.raises(ValueError, match="unbroken"):
        sd.read_table(path, sequence="dna", out=tmp_path / "a.zarr", overwrite=True)
    assert sd.open_zarr(tmp_path / "a.zarr").attrs["uuid"] == before


def test_letters_are_not_held_in_memory_while_they_are_streamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten times the rows take less further memory than a fifth of their letters."""
    monkeypatch.setattr(table, "_BLOCK", 1 << 20)
    monkeypatch.setattr(sys.modules["seqdata.store"], "_CHUNK_BYTES", 1 << 20)
    peaks = []
    for count in (5_000, 50_000):
        path = tmp_path / f"{count}.csv"
        path.write_text("dna,id\n" + "".join(f"{'ACGTA' * 200},row {i}\n" for i in range(count)))
        tracemalloc.start()
        sd.read_table(path, sequence="dna", out=tmp_path / f"{count}.zarr")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 45_000 * 1_000 / 5


BLOCKS = st.lists(st.lists(st.integers(-3, 3), min_size=1, max_size=5), min_size=1, max_size=5)


@settings(deadline=None, max_examples=100)
@given(BLOCKS, st.sampled_from(["i8", "f4", "O"]), st.data())
def test_what_is_kept_in_a_file_is_indexed_as_in_memory(
    tmp_path_factory: pytest.TempPathFactory, blocks: list[list[int]], kind: str, data: Any
) -> None:
    kept = Growing(tmp_path_factory.mktemp("kept") / "a")
    parts = []
    for block in blocks:
        values = np.array([f"w{i}" for i in block] if kind == "O" else block, kind)
        kept.append(values)
        parts.append(values)
    expected = np.concatenate(parts)
    assert kept.whole().tolist() == expected.tolist()
    if kind == "O":
        assert list(kept.words or ()) == list(dict.fromkeys(expected.tolist()))
    lazy = xr.Variable("a", kept.lazy())
    n = len(expected)
    for index in (
        slice(data.draw(st.integers(-n, n)), data.draw(st.integers(-n, n)), data.draw(st.integers(1, 3))),
        slice(None, None, -1),
        data.draw(st.integers(0, n - 1)),
        np.array(data.draw(st.lists(st.integers(0, n - 1), max_size=4)), int),
    ):  # fmt: skip
        assert np.array_equal(lazy[index].values, expected[index])
        assert lazy[index].dtype == expected.dtype
