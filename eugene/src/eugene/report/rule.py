"""The rule of simulated data, in a sentence."""

from __future__ import annotations

from typing import Any

import xarray as xr

from seqpro.checks import shown

_DISTANCES = {
    "edge": "between the end of one and the start of the other",
    "start": "from start to start",
    "center": "from middle to middle",
}


def rule_in_words(data: xr.Dataset, target: str = "label") -> str:
    """Say what makes a sequence positive, as the recipe that the data hold has it.

    Parameters
    ----------
    data
        Dataset of `seqdatasets.simulate`; it may have been selected from, split or predicted.
    target
        Variable that the rule decides.

    Returns
    -------
    One or two sentences

    Raises
    ------
    ValueError
        If the data hold no recipe, or it has no such target.

    Examples
    --------
    >>> import seqdatasets
    >>> rule_in_words(seqdatasets.simulate(gen_type="order", num_seqs=4))
    'A sequence is positive if POU2F1 stands upstream of CEBPA. Both stand in every sequence.'
    """
    from seqdatasets.simulation import Flipped, recipe_of

    recipe = recipe_of(data)
    if target not in recipe.targets:
        msg = f"target must be one of {', '.join(recipe.targets)}; found {target!r}"
        raise ValueError(msg)
    rule = recipe.targets[target]
    noise = ""
    if isinstance(rule, Flipped):
        noise, rule = f" {rule.rate:.0%} of the labels are wrong.", rule.rule
    others = [motif.id for motif in recipe.motifs if motif.id not in rule.causal]
    distractors = ""
    if others:
        stand, say = ("stands", "says") if len(others) == 1 else ("stand", "say")
        distractors = (
            f" {' and '.join(others)} {stand} in both classes equally often and {say} nothing."
        )
    return f"A sequence is positive if {_condition(rule)}{distractors}{noise}"


def _condition(rule: Any) -> str:
    """Say when a rule is met, with what all sequences have."""
    from seqdatasets.simulation import Distance, Order, Present

    if isinstance(rule, Order):
        return f"{rule.first} stands upstream of {rule.second}. Both stand in every sequence."
    if isinstance(rule, Distance):
        apart = f"{_numbers(rule.distances)} bp apart, {_DISTANCES[rule.dist_from]}"
        return f"{rule.first} and {rule.second} are {apart}. Both stand in every sequence."
    if not isinstance(rule, Present):
        return f"it fits {shown(rule)}."
    if rule.at_least > 1:
        return f"{rule.at_least} sites of {' or '.join(rule.motifs)} were planted in it."
    ways = {
        "any": f"{' or '.join(rule.motifs)} was planted in it.",
        "all": f"{' and '.join(rule.motifs)} were all planted in it.",
        "none": f"no {' or '.join(rule.motifs)} was planted in it.",
        "odd": f"an odd number of {', '.join(rule.motifs)} were planted in it.",
    }
    return ways[rule.logic]


def _numbers(values: tuple[int, ...]) -> str:
    """Write whole numbers as a range where they are one."""
    numbers = sorted(values)
    if numbers == list(range(numbers[0], numbers[-1] + 1)) and len(numbers) > 1:
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers))
