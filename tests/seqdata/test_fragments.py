"""Fragment files: counts equal a plain loop over the lines, for every kind of file and group of cells."""

from __future__ import annotations

import gzip
import logging
import os
import pickle
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
from seqdata.readers import fragments, painting
from seqdata.readers.fragments import Fragments
from seqdata.testing import assert_conforms

SIZES = {"chr1": 300, "chr2": 80, "chrM": 40}
CELLS = ("AAAC-1", "AAAG-1", "C", "GGGGTTTT-1", "TT")
GROUPS = {"TT": "glia", "AAAC-1": "neuron", "C": "glia"}
Line = tuple[str, int, int, str, int]


def write(path: Path, lines: list[Line], kind: str, *, columns: int = 5) -> Path:
    """A plain, gzipped or bgzipped file; only the last is in order, with comments and an index."""
    ordered = sorted(lines, key=lambda each: (list(SIZES).index(each[0]), each[1]))
    text = "".join(
        "\t".join(map(str, each[:columns])) + "\n"
        for each in (ordered if kind in ("tbi", "csi") else lines)
    )
    data = ("# id=sample\n# primary contig\n" + text).encode()
    if kind == "tsv":
        path = path.with_suffix(".tsv")
        path.write_bytes(data)
        return path
    path = path.with_suffix(".tsv.gz")
    if kind == "gz":
        path.write_bytes(gzip.compress(data))
        return path
    with pysam.BGZFile(str(path), "w") as file:
        file.write(data)
    pysam.tabix_index(str(path), preset="bed", csi=kind == "csi", force=True)
    return path


def naive(
    lines: list[Line], contig: str, count: str, *, stranded: bool = False,
    shift: tuple[int, int] = (0, 0), groups: dict[str, str] | None = None, weights: bool = False,
) -> np.ndarray:  # fmt: skip
    """Counts of a whole contig, one fragment and one base at a time."""
    names = [""] if groups is None else list(dict.fromkeys(groups.values()))
    out = np.zeros((len(names), 2, SIZES[contig]), np.int64)
    for name, start, end, barcode, reads in lines:
        if name != contig or (groups is not None and barcode not in groups):
            continue
        group = 0 if groups is None else names.index(groups[barcode])
        places = (
            [(0, start + shift[0]), (1, end - 1 + shift[1])]
            if count == "cut_sites"
            else [(0, i) for i in range(start, end)]
        )
        for strand, position in places:
            if 0 <= position < SIZES[contig]:
                out[group, strand, position] += reads if weights else 1
    return out.reshape(-1, SIZES[contig]) if stranded else out.sum(axis=1)


def read_windows(
    reader: Fragments, contig: str, windows: list[tuple[int, int]]
) -> list[np.ndarray]:
    bounds = np.array(sorted(windows), np.int64)
    sizes = bounds[:, 1] - bounds[:, 0]
    places = np.cumsum(sizes) - sizes
    axes = tuple(len(axis.labels) for axis in reader.axes())
    out = np.zeros((*axes, int(sizes.sum())), reader.dtype)
    reader.read(contig, bounds[:, 0].copy(), bounds[:, 1].copy(), out, places)
    return np.split(out.reshape(-1, out.shape[-1]), places[1:], axis=1)


@st.composite
def many_lines(draw: st.DrawFn) -> list[Line]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    lines = [("chr1", 0, 300, "TT", 2)]
    for _ in range(draw(st.integers(0, 60))):
        contig = str(rng.choice(["chr1", "chr2"]))
        start = int(rng.integers(0, SIZES[contig] - 1))
        end = int(rng.integers(start + 1, SIZES[contig] + 1))
        lines.append((contig, start, end, str(rng.choice(CELLS)), int(rng.integers(0, 9))))
    return lines


