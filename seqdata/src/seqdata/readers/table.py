"""Tables with a sequence column: csv, tsv and the like."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqdata.readers.letters import check_letters
from seqdata.readers.protocol import RowBlock

if TYPE_CHECKING:
    import pandas as pd

_ROWS = 100_000  # rows in a block
_FARTHEST = 2**53  # above, a float64 no longer tells whole numbers apart
TEXT_COLUMNS = ("chrom", "genome", "split", "id", "name", "ref", "alt")
"""Columns that are read as text even where they look like numbers, since the contract keeps them so."""

_SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t", ".tab": "\t"}


class Table:
    r"""A delimited text file, plain or compressed, one sequence a row.

    Parameters
    ----------
    path
        The file. ``.csv`` is split at commas, ``.tsv``, ``.tab`` and ``.txt`` at tabs, unless
        `separator` says otherwise.
    sequence
        Name of the column with the letters.
    targets
        Names of the columns that are measured; they must hold numbers.
    separator
        What stands between columns.
    names
        Column names of a file without a header line.

    Raises
    ------
    ValueError
        If a named column is not there, two columns have one name, a target is not a number, a sequence
        is empty or not made of ASCII letters, rows have more columns than the header, or the file is
        not UTF-8; the message names file and line (blank lines are not counted).

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.csv"); _ = path.write_text("dna,y\nACG,1.5\n")
    >>> block = next(Table(path, sequence="dna", targets=["y"]).blocks())
    >>> block.sequences, block.columns["y"]
    ([b'ACG'], array([1.5], dtype=float32))
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        sequence: str,
        targets: Sequence[str] = (),
        separator: str | None = None,
        names: Sequence[str] | None = None,
    ) -> None:
        self.path = Path(path)
        self.sequence = sequence
        self.targets = tuple(targets)
        self.names = None if names is None else list(names)
        self._text: tuple[str, ...] = TEXT_COLUMNS
        if sequence in self.targets:
            msg = f"targets must be other columns than the sequence; found {sequence!r} in both"
            raise ValueError(msg)
        plain = self.path.name
        for ending in (".gz", ".bz2", ".xz", ".zst"):
            plain = plain.removesuffix(ending)
        self.separator = separator or _SEPARATORS.get(Path(plain).suffix, "")
        if not self.separator:
            msg = (
                f"separator must be given for {self.path.name}, whose name ends in none of "
                f"{' '.join(_SEPARATORS)}"
            )
            raise ValueError(msg)

    def files(self) -> list[str]:
        """Name the file."""
        return [os.fspath(self.path)]

    def with_text(self, columns: Sequence[str]) -> Table:
        """Give the same table with further columns read as text, whatever they look like."""
        table = copy.copy(self)
        table._text = (*self._text, *columns)
        return table

    def blocks(self) -> Iterator[RowBlock]:
        """Give the rows in the file's order."""
        try:
            self._check_header()
            yield from self._blocks()
        except UnicodeDecodeError as error:
            msg = f"{self.path.name} must be UTF-8 text; {error}. Save it as UTF-8"
            raise ValueError(msg) from None

    def _check_header(self) -> None:
        """Refuse two columns of one name, which pandas would rename without a word."""
        import pandas as pd

        names = self.names
        if names is None:
            options: dict[str, Any] = {"header": None, "nrows": 1, "dtype": str}
            header = pd.read_csv(self.path, sep=self.separator, keep_default_na=False, **options)
            names = header.iloc[0].tolist()
        twice = [name for i, name in enumerate(names) if name and name in names[:i]]
        if twice:
            msg = (
                f"columns of {self.path.name} must have names of their own; found {twice[0]!r} twice. "
                "Rename one"
            )
            raise ValueError(msg)

    def _blocks(self) -> Iterator[RowBlock]:
        import pandas as pd

        first, lines_above = 0, 1 if self.names is None else 0
        with pd.read_csv(
            self.path,
            sep=self.separator,
            names=self.names,
            header="infer" if self.names is None else None,
            dtype={c: str for c in self._text if c not in (self.sequence, *self.targets)},
            converters={self.sequence: _letters},
            chunksize=_ROWS,
            low_memory=False,
        ) as chunks:
            for chunk in chunks:
                self._check_columns(chunk, first)
                if len(chunk):
                    yield self._block(chunk, first + lines_above + 1)
                first += len(chunk)

    def _check_columns(self, chunk: pd.DataFrame, first: int) -> None:
        if not np.array_equal(chunk.index, np.arange(first, first + len(chunk))):
            msg = (
                f"{self.path.name} must have a name for every column; found rows with more columns than "
                f"the header ({', '.join(map(str, chunk.columns))}). Name the column of row names too"
            )
            raise ValueError(msg)
        for argument, column in [
            ("sequence", self.sequence),
            *(("targets", t) for t in self.targets),
        ]:
            if column not in chunk:
                msg = (
                    f"{argument} must name a column of {self.path.name}; found no {column!r} "
                    f"among {', '.join(map(str, chunk.columns))}"
                )
                raise ValueError(msg)

    def _block(self, chunk: pd.DataFrame, first_line: int) -> RowBlock:
        sequences = chunk[self.sequence].tolist()
        for line, letters in enumerate(sequences, first_line):
            if not letters:
                msg = (
                    f"{self.path.name}, line {line}: expected letters in column {self.sequence!r}; "
                    "found none"
                )
                raise ValueError(msg)
            check_letters(letters, f"{self.path.name}, line {line}")
        columns = {
            str(name): self._column(chunk[name], first_line)
            for name in chunk.columns
            if name != self.sequence
        }
        return RowBlock(sequences, columns)

    def _column(self, column: pd.Series, first_line: int) -> NDArray[Any]:
        import pandas as pd

        if column.name not in self.targets:
            return contract_column(column)
        numbers = pd.to_numeric(column, errors="coerce")
        bad = (numbers.isna() & column.notna()).to_numpy()
        if bad.any():
            row = int(bad.argmax())
            msg = (
                f"{self.path.name}, line {first_line + row}: target {column.name!r} must be a number; "
                f"found {column.iloc[row]!r}"
            )
            raise ValueError(msg)
        return numbers.to_numpy(dtype=np.float32)


