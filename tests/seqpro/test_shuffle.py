"""Shuffles that keep k-let counts: what is kept, and that every arrangement is equally likely."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

import seqpro as sp
from seqpro import DNA, Ragged

MIXED = "ACGTNacgtn-AACCGGTTNNACGTACGTAC"


def klets(seq, k):
    return Counter(seq[i : i + k] for i in range(len(seq) - k + 1))


def arrangements(seq, k):
    """Every sequence with the k-let counts and first k-1 letters of `seq`, by exhaustive search."""
    found = []

    def extend(prefix, left):
        if len(prefix) == len(seq):
            found.append(prefix)
            return
        for letter in sorted(set(seq)):
            word = (prefix + letter)[-k:]
            if left[word]:
                extend(prefix + letter, left - Counter([word]))

    extend(seq[: k - 1], klets(seq, k))
    return found


@pytest.mark.parametrize("k", range(1, 12))
def test_klets_ends_and_length_are_kept(k):
    for seed in range(20):
        shuffled = sp.k_shuffle(MIXED, k, rng=seed).tobytes().decode()
        assert klets(shuffled, k) == klets(MIXED, k)
        assert shuffled[: k - 1] == MIXED[: k - 1]
        assert k == 1 or shuffled[-(k - 1) :] == MIXED[-(k - 1) :]


@pytest.mark.parametrize(
    ("seq", "k", "count"),
    [
        ("AABCA", 1, 20),
        ("ACAGACATA", 2, 12),
        ("ACGATCAGT", 2, None),
        ("AABABBABA", 2, None),
        ("ABCABDABE", 3, 2),
        ("AABAACAAB", 3, None),
    ],
)
def test_every_arrangement_is_equally_likely(seq, k, count):
    """Chi-square over all arrangements; five standard deviations, for a fixed seed."""
    possible = arrangements(seq, k)
    assert count is None or len(possible) == count
    assert len(possible) > 1
    drawn = sp.k_shuffle([seq] * 30_000, k, rng=7)
    seen = Counter(row.tobytes().decode() for row in drawn)
    assert set(seen) == set(possible)
    expected = len(drawn) / len(possible)
    chi_square = sum((seen[word] - expected) ** 2 / expected for word in possible)
    freedom = len(possible) - 1
    assert chi_square < freedom + 5 * np.sqrt(2 * freedom)


@pytest.mark.parametrize("k", [4, 5, 100])
def test_sequence_of_at_most_k_letters_stays(k):
    assert sp.k_shuffle("GATC", k, rng=0).tobytes() == b"GATC"


def test_all_256_bytes_are_letters_of_their_own():
    codes = np.random.default_rng(0).permutation(np.repeat(np.arange(256, dtype=np.uint8), 3))
    for k in (1, 2, 3):
        shuffled = sp.k_shuffle(codes, k, rng=1)
        assert klets(shuffled.tobytes(), k) == klets(codes.tobytes(), k)


def test_indices_of_letters_shuffle_like_letters_and_one_hot_arrays_are_refused():
    """A shuffle within one-hot columns would keep nothing; indices are an alphabet like any other."""
    letters = sp.random_seqs((3, 50), DNA, rng=0).view(np.uint8)
    indices = DNA.index_table()[letters]
    shuffled = sp.k_shuffle(indices, 2, rng=1)
    np.testing.assert_array_equal(DNA.codes[shuffled], sp.k_shuffle(letters, 2, rng=1))
    with pytest.raises(TypeError, match="found uint8 numbers of 1 at most"):
        sp.k_shuffle(sp.ohe(letters, DNA, ohe_axis=-2), 2, rng=1)


def test_homopolymer_and_single_letters_stay():
    for seq in ("AAAAAAAA", "A", ""):
        for k in (1, 2, 3):
            assert sp.k_shuffle(seq, k, rng=0).tobytes().decode() == seq


def test_rows_of_one_sequence_differ():
    shuffled = sp.k_shuffle([MIXED * 3] * 50, 2, rng=0)
    assert len({row.tobytes() for row in shuffled}) > 45


def test_seed_repeats_and_another_seed_does_not():
    seqs = sp.random_seqs((4, 60), DNA, rng=0)
    first = sp.k_shuffle(seqs, 2, rng=3)
    np.testing.assert_array_equal(first, sp.k_shuffle(seqs, 2, rng=3))
    np.testing.assert_array_equal(first, sp.k_shuffle(seqs, 2, rng=np.int64(3)))
    assert (first != sp.k_shuffle(seqs, 2, rng=4)).any()
    assert (sp.k_shuffle(seqs, 2) != sp.k_shuffle(seqs, 2)).any()


def test_generator_moves_on_from_call_to_call():
    rng = np.random.default_rng(3)
    first, second = sp.k_shuffle(MIXED, 2, rng=rng), sp.k_shuffle(MIXED, 2, rng=rng)
    assert (first != second).any()
    np.testing.assert_array_equal(first, sp.k_shuffle(MIXED, 2, rng=np.random.default_rng(3)))


@pytest.mark.parametrize("k", [1, 2, 3])
def test_first_rows_do_not_depend_on_the_size_of_the_batch(k):
    seqs = sp.random_seqs((40, 50), DNA, rng=0)
    whole = sp.k_shuffle(seqs, k, rng=5)
    np.testing.assert_array_equal(sp.k_shuffle(seqs[:7], k, rng=5), whole[:7])


@pytest.mark.parametrize("block", [1, 64, 1 << 20])
@pytest.mark.parametrize("threads", ["1", "2", "5"])
def test_rows_do_not_depend_on_threads_or_blocks(monkeypatch, threads, block):
    seqs = sp.random_seqs((300, 40), DNA, rng=0)
    expected = sp.k_shuffle(seqs, 2, rng=5)
    monkeypatch.setenv("SEQPRO_THREADS", threads)
    monkeypatch.setattr("seqpro.shuffle._BLOCK", block)
    np.testing.assert_array_equal(sp.k_shuffle(seqs, 2, rng=5), expected)


def test_golden_rows_of_seed_zero():
    """Results of published seeds must not change from one version to the next."""
    seq = "AACCGGTTACGTAACG"
    assert sp.k_shuffle(seq, 1, rng=0).tobytes() == b"AGTTCAACCGGACATG"
    assert sp.k_shuffle(seq, 2, rng=0).tobytes() == b"ACCGTTAACGGTAACG"
    assert sp.k_shuffle(seq, 3, rng=0).tobytes() == b"AACGGTTACCGTAACG"


def test_shape_and_kind_are_the_inputs():
    seqs = sp.random_seqs((2, 3, 20), DNA, rng=0)
    assert sp.k_shuffle(seqs, 2, rng=0).shape == (2, 3, 20)
    assert sp.k_shuffle(seqs, 2, rng=0).dtype == "S1"
    assert sp.k_shuffle(seqs.view(np.uint8), 2, rng=0).dtype == np.uint8
    assert sp.k_shuffle(Ragged.from_bytes([b"ACGT"]), 2, rng=0).dtype == np.uint8


def test_input_is_not_changed():
    codes = sp.random_seqs((5, 30), DNA, rng=0)
    before = codes.copy()
    sp.k_shuffle(codes, 1, rng=0)
    np.testing.assert_array_equal(codes, before)


@pytest.mark.parametrize(
    "seqs", ["", b"", [], ["", ""], np.zeros((0, 5), "S1"), np.zeros((2, 0, 3), "S1")]
)
def test_nothing_shuffles_into_nothing(seqs):
    assert sp.k_shuffle(seqs, 2, rng=0).shape == sp.as_codes(seqs).shape


@pytest.mark.parametrize("k", [0, -1, 2.0, "2", None])
def test_k_that_is_not_a_positive_whole_number_is_refused(k):
    with pytest.raises(ValueError, match=f"k must be a whole number, at least 1; found {k!r}"):
        sp.k_shuffle("ACGT", k)


def test_unequal_lengths_and_numbers_are_refused():
    with pytest.raises(ValueError, match="seqs must all have one length"):
        sp.k_shuffle(["ACG", "T"], 2)
    with pytest.raises(TypeError, match="found float64 numbers"):
        sp.k_shuffle(np.ones((3, 4)), 2)


@pytest.mark.parametrize("shape", [(10, 1_000_000), (200_000, 40)])
def test_large_batches_keep_every_rows_dinucleotides(shape):
    seqs = sp.random_seqs(shape, DNA, rng=0)
    shuffled = sp.k_shuffle(seqs, 2, rng=1)
    assert np.array_equal(sp.count_kmers(shuffled, 2, DNA), sp.count_kmers(seqs, 2, DNA))
    assert np.array_equal(shuffled[:, [0, -1]], seqs[:, [0, -1]])
    changed = (shuffled != seqs).mean()
    assert 0.5 < changed < 0.8
