"""The kernel of the k-let shuffle on ragged rows: both of its ways, and every row on its own."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from seqpro._kernels import shuffle

ALPHABETS = [b"A", b"AT", b"ACGT", b"CGNT", b"ACGTN", b"acgtACGT", bytes(range(256))]


def klets(seq, k):
    return Counter(seq[i : i + k] for i in range(len(seq) - k + 1))


def arrangements(seq, k):
    """Every sequence with the k-let counts and first k-1 letters of `seq`, by exhaustive search."""
    found, left, prefix = [], klets(seq, k), seq[: k - 1]

    def extend(prefix):
        if len(prefix) == len(seq):
            found.append(prefix)
        for letter in set(seq):
            word = (prefix + bytes([letter]))[-k:]
            if left[word]:
                left[word] -= 1
                extend(prefix + bytes([letter]))
                left[word] += 1

    extend(prefix)
    return found


def shuffled(seqs, k, seed, numbers):
    """Shuffle rows that lie apart and out of order; what lies between them must stay as it is."""
    sizes = np.array([len(seq) for seq in seqs], np.int64)
    starts = np.zeros(len(seqs), np.int64)
    place = 0
    for i in np.random.default_rng(len(seqs)).permutation(len(seqs)):
        starts[i] = place
        place += sizes[i] + 2
    values = np.full(place, 255, np.uint8)
    for start, seq in zip(starts, seqs, strict=True):
        values[start : start + len(seq)] = np.frombuffer(seq, np.uint8)
    before = values.copy()
    out = np.full(place + 1, 7, np.uint8)
    rows = np.array(numbers, np.uint64)
    shuffle.shuffle_klets(values, starts, sizes, k, np.uint64(seed), rows, starts + 1, out)
    np.testing.assert_array_equal(values, before)
    found = [out[a + 1 : a + 1 + b].tobytes() for a, b in zip(starts, sizes, strict=True)]
    between = np.ones(out.size, bool)
    for start, size in zip(starts, sizes, strict=True):
        between[start + 1 : start + 1 + size] = False
    assert (out[between] == 7).all()
    return found


def mixed_rows(rng, k):
    """Rows of many lengths and alphabets, so that counted and listed rows are neighbours."""
    lengths = [*range(k + 2), *rng.integers(0, 50, 20), *rng.integers(50, 400, 20)]
    letters = [np.frombuffer(ALPHABETS[rng.integers(len(ALPHABETS))], np.uint8) for _ in lengths]
    return [rng.choice(a, n).tobytes() for a, n in zip(letters, lengths, strict=True)]


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5, 8, 9, 10, 17, 40])
def test_klets_and_ends_are_kept_and_a_row_does_not_depend_on_its_company(k):
    rng = np.random.default_rng(k)
    for seed in range(5):
        seqs = mixed_rows(rng, k)
        found = shuffled(seqs, k, seed, range(len(seqs)))
        for seq, other in zip(seqs, found, strict=True):
            assert len(other) == len(seq)
            assert klets(other, k) == klets(seq, k)
            assert other[: k - 1] == seq[: k - 1]
            assert k == 1 or other[-(k - 1) :] == seq[-(k - 1) :]
            assert len(seq) > k or other == seq
        some = rng.permutation(len(seqs))[:15]
        assert shuffled([seqs[i] for i in some], k, seed, some) == [found[i] for i in some]
        for i in some[:3]:
            assert shuffled([seqs[i]], k, seed, [i]) == [found[i]]


@pytest.mark.parametrize(
    ("seq", "k", "count"),
    [
        (b"AABCA", 1, 20),
        (b"ACGATCAGT", 2, 14),  # counted exits
        (b"ACGATCAGTNA", 2, None),  # listed exits, for its five letters
        (b"ACCAGAACGAACAAGCCA", 3, None),  # counted
        (b"AACABAACAAB", 3, None),  # listed, for its nodes
        (b"CGTTCGTCCTGT" + 50 * b"A" + b"CGTGTCTCGTCC", 4, None),  # counted
        (b"NCGTTCGTCCTGT" + 50 * b"A" + b"CGTGTCTCGTCC", 4, None),  # listed
        (b"ABCDEFGHIJKLMABCDEFGHIJKLNABCDEFGHIJKLM", 11, 2),  # words of more than eight letters
    ],
)
def test_every_arrangement_is_equally_likely_in_both_ways(seq, k, count):
    """Chi-square over all arrangements; five standard deviations, for a fixed seed."""
    possible = arrangements(seq, k)
    assert count is None or len(possible) == count
    assert 1 < len(possible) < 3000
    n = 40_000
    values = np.tile(np.frombuffer(seq, np.uint8), n)
    starts, sizes = np.arange(n) * len(seq), np.full(n, len(seq))
    out = np.empty_like(values)
    shuffle.shuffle_klets(
        values, starts, sizes, k, np.uint64(5), starts.astype(np.uint64), starts, out
    )
    seen = Counter(row.tobytes() for row in out.reshape(n, -1))
    assert set(seen) <= set(possible)
    expected = n / len(possible)
    chi_square = sum((seen[word] - expected) ** 2 / expected for word in possible)
    freedom = len(possible) - 1
    assert chi_square < freedom + 5 * np.sqrt(2 * freedom)


def test_draws_are_uniform_where_a_quarter_of_the_random_bits_must_be_rejected():
    """Of 2**32 random words, two make each multiple of 3 below 3 * 2**30, one makes each other number."""
    bits = np.random.default_rng(0).integers(0, 1 << 32, 60_000, dtype=np.uint64)
    draws = np.array([shuffle._below(b, np.uint64(3 << 30), b) for b in bits], np.int64)
    assert (np.abs(np.bincount(draws % 3) - 20_000) < 5 * np.sqrt(60_000 * 2 / 9)).all()
