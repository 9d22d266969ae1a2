"""Counts of k-mers."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from Bio.Seq import Seq

import seqpro as sp
from seqpro import AA, DNA, RNA, Alphabet, Ragged
from seqpro.kmers import kmer_names


def test_overlapping_words_count_each_time():
    counts = sp.count_kmers(["AAAA"], 2, DNA)[0]
    assert dict(zip(kmer_names(2, DNA), counts.tolist(), strict=True))["AA"] == 3
    assert counts.sum() == 3


def test_columns_stand_in_the_alphabets_order():
    assert kmer_names(2, DNA) == ["".join(pair) for pair in product("ACGT", repeat=2)]
    words = kmer_names(3, DNA)
    np.testing.assert_array_equal(sp.count_kmers(words, 3, DNA), np.eye(64))


def test_word_with_a_letter_outside_is_not_counted():
    assert sp.count_kmers(["ACNGT"], 2, DNA).sum() == 2
    assert sp.count_kmers(["NNNN"], 1, DNA).sum() == 0


def test_lower_case_counts_as_upper_case():
    np.testing.assert_array_equal(
        sp.count_kmers(["acGt"], 2, DNA), sp.count_kmers(["ACGT"], 2, DNA)
    )


def test_other_alphabets():
    assert sp.count_kmers(["ACDA"], 1, AA)[0, :3].tolist() == [2, 1, 1]
    assert sp.count_kmers(["ACGU", "ACGT"], 1, RNA).tolist() == [[1, 1, 1, 1], [1, 1, 1, 0]]


def test_rows_of_unequal_length():
    counts = sp.count_kmers(Ragged.from_bytes([b"ACGT", b"", b"A"]), 2, DNA)
    assert counts.sum(axis=1).tolist() == [3, 0, 0]


@pytest.mark.parametrize(("k", "count"), [(1, 2), (2, 10), (3, 32), (4, 136)])
def test_both_strands_share_a_column(k, count):
    """The numbers of words up to reverse complement are known: (4^k + palindromes) / 2."""
    names = kmer_names(k, DNA, canonical=True)
    assert len(names) == count
    assert all(name <= str(Seq(name).reverse_complement()) for name in names)
    words = kmer_names(k, DNA)
    counts = sp.count_kmers(words, k, DNA, canonical=True)
    assert counts.sum(axis=1).tolist() == [1] * len(words)
    for word, column in zip(words, counts.argmax(axis=1), strict=True):
        assert names[column] in (word, str(Seq(word).reverse_complement()))


def test_canonical_counts_do_not_know_the_strand():
    seqs = sp.random_seqs((20, 50), DNA, rng=0)
    turned = sp.reverse_complement(seqs, DNA)
    forward = sp.count_kmers(seqs, 3, DNA, canonical=True)
    np.testing.assert_array_equal(forward, sp.count_kmers(turned, 3, DNA, canonical=True))


@pytest.mark.parametrize(
    ("k", "found"), [(0, "k=0"), (-1, "k=-1"), (12, "k=12"), (2.0, "k=2.0"), ("2", "k='2'")]
)
def test_k_that_gives_no_table_is_refused(k, found):
    message = f"k must be a whole number, at least 1, .* 4194304 words; found {found} of 4 letters"
    with pytest.raises(ValueError, match=message):
        sp.count_kmers(["ACGT"], k, DNA)
    with pytest.raises(ValueError, match=message):
        kmer_names(k, DNA)


def test_both_strands_need_letters_that_pair():
    with pytest.raises(ValueError, match="canonical must be False for alphabet 'AA', which has no"):
        sp.count_kmers(["ACD"], 1, AA, canonical=True)
    methylated = Alphabet("methylated", "ACGTm", pairs="AT CG mG")
    with pytest.raises(ValueError, match=r"canonical must be False .* pairs go one way only"):
        kmer_names(2, methylated, canonical=True)


def test_one_string_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match="Put it in a list"):
        sp.count_kmers("ACGT", 2, DNA)


@pytest.mark.parametrize("seqs", [[], np.zeros((0, 5), "S1"), Ragged.from_bytes([])])
def test_no_sequences_give_no_rows(seqs):
    assert sp.count_kmers(seqs, 2, DNA).shape == (0, 16)


@pytest.mark.parametrize("shape", [(10, 1_000_000), (200_000, 40)])
def test_large_batches_agree_with_numpy(shape):
    seqs = sp.random_seqs(shape, DNA, rng=0)
    columns = DNA.index_table()[seqs.view(np.uint8)].astype(np.int32)
    words = 16 * columns[:, :-2] + 4 * columns[:, 1:-1] + columns[:, 2:]
    words += 64 * np.arange(shape[0], dtype=np.int32)[:, None]
    expected = np.bincount(words.ravel(), minlength=64 * shape[0]).reshape(-1, 64)
    assert np.array_equal(sp.count_kmers(seqs, 3, DNA), expected)
