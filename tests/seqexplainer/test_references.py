"""References are shuffles of their own sequence, reproducible, and said so when they change nothing."""

import logging

import numpy as np
import pytest

import seqpro as sp
from seqexplainer import shuffled_references


def test_each_reference_keeps_the_dinucleotides_of_its_own_sequence():
    seqs = sp.random_seqs((5, 40), sp.DNA, rng=0)
    references = shuffled_references(seqs, 3, rng=1)
    assert (references.shape, references.dtype) == ((5, 3, 40), np.uint8)
    expected = sp.count_kmers(seqs, 2, sp.DNA)
    for draw in range(3):
        found = sp.count_kmers(references[:, draw], 2, sp.DNA)
        np.testing.assert_array_equal(found, expected)


def test_references_differ_from_the_sequence_and_from_each_other():
    seqs = sp.random_seqs((2, 200), sp.DNA, rng=0)
    references = shuffled_references(seqs, 4, rng=0)
    rows = {row.tobytes() for row in references.reshape(-1, 200)} | {row.tobytes() for row in seqs}
    assert len(rows) == 10


def test_seed_decides():
    seqs = sp.random_seqs((3, 50), sp.DNA, rng=0)
    first, same, other = (shuffled_references(seqs, 2, rng=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


def test_shuffles_that_change_nothing_are_logged(caplog):
    """The attribution of such a sequence is zero throughout, which looks like a result."""
    with caplog.at_level(logging.WARNING, "seqexplainer.references"):
        shuffled_references(["AAAAAAAAAAAA", "ACTTGCAATCCG", "ATATATATATAT"], 4, rng=0)
    (record,) = caplog.records
    assert record.getMessage().startswith(
        "2 of 3 sequences are equal to all their 4 shuffles (k=2)"
    )


def test_nothing_is_logged_where_shuffles_differ(caplog):
    shuffled_references(sp.random_seqs((3, 50), sp.DNA, rng=0), 2, rng=0)
    assert not caplog.records


@pytest.mark.parametrize(("seqs", "count"), [(["ACGT"], 0), ("ACGT", 2)])
def test_what_does_not_fit_is_refused(seqs, count):
    with pytest.raises(ValueError, match=r"n_references be at least 1; found shape"):
        shuffled_references(seqs, count)
