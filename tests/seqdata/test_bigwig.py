"""BigWig files: values exactly as stored, whatever windows are asked for."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pyBigWig
import pytest

import seqdata as sd
from seqdata.readers import bigwig


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


@pytest.mark.parametrize(("gap", "run"), [(0, 1), (0, 10**9), (50, 60), (10**9, 10**9)], ids=str)
def test_how_windows_are_grouped_changes_nothing(
    signals: dict[str, Path], monkeypatch: pytest.MonkeyPatch, gap: int, run: int
) -> None:
    rng = np.random.default_rng(0)
    starts = np.concatenate([rng.integers(0, 400, 30), [0, 0, 480]])
    rows = [("chr1", int(a), int(a) + 20) for a in starts]
    monkeypatch.setattr(bigwig, "_GAP", gap)
    monkeypatch.setattr(bigwig, "_RUN", run)
    ds = sd.build(table(rows), x=sd.BigWig(signals["a"]))
    expected = np.stack([naive(signals["a"], *row, 0) for row in rows])
    np.testing.assert_array_equal(ds["x"].values[:, 0], expected)


def test_a_window_within_another_does_not_cut_it_short(signals: dict[str, Path]) -> None:
    """At a contig's start windows are cut, so that a later one can end before an earlier one."""
    rows = [("chr1", -2, 18), ("chr1", -9, 11)]
    ds = sd.build(table(rows), length=20, x=sd.BigWig(signals["a"]))
    expected = np.stack([naive(signals["a"], *row, 0) for row in rows])
    np.testing.assert_array_equal(ds["x"].values[:, 0], expected)


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
