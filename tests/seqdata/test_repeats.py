"""Texts that come twice: the barcode that is there again nine million rows later is found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import seqdata as sd
from seqdata import repeats
from seqdata.repeats import repeated_rows


def dataset(texts: list[str]) -> xr.Dataset:
    ids = np.array(texts, dtype=object)
    return xr.Dataset({"row": ("_sequence", np.arange(len(texts))), "id": ("_sequence", ids)})


def plain(texts: list[str]) -> list[int]:
    """Find them with a set of all."""
    seen: set[str] = set()
    found = []
    for row, text in enumerate(texts):
        if text and text in seen:
            found.append(row)
        seen.add(text)
    return found


@settings(deadline=None, max_examples=200)
@given(
    texts=st.lists(st.sampled_from(["", "a", "b", "ab", "é", "a ", "bb", "\0"]), max_size=30),
    rows=st.integers(1, 7),
    most=st.integers(1, 7),
    keys=st.sampled_from([1, 2, 3, 2**60]),
)
def test_what_a_set_of_all_finds_is_found(
    texts: list[str], rows: int, most: int, keys: int
) -> None:
    """For any size of what is held, and where different texts share a key."""
    original = repeats.text_keys
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(repeats, "_ROWS", rows)
        patched.setattr(repeats, "_MOST", most)
        patched.setattr(repeats, "text_keys", lambda values: original(values) % np.uint64(keys))
        assert repeated_rows(dataset(texts), "id").tolist() == plain(texts)


@pytest.mark.parametrize("chunks", [None, {}], ids=["lazy", "dask"])
def test_ids_of_a_store_are_read_block_by_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunks: object
) -> None:
    monkeypatch.setattr(repeats, "_ROWS", 100)
    texts = [f"r{i}" for i in range(1_000)]
    texts[990] = texts[3]
    sd.to_zarr(dataset(texts), tmp_path / "a.zarr")
    assert repeated_rows(sd.open_zarr(tmp_path / "a.zarr", chunks=chunks), "id").tolist() == [990]


@pytest.mark.parametrize("name", ["row", "nothing", "both"])
def test_what_is_no_text_of_rows_is_refused(name: str) -> None:
    ds = dataset(["a"]).assign(both=(("_sequence", "k"), np.array([["a", "b"]], object)))
    with pytest.raises(ValueError, match=rf"one text a row \(_sequence,\); found '{name}'"):
        repeated_rows(ds, name)
