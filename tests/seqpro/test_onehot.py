"""One-hot encoding and decoding."""

from __future__ import annotations

import numpy as np
import pytest

import seqpro as sp
from seqpro import AA, DNA, RNA, Alphabet

BRACKETS = Alphabet("pseudoknots", ".()[]{}", unknown="?")
ACN = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]])


def in_order(array, order):
    """The same numbers in another memory order."""
    if order == "strided":
        return np.repeat(array, 2, axis=-1)[..., ::2]
    return np.asfortranarray(array) if order == "F" else np.ascontiguousarray(array)


def test_soft_masked_genome_is_encoded():
    onehot = sp.ohe("ANa", DNA)
    assert onehot.tolist() == [[1, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]]
    assert onehot.dtype == np.uint8


def test_lower_case_is_unknown_on_request():
    assert sp.ohe("ANa", DNA, case="strict").tolist() == [[1, 0, 0, 0], [0] * 4, [0] * 4]
    assert sp.ohe("ANa", DNA, case="strict", ohe_axis=-2).sum() == 1


@pytest.mark.parametrize("shape", [(5,), (3, 5), (2, 3, 5), (0, 5), (3, 0), (0,)])
def test_letters_take_the_axis_asked_for(shape):
    seqs = sp.random_seqs(shape, DNA, rng=0)
    last, first = sp.ohe(seqs, DNA), sp.ohe(seqs, DNA, ohe_axis=-2)
    assert last.shape == (*shape, 4)
    assert first.shape == (*shape[:-1], 4, shape[-1])
    np.testing.assert_array_equal(np.moveaxis(first, -2, -1), last)


def test_shorter_sequences_of_a_list_end_in_zero_columns():
    assert sp.ohe(["A", "AC"], DNA).tolist() == [
        [[1, 0, 0, 0], [0, 0, 0, 0]],
        [[1, 0, 0, 0], [0, 1, 0, 0]],
    ]


def test_amino_acids_have_one_column_each():
    onehot = sp.ohe("LM*", AA)
    assert onehot.shape == (3, 20)
    assert onehot.sum(axis=-1).tolist() == [1, 1, 0]
    assert sp.decode_ohe(onehot, AA).tobytes() == b"LMX"


@pytest.mark.parametrize("ohe_axis", [-1, -2])
@pytest.mark.parametrize("alphabet", [DNA, RNA, AA, BRACKETS, Alphabet("odd", "[@A_m1")])
def test_encoding_agrees_with_a_lookup_of_every_ascii_letter(alphabet, ohe_axis):
    """Signs that differ by the bit of letter case, as [ and {, are different letters."""
    text = "".join(map(chr, range(128)))
    upper = {c.upper(): i for i, c in enumerate(alphabet.letters)}
    exact = {c: i for i, c in enumerate(alphabet.letters)}
    expected = np.zeros((128, len(alphabet)), np.uint8)
    for place, letter in enumerate(text):
        column = exact.get(letter, upper.get(letter.upper()))
        if column is not None:
            expected[place, column] = 1
    found = sp.ohe(text, alphabet, ohe_axis=ohe_axis)
    np.testing.assert_array_equal(np.moveaxis(found, ohe_axis, -1), expected)


@pytest.mark.parametrize("ohe_axis", [-1, -2])
@pytest.mark.parametrize(
    "dtype", ["?", "u1", "i1", "i2", "i4", "i8", "f2", "f4", "f8", ">f4", ">i2", "g"]
)
def test_every_number_type_holds_the_same_columns(dtype, ohe_axis):
    onehot = sp.ohe("acN", DNA, dtype=dtype, ohe_axis=ohe_axis)
    assert onehot.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(np.moveaxis(onehot, ohe_axis, -1), ACN)


@pytest.mark.parametrize("ohe_axis", [-1, -2])
@pytest.mark.parametrize(
    ("unknown", "entry"), [("uniform", 0.25), (-1.0, -1.0), (0, 0), (0.5, 0.5)]
)
def test_unknown_letters_get_the_columns_asked_for(unknown, entry, ohe_axis):
    onehot = sp.ohe("ANC", DNA, unknown=unknown, dtype=np.float32, ohe_axis=ohe_axis)
    expected = [[1, 0, 0, 0], [entry] * 4, [0, 1, 0, 0]]
    np.testing.assert_array_equal(np.moveaxis(onehot, ohe_axis, -1), expected)


