"""Regions from files and tables, and the windows that are read for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqdata.regions import read_regions, region_variables, windows_of


def table(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"chrom": ["chr1"], "chromStart": [10], "chromEnd": [20]} | columns)


def windows(regions: pd.DataFrame, **options: Any) -> list[list[int]]:
    given = {"length": None, "center": "midpoint", "max_jitter": 0, **options}
    found = windows_of(read_regions(regions), **given)
    return found[["chromStart", "chromEnd"]].to_numpy().tolist()


def test_files_and_tables_give_the_same_regions(tmp_path: Path) -> None:
    path = tmp_path / "a.bed"
    path.write_text("chr1\t10\t20\tfirst\t5\t-\n")
    pd.testing.assert_frame_equal(
        read_regions(path),
        read_regions(table(name=["first"], score=[5], strand=["-"])),
        check_dtype=False,
    )


def test_the_table_of_the_user_is_not_changed() -> None:
    mine = table(name=[None], extra=[1]).set_index(pd.Index([7]))
    before = mine.copy()
    read_regions(mine)
    pd.testing.assert_frame_equal(mine, before)


def test_regions_without_a_strand_have_none() -> None:
    assert read_regions(table())["strand"].tolist() == ["."]


def test_contigs_may_be_numbers_or_categories() -> None:
    assert read_regions(table(chrom=[7]))["chrom"].tolist() == ["7"]
    assert read_regions(table(chrom=pd.Categorical(["X"])))["chrom"].tolist() == ["X"]


def test_missing_names_are_empty() -> None:
    regions = read_regions(table(name=[np.nan]))
    assert region_variables(regions, regions)["name"].values.tolist() == [""]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"chromStart": [1.5]},
            "'chromStart' of regions must hold whole numbers; the table has .*1.5",
        ),
        ({"chromEnd": [np.nan]}, "'chromEnd' of regions must hold whole numbers.*nan.* in row 0"),
        ({"chromEnd": ["x"]}, "'chromEnd' of regions must hold whole numbers.*'x'"),
        ({"summit": [0.5]}, "'summit' of regions must hold whole numbers"),
        ({"chromEnd": [2.0**60]}, "'chromEnd' of regions must hold whole numbers.*in row 0"),
    ],
    ids=["fraction", "missing", "text", "summit", "beyond 2**53"],
)
def test_coordinates_that_are_no_whole_numbers_are_named(columns: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_regions(table(**columns))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"chromStart": [-1]}, "'chromStart' .* starts of 0 or more.*; the table has -1 in row 0"),
        ({"strand": ["fwd"]}, r"'strand' .* hold \+ - or \.; the table has 'fwd' in row 0"),
        ({"summit": [9]}, "'summit' .* within the region, or -1; the table has 9 in row 0"),
        ({"summit": [20]}, "the table has 20 in row 0"),
        (
            {"score": ["high"]},
            "'score' of regions must hold numbers; the table has 'high' in row 0",
        ),
    ],
    ids=["start", "strand", "summit before", "summit behind", "score"],
)
def test_a_table_is_held_to_the_rules_of_files(columns: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_regions(table(**columns))


def test_scores_may_be_missing_as_in_files() -> None:
    scores = [".", "7", None, "NA", 8]
    regions = read_regions(pd.concat([table(score=[score]) for score in scores]))
    found = region_variables(regions, regions)["score"].values
    np.testing.assert_array_equal(found, np.array([np.nan, 7, np.nan, np.nan, 8], "f4"))


def test_a_table_without_the_columns_is_told_what_it_has() -> None:
    odd = pd.DataFrame({"chromosome": ["chr1"], "chromStart": [0], "chromEnd": [5]})
    with pytest.raises(
        ValueError, match=r"has no chrom \(it has chromosome, chromStart, chromEnd\)"
    ):
        read_regions(odd)


def test_no_regions_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.bed"
    path.write_text("# nothing\n")
    with pytest.raises(ValueError, match=r"at least one region; .*a\.bed has none"):
        read_regions(path)


@pytest.mark.parametrize(
    ("options", "window"),
    [
        ({}, [10, 20]),
        ({"max_jitter": 3}, [7, 23]),
        ({"length": 4}, [13, 17]),
        ({"length": 5}, [12, 17]),
        ({"length": 30, "max_jitter": 1}, [-1, 31]),
    ],
    ids=str,
)
def test_windows_are_centred_and_widened_on_both_sides(options: Any, window: list[int]) -> None:
    assert windows(table(), **options) == [window]


def test_windows_around_summits_fall_back_on_the_middle() -> None:
    regions = table(summit=[11])
    regions = pd.concat([regions, table(summit=[-1])])
    assert windows(regions, length=4, center="summit") == [[9, 13], [13, 17]]


@pytest.mark.parametrize("length", [None, 4])
def test_regions_that_end_before_their_start_are_named(length: int | None) -> None:
    with pytest.raises(ValueError, match="must end after their start; found chr1:10-9"):
        windows(table(chromEnd=[9]), length=length)


def test_points_need_a_length() -> None:
    with pytest.raises(ValueError, match=r"found chr1:10-10. Pass length= if they are points"):
        windows(table(chromEnd=[10]))
    assert windows(table(chromEnd=[10]), length=2) == [[9, 11]]
    assert windows(table(chromEnd=[10]), max_jitter=2) == [[8, 12]]


def test_jitter_is_not_negative_and_length_positive() -> None:
    with pytest.raises(ValueError, match="max_jitter must not be negative; found -1 bp"):
        windows(table(), max_jitter=-1)
    with pytest.raises(ValueError, match="length must be at least 1 bp; found 0"):
        windows(table(), length=0)
