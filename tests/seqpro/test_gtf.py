"""GTF and GFF3: coordinates shifted, attributes taken apart, exons gathered, faults named by their line."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqpro import gtf
from seqpro.bed import overlap_labels, write_bed
from seqpro.gtf import read_gff3, read_gtf, transcripts

FIXED = ["chrom", "source", "feature", "chromStart", "chromEnd", "score", "strand", "frame"]
Attributes = list[tuple[str, str]]


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def writer(text: str, name: str = "a.gtf") -> Path:
        content = text.encode()
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return tmp_path / name

    return writer


def line(attributes: str, **columns: Any) -> str:
    """One line of a file, an exon of contig c from 100 to 200 unless told otherwise."""
    parts = {
        "chrom": "c", "source": "made", "feature": "exon", "start": 100, "end": 200, "score": ".",
        "strand": "+", "frame": ".",
    }  # fmt: skip
    return "\t".join([*map(str, (parts | columns).values()), attributes]) + "\n"


def attributes_of(frame: pd.DataFrame) -> list[dict[str, str]]:
    """What each row has beyond the fixed columns."""
    columns = [name for name in frame if name not in FIXED]
    return [
        {name: value for name, value in zip(columns, row, strict=True) if isinstance(value, str)}
        for row in frame[columns].to_numpy(dtype=object)
    ]


# The eight columns

readers = pytest.mark.parametrize("read", [read_gtf, read_gff3])


@readers
def test_line_100_to_200_is_99_to_200(write: Any, read: Any) -> None:
    """The file counts from 1 and includes the end: read as it stands, every feature is one base off."""
    frame = read(write(line(".") + line(".", start=1, end=1)))
    assert frame["chromStart"].tolist() == [99, 0]
    assert frame["chromEnd"].tolist() == [200, 1]
    assert list(frame) == FIXED


@readers
def test_columns_have_one_type_and_one_sign_for_missing(write: Any, read: Any) -> None:
    text = line(".", score=5, frame=2, strand="-") + line(".", strand=".") + line(".", score="1e-3")
    frame = read(write(text))
    np.testing.assert_array_equal(frame["score"], [5, np.nan, 0.001])
    assert frame["frame"].tolist() == [2, -1, -1]
    assert frame["strand"].tolist() == ["-", ".", "+"]
    whole, text_ = np.dtype("int64"), np.dtype(object)
    number = np.dtype("float64")
    assert frame.dtypes.tolist() == [text_, text_, text_, whole, whole, number, text_, whole]


@readers
@pytest.mark.parametrize("name", ["a.gtf", "a.gtf.gz"])
def test_comments_blank_lines_and_line_ends_are_passed_over(
    write: Any, read: Any, name: str
) -> None:
    text = "\ufeff##header\n#!x\n\n" + line(".") + "###\n   \ntrack name=x\nbrowser y\r\n"
    frame = read(write(text + line(".", chrom="track_7").replace("\n", "\r\n"), name))
    assert frame["chrom"].tolist() == ["c", "track_7"]


@readers
def test_files_without_features_have_the_columns(write: Any, read: Any) -> None:
    full = read(write(line(".")))
    for text in ("", "# nothing\n"):
        empty = read(write(text), attributes=["x"])
        assert len(empty) == 0
        assert list(empty) == [*FIXED, "x"]
        assert empty[FIXED].dtypes.to_dict() == full.dtypes.to_dict()
    assert list(read(write(""))) == FIXED


def test_a_table_goes_through_the_functions_for_intervals(write: Any, tmp_path: Path) -> None:
    frame = read_gtf(write(line('name "x";') + line('name "y";', start=300, end=400)))
    bed = pd.DataFrame({"chrom": ["c"], "chromStart": [199], "chromEnd": [299]})
    assert overlap_labels(frame, {"bed": bed})["bed"].tolist() == [True, False]
    write_bed(frame, tmp_path / "a.bed")
    assert (tmp_path / "a.bed").read_text() == "c\t99\t200\tx\t.\t+\nc\t299\t400\ty\t.\t+\n"


# Attributes of GTF

GTF = {
    "usual": ('gene_id "g"; x_id "t"; level 2;', {"gene_id": "g", "x_id": "t", "level": "2"}),
    "no last semicolon": ('gene_id "g1"', {"gene_id": "g1"}),
    "more blanks": ('  gene_id   "g 1" ;;  level 2 ; ', {"gene_id": "g 1", "level": "2"}),
    "semicolon in quotes": ('note "a; b \\"; gene_id "g"', {"note": "a; b \\", "gene_id": "g"}),
    "newline-like": ('note "=,%3B#\t"; x "1"'.replace("\t", " "), {"note": "=,%3B# ", "x": "1"}),
    "repeated": ('tag "a"; x "1"; tag "b"; tag "c"; ont 1; ont 2', {"tag": "a,b,c", "x": "1", "ont": "1,2"}),
    "empty": ('gene_name ""; x "1";', {"gene_name": "", "x": "1"}),
    "words without quotes": ("note some words; n 5", {"note": "some words", "n": "5"}),
    "none": (".", {}),
    "blank": ("", {}),
    "part of another": ('ref_id "r"; id "g"; id_2 "h"', {"ref_id": "r", "id": "g", "id_2": "h"}),
    "named like a column": ('score "5"; source "x"', {"attribute_score": "5", "attribute_source": "x"}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), GTF.values(), ids=GTF)
def test_gtf_attributes_are_taken_apart(write: Any, text: str, expected: dict[str, str]) -> None:
    assert attributes_of(read_gtf(write(line(text)))) == [expected]


def test_an_attribute_is_not_another_whose_name_it_ends(write: Any) -> None:
    """StringTie writes ref_gene_id: taken for gene_id it would give a gene another's name."""
    frame = read_gtf(write(line('ref_gene_id "r";') + line('gene_id "g";')), attributes=["gene_id"])
    assert frame["gene_id"].isna().tolist() == [True, False]
    assert frame["gene_id"].tolist()[1] == "g"


