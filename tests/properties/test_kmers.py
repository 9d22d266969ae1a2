"""Laws of k-mers, complexity and groups that hold for any input, each against plain Python."""

from __future__ import annotations

from collections import Counter
from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seqpro as sp
from seqpro import AA, DNA, Alphabet, Ragged
from seqpro.complexity import entropy, linguistic_complexity
from seqpro.kmers import count_kmers_sparse, kmer_names, kmer_totals, kmer_words
from seqpro.similarity import near_duplicate_groups

compiled = settings(deadline=None, max_examples=100)

BINARY = Alphabet("binary", "01", unknown="?")
PAIRED = Alphabet("five letters", "ZACGT", pairs="AT CG ZZ")

alphabets = st.sampled_from([DNA, AA, BINARY, PAIRED])
BLOCKS = [
    row.tobytes().decode() + end
    for row, end in zip(
        sp.random_seqs((6, 13), DNA, rng=0), ["", "A", "AC", "ACN", "TTTT", "G"], strict=True
    )
]
few_letters = st.text("ACGTN", max_size=60)


@st.composite
def texts(draw, alphabet):
    """Rows of unequal length, mostly of letters of the alphabet, some of them in a run."""
    letter = st.sampled_from([*alphabet.letters, *alphabet.letters.lower(), "N", "-"])
    part = st.text(letter, max_size=25)
    run = st.builds(lambda c, n: c * n, letter, st.integers(0, 30))
    rows = st.lists(st.one_of(part, run), max_size=3).map("".join)
    return draw(st.lists(rows, max_size=6))


def turned(word, alphabet):
    return "".join(map(alphabet.complement, reversed(word)))


def counted(seq, k, alphabet, canonical):
    """The k-mers of one row, in the alphabet's order."""
    rank = {letter: i for i, letter in enumerate(alphabet.letters)}
    seq, found = seq.upper(), Counter()
    for i in range(len(seq) - k + 1):
        word = seq[i : i + k]
        if set(word) <= set(alphabet.letters):
            both = [word, turned(word, alphabet)] if canonical else [word]
            found[min(both, key=lambda w: [rank[c] for c in w])] += 1
    return found


def spelled(kmers, counts, k, alphabet):
    return dict(zip(kmer_words(kmers, k, alphabet).tolist(), counts.tolist(), strict=True))


@compiled
@given(st.data(), alphabets, st.integers(1, 13), st.booleans())
def test_sparse_counts_and_totals_agree_with_a_loop(data, alphabet, k, canonical):
    rows = data.draw(texts(alphabet))
    canonical = canonical and alphabet.has_complement
    options = {"canonical": canonical}
    expected = [counted(row, k, alphabet, canonical) for row in rows]
    offsets, kmers, counts = count_kmers_sparse(rows, k, alphabet, **options)
    for i, one in enumerate(expected):
        part = slice(offsets[i], offsets[i + 1])
        assert spelled(kmers[part], counts[part], k, alphabet) == one
    totals = kmer_totals(rows, k, alphabet, **options)
    assert spelled(*totals, k, alphabet) == sum(expected, Counter())


@compiled
@given(st.data(), alphabets, st.integers(1, 3), st.booleans())
def test_dense_and_sparse_counts_are_the_same(data, alphabet, k, canonical):
    rows = data.draw(texts(alphabet))
    canonical = canonical and alphabet.has_complement
    dense = sp.count_kmers(rows, k, alphabet, canonical=canonical)
    names = np.array(kmer_names(k, alphabet, canonical=canonical))
    offsets, kmers, counts = count_kmers_sparse(rows, k, alphabet, canonical=canonical)
    for i, row in enumerate(dense):
        part = slice(offsets[i], offsets[i + 1])
        assert kmer_words(kmers[part], k, alphabet).tolist() == names[row > 0].tolist()
        assert counts[part].tolist() == row[row > 0].tolist()


