"""Variants of the Otx-a enhancer of the sea squirt: a library by sequencing, and 38 by eye."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

import seqdata
from seqdata.schema import SEQUENCE
from seqdatasets.recipes.common import measured, store_in

_LIBRARY, _ANNOTATED = "farley2015_seqs.csv", "farley2015_seqs_annot.csv"
_REPLICATES = ["Biological Replicate 1 (RPM)", "Biological Replicate 2 (RPM)"]
_COLUMNS = {
    "Name": "name",
    "Tissue Specificity": "tissue",
    "Expression Level (0-5) Endogenous": "expression_endogenous",
    "Expression Level (0-5) Ectopic": "expression_ectopic",
}


def load(files: Mapping[str, Path], *, folder: Path | None = None) -> xr.Dataset:
    r"""Read the library, or the variants that were looked at under the microscope.

    Parameters
    ----------
    files
        Path of ``farley2015_seqs.csv`` (columns Enhancer, Barcode and two replicates), or of
        ``farley2015_seqs_annot.csv``.
    folder
        Where stores may be made; None keeps the data in memory.

    Returns
    -------
    Dataset with ``seq``, ragged as lengths differ. Of the library: ``rpm`` (_sequence, rpm_sample; reads per
    million of two replicates, NaN where missing) and ``barcode`` (text); of the annotated variants: ``name``,
    ``tissue`` (text), ``expression_endogenous`` and ``expression_ectopic`` (float32, level from 0 to 5)

    Raises
    ------
    ValueError
        If there is not one of the two files.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "farley2015_seqs.csv")
    >>> replicates = "Biological Replicate 1 (RPM),Biological Replicate 2 (RPM)"
    >>> _ = path.write_text(f"Enhancer,Barcode,{replicates}\nACGT,AC,4.5,\nACG,GT,0,1\n")
    >>> load({"farley2015_seqs.csv": path})["rpm"].values.tolist()
    [[4.5, nan], [0.0, 1.0]]
    """
    if len(files) != 1 or next(iter(files)) not in (_LIBRARY, _ANNOTATED):
        msg = f"files must hold {_LIBRARY} or {_ANNOTATED}; found {', '.join(files) or 'none'}"
        raise ValueError(msg)
    name, path = next(iter(files.items()))
    return _library(path, folder) if name == _LIBRARY else _annotated(path)


def _library(path: Path, folder: Path | None) -> xr.Dataset:
    out = store_in(folder, "library")
    ds = seqdata.read_table(path, sequence="Enhancer", targets=_REPLICATES, out=out)
    rpm = np.stack([measured(ds, name) for name in _REPLICATES], axis=1)
    samples = np.array(["replicate 1", "replicate 2"], dtype=object)
    kept = ["row", "seq", *(name for name in ("seq_start", "seq_size") if name in ds), "Barcode"]
    ds = ds[kept].rename_vars(Barcode="barcode").assign_coords(rpm_sample=samples)
    return ds.assign(rpm=((SEQUENCE, "rpm_sample"), rpm))


def _annotated(path: Path) -> xr.Dataset:
    """Read the annotated variants; the last column of the file is a legend, not data."""
    targets = [name for name in _COLUMNS if name.startswith("Expression")]
    ds = seqdata.read_table(path, sequence="Enhancer Sequence", targets=targets)
    kept = ["row", "seq", *(name for name in ("seq_start", "seq_size") if name in ds), *_COLUMNS]
    ds = ds[kept].rename_vars(_COLUMNS)
    levels = {name: (SEQUENCE, measured(ds, _COLUMNS[name])) for name in targets}
    ds = ds.assign({_COLUMNS[name]: values for name, values in levels.items()})
    words = {
        name: (SEQUENCE, np.array([word.strip() for word in ds[name].values], dtype=object))
        for name in ("name", "tissue")
    }
    return ds.assign(words)
