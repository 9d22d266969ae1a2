"""Files for other programs: what is written must come back, exactly, at the right place."""

from __future__ import annotations

import builtins
import gzip
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pyBigWig
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.seqdata.conftest import dense, results, text, unequal, windows

import seqdata as sd
import seqpro as sp
from seqdata.export import to_bed, to_table
from seqdata.export_bigwig import to_bigwig

# ---- BED


def test_regions_come_back_from_bed_as_they_are_in_the_dataset(tmp_path):
    ds = windows()
    to_bed(ds, tmp_path / "a.bed")
    found = sp.bed.read_bed(tmp_path / "a.bed")
    for name in ("chrom", "chromStart", "chromEnd", "name", "score", "strand"):
        assert found[name].tolist() == ds[name].values.tolist(), name


def test_windows_are_written_from_the_contigs_start_on(tmp_path):
    """BED has no negative starts; what lies before the contig is cut off, nothing else is."""
    ds = windows()
    to_bed(ds, tmp_path / "a.bed.gz", window=True)
    found = sp.bed.read_bed(tmp_path / "a.bed.gz")
    assert found["chromStart"].tolist() == [0, *ds["windowStart"].values[1:].tolist()]
    assert found["chromEnd"].tolist() == ds["windowEnd"].values.tolist()


def test_any_number_of_a_row_can_be_the_name_and_the_score(tmp_path):
    """A prediction is seen in a browser beside the key that leads back to the data."""
    ds = windows().assign(predictions=("_sequence", np.linspace(0, 1, 7, dtype="f4")))
    to_bed(ds.isel(_sequence=[3, 1]), tmp_path / "a.bed", name="row", score="predictions")
    lines = (tmp_path / "a.bed").read_text().splitlines()
    assert lines == ["chr2\t300\t308\t3\t0.5\t+", "chr2\t100\t108\t1\t0.16666667\t-"]


def test_narrow_peaks_keep_their_summits(tmp_path):
    ds = windows().isel(_sequence=[1, 2])
    columns = {
        name: ("_sequence", np.ones(2, "f4")) for name in ("signalValue", "pValue", "qValue")
    }
    to_bed(ds.assign(columns), tmp_path / "a.narrowPeak")
    assert sp.bed.read_bed(tmp_path / "a.narrowPeak")["summit"].tolist() == [104, 203]


def test_labels_that_are_codes_are_written_as_text(tmp_path):
    sd.to_zarr(windows(), tmp_path / "a.zarr")
    to_bed(sd.open_zarr(tmp_path / "a.zarr", labels="codes"), tmp_path / "a.bed")
    assert (
        sp.bed.read_bed(tmp_path / "a.bed")["chrom"].tolist() == windows()["chrom"].values.tolist()
    )


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        (lambda ds: ds.drop_vars("chrom"), {}, r"must have regions .*found no 'chrom'"),
        (
            lambda ds: ds,
            {"score": "nothing"},
            r"score must name a variable .*there is no 'nothing'",
        ),
        (
            lambda ds: ds,
            {"score": "depth"},
            r"score must name .*one value a row; 'depth' has .*cuts_sample",
        ),
        (lambda ds: ds, {"window": "yes"}, r"window must be True or False"),
    ],
)
def test_bed_refuses_what_it_cannot_hold(tmp_path, change, arguments, message):
    with pytest.raises(ValueError, match=message):
        to_bed(change(windows()), tmp_path / "a.bed", **arguments)
    assert not list(tmp_path.iterdir())


