"""The matrices of UniPROBE: a title, then one row a letter, as in ``A:`` and probabilities."""

from __future__ import annotations

import re

from motifdata.io._lines import NumberedLines
from motifdata.io._matrix import (
    Content,
    alphabet_of_letters,
    id_and_name,
    motif_of_probabilities,
    number_lines,
    one_line,
    row_of_numbers,
)
from motifdata.motif import Motif
from motifdata.motifset import MotifSet
from seqpro import Alphabet

_ROW = re.compile(r"^([A-Za-z]):\s(.*)$")
_PROTEIN = re.compile(r"^Protein:\s*(.+?)\s*(?:\t|Seed k-mer:|Enrichment Score:|$)")


def parse(lines: NumberedLines, alphabet: Alphabet | None) -> Content:
    """Read UniPROBE text: one motif, named after the file where it has no title, or several.

    A title is ``id name``, or the database's own line of ``Protein:``, seed and enrichment score, of
    which the protein is kept.
    """
    motifs, starts = [], []
    while not lines.at_end:
        if lines.peek():
            starts.append(lines.number + 1)
            motifs.append(_read_motif(lines, alphabet))
        else:
            lines.take()
    return Content(motifs, starts)


def _read_motif(lines: NumberedLines, alphabet: Alphabet | None) -> Motif:
    title, first, letters = lines.stem, lines.number + 1, ""
    if not _ROW.match(lines.peek()):
        title = lines.take().lstrip("#> \t")
        while not lines.at_end and not lines.peek():
            lines.take()
    rows: list[list[float]] = []
    while not lines.at_end and (parts := _ROW.match(lines.peek())):
        lines.take()
        letters += parts[1].upper()
        row_of_numbers(lines, parts[2].split(), rows)
    if not rows or not title:
        found = lines.peek() if not lines.at_end else "the end"
        lines.fail(f"expected a title and rows such as A: 0.1 0.7; found {found!r}", number=first)
    used, order = alphabet_of_letters(lines, first, letters, alphabet)
    protein = _PROTEIN.match(title)
    identifier, name = id_and_name(protein[1] if protein else title)
    table = [list(position) for position in zip(*(rows[i] for i in order), strict=True)]
    return motif_of_probabilities(lines, first, identifier, table, used, name=name)


def render(motifs: MotifSet) -> bytes:
    """Write UniPROBE text, with a blank line after each motif."""
    return "\n".join(map(_block, motifs)).encode()


def _block(motif: Motif) -> str:
    rows = zip(motif.alphabet.letters, number_lines(motif.probabilities.T), strict=True)
    title = one_line(motif.id, motif.name)
    return "\n".join([title, *(f"{letter}:\t{row}" for letter, row in rows), ""])
