"""NCBI's genetic codes and codes of one's own."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from Bio.Data.CodonTable import unambiguous_dna_by_id, unambiguous_rna_by_id

from seqpro.codons import CODONS, NCBI_NUMBERS, CodonTable, codon_table

AMBIGUOUS_STOPS = {27: ("TGA",), 28: ("TAA", "TAG", "TGA"), 31: ("TAA", "TAG")}


def test_no_genetic_code_of_ncbi_is_missing():
    assert list(NCBI_NUMBERS) == sorted(unambiguous_dna_by_id)


@pytest.mark.parametrize("number", NCBI_NUMBERS)
def test_every_codon_start_and_stop_agrees_with_biopython(number):
    table, theirs = codon_table(number), unambiguous_dna_by_id[number]
    assert table.number == number
    assert table.start_codons == tuple(c for c in CODONS if c in theirs.start_codons)
    assert table.stop_codons == tuple(c for c in CODONS if c in theirs.stop_codons)
    assert table.ambiguous_stops == AMBIGUOUS_STOPS.get(number, ())
    assert [table.amino_acid(c) for c in CODONS] == [
        theirs.forward_table.get(c, "*") for c in CODONS
    ]
    assert "".join(table.amino_acid(c) for c in CODONS) == table.amino_acids
    rna = unambiguous_rna_by_id[number].forward_table
    words = [c.replace("T", "U") for c in CODONS]
    assert [table.amino_acid(c.lower()) for c in words] == [rna.get(c, "*") for c in words]


def test_codons_stand_in_the_order_that_ncbi_prints():
    assert CODONS[:5] == ("TTT", "TTC", "TTA", "TTG", "TCT")
    assert len(set(CODONS)) == 64
    assert CODONS[-1] == "GGG"


def test_names_tell_the_codes_apart():
    names = {codon_table(number).name for number in NCBI_NUMBERS}
    assert len(names) == len(NCBI_NUMBERS)
    assert {"Standard", "Vertebrate Mitochondrial", "Balanophoraceae Plastid"} <= names


@pytest.mark.parametrize("number", [0, 7, 8, 34, -1, 1.0, "1", None, [1]])
def test_number_that_ncbi_does_not_have_is_refused_with_those_it_has(number):
    with pytest.raises(ValueError, match=r"one of 1, 2, 3, 4, 5, 6, 9, .*, 33; found "):
        codon_table(number)


def test_numpy_number_is_a_number():
    assert codon_table(np.int64(11)) is codon_table(11)


@pytest.mark.parametrize("codon", ["", "AT", "ATGA", "NNN", "AT-"])
def test_word_that_is_no_codon_is_refused(codon):
    with pytest.raises(ValueError, match=r"codon must be three of A, C, G, T and U; found"):
        codon_table(1).amino_acid(codon)


def test_code_cannot_be_changed_behind_a_users_back():
    with pytest.raises(FrozenInstanceError):
        codon_table(1).amino_acids = "A" * 64
    assert hash(replace(codon_table(1))) == hash(codon_table(1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"amino_acids": "A" * 63},
            r"amino_acids of codon table 'Standard' must be 64 letters .* 63",
        ),
        ({"amino_acids": "a" * 64}, r"must be 64 letters A to Z or \*; found 64: 'aaa"),
        ({"amino_acids": "A" * 63 + "é"}, r"must be 64 letters A to Z or \*"),
        ({"start_codons": ("AUG",)}, r"start_codons .* of A, C, G and T; found \('AUG',\)"),
        ({"stop_codons": ["TAA", "TAG", "TGA"]}, r"stop_codons .* must be a tuple of codons"),
        ({"stop_codons": ("TAA", "TAG")}, r"stop_codons .* must name every codon .* missing: TGA"),
    ],
)
def test_code_of_ones_own_that_contradicts_itself_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(codon_table(1), **change)


def test_code_of_ones_own_needs_no_number():
    only = CodonTable("glycine", "G" * 64, start_codons=("GGG",), stop_codons=())
    assert only.number is None
    assert only.amino_acid("ttt") == "G"
    assert only.ambiguous_stops == ()
