"""Tokens: numbers for letters and k-mers, and the way back."""

from __future__ import annotations

import numpy as np
import pytest

import seqpro as sp
from seqpro import AA, DNA, Ragged
from seqpro.kmers import kmer_names

MAP = {"A": 0, "C": 1, "G": 2, "T": 3}


@pytest.mark.parametrize("tokens", [DNA, MAP], ids=["alphabet", "mapping"])
@pytest.mark.parametrize(("case", "last"), [("fold", 0), ("strict", -1)])
def test_letters_become_numbers(tokens, case, last):
    found = sp.tokenize("ACGTNa", tokens, case=case)
    assert found.dtype == np.int32
    assert found.tolist() == [0, 1, 2, 3, -1, last]


@pytest.mark.parametrize(("case", "word"), [("fold", b"ACGTNA"), ("strict", b"ACGTNN")])
def test_decoding_undoes_tokenizing(case, word):
    assert sp.decode_tokens(sp.tokenize("ACGTNa", MAP, case=case), MAP).tobytes() == word


def test_a_map_may_skip_numbers_and_tell_case_apart():
    tokens = {"a": 10, "A": -5, "N": 1000}
    found = sp.tokenize("aAnNx", tokens, unknown=7)
    assert found.tolist() == [10, -5, 1000, 1000, 7]
    assert sp.decode_tokens(found, tokens, unknown_char="?").tobytes() == b"aANN?"


@pytest.mark.parametrize("dtype", ["i1", "i2", "i8", "u1", ">i4"])
def test_any_whole_number_type_gives_the_same_numbers(dtype):
    found = sp.tokenize("ACGTN", DNA, dtype=dtype, unknown=4)
    assert found.dtype == np.dtype(dtype)
    assert found.tolist() == [0, 1, 2, 3, 4]
    assert sp.decode_tokens(found, DNA).tobytes() == b"ACGTN"


@pytest.mark.parametrize("ohe_axis", [-1, -2])
def test_one_hot_columns_are_letters(ohe_axis):
    onehot = sp.ohe(["ACNT", "GGGA"], DNA, ohe_axis=ohe_axis, dtype=np.float32)
    assert sp.tokenize(onehot, DNA, ohe_axis=ohe_axis).tolist() == [[0, 1, -1, 3], [2, 2, 2, 0]]


def test_shorter_sequences_end_in_unknown():
    expected = [[0, 1, 2], [3, -1, -1]]
    assert sp.tokenize(["ACG", "T"], DNA).tolist() == expected
    assert sp.tokenize(Ragged.from_bytes([b"ACG", b"T"]), DNA).tolist() == expected


