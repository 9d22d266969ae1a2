"""FASTA files: one record a row, or a genome to cut windows from."""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqdata import _kernels
from seqdata.readers.letters import check_letters
from seqdata.readers.protocol import Axis, RowBlock

_RECORDS = 50_000  # records in a block
_TO_UTF8 = "Convert the file, such as with: iconv -f latin1 -t utf-8"

_Entry = tuple[int, int, int, int]  # a contig's length, offset, letters a line and bytes a line


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
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.fa"); _ = path.write_text(">x first\nAC\nGT\n>y\nA\n")
    >>> block = next(FlatFASTA(path).blocks())
    >>> block.sequences, block.columns["name"].tolist()
    ([b'ACGT', b'A'], ['x', 'y'])
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def files(self) -> list[str]:
        """Name the file."""
        return [os.fspath(self.path)]

    def blocks(self) -> Iterator[RowBlock]:
        """Give the records in the file's order."""
        names: list[str] = []
        sequences: list[bytes] = []
        for name, letters in self._records():
            names.append(name)
            sequences.append(letters)
            if len(names) == _RECORDS:
                yield RowBlock(sequences, {"name": np.array(names, dtype=object)})
                names, sequences = [], []
        if names:
            yield RowBlock(sequences, {"name": np.array(names, dtype=object)})

    def _records(self) -> Iterator[tuple[str, bytes]]:
        opener: Any = gzip.open if self.path.suffix == ".gz" else open
        name: str | None = None
        header_line, parts = 0, list[bytes]()
        with opener(self.path, "rb") as stream:
            for number, line in enumerate(stream, 1):
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

    def _name(self, header: bytes, line: int) -> str:
        words = header[1:].split(None, 1)
        try:
            return words[0].decode() if words else ""
        except UnicodeDecodeError:
            msg = (
                f"{self.path.name}, line {line}: names of records must be UTF-8 text; found {words[0]!r}. "
                f"{_TO_UTF8}"
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
    r"""A genome as a plain FASTA file, to cut windows from.

    The file is mapped into memory and indexed: from its ``.fai`` if there is one that is not older
    than the file, else anew. Letters keep their case.

    Parameters
    ----------
    path
        The FASTA file, not compressed.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is compressed or no UTF-8 text, its lines have no regular length, or its ``.fai``
        does not fit it.

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

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        if self.path.suffix in (".gz", ".bgz"):
            msg = f"path must be a plain FASTA file; found {self.path.name}. Decompress it first (gunzip)"
            raise ValueError(msg)
        if not self.path.exists():
            msg = f"no FASTA file at {self.path}"
            raise FileNotFoundError(msg)
        self._index = _read_index(self.path)

    def contigs(self) -> Mapping[str, int]:
        """Give each contig's length, bp, in the file's order."""
        return {name: entry[0] for name, entry in self._index.items()}

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
        """Write the letters of intervals within one contig."""
        _, offset, line_letters, line_bytes = self._index[contig]
        file = np.memmap(self.path, dtype=np.uint8, mode="r")
        _kernels.gather.read_lines(
            file, offset, line_letters, line_bytes, starts, ends, out, places
        )


def _read_index(path: Path) -> dict[str, _Entry]:
    """Where each contig stands in the file."""
    from pyfaidx import Faidx, FastaIndexingError

    fai = path.with_name(path.name + ".fai")
    usable = fai.exists() and fai.stat().st_mtime >= path.stat().st_mtime
    with tempfile.TemporaryDirectory() as folder:
        own = fai if usable else Path(folder, "index.fai")
        try:
            with Faidx(os.fspath(path), indexname=os.fspath(own), build_index=not usable) as index:
                entries = {
                    name: (int(e.rlen), int(e.offset), int(e.lenc), int(e.lenb))
                    for name, e in index.index.items()
                }
        except FastaIndexingError as error:
            msg = (
                f"{path.name} cannot be indexed: {error}. Give its lines one length, as FASTA needs"
            )
            raise ValueError(msg) from None
        except UnicodeDecodeError as error:
            msg = f"{path.name} must be UTF-8 text; found {error.object[error.start :][:1]!r}. {_TO_UTF8}"
            raise ValueError(msg) from None
    if usable:
        _check_index(path, fai, entries)
    return entries


def _check_index(path: Path, fai: Path, entries: Mapping[str, _Entry]) -> None:
    """Refuse an index that points beyond its file: letters are copied without looking."""
    size = path.stat().st_size
    for name, (length, offset, line_letters, line_bytes) in entries.items():
        if not length:
            continue
        is_sound = offset >= 0 and 0 < line_letters <= line_bytes
        lines, rest = divmod(length - 1, line_letters) if is_sound else (0, 0)
        if not is_sound or offset + lines * line_bytes + rest >= size:
            msg = (
                f"{fai.name} must fit {path.name}; found contig {name!r} ({length} bp from byte {offset}) "
                f"beyond the file's {size} bytes. Delete {fai.name}, so that it is made anew"
            )
            raise ValueError(msg)