@pytest.mark.parametrize(
    ("unknown", "dtype", "found"),
    [
        ("uniform", "u1", "0.25, which uint8"),
        (0.5, "i8", "0.5, which int64"),
        (300, "u1", "300, which uint8"),
        (-1, "u1", "-1, which uint8"),
        (np.nan, "i4", "nan, which int32"),
        (2, "?", "2, which bool"),
    ],
)
def test_fill_that_the_number_type_cannot_hold_is_refused(unknown, dtype, found):
    with pytest.raises(ValueError, match=f"unknown=.* fills columns with {found} cannot hold"):
        sp.ohe("AN", DNA, unknown=unknown, dtype=dtype)


@pytest.mark.parametrize(
    ("seqs", "where"),
    [
        ("ACXNG", r"'X' at position 2 of sequence 0"),
        (["ACG", "A-G"], r"'-' at position 1 of sequence 1"),
        (["ACG", "AC"], r"nothing \(a shorter sequence\) at position 2 of sequence 1"),
    ],
)
def test_unknown_letter_is_refused_by_name_and_place(seqs, where):
    with pytest.raises(ValueError, match=rf"letters of DNA \(ACGT\) only; found {where}"):
        sp.ohe(seqs, DNA, unknown="error")


def test_refusing_unknown_letters_lets_clean_ones_pass():
    np.testing.assert_array_equal(sp.ohe("acGT", DNA, unknown="error"), np.eye(4))
    with pytest.raises(ValueError, match=r"found 'a' at position 0 of sequence 0"):
        sp.ohe("acGT", DNA, unknown="error", case="strict")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ohe_axis": 2}, r"ohe_axis must be -1 .* or -2 .*; found 2"),
        ({"case": "lower"}, "case must be 'fold' or 'strict'; found 'lower'"),
        ({"unknown": "N"}, "unknown must be 'zero', 'uniform', 'error' or a number; found 'N'"),
        (
            {"out": np.zeros((4, 3), np.uint8)},
            r"out must be an array of shape \(3, 4\).*found \(4, 3\)",
        ),
        ({"out": np.zeros((3, 4))}, "dtype uint8; found .* and float64"),
        ({"dtype": "f4", "out": np.zeros((3, 4), "u1")}, "dtype float32; found .* and uint8"),
    ],
)
def test_argument_that_does_not_fit_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        sp.ohe("ACG", DNA, **options)


@pytest.mark.parametrize("ohe_axis", [-1, -2])
def test_number_type_without_numbers_is_refused(ohe_axis):
    with pytest.raises(TypeError, match="must hold real numbers; found object"):
        sp.ohe("ACG", DNA, dtype=object, ohe_axis=ohe_axis)


@pytest.mark.parametrize("order", ["C", "F", "strided"])
@pytest.mark.parametrize("ohe_axis", [-1, -2])
def test_out_is_filled_and_returned(ohe_axis, order):
    seqs = ["ACGTN", "NNACg"]
    expected = sp.ohe(seqs, DNA, ohe_axis=ohe_axis, dtype=np.float32)
    out = in_order(np.full_like(expected, 7), order)
    assert sp.ohe(seqs, DNA, ohe_axis=ohe_axis, dtype=np.float32, out=out) is out
    np.testing.assert_array_equal(out, expected)


def test_input_is_not_changed():
    seqs = np.array(["acgn"], "S").view("S1").reshape(1, 4)
    sp.ohe(seqs, DNA)
    assert seqs.tobytes() == b"acgn"


@pytest.mark.parametrize("order", ["C", "F", "strided"])
@pytest.mark.parametrize("dtype", ["?", "u1", "i8", "f2", "f4", ">f8", "g"])
@pytest.mark.parametrize("ohe_axis", [-1, -2])
def test_decoding_reads_any_number_type_and_memory_order(dtype, ohe_axis, order):
    onehot = in_order(sp.ohe(["ACGTN", "NNACg"], DNA, dtype=dtype, ohe_axis=ohe_axis), order)
    assert sp.decode_ohe(onehot, DNA, ohe_axis=ohe_axis).tobytes() == b"ACGTNNNACG"


