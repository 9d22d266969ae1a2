"""Laws of seqpro that hold for any input, each against plain Python."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product
from unittest.mock import patch

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import seqpro as sp
from seqpro import AA, DNA, RNA, Alphabet, Ragged
from seqpro.kmers import kmer_names

compiled = settings(deadline=None, max_examples=150)  # the first call of a kernel takes seconds

METHYLATED = Alphabet("methylated", "ACGTm", pairs="AT CG mG")
BRACKETS = Alphabet("pseudoknots", ".()[]{}", unknown="?")

ascii_text = st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=40)
iupac_text = st.text("ACGTRYKMBVDHSWNacgtrykmbvdhswn", max_size=40)
dna_text = st.text("ACGT", max_size=40)
ohe_axes = st.sampled_from([-1, -2])
seeds = st.integers(0, 2**63)


@st.composite
def equal_rows(draw, letters=None, max_length=20):
    """One to six strings of one length."""
    length = draw(st.integers(0, max_length))
    letter = (
        st.sampled_from(letters) if letters else st.characters(min_codepoint=1, max_codepoint=127)
    )
    row = st.text(letter, min_size=length, max_size=length)
    return draw(st.lists(row, min_size=1, max_size=6))


@st.composite
def containers(draw, rows):
    """The same rows in any container that keeps them apart."""
    length = len(rows[0])
    letters = np.array([list(row.encode()) for row in rows], np.uint8).reshape(len(rows), length)
    choices = {
        "list": lambda: list(rows),
        "tuple of bytes": lambda: tuple(row.encode() for row in rows),
        "objects": lambda: np.array(rows, object),
        "S1": lambda: letters.view("S1"),
        "strided": lambda: np.repeat(letters, 2, axis=0)[::2].view("S1"),
    }
    if not letters.size or letters.max() >= 32:  # codes below are refused as numbers
        choices |= {
            "codes": lambda: letters,
            "codes of another memory order": lambda: np.asfortranarray(letters),
            "ragged": lambda: Ragged.from_dense(letters),
            "ragged backwards": lambda: Ragged.from_dense(letters[::-1])[::-1],
        }
    if length > 1:  # numpy's text of one letter is the same type as single letters
        choices |= {"U": lambda: np.array(rows), "S": lambda: np.array(rows, "S")}
    return choices[draw(st.sampled_from(sorted(choices)))]()


def own_letters(rows, alphabet):
    """The rows without the letter of the other nucleic acid, which a reverse complement refuses."""
    foreign = "Tt" if alphabet is RNA else "Uu"
    return ["".join("-" if c in foreign else c for c in row) for row in rows]


def words(array):
    return [row.tobytes().decode() for row in array]


def known(text, alphabet):
    """The text in the alphabet's own letters, others as unknown."""
    twins = {c.swapcase(): c for c in alphabet.letters} | {c: c for c in alphabet.letters}
    return "".join(twins.get(c, alphabet.unknown) for c in text)


def klets(seq, k):
    return Counter(seq[i : i + k] for i in range(len(seq) - k + 1))


def turned(seq):
    """Reverse complement of DNA by a dictionary."""
    pairs = dict(zip("ACGTRYKMBVDHSWN", "TGCAYRMKVBHDSWN", strict=True))
    pairs |= {a.lower(): b.lower() for a, b in pairs.items()}
    return "".join(pairs.get(c, c) for c in reversed(seq))


@compiled
@given(st.data(), equal_rows(), st.sampled_from([DNA, RNA, AA, METHYLATED, BRACKETS]), ohe_axes)
def test_decoding_undoes_encoding(data, rows, alphabet, ohe_axis):
    seqs = data.draw(containers(rows))
    onehot = sp.ohe(seqs, alphabet, ohe_axis=ohe_axis)
    decoded = sp.decode_ohe(onehot, alphabet, ohe_axis=ohe_axis)
    assert words(decoded) == [known(row, alphabet) for row in rows]


