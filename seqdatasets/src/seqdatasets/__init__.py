"""Named public data sets, checked by hash, and simulated sequences whose truth is known."""

from seqdatasets.catalogue import info, list_datasets
from seqdatasets.fetch import fetch
from seqdatasets.load import load
from seqdatasets.simulate import simulate

__version__ = "0.1.0"

__all__ = ["list_datasets", "info", "fetch", "load", "simulate"]
