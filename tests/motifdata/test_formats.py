"""All formats by one table: what is written comes back, what cannot is named, formats are told apart."""

from __future__ import annotations

import gzip
import math
import re
import tempfile
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from Bio import motifs as biomotifs
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import seqpro as sp
from motifdata import Motif, MotifSet, formats, read_meme, read_motifs, write_motifs
from motifdata.io.formats import FIELDS, FORMATS

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = [name for name, each in FORMATS.items() if each.write]
REAL = [
    "JASPAR2022_CORE_vertebrates_non-redundant_v2.meme",
    "H12CORE_meme_format.meme",
    "CPEs.meme",
]
FULL = Motif(
    "MA1.1",
    [[0.125, 0.5, 0.25, 0.125], [0, 1, 0, 0], [0.3, 0.2, 0.1, 0.4]],
    sp.RNA,
    "Ahr::Arnt",
    nsites=20,
    evalue=1e-9,
    source="a book",
    species="Mus musculus",
    taxon="vertebrates",
    licence="CC BY 4.0",
    threshold=7.25,
    statistics="-1782.9 0 T:17.0(44.36%),P:1e-99",
)
FULL_SET = MotifSet([FULL], background=[0.3, 0.2, 0.2, 0.3])
DEFAULT = Motif("default", [[1, 0, 0, 0]])


