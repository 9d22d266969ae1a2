"""Ragged: rows of unequal length over one flat array."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from seqpro import Ragged


@pytest.fixture
def rows():
    return Ragged.from_bytes([b"ACG", b"", b"TTTT", b"G"])


def words(rows):
    return [row.tobytes().decode() for row in rows]


def test_rows_come_back_as_they_went_in(rows):
    assert len(rows) == 4
    assert words(rows) == ["ACG", "", "TTTT", "G"]
    assert repr(rows) == "Ragged(4 rows of 0 to 4 uint8 values)"


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
        (slice(0, 0), []),
        ([], []),
    ],
)
def test_any_selection_and_order_of_rows(rows, index, expected):
    assert words(rows[index]) == expected


@pytest.mark.parametrize("index", [4, -5, [0, 9], np.array([True, False])])
def test_row_that_is_not_there_is_an_index_error(rows, index):
    with pytest.raises(IndexError):
        rows[index]


def test_packing_drops_gaps_overlaps_and_order():
    packed = Ragged(np.arange(10), [6, 0, 1], [2, 3, 3]).packed()
    assert packed.values.tolist() == [6, 7, 0, 1, 2, 1, 2, 3]
    assert packed.starts.tolist() == [0, 2, 5]
    assert packed.packed() is packed


def test_packing_drops_values_of_no_row(rows):
    assert rows[:1].packed().values.tobytes() == b"ACG"
    assert rows[3:].packed().values.tobytes() == b"G"


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


def test_no_rows_at_all():
    empty = Ragged.from_bytes([])
    assert (len(empty), words(empty), len(empty.packed())) == (0, [], 0)
    assert empty.to_padded(3, 0).shape == (0, 3)
    assert repr(empty) == "Ragged(0 rows of no uint8 values)"


@pytest.mark.parametrize("shape", [(2, 3), (0, 3), (2, 0)])
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
    ("values", "starts", "sizes"),
    [([[1]], [0], [1]), ([1, 2], [0, 1], [1]), ([1], 0, 1), ([1], [[0]], [[1]])],
)
def test_shapes_that_do_not_fit_are_refused(values, starts, sizes):
    with pytest.raises(ValueError, match="values must be flat, starts and sizes one number a row"):
        Ragged(values, starts, sizes)


def test_broken_offsets_are_refused_not_rounded():
    with pytest.raises(TypeError, match="starts must be whole numbers; found float64"):
        Ragged([1, 2, 3], [0.5], [1])
    with pytest.raises(TypeError, match="sizes must be whole numbers; found float64"):
        Ragged([1, 2, 3], [0], [1.5])
    with pytest.raises(TypeError, match="sizes must be whole numbers; found bool"):
        Ragged.from_sizes([1, 2], [True, True])


@pytest.mark.parametrize("sizes", [[1, 1], [2, 2], [], [4, -1, 1]])
def test_sizes_that_leave_values_over_or_want_more_are_refused(sizes):
    with pytest.raises(
        ValueError, match=r"sizes must add up to .*, 3; found a sum of|within the values"
    ):
        Ragged.from_sizes([1, 2, 3], sizes)


@pytest.mark.parametrize("shape", [(3,), (1, 2, 3), ()])
def test_only_an_array_of_two_axes_is_dense_rows(shape):
    with pytest.raises(ValueError, match=r"array must have shape \(n, length\); found shape"):
        Ragged.from_dense(np.zeros(shape))


def test_text_is_not_bytes():
    with pytest.raises(TypeError, match="expected a bytes-like object, str found"):
        Ragged.from_bytes(["ACG"])


@pytest.mark.parametrize(
    ("length", "options", "message"),
    [
        (-1, {}, "length must not be negative; found -1"),
        (2, {"side": "start"}, "side must be 'left', 'right' or 'both'; found 'start'"),
        (2, {"truncate": None}, "truncate must be 'left', 'right' or 'both'; found None"),
    ],
)
def test_padding_argument_that_does_not_fit_is_named(rows, length, options, message):
    with pytest.raises(ValueError, match=message):
        rows.to_padded(length, 0, **options)


def test_rows_travel_to_other_processes(rows):
    assert words(pickle.loads(pickle.dumps(rows[::-1]))) == words(rows)[::-1]
