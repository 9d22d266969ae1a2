"""Laws of the contract: what selecting, sorting and joining rows leaves whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import zarr

import seqdata as sd
from seqdata.testing import assert_conforms, assert_same_rows

SELECTIONS = {
    "slice": slice(2, 5),
    "mask": np.array([True, False, True, True, False, False, True]),
    "one": [3],
    "none": [],
    "permutation": [4, 0, 6, 2, 1, 5, 3],
}


def by_key(ds: xr.Dataset) -> dict[int, dict[str, Any]]:
    """Every row's values by its key, ragged rows and long tables included."""
    ds = ds.load()
    out: dict[int, dict[str, Any]] = {int(key): {} for key in ds["row"].values}
    for name, variable in ds.data_vars.items():
        if str(name) in ("seq_start", "seq_size", "row"):
            continue
        if variable.dims[:1] == ("seq_value",):
            values: Any = list(sd.ragged(ds, str(name)))
        elif variable.dims[:1] == ("_sequence",):
            values = variable.values
        else:
            continue
        for key, value in zip(ds["row"].values, values, strict=True):
            out[int(key)][str(name)] = value
    for key, values in out.items():
        if "embedding_row" in ds:
            held = ds["embedding_row"].values == key
            values["embedding_motif"] = ds["embedding_motif"].values[held]
    return out


def assert_rows_kept(result: xr.Dataset, original: xr.Dataset) -> None:
    expected = by_key(original)
    for key, values in by_key(result).items():
        for name, value in values.items():
            np.testing.assert_array_equal(value, expected[key][name], err_msg=f"{name} of {key}")


def test_every_kind_of_data_survives_a_store(example: xr.Dataset) -> None:
    assert_conforms(example)


@pytest.mark.parametrize("chosen", SELECTIONS.values(), ids=SELECTIONS)
def test_selected_rows_keep_their_values_and_the_contract(example: xr.Dataset, chosen: Any) -> None:
    result = example.isel(_sequence=chosen)
    sd.validate(result)
    assert_rows_kept(result, example)


def test_no_rows_at_all_survive_a_store(example: xr.Dataset) -> None:
    assert_conforms(example.isel(_sequence=[]))


def test_sorting_keeps_the_contract(example: xr.Dataset) -> None:
    order = np.random.default_rng(0).permutation(example.sizes["_sequence"])
    shuffled = example.isel(_sequence=order)
    result = shuffled.sortby(shuffled["row"])
    assert (np.diff(result["row"]) > 0).all()
    sd.validate(result)
    assert_rows_kept(result, example)


def test_joined_parts_are_the_whole_again(example: xr.Dataset) -> None:
    parts = [example.isel(_sequence=part) for part in ([5, 1], slice(2, 5), [0, 6])]
    assert_rows_kept(sd.concat(parts), example)
    result = xr.concat(parts, dim="_sequence", data_vars="minimal")
    assert_conforms(result)
    assert_rows_kept(result, example)
    assert sorted(result["row"].values) == sorted(example["row"].values)
    assert result.sizes == example.sizes


def test_joined_parts_of_a_store_are_the_whole_again(example: xr.Dataset, tmp_path: Path) -> None:
    stored = sd.to_zarr(example, tmp_path / "a.zarr")
    parts = [stored.isel(_sequence=slice(4, None)), stored.isel(_sequence=slice(0, 4))]
    assert_rows_kept(xr.concat(parts, dim="_sequence", data_vars="minimal"), example)


def test_the_same_rows_joined_twice_are_refused(simple: xr.Dataset) -> None:
    twice = xr.concat([simple, simple.isel(_sequence=[2])], dim="_sequence", data_vars="minimal")
    with pytest.raises(sd.ContractError, match="'row' must be unique; found 20 2 times"):
        sd.validate(twice)


def test_long_tables_joined_along_rows_are_refused_with_the_way_out(
    with_planted: xr.Dataset,
) -> None:
    parts = [with_planted.isel(_sequence=[0]), with_planted.isel(_sequence=[1])]
    wrong = xr.concat(parts, dim="_sequence", data_vars="all")
    with pytest.raises(sd.ContractError, match=r"embedding_row.*data_vars='minimal'"):
        sd.validate(wrong)


