"""BAM files: every count equals what a plain loop over the reads gives, and nothing is left out unsaid."""

from __future__ import annotations

import logging
import os
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyBigWig
import pysam
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seqdata as sd
from seqdata.readers import painting
from seqdata.readers.bam import BAM
from seqdata.readers.linear_index import read_index
from seqdata.testing import assert_conforms

CONTIGS = {"chr1": 400, "chr2": 90, "chr3": 60}
COUNTS = ("depth", "five_prime", "cut_sites", "fragments")
CIGARS = ("10M", "3S7M", "4M2D6M", "2M30N8M", "3=1X6=", "4M3I3M", "5H10M", "1S2M1I2M1D3M1S", "1M")
PAIR, PROPER, UNMAPPED, REVERSE, MATE_REVERSE, FIRST, SECOND = 1, 2, 4, 16, 32, 64, 128


def line(
    name: str, flag: int, start: int, cigar: str = "10M", *, contig: str = "chr1", quality: int = 60,
    mate: tuple[str, int, int] = ("*", -1, 0), bases: str = "",
) -> str:  # fmt: skip
    """A SAM line; `mate` is its contig, start and the template's length, `bases` their qualities."""
    number = "".join(c if c.isdigit() else f"{c} " for c in cigar).split()
    length = sum(int(n[:-1]) for n in number if n[-1] in "MIS=X")
    letters = "A" * length
    return "\t".join(
        map(str, (name, flag, contig, start + 1, quality, cigar, mate[0], mate[1] + 1, mate[2],
                  letters, bases or "F" * length))
    )  # fmt: skip


def pair(name: str, start: int, end: int, length: int = 10, **how: Any) -> list[str]:
    """Two proper mates of `length` bp at the ends of a fragment; its first read is on the left."""
    size, right = end - start, end - length
    flags = PAIR + PROPER
    left = line(
        name, flags + MATE_REVERSE + FIRST, start, f"{length}M", mate=("=", right, size), **how
    )
    other = line(
        name, flags + REVERSE + SECOND, right, f"{length}M", mate=("=", start, -size), **how
    )
    return [left, other]


def write_bam(
    path: Path, lines: list[str], contigs: dict[str, int] = CONTIGS, *, index: bool = True
) -> Path:
    header = pysam.AlignmentHeader.from_references(list(contigs), list(contigs.values()))
    reads = [pysam.AlignedSegment.fromstring(each, header) for each in lines]
    reads.sort(key=lambda r: (r.reference_id, r.reference_start))
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        for read in reads:
            file.write(read)
    if index:
        pysam.index(str(path))
    return path


def naive(
    path: Path, contig: str, size: int, count: str, *, stranded: bool = False,
    shift: tuple[int, int] = (0, 0), min_mapping_quality: int = 0, min_base_quality: int = 0,
    keep_duplicates: bool = False, required_flags: int = 0, excluded_flags: int = 2816,
    max_fragment_length: int = 2000,
) -> np.ndarray:  # fmt: skip
    """Counts of a whole contig, one base at a time, by pysam's view of each read."""
    out = np.zeros((2, size), np.int64)

    def add(strand: int, position: int) -> None:
        if 0 <= position < size:
            out[strand, position] += 1

    with pysam.AlignmentFile(str(path)) as file:
        reads = [r for r in file.fetch(until_eof=True) if r.reference_name == contig]
    for read in reads:
        if read.is_unmapped or read.flag & excluded_flags:
            continue
        if read.is_duplicate and not keep_duplicates:
            continue
        if (
            read.flag & required_flags != required_flags
            or read.mapping_quality < min_mapping_quality
        ):
            continue
        minus = int(read.is_reverse)
        if count == "depth":
            qualities = read.query_qualities
            for query, position in read.get_aligned_pairs(matches_only=True):
                if qualities is None or qualities[query] >= min_base_quality:
                    add(minus ^ int(read.is_read2), position)
        elif count == "five_prime":
            add(
                minus,
                read.reference_end - 1 + shift[1] if minus else read.reference_start + shift[0],
            )
        else:
            is_good = read.is_paired and read.is_proper_pair and not read.mate_is_unmapped
            size_ = read.template_length
            if not is_good or read.next_reference_id != read.reference_id:
                continue
            if not 0 < size_ <= max_fragment_length:
                continue
            start, end = read.reference_start, read.reference_start + size_
            if count == "cut_sites":
                add(0, start + shift[0])
                add(1, end - 1 + shift[1])
            else:
                first = minus if read.is_read1 else int(read.mate_is_reverse)
                for position in range(start, end):
                    add(first, position)
    return out if stranded else out.sum(axis=0, keepdims=True)


