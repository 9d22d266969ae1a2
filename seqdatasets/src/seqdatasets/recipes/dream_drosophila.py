"""Fly enhancers of chromosome X: the excerpt of deAlmeida22 that comes with the DREAM 2022 models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

import seqdata
from seqdata.schema import SEQUENCE
from seqdatasets.recipes.common import chosen, measured, window_variables, with_split

_PARTS = {"sample_train.txt": "train", "sample_val.txt": "val", "sample_test.txt": "test"}
_COLUMNS = ["ID", "Dev_log2_enrichment", "Hk_log2_enrichment"]


def load(files: Mapping[str, Path]) -> xr.Dataset:
    r"""Read the enhancers; a window that is in several files stays in the last of train, val and test only.

    The files' own column ``set`` says Train for all rows, so that the files make the split. Windows of
    different splits may still overlap.

    Parameters
    ----------
    files
        Paths of ``sample_train.txt``, ``sample_val.txt`` and ``sample_test.txt``, or some of them.

    Returns
    -------
    Dataset with ``seq`` (_sequence, _length = 249), ``Dev_log2_enrichment`` and ``Hk_log2_enrichment``
    (float32), ``id``, the regions (rows on - are reverse complemented), ``region_class`` and ``split``

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "sample_test.txt")
    >>> header = "seqnames\tstart\tend\tID\tset\tSequence\tDev_log2_enrichment\tHk_log2_enrichment"
    >>> _ = path.write_text(f"{header}\nchrX\t11\t14\tchrX_11_14_-_negative\tTrain\tACGT\t1.5\t0\n")
    >>> ds = load({"sample_test.txt": path})
    >>> ds["chromStart"].values.tolist(), ds["strand"].values.tolist()
    ([10], ['-'])
    """
    parts = []
    for path in chosen(files, *_PARTS):
        ds = seqdata.read_table(path, sequence="Sequence", targets=_COLUMNS[1:])
        ds = ds[["row", "seq", *_COLUMNS]].rename_vars(ID="id")
        ds = ds.assign({name: (SEQUENCE, measured(ds, name)) for name in _COLUMNS[1:]})
        ds = ds.assign(window_variables(ds["id"].values.tolist()))
        parts.append(with_split(ds, _PARTS[path.name]))
    ds = parts[0] if len(parts) == 1 else seqdata.concat(parts)
    return ds.isel({SEQUENCE: np.flatnonzero(_stays(ds))})


def _stays(ds: xr.Dataset) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Mark rows whose window, on either strand, is in no later split, and which come once."""
    windows = list(zip(ds["chrom"].values, ds["chromStart"].values.tolist(), strict=True))
    last = dict(zip(windows, ds["split"].values, strict=True))  # rows of later splits come later
    is_last = np.array([last[w] == s for w, s in zip(windows, ds["split"].values, strict=True)])
    _, first = np.unique(ds["id"].values.astype(str)[::-1], return_index=True)
    comes_once = np.zeros(len(windows), dtype=bool)
    comes_once[len(windows) - 1 - first] = True
    return is_last & comes_once
