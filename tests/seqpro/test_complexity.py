"""Entropy and linguistic complexity."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import scipy.stats

import seqpro as sp
from seqpro import AA, DNA, Ragged
from seqpro.complexity import entropy, linguistic_complexity


def known_words(seq, k, letters):
    words = [seq[i : i + k] for i in range(len(seq) - k + 1)]
    return [word for word in words if set(word) <= set(letters)]


@pytest.mark.parametrize("alphabet", [DNA, AA], ids=["DNA", "AA"])
@pytest.mark.parametrize("k", [1, 2, 3, 6, 12])
def test_entropy_agrees_with_scipy(k, alphabet):
    rng = np.random.default_rng(k)
    letters = [*alphabet.letters[:5], "-"]
    seqs = ["".join(rng.choice(letters, size)) for size in (5, 12, 13, 40, 300, 6000)]
    for seq, found in zip(seqs, entropy(seqs, k, alphabet), strict=True):
        counts = list(Counter(known_words(seq, k, alphabet.letters)).values())
        expected = scipy.stats.entropy(counts, base=2) if counts else np.nan
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_entropy_of_what_can_be_seen():
    assert entropy("AAAA", 1, DNA) == 0
    assert entropy("ACGT", 1, DNA) == 2
    assert entropy("AAAC", 1, DNA) == pytest.approx(0.75 * np.log2(4 / 3) + 0.25 * 2)
    assert entropy("ACACACACA", 2, DNA) == 1
    assert entropy("ACGTTGCAATCGGACT"[:9], 9, DNA) == 0


def test_entropy_is_never_below_zero():
    """-0.0 or a rounding error would show up in plots and logarithms."""
    repeats = [letter * size for letter in "ACGT" for size in (1, 3, 7, 49, 1000)]
    for k in (1, 2, 3, 12):
        found = entropy(repeats, k, DNA)
        assert not np.signbit(found[~np.isnan(found)]).any()


@pytest.mark.parametrize(
    ("seq", "k", "expected"),
    [
        ("ACGGGAAGCTGATTCCA", 1, 1),
        ("ACGGGAAGCTGATTCCA", 2, 14 / 16),
        ("ACGGGAAGCTGATTCCA", 3, 15 / 15),
        ("ACGGGAAGCTGATTCCA", 4, 14 / 14),
        ("ACACACACACACACACA", 1, 1 / 2),
        ("ACACACACACACACACA", 2, 2 / 16),
        ("ACACACACACACACACA", 3, 2 / 15),
        ("ATTTGGATT", range(1, 10), 35 / 40),
        ("ATTTGGATT", range(1, 31), 35 / 40),
        ("AAAAA", (2, 3), 2 / 7),
    ],
)
def test_complexity_of_published_examples(seq, k, expected):
    """The first are those of Wikipedia's article on the measure, the sum over all k is Rosalind's LING."""
    assert linguistic_complexity(seq, k, DNA) == pytest.approx(expected)


@pytest.mark.parametrize("alphabet", [DNA, AA], ids=["DNA", "AA"])
@pytest.mark.parametrize("k", [1, 2, 3, 6, 12, (1, 2, 3), (6, 1)])
def test_complexity_agrees_with_sets_of_words(k, alphabet):
    rng = np.random.default_rng(0)
    letters = [*alphabet.letters[:5], "-"]
    seqs = ["".join(rng.choice(letters, size)) for size in (5, 12, 13, 40, 300, 6000)]
    for seq, found in zip(seqs, linguistic_complexity(seqs, k, alphabet), strict=True):
        distinct = possible = 0
        for one in (k,) if isinstance(k, int) else k:
            words = known_words(seq, one, alphabet.letters)
            distinct += len(set(words))
            possible += min(len(words), len(alphabet) ** one)
        expected = distinct / possible if possible else np.nan
        np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("measure", [entropy, linguistic_complexity])
def test_sequence_without_a_kmer_has_no_value(measure):
    found = measure(["AC", "", "NNNN", "ANAN", "ACG"], 2, DNA)
    assert np.isnan(found).tolist() == [False, True, True, True, False]
    assert measure([], 2, DNA).shape == (0,)
    assert np.isnan(measure(Ragged.from_bytes([b"A", b""]), 2, DNA)).all()


@pytest.mark.parametrize("measure", [entropy, linguistic_complexity])
def test_leading_axes_case_and_one_hot(measure):
    nested = [["ACCA", "AAAA"], ["ACgn", "TTTT"], ["", "AC"]]
    found = measure(nested, 1, DNA)
    assert found.shape == (3, 2)
    assert measure("ACgn", 1, DNA) == found[1, 0]
    assert measure("ACgn", 1, DNA, case="strict") == measure("AC", 1, DNA)
    for ohe_axis in (-1, -2):
        onehot = sp.ohe(["ACCA", "ACGN"], DNA, ohe_axis=ohe_axis)
        by_letter = measure(["ACCA", "ACGN"], 1, DNA)
        np.testing.assert_array_equal(measure(onehot, 1, DNA, ohe_axis=ohe_axis), by_letter)


@pytest.mark.parametrize("measure", [entropy, linguistic_complexity])
@pytest.mark.parametrize("k", [0, -1, 32, 1.5, "2"])
def test_length_of_words_that_does_not_fit_is_refused(measure, k):
    message = r"k must be a whole number, at least 1, .*; found k="
    with pytest.raises(ValueError, match=message):
        measure(["ACGT"], k, DNA)
    with pytest.raises(TypeError, match="alphabet must be an Alphabet such as"):
        measure(["ACGT"], 1, "ACGT")


def test_several_lengths_are_checked_each():
    with pytest.raises(ValueError, match="k must be a whole number or several of them; found none"):
        linguistic_complexity(["ACGT"], [], DNA)
    with pytest.raises(ValueError, match="found k=0 of 4 letters"):
        linguistic_complexity(["ACGT"], range(3), DNA)


def test_repeats_are_less_complex_than_random_sequences():
    """What the measures are for."""
    seqs = sp.random_seqs((50, 200), DNA, rng=0)
    repeats = np.tile(sp.random_seqs((50, 5), DNA, rng=1), 40)
    for k in (2, 4, 8):
        assert entropy(repeats, k, DNA).max() < entropy(seqs, k, DNA).min()
        complexity = linguistic_complexity(repeats, k, DNA), linguistic_complexity(seqs, k, DNA)
        assert complexity[0].max() < complexity[1].min()


@pytest.mark.parametrize("length", range(1, 60))
def test_one_word_again_and_again_has_no_entropy_at_all(length):
    """Not even that of rounding: a filter for zero would miss it."""
    assert sp.entropy("A" * length, 1, sp.DNA) == 0
