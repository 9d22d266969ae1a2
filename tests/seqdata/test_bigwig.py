"""BigWig files: values exactly as stored, whatever windows are asked for."""

from __future__ import annotations

import pickle
import struct
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pyBigWig
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import seqdata as sd
from seqdata.readers import bigwig
from seqdata.readers.bigwig_file import BigWigFile


def naive(path: Path, contig: str, start: int, end: int, missing: float) -> np.ndarray:
    """One window by pyBigWig alone, its gaps and what lies beyond the contig filled."""
    out = np.full(end - start, missing, "f4")
    with pyBigWig.open(str(path)) as file:
        low, high = max(start, 0), min(end, file.chroms(contig))
        if high > low:
            values = np.array(file.values(contig, low, high), "f4")
            out[low - start : high - start] = np.where(np.isnan(values), missing, values)
    return out


def table(rows: list[tuple[str, int, int]], strand: str = ".") -> pd.DataFrame:
    """Regions that have these windows once they are set to the windows' length."""
    frame = pd.DataFrame(rows, columns=["chrom", "chromStart", "chromEnd"])
    before = (-frame["chromStart"]).clip(lower=0)  # a region begins on its contig, a window may not
    return frame.assign(
        chromStart=frame["chromStart"] + before, chromEnd=frame["chromEnd"] - before, strand=strand
    )


ROWS = [("chr1", 100, 120), ("chr1", -5, 15), ("chr2", 130, 150), ("chr1", 110, 130),
        ("chrM", 10, 30), ("chr1", 490, 510), ("chr2", -9, 11), ("chr1", 100, 120)]  # fmt: skip


@pytest.mark.parametrize("missing", [0.0, np.nan, -1.0], ids=str)
def test_values_are_bit_identical_to_the_file(signals: dict[str, Path], missing: float) -> None:
    ds = sd.build(table(ROWS), length=20, x=sd.BigWig(signals["a"], missing=missing))
    expected = np.stack([naive(signals["a"], *row, missing) for row in ROWS])
    assert ds["x"].dtype == np.float32
    assert ds["x"].dims == ("_sequence", "x_sample", "_length")
    assert ds["x_sample"].values.tolist() == ["a"]
    np.testing.assert_array_equal(ds["x"].values[:, 0].view("u4"), expected.view("u4"))


def test_a_contig_without_data_is_all_missing(signals: dict[str, Path]) -> None:
    rows = table([("chrM", 0, 60)])
    assert (sd.build(rows, x=sd.BigWig(signals["a"]))["x"] == 0).all()
    assert np.isnan(sd.build(rows, x=sd.BigWig(signals["a"], missing=np.nan))["x"]).all()


def test_samples_stand_under_their_names(signals: dict[str, Path]) -> None:
    files = {"liver": signals["b"], "brain": signals["a"], "eye": signals["c"]}
    ds = sd.build(table(ROWS), length=20, x=sd.BigWig(files))
    assert ds["x_sample"].values.tolist() == ["liver", "brain", "eye"]
    for sample, path in files.items():
        expected = np.stack([naive(path, *row, 0) for row in ROWS])
        np.testing.assert_array_equal(ds["x"].sel(x_sample=sample), expected)


@pytest.mark.parametrize("strand", ["+", "-"])
def test_stranded_pairs_are_turned_with_their_row(signals: dict[str, Path], strand: str) -> None:
    """On the reverse strand positions run backwards and the minus file comes first."""
    files = {"s": (signals["a"], signals["b"]), "t": (signals["c"], signals["d"])}
    ds = sd.build(table(ROWS, strand), length=20, cuts=sd.BigWig(files))
    assert ds["cuts"].dims == ("_sequence", "cuts_sample", "_strand", "_length")
    assert ds["_strand"].values.tolist() == ["+", "-"]
    for sample, pair in enumerate(files.values()):
        first, second = pair if strand == "+" else pair[::-1]
        step = 1 if strand == "+" else -1
        for row, region in enumerate(ROWS):
            found = ds["cuts"].values[row, sample]
            np.testing.assert_array_equal(found[0], naive(first, *region, 0)[::step])
            np.testing.assert_array_equal(found[1], naive(second, *region, 0)[::step])


