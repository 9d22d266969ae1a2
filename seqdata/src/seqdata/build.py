"""Datasets whose rows are genomic windows: the one engine that cuts them out of files."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqdata.blocks import BlockArray
from seqdata.negatives import GCMatched
from seqdata.provenance import add_step, file_entry
from seqdata.readers.arguments import describe
from seqdata.readers.genotypes import Genotypes
from seqdata.readers.protocol import RegionSource, bins_of
from seqdata.readers.spliced import SplicedHaplotypes
from seqdata.regions import EXONS, pieces_of, read_regions, region_variables, windows_of
from seqdata.schema import LENGTH, SEQUENCE
from seqdata.store import StorePath, StoreWriter, block_rows, chunks_of, open_zarr
from seqdata.validation import annotate, validate
from seqdata.windows import Windows, binned_type, cut, cut_into
from seqdata.workers import Workers, run_tasks
from seqpro import DNA
from seqpro.bed import Center
from seqpro.intervals import subtract

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
    exclude: str | os.PathLike[str] | pd.DataFrame | None = None,
    negatives: GCMatched | None = None,
    seed: int = 0,
    chrom_alias: Mapping[str, str] | None = None,
    workers: Workers = 1,
    block_bytes: int | None = None,
    overwrite: bool = False,
    **readers: RegionSource,
) -> xr.Dataset:
    r"""Cut sequences and signals for genomic regions.

    Rows stay in the regions' order. Windows on the ``-`` strand are stored 5' to 3': sequences reverse
    complemented, tracks reversed, stranded tracks with their strands exchanged. Where a window passes
    a contig's end, letters are N and signals the reader's missing value; how many do is logged. A build
    that was killed or interrupted goes on where it was when it is called again with the same arguments.

    Parameters
    ----------
    regions
        Path of a BED, narrowPeak or broadPeak file, or a table with columns ``chrom``, ``chromStart``
        and ``chromEnd`` (0-based, half-open). Other columns, such as ``strand``, ``name``, ``score`` and
        ``summit``, are kept. Rows with exons, as `seqpro.gtf.transcripts` gives them, are spliced.
    out
        Store to write, a folder or URL, block by block; None keeps the data in memory.
    length
        Length of every window, bp. None keeps each region's own; if those differ, variables are ragged.
    center
        What windows of one length are centred on: ``"midpoint"``, or ``"summit"`` for narrowPeak.
    max_jitter
        Room added on both sides of every window, bp, for shifts while training.
    exclude
        Regions, such as a blacklist, as a file or a table: rows whose window overlaps one are left out,
        and counted in the log.
    negatives
        Regions of the genome to add as further rows, such as ``GCMatched(ratio=1.0)``; the variable
        ``is_peak`` tells them from the regions given. They stay clear of `exclude`, too.
    seed
        Decides the negatives.
    chrom_alias
        Name of contigs in the files for names in the regions, such as ``{"chr1": "1"}``; used for readers
        that do not have the regions' own name.
    workers
        Processes that read and write blocks; an executor of `concurrent.futures`, or a Dask client,
        ``distributed.Client``, whose workers reach the files and `out`.
    block_bytes
        Size of a block of the widest variable, bytes; 16 MiB by default. A worker needs about five times
        as much memory.
    overwrite
        Whether a store at `out` may be replaced.
    readers
        What to read: a variable's name and a reader, such as ``seq=GenomeFASTA("hg38.fa")``.

    Returns
    -------
    Dataset with ``row``, the regions as given (``chrom chromStart chromEnd strand`` ...), what is stored
    (``windowStart windowEnd``, and ``blockSizes blockStarts`` of spliced rows, as in BED), ``is_peak`` if
    there are negatives, and each reader's variable: a sequence (_sequence, _length), or a track
    (_sequence, {name}_sample, [_strand,] _length), with {name}_length for _length where it is binned

    Raises
    ------
    ValueError
        If there is no reader, a region is on a contig that a file does not have or beside it, a window is
        no multiple of a bin, or an argument does not fit. Nothing is left half-written.

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
    window = partial(windows_of, length=length, center=center)
    if exclude is not None:
        table = _without(exclude, table, window(table, max_jitter=max_jitter))
    if negatives is not None:
        if exclude is not None and negatives.exclude is None:
            negatives = replace(negatives, exclude=exclude)
        table = _with_negatives(table, window(table, max_jitter=0), negatives, readers, seed)
    windows = window(table, max_jitter=max_jitter)
    names = {
        name: _contig_names(name, reader, table, dict(chrom_alias or {}))
        for name, reader in readers.items()
    }
    _check_places(readers, names, table, windows)
    details = {
        "regions": _entry(regions),
        "length": length,
        "center": center,
        "max_jitter": max_jitter,
        "block_bytes": block_bytes,
        "exclude": _entry(exclude),
        "chrom_alias": dict(chrom_alias) if chrom_alias else None,
        "negatives": None if negatives is None else _settings(negatives) | {"seed": seed},
        "readers": {name: describe(reader) for name, reader in readers.items()},
    }
    plan = _planned(table, windows, readers, names, block_bytes)
    described = plan.described.assign_attrs(max_jitter=max_jitter)
    described = add_step(described, "seqdata.build", **details)
    if out is None:
        return _in_memory(plan, described, workers)
    _write(plan, described, out, workers, overwrite=overwrite)
    return open_zarr(out)