names = st.text("abcdefgh_09", min_size=1, max_size=4)
quoted = st.text(st.characters(exclude_characters='"\t\r\n', exclude_categories=["Cs"]), max_size=6)
bare = st.text("abc019.:-", min_size=1, max_size=4)


@given(st.lists(st.lists(st.tuples(names, quoted | bare, st.booleans()), max_size=5), max_size=8))
@settings(deadline=None, max_examples=60)
def test_gtf_attributes_are_what_was_written(tmp_path_factory: Any, rows: list[Any]) -> None:
    lines, expected = [], []
    for row in rows:
        joined: dict[str, list[str]] = {}
        written = []
        for name, value, quotes in row:
            plain = not quotes and value.strip("abc019.:-") == "" and value
            written.append(f"{name} {value};" if plain else f'{name} "{value}";')
            joined.setdefault(name, []).append(value)
        lines.append(line(" ".join(written)))
        expected.append({name: ",".join(values) for name, values in joined.items()})
    path = tmp_path_factory.mktemp("gtf") / "a.gtf"
    path.write_text("".join(lines), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gtf, "_BLOCK", 3)  # several blocks, with attributes that only some have
        assert attributes_of(read_gtf(path)) == expected


# Attributes of GFF3

GFF3 = {
    "usual": ("ID=g1;Name=a b;Parent=p", {"ID": "g1", "Name": "a b", "Parent": "p"}),
    "last semicolon and blanks": ("ID=g1; Name=x ;", {"ID": "g1", "Name": "x "}),
    "several values": ("Parent=a,b", {"Parent": "a,b"}),
    "encoded": ("Note=a%3Bb%3D%2C%25%20c;my%3Bkey=1", {"Note": "a;b=,% c", "my;key": "1"}),
    "equal signs": ("Note=a=b;ID=x", {"Note": "a=b", "ID": "x"}),
    "quotes": ('Note="a";ID=x', {"Note": '"a"', "ID": "x"}),
    "empty": ("Note=;ID=x", {"Note": "", "ID": "x"}),
    "repeated": ("Dbxref=a;ID=x;Dbxref=b", {"Dbxref": "a,b", "ID": "x"}),
    "part of another": ("GeneID=1;ID=2", {"GeneID": "1", "ID": "2"}),
    "none": (".", {}),
}


@pytest.mark.parametrize(("text", "expected"), GFF3.values(), ids=GFF3)
def test_gff3_attributes_are_taken_apart(write: Any, text: str, expected: dict[str, str]) -> None:
    assert attributes_of(read_gff3(write(line(text)))) == [expected]


def encode(text: str) -> str:
    return "".join(f"%{ord(c):02X}" if c in "\t\n\r%;=&, " else c for c in text)


