"""Telling the format of a motif file from what is in it."""

from __future__ import annotations

import io
import re
from pathlib import Path

from motifdata.io import cisbp, h5, modisco, sites, transfac
from motifdata.io._hdf5 import MAGIC, open_hdf5
from motifdata.io._lines import NUMBER

_IS_NUMBERS = re.compile(rf"^{NUMBER}(?:\s+{NUMBER})*$", re.IGNORECASE)
_IS_LETTER_ROW = re.compile(rf"^[A-Za-z](?:\s+{NUMBER})+$", re.IGNORECASE)
_IS_UNIPROBE_ROW = re.compile(rf"^[A-Za-z]:(?:\s+{NUMBER})+$", re.IGNORECASE)
_IS_SITE = re.compile(r"^[A-Za-z]+$")


def detect_format(path: Path, data: bytes) -> str:
    r"""Give the name of the format that the bytes of a file are in.

    Raises
    ------
    ValueError
        If it is none of the formats, or could be two of them.

    Examples
    --------
    >>> detect_format(Path("a"), b">MA1 X\nA [ 1 ]\nC [ 0 ]\nG [ 0 ]\nT [ 0 ]\n")
    'jaspar'
    """
    if data.startswith(MAGIC):
        return _detect_hdf5(path, data)
    lines = [line.strip() for line in io.StringIO(data.decode("utf-8-sig", "replace"))]
    numbered = [(i, line) for i, line in enumerate(lines, 1) if line]
    found = _detect_by_key([line for _, line in numbered])
    found = found or _detect_by_rows(path, [n for n in numbered if not n[1].startswith("#")])
    if found is None:
        number, line = numbered[0] if numbered else (0, "nothing")
        msg = (
            f"{path}, line {number}: expected the beginning of a motif file in a format that "
            f"motifdata.formats() lists; found {line[:60]!r}"
        )
        raise ValueError(msg)
    return found


def _detect_hdf5(path: Path, data: bytes) -> str:
    with open_hdf5(path, data) as file:
        if file.attrs.get("kind") == h5.KIND:
            return "h5"
        if any(group in file for group in modisco.GROUPS):
            return "modisco"
        msg = (
            f"{path}: expected an HDF5 file of write_motifs or TF-MoDISco; found one with "
            f"{', '.join(sorted(file)[:5]) or 'nothing'}"
        )
    raise ValueError(msg)


def _detect_by_key(lines: list[str]) -> str | None:
    """Formats that say what they are in a line of their own."""
    if any(line.startswith(("MEME version", "letter-probability matrix")) for line in lines):
        return "meme"
    if any(transfac.HEAD.match(line) for line in lines):
        return "transfac"
    if any(cisbp.HEAD.match(line) for line in lines):
        return "cisbp"
    return "uniprobe" if any(map(_IS_UNIPROBE_ROW.match, lines)) else None


def _detect_by_rows(path: Path, lines: list[tuple[int, str]]) -> str | None:
    """Formats with titles that begin with ``>``, told by their titles and rows."""
    blocks: list[list[str]] = []
    for _, line in lines:
        if line.startswith(">") or not blocks:
            blocks.append([])
        if not line.startswith(">"):
            blocks[-1].append(line)
    rows = [row for block in blocks for row in block]
    titles = [line for _, line in lines if line.startswith(">")]
    if not rows or (len(titles) != len(blocks) and titles):
        return None
    if titles and any("[" in row or "|" in row for row in rows):
        return "jaspar"
    if titles and all(map(_IS_LETTER_ROW.match, rows)):
        return "encode" if all(len(row.split()) == 5 for row in rows) else "jaspar"
    if titles and all(map(_IS_SITE.match, rows)):
        return "sites" if sites.are_likely(titles, rows) else None
    if not any(map(_IS_NUMBERS.match, rows[:1])):
        return None
    if any(len(title.split("\t")) > 2 for title in titles):
        return "homer"
    return _letters_or_positions(path, lines[0][0], blocks)


def _letters_or_positions(path: Path, number: int, blocks: list[list[str]]) -> str | None:
    """Whether the rows of matrices are letters or positions."""
    by_letter = all(len(block) in (4, 20) for block in blocks)
    by_position = all(len(row.split()) in (4, 20) for block in blocks for row in block)
    if by_letter and by_position:
        msg = (
            f"{path}, line {number}: expected rows that are letters (format='pfm') or positions "
            "(format='clusterbuster'); found matrices that could be either. Name the format"
        )
        raise ValueError(msg)
    return "pfm" if by_letter else "clusterbuster" if by_position else None
