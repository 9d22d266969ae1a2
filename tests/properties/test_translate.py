"""Laws of translation that hold for any sequences."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import seqpro as sp
from seqpro import DNA, RNA, Ragged
from seqpro.codons import NCBI_NUMBERS, codon_table
from seqpro.translate import six_frames, translate

compiled = settings(deadline=None, max_examples=150)  # the first call of a kernel takes seconds

MEANINGS = {
    "A": "A", "C": "C", "G": "G", "T": "T", "U": "T", "R": "AG", "Y": "CT", "S": "CG", "W": "AT",
    "K": "GT", "M": "AC", "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip

dna = st.text("ACGTUacgtuRYSWKMBDHVNrn-.X", max_size=40)
plain = st.text("ACGTacgt", max_size=40)
numbers = st.sampled_from(NCBI_NUMBERS)
frames = st.integers(0, 2)
policies = st.sampled_from(["resolve", "unknown", "drop"])
to_stops = st.sampled_from([None, "inclusive", "exclusive"])


def texts(rows):
    return [np.asarray(row).tobytes().decode() for row in rows]


def one_by_one(seq, number, frame, ambiguous, to_stop):
    """The protein of one sequence by a dictionary of what each letter means."""
    protein = ""
    for start in range(frame, len(seq) - 2, 3):
        codon = seq[start : start + 3].upper()
        bases = [MEANINGS.get(letter, "") for letter in codon]
        found = {
            codon_table(number).amino_acid(a + b + c)
            for a in bases[0]
            for b in bases[1]
            for c in bases[2]
        }
        if ambiguous != "resolve" and not set(codon) <= set("ACGTU"):
            found = set()
        if not found and ambiguous == "drop":
            continue
        residue = found.pop() if len(found) == 1 else "X"
        if residue == "*" and to_stop is not None:
            return protein + "*" * (to_stop == "inclusive")
        protein += residue
    return protein


def ragged(rows, dtype=np.uint8):
    """Rows in reverse order with letters between them."""
    joined = Ragged.from_bytes([row.encode() + b"T" for row in reversed(rows)])
    values = joined.values.view(dtype)
    return Ragged(values, joined.starts[::-1], joined.sizes[::-1] - 1)


@compiled
@given(
    st.lists(dna, max_size=5), numbers, frames, policies, to_stops, st.sampled_from(["u1", "S1"])
)
def test_rows_of_any_lengths_agree_with_a_loop(rows, number, frame, ambiguous, to_stop, dtype):
    if to_stop and codon_table(number).ambiguous_stops:
        to_stop = None
    found = translate(
        ragged(rows, dtype),
        table=number,
        frame=frame,
        ambiguous=ambiguous,
        to_stop=to_stop,
        incomplete="drop",
    )
    assert found.values.dtype == dtype
    assert texts(found) == [one_by_one(row, number, frame, ambiguous, to_stop) for row in rows]


@compiled
@given(st.lists(dna, max_size=5), frames, policies, to_stops)
def test_a_row_is_the_same_alone_and_among_others(rows, frame, ambiguous, to_stop):
    options = {"frame": frame, "ambiguous": ambiguous, "to_stop": to_stop, "incomplete": "drop"}
    together = texts(translate(ragged(rows), **options))
    alone = [translate(row, **options) for row in rows]
    assert together == [
        np.asarray(row[0] if isinstance(row, Ragged) else row).tobytes().decode() for row in alone
    ]


@compiled
@given(
    st.data(), st.integers(0, 20), frames, st.sampled_from([DNA, RNA]), st.sampled_from([-1, -2])
)
def test_every_container_gives_the_same_protein(data, length, frame, alphabet, ohe_axis):
    letter = st.sampled_from(alphabet.letters + alphabet.letters.lower() + "N")
    row = st.text(letter, min_size=length, max_size=length)
    rows = data.draw(st.lists(row, min_size=1, max_size=5))
    codes = np.array([list(row.encode()) for row in rows], np.uint8).reshape(len(rows), length)
    onehot = sp.ohe(rows, alphabet, ohe_axis=ohe_axis)
    options = {"frame": frame, "incomplete": "drop"}
    expected = [one_by_one(row, 1, frame, "resolve", None) for row in rows]
    for seqs in (rows, codes, codes.view("S1"), np.asfortranarray(codes), ragged(rows)):
        assert texts(translate(seqs, **options)) == expected
    assert texts(translate(onehot, alphabet=alphabet, ohe_axis=ohe_axis, **options)) == expected
    six = texts(six_frames(rows))
    for seqs in (codes, codes.view("S1"), ragged(rows)):
        assert texts(six_frames(seqs)) == six
    assert texts(six_frames(onehot, alphabet=alphabet, ohe_axis=ohe_axis)) == six


@compiled
@given(st.lists(st.text("ACGTacgtRYSWKMBDHVNrn-", max_size=40), max_size=5), numbers)
def test_six_frames_are_three_of_each_strand(rows, number):
    strands = rows, [texts([sp.reverse_complement(row, DNA)])[0] for row in rows]
    found = texts(six_frames(rows, table=number))
    for turn in range(6):
        strand, frame = strands[turn // 3], turn % 3
        expected = translate(ragged(strand), table=number, frame=frame, incomplete="drop")
        assert found[turn::6] == texts(expected)


@compiled
@given(plain, frames)
def test_dna_and_rna_and_both_cases_are_one(seq, frame):
    options = {"frame": frame, "incomplete": "drop"}
    expected = translate(seq, **options).tobytes()
    for same in (sp.transcribe(seq), seq.upper(), seq.lower(), seq.swapcase()):
        assert translate(same, **options).tobytes() == expected


@compiled
@given(dna, numbers)
def test_one_letter_more_in_front_is_one_frame_further(seq, number):
    for frame in (0, 1):
        here = translate(seq, table=number, frame=frame, incomplete="drop")
        further = translate("G" + seq, table=number, frame=frame + 1, incomplete="drop")
        assert here.tobytes() == further.tobytes()


@compiled
@given(dna, dna, numbers)
def test_protein_of_two_parts_is_both_proteins(first, second, number):
    first = first[: len(first) // 3 * 3]
    options = {"table": number, "incomplete": "drop"}
    parts = [translate(part, **options).tobytes() for part in (first, second)]
    assert translate(first + second, **options).tobytes() == b"".join(parts)
