"""Scores, against scikit-learn and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as sk

from eugene import metrics
from eugene.evaluate.bootstrap import bootstrap

numbers = st.lists(st.integers(-5, 5), min_size=3, max_size=40)


@given(numbers, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_regression_scores_equal_scipy_with_ties(values: list[int], random) -> None:
    target = np.array(values, float)
    prediction = np.array([random.choice(values) for _ in values], float)
    if np.ptp(target) == 0 or np.ptp(prediction) == 0:
        assert np.isnan(metrics.pearson(target, prediction))
        return
    assert metrics.pearson(target, prediction) == pytest.approx(
        stats.pearsonr(target, prediction)[0]
    )
    assert metrics.spearman(target, prediction) == pytest.approx(
        stats.spearmanr(target, prediction)[0]
    )
    assert metrics.r_squared(target, prediction) == pytest.approx(sk.r2_score(target, prediction))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=2, max_size=50))
@settings(deadline=None)
def test_class_scores_equal_scikit_learn_with_ties(rows: list[tuple[bool, int]]) -> None:
    target = np.array([label for label, _ in rows], float)
    prediction = np.array([score for _, score in rows]) / 4
    if target.min() == target.max():
        assert np.isnan(metrics.auroc(target, prediction))
        return
    assert metrics.auroc(target, prediction) == pytest.approx(sk.roc_auc_score(target, prediction))
    assert metrics.auprc(target, prediction) == pytest.approx(
        sk.average_precision_score(target, prediction)
    )
    assert metrics.accuracy(target, prediction) == pytest.approx(
        sk.accuracy_score(target, prediction >= 0.5)
    )


@pytest.mark.parametrize("name", ["pearson", "spearman", "r_squared", "auroc", "auprc", "accuracy"])
def test_resamples_are_scored_as_one_by_one(name: str) -> None:
    rng = np.random.default_rng(0)
    target = rng.integers(0, 2, (7, 30)).astype(float)
    prediction = rng.random((7, 30)).round(1)
    metric = getattr(metrics, name)
    one_by_one = [metric(target[i], prediction[i]) for i in range(7)]
    np.testing.assert_allclose(metric(target, prediction), one_by_one)


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Of 200 samples with a known correlation, about 95 % of the intervals must hold it."""
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(200):
        x = rng.normal(size=150)
        y = 0.6 * x + 0.8 * rng.normal(size=150)
        (interval,) = bootstrap(metrics.pearson, x, y, n_resamples=300, rng=rng)
        inside += interval.low <= 0.6 <= interval.high
    assert 180 <= inside <= 199


def test_paired_difference_is_narrower_than_two_unpaired_intervals() -> None:
    """Pairing takes out what both models share: a real difference shows that unpaired intervals hide."""
    rng = np.random.default_rng(0)
    target = rng.normal(size=400)
    noise = rng.normal(size=400)
    first, second = target + noise, target + 1.1 * noise
    one, two, gap = bootstrap(metrics.pearson, target, first, second)
    assert one.low < two.high
    assert gap.low > 0
    assert gap.value == pytest.approx(one.value - two.value)


def test_bootstrap_is_seeded_and_refuses_other_shapes() -> None:
    y = np.arange(20.0)
    noisy = y + np.sin(y)
    assert bootstrap(metrics.pearson, y, noisy, rng=3) == bootstrap(
        metrics.pearson, y, noisy, rng=3
    )
    with pytest.raises(ValueError, match=r"one or two predictions of shape \(20,\)"):
        bootstrap(metrics.pearson, y, noisy[:5])


def test_scores_of_nan_are_nan() -> None:
    target, prediction = np.array([0, 1, 1, 0]), np.array([0.1, np.nan, 0.9, 0.3])
    for metric in (metrics.auroc, metrics.auprc, metrics.accuracy, metrics.pearson):
        assert np.isnan(metric(target, prediction)), metric.__name__
