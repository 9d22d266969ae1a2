"""The motif files of HOMER: a title of columns between tabs, then probabilities."""

from __future__ import annotations

import math

import seqpro as sp
from motifdata.io._lines import NumberedLines
from motifdata.io._matrix import (
    Content,
    alphabet_of_size,
    digits,
    id_and_name,
    motif_of_probabilities,
    number_lines,
    one_line,
    titled_rows,
)
from motifdata.motif import Motif
from motifdata.motifset import MotifSet
from seqpro import Alphabet


def parse(lines: NumberedLines, alphabet: Alphabet | None) -> Content:
    """Read HOMER text.

    The first word of a title's second column is the id, for consensus sequences repeat; the words after
    it are the name. Without a second column the consensus is the id. The threshold, natural log-odds, is
    turned into bits; 0 stands for none. Later columns become `statistics`, with spaces for tabs.
    """
    motifs, starts = [], []
    for first, title, rows in titled_rows(lines):
        columns = [column.strip() for column in title.split("\t")]
        identifier, name = id_and_name(" ".join(columns[1:2]) or columns[0] or lines.stem)
        threshold = columns[2] if len(columns) > 2 else ""
        motif = motif_of_probabilities(
            lines,
            first,
            identifier,
            rows,
            alphabet_of_size(lines, first, len(rows[0]), alphabet),
            name=name,
            threshold=_bits(lines.value(threshold, number=first)) if threshold else None,
            statistics=one_line(*columns[3:]),
        )
        motifs.append(motif)
        starts.append(first)
    return Content(motifs, starts)


def _bits(threshold: float) -> float | None:
    return threshold / math.log(2) if threshold else None


def render(motifs: MotifSet) -> bytes:
    """Write HOMER text."""
    return "".join(map(_block, motifs)).encode()


def _block(motif: Motif) -> str:
    threshold = digits((motif.threshold or 0) * math.log(2))
    columns = [
        motif.consensus("iupac" if motif.alphabet in (sp.DNA, sp.RNA) else "argmax"),
        one_line(motif.id, motif.name),
        threshold,
        *motif.statistics.split(),
    ]
    return "\n".join([">" + "\t".join(columns), *number_lines(motif.probabilities), ""])
