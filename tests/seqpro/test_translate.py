"""Nucleotides to proteins, against Biopython and by hand."""

from __future__ import annotations

import subprocess
import sys
import warnings
from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
from Bio import BiopythonWarning
from Bio.Seq import Seq

import seqpro as sp
from seqpro import AA, DNA, RNA, Alphabet, Ragged
from seqpro.codons import CODONS, NCBI_NUMBERS, codon_table
from seqpro.translate import six_frames, translate

IUPAC = "ACGTRYSWKMBDHVN"
WORDS = ["".join(letters) for letters in product(IUPAC + "U", repeat=3)]  # 4,096
ROWS = ["ATGGCCTAAGCN", "NNNTTTTGAAAA", "GGGGGGGGGGGG"]
PROTEINS = ["MA*A", "XF*K", "GGGG"]


def text(row):
    return np.asarray(row).tobytes().decode()


def texts(result):
    return [text(row) for row in result]


def by_biopython(seq, number, to_stop=False):
    """Protein of the whole codons of a sequence; Biopython's letters for two residues are X here."""
    whole = seq[: len(seq) // 3 * 3]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BiopythonWarning)  # stops that are amino acids, too
        protein = str(Seq(whole).translate(table=number, to_stop=to_stop))
    return protein.translate(str.maketrans("BZJ", "XXX"))


@cache
def proteins_of_words(number):
    return by_biopython("".join(WORDS).replace("U", "T"), number)


@pytest.mark.parametrize("number", NCBI_NUMBERS)
def test_every_codon_of_iupac_letters_and_u_in_every_code(number):
    """A codon read wrongly is a wrong residue that nobody sees."""
    expected = proteins_of_words(number)
    assert texts(translate(WORDS, table=number)) == list(expected)
    assert text(translate("".join(WORDS).lower(), table=number)) == expected
    mixed = "".join(word[0].lower() + word[1:] for word in WORDS)
    assert text(translate(mixed, table=number)) == expected


@pytest.mark.parametrize("number", NCBI_NUMBERS)
def test_policies_differ_in_codons_with_other_letters_only(number):
    is_plain = np.array([set(word) <= set("ACGTU") for word in WORDS])
    expected = np.array(list(proteins_of_words(number)), "S1")
    found = translate("".join(WORDS), table=number, ambiguous="unknown", unknown_char="?")
    np.testing.assert_array_equal(found[is_plain], expected[is_plain])
    assert set(found[~is_plain]) == {b"?"}
    dropped = translate("".join(WORDS), table=number, ambiguous="drop")
    assert text(dropped[0]) == text(expected[is_plain])
    plain = "".join(word for word, keep in zip(WORDS, is_plain, strict=True) if keep)
    assert text(translate(plain, table=number, ambiguous="error")) == text(expected[is_plain])
    for word in np.array(WORDS)[~is_plain][::97]:
        with pytest.raises(ValueError, match=rf"found '{word}' at position 0 of sequence 0"):
            translate(word, table=number, ambiguous="error")


@pytest.mark.parametrize("number", NCBI_NUMBERS)
def test_random_genes_agree_with_biopython_frame_by_frame(number):
    rng = np.random.default_rng(number)
    for length in (0, 1, 2, 3, 50, 301):
        seq = text(rng.choice(np.frombuffer(b"ACGTacgtN", "S1"), length))
        for frame in range(3):
            found = translate(seq, table=number, frame=frame, incomplete="drop")
            assert text(found) == by_biopython(seq[frame:], number)


@pytest.mark.parametrize("byte", [b"-", b".", b" ", b"\0", b"X", b"E", b"1", b"\x7f", b"\xff"])
def test_letter_that_is_no_nucleotide_makes_its_codon_unknown(byte):
    """Gaps and padding must not turn into residues, though CCN is P whatever N is."""
    codes = np.frombuffer(b"ATGCC" + byte + byte * 3 + b"TAA", np.uint8)
    assert text(translate(codes)) == "MXX*"
    assert text(translate(codes, ambiguous="drop")[0]) == "M*"


def test_residues_are_letters_of_the_protein_alphabet():
    """Proteins can be one-hot encoded: no B, Z or J."""
    found = set(text(translate("".join(WORDS))))
    assert found == set(AA.letters) | {"*", AA.unknown}


def test_documented_case_of_the_published_package():
    assert text(translate("ATGNNNtaa")) == "MX*"
    dropped = translate("ATGNNNtaa", ambiguous="drop")
    assert isinstance(dropped, Ragged)
    assert texts(dropped) == ["M*"]
    with pytest.raises(ValueError, match=r"whole codons from position 0 on; found 4 letters"):
        translate("ATGA")


# Containers


def containers():
    letters = np.array([list(row) for row in ROWS], "S1")
    strided = np.repeat(letters, 2, axis=1)[:, ::2]
    return {
        "list": (ROWS, "S1"),
        "tuple of bytes": (tuple(row.encode() for row in ROWS), "S1"),
        "text array": (np.array(ROWS), "S1"),
        "objects": (np.array(ROWS, object), "S1"),
        "S1": (letters, "S1"),
        "strided": (strided, "S1"),
        "read-only": (np.frombuffer(letters.tobytes(), "S1").reshape(letters.shape), "S1"),
        "codes": (letters.view(np.uint8), "u1"),
        "codes of another memory order": (np.asfortranarray(letters.view(np.uint8)), "u1"),
    }


@pytest.mark.parametrize("name", containers())
def test_every_container_gives_an_array_of_its_kind(name):
    seqs, dtype = containers()[name]
    found = translate(seqs)
    assert isinstance(found, np.ndarray)
    assert found.shape == (3, 4)
    assert found.dtype == dtype
    assert texts(found) == PROTEINS
    short = translate(seqs, to_stop="exclusive")
    assert isinstance(short, Ragged)
    assert short.values.dtype == dtype
    assert texts(short) == ["MA", "XF", "GGGG"]
    frames = six_frames(seqs)
    assert frames.values.dtype == dtype
    assert texts(frames[::6]) == PROTEINS


@pytest.mark.parametrize("dtype", [np.uint8, "S1"])
def test_ragged_stays_ragged_with_gaps_overlaps_and_any_order(dtype):
    values = np.frombuffer(b"ATGGCCTAAGCNTTT", np.uint8).view(dtype)
    rows = Ragged(values, [6, 0, 3, 15, 0], [6, 9, 0, 0, 15])
    found = translate(rows)
    assert isinstance(found, Ragged)
    assert found.values.dtype == dtype
    assert texts(found) == ["*A", "MA*", "", "", "MA*AF"]
    assert texts(translate(rows, to_stop="inclusive")) == ["*", "MA*", "", "", "MA*"]


def test_rows_that_follow_each_other_are_not_run_together():
    """Codons of neighbouring rows are read in one go only where no letter lies between them."""
    rows = Ragged.from_bytes([b"ATGC", b"ATGCA", b"ATG", b"ATG", b"A", b"", b"ATG"])
    assert texts(translate(rows, incomplete="drop")) == ["M", "M", "M", "M", "", "", "M"]
    assert texts(translate(rows, frame=1, incomplete="drop")) == ["C", "C", "", "", "", "", ""]
    assert texts(translate(rows, frame=2, incomplete="drop")) == ["", "A", "", "", "", "", ""]


def test_nested_sequences_keep_their_axes():
    nested = [[ROWS[0], ROWS[1]], [ROWS[2], ROWS[0]], [ROWS[1], ROWS[1]]]
    assert translate(nested).shape == (3, 2, 4)
    assert text(translate(nested)[1, 0]) == "GGGG"
    assert texts(translate(nested, to_stop="exclusive"))[2:4] == ["GGGG", "MA"]
    assert texts(six_frames(nested)[0::6])[5] == "XF*K"
    assert translate("ATG").shape == (1,)


@pytest.mark.parametrize("ohe_axis", [-1, -2, 1, 2])
@pytest.mark.parametrize(("alphabet", "u"), [(DNA, "T"), (RNA, "U")])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.int64, np.bool_])
def test_onehot_arrays_are_read_as_what_they_are(ohe_axis, alphabet, u, dtype):
    """The published package takes a one-hot array for letters and gives X."""
    rows = [row.replace("T", u) for row in ROWS]
    axis = ohe_axis if ohe_axis < 0 else ohe_axis - 3
    onehot = sp.ohe(rows, alphabet, ohe_axis=axis, dtype=dtype)
    found = translate(onehot, alphabet=alphabet, ohe_axis=ohe_axis)
    assert found.dtype == "S1"
    assert found.shape == (3, 4)
    assert texts(found) == PROTEINS
    stopped = translate(onehot, alphabet=alphabet, ohe_axis=ohe_axis, to_stop="exclusive")
    assert texts(stopped) == ["MA", "XF", "GGGG"]
    expected = texts(six_frames(rows))
    assert texts(six_frames(onehot, alphabet=alphabet, ohe_axis=ohe_axis)) == expected


