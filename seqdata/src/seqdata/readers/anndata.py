"""AnnData over regions (h5ad): counts of cells or pseudobulks in each region, and the way back."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqdata.keyed import aligned_values, contract_values
from seqdata.labels import with_text_labels
from seqdata.overlaps import region_table
from seqdata.provenance import add_step, file_entry
from seqdata.regions import read_regions, region_variables
from seqdata.schema import SEQUENCE, TARGET
from seqdata.validation import annotate, validate
from seqpro.checks import choice, shown

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)

_CELLS = 4096  # cells read at a time
_MOST_DENSE = 2 << 30  # bytes of a matrix that is not aggregated
_NAME = re.compile(r"(.+)[:_-](\d+)[-_](\d+)")
_COLUMNS = {
    "chrom": ("chrom", "chr", "seqnames"),
    "chromStart": ("chromStart", "start"),
    "chromEnd": ("chromEnd", "end"),
}
_CARRIED_BY_REGIONS = ("strand", "name", "score", "summit")
_MADE_ANEW = ("row", "windowStart", "windowEnd")


class AnnData:
    """A matrix of cells by regions, whose regions become rows and whose cells or groups samples.

    Needs the extra ``[h5ad]``. Files are read some cells at a time, and sparse matrices stay sparse
    until their cells are aggregated. Arrays of a store are dense: single cells without `groups` are
    refused where they would take more than 2 GiB.

    Parameters
    ----------
    data
        Path of an ``.h5ad`` file, or an ``anndata.AnnData``. Its ``var`` says the regions (0-based,
        half-open): columns ``chrom``, ``start`` and ``end`` (or as in BED tables), or else names such
        as ``chr1:100-200``.
    groups
        Column of ``obs`` whose values are the samples: cells of one value are brought together, those
        without one are left out (the log says how many). None makes every cell a sample.
    aggregate
        ``"sum"`` or ``"mean"`` of a group's cells.
    layer
        Layer to read in place of ``X``.

    Raises
    ------
    ImportError
        If anndata is not installed.
    ValueError
        If a column or layer is not there, regions cannot be told from ``var`` or come twice, no cell has
        a group, or a matrix of single cells is too large.

    Examples
    --------
    >>> import anndata, pandas as pd, seqdata as sd
    >>> obs = pd.DataFrame({"type": ["B", "B"]}, index=["cell1", "cell2"])
    >>> var = pd.DataFrame(index=["chr1:0-10", "chr1:20-30"])
    >>> cells = anndata.AnnData(np.array([[1, 0], [2, 5]], "f4"), obs=obs, var=var)
    >>> sd.AnnData(cells, groups="type").dataset("counts")["counts"].values.tolist()
    [[3.0], [5.0]]
    """

    def __init__(
        self,
        data: str | os.PathLike[str] | Any,
        *,
        groups: str | None = None,
        aggregate: Literal["sum", "mean"] = "sum",
        layer: str | None = None,
    ) -> None:
        choice(aggregate, "aggregate", ("sum", "mean"))
        self.path = os.fspath(data) if isinstance(data, str | os.PathLike) else None
        self._data = data if self.path is None else None
        self.groups, self.aggregate, self.layer = groups, aggregate, layer
        adata = self._open()
        try:
            self._regions = _regions(adata.var)
            self._var, self._obs = adata.var.copy(), adata.obs.copy()
            if layer is not None and layer not in adata.layers:
                msg = f"layer must be one of the data's; found {layer!r}, not {', '.join(adata.layers)}"
                raise ValueError(msg)
            self._codes, self.samples = self._groups()
        finally:
            self._close(adata)
        if groups is None and 4 * len(self.samples) * len(self._regions) > _MOST_DENSE:
            msg = (
                f"groups must be given for many cells, as stores hold dense arrays; found "
                f"{len(self.samples)} cells by {len(self._regions)} regions. Name a column of obs"
            )
            raise ValueError(msg)

    def files(self) -> list[str]:
        """Name the file, if there is one."""
        return [] if self.path is None else [self.path]

    def regions(self) -> pd.DataFrame:
        """Give the regions, in the order of ``var``, as a table that `seqdata.build` takes."""
        return self._regions.copy()

    def dataset(self, variable: str = "counts") -> xr.Dataset:
        """Give a Dataset of the regions and their values, without sequences.

        Parameters
        ----------
        variable
            Name of the values.

        Returns
        -------
        Dataset as of `add_to`, whose rows are the regions in the order of ``var``

        Raises
        ------
        ValueError
            As `add_to`.
        """
        regions = read_regions(self._regions)
        described = region_variables(regions, regions)
        return self.add_to(xr.Dataset(described), variable)

    def add_to(
        self,
        ds: xr.Dataset,
        variable: str = "counts",
        *,
        missing: Literal["error", "fill"] = "error",
    ) -> xr.Dataset:
        """Add the values to a Dataset's rows of the same regions, which may stand in any order.

        Parameters
        ----------
        ds
            Dataset with regions, such as ``build(source.regions(), ...)`` gives.
        variable
            Name of the values.
        missing
            What to do with rows whose region is not in ``var``: ``"error"``, or ``"fill"`` with NaN.

        Returns
        -------
        Dataset with `variable` (_sequence, {variable}_sample) float32, the other columns of ``var``, the
        columns of ``obs`` that are the same for all cells of a sample as ``{variable}_{column}``, and
        the number of cells as ``{variable}_cells``

        Raises
        ------
        ValueError
            If a region is missing, or a name is taken.
        """
        choice(missing, "missing", ("error", "fill"))
        places = _matches(region_table(ds), self._regions)
        absent = places < 0
        if absent.any() and missing == "error":
            row = region_table(ds).iloc[int(absent.argmax())]
            msg = (
                f"every row must have a region of var; {int(absent.sum())} of {absent.size} have none, first "
                f"{row['chrom']}:{row['chromStart']}-{row['chromEnd']}. Pass missing='fill'"
            )
            raise ValueError(msg)
        values = self._values()[places]
        values[absent] = np.nan
        dim = f"{variable}_sample"
        added = {variable: xr.Variable((SEQUENCE, dim), values)}
        for column in self._var_columns():
            added[column] = xr.Variable(SEQUENCE, aligned_values(self._var[column], places))
        added |= {
            f"{variable}_{name}": xr.Variable(dim, v) for name, v in self._obs_columns().items()
        }
        for name in added:
            if name in ds.variables or name in ds.dims:
                msg = f"the data has a variable {name!r} already. Rename it, or the column of var or obs"
                raise ValueError(msg)
        source = "an AnnData object" if self.path is None else file_entry(self.path)
        found = ds.assign(added).assign_coords({dim: np.array(self.samples, dtype=object)})
        details = {"groups": self.groups, "aggregate": self.aggregate, "layer": self.layer}
        found = add_step(found, "seqdata.AnnData", data=source, variable=variable, **details)
        validate(found)
        return annotate(found)

    def _open(self) -> Any:
        if self.path is None:
            return self._data
        return _import_anndata().read_h5ad(self.path, backed="r")

    def _close(self, adata: Any) -> None:
        if self.path is not None:
            adata.file.close()

    def _groups(self) -> tuple[NDArray[np.intp], list[str]]:
        """Give the number of each cell's sample, -1 for none, and the samples' names."""
        import pandas as pd

        if self.groups is None:
            return np.arange(len(self._obs)), list(map(str, self._obs.index))
        if self.groups not in self._obs:
            known = ", ".join(map(str, self._obs.columns))
            msg = f"groups must name a column of obs; found {self.groups!r}, not {known}"
            raise ValueError(msg)
        codes, labels = pd.factorize(self._obs[self.groups], sort=True)
        if not len(labels):
            msg = f"groups must leave cells; no cell has a value in column {self.groups!r} of obs"
            raise ValueError(msg)
        if (codes < 0).any():
            _log.warning(
                "%d of %d cells are in no group and left out", (codes < 0).sum(), codes.size
            )
        return codes, list(map(str, labels))

    def _values(self) -> NDArray[np.float32]:
        """Give the values, shape (regions, samples)."""
        totals = np.zeros((len(self.samples), len(self._regions)))
        adata = self._open()
        try:
            matrix = adata.X if self.layer is None else adata.layers[self.layer]
            for first, block in _blocks(matrix):
                _add(totals, self._codes[first : first + block.shape[0]], block)
        finally:
            self._close(adata)
        if self.aggregate == "mean":
            totals /= np.maximum(self._cells(), 1)[:, None]
        return np.ascontiguousarray(totals.T, dtype=np.float32)

    def _cells(self) -> NDArray[np.int64]:
        known = self._codes[self._codes >= 0]
        return np.bincount(known, minlength=len(self.samples)).astype(np.int64)

    def _var_columns(self) -> list[str]:
        """Columns of var but those that are the regions."""
        regions = {name for names in _COLUMNS.values() for name in names}
        regions.update(_CARRIED_BY_REGIONS, _MADE_ANEW)
        return [column for column in self._var.columns if column not in regions]

    def _obs_columns(self) -> dict[str, NDArray[Any]]:
        """Columns of obs that do not differ within a sample, a value a sample."""
        cells = self._obs[self._codes >= 0]
        codes = self._codes[self._codes >= 0]
        first = np.unique(codes, return_index=True)[1]
        found: dict[str, NDArray[Any]] = {"cells": self._cells()}
        for column in cells.columns:
            values = cells[column]
            if column == self.groups or (values.groupby(codes).nunique(dropna=False) > 1).any():
                continue
            found[str(column)] = contract_values(values.iloc[first])[0]
        return found


def to_anndata(
    ds: xr.Dataset, *, variable: str, layers: Sequence[str] = (), names: str | None = None
) -> Any:
    """Give a matrix of samples, or targets, by rows as an ``anndata.AnnData``.

    Needs the extra ``[h5ad]``. Rows become ``var``, with every variable that has one value a row;
    samples become ``obs``, with the notes on them. Sequences and tracks are left out.

    Parameters
    ----------
    ds
        Dataset with rows.
    variable
        The values: (_sequence, {v}_sample), (_sequence, _target), or (_sequence) as one sample.
    layers
        Further variables of the same axes.
    names
        Variable whose values, as text, name the rows. None takes the regions, ``chr1:100-200``, or
        where there are none the keys (``row``).

    Returns
    -------
    ``anndata.AnnData`` of shape (samples, n)

    Raises
    ------
    ImportError
        If anndata is not installed.
    ValueError
        If a variable is not there or has other axes, or names come twice.

    Examples
    --------
    >>> import seqdata as sd
    >>> ds = xr.Dataset({"row": ("_sequence", [0, 1]),
    ...                  "y": (("_sequence", "_target"), np.eye(2, dtype="f4"))},
    ...                 {"_target": np.array(["K562", "HepG2"], object)})
    >>> sd.to_anndata(ds, variable="y").obs_names.tolist()
    ['K562', 'HepG2']
    """
    import pandas as pd

    anndata = _import_anndata()
    ds = with_text_labels(ds)
    dims = _matrix_dims(ds, variable)
    for layer in layers:
        if _matrix_dims(ds, layer) != dims:
            msg = f"layers must have the axes of {variable!r}, {dims}; found {layer!r} {ds[layer].dims}"
            raise ValueError(msg)
    matrices = {k: ds[k].values.reshape(ds.sizes[SEQUENCE], -1).T for k in (variable, *layers)}
    used = {variable, *layers}
    rows = {
        str(name): column.values
        for name, column in ds.variables.items()
        if column.dims == (SEQUENCE,) and name not in used and not _is_place(ds, str(name))
    }
    var = pd.DataFrame(rows, index=pd.Index(_row_names(ds, names), dtype=object))
    obs = pd.DataFrame(index=pd.Index([variable], dtype=object))
    if len(dims) == 2:
        dim = dims[1]
        labels = ds[dim].values.tolist() if dim in ds.coords else range(ds.sizes[dim])
        notes = {str(k): v.values for k, v in ds.variables.items() if v.dims == (dim,) and k != dim}
        obs = pd.DataFrame(notes, index=pd.Index(list(map(str, labels)), dtype=object))
    uns = {key: ds.attrs[key] for key in ("genome", "provenance") if key in ds.attrs}
    extra = {name: np.ascontiguousarray(matrices[name]) for name in layers}
    x = np.ascontiguousarray(matrices[variable])
    return anndata.AnnData(x, obs=obs, var=var, layers=extra, uns=uns)


def _import_anndata() -> Any:
    try:
        import anndata
    except ImportError as error:
        msg = "AnnData needs anndata, which is not installed: pip install 'eugene-seqdata[h5ad]'"
        raise ImportError(msg) from error
    return anndata


def _regions(var: pd.DataFrame) -> pd.DataFrame:
    """Tell the regions from var: by its columns, else by its names."""
    import pandas as pd

    columns = {
        name: next((c for c in choices if c in var), None) for name, choices in _COLUMNS.items()
    }
    if None not in columns.values():
        found = {name: var[column].to_numpy() for name, column in columns.items()}
    else:
        parts = [_NAME.fullmatch(str(name)) for name in var.index]
        if None in parts:
            odd = str(var.index[parts.index(None)])
            msg = (
                "var must have columns chrom, start and end, or names such as chr1:100-200; found "
                f"{shown(odd)} and columns {', '.join(map(str, var.columns)) or 'none'}"
            )
            raise ValueError(msg)
        texts = [part.groups() for part in parts if part is not None]
        found = {
            name: np.array(v) for name, v in zip(columns, zip(*texts, strict=True), strict=True)
        }
    table = pd.DataFrame(found)
    carried = [name for name in _CARRIED_BY_REGIONS if name in var]
    for name in carried:
        column = var[name].reset_index(drop=True)
        table[name] = column.astype(object) if name in ("strand", "name") else column
    table = read_regions(table)
    places = table[["chrom", "chromStart", "chromEnd"]]
    if places.duplicated().any():
        chrom, start, end = places[places.duplicated()].iloc[0]
        msg = f"regions of var must come once; found {chrom}:{start}-{end} twice. Drop one"
        raise ValueError(msg)
    return table


def _matches(wanted: pd.DataFrame, regions: pd.DataFrame) -> NDArray[np.intp]:
    import pandas as pd

    columns = ["chrom", "chromStart", "chromEnd"]
    index = pd.MultiIndex.from_frame(regions[columns])
    return index.get_indexer(pd.MultiIndex.from_frame(wanted[columns]))


def _blocks(matrix: Any) -> Iterator[tuple[int, Any]]:
    """Read a matrix some cells at a time; one that a file holds by columns is read at once."""
    is_in_file = hasattr(matrix, "group") and hasattr(matrix, "to_memory")
    if is_in_file and matrix.format == "csc":
        matrix, is_in_file = matrix.to_memory(), False
    for first in range(0, matrix.shape[0], _CELLS):
        last = min(first + _CELLS, matrix.shape[0])
        yield first, _sparse_rows(matrix, first, last) if is_in_file else matrix[first:last]


def _sparse_rows(matrix: Any, first: int, last: int) -> Any:
    """Read rows of a matrix in a file, by the h5ad format's names (compressed sparse rows)."""
    from scipy import sparse

    bounds = matrix.group["indptr"][first : last + 1].astype(np.int64)
    part = slice(int(bounds[0]), int(bounds[-1]))
    values, columns = matrix.group["data"][part], matrix.group["indices"][part]
    return sparse.csr_matrix(
        (values, columns, bounds - bounds[0]), shape=(last - first, matrix.shape[1])
    )


