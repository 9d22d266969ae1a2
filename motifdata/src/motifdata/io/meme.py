"""Reader and writer of the MEME text format, as ``MEME Suite`` documents it for motifs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

import seqpro as sp
from motifdata.io._lines import NUMBER, NumberedLines
from motifdata.io._matrix import Content, one_line
from motifdata.motif import Motif
from motifdata.motifset import MotifSet
from seqpro import Alphabet

_STANDARD = (sp.DNA, sp.RNA, sp.AA)
_NAMED = {"DNA": sp.DNA, "RNA": sp.RNA, "PROTEIN": sp.AA} | {a.letters: a for a in _STANDARD}
_ORDER = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-."
_RAREST = 1e-6  # frequency of a letter whose background is 0, which would have no score
_COMMENT = re.compile(r"^# (source|species|taxon|licence|threshold|statistics):(.*)$")
_CORE_LINE = re.compile(r'^(\S)(?:\s+"[^"]*")?(?:\s+[0-9A-Fa-f]{6})?(?:\s*~\s*(\S).*)?$')
_SECTION_END = ("MOTIF", "letter-probability matrix", "log-odds matrix", "URL", "--", "**", "#")


def parse(lines: NumberedLines, alphabet: Alphabet | None) -> Content:
    """Read MEME text, whose version line may be missing or say anything."""
    header = _read_header(lines)
    if alphabet is not None and header.alphabet not in (None, alphabet):
        lines.fail(f"expected the letters {alphabet.letters}; found {header.alphabet.letters}")
    header.alphabet = alphabet or header.alphabet
    motifs, starts = [], []
    while not lines.at_end:
        starts.append(lines.number + 1)
        motifs.append(_read_motif(lines, header))
    if not motifs:
        lines.fail("no line that begins with MOTIF; is this a MEME motif file?")
    return Content(motifs, starts, _as_background(lines, header, motifs[0].alphabet))


def render(motifs: MotifSet) -> bytes:
    """Write minimal MEME text.

    Raises
    ------
    ValueError
        If the alphabet's letters are not in MEME's order, or its complements go one way only.
    """
    return "\n".join([_header_text(motifs), *map(_motif_text, motifs)]).encode()


# Reading


@dataclass
class _Header:
    alphabet: Alphabet | None = None
    background: dict[str, float] = field(default_factory=dict)
    background_line: int = 0


def _read_header(lines: NumberedLines) -> _Header:
    header = _Header()
    for line in lines.until("MOTIF"):
        if line.startswith("ALPHABET="):
            header.alphabet = _standard_alphabet(lines, line.removeprefix("ALPHABET=").strip())
        elif line.startswith("ALPHABET"):
            header.alphabet = _custom_alphabet(lines, line)
        elif line.startswith("Background letter frequencies"):
            header.background_line = lines.number + 1
            header.background = _read_background(lines)
    return header


def _standard_alphabet(lines: NumberedLines, letters: str) -> Alphabet:
    if letters.upper() not in _NAMED:
        problem = (
            f"ALPHABET= must be ACGT, ACGU or {sp.AA.letters}; found {letters!r}. "
            "Other alphabets are defined in a block, ALPHABET to END ALPHABET"
        )
        lines.fail(problem)
    return _NAMED[letters.upper()]


def _custom_alphabet(lines: NumberedLines, line: str) -> Alphabet:
    """Read a block of core letters (with complements), then of letters that stand for several."""
    first = lines.number
    quoted = re.search(r'"([^"]*)"', line)
    pairs: dict[str, str | None] = {}
    unknown = "N"
    for text in lines.until("END ALPHABET", "MOTIF"):
        text = text.partition("#")[0].strip()
        if not text:
            continue
        if several := re.match(r"^(\S)\s*=\s*(\S*)$", text):
            if pairs and set(several[2]) == set(pairs) and len(pairs) > 1:
                unknown = several[1]
            continue
        core = _CORE_LINE.match(text)
        if core is None:
            lines.fail(f'expected a letter of the alphabet, as in A "Adenine"; found {text!r}')
        pairs.setdefault(core[1], None)
        if core[2]:
            pairs[core[1]], pairs[core[2]] = core[2], core[1]
    if lines.at_end or not lines.take().startswith("END ALPHABET"):
        lines.fail("the block ALPHABET has no line END ALPHABET", number=first)
    return _build_alphabet(lines, quoted[1] if quoted else "", pairs, unknown, first)


def _build_alphabet(
    lines: NumberedLines, name: str, pairs: dict[str, str | None], unknown: str, first: int
) -> Alphabet:
    strange = [letter for letter in pairs if letter not in _ORDER]
    if strange or not pairs:
        found = repr(strange[0]) if strange else "none"
        lines.fail(
            f"letters of an alphabet are A-Z, a-z, 0-9, * - and .; found {found}", number=first
        )
    letters = "".join(sorted(pairs, key=_ORDER.index))
    words = [
        a + b
        for a in letters
        if (b := pairs[a]) is not None and letters.index(a) <= letters.index(b)
    ]
    for standard in _STANDARD:
        same_pairs = all(standard.complement(word[0]) == word[1] for word in words)
        if letters == standard.letters and bool(words) == standard.has_complement and same_pairs:
            return standard
    try:
        return Alphabet(name or letters, letters, " ".join(words), unknown)
    except ValueError as error:
        lines.fail(str(error), number=first)


def _read_background(lines: NumberedLines) -> dict[str, float]:
    """Read pairs of letter and frequency, which may go on over several lines."""
    found: dict[str, float] = {}
    while not lines.at_end:
        words = lines.peek().split()
        if not words and not found:
            lines.take()
            continue
        if not words or len(words) % 2 or any(len(word) != 1 for word in words[::2]):
            break
        lines.take()
        for letter, number in zip(words[::2], words[1::2], strict=True):
            found[letter] = lines.value(number)
    return found


def _as_background(lines: NumberedLines, header: _Header, alphabet: Alphabet) -> list[float] | None:
    if not header.background:
        return None
    values = [header.background.get(letter) for letter in alphabet.letters]
    known = [value for value in values if value is not None]
    if len(known) != len(alphabet) or min(known) < 0 or abs(sum(known) - 1) > 0.01:
        problem = (
            f"background must give each of {alphabet.letters} a frequency, 1 in all; "
            f"found {header.background}"
        )
        lines.fail(problem, number=header.background_line)
    return known if min(known) > 0 else [max(value, _RAREST) / (1 + _RAREST) for value in known]


def _read_motif(lines: NumberedLines, header: _Header) -> Motif:
    identifier, name = _read_names(lines)
    first = lines.number
    matrix: NDArray[np.float64] | None = None
    fields: dict[str, float] = {}
    texts: dict[str, str] = {}
    for line in lines.until("MOTIF"):
        if line.startswith("letter-probability matrix"):
            if matrix is not None:
                lines.fail(f"a second letter-probability matrix for motif {identifier!r}")
            fields = _read_fields(lines, line)
            matrix = _read_matrix(lines, fields)
        elif line.startswith("URL"):
            texts["source"] = line.removeprefix("URL").strip()
        elif comment := _COMMENT.match(line):
            texts[comment[1]] = comment[2].strip()
    if matrix is None:
        lines.fail(f"motif {identifier!r} has no letter-probability matrix", number=first)
    alphabet = header.alphabet or {4: sp.DNA, 20: sp.AA}.get(matrix.shape[1])
    if alphabet is None:
        problem = (
            f"motif {identifier!r} has {matrix.shape[1]} columns, and the file names no alphabet"
        )
        lines.fail(problem, number=first)
    others: dict[str, Any] = {**texts, "nsites": fields.get("nsites"), "evalue": fields.get("E")}
    if "threshold" in texts:
        others["threshold"] = lines.value(texts["threshold"], number=first)
    try:
        return Motif(identifier, matrix, alphabet, name, **others)
    except ValueError as error:
        lines.fail(str(error), number=first)


def _read_names(lines: NumberedLines) -> tuple[str, str]:
    names = _split_names(lines.take())
    if names is None:
        lines.fail("MOTIF must be followed by an id")
    return names


def _split_names(line: str) -> tuple[str, str] | None:
    """Split ``MOTIF id name``; what MEME's own output adds (``width = ...``) is left out."""
    words = re.split(r"\s+width\s*=", line)[0].split()
    return (words[1], " ".join(words[2:])) if len(words) > 1 else None


