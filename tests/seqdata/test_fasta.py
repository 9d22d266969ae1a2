"""FASTA files: every record in, every window letter by letter, contig ends and all."""

from __future__ import annotations

import gzip
import os
import pickle
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyfaidx
import pysam
import pytest
from Bio import SeqIO
from hypothesis import given, settings
from hypothesis import strategies as st

import seqdata as sd
import seqpro as sp
from seqdata.readers import compressed, faidx, fasta
from seqdata.testing import assert_conforms, assert_same_rows


def records(ds: Any) -> list[tuple[str, str]]:
    rows = sd.ragged(ds, "seq") if "seq_value" in ds.dims else ds["seq"].values
    letters = [row.tobytes().decode() for row in rows]
    return list(zip(ds["name"].values.tolist(), letters, strict=True))


def written(folder: Path, text: str, name: str = "a.fa") -> Path:
    path = folder / name
    (path.write_bytes if name.endswith("fa") else _gzipped(path))(text.encode())
    return path


def _gzipped(path: Path) -> Any:
    return lambda content: path.write_bytes(gzip.compress(content))


@pytest.mark.parametrize("name", ["a.fa", "a.fa.gz"])
def test_records_over_several_lines(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, ">x first\nAC\nGT\n>y\nacgn\n", name)
    ds = sd.read_fasta(path)
    assert records(ds) == [("x", "ACGT"), ("y", "acgn")]
    assert ds["row"].values.tolist() == [0, 1]
    assert_conforms(ds)


def test_windows_line_ends_blank_lines_and_no_last_line_end(tmp_path: Path) -> None:
    path = written(tmp_path, "\r\n>x\r\nAC\r\n\r\nG\r\n\r\n> y  z\r\nT")
    assert records(sd.read_fasta(path)) == [("x", "ACG"), ("y", "T")]


def test_records_without_a_name(tmp_path: Path) -> None:
    ds = sd.read_fasta(written(tmp_path, ">\nAC\n>\nGT\n"))
    assert records(ds) == [("", "AC"), ("", "GT")]
    assert_conforms(ds)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (">x\nAC\n>y\n>z\nA\n", r"a.fa, line 3: expected letters after the header; found none"),
        (">x\nAC\n>y\n", r"a.fa, line 3: expected letters after the header"),
        ("\nACGT\n>x\nA\n", r"a.fa, line 2: a FASTA file must begin with '>'"),
        ("", r"a.fa must hold at least one sequence; found none"),
    ],
    ids=["empty", "last empty", "no header", "nothing"],
)
def test_what_is_no_fasta_is_named_by_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sd.read_fasta(written(tmp_path, text))


BROKEN = {
    "space": (b"AC GT", "found 'ACAC GT'. Remove ' '"),
    "tab": (b"AC\tGT", r"found 'ACAC\\tGT'"),
    "NUL": (b"AC\0", "unbroken ASCII letters"),
    "Latin-1": ("ACÉ".encode("latin1"), "found 'ACAC\ufffd'"),
}


