"""Motifs: read and write them, scan sequences for them, compare them and draw them.

Importing the package loads numpy and nothing heavier: pandas, matplotlib and the compiled kernels load
on first use.
"""

from motifdata.compare import compare
from motifdata.io.meme import read_meme, write_meme
from motifdata.logo import plot_logo, plot_motif_logo
from motifdata.motif import Motif
from motifdata.motifset import MotifSet
from motifdata.scan import best_scores, scan, score_track
from motifdata.scores import ScoreDistribution, score_distribution, score_threshold
from motifdata.sources import load, sources

__version__ = "0.1.0"

__all__ = [
    "Motif",
    "MotifSet",
    "read_meme",
    "write_meme",
    "load",
    "sources",
    "scan",
    "best_scores",
    "score_track",
    "ScoreDistribution",
    "score_distribution",
    "score_threshold",
    "compare",
    "plot_logo",
    "plot_motif_logo",
]
