"""Per-base values of a Dataset's rows written as a bigWig file, for genome browsers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqdata.labels import with_text_labels
from seqdata.overlaps import region_table
from seqdata.schema import LENGTH, OHE, SEQUENCE, STRAND, TARGET
from seqpro import DNA, RNA
from seqpro.checks import choice, shown
from seqpro.files import written_whole

Reduce = Literal["mean", "max", "sum"]

_RUN = 256  # bp that runs of values have on average where they are written base by base
_SPAN = 4 << 20  # bp of a contig that are held at a time, besides the longest row


def to_bigwig(
    ds: xr.Dataset,
    path: str | os.PathLike[str],
    *,
    variable: str | None = None,
    sample: str | None = None,
    strand: str | None = None,
    target: str | None = None,
    sequence: str = "seq",
    reduce: Reduce = "mean",
    contig_sizes: Mapping[str, int] | str | os.PathLike[str] | None = None,
) -> None:
    """Write a variable's values along the windows of its rows as a bigWig file.

    Rows on the ``-`` strand are turned back, so that values stand where they are on the contig; their
    stranded values are exchanged back too. NaN is not written, nor is what lies beyond a contig's end.
    Values are float32, as in every bigWig file: those of rows that overlap no other come back
    exactly. The file appears whole or not at all.

    Parameters
    ----------
    ds
        Dataset with windows (``windowStart``, ``windowEnd``), in memory or lazy. Rows are read in the
        order of the contigs, some 4 Mbp at a time.
    path
        File to write.
    variable
        A track (_sequence, [{v}_sample], [_strand], positions), dense or ragged, or contributions
        (_sequence, [_target], _ohe, _length), of which the observed letters' are written. None takes
        the only one there is. The attributes ``bin_width`` (bp a value covers) and ``offset`` (bp from
        the window's 5' end to the first value) say where values lie, if they do not fill the window.
    sample, strand, target
        Which sample, strand of the contig (``"+"`` or ``"-"``) or target is written, by name; needed
        where there are several.
    sequence
        The letters that contributions are of; positions with other letters are not written.
    reduce
        What is written where rows overlap: ``"mean"``, ``"max"`` or ``"sum"``, in float64.
    contig_sizes
        Length of each contig, bp, in the order of the file's header, or a path as of
        `seqpro.bed.read_contig_sizes`. None makes contigs end with their last window, which suits
        programs that do not compare them with a genome.

    Raises
    ------
    ValueError
        If there are no windows, a name does not fit or is missing, a value is infinite, values do not
        fill their windows and the attributes do not say why, or a row is not on a contig of
        `contig_sizes`.

    Examples
    --------
    >>> import pathlib, tempfile, pyBigWig, seqdata as sd
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.bw")
    >>> ds = xr.Dataset({"row": ("_sequence", [0]), "chrom": ("_sequence", np.array(["c"], object)),
    ...                  "strand": ("_sequence", np.array(["-"], object)),
    ...                  "windowStart": ("_sequence", [2]), "windowEnd": ("_sequence", [5]),
    ...                  "signal": (("_sequence", "_length"), np.array([[3, 2, 1]], "f4"))})
    >>> sd.to_bigwig(ds, path, contig_sizes={"c": 9})
    >>> with pyBigWig.open(str(path)) as file:
    ...     file.intervals("c")
    ((2, 3, 1.0), (3, 4, 2.0), (4, 5, 3.0))
    """
    choice(reduce, "reduce", ("mean", "max", "sum"))
    ds = with_text_labels(ds)
    name = _only_track(ds) if variable is None else variable
    track = _Track.of(ds, name, {"sample": sample, "strand": strand, "target": target}, sequence)
    sizes = _contig_sizes(track, contig_sizes)
    _check_contigs(track, sizes)
    import pyBigWig

    with written_whole(Path(path)) as unfinished, pyBigWig.open(os.fspath(unfinished), "w") as file:
        file.addHeader(list(sizes.items()))
        for contig, size in sizes.items():
            for start, values in _stretches(track, contig, reduce):
                _write(file, contig, size, start, values)


@dataclass(frozen=True)
class _Track:
    """Where each row's values lie on its contig, and how they are read."""

    name: str
    variable: xr.Variable
    letters: xr.Variable | None
    flat: tuple[NDArray[np.int64], NDArray[np.int64]] | None
    strand: str | None
    reverse: NDArray[np.bool_]
    contigs: NDArray[np.object_]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    bin_width: int

    @classmethod
    def of(cls, ds: xr.Dataset, name: str, wanted: dict[str, str | None], sequence: str) -> _Track:
        if name not in ds:
            msg = f"variable must be in the data; found no {name!r} among {', '.join(map(str, ds.data_vars))}"
            raise ValueError(msg)
        variable, strand = _chosen(ds, name, wanted)
        letters = _letters(ds, name, sequence) if OHE in variable.dims else None
        windows = region_table(ds, window=True)
        reverse = np.zeros(len(windows), dtype=bool)
        if "strand" in ds:
            reverse = ds["strand"].values == "-"
        flat = None
        sizes = np.full(len(windows), variable.shape[-1], dtype=np.int64)
        if variable.dims[0] != SEQUENCE:
            stem = str(variable.dims[0]).removesuffix("_value")
            flat = ds[f"{stem}_start"].values, ds[f"{stem}_size"].values
            sizes = flat[1]
        width = int(variable.attrs.get("bin_width", 1))
        starts, ends = _places(name, variable, windows, sizes * width, reverse)
        contigs = windows["chrom"].to_numpy(dtype=object)
        return cls(name, variable, letters, flat, strand, reverse, contigs, starts, ends, width)

    def read(self, rows: NDArray[np.intp]) -> list[NDArray[np.float64]]:
        """Give the values of rows, a base each, in the direction of the contig."""
        order = np.argsort(rows)
        chosen = rows[order]
        if self.flat is None:
            values = list(self._dense(chosen))
        else:
            starts, sizes = (places[chosen] for places in self.flat)
            first, last = int(starts.min()), int((starts + sizes).max())
            block = self.variable[first:last].values
            pairs = zip((starts - first).tolist(), sizes.tolist(), strict=True)
            values = [block[start : start + size] for start, size in pairs]
        found = [np.zeros(0)] * rows.size
        for place, row, one in zip(order, chosen, values, strict=True):
            turned = one[::-1] if self.reverse[row] else one
            found[place] = np.repeat(turned.astype(np.float64), self.bin_width)
        return found

    def _dense(self, rows: NDArray[np.intp]) -> NDArray[Any]:
        values = self.variable[rows].values
        if self.strand is not None:
            # rows on - are stored with their strands exchanged
            places = (np.array(self.strand == "-") ^ self.reverse[rows]).astype(np.intp)
            values = values[np.arange(rows.size), places]
        if self.letters is None:
            return values
        columns = (RNA if self.letters.attrs.get("alphabet") == RNA.name else DNA).index_table()
        observed = columns[self.letters[rows].values]
        known = observed < values.shape[1]
        picked = np.take_along_axis(values, np.where(known, observed, 0)[:, None, :], axis=1)
        return np.where(known, picked[:, 0], np.nan)


