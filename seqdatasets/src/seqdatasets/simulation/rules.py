"""Rules: from what is planted in a sequence to its label or number.

A rule answers ``values(truth, seed)`` with one value a row and names the motifs that it looks at, which are
the causal ones. Labels are 0 and 1, and -1 where a rule has nothing to look at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from seqdatasets.simulation.forms import recipe_object
from seqdatasets.simulation.streams import normals, stream, uniforms
from seqdatasets.simulation.truth import Truth, gaps
from seqpro.checks import choice, real_number, shown, whole_number

Logic = Literal["any", "all", "none", "odd"]
DistFrom = Literal["edge", "start", "center"]


class Rule(Protocol):
    """What turns the truth into a target."""

    @property
    def causal(self) -> tuple[str, ...]:  # pragma: no cover
        """Ids of the motifs that the rule looks at."""

    @property
    def task(self) -> str:  # pragma: no cover
        """Kind of target: ``"binary"`` or ``"regression"``."""

    def values(self, truth: Truth, seed: int) -> NDArray[Any]:  # pragma: no cover
        """Give each row's value, shape (n,)."""


class _Label:
    """What rules that give labels share."""

    task = "binary"


class _Number:
    """What rules that give numbers share."""

    task = "regression"


@recipe_object
@dataclass(frozen=True)
class Present(_Label):
    """Whether motifs are there.

    Parameters
    ----------
    motifs
        Ids of motifs.
    logic
        ``"any"``: at least one of them; ``"all"``: each of them; ``"none"``: not one; ``"odd"``: an odd
        number of them, which for two is one without the other.
    at_least
        How many sites ``"any"`` needs, of whichever of the motifs.

    Raises
    ------
    ValueError
        If an argument does not fit.

    Examples
    --------
    >>> Present(("GATA1", "SPI1"), "all").causal
    ('GATA1', 'SPI1')
    """

    motifs: tuple[str, ...]
    logic: Logic = "any"
    at_least: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "motifs", tuple(self.motifs))
        choice(self.logic, "logic", get_args(Logic))
        whole_number(self.at_least, "at_least", low=1)

    @property
    def causal(self) -> tuple[str, ...]:
        """Ids of the motifs that the rule looks at."""
        return self.motifs

    def values(self, truth: Truth, seed: int) -> NDArray[np.int8]:  # noqa: ARG002
        """Give 0 or 1 for each row, shape (n,)."""
        counts = np.stack([truth.counts(motif) for motif in self.motifs])
        are_there = (counts > 0).sum(axis=0)
        met = {
            "any": counts.sum(axis=0) >= self.at_least,
            "all": are_there == len(self.motifs),
            "none": are_there == 0,
            "odd": are_there % 2 == 1,
        }[self.logic]
        return met.astype(np.int8)


@recipe_object
@dataclass(frozen=True)
class Order(_Label):
    """Whether one motif is upstream of another, whatever their strands.

    Parameters
    ----------
    first, second
        Ids of the motifs. The label is 1 where `first` begins at the lower position.

    Examples
    --------
    >>> Order("GATA1", "SPI1").causal
    ('GATA1', 'SPI1')
    """

    first: str
    second: str

    @property
    def causal(self) -> tuple[str, ...]:
        """Ids of the motifs that the rule looks at."""
        return (self.first, self.second)

    def values(self, truth: Truth, seed: int) -> NDArray[np.int8]:  # noqa: ARG002
        """Give 0, 1 or -1 for each row, shape (n,)."""
        first, second = truth.first(self.first), truth.first(self.second)
        if not truth.start.size:
            return np.full(truth.rows.size, -1, np.int8)
        label = (truth.start[first] < truth.start[second]).astype(np.int8)
        return np.where((first >= 0) & (second >= 0), label, np.int8(-1))


@recipe_object
@dataclass(frozen=True)
class Distance(_Label):
    """Whether the distance of two motifs is one of some numbers, whichever is upstream.

    Parameters
    ----------
    first, second
        Ids of the motifs.
    distances
        The distances that make a sequence positive, bp, such as ``tuple(range(5, 16))``. Middles may be a
        half apart from whole numbers; such a distance counts if the whole numbers on both its sides do.
    dist_from
        ``"edge"``: positions between the end of the upstream site and the start of the other; ``"start"``:
        between their starts; ``"center"``: between their middles.

    Raises
    ------
    ValueError
        If an argument does not fit.

    Examples
    --------
    >>> Distance("GATA1", "SPI1", tuple(range(5, 16))).dist_from
    'edge'
    """

    first: str
    second: str
    distances: tuple[int, ...]
    dist_from: DistFrom = "edge"

    def __post_init__(self) -> None:
        choice(self.dist_from, "dist_from", get_args(DistFrom))
        numbers = tuple(whole_number(d, "distances", low=0) for d in self.distances)
        object.__setattr__(self, "distances", numbers)

    @property
    def causal(self) -> tuple[str, ...]:
        """Ids of the motifs that the rule looks at."""
        return (self.first, self.second)

    def values(self, truth: Truth, seed: int) -> NDArray[np.int8]:  # noqa: ARG002
        """Give 0, 1 or -1 for each row, shape (n,)."""
        found = np.asarray(getattr(gaps(truth, self.first, self.second), self.dist_from), float)
        there = np.isfinite(found) & (found >= 0)
        held = np.nan_to_num(found, nan=-1.0)
        low, high = (np.isin(side, self.distances) for side in (np.floor(held), np.ceil(held)))
        return np.where(there, (low & high).astype(np.int8), np.int8(-1))