def _letters(field: str) -> bytes:
    """Give a field's letters as bytes, which pandas leaves alone: it takes the text NA for missing."""
    return field.strip().encode()


def contract_column(column: pd.Series) -> NDArray[Any]:
    """Give a table's column the type that the contract asks for.

    Whole numbers become int64, other numbers float32 with NaN for missing ones, truth values bool,
    and everything else text with ``""`` for missing ones. Whole numbers beyond int64 become text, and
    those beside gaps stay float64 where float32 would change them.

    Examples
    --------
    >>> import pandas as pd
    >>> contract_column(pd.Series([1.5, None])).dtype, contract_column(pd.Series(["a", None])).tolist()
    (dtype('float32'), ['a', ''])
    """
    if column.dtype == bool:
        return column.to_numpy(dtype=bool)
    if column.dtype.kind in "iu" and not (column > np.iinfo(np.int64).max).any():
        return column.to_numpy(dtype=np.int64)
    if column.dtype.kind == "f":
        values = column.to_numpy(dtype=np.float64)
        return values if float32_changes(values) else values.astype(np.float32)
    return column.astype(object).where(column.notna(), "").astype(str).to_numpy(dtype=object)


def float32_changes(values: NDArray[np.float64]) -> bool:
    """Whether values are whole numbers, but for gaps (NaN), that float32 would not keep exactly.

    Beyond 2**53, where float64 does not keep them either, numbers are not taken for whole.

    Examples
    --------
    >>> float32_changes(np.array([248956421, np.nan])), float32_changes(np.array([0.1, np.nan]))
    (True, False)
    """
    known = values[~np.isnan(values)]
    is_whole = (np.abs(known) <= _FARTHEST).all() and (known % 1 == 0).all()
    return bool(is_whole and (known.astype(np.float32) != known).any())
