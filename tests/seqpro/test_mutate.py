"""Mutations: how many, where and into what; and every single mutant exactly once."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

import seqpro as sp
from seqpro import AA, DNA, Alphabet, Ragged
from seqpro.mutate import Edits, mutate, single_mutants

METHYLATED = Alphabet("methylated", "ACGTm", pairs="AT CG mG")
TWO = Alphabet("two", "AB")
ONE = Alphabet("one", "A")


def words(seqs):
    return [bytes(row).decode() for row in seqs]


def chi_square(counts):
    counts = np.asarray(counts, float).ravel()
    expected = counts.sum() / counts.size
    freedom = counts.size - 1
    return ((counts - expected) ** 2 / expected).sum() < freedom + 5 * np.sqrt(2 * freedom)


def all_single_mutants(seq, letters="ACGT"):
    """Oracle: plain loops; case kept."""
    found = []
    for at, letter in enumerate(seq):
        if letter.upper() not in letters:
            continue
        for other in letters:
            if other != letter.upper():
                new = other.lower() if letter.islower() else other
                found.append(seq[:at] + new + seq[at + 1 :])
    return found


@pytest.mark.parametrize("rate", [1e-3, 0.01, 0.05, 1 / 256, 3 / 256, 0.3, 0.5, 0.51, 0.75, 0.999])
def test_rate_is_the_probability_at_every_position(rate):
    """Total, and uniform over the places of a word of draws, for rates with and without whole bytes."""
    seqs = np.full((4000, 240), b"C")
    changed = mutate(seqs, DNA, rate=rate, rng=1) != seqs
    assert abs(changed.mean() - rate) < 5 * np.sqrt(rate * (1 - rate) / changed.size)
    per_place = changed.reshape(-1, 24).mean(axis=0)
    assert (abs(per_place - rate) < 5 * np.sqrt(rate * (1 - rate) / 40_000)).all()


def test_mutations_are_independent_of_each_other():
    changed = mutate(np.full((4000, 300), b"C"), DNA, rate=0.1, rng=1) != b"C"
    for lag in (1, 2, 8):
        both = (changed[:, lag:] & changed[:, :-lag]).mean()
        assert abs(both - 0.01) < 5 * np.sqrt(0.0099 / changed.size)


@pytest.mark.parametrize("options", [{"rate": 0.5}, {"rate": 1}, {"number": 50}])
@pytest.mark.parametrize(
    ("alphabet", "letter"), [(DNA, "G"), (AA, "Q"), (METHYLATED, "m"), (TWO, "B")]
)
def test_every_other_letter_is_equally_likely(options, alphabet, letter):
    found = mutate(np.full((300, 200), letter.encode()), alphabet, rng=2, **options)
    letters, counts = np.unique(found[found != letter.encode()], return_counts=True)
    assert set(b"".join(letters).decode()) == set(alphabet.letters) - {letter}
    assert len(alphabet) == 2 or chi_square(counts)


def test_rate_of_one_changes_every_known_letter_and_rate_of_zero_none():
    seqs = ["ACGTNacgtn-" * 3, "N" * 33]
    everything = words(mutate(seqs, DNA, rate=1, rng=0))
    for new, old in zip("".join(everything), "".join(seqs), strict=True):
        assert (new == old) == (old in "Nn-")
        assert new.islower() == old.islower()
    assert words(mutate(seqs, DNA, rate=0.0, rng=0)) == seqs
    assert words(mutate(seqs, DNA, number=0, rng=0)) == seqs


def test_lower_case_stays_where_it_is_unknown():
    found = mutate("acgtACGT", DNA, rate=1, case="strict", rng=0).tobytes().decode()
    assert found[:4] == "acgt"
    assert found[4:].isupper()
    assert all(a != b for a, b in zip(found[4:], "ACGT", strict=True))


def test_replacement_has_the_case_of_the_letter_in_alphabets_with_both():
    """A lower-case letter of the alphabet is its own; a folded one stays in its case where it can."""
    found = mutate("a" * 500 + "m" * 500 + "M" * 500, METHYLATED, rate=1, rng=0).tobytes().decode()
    assert set(found[:500]) == set("cgtm")
    assert set(found[500:1000]) == set("ACGT")
    assert set(found[1000:]) == set("ACGT")
    both = Alphabet("both cases of A", "Aab")
    assert set(mutate("B" * 500, both, rate=1, rng=0).tobytes().decode()) == set("Aa")


@pytest.mark.parametrize(("number", "sets"), [(1, 6), (2, 15), (5, 6)])
def test_number_is_exact_and_every_set_of_places_equally_likely(number, sets):
    seq = "NACgtNACn"
    found = mutate([seq] * 20_000, DNA, number=number, rng=3).view(np.uint8)
    changed = found != np.frombuffer(seq.encode(), np.uint8)
    assert (changed.sum(axis=1) == number).all()
    assert not changed[:, [0, 5, 8]].any()
    counts = np.unique(changed, axis=0, return_counts=True)[1]
    assert counts.size == sets
    assert chi_square(counts)


def test_all_known_letters_can_be_mutated():
    found = mutate("NACGTn", DNA, number=4, rng=0).tobytes()
    assert all((a != b) == (b in b"ACGT") for a, b in zip(found, b"NACGTn", strict=True))


@pytest.mark.parametrize("options", [{"rate": 0.1}, {"number": 3}])
@pytest.mark.parametrize("ohe_axis", [-1, -2])
def test_one_hot_arrays_mutate_like_their_letters(options, ohe_axis):
    seqs = ["ACGTNACGTN" * 4, "TTTTTNNNNN" * 4]
    letters = mutate(seqs, DNA, rng=4, **options)
    onehot = sp.ohe(seqs, DNA, ohe_axis=ohe_axis, dtype=np.float32, unknown="uniform")
    found = mutate(onehot, DNA, rng=4, ohe_axis=ohe_axis, **options)
    expected = sp.ohe(letters, DNA, ohe_axis=ohe_axis, dtype=np.float32, unknown="uniform")
    np.testing.assert_array_equal(found, expected)


def test_ragged_rows_mutate_like_single_ones():
    rows = [b"ACGTACGTAC", b"", b"TT", b"NNN"]
    found = mutate(Ragged.from_bytes(rows), DNA, rate=0.5, rng=4)
    for i, row in enumerate(rows):
        alone = mutate([row], DNA, rate=0.5, rng=4, rows=[i])[0]
        assert found[i].tobytes() == alone.tobytes()
    with pytest.raises(ValueError, match=r"3 known letters to mutate.*sequence 1 of 0 letters"):
        mutate(Ragged.from_bytes(rows), DNA, number=3, rng=4)


@pytest.mark.parametrize("options", [{"rate": 0.05}, {"rate": 0.7}, {"number": 5}])
def test_rows_do_not_depend_on_threads_blocks_or_batches(monkeypatch, options):
    seqs = sp.random_seqs((4000, 300), DNA, rng=0)
    expected = mutate(seqs, DNA, rng=5, **options)
    monkeypatch.setenv("SEQPRO_THREADS", "1")
    np.testing.assert_array_equal(mutate(seqs, DNA, rng=5, **options), expected)
    rows = [3999, 0, 17]
    np.testing.assert_array_equal(
        mutate(seqs[rows], DNA, rng=5, rows=rows, **options), expected[rows]
    )
    assert len({row.tobytes() for row in mutate(["ACGT" * 50] * 50, DNA, rng=5, **options)}) == 50


def test_mutations_do_not_follow_random_letters_of_the_same_seed():
    """One seed for a whole script must not tie mutations to letters."""
    seqs = sp.random_seqs((8000, 8), DNA, rng=3)
    changed = mutate(seqs, DNA, rate=0.3, rng=3) != seqs
    for place in range(8):
        for letter in (b"A", b"C", b"G", b"T"):
            share = changed[seqs[:, 0] == letter, place].mean()
            assert abs(share - 0.3) < 5 * np.sqrt(0.21 / 2000)


@pytest.mark.parametrize("options", [{"rate": 0.3}, {"number": 3}])
def test_seed_repeats_and_another_seed_does_not(options):
    seqs = sp.random_seqs((4, 60), DNA, rng=0)
    first = mutate(seqs, DNA, rng=3, **options)
    np.testing.assert_array_equal(first, mutate(seqs, DNA, rng=np.int64(3), **options))
    assert (first != mutate(seqs, DNA, rng=4, **options)).any()
    assert (mutate(seqs, DNA, **options) != mutate(seqs, DNA, **options)).any()


def test_golden_rows_of_seed_zero():
    """Results of published seeds must not change from one version to the next."""
    assert mutate("ACGT" * 6, DNA, rate=0.2, rng=0).tobytes() == b"CAGCGCGTACTTACGTACGGACGT"
    assert mutate("ACGT" * 6, DNA, rate=0.7, rng=0).tobytes() == b"CACCGTGCCTGCAGTTCTGTGACG"
    assert mutate("ACGT" * 6, DNA, number=3, rng=0).tobytes() == b"ACGTACCTACGTAGGAACGTACGT"


def test_kind_and_shape_are_the_inputs():
    codes = sp.random_seqs((2, 3, 20), DNA, rng=0).view(np.uint8)
    before = codes.copy()
    found = mutate(codes, DNA, rate=0.5, rng=0)
    assert (found.shape, found.dtype) == (codes.shape, np.uint8)
    np.testing.assert_array_equal(codes, before)
    assert mutate("ACGT", DNA, rate=0.5, rng=0).shape == (4,)
    assert mutate([], DNA, number=2, rng=0).shape == (0, 0)
    assert mutate(np.zeros((0, 7), "S1"), DNA, number=2, rng=0).shape == (0, 7)
    assert mutate(["", ""], DNA, rate=1, rng=0).shape == (2, 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, r"exactly one of rate and number must be given; found neither"),
        ({"rate": 0.1, "number": 1}, r"found rate=0\.1 and number=1"),
        ({"rate": -0.1}, r"rate must be a number from 0 to 1; found -0\.1"),
        ({"rate": 1.1}, r"rate must be a number from 0 to 1"),
        ({"rate": float("nan")}, r"rate must be a number from 0 to 1; found nan"),
        ({"number": -1}, r"number must be a whole number, at least 0; found -1"),
        ({"number": 1.0}, r"number must be a whole number, at least 0; found 1\.0"),
        ({"number": 5}, r"5 known letters to mutate or more; found fewer in sequence 0 of 4"),
        ({"rate": 0.1, "rows": [1]}, r"each of the 2 sequences"),
        ({"rate": 0.1, "case": "upper"}, r"case must be 'fold' or 'strict'"),
    ],
)
def test_what_does_not_fit_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        mutate(["ACGT", "ACGN"], DNA, rng=0, **options)


def test_alphabet_needs_another_letter_to_mutate_to():
    for call in (lambda: mutate("AA", ONE, rate=1), lambda: single_mutants("AA", ONE)):
        with pytest.raises(ValueError, match=r"two letters or more to mutate; found A"):
            call()
    with pytest.raises(TypeError, match=r"alphabet must be an Alphabet"):
        mutate("AA", "DNA", rate=1)


SEQS = ["ACGTN", "NNNNN", "nacgt", "TTTTT"]


def expected_mutants():
    return [mutant for seq in SEQS for mutant in all_single_mutants(seq)]


def test_single_mutants_are_all_and_each_once():
    mutants = single_mutants(SEQS, DNA)
    expected = expected_mutants()
    assert len(mutants) == len(expected) == 3 * (4 + 0 + 4 + 5)
    assert words(mutants[:]) == expected
    assert len(set(expected)) == len(expected)
    assert [mutants[i].tobytes().decode() for i in range(len(mutants))] == expected
    assert words(list(mutants)) == expected
    assert words(np.concatenate(list(mutants.batches(7)))) == expected


@pytest.mark.parametrize(
    "index",
    [
        slice(3, 30, 4),
        slice(None, None, -1),
        slice(5, 5),
        slice(-3, None),
        [0, 38, 1, 1, -1, 20],
        np.array([38], np.uint8),
        [],
        np.arange(39) % 5 == 0,
        np.zeros(39, bool),
    ],
)
def test_mutants_and_edits_of_any_index(index):
    mutants = single_mutants(SEQS, DNA)
    chosen = np.array(expected_mutants())[index if len(np.atleast_1d(index)) else []]
    assert words(mutants[index]) == chosen.tolist()
    assert mutants[index].shape == (len(chosen), 5)
    edits = mutants.edits(index)
    rebuilt = []
    for row, at, old, new in zip(
        edits.row, edits.position, edits.reference, edits.alternative, strict=True
    ):
        seq = SEQS[row].encode()
        assert seq[at : at + 1] == old != new
        rebuilt.append((seq[:at] + new + seq[at + 1 :]).decode())
    assert rebuilt == chosen.tolist()


def test_edits_are_a_table_in_order():
    edits = single_mutants(["AN", "c-"], DNA).edits()
    assert isinstance(edits, Edits)
    assert edits.row.tolist() == [0, 0, 0, 1, 1, 1]
    assert edits.position.tolist() == [0] * 6
    assert edits.reference.tobytes() == b"AAAccc"
    assert edits.alternative.tobytes() == b"CGTagt"
    assert single_mutants(["AN", "c-"], DNA).edits(4).alternative.tolist() == [b"g"]


@pytest.mark.parametrize("ohe_axis", [-1, -2])
def test_mutants_of_one_hot_arrays(ohe_axis):
    seqs = [seq.upper() for seq in SEQS]
    options = {"ohe_axis": ohe_axis, "dtype": np.float32, "unknown": "uniform"}
    mutants = single_mutants(sp.ohe(seqs, DNA, **options), DNA, ohe_axis=ohe_axis)
    expected = sp.ohe(single_mutants(seqs, DNA)[:], DNA, **options)
    np.testing.assert_array_equal(mutants[:], expected)
    np.testing.assert_array_equal(mutants[7], expected[7])


@pytest.mark.parametrize("alphabet", [DNA, AA, METHYLATED, TWO])
def test_mutants_of_one_string(alphabet):
    seq = alphabet.letters
    mutants = single_mutants(seq, alphabet)
    assert len(mutants) == len(seq) * (len(seq) - 1)
    found = words(mutants[:])
    assert len(set(found)) == len(found)
    assert all(sum(a != b for a, b in zip(word, seq, strict=True)) == 1 for word in found)
    assert mutants[0].shape == (len(seq),)


def test_mutants_of_rows_of_unequal_length():
    rows = ["ACG", "", "TNTT", "N"]
    expected = [mutant for row in rows for mutant in all_single_mutants(row)]
    mutants = single_mutants(Ragged.from_bytes([row.encode() for row in rows]), DNA)
    assert isinstance(mutants[:], Ragged)
    assert words(mutants[:]) == expected
    assert words(mutants[[17, 0]]) == [expected[17], expected[0]]
    assert mutants[9].tobytes().decode() == expected[9]
    assert words(mutants) == expected
    assert len(mutants[:0]) == 0
    with pytest.raises(ValueError, match=r"seqs must all have one length"):
        single_mutants(rows, DNA)


def test_nested_sequences_are_counted_through():
    mutants = single_mutants([["A", "C"], ["N", "T"]], DNA)
    assert mutants.edits().row.tolist() == [0, 0, 0, 1, 1, 1, 3, 3, 3]
    assert words(mutants[:]) == ["C", "G", "T", "A", "G", "T", "A", "C", "G"]


def test_mutants_of_many_sequences_need_no_memory_of_their_own():
    """576,000 mutants of 400 letters; any of them, in any order."""
    seqs = sp.random_seqs((600, 400), Alphabet("with gaps", "ACGTN"), rng=0)
    mutants = single_mutants(seqs, DNA)
    known = int((seqs != b"N").sum())
    assert len(mutants) == 3 * known
    index = np.random.default_rng(0).integers(0, len(mutants), 3000)
    tracemalloc.start()
    found, edits = mutants[index], mutants.edits(index)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < found.nbytes + 4e6
    expected = seqs[edits.row]
    np.testing.assert_array_equal(expected[np.arange(3000), edits.position], edits.reference)
    expected[np.arange(3000), edits.position] = edits.alternative
    np.testing.assert_array_equal(found, expected)
    assert (edits.reference != edits.alternative).all()
    whole = mutants.edits()
    for name in ("row", "position", "reference", "alternative"):
        np.testing.assert_array_equal(getattr(whole, name)[index], getattr(edits, name))
    key = (whole.row * 400 + whole.position) * 128 + whole.alternative.view(np.uint8)
    assert np.unique(key).size == len(mutants)


@pytest.mark.parametrize(
    ("index", "error", "message"),
    [
        (6, IndexError, r"within the 6 mutants; found 6"),
        (-7, IndexError, r"within the 6 mutants; found -7"),
        ([0, 9], IndexError, r"within the 6 mutants; found 9"),
        ([True, False], TypeError, r"mask of 6 mutants; found bool of shape \(2,\)"),
        (1.5, TypeError, r"found float64"),
        ([[0, 1]], TypeError, r"found int64 of shape \(1, 2\)"),
    ],
)
def test_index_that_is_none_is_refused(index, error, message):
    mutants = single_mutants("AC", DNA)
    for call in (mutants.__getitem__, mutants.edits):
        with pytest.raises(error, match=message):
            call(index)


def test_batches_need_a_size():
    with pytest.raises(ValueError, match=r"size must be a whole number, at least 1; found 0"):
        single_mutants("AC", DNA).batches(0)


def test_sequences_without_known_letters_have_no_mutants():
    for seqs in (["NN"], [], "", np.zeros((0, 4), "S1"), Ragged(np.zeros(0, np.uint8), [], [])):
        mutants = single_mutants(seqs, DNA)
        assert len(mutants) == 0
        assert list(mutants) == []
        assert len(mutants[:]) == 0
        assert mutants.edits().row.size == 0
        with pytest.raises(IndexError, match=r"within the 0 mutants"):
            mutants[0]
    assert repr(single_mutants(["AC"], DNA)) == "SingleMutants(6 mutants of 1 sequence)"
