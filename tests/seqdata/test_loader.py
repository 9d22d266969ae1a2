"""One epoch gives each selected row once, in a decided order, from a bounded buffer."""

from __future__ import annotations

import gc
import json
import multiprocessing
import tempfile
import threading
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import seqdata as sd
import seqpro as sp
from seqdata import store
from seqdata.columns import DenseColumn
from seqdata.loader import Loader, select_rows
from seqdata.stored_blocks import StoredBlocks
from seqdata.testing import assert_same_rows
from seqdata.watched import WatchedStore

N = 41
BUFFERS = pytest.mark.parametrize("buffer_bytes", [1, 100, 1 << 20], ids=["tiny", "small", "whole"])
SHUFFLED = pytest.mark.parametrize("shuffle", [False, True], ids=["in order", "shuffled"])


def numbered(n: int = N, length: int = 10, **attrs: Any) -> xr.Dataset:
    """Rows whose values tell row and position: ``y`` the row, ``track`` the position."""
    position = np.broadcast_to(np.arange(length, dtype="u1"), (n, length)).copy()
    return xr.Dataset(
        {
            "row": ("_sequence", np.arange(n)),
            "y": ("_sequence", np.arange(n, dtype="f4")),
            "seq": (("_sequence", "_length"), position),
            "track": (
                ("_sequence", "track_sample", "_length"),
                position[:, None] + np.arange(n, dtype="f4")[:, None, None] * 1000,
            ),
            "split": ("_sequence", np.resize(np.array(["train", "val", "test"], object), n)),
        },
        {"track_sample": np.array(["a"], dtype=object)},
        attrs,
    )


