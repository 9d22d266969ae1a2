"""Letters are written as suits letters, and anything that knows zstd reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numcodecs.zstd import Zstd
from numpy.typing import NDArray
from zarr.codecs import ZstdCodec

from seqdata.blocks import BlockArray
from seqdata.store import create_array

DNA = np.frombuffer(b"ACGT", "u1")


def blocks_of(folder: Path) -> list[bytes]:
    files = (path for path in (folder / "x" / "c").rglob("*") if path.is_file())
    return [path.read_bytes() for path in sorted(files)]


def written(folder: Path, values: NDArray[Any], rows: int) -> list[bytes]:
    """Write an array as stores do; give its blocks."""
    group = zarr.open_group(folder, mode="w")
    dims = tuple(f"_{i}" for i in range(values.ndim))
    chunks = (rows, *values.shape[1:])
    array = create_array(group, "x", dims, values.shape, values.dtype, chunks, {})
    array[0 : len(values)] = values
    return blocks_of(folder)


@given(
    hnp.arrays("u1", hnp.array_shapes(min_dims=1, max_dims=3, max_side=9), elements=st.integers(0, 255)),
    st.integers(1, 4),
)  # fmt: skip
def test_any_bytes_come_back(values: NDArray[np.uint8], rows: int) -> None:
    group = zarr.group({})
    chunks = (min(rows, len(values)), *values.shape[1:])
    array = create_array(group, "x", (), values.shape, "u1", chunks, {})
    array[0 : len(values)] = values
    found = zarr.open_array(group.store, path="x")[:]
    np.testing.assert_array_equal(found, values)


def test_blocks_are_of_zstd_and_so_say_the_metadata(tmp_path: Path) -> None:
    values = DNA[np.random.default_rng(0).integers(0, 4, (50, 100))]
    (first, second) = written(tmp_path, values, 30)
    assert Zstd().decode(first) == values[:30].tobytes()
    assert Zstd().decode(second) == values[30:].tobytes() + b"\xff" * (10 * 100)
    codecs = json.loads((tmp_path / "x" / "zarr.json").read_text())["codecs"]
    assert codecs == [
        {"name": "bytes"},
        {"name": "zstd", "configuration": {"level": 1, "checksum": False}},
    ]


@pytest.mark.parametrize(
    ("overlap", "bits"), [(0, 2.1), (0.5, 1.2), (0.9, 0.35)], ids=["apart", "half", "most"]
)
def test_letters_take_two_bits_and_repeats_next_to_none(
    tmp_path: Path, overlap: float, bits: float
) -> None:
    """Level 1 takes 2.4, 1.3 and 0.4 bits."""
    genome = DNA[np.random.default_rng(0).integers(0, 4, 1_200_000)]
    step = round(1_000 * (1 - overlap))
    starts = np.arange(0, genome.size - 1_000, step)[:1_000]
    values = genome[starts[:, None] + np.arange(1_000)]
    (block,) = written(tmp_path, values, len(values))
    assert 8 * len(block) / values.size < bits
    assert len(block) < 0.9 * len(Zstd(level=1).encode(values.tobytes()))


@pytest.mark.parametrize("dtype", ["i1", "u2", "f4", "i8"])
def test_other_types_are_compressed_at_level_1(tmp_path: Path, dtype: str) -> None:
    values = np.random.default_rng(0).integers(0, 100, (40, 50)).astype(dtype)
    (block,) = written(tmp_path, values, 40)
    array = zarr.create_array(
        tmp_path / "plain", name="x", shape=values.shape, chunks=values.shape, dtype=dtype,
        compressors=ZstdCodec(level=1),
    )  # fmt: skip
    array[:] = values
    assert blocks_of(tmp_path / "plain") == [block]


def test_a_worker_writes_the_same_bytes(tmp_path: Path) -> None:
    """It opens the array anew, from metadata that say zstd and no more."""
    values = DNA[np.random.default_rng(0).integers(0, 4, (60, 100))]
    here = written(tmp_path / "here", values, 30)
    written(tmp_path / "there", np.zeros_like(values), 30)
    BlockArray.within(tmp_path / "there", "x")[0:60] = values
    assert blocks_of(tmp_path / "there") == here
