"""Laws of Ragged for rows that lie anywhere in their values, each against a list of numpy arrays."""

from __future__ import annotations

import copy
import hashlib
import operator
import pickle
from itertools import pairwise
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from seqpro import Ragged
from seqpro.hashing import digest_rows, hash_rows
from seqpro.ragged import concatenate

compiled = settings(deadline=None, max_examples=100)  # the first call of a kernel takes seconds

NUMBERS = ["u1", "i8", "f4", "f8", "?"]
DTYPES = [*NUMBERS, ">i4", "S1", "S3", "c16"]
BEHIND = [(), (), (), (2,), (1, 3), (0,)]
sides = st.sampled_from(["left", "right", "both"])
int64 = st.integers(-(2**63), 2**63 - 1)


@pytest.fixture(autouse=True, scope="module", params=[5, 1 << 20])
def block(request):
    """Blocks of a few values, so that the rows of an example are many blocks; and blocks as they are."""
    with patch("seqpro.ragged._BLOCK", request.param), patch("seqpro.hashing._ROWS", request.param):
        yield


@st.composite
def raggeds(draw, dtypes=DTYPES, *, behind=BEHIND, small=False, least=0):
    """A Ragged whose rows overlap, leave gaps and lie in any order, and its rows as a list of arrays."""
    behind = draw(st.sampled_from(behind))
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    total = draw(st.integers(least, 12))
    elements = hnp.from_dtype(dtype)
    if small and dtype.kind in "if":
        whole = st.integers(-100, 100)  # sums of these are exact
        elements = whole if dtype.kind == "i" else whole.map(float) | st.just(np.nan)
    values = draw(hnp.arrays(dtype, (total, *behind), elements=elements))
    sizes = draw(st.lists(st.integers(least, total), max_size=6))
    starts = [draw(st.integers(0, total - size)) for size in sizes]
    model = [values[a : a + size].copy() for a, size in zip(starts, sizes, strict=True)]
    return Ragged(values, np.array(starts, int), np.array(sizes, int)), model


def assert_rows(ragged, model):
    """The same rows, of the same type."""
    assert len(ragged) == len(model)
    assert ragged.sizes.tolist() == [len(row) for row in model]
    for row, expected in zip(ragged, model, strict=True):
        assert row.dtype == expected.dtype
        np.testing.assert_array_equal(row, expected)


@compiled
@given(st.data(), raggeds())
def test_any_selection_holds_the_rows_a_list_would(data, drawn):
    ragged, model = drawn
    n = len(model)
    kind = data.draw(st.sampled_from(["slice", "order", "mask", "row"]))
    if kind == "slice":
        index = data.draw(st.slices(n))
        assert_rows(ragged[index], model[index])
    elif kind == "mask":
        mask = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
        expected = [row for row, kept in zip(model, mask, strict=True) if kept]
        assert_rows(ragged[np.array(mask, bool)], expected)
    elif n:
        order = data.draw(st.lists(st.integers(-n, n - 1), min_size=1, max_size=9))
        assert_rows(ragged[order], [model[i] for i in order])
        np.testing.assert_array_equal(ragged[order[0]], model[order[0]])


bounds = st.none() | st.integers(-15, 15) | int64 | st.sampled_from([2**63, -(2**70)])


@compiled
@given(raggeds(), bounds, bounds, st.sampled_from([None, 1]))
def test_every_row_is_cut_as_python_cuts_a_list(drawn, start, stop, step):
    ragged, model = drawn
    assert_rows(ragged[:, start:stop:step], [row[start:stop] for row in model])
    assert_rows(ragged[::-1, start:stop][::-1], [row[start:stop] for row in model])
    for i in range(len(model)):
        np.testing.assert_array_equal(ragged[i, start:stop], model[i][start:stop])


@compiled
@given(raggeds(), st.integers(-9, 9))
def test_a_position_of_every_row_or_an_error_that_names_the_row_without_it(drawn, position):
    ragged, model = drawn
    short = [i for i, row in enumerate(model) if not -len(row) <= position < len(row)]
    if short:
        message = rf"position {position}; found {len(model[short[0]])} values in row {short[0]}$"
        with pytest.raises(IndexError, match=message):
            ragged[:, position]
    else:
        picked = ragged[:, position]
        assert (picked.shape, picked.dtype) == (
            (len(model), *ragged.values.shape[1:]),
            ragged.dtype,
        )
        for found, row in zip(picked, model, strict=True):
            np.testing.assert_array_equal(found, row[position])


