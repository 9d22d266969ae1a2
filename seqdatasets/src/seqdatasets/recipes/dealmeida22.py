"""Fly enhancers: developmental and housekeeping activity along the genome, measured by UMI-STARR-seq."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import xarray as xr

import seqdata
from seqdata.schema import SEQUENCE
from seqdatasets.recipes.common import store_in, window_variables, with_split

_PARTS = {"Train": "train", "Val": "val", "Test": "test"}
_NEEDED = ("Dev_log2_enrichment", "Hk_log2_enrichment")


def load(files: Mapping[str, Path], *, folder: Path | None = None) -> xr.Dataset:
    r"""Read the sequences of one split or several, and beside each its line of the table of activities.

    Parameters
    ----------
    files
        Paths of ``Sequences_{Train,Val,Test}.fa`` and ``Sequences_activity_{Train,Val,Test}.txt``, of one
        split at least. The n-th record has the n-th line.
    folder
        Where stores may be made; None keeps the data in memory.

    Returns
    -------
    Dataset with ``name``, ``seq`` (_sequence, _length = 249), ``Dev_log2_enrichment``,
    ``Hk_log2_enrichment`` and every other measurement of the table (float32), ``split``, and the regions
    where the names tell them

    Raises
    ------
    ValueError
        If one file of a pair is not there, or the two have not equally many rows.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> fasta, table = folder / "Sequences_Test.fa", folder / "Sequences_activity_Test.txt"
    >>> _ = fasta.write_text(">chr2L_11_14_+_negative\nACGT\n")
    >>> _ = table.write_text("Dev_log2_enrichment\tHk_log2_enrichment\n1.5\t-0.5\n")
    >>> load({path.name: path for path in (fasta, table)})["Hk_log2_enrichment"].values.tolist()
    [-0.5]
    """
    parts = [
        with_split(_pair(files, part, folder), split)
        for part, split in _PARTS.items()
        if f"Sequences_{part}.fa" in files
    ]
    if not parts:
        msg = f"files must hold Sequences_Train.fa, _Val.fa or _Test.fa; found {', '.join(files)}"
        raise ValueError(msg)
    return parts[0] if len(parts) == 1 else seqdata.concat(parts)


def _pair(files: Mapping[str, Path], part: str, folder: Path | None) -> xr.Dataset:
    fasta, table = f"Sequences_{part}.fa", f"Sequences_activity_{part}.txt"
    if table not in files:
        msg = f"{fasta} needs the table of activities {table}; found {', '.join(files)}"
        raise ValueError(msg)
    ds = seqdata.read_fasta(files[fasta], out=store_in(folder, part))
    activities = pd.read_csv(files[table], sep="\t")
    lacking = [name for name in _NEEDED if name not in activities]
    if lacking:
        msg = f"{table} must have the column {lacking[0]}; found {', '.join(activities.columns)}"
        raise ValueError(msg)
    if len(activities) != ds.sizes[SEQUENCE]:
        msg = (
            f"{fasta} and {table} must have equally many rows, in the same order; found "
            f"{ds.sizes[SEQUENCE]} and {len(activities)}. Fetch both again"
        )
        raise ValueError(msg)
    numbers = activities.select_dtypes("number")
    columns = {name: (SEQUENCE, numbers[name].to_numpy("float32")) for name in numbers.columns}
    return ds.assign(columns).assign(window_variables(ds["name"].values.tolist()))
