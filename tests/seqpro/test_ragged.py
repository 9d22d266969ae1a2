"""Ragged: rows of unequal length over one flat array."""

from __future__ import annotations

import copy
import pickle
import tracemalloc

import numpy as np
import pytest

from seqpro import Ragged
from seqpro.ragged import concatenate


@pytest.fixture
def rows():
    return Ragged.from_bytes([b"ACG", b"", b"TTTT", b"G"])


def words(rows):
    return [row.tobytes().decode() for row in rows]


def test_rows_come_back_as_they_went_in(rows):
    assert len(rows) == 4
    assert words(rows) == ["ACG", "", "TTTT", "G"]
    assert rows.to_strings() == ["ACG", "", "TTTT", "G"]
    assert rows.to_bytes() == [b"ACG", b"", b"TTTT", b"G"]
    assert rows.tolist() == [[65, 67, 71], [], [84] * 4, [71]]
    assert rows.dtype == "uint8"


def test_row_is_a_view_not_a_copy(rows):
    assert np.shares_memory(rows[2], rows.values)
    assert np.shares_memory(rows[::-1].values, rows.values)


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (slice(1, 3), ["", "TTTT"]),
        (slice(None, None, -2), ["G", ""]),
        ([3, 0, 0, -2], ["G", "ACG", "ACG", "TTTT"]),
        (np.array([True, False, False, True]), ["ACG", "G"]),
        ([True, False, False, True], ["ACG", "G"]),
        (np.array([3, 1], np.uint8), ["G", ""]),
        (slice(0, 0), []),
        ([], []),
    ],
)
def test_any_selection_and_order_of_rows(rows, index, expected):
    assert words(rows[index]) == expected


@pytest.mark.parametrize("index", [4, -5, [0, 9], (9, slice(None)), np.array([True, False])])
def test_row_that_is_not_there_is_an_index_error(rows, index):
    with pytest.raises(IndexError):
        rows[index]


def test_mask_of_another_length_is_named_with_both_lengths(rows):
    with pytest.raises(
        IndexError, match=r"a mask must have one entry for each of 4 rows; found 2$"
    ):
        rows[[True, False]]


@pytest.mark.parametrize("index", [1.0, "a", None, ..., True, [[0]], [0.5], np.ones((2, 2), bool)])
def test_what_is_no_row_is_refused_rather_than_guessed(rows, index):
    with pytest.raises(TypeError, match=r"rows must be a whole number, a slice, .* found"):
        rows[index]


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        ((slice(None), slice(1, 3)), ["CG", "", "TT", ""]),
        ((slice(None), slice(None, -1)), ["AC", "", "TTT", ""]),
        ((slice(None), slice(-2, None)), ["CG", "", "TT", "G"]),
        ((slice(None), slice(2, 1)), ["", "", "", ""]),
        (([2, 0], slice(0, 2)), ["TT", "AC"]),
        (([True, False, False, True], slice(None)), ["ACG", "G"]),
    ],
)
def test_rows_and_positions(rows, index, expected):
    assert words(rows[index]) == expected


def test_one_position_of_rows(rows):
    assert rows[[0, 2, 3], 0].tobytes() == b"ATG"
    assert rows[[0, 2, 3], -1].tobytes() == b"GTG"
    assert rows[[0, 2], np.int8(2)].tobytes() == b"GT"
    assert rows[0, 1] == ord("C")
    assert rows[0, ::-1].tobytes() == b"GCA"
    assert rows[:0, 5].shape == (0,)
    with pytest.raises(
        IndexError, match=r"every row must have position 0; found 0 values in row 1"
    ):
        rows[:, 0]
    with pytest.raises(
        IndexError, match=r"every row must have position -2; found 1 values in row 1"
    ):
        rows[[0, 3], -2]


def test_positions_that_cannot_be_taken_are_refused(rows):
    with pytest.raises(ValueError, match=r"positions of a Ragged must have step 1; found step -1"):
        rows[:, ::-1]
    with pytest.raises(TypeError, match=r"positions must be a slice or a whole number; found list"):
        rows[:, [0, 1]]
    with pytest.raises(TypeError, match=r"positions must be a slice or a whole number; found bool"):
        rows[:, True]
    with pytest.raises(IndexError, match=r"takes rows and positions, .* found 3 indices"):
        rows[:, :, 0]


