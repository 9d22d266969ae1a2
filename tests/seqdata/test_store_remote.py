"""Stores under URLs: the same bytes as in a folder, never half a store, and never a mix of two."""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from typing import Any

import fsspec
import numpy as np
import pandas as pd
import pytest
import xarray as xr
import zarr
from fsspec.implementations.memory import MemoryFileSystem

import seqdata as sd
from seqdata import remote, store
from seqdata.testing import assert_same_rows

N = 50
OLD = xr.Dataset(
    {
        "row": ("_sequence", np.arange(N)),
        "x": ("_sequence", np.arange(N, dtype="f4")),
        "y": (("_sequence", "_length"), np.arange(N * 4, dtype="f4").reshape(N, 4)),
    }
)
NEW = OLD.assign(x=OLD["x"] + 1000, y=OLD["y"] + 1000)
URL = "memory://data/a.zarr"


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Files of fsspec in memory, none at first; temporary files in a folder of the test."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    forget()
    yield MemoryFileSystem.store
    forget()


def forget() -> None:
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_CHUNK_BYTES", 7 * 16)


def files_of(folder: Path) -> dict[str, bytes]:
    files = (p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


def files_under(url: str) -> dict[str, bytes]:
    files, path = fsspec.core.url_to_fs(url)
    return {name.removeprefix(f"{path}/"): files.cat_file(name) for name in files.find(path)}


def assert_nothing_temporary_is_left() -> None:
    assert not list(Path(tempfile.gettempdir()).iterdir())


def test_a_store_in_memory_holds_the_bytes_of_one_in_a_folder(
    example: xr.Dataset, tmp_path: Path
) -> None:
    ours = sd.to_zarr(example, URL)
    folder = sd.to_zarr(example, tmp_path / "a.zarr")
    assert files_under(URL) == files_of(tmp_path / "a.zarr")
    assert ours.attrs["uuid"] == folder.attrs["uuid"]
    assert_same_rows(ours.load(), example)
    assert_nothing_temporary_is_left()


def test_any_xarray_user_opens_a_url_without_a_warning(example: xr.Dataset) -> None:
    sd.to_zarr(example, URL)
    plain, ours = xr.open_zarr(URL), sd.open_zarr(URL, labels="codes")
    assert set(plain.variables) == set(ours.variables)
    for name in plain.variables:
        np.testing.assert_array_equal(plain[name].values, ours[name].values)


def test_a_file_url_is_a_folder(tmp_path: Path) -> None:
    sd.to_zarr(OLD, f"file://{tmp_path.as_posix()}/a.zarr")
    assert_same_rows(sd.open_zarr(tmp_path / "a.zarr").load(), OLD)
    assert_same_rows(sd.open_zarr(f"file://{tmp_path.as_posix()}/a.zarr").load(), OLD)


def test_a_build_and_a_table_go_straight_to_a_url(genome: Path, tmp_path: Path) -> None:
    regions = pd.DataFrame(
        {"chrom": "chr1", "chromStart": np.arange(30), "chromEnd": np.arange(30) + 9}
    )
    options: dict[str, Any] = {"block_bytes": 40, "seq": sd.GenomeFASTA(genome)}
    sd.build(regions, out=URL, **options)
    sd.build(regions, out=tmp_path / "a.zarr", **options)
    assert files_under(URL) == files_of(tmp_path / "a.zarr")
    path = tmp_path / "a.tsv"
    path.write_text("dna\ty\nACGT\t1.5\nGGCC\t2.5\n")
    table = sd.read_table(path, sequence="dna", targets="y", out="memory://table.zarr")
    assert table["y"].values.tolist() == [1.5, 2.5]
    assert_nothing_temporary_is_left()


def test_a_store_at_a_url_is_not_replaced_unasked() -> None:
    sd.to_zarr(OLD, URL)
    before = files_under(URL)
    with pytest.raises(FileExistsError, match=r"memory://data/a\.zarr exists; pass overwrite=True"):
        sd.to_zarr(NEW, URL)
    assert files_under(URL) == before


def test_what_is_no_store_at_a_url_is_never_replaced(memory: dict[str, Any]) -> None:
    files, path = fsspec.core.url_to_fs(URL)
    files.pipe_file(f"{path}/thesis.tex", b"years of work")
    with pytest.raises(FileExistsError, match="is not a zarr store; choose another path"):
        sd.to_zarr(OLD, URL, overwrite=True)
    assert files_under(URL) == {"thesis.tex": b"years of work"}


def test_a_replaced_store_at_a_url_keeps_nothing_of_the_old_one(small_blocks: None) -> None:
    """Also when the new one is made of the old."""
    ds = sd.to_zarr(OLD, URL)
    sd.to_zarr(ds[["row", "x"]].isel(_sequence=[3, 1]), URL, overwrite=True)
    assert sorted(files_under(URL)) == [
        "row/c/0",
        "row/zarr.json",
        "x/c/0",
        "x/zarr.json",
        "zarr.json",
    ]
    assert sd.open_zarr(URL)["x"].values.tolist() == [3, 1]


def test_the_root_goes_first_and_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the commit: never does it stand over the blocks of two stores."""
    sd.to_zarr(OLD, URL)
    done: list[tuple[str, str]] = []
    for name, at in (("put_file", 1), ("rm_file", 0)):
        original = getattr(MemoryFileSystem, name)

        def noted(
            self: Any, *args: Any, _f: Any = original, _n: str = name, _at: int = at, **kw: Any
        ) -> Any:
            done.append((_n, args[_at].rpartition("/data/a.zarr/")[2]))
            return _f(self, *args, **kw)

        monkeypatch.setattr(MemoryFileSystem, name, noted)
    sd.to_zarr(NEW, URL, overwrite=True)
    assert done[:2] == [("put_file", ".seqdata-writing"), ("rm_file", "zarr.json")]
    assert done[-2:] == [("put_file", "zarr.json"), ("rm_file", ".seqdata-writing")]
    assert ("put_file", "y/c/0/0") in done[2:-2]
    assert done.count(("put_file", "zarr.json")) == 1


def break_after(monkeypatch: pytest.MonkeyPatch, files: int) -> None:
    """Let the connection break when so many files are sent."""
    put_file, sent = MemoryFileSystem.put_file, []

    def breaking(self: Any, *args: Any, **kwargs: Any) -> Any:
        if len(sent) == files + 1:  # the claim is the first
            raise ConnectionResetError(104, "Connection reset by peer")
        sent.append(args)
        return put_file(self, *args, **kwargs)

    monkeypatch.setattr(MemoryFileSystem, "put_file", breaking)


@pytest.mark.parametrize("files", [0, 1, 4, 6], ids="{} files".format)
def test_an_interrupted_write_is_not_a_store_and_can_be_repeated(
    files: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for before in (None, OLD):
        forget()
        if before is not None:
            sd.to_zarr(before, URL)
        with monkeypatch.context() as patched:
            break_after(patched, files)
            with pytest.raises(ConnectionResetError):
                sd.to_zarr(NEW, URL, overwrite=True)
        with pytest.raises(FileNotFoundError, match=r"no store at memory://data/a\.zarr"):
            sd.open_zarr(URL)
        assert_same_rows(sd.to_zarr(NEW, URL).load(), NEW)
        assert len([name for name in files_under(URL) if name.startswith(".")]) == 0
    assert_nothing_temporary_is_left()


def test_a_build_that_could_not_be_sent_is_not_read_again(
    genome: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    regions = pd.DataFrame(
        {"chrom": "chr1", "chromStart": np.arange(30), "chromEnd": np.arange(30) + 9}
    )
    options: dict[str, Any] = {"block_bytes": 40, "seq": sd.GenomeFASTA(genome)}
    with monkeypatch.context() as patched:
        break_after(patched, 3)
        with pytest.raises(ConnectionResetError):
            sd.build(regions, out=URL, **options)
    with monkeypatch.context() as patched:
        patched.setattr(sd.GenomeFASTA, "read", lambda *arguments: pytest.fail("read again"))
        sd.build(regions, out=URL, **options)
    sd.build(regions, out=tmp_path / "a.zarr", **options)
    assert files_under(URL) == files_of(tmp_path / "a.zarr")
    assert_nothing_temporary_is_left()


KILLED = """
import os, signal, sys, tempfile
from fsspec.implementations.local import LocalFileSystem
import numpy as np, xarray as xr, seqdata as sd

tempfile.tempdir = sys.argv[2]
put_file, sent = LocalFileSystem.put_file, []

def dying(self, *args, **kwargs):
    if len(sent) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    sent.append(args)
    return put_file(self, *args, **kwargs)

LocalFileSystem.put_file = dying
ds = xr.Dataset({"row": ("_sequence", np.arange(4)), "y": ("_sequence", np.ones(4, "f4"))})
sd.to_zarr(ds, sys.argv[1], overwrite=True)
"""


def test_a_process_killed_while_it_sends_leaves_no_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The local file system of fsspec stands for one that cannot replace in one step."""
    monkeypatch.setenv("FSSPEC_LOCAL", '{"auto_mkdir": true}')
    monkeypatch.setitem(fsspec.config.conf, "local", {"auto_mkdir": True})
    url = f"local://{tmp_path.as_posix()}/a.zarr"
    sd.to_zarr(OLD, url)
    done = subprocess.run([sys.executable, "-c", KILLED, url, tempfile.gettempdir()], check=False)
    assert done.returncode == -9
    with pytest.raises(FileNotFoundError, match="no store at local://"):
        sd.open_zarr(url)
    sd.to_zarr(NEW, url)
    assert_same_rows(sd.open_zarr(url).load(), NEW)
    assert_nothing_temporary_is_left()


def test_data_that_break_the_contract_touch_no_url() -> None:
    with pytest.raises(sd.ContractError):
        sd.to_zarr(OLD.drop_vars("row"), URL)
    assert not files_under(URL)


def test_an_error_before_sending_leaves_the_old_store(monkeypatch: pytest.MonkeyPatch) -> None:
    sd.to_zarr(OLD, URL)
    before = files_under(URL)
    monkeypatch.setattr(store, "_digest", lambda folder: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        sd.to_zarr(NEW, URL, overwrite=True)
    assert files_under(URL) == before


@pytest.mark.parametrize("chunks", [None, {}], ids=["lazy", "dask"])
def test_reading_on_after_a_replacement_at_a_url_is_an_error(chunks: Any) -> None:
    ds = sd.to_zarr(OLD, URL) and sd.open_zarr(URL, chunks=chunks)
    assert ds["x"].values.tolist() == OLD["x"].values.tolist()
    sd.to_zarr(NEW, URL, overwrite=True)
    with pytest.raises(sd.StoreChangedError, match=r"memory://data/a\.zarr was replaced after it"):
        ds["y"].load()


def test_reading_on_after_a_deletion_at_a_url_is_an_error_and_gives_no_zeros() -> None:
    ds = sd.to_zarr(OLD, URL)
    forget()
    with pytest.raises(sd.StoreChangedError):
        ds["y"].load()


def test_replacing_with_equal_data_at_a_url_disturbs_nobody(small_blocks: None) -> None:
    """Blocks are overwritten, not removed first: at no time does one read as zeros."""
    ds = sd.to_zarr(OLD, URL)
    sd.to_zarr(OLD, URL, overwrite=True)
    assert_same_rows(ds.load(), OLD)


def test_many_threads_read_one_store_in_memory(small_blocks: None) -> None:
    sd.to_zarr(OLD, URL)
    with ThreadPoolExecutor(4) as pool:
        for ds in pool.map(lambda _: sd.open_zarr(URL).load(), range(8)):
            assert_same_rows(ds, OLD)


def test_a_missing_store_at_a_url_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"no store at memory://nowhere\.zarr; write one"):
        sd.open_zarr("memory://nowhere.zarr")


def test_zarr_v2_at_a_url_is_told_apart() -> None:
    zarr.open_group("memory://old.zarr", mode="w", zarr_format=2)
    with pytest.raises(sd.ContractError, match=r"memory://old\.zarr is a zarr v2 store"):
        sd.open_zarr("memory://old.zarr")


WITHOUT_FSSPEC = """
import sys
sys.modules["fsspec"] = None
import seqdata as sd
try:
    sd.open_zarr("memory://a.zarr")
except ImportError as error:
    print(error)
"""


def test_without_fsspec_a_url_says_what_to_install() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_FSSPEC], capture_output=True, text=True, check=True
    )
    assert "pip install 'eugene-seqdata[remote]'" in done.stdout


