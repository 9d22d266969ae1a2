"""Ten fly enhancers, the example input of DeepSTARR; without measurements."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import xarray as xr

import seqdata
from seqdatasets.recipes.common import chosen, window_variables


def load(files: Mapping[str, Path]) -> xr.Dataset:
    r"""Read the enhancers.

    Parameters
    ----------
    files
        Path of ``Sequences_example.fa``.

    Returns
    -------
    Dataset with ``name``, ``seq`` (_sequence, _length = 249), the regions, and ``region_class``

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "Sequences_example.fa")
    >>> _ = path.write_text(">chr2R_101_104_dev\nACGT\n")
    >>> load({"Sequences_example.fa": path})["region_class"].values.tolist()
    ['dev']
    """
    ds = seqdata.read_fasta(chosen(files, "Sequences_example.fa")[0])
    return ds.assign(window_variables(ds["name"].values.tolist()))
