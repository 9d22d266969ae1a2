"""Stores: what is written comes back, for every reader of zarr, and equal data give equal bytes."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np
import pytest
import xarray as xr
import zarr

import seqdata as sd
from seqdata import store
from seqdata.schema import CONTRACT_VERSION
from seqdata.testing import assert_same_rows


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data.zarr"


def test_any_xarray_user_opens_a_store_without_a_warning(example: xr.Dataset, path: Path) -> None:
    sd.to_zarr(example, path)
    plain, ours = xr.open_zarr(path), sd.open_zarr(path, labels="codes")
    assert set(plain.variables) == set(ours.variables)
    assert set(plain.coords) == set(example.coords)
    for name in plain.variables:
        np.testing.assert_array_equal(plain[name].values, ours[name].values)


def test_a_store_gives_the_variables_in_the_order_they_had(simple: xr.Dataset, path: Path) -> None:
    assert list(sd.to_zarr(simple, path).data_vars) == list(simple.data_vars)


def test_a_coordinate_that_no_variable_uses_is_kept(simple: xr.Dataset, path: Path) -> None:
    names = np.array(["a", "b"], dtype=object)
    out = sd.to_zarr(simple.assign_coords(_target=names), path)
    assert out["_target"].values.tolist() == ["a", "b"]


def test_a_coordinate_beside_a_dimension_stays_a_coordinate(
    with_windows: xr.Dataset, path: Path
) -> None:
    out = sd.to_zarr(with_windows, path)
    assert out["batch"].values.tolist() == ["first", "second batch"]
    assert "batch" in out.coords
    assert "batch" in sd.to_zarr(out, path, overwrite=True).coords


def test_labels_can_be_left_as_codes(simple: xr.Dataset, path: Path) -> None:
    codes = sd.to_zarr(simple, path) and sd.open_zarr(path, labels="codes")
    assert codes["split"].values.tolist() == [0, 1, 2, 3, 0, 1, 0]
    assert codes["split"].attrs["flag_meanings"] == "train val test unused"
    assert codes["id"].values.tolist() == simple["id"].values.tolist()
    with pytest.raises(ValueError, match="labels must be 'text' or 'codes'; found 'raw'"):
        sd.open_zarr(path, labels="raw")  # type: ignore[arg-type]


def test_data_with_coded_labels_can_be_saved_again(simple: xr.Dataset, path: Path) -> None:
    sd.to_zarr(simple, path)
    sd.to_zarr(sd.open_zarr(path, labels="codes"), path, overwrite=True)
    assert sd.open_zarr(path)["tissue"].values.tolist() == simple["tissue"].values.tolist()


@pytest.mark.parametrize("chunks", [None, {}], ids=["lazy", "dask"])
def test_open_change_save(example: xr.Dataset, path: Path, chunks: Any) -> None:
    """Also into the very store that the values are still to be read from."""
    sd.to_zarr(example, path)
    changed = sd.open_zarr(path, chunks=chunks).assign(new=("_sequence", np.arange(7, dtype="f4")))
    sd.to_zarr(changed.isel(_sequence=[6, 0, 3]), path, overwrite=True)
    back = sd.open_zarr(path)
    assert back["new"].values.tolist() == [6, 0, 3]
    assert_same_rows(back.drop_vars("new").load(), example.isel(_sequence=[6, 0, 3]))


def test_free_text_of_a_store_is_copied_block_by_block(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten million ids do not fit into the memory of a laptop; nor do as many words of another name."""
    n = 50_000
    words = np.array([f"word {i}" for i in range(n)], dtype=object)
    rows = {
        "row": ("_sequence", np.arange(n)),
        "seq": (("_sequence", "_length"), np.zeros((n, 4), "u1")),
    }
    ds = xr.Dataset({**rows, "id": ("_sequence", words), "barcode": ("_sequence", words[::-1])})
    monkeypatch.setattr(store, "_MOST_ROWS", 5_000)
    monkeypatch.setattr(store, "thread_count", lambda: 2)
    sd.to_zarr(ds, path)
    sizes, check = [], store.check_text
    monkeypatch.setattr(
        store, "check_text", lambda name, text: (sizes.append(text.size), check(name, text))
    )
    again = sd.to_zarr(sd.open_zarr(path).isel(_sequence=slice(None, None, 2)), tmp_path / "b.zarr")
    assert max(sizes) == 10_000  # a block for each thread
    assert_same_rows(again.load(), ds.isel(_sequence=slice(None, None, 2)))