keys = st.text("abc;= %,_", min_size=1, max_size=4).filter(lambda key: key not in FIXED)
values = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


@given(st.lists(st.dictionaries(keys, values, max_size=5), max_size=8))
@settings(deadline=None, max_examples=60)
def test_gff3_attributes_are_what_was_written(
    tmp_path_factory: Any, rows: list[dict[str, str]]
) -> None:
    lines = [
        line(";".join(f"{encode(key)}={encode(value)}" for key, value in row.items()) or ".")
        for row in rows
    ]
    path = tmp_path_factory.mktemp("gff3") / "a.gff3"
    path.write_text("".join(lines), encoding="utf-8", newline="")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gtf, "_BLOCK", 3)
        assert attributes_of(read_gff3(path)) == rows


@pytest.mark.parametrize("mark", ["##FASTA\n>c\nACGT\n", ">c\nACGT\n"])
def test_sequences_after_the_features_are_not_read(write: Any, mark: str) -> None:
    assert len(read_gff3(write("##gff-version 3\n" + line("ID=x") + "###\n" + mark))) == 1


def test_columns_of_gff3_are_decoded_too(write: Any) -> None:
    frame = read_gff3(write(line("ID=x", chrom="chr%201", source="a%3Bb", strand="?")))
    assert frame[["chrom", "source", "strand"]].to_numpy().tolist() == [["chr 1", "a;b", "."]]


# Choice of attributes


@readers
def test_chosen_attributes_come_in_the_order_asked_for(write: Any, read: Any) -> None:
    text = ('a "1"; b "2"; c "3"', 'b "4"') if read is read_gtf else ("a=1;b=2;c=3", "b=4")
    path = write(line(text[0]) + line(text[1]))
    frame = read(path, attributes=["b", "a"])
    assert list(frame) == [*FIXED, "b", "a"]
    assert attributes_of(frame) == [{"b": "2", "a": "1"}, {"b": "4"}]
    assert frame["a"].isna().tolist() == [False, True]
    assert list(read(path, attributes=[])) == FIXED
    with pytest.raises(ValueError, match=r"among those of a.gtf: a, b, c; found 'gene'"):
        read(path, attributes=["a", "gene"])
    with pytest.raises(TypeError, match=r"attributes must be a list of names; .* Pass \['a'\]"):
        read(path, attributes="a")


# Faults

FAULTS = {
    "columns": ("c\tx\texon\t1\t5\t.\t+\t.\n", "expected 9 columns between tabs; found 8"),
    "blanks": ('c x exon 1 5 . + . a "b";\n', "expected 9 columns between tabs; found 1"),
    "start": (line(".", start="x"), "chromStart must be a whole number; found 'x'"),
    "end": (line(".", end="2.5"), "chromEnd must be a whole number; found '2.5'"),
    "zero": (line(".", start=0), "a start must be 1 or more and at most the end; found 0 to 200"),
    "backwards": (line(".", start=201), "at most the end; found 201 to 200"),
    "score": (line(".", score="high"), "score must be a number, .* found 'high'"),
    "strand": (line(".", strand="fwd"), r"strand must be \+ - . or \?; found 'fwd'"),
    "frame": (line(".", frame=3), "frame must be 0, 1, 2 or .; found '3'"),
}
GTF_FAULTS = {
    "quotes": (line('a "b"; c "d; e "f";'), r"quotes must come in pairs; found 'a \"b\"; c"),
    "quotes in pairs": (line('a "b "c" d";'), "must be written as 'name \"value\";'"),
    "no value": (line('a "b"; g1'), "must be written as .* found 'a \"b\"; g1'"),
    "no blank": (line('a"b";'), "must be written as"),
    "no semicolon": (line('a "b" c "d";'), "must be written as"),
    "no name": (line('"b";'), "must be written as"),
    "gff3": (line("ID=x;Name=a b"), "GFF3 files are read with read_gff3"),
}
GFF3_FAULTS = {
    "no value": (line("ID=x;gene"), "must be written as 'name=value' .* found 'ID=x;gene'"),
    "no name": (line("ID=x;=y"), "must be written as 'name=value'"),
    "gtf": (line('gene_id "x";'), "GTF files are read with read_gtf"),
}
ALL_FAULTS = [
    *((read_gtf, *fault) for fault in (*FAULTS.values(), *GTF_FAULTS.values())),
    *((read_gff3, *fault) for fault in (*FAULTS.values(), *GFF3_FAULTS.values())),
]


