"""GTF and GFF3 annotation as pandas frames with 0-based half-open coordinates.

The files count from 1 and include the end; the tables do not: a line 100 to 200 is 99 to 200 here, so that
every function of `seqpro.bed` takes them as they are.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from seqpro.bed import open_text, parse_scores
from seqpro.places import import_pandas, places_of, refuse, whole_numbers

if TYPE_CHECKING:
    import pandas as pd

_FIXED = ("chrom", "source", "feature", "chromStart", "chromEnd", "score", "strand", "frame")
_STRANDS = {"+": "+", "-": "-", ".": ".", "?": "."}
_FRAMES = {".": -1, "0": 0, "1": 1, "2": 2}
_TYPES = {"score": np.float64, "strand": np.object_, "frame": np.int64}
_RULES = {
    "score": "score must be a number, or . where there is none",
    "strand": "strand must be + - . or ?",
    "frame": "frame must be 0, 1, 2 or .",
}
_COLUMNS = 9
_BLOCK = 1 << 15  # lines whose attributes are in memory as single words at a time

Place = Callable[[int], str]


def read_gtf(
    path: str | os.PathLike[str], *, attributes: Sequence[str] | None = None
) -> pd.DataFrame:
    r"""Read a GTF file, plain or gzipped, with each attribute as a column.

    Comments, blank lines and ``track`` and ``browser`` lines are passed over. Values may hold semicolons
    between their quotes.

    Parameters
    ----------
    path
        A file of nine columns between tabs, the last as ``gene_id "a"; transcript_id "b"; level 2;``.
    attributes
        Names of the attributes to keep, in this order, or None for all. Fewer take less time and memory.

    Returns
    -------
    DataFrame with one row a line, in the file's order: ``chrom``, ``source``, ``feature``, ``chromStart``
    and ``chromEnd`` (0-based, half-open: the file's start less 1), ``score`` (NaN for a dot), ``strand``
    (+ - or the dot), ``frame`` (0, 1, 2, or -1 for a dot), and the attributes as text, NaN where a line
    has none. Values of an attribute that a line repeats (``tag``, ``ont``) are joined by commas. An
    attribute with the name of a column before is called ``attribute_`` and its name.

    Raises
    ------
    TypeError, ValueError
        If a line has another number of columns, a coordinate that is not a whole number, a start below
        1, an end before its start, a score, strand or frame that is none, or attributes that cannot be
        told apart, with the file and the line; or if `attributes` names one that no line has.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp(), "genes.gtf")
    >>> line = 'chr1\tHAVANA\texon\t100\t200\t.\t+\t.\tgene_id "g1"; tag "a"; tag "b";\n'
    >>> _ = path.write_text(line)
    >>> read_gtf(path).drop(columns=["source", "score", "frame"])
      chrom feature  chromStart  chromEnd strand gene_id  tag
    0  chr1    exon          99       200      +      g1  a,b
    """
    return _read(Path(path), _gtf_words, attributes)


def read_gff3(
    path: str | os.PathLike[str], *, attributes: Sequence[str] | None = None
) -> pd.DataFrame:
    r"""Read a GFF3 file, plain or gzipped, with each attribute as a column.

    Comments, directives (``##``), blank lines and the sequences after ``##FASTA`` are passed over.
    Percent-encoded characters are decoded. Several values of one attribute stay joined by commas, and
    so a comma within a value (``%2C``) looks like one between values.

    Parameters
    ----------
    path
        A file of nine columns between tabs, the last as ``ID=a;Parent=b,c``.
    attributes
        As in `read_gtf`.

    Returns
    -------
    DataFrame as of `read_gtf`. The phase is in ``frame``; a strand of ``?`` is read as the dot.

    Raises
    ------
    TypeError, ValueError
        As `read_gtf`.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp(), "genes.gff3")
    >>> _ = path.write_text("##gff-version 3\nchr1\tx\tgene\t100\t200\t.\t-\t.\tID=g1;Note=a%3Bb\n")
    >>> read_gff3(path, attributes=["ID", "Note"])[["chromStart", "chromEnd", "ID", "Note"]]
       chromStart  chromEnd  ID Note
    0          99       200  g1  a;b
    """
    return _read(Path(path), _gff3_words, attributes, decode=unquote)


def transcripts(table: pd.DataFrame, *, feature: str = "exon") -> pd.DataFrame:
    """Gather the exons of each transcript in one row.

    Parameters
    ----------
    table
        Table of `read_gtf`, with ``transcript_id`` and ``gene_id``, or of `read_gff3`, with ``ID`` and
        ``Parent``: there the exons' parent is the transcript and the transcript's parent the gene.
    feature
        Rows to gather: ``"exon"``, ``"CDS"`` or another word of the column ``feature``. The stop codon
        belongs to the CDS in GFF3 and not in GTF.

    Returns
    -------
    DataFrame with one row a transcript, in the order of their first exon in `table`: ``chrom``,
    ``chromStart``, ``chromEnd`` (from the first exon's start to the last one's end, 0-based, half-open),
    ``strand``, ``gene_id``, ``transcript_id``, ``exon_starts`` and ``exon_ends``: int64 arrays of shape
    (exons,), in the order of the genome on both strands. A gene that is not known is ``""``.

    Raises
    ------
    TypeError, ValueError
        If columns are missing, no row is such a feature, a row of it names no transcript, a transcript
        lies on two contigs or strands, or has an exon twice.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({
    ...     "chrom": "chr1", "feature": "exon", "chromStart": [20, 5], "chromEnd": [30, 9],
    ...     "strand": "-", "gene_id": "g", "transcript_id": "t"})
    >>> transcripts(table).drop(columns=["strand", "gene_id"])
      chrom  chromStart  chromEnd transcript_id exon_starts exon_ends
    0  chr1           5        30             t     [5, 20]   [9, 30]
    """
    import pandas as pd

    exons = _exons(table, feature)
    places = places_of(exons, "table")
    codes, names = pd.factorize(exons["transcript_id"])
    order = np.lexsort((places.ends, places.starts, codes))
    codes, starts, ends = codes[order], places.starts[order], places.ends[order]
    begins = np.flatnonzero(np.diff(codes, prepend=-1))
    _check_one_value(exons, order, codes, begins)
    again = (np.diff(codes) == 0) & (np.diff(starts) == 0) & (np.diff(ends) == 0)
    if again.any():
        row = int(again.argmax())
        msg = (
            f"a transcript must have each {feature} once; {names[codes[row]]!r} has "
            f"{starts[row]}-{ends[row]} twice. Drop the duplicates of the table"
        )
        raise ValueError(msg)
    found = exons.iloc[order[begins]]
    found = found[["chrom", "strand", "gene_id", "transcript_id"]].reset_index(drop=True)
    found.insert(1, "chromStart", starts[begins])
    found.insert(2, "chromEnd", np.maximum.reduceat(ends, begins) if len(begins) else ends)
    for name, values in (("exon_starts", starts), ("exon_ends", ends)):
        arrays = [values[a:b] for a, b in pairwise([*begins, len(values)])]
        found[name] = pd.Series(arrays, dtype=object)
    return found


class _Words(NamedTuple):
    """The attributes of some lines: for each its line, the number of its name, and its value."""

    rows: NDArray[np.intp]
    codes: NDArray[np.intp]
    values: NDArray[np.object_]
    names: Sequence[str]


def _read(
    path: Path,
    words: Callable[[list[str], Place], _Words],
    attributes: Sequence[str] | None,
    *,
    decode: Callable[[str], str] = str,
) -> pd.DataFrame:
    """Read a file whose attributes `words` takes apart, and whose other text `decode` reads."""
    pd = import_pandas()
    if isinstance(attributes, str):
        msg = f"attributes must be a list of names; found {attributes!r}. Pass [{attributes!r}]"
        raise TypeError(msg)
    blocks: list[dict[str, NDArray[Any]]] = []
    names: dict[str, None] = {}
    for lines, numbers in _line_blocks(path):
        place = partial(_place, path.name, numbers)
        block, texts = _fixed_columns(lines, place, decode)
        if attributes is None or len(attributes):
            found = words(texts, place)
            names.update(dict.fromkeys(found.names))
            block |= _attribute_columns(found, len(lines), attributes)
        blocks.append(block)
    if blocks and attributes is not None:
        _check_attributes(path, attributes, names)
    chosen = [*_FIXED, *map(_column_name, names if attributes is None else attributes)]
    blocks = blocks or [_fixed_columns([], str, decode)[0]]
    return pd.DataFrame({name: _joined(blocks, name) for name in chosen})


def _place(file: str, numbers: list[int], row: int) -> str:
    return f"{file}, line {numbers[row]}"


def _check_attributes(path: Path, attributes: Sequence[str], names: Iterable[str]) -> None:
    missing = [name for name in attributes if name not in names]
    if missing:
        msg = f"attributes must be among those of {path.name}: {', '.join(names)}; found {missing[0]!r}"
        raise ValueError(msg)


def _line_blocks(path: Path) -> Iterator[tuple[list[str], list[int]]]:
    """Give the lines with features and their numbers, some thousand at a time."""
    lines: list[str] = []
    numbers: list[int] = []
    with open_text(path) as stream:
        for number, line in enumerate(stream, 1):
            if line.startswith(("#", ">", "track", "browser")) or line.isspace():
                if line.startswith((">", "##FASTA")):
                    break
                if line.startswith("#") or line.split(None, 1)[:1] in ([], ["track"], ["browser"]):
                    continue
            lines.append(line)
            numbers.append(number)
            if len(lines) == _BLOCK:
                yield lines, numbers
                lines, numbers = [], []
    if lines:
        yield lines, numbers


def _fixed_columns(
    lines: list[str], place: Place, decode: Callable[[str], str]
) -> tuple[dict[str, NDArray[Any]], list[str]]:
    """Read the eight columns that all lines have; give the ninth as text."""
    import pandas as pd

    texts = [line.rstrip("\r\n") for line in lines]
    widths = pd.Series([text.count("\t") + 1 for text in texts], dtype=np.int64)
    refuse(widths != _COLUMNS, place, f"expected {_COLUMNS} columns between tabs", widths.get)
    words = "\t".join(texts).split("\t") if texts else []
    table = np.array(words, dtype=object).reshape(-1, _COLUMNS)
    columns: dict[str, NDArray[Any]] = {}
    for name, text in zip(_FIXED, table.T, strict=False):
        if name in ("chromStart", "chromEnd"):
            columns[name] = whole_numbers(pd.Series(text, name=name, dtype=object), place)
        elif name in _RULES:
            columns[name] = _read_words(name, text, place)
        else:
            columns[name] = _shared(text, decode)
    start, end = columns["chromStart"], columns["chromEnd"]
    rule = "a start must be 1 or more and at most the end"
    wrong = pd.Series((start < 1) | (start > end))
    refuse(wrong, place, rule, lambda row: f"{start[row]} to {end[row]}")
    return columns | {"chromStart": start - 1}, words[_COLUMNS - 1 :: _COLUMNS]


def _read_words(name: str, text: NDArray[np.object_], place: Place) -> NDArray[Any]:
    """Read a column of few different words: score, strand or frame."""
    import pandas as pd

    codes, words = pd.factorize(text)
    column = pd.Series(words, dtype=object)
    if name == "score":
        values, bad = parse_scores(column)
    else:
        values = column.map(_STRANDS if name == "strand" else _FRAMES)
        bad = values.isna()
    refuse(pd.Series(bad.to_numpy(bool)[codes]), place, _RULES[name], lambda row: repr(text[row]))
    return values.to_numpy(_TYPES[name])[codes]


def _shared(values: NDArray[np.object_], decode: Callable[[str], str] = str) -> NDArray[np.object_]:
    """Decode an array of text so that equal values are one object; NaN stays."""
    import pandas as pd

    codes, words = pd.factorize(values)
    return np.array([*map(decode, words), np.nan], dtype=object)[codes]


def _gtf_words(texts: list[str], place: Place) -> _Words:
    import pandas as pd

    odd = pd.Series([text.count('"') % 2 == 1 for text in texts], dtype=bool)
    refuse(odd, place, "quotes must come in pairs", lambda row: repr(texts[row]))
    parts = "\n".join(texts).split('"')
    values = np.array(parts[1::2], dtype=object)
    forms = '""'.join(parts[::2]).split("\n")
    rule = "attributes must be written as 'name \"value\";' (GFF3 files are read with read_gff3)"
    statements, kinds = _distinct(forms, _gtf_statements, texts, place, rule)
    return _words(statements, kinds, '""', values)


def _gff3_words(texts: list[str], place: Place) -> _Words:
    text = "\n".join(texts)
    parts = re.split("=([^;\n]*)", text)
    values = list(map(unquote, parts[1::2])) if "%" in text else parts[1::2]
    forms = "=".join(parts[::2]).split("\n")
    rule = "attributes must be written as 'name=value' (GTF files are read with read_gtf)"
    statements, kinds = _distinct(forms, _gff3_statements, texts, place, rule)
    return _words(statements, kinds, "=", np.array(values, dtype=object))


def _gtf_statements(form: str) -> list[tuple[str, str]] | None:
    """Give names and values of a line whose quotes are empty; None if it is not made of such."""
    found = []
    for statement in form.split(";"):
        name, _, value = statement.strip().partition(" ")
        value = value.strip()
        if name in ("", ".") and not value:
            continue
        if not value or '"' in name or "=" in name or ('"' in value and value != '""'):
            return None
        found.append((name, value))
    return found


def _gff3_statements(form: str) -> list[tuple[str, str]] | None:
    """Give names of a line that has nothing after its equal signs; None if it is not made of such."""
    found = []
    for statement in form.split(";"):
        name, value, _ = statement.strip().partition("=")
        if name in ("", ".") and not value:
            continue
        if not value or not name:
            return None
        found.append((unquote(name), value))
    return found


def _distinct(
    forms: list[str],
    read: Callable[[str], list[tuple[str, str]] | None],
    texts: list[str],
    place: Place,
    rule: str,
) -> tuple[list[list[tuple[str, str]]], NDArray[np.intp]]:
    """Read each form once, for lines that differ in their values only; also give the form of each line."""
    import pandas as pd

    kinds, distinct = pd.factorize(np.array(forms, dtype=object))
    statements = [read(form) for form in distinct]
    bad = np.array([pairs is None for pairs in statements], dtype=bool)
    refuse(pd.Series(bad[kinds]), place, rule, lambda row: repr(texts[row]))
    return [pairs or [] for pairs in statements], kinds


def _words(
    statements: list[list[tuple[str, str]]],
    kinds: NDArray[np.intp],
    mark: str,
    values: NDArray[np.object_],
) -> _Words:
    """Give every line the statements of its form, with the next of `values` for each mark."""
    import pandas as pd

    sizes = np.array([len(pairs) for pairs in statements], dtype=np.intp)
    begins, counts = np.cumsum(sizes) - sizes, sizes[kinds]
    shift = begins[kinds] - np.cumsum(counts) + counts
    index = np.arange(counts.sum()) + np.repeat(shift, counts)
    flat = [pair for pairs in statements for pair in pairs]
    codes, names = pd.factorize(np.array([name for name, _ in flat], dtype=object))
    written = np.array([value for _, value in flat], dtype=object)
    found = written[index]
    found[(written == mark)[index]] = values
    return _Words(np.repeat(np.arange(len(kinds)), counts), codes[index], found, names)


def _attribute_columns(
    found: _Words, n: int, attributes: Sequence[str] | None
) -> dict[str, NDArray[np.object_]]:
    """Give each chosen attribute as a column of `n` lines."""
    order = np.argsort(found.codes, kind="stable")
    bounds = np.searchsorted(found.codes[order], np.arange(len(found.names) + 1))
    columns = {}
    for code, name in enumerate(found.names):
        if attributes is None or name in attributes:
            places = order[bounds[code] : bounds[code + 1]]
            columns[_column_name(name)] = _column(found.rows[places], found.values[places], n)
    return columns


def _column(rows: NDArray[np.intp], values: NDArray[np.object_], n: int) -> NDArray[np.object_]:
    """Put the values of one attribute in their lines; several of one line are joined by commas."""
    column = np.full(n, np.nan, dtype=object)
    column[rows] = values
    begins = np.flatnonzero(np.diff(rows, prepend=-1))
    ends = np.append(begins[1:], len(rows))
    several = ends - begins > 1
    for begin, end in zip(begins[several].tolist(), ends[several].tolist(), strict=True):
        column[rows[begin]] = ",".join(values[begin:end])
    return _shared(column)


def _column_name(attribute: str) -> str:
    return f"attribute_{attribute}" if attribute in _FIXED else attribute


def _joined(blocks: list[dict[str, NDArray[Any]]], name: str) -> pd.Series:
    """Join the blocks of a column; those that do not have it are NaN."""
    import pandas as pd

    parts = [block.get(name, np.full(len(block["chrom"]), np.nan, object)) for block in blocks]
    values = np.concatenate(parts)
    return pd.Series(values, dtype=values.dtype)


def _exons(table: pd.DataFrame, feature: str) -> pd.DataFrame:
    """Give the rows of a feature with their gene and transcript, one row for each transcript they are in."""
    by_parent = "Parent" in table and "ID" in table
    needed = ["ID", "Parent"] if by_parent else ["transcript_id", "gene_id"]
    places = ["chrom", "chromStart", "chromEnd", "strand"]
    missing = [name for name in ("feature", *places, *needed) if name not in table]
    if missing:
        msg = (
            f"table must have the columns feature, {', '.join(places)}, and transcript_id and gene_id "
            f"(GTF) or ID and Parent (GFF3); it has no {missing[0]}. Read it with attributes={needed!r}"
        )
        raise ValueError(msg)
    exons = table.loc[table["feature"] == feature, [*places, *needed]]
    if len(table) and not len(exons):
        features = ", ".join(map(str, table["feature"].unique()))
        msg = f"feature must be one of the table's: {features}; found {feature!r}"
        raise ValueError(msg)
    if by_parent:
        parents = {parent: parent.split(",") for parent in exons["Parent"].dropna().unique()}
        several = exons["Parent"].map(parents).astype(object)
        exons = exons.assign(transcript_id=several).explode("transcript_id")
        owners = table.dropna(subset="ID").drop_duplicates("ID").set_index("ID")["Parent"]
        genes = owners.fillna(owners.index.to_series())
        exons = exons.assign(gene_id=exons["transcript_id"].map(genes))
    nameless = exons["transcript_id"].isna() | (exons["transcript_id"] == "")
    rule = f"every {feature} must name its {'Parent' if by_parent else 'transcript_id'}"
    labels = exons.index
    refuse(nameless, lambda row: f"table, row {labels[row]}", rule, lambda _: "none")
    strand = exons["strand"].astype(object).fillna(".")
    return exons.assign(strand=strand, gene_id=exons["gene_id"].astype(object).fillna(""))


def _check_one_value(
    exons: pd.DataFrame,
    order: NDArray[np.intp],
    codes: NDArray[np.intp],
    begins: NDArray[np.intp],
) -> None:
    """Refuse a transcript on two contigs or strands; `codes` are those of the ordered exons."""
    for name, what in (("chrom", "contig"), ("strand", "strand")):
        values = exons[name].to_numpy(dtype=object)[order]
        differs = values != values[begins][codes]
        if differs.any():
            row = int(differs.argmax())
            transcript = exons["transcript_id"].iloc[order[row]]
            msg = (
                f"a transcript must lie on one {what}; {transcript!r} is on {values[begins[codes[row]]]} and "
                f"{values[row]}. Give its copies names of their own"
            )
            raise ValueError(msg)
