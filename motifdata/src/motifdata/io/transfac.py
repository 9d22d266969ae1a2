"""The TRANSFAC format: records of lines that begin with two letters, each closed by ``//``."""

from __future__ import annotations

import re
from collections.abc import Iterable

import seqpro as sp
from motifdata.io._lines import NumberedLines
from motifdata.io._matrix import (
    Content,
    alphabet_of_letters,
    counts_or_probabilities,
    motif_of_counts,
    number_lines,
    one_line,
    row_of_numbers,
)
from motifdata.motif import Motif
from motifdata.motifset import MotifSet
from seqpro import Alphabet

HEAD = re.compile(r"^P[0O]((?:\s+[A-Za-z])+)$")
"""The head of a matrix: its letters."""

_LINE = re.compile(r"^([A-Z]{2})(?:\s+(.*))?$")
_COMMENT = re.compile(r"^(tax_group|species|source|licence)\s*:\s*(.*)$")
_FIELDS = {"tax_group": "taxon", "species": "species", "source": "source", "licence": "licence"}


def parse(lines: NumberedLines, alphabet: Alphabet | None) -> Content:
    """Read TRANSFAC text, as TRANSFAC, JASPAR and HOCOMOCO write it.

    The id is AC, else ID, else NA. The name is NA, else the first of ID and DE that is not the id. Taxon,
    species, source and licence are comments (CC), as in ``CC tax_group:plants``; species also what the
    binding factors (BF) say. A record without a matrix, such as the version, is passed over.
    """
    motifs, starts = [], []
    for line in lines.until():
        if line and line != "//":
            first = lines.number
            if motif := _read_record(lines, line, alphabet):
                motifs.append(motif)
                starts.append(first)
    return Content(motifs, starts)


def _read_record(lines: NumberedLines, line: str, alphabet: Alphabet | None) -> Motif | None:
    first = lines.number
    values: dict[str, list[str]] = {}
    rows: list[list[float]] = []
    letters = ""
    while line != "//":
        if head := HEAD.match(line):
            if letters:
                lines.fail("expected one matrix in a record; found a second")
            letters = "".join(head[1].split()).upper()
            rows = _read_matrix(lines, len(letters))
        elif parts := _LINE.match(line):
            values.setdefault(parts[1], []).append((parts[2] or "").strip())
        elif line:
            lines.fail(f"expected a line that begins with two capital letters; found {line!r}")
        if lines.at_end:
            lines.fail("expected // at the end of the record; is the file cut off?", number=first)
        line = lines.take()
    if not letters:
        if values.keys() & {"AC", "ID", "NA"}:
            lines.fail("expected a matrix, P0 A C G T, in the record; found none", number=first)
        return None
    return _build(lines, first, values, rows, letters, alphabet)


def _read_matrix(lines: NumberedLines, size: int) -> list[list[float]]:
    """Read rows numbered from 0 or 1; a consensus letter may follow the counts."""
    rows: list[list[float]] = []
    start = 1
    while not lines.at_end and lines.peek()[:1].isdigit():
        place, *words = lines.take().split()
        start = 0 if not rows and place in ("0", "00") else start
        if not place.isdigit() or int(place) != start + len(rows):
            lines.fail(f"expected position {start + len(rows):02d}; found {place}")
        if len(words) == size + 1 and words[-1].isalpha():
            words.pop()
        row_of_numbers(lines, words, rows, size)
    if not rows:
        lines.fail("expected rows of the matrix; found none")
    return rows


def _build(
    lines: NumberedLines,
    first: int,
    values: dict[str, list[str]],
    rows: list[list[float]],
    letters: str,
    alphabet: Alphabet | None,
) -> Motif:
    given = {key: next(filter(None, texts), "") for key, texts in values.items()}
    identifier = next(filter(None, (given.get(key) for key in ("AC", "ID", "NA"))), None)
    if identifier is None:
        lines.fail("expected AC, ID or NA with an id in the record; found none", number=first)
    others = (given[key] for key in ("ID", "DE") if key in given)
    name = given.get("NA") or next((text for text in others if text != identifier), "")
    fields = _comments(values.get("CC", []))
    fields.setdefault("species", "; ".join(dict.fromkeys(_species(values.get("BF", [])))))
    used, order = alphabet_of_letters(lines, first, letters, alphabet)
    table = [[row[i] for i in order] for row in rows]
    return motif_of_counts(lines, first, identifier, table, used, name=name, **fields)


def _comments(texts: Iterable[str]) -> dict[str, str]:
    found = (_COMMENT.match(text) for text in texts)
    return {_FIELDS[match[1]]: match[2].strip() for match in found if match}


def _species(factors: Iterable[str]) -> list[str]:
    found = (re.search(r"Species:\s*(.*?)\.?$", text) for text in factors)
    return [match[1] for match in found if match and match[1]]


def render(motifs: MotifSet) -> bytes:
    """Write TRANSFAC text."""
    return "".join(map(_block, motifs)).encode()


def _block(motif: Motif) -> str:
    lines = [f"AC  {one_line(motif.id)}", "XX", f"ID  {one_line(motif.id)}", "XX"]
    if motif.name:
        lines += [f"NA  {one_line(motif.name)}", "XX"]
    lines.append("P0  " + "\t".join(motif.alphabet.letters))  # two spaces, as Biopython wants them
    rows = zip(number_lines(counts_or_probabilities(motif)), _letters(motif), strict=True)
    lines += [f"{i:02d}  {row}\t{letter}" for i, (row, letter) in enumerate(rows, 1)]
    lines.append("XX")
    comments = {key: one_line(getattr(motif, field)) for key, field in _FIELDS.items()}
    lines += [f"CC  {key}:{text}" for key, text in comments.items() if text]
    return "\n".join([*lines, "//", ""])


def _letters(motif: Motif) -> str:
    return motif.consensus("iupac" if motif.alphabet in (sp.DNA, sp.RNA) else "argmax")