def test_packing_drops_gaps_overlaps_and_order():
    packed = Ragged(np.arange(10), [6, 0, 1], [2, 3, 3]).packed()
    assert packed.values.tolist() == [6, 7, 0, 1, 2, 1, 2, 3]
    assert packed.starts.tolist() == [0, 2, 5]
    assert packed.packed() is packed
    assert packed.offsets.tolist() == [0, 2, 5, 8]


def test_packing_drops_values_of_no_row(rows):
    assert rows[:1].packed().values.tobytes() == b"ACG"
    assert rows[3:].packed().values.tobytes() == b"G"
    assert np.shares_memory(rows[1:3].packed().values, rows.values)
    assert rows[1:3].offsets.tolist() == [3, 3, 7]


@pytest.mark.parametrize("dtype", ["f4", "i8", "S1", "?"])
def test_any_type_of_value(dtype):
    values = np.arange(5).astype(dtype)
    padded = Ragged.from_sizes(values, [2, 3]).to_padded(3, values[0])
    assert padded.dtype == dtype
    assert padded.tolist() == [[*values[:2].tolist(), values[0].item()], values[2:].tolist()]


def test_missing_values_pad_a_track():
    padded = Ragged.from_sizes([1.5, 2.5, 3.5], [1, 2]).to_padded(2, np.nan, side="left")
    np.testing.assert_array_equal(padded, [[np.nan, 1.5], [2.5, 3.5]])


def test_empty_row_becomes_all_fill(rows):
    assert rows[1].size == 0
    assert words(rows[[1]].to_padded(2, ord("N"))) == ["NN"]
    assert rows[[1]].to_padded(0, 0).shape == (1, 0)
    assert rows[[1]].to_padded(None, 0).shape == (1, 0)
    assert rows[[1, 3]].to_padded(None, 0).tolist() == [[0], [71]]


def test_no_rows_at_all():
    empty = Ragged.from_bytes([])
    assert (len(empty), words(empty), len(empty.packed())) == (0, [], 0)
    assert empty.to_padded(3, 0).shape == (0, 3)
    assert empty.to_padded(None, 0).shape == (0, 0)
    assert repr(empty) == "Ragged of 0 rows, no letters (uint8)"
    assert empty.offsets.tolist() == [0]
    assert empty.sum().shape == empty.min().shape == empty[:, 2].shape == (0,)
    assert len(empty + 1) == len(concatenate([empty, empty], axis=1)) == 0


def test_one_hot_columns_and_several_tracks_have_axes_behind():
    onehot = Ragged(np.eye(4, dtype="f4"), [1, 0], [2, 4])
    assert onehot[0].tolist() == [[0, 1, 0, 0], [0, 0, 1, 0]]
    assert onehot[:, -1].tolist() == [[0, 0, 1, 0], [0, 0, 0, 1]]
    assert onehot.sum().tolist() == [[0, 1, 1, 0], [1, 1, 1, 1]]
    padded = onehot.to_padded(3, 0.25)
    assert padded.shape == (2, 3, 4)
    assert padded[0].tolist() == [[0, 1, 0, 0], [0, 0, 1, 0], [0.25] * 4]
    assert onehot.to_padded(3, [1, 2, 3, 4])[0, 2].tolist() == [1, 2, 3, 4]
    assert Ragged.from_padded(padded, 0.25).equals(onehot[:, :3])
    assert (onehot * [2, 3])[1][0].tolist() == [3, 0, 0, 0]


@pytest.mark.parametrize("shape", [(2, 3), (0, 3), (2, 0), (2, 3, 4)])
def test_dense_array_is_rows_of_one_size(shape):
    dense = np.arange(np.prod(shape)).reshape(shape)
    rows = Ragged.from_dense(dense)
    assert rows.sizes.tolist() == [shape[1]] * shape[0]
    np.testing.assert_array_equal(rows.to_padded(shape[1], -1), dense)