# ---- tables


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt", "a.tab", "a.csv.gz", "a.tsv.gz"])
def test_read_table_reads_the_table_back(tmp_path, name):
    ds = dense().drop_vars(["covered", "row"])
    ds["tissue"] = ("_sequence", text("left, eye", "100%", "", "naïve T", 'a"b', "100%", "%"))
    ds["id"] = ("_sequence", text("x1", "", "a b", "é", "%20", "x1", "x2"))
    to_table(ds.assign(row=dense()["row"]), tmp_path / name, variables=list(ds.data_vars))
    back = sd.read_table(tmp_path / name, sequence="seq", targets=["activity", "is_active"])
    assert set(back.data_vars) == {"row", *ds.data_vars}
    for variable in ds.data_vars:
        assert back[variable].dtype == ds[variable].dtype, variable
        np.testing.assert_array_equal(back[variable].values, ds[variable].values, err_msg=variable)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_ragged_sequences_are_written_in_the_present_order_of_the_rows(tmp_path, ending):
    ds = unequal().isel(_sequence=[5, 0, 2, 3])
    path = tmp_path / f"a.{ending}"
    to_table(ds, path, variables=["seq", "row", "half_life"])
    options = {"keep_default_na": False}
    found = pd.read_csv(path, **options) if ending == "csv" else pd.read_parquet(path)
    assert found["seq"].tolist() == ["AC", "ACG", "", "GGGGG"]
    assert found["row"].tolist() == ds["row"].values.tolist()
    assert found["half_life"].astype("f4").tolist() == ds["half_life"].values.tolist()


def test_parquet_keeps_the_types_that_text_loses(tmp_path):
    ds = dense().drop_vars("covered")
    to_table(ds, tmp_path / "a.parquet")
    found = pd.read_parquet(tmp_path / "a.parquet")
    assert found["id"].tolist() == ds["id"].values.tolist()
    assert found["activity"].dtype == np.float32
    assert found["fold"].dtype == np.int16
    assert found["is_active"].isna().tolist() == [False, False, True, False, False, False, False]


def test_every_target_has_a_column_of_its_name(tmp_path):
    ds = results()
    to_table(ds, tmp_path / "a.csv", variables=["row", "expression"])
    found = pd.read_csv(tmp_path / "a.csv")
    assert found.columns.tolist() == ["row", "expression_K562", "expression_HepG2", "expression_"]
    values = found[found.columns[1:]].to_numpy(dtype=np.float32)
    np.testing.assert_array_equal(values, ds["expression"].values)


def test_a_table_longer_than_a_block_has_one_header_and_every_row(tmp_path):
    n = (1 << 16) + 3
    ds = xr.Dataset(
        {"row": ("_sequence", np.arange(n)), "x": ("_sequence", np.arange(n, dtype="f4"))}
    )
    for ending in ("csv", "parquet"):
        to_table(ds, tmp_path / f"a.{ending}")
    assert pd.read_csv(tmp_path / "a.csv")["row"].tolist() == list(range(n))
    assert pd.read_parquet(tmp_path / "a.parquet")["x"].tolist() == list(range(n))


@pytest.mark.parametrize("write", [to_table, to_bigwig])
def test_a_folder_that_is_not_there_is_an_error_and_no_crash(tmp_path, write):
    """A writer in C would end the whole session."""
    ds = windows()[["row", "chrom", "windowStart", "windowEnd"]]
    if write is to_bigwig:
        ds["x"] = (("_sequence", "_length"), np.ones((7, 12), "f4"))
    with pytest.raises(FileNotFoundError, match=r"found no folder .*none. Make it first"):
        write(ds, tmp_path / "none" / ("a.csv" if write is to_table else "a.bw"))


def test_one_name_in_place_of_several_is_refused(tmp_path):
    with pytest.raises(TypeError, match=r"found the text 'seq'. Pass \['seq'\]"):
        to_table(dense(), tmp_path / "a.csv", variables="seq")


def test_equal_data_give_equal_bytes(tmp_path):
    ds = dense().drop_vars("covered")
    for name in ("a.tsv.gz", "b.tsv.gz"):
        to_table(ds, tmp_path / name)
    assert (tmp_path / "a.tsv.gz").read_bytes() == (tmp_path / "b.tsv.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.tsv.gz").read_bytes()).startswith(b"row\tseq\t")


