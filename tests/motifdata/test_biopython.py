"""Motifs to and from Biopython."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
from Bio import motifs as biomotifs

import seqpro as sp
from motifdata import Motif, MotifSet, from_biopython, read_meme, to_biopython

JASPAR = ">MA1.1 Arnt\nA [ 4 19 ]\nC [ 16 0 ]\nG [ 0 1 ]\nT [ 0 0 ]\n"


def test_from_biopython__whatever_it_read():
    (motif,) = from_biopython(biomotifs.parse(io.StringIO(JASPAR), "jaspar"))
    assert (motif.id, motif.name, motif.nsites) == ("MA1.1", "Arnt", 20)
    assert motif.counts().tolist() == [[4, 16, 0, 0], [19, 0, 1, 0]]
    built = biomotifs.create(["UGA", "UGC"], alphabet="ACGU")
    built.name = "x"
    (motif,) = from_biopython([built])
    assert (motif.alphabet, motif.id, motif.nsites) == (sp.RNA, "x", 2)


def test_to_biopython__matrices_and_names_are_there(mirror):
    motifs = read_meme(mirror / "motifs" / "JASPAR2022_CORE_vertebrates_non-redundant_v2.meme")
    others = to_biopython(motifs)
    assert [(o.matrix_id, o.name) for o in others] == [(m.id, m.name) for m in motifs]
    np.testing.assert_allclose(
        [others[5].counts[a] for a in "ACGT"], list(motifs)[5].counts().T, rtol=1e-14
    )
    back = from_biopython(others)
    for motif, other in zip(motifs, back, strict=True):
        np.testing.assert_allclose(motif.probabilities, other.probabilities, atol=1e-12)


def test_from_biopython__refuses_what_has_no_id_or_other_letters():
    nameless = biomotifs.create(["ACG"])
    with pytest.raises(ValueError, match="each motif must have an id and counts"):
        from_biopython([nameless])
    nameless.name = "x"
    with pytest.raises(ValueError, match=r"letters of motif 'x' .* found 'ACGT'. Pass alphabet="):
        from_biopython([nameless], alphabet=sp.AA)


def test_to_biopython__without_it_the_pip_line_is_given(monkeypatch):
    monkeypatch.setitem(sys.modules, "Bio.motifs.jaspar", None)
    with pytest.raises(ImportError, match=r"pip install 'eugene-motifdata\[biopython\]'"):
        to_biopython(MotifSet([Motif("m", [[1, 0, 0, 0]])]))