@compiled
@given(st.lists(ascii_text, max_size=5), ohe_axes)
def test_decoding_undoes_encoding_of_unequal_lengths(rows, ohe_axis):
    longest = max(map(len, rows), default=0)
    decoded = sp.decode_ohe(sp.ohe(rows, DNA, ohe_axis=ohe_axis), DNA, ohe_axis=ohe_axis)
    assert words(decoded) == [known(row, DNA).ljust(longest, "N") for row in rows]


@compiled
@given(equal_rows(), ohe_axes, st.sampled_from(["f2", "f4", "f8", "i4", "?"]))
def test_number_type_changes_no_column(rows, ohe_axis, dtype):
    expected = sp.ohe(rows, DNA)
    found = sp.ohe(rows, DNA, dtype=dtype, ohe_axis=ohe_axis)
    assert np.array_equal(np.moveaxis(found, ohe_axis, -1), expected)


@compiled
@given(equal_rows(), ohe_axes, st.sampled_from(["zero", "uniform", -1.0]), st.sampled_from("CF"))
def test_encoding_into_out_equals_the_return_value(rows, ohe_axis, unknown, order):
    options = {"ohe_axis": ohe_axis, "unknown": unknown, "dtype": np.float32}
    expected = sp.ohe(rows, DNA, **options)
    out = np.full(expected.shape, 9, np.float32, order=order)
    assert sp.ohe(rows, DNA, out=out, **options) is out
    assert np.array_equal(out, expected)


@compiled
@given(st.data(), equal_rows(), st.sampled_from([DNA, RNA]))
def test_reverse_complement_twice_is_the_sequence(data, rows, alphabet):
    rows = own_letters(rows, alphabet)
    seqs = data.draw(containers(rows))
    back = sp.reverse_complement(sp.reverse_complement(seqs, alphabet), alphabet)
    assert words(back) == rows


@compiled
@given(st.data(), equal_rows("ACGTRYKMBVDHSWNacgtrykmbvdhswn-"))
def test_reverse_complement_agrees_with_a_dictionary(data, rows):
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))))
    found = sp.reverse_complement(data.draw(containers(rows)), DNA, mask=mask)
    assert words(found) == [turned(row) if m else row for row, m in zip(rows, mask, strict=True)]


unknown_columns = st.sampled_from(
    [(DNA, "zero"), (DNA, "uniform"), (RNA, "uniform"), (METHYLATED, "zero")]
)


@compiled
@given(equal_rows(), unknown_columns, ohe_axes)
def test_reverse_complement_commutes_with_encoding(rows, unknown_column, ohe_axis):
    alphabet, unknown = unknown_column
    rows = own_letters(rows, alphabet)
    options = {"ohe_axis": ohe_axis, "unknown": unknown, "dtype": np.float32}
    letters_first = sp.ohe(sp.reverse_complement(rows, alphabet), alphabet, **options)
    onehot = sp.ohe(rows, alphabet, **options)
    onehot_first = sp.reverse_complement(onehot, alphabet, ohe_axis=ohe_axis)
    assert np.array_equal(letters_first, onehot_first)


@compiled
@given(equal_rows("ACGTNacgtn"), ohe_axes, st.booleans())
def test_reverse_complement_in_place_equals_the_return_value(rows, ohe_axis, as_onehot):
    seqs = sp.ohe(rows, DNA, ohe_axis=ohe_axis) if as_onehot else sp.as_codes(rows).copy()
    axis = ohe_axis if as_onehot else None
    expected = sp.reverse_complement(seqs, DNA, ohe_axis=axis)
    assert sp.reverse_complement(seqs, DNA, ohe_axis=axis, out=seqs) is seqs
    assert np.array_equal(seqs, expected)


