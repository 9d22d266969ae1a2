"""Random yeast promoters with their expression: an excerpt of the DREAM 2022 training data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from seqdata import annotate
from seqdata.schema import SEQUENCE
from seqdatasets.recipes.promoters import read_promoters


def load(files: Mapping[str, Path]) -> xr.Dataset:
    r"""Read the promoters, each with the part of its plasmid that the challenge shows to models.

    Parameters
    ----------
    files
        Paths of ``demo_train.txt`` (sequence and expression, no header) and ``plasmid.json``.

    Returns
    -------
    Dataset with 6,370 rows: ``seq`` (_sequence, _length = 150), ``expression`` (float32, sorting bin from
    0 to 17), ``is_singleton`` (int8, 1 where the value is a whole number: one observation most likely)
    and ``measured_start`` (int64, where in ``seq`` the measured sequence begins, 0-based)

    Raises
    ------
    ValueError
        If a sequence does not begin with the left adapter, or the plasmid has no insert.

    Examples
    --------
    >>> import json, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> table, plasmid = folder / "demo_train.txt", folder / "plasmid.json"
    >>> _ = table.write_text("TGCATTTTTTTCACATCACGT\t11\n")
    >>> _ = plasmid.write_text(json.dumps("A" * 150 + "TGCATTTTTTTCACATC" + "N" * 80))
    >>> load({"demo_train.txt": table, "plasmid.json": plasmid})["measured_start"].values
    array([129])
    """
    ds = read_promoters(files["demo_train.txt"], files["plasmid.json"], target="expression")
    is_singleton = (ds["expression"].values % 1 == 0).astype(np.int8)
    ds["expression"].attrs.update(units="expression bin, 0 to 17", task="regression")
    return annotate(ds.assign(is_singleton=(SEQUENCE, is_singleton)))