def test_onehot_columns_in_another_order():
    odd = Alphabet("TGCA", "TGCA", pairs="AT CG")
    onehot = sp.ohe(ROWS, odd)
    assert texts(translate(onehot, alphabet=odd, ohe_axis=-1)) == PROTEINS


def test_uniform_and_zero_columns_are_n():
    uniform = sp.ohe(["GCNNNN", "GCAATG"], DNA, dtype=np.float32, unknown="uniform")
    assert texts(translate(uniform, ohe_axis=-1)) == ["AX", "AM"]
    assert texts(translate(sp.ohe(["GCNNNN"], DNA), ohe_axis=-1)) == ["AX"]
    for unknown in ("zero", "uniform"):
        onehot = sp.ohe(["ATGGCN"], DNA, dtype=np.float32, unknown=unknown)
        with pytest.raises(ValueError, match=r"found 'GCN' at position 3 of sequence 0"):
            translate(onehot, ohe_axis=-1, ambiguous="error")


def test_soft_columns_are_refused():
    soft = np.full((1, 3, 4), 0.25, np.float32)
    soft[0, 1] = [0.7, 0.1, 0.1, 0.1]
    with pytest.raises(ValueError, match=r"seqs must hold columns that are one-hot"):
        translate(soft, ohe_axis=-1)


