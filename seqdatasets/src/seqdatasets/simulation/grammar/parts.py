"""What several recipes share: who decides, how sequences are shared out, which distances fit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from motifdata import Motif
from seqdatasets.simulation.embed import Arm, Embed, Embedder
from seqdatasets.simulation.quantity import Quantity, as_quantity
from seqdatasets.simulation.recipe import Recipe, check_motifs
from seqdatasets.simulation.rules import DistFrom
from seqpro.checks import real_number, shown, whole_number

DistanceNegatives = Literal["uniform", "far", "near", "both"]
Ids: TypeAlias = tuple[str, ...]

_MOST_PARTS = 1000  # how finely a share of the sequences can be told


def chosen_ids(motifs: Sequence[Motif], pos_motifs: Sequence[str]) -> Ids:
    """Give the ids of the motifs that decide, named by id or name.

    Raises
    ------
    ValueError
        If there is none, one is not among `motifs`, or one is named twice.

    Examples
    --------
    >>> chosen_ids([Motif.from_consensus("GATAA", id="m1", name="GATA")], ["GATA"])
    ('m1',)
    """
    check_motifs(tuple(motifs))
    if isinstance(pos_motifs, str) or not pos_motifs:
        msg = f"pos_motifs must be a list of at least one name; found {shown(pos_motifs)}"
        raise ValueError(msg)
    known = {name: motif.id for motif in motifs for name in (motif.name, motif.id) if name}
    unknown = [name for name in pos_motifs if name not in known]
    if unknown:
        names = ", ".join(motif.id for motif in motifs)
        msg = f"pos_motifs must be among motifs ({names}); found {unknown[0]!r}"
        raise ValueError(msg)
    ids = tuple(known[name] for name in pos_motifs)
    if len(set(ids)) != len(ids):
        msg = f"pos_motifs must be different; found {', '.join(pos_motifs)}"
        raise ValueError(msg)
    return ids


def two_ids(
    motifs: Sequence[Motif], pos_motifs: Sequence[str] | None, gen_type: str
) -> tuple[str, str]:
    """Give the ids of exactly two motifs that decide; None takes all there are.

    Raises
    ------
    ValueError
        If they are not two, or not among `motifs`.

    Examples
    --------
    >>> motifs = [Motif.from_consensus(letters, id=letters) for letters in ("GATAA", "TGACTCA")]
    >>> two_ids(motifs, None, "order")
    ('GATAA', 'TGACTCA')
    """
    names = [motif.id for motif in motifs] if pos_motifs is None else pos_motifs
    if isinstance(names, str) or len(names) != 2:
        msg = (
            f"pos_motifs must be exactly two motifs for {gen_type!r}; found {shown(names)}. Name the two "
            "that decide"
        )
        raise ValueError(msg)
    first, second = chosen_ids(motifs, names)
    return first, second


def distractors(
    motifs: Sequence[Motif], ids: Ids, rate: float, common: dict[str, Any]
) -> list[Embedder]:
    """Plant every other motif at one rate; sites of pairs may have strands that single ones do not.

    Examples
    --------
    >>> motifs = [Motif.from_consensus(letters, id=letters) for letters in ("GATAA", "TGACTCA")]
    >>> [step.motifs for step in distractors(motifs, ("GATAA",), 0.5, {"strand": "both"})]
    [('TGACTCA',)]
    """
    law = Quantity.bernoulli(real_number(rate, "distractor_rate", low=0, high=1))
    strand = "forward" if common["strand"] == "forward" else "both"
    options = {**common, "strand": strand}
    return [Embed((motif.id,), law, **options) for motif in motifs if motif.id not in ids]


def two_arms(
    positives: list[list[Embedder]], negatives: list[list[Embedder]], pos_fraction: float
) -> tuple[Arm, ...]:
    """Share sequences out to the arms of both classes, arms of one class equally.

    Examples
    --------
    >>> [arm.weight for arm in two_arms([[]], [[], []], 0.5)]
    [2, 1, 1]
    """
    share = real_number(pos_fraction, "pos_fraction", low=0, high=1)
    part = Fraction(share).limit_denominator(_MOST_PARTS)
    weights = [part / len(positives)] * len(positives)
    weights += [(1 - part) / len(negatives)] * len(negatives)
    whole = math.lcm(*(weight.denominator for weight in weights))
    return tuple(
        Arm(tuple(step), int(weight * whole))
        for step, weight in zip([*positives, *negatives], weights, strict=True)
    )


def free_room(motifs: Sequence[Motif], setup: Mapping[str, Any]) -> int:
    """Give the positions of the shortest sequence that are left beside everything planted, bp.

    Raises
    ------
    ValueError
        If there are none.

    Examples
    --------
    >>> free_room([Motif.from_consensus("GATAA", id="m")], {"seq_length": 20})
    15
    """
    length = as_quantity(setup.get("seq_length", Recipe.seq_length), "seq_length", low=1).least
    taken = sum(len(motif) for motif in motifs)
    if taken > length:
        msg = (
            f"the motifs of a sequence take up to {taken} bp and do not fit into seq_length={length}. "
            "Make sequences longer, or plant less"
        )
        raise ValueError(msg)
    return length - taken


def check_ends(low: int, high: int, names: tuple[str, str]) -> None:
    """Refuse ends of a range that are no whole numbers from 0, or in the wrong order.

    Examples
    --------
    >>> check_ends(5, 15, ("min_dist", "max_dist"))
    """
    for name, value in zip(names, (low, high), strict=True):
        whole_number(value, name, low=0)
    if high < low:
        msg = f"{names[0]} must be at most {names[1]}; found {low} and {high}"
        raise ValueError(msg)


def gaps_of(
    first: int, second: int, room: int, low: int, high: int, dist_from: DistFrom
) -> dict[str, list[int]]:
    """Sort the gaps that fit by what their distance is: within, near or far.

    Of a distance between whole numbers, both sides must lie within; see `Distance`.

    Raises
    ------
    ValueError
        If two motifs of these lengths cannot have such distances.

    Examples
    --------
    >>> gaps_of(8, 10, 8, 2, 3, "edge")
    {'within': [2, 3], 'near': [0, 1], 'far': [4, 5]}
    """
    halves = {"edge": 0, "start": 2 * first, "center": first + second}
    extra = halves[dist_from]
    sides = {gap: ((2 * gap + extra) // 2, (2 * gap + extra + 1) // 2) for gap in range(room + 1)}
    within = [gap for gap, (a, b) in sides.items() if low <= a and b <= high]
    if not within or high - extra // 2 > room:
        msg = (
            f"distances must be such as two motifs of {first} and {second} bp can have "
            f"beside all that is planted, {extra // 2} to {extra // 2 + room} bp; found {low} to {high}. "
            "Make sequences longer, or choose other distances"
        )
        raise ValueError(msg)
    furthest = min(room, max(room // 2, within[-1] + high - low + 1))
    return {
        "within": within,
        "near": [gap for gap, (a, _) in sides.items() if a < low],
        "far": [gap for gap, (_, b) in sides.items() if b > high and gap <= furthest],
    }


def other_gaps(
    gaps: dict[str, list[int]], negatives: DistanceNegatives, low: int, high: int
) -> Quantity:
    """Give the law of the gaps of negatives.

    Raises
    ------
    ValueError
        If there is no such gap.

    Examples
    --------
    >>> other_gaps({"near": [0], "far": [4, 5]}, "uniform", 1, 3).values
    (0, 4, 5)
    """
    near, far = gaps["near"], gaps["far"]
    wanted = {"near": [near], "far": [far], "both": [near, far], "uniform": [near + far]}[negatives]
    if not all(wanted):
        msg = (
            f"negatives={negatives!r} needs distances outside {low} to {high} bp that fit; found none "
            f"{'below' if not near and negatives != 'far' else 'above'}. Make sequences longer, or choose "
            "other distances or negatives"
        )
        raise ValueError(msg)
    chances = {gap: 1 / len(part) / len(wanted) for part in wanted for gap in part}
    return Quantity(tuple(chances), tuple(chances.values()))


def named(setup: dict[str, Any], name: str) -> dict[str, Any]:
    """Add what the rule is called to the fields of a recipe.

    Examples
    --------
    >>> named({"seed": 1}, "order")
    {'name': 'order', 'seed': 1}
    """
    return {"name": name, **setup}


def variable_of(motif: str) -> str:
    """Make a motif's id part of a variable's name.

    Examples
    --------
    >>> variable_of("GATA/1")
    'GATA_1'
    """
    return motif.replace("/", "_")