@pytest.fixture(scope="module")
def blocks_of_seven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of those rows, seven to a block."""
    path = tmp_path_factory.mktemp("loader") / "a.zarr"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(store, "_CHUNK_BYTES", 7 * 40)
        sd.to_zarr(numbered(), path)
    return path


@pytest.fixture
def stored(blocks_of_seven: Path) -> xr.Dataset:
    return sd.open_zarr(blocks_of_seven)


@pytest.fixture(params=["memory", "lazy"])
def ds(request: pytest.FixtureRequest, blocks_of_seven: Path) -> xr.Dataset:
    """The same rows in memory and in a store."""
    return numbered() if request.param == "memory" else sd.open_zarr(blocks_of_seven)


def seen(loader: Loader, name: str = "y") -> list[int]:
    return [int(value) for batch in loader for value in batch[name]]


@BUFFERS
@SHUFFLED
@pytest.mark.parametrize("batch_size", [1, 5, 100])
def test_an_epoch_gives_each_row_once(
    ds: xr.Dataset, batch_size: int, buffer_bytes: int, shuffle: bool
) -> None:
    options = {"batch_size": batch_size, "buffer_bytes": buffer_bytes, "shuffle": shuffle}
    loader = Loader(ds, ["y", "seq", "row"], **options)
    batches = list(loader)
    rows = np.concatenate([batch["row"] for batch in batches])
    assert sorted(rows) == list(range(N))
    assert shuffle or list(rows) == list(range(N))
    sizes = [len(batch["y"]) for batch in batches]
    assert sizes[:-1] == [batch_size] * (len(sizes) - 1)
    assert len(loader) == len(batches)
    for batch in batches:
        np.testing.assert_array_equal(batch["y"], batch["row"])


@SHUFFLED
def test_a_store_opened_on_dask_gives_the_same_epoch(
    blocks_of_seven: Path, stored: xr.Dataset, shuffle: bool
) -> None:
    options = {"batch_size": 5, "shuffle": shuffle, "buffer_bytes": 60}
    on_dask = Loader(sd.open_zarr(blocks_of_seven, chunks={}), ["y"], **options)
    assert seen(on_dask) == seen(Loader(stored, ["y"], **options))


@BUFFERS
def test_variables_of_a_batch_belong_to_the_same_rows(ds: xr.Dataset, buffer_bytes: int) -> None:
    options = {"batch_size": 4, "shuffle": True, "buffer_bytes": buffer_bytes}
    for batch in Loader(ds, ["track", "y", "seq"], **options):
        np.testing.assert_array_equal(batch["track"][:, 0, 0], batch["y"] * 1000)
        assert batch["seq"].dtype == np.uint8
        assert batch["track"].shape[1:] == (1, 10)


@BUFFERS
def test_seed_and_epoch_decide_the_order(ds: xr.Dataset, buffer_bytes: int) -> None:
    def order(seed: int, epoch: int) -> list[int]:
        options = {"shuffle": True, "seed": seed, "buffer_bytes": buffer_bytes}
        loader = Loader(ds, ["y"], batch_size=5, **options)
        loader.set_epoch(epoch)
        return seen(loader)

    assert order(0, 0) == order(0, 0)
    assert order(3, 2) == order(3, 2)
    assert len({tuple(order(seed, epoch)) for seed in range(3) for epoch in range(3)}) == 9


@BUFFERS
def test_each_pass_is_the_next_epoch(ds: xr.Dataset, buffer_bytes: int) -> None:
    loader = Loader(ds, ["y"], batch_size=5, shuffle=True, buffer_bytes=buffer_bytes)
    first, second = seen(loader), seen(loader)
    assert first != second
    assert loader.epoch == 2
    loader.set_epoch(0)
    assert seen(loader) == first


def test_the_order_is_not_the_seeds_alone(stored: xr.Dataset) -> None:
    """Seeds and epochs that add up to the same number must not give the same order."""
    loaders = [Loader(stored, ["y"], batch_size=5, shuffle=True, seed=seed) for seed in (0, 1)]
    loaders[0].set_epoch(1)
    assert seen(loaders[0]) != seen(loaders[1])


@pytest.mark.parametrize("buffer_bytes", [15 * 54, 1 << 20], ids=["streamed", "whole"])
@pytest.mark.parametrize("crop", ["center", "random"])
def test_the_size_of_a_batch_changes_neither_order_nor_crops(
    stored: xr.Dataset, buffer_bytes: int, crop: Any
) -> None:
    ds = stored.assign_attrs(max_jitter=2)
    results = []
    for batch_size in (1, 4, 15):
        options = {"shuffle": True, "crop": crop, "buffer_bytes": buffer_bytes}
        batches = list(Loader(ds, ["y", "seq", "track"], batch_size=batch_size, **options))
        results.append([np.concatenate([b[name] for b in batches]) for name in ("y", "seq")])
    for result in results[1:]:
        np.testing.assert_array_equal(result[0], results[0][0])
        np.testing.assert_array_equal(result[1], results[0][1])


def test_shuffling_mixes_rows_of_different_blocks(stored: xr.Dataset) -> None:
    """Two blocks at a time in half the buffer: no batch may be one block in order."""
    loader = Loader(stored, ["y"], batch_size=14, shuffle=True, buffer_bytes=2 * 14 * 4)
    blocks = [set(np.array(batch["y"]) // 7) for batch in loader]
    assert all(len(found) >= 2 for found in blocks[:2])
    order = seen(loader)
    assert np.corrcoef(order, range(N))[0, 1] < 0.6


@BUFFERS
def test_rows_come_in_the_order_they_were_asked_for(ds: xr.Dataset, buffer_bytes: int) -> None:
    rows = [40, 3, 17, 3, 0, -1, 29]
    loader = Loader(ds, ["y"], batch_size=2, rows=rows, buffer_bytes=buffer_bytes)
    assert seen(loader) == [40, 3, 17, 3, 0, 40, 29]
    shuffled = Loader(ds, ["y"], batch_size=2, rows=rows, shuffle=True, buffer_bytes=buffer_bytes)
    assert sorted(seen(shuffled)) == [0, 3, 3, 17, 29, 40, 40]


@SHUFFLED
def test_splits_and_masks_select(ds: xr.Dataset, shuffle: bool) -> None:
    options = {"batch_size": 3, "shuffle": shuffle, "buffer_bytes": 50}
    assert sorted(seen(Loader(ds, ["y"], split="val", **options))) == list(range(1, N, 3))
    mask = np.arange(N) % 2 == 0
    assert sorted(seen(Loader(ds, ["y"], rows=mask, **options))) == list(range(0, N, 2))
    both = Loader(ds, ["y"], rows=mask, split="train", **options)
    assert sorted(seen(both)) == list(range(0, N, 6))


def test_a_selection_made_by_the_user_is_loaded_as_it_is(ds: xr.Dataset) -> None:
    chosen = [5, 40, 2, 13, 20, 6, 1, 0, 9]
    loader = Loader(ds.isel(_sequence=chosen), ["y"], batch_size=4, buffer_bytes=16)
    assert seen(loader) == chosen


SELECTION_ERRORS = {
    "short mask": ({"rows": [True, False]}, r"mask of 41 values .* found bool with shape \(2,\)"),
    "fractions": ({"rows": [0.5]}, "found float64"),
    "table": ({"rows": [[1, 2]]}, r"found int64 with shape \(1, 2\)"),
    "too large": ({"rows": [3, 41]}, "rows must be positions below 41; found 3 to 41"),
    "too small": ({"rows": [-42]}, "rows must be positions below 41; found -42"),
    "nothing": ({"rows": np.zeros(N, bool)}, "no rows selected by split=None and rows"),
    "empty split": ({"split": "unused"}, "no rows selected by split='unused'"),
    "odd split": ({"split": "valid"}, "split must be one of train, val, test, unused.*'valid'"),
}


@pytest.mark.parametrize(("options", "message"), SELECTION_ERRORS.values(), ids=SELECTION_ERRORS)
def test_selections_that_do_not_fit_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        select_rows(numbered(), **options)


def test_a_split_of_a_store_opened_for_its_codes_names_the_cause(blocks_of_seven: Path) -> None:
    codes = sd.open_zarr(blocks_of_seven, labels="codes")
    with pytest.raises(ValueError, match=r"splits as text; found int8 codes.*labels='text'"):
        select_rows(codes, split="train")


def test_a_split_of_unsplit_data_is_an_error() -> None:
    with pytest.raises(ValueError, match="found no variable 'split'"):
        select_rows(numbered().drop_vars("split"), split="train")


ERRORS = {
    "no such variable": ({"variables": ["z"]}, "found no 'z' among row, y, seq"),
    "none": ({"variables": []}, "at least one variable"),
    "not by row": ({"variables": ["grid"]}, r"'grid' must have _sequence as its first .*\('x',\)"),
    "scalar": ({"variables": ["one"]}, "'one' must have _sequence as its first dimension"),
    "batch size": ({"batch_size": 0}, "batch_size must be a whole number, at least 1; found 0"),
    "text for a list": ({"variables": "y"}, "must be a list .* found the text 'y'"),
    "seed": ({"seed": -1}, "seed must be a whole number, at least 0; found -1"),
    "shuffle": ({"shuffle": 1}, "shuffle must be True or False; found 1"),
    "buffer": ({"buffer_bytes": 0}, "buffer_bytes must be a whole number, at least 1; found 0"),
    "no rank": ({"rank": 2, "world": 2}, "rank must be a whole number from 0 to 1; found 2"),
    "ranks": (
        {"world": 42},
        "41 rows in batches of 2 cannot be shared among 42 ranks.*drop_last=True",
    ),
    "sample first": ({"over": ("track_sample",)}, "over must be '_sequence' and then dimensions"),
    "positions": (
        {"over": ("_sequence", "_length")},
        "over must be '_sequence' and then dimensions",
    ),
    "no such sample": ({"over": ("_sequence", "z")}, "over must name dimensions of y; none .* 'z'"),
    "no samples": (
        {"over": ("_sequence", "no_sample"), "variables": ["none"]},
        "found none along 'no_sample'",
    ),
    "weights in order": ({"weights": np.ones(N)}, "needs shuffle=True; found shuffle=False"),
    "both": ({"weights": np.ones(N), "balance": "y", "shuffle": True}, "one of them.*; found both"),
    "zeros": ({"weights": np.zeros(N), "shuffle": True}, "above 0 .* found 41 zeros"),
    "no label": ({"balance": "z", "shuffle": True}, "balance must name .*; found no 'z'"),
    "no labels": ({"balance": "seq", "shuffle": True}, r"one class a row .*'_length'"),
    "size": ({"epoch_size": 3}, "epoch_size needs weights or balance.*; found 3"),
    "pad": ({"pad": {"y": 0}}, "pad must name variables with .* unequal length; found 'y' of one"),
    "pad nothing": ({"pad": {"z": 0}}, "pad must name .*; found no 'z' in the batch"),
    "type of nothing": ({"dtypes": {"z": "f4"}}, r"dtypes must name variables .*\(y\); found 'z'"),
    "crop": ({"crop": "left"}, "crop must be 'center' or 'random'; found 'left'"),
}


@pytest.mark.parametrize(("options", "message"), ERRORS.values(), ids=ERRORS)
def test_what_cannot_be_loaded_is_named(options: dict[str, Any], message: str) -> None:
    ds = numbered().assign(grid=("x", np.zeros(3)), one=3)
    ds["none"] = (("_sequence", "no_sample"), np.zeros((N, 0)))
    with pytest.raises(ValueError, match=message):
        Loader(ds, **{"variables": ["y"], "batch_size": 2, **options})


def test_text_is_refused_with_the_way_out(simple: xr.Dataset, tmp_path: Path) -> None:
    lazy = sd.to_zarr(simple, tmp_path / "a.zarr")
    for ds in (simple, lazy):
        for name in ("tissue", "id"):
            with pytest.raises(ValueError, match=rf"found text in '{name}'\. Load 'row' .*'codes'"):
                Loader(ds, ["activity", name], batch_size=2)
    codes = sd.open_zarr(tmp_path / "a.zarr", labels="codes")
    (batch,) = Loader(codes, ["tissue"], batch_size=7)
    np.testing.assert_array_equal(batch["tissue"], codes["tissue"].values)


@BUFFERS
def test_a_short_last_batch_can_be_left_out(ds: xr.Dataset, buffer_bytes: int) -> None:
    options = {"batch_size": 6, "drop_last": True, "buffer_bytes": buffer_bytes}
    loader = Loader(ds, ["y"], **options)
    assert [len(batch["y"]) for batch in loader] == [6] * 6
    assert len(loader) == 6
    whole = Loader(ds, ["y"], rows=np.arange(12), **options)
    assert [len(batch["y"]) for batch in whole] == [6, 6]
    assert len(whole) == 2
    none = Loader(ds, ["y"], rows=np.arange(5), **options)
    assert list(none) == []
    assert len(none) == 0


@BUFFERS
@SHUFFLED
def test_changing_a_batch_changes_nothing_else(
    ds: xr.Dataset, buffer_bytes: int, shuffle: bool
) -> None:
    expected = ds.copy(deep=True).load()
    loader = Loader(ds, ["y", "seq"], batch_size=9, shuffle=shuffle, buffer_bytes=buffer_bytes)
    for epoch in range(2):
        rows = []
        for batch in loader:
            rows.extend(batch["y"].tolist())
            batch["y"][:] = -1
            batch["seq"][:] = 0
        assert sorted(rows) == list(range(N)), epoch
    assert_same_rows(ds.load(), expected)


def test_a_batch_in_memory_is_a_copy_even_where_the_order_happens_to_be_that_of_the_rows() -> None:
    ds = numbered(2)
    for seed in range(20):
        for batch in Loader(ds, ["y"], batch_size=1, shuffle=True, seed=seed, buffer_bytes=1):
            batch["y"][:] = -1
    assert ds["y"].values.tolist() == [0, 1]


def test_the_middle_is_cut_out_of_the_jitter_room(ds: xr.Dataset) -> None:
    loader = Loader(ds.assign_attrs(max_jitter=3), ["seq", "track", "y"], batch_size=8)
    for batch in loader:
        np.testing.assert_array_equal(
            batch["seq"], np.broadcast_to([3, 4, 5, 6], (len(batch["y"]), 4))
        )
        np.testing.assert_array_equal(batch["track"][:, 0] % 1000, batch["seq"])
        np.testing.assert_array_equal(batch["track"][:, 0, 0] // 1000, batch["y"])


@pytest.mark.parametrize("room", [5, 600, -1])
def test_jitter_room_that_leaves_nothing_is_refused(room: int) -> None:
    ds = numbered(max_jitter=room)
    with pytest.raises(
        ValueError, match=rf"max_jitter must leave .* found {room} bp for rows of 10"
    ):
        Loader(ds, ["seq"], batch_size=8)
    assert len(seen(Loader(ds, ["y"], batch_size=8))) == N  # nothing to cut


def test_jitter_room_that_was_cut_off_before_is_not_cut_again(with_windows: xr.Dataset) -> None:
    """The attribute max_jitter outlives a selection of positions; the windows tell."""
    (batch,) = Loader(with_windows, ["seq", "cuts"], batch_size=7)
    assert batch["seq"].shape == (7, 8)
    cropped = with_windows.isel(_length=slice(2, -2))
    with pytest.raises(
        ValueError,
        match=r"found 8 positions for a window of 12 bp. Set the attribute max_jitter to 0",
    ):
        Loader(cropped, ["seq", "cuts"], batch_size=7)
    (batch,) = Loader(cropped.assign_attrs(max_jitter=0), ["seq"], batch_size=7)
    assert batch["seq"].shape == (7, 8)


@BUFFERS
def test_random_crops_shift_all_variables_of_a_row_together(
    ds: xr.Dataset, buffer_bytes: int
) -> None:
    options = {"crop": "random", "shuffle": True, "buffer_bytes": buffer_bytes}
    loader = Loader(ds.assign_attrs(max_jitter=3), ["seq", "track", "y"], batch_size=8, **options)
    starts = []
    for batch in loader:
        starts.extend(batch["seq"][:, 0])
        assert (np.diff(batch["seq"], axis=1) == 1).all()
        np.testing.assert_array_equal(batch["track"][:, 0] % 1000, batch["seq"])
        np.testing.assert_array_equal(batch["track"][:, 0, 0] // 1000, batch["y"])
    assert len(set(starts)) > 3


def test_random_crops_are_uniform_over_the_room_and_new_each_epoch() -> None:
    ds = numbered(7_000, max_jitter=3)
    loader = Loader(ds, ["seq"], batch_size=500, crop="random")
    first, second = ([b["seq"][:, 0] for b in loader] for _ in range(2))
    assert not np.array_equal(np.concatenate(first), np.concatenate(second))
    counts = np.bincount(np.concatenate(first), minlength=7)
    assert counts.size == 7
    assert (abs(counts - 1000) < 5 * np.sqrt(1000)).all()  # five standard deviations


def in_bins(room: int, **attrs: Any) -> xr.Dataset:
    """Positions 0 to 19 of windows of 20 bp, their bins of 4 bp, a stretch of the inner 12, a barcode."""
    bins, inner = np.arange(0, 20, 4, dtype="f4"), np.arange(4, 16, dtype="f4")
    parts = {
        "row": ("_sequence", np.arange(30)),
        "seq": (("_sequence", "_length"), np.tile(np.arange(20, dtype="u1"), (30, 1))),
        "atac": (("_sequence", "atac_length"), np.tile(bins, (30, 1)), {"bin_width": 4, **attrs}),
        "inner": (("_sequence", "inner_length"), np.tile(inner, (30, 1)), {"offset": 4}),
        "barcode": (("_sequence", "barcode_length"), np.zeros((30, 6), "u1"), {"alphabet": "DNA"}),
        "windowStart": ("_sequence", np.zeros(30, np.int64)),
        "windowEnd": ("_sequence", np.full(30, 20)),
    }
    return xr.Dataset(parts, attrs={"max_jitter": room})


@pytest.mark.parametrize("crop", ["center", "random"])
def test_bins_and_stretches_of_the_window_are_cropped_with_its_letters(crop: Any) -> None:
    names = ["seq", "atac", "inner", "barcode"]
    (batch,) = Loader(in_bins(4), names, batch_size=30, crop=crop)
    starts = batch["seq"][:, 0]
    assert set(starts) == ({4} if crop == "center" else {0, 4, 8})
    assert batch["seq"].shape == (30, 12)
    np.testing.assert_array_equal(batch["atac"], starts[:, None] + [0, 4, 8])
    np.testing.assert_array_equal(batch["inner"], starts[:, None] + np.arange(4, 8))
    assert batch["barcode"].shape == (30, 6)


def test_a_crop_that_would_cut_bins_is_refused() -> None:
    with pytest.raises(ValueError, match=r"multiple of the bins .* together 4 bp; found 3"):
        Loader(in_bins(3), ["seq", "atac"], batch_size=8)
    (batch,) = Loader(in_bins(3), ["seq"], batch_size=30)
    assert batch["seq"].shape == (30, 14)


def test_bins_that_no_longer_fill_their_windows_are_refused() -> None:
    with pytest.raises(ValueError, match="found 16 positions for a window of 20 bp"):
        Loader(in_bins(4).isel(atac_length=slice(1, None)), ["seq", "atac"], batch_size=8)


@BUFFERS
@pytest.mark.parametrize("crop", ["center", "random"])
def test_rows_of_unequal_length_lose_the_same_room(
    crop: Any, buffer_bytes: int, tmp_path: Path
) -> None:
    sizes = 9 + np.arange(30) % 5
    positions = np.concatenate([np.arange(size, dtype="u1") for size in sizes])
    ds = sd.to_zarr(
        xr.Dataset(
            {
                "row": ("_sequence", np.arange(30)),
                "seq": ("seq_value", positions, {"alphabet": "DNA"}),
                "seq_start": ("_sequence", np.cumsum(sizes) - sizes),
                "seq_size": ("_sequence", sizes),
                "windowStart": ("_sequence", np.zeros(30, np.int64)),
                "windowEnd": ("_sequence", sizes),
            },
            attrs={"max_jitter": 2},
        ),
        tmp_path / "a.zarr",
    )
    rows, starts = [], set()
    for batch in Loader(ds, ["row", "seq"], batch_size=7, crop=crop, buffer_bytes=buffer_bytes):
        rows += batch["row"].tolist()
        for row, letters in zip(batch["row"], batch["seq"], strict=True):
            np.testing.assert_array_equal(letters, letters[0] + np.arange(sizes[row] - 4))
            starts.add(int(letters[0]))
    assert rows == list(range(30))
    assert starts == ({2} if crop == "center" else set(range(5)))
    with pytest.raises(ValueError, match="found 5 bp for rows of 9"):
        Loader(ds.assign_attrs(max_jitter=5), ["seq"], batch_size=7)


def test_every_block_of_a_store_is_read_once_an_epoch(
    stored: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: Counter[str] = Counter()
    watched = type("", (), {})()
    original = WatchedStore.get

    async def counting(self: Any, key: str, *args: Any, **kwargs: Any) -> Any:
        reads[key] += key.startswith("y/c/")
        return await original(self, key, *args, **kwargs)

    def counting_sync(self: Any, key: str, *args: Any, **kwargs: Any) -> Any:
        reads[key] += key.startswith("y/c/")
        return watched.original(self, key, *args, **kwargs)

    watched.original = WatchedStore.get_sync
    monkeypatch.setattr(WatchedStore, "get", counting)
    monkeypatch.setattr(WatchedStore, "get_sync", counting_sync)
    for rows in (None, np.arange(N) % 3 > 0):
        reads.clear()
        seen(Loader(stored, ["y"], batch_size=3, shuffle=True, buffer_bytes=15 * 4, rows=rows))
        assert [v for k, v in reads.items() if k.startswith("y/c/")] == [1] * 6


def test_memory_stays_near_the_buffer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store larger than memory must not be held whole, shuffled or not."""
    monkeypatch.setattr(store, "_CHUNK_BYTES", 50_000)
    letters = np.random.default_rng(0).integers(0, 256, (4_000, 1_000), dtype="u1")
    rows = ("_sequence", np.arange(4_000))
    ds = sd.to_zarr(
        xr.Dataset({"row": rows, "seq": (("_sequence", "_length"), letters)}), tmp_path / "a.zarr"
    )
    for shuffle in (False, True):
        loader = Loader(ds, ["seq"], batch_size=32, shuffle=shuffle, buffer_bytes=300_000)
        tracemalloc.start()
        assert sum(len(batch["seq"]) for batch in loader) == 4_000
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 300_000 + 12 * 50_000  # the buffer, a batch, and blocks being decoded


