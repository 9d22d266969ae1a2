"""The motif file of ENCODE: rows of an IUPAC letter and four probabilities, after ``>id source``."""

from __future__ import annotations

import seqpro as sp
from motifdata.io._lines import NumberedLines
from motifdata.io._matrix import (
    Content,
    alphabet_of_size,
    id_and_name,
    motif_of_probabilities,
    number_lines,
    one_line,
    row_of_numbers,
)
from motifdata.motif import Motif
from motifdata.motifset import MotifSet
from seqpro import Alphabet


def parse(lines: NumberedLines, alphabet: Alphabet | None) -> Content:
    """Read ENCODE text; what follows the id in a title is the motif's `source`."""
    motifs, starts = [], []
    for line in lines.filled():
        if not line.startswith(">") or not line[1:].strip():
            lines.fail(f"expected a title, > and an id; found {line!r}")
        first = lines.number
        identifier, source = id_and_name(line[1:])
        rows: list[list[float]] = []
        for row in lines.filled(">"):
            words = row.split()
            if len(words[0]) != 1 or not words[0].isalpha():
                lines.fail(f"expected a row of a letter and probabilities; found {row!r}")
            row_of_numbers(lines, words[1:], rows)
        used = alphabet_of_size(lines, first, len(rows[0]) if rows else 0, alphabet)
        motifs.append(motif_of_probabilities(lines, first, identifier, rows, used, source=source))
        starts.append(first)
    return Content(motifs, starts)


def render(motifs: MotifSet) -> bytes:
    """Write ENCODE text."""
    return "".join(map(_block, motifs)).encode()


def _block(motif: Motif) -> str:
    letters = motif.consensus("iupac" if motif.alphabet in (sp.DNA, sp.RNA) else "argmax")
    rows = zip(letters, number_lines(motif.probabilities, " "), strict=True)
    title = f">{one_line(motif.id, motif.source)}"
    return "\n".join([title, *(f"{letter} {row}" for letter, row in rows), ""])
