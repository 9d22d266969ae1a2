"""Whatever interrupts a write, the old store or the new one is there, whole, and never a mix."""

from __future__ import annotations

import asyncio
import errno
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import zarr

import seqdata as sd
from seqdata import exchange, store
from seqdata.testing import assert_same_rows
from seqdata.watched import WatchedStore

OLD = xr.Dataset({"row": ("_sequence", np.arange(4)), "y": ("_sequence", np.ones(4, "f4"))})
NEW = OLD.assign(y=OLD["y"] * 2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store that holds OLD."""
    sd.to_zarr(OLD, tmp_path / "data.zarr")
    return tmp_path / "data.zarr"


def assert_whole(path: Path, expected: xr.Dataset) -> None:
    assert_same_rows(sd.open_zarr(path).load(), expected)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


KILLED = """
import sys, time, pathlib
import dask.array, numpy as np, xarray as xr, seqdata as sd

def slow(block):
    pathlib.Path(sys.argv[1]).parent.joinpath("started").touch()
    time.sleep(60)
    return block

y = dask.array.from_array(np.ones(4, "f4"), chunks=2).map_blocks(slow, meta=np.empty(0, "f4"))
ds = xr.Dataset({"row": ("_sequence", np.arange(4)), "y": ("_sequence", y)})
sd.to_zarr(ds, sys.argv[1], overwrite=True)
"""


def test_a_killed_write_leaves_the_old_store_and_the_next_one_cleans_up(path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(path)])
    started = path.with_name("started")
    for _ in range(600):
        if started.exists():
            break
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    started.unlink()
    left = [p for p in path.parent.iterdir() if p != path]
    assert [p.name.startswith(".data.zarr.writing-") for p in left] == [True]
    assert_same_rows(sd.open_zarr(path).load(), OLD)
    sd.to_zarr(NEW, path, overwrite=True)
    assert_whole(path, NEW)


def test_a_write_of_another_living_process_is_left_alone(path: Path) -> None:
    own = exchange.beside(path)
    other = path.with_name(own.name.replace(f"-{os.getpid()}-", f"-{os.getppid()}-"))
    other.mkdir()
    sd.to_zarr(NEW, path, overwrite=True)
    assert other.exists()


def test_a_write_of_another_machine_is_left_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a shared disk: process 1 of vm-2 may be alive although process 2 of vm is not."""
    monkeypatch.setattr(exchange.socket, "gethostname", lambda: "vm-2")
    other = exchange.beside(path)
    other = other.with_name(other.name.replace(f"-{os.getpid()}-", "-4194305-"))  # no such process
    other.mkdir()
    monkeypatch.setattr(exchange.socket, "gethostname", lambda: "vm")
    exchange.remove_abandoned(path)
    assert other.exists()
    monkeypatch.setattr(exchange.socket, "gethostname", lambda: "vm-2")
    exchange.remove_abandoned(path)
    assert not other.exists()


def test_a_kill_between_the_two_renames_brings_the_old_store_back(path: Path) -> None:
    """Where a system cannot exchange folders, the old one is moved aside first."""
    path.rename(path.with_name(".data.zarr.previous"))
    assert_whole(path, OLD)


def test_a_kill_after_the_second_rename_keeps_the_new_store(path: Path) -> None:
    path.rename(path.with_name(".data.zarr.previous"))
    sd.to_zarr(NEW, path.with_name("new.zarr"))
    path.with_name("new.zarr").rename(path)
    assert_whole(path, NEW)


def test_writing_recovers_the_old_store_before_it_asks_whether_to_replace_it(path: Path) -> None:
    path.rename(path.with_name(".data.zarr.previous"))
    with pytest.raises(FileExistsError, match="pass overwrite=True"):
        sd.to_zarr(NEW, path)
    assert_whole(path, OLD)


def test_systems_without_exchange_replace_by_two_renames(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "_exchange", lambda first, second: False)
    sd.to_zarr(NEW, path, overwrite=True)
    assert_whole(path, NEW)


@pytest.fixture
def without_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "_exchange", lambda first, second: False)


def act_after_moving_aside(monkeypatch: pytest.MonkeyPatch, action: Any, times: int) -> list[Any]:
    """Run `action` between the two renames of a writer; give what it returned."""
    rename, done = Path.rename, []

    def renamed(self: Path, other: Path) -> Path:
        result = rename(self, other)
        if other.name.endswith(".previous") and len(done) < times:
            done.append(action())
        return result

    monkeypatch.setattr(Path, "rename", renamed)
    return done


