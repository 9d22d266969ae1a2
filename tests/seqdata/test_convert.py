"""Old stores keep their letters, counts, regions and splits when they are rewritten."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numcodecs
import numpy as np
import pytest
import xarray as xr
import zarr
from zarr.core.dtype import VariableLengthBytes

import seqdata as sd
from seqdata.convert import convert
from seqdata.provenance import steps
from seqdata.testing import assert_conforms

BLOSC = numcodecs.Blosc("zstd", clevel=7, shuffle=-1)
N, LENGTH, JITTER = 7, 10, 2
RNG = np.random.default_rng(0)
LETTERS = RNG.choice(np.frombuffer(b"ACGT", "S1"), (N, LENGTH))
COUNTS = RNG.integers(0, 60_000, (N, 2, LENGTH)).astype("u2")
SIGNAL = RNG.integers(0, 50, (N, 2, LENGTH)).astype("f4") / 4  # small enough for Delta to be exact
ROWS = [bytes(RNG.choice(np.frombuffer(b"ACGT", "u1"), size)) for size in (5, 1, 9, 9, 3, 0, 2)]


class OldStore:
    """A store as the published SeqData lays it out on disk."""

    def __init__(self, path: Path, **attrs: Any) -> None:
        self.path = path
        self.group = zarr.open_group(path, mode="w", zarr_format=2)
        self.group.attrs.update(attrs)

    def numbers(
        self, name: str, dims: tuple[str, ...], values: Any, *, delta: bool = False, rows: int = 3
    ) -> None:
        values = np.asarray(values)
        chunks = (min(rows, values.shape[0]), *(1,) * (values.ndim - 2), *values.shape[-1:])
        self._create(
            name, dims, values, chunks[: values.ndim],
            filters=[numcodecs.Delta(values.dtype.str)] if delta else None,
        )  # fmt: skip

    def text(self, name: str, dims: tuple[str, ...], words: list[str]) -> None:
        array = self.group.create_array(
            name, shape=(len(words),), chunks=(len(words),), dtype=str,
            filters=[numcodecs.VLenUTF8()], compressors=BLOSC,
        )  # fmt: skip
        array[...] = np.array(words, dtype=object)
        array.attrs["_ARRAY_DIMENSIONS"] = list(dims)

    def bytes(self, name: str, dims: tuple[str, ...], rows: list[bytes]) -> None:
        array = self.group.create_array(
            name, shape=(len(rows),), chunks=(3,), dtype=VariableLengthBytes(),
            filters=[numcodecs.VLenBytes()], compressors=BLOSC,
        )  # fmt: skip
        array[...] = np.array(rows, dtype=object)
        array.attrs["_ARRAY_DIMENSIONS"] = list(dims)

    def arrays(
        self, name: str, dims: tuple[str, ...], samples: list[list[np.ndarray]], dtype: str
    ) -> None:
        """Tracks of unequal length, which zarr 3 cannot write: one sample and three rows to a chunk."""
        filters = [numcodecs.VLenArray(dtype), numcodecs.Delta(dtype)]
        folder = self.path / name
        folder.mkdir()
        for j, rows in enumerate(samples):
            for i in range(0, len(rows), 3):
                chunk = np.empty(3, dtype=object)
                chunk[:] = [*rows[i : i + 3], *[np.array([], dtype)] * 3][:3]
                data: Any = chunk
                for codec in (*filters, BLOSC):
                    data = codec.encode(data)
                (folder / f"{i // 3}.{j}").write_bytes(bytes(data))
        meta = {
            "zarr_format": 2, "shape": [len(samples[0]), len(samples)], "chunks": [3, 1],
            "dtype": "|O", "fill_value": None, "order": "C",
            "filters": [codec.get_config() for codec in filters], "compressor": BLOSC.get_config(),
        }  # fmt: skip
        (folder / ".zarray").write_text(json.dumps(meta))
        (folder / ".zattrs").write_text(json.dumps({"_ARRAY_DIMENSIONS": list(dims)}))

    def _create(
        self, name: str, dims: tuple[str, ...], values: np.ndarray, chunks: Any, filters: Any
    ) -> None:
        array = self.group.create_array(
            name, shape=values.shape, chunks=chunks, dtype=values.dtype, filters=filters,
            compressors=BLOSC, fill_value=None,
        )  # fmt: skip
        array[...] = values
        array.attrs["_ARRAY_DIMENSIONS"] = list(dims)


def old_regions(store: OldStore, sizes: Any = LENGTH) -> None:
    store.text("chrom", ("_sequence",), ["chr1"] * 4 + ["chr2"] * 3)
    starts = np.arange(N) * 100
    store.numbers("chromStart", ("_sequence",), starts, rows=N)
    store.numbers("chromEnd", ("_sequence",), starts + sizes, rows=N)
    store.text("strand", ("_sequence",), list("+-+-++-"))
    store.text("name", ("_sequence",), [f"peak{i}" for i in range(N)])
    store.numbers("score", ("_sequence",), np.arange(N) / 2, rows=N)


@pytest.fixture
def old(tmp_path: Path) -> OldStore:
    """A store of regions with letters, counts and a signal."""
    attrs = {"max_jitter": JITTER, "sequence_dim": "_sequence", "length_dim": "_length"}
    store = OldStore(tmp_path / "old.zarr", **attrs)
    old_regions(store)
    store.numbers("seq", ("_sequence", "_length"), LETTERS)
    store.numbers("cov", ("_sequence", "cov_sample", "_length"), COUNTS, delta=True)
    store.text("cov_sample", ("cov_sample",), ["liver", "brain"])
    store.numbers("total_reads_cov", ("cov_sample",), np.array([5, 2**40], "u8"), rows=2)
    return store


def test_letters_counts_and_names_survive_as_they_were(old: OldStore, tmp_path: Path) -> None:
    ds = convert(old.path, tmp_path / "new.zarr")
    assert_conforms(ds.load())
    np.testing.assert_array_equal(sd.chars(ds, "seq").values, LETTERS)
    np.testing.assert_array_equal(ds["cov"].values, COUNTS)
    assert ds["cov"].dtype == np.uint16
    assert ds["cov_sample"].values.tolist() == ["liver", "brain"]
    assert ds["total_reads_cov"].values.tolist() == [5, 2**40]
    assert ds["name"].values.tolist() == [f"peak{i}" for i in range(N)]
    assert ds["score"].values.tolist() == [i / 2 for i in range(N)]
    assert ds["strand"].values.tolist() == list("+-+-++-")
    assert ds["seq"].attrs["alphabet"] == "DNA"
    assert steps(ds)[0]["step"] == "seqdata.convert"


def test_regions_lose_the_jitter_room_that_was_added_to_them(old: OldStore, tmp_path: Path) -> None:
    ds = convert(old.path, tmp_path / "new.zarr")
    starts = np.arange(N) * 100
    assert ds.attrs["max_jitter"] == JITTER
    assert ds["windowStart"].values.tolist() == starts.tolist()
    assert ds["windowEnd"].values.tolist() == (starts + LENGTH).tolist()
    assert ds["chromStart"].values.tolist() == (starts + JITTER).tolist()
    assert ds["chromEnd"].values.tolist() == (starts + LENGTH - JITTER).tolist()


def test_rows_of_unequal_length_become_flat_letters_and_counts(tmp_path: Path) -> None:
    store = OldStore(tmp_path / "old.zarr", max_jitter=0, sequence_dim="_sequence", length_dim=None)
    sizes = np.array([len(row) for row in ROWS])
    old_regions(store, sizes)
    store.bytes("seq", ("_sequence",), ROWS)
    tracks = [[RNG.integers(0, 60_000, size).astype("u2") for size in sizes] for _ in range(2)]
    store.arrays("cov", ("_sequence", "cov_sample"), tracks, "<u2")
    store.text("cov_sample", ("cov_sample",), ["a", "b"])
    ds = convert(store.path, tmp_path / "new.zarr")
    assert_conforms(ds.load())
    assert [row.tobytes() for row in sd.ragged(ds, "seq")] == ROWS
    for name, expected in zip(("cov_a", "cov_b"), tracks, strict=True):
        found = sd.ragged(ds, name)
        for row, values in zip(found, expected, strict=True):
            np.testing.assert_array_equal(row, values)
    assert (ds["windowEnd"] - ds["windowStart"]).values.tolist() == sizes.tolist()


def test_one_ragged_sample_keeps_its_name(tmp_path: Path) -> None:
    store = OldStore(tmp_path / "old.zarr")
    store.bytes("seq", ("_sequence",), ROWS)
    tracks = [np.arange(len(row), dtype="i4") for row in ROWS]
    store.arrays("cov", ("_sequence", "cov_sample"), [tracks], "<i4")
    found = sd.ragged(convert(store.path, tmp_path / "new.zarr"), "cov")
    assert [row.tolist() for row in found] == [track.tolist() for track in tracks]


def test_inexact_tracks_are_kept_and_said_to_be(
    old: OldStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old.numbers("signal", ("_sequence", "cov_sample", "_length"), SIGNAL, delta=True)
    with caplog.at_level(logging.WARNING):
        ds = convert(old.path, tmp_path / "new.zarr")
    as_stored = zarr.open_array(old.path / "signal", mode="r")[...]
    np.testing.assert_array_equal(ds["signal"].values, as_stored)
    assert "signal: stored by SeqData with a Delta filter" in caplog.text
    assert "not exact" in ds["signal"].attrs["comment"]
    assert "comment" not in ds["cov"].attrs
    assert caplog.text.count("Delta") == 1


def test_unreadable_tracks_are_refused_with_the_reason(old: OldStore, tmp_path: Path) -> None:
    rows = [np.arange(3, dtype="f4")] * N
    old.arrays("lost", ("_sequence", "lost_sample"), [rows], "<f4")
    with pytest.raises(ValueError, match=r"array 'lost' holds float32 rows .* Delete its folder"):
        convert(old.path, tmp_path / "new.zarr")
    assert not (tmp_path / "new.zarr").exists()


def test_objects_of_other_codecs_are_refused(old: OldStore, tmp_path: Path) -> None:
    folder = old.path / "odd"
    folder.mkdir()
    meta = {
        "zarr_format": 2,
        "shape": [N],
        "chunks": [N],
        "dtype": "|O",
        "filters": [{"id": "pickle"}],
    }
    (folder / ".zarray").write_text(json.dumps(meta))
    (folder / ".zattrs").write_text(json.dumps({"_ARRAY_DIMENSIONS": ["_sequence"]}))
    with pytest.raises(ValueError, match=r"array 'odd' must hold letters.*codec 'pickle'"):
        convert(old.path, tmp_path / "new.zarr")


def test_names_of_fasta_records_and_short_rows_survive(tmp_path: Path) -> None:
    store = OldStore(tmp_path / "old.zarr")
    padded = np.array([[b"A", b"C", b"G"], [b"T", b"", b""]], "S1")
    store.numbers("seq", ("_sequence", "_length"), padded)
    store.text("_sequence", ("_sequence",), ["first", "second"])
    ds = convert(store.path, tmp_path / "new.zarr")
    assert ds["name"].values.tolist() == ["first", "second"]
    assert [row.tobytes() for row in ds["seq"].values] == [b"ACG", b"TNN"]
    assert ds.attrs["max_jitter"] == 0
    assert "windowStart" not in ds


def test_what_eugene_added_keeps_its_meaning(old: OldStore, tmp_path: Path) -> None:
    is_train = np.array([1, 1, 0, 1, 0, 1, 1], bool)
    old.numbers("train_val", ("_sequence",), is_train)
    old.numbers("target", ("_sequence",), np.linspace(0, 1, N))
    old.numbers("many", ("_sequence", "_targets"), np.arange(2 * N).reshape(N, 2) / 4)
    old.text("_targets", ("_targets",), ["K562", "HepG2"])
    old.numbers("ohe_seq", ("_sequence", "length", "_ohe"), np.zeros((N, LENGTH, 4), "i1"))
    ds = convert(old.path, tmp_path / "new.zarr")
    assert_conforms(ds.load())
    assert ds["split"].values.tolist() == ["train" if is_in else "val" for is_in in is_train]
    assert ds["target"].dtype == np.float32
    assert ds["_target"].values.tolist() == ["K562", "HepG2"]
    np.testing.assert_array_equal(ds["many"].values, np.arange(2 * N).reshape(N, 2) / 4)
    assert "ohe_seq" not in ds
    assert "train_val" not in ds


def test_names_of_dimensions_that_users_chose_are_understood(tmp_path: Path) -> None:
    store = OldStore(tmp_path / "old.zarr", max_jitter=0, sequence_dim="rows", length_dim="bases")
    store.numbers("seq", ("rows", "bases"), LETTERS)
    store.numbers("cov", ("rows", "tissue", "bases"), COUNTS, delta=True)
    store.text("tissue", ("tissue",), ["liver", "brain"])
    store.numbers("total_reads_cov", ("tissue",), np.array([5, 6], "u8"), rows=2)
    ds = convert(store.path, tmp_path / "new.zarr")
    assert ds["cov"].dims == ("_sequence", "cov_sample", "_length")
    assert ds["cov_sample"].values.tolist() == ["liver", "brain"]
    assert ds["total_reads_cov"].dims == ("cov_sample",)


def test_haplotypes_survive(old: OldStore, tmp_path: Path) -> None:
    letters = RNG.choice(np.frombuffer(b"ACGT", "S1"), (N, 2, 2, LENGTH))
    old.numbers("hap", ("_sequence", "hap_sample", "hap_haplotype", "_length"), letters)
    old.text("hap_sample", ("hap_sample",), ["x", "y"])
    ds = convert(old.path, tmp_path / "new.zarr")
    np.testing.assert_array_equal(ds["hap"].values, letters.view("u1"))


def test_spliced_rows_get_no_windows_that_would_be_wrong(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = OldStore(tmp_path / "old.zarr", max_jitter=0, sequence_dim="_sequence", length_dim=None)
    old_regions(store, 50)
    store.bytes("seq", ("_sequence",), ROWS)
    with caplog.at_level(logging.WARNING):
        ds = convert(store.path, tmp_path / "new.zarr")
    assert "windowStart" not in ds
    assert ds["chromStart"].values.tolist() == (np.arange(N) * 100).tolist()
    assert "do not have the length of 'seq'" in caplog.text


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [("u1", "u2"), ("i2", "f4"), ("i4", "u4"), ("u8", "u4"), ("f8", "f4"), ("f2", "f4")],
)
def test_types_of_tracks_become_those_of_the_contract(
    old: OldStore, tmp_path: Path, dtype: str, expected: str
) -> None:
    values = np.arange(N * LENGTH).reshape(N, 1, LENGTH).astype(dtype)
    old.numbers("x", ("_sequence", "x_sample", "_length"), values)
    ds = convert(old.path, tmp_path / "new.zarr")
    assert ds["x"].dtype == np.dtype(expected)
    np.testing.assert_array_equal(ds["x"].values, values)


def test_counts_never_wrap(old: OldStore, tmp_path: Path) -> None:
    old.numbers("x", ("_sequence", "x_sample", "_length"), np.full((N, 1, LENGTH), -1, "i8"))
    with pytest.raises(ValueError, match=r"array 'x' must fit into uint32.*found -1"):
        convert(old.path, tmp_path / "new.zarr")


@pytest.mark.parametrize(("letters", "name"), [(b"ACGU", "RNA"), (b"MKLV", "AA"), (b"acgn", "DNA")])
def test_the_alphabet_is_told_by_the_letters(tmp_path: Path, letters: bytes, name: str) -> None:
    store = OldStore(tmp_path / "old.zarr")
    store.numbers("seq", ("_sequence", "_length"), np.frombuffer(letters, "S1").reshape(1, 4))
    assert convert(store.path, tmp_path / "new.zarr")["seq"].attrs["alphabet"] == name


def test_what_is_no_old_store_is_refused(old: OldStore, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no store at"):
        convert(tmp_path / "none", tmp_path / "new.zarr")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="holds no zarr v2 arrays"):
        convert(tmp_path / "empty", tmp_path / "new.zarr")
    convert(old.path, tmp_path / "new.zarr")
    with pytest.raises(ValueError, match=r"found zarr v3\. Open it with"):
        convert(tmp_path / "new.zarr", tmp_path / "newer.zarr")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        convert(old.path, tmp_path / "new.zarr")
    assert convert(old.path, tmp_path / "new.zarr", overwrite=True).sizes["_sequence"] == N


def test_arrays_that_name_no_dimensions_are_refused(tmp_path: Path) -> None:
    group = zarr.open_group(tmp_path / "old.zarr", mode="w", zarr_format=2)
    group.create_array("x", data=np.zeros(3))
    with pytest.raises(ValueError, match="array 'x' must name its 1 dimensions"):
        convert(tmp_path / "old.zarr", tmp_path / "new.zarr")


def test_conversion_is_lazy_and_leaves_the_old_store_as_it_was(
    old: OldStore, tmp_path: Path
) -> None:
    before = {file: file.read_bytes() for file in old.path.rglob("*") if file.is_file()}
    ds = convert(old.path, tmp_path / "new.zarr")
    assert not isinstance(ds["seq"].variable._data, np.ndarray)
    assert {file: file.read_bytes() for file in old.path.rglob("*") if file.is_file()} == before
    xr.testing.assert_identical(ds.load(), sd.open_zarr(tmp_path / "new.zarr").load())
