"""Laws of distances that hold for any input, each against plain Python."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import seqpro as sp
from seqpro import DNA
from seqpro.distance import edit_distance, hamming_distance

compiled = settings(deadline=None, max_examples=100)

dna = st.text("ACGTNacgtn-", max_size=200)
short = st.text("ACGT", max_size=12)
policies = st.fixed_dictionaries(
    {
        "case": st.sampled_from(["fold", "strict"]),
        "unknown": st.sampled_from(["mismatch", "letter"]),
    }
)


def letters(seq, side, case, unknown):
    """The letters of one side as what they match."""
    seq = seq.upper() if case == "fold" else seq
    if unknown == "letter":
        return list(seq)
    return [c if c in "ACGT" else (side, c) for c in seq]


def table(first, second):
    """Levenshtein distance by filling the whole table."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        above, row[0] = row[0], i
        for j, b in enumerate(second, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (a != b))
    return row[-1]


@st.composite
def relatives(draw):
    """A sequence and a copy with some letters changed, left out and put in."""
    first = draw(dna)
    second = list(first)
    for place, kind, letter in draw(
        st.lists(
            st.tuples(st.integers(0, 200), st.integers(0, 2), st.sampled_from("ACGTN")), max_size=9
        )
    ):
        at = place % (len(second) + 1)
        second[at : at + (kind > 0)] = [letter] * (kind < 2)
    return first, "".join(second)


@compiled
@given(st.lists(relatives(), max_size=3), st.lists(st.tuples(dna, dna), max_size=2), policies)
def test_edit_distance_agrees_with_the_whole_table(near, far, policy):
    pairs = near + far
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    expected = [table(letters(a, 0, **policy), letters(b, 1, **policy)) for a, b in pairs]
    assert edit_distance(first, second, DNA, **policy).tolist() == expected
    assert edit_distance(second, first, DNA, **policy).tolist() == expected
    if pairs:
        every = edit_distance(first, second, DNA, all_pairs=True, **policy)
        assert every.diagonal().tolist() == expected
        assert every[0].tolist() == edit_distance(first[0], second, DNA, **policy).tolist()


@compiled
@given(st.lists(short, max_size=4), st.lists(short, max_size=4))
def test_edit_distance_is_a_metric(first, second):
    every = edit_distance(first, second, DNA, all_pairs=True)
    assert every.tolist() == edit_distance(second, first, DNA, all_pairs=True).T.tolist()
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            assert (every[i, j] == 0) == (a == b)
            assert abs(len(a) - len(b)) <= every[i, j] <= max(len(a), len(b))
            for other in range(len(second)):
                way = edit_distance(second[other], b, DNA)
                assert every[i, j] <= every[i, other] + way


@compiled
@given(st.data(), st.integers(0, 150), st.integers(1, 5), policies)
def test_hamming_distance_agrees_with_a_loop(data, length, n, policy):
    row = st.text("ACGTNacgtn-", min_size=length, max_size=length)
    first, second = (data.draw(st.lists(row, min_size=n, max_size=n)) for _ in range(2))
    expected = [
        [
            sum(
                x != y
                for x, y in zip(letters(a, 0, **policy), letters(b, 1, **policy), strict=True)
            )
            for b in second
        ]
        for a in first
    ]
    every = hamming_distance(first, second, DNA, all_pairs=True, **policy)
    assert every.tolist() == expected
    assert hamming_distance(first, second, DNA, **policy).tolist() == every.diagonal().tolist()
    assert (edit_distance(first, second, DNA, **policy) <= every.diagonal()).all()
    for axis in (-1, -2):
        onehots = (sp.ohe(seqs, DNA, ohe_axis=axis) for seqs in (first, second))
        found = hamming_distance(*onehots, DNA, ohe_axis=axis)
        np.testing.assert_array_equal(found, hamming_distance(first, second, DNA))