def test_dense_array_in_any_memory_order():
    dense = np.arange(6).reshape(2, 3)
    for array in (dense, np.asfortranarray(dense), np.repeat(dense, 2, axis=1)[:, ::2]):
        assert [row.tolist() for row in Ragged.from_dense(array)] == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(
    ("starts", "sizes", "row"),
    [
        ([0], [4], "row 0 with start 0 and size 4 of 3 values"),
        ([0, 3], [1, 1], "row 1 with start 3 and size 1"),
        ([-1], [1], "row 0 with start -1"),
        ([2], [-1], "row 0 with start 2 and size -1"),
        ([2**63 - 1], [1], "row 0 with start 9223372036854775807"),
        ([1], [2**63 - 1], "row 0 with start 1 and size 9223372036854775807"),
    ],
)
def test_offsets_outside_the_values_are_refused_by_row(starts, sizes, row):
    with pytest.raises(ValueError, match=f"must lie within the values; found {row}"):
        Ragged([1, 2, 3], starts, sizes)


@pytest.mark.parametrize(
    ("values", "starts", "sizes", "message"),
    [
        (1, [0], [1], r"values must have shape \(total, ...\); found the single value"),
        ([1, 2], [0, 1], [1], "starts and sizes must be as many; found 2 starts and 1 sizes"),
        ([1], 0, 1, r"starts must be a flat list of numbers; found shape \(\)"),
        ([1], [0], [[1]], r"sizes must be a flat list of numbers; found shape \(1, 1\)"),
        ([1], [2**63], [0], r"starts must be less than 2\*\*63; found 9223372036854775808"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(values, starts, sizes, message):
    with pytest.raises(ValueError, match=message):
        Ragged(values, starts, sizes)


def test_python_objects_are_no_values():
    with pytest.raises(
        TypeError, match=r"values must be numbers or letters; found object. .*as_ragged"
    ):
        Ragged(np.array([b"A", None]), [0], [1])


def test_broken_offsets_are_refused_not_rounded():
    with pytest.raises(TypeError, match="starts must be whole numbers; found float64"):
        Ragged([1, 2, 3], [0.5], [1])
    with pytest.raises(TypeError, match="sizes must be whole numbers; found float64"):
        Ragged([1, 2, 3], [0], [1.5])
    with pytest.raises(TypeError, match="sizes must be whole numbers; found bool"):
        Ragged.from_sizes([1, 2], [True, True])
    with pytest.raises(TypeError, match="sizes must be whole numbers; found float64"):
        Ragged.from_sizes([1, 2], [np.nan])
    with pytest.raises(TypeError, match="offsets must be whole numbers; found"):
        Ragged.from_offsets([1, 2], ["0", "2"])


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ([1, 1], "sizes must add up to the number of values, 3; found a sum of 2$"),
        ([2, 2], "found a sum of 4$"),
        ([], "found a sum of 0$"),
        ([2**62] * 4 + [3], f"found a sum of {2**64 + 3}$"),
        ([4, -1], "sizes must not be negative; found -1 in row 1$"),
    ],
)
def test_sizes_that_leave_values_over_or_want_more_are_refused(sizes, message):
    with pytest.raises(ValueError, match=message):
        Ragged.from_sizes([1, 2, 3], sizes)


@pytest.mark.parametrize(
    ("offsets", "found"),
    [
        ([], "found none"),
        ([0, 2, 1, 3], "found 2 to 1 for row 1"),
        ([-1, 2], "found -1 to 2 for row 0"),
        ([0, 3, 3, 4], "found 3 to 4 for row 2"),
        ([4], "found 4 for row 0"),
        ([-(2**63), 2**63 - 1], "found -9223372036854775808 to 9223372036854775807 for row 0"),
        ([[0, 1]], r"found shape \(1, 2\)"),
    ],
)
def test_offsets_that_are_none_are_refused_by_row(offsets, found):
    with pytest.raises(ValueError, match=f"offsets must .*{found}"):
        Ragged.from_offsets([1, 2, 3], offsets)


def test_offsets_may_leave_values_out_at_both_ends():
    rows = Ragged.from_offsets(np.arange(9), [2, 2, 5, 7])
    assert rows.tolist() == [[], [2, 3, 4], [5, 6]]
    assert rows.offsets.tolist() == [2, 2, 5, 7]


def test_rows_that_do_not_follow_each_other_have_no_offsets(rows):
    with pytest.raises(
        ValueError, match=r"offsets need rows that follow each other; .* packed\(\)"
    ):
        _ = rows[::-1].offsets


def test_starts_and_sizes_stay_as_they_were_checked():
    """Whatever is written elsewhere later, no row comes to reach outside the values."""
    starts, sizes = np.array([0, 1]), np.array([1, 2])
    kept = Ragged(np.arange(3), starts, sizes)
    starts[0] = sizes[0] = 10**12
    assert kept.tolist() == [[0], [1, 2]]
    with pytest.raises(ValueError, match="read-only"):
        kept.starts[0] = 10**12
    with pytest.raises(AttributeError, match="cannot assign to field 'values'"):
        kept.values = np.arange(1)


@pytest.mark.parametrize("shape", [(3,), ()])
def test_only_an_array_of_two_axes_or_more_is_dense_rows(shape):
    for build in (Ragged.from_dense, lambda array: Ragged.from_padded(array, 0)):
        with pytest.raises(
            ValueError, match=r"array must have shape \(n, length, ...\); found shape"
        ):
            build(np.zeros(shape))


def test_text_is_not_bytes():
    with pytest.raises(TypeError, match="words must be a list of bytes"):
        Ragged.from_bytes(["ACG"])


@pytest.mark.parametrize(
    ("length", "options", "message"),
    [
        (-1, {}, "length must be a whole number, at least 0; found -1"),
        (2, {"side": "start"}, "side must be 'left', 'right' or 'both'; found 'start'"),
        (2, {"truncate": None}, "truncate must be 'left', 'right' or 'both'; found None"),
    ],
)
def test_padding_argument_that_does_not_fit_is_named(rows, length, options, message):
    with pytest.raises(ValueError, match=message):
        rows.to_padded(length, 0, **options)


@pytest.mark.parametrize("length", [1.0, "2", [1]])
def test_padded_length_is_a_whole_number(rows, length):
    with pytest.raises(ValueError, match="length must be a whole number, at least 0"):
        rows.to_padded(length, 0)


@pytest.mark.parametrize(
    ("dtype", "fill"),
    [
        ("u1", 256),
        ("u1", -1),
        ("u1", 0.5),
        ("i8", np.nan),
        ("u1", "N"),
        ("S1", 0),
        ("S1", "NN"),
        ("f4", None),
        ("f4", "0"),
        ("?", 2),
        ("u1", [1, 2]),
    ],
)
def test_fill_that_would_become_another_value_is_refused(dtype, fill):
    rows = Ragged.from_sizes(np.ones(2).astype(dtype), [2])
    for build in (
        rows.to_padded,
        lambda _, fill: Ragged.from_padded(rows.to_padded(2, rows[0][0]), fill),
    ):
        with pytest.raises(
            ValueError, match=r"fill must be a value of .*, one or of shape \(\); found"
        ):
            build(3, fill)


@pytest.mark.parametrize("fill", [b"N", "N", np.bytes_(b"N")])
def test_letters_are_filled_with_letters(fill):
    rows = Ragged.from_sizes(np.array([b"A", b"C", b"G"]), [1, 2])
    assert words(rows.to_padded(2, fill)) == ["AN", "CG"]
    assert Ragged.from_padded(rows.to_padded(3, fill), fill).to_strings() == ["A", "CG"]


@pytest.mark.parametrize(
    ("side", "expected"),
    [("right", ["NA", "NNC", ""]), ("left", ["AN", "C", ""]), ("both", ["A", "C", ""])],
)
def test_stripping_looks_at_the_ends_named(side, expected):
    array = np.array([list(b"NAN"), list(b"NNC"), list(b"NNN")], np.uint8)
    assert Ragged.from_padded(array, ord("N"), side=side).to_strings() == expected


def test_missing_values_are_stripped_from_a_track():
    padded = np.array([[1, np.nan, 2, np.nan], [np.nan] * 4, [1, 2, 3, 4]])
    rows = Ragged.from_padded(padded, np.nan)
    np.testing.assert_array_equal(rows.to_padded(4, np.nan), padded)
    assert rows.sizes.tolist() == [3, 0, 4]
    both = Ragged.from_padded(np.stack([padded, padded], axis=2), [np.nan, 1], side="both")
    assert both.sizes.tolist() == [4, 4, 4]


def test_stripping_wants_a_side():
    with pytest.raises(ValueError, match="side must be 'left', 'right' or 'both'; found 'end'"):
        Ragged.from_padded(np.zeros((1, 1)), 0, side="end")


def test_rows_travel_to_other_processes(rows):
    assert words(pickle.loads(pickle.dumps(rows[::-1]))) == words(rows)[::-1]


def test_a_few_rows_travel_without_the_values_of_the_others():
    few = Ragged.from_sizes(np.zeros(1_000_000), [500_000, 10, 499_990])[[1]]
    assert len(pickle.dumps(few)) < 2_000
    assert copy.copy(few).values.size == copy.deepcopy(few).values.size == 10


def test_a_damaged_pickle_is_refused():
    rows = Ragged.from_sizes(np.arange(3), [3])
    build, (values, starts, _) = rows.__reduce__()
    with pytest.raises(ValueError, match="must lie within the values"):
        build(values, starts, np.array([10**9]))


def test_what_a_notebook_shows():
    rows = Ragged.from_bytes([b"ACG", b"", b"T" * 61, b"G" * 60, *[b"A"] * 5])
    assert repr(rows).split("\n  ") == [
        "Ragged of 9 rows, 0 to 61 letters (uint8)",
        "ACG",
        "(empty)",
        "T" * 60 + "...",
        "G" * 60,
        "A",
        "A",
        "...",
    ]
    track = Ragged.from_sizes(np.arange(10) / 3, [9, 1])
    assert repr(track).split("\n  ") == [
        "Ragged of 2 rows, 1 to 9 values (float64)",
        "[0., 0.3333, 0.6667, 1., 1.3333, 1.6667, 2., 2.3333, ...]",
        "[3.]",
    ]
    onehot = Ragged(np.eye(2, dtype=np.uint8), [0], [2])
    assert repr(onehot) == "Ragged of 1 row, 2 values x 2 (uint8)\n  [[1, 0], [0, 1]]"
    letters = Ragged.from_sizes(np.array([b"A"]), [1])
    assert repr(letters) == "Ragged of 1 row, 1 letter (S1)\n  A"
    assert repr(Ragged.from_sizes(np.array([7, 200], np.uint8), [2])).endswith("  [7, 200]")


def test_letters_that_are_none_have_no_text():
    with pytest.raises(
        TypeError, match=r"text needs letters, uint8 ASCII codes or S1; found float64"
    ):
        Ragged.from_sizes([1.0], [1]).to_strings()
    with pytest.raises(TypeError, match=r"found uint8 values with axes \(4,\) behind"):
        Ragged.from_sizes(np.zeros((1, 4), np.uint8), [1]).to_strings()
    with pytest.raises(ValueError, match="can't decode byte 0xff"):
        Ragged.from_bytes([b"\xff"]).to_strings()


def test_arithmetic_by_hand():
    rows = Ragged.from_sizes([1.0, 2.0, 3.0], [1, 2])
    assert (rows * 2).tolist() == [[2.0], [4.0, 6.0]]
    assert (1 - rows).tolist() == [[0.0], [-1.0, -2.0]]
    assert (rows + rows[[0, 1]]).tolist() == [[2.0], [4.0, 6.0]]
    assert (rows / rows.sum()).tolist() == [[1.0], [0.4, 0.6]]
    assert (rows - np.array([[1], [2]])).tolist() == [[0.0], [0.0, 1.0]]
    assert np.log(rows).sum().tolist() == pytest.approx([0, np.log(6)])
    assert (-rows).tolist() == [[-1.0], [-2.0, -3.0]]
    assert (rows.max() == rows).tolist() == [[True], [False, True]]
    assert np.add(rows, 1, dtype="f4").dtype == "f4"


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (np.zeros((3, 1)), r"shape \(2,\) or \(2, 1\); found shape \(3, 1\)"),
        (np.zeros(3), r"found shape \(3,\)"),
        (np.zeros((2, 3)), r"found shape \(2, 3\)"),
        (np.zeros((1, 1)), r"found shape \(1, 1\)"),
        ([1, 2, 3], r"found shape \(3,\)"),
        (Ragged([1, 2, 3], [0, 1], [1, 1]), "the same sizes; found 2 and 1 in row 1"),
        (Ragged([1, 2, 3], [0], [1]), "found 2 rows of int64 values, and 1 of int64 values"),
        (Ragged([[1], [2]], [0, 0], [1, 2]), r"and 2 of int64 values with axes \(1,\) behind"),
    ],
)
def test_operands_that_do_not_fit_are_refused_with_both_shapes(other, message):
    """The published Ragged gave an object that disagreed with itself."""
    rows = Ragged([1, 2, 3], [0, 1], [1, 2])
    for left, right in ((rows, other), (other, rows)):
        if left is other and isinstance(other, Ragged):
            continue
        with pytest.raises(ValueError, match=message):
            left + right


