"""Windows cut by the engine against one region at a time in plain Python."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyBigWig
import pyfaidx
import pytest

import seqdata as sd
import seqpro as sp
from seqdata.negatives import GCMatched
from seqdata.provenance import steps
from seqdata.testing import assert_conforms, assert_same_rows

PARTNER = str.maketrans("ACGTacgt", "TGCAtgca")
MEMORY_AND_STORE = pytest.mark.parametrize("to_store", [False, True], ids=["memory", "store"])


def naive_letters(path: Path, chrom: str, start: int, end: int, strand: str) -> str:
    with pyfaidx.Fasta(str(path), build_index=True) as genome:
        contig = genome[chrom]
        letters = "".join(
            contig[i : i + 1].seq if 0 <= i < len(contig) else "N" for i in range(start, end)
        )
    return letters.translate(PARTNER)[::-1] if strand == "-" else letters


def naive_signal(path: Path, chrom: str, start: int, end: int, strand: str) -> np.ndarray:
    values = np.zeros(end - start, "f4")
    with pyBigWig.open(str(path)) as file:
        for i in range(max(start, 0), min(end, file.chroms(chrom))):
            value = file.values(chrom, i, i + 1)[0]
            values[i - start] = 0 if np.isnan(value) else value
    return values[::-1] if strand == "-" else values


def regions(widths: list[int]) -> pd.DataFrame:
    """Rows in no order, on all strands, some at the start of their contig or passing its end."""
    places = [("chr1", 300), ("chr2", 130), ("chr1", 4), ("chrM", 50), ("chr1", 490), ("chr2", 0),
              ("chr1", 305), ("chrM", 0), ("chr1", 300), ("chr2", 3)]  # fmt: skip
    frame = pd.DataFrame(places, columns=["chrom", "chromStart"])
    frame["chromEnd"] = frame["chromStart"] + np.resize(widths, len(frame))
    return frame.assign(strand=np.resize(["+", "-", "-", "."], len(frame)))


@pytest.fixture
def rows_per_block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys.modules["seqdata.build"], "block_rows", lambda ds, **_: request.param)
    return request.param


BLOCKS = pytest.mark.parametrize("rows_per_block", [1, 2, 7, 10], indirect=True)


@BLOCKS
@MEMORY_AND_STORE
@pytest.mark.parametrize("jitter", [0, 3])
def test_windows_of_one_length(
    genome: Path,
    signals: dict[str, Path],
    tmp_path: Path,
    rows_per_block: int,
    to_store: bool,
    jitter: int,
) -> None:
    table, out = regions([20]), tmp_path / "a.zarr"
    readers = {
        "seq": sd.GenomeFASTA(genome),
        "x": sd.BigWig({"a": signals["a"], "b": signals["b"]}),
    }
    options = {"length": 40, "max_jitter": jitter, "out": out if to_store else None}
    ds = sd.build(table, **options, **readers)
    for i, (chrom, start, end, strand) in enumerate(table.itertuples(index=False)):
        window = (chrom, start - 10 - jitter, end + 10 + jitter, strand)
        assert ds["seq"].values[i].tobytes().decode() == naive_letters(genome, *window)
        for sample, name in enumerate("ab"):
            expected = naive_signal(signals[name], *window)
            np.testing.assert_array_equal(ds["x"].values[i, sample], expected)


@BLOCKS
@MEMORY_AND_STORE
def test_windows_of_unequal_length(
    genome: Path, tmp_path: Path, rows_per_block: int, to_store: bool
) -> None:
    table, out = regions([5, 31, 1, 80, 12]), tmp_path / "a.zarr"
    reader = sd.GenomeFASTA(genome)
    ds = sd.build(table, out=out if to_store else None, max_jitter=12, seq=reader)
    for row, region in zip(sd.ragged(ds, "seq"), table.itertuples(index=False), strict=True):
        chrom, start, end, strand = region
        assert row.tobytes().decode() == naive_letters(genome, chrom, start - 12, end + 12, strand)


def by_hand(folder: Path, contig: str, *rows: tuple[int, int, str], **options: Any) -> list[str]:
    path = folder / "hand.fa"
    path.write_text(f">c\n{contig}\n")
    table = pd.DataFrame(rows, columns=["chromStart", "chromEnd", "strand"]).assign(chrom="c")
    ds = sd.build(table, seq=sd.GenomeFASTA(path), **options)
    return [row.tobytes().decode() for row in ds["seq"].values]


def test_windows_past_either_end_of_a_contig_by_hand(tmp_path: Path) -> None:
    contig = "ACGTT" + "G" * 90 + "CATGC"
    found = by_hand(tmp_path, contig, (0, 2, "+"), (0, 2, "-"), length=6)
    assert found == ["NNACGT", "ACGTNN"]
    assert by_hand(tmp_path, contig, (96, 104, "+"), (96, 104, "-")) == ["ATGCNNNN", "NNNNGCAT"]


def test_windows_past_both_ends_of_a_contig_by_hand(tmp_path: Path) -> None:
    found = by_hand(tmp_path, "ACG", (0, 2, "+"), (0, 2, "-"), length=6)
    assert found == ["NNACGN", "NCGTNN"]


BESIDE = {
    "region": ([(0, 2, "+"), (3, 6, "-")], {}, "^region c:3-6 must overlap"),
    "region of a wide window": ([(4, 6, "+")], {"length": 9}, "^region c:4-6 must overlap"),
    "point": ([(5, 5, "+")], {"length": 9}, "^region c:5-5 must overlap"),
    "window": ([(2, 12, "+")], {"length": 4}, "^window c:5-9 of region c:2-12 must overlap"),
}


@pytest.mark.parametrize(("rows", "options", "message"), BESIDE.values(), ids=BESIDE)
def test_rows_of_nothing_but_n_are_refused(
    tmp_path: Path, rows: list[tuple[int, int, str]], options: Any, message: str
) -> None:
    """They come from regions of another genome, and a network would learn from them."""
    contig = r" its contig, which has 3 bp in reader 'seq' \(hand.fa\)"
    with pytest.raises(ValueError, match=message + contig):
        by_hand(tmp_path, "ACG", *rows, **options)


def test_a_point_at_the_end_of_a_contig_has_a_window(tmp_path: Path) -> None:
    assert by_hand(tmp_path, "ACG", (3, 3, "+"), length=4) == ["CGNN"]


def test_windows_past_the_ends_of_a_contig_are_counted_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    by_hand(tmp_path, "ACGTACGT", (2, 4, "+"), (0, 1, "+"), (7, 8, "-"), length=3)
    assert caplog.messages == [
        "2 of 3 windows pass an end of their contig; what lies beyond is N or missing"
    ]
    caplog.clear()
    by_hand(tmp_path, "ACGTACGT", (0, 8, "+"))
    assert not caplog.messages


def test_case_is_kept_on_both_strands_by_hand(tmp_path: Path) -> None:
    assert by_hand(tmp_path, "AcgTn", (0, 5, "+"), (0, 5, "-")) == ["AcgTn", "nAcgT"]


def test_a_window_with_jitter_keeps_its_middle_and_the_region_is_not_lost(
    genome: Path,
) -> None:
    table = regions([21])
    plain = sd.build(table, length=10, seq=sd.GenomeFASTA(genome))
    roomy = sd.build(table, length=10, max_jitter=4, seq=sd.GenomeFASTA(genome))
    assert roomy.sizes["_length"] == 18
    np.testing.assert_array_equal(roomy["seq"][:, 4:14], plain["seq"])
    assert roomy.attrs["max_jitter"] == 4
    for ds in (plain, roomy):
        np.testing.assert_array_equal(ds["chromStart"], table["chromStart"])
        np.testing.assert_array_equal(ds["chromEnd"], table["chromEnd"])
    np.testing.assert_array_equal(roomy["windowStart"], plain["windowStart"] - 4)
    np.testing.assert_array_equal(roomy["windowEnd"] - roomy["windowStart"], 18)


def test_windows_around_summits(genome: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.narrowPeak"
    path.write_text("chr1\t100\t150\tp\t7\t+\t1\t1\t1\t30\nchr1\t100\t150\tq\t8\t-\t1\t1\t1\t-1\n")
    ds = sd.build(path, length=6, center="summit", seq=sd.GenomeFASTA(genome))
    assert ds["windowStart"].values.tolist() == [127, 122]
    assert ds["summit"].values.tolist() == [130, -1]
    assert ds["name"].values.tolist() == ["p", "q"]
    assert ds["score"].values.tolist() == [7, 8]
    assert ds["seq"].values[1].tobytes().decode() == naive_letters(genome, "chr1", 122, 128, "-")


def test_built_data_conform_in_memory_and_on_disk_alike(
    genome: Path, signals: dict[str, Path], tmp_path: Path
) -> None:
    readers = {
        "seq": sd.GenomeFASTA(genome),
        "cuts": sd.BigWig({"s": (signals["a"], signals["b"])}),
    }
    memory = sd.build(regions([20]), max_jitter=1, **readers)
    stored = sd.build(regions([20]), max_jitter=1, out=tmp_path / "a.zarr", **readers)
    assert_conforms(memory)
    assert_same_rows(stored.load(), memory)
    assert list(stored) == list(memory)
    uuid = stored.attrs.pop("uuid")
    assert len(uuid) == 36
    assert stored.attrs == memory.attrs
    ragged = sd.build(regions([4, 9]), seq=readers["seq"])
    assert_conforms(ragged)
    assert_same_rows(
        sd.build(regions([4, 9]), seq=readers["seq"], out=tmp_path / "b.zarr").load(), ragged
    )


def test_two_builds_are_equal_bytes(genome: Path, signals: dict[str, Path], tmp_path: Path) -> None:
    contents = []
    for name in ("a.zarr", "b.zarr"):
        readers = {"seq": sd.GenomeFASTA(genome), "x": sd.BigWig(signals["a"])}
        sd.build(regions([20]), out=tmp_path / name, **readers)
        files = [p for p in (tmp_path / name).rglob("*") if p.is_file()]
        contents.append({str(p.relative_to(tmp_path / name)): p.read_bytes() for p in files})
    assert contents[0] == contents[1]


def test_what_was_built_from_what_is_recorded(genome: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.bed"
    path.write_text("chr1\t5\t9\n")
    (step,) = steps(sd.build(path, length=6, max_jitter=2, seq=sd.GenomeFASTA(genome)))
    assert step["step"] == "seqdata.build"
    assert (step["length"], step["max_jitter"], step["center"]) == (6, 2, "midpoint")
    assert step["regions"]["file"] == "a.bed"
    assert step["readers"]["seq"]["path"]["file"] == "genome.fa"


ERRORS = {
    "no reader": ({}, {}, "build needs at least one reader"),
    "unknown contig": ({"chrom": ["chrX"]}, {"seq": 1},
                       r"chrX:5-9 .* 'seq' \(genome.fa\) lacks; it has chr1, chr2, chrM$"),
    "contig without chr": ({"chrom": ["2"]}, {"seq": 1},
                           r"2:5-9 .* It has 'chr2': pass chrom_alias=\{'2': 'chr2', ...\}"),
    "contig as number": ({"chrom": [1]}, {"seq": 1}, "region 1:5-9 .* It has 'chr1'"),
    "name of a region's column": ({}, {"chrom": 1}, "reader must not be called 'chrom'"),
    "name of the contract": ({}, {"score": 1}, r"'score' must have dimensions \(_sequence\)"),
    "strand of another name": ({"strand": ["fwd"]}, {"seq": 1}, "'strand' of regions must hold"),
}  # fmt: skip


@pytest.mark.parametrize(("columns", "readers", "message"), ERRORS.values(), ids=ERRORS)
def test_what_cannot_be_built_is_named_before_anything_is_read(
    genome: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    columns: Any,
    readers: Any,
    message: str,
) -> None:
    monkeypatch.setattr(sd.GenomeFASTA, "read", lambda *a: pytest.fail("read"))
    table = pd.DataFrame({"chrom": ["chr1"], "chromStart": [5], "chromEnd": [9]} | columns)
    with pytest.raises(ValueError, match=message):
        sd.build(table, out=tmp_path / "a.zarr", **dict.fromkeys(readers, sd.GenomeFASTA(genome)))
    assert not os.listdir(tmp_path)


@BLOCKS
@MEMORY_AND_STORE
def test_tracks_of_unequal_windows(
    signals: dict[str, Path], tmp_path: Path, rows_per_block: int, to_store: bool
) -> None:
    table, out = regions([5, 31, 1, 80, 12]), tmp_path / "a.zarr"
    reader = sd.BigWig({"s": (signals["a"], signals["b"]), "t": (signals["b"], signals["a"])})
    ds = sd.build(table, out=out if to_store else None, x=reader)
    assert ds["x"].dims == ("x_value", "x_sample", "_strand")
    assert_conforms(ds)
    for row, region in zip(sd.ragged(ds, "x"), table.itertuples(index=False), strict=True):
        order = "ba" if region.strand == "-" else "ab"  # the sample's own strand comes first
        for strand, name in enumerate(order):
            np.testing.assert_array_equal(row[:, 0, strand], naive_signal(signals[name], *region))


@pytest.mark.parametrize("statistic", ["mean", "sum", "max"])
@pytest.mark.parametrize("widths", [[20], [8, 32, 4]], ids=["one length", "unequal"])
@MEMORY_AND_STORE
def test_binned_tracks(
    signals: dict[str, Path], tmp_path: Path, to_store: bool, widths: list[int], statistic: Any
) -> None:
    """Bins are counted from the window's 5' end, on both strands."""
    table, out = regions(widths), tmp_path / "a.zarr"
    reader = sd.BigWig(signals["a"], bin_width=4, statistic=statistic)
    ds = sd.build(table, out=out if to_store else None, x=reader, seq=sd.BigWig(signals["b"]))
    assert_conforms(ds)
    rows = ds["x"].values[:, 0] if "x_length" in ds.dims else [r[:, 0] for r in sd.ragged(ds, "x")]
    assert ds["x"].attrs["bin_width"] == 4
    for row, region in zip(rows, table.itertuples(index=False), strict=True):
        expected = naive_signal(signals["a"], *region).reshape(-1, 4)
        np.testing.assert_allclose(row, getattr(np, statistic)(expected, axis=1), rtol=1e-6)


def test_windows_that_are_no_multiple_of_a_bin_are_refused(signals: dict[str, Path]) -> None:
    with pytest.raises(ValueError, match=r"multiple of the bins of reader 'x', 8 bp; found 20 bp"):
        sd.build(regions([20]), x=sd.BigWig(signals["a"], bin_width=8))


def spliced(strands: str) -> pd.DataFrame:
    """Transcripts with one to three exons, some passing the ends of their contig."""
    exons = [
        [(300, 305), (310, 330)],
        [(4, 9), (20, 21), (40, 60)],
        [(0, 7)],
        [(120, 128), (129, 140)],
    ]
    contigs = ["chr1", "chr2", "chrM", "chr2"]
    return pd.DataFrame({
        "chrom": contigs, "chromStart": [e[0][0] for e in exons], "chromEnd": [e[-1][1] for e in exons],
        "strand": list(strands), "transcript_id": ["t1", "t2", "t3", "t4"],
        "exon_starts": [np.array([a for a, _ in e]) for e in exons],
        "exon_ends": [np.array([b for _, b in e]) for e in exons],
    })  # fmt: skip


@BLOCKS
@MEMORY_AND_STORE
@pytest.mark.parametrize("jitter", [0, 2])
@pytest.mark.parametrize("strands", ["++++", "----", "+-+-"])
def test_spliced_rows(
    genome: Path, signals: dict[str, Path], tmp_path: Path, rows_per_block: int, to_store: bool,
    jitter: int, strands: str,
) -> None:  # fmt: skip
    """Case 37: e1e2 on +, its reverse complement on -; row k of the table is row k of the data."""
    table = spliced(strands)
    readers = {"seq": sd.GenomeFASTA(genome), "x": sd.BigWig(signals["a"])}
    out = tmp_path / "a.zarr" if to_store else None
    ds = sd.build(table, out=out, max_jitter=jitter, **readers)
    assert ds["transcript_id"].values.tolist() == ["t1", "t2", "t3", "t4"]
    assert ds["blockSizes"].values.tolist() == ["5,20", "5,1,20", "7", "8,11"]
    assert ds["blockStarts"].values.tolist() == ["0,10", "0,16,36", "0", "0,9"]
    for i, (letters, signal) in enumerate(
        zip(sd.ragged(ds, "seq"), sd.ragged(ds, "x"), strict=True)
    ):
        row = table.iloc[i]
        starts, ends = row["exon_starts"].copy(), row["exon_ends"].copy()
        starts[0] -= jitter
        ends[-1] += jitter
        pieces = [
            (row["chrom"], int(a), int(b), row["strand"]) for a, b in zip(starts, ends, strict=True)
        ]
        pieces = pieces[::-1] if row["strand"] == "-" else pieces
        expected = "".join(naive_letters(genome, *piece) for piece in pieces)
        assert letters.tobytes().decode() == expected
        whole = np.concatenate([naive_signal(signals["a"], *piece) for piece in pieces])
        np.testing.assert_array_equal(signal[:, 0], whole)


def test_all_spliced_transcripts_of_a_real_file(mirror: Path) -> None:
    from seqpro import gtf

    folder = mirror / "region_fixtures/yeast_sacCer3_atac"
    table = gtf.transcripts(gtf.read_gtf(folder / "sacCer3.ensGene.gtf.gz"), feature="CDS")
    ds = sd.build(table, seq=sd.GenomeFASTA(folder / "sacCer3.fa"))
    proteins = sp.translate(sd.ragged(ds, "seq"), incomplete="drop")
    starts = [protein[:1].tobytes() for protein in proteins]
    nuclear = (ds["chrom"].values != "chrM").nonzero()[0]
    inner = [b"*" in proteins[i].tobytes() for i in nuclear]
    assert len(ds["row"]) > 6000
    assert np.mean([starts[i] == b"M" for i in nuclear]) > 0.99
    assert np.mean(inner) < 0.02


EXONS = {
    "one of two": ({"exon_starts": [np.array([5])]}, "must have both of exon_starts and exon_ends"),
    "not in order": (
        {"exon_starts": [np.array([7, 5])], "exon_ends": [np.array([9, 6])]}, "order of the genome"),
    "not the region": (
        {"exon_starts": [np.array([5, 7])], "exon_ends": [np.array([6, 8])]}, "to chromEnd; .* row 0"),
    "overlapping": (
        {"exon_starts": [np.array([5, 6])], "exon_ends": [np.array([7, 9])]}, "without overlap"),
}  # fmt: skip


@pytest.mark.parametrize(("columns", "message"), EXONS.values(), ids=EXONS)
def test_exons_that_are_no_transcript_are_refused(genome: Path, columns: Any, message: str) -> None:
    table = pd.DataFrame({"chrom": ["chr1"], "chromStart": [5], "chromEnd": [9]} | columns)
    with pytest.raises(ValueError, match=message):
        sd.build(table, seq=sd.GenomeFASTA(genome))


def test_columns_of_the_users_own_are_kept(genome: Path, tmp_path: Path) -> None:
    table = regions([20]).assign(
        is_peak=np.resize([True, False], 10),
        gene="g",
        reads=np.arange(10),
        height=np.arange(10) / 2,
    )
    for out in (None, tmp_path / "a.zarr"):
        ds = sd.build(table, out=out, seq=sd.GenomeFASTA(genome))
        assert_conforms(ds)
        for name in ("is_peak", "gene", "reads", "height"):
            assert ds[name].values.tolist() == table[name].tolist()
    with pytest.raises(TypeError, match=r"column 'odd' of regions must hold text or numbers"):
        sd.build(table.assign(odd=[[1]] * 10), seq=sd.GenomeFASTA(genome))


def test_contigs_of_other_names(genome: Path, signals: dict[str, Path]) -> None:
    readers = {"seq": sd.GenomeFASTA(genome), "x": sd.BigWig(signals["a"])}
    plain = sd.build(regions([20]), **readers)
    table = regions([20])
    table["chrom"] = table["chrom"].str.removeprefix("chr")
    alias = {"1": "chr1", "2": "chr2", "M": "chrM"}
    found = sd.build(table, chrom_alias=alias, **readers)
    np.testing.assert_array_equal(found["seq"], plain["seq"])
    np.testing.assert_array_equal(found["x"], plain["x"])
    assert found["chrom"].values.tolist() == table["chrom"].tolist()


def test_windows_that_touch_what_is_excluded_are_left_out(
    genome: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "seqdata")
    blacklist = pd.DataFrame({"chrom": ["chr1"], "chromStart": [310], "chromEnd": [312]})
    ds = sd.build(regions([20]), exclude=blacklist, seq=sd.GenomeFASTA(genome))
    kept = [i for i, place in enumerate(zip(ds["chrom"].values, ds["chromStart"].values, strict=True))
            if place[0] == "chr1" and place[1] in (300, 305)]  # fmt: skip
    assert not kept
    assert ds.sizes["_sequence"] == 7
    assert "3 of 10 windows overlap what is excluded and are left out" in caplog.messages


def same_store(first: Path, second: Path) -> bool:
    contents = []
    for folder in (first, second):
        files = [p for p in folder.rglob("*") if p.is_file()]
        contents.append({str(p.relative_to(folder)): p.read_bytes() for p in files})
    return contents[0] == contents[1]


@pytest.mark.parametrize("widths", [[20], [5, 31, 1, 80, 12]], ids=["one length", "unequal"])
def test_many_threads_write_what_one_writes(
    genome: Path, signals: dict[str, Path], tmp_path: Path, widths: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Every row arrives, whoever wrote it: no two blocks share a chunk."""
    monkeypatch.setattr(sys.modules["seqdata.store"], "_CHUNK_BYTES", 40)  # of flat values
    table = pd.concat([regions(widths)] * 12, ignore_index=True)
    for name, workers in (("a.zarr", 1), ("b.zarr", ThreadPoolExecutor(4))):
        readers = {"seq": sd.GenomeFASTA(genome), "x": sd.BigWig(signals["a"])}
        sd.build(table, out=tmp_path / name, workers=workers, block_bytes=400, **readers)
    assert same_store(tmp_path / "a.zarr", tmp_path / "b.zarr")