@compiled
@given(raggeds())
def test_packing_pickling_and_copying_keep_the_rows_and_nothing_else(drawn):
    ragged, model = drawn
    packed = ragged.packed()
    assert_rows(packed, model)
    assert len(packed.values) == sum(map(len, model))
    assert packed.packed() is packed
    assert_rows(Ragged.from_offsets(packed.values, packed.offsets), model)
    assert_rows(Ragged.from_sizes(packed.values, packed.sizes), model)
    for twin in (pickle.loads(pickle.dumps(ragged, 5)), copy.copy(ragged), copy.deepcopy(ragged)):
        assert_rows(twin, model)
        assert twin.equals(ragged)
        assert len(twin.values) <= max(len(packed.values), len(ragged.values))


def padded(row, length, fill, side, truncate):
    """One row brought to a length, in numpy's words."""
    cut, spare = max(len(row) - length, 0), max(length - len(row), 0)
    start = {"left": cut, "right": 0, "both": cut // 2}[truncate]
    before = {"left": spare, "right": 0, "both": spare // 2}[side]
    kept = row[start : start + length]
    blank = np.full((spare, *row.shape[1:]), fill, row.dtype)
    return np.concatenate([blank[:before], kept, blank[before:]])


@compiled
@given(raggeds(), st.data(), sides, sides, st.none() | st.integers(0, 15))
def test_padding_and_cutting_agree_with_numpy_row_by_row(drawn, data, side, truncate, length):
    ragged, model = drawn
    fill = data.draw(hnp.from_dtype(ragged.dtype))
    found = ragged.to_padded(length, fill, side=side, truncate=truncate)
    length = max(map(len, model), default=0) if length is None else length
    assert (found.shape, found.dtype) == (
        (len(model), length, *ragged.values.shape[1:]),
        ragged.dtype,
    )
    for line, row in zip(found, model, strict=True):
        np.testing.assert_array_equal(line, padded(row, length, fill, side, truncate))


@compiled
@given(raggeds(NUMBERS), st.data(), sides, st.integers(0, 3))
def test_stripping_undoes_padding(drawn, data, side, spare):
    ragged, model = drawn
    fill = data.draw(hnp.from_dtype(ragged.dtype))

    def blank(position):
        return np.array_equal(position, np.full_like(position, fill), equal_nan=fill != fill)

    model = [row.copy() for row in model]
    for i, row in enumerate(model):  # no row may itself end in the fill
        while len(row) and side != "left" and blank(row[-1]):
            row = row[:-1]
        while len(row) and side != "right" and blank(row[0]):
            row = row[1:]
        model[i] = row
    empty = np.empty((0, *ragged.values.shape[1:]), ragged.dtype)
    ragged = Ragged.from_sizes(np.concatenate([empty, *model]), [len(row) for row in model])
    length = max(map(len, model), default=0) + spare
    assert_rows(
        Ragged.from_padded(ragged.to_padded(length, fill, side=side), fill, side=side), model
    )


def stacked(rows, ragged, dtype):
    """One result for each row as an array, for no rows too."""
    return np.array(rows, dtype).reshape(len(ragged), *ragged.values.shape[1:])


@compiled
@given(raggeds(NUMBERS, small=True), st.sampled_from(["sum", "any", "all", "mean"]))
def test_reductions_agree_with_numpy_row_by_row(drawn, name):
    ragged, model = drawn
    found = getattr(ragged, name)()
    dtype = getattr(np.ones(1, ragged.dtype), name)().dtype
    if name == "mean":  # numpy warns of rows without values
        model = [row if len(row) else np.full((1, *row.shape[1:]), np.nan) for row in model]
    expected = stacked([getattr(row, name)(axis=0) for row in model], ragged, dtype)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@compiled
@given(raggeds(NUMBERS, small=True), st.sampled_from(["min", "max"]), st.data())
def test_extremes_agree_with_numpy_and_refuse_rows_without_values(drawn, name, data):
    ragged, model = drawn
    initial = data.draw(st.none() | hnp.from_dtype(ragged.dtype))
    empty = [i for i, row in enumerate(model) if not len(row)]
    if empty and initial is None:
        with pytest.raises(ValueError, match=f"found none in row {empty[0]}"):
            getattr(ragged, name)()
        return
    options = {} if initial is None else {"initial": initial}
    found = getattr(ragged, name)(**options)
    expected = [getattr(row, name)(axis=0, **options) for row in model]
    assert found.dtype == ragged.dtype
    np.testing.assert_array_equal(found, stacked(expected, ragged, ragged.dtype))


BINARY = [operator.add, operator.mul, operator.eq, operator.ne, operator.lt, np.maximum, np.add]


@compiled
@given(raggeds(["i8", "f4", "?"], small=True), st.data(), st.sampled_from(BINARY), st.booleans())
def test_arithmetic_and_comparisons_agree_with_numpy_row_by_row(drawn, data, function, swapped):
    ragged, model = drawn
    n, behind = len(model), ragged.values.shape[1:]
    kind = data.draw(st.sampled_from(["number", "Ragged", "(n,)", "(n, 1)"]))
    if kind == "number":
        other = data.draw(st.sampled_from([2, 0.5, np.float32(3), np.int8(1), True]))
        others = [other] * n
    elif kind == "Ragged":
        dtype = data.draw(st.sampled_from(["i8", "f8"]))
        others = [np.arange(row.size, dtype=dtype).reshape(row.shape) for row in model]
        empty = np.empty((0, *behind), dtype)
        flat = np.concatenate([empty, *others[::-1]])
        other = Ragged.from_sizes(flat, [len(row) for row in others[::-1]])[::-1]
    else:
        column = np.arange(n) * 1.5
        other, others = (column if kind == "(n,)" else column[:, None]), list(column[:, None])
        others = [x.reshape(-1, *(1,) * len(behind)) for x in others]
    found = function(other, ragged) if swapped else function(ragged, other)
    expected = [
        function(y, x) if swapped else function(x, y) for x, y in zip(model, others, strict=True)
    ]
    assert len(found.values) == sum(map(len, model))
    assert_rows(found, [np.asarray(row) for row in expected])


@compiled
@given(st.data(), st.sampled_from(NUMBERS), st.sampled_from(BEHIND), st.sampled_from([0, 1]))
def test_joining_agrees_with_lists(data, dtype, behind, axis):
    part = raggeds([dtype], behind=[behind])
    drawn = data.draw(st.lists(part, min_size=1, max_size=3))
    if axis == 1:
        n = min(len(model) for _, model in drawn)
        drawn = [(ragged[:n], model[:n]) for ragged, model in drawn]
        rows = zip(*(model for _, model in drawn), strict=True)
        expected = [np.concatenate(parts) for parts in rows]
    else:
        expected = [row for _, model in drawn for row in model]
    assert_rows(concatenate([ragged for ragged, _ in drawn], axis=axis), expected)


@compiled
@given(raggeds(), raggeds())
def test_equals_means_the_same_rows_wherever_they_lie(drawn, other):
    ragged, model = drawn
    backwards = ragged[::-1].packed()[::-1]
    assert ragged.equals(backwards)
    assert not ragged.equals(ragged.values)
    same = ragged.dtype == other[0].dtype and ragged.values.shape[1:] == other[0].values.shape[1:]
    same = same and len(model) == len(other[1])
    nan = ragged.dtype.kind in "fc"
    same = same and all(
        np.array_equal(x, y, equal_nan=nan) for x, y in zip(model, other[1], strict=True)
    )
    assert ragged.equals(other[0]) == same


@compiled
@given(raggeds(["f8", "S1", "u1"], least=1), st.data())
def test_one_other_value_makes_rows_unequal(drawn, data):
    ragged, model = drawn
    if not model or not ragged.values.size:
        return
    row = data.draw(st.integers(0, len(model) - 1))
    values = ragged.packed().values.copy()
    place = data.draw(st.integers(0, len(model[row]) - 1)) + int(ragged.sizes[:row].sum())
    values[place] = values.dtype.type(b"A" if values.dtype == "S1" else 7)
    assume(not np.array_equal(values, ragged.packed().values, equal_nan=values.dtype == "f8"))
    assert not ragged.equals(Ragged.from_sizes(values, ragged.sizes))


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(int64 | st.integers(-2, 6), int64 | st.integers(-2, 6)), max_size=4))
def test_rows_lie_within_the_values_or_are_refused(places):
    """No starts and sizes of 64 bits crash, and none that reach outside pass."""
    outside = [i for i, (a, size) in enumerate(places) if a < 0 or size < 0 or a + size > 4]
    starts, sizes = [a for a, _ in places], [size for _, size in places]
    if outside:
        with pytest.raises(
            ValueError, match=f"found row {outside[0]} with start {starts[outside[0]]} "
        ):
            Ragged(np.arange(4), starts, sizes)
    else:
        assert Ragged(np.arange(4), starts, sizes).tolist() == [
            list(range(4))[a : a + size] for a, size in places
        ]