@pytest.mark.parametrize("function", [translate, six_frames])
def test_onehot_array_without_its_axis_is_refused(function):
    onehot = sp.ohe(ROWS, DNA)
    with pytest.raises(TypeError, match=r"pass ohe_axis"):
        function(onehot)
    with pytest.raises(TypeError, match=r"pass ohe_axis"):
        function(onehot.astype(np.float32))


@pytest.mark.parametrize("function", [translate, six_frames])
def test_alphabet_that_is_not_of_nucleotides_is_refused(function):
    with pytest.raises(ValueError, match=r"nucleotides only, such as seqpro.DNA .* in 'AA'"):
        function(sp.ohe(["ACDEFG"], AA), alphabet=AA, ohe_axis=-1)
    methylated = Alphabet("methylated", "ACGTm", pairs="AT CG mG")
    with pytest.raises(ValueError, match=r"found 'm' in 'methylated'"):
        function(sp.ohe(["ACGTmA"], methylated), alphabet=methylated, ohe_axis=-1)
    with pytest.raises(TypeError, match=r"alphabet must be an Alphabet"):
        function("ATG", alphabet="DNA")


@pytest.mark.parametrize(
    "seqs",
    [[], np.empty((0, 9), "S1"), np.empty((0, 0), np.uint8), Ragged(np.empty(0, "S1"), [], [])],
)
def test_no_sequences_give_no_proteins(seqs):
    assert len(translate(seqs)) == 0
    assert len(translate(seqs, ambiguous="drop")) == 0
    assert len(six_frames(seqs)) == 0


