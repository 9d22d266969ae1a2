"""Cleaning: what is left is exactly the alphabet, and only the bad rows go."""

from __future__ import annotations

import numpy as np
import pytest

import seqpro as sp
from seqpro import AA, DNA, RNA, Alphabet, Ragged
from seqpro.clean import read_rows, remove_N, sanitize, unknown_content
from seqpro.containers import rows_of

BRACKETS = Alphabet("pseudoknots", ".()", unknown="?")
METHYLATED = Alphabet("methylated", "ACGTm", pairs="AT CG mG")


def words(rows):
    return [bytes(row).decode() for row in rows]


@pytest.mark.parametrize(
    ("seq", "alphabet", "options", "expected"),
    [
        ("  acgt\n", DNA, {}, "ACGT"),
        ("AC GT\tA\r\nC\v\f", DNA, {}, "ACGTAC"),
        ("AC-G..T", DNA, {}, "ACGT"),
        ("AC-G..T", DNA, {"remove": ""}, "ACNGNNT"),
        ("AC*G*", DNA, {"remove": "*"}, "ACG"),
        ("AURYN>", DNA, {}, "ANNNNN"),
        ("AUT", RNA, {}, "AUN"),
        ("mkv*bz", AA, {}, "MKVXXX"),
        ("ACGT", DNA, {"unknown_char": "x"}, "ACGT"),
        ("acGN", DNA, {"unknown_char": "x"}, "ACGx"),
        ("acGT", DNA, {"case": "strict"}, "NNGT"),
        ("aMm C", METHYLATED, {}, "AmmC"),
        ("(.-.) ", BRACKETS, {}, "(..)"),
        ("AC\0\0", DNA, {}, "AC"),
        ("AC\0", DNA, {"unknown_char": "\0", "remove": ""}, "AC"),
        (" \n", DNA, {}, ""),
        ("", DNA, {}, ""),
    ],
)
def test_what_is_left_of_a_sequence(seq, alphabet, options, expected):
    found = sanitize(seq, alphabet, **options)
    assert isinstance(found, Ragged)
    assert words(found) == [expected]


def test_every_byte_is_kept_replaced_or_removed():
    """All 128 characters against plain Python."""
    letters = [chr(code) for code in range(128)]
    expected = [
        "" if c == "\0" or c in " \t\n\v\f\r-." else c.upper() if c.upper() in "ACGT" else "N"
        for c in letters
    ]
    assert words(sanitize(letters, DNA)) == expected


def test_rows_of_any_container_come_back_in_order():
    rows = [" ac", "", "gt-\n", "NNNNN"]
    expected = ["AC", "", "GT", "NNNNN"]
    for seqs in (rows, np.array(rows, object), [row.encode() for row in rows]):
        found = sanitize(seqs, DNA)
        assert words(found) == expected
        assert found.values.dtype == "S1"
    found = sanitize(Ragged.from_bytes([row.encode() for row in rows])[::-1], DNA)
    assert words(found) == expected[::-1]
    assert found.values.dtype == np.uint8
    assert words(sanitize([["a ", "c"], ["g", "t"]], DNA)) == ["A", "C", "G", "T"]
    assert len(sanitize([], DNA)) == 0


def test_many_rows_are_cleaned_block_by_block():
    seqs = sp.random_seqs((3000, 300), Alphabet("dirty", "ACGTacgtN -"), rng=0)
    found = words(sanitize(seqs, DNA))
    for i in range(0, 3000, 97):
        text = seqs[i].tobytes().decode()
        assert found[i] == text.replace(" ", "").replace("-", "").upper()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"remove": "é"}, r"remove must be ASCII letters; found 'é'"),
        ({"remove": None}, r"remove must be ASCII letters; found None"),
        ({"unknown_char": "NN"}, r"unknown_char must be one ASCII letter; found 'NN'"),
        ({"case": "upper"}, r"case must be 'fold' or 'strict'"),
    ],
)
def test_options_of_sanitize_that_do_not_fit_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        sanitize("ACGT", DNA, **options)


def test_unknown_content_counts_letters_of_each_row_by_its_own_length():
    found = unknown_content(["ACGN", "nnR", "acgt", "", "U"], DNA)
    np.testing.assert_allclose(found, [0.25, 1, 0, 0, 1])
    assert unknown_content("AN", DNA).shape == ()
    assert unknown_content([["AN", "NN"]], DNA).tolist() == [[0.5, 1.0]]
    assert unknown_content("acGT", DNA, case="strict") == 0.5
    assert unknown_content("ACN", AA) == 0
    padded = sp.as_codes(["ACN", "A"], unequal="pad")
    np.testing.assert_allclose(unknown_content(padded, DNA), [1 / 3, 0])


