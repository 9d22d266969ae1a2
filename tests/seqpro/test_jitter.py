"""Jitter: arrays cut together stay aligned, and every window is equally likely."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

import seqpro as sp
from seqpro import DNA, Ragged, _kernels
from seqpro.jitter import jitter

N, LENGTH, MOST = 40, 25, 3
MASK, GOLDEN = 2**64 - 1, 0x9E3779B97F4A7C15
NUMBERS = np.random.default_rng(0)


def offsets(n, most, seed, **options):
    """The offsets themselves: positions cut down to one number a row."""
    places = np.broadcast_to(np.arange(2 * most + 1), (n, 2 * most + 1))
    return jitter(places, max_jitter=most, rng=seed, **options)[0][:, 0]


def cut(row, offset, length):
    """Oracle: positions on the first axis."""
    return row[offset : offset + length - 2 * MOST]


def text():
    return [row.tobytes().decode() for row in sp.random_seqs((N, LENGTH), DNA, rng=1)]


ARRAYS = {
    "letters": (sp.random_seqs((N, LENGTH), DNA, rng=1), -1),
    "codes": (sp.random_seqs((N, LENGTH), DNA, rng=1).view(np.uint8), -1),
    "track": (NUMBERS.normal(size=(N, LENGTH)).astype(np.float32), -1),
    "another length": (NUMBERS.normal(size=(N, LENGTH + 8)), 1),
    "tracks": (NUMBERS.integers(0, 99, (N, 3, LENGTH)), -1),
    "tracks of strands": (NUMBERS.integers(0, 99, (N, 2, 3, LENGTH)).astype(np.int16), 3),
    "one-hot": (sp.ohe(sp.random_seqs((N, LENGTH), DNA, rng=1), DNA), -2),
    "one-hot, letters first": (sp.ohe(text(), DNA, ohe_axis=-2, dtype=np.float16), -1),
    "haplotypes, one-hot": (NUMBERS.random((N, 2, LENGTH, 4)), 2),
    "mask": (NUMBERS.random((N, LENGTH)) < 0.5, -1),
    "big-endian": (NUMBERS.integers(0, 99, (N, LENGTH)).astype(">i4"), -1),
    "complex": (NUMBERS.random((N, LENGTH)) * 1j, -1),
    "strided": (NUMBERS.random((N, 2 * LENGTH))[:, ::2], -1),
    "backwards": (NUMBERS.random((N, LENGTH))[::-1, ::-1], -1),
    "of another memory order": (np.asfortranarray(NUMBERS.random((N, 3, LENGTH))), -1),
    "read-only": (np.broadcast_to(np.arange(LENGTH), (N, LENGTH)), -1),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_every_array_is_cut_at_the_offset_of_its_row(name):
    """Against slices in plain Python, for number types, layouts and memory orders."""
    array, axis = ARRAYS[name]
    before = array.copy()
    (found,) = jitter(array, max_jitter=MOST, length_axes=axis, rng=5)
    length = array.shape[axis]
    rows = [
        np.moveaxis(
            cut(np.moveaxis(array, axis, 0)[:, i], offset, length), 0, axis % array.ndim - 1
        )
        for i, offset in enumerate(offsets(N, MOST, 5))
    ]
    np.testing.assert_array_equal(found, np.stack(rows))
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(array, before)
    assert not np.shares_memory(found, array)


def test_sequences_and_tracks_stay_aligned_together_and_apart():
    """Case 20: with one seed each row has one offset, in one call or in several."""
    seqs, track = sp.random_seqs((N, LENGTH), DNA, rng=1), NUMBERS.random((N, 2, LENGTH))
    onehot = sp.ohe(seqs, DNA)
    together = jitter(
        seqs, onehot, track, max_jitter=MOST, length_axes=[-1, -2, -1], rng=np.int64(9)
    )
    assert [part.shape for part in together] == [(N, 19), (N, 19, 4), (N, 2, 19)]
    np.testing.assert_array_equal(sp.decode_ohe(together[1], DNA), together[0])
    for array, axis, expected in zip((seqs, onehot, track), (-1, -2, -1), together, strict=True):
        (alone,) = jitter(array, max_jitter=MOST, length_axes=axis, rng=9)
        np.testing.assert_array_equal(alone, expected)


@pytest.mark.parametrize(
    "container",
    [
        list,
        tuple,
        np.array,
        lambda words: np.array(words, object),
        lambda words: np.array(words, "S"),
        lambda words: [word.encode() for word in words],
    ],
)
def test_text_comes_back_as_letters(container):
    letters = sp.random_seqs((N, LENGTH), DNA, rng=1)
    (found,) = jitter(container(text()), max_jitter=MOST, rng=5)
    np.testing.assert_array_equal(found, jitter(letters, max_jitter=MOST, rng=5)[0])
    assert found.dtype == "S1"


def test_nested_text_shares_the_offset_of_its_row():
    words = text()
    pairs = [[word, word] for word in words]
    (found,) = jitter(pairs, max_jitter=MOST, rng=5)
    (expected,) = jitter(words, max_jitter=MOST, rng=5)
    assert found.shape == (N, 2, LENGTH - 2 * MOST)
    np.testing.assert_array_equal(found[:, 0], expected)
    np.testing.assert_array_equal(found[:, 1], expected)


def test_ragged_rows_keep_their_own_lengths():
    """Rows of any lengths over overlapping, reordered values, letters and numbers alike."""
    sizes = NUMBERS.integers(2 * MOST + 1, 40, N)
    starts = NUMBERS.integers(0, 60, N)
    values = NUMBERS.normal(size=100)
    letters = sp.random_seqs(100, DNA, rng=2)
    tracks, seqs = jitter(
        Ragged(values, starts, sizes), Ragged(letters, starts, sizes), max_jitter=MOST, rng=5
    )
    assert isinstance(tracks, Ragged)
    assert (tracks.values.dtype, seqs.values.dtype) == (np.float64, "S1")
    for i, offset in enumerate(offsets(N, MOST, 5)):
        low, high = starts[i] + offset, starts[i] + offset + sizes[i] - 2 * MOST
        np.testing.assert_array_equal(tracks[i], values[low:high])
        np.testing.assert_array_equal(seqs[i], letters[low:high])
    assert not np.shares_memory(tracks.values, values)
    onehot = Ragged(sp.ohe(letters, DNA, dtype=np.float16), starts, sizes)
    (columns,) = jitter(onehot, max_jitter=MOST, rng=5)
    assert columns.values.dtype == np.float16
    np.testing.assert_array_equal(columns.values, sp.ohe(seqs.values, DNA))


@pytest.mark.parametrize(
    ("array", "axis"), [("ACGTACGTA", -1), (np.arange(9), 0), (np.eye(9)[:, :4], -2)]
)
def test_array_without_an_axis_of_rows_is_row_zero(array, axis):
    rows = [array] if isinstance(array, str) else array[None]
    (found,) = jitter(array, max_jitter=2, length_axes=axis, rng=1)
    (expected,) = jitter(rows, max_jitter=2, length_axes=min(axis, -1), rng=1)
    np.testing.assert_array_equal(found, expected[0])


def test_offsets_are_uniform():
    """Case 20: chi-square on 0 to 2 * max, for a fixed seed, within five standard deviations."""
    most, n = 4, 90_000
    counts = np.bincount(offsets(n, most, 7), minlength=2 * most + 1)
    assert counts.size == 9
    expected = n / 9
    assert ((counts - expected) ** 2 / expected).sum() < 8 + 5 * np.sqrt(16)


def mixed(z):
    """Splitmix64's finish, in Python's whole numbers."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


