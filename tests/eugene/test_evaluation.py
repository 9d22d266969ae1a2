"""Scores of held-out rows, beside a baseline of the same rows."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import eugene as eu
from eugene import metrics
from eugene.evaluate import score


def test_scores_are_those_of_the_rows_predictions(gc_run, gc_data: xr.Dataset) -> None:
    evaluation = gc_run.evaluate(split="test")
    test = gc_data["split"].values == "test"
    predicted = gc_run.predict(split="test")["predictions"].values[:, 0]
    expected = metrics.pearson(gc_data["gc"].values[test], predicted)
    assert evaluation.value("pearson") == pytest.approx(float(expected))
    np.testing.assert_array_equal(evaluation.rows, np.flatnonzero(test))


def test_baseline_stands_beside_the_score_with_the_paired_difference(gc_run) -> None:
    evaluation = gc_run.evaluate(split="test")
    assert list(dict.fromkeys(evaluation.table["model"])) == [
        "cnn",
        "k-mer ridge",
        "cnn - k-mer ridge",
    ]
    gap = evaluation.value("pearson", model="cnn - k-mer ridge")
    assert gap == pytest.approx(
        evaluation.value("pearson") - evaluation.value("pearson", model="k-mer ridge")
    )
    for row in evaluation.table.itertuples():
        assert row.low <= row.value <= row.high


def test_baseline_is_the_better_k_mer_model_of_the_same_rows(
    gc_run, gc_data: xr.Dataset, tmp_path
) -> None:
    """On one strand or both, chosen on val: a baseline held down would flatter the network."""
    alone = [
        eu.fit("kmer_linear", gc_data, targets="gc", both_strands=both, out=tmp_path / str(both))
        for both in (False, True)
    ]
    best = max(alone, key=lambda run: run.score)
    assert alone[0].score != alone[1].score
    expected = best.evaluate(baseline=False).value("pearson")
    assert gc_run.evaluate().value("pearson", model="k-mer ridge") == expected


def test_printed_evaluation_can_be_read(gc_run) -> None:
    text = str(gc_run.evaluate())
    assert "30 rows of test, 95 % bootstrap intervals" in text
    assert "k-mer ridge" in text
    assert "pearson" in text


def test_unknown_score_or_split_is_said(gc_run) -> None:
    with pytest.raises(ValueError, match="no score 'auroc' of the model; there are"):
        gc_run.evaluate(baseline=False).value("auroc")
    with pytest.raises(ValueError, match="split must be one of"):
        gc_run.evaluate(split="training")


def test_missing_targets_are_not_scored() -> None:
    target = np.array([[1.0], [np.nan], [2.0], [3.0]])
    prediction = np.array([[1.1], [99.0], [2.1], [2.9]])
    table = score(target, {"m": prediction}, task="regression")
    assert table["value"][0] == pytest.approx(
        float(metrics.pearson(target[[0, 2, 3], 0], prediction[[0, 2, 3], 0]))
    )


def test_prediction_needs_no_targets_and_keeps_keys_and_places(gc_run, gc_data: xr.Dataset) -> None:
    """Predictions of new sequences keep the row key and its labels, in the asked order."""
    import eugene as eu
    import seqdata as sd

    new = gc_data.drop_vars(["gc", "at", "split"])
    rows = np.array([7, 3, 11])
    out = eu.predict(gc_run, new, rows=rows)
    assert out["row"].values.tolist() == [7, 3, 11]
    whole = eu.predict(gc_run, new)
    np.testing.assert_allclose(out["predictions"], whole["predictions"].values[rows], rtol=1e-5)
    sd.validate(out)
    assert out["predictions"].attrs["model"] == gc_run.model.digest()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "scores"}, "must begin with 'predictions'"),
        ({"rows": [True]}, "rows must be a boolean mask"),
    ],
)
def test_bad_prediction_argument_is_named(
    gc_run, gc_data: xr.Dataset, change: dict, message: str
) -> None:
    import eugene as eu

    with pytest.raises(ValueError, match=message):
        eu.predict(gc_run, gc_data, **change)
    with pytest.raises(ValueError, match="must have the sequence variable 'seq'"):
        eu.predict(gc_run, gc_data.drop_vars("seq"))
    shorter = gc_data.isel(_length=slice(0, 30))
    with pytest.raises(ValueError, match="takes sequences of 40 letters; the data's 'seq' has 30"):
        eu.predict(gc_run, shorter)


def test_predictions_never_take_the_names_of_other_targets(gc_run, gc_data: xr.Dataset) -> None:
    other = gc_data.assign(y=(("_sequence", "_target"), np.zeros((300, 2))))
    other = other.assign_coords(_target=["a", "b"])
    with pytest.raises(ValueError, match=r"_target is \['a', 'b'\], the model predicts \['gc'\]"):
        eu.predict(gc_run, other)
    assert eu.predict(gc_run, other.drop_dims("_target"))["_target"].values.tolist() == ["gc"]


def test_sequences_of_another_alphabet_are_refused(gc_run, gc_data: xr.Dataset) -> None:
    rna = gc_data.assign(seq=gc_data["seq"].assign_attrs(alphabet="RNA"))
    with pytest.raises(ValueError, match="cnn takes DNA; the data's 'seq' is RNA"):
        eu.predict(gc_run, rna)
    odd = gc_data.assign(seq=gc_data["seq"].assign_attrs(alphabet="meth"))
    with pytest.raises(
        ValueError, match="models take sequences of DNA, RNA, AA; 'seq' is of 'meth'"
    ):
        eu.predict(gc_run, odd)
