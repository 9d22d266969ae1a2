"""Many at one store: what readers get is one store's, and what writers write all arrives."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st

import seqdata as sd
from seqdata import store
from seqdata.blocks import BlockArray
from seqdata.testing import assert_same_rows

N = 600


def numbered(offset: int = 0) -> xr.Dataset:
    """Rows whose values in all variables tell their number and their Dataset."""
    numbers = np.arange(N, dtype="f4") + offset
    rows = np.arange(N)
    return xr.Dataset(
        {
            "row": ("_sequence", rows),
            "x": ("_sequence", numbers),
            "y": (("_sequence", "_length"), np.repeat(numbers[:, None], 5, axis=1)),
            "seq": ("seq_value", np.repeat((rows + offset) % 256, rows % 4).astype("u1")),
            "seq_start": ("_sequence", np.cumsum(rows % 4) - rows % 4),
            "seq_size": ("_sequence", rows % 4),
        }
    )


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of numbered rows in blocks of a few rows."""
    monkeypatch.setattr(store, "_CHUNK_BYTES", 140)
    sd.to_zarr(numbered(), tmp_path / "a.zarr")
    return tmp_path / "a.zarr"


def batches(path: Path, seed: int) -> Iterator[dict[str, Any]]:
    ds = sd.open_zarr(path)
    options: dict[str, Any] = {"batch_size": 32, "shuffle": True, "buffer_bytes": 2_000}
    return iter(sd.Loader(ds, ["x", "y", "seq"], seed=seed, **options))


def assert_of_one_store(batch: dict[str, Any]) -> None:
    np.testing.assert_array_equal(batch["y"], np.repeat(batch["x"][:, None], 5, axis=1))
    for number, letters in zip(batch["x"], batch["seq"], strict=True):
        assert (letters == number % 256).all()


def read(path: Path, seed: int = 0) -> list[float]:
    """Read a store whole and in batches."""
    assert_same_rows(sd.open_zarr(path).load(), numbered())
    found: list[float] = []
    for batch in batches(path, seed):
        assert_of_one_store(batch)
        found += batch["x"].tolist()
    return sorted(found)


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_several_readers_of_one_store_all_get_it(path: Path, kind: str) -> None:
    pool: Any = ThreadPoolExecutor(4)
    if kind == "processes":
        pool = ProcessPoolExecutor(2, mp_context=get_context("spawn"))
    with pool:
        for found in pool.map(read, [path] * 4, range(4)):
            assert found == list(range(N))


def test_threads_share_one_open_dataset(path: Path) -> None:
    ds = sd.open_zarr(path)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: ds.load(), range(8)):
            assert_same_rows(found, numbered())


def test_a_loader_stops_in_mid_epoch_when_its_store_is_replaced(path: Path) -> None:
    """Training goes on with wrong labels otherwise."""
    found = batches(path, seed=0)
    for _ in range(3):
        assert_of_one_store(next(found))
    sd.to_zarr(numbered(1000), path, overwrite=True)
    later: list[dict[str, Any]] = []
    with pytest.raises(sd.StoreChangedError, match=r"a\.zarr was replaced after it was opened"):
        later.extend(found)
    for batch in later:  # what was read ahead
        assert (batch["x"] < 1000).all()


def test_a_second_epoch_over_a_replaced_store_is_refused(path: Path) -> None:
    loader = sd.Loader(sd.open_zarr(path), ["x"], batch_size=32, buffer_bytes=140)
    next(iter(loader))
    sd.to_zarr(numbered(1000), path, overwrite=True)
    with pytest.raises(sd.StoreChangedError):
        list(loader)


REPLACING = """
import pathlib, sys
import numpy as np, seqdata as sd

folder = pathlib.Path(sys.argv[1])
low, high = sd.open_zarr(folder / "low.zarr").load(), sd.open_zarr(folder / "high.zarr").load()
print("ready", flush=True)
while not (folder / "stop").exists():
    for ds in (high, low):
        sd.to_zarr(ds, folder / "a.zarr", overwrite=True)
"""