@pytest.mark.parametrize("bound", [1, 2, 9, 1000, 3 << 30, 2**32 - 1, 2**32])
def test_draws_below_a_bound_are_exactly_uniform(bound):
    """Draws that would favour some numbers are drawn anew: against Lemire's rule in whole numbers."""
    rows, out = np.arange(200, dtype=np.uint64), np.empty(200, np.int64)
    _kernels.random.offsets(np.uint64(77), rows, np.full(rows.size, bound), out)
    for row in range(200):
        state = mixed(77 ^ int(_kernels.random._OFFSETS) ^ mixed((row + GOLDEN) & MASK))
        product = 0
        while True:
            state = (state + GOLDEN) & MASK
            product = (mixed(state) >> 32) * bound
            if product % 2**32 >= 2**32 % bound:
                break
        assert out[row] == product >> 32


def test_rows_of_one_batch_differ():
    """A published shuffle once gave every row of a batch the same result."""
    assert len(set(offsets(100, 50, 0))) > 50


def test_offsets_do_not_follow_random_letters_of_the_same_seed():
    """One seed for a whole script must not tie the window to the letters."""
    seqs = sp.random_seqs((8000, 1), DNA, rng=3)[:, 0]
    found = offsets(8000, 2, 3)
    table = np.array([np.bincount(found[seqs == c], minlength=5) for c in (b"A", b"C", b"G", b"T")])
    expected = table.sum(1, keepdims=True) * table.sum(0) / table.sum()
    assert ((table - expected) ** 2 / expected).sum() < 12 + 5 * np.sqrt(24)


def test_part_of_the_rows_is_cut_like_the_whole():
    whole, array = ARRAYS["track"][0], ARRAYS["letters"][0]
    expected = jitter(whole, array, max_jitter=MOST, rng=5)
    rows = [30, 2, 17]
    found = jitter(whole[rows], array[rows], max_jitter=MOST, rng=5, rows=rows)
    for part, of_whole in zip(found, expected, strict=True):
        np.testing.assert_array_equal(part, of_whole[rows])


