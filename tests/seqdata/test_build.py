"""Windows cut by the engine against one region at a time in plain Python."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyBigWig
import pyfaidx
import pytest

import seqdata as sd
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
    monkeypatch.setattr(sys.modules["seqdata.build"], "block_rows", lambda ds: request.param)
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
    assert step["readers"]["seq"][0]["file"] == "genome.fa"


ERRORS = {
    "no reader": ({}, {}, "build needs at least one reader"),
    "unknown contig": ({"chrom": ["chrX"]}, {"seq": 1},
                       r"chrX:5-9 .* 'seq' \(genome.fa\) lacks; it has chr1, chr2, chrM$"),
    "contig without chr": ({"chrom": ["2"]}, {"seq": 1}, "2:5-9 .* It has 'chr2': rename the regions'"),
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


def test_tracks_need_windows_of_one_length(signals: dict[str, Path]) -> None:
    with pytest.raises(
        ValueError, match=r"'x' needs windows of one length; found 4 to 9 bp. Pass length="
    ):
        sd.build(regions([4, 9]), x=sd.BigWig(signals["a"]))


def test_an_error_in_mid_build_leaves_nothing(
    genome: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["seqdata.build"], "block_rows", lambda ds: 2)
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
