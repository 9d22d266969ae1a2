"""Groups of sequences that share a stretch."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

import seqpro as sp
from seqpro import AA, RNA, Alphabet, Ragged


def groups(seqs, shared, **options):
    return sp.shared_sequence_groups(seqs, shared=shared, **options).tolist()


@pytest.mark.parametrize(("ignore_common", "most"), [(None, 32), (0.5, 60)])
def test_memory_is_what_the_docstring_says(ignore_common, most):
    """Bytes a position, also where half of every sequence is the library's design."""
    seqs = sp.random_seqs((1000, 400), sp.DNA, rng=0).view(np.uint8)
    seqs[:, :200] = seqs[0, :200]
    sp.shared_sequence_groups(seqs, ignore_common=ignore_common)  # compiles
    tracemalloc.start()
    sp.shared_sequence_groups(seqs, ignore_common=ignore_common)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0.8 * most < peak / seqs.size < most
    assert f"{most} " in sp.shared_sequence_groups.__doc__.split("Memory:")[1].split(".")[0]


def test_one_shared_stretch_makes_relatives():
    assert groups(["AACCGGTA", "TTTTTTTT", "GGTACCCC"], 4) == [0, 1, 0]
    assert groups(["AACCGGTA", "TTTTTTTT", "GGTACCCC"], 5) == [0, 1, 2]


def test_relatives_of_relatives_are_one_group():
    assert groups(["AAAAACCC", "CCGGGGGG", "AACCCCGG"], 4, both_strands=False) == [0, 0, 0]


def test_group_is_named_by_its_first_row():
    assert groups(["TTGA", "ACAC", "GGCC", "ACAC", "TTGA"], 4, both_strands=False) == [
        0,
        1,
        2,
        1,
        0,
    ]


def test_other_strand_is_a_relative_unless_told():
    pair = ["AACCGTAG", "CTACGGTT"]
    assert groups(pair, 8) == [0, 0]
    assert groups(pair, 8, both_strands=False) == [0, 1]


def test_unknown_letters_relate_nothing():
    assert groups(["NNNNNN", "NNNNNN"], 3) == [0, 1]
    assert groups(["ACGNTTT", "GGGNTTT"], 4) == [0, 1]
    assert groups(["ACGTNTTT", "GGACGTGG"], 4) == [0, 0]


def test_lower_case_is_the_same_sequence():
    assert groups(["acgtacgg", "ACGTACGG"], 8) == [0, 0]


@pytest.mark.parametrize("shared", [1, 2, 31, 32])
def test_stretch_of_every_allowed_length(shared):
    """One letter less than the shared stretch of these two makes none."""
    stretch = sp.random_seqs(shared, sp.DNA, rng=3).tobytes().decode()
    first, second = "A" * 40 + stretch, stretch + "A" * 40
    other = sp.random_seqs(shared, sp.DNA, rng=4).tobytes().decode()
    assert groups([first, second], shared)[1] == 0
    if shared > 30:
        assert groups([stretch, other, stretch], shared) == [0, 1, 0]
        assert groups([stretch[:-1], stretch[1:]], shared) == [0, 1]


def test_rna_and_its_other_strand():
    assert groups(["AACCGUAG", "CUACGGUU"], 8, alphabet=RNA) == [0, 0]


def test_rows_of_unequal_length_and_shorter_than_the_stretch():
    assert groups(Ragged.from_bytes([b"AC", b"", b"GGACGTT", b"ACGT", b"AC"]), 4) == [0, 1, 2, 2, 4]


@pytest.mark.parametrize("seqs", [[], np.zeros((0, 40), "S1")])
def test_no_sequences_make_no_groups(seqs):
    assert sp.shared_sequence_groups(seqs).shape == (0,)


@pytest.mark.parametrize("shared", [0, 33, -1, 8.0])
def test_stretch_of_another_length_is_refused(shared):
    with pytest.raises(ValueError, match=f"shared must be .*, 1 to 32; found {shared}"):
        sp.shared_sequence_groups(["ACGT"], shared=shared)


@pytest.mark.parametrize("alphabet", [AA, Alphabet("other", "TGCA", pairs="AT CG")])
def test_other_alphabet_is_refused(alphabet):
    with pytest.raises(ValueError, match=f"alphabet must be DNA or RNA; found '{alphabet.name}'"):
        sp.shared_sequence_groups(["ACGT"], alphabet=alphabet)


def test_mutated_copies_are_found_in_a_large_library():
    """50,000 sequences of 80 bp; every second one carries 40 bp of the row before it, half turned."""
    seqs = sp.random_seqs((50_000, 80), sp.DNA, rng=0)
    seqs[1::4, 40:] = seqs[::4, :40]
    seqs[3::4, 40:] = sp.reverse_complement(seqs[2::4, :40], sp.DNA)
    expected = np.arange(50_000) // 2 * 2
    assert np.array_equal(sp.shared_sequence_groups(seqs), expected)
