"""Interpretation: what a trained model looks at, and whether that is the truth."""

from eugene.interpret.attribute import attribute
from eugene.interpret.filters import FilterMotifs, find_filters
from eugene.interpret.kmer_effects import kmer_effects
from eugene.interpret.scorecard import Scorecard, scorecard

__all__ = ["attribute", "find_filters", "FilterMotifs", "kmer_effects", "scorecard", "Scorecard"]