@pytest.mark.parametrize("readers", [1, 3])
def test_readers_between_two_renames_see_the_old_store_and_break_no_writer(
    path: Path, without_exchange: None, monkeypatch: pytest.MonkeyPatch, readers: int
) -> None:
    read = lambda: sd.open_zarr(path).load()  # noqa: E731
    seen = act_after_moving_aside(monkeypatch, read, times=readers)
    sd.to_zarr(NEW, path, overwrite=True)
    assert len(seen) == readers
    for ds in seen:
        assert_same_rows(ds, OLD)
    assert_whole(path, NEW)


def test_a_reader_that_is_slower_than_the_writer_leaves_the_new_store(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It saw the old store moved aside; when it brings it back, the new one is in place."""
    sd.to_zarr(NEW, path.with_name("new.zarr"))
    previous = path.with_name(".data.zarr.previous")
    path.rename(previous)
    rename = Path.rename

    def overtaken(self: Path, other: Path) -> Path:
        if self == previous:
            rename(path.with_name("new.zarr"), path)
        return rename(self, other)

    monkeypatch.setattr(Path, "rename", overtaken)
    exchange.recover(path)
    assert_whole(path, NEW)


def test_a_reader_that_looks_while_the_old_store_is_aside_finds_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer moved it between the reader's two questions: is it aside, is it there?"""
    recover, calls = exchange.recover, []

    def late(target: Path) -> None:
        recover(target)
        if not calls:
            path.rename(path.with_name(".data.zarr.previous"))
        calls.append(target)

    monkeypatch.setattr(store, "recover", late)
    assert_same_rows(sd.open_zarr(path).load(), OLD)


def test_a_folder_that_cannot_be_moved_in_leaves_the_old_store(
    path: Path, without_exchange: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def refused(self: Path, other: Path) -> Path:
        if ".writing-" in self.name:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return rename(self, other)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(PermissionError):
        sd.to_zarr(NEW, path, overwrite=True)
    assert sorted(p.name for p in path.parent.iterdir()) == [path.name]
    assert_whole(path, OLD)


def test_readers_without_end_stop_a_writer_and_leave_the_old_store(
    path: Path, without_exchange: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_after_moving_aside(monkeypatch, lambda: exchange.recover(path), times=10**6)
    with pytest.raises(OSError, match=r"data\.zarr could not be replaced: other processes keep"):
        sd.to_zarr(NEW, path, overwrite=True)
    assert_whole(path, OLD)


@pytest.mark.parametrize("exchanges", [True, False], ids=["exchange", "two renames"])
def test_what_cannot_be_removed_of_the_old_folder_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchanges: bool
) -> None:
    """The new one is in place by then; on Windows an open file cannot be removed."""
    for name in ("new", "target"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if not exchanges:
        monkeypatch.setattr(exchange, "_exchange", lambda first, second: False)

    def stuck(folder: Path, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))

    with monkeypatch.context() as patched:
        patched.setattr(exchange.shutil, "rmtree", stuck)
        exchange.replace(tmp_path / "new", tmp_path / "target")
    assert (tmp_path / "target" / "new").exists()
    (tmp_path / "target" / "new").unlink()
    (tmp_path / "target").rmdir()
    exchange.recover(tmp_path / "target")
    assert not (tmp_path / "target").exists()  # half an old folder is never brought back


def test_windows_sends_no_signal_to_ask_whether_a_process_lives(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There os.kill(pid, 0) is Ctrl+C for every process of the console."""
    other = path.with_name(exchange.beside(path).name)
    other.mkdir()
    with monkeypatch.context() as patched:
        patched.setattr(exchange.sys, "platform", "win32")
        patched.setattr(exchange.os, "kill", lambda *arguments: pytest.fail("signal sent"))
        exchange.remove_abandoned(path)
    assert other.exists()


@pytest.mark.parametrize("error", [OSError(22, "Invalid argument"), PermissionError()], ids=str)
def test_a_process_that_cannot_be_asked_after_keeps_its_folder(
    path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    def fail(pid: int, signal: int) -> None:
        raise error

    other = path.with_name(exchange.beside(path).name)
    other.mkdir()
    with monkeypatch.context() as patched:
        patched.setattr(exchange.os, "kill", fail)
        exchange.remove_abandoned(path)
    assert other.exists()


def test_linux_exchanges_folders_in_one_step(tmp_path: Path) -> None:
    if not sys.platform.startswith("linux"):
        return
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / f"was_{name}").touch()
    assert exchange._exchange(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a" / "was_b").exists()
    assert not exchange._exchange(tmp_path / "a", tmp_path / "nowhere")


def test_an_error_in_mid_write_leaves_the_old_store_and_no_litter(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Any, *args: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(zarr.Array, "__setitem__", full)
    with pytest.raises(OSError, match="No space left"):
        sd.to_zarr(NEW, path, overwrite=True)
    assert_whole(path, OLD)


def test_an_error_while_checking_leaves_the_old_store_and_no_litter(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_digest", lambda folder: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        sd.to_zarr(NEW, path, overwrite=True)
    assert_whole(path, OLD)


FULL_DISK = """
import resource, sys
import numpy as np, xarray as xr, seqdata as sd

wide = np.random.default_rng(0).integers(0, 256, (4, 50_000)).astype("u1")
ds = xr.Dataset({"row": ("_sequence", np.arange(4)), "seq": (("_sequence", "_length"), wide)})
for most in (10, 100_000):  # bytes of a file: not even the first one fits; one array does not
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
    try:
        sd.to_zarr(ds, sys.argv[1], overwrite=True)
    except OSError as error:
        print(error.strerror)
"""


def test_a_full_disk_leaves_the_old_store_and_no_litter(path: Path) -> None:
    command = [sys.executable, "-c", FULL_DISK, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [os.strerror(errno.EFBIG)] * 2
    assert_whole(path, OLD)


def test_a_store_that_came_into_being_meanwhile_is_not_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "data.zarr"
    with store.StoreWriter(path) as late:
        late.write("row", OLD.variables["row"], 4)
        sd.to_zarr(OLD, path)
        with pytest.raises(FileExistsError, match="pass overwrite=True"):
            late.commit({})
    assert_whole(path, OLD)


@pytest.mark.parametrize("chunks", [None, {}], ids=["lazy", "dask"])
def test_reading_on_after_a_replacement_is_an_error(path: Path, chunks: Any) -> None:
    """Else a batch could hold sequences of one store and targets of another."""
    ds = sd.open_zarr(path, chunks=chunks)
    sd.to_zarr(NEW, path, overwrite=True)
    with pytest.raises(sd.StoreChangedError, match=r"data\.zarr was replaced after it was opened"):
        ds["y"].load()


def test_reading_on_without_the_event_loop_is_an_error_too(path: Path) -> None:
    """Zarr has a second way to read a block, for codecs that need no event loop."""
    watched = WatchedStore(path)
    asyncio.run(watched._open())
    prototype = zarr.core.buffer.default_buffer_prototype()
    assert watched.get_sync("y/c/0", prototype=prototype) is not None
    sd.to_zarr(NEW, path, overwrite=True)
    with pytest.raises(sd.StoreChangedError):
        watched.get_sync("y/c/0", prototype=prototype)


def test_reading_on_from_a_pickle_after_a_replacement_is_an_error(path: Path) -> None:
    sent = pickle.dumps(sd.open_zarr(path))
    sd.to_zarr(NEW, path, overwrite=True)
    with pytest.raises(sd.StoreChangedError):
        pickle.loads(sent)["y"].load()


def test_reading_on_after_a_deletion_is_an_error_and_gives_no_zeros(path: Path) -> None:
    ds = sd.open_zarr(path)
    path.rename(path.with_name("elsewhere.zarr"))
    with pytest.raises(sd.StoreChangedError):
        ds["y"].load()


def test_replacing_with_equal_data_is_a_replacement_too(path: Path) -> None:
    ds = sd.open_zarr(path)
    sd.to_zarr(OLD, path, overwrite=True)
    with pytest.raises(sd.StoreChangedError):
        ds["y"].load()


def test_what_was_loaded_before_stays(path: Path) -> None:
    ds = sd.open_zarr(path).load()
    sd.to_zarr(NEW, path, overwrite=True)
    assert_same_rows(ds, OLD)