@pytest.mark.parametrize("kind", ["tsv", "gz", "tbi", "csi"])
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_counts_equal_a_loop_over_the_lines(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    lines = data.draw(many_lines())
    path = write(tmp_path_factory.mktemp("f") / "a", lines, kind)
    count = data.draw(st.sampled_from(["cut_sites", "fragments"]))
    how: dict[str, Any] = {
        "groups": data.draw(st.sampled_from([None, GROUPS])),
        "weights": data.draw(st.booleans()),
    }
    if count == "cut_sites":
        how |= {
            "stranded": data.draw(st.booleans()),
            "shift": data.draw(st.sampled_from([(0, 0), (4, -5), (-20, 30)])),
        }
    reader = Fragments(path, contig_sizes=SIZES, count=count, **how)
    gap = painting._GAP
    for contig in SIZES:
        size = SIZES[contig]
        spans = st.tuples(st.integers(0, size - 1), st.integers(1, 50))
        windows = [
            (a, min(a + n, size)) for a, n in data.draw(st.lists(spans, min_size=1, max_size=6))
        ]
        expected = naive(lines, contig, count, **how)
        try:
            painting._GAP = data.draw(st.sampled_from([0, 2000]))
            found = read_windows(reader, contig, windows)
        finally:
            painting._GAP = gap
        for (start, end), values in zip(sorted(windows), found, strict=True):
            np.testing.assert_array_equal(values, expected[:, start:end])


@pytest.mark.parametrize("kind", ["tbi", "gz"])
@pytest.mark.parametrize(
    ("count", "tracks"),
    [("fragments", ["coverage"]), ("cut_sites", ["cuts_plus", "cuts_minus"])],
)
def test_real_tracks_are_equal_to_the_files_derived_from_the_fragments(
    mirror: Path, tmp_path: Path, kind: str, count: str, tracks: list[str]
) -> None:
    """A whole yeast genome, from bgzip with its index, and from plain gzip held in memory."""
    base = mirror / "region_fixtures/yeast_sacCer3_atac"
    path = base / "SRR1822137.fragments.bed.gz"
    if kind == "gz":
        path = tmp_path / "SRR1822137.bed.gz"
        original = gzip.decompress((base / "SRR1822137.fragments.bed.gz").read_bytes())
        path.write_bytes(gzip.compress(original, 1))
    reader = Fragments(
        path, contig_sizes=base / "sacCer3.fa.fai", count=count, stranded=count == "cut_sites"
    )
    rng = np.random.default_rng(0)
    for contig, size in reader.contigs().items():
        expected = []
        for name in tracks:
            with pyBigWig.open(str(base / f"SRR1822137.{name}.bw")) as file:
                expected.append(np.nan_to_num(file.values(contig, 0, size, numpy=True)))
        windows = [(int(a), int(a) + 500) for a in rng.integers(0, size - 500, 40)]
        windows += [(0, 700), (size - 9, size), (size // 2, size)]
        found = read_windows(reader, contig, windows)
        for (start, end), values in zip(sorted(windows), found, strict=True):
            np.testing.assert_array_equal(values, np.stack(expected)[:, start:end])


def test_built_rows_are_turned_and_groups_stand_under_their_names(tmp_path: Path) -> None:
    lines: list[Line] = [
        ("chr1", 5, 50, "TT", 1),
        ("chr1", 20, 61, "AAAC-1", 3),
        ("chr2", 0, 80, "C", 1),
    ]
    path = write(tmp_path / "a", lines, "tbi")
    table = pd.DataFrame(
        {"chrom": ["chr1", "chr2", "chr1"], "chromStart": [0, 40, 10], "chromEnd": [40, 80, 50],
         "strand": ["+", "-", "-"]}
    )  # fmt: skip
    reader = Fragments(path, contig_sizes=SIZES, stranded=True, groups=GROUPS, dtype="uint16")
    ds = sd.build(table, max_jitter=7, cuts=reader)
    assert ds["cuts_sample"].values.tolist() == ["glia", "neuron"]
    assert ds["cuts"].dims == ("_sequence", "cuts_sample", "_strand", "_length")
    for row, (contig, start, end, strand) in enumerate(table.itertuples(index=False)):
        whole = naive(lines, contig, "cut_sites", stranded=True, groups=GROUPS)
        expected = np.pad(whole, ((0, 0), (7, 7)))[:, start : end + 14].reshape(2, 2, -1)
        if strand == "-":
            expected = expected[:, ::-1, ::-1]
        np.testing.assert_array_equal(ds["cuts"].values[row], expected)
    assert_conforms(ds)


def test_files_stand_under_their_names(tmp_path: Path) -> None:
    a = write(tmp_path / "a", [("chr1", 1, 3, "C", 1)], "tsv", columns=3)
    b = write(tmp_path / "b", [("chr1", 2, 4, "C", 1)], "gz", columns=3)
    reader = Fragments({"x": b, "y": a}, contig_sizes=SIZES, count="fragments")
    assert reader.samples == ("x", "y")
    [found] = read_windows(reader, "chr1", [(0, 5)])
    assert found.tolist() == [[0, 0, 1, 1, 0], [0, 1, 1, 0, 0]]
    assert Fragments(b, contig_sizes=SIZES).samples == ("b",)


def test_groups_come_from_a_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a", [("chr1", 0, 9, cell, 1) for cell in CELLS], "gz")
    tab, comma = tmp_path / "g.tsv", tmp_path / "g.csv"
    tab.write_text("# barcode, group\nC\tone\nTT\ttwo words\nAAAC-1\tone\n")
    comma.write_text("C,one\r\nTT,two words\r\nAAAC-1,one\r\n")
    for groups in (tab, comma):
        reader = Fragments(path, contig_sizes=SIZES, groups=groups)
        assert reader.samples == ("one", "two words")
        assert read_windows(reader, "chr1", [(0, 1)])[0].tolist() == [[2], [1]]
    tab.write_text("C one\n")
    with pytest.raises(ValueError, match=r"groups: g.tsv must have two columns.*found 'C one'"):
        Fragments(path, contig_sizes=SIZES, groups=tab)


@pytest.mark.parametrize("kind", ["tbi", "gz"])
def test_barcodes_in_no_group_are_counted_in_the_log_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """A suffix such as -1 on one side only would else be zeros without a word."""
    path = write(tmp_path / "a", [("chr1", i, i + 9, "AAAC-1", 1) for i in range(5)], kind)
    reader = Fragments(path, contig_sizes=SIZES, groups={"AAAC": "all"})
    for _ in range(2):
        [found] = read_windows(reader, "chr1", [(0, 30)])
        assert not found.any()
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "5 of 5 fragments in the windows on chr1 are of barcodes in no group" in record.message
    assert record.message.endswith("groups has barcodes such as AAAC, the file AAAC-1")


@pytest.mark.parametrize("kind", ["tbi", "tsv"])
@pytest.mark.parametrize(
    ("text", "how", "message"),
    [
        ("chr1\t5\t5", {}, r"must have contig, start and a larger end; found 'chr1.t5.t5"),
        ("chr1\t5\t301", {}, r"must end within their contig; found 'chr1.t5.t301.*contig_sizes"),
        ("chr1\t5\t9\tC\tx", {"weights": True}, r"barcode and number of reads"),
        ("chr1\t5\t9\tC\t-1", {"weights": True}, r"barcode and number of reads.*found 'chr1"),
    ],
)
def test_lines_that_are_no_fragments_are_shown(
    tmp_path: Path, kind: str, text: str, how: dict[str, Any], message: str
) -> None:
    path = tmp_path / ("a.tsv.gz" if kind == "tbi" else "a.tsv")
    data = f"chr1\t1\t9\tC\t1\n{text}\n".encode()
    if kind == "tsv":
        path.write_bytes(data)
    else:
        with pysam.BGZFile(str(path), "w") as file:
            file.write(data)
    reader = Fragments(path, contig_sizes=SIZES, **how)
    with pytest.raises(ValueError, match=message):
        read_windows(reader, "chr1", [(0, 50)])


def test_what_has_not_the_columns_asked_for_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a", [("chr1", 0, 9, "C", 1)], "gz", columns=3)
    with pytest.raises(ValueError, match=r"a.tsv.gz must have 4 columns.*found 'chr1"):
        Fragments(path, contig_sizes=SIZES, groups=GROUPS)
    with pytest.raises(ValueError, match=r"must have 5 columns"):
        Fragments(path, contig_sizes=SIZES, weights=True)
    spaces = tmp_path / "b.bed"
    spaces.write_text("chr1 0 9\n")
    with pytest.raises(ValueError, match=r"b.bed must have 3 columns, with tabs"):
        Fragments(spaces, contig_sizes=SIZES)


@pytest.mark.parametrize("kind", ["tbi", "gz"])
def test_contigs_of_other_names_are_refused(tmp_path: Path, kind: str) -> None:
    """1 against chr1 would else be zeros without a word."""
    path = write(tmp_path / "a", [("chr1", 0, 9, "C", 1)], kind)
    with pytest.raises(
        ValueError,
        match=r"contig_sizes must name the contigs of a.tsv.gz; found chr1 in.*and 1, 2 in",
    ):
        read_windows(Fragments(path, contig_sizes={"1": 300, "2": 80}), "1", [(0, 9)])


def test_a_missing_index_is_made_beside_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(tmp_path / "a", [("chr1", 0, 9, "C", 1)], "tbi")
    os.remove(f"{path}.tbi")
    [found] = read_windows(Fragments(path, contig_sizes=SIZES), "chr1", [(0, 9)])
    assert found.sum() == 2
    assert caplog.messages == ["a.tsv.gz has no index; it is made beside the file"]
    assert sorted(os.listdir(tmp_path)) == ["a.tsv.gz", "a.tsv.gz.tbi"]


def test_where_no_index_can_be_made_the_file_is_held_in_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.tsv.gz"
    with pysam.BGZFile(str(path), "w") as file:
        file.write(b"chr1\t50\t60\nchr1\t10\t20\n")  # not in order
    [found] = read_windows(Fragments(path, contig_sizes=SIZES), "chr1", [(0, 300)])
    assert np.flatnonzero(found[0]).tolist() == [10, 19, 50, 59]
    assert "the whole file is read into memory instead" in caplog.text
    assert os.listdir(tmp_path) == ["a.tsv.gz"]


def test_too_many_fragments_to_hold_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a", [("chr1", i, 200, "C", 1) for i in range(9)], "gz")
    monkeypatch.setattr(fragments, "_HELD", 8)
    with pytest.raises(
        ValueError, match=r"more than 8 fragments do not go into memory.*tabix -p bed"
    ):
        read_windows(Fragments(path, contig_sizes=SIZES), "chr1", [(0, 9)])


def test_a_large_file_is_read_where_windows_are(tmp_path: Path) -> None:
    """Lines stand across the blocks that are read one after the other."""
    rng = np.random.default_rng(0)
    starts = np.sort(rng.integers(0, 2_000_000, 60_000))
    ends = starts + rng.integers(1, 700, starts.size)
    path = tmp_path / "a.tsv.gz"
    with pysam.BGZFile(str(path), "w") as file:
        file.write(
            "".join(f"chr1\t{a}\t{b}\tC\t1\n" for a, b in zip(starts, ends, strict=True)).encode()
        )
    expected = np.zeros(2_001_001, np.int64)
    np.add.at(expected, starts, 1)
    np.add.at(expected, ends, -1)
    expected = np.cumsum(expected)
    reader = Fragments(path, contig_sizes={"chr1": 2_001_000}, count="fragments")
    windows = [(int(a), int(a) + 300) for a in rng.integers(0, 2_000_000, 50)] + [(0, 2_001_000)]
    for (start, end), found in zip(
        sorted(windows), read_windows(reader, "chr1", windows), strict=True
    ):
        np.testing.assert_array_equal(found[0], expected[start:end])


def test_a_cut_site_shifted_into_another_stretch_of_the_index_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv.gz"
    with pysam.BGZFile(str(path), "w") as file:
        file.write(b"chr1\t16300\t16380\nchr1\t16500\t16600\n")
    reader = Fragments(path, contig_sizes={"chr1": 40_000}, shift=(0, 9))
    [found] = read_windows(reader, "chr1", [(16_386, 16_390)])
    assert found.tolist() == [[0, 0, 1, 0]]


def test_a_file_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    """Also where it ends between two blocks, after which there would be zeros without a word."""
    path = write(tmp_path / "a", [("chr1", i % 200, 250, "CCCC", i) for i in range(30_000)], "tbi")
    data = path.read_bytes()
    for size in (len(data) // 2, len(data) - 28, 20):
        path.write_bytes(data[:size])
        with pytest.raises(ValueError, match=r"a.tsv.gz must end with bgzip's end mark"):
            Fragments(path, contig_sizes=SIZES)
    middle = len(data) // 2
    path.write_bytes(data[:middle] + bytes(3000) + data[middle + 3000 :])
    with pytest.raises(ValueError, match=r"a.tsv.gz cannot be decompressed: it is damaged"):
        read_windows(Fragments(path, contig_sizes=SIZES), "chr1", [(0, 300)])


def test_counts_never_wrap(tmp_path: Path) -> None:
    path = write(tmp_path / "a", [("chr1", 7, 9, "C", 100)] * 3, "gz")
    with pytest.raises(
        ValueError, match=r"found 300 at position 7 .* of a.tsv.gz, chr1, and uint8"
    ):
        read_windows(
            Fragments(path, contig_sizes=SIZES, weights=True, dtype="uint8"), "chr1", [(0, 9)]
        )


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"count": "depth"}, r"count must be 'cut_sites' or 'fragments'; found 'depth'"),
        ({"count": "fragments", "stranded": True}, r"stranded must be False for count='fragments'"),
        ({"count": "fragments", "shift": (4, -5)}, r"shift must be \(0, 0\) where no ends"),
        ({"weights": "yes"}, r"weights must be True or False"),
        ({"groups": {}}, r"groups must name at least one barcode; found none"),
        ({"dtype": "int64"}, r"dtype must be 'uint8'"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(
    tmp_path: Path, how: dict[str, Any], message: str
) -> None:
    path = write(tmp_path / "a", [("chr1", 0, 9, "C", 1)], "gz")
    with pytest.raises(ValueError, match=message):
        Fragments(path, contig_sizes=SIZES, **how)


def test_groups_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a", [("chr1", 0, 9, "C", 1)], "gz")
    twice = tmp_path / "g.tsv"
    twice.write_text("C\tone\nC\ttwo\n")
    with pytest.raises(ValueError, match=r"one group; found 'C' in 'one' and 'two'"):
        Fragments(path, contig_sizes=SIZES, groups=twice)
    with pytest.raises(ValueError, match=r"groups need a single file.*found 2 files"):
        Fragments({"a": path, "b": path}, contig_sizes=SIZES, groups=GROUPS)
    with pytest.raises(FileNotFoundError, match=r"no fragment file at .*c.tsv"):
        Fragments(tmp_path / "c.tsv", contig_sizes=SIZES)


@pytest.mark.parametrize("kind", ["tbi", "gz"])
def test_a_reader_goes_to_other_processes(tmp_path: Path, kind: str) -> None:
    """What is held in memory stays behind: it is read anew."""
    path = write(tmp_path / "a", [("chr1", i, 50, "C", 1) for i in range(40)], kind)
    reader = Fragments(path, contig_sizes=SIZES, groups=GROUPS)
    expected = read_windows(reader, "chr1", [(0, 60)])
    sent = pickle.dumps(reader)
    assert len(sent) < 3000
    np.testing.assert_array_equal(read_windows(pickle.loads(sent), "chr1", [(0, 60)]), expected)
    assert isinstance(reader, sd.readers.protocol.RegionSource)