def quiet_write(motifs, path, name):
    """Write, and give what the one warning names."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        write_motifs(motifs, path, format=name)
    assert len(caught) <= 1
    if not caught:
        return set()
    listing = str(caught[0].message).split(" as they are: ")[1].split(". MEME and h5")[0]
    return {part.split(" of ")[0] for part in listing.split(", ")}


def assert_back(before, after, each):
    """Every field that the format holds is as it was, every other one is empty."""
    assert [motif.id for motif in after] == [motif.id for motif in before]
    kept = set(each.holds) | ({"alphabet"} if len(before.alphabet) != 4 else set())
    for one, other in zip(before, after, strict=True):
        assert np.abs(other.probabilities - one.probabilities).max() <= each.tolerance
        for field in FIELDS[:-1]:
            wanted, found = getattr(one if field in kept else DEFAULT, field), getattr(other, field)
            if field in ("nsites", "threshold") and wanted is not None:
                assert math.isclose(found, wanted, rel_tol=1e-12)
            else:
                assert found == wanted, field


@pytest.fixture(scope="module")
def real(mirror):
    return {file: read_meme(mirror / "motifs" / file) for file in REAL}


@pytest.mark.parametrize("name", WRITTEN)
def test_write__what_the_table_says_comes_back_and_the_rest_is_named(tmp_path, name):
    named = quiet_write(FULL_SET, tmp_path / "motifs", name)
    assert named == set(FIELDS) - set(FORMATS[name].holds)
    back = read_motifs(tmp_path / "motifs", format=name)
    assert_back(FULL_SET, back, FORMATS[name])
    assert "background" in named or np.array_equal(back.background, FULL_SET.background)


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("file", REAL)
def test_real_sets_go_through_every_format_and_back(real, tmp_path, name, file):
    """841 JASPAR and 1,443 HOCOMOCO motifs, with the format told from the content."""
    motifs = real[file]
    quiet_write(motifs, tmp_path / "motifs", name)
    assert_back(motifs, read_motifs(tmp_path / "motifs"), FORMATS[name])


@pytest.mark.parametrize(
    ("name", "bio"),
    [
        ("jaspar", "jaspar"),
        ("transfac", "transfac"),
        ("clusterbuster", "clusterbuster"),
        ("meme", "minimal"),
    ],
)
def test_files_of_real_sets_are_read_alike_by_biopython(real, tmp_path, name, bio):
    motifs = real[REAL[0]]
    quiet_write(motifs, tmp_path / "motifs", name)
    with (tmp_path / "motifs").open() as handle:
        others = list(biomotifs.parse(handle, bio))
    assert len(others) == len(motifs) == 841
    for motif, other in zip(motifs, others, strict=True):
        counts = np.array([other.counts[letter] for letter in "ACGT"], dtype=float).T
        if bio == "minimal":  # rounds to whole sites
            np.testing.assert_allclose(counts, motif.counts(), atol=0.501)
        else:
            np.testing.assert_allclose(counts, motif.counts(), rtol=1e-12, atol=1e-12)
        found = {"jaspar": "matrix_id", "minimal": "name", "clusterbuster": "name"}.get(bio)
        key = other["AC"] if found is None else getattr(other, found)
        assert key.split()[0] == motif.id


words = st.text("ABCdef012_.:-()/", min_size=1, max_size=10).filter(
    lambda word: (
        word[0] not in ":-/(" and not word.startswith("width") and word[1:] != ":"
    )  # the last begins a line of numbers in files of UniPROBE, which are refused
)
texts = st.lists(words, max_size=3).map(" ".join)
numbers = st.none() | st.floats(2, 1e6, allow_nan=False)


@st.composite
def sets(draw, name):
    held = FORMATS[name].holds
    alphabet = draw(st.sampled_from([sp.DNA, sp.RNA] if "alphabet" in held else [sp.DNA]))
    values = {"nsites": numbers, "evalue": numbers, "threshold": numbers}
    listed = []
    for key in draw(st.lists(words, min_size=1, max_size=3, unique=True)):
        shape = st.tuples(st.integers(1, 6), st.just(4))
        counts = draw(
            hnp.arrays(np.float64, shape, elements=st.sampled_from([0.0, 1, 2, 7, 0.3, 1e-7]))
        )
        counts[counts.sum(axis=1) == 0] = 1
        given = {f: draw(values.get(f, texts)) for f in held if f not in ("alphabet", "background")}
        if name == "cisbp":
            given["species"] = given["species"].replace("_", "-")  # stands for a space there
        listed.append(Motif(key, counts / counts.sum(axis=1, keepdims=True), alphabet, **given))
    return MotifSet(listed)


@pytest.mark.parametrize("name", WRITTEN)
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_law__what_a_format_holds_comes_back_without_a_warning(name, data):
    motifs = data.draw(sets(name))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "motifs"
        assert quiet_write(motifs, path, name) == set()
        assert_back(motifs, read_motifs(path, format=name), FORMATS[name])


@settings(deadline=None, max_examples=30)
@given(data=st.data(), name=st.sampled_from(WRITTEN))
def test_law__the_format_is_told_or_refused_but_never_mistaken(data, name):
    motifs = data.draw(sets(name))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "motifs"
        quiet_write(motifs, path, name)
        try:
            found = read_motifs(path)
        except ValueError as error:
            assert "matrices that could be either" in str(error)  # noqa: PT017
        else:
            assert found == read_motifs(path, format=name)


@settings(deadline=None, max_examples=60)
@given(data=st.data(), name=st.sampled_from([n for n in WRITTEN if n != "h5"]))
def test_law__a_damaged_file_is_an_error_with_file_and_line_or_other_motifs(data, name):
    """Whatever is cut out of a file, nothing but a ValueError that names the file comes up."""
    motifs = data.draw(sets(name))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "motifs"
        quiet_write(motifs, path, name)
        text = path.read_text()
        start = data.draw(st.integers(0, len(text)))
        stop = data.draw(st.integers(start, len(text)))
        path.write_text(
            text[:start] + data.draw(st.sampled_from(["", "x", "\n>", "-1"])) + text[stop:]
        )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                read_motifs(path, format=name)
        except ValueError as error:
            assert str(path) in str(error)  # noqa: PT017


def test_numbers_are_written_with_all_their_digits(tmp_path):
    motif = Motif("m", [[1 / 3, 1 / 7, 1 - 1 / 3 - 1 / 7, 0]])
    for name in WRITTEN:
        write_motifs(motif, tmp_path / "m", format=name)
        back = read_motifs(tmp_path / "m", format=name)["m"]
        assert np.array_equal(back.probabilities, motif.probabilities), name


@pytest.mark.parametrize("name", ["jaspar", "pfm", "transfac", "clusterbuster"])
def test_whole_counts_are_written_as_whole_numbers(tmp_path, name):
    counts = np.array([[49, 0, 1, 50], [3, 7, 11, 79], [100, 0, 0, 0]])
    write_motifs(Motif.from_counts(counts, id="m"), tmp_path / "m", format=name)
    text = (tmp_path / "m").read_text()
    assert "." not in text
    assert {"49", "50", "79", "100"} <= set(text.split())
    assert np.array_equal(read_motifs(tmp_path / "m")["m"].counts(), counts)


@pytest.mark.parametrize("nsites", [None, 1.0])
def test_probabilities_in_a_format_of_counts_have_no_number_of_sites(tmp_path, nsites):
    motif = Motif("m", [[0.5, 0.5, 0, 0]] * 2, nsites=nsites)
    assert quiet_write(motif, tmp_path / "m", "jaspar") == ({"nsites"} if nsites else set())
    assert read_motifs(tmp_path / "m")["m"] == replace(motif, nsites=None)


@pytest.mark.parametrize("name", [n for n in WRITTEN if n != "h5"])
def test_write__a_line_break_in_a_text_cannot_forge_a_motif(tmp_path, name):
    forged = "x\n>second\n//\nMOTIF third\nletter-probability matrix:\n1 0 0 0"
    motif = replace(
        FULL, alphabet=sp.DNA, name=forged, source=forged, species=forged, statistics=""
    )
    quiet_write(motif, tmp_path / "m", name)
    assert read_motifs(tmp_path / "m", format=name).ids == ["MA1.1"]


@pytest.mark.parametrize("name", [n for n in WRITTEN if n not in ("h5", "transfac", "cisbp")])
def test_write__an_id_that_does_not_come_back_is_refused_and_nothing_is_written(tmp_path, name):
    motifs = MotifSet([Motif("a", [[1, 0, 0, 0]]), Motif("b c", [[1, 0, 0, 0]])])
    with pytest.raises(ValueError, match=rf"format '{name}'; found that they do not: id 'b c'"):
        write_motifs(motifs, tmp_path / "m", format=name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["jaspar", "homer", "transfac", "uniprobe"])
def test_write__an_alphabet_that_does_not_come_back_is_refused(tmp_path, name):
    motif = Motif("m", [[1, 0, 0, 0, 0]], sp.Alphabet("mC", "ACGTm"))
    with pytest.raises(ValueError, match=r"write h5, which holds everything"):
        write_motifs(motif, tmp_path / "m", format=name)


def test_write__proteins_come_back_from_formats_without_letters(tmp_path):
    motif = Motif("m", np.eye(20)[:3], sp.AA)
    for name in WRITTEN:
        write_motifs(motif, tmp_path / "m", format=name)
        assert read_motifs(tmp_path / "m", format=name)["m"] == motif


def test_write__read_only_formats_and_unknown_ones_are_refused(tmp_path):
    for name in ("sites", "modisco", "word"):
        with pytest.raises(ValueError, match=rf"format must be 'meme'.*found '{name}'"):
            write_motifs(FULL, tmp_path / "m", format=name)
    with pytest.raises(ValueError, match=r"format must be 'meme'.* found 'word'"):
        read_motifs(tmp_path / "m", format="word")
    with pytest.raises(ValueError, match="at least one"):
        write_motifs([], tmp_path / "m", format="homer")


def test_read__letters_can_be_given_for_files_that_name_none(tmp_path):
    quiet_write(MotifSet([replace(FULL, alphabet=sp.RNA)]), tmp_path / "m", "pfm")
    assert read_motifs(tmp_path / "m").alphabet == sp.DNA
    assert read_motifs(tmp_path / "m", alphabet=sp.RNA).alphabet == sp.RNA
    with pytest.raises(ValueError, match=r"m, line 1: expected a matrix with numbers for 20 \(AA"):
        read_motifs(tmp_path / "m", alphabet=sp.AA)
    write_motifs(FULL_SET, tmp_path / "rna", format="meme")
    with pytest.raises(ValueError, match=r"rna, line \d+: expected the letters ACGT; found ACGU"):
        read_motifs(tmp_path / "rna", alphabet=sp.DNA)
    with pytest.raises(TypeError, match="alphabet must be an Alphabet"):
        read_motifs(tmp_path / "m", alphabet="RNA")


TEXT = ">a\n1 0 0 0\n0 1 0 0\n>a\n1 0 0 0\n>a_2\n1 0 0 0\n0 1 0 0\n"


def test_read__repeated_ids_are_refused_with_both_lines_or_numbered(tmp_path):
    path = tmp_path / "m.pwm"
    path.write_text(TEXT)
    with pytest.raises(
        ValueError, match=r"m.pwm, line 4: a second motif with the id 'a', after .*line 1"
    ):
        read_motifs(path)
    assert read_motifs(path, repeated="number").ids == ["a", "a_3", "a_2"]
    with pytest.raises(ValueError, match="repeated must be 'refuse' or 'number'"):
        read_motifs(path, repeated="first")


def test_read__gzip_windows_line_ends_and_byte_order_marks(tmp_path):
    plain = tmp_path / "plain"
    plain.write_text(TEXT.replace(">a_2", ">c").replace(">a\n1 0 0 0\n>", ">b\n1 0 0 0\n>"))
    for data in (
        gzip.compress(plain.read_bytes()),
        plain.read_bytes().replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + plain.read_bytes(),
    ):
        (tmp_path / "other").write_bytes(data)
        assert read_motifs(tmp_path / "other") == read_motifs(plain)
    (tmp_path / "other").write_bytes(gzip.compress(plain.read_bytes())[:-9])
    with pytest.raises(ValueError, match=r"other: expected a whole gzip file"):
        read_motifs(tmp_path / "other")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", r"bad, line 0: expected the beginning of a motif file .* found 'nothing'"),
        (b"hello\n", r"bad, line 1: expected the beginning .* found 'hello'"),
        (b"<?xml version='1.0'?>\n<MEME>\n", r"bad, line 1: .* found .<\?xml"),
        (b">chr1\nACGTACGT\n>chr2\nACGTACGT\n", r"bad, line 1: expected the beginning"),
        (
            b">a\n1 2 3 4\n1 2 3 4\n4 3 2 1\n1 1 1 1\n",
            r"bad, line 1: .*could be either. Name the format",
        ),
        (b">a\n1 2 3\n4 5 6\n", r"bad, line 1: expected the beginning"),
        (b"# only a comment\n", r"bad, line 1"),
        (b">a\n1 0 0 \xe9\n", r"bad, line 2: expected text in UTF-8; found byte 0xe9"),
    ],
)
def test_read__what_is_no_motif_file_or_unclear_is_said(tmp_path, text, reason):
    (tmp_path / "bad").write_bytes(text)
    name = "clusterbuster" if b"\xe9" in text else None
    with pytest.raises(ValueError, match=reason):
        read_motifs(tmp_path / "bad", format=name)


def test_read__a_folder_of_several_formats_in_the_order_of_names(tmp_path):
    for key, name in (("b", "jaspar"), ("a", "meme"), ("c", "cisbp")):
        write_motifs(Motif(key, [[1, 0, 0, 0]]), tmp_path / f"{key}.txt", format=name)
    (tmp_path / ".hidden").write_text("no motif")
    assert read_motifs(tmp_path).ids == ["a", "b", "c"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="found an empty one"):
        read_motifs(tmp_path / "empty")


def test_formats__the_readme_shows_the_table():
    """A reader of the README sees the tolerances that the tests assert."""
    text = (ROOT / "motifdata" / "README.md").read_text()
    shown = re.findall(
        r"^\| `(\w+)` \| (.+) \| (yes|no) \| (.+) \| (.+) \|$", text, flags=re.MULTILINE
    )
    table = formats()
    wanted = [
        (
            row.name,
            row.rows,
            "yes" if row.written else "no",
            row.holds,
            "exact" if row.tolerance == 0 else f"{row.tolerance:g}" if row.written else "-",
        )
        for row in table.itertuples(index=False)
    ]
    assert shown == wanted


def test_an_id_that_looks_like_another_line_is_refused(tmp_path):
    motifs = MotifSet([Motif.from_consensus("ACGT", id="A:", name="x")])
    with pytest.raises(ValueError, match=r"must come back .* 'uniprobe'.* Rename the motifs"):
        write_motifs(motifs, tmp_path / "motifs", format="uniprobe")
    assert not (tmp_path / "motifs").exists()
