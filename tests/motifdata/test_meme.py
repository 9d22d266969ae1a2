"""MEME files: every header variant is read, every motif survives being written."""

from __future__ import annotations

import numpy as np
import pytest
from Bio import motifs as biomotifs

import seqpro as sp
from motifdata import Motif, MotifSet, read_meme, write_meme

FILES = {
    "JASPAR2022_CORE_vertebrates_non-redundant_v2.meme": 841,
    "H12CORE_meme_format.meme": 1443,
    "CPEs.meme": 6,
}
ROWS = "1 0 0 0\n0 0.5 0.5 0\n"


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        path = tmp_path / "some.meme"
        path.write_bytes(text.encode())
        return read_meme(path)

    return read_text


@pytest.mark.parametrize("file", FILES)
def test_read__real_files_are_whole_and_survive_writing(mirror, tmp_path, file):
    motifs = read_meme(mirror / "motifs" / file)
    assert len(motifs) == FILES[file]
    write_meme(motifs, tmp_path / "again.meme")
    assert read_meme(tmp_path / "again.meme") == motifs


def test_read__agrees_with_biopython_on_jaspar(mirror):
    path = mirror / "motifs" / "JASPAR2022_CORE_vertebrates_non-redundant_v2.meme"
    with path.open() as handle:
        others = biomotifs.parse(handle, "minimal")
    motifs = list(read_meme(path))
    assert [m.id for m in motifs] == [other.name for other in others]
    for motif, other in zip(motifs, others, strict=True):
        assert motif.nsites == other.num_occurrences
        counts = np.array([other.counts[a] for a in "ACGT"]).T  # rounded to whole sites
        off = np.abs(counts - motif.probabilities * motif.nsites)
        assert off.max() <= 0.5 + 2e-6 * motif.nsites


def test_written_files_are_read_by_biopython(tmp_path):
    motifs = MotifSet([Motif.from_counts([[2, 3, 5, 0], [0, 0, 0, 10]], id="m", source="a book")])
    write_meme(motifs, tmp_path / "m.meme")
    with (tmp_path / "m.meme").open() as handle:
        (other,) = biomotifs.parse(handle, "minimal")
    assert (other.name, other.num_occurrences) == ("m", 10)
    assert [other.counts[a] for a in "ACGT"] == [[2, 0], [3, 0], [5, 0], [0, 10]]


def test_read__a_bare_file_of_names_and_rows(read):
    motifs = read(
        f"MEME version 4\nMOTIF a\nletter-probability matrix:\n{ROWS}\n"
        f"MOTIF b\nletter-probability matrix:\n{ROWS}"
    )
    assert motifs.ids == ["a", "b"]
    assert motifs.alphabet == sp.DNA
    assert motifs.background.tolist() == [0.25] * 4
    assert (motifs["b"].nsites, motifs["b"].evalue, motifs["b"].name) == (None, None, "")


def test_read__statistics_names_url_and_background(read):
    motifs = read(
        "MEME version 5\n\nALPHABET= ACGT\n\nstrands: + -\n\n"
        "Background letter frequencies (from a file):\nA 0.3 C 0.2 G 0.2\nT 0.301\n\n"
        f"MOTIF MA1 GENE1\n\nletter-probability matrix: alength= 4 w= 2 nsites= 17 E= 4.1e-009\n{ROWS}"
        "URL http://example.org/MA1\n"
    )
    motif = motifs["MA1"]
    assert (motif.name, motif.nsites, motif.evalue) == ("GENE1", 17, 4.1e-9)
    assert motif.source == "http://example.org/MA1"
    np.testing.assert_allclose(motifs.background, np.array([0.3, 0.2, 0.2, 0.301]) / 1.001)


def test_read__windows_line_ends_tabs_and_blank_lines_within(read):
    text = f"MEME version 4\n\n\nMOTIF\ta  \tb\n\nletter-probability matrix: w= 2\n\n{ROWS}\n\n\n"
    motifs = read(text.replace("\n", "\r\n").replace(" 0", "\t0"))
    assert motifs["b"].consensus() == "AC"


def test_read__log_odds_are_skipped_and_program_output_is_read(read):
    motifs = read(
        "MEME version 5.0\nALPHABET= ACGT\n"
        "MOTIF AC MEME-1\twidth =   2  sites =  10  llr = 141  E-value = 4.1e-009\n"
        "\tMotif AC MEME-1 sites sorted by position\n-----\n"
        "log-odds matrix: alength= 4 w= 2 n= 10 bayes= 1 E= 4.1e-009\n"
        " 200 -1000 -1000 -1000\n-1000 100 100 -1000\n-----\n"
        f"letter-probability matrix: alength= 4 w= 2 nsites= 10 E= 4.1e-009\n{ROWS}-----\nSUMMARY OF MOTIFS\n"
    )
    assert motifs.ids == ["AC"]
    assert motifs["AC"].name == "MEME-1"
    assert motifs["AC"].consensus() == "AC"


