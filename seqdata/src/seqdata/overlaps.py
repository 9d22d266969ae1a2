"""Labels of rows by whether peaks cover them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from seqdata.labels import with_text_labels
from seqdata.provenance import add_step, file_entry
from seqdata.schema import SEQUENCE, TARGET
from seqdata.validation import annotate, validate
from seqpro.checks import real_number, shown, whole_number

if TYPE_CHECKING:
    import pandas as pd


def label_overlaps(
    ds: xr.Dataset,
    peaks: str | os.PathLike[str] | pd.DataFrame | Mapping[str, Any],
    *,
    variable: str | None = "overlaps",
    fraction: float = 0.5,
    min_bp: int = 1,
    window: bool = False,
) -> xr.Dataset:
    """Label each row by whether peaks cover it: 1 or 0.

    A row counts as covered if the peaks of a set together cover at least `fraction` of its bases and
    `min_bp`. Every row has its label, whatever the number of peaks.

    Parameters
    ----------
    ds
        Dataset with regions.
    peaks
        One set of peaks, a path of a BED-like file or a table, or several by name.
    variable
        Name of the labels. None gives each of several sets a variable of its own, called as the set.
    fraction
        Least fraction of a row's bases that must be covered, 0 to 1.
    min_bp
        Least number of bases that must be covered.
    window
        Whether to judge what is stored (``windowStart`` to ``windowEnd``) in place of the regions.

    Returns
    -------
    Dataset with int8 labels: (_sequence) for one set, (_sequence, _target) for several by name

    Raises
    ------
    TypeError, ValueError
        If `ds` has no regions, peaks are no table of intervals or name contigs by another convention, a
        name is taken, or the Dataset has other targets.

    Examples
    --------
    >>> import numpy as np, pandas as pd, xarray as xr, seqdata as sd
    >>> ds = xr.Dataset({"row": ("_sequence", np.arange(2)),
    ...                  "chrom": ("_sequence", np.array(["chr1", "chr1"], object)),
    ...                  "chromStart": ("_sequence", [0, 20]), "chromEnd": ("_sequence", [10, 30])})
    >>> liver = pd.DataFrame({"chrom": ["chr1"], "chromStart": [4], "chromEnd": [22]})
    >>> sd.label_overlaps(ds, liver, variable="in_liver")["in_liver"].values.tolist()
    [1, 0]
    >>> sd.label_overlaps(ds, {"liver": liver}, fraction=0.1)["overlaps"].sel(_target="liver").values.tolist()
    [1, 1]
    """
    from seqpro import bed

    real_number(fraction, "fraction", low=0, high=1)
    whole_number(min_bp, "min_bp", low=1)
    _check_sets(peaks)
    several = isinstance(peaks, Mapping)
    sets = dict(peaks) if isinstance(peaks, Mapping) else {str(variable): peaks}
    if not sets or (variable is None and not several):
        msg = "peaks must name at least one set, and variable the labels of a set without a name"
        raise ValueError(msg)
    tables = {
        name: bed.read_bed(one) if isinstance(one, str | os.PathLike) else one
        for name, one in sets.items()
    }
    regions = region_table(ds, window=window)
    labels = bed.overlap_labels(regions, tables, min_bp=min_bp, min_fraction=fraction)
    values = labels.to_numpy(dtype=np.int8)
    attrs = {"task": "binary"}
    added: dict[str, xr.Variable] = {}
    if not several:
        added[str(variable)] = xr.Variable(SEQUENCE, values[:, 0], attrs)
    elif variable is None:
        added = {name: xr.Variable(SEQUENCE, values[:, i], attrs) for i, name in enumerate(tables)}
    else:
        added[variable] = xr.Variable((SEQUENCE, TARGET), values, attrs)
    found = _with_labels(ds, added, list(tables))
    files = {name: _source(one) for name, one in sets.items()}
    details = {"fraction": fraction, "min_bp": min_bp, "window": window}
    found = add_step(found, "seqdata.label_overlaps", peaks=files, **details)
    validate(found)
    return annotate(found)


def _check_sets(peaks: Any) -> None:
    import pandas as pd

    sets = list(peaks.values()) if isinstance(peaks, Mapping) else [peaks]
    odd = next((p for p in sets if not isinstance(p, str | os.PathLike | pd.DataFrame)), None)
    if odd is not None:
        msg = (
            f"peaks must be a path, a table, or a mapping of names to these; found {shown(odd)}. Several "
            "sets need names: {'liver': 'liver.bed', 'brain': 'brain.bed'}"
        )
        raise TypeError(msg)


def region_table(ds: xr.Dataset, *, window: bool = False) -> pd.DataFrame:
    """Give the regions of a Dataset's rows, or the windows that are stored, as a table.

    Examples
    --------
    >>> ds = xr.Dataset({"chrom": ("_sequence", np.array(["c"], object)),
    ...                  "chromStart": ("_sequence", [1]), "chromEnd": ("_sequence", [4])})
    >>> region_table(ds)
      chrom  chromStart  chromEnd
    0     c           1         4
    """
    import pandas as pd

    start, end = ("windowStart", "windowEnd") if window else ("chromStart", "chromEnd")
    for name in ("chrom", start, end):
        if name not in ds:
            msg = f"data must have regions (chrom, {start}, {end}), as build makes them; found no {name!r}"
            raise ValueError(msg)
    columns = {
        "chrom": with_text_labels(ds, ["chrom"])["chrom"].values,
        "chromStart": ds[start].values,
        "chromEnd": ds[end].values,
    }
    return pd.DataFrame(columns)


def _with_labels(ds: xr.Dataset, added: dict[str, xr.Variable], targets: list[str]) -> xr.Dataset:
    for name, variable in added.items():
        if name in ds.variables or name in ds.dims:
            msg = f"labels must have a name of their own; the data has {name!r} already. Pass variable="
            raise ValueError(msg)
        if TARGET in variable.dims:
            known = ds[TARGET].values.tolist() if TARGET in ds.coords else None
            if (TARGET in ds.dims or known is not None) and known != targets:
                msg = (
                    f"the sets of peaks must be the targets that the data has ({shown(known)}); found "
                    f"{shown(targets)}. Pass variable=None for a variable each"
                )
                raise ValueError(msg)
            ds = ds.assign_coords({TARGET: np.array(targets, dtype=object)})
    return ds.assign(added)


def _source(peaks: Any) -> Any:
    return file_entry(peaks) if isinstance(peaks, str | os.PathLike) else "a table"