def first_arguments(monkeypatch: pytest.MonkeyPatch, kind: type, method: str) -> list[Any]:
    """Give a list that grows by the first argument of each call of a method."""
    found: list[Any] = []
    original = getattr(kind, method)

    def noting(self: Any, first: Any, *others: Any) -> Any:
        found.append(first)
        return original(self, first, *others)

    monkeypatch.setattr(kind, method, noting)
    return found


def test_reading_ahead_never_holds_more_than_the_buffer(
    stored: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = first_arguments(monkeypatch, DenseColumn, "hold")
    for shuffle in (False, True):
        seen(Loader(stored, ["y"], batch_size=3, shuffle=shuffle, buffer_bytes=30 * 4))
    asked = [rows.size for rows in held]
    assert max(asked) == 14  # half the buffer: two blocks of seven
    assert sum(asked) == 2 * N


def test_what_fits_the_buffer_is_read_once_for_all_epochs(
    stored: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader = Loader(stored, ["y"], batch_size=4, shuffle=True)
    seen(loader)
    monkeypatch.setattr(DenseColumn, "hold", lambda *args: pytest.fail("read again"))
    assert sorted(seen(loader)) == list(range(N))


def test_room_for_groups_is_used_again_but_not_by_two_epochs_at_once(
    stored: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = first_arguments(monkeypatch, DenseColumn, "space")
    loader = Loader(stored, ["y"], batch_size=3, shuffle=True, buffer_bytes=30 * 4)
    alone = [[batch["y"] for batch in loader.batches(epoch)] for epoch in (0, 1)]
    assert made == [14, 14]
    together = list(zip(loader.batches(0), loader.batches(1), strict=True))
    assert made == [14, 14, 14, 14]
    for number, both in enumerate(together):
        for epoch, batch in enumerate(both):
            np.testing.assert_array_equal(batch["y"], alone[epoch][number])


def test_a_loader_that_is_left_early_stops_its_thread(stored: xr.Dataset) -> None:
    before = threading.active_count()
    batches = iter(Loader(stored, ["y"], batch_size=2, shuffle=True, buffer_bytes=1))
    next(batches)
    del batches
    gc.collect()
    assert threading.active_count() <= before


def test_an_error_while_reading_ahead_reaches_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_CHUNK_BYTES", 7 * 40)
    ds = sd.to_zarr(numbered(), tmp_path / "a.zarr")
    batches = iter(Loader(ds, ["y"], batch_size=2, buffer_bytes=1))
    next(batches)
    sd.to_zarr(numbered(), tmp_path / "a.zarr", overwrite=True)
    with pytest.raises(sd.StoreChangedError):
        list(batches)


def store_of(ds: xr.Dataset, folder: Path, block_rows: int) -> xr.Dataset:
    """Write a store with so many rows, and as many flat values, to a block."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(store, "_MOST_ROWS", block_rows)
        patched.setattr(store, "_CHUNK_BYTES", 40 * block_rows)
        return sd.to_zarr(ds, folder / f"{block_rows}.zarr")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> dict[int, xr.Dataset]:
    """The same rows in memory (0) and in stores of different blocks."""
    folder = tmp_path_factory.mktemp("blocks")
    stores = {rows: store_of(numbered(), folder, rows) for rows in (1, 6, 40)}
    return {0: numbered(), **stores}


def expected_seen(rank_batches: list[list[dict[str, Any]]]) -> list[tuple[int, int]]:
    """Pairs of row and sample of all ranks, one after the other."""
    return [
        (int(y), round(float(t) * 10))
        for batches in rank_batches
        for batch in batches
        for y, t in zip(batch["y"], batch["signal"], strict=True)
    ]


@given(
    block=st.sampled_from([0, 1, 6, 40]),
    batch_size=st.integers(1, 12),
    buffer_bytes=st.integers(1, 300),
    world=st.integers(1, 5),
    shuffle=st.booleans(),
    drop_last=st.booleans(),
    samples=st.integers(1, 3),
    rows=st.none() | st.lists(st.integers(0, N - 1), min_size=1, max_size=30),
    epoch=st.integers(0, 3),
)
@settings(deadline=None, max_examples=150)
def test_all_ranks_together_give_each_item_once(
    many: dict[int, xr.Dataset], world: int, samples: int, epoch: int, block: int, **options: Any
) -> None:
    signal = np.arange(N)[:, None] + np.arange(samples) / 10
    ds = many[block].assign(signal=(("_sequence", "signal_sample"), signal))
    options["over"] = ("_sequence", "signal_sample")
    rows = range(N) if options["rows"] is None else options["rows"]
    total, size = len(rows) * samples, options["batch_size"]
    if (total < world or (size == 1 and total % world)) and not options["drop_last"]:
        with pytest.raises(ValueError, match="cannot be shared"):
            Loader(ds, ["y", "signal"], world=world, **options)
        return
    loaders = [Loader(ds, ["y", "signal"], rank=r, world=world, **options) for r in range(world)]
    for loader in loaders:
        loader.set_epoch(epoch)
    ranks = [list(loader) for loader in loaders]
    assert {len(batches) for batches in ranks} == {len(loaders[0])}
    sizes = [len(batch["y"]) for batches in ranks for batch in batches]
    assert all(0 < found <= size for found in sizes)
    found = expected_seen(ranks)
    wanted = [(row, row * 10 + sample) for row in rows for sample in range(samples)]
    if options["drop_last"]:
        assert set(sizes) <= {size}
        assert len(found) == total - total % (world * size)
        assert not Counter(found) - Counter(wanted)
    else:
        assert sorted(found) == sorted(wanted)
    if not options["shuffle"]:
        assert found == wanted[: len(found)]


def test_ranks_read_different_blocks(stored: xr.Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two ranks that both read everything would be no faster than one."""
    asked: list[int] = []
    original = DenseColumn._fill
    monkeypatch.setattr(
        DenseColumn,
        "_fill",
        lambda self, out, rows, bounds, a, b: (
            asked.extend((rows[bounds[a:b]] // 7).tolist()),
            original(self, out, rows, bounds, a, b),
        )[1],
    )
    for rank in range(2):
        seen(Loader(stored, ["y"], batch_size=3, shuffle=True, buffer_bytes=80, rank=rank, world=2))
    assert len(asked) <= 6 + 1  # six blocks, one of them cut in two


@pytest.mark.parametrize("rank", [0, 1])
def test_threads_do_not_change_an_epoch(
    stored: xr.Dataset, monkeypatch: pytest.MonkeyPatch, rank: int
) -> None:
    results = []
    for threads in ("1", "4"):
        monkeypatch.setenv("SEQPRO_THREADS", threads)
        options: dict[str, Any] = {"buffer_bytes": 60, "crop": "random", "rank": rank, "world": 2}
        ds = stored.assign_attrs(max_jitter=2)
        loader = Loader(ds, ["y", "seq"], batch_size=4, shuffle=True, **options)
        results.append([(b["y"].tolist(), b["seq"].tolist()) for b in loader])
    assert results[0] == results[1]


RESUMED: dict[str, dict[str, Any]] = {
    "in order": {},
    "shuffled": {"shuffle": True},
    "one rank": {"shuffle": True, "rank": 1, "world": 2},
    "drawn": {"shuffle": True, "weights": np.arange(N), "epoch_size": 30},
    "drawn products": {
        "shuffle": True,
        "weights": np.arange(N),
        "over": ("_sequence", "track_sample"),
    },
    "balanced": {"shuffle": True, "balance": "split", "epoch_size": 31},
    "drop last": {"shuffle": True, "drop_last": True},
    "chosen": {"rows": [40, 3, 17, 3, 0, 29, 12, 13]},
    "products": {"shuffle": True, "over": ("_sequence", "track_sample")},
}


@pytest.mark.parametrize("options", RESUMED.values(), ids=RESUMED)
@pytest.mark.parametrize("buffer_bytes", [1, 900, 1 << 20], ids=["tiny", "small", "whole"])
def test_a_resumed_epoch_goes_on_exactly(
    ds: xr.Dataset, buffer_bytes: int, options: dict[str, Any]
) -> None:
    ds = ds.assign_attrs(max_jitter=3)

    def make() -> Loader:
        names = ["y", "seq", "track"]
        return Loader(
            ds, names, batch_size=4, crop="random", seed=7, buffer_bytes=buffer_bytes, **options
        )

    def plain(batches: Any) -> list[Any]:
        return [{name: values.tolist() for name, values in batch.items()} for batch in batches]

    whole = make()
    whole.set_epoch(2)
    first, second = plain(whole), plain(whole)
    stopped = make()
    stopped.set_epoch(2)
    states = [stopped.state_dict(), *(stopped.state_dict() for _ in stopped)]
    assert len(states) == len(first) + 1
    for done, state in enumerate(states):
        resumed = make()
        resumed.load_state_dict(json.loads(json.dumps(state)))
        assert plain(resumed) == first[done:], done
    assert plain(resumed) == second


def test_a_state_serves_every_rank(stored: xr.Dataset) -> None:
    options: dict[str, Any] = {"batch_size": 3, "shuffle": True, "buffer_bytes": 60, "world": 2}
    saved, other, again = (Loader(stored, ["y"], rank=r, **options) for r in (0, 1, 1))
    batches = iter(saved)
    next(batches), next(batches)
    again.load_state_dict(saved.state_dict())
    assert seen(again) == seen(other)[6:]


OTHERS: dict[str, tuple[dict[str, Any], str]] = {
    "seed": ({"seed": 1}, "found seed 0 where this one has 1"),
    "batch size": ({"batch_size": 5}, "found batch_size 4 where this one has 5"),
    "rows": ({"rows": range(40)}, "found rows"),
    "order of rows": ({"rows": range(40, -1, -1)}, "found rows"),
    "ranks": ({"world": 2}, "found world 1 where this one has 2"),
    "buffer": ({"buffer_bytes": 61}, "found buffer_bytes 60 where this one has 61"),
    "weights": ({"weights": np.ones(N)}, "found weights"),
}


@pytest.mark.parametrize(("options", "message"), OTHERS.values(), ids=OTHERS)
def test_a_state_of_another_loader_is_refused(
    stored: xr.Dataset, options: dict[str, Any], message: str
) -> None:
    usual: dict[str, Any] = {"batch_size": 4, "shuffle": True, "buffer_bytes": 60}
    state = Loader(stored, ["y"], **usual).state_dict()
    with pytest.raises(ValueError, match=f"{message}.*Make the loader as it was"):
        Loader(stored, ["y"], **{**usual, **options}).load_state_dict(state)


def test_a_state_that_is_none_is_refused(stored: xr.Dataset) -> None:
    with pytest.raises(ValueError, match=r"state must come from state_dict; found \{'epoch': 1\}"):
        Loader(stored, ["y"], batch_size=4).load_state_dict({"epoch": 1})


def test_choosing_the_epoch_that_was_resumed_keeps_the_place(stored: xr.Dataset) -> None:
    """Training frameworks call set_epoch before every epoch, also the one they resume."""
    loader, again = (Loader(stored, ["y"], batch_size=4, shuffle=True) for _ in range(2))
    batches = iter(loader)
    next(batches)
    again.load_state_dict(loader.state_dict())
    again.set_epoch(0)
    assert seen(again) == [int(y) for batch in batches for y in batch["y"]]
    again.load_state_dict(loader.state_dict())
    again.set_epoch(5)
    assert len(seen(again)) == N


def test_weights_are_the_chances_of_rows(ds: xr.Dataset) -> None:
    weights = np.zeros(N)
    weights[[3, 17, 40]] = 1, 2, 1
    for buffer_bytes in (1, 1 << 20):
        options: dict[str, Any] = {"weights": weights, "epoch_size": 4_000}
        options["buffer_bytes"] = buffer_bytes
        loader = Loader(ds, ["y"], batch_size=64, shuffle=True, **options)
        first, second = seen(loader), seen(loader)
        assert len(first) == 4_000
        counts = Counter(first)
        assert set(counts) == {3, 17, 40}
        for row, expected in ((3, 1000), (17, 2000), (40, 1000)):
            assert abs(counts[row] - expected) < 5 * np.sqrt(expected)
        assert Counter(second) != counts


def test_drawn_products_draw_samples_alike() -> None:
    signal = np.arange(N)[:, None] + np.arange(4) / 10
    ds = numbered().assign(signal=(("_sequence", "signal_sample"), signal))
    options: dict[str, Any] = {"weights": np.arange(N) == 7, "epoch_size": 4_000}
    options["over"] = ("_sequence", "signal_sample")
    loader = Loader(ds, ["signal"], batch_size=500, shuffle=True, **options)
    counts = Counter(float(v) for batch in loader for v in batch["signal"])
    assert set(counts) == {7.0, 7.1, 7.2, 7.3}
    assert all(abs(count - 1000) < 5 * np.sqrt(1000) for count in counts.values())


def test_classes_are_balanced_within_the_selection(ds: xr.Dataset) -> None:
    """A rare class must come as often as a common one; rows outside the selection never."""
    rare = np.where(np.arange(N) < 3, 1, 0)
    rare[[5, 6]] = -1
    ds = ds.assign(is_active=("_sequence", rare.astype("i1")))
    options: dict[str, Any] = {"balance": "is_active", "epoch_size": 4_000}
    loader = Loader(ds, ["y"], batch_size=64, rows=range(20), shuffle=True, **options)
    rows = np.array(seen(loader))
    assert rows.max() < 20
    assert not {5, 6} & set(rows)
    assert abs((rows < 3).sum() - 2_000) < 5 * np.sqrt(1_000)
    text = Loader(ds, ["y"], batch_size=8, split="train", shuffle=True, balance="split")
    assert set(np.array(seen(text)) % 3) == {0}


@BUFFERS
@SHUFFLED
def test_products_cut_every_variable_to_its_sample(
    with_windows: xr.Dataset, tmp_path: Path, buffer_bytes: int, shuffle: bool
) -> None:
    ds = with_windows.assign(dose=("cuts_sample", np.array([0.5, 2], "f4")))
    lazy = store_of(ds, tmp_path, 2)
    names = ["row", "cuts", "depth", "seq", "dose"]
    options: dict[str, Any] = {"over": ("_sequence", "cuts_sample", "_strand"), "batch_size": 3}
    loader = Loader(lazy, names, shuffle=shuffle, buffer_bytes=buffer_bytes, **options)
    found = {}
    for batch in loader:
        for i, row in enumerate(batch["row"]):
            assert batch["cuts"].shape[1:] == (8,)
            (match,) = np.argwhere(
                (ds["cuts"].values[row, :, :, 2:-2] == batch["cuts"][i]).all(axis=-1)
            )
            found[int(row), *match.tolist()] = True
            assert batch["depth"][i] == ds["depth"].values[row, match[0]]
            assert batch["dose"][i] == (0.5, 2)[match[0]]
            np.testing.assert_array_equal(batch["seq"][i], ds["seq"].values[row, 2:-2])
    every = [(r, s, t) for r in range(7) for s in range(2) for t in range(2)]
    assert sorted(found) == every
    assert shuffle or list(found) == every


@BUFFERS
@SHUFFLED
def test_ragged_rows_come_whole(
    ragged: xr.Dataset, tmp_path: Path, buffer_bytes: int, shuffle: bool
) -> None:
    reads = np.arange(ragged["seq"].size * 2, dtype="f4").reshape(-1, 2)
    ragged = ragged.assign(reads=(("seq_value", "reads_sample"), reads))
    shuffled = ragged.isel(_sequence=[3, 0, 6, 2, 5, 1, 4])  # starts that rise and fall
    for ds in (shuffled, store_of(shuffled, tmp_path, 2)):
        names = ["row", "seq", "reactivity", "reads", "seq_size"]
        loader = Loader(ds, names, batch_size=3, shuffle=shuffle, buffer_bytes=buffer_bytes)
        rows = {name: sd.ragged(ragged, name) for name in ("seq", "reactivity", "reads")}
        place = {int(key): i for i, key in enumerate(ragged["row"].values)}
        seen_rows = []
        for batch in loader:
            seen_rows += batch["row"].tolist()
            for name, expected in rows.items():
                assert isinstance(batch[name], sp.Ragged)
                for key, found in zip(batch["row"], batch[name], strict=True):
                    np.testing.assert_array_equal(found, expected[place[int(key)]])
            np.testing.assert_array_equal(batch["seq"].sizes, batch["seq_size"])
            batch["reactivity"].values[:] = -1  # the user's own
        assert sorted(seen_rows) == list(range(3, 10))
        assert shuffle or seen_rows == shuffled["row"].values.tolist()


@given(st.lists(st.integers(0, 300), min_size=2, max_size=60), st.integers(0, 9), st.data())
@settings(deadline=None, max_examples=40)
def test_ragged_rows_that_reach_over_blocks_stay_whole(
    sizes: list[int], seed: int, data: Any
) -> None:
    """The beginnings of blocks that are kept must serve the right rows, epoch after epoch."""
    rows = np.array(sizes)
    letters = np.random.default_rng(seed).integers(65, 91, max(1, rows.sum()), dtype="u1")
    order = data.draw(st.permutations(range(rows.size)))
    ds = xr.Dataset(
        {
            "row": ("_sequence", np.arange(rows.size)),
            "seq": ("seq_value", letters),
            "seq_start": ("_sequence", np.cumsum(rows) - rows),
            "seq_size": ("_sequence", rows),
        }
    ).isel(_sequence=order)
    with tempfile.TemporaryDirectory() as folder:
        lazy = store_of(ds, Path(folder), 16)  # 640 letters to a block
        loader = Loader(lazy, ["row", "seq"], batch_size=3, shuffle=True, buffer_bytes=900)
        expected = dict(
            zip(ds["row"].values.tolist(), sd.ragged(ds, "seq").to_bytes(), strict=True)
        )
        for _ in range(3):
            found = [
                (int(row), word)
                for batch in loader
                for row, word in zip(batch["row"], batch["seq"].to_bytes(), strict=True)
            ]
            assert len(found) == rows.size
            assert dict(found) == expected


def test_ragged_blocks_are_read_once_an_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nearly every block ends within a row; reading its neighbour too would take twice as long."""
    n = 2_000
    starts = np.arange(n) * 7 + 3
    ds = xr.Dataset(
        {
            "row": ("_sequence", np.arange(n)),
            "seq": ("seq_value", np.full(7 * n + 3, 65, "u1")),
            "seq_start": ("_sequence", starts),
            "seq_size": ("_sequence", np.full(n, 7)),
        }
    )
    lazy = store_of(ds, tmp_path, 20)  # 800 letters to a block, 18 blocks
    loader = Loader(lazy, ["seq"], batch_size=64, shuffle=True, buffer_bytes=3_000)
    reads = first_arguments(monkeypatch, StoredBlocks, "read")
    for _ in range(2):
        reads.clear()
        assert sum(len(batch["seq"]) for batch in loader) == n
        assert sorted(reads) == list(range(18))


def test_rows_of_one_block_are_shuffled_anew_each_epoch(tmp_path: Path) -> None:
    ds = store_of(numbered(), tmp_path, N)
    loader = Loader(ds, ["y"], batch_size=4, shuffle=True, buffer_bytes=1)
    first, second = seen(loader), seen(loader)
    assert first != second
    assert sorted(first) == sorted(second) == list(range(N))


def test_ragged_rows_of_one_sample_each(ragged: xr.Dataset) -> None:
    reads = np.arange(ragged["seq"].size * 2, dtype="f4").reshape(-1, 2)
    ds = ragged.assign(reads=(("seq_value", "reads_sample"), reads))
    over = ("_sequence", "reads_sample")
    (batch,) = Loader(ds, ["reads", "seq"], batch_size=14, over=over)
    expected = sd.ragged(ds, "reads")
    for item in range(14):
        np.testing.assert_array_equal(batch["reads"][item], expected[item // 2][:, item % 2])
        assert batch["seq"][item].size == expected[item // 2].shape[0]


@BUFFERS
def test_padding_fills_to_the_longest_of_the_batch(
    ragged: xr.Dataset, tmp_path: Path, buffer_bytes: int
) -> None:
    lazy = store_of(ragged, tmp_path, 2)
    pad = {"seq": "N", "reactivity": np.nan}
    for ds in (ragged, lazy):
        loader = Loader(ds, ["seq", "reactivity"], batch_size=4, pad=pad, buffer_bytes=buffer_bytes)
        first, second = loader
        assert [row.tobytes() for row in first["seq"]] == [b"ACGNN", b"TNNNN", b"NNNNN", b"GGGGG"]
        assert [row.tobytes() for row in second["seq"]] == [b"NNNN", b"ACNN", b"TTTT"]
        assert np.isnan(first["reactivity"]).sum() == 2 + 4 + 5 + 1  # and one that was missing
        assert second["reactivity"][2].tolist() == ragged["reactivity"].values[-4:].tolist()


def test_a_fill_that_is_no_value_is_refused(ragged: xr.Dataset) -> None:
    for name, fill in (("seq", "NN"), ("reactivity", "N"), ("seq", "")):
        with pytest.raises(ValueError, match=rf"one ASCII letter .* found '{fill}' for '{name}'"):
            Loader(ragged, [name], batch_size=2, pad={name: fill})


def test_ragged_rows_that_leave_their_values_are_refused(
    ragged: xr.Dataset, tmp_path: Path
) -> None:
    lazy = sd.to_zarr(ragged, tmp_path / "a.zarr")
    outside = lazy.assign(seq_size=lazy["seq_size"] + 1)
    with pytest.raises(ValueError, match="rows of 'seq' must lie within its 17 values"):
        Loader(outside, ["seq"], batch_size=2)
    with pytest.raises(ValueError, match="ragged 'seq' needs seq_size"):
        Loader(lazy.drop_vars("seq_size"), ["seq"], batch_size=2)


def test_types_are_given_by_name(ds: xr.Dataset, ragged: xr.Dataset) -> None:
    """The order in which types are named must not matter: published loaders swapped variables."""
    dtypes = {"track": "float64", "row": "float32", "seq": np.int16}
    for names in (["row", "seq", "track"], ["track", "row", "seq"]):
        batch = next(iter(Loader(ds, names, batch_size=41, dtypes=dtypes)))
        assert {name: str(batch[name].dtype) for name in sorted(names)} == {
            "row": "float32", "seq": "int16", "track": "float64",
        }  # fmt: skip
        for name in names:
            np.testing.assert_array_equal(batch[name], ds[name].values)
    batch = next(iter(Loader(ragged, ["seq"], batch_size=7, dtypes={"seq": "i8"})))
    assert batch["seq"].dtype == np.int64
    assert batch["seq"].tolist() == sd.ragged(ragged, "seq").tolist()


@pytest.mark.parametrize(
    ("name", "dtype"), [("row", "i4"), ("y", "i8"), ("seq", "i1"), ("y", bool)]
)
def test_types_that_lose_values_are_refused(name: str, dtype: Any) -> None:
    with pytest.raises(TypeError, match=rf"hold every .* for '{name}'\. Convert with transform="):
        Loader(numbered(), [name], batch_size=2, dtypes={name: dtype})


def test_a_transform_may_change_add_and_drop(ds: xr.Dataset) -> None:
    def transform(batch: dict[str, Any]) -> dict[str, Any]:
        return {"x": batch["seq"].astype("f4"), "n": len(batch["y"])}

    batches = list(Loader(ds, ["seq", "y"], batch_size=30, transform=transform))
    assert [set(batch) for batch in batches] == [{"x", "n"}] * 2
    assert [batch["n"] for batch in batches] == [30, 11]
    with pytest.raises(TypeError, match=r"transform must give a dict .*; found None"):
        list(Loader(ds, ["y"], batch_size=30, transform=lambda batch: None))


def rows_of_epoch(loader: Loader) -> list[int]:
    """Run in another process."""
    return seen(loader)


def test_spawned_processes_see_the_same_epoch(stored: xr.Dataset) -> None:
    loader = Loader(stored, ["y"], batch_size=4, shuffle=True, seed=5, buffer_bytes=60)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = pool.map(rows_of_epoch, [loader, loader])
    assert found == [seen(loader)] * 2
