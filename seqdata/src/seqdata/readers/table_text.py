"""Plain text of delimited tables, read without a Python object for each cell.

Most tables are plain: one row a line, as many fields in each, numbers, words and letters. What is not is
left to pandas (`NotPlainError`), which reads all of it, so that a table means the same either way.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from seqdata import _kernels
from seqpro import Ragged

_OPENERS: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
_OF_OTHERS = (".zst", ".zip", ".tar", ".tar.gz", ".tar.bz2", ".tar.xz")


class NotPlainError(Exception):
    """The text of a table is not plain: quotes in quotes, lines of unequal length, truth values, ..."""


class PlainText:
    r"""Some rows of a table's text.

    Parameters
    ----------
    text
        Whole lines in UTF-8, of which the last ends, too.
    columns
        Number of columns.
    separator
        What stands between columns, one ASCII letter or sign.

    Raises
    ------
    NotPlainError
        If rows differ in their number of fields, or what is a field is not plain.

    Examples
    --------
    >>> rows = PlainText(b"AC,1.5,x\nG,NA,y\n", columns=3, separator=",")
    >>> rows.letters(0).to_strings(), rows.column(1, Words(["NA"])).tolist(), rows.cells(2)
    (['AC', 'G'], [1.5, nan], ['x', 'y'])
    """

    def __init__(self, text: bytes, *, columns: int, separator: str) -> None:
        if b"\0" in text or not _is_utf8(text):
            raise NotPlainError
        self._text = text
        self._codes = np.frombuffer(text, np.uint8)
        lines = np.count_nonzero(self._codes == ord("\n"))
        spans = np.empty((lines, columns, 2), np.int64)
        rows = _kernels.table_text.find_fields(self._codes, ord(separator), spans)
        if rows < 0:
            raise NotPlainError
        self._spans = spans[:rows]

    def __len__(self) -> int:
        return len(self._spans)

    def __getitem__(self, rows: slice) -> PlainText:
        """Give some of the rows."""
        part = object.__new__(PlainText)
        part._text, part._codes, part._spans = self._text, self._codes, self._spans[rows]
        return part

    def fields(self, row: int) -> list[str]:
        """Give the fields of a row."""
        return [self._text[begin:end].decode() for begin, end in self._spans[row].tolist()]

    def cells(self, column: int) -> list[str]:
        """Give a column's cells as they are written."""
        text = self._text
        return [text[begin:end].decode() for begin, end in self._spans[:, column].tolist()]

    def letters(self, column: int) -> Ragged:
        """Give a column's letters without the spaces around them."""
        letters, sizes, is_well = _kernels.table_text.read_letters(
            self._codes, self._spans[:, column]
        )
        if not is_well:
            raise NotPlainError
        return Ragged.from_sizes(letters, sizes)

    def column(self, column: int, missing: Words, *, as_text: bool = False) -> NDArray[Any]:
        """Give a column, shape (n,), as int64, float64 (NaN where missing) or text ("" where missing)."""
        kernels, spans = _kernels.table_text, self._spans[:, column]
        kinds, values = np.empty(len(self), np.uint8), np.empty(len(self))
        kernels.read_cells(self._codes, spans, missing.codes, missing.ends, kinds, values)
        found = np.bincount(kinds, minlength=kernels.UNSURE + 1)
        if as_text or found[kernels.TEXT]:
            text = np.array(self.cells(column), dtype=object)
            text[kinds == kernels.MISSING] = ""
            return text
        if found[kernels.UNSURE]:
            raise NotPlainError
        if found[kernels.WHOLE] == len(self):
            return values.astype(np.int64)
        for row in np.flatnonzero(kinds == kernels.LONG_NUMBER).tolist():
            begin, end = spans[row].tolist()
            values[row] = float(self._text[begin:end])
        return values


class Words:
    """Words that stand for a missing cell; an empty cell always is one.

    Raises
    ------
    NotPlainError
        If a word is a number, which stands for other spellings of the number, too.

    Examples
    --------
    >>> Words(["NA", "nan"]).ends.tolist()
    [2, 5]
    """

    def __init__(self, words: Sequence[str]) -> None:
        for word in words:
            with suppress(ValueError):
                if not np.isnan(float(word)):
                    raise NotPlainError
        encoded = [word.encode() for word in words]
        self.codes = np.frombuffer(b"".join(encoded), np.uint8)
        self.ends = np.cumsum([len(word) for word in encoded], dtype=np.int64)


def plain_blocks(
    path: Path, *, columns: Sequence[str], has_header: bool, separator: str, size: int
) -> Iterator[PlainText]:
    r"""Give a table's rows in the file's order, without the header.

    Parameters
    ----------
    path
        The file, plain or compressed.
    columns
        Names of the columns, as the header must have them where there is one.
    has_header
        Whether there is one.
    separator
        What stands between columns.
    size
        Bytes of text to read at a time.

    Raises
    ------
    NotPlainError
        If some of the text is not plain.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.csv"); _ = path.write_text("dna,y\nAC,1\nG,2\n")
    >>> blocks = plain_blocks(path, columns=["dna", "y"], has_header=True, separator=",", size=99)
    >>> [block.cells(0) for block in blocks]
    [['AC', 'G']]
    """
    if len(separator) != 1 or not separator.isascii() or separator in '"\r\n\0':
        raise NotPlainError
    if not all(columns):  # pandas names them
        raise NotPlainError
    with _opened(path) as stream:
        for number, text in enumerate(_whole_lines(stream, size)):
            rows = PlainText(text, columns=len(columns), separator=separator)
            if number == 0 and has_header:
                if not len(rows) or rows.fields(0) != list(columns):
                    raise NotPlainError
                rows = rows[1:]
            if len(rows):
                yield rows


def _opened(path: Path) -> BinaryIO:
    name = path.name.lower()
    if name.endswith(_OF_OTHERS):
        raise NotPlainError
    return cast(BinaryIO, _OPENERS.get(Path(name).suffix, open)(path, "rb"))


def _whole_lines(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """Cut a file's bytes at line ends; the last line ends whether the file says so or not."""
    parts = list[bytes]()
    data = stream.read(size).removeprefix(codecs.BOM_UTF8)
    while data:
        lines_end = data.rfind(b"\n") + 1
        if lines_end:
            yield b"".join([*parts, memoryview(data)[:lines_end]])
            parts = []
        parts.append(data[lines_end:])
        data = stream.read(size)
    last = b"".join(parts)
    if last:
        yield last + b"\n"


def _is_utf8(text: bytes) -> bool:
    try:
        return text.isascii() or bool(text.decode())
    except UnicodeDecodeError:
        return False