@pytest.mark.parametrize("step", [1, 2])
def test_out_is_the_return_value(step):
    out = np.zeros((2, 6), np.int32)[:, ::step]
    seqs = np.full((2, out.shape[1]), b"G", "S1")
    assert sp.tokenize(seqs, DNA, out=out) is out
    assert (out == 2).all()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: sp.tokenize("A", {"AC": 1}),
            ValueError,
            "each key of tokens must be one ASCII letter",
        ),
        (lambda: sp.tokenize("A", {"A": 1.5}), TypeError, "whole numbers; found 1.5 for 'A'"),
        (lambda: sp.tokenize("A", {}), TypeError, "an Alphabet or a mapping of letters to numbers"),
        (lambda: sp.tokenize("A", "DNA"), TypeError, "an Alphabet or a mapping"),
        (
            lambda: sp.tokenize("A", DNA, dtype="u1"),
            ValueError,
            "numbers from -1 to 3; found uint8",
        ),
        (
            lambda: sp.tokenize("A", DNA, dtype="f4"),
            ValueError,
            "a whole-number type; found float32",
        ),
        (lambda: sp.tokenize("A", DNA, out=np.zeros(2, np.int32)), ValueError, r"shape \(1,\)"),
        (lambda: sp.decode_tokens([0.5], DNA), TypeError, "whole numbers; found float64"),
        (
            lambda: sp.decode_tokens([0], {"A": 1, "C": 1}),
            ValueError,
            "a number each to be decoded",
        ),
        (
            lambda: sp.decode_tokens([0], {"A": 0, "C": 1 << 40}),
            ValueError,
            "within 1048576 of each",
        ),
        (
            lambda: sp.decode_tokens([0], DNA, unknown_char="NN"),
            ValueError,
            "unknown_char must be one",
        ),
        (
            lambda: sp.kmer_tokens("ACG", 4, DNA),
            ValueError,
            "at most the length of the sequences, 3",
        ),
        (lambda: sp.kmer_tokens("ACG", 0, DNA), ValueError, "k must be a whole number, at least 1"),
        (lambda: sp.kmer_tokens("A" * 40, 32, DNA), ValueError, "fit 63 bits; found 32"),
        (lambda: sp.kmer_tokens("ACG", 2, DNA, stride=0), ValueError, "stride must be a whole"),
        (
            lambda: sp.kmer_tokens("ACGT", 4, DNA, dtype="i1"),
            ValueError,
            "from -1 to 255; found int8",
        ),
        (lambda: sp.kmer_tokens("ACG", 2, "DNA"), TypeError, "alphabet must be an Alphabet"),
        (lambda: sp.decode_kmer_tokens([1], 2, DNA, stride=3), ValueError, "at most k=2"),
    ],
)
def test_argument_that_does_not_fit_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("alphabet", [DNA, AA], ids=["DNA", "AA"])
@pytest.mark.parametrize("stride", [1, 2, 3, 5])
def test_kmer_tokens_are_places_among_all_words(alphabet, stride):
    names = kmer_names(3, alphabet)
    seqs = sp.random_seqs((4, 30), alphabet.with_letters("?") if alphabet is AA else DNA, rng=0)
    found = sp.kmer_tokens(seqs, 3, alphabet, stride=stride)
    for row, tokens in zip(seqs, found, strict=True):
        text = row.tobytes().decode()
        words = [text[i : i + 3] for i in range(0, 28, stride)]
        assert tokens.tolist() == [names.index(w) if w in names else -1 for w in words]


def test_kmers_with_an_unknown_letter_are_unknown_and_only_they():
    assert sp.kmer_tokens("AANAaT", 2, DNA).tolist() == [0, -1, -1, 0, 3]
    assert sp.kmer_tokens("AANAaT", 2, DNA, case="strict").tolist() == [0, -1, -1, -1, -1]
    assert sp.kmer_tokens(["AAA", "A"], 2, DNA, unknown=99).tolist() == [[0, 0], [99, 99]]


@pytest.mark.parametrize(("k", "stride"), [(1, 1), (3, 1), (3, 2), (3, 3), (31, 1)])
def test_decoding_undoes_kmer_tokens(k, stride):
    seqs = sp.random_seqs((3, k + 6 * stride), DNA, rng=1)
    tokens = sp.kmer_tokens(seqs, k, DNA, stride=stride)
    np.testing.assert_array_equal(sp.decode_kmer_tokens(tokens, k, DNA, stride=stride), seqs)


def test_a_letter_is_unknown_only_where_no_known_kmer_covers_it():
    assert sp.decode_kmer_tokens(sp.kmer_tokens("AANTT", 2, DNA), 2, DNA).tobytes() == b"AANTT"
    assert sp.decode_kmer_tokens([-1, 16, 3], 2, DNA, stride=2).tobytes() == b"NNNNAT"


@pytest.mark.parametrize("seqs", ["", [], ["", ""], np.zeros((0, 5), "S1"), np.zeros((2, 0), "S1")])
def test_nothing_gives_nothing(seqs):
    tokens = sp.tokenize(seqs, DNA)
    assert tokens.size == 0
    assert sp.decode_tokens(tokens, DNA).shape == tokens.shape
