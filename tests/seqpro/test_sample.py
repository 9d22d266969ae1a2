"""Random sequences."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import pytest

import seqpro as sp
from seqpro import AA, DNA, RNA, Alphabet, Ragged
from seqpro.sample import MarkovChain, draw_seed, fit_markov

TWO = Alphabet("two", "AB")
MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15


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
    chain = fit_markov(expected, 2, DNA)
    chained = sp.random_seqs((300, 40), DNA, markov=chain, rng=5)
    monkeypatch.setenv("SEQPRO_THREADS", threads)
    monkeypatch.setattr("seqpro.sample._BLOCK", 64)
    np.testing.assert_array_equal(sp.random_seqs((300, 40), DNA, rng=5), expected)
    np.testing.assert_array_equal(sp.random_seqs((300, 40), DNA, markov=chain, rng=5), chained)


def test_golden_row_of_seed_zero():
    """Results of published seeds must not change from one version to the next."""
    assert sp.random_seqs(20, DNA, rng=0).tobytes() == b"AGTGTGAGCTGTATGGGCTT"
    assert sp.random_seqs(20, DNA, gc=0.6, rng=0).tobytes() == b"AGTGTGAGCTGGATGGGCTT"
    chain = fit_markov(["AACCGGTTACGTAACG"], 2, DNA)
    assert sp.random_seqs(20, DNA, markov=chain, rng=0).tobytes() == b"AACTGTTACCTGTATGGTAT"


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
    with pytest.raises(ValueError, match="shape must be a whole number, at least 0"):
        sp.random_seqs(shape, DNA)


def mixed(z):
    """Splitmix64's finish, in Python's whole numbers."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


@pytest.mark.parametrize(
    "weights",
    [
        [0.25] * 4,
        [1 / 3, 1 / 3, 1 / 3, 0],
        [0.5 - 1e-9, 1e-9, 0.5 - 1e-9, 1e-9],
        [1 / 1024, 3 / 1024, 0, 1020 / 1024],
        [0.1, 0.2, 0.3, 0.4],
    ],
)
def test_letters_are_those_of_a_plain_loop_over_cumulative_weights(weights):
    """The look-up of a draw's highest bits is a short cut, not another distribution."""
    thresholds = np.round(np.cumsum(weights) * 2.0**53)
    thresholds[np.flatnonzero(weights)[-1] :] = 2**53
    seed = int(draw_seed(8))
    expected = []
    for row in range(40):
        state = mixed(seed ^ mixed((row + GOLDEN) & MASK))
        for _ in range(50):
            state = (state + GOLDEN) & MASK
            draw = mixed(state) >> 11
            expected.append(next(c for c, t in zip("ACGT", thresholds, strict=True) if draw < t))
    found = sp.random_seqs((40, 50), DNA, weights=weights, rng=8)
    assert found.tobytes().decode() == "".join(expected)


@pytest.mark.parametrize("alphabet", [DNA, RNA, Alphabet("turned", "TGCA", pairs="AT CG")])
@pytest.mark.parametrize("gc", [0, 0.2, 0.5, 0.73, 1])
def test_gc_is_the_probability_of_g_and_c(alphabet, gc):
    seqs = sp.random_seqs((100, 4000), alphabet, gc=gc, rng=0)
    weights = [gc / 2 if c in "GC" else (1 - gc) / 2 for c in alphabet.letters]
    margin = 5 * np.sqrt(np.multiply(weights, np.subtract(1, weights)) / seqs.size)
    assert (abs(frequencies(seqs, alphabet) - weights) <= margin).all()
    same = sp.random_seqs((100, 4000), alphabet, weights=weights, rng=0)
    np.testing.assert_array_equal(seqs, same)


@pytest.mark.parametrize(
    ("alphabet", "options", "message"),
    [
        (DNA, {"gc": -0.1}, r"gc must be a number from 0 to 1; found -0\.1"),
        (DNA, {"gc": 1.5}, r"gc must be a number from 0 to 1"),
        (DNA, {"gc": float("nan")}, r"gc must be a number from 0 to 1"),
        (
            AA,
            {"gc": 0.5},
            r"gc needs an alphabet of A, C, G and T or U; found ACDEF.* Pass weights",
        ),
        (DNA, {"gc": 0.5, "weights": [0.25] * 4}, r"at most one .* found weights and gc"),
        (DNA, {"rows": [1, 2]}, r"rows must be a whole number from 0 for each of the 3 sequences"),
    ],
)
def test_options_that_do_not_fit_are_refused(alphabet, options, message):
    with pytest.raises(ValueError, match=message):
        sp.random_seqs((3, 5), alphabet, **options)
    with pytest.raises(TypeError, match=r"alphabet must be an Alphabet"):
        sp.random_seqs((3, 5), "ACGT")


