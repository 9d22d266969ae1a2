"""TRANSFAC files as TRANSFAC, JASPAR and HOCOMOCO write them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from Bio import motifs as biomotifs

import seqpro as sp
from motifdata import read_motifs

CLASSIC = """VV  EXAMPLE January 15, 2013
XX
//
AC  M00001
XX
ID  V$MYOD_01
XX
DT  19.10.1992 (created); ewi.
XX
NA  MyoD
XX
DE  myoblast determination gene product
XX
BF  T00526; MyoD; Species: mouse, Mus musculus.
BF  T00525; MyoD; Species: human, Homo sapiens.
XX
P0      A      C      G      T
01      1      2      2      0      S
02      2      1      2      0      R
03      3      0      1      1      A
XX
BA  5 functional elements in 3 genes
XX
RN  [1]
RA  Name A. B.
RT  A title that goes on
XX
//
"""
JASPAR = """AC MA0001.1
XX
ID AGL3
XX
DE MA0001.1 AGL3 ; From JASPAR
PO\tA\tC\tG\tT
01\t0.0\t94.0\t1.0\t2.0
02\t3.0\t75.0\t0.0\t19.0
XX
CC tax_group:plants
CC tf_family:Type II: MIKC-type
CC data_type:SELEX
XX
//
AC MA0002.1
XX
ID RUNX1
XX
PO\tA\tC\tG\tT
01\t10.0\t2.0\t3.0\t11.0
XX
//
"""
HOCOMOCO = """ID AHR.H12CORE.0.P.B
P0      A      C      G      T
1       176.0  307.0  392.0  128.0
2       188.0  363.0  152.0  300.0
XX
//
"""


@pytest.fixture
def read(tmp_path):
    def read_text(text, **options):
        (tmp_path / "some.dat").write_text(text)
        return read_motifs(tmp_path / "some.dat", **options)

    return read_text


def test_read__a_classic_record(read):
    motifs = read(CLASSIC)
    motif = motifs["MyoD"]
    assert (motif.id, motif.name, motif.nsites) == ("M00001", "MyoD", 5)
    assert motif.species == "mouse, Mus musculus; human, Homo sapiens"
    other = biomotifs.parse(io.StringIO(CLASSIC), "transfac")[0]
    np.testing.assert_allclose(motif.counts().T, [other.counts[a] for a in "ACGT"])


def test_read__the_export_of_jaspar(read):
    motifs = read(JASPAR)
    assert [(m.id, m.name, m.taxon, m.nsites) for m in motifs] == [
        ("MA0001.1", "AGL3", "plants", 97),
        ("MA0002.1", "RUNX1", "", 26),
    ]
    assert motifs["AGL3"].counts().tolist() == [[0, 94, 1, 2], [3, 75, 0, 19]]


def test_read__hocomoco_and_positions_from_zero(read):
    assert read(HOCOMOCO)["AHR.H12CORE.0.P.B"].nsites == 1003
    zero = HOCOMOCO.replace("\n1 ", "\n0 ").replace("\n2 ", "\n1 ")
    assert read(zero) == read(HOCOMOCO)


def test_read__rna_and_probabilities(read):
    motif = read("AC  m\nXX\nP0 A C G U\n01 0.1 0.2 0.3 0.4\n//\n")["m"]
    assert (motif.alphabet, motif.nsites) == (sp.RNA, None)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (CLASSIC.removesuffix("//\n"), 4, "is the file cut off"),
        (CLASSIC.replace("02      2", "04      2"), 19, "expected position 02; found 04"),
        (CLASSIC.replace("      0      S", "      S"), 18, "expected a number; found 'S'"),
        (CLASSIC.replace("NA  MyoD", "name MyoD"), 10, "begins with two capital letters"),
        (
            CLASSIC.replace("BA  5 functional elements in 3 genes", "P0 A C G T\n01 1 1 1 1"),
            22,
            "a second",
        ),
        (JASPAR.replace("\tT\n01\t0.0", "\tB\n01\t0.0"), 1, "letters ACGT.* found ACGB"),
        ("AC  x\nXX\n//\n" + HOCOMOCO, 1, "expected a matrix, P0 A C G T, in the record"),
        ("P0 A C G T\n01 1 0 0 0\n//\n", 1, "expected AC, ID or NA"),
        ("AC  x\nP0 A C G T\nXX\n//\n", 2, "expected rows of the matrix"),
        (HOCOMOCO.replace("307.0", "-307.0"), 1, "must not be negative"),
    ],
)
def test_read__errors_name_file_and_line(read, text, line, reason):
    with pytest.raises(ValueError, match=reason) as error:
        read(text, format="transfac")
    assert f"some.dat, line {line}: " in str(error.value)
