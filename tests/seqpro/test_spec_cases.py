"""Cases that any faithful sequence library must satisfy, each named after its number in the table."""

from __future__ import annotations

import hashlib
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from Bio.Data import CodonTable

import seqpro as sp
from seqpro import AA, DNA, Ragged
from seqpro.ragged import concatenate


def words(array):
    return [row.tobytes().decode() for row in array]


def test_case_1_lower_case_counts_unless_strict():
    fold = sp.ohe("ANa", DNA)
    strict = sp.ohe("ANa", DNA, case="strict")
    assert fold.tolist() == [[1, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]]
    assert strict.tolist() == [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert fold.dtype == np.uint8
    assert fold.shape == (3, 4)


def test_case_2_one_hot_adds_an_axis_of_letters():
    assert sp.ohe(np.full((5, 7), b"A", "S1"), DNA).shape == (5, 7, 4)
    assert sp.ohe(np.full((2, 7, 3), b"A", "S1"), DNA).shape == (2, 7, 3, 4)


def test_case_3_decoding_gives_printable_text_back_with_n_for_the_rest():
    text = "".join(map(chr, range(32, 127)))
    expected = "".join(c.upper() if c in "ACGTacgt" else "N" for c in text)
    assert sp.decode_ohe(sp.ohe(text, DNA), DNA).tobytes().decode() == expected


def test_case_5_a_missing_position_is_all_zero():
    onehot = sp.ohe(["A", "AC"], DNA)
    assert onehot.shape == (2, 2, 4)
    assert not onehot[0, 1].any()


def test_case_6_an_amino_acid_has_one_column():
    onehot = sp.ohe("LM*", AA.with_letters("*"))
    assert onehot.shape == (3, 21)
    assert onehot.sum(axis=-1).tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("case", "tokens", "back"),
    [("fold", [0, 1, 2, 3, -1, 0], "ACGTNA"), ("strict", [0, 1, 2, 3, -1, -1], "ACGTNN")],
)
def test_case_7_tokens_and_back(case, tokens, back):
    mapping = dict(zip("ACGT", range(4), strict=True))
    found = sp.tokenize("ACGTNa", mapping, unknown=-1, case=case)
    assert found.tolist() == tokens
    assert found.dtype == np.int32
    assert sp.decode_tokens(found, mapping).tobytes().decode() == back


def test_case_9_padding_both_sides():
    assert words(sp.pad_seqs(["A", "AC", "ACGT"], side="both")) == ["NANN", "NACN", "ACGT"]


def test_case_10_padding_to_a_length_beyond_the_longest():
    assert words(sp.pad_seqs(["A", "ACG"], length=6)) == ["ANNNNN", "ACGNNN"]


def test_case_11_arrays_are_padded_on_the_left_too():
    letters = np.array([[b"A", b"C", b"G"]])
    assert words(sp.pad_seqs(letters, length=5, side="left")) == ["NNACG"]


def test_case_13_reverse_complement():
    assert sp.reverse_complement("ACGN", DNA).tobytes() == b"NCGT"
    assert sp.reverse_complement("GAATTC", DNA).tobytes() == b"GAATTC"
    turned = sp.reverse_complement(sp.ohe("AC", DNA), DNA, ohe_axis=-1)
    np.testing.assert_array_equal(turned, sp.ohe("GT", DNA))


@pytest.mark.parametrize("ohe_axis", [None, -1, -2])
def test_case_14_turning_twice_changes_nothing(ohe_axis):
    seqs = np.frombuffer(b"ACGTNacgtnRyK-", np.uint8)[None]
    given = seqs if ohe_axis is None else sp.ohe(seqs, DNA, ohe_axis=ohe_axis)
    once = sp.reverse_complement(given, DNA, ohe_axis=ohe_axis)
    np.testing.assert_array_equal(sp.reverse_complement(once, DNA, ohe_axis=ohe_axis), given)
    if ohe_axis is None:
        assert once.tobytes() == b"-MrYnacgtNACGT"


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_case_16_shuffling_keeps_klets_and_ends_of_any_bytes(k):
    rng = np.random.default_rng(k)
    for size in (1, 2, 5, 50, 300):
        seq = bytes(rng.integers(0, 128, size, np.uint8)) + b"NNacgt\0ACNN"
        found = sp.k_shuffle(seq, k, rng=0).tobytes()
        klets = [Counter(s[i : i + k] for i in range(len(s) - k + 1)) for s in (seq, found)]
        assert klets[0] == klets[1]
        assert found[: k - 1] == seq[: k - 1]
        assert k == 1 or found[1 - k :] == seq[1 - k :]


