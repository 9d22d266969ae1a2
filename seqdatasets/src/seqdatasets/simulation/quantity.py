"""Whole numbers that are drawn: how many motifs, how wide a gap, how long a sequence."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from seqdatasets.simulation.forms import recipe_object
from seqpro.checks import real_number, shown, whole_number

_TOLERANCE = 1e-6  # how far a sum of probabilities may be from 1
_RARE = 1e-12  # what a Poisson law leaves out, unless told where to end


@recipe_object
@dataclass(frozen=True)
class Quantity:
    """A whole number that is drawn anew each time: every law is a list of values and their probabilities.

    Parameters
    ----------
    values
        The numbers, each at least 0.
    weights
        Probability of each, summing to 1.

    Raises
    ------
    ValueError
        If a value is no whole number from 0, or the weights are no probabilities.

    Examples
    --------
    >>> Quantity.uniform(2, 4).mean, Quantity.bernoulli(0.25).weights
    (3.0, (0.75, 0.25))
    >>> Quantity.poisson(2.0, most=4).zero_inflated(0.5).values
    (0, 1, 2, 3, 4)
    """

    values: tuple[int, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        values = tuple(whole_number(v, "values of a Quantity", low=0) for v in self.values)
        weights = tuple(real_number(w, "weights of a Quantity", low=0) for w in self.weights)
        total = math.fsum(weights)
        if len(weights) != len(values) or not values or abs(total - 1) > _TOLERANCE:
            msg = (
                "a Quantity must have values, and weights for each of them that sum to 1; found "
                f"{len(values)} values and {shown(weights)}, sum {total:g}"
            )
            raise ValueError(msg)
        kept = [(v, w) for v, w in zip(values, weights, strict=True) if w > 0]
        object.__setattr__(self, "values", tuple(v for v, _ in kept))
        object.__setattr__(self, "weights", tuple(w for _, w in kept))

    @classmethod
    def fixed(cls, value: int) -> Quantity:
        """Give one number always.

        Examples
        --------
        >>> Quantity.fixed(3).most
        3
        """
        return cls((value,), (1.0,))

    @classmethod
    def choice(cls, values: range | tuple[int, ...] | list[int]) -> Quantity:
        """Give each of some numbers equally often.

        Examples
        --------
        >>> Quantity.choice([10, 21, 31]).least
        10
        """
        numbers = tuple(values)
        return cls(numbers, (1 / max(1, len(numbers)),) * len(numbers))

    @classmethod
    def uniform(cls, low: int, high: int) -> Quantity:
        """Give every number from `low` to `high`, both included, equally often.

        Examples
        --------
        >>> Quantity.uniform(1, 2)
        Quantity(values=(1, 2), weights=(0.5, 0.5))
        """
        if high < low:
            msg = f"high must be at least low; found {low} to {high}"
            raise ValueError(msg)
        return cls.choice(range(low, high + 1))

    @classmethod
    def bernoulli(cls, rate: float) -> Quantity:
        """Give 1 with probability `rate`, else 0.

        Examples
        --------
        >>> Quantity.bernoulli(1.0).values
        (1,)
        """
        rate = real_number(rate, "rate", low=0, high=1)
        return cls((0, 1), (1 - rate, rate))

    @classmethod
    def poisson(cls, mean: float, *, most: int | None = None) -> Quantity:
        """Give numbers by a Poisson law, of which those above `most` are left out.

        Without `most`, the law ends where all that is beyond has a probability below 1e-12.

        Examples
        --------
        >>> round(Quantity.poisson(2.0).mean, 9)
        2.0
        """
        mean = real_number(mean, "mean", low=0, high=500)
        chances = [math.exp(-mean)]
        while len(chances) <= mean or chances[-1] > _RARE:
            chances.append(chances[-1] * mean / len(chances))
        if most is not None:
            chances = chances[: whole_number(most, "most", low=0) + 1]
        total = math.fsum(chances)
        return cls(tuple(range(len(chances))), tuple(chance / total for chance in chances))

    def zero_inflated(self, rate: float) -> Quantity:
        """Give 0 with probability `rate`, and else what this law gives.

        Examples
        --------
        >>> Quantity.fixed(2).zero_inflated(0.25)
        Quantity(values=(0, 2), weights=(0.25, 0.75))
        """
        rate = real_number(rate, "rate", low=0, high=1)
        chances = {0: rate}
        for value, weight in zip(self.values, self.weights, strict=True):
            chances[value] = chances.get(value, 0.0) + (1 - rate) * weight
        return Quantity(tuple(chances), tuple(chances.values()))

    def clipped(self, low: int, high: int) -> Quantity:
        """Give what this law gives, but `low` for anything less and `high` for anything more.

        Examples
        --------
        >>> Quantity.uniform(0, 3).clipped(1, 2).weights
        (0.5, 0.5)
        """
        chances: dict[int, float] = {}
        for value, weight in zip(self.values, self.weights, strict=True):
            held = min(max(value, low), high)
            chances[held] = chances.get(held, 0.0) + weight
        return replace(self, values=tuple(chances), weights=tuple(chances.values()))

    @property
    def least(self) -> int:
        """The smallest number that can come."""
        return min(self.values)

    @property
    def most(self) -> int:
        """The largest number that can come."""
        return max(self.values)

    @property
    def mean(self) -> float:
        """The mean of the law."""
        return math.fsum(v * w for v, w in zip(self.values, self.weights, strict=True))

    def thresholds(self) -> NDArray[np.uint64]:
        """Give cumulative probabilities on the scale of 2**53, shape (n,).

        Examples
        --------
        >>> (Quantity.uniform(0, 1).thresholds() / 2**53).tolist()
        [0.5, 1.0]
        """
        return cumulative(np.array(self.weights))


def cumulative(chances: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Sum probabilities up along the last axis, on the scale of 2**53, for shapes (..., n).

    Examples
    --------
    >>> (cumulative(np.array([0.25, 0.75, 0.0])) / 2**53).tolist()
    [0.25, 1.0, 1.0]
    """
    sums = np.cumsum(chances, axis=-1) * 2.0**53
    thresholds = np.round(sums).astype(np.uint64)
    last = chances.shape[-1] - 1 - (chances[..., ::-1] > 0).argmax(axis=-1)
    beyond = np.arange(chances.shape[-1]) >= last[..., None]
    thresholds[beyond] = 2**53  # rounding must not reach values of weight 0
    return thresholds


def as_quantity(value: int | Quantity, argument: str, *, low: int = 0) -> Quantity:
    """Give a law of what is one or a number that never changes.

    Raises
    ------
    ValueError
        If it is neither, or a value is below `low`.

    Examples
    --------
    >>> as_quantity(3, "count").values
    (3,)
    """
    if isinstance(value, Quantity):
        whole_number(value.least, argument, low=low)
        return value
    return Quantity.fixed(whole_number(value, argument, low=low))