@pytest.mark.parametrize("part", [1, 2_000, 1 << 30])
def test_how_blocks_are_divided_among_threads_changes_nothing(
    long: Path, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    rng = np.random.default_rng(0)
    rows = [("chr1", int(a), int(a) + 2_000) for a in rng.integers(0, 200_000, 50)]
    monkeypatch.setattr(bigwig, "_PART", part)
    ds = sd.build(table(rows), x=sd.BigWig(long))
    expected = np.stack([naive(long, *row, 0) for row in rows])
    np.testing.assert_array_equal(ds["x"].values[:, 0], expected)


def test_a_window_within_another_does_not_cut_it_short(signals: dict[str, Path]) -> None:
    """At a contig's start windows are cut, so that a later one can end before an earlier one."""
    rows = [("chr1", -2, 18), ("chr1", -9, 11)]
    ds = sd.build(table(rows), length=20, x=sd.BigWig(signals["a"]))
    expected = np.stack([naive(signals["a"], *row, 0) for row in rows])
    np.testing.assert_array_equal(ds["x"].values[:, 0], expected)


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file whose index has branches, with far gaps, missing values and all three kinds of blocks."""
    path = tmp_path_factory.mktemp("long") / "long.bw"
    rng = np.random.default_rng(1)
    with pyBigWig.open(str(path), "w") as file:
        file.addHeader([("chr1", 3_000_000), ("chr10", 50), ("chr2", 90_000)])
        starts = np.sort(rng.choice(200_000, 60_000, replace=False))
        values = rng.standard_normal(starts.size).astype("f4").astype(float)
        values[::50] = np.nan
        ends = np.minimum(np.append(starts[1:], 300_000), starts + rng.integers(1, 9, starts.size))
        names = ["chr1"] * starts.size
        file.addEntries(names, starts.tolist(), ends=ends.tolist(), values=values.tolist())
        file.addEntries("chr1", [2_000_000, 2_000_100, 2_900_000], values=[1.0, -0.0, 2.5], span=7)
        file.addEntries("chr2", 100, values=[float(i) for i in range(900)], span=3, step=4)
        file.addEntries("chr2", 50_000, values=[0.5] * 100, span=5, step=5)
    return path


PLACES = st.sampled_from([0, 199_000, 1_999_990, 2_900_000])


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(PLACES, st.integers(0, 3_000), st.integers(1, 3_000)), min_size=1))
def test_windows_of_any_place_and_size_are_bit_identical(
    long: Path, windows: list[tuple[int, int, int]]
) -> None:
    rows = [("chr1", near + start, near + start + size) for near, start, size in windows]
    rows += [("chr2", start, start + size) for _, start, size in windows]
    reader = sd.BigWig(long, missing=np.nan)
    found = sd.build(table([*rows, ("chr10", 0, 50)]), x=reader)
    for i, row in enumerate(rows):
        values = sd.ragged(found, "x")[i][:, 0] if "x_start" in found else found["x"].values[i, 0]
        np.testing.assert_array_equal(values.view("u4"), naive(long, *row, np.nan).view("u4"))


def without_compression(path: Path) -> bytes:
    """The same file with its blocks as they are: each is put at the end, and its leaf points there."""
    file = BigWigFile(path)
    content = bytearray(path.read_bytes())
    for contig in file.contigs:
        blocks = file.blocks(contig)
        for place, size in zip(blocks.places.tolist(), blocks.sizes.tolist(), strict=True):
            block = zlib.decompress(content[place : place + size])
            leaf = content.index(struct.pack("<2Q", place, size))
            content[leaf : leaf + 16] = struct.pack("<2Q", len(content), len(block))
            content += block
    content[52:56] = bytes(4)
    return bytes(content)


def test_blocks_may_be_uncompressed(long: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.bw"
    plain.write_bytes(without_compression(long))
    rows = table([("chr1", 0, 3_000), ("chr1", 2_000_000, 2_003_000), ("chr2", 90, 3_090)])
    found, expected = (sd.build(rows, x=sd.BigWig(path))["x"].values for path in (plain, long))
    np.testing.assert_array_equal(found, expected)
    assert expected.any(axis=-1).all()


def test_a_file_without_any_values_is_all_missing(tmp_path: Path) -> None:
    path = tmp_path / "empty.bw"
    with pyBigWig.open(str(path), "w") as file:
        file.addHeader([("chr1", 60)])
    found = sd.build(table([("chr1", 0, 60)]), x=sd.BigWig(path, missing=-1))
    assert (found["x"] == -1).all()


def test_damage_is_named_rather_than_read_as_missing(long: Path, tmp_path: Path) -> None:
    path, content = tmp_path / "a.bw", long.read_bytes()
    place = int(BigWigFile(long).blocks("chr1").places[3])
    path.write_bytes(content[:place] + bytes(50) + content[place + 50 :])
    with pytest.raises(ValueError, match=rf"a.bw is damaged at byte {place}. Copy or download it"):
        sd.build(table([("chr1", 0, 200_000)]), x=sd.BigWig(path))
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=r"a.bw (must be a bigWig file|is damaged at byte)"):
        sd.build(table([("chr1", 0, 200_000)]), x=sd.BigWig(path))


@pytest.mark.parametrize(("at", "words"), [(5, [9]), (5, [3 | 60_000 << 16]), (6, [2**31]), (2, [])],
                         ids=["kind", "count", "order", "short"])  # fmt: skip
def test_a_block_that_is_not_what_it_should_be_is_refused(
    long: Path, tmp_path: Path, at: int, words: list[int]
) -> None:
    path = tmp_path / "plain.bw"
    path.write_bytes(without_compression(long))
    blocks = BigWigFile(path).blocks("chr1")
    content = bytearray(path.read_bytes())
    place, size = int(blocks.places[0]), int(blocks.sizes[0])
    if words:
        content[place + 4 * at : place + 4 * at + 4] = struct.pack("<I", *words)
    else:
        leaf = content.index(struct.pack("<2Q", place, size))
        content[leaf + 8 : leaf + 16] = struct.pack("<Q", 4 * at)
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"plain.bw is damaged at byte {place}"):
        sd.build(table([("chr1", 0, 9_000)]), x=sd.BigWig(path))


@settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_header_or_index_ends_in_an_error_that_names_the_file(
    signals: dict[str, Path], tmp_path: Path, bytes_: list[tuple[int, int]]
) -> None:
    """Or in values: a changed name of a contig is one, too. It never hangs or ends otherwise."""
    content = bytearray(signals["a"].read_bytes())
    for place, value in bytes_:
        content[place] = value
    path = tmp_path / "damaged.bw"
    path.write_bytes(content)
    try:
        reader = sd.BigWig(path)
        for contig in reader.contigs():
            out = np.zeros((1, 50), "f4")
            reader.read(contig, np.array([0]), np.array([50]), out, np.array([0]))
    except ValueError as error:
        assert "damaged.bw" in str(error)  # noqa: PT017


def test_a_file_that_changes_while_it_is_open_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.bw", [("chr1", 9)])
    reader = sd.BigWig(path)
    written(path, [("chr1", 9), ("chr2", 900)])
    with pytest.raises(ValueError, match=r"a.bw must stay as it is while it is read"):
        sd.build(table([("chr1", 0, 9)]), x=reader)


def test_real_coverage_agrees_with_pybigwig(mirror: Path) -> None:
    path = mirror / "region_fixtures/yeast_sacCer3_atac/SRR1822137.coverage.bw"
    rng = np.random.default_rng(0)
    reader = sd.BigWig(path, missing=np.nan)
    rows = [(contig, int(a), int(a) + 400) for contig, length in reader.contigs().items()
            for a in rng.integers(-200, length - 200, 20)]  # fmt: skip
    ds = sd.build(table(rows), length=400, atac=reader)
    expected = np.stack([naive(path, *row, np.nan) for row in rows])
    np.testing.assert_array_equal(ds["atac"].values[:, 0].view("u4"), expected.view("u4"))


def written(path: Path, contigs: list[tuple[str, int]]) -> Path:
    with pyBigWig.open(str(path), "w") as file:
        file.addHeader(contigs)
        file.addEntries([contigs[0][0]], [0], ends=[1], values=[1.0])
    return path


def test_only_contigs_that_every_file_has_are_offered(tmp_path: Path) -> None:
    a = written(tmp_path / "a.bw", [("chr1", 9), ("chr2", 5)])
    b = written(tmp_path / "b.bw", [("chr1", 9)])
    assert sd.BigWig({"a": a, "b": b}).contigs() == {"chr1": 9}


def test_files_of_two_genomes_are_refused(tmp_path: Path) -> None:
    a = written(tmp_path / "a.bw", [("chr1", 9)])
    b = written(tmp_path / "b.bw", [("chr1", 8)])
    with pytest.raises(ValueError, match=r"b.bw gives chr1 8 bp, the files before it 9 bp"):
        sd.BigWig({"a": a, "b": b})


def test_what_is_no_bigwig_is_refused(tmp_path: Path, signals: dict[str, Path]) -> None:
    text = tmp_path / "a.bw"
    text.write_text("chr1 0 5 1.0\n")
    with pytest.raises(ValueError, match=r"a.bw must be a bigWig file"):
        sd.BigWig(text)
    with pytest.raises(FileNotFoundError, match=r"no bigWig file at .*b.bw"):
        sd.BigWig(tmp_path / "b.bw")
    with pytest.raises(ValueError, match="at least one bigWig; found none"):
        sd.BigWig({})
    with pytest.raises(ValueError, match=r"or every sample a \(plus, minus\) pair"):
        sd.BigWig({"s": (signals["a"], signals["b"]), "t": signals["c"]})


def test_a_reader_goes_to_other_processes(signals: dict[str, Path]) -> None:
    reader = pickle.loads(pickle.dumps(sd.BigWig({"s": (signals["a"], signals["b"])})))
    assert (reader.samples, reader.is_stranded) == (("s",), True)
    rows = table([("chr1", 0, 50)])
    expected = sd.build(rows, x=sd.BigWig({"s": (signals["a"], signals["b"])}))
    np.testing.assert_array_equal(sd.build(rows, x=reader)["x"], expected["x"])
