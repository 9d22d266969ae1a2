"""The bytes of a file from any place on: of a plain file, or of one that bgzip compressed."""

from __future__ import annotations

import logging
import os
import struct
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from seqpro.files import write_whole
from seqpro.parallel import run_blocks

_log = logging.getLogger(__name__)

_GZIP = b"\x1f\x8b\x08"
_BLOCK_HEADER = struct.Struct("<12sBBHH")  # gzip's header, then BC, 2 and the block's size less 1
_LARGEST = 1 << 16  # bytes that a block holds at most, compressed or not
_TASK = 1 << 20  # bytes that one thread decompresses at a time


class FileBytes(ABC):
    """A file's bytes, as they are when it is not compressed.

    Parameters
    ----------
    path
        The file.
    """

    gap: int
    """Bytes worth reading only to read the ones beside them in the same go."""
    size: int
    """Number of bytes, decompressed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._identity = _identity(os.stat(path))

    def open(self) -> BinaryIO:
        """Open the file, if it is still the one that it was.

        Raises
        ------
        ValueError
            If another file is in its place, or it was written to.
        """
        stream = open(self.path, "rb", buffering=0)  # noqa: SIM115
        if _identity(os.fstat(stream.fileno())) != self._identity:
            stream.close()
            msg = f"{self.path.name} must stay as it is while it is read; it was changed. Open it again"
            raise ValueError(msg)
        return stream

    @abstractmethod
    def fill(self, stream: BinaryIO, start: int, out: NDArray[np.uint8]) -> None:
        """Fill `out` with the bytes from `start` on."""

    def _cut_short(self, place: int) -> ValueError:
        msg = f"{self.path.name} is cut short or damaged at byte {place}. Copy or download it again"
        return ValueError(msg)


class PlainBytes(FileBytes):
    """The bytes of a file that is not compressed.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.txt"); _ = path.write_bytes(b"ACGT")
    >>> source, out = PlainBytes(path), np.zeros(2, np.uint8)
    >>> with source.open() as stream:
    ...     source.fill(stream, 1, out)
    >>> source.size, out.tobytes()
    (4, b'CG')
    """

    gap = 1 << 14

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.size = path.stat().st_size

    def fill(self, stream: BinaryIO, start: int, out: NDArray[np.uint8]) -> None:
        """Fill `out` with the bytes from `start` on."""
        stream.seek(start)
        done = stream.readinto(out.data)  # type: ignore[attr-defined]
        while done < out.size:  # one call reads 2 GB at most
            count = stream.readinto(out[done:].data)  # type: ignore[attr-defined]
            if not count:
                raise self._cut_short(start + done)
            done += count


class BgzipBytes(FileBytes):
    r"""The bytes that bgzip compressed, in blocks of 64 KiB that are each a gzip file.

    Where the blocks are is read from the ``.gzi`` beside the file, if there is one that is not older;
    else the blocks tell, and it is written beside the file where that is possible.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    ValueError
        If the file is cut short or damaged, is not made of such blocks, or its ``.gzi`` does not fit it.

    Notes
    -----
    The formats are described in sections 4.1 (blocks) and in the manual of bgzip (``.gzi``) of the SAM
    specification, https://samtools.github.io/hts-specs.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.gz")
    >>> _ = path.write_bytes(bgzip(b"ACGT"))
    >>> source, out = BgzipBytes(path), np.zeros(2, np.uint8)
    >>> with source.open() as stream:
    ...     source.fill(stream, 1, out)
    >>> source.size, out.tobytes()
    (4, b'CG')
    """

    gap = 1 << 16

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        gzi = path.with_name(path.name + ".gzi")
        usable = is_usable(gzi, path)
        known = self._read_gzi(gzi) if usable else np.zeros((1, 2), np.int64)
        with self.open() as stream:
            blocks = self._scan(stream, known, gzi if usable else None)
        self._places, self._starts = (
            blocks.T.copy()
        )  # in the file, and decompressed; of the end, too
        self.size = int(self._starts[-1])
        if not gzi.exists():
            pairs = blocks[1:-2]  # not the last, empty block
            write_index(gzi, struct.pack("<Q", len(pairs)) + pairs.astype("<u8").tobytes())

    def fill(self, stream: BinaryIO, start: int, out: NDArray[np.uint8]) -> None:
        """Fill `out` with the bytes from `start` on, decompressing the blocks that have them."""
        end = start + out.size
        if end > self.size:
            raise self._cut_short(self.size)
        if not out.size:
            return
        first = int(np.searchsorted(self._starts, start, side="right")) - 1
        last = int(np.searchsorted(self._starts, end, side="left"))
        begin = int(self._places[first])
        stream.seek(begin)
        packed = memoryview(stream.read(int(self._places[last]) - begin))
        for block in range(first, last):
            low, high = (int(place) - begin for place in self._places[block : block + 2])
            origin = int(self._starts[block])
            letters = self._inflate(packed[low:high], block)
            part = letters[max(0, start - origin) : end - origin]
            place = max(0, origin - start)
            out[place : place + len(part)] = np.frombuffer(part, np.uint8)

    def _inflate(self, packed: memoryview, block: int) -> bytes:
        expected = int(self._starts[block + 1] - self._starts[block])
        try:
            found = inflate(packed, room=expected)
        except ValueError:
            raise self._cut_short(int(self._places[block])) from None
        if len(found) != expected:
            msg = (
                f"{self.path.name}.gzi must fit {self.path.name}; found {len(found)} bytes in the block at "
                f"byte {self._places[block]} instead of {expected}. Delete it, so that it is made anew"
            )
            raise ValueError(msg)
        return found

    def _read_gzi(self, gzi: Path) -> NDArray[np.int64]:
        """Where each block begins, in the file and decompressed, shape (blocks, 2)."""
        content = gzi.read_bytes()
        pairs = np.frombuffer(content[8 : 8 + (len(content) - 8) // 16 * 16], "<u8").astype(
            np.int64
        )
        blocks = np.concatenate([np.zeros((1, 2), np.int64), pairs.reshape(-1, 2)])
        count = int.from_bytes(content[:8], "little")
        rises = (np.diff(blocks[:, 0]) > 0).all() and (np.diff(blocks[:, 1]) >= 0).all()
        if len(content) != 8 + 16 * count or not rises:
            raise _misfit(gzi, self.path)
        return blocks

    def _scan(
        self, stream: BinaryIO, known: NDArray[np.int64], gzi: Path | None
    ) -> NDArray[np.int64]:
        """Go on from the last block that is known, from block to block to the file's end."""
        end = os.fstat(stream.fileno()).st_size
        place, start = (int(number) for number in known[-1])
        blocks = [(place, start)]
        letters = -1
        while place < end:
            stream.seek(place)
            size = block_size(stream.read(_BLOCK_HEADER.size))
            if not size and gzi is not None and len(blocks) == 1:
                raise _misfit(gzi, self.path)
            if not size or place + size > end:
                raise self._cut_short(place)
            stream.seek(place + size - 4)
            letters = int.from_bytes(stream.read(4), "little")
            place, start = place + size, start + letters
            blocks.append((place, start))
        if letters:  # the last block must be empty: it says that the file is whole
            raise self._cut_short(end) if gzi is None or place == end else _misfit(gzi, self.path)
        return np.concatenate([known[:-1], np.array(blocks, np.int64)])


