"""Matrices of JASPAR: bracketed, raw, and as sites."""

from __future__ import annotations

import io

import numpy as np
import pytest
from Bio import motifs as biomotifs

import seqpro as sp
from motifdata import read_motifs

BRACKETED = (  # as releases since 2016 give it
    ">MA0004.1\tArnt\nA  [     4     19      0      0      0      0 ]\n"
    "C  [    16      0     20      0      0      0 ]\nG  [     0      1      0     20      0     20 ]\n"
    "T  [     0      0      0      0     20      0 ]\n\n"
    ">MA0006.1\tAhr::Arnt\nA  [3 0]\nC  [8 0]\nG  [2 23]\nT  [11 1]\n"
)
OLD = ">MA0001.1 AGL3\nA [ 0 3 79]\nC [94 75 4]\nG [ 1 0 3]\nT [ 2 19 11]\n"
RAW = ">MA0004.1\tArnt\n4\t19\t0\t0\t0\t0\n16\t0\t20\t0\t0\t0\n0\t1\t0\t20\t0\t20\n0\t0\t0\t0\t20\t0\n"
BARE = "  4.00  19.00   0.00\n 16.00   0.00  20.00\n  0.00   1.00   0.00\n  0.00   0.00   0.00\n"


@pytest.fixture
def read(tmp_path):
    def read_text(text, name="some.jaspar", **options):
        (tmp_path / name).write_text(text)
        return read_motifs(tmp_path / name, **options)

    return read_text


@pytest.mark.parametrize(("text", "bio"), [(BRACKETED, "jaspar"), (OLD, "jaspar"), (BARE, "pfm")])
def test_read__counts_are_those_that_biopython_reads(read, text, bio):
    motifs = read(text)
    others = list(biomotifs.parse(io.StringIO(text), bio))
    assert len(motifs) == len(others)
    for motif, other in zip(motifs, others, strict=True):
        expected = np.array([other.counts[letter] for letter in "ACGT"]).T
        share = expected / expected.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(motif.probabilities, share, rtol=1e-15)
        assert motif.nsites == expected.sum(axis=1).max()


def test_read__ids_names_and_counts_by_hand(read):
    motifs = read(BRACKETED)
    assert [(m.id, m.name, m.nsites) for m in motifs] == [
        ("MA0004.1", "Arnt", 20),
        ("MA0006.1", "Ahr::Arnt", 24),
    ]
    assert motifs["MA0006.1"].counts().tolist() == [[3, 8, 2, 11], [0, 0, 23, 1]]
    assert read(RAW) == motifs.select(["MA0004.1"])


def test_read__a_file_without_a_title_is_named_after_the_file(read):
    assert read(BARE, "MA0004.1.pfm").ids == ["MA0004.1"]
    assert read("5\t0\t3\n0\t5\t0\n0\t0\t2\n0\t0\t0\n", "x").ids == ["x"]


def test_read__positions_with_other_totals_keep_their_shares(read):
    motif = read(">m\nA [ 1 2 ]\nC [ 0 2 ]\nG [ 0 2 ]\nT [ 0 2 ]\n")["m"]
    assert (motif.nsites, motif.probabilities.tolist()) == (8, [[1, 0, 0, 0], [0.25] * 4])


def test_read__letters_decide_the_alphabet_whatever_their_order(read):
    motif = read(">m\nU [ 1 0 ]\nG [ 2 0 ]\nC [ 3 0 ]\nA [ 4 9 ]\n")["m"]
    assert motif.alphabet == sp.RNA
    assert motif.counts()[0].tolist() == [4, 3, 2, 1]
    assert read(">m\nA | 1 0 4 \nC | 0 1 4 \nG | 0 0 4 \nT | 0 0 4 \n")["m"].consensus() == "ACA"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (OLD.replace("T [ 2 19 11]\n", ""), 1, "each of the letters ACGT.* found ACG"),
        (OLD.replace("T [", "A ["), 1, "found ACGA"),
        (OLD.replace(" 3]", " ]"), 4, "expected 3 numbers; found 2"),
        (OLD.replace("94", "many"), 3, "found 'many'"),
        (OLD.replace("A [ 0 3 79]", "0 3 79"), 2, "expected a row of a letter"),
        (OLD.replace("94", "-94"), 1, "must not be negative.*Log-odds are not counts"),
        (OLD.replace("[ 0 3", "[ 0 nan"), 1, "counts of motif 'MA0001.1'"),
        ("A [ 1 ]\n" + OLD, 1, "expected a title"),
        (">\nA [ 1 ]\n", 1, "blank title"),
        (">m\nA [ ]\nC [ ]\nG [ ]\nT [ ]\n", 1, "no positions"),
    ],
)
def test_read__errors_name_file_and_line(read, text, line, reason):
    with pytest.raises(ValueError, match=reason) as error:
        read(text, format="jaspar")
    assert f"some.jaspar, line {line}: " in str(error.value)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (RAW + ">x\n1 2 3\n", 6, "expected a matrix with numbers for 4.*found 1"),
        (RAW.replace("\t0\t0\n16", "\t0\n16"), 3, "expected 5 numbers; found 6"),
    ],
)
def test_read_raw__errors_name_file_and_line(read, text, line, reason):
    with pytest.raises(ValueError, match=reason) as error:
        read(text, format="pfm")
    assert f"some.jaspar, line {line}: " in str(error.value)


SITES = (
    ">MA0004\tARNT\t1\nCACGTGatgtcctc\n>MA0004\tARNT\t2\nCACGTGggatc\n>MA0004\tARNT\t3\nggTACGTGa\n"
)


def test_read_sites__counts_capitals_as_biopython_does(read):
    motif = read(SITES)["MA0004"]
    other = biomotifs.read(io.StringIO(SITES), "sites")
    assert motif.counts().T.tolist() == [other.counts[letter] for letter in "ACGT"]
    assert (motif.name, motif.nsites, motif.counts()[0].tolist()) == ("ARNT", 3, [0, 2, 0, 1])


def test_read_sites__titles_with_places_are_one_motif_named_after_the_file(read):
    text = ">hg19_chr1:100-110(+)\nttCACGTGaa\n>hg19_chr2:5-15(-)\nCAUGTG\n".replace("U", "T")
    assert read(text, "MA0058.2.sites").ids == ["MA0058.2"]
    rna = read(text.replace("T", "U").replace("t", "u"), "x.sites", format="sites")
    assert rna.alphabet == sp.RNA


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (SITES.replace("ggTACGTGa", "ggTACGTa"), 5, "a site of 6 letters of ACGT; found 5"),
        (SITES.replace("ggTACGTGa", "ggTACNTGa"), 5, "found the letter 'N'"),
        (SITES.replace("ggTACGTGa", "ggtacgtga"), 5, "site in capital letters; found none"),
        ("ACGT\n" + SITES, 1, "expected a title"),
    ],
)
def test_read_sites__errors_name_file_and_line(read, text, line, reason):
    with pytest.raises(ValueError, match=reason) as error:
        read(text, format="sites")
    assert f"some.jaspar, line {line}: " in str(error.value)