@pytest.mark.parametrize("name", ["a.csv", "a.tsv.gz"])
def test_memory_does_not_grow_with_the_text_that_is_written(tmp_path, monkeypatch, name):
    monkeypatch.setattr(sys.modules["seqdata.export"], "_ROWS", 1000)
    n, length = 50_000, 200
    letters = np.frombuffer(b"ACGT", "u1")[np.random.default_rng(0).integers(0, 4, (n, length))]
    ds = xr.Dataset(
        {"row": ("_sequence", np.arange(n)), "seq": (("_sequence", "_length"), letters)}
    )
    to_table(ds.isel(_sequence=slice(2)), tmp_path / name)  # modules are loaded
    tracemalloc.start()
    to_table(ds, tmp_path / name)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < n * length / 4
    assert pd.read_csv(tmp_path / name, sep="\t" if ".gz" in name else ",").shape == (n, 2)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.parquet"])
def test_a_table_that_breaks_off_leaves_the_old_one_and_nothing_else(tmp_path, monkeypatch, name):
    module = sys.modules["seqdata.export"]
    monkeypatch.setattr(module, "_ROWS", 2)
    ds = dense().drop_vars("covered")
    to_table(ds, tmp_path / name, variables=["row"])
    old = (tmp_path / name).read_bytes()
    frame = module._frame

    def breaking(ds, names, rows):
        if rows.start:
            raise OSError("disk full")
        return frame(ds, names, rows)

    monkeypatch.setattr(module, "_frame", breaking)
    with pytest.raises(OSError, match="disk full"):
        to_table(ds, tmp_path / name)
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == old


def test_lazy_stores_are_written_as_what_is_in_memory(tmp_path):
    for ds in (dense().drop_vars("covered"), unequal().drop_vars("reactivity")):
        sd.to_zarr(ds, tmp_path / "a.zarr", overwrite=True)
        for labels in ("text", "codes"):
            to_table(sd.open_zarr(tmp_path / "a.zarr", labels=labels), tmp_path / "lazy.csv")
            to_table(ds, tmp_path / "memory.csv")
            assert (tmp_path / "lazy.csv").read_bytes() == (tmp_path / "memory.csv").read_bytes()


@pytest.mark.parametrize(
    ("ds", "path", "arguments", "message"),
    [
        (
            dense(),
            "a.csv",
            {},
            r"found covered \('_sequence', .*\)\. Leave that out.*drop_vars\(\['covered'\]\)",
        ),
        (unequal(), "a.csv", {}, r"found reactivity \('seq_value',\)"),
        (dense(), "a.csv", {"variables": ["nothing"]}, r"found no 'nothing' among row, seq"),
        (dense(), "a.csv", {"variables": []}, r"no variable is named"),
        (dense(), "a.xlsx", {}, r"path must end in \.csv.*found 'a\.xlsx'"),
        (
            results().assign(expression_K562=("_sequence", np.zeros(7, "f4"))),
            "a.csv",
            {"variables": ["expression", "expression_K562"]},
            r"'expression_K562' would come twice",
        ),
    ],
)
def test_a_table_that_cannot_hold_the_data_is_not_written(tmp_path, ds, path, arguments, message):
    with pytest.raises(ValueError, match=message):
        to_table(ds, tmp_path / path, **arguments)
    assert not list(tmp_path.iterdir())


def test_without_pyarrow_the_error_says_what_to_install(tmp_path, monkeypatch):
    _hide(monkeypatch, "pyarrow")
    with pytest.raises(ImportError, match=r"pip install 'eugene-seqdata\[parquet\]'"):
        to_table(dense().drop_vars("covered"), tmp_path / "a.parquet")
    assert not list(tmp_path.iterdir())


def _hide(monkeypatch, package):
    importing = builtins.__import__

    def without(name, *args, **options):
        if name.split(".")[0] == package:
            raise ImportError(name)
        return importing(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)


# ---- bigWig

SIZES = {"chr2": 40, "chr1": 60, "chrM": 9}


