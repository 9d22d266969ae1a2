"""Collections of motifs: order, look-up, joining, tables."""

from __future__ import annotations

import numpy as np
import pytest

import seqpro as sp
from motifdata import Motif, MotifSet, compare, read_meme


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
    shown = ["id", "name", "length", "information", "nsites", "source", "consensus"]
    assert table.loc[0, shown].tolist() == ["a", "n", 4, 8.0, 8.0, "here", "GGAA"]
    assert np.isnan(table.loc[1, "nsites"])
    assert table.columns.tolist() == [
        "id", "name", "length", "information", "nsites", "evalue", "source", "species", "taxon",
        "licence", "threshold", "statistics", "consensus", "probabilities",
    ]  # fmt: skip


def test_to_frame__an_empty_set_has_the_same_columns(motifs):
    assert MotifSet().to_frame().dtypes.to_dict() == motifs.to_frame().dtypes.to_dict()


def test_repr__stays_short(motifs):
    assert repr(motifs + MotifSet([motif("x")])) == "MotifSet(4 motifs of DNA: MA1, MA2, MA3, ...)"
    assert repr(MotifSet()) == "MotifSet(0 motifs of DNA: none)"


FULL = {
    "nsites": 20,
    "evalue": 1e-9,
    "source": "a book",
    "species": "Mus musculus",
    "taxon": "vertebrates",
    "licence": "CC BY 4.0",
    "threshold": 7.25,
    "statistics": "T:12",
}


def test_frame__every_field_survives_a_table(motifs):
    full = MotifSet([*motifs, motif("x", "n", **FULL)], background=[0.3, 0.2, 0.2, 0.3])
    assert MotifSet.from_frame(full.to_frame(), background=full.background) == full
    shuffled = full.to_frame().iloc[::-1].drop(columns=["consensus", "taxon"])
    assert MotifSet.from_frame(shuffled).ids == full.ids[::-1]


def test_from_frame__says_which_column_is_missing(motifs):
    with pytest.raises(ValueError, match=r"columns id and probabilities; found no probabilities"):
        MotifSet.from_frame(motifs.to_frame().drop(columns="probabilities"))


def test_arrays__hold_the_contract_table_by_hand():
    arrays = MotifSet(
        [motif("a", "n", "GG", certainty=1, nsites=3), motif("b", letters="A")]
    ).to_arrays()
    assert arrays["motif"].dtype == np.float32
    assert arrays["motif"][0].tolist() == [[0, 0, 1, 0], [0, 0, 1, 0]]
    assert np.isnan(arrays["motif"][1, 1]).all()
    assert arrays["motif_size"].tolist() == [2, 1]
    assert arrays["motif_name"].tolist() == ["n", ""]
    np.testing.assert_array_equal(arrays["motif_nsites"], [3, np.nan])
    with pytest.raises(ValueError, match="at least one to give arrays"):
        MotifSet().to_arrays()


def test_arrays__come_back_within_their_32_bits(motifs):
    many = MotifSet([*motifs, motif("x", "n", "GGAANNNTTCC", nsites=7, species="s", licence="l")])
    back = MotifSet.from_arrays(many.to_arrays())
    assert back.ids == many.ids
    for one, other in zip(many, back, strict=True):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-7)
        assert (one.name, one.nsites, one.species, one.licence) == (
            other.name, other.nsites, other.species, other.licence
        )  # fmt: skip
    with pytest.raises(ValueError, match="found no motif_size"):
        MotifSet.from_arrays({"motif": np.zeros((1, 1, 4))})


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        ({"pattern": "^JU"}, ["MA1", "MA3"]),
        ({"pattern": "gata|ma3"}, ["MA2", "MA3"]),
        ({"pattern": "nothing"}, []),
        ({"taxon": "Plants"}, ["MA2"]),
        ({"pattern": "MA", "species": "Mus musculus"}, ["MA3"]),
        ({}, ["MA1", "MA2", "MA3"]),
    ],
)
def test_filter__by_pattern_taxon_and_species(arguments, ids):
    motifs = MotifSet(
        [
            motif("MA1", "JUN"),
            motif("MA2", "Gata1", taxon="plants"),
            motif("MA3", "JUN", species="Mus musculus"),
        ]
    )
    assert motifs.filter(**arguments).ids == ids