def test_case_17_a_seed_repeats_whatever_the_threads_and_rows_differ(monkeypatch):
    seqs = np.tile(sp.random_seqs(300, DNA, rng=0), (50, 1))
    found = []
    for threads in ("1", "4"):
        monkeypatch.setenv("SEQPRO_THREADS", threads)
        found.append(sp.k_shuffle(seqs, 2, rng=7))
    np.testing.assert_array_equal(*found)
    assert len(set(words(found[0]))) == 50


def test_case_19_k_at_its_ends():
    assert sp.k_shuffle("ACGT", 4, rng=0).tobytes() == b"ACGT"
    assert sp.k_shuffle("ACGT", 9, rng=0).tobytes() == b"ACGT"
    assert Counter(sp.k_shuffle("AACG", 1, rng=0).tobytes()) == Counter(b"AACG")
    for k in (0, -1):
        with pytest.raises(ValueError, match=f"k must be a whole number, at least 1; found {k}"):
            sp.k_shuffle("ACGT", k)


def test_case_20_a_track_is_jittered_with_its_sequence():
    n, length, most = 9000, 30, 4
    track = np.broadcast_to(np.arange(length), (n, length)).copy()
    seqs = np.array([65 + track[0]] * n, np.uint8)
    moved, places = sp.jitter(seqs, track, max_jitter=most, rng=0)
    np.testing.assert_array_equal(moved, places + 65)
    assert places.shape == (n, length - 2 * most)
    counts = np.bincount(places[:, 0], minlength=2 * most + 1)
    assert counts.size == 2 * most + 1
    assert abs(counts - n / 9).max() < 150  # five standard deviations


def test_case_21_jitter_names_the_array_that_is_too_short():
    with pytest.raises(ValueError, match=r"rows of arrays\[1\] must have more than 8 positions"):
        sp.jitter(np.zeros((2, 20)), np.zeros((2, 8)), max_jitter=4)


def test_case_23_gc_by_length_and_by_valid_bases():
    assert sp.gc_content(["GC", "GCGC"]).tolist() == [0.5, 1.0]
    assert sp.gc_content(["GC", "GCGC"], by="valid").tolist() == [1.0, 1.0]


def test_case_24_translation():
    assert sp.translate("ATGNNNtaa").tobytes() == b"MX*"
    dropped = sp.translate("ATGNNNtaa", ambiguous="drop")
    assert isinstance(dropped, Ragged)
    assert dropped.to_strings() == ["M*"]
    with pytest.raises(ValueError, match="4"):
        sp.translate("ATGA")
    standard = CodonTable.unambiguous_dna_by_id[1]
    for codon in (a + b + c for a in "ACGT" for b in "ACGT" for c in "ACGT"):
        expected = standard.forward_table.get(codon, "*")
        assert sp.translate(codon).tobytes().decode() == expected


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_case_26_hashes_are_those_of_hashlib(algorithm):
    rows = Ragged.from_bytes([b"ACGT", b"", b"TTT"])
    digests = sp.digest_rows(rows, algorithm=algorithm)
    expected = [hashlib.new(algorithm, word).digest() for word in rows.to_bytes()]
    assert [digest.tobytes() for digest in digests] == expected


def test_case_26_padding_is_undone_and_an_empty_row_stays_empty():
    rows = Ragged.from_bytes([b"ACGT", b"", b"TTT"])
    padded = rows.to_padded(None, ord("N"))
    assert Ragged.from_padded(padded, ord("N")).equals(rows)
    assert rows[[1]].to_padded(None, ord("N")).shape == (1, 0)
    assert concatenate([rows[:1], rows[1:]]).equals(rows)


@pytest.mark.parametrize(
    ("interval", "length", "center", "expected"),
    [
        ((10, 20, -1), 5, "midpoint", [12, 17]),
        ((10, 21, -1), 4, "midpoint", [13, 17]),
        ((10, 20, 12), 4, "summit", [10, 14]),
        ((10, 20, -1), 5, "summit", [12, 17]),
    ],
)
def test_case_27_resize_around_midpoint_or_summit(interval, length, center, expected):
    start, end, summit = interval
    bed = pd.DataFrame(
        {"chrom": ["c"], "chromStart": [start], "chromEnd": [end], "summit": [summit]}
    )
    found = sp.bed.resize(bed, length, center=center)
    assert found.loc[0, ["chromStart", "chromEnd"]].tolist() == expected


def test_case_28_a_gtf_row_is_shifted_to_base_zero(tmp_path):
    path = tmp_path / "genes.gtf"
    path.write_text('c\tx\texon\t100\t200\t.\t+\t.\tgene_id "g"; ref_gene_id "r";\n')
    row = sp.gtf.read_gtf(path).iloc[0]
    assert (row["chromStart"], row["chromEnd"], row["gene_id"]) == (99, 200, "g")
