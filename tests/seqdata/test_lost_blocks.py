"""A block without a file is an error where all blocks were written: zarr reads it as zeros."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest
import xarray as xr

import seqdata as sd
from seqdata import store

N = 10


@pytest.fixture
def ds(monkeypatch: pytest.MonkeyPatch) -> xr.Dataset:
    """Variables of every kind of type, many of them zero throughout; stores have blocks of four rows."""
    monkeypatch.setattr(store, "block_rows", lambda _: 4)
    names = np.array([f"free text {i}" for i in range(N)], dtype=object)
    return xr.Dataset(
        {
            "row": ("_sequence", np.arange(N)),
            "seq": (("_sequence", "_length"), np.full((N, 6), 65, "u1"), {"alphabet": "ACGT"}),
            "counts": (("_sequence", "_length"), np.zeros((N, 6), "u2")),
            "y": ("_sequence", np.zeros(N, "f4")),
            "fold": ("_sequence", np.zeros(N, "i2")),
            "split": ("_sequence", np.array(["train", "val"] * 5, dtype=object)),
            "name": ("_sequence", names),
        }
    )


@pytest.mark.parametrize("name", ["row", "seq", "counts", "y", "fold", "name"])
@pytest.mark.parametrize("chunks", [None, {}], ids=["lazy", "dask"])
def test_a_lost_block_is_an_error(ds: xr.Dataset, tmp_path: Path, name: str, chunks: Any) -> None:
    path = tmp_path / "a.zarr"
    sd.to_zarr(ds, path)
    within = "1/0" if ds[name].ndim == 2 else "1"
    (path / name / "c" / within).unlink()
    opened = sd.open_zarr(path, chunks=chunks)
    xr.testing.assert_equal(opened.drop_vars(name).load(), ds.drop_vars(name))
    with pytest.raises(
        OSError, match=rf"block {name}/c/{within} of .*a\.zarr is lost\. Copy the store"
    ):
        opened[name].load()


def test_a_lost_block_stops_the_loader_and_a_copy(ds: xr.Dataset, tmp_path: Path) -> None:
    opened = sd.to_zarr(ds, tmp_path / "a.zarr")
    (tmp_path / "a.zarr" / "y" / "c" / "2").unlink()
    with pytest.raises(OSError, match="block y/c/2"):
        list(sd.Loader(opened, ["seq", "y"], batch_size=3, shuffle=True, buffer_bytes=1))
    with pytest.raises(OSError, match="block y/c/2"):
        sd.to_zarr(opened, tmp_path / "b.zarr")
    assert not (tmp_path / "b.zarr").exists()


def test_a_block_that_is_lost_under_a_url(ds: xr.Dataset) -> None:
    url = "memory://lost.zarr"
    opened = sd.to_zarr(ds, url, overwrite=True)
    fsspec.filesystem("memory").rm_file("/lost.zarr/y/c/0")
    with pytest.raises(OSError, match=r"block y/c/0 of memory://lost\.zarr is lost"):
        opened["y"].load()
    opened["fold"].load()


def test_labels_are_protected_as_well(ds: xr.Dataset, tmp_path: Path) -> None:
    sd.to_zarr(ds, tmp_path / "a.zarr")
    (tmp_path / "a.zarr" / "split" / "c" / "0").unlink()
    with pytest.raises(OSError, match="block split/c/0"):
        sd.open_zarr(tmp_path / "a.zarr")["split"].load()


@pytest.mark.filterwarnings("ignore:Consolidated metadata")
def test_what_xarray_writes_may_leave_out_zeros(ds: xr.Dataset, tmp_path: Path) -> None:
    """It copies attributes and fill values, but writes no block of nothing else."""
    plain = ds.drop_vars(["split", "name"])
    plain.assign_attrs(seqdata_contract="1").to_zarr(
        tmp_path / "plain.zarr", zarr_format=3, write_empty_chunks=False
    )
    assert not (tmp_path / "plain.zarr" / "fold" / "c").exists()
    xr.testing.assert_equal(sd.open_zarr(tmp_path / "plain.zarr").load(), plain)
    ours = sd.to_zarr(plain, tmp_path / "ours.zarr")
    ours.to_zarr(tmp_path / "copy.zarr", zarr_format=3, write_empty_chunks=False)
    xr.testing.assert_equal(xr.open_zarr(tmp_path / "copy.zarr").load(), plain)


def test_fill_values_change_nothing_for_xarray(ds: xr.Dataset, tmp_path: Path) -> None:
    sd.to_zarr(ds, tmp_path / "a.zarr")
    opened = xr.open_zarr(tmp_path / "a.zarr")
    assert {name: opened[name].dtype for name in ("seq", "counts", "fold", "row")} == {
        "seq": np.uint8, "counts": np.uint16, "fold": np.int16, "row": np.int64,
    }  # fmt: skip
    np.testing.assert_array_equal(opened["counts"], ds["counts"])