@pytest.mark.parametrize("widths", [[20], [5, 31, 1, 80, 12]], ids=["one length", "unequal"])
def test_memory_holds_what_threads_bring(
    genome: Path, signals: dict[str, Path], widths: list[int]
) -> None:
    """Rows that are read straight into their place are those of blocks that are read and copied."""
    table = pd.concat([regions(widths)] * 12, ignore_index=True)
    readers = {"seq": sd.GenomeFASTA(genome), "x": sd.BigWig(signals["a"])}
    here, there = (
        sd.build(table, max_jitter=4, workers=workers, block_bytes=400, **readers)
        for workers in (1, ThreadPoolExecutor(4))
    )
    assert here.identical(there)
    assert set(table["strand"]) >= {"+", "-"}


def test_an_interrupted_build_goes_on_where_it_was(
    genome: Path, signals: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pd.concat([regions([20])] * 10, ignore_index=True)
    readers = {"seq": sd.GenomeFASTA(genome), "x": sd.BigWig(signals["a"])}
    options = {"block_bytes": 400, **readers}
    sd.build(table, out=tmp_path / "whole.zarr", **options)
    original, read = sd.BigWig.read, []

    def counted(self: Any, contig: str, starts: Any, *arguments: Any) -> None:
        read.append(len(starts))
        if len(read) == stop:
            raise KeyboardInterrupt
        original(self, contig, starts, *arguments)

    stop = -1
    monkeypatch.setattr(sd.BigWig, "read", counted)
    sd.build(table, out=tmp_path / "counted.zarr", **options)
    total = sum(read)
    read.clear()
    stop = 24
    with pytest.raises(KeyboardInterrupt):
        sd.build(table, out=tmp_path / "a.zarr", **options)
    assert not (tmp_path / "a.zarr").exists()
    before = sum(read)
    stop = -1
    sd.build(table, out=tmp_path / "a.zarr", **options)
    assert sum(read) - before < total - before + 10  # only the block in work is read again
    assert same_store(tmp_path / "a.zarr", tmp_path / "whole.zarr")
    assert sorted(os.listdir(tmp_path)) == ["a.zarr", "counted.zarr", "whole.zarr"]


def test_what_was_begun_for_another_build_is_not_taken_up(
    genome: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = sd.GenomeFASTA.read
    calls: list[int] = []

    def interrupted(self: Any, *arguments: Any) -> None:
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        original(self, *arguments)

    table = pd.concat([regions([20])] * 10, ignore_index=True)
    with monkeypatch.context() as patched:
        patched.setattr(sd.GenomeFASTA, "read", interrupted)
        with pytest.raises(KeyboardInterrupt):
            sd.build(table, out=tmp_path / "a.zarr", block_bytes=200, seq=sd.GenomeFASTA(genome))
    assert len(os.listdir(tmp_path)) == 2  # the unfinished store and its journal
    other = sd.build(table, length=8, out=tmp_path / "a.zarr", seq=sd.GenomeFASTA(genome))
    assert_same_rows(other.load(), sd.build(table, length=8, seq=sd.GenomeFASTA(genome)))
    assert os.listdir(tmp_path) == ["a.zarr"]


def test_an_error_in_mid_build_leaves_nothing(
    genome: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["seqdata.build"], "block_rows", lambda ds, **_: 2)
    reader = sd.GenomeFASTA(genome)
    original, calls = sd.GenomeFASTA.read, []

    def failing(self: Any, *arguments: Any) -> None:
        calls.append(1)
        if len(calls) == 5:
            raise OSError(5, "the disk is gone")
        original(self, *arguments)

    monkeypatch.setattr(sd.GenomeFASTA, "read", failing)
    with pytest.raises(OSError, match="the disk is gone"):
        sd.build(regions([20]), out=tmp_path / "a.zarr", seq=reader)
    assert not os.listdir(tmp_path)


def test_an_existing_store_is_refused_before_anything_is_read(
    genome: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, out = sd.GenomeFASTA(genome), tmp_path / "a.zarr"
    first = sd.build(regions([20]), out=out, seq=reader).load()
    with monkeypatch.context() as patched:
        patched.setattr(sd.GenomeFASTA, "read", lambda *a: pytest.fail("read"))
        with pytest.raises(FileExistsError, match="overwrite=True"):
            sd.build(regions([20]), out=out, seq=reader)
    assert_same_rows(sd.open_zarr(out).load(), first)
    assert sd.build(regions([6]), out=out, overwrite=True, seq=reader).sizes["_length"] == 6


def test_all_peaks_of_a_real_file(mirror: Path, tmp_path: Path) -> None:
    folder = mirror / "region_fixtures/yeast_sacCer3_atac"
    peaks, fasta = folder / "SRR1822137.hmmratac.narrowPeak", folder / "sacCer3.fa"
    cuts = (folder / "SRR1822137.cuts_plus.bw", folder / "SRR1822137.cuts_minus.bw")
    readers = {"seq": sd.GenomeFASTA(fasta), "cuts": sd.BigWig({"SRR1822137": cuts})}
    ds = sd.build(peaks, length=200, max_jitter=8, out=tmp_path / "a.zarr", **readers)
    table = pd.read_csv(peaks, sep="\t", header=None)
    starts = (table[1] + table[2] - 200) // 2 - 8
    with pyfaidx.Fasta(str(fasta)) as genome, pyBigWig.open(str(cuts[1])) as minus:
        for i in range(len(table)):
            contig, start = table[0][i], int(starts[i])
            low, high = max(start, 0), min(start + 216, len(genome[contig]))
            letters = genome[contig][low:high].seq
            letters = "N" * (low - start) + letters + "N" * (start + 216 - high)
            assert ds["seq"].values[i].tobytes().decode() == letters
            signal = np.nan_to_num(np.array(minus.values(contig, low, high), "f4"))
            found = ds["cuts"].values[i, 0, 1, low - start : high - start]
            np.testing.assert_array_equal(found, signal)
    assert ds.sizes["_sequence"] == len(table) == 1605


def test_peaks_and_negatives_of_a_real_file(mirror: Path, tmp_path: Path) -> None:
    folder = mirror / "region_fixtures/yeast_sacCer3_atac"
    genome = sd.GenomeFASTA(folder / "sacCer3.fa")
    peaks = pd.read_csv(folder / "SRR1822137.hmmratac.narrowPeak", sep="\t", header=None)
    options = {"length": 200, "max_jitter": 8, "seed": 3, "negatives": GCMatched(), "seq": genome}
    ds = sd.build(folder / "SRR1822137.hmmratac.narrowPeak", out=tmp_path / "a.zarr", **options)
    assert_conforms(ds)
    is_peak = ds["is_peak"].values
    assert is_peak[:1605].all()
    assert is_peak.sum() == 1605
    assert (~is_peak).sum() == 1605
    assert ds["chrom"].values[:1605].tolist() == peaks[0].tolist()
    assert ds["score"].values[:1605].tolist() == peaks[4].tolist()
    assert np.isnan(ds["score"].values[1605:]).all()
    assert (ds["summit"].values[1605:] == -1).all()
    gc = sp.gc_content(ds["seq"].values[:, 8:-8])
    assert abs(gc[is_peak].mean() - gc[~is_peak].mean()) < 0.01
    places = zip(
        *(ds[name].values[~is_peak] for name in ("chrom", "windowStart", "windowEnd")), strict=True
    )
    for chrom, start, end in places:
        others = peaks[(peaks[0] == chrom)]
        middle = (others[1] + others[2]) // 2
        assert not ((middle - 100 < end - 8) & (middle + 100 > start + 8)).any()
    again = sd.build(folder / "SRR1822137.hmmratac.narrowPeak", **options)
    assert_same_rows(ds.load(), again)


def test_negatives_need_letters(signals: dict[str, Path]) -> None:
    with pytest.raises(ValueError, match=r"negatives need a reader of sequences"):
        sd.build(regions([20]), negatives=GCMatched(), x=sd.BigWig(signals["a"]))
