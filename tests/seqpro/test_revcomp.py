"""Reverse complement of letters and one-hot arrays."""

from __future__ import annotations

import numpy as np
import pytest
from Bio.Seq import Seq

import seqpro as sp
from seqpro import AA, DNA, RNA, Alphabet

IUPAC = "ACGTRYKMBVDHSWN"
METHYLATED = Alphabet("methylated", "ACGTm", pairs="AT CG mG")


@pytest.mark.parametrize(
    ("seq", "expected"),
    [
        ("ACGN", "NCGT"),
        ("GAATTC", "GAATTC"),
        ("acgtt", "aacgt"),
        ("A", "T"),
        ("", ""),
        ("R-*y", "r*-Y"),
    ],
)
def test_letters_turn_and_keep_their_case(seq, expected):
    assert sp.reverse_complement(seq, DNA).tobytes().decode() == expected


@pytest.mark.parametrize("length", [1, 2, 3, 17, 200])
def test_dna_agrees_with_biopython_on_every_iupac_code(length):
    rng = np.random.default_rng(length)
    seqs = ["".join(rng.choice(list(IUPAC + IUPAC.lower()), length)) for _ in range(20)]
    found = sp.reverse_complement(seqs, DNA)
    assert [row.tobytes().decode() for row in found] == [
        str(Seq(seq).reverse_complement()) for seq in seqs
    ]


def test_rna_agrees_with_biopython():
    seq = "ACGURYKMBVDHSWNacgurykmbvdhswn"
    assert sp.reverse_complement(seq, RNA).tobytes().decode() == str(
        Seq(seq).reverse_complement_rna()
    )


@pytest.mark.parametrize("ohe_axis", [-1, -2])
def test_onehot_turns(ohe_axis):
    turned = sp.reverse_complement(sp.ohe("AACG", DNA, ohe_axis=ohe_axis), DNA, ohe_axis=ohe_axis)
    assert sp.decode_ohe(turned, DNA, ohe_axis=ohe_axis).tobytes() == b"CGTT"


@pytest.mark.parametrize("ohe_axis", [-1, -2])
@pytest.mark.parametrize("dtype", ["?", "u1", "f2", "f4", "i8"])
def test_onehot_keeps_its_number_type(dtype, ohe_axis):
    onehot = sp.ohe(["AACG", "NTTT"], DNA, dtype=dtype, ohe_axis=ohe_axis)
    turned = sp.reverse_complement(onehot, DNA, ohe_axis=ohe_axis)
    assert turned.dtype == onehot.dtype
    assert sp.decode_ohe(turned, DNA, ohe_axis=ohe_axis).tobytes() == b"CGTTAAAN"


def test_onehot_of_pairs_that_go_one_way_loses_no_letter():
    """Methylated C pairs with G, and G with C: each column of the result is still one-hot."""
    turned = sp.reverse_complement(sp.ohe("GmA", METHYLATED), METHYLATED, ohe_axis=-1)
    assert sp.decode_ohe(turned, METHYLATED).tobytes() == b"TGC"


def test_attributions_are_turned_as_numbers():
    scores = np.arange(8.0).reshape(2, 4)
    turned = sp.reverse_complement(scores, DNA, ohe_axis=-1)
    assert turned.tolist() == [[7, 6, 5, 4], [3, 2, 1, 0]]


@pytest.mark.parametrize("ohe_axis", [None, -1, -2])
def test_only_rows_of_the_minus_strand_turn(ohe_axis):
    seqs = ["AACG", "AACG", "CCCC"]
    seqs = seqs if ohe_axis is None else sp.ohe(seqs, DNA, ohe_axis=ohe_axis)
    turned = sp.reverse_complement(seqs, DNA, ohe_axis=ohe_axis, mask=[True, False, True])
    letters = turned if ohe_axis is None else sp.decode_ohe(turned, DNA, ohe_axis=ohe_axis)
    assert [row.tobytes() for row in letters] == [b"CGTT", b"AACG", b"GGGG"]


