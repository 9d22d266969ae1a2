"""The matrices of CIS-BP: keys and values, then a table of positions; one motif a file, or several."""

from __future__ import annotations

import re

from motifdata.io._lines import NumberedLines
from motifdata.io._matrix import (
    Content,
    alphabet_of_letters,
    motif_of_probabilities,
    number_lines,
    one_line,
    row_of_numbers,
)
from motifdata.motif import Motif
from motifdata.motifset import MotifSet
from seqpro import Alphabet

HEAD = re.compile(r"^Pos(?:ition)?((?:\s+[A-Za-z])+)$", flags=re.IGNORECASE)
"""The head of a table of positions."""

_KEYS = ("TF", "TF Name", "Gene", "Motif", "Family", "Species", "DBID", "Model")


def parse(lines: NumberedLines, alphabet: Alphabet | None) -> Content:
    """Read CIS-BP text; a motif without the key ``Motif`` is named after the file.

    Tables without positions, which CIS-BP gives where it may not show a matrix, are listed as `empty`.
    """
    motifs, starts, empty = [], [], []
    values: dict[str, str] = {}
    first = 0
    for line in lines.until():
        if not line or line.startswith("#"):
            continue
        first = first or lines.number
        head = HEAD.match(line)
        if head is None:
            key, _, value = line.partition("\t")
            if key not in _KEYS:
                wanted = "a line such as Motif and an id, or the head Pos A C G T"
                lines.fail(f"expected {wanted}, parted by tabs; found {line!r}")
            values[key] = value.strip()
            continue
        letters = "".join(head[1].split()).upper()
        identifier = values.get("Motif") or lines.stem
        if motif := _read_table(lines, first, identifier, letters, values, alphabet):
            motifs.append(motif)
            starts.append(first)
        else:
            empty.append(identifier)
        values, first = {}, 0
    if values:
        lines.fail("expected the head Pos A C G T of a table; found the end", number=first)
    return Content(motifs, starts, empty=tuple(empty))


def _read_table(
    lines: NumberedLines,
    first: int,
    identifier: str,
    letters: str,
    values: dict[str, str],
    alphabet: Alphabet | None,
) -> Motif | None:
    rows: list[list[float]] = []
    while not lines.at_end and lines.peek()[:1].isdigit():
        position, *words = lines.take().split()
        if position != str(len(rows) + 1):
            lines.fail(f"expected position {len(rows) + 1}; found {position}")
        row_of_numbers(lines, words, rows, len(letters))
    if not rows:
        return None
    used, order = alphabet_of_letters(lines, first, letters, alphabet)
    return motif_of_probabilities(
        lines,
        first,
        identifier,
        [[row[i] for i in order] for row in rows],
        used,
        name=values.get("TF Name", ""),
        species=values.get("Species", "").replace("_", " "),
    )


def render(motifs: MotifSet) -> bytes:
    """Write CIS-BP text, with a blank line after each motif."""
    return "\n".join(map(_block, motifs)).encode()


def _block(motif: Motif) -> str:
    species = one_line(motif.species).replace(" ", "_")
    keys = {"TF Name": one_line(motif.name), "Motif": one_line(motif.id), "Species": species}
    rows = enumerate(number_lines(motif.probabilities), 1)
    lines = [f"{key}\t{value}" for key, value in keys.items() if value]
    lines += ["\t".join(["Pos", *motif.alphabet.letters]), *(f"{i}\t{row}" for i, row in rows), ""]
    return "\n".join(lines)
