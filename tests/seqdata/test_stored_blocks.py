"""Blocks of a variable are what xarray reads, however they are stored, and damage is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import zarr
from numpy.typing import NDArray
from zarr.codecs import BloscCodec, BytesCodec, ZstdCodec

import seqdata as sd
from seqdata import store, stored_blocks
from seqdata.stored_blocks import StoredBlocks

ROWS, BLOCK = 22, 5


@pytest.fixture
def ds(monkeypatch: pytest.MonkeyPatch) -> xr.Dataset:
    """Variables of several types and shapes; stores have blocks of five rows, the last of two."""
    monkeypatch.setattr(store, "block_rows", lambda _: BLOCK)
    rng = np.random.default_rng(0)
    letters = np.frombuffer(b"ACGTN", "u1")[rng.integers(0, 5, (ROWS, 30))]
    return xr.Dataset(
        {
            "row": ("_sequence", np.arange(ROWS)),
            "seq": (("_sequence", "_length"), letters, {"alphabet": "ACGT"}),
            "signal": (("_sequence", "signal_sample", "_length"), rng.random((ROWS, 2, 30), "f4")),
        }
    )


@pytest.fixture
def decompressed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of what was decompressed into its place."""
    found: list[int] = []
    original = stored_blocks._decompress
    monkeypatch.setattr(
        stored_blocks,
        "_decompress",
        lambda data, out: (found.append(out.nbytes), original(data, out))[1],
    )
    return found


def assert_blocks(variable: xr.Variable, expected: NDArray[Any]) -> None:
    """Compare every block, read into new memory and into the middle of other memory."""
    blocks = StoredBlocks(variable)
    for number, first in enumerate(range(0, len(expected), blocks.size)):
        part = expected[first : first + blocks.size]
        read = blocks.read(number)
        assert read.dtype == part.dtype
        np.testing.assert_array_equal(read, part)
        room = np.full((len(part) + 2, *part.shape[1:]), 7, part.dtype)
        blocks.read_into(room[1:-1], number)
        np.testing.assert_array_equal(room[1:-1], part)
        assert (room[[0, -1]] == 7).all()


@pytest.mark.parametrize("place", ["folder", "memory"])
def test_blocks_of_a_store_are_decompressed_into_their_place(
    ds: xr.Dataset, decompressed: list[int], tmp_path: Path, place: str
) -> None:
    path = tmp_path / "a.zarr" if place == "folder" else "memory://stored-blocks.zarr"
    opened = sd.to_zarr(ds, path, overwrite=True)
    for name in ("row", "seq", "signal"):
        decompressed.clear()
        assert_blocks(opened.variables[name], ds[name].values)
        each = ds[name].values[:BLOCK].nbytes
        assert decompressed == [each] * 10  # five blocks, the last of which is stored whole, twice


def test_another_layout_asked_for_in_writing_changes_nothing_in_reading(
    ds: xr.Dataset, tmp_path: Path
) -> None:
    opened = sd.to_zarr(ds, tmp_path / "a.zarr")
    opened["seq"].encoding["chunks"] = (3, 30)
    assert_blocks(opened.variables["seq"], ds["seq"].values)


def chained(opened: xr.Dataset) -> xr.Variable:
    return sd.concat([opened, opened]).variables["seq"]


@pytest.mark.parametrize(
    ("change", "rows"),
    [
        (lambda opened: opened.variables["seq"][2:19], np.arange(2, 19)),
        (lambda opened: opened.variables["seq"][np.array([4, 2, 9])], [4, 2, 9]),
        (lambda opened: opened.variables["seq"].load(), np.arange(ROWS)),
        (lambda opened: opened.chunk().variables["seq"], np.arange(ROWS)),
        (chained, np.tile(np.arange(ROWS), 2)),
    ],
    ids=["slice", "rows", "memory", "dask", "concat"],
)
def test_variables_that_are_not_a_stored_array_are_read_by_xarray(
    ds: xr.Dataset,
    decompressed: list[int],
    tmp_path: Path,
    change: Callable[[xr.Dataset], xr.Variable],
    rows: Any,
) -> None:
    opened = sd.to_zarr(ds, tmp_path / "a.zarr")
    assert_blocks(change(opened), ds["seq"].values[rows])
    assert not decompressed