@pytest.mark.parametrize(("read", "fault", "message"), ALL_FAULTS)
@pytest.mark.parametrize("block", [2, 1000])
def test_faults_are_named_by_their_line(
    write: Any, monkeypatch: pytest.MonkeyPatch, read: Any, fault: str, message: str, block: int
) -> None:
    monkeypatch.setattr(gtf, "_BLOCK", block)
    good = line('a "b";') if read is read_gtf else line("a=b")
    path = write("#x\n\n" + good * 3 + fault + good + fault)
    with pytest.raises(ValueError, match=f"^a.gtf, line 6: .*{message}"):
        read(path)


# Transcripts


def annotation(*rows: tuple[str, str, int, int, str, str, str]) -> pd.DataFrame:
    columns = ["chrom", "feature", "chromStart", "chromEnd", "strand", "gene_id", "transcript_id"]
    return pd.DataFrame(rows, columns=columns).astype(object)


def gathered(frame: pd.DataFrame) -> dict[str, tuple[Any, ...]]:
    return {
        row.transcript_id: (
            row.chrom, row.chromStart, row.chromEnd, row.strand, row.gene_id,
            row.exon_starts.tolist(), row.exon_ends.tolist(),
        )
        for row in frame.itertuples()
    }  # fmt: skip


def test_exons_are_gathered_in_the_order_of_the_genome() -> None:
    table = annotation(
        ("c", "exon", 50, 60, "-", "g", "t2"),
        ("c", "exon", 30, 40, "+", "g", "t1"),
        ("c", "transcript", 10, 60, "-", "g", "t2"),
        ("c", "exon", 10, 20, "-", "g", "t2"),
        ("c", "CDS", 55, 58, "-", "g", "t2"),
        ("d", "exon", 5, 9, ".", "h", "t3"),
    )
    before = table.copy()
    found = transcripts(table)
    assert list(gathered(found)) == ["t2", "t1", "t3"]
    assert gathered(found) == {
        "t2": ("c", 10, 60, "-", "g", [10, 50], [20, 60]),
        "t1": ("c", 30, 40, "+", "g", [30], [40]),
        "t3": ("d", 5, 9, ".", "h", [5], [9]),
    }
    assert found["exon_starts"].iloc[0].dtype == np.int64
    assert gathered(transcripts(table, feature="CDS")) == {
        "t2": ("c", 55, 58, "-", "g", [55], [58])
    }
    pd.testing.assert_frame_equal(table, before)


@given(
    st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 99), st.integers(1, 9)), unique=True)
)
@settings(deadline=None, max_examples=60)
def test_transcripts_hold_every_exon(exons: list[tuple[str, int, int]]) -> None:
    rows = [("c", "exon", start, start + size, "+", "g", name) for name, start, size in exons]
    expected = {
        name: sorted((start, start + size) for other, start, size in exons if other == name)
        for name in dict.fromkeys(name for name, _, _ in exons)
    }
    found = transcripts(annotation(*rows))
    assert list(found["transcript_id"]) == list(expected)
    for row in found.itertuples():
        blocks = expected[row.transcript_id]
        assert list(zip(row.exon_starts, row.exon_ends, strict=True)) == blocks
        assert (row.chromStart, row.chromEnd) == (blocks[0][0], max(end for _, end in blocks))


def test_gff3_transcripts_are_the_parents_of_exons(write: Any) -> None:
    text = (
        line("ID=gene1;Name=n", feature="gene")
        + line("ID=rna1;Parent=gene1", feature="mRNA")
        + line("ID=rna2;Parent=gene1", feature="mRNA")
        + line("Parent=rna1,rna2", end=120)
        + line("Parent=rna2", start=150)
        + line("ID=tRNA", feature="tRNA", strand="-")
        + line("ID=e;Parent=tRNA", strand="-")
        + line("ID=f;Parent=elsewhere")
    )
    found = gathered(transcripts(read_gff3(write(text, "a.gff3"))))
    assert found == {
        "rna1": ("c", 99, 120, "+", "gene1", [99], [120]),
        "rna2": ("c", 99, 200, "+", "gene1", [99, 149], [120, 200]),
        "tRNA": ("c", 99, 200, "-", "tRNA", [99], [200]),
        "elsewhere": ("c", 99, 200, "+", "", [99], [200]),
    }


