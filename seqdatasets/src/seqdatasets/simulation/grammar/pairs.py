"""Recipes of two motifs and what is between them: their order, distance, phase and direction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, get_args

from motifdata import Motif
from seqdatasets.simulation.embed import Arm, Embedder, Pair, PairStrand, Sampling
from seqdatasets.simulation.grammar.parts import (
    DistanceNegatives,
    check_ends,
    distractors,
    free_room,
    gaps_of,
    named,
    other_gaps,
    two_arms,
    two_ids,
)
from seqdatasets.simulation.quantity import Quantity
from seqdatasets.simulation.recipe import Recipe
from seqdatasets.simulation.rules import Distance, DistFrom, Order
from seqpro.checks import choice, real_number, whole_number

_NEAREST = 5  # bp; with less between two motifs, counts of short words would tell their order


def order(
    motifs: Sequence[Motif],
    pos_motifs: Sequence[str] | None = None,
    *,
    gap: Quantity | None = None,
    distractor_rate: float = 0.5,
    pos_fraction: float = 0.5,
    strand: PairStrand = "same",
    sampling: Sampling = "pwm",
    min_score: float | None = None,
    **setup: Any,
) -> Recipe:
    """Make a sequence positive if the first of two motifs is upstream of the second.

    Both stand in every sequence; in negatives, the second is upstream. Gaps, strands and the start of the
    upstream motif have one law in both classes. Upstream is towards position 0, whatever the strands: the
    reverse complement of a positive is a negative.

    Parameters
    ----------
    motifs
        What is planted. Those not in `pos_motifs` are distractors.
    pos_motifs
        Ids or names of two motifs, in the order that makes positives; the two motifs, if there are no more.
    gap
        Law of the positions between the two, bp. None takes 5 to half of the free room, equally likely.
    distractor_rate, pos_fraction
        As for `presence`.
    strand
        As for `Pair`. With ``"both"``, the strand of the upstream site together with counts of words, which
        tell the strand of either motif, would tell which of them it is.
    sampling, min_score
        As for `Pair`.
    setup
        Fields of `Recipe`.

    Returns
    -------
    Recipe

    Raises
    ------
    ValueError
        If there are not exactly two `pos_motifs`, or they do not fit.

    Examples
    --------
    >>> import motifdata as md
    >>> motifs = list(md.load("consensus_yeast").select(["GCN4", "REB1"]))
    >>> order(motifs, ["REB1", "GCN4"]).targets["label"]
    Order(first='REB1', second='GCN4')
    """
    first, second = two_ids(motifs, pos_motifs, "order")
    common: dict[str, Any] = {"strand": strand, "sampling": sampling, "min_score": min_score}
    if gap is None:
        room = free_room(motifs, setup)
        gap = Quantity.uniform(min(_NEAREST, room), max(min(_NEAREST, room), room // 2))
    others = distractors(motifs, (first, second), distractor_rate, common)
    positive, negative = (
        [Pair(*pair, gap, **common), *others] for pair in ((first, second), (second, first))
    )
    arms = two_arms([positive], [negative], pos_fraction)
    return Recipe(tuple(motifs), arms, {"label": Order(first, second)}, **named(setup, "order"))


def distance(
    motifs: Sequence[Motif],
    pos_motifs: Sequence[str] | None = None,
    *,
    min_dist: int = 5,
    max_dist: int = 15,
    dist_from: DistFrom = "edge",
    negatives: DistanceNegatives = "uniform",
    distractor_rate: float = 0.5,
    pos_fraction: float = 0.5,
    strand: PairStrand = "both",
    sampling: Sampling = "pwm",
    min_score: float | None = None,
    **setup: Any,
) -> Recipe:
    """Make a sequence positive if two motifs are from `min_dist` to `max_dist` apart.

    Both stand in every sequence, in either order equally often. The upstream motif begins at places of
    one law in both classes, and what else is planted has the same room.

    Parameters
    ----------
    motifs
        What is planted. Those not in `pos_motifs` are distractors.
    pos_motifs
        Ids or names of two motifs; the two motifs, if there are no more.
    min_dist, max_dist
        Distances of positives, bp, both included, all equally likely.
    dist_from
        Between what distances are, as for `Distance`.
    negatives
        What the other distances are: ``"far"``: beyond `max_dist`, up to half of the free room or as many
        as there are positive ones, whichever reaches further; ``"near"``: below `min_dist`; ``"both"``:
        half of them far, half near; ``"uniform"``: all of these equally likely.
    distractor_rate, pos_fraction
        As for `presence`.
    strand, sampling, min_score
        As for `Pair`.
    setup
        Fields of `Recipe`.

    Returns
    -------
    Recipe

    Raises
    ------
    ValueError
        If there are not exactly two `pos_motifs`, they do not fit so far apart, or no other distance is left
        for negatives.

    Examples
    --------
    >>> import motifdata as md
    >>> motifs = list(md.load("consensus_yeast").select(["GCN4", "REB1"]))
    >>> distance(motifs, min_dist=0, max_dist=3).targets["label"].distances
    (0, 1, 2, 3)
    """
    choice(negatives, "negatives", get_args(DistanceNegatives))
    choice(dist_from, "dist_from", get_args(DistFrom))
    check_ends(min_dist, max_dist, ("min_dist", "max_dist"))
    ids = two_ids(motifs, pos_motifs, "distance")
    widths = {motif.id: len(motif) for motif in motifs}
    room = free_room(motifs, setup)
    positive, negative = [], []
    for first, second in (ids, ids[::-1]):
        gaps = gaps_of(widths[first], widths[second], room, min_dist, max_dist, dist_from)
        positive.append((first, second, Quantity.choice(gaps["within"])))
        negative.append((first, second, other_gaps(gaps, negatives, min_dist, max_dist)))
    common: dict[str, Any] = {"strand": strand, "sampling": sampling, "min_score": min_score}
    widest = max(law.most for *_, law in (*positive, *negative)) + sum(widths[m] for m in ids)
    others = distractors(motifs, ids, distractor_rate, common)
    sides: list[list[list[Embedder]]] = [
        [[Pair(*pair, room=widest, **common), *others] for pair in side]
        for side in (positive, negative)
    ]
    arms = two_arms(sides[0], sides[1], pos_fraction)
    rule = Distance(*ids, tuple(range(min_dist, max_dist + 1)), dist_from)
    return Recipe(tuple(motifs), arms, {"label": rule}, **named(setup, "distance"))


def helical_phase(
    first: Motif,
    second: Motif,
    *,
    turns: Sequence[int] = (2, 3, 4),
    period: float = 10.5,
    strand: PairStrand = "both",
    **setup: Any,
) -> Recipe:
    """Make a sequence positive if two sites are on one face of the double helix.

    Middles of positives are whole turns apart, those of negatives half a turn more or less.

    Parameters
    ----------
    first, second
        The motifs, the first upstream.
    turns
        Whole turns between the middles.
    period
        Positions of a turn, bp.
    strand
        As for `Pair`.
    setup
        Fields of `Recipe`.

    Returns
    -------
    Recipe

    Raises
    ------
    ValueError
        If `turns` bring the motifs too close, or their half turns are not different distances.

    Examples
    --------
    >>> import motifdata as md
    >>> known = md.load("consensus_yeast")
    >>> helical_phase(known["GCN4"], known["REB1"], turns=(2, 3)).targets["label"].distances
    (21, 32)
    """
    real_number(period, "period", low=4)
    middle = (len(first) + len(second)) // 2
    counts = [whole_number(turn, "turns", low=1) for turn in turns]
    within = sorted({math.floor(turn * period + 0.5) for turn in counts})
    shifted = {math.floor((t + half) * period + 0.5) for t in counts for half in (-0.5, 0.5)}
    beyond = sorted(shifted - set(within))
    nearest = min([*within, *beyond], default=0)
    if nearest < middle or not within or not beyond:
        msg = (
            f"turns must bring motifs of {len(first)} and {len(second)} bp at least {middle} bp apart, half "
            f"turns included; found {list(turns)} turns of {period:g} bp. Leave out the first"
        )
        raise ValueError(msg)
    laws = [Quantity.choice([d - middle for d in side]) for side in (within, beyond)]
    room = max(law.most for law in laws) + len(first) + len(second)
    arms = tuple(Arm((Pair(first.id, second.id, law, room=room, strand=strand),)) for law in laws)
    apart = (len(first) + len(second)) % 2
    distances = tuple(sorted({d + extra for d in within for extra in range(apart + 1)}))
    rule = Distance(first.id, second.id, distances, "center")
    return Recipe((first, second), arms, {"label": rule}, **named(setup, "helical_phase"))


def heterodimer(
    first: Motif,
    second: Motif,
    *,
    min_gap: int = 2,
    max_gap: int = 10,
    **setup: Any,
) -> Recipe:
    """Make a sequence positive if two motifs stand as one composite site, rather than further apart.

    In both classes the pair has a direction, on a random strand: read on its strand, `first` comes before
    `second`, both on it. Only the gap differs.

    Parameters
    ----------
    first, second
        The motifs.
    min_gap, max_gap
        Gaps of positives, bp, both included.
    setup
        Fields of `Recipe`.

    Returns
    -------
    Recipe

    Examples
    --------
    >>> import motifdata as md
    >>> known = md.load("consensus_yeast")
    >>> heterodimer(known["GCN4"], known["REB1"]).arms[0].embedders[0].strand
    'composite'
    """
    check_ends(min_gap, max_gap, ("min_gap", "max_gap"))
    motifs = (first, second)
    room = free_room(motifs, setup)
    gaps = gaps_of(len(first), len(second), room, min_gap, max_gap, "edge")
    laws = [Quantity.choice(gaps["within"]), other_gaps(gaps, "far", min_gap, max_gap)]
    widest = laws[1].most + len(first) + len(second)
    arms = tuple(
        Arm((Pair(first.id, second.id, law, room=widest, strand="composite"),)) for law in laws
    )
    rule = Distance(first.id, second.id, tuple(range(min_gap, max_gap + 1)))
    return Recipe(motifs, arms, {"label": rule}, **named(setup, "heterodimer"))
