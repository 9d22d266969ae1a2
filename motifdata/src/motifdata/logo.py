"""Sequence logos: letters whose heights are numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

import seqpro as sp
from motifdata.motif import Motif
from motifdata.motifset import Motifs, as_motifset
from seqpro import Alphabet
from seqpro.checks import whole_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NUCLEOTIDES = {"A": "#109648", "C": "#255c99", "G": "#f7941d", "T": "#d62839", "U": "#d62839"}
_RESIDUES = {
    **dict.fromkeys("AVLIPWFM", "#333333"),  # hydrophobic
    **dict.fromkeys("GSTYC", "#109648"),  # polar
    **dict.fromkeys("QN", "#8e44ad"),  # amides
    **dict.fromkeys("KRH", "#255c99"),  # basic
    **dict.fromkeys("DE", "#d62839"),  # acidic
}
_OTHER = "#555555"
_HIGHLIGHT = "#fff2b3"
_LETTER_WIDTH = 0.96  # of a position
_SLIM = 0.6  # letters narrower than this share of the others (I) are not stretched to full width


def plot_logo(
    matrix: ArrayLike,
    *,
    ax: Axes | None = None,
    alphabet: Alphabet = sp.DNA,
    colors: Mapping[str, str] | None = None,
    start: int = 0,
    highlight: Iterable[tuple[int, int]] = (),
) -> Axes:
    """Draw a logo of any letter heights, such as attributions.

    Positive heights stack up from zero and negative ones down, upside down, the tallest outermost.

    Parameters
    ----------
    matrix
        Height of each letter at each position, shape (length, letters).
    ax
        Axes to draw in; a new figure of fitting size by default.
    alphabet
        The letters, in the order of the columns.
    colors
        Colour of each letter; A green, C blue, G orange, T and U red by default, and amino acids by their
        chemistry. Letters that are not in it are grey.
    start
        Coordinate of the first position. Position i spans ``start + i - 0.5`` to ``start + i + 0.5``.
    highlight
        Spans to shade, as half-open ranges (first, end) of coordinates.

    Returns
    -------
    The axes.

    Raises
    ------
    ValueError
        If the shape does not fit the alphabet or a height is not finite.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("agg")
    >>> ax = plot_logo([[1.0, 0, 0, -0.5], [0, 0.3, 0, 0]], highlight=[(0, 1)])
    >>> [float(x) for x in ax.get_xlim()]
    [-0.5, 1.5]
    """
    from matplotlib.patches import PathPatch

    heights = _as_heights(matrix, alphabet)
    ax = _new_axes(heights.shape[0]) if ax is None else ax
    for first, end in highlight:
        ax.axvspan(first - 0.5, end - 0.5, color=_HIGHLIGHT, linewidth=0, zorder=0)
    palette = _default_colors(alphabet) if colors is None else colors
    bottoms = _stack(heights)
    lefts = start + np.arange(heights.shape[0]) - _LETTER_WIDTH / 2
    for column, letter in enumerate(alphabet.letters):
        drawn = heights[:, column] != 0
        if drawn.any():
            path = _letters_path(
                letter, lefts[drawn], bottoms[drawn, column], heights[drawn, column]
            )
            color = palette.get(letter, _OTHER)
            # not add_patch, which searches every curve of the path for its extremes
            ax.add_artist(PathPatch(path, facecolor=color, linewidth=0, zorder=2))
    _tidy(ax, heights, start)
    return ax


def plot_motif_logo(
    motif: Motif,
    *,
    ax: Axes | None = None,
    background: ArrayLike | None = None,
    colors: Mapping[str, str] | None = None,
    highlight: Iterable[tuple[int, int]] = (),
) -> Axes:
    """Draw a motif's information logo: each position as tall as its information, shared by probability.

    Parameters
    ----------
    motif
        The motif.
    ax
        Axes to draw in; a new figure of fitting size by default.
    background
        Probability of each letter, shape (letters,); None as for `Motif.information_content`.
    colors, highlight
        As for `plot_logo`; positions count from 0.

    Returns
    -------
    The axes, with bits from 0 to the most a position can have (2 for DNA).

    Raises
    ------
    ValueError
        If `background` does not fit the alphabet.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("agg")
    >>> ax = plot_motif_logo(Motif.from_consensus("TGASTCA", id="AP1"))
    >>> float(ax.get_ylim()[1]), ax.get_ylabel()
    (2.0, 'bits')
    """
    information = motif.information_content(background)
    heights = motif.probabilities * information[:, None]
    ax = plot_logo(heights, ax=ax, alphabet=motif.alphabet, colors=colors, highlight=highlight)
    most = max(float(np.log2(len(motif.alphabet))), float(information.max()))
    ax.set_ylim(0, most)
    ax.set_yticks(np.arange(int(most) + 1))
    ax.set_ylabel("bits")
    return ax


def plot_motif_logos(
    motifs: Motifs,
    *,
    columns: int = 5,
    background: ArrayLike | None = None,
    colors: Mapping[str, str] | None = None,
) -> NDArray[Any]:
    """Draw the information logos of many motifs on one page, row by row, with id and name above each.

    Positions are as wide as each other on the whole page; the tick marks are bits.

    Parameters
    ----------
    motifs
        A motif, a set, or any iterable of motifs.
    columns
        Logos beside each other.
    background, colors
        As for `plot_motif_logo`.

    Returns
    -------
    The axes of a new figure, shape (rows, columns). Those that are left over show nothing.

    Raises
    ------
    ValueError
        If there is no motif, or an option does not fit.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("agg")
    >>> motifs = [Motif.from_consensus(site, id=site) for site in ("GGAA", "GATA", "CACGTG")]
    >>> axes = plot_motif_logos(motifs, columns=2)
    >>> axes.shape, axes[1, 0].get_title(loc="left"), axes[1, 1].axison
    ((2, 2), 'CACGTG', False)
    """
    import matplotlib.pyplot as plt

    known = list(as_motifset(motifs))
    columns = whole_number(columns, "columns", low=1)
    if not known:
        msg = "motifs must hold at least one to draw; found none"
        raise ValueError(msg)
    rows = -(-len(known) // columns)
    longest = max(map(len, known))
    width = 0.6 + 0.13 * longest  # inches of one logo
    figure, axes = plt.subplots(rows, columns, figsize=(width * columns, rows), squeeze=False)
    figure.subplots_adjust(0.3 / width / columns, 0.1 / rows, 1, 1 - 0.35 / rows, 0.3 / width, 0.55)
    for motif, ax in zip(known, axes.flat, strict=False):
        plot_motif_logo(motif, ax=ax, background=background, colors=colors)
        ax.set_xlim(-0.5, longest - 0.5)
        ax.set_xticks([])
        ax.set_ylabel("")
        ax.spines["bottom"].set_visible(False)
        ax.set_title(f"{motif.id} {motif.name}".strip(), loc="left", fontsize=7, pad=2)
        ax.tick_params(labelsize=6, length=2)
    for ax in axes.flat[len(known) :]:
        ax.set_axis_off()
    return np.asarray(axes)


def _as_heights(matrix: ArrayLike, alphabet: Alphabet) -> NDArray[np.float64]:
    heights = np.asarray(matrix, dtype=np.float64)
    if heights.ndim != 2 or heights.shape[1] != len(alphabet) or not heights.size:
        transposed = heights.ndim == 2 and heights.shape[0] == len(alphabet)
        hint = ". Transpose it: letters are the last axis" if transposed else ""
        msg = (
            f"matrix must have shape (length, {len(alphabet)}) for alphabet {alphabet.name}; "
            f"found {heights.shape}{hint}"
        )
        raise ValueError(msg)
    if not np.isfinite(heights).all():
        position, column = np.argwhere(~np.isfinite(heights))[0]
        msg = (
            f"matrix must hold finite heights; found {heights[position, column]} for "
            f"{alphabet.letters[column]} at position {position}"
        )
        raise ValueError(msg)
    return heights


def _new_axes(length: int) -> Axes:
    import matplotlib.pyplot as plt

    width = min(0.8 + 0.22 * length, 24)  # inches
    _, ax = plt.subplots(figsize=(width, 1.5), layout="constrained")
    return ax


def _default_colors(alphabet: Alphabet) -> Mapping[str, str]:
    return _RESIDUES if alphabet == sp.AA else _NUCLEOTIDES


def _stack(heights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each letter begins: the sum of the smaller letters on its side of zero."""
    bottoms = np.zeros_like(heights)
    for side in (np.maximum(heights, 0), np.minimum(heights, 0)):
        order = np.argsort(np.abs(side), axis=1, kind="stable")
        stacked = np.take_along_axis(side, order, axis=1)
        below = np.empty_like(heights)
        np.put_along_axis(below, order, np.cumsum(stacked, axis=1) - stacked, axis=1)
        bottoms = np.where(side != 0, below, bottoms)
    return bottoms


