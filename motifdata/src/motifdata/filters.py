"""Motifs as the first layer of a convolutional network, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

import seqpro as sp
from motifdata._layout import Strands, strand_flags
from motifdata.background import check_background
from motifdata.motif import PSEUDOCOUNT, Motif
from motifdata.motifset import Motifs, MotifSet, as_motifset
from seqpro import Alphabet
from seqpro.checks import as_array, choice, real_number, size_of_axis, whole_number

Align = Literal["left", "center", "right"]


def to_kernels(
    motifs: Motifs,
    *,
    width: int | None = None,
    align: Align = "center",
    background: ArrayLike | None = None,
    pseudocount: float = PSEUDOCOUNT,
    strands: Strands = "+",
) -> NDArray[np.float32]:
    """Give motifs as weights of a convolution: log-odds in bits, zero beside the motif.

    A convolution without bias then gives at each position the score that `scan` reports, but for its
    rounding.

    Parameters
    ----------
    motifs
        A motif, a set, or any iterable of motifs.
    width
        Positions of a filter; the longest motif's by default. A longer motif is refused: `Motif.trim` drops
        positions from its ends that say little.
    align
        Where a shorter motif lies in its filter: ``"left"``, ``"center"`` (one place further left where it
        does not go evenly) or ``"right"``.
    background
        Probability of each letter, shape (letters,); that of the `MotifSet` by default.
    pseudocount
        As for `Motif.log_odds`; must be above 0, for no weight may be infinite.
    strands
        ``"+"``; ``"-"`` for the reverse complements; ``"both"`` for each motif's two filters, + then -,
        one after the other.

    Returns
    -------
    Weights, float32, shape (filters, letters, width), with filters in the order of motifs.

    Raises
    ------
    ValueError
        If there is no motif, one is longer than `width`, or an option does not fit.

    Examples
    --------
    >>> weights = to_kernels(Motif.from_consensus("GGAA", id="ETS"), width=6)
    >>> weights.shape, weights[0, 2].round(1).tolist()
    ((1, 4, 6), [0.0, 1.899999976158142, 1.899999976158142, -3.9000000953674316, -3.9000000953674316, 0.0])
    """
    motifset = as_motifset(motifs)
    choice(align, "align", ("left", "center", "right"))
    if not pseudocount > 0:
        msg = f"pseudocount must be above 0, so that every weight is finite; found {pseudocount}"
        raise ValueError(msg)
    flags = strand_flags(strands, motifset.alphabet)
    chances = motifset.background if background is None else background
    size = _width(motifset, width)
    complements = motifset.alphabet.complement_columns() if any(flags) else slice(None)
    weights = np.zeros((len(motifset), len(flags), len(motifset.alphabet), size), np.float32)
    for motif, filters in zip(motifset, weights, strict=True):
        room = size - len(motif)
        first = {"left": 0, "center": room // 2, "right": room}[align]
        scores = motif.log_odds(chances, pseudocount=pseudocount)
        for minus, own in zip(flags, filters, strict=True):
            turned = scores[::-1][:, complements] if minus else scores
            own[:, first : first + len(motif)] = turned.T
    return weights.reshape(-1, *weights.shape[2:])


def from_kernels(
    weights: Any,
    *,
    alphabet: Alphabet = sp.DNA,
    background: ArrayLike | None = None,
    temperature: float = 1.0,
    pseudocount: float = 0.0,
    ids: Sequence[str] | None = None,
) -> MotifSet:
    """Read the weights of a convolution as log-odds and give the motifs they stand for.

    Each position's probabilities are ``background * 2 ** (weight / temperature)``, divided by their sum:
    under a uniform background this is a softmax. So they are probabilities whatever the weights, and a
    constant added to a position's weights changes nothing. This says what a filter would like best, not
    what it sees in data. A temperature of ``ln 2`` (0.693) reads weights in nats.

    Parameters
    ----------
    weights
        Array or tensor, shape (filters, letters, width).
    alphabet
        The letters, in the order of the second axis.
    background
        Probability of each letter, shape (letters,); uniform by default. It is that of the set, too.
    temperature
        Weight that stands for one bit, above 0. Higher values give vaguer motifs.
    pseudocount
        Share of the background to take out of each position again, from 0 and below 1: that of `to_kernels`
        gives its motifs back, to the precision of 32 bits, with the positions beside them. What falls below
        zero becomes zero.
    ids
        An identifier for each filter; ``filter_0`` and so on by default.

    Returns
    -------
    One motif for each filter, in order, as wide as the filters. `Motif.trim` drops ends that say nothing.

    Raises
    ------
    ValueError
        If the shape does not fit the alphabet, a weight is not finite, or an option does not fit.

    Examples
    --------
    >>> motif = Motif.from_consensus("GGAA", id="ETS")
    >>> motifs = from_kernels(to_kernels(motif, width=6), pseudocount=1e-3)
    >>> motifs["filter_0"].trim().consensus()
    'GGAA'
    """
    filters = _as_filters(weights, alphabet)
    chances = check_background(background, alphabet)
    share = real_number(pseudocount, "pseudocount", low=0)
    if not share < 1 or not 0 < temperature < np.inf:
        msg = (
            "pseudocount must be below 1, and temperature above 0; "
            f"found pseudocount={pseudocount} and temperature={temperature}"
        )
        raise ValueError(msg)
    names = [f"filter_{i}" for i in range(len(filters))] if ids is None else list(ids)
    if len(names) != len(filters):
        msg = f"ids must be one for each of the {len(filters)} filters; found {len(names)}"
        raise ValueError(msg)
    bits = filters / temperature
    odds = chances[:, None] * np.exp2(bits - bits.max(axis=1, keepdims=True))
    mixed = odds / odds.sum(axis=1, keepdims=True)
    rest = np.maximum(mixed - share * chances[:, None], 0)
    probabilities = (rest / rest.sum(axis=1, keepdims=True)).swapaxes(1, 2)
    motifs = [Motif(key, p, alphabet) for key, p in zip(names, probabilities, strict=True)]
    return MotifSet(motifs, background=chances)


def _width(motifs: MotifSet, width: int | None) -> int:
    if not len(motifs):
        msg = "motifs must hold at least one to give weights; found none"
        raise ValueError(msg)
    longest = max(motifs, key=len)
    if width is None:
        return len(longest)
    size = size_of_axis(whole_number(width, "width", low=1), "width")
    if size < len(longest):
        msg = (
            f"width must be at least the length of each motif; found {width}, and {longest.id!r} of "
            f"length {len(longest)}. Motif.trim drops positions from the ends that say little"
        )
        raise ValueError(msg)
    return size


def _as_filters(weights: Any, alphabet: Alphabet) -> NDArray[np.float64]:
    filters = as_array(weights, "weights")
    if filters.ndim != 3 or filters.shape[1] != len(alphabet) or not filters.shape[2]:
        swapped = filters.ndim == 3 and filters.shape[2] == len(alphabet)
        hint = ". numpy.swapaxes(weights, 1, 2) puts letters before positions" if swapped else ""
        msg = (
            f"weights must have shape (filters, {len(alphabet)}, width) for alphabet "
            f"{alphabet.name}; found {filters.shape}{hint}"
        )
        raise ValueError(msg)
    if not np.isfinite(filters).all():
        place = np.argwhere(~np.isfinite(filters))[0].tolist()
        msg = f"weights must be finite; found {filters[tuple(place)]} at {place}"
        raise ValueError(msg)
    return filters.astype(np.float64)
