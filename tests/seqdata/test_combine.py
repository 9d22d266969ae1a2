"""Rows of several Datasets, columns by key, parts of the rows, labels: nothing may slip by a row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.seqdata.conftest import EXAMPLES, dense, planted, results, text, unequal, windows

import seqdata as sd
import seqpro as sp
from seqdata.combine import concat, select
from seqdata.keyed import join
from seqdata.labels import with_text_labels
from seqdata.overlaps import label_overlaps
from seqdata.testing import assert_conforms

# ---- join


def _keyed(*keys: str) -> xr.Dataset:
    n = len(keys)
    return xr.Dataset({"row": ("_sequence", np.arange(n)), "id": ("_sequence", text(*keys))})


@settings(deadline=None, max_examples=60)
@given(
    wanted=st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=9),
    offered=st.lists(st.sampled_from("abcdefg"), min_size=1, unique=True),
    as_numbers=st.booleans(),
    missing=st.sampled_from(["fill", "drop"]),
)
def test_values_go_to_the_rows_of_their_key_whatever_the_order(
    wanted, offered, as_numbers, missing
):
    """Case 47 of the spec: aligned by key, never by position."""
    ds, values = _keyed(*wanted).rename(id="key"), {key: ord(key) / 2 for key in offered}
    if as_numbers:
        ds["key"] = ("_sequence", np.array([ord(key) for key in wanted]))
    keys = [ord(key) for key in offered] if as_numbers else offered
    table = pd.DataFrame({"activity": list(values.values()), "code": keys})
    if missing == "drop" and not set(wanted) & set(offered):
        return
    found = join(ds, table, on={"key": "code"}, missing=missing)
    kept = [key for key in wanted if missing == "fill" or key in values]
    expected = [values.get(key, np.nan) for key in kept]
    np.testing.assert_array_equal(found["activity"].values, np.array(expected, "f4"))
    assert found["key"].values.tolist() == [ord(key) if as_numbers else key for key in kept]


def test_several_columns_can_be_the_key():
    ds = windows()
    table = pd.DataFrame(
        {
            "chrom": ["chr2", "chr1", "chr1"],
            "strand": ["-", "+", "-"],
            "speed": [1, 2, 3],
        }
    )
    found = join(ds, table, on=["chrom", "strand"], missing="fill")
    assert found["speed"].values.tolist() == [2, 1, -1, -1, 3, -1, 2]


def test_columns_get_the_types_of_the_contract_and_what_is_missing_its_mark():
    table = pd.DataFrame(
        {
            "id": ["a", "b"],
            "fraction": [0.5, np.nan],
            "count": [7, 2**40],
            "is_new": [True, False],
            "kind": pd.Categorical(["x", None]),
            "nullable": pd.array([3, None], dtype="Int64"),
            "position": [248956421.0, np.nan],
            "fold": [1, 2],
            "score": [5, 6],
        }
    )
    whole = join(_keyed("b", "a"), table, on="id")
    filled = join(_keyed("b", "z", "a"), table, on="id", missing="fill")
    expected = {
        "fraction": ("float32", [np.nan, np.nan, 0.5]),
        "count": ("int64", [2**40, -1, 7]),
        "is_new": ("int8", [0, -1, 1]),
        "kind": ("object", ["", "", "x"]),
        "nullable": ("int64", [-1, -1, 3]),
        "position": ("int64", [-1, -1, 248956421]),
        "fold": ("int16", [2, -1, 1]),
        "score": ("float32", [6, np.nan, 5]),
    }
    for name, (dtype, values) in expected.items():
        assert filled[name].dtype == dtype, name
        assert whole[name].dtype == ("bool" if name == "is_new" else dtype), name
        if dtype == "object":
            assert filled[name].values.tolist() == values
        else:
            np.testing.assert_array_equal(filled[name].values, values, err_msg=name)
            np.testing.assert_array_equal(whole[name].values, [values[0], values[2]], err_msg=name)
    assert_conforms(filled)


def test_labels_in_a_store_can_be_the_key_in_either_form(tmp_path):
    sd.to_zarr(windows(), tmp_path / "a.zarr")
    table = pd.DataFrame({"chrom": ["chr2", "chr1"], "copies": [2, 1]})
    for labels in ("text", "codes"):
        lazy = sd.open_zarr(tmp_path / "a.zarr", labels=labels)
        found = join(lazy, table, on="chrom")
        assert found["copies"].values.tolist() == [1, 2, 1, 2, 1, 2, 1]
        assert not found["seq"].variable._in_memory


@pytest.mark.parametrize(
    ("table", "arguments", "error", "message"),
    [
        ({"id": ["a", "a"], "x": [1, 2]}, {}, ValueError, r"must be unique; found id 'a' twice"),
        (
            {"id": ["a", None], "x": [1, 2]},
            {},
            ValueError,
            r"every row .* must have a key; row 1 has none",
        ),
        ({"id": ["a"], "x": [1]}, {}, ValueError, r"lacks 1 of 2, first id 'b'\. Pass missing="),
        (
            {"id": ["a", "b", "c"], "x": [1, 2, 3]},
            {"unused": "error"},
            ValueError,
            r"1 of 3 are not, first id 'c'",
        ),
        (
            {"id": [1, 2], "x": [1, 2]},
            {},
            TypeError,
            r"'id' must be of one type .*text in the data and num",
        ),
        ({"id": ["a", "b"], "row": [1, 2]}, {}, ValueError, r"must not have a column 'row'"),
        (
            {"key": ["a", "b"]},
            {},
            ValueError,
            r"on must name columns of the table; found no 'id' among key",
        ),
        ({"id": ["a", "b"]}, {"on": "name"}, ValueError, r"on must name variables .*'name'"),
        ({"id": ["a", "b"]}, {"on": []}, ValueError, r"on must name at least one"),
        ({"id": ["a"], "x": [-1]}, {"missing": "fill"}, ValueError, r"'x' must not hold -1"),
        (
            {"id": ["a", "b"], "x": pd.array([-1, None], dtype="Int64")},
            {},
            ValueError,
            r"'x' must not have both empty cells and -1",
        ),
        ({"id": ["z"], "x": [1]}, {"missing": "drop"}, ValueError, r"no rows selected"),
        (
            {"id": ["a", "b"], "split": ["train", "dev"]},
            {},
            ValueError,
            r"'split' must hold train.*'dev'",
        ),
        (
            {"id": ["a"]},
            {"missing": "ignore"},
            ValueError,
            r"missing must be 'error', 'fill' or 'drop'",
        ),
        ({"id": ["a"]}, {"unused": "drop"}, ValueError, r"unused must be 'ignore' or 'error'"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(table, arguments, error, message):
    with pytest.raises(error, match=message):
        join(_keyed("a", "b"), pd.DataFrame(table), **{"on": "id", **arguments})


def test_what_is_no_table_or_names_a_column_twice_is_refused():
    with pytest.raises(TypeError, match=r"must be a pandas DataFrame; found dict"):
        join(_keyed("a"), {"id": ["a"]}, on="id")
    twice = pd.DataFrame([["a", 1, 2]], columns=["id", "x", "x"])
    with pytest.raises(ValueError, match=r"names of their own; found 'x' twice"):
        join(_keyed("a"), twice, on="id")


@pytest.mark.parametrize(
    ("on", "message"),
    [("peak", r"'peak' is not there\. Where names differ: on="), ("score", r"'score' is float32")],
)
def test_a_key_that_the_data_lacks_is_told_with_the_way_to_name_it(on, message):
    with pytest.raises(ValueError, match=message):
        join(windows(), pd.DataFrame({"peak": ["a"], "score": [1.0]}), on=on)


@pytest.mark.parametrize("cell", [[1, 2], (1,), np.zeros(2), {"a": 1}])
def test_cells_that_hold_lists_do_not_become_text(cell):
    table = pd.DataFrame({"id": ["a", "b"], "x": pd.Series(["no", cell], dtype=object)})
    with pytest.raises(ValueError, match=r"column 'x' must have one value a row; .* in row 1"):
        join(_keyed("a", "b"), table, on="id")


def test_joining_leaves_the_dataset_and_the_table_as_they_were():
    ds, table = windows(), pd.DataFrame({"row": range(7), "x": range(7)})
    before, frame = ds.copy(deep=True), table.copy()
    join(ds, table, on="row")
    xr.testing.assert_identical(ds, before)
    pd.testing.assert_frame_equal(table, frame)


# ---- concat


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (dense(), r"parts must be several Datasets; found one\. Pass them in a list"),
        ([dense(), "a.zarr"], r"found 'a\.zarr'\. Open stores with seqdata\.open_zarr"),
    ],
)
def test_what_is_no_list_of_datasets_is_refused(parts, message):
    with pytest.raises(TypeError, match=message):
        concat(parts)


def _rows_of(ds: xr.Dataset) -> list[dict[str, object]]:
    """Every row as plain values: labels as text, ragged values and entries of long tables by row."""
    ds = ds.load()
    flat = {str(v.dims[0]) for v in ds.variables.values() if str(v.dims[0]).endswith("_value")}
    found = []
    for i, key in enumerate(ds["row"].values):
        row: dict[str, object] = {}
        for name, variable in ds.variables.items():
            dim = str(variable.dims[0])
            stem = dim.removesuffix("_value")
            if dim in flat:
                start, size = (int(ds[f"{stem}_{part}"].values[i]) for part in ("start", "size"))
                row[name] = variable.values[start : start + size].tolist()
            elif dim in ("_embedding", "_hit") and not str(name).endswith("_row"):
                mine = ds[f"{dim[1:]}_row"].values == key
                row[name] = variable.values[mine].tolist()
            elif (
                dim == "_sequence"
                and name != "row"
                and f"{str(name).rpartition('_')[0]}_value" not in flat
            ):
                row[name] = variable.values[i : i + 1].tolist()
        found.append(row)
    return found


STORED = [
    (name, form)
    for name in ("windows", "unequal", "planted")
    for form in ("codes", "dask", "mixed")
]


@pytest.mark.parametrize(("name", "form"), [*((name, "memory") for name in EXAMPLES), *STORED])
def test_every_row_is_as_it_was_in_its_part(tmp_path, name, form):
    """For everything that the contract can hold, in memory, lazy and on dask."""
    ds = EXAMPLES[name]()
    parts = [ds.isel(_sequence=[6, 2]), ds.isel(_sequence=slice(0, 0)), ds]
    expected = [row for part in parts for row in _rows_of(part)]
    if form != "memory":
        opened = []
        for i, part in enumerate(parts):
            sd.to_zarr(part, tmp_path / f"{i}.zarr")
            options = {"codes": {"labels": "codes"}, "dask": {"chunks": {}}}.get(form, {})
            if form == "mixed" and i % 2:
                options = {"labels": "codes"}
            opened.append(sd.open_zarr(tmp_path / f"{i}.zarr", **options))
        parts = opened
    found = concat(parts)
    sd.validate(found)
    if form in ("mixed", "codes"):
        wide = [v for v in found.variables.values() if v.ndim > 1 and v.dims[0] == "_sequence"]
        assert not any(v._in_memory for v in wide)
    if form == "dask":
        assert all(
            v.chunks for v in found.data_vars.values() if v.ndim > 1 and v.dims[0] == "_sequence"
        )
    coded = [
        any("flag_meanings" in v.attrs for v in ds.variables.values()) for ds in (found, parts[0])
    ]
    assert coded[0] == (form == "codes" and coded[1])
    for got, want in zip(_rows_of(with_text_labels(found)), expected, strict=True):
        np.testing.assert_equal(got, want)
    if form == "memory":
        assert_conforms(found)


@pytest.mark.parametrize(
    "index", [slice(2, 9), [8, 0, 3, 3], slice(None, None, -2), 5, -1, slice(4, 4)]
)
def test_lazily_joined_rows_are_those_that_are_asked_for(tmp_path, index):
    ds = dense()
    for i in range(2):
        sd.to_zarr(ds, tmp_path / f"{i}.zarr")
    found = concat([sd.open_zarr(tmp_path / f"{i}.zarr") for i in range(2)])
    whole = np.concatenate([ds["seq"].values] * 2)
    np.testing.assert_array_equal(found["seq"][index].values, whole[index])
    np.testing.assert_array_equal(found["seq"][index, 3:5].values, whole[index, 3:5])


def test_lazily_joined_data_are_loaded_in_batches_and_stored(tmp_path):
    ds = dense()
    for i in range(2):
        sd.to_zarr(ds, tmp_path / f"{i}.zarr")
    found = concat([sd.open_zarr(tmp_path / f"{i}.zarr") for i in range(2)])
    batches = [batch["seq"] for batch in sd.Loader(found, ["seq"], batch_size=3)]
    np.testing.assert_array_equal(np.concatenate(batches), np.concatenate([ds["seq"].values] * 2))
    back = sd.to_zarr(found, tmp_path / "both.zarr")
    np.testing.assert_array_equal(back["seq"].values, np.concatenate([ds["seq"].values] * 2))


def test_keys_that_are_unique_stay_and_others_are_raised_by_one_number():
    ds = planted()
    apart = concat([ds.isel(_sequence=slice(3, None)), ds.isel(_sequence=slice(0, 3))])
    assert apart["row"].values.tolist() == [30, 40, 50, 60, 0, 10, 20]
    assert sorted(apart["embedding_row"].values.tolist()) == [10, 30, 50, 50]
    again = concat([ds, ds])
    assert again["row"].values.tolist() == [*range(0, 70, 10), *range(61, 131, 10)]
    assert again["embedding_row"].values.tolist() == [50, 50, 10, 30, 111, 111, 71, 91]
    assert '"key_offsets": [0, 61]' in again.attrs["provenance"]


def test_rows_of_one_length_join_ragged_ones():
    """A part whose sequences happen to have one length must not stop the others."""
    rng = np.random.default_rng(0)
    even = xr.Dataset(
        {
            "row": ("_sequence", np.arange(2)),
            "seq": (("_sequence", "_length"), np.frombuffer(b"ACGTTT", "u1").reshape(2, 3)),
            "reactivity": (("_sequence", "_length"), rng.random((2, 3)).astype("f4")),
            "half_life": ("_sequence", np.ones(2, "f4")),
        }
    )
    found = concat([unequal(), even])
    words = [row.tobytes() for row in sd.ragged(found, "seq")]
    assert words == [b"ACG", b"T", b"", b"GGGGG", b"NN", b"AC", b"TTTT", b"ACG", b"TTT"]
    last = list(sd.ragged(found, "reactivity"))[-1]
    np.testing.assert_array_equal(last, even["reactivity"].values[1])
    assert_conforms(found)


def test_several_genomes_are_told_by_row():
    """What was one attribute each becomes a label, so that coordinates stay meaningful."""
    first, second = windows(), windows().assign_attrs(genome="sacCer2")
    found = concat([first, second])
    assert found["genome"].values.tolist() == ["sacCer3"] * 7 + ["sacCer2"] * 7
    assert "genome" not in found.attrs
    assert first.attrs["genome"] == "sacCer3"
    third = concat([found, first])
    assert third["genome"].values.tolist() == [*found["genome"].values, *["sacCer3"] * 7]
    assert concat([first, first]).attrs["genome"] == "sacCer3"


@pytest.mark.parametrize(
    ("first", "change", "message"),
    [
        (
            dense,
            lambda ds: ds.drop_vars("id"),
            r"same variables; 'id' is in part 0 and not in part 1",
        ),
        (dense, lambda ds: ds.assign(z=ds["fold"]), r"'z' is in part 1 and not in part 0"),
        (
            dense,
            lambda ds: ds.isel(_length=slice(3, 9)),
            r"'seq' .* found lengths 12 in part 0 and 6 in part 1",
        ),
        (
            dense,
            lambda ds: ds.assign(is_active=ds["activity"]),
            r"'is_active' must have one type .* int8 in part 0 and float32 in part 1",
        ),
        (
            dense,
            lambda ds: ds.assign(covered=ds["fold"]),
            r"'covered' must have the same dimensions",
        ),
        (
            windows,
            lambda ds: ds.assign_coords(cuts_sample=text("a", "b")),
            r"'cuts_sample' must be the same",
        ),
        (
            results,
            lambda ds: ds.assign_coords(_target=text("a", "b", "c")),
            r"'_target' must be the same",
        ),
        (windows, lambda ds: ds.assign_attrs(max_jitter=1), r"one jitter room .*found \[1, 2\]"),
        (windows, lambda ds: ds.drop_attrs().assign_attrs(max_jitter=2), r"must say its genome"),
        (
            unequal,
            lambda ds: ds.assign(seq=ds["seq"].assign_attrs(alphabet="DNA")),
            r"alphabet of variable 'seq' .*'RNA' in part 0 and 'DNA' in part 1",
        ),
    ],
)
def test_parts_that_disagree_are_refused_by_name(first, change, message):
    with pytest.raises(ValueError, match=message):
        concat([first(), change(first())])


def test_nothing_is_no_dataset():
    with pytest.raises(ValueError, match=r"at least one Dataset"):
        concat([])


# ---- select


def test_rows_split_and_values_must_all_hold():
    ds = dense()
    chosen = select(ds, rows=[6, 4, 1, 0], split="train", where={"fold": [0, 1, 6]})
    assert chosen["row"].values.tolist() == [60, 0]
    assert select(ds, where={"tissue": "100%"})["row"].values.tolist() == [10, 50]
    assert select(ds, where={"tissue": ""})["row"].values.tolist() == [20]


def test_lazy_rows_are_selected_by_labels_in_either_form(tmp_path):
    sd.to_zarr(dense(), tmp_path / "a.zarr")
    for labels in ("text", "codes"):
        lazy = sd.open_zarr(tmp_path / "a.zarr", labels=labels)
        found = select(lazy, split="val", where={"tissue": "100%"})
        assert found["row"].values.tolist() == [10, 50]
        assert not lazy["seq"].variable._in_memory


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, r"select needs rows=, split= or where="),
        ({"where": {"tissue": "lung"}}, r"found none whose 'tissue' is 'lung'"),
        ({"where": {"tissue": "lung"}}, r"among 7, which have 'left eye', '100%', .* \.\.\."),
        ({"where": {"tissue": "a_b"}, "rows": [0]}, r"among 1, which have 'left eye'$"),
        ({"where": {"seq": 1}}, r"one value a row; 'seq' has \('_sequence', '_length'\)"),
        ({"where": {"organ": 1}}, r"there is no 'organ'"),
        ({"rows": [99]}, r"rows must be positions below 7"),
    ],
)
def test_a_selection_of_nothing_is_an_error(arguments, message):
    with pytest.raises(ValueError, match=message):
        select(dense(), **arguments)


# ---- labels


def _naive(ds: xr.Dataset, peaks: pd.DataFrame, fraction: float) -> list[int]:
    """Count covered bases one by one."""
    covered = {
        (chrom, place)
        for chrom, start, end in zip(
            peaks["chrom"], peaks["chromStart"], peaks["chromEnd"], strict=True
        )
        for place in range(start, end)
    }
    labels = []
    for chrom, start, end in zip(
        *(ds[n].values for n in ("chrom", "chromStart", "chromEnd")), strict=True
    ):
        count = sum((chrom, place) in covered for place in range(start, end))
        labels.append(int(count >= 1 and count >= fraction * (end - start)))
    return labels


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), fraction=st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_every_row_has_one_label_also_where_regions_repeat(seed, fraction):
    """D13: labels of repeated regions were collapsed, so that they no longer fitted the rows."""
    rng = np.random.default_rng(seed)
    sets = {}
    for name in ("liver", "brain"):
        starts = rng.integers(0, 700, 12)
        sets[name] = pd.DataFrame(
            {
                "chrom": rng.choice(["chr1", "chr2"], 12),
                "chromStart": starts,
                "chromEnd": starts + rng.integers(1, 9, 12),
            }
        )
    ds = windows().isel(_sequence=rng.integers(0, 7, 9)).assign(row=("_sequence", np.arange(9)))
    found = label_overlaps(ds, sets, fraction=fraction)
    assert found["_target"].values.tolist() == ["liver", "brain"]
    each = label_overlaps(ds, sets, fraction=fraction, variable=None)
    for name, peaks in sets.items():
        assert found["overlaps"].sel(_target=name).values.tolist() == _naive(ds, peaks, fraction)
        assert each[name].values.tolist() == _naive(ds, peaks, fraction)


def test_windows_can_be_labelled_and_peaks_be_files(tmp_path):
    """Window 0 is -2..10 and the peak covers 4 of its 12 bases; region 0 is 0..8 and half covered."""
    (tmp_path / "a.bed").write_text("chr1\t0\t4\n")
    ds = windows()
    assert label_overlaps(ds, tmp_path / "a.bed")["overlaps"].values.tolist() == [1] + [0] * 6
    found = label_overlaps(ds, tmp_path / "a.bed", window=True, variable="is_open")
    assert found["is_open"].values.tolist() == [0] * 7
    assert '"a.bed"' in found.attrs["provenance"]
    assert_conforms(found)


def test_real_peaks_overlap_themselves(mirror: Path):
    path = mirror / "region_fixtures" / "yeast_sacCer3_atac" / "SRR1822137.hmmratac.narrowPeak"
    peaks = sp.bed.read_bed(path)
    ds = xr.Dataset(
        {
            "row": ("_sequence", np.arange(len(peaks))),
            "chrom": ("_sequence", peaks["chrom"].to_numpy(dtype=object)),
            "chromStart": ("_sequence", peaks["chromStart"].to_numpy()),
            "chromEnd": ("_sequence", peaks["chromEnd"].to_numpy()),
        }
    )
    assert label_overlaps(ds, path, fraction=1.0)["overlaps"].values.sum() == len(peaks) == 1605


@pytest.mark.parametrize(
    ("ds", "peaks", "arguments", "error", "message"),
    [
        (dense(), {}, {}, ValueError, r"peaks must name at least one set"),
        (
            dense(),
            {"a": "a.bed"},
            {"fraction": 2},
            ValueError,
            r"fraction must be a number from 0 to 1",
        ),
        (
            dense(),
            {"a": "a.bed"},
            {"min_bp": 0},
            ValueError,
            r"min_bp must be a whole number, at least 1",
        ),
        (dense(), None, {"variable": None}, ValueError, r"set without a name"),
        (dense(), pd.DataFrame(), {}, ValueError, r"must have regions .*found no 'chrom'"),
        (windows(), pd.DataFrame(), {}, ValueError, r"must have columns chrom"),
        (
            windows(),
            pd.DataFrame({"chrom": ["1"], "chromStart": [0], "chromEnd": [5]}),
            {},
            ValueError,
            r"name contigs by different conventions",
        ),
        (
            windows(),
            pd.DataFrame({"chrom": ["chr1"], "chromStart": [0], "chromEnd": [5]}),
            {"variable": "score"},
            ValueError,
            r"has 'score' already",
        ),
    ],
)
def test_labels_that_cannot_be_are_refused(ds, peaks, arguments, error, message):
    with pytest.raises(error, match=message):
        label_overlaps(ds, peaks, **arguments)


def test_sets_of_peaks_without_names_are_refused():
    with pytest.raises(TypeError, match=r"Several sets need names: \{'liver': 'liver.bed'"):
        label_overlaps(windows(), ["a.bed", "b.bed"])


@pytest.mark.parametrize("where", ["chr1", xr.DataArray([True, False])])
def test_a_condition_in_the_place_of_values_is_told_where_to_go(where):
    with pytest.raises(TypeError, match=r"A condition goes to rows, such as rows=ds"):
        select(windows(), where=where)


def test_other_targets_are_not_renamed():
    peaks = pd.DataFrame({"chrom": ["chr1"], "chromStart": [0], "chromEnd": [5]})
    ds = windows().assign(y=(("_sequence", "_target"), np.zeros((7, 1), "f4")))
    ds = ds.assign_coords(_target=text("K562"))
    with pytest.raises(ValueError, match=r"must be the targets that the data has \(\['K562'\]\)"):
        label_overlaps(ds, {"liver": peaks})
    assert label_overlaps(ds, {"K562": peaks})["overlaps"].sizes["_target"] == 1
