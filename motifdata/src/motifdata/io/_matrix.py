"""What the formats share: from rows of numbers to a motif, and back to text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import seqpro as sp
from motifdata.io._lines import NumberedLines
from motifdata.motif import SUM_TOLERANCE, WHOLE, Motif
from seqpro import Alphabet

_BY_SIZE = {4: sp.DNA, 20: sp.AA}
_BY_LETTERS = {frozenset(alphabet.letters): alphabet for alphabet in (sp.DNA, sp.RNA, sp.AA)}


class Content(NamedTuple):
    """What a file holds: motifs with the lines they begin at, and a background or None.

    `empty` names the motifs that the file lists without a matrix.
    """

    motifs: list[Motif]
    lines: list[int]
    background: list[float] | None = None
    empty: tuple[str, ...] = ()


def alphabet_of_size(
    lines: NumberedLines, first: int, size: int, given: Alphabet | None
) -> Alphabet:
    """Give the alphabet of a matrix whose file names no letters."""
    alphabet = given or _BY_SIZE.get(size)
    if alphabet is None or len(alphabet) != size:
        wanted = "4 (DNA) or 20 (protein)" if given is None else f"{len(given)} ({given.name})"
        problem = (
            f"expected a matrix with numbers for {wanted} letters; found {size}. "
            "Other letters are named with read_motifs(..., alphabet=)"
        )
        lines.fail(problem, number=first)
    return alphabet


def alphabet_of_letters(
    lines: NumberedLines, first: int, letters: str, given: Alphabet | None
) -> tuple[Alphabet, list[int]]:
    """Give the alphabet that a file's letters spell in any order, and where its letters stand."""
    found = _BY_LETTERS.get(frozenset(letters)) if given is None else given
    if found is None or sorted(found.letters) != sorted(letters):
        wanted = "ACGT, ACGU or those of proteins" if given is None else given.letters
        problem = (
            f"expected each of the letters {wanted} once; found {letters or 'none'}. "
            "Other letters are named with read_motifs(..., alphabet=)"
        )
        lines.fail(problem, number=first)
    return found, [letters.index(letter) for letter in found.letters]


def motif_of_counts(
    lines: NumberedLines,
    first: int,
    identifier: str,
    table: list[list[float]],
    alphabet: Alphabet,
    **fields: Any,
) -> Motif:
    """Make a motif of counts, or of probabilities where every position sums to 1; (length, letters)."""
    matrix = np.array(table, dtype=np.float64)
    totals = matrix.sum(axis=1)
    if (np.abs(totals - 1) <= SUM_TOLERANCE).all():
        return motif_of_probabilities(lines, first, identifier, table, alphabet, **fields)
    most = float(totals.max())
    whole = float(np.rint(most))
    fields["nsites"] = whole if abs(most - whole) <= WHOLE * most else most
    try:
        return Motif.from_counts(matrix, id=identifier, alphabet=alphabet, **fields)
    except ValueError as error:
        hint = ". Log-odds are not counts: read the file of counts" if (matrix < 0).any() else ""
        lines.fail(f"{error}{hint}", number=first)


def motif_of_probabilities(
    lines: NumberedLines,
    first: int,
    identifier: str,
    table: list[list[float]],
    alphabet: Alphabet,
    **fields: Any,
) -> Motif:
    """Make a motif of probabilities, (length, letters)."""
    try:
        return Motif(identifier, np.array(table, dtype=np.float64), alphabet, **fields)
    except ValueError as error:
        lines.fail(str(error), number=first)


def row_of_numbers(
    lines: NumberedLines, words: list[str], rows: list[list[float]], size: int | None = None
) -> None:
    """Add a row of the line last taken to `rows`; it has `size` numbers, or as many as the first row."""
    wanted = size or (len(rows[0]) if rows else len(words))
    if len(words) != wanted:
        lines.fail(f"expected {wanted} numbers; found {len(words)}")
    rows.append([lines.value(word) for word in words])


def titled_rows(lines: NumberedLines) -> Iterator[tuple[int, str, list[list[float]]]]:
    """Give the line, the title after ``>`` and the rows of numbers of each motif.

    A file of one motif may do without a title; it is then named after the file.
    """
    first, title = 0, ""
    rows: list[list[float]] = []
    for line in lines.filled():
        if not line.startswith(">"):
            first = first or lines.number
            row_of_numbers(lines, line.split(), rows)
            continue
        if rows and not title:
            lines.fail("expected a title that begins with >; found a row", number=first)
        if title:
            yield _whole(lines, first, title, rows)
        first, title, rows = lines.number, line[1:].rstrip(), []
        if not title.strip():
            lines.fail("expected an id after >; found a blank title")
    if title or rows:
        yield _whole(lines, first, title or lines.stem, rows)


def _whole(
    lines: NumberedLines, first: int, title: str, rows: list[list[float]]
) -> tuple[int, str, list[list[float]]]:
    if not rows:
        lines.fail("expected rows of numbers after the title; found none", number=first)
    return first, title, rows


def id_and_name(title: str) -> tuple[str, str]:
    """Split a title that is not blank: the first word is the id, the rest is the name."""
    words = title.split()
    return words[0], " ".join(words[1:])


def one_line(*texts: str) -> str:
    """Join texts on one line, with one space between words."""
    return " ".join(" ".join(texts).split())


def counts_or_probabilities(motif: Motif) -> NDArray[np.float64]:
    """Give counts where the number of sites is known, else probabilities, shape (length, letters)."""
    return motif.counts() if motif.nsites else motif.probabilities


def digits(value: float) -> str:
    """Write a number with all its digits; whole numbers without a point."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def number_lines(table: NDArray[np.float64], separator: str = "\t") -> list[str]:
    """Write each row of a table as a line."""
    return [separator.join(map(digits, row)) for row in table.tolist()]