@compiled
@given(ascii_text, st.integers(1, 45), seeds)
def test_shuffle_keeps_klets_ends_and_length(seq, k, seed):
    shuffled = sp.k_shuffle(seq, k, rng=seed).tobytes().decode()
    assert len(shuffled) == len(seq)
    assert klets(shuffled, k) == klets(seq, k)
    assert shuffled[: k - 1] == seq[: k - 1]
    assert shuffled[len(seq) - k + 1 :] == seq[len(seq) - k + 1 :] or len(seq) < k


@compiled
@given(st.text("AB", min_size=1, max_size=300), st.integers(1, 12), seeds)
def test_shuffle_keeps_klets_of_repetitive_sequences(seq, k, seed):
    shuffled = sp.k_shuffle(seq, k, rng=seed).tobytes().decode()
    assert all(klets(shuffled, j) == klets(seq, j) for j in range(1, k + 1))


@compiled
@given(st.binary(max_size=80), st.integers(1, 5), seeds)
def test_shuffle_takes_every_byte_for_a_letter(code_bytes, k, seed):
    assume(max(code_bytes, default=0) != 1)  # bytes of 0 and 1 alone are refused as one-hot
    codes = np.frombuffer(code_bytes, np.uint8)
    shuffled = sp.k_shuffle(codes, k, rng=seed)
    assert klets(shuffled.tobytes(), k) == klets(code_bytes, k)


@compiled
@given(
    equal_rows("ACGN", max_length=30),
    st.integers(1, 4),
    seeds,
    st.integers(1, 5),
    st.integers(1, 200),
)
def test_rows_depend_on_seed_and_number_only(rows, k, seed, threads, block):
    rows = rows * 4
    expected = sp.k_shuffle(rows, k, rng=seed)
    with (
        patch.dict("os.environ", SEQPRO_THREADS=str(threads)),
        patch("seqpro.shuffle._BLOCK", block),
    ):
        assert np.array_equal(sp.k_shuffle(rows, k, rng=seed), expected)
        assert np.array_equal(sp.k_shuffle(rows[:5], k, rng=seed), expected[:5])


@compiled
@given(st.integers(0, 30), st.integers(0, 30), seeds, st.integers(1, 5), st.integers(1, 200))
def test_random_rows_depend_on_seed_and_number_only(n, length, seed, threads, block):
    expected = sp.random_seqs((40, 30), DNA, rng=seed)
    with (
        patch.dict("os.environ", SEQPRO_THREADS=str(threads)),
        patch("seqpro.sample._BLOCK", block),
    ):
        assert np.array_equal(sp.random_seqs((n, length), DNA, rng=seed), expected[:n, :length])


@compiled
@given(st.lists(st.text("ACGTacgt", max_size=12), max_size=6), st.integers(0, 15))
def test_stripping_undoes_padding(rows, extra):
    length = max(map(len, rows), default=0) + extra
    for side, strip in (("left", str.lstrip), ("right", str.rstrip), ("both", str.strip)):
        padded = sp.pad_seqs(rows, length=length, side=side)
        assert padded.shape == (len(rows), length)
        assert [strip(word, "N") for word in words(padded)] == rows


