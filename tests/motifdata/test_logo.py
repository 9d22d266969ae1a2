"""Logos: letters where they should be, as tall as they should be."""

from __future__ import annotations

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch

import seqpro as sp
from motifdata import Motif, load, plot_logo, plot_motif_logo
from motifdata.logo import plot_motif_logos


@pytest.fixture
def ax():
    _, ax = plt.subplots()
    yield ax
    plt.close("all")


def letters(ax):
    """The path of each colour drawn."""
    patches = [p for p in ax.get_children() if isinstance(p, PathPatch)]
    return {to_hex(p.get_facecolor()): p.get_path() for p in patches}


def box(path):
    extents = path.get_extents()
    return [round(float(v), 6) for v in (extents.y0, extents.y1)]


A, C, G, T = "#109648", "#255c99", "#f7941d", "#d62839"


def test_plot_logo__stacks_the_tallest_letter_outermost_on_each_side(ax):
    plot_logo([[1.0, 0.5, -0.2, -0.7]], ax=ax)
    drawn = letters(ax)
    assert box(drawn[C]) == [0, 0.5]
    assert box(drawn[A]) == [0.5, 1.5]
    assert box(drawn[G]) == [-0.2, 0]
    assert box(drawn[T]) == [-0.9, -0.2]


def test_plot_logo__letters_below_zero_stand_on_their_heads(ax):
    plot_logo([[1, 0, 0, 0], [-1, 0, 0, 0]], ax=ax)
    vertices = letters(ax)[A].vertices
    upright, turned = np.split(vertices, 2)
    np.testing.assert_allclose(turned[:, 1], -upright[:, 1])


def test_plot_logo__letters_fill_their_positions_and_no_more(ax):
    plot_logo(np.eye(4), ax=ax, start=10)
    drawn = letters(ax)
    assert len(drawn) == 4
    for place, color in enumerate((A, C, G, T)):
        extents = drawn[color].get_extents()
        assert extents.x0 == pytest.approx(10 + place - 0.48)
        assert extents.x1 == pytest.approx(10 + place + 0.48)
    assert ax.get_xlim() == (9.5, 13.5)


def test_plot_logo__a_slim_letter_is_not_stretched(ax):
    plot_logo([[0.0] * 7 + [1.0] + [0.0] * 12], ax=ax, alphabet=sp.AA)  # I
    (path,) = letters(ax).values()
    assert path.get_extents().width < 0.5


def test_plot_logo__one_patch_a_letter_however_long(ax):
    plot_logo(np.random.default_rng(0).normal(size=(200, 4)), ax=ax)
    assert len(letters(ax)) == 4


def test_plot_logo__highlights_and_colours(ax):
    plot_logo(np.eye(4), ax=ax, colors={"A": "#123456"}, highlight=[(1, 3)])
    spans = [p for p in ax.patches if not isinstance(p, PathPatch)]
    assert [(p.get_x(), p.get_x() + p.get_width()) for p in spans] == [(0.5, 2.5)]
    assert set(letters(ax)) == {"#123456", "#555555"}


def test_plot_logo__gives_back_the_axes_it_was_given_or_new_ones(ax):
    assert plot_logo([[1, 0, 0, 0]], ax=ax) is ax
    other = plot_logo([[1, 0, 0, 0]])
    assert other is not ax
    assert other.figure is not ax.figure


def test_plot_logo__all_zero_is_an_empty_logo(ax):
    plot_logo(np.zeros((5, 4)), ax=ax)
    assert letters(ax) == {}
    ax.figure.canvas.draw()


@pytest.mark.parametrize(
    ("matrix", "reason"),
    [
        (np.zeros((4, 9)), "Transpose"),
        (np.zeros((9, 5)), "shape"),
        (np.zeros((0, 4)), "shape"),
        ([[0, 0, np.nan, 0]], "found nan for G at position 0"),
    ],
)
def test_plot_logo__refuses(ax, matrix, reason):
    with pytest.raises(ValueError, match=reason):
        plot_logo(matrix, ax=ax)


def test_plot_motif_logo__columns_are_as_tall_as_their_information(ax):
    motif = Motif("m", [[1, 0, 0, 0], [0, 0.5, 0.5, 0], [0.25] * 4])
    plot_motif_logo(motif, ax=ax)
    drawn = letters(ax)
    assert box(drawn[A]) == [0, 2]
    assert box(drawn[C]) == [0, 0.5]
    assert box(drawn[G]) == [0.5, 1]
    assert T not in drawn
    assert ax.get_ylim() == (0, 2)
    assert ax.get_ylabel() == "bits"
    assert ax.get_yticks().tolist() == [0, 1, 2]


def test_plot_motif_logo__rna_and_protein(ax):
    plot_motif_logo(Motif("m", [[0, 0, 0, 1]], sp.RNA), ax=ax)
    assert set(letters(ax)) == {T}
    tall = plot_motif_logo(Motif("m", np.eye(20), sp.AA))
    assert tall.get_ylim()[1] == pytest.approx(np.log2(20))


def test_plot_motif_logo__rendered_letters_have_their_colours(ax):
    """A drawing without ink, or with ink outside its axes, would pass every test above."""
    plot_motif_logo(Motif("m", np.eye(4)), ax=ax)
    canvas = ax.figure.canvas
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[..., :3].reshape(-1, 3)
    for color in (A, C, G, T):
        rgb = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
        assert (pixels == rgb).all(axis=1).mean() > 0.02


def test_plot_motif_logos__a_page_shows_each_motif_once_at_one_scale():
    motifs = load("consensus_yeast")
    axes = plot_motif_logos(motifs, columns=4)
    assert axes.shape == (17, 4)
    drawn = [ax for ax in axes.flat if ax.axison]
    assert [ax.get_title(loc="left").split()[0] for ax in drawn] == motifs.ids
    assert len({ax.get_xlim() for ax in drawn}) == len({ax.get_ylim() for ax in drawn}) == 1
    assert all(letters(ax) for ax in drawn)
    axes[0, 0].figure.canvas.draw()
    boxes = [ax.get_tightbbox().frozen() for ax in drawn]
    overlaps = [a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i]]
    assert not any(overlaps)
    plt.close("all")


@pytest.mark.parametrize(
    ("motifs", "columns", "reason"),
    [([], 5, r"motifs must hold at least one"), (Motif("m", np.eye(4)), 0, r"columns must be")],
)
def test_plot_motif_logos__refuses(motifs, columns, reason):
    with pytest.raises(ValueError, match=reason):
        plot_motif_logos(motifs, columns=columns)