def _read_fields(lines: NumberedLines, line: str) -> dict[str, float]:
    found = re.findall(r"\b(alength|w|nsites|E)\s*=\s*(\S+)", line.partition(":")[2])
    return {key: lines.value(text) for key, text in found}


def _read_matrix(lines: NumberedLines, fields: dict[str, float]) -> NDArray[np.float64]:
    first = lines.number
    rows: list[list[float]] = []
    width = int(fields.get("w", 0))
    while not lines.at_end and len(rows) != (width or -1):
        line = lines.peek()
        if line.startswith(_SECTION_END) or (not line and rows and not width):
            break
        lines.take()
        if not line:
            continue
        rows.append([lines.value(word) for word in line.split()])
        if len(rows[-1]) != len(rows[0]):
            problem = (
                f"expected {len(rows[0])} numbers, as in the rows above; found {len(rows[-1])}"
            )
            lines.fail(problem)
    if width and not lines.at_end and re.match(NUMBER + r"\s", lines.peek()):
        lines.fail(f"the matrix must have w= {width} rows; found more", number=first)
    letters = len(rows[0]) if rows else 0
    wanted = (int(fields.get("alength", letters)), width or len(rows))
    if not rows or (letters, len(rows)) != wanted:
        problem = (
            f"the matrix must have alength= {wanted[0]} columns and w= {wanted[1]} rows; "
            f"found {letters} and {len(rows)}"
        )
        lines.fail(problem, number=first)
    return np.array(rows)


