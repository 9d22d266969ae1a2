"""The data in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import seqpro as sp
from eugene.evaluate.leak import fingerprints
from eugene.models.model import alphabet_of
from eugene.train.targets import read_targets

if TYPE_CHECKING:
    import pandas as pd


def data_summary(data: xr.Dataset, targets: list[str], *, variable: str = "seq") -> pd.DataFrame:
    """Summarise each split: rows, lengths, GC, repeated sequences and targets.

    Parameters
    ----------
    data
        A split Dataset with sequences of one length.
    targets
        Names of the target variables.
    variable
        The sequence.

    Returns
    -------
    DataFrame with one row a split. ``gc`` is the mean over valid letters; ``also in train`` counts rows
    whose very sequence (on either strand) is in the train rows; for numbers ``mean`` and ``sd`` of the
    first target, for classes the share of ``positives``

    Examples
    --------
    >>> import eugene as eu, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=100, seq_length=60, seed=0), seed=0)
    >>> data_summary(data, ["label"])["rows"].tolist()
    [80, 10, 10]
    """
    import pandas as pd

    values = read_targets(data, targets)
    split = data["split"].values
    codes = data[variable].values
    gc = sp.gc_content(codes, by="valid")
    keys = fingerprints(codes, alphabet_of(data[variable]))
    trained = keys[split == "train"]
    rows = []
    for part in ("train", "val", "test", "unused"):
        chosen = split == part
        if not chosen.any():
            continue
        first = values.values[chosen, 0]
        entry: dict[str, object] = {
            "split": part,
            "rows": int(chosen.sum()),
            "length": codes.shape[1],
            "gc": float(np.nanmean(gc[chosen])),
            "missing targets": int(np.isnan(values.values[chosen]).any(axis=1).sum()),
        }
        entry["also in train"] = (
            "" if part == "train" else int(np.isin(keys[chosen], trained).sum())
        )
        if values.task == "binary":
            entry["positives"] = f"{np.nanmean(first):.1%}"
        else:
            entry |= {"mean": float(np.nanmean(first)), "sd": float(np.nanstd(first))}
        rows.append(entry)
    return pd.DataFrame(rows)
