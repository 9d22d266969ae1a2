"""Areas under curves along the last axis, against scikit-learn row by row."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from seqexplainer import ranking_areas


@pytest.mark.parametrize("distinct", [1000, 5, 2, 1], ids="{} distinct values".format)
@pytest.mark.parametrize("shape", [(40,), (3, 40), (2, 3, 40)], ids=str)
@pytest.mark.parametrize("kind", ["float64", "float32", "int8", "uint8"])
def test_areas_of_every_row_are_those_of_scikit_learn(shape, distinct, kind):
    rng = np.random.default_rng(distinct)
    scores = (rng.integers(0, distinct, shape) / 8).astype(kind)
    truth = rng.random(shape) < 0.3
    auprc, auroc = ranking_areas(scores, truth.astype(kind))
    assert auprc.shape == auroc.shape == shape[:-1]
    rows = zip(truth.reshape(-1, 40), scores.reshape(-1, 40), strict=True)
    expected = [(average_precision_score(t, s), roc_auc_score(t, s)) for t, s in rows]
    np.testing.assert_allclose(np.stack([auprc.ravel(), auroc.ravel()], 1), expected, atol=1e-12)


def test_rows_without_a_true_or_a_false_one():
    auprc, auroc = ranking_areas([[1, 2], [1, 2]], [[False, False], [True, True]])
    np.testing.assert_array_equal(auprc, [np.nan, 1])
    np.testing.assert_array_equal(auroc, [np.nan, np.nan])


def test_infinite_scores_rank_and_nan_does_not():
    scores = [[-np.inf, 0, np.inf], [np.nan, 0, 1]]
    auprc, auroc = ranking_areas(scores, [[False, False, True]] * 2)
    np.testing.assert_array_equal(auprc, [1, np.nan])
    np.testing.assert_array_equal(auroc, [1, np.nan])


@pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 3)])
def test_nothing_has_no_area(shape):
    auprc, auroc = ranking_areas(np.zeros(shape), np.zeros(shape, bool))
    assert auprc.shape == auroc.shape == shape[:-1]
    assert np.isnan(auprc).all()
    assert np.isnan(auroc).all()


@pytest.mark.parametrize(("scores", "truth"), [([1.0, 2], [True]), (1.0, True)])
def test_shapes_that_differ_are_refused(scores, truth):
    with pytest.raises(ValueError, match=r"scores and truth must both have shape \(..., n\)"):
        ranking_areas(scores, truth)
