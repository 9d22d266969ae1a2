"""Datasets whose rows are genomic windows: the one engine that cuts them out of files."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqdata.progress import progress
from seqdata.provenance import add_step, file_entry
from seqdata.readers.protocol import RegionSource
from seqdata.regions import read_regions, region_variables, windows_of
from seqdata.schema import LENGTH, SEQUENCE
from seqdata.store import StorePath, StoreWriter, block_rows, open_zarr
from seqdata.validation import annotate, validate
from seqpro import DNA, reverse_complement
from seqpro.bed import Center

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)


def build(
    regions: str | os.PathLike[str] | pd.DataFrame,
    *,
    out: StorePath | None = None,
    length: int | None = None,
    center: Center = "midpoint",
    max_jitter: int = 0,
    overwrite: bool = False,
    **readers: RegionSource,
) -> xr.Dataset:
    r"""Cut sequences and signals for genomic regions.

    Rows stay in the regions' order. Windows on the ``-`` strand are stored 5' to 3': sequences reverse
    complemented, tracks reversed, stranded tracks with their strands exchanged. Where a window passes
    a contig's end, letters are N and signals the reader's missing value; how many do is logged.

    Parameters
    ----------
    regions
        Path of a BED, narrowPeak or broadPeak file, or a table with columns ``chrom``, ``chromStart``
        and ``chromEnd`` (0-based, half-open); ``strand``, ``name``, ``score`` and ``summit`` are kept.
    out
        Store to write, block by block; None keeps the data in memory.
    length
        Length of every window, bp. None keeps each region's own; if those differ, variables are ragged.
    center
        What windows of one length are centred on: ``"midpoint"``, or ``"summit"`` for narrowPeak.
    max_jitter
        Room added on both sides of every window, bp, for shifts while training.
    overwrite
        Whether a store at `out` may be replaced.
    readers
        What to read: a variable's name and a reader, such as ``seq=GenomeFASTA("hg38.fa")``.

    Returns
    -------
    Dataset with ``row``, the regions as given (``chrom chromStart chromEnd strand`` ...), what is stored
    (``windowStart windowEnd``), and each reader's variable: a sequence (_sequence, _length), or a
    track (_sequence, {name}_sample, [_strand,] _length)

    Raises
    ------
    ValueError
        If there is no reader, a region is on a contig that a file does not have or beside it, or an
        argument does not fit. Nothing is left half-written.

    Examples
    --------
    >>> import pathlib, tempfile, pandas as pd, seqdata as sd
    >>> path = pathlib.Path(tempfile.mkdtemp(), "g.fa"); _ = path.write_text(">chr1\nAACCGGTT\n")
    >>> table = pd.DataFrame({"chrom": ["chr1"] * 2, "chromStart": [0, 2], "chromEnd": [4, 6],
    ...                       "strand": ["+", "-"]})
    >>> sd.head(sd.build(table, length=6, seq=sd.GenomeFASTA(path)))[["strand", "windowStart", "seq"]]
      strand  windowStart     seq
    0      +           -1  NAACCG
    1      -            1  ACCGGT
    """
    if not readers:
        msg = "build needs at least one reader, such as seq=seqdata.GenomeFASTA('genome.fa'); found none"
        raise ValueError(msg)
    table = read_regions(regions)
    windows = windows_of(table, length=length, center=center, max_jitter=max_jitter)
    _check_places(readers, table, windows)
    details = {
        "regions": file_entry(regions) if isinstance(regions, str | os.PathLike) else "a table",
        "length": length,
        "center": center,
        "max_jitter": max_jitter,
        "readers": {k: [file_entry(path) for path in r.files()] for k, r in readers.items()},
    }
    layout = _Layout.of(table, windows, readers)
    described = layout.described.assign_attrs(max_jitter=max_jitter)
    described = add_step(described, "seqdata.build", **details)
    if out is None:
        arrays = {
            name: np.empty(shape, dtype) for name, (_, shape, dtype, _) in layout.arrays.items()
        }
        layout.fill(arrays, readers)
        filled = {
            name: (layout.arrays[name][0], a, layout.arrays[name][3]) for name, a in arrays.items()
        }
        return annotate(described.assign(filled))
    with StoreWriter(out, overwrite=overwrite) as writer:
        for key, variable in described.variables.items():
            writer.write(str(key), variable, layout.rows)
        stored = {
            name: writer.create(
                name, dims=dims, shape=shape, dtype=dtype, rows=layout.rows, attrs=attrs
            )
            for name, (dims, shape, dtype, attrs) in layout.arrays.items()
        }
        layout.fill(stored, readers)
        writer.commit(described.attrs)
    return open_zarr(out)


class _Layout:
    """Where each window's values go: the arrays to fill, and the blocks of rows to fill them by."""

    def __init__(
        self, windows: pd.DataFrame, described: xr.Dataset, arrays: dict[str, Any], rows: int
    ) -> None:
        self.contigs = windows["chrom"].to_numpy(dtype=object)
        self.starts = windows["chromStart"].to_numpy(dtype=np.int64)
        self.ends = windows["chromEnd"].to_numpy(dtype=np.int64)
        self.reverse = (windows["strand"] == "-").to_numpy()
        self.sizes = self.ends - self.starts
        self.is_ragged = bool((self.sizes != self.sizes[0]).any())
        self.described = described
        self.arrays = arrays
        self.rows = rows

    @classmethod
    def of(
        cls, table: pd.DataFrame, windows: pd.DataFrame, readers: dict[str, RegionSource]
    ) -> _Layout:
        sizes = (windows["chromEnd"] - windows["chromStart"]).to_numpy(dtype=np.int64)
        n, is_ragged = len(sizes), bool((sizes != sizes[0]).any())
        variables = region_variables(table, windows)
        coords: dict[str, Any] = {}
        arrays: dict[str, Any] = {}
        for name, reader in readers.items():
            if name in variables:
                msg = f"a reader must not be called {name!r}: the data keeps that name for itself"
                raise ValueError(msg)
            axes = [(axis.dim.replace("{v}", name), axis.labels) for axis in reader.axes()]
            if is_ragged and axes:
                msg = (
                    f"reader {name!r} needs windows of one length; found {int(sizes.min())} to "
                    f"{int(sizes.max())} bp. Pass length="
                )
                raise ValueError(msg)
            coords |= {dim: np.array(labels, dtype=object) for dim, labels in axes}
            inner = tuple(len(labels) for _, labels in axes)
            attrs = {"alphabet": DNA.name} if reader.is_sequence else {"bin_width": 1}
            if is_ragged:
                variables[f"{name}_start"] = xr.Variable(SEQUENCE, np.cumsum(sizes) - sizes)
                variables[f"{name}_size"] = xr.Variable(SEQUENCE, sizes)
                arrays[name] = ((f"{name}_value",), (int(sizes.sum()),), reader.dtype, attrs)
            else:
                dims = (SEQUENCE, *(dim for dim, _ in axes), LENGTH)
                arrays[name] = (dims, (n, *inner, int(sizes[0])), reader.dtype, attrs)
        described = xr.Dataset(variables, coords)
        hollow = {k: (d, np.broadcast_to(np.zeros((), t), s)) for k, (d, s, t, _) in arrays.items()}
        planned = described.assign(hollow)
        validate(planned)  # before anything is read
        return cls(windows, described, arrays, block_rows(planned))

    def fill(self, arrays: dict[str, Any], readers: dict[str, RegionSource]) -> None:
        """Read every window of every reader into `arrays`, a block of rows at a time."""
        n = len(self.sizes)
        bounds = [(a, min(a + self.rows, n)) for a in range(0, n, self.rows)]
        work = [(name, *bound) for bound in bounds for name in readers]
        offsets = np.concatenate([[0], np.cumsum(self.sizes)])
        for name, first, last in progress(work, description="building"):
            values = self._read(readers[name], slice(first, last))
            if self.is_ragged:
                arrays[name][offsets[first] : offsets[last]] = values
            else:
                arrays[name][first:last] = values

    def _read(self, reader: RegionSource, block: slice) -> NDArray[Any]:
        sizes = self.sizes[block]
        starts = np.cumsum(sizes) - sizes
        inner = tuple(len(axis.labels) for axis in reader.axes())
        flat = np.full((*inner, int(sizes.sum())), reader.fill, reader.dtype)
        for contig, chosen, low, high in self._clipped(reader, block):
            places = starts[chosen] + low - self.starts[block][chosen]
            reader.read(contig, low, high, flat, places)
        if self.is_ragged:
            return self._turn_ragged(reader, flat, starts, block)
        rows = np.moveaxis(flat.reshape(*inner, len(sizes), -1), -2, 0)
        return self._turn(reader, np.ascontiguousarray(rows), block)

    def _clipped(
        self, reader: RegionSource, block: slice
    ) -> Iterator[tuple[str, NDArray[np.intp], NDArray[np.int64], NDArray[np.int64]]]:
        """Rows of each contig, sorted by start, with the part of their window that is on the contig."""
        lengths = reader.contigs()
        names = self.contigs[block]
        for contig in dict.fromkeys(names):
            chosen = np.flatnonzero(names == contig)
            low = np.maximum(self.starts[block][chosen], 0)
            high = np.minimum(self.ends[block][chosen], lengths[contig])
            inside = high > low
            order = np.argsort(low[inside], kind="stable")
            if inside.any():
                yield contig, chosen[inside][order], low[inside][order], high[inside][order]

    def _turn(self, reader: RegionSource, rows: NDArray[Any], block: slice) -> NDArray[Any]:
        reverse = self.reverse[block]
        if reader.is_sequence:
            return reverse_complement(rows, DNA, mask=reverse, out=rows)
        turned = rows[reverse][..., ::-1]
        dims = [axis.dim for axis in reader.axes()]
        if "_strand" in dims:
            turned = np.flip(turned, axis=1 + dims.index("_strand"))
        rows[reverse] = turned
        return rows

    def _turn_ragged(
        self, reader: RegionSource, flat: NDArray[Any], starts: NDArray[np.int64], block: slice
    ) -> NDArray[Any]:
        for i in np.flatnonzero(self.reverse[block]):
            row = flat[starts[i] : starts[i] + self.sizes[block][i]]
            row[:] = reverse_complement(row, DNA) if reader.is_sequence else row[::-1].copy()
        return flat


