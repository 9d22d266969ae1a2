"""RNAcompete: how strongly RNA-binding proteins bind designed RNA probes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

import seqdata
from seqdata.schema import SEQUENCE, TARGET
from seqdatasets.recipes.common import chosen, measured, split_by
from seqpro import RNA

_SETS = {"SetA": "train", "SetB": "test"}


def load(files: Mapping[str, Path]) -> xr.Dataset:
    r"""Read the probes and their intensities.

    Parameters
    ----------
    files
        Path of ``norm_data.txt.gz`` or ``raw_data.txt.gz``: tabs, the columns RNA_Seq and Probe_Set, one
        column for each protein (RNCMPT00001 ...), and `` NaN``, with its space, where nothing was measured.

    Returns
    -------
    Dataset with ``seq`` (ragged, 30 to 41 letters of ACGU), ``binding`` (_sequence, _target; float32, NaN
    where missing), whose ``_target`` names the assays, and ``split``: train for set A, test for set B

    Raises
    ------
    ValueError
        If the file has no column that begins with RNCMPT.

    Examples
    --------
    >>> import tempfile, gzip
    >>> path = Path(tempfile.mkdtemp(), "norm_data.txt.gz")
    >>> text = "Probe_Set\tRNA_Seq\tRNCMPT00001\nSetA\tAGAC\t0.5\nSetB\tAGACU\t NaN\n"
    >>> _ = path.write_bytes(gzip.compress(text.encode()))
    >>> load({"norm_data.txt.gz": path})["binding"].values.tolist()
    [[0.5], [nan]]
    """
    path = chosen(files, "norm_data.txt.gz", "raw_data.txt.gz")[0]
    header = pd.read_csv(path, sep="\t", header=None, nrows=1, dtype=str).iloc[0].tolist()
    proteins = [name for name in header if name.startswith("RNCMPT")]
    if not proteins:
        msg = (
            f"{path.name} must have a column RNCMPT... for each protein; found {', '.join(header)}"
        )
        raise ValueError(msg)
    ds = seqdata.read_table(
        path,
        sequence="RNA_Seq",
        targets=proteins,
        alphabet=RNA,
        separator="\t",
        missing=["NaN", " NaN", "NA"],
    )
    binding = np.stack([measured(ds, name) for name in proteins], axis=1)
    ds = ds.drop_vars(proteins).assign_coords({TARGET: np.array(proteins, dtype=object)})
    ds = ds.assign(binding=((SEQUENCE, TARGET), binding))
    ds = split_by(ds, "Probe_Set", _SETS)
    return ds.rename_vars(Probe_ID="name") if "Probe_ID" in ds else ds
