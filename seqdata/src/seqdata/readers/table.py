"""Tables with a sequence column: csv, tsv and the like, and parquet."""

from __future__ import annotations

import copy
import lzma
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqdata.readers import parquet
from seqdata.readers.letters import check_block
from seqdata.readers.protocol import RowBlock
from seqdata.readers.table_text import NotPlainError, PlainText, Words, plain_blocks
from seqpro import Ragged
from seqpro.checks import shown

if TYPE_CHECKING:
    import pandas as pd

_ROWS = 100_000  # most rows in a block
_FIRST_ROWS = 1_000  # rows in pandas' first block, which tells how long rows are
_BLOCK = 8 << 20  # letters in a block, or bytes of text
_FARTHEST = 2**53  # above, a float64 no longer tells whole numbers apart
TEXT_COLUMNS = ("chrom", "genome", "split", "id", "name", "ref", "alt")
"""Columns that are read as text even where they look like numbers, since the contract keeps them so."""

MISSING = (
    *("", "NA", "N/A", "n/a", "#NA", "#N/A", "#N/A N/A", "<NA>", "NaN", "nan", "-NaN", "-nan"),
    *("None", "NULL", "null", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
)
"""Words of a text file that stand for an empty cell, unless other ones are given."""

_SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t", ".tab": "\t"}
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
_DAMAGE = (EOFError, zlib.error, lzma.LZMAError, OSError)

File = str | os.PathLike[str]


class Table:
    r"""Delimited text, plain or compressed, or parquet: one file or several, one sequence a row.

    Parameters
    ----------
    path
        The file, or several with the same columns, whose rows follow each other. ``.csv`` is split at
        commas, ``.tsv``, ``.tab`` and ``.txt`` at tabs, unless `separator` says otherwise; ``.parquet``
        needs ``pip install 'eugene-seqdata[parquet]'``.
    sequence
        Name of the column with the letters.
    targets
        Names of the columns that are measured; they must hold numbers.
    separator
        What stands between columns.
    names
        Column names of files without a header line.
    missing
        Words that stand for an empty cell, in all columns but the sequences; a cell without anything always
        is one. None takes those in `MISSING` for text files, and for parquet only its own empty cells.

    Raises
    ------
    ValueError
        If a named column is not there, files differ in their columns, two columns have one name, a target
        is not a finite number, a sequence is empty or not made of ASCII letters, rows have more columns
        than the header, or a file is cut short or not UTF-8; the message names file and line (blank lines
        are not counted).

    Examples
    --------
    >>> import pathlib, tempfile, seqdata as sd
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.csv"); _ = path.write_text("dna,y\nACG,1.5\n")
    >>> block = next(sd.Table(path, sequence="dna", targets=["y"]).blocks())
    >>> block.sequences.to_strings(), block.columns["y"]
    (['ACG'], array([1.5], dtype=float32))
    """

    def __init__(
        self,
        path: File | Sequence[File],
        *,
        sequence: str,
        targets: Sequence[str] = (),
        separator: str | None = None,
        names: Sequence[str] | None = None,
        missing: Sequence[str] | None = None,
    ) -> None:
        self.paths = _paths(path)
        self.sequence = sequence
        self.targets = tuple(targets)
        self.names = None if names is None else list(names)
        self.missing = _words(missing)
        self._text: tuple[str, ...] = TEXT_COLUMNS
        if sequence in self.targets:
            msg = f"targets must be other columns than the sequence; found {sequence!r} in both"
            raise ValueError(msg)
        self._separators = [
            None if _is_parquet(path) else separator or _separator(path) for path in self.paths
        ]
        if None in self._separators and (separator or names is not None):
            msg = "separator and names are of text files; parquet files have columns with names"
            raise ValueError(msg)

    def files(self) -> list[str]:
        """Name the files."""
        return [os.fspath(path) for path in self.paths]

    def with_text(self, columns: Sequence[str]) -> Table:
        """Give the same table with further columns read as text, whatever they look like."""
        table = copy.copy(self)
        table._text = (*self._text, *columns)
        return table

    def blocks(self) -> Iterator[RowBlock]:
        """Give the rows in the files' order."""
        first: list[str] = []
        for path, separator in zip(self.paths, self._separators, strict=True):
            with _named(path):
                columns = self._columns(path, separator)
                self._check_columns(path, columns)
                first = first or columns
                _check_same(columns, first, path, self.paths[0])
                yield from self._blocks(path, separator, columns)

    def _columns(self, path: Path, separator: str | None) -> list[str]:
        """Name the columns as the file does; pandas would rename the second of one name without a word."""
        import pandas as pd

        if separator is None:
            return parquet.column_names(path, sequence=self.sequence)
        if self.names is not None:
            return self.names
        options: dict[str, Any] = {"header": None, "nrows": 1, "dtype": str}
        header = pd.read_csv(path, sep=separator, keep_default_na=False, **options)
        names: list[str] = header.iloc[0].tolist()
        return names

    def _check_columns(self, path: Path, columns: list[str]) -> None:
        twice = [name for i, name in enumerate(columns) if name and name in columns[:i]]
        if twice:
            msg = f"columns of {path.name} must have names of their own; found {twice[0]!r} twice. Rename one"
            raise ValueError(msg)
        wanted = [("sequence", self.sequence), *(("targets", target) for target in self.targets)]
        for argument, column in wanted:
            if column not in columns:
                msg = (
                    f"{argument} must name a column of {path.name}; found no {column!r} among "
                    f"{', '.join(columns)}"
                )
                raise ValueError(msg)

    def _blocks(self, path: Path, separator: str | None, columns: list[str]) -> Iterator[RowBlock]:
        """Rows as plain text for as long as they are plain, and the others by pandas."""
        done = 0
        if separator is not None:
            with suppress(NotPlainError):
                for block in self._plain_blocks(path, separator, columns):
                    yield block
                    done += len(block.sequences)
                return
        yield from self._other_blocks(path, separator, done)

    def _plain_blocks(self, path: Path, separator: str, columns: list[str]) -> Iterator[RowBlock]:
        missing = Words(MISSING if self.missing is None else self.missing)
        has_header = self.names is None
        for text in plain_blocks(
            path, columns=columns, has_header=has_header, separator=separator, size=_BLOCK
        ):
            for first in range(0, len(text), _ROWS):
                yield self._plain_block(text[first : first + _ROWS], columns, missing)

    def _plain_block(self, text: PlainText, columns: list[str], missing: Words) -> RowBlock:
        sequences = text.letters(columns.index(self.sequence))
        found = {}
        for number, name in enumerate(columns):
            if name in self.targets:
                found[name] = _plain_target(text.column(number, missing))
            elif name != self.sequence:
                values = text.column(number, missing, as_text=name in self._text)
                found[name] = _contract_numbers(values) if values.dtype == np.float64 else values
        return RowBlock(sequences, found)

    def _other_blocks(self, path: Path, separator: str | None, done: int) -> Iterator[RowBlock]:
        """Rows as pandas reads them, all from the start, but for those that are done."""
        is_text = separator is not None
        lines_above = 1 if is_text and self.names is None else 0
        row = 0
        frames = self._frames(path, separator) if separator else self._parquet_frames(path)
        for frame in frames:
            if is_text and not np.array_equal(frame.index, np.arange(row, row + len(frame))):
                msg = (
                    f"{path.name} must have a name for every column; found rows with more columns than the "
                    f"header ({', '.join(map(str, frame.columns))}). Name the column of row names too"
                )
                raise ValueError(msg)
            row += len(frame)
            further = frame.iloc[max(len(frame) - (row - done), 0) :]
            if len(further):
                where = f"{path.name}, {'line' if is_text else 'row'}"
                yield self._block(further, where, row - len(further) + lines_above + 1)

    def _frames(self, path: Path, separator: str) -> Iterator[pd.DataFrame]:
        """Rows of a text file, as many at a time as make some million letters."""
        import pandas as pd

        rows = min(_ROWS, _FIRST_ROWS)
        with (
            pd.read_csv(
                path,
                sep=separator,
                names=self.names,
                header="infer" if self.names is None else None,
                dtype={c: str for c in self._text if c not in (self.sequence, *self.targets)},
                converters={self.sequence: _letters},
                keep_default_na=False,
                na_values=list(MISSING if self.missing is None else self.missing),
                iterator=True,
                low_memory=False,
            ) as reader,
            suppress(StopIteration),
        ):
            while True:
                frame = reader.get_chunk(rows)
                yield frame
                longest = max(map(len, frame[self.sequence]), default=1)
                rows = min(_ROWS, max(1, _BLOCK // max(longest, 1)))

    def _parquet_frames(self, path: Path) -> Iterator[pd.DataFrame]:
        """Rows of a parquet file, typed as those of a text file would be."""
        first = 1
        for frame in parquet.frames(path, rows=_ROWS, size=_BLOCK):
            columns = {}
            for name in map(str, frame.columns):
                column = numpy_column(frame[name])
                if name == self.sequence:
                    letters = _cell_letters(column.tolist(), name, f"{path.name}, row", first)
                    columns[name] = type(column)(letters, dtype=object)
                    continue
                if self.missing is not None and column.dtype == object:
                    column = column.mask(column.isin(self.missing))
                if name in self._text and name not in self.targets:
                    column = column.astype(object)
                columns[name] = column
            first += len(frame)
            yield type(frame)(columns)

    def _block(self, frame: pd.DataFrame, where: str, first: int) -> RowBlock:
        sequences = Ragged.from_bytes(frame[self.sequence].tolist())
        if not sequences.sizes.all():
            line = first + int(sequences.sizes.argmin())
            msg = f"{where} {line}: expected letters in column {self.sequence!r}; found none"
            raise ValueError(msg)
        check_block(sequences, lambda row: f"{where} {first + row}")
        columns = {
            str(name): self._target(frame[name], where, first)
            if name in self.targets
            else contract_column(frame[name])
            for name in frame.columns
            if name != self.sequence
        }
        return RowBlock(sequences, columns)

    def _target(self, column: pd.Series, where: str, first: int) -> NDArray[Any]:
        """A target's numbers as float32, all finite or missing."""
        import pandas as pd

        numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        with np.errstate(over="ignore"):
            values = numbers.astype(np.float32)
        is_text = (np.isnan(numbers) & column.notna().to_numpy()).astype(bool)
        bad = is_text | np.isinf(values)
        if bad.any():
            row = int(bad.argmax())
            kind = "a number" if is_text[row] else "a finite number of float32"
            msg = (
                f"{where} {first + row}: target {column.name!r} must be {kind}; found {column.iloc[row]!r}. "
                "Mend it, or name it in missing= if it stands for an empty cell"
            )
            raise ValueError(msg)
        return values


def _paths(path: File | Sequence[File]) -> list[Path]:
    paths = [Path(path)] if isinstance(path, str | os.PathLike) else [Path(each) for each in path]
    twice = [each for i, each in enumerate(paths) if each in paths[:i]]
    if not paths or twice:
        found = f"{twice[0]} twice" if twice else "none"
        msg = f"path must name one file or several different ones; found {found}"
        raise ValueError(msg)
    return paths


def _words(missing: Sequence[str] | None) -> tuple[str, ...] | None:
    if missing is None:
        return None
    if isinstance(missing, str) or not all(isinstance(word, str) for word in missing):
        msg = f"missing must be a list of words, such as ['NA']; found {shown(missing)}"
        raise ValueError(msg)
    return ("", *missing)


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() in (".parquet", ".pq")


def _separator(path: Path) -> str:
    plain = path.name
    for ending in _COMPRESSED:
        plain = plain.removesuffix(ending)
    separator = _SEPARATORS.get(Path(plain).suffix, "")
    if not separator:
        msg = (
            f"separator must be given for {path.name}, whose name ends in none of "
            f"{' '.join(_SEPARATORS)} .parquet"
        )
        raise ValueError(msg)
    return separator


def _check_same(columns: list[str], first: list[str], path: Path, first_path: Path) -> None:
    if set(columns) == set(first):
        return
    lacking = [name for name in first if name not in columns]
    further = [name for name in columns if name not in first]
    parts = [f"{what} {', '.join(map(repr, few))}" for what, few in
             (("no", lacking), ("further", further)) if few]  # fmt: skip
    msg = (
        f"files must have the same columns; {path.name} has {' and '.join(parts)}, compared with "
        f"{first_path.name}. Read them one by one, or make their columns alike"
    )
    raise ValueError(msg)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Name the file in errors of what reads it."""
    import pandas as pd

    try:
        yield
    except UnicodeDecodeError as error:
        msg = f"{path.name} must be UTF-8 text; {error}. Save it as UTF-8"
        raise ValueError(msg) from None
    except pd.errors.EmptyDataError:
        msg = f"{path.name} must have a header line and rows; it is empty"
        raise ValueError(msg) from None
    except pd.errors.ParserError as error:
        msg = f"{path.name} must have the same columns in every line; {error}"
        raise ValueError(msg) from None
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        msg = f"{path.name} is cut short or damaged: {error}. Copy or download it again"
        raise ValueError(msg) from None


def _plain_target(values: NDArray[Any]) -> NDArray[np.float32]:
    """Numbers that are finite as float32; pandas says what is wrong with others."""
    if values.dtype == object:
        raise NotPlainError
    with np.errstate(over="ignore"):
        target = values.astype(np.float32)
    if np.isinf(target).any():
        raise NotPlainError
    return target


def _letters(field: str) -> bytes:
    """Give a field's letters as bytes, which pandas leaves alone: it takes the text NA for missing."""
    return field.strip().encode()


def _cell_letters(cells: list[Any], name: str, where: str, first: int) -> list[bytes]:
    """Letters of a column whose cells may be text or bytes; nothing where they are missing."""
    letters = []
    for row, cell in enumerate(cells, first):
        if isinstance(cell, str | bytes):
            letters.append(_letters(cell) if isinstance(cell, str) else cell.strip())
        elif cell is None or cell != cell:
            letters.append(b"")
        else:
            msg = f"{where} {row}: expected letters in column {name!r}; found {cell!r}"
            raise ValueError(msg)
    return letters


def numpy_column(column: pd.Series) -> pd.Series:
    """Give a column of pandas' own types the type that reading it from text would give.

    Whole numbers beside missing ones become float64 with NaN where that keeps them, else text.

    Examples
    --------
    >>> import pandas as pd
    >>> numpy_column(pd.Series([1, None], dtype="Int64")).tolist()
    [1.0, nan]
    """
    import pandas as pd

    kind = column.dtype
    if not isinstance(kind, pd.api.extensions.ExtensionDtype):
        return column
    has_gaps = bool(column.isna().any())
    if isinstance(kind, pd.BooleanDtype):
        return column.astype(object if has_gaps else bool)
    if isinstance(kind, pd.Int64Dtype | pd.UInt64Dtype):
        if not has_gaps:
            return column.astype(kind.numpy_dtype)
        fits = bool((column.dropna().astype(object).abs() <= _FARTHEST).all())
        return column.astype("float64" if fits else object)
    return column.astype(object)


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
        return _contract_numbers(column.to_numpy(dtype=np.float64))
    return column.astype(object).where(column.notna(), "").astype(str).to_numpy(dtype=object)


def _contract_numbers(values: NDArray[np.float64]) -> NDArray[Any]:
    return values if float32_changes(values) else values.astype(np.float32)


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