@pytest.mark.parametrize(
    "how",
    [
        {"compressors": None},
        {"compressors": BloscCodec()},
        {"compressors": [ZstdCodec(), ZstdCodec()]},
        {"serializer": BytesCodec(endian="big"), "compressors": ZstdCodec()},
        {"compressors": ZstdCodec(), "shards": (10, 2, 30)},
        {"compressors": ZstdCodec(), "chunks": (BLOCK, 1, 30)},
        {"zarr_format": 2},
    ],
    ids=["none", "blosc", "twice", "big-endian", "shards", "targets apart", "zarr 2"],
)
def test_other_codecs_and_layouts_are_read_by_xarray(
    ds: xr.Dataset, decompressed: list[int], tmp_path: Path, how: dict[str, Any]
) -> None:
    values = ds["signal"].values
    names = ds["signal"].dims
    if how.get("zarr_format") != 2:
        how = {"dimension_names": names} | how
    else:
        how = {"attributes": {"_ARRAY_DIMENSIONS": names}} | how
    how = {"chunks": (BLOCK, 2, 30)} | how
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=how.pop("zarr_format", 3))
    array = group.create_array("signal", shape=values.shape, dtype=values.dtype, **how)
    array[:] = values
    opened = xr.open_zarr(tmp_path / "a.zarr", chunks=None, consolidated=False)
    assert_blocks(opened.variables["signal"], values)
    assert not decompressed


def test_a_block_that_was_never_written_has_fill_values(tmp_path: Path) -> None:
    group = zarr.open_group(tmp_path / "a.zarr", mode="w")
    array = group.create_array(
        "y", shape=(6,), chunks=(2,), dtype="i4", fill_value=9, dimension_names=["_sequence"]
    )
    array[2:4] = [1, 2]
    opened = xr.open_zarr(
        tmp_path / "a.zarr", chunks=None, consolidated=False, mask_and_scale=False
    )
    assert_blocks(opened.variables["y"], np.array([9, 9, 1, 2, 9, 9], "i4"))


def test_a_block_without_its_size_is_read(ds: xr.Dataset, tmp_path: Path) -> None:
    """Some that write zstd do not know the size before they begin."""
    import zstandard

    opened = sd.to_zarr(ds, tmp_path / "a.zarr")
    values = ds["seq"].values
    stream = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    block = stream.compress(values[BLOCK : 2 * BLOCK].tobytes()) + stream.flush()
    (tmp_path / "a.zarr" / "seq" / "c" / "1" / "0").write_bytes(block)
    assert_blocks(opened.variables["seq"], values)


@pytest.mark.parametrize(
    "damage",
    [
        lambda block: block[: len(block) // 2],
        lambda block: b"",
        lambda block: b"no zstd" * 20,
        lambda block: block[:20] + bytes(20) + block[40:],
        lambda block: ZstdCodec()._zstd_codec.encode(b"ACGT"),
    ],
    ids=["cut short", "empty", "other bytes", "overwritten", "another size"],
)
def test_a_damaged_block_is_told(
    ds: xr.Dataset, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    opened = sd.to_zarr(ds, tmp_path / "a.zarr")
    block = tmp_path / "a.zarr" / "seq" / "c" / "1" / "0"
    block.write_bytes(damage(block.read_bytes()))
    blocks = StoredBlocks(opened.variables["seq"])
    np.testing.assert_array_equal(blocks.read(0), ds["seq"].values[:BLOCK])
    with pytest.raises(OSError, match=r"block 1 of .*a\.zarr/seq.* is damaged .* build it anew"):
        blocks.read(1)
    loader = sd.Loader(opened, ["seq"], batch_size=4, buffer_bytes=1)
    with pytest.raises(OSError, match="block 1 of"):
        list(loader)


def test_reading_on_after_a_replacement_is_an_error(ds: xr.Dataset, tmp_path: Path) -> None:
    opened = sd.to_zarr(ds, tmp_path / "a.zarr")
    sd.to_zarr(ds, tmp_path / "a.zarr", overwrite=True)
    with pytest.raises(sd.StoreChangedError):
        StoredBlocks(opened.variables["seq"]).read(0)
