"""Motifs of Biopython, which is imported only here, on use."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

import numpy as np

import seqpro as sp
from motifdata.io._matrix import counts_or_probabilities
from motifdata.motif import SUM_TOLERANCE, Motif
from motifdata.motifset import Motifs, MotifSet, as_motifset
from seqpro import Alphabet

_STANDARD = (sp.DNA, sp.RNA, sp.AA)


def to_biopython(motifs: Motifs) -> list[Any]:
    """Give motifs as ``Bio.motifs.jaspar.Motif`` objects, in order.

    Their counts are probabilities times `nsites`, or probabilities where `nsites` is not known. Id, name,
    species and taxon are kept; other fields are not, as Biopython has no place for them.

    Parameters
    ----------
    motifs
        A motif, a set, or any iterable of motifs over one alphabet.

    Raises
    ------
    ImportError
        If Biopython is not installed.

    Examples
    --------
    >>> (motif,) = to_biopython(Motif("MA1", [[0.25, 0.75, 0, 0]], name="X", nsites=8))
    >>> motif.matrix_id, motif.name, motif.counts["C"]
    ('MA1', 'X', [6.0])
    """
    try:
        jaspar = importlib.import_module("Bio.motifs.jaspar")
    except ImportError as error:
        msg = (
            "to_biopython needs Biopython, which is not installed: "
            "pip install 'eugene-motifdata[biopython]'"
        )
        raise ImportError(msg) from error
    return [
        jaspar.Motif(
            motif.id,
            motif.name or None,
            motif.alphabet.letters,
            counts=dict(
                zip(motif.alphabet.letters, counts_or_probabilities(motif).T.tolist(), strict=True)
            ),
            species=[motif.species] if motif.species else None,
            tax_group=motif.taxon or None,
        )
        for motif in as_motifset(motifs)
    ]


def from_biopython(
    motifs: Iterable[Any], *, alphabet: Alphabet | None = None, background: Any = None
) -> MotifSet:
    """Make motifs of Biopython's, whatever format it read them from.

    The id is ``matrix_id``, else ``name``; pseudocounts are not used. A
    matrix whose positions all sum to 1 is one of probabilities, others are of counts.

    Parameters
    ----------
    motifs
        Objects of ``Bio.motifs``.
    alphabet
        The letters; None for DNA, RNA or protein, as the objects say.
    background
        Probability of each letter, shape (letters,); uniform by default.

    Raises
    ------
    ValueError
        If an object has no id or no counts, or its letters are of none of the alphabets.

    Examples
    --------
    >>> motifs = MotifSet([Motif("MA1", [[0.25, 0.75, 0, 0]], name="X", nsites=8, taxon="plants")])
    >>> from_biopython(to_biopython(motifs)) == motifs
    True
    """
    return MotifSet([_convert(motif, alphabet) for motif in motifs], background=background)


def _convert(motif: Any, alphabet: Alphabet | None) -> Motif:
    identifier = getattr(motif, "matrix_id", None) or motif.name
    if not identifier or motif.counts is None:
        msg = f"each motif must have an id and counts; found {motif.name!r} without"
        raise ValueError(msg)
    letters = "".join(motif.alphabet)
    used = alphabet or next((a for a in _STANDARD if set(a.letters) == set(letters)), None)
    if used is None or set(used.letters) != set(letters):
        msg = f"letters of motif {identifier!r} must be those of alphabet; found {letters!r}. Pass alphabet="
        raise ValueError(msg)
    table = np.array([motif.counts[letter] for letter in used.letters], dtype=np.float64).T
    named = motif.name if motif.name and motif.name != identifier else ""
    fields: dict[str, Any] = {
        "name": named,
        "species": "; ".join(map(str, getattr(motif, "species", None) or ())),
        "taxon": getattr(motif, "tax_group", None) or "",
    }
    if (np.abs(table.sum(axis=1) - 1) <= SUM_TOLERANCE).all():
        return Motif(identifier, table, used, **fields)
    return Motif.from_counts(table, id=identifier, alphabet=used, **fields)