def _tracked(rng, n: int, length: int, *, ragged: bool = False) -> xr.Dataset:
    """Windows of any place and strand, over contig ends too, with values of which some are missing."""
    chrom = rng.choice(["chr1", "chr2"], n)
    sizes = rng.integers(1, length + 1, n) if ragged else np.full(n, length)
    limits = np.array([SIZES[c] for c in chrom])
    starts = rng.integers(-sizes + 1, limits)
    values = rng.standard_normal(sizes.sum()).astype("f4")
    values[rng.random(values.size) < 0.2] = np.nan
    values[rng.random(values.size) < 0.3] = 1.5
    ds = xr.Dataset(
        {
            "row": ("_sequence", np.arange(n)),
            "chrom": ("_sequence", chrom.astype(object)),
            "strand": ("_sequence", rng.choice(["+", "-", "."], n).astype(object)),
            "windowStart": ("_sequence", starts),
            "windowEnd": ("_sequence", starts + sizes),
        }
    )
    if not ragged:
        return ds.assign(x=(("_sequence", "_length"), values.reshape(n, length)))
    return ds.assign(
        x=("x_value", values),
        x_start=("_sequence", np.cumsum(sizes) - sizes),
        x_size=("_sequence", sizes),
    )


def _rows(ds: xr.Dataset) -> list[np.ndarray]:
    return list(sd.ragged(ds, "x") if "x_size" in ds else ds["x"].values)


def _painted(ds: xr.Dataset, reduce: str) -> dict[str, np.ndarray]:
    """The naive answer: collect every position's values one by one."""
    found: dict[tuple[str, int], list[float]] = {}
    for i, values in enumerate(_rows(ds)):
        turned = values[::-1] if ds["strand"].values[i] == "-" else values
        for k, value in enumerate(turned):
            place = int(ds["windowStart"].values[i]) + k
            contig = str(ds["chrom"].values[i])
            if 0 <= place < SIZES[contig] and not np.isnan(value):
                found.setdefault((contig, place), []).append(float(value))
    answer = {contig: np.full(size, np.nan, "f4") for contig, size in SIZES.items()}
    how = {"mean": lambda v: sum(v) / len(v), "sum": sum, "max": max}[reduce]
    for (contig, place), values in found.items():
        answer[contig][place] = how(values)
    return answer


def _written(path: Path) -> dict[str, np.ndarray]:
    with pyBigWig.open(str(path)) as file:
        assert list(file.chroms()) == list(SIZES)
        return {
            contig: np.asarray(file.values(contig, 0, size, numpy=True), "f4")
            if file.intervals(contig)
            else np.full(size, np.nan, "f4")
            for contig, size in SIZES.items()
        }


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 8),
    length=st.integers(1, 12),
    reduce=st.sampled_from(["mean", "sum", "max"]),
    ragged=st.booleans(),
    span=st.sampled_from([5, 1 << 22]),
    run=st.sampled_from([1, 256]),
)
def test_every_base_holds_what_a_loop_over_rows_gives(
    tmp_path_factory, seed, n, length, reduce, ragged, span, run
):
    """Strand, overlaps, contig ends, missing values and pieces of any size."""
    ds = _tracked(np.random.default_rng(seed), n, length, ragged=ragged)
    path = tmp_path_factory.mktemp("bw") / "a.bw"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seqdata.export_bigwig._SPAN", span)
        patch.setattr("seqdata.export_bigwig._RUN", run)
        to_bigwig(ds, path, reduce=reduce, contig_sizes=SIZES)
    found = _written(path)
    for contig, expected in _painted(ds, reduce).items():
        np.testing.assert_allclose(found[contig], expected, rtol=1e-6, atol=1e-7)


@pytest.fixture
def signal(tmp_path):
    rng = np.random.default_rng(5)
    paths = []
    for name in ("plus", "minus"):
        path = tmp_path / f"{name}.bw"
        values = rng.random(60).astype("f4").astype(float)
        with pyBigWig.open(str(path), "w") as file:
            file.addHeader([("chr1", 60)])
            file.addEntries("chr1", 0, values=values.tolist(), span=1, step=1)
        paths.append((path, values.astype("f4")))
    return paths