@pytest.mark.parametrize(("line", "message"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_letter_is_refused(tmp_path: Path, line: bytes, message: str) -> None:
    (tmp_path / "a.fa").write_bytes(b">x\nAC\n>y\nAC\n" + line + b"\n")
    with pytest.raises(ValueError, match=rf"a.fa, record of line 3: .*{message}"):
        sd.read_fasta(tmp_path / "a.fa")


def test_letters_outside_the_alphabet_are_kept_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """IUPAC codes and lower case are known; over all blocks, what is not makes one line."""
    monkeypatch.setattr(fasta, "_RECORDS", 1)
    path = written(tmp_path, ">x\nACGTNRYKMSWBDHVacgtnry\n>y\nAEE-\n>z\nE1\n")
    assert records(sd.read_fasta(path))[1:] == [("y", "AEE-"), ("z", "E1")]
    assert caplog.messages == [
        "a.fa: 5 letters are outside alphabet DNA ('E' 3, '-' 1, '1' 1); in one-hot arrays they are "
        "zero columns"
    ]
    caplog.clear()
    sd.read_fasta(written(tmp_path, ">p\nACDEFGHIKLMNPQRSTVWYX\n"), alphabet=sp.AA)
    assert not caplog.messages


def test_a_name_in_latin_1_is_refused_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "a.fa"
    path.write_bytes(">x\nAC\n>levée 2\nACGT\n".encode("latin1"))
    with pytest.raises(ValueError, match=r"a.fa, line 3: .* UTF-8 text; found b'lev\\xe9e'.*iconv"):
        sd.read_fasta(path)
    with pytest.raises(ValueError, match=r"a.fa must be UTF-8 text; found b'\\xe9'.*iconv"):
        sd.GenomeFASTA(path)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_size_of_a_block_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    path = written(tmp_path, ">a\nACG\n>b\nT\n>c\nGG\nGG\n>d\nA\n")
    expected = sd.read_fasta(path)
    monkeypatch.setattr(fasta, "_RECORDS", size)
    assert_same_rows(sd.read_fasta(path), expected)


@pytest.mark.parametrize(
    "file",
    [
        "proteins/globins45.fa",
        "proteins/P62593_beta_lactamase_dms.fasta",
        "proteins/pfam_pkinase_domains.fa",
        "datasets/gimmemotifs_chip/TAp73alpha.fa",
        "datasets/deepstarr/Sequences_example.fa",
    ],
    ids=lambda file: file.split("/")[-1],
)
def test_real_files_agree_with_biopython(mirror: Path, file: str) -> None:
    alphabet = sp.AA if file.startswith("proteins") else sp.DNA
    ds = sd.read_fasta(mirror / file, alphabet=alphabet)
    with (mirror / file).open() as stream:
        assert records(ds) == [(r.id, str(r.seq)) for r in SeqIO.parse(stream, "fasta")]


def test_a_real_gzipped_file_agrees_with_biopython(mirror: Path, tmp_path: Path) -> None:
    path = mirror / "datasets/deepstarr_nn_demo/pu1.fa.gz"
    ds = sd.read_fasta(path, out=tmp_path / "a.zarr")
    with gzip.open(path, "rt") as stream:
        expected = [(r.id, str(r.seq)) for r in SeqIO.parse(stream, "fasta")]
    assert records(ds) == expected


def cut(reader: sd.GenomeFASTA, contig: str, starts: list[int], ends: list[int]) -> list[str]:
    sizes = np.array(ends) - np.array(starts)
    places = np.cumsum(sizes) - sizes
    out = np.zeros(sizes.sum(), "u1")
    reader.read(contig, np.array(starts), np.array(ends), out, places)
    return [out[p : p + s].tobytes().decode() for p, s in zip(places, sizes, strict=True)]


@pytest.fixture
def own_genome(genome: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(genome, tmp_path / "genome.fa"))


def test_windows_agree_with_pyfaidx(genome: Path, own_genome: Path) -> None:
    reader = sd.GenomeFASTA(own_genome)
    rng = np.random.default_rng(0)
    with pyfaidx.Fasta(str(own_genome)) as oracle:
        assert reader.contigs() == {name: len(oracle[name]) for name in oracle.keys()}  # noqa: SIM118
        for contig, length in reader.contigs().items():
            ends = np.sort(rng.integers(1, length + 1, (50, 2)), axis=1)
            pairs = [(0, length), (0, 1), (length - 1, length), *((a - 1, b) for a, b in ends)]
            found = cut(reader, contig, [a for a, _ in pairs], [b for _, b in pairs])
            assert found == [oracle[contig][int(a) : int(b)].seq for a, b in pairs]


def test_windows_of_a_real_genome_agree_with_pyfaidx(mirror: Path) -> None:
    path = mirror / "region_fixtures/yeast_sacCer3_atac/sacCer3.fa"
    reader, rng = sd.GenomeFASTA(path), np.random.default_rng(1)
    with pyfaidx.Fasta(str(path)) as oracle:
        for contig, length in reader.contigs().items():
            starts = rng.integers(0, length - 300, 40)
            starts[:2] = 0, length - 300
            expected = [oracle[contig][int(a) : int(a) + 300].seq for a in starts]
            assert cut(reader, contig, list(starts), list(starts + 300)) == expected


def test_an_index_is_used_but_none_is_left_behind(own_genome: Path) -> None:
    first = sd.GenomeFASTA(own_genome)
    assert [p.name for p in own_genome.parent.iterdir()] == ["genome.fa"]
    pyfaidx.Faidx(str(own_genome)).close()
    before = own_genome.with_name("genome.fa.fai").read_bytes()
    assert sd.GenomeFASTA(own_genome).contigs() == first.contigs()
    assert own_genome.with_name("genome.fa.fai").read_bytes() == before


def test_an_index_older_than_its_file_is_not_believed(own_genome: Path) -> None:
    pyfaidx.Faidx(str(own_genome)).close()
    index = own_genome.with_name("genome.fa.fai")
    own_genome.write_text(">other\nACGT\n")
    os.utime(index, (1, 1))
    assert sd.GenomeFASTA(own_genome).contigs() == {"other": 4}


def shortened(genome: Path, by: int) -> Path:
    """Cut bytes off a genome that has an index, which then looks newer than it."""
    pyfaidx.Faidx(str(genome)).close()
    genome.write_bytes(genome.read_bytes()[:-by])
    index = genome.with_name("genome.fa.fai")
    os.utime(index)
    return index


@pytest.mark.parametrize(("by", "contig"), [(2, "chrM"), (100, "chr2"), (500, "chr1")], ids=str)
def test_an_index_that_points_beyond_its_file_is_refused(
    own_genome: Path, by: int, contig: str
) -> None:
    """Else windows would be NUL bytes, or the process would end without a word."""
    index = shortened(own_genome, by)
    with pytest.raises(
        ValueError,
        match=rf"genome.fa.fai must fit genome.fa; .* '{contig}' .* Delete genome.fa.fai",
    ):
        sd.GenomeFASTA(own_genome)
    index.unlink()
    sd.GenomeFASTA(own_genome)


def test_a_last_line_end_may_be_missing(own_genome: Path) -> None:
    shortened(own_genome, 1)
    last = own_genome.read_text()[-1]
    assert cut(sd.GenomeFASTA(own_genome), "chrM", [59], [60]) == [last]


@pytest.mark.parametrize("entry", ["c\t4\t3\t0\t0", "c\t4\t-9\t4\t5", "c\t4\t3\t5\t4"])
def test_an_index_of_impossible_lines_is_refused(tmp_path: Path, entry: str) -> None:
    path = written(tmp_path, ">c\nACGT\n")
    path.with_name("a.fa.fai").write_text(f"{entry}\n")
    with pytest.raises(ValueError, match=r"a.fa.fai must fit a.fa; found contig 'c' \(4 bp"):
        sd.GenomeFASTA(path)


def test_a_contig_without_letters_is_no_hindrance(tmp_path: Path) -> None:
    path = written(tmp_path, ">a\n>b\nACGT\n>c\n")
    pyfaidx.Faidx(str(path)).close()
    assert sd.GenomeFASTA(path).contigs() == {"a": 0, "b": 4, "c": 0}


def test_a_read_only_folder_is_no_hindrance(own_genome: Path) -> None:
    own_genome.parent.chmod(0o555)
    try:
        assert sd.GenomeFASTA(own_genome).contigs()["chrM"] == 60
    finally:
        own_genome.parent.chmod(0o755)
    assert not own_genome.with_name("genome.fa.fai").exists()


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_line_ends_are_no_letters(tmp_path: Path, line_end: str) -> None:
    path = written(tmp_path, line_end.join([">c", "ACGTA", "CCTTG", "GA", ">d", "TTT", ""]))
    reader = sd.GenomeFASTA(path)
    assert cut(reader, "c", [0, 3, 9], [12, 11, 12]) == ["ACGTACCTTGGA", "TACCTTGG", "GGA"]
    assert cut(reader, "d", [1], [3]) == ["TT"]


def test_a_reader_goes_to_other_processes(genome: Path) -> None:
    reader = pickle.loads(pickle.dumps(sd.GenomeFASTA(genome)))
    assert cut(reader, "chr2", [5], [9]) == cut(sd.GenomeFASTA(genome), "chr2", [5], [9])


def test_files_that_cannot_be_cut_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no FASTA file at .*hg38.fa"):
        sd.GenomeFASTA(tmp_path / "hg38.fa")
    path = written(tmp_path, ">c\nAC\n", "hg38.fa.gz")
    with pytest.raises(
        ValueError, match=r"found hg38.fa.gz, which is compressed with gzip.*&& bgzip hg38.fa"
    ):
        sd.GenomeFASTA(path)


BAD_LINES = {
    "longer": (">c\nAC\nACGT\nACG\n", r"line 3 has 4 letters, those of contig 'c' before it 2"),
    "shorter": (">c\nACG\nAC\nACG\n", r"line 4 has 3 letters"),
    "blank within": (">c\nACG\n\nACG\n", r"line 4 has 3 letters"),
    "mixed line ends": (">c\nACG\r\nACG\nACG\r\n", r"cannot be indexed: line 4 .* one kind of end"),
    "letters first": ("\nACGT\n>c\nA\n", r"a.fa, line 2: a FASTA file must begin with '>'"),
    "space": (">c\nACG\nAC GT\n", r"a.fa, line 3: .* unbroken ASCII letters; found 'AC GT'"),
    "carriage return": (">c\nAC\rG\n", r"line 2: .* unbroken ASCII letters"),
    "contig twice": (">c 1\nAC\n>d\nAC\n>c 2\nAC\n", r"names of their own; found 'c' twice"),
}


@pytest.mark.parametrize("chunk", [5, 7, 1 << 20], ids=str)
@pytest.mark.parametrize(("text", "message"), BAD_LINES.values(), ids=BAD_LINES)
def test_a_genome_of_irregular_lines_is_refused_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str, chunk: int
) -> None:
    monkeypatch.setattr(faidx, "_CHUNK", chunk)
    with pytest.raises(ValueError, match=message):
        sd.GenomeFASTA(written(tmp_path, text))


@st.composite
def fasta_texts(draw: st.DrawFn) -> tuple[bytes, dict[str, bytes]]:
    """A FASTA file in lines of any width, with blank lines at the ends of contigs, and its contigs."""
    end = draw(st.sampled_from([b"\n", b"\r\n"]))
    contigs, content = {}, b"" + end * draw(st.integers(0, 2))
    for number in range(draw(st.integers(1, 4))):
        width = draw(st.integers(1, 9))
        letters = draw(st.text("ACGTNacgtn", max_size=40)).encode()
        contigs[f"c{number}"] = letters
        lines = [letters[i : i + width] for i in range(0, len(letters), width)]
        content += b">c%d %s" % (number, draw(st.sampled_from([b"", b"words > here"]))) + end
        content += b"".join(line + end for line in lines) + end * draw(st.integers(0, 2))
    return content[: -len(end)] if draw(st.booleans()) else content, contigs


@settings(deadline=None, max_examples=150)
@given(fasta_texts(), st.integers(30, 60), st.booleans(), st.data())
def test_any_genome_is_indexed_and_cut_letter_by_letter(
    tmp_path_factory: pytest.TempPathFactory, case: Any, chunk: int, is_bgzip: bool, data: Any
) -> None:
    content, contigs = case
    path = tmp_path_factory.mktemp("any") / ("a.fa.gz" if is_bgzip else "a.fa")
    block = data.draw(st.integers(1, 50))
    path.write_bytes(compressed.bgzip(content, block=block) if is_bgzip else content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(faidx, "_CHUNK", chunk)
        patch.setattr(compressed, "_TASK", 7)
        patch.setattr(fasta, "_RUN", data.draw(st.integers(1, 50)))
        patch.setattr(compressed.PlainBytes, "gap", data.draw(st.integers(0, 9)))
        readers = [sd.GenomeFASTA(path), sd.GenomeFASTA(path)]  # the second by the indexes written
        for reader in readers:
            assert reader.contigs() == {name: len(letters) for name, letters in contigs.items()}
            for name, letters in contigs.items():
                pairs = [
                    (a, b) for a in range(len(letters)) for b in range(a + 1, len(letters) + 1)
                ]
                pairs = pairs[:: max(1, len(pairs) // 20)]
                if pairs:
                    found = cut(reader, name, [a for a, _ in pairs], [b for _, b in pairs])
                    assert found == [letters[a:b].decode() for a, b in pairs]


@pytest.fixture
def packed(genome: Path, tmp_path: Path) -> Path:
    """The genome as bgzip, not ours, compresses it, without indexes."""
    path = tmp_path / "genome.fa.gz"
    pysam.tabix_compress(str(genome), str(path))
    return path


def test_a_bgzipped_genome_is_cut_as_the_plain_one_and_indexed_once(
    genome: Path, packed: Path
) -> None:
    plain, reader = sd.GenomeFASTA(genome), sd.GenomeFASTA(packed)
    assert reader.contigs() == plain.contigs()
    for contig, length in plain.contigs().items():
        starts, ends = [0, 0, 5, length - 1], [length, 1, 50, length]
        assert cut(reader, contig, starts, ends) == cut(plain, contig, starts, ends)
    ours = {end: packed.with_name(f"genome.fa.gz.{end}").read_bytes() for end in ("fai", "gzi")}
    for end in ours:
        packed.with_name(f"genome.fa.gz.{end}").unlink()
    pysam.faidx(str(packed))
    theirs = {end: packed.with_name(f"genome.fa.gz.{end}").read_bytes() for end in ("fai", "gzi")}
    assert ours == theirs
    copy = pickle.loads(pickle.dumps(sd.GenomeFASTA(packed)))
    assert cut(copy, "chr2", [5], [9]) == cut(plain, "chr2", [5], [9])


def test_a_bgzipped_genome_in_a_read_only_place_is_no_hindrance(
    packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*arguments: Any) -> None:
        raise PermissionError(13, "read-only")

    monkeypatch.setattr(compressed, "write_whole", refused)
    assert sd.GenomeFASTA(packed).contigs()["chrM"] == 60
    assert [path.name for path in packed.parent.iterdir()] == ["genome.fa.gz"]


@pytest.mark.parametrize(
    ("folder", "file"),
    [
        ("human_hg19_chr20_na12878", "hg19_chr20_9.995-11.095Mb.fa.gz"),
        ("human_hg38_chr22_ctcf", "hg38_chr22_32.0-32.3Mb.fa.gz"),
    ],
    ids=["chr20", "chr22"],
)
def test_windows_of_real_bgzipped_genomes_agree_with_pysam(
    mirror: Path, folder: str, file: str
) -> None:
    path = mirror / "region_fixtures" / folder / file
    reader, rng = sd.GenomeFASTA(path), np.random.default_rng(2)
    with pysam.FastaFile(str(path)) as oracle:
        assert reader.contigs() == dict(zip(oracle.references, oracle.lengths, strict=True))
        (contig,) = oracle.references
        low, high = (9_995_000, 11_095_000) if "hg19" in file else (32_000_000, 32_300_000)
        starts = [0, *np.sort(rng.integers(low - 500, high, 60)).tolist(), oracle.lengths[0] - 700]
        ends = [start + 700 for start in starts]
        expected = [oracle.fetch(contig, a, b) for a, b in zip(starts, ends, strict=True)]
        assert cut(reader, contig, starts, ends) == expected


@pytest.mark.parametrize("cut_off", [1, 20, 28, 29, 200], ids=str)
@pytest.mark.parametrize("has_index", [False, True])
def test_a_bgzipped_genome_that_is_cut_short_is_refused(
    packed: Path, cut_off: int, has_index: bool
) -> None:
    if has_index:
        pysam.faidx(str(packed))
    packed.write_bytes(packed.read_bytes()[:-cut_off])
    for index in packed.parent.glob("*.?ai"), packed.parent.glob("*.gzi"):
        for path in index:
            os.utime(path)
    with pytest.raises(ValueError, match=r"genome.fa.gz is cut short or damaged at byte \d+"):
        sd.GenomeFASTA(packed)


def test_a_damaged_block_is_refused_when_it_is_read(packed: Path) -> None:
    content = bytearray(packed.read_bytes())
    content[60] ^= 0xFF
    packed.write_bytes(content)
    with pytest.raises(ValueError, match=r"genome.fa.gz is cut short or damaged at byte 0"):
        sd.GenomeFASTA(packed)


def many_blocks(folder: Path, letters: str, line: int, block: int) -> Path:
    lines = "\n".join(letters[i : i + line] for i in range(0, len(letters), line))
    path = folder / "b.fa.gz"
    path.write_bytes(compressed.bgzip(f">c\n{lines}\n".encode(), block=block))
    return path


def test_block_indexes_of_another_file_are_refused(tmp_path: Path) -> None:
    letters = "ACGTTGCA" * 50
    path = many_blocks(tmp_path, letters, 20, 64)
    assert cut(sd.GenomeFASTA(path), "c", [0, 100], [400, 333]) == [letters, letters[100:333]]
    gzi = path.with_name("b.fa.gz.gzi")
    good = gzi.read_bytes()
    for content in (good[:-1], b"", good[:8] + good[24:], good[:-8] + b"\0" * 8):
        gzi.write_bytes(content)
        with pytest.raises(ValueError, match=r"b.fa.gz.gzi must fit b.fa.gz.* Delete"):
            cut(sd.GenomeFASTA(path), "c", [0], [400])
    moved = bytearray(good)
    moved[8 + 8] += 1  # where the second block begins, decompressed
    gzi.write_bytes(moved)
    with pytest.raises(ValueError, match=r"must fit b.fa.gz; found 64 bytes in the block .* 65"):
        cut(sd.GenomeFASTA(path), "c", [0], [400])


def test_an_older_index_of_blocks_is_not_believed_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = many_blocks(tmp_path, "ACGT" * 30, 10, 50)
    index = path.with_name("b.fa.gz.gzi")
    index.write_bytes(b"old")
    os.utime(index, (1, 1))
    assert cut(sd.GenomeFASTA(path), "c", [3], [9]) == ["TACGTA"]
    assert caplog.messages == [
        "b.fa.gz.gzi is older than its file and not used; delete it, or make it anew"
    ]
    assert index.read_bytes() == b"old"


MISFITS = {
    "other line length": ("c\t40\t3\t8\t9", "ACGTTGCAAC"),
    "other contig": ("d\t40\t3\t10\t11", "ACGTTGCAAC"),
    "shorter contig": ("c\t39\t3\t10\t11", "ACGTTGCAAC"),
    "contig of fewer lines": ("c\t20\t3\t10\t11", "ACGTTGCAAC"),
    "other place": ("c\t39\t4\t10\t11", "ACGTTGCAAC"),
}


@pytest.mark.parametrize("is_bgzip", [False, True])
@pytest.mark.parametrize(("entry", "line"), MISFITS.values(), ids=MISFITS)
def test_an_index_of_another_file_is_refused_when_it_is_read(
    tmp_path: Path, entry: str, line: str, is_bgzip: bool
) -> None:
    """It is as new as the file and within it, so that only the letters tell."""
    content = f">c\n{line}\n{line}\n{line}\n{line}\n>e\nAC\n".encode()
    path = tmp_path / ("a.fa.gz" if is_bgzip else "a.fa")
    path.write_bytes(compressed.bgzip(content) if is_bgzip else content)
    path.with_name(f"{path.name}.fai").write_text(f"{entry}\n")
    with pytest.raises(ValueError, match=rf"{path.name}.* Delete {path.name}.fai"):
        cut(sd.GenomeFASTA(path), entry[0], [0], [20])


def test_an_index_of_lines_that_the_file_does_not_have_is_refused(tmp_path: Path) -> None:
    """Begin and end fit; every eleventh letter would be taken for a line end."""
    path = written(tmp_path, f">c\n{'ACGTTGCAAC' * 4}\n")
    path.with_name("a.fa.fai").write_text("c\t37\t3\t10\t11\n")
    with pytest.raises(ValueError, match=r"contig 'c' of a.fa must have 10 letters on each line"):
        cut(sd.GenomeFASTA(path), "c", [0], [30])


@pytest.mark.parametrize("entry", ["c\t4\t3\t4", "c\tfour\t3\t4\t5", "nothing"])
def test_an_index_that_is_none_is_refused_by_line(tmp_path: Path, entry: str) -> None:
    path = written(tmp_path, ">c\nACGT\n")
    path.with_name("a.fa.fai").write_text(f"{entry}\n")
    with pytest.raises(
        ValueError, match=r"a.fa.fai, line 1: expected a name and four whole numbers"
    ):
        sd.GenomeFASTA(path)


def test_an_index_with_a_contig_twice_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, ">c\nACGT\n")
    path.with_name("a.fa.fai").write_text("c\t4\t3\t4\t5\n" * 2)
    with pytest.raises(ValueError, match=r"contigs of a.fa must have names .* found 'c' twice"):
        sd.GenomeFASTA(path)


def test_a_genome_that_changes_under_the_reader_is_refused(own_genome: Path) -> None:
    reader = sd.GenomeFASTA(own_genome)
    own_genome.write_text(">chr1\nACGT\n")
    with pytest.raises(ValueError, match=r"genome.fa must stay as it is .* Open it again"):
        reader.read("chr1", np.array([0]), np.array([4]), np.zeros(4, "u1"), np.array([0]))


COMPLEMENT = str.maketrans("ACGTacgtN", "TGCAtgcaN")


@pytest.mark.parametrize("kind", ["plain", "bgzip"])
@pytest.mark.parametrize("length", [None, 30])
@pytest.mark.parametrize("batch", [1, 2, 7, 40])
def test_built_windows_agree_with_plain_python(
    genome: Path,
    packed: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    batch: int,
    length: int | None,
) -> None:
    """Over both contig ends, on both strands, whatever the number of rows to a block."""
    path = genome if kind == "plain" else packed
    with genome.open() as stream:
        contigs = {r.id: str(r.seq) for r in SeqIO.parse(stream, "fasta")}
    rng = np.random.default_rng(4)
    chrom = rng.choice(["chr1", "chr2", "chrM"], 40)
    starts = [int(rng.integers(0, len(contigs[name]) - 9)) for name in chrom]
    starts[:2] = 0, len(contigs[chrom[1]]) - 9
    ends = [start + int(rng.integers(1, 10)) for start in starts]
    strands = rng.choice(["+", "-", "."], 40)
    table = pd.DataFrame(
        {"chrom": chrom, "chromStart": starts, "chromEnd": ends, "strand": strands}
    )
    monkeypatch.setattr(sys.modules["seqdata.build"], "block_rows", lambda ds, **_: batch)
    ds = sd.build(table, length=length, max_jitter=3, seq=sd.GenomeFASTA(path))
    rows = sd.ragged(ds, "seq") if length is None else ds["seq"].values
    for i, row in enumerate(rows):
        low, high = int(ds["windowStart"][i]), int(ds["windowEnd"][i])
        letters = contigs[chrom[i]]
        expected = "".join(letters[p] if 0 <= p < len(letters) else "N" for p in range(low, high))
        if strands[i] == "-":
            expected = expected.translate(COMPLEMENT)[::-1]
        assert row.tobytes().decode() == expected


def test_windows_over_contig_ends_are_padded_on_each_side(tmp_path: Path) -> None:
    """Case 31 of the published package's table."""
    letters = "ACGTT" + "GCA" * 31 + "TG"
    path = written(tmp_path, f">c\n{letters}\n")
    table = pd.DataFrame(
        {"chrom": ["c", "c", "c"], "chromStart": [0, 96, 0], "chromEnd": [2, 100, 100]}
    )
    wide = sd.build(table[:1], length=6, seq=sd.GenomeFASTA(path))
    assert (int(wide["windowStart"][0]), wide["seq"].values.tobytes()) == (-2, b"NNACGT")
    table = pd.DataFrame({"chrom": ["c"], "chromStart": [98], "chromEnd": [102]})
    wide = sd.build(table, length=8, seq=sd.GenomeFASTA(path))
    assert (int(wide["windowEnd"][0]), wide["seq"].values.tobytes()) == (104, b"CATGNNNN")


@pytest.mark.parametrize("threads", ["1", "4"])
def test_long_and_unsorted_intervals_in_several_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: str
) -> None:
    monkeypatch.setenv("SEQPRO_THREADS", threads)
    monkeypatch.setattr(fasta, "_RUN", 1000)
    letters = np.random.default_rng(5).choice(list("ACGTn"), 20_000)
    text = "".join(letters)
    path = many_blocks(tmp_path, text, 61, 500)
    starts = [0, 19_000, 5, 7_000, 6_999, 19_999, 400]
    ends = [20_000, 20_000, 6, 7_700, 19_000, 20_000, 402]
    expected = [text[a:b] for a, b in zip(starts, ends, strict=True)]
    assert cut(sd.GenomeFASTA(path), "c", starts, ends) == expected


def test_records_cut_short_in_gzip_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, ">x\n" + "ACGT" * 100, "a.fa.gz")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError, match=r"a.fa.gz is cut short or damaged: .* Copy or download"):
        sd.read_fasta(path)
