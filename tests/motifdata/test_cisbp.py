"""CIS-BP and UniPROBE: one matrix a file, empty matrices, folders."""

from __future__ import annotations

import io

import pytest
from Bio import motifs as biomotifs

import seqpro as sp
from motifdata import read_motifs

PWM = "Pos\tA\tC\tG\tT\n1\t0.0513\t0.5521\t0.1214\t0.2752\n2\t0.0650\t0.8068\t0.0325\t0.0957\n"
RNA = "Pos\tA\tC\tG\tU\n1\t0.1\t0.2\t0.3\t0.4\n"
WHOLE = (  # the one-file download: a block of keys before each table
    "TF\tT000001_2.00\nTF Name\tGATA1\nGene\tENSG00000102145\nMotif\tM06631_2.00\nFamily\tGATA\n"
    f"Species\tHomo_sapiens\n{PWM}\n"
    "TF\tT000002_2.00\nTF Name\tV$X\nGene\tENSG1\nMotif\tM07000_2.00\nFamily\tX\nSpecies\tMus_musculus\n"
    "Pos\tA\tC\tG\tT\n\n"
)
UNIPROBE = (
    "Protein: Sox14\tSeed k-mer: ACAATAGC\tEnrichment Score: 0.4935\n\n"
    "A:\t0.2\t0.9\t0.0\nC:\t0.3\t0.0\t1.0\nG:\t0.4\t0.1\t0.0\nT:\t0.1\t0.0\t0.0\n"
)


@pytest.fixture
def read(tmp_path):
    def read_text(text, name="some.txt", **options):
        (tmp_path / name).write_text(text)
        return read_motifs(tmp_path / name, **options)

    return read_text


def test_read__a_file_is_named_after_itself(read):
    motif = read(PWM, "M06631_2.00.txt")["M06631_2.00"]
    other = biomotifs.read(io.StringIO(PWM), "pfm-four-columns")
    for letter, column in zip("ACGT", motif.probabilities.T, strict=True):
        assert column.tolist() == pytest.approx(other.counts[letter], rel=1e-9)
    assert read(RNA).alphabet == sp.RNA


def test_read__keys_of_the_whole_download_and_a_warning_for_what_it_withholds(read):
    with pytest.warns(
        UserWarning, match=r"left out what is listed without a matrix, 1 in all: M07000"
    ):
        motifs = read(WHOLE)
    (motif,) = motifs
    assert (motif.id, motif.name, motif.species) == ("M06631_2.00", "GATA1", "Homo sapiens")


def test_read__a_folder_with_withheld_matrices(tmp_path):
    """Files of matrices that CIS-BP may not show hold only the head; one warning counts them."""
    for key, text in (("M2", PWM), ("M1", RNA.replace("U", "T")), ("M3", "Pos\tA\tC\tG\tT\n")):
        (tmp_path / f"{key}.txt").write_text(text)
    with pytest.warns(UserWarning, match=r"1 in all: M3"):
        assert read_motifs(tmp_path).ids == ["M1", "M2"]
    (tmp_path / "M1.txt").unlink()
    (tmp_path / "M2.txt").unlink()
    with (
        pytest.warns(UserWarning, match="1 in all: M3"),
        pytest.raises(ValueError, match="at least one motif; found none"),
    ):
        read_motifs(tmp_path)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (PWM.replace("\n2\t", "\n3\t"), 3, "expected position 2; found 3"),
        (PWM.replace("\t0.0957", ""), 3, "expected 4 numbers; found 3"),
        (PWM.replace("0.0957", "0.9"), 1, "sum to 1"),
        (PWM + "TF Name\tX\n", 4, "expected the head Pos A C G T of a table; found the end"),
        (PWM + "junk\n", 4, "expected a line such as Motif"),
        (PWM.replace("\tT\n", "\tX\n"), 1, "found ACGX"),
    ],
)
def test_read__errors_name_file_and_line(read, text, line, reason):
    with pytest.raises(ValueError, match=reason) as error:
        read(text, format="cisbp")
    assert f"some.txt, line {line}: " in str(error.value)


def test_read_uniprobe__the_databases_own_title_and_others(read):
    motif = read(UNIPROBE)["Sox14"]
    assert motif.probabilities.tolist() == [[0.2, 0.3, 0.4, 0.1], [0.9, 0, 0.1, 0], [0, 1, 0, 0]]
    rows = UNIPROBE.split("\n\n")[1]
    several = read(f"Gata3_1024 primary\n{rows}\n#Alx3_3418.2\n{rows}")
    assert [(m.id, m.name) for m in several] == [("Gata3_1024", "primary"), ("Alx3_3418.2", "")]
    assert read(rows, "Bhlhb2_pwm.txt").ids == ["Bhlhb2_pwm"]
    turned = "".join(reversed(rows.splitlines(keepends=True)))
    assert next(iter(read(turned, "x.txt"))).consensus() == motif.consensus()


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (UNIPROBE.replace("T:\t0.1\t0.0\t0.0\n", ""), 1, "found ACG"),
        (UNIPROBE.replace("G:\t0.4\t0.1\t0.0", "G:\t0.4\t0.1"), 5, "expected 3 numbers; found 2"),
        (UNIPROBE + "\nSox15\n", 8, "expected a title and rows such as A: 0.1 0.2|found 'the end'"),
        (UNIPROBE + "junk\nmore\n", 7, "found 'more'"),
    ],
)
def test_read_uniprobe__errors_name_file_and_line(read, text, line, reason):
    with pytest.raises(ValueError, match=reason) as error:
        read(text, format="uniprobe")
    assert f"some.txt, line {line}: " in str(error.value)