def test_a_stranded_track_goes_to_the_dataset_and_back_bit_by_bit(tmp_path, signal):
    """Rows on - are stored with their strands exchanged; each must find its own way back."""
    table = pd.DataFrame(
        {"chrom": "chr1", "chromStart": [40, 0, 20], "chromEnd": [60, 20, 40], "strand": [*"-+-"]}
    )
    (plus, first), (minus, second) = signal
    ds = sd.build(table, counts=sd.BigWig({"a": (plus, minus)}))
    for strand, expected in (("+", first), ("-", second)):
        to_bigwig(ds, tmp_path / "back.bw", strand=strand, contig_sizes={"chr1": 60})
        with pyBigWig.open(str(tmp_path / "back.bw")) as file:
            found = np.asarray(file.values("chr1", 0, 60, numpy=True), "f4")
        np.testing.assert_array_equal(found, expected)


def test_a_real_track_comes_back_bit_by_bit(tmp_path, mirror):
    folder = mirror / "region_fixtures" / "yeast_sacCer3_atac"
    peaks = sp.bed.read_bed(folder / "SRR1822137.hmmratac.narrowPeak")
    source = sd.BigWig({"a": folder / "SRR1822137.coverage.bw"}, missing=np.nan)
    ds = sd.build(peaks.iloc[::8], length=400, max_jitter=10, coverage=source)
    to_bigwig(ds, tmp_path / "back.bw", contig_sizes=source.contigs())
    again = sd.build(
        peaks.iloc[::8],
        length=400,
        max_jitter=10,
        coverage=sd.BigWig({"a": tmp_path / "back.bw"}, missing=np.nan),
    )
    np.testing.assert_array_equal(again["coverage"].values, ds["coverage"].values)


def test_contributions_of_the_observed_letters_are_written(tmp_path):
    letters = np.frombuffer(b"ACgN", "u1").reshape(1, 4)
    scores = np.arange(32, dtype="f4").reshape(1, 2, 4, 4)
    ds = xr.Dataset(
        {
            "row": ("_sequence", [0]),
            "chrom": ("_sequence", text("chr1")),
            "windowStart": ("_sequence", [10]),
            "windowEnd": ("_sequence", [14]),
            "seq": (("_sequence", "_length"), letters),
            "attributions_ism": (("_sequence", "_target", "_ohe", "_length"), scores),
        },
        {"_target": text("K562", "HepG2")},
    )
    to_bigwig(ds, tmp_path / "a.bw", target="HepG2", contig_sizes=SIZES)
    with pyBigWig.open(str(tmp_path / "a.bw")) as file:
        assert file.intervals("chr1") == ((10, 11, 16.0), (11, 12, 21.0), (12, 13, 26.0))


@pytest.mark.parametrize(("strand", "first"), [("+", 13), ("-", 11)])
def test_bins_and_cropped_outputs_lie_where_their_attributes_say(tmp_path, strand, first):
    """Two values of 3 bp from the third base on, of a window of 11 bp; on - counted from its right end."""
    ds = xr.Dataset(
        {
            "row": ("_sequence", [0]),
            "chrom": ("_sequence", text("chr1")),
            "strand": ("_sequence", text(strand)),
            "windowStart": ("_sequence", [10]),
            "windowEnd": ("_sequence", [20]),
            "y": (
                ("_sequence", "y_length"),
                np.array([[1, 2]], "f4"),
                {"bin_width": 3, "offset": 3},
            ),
        }
    )
    to_bigwig(ds, tmp_path / "a.bw", contig_sizes=SIZES)
    values = [1.0, 2.0] if strand == "+" else [2.0, 1.0]
    with pyBigWig.open(str(tmp_path / "a.bw")) as file:
        found = file.intervals("chr1")
    assert found == ((first, first + 3, values[0]), (first + 3, first + 6, values[1]))


def test_without_contig_sizes_contigs_end_with_their_last_window(tmp_path):
    ds = windows().drop_vars("atac").isel(cuts_sample=[0])
    to_bigwig(ds, tmp_path / "a.bw", variable="cuts", strand="+")
    with pyBigWig.open(str(tmp_path / "a.bw")) as file:
        assert file.chroms() == {"chr1": 610, "chr2": 510}