@pytest.mark.parametrize(
    "column",
    [
        [0, 0, 0, 0],
        [1, 1, 0, 0],
        [0.25] * 4,
        [2, 0, 0, 0],
        [1, 0.5, 0, 0],
        [1, -1, 0, 0],
        [np.nan, 1, 0, 0],
    ],
)
def test_column_that_is_not_one_hot_is_unknown_not_a_guess(column):
    onehot = np.array([column, [0, 0, 1, 0]], float)
    assert sp.decode_ohe(onehot, DNA).tobytes() == b"NG"
    assert sp.decode_ohe(onehot, DNA, unknown_char="-").tobytes() == b"-G"
    assert sp.decode_ohe(onehot.T, DNA, ohe_axis=-2).tobytes() == b"NG"


@pytest.mark.parametrize("shape", [(0, 4), (0, 3, 4), (3, 0, 4), (2, 0, 3, 4)])
def test_decoding_nothing_gives_nothing(shape):
    decoded = sp.decode_ohe(np.zeros(shape), DNA)
    assert decoded.shape == shape[:-1]
    assert decoded.dtype == "S1"


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((5, 4), {"ohe_axis": -2}, r"4 letters \(DNA\) on axis -2; .*Did you mean ohe_axis=-1\?"),
        ((9, 4, 5), {}, r"on axis -1; found shape \(9, 4, 5\)\. Did you mean ohe_axis=-2\?"),
        ((5, 20), {}, r"on axis -1; found shape \(5, 20\)$"),
        ((5, 4), {"ohe_axis": 2}, "found ohe_axis=2 and shape"),
        ((4,), {}, r"found ohe_axis=-1 and shape \(4,\)"),
        ((5, 4), {"unknown_char": ""}, "unknown_char must be one ASCII letter; found ''"),
        ((5, 4), {"unknown_char": "NN"}, "unknown_char must be one ASCII letter; found 'NN'"),
        ((5, 4), {"unknown_char": "é"}, "unknown_char must be one ASCII letter; found 'é'"),
    ],
)
def test_decoding_with_the_wrong_axis_is_refused_with_a_hint(shape, options, message):
    with pytest.raises(ValueError, match=message):
        sp.decode_ohe(np.zeros(shape), DNA, **options)


def test_unknown_beyond_the_float_type_is_refused():
    with pytest.raises(ValueError, match=r"unknown=1e\+300 is beyond what float32 can hold"):
        sp.ohe("ACGT", DNA, dtype="f4", unknown=1e300)
    assert np.isinf(sp.ohe("N", DNA, dtype="f4", unknown=np.inf)).all()


def test_decoding_letters_is_refused():
    with pytest.raises(TypeError, match=r"must hold real numbers; found \|S1"):
        sp.decode_ohe(np.full((3, 4), b"A", "S1"), DNA)


@pytest.mark.parametrize("shape", [(10, 1_000_000), (200_000, 40)])
def test_large_batches_agree_with_numpy(shape):
    """Several blocks on several threads leave no row out, for few long rows and many short ones."""
    codes = np.random.default_rng(0).choice(np.frombuffer(b"ACGTNacgt", np.uint8), shape)
    table = np.zeros((256, 4), np.uint8)
    for column, letter in enumerate("ACGT"):
        table[[ord(letter), ord(letter.lower())], column] = 1
    last, first = sp.ohe(codes, DNA), sp.ohe(codes, DNA, ohe_axis=-2)
    assert np.array_equal(last, table[codes])
    assert np.array_equal(first, np.moveaxis(last, -1, -2))
    upper = np.where(codes > 96, codes - 32, codes)
    assert np.array_equal(sp.decode_ohe(last, DNA).view(np.uint8), upper)
    assert np.array_equal(sp.decode_ohe(first, DNA, ohe_axis=-2).view(np.uint8), upper)
