"""Laws of seqdata that hold for any data: labels, rows, stores, windows and epochs."""

from __future__ import annotations

import csv
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import seqdata as sd
import seqpro as sp
from seqdata import store
from seqdata.labels import decode_labels, encode_labels
from seqdata.readers import table as tables
from seqdata.testing import assert_conforms
from seqdata.view import sequence_variables

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SEQUENCES = st.lists(st.text("ACGTNacgtn", max_size=9), min_size=1, max_size=12)
NUMBERS = st.floats(width=32, allow_infinity=False)
few_writes = settings(
    max_examples=15, deadline=None
)  # the first write and the first kernel are slow
some = settings(max_examples=60, deadline=None)


def dataset(sequences: list[str], words: list[str], numbers: list[float]) -> xr.Dataset:
    """Rows of any length with a label, free text and a measurement, under keys 100, 107, ..."""
    flat = sp.Ragged.from_bytes([s.encode() for s in sequences])
    n = len(sequences)
    return xr.Dataset(
        {
            "row": ("_sequence", 100 + 7 * np.arange(n)),
            **sequence_variables(flat, sp.DNA),
            "tissue": ("_sequence", np.resize(np.array(words, dtype=object), n)),
            "id": ("_sequence", np.resize(np.array(words[::-1], dtype=object), n)),
            "y": ("_sequence", np.resize(np.array(numbers, "f4"), n)),
        }
    )


DATASETS = st.builds(
    dataset,
    SEQUENCES,
    st.lists(WORDS, min_size=1, max_size=5),
    st.lists(NUMBERS, min_size=1, max_size=5),
)


def letters(ds: xr.Dataset) -> dict[int, bytes]:
    rows = sd.ragged(ds, "seq") if "seq_value" in ds.dims else ds["seq"].values
    return {int(k): row.tobytes() for k, row in zip(ds["row"].values, rows, strict=True)}


@some
@given(st.lists(WORDS, max_size=30))
def test_any_labels_come_back(words: list[str]) -> None:
    codes, attrs = encode_labels(np.array(words, dtype=object)) or pytest.fail("not encoded")
    assert len(str(attrs["flag_meanings"]).split()) == len(set(words))
    assert decode_labels(xr.Variable("d", codes, attrs)).values.tolist() == words


@few_writes
@given(DATASETS)
def test_any_rows_survive_a_store(ds: xr.Dataset) -> None:
    assert_conforms(ds)


@some
@given(DATASETS, st.data())
def test_any_selection_keeps_the_contract_and_each_rows_letters(
    ds: xr.Dataset, data: st.DataObject
) -> None:
    n = ds.sizes["_sequence"]
    chosen = data.draw(st.permutations(range(n)))[: data.draw(st.integers(0, n))]
    result = ds.isel(_sequence=chosen)
    sd.validate(result)
    expected = letters(ds)
    assert letters(result) == {int(100 + 7 * i): expected[100 + 7 * i] for i in chosen}


@some
@given(DATASETS, st.data())
def test_any_parts_joined_are_the_whole(ds: xr.Dataset, data: st.DataObject) -> None:
    n = ds.sizes["_sequence"]
    cut = data.draw(st.integers(0, n))
    parts = [ds.isel(_sequence=slice(cut, n)), ds.isel(_sequence=slice(0, cut))]
    joined = xr.concat(parts, dim="_sequence", data_vars="minimal")
    sd.validate(joined)
    xr.testing.assert_equal(joined.sortby("row"), ds)