def _letters_path(
    letter: str,
    lefts: NDArray[np.float64],
    bottoms: NDArray[np.float64],
    heights: NDArray[np.float64],
) -> Any:
    """One path with a copy of the letter in each box."""
    from matplotlib.path import Path

    outline, codes = _outline(letter)
    x = lefts[:, None] + outline[:, 0] * _LETTER_WIDTH
    y = bottoms[:, None] + outline[:, 1] * heights[:, None]
    return Path(np.stack([x, y], axis=-1).reshape(-1, 2), np.tile(codes, lefts.size))


@lru_cache(maxsize=256)
def _outline(letter: str) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Outline of a letter that fills the unit square, as wide as it is: slim letters stand in its middle."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    font = FontProperties(family="DejaVu Sans", weight="bold")  # comes with matplotlib
    path = TextPath((0, 0), letter, size=100, prop=font)
    box = path.get_extents()
    usual = TextPath((0, 0), "E", size=100, prop=font).get_extents().width
    width = 1.0 if box.width > _SLIM * usual else box.width / usual
    unit = (path.vertices - box.p0) / (box.width, box.height)
    return np.column_stack([(1 - width) / 2 + width * unit[:, 0], unit[:, 1]]), path.codes


def _tidy(ax: Axes, heights: NDArray[np.float64], start: int) -> None:
    from matplotlib.ticker import MaxNLocator

    highest = np.maximum(heights, 0).sum(axis=1).max()
    lowest = np.minimum(heights, 0).sum(axis=1).min()
    room = 0.04 * (highest - lowest)
    ax.set_xlim(start - 0.5, start + heights.shape[0] - 0.5)
    ax.set_ylim(lowest - (room if lowest else 0), (highest + room) or 1.0)
    ax.xaxis.set_major_locator(
        MaxNLocator(nbins="auto", steps=[1, 2, 5, 10], integer=True, min_n_ticks=1)
    )
    ax.yaxis.set_major_locator(MaxNLocator(nbins=4))
    ax.spines[["top", "right"]].set_visible(False)
    if lowest:
        ax.axhline(0, color="black", linewidth=0.6, zorder=1)