def test_mask_has_the_shape_of_the_sequences():
    turned = sp.reverse_complement(
        [["AC", "AC"], ["AC", "AC"]], DNA, mask=[[True, False], [False, True]]
    )
    assert turned.tobytes() == b"GTACACGT"
    assert sp.reverse_complement("AC", DNA, mask=False).tobytes() == b"AC"


@pytest.mark.parametrize("ohe_axis", [None, -1])
@pytest.mark.parametrize("mask", [[1, 0], [True], True, [[True, False]]])
def test_mask_that_does_not_fit_is_refused(mask, ohe_axis):
    seqs = ["AC", "GT"] if ohe_axis is None else sp.ohe(["AC", "GT"], DNA)
    with pytest.raises(ValueError, match=r"mask must be boolean with shape \(2,\); found"):
        sp.reverse_complement(seqs, DNA, ohe_axis=ohe_axis, mask=mask)


def test_result_is_new_and_the_input_stays():
    codes = sp.as_codes(["AACG", "TTTT"]).copy()
    onehot = sp.ohe(codes, DNA)
    before = codes.copy(), onehot.copy()
    turned = sp.reverse_complement(codes, DNA, mask=[False, False])
    turned_onehot = sp.reverse_complement(onehot, DNA, ohe_axis=-1, mask=[False, False])
    assert not np.shares_memory(turned, codes)
    assert not np.shares_memory(turned_onehot, onehot)
    np.testing.assert_array_equal(codes, before[0])
    np.testing.assert_array_equal(onehot, before[1])


@pytest.mark.parametrize("text", [False, True], ids=["codes", "S1"])
@pytest.mark.parametrize("strided", [False, True])
def test_out_of_letters_is_filled_and_returned(text, strided):
    seqs = ["AACGn", "TTTTg"]
    expected = sp.reverse_complement(seqs, DNA).view(np.uint8)
    out = np.zeros((2, 5, 2), np.uint8)[..., 0] if strided else np.zeros((2, 5), np.uint8)
    out = out.view("S1") if text else out
    assert sp.reverse_complement(seqs, DNA, out=out) is out
    np.testing.assert_array_equal(out.view(np.uint8), expected)


def test_out_of_three_axes_in_another_memory_order_is_filled():
    codes = sp.random_seqs((2, 3, 4), DNA, rng=0).view(np.uint8)
    out = np.zeros((4, 3, 2), np.uint8).T
    sp.reverse_complement(codes, DNA, out=out)
    np.testing.assert_array_equal(out, sp.reverse_complement(codes, DNA))


@pytest.mark.parametrize("length", [1, 4, 5])
@pytest.mark.parametrize("ohe_axis", [None, -1, -2])
def test_turning_in_place(ohe_axis, length):
    codes = sp.random_seqs((3, length), DNA, rng=0).view(np.uint8)
    seqs = codes if ohe_axis is None else sp.ohe(codes, DNA, ohe_axis=ohe_axis)
    expected = sp.reverse_complement(seqs, DNA, ohe_axis=ohe_axis, mask=[True, False, True])
    given = sp.reverse_complement(seqs, DNA, ohe_axis=ohe_axis, mask=[True, False, True], out=seqs)
    assert given is seqs
    np.testing.assert_array_equal(seqs, expected)


@pytest.mark.parametrize(
    ("ohe_axis", "out"),
    [
        (None, np.zeros((5, 2), np.uint8)),
        (None, np.zeros((2, 5), np.float32)),
        (None, np.zeros((2, 5), np.bool_)),
        (-1, np.zeros((3, 2, 5, 4), np.uint8)),
        (-1, np.zeros((2, 5, 4), np.int64)),
    ],
)
def test_out_of_another_shape_or_type_is_refused(ohe_axis, out):
    seqs = ["AACGT"] * 2 if ohe_axis is None else sp.ohe(["AACGT"] * 2, DNA)
    with pytest.raises(
        ValueError, match=r"out must be an array of shape \(2, 5.* and dtype .*; found"
    ):
        sp.reverse_complement(seqs, DNA, ohe_axis=ohe_axis, out=out)


