"""Figures: what they draw is what the numbers say; nothing is shown, nothing global changes."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.patches import Rectangle

import eugene as eu
import motifdata as md


@pytest.fixture(autouse=True)
def untouched():
    """A figure must neither change the user's settings nor stay open in pyplot."""
    import matplotlib.pyplot as plt

    before, open_figures = dict(mpl.rcParams), plt.get_fignums()
    yield
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == open_figures


def test_training_curves_are_the_history(gc_run) -> None:
    ax = eu.plot.training(gc_run)
    losses = {line.get_label(): line.get_ydata() for line in ax.lines}
    np.testing.assert_allclose(losses["loss, train"], gc_run.history["train_loss"])
    assert f"best epoch {gc_run.best_epoch + 1} of {len(gc_run.history)}" in ax.get_title(
        loc="left"
    )


def test_baseline_has_no_training_curves(gc_data, tmp_path) -> None:
    run = eu.fit("kmer_linear", gc_data, targets="gc", out=tmp_path / "run")
    with pytest.raises(ValueError, match="training curves need epochs"):
        eu.plot.training(run)


def test_scatter_shows_every_row_and_the_score(gc_run) -> None:
    evaluation = gc_run.evaluate(baseline=False)
    ax = eu.plot.performance(evaluation)
    offsets = ax.collections[0].get_offsets()
    np.testing.assert_allclose(offsets[:, 1], evaluation.targets[:, 0])
    assert f"Pearson r {evaluation.value('pearson'):.3f}" in ax.texts[0].get_text()
    with pytest.raises(ValueError, match="model must be one of cnn"):
        eu.plot.performance(evaluation, model="other")


def test_classes_are_two_histograms(motif_run) -> None:
    ax = eu.plot.performance(motif_run.evaluate(baseline=False))
    assert [text.get_text() for text in ax.get_legend().texts] == ["negative", "positive"]
    assert sum(patch.get_height() for patch in ax.patches) == 200


def test_attribution_logos_shade_the_causal_motif(motif_run, motif_data) -> None:
    rows = np.flatnonzero(motif_data["label"].values)[:2]
    explained = eu.interpret.attribute(motif_run, motif_data, method="gradient_x_input", rows=rows)
    axes = eu.plot.attributions(explained, method="gradient_x_input", rows=[0, 1], window=(0, 60))
    assert len(axes) == 2
    for ax, row in zip(axes, range(2), strict=True):
        (shade,) = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
        causal = np.flatnonzero(explained["causal_mask"].values[row])
        assert shade.get_x() == causal.min() - 0.5
        assert shade.get_width() == causal.size
    with pytest.raises(ValueError, match="one for each row"):
        eu.plot.attributions(explained, method="gradient_x_input", rows=[0, 1], axes=axes[:1])


def test_marks_are_bars_of_the_table(motif_run, motif_data) -> None:
    card = eu.interpret.scorecard(
        motif_run, motif_data, methods=["gradient_x_input"], n_sequences=5
    )
    ax = eu.plot.marks(card)
    widths = sorted(patch.get_width() for patch in ax.patches)
    np.testing.assert_allclose(widths, sorted(card.table["auprc"]))
    with pytest.raises(ValueError, match="model must be one of cnn"):
        eu.plot.marks(card, model="other")


def test_motif_table_tells_matches_from_what_is_merely_near(motif_run, motif_data) -> None:
    known = md.load("consensus_vertebrates")
    filters = eu.interpret.find_filters(motif_run, motif_data, known=known, top=8)
    axes = eu.plot.motif_table(filters, known, top=8)
    titles = [ax.get_title(loc="left") for ax in axes[1::2]]
    sure = filters.table["is_match"].tolist()
    assert [not title.startswith("nearest: ") for title in titles] == sure
    assert any(sure)
    for left, right in zip(axes[::2], axes[1::2], strict=True):
        assert right.get_xlim() == left.get_xlim()  # aligned, column by column
    with pytest.raises(ValueError, match="pass known= to find_filters"):
        eu.plot.motif_table(eu.interpret.find_filters(motif_run, motif_data, top=2), known)


def test_models_below_the_minimum_are_grey() -> None:
    """A reader must see at a glance which models have learned nothing."""
    import pandas as pd
    from matplotlib.colors import to_hex

    from eugene.plot.style import MAIN, QUIET

    table = pd.DataFrame(
        {"model": ["a", "b"], "metric": "auroc", "value": [0.9, 0.5], "low": 0.4, "high": 0.95}
    )
    ax = eu.plot.scores(table, minimum=0.8, chance=0.5)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["b", "a"]
    points = [line for line in ax.lines if line.get_marker() == "o"]
    assert [to_hex(line.get_color()) for line in points] == [QUIET, MAIN]
    assert [line.get_xdata()[0] for line in points] == [0.5, 0.9]
    with pytest.raises(ValueError, match="must have rows of metric 'pearson'; found none"):
        eu.plot.scores(table, metric="pearson")
