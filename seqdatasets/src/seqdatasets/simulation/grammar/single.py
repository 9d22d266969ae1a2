"""Recipes of one motif at a time: whether it is there, how often, and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

from motifdata import Motif
from seqdatasets.simulation.embed import Arm, Embed, Sampling, Strand
from seqdatasets.simulation.grammar.parts import (
    chosen_ids,
    distractors,
    named,
    two_arms,
    variable_of,
)
from seqdatasets.simulation.position import Central, OutsideCentral
from seqdatasets.simulation.quantity import Quantity
from seqdatasets.simulation.recipe import Recipe
from seqdatasets.simulation.rules import Count, Located, Present, Rule
from seqpro.checks import choice, whole_number

PresenceLogic = Literal["any", "all", "none", "count"]
PresenceNegatives = Literal["background", "shuffled"]

_ABSENT = Quantity.fixed(0)


def presence(
    motifs: Sequence[Motif],
    pos_motifs: Sequence[str],
    *,
    logic: PresenceLogic = "any",
    count: int = 1,
    negatives: PresenceNegatives = "background",
    distractor_rate: float = 0.5,
    pos_fraction: float = 0.5,
    strand: Strand = "both",
    sampling: Sampling = "pwm",
    min_score: float | None = None,
    **setup: Any,
) -> Recipe:
    """Make a sequence positive if positive motifs are planted in it.

    Targets: ``label``, and ``label_{id}`` for each motif, which says whether that one is planted.

    Parameters
    ----------
    motifs
        What is planted. Those not in `pos_motifs` are distractors.
    pos_motifs
        Ids or names of the motifs that decide.
    logic
        ``"any"``: a positive holds one of `pos_motifs`, each equally often; ``"all"``: it holds each of
        them; ``"count"``: it holds `count` sites, of any of them; ``"none"``: it holds none, and a
        negative holds one. Other sequences hold none of them.
    count
        Sites of a positive for ``"count"``.
    negatives
        ``"background"``: sequences without positive motifs are background and distractors. Then counts of
        letters tell a little of the label. ``"shuffled"``: they get the positive motifs too, and are
        shuffled keeping the counts of dinucleotides before distractors are planted.
    distractor_rate
        Share of the sequences that each distractor is planted in, the same in both classes.
    pos_fraction
        Share of positives, as a fraction of at most 1,000 parts.
    strand, sampling, min_score
        As for `Embed`.
    setup
        Fields of `Recipe`: ``num_seqs``, ``seq_length``, ``background``, ``scrub``, ``seed`` ...

    Returns
    -------
    Recipe

    Raises
    ------
    ValueError
        If an argument does not fit.

    Examples
    --------
    >>> import motifdata as md
    >>> motifs = list(md.load("consensus_yeast").select(["GCN4", "REB1"]))
    >>> presence(motifs, ["GCN4"], seq_length=50).causal
    ('GCN4',)
    """
    choice(logic, "logic", get_args(PresenceLogic))
    choice(negatives, "negatives", get_args(PresenceNegatives))
    whole_number(count, "count", low=1)
    ids = chosen_ids(motifs, pos_motifs)
    common: dict[str, Any] = {"strand": strand, "sampling": sampling, "min_score": min_score}
    groups = [(motif,) for motif in ids] if logic == "all" else [ids]
    number = count if logic == "count" else 1
    full = [Embed(group, Quantity.fixed(number), **common) for group in groups]
    if negatives == "shuffled":
        bare = [
            Embed(group, Quantity.fixed(number), **common, is_scrambled=True) for group in groups
        ]
    else:
        bare = [Embed(group, _ABSENT, room=number, **common) for group in groups]
    others = distractors(motifs, ids, distractor_rate, common)
    positive, negative = (bare, full) if logic == "none" else (full, bare)
    rule = Present(ids, "any" if logic == "count" else logic, at_least=number)
    labels: dict[str, Rule] = {f"label_{variable_of(m.id)}": Present((m.id,)) for m in motifs}
    arms = two_arms([[*positive, *others]], [[*negative, *others]], pos_fraction)
    targets = {"label": rule, **labels}
    return Recipe(tuple(motifs), arms, targets, causal=ids, **named(setup, "presence"))


def counting(
    motif: Motif,
    *,
    positive: Quantity = Quantity.uniform(3, 5),  # noqa: B008 - it never changes
    negative: Quantity = Quantity.uniform(0, 2),  # noqa: B008
    strand: Strand = "both",
    **setup: Any,
) -> Recipe:
    """Make a sequence positive if it holds many sites of a motif rather than few.

    Targets: ``label``, and ``count``, the number of sites.

    Parameters
    ----------
    motif
        The motif.
    positive, negative
        How many sites sequences of the two classes hold; every positive number is above every negative one.
    strand
        As for `Embed`.
    setup
        Fields of `Recipe`.

    Returns
    -------
    Recipe

    Raises
    ------
    ValueError
        If the numbers of the classes overlap.

    Examples
    --------
    >>> import motifdata as md
    >>> counting(md.load("consensus_yeast")["GCN4"]).targets["label"].at_least
    3
    """
    if positive.least <= negative.most:
        msg = (
            f"positive must be above negative; found {positive.least} to {positive.most} and "
            f"{negative.least} to {negative.most}"
        )
        raise ValueError(msg)
    ids, room = (motif.id,), positive.most
    arms = tuple(Arm((Embed(ids, law, room, strand=strand),)) for law in (positive, negative))
    targets: dict[str, Rule] = {"label": Present(ids, at_least=positive.least), "count": Count(ids)}
    return Recipe((motif,), arms, targets, **named(setup, "counting"))


def density(
    motifs: Sequence[Motif],
    *,
    quantity: Quantity = Quantity.poisson(2.0, most=5).zero_inflated(0.25),  # noqa: B008
    strand: Strand = "both",
    **setup: Any,
) -> Recipe:
    """Plant sites of each motif in random numbers, many sequences getting none.

    Targets: ``count_{id}`` for each motif.

    Parameters
    ----------
    motifs
        What is planted, each in numbers of its own.
    quantity
        The law of the numbers; by default Poisson of mean 2, at most 5, with a quarter of zeros added.
    strand
        As for `Embed`.
    setup
        Fields of `Recipe`.

    Returns
    -------
    Recipe

    Examples
    --------
    >>> import motifdata as md
    >>> list(density([md.load("consensus_yeast")["GCN4"]]).targets)
    ['count_GCN4']
    """
    arm = Arm(tuple(Embed((motif.id,), quantity, strand=strand) for motif in motifs))
    targets = {f"count_{variable_of(motif.id)}": Count((motif.id,)) for motif in motifs}
    return Recipe(tuple(motifs), (arm,), targets, **named(setup, "density"))


def localization(motif: Motif, *, width: int = 50, strand: Strand = "both", **setup: Any) -> Recipe:
    """Make a sequence positive if its one site of a motif lies in the central stretch.

    Parameters
    ----------
    motif
        The motif, planted once in every sequence.
    width
        Length of the central stretch, bp.
    strand
        As for `Embed`.
    setup
        Fields of `Recipe`.

    Returns
    -------
    Recipe

    Examples
    --------
    >>> import motifdata as md
    >>> localization(md.load("consensus_yeast")["GCN4"]).targets["label"]
    Located(motif='GCN4', width=50)
    """
    ids = (motif.id,)
    arms = tuple(
        Arm((Embed(ids, position=law, strand=strand),))
        for law in (Central(width), OutsideCentral(width))
    )
    rule = Located(motif.id, width)
    return Recipe((motif,), arms, {"label": rule}, **named(setup, "localization"))
