"""The raw matrices of JASPAR: one row a letter in the alphabet's order, without the letters."""

from __future__ import annotations

from motifdata.io._lines import NumberedLines
from motifdata.io._matrix import (
    Content,
    alphabet_of_size,
    counts_or_probabilities,
    id_and_name,
    motif_of_counts,
    number_lines,
    one_line,
    titled_rows,
)
from motifdata.motif import Motif
from motifdata.motifset import MotifSet
from seqpro import Alphabet


def parse(lines: NumberedLines, alphabet: Alphabet | None) -> Content:
    """Read raw matrices of counts or probabilities; one without a title is named after the file."""
    motifs, starts = [], []
    for first, title, rows in titled_rows(lines):
        identifier, name = id_and_name(title)
        used = alphabet_of_size(lines, first, len(rows), alphabet)
        table = [list(position) for position in zip(*rows, strict=True)]
        motifs.append(motif_of_counts(lines, first, identifier, table, used, name=name))
        starts.append(first)
    return Content(motifs, starts)


def render(motifs: MotifSet) -> bytes:
    """Write raw matrices."""
    return "".join(map(_block, motifs)).encode()


def _block(motif: Motif) -> str:
    rows = number_lines(counts_or_probabilities(motif).T, " ")
    return "\n".join([f">{one_line(motif.id, motif.name)}", *rows, ""])