def read_windows(reader: BAM, contig: str, windows: list[tuple[int, int]]) -> list[np.ndarray]:
    """What a reader gives for windows in any order, each of shape (rows, length)."""
    bounds = np.array(sorted(windows), np.int64)
    sizes = bounds[:, 1] - bounds[:, 0]
    places = np.cumsum(sizes) - sizes
    axes = tuple(len(axis.labels) for axis in reader.axes())
    out = np.zeros((*axes, int(sizes.sum())), reader.dtype)
    reader.read(contig, bounds[:, 0].copy(), bounds[:, 1].copy(), out, places)
    return np.split(out.reshape(-1, out.shape[-1]), places[1:], axis=1)


@st.composite
def files(draw: st.DrawFn) -> list[str]:
    """Lines of single reads and pairs with all flags, operations and qualities."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    lines = []
    for i in range(draw(st.integers(1, 40))):
        contig = str(rng.choice(list(CONTIGS)))
        size = CONTIGS[contig]
        how: dict[str, Any] = {"contig": contig, "quality": int(rng.choice([0, 10, 30, 60]))}
        odd = int(rng.choice([0, 0, 0, 0, 256, 512, 1024, 2048, UNMAPPED]))
        if rng.random() < 0.5:
            start = int(rng.integers(0, size - 45))
            cigar = str(rng.choice(CIGARS))
            template = line("", 0, start, cigar)
            bases = "".join(map(chr, rng.integers(33, 75, len(template.split("\t")[9]))))
            flag = REVERSE * int(rng.integers(2)) + odd
            lines.append(line(f"s{i}", flag, start, cigar, bases=bases, **how))
            continue
        start = int(rng.integers(0, size - 20))
        end = int(rng.integers(start + 12, size + 1))
        left, right = pair(f"p{i}", start, end, int(rng.integers(1, 12)), **how)
        changes = [odd, -PROPER, 0, 0][int(rng.integers(4))]
        swap = rng.random() < 0.5  # the first read is on the right
        for text in (left, right):
            words = text.split("\t")
            flag = int(words[1]) ^ ((FIRST | SECOND) if swap else 0)
            words[1] = str(flag + changes if changes < 0 else flag | changes)
            lines.append("\t".join(words))
    return lines


options = st.fixed_dictionaries(
    {},
    optional={
        "stranded": st.booleans(),
        "min_mapping_quality": st.sampled_from([0, 10, 11, 60, 61]),
        "keep_duplicates": st.booleans(),
        "required_flags": st.sampled_from([0, 64, 128, 16]),
        "excluded_flags": st.sampled_from([0, 2816, 256, 16 + 2048]),
    },
).filter(lambda o: not (o.get("required_flags", 0) & o.get("excluded_flags", 2816)))
windows_of_chr1 = st.lists(
    st.tuples(st.integers(0, 399), st.integers(1, 60)).map(lambda w: (w[0], min(400, w[0] + w[1]))),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize("count", COUNTS)
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_counts_equal_a_loop_over_the_reads(
    tmp_path_factory: pytest.TempPathFactory, count: str, data: st.DataObject
) -> None:
    """Wrong filters, strands or ends would be wrong training targets that nobody sees."""
    path = write_bam(
        tmp_path_factory.mktemp("bam") / "a.bam", [*data.draw(files()), *pair("x", 0, 40)]
    )
    how = data.draw(options)
    if count in ("five_prime", "cut_sites"):
        how["shift"] = data.draw(st.sampled_from([(0, 0), (4, -5), (-30, 30)]))
    elif count == "depth":
        how["min_base_quality"] = data.draw(st.sampled_from([0, 1, 20, 41]))
    if count in ("cut_sites", "fragments"):
        how["max_fragment_length"] = data.draw(st.sampled_from([50, 2000]))
    reader = BAM(path, count=count, **how)
    windows = data.draw(windows_of_chr1)
    expected = naive(path, "chr1", 400, count, **how)
    gap = painting._GAP
    try:
        painting._GAP = data.draw(st.sampled_from([0, 20, 2000]))
        found = read_windows(reader, "chr1", windows)
    finally:
        painting._GAP = gap
    for (start, end), values in zip(sorted(windows), found, strict=True):
        np.testing.assert_array_equal(values, expected[:, start:end], err_msg=f"{start}-{end}")


@pytest.fixture
def one_pair(tmp_path: Path) -> Path:
    return write_bam(tmp_path / "one.bam", pair("a", 10, 40))


@pytest.mark.parametrize(
    "window", [(15, 35), (22, 28), (0, 60), (39, 40), (40, 50), (0, 10)], ids=str
)
def test_a_fragment_covers_windows_between_its_mates(
    one_pair: Path, window: tuple[int, int]
) -> None:
    """Case 38: fragment 10-40; the published package loses it in windows 15-35 and 22-28."""
    [found] = read_windows(BAM(one_pair, count="fragments"), "chr1", [window])
    assert found.tolist() == [[int(10 <= i < 40) for i in range(*window)]]


@pytest.mark.parametrize(("shift", "sites"), [((0, 0), [10, 39]), ((4, -5), [14, 34])], ids=str)
def test_cut_sites_are_the_fragments_ends(
    one_pair: Path, shift: tuple[int, int], sites: list[int]
) -> None:
    [whole] = read_windows(BAM(one_pair, count="cut_sites", shift=shift), "chr1", [(0, 60)])
    assert np.flatnonzero(whole[0]).tolist() == sites
    [apart] = read_windows(
        BAM(one_pair, count="cut_sites", shift=shift, stranded=True), "chr1", [(0, 60)]
    )
    assert [np.flatnonzero(strand).tolist() for strand in apart] == [[sites[0]], [sites[1]]]


def test_shifted_ends_reach_windows_without_their_read(tmp_path: Path) -> None:
    """A read that ends before a window still has its shifted end in it."""
    path = write_bam(tmp_path / "a.bam", [line("f", 0, 20), line("r", REVERSE, 60)])
    reader = BAM(path, count="five_prime", shift=(15, -25))
    assert [f.tolist() for f in read_windows(reader, "chr1", [(35, 37), (44, 46)])] == [
        [[1, 0]],
        [[1, 0]],
    ]


def test_what_begins_before_a_stretch_of_the_index_is_found(tmp_path: Path) -> None:
    """Indexes know stretches of 16,384 bp: the left read of a fragment may be listed in another one."""
    lines = [*pair("a", 16_300, 17_500), line("f", 0, 16_370), line("later", 0, 17_600)]
    path = write_bam(tmp_path / "a.bam", lines, {"chr1": 40_000})
    [found] = read_windows(BAM(path, count="fragments"), "chr1", [(16_990, 17_000)])
    assert found.tolist() == [[1] * 10]
    [found] = read_windows(
        BAM(path, count="cut_sites", shift=(700, -5)), "chr1", [(16_999, 17_002)]
    )
    assert found.tolist() == [[0, 1, 0]]
    [found] = read_windows(BAM(path, count="five_prime", shift=(20, 0)), "chr1", [(16_389, 16_392)])
    assert found.tolist() == [[0, 1, 0]]


def test_mates_that_overlap_count_once_each(tmp_path: Path) -> None:
    path = write_bam(tmp_path / "a.bam", pair("a", 10, 25))
    [found] = read_windows(BAM(path), "chr1", [(9, 26)])
    assert found[0].tolist() == [0] + [1] * 5 + [2] * 5 + [1] * 5 + [0]


@pytest.fixture(params=[1, 2, 7, None])
def rows_per_block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param:
        monkeypatch.setattr(
            sys.modules["seqdata.build"], "block_rows", lambda ds, **_: request.param
        )


ROWS = [("chr1", 100, 130), ("chr2", 0, 30), ("chr1", 0, 30), ("chr1", 370, 400), ("chr2", 60, 90),
        ("chr1", 110, 140), ("chr3", 20, 50), ("chr1", 100, 130), ("chr1", 5, 35)]  # fmt: skip


@pytest.mark.usefixtures("rows_per_block")
@pytest.mark.parametrize("count", COUNTS)
def test_built_rows_are_turned_with_their_strand(tmp_path: Path, count: str) -> None:
    """Jitter room passes both ends of contigs; `-` rows run backwards with their strands exchanged."""
    rng = np.random.default_rng(0)
    lines = [text for i in range(60) for contig, size in CONTIGS.items()
             for start in [int(rng.integers(0, size - 30))]
             for text in pair(f"{contig}{i}", start, start + 30, contig=contig)]  # fmt: skip
    a = write_bam(tmp_path / "a.bam", lines)
    b = write_bam(tmp_path / "b.bam", lines[:100])
    strands = [*"+-.-+-+-."]
    table = pd.DataFrame(ROWS, columns=["chrom", "chromStart", "chromEnd"]).assign(strand=strands)
    reader = BAM({"liver": a, "brain": b}, count=count, stranded=True)
    ds = sd.build(table, max_jitter=5, x=reader)
    assert ds["x"].dims == ("_sequence", "x_sample", "_strand", "_length")
    assert ds["x_sample"].values.tolist() == ["liver", "brain"]
    assert ds["x"].dtype == np.uint32
    for number, path in enumerate((a, b)):
        for row, ((contig, start, end), strand) in enumerate(zip(ROWS, strands, strict=True)):
            whole = naive(path, contig, CONTIGS[contig], count, stranded=True)
            expected = np.pad(whole, ((0, 0), (5, 5)))[:, start : end + 10]
            if strand == "-":
                expected = expected[::-1, ::-1]
            np.testing.assert_array_equal(ds["x"].values[row, number], expected)


def test_what_is_built_follows_the_contract(one_pair: Path) -> None:
    table = pd.DataFrame({"chrom": ["chr1"] * 2, "chromStart": [0, 20], "chromEnd": [30, 50]})
    for dtype in ("uint16", "uint32", "float32"):
        ds = sd.build(table, x=BAM(one_pair, dtype=dtype))
        assert ds["x"].dtype == dtype
        assert_conforms(ds)


def coverage(path: Path, contig: str, size: int) -> np.ndarray:
    with pyBigWig.open(str(path)) as file:
        return np.nan_to_num(file.values(contig, 0, size, numpy=True))


@pytest.mark.parametrize(
    ("file", "track", "how"),
    [
        ("phix174/phiX174", ["coverage"], {}),
        ("human_hg38_chr22_ctcf/ctcf_chip", ["coverage"], {}),
        (
            "human_hg38_chr22_ctcf/ctcf_chip",
            ["5prime_plus", "5prime_minus"],
            {"count": "five_prime", "stranded": True},
        ),
        ("human_hg19_chr20_na12878/NA12878", ["coverage"], {"keep_duplicates": True}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_real_tracks_are_equal_to_the_files_derived_from_the_reads(
    mirror: Path, file: str, track: list[str], how: dict[str, Any]
) -> None:
    base = mirror / "region_fixtures" / file
    reader = BAM(f"{base}.bam", **how)
    with pyBigWig.open(f"{base}.{track[0]}.bw") as first:
        contig, size = next(iter(first.chroms().items()))
    expected = np.stack([coverage(Path(f"{base}.{name}.bw"), contig, size) for name in track])
    assert expected.sum() > 0
    low = max(0, int(np.flatnonzero(expected.any(axis=0))[0]) - 1000)
    high = min(size, int(np.flatnonzero(expected.any(axis=0))[-1]) + 1000)
    rng = np.random.default_rng(0)
    starts = np.append(rng.integers(low, max(low + 1, high - 300), 300), [low, low + 1])
    windows = [(int(start), min(int(start) + 300, size)) for start in starts]
    for (start, end), found in zip(
        sorted(windows), read_windows(reader, contig, windows), strict=True
    ):
        np.testing.assert_array_equal(found, expected[:, start:end])


@pytest.mark.parametrize("count", COUNTS)
def test_real_pairs_agree_with_a_loop(mirror: Path, count: str) -> None:
    base = mirror / "region_fixtures"
    for path, contig, bounds in [
        (base / "human_hg19_chr20_na12878/NA12878.bam", "chr20", (9_999_500, 10_002_500)),
        (base / "seqdata_simulated/simulated1.bam", "chr2", (0, 400)),
        (base / "seqdata_simulated/simulated2.bam", "chr7", (0, 110)),
    ]:
        how: dict[str, Any] = {"stranded": True, "min_mapping_quality": 30}
        reader = BAM(path, count=count, **how)
        size = reader.contigs()[contig]
        high = min(bounds[1], size)
        [found] = read_windows(reader, contig, [(bounds[0], high)])
        expected = naive(path, contig, high, count, **how)
        assert expected.any()
        np.testing.assert_array_equal(found, expected[:, bounds[0] :])


def test_single_reads_where_pairs_are_wanted_raise(mirror: Path) -> None:
    """Case 40: the published package gives zeros without a word."""
    path = mirror / "region_fixtures/human_hg38_chr22_ctcf/ctcf_chip.bam"
    for count in ("cut_sites", "fragments"):
        with pytest.raises(ValueError, match=r"ctcf_chip.bam must hold paired reads.*five_prime"):
            BAM(path, count=count)


def test_reads_that_are_all_left_out_are_logged_once(
    mirror: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The reads of phiX174 are paired but not proper: fragments would be zeros without a word."""
    reader = BAM(mirror / "region_fixtures/phix174/phiX174.bam", count="fragments")
    with caplog.at_level(logging.WARNING):
        [found] = read_windows(reader, "phiX174", [(0, 5386)])
        read_windows(reader, "phiX174", [(0, 5386)])
    assert not found.any()
    [message] = caplog.messages
    assert message.startswith("phiX174.bam: none of 2")
    assert "not of a proper pair" in message


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"min_mapping_quality": 61}, "below min_mapping_quality"),
        ({"required_flags": 16}, "without every flag of required_flags"),
        ({"excluded_flags": 1}, "with a flag of excluded_flags, or duplicates"),
    ],
)
def test_the_filter_that_takes_all_is_named(
    one_pair: Path, caplog: pytest.LogCaptureFixture, how: dict[str, int], why: str
) -> None:
    read_windows(BAM(one_pair, **how), "chr1", [(5, 22)])
    assert caplog.messages == [
        f"one.bam: none of 1 reads in the windows on chr1 is counted; 1 are {why}"
    ]