def test_filter__a_mistyped_taxon_or_pattern_is_no_empty_set(motifs):
    with pytest.raises(
        ValueError, match=r"taxon must be one that a motif has \(none\); found 'plant'"
    ):
        motifs.filter(taxon="plant")
    with pytest.raises(ValueError, match=r"pattern must be a regular expression; found '\('"):
        motifs.filter("(")


def test_merge__numbers_keeps_the_first_or_refuses(motifs):
    other = MotifSet([motif("MA1", "other"), motif("MA1_2"), motif("x")])
    assert motifs.merge(other, repeated="number").ids == [
        "MA1",
        "MA2",
        "MA3",
        "MA1_3",
        "MA1_2",
        "x",
    ]
    first = motifs.merge(other, repeated="first")
    assert first.ids == ["MA1", "MA2", "MA3", "MA1_2", "x"]
    assert first["MA1"].name == "JUN"
    with pytest.raises(ValueError, match="'MA1' more than once"):
        motifs.merge(other)
    with pytest.raises(ValueError, match="repeated must be"):
        motifs.merge(other, repeated="last")


def test_rename__by_table_or_function(motifs):
    assert motifs.rename({"MA2": "GATA"}).ids == ["MA1", "GATA", "MA3"]
    assert motifs.rename(lambda m: m.id.lower()).ids == ["ma1", "ma2", "ma3"]
    with pytest.raises(ValueError, match="no motif has the id or name 'MA9'"):
        motifs.rename({"MA9": "x"})
    with pytest.raises(ValueError, match="more than once"):
        motifs.rename(lambda m: m.name)


def test_deduplicate__keeps_the_first_of_each_family_on_either_strand():
    sites = ("TGACTCAGG", "CCGGAAGTG", "CCTGAGTCA", "CACTTCCGG", "GATAAGATA", "TGACTCAGG")
    motifs = MotifSet(motif(f"m{i}", letters=site) for i, site in enumerate(sites))
    assert motifs.deduplicate(pvalue=1e-4).ids == ["m0", "m1", "m4"]
    assert motifs.deduplicate(pvalue=1e-30).ids == ["m0", "m1", "m2", "m3", "m4"]
    with pytest.raises(ValueError, match="pvalue must be above 0"):
        motifs.deduplicate(pvalue=0)


def test_deduplicate__agrees_with_both_directions_of_compare(mirror):
    path = mirror / "motifs" / "JASPAR2022_CORE_vertebrates_non-redundant_v2.meme"
    motifs = MotifSet(list(read_meme(path))[:70])
    table = compare(motifs, motifs, top=None)
    table = table[table["pvalue"] <= 1e-3]
    close = set(zip(table["query"], table["target"], strict=True))
    assert any((b, a) not in close for a, b in close)  # a p-value depends on which is the query
    close |= {(b, a) for a, b in close}
    kept = motifs.deduplicate(pvalue=1e-3).ids
    assert 20 < len(kept) < 65
    wanted = []
    for key in motifs.ids:
        if not any((key, other) in close for other in wanted):
            wanted.append(key)
    assert kept == wanted


def test_deduplicate__proteins_have_one_strand():
    motifs = MotifSet(
        motif_of_proteins(f"p{i}", letters) for i, letters in enumerate(("PXXP", "LLVV", "PXXP"))
    )
    assert motifs.deduplicate().ids == ["p0", "p1"]


def motif_of_proteins(key, letters):
    rows = [[float(a == b) for b in sp.AA.letters] if a != "X" else [0.05] * 20 for a in letters]
    return Motif(key, rows, sp.AA)