def _check_places(
    readers: dict[str, RegionSource], table: pd.DataFrame, windows: pd.DataFrame
) -> None:
    """Refuse regions and windows that are not on their contig, and log how many pass its ends."""
    starts, ends = (windows[name].to_numpy(dtype=np.int64) for name in ("chromStart", "chromEnd"))
    passing = np.zeros(len(table), dtype=bool)
    for name, reader in readers.items():
        _check_contigs(name, reader, table)
        lengths = table["chrom"].map(dict(reader.contigs())).to_numpy(dtype=np.int64)
        beside = ((table["chromStart"] >= lengths) & (table["chromEnd"] > lengths)).to_numpy()
        off = beside | (starts >= lengths) | (ends <= 0)
        if off.any():
            row = int(off.argmax())
            what = f"region {_place(table, row)}"
            if not beside[row]:
                what = f"window {_place(windows, row)} of {what}"
            msg = (
                f"{what} must overlap its contig, which has {lengths[row]} bp in reader {name!r} "
                f"({os.path.basename(reader.files()[0])}). Remove it, or use the genome it is of"
            )
            raise ValueError(msg)
        passing |= (starts < 0) | (ends > lengths)
    if passing.any():
        _log.warning(
            "%d of %d windows pass an end of their contig; what lies beyond is N or missing",
            passing.sum(), len(table),
        )  # fmt: skip


def _place(regions: pd.DataFrame, row: int) -> str:
    chrom, start, end = (regions[name].iloc[row] for name in ("chrom", "chromStart", "chromEnd"))
    return f"{chrom}:{start}-{end}"


def _check_contigs(name: str, reader: RegionSource, table: pd.DataFrame) -> None:
    known = reader.contigs()
    missing = [contig for contig in table["chrom"].unique() if contig not in known]
    if not missing:
        return
    row = int((table["chrom"] == missing[0]).to_numpy().argmax())
    twin = missing[0].removeprefix("chr") if missing[0].startswith("chr") else f"chr{missing[0]}"
    hint = f". It has {twin!r}: rename the regions' contigs" if twin in known else ""
    msg = (
        f"region {_place(table, row)} is on a contig that reader {name!r} "
        f"({os.path.basename(reader.files()[0])}) lacks; it has {', '.join(list(known)[:5])}"
        f"{' ...' if len(known) > 5 else ''}{hint}"
    )
    raise ValueError(msg)