def bytes_of(path: Path) -> FileBytes:
    """Give the bytes of a plain file or of one that bgzip compressed.

    Raises
    ------
    ValueError
        If the file is compressed, but not by bgzip.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.txt"); _ = path.write_bytes(b"ACGT")
    >>> type(bytes_of(path)).__name__
    'PlainBytes'
    """
    with open(path, "rb") as stream:
        head = stream.read(_BLOCK_HEADER.size)
    if not head.startswith(_GZIP[:2]):
        return PlainBytes(path)
    if not block_size(head):
        plain = path.name.removesuffix(".gz")
        msg = (
            f"path must be a plain FASTA file or one that bgzip compressed; found {path.name}, which is "
            f"compressed with gzip. Compress it anew: gunzip {path.name} && bgzip {plain}"
        )
        raise ValueError(msg)
    return BgzipBytes(path)


def read_into(source: FileBytes, start: int, out: NDArray[np.uint8]) -> None:
    """Fill `out` with many bytes of a file, several threads at a time.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.txt"); _ = path.write_bytes(b"ACGT")
    >>> out = np.zeros(3, np.uint8); read_into(PlainBytes(path), 1, out); out.tobytes()
    b'CGT'
    """

    def work(first: int, last: int) -> None:
        with source.open() as stream:
            low, high = first * _TASK, min(last * _TASK, out.size)
            source.fill(stream, start + low, out[low:high])

    run_blocks(work, -(-out.size // _TASK), block=1)


def blocks_from(stream: BinaryIO, place: int) -> Iterator[bytes]:
    """Give what each block of an open file that bgzip compressed holds, from the one at byte `place` on.

    Raises
    ------
    ValueError
        If there is no whole block where one should be, or its checksum does not fit.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.gz"); _ = path.write_bytes(bgzip(b"ACGT", block=3))
    >>> with path.open("rb") as stream:
    ...     list(blocks_from(stream, 0))
    [b'ACG', b'T', b'']
    """
    packed = memoryview(b"")
    stream.seek(place)
    while True:
        size = block_size(packed)
        if not 0 < size <= len(packed):
            more = stream.read(_LARGEST)
            packed = memoryview(bytes(packed) + more if packed else more)
            size = block_size(packed)
        if not packed:
            return
        try:
            found = inflate(packed[:size], room=_LARGEST)
        except ValueError:
            msg = f"{Path(stream.name).name} cannot be decompressed: it is damaged. Copy it anew"
            raise ValueError(msg) from None
        yield found
        packed = packed[size:]


def inflate(packed: bytes | memoryview, *, room: int, is_gzip: bool = True) -> bytes:
    """Decompress one block, and compare its checksum.

    Parameters
    ----------
    packed
        The block.
    room
        Bytes that it is expected to hold; more are given room, too.
    is_gzip
        Whether it is framed as gzip does, or as zlib does.

    Raises
    ------
    ValueError
        If the block is cut short or damaged.

    Notes
    -----
    ISA-L decompresses twice as fast as zlib does.

    Examples
    --------
    >>> inflate(zlib.compress(b"ACGT"), room=4, is_gzip=False)
    b'ACGT'
    """
    try:
        return isal_zlib.decompress(packed, wbits=31 if is_gzip else 15, bufsize=max(room, 1))
    except isal_zlib.error as error:  # type: ignore[misc]  # its stubs have it as an instance
        msg = f"packed must be a whole block; found {error}"
        raise ValueError(msg) from None


def block_size(header: bytes | memoryview) -> int:
    """Give the size of a block of bgzip, bytes, from its first 18; 0 where it is none.

    Examples
    --------
    >>> block_size(bgzip(b"")), block_size(b"ACGT")
    (28, 0)
    """
    if len(header) < _BLOCK_HEADER.size:
        return 0
    start, first, second, size, less_one = _BLOCK_HEADER.unpack_from(header)
    has_extra = start.startswith(_GZIP) and bool(start[3] & 4)
    return less_one + 1 if has_extra and (first, second, size) == (ord("B"), ord("C"), 2) else 0


def bgzip(content: bytes, *, block: int = 0xFF00) -> bytes:
    """Compress bytes as bgzip does.

    Parameters
    ----------
    content
        What to compress.
    block
        Bytes to a block, 65,280 at most.

    Returns
    -------
    Blocks of gzip, the last one empty

    Examples
    --------
    >>> import gzip
    >>> gzip.decompress(bgzip(b"ACGT" * 100_000)) == b"ACGT" * 100_000
    True
    """
    parts = []
    for start in [*range(0, len(content), block), len(content)]:
        part = content[start : start + block]
        squeeze = zlib.compressobj(wbits=-15)
        packed = squeeze.compress(part) + squeeze.flush()
        head = _GZIP + b"\x04\0\0\0\0\0\xff\x06\0"
        parts.append(_BLOCK_HEADER.pack(head, ord("B"), ord("C"), 2, len(packed) + 25))
        parts.append(packed + struct.pack("<II", zlib.crc32(part), len(part)))
    return b"".join(parts)


def is_usable(index: Path, path: Path) -> bool:
    """Tell whether a file's index is there and not older than the file; where it is older, log it.

    Examples
    --------
    >>> is_usable(Path("a.fa.fai"), Path("a.fa"))
    False
    """
    if not index.exists():
        return False
    if index.stat().st_mtime >= path.stat().st_mtime:
        return True
    _log.warning("%s is older than its file and not used; delete it, or make it anew", index.name)
    return False


def write_index(index: Path, content: bytes) -> None:
    """Write an index beside its file where that is possible.

    Examples
    --------
    >>> write_index(Path("/no/such/folder/a.fai"), b"")
    """
    with suppress(OSError):
        write_whole(index, content)
        _log.info("wrote %s", index)


def _misfit(index: Path, path: Path) -> ValueError:
    msg = f"{index.name} must fit {path.name}; it does not. Delete {index.name}, so that it is made anew"
    return ValueError(msg)


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_size, found.st_mtime_ns