@pytest.mark.parametrize("order", [None, 0, 1, 3])
def test_part_of_the_rows_is_drawn_like_the_whole(order):
    seqs = sp.random_seqs((30, 50), DNA, rng=0)
    markov = None if order is None else fit_markov(seqs, order, DNA)
    whole = sp.random_seqs((30, 40), DNA, markov=markov, rng=5)
    rows = [20, 3, 3]
    part = sp.random_seqs((3, 40), DNA, markov=markov, rng=5, rows=rows)
    np.testing.assert_array_equal(part, whole[rows])
    np.testing.assert_array_equal(sp.random_seqs((30, 2), DNA, markov=markov, rng=5), whole[:, :2])


def counted(seqs, order, alphabet, pseudocount):
    """Oracle: counts of letters after k-mers by a dictionary, as probabilities."""
    table = Counter()
    for seq in seqs:
        for i in range(len(seq) - order):
            table[seq[i : i + order + 1].upper()] += 1
    kmers = ["".join(letters) for letters in product(alphabet.letters, repeat=order)]
    counts = np.array(
        [[table[k + c] + pseudocount for c in alphabet.letters] for k in kmers], float
    )
    initial = counts.sum(axis=1) / counts.sum()
    counts[counts.sum(axis=1) == 0] = 1
    return initial, counts / counts.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("pseudocount", [0, 0.5, 1])
@pytest.mark.parametrize("order", [0, 1, 2, 4])
def test_chain_holds_the_frequencies_of_words(order, pseudocount):
    """Against a dictionary; stretches with an unknown letter are left out, lower case is not."""
    seqs = ["ACGTTGCANNACGTA", "acgtacgtttgnac", "", "N", "AC", "GATTACAGATTACAGATTACA" * 3]
    initial, transitions = counted(seqs, order, DNA, pseudocount)
    for given in (seqs, Ragged.from_bytes([seq.encode() for seq in seqs])):
        chain = fit_markov(given, order, DNA, pseudocount=pseudocount)
        np.testing.assert_allclose(chain.initial, initial, rtol=1e-12)
        np.testing.assert_allclose(chain.transitions, transitions, rtol=1e-12)
    assert (chain.alphabet, chain.order) == (DNA, order)


@pytest.mark.parametrize("ohe_axis", [-1, -2])
def test_chain_of_one_hot_arrays(ohe_axis):
    seqs = sp.random_seqs((4000, 300), Alphabet("with gaps", "ACGTN"), rng=0)
    expected = fit_markov(seqs, 2, DNA)
    onehot = sp.ohe(seqs, DNA, ohe_axis=ohe_axis)
    found = fit_markov(onehot, 2, DNA, ohe_axis=ohe_axis)
    np.testing.assert_array_equal(found.transitions, expected.transitions)
    strict = fit_markov(["acgtAC"], 1, DNA, case="strict", pseudocount=0)
    np.testing.assert_array_equal(strict.initial, [1, 0, 0, 0])


@pytest.mark.parametrize(("alphabet", "order"), [(DNA, 0), (DNA, 1), (DNA, 3), (AA, 1), (TWO, 6)])
def test_drawn_sequences_follow_the_chain(alphabet, order):
    """First k-mers and every transition, by chi-square against the chain's probabilities."""
    width = len(alphabet)
    rng = np.random.default_rng(1)
    initial = rng.dirichlet(np.ones(width**order))
    chain = MarkovChain(alphabet, order, initial, rng.dirichlet(np.ones(width), width**order))
    seqs = sp.random_seqs((20_000, order + 12), alphabet, markov=chain, rng=2)
    digits = alphabet.index_table()[seqs.view(np.uint8)].astype(int)
    power = width ** np.arange(order - 1, -1, -1)
    first = np.bincount(digits[:, :order] @ power, minlength=width**order)
    assert good_fit(first, initial * len(seqs))
    for place in range(order, order + 12):
        codes = digits[:, place - order : place] @ power * width + digits[:, place]
        counts = np.bincount(codes, minlength=width ** (order + 1)).reshape(-1, width)
        assert good_fit(counts, counts.sum(axis=1, keepdims=True) * chain.transitions)


