"""What a user sees of a Dataset: letters, a short table, ragged rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

import seqdata as sd


def test_letters_are_the_codes(simple: xr.Dataset) -> None:
    letters = sd.chars(simple, "seq")
    assert letters.dims == ("_sequence", "_length")
    assert letters.values.tobytes() == simple["seq"].values.tobytes()


def test_letters_of_a_slice_are_those_of_the_slice(simple: xr.Dataset) -> None:
    part = simple.isel(_sequence=[4, 1], _length=slice(1, None, 2))
    assert (sd.chars(part, "seq").values == sd.chars(simple, "seq").values[[4, 1], 1::2]).all()


def test_letters_of_numbers_are_refused(simple: xr.Dataset) -> None:
    with pytest.raises(
        ValueError, match=r"'activity' must hold ASCII codes \(uint8\); found float32"
    ):
        sd.chars(simple, "activity")


def test_ragged_rows_follow_a_selection(ragged: xr.Dataset) -> None:
    rows = sd.ragged(ragged.isel(_sequence=[6, 2, 0]), "seq")
    assert [row.tobytes() for row in rows] == [b"TTTT", b"", b"ACG"]
    values = sd.ragged(ragged.isel(_sequence=[1, 5]), "reactivity")
    np.testing.assert_array_equal(np.concatenate(list(values)), np.array([np.nan, 11, 12], "f4"))


def test_rows_of_one_length_are_not_ragged(simple: xr.Dataset) -> None:
    with pytest.raises(ValueError, match="'seq' must be ragged"):
        sd.ragged(simple, "seq")


@pytest.mark.parametrize("look", [sd.chars, sd.ragged])
def test_a_variable_that_is_not_there_is_named(simple: xr.Dataset, look: Callable) -> None:
    with pytest.raises(ValueError, match="no variable 'sequence'; it has row, seq, activity"):
        look(simple, "sequence")


def test_head_shows_letters_and_one_value_columns(simple: xr.Dataset) -> None:
    table = sd.head(simple, 2)
    assert table["seq"].tolist() == [row.tobytes().decode() for row in simple["seq"].values[:2]]
    assert {"row", "activity", "tissue", "id", "split"} <= set(table)
    assert "covered" not in table
    assert len(table) == 2


def test_head_shows_ragged_letters_but_not_their_places(ragged: xr.Dataset) -> None:
    table = sd.head(ragged.assign(insert_size=("_sequence", np.arange(7))))
    assert table["seq"].tolist() == ["ACG", "T", "", "GGGGG", "NN"]
    assert list(table) == ["row", "seq", "half_life", "insert_size"]


def test_head_shows_no_letters_for_counts_of_samples() -> None:
    """Counts of up to 255 are uint8 too."""
    counts = np.array([[65, 66], [67, 68]], "u1")
    ds = xr.Dataset(
        {"row": ("_sequence", [0, 1]), "reads": (("_sequence", "reads_sample"), counts)}
    )
    assert list(sd.head(ds)) == ["row"]


def test_head_shows_a_second_sequence_beside_the_first(simple: xr.Dataset) -> None:
    """Such as a barcode, whose extent is its own."""
    barcodes = np.frombuffer(b"ACGTAC" * 7, "u1").reshape(7, 6)
    table = sd.head(simple.assign(barcode=(("_sequence", "barcode_length"), barcodes)))
    assert table["barcode"].tolist() == ["ACGTAC"] * 5
    assert len(table["seq"][0]) == 12


def test_head_hides_which_variants_lie_in_a_row() -> None:
    stretch = {
        f"{stem}_{part}": ("_sequence", [0])
        for stem in ("hap", "my")
        for part in ("first", "count")
    }
    ds = xr.Dataset({"row": ("_sequence", [0]), "hap_ref": ("hap_variant", ["A"]), **stretch})
    assert list(sd.head(ds)) == ["row", "my_first", "my_count"]


def test_head_shortens_long_letters_in_the_middle() -> None:
    codes = np.frombuffer(b"A" * 50 + b"C" * 60, "u1").reshape(1, -1)
    shown = sd.head(xr.Dataset({"seq": (("_sequence", "_length"), codes)}))["seq"][0]
    assert len(shown) == 48  # pandas cuts at 50
    assert shown.strip("AC") == "…"
    assert shown.startswith("AAA")
    assert shown.endswith("CCC")


def test_head_of_data_without_rows_is_empty() -> None:
    assert sd.head(xr.Dataset({"motif_size": ("_motif", [3])})).empty
