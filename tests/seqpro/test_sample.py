"""Random sequences."""

from __future__ import annotations

import numpy as np
import pytest

import seqpro as sp
from seqpro import AA, DNA


def frequencies(seqs, alphabet):
    return (seqs.view(np.uint8)[..., None] == alphabet.codes).mean(axis=tuple(range(seqs.ndim)))


@pytest.mark.parametrize("alphabet", [DNA, AA])
def test_letters_are_equally_likely_by_default(alphabet):
    seqs = sp.random_seqs((100, 4000), alphabet, rng=0)
    chance = 1 / len(alphabet)
    margin = 5 * np.sqrt(chance * (1 - chance) / seqs.size)
    assert abs(frequencies(seqs, alphabet) - chance).max() < margin


@pytest.mark.parametrize(
    "weights", [[0.1, 0.2, 0.3, 0.4], [0, 0.5, 0.5, 0], [1, 0, 0, 0], [0, 0, 0, 1]]
)
def test_weights_are_the_letters_probabilities(weights):
    found = frequencies(sp.random_seqs((100, 4000), DNA, weights=weights, rng=0), DNA)
    margin = 5 * np.sqrt(np.multiply(weights, np.subtract(1, weights)) / 400_000)
    assert (abs(found - weights) <= margin).all()


def test_letter_of_weight_zero_is_never_drawn_for_rounding():
    seqs = sp.random_seqs((100, 50_000), DNA, weights=[0.5, 0.5 - 9e-7, 0, 0], rng=0)
    assert set(np.unique(seqs)) == {b"A", b"C"}


def test_neighbouring_letters_and_rows_are_independent():
    """Pairs along a row and pairs down a column are all equally likely."""
    codes = DNA.index_table()[sp.random_seqs((400, 1000), DNA, rng=1).view(np.uint8)].astype(int)
    for first, second in ((codes[:, :-1], codes[:, 1:]), (codes[:-1], codes[1:])):
        counts = np.bincount((4 * first + second).ravel(), minlength=16)
        expected = counts.sum() / 16
        assert ((counts - expected) ** 2 / expected).sum() < 15 + 5 * np.sqrt(30)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [(5, (5,)), (np.int64(5), (5,)), ([2, 5], (2, 5))]
    + [(shape, shape) for shape in [(5,), (2, 5), (2, 3, 5), (0, 5), (2, 0), ()]],
)
def test_shape_is_the_one_asked_for(shape, expected):
    seqs = sp.random_seqs(shape, DNA, rng=0)
    assert seqs.shape == expected
    assert seqs.dtype == "S1"


def test_seed_repeats_and_another_seed_does_not():
    first = sp.random_seqs((3, 40), DNA, rng=1)
    np.testing.assert_array_equal(first, sp.random_seqs((3, 40), DNA, rng=np.uint8(1)))
    assert (first != sp.random_seqs((3, 40), DNA, rng=2)).any()
    assert (sp.random_seqs((3, 40), DNA) != sp.random_seqs((3, 40), DNA)).any()


def test_generator_moves_on_from_call_to_call():
    rng = np.random.default_rng(1)
    assert (sp.random_seqs(40, DNA, rng=rng) != sp.random_seqs(40, DNA, rng=rng)).any()


def test_global_generator_is_neither_read_nor_moved():
    np.random.seed(0)  # noqa: NPY002
    first = sp.random_seqs(40, DNA, rng=1)
    expected = np.random.RandomState(0).random()
    assert np.random.random() == expected  # noqa: NPY002
    np.testing.assert_array_equal(first, sp.random_seqs(40, DNA, rng=1))


def test_first_rows_do_not_depend_on_the_size_of_the_batch():
    whole = sp.random_seqs((50, 30), DNA, rng=1)
    np.testing.assert_array_equal(sp.random_seqs((8, 30), DNA, rng=1), whole[:8])
    np.testing.assert_array_equal(sp.random_seqs((50, 12), DNA, rng=1), whole[:, :12])


@pytest.mark.parametrize("threads", ["1", "2", "5"])
def test_rows_do_not_depend_on_threads_or_blocks(monkeypatch, threads):
    expected = sp.random_seqs((300, 40), DNA, rng=5)
    monkeypatch.setenv("SEQPRO_THREADS", threads)
    monkeypatch.setattr("seqpro.sample._BLOCK", 64)
    np.testing.assert_array_equal(sp.random_seqs((300, 40), DNA, rng=5), expected)


def test_golden_row_of_seed_zero():
    """Results of published seeds must not change from one version to the next."""
    assert sp.random_seqs(20, DNA, rng=0).tobytes() == b"AGTGTGAGCTGTATGGGCTT"


@pytest.mark.parametrize(
    "weights",
    [
        [0.5, 0.5],
        [0.5] * 4,
        [1.5, -0.5, 0, 0],
        [0.2, 0.2, 0.2, 0.2],
        [np.nan] * 4,
        [np.nan, 1, 0, 0],
        [np.inf, 0, 0, 0],
        [[0.25] * 4],
        0.25,
    ],
)
def test_weights_that_are_no_probabilities_are_refused(weights):
    with pytest.raises(ValueError, match=r"weights must be 4 .* sum to 1 \(order ACGT\); found"):
        sp.random_seqs((2, 5), DNA, weights=weights, rng=0)


@pytest.mark.parametrize("shape", [-1, (2, -3)])
def test_negative_shape_is_refused(shape):
    with pytest.raises(ValueError, match="negative dimensions"):
        sp.random_seqs(shape, DNA)
