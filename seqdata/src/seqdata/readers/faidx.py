"""Where each contig's letters stand in a FASTA file: the index that ends in ``.fai``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqdata import _kernels
from seqdata.readers.compressed import FileBytes, PlainBytes, is_usable, read_into, write_index

_CHUNK = 16 << 20  # bytes looked at in one go
_LONGEST_HEADER = 1 << 16
_NEWLINE, _MARK = ord("\n"), ord(">")
TO_UTF8 = "Convert the file, such as with: iconv -f latin1 -t utf-8"


class Entry(NamedTuple):
    """A contig's length, offset of its first letter, and letters and bytes of a line."""

    length: int
    offset: int
    line_letters: int
    line_bytes: int

    def place(self, position: int) -> int:
        """Give a letter's byte in the file."""
        return int(self.places(np.int64(position)))

    def places(self, positions: Any) -> Any:
        """Give the bytes of several letters."""
        line, within = np.divmod(positions, max(self.line_letters, 1))
        return self.offset + line * self.line_bytes + within


def contig_index(source: FileBytes) -> dict[str, Entry]:
    r"""Give where each contig stands in a FASTA file, in the file's order.

    The ``.fai`` beside the file is used if it is not older than the file. Else the file is read from end to
    end; for a compressed file the index is then written beside it where that is possible.

    Parameters
    ----------
    source
        The file's bytes.

    Returns
    -------
    The contigs' entries by name

    Raises
    ------
    ValueError
        If the file does not begin with ``>``, a name is not UTF-8 or is there twice, lines of a contig differ
        in length before the last, a line has white space or letters beyond ASCII, or the ``.fai`` points
        beyond the file.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.fa"); _ = path.write_text(">x first\nACG\nT\n>y\nA\n")
    >>> contig_index(PlainBytes(path))["x"]
    Entry(length=4, offset=9, line_letters=3, line_bytes=4)
    """
    path = source.path
    fai = path.with_name(path.name + ".fai")
    if is_usable(fai, path):
        entries = _read(fai, path)
        _check_size(source, fai, entries)
        return entries
    entries = _Scan(source).entries()
    if not isinstance(source, PlainBytes) and not fai.exists():
        write_index(fai, _text(entries))
    return entries


def check_contig(source: FileBytes, name: str, entry: Entry) -> None:
    r"""Check that a contig's header stands before its letters and that they end where its index says.

    Raises
    ------
    ValueError
        If not: the index is of another file.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.fa"); _ = path.write_text(">x\nACGT\n")
    >>> check_contig(PlainBytes(path), "x", Entry(3, 3, 4, 5))
    Traceback (most recent call last):
    ValueError: a.fa.fai must fit a.fa; contig 'x' is not 3 bp from byte 3 on. Delete a.fa.fai, ...
    """
    low = max(0, entry.offset - _LONGEST_HEADER)
    end = entry.place(entry.length - 1) + 1 if entry.length else entry.offset
    with source.open() as stream:
        before = np.empty(entry.offset - low, np.uint8)
        source.fill(stream, low, before)
        after = np.empty(min(source.size - end, 64), np.uint8)
        source.fill(stream, end, after)
    header = before.tobytes().rpartition(b"\n>")[2].removeprefix(b">")
    found = header.partition(b"\n")
    is_header = found[1] and not found[2].strip() and found[0].split()[:1] == name.encode().split()
    rest = after.tobytes()
    ends = not rest.strip() or (rest[:1] in b"\r\n" and rest.lstrip()[:1] == b">")
    if not (is_header and ends):
        fai = f"{source.path.name}.fai"
        msg = (
            f"{fai} must fit {source.path.name}; contig {name!r} is not {entry.length} bp from byte "
            f"{entry.offset} on. Delete {fai}, so that it is made anew"
        )
        raise ValueError(msg)


def _read(fai: Path, path: Path) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for number, line in enumerate(fai.read_bytes().splitlines(), 1):
        fields = line.split(b"\t")
        try:
            name, entry = fields[0].decode(), Entry(*map(int, fields[1:5]))
        except (ValueError, TypeError):
            msg = (
                f"{fai.name}, line {number}: expected a name and four whole numbers; found {line[:60]!r}. "
                f"Delete {fai.name}, so that it is made anew"
            )
            raise ValueError(msg) from None
        if name in entries:
            raise _twice(path, name)
        entries[name] = entry
    return entries


def _check_size(source: FileBytes, fai: Path, entries: Mapping[str, Entry]) -> None:
    """Refuse an index that points beyond its file, or to lines that cannot be."""
    for name, entry in entries.items():
        length, offset, line_letters, line_bytes = entry
        if not length and 0 <= offset <= source.size:
            continue
        is_sound = length > 0 and offset >= 0 and 0 < line_letters <= line_bytes
        is_sound = is_sound and (length <= line_letters or line_letters < line_bytes)
        if not is_sound or entry.place(length - 1) >= source.size:
            msg = (
                f"{fai.name} must fit {source.path.name}; found contig {name!r} ({length} bp from byte "
                f"{offset}) beyond the file's {source.size} bytes. Delete {fai.name}, so that it is made anew"
            )
            raise ValueError(msg)