@dataclass(frozen=True)
class _Values:
    """What one reader fills: an array by rows, or a flat one where rows have unequal sizes."""

    reader: RegionSource
    contigs: dict[str, str]
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    attrs: dict[str, Any]
    spliced: SplicedHaplotypes | None = None


@dataclass(frozen=True)
class _Plan:
    """All that is known before anything is read."""

    described: xr.Dataset
    windows: Windows
    values: dict[str, _Values]
    rows: int


@dataclass(frozen=True)
class _Block:
    """Places `first` to `last` of a variable's first axis: whole rows, or a stretch of flat values."""

    name: str
    first: int
    last: int
    skip: int
    windows: Windows


def _planned(
    table: pd.DataFrame,
    windows: pd.DataFrame,
    readers: dict[str, RegionSource],
    names: dict[str, dict[str, str]],
    block_bytes: int | None,
) -> _Plan:
    pieces = pieces_of(windows)
    sizes, is_ragged = pieces.sizes, not pieces.are_equal
    variables: dict[str, Any] = region_variables(table, windows)
    coords: dict[str, Any] = {}
    values: dict[str, _Values] = {}
    for name, reader in readers.items():
        if name in variables:
            msg = f"a reader must not be called {name!r}: the data keeps that name for itself"
            raise ValueError(msg)
        axes = [(axis.dim.replace("{v}", name), axis.labels) for axis in reader.axes()]
        coords |= {dim: np.array(labels, dtype=object) for dim, labels in axes}
        if isinstance(reader, Genotypes):
            variables |= reader.variables(name, pieces, names[name])
            continue
        inner = tuple(len(labels) for _, labels in axes)
        bin_width = _bin_width(name, reader, sizes)
        bins = sizes // bin_width
        attrs = {"alphabet": DNA.name} if reader.is_sequence else {"bin_width": bin_width}
        extent = LENGTH if bin_width == 1 else f"{name}_length"
        dims = (SEQUENCE, *(dim for dim, _ in axes), extent)
        shape = (len(pieces), *inner, int(bins[0]))
        if is_ragged:
            variables[f"{name}_start"] = xr.Variable(SEQUENCE, np.cumsum(bins) - bins)
            variables[f"{name}_size"] = xr.Variable(SEQUENCE, bins)
            dims, shape = (f"{name}_value", *dims[1:-1]), (int(bins.sum()), *inner)
        spliced = None
        if EXONS[0] in windows and hasattr(reader, "spliced"):
            spliced = reader.spliced()
        dtype = binned_type(reader)
        values[name] = _Values(reader, names[name], dims, shape, dtype, attrs, spliced)
    described = xr.Dataset(variables, coords)
    hollow = {
        k: (v.dims, np.broadcast_to(np.zeros((), v.dtype), v.shape)) for k, v in values.items()
    }
    planned = described.assign(hollow)
    validate(planned)  # before anything is read
    return _Plan(described, pieces, values, block_rows(planned, block_bytes=block_bytes))


def _bin_width(name: str, reader: RegionSource, sizes: NDArray[np.int64]) -> int:
    bin_width, _ = bins_of(reader)
    odd = sizes[sizes % bin_width != 0]
    if odd.size:
        msg = (
            f"windows must be a multiple of the bins of reader {name!r}, {bin_width} bp; found {odd[0]} bp, "
            "jitter room included. Pass length="
        )
        raise ValueError(msg)
    return bin_width


