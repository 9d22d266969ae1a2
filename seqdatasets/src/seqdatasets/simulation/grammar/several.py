"""Recipes of several motifs together: labels for each, logic of two, and sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any, Literal, get_args

from motifdata import Motif
from seqdatasets.simulation.embed import Arm, Embed, Strand
from seqdatasets.simulation.grammar.parts import named, variable_of
from seqdatasets.simulation.quantity import Quantity
from seqdatasets.simulation.recipe import Recipe, check_motifs
from seqdatasets.simulation.rules import Additive, Present, Rule
from seqpro.checks import choice

Cooperation = Literal["and", "or", "xor"]


def multi_label(
    motifs: Sequence[Motif], *, rate: float = 0.5, strand: Strand = "both", **setup: Any
) -> Recipe:
    """Plant each motif in some of the sequences, whatever the others do.

    Targets: ``label_{id}`` for each motif.

    Parameters
    ----------
    motifs
        What is planted.
    rate
        Share of the sequences that each motif is planted in.
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
    >>> list(multi_label([md.load("consensus_yeast")["GCN4"]]).targets)
    ['label_GCN4']
    """
    law = Quantity.bernoulli(rate)
    arm = Arm(tuple(Embed((motif.id,), law, room=1, strand=strand) for motif in motifs))
    targets = {f"label_{variable_of(motif.id)}": Present((motif.id,)) for motif in motifs}
    return Recipe(tuple(motifs), (arm,), targets, **named(setup, "multi_label"))


def cooperativity(
    first: Motif,
    second: Motif,
    *,
    logic: Cooperation = "and",
    strand: Strand = "both",
    **setup: Any,
) -> Recipe:
    """Make the label depend on two motifs together, each alone saying as little as it can.

    Half of the sequences are positive. Targets: ``label``, and ``label_{id}`` for both motifs.

    Parameters
    ----------
    first, second
        The motifs.
    logic
        ``"and"``: positive with both; ``"or"``: with at least one; ``"xor"``: with exactly one, which a sum
        of what the motifs say cannot tell. The combinations of one class are equally frequent.
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
    >>> known = md.load("consensus_yeast")
    >>> [arm.weight for arm in cooperativity(known["GCN4"], known["REB1"]).arms]
    [1, 1, 1, 3]
    """
    choice(logic, "logic", get_args(Cooperation))
    met: Callable[[int, int], bool] = {
        "and": lambda a, b: a + b == 2,
        "or": lambda a, b: a + b > 0,
        "xor": lambda a, b: a + b == 1,
    }[logic]
    states = list(product((0, 1), repeat=2))
    positives = sum(met(*state) for state in states)
    arms = tuple(
        Arm(
            tuple(
                Embed((motif.id,), Quantity.fixed(there), room=1, strand=strand)
                for motif, there in zip((first, second), state, strict=True)
            ),
            (4 - positives if met(*state) else positives) // (2 if positives == 2 else 1),
        )
        for state in states
    )
    ids = (first.id, second.id)
    rule = Present(ids, {"and": "all", "or": "any", "xor": "odd"}[logic])  # type: ignore[arg-type]
    labels: dict[str, Rule] = {f"label_{variable_of(name)}": Present((name,)) for name in ids}
    targets = {"label": rule, **labels}
    return Recipe((first, second), arms, targets, **named(setup, "cooperativity"))


def regression(
    motifs: Sequence[Motif],
    *,
    effects: Mapping[str, float] | None = None,
    interactions: Sequence[tuple[str, str, float]] = (),
    noise: float = 0.5,
    quantity: Quantity = Quantity.uniform(0, 2),  # noqa: B008
    strand: Strand = "both",
    **setup: Any,
) -> Recipe:
    """Make a number of what is planted: log-odds of sites, interactions of motifs, and noise.

    Targets: ``activity``, and ``activity_true``, the same without noise.

    Parameters
    ----------
    motifs
        What is planted.
    effects, interactions, noise
        As for `Additive`; without `effects`, each bit of each motif adds 0.1.
    quantity
        How many sites of each motif a sequence gets.
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
    >>> motifs = list(md.load("consensus_yeast").select(["GCN4", "REB1"]))
    >>> list(regression(motifs, interactions=[("GCN4", "REB1", 1.0)]).targets)
    ['activity', 'activity_true']
    """
    check_motifs(tuple(motifs))
    sums = dict(effects) if effects is not None else {motif.id: 0.1 for motif in motifs}
    arm = Arm(tuple(Embed((motif.id,), quantity, strand=strand) for motif in motifs))
    pairs = tuple(tuple(entry) for entry in interactions)
    targets: dict[str, Rule] = {
        "activity": Additive(sums, pairs, noise),  # type: ignore[arg-type]
        "activity_true": Additive(sums, pairs),  # type: ignore[arg-type]
    }
    return Recipe(tuple(motifs), (arm,), targets, **named(setup, "regression"))
