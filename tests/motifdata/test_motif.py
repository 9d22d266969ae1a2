"""One motif: validation, derived matrices, sampling."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from Bio import motifs as biomotifs

import seqpro as sp
from motifdata import Motif

COUNTS = np.array([[8, 2, 0, 0], [0, 0, 10, 0], [1, 2, 3, 4], [0, 0, 0, 10], [3, 3, 2, 2]])


def bio_motif() -> biomotifs.Motif:
    return biomotifs.Motif("ACGT", counts={a: COUNTS[:, i].tolist() for i, a in enumerate("ACGT")})


@pytest.mark.parametrize(
    ("matrix", "reason"),
    [
        ([[0.5, 0.5, 0.5, 0]], "sum to 1"),
        ([[1.2, -0.2, 0, 0]], "non-negative"),
        ([[np.nan, 0, 0, 1]], "position 0"),
        ([[0.5, 0.5]], r"shape \(length, 4\)"),
        (np.full((4, 7), 0.25), "Transpose"),
        (np.empty((0, 4)), "shape"),
        ([3, 1, 0, 0], "shape"),
    ],
    ids=["sum", "negative", "nan", "letters", "transposed", "empty", "flat"],
)
def test_motif__refuses_what_is_no_distribution_and_names_the_motif(matrix, reason):
    with pytest.raises(ValueError, match=reason) as error:
        Motif("my-motif", matrix)
    assert "my-motif" in str(error.value)


def test_motif__blank_id():
    with pytest.raises(ValueError, match="blank"):
        Motif(" ", [[1, 0, 0, 0]])


def test_motif__rounded_rows_are_made_to_sum_to_one_and_then_stay():
    motif = Motif("m", [[0.333, 0.333, 0.333, 0.0], [0.1, 0.2, 0.3, 0.4]])
    np.testing.assert_allclose(motif.probabilities.sum(axis=1), 1, atol=1e-15)
    again = dataclasses.replace(motif)
    assert np.array_equal(again.probabilities, motif.probabilities)


def test_motif__cannot_be_changed_by_its_user_nor_by_the_array_it_came_from():
    given = np.array([[1.0, 0, 0, 0]])
    motif = Motif("m", given)
    given[0] = 0.25
    assert motif.probabilities.tolist() == [[1, 0, 0, 0]]
    with pytest.raises(ValueError, match="read-only"):
        motif.probabilities[0, 0] = 0.5
    with pytest.raises(dataclasses.FrozenInstanceError):
        motif.id = "other"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x"),
        ("nsites", 3),
        ("evalue", 0.1),
        ("source", "x"),
        ("alphabet", sp.RNA),
        ("species", "x"),
        ("taxon", "x"),
        ("licence", "x"),
        ("threshold", 2.0),
        ("statistics", "x"),
    ],
)
def test_motif__equality_looks_at_every_field(field, value):
    motif = Motif("m", [[1, 0, 0, 0]])
    assert motif == Motif("m", [[1, 0, 0, 0]])
    assert hash(motif) == hash(Motif("m", [[1, 0, 0, 0]]))
    assert motif != dataclasses.replace(motif, **{field: value})
    assert motif != "m"


def test_from_counts__agrees_with_biopython():
    motif = Motif.from_counts(COUNTS, id="m", pseudocount=2)
    expected = bio_motif().counts.normalize(pseudocounts=0.5)
    np.testing.assert_allclose(motif.probabilities.T, [expected[a] for a in "ACGT"])
    assert motif.nsites == 10


def test_from_counts__keeps_what_it_is_told():
    motif = Motif.from_counts([[1, 1, 2, 0]], id="m", nsites=7, alphabet=sp.RNA, name="n")
    assert (motif.nsites, motif.alphabet, motif.name) == (7, sp.RNA, "n")


@pytest.mark.parametrize("bad", [[[0, 0, 0, 0]], [[1, -1, 3, 0]], [[np.inf, 0, 0, 0]]])
def test_from_counts__refuses_positions_without_counts(bad):
    with pytest.raises(ValueError, match=r"counts of motif 'm'.*position 0"):
        Motif.from_counts(bad, id="m")


def test_from_counts__refuses_a_negative_pseudocount():
    with pytest.raises(ValueError, match="pseudocount -1"):
        Motif.from_counts([[5, 5, 5, 5]], id="m", pseudocount=-1)


def test_from_consensus__every_code_by_hand():
    motif = Motif.from_consensus("ARbn", id="m", certainty=0.9)
    third = 0.1 / 3
    expected = [
        [0.9, third, third, third],
        [0.45, 0.05, 0.45, 0.05],
        [0.1, 0.3, 0.3, 0.3],
        [0.25] * 4,
    ]
    np.testing.assert_allclose(motif.probabilities, expected)


def test_from_consensus__reads_u_as_t_for_either_alphabet():
    rna = Motif.from_consensus("UGUANAUA", id="PUM", alphabet=sp.RNA)
    assert rna.consensus("iupac") == "UGUANAUA"
    assert rna.consensus() == "UGUAAAUA"
    assert np.array_equal(rna.probabilities, Motif.from_consensus("TGTANATA", id="m").probabilities)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"consensus": "ACX"}, "found 'X' at position 2"),
        ({"consensus": ""}, "shape"),
        ({"consensus": "A", "certainty": 0}, "certainty"),
        ({"consensus": "A", "alphabet": sp.AA}, "DNA and RNA"),
    ],
)
def test_from_consensus__refuses(arguments, reason):
    with pytest.raises(ValueError, match=reason):
        Motif.from_consensus(id="m", **arguments)


def test_consensus__agrees_with_biopython():
    assert Motif.from_counts(COUNTS, id="m").consensus() == str(bio_motif().counts.consensus)


def test_consensus__iupac_takes_letters_at_least_half_as_likely_as_the_likeliest():
    motif = Motif("m", [[0.6, 0.3, 0.1, 0], [0.6, 0.29, 0.11, 0], [0.4, 0.2, 0.2, 0.2]])
    assert motif.consensus("iupac") == "MAN"


def test_consensus__refuses_other_kinds_and_alphabets():
    with pytest.raises(ValueError, match="kind"):
        Motif("m", [[1, 0, 0, 0]]).consensus("majority")
    with pytest.raises(ValueError, match="found alphabet 'AA'"):
        Motif("m", [[0.05] * 20], sp.AA).consensus("iupac")


def test_information_content__agrees_with_biopython_under_a_skewed_background():
    background = {"A": 0.3, "C": 0.2, "G": 0.1, "T": 0.4}
    other = bio_motif()
    other.background = background
    found = Motif.from_counts(COUNTS, id="m").information_content(list(background.values()))
    np.testing.assert_allclose(found, other.relative_entropy, atol=1e-12)


def test_log_odds__without_pseudocount_agrees_with_biopython():
    background = {"A": 0.3, "C": 0.2, "G": 0.1, "T": 0.4}
    pssm = bio_motif().counts.normalize().log_odds(background)
    found = Motif.from_counts(COUNTS, id="m").log_odds(list(background.values()), pseudocount=0)
    np.testing.assert_allclose(found.T, [pssm[a] for a in "ACGT"])


def test_log_odds__pseudocount_bounds_the_score_of_an_unseen_letter():
    motif, background = Motif("m", [[1, 0, 0, 0]]), [0.4, 0.1, 0.2, 0.3]
    assert np.isfinite(motif.log_odds()).all()
    found = motif.log_odds(background, pseudocount=0.01)
    np.testing.assert_allclose(found[0, 1:], np.log2(0.01))
    np.testing.assert_allclose(found[0, 0], np.log2((0.99 + 0.01 * 0.4) / 0.4))


@pytest.mark.parametrize(
    "background", [[0.5, 0.5], [1, 0, 0, 0], [0.3, 0.3, 0.3, 0.3], [np.nan] * 4]
)
def test_log_odds__refuses_a_background_that_is_none(background):
    with pytest.raises(ValueError, match="background must be 4 positive numbers"):
        Motif("m", [[1, 0, 0, 0]]).log_odds(background)


def test_log_odds__refuses_counts_as_pseudocount():
    with pytest.raises(ValueError, match="pseudocount must be a probability"):
        Motif("m", [[1, 0, 0, 0]]).log_odds(pseudocount=2)


def test_reverse_complement__by_hand_and_refused_for_proteins():
    motif = Motif("m", [[1, 0, 0, 0], [0.1, 0.2, 0.3, 0.4]], name="n")
    turned = motif.reverse_complement()
    assert turned.probabilities.tolist() == [[0.4, 0.3, 0.2, 0.1], [0, 0, 0, 1]]
    assert turned.name == "n"
    with pytest.raises(ValueError, match="no complement"):
        Motif("p", [[0.05] * 20], sp.AA).reverse_complement()


def test_sample__letters_come_as_often_as_they_should_and_never_when_impossible():
    motif = Motif("m", [[0.7, 0.1, 0.2, 0], [0, 0.5, 0, 0.5]])
    sites = motif.sample(20_000, rng=0)
    assert sites.dtype == np.dtype("S1")
    found = np.stack(
        [(sites == letter).mean(axis=0) for letter in (b"A", b"C", b"G", b"T")], axis=1
    )
    np.testing.assert_allclose(found, motif.probabilities, atol=0.015)
    assert (found[motif.probabilities == 0] == 0).all()


def test_sample__a_site_does_not_depend_on_how_many_there_are():
    motif = Motif("m", np.full((6, 4), 0.25))
    assert np.array_equal(motif.sample(9, rng=5)[:4], motif.sample(4, rng=5))
    assert motif.sample(0, rng=5).shape == (0, 6)


def test_trim__keeps_uninformative_positions_inside():
    motif = Motif.from_consensus("NNTGNCANN", id="m")
    assert motif.trim().consensus("iupac") == "TGNCA"
    with pytest.raises(ValueError, match="bits must leave a position"):
        motif.trim(bits=2)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("nsites", -1, "nsites of motif 'm' must not be negative"),
        ("nsites", np.inf, "nsites of motif 'm' must not be negative or infinite"),
        ("evalue", -0.5, "evalue of motif 'm' must not be negative"),
    ],
)
def test_motif__refuses_numbers_that_cannot_be(field, value, reason):
    with pytest.raises(ValueError, match=reason):
        Motif("m", [[1, 0, 0, 0]], **{field: value})


def test_motif__a_text_that_is_none_is_refused():
    with pytest.raises(TypeError, match="species of motif 'm' must be text; found None"):
        Motif("m", [[1, 0, 0, 0]], species=None)


def test_counts__are_those_the_motif_was_made_from():
    counts = np.array([[1, 2, 3, 4], [10, 0, 0, 0]])
    np.testing.assert_allclose(Motif.from_counts(counts, id="m").counts(), counts, rtol=1e-14)
    with pytest.raises(ValueError, match="nsites of motif 'm' must be known"):
        Motif("m", [[1, 0, 0, 0]]).counts()


def test_pad__adds_the_background_and_trim_takes_it_away():
    motif = Motif.from_consensus("GGAA", id="m", name="n")
    padded = motif.pad(left=2, right=1, background=[0.3, 0.2, 0.2, 0.3])
    assert padded.probabilities[[0, 1, -1]].tolist() == [[0.3, 0.2, 0.2, 0.3]] * 3
    assert padded.trim() == motif
    with pytest.raises(ValueError, match="left must be a whole number, at least 0; found -1"):
        motif.pad(left=-1)