@compiled
@given(
    st.lists(ascii_text, max_size=6),
    st.integers(0, 45),
    st.sampled_from(["left", "right", "both"]),
    st.sampled_from(["left", "right", "both"]),
)
def test_padding_and_cutting_agree_with_string_slices(rows, length, side, truncate):
    def one(row):
        cut, spare = max(len(row) - length, 0), max(length - len(row), 0)
        start = {"left": cut, "right": 0, "both": cut // 2}[truncate]
        before = {"left": spare, "right": 0, "both": spare // 2}[side]
        return "#" * before + row[start : start + length] + "#" * (spare - before)

    padded = sp.pad_seqs(rows, length=length, side=side, truncate=truncate, letter="#")
    assert words(padded) == [one(row) for row in rows]


@compiled
@given(st.data(), st.lists(st.binary(max_size=9), min_size=1, max_size=8))
def test_ragged_selections_agree_with_lists(data, rows):
    """Any chain of slices, reorderings and masks, packed or not, holds the rows a list would."""
    ragged, model = Ragged.from_bytes(rows), list(rows)
    for _ in range(data.draw(st.integers(1, 3))):
        n = len(model)
        kind = data.draw(st.sampled_from(["slice", "order", "mask", "packed"]))
        if kind == "slice":
            index = data.draw(st.slices(n))
            ragged, model = ragged[index], model[index]
        elif kind == "order" and n:
            order = data.draw(st.lists(st.integers(-n, n - 1), max_size=10))
            ragged, model = ragged[order], [model[i] for i in order]
        elif kind == "mask":
            mask = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
            ragged = ragged[np.array(mask, bool)]
            model = [row for row, m in zip(model, mask, strict=True) if m]
        else:
            ragged = ragged.packed()
            assert ragged.values.size == sum(map(len, model))
    assert [row.tobytes() for row in ragged] == model
    assert ragged.sizes.tolist() == list(map(len, model))


@compiled
@given(st.lists(st.lists(st.floats(width=32), max_size=6), max_size=6), st.integers(0, 4))
def test_ragged_padding_keeps_every_value_of_a_track(rows, extra):
    flat = np.array([value for row in rows for value in row], np.float32)
    ragged = Ragged.from_sizes(flat, [len(row) for row in rows])
    length = max(map(len, rows), default=0) + extra
    padded = ragged.to_padded(length, -7)
    inside = np.arange(length) < ragged.sizes[:, None]
    assert np.array_equal(padded[inside], flat, equal_nan=True)
    assert (padded[~inside] == -7).all()


@compiled
@given(st.lists(st.text("ACGTNacgt-", max_size=30), max_size=5), st.integers(1, 4), st.booleans())
def test_kmer_counts_agree_with_a_loop(rows, k, canonical):
    names = ["".join(word) for word in product("ACGT", repeat=k)]
    if canonical:
        names = [word for word in names if word <= turned(word)]
    assert kmer_names(k, DNA, canonical=canonical) == names
    expected = np.zeros((len(rows), len(names)), int)
    for row, seq in enumerate(rows):
        for word, count in klets(seq.upper(), k).items():
            if set(word) <= set("ACGT"):
                expected[row, names.index(min(word, turned(word)) if canonical else word)] += count
    assert np.array_equal(sp.count_kmers(rows, k, DNA, canonical=canonical), expected)


@compiled
@given(st.lists(st.text("ACGTNacgt", max_size=14), max_size=8), st.integers(1, 9), st.booleans())
def test_groups_agree_with_a_comparison_of_all_pairs(rows, shared, both_strands):
    def stretches(seq):
        found = {seq[i : i + shared] for i in range(len(seq) - shared + 1)}
        return {word for word in found if "N" not in word}

    held = [stretches(row.upper()) for row in rows]
    held = [h | set(map(turned, h)) if both_strands else h for h in held]
    expected = list(range(len(rows)))
    for a, b in combinations(range(len(rows)), 2):
        if held[a] & held[b]:
            joined = {expected[a], expected[b]}
            expected = [min(joined) if group in joined else group for group in expected]
    found = sp.shared_sequence_groups(rows, shared=shared, both_strands=both_strands)
    assert found.tolist() == expected


@compiled
@given(st.lists(ascii_text, min_size=1, max_size=6))
def test_gc_content_agrees_with_counting(rows):
    longest = max(map(len, rows))
    by_length, valid = sp.gc_content(rows), sp.gc_content(rows, by="valid")
    for i, row in enumerate(map(str.upper, rows)):
        gc = row.count("G") + row.count("C")
        letters = gc + sum(map(row.count, "ATU"))
        assert np.isnan(by_length[i]) if not longest else by_length[i] == gc / longest
        assert np.isnan(valid[i]) if not letters else valid[i] == gc / letters