def _only_track(ds: xr.Dataset) -> str:
    """Name the only variable with values along windows."""
    found = []
    for name, variable in ds.data_vars.items():
        dim = str(variable.dims[-1]) if variable.dims else ""
        is_dense = variable.dims[:1] == (SEQUENCE,) and dim.endswith("_length")
        is_flat = variable.ndim == 1 and dim.endswith("_value") and not dim.startswith("_")
        if (is_dense or is_flat) and variable.dtype.kind in "fu" and variable.dtype != np.uint8:
            found.append(str(name))
    if len(found) != 1:
        listed = ", ".join(found) or "none"
        msg = f"variable must be given where the data has several tracks or none; it has {listed}"
        raise ValueError(msg)
    return found[0]


def _chosen(
    ds: xr.Dataset, name: str, wanted: dict[str, str | None]
) -> tuple[xr.Variable, str | None]:
    """Take the sample and target that are asked for; give the strand if the rows decide it."""
    variable, strand, used = ds.variables[name], None, set()
    for dim in ds[name].dims[1:-1]:
        argument = {TARGET: "target", STRAND: "strand"}.get(str(dim), "sample")
        if dim == OHE:
            continue
        if argument == "sample" and not str(dim).endswith("_sample"):
            msg = f"variable {name!r} must be a track; found dimension {dim}. Select one of it with isel"
            raise ValueError(msg)
        labels = ds[dim].values.tolist() if dim in ds.coords else []
        if argument == "strand":
            labels = labels or ["+", "-"]
        choice_made = wanted[argument]
        if choice_made is None and variable.sizes[dim] == 1:
            choice_made = labels[0] if labels else None
        elif choice_made not in labels:
            msg = f"{argument} must be one of {', '.join(map(repr, labels))}; found {shown(choice_made)}"
            raise ValueError(msg)
        used.add(argument)
        if argument == "strand":
            strand = choice_made
        else:
            variable = variable.isel({dim: labels.index(choice_made) if labels else 0})
    idle = [key for key, value in wanted.items() if value is not None and key not in used]
    if idle:
        msg = f"{idle[0]} must not be given for variable {name!r}, which has dimensions {ds[name].dims}"
        raise ValueError(msg)
    is_dense = variable.dims[:1] == (SEQUENCE,) and str(variable.dims[-1]).endswith("_length")
    is_flat = variable.ndim == 1 and str(variable.dims[0]).endswith("_value")
    has_letters = "alphabet" in variable.attrs
    if not (is_dense or is_flat) or variable.dtype.kind not in "fiub" or has_letters:
        what = "letters" if has_letters else f"{variable.dtype} {variable.dims}"
        msg = f"variable {name!r} must hold numbers along windows; found {what}"
        raise ValueError(msg)
    return variable, strand


