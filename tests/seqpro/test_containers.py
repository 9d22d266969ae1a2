"""Containers: whatever holds letters becomes the same array of codes, and nothing else does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import seqpro as sp
from seqpro import Ragged, as_codes, as_ragged
from seqpro.containers import as_rows

WORDS = ["ACGT", "NNac", "GATT"]
LETTERS = np.array([list(word.encode()) for word in WORDS], np.uint8)

HOLDERS = {
    "list of str": WORDS,
    "tuple of str": tuple(WORDS),
    "list of bytes": [word.encode() for word in WORDS],
    "str and bytes mixed": [WORDS[0], WORDS[1].encode(), WORDS[2]],
    "numpy str": np.array(WORDS),
    "numpy bytes": np.array(WORDS, "S"),
    "numpy objects": np.array(WORDS, object),
    "numpy variable-width strings": np.array(WORDS, np.dtypes.StringDType()),
    "S1 letters": LETTERS.view("S1"),
    "uint8 codes": LETTERS,
    "Fortran order": np.asfortranarray(LETTERS),
    "every second row": np.repeat(LETTERS, 2, axis=0)[::2].view("S1"),
    "Ragged": Ragged.from_dense(LETTERS),
    "Ragged of S1": Ragged.from_dense(LETTERS.view("S1")),
    "pandas Series": pd.Series(WORDS),
    "pandas Index": pd.Index(WORDS),
    "xarray of strings": xr.DataArray(WORDS, dims="row"),
    "xarray of S1 letters": xr.DataArray(LETTERS.view("S1"), dims=("row", "position")),
    "xarray of codes": xr.DataArray(LETTERS, dims=("row", "position")),
}


@pytest.mark.parametrize("seqs", HOLDERS.values(), ids=HOLDERS.keys())
def test_every_container_gives_the_same_codes(seqs):
    codes = as_codes(seqs)
    assert codes.dtype == np.uint8
    np.testing.assert_array_equal(codes, LETTERS)


@pytest.mark.parametrize("seqs", HOLDERS.values(), ids=HOLDERS.keys())
def test_every_container_gives_the_same_rows(seqs):
    rows = as_ragged(seqs)
    assert rows.values.dtype == np.uint8
    assert [row.tobytes().decode() for row in rows] == WORDS


@pytest.mark.parametrize("seq", ["ACGT", b"ACGT", np.str_("ACGT"), np.array("ACGT")])
def test_one_sequence_has_no_row_axis(seq):
    assert as_codes(seq).tolist() == [65, 67, 71, 84]


def test_codes_are_not_copied():
    assert np.shares_memory(as_codes(LETTERS), LETTERS)
    assert np.shares_memory(as_codes(LETTERS.view("S1")), LETTERS)


def test_nesting_gives_one_axis_a_level():
    codes = as_codes([[["AC", "GT"], ["TT", "AA"]]])
    assert codes.shape == (1, 2, 2, 2)
    assert codes.tobytes() == b"ACGTTTAA"


@pytest.mark.parametrize(
    "seqs",
    [[["A", "C"], "GT"], [["A", "C"], ["G", "T", "A"], ["C"]], [["A"], ["C", "G"]], [["A"], 5]],
    ids=["text beside a list", "uneven but of even total", "uneven", "number beside a list"],
)
def test_uneven_nesting_is_refused_not_regrouped(seqs):
    with pytest.raises(ValueError, match=r"seqs must be nested evenly, with . items in each inner"):
        as_codes(seqs)


@pytest.mark.parametrize(
    ("seqs", "shape"),
    [("", (0,)), (b"", (0,)), ([], (0, 0)), (["", ""], (2, 0)), ([[]], (1, 0, 0))],
)
def test_nothing_is_an_empty_array_not_a_nul_letter(seqs, shape):
    assert as_codes(seqs).shape == shape


def test_unequal_lengths_are_refused_with_the_way_out():
    with pytest.raises(ValueError, match=r"found lengths 1 to 3\. seqpro\.pad_seqs"):
        as_codes(["ACG", "T"])
    with pytest.raises(ValueError, match="reads must all have one length"):
        as_codes(Ragged.from_bytes([b"ACG", b"T"]), argument="reads")


def test_unequal_lengths_padded_on_request_end_in_zero_bytes():
    assert as_codes(["ACG", "", "T"], unequal="pad").tolist() == [[65, 67, 71], [0] * 3, [84, 0, 0]]


@pytest.mark.parametrize(
    ("seqs", "found"),
    [
        (np.arange(3), "int64 numbers"),
        (np.ones((2, 4)), "float64 numbers"),
        (np.array([True]), "bool numbers"),
        (np.array(65, np.uint8), "uint8 numbers"),
        (np.ones(3, np.int8), "int8 numbers"),
        ([1, 2], "1 of type int"),
        (["AC", None], "None of type NoneType"),
        (["AC", 2.5], "2.5 of type float"),
        (None, "None of type NoneType"),
        ({"AC"}, "{'AC'} of type set"),
        (Ragged(np.arange(4.0), [0, 2], [2, 2]), "a Ragged of float64"),
    ],
)
def test_numbers_are_never_turned_into_text(seqs, found):
    with pytest.raises(TypeError, match=f"seqs must .*{found}"):
        as_codes(seqs)
    with pytest.raises(TypeError, match=f"seqs must .*{found}"):
        as_ragged(seqs)


@pytest.mark.parametrize(
    ("seqs", "found"),
    [("ACé", "'é' at position 2"), (["AC", "µC"], "'µ' at position 0"), (b"AC\xc3", r"b'\\xc3'")],
)
def test_letter_outside_ascii_is_named_with_its_position(seqs, found):
    with pytest.raises(ValueError, match=f"seqs must be ASCII letters; found {found}"):
        as_codes(seqs)


@pytest.mark.parametrize(
    ("seqs", "message"),
    [
        ("ACGT", r"must be a list of sequences or .*; found one sequence\. Put it in a list"),
        (b"ACGT", "must be a list of sequences or .*; found one sequence"),
        ([["AC"], ["GT"]], r"must be a list of sequences .*; found \(2, 1\) sequences"),
        (LETTERS[0], r"or an array of shape \(n, length\); found one sequence"),
        (LETTERS[None], r"or an array of shape \(n, length\); found \(1, 3\) sequences"),
    ],
)
def test_rows_of_unequal_length_need_one_axis_of_sequences(seqs, message):
    with pytest.raises(ValueError, match=f"reads .*{message}"):
        as_ragged(seqs, argument="reads")


@pytest.mark.parametrize("seqs", HOLDERS.values(), ids=HOLDERS.keys())
def test_sequences_come_back_in_kind(seqs):
    """Text in, text out; codes in, codes out: chained calls keep working on what they are given."""
    turned = sp.reverse_complement(seqs, sp.DNA)
    if isinstance(seqs, Ragged):
        assert isinstance(turned, Ragged)
        assert turned.values.dtype == seqs.values.dtype
        assert turned.values.tobytes() == b"ACGTgtNNAATC"
        return
    assert turned.dtype == ("uint8" if getattr(seqs, "dtype", "") == np.uint8 else "S1")
    assert turned.tobytes() == b"ACGTgtNNAATC"


@pytest.mark.parametrize("shape", [(4,), (0,), (3, 0), (0, 3), (2, 0, 3), (2, 3, 0), (2, 3, 4)])
def test_leading_axes_join_even_when_empty(shape):
    rows = as_rows(np.zeros(shape))
    assert rows.shape == (int(np.prod(shape[:-1])), shape[-1])


INDICES = np.array([[0, 1, 2, 3], [3, 3, 0, 1]], np.uint8)
NUMBERS = {
    "indices of letters": INDICES,
    "one-hot": sp.ohe(WORDS, sp.DNA)[0],
    "bytes just below the letters": np.full((2, 4), 31, np.uint8),
    "padding first": np.repeat([[0], [2]], 3000, axis=1).astype(np.uint8),
    "Ragged of indices": Ragged.from_dense(INDICES),
    "xarray of indices": xr.DataArray(INDICES, dims=("row", "position")),
}


@pytest.mark.parametrize("seqs", NUMBERS.values(), ids=NUMBERS.keys())
def test_uint8_numbers_are_not_taken_for_letters(seqs):
    """One-hot arrays and indices have the type of codes, and every answer about them would be wrong."""
    message = (
        r"reads must hold letters as ASCII codes; found uint8 numbers of \d+ at most.*ohe_axis"
    )
    with pytest.raises(TypeError, match=message + r".*decode_ohe.*codes\[reads\]"):
        as_codes(seqs, argument="reads")
    with pytest.raises(TypeError, match=message):
        as_ragged(seqs, argument="reads")


@pytest.mark.parametrize(
    "function",
    [
        lambda seqs: sp.ohe(seqs, sp.DNA),
        lambda seqs: sp.reverse_complement(seqs, sp.DNA),
        sp.gc_content,
        lambda seqs: sp.count_kmers(seqs, 2, sp.DNA),
        lambda seqs: sp.pad_seqs(seqs, length=9),
        lambda seqs: sp.shared_sequence_groups(seqs, shared=2),
    ],
    ids=["ohe", "reverse_complement", "gc_content", "count_kmers", "pad_seqs", "groups"],
)
def test_functions_refuse_indices_and_take_them_as_letters_of_the_alphabet(function):
    """The way out that the error names."""
    with pytest.raises(TypeError, match=r"seqs must hold letters as ASCII codes; .* of 3 at most"):
        function(INDICES)
    letters = ["ACGT", "TTAC"]
    np.testing.assert_array_equal(
        np.asarray(function(sp.DNA.codes[INDICES])).view(np.uint8),
        np.asarray(function(letters)).view(np.uint8),
    )


def test_one_letter_after_much_padding_makes_codes():
    codes = np.zeros((3, 4000), np.uint8)
    assert as_codes(codes) is not None
    assert as_codes(np.zeros((2, 0), np.uint8)).shape == (2, 0)
    codes[2, -1] = 32
    assert np.shares_memory(as_codes(codes), codes)
    assert np.shares_memory(as_codes(codes[:, ::-3]), codes)
    assert as_ragged(Ragged.from_dense(codes)).sizes.tolist() == [4000] * 3


def test_control_characters_of_text_stay_letters():
    assert as_codes(["\t\n"]).tolist() == [[9, 10]]
    assert as_codes(np.array([b"\t", b"\n"], "S1")).tolist() == [9, 10]


def test_least_lets_indices_pass_and_one_hot_arrays_not():
    assert np.shares_memory(as_codes(INDICES, least=2), INDICES)
    with pytest.raises(TypeError, match="found uint8 numbers of 1 at most"):
        as_codes(NUMBERS["one-hot"], least=2)
