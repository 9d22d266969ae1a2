"""Figures about a Dataset are those that a plain loop over its rows gives, however it is stored."""

from __future__ import annotations

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing

import seqdata as sd
import seqpro as sp
from seqdata.report import report, report_page
from seqdata.report_html import bars, histogram
from seqdata.view import sequence_variables

N = 40


def text(words: object) -> np.ndarray:
    return np.array(words, dtype=object)


@pytest.fixture
def full() -> xr.Dataset:
    """Windows with letters, tracks, targets, classes and splits that leak in every way."""
    rng = np.random.default_rng(4)
    seq = rng.choice(np.frombuffer(b"ACGTacgtN", "u1"), (N, 60))
    seq[7] = np.char.swapcase(seq[3].view("S1")).view("u1")  # the same in the other case
    seq[9] = sp.reverse_complement(seq[4], sp.DNA)
    seq[11] = seq[10]
    seq[11, 30] = ord("A" if seq[10, 30] != ord("A") else "C")
    seq[12, :2] = ord("E")
    starts = np.arange(N) * 100
    starts[21] = starts[20] + 59
    activity = rng.standard_normal(N).astype("f4")
    activity[:3] = np.nan
    signal = rng.random((N, 2, 2, 60)).astype("f4")
    signal[5, 1, 0, :7] = np.nan
    return xr.Dataset(
        {
            "row": ("_sequence", np.arange(N)),
            "chrom": ("_sequence", text(["chr2"] * 30 + ["chr1"] * 10)),
            "chromStart": ("_sequence", starts + 5),
            "chromEnd": ("_sequence", starts + 55),
            "windowStart": ("_sequence", starts),
            "windowEnd": ("_sequence", starts + 60),
            "split": ("_sequence", text(["train", "val", "test", "unused"] * 10)),
            "seq": (("_sequence", "_length"), seq, {"alphabet": "DNA"}),
            "signal": (("_sequence", "signal_sample", "_strand", "_length"), signal),
            "activity": ("_sequence", activity),
            "is_active": ("_sequence", np.tile([0, 1, 1, -1], 10).astype("i1")),
            "counts": ("_sequence", np.arange(N)),
            "tissue": ("_sequence", text(["left eye", "brain"] * 20)),
            "expression": (("_sequence", "_target"), rng.random((N, 2)).astype("f4")),
        },
        {
            "signal_sample": text(["a", "b"]),
            "_strand": text(["+", "-"]),
            "_target": text(["K562", "HepG2"]),
        },
    )


def rows_of(ds: xr.Dataset, name: str = "seq") -> list[str]:
    if name in ds and ds[name].ndim == 2:
        return [row.tobytes().decode() for row in ds[name].values]
    return [row.tobytes().decode() for row in sd.ragged(ds, name)]


def turned(word: str) -> str:
    return word.translate(str.maketrans("ACGT", "TGCA"))[::-1]


def check_letters(found: xr.Dataset, words: list[str]) -> None:
    """Compare with a plain loop over the words."""
    upper = [word.upper() for word in words]
    either = [min(word, turned(word)) for word in upper]
    assert found["length_min"].item() == min(map(len, words))
    assert found["length_max"].item() == max(map(len, words))
    assert found["length_median"].item() == np.median([len(word) for word in words])
    shares = [
        sum(c in "GC" for c in word) / sum(c in "ACGT" for c in word)
        for word in upper
        if set(word) & set("ACGT")
    ]
    assert found["gc_mean"].item() == pytest.approx(np.mean(shares))
    expected = np.histogram(shares, np.linspace(0, 1, 21))[0]
    assert found["gc_count"].values[0].tolist() == expected.tolist()
    assert found["length_count"].values.sum() == len(words)
    assert found["unknown_letters"].item() == sum(word.count("N") for word in upper)
    assert found["duplicates"].item() == len(upper) - len(set(upper))
    assert found["duplicates_both_strands"].item() == len(either) - len(set(either))


