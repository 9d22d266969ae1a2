"""Random yeast promoters by the million and their expression, in several media and libraries."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

import seqdata
from seqdata.schema import SEQUENCE
from seqdatasets.recipes.common import measured, store_in
from seqpro.checks import shown

_MEASURED, _NATIVE = 5, 1  # columns of the table of native promoters


def load(files: Mapping[str, Path], *, folder: Path | None = None) -> xr.Dataset:
    r"""Read one of the eight tables of GSE104878.

    Most tables have two columns and no header: promoter and expression. The one of native promoters has a
    header and more columns: the second says whether a promoter is native, the sixth is its expression.

    Parameters
    ----------
    files
        Path of one table, gzipped.
    folder
        Where stores may be made; None keeps the data in memory.

    Returns
    -------
    Dataset with ``seq`` (ragged where lengths differ), ``expression`` (float32, mean sorting bin; NaN where
    missing) and ``is_native`` (int8: 1, 0, or -1 where the table does not say)

    Raises
    ------
    ValueError
        If there is not one file, or it has a single column.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.txt.gz")
    >>> _ = path.write_bytes(gzip.compress(b"ACGT\t11.5\nACG\t2\n"))
    >>> load({"a.txt.gz": path})["expression"].values.tolist()
    [11.5, 2.0]
    """
    if len(files) != 1:
        msg = f"files must hold one table; found {len(files)}: {', '.join(files)}"
        raise ValueError(msg)
    path = next(iter(files.values()))
    first = _first_line(path)
    header = first if len(first) > 1 and not _is_number(first[1]) else None
    names = header or ["sequence", "expression"]
    if len(names) < 2 or len(first) < 2:
        msg = (
            f"{path.name} must have a promoter and its expression in each line, with a tab between; "
            f"found {shown(first)}"
        )
        raise ValueError(msg)
    target = names[_MEASURED] if len(names) > _MEASURED else names[1]
    ds = seqdata.read_table(
        path,
        sequence=names[0],
        targets=target,
        separator="\t",
        names=None if header else names,
        out=store_in(folder, "promoters"),
    )
    is_native = np.full(ds.sizes[SEQUENCE], -1, dtype=np.int8)
    if len(names) > _MEASURED:
        words = np.char.upper(ds[names[_NATIVE]].values.astype(str))
        is_native = np.where(words == "TRUE", 1, np.where(words == "FALSE", 0, -1)).astype(np.int8)
    kept = ["row", "seq", *(name for name in ("seq_start", "seq_size") if name in ds)]
    expression = xr.Variable(SEQUENCE, measured(ds, target))
    return ds[kept].assign(expression=expression, is_native=(SEQUENCE, is_native))


def _first_line(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8-sig") as stream:
        return stream.readline().rstrip("\r\n").split("\t")


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return word.strip() in ("", "NA")
    return True