def _blocks(plan: _Plan) -> list[_Block]:
    """Cut the work along the chunks of what is filled, so that no two blocks write to one chunk."""
    blocks: list[_Block] = []
    sizes = plan.windows.sizes
    for name, values in plan.values.items():
        total = values.shape[0]
        step = chunks_of(values.dims, values.shape, values.dtype.itemsize, plan.rows)[0]
        if values.dims[0] == SEQUENCE:
            ends = np.arange(1, total + 1)
        else:
            ends = np.cumsum(sizes // bins_of(values.reader)[0])
        for first in range(0, total, step):
            last = min(first + step, total)
            top = int(np.searchsorted(ends, first, side="right"))
            bottom = int(np.searchsorted(ends, last, side="left")) + 1
            skip = first - (int(ends[top - 1]) if top else 0)
            blocks.append(_Block(name, first, last, skip, plan.windows[top:bottom]))
    return sorted(blocks, key=lambda block: block.first / plan.values[block.name].shape[0])


def _read(values: Mapping[str, _Values], block: _Block) -> NDArray[Any]:
    """Read a block; rows at its ends may reach beyond it."""
    source = values[block.name]
    if source.spliced is not None:
        found = source.spliced.cut(block.windows, source.contigs)
    else:
        found = cut(source.reader, block.windows, source.contigs)
    if source.dims[0] != SEQUENCE and block.windows.are_equal:
        found = np.moveaxis(found, -1, 1).reshape(-1, *source.shape[1:])
    return found[block.skip : block.skip + block.last - block.first]


def _read_into(
    values: Mapping[str, _Values], arrays: Mapping[str, NDArray[Any]], block: _Block
) -> NDArray[Any] | None:
    """Read a block in its place where it lies there as it is cut, and give None; else give it."""
    source = values[block.name]
    if source.spliced is not None or source.dims != (SEQUENCE, LENGTH):
        return _read(values, block)
    flat = arrays[block.name][block.first : block.last].reshape(-1)
    cut_into(source.reader, block.windows, source.contigs, flat)
    return None


def _read_and_store(values: Mapping[str, _Values], folder: str, block: _Block) -> None:
    BlockArray.within(folder, block.name)[block.first : block.last] = _read(values, block)


def _in_memory(plan: _Plan, described: xr.Dataset, workers: Workers) -> xr.Dataset:
    arrays = {name: np.empty(v.shape, v.dtype) for name, v in plan.values.items()}
    is_here = isinstance(workers, int) and workers == 1
    work = partial(_read_into, plan.values, arrays) if is_here else partial(_read, plan.values)
    for block, found in run_tasks(work, _blocks(plan), workers=workers, description="building"):
        if found is not None:
            arrays[block.name][block.first : block.last] = found
    filled = {name: (v.dims, arrays[name], v.attrs) for name, v in plan.values.items()}
    return annotate(described.assign(filled))


def _write(
    plan: _Plan, described: xr.Dataset, out: StorePath, workers: Workers, *, overwrite: bool
) -> None:
    with StoreWriter(out, overwrite=overwrite, work=_fingerprint(plan, described)) as writer:
        for key, variable in described.variables.items():
            writer.write(str(key), variable, plan.rows)
        for name, v in plan.values.items():
            writer.create(
                name, dims=v.dims, shape=v.shape, dtype=v.dtype, rows=plan.rows, attrs=v.attrs
            )
        blocks = _blocks(plan)
        left = [block for block in blocks if (block.name, block.first) not in writer.done]
        if len(left) < len(blocks):
            _log.info("%d of %d blocks are there from before", len(blocks) - len(left), len(blocks))
        store = partial(_read_and_store, plan.values, os.fspath(writer.folder))
        for block, _ in run_tasks(store, left, workers=workers, description="building"):
            writer.mark(block.name, block.first)
        writer.commit(described.attrs)


def _fingerprint(plan: _Plan, described: xr.Dataset) -> str:
    """Name this very work: equal if and only if the same values would be written."""
    import pandas as pd

    digest = hashlib.blake2b(digest_size=8)
    digest.update(json.dumps(described.attrs, sort_keys=True, default=str).encode())
    digest.update(pickle.dumps((plan.values, plan.rows)))
    for name, variable in described.variables.items():
        values, words = variable.values, []
        if values.dtype == object:
            values, words = pd.factorize(values)
        named = [str(name), variable.dims, str(values.dtype), values.shape, list(words)]
        digest.update(json.dumps(named).encode())
        digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()


def _entry(regions: str | os.PathLike[str] | pd.DataFrame | None) -> Any:
    if isinstance(regions, str | os.PathLike):
        return file_entry(regions)
    return None if regions is None else "a table"


def _settings(negatives: GCMatched) -> dict[str, Any]:
    named = {field.name: getattr(negatives, field.name) for field in fields(negatives)}
    return named | {"exclude": _entry(negatives.exclude)}


def _without(
    exclude: str | os.PathLike[str] | pd.DataFrame, table: pd.DataFrame, windows: pd.DataFrame
) -> pd.DataFrame:
    """Leave out rows whose window overlaps a region to exclude."""
    kept = subtract(windows, read_regions(exclude)).index
    if not len(kept):
        msg = f"exclude must leave some regions; it overlaps all {len(windows)} windows"
        raise ValueError(msg)
    if len(kept) < len(windows):
        _log.info(
            "%d of %d windows overlap what is excluded and are left out",
            len(windows) - len(kept), len(windows),
        )  # fmt: skip
    return table.loc[kept].reset_index(drop=True)


def _with_negatives(
    table: pd.DataFrame,
    windows: pd.DataFrame,
    negatives: GCMatched,
    readers: dict[str, RegionSource],
    seed: int,
) -> pd.DataFrame:
    """Add negatives of the windows; what the regions' own columns say is missing for them."""
    import pandas as pd

    genome = next((reader for reader in readers.values() if reader.is_sequence), None)
    if genome is None:
        msg = "negatives need a reader of sequences, such as seq=seqdata.GenomeFASTA('genome.fa'); found none"
        raise ValueError(msg)
    drawn = negatives.regions(_moved_inside(windows, genome), genome, seed=seed)
    drawn = drawn[["chrom", "chromStart", "chromEnd", "strand"]]
    for name in table.columns.difference(drawn.columns, sort=False):
        dtype = np.dtype(np.float32) if name == "score" else table[name].dtype
        missing = {"i": -1, "f": np.nan, "b": False}.get(dtype.kind, "")
        drawn = drawn.assign(**{name: pd.Series(missing, drawn.index, dtype=dtype)})
    both = [table.assign(is_peak=True), drawn.assign(is_peak=False)]
    return pd.concat(both, ignore_index=True)


def _moved_inside(windows: pd.DataFrame, genome: RegionSource) -> pd.DataFrame:
    """Move windows that pass an end of their contig inside, so that negatives have their length."""
    places = windows[["chrom", "chromStart", "chromEnd", "strand"]]
    sizes = places["chromEnd"] - places["chromStart"]
    latest = places["chrom"].map(dict(genome.contigs())).fillna(0).astype(np.int64) - sizes
    starts = places["chromStart"].clip(upper=latest).clip(lower=0)
    return places.assign(chromStart=starts, chromEnd=starts + sizes)


def _check_places(
    readers: dict[str, RegionSource],
    names: dict[str, dict[str, str]],
    table: pd.DataFrame,
    windows: pd.DataFrame,
) -> None:
    """Refuse regions and windows that are not on their contig, and log how many pass its ends."""
    import pandas as pd

    starts, ends = (windows[name].to_numpy(dtype=np.int64) for name in ("chromStart", "chromEnd"))
    passing = np.zeros(len(table), dtype=bool)
    codes, chroms = pd.factorize(table["chrom"])
    for name, reader in readers.items():
        sizes = [reader.contigs()[names[name][chrom]] for chrom in chroms]
        lengths = np.array(sizes, np.int64)[codes]
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


def _contig_names(
    name: str, reader: RegionSource, table: pd.DataFrame, alias: dict[str, str]
) -> dict[str, str]:
    """Give the reader's name of each of the regions' contigs."""
    known = reader.contigs()
    wanted = table["chrom"].unique()
    found = {chrom: chrom if chrom in known else alias.get(chrom, chrom) for chrom in wanted}
    missing = [chrom for chrom, contig in found.items() if contig not in known]
    if not missing:
        return found
    row = int((table["chrom"] == missing[0]).to_numpy().argmax())
    twin = missing[0].removeprefix("chr") if missing[0].startswith("chr") else f"chr{missing[0]}"
    way_out = f". It has {twin!r}: pass chrom_alias={{{missing[0]!r}: {twin!r}, ...}}"
    msg = (
        f"region {_place(table, row)} is on a contig that reader {name!r} "
        f"({os.path.basename(reader.files()[0])}) lacks; it has {', '.join(list(known)[:5])}"
        f"{' ...' if len(known) > 5 else ''}{way_out if twin in known else ''}"
    )
    raise ValueError(msg)
