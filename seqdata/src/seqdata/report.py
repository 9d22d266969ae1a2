"""Figures about a Dataset: sizes, letters, duplicates, targets, splits, leakage and tracks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqdata.labels import with_text_labels
from seqdata.leakage import COUNTED_SPLITS, overlapping_splits, repeated, shared_between
from seqdata.provenance import version_of
from seqdata.readers.letters import known_letters
from seqdata.report_html import page
from seqdata.schema import LENGTH, SEQUENCE, SPLITS, STRAND, TARGET, kind_of
from seqdata.summaries import (
    SEED,
    LetterSummary,
    TrackSummary,
    blocks_of,
    sampled_rows,
    summarise_letters,
    summarise_tracks,
)
from seqdata.validation import validate
from seqdata.view import is_ragged
from seqpro import AA, DNA, RNA, Alphabet, Ragged, near_duplicate_groups
from seqpro.files import written_whole

_BLOCK_BYTES = 16 << 20
_ALIKE_PLACES = 1 << 24  # letters that are compared for likeness
_ALIKE_ROWS = 100_000
_GC_BINS = 20
_BINS = 30  # of lengths and targets
_MOST_CLASSES = 50
_PROTEIN_KMER = 5  # letters of a k-mer of proteins
_KEPT_NAMES = (
    "row", "chrom", "chromStart", "chromEnd", "strand", "summit", "name", "id", "windowStart",
    "windowEnd", "genome", "split", "fold", "group", "parent_row", "variantStart", "variantEnd", "ref",
    "alt",
)  # fmt: skip
_WAYS = ("coordinates", "letters", "near duplicates")


def report(ds: xr.Dataset) -> xr.Dataset:
    """Sum up a Dataset in figures.

    Reads block by block, so that memory does not grow with the store, but for some 60 bytes a row. Near
    duplicates are looked for in at most 16.8 million letters of 100,000 rows, drawn with seed 0 (0.5 GB);
    the attribute ``near_duplicate_rows`` of `leaking` says how many rows those were.

    Parameters
    ----------
    ds
        Dataset that follows the contract, in memory, lazy or on dask.

    Returns
    -------
    Dataset of those of these figures that there are data for:

    - ``rows``: number of rows; ``contig_rows`` (contig) and ``split_rows`` (split)
    - for each sequence (sequence): ``length_min``, ``length_median``, ``length_max``, ``length_count``
      (sequence, length_bin) with ``length_edge``, ``gc_mean``, ``gc_count`` (sequence, gc_bin), rows by
      share of G and C, ``unknown_letters`` (N, in proteins X), ``foreign_letters`` (outside the alphabet),
      ``duplicates`` (rows equal to an earlier one, in either case) and ``duplicates_both_strands``
      (reverse complements, too; -1 for proteins)
    - for each target (target): ``target_missing``, ``target_mean``, ``target_sd``, ``target_min``,
      ``target_max``, ``target_count`` (target, target_bin) with ``target_edge``
    - for each class of a target or label (class): ``class_rows``, with coordinates ``class_variable`` and
      ``class_label``
    - for each sample of a track (track): ``track_total``, ``track_mean``, ``track_max``,
      ``track_missing``
    - ``leaking`` (way, split): rows of a split that overlap a window of another split, have the letters of
      one of its sequences (either strand), or nearly so; -1 where it cannot be told

    Raises
    ------
    ContractError
        If `ds` breaks the contract.
    ValueError
        If it has no rows.

    Examples
    --------
    >>> import numpy as np, xarray as xr, seqdata as sd
    >>> ds = xr.Dataset({
    ...     "row": ("_sequence", np.arange(3)),
    ...     "seq": (("_sequence", "_length"), np.frombuffer(b"ACGGACCGT", "u1").reshape(3, 3)),
    ...     "activity": ("_sequence", np.array([1, np.nan, 3], "f4")),
    ... })
    >>> found = sd.report(ds)
    >>> found["gc_mean"].values.round(2).tolist(), found["target_missing"].values.tolist()
    ([0.67], [1])
    """
    n = ds.sizes.get(SEQUENCE, 0)
    if not n:
        msg = "data must have rows (dimension _sequence) to report on; found none"
        raise ValueError(msg)
    validate(ds)
    ds = with_text_labels(ds)
    letters = {name: _read_letters(ds, name) for name in _sequences(ds)}
    parts = [
        xr.Dataset({"rows": ((), n)}),
        _row_counts(ds),
        _sequence_figures(ds, letters),
        _target_figures(ds),
        _class_figures(ds),
        _track_figures(ds),
        _leakage(ds, letters),
    ]
    found = xr.merge(parts, compat="no_conflicts", join="exact")
    return found.assign_attrs(step="seqdata.report", version=version_of("seqdata"))


def report_page(
    ds: xr.Dataset, path: str | os.PathLike[str], *, title: str = "Data report"
) -> Path:
    """Write the figures of `report` as one page to read in a browser, without any other file.

    Parameters
    ----------
    ds
        Dataset that follows the contract.
    path
        HTML file to write; one that is there is replaced.
    title
        Headline of the page.

    Returns
    -------
    The path

    Raises
    ------
    ValueError
        If `ds` has no rows.
    FileNotFoundError
        If the folder of `path` is not there.

    Examples
    --------
    >>> import numpy as np, tempfile, xarray as xr, seqdata as sd
    >>> ds = xr.Dataset({"row": ("_sequence", np.arange(3))})
    >>> sd.report_page(ds, tempfile.mkdtemp() + "/data.html").read_text()[:15]
    '<!doctype html>'
    """
    target = Path(path)
    with written_whole(target) as unfinished:
        unfinished.write_text(page(report(ds), title=title), encoding="utf-8")
    return target


def _sequences(ds: xr.Dataset) -> list[str]:
    """Name the variables with one sequence a row."""
    return [
        str(name)
        for name, variable in ds.data_vars.items()
        if variable.dtype == np.uint8
        and (
            variable.dims == (SEQUENCE, LENGTH) or (variable.ndim == 1 and is_ragged(ds, str(name)))
        )
    ]


def _alphabet(variable: xr.DataArray) -> Alphabet:
    names = {alphabet.name: alphabet for alphabet in (DNA, RNA, AA)}
    return names.get(str(variable.attrs.get("alphabet")), DNA)


def _blocks(ds: xr.Dataset, name: str) -> Iterator[tuple[NDArray[np.intp], Ragged]]:
    """Read the rows of a sequence, block by block."""
    variable = ds.variables[name]
    if is_ragged(ds, name):
        for rows, values, starts, sizes in _stretches(ds, name):
            yield rows, Ragged(values, starts, sizes)
        return
    for first, values in _row_blocks(variable):
        sizes = np.full(values.shape[0], values.shape[1])
        yield np.arange(first, first + len(values)), Ragged.from_sizes(values.ravel(), sizes)


def _row_blocks(variable: xr.Variable) -> Iterator[tuple[int, NDArray[Any]]]:
    """Read a variable by rows: the first row's number and the values of each block."""
    width = int(np.prod(variable.shape[1:], dtype=np.int64)) * variable.dtype.itemsize
    step = max(1, _BLOCK_BYTES // max(1, width))
    for first in range(0, variable.shape[0], step):
        yield first, np.ascontiguousarray(variable[first : first + step].values)


def _stretches(
    ds: xr.Dataset, name: str
) -> Iterator[tuple[NDArray[np.intp], NDArray[Any], NDArray[np.int64], NDArray[np.int64]]]:
    """Read a ragged variable in the order it is stored: rows, flat values, starts in those, sizes."""
    variable = ds.variables[name]
    stem = str(variable.dims[0]).removesuffix("_value")
    starts, sizes = ds[f"{stem}_start"].values, ds[f"{stem}_size"].values
    order = np.argsort(starts, kind="stable")
    steps = np.diff(starts[order], append=0)  # what is read for a row includes the gap behind it
    width = int(np.prod(variable.shape[1:], dtype=np.int64)) * variable.dtype.itemsize
    for part in blocks_of(np.maximum(sizes[order], steps), max(1, _BLOCK_BYTES // max(1, width))):
        rows = order[part]
        low, high = int(starts[rows].min()), int((starts + sizes)[rows].max())
        yield rows, variable[low:high].values, starts[rows] - low, sizes[rows]


def _read_letters(ds: xr.Dataset, name: str) -> LetterSummary:
    is_nucleic = _alphabet(ds[name]).has_complement
    return summarise_letters(_blocks(ds, name), ds.sizes[SEQUENCE], is_nucleic=is_nucleic)


def _row_counts(ds: xr.Dataset) -> xr.Dataset:
    found = xr.Dataset()
    for name, dim in (("chrom", "contig"), ("split", "split")):
        if name in ds:
            labels, counts = np.unique(ds[name].values.astype(str), return_counts=True)
            order = np.argsort(-counts, kind="stable")
            if name == "split":
                order = np.argsort([SPLITS.index(label) for label in labels], kind="stable")
            found[f"{dim}_rows"] = (dim, counts[order])
            found = found.assign_coords({dim: labels[order].astype(object)})
    return found


def _sequence_figures(ds: xr.Dataset, letters: dict[str, LetterSummary]) -> xr.Dataset:
    if not letters:
        return xr.Dataset()
    summaries = list(letters.values())
    sizes = [summary.sizes for summary in summaries]
    lengths = [_histogram(found, _BINS) for found in sizes]
    alphabets = [_alphabet(ds[name]) for name in letters]
    columns: dict[str, Any] = {
        "length_min": [found.min() for found in sizes],
        "length_median": [np.median(found) for found in sizes],
        "length_max": [found.max() for found in sizes],
        "gc_mean": [_mean(summary.gc) for summary in summaries],
        "unknown_letters": [
            _count(summary, alphabet.unknown)
            for summary, alphabet in zip(summaries, alphabets, strict=True)
        ],
        "foreign_letters": [
            _count_foreign(summary, alphabet)
            for summary, alphabet in zip(summaries, alphabets, strict=True)
        ],
        "duplicates": [int(repeated(summary.keys).sum()) for summary in summaries],
        "duplicates_both_strands": [
            int(repeated(summary.strand_keys).sum()) if alphabet.has_complement else -1
            for summary, alphabet in zip(summaries, alphabets, strict=True)
        ],
    }
    found = xr.Dataset({name: ("sequence", np.array(values)) for name, values in columns.items()})
    edges = np.linspace(0, 1, _GC_BINS + 1)
    gc = [np.histogram(s.gc[~np.isnan(s.gc)], edges)[0] for s in summaries]
    return found.assign(
        length_count=(("sequence", "length_bin"), np.array([counts for counts, _ in lengths])),
        length_edge=(("sequence", "length_bound"), np.array([edges for _, edges in lengths])),
        gc_count=(("sequence", "gc_bin"), np.array(gc)),
    ).assign_coords(
        sequence=np.array(list(letters), dtype=object),
        gc_bin=(edges[:-1] + edges[1:]) / 2,
        alphabet=("sequence", np.array([alphabet.name for alphabet in alphabets], dtype=object)),
    )


def _targets(ds: xr.Dataset) -> Iterator[tuple[str, NDArray[Any]]]:
    """Give the numbers of each row that may be targets, one target at a time."""
    for name, variable in ds.data_vars.items():
        if str(name) in _KEPT_NAMES or _is_place(ds, str(name)) or kind_of(variable) == "text":
            continue
        if variable.dims == (SEQUENCE,):
            yield str(name), variable.values
        elif variable.dims == (SEQUENCE, TARGET):
            for number in range(ds.sizes[TARGET]):
                label = str(ds[TARGET].values[number]) if TARGET in ds.coords else str(number)
                yield f"{name}: {label}", variable.variable[:, number].values


def _target_figures(ds: xr.Dataset) -> xr.Dataset:
    names, columns = [], []
    for name, values in _targets(ds):
        known = values[~_missing(values)].astype(np.float64)
        counts, edges = _histogram(known, _BINS)
        figures = [np.nan] * 4
        if known.size:
            figures = [known.mean(), known.std(), known.min(), known.max()]
        names.append(name)
        columns.append((len(values) - known.size, *figures, counts, edges))
    if not names:
        return xr.Dataset()
    missing, means, sds, smallest, largest, counts, edges = map(
        np.array, zip(*columns, strict=True)
    )
    return xr.Dataset(
        {
            "target_missing": ("target", missing),
            "target_mean": ("target", means),
            "target_sd": ("target", sds),
            "target_min": ("target", smallest),
            "target_max": ("target", largest),
            "target_count": (("target", "target_bin"), counts),
            "target_edge": (("target", "target_bound"), edges),
        },
        {"target": np.array(names, dtype=object)},
    )


def _class_figures(ds: xr.Dataset) -> xr.Dataset:
    """Count the rows of each class: of small whole numbers, truth values and labels."""
    rows: list[tuple[str, str, int]] = []
    for name, values in (*_targets(ds), *_labels(ds)):
        if values.dtype.kind == "f" or (values.dtype.itemsize > 1 and values.dtype.kind != "O"):
            continue
        labels, counts = np.unique(values[~_missing(values)].astype(str), return_counts=True)
        if labels.size <= _MOST_CLASSES:
            rows += [(name, label, int(count)) for label, count in zip(labels, counts, strict=True)]
    if not rows:
        return xr.Dataset()
    return xr.Dataset(
        {"class_rows": ("class", np.array([count for _, _, count in rows]))},
        {
            "class_variable": ("class", np.array([name for name, _, _ in rows], dtype=object)),
            "class_label": ("class", np.array([label for _, label, _ in rows], dtype=object)),
        },
    )


def _labels(ds: xr.Dataset) -> Iterator[tuple[str, NDArray[Any]]]:
    for name, variable in ds.data_vars.items():
        if (
            str(name) not in _KEPT_NAMES
            and variable.dims == (SEQUENCE,)
            and kind_of(variable) == "text"
        ):
            yield str(name), variable.values.astype(object)


def _track_figures(ds: xr.Dataset) -> xr.Dataset:
    names: list[str] = []
    summaries: list[TrackSummary] = []
    for name in _tracks(ds):
        variable = ds.variables[name]
        labels = _places(ds, variable.dims[1:] if is_ragged(ds, name) else variable.dims[1:-1])
        names += [f"{name}: {label}" if label else name for label in labels]
        summaries.append(summarise_tracks(_track_blocks(ds, name, len(labels)), len(labels)))
    if not names:
        return xr.Dataset()
    count, missing, total, largest = (
        np.concatenate([getattr(summary, field) for summary in summaries])
        for field in ("count", "missing", "total", "largest")
    )
    known = count - missing
    return xr.Dataset(
        {
            "track_total": ("track", total),
            "track_mean": ("track", np.where(known > 0, total / np.maximum(known, 1), np.nan)),
            "track_max": ("track", np.where(known > 0, largest, np.nan)),
            "track_missing": ("track", missing),
        },
        {"track": np.array(names, dtype=object)},
    )


def _tracks(ds: xr.Dataset) -> list[str]:
    """Name the variables with numbers along each row."""
    found = []
    for name, variable in ds.data_vars.items():
        flat = is_ragged(ds, str(name))
        inner = variable.dims[1:] if flat else variable.dims[1:-1]
        along = flat or (
            variable.dims[:1] == (SEQUENCE,) and str(variable.dims[-1]).endswith("_length")
        )
        is_number = variable.dtype.kind == "f" or variable.dtype in (np.uint16, np.uint32)
        if along and is_number and all(str(d).endswith("_sample") or d == STRAND for d in inner):
            found.append(str(name))
    return found


def _track_blocks(ds: xr.Dataset, name: str, samples: int) -> Iterator[NDArray[Any]]:
    """Read a track in blocks of shape (samples, places)."""
    if not is_ragged(ds, name):
        for _, values in _row_blocks(ds.variables[name]):
            rows = values.reshape(values.shape[0], samples, -1)
            yield np.moveaxis(rows, 1, 0).reshape(samples, -1)
        return
    for _, values, starts, sizes in _stretches(ds, name):
        before = np.cumsum(sizes) - sizes
        places = np.repeat(starts - before, sizes) + np.arange(int(sizes.sum()))
        yield values[places].reshape(-1, samples).T


def _places(ds: xr.Dataset, dims: tuple[Any, ...]) -> list[str]:
    """Name each sample and strand."""
    names = [""]
    for dim in dims:
        labels = ds[dim].values if dim in ds.coords else np.arange(ds.sizes[dim])
        names = [f"{name} {label}".strip() for name in names for label in labels]
    return names


def _leakage(ds: xr.Dataset, letters: dict[str, LetterSummary]) -> xr.Dataset:
    if "split" not in ds:
        return xr.Dataset()
    splits = ds["split"].values.astype(object)
    marked = np.zeros((len(_WAYS), len(splits)), dtype=np.bool_)
    is_told = np.zeros(len(_WAYS), dtype=np.bool_)
    names = ("windowStart", "windowEnd") if "windowStart" in ds else ("chromStart", "chromEnd")
    if "chrom" in ds and all(name in ds for name in names):
        is_told[0] = True
        starts, ends = (ds[name].values for name in names)
        marked[0] = overlapping_splits(ds["chrom"].values.astype(object), starts, ends, splits)
    compared = 0
    for name, summary in letters.items():
        is_told[1:] = True
        marked[1] |= shared_between(summary.strand_keys, splits)
        rows = sampled_rows(summary.sizes, rows=_ALIKE_ROWS, places=_ALIKE_PLACES)
        marked[2][rows] |= shared_between(_alike(ds, name, rows), splits[rows])
        compared = max(compared, len(rows))
    counts = np.array(
        [[(row & (splits == split)).sum() for split in COUNTED_SPLITS] for row in marked]
    )
    counts[~is_told] = -1
    attrs = {"near_duplicate_rows": compared, "near_duplicate_seed": SEED}
    return xr.Dataset(
        {"leaking": (("way", "counted_split"), counts, attrs)},
        {
            "way": np.array(_WAYS, dtype=object),
            "counted_split": np.array(COUNTED_SPLITS, dtype=object),
        },
    )


def _alike(ds: xr.Dataset, name: str, rows: NDArray[np.intp]) -> NDArray[np.int64]:
    """Group some rows whose sequences are near duplicates."""
    alphabet = _alphabet(ds[name])
    wanted = np.zeros(ds.sizes[SEQUENCE], dtype=np.bool_)
    wanted[rows] = True
    numbers: list[NDArray[np.intp]] = []
    parts: list[Ragged] = []
    for found, block in _blocks(ds, name):
        keep = np.flatnonzero(wanted[found])
        numbers.append(found[keep])
        parts.append(Ragged(block.values, block.starts[keep], block.sizes[keep]).packed())
    values = np.concatenate([part.values for part in parts])
    sequences = Ragged.from_sizes(values, np.concatenate([part.sizes for part in parts]))
    k = 12 if alphabet.has_complement else _PROTEIN_KMER
    groups = near_duplicate_groups(
        sequences, alphabet=alphabet, k=k, both_strands=alphabet.has_complement, rng=SEED
    )
    return groups[np.argsort(np.concatenate(numbers))]


def _missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Mark what the contract writes for a missing value."""
    if values.dtype.kind == "f":
        return np.isnan(values)
    if values.dtype.kind == "i":
        return values == -1
    return values == "" if values.dtype == object else np.zeros(values.shape, dtype=np.bool_)


def _is_place(ds: xr.Dataset, name: str) -> bool:
    """Whether a variable is the starts or the sizes of a ragged one."""
    stem, _, part = name.rpartition("_")
    return part in ("start", "size") and f"{stem}_value" in ds.dims


def _histogram(values: NDArray[Any], bins: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    finite = values[np.isfinite(values)]
    counts, edges = np.histogram(finite, bins)
    return counts, edges.astype(np.float64)


def _mean(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else np.nan


def _count(summary: LetterSummary, letter: str) -> int:
    return int(summary.letters[[ord(letter.upper()), ord(letter.lower())]].sum())


def _count_foreign(summary: LetterSummary, alphabet: Alphabet) -> int:
    known = np.frombuffer(known_letters(alphabet), dtype=np.uint8)
    return int(summary.letters.sum() - summary.letters[known].sum())
