"""Targets: told apart, and missing ones counted."""

from __future__ import annotations

import logging

import numpy as np
import pytest
import xarray as xr

from eugene.train.targets import read_targets, usable_rows


def data(**variables) -> xr.Dataset:
    return xr.Dataset({name: ("_sequence", np.asarray(v)) for name, v in variables.items()})


def test_classes_and_numbers_are_told_apart() -> None:
    ds = data(label=np.array([0, 1], np.int8), level=np.array([0.5, 2.0], np.float32))
    assert read_targets(ds, "label").task == "binary"
    assert read_targets(ds, "level").task == "regression"


def test_attribute_decides_over_the_type() -> None:
    ds = data(count=np.array([0, 1], np.int8))
    ds["count"].attrs["task"] = "regression"
    assert read_targets(ds, "count").task == "regression"


def test_several_variables_and_a_target_axis_give_named_columns() -> None:
    ds = data(a=np.array([1.0, 2], np.float32), b=np.array([3.0, 4], np.float32))
    assert read_targets(ds, ["a", "b"]).names == ("a", "b")
    wide = ds.assign(y=(("_sequence", "_target"), np.zeros((2, 2), np.float32)))
    wide = wide.assign_coords(_target=np.array(["dev", "hk"], object))
    assert read_targets(wide, "y").names == ("dev", "hk")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("nothing", "found no 'nothing' among label, level"),
        ("text", "target 'text' must be numbers"),
        (["label", "level"], "must be of one kind"),
        ("odd", "must hold 0 and 1"),
        ([], "at least one"),
    ],
)
def test_bad_targets_are_named(names, message: str) -> None:
    ds = data(
        label=np.array([0, 1], np.int8),
        level=np.array([0.5, 2.0], np.float32),
        text=np.array(["a", "b"], object),
        odd=np.array([0, 2], np.int8),
    )
    with pytest.raises(ValueError, match=message):
        read_targets(ds, names)


def missing() -> xr.Dataset:
    return data(
        a=np.array([1.0, np.nan, np.nan, 4], np.float32),
        b=np.array([1.0, 2, np.nan, 4], np.float32),
    )


@pytest.mark.parametrize(("policy", "kept"), [("drop", [0, 3]), ("mask", [0, 1, 3])])
def test_missing_targets_are_left_out_by_policy_and_counted_in_the_log(
    policy: str, kept: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    targets = read_targets(missing(), ["a", "b"])
    with caplog.at_level(logging.WARNING):
        assert usable_rows(targets, np.arange(4), policy, part="train").tolist() == kept
    assert f"train: dropped {4 - len(kept)} of 4 rows" in caplog.text


def test_missing_targets_can_be_an_error_that_names_the_place() -> None:
    targets = read_targets(missing(), ["a", "b"])
    with pytest.raises(ValueError, match="target 'a' must not be missing; found NaN at position 1"):
        usable_rows(targets, np.arange(4), "error", part="train")
    with pytest.raises(ValueError, match="must have rows with targets"):
        usable_rows(targets, np.array([2]), "drop", part="val")
    with pytest.raises(ValueError, match="'drop', 'mask' or 'error'; found 'skip'"):
        usable_rows(targets, np.arange(4), "skip", part="train")
