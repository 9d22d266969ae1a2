"""FASTA files: one record a row, or a genome to cut windows from."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqdata import _kernels
from seqdata.readers.arguments import keep_arguments
from seqdata.readers.compressed import bytes_of
from seqdata.readers.faidx import TO_UTF8, check_contig, contig_index
from seqdata.readers.letters import check_letters
from seqdata.readers.protocol import Axis, RowBlock
from seqpro import Ragged
from seqpro.parallel import run_blocks

_RECORDS = 50_000  # records in a block
_BLOCK = 64 << 20  # letters in a block
_RUN = 1 << 20  # most letters that are read in one go


class FlatFASTA:
    r"""A FASTA file, plain or gzipped, whose records are the rows.

    Parameters
    ----------
    path
        The file. A record's name is its header up to the first white space.

    Raises
    ------
    ValueError
        While reading, if the file does not begin with ``>``, a name is not UTF-8, or a record has no
        letters, white space between them, or letters that are not ASCII; the message names file and
        line.

    Examples
    --------
    >>> import pathlib, tempfile, seqdata as sd
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.fa"); _ = path.write_text(">x first\nAC\nGT\n>y\nA\n")
    >>> block = next(sd.FlatFASTA(path).blocks())
    >>> block.sequences.to_strings(), block.columns["name"].tolist()
    (['ACGT', 'A'], ['x', 'y'])
    """

    @keep_arguments
    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def files(self) -> list[str]:
        """Name the file."""
        return [os.fspath(self.path)]

    def blocks(self) -> Iterator[RowBlock]:
        """Give the records in the file's order."""
        names: list[str] = []
        sequences: list[bytes] = []
        size = 0
        for name, letters in self._records():
            names.append(name)
            sequences.append(letters)
            size += len(letters)
            if len(names) == _RECORDS or size > _BLOCK:
                yield _row_block(names, sequences)
                names, sequences, size = [], [], 0
        if names:
            yield _row_block(names, sequences)

    def _records(self) -> Iterator[tuple[str, bytes]]:
        opener: Any = gzip.open if self.path.suffix == ".gz" else open
        name: str | None = None
        header_line, parts = 0, list[bytes]()
        with opener(self.path, "rb") as stream:
            for number, line in enumerate(self._lines(stream), 1):
                text = line.strip()
                if text.startswith(b">"):
                    if name is not None:
                        yield name, self._joined(parts, header_line)
                    name, header_line, parts = self._name(text, number), number, []
                elif text:
                    if name is None:
                        msg = f"{self.path.name}, line {number}: a FASTA file must begin with '>'"
                        raise ValueError(msg)
                    parts.append(text)
        if name is not None:
            yield name, self._joined(parts, header_line)

    def _lines(self, stream: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from stream
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            msg = f"{self.path.name} is cut short or damaged: {error}. Copy or download it again"
            raise ValueError(msg) from None

    def _name(self, header: bytes, line: int) -> str:
        words = header[1:].split(None, 1)
        try:
            return words[0].decode() if words else ""
        except UnicodeDecodeError:
            msg = (
                f"{self.path.name}, line {line}: names of records must be UTF-8 text; found {words[0]!r}. "
                f"{TO_UTF8}"
            )
            raise ValueError(msg) from None

    def _joined(self, parts: list[bytes], header_line: int) -> bytes:
        letters = b"".join(parts)
        if not letters:
            msg = f"{self.path.name}, line {header_line}: expected letters after the header; found none"
            raise ValueError(msg)
        check_letters(letters, f"{self.path.name}, record of line {header_line}")
        return letters


class GenomeFASTA:
    r"""A genome as a FASTA file, plain or compressed by bgzip, to cut windows from.

    Where its contigs stand is read from the ``.fai`` (and the ``.gzi``) beside the file, if there is one that
    is not older than the file. Else the file is read once from end to end; for a compressed file, which takes
    longer, the indexes are then written beside it where that is possible. Letters keep their case.

    Parameters
    ----------
    path
        The FASTA file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is compressed by gzip, cut short or no UTF-8 text, two contigs have one name, lines of a
        contig differ in length, or an index does not fit the file.

    Examples
    --------
    >>> import pathlib, tempfile, pandas as pd, seqdata as sd
    >>> path = pathlib.Path(tempfile.mkdtemp(), "g.fa"); _ = path.write_text(">chr1\nACGTA\nCC\n")
    >>> region = pd.DataFrame({"chrom": ["chr1"], "chromStart": [3], "chromEnd": [9]})
    >>> sd.chars(sd.build(region, seq=sd.GenomeFASTA(path)), "seq").values.tobytes()
    b'TACCNN'
    """

    dtype: np.dtype[Any] = np.dtype(np.uint8)
    fill = float(ord("N"))
    is_sequence = True

    @keep_arguments
    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        if not self.path.exists():
            msg = f"no FASTA file at {self.path}"
            raise FileNotFoundError(msg)
        self._source = bytes_of(self.path)
        self._index = contig_index(self._source)
        self._checked: set[str] = set()

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what was checked, so that a reader that has read is the same reader."""
        return {**self.__dict__, "_checked": set()}

    def contigs(self) -> Mapping[str, int]:
        """Give each contig's length, bp, in the file's order."""
        return {name: entry.length for name, entry in self._index.items()}

    def axes(self) -> tuple[Axis, ...]:
        """A sequence has no axes but its positions."""
        return ()

    def files(self) -> list[str]:
        """Name the file."""
        return [os.fspath(self.path)]

    def read(
        self,
        contig: str,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        out: NDArray[Any],
        places: NDArray[np.int64],
    ) -> None:
        """Write the letters of intervals within one contig, near ones read in one go."""
        entry = self._index[contig]
        if contig not in self._checked:
            check_contig(self._source, contig, entry)
            self._checked.add(contig)
        starts, ends, places = _pieces(starts, ends, places)
        runs = _kernels.gather.near_runs(starts, ends, self._source.gap, _RUN)
        reached = np.cumsum(runs[:, 3] - runs[:, 2])
        batches = [0, *(np.flatnonzero(np.diff(reached // _RUN)) + 1).tolist(), len(runs)]

        def work(first: int, last: int) -> None:
            for batch in range(first, last):
                part = runs[batches[batch] : batches[batch + 1]]
                self._read_runs(contig, part, starts, ends, out, places)

        run_blocks(work, len(batches) - 1, block=1)

    def _read_runs(
        self,
        contig: str,
        runs: NDArray[np.int64],
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        out: NDArray[np.uint8],
        places: NDArray[np.int64],
    ) -> None:
        """Read the bytes of some runs and copy the intervals out of them."""
        entry = self._index[contig]
        lows = entry.places(runs[:, 2])
        sizes = entry.places(runs[:, 3] - 1) + 1 - lows
        raw_places = np.cumsum(sizes) - sizes
        raw = np.empty(int(sizes.sum()), np.uint8)
        with self._source.open() as stream:
            for low, size, place in np.stack([lows, sizes, raw_places], axis=1).tolist():
                self._source.fill(stream, low, raw[place : place + size])
        lines = np.array([entry.line_letters, entry.line_bytes])
        letters = np.empty(int((runs[:, 3] - runs[:, 2]).max()), np.uint8)
        stray = _kernels.lines.read_runs(
            raw, raw_places, runs, lines, letters, starts, ends, out, places
        )
        if stray >= 0:
            msg = (
                f"contig {contig!r} of {self.path.name} must have {entry.line_letters} letters "
                f"on each line; found otherwise near position {stray}. Delete {self.path.name}.fai if "
                "there is one, so that it is made anew"
            )
            raise ValueError(msg)


def _row_block(names: list[str], sequences: list[bytes]) -> RowBlock:
    return RowBlock(Ragged.from_bytes(sequences), {"name": np.array(names, dtype=object)})


def _pieces(
    starts: NDArray[np.int64], ends: NDArray[np.int64], places: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Cut intervals that are too long to be read in one go, and sort what comes of it by start."""
    counts = np.maximum(-(-(ends - starts) // _RUN), 1)
    if (counts == 1).all() and (starts[:-1] <= starts[1:]).all():
        return starts, ends, places
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    lows = np.repeat(starts, counts) + number * _RUN
    highs = np.minimum(lows + _RUN, np.repeat(ends, counts))
    order = np.argsort(lows, kind="stable")
    return lows[order], highs[order], (np.repeat(places, counts) + number * _RUN)[order]
