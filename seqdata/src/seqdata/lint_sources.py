"""What a linter looks at: regions, their windows, and what readers say there, read in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqdata.findings import Finding, Severity
from seqdata.progress import progress
from seqdata.readers.protocol import RegionSource
from seqdata.summaries import (
    SEED,
    LetterSummary,
    TrackSummary,
    blocks_of,
    sampled_rows,
    summarise_letters,
    summarise_tracks,
)
from seqpro import Ragged
from seqpro.bed import Center

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 100_000
"""Windows whose values are read."""
_MOST_VALUES = 1 << 28  # values of those windows
_BLOCK_BYTES = 16 << 20
_READING = (ValueError, OSError, RuntimeError, EOFError, KeyError)  # what unreadable files raise


@dataclass(frozen=True)
class Sources:
    """What the checks look at.

    Parameters
    ----------
    regions, windows
        Tables of the same rows: the regions as given, and the windows that would be read.
    readers
        Readers by name.
    alias
        Name in the files for the regions' name of a contig.
    splits
        Split of each row, or None.
    length, center
        As in `build`.
    """

    regions: pd.DataFrame
    windows: pd.DataFrame
    readers: dict[str, RegionSource]
    alias: dict[str, str]
    splits: NDArray[np.object_] | None
    length: int | None
    center: Center

    @cached_property
    def contigs(self) -> tuple[NDArray[np.intp], list[str]]:
        """Number of each window's contig, and the names that these are numbers of."""
        import pandas as pd

        numbers, names = pd.factorize(self.windows["chrom"])
        return numbers, [str(name) for name in names]

    @cached_property
    def bounds(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Starts and ends of the windows."""
        return (
            self.windows["chromStart"].to_numpy(np.int64),
            self.windows["chromEnd"].to_numpy(np.int64),
        )

    def place(self, row: int) -> str:
        """Name a region."""
        return place_of(self.regions, row)

    def marked(
        self, severity: Severity, check: str, source: str, rows: NDArray[np.bool_], message: str
    ) -> Iterator[Finding]:
        """Make a finding of the rows that are marked, unless none is; `message` goes on after "5 of 9"."""
        if rows.any():
            count = int(rows.sum())
            example = self.place(int(rows.argmax()))
            text = f"{count:,} of {len(rows):,} {message}"
            yield Finding(severity, check, source, text, count, example)

    def file_names(self, reader: RegionSource) -> list[str]:
        """Name of each contig in the reader's file."""
        known = reader.contigs()
        return [name if name in known else self.alias.get(name, name) for name in self.contigs[1]]

    def lengths(self, reader: RegionSource) -> NDArray[np.int64]:
        """Length of each region's contig, -1 where the reader lacks it."""
        known = reader.contigs()
        lengths = [known.get(name, -1) for name in self.file_names(reader)]
        return np.array(lengths, dtype=np.int64)[self.contigs[0]]

    def readable(self, reader: RegionSource) -> Sample:
        """Give the windows that a reader has something of, cut to their contigs."""
        starts, ends = self.bounds
        low, high = np.maximum(starts, 0), np.minimum(ends, self.lengths(reader))
        rows = np.flatnonzero(high > low)
        numbers = self.contigs[0][rows]
        names = self.file_names(reader)
        return Sample(reader, rows, numbers, names, low[rows], high[rows], rows.size)

    @cached_property
    def reads(self) -> Reads:
        """Read all letters, and the values of a sample of the windows, from every reader."""
        reads = Reads({}, {}, {})
        for name, reader in self.readers.items():
            whole = self.readable(reader)
            if not whole.total:
                continue
            sample = whole.drawn(places=_MOST_VALUES // whole.width)
            try:
                if reader.is_sequence and not reader.axes():
                    reads.letters[name] = (whole, whole.letters())
                elif not reader.is_sequence and reader.dtype.kind in "fu":
                    reads.values[name] = (sample, sample.values())
                else:
                    sample.read_all()
            except _READING as error:
                reads.errors[name] = error
        return reads


@dataclass(frozen=True)
class Reads:
    """What readers said in windows, by their names.

    Parameters
    ----------
    letters
        Readers of one sequence a window.
    values
        Readers of tracks.
    errors
        Readers that raised instead.
    """

    letters: dict[str, tuple[Sample, LetterSummary]]
    values: dict[str, tuple[Sample, TrackSummary]]
    errors: dict[str, Exception]


@dataclass(frozen=True)
class Sample:
    """Windows that are read from one reader, cut to their contigs, of `total` that could be."""

    reader: RegionSource
    rows: NDArray[np.intp]
    contigs: NDArray[np.intp]
    contig_names: list[str]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    total: int

    @property
    def width(self) -> int:
        """Values at a position."""
        return width_of(self.reader)

    @property
    def names(self) -> list[str]:
        """Name of each value at a position, such as a sample and its strand."""
        names = [""]
        for axis in self.reader.axes():
            names = [f"{name} {label}".strip() for name in names for label in axis.labels]
        return names

    @property
    def words(self) -> str:
        """Say how many windows were read."""
        if len(self.rows) == self.total:
            return f"{self.total:,} windows"
        return f"{len(self.rows):,} of {self.total:,} windows (drawn with seed {SEED})"

    def blocks(self) -> Iterator[NDArray[np.intp]]:
        """Give the places of the windows in the order of the genome, as many as fit into memory a time."""
        room = _BLOCK_BYTES // (self.width * np.dtype(self.reader.dtype).itemsize)
        order = np.lexsort((self.starts, self.contigs))
        parts = list(blocks_of((self.ends - self.starts)[order], max(1, room)))
        for part in progress(parts, description="linting"):
            yield order[part]

    def read(self, part: NDArray[np.intp]) -> NDArray[Any]:
        """Read the values of some windows one after the other, shape (*axes, places)."""
        starts, ends, contigs = self.starts[part], self.ends[part], self.contigs[part]
        sizes = ends - starts
        places = np.cumsum(sizes) - sizes
        inner = tuple(len(axis.labels) for axis in self.reader.axes())
        out = np.full((*inner, int(sizes.sum())), self.reader.fill, self.reader.dtype)
        order = np.lexsort((starts, contigs))
        for chosen in np.split(order, np.flatnonzero(np.diff(contigs[order])) + 1):
            contig = self.contig_names[contigs[chosen[0]]]
            self.reader.read(contig, starts[chosen], ends[chosen], out, places[chosen])
        return out

    def sequences(self, part: NDArray[np.intp]) -> Ragged:
        """Read the letters of some windows."""
        return Ragged.from_sizes(self.read(part), self.ends[part] - self.starts[part])

    def letters(self) -> LetterSummary:
        """Sum up the letters."""
        blocks = ((part, self.sequences(part)) for part in self.blocks())
        return summarise_letters(blocks, len(self.rows), is_nucleic=True)

    def values(self) -> TrackSummary:
        """Sum up the values of each sample."""
        blocks = (self.read(part).reshape(self.width, -1) for part in self.blocks())
        return summarise_tracks(blocks, self.width)

    def read_all(self) -> None:
        """Read all windows, to see that they can be read."""
        for part in self.blocks():
            self.read(part)

    def marked(
        self, severity: Severity, check: str, source: str, found: NDArray[np.bool_], message: str
    ) -> Iterator[Finding]:
        """Make a finding of the windows that are marked, unless none is."""
        if found.any():
            count, row = int(found.sum()), int(found.argmax())
            text = f"{count:,} of {self.words} {message}"
            contig = self.contig_names[self.contigs[row]]
            example = f"{contig}:{self.starts[row]}-{self.ends[row]}"
            yield Finding(severity, check, source, text, count, example)

    def drawn(self, *, places: int) -> Sample:
        """Draw at most `MOST_ROWS` of the windows, which have at most so many places."""
        chosen = sampled_rows(self.ends - self.starts, rows=MOST_ROWS, places=places)
        return replace(
            self,
            rows=self.rows[chosen],
            contigs=self.contigs[chosen],
            starts=self.starts[chosen],
            ends=self.ends[chosen],
        )


def place_of(table: pd.DataFrame, row: int) -> str:
    """Name the place of a row, 0-based.

    Examples
    --------
    >>> import pandas as pd
    >>> place_of(pd.DataFrame({"chrom": ["c"], "chromStart": [1], "chromEnd": [4]}), 0)
    'c:1-4'
    """
    chrom, start, end = (table[name].iloc[row] for name in ("chrom", "chromStart", "chromEnd"))
    return f"{chrom}:{start}-{end}"


def width_of(reader: RegionSource) -> int:
    """Give the number of values that a reader has at a position."""
    return int(np.prod([len(axis.labels) for axis in reader.axes()], dtype=np.int64))
