"""Sites of JASPAR: FASTA whose capital letters are the sites a motif was made from. Read only."""

from __future__ import annotations

import numpy as np

import seqpro as sp
from motifdata.io._lines import NumberedLines
from motifdata.io._matrix import Content, id_and_name, motif_of_counts
from motifdata.motif import Motif
from seqpro import Alphabet


def parse(lines: NumberedLines, alphabet: Alphabet | None) -> Content:
    """Count the letters of aligned sites.

    Titles ``>id name number`` say which motif a site is of; with any other titles, all sites are of one
    motif that is named after the file. Small letters are flanks.
    """
    sites: list[tuple[int, str, str]] = []  # line, title, site
    while not lines.at_end:
        title = lines.take()
        if not title:
            continue
        if not title.startswith(">"):
            lines.fail(f"expected a title that begins with >; found {title!r}")
        first = lines.number
        letters = "".join("".join(lines.until(">")).split())
        site = "".join(letter for letter in letters if not letter.islower())
        if not site:
            lines.fail("expected a site in capital letters; found none", number=first)
        sites.append((first, title[1:], site))
    numbered = all(_is_numbered(title) for _, title, _ in sites)
    grouped: dict[str, list[tuple[int, str]]] = {}
    for first, title, site in sites:
        key = " ".join(title.split()[:-1]) if numbered else lines.stem
        grouped.setdefault(key, []).append((first, site))
    motifs = [_count(lines, title, group, alphabet) for title, group in grouped.items()]
    return Content(motifs, [group[0][0] for group in grouped.values()])


def are_likely(titles: list[str], rows: list[str]) -> bool:
    """Whether FASTA looks like sites, not like any sequences: small flanks, or numbered titles."""
    return any(row != row.upper() for row in rows) or all(map(_is_numbered, titles))


def _is_numbered(title: str) -> bool:
    words = title.split()
    return len(words) > 2 and words[-1].isdigit()


def _count(
    lines: NumberedLines, title: str, group: list[tuple[int, str]], alphabet: Alphabet | None
) -> Motif:
    first, length = group[0][0], len(group[0][1])
    uracil = any("U" in site for _, site in group)
    used = alphabet or (sp.RNA if uracil else sp.DNA)
    counts = np.zeros((length, len(used)))
    for number, site in group:
        strange = set(site) - set(used.letters)
        if strange or len(site) != length:
            found = f"the letter {min(strange)!r}" if strange else f"{len(site)}"
            lines.fail(
                f"expected a site of {length} letters of {used.letters}; found {found}",
                number=number,
            )
        counts[np.arange(length), [used.letters.index(letter) for letter in site]] += 1
    identifier, name = id_and_name(title)
    return motif_of_counts(lines, first, identifier, counts.tolist(), used, name=name)