def test_empty_and_short_sequences_have_no_codons():
    assert translate("").shape == (0,)
    assert translate(["", ""], frame=2).shape == (2, 0)
    assert translate(["A", "C"], frame=1).shape == (2, 0)
    assert texts(six_frames(["", "A", "CC"])) == [""] * 18


def test_input_is_never_changed():
    codes = np.frombuffer(b"atgNNNTAA", np.uint8).copy()
    before = codes.copy()
    for options in ({}, {"to_stop": "inclusive"}, {"ambiguous": "drop"}):
        translate(codes, **options)
    six_frames(codes)
    np.testing.assert_array_equal(codes, before)


# Stops


def test_stop_is_kept_left_out_or_read_through():
    seqs = ["ATGTAATTTTAG", "TAATTTATGTTT", "ATGTTTATGTTT"]
    assert texts(translate(seqs)) == ["M*F*", "*FMF", "MFMF"]
    assert texts(translate(seqs, to_stop="inclusive")) == ["M*", "*", "MFMF"]
    assert texts(translate(seqs, to_stop="exclusive")) == ["M", "", "MFMF"]


@pytest.mark.parametrize("number", [n for n in NCBI_NUMBERS if not codon_table(n).ambiguous_stops])
def test_stopping_agrees_with_biopython(number):
    rng = np.random.default_rng(number)
    seqs = [text(rng.choice(np.frombuffer(b"ACGTRN", "S1"), 150)) for _ in range(50)]
    found = texts(translate(seqs, table=number, to_stop="exclusive"))
    assert found == [by_biopython(seq, number, to_stop=True) for seq in seqs]


def test_sequences_of_unequal_lengths_need_no_padding_to_be_cut_at_stops():
    assert texts(translate(["ATGTAAATG", "ATG"], to_stop="exclusive")) == ["M", "M"]
    with pytest.raises(ValueError, match=r"must all have one length; found lengths 3 to 9"):
        translate(["ATGTAAATG", "ATG"])


def test_ambiguous_stop_ends_and_possible_stop_does_not():
    assert texts(translate("ATGTARATG", to_stop="inclusive")) == ["M*"]
    assert texts(translate("ATGTANATG", to_stop="inclusive")) == ["MXM"]


def test_what_follows_a_stop_is_not_looked_at():
    assert texts(translate("ATGTAANNN", to_stop="exclusive", ambiguous="error")) == ["M"]
    with pytest.raises(ValueError, match=r"found 'NNN' at position 3 of sequence 0"):
        translate("ATGNNNTAA", to_stop="exclusive", ambiguous="error")
    assert texts(translate("NNNATGNNNTAANNN", to_stop="inclusive", ambiguous="drop")) == ["M*"]


@pytest.mark.parametrize(
    ("number", "residues", "stops"),
    [(27, "QQW", "TGA"), (28, "QQW", "TAA, TAG, TGA"), (31, "EEW", "TAA, TAG")],
)
def test_stops_that_are_amino_acids_too_end_nothing_unasked(number, residues, stops):
    """In these codes only the place in the messenger says whether a codon stops."""
    assert text(translate("TAATAGTGA", table=number)) == residues
    with pytest.raises(ValueError, match=rf"whose stop codons {stops} are amino acids as well"):
        translate("ATGTGA", table=number, to_stop="inclusive")
    table = codon_table(number)
    amino_acids = "".join(
        "*" if codon in table.stop_codons else table.amino_acid(codon) for codon in CODONS
    )
    strict = replace(table, name="strict", amino_acids=amino_acids, number=None)
    last = table.stop_codons[-1]
    assert texts(translate(f"ATG{last}ATG", table=strict, to_stop="inclusive")) == ["M*"]