def test_letters_are_summed_up_as_by_a_plain_loop(full: xr.Dataset) -> None:
    found = report(full)
    check_letters(found, rows_of(full))
    assert found["foreign_letters"].item() == 2
    assert found["duplicates"].item() == 1
    assert found["duplicates_both_strands"].item() == 2
    assert found["sequence"].values.tolist() == ["seq"]


def test_targets_and_classes_are_counted(full: xr.Dataset) -> None:
    found = report(full)
    names = ["activity", "is_active", "counts", "expression: K562", "expression: HepG2"]
    assert found["target"].values.tolist() == names
    assert found["target_missing"].values.tolist() == [3, 10, 0, 0, 0]
    known = full["activity"].values[3:].astype(float)
    activity = found.sel(target="activity")
    assert activity["target_mean"].item() == pytest.approx(known.mean())
    assert activity["target_sd"].item() == pytest.approx(known.std())
    assert (activity["target_min"].item(), activity["target_max"].item()) == (
        known.min(),
        known.max(),
    )
    assert activity["target_count"].values.sum() == N - 3
    assert found["target_mean"].sel(target="is_active").item() == pytest.approx(2 / 3)
    classes = list(
        zip(*(found[c].values.tolist() for c in ("class_variable", "class_label", "class_rows")), strict=True)
    )  # fmt: skip
    assert classes == [
        ("is_active", "0", 10), ("is_active", "1", 20), ("tissue", "brain", 20), ("tissue", "left eye", 20),
    ]  # fmt: skip


def test_rows_of_contigs_and_splits_are_counted(full: xr.Dataset) -> None:
    found = report(full)
    assert found["rows"].item() == N
    assert dict(zip(found["contig"].values, found["contig_rows"].values, strict=True)) == {
        "chr2": 30, "chr1": 10,
    }  # fmt: skip
    assert found["split"].values.tolist() == ["train", "val", "test", "unused"]
    assert found["split_rows"].values.tolist() == [10, 10, 10, 10]


def test_tracks_are_summed_for_each_sample_and_strand(full: xr.Dataset) -> None:
    found = report(full)
    assert found["track"].values.tolist() == [
        "signal: a +", "signal: a -", "signal: b +", "signal: b -",
    ]  # fmt: skip
    values = full["signal"].values.astype(float)
    total = np.nansum(values, axis=(0, 3)).ravel()
    np.testing.assert_allclose(found["track_total"].values, total, rtol=1e-6)
    np.testing.assert_allclose(found["track_mean"].values, np.nanmean(values, axis=(0, 3)).ravel())
    np.testing.assert_array_equal(found["track_max"].values, np.nanmax(values, axis=(0, 3)).ravel())
    assert found["track_missing"].values.tolist() == [0, 0, 7, 0]


def test_leakage_between_splits_is_counted_in_three_ways(full: xr.Dataset) -> None:
    leaking = report(full)["leaking"]
    assert leaking["counted_split"].values.tolist() == ["train", "val", "test"]
    # rows 20 (train) and 21 (val) overlap; 4 (train) and 9 (val) are the same; 3 and 11 are unused
    assert leaking.sel(way="coordinates").values.tolist() == [1, 1, 0]
    assert leaking.sel(way="letters").values.tolist() == [1, 1, 0]
    assert leaking.sel(way="near duplicates").values.tolist() == [1, 1, 0]
    assert leaking.attrs["near_duplicate_rows"] == N
    moved = full.assign(split=("_sequence", text(["train", "test"] * 20)))
    moved = report(moved)["leaking"]
    assert moved.sel(way="letters").values.tolist() == [1, 0, 1]  # 4 and 9; 3 and 7 are both test
    assert moved.sel(way="near duplicates").values.tolist() == [2, 0, 2]  # and 10 and 11
    placeless = full.drop_vars(["chrom", "windowStart", "windowEnd", "chromStart", "chromEnd"])
    assert report(placeless)["leaking"].sel(way="coordinates").values.tolist() == [-1, -1, -1]