def _add(totals: NDArray[np.float64], codes: NDArray[np.intp], block: Any) -> None:
    """Add cells to the totals of their groups."""
    from scipy import sparse

    known = np.flatnonzero(codes >= 0)
    shape = (totals.shape[0], codes.size)
    ones = np.ones(known.size)
    members = sparse.csr_matrix((ones, (codes[known], known)), shape=shape)
    found = members @ block
    if sparse.issparse(found):
        found = found.tocoo()
        np.add.at(totals, (found.row, found.col), found.data)
    else:
        totals += np.asarray(found)


def _matrix_dims(ds: xr.Dataset, name: str) -> tuple[str, ...]:
    dims = tuple(map(str, ds[name].dims)) if name in ds else ()
    is_matrix = len(dims) == 2 and (dims[1] == TARGET or dims[1].endswith("_sample"))
    if dims[:1] != (SEQUENCE,) or not (len(dims) == 1 or is_matrix) or ds[name].dtype.kind == "O":
        msg = (
            f"variable must hold numbers (_sequence), (_sequence, _target) or (_sequence, {{v}}_sample); "
            f"found {name!r} {dims}"
        )
        raise ValueError(msg)
    return dims


def _row_names(ds: xr.Dataset, names: str | None) -> list[str]:
    if names is None and "chrom" in ds:
        table = region_table(ds)
        places = zip(table["chrom"], table["chromStart"], table["chromEnd"], strict=True)
        found = [f"{chrom}:{start}-{end}" for chrom, start, end in places]
    else:
        chosen = "row" if names is None else names
        if chosen not in ds or ds[chosen].dims != (SEQUENCE,):
            msg = f"names must be a variable with one value a row; found {chosen!r}"
            raise ValueError(msg)
        found = list(map(str, ds[chosen].values.tolist()))
    if len(set(found)) != len(found):
        twice = next(name for name in found if found.count(name) > 1)
        msg = f"names of rows must be unique; found {twice!r} twice. Pass names='row'"
        raise ValueError(msg)
    return found


def _is_place(ds: xr.Dataset, name: str) -> bool:
    """Whether a variable says where ragged rows begin or what their sizes are."""
    stem, _, part = name.rpartition("_")
    return part in ("start", "size") and f"{stem}_value" in ds.dims
