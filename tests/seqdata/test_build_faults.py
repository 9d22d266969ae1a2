"""Builds that are killed, interrupted or out of disk, and builds by many workers: nothing is lost."""

from __future__ import annotations

import errno
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import seqdata as sd
from seqdata.testing import assert_same_rows

SCRIPT = """
import sys, time
from pathlib import Path
import numpy as np, pandas as pd, seqdata as sd

class Slow(sd.BigWig):
    def read(self, *arguments):
        super().read(*arguments)
        with open(sys.argv[2], "a") as log:
            log.write("x")
        time.sleep(float(sys.argv[4]))

def main():
    folder, out = Path(sys.argv[1]), sys.argv[3]
    n = 400
    table = pd.DataFrame({"chrom": "chr1", "chromStart": np.arange(n), "strand": np.resize(list("+-"), n)})
    table["chromEnd"] = table["chromStart"] + 40
    sd.build(table, out=out, overwrite=True, block_bytes=1600,
             seq=sd.GenomeFASTA(folder / "genome.fa"), x=Slow(folder / "a.bw"))

if __name__ == "__main__":
    main()
"""
BLOCKS = 40  # of the track; those of the letters are read in between


@pytest.fixture
def place(genome: Path, signals: dict[str, Path], tmp_path: Path) -> Path:
    shutil.copy(genome, tmp_path / "genome.fa")
    shutil.copy(signals["a"], tmp_path / "a.bw")
    (tmp_path / "build.py").write_text(SCRIPT)
    return tmp_path


def start(place: Path, out: Path, pause: float = 0.0) -> tuple[subprocess.Popen[bytes], Path]:
    """Begin a build; each read of the track leaves a letter in the log."""
    log = place / f"{out.name}.log"
    log.write_text("")
    command = [sys.executable, place / "build.py", place, log, out, str(pause)]
    return subprocess.Popen([str(part) for part in command]), log


def whole(place: Path) -> Path:
    child, log = start(place, place / "whole.zarr")
    assert child.wait() == 0
    assert len(log.read_text()) == BLOCKS
    return place / "whole.zarr"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def kill_after(child: subprocess.Popen[bytes], log: Path, reads: int, wait: float = 0.0) -> bool:
    """Kill a build when so many blocks are read; False if it was done before."""
    while len(log.read_text()) < reads:
        if child.poll() is not None:
            return False
        time.sleep(0.002)
    time.sleep(wait)
    child.send_signal(signal.SIGKILL)
    return child.wait() == -signal.SIGKILL


def test_a_build_killed_at_80_percent_reads_at_most_a_quarter_again(place: Path) -> None:
    expected, out = whole(place), place / "a.zarr"
    child, log = start(place, out, pause=0.02)
    assert kill_after(child, log, reads=BLOCKS * 8 // 10)
    assert not out.exists()
    child, log = start(place, out)
    assert child.wait() == 0
    assert len(log.read_text()) <= BLOCKS // 4
    assert contents(out) == contents(expected)
    left = sorted(p.name for p in place.iterdir() if p.name.startswith("."))
    assert not left


def kill_at_random_moments(place: Path, moments: int) -> None:
    expected = whole(place)
    out, draw = place / "a.zarr", random.Random(0)
    old = pd.DataFrame({"chrom": ["chr1"], "chromStart": [3], "chromEnd": [9]})
    sd.build(old, out=out, seq=sd.GenomeFASTA(place / "genome.fa"))
    before = contents(out)
    for _ in range(moments):
        child, log = start(place, out, pause=0.002)
        kill_after(child, log, reads=draw.randint(0, BLOCKS), wait=draw.random() * 0.05)
        assert contents(out) in (before, contents(expected))  # the old store or the new one, whole
        if contents(out) != before:
            shutil.rmtree(out)
            sd.build(old, out=out, seq=sd.GenomeFASTA(place / "genome.fa"))
    child, _ = start(place, out)
    assert child.wait() == 0
    assert contents(out) == contents(expected)
    assert not [p.name for p in place.iterdir() if p.name.startswith(".")]


def test_a_kill_at_any_moment_leaves_the_old_store_or_the_new_one(place: Path) -> None:
    kill_at_random_moments(place, 3)


@pytest.mark.slow
def test_kills_at_twenty_moments_leave_the_old_store_or_the_new_one(place: Path) -> None:
    kill_at_random_moments(place, 20)


def windows(n: int) -> pd.DataFrame:
    table = pd.DataFrame({"chrom": "chr1", "chromStart": np.arange(n) % 400})
    return table.assign(chromEnd=table["chromStart"] + 60, strand=np.resize(list("+-."), n))


def test_a_full_disk_leaves_the_old_store_and_no_litter(
    genome: Path, signals: dict[str, Path], tmp_path: Path
) -> None:
    out = tmp_path / "a.zarr"
    readers = {"seq": sd.GenomeFASTA(genome), "x": sd.BigWig(signals["a"])}
    old = sd.build(windows(3), out=out, **readers).load()
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, most[1]))
    try:
        with pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
            sd.build(windows(3_000), out=out, overwrite=True, **readers)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
    assert os.listdir(tmp_path) == ["a.zarr"]
    assert_same_rows(sd.open_zarr(out).load(), old)


def test_a_file_that_cannot_be_read_is_named(genome: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.bw"
    path.write_bytes(b"\x26\xfc\x8f\x88 not a bigWig")
    with pytest.raises(ValueError, match=r"a\.bw must be a bigWig file"):
        sd.build(windows(3), seq=sd.GenomeFASTA(genome), x=sd.BigWig(path))


@pytest.mark.parametrize("widths", ["one length", "unequal"])
def test_processes_write_what_one_process_writes(
    genome: Path, signals: dict[str, Path], tmp_path: Path, widths: str
) -> None:
    table = windows(200)
    if widths == "unequal":
        table["chromEnd"] -= np.arange(200) % 7
    readers = {"seq": sd.GenomeFASTA(genome), "x": sd.BigWig(signals["a"])}
    for name, workers in (("one", 1), ("two", 2)):
        sd.build(table, out=tmp_path / name, workers=workers, block_bytes=4_000, **readers)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    memory = sd.build(table, workers=2, block_bytes=4_000, **readers)
    assert_same_rows(sd.open_zarr(tmp_path / "one").load(), memory)


@pytest.mark.slow
def test_a_dask_cluster_writes_what_one_process_writes(
    genome: Path, signals: dict[str, Path], tmp_path: Path
) -> None:
    from distributed import Client, LocalCluster

    readers = {"seq": sd.GenomeFASTA(genome), "x": sd.BigWig(signals["a"])}
    options: dict[str, Any] = {"block_bytes": 4_000, **readers}
    sd.build(windows(200), out=tmp_path / "one", **options)
    with LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address=None) as cluster:  # noqa: SIM117
        with Client(cluster) as client:
            sd.build(windows(200), out=tmp_path / "dask", workers=client, **options)
    assert contents(tmp_path / "one") == contents(tmp_path / "dask")


@pytest.mark.parametrize("workers", [0, -1, "two", None])
def test_workers_that_are_none_are_refused(genome: Path, workers: Any) -> None:
    with pytest.raises(ValueError, match=r"workers must be a number of processes, an executor or"):
        sd.build(windows(3), seq=sd.GenomeFASTA(genome), workers=workers)