def test_windows_without_reads_say_nothing(
    one_pair: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for count in COUNTS:
        found = read_windows(BAM(one_pair, count=count), "chr1", [(200, 210), (390, 400)])
        assert not any(f.any() for f in found)
        assert not np.any(read_windows(BAM(one_pair, count=count), "chr2", [(0, 90)]))
    assert caplog.messages == []


def test_fragments_that_are_too_long_are_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_bam(tmp_path / "a.bam", [*pair("a", 0, 300), *pair("b", 10, 60)])
    reader = BAM(path, count="fragments", max_fragment_length=299)
    [found] = read_windows(reader, "chr1", [(0, 400)])
    assert found.sum() == 50
    assert any(
        "longer than max_fragment_length (299 bp), which are not" in m for m in caplog.messages
    )
    [found] = read_windows(
        BAM(path, count="fragments", max_fragment_length=300), "chr1", [(150, 151)]
    )
    assert found.tolist() == [[1]]


def test_counts_never_wrap(tmp_path: Path) -> None:
    """300 reads in 8 bits were 44 in the published package."""
    path = write_bam(tmp_path / "a.bam", [line(f"r{i}", 0, 50) for i in range(300)])
    with pytest.raises(
        ValueError,
        match=r"found 300 at position 50 .* of a.bam, chr1, and uint8 .* 255.*dtype='uint32'",
    ):
        read_windows(BAM(path, dtype="uint8"), "chr1", [(40, 70)])
    [found] = read_windows(BAM(path, dtype="uint16"), "chr1", [(40, 70)])
    assert found.max() == 300


def test_counts_beside_the_windows_may_be_large(tmp_path: Path) -> None:
    """What lies between two windows that are read in one go is nobody's count."""
    path = write_bam(tmp_path / "a.bam", [line(f"r{i}", 0, 50) for i in range(300)])
    reader = BAM(path, dtype="uint8")
    assert not any(f.any() for f in read_windows(reader, "chr1", [(10, 50), (60, 90)]))


def test_duplicates_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    path = write_bam(tmp_path / "a.bam", [line("a", 0, 5), line("b", 1024, 5)])
    assert read_windows(BAM(path), "chr1", [(5, 6)])[0].tolist() == [[1]]
    assert read_windows(BAM(path, keep_duplicates=True), "chr1", [(5, 6)])[0].tolist() == [[2]]


def test_reads_with_very_many_operations_are_counted(tmp_path: Path) -> None:
    """Beyond 65,535 operations, as in long nanopore reads, BAM keeps them in a tag."""
    contigs = {"chr1": 300_000}
    text = line("long", 0, 100, "1M1D" * 40_000 + "1M")
    text += "\tNM:i:3\tXA:Z:some text\tXB:B:s,1,2,3\tXC:A:x\tXF:f:1.5"
    path = write_bam(tmp_path / "a.bam", [text], contigs)
    [found] = read_windows(BAM(path), "chr1", [(90, 81_000)])
    expected = np.zeros(81_000 - 90, int)
    expected[10 : 10 + 80_001 : 2] = 1
    np.testing.assert_array_equal(found[0], expected)


def test_reads_without_letters_or_qualities_are_counted_whole(tmp_path: Path) -> None:
    text = line("a", 0, 5, "10M").split("\t")
    bare = "\t".join([*text[:9], "*", "*"])
    unsure = "\t".join([*text[:10], "*"])
    path = write_bam(tmp_path / "a.bam", [bare, unsure])
    [found] = read_windows(BAM(path, min_base_quality=30), "chr1", [(4, 16)])
    assert found[0].tolist() == [0] + [2] * 10 + [0]


@pytest.mark.parametrize("kind", ["bai", "csi"])
def test_far_windows_of_a_large_file_are_found_by_either_index(tmp_path: Path, kind: str) -> None:
    """An offset too late in the file would lose reads at some places only."""
    rng = np.random.default_rng(0)
    contigs = {"chr1": 3_000_000, "empty": 1000, "chr2": 600_000_000 if kind == "csi" else 500_000}
    lines = [
        line(f"a{i}", 0, int(s), "50M") for i, s in enumerate(rng.integers(0, 2_999_900, 4000))
    ]
    lines += [
        line(f"l{i}", 0, int(s), "10M90000N10M")
        for i, s in enumerate(rng.integers(0, 2_000_000, 9))
    ]
    last = contigs["chr2"] - 100
    lines += [line("z", 0, last, contig="chr2"), line("y", 0, 300_000, contig="chr2")]
    path = write_bam(tmp_path / "a.bam", lines, contigs, index=False)
    pysam.index(*(["-c"] if kind == "csi" else []), str(path))
    assert Path(f"{path}.{kind}").exists()
    reader = BAM(path)
    expected = naive(path, "chr1", 3_000_000, "depth")
    windows = [(int(s), int(s) + 100) for s in rng.integers(0, 2_999_900, 300)]
    for window, found in zip(sorted(windows), read_windows(reader, "chr1", windows), strict=True):
        np.testing.assert_array_equal(found, expected[:, slice(*window)])
    assert not np.any(read_windows(reader, "empty", [(0, 1000)]))
    sums = [
        int(f.sum())
        for f in read_windows(reader, "chr2", [(0, 50), (299_995, 300_005), (last, last + 90)])
    ]
    assert sums == [0, 5, 10]


def test_a_missing_index_is_made_beside_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_bam(tmp_path / "a.bam", pair("a", 10, 40), index=False)
    [found] = read_windows(BAM(path), "chr1", [(10, 12)])
    assert found.tolist() == [[1, 1]]
    assert caplog.messages == ["a.bam has no index; it is made beside the file"]
    assert sorted(os.listdir(tmp_path)) == ["a.bam", "a.bam.bai"]


def test_contigs_too_long_for_one_kind_of_index_get_the_other(tmp_path: Path) -> None:
    contigs = {"chr1": 700_000_000}
    path = write_bam(tmp_path / "a.bam", [line("a", 0, 650_000_000)], contigs, index=False)
    [found] = read_windows(BAM(path), "chr1", [(650_000_000, 650_000_011)])
    assert found.sum() == 10


def test_an_index_that_cannot_be_made_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_bam(tmp_path / "a.bam", pair("a", 10, 40), index=False)
    with monkeypatch.context() as patched:
        patched.setattr(os, "access", lambda *_: False)
        with pytest.raises(
            ValueError, match=r"none, and .* cannot be written. Run: samtools index a.bam"
        ):
            BAM(path)
    header = pysam.AlignmentHeader.from_references(["chr1"], [400])
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        for start in (50, 10):
            file.write(pysam.AlignedSegment.fromstring(line("a", 0, start), header))
    with pytest.raises(
        ValueError, match=r"none can be made.*sorted by position.*samtools index a.bam"
    ):
        BAM(path)
    assert os.listdir(tmp_path) == ["a.bam"]


def test_an_index_older_than_its_file_is_told(
    one_pair: Path, caplog: pytest.LogCaptureFixture
) -> None:
    os.utime(f"{one_pair}.bai", (1, 1))
    BAM(one_pair)
    assert "one.bam.bai is older than one.bam" in caplog.text


def test_an_index_of_another_file_is_refused(tmp_path: Path) -> None:
    """It would point into the middle of reads, or at another contig, whose reads are none of ours."""
    rng = np.random.default_rng(0)
    many = [line(f"r{i}", 0, int(s), contig=c) for c in ("chr1", "chr2") for i, s in
            enumerate(rng.integers(0, 70, 3000))]  # fmt: skip
    path = write_bam(tmp_path / "a.bam", many)
    write_bam(tmp_path / "b.bam", [line("x", 0, 3, contig="chr2")])
    os.replace(tmp_path / "b.bam.bai", f"{path}.bai")
    with pytest.raises(ValueError, match=r"a.bam must hold reads of chr2 where its index points"):
        read_windows(BAM(path), "chr2", [(0, 20)])
    Path(f"{path}.bai").write_bytes(b"BAI\1\7\0")
    with pytest.raises(ValueError, match=r"a.bam.bai must be a .bai, .tbi or .csi index"):
        BAM(path)
    Path(f"{path}.bai").write_bytes(b"some text")
    with pytest.raises(ValueError, match=r"begins with b'some'"):
        read_index(f"{path}.bai")


def big(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    lines = [line(f"r{i}", 0, int(s), bases="".join(map(chr, rng.integers(33, 75, 10))))
             for i, s in enumerate(rng.integers(0, 390, 9000))]  # fmt: skip
    return write_bam(tmp_path / "a.bam", lines)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = big(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ValueError, match=r"a.bam must be a whole BAM file; .*truncated"):
        BAM(path)


def test_a_file_damaged_in_the_middle_is_refused(tmp_path: Path) -> None:
    path = big(tmp_path)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2000] = bytes(2000)
    path.write_bytes(data)
    reader = BAM(path)
    with pytest.raises(ValueError, match=r"a.bam cannot be decompressed: it is damaged"):
        read_windows(reader, "chr1", [(0, 400)])


def test_what_is_no_bam_is_refused(tmp_path: Path, one_pair: Path) -> None:
    text = tmp_path / "a.bam"
    text.write_text("chr1 0 5\n")
    with pytest.raises(ValueError, match=r"a.bam must be a whole BAM file; it cannot be read"):
        BAM(text)
    sam = tmp_path / "b.bam"
    sam.write_text("@SQ\tSN:chr1\tLN:400\n" + line("a", 0, 5) + "\n")
    with pytest.raises(
        ValueError, match=r"b.bam must be a BAM file; found SAM or CRAM.*samtools view -b"
    ):
        BAM(sam)
    with pytest.raises(FileNotFoundError, match=r"no BAM file at .*c.bam"):
        BAM(tmp_path / "c.bam")
    with pytest.raises(ValueError, match="at least one BAM file; found none"):
        BAM({})


def test_files_of_two_genomes_are_refused(tmp_path: Path) -> None:
    a = write_bam(tmp_path / "a.bam", pair("a", 10, 40))
    b = write_bam(tmp_path / "b.bam", pair("a", 10, 40), {"chr1": 399, "chr9": 5})
    with pytest.raises(ValueError, match=r"b.bam gives chr1 399 bp, the files before it 400 bp"):
        BAM({"a": a, "b": b})
    c = write_bam(tmp_path / "c.bam", pair("a", 10, 40), {"chr9": 5, "chr1": 400})
    reader = BAM({"a": a, "c": c})
    assert reader.contigs() == {"chr1": 400}
    [found] = read_windows(reader, "chr1", [(9, 11)])  # chr1 has another number in each file
    assert found.tolist() == [[0, 1], [0, 1]]


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"count": "coverage"}, r"count must be 'depth', 'five_prime', 'cut_sites' or 'fragments'"),
        ({"shift": (4, -5)}, r"shift must be \(0, 0\) where no ends are counted; found \(4, -5\)"),
        ({"count": "five_prime", "shift": 4}, r"shift must be two whole numbers.*found 4"),
        ({"count": "five_prime", "shift": (4, 10**6)}, r"shift must be a whole number from -10000"),
        (
            {"count": "fragments", "min_base_quality": 9},
            r"min_base_quality must be 0 for count='frag",
        ),
        ({"min_mapping_quality": -1}, r"min_mapping_quality must be a whole number from 0 to 255"),
        ({"stranded": "yes"}, r"stranded must be True or False"),
        ({"required_flags": 256}, r"required_flags must be flags that are not left out; found 256"),
        ({"required_flags": 1024}, r"keep_duplicates=True for 1024"),
        ({"excluded_flags": 1024, "keep_duplicates": True}, r"excluded_flags must not hold 1024"),
        ({"max_fragment_length": 0}, r"max_fragment_length must be a whole number from 1"),
        ({"dtype": "int64"}, r"dtype must be 'uint8', 'uint16', 'uint32' or 'float32'; found"),
        ({"dtype": "no type"}, r"dtype must be 'uint8'"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(
    one_pair: Path, how: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        BAM(one_pair, **how)


def test_a_reader_goes_to_other_processes(one_pair: Path) -> None:
    reader = pickle.loads(pickle.dumps(BAM({"s": one_pair}, count="fragments", stranded=True)))
    assert reader.files() == [str(one_pair)]
    [found] = read_windows(reader, "chr1", [(9, 12)])
    assert found.tolist() == [[0, 1, 1], [0, 0, 0]]
    assert isinstance(reader, sd.readers.protocol.RegionSource)