@pytest.fixture
def unequal(full: xr.Dataset) -> xr.Dataset:
    """The same with sequences and tracks of unequal length, their rows shuffled and some left out."""
    sizes = np.arange(N) + 20
    rows = [full["seq"].values[i, : min(60, size)] for i, size in enumerate(sizes)]
    flat = sp.Ragged.from_bytes([row.tobytes() for row in rows])
    values = np.arange(flat.values.size * 2, dtype="f4").reshape(-1, 2)
    ds = full.drop_vars(["seq", "signal", "windowStart", "windowEnd"]).assign(
        **sequence_variables(flat, sp.DNA), along=("seq_value", values[:, 0].copy())
    )
    return ds.isel(_sequence=np.random.default_rng(0).permutation(N)[:30])


@pytest.mark.parametrize("block", [50, 1 << 24])
def test_rows_of_unequal_length_are_summed_up_as_by_a_plain_loop(
    unequal: xr.Dataset, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(sys.modules["seqdata.report"], "_BLOCK_BYTES", block)
    found = report(unequal)
    check_letters(found, rows_of(unequal))
    expected = sum(row.sum(dtype=float) for row in sd.ragged(unequal, "along"))
    assert found["track_total"].item() == pytest.approx(expected)
    assert found["track"].values.tolist() == ["along"]


class Watched(BackendArray):
    """Flat values that remember how many were read at a time."""

    def __init__(self, values: np.ndarray) -> None:
        self.values, self.shape, self.dtype = values, values.shape, values.dtype
        self.most = 0

    def __getitem__(self, key: indexing.ExplicitIndexer) -> np.ndarray:
        support = indexing.IndexingSupport.BASIC
        return indexing.explicit_indexing_adapter(key, self.shape, support, self._read)

    def _read(self, key: tuple[slice]) -> np.ndarray:
        found = self.values[key]
        self.most = max(self.most, found.size)
        return found


def test_few_rows_of_a_long_store_are_read_without_what_lies_between(
    unequal: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["seqdata.report"], "_BLOCK_BYTES", 200)
    whole = report(unequal.isel(_sequence=slice(None, None, 5)))
    watched = Watched(unequal["seq"].values)
    lazy = xr.Variable("seq_value", indexing.LazilyIndexedArray(watched), unequal["seq"].attrs)
    few = unequal.assign(seq=lazy).isel(_sequence=slice(None, None, 5))
    xr.testing.assert_allclose(report(few), whole)
    assert 0 < watched.most <= 200


def test_figures_do_not_depend_on_where_the_data_are(
    full: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = report(full)
    monkeypatch.setattr(sys.modules["seqdata.report"], "_BLOCK_BYTES", 200)
    xr.testing.assert_allclose(report(full), whole)
    lazy = sd.to_zarr(full, tmp_path / "a.zarr")
    xr.testing.assert_allclose(report(lazy), whole)
    assert not isinstance(lazy["seq"].variable._data, np.ndarray)  # nothing was loaded into it
    xr.testing.assert_allclose(report(sd.open_zarr(tmp_path / "a.zarr", labels="codes")), whole)
    xr.testing.assert_allclose(report(sd.open_zarr(tmp_path / "a.zarr", chunks={})), whole)


def test_proteins_have_no_gc_and_no_reverse_complement() -> None:
    words = ["MKLVAERTWQ", "MKLVAERTWQ", "QWTREAVLKM", "MKX*JUOBZA"]
    ds = xr.Dataset(
        {"row": ("_sequence", np.arange(4)), "split": ("_sequence", text(["train", "test"] * 2))}
    ).assign(
        sequence_variables(sp.Ragged.from_bytes([w.encode() for w in words]), sp.AA, "protein")
    )
    found = report(ds)
    assert np.isnan(found["gc_mean"].item())
    assert found["duplicates"].item() == 1
    assert found["duplicates_both_strands"].item() == -1
    assert found["unknown_letters"].item() == 1
    assert found["leaking"].sel(way="near duplicates").values.tolist() == [1, 0, 1]


def test_every_kind_of_dataset_can_be_reported_on(example: xr.Dataset, tmp_path: Path) -> None:
    found = report(example)
    assert found["rows"].item() == example.sizes["_sequence"]
    sd.validate(found.assign_attrs(example.attrs))
    assert report_page(example, tmp_path / "a.html").stat().st_size > 1000


def test_data_without_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="data must have rows"):
        report(xr.Dataset())
    with pytest.raises(ValueError, match="data must have rows"):
        report(xr.Dataset({"row": ("_sequence", np.zeros(0, "i8"))}))


class Reader(HTMLParser):
    """Collects words and sees that every element is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [str(value) for key, value in attrs if key in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(path: Path) -> str:
    reader = Reader()
    reader.feed(path.read_text())
    assert not reader.open
    assert not reader.links
    return " ".join(" ".join(reader.words).split())


def test_the_page_is_whole_says_what_matters_and_needs_no_other_file(
    full: xr.Dataset, tmp_path: Path
) -> None:
    ds = full.assign(tissue=("_sequence", text(["<b>&", "brain"] * 20)))
    ds["signal"][:, 0] = 0
    path = report_page(ds, tmp_path / "a.html", title="Mine & <yours>")
    words = read(path)
    assert path == tmp_path / "a.html"
    for part in (
        "Mine & <yours>", "<b>&", "40 rows", "Before you train", "activity is missing in 3 rows (7.5%)",
        "Leakage: rows that overlap a window of another split: 1 train, 1 val.",
        "1 rows of seq have the same sequence as an earlier row.",
        "1 more rows of seq are the reverse complement of an earlier one.",
        "2 letters of seq are outside its alphabet (DNA)",
        "Tracks without any signal: signal: a +, signal: a -.",
        "Rows of each contig", "chr2", "Total signal",
    ):  # fmt: skip
        assert part in words, part
    assert "http" not in path.read_text()


def test_a_page_of_clean_data_says_so(tmp_path: Path) -> None:
    seq = np.random.default_rng(0).choice(np.frombuffer(b"ACGT", "u1"), (8, 40))
    ds = xr.Dataset(
        {
            "row": ("_sequence", np.arange(8)),
            "seq": (("_sequence", "_length"), seq),
            "y": ("_sequence", np.arange(8, dtype="f4")),
        }
    )  # fmt: skip
    words = read(report_page(ds, tmp_path / "a.html"))
    assert (
        "Found no duplicate sequences, no missing targets." in words
    )  # of splits it knows nothing
    constant = ds.assign(y=("_sequence", np.ones(8, "f4")))
    assert "The same value in every row: y." in read(report_page(constant, tmp_path / "a.html"))


def test_drawings_show_the_numbers() -> None:
    drawn = histogram([0, 2, 4], -1, 1, caption="a < b", axis="bp")
    heights = [
        part.split('"')[0]
        for part in drawn.split("<rect ")[1:]
        for part in part.split(' height="')[1:]
    ]
    assert heights == ["0.0", "55.0", "110.0"]
    assert "a &lt; b" in drawn
    drawn = bars(["x", "y"], [1, 4], caption="c")
    widths = [part.split('width="')[1].split('"')[0] for part in drawn.split("<rect ")[1:]]
    assert widths == ["65.0", "260.0"]


def test_a_browser_shows_the_page(full: xr.Dataset, tmp_path: Path, chromium: str) -> None:
    path = report_page(full, tmp_path / "a.html")
    shot = tmp_path / "a.png"
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path / 'profile'}",
    ]
    subprocess.run(
        [chromium, *options, "--window-size=900,1200", f"--screenshot={shot}", path.as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert shot.stat().st_size > 20_000


def test_real_proteins_are_reported_on(mirror: Path, tmp_path: Path) -> None:
    ds = sd.read_fasta(mirror / "proteins" / "globins45.fa", alphabet=sp.AA)
    found = report(ds)
    assert found["rows"].item() == 45
    assert found["length_min"].item() < found["length_max"].item()
    assert "residues in each seq" in read(report_page(ds, tmp_path / "a.html"))
