"""Ready-made recipes, one function each. Every one takes motifs first, and fields of `Recipe` by name.

What does not decide the label has the same law in both classes. Where a class lacks sites that the other
has, it keeps their room, so that everything else stands where it would stand.
"""

from seqdatasets.simulation.grammar.pairs import distance, helical_phase, heterodimer, order
from seqdatasets.simulation.grammar.several import cooperativity, multi_label, regression
from seqdatasets.simulation.grammar.single import counting, density, localization, presence

__all__ = [
    "presence",
    "order",
    "distance",
    "counting",
    "density",
    "localization",
    "multi_label",
    "cooperativity",
    "helical_phase",
    "heterodimer",
    "regression",
]