@pytest.mark.parametrize("ohe_axis", [None, -1])
def test_protein_is_refused(ohe_axis):
    seqs = "LMK" if ohe_axis is None else sp.ohe("LMK", AA)
    with pytest.raises(ValueError, match="'AA' has no complement"):
        sp.reverse_complement(seqs, AA, ohe_axis=ohe_axis)


@pytest.mark.parametrize(
    ("shape", "ohe_axis", "message"),
    [
        ((3, 4), -2, r"must have 4 letters \(DNA\) on axis -2; .* Did you mean ohe_axis=-1\?"),
        ((4, 3), -1, r"must have 4 letters \(DNA\) on axis -1; .* Did you mean ohe_axis=-2\?"),
        ((2, 3, 4), 0, r"must have its letters on one of the last two axes; found ohe_axis=0"),
        ((4,), -1, r"must have its letters on one of the last two axes; .* shape \(4,\)"),
    ],
)
def test_letters_on_another_axis_are_refused(shape, ohe_axis, message):
    with pytest.raises(ValueError, match=message):
        sp.reverse_complement(np.zeros(shape), DNA, ohe_axis=ohe_axis)


def test_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match="seqs must all have one length"):
        sp.reverse_complement(["ACG", "T"], DNA)


@pytest.mark.parametrize("shape", [(0,), (0, 0), (0, 3), (3, 0), (2, 0, 3), (2, 3, 0)])
def test_nothing_turns_into_nothing(shape):
    assert sp.reverse_complement(np.zeros(shape, "S1"), DNA).shape == shape
    assert sp.reverse_complement(np.zeros((*shape, 4)), DNA, ohe_axis=-1).shape == (*shape, 4)


@pytest.mark.parametrize("shape", [(10, 1_000_000), (200_000, 40)])
def test_large_batches_agree_with_numpy(shape):
    codes = np.random.default_rng(0).choice(np.frombuffer(b"ACGTNacgtn", np.uint8), shape)
    table = np.arange(256, dtype=np.uint8)
    table[list(b"ACGTacgt")] = list(b"TGCAtgca")
    mask = np.arange(len(codes)) % 3 > 0
    expected = np.where(mask[:, None], table[codes][:, ::-1], codes)
    assert np.array_equal(sp.reverse_complement(codes, DNA, mask=mask), expected)


@pytest.mark.parametrize(("seqs", "alphabet"), [(["ACG", "AuG"], DNA), (["ACG", "ATG"], RNA)])
def test_letters_of_the_other_nucleic_acid_are_refused_not_left_as_they_are(seqs, alphabet):
    """Left as it is, U would stand where an A belongs, and nothing would show it."""
    with pytest.raises(ValueError, match=r"found one in sequence 1\. seqpro\.transcribe and"):
        sp.reverse_complement(seqs, alphabet)
    assert sp.reverse_complement(sp.back_transcribe(["AuG"]), DNA).tobytes() == b"CaT"


def test_an_output_that_overlaps_the_input_is_refused():
    codes = np.full(10, 65, np.uint8)
    with pytest.raises(ValueError, match="out must be seqs itself or share no memory with it"):
        sp.reverse_complement(codes[:-1], DNA, out=codes[1:])


@pytest.mark.parametrize("length", [3, 1024, 1025, 5000])
def test_stretches_with_and_without_rare_letters_agree(length):
    """Long plain stretches and those with N or IUPAC letters go different ways inside."""
    rng = np.random.default_rng(0)
    codes = rng.choice(np.frombuffer(b"ACGTacgt", np.uint8), (4, length))
    codes[1, length // 2], codes[2, 0], codes[3, -1] = ord("N"), ord("r"), ord("-")
    table = DNA.complement_table()
    np.testing.assert_array_equal(sp.reverse_complement(codes, DNA), table[codes][:, ::-1])
