"""What a bigWig file says of itself: its contigs, and where its blocks of values stand."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import DTypeLike, NDArray

from seqdata.readers.compressed import PlainBytes, inflate

_BIGWIG, _CONTIGS, _INDEX = 0x888FFC26, 0x78CA8C91, 0x2468ACE0  # how file and trees begin
_HEADER = struct.Struct("<I2H3Q2H2QIQ")
_CONTIGS_HEADER = struct.Struct("<4I2Q")
_INDEX_HEADER = struct.Struct("<2IQ4IQ2I")
_NODE = struct.Struct("<2BH")  # whether it is a leaf, nothing, number of its items
_BOUNDS = [("first_contig", "<u4"), ("start", "<u4"), ("last_contig", "<u4"), ("end", "<u4")]
_LEAF = np.dtype([*_BOUNDS, ("place", "<u8"), ("size", "<u8")])
_BRANCH = np.dtype([*_BOUNDS, ("place", "<u8")])
_LONGEST_NAME = 1 << 12
_MOST = 1 << 20  # bytes of room that a block is given at once, whatever the file says

Items = NDArray[Any]


@dataclass(frozen=True)
class Blocks:
    """Where the blocks of values of one contig stand, in the order of the contig.

    Parameters
    ----------
    starts
        Where each begins on the contig, 0-based, shape (blocks,).
    reached
        How far it and those before it reach, exclusive, shape (blocks,).
    places, sizes
        Where the bytes of each stand in the file, and their number, shape (blocks,).
    """

    starts: NDArray[np.int64]
    reached: NDArray[np.int64]
    places: NDArray[np.int64]
    sizes: NDArray[np.int64]

    def __getitem__(self, chosen: slice | NDArray[np.bool_]) -> Blocks:
        return Blocks(
            self.starts[chosen], self.reached[chosen], self.places[chosen], self.sizes[chosen]
        )

    def touching(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Blocks:
        """Keep the blocks that may hold values of intervals, 0-based half-open, shape (n,)."""
        n = self.starts.size + 1
        first = np.searchsorted(self.reached, starts, side="right")
        last = np.searchsorted(self.starts, ends, side="left")
        asked = np.cumsum(np.bincount(first, minlength=n) - np.bincount(last, minlength=n))
        return self[asked[:-1] > 0]


class BigWigFile:
    """The contigs and the index of a bigWig file.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    ValueError
        If it is no bigWig file, or is damaged where it says what it holds.

    Notes
    -----
    The format is described in the supplement of Kent et al., Bioinformatics 26, 2204 (2010).

    Examples
    --------
    >>> import os, tempfile, pyBigWig
    >>> path = Path(tempfile.mkdtemp(), "a.bw")
    >>> with pyBigWig.open(os.fspath(path), "w") as file:
    ...     file.addHeader([("chr1", 10)])
    ...     file.addEntries(["chr1"], [2], ends=[4], values=[1.5])
    >>> file = BigWigFile(path)
    >>> file.contigs, file.blocks("chr1").starts.tolist()
    ({'chr1': 10}, [2])
    """

    def __init__(self, path: Path) -> None:
        self.path, self.source = path, PlainBytes(path)
        with self.source.open() as stream:
            try:
                header = self._unpacked(stream, 0, _HEADER, _BIGWIG)
                contigs = self._read_contigs(stream, header[3])
                if header[5]:
                    self._unpacked(stream, header[5], _INDEX_HEADER, _INDEX)
            except ValueError:
                msg = f"{path.name} must be a bigWig file; it cannot be read as one"
                raise ValueError(msg) from None
        self._index = header[5]  # 0 in a file without values
        self._numbers = {name: number for name, number, _ in contigs}
        self.contigs = {name: length for name, _, length in contigs}
        """Length of each contig, bp, in the file's order."""
        self._room = header[10]  # bytes that a block has at most; 0 if blocks are not compressed

    def number(self, contig: str) -> int:
        """Give a contig's number in the file."""
        return self._numbers[contig]

    def blocks(self, contig: str) -> Blocks:
        """Find the blocks of a contig."""
        number = self._numbers[contig]

        def touching(items: Items) -> Items:
            return items[(items["first_contig"] <= number) & (items["last_contig"] >= number)]

        with self.source.open() as stream:
            roots = [self._index + _INDEX_HEADER.size] if self._index else []
            table = self._leaves(stream, roots, _LEAF, _BRANCH, touching)
        starts = np.where(table["first_contig"] < number, 0, table["start"]).astype(np.int64)
        ends = np.where(table["last_contig"] > number, self.contigs[contig], table["end"])
        order = np.argsort(starts, kind="stable")
        places, sizes = (table[name][order].astype(np.int64) for name in ("place", "size"))
        reached = np.maximum.accumulate(ends[order].astype(np.int64))
        return Blocks(starts[order], reached, places, sizes)

    def words(self, blocks: Blocks) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Read and decompress blocks.

        Returns
        -------
        The blocks' words of 4 bytes, one block after the other, and where each begins, and the last
        one ends, shape (blocks + 1,)
        """
        follows = blocks.places[1:] == (blocks.places + blocks.sizes)[:-1]
        bounds = [0, *(np.flatnonzero(~follows) + 1).tolist(), blocks.places.size]
        found: list[bytes] = []
        with self.source.open() as stream:
            for run in (blocks[a:b] for a, b in pairwise(bounds)):
                low = int(run.places[0])
                packed = memoryview(self._read(stream, low, int(run.sizes.sum())))
                for place, size in zip(run.places.tolist(), run.sizes.tolist(), strict=True):
                    found.append(self._inflated(packed[place - low : place - low + size], place))
                    if len(found[-1]) % 4:
                        raise self.damaged(place)
        counts = np.array([len(block) // 4 for block in found])
        return np.frombuffer(b"".join(found), "<u4"), np.append(0, np.cumsum(counts))

    def _inflated(self, packed: memoryview, place: int) -> bytes:
        if not self._room:
            return bytes(packed)
        try:
            return inflate(packed, room=min(self._room, _MOST), is_gzip=False)
        except ValueError:
            raise self.damaged(place) from None

    def _read_contigs(self, stream: BinaryIO, place: int) -> list[tuple[str, int, int]]:
        """Give name, number and length of each contig, by number."""
        _, _, width, value_size, _, _ = self._unpacked(stream, place, _CONTIGS_HEADER, _CONTIGS)
        if not 0 < width <= _LONGEST_NAME or value_size != 8:
            raise self.damaged(place)
        leaf = [("name", f"S{width}"), ("number", "<u4"), ("length", "<u4")]
        branch = [("name", f"S{width}"), ("place", "<u8")]
        roots = [place + _CONTIGS_HEADER.size]
        items = self._leaves(stream, roots, leaf, branch, lambda items: items)
        found = sorted(items.tolist(), key=lambda item: item[1])
        return [(name.decode(), number, length) for name, number, length in found]

    def _leaves(
        self, stream: BinaryIO, roots: list[int], leaf: DTypeLike, branch: DTypeLike,
        kept: Callable[[Items], Items],
    ) -> Items:  # fmt: skip
        """Give the items of a tree's leaves, without those, and those below them, that are not kept."""
        found, waiting, seen = [np.empty(0, leaf)], list(roots), set[int]()
        while waiting:
            place = waiting.pop()
            if place in seen:
                raise self.damaged(place)
            seen.add(place)
            is_leaf, _, count = _NODE.unpack(self._read(stream, place, _NODE.size))
            dtype = np.dtype(leaf if is_leaf else branch)
            content = self._read(stream, place + _NODE.size, count * dtype.itemsize)
            items = kept(np.frombuffer(content, dtype))
            if is_leaf:
                found.append(items)
            else:
                waiting += items["place"][::-1].tolist()
        return np.concatenate(found)

    def _unpacked(
        self, stream: BinaryIO, place: int, header: struct.Struct, magic: int
    ) -> tuple[int, ...]:
        """Read a header, which must begin as it should."""
        found = header.unpack(self._read(stream, place, header.size))
        if found[0] != magic:
            raise self.damaged(place)
        return found

    def _read(self, stream: BinaryIO, place: int, size: int) -> bytes:
        if not 0 <= place <= place + size <= self.source.size:
            raise self.damaged(place)
        found = np.empty(size, np.uint8)
        self.source.fill(stream, place, found)
        return found.tobytes()

    def damaged(self, place: int) -> ValueError:
        """Give the error that says where the file is not what it should be."""
        msg = f"{self.path.name} is damaged at byte {place}. Copy or download it again"
        return ValueError(msg)
