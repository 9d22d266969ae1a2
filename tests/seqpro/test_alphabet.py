"""Alphabets: order of columns, case, complements, and refusal of what cannot work."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from Bio.Seq import Seq

from seqpro import AA, DNA, RNA, Alphabet
from seqpro.alphabet import UNKNOWN

METHYLATED = Alphabet("methylated", "ACGTm", pairs="AT CG mG")


@pytest.mark.parametrize(
    ("alphabet", "letters"), [(DNA, "ACGT"), (RNA, "ACGU"), (AA, "ACDEFGHIKLMNPQRSTVWY")]
)
def test_column_order_that_stored_weights_rely_on(alphabet, letters):
    assert alphabet.letters == letters
    assert alphabet.codes.tobytes().decode() == letters
    assert len(alphabet) == len(letters) == len(set(letters))


def test_unknown_letters_are_n_for_nucleotides_and_x_for_proteins():
    assert (DNA.unknown, RNA.unknown, AA.unknown) == ("N", "N", "X")


def test_lower_case_finds_its_column_unless_strict():
    fold, strict = DNA.index_table(), DNA.index_table("strict")
    assert [fold[ord(c)] for c in "ACGTacgt"] == [0, 1, 2, 3, 0, 1, 2, 3]
    assert [strict[ord(c)] for c in "ACGTacgt"] == [0, 1, 2, 3] + [UNKNOWN] * 4
    assert (fold != UNKNOWN).sum() == 8
    assert (strict != UNKNOWN).sum() == 4


def test_alphabet_with_both_cases_keeps_them_apart():
    table = Alphabet("soft-masked", "ACGTacgt").index_table()
    assert [table[ord(c)] for c in "ACGTacgt"] == list(range(8))


def test_lower_case_only_letter_is_found_in_either_case():
    table = METHYLATED.index_table()
    assert table[ord("m")] == table[ord("M")] == 4


@pytest.mark.parametrize("letter", "ACGTRYKMBVDHSWNacgtrykmbvdhswn")
def test_dna_complement_agrees_with_biopython(letter):
    assert DNA.complement(letter) == str(Seq(letter).complement())


@pytest.mark.parametrize("letter", "ACGURYKMBVDHSWNacgurykmbvdhswn")
def test_rna_complement_agrees_with_biopython(letter):
    assert RNA.complement(letter) == str(Seq(letter).complement_rna())


def test_letter_without_partner_is_its_own_complement():
    assert [DNA.complement(c) for c in "*-.Z\0"] == list("*-.Z\0")
    assert AA.complement("L") == "L"


def test_complement_table_changes_nothing_but_paired_letters():
    table = DNA.complement_table()
    changed = {chr(i) for i in range(256) if table[i] != i}
    assert changed == set("ACGTRYKMBVDHacgtrykmbvdh")


def test_pairs_may_go_one_way_as_for_methylated_c():
    assert METHYLATED.complement("m") == METHYLATED.complement("M") == "G"
    assert METHYLATED.complement("G") == "C"
    assert METHYLATED.complement_columns().tolist() == [3, 2, 1, 0, 2]


def test_complement_columns_of_dna_reverse_the_order():
    assert DNA.complement_columns().tolist() == [3, 2, 1, 0]


def test_complement_columns_need_the_partners_among_the_letters():
    half = Alphabet("half", "AC", pairs="AT CG")
    with pytest.raises(ValueError, match=r"'half' must be among its letters 'AC'.* 'T' for 'A'"):
        half.complement_columns()


def test_protein_has_no_complement():
    assert DNA.has_complement
    assert not AA.has_complement
    for method in (AA.complement_table, AA.complement_columns):
        with pytest.raises(ValueError, match="'AA' has no complement; give it pairs"):
            method()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"letters": ""}, "be ASCII, at least one; found ''"),
        ({"letters": "ACé"}, "be ASCII, at least one; found 'ACé'"),
        ({"letters": "ACCGTT"}, "be unique; repeated: C, T"),
        ({"letters": "AC", "pairs": "ACG"}, "words of two ASCII letters; found 'ACG'"),
        ({"letters": "AC", "pairs": "A"}, "words of two ASCII letters; found 'A'"),
        ({"letters": "ACG", "pairs": "CG"}, "every letter a complement; none for A"),
        ({"letters": "AC", "unknown": ""}, "be one ASCII letter; found ''"),
        ({"letters": "AC", "unknown": "NN"}, "be one ASCII letter; found 'NN'"),
        ({"letters": "AC", "unknown": "é"}, "be one ASCII letter; found 'é'"),
    ],
)
def test_impossible_alphabet_is_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=f"of alphabet 'odd' must .*{message}"):
        Alphabet("odd", **arguments)


@pytest.mark.parametrize("letter", ["", "AC", "é"])
def test_complement_of_anything_but_one_letter_is_refused(letter):
    with pytest.raises(ValueError, match=f"letter must be one ASCII letter; found '{letter}'"):
        DNA.complement(letter)


def test_unknown_case_rule_is_refused():
    with pytest.raises(ValueError, match="case must be 'fold' or 'strict'; found 'upper'"):
        DNA.index_table("upper")


def test_nobody_can_change_a_shared_alphabet():
    with pytest.raises(FrozenInstanceError):
        DNA.letters = "TGCA"
    for table in (DNA.index_table(), DNA.complement_table(), DNA.codes):
        with pytest.raises(ValueError, match="read-only"):
            table[0] = 1


def test_alphabet_travels_to_other_processes():
    copy = pickle.loads(pickle.dumps(METHYLATED))
    assert copy == METHYLATED
    assert hash(copy) == hash(METHYLATED)
    np.testing.assert_array_equal(copy.complement_table(), METHYLATED.complement_table())
