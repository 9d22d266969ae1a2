"""A Dataset tells what was done to it, the same way each time."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import xarray as xr

import seqdata as sd
from seqdata.provenance import add_step, file_entry, steps

EMPTY = xr.Dataset({"row": ("_sequence", np.arange(2))})


def test_steps_are_kept_in_order_with_their_package_version() -> None:
    ds = add_step(add_step(EMPTY, "seqdata.first", seed=3), "seqpro.second", share=0.5)
    assert [(s["step"], s["version"]) for s in steps(ds)] == [
        ("seqdata.first", sd.__version__),
        ("seqpro.second", sd.__version__),
    ]
    assert steps(ds)[0]["seed"] == 3
    assert not EMPTY.attrs


def test_steps_survive_a_store_and_a_plain_xarray_reader(tmp_path: Path) -> None:
    ds = add_step(EMPTY, "seqdata.example", names=["a", "ü"])
    sd.to_zarr(ds, tmp_path / "a.zarr")
    assert steps(sd.open_zarr(tmp_path / "a.zarr")) == steps(ds)
    assert steps(xr.open_zarr(tmp_path / "a.zarr")) == steps(ds)


def test_files_are_known_by_name_and_hash_and_not_by_place(tmp_path: Path) -> None:
    path = tmp_path / "peaks.bed"
    path.write_bytes(b"chr1\t0\t5\n")
    expected = hashlib.sha256(b"chr1\t0\t5\n").hexdigest()
    assert file_entry(path) == {"file": "peaks.bed", "sha256": expected}


def test_reading_a_table_records_file_and_arguments(tmp_path: Path) -> None:
    path = tmp_path / "mpra.csv"
    path.write_text("dna,activity\nAC,1\n")
    (step,) = steps(sd.read_table(path, sequence="dna", targets="activity"))
    assert step["step"] == "seqdata.read_table"
    assert step["files"] == [file_entry(path)]
    assert (step["sequence"], step["targets"]) == ("dna", ["activity"])
    assert str(tmp_path) not in sd.read_table(path, sequence="dna").attrs["provenance"]


def test_a_package_that_is_not_installed_is_said_to_be_so() -> None:
    assert steps(add_step(EMPTY, "elsewhere.step"))[0]["version"] == "not installed"
