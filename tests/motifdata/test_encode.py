"""ENCODE, Cluster-Buster and the pfm files of GimmeMotifs and HOCOMOCO: a row a position."""

from __future__ import annotations

import io

import numpy as np
import pytest
from Bio import motifs as biomotifs

import seqpro as sp
from motifdata import Motif, read_motifs, write_motifs

ENCODE = (
    ">STAT_disc9 STAT1_K562_encode-Snyder_seq_r1:MEME#1#Intergenic\n"
    "G 0.008511 0.004255 0.987234 0.000000\nR 0.455319 0.072340 0.344681 0.127660\n"
    "T 0.000000 0.000000 0.000000 1.000000\nN 0.25 0.25 0.25 0.25\nW 0.5 0 0 0.5\n"
    ">AHR::ARNT_1 AhR_transfac_M00235\nA 1 0 0 0\n>fake_A\nA 0.9 0 0.05 0.05\n"
)
PCM = (  # HOCOMOCO's counts; weighted, so not whole
    ">AHR_HUMAN.H11MO.0.B\n40.51343240527031\t18.259112547756697\t56.41253757072521\t38.77363485291994\n"
    "10.877470982533044\t11.870876719950774\t34.66312982331297\t96.54723985087516\n"
)
GIMME = (
    "# CIS-BP motif database (v2.00)\n# Date: 2019-05-28\n>M06631_2.00\n0.0513\t0.5521\t0.1214\t0.2752\n"
    "#GM.5.0.Sox.0001\tM1911_1.02;;SOX15\n>M1\n0.7213\t0.0793\t0.1103\t0.0891\n0.25\t0.25\t0.25\t0.25\n"
)


@pytest.fixture
def read(tmp_path):
    def read_text(text, **options):
        (tmp_path / "some.txt").write_text(text)
        return read_motifs(tmp_path / "some.txt", **options)

    return read_text


def test_read_encode__titles_without_a_source_and_letters_of_any_kind(read):
    motifs = read(ENCODE)
    assert [(m.id, m.source) for m in motifs] == [
        ("STAT_disc9", "STAT1_K562_encode-Snyder_seq_r1:MEME#1#Intergenic"),
        ("AHR::ARNT_1", "AhR_transfac_M00235"),
        ("fake_A", ""),
    ]
    assert motifs["STAT_disc9"].consensus("iupac") == "GRTNW"
    assert motifs["STAT_disc9"].probabilities[1].tolist() == [0.455319, 0.07234, 0.344681, 0.12766]


def test_write_encode__letters_are_the_consensus(tmp_path):
    motif = Motif.from_consensus("GRU", id="m", certainty=1, alphabet=sp.RNA, source="a b")
    with pytest.warns(UserWarning, match="as they are: alphabet"):
        write_motifs(motif, tmp_path / "m", format="encode")
    assert (tmp_path / "m").read_text() == ">m a b\nG 0 0 1 0\nR 0.5 0 0.5 0\nU 0 0 0 1\n"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (ENCODE.replace(" 1.000000", ""), 4, "expected 4 numbers; found 3"),
        (
            ENCODE.replace("T 0.000000", "0.000000"),
            4,
            "expected a row of a letter and probabilities",
        ),
        (ENCODE.replace("W 0.5", "W 5"), 1, "sum to 1"),
        (">a\n>b\nA 1 0 0 0\n", 1, "found 0"),
        ("A 1 0 0 0\n", 1, "expected a title, > and an id; found 'A 1 0 0 0'"),
    ],
)
def test_read_encode__errors_name_file_and_line(read, text, line, reason):
    with pytest.raises(ValueError, match=reason) as error:
        read(text, format="encode")
    assert f"some.txt, line {line}: " in str(error.value)


def test_read__counts_of_hocomoco_are_those_of_biopython(read):
    motif = read(PCM)["AHR_HUMAN.H11MO.0.B"]
    other = biomotifs.parse(io.StringIO(PCM.replace("\t", " ")), "clusterbuster")[0]
    np.testing.assert_allclose(motif.counts().T, [other.counts[a] for a in "ACGT"], rtol=1e-12)
    assert motif.nsites == pytest.approx(153.9587173766)


def test_read__gimmemotifs_with_comments_between(read):
    motifs = read(GIMME)
    assert (motifs.ids, [len(m) for m in motifs]) == (["M06631_2.00", "M1"], [1, 2])
    assert [m.nsites for m in motifs] == [None, None]


def test_read__log_odds_are_refused(read):
    with pytest.raises(ValueError, match=r"some.txt, line 1: .*negative.*Log-odds are not counts"):
        read(">AHR\n0.05\t-0.73\t0.38\t0.007\n-1.2\t-1.1\t-0.1\t0.9\n")


@pytest.mark.parametrize("nsites", [None, 10])
def test_write_clusterbuster__counts_where_there_are_sites(tmp_path, nsites):
    motif = Motif("m", [[0.1, 0.2, 0.3, 0.4]], name="n", nsites=nsites)
    write_motifs(motif, tmp_path / "m", format="clusterbuster")
    numbers = "1\t2\t3\t4" if nsites else "0.1\t0.2\t0.3\t0.4"
    assert (tmp_path / "m").read_text() == f">m n\n{numbers}\n"