# Frames


def test_frame_is_the_position_of_the_first_codon():
    seq = "ATGGCTTAACC"
    assert text(translate(seq, incomplete="drop")) == "MA*"
    assert text(translate(seq, frame=1, incomplete="drop")) == "WLN"
    assert text(translate(seq, frame=2)) == "GLT"


@pytest.mark.parametrize(
    ("frame", "found", "left"), [(0, 10, 1), (1, 9, None), (2, 8, 2), (np.int8(2), 8, 2)]
)
def test_letters_left_over_are_refused_with_the_way_out(frame, found, left):
    seqs = ["ATGATGATG" + "A"]
    if left is None:
        assert translate(seqs, frame=frame).shape == (1, 3)
        return
    message = rf"position {frame} on; found {found} letters there in sequence 0. .* last {left} out"
    with pytest.raises(ValueError, match=message):
        translate(seqs, frame=frame)
    assert translate(seqs, frame=frame, incomplete="drop").shape == (1, found // 3)


def test_first_row_with_letters_left_over_is_named():
    rows = Ragged.from_bytes([b"ATG", b"ATGA", b"ATGAT"])
    with pytest.raises(ValueError, match=r"found 4 letters there in sequence 1"):
        translate(rows)


@pytest.mark.parametrize("length", [*range(12), 100, 101, 102])
def test_six_frames_are_both_strands_from_three_positions(length):
    rng = np.random.default_rng(length)
    seqs = [text(rng.choice(np.frombuffer(b"ACGTacgtRYKMBVDHSWN", "S1"), length)) for _ in range(7)]
    assert texts(six_frames(seqs, table=2)) == [
        by_biopython(strand[frame:], 2)
        for seq in seqs
        for strand in (seq, str(Seq(seq).reverse_complement()))
        for frame in range(3)
    ]


def test_six_frames_of_sequences_of_any_lengths():
    rows = ["ATGGCTTAA", "", "ATGTA", "AT"]
    found = six_frames(rows)
    assert texts(found[0::6]) == ["MA*", "", "M", ""]
    assert texts(found[3::6]) == ["LSH", "", "Y", ""]
    assert found.sizes.tolist() == [3, 2, 2, 3, 2, 2, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1] + [0] * 6
    assert texts(six_frames(Ragged.from_bytes([r.encode() for r in rows]))) == texts(found)


def test_six_frames_take_the_policies():
    assert texts(six_frames("GCNTAR"))[0::3] == ["A*", "LX"]
    assert texts(six_frames("GCNTAR", ambiguous="unknown", unknown_char="?"))[0::3] == ["??", "??"]
    assert texts(six_frames("ACGTAC", ambiguous="error")) == texts(six_frames("ACGTAC"))
    with pytest.raises(ValueError, match=r"found 'CAN' at position 1 of sequence 1"):
        six_frames(["ACAC", "ACAN"], ambiguous="error")
    with pytest.raises(ValueError, match=r"'resolve', 'unknown' or 'error'; found 'drop'"):
        six_frames("ATG", ambiguous="drop")


# Arguments


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"table": 7}, ValueError, r"number must be that of an NCBI genetic code, one of 1, 2"),
        ({"table": "Standard"}, TypeError, r"table must be the number .* or a CodonTable"),
        ({"table": None}, TypeError, r"table must be the number"),
        ({"frame": 3}, ValueError, r"frame must be 0, 1 or 2, the 0-based position"),
        ({"frame": -1}, ValueError, r"frame must be 0, 1 or 2"),
        ({"frame": 1.0}, ValueError, r"frame must be 0, 1 or 2"),
        ({"frame": [0, 1]}, ValueError, r"frame must be 0, 1 or 2"),
        (
            {"to_stop": True},
            ValueError,
            r"to_stop must be 'inclusive' or 'exclusive'; found True",
        ),
        ({"ambiguous": "X"}, ValueError, r"'resolve', 'unknown', 'error' or 'drop'; found 'X'"),
        ({"incomplete": "pad"}, ValueError, r"incomplete must be 'error' or 'drop'; found 'pad'"),
        ({"unknown_char": "XX"}, ValueError, r"unknown_char must be one ASCII letter"),
        (
            {"unknown_char": "A"},
            ValueError,
            r"unknown_char must be none of the letters .* found 'A'",
        ),
        (
            {"unknown_char": "*"},
            ValueError,
            r"unknown_char must be none of the letters .* found '\*'",
        ),
        ({"ohe_axis": -1}, TypeError, r"seqs must hold numbers where ohe_axis is given"),
    ],
)
def test_argument_that_does_not_fit_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        translate("ATG", **options)


