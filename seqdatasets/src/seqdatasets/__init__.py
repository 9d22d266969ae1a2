"""Named public data sets, checked by hash, and simulated sequences whose truth is known."""

from seqdatasets.catalogue import add_dataset, info, list_datasets
from seqdatasets.fetch import fetch
from seqdatasets.load import load
from seqdatasets.simulation import grammar, recipe_of, simulate, simulate_recipe
from seqdatasets.simulation.export import embeddings_to_bed, to_fasta
from seqdatasets.simulation.simdata import read_simdata, to_simdata

__version__ = "0.1.0"

__all__ = [
    "list_datasets",
    "info",
    "fetch",
    "load",
    "add_dataset",
    "simulate",
    "simulate_recipe",
    "recipe_of",
    "grammar",
    "read_simdata",
    "to_simdata",
    "to_fasta",
    "embeddings_to_bed",
]