@recipe_object
@dataclass(frozen=True)
class Located(_Label):
    """Whether a site of a motif lies within the central stretch.

    Parameters
    ----------
    motif
        Id of the motif.
    width
        Length of the central stretch, bp, as for `seqdatasets.simulation.Central`.

    Raises
    ------
    ValueError
        If `width` is no whole number from 1.

    Examples
    --------
    >>> Located("GATA1", 50).causal
    ('GATA1',)
    """

    motif: str
    width: int

    def __post_init__(self) -> None:
        whole_number(self.width, "width", low=1)

    @property
    def causal(self) -> tuple[str, ...]:
        """Ids of the motifs that the rule looks at."""
        return (self.motif,)

    def values(self, truth: Truth, seed: int) -> NDArray[np.int8]:  # noqa: ARG002
        """Give 0 or 1 for each row, shape (n,)."""
        places = truth.of(self.motif)
        row = truth.row[places]
        low = (truth.sizes[row] - self.width) // 2
        inside = (truth.start[places] >= low) & (truth.end[places] <= low + self.width)
        label = np.zeros(truth.rows.size, np.int8)
        label[row[inside]] = 1
        return label


@recipe_object
@dataclass(frozen=True)
class Count(_Number):
    """How many sites of some motifs there are.

    Parameters
    ----------
    motifs
        Ids of motifs, counted together.

    Examples
    --------
    >>> Count(("GATA1",)).task
    'regression'
    """

    motifs: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "motifs", tuple(self.motifs))

    @property
    def causal(self) -> tuple[str, ...]:
        """Ids of the motifs that the rule looks at."""
        return self.motifs

    def values(self, truth: Truth, seed: int) -> NDArray[np.int64]:  # noqa: ARG002
        """Give each row's count, shape (n,)."""
        return np.sum([truth.counts(motif) for motif in self.motifs], axis=0, dtype=np.int64)


@recipe_object
@dataclass(frozen=True)
class Additive(_Number):
    """A sum of what each site brings and of what pairs of motifs bring together, with noise.

    Parameters
    ----------
    effects
        By id of a motif: what each bit of log-odds of each of its sites adds. They are sorted by id.
    interactions
        Two ids and a number: what is added where both motifs are there.
    noise
        Standard deviation of the normal noise.

    Raises
    ------
    ValueError
        If there is no effect, or a number is none.

    Examples
    --------
    >>> Additive({"GATA1": 0.1}, (("GATA1", "SPI1", 1.0),), noise=0.5).causal
    ('GATA1', 'SPI1')
    """

    effects: Mapping[str, float]
    interactions: tuple[tuple[str, str, float], ...] = ()
    noise: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.effects, Mapping) or not self.effects:
            msg = f"effects must name a number for each of some motifs; found {shown(self.effects)}"
            raise ValueError(msg)
        for number in (*self.effects.values(), *(entry[2] for entry in self.interactions)):
            real_number(number, "effects and interactions")
        real_number(self.noise, "noise", low=0)
        object.__setattr__(self, "effects", dict(sorted(self.effects.items())))
        object.__setattr__(self, "interactions", tuple(map(tuple, self.interactions)))

    def __hash__(self) -> int:
        return hash((tuple(self.effects.items()), self.interactions, self.noise))

    @property
    def causal(self) -> tuple[str, ...]:
        """Ids of the motifs that the rule looks at."""
        pairs = [motif for first, second, _ in self.interactions for motif in (first, second)]
        return tuple(dict.fromkeys([*self.effects, *pairs]))

    def values(self, truth: Truth, seed: int) -> NDArray[np.float32]:
        """Give each row's number, shape (n,)."""
        total = np.zeros(truth.rows.size)
        for motif, effect in self.effects.items():
            places = truth.of(motif)
            total += effect * np.bincount(
                truth.row[places], truth.score[places], minlength=truth.rows.size
            )
        for first, second, effect in self.interactions:
            total += effect * ((truth.counts(first) > 0) & (truth.counts(second) > 0))
        if self.noise:
            total += self.noise * normals(stream(seed, "noise"), truth.rows)
        return total.astype(np.float32)


@recipe_object
@dataclass(frozen=True)
class Flipped(_Label):
    """The labels of another rule, some of them wrong.

    Parameters
    ----------
    rule
        The rule.
    rate
        Probability that a label is turned into the other one.

    Raises
    ------
    ValueError
        If the rule gives no labels, or `rate` is no probability.

    Examples
    --------
    >>> Flipped(Present(("GATA1",)), 0.1).causal
    ('GATA1',)
    """

    rule: Rule
    rate: float

    def __post_init__(self) -> None:
        real_number(self.rate, "rate", low=0, high=1)
        if self.rule.task != "binary":
            msg = f"rule must give labels to be flipped; found {type(self.rule).__name__}"
            raise ValueError(msg)

    @property
    def causal(self) -> tuple[str, ...]:
        """Ids of the motifs that the rule looks at."""
        return self.rule.causal

    def values(self, truth: Truth, seed: int) -> NDArray[np.int8]:
        """Give 0, 1 or -1 for each row, shape (n,)."""
        label = self.rule.values(truth, seed)
        is_flipped = uniforms(stream(seed, "flip"), truth.rows)[:, 0] < self.rate
        return np.where(is_flipped & (label >= 0), 1 - label, label).astype(np.int8)
