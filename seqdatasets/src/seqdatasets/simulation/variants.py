"""Pairs of alleles: a letter of each sequence changed, inside what decides or outside of it."""

from __future__ import annotations

from dataclasses import dataclass

from seqdatasets.simulation.forms import recipe_object
from seqpro.checks import real_number


@recipe_object
@dataclass(frozen=True)
class Variants:
    """One single-letter variant in each sequence.

    Parameters
    ----------
    causal
        Probability that it hits a planted causal motif, where there is one; else it hits a letter that is
        part of nothing planted. Positions and other letters are equally likely.

    Raises
    ------
    ValueError
        If `causal` is no probability.

    Examples
    --------
    >>> Variants(0.8).causal
    0.8
    """

    causal: float = 0.5

    def __post_init__(self) -> None:
        real_number(self.causal, "causal", low=0, high=1)