@pytest.mark.parametrize(
    ("line", "alphabet"),
    [("ALPHABET= ACGU", sp.RNA), (f"ALPHABET= {sp.AA.letters}", sp.AA), ("ALPHABET=ACGT", sp.DNA)],
    ids=["RNA", "protein", "DNA"],
)
def test_read__standard_alphabets(read, line, alphabet):
    row = " ".join(["0"] * (len(alphabet) - 1) + ["1"])
    motifs = read(f"MEME version 4\n{line}\nMOTIF a\nletter-probability matrix:\n{row}\n")
    assert motifs.alphabet == alphabet


def test_read__twenty_columns_without_an_alphabet_are_protein(read):
    assert read("MOTIF a\nletter-probability matrix:\n1" + " 0" * 19).alphabet == sp.AA


def test_read__a_custom_alphabet_in_the_order_of_the_format(read):
    motifs = read(
        'MEME version 5\nALPHABET "DNA with 5mC" DNA-LIKE\n# core\n'
        'A "Adenine" CC0000 ~ T "Thymine" 008000\nC "Cytosine" 0000CC ~ G "Guanine" FFB300\n'
        'm "5-Methylcytosine" D73027 ~ 1 "Guanine:5-Methylcytosine" 4575B4\n'
        "N = ACGTm1\nW = AT\nU = T\nEND ALPHABET\n"
        "MOTIF a\nletter-probability matrix: w= 1\n0 0 0 0 1 0\n"
    )
    alphabet = motifs.alphabet
    assert (alphabet.name, alphabet.letters, alphabet.unknown) == ("DNA with 5mC", "ACGTm1", "N")
    assert motifs["a"].consensus() == "m"
    assert motifs["a"].reverse_complement().consensus() == "1"


def test_read__a_block_that_spells_dna_is_dna(read):
    block = 'ALPHABET "x" DNA-LIKE\nT ~ A\nA\nG "Guanine" ~ C "Cytosine"\nEND ALPHABET\n'
    assert read(f"{block}MOTIF a\nletter-probability matrix:\n{ROWS}").alphabet == sp.DNA


def test_read__a_letter_of_background_zero_still_gets_scores(read):
    motifs = read(
        "Background letter frequencies\nA 0.5 C 0 G 0 T 0.5\n\nMOTIF a\nletter-probability matrix:\n"
        + ROWS
    )
    assert (motifs.background > 0).all()
    np.testing.assert_allclose(motifs.background, [0.5, 0, 0, 0.5], atol=2e-6)


HEADER = "MEME version 4\nMOTIF a\nletter-probability matrix: alength= 4 w= 2\n"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("nothing here\n", 1, "no line that begins with MOTIF"),
        ("", 0, "no line that begins with MOTIF"),
        (f"{HEADER}1 0 0 0\n", 3, "found 4 and 1"),
        (f"{HEADER}{ROWS}1 0 0 0\n", 3, "found more"),
        (f"{HEADER}1 0 0 0\n1 0 0\n", 5, "expected 4 numbers"),
        (f"{HEADER}1 0 0 0\n1 0 0 x\n", 5, "expected a number; found 'x'"),
        (f"{HEADER}1 0 0 0\n1 1 0 0\n", 2, "sum to 1"),
        (f"{HEADER}1 0 0 0\n0 0 0 nan\n", 2, "sum to 1"),
        ("MOTIF\nletter-probability matrix:\n1 0 0 0\n", 1, "followed by an id"),
        ("MOTIF a\nMOTIF b\n", 1, "no letter-probability matrix"),
        (f"{HEADER}{ROWS}\nMOTIF a\nletter-probability matrix:\n{ROWS}", 7, "second motif with the id 'a'"),
        (f"{HEADER}{ROWS}letter-probability matrix:\n{ROWS}", 6, "second letter-probability matrix"),
        ("MOTIF a\nletter-probability matrix:\n1 0 0\n", 1, "names no alphabet"),
        (f"ALPHABET= ACGT\n{HEADER.replace('4 w', '3 w')}1 0 0\n0 1 0\n", 3, "shape"),
        (f"ALPHABET= XYZ\n{HEADER}{ROWS}", 1, "ALPHABET= must be"),
        ("ALPHABET \"x\"\nA ~ T\nC\nMOTIF a\n", 1, "no line END ALPHABET"),
        (f"ALPHABET \"x\"\nA ~ T\nC\nEND ALPHABET\n{HEADER}{ROWS}", 1, "none for C"),
        (f"ALPHABET \"x\"\nAdenine A\nEND ALPHABET\n{HEADER}{ROWS}", 2, "expected a letter"),
        (f"ALPHABET \"x\"\n! \"bang\"\nEND ALPHABET\n{HEADER}{ROWS}", 1, "found '!'"),
        (f"Background letter frequencies\nA 0.9 C 0.9 G 0 T 0\n{HEADER}{ROWS}", 2, "background"),
        (f"Background letter frequencies\nA 0.5 C 0.5\n{HEADER}{ROWS}", 2, "background"),
    ],
)  # fmt: skip
def test_read__errors_name_file_and_line(read, text, line, reason):
    with pytest.raises(ValueError, match=reason) as error:
        read(text)
    assert f"some.meme, line {line}: " in str(error.value)


