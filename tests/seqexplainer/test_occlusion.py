"""Occlusion against a loop over windows, closed forms, and what its standard error means."""

import numpy as np
import pytest

import seqpro as sp
from seqexplainer import occlusion, project, shuffled_references

WORDS = ["ACGTTAGCATTA", "TTGACCGAAACG"]
WEIGHTS = np.random.default_rng(0).normal(size=(4, 12))


def linear(seqs):
    return (sp.ohe(seqs, sp.DNA, ohe_axis=-2) * WEIGHTS).sum((1, 2))


def interacting(seqs):
    onehot = sp.ohe(seqs, sp.DNA, ohe_axis=-2)
    return np.tanh((onehot * WEIGHTS).sum((1, 2))) + (seqs == ord("G")).sum(1) ** 2


def by_loop(predict, fills, window, starts):
    """Losses of each window spread and averaged, straight from the definition; one row a fill."""
    codes = sp.as_codes(WORDS)
    scores = np.zeros((2, fills.shape[1], 12))
    covering = np.zeros(12)
    for start in starts:
        inside = slice(start, start + window)
        covering[inside] += 1
        for n in range(2):
            for draw in range(fills.shape[1]):
                changed = codes[n].copy()
                changed[inside] = fills[n, draw, inside]
                loss = predict(codes[[n]])[0] - predict(changed[None])[0]
                scores[n, draw, inside] += loss / window
    return scores / covering


@pytest.mark.parametrize(
    ("window", "stride", "starts"),
    [
        (4, 2, [0, 2, 4, 6, 8]),
        (5, 3, [0, 3, 6, 7]),
        (3, 3, [0, 3, 6, 9]),
        (12, 1, [0]),
        (1, 1, range(12)),
    ],
)
def test_matches_a_loop_over_windows(window, stride, starts):
    fills = shuffled_references(WORDS, 3, rng=5)
    result = occlusion(interacting, WORDS, window=window, stride=stride, n_fills=3, rng=5)
    expected = by_loop(interacting, fills, window, starts)
    np.testing.assert_allclose(project(result.scores, WORDS), expected.mean(1), atol=1e-6)
    error = expected.std(1, ddof=1) / 3**0.5
    np.testing.assert_allclose(project(result.standard_error, WORDS), error, atol=1e-6)
    assert result.model_calls == 2 + 2 * 3 * len(starts)


def test_linear_model_with_unknown_fill_averages_its_weights_over_windows():
    result = occlusion(linear, WORDS, window=1, stride=1, fill="N")
    np.testing.assert_allclose(
        project(result.scores, WORDS), project(WEIGHTS[None].repeat(2, 0), WORDS)
    )
    tiled = occlusion(linear, WORDS, window=4, stride=4, fill="N")
    weights = project(WEIGHTS[None].repeat(2, 0), WORDS).reshape(2, 3, 4)
    expected = weights.mean(axis=2).repeat(4, axis=1)
    np.testing.assert_allclose(project(tiled.scores, WORDS), expected, atol=1e-6)
    assert tiled.standard_error is None


def test_only_observed_letters_have_scores():
    result = occlusion(interacting, WORDS, window=4, rng=0)
    unobserved = sp.ohe(WORDS, sp.DNA, ohe_axis=-2) == 0
    assert (result.scores[unobserved] == 0).all()
    assert (result.standard_error[unobserved] == 0).all()
    assert np.abs(result.scores).max() > 0


def test_constant_model_gives_zero():
    result = occlusion(lambda seqs: np.full(len(seqs), 7.0), WORDS, window=4, rng=0)
    assert (result.scores == 0).all()
    assert result.prediction.tolist() == [7, 7]


def test_random_fill_draws_every_letter_at_every_place():
    seen = []

    def predict(seqs):
        seen.append(seqs)
        return np.zeros(len(seqs))

    occlusion(predict, ["AAAA"], window=4, stride=4, fill="random", n_fills=200, rng=0)
    fills = np.concatenate(seen[1:])
    assert all(set(column.tobytes()) == set(b"ACGT") for column in fills.T)


@pytest.mark.parametrize("fill", ["shuffle", "random"])
def test_seed_decides_and_batches_do_not(fill):
    first, same, other = (
        occlusion(interacting, WORDS, window=4, fill=fill, rng=seed, batch_size=size).scores
        for seed, size in ((0, 4096), (0, 7), (1, 4096))
    )
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


def test_batches_are_no_larger_than_asked():
    sizes = []

    def predict(seqs):
        sizes.append(len(seqs))
        return np.zeros(len(seqs))

    occlusion(predict, WORDS, window=4, batch_size=7, rng=0)
    assert max(sizes) == 7


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": 13}, "found stride=2, window=13, length 12"),
        ({"window": 3, "stride": 4}, "so that every position is covered"),
        ({"window": 0, "stride": 0}, "found stride=0, window=0"),
        ({"fill": "zeros"}, "fill must be 'shuffle', 'random' or 'N'; found 'zeros'"),
        ({"fill": "N", "n_fills": 3}, "n_fills must be 1 with fill='N'"),
        ({"n_fills": 0}, "n_fills must be at least 1; found 0"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
    ],
)
def test_settings_that_do_not_fit_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        occlusion(linear, WORDS, **options)


def test_says_what_it_is():
    result = occlusion(linear, WORDS, window=6, stride=3, fill="N")
    assert (result.method, result.completeness_error) == ("occlusion", None)
    assert np.isnan(result.baseline).all()
    assert result.parameters == {
        "output": None, "alphabet": "ACGT", "window": 6, "stride": 3, "fill": "N", "n_fills": 1
    }  # fmt: skip
