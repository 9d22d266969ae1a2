"""Inputs that several rows share. Files are made once, in a folder of their own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(tempfile.gettempdir(), "eugene-benchmarks")
MIRROR = Path(
    os.environ.get("SEQDATASETS_MIRROR", Path(__file__).resolve().parents[2] / "shared" / "data")
)
YEAST = MIRROR / "region_fixtures" / "yeast_sacCer3_atac"

SHAPES = {
    "10 x 1 Mb": (10, 1_000_000),
    "20,000 x 1 kb": (20_000, 1_000),
    "1,000,000 x 40": (1_000_000, 40),
}
"""Few long sequences, the usual, and many short ones."""


def sequences(n: int, length: int) -> np.ndarray:
    """Random DNA as letters, dtype S1, shape (n, length)."""
    return np.frombuffer(b"ACGT", "S1")[
        np.random.default_rng(0).integers(0, 4, (n, length), np.uint8)
    ]


def made_once(name: str, make: Callable[[Path], object]) -> Path:
    """Give the path of an input, which `make` writes if it is not there from before."""
    path = FOLDER / name
    if not path.exists():
        FOLDER.mkdir(exist_ok=True)
        half = FOLDER / f"half-{name}"
        shutil.rmtree(half, ignore_errors=True)
        half.unlink(missing_ok=True)
        make(half)
        half.rename(path)
    return path


def places(sizes: dict[str, int], n: int, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Contig, start and end of random windows of a genome, in no order."""
    names, lengths = np.array(list(sizes), dtype=object), np.array(list(sizes.values()))
    rng = np.random.default_rng(0)
    contig = rng.choice(names.size, n, p=lengths / lengths.sum())
    starts = (rng.random(n) * (lengths[contig] - length)).astype(np.int64)
    return names[contig], starts, starts + length


def store(n: int, variables: tuple[str, ...]) -> Path:
    """Give the path of a store of `n` rows of 1 kb, or of 0.5 to 1.5 kb if they are ragged."""

    def write(path: Path) -> None:
        import seqdata as sd

        sd.to_zarr(_dataset(n, variables), path)

    return made_once(f"{n}-{'-'.join(variables)}.zarr", write)


def _dataset(n: int, variables: tuple[str, ...]) -> Any:
    import xarray as xr

    rng = np.random.default_rng(0)
    ds = xr.Dataset({"row": ("_sequence", np.arange(n))})
    if "ragged" in variables:
        sizes = rng.integers(500, 1_500, n)
        letters = np.frombuffer(b"ACGT", "u1")[rng.integers(0, 4, sizes.sum(), np.uint8)]
        ds["ragged"] = ("ragged_value", letters)
        starts = np.cumsum(sizes) - sizes
        return ds.assign(ragged_start=("_sequence", starts), ragged_size=("_sequence", sizes))
    ds["seq"] = (("_sequence", "_length"), sequences(n, 1_000).view("u1"))
    if "counts" in variables:
        ds["counts"] = (("_sequence", "_length"), rng.poisson(0.3, (n, 1_000)).astype("u2"))
        ds["y"] = ("_sequence", rng.standard_normal(n).astype("f4"))
    return ds
