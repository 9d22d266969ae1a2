"""Collections of motifs: order, look-up, joining, tables."""

from __future__ import annotations

import numpy as np
import pytest

import seqpro as sp
from motifdata import Motif, MotifSet


def motif(key, name="", letters="TGACTCA", **fields):
    return Motif.from_consensus(letters, id=key, name=name, **fields)


@pytest.fixture
def motifs():
    return MotifSet([motif("MA1", "JUN"), motif("MA2", "Gata1"), motif("MA3", "JUN")])


def test_motifset__keeps_order_and_counts(motifs):
    assert motifs.ids == [m.id for m in motifs] == ["MA1", "MA2", "MA3"]
    assert len(motifs) == 3


def test_motifset__looks_up_by_id_and_by_a_name_only_one_has(motifs):
    assert motifs["MA2"] is motifs["Gata1"]
    assert "MA2" in motifs
    assert "Gata1" in motifs
    assert motifs["MA1"] in motifs
    assert motif("MA1") not in motifs
    assert "" not in motifs


def test_motifset__an_ambiguous_name_lists_the_ids(motifs):
    with pytest.raises(ValueError, match=r"several motifs.*MA1, MA3"):
        motifs["JUN"]


def test_motifset__an_unknown_name_suggests_close_ones_whatever_the_case(motifs):
    with pytest.raises(ValueError, match="Did you mean 'Gata1'"):
        motifs["GATA2"]


def test_motifset__a_position_is_no_key(motifs):
    with pytest.raises(TypeError, match="by id or name"):
        motifs[0]


def test_motifset__refuses_a_repeated_id():
    with pytest.raises(ValueError, match="'MA1' more than once"):
        MotifSet([motif("MA1"), motif("MA1")])


def test_motifset__refuses_mixed_alphabets_and_strangers():
    with pytest.raises(ValueError, match="one alphabet"):
        MotifSet([motif("a"), motif("b", alphabet=sp.RNA)])
    with pytest.raises(TypeError, match="found ndarray"):
        MotifSet([np.full((3, 4), 0.25)])


def test_motifset__background_is_checked_and_cannot_be_changed(motifs):
    with pytest.raises(ValueError, match="background"):
        MotifSet(motifs, background=[0.5, 0.5])
    with pytest.raises(ValueError, match="read-only"):
        motifs.background[0] = 1


def test_select__gives_the_order_asked_for_and_keeps_the_background(motifs):
    skewed = MotifSet(motifs, background=[0.3, 0.2, 0.2, 0.3])
    chosen = skewed.select(["MA3", "Gata1"])
    assert chosen.ids == ["MA3", "MA2"]
    assert np.array_equal(chosen.background, skewed.background)


def test_select__refuses_one_text_and_unknown_ids(motifs):
    with pytest.raises(TypeError, match="Put it in a list"):
        motifs.select("MA1")
    with pytest.raises(ValueError, match="no motif has the id or name 'MA9'"):
        motifs.select(["MA9"])


def test_add__joins_in_order_and_refuses_a_common_id(motifs):
    joined = motifs + MotifSet([motif("x")])
    assert joined.ids == ["MA1", "MA2", "MA3", "x"]
    assert motifs.ids == ["MA1", "MA2", "MA3"]
    with pytest.raises(ValueError, match="more than once"):
        motifs + motifs


def test_add__an_empty_set_changes_nothing():
    rna = MotifSet([motif("a", alphabet=sp.RNA)], background=[0.3, 0.2, 0.2, 0.3])
    assert MotifSet() + rna == rna
    assert rna + MotifSet() == rna


def test_equality__looks_at_motifs_order_and_background(motifs):
    assert motifs == MotifSet(list(motifs))
    assert hash(motifs) == hash(MotifSet(list(motifs)))
    assert motifs != MotifSet(reversed(list(motifs)))
    assert motifs != MotifSet(motifs, background=[0.3, 0.2, 0.2, 0.3])


def test_to_frame__one_row_a_motif_with_missing_counts_as_nan():
    table = MotifSet(
        [motif("a", "n", "GGAA", certainty=1, nsites=8, source="here"), motif("b")]
    ).to_frame()
    assert table.loc[0].tolist() == ["a", "n", 4, 8.0, 8.0, "here", "GGAA"]
    assert np.isnan(table.loc[1, "nsites"])
    assert table.columns.tolist() == [
        "id", "name", "length", "information", "nsites", "source", "consensus"
    ]  # fmt: skip


def test_to_frame__an_empty_set_has_the_same_columns(motifs):
    assert MotifSet().to_frame().dtypes.to_dict() == motifs.to_frame().dtypes.to_dict()


def test_repr__stays_short(motifs):
    assert repr(motifs + MotifSet([motif("x")])) == "MotifSet(4 motifs of DNA: MA1, MA2, MA3, ...)"
    assert repr(MotifSet()) == "MotifSet(0 motifs of DNA: none)"