def test_contig_sizes_may_be_a_file_and_lazy_stores_give_the_same(tmp_path):
    ds = windows()
    sd.to_zarr(ds, tmp_path / "a.zarr")
    (tmp_path / "sizes").write_text("chr2\t600\nchr1\t700\n")
    for data, name in ((ds, "a.bw"), (sd.open_zarr(tmp_path / "a.zarr", labels="codes"), "b.bw")):
        arguments = {"variable": "cuts", "sample": "liver", "strand": "-"}
        to_bigwig(data, tmp_path / name, contig_sizes=tmp_path / "sizes", **arguments)
    assert (tmp_path / "a.bw").read_bytes() == (tmp_path / "b.bw").read_bytes()


def test_data_without_any_value_make_an_empty_file(tmp_path):
    ds = _tracked(np.random.default_rng(0), 2, 3)
    to_bigwig(ds.assign(x=ds["x"] * np.float32(np.nan)), tmp_path / "a.bw", contig_sizes=SIZES)
    assert all(np.isnan(values).all() for values in _written(tmp_path / "a.bw").values())


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        (lambda ds: ds, {}, r"variable must be given where the data has several.*cuts, atac"),
        (lambda ds: ds, {"variable": "no"}, r"found no 'no' among row"),
        (
            lambda ds: ds,
            {"variable": "cuts", "strand": "+"},
            r"sample must be one of 'brain', 'liver'",
        ),
        (
            lambda ds: ds,
            {"variable": "cuts", "sample": "brain"},
            r"strand must be one of '\+', '-'; found None",
        ),
        (
            lambda ds: ds,
            {"variable": "cuts", "sample": "eye", "strand": "+"},
            r"sample must be one of .*'eye'",
        ),
        (
            lambda ds: ds,
            {"variable": "atac"},
            r"must fill its windows; found 3 bp in a window of 12 bp",
        ),
        (
            lambda ds: ds,
            {"variable": "atac", "target": "x"},
            r"target must not be given for .*'atac'",
        ),
        (lambda ds: ds, {"variable": "depth"}, r"must hold numbers along windows"),
        (
            lambda ds: ds.assign(seq=ds["seq"].assign_attrs(alphabet="DNA")),
            {"variable": "seq"},
            r"'seq' must hold numbers along windows; found letters",
        ),
        (lambda ds: ds.drop_vars("windowStart"), {"variable": "atac"}, r"found no 'windowStart'"),
        (
            lambda ds: ds,
            {"variable": "cuts", "sample": "brain", "strand": "+", "contig_sizes": {"chr1": 999}},
            r"must have every contig of the rows; it has no 'chr2'",
        ),
        (
            lambda ds: ds,
            {
                "variable": "cuts",
                "sample": "brain",
                "strand": "+",
                "contig_sizes": {"chr1": 9, "chr2": 999},
            },
            r"rows must lie on their contigs; found one at chr1:198, which has 9 bp",
        ),
        (
            lambda ds: ds,
            {"variable": "atac", "reduce": "median"},
            r"reduce must be 'mean', 'max' or 'sum'",
        ),
    ],
)
def test_bigwig_says_what_is_missing_and_leaves_nothing(tmp_path, change, arguments, message):
    with pytest.raises(ValueError, match=message):
        to_bigwig(change(windows()), tmp_path / "a.bw", **arguments)
    assert not list(tmp_path.iterdir())


def test_infinity_is_refused_and_the_old_file_stays(tmp_path):
    ds = _tracked(np.random.default_rng(0), 2, 3)
    (tmp_path / "a.bw").write_text("old")
    ds["x"][1, 1] = np.inf
    with pytest.raises(ValueError, match=r"'x' must be finite or NaN; found infinity in the row"):
        to_bigwig(ds, tmp_path / "a.bw", contig_sizes=SIZES)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.bw", "old")]
