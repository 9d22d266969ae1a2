"""Laws of seqpro.xr: neither the order of dims nor chunks nor laziness changes a result."""

from __future__ import annotations

import dask
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import seqpro as sp
from seqpro import DNA

lazily = settings(deadline=None, max_examples=40)

seeds = st.integers(0, 2**63)
functions = st.sampled_from(
    [
        ("reverse_complement", lambda x: sp.xr.reverse_complement(x, DNA), sp.reverse_complement),
        (
            "k_shuffle",
            lambda x: sp.xr.k_shuffle(x, rng=5),
            lambda a, _, **o: sp.k_shuffle(a, rng=5, **o),
        ),
        (
            "mutate",
            lambda x: sp.xr.mutate(x, DNA, rate=0.4, rng=5),
            lambda a, _, **o: sp.mutate(a, DNA, rate=0.4, rng=5, **o),
        ),
        (
            "pad",
            lambda x: sp.xr.pad_seqs(x, length=6),
            lambda a, _, **o: sp.pad_seqs(a, length=6, **o),
        ),
        ("tokens", lambda x: sp.xr.tokenize(x, DNA), sp.tokenize),
        (
            "kmers",
            lambda x: sp.xr.count_kmers(x, 2, DNA),
            lambda a, _, **o: sp.count_kmers(a, 2, DNA, **o),
        ),
        (
            "translate",
            lambda x: sp.xr.translate(x, incomplete="drop"),
            lambda a, _, **o: sp.translate(a, incomplete="drop", **o),
        ),
        ("gc", sp.xr.gc_content, lambda a, _, **o: sp.gc_content(a, **o)),
    ]
)


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with dask.config.set(scheduler="synchronous"):
        yield


@st.composite
def chunks_of(draw, size):
    """Sizes of chunks that add up, one of them empty at times."""
    cuts = sorted(draw(st.lists(st.integers(0, size), max_size=3)))
    return tuple(int(step) for step in np.diff([0, *cuts, size]))


@st.composite
def arrays(draw, least=0):
    """Letters of any number of rows and axes, with the DataArray of them in any order and chunks."""
    shape = (*draw(st.lists(st.integers(0, 4), max_size=2)), draw(st.integers(least, 11)))
    letters = np.random.default_rng(draw(seeds)).choice(list(b"ACGTNacgtn"), shape).astype(np.uint8)
    dims = (*("_sequence", "sample")[: len(shape) - 1], "_length")
    return letters.view(draw(st.sampled_from(["S1", "u1"]))), dims


@st.composite
def named(draw, array, dims):
    """The array with its dims in any order (those of rows as they were), in memory or in chunks."""
    fixed = [dim for dim in dims if not dim.startswith(("_o", "_l"))]
    order = list(fixed)
    for dim in (dim for dim in dims if dim not in fixed):
        order.insert(draw(st.integers(0, len(order))), dim)
    data = xr.DataArray(array, dims=dims).transpose(*order)
    if draw(st.booleans()):
        return data
    return data.chunk({dim: draw(chunks_of(size)) for dim, size in data.sizes.items()})


@lazily
@given(st.data(), functions, arrays(), st.booleans())
def test_results_do_not_depend_on_layout_or_chunks(data, function, array, is_onehot):
    _, run, plain = function
    letters, dims = array
    options = {}
    if is_onehot:
        letters, dims = sp.ohe(letters, DNA, ohe_axis=-2), (*dims[:-1], "_ohe", "_length")
        options = {"ohe_axis": -2}
    given_array = data.draw(named(letters, dims))
    result = run(given_array)
    assert (result.chunks is None) == (given_array.chunks is None)
    wanted = plain(letters, DNA, **options)
    assert result.shape == wanted.shape
    assert result.dtype == wanted.dtype
    np.testing.assert_array_equal(result.values, wanted)


@lazily
@given(st.data(), arrays())
def test_one_hot_and_back_gives_the_letters(data, array):
    letters, dims = array
    onehot = sp.xr.ohe(data.draw(named(letters, dims)), DNA)
    assert onehot.dims == (*dims[:-1], "_ohe", "_length")
    again = data.draw(named(onehot.values, onehot.dims))
    back = sp.xr.decode_ohe(again, DNA)
    np.testing.assert_array_equal(back.values, np.char.upper(letters.view("S1")))


@lazily
@given(st.data(), arrays(least=5), seeds)
def test_windows_do_not_depend_on_layout_or_chunks(data, array, seed):
    letters, dims = array
    (cut,) = sp.xr.jitter(data.draw(named(letters, dims)), max_jitter=2, rng=seed)
    table = letters if len(dims) > 1 else letters[None]
    (wanted,) = sp.jitter(table, max_jitter=2, rng=seed)
    np.testing.assert_array_equal(cut.values, wanted if len(dims) > 1 else wanted[0])
