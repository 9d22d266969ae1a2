"""A named data set as a Dataset."""

from __future__ import annotations

import importlib

import xarray as xr

from seqdatasets.catalogue import find
from seqdatasets.fetch import fetch


def load(name: str) -> xr.Dataset:
    """Fetch a data set and give it as a Dataset.

    Parameters
    ----------
    name
        A name of `list_datasets`.

    Returns
    -------
    Dataset that follows the contract, in memory; its recipe's module says which variables it has

    Raises
    ------
    ValueError
        If there is no such data set.
    ConnectionError
        If a file is neither in the mirror nor in the cache, and cannot be downloaded.

    Examples
    --------
    >>> load("dream_yeast")
    Traceback (most recent call last):
    ValueError: no data set 'dream_yeast'; did you mean dream_yeast_demo?
    """
    entry = find(name)
    recipe = importlib.import_module(entry.recipe)
    ds: xr.Dataset = recipe.load(fetch(name))
    return ds.assign_attrs(dataset=name, licence=entry.about["licence"], doi=entry.about["doi"])
