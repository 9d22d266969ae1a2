"""The bracketed matrices of JASPAR: one row a letter, ``A [ 4 19 0 ]``, after ``>id name``."""

from __future__ import annotations

import re

from motifdata.io._lines import NumberedLines
from motifdata.io._matrix import (
    Content,
    alphabet_of_letters,
    counts_or_probabilities,
    id_and_name,
    motif_of_counts,
    number_lines,
    one_line,
    row_of_numbers,
)
from motifdata.motif import Motif
from motifdata.motifset import MotifSet
from seqpro import Alphabet

LETTER_ROW = re.compile(r"^([A-Za-z*])\s*[\[|:]?\s+([^\[\]|]*?)\s*\]?$")
"""A row of a letter: the letter, an opening sign or none, and numbers."""


def parse(lines: NumberedLines, alphabet: Alphabet | None) -> Content:
    """Read bracketed matrices of counts, or of probabilities; brackets and their spaces may be missing."""
    motifs, starts = [], []
    for line in lines.filled():
        if not line.startswith(">"):
            lines.fail(f"expected a title that begins with >; found {line!r}")
        if not line[1:].strip():
            lines.fail("expected an id after >; found a blank title")
        starts.append(lines.number)
        identifier, name = id_and_name(line[1:])
        motifs.append(_read_rows(lines, identifier, name, alphabet))
    return Content(motifs, starts)


def _read_rows(
    lines: NumberedLines, identifier: str, name: str, alphabet: Alphabet | None
) -> Motif:
    first, letters = lines.number, ""
    rows: list[list[float]] = []
    for line in lines.filled(">"):
        parts = LETTER_ROW.match(line.replace("[", "[ ", 1))
        if parts is None:
            lines.fail(f"expected a row of a letter, such as A [ 4 19 0 ]; found {line!r}")
        letters += parts[1].upper()
        row_of_numbers(lines, parts[2].split(), rows)
    used, order = alphabet_of_letters(lines, first, letters, alphabet)
    columns = [rows[i] for i in order]
    if not columns[0]:
        lines.fail(f"motif {identifier!r} has no positions", number=first)
    table = [list(position) for position in zip(*columns, strict=True)]
    return motif_of_counts(lines, first, identifier, table, used, name=name)


def render(motifs: MotifSet) -> bytes:
    """Write bracketed matrices."""
    return "".join(map(_block, motifs)).encode()


def _block(motif: Motif) -> str:
    rows = number_lines(counts_or_probabilities(motif).T, " ")
    lines = [
        f"{letter} [ {row} ]" for letter, row in zip(motif.alphabet.letters, rows, strict=True)
    ]
    return "\n".join([f">{one_line(motif.id, motif.name)}", *lines, ""])