@settings(deadline=None, max_examples=300)
@given(st.lists(int64 | st.integers(-1, 6), max_size=5), st.booleans())
def test_offsets_are_those_of_rows_or_refused(offsets, ascending):
    offsets = sorted(offsets) if ascending else offsets
    fine = offsets and offsets == sorted(offsets) and offsets[0] >= 0 and offsets[-1] <= 4
    if fine:
        ragged = Ragged.from_offsets(np.arange(4), offsets)
        assert ragged.offsets.tolist() == (offsets if len(offsets) > 1 else [0])
        assert ragged.tolist() == [list(range(a, b)) for a, b in pairwise(offsets)]
    else:
        with pytest.raises(ValueError, match="offsets must"):
            Ragged.from_offsets(np.arange(4), offsets)


@settings(deadline=None, max_examples=300)
@given(st.lists(int64 | st.sampled_from([0, 1, 2, 2**62]), max_size=6))
def test_sizes_add_up_or_are_refused(sizes):
    """Sums of sizes that wrap around 64 bits do not pass."""
    if all(size >= 0 for size in sizes) and sum(sizes) == 4:
        assert Ragged.from_sizes(np.arange(4), sizes).sizes.tolist() == sizes
    else:
        with pytest.raises(ValueError, match="sizes must"):
            Ragged.from_sizes(np.arange(4), sizes)


