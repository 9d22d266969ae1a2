"""Ten million rows: a table becomes a store and batches on a laptop, whatever its size."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import seqdata as sd

N, LENGTH = 10_000_000, 200
MOST = 1_000_000_000  # bytes that a process may grow by
HEADER = b"id\tseq\tactivity\tbatch\n"
LINE = 9 + 1 + LENGTH + 1 + 8 + 1 + 1 + 1  # id, letters, number and label with what follows each

pytestmark = pytest.mark.slow

MEASURED = """
import json, sys, time
import numpy as np, pandas, xarray, zarr, seqdata as sd
from seqdata.repeats import repeated_rows
from seqdata.watched import WatchedStore

def memory(kind):
    line = next(line for line in open("/proc/self/status") if line.startswith(kind))
    return int(line.split()[1]) * 1024

def build(table, path):
    sd.read_table(table, sequence="seq", targets="activity", out=path)

def iterate(path):
    read, get, get_sync = set(), WatchedStore.get, WatchedStore.get_sync
    ds = sd.open_zarr(path, labels="codes")  # text takes 80 MB a column of labels
    async def noted(self, key, *args, **kwargs):
        read.add(key.split("/")[0])
        return await get(self, key, *args, **kwargs)
    def noted_sync(self, key, *args, **kwargs):
        read.add(key.split("/")[0])
        return get_sync(self, key, *args, **kwargs)
    WatchedStore.get, WatchedStore.get_sync = noted, noted_sync
    counts = np.zeros(ds.sizes["_sequence"], np.uint8)
    for batch in sd.Loader(ds, ["seq", "activity", "row"], batch_size=1024, shuffle=True):
        counts[batch["row"]] += 1
    return {"once": bool((counts == 1).all()), "read": sorted(read)}

def repeats(path):
    return {"rows": repeated_rows(sd.open_zarr(path), "id").tolist()}

before, start = memory("VmRSS"), time.time()
found = {"build": build, "iterate": iterate, "repeats": repeats}[sys.argv[1]](*sys.argv[2:]) or {}
grown = memory("VmHWM") - before
print(json.dumps({**found, "seconds": round(time.time() - start, 1), "grown": grown}))
"""


def measured(*arguments: str | Path) -> dict[str, Any]:
    """Do one thing in a process of its own; give its findings, seconds, and bytes it grew by at most."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SEQPRO_THREADS": "2"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def write_table(path: Path) -> None:
    """Write rows with an id, letters, a number and a label; the last has the id of the fourth."""
    rng, letters, part = np.random.default_rng(0), np.frombuffer(b"ACGT", "u1"), 100_000
    numbers = (np.arange(N) * 7_368_787) % N
    numbers[-1] = numbers[3]
    with path.open("wb") as file:
        file.write(HEADER)
        for first in range(0, N, part):
            lines = np.full((part, LINE), ord("\t"), "u1")
            lines[:, 0] = ord("r")
            lines[:, 1:9] = digits(numbers[first : first + part], 8)
            lines[:, 10 : 10 + LENGTH] = letters[rng.integers(0, 4, (part, LENGTH), np.uint8)]
            lines[:, -11:-9] = np.frombuffer(b"0.", "u1")
            lines[:, -9:-3] = digits(rng.integers(0, 10**6, part), 6)
            lines[:, -2] = letters[rng.integers(0, 4, part)]
            lines[:, -1] = ord("\n")
            file.write(lines.tobytes())


def digits(numbers: np.ndarray, count: int) -> np.ndarray:
    return (numbers[:, None] // 10 ** np.arange(count)[::-1] % 10 + ord("0")).astype("u1")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path, dict[str, Any]]]:
    """A table of ten million rows, the store made of it, and what making it took."""
    folder = tmp_path_factory.mktemp("scale")
    write_table(folder / "a.tsv")
    yield (
        folder / "a.tsv",
        folder / "a.zarr",
        measured("build", folder / "a.tsv", folder / "a.zarr"),
    )
    shutil.rmtree(folder)


def test_a_table_larger_than_memory_becomes_a_store(
    built: tuple[Path, Path, dict[str, Any]],
) -> None:
    table, path, found = built
    print("build:", found)  # noqa: T201
    assert found["grown"] < MOST
    ds = sd.open_zarr(path, labels="codes")
    assert ds.sizes == {"_sequence": N, "_length": LENGTH}
    rows = np.sort(np.random.default_rng(1).choice(N, 50, replace=False))
    sample = ds.isel(_sequence=rows).load()
    with table.open("rb") as file:
        for i, row in enumerate(rows):
            file.seek(len(HEADER) + int(row) * LINE)
            name, letters, number, _ = file.read(LINE - 1).decode().split("\t")
            assert sample["id"].values[i] == name
            assert sample["seq"].values[i].tobytes().decode() == letters
            assert sample["activity"].values[i] == np.float32(number)
            assert sample["row"].values[i] == row


def test_every_row_is_in_an_epoch_once_and_free_text_is_not_read(
    built: tuple[Path, Path, dict[str, Any]],
) -> None:
    found = measured("iterate", built[1])
    print("iterate:", found)  # noqa: T201
    assert found["once"]
    assert found["read"] == ["activity", "row", "seq"]
    assert found["grown"] < MOST


def test_an_id_that_comes_again_at_the_other_end_is_found(
    built: tuple[Path, Path, dict[str, Any]],
) -> None:
    found = measured("repeats", built[1])
    print("repeats:", found)  # noqa: T201
    assert found["rows"] == [N - 1]
    assert found["grown"] < MOST