def changed_in_all_ways(ds: xr.Dataset) -> xr.Dataset:
    """What users do between opening and saving: a new variable, every third row, parts put together."""
    ds = ds.assign(new=("_sequence", np.arange(7, dtype="f4")), double=ds["row"] * 2)
    strided = ds.isel(_sequence=slice(None, None, 3))
    backwards = ds.isel(_sequence=slice(None, None, -2))
    return sd.concat([strided, ds.isel(_sequence=[5, 1]), backwards])


@pytest.mark.parametrize("chunks", [None, {}], ids=["lazy", "dask"])
def test_open_assign_stride_concat_save(
    example: xr.Dataset, path: Path, chunks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old chunks and encodings must not come along, nor a warning for any user of xarray."""
    monkeypatch.setattr(store, "_CHUNK_BYTES", 60)
    sd.to_zarr(example, path)
    back = sd.to_zarr(changed_in_all_ways(sd.open_zarr(path, chunks=chunks)), path, overwrite=True)
    assert back["new"].values.tolist() == [0, 3, 6, 5, 1, 6, 4, 2, 0]
    assert_same_rows(back.load(), changed_in_all_ways(example))
    plain = xr.open_zarr(path)
    assert plain["double"].values.tolist() == back["double"].values.tolist()
    assert set(plain.load().variables) == set(back.variables)


@pytest.mark.parametrize("chunks", [None, {}], ids=["lazy", "dask"])
def test_parts_joined_by_xarray_itself_can_be_saved(
    with_windows: xr.Dataset, path: Path, chunks: Any
) -> None:
    sd.to_zarr(with_windows, path)
    ds = sd.open_zarr(path, chunks=chunks)
    parts = [ds.isel(_sequence=slice(None, None, 3)), ds.isel(_sequence=slice(1, None, 3))]
    joined = xr.concat(parts, dim="_sequence", data_vars="minimal")
    sd.to_zarr(joined, path, overwrite=True)
    assert_same_rows(sd.open_zarr(path).load(), with_windows.isel(_sequence=[0, 3, 6, 1, 4]))


WITHOUT_DASK = """
import sys
sys.modules["dask"] = sys.modules["distributed"] = None
import numpy as np, xarray as xr, seqdata as sd

path, other = sys.argv[1:]
ds = sd.open_zarr(path).assign(new=("_sequence", np.arange(7, dtype="f4")))
third = ds.isel(_sequence=slice(None, None, 3))
again = third.assign(row=third["row"] + 500)
sd.to_zarr(xr.concat([third, again], "_sequence", data_vars="minimal"), other)
sd.to_zarr(sd.concat([third, ds.isel(_sequence=[5, 1])]), path, overwrite=True)
for place in (path, other):
    print(sd.open_zarr(place)["new"].values.tolist())
    print(xr.open_zarr(place, chunks=None)["new"].values.tolist())
print(len(list(sd.Loader(sd.open_zarr(path), ["new", "seq"], batch_size=2))))
"""


def test_open_change_save_without_dask(simple: xr.Dataset, path: Path, tmp_path: Path) -> None:
    sd.to_zarr(simple, path)
    command = [
        sys.executable,
        "-W",
        "error",
        "-c",
        WITHOUT_DASK,
        str(path),
        str(tmp_path / "b.zarr"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    first, second = "[0.0, 3.0, 6.0, 5.0, 1.0]", "[0.0, 3.0, 6.0, 0.0, 3.0, 6.0]"
    assert done.stdout.splitlines() == [first, first, second, second, "3"]


def test_dask_chunks_of_another_size_can_be_saved(simple: xr.Dataset, path: Path) -> None:
    sd.to_zarr(simple, path)
    rechunked = sd.open_zarr(path, chunks={}).chunk({"_sequence": 3, "_length": 5})
    assert_same_rows(sd.to_zarr(rechunked, path, overwrite=True).load(), simple)


def test_values_are_read_only_when_they_are_asked_for(simple: xr.Dataset, path: Path) -> None:
    ds = sd.to_zarr(simple, path)
    assert not isinstance(ds["seq"].variable._data, np.ndarray)
    assert isinstance(sd.open_zarr(path, chunks={})["seq"].data, np.ndarray) is False
    assert sd.open_zarr(path, chunks={})["seq"].chunks is not None


def test_equal_data_give_equal_bytes(example: xr.Dataset, tmp_path: Path) -> None:
    first = sd.to_zarr(example, tmp_path / "a.zarr")
    second = sd.to_zarr(example.copy(deep=True), tmp_path / "b.zarr")
    assert files_of(tmp_path / "a.zarr") == files_of(tmp_path / "b.zarr")
    assert first.attrs["uuid"] == second.attrs["uuid"]


def test_files_of_a_store_have_one_name_on_all_systems() -> None:
    """The identity is a hash of names too, and Windows joins them by a backslash."""
    folder = PureWindowsPath("C:/data/.a.zarr.writing-pc-1-0")
    assert store._name_within(folder, folder / "seq" / "c" / "0" / "0") == "seq/c/0/0"


def test_a_copy_of_a_store_is_the_same_store(example: xr.Dataset, tmp_path: Path) -> None:
    first = sd.to_zarr(example, tmp_path / "a.zarr")
    sd.to_zarr(first, tmp_path / "b.zarr")
    assert files_of(tmp_path / "a.zarr") == files_of(tmp_path / "b.zarr")


def test_other_data_give_another_identity(simple: xr.Dataset, tmp_path: Path) -> None:
    first = sd.to_zarr(simple, tmp_path / "a.zarr")
    value = sd.to_zarr(simple.assign(activity=simple["activity"] + 1), tmp_path / "b.zarr")
    attribute = sd.to_zarr(simple.assign_attrs(genome="hg38"), tmp_path / "c.zarr")
    assert len({ds.attrs["uuid"] for ds in (first, value, attribute)}) == 3


def test_root_attributes_come_back(with_windows: xr.Dataset, path: Path) -> None:
    odd = {"share": np.float32(0.5), "sizes": np.array([1, 2]), "flags": [True, None]}
    attrs = sd.to_zarr(with_windows.assign_attrs(odd), path).attrs
    assert attrs["max_jitter"] == 2
    assert attrs["genome"] == "sacCer3"
    assert (attrs["share"], attrs["sizes"], attrs["flags"]) == (0.5, [1, 2], [True, None])
    assert attrs["seqdata_contract"] == CONTRACT_VERSION
    assert attrs["coordinate_system"] == "0-based half-open"


def test_attributes_of_variables_come_back(ragged: xr.Dataset, path: Path) -> None:
    out = sd.to_zarr(ragged, path)
    assert out["half_life"].attrs["units"] == "hours"
    assert out["seq"].attrs["alphabet"] == "RNA"


def test_arrays_of_a_store_share_rows_to_a_block(
    with_windows: xr.Dataset, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_CHUNK_BYTES", 200)  # cuts take 96 bytes a row
    sd.to_zarr(with_windows, path)
    group = zarr.open_group(path, mode="r")
    rows = {a.chunks[0] for _, a in group.arrays() if a.metadata.dimension_names[0] == "_sequence"}
    assert rows == {2}


def test_blocks_are_about_16_mib_of_the_widest_variable() -> None:
    width = np.broadcast_to(np.uint8(0), (10**6, 1000))
    narrow = np.broadcast_to(np.float32(0), (10**6,))
    ds = xr.Dataset({"seq": (("_sequence", "_length"), width), "y": ("_sequence", narrow)})
    assert store.block_rows(ds) == 16 * 2**20 // 1000
    assert store.block_rows(ds[["y"]]) == 2**16
    huge = np.broadcast_to(np.uint8(0), (2, 2**25))
    assert store.block_rows(xr.Dataset({"seq": (("_sequence", "_length"), huge)})) == 1


def test_attributions_are_stored_by_single_targets(with_results: xr.Dataset, path: Path) -> None:
    """Reading one target of a hundred must not read the hundred."""
    sd.to_zarr(with_results, path)
    assert zarr.open_array(path / "attributions_ism", mode="r").chunks == (7, 1, 4, 6)
    assert store.block_rows(with_results) == store.block_rows(with_results.isel(_target=[0]))


def test_long_tables_have_blocks_of_their_own(
    with_planted: xr.Dataset, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_CHUNK_BYTES", 16)
    sd.to_zarr(with_planted, path)
    assert zarr.open_array(path / "embedding_row", mode="r").chunks == (2,)
    assert zarr.open_array(path / "row", mode="r").chunks == (1,)


@pytest.mark.parametrize("chunk_bytes", [13, 60])
def test_any_block_size_gives_the_data_back(
    example: xr.Dataset, path: Path, monkeypatch: pytest.MonkeyPatch, chunk_bytes: int
) -> None:
    monkeypatch.setattr(store, "_CHUNK_BYTES", chunk_bytes)
    assert_same_rows(sd.to_zarr(example, path).load(), example)


def test_an_existing_store_is_not_replaced_unasked(simple: xr.Dataset, path: Path) -> None:
    sd.to_zarr(simple, path)
    before = files_of(path)
    with pytest.raises(FileExistsError, match=r"data\.zarr exists; pass overwrite=True"):
        sd.to_zarr(simple.isel(_sequence=[0]), path)
    assert files_of(path) == before


def test_a_folder_that_is_no_store_is_never_replaced(simple: xr.Dataset, path: Path) -> None:
    path.mkdir()
    (path / "thesis.tex").write_text("years of work")
    with pytest.raises(FileExistsError, match="is not a zarr store; choose another path"):
        sd.to_zarr(simple, path, overwrite=True)
    assert (path / "thesis.tex").read_text() == "years of work"


def test_a_replaced_store_keeps_nothing_of_the_old_one(simple: xr.Dataset, path: Path) -> None:
    sd.to_zarr(simple, path)
    sd.to_zarr(simple[["row", "activity"]].isel(_sequence=[1]), path, overwrite=True)
    assert sorted(p.name for p in path.iterdir()) == ["activity", "row", "zarr.json"]
    assert [p.name for p in path.parent.iterdir()] == ["data.zarr"]


def test_folders_above_are_made(simple: xr.Dataset, tmp_path: Path) -> None:
    sd.to_zarr(simple, tmp_path / "a" / "b" / "c.zarr")
    assert (tmp_path / "a" / "b" / "c.zarr" / "zarr.json").exists()


def test_a_store_is_replaced_through_a_link(simple: xr.Dataset, tmp_path: Path) -> None:
    sd.to_zarr(simple, tmp_path / "real.zarr")
    (tmp_path / "link.zarr").symlink_to(tmp_path / "real.zarr")
    sd.to_zarr(simple.isel(_sequence=[2]), tmp_path / "link.zarr", overwrite=True)
    assert (tmp_path / "link.zarr").is_symlink()
    assert sd.open_zarr(tmp_path / "real.zarr").sizes["_sequence"] == 1


def test_a_lazy_dataset_outlives_a_change_of_folder(
    simple: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ds = sd.to_zarr(simple, "data.zarr")
    monkeypatch.chdir("/")
    assert ds["row"].values.tolist() == simple["row"].values.tolist()


def test_a_lazy_dataset_can_be_pickled(simple: xr.Dataset, path: Path) -> None:
    ds = pickle.loads(pickle.dumps(sd.to_zarr(simple, path)))
    assert_same_rows(ds.load(), simple)


def test_data_that_break_the_contract_leave_nothing(simple: xr.Dataset, path: Path) -> None:
    with pytest.raises(sd.ContractError):
        sd.to_zarr(simple.drop_vars("row"), path)
    assert not os.listdir(path.parent)


def test_a_missing_store_is_named(path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no store at .*data.zarr; write one with"):
        sd.open_zarr(path)


def test_stores_of_zarr_v2_are_told_apart(path: Path) -> None:
    zarr.open_group(path, mode="w", zarr_format=2)
    with pytest.raises(sd.ContractError, match=r"is a zarr v2 store; expected .* in zarr v3"):
        sd.open_zarr(path)


def test_a_folder_that_is_no_store_is_told_apart(path: Path) -> None:
    path.mkdir()
    with pytest.raises(sd.ContractError, match="is not a zarr v3 store"):
        sd.open_zarr(path)


@pytest.mark.parametrize(("version", "found"), [("0", "'0'"), (None, "none")])
def test_stores_of_another_contract_are_refused(
    simple: xr.Dataset, path: Path, version: str | None, found: str
) -> None:
    sd.to_zarr(simple, path)
    group = zarr.open_group(path)
    attrs = {k: v for k, v in group.attrs.items() if k != "seqdata_contract"}
    group.attrs.put(attrs if version is None else {**attrs, "seqdata_contract": version})
    with pytest.warns(match="Consolidated metadata"):
        zarr.consolidate_metadata(path)
    with pytest.raises(
        sd.ContractError, match=f"contract version '{CONTRACT_VERSION}'; found {found}"
    ):
        sd.open_zarr(path)