def test_numpy_functions_that_are_not_value_by_value_are_refused(rows):
    for call in (
        lambda: np.add.reduce(rows),
        lambda: np.add(rows, 1, out=rows),
        lambda: np.add(rows, 1, where=rows > 65),
        lambda: np.divmod(rows, 2),
        lambda: rows @ rows,
    ):
        with pytest.raises(
            TypeError, match=r"a Ragged takes numpy functions that go value by value"
        ):
            call()


def test_warnings_of_arithmetic_can_be_turned_off_as_in_numpy():
    rows = Ragged.from_sizes([0.0, 1.0], [2])
    with np.errstate(divide="ignore"):
        assert (1 / rows).tolist() == [[np.inf, 1.0]]
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        1 / rows


def test_a_ragged_is_no_array_no_key_and_no_condition(rows):
    for convert in (np.asarray, np.array, lambda x: np.concatenate([x, x])):
        with pytest.raises(TypeError, match=r"a Ragged .* is no array; to_padded\(length, fill\)"):
            convert(rows)
    with pytest.raises(TypeError, match="unhashable"):
        hash(rows)
    with pytest.raises(ValueError, match=r"neither true nor false .* equals\(\)"):
        bool(rows == rows)


def test_reductions_by_hand():
    rows = Ragged(np.array([5, -1, 7, 2]), [2, 0, 1, 0], [2, 4, 0, 1])
    assert rows.sum().tolist() == [9, 13, 0, 5]
    np.testing.assert_array_equal(rows.mean(), [4.5, 3.25, np.nan, 5])
    assert rows.min(initial=100).tolist() == [2, -1, 100, 5]
    assert rows.max(initial=6).tolist() == [7, 7, 6, 6]
    assert rows[[0, 1, 3]].min().tolist() == [2, -1, 5]
    assert (rows > 4).any().tolist() == [True, True, False, True]
    assert (rows > 4).all().tolist() == [False, False, True, True]