@compiled
@given(
    st.lists(st.text("ACGTN", min_size=9, max_size=9), min_size=1, max_size=5), st.integers(1, 5)
)
def test_every_container_gives_the_same_counts(rows, k):
    expected = count_kmers_sparse(rows, k, DNA)
    codes = sp.as_codes(rows)
    onehots = [(sp.ohe(rows, DNA, ohe_axis=axis), axis) for axis in (-1, -2)]
    letters = [codes, codes.view("S1"), np.array(rows), Ragged.from_dense(codes), [rows]]
    for seqs, axis in [(one, None) for one in letters] + onehots:
        for found, wanted in zip(
            count_kmers_sparse(seqs, k, DNA, ohe_axis=axis), expected, strict=True
        ):
            np.testing.assert_array_equal(found, wanted)


@compiled
@given(st.lists(few_letters, max_size=4), st.integers(1, 8))
def test_counts_of_both_strands_do_not_know_the_strand(rows, k):
    other = [turned(row, DNA) for row in rows]
    forward = count_kmers_sparse(rows, k, DNA, canonical=True)
    for found, expected in zip(
        count_kmers_sparse(other, k, DNA, canonical=True), forward, strict=True
    ):
        np.testing.assert_array_equal(found, expected)


@compiled
@given(st.data(), alphabets, st.integers(1, 9))
def test_entropy_and_complexity_agree_with_their_definitions(data, alphabet, k):
    rows = data.draw(texts(alphabet))
    bits, usage = entropy(rows, k, alphabet), linguistic_complexity(rows, k, alphabet)
    for row, found_bits, found_usage in zip(rows, bits, usage, strict=True):
        counts = counted(row, k, alphabet, False)
        total = sum(counts.values())
        if not total:
            assert np.isnan(found_bits)
            assert np.isnan(found_usage)
            continue
        expected = -sum(n / total * log2(n / total) for n in counts.values())
        assert found_bits == pytest.approx(expected, abs=1e-9)
        assert found_usage == pytest.approx(len(counts) / min(total, len(alphabet) ** k))
        assert 0 <= found_bits <= log2(min(total, len(alphabet) ** k)) + 1e-9
        assert 0 < found_usage <= 1


@compiled
@given(
    st.lists(st.lists(st.sampled_from(BLOCKS), max_size=4).map("".join), max_size=8),
    st.integers(5, 20),
    st.sampled_from([0, 0.3, 0.5, 0.9]),
)
def test_common_stretches_are_left_out_letter_by_letter(rows, shared, share):
    """Hide the 12-mers that many rows have, then compare all pairs."""
    held = [{row[i : i + 12] for i in range(len(row) - 11)} for row in rows]
    holders = Counter(word for words in held for word in words if "N" not in word)
    common = [word for word, n in holders.items() if n > share * len(rows)]
    stretches = []
    for row in rows:
        places = {
            i + j
            for w in common
            for i in range(len(row))
            if row[i:].startswith(w)
            for j in range(12)
        }
        left = "".join("N" if i in places else c for i, c in enumerate(row))
        found = {left[i : i + shared] for i in range(len(left) - shared + 1)}
        found = {word for word in found if "N" not in word}
        stretches.append(found | {turned(word, DNA) for word in found})
    expected = list(range(len(rows)))
    for a in range(len(rows)):
        for b in range(a):
            if stretches[a] & stretches[b]:
                joined = {expected[a], expected[b]}
                expected = [min(joined) if group in joined else group for group in expected]
    found = sp.shared_sequence_groups(rows, shared=shared, ignore_common=share)
    assert found.tolist() == expected


@compiled
@given(
    st.lists(st.text("ACGT", max_size=14), max_size=8),
    st.integers(1, 6),
    st.sampled_from([0.2, 1 / 3, 0.5, 0.75, 1.0]),
    st.booleans(),
)
def test_near_duplicates_join_only_what_is_alike(rows, k, similarity, both_strands):
    """What is joined is joined by pairs that are alike; what is alike is joined, but for chance."""
    sets = [set(counted(row, k, DNA, both_strands)) for row in rows]
    expected = list(range(len(rows)))
    for a in range(len(rows)):
        for b in range(a):
            if sets[a] and len(sets[a] & sets[b]) / len(sets[a] | sets[b]) >= similarity:
                joined = {expected[a], expected[b]}
                expected = [min(joined) if group in joined else group for group in expected]
    options = {"similarity": similarity, "k": k, "both_strands": both_strands, "sketch": 400}
    assert near_duplicate_groups(rows, **options).tolist() == expected
