"""Recipes: everything that decides a simulated Dataset, in one object with a JSON form."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import xarray as xr

import seqpro as sp
from motifdata import Motif, MotifSet
from seqdata.provenance import steps
from seqdatasets.simulation.background import Background, Independent
from seqdatasets.simulation.embed import Arm, Embed, Embedder
from seqdatasets.simulation.forms import from_form, recipe_object, to_form
from seqdatasets.simulation.position import Anywhere, Central, FixedStart, OutsideCentral
from seqdatasets.simulation.quantity import Quantity, as_quantity
from seqdatasets.simulation.rules import Rule
from seqdatasets.simulation.variants import Variants
from seqpro.checks import flag, shown, whole_number

STEP = "seqdatasets.simulate_recipe"
"""Name of the provenance entry that holds a recipe."""

_USUAL = Independent()
_LONGEST = 1 << 31  # bp; positions are drawn with 32 bits


@recipe_object
@dataclass(frozen=True)
class Recipe:
    """All that decides a simulated Dataset: equal recipes give equal bytes.

    Parameters
    ----------
    motifs
        Everything that can be planted, over DNA.
    arms
        The ways in which sequences are made, with their shares.
    targets
        By name of a variable: the rule that gives it. They are sorted by name.
    num_seqs
        Number of sequences.
    seq_length
        Length of each, bp, or the law of it.
    background
        What draws the letters before anything is planted.
    scrub
        Whether backgrounds are drawn anew until they hold no chance hit of a causal motif.
    variants
        What variant each sequence gets, if any.
    causal
        Ids of the motifs that decide; empty takes those that any rule looks at.
    seed
        Decides everything that is random.
    name
        What the rule is called.

    Raises
    ------
    ValueError
        If the parts do not fit each other: a motif that is not among `motifs`, or one that cannot fit.

    Examples
    --------
    >>> import motifdata as md
    >>> from seqdatasets.simulation import Arm, Embed, Present
    >>> gata = md.Motif.from_consensus("AGATAAGG", id="GATA")
    >>> arms = (Arm((Embed(("GATA",)),)), Arm((Embed(("GATA",), Quantity.fixed(0), room=1),)))
    >>> recipe = Recipe((gata,), arms, {"label": Present(("GATA",))}, num_seqs=10)
    >>> Recipe.from_json(recipe.to_json()) == recipe
    True
    """

    motifs: tuple[Motif, ...]
    arms: tuple[Arm, ...]
    targets: Mapping[str, Rule]
    num_seqs: int = 10_000
    seq_length: int | Quantity = 200
    background: Background = _USUAL
    scrub: bool = False
    variants: Variants | None = None
    causal: tuple[str, ...] = ()
    seed: int = 0
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "motifs", tuple(self.motifs))
        object.__setattr__(self, "arms", tuple(self.arms))
        object.__setattr__(self, "targets", dict(sorted(self.targets.items())))
        whole_number(self.num_seqs, "num_seqs", low=0)
        whole_number(self.seed, "seed", low=0)
        flag(self.scrub, "scrub")
        lengths = as_quantity(self.seq_length, "seq_length", low=1)
        whole_number(lengths.most, "seq_length", low=1, high=_LONGEST)
        check_motifs(self.motifs)
        looked_at = [motif for rule in self.targets.values() for motif in rule.causal]
        object.__setattr__(self, "causal", tuple(dict.fromkeys(self.causal or looked_at)))
        self._check_names()
        if not sum(arm.weight for arm in self.arms):
            msg = f"arms must hold at least one Arm of weight above 0; found {shown(self.arms)}"
            raise ValueError(msg)
        for arm in self.arms:
            self._check_fit(arm, lengths.least)
        if self.variants is not None and len(lengths.values) > 1:
            msg = "variants need sequences of one length; give seq_length as a number"
            raise ValueError(msg)

    def __hash__(self) -> int:
        return hash(self.to_json())

    @property
    def lengths(self) -> Quantity:
        """The law of the sequences' length, bp."""
        return as_quantity(self.seq_length, "seq_length")

    def to_json(self) -> str:
        """Give the recipe as JSON text; of files only names and hashes are kept."""
        return json.dumps(to_form(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str, *, folder: str | os.PathLike[str] = ".") -> Recipe:
        """Give the recipe of a JSON text; files that it names are looked for in `folder`.

        Raises
        ------
        ValueError
            If `text` is no recipe.

        Examples
        --------
        >>> Recipe.from_json("{}")
        Traceback (most recent call last):
        ValueError: text must be the JSON of a recipe; found {}
        """
        try:
            found = from_form(json.loads(text), Path(folder))
        except json.JSONDecodeError as error:
            msg = f"text must be the JSON of a recipe: {error}"
            raise ValueError(msg) from error
        if not isinstance(found, Recipe):
            msg = f"text must be the JSON of a recipe; found {shown(found)}"
            raise ValueError(msg)
        return found

    def with_label_noise(self, rate: float) -> Recipe:
        """Give the recipe with a share `rate` of its labels flipped, and ``{target}_true`` beside each.

        Examples
        --------
        >>> import motifdata as md
        >>> from seqdatasets.simulation import grammar
        >>> recipe = grammar.multi_label(list(md.load("consensus_yeast"))[:1])
        >>> list(recipe.with_label_noise(0.1).targets)
        ['label_ABF1', 'label_ABF1_true']
        """
        from seqdatasets.simulation.rules import Flipped

        targets: dict[str, Rule] = {}
        for name, rule in self.targets.items():
            is_label = rule.task == "binary"
            targets[name] = Flipped(rule, rate) if is_label else rule
            if is_label:
                targets[f"{name}_true"] = rule
        return replace(self, targets=targets)

    def _check_names(self) -> None:
        known = MotifSet(self.motifs)
        named = [motif for arm in self.arms for step in arm.embedders for motif in step.motifs]
        looked_at = [motif for rule in self.targets.values() for motif in rule.causal]
        for motif in (*named, *looked_at, *self.causal):
            if motif not in known.ids:
                _ = known[motif]  # its error offers close names
                msg = f"a recipe names motifs by their id; found the name {motif!r} of {known[motif].id!r}"
                raise ValueError(msg)

    def _check_fit(self, arm: Arm, length: int) -> None:
        """Refuse what cannot fit into the shortest sequence."""
        widths = {motif.id: len(motif) for motif in self.motifs}
        for step in arm.embedders:
            _check_step(step, widths, length)
        taken = sum(step.most * room_of(step, widths) for step in arm.embedders)
        if taken > length:
            msg = (
                f"the motifs of a sequence take up to {taken} bp and do not fit into seq_length={length}. "
                "Make sequences longer, or plant less"
            )
            raise ValueError(msg)


def check_motifs(motifs: tuple[Motif, ...]) -> None:
    """Refuse motifs that are none, share an id, or are over another alphabet than DNA.

    Examples
    --------
    >>> check_motifs((Motif.from_consensus("GATAA", id="GATA"),))
    """
    strangers = [motif for motif in motifs if not isinstance(motif, Motif)]
    if strangers or not motifs:
        msg = f"motifs must hold at least one Motif, and nothing else; found {shown(motifs)}"
        raise ValueError(msg)
    other = next((motif for motif in motifs if motif.alphabet != sp.DNA), None)
    if other is not None:
        msg = (
            f"motifs must be over DNA ({sp.DNA.letters}), as the sequences are; found {other.id!r} "
            f"over {other.alphabet.name} ({other.alphabet.letters}). Make a motif of its "
            "probabilities with the alphabet seqpro.DNA"
        )
        raise ValueError(msg)
    twice = [name for name, count in Counter(motif.id for motif in motifs).items() if count > 1]
    if twice:
        msg = f"motifs must be different; found {twice[0]!r} more than once"
        raise ValueError(msg)


def room_of(step: Embedder, widths: Mapping[str, int]) -> int:
    """Give the positions that one element of an embedder takes at most, bp.

    Examples
    --------
    >>> from seqdatasets.simulation import Pair
    >>> room_of(Pair("a", "b", Quantity.uniform(0, 3)), {"a": 4, "b": 5})
    12
    """
    if isinstance(step, Embed):
        return max(widths[motif] for motif in step.motifs)
    return max(step.room, widths[step.first] + step.gap.most + widths[step.second])


def recipe_of(ds: xr.Dataset, *, folder: str | os.PathLike[str] = ".") -> Recipe:
    """Give the recipe that a simulated Dataset holds.

    Parameters
    ----------
    ds
        Dataset of `simulate` or `simulate_recipe`; it may have been selected from, split or predicted.
    folder
        Where the files that the recipe names are.

    Returns
    -------
    Recipe

    Raises
    ------
    ValueError
        If no step of the provenance is a simulation, or more than one.

    Examples
    --------
    >>> from seqdatasets.simulation import simulate
    >>> recipe_of(simulate(num_seqs=4, seed=7)).seed
    7
    """
    found = [step["recipe"] for step in steps(ds) if step["step"] == STEP]
    if len(found) != 1:
        msg = f"the data must hold one recipe in its provenance; found {len(found)}"
        raise ValueError(msg)
    return Recipe.from_json(json.dumps(found[0]), folder=folder)


def as_recipe(recipe: Recipe | str | Mapping[str, Any]) -> Recipe:
    """Give a recipe of one, of its JSON text, or of what that text stands for.

    Examples
    --------
    >>> as_recipe("{")
    Traceback (most recent call last):
    ValueError: text must be the JSON of a recipe: ...
    """
    if isinstance(recipe, Recipe):
        return recipe
    return Recipe.from_json(recipe if isinstance(recipe, str) else json.dumps(recipe))


def _check_step(step: Embedder, widths: Mapping[str, int], length: int) -> None:
    for motif in step.motifs:
        if widths[motif] > length:
            msg = (
                f"motifs must fit into seq_length={length}; found {motif!r} of {widths[motif]} bp. "
                "Make sequences longer, or leave it out"
            )
            raise ValueError(msg)
    width = room_of(step, widths)
    needed = step.most * width
    free = {
        Central: lambda law: min(law.width, length),
        OutsideCentral: lambda law: max(0, length - law.width),
        FixedStart: lambda law: width if law.start + width <= length else 0,
    }.get(type(step.position), lambda _: length)(step.position)
    if needed > free and not isinstance(step.position, Anywhere):
        msg = (
            f"{step.position} has room for {free} bp in sequences of {length} bp; found up to {step.most} "
            f"times {width} bp of {' and '.join(step.motifs)}. Make it wider, or plant less"
        )
        raise ValueError(msg)
