"""The text of VCF and BCF records, fetched by place."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqdata import _kernels
from seqdata.readers import vcf_checks
from seqdata.readers.linear_index import LinearIndex
from seqdata.readers.variant_files import quiet_htslib

_LEAST, _MOST = 1 << 16, 1 << 20  # bytes read at a time: few at first
_APART = 1 << 16  # bytes of the file that are worth reading on rather than beginning anew
_WHOLE = 8 << 20  # bytes of the file that a contig may take to be read whole
_KEPT = 128 << 20  # bytes of text that are kept of contigs that were read whole
_NEWLINE, _RETURN, _HASH = b"\n\r#"


@dataclass(frozen=True)
class Lines:
    r"""The text of records, of which only the first fields are looked at.

    Parameters
    ----------
    text
        All lines, each with a line end.
    line_ends
        Where each line ends, shape (records,).
    columns
        Where the first ten fields of each line begin, or -1, shape (records, 10).
    positions, ends
        Bases of the reference that a record is about, 0-based half-open, shape (records,).

    Examples
    --------
    >>> text = np.frombuffer(b"c\t3\t.\tAC\tA\t.\t.\t.\tGT\t0|1\n", np.uint8)
    >>> Lines.of(text, np.array([0]), np.array([text.size - 1]), "a.vcf.gz").ends
    array([4])
    """

    text: NDArray[np.uint8]
    line_ends: NDArray[np.int64]
    columns: NDArray[np.int64]
    positions: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        text: NDArray[np.uint8],
        line_begins: NDArray[np.int64],
        line_ends: NDArray[np.int64],
        name: str,
    ) -> Lines:
        """Find the fields of lines; `name` is the file's."""
        columns, positions = _kernels.vcf_text.find_fields(text, line_begins, line_ends)
        found = cls(text, line_ends, columns, positions, positions)
        if (columns[:, 9] < 0).any():
            vcf_checks.refuse_line(found.line(int((columns[:, 9] < 0).argmax())), name)
        ends = _kernels.vcf_text.record_ends(text, columns, positions)
        return replace(found, ends=ends)

    def line(self, row: int) -> str:
        """Give one line."""
        line = self.text[self.columns[row, 0] : self.line_ends[row]]
        return line.tobytes().decode("latin-1")

    def kept(self, mask: NDArray[np.bool_] | NDArray[np.intp]) -> Lines:
        """Give some of the lines, by a mask or their numbers."""
        return Lines(
            self.text,
            self.line_ends[mask],
            self.columns[mask],
            self.positions[mask],
            self.ends[mask],
        )

    def cut(self, first: int, last: int) -> Lines:
        """Give the lines from number `first` to `last`, without the text around them."""
        rows, low = slice(first, last), int(self.columns[first, 0])
        columns = self.columns[rows]
        return Lines(
            self.text[low : self.line_ends[last - 1] + 1],
            self.line_ends[rows] - low,
            np.where(columns < 0, -1, columns - low),
            self.positions[rows],
            self.ends[rows],
        )

    def joined(self, *others: Lines) -> Lines:
        """Append other lines, of this text or of others."""
        parts = [part for part in (self, *others) if len(part.positions)]
        if len(parts) < 2:
            return parts[0] if parts else self
        text, shifts = parts[0].text, [0] * len(parts)
        if any(part.text is not text for part in parts):
            text = np.concatenate([part.text for part in parts])
            shifts = np.cumsum([0, *(part.text.size for part in parts[:-1])]).tolist()
        moved = list(zip(parts, shifts, strict=True))
        columns = [np.where(p.columns < 0, -1, p.columns + shift) for p, shift in moved]
        return Lines(
            text,
            np.concatenate([part.line_ends + shift for part, shift in moved]),
            np.concatenate(columns),
            np.concatenate([part.positions for part in parts]),
            np.concatenate([part.ends for part in parts]),
        )

    def needed(
        self, starts: NDArray[np.int64], ends: NDArray[np.int64], *, beyond: bool
    ) -> tuple[NDArray[np.bool_], int]:
        """Find the records that windows depend on, and the place from which on none do.

        Parameters
        ----------
        starts, ends
            0-based half-open windows, shape (n,).
        beyond
            Whether deletions draw in what is to the right of a window.
        """
        deleted = np.append(0, np.cumsum(self.columns[:, 4] - self.columns[:, 3] - 2))
        reach = ends + 1  # letters may be inserted before the base behind a window
        while True:
            first, count = stretches(self.positions, self.ends, starts, reach)
            wider = ends + 1 + deleted[first + count] - deleted[first]
            if not beyond or (wider <= reach).all():
                break
            reach = np.maximum(wider, reach)
        steps = np.zeros(len(self.positions) + 1, np.int64)
        np.add.at(steps, first, 1)
        np.add.at(steps, first + count, -1)
        return np.cumsum(steps[:-1]) > 0, int(reach.max())


