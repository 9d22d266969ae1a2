"""Motifs: read and write them, scan sequences for them, compare them and draw them.

Importing the package loads numpy and nothing heavier: pandas, matplotlib and the compiled kernels load
on first use.
"""

from motifdata.compare import compare
from motifdata.enrichment import enrichment, enrichment_of_hits
from motifdata.fasta import scan_fasta
from motifdata.filters import from_kernels, to_kernels
from motifdata.io.biopython import from_biopython, to_biopython
from motifdata.io.files import read_meme, read_motifs, write_meme, write_motifs
from motifdata.io.formats import formats
from motifdata.logo import plot_logo, plot_motif_logo, plot_motif_logos
from motifdata.motif import Motif
from motifdata.motifset import MotifSet
from motifdata.scan import best_scores, count_sites, scan, score_track
from motifdata.scores import ScoreDistribution, score_distribution, score_threshold
from motifdata.sources import load, sources

__version__ = "0.1.0"

__all__ = [
    "Motif",
    "MotifSet",
    "read_motifs",
    "write_motifs",
    "formats",
    "read_meme",
    "write_meme",
    "from_biopython",
    "to_biopython",
    "load",
    "sources",
    "scan",
    "scan_fasta",
    "count_sites",
    "best_scores",
    "score_track",
    "ScoreDistribution",
    "score_distribution",
    "score_threshold",
    "compare",
    "enrichment",
    "enrichment_of_hits",
    "to_kernels",
    "from_kernels",
    "plot_logo",
    "plot_motif_logo",
    "plot_motif_logos",
]