@given(
    rows=st.lists(
        st.tuples(st.text("ACGTN", min_size=1, max_size=9), NUMBERS | st.none()), min_size=1, max_size=9
    ),
    block=st.integers(1, 4),
)  # fmt: skip
@some
def test_any_table_is_read_as_written(rows: list[tuple[Any, ...]], block: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(tables, "_ROWS", block)
        path = Path(folder, "a.csv")
        with path.open("w", newline="") as stream:
            writer = csv.writer(stream, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
            writer.writerows([("dna", "y"), *((r[0], "" if r[1] is None else r[1]) for r in rows)])
        ds = sd.read_table(path, sequence="dna", targets="y")
    assert list(letters(ds).values()) == [row[0].encode() for row in rows]
    expected = np.array([np.nan if row[1] is None else row[1] for row in rows], "f4")
    missing = np.isnan(expected)
    if set(expected[~missing]) in ({0}, {1}, {0, 1}):  # classes
        expected = np.where(missing, -1, expected).astype("i1")
    assert ds["y"].dtype == expected.dtype
    np.testing.assert_array_equal(ds["y"].values, expected)


PARTNER = str.maketrans("ACGTacgt", "TGCAtgca")


def window_of(start: int, end: int, length: int | None, jitter: int) -> tuple[int, int]:
    if length is not None:
        start = (start + end - length) // 2
        end = start + length
    return start - jitter, end + jitter


@given(
    contig=st.text("ACGTacgtN", min_size=1, max_size=60),
    width=st.integers(1, 20),
    windows=st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 25), st.sampled_from("+-.")),
        min_size=1, max_size=9,
    ),
    length=st.none() | st.integers(1, 30),
    jitter=st.integers(0, 5),
    block=st.integers(1, 10),
)  # fmt: skip
@some
def test_any_window_is_cut_as_by_hand(
    contig: str, width: int, windows: list[Any], length: int | None, jitter: int, block: int
) -> None:
    lines = "\n".join(contig[i : i + width] for i in range(0, len(contig), width))
    rows = []
    for start, size, strand in windows:
        start %= len(contig) + 1  # at times just beside the contig
        rows.append(("c", start, start + size, strand))
    frame = pd.DataFrame(rows, columns=["chrom", "chromStart", "chromEnd", "strand"])
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys.modules["seqdata.build"], "block_rows", lambda ds, **_: block)
        path = Path(folder, "g.fa")
        path.write_text(f">other\nAAAA\n>c\n{lines}\n>last\nCC\n")
        cut = partial(sd.build, frame, seq=sd.GenomeFASTA(path), length=length, max_jitter=jitter)
        spans = [window_of(start, end, length, jitter) for _, start, end, _ in rows]
        begins = [max(row[1], span[0]) for row, span in zip(rows, spans, strict=True)]
        if max(begins) >= len(contig) or min(end for _, end in spans) <= 0:
            with pytest.raises(ValueError, match="must overlap its contig, which has"):
                cut()
            return
        ds = cut()
    padded = "N" * 200 + contig + "N" * 200
    for found, (start, end), row in zip(letters(ds).values(), spans, rows, strict=True):
        expected, strand = padded[200 + start : 200 + end], row[3]
        assert found.decode() == (expected.translate(PARTNER)[::-1] if strand == "-" else expected)


N = 23


BLOCKS = [1, 2, 5, 22, 100]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[int, xr.Dataset]:
    """Numbered rows in stores of so many rows to a block."""
    ds = xr.Dataset({"row": ("_sequence", np.arange(N)), "y": ("_sequence", np.arange(N) * 2)})
    folder, found = tmp_path_factory.mktemp("stores"), {}
    with pytest.MonkeyPatch.context() as patched:
        for block in BLOCKS:
            patched.setattr(store, "_MOST_ROWS", block)
            found[block] = sd.to_zarr(ds, folder / f"{block}.zarr")
    return found


@given(
    block=st.sampled_from(BLOCKS),
    batch_size=st.integers(1, 30),
    buffer_bytes=st.integers(1, 600),
    shuffle=st.booleans(),
    drop_last=st.booleans(),
    rows=st.none() | st.lists(st.integers(-N, N - 1), min_size=1, max_size=40),
    seed=st.integers(0, 2**63),
)
@settings(deadline=None, max_examples=120)
def test_any_epoch_gives_each_selected_row_once(
    stores: dict[int, xr.Dataset],
    block: int,
    batch_size: int,
    rows: list[int] | None,
    shuffle: bool,
    drop_last: bool,
    **options: int,
) -> None:
    chosen = {"rows": rows, "shuffle": shuffle, "drop_last": drop_last, "batch_size": batch_size}
    loader = sd.Loader(stores[block], ["row", "y"], **chosen, **options)
    batches = list(loader)
    assert len(batches) == len(loader)
    found = [int(row) for batch in batches for row in batch["row"]]
    assert [int(y) for batch in batches for y in batch["y"]] == [2 * row for row in found]
    wanted = [row % N for row in (range(N) if rows is None else rows)]
    if drop_last:
        assert all(len(batch["row"]) == batch_size for batch in batches)
        assert len(found) == len(wanted) - len(wanted) % batch_size
        assert not pd.Series(found).value_counts().gt(pd.Series(wanted).value_counts()).any()
    else:
        assert sorted(found) == sorted(wanted)
    if not shuffle:
        assert found == wanted[: len(found)]
