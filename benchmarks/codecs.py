"""Codecs and layouts of stores: size, and the work of writing and reading whole blocks.

``python benchmarks/codecs.py`` writes arrays of the kinds that stores hold with each codec and layout, into
a temporary folder, and prints the two tables of CONVENTIONS.md, section Store. Tracks and counts are of
the yeast genome, from the mirror (``SEQDATASETS_MIRROR``). Blocks are written by one thread and read by the
threads of `seqpro.parallel`, as the loader does. Speed is bytes of values over processor time, all threads
together, which other programs on the machine disturb little; the best of five passes over files that the
system holds in memory.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyBigWig
import zarr
from run import machine
from zarr.codecs import BloscCodec, ZstdCodec

import seqdata as sd
from seqdata.letter_codec import LetterCodec
from seqpro.parallel import run_blocks

HERE = Path(__file__).resolve()
MIRROR = Path(os.environ.get("SEQDATASETS_MIRROR", HERE.parents[2] / "shared" / "data"))
YEAST = MIRROR / "region_fixtures" / "yeast_sacCer3_atac"
LENGTH = 1_000
BLOCK = 16 << 20  # bytes
MOST = 96 << 20  # bytes of an array
PASSES = 5

CODECS: dict[str, Any] = {
    "none": None,
    "zstd, level 1": ZstdCodec(level=1),
    "zstd as suits letters": LetterCodec(),
    "zstd, level 3": ZstdCodec(level=3),
    "Blosc LZ4": BloscCodec(cname="lz4", clevel=5, shuffle="noshuffle"),
    "Blosc LZ4, byte shuffle": BloscCodec(cname="lz4", clevel=5, shuffle="shuffle"),
    "Blosc LZ4, bit shuffle": BloscCodec(cname="lz4", clevel=5, shuffle="bitshuffle"),
    "Blosc zstd 1, byte shuffle": BloscCodec(cname="zstd", clevel=1, shuffle="shuffle"),
    "Blosc zstd 1, bit shuffle": BloscCodec(cname="zstd", clevel=1, shuffle="bitshuffle"),
}
LAYOUTS: dict[str, tuple[int, int | None]] = {
    "chunks of 1 MiB": (1 << 20, None),
    "chunks of 4 MiB": (4 << 20, None),
    "chunks of 16 MiB": (16 << 20, None),
    "chunks of 32 MiB": (32 << 20, None),
    "shards of 16 MiB, chunks of 1 MiB": (1 << 20, 16 << 20),
    "shards of 64 MiB, chunks of 1 MiB": (1 << 20, 64 << 20),
    "shards of 64 MiB, chunks of 16 MiB": (16 << 20, 64 << 20),
}
"""Bytes of a chunk, and of a shard."""


def main() -> None:
    """Measure and print both tables."""
    arrays = dict(inputs())
    print(f"{machine()}\n")
    print("| codec | " + " | ".join(arrays) + " |\n|---" * 1 + "|---" * len(arrays) + "|")
    for name, codec in CODECS.items():
        cells = [measure(values, codec, BLOCK, None)[0] for values in arrays.values()]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    print(
        "\n| layout, zstd level 1 | DNA, uint8 | coverage, float32 | files a GB |\n|---|---|---|---|"
    )
    for name, layout in LAYOUTS.items():
        found = [
            measure(arrays[kind], CODECS["zstd, level 1"], *layout)
            for kind in ("DNA, uint8", "coverage, float32")
        ]
        size = sum(arrays[kind].nbytes for kind in ("DNA, uint8", "coverage, float32"))
        files = sum(files for _, files in found) / size * 1e9
        print(f"| {name} | {found[0][0]} | {found[1][0]} | {files:,.0f} |", flush=True)


def inputs() -> Iterator[tuple[str, np.ndarray]]:
    """Give one array of each kind that stores hold, rows first."""
    rng = np.random.default_rng(0)
    letters = np.frombuffer(b"ACGT", "u1")
    n = MOST // LENGTH
    yield "DNA, uint8", letters[rng.integers(0, 4, (n, LENGTH), dtype=np.uint8)]
    yield "windows that overlap by half, uint8", overlapping_windows()
    cuts = genome_windows("SRR1822137.cuts_plus.bw", "SRR1822137.cuts_minus.bw")
    yield "cut counts, uint16", cuts.astype(np.uint16)
    yield "cut counts, uint32", cuts.astype(np.uint32)
    coverage = genome_windows("SRR1822137.coverage.bw")
    yield "coverage, float32", coverage
    yield "attributions, float32", rng.standard_normal(coverage.shape, dtype=np.float32)
    rows = 4 << 20
    yield "labels, int8", np.sort(rng.integers(0, 25, rows).astype(np.int8))
    yield "labels out of order, int8", rng.integers(0, 25, rows).astype(np.int8)
    yield "keys, int64", np.arange(rows)


def overlapping_windows() -> np.ndarray:
    """Cut the letters of the yeast genome into windows that begin in the middle of others."""
    letters = sd.read_fasta(YEAST / "sacCer3.fa")["seq"].values
    windows = np.lib.stride_tricks.sliding_window_view(letters, LENGTH)
    return np.ascontiguousarray(windows[:: LENGTH // 2])


def genome_windows(*names: str) -> np.ndarray:
    """Cut tracks of the yeast genome into windows that follow each other."""
    parts = []
    for name in names:
        with pyBigWig.open(str(YEAST / name)) as file:
            parts += [file.values(c, 0, size, numpy=True) for c, size in file.chroms().items()]
    values = np.nan_to_num(np.concatenate(parts)).astype(np.float32)
    return values[: values.size // LENGTH * LENGTH].reshape(-1, LENGTH)


def measure(values: np.ndarray, codec: Any, chunk: int, shard: int | None) -> tuple[str, int]:
    """Give bits a value, MB written and MB read a second of processor time, and the number of files."""
    width = values.nbytes // len(values)
    rows = max(1, min(chunk // width, len(values)))
    values = values[: len(values) // rows * rows]  # zarr fills a short last block up
    unit = rows if shard is None else rows * (shard // chunk)
    per_read = rows * max(1, BLOCK // chunk)  # what the loader asks for at a time
    folder = Path(tempfile.mkdtemp())
    try:
        wrote = min(timed(lambda: write(folder, values, codec, rows, unit)) for _ in range(PASSES))
        array = zarr.open_array(folder / "a", mode="r")
        out = np.empty_like(values)
        read = min(timed(lambda: read_all(array, out, per_read)) for _ in range(PASSES))
        assert np.array_equal(out, values)
        files = [p for p in (folder / "a" / "c").rglob("*") if p.is_file()]
        bits = 8 * sum(p.stat().st_size for p in files) / values.size
    finally:
        shutil.rmtree(folder)
    speed = values.nbytes / 1e6
    return f"{bits:.2f} · {speed / wrote:,.0f} · {speed / read:,.0f}", len(files)


def write(folder: Path, values: np.ndarray, codec: Any, rows: int, unit: int) -> None:
    """Write an array, a chunk or shard at a time."""
    inner = values.shape[1:]
    array = zarr.create_array(
        folder / "a",
        shape=values.shape,
        dtype=values.dtype,
        chunks=(rows, *inner),
        shards=None if unit == rows else (unit, *inner),
        compressors=codec,
        overwrite=True,
    )
    for start in range(0, len(values), unit):
        array[start : start + unit] = values[start : start + unit]


def read_all(array: zarr.Array, out: np.ndarray, rows: int) -> None:
    """Read an array on all threads, some rows at a time."""

    def fill(first: int, last: int) -> None:
        for i in range(first, last):
            out[i * rows : (i + 1) * rows] = array[i * rows : (i + 1) * rows]

    run_blocks(fill, -(-len(out) // rows), block=1)


def timed(call: Callable[[], None]) -> float:
    """Give the processor time of one call, seconds."""
    start = time.process_time()
    call()
    return time.process_time() - start


if __name__ == "__main__":
    main()
