"""Rows drawn by weight: the chances asked for, and no row that weighs nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqdata.sampling import balanced_weights, checked_weights, draw

LABELS = st.lists(st.sampled_from(["a", "b", "c", ""]), min_size=1, max_size=50)


@given(LABELS)
@settings(deadline=None, max_examples=100)
def test_every_class_weighs_the_same(labels: list[str]) -> None:
    classes = sorted({label for label in labels if label})
    if not classes:
        with pytest.raises(ValueError, match="at least one row"):
            balanced_weights(np.array(labels, object))
        return
    numbers = [classes.index(label) if label else -1 for label in labels]
    floats = [np.nan if number < 0 else number for number in numbers]
    weights = balanced_weights(np.array(labels, object))
    for other in (np.array(numbers, "i1"), np.array(floats, "f4")):
        np.testing.assert_array_equal(balanced_weights(other), weights)
    for name in classes:
        total = sum(w for w, label in zip(weights, labels, strict=True) if label == name)
        assert total == pytest.approx(1 / len(classes))
    assert all(w == 0 for w, label in zip(weights, labels, strict=True) if not label)


def test_truth_values_are_two_classes() -> None:
    assert balanced_weights([True, False, False, False]).tolist() == [1 / 2, 1 / 6, 1 / 6, 1 / 6]


@pytest.mark.parametrize("labels", [[0.5, 1.0], [[1], [2]], 3, [np.inf, np.nan, 1.5]])
def test_what_is_no_class_is_refused(labels: Any) -> None:
    """Balancing a continuous target would weigh every row alike, which helps nobody."""
    with pytest.raises(ValueError, match="labels must be classes, one for each row"):
        balanced_weights(labels)


WEIGHTS: dict[str, tuple[Any, str]] = {
    "too few": ([1, 2], r"each of the 3 rows; found int64 with shape \(2,\)"),
    "text": (["a", "b", "c"], "found <U1 with shape"),
    "negative": ([1, -2, 3], "found -2 for row 1"),
    "missing": ([1, 2, np.nan], "found nan for row 2"),
    "endless": ([np.inf, 2, 1], "found inf for row 0"),
}


@pytest.mark.parametrize(("weights", "message"), WEIGHTS.values(), ids=WEIGHTS)
def test_weights_that_do_not_fit_are_named(weights: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        checked_weights(weights, 3)


def test_draws_have_the_chances_of_the_weights() -> None:
    weights = np.array([0, 1, 3, 0, 6], float) * (1e308 / 6)  # whose sum no float holds
    drawn = draw(weights, 10_000, np.random.default_rng(0))
    counts = np.bincount(drawn, minlength=5)
    for count, expected in zip(counts, [0, 1_000, 3_000, 0, 6_000], strict=True):
        assert abs(count - expected) <= 5 * np.sqrt(expected)