def test_readers_of_a_store_that_is_replaced_again_and_again_never_get_a_mix(path: Path) -> None:
    for name, offset in (("low", 0), ("high", 1000)):
        sd.to_zarr(numbered(offset), path.with_name(f"{name}.zarr"))
    command = [sys.executable, "-c", REPLACING, str(path.parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        whole = changed = 0
        while whole + changed < 60:
            try:
                ds = sd.open_zarr(path)
                x, y = ds["x"].values, ds["y"].values
            except sd.StoreChangedError:
                changed += 1
                continue
            whole += 1
            assert (y == x[:, None]).all()
            assert (x - x[0] == np.arange(N)).all()
        path.with_name("stop").touch()
        assert writer.wait(60) == 0
    assert changed


def new_array(folder: Path, total: int, block: int) -> Any:
    return zarr.create_group(folder, overwrite=True).create_array(
        "y", shape=(total, 3), chunks=(block, 3), dtype="i4", fill_value=0
    )


def test_blocks_written_by_four_threads_all_arrive(tmp_path: Path) -> None:
    """A trial whose writers did not keep to blocks lost half of the rows, silently."""
    expected = np.arange(997 * 3, dtype="i4").reshape(997, 3)
    for _ in range(5):
        new_array(tmp_path / "a.zarr", 997, 10)
        array = BlockArray.within(tmp_path / "a.zarr", "y")

        def write(start: int, array: BlockArray = array) -> None:
            array[start : start + 10] = expected[start : start + 10]

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(0, 997, 10)))
        np.testing.assert_array_equal(zarr.open_array(tmp_path / "a.zarr" / "y")[...], expected)


@settings(deadline=None, max_examples=100)
@given(
    total=st.integers(1, 40),
    block=st.integers(1, 12),
    start=st.integers(0, 40),
    size=st.integers(0, 40),
)
def test_whatever_shares_a_block_with_another_writer_is_refused(
    total: int, block: int, start: int, size: int
) -> None:
    array = zarr.create_array({}, shape=(total,), chunks=(block,), dtype="i4", fill_value=-1)
    stop = min(start + size, total)
    values = np.arange(max(0, stop - start), dtype="i4")
    written = set(range(start, stop))
    others = {row // block for row in range(total) if row not in written}
    shared = any(row // block in others for row in written)
    if shared:
        with pytest.raises(
            ValueError, match=r"rows must be whole blocks of \d+, the last of which"
        ):
            BlockArray(array)[start : start + size] = values
        assert (array[...] == -1).all()
    elif written:
        BlockArray(array)[start : start + size] = values
        assert array[start:stop].tolist() == values.tolist()


@pytest.mark.parametrize(
    ("rows", "count"), [(slice(0, 4), 3), (slice(0, 8, 2), 4), (slice(0, 8), 4)], ids=str
)
def test_values_that_do_not_fill_the_blocks_are_refused(rows: slice, count: int) -> None:
    array = zarr.create_array({}, shape=(10,), chunks=(4,), dtype="i4", fill_value=0)
    with pytest.raises(ValueError, match=rf"of the 10 rows of ''; found 0:\d and {count} values"):
        BlockArray(array)[rows] = np.ones(count, "i4")


def test_a_writer_of_a_store_refuses_a_part_of_a_block(tmp_path: Path) -> None:
    with store.StoreWriter(tmp_path / "a.zarr") as writer:
        array = writer.create("row", dims=("_sequence",), shape=(10,), dtype="i8", rows=4)
        array[4:8] = np.arange(4, 8)
        with pytest.raises(
            ValueError, match=r"whole blocks of 4, .* of the 10 rows of 'row'; found 2:6"
        ):
            array[2:6] = np.arange(2, 6)
    assert not list(tmp_path.iterdir())


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def build(genome: Path, signals: dict[str, Path], out: Path, workers: Any) -> dict[str, bytes]:
    """Build in many blocks, of rows of one length and of flat values, and give the files."""
    starts = np.arange(400) % 380
    for name, sizes in (("even", 40), ("uneven", 30 + np.arange(400) % 7)):
        regions = pd.DataFrame({"chrom": "chr1", "chromStart": starts, "chromEnd": starts + sizes})
        readers = {"seq": sd.GenomeFASTA(genome), "x": sd.BigWig(signals["a"])}
        sd.build(regions, out=out / name, workers=workers, block_bytes=800, **readers)
    return contents(out)


def test_regions_written_by_four_threads_all_arrive(
    genome: Path, signals: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_CHUNK_BYTES", 900)  # of flat values
    expected = build(genome, signals, tmp_path / "one", 1)
    assert len(expected) > 80
    with ThreadPoolExecutor(4) as pool:
        assert build(genome, signals, tmp_path / "four", pool) == expected


@pytest.mark.slow
def test_regions_written_by_four_dask_workers_all_arrive(
    genome: Path, signals: dict[str, Path], tmp_path: Path
) -> None:
    from distributed import Client, LocalCluster

    expected = build(genome, signals, tmp_path / "one", 1)
    options: dict[str, Any] = {"threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(n_workers=4, **options) as cluster, Client(cluster) as client:
        assert build(genome, signals, tmp_path / "four", client) == expected