@pytest.mark.parametrize("ohe_axis", [-1, -2])
@pytest.mark.parametrize("unknown", ["zero", "uniform"])
def test_one_hot_rows(ohe_axis, unknown):
    seqs = ["ACGT", "ACNN", "NNNN", "TTTN"]
    onehot = sp.ohe(seqs, DNA, ohe_axis=ohe_axis, dtype=np.float32, unknown=unknown)
    assert unknown_content(onehot, DNA, ohe_axis=ohe_axis).tolist() == [0, 0.5, 1, 0.25]
    found = remove_N(onehot, DNA, most=0.4, ohe_axis=ohe_axis)
    np.testing.assert_array_equal(found, onehot[[0, 3]])


@pytest.mark.parametrize(
    ("most", "expected"),
    [(0, [0, 5]), (0.25, [0, 3, 5]), (0.5, [0, 1, 3, 5]), (0.99, [0, 1, 3, 5]), (1, [0, 1, 3, 5])],
)
def test_rows_with_too_many_unknown_letters_go(most, expected):
    seqs = ["ACGT", "ACNN", "NNNN", "TTTN", "nnnn", "acgt"]
    found = remove_N(seqs, DNA, most=most)
    assert words(found) == [seqs[i] for i in expected]
    unknown = unknown_content(seqs, DNA)
    assert np.flatnonzero((unknown <= most) & (unknown < 1)).tolist() == expected


def test_empty_sequence_is_not_only_unknown():
    """The published cleaner took an empty sequence for one of nothing but N."""
    rows = Ragged.from_bytes([b"", b"N", b"ACGTA", b"AN"])
    assert words(remove_N(rows, DNA, most=1)) == ["", "ACGTA", "AN"]
    assert words(remove_N(rows, DNA)) == ["", "ACGTA"]


def test_kind_is_the_inputs_and_axes_of_sequences_become_one():
    assert remove_N([["AC", "NC"], ["GT", "AA"]], DNA).shape == (3, 2)
    assert remove_N("ACGT", DNA).shape == (1, 4)
    assert remove_N("NNNN", DNA).shape == (0, 4)
    assert remove_N(["NNNN"], DNA).dtype == "S1"
    codes = sp.random_seqs((3, 4), DNA, rng=0).view(np.uint8)
    found = remove_N(codes, DNA)
    assert found.dtype == np.uint8
    assert not np.shares_memory(found, codes)
    assert isinstance(remove_N(Ragged.from_bytes([b"N"]), DNA), Ragged)
    assert len(remove_N(Ragged.from_bytes([b"N", b"NN"]), DNA)) == 0
    assert remove_N(np.zeros((0, 4), "S1"), DNA).shape == (0, 4)
    assert remove_N([], DNA).shape == (0, 0)


def test_rows_kept_here_and_there_among_many():
    seqs = sp.random_seqs((4000, 300), DNA, rng=0)
    bad = np.random.default_rng(1).random(4000) < np.repeat([0.02, 0.98, 0.5, 1], 1000)
    seqs[bad, 7] = b"N"
    np.testing.assert_array_equal(remove_N(seqs, DNA), seqs[~bad])
    listed = remove_N([row.tobytes() for row in seqs], DNA)
    np.testing.assert_array_equal(listed, seqs[~bad])


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"most must be a number from 0 to 1; found 1\.5"):
        remove_N(["ACGT"], DNA, most=1.5)
    with pytest.raises(ValueError, match=r"most must be a number from 0 to 1; found nan"):
        remove_N(["ACGT"], DNA, most=float("nan"))
    with pytest.raises(ValueError, match=r"seqs must all have one length.*as_ragged keeps them"):
        remove_N(["ACGT", "A"], DNA)
    with pytest.raises(TypeError, match=r"alphabet must be an Alphabet"):
        remove_N(["ACGT"], "DNA")
    with pytest.raises(TypeError, match=r"seqs must hold text; found 1"):
        sanitize([1, 2], DNA)


@pytest.mark.parametrize(
    "numbers", [[], [3], [5, 5, 0], [90, 3, 4, 90, 40], list(range(99, -1, -1))]
)
def test_rows_are_read_by_number_in_any_order(numbers):
    """What mutants and cleaned rows are read with; far numbers are read apart."""
    ragged = Ragged.from_bytes([b"%d" % (i * i) for i in range(100)])
    for seqs in (ragged, [row.tobytes() for row in ragged]):
        block = read_rows(rows_of(seqs), np.array(numbers, np.int64))
        assert words(Ragged(*block)) == [str(i * i) for i in numbers]