def test_tables_without_rows_give_no_transcripts(write: Any) -> None:
    full = transcripts(annotation(("c", "exon", 1, 5, "+", "g", "t")))
    for table in (
        annotation(),
        read_gtf(write(""), attributes=["transcript_id", "gene_id"]),
        read_gff3(write(""), attributes=["ID", "Parent"]),
    ):
        found = transcripts(table)
        assert len(found) == 0
        assert list(found) == list(full)
        assert found.dtypes.to_dict() == full.dtypes.to_dict()


EXON = ("c", "exon", 1, 5, "+", "g", "t")
TRANSCRIPT_FAULTS = {
    "contigs": ([EXON, ("d", *EXON[1:])], "must lie on one contig; 't' is on c and d"),
    "strands": ([EXON, (*EXON[:4], "-", "g", "t")], r"must lie on one strand; 't' is on \+ and -"),
    "twice": ([EXON, EXON], "must have each exon once; 't' has 1-5 twice"),
    "nameless": ([EXON, (*EXON[:6], None)], "table, row 1: every exon must name its transcript_id"),
    "empty name": ([EXON, (*EXON[:6], "")], "table, row 1: every exon must name its transcript_id"),
}


@pytest.mark.parametrize(("rows", "message"), TRANSCRIPT_FAULTS.values(), ids=TRANSCRIPT_FAULTS)
def test_transcripts_that_cannot_be_are_refused(rows: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        transcripts(annotation(*rows))


def test_features_and_columns_that_are_missing_are_named() -> None:
    table = annotation(EXON)
    with pytest.raises(ValueError, match=r"feature must be one of the table's: exon; found 'cds'"):
        transcripts(table, feature="cds")
    with pytest.raises(ValueError, match=r"it has no gene_id. Read it with attributes=\['tran"):
        transcripts(table.drop(columns="gene_id"))


# Real files


def plain(path: Path) -> list[tuple[list[Any], dict[str, str]]]:
    """A GTF file, letter by letter."""
    found = []
    for text in gzip.decompress(path.read_bytes()).decode().splitlines():
        if text.startswith("#"):
            continue
        chrom, source, feature, start, end, score, strand, frame, rest = text.rstrip("\n").split(
            "\t"
        )
        numbers = int(start) - 1, int(end), None if score == "." else float(score)
        attributes: dict[str, str] = {}
        statement, inside = "", False
        for letter in f"{rest};":
            inside ^= letter == '"'
            if letter != ";" or inside:
                statement += letter
            elif statement.strip():
                name, value = statement.strip().split(None, 1)
                value = value.strip('"')
                attributes[name] = f"{attributes[name]},{value}" if name in attributes else value
                statement = ""
            else:
                statement = ""
        fixed = [chrom, source, feature, *numbers, strand, -1 if frame == "." else int(frame)]
        found.append((fixed, attributes))
    return found


REAL = {
    "yeast_sacCer3_atac/sacCer3.ensGene.gtf.gz": (34_755, 7_127, 7_507, 6_913, 348),
    "human_hg38_chr1_1mb/gencode_v29_chr1_0-1Mb.gtf.gz": (1_384, 193, 778, 225, None),
}


@pytest.mark.parametrize(("file", "counts"), REAL.items(), ids=["yeast", "human"])
def test_real_files_agree_with_a_plain_reading(
    mirror: Path, file: str, counts: tuple[Any, ...]
) -> None:
    path = mirror / "region_fixtures" / file
    expected, frame = plain(path), read_gtf(path)
    lines, genes, exons, coding, spliced = counts
    assert len(frame) == len(expected) == lines
    fixed = frame[FIXED].astype(object).where(frame[FIXED].notna(), None).to_numpy().tolist()
    assert fixed == [row for row, _ in expected]
    assert attributes_of(frame) == [attributes for _, attributes in expected]
    assert (frame["feature"] == "CDS").sum() == coding
    found = transcripts(frame)
    assert (len(found), found["exon_starts"].map(len).sum()) == (genes, exons)
    assert spliced in (None, (found["exon_starts"].map(len) > 1).sum())
    spans = frame[frame["feature"] == "transcript"].set_index("transcript_id")
    ours = found.set_index("transcript_id")[["chrom", "chromStart", "chromEnd", "strand"]]
    pd.testing.assert_frame_equal(spans.loc[ours.index, list(ours)], ours)