def test_options_are_checked_even_without_sequences():
    for options in ({"frame": 5}, {"ambiguous": "?"}, {"to_stop": "?"}, {"incomplete": "?"}):
        with pytest.raises(ValueError, match=r"must be"):
            translate([], **options)


def test_table_of_ones_own_is_read():
    standard = codon_table(1)
    amino_acids = standard.amino_acids[:11] + "K" + standard.amino_acids[12:]
    amber = replace(standard, name="amber", amino_acids=amino_acids, stop_codons=("TAA", "TGA"))
    assert text(translate("TAGTAATAR", table=amber)) == "K*X"
    assert text(translate("TAGTAATAR")) == "***"


# Many rows


def test_rows_are_the_same_alone_and_among_many_on_any_number_of_threads(monkeypatch):
    rng = np.random.default_rng(0)
    seqs = rng.choice(np.frombuffer(b"ACGTNacgt", np.uint8), (30_000, 39))
    ragged = Ragged.from_dense(seqs)
    found = {}
    for threads in ("1", "2", "5"):
        monkeypatch.setenv("SEQPRO_THREADS", threads)
        found[threads] = (
            translate(seqs).tobytes(),
            translate(ragged).values.tobytes(),
            translate(seqs, to_stop="inclusive", ambiguous="drop").values.tobytes(),
            six_frames(seqs).values.tobytes(),
        )
    assert found["1"] == found["2"] == found["5"]
    assert found["1"][0] == found["1"][1]
    for i in (0, 1, 17_000, 29_999):
        assert translate(seqs[i]).tobytes() == translate(seqs)[i].tobytes()
    assert translate(seqs[:2]).tobytes() == found["1"][0][: 2 * 13]
    assert text(translate(seqs[:9])) == by_biopython(seqs[:9].tobytes().decode(), 1)


@pytest.mark.parametrize("options", [{}, {"to_stop": "inclusive"}])
def test_first_refused_codon_of_many_rows_is_named(options):
    seqs = np.full((50_000, 30), ord("A"), np.uint8)
    seqs[41_000:, 8] = ord("N")
    seqs[40_001, 22] = ord("r")
    for rows in (seqs, Ragged.from_dense(seqs)):
        with pytest.raises(ValueError, match=r"found 'ArA' at position 21 of sequence 40001"):
            translate(rows, ambiguous="error", **options)
    with pytest.raises(ValueError, match=r"found 'ArA' at position 21 of sequence 40001"):
        six_frames(seqs, ambiguous="error")
    with pytest.raises(ValueError, match=r"found 'AAr' at position 20 of sequence 40001"):
        translate(seqs, ambiguous="error", frame=2, incomplete="drop", **options)


def test_translating_needs_little_more_memory_than_its_result():
    """A genome's worth of rows must not be copied whole."""
    code = (
        "import resource, numpy as np\n"
        "from seqpro.translate import translate\n"
        "seqs = np.full((400_000, 300), 65, np.uint8)\n"
        "translate(seqs[:10])\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = peak()\n"
        "result = translate(seqs)\n"
        "print((peak() - before) * 1024 - result.nbytes)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 64 * 2**20
