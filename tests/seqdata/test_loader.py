"""One epoch gives each selected row once, in a decided order, from a bounded buffer."""

from __future__ import annotations

import gc
import multiprocessing
import threading
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import seqdata as sd
from seqdata import store
from seqdata.loader import Loader, select_rows
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
    """Two blocks at a time in the buffer: no batch may be one block in order."""
    loader = Loader(stored, ["y"], batch_size=14, shuffle=True, buffer_bytes=14 * 4)
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
    "batch size": ({"batch_size": 0}, "batch_size must be at least 1; found 0"),
    "crop": ({"crop": "left"}, "crop must be 'center' or 'random'; found 'left'"),
}


@pytest.mark.parametrize(("options", "message"), ERRORS.values(), ids=ERRORS)
def test_what_cannot_be_loaded_is_named(options: dict[str, Any], message: str) -> None:
    ds = numbered().assign(grid=("x", np.zeros(3)), one=3)
    with pytest.raises(ValueError, match=message):
        Loader(ds, **{"variables": ["y"], "batch_size": 2, **options})


def test_ragged_rows_are_refused(ragged: xr.Dataset) -> None:
    for name in ("seq", "reactivity"):
        with pytest.raises(ValueError, match="rows of unequal length; give them one length"):
            Loader(ragged, [name], batch_size=2)
    assert len(seen(Loader(ragged, ["half_life"], batch_size=2), "half_life")) == 7


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
        assert peak < 5 * 300_000


def test_reading_ahead_never_holds_more_than_the_buffer(
    stored: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    original = Loader._read
    monkeypatch.setattr(
        Loader, "_read", lambda self, rows: (asked.append(len(rows)), original(self, rows))[1]
    )
    for shuffle in (False, True):
        seen(Loader(stored, ["y"], batch_size=3, shuffle=shuffle, buffer_bytes=15 * 4))
    assert max(asked) <= 15
    assert sum(asked) == 2 * N


def test_what_fits_the_buffer_is_read_once_for_all_epochs(
    stored: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader = Loader(stored, ["y"], batch_size=4, shuffle=True)
    seen(loader)
    monkeypatch.setattr(Loader, "_read", lambda *args: pytest.fail("read again"))
    assert sorted(seen(loader)) == list(range(N))


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


def rows_of_epoch(loader: Loader) -> list[int]:
    """Run in another process."""
    return seen(loader)


def test_spawned_processes_see_the_same_epoch(stored: xr.Dataset) -> None:
    loader = Loader(stored, ["y"], batch_size=4, shuffle=True, seed=5, buffer_bytes=60)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = pool.map(rows_of_epoch, [loader, loader])
    assert found == [seen(loader)] * 2
