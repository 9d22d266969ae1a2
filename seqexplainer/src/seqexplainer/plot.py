"""Figures of explanations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from seqpro import DNA, Alphabet, as_codes, ohe

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_attribution(
    contributions: ArrayLike,
    seq: Any,
    *,
    ax: Axes | None = None,
    highlight: Iterable[tuple[int, int]] = (),
    title: str | None = None,
    alphabet: Alphabet = DNA,
) -> Axes:
    """Draw each letter of a sequence as high as its contribution.

    Parameters
    ----------
    contributions
        One number a position, shape (length,), such as a row of what `project` gives.
    seq
        The sequence, shape (length,).
    ax
        Where to draw; a new figure by default.
    highlight
        Stretches to shade, such as known motifs: pairs of start and stop, 0-based and half-open.
    title
        Text above.
    alphabet
        Letters that are drawn; others leave a gap.

    Returns
    -------
    The axes drawn on.

    Raises
    ------
    ValueError
        If lengths differ.

    Examples
    --------
    >>> ax = plot_attribution([0.1, 0.8, -0.3], "ACG", highlight=[(1, 3)], title="one")
    >>> ax.get_title()
    'one'
    """
    from motifdata import plot_logo

    codes = as_codes(seq)
    heights = np.asarray(contributions, np.float64)
    if codes.ndim != 1 or heights.shape != codes.shape:
        msg = (
            "contributions must have one number a position of seq, shape (length,); found shapes "
            f"{heights.shape} and {codes.shape}"
        )
        raise ValueError(msg)
    matrix = ohe(codes, alphabet) * heights[:, None]
    ax = plot_logo(matrix, ax=ax, alphabet=alphabet, highlight=highlight)
    ax.set_ylabel("contribution")
    if title is not None:
        ax.set_title(title)
    return ax
