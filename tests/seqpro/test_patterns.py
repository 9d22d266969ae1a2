"""Patterns: written over, inserted, cut out and repeated, at the right place of the right row."""

from __future__ import annotations

import numpy as np
import pytest

import seqpro as sp
from seqpro import AA, DNA, Ragged
from seqpro.patterns import delete, insert, substitute, tile

SEQS = ["ACGTACGTAC", "TTTTTTTTTT", "NNNNNacgtn"]


def words(seqs):
    return [bytes(row).decode() for row in seqs]


def ragged(*rows):
    return Ragged.from_bytes([row.encode() for row in rows])


def over(seq, pattern, at):
    return seq[:at] + pattern + seq[at + len(pattern) :]


def into(seq, pattern, at):
    return seq[:at] + pattern + seq[at:]


@pytest.mark.parametrize(("function", "oracle"), [(substitute, over), (insert, into)])
@pytest.mark.parametrize("pattern", ["GAT", "", "g", "-*-", "ACGTACGTAC"])
def test_one_pattern_at_one_place(function, oracle, pattern):
    for at in range(10 - len(pattern) + 1):
        expected = [oracle(seq, pattern, at) for seq in SEQS]
        assert words(function(SEQS, pattern, at)) == expected
        assert function(SEQS[0], pattern, at).tobytes().decode() == expected[0]


@pytest.mark.parametrize(("function", "oracle"), [(substitute, over), (insert, into)])
@pytest.mark.parametrize(
    "container",
    [
        list,
        np.array,
        lambda patterns: np.array(patterns, object),
        lambda patterns: np.array([list(p) for p in patterns], "S1"),
        lambda patterns: np.array([list(p.encode()) for p in patterns], np.uint8),
        lambda patterns: ragged(*patterns[::-1])[::-1],
    ],
)
def test_a_pattern_and_a_place_for_each_sequence(function, oracle, container):
    patterns, places = ["GAT", "cc-", "TTA"], np.array([7, 0, 3], np.uint8)
    expected = [oracle(*row) for row in zip(SEQS, patterns, places, strict=True)]
    assert words(function(SEQS, container(patterns), places)) == expected
    assert words(function(SEQS, container(patterns), places.tolist())) == expected


def test_patterns_of_unequal_length():
    patterns = ["G", "", "ACGT"]
    expected = [over(seq, pattern, 2) for seq, pattern in zip(SEQS, patterns, strict=True)]
    assert words(substitute(SEQS, patterns, 2)) == expected
    found = insert(sp.as_ragged(SEQS), patterns, 2)
    assert isinstance(found, Ragged)
    assert words(found) == [into(s, p, 2) for s, p in zip(SEQS, patterns, strict=True)]
    with pytest.raises(
        ValueError, match=r"pattern must be of one length.*found 0 to 4 letters.*as_ragged\(seqs\)"
    ):
        insert(SEQS, patterns, 2)


def test_rows_of_unequal_length():
    seqs = ragged("ACGT", "", "TTTTTT")
    assert words(insert(seqs, "gg", [4, 0, 1])) == ["ACGTgg", "gg", "TggTTTTT"]
    assert words(substitute(seqs, ["AA", "", "CC"], [2, 0, 4])) == ["ACAA", "", "TTTTCC"]
    assert words(delete(seqs, [1, 0, 5], [3, 0, 1])) == ["A", "", "TTTTT"]
    with pytest.raises(ValueError, match=r"seqs must all have one length"):
        substitute(["ACGT", "A"], "A", 0)


@pytest.mark.parametrize(("at", "size"), [(0, 0), (0, 10), (3, 4), (9, 1), (10, 0)])
def test_delete_cuts_the_stretch_out(at, size):
    expected = [seq[:at] + seq[at + size :] for seq in SEQS]
    found = delete(SEQS, at, size)
    assert found.shape == (3, 10 - size)
    assert words(found) == expected
    assert words(delete(SEQS, [at] * 3, [size] * 3)) == expected


@pytest.mark.parametrize("ohe_axis", [-1, -2])
def test_one_hot_arrays_in_either_layout(ohe_axis):
    """A letter outside the alphabet is an all-zero column; N columns stay zero."""
    onehot = sp.ohe(SEQS, DNA, ohe_axis=ohe_axis, dtype=np.float32)
    for found, letters in [
        (substitute(onehot, "gNt", 4, ohe_axis=ohe_axis), substitute(SEQS, "GNT", 4)),
        (insert(onehot, ["G", "-", "a"], [0, 5, 10], ohe_axis=ohe_axis), None),
        (delete(onehot, [1, 0, 7], 3, ohe_axis=ohe_axis), delete(SEQS, [1, 0, 7], 3)),
        (tile(onehot, 23, ohe_axis=ohe_axis), tile(SEQS, 23)),
    ]:
        expected = insert(SEQS, ["G", "-", "A"], [0, 5, 10]) if letters is None else letters
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, sp.ohe(expected, DNA, ohe_axis=ohe_axis))


def test_one_hot_proteins_and_single_sequences():
    onehot = sp.ohe("MKV", AA)
    found = insert(onehot, "WW", 1, alphabet=AA, ohe_axis=-1)
    assert sp.decode_ohe(found, AA).tobytes() == b"MWWKV"
    with pytest.raises(ValueError, match=r"4 letters \(DNA\)"):
        insert(onehot, "WW", 1, ohe_axis=-1)


