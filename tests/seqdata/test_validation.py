"""Every breach of the contract is named: the variable, what was expected, what was found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import seqdata as sd

N = 3
ROW = ("_sequence", np.arange(N))


def labels(*words: object) -> tuple[str, np.ndarray]:
    return ("_sequence", np.array(words, dtype=object))


def numbers(*values: float, dtype: str = "i8") -> tuple[str, np.ndarray]:
    return ("_sequence", np.array(values, dtype=dtype))


BREACHES = {
    "no key": ({"x": numbers(0, 0, 0)}, "must have a variable 'row'.*found none"),
    "key twice": ({"row": numbers(4, 5, 4)}, "'row' must be unique; found 4 2 times"),
    "key as float": ({"row": numbers(0, 1, 2, dtype="f8")}, r"'row' .* type int64; found float64"),
    "start as int32": (
        {"row": ROW, "chromStart": numbers(1, 2, 3, dtype="i4")},
        r"'chromStart' .* must have type int64; found int32",
    ),
    "target as float64": (
        {"row": ROW, "activity": numbers(1, 2, 3, dtype="f8")},
        r"'activity' .*float32.*found float64. Convert it with astype",
    ),
    "contig by position": (
        {"row": ROW, "chrom": (("_sequence", "_length"), np.zeros((N, 2), "u1"))},
        r"'chrom' must have dimensions \(_sequence\); found \(_sequence, _length\)",
    ),
    "axes in another order": (
        {"row": ROW, "onehot": (("_sequence", "_length", "_ohe"), np.zeros((N, 5, 4), "f4"))},
        r"'onehot' has dimensions \(_sequence, _length, _ohe\), which no variable",
    ),
    "attributions with letters last": (
        {"row": ROW, "attributions_ism": (("_sequence", "_length", "_ohe"), np.zeros((N, 5, 4)))},
        r"'attributions_ism' must have dimensions \(_sequence, _target\?, _ohe, _length\); found",
    ),
    "unknown reserved dimension": (
        {"row": ROW, "x": (("_sequence", "_position"), np.zeros((N, 2), "f4"))},
        "dimension '_position' must be one of the contract's: _sequence, _length",
    ),
    "split of another name": (
        {"row": ROW, "split": labels("train", "validation", "test")},
        "'split' must hold train, val, test, unused; found 'validation'",
    ),
    "strand as number": (
        {"row": ROW, "strand": labels("+", "1", "-")},
        r"'strand' must hold \+, -, \.; found '1'",
    ),
    "region backwards": (
        {"row": ROW, "chromStart": numbers(0, 9, 0), "chromEnd": numbers(5, 5, 5)},
        "'chromEnd' must not be before 'chromStart'; found 9 to 5 at position 1",
    ),
    "window backwards": (
        {"row": ROW, "windowStart": numbers(0, 0, -2), "windowEnd": numbers(5, 5, -3)},
        "'windowEnd' must not be before 'windowStart'; found -2 to -3 at position 2",
    ),
    "missing label": (
        {"row": ROW, "tissue": labels("a", None, "b")},
        "'tissue' must hold text only, '' where it is missing; found mixed",
    ),
    "numbers in text": ({"row": ROW, "id": labels("a", 3, "b")}, "'id' must hold text only"),
    "all missing": ({"row": ROW, "id": labels(None, None, None)}, "'id' must hold text only"),
    "name with a slash": ({"row": ROW, "RNA/DNA": numbers(1, 2, 3)}, "without '/'.*'RNA/DNA'"),
    "name with a leading dot": ({"row": ROW, ".x": numbers(1, 2, 3)}, "begin with '.'.*'.x'"),
    "name that is a number": ({"row": ROW, 5: numbers(1, 2, 3)}, "must be text.*found 5"),
}


@pytest.mark.parametrize(("variables", "message"), BREACHES.values(), ids=BREACHES)
def test_a_breach_is_named(variables: dict, message: str) -> None:
    with pytest.raises(sd.ContractError, match=message):
        sd.validate(xr.Dataset(variables))


def ragged(starts: list[int], sizes: list[int]) -> xr.Dataset:
    return xr.Dataset(
        {
            "row": ("_sequence", np.arange(len(starts))),
            "seq": ("seq_value", np.zeros(10, "u1")),
            "seq_start": ("_sequence", np.array(starts)),
            "seq_size": ("_sequence", np.array(sizes)),
        }
    )


@pytest.mark.parametrize(
    ("starts", "sizes"), [([0, 8], [3, 3]), ([-1, 0], [1, 1]), ([0, 4], [1, -1])], ids=str
)
def test_ragged_rows_must_stay_within_their_values(starts: list[int], sizes: list[int]) -> None:
    with pytest.raises(sd.ContractError, match="must stay within the 10 places of 'seq_value'"):
        sd.validate(ragged(starts, sizes))


def test_ragged_rows_may_overlap_and_leave_gaps() -> None:
    sd.validate(ragged([5, 0, 5, 10], [5, 2, 1, 0]))


@pytest.mark.parametrize("part", ["seq_start", "seq_size"])
def test_ragged_values_need_starts_and_sizes(part: str) -> None:
    with pytest.raises(sd.ContractError, match=f"'seq_value' must have a variable '{part}'"):
        sd.validate(ragged([0], [1]).drop_vars(part))


def test_ragged_starts_are_whole_numbers() -> None:
    ds = ragged([0], [1]).assign(seq_start=("_sequence", np.array([0.0])))
    with pytest.raises(sd.ContractError, match=r"'seq_start' .* must have type int64"):
        sd.validate(ds)


def test_a_variable_that_only_ends_like_a_ragged_one_is_free() -> None:
    insert = ("_sequence", np.array([1.5, 2, 3], "f4"))
    sd.validate(xr.Dataset({"row": ROW, "insert_size": insert, "translation_start": insert}))


def test_data_of_another_contract_version_is_refused() -> None:
    ds = xr.Dataset({"row": ROW}, attrs={"seqdata_contract": "7"})
    with pytest.raises(sd.ContractError, match="version '1-draft'; found '7'"):
        sd.validate(ds)


def test_lazy_text_is_checked_when_it_is_written(tmp_path: Path) -> None:
    """A missing label must not turn into another label's code."""
    ds = xr.Dataset({"row": ROW, "tissue": labels("a", None, "b")}).chunk()
    with pytest.raises(sd.ContractError, match="'tissue' must hold text only"):
        sd.to_zarr(ds, tmp_path / "a.zarr")
    assert not list(tmp_path.iterdir())


def test_variables_outside_the_contract_are_the_users_own() -> None:
    own = xr.Dataset({"row": ROW, "grid": (("x", "y"), np.zeros((2, 2)))})
    sd.validate(own)
    assert "outside the contract" in sd.annotate(own)["grid"].attrs["description"]


def test_annotate_explains_every_variable_and_the_coordinates(example: xr.Dataset) -> None:
    out = sd.annotate(example)
    assert out.attrs["coordinate_system"] == "0-based half-open"
    assert all(out[name].attrs["description"] for name in out.data_vars)
    xr.testing.assert_equal(out, example)


def test_coded_labels_are_as_good_as_text() -> None:
    codes = (
        "_sequence",
        np.array([0, 1, 0], "i1"),
        {"flag_values": [0, 1], "flag_meanings": "+ -"},
    )
    sd.validate(xr.Dataset({"row": ROW, "strand": codes}))
    with pytest.raises(sd.ContractError, match=r"'strand' .* must have type label; found int8"):
        sd.validate(xr.Dataset({"row": ROW, "strand": codes[:2]}))