def test_reductions_keep_small_numbers_from_wrapping():
    rows = Ragged.from_sizes(np.full(300, 255, np.uint8), [300])
    assert rows.sum().tolist() == [76_500]
    assert rows.mean().tolist() == [255]
    assert Ragged.from_sizes(np.full(9, 60_000, "f2"), [9]).mean() == np.float16(60_000)


def test_reductions_of_what_has_none_are_refused(rows):
    with pytest.raises(
        ValueError, match=r"every row must have values; found none in row 1. Pass initial="
    ):
        rows.max()
    with pytest.raises(ValueError, match=r"initial must be a value of uint8, .* found inf"):
        rows.min(initial=np.inf)
    letters = Ragged(rows.values.view("S1"), rows.starts, rows.sizes)
    for name in ("sum", "mean", "min", "max", "any", "all"):
        with pytest.raises(TypeError, match=r"reductions need numbers; found .S1 values"):
            getattr(letters, name)()


def test_joining_rows_and_ends(rows):
    assert words(concatenate([rows, rows[:1]])) == ["ACG", "", "TTTT", "G", "ACG"]
    assert words(concatenate([rows, rows[::-1]], axis=1)) == ["ACGG", "TTTT", "TTTT", "GACG"]
    assert words(concatenate(iter([rows[:0], rows[:1]]))) == ["ACG"]