def test_selecting_with_where_is_refused_with_the_way_out(simple: xr.Dataset) -> None:
    with pytest.raises(
        sd.ContractError, match=r"'row' \(_sequence\) must have type int64; found float64.*isel"
    ):
        sd.validate(simple.where(simple["activity"] > 0, drop=True))


def test_same_rows_are_told_from_others(simple: xr.Dataset) -> None:
    assert_same_rows(simple, simple.isel(_sequence=[3, 1, 2, 0, 6, 5, 4]))
    other = simple.assign(activity=simple["activity"] + 1)
    with pytest.raises(AssertionError):
        assert_same_rows(simple, other)


def test_the_input_of_annotate_stays_as_it_was(simple: xr.Dataset) -> None:
    sd.annotate(simple)
    assert not simple.attrs
    assert not simple["row"].attrs


def _as_draft(path: Path) -> None:
    """Make a store say that it is of the drafts before version 1."""
    zarr.open_group(path, mode="r+").attrs["seqdata_contract"] = "1-draft"
    with pytest.warns(UserWarning, match="Consolidated metadata"):
        zarr.consolidate_metadata(path)


def test_a_store_of_a_draft_is_refused_and_can_be_written_anew(
    example: xr.Dataset, tmp_path: Path
) -> None:
    """Drafts were never released; one that happens to fit version 1 is checked and written as such."""
    sd.to_zarr(example, tmp_path / "old.zarr")
    _as_draft(tmp_path / "old.zarr")
    with pytest.raises(
        sd.ContractError, match=r"contract version '1'; found '1-draft'\. Rebuild it"
    ):
        sd.open_zarr(tmp_path / "old.zarr")
    old = xr.open_zarr(tmp_path / "old.zarr", decode_times=False)
    with pytest.raises(sd.ContractError, match="must follow contract version '1'; found '1-draft'"):
        sd.to_zarr(old, tmp_path / "new.zarr")
    new = sd.to_zarr(old.assign_attrs(seqdata_contract="1"), tmp_path / "new.zarr")
    xr.testing.assert_identical(new.drop_attrs().load(), example.drop_attrs())
    assert_conforms(new.load())


DAMAGE: dict[str, Callable[[xr.Dataset], xr.Dataset]] = {
    "activity": lambda ds: ds.assign(activity=ds["activity"].round()),
    "'reads'": lambda ds: ds.assign(activity=ds["activity"].assign_attrs(units="reads")),
    "max_jitter": lambda ds: ds.drop_attrs(deep=False),
    "fold": lambda ds: ds[[name for name in ds.data_vars if name != "fold"]].assign(
        fold=ds["fold"]
    ),
    "extra": lambda ds: ds.assign(extra=ds["fold"]),
    "tissue": lambda ds: ds.assign(tissue=ds["tissue"].copy(data=ds["tissue"].values[::-1])),
    "seq": lambda ds: ds.assign(seq=ds["seq"][:, ::-1]),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_change_on_the_way_to_a_store_is_noticed(
    simple: xr.Dataset, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Of a value, an attribute, the order of variables, or their number."""
    whole = simple.assign_attrs(max_jitter=2)
    whole["activity"].attrs["units"] = "log2"
    assert_conforms(whole)
    monkeypatch.setattr(
        "seqdata.testing.to_zarr", lambda ds, path: sd.to_zarr(DAMAGE[what](ds), path)
    )
    with pytest.raises(AssertionError, match=what if what != "'reads'" else "units"):
        assert_conforms(whole)


@pytest.mark.parametrize("attrs", [{"units": "hours"}, {"units": "days since 2000-01-01"},
    {"scale_factor": 2.0}, {"missing_value": 3.0}, {"_FillValue": 0.0}], ids=str)  # fmt: skip
def test_attributes_that_other_formats_act_on_change_no_value(
    simple: xr.Dataset, attrs: dict[str, Any]
) -> None:
    assert_conforms(simple.assign(y=("_sequence", np.arange(7, dtype="f4"), attrs)))
