"""Indexes of sorted, block-compressed files: where to begin to read for a place on a contig."""

from __future__ import annotations

import gzip
import logging
import os
import struct
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from seqdata.readers.compressed import blocks_from

_log = logging.getLogger(__name__)

_APART = 1 << 15  # bytes of the file that are worth reading on rather than beginning anew
_UNKNOWN = 2**64 - 1
_SHIFT = 14  # stretches of .bai and .tbi are of 2**14 bp
_ZERO_BASED = 0x10000  # how a tabix index marks 0-based half-open coordinates


@dataclass(frozen=True)
class LinearIndex:
    """Where the first record that reaches into each stretch of each contig stands.

    Parameters
    ----------
    shift
        Length of a stretch: 2 to this power, bp.
    offsets
        For each contig the virtual file offset of each stretch, shape (stretches,).
    names
        Names of the contigs, where the index has them (tabix).
    columns
        Columns of contig, start and end from 1, and 0x10000 for 0-based starts, in a tabix index.
    """

    shift: int
    offsets: tuple[NDArray[np.uint64], ...]
    names: tuple[str, ...] = ()
    columns: tuple[int, ...] = ()

    def offset(self, contig: int, position: int) -> int | None:
        """Give the virtual offset to read from for what reaches `position` or lies after it."""
        known = self.offsets[contig] if contig < len(self.offsets) else ()
        return (
            int(known[min(max(position, 0) >> self.shift, len(known) - 1)]) if len(known) else None
        )

    def is_near(
        self, contig: int, ends: NDArray[np.int64], starts: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Whether the file is better read on from each end to a start than begun anew there."""
        known = self.offsets[contig] if contig < len(self.offsets) else np.empty(0, np.uint64)
        if not known.size:
            return np.ones(ends.size, dtype=bool)
        here, there = (
            known[np.minimum(places >> self.shift, known.size - 1)] >> 16
            for places in (ends, starts)
        )
        return there <= here + _APART


def read_index(path: str | os.PathLike[str]) -> LinearIndex:
    r"""Read a ``.bai``, ``.tbi`` or ``.csi`` index.

    Parameters
    ----------
    path
        The index.

    Returns
    -------
    The index, with one array of offsets a contig

    Raises
    ------
    ValueError
        If the file is no index, or is cut short.

    Notes
    -----
    Formats: the SAM and BAM specification, section 5 (BAI), and the Tabix and CSIv1 specifications.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "empty.bai"); _ = path.write_bytes(b"BAI\1" + bytes(4))
    >>> read_index(path).offsets
    ()
    """
    data = Path(path).read_bytes()
    try:
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        return _parsed(data)
    except (struct.error, EOFError, gzip.BadGzipFile, KeyError, ValueError) as error:
        msg = (
            f"{Path(path).name} must be a .bai, .tbi or .csi index; it cannot be read as one ({error}). "
            "Delete it, so that it is made anew"
        )
        raise ValueError(msg) from None


def _parsed(data: bytes) -> LinearIndex:
    magic = data[:4]
    if magic == b"BAI\1":
        return LinearIndex(_SHIFT, _linear(data, _number(data, 4), 8, is_text=False))
    if magic == b"TBI\1":
        names, columns, place = _tabix_header(data, 8)
        offsets = _linear(data, _number(data, 4), place, is_text=True)
        return LinearIndex(_SHIFT, offsets, names, columns)
    if magic == b"CSI\1":
        shift, depth, size = struct.unpack_from("<3i", data, 4)
        names, columns, _ = _tabix_header(data, 16) if size else ((), (), 0)
        place = 16 + size
        offsets = _from_bins(data, _number(data, place), place + 4, depth, is_text=size > 0)
        return LinearIndex(shift, offsets, names, columns)
    msg = f"it begins with {magic!r}"
    raise ValueError(msg)


def _number(data: bytes, place: int) -> int:
    return int(struct.unpack_from("<i", data, place)[0])


def _tabix_header(data: bytes, place: int) -> tuple[tuple[str, ...], tuple[int, ...], int]:
    kind, contig, start, end, _, _, size = struct.unpack_from("<7i", data, place)
    words = data[place + 28 : place + 28 + size].split(b"\0")[:-1]
    names = tuple(word.decode() for word in words)
    return names, (contig, start, end, kind & _ZERO_BASED), place + 28 + size


def _linear(
    data: bytes, contigs: int, place: int, *, is_text: bool
) -> tuple[NDArray[np.uint64], ...]:
    offsets = []
    for contig in range(contigs):
        bins, place = _number(data, place), place + 4
        for _ in range(bins):
            place += 8 + 16 * _number(data, place + 4)
        size, place = _number(data, place), place + 4
        stretches = np.frombuffer(data, "<u8", size, place)
        offsets.append(_filled(stretches, at_start=is_text and contig == 0))
        place += 8 * size
    return tuple(offsets)


def _from_bins(
    data: bytes, contigs: int, place: int, depth: int, *, is_text: bool
) -> tuple[NDArray[np.uint64], ...]:
    """Offsets from bins alone, each of which knows the first record that reaches into its start."""
    firsts = [(8**level - 1) // 7 for level in range(depth + 2)]  # number of each level's first bin
    offsets = []
    for contig in range(contigs):
        bins, place = _number(data, place), place + 4
        stretches: dict[int, int] = {}
        for _ in range(bins):
            number, offset, chunks = struct.unpack_from("<IQi", data, place)
            place += 16 + 16 * chunks
            if number < firsts[-1]:  # the others hold counts
                level = max(i for i in range(depth + 1) if firsts[i] <= number)
                stretches[(number - firsts[level]) << 3 * (depth - level)] = offset
        known = np.zeros(max(stretches) + 1 if stretches else 0, np.uint64)
        known[list(stretches)] = list(stretches.values())
        offsets.append(_filled(known, at_start=is_text and contig == 0))
    return tuple(offsets)


def _filled(offsets: NDArray[np.uint64], *, at_start: bool) -> NDArray[np.uint64]:
    """Give stretches without records the offset before them, which is early enough.

    No record stands at offset 0 but in the first contig of a text file.
    """
    reached = np.maximum.accumulate(np.where(offsets == _UNKNOWN, 0, offsets).astype(np.uint64))
    known = reached[reached > 0]
    if at_start:
        return reached
    return np.where(reached == 0, known[0], reached) if known.size else known


def find_or_make_index(
    path: str, endings: tuple[str, ...], make: Callable[[str], object], how: str
) -> str:
    """Find a file's index, or make one beside it.

    Parameters
    ----------
    path
        The file.
    endings
        Endings of an index's name, the one to be made first.
    make
        Writes an index to the path it is given.
    how
        Command that makes the index, for the error.

    Returns
    -------
    Path of the index

    Raises
    ------
    ValueError
        If there is none and none can be made.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp()); _ = (folder / "a.bam").touch(), (folder / "a.bai").touch()
    >>> pathlib.Path(find_or_make_index(str(folder / "a.bam"), (".bai",), print, "samtools index")).name
    'a.bai'
    """
    for ending in endings:
        for found in (path + ending, str(Path(path).with_suffix(ending))):
            if os.path.exists(found):
                if os.path.getmtime(found) < os.path.getmtime(path):
                    _log.warning(
                        "%s is older than %s; if that has changed since, make the index anew: %s",
                        Path(found).name, Path(path).name, how,
                    )  # fmt: skip
                return found
    folder = Path(path).parent
    name = Path(path).name
    if not os.access(folder, os.W_OK):
        msg = f"{name} must have an index; found none, and {folder} cannot be written. Run: {how}"
        raise ValueError(msg)
    _log.warning("%s has no index; it is made beside the file", name)
    with tempfile.TemporaryDirectory(dir=folder, prefix=f".{name}.") as temporary:
        made = os.path.join(temporary, name + endings[0])
        try:
            make(made)
            os.replace(made, path + endings[0])
        except Exception as error:
            msg = (
                f"{name} must have an index, and none can be made: {' '.join(str(error).split())}. Is it "
                f"sorted by position and whole? Then run: {how}"
            )
            raise ValueError(msg) from None
    return path + endings[0]


def scan(
    stream: BinaryIO, offset: int, take: Callable[[NDArray[np.uint8]], tuple[int, bool]]
) -> None:
    """Read a block-compressed file from a virtual offset until what is taken says it is enough.

    Parameters
    ----------
    stream
        The file, open.
    offset
        Virtual offset of the first record.
    take
        Is given bytes, and answers how many it has used and whether it is done; what it leaves comes
        again, with more behind it.

    Raises
    ------
    ValueError
        If the file ends within a record, or cannot be decompressed.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from seqdata.readers.compressed import bgzip
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.gz"); _ = path.write_bytes(bgzip(b"ACGT"))
    >>> with path.open("rb") as stream:
    ...     scan(stream, 1, lambda data: (print(data.tobytes()) or data.size, True))
    b'CGT'
    """
    rest, skip = b"", offset & 0xFFFF
    for block in blocks_from(stream, offset >> 16):
        data = np.frombuffer(rest + block if rest else block, np.uint8)[skip:]
        used, is_done = take(data)
        if is_done:
            return
        rest, skip = data[used:].tobytes(), 0
    if rest:
        msg = f"{Path(stream.name).name} ends within a record: it is cut short. Copy it anew"
        raise ValueError(msg)
