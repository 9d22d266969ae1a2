"""Datasets whose rows are sequences: from tables and from FASTA files."""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqdata.ahead import read_ahead
from seqdata.exchange import beside
from seqdata.labels import FREE_TEXT, encode_labels
from seqdata.provenance import add_step, file_entry
from seqdata.readers.fasta import FlatFASTA
from seqdata.readers.letters import count_outside, known_letters
from seqdata.readers.protocol import RowBlock, RowSource
from seqdata.readers.table import File, Table, float32_changes
from seqdata.schema import SEQUENCE, SPECS
from seqdata.spool import Growing, GrowingRows
from seqdata.store import StorePath, StoreWriter, block_rows, open_zarr
from seqdata.validation import annotate, validate
from seqpro import DNA, Alphabet

_log = logging.getLogger(__name__)

_NUMBER = re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_AHEAD = 4  # blocks that are read while others are compressed
_BEGINS_NUMBER = np.frombuffer(b"+-.0123456789", np.uint8)


def read_table(
    path: File | Sequence[File],
    *,
    sequence: str,
    targets: str | Sequence[str] = (),
    alphabet: Alphabet = DNA,
    separator: str | None = None,
    names: Sequence[str] | None = None,
    missing: Sequence[str] | None = None,
    out: StorePath | None = None,
    overwrite: bool = False,
) -> xr.Dataset:
    r"""Read a table with one sequence a row.

    Parameters
    ----------
    path
        A ``.csv`` (commas), ``.tsv``, ``.tab`` or ``.txt`` (tabs) file, plain or compressed, or a
        ``.parquet`` file (``pip install 'eugene-seqdata[parquet]'``); or several with the same columns, whose
        rows follow each other.
    sequence
        Column with the letters.
    targets
        Column or columns with measurements. A column of only 0 and 1 becomes int8, a class, with -1
        where it is empty; any other float32, with NaN where it is empty.
    alphabet
        What the letters are. Letters that it does not know are kept, and counted in the log.
    separator
        What stands between columns, if the file's name does not tell.
    names
        Column names of files without a header line.
    missing
        Words that stand for an empty cell in any column but `sequence`, such as ``["ND", "-999"]``; a cell
        without anything always is one. None takes the usual words of text files (``NA``, ``N/A``, ``nan``,
        ``null``, ``None`` and the like: `seqdata.readers.table.MISSING`).
    out
        Store to write, a folder or URL, so that memory does not grow with the rows; None keeps the data in
        memory.
    overwrite
        Whether a store at `out` may be replaced.

    Returns
    -------
    Dataset with ``row``, ``seq`` (_sequence, _length), or ragged ``seq`` if lengths differ, the targets
    and every other column of the table by its own name

    Raises
    ------
    ValueError
        If a named column is not there or two have one name, files differ in their columns, a target is
        not a finite number, a sequence is empty, a number, or not made of ASCII letters, a file is cut
        short, or a column has a name that the contract keeps for something else. A target's error names
        file, line, column and value.

    Examples
    --------
    >>> import pathlib, tempfile, seqdata as sd
    >>> path = pathlib.Path(tempfile.mkdtemp(), "mpra.tsv")
    >>> _ = path.write_text("dna\tactivity\tspecies\nACGT\t1.5\tfly\nGGCC\t\tfly\n")
    >>> sd.head(sd.read_table(path, sequence="dna", targets="activity"))
       row   seq  activity species
    0    0  ACGT       1.5     fly
    1    1  GGCC       NaN     fly
    """
    wanted = (targets,) if isinstance(targets, str) else tuple(targets)
    source = Table(
        path, sequence=sequence, targets=wanted, separator=separator, names=names, missing=missing
    )
    details: dict[str, Any] = {"sequence": sequence, "targets": wanted, "separator": separator}
    if names is not None:
        details["names"] = list(names)
    if missing is not None:
        details["missing"] = list(missing)
    return _read(source, alphabet, "seqdata.read_table", out, overwrite, details)