def good_fit(counts, expected):
    """Whether counts lie within six standard deviations of chi-square, small cells joined."""
    counts, expected = np.ravel(counts), np.ravel(expected)
    small = expected < 10
    if small.all():
        return True
    square = ((counts - expected)[~small] ** 2 / expected[~small]).sum()
    return square < (~small).sum() + 6 * np.sqrt(2 * (~small).sum())


def test_words_that_the_sequences_lack_are_never_drawn_without_a_pseudocount():
    chain = fit_markov(["AACCGGTT"] * 3, 2, DNA, pseudocount=0)
    drawn = sp.random_seqs((200, 8), DNA, markov=chain, rng=0)
    assert {row.tobytes() for row in drawn} > {b"AACCGGTT"}
    assert {row.tobytes()[:3] for row in drawn} == {b"AAC", b"ACC", b"CCG", b"CGG", b"GGT", b"GTT"}


def test_fitting_what_was_drawn_gives_the_chain_back():
    chain = fit_markov(sp.random_seqs((5, 50), DNA, rng=3), 2, DNA)
    again = fit_markov(sp.random_seqs((2000, 500), DNA, markov=chain, rng=1), 2, DNA)
    assert abs(again.transitions - chain.transitions).max() < 0.02


@pytest.mark.parametrize("shape", [(), (3,), (0, 4), (5, 1), (5, 0), (2, 3, 4)])
def test_chain_is_drawn_in_any_shape(shape):
    chain = fit_markov(["ACGT" * 5], 3, DNA, pseudocount=0)
    seqs = sp.random_seqs(shape, DNA, markov=chain, rng=0)
    assert (seqs.shape, seqs.dtype) == (shape, "S1")
    length = shape[-1] if shape else 1
    rows = seqs.reshape(-1, length) if length else []
    assert all(row.tobytes() in b"ACGTACGT" for row in rows)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: fit_markov("ACGT", -1, DNA),
            ValueError,
            r"order must be .* 0 to 9 for 4 .* found -1",
        ),
        (lambda: fit_markov("ACGT", 10, DNA), ValueError, r"0 to 9 for 4 letters; found 10"),
        (lambda: fit_markov("MKV", 4, AA), ValueError, r"0 to 3 for 20 letters; found 4"),
        (lambda: fit_markov("ACGT", 1.0, DNA), ValueError, r"order must be a whole number"),
        (lambda: fit_markov("ACGT", 1, "DNA"), TypeError, r"alphabet must be an Alphabet"),
        (
            lambda: fit_markov("ACGT", 1, DNA, pseudocount=-1),
            ValueError,
            r"pseudocount .* found -1",
        ),
        (
            lambda: fit_markov(["AC", "N"], 2, DNA, pseudocount=0),
            ValueError,
            r"seqs must hold 3 letters of DNA in a row",
        ),
        (
            lambda: MarkovChain(TWO, 1, [1, 0], [[1, 0]]),
            ValueError,
            r"transitions must have shape \(2, 2\) for order 1; found \(1, 2\)",
        ),
        (
            lambda: MarkovChain(TWO, 1, [1], [[1, 0]] * 2),
            ValueError,
            r"initial must have shape \(2,\)",
        ),
        (
            lambda: MarkovChain(TWO, 1, [1, 1], [[1, 0]] * 2),
            ValueError,
            r"initial must be non-negative",
        ),
        (
            lambda: MarkovChain(TWO, 1, [1, 0], [[1, 0], [2, -1]]),
            ValueError,
            r"transitions must be non-negative numbers that sum to 1",
        ),
        (
            lambda: sp.random_seqs(5, DNA, markov=fit_markov("AB", 1, TWO)),
            ValueError,
            r"markov must be a chain of the letters ACGT; found AB",
        ),
        (
            lambda: sp.random_seqs(5, DNA, gc=0.5, markov=fit_markov("AC", 1, DNA)),
            ValueError,
            r"found gc and markov",
        ),
        (
            lambda: sp.random_seqs(5, DNA, markov=[[1]]),
            TypeError,
            r"as seqpro\.fit_markov gives; found list",
        ),
    ],
)
def test_chains_that_do_not_fit_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
