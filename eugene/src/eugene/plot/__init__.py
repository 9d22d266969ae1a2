"""Figures. Every function draws on the axes it is given, or on new ones, and gives them back."""

from eugene.plot.attributions import attributions
from eugene.plot.marks import marks
from eugene.plot.motif_table import motif_table
from eugene.plot.performance import performance
from eugene.plot.scores import scores
from eugene.plot.training import training

__all__ = ["training", "performance", "scores", "attributions", "marks", "motif_table"]