def stretches(
    positions: NDArray[np.int64],
    ends: NDArray[np.int64],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the variants that each window depends on.

    They begin with the first of the overlapping ones that reach over the window's start, since it decides
    which of the others hold.

    Parameters
    ----------
    positions, ends
        0-based half-open variants, sorted by position, shape (variants,).
    low, high
        0-based half-open windows, shape (n,).

    Returns
    -------
    Number of each window's first variant, and how many there are, shape (n,) both

    Examples
    --------
    >>> stretches(np.array([1, 3, 9]), np.array([4, 6, 10]), np.array([5, 6]), np.array([8, 12]))
    (array([0, 2]), array([2, 1]))
    """
    furthest = np.maximum.accumulate(ends)
    is_apart = np.append(True, positions[1:] >= furthest[:-1])[: positions.size]
    chain = np.maximum.accumulate(np.where(is_apart, np.arange(positions.size), 0))
    first = np.append(chain, positions.size)[np.searchsorted(furthest, low, side="right")]
    return first, np.maximum(np.searchsorted(positions, high) - first, 0)


@contextmanager
def opened(
    path: Path, index: LinearIndex | None, kept: dict[str, Lines] | None = None
) -> Iterator[TextFile | RecordFile]:
    """Open a file to fetch records from: text by its index, which is several times as fast; else BCF.

    Parameters
    ----------
    path
        The file.
    index
        Its index; None for BCF.
    kept
        The text of whole contigs, by name, which is added to for the next time.

    Raises
    ------
    ValueError
        If the file turns out to be damaged while it is read.

    Examples
    --------
    >>> with opened(Path("trio.bcf"), None) as file:
    ...     file.head(3)
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] Could not open variant file: No such file or directory: 'trio.bcf'
    """
    import pysam

    with quiet_htslib():
        try:
            if index is None:
                with pysam.VariantFile(os.fspath(path)) as records:
                    yield RecordFile(records, path.name)
            else:
                with pysam.BGZFile(os.fspath(path), "rb", None) as file:
                    yield TextFile(file, index, path.name, {} if kept is None else kept)
        except FileNotFoundError:
            raise
        except OSError as error:
            msg = f"{path.name} must be whole; it cannot be decompressed ({error}). Copy it anew"
            raise ValueError(msg) from None


class RecordFile:
    """An opened BCF file.

    Parameters
    ----------
    records
        The file, as pysam opens it.
    name
        Its name.

    Examples
    --------
    >>> RecordFile(iter(()), "a.bcf").head(3).positions.size
    0
    """

    def __init__(self, records: Any, name: str) -> None:
        self._records, self._name = records, name

    def fetch(self, contig: str, low: int, high: int) -> Lines:
        """Give the records that overlap a 0-based half-open interval."""
        known = contig in self._records.header.contigs
        return self._lines(self._records.fetch(contig, low, high) if known else ())

    def head(self, n: int) -> Lines:
        """Give the first records."""
        return self._lines(islice(self._records, n))

    def is_small(self, contig: str) -> bool:  # noqa: ARG002
        """Whether a contig is read whole: none is."""
        return False

    def _lines(self, records: Any) -> Lines:
        lines = [str(record).rstrip("\n").encode("latin-1", "replace") for record in records]
        sizes = np.array([len(line) for line in lines], np.int64) + 1
        ends = np.cumsum(sizes)
        text = np.frombuffer(b"\n".join([*lines, b""]), np.uint8)
        return Lines.of(text, ends - sizes, ends - 1, self._name)


class TextFile:
    """An opened VCF file. Contigs that take little of it are read whole; of others the text goes along.

    Parameters
    ----------
    file
        The file, as pysam decompresses it.
    index
        Its index.
    name
        Its name.
    kept
        The text of whole contigs, by name, which is added to.

    Examples
    --------
    >>> TextFile(None, LinearIndex(14, ()), "a.vcf.gz", {}).fetch("chr1", 0, 9).positions.size
    0
    """

    def __init__(self, file: Any, index: LinearIndex, name: str, kept: dict[str, Lines]) -> None:
        self._file, self._index, self._name, self._whole = file, index, name, kept
        self._contig, self._low = "", 0  # what is kept is whole from there on
        self._kept = list[Lines]()
        self._rest, self._is_done = b"", True

    def head(self, n: int) -> Lines:
        """Give the first records."""
        self._begin(0)
        parts, count = list[Lines](), 0
        while count < n and not self._is_done:
            parts.append(self._next(_LEAST, None))
            count += len(parts[-1].positions)
        self._is_done, self._contig = True, ""
        return self._none().joined(*parts).kept(np.arange(min(count, n)))

    def fetch(self, contig: str, low: int, high: int) -> Lines:
        """Give the records that overlap a 0-based half-open interval."""
        names = self._index.names
        offset = self._index.offset(names.index(contig), low) if contig in names else None
        if offset is None:
            return self._none()
        if self.is_small(contig):
            lines = self._whole.get(contig) or self._read_whole(contig)
            last = int(np.searchsorted(lines.positions, high))
            return lines.kept(np.flatnonzero(lines.ends[:last] > low))
        is_near = contig == self._contig and low >= self._low
        if not is_near or (
            not self._is_done and (offset >> 16) > (self._file.tell() >> 16) + _APART
        ):
            self._begin(offset)
            self._contig, self._low = contig, low
        size = _LEAST
        while not self._is_done and not (self._kept and self._kept[-1].positions[-1] >= high):
            lines = self._next(size, contig)
            self._kept += [lines] if len(lines.positions) else []
            size = min(2 * size, _MOST)
        while self._kept and (furthest := int(self._kept[0].ends.max())) <= low:
            self._low = max(self._low, furthest)
            del self._kept[0]
        parts = list[Lines]()
        for lines in self._kept:
            chosen = np.flatnonzero((lines.positions < high) & (lines.ends > low))
            if chosen.size:
                part = lines.cut(int(chosen[0]), int(chosen[-1]) + 1)
                parts.append(part.kept(part.ends > low))
        return self._none().joined(*parts)

    def is_small(self, contig: str) -> bool:
        """Whether a contig takes so little of the file that it is read whole."""
        names = self._index.names
        known = self._index.offsets[names.index(contig)].tolist() if contig in names else []
        return not known or (known[-1] >> 16) - (known[0] >> 16) <= _WHOLE

    def _read_whole(self, contig: str) -> Lines:
        """Read all records of a contig, and keep them for the next time."""
        number = self._index.names.index(contig)
        self._begin(int(self._index.offset(number, 0) or 0))
        parts = list[Lines]()
        while not self._is_done:
            parts.append(self._next(_MOST, contig))
        lines, self._contig = self._none().joined(*parts), ""
        while self._whole and sum(other.text.size for other in self._whole.values()) > _KEPT:
            del self._whole[next(iter(self._whole))]
        self._whole[contig] = lines
        return lines

    def _begin(self, offset: int) -> None:
        self._file.seek(offset)
        self._kept, self._rest, self._is_done = [], b"", False

    def _none(self) -> Lines:
        none = np.zeros(0, np.int64)
        return Lines.of(np.zeros(0, np.uint8), none, none, self._name)

    def _next(self, size: int, contig: str | None) -> Lines:
        """Read on; lines of other contigs end what there is of this one."""
        more = self._file.read(size)
        data = self._rest + (more or (b"\n" if self._rest else b""))
        self._is_done = not more
        text = np.frombuffer(data, np.uint8)
        newlines = np.flatnonzero(text == _NEWLINE)
        used = int(newlines[-1]) + 1 if newlines.size else 0
        self._rest = data[used:]
        begins = np.append(0, newlines[:-1] + 1)[: newlines.size]
        is_record = (text[begins] != _HASH) & (newlines > begins)
        if contig is not None:
            is_own = _kernels.vcf_text.begins_with(text, begins, contig.encode() + b"\t")
            self._is_done |= bool((is_record & ~is_own).any())
            is_record &= is_own
        ends = newlines[is_record]
        ends = ends - (text[ends - 1] == _RETURN)
        return Lines.of(text, begins[is_record], ends, self._name)
