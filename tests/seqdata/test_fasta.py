"""FASTA files: every record in, every window letter by letter, contig ends and all."""

from __future__ import annotations

import gzip
import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyfaidx
import pytest
from Bio import SeqIO

import seqdata as sd
import seqpro as sp
from seqdata.readers import fasta
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
    with pytest.raises(ValueError, match=r"plain FASTA file; found hg38.fa.gz. Decompress it"):
        sd.GenomeFASTA(tmp_path / "hg38.fa.gz")
    with pytest.raises(FileNotFoundError, match=r"no FASTA file at .*hg38.fa"):
        sd.GenomeFASTA(tmp_path / "hg38.fa")
    path = written(tmp_path, ">c\nAC\nACGT\nACG\n")
    with pytest.raises(ValueError, match=r"a.fa cannot be indexed.*one length"):
        sd.GenomeFASTA(path)