def test_uniform_columns_stay_uniform():
    soft = sp.ohe(SEQS, DNA, unknown="uniform", dtype=np.float32)
    np.testing.assert_array_equal(delete(soft, 0, 5, ohe_axis=-1)[2, -1], [0.25] * 4)
    np.testing.assert_array_equal(substitute(soft, "G", 0, ohe_axis=-1)[2, 1], [0.25] * 4)


def test_nested_sequences_take_nested_patterns():
    seqs = [["AAAA", "CCCC"], ["GGGG", "TTTT"]]
    found = substitute(seqs, [["t", "g"], ["c", "a"]], [[0, 1], [2, 3]])
    assert found.shape == (2, 2, 4)
    assert words(found.reshape(4, 4)) == ["tAAA", "CgCC", "GGcG", "TTTa"]


def test_kind_is_the_inputs():
    codes = sp.random_seqs((3, 8), DNA, rng=0).view(np.uint8)
    before = codes.copy()
    for found in (
        substitute(codes, "A", 0),
        insert(codes, "A", 0),
        delete(codes, 0, 1),
        tile(codes, 9),
    ):
        assert found.dtype == np.uint8
        assert found.flags.writeable
        assert not np.shares_memory(found, codes)
    np.testing.assert_array_equal(codes, before)
    assert delete(SEQS, 0, 1).dtype == "S1"


def test_no_rows_give_no_rows_of_the_right_length():
    none = np.zeros((0, 8), "S1")
    assert substitute(none, "ACG", 2).shape == (0, 8)
    assert insert(none, "ACG", 2).shape == (0, 11)
    assert insert(none, np.zeros((0, 3), "S1"), []).shape == (0, 11)
    assert delete(none, 2, 3).shape == (0, 5)
    assert delete(none, [], []).shape == (0, 8)
    assert tile(none, 3).shape == (0, 3)
    assert len(insert(Ragged(np.zeros(0, np.uint8), [], []), "ACG", 2)) == 0


def test_many_rows_are_edited_block_by_block(monkeypatch):
    """Rows of later blocks take their own pattern and place."""
    seqs = sp.random_seqs((4000, 300), DNA, rng=0)
    patterns, places = sp.random_seqs((4000, 7), DNA, rng=1), np.arange(4000) % 294
    expected = seqs.copy()
    for i in range(4000):
        expected[i, places[i] : places[i] + 7] = patterns[i]
    np.testing.assert_array_equal(substitute(seqs, patterns, places), expected)
    longer = insert(seqs, patterns, places)
    np.testing.assert_array_equal(delete(longer, places, 7), seqs)


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 8, 9, 64, 65, 1000])
@pytest.mark.parametrize("pattern", ["A", "ACG", "acgtn-", "ACGTACGTA"])
def test_tile_repeats_the_pattern_to_the_length(pattern, length):
    expected = (pattern * length)[:length]
    assert tile(pattern, length).tobytes().decode() == expected
    assert words(tile([pattern, "TG"], length)) == [expected, ("TG" * length)[:length]]
    assert words(tile(ragged(pattern, "TG"), np.int64(length)))[1] == ("TG" * length)[:length]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: substitute(SEQS, "ACGT", [0, 7, 0]),
            ValueError,
            r"the 4 letters from there on must lie within .* found position 7 in sequence 1 of 10",
        ),
        (lambda: substitute(SEQS, "A" * 11, 0), ValueError, r"the 11 letters .* sequence 0 of 10"),
        (lambda: substitute(SEQS, "A", -1), ValueError, r"found position -1 in sequence 0"),
        (lambda: insert(SEQS, "A", 11), ValueError, r"found position 11 in sequence 0"),
        (lambda: delete(SEQS, [0, 0, 9], 2), ValueError, r"position 9 in sequence 2 of 10"),
        (lambda: delete(SEQS, 0, 11), ValueError, r"the 11 letters"),
        (lambda: delete(sp.as_ragged(SEQS), 0, 11), ValueError, r"the 11 letters"),
        (lambda: delete(SEQS, 0, -1), ValueError, r"size must not be negative; found -1"),
        (
            lambda: delete(SEQS, 0, [1, 2, 3]),
            ValueError,
            r"size must be of one length.*found 1 to 3",
        ),
        (lambda: delete(SEQS, 0, 2.0), TypeError, r"size must be whole numbers; found float64"),
        (
            lambda: insert(SEQS, "A", 1.5),
            TypeError,
            r"position must be whole numbers; found float64",
        ),
        (lambda: insert(SEQS, "A", True), TypeError, r"position must be whole numbers; found bool"),
        (
            lambda: insert(SEQS, "A", [1, 2]),
            ValueError,
            r"each of the \(3,\) sequences; found shape \(2,\)",
        ),
        (
            lambda: insert(SEQS, ["A", "C"], 0),
            ValueError,
            r"pattern must be one sequence or one for each",
        ),
        (lambda: insert("ACGT", ["A"], 0), ValueError, r"each of the \(\) sequences; found \(1,\)"),
        (lambda: insert(SEQS, 5, 0), TypeError, r"pattern must be text"),
        (
            lambda: tile("", 3),
            ValueError,
            r"pattern must hold at least one letter; found none in row 0",
        ),
        (lambda: tile(["A", ""], 3), ValueError, r"found none in row 1"),
        (lambda: tile("A", -1), ValueError, r"length must be a whole number, at least 0; found -1"),
        (
            lambda: tile("A", 2.0),
            ValueError,
            r"length must be a whole number, at least 0; found 2\.0",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