@pytest.mark.parametrize(
    ("parts", "axis", "message"),
    [
        ([], 0, "found 0 parts, axis 0"),
        (["rows"], 2, "axis 0 or 1; found 1 parts, axis 2"),
        (["rows", "floats"], 0, "found 4 rows of uint8 values, and 1 of float64 values in part 1"),
        (["rows", "few"], 1, "found 4 rows of uint8 values, and 2 of uint8 values in part 1"),
        (["few", "few", "onehot"], 0, r"and 1 of uint8 values with axes \(4,\) behind in part 2"),
    ],
)
def test_parts_that_do_not_fit_are_named(rows, parts, axis, message):
    known = {
        "rows": rows,
        "few": rows[:2],
        "floats": Ragged.from_sizes([1.0], [1]),
        "onehot": Ragged.from_sizes(np.zeros((1, 4), np.uint8), [1]),
    }
    with pytest.raises(ValueError, match=message):
        concatenate([known[name] for name in parts], axis=axis)


def test_part_that_is_no_ragged_is_named(rows):
    with pytest.raises(TypeError, match="parts must be Raggeds; found ndarray as part 1"):
        concatenate([rows, rows.values])


@pytest.fixture(scope="module")
def many():
    """Short rows, in an order that nothing can be taken over from."""
    rng = np.random.default_rng(0)
    sizes = rng.integers(20, 61, 300_000)
    values = rng.integers(65, 90, sizes.sum()).astype(np.uint8)
    return Ragged.from_sizes(values, sizes)[rng.permutation(sizes.size)]


