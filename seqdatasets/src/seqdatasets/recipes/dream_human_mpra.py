"""Human regulatory elements and their activity in a lentivirus reporter assay."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

import seqdata
from seqdata.schema import SEQUENCE
from seqdatasets.recipes.common import chosen, measured, split_by_fold, store_in

_SAMPLES = ("sample_train.txt", "sample_valid.txt", "sample_test.txt")
_ELEMENT = re.compile(r"(.+?)(_F|_Reversed:.*|_shuffled.*)?")
_KEPT = ["row", "seq", "seq_start", "seq_size", "seq_id", "mean_value", "fold"]


def load(
    files: Mapping[str, Path], *, folder: Path | None = None, member: str | None = None
) -> xr.Dataset:
    r"""Read the elements; a construct that comes several times is taken once.

    The files of the excerpt share constructs, so that they are no split: the column ``fold`` makes it. An
    element that was measured in both orientations is in one fold.

    Parameters
    ----------
    files
        Paths of ``sample_train.txt``, ``sample_valid.txt`` and ``sample_test.txt`` (the excerpt), or of the
        unpacked ``human_mpra_data.tar.gz``.
    folder
        Where stores may be made; None keeps the data in memory.
    member
        Name of the table in the archive, such as ``K562_clean.tsv``; None for the excerpt.

    Returns
    -------
    Dataset with ``seq`` (_sequence, _length = 230: 15 letters of adapter at either end), ``activity``
    (float32, log2), ``id``, ``is_reversed`` (int8), ``group`` (int64, one number for each element),
    ``fold`` and ``split`` (fold 0 is test, fold 1 is val)

    Raises
    ------
    ValueError
        If the archive has no such table.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "sample_test.txt")
    >>> header = "seq_id\tseq\tmean_value\tfold"
    >>> _ = path.write_text(f"{header}\nseq7_F\tACGT\t1.5\t0\nseq7_Reversed:\tACGG\t1\t0\n")
    >>> ds = load({"sample_test.txt": path})
    >>> ds["group"].values.tolist(), ds["is_reversed"].values.tolist()
    ([0, 0], [0, 1])
    """
    tables = chosen(files, *_SAMPLES) if member is None else [_member(files, member)]
    out = store_in(folder, "elements")
    ds = seqdata.read_table(tables, sequence="seq", targets="mean_value", out=out)
    ds = ds[[name for name in _KEPT if name in ds]]
    ids = ds["seq_id"].values.astype(str)
    _, first = np.unique(ids, return_index=True)
    ds, ids = ds.isel({SEQUENCE: np.sort(first)}), ids[np.sort(first)]
    elements = [match[1] if (match := _ELEMENT.fullmatch(name)) else name for name in ids]
    _, group = np.unique(elements, return_inverse=True)
    is_reversed = np.char.find(ids, "_Reversed:") >= 0
    ds = ds.rename_vars(seq_id="id", mean_value="activity")
    ds = ds.assign(
        activity=(SEQUENCE, measured(ds, "activity")),
        is_reversed=(SEQUENCE, is_reversed.astype(np.int8)),
        group=(SEQUENCE, group.astype(np.int64)),
    )
    return split_by_fold(ds)


def _member(files: Mapping[str, Path], name: str) -> Path:
    archive = next(iter(files.values()))
    found = sorted(archive.rglob(name))
    if not found:
        there = ", ".join(sorted(path.name for path in archive.rglob("*") if path.is_file()))
        msg = f"the archive must hold {name}; found {there or 'nothing'}"
        raise ValueError(msg)
    return found[0]
