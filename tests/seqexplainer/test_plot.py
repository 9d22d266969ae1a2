"""The attribution logo draws what it is given, where it is told to."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from seqexplainer import plot_attribution


@pytest.fixture
def axes():
    from matplotlib import pyplot

    _, axes = pyplot.subplots()
    yield axes
    pyplot.close("all")


def test_draws_on_the_axes_it_is_given_and_gives_them_back(axes):
    assert plot_attribution([0.5, -1.0, 0.2], "ACG", ax=axes, title="one") is axes
    assert axes.get_title() == "one"
    assert axes.get_xlim() == (-0.5, 2.5)


def test_letters_reach_from_the_lowest_to_the_highest_contribution(axes):
    plot_attribution([0.5, -1.0, 0.2], "ACG", ax=axes)
    low, high = axes.get_ylim()
    assert low <= -1
    assert high >= 0.5


def test_shades_each_stretch_from_its_first_to_its_last_letter(axes):
    plot_attribution([0.5, -1.0, 0.2], "ACG", ax=axes, highlight=[(0, 1), (1, 3)])
    shades = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    spans = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in shades]
    assert spans == [(-0.5, 0.5), (0.5, 2.5)]


def test_makes_a_figure_of_its_own_and_shows_none():
    from matplotlib import pyplot

    before = pyplot.get_fignums()
    axes = plot_attribution(np.zeros(3) + 0.1, "ANG")
    assert axes.figure.number not in before
    pyplot.close(axes.figure)


@pytest.mark.parametrize(("contributions", "seq"), [([1.0, 2.0], "ACG"), ([[1.0, 2.0]], ["AC"])])
def test_lengths_that_differ_are_refused(contributions, seq):
    with pytest.raises(ValueError, match=r"one number a position of seq, shape \(length,\)"):
        plot_attribution(contributions, seq)