def read_fasta(
    path: str | os.PathLike[str],
    *,
    alphabet: Alphabet = DNA,
    out: StorePath | None = None,
    overwrite: bool = False,
) -> xr.Dataset:
    r"""Read a FASTA file with one record a row.

    Parameters
    ----------
    path
        The file, plain or gzipped.
    alphabet
        What the letters are. Letters that it does not know are kept, and counted in the log.
    out
        Store to write, a folder or URL, so that memory does not grow with the records; None keeps the data
        in memory.
    overwrite
        Whether a store at `out` may be replaced.

    Returns
    -------
    Dataset with ``row``, ``name`` (each header's first word) and ``seq`` (_sequence, _length), or ragged
    ``seq`` if lengths differ

    Raises
    ------
    ValueError
        If the file is no FASTA file, or a record has no letters, white space between them, or letters
        that are not ASCII.

    Examples
    --------
    >>> import pathlib, tempfile, seqdata as sd
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.fa"); _ = path.write_text(">x\nAC\nGT\n>y\nAAAA\n")
    >>> sd.head(sd.read_fasta(path))
       row   seq name
    0    0  ACGT    x
    1    1  AAAA    y
    """
    return _read(FlatFASTA(path), alphabet, "seqdata.read_fasta", out, overwrite, {})


def _read(
    source: RowSource,
    alphabet: Alphabet,
    step: str,
    out: StorePath | None,
    overwrite: bool,
    details: dict[str, Any],
) -> xr.Dataset:
    """Read all rows into memory, or by way of files beside it into a store."""
    if out is None:
        return annotate(_described(source, alphabet, None, step, details)[0])
    with StoreWriter(out, overwrite=overwrite) as writer:
        folder = beside(writer.path)
        folder.mkdir()
        try:
            ds, array = _described(source, alphabet, folder, step, details)
            rows = block_rows(ds)
            for name, variable in ds.variables.items():
                if name == "seq" and array is not None:
                    writer.adopt(name, array, variable.attrs)
                else:
                    _write(writer, str(name), variable, rows)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        writer.commit(ds.attrs)
    return open_zarr(out)


def _described(
    source: RowSource, alphabet: Alphabet, folder: Path | None, step: str, details: dict[str, Any]
) -> tuple[xr.Dataset, Path | None]:
    """Read all rows, and hash the files meanwhile; give them, and the letters' array if it is there."""
    with ThreadPoolExecutor(1) as other:
        files = [other.submit(file_entry, path) for path in source.files()]
        ds, array = _collect(source, alphabet, folder)
        entries = [file.result() for file in files]
    ds = add_step(ds, step, files=entries, **details)
    validate(ds)
    return ds, array


def _write(writer: StoreWriter, name: str, variable: xr.Variable, rows: int) -> None:
    """Write a variable; text, which was found to have too many different words for labels, as it is."""
    if variable.dtype != object:
        writer.write(name, variable, rows)
        return
    array = writer.create(
        name, dims=(SEQUENCE,), shape=variable.shape, dtype=str, rows=rows, attrs=variable.attrs
    )
    for start in range(0, variable.shape[0], array.block):
        array[start : start + array.block] = variable[start : start + array.block].values


def _collect(
    source: RowSource, alphabet: Alphabet, folder: Path | None
) -> tuple[xr.Dataset, Path | None]:
    """Put a source's blocks together, in memory or in files of `folder`; letters are never text."""
    letters = GrowingRows(folder)
    columns: dict[str, Growing] = {}
    known, outside = known_letters(alphabet), Counter[str]()
    blocks = ((block, count_outside(block.sequences, known)) for block in source.blocks())
    for block, counted in read_ahead(blocks, _AHEAD):
        if isinstance(source, Table):
            _refuse_numbers(source, block, alphabet)
        outside.update(counted)
        letters.append(block.sequences)
        for name, part_of_column in block.columns.items():
            if name not in columns:
                columns[name] = Growing(folder and folder / f"column-{len(columns)}")
            columns[name].append(part_of_column)
    if not len(letters):
        msg = f"{_name_of(source)} must hold at least one sequence; found none"
        raise ValueError(msg)
    changing = [name for name, column in columns.items() if len(column.kinds) > 1]
    if changing and isinstance(source, Table):  # such as numbers at first, text further down
        if folder:
            shutil.rmtree(folder)
            folder.mkdir()
        return _collect(source.with_text(changing), alphabet, folder)
    _log_outside(outside, alphabet, source)
    variables = {
        "row": xr.Variable(SEQUENCE, np.arange(len(letters), dtype=np.int64)),
        **letters.finish(alphabet),
    }
    targets = source.targets if isinstance(source, Table) else ()
    for name, column in columns.items():
        if name in variables:
            msg = f"column {name!r} must be renamed: the data keeps that name for itself"
            raise ValueError(msg)
        variables[name] = _column(name, column, is_target=name in targets)
    return xr.Dataset(variables), letters.array


