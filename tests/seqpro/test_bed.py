"""BED-like files: every line read or named, coordinates as they stand, what is written is read again."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqpro.bed import clip, read_bed, read_contig_sizes, resize, write_bed


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def writer(text: str, name: str = "a.bed") -> Path:
        content = text.encode()
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return tmp_path / name

    return writer


def rows(frame: pd.DataFrame) -> list[list[Any]]:
    return frame.astype(object).to_numpy().tolist()


def test_three_columns(write: Any) -> None:
    frame = read_bed(write("chr2\t5\t9\nchr1\t0\t3\n"))
    assert list(frame) == ["chrom", "chromStart", "chromEnd"]
    assert rows(frame) == [["chr2", 5, 9], ["chr1", 0, 3]]
    assert frame["chromStart"].dtype == np.int64


def test_comments_headers_and_blank_lines_are_passed_over(write: Any) -> None:
    text = "#chrom\nbrowser position chr7\ntrack name=x\n\nchr1\t5\t9\n   \n# more\nchr1\t7\t8\n\n"
    assert rows(read_bed(write(text))) == [["chr1", 5, 9], ["chr1", 7, 8]]


@pytest.mark.parametrize("name", ["a.bed", "a.bed.gz", "a.txt"])
def test_plain_and_gzipped_files(write: Any, name: str) -> None:
    assert rows(read_bed(write("chr1\t5\t9\tp\t3.5\t-\n", name))) == [["chr1", 5, 9, "p", 3.5, "-"]]


def test_windows_line_ends_and_no_last_line_end(write: Any) -> None:
    assert rows(read_bed(write("chr1\t5\t9\tp\r\nchr1\t6\t9\tq"))) == [
        ["chr1", 5, 9, "p"],
        ["chr1", 6, 9, "q"],
    ]


def test_byte_order_mark_is_no_part_of_the_contig(write: Any) -> None:
    assert rows(read_bed(write("\ufeffchr1\t5\t9\n"))) == [["chr1", 5, 9]]


def test_contigs_may_begin_like_a_header(write: Any) -> None:
    text = "browser position chr1\ntrack\tname=x\ntrack_7\t5\t9\nbrowser2\t1\t2\n"
    assert rows(read_bed(write(text))) == [["track_7", 5, 9], ["browser2", 1, 2]]


def test_columns_between_spaces(write: Any) -> None:
    assert rows(read_bed(write("chr1   5 9  p\nchr1 6  9 q\n"))) == [
        ["chr1", 5, 9, "p"],
        ["chr1", 6, 9, "q"],
    ]


def test_spaces_within_columns_of_a_file_with_tabs_are_kept(write: Any) -> None:
    assert read_bed(write("chr1\t5\t9\tmy peak\n"))["name"].tolist() == ["my peak"]


def test_missing_scores_are_nan(write: Any) -> None:
    scores = read_bed(write("c\t0\t1\ta\t.\t+\nc\t0\t1\tb\t7\t.\n"))["score"]
    np.testing.assert_array_equal(scores.to_numpy(dtype=float), [np.nan, 7])


@pytest.mark.parametrize("missing", [".", "", "NA", "NaN", "nan"])
def test_programs_write_missing_scores_in_several_ways(write: Any, missing: str) -> None:
    scores = read_bed(write(f"c\t0\t1\ta\t{missing}\t+\n"))["score"]
    assert scores.dtype == float
    assert scores.isna().tolist() == [True]


def test_twelve_columns_have_their_names(write: Any) -> None:
    frame = read_bed(write("c\t0\t9\tt\t0\t+\t1\t8\t0,0,0\t2\t3,3\t0,6\n"))
    assert list(frame)[6:] == [
        "thickStart", "thickEnd", "itemRgb", "blockCount", "blockSizes", "blockStarts",
    ]  # fmt: skip
    assert frame["blockStarts"].tolist() == ["0,6"]


def test_summits_are_places_on_the_contig_and_minus_one_stays(write: Any) -> None:
    """A narrowPeak file counts summits from the start of the peak; -1 says that there is none."""
    text = (
        "c\t100\t150\tp\t5\t.\t1.5\t2\t-1\t30\n"
        "c\t100\t150\tq\t5\t.\t1\t2\t3\t-1\n"
        "c\t7\t9\tr\t5\t.\t1\t2\t3\t0\n"
    )
    for name in ("a.narrowPeak", "b.narrowPeak.gz"):
        frame = read_bed(write(text, name))
        assert frame["summit"].tolist() == [130, -1, 7]
        assert frame["signalValue"].tolist() == [1.5, 1, 1]
        assert frame["qValue"].tolist() == [-1, 3, 3]


def test_broad_peaks_have_no_summit(write: Any) -> None:
    frame = read_bed(write("c\t100\t150\tp\t5\t.\t1.5\t2\t3\n", "a.broadPeak"))
    assert list(frame)[6:] == ["signalValue", "pValue", "qValue"]
    assert frame["pValue"].tolist() == [2]


def test_a_file_without_intervals_has_the_columns(write: Any) -> None:
    frame = read_bed(write("# nothing\n"))
    assert list(frame) == ["chrom", "chromStart", "chromEnd"]
    assert len(frame) == 0


@pytest.mark.parametrize("kind", ["narrowPeak", "broadPeak"])
def test_a_peak_file_without_peaks_has_the_columns_of_its_kind(write: Any, kind: str) -> None:
    """A sample without peaks goes through the same steps as any other."""
    summit = ["0"] if kind == "narrowPeak" else []
    line = "\t".join(["c", "1", "9", "p", "5.5", ".", "1.5", "1.5", "1.5", *summit])
    empty, full = read_bed(write("", f"a.{kind}")), read_bed(write(line, f"b.{kind}"))
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()
    center = "summit" if summit else "midpoint"
    assert list(resize(empty, 100, center=center)) == list(full)


ERRORS = {
    "too few": ("c\t1\n", "a.bed", "a.bed, line 1: expected at least 3 columns; found 2"),
    "uneven": ("#x\nc\t1\t2\n\nc\t1\t2\tp\n", "a.bed", "a.bed, line 4: expected 3, as the first line"),
    "header": ("chrom\tstart\tend\n", "a.bed", "line 1: chromStart must be a whole number; found 'start'"),
    "fraction": ("c\t1\t2\nc\t1\t2.5\n", "a.bed", "line 2: chromEnd must be a whole number; found '2.5'"),
    "backwards": ("c\t1\t2\nc\t9\t2\n", "a.bed", "line 2: an interval must end after .* 9 to 2"),
    "strand": ("c\t1\t2\tp\t0\tfwd\n", "a.bed", r"line 1: strand must be \+ - or .; found 'fwd'"),
    "thirteen": ("\t".join(["c", "1", "2", *"abcdefghij"]), "a.bed", "at most 12 columns; found 13"),
    "narrow": ("c\t1\t2\tp\n", "a.narrowPeak", "line 1: expected at least 10 columns; found 4"),
    "broad": ("c\t1\t2\tp\n", "a.broadPeak", "line 1: expected at least 9 columns; found 4"),
    "below 0": ("c\t-1\t2\n", "a.bed", "line 1: a start must be 0 or more; found -1"),
    "too far": ("c\t1\t1e20\n", "a.bed", "line 1: chromEnd must be a whole number; found '1e20'"),
    "outside": ("c\t1\t9\tp\t0\t.\t1\t1\t1\t9\n", "a.narrowPeak", "must lie in its peak; found 9 in 8 bp"),
    "at the end": ("c\t1\t9\tp\t0\t.\t1\t1\t1\t8\n", "a.narrowPeak", "line 1: .*peak; found 8 in 8 bp"),
    "score": ("c\t1\t2\tp\t.\nc\t1\t2\tp\thigh\n", "a.bed", "line 2: score must be a number, .* 'high'"),
    "comma": ("c\t1\t9\tp\t0\t.\t1\t1,5\t1\t1\n", "a.narrowPeak", "line 1: pValue must be .* '1,5'"),
    "summit": ("c\t1\t2\tp\t0\t.\t1\t1\t1\tx\n", "a.narrowPeak", "line 1: summit must be a whole"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "name", "message"), ERRORS.values(), ids=ERRORS)
def test_what_cannot_be_read_is_named_by_its_line(
    write: Any, text: str, name: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        read_bed(write(text, name))


def bed(*intervals: tuple[int, int], **columns: Any) -> pd.DataFrame:
    frame = pd.DataFrame(intervals, columns=["chromStart", "chromEnd"]).assign(chrom="c")
    return frame.assign(**columns)


def resized(frame: pd.DataFrame, length: int, **options: Any) -> list[list[int]]:
    return resize(frame, length, **options)[["chromStart", "chromEnd"]].to_numpy().tolist()


@pytest.mark.parametrize(
    ("interval", "length", "expected"),
    [
        ((10, 20), 4, [13, 17]),
        ((10, 20), 5, [12, 17]),
        ((10, 21), 4, [13, 17]),
        ((10, 21), 5, [13, 18]),
        ((10, 20), 20, [5, 25]),
        ((0, 3), 10, [-4, 6]),
        ((7, 7), 3, [5, 8]),
        ((10, 20), 10, [10, 20]),
        ((10, 20), 1, [14, 15]),
    ],
    ids=str,
)
def test_windows_around_the_middle(
    interval: tuple[int, int], length: int, expected: list[int]
) -> None:
    assert resized(bed(interval), length) == [expected]


def test_every_window_has_the_length_and_the_middle() -> None:
    rng = np.random.default_rng(0)
    starts = rng.integers(0, 10**9, 500)
    frame = bed(*zip(starts, starts + rng.integers(0, 5_000, 500), strict=True))
    for length in (1, 2, 2114, 4999):
        found = resize(frame, length)
        assert (found["chromEnd"] - found["chromStart"] == length).all()
        middle = (found["chromStart"] + found["chromEnd"]) - (
            frame["chromStart"] + frame["chromEnd"]
        )
        assert set(middle) <= {0, -1}


def test_windows_around_summits_fall_back_on_the_middle() -> None:
    frame = bed((10, 20), (10, 20), (10, 20), summit=[12, -1, 0])
    assert resized(frame, 4, center="summit") == [[10, 14], [13, 17], [-2, 2]]
    assert resized(frame, 5, center="summit") == [[10, 15], [12, 17], [-2, 3]]


def test_other_columns_and_the_table_itself_stay() -> None:
    frame = bed((10, 20), name="p")
    before = frame.copy()
    assert resize(frame, 4)["name"].tolist() == ["p"]
    pd.testing.assert_frame_equal(frame, before)


def test_lengths_and_centres_that_do_not_fit_are_named() -> None:
    with pytest.raises(ValueError, match="length must be at least 1 bp; found 0"):
        resize(bed((1, 2)), 0)
    with pytest.raises(ValueError, match="center='summit' needs a column summit"):
        resize(bed((1, 2)), 4, center="summit")
    with pytest.raises(ValueError, match="center must be 'midpoint' or 'summit'; found 'start'"):
        resize(bed((1, 2)), 4, center="start")  # type: ignore[arg-type]


# Writing

FILES = {
    "a.bed": range(3, 13),
    "a.bed.gz": [3, 6],
    "a.txt": [4],
    "a.narrowPeak": [10],
    "a.broadPeak.gz": [9],
}
BED12 = ["chrom", "chromStart", "chromEnd", "name", "score", "strand", "thickStart", "thickEnd",
         "itemRgb", "blockCount", "blockSizes", "blockStarts"]  # fmt: skip
PEAKS = [*BED12[:6], "signalValue", "pValue", "qValue", "summit"]
words = st.text(st.characters(exclude_characters="\t\r\n", exclude_categories=["Cs"]), max_size=8)
numbers = st.one_of(st.just(np.nan), st.floats(allow_nan=False), st.integers(-5, 9).map(float))


@st.composite
def tables(draw: Any) -> tuple[str, pd.DataFrame]:
    """A file's name and a table that fits it."""
    name = draw(st.sampled_from(list(FILES)))
    columns = (PEAKS if "Peak" in name else BED12)[: draw(st.sampled_from(FILES[name]))]
    n = draw(st.integers(1, 5))

    def column(values: st.SearchStrategy[Any], dtype: Any) -> Any:
        return np.array(draw(st.lists(values, min_size=n, max_size=n)), dtype=dtype)

    starts, lengths = column(st.integers(0, 10**10), int), column(st.integers(0, 99), int)
    made: dict[str, Any] = {"chromStart": starts, "chromEnd": starts + lengths}
    made["chrom"] = column(
        st.sampled_from(["chr1", "track_7", "HLA*01:01", "scaffold|9", "é"]), object
    )
    made["strand"] = column(st.sampled_from("+-."), object)
    made["summit"] = np.where(lengths > 0, starts + lengths // 2, -1)
    for each in ("score", "signalValue", "pValue", "qValue"):
        made[each] = column(numbers, float)
    for each in columns:
        made.setdefault(each, column(words, object))
    frame = pd.DataFrame({each: pd.Series(made[each], dtype=made[each].dtype) for each in columns})
    return name, frame


@given(tables())
@settings(deadline=None, max_examples=100)
def test_what_is_written_is_read_again(case: tuple[str, pd.DataFrame]) -> None:
    name, frame = case
    before = frame.copy()
    with tempfile.TemporaryDirectory() as folder:
        write_bed(frame, Path(folder, name))
        pd.testing.assert_frame_equal(read_bed(Path(folder, name)), before)
    pd.testing.assert_frame_equal(frame, before)


def test_files_hold_what_their_format_says(tmp_path: Path) -> None:
    frame = bed((100, 150), (7, 9), summit=[130, -1], strand=["+", None], signalValue=[1.5, np.nan])
    frame = frame.assign(pValue=2, qValue=-1, note="x").set_axis(["a", "a"])
    write_bed(frame, tmp_path / "a.narrowPeak")
    assert (tmp_path / "a.narrowPeak").read_text() == (
        "c\t100\t150\t.\t.\t+\t1.5\t2\t-1\t30\nc\t7\t9\t.\t.\t.\t.\t2\t-1\t-1\n"
    )
    write_bed(frame, tmp_path / "a.bed")
    assert (tmp_path / "a.bed").read_text() == "c\t100\t150\t.\t.\t+\nc\t7\t9\t.\t.\t.\n"
    write_bed(frame[["chromEnd", "chrom", "chromStart", "note"]], tmp_path / "b.bed")
    assert (tmp_path / "b.bed").read_text() == "c\t100\t150\nc\t7\t9\n"


@pytest.mark.parametrize("name", ["a.bed", "a.narrowPeak", "a.broadPeak.gz"])
def test_tables_without_rows_are_written_and_read(tmp_path: Path, name: str) -> None:
    frame = pd.DataFrame({column: pd.Series([], dtype=object) for column in PEAKS})
    write_bed(frame, tmp_path / name)
    empty = read_bed(tmp_path / name)
    assert len(empty) == 0
    write_bed(empty, tmp_path / f"again.{name}")
    pd.testing.assert_frame_equal(read_bed(tmp_path / f"again.{name}"), empty)


def test_equal_tables_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a.bed.gz", "b.bed.gz"):
        write_bed(bed((1, 2)), tmp_path / name)
    content = (tmp_path / "a.bed.gz").read_bytes()
    assert content == (tmp_path / "b.bed.gz").read_bytes()
    assert content[4:8] == bytes(4)  # where gzip would keep the time of writing


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.bed"
    write_bed(bed((1, 2)), path)
    with pytest.raises(ValueError, match="a start must be 0 or more"):
        write_bed(bed((-1, 2)), path)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_bed(bed((3, 4)), path)
    assert [file.name for file in tmp_path.iterdir()] == ["a.bed"]
    assert path.read_text() == "c\t1\t2\n"


UNWRITABLE = {
    "below 0": (bed((5, 6), (-1, 2)), "a.bed", "bed, row 1: a start must be 0 or more; found -1"),
    "backwards": (bed((5, 4)), "a.bed", "bed, row 0: an interval must not end before its start"),
    "strand": (bed((1, 2), strand="fwd"), "a.bed", r"bed, row 0: strand must be \+ - or .; found 'fwd'"),
    "score": (bed((1, 2), score="high"), "a.bed", "score must be a number, .* found 'high'"),
    "tab": (bed((1, 2), name="a\tb"), "a.bed", r"name must not hold tabs .* found 'a\\tb'"),
    "comment": (bed((1, 2)).assign(chrom="#c"), "a.bed", "do not begin with #; found '#c'"),
    "track": (bed((1, 2)).assign(chrom="track"), "a.bed", "words other than track .* found 'track'"),
    "space": (bed((1, 2)).assign(chrom="chr 1"), "a.bed", "must be words .* found 'chr 1'"),
    "no contig": (bed((1, 2)).assign(chrom=None), "a.bed", "every row must name a contig"),
    "thick": (bed((1, 2), itemRgb="0"), "a.bed", "a BED file with itemRgb must have a column thickStart"),
    "peak": (bed((1, 2)), "a.narrowPeak", "a narrowPeak file must have a column signalValue"),
    "summit": (
        bed((5, 9), summit=4, signalValue=1, pValue=1, qValue=1), "a.narrowPeak",
        "row 0: a summit must lie in its peak; found -1 in 4 bp",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("frame", "name", "message"), UNWRITABLE.values(), ids=UNWRITABLE)
def test_what_could_not_be_read_again_is_not_written(
    tmp_path: Path, frame: pd.DataFrame, name: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        write_bed(frame.set_axis(range(5, 5 + len(frame))), tmp_path / name)
    assert not list(tmp_path.iterdir())


# Contig sizes


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("chr2\t31\nchr1\t25\n", "a.chrom.sizes"),
        ("\n# made by hand\nchr2  31\nchr1 25", "a.chrom.sizes"),
        ("chr2\t31\t6\t60\t61\nchr1\t25\t40\t60\t61\n", "a.fa.fai"),
        ("chr2\t31\r\nchr1\t25\r\n", "a.chrom.sizes.gz"),
    ],
    ids=["sizes", "spaces", "fai", "gz"],
)
def test_contig_sizes_are_read_in_the_order_of_the_file(write: Any, text: str, name: str) -> None:
    sizes = read_contig_sizes(write(text, name))
    assert list(sizes.items()) == [("chr2", 31), ("chr1", 25)]
    assert len(clip(bed((1, 2)).assign(chrom="chr1"), sizes)) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("c\t5\n>chr1\nACGT\n", "a.fai, line 2: expected a contig and its length; found '>chr1'"),
        ("c\t-5\n", "line 1: expected a contig and its length; found 'c -5'. Pass a chrom.sizes"),
        ("c\t5\nd\t5\nc\t5\n", "line 3: a contig must come once; found 'c' again"),
    ],
    ids=["fasta", "negative", "twice"],
)
def test_what_are_no_contig_sizes_is_named_by_its_line(write: Any, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_contig_sizes(write(text, "a.fai"))


REAL = {
    "region_fixtures/yeast_sacCer3_atac/SRR1822137.hmmratac.narrowPeak": 1605,
    "region_fixtures/human_hg38_chr22_ctcf/ctcf_peaks.narrowPeak": 6,
    "region_fixtures/human_hg19_chr20_na12878/NA12878_nist_confident.bed": 11,
    "region_fixtures/seqdata_simulated/variable.bed": 14,
    "datasets/gimmemotifs_chip/Gm12878.CTCF.top500.w200.bed": 500,
}


@pytest.mark.parametrize(("file", "count"), REAL.items(), ids=[Path(f).name for f in REAL])
def test_real_files_agree_with_a_plain_split(mirror: Path, file: str, count: int) -> None:
    lines = [line.split() for line in (mirror / file).read_text().splitlines() if line.strip()]
    frame = read_bed(mirror / file)
    assert len(frame) == len(lines) == count
    expected = [[chrom, int(start), int(end)] for chrom, start, end, *_ in lines]
    assert rows(frame[["chrom", "chromStart", "chromEnd"]]) == expected
    if file.endswith("narrowPeak"):
        offsets = [int(line[9]) for line in lines]
        summits = [-1 if o < 0 else e[1] + o for o, e in zip(offsets, expected, strict=True)]
        assert frame["summit"].tolist() == summits
