"""Datasets whose rows are sequences: from tables and from FASTA files."""

from __future__ import annotations

import logging
import os
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqdata.provenance import add_step, file_entry
from seqdata.readers.fasta import FlatFASTA
from seqdata.readers.letters import count_outside, known_letters
from seqdata.readers.protocol import RowBlock, RowSource
from seqdata.readers.table import Table, float32_changes
from seqdata.schema import LENGTH, SEQUENCE, SPECS
from seqdata.store import StorePath, to_zarr
from seqdata.validation import annotate, validate
from seqpro import DNA, Alphabet, Ragged

_log = logging.getLogger(__name__)

_NUMBER = re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def read_table(
    path: str | os.PathLike[str],
    *,
    sequence: str,
    targets: str | Sequence[str] = (),
    alphabet: Alphabet = DNA,
    separator: str | None = None,
    names: Sequence[str] | None = None,
    out: StorePath | None = None,
    overwrite: bool = False,
) -> xr.Dataset:
    r"""Read a table with one sequence a row.

    Parameters
    ----------
    path
        A ``.csv`` (commas), ``.tsv``, ``.tab`` or ``.txt`` (tabs) file, plain or compressed.
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
        Column names of a file without a header line.
    out
        Store to write; None keeps the data in memory.
    overwrite
        Whether a store at `out` may be replaced.

    Returns
    -------
    Dataset with ``row``, ``seq`` (_sequence, _length), or ragged ``seq`` if lengths differ, the targets
    and every other column of the table by its own name

    Raises
    ------
    ValueError
        If a named column is not there or two have one name, a target is not a number, a sequence is
        empty, a number, or not made of ASCII letters, or a column has a name that the contract keeps
        for something else.

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
    source = Table(path, sequence=sequence, targets=wanted, separator=separator, names=names)
    ds = _collect(source, alphabet)
    for target in wanted:
        ds[target] = _typed_target(ds[target].variable)
    return _finish(
        ds, "seqdata.read_table", source, out, overwrite, sequence=sequence, targets=wanted
    )


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
        Store to write; None keeps the data in memory.
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
    source = FlatFASTA(path)
    return _finish(_collect(source, alphabet), "seqdata.read_fasta", source, out, overwrite)


def sequence_variables(
    ragged: Ragged, alphabet: Alphabet, name: str = "seq"
) -> dict[str, xr.Variable]:
    """Give the variables of a sequence: one of a single length, or flat with starts and sizes.

    Parameters
    ----------
    ragged
        ASCII codes, one row a sequence.
    alphabet
        Recorded in the attributes.
    name
        The variable's name.

    Returns
    -------
    ``{name}`` (_sequence, _length) if all rows have one size, else ``{name}`` on ``{name}_value`` with
    ``{name}_start`` and ``{name}_size``

    Examples
    --------
    >>> from seqpro import DNA, as_ragged
    >>> list(sequence_variables(as_ragged(["AC", "G"]), DNA))
    ['seq', 'seq_start', 'seq_size']
    """
    packed, attrs = ragged.packed(), {"alphabet": alphabet.name}
    sizes = packed.sizes
    if sizes.size and (sizes == sizes[0]).all():
        codes = packed.values.reshape(len(packed), int(sizes[0]))
        return {name: xr.Variable((SEQUENCE, LENGTH), codes, attrs)}
    return {
        name: xr.Variable(f"{name}_value", packed.values, attrs),
        f"{name}_start": xr.Variable(SEQUENCE, packed.starts),
        f"{name}_size": xr.Variable(SEQUENCE, packed.sizes),
    }


def _collect(source: RowSource, alphabet: Alphabet) -> xr.Dataset:
    """Put a source's blocks together; sequences are held as bytes, never as text."""
    values: list[NDArray[np.uint8]] = []
    sizes: list[NDArray[np.int64]] = []
    columns: dict[str, list[NDArray[Any]]] = {}
    known, outside = known_letters(alphabet), Counter[str]()
    for block in source.blocks():
        if isinstance(source, Table):
            _refuse_numbers(source, block, alphabet)
        outside.update(count_outside(block.sequences, known))
        part = Ragged.from_bytes(block.sequences)
        values.append(part.values)
        sizes.append(part.sizes)
        for name, column in block.columns.items():
            columns.setdefault(name, []).append(column)
    if not values:
        msg = f"{source.files()[0]} must hold at least one sequence; found none"
        raise ValueError(msg)
    changing = [
        name for name, parts in columns.items() if len({part.dtype == object for part in parts}) > 1
    ]
    if changing and isinstance(source, Table):  # numbers at first, text further down
        return _collect(source.with_text(changing), alphabet)
    _log_outside(outside, alphabet, source)
    ragged = Ragged.from_sizes(np.concatenate(values), np.concatenate(sizes))
    variables = {"row": xr.Variable(SEQUENCE, np.arange(len(ragged), dtype=np.int64))}
    variables |= sequence_variables(ragged, alphabet)
    for name, parts in columns.items():
        if name in variables:
            msg = f"column {name!r} must be renamed: the data keeps that name for itself"
            raise ValueError(msg)
        variables[name] = xr.Variable(SEQUENCE, _typed(name, np.concatenate(parts)))
    return xr.Dataset(variables)


def _log_outside(outside: Counter[str], alphabet: Alphabet, source: RowSource) -> None:
    if not outside:
        return
    letters = ", ".join(f"{letter!r} {count}" for letter, count in outside.most_common(5))
    _log.warning(
        "%s: %d letters are outside alphabet %s (%s); in one-hot arrays they are zero columns",
        os.path.basename(source.files()[0]), outside.total(), alphabet.name, letters,
    )  # fmt: skip


def _refuse_numbers(source: Table, block: RowBlock, alphabet: Alphabet) -> None:
    """Refuse a column of measurements that was named as the sequence by mistake."""
    if any(letter.isdigit() for letter in alphabet.letters):
        return
    number = next((letters for letters in block.sequences if _NUMBER.fullmatch(letters)), None)
    if number is not None:
        msg = (
            f"sequence must name a column of letters; column {source.sequence!r} of {source.path.name} "
            f"holds the number {number.decode()}. Name another column"
        )
        raise ValueError(msg)


def _typed(name: str, values: NDArray[Any]) -> NDArray[Any]:
    """Give a column of numbers the type that the contract has for its name."""
    if name == "fold" and values.dtype == np.int64:
        return values.astype(np.int16)
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


def _typed_target(variable: xr.Variable) -> xr.Variable:
    values = variable.values
    missing = np.isnan(values)
    if not missing.all() and np.isin(values[~missing], (0, 1)).all():
        classes = np.where(missing, -1, values).astype(np.int8)
        return xr.Variable(variable.dims, classes, {"task": "binary"})
    return xr.Variable(variable.dims, values.astype(np.float32), {"task": "regression"})


def _finish(
    ds: xr.Dataset,
    step: str,
    source: RowSource,
    out: StorePath | None,
    overwrite: bool,
    **details: Any,
) -> xr.Dataset:
    ds = add_step(ds, step, files=[file_entry(path) for path in source.files()], **details)
    validate(ds)
    return annotate(ds) if out is None else to_zarr(ds, out, overwrite=overwrite)