def _letters(ds: xr.Dataset, name: str, sequence: str) -> xr.Variable:
    if sequence not in ds or ds[sequence].dims != (SEQUENCE, LENGTH):
        msg = (
            f"sequence must name the letters (_sequence, _length) that {name!r} is of, as only those of the "
            f"observed ones are written; found {sequence!r}"
        )
        raise ValueError(msg)
    return ds.variables[sequence]


def _places(
    name: str, variable: xr.Variable, windows: Any, extents: NDArray[np.int64], reverse: Any
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the part of its contig that each row's values cover."""
    low = windows["chromStart"].to_numpy(dtype=np.int64)
    high = windows["chromEnd"].to_numpy(dtype=np.int64)
    offset = int(variable.attrs.get("offset", 0))
    room = high - low - extents
    wrong = (room < offset) | (offset < 0) if "offset" in variable.attrs else room != 0
    if wrong.any():
        row = int(wrong.argmax())
        msg = (
            f"variable {name!r} must fill its windows; found {int(extents[row])} bp in a window of "
            f"{int(high[row] - low[row])} bp. Set its attributes bin_width and offset, bp"
        )
        raise ValueError(msg)
    starts = np.where(reverse, high - offset - extents, low + offset)
    return starts, starts + extents


def _contig_sizes(
    track: _Track, given: Mapping[str, int] | str | os.PathLike[str] | None
) -> dict[str, int]:
    import pandas as pd

    from seqpro import bed

    if isinstance(given, str | os.PathLike):
        return bed.read_contig_sizes(given)
    if given is not None:
        return dict(given)
    table = pd.DataFrame({"chrom": track.contigs, "chromStart": 0, "chromEnd": track.ends})
    longest = table.groupby("chrom", as_index=False, sort=False).max()
    ordered = bed.sort(longest)
    return dict(zip(ordered["chrom"], ordered["chromEnd"].tolist(), strict=True))


def _check_contigs(track: _Track, sizes: Mapping[str, int]) -> None:
    for contig in dict.fromkeys(track.contigs):
        if contig not in sizes:
            known = ", ".join(list(sizes)[:5])
            msg = f"contig_sizes must have every contig of the rows; it has no {contig!r} (only {known} ...)"
            raise ValueError(msg)
    beyond = track.starts >= np.array([sizes[contig] for contig in track.contigs], dtype=np.int64)
    if beyond.any():
        row = int(beyond.argmax())
        contig = track.contigs[row]
        msg = (
            f"rows must lie on their contigs; found one at {contig}:{int(track.starts[row])}, which has "
            f"{sizes[contig]} bp. Pass the contig sizes of the rows' genome"
        )
        raise ValueError(msg)


def _stretches(
    track: _Track, contig: str, reduce: Reduce
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Give stretches of a contig with their values, NaN where there is none, from left to right."""
    rows = np.flatnonzero(track.contigs == contig)
    rows = rows[np.argsort(track.starts[rows], kind="stable")]
    held, base = _Sums.over(0, reduce), 0
    for group in _groups(track, rows):
        low, high = int(track.starts[group[0]]), int(track.ends[group].max())
        done = max(0, low - base)
        yield base, held.values()[:done]
        held = held.shifted(done, max(high - low, held.size - done))
        base = low
        for row, values in zip(group, track.read(group), strict=True):
            _check_finite(track, int(row), values)
            held.add(int(track.starts[row]) - base, values)
    yield base, held.values()


def _groups(track: _Track, rows: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Cut rows, sorted by start, into groups that span and hold few positions."""
    first, held = 0, 0
    for i, row in enumerate(rows):
        size = int(track.ends[row] - track.starts[row])
        span = int(track.starts[row] - track.starts[rows[first]])
        if i > first and (held + size > _SPAN or span > _SPAN):
            yield rows[first:i]
            first, held = i, 0
        held += size
    if rows.size:
        yield rows[first:]


@dataclass
class _Sums:
    """Values of overlapping rows, brought together position by position."""

    totals: NDArray[np.float64]
    counts: NDArray[np.int64]
    reduce: Reduce

    @classmethod
    def over(cls, size: int, reduce: Reduce) -> _Sums:
        start = -np.inf if reduce == "max" else 0.0
        return cls(np.full(size, start), np.zeros(size, dtype=np.int64), reduce)

    @property
    def size(self) -> int:
        return self.counts.size

    def shifted(self, done: int, size: int) -> _Sums:
        """Leave out what is done, and make room for `size` positions."""
        found = _Sums.over(size, self.reduce)
        rest = self.size - done
        if rest > 0:
            found.totals[:rest], found.counts[:rest] = self.totals[done:], self.counts[done:]
        return found

    def add(self, start: int, values: NDArray[np.float64]) -> None:
        known = ~np.isnan(values)
        place = slice(start, start + values.size)
        self.counts[place] += known
        if self.reduce == "max":
            self.totals[place] = np.fmax(self.totals[place], values)
        else:
            self.totals[place] += np.where(known, values, 0.0)

    def values(self) -> NDArray[np.float32]:
        divisor = np.maximum(self.counts, 1) if self.reduce == "mean" else 1
        found = np.where(self.counts > 0, self.totals / divisor, np.nan)
        return found.astype(np.float32)


def _check_finite(track: _Track, row: int, values: NDArray[np.float64]) -> None:
    if np.isinf(values).any():
        msg = f"variable {track.name!r} must be finite or NaN; found infinity in the row at position {row}"
        raise ValueError(msg)


def _write(file: Any, contig: str, size: int, start: int, values: NDArray[np.float32]) -> None:
    """Write a stretch: runs of differing values base by base, others as intervals of one value."""
    values = values[max(0, -start) : max(0, size - start)]
    start = max(0, start)
    if not values.size:
        return
    bounds = np.flatnonzero(np.diff(values, prepend=np.float32(np.nan)) != 0)
    ends = np.append(bounds[1:], values.size)
    written = ~np.isnan(values[bounds])
    lows, highs = bounds[written], ends[written]
    known = ~np.isnan(values)
    edges = np.flatnonzero(np.diff(known, prepend=False, append=False))
    numbers = values.astype(np.float64)
    if 2 * lows.size > known.sum() and 2 * known.sum() >= _RUN * edges.size:
        for low, high in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            file.addEntries(contig, start + low, values=numbers[low:high], span=1, step=1)
    elif lows.size:
        places = (start + lows).tolist(), (start + highs).tolist()
        names = [contig] * lows.size
        file.addEntries(names, places[0], ends=places[1], values=numbers[lows].tolist())
