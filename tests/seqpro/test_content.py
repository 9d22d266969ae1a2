"""GC content."""

from __future__ import annotations

import numpy as np
import pytest
from Bio.SeqUtils import gc_fraction

import seqpro as sp


def test_soft_masked_letters_count():
    assert sp.gc_content("acgt") == 0.5
    assert sp.gc_content("ggCC") == 1.0


@pytest.mark.parametrize(("by", "mode"), [("length", "ignore"), ("valid", "remove")])
def test_agreement_with_biopython(by, mode):
    rng = np.random.default_rng(0)
    seqs = ["".join(rng.choice(list("ACGTUNacgtun"), 60)) for _ in range(200)]
    np.testing.assert_allclose(
        sp.gc_content(seqs, by=by), [gc_fraction(seq, mode) for seq in seqs], rtol=1e-15
    )


def test_padding_dilutes_by_length_and_not_by_valid_letters():
    assert sp.gc_content(["GC", "GCGC"]).tolist() == [0.5, 1.0]
    assert sp.gc_content(["GC", "GCGC"], by="valid").tolist() == [1.0, 1.0]


def test_nothing_to_divide_by_is_missing_not_zero():
    assert np.isnan(sp.gc_content(["NNN"], by="valid")).all()
    assert sp.gc_content(["NNN"]).tolist() == [0.0]
    assert np.isnan(sp.gc_content("", by="length"))
    assert np.isnan(sp.gc_content(["", ""])).tolist() == [True, True]
    assert sp.gc_content([]).shape == (0,)


def test_one_number_for_each_sequence():
    assert sp.gc_content("GCAT").shape == ()
    assert sp.gc_content([["GCAT", "GGGG"], ["AAAA", "AAAG"]]).tolist() == [[0.5, 1], [0, 0.25]]


def test_argument_that_does_not_fit_is_named():
    with pytest.raises(ValueError, match="by must be 'length' or 'valid'; found 'letters'"):
        sp.gc_content("ACGT", by="letters")
    with pytest.raises(TypeError, match="found float64 numbers"):
        sp.gc_content(np.ones((3, 4)))


@pytest.mark.parametrize("shape", [(10, 1_000_000), (200_000, 40)])
def test_large_batches_agree_with_numpy(shape):
    codes = np.random.default_rng(0).choice(np.frombuffer(b"ACGTNacgtn", np.uint8), shape)
    hits = sum(codes == ord(letter) for letter in "GCgc").sum(axis=1)
    valid = (codes & 0xDF != ord("N")).sum(axis=1)
    assert np.array_equal(sp.gc_content(codes), hits / shape[1])
    assert np.array_equal(sp.gc_content(codes, by="valid"), hits / valid)