@pytest.mark.parametrize("threads", ["1", "3"])
def test_rows_do_not_depend_on_threads_or_blocks(monkeypatch, threads):
    track = NUMBERS.random((300, 3, 40))
    ragged, words = Ragged.from_dense(track[:, 0]), ["ACGTTGCATT" * 4] * 300
    expected = jitter(track, ragged, words, max_jitter=9, rng=5)
    monkeypatch.setenv("SEQPRO_THREADS", threads)
    monkeypatch.setattr(importlib.import_module("seqpro.jitter"), "BLOCK", 512)
    found = jitter(track, ragged, words, max_jitter=9, rng=5)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1].values, expected[1].values)
    np.testing.assert_array_equal(found[2], expected[2])


def test_jitter_of_zero_copies():
    array = ARRAYS["tracks"][0]
    (found,) = jitter(array, max_jitter=0, rng=1)
    np.testing.assert_array_equal(found, array)
    assert not np.shares_memory(found, array)


@pytest.mark.parametrize(
    ("array", "shape"),
    [
        (np.zeros((0, 9)), (0, 5)),
        (np.zeros((0, 3, 9)), (0, 3, 5)),
        (np.zeros((0, 3)), (0, 0)),
        ([], (0, 0)),
        (np.zeros((2, 0, 9)), (2, 0, 5)),
    ],
)
def test_nothing_to_cut_is_no_error(array, shape):
    assert jitter(array, max_jitter=2, rng=0)[0].shape == shape
    assert len(jitter(Ragged([], [], []), max_jitter=2, rng=0)[0]) == 0


def test_golden_offsets_of_seed_zero():
    """Results of published seeds must not change from one version to the next."""
    assert offsets(12, 4, 0).tolist() == [2, 4, 4, 7, 0, 1, 0, 7, 0, 0, 8, 6]


@pytest.mark.parametrize("length", [5, 6])
def test_too_short_array_is_named(length):
    """Case 21: a window of no positions is no window."""
    with pytest.raises(
        ValueError, match=rf"rows of arrays\[1\] must have more than 6 positions.*found {length}"
    ):
        jitter(np.zeros((2, 7)), np.zeros((2, length)), max_jitter=3, rng=0)
    with pytest.raises(ValueError, match=r"rows of arrays\[0\] must have more than 6"):
        jitter(Ragged.from_bytes([b"ACGTACGT", b"A" * length]), max_jitter=3, rng=0)
    with pytest.raises(ValueError, match=r"rows of arrays\[0\] must have more than 6"):
        jitter(["A" * length], max_jitter=3, rng=0)


@pytest.mark.parametrize(
    ("arrays", "options", "error", "message"),
    [
        ([np.zeros((2, 9))], {"max_jitter": -1}, ValueError, r"at least 0; found -1"),
        (
            [np.zeros((2, 9))],
            {"max_jitter": 1.5},
            ValueError,
            r"whole number, at least 0; found 1\.5",
        ),
        ([], {"max_jitter": 1}, ValueError, r"at least one array"),
        (
            [np.zeros((2, 9)), ["ACGT"] * 3],
            {"max_jitter": 1},
            ValueError,
            r"same number of rows; found 2 in arrays\[0\] and 3 in arrays\[1\]",
        ),
        (
            [np.zeros((2, 9))] * 2,
            {"max_jitter": 1, "length_axes": [-1]},
            ValueError,
            r"one for each of 2 arrays; found \[-1\]",
        ),
        (
            [np.zeros((2, 9))],
            {"max_jitter": 1, "length_axes": 2},
            ValueError,
            r"found 2 for arrays\[0\] of shape \(2, 9\)",
        ),
        (
            [["ACGT"]],
            {"max_jitter": 1, "length_axes": -2},
            ValueError,
            r"-1 for arrays\[0\], text or a Ragged; found -2",
        ),
        ([["ACGT", "A"]], {"max_jitter": 1}, ValueError, r"arrays\[0\] must all have one length"),
        (
            [np.zeros((2, 9))],
            {"max_jitter": 1, "rows": [1]},
            ValueError,
            r"each of the 2 sequences",
        ),
        ([np.array([None])], {"max_jitter": 1}, TypeError, r"arrays\[0\] must hold text"),
        ([np.zeros(9, "O,i4")], {"max_jitter": 1}, TypeError, r"arrays\[0\] must be text .* found"),
        (
            [np.zeros((2, 9), "V0")],
            {"max_jitter": 1},
            TypeError,
            r"arrays\[0\] must be text .* found",
        ),
    ],
)
def test_what_does_not_fit_is_refused(arrays, options, error, message):
    with pytest.raises(error, match=message):
        jitter(*arrays, rng=0, **options)


def test_a_list_that_holds_itself_is_refused():
    endless: list = []
    endless.append(endless)
    with pytest.raises(ValueError, match=r"arrays\[0\] must be nested at most 32 levels deep"):
        jitter(endless, max_jitter=1)