class Quiet(SimpleHTTPRequestHandler):
    """A handler that logs nothing."""

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Serve a folder of this machine over http."""
    (tmp_path / "served").mkdir()
    handler = partial(Quiet, directory=str(tmp_path / "served"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        thread = Thread(target=served.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()
        thread.join()


def test_a_store_is_read_over_http(example: xr.Dataset, tmp_path: Path, server: str) -> None:
    local = sd.to_zarr(example, tmp_path / "served" / "a.zarr")
    found = sd.open_zarr(f"{server}/a.zarr")
    assert found.attrs["uuid"] == local.attrs["uuid"]
    assert_same_rows(found.load(), example)
    plain = xr.open_zarr(f"{server}/a.zarr")  # by consolidated metadata, without a warning
    assert set(plain.variables) == set(found.variables)
    assert plain["row"].values.tolist() == example["row"].values.tolist()


def test_batches_come_over_http(tmp_path: Path, server: str, small_blocks: None) -> None:
    sd.to_zarr(OLD, tmp_path / "served" / "a.zarr")
    loader = sd.Loader(
        sd.open_zarr(f"{server}/a.zarr"), ["x", "y"], batch_size=8, shuffle=True, buffer_bytes=300
    )
    batches = list(loader)
    assert sorted(np.concatenate([batch["x"] for batch in batches]).tolist()) == list(range(N))
    for batch in batches:
        np.testing.assert_array_equal(batch["y"][:, 0], batch["x"] * 4)


def load(ds: xr.Dataset) -> xr.Dataset:
    return ds.load()


def test_a_dataset_over_http_goes_to_other_processes(tmp_path: Path, server: str) -> None:
    sd.to_zarr(OLD, tmp_path / "served" / "a.zarr")
    ds = sd.open_zarr(f"{server}/a.zarr")
    assert_same_rows(pickle.loads(pickle.dumps(ds)).load(), OLD)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert_same_rows(pool.submit(load, ds).result(), OLD)


def test_a_store_replaced_behind_http_is_noticed(
    tmp_path: Path, server: str, small_blocks: None
) -> None:
    sd.to_zarr(OLD, tmp_path / "served" / "a.zarr")
    ds = sd.open_zarr(f"{server}/a.zarr")
    batches = iter(sd.Loader(ds, ["x", "y"], batch_size=4, buffer_bytes=1))
    next(batches)
    sd.to_zarr(NEW, tmp_path / "served" / "a.zarr", overwrite=True)
    seen: list[np.ndarray] = []
    with pytest.raises(sd.StoreChangedError, match="was replaced after it was opened"):
        seen.extend(batch["x"] for batch in batches)
    assert all((x < 1000).all() for x in seen)


def test_a_store_that_is_not_there_over_http_is_named(server: str) -> None:
    with pytest.raises(FileNotFoundError, match=r"no store at http://.*/nowhere\.zarr"):
        sd.open_zarr(f"{server}/nowhere.zarr")


def test_writing_over_http_is_refused_before_anything_is_computed(server: str) -> None:
    with pytest.raises(
        OSError, match=r"a\.zarr cannot be written to .*Write to a folder, and copy"
    ):
        sd.to_zarr(OLD, f"{server}/a.zarr")
    assert_nothing_temporary_is_left()


def test_a_url_without_its_driver_says_what_to_install() -> None:
    with pytest.raises((ImportError, ValueError), match=r"(?i)install|not known"):
        sd.open_zarr("s3://bucket/a.zarr")


@pytest.mark.parametrize("url", [URL, f"{URL}/"])
def test_a_slash_at_the_end_of_a_url_changes_nothing(url: str) -> None:
    sd.to_zarr(OLD, url)
    assert_same_rows(sd.open_zarr(URL).load(), OLD)
    assert remote.state_of(url) == "store"