def test_write__what_the_format_cannot_hold_is_refused_and_nothing_is_written(tmp_path):
    target = tmp_path / "m.meme"
    methyl = sp.Alphabet("mC", "ACGTm", "AT CG mG")
    backwards = sp.Alphabet("backwards", "TGCA", "AT CG")
    for motif, reason in [
        (Motif("two words", [[1, 0, 0, 0]]), r"do not: id 'two words'"),
        (Motif("m", [[1, 0, 0, 0, 0]], methyl), "both ways"),
        (Motif("m", [[1, 0, 0, 0]], backwards), "in this order"),
        (Motif("m", [[1, 0]], sp.Alphabet('a "quoted" name', "AB")), "cannot hold"),
        (Motif("width=6", [[1, 0, 0, 0]]), "do not: .*followed by an id"),
        (MotifSet([]), "motifs must hold at least one, .* found none"),
    ]:
        with pytest.raises(ValueError, match=reason):
            write_meme(motif, target)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("field", "text"),
    [("source", "a\nMOTIF b"), ("name", "GATA width = 6"), ("licence", "two  spaces")],
)
def test_write__a_text_that_changes_is_named_and_breaks_nothing(tmp_path, field, text):
    motif = Motif("m", [[1, 0, 0, 0]], **{field: text})
    with pytest.warns(UserWarning, match=f"of the 1 motifs as they are: {field} of 1"):
        write_meme(motif, tmp_path / "m.meme")
    assert read_meme(tmp_path / "m.meme").ids == ["m"]


def test_read__a_file_without_version_or_with_a_strange_one(read):
    motif = f"ALPHABET= ACGT\nMOTIF a b\nletter-probability matrix: alength= 4 w= 2\n{ROWS}"
    assert (
        read(motif) == read(f"MEME version None\n\n{motif}") == read(f"MEME version 5.5\n{motif}")
    )


def test_read__streme_output_with_its_comments(read):
    motifs = read(
        "# STREME 5.5.5\n# reports motifs\n\nMEME version 5.5.5\n\nALPHABET= ACGT\n\nstrands: + -\n\n"
        "Background letter frequencies\nA 0.26 C 0.24 G 0.24 T 0.26 \n\nMOTIF 1-GGAAR STREME-1\n"
        f"letter-probability matrix: alength= 4 w= 2 nsites= 31 S= 2.1e-007\n{ROWS}\nTime 3.2 secs.\n"
    )
    assert (motifs["STREME-1"].id, motifs["STREME-1"].nsites) == ("1-GGAAR", 31)


def test_write__names_that_only_look_like_a_width_survive(tmp_path):
    motifs = MotifSet(
        [
            Motif("width", [[1, 0, 0, 0]], name="width"),
            Motif("a", [[1, 0, 0, 0]], name="bandwidth = 6"),
        ]
    )
    write_meme(motifs, tmp_path / "m.meme")
    assert read_meme(tmp_path / "m.meme") == motifs


def test_write__numbers_that_are_not_known_are_left_out(tmp_path):
    """A table of motifs has NaN where `nsites` is not known; the motif is the same one without."""
    motif = Motif("m", [[1, 0, 0, 0]], nsites=np.nan, evalue=np.nan)
    assert motif == Motif("m", [[1, 0, 0, 0]])
    write_meme(motif, tmp_path / "m.meme")
    assert "nan" not in (tmp_path / "m.meme").read_text()
    assert read_meme(tmp_path / "m.meme")["m"] == motif


def test_write__a_failed_write_leaves_the_old_file_alone(tmp_path, monkeypatch):
    target = tmp_path / "m.meme"
    target.write_text("old")

    def fail(self, target):
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_meme(Motif("m", [[1, 0, 0, 0]]), target)
    assert [file.name for file in tmp_path.iterdir()] == ["m.meme"]
    assert target.read_text() == "old"


@pytest.mark.parametrize(
    "alphabet",
    [
        sp.RNA,
        sp.AA,
        sp.Alphabet("5mC", "ACGTm1", "AT CG m1"),
        sp.Alphabet("two", "AB", unknown="?"),
    ],
    ids=lambda alphabet: alphabet.name,
)
def test_write__alphabets_survive(tmp_path, alphabet):
    motifs = MotifSet([Motif("m", np.full((2, len(alphabet)), 1 / len(alphabet)), alphabet)])
    write_meme(motifs, tmp_path / "m.meme")
    assert read_meme(tmp_path / "m.meme") == motifs