def _column(name: str, column: Growing, *, is_target: bool) -> xr.Variable:
    """Variable of a column, which stays in its file where it is in one."""
    if is_target:
        found = _typed_target(column.whole())
    elif column.path is None or column.kinds != {"text"}:
        found = xr.Variable(SEQUENCE, _typed(name, column.whole()))
    elif column.words is None or name in FREE_TEXT:
        _check_words(name, [""])
        return xr.Variable(SEQUENCE, column.lazy())
    else:
        found = _labels(name, column, list(column.words))
    if column.path is None:
        return found
    typed = Growing(column.path.with_name(f"{column.path.name}-typed"))
    typed.append(found.values)
    column.path.unlink()
    return xr.Variable(SEQUENCE, typed.lazy(), found.attrs)


def _labels(name: str, column: Growing, words: list[str]) -> xr.Variable:
    """Codes of a column of few different words, as a store has them."""
    _check_words(name, words)
    encoded = encode_labels(np.array(words, dtype=object))
    assert encoded is not None
    codes, attrs = encoded
    code_of = dict(zip(words, codes.tolist(), strict=True))
    parts = [np.array([code_of[word] for word in block], codes.dtype) for block in column.blocks()]
    return xr.Variable(SEQUENCE, np.concatenate(parts), attrs)


def _check_words(name: str, words: list[str]) -> None:
    """Check words against the contract, which cannot be done by their codes."""
    text = xr.Variable(SEQUENCE, np.array(words, dtype=object))
    validate(xr.Dataset({"row": (SEQUENCE, np.arange(len(words))), name: text}))


def _name_of(source: RowSource) -> str:
    first, *others = (os.path.basename(path) for path in source.files())
    return f"{first} and {len(others)} more" if others else first


def _log_outside(outside: Counter[str], alphabet: Alphabet, source: RowSource) -> None:
    if not outside:
        return
    letters = ", ".join(f"{letter!r} {count}" for letter, count in outside.most_common(5))
    _log.warning(
        "%s: %d letters are outside alphabet %s (%s); in one-hot arrays they are zero columns",
        _name_of(source), outside.total(), alphabet.name, letters,
    )  # fmt: skip


def _refuse_numbers(source: Table, block: RowBlock, alphabet: Alphabet) -> None:
    """Refuse a column of measurements that was named as the sequence by mistake."""
    if any(letter.isdigit() for letter in alphabet.letters):
        return
    sequences = block.sequences
    likely = np.flatnonzero(np.isin(sequences.values[sequences.starts], _BEGINS_NUMBER))
    letters = (sequences[row].tobytes() for row in likely.tolist())
    number = next((each for each in letters if _NUMBER.fullmatch(each)), None)
    if number is not None:
        msg = (
            f"sequence must name a column of letters; column {source.sequence!r} of {_name_of(source)} "
            f"holds the number {number.decode()}. Name another column"
        )
        raise ValueError(msg)


def _typed(name: str, values: NDArray[Any]) -> NDArray[Any]:
    """Give a column of numbers the type that the contract has for its name."""
    if name == "fold" and values.dtype.kind in "if":
        folds = np.where(np.isnan(values), -1, values)
        is_kept = ((np.abs(folds) < 2**15) & (folds % 1 == 0)).all()
        return folds.astype(np.int16) if is_kept else values
    if values.dtype == np.float64 and _may_be_whole(name) and float32_changes(values):
        return _whole_with_gaps(name, values)
    if values.dtype == np.float64 or (name == "score" and values.dtype == np.int64):
        return values.astype(np.float32)
    return values


def _may_be_whole(name: str) -> bool:
    """Whether the contract lets a column of this name be int64, with -1 for what is missing."""
    named = (s for s in SPECS if s.name != "any" and "{v}" not in s.name and s.names(name))
    spec = next(named, None)
    return spec is None or ("int64" in spec.kinds and spec.missing == "-1")


def _whole_with_gaps(name: str, values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Keep all digits of whole numbers, with -1 in the gaps as the contract writes them."""
    gaps = np.isnan(values)
    if gaps.any() and (values == -1).any():
        msg = (
            f"column {name!r} must not have both empty cells and -1, which stands for a missing whole "
            f"number; found {int(gaps.sum())} empty cells. Fill them, or drop the column"
        )
        raise ValueError(msg)
    return np.where(gaps, -1, values).astype(np.int64)


def _typed_target(values: NDArray[Any]) -> xr.Variable:
    missing = np.isnan(values)
    if not missing.all() and (missing | (values == 0) | (values == 1)).all():
        classes = np.where(missing, -1, values).astype(np.int8)
        return xr.Variable(SEQUENCE, classes, {"task": "binary"})
    return xr.Variable(SEQUENCE, values.astype(np.float32), {"task": "regression"})
