"""Random sequences with random labels: nothing to learn, and quick to try everything on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import xarray as xr

import seqdata
from seqdatasets.recipes.common import chosen


def load(files: Mapping[str, Path]) -> xr.Dataset:
    r"""Read the sequences with their ten labels and ten activities.

    Parameters
    ----------
    files
        Path of ``random1000_seqs.tsv``.

    Returns
    -------
    Dataset with ``name``, ``seq`` (_sequence, _length = 100), ``label_0`` to ``label_9`` (int8) and
    ``activity_0`` to ``activity_9`` (float32)

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "random1000_seqs.tsv")
    >>> names = [f"{stem}_{i}" for stem in ("label", "activity") for i in range(10)]
    >>> header = "\t".join(["name", "seq", *names])
    >>> _ = path.write_text(f"{header}\nseq0\tACGT\t" + "\t".join(["1"] * 10 + ["0.5"] * 10) + "\n")
    >>> load({"random1000_seqs.tsv": path})["activity_3"].values.tolist()
    [0.5]
    """
    targets = [f"{stem}_{i}" for stem in ("label", "activity") for i in range(10)]
    path = chosen(files, "random1000_seqs.tsv")[0]
    return seqdata.read_table(path, sequence="seq", targets=targets)
