"""The xarray functions of seqpro, each against the plain one, in any layout and lazily."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import cloudpickle
import dask
import dask.array as da
import numpy as np
import pytest
import xarray as xr

import seqpro as sp
from seqpro import AA, DNA, RNA, complexity, distance
from seqpro.complexity import entropy, linguistic_complexity
from seqpro.distance import edit_distance, hamming_distance
from seqpro.kmers import kmer_names

LENGTH = 12
ROWS = ("_sequence", "sample")  # 5 by 2
AXIS = {"S1": None, "uint8": None, "onehot": -2}
LETTERS = {"_length"}
ONEHOT = {"_ohe", "_length"}


@dataclass(frozen=True)
class Case:
    """A function, what it is compared with, what it takes, and the dims it gives after those of rows."""

    run: Callable[[Any], Any]
    plain: Callable[[np.ndarray, int | None], np.ndarray]
    out: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("S1", "uint8", "onehot")
    same: bool = False  # gives the sequences back, with the dims they came with


RNG = 7

CASES = {
    "ohe": Case(
        lambda x: sp.xr.ohe(x, DNA, dtype="f4", case="strict", unknown="uniform"),
        lambda a, axis: sp.ohe(a, DNA, ohe_axis=-2, dtype="f4", case="strict", unknown="uniform"),
        ("_ohe", "_length"),
        ("S1", "uint8"),
    ),
    "decode_ohe": Case(
        lambda x: sp.xr.decode_ohe(x, DNA, unknown_char="?"),
        lambda a, axis: sp.decode_ohe(a, DNA, ohe_axis=axis, unknown_char="?"),
        ("_length",),
        ("onehot",),
    ),
    "tokenize": Case(
        lambda x: sp.xr.tokenize(x, DNA, unknown=9, dtype="i2"),
        lambda a, axis: sp.tokenize(a, DNA, unknown=9, dtype="i2", ohe_axis=axis),
        ("_length",),
    ),
    "decode_tokens": Case(
        lambda x: sp.xr.decode_tokens(x, DNA),
        lambda a, axis: sp.decode_tokens(a, DNA),
        ("_length",),
        ("tokens",),
    ),
    "kmer_tokens": Case(
        lambda x: sp.xr.kmer_tokens(x, 3, DNA, stride=2),
        lambda a, axis: sp.kmer_tokens(a, 3, DNA, stride=2, ohe_axis=axis),
        ("_token",),
    ),
    "decode_kmer_tokens": Case(
        lambda x: sp.xr.decode_kmer_tokens(x, 3, DNA, token_dim="_length", length_dim="letter"),
        lambda a, axis: sp.decode_kmer_tokens(a, 3, DNA),
        ("letter",),
        ("tokens",),
    ),
    "reverse_complement": Case(
        lambda x: sp.xr.reverse_complement(x, DNA),
        lambda a, axis: sp.reverse_complement(a, DNA, ohe_axis=axis),
        same=True,
    ),
    "transcribe": Case(
        sp.xr.transcribe, lambda a, axis: sp.transcribe(a), ("_length",), ("S1", "uint8")
    ),
    "back_transcribe": Case(
        sp.xr.back_transcribe, lambda a, axis: sp.back_transcribe(a), ("_length",), ("S1", "uint8")
    ),
    "translate": Case(
        lambda x: sp.xr.translate(x, frame=1, incomplete="drop"),
        lambda a, axis: sp.translate(a, frame=1, incomplete="drop", ohe_axis=axis),
        ("_aa_length",),
    ),
    "pad_seqs": Case(
        lambda x: sp.xr.pad_seqs(x, length=17, side="both"),
        lambda a, axis: sp.pad_seqs(a, length=17, side="both", ohe_axis=axis),
        same=True,
    ),
    "substitute": Case(
        lambda x: sp.xr.substitute(x, "GTC", 4),
        lambda a, axis: sp.substitute(a, "GTC", 4, ohe_axis=axis),
        same=True,
    ),
    "insert": Case(
        lambda x: sp.xr.insert(x, "GTC", 4),
        lambda a, axis: sp.insert(a, "GTC", 4, ohe_axis=axis),
        same=True,
    ),
    "delete": Case(
        lambda x: sp.xr.delete(x, 4, 3),
        lambda a, axis: sp.delete(a, 4, 3, ohe_axis=axis),
        same=True,
    ),
    "tile": Case(
        lambda x: sp.xr.tile(x, 31),
        lambda a, axis: sp.tile(a, 31, ohe_axis=axis),
        same=True,
    ),
    "k_shuffle": Case(
        lambda x: sp.xr.k_shuffle(x, 1, rng=RNG),
        lambda a, axis: sp.k_shuffle(a, 1, rng=RNG, ohe_axis=axis),
        same=True,
    ),
    "mutate": Case(
        lambda x: sp.xr.mutate(x, DNA, rate=0.5, rng=RNG),
        lambda a, axis: sp.mutate(a, DNA, rate=0.5, rng=RNG, ohe_axis=axis),
        same=True,
    ),
    "jitter": Case(
        lambda x: sp.xr.jitter(x, max_jitter=3, rng=RNG)[0],
        lambda a, axis: sp.jitter(a, max_jitter=3, rng=RNG)[0],
        same=True,
    ),
    "gc_content": Case(
        lambda x: sp.xr.gc_content(x, by="valid"),
        lambda a, axis: sp.gc_content(a, by="valid", ohe_axis=axis),
    ),
    "nucleotide_content": Case(
        lambda x: sp.xr.nucleotide_content(x, DNA),
        lambda a, axis: sp.nucleotide_content(a, DNA, ohe_axis=axis),
        ("_ohe",),
    ),
    "unknown_content": Case(
        lambda x: sp.xr.unknown_content(x, DNA),
        lambda a, axis: sp.unknown_content(a, DNA, ohe_axis=axis),
    ),
    "length": Case(sp.xr.length, lambda a, axis: sp.length(a, ohe_axis=axis)),
    "count_kmers": Case(
        lambda x: sp.xr.count_kmers(x, 2, DNA, canonical=True, dtype="u2"),
        lambda a, axis: sp.count_kmers(a, 2, DNA, canonical=True, dtype="u2", ohe_axis=axis),
        ("_kmer",),
    ),
    "entropy": Case(
        lambda x: sp.xr.entropy(x, 2, DNA),
        lambda a, axis: entropy(a, 2, DNA, ohe_axis=axis),
    ),
    "linguistic_complexity": Case(
        lambda x: sp.xr.linguistic_complexity(x, iter([1, 2]), DNA),
        lambda a, axis: linguistic_complexity(a, [1, 2], DNA, ohe_axis=axis),
    ),
    "hash_rows": Case(
        lambda x: sp.xr.hash_rows(x, seed=4),
        lambda a, axis: sp.hash_rows(a.reshape(-1, LENGTH), seed=4).reshape(5, 2),
        kinds=("S1", "uint8"),
    ),
    "digest_rows": Case(
        lambda x: sp.xr.digest_rows(x, algorithm="md5"),
        lambda a, axis: sp.digest_rows(a.reshape(-1, LENGTH), algorithm="md5").reshape(5, 2, -1),
        ("_digest",),
        ("S1", "uint8"),
    ),
    "hamming_distance": Case(
        lambda x: sp.xr.hamming_distance(x, "ACGTACGTACGT", DNA),
        lambda a, axis: hamming_distance(a, onehot_if(axis, "ACGTACGTACGT"), DNA, ohe_axis=axis),
    ),
    "edit_distance": Case(
        lambda x: sp.xr.edit_distance(x, "ACGTACG", DNA),
        lambda a, axis: edit_distance(a, onehot_if(axis, "ACGTACG"), DNA, ohe_axis=axis),
    ),
    "bin_coverage": Case(
        lambda x: sp.xr.bin_coverage(x, 4, statistic="mean"),
        lambda a, axis: sp.bin_coverage(a, 4, statistic="mean"),
        ("_bin",),
        ("track", "tokens"),
    ),
    "normalize_coverage": Case(
        lambda x: sp.xr.normalize_coverage(x, 5e6, method="CPKM"),
        lambda a, axis: sp.normalize_coverage(a, 5e6, method="CPKM"),
        ("_length",),
        ("track", "tokens"),
    ),
}
EVERY = [(name, kind) for name, case in CASES.items() for kind in case.kinds]
ONE_KIND = [(name, case.kinds[-1]) for name, case in CASES.items()]  # one-hot where there is
RANDOM = ("k_shuffle", "mutate", "jitter")
MAPPED = ("ohe", "decode_ohe", "tokenize", "decode_tokens", "transcribe", "back_transcribe")

# an order of dims, and the chunks of a lazy array; None for one in memory
LAYOUTS = {
    "memory": (("_sequence", "sample", "_ohe", "_length"), None),
    "memory, positions first": (("_length", "_ohe", "_sequence", "sample"), None),
    "memory, letters first": (("_ohe", "_sequence", "_length", "sample"), None),
    "memory, letters last": (("_sequence", "sample", "_length", "_ohe"), None),
    "one chunk, positions first": (("_length", "_sequence", "sample", "_ohe"), {}),
    "chunks of rows": (("_sequence", "sample", "_length", "_ohe"), {"_sequence": (1, 3, 1)}),
    "chunks of positions": (("_sequence", "_ohe", "sample", "_length"), {"_length": 5}),
    "chunks everywhere": (
        ("_ohe", "_sequence", "_length", "sample"),
        {"_sequence": (2, 3), "sample": 1, "_length": (4, 8), "_ohe": 3},
    ),
}


@pytest.fixture(autouse=True)
def _one_thread():
    with dask.config.set(scheduler="synchronous"):
        yield


def onehot_if(axis, sequence):
    return sequence if axis is None else sp.ohe(sequence, DNA, ohe_axis=axis)


@cache
def values(kind: str) -> np.ndarray:
    """Rows of one kind, shape (5, 2, 12) or (5, 2, 4, 12), N and lower case included."""
    rng = np.random.default_rng(3)
    letters = rng.choice(list(b"ACGTacgtN"), (5, 2, LENGTH)).astype(np.uint8)
    if kind == "onehot":
        return sp.ohe(letters, DNA, ohe_axis=-2, dtype="f4")
    if kind == "tokens":
        return rng.integers(-1, 4, (5, 2, LENGTH))
    if kind == "track":
        return rng.random((5, 2, LENGTH)).astype("f4")
    return letters.view(kind)


def array_of(kind: str, layout: str = "memory") -> xr.DataArray:
    """The same rows as a DataArray, strided in memory."""
    order, chunks = LAYOUTS[layout]
    dims = (*ROWS, "_ohe", "_length") if kind == "onehot" else (*ROWS, "_length")
    order = tuple(dim for dim in order if dim in dims)
    doubled = np.repeat(values(kind), 2, axis=0)[::2]
    data = xr.DataArray(doubled, dims=dims, name="seq").transpose(*order)
    return data if chunks is None else data.chunk({d: c for d, c in chunks.items() if d in dims})


def expected(name: str, kind: str) -> xr.DataArray:
    case = CASES[name]
    out = case.out
    if case.same:
        out = ("_ohe", "_length") if kind == "onehot" else ("_length",)
    plain = case.plain(values(kind), AXIS.get(kind))
    return xr.DataArray(plain, dims=(*ROWS, *out))


@pytest.mark.parametrize(
    ("name", "kind", "layout"),
    [
        (name, kind, layout)
        for name, kind in EVERY
        for layout in LAYOUTS
        if kind != "uint8" or layout in ("memory, positions first", "chunks everywhere")
    ],
)
def test_any_layout_gives_what_the_plain_function_gives(name, kind, layout):
    result = CASES[name].run(array_of(kind, layout))
    wanted = expected(name, kind)
    assert result.dims == wanted.dims
    assert result.dtype == wanted.dtype
    assert (result.chunks is None) == (LAYOUTS[layout][1] is None)
    assert result.name == "seq"
    loaded = result.compute()
    assert loaded.shape == result.shape  # what was declared of a lazy array
    assert loaded.dtype == result.dtype
    np.testing.assert_array_equal(loaded.values, wanted.values)


def test_every_public_function_is_in_the_table():
    assert set(sp.xr.__all__) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_options_are_those_of_the_plain_function(name):
    """Whoever knows the plain function knows this one: names, order, defaults; dims instead of axes."""
    modules = (sp, complexity, distance)
    plain = next(module for module in modules if hasattr(module, name))
    theirs = inspect.signature(getattr(plain, name)).parameters
    mine = inspect.signature(getattr(sp.xr, name)).parameters
    gone = {"ohe_axis", "length_axes", "out", "to_stop", "all_pairs"}
    assert [p for p in mine if p in theirs] == [p for p in theirs if p not in gone]
    assert all(p.endswith(("_dim", "_dims")) for p in mine if p not in theirs)
    for parameter in set(mine) & set(theirs) - {"length"}:
        assert mine[parameter].default == theirs[parameter].default
        assert mine[parameter].kind == theirs[parameter].kind


@pytest.mark.parametrize(("name", "kind"), ONE_KIND)
def test_one_sequence_and_none(name, kind):
    """A single row, without dims of sequences, is treated like a row of many; no rows give no rows."""
    for chunks in (None, {}):
        data = array_of(kind).isel(_sequence=0, sample=0)
        none = array_of(kind).isel(_sequence=slice(0))
        if chunks is not None:
            data, none = data.chunk(), none.chunk()
        one = CASES[name].run(data).compute()
        wanted = expected(name, kind)
        assert one.dims == wanted.dims[2:]
        np.testing.assert_array_equal(one.values, wanted.values[0, 0])
        nothing = CASES[name].run(none).compute()
        assert nothing.shape == (0, *wanted.shape[1:])
        assert nothing.dtype == wanted.dtype


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_nothing_is_computed_before_it_is_asked_for(name, kind):
    def refuse(block):
        msg = "computed"
        raise RuntimeError(msg)

    data = array_of(kind, "chunks everywhere")
    source = da.map_blocks(refuse, data.data, dtype=data.dtype, meta=data.data._meta)
    lazy_coord = da.map_blocks(refuse, da.zeros(5, chunks=2), dtype=float, meta=np.empty(0))
    lazy = data.copy(data=source).assign_coords(depth=("_sequence", lazy_coord))
    result = CASES[name].run(lazy)
    assert result.chunks is not None
    assert result.coords["depth"].chunks is not None
    with pytest.raises(RuntimeError, match="computed"):
        result.compute()


def test_lazy_coords_of_two_arrays_are_not_computed_to_compare_them():
    def refuse(block):
        msg = "computed"
        raise RuntimeError(msg)

    def with_depth(data, fill):
        depth = da.map_blocks(refuse, da.full(5, fill, chunks=2), dtype=float, meta=np.empty(0))
        return data.assign_coords(depth=("_sequence", depth))

    seqs = with_depth(array_of("S1", "chunks of rows"), 1)
    mask = with_depth(xr.DataArray(np.ones(5, bool), dims="_sequence"), 2)
    result = sp.xr.reverse_complement(seqs, DNA, mask=mask)
    assert result.coords["depth"].chunks is not None


@pytest.mark.parametrize("name", MAPPED)
def test_letter_by_letter_functions_keep_chunks_along_positions(name):
    """A chromosome in pieces must not become one piece in memory."""
    for kind in CASES[name].kinds:
        data = array_of(kind).chunk({"_length": 5})
        assert CASES[name].run(data).chunksizes["_length"] == (5, 5, 2)


@pytest.mark.parametrize(("name", "kind"), ONE_KIND)
def test_lazy_results_can_be_sent_to_other_processes(name, kind):
    result = CASES[name].run(array_of(kind, "chunks of rows"))
    sent = cloudpickle.loads(cloudpickle.dumps(result))
    np.testing.assert_array_equal(sent.values, expected(name, kind).values)


@pytest.mark.parametrize("name", ["ohe", "k_shuffle", "count_kmers"])
def test_many_threads_agree(name):
    result = CASES[name].run(array_of("uint8", "chunks everywhere"))
    with dask.config.set(scheduler="threads", num_workers=8):
        np.testing.assert_array_equal(result.values, expected(name, "uint8").values)


def test_networks_get_contiguous_one_hot_arrays():
    assert sp.xr.ohe(array_of("S1"), DNA).values.flags.c_contiguous
    lazy = sp.xr.ohe(array_of("S1").chunk({"_sequence": 2, "_length": 5}), DNA)
    assert lazy.values.flags.c_contiguous


# coords and attributes


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize(("name", "kind"), ONE_KIND)
def test_coords_of_sequences_are_kept(name, kind, lazy):
    data = array_of(kind).assign_coords(
        _sequence=("_sequence", list("vwxyz"), {"long_name": "row"}),
        chrom=("_sequence", ["1", "1", "2", "2", "X"]),
        depth=(ROWS, np.arange(10.0).reshape(5, 2), {"units": "reads"}),
        genome="hg38",
        letter_place=("_length", np.arange(LENGTH)),
    )
    result = CASES[name].run(data.chunk({"_sequence": 2}) if lazy else data)
    for coord in ("_sequence", "chrom", "depth", "genome"):
        assert result.coords[coord].dims == data.coords[coord].dims
        assert result.coords[coord].values.tolist() == data.coords[coord].values.tolist()
        assert result.coords[coord].attrs == data.coords[coord].attrs
    moved = {"pad_seqs", "insert", "delete", "tile", "jitter"}
    stays = name not in moved and "_length" in result.dims
    assert ("letter_place" in result.coords) == stays


@pytest.mark.parametrize("name", CASES)
def test_attributes_stay_only_where_they_are_still_true(name):
    kind = CASES[name].kinds[0]
    data = array_of(kind).assign_attrs(alphabet="DNA")
    kept = CASES[name].same or name in ("ohe", "decode_ohe")
    assert CASES[name].run(data).attrs == ({"alphabet": "DNA"} if kept else {})
    assert data.attrs == {"alphabet": "DNA"}


def test_inputs_are_not_modified():
    for name, kind in EVERY:
        data = array_of(kind)
        CASES[name].run(data)
        np.testing.assert_array_equal(data.values, values(kind))


def test_letters_and_words_are_labels():
    seqs = array_of("S1")
    assert sp.xr.ohe(seqs, DNA)["_ohe"].values.tolist() == list("ACGT")
    assert sp.xr.nucleotide_content(seqs, AA)["_ohe"].values.tolist() == list(AA.letters)
    assert sp.xr.count_kmers(seqs, 2, DNA)["_kmer"].values.tolist() == kmer_names(2, DNA)
    assert sp.xr.count_kmers(seqs, 6, DNA)["_kmer"].size == 4096
    assert "_kmer" not in sp.xr.count_kmers(seqs, 7, DNA).coords


def test_dims_are_named_by_arguments():
    seqs = array_of("S1").rename(_length="place")
    onehot = sp.xr.ohe(seqs, DNA, length_dim="place", ohe_dim="base")
    assert onehot.dims == (*ROWS, "base", "place")
    back = sp.xr.decode_ohe(onehot, DNA, length_dim="place", ohe_dim="base")
    assert back.dims == (*ROWS, "place")
    assert sp.xr.gc_content(onehot, length_dim="place", ohe_dim="base").dims == ROWS
    counts = sp.xr.count_kmers(onehot, 1, DNA, length_dim="place", ohe_dim="base", kmer_dim="w")
    assert counts.dims == (*ROWS, "w")
    same_name = sp.xr.translate(array_of("S1"), aa_length_dim="_length")
    assert same_name.sizes["_length"] == 4
    assert sp.xr.bin_coverage(array_of("track"), 3, bin_dim="_length").sizes["_length"] == 4


# what the published package got wrong


def test_translate_reads_the_right_letters_whatever_the_memory_order():
    """ATGAAA came back as MV where positions were not last in memory."""
    seqs = xr.DataArray(
        np.array([list(b"ATGAAA"), list(b"TGGTAA")], np.uint8), dims=("n", "_length")
    )
    for data in (seqs, seqs.transpose("_length", "n"), seqs.transpose("_length", "n").copy()):
        assert [row.tobytes() for row in sp.xr.translate(data).values] == [b"MK", b"W*"]


def test_lazy_translate_and_bin_coverage_know_their_sizes():
    lazy = array_of("uint8").chunk({"_length": 5})
    assert sp.xr.translate(lazy).shape == (5, 2, 4)
    assert sp.xr.bin_coverage(array_of("track").chunk({"_length": 5}), 6).shape == (5, 2, 2)


# random functions


@pytest.mark.parametrize("name", RANDOM)
def test_generator_moves_on_as_in_the_plain_function(name):
    functions = {
        "k_shuffle": (lambda x, g: sp.xr.k_shuffle(x, rng=g), lambda a, g: sp.k_shuffle(a, rng=g)),
        "mutate": (
            lambda x, g: sp.xr.mutate(x, DNA, number=2, rng=g),
            lambda a, g: sp.mutate(a, DNA, number=2, rng=g),
        ),
        "jitter": (
            lambda x, g: sp.xr.jitter(x, max_jitter=2, rng=g)[0],
            lambda a, g: sp.jitter(a, max_jitter=2, rng=g)[0],
        ),
    }
    named, plain = functions[name]
    mine, theirs = np.random.default_rng(5), np.random.default_rng(5)
    letters = sp.random_seqs((5, 2, LENGTH), DNA, rng=0)
    data = xr.DataArray(letters, dims=(*ROWS, "_length")).chunk({"_sequence": 2})
    for _ in range(2):
        np.testing.assert_array_equal(named(data, mine).values, plain(letters, theirs))
    assert mine.bit_generator.state == theirs.bit_generator.state


@pytest.mark.parametrize("name", RANDOM)
def test_unseeded_lazy_result_is_one_result(name):
    """Two computations of one lazy array agree; two calls differ."""
    data = xr.DataArray(sp.random_seqs((50, 40), DNA, rng=0), dims=("_sequence", "_length")).chunk(
        {"_sequence": 20}
    )
    make = {
        "k_shuffle": lambda: sp.xr.k_shuffle(data),
        "mutate": lambda: sp.xr.mutate(data, DNA, rate=0.5),
        "jitter": lambda: sp.xr.jitter(data, max_jitter=10)[0],
    }[name]
    first = make()
    assert (first.values == first.values).all()
    assert (first.values != make().values).any()


@pytest.mark.parametrize("lazy", [False, True])
def test_rows_give_a_part_the_result_it_has_in_the_whole(lazy):
    whole = xr.DataArray(sp.random_seqs((6, 30), DNA, rng=0), dims=("_sequence", "_length"))
    whole = whole.chunk({"_sequence": 2}) if lazy else whole
    row = xr.DataArray(np.arange(6), dims="_sequence")
    part = [4, 1]
    for change in (
        lambda x, rows: sp.xr.k_shuffle(x, rng=1, rows=rows),
        lambda x, rows: sp.xr.mutate(x, DNA, rate=0.3, rng=1, rows=rows),
        lambda x, rows: sp.xr.jitter(x, max_jitter=5, rng=1, rows=rows)[0],
    ):
        of_part = change(whole.isel(_sequence=part), row.isel(_sequence=part))
        of_whole = change(whole, None).isel(_sequence=part)
        np.testing.assert_array_equal(of_part.values, of_whole.values)


def test_rows_may_be_shared_by_the_samples_of_a_sequence():
    row = xr.DataArray([3, 1], dims="_sequence")
    same = np.broadcast_to(sp.random_seqs((2, 1, 30), DNA, rng=0), (2, 3, 30))
    data = xr.DataArray(same, dims=(*ROWS, "_length"))
    shuffled = sp.xr.k_shuffle(data, rng=1, rows=row)
    assert (shuffled == shuffled.isel(sample=0)).all()
    assert (sp.xr.k_shuffle(data, rng=1) != shuffled).any()


def test_lazy_indices_are_shuffled_even_where_a_chunk_holds_only_two():
    indices = np.array([[0, 1, 0, 1, 1, 0], [3, 2, 1, 0, 2, 3]], np.uint8)
    data = xr.DataArray(indices, dims=("_sequence", "_length"))
    lazy = sp.xr.k_shuffle(data.chunk({"_sequence": 1}), 1, rng=0)
    np.testing.assert_array_equal(lazy.values, sp.k_shuffle(indices, 1, rng=0))
    assert lazy.dtype == np.uint8


@pytest.mark.parametrize("lazy", [False, True])
def test_jitter_keeps_a_sequence_its_one_hot_array_and_its_tracks_together(lazy):
    letters = sp.random_seqs((4, 20), DNA, rng=0)
    seqs = xr.DataArray(letters, dims=("_sequence", "_length"))
    onehot = sp.xr.ohe(seqs, DNA).transpose("_length", "_ohe", "_sequence")
    places = np.broadcast_to(np.arange(20), (3, 4, 20)) + np.arange(3)[:, None, None] * 100
    track = xr.DataArray(places, dims=("atac_sample", "_sequence", "atac_length"))
    if lazy:
        seqs, onehot = seqs.chunk({"_sequence": 1}), onehot.chunk({"_length": 3})
        track = track.chunk({"atac_sample": 1, "_sequence": 3, "atac_length": 7})
    lengths = ["_length", "_length", "atac_length"]
    cut, columns, signal = sp.xr.jitter(
        seqs, onehot, track, max_jitter=4, rng=2, length_dims=lengths
    )
    assert cut.dims == ("_sequence", "_length")
    assert columns.dims == ("_sequence", "_ohe", "_length")
    assert signal.dims == ("atac_sample", "_sequence", "atac_length")
    assert cut.sizes["_length"] == columns.sizes["_length"] == signal.sizes["atac_length"] == 12
    np.testing.assert_array_equal(sp.xr.decode_ohe(columns, DNA).values, cut.values)
    start = signal.values[0, :, 0]
    assert len(set(start)) > 1
    np.testing.assert_array_equal(
        signal.values % 100, np.broadcast_to(start[:, None] + np.arange(12), (3, 4, 12))
    )
    np.testing.assert_array_equal(cut.values, [letters[i, s : s + 12] for i, s in enumerate(start)])
    np.testing.assert_array_equal(cut.values, sp.jitter(letters, max_jitter=4, rng=2)[0])


# what goes with sequences


@pytest.mark.parametrize("kind", ["S1", "uint8", "onehot"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_mask_turns_the_sequences_it_names(kind, layout):
    chosen = np.array([True, False, True, False, False])
    data, mask = array_of(kind, layout), xr.DataArray(chosen, dims="_sequence")
    turned = sp.xr.reverse_complement(data, DNA, mask=mask).values
    axis = AXIS[kind]
    both = np.repeat(chosen[:, None], 2, axis=1)
    wanted = sp.reverse_complement(values(kind), DNA, ohe_axis=axis, mask=both)
    np.testing.assert_array_equal(turned, wanted)
    lazy_mask = mask.chunk({"_sequence": 3})
    again = sp.xr.reverse_complement(data, DNA, mask=lazy_mask)
    assert again.chunks is not None
    np.testing.assert_array_equal(again.values, wanted)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", ["S1", "onehot"])
def test_patterns_and_positions_of_each_sequence(kind, layout):
    data, axis = array_of(kind, layout), AXIS[kind]
    places = np.array([0, 9, 3, 1, 5])
    letters = sp.random_seqs((2, 3), DNA, rng=1)
    position = xr.DataArray(places, dims="_sequence")
    pattern = xr.DataArray(letters, dims=("sample", "_pattern_length")).transpose()
    full = np.broadcast_to(letters, (5, 2, 3)), np.broadcast_to(places[:, None], (5, 2))
    for named, plain in ((sp.xr.substitute, sp.substitute), (sp.xr.insert, sp.insert)):
        result = named(data, pattern, position)
        np.testing.assert_array_equal(result.values, plain(values(kind), *full, ohe_axis=axis))
    result = sp.xr.delete(data, position, 2)
    np.testing.assert_array_equal(result.values, sp.delete(values(kind), full[1], 2, ohe_axis=axis))


def test_coverage_is_scaled_by_the_total_of_its_sample():
    data = array_of("track", "chunks everywhere")
    totals = np.array([2e6, 5e5])
    total = xr.DataArray(totals, dims="sample")
    result = sp.xr.normalize_coverage(data, total)
    np.testing.assert_array_equal(result.values, sp.normalize_coverage(values("track"), totals))


# distances


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize(
    ("named", "plain"),
    [(sp.xr.hamming_distance, hamming_distance), (sp.xr.edit_distance, edit_distance)],
)
def test_distances_match_sequences_by_their_dims(named, plain, lazy):
    letters = sp.random_seqs((4, 9), DNA, rng=0)
    more = sp.random_seqs((3, 4, 9), DNA, rng=1)
    a = xr.DataArray(letters, dims=("_sequence", "_length"))
    b = xr.DataArray(more, dims=("haplotype", "_sequence", "_length"))
    if lazy:
        a, b = a.chunk({"_sequence": 3, "_length": 5}), b.chunk({"haplotype": 2, "_sequence": 1})

    def check(found, dims, wanted):
        assert found.dims == dims
        np.testing.assert_array_equal(found.values, wanted)

    check(named(a, a, DNA), ("_sequence",), np.zeros(4))
    check(named(a, b[0], DNA), ("_sequence",), plain(letters, more[0], DNA))
    wanted = np.array([plain(letters, rows, DNA) for rows in more])
    check(named(a, b, DNA), ("_sequence", "haplotype"), wanted.T)
    check(named(b, a, DNA), ("haplotype", "_sequence"), wanted)
    check(named(a[1], b, DNA), ("haplotype", "_sequence"), plain(letters[1], more, DNA))
    check(named(b, a[1], DNA), ("haplotype", "_sequence"), plain(more, letters[1], DNA))
    check(named(a[1], a[2], DNA), (), plain(letters[1], letters[2], DNA))
    pairs = plain(letters, more, DNA, all_pairs=True)
    others = b.rename(_sequence="_other")
    check(named(a, others, DNA), ("_sequence", "haplotype", "_other"), pairs)
    onehot = sp.xr.ohe(a, DNA)
    check(named(onehot, others, DNA), ("_sequence", "haplotype", "_other"), pairs)
    check(
        named(others, onehot, DNA), ("haplotype", "_other", "_sequence"), np.moveaxis(pairs, 0, -1)
    )


def test_edit_distance_takes_two_lengths():
    a = xr.DataArray(sp.as_codes(["ACGT", "CGTA"]), dims=("_sequence", "_length"))
    b = xr.DataArray(sp.as_codes(["CGTAA", "ACGTA"]), dims=("_sequence", "_length"))
    for lazy in (a, a.chunk({"_length": 3})):
        assert sp.xr.edit_distance(lazy, b, DNA).values.tolist() == [3, 1]


# what is refused


@pytest.mark.parametrize("name", CASES)
def test_a_dataset_is_refused_with_the_way_out(name):
    data = xr.Dataset({"reads": array_of("S1")})
    with pytest.raises(TypeError, match=r"must be a DataArray; found a Dataset.*data\['reads'\]"):
        CASES[name].run(data)


@pytest.mark.parametrize("name", CASES)
def test_a_plain_array_is_refused_with_the_way_out(name):
    with pytest.raises(
        TypeError, match=r"must be a DataArray; found ndarray. .* seqpro takes other"
    ):
        CASES[name].run(values("S1"))


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_a_missing_dim_of_positions_is_named(name, kind):
    data = array_of(kind).rename(_length="place")
    argument = {"jitter": "length_dims", "decode_kmer_tokens": "token_dim"}.get(name, "length_dim")
    with pytest.raises(ValueError, match=rf"the dim '_length'; found .*'place'.* as {argument}$"):
        CASES[name].run(data)


@pytest.mark.parametrize("dtype", [object, "U", "S"])
def test_whole_strings_are_refused_with_the_way_out(dtype):
    words = xr.DataArray(np.array(["ACGT", "GG"], dtype=dtype), dims="_sequence")
    for run in (sp.xr.gc_content, sp.xr.transcribe, lambda x: sp.xr.ohe(x.chunk(), DNA)):
        with pytest.raises(TypeError, match=r"one letter an entry.*pad_seqs\(seqs.values\) makes"):
            run(words)
    letters = xr.DataArray(sp.pad_seqs(words.values), dims=("_sequence", "_length"))
    assert sp.xr.gc_content(letters).values.tolist() == [0.5, 0.5]


def test_letters_as_text_are_refused_with_the_way_out():
    letters = xr.DataArray(np.array([list("ACGT")]), dims=("_sequence", "_length"))
    with pytest.raises(TypeError, match=r"text of type <U1. seqs.astype\('S1'\) makes letters"):
        sp.xr.gc_content(letters)
    assert sp.xr.gc_content(letters.astype("S1")).values.tolist() == [0.5]


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "onehot" in case.kinds])
def test_one_hot_of_another_dim_is_refused(name):
    if name == "jitter":  # takes numbers along any dims
        return
    message = r"'_ohe'" if name == "decode_ohe" else r"found float32. One-hot needs the dim '_ohe'"
    for data in (array_of("onehot"), array_of("onehot").chunk()):
        with pytest.raises((TypeError, ValueError), match=message):
            CASES[name].run(data.rename(_ohe="base"))


def test_columns_must_be_those_of_the_alphabet():
    onehot = sp.xr.ohe(array_of("S1"), DNA)
    with pytest.raises(ValueError, match=r"20 letters \(AA\) along '_ohe'; found .*'_ohe': 4"):
        sp.xr.decode_ohe(onehot, AA)
    with pytest.raises(ValueError, match=r"letters of RNA, ACGU.*found the labels ACGT"):
        sp.xr.decode_ohe(onehot, RNA)
    with pytest.raises(ValueError, match=r"found the labels TGCA.*in order with sel"):
        sp.xr.count_kmers(onehot.isel(_ohe=slice(None, None, -1)), 1, DNA)
    in_order = onehot.isel(_ohe=[2, 0, 1, 3]).sel(_ohe=list("ACGT"))
    xr.testing.assert_equal(sp.xr.decode_ohe(in_order, DNA), sp.xr.decode_ohe(onehot, DNA))
    labelled = onehot.assign_coords(_ohe=["p0", "p1", "p2", "p3"])
    xr.testing.assert_equal(sp.xr.decode_ohe(labelled, DNA), sp.xr.decode_ohe(onehot, DNA))


def refusals():
    letters, onehot, track = array_of("S1"), array_of("onehot"), array_of("track")
    row = xr.DataArray(np.arange(5), dims="_sequence")
    other = xr.DataArray(np.arange(3), dims="other")
    text = onehot.astype("U")
    short = letters.isel(_length=slice(5))
    number = r"must be one value or a DataArray"
    beyond = r"must have dims of the sequences, \('_sequence', 'sample'\); found \('other',\)"
    return {
        "ohe of one-hot": (lambda: sp.xr.ohe(onehot, DNA), r"seqs must be letters; found '_ohe'"),
        "text one-hot": (
            lambda: sp.xr.decode_ohe(text, DNA),
            r"numbers to be one-hot along '_ohe'",
        ),
        "decoding letters": (lambda: sp.xr.decode_ohe(letters, DNA), r"as ohe_dim$"),
        "transcribing numbers": (lambda: sp.xr.transcribe(track), r"S1 or uint8 .* found float32$"),
        "a dim that is there": (
            lambda: sp.xr.count_kmers(letters, 1, DNA, kmer_dim="sample"),
            r"new dims must not be among those of the array; found \['sample'\]",
        ),
        "mask of other dims": (
            lambda: sp.xr.reverse_complement(letters, DNA, mask=other > 1),
            "mask " + beyond,
        ),
        "mask of numbers": (
            lambda: sp.xr.reverse_complement(letters, DNA, mask=row),
            r"mask must be boolean",
        ),
        "mask along positions": (
            lambda: sp.xr.reverse_complement(letters, DNA, mask=letters == b"A"),
            r"mask must have dims of the sequences",
        ),
        "mask without dims": (
            lambda: sp.xr.reverse_complement(letters, DNA, mask=np.ones(5, bool)),
            "mask " + number,
        ),
        "labels that differ": (
            lambda: sp.xr.reverse_complement(
                letters.assign_coords(_sequence=list("abcde")),
                DNA,
                mask=(row > 1).assign_coords(_sequence=list("abcdx")),
            ),
            r"align",
        ),
        "position of other dims": (
            lambda: sp.xr.substitute(letters, "A", other),
            "position " + beyond,
        ),
        "positions without dims": (
            lambda: sp.xr.insert(letters, "A", [1, 2]),
            "position " + number,
        ),
        "position outside": (lambda: sp.xr.substitute(letters, "A", 12), r"must lie within"),
        "pattern of numbers": (
            lambda: sp.xr.substitute(letters, row, 1),
            r"pattern must hold letters",
        ),
        "pattern without positions": (
            lambda: sp.xr.substitute(letters, letters[:, :, 0], 1),
            r"pattern must have the dim '_pattern_length'.* as pattern_length_dim$",
        ),
        "pattern of other dims": (
            lambda: sp.xr.insert(
                letters, short.rename(_length="_pattern_length", sample="other"), 1
            ),
            r"pattern must have dims of the sequences",
        ),
        "sizes": (lambda: sp.xr.delete(letters, 1, row), r"size must be one number"),
        "rows without dims": (
            lambda: sp.xr.k_shuffle(letters, rows=np.arange(10)),
            r"rows must be a DataArray; found ndarray",
        ),
        "rows of other dims": (lambda: sp.xr.k_shuffle(letters, rows=other), "rows " + beyond),
        "rows of a jitter": (
            lambda: sp.xr.jitter(letters, max_jitter=1, rows=row.rename(_sequence="sample")),
            r"rows must have dims of the sequences, \('_sequence',\); found \('sample',\)",
        ),
        "no array to jitter": (lambda: sp.xr.jitter(max_jitter=1), r"needs an array or more"),
        "length_dims": (
            lambda: sp.xr.jitter(letters, track, max_jitter=1, length_dims=["_length"]),
            r"one dim or one for each; found 2 arrays and \['_length'\]",
        ),
        "no window left": (
            lambda: sp.xr.jitter(track, short.chunk(), max_jitter=3),
            r"arrays\[1\] must have more than 6 positions along '_length', .* found 5",
        ),
        "jitter by half": (
            lambda: sp.xr.jitter(track, max_jitter=0.5),
            r"max_jitter must be a whole",
        ),
        "jitter of some": (
            lambda: sp.xr.jitter(letters, track[0], max_jitter=1),
            r"arrays\[1\] has \('sample', '_length'\).* sequence_dim",
        ),
        "jitter of fewer": (lambda: sp.xr.jitter(letters, track[:3], max_jitter=1), r"_sequence"),
        "proteins of any length": (
            lambda: sp.xr.translate(letters, ambiguous="drop"),
            r"found 'drop'. seqpro.translate gives proteins of any lengths",
        ),
        "totals of other dims": (lambda: sp.xr.normalize_coverage(track, other), "total " + beyond),
        "totals without dims": (
            lambda: sp.xr.normalize_coverage(track, np.ones((5, 2))),
            "total " + number,
        ),
        "two lengths": (
            lambda: sp.xr.hamming_distance(letters, "ACG", DNA),
            r"found 12 and 3 along '_length'. edit_distance takes any",
        ),
        "others as numbers": (
            lambda: sp.xr.edit_distance(letters, track, DNA),
            r"others must hold letters",
        ),
        "others as a list": (
            lambda: sp.xr.edit_distance(letters, ["ACG"], DNA),
            r"others must be a DataArray; found list",
        ),
    }


@pytest.mark.parametrize("what", refusals())
def test_refusals_say_what_was_expected_and_found(what):
    run, message = refusals()[what]
    with pytest.raises((TypeError, ValueError), match=message):
        run()


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda x: sp.xr.ohe(x, "DNA"), r"alphabet must be an Alphabet"),
        (lambda x: sp.xr.ohe(x, DNA, unknown="maybe"), r"unknown must be"),
        (lambda x: sp.xr.k_shuffle(x, 0), r"k must be"),
        (lambda x: sp.xr.gc_content(x, by="weight"), r"by must be"),
        (lambda x: sp.xr.reverse_complement(x, AA), r"complement"),
        (lambda x: sp.xr.pad_seqs(x, length=-1), r"length must be a whole number, at least 0"),
        (lambda x: sp.xr.mutate(x, DNA), r"exactly one of rate and number"),
        (lambda x: sp.xr.bin_coverage(array_of("track").chunk(), 5), r"divide the length, 12"),
        (
            lambda x: sp.xr.kmer_tokens(x, 13, DNA),
            r"at most the length of the sequences, 12; found 13",
        ),
        (
            lambda x: sp.xr.translate(x, frame=2),
            r"found 12 positions along '_length'.* the last 1 out",
        ),
    ],
)
def test_lazy_arrays_show_wrong_arguments_at_once(run, message):
    with pytest.raises((TypeError, ValueError), match=message):
        run(array_of("S1").chunk())


def test_errors_of_a_chunk_say_what_their_numbers_count():
    lazy = sp.xr.ohe(array_of("S1").chunk({"_sequence": 1}), DNA, unknown="error")
    with pytest.raises(ValueError, match=r"found 'N' at position") as caught:
        lazy.compute()
    assert any("chunk of dask" in note for note in caught.value.__notes__)
    with pytest.raises(ValueError, match=r"found 'N' at position") as caught:
        sp.xr.ohe(array_of("S1"), DNA, unknown="error")
    assert not hasattr(caught.value, "__notes__")


# the import


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_bare_import_does_not_load_xarray():
    code = (
        "import sys, seqpro as sp\nbefore = 'xarray' in sys.modules\n"
        "sp.xr.ohe\nprint(before, 'xarray' in sys.modules)"
    )
    assert run_python(code).split() == ["False", "True"]


def test_arrays_in_memory_need_no_dask():
    code = (
        "import sys\nsys.modules['dask'] = None\nimport numpy as np, seqpro as sp, xarray as xr\n"
        "x = xr.DataArray(np.array([b'A', b'C']), dims='_length')\nprint(sp.xr.k_shuffle(x, 1).size)"
    )
    assert run_python(code).strip() == "2"


def test_without_xarray_the_error_names_the_extra():
    code = (
        "import sys\nsys.modules['xarray'] = None\nimport seqpro\n"
        "try:\n    seqpro.xr\nexcept ImportError as error:\n    print(error)"
    )
    assert "pip install eugene-seqpro[xarray]" in run_python(code)