# Writing


def _header_text(motifs: MotifSet) -> str:
    alphabet = motifs.alphabet
    if alphabet in _STANDARD:
        parts = ["MEME version 5", "", f"ALPHABET= {alphabet.letters}", ""]
    else:
        parts = ["MEME version 5", "", *_alphabet_lines(alphabet), ""]
    if alphabet.has_complement:
        parts += ["strands: + -", ""]
    frequencies = zip(alphabet.letters, motifs.background.tolist(), strict=True)
    parts += ["Background letter frequencies", " ".join(f"{a} {p!r}" for a, p in frequencies), ""]
    return "\n".join(parts)


def _alphabet_lines(alphabet: Alphabet) -> list[str]:
    letters = alphabet.letters
    if any(a not in _ORDER for a in letters) or letters != "".join(
        sorted(letters, key=_ORDER.index)
    ):
        msg = (
            f"alphabet {alphabet.name!r} must have letters of A-Z, a-z, 0-9, * - and . in this order to "
            f"be written as MEME; found {letters!r}"
        )
        raise ValueError(msg)
    if any(alphabet.complement(alphabet.complement(a)) != a for a in letters):
        msg = (
            f"the complements of alphabet {alphabet.name!r} must go both ways to be written as MEME"
        )
        raise ValueError(msg)
    if '"' in alphabet.name:
        msg = f'the name of an alphabet cannot hold " in MEME; found {alphabet.name!r}'
        raise ValueError(msg)
    lines = [f'ALPHABET "{alphabet.name}"']
    for letter in letters:
        partner = alphabet.complement(letter)
        if not alphabet.has_complement:
            lines.append(f'{letter} "{letter}"')
        elif letters.index(letter) <= letters.index(partner):
            lines.append(f'{letter} "{letter}" ~ {partner} "{partner}"')
    if len(letters) > 1 and alphabet.unknown not in letters:
        lines.append(f"{alphabet.unknown} = {letters}")
    return [*lines, "END ALPHABET"]


def _motif_text(motif: Motif) -> str:
    length, letters = motif.probabilities.shape
    fields = f"alength= {letters} w= {length}"
    if motif.nsites is not None:
        fields += f" nsites= {motif.nsites:.17g}"
    if motif.evalue is not None:
        fields += f" E= {motif.evalue:.17g}"
    lines = [
        f"MOTIF {one_line(motif.id, motif.name)}",
        f"letter-probability matrix: {fields}",
        *(" ".join(map(repr, row)) for row in motif.probabilities.tolist()),
    ]
    source = one_line(motif.source)
    if re.match(r"(https?|ftp)://", source):
        lines.append(f"URL {source}")
    elif source:
        lines.append(f"# source: {source}")
    keys = ("species", "taxon", "licence", "statistics")
    comments = {key: one_line(getattr(motif, key)) for key in keys}
    lines += [f"# {key}: {text}" for key, text in comments.items() if text]
    if motif.threshold is not None:
        lines.append(f"# threshold: {motif.threshold:.17g}")
    return "\n".join([*lines, ""])