@compiled
@given(st.lists(st.text(st.characters(max_codepoint=127), max_size=9), max_size=6))
def test_text_comes_back_as_it_went_in(words):
    ragged = Ragged.from_bytes([word.encode() for word in words])
    letters = Ragged(ragged.values.view("S1"), ragged.starts, ragged.sizes)
    for rows in (ragged, letters, letters[::-1][::-1]):
        assert rows.to_strings() == words
        assert rows.to_bytes() == [word.encode() for word in words]


@compiled
@given(raggeds(), st.sampled_from(["md5", "sha256"]))
def test_digest_of_each_row_is_the_one_of_hashlib(drawn, algorithm):
    ragged, model = drawn
    digests = digest_rows(ragged, algorithm=algorithm)
    expected = [hashlib.new(algorithm, row.tobytes()).digest() for row in model]
    assert [digest.tobytes() for digest in digests] == expected


@compiled
@given(raggeds(), st.integers(0, 2**64 - 1))
def test_hash_of_each_row_is_the_one_of_the_specification(drawn, seed):
    ragged, model = drawn
    assert hash_rows(ragged, seed=seed).tolist() == [xxh64(row.tobytes(), seed) for row in model]


@compiled
@given(st.binary(max_size=130), st.integers(0, 2**64 - 1))
def test_hash_of_rows_of_any_length_is_the_one_of_the_specification(row, seed):
    assert hash_rows(Ragged.from_bytes([row]), seed=seed).tolist() == [xxh64(row, seed)]


def xxh64(data, seed):
    """XXH64 in Python's own whole numbers, after section XXH64 of the xxHash specification 0.1.1."""
    p1, p2, p3 = 11400714785074694791, 14029467366897019727, 1609587929392839161
    p4, p5, mask = 9650029242287828579, 2870177450012600261, 2**64 - 1

    def turned(x, bits):
        return (x << bits | x >> (64 - bits)) & mask

    def mixed(lane, word):
        return turned((lane + word * p2) & mask, 31) * p1 & mask

    words = [int.from_bytes(data[i : i + 8], "little") for i in range(0, len(data) // 8 * 8, 8)]
    used = len(words) // 4 * 4
    state = seed + p5
    if used:
        lanes = [seed + p1 + p2, seed + p2, seed, seed - p1]
        for i, word in enumerate(words[:used]):
            lanes[i % 4] = mixed(lanes[i % 4] & mask, word)
        state = sum(turned(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18), strict=True))
        for lane in lanes:
            state = ((state & mask) ^ mixed(0, lane)) * p1 + p4
    state = (state + len(data)) & mask
    for word in words[used:]:
        state = (turned(state ^ mixed(0, word), 27) * p1 + p4) & mask
    tail = data[len(words) * 8 :]
    if len(tail) >= 4:
        state = turned(state ^ int.from_bytes(tail[:4], "little") * p1 & mask, 23) * p2 + p3 & mask
        tail = tail[4:]
    for byte in tail:
        state = turned(state ^ byte * p5 & mask, 11) * p1 & mask
    state = (state ^ state >> 33) * p2 & mask
    state = (state ^ state >> 29) * p3 & mask
    return state ^ state >> 32