def _text(entries: Mapping[str, Entry]) -> bytes:
    return "".join(
        f"{name}\t{e.length}\t{e.offset}\t{e.line_letters}\t{e.line_bytes}\n"
        for name, e in entries.items()
    ).encode()


def _twice(path: Path, name: str) -> ValueError:
    msg = f"contigs of {path.name} must have names of their own; found {name!r} twice. Rename one"
    return ValueError(msg)


class _Scan:
    """Reads a FASTA file from end to end and notes where each contig's letters stand."""

    def __init__(self, source: FileBytes) -> None:
        self.source = source
        self.file = source.path.name
        self.found: dict[str, Entry] = {}
        self.name: str | None = None
        self.line = 0  # lines seen so far
        self._begin(0)

    def _begin(self, offset: int) -> None:
        """Begin a contig whose letters stand from `offset` on."""
        self.length, self.offset = 0, offset
        self.line_letters = self.line_bytes = 0
        self.is_over = False  # whether a line shorter than the others was there

    def entries(self) -> dict[str, Entry]:
        for table, chunk, base in self._tables():
            for is_header, letters, size, count, place, odd in table.tolist():
                if odd >= 0:
                    raise self._odd(odd)
                if is_header:
                    self._end()
                    self._header(chunk[place - base : place - base + size], place + size)
                else:
                    self._lines(letters, size, count)
                self.line += count
        self._end()
        return self.found

    def _tables(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint8], int]]:
        """The lines of a chunk of the file, those alike in one row, with the chunk and its place."""
        source, place = self.source, 0
        state = np.array([0, 0, -1], np.int64)
        while place < source.size:
            size = min(_CHUNK, source.size - place)
            is_last = place + size == source.size
            chunk = np.empty(size + is_last, np.uint8)
            read_into(source, place, chunk[:size])
            if is_last:
                chunk[-1] = _NEWLINE  # a last line end may be missing
            table = np.empty((int(np.count_nonzero(chunk == _NEWLINE)), 6), np.int64)
            rows, done = _kernels.lines.line_runs(chunk, place, state, table)
            if not done:
                msg = f"{self.file}, line {self.line + 1}: the header is too long. Is this a FASTA file?"
                raise ValueError(msg)
            yield table[:rows], chunk, place
            place += done

    def _header(self, line: NDArray[np.uint8], offset: int) -> None:
        words = line.tobytes()[1:].split(None, 1)
        try:
            self.name = words[0].decode() if words else ""
        except UnicodeDecodeError as error:
            msg = f"{self.file} must be UTF-8 text; found {error.object[error.start :][:1]!r}. {TO_UTF8}"
            raise ValueError(msg) from None
        self._begin(min(offset, self.source.size))

    def _lines(self, letters: int, size: int, count: int) -> None:
        """Take up lines of one length."""
        if not letters:
            self.is_over = self.length > 0
            if not self.length:
                self.offset = min(self.offset + size * count, self.source.size)
            return
        if self.name is None:
            msg = f"{self.file}, line {self.line + 1}: a FASTA file must begin with '>'"
            raise ValueError(msg)
        if not self.length:
            self.line_letters, self.line_bytes = letters, size
        is_last = (letters, size) != (self.line_letters, self.line_bytes)
        fits = letters <= self.line_letters and not (is_last and count > 1)
        ends = size - letters == self.line_bytes - self.line_letters
        if self.is_over or not fits or not (ends or is_last):
            msg = (
                f"{self.file} cannot be indexed: line {self.line + 1} has {letters} letters, those of contig "
                f"{self.name!r} before it {self.line_letters}. Give lines one length and one kind of end"
            )
            raise ValueError(msg)
        self.is_over = is_last
        self.length += letters * count

    def _end(self) -> None:
        if self.name is None:
            return
        if self.name in self.found:
            raise _twice(self.source.path, self.name)
        self.found[self.name] = Entry(self.length, self.offset, self.line_letters, self.line_bytes)

    def _odd(self, place: int) -> ValueError:
        low = max(0, place - 12)
        near = np.empty(min(place + 12, self.source.size) - low, np.uint8)
        read_into(self.source, low, near)
        before, after = near[: place - low].tobytes(), near[place - low :].tobytes()
        line = before.rpartition(b"\n")[2] + after.partition(b"\n")[0]
        msg = (
            f"{self.file}, line {self.line + 1}: sequences must be unbroken ASCII letters; found "
            f"{line.decode(errors='replace')!r}"
        )
        return ValueError(msg)
