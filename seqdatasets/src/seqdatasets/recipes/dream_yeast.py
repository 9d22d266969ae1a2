"""Random yeast promoters with their expression: the data of the DREAM 2022 challenge."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

import seqdata
from seqdata.schema import SEQUENCE
from seqdatasets.recipes.common import with_split
from seqdatasets.recipes.promoters import read_promoters

_TRAIN, _TEST = "train_sequences.txt", "filtered_test_data_with_MAUDE_expression.txt"
_TARGETS = ("expression", "expression_maude")


def load(files: Mapping[str, Path], *, folder: Path | None = None) -> xr.Dataset:
    r"""Read the promoters, each with the part of its plasmid that the challenge shows to models.

    The test sequences were measured apart, on another scale, so that there are two variables: only
    correlations can be compared between them.

    Parameters
    ----------
    files
        Paths of ``train_sequences.txt``, of ``filtered_test_data_with_MAUDE_expression.txt`` (sequence and
        value, no header) or of both, and of ``plasmid.json``.
    folder
        Where stores may be made; None keeps the data in memory.

    Returns
    -------
    Dataset with ``seq`` (_sequence, _length = 150), ``expression`` (float32, sorting bin from 0 to 17; NaN
    in test rows), ``expression_maude`` (float32; NaN in training rows), ``is_singleton`` (int8, 1 where a
    training value is a whole number), ``measured_start`` (int64, 0-based) and ``split``

    Raises
    ------
    ValueError
        If neither table is there, a sequence does not begin with the left adapter, or the plasmid has no
        insert.

    Examples
    --------
    >>> import json, tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> table, plasmid = folder / "train_sequences.txt", folder / "plasmid.json"
    >>> _ = table.write_text("TGCATTTTTTTCACATCACGT\t11\n")
    >>> _ = plasmid.write_text(json.dumps("A" * 150 + "TGCATTTTTTTCACATC" + "N" * 80))
    >>> load({path.name: path for path in (table, plasmid)})["is_singleton"].values
    array([1], dtype=int8)
    """
    parts = [
        _part(files[name], files["plasmid.json"], target, split, folder)
        for name, target, split in zip((_TRAIN, _TEST), _TARGETS, ("train", "test"), strict=True)
        if name in files
    ]
    if not parts:
        msg = f"files must hold {_TRAIN} or {_TEST}; found {', '.join(files)}"
        raise ValueError(msg)
    return parts[0] if len(parts) == 1 else seqdata.concat(parts)


def _part(table: Path, plasmid: Path, target: str, split: str, folder: Path | None) -> xr.Dataset:
    ds = read_promoters(table, plasmid, target=target, folder=folder)
    values = ds[target].values
    other = next(name for name in _TARGETS if name != target)
    is_singleton = (values % 1 == 0) & (split == "train")
    ds = ds.assign(
        {
            other: (SEQUENCE, np.full(values.size, np.nan, np.float32)),
            "is_singleton": (SEQUENCE, is_singleton.astype(np.int8)),
        }
    )
    return with_split(ds, split)
