"""Hamming and edit distance."""

from __future__ import annotations

import tracemalloc
from string import ascii_lowercase, ascii_uppercase

import numpy as np
import pytest

import seqpro as sp
from seqpro import AA, DNA, RNA, Ragged
from seqpro.distance import edit_distance, hamming_distance

BOTH = pytest.mark.parametrize("distance", [hamming_distance, edit_distance])


def table(first, second):
    """Levenshtein distance by filling the whole table."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        above, row[0] = row[0], i
        for j, b in enumerate(second, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (a != b))
    return row[-1]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("", "", 0),
        ("ACGT", "", 4),
        ("ACGT", "ACGT", 0),
        ("ACGT", "CGT", 1),
        ("ACGT", "ACCT", 1),
        ("ACGT", "AACGTT", 2),
        ("AAAA", "CCCC", 4),
        ("ACGTACGT", "CGTACGTA", 2),
    ],
)
def test_edits_that_can_be_counted_by_hand(first, second, expected):
    assert edit_distance(first, second, DNA) == expected
    assert edit_distance(second, first, DNA) == expected


@pytest.mark.parametrize("size", [1, 2, 63, 64, 65, 127, 128, 129, 200, 300])
@pytest.mark.parametrize("other", [0, 1, 63, 64, 65, 130, 256])
def test_edit_distance_agrees_with_the_whole_table(size, other):
    """On both sides of 64 letters, the bits of a word, for related and unrelated sequences."""
    rng = np.random.default_rng(1000 * size + other)
    for share in (0, 0.7, 0.95):
        first = "".join(rng.choice(list("ACGTN"), size))
        second = list("".join(rng.choice(list("ACGT"), other)))
        for i in range(min(size, other)):
            if rng.random() < share:
                second[i] = first[max(0, i - 2)]
        second = "".join(second)
        found = edit_distance(first, second, DNA, unknown="letter")
        assert found == table(first, second)


def test_rows_of_one_call_do_not_disturb_each_other():
    """Long and short rows share the memory for marks."""
    rng = np.random.default_rng(0)
    first = ["".join(rng.choice(list("ACGT"), size)) for size in (300, 3, 0, 70, 64, 1, 190)]
    second = ["".join(rng.choice(list("ACGT"), size)) for size in (10, 300, 5, 0, 65, 80, 192)]
    expected = [table(a, b) for a, b in zip(first, second, strict=True)]
    assert edit_distance(first, second, DNA).tolist() == expected
    every = [[table(a, b) for b in second] for a in first]
    assert edit_distance(first, second, DNA, all_pairs=True).tolist() == every


@pytest.mark.parametrize("length", [0, 1, 7, 64, 1000])
def test_hamming_distance_agrees_with_numpy(length):
    first, second = (sp.random_seqs((30, length), DNA, rng=seed) for seed in (0, 1))
    expected = (first != second).sum(axis=1)
    np.testing.assert_array_equal(hamming_distance(first, second, DNA), expected)
    every = (first[:, None] != second[None]).sum(axis=2)
    np.testing.assert_array_equal(hamming_distance(first, second, DNA, all_pairs=True), every)
    np.testing.assert_array_equal(hamming_distance(first, second[3], DNA), every[:, 3])
    np.testing.assert_array_equal(hamming_distance(first[4], second, DNA), every[4])


@BOTH
def test_result_has_the_shape_of_the_sequences(distance):
    one, three, nested = "AC", ["AC", "AA", "CC"], [["AC", "GC", "TT"], ["AA", "AC", "AC"]]
    assert distance(one, one, DNA).shape == ()
    assert distance(three, three, DNA).tolist() == [0, 0, 0]
    assert distance(three, one, DNA).tolist() == distance(one, three, DNA).tolist() == [0, 1, 1]
    assert distance(nested, one, DNA).tolist() == [[0, 1, 2], [1, 0, 0]]
    assert distance(nested, nested, DNA).tolist() == [[0, 0, 0], [0, 0, 0]]
    assert distance(nested, three, DNA, all_pairs=True).shape == (2, 3, 3)
    assert distance(one, three, DNA, all_pairs=True).tolist() == [0, 1, 1]
    assert distance(three, one, DNA, all_pairs=True).tolist() == [0, 1, 1]
    assert distance(["AC"], three, DNA, all_pairs=True).tolist() == [[0, 1, 1]]
    assert distance(one, one, DNA, all_pairs=True).shape == ()
    assert distance([], [], DNA).shape == (0,)
    assert distance([], "AC", DNA).shape == distance("AC", [], DNA).shape == (0,)
    assert distance([], three, DNA, all_pairs=True).shape == (0, 3)
    assert distance(three, [], DNA, all_pairs=True).shape == (3, 0)


@BOTH
@pytest.mark.parametrize(
    ("seqs", "others"), [(["A", "C"], ["A", "C", "G"]), ([["A"], ["C"]], ["A", "C"]), (["A"], [])]
)
def test_numbers_of_sequences_that_do_not_fit_are_refused(distance, seqs, others):
    message = (
        r"others must be as many sequences as seqs, .* or one; found .* all_pairs=True compares"
    )
    with pytest.raises(ValueError, match=message):
        distance(seqs, others, DNA)


def test_sequences_of_unequal_length_have_no_hamming_distance():
    message = r"of one length .*; found lengths 3 and 2 in pair 1\. edit_distance takes any"
    with pytest.raises(ValueError, match=message):
        hamming_distance(["AC", "ACG"], ["AC", "AC"], DNA)
    assert hamming_distance(["AC", "ACG"], ["AC", "TTT"], DNA).tolist() == [0, 3]
    message = r"of one length .*; found lengths 2 and 3\. edit_distance takes any lengths"
    for seqs, others, all_pairs in (
        (["AC", "AC"], "ACG", False),
        ("ACG", ["AC", "AC"], False),
        (["AC"], ["AC", "ACG"], True),
        (["AC", "ACG"], ["ACG"], True),
        (["AC"], ["ACG"], True),
    ):
        with pytest.raises(ValueError, match=message):
            hamming_distance(seqs, others, DNA, all_pairs=all_pairs)


@BOTH
def test_unknown_letters_match_nothing_unless_told(distance):
    assert distance("ANNG", "ANCn", DNA) == 3
    assert distance("ANNG", "ANCn", DNA, unknown="letter") == 2
    assert distance("AUUU", "AUUU", DNA) == 3
    assert distance("AUUU", "auUU", RNA) == 0
    assert distance("-n", "-N", DNA, unknown="letter") == 0
    assert distance(ascii_lowercase, ascii_uppercase, DNA, unknown="letter") == 0
    assert distance("`{", "@[", DNA, unknown="letter") == 2
    assert distance("-n", "-N", DNA, unknown="letter", case="strict") == 1
    assert distance("LWX", "LWX", AA) == 1
    with pytest.raises(ValueError, match="unknown must be 'mismatch' or 'letter'; found 'ignore'"):
        distance("A", "A", DNA, unknown="ignore")


@BOTH
def test_lower_case_is_the_same_letter_unless_told(distance):
    assert distance("acGT", "ACgt", DNA) == 0
    assert distance("acGT", "ACgt", DNA, case="strict") == 4
    assert distance("acgt", "acgt", DNA, case="strict") == 4
    assert distance("acgt", "acgt", DNA, case="strict", unknown="letter") == 0
    with pytest.raises(ValueError, match="case must be 'fold' or 'strict'; found 'lower'"):
        distance("A", "A", DNA, case="lower")


@BOTH
@pytest.mark.parametrize("unknown", ["mismatch", "letter"])
def test_padding_is_no_letter(distance, unknown):
    """Arrays of text of unequal length end in zero bytes."""
    first = np.array([b"ACGT", b"ACG", b""]).view("S1").reshape(3, 4)
    second = np.array([b"ACGT", b"AC", b"T"]).astype("S4").view("S1").reshape(3, 4)
    assert distance(first, second, DNA, unknown=unknown).tolist() == [0, 1, 1]
    assert edit_distance(first[:, ::-1][:1], first[:1], DNA, unknown=unknown).tolist() == [4]
    assert edit_distance([b"GACG"], first[1:2], DNA, unknown=unknown).tolist() == [1]


@BOTH
@pytest.mark.parametrize("ohe_axis", [-1, -2])
def test_one_hot_arrays_are_compared_like_their_letters(distance, ohe_axis):
    seqs, others = ["ACGT", "NNAA"], ["TCGA", "NAAA"]
    expected = distance(seqs, others, DNA)
    first, second = (sp.ohe(s, DNA, ohe_axis=ohe_axis) for s in (seqs, others))
    np.testing.assert_array_equal(distance(first, second, DNA, ohe_axis=ohe_axis), expected)
    found = distance(first, second[0], DNA, ohe_axis=ohe_axis)
    np.testing.assert_array_equal(found, distance(seqs, others[0], DNA))


@BOTH
def test_every_container_is_taken_and_both_may_differ(distance):
    words = ["ACGT", "AAAA", "TTGA"]
    codes = sp.as_codes(words)
    containers = [words, [w.encode() for w in words], np.array(words), codes, codes.view("S1")]
    containers += [Ragged.from_dense(codes), Ragged.from_dense(codes[::-1])[::-1], codes[:, ::1]]
    every = distance(words, words, DNA, all_pairs=True)
    for seqs in containers:
        assert distance(seqs, words, DNA).tolist() == [0, 0, 0]
        np.testing.assert_array_equal(distance(words, seqs, DNA, all_pairs=True), every)


@BOTH
def test_arguments_that_are_no_sequences_are_named(distance):
    with pytest.raises(TypeError, match="others must be text"):
        distance(["AC"], np.ones(2), DNA)
    with pytest.raises(TypeError, match="alphabet must be an Alphabet such as"):
        distance(["AC"], ["AC"], "DNA")


def test_all_bytes_are_letters_of_their_own():
    codes = np.arange(1, 256, dtype=np.uint8)
    options = {"unknown": "letter", "case": "strict"}
    assert edit_distance(codes, codes[1:], DNA, **options) == 1
    assert hamming_distance(codes, codes, DNA, **options) == 0
    assert hamming_distance(codes, np.roll(codes, 1), DNA, **options) == 255


@BOTH
def test_many_rows_in_blocks_and_threads(distance, monkeypatch):
    first = sp.random_seqs((2000, 60), DNA, rng=0)
    second = first.copy()
    second[np.arange(2000), np.arange(2000) % 60] = b"N"
    monkeypatch.setenv("SEQPRO_THREADS", "3")
    assert (distance(first, second, DNA) == 1).all()
    every = distance(first, second[:700], DNA, all_pairs=True)
    assert every.shape == (2000, 700)
    assert (every[np.arange(700), np.arange(700)] == 1).all()
    for i, j in ((0, 699), (1999, 0), (1000, 350)):
        assert every[i, j] == distance(first[i], second[j], DNA)


def test_distances_of_a_long_list_need_little_memory():
    """Text is read block by block, never joined as a whole."""
    words = [sp.random_seqs(100, DNA, rng=0).tobytes().decode()] * 200_000
    hamming_distance(words[:5], words[:5], DNA)
    edit_distance(words[:5], words[0], DNA)
    tracemalloc.start()
    assert not hamming_distance(words, words, DNA).any()
    assert not edit_distance(words, words[0], DNA).any()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12e6
