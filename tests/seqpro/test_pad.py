"""Padding and cutting to one length."""

from __future__ import annotations

import numpy as np
import pytest

import seqpro as sp
from seqpro import Ragged


def words(array):
    return [row.tobytes().decode() for row in array]


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        ("left", ["NNNA", "NNAC", "ACGT"]),
        ("right", ["ANNN", "ACNN", "ACGT"]),
        ("both", ["NANN", "NACN", "ACGT"]),
    ],
)
def test_shorter_sequences_are_filled_on_the_side_asked_for(side, expected):
    assert words(sp.pad_seqs(["A", "AC", "ACGT"], side=side)) == expected


@pytest.mark.parametrize(
    ("truncate", "expected"),
    [("left", ["CDE", "AB"]), ("right", ["ABC", "AB"]), ("both", ["BCD", "AB"])],
)
def test_longer_sequences_are_cut_on_the_side_asked_for(truncate, expected):
    padded = sp.pad_seqs(["ABCDE", "AB"], length=3, truncate=truncate, letter="-")
    assert words(padded) == [word.ljust(3, "-") for word in expected]


def test_odd_letter_is_cut_and_filled_on_the_right():
    assert words(sp.pad_seqs(["ABCD"], length=3, truncate="both")) == ["ABC"]
    assert words(sp.pad_seqs(["AB"], length=3, side="both")) == ["ABN"]


def test_side_and_cut_are_independent():
    padded = sp.pad_seqs(["ABCD", "A"], length=2, side="left", truncate="right")
    assert words(padded) == ["AB", "NA"]


def test_length_beyond_the_longest_is_honoured():
    assert words(sp.pad_seqs(["A", "ACG"], length=6)) == ["ANNNNN", "ACGNNN"]


@pytest.mark.parametrize("kind", ["S1", "uint8", "Ragged"])
def test_arrays_are_padded_on_the_side_asked_for(kind):
    codes = sp.as_codes(["ACG"])
    seqs = {"S1": codes.view("S1"), "uint8": codes, "Ragged": Ragged.from_dense(codes)}[kind]
    padded = sp.pad_seqs(seqs, length=5, side="left")
    assert words(padded) == ["NNACG"]
    assert padded.dtype == ("S1" if kind == "S1" else "uint8")


def test_letter_to_fill_with():
    assert words(sp.pad_seqs(["A", "ACG"], letter="-")) == ["A--", "ACG"]


@pytest.mark.parametrize(
    ("seqs", "shape"),
    [([], (0, 0)), ([""], (1, 0)), (["", "AC"], (2, 2)), (np.zeros((3, 0), "S1"), (3, 0))],
)
def test_empty_sequences_are_sequences(seqs, shape):
    assert sp.pad_seqs(seqs).shape == shape
    assert sp.pad_seqs(seqs, length=3).shape == (shape[0], 3)


def test_length_zero_cuts_everything():
    assert sp.pad_seqs(["ACG", "T"], length=0).shape == (2, 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"side": "middle"}, "side must be 'left', 'right' or 'both'; found 'middle'"),
        ({"truncate": "end"}, "truncate must be 'left', 'right' or 'both'; found 'end'"),
        ({"length": -1}, "length must be a whole number, at least 0; found -1"),
        ({"letter": ""}, "letter must be one ASCII letter; found ''"),
        ({"letter": "NN"}, "letter must be one ASCII letter; found 'NN'"),
        ({"letter": "é"}, "letter must be one ASCII letter; found 'é'"),
    ],
)
def test_argument_that_does_not_fit_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        sp.pad_seqs(["ACG", "T"], **options)


def test_one_string_is_not_taken_for_a_list_of_letters():
    assert sp.pad_seqs("ACG", length=5).tobytes() == b"ACGNN"