@pytest.mark.parametrize(
    "work",
    [
        lambda rows: rows.packed().values,
        lambda rows: rows.to_padded(None, 0),
        lambda rows: rows.to_padded(40, 0, side="left"),
        lambda rows: concatenate([rows, rows], axis=1).values,
        lambda rows: (rows * np.ones(len(rows), np.float32)).values,
        lambda rows: rows.sum(),
        lambda rows: rows.mean(),
    ],
)
def test_memory_grows_by_the_result_and_little_else(many, work):
    """Index arrays for every letter once took eight times the memory of the letters."""
    work(many[:10])
    tracemalloc.start()
    result = work(many)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    for_each_row = 5 * 8 * len(many)
    assert peak < result.nbytes + for_each_row + (8 << 20)


@pytest.mark.parametrize(
    "work",
    [
        lambda rows: (rows * np.ones(1)).values,
        lambda rows: rows[::-1].packed().sum(),
        lambda rows: np.array(rows.equals(rows + 0)),
    ],
)
def test_one_long_row_costs_no_more_memory_than_many(work):
    rows = Ragged.from_sizes(np.zeros(4_000_000), [4_000_000])
    tracemalloc.start()
    result = work(rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < max(result.nbytes, rows.values.nbytes) + (24 << 20)


def test_results_do_not_depend_on_threads(many, monkeypatch):
    monkeypatch.setenv("SEQPRO_THREADS", "3")
    packed, padded = many.packed(), many.to_padded(50, 0, side="both", truncate="left")
    monkeypatch.setenv("SEQPRO_THREADS", "1")
    assert packed.equals(many)
    assert packed.values.tobytes() == many.packed().values.tobytes()
    assert np.array_equal(padded, many.to_padded(50, 0, side="both", truncate="left"))
