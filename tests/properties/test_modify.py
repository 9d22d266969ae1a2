"""Laws of what changes sequences: for any letters, container and layout, against plain Python."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import seqpro as sp
from seqpro import AA, DNA, RNA, Alphabet, Ragged
from seqpro.clean import remove_N, sanitize, unknown_content
from seqpro.jitter import jitter
from seqpro.mutate import mutate, single_mutants
from seqpro.patterns import delete, insert, substitute, tile
from seqpro.sample import fit_markov

compiled = settings(deadline=None, max_examples=100)  # the first call of a kernel takes seconds

METHYLATED = Alphabet("methylated", "ACGTm", pairs="AT CG mG")
alphabets = st.sampled_from([DNA, RNA, AA, METHYLATED])
seeds = st.integers(0, 2**63)
letters = st.sampled_from("ACGTUNacgtunmMKVX-")
text = st.text(letters, max_size=12)


@st.composite
def equal_rows(draw):
    """One to six strings of one length."""
    length = draw(st.integers(0, 20))
    return draw(
        st.lists(st.text(letters, min_size=length, max_size=length), min_size=1, max_size=6)
    )


@st.composite
def containers(draw, rows):
    """The same rows in any container, with the options that go with it and how to read results."""
    table = np.array([list(row.encode()) for row in rows], np.uint8).reshape(len(rows), -1)
    ragged = Ragged.from_bytes([row.encode() for row in rows[::-1]])[::-1]
    choices = [list(rows), np.array(rows, object), table.view("S1"), table, ragged]
    return choices[draw(st.integers(0, 4 if table.size else 2))]


def words(seqs):
    return [bytes(row).decode() for row in seqs]


def known(letter, alphabet):
    """The alphabet's letter that a letter counts as, or None."""
    twins = {c.swapcase(): c for c in alphabet.letters} | {c: c for c in alphabet.letters}
    return twins.get(letter)


def others(letter, alphabet):
    """What a letter may become: the others, in its case where the alphabet has that."""
    own, found = known(letter, alphabet), []
    for other in alphabet.letters:
        twin = other.lower() if letter.islower() else other.upper()
        keep = letter == own or known(twin, alphabet) != other
        found.append(other if keep else twin)
    return [c for c, other in zip(found, alphabet.letters, strict=True) if other != own]


@compiled
@given(st.data(), equal_rows(), text)
def test_deleting_undoes_inserting(data, rows, pattern):
    seqs = data.draw(containers(rows))
    place = st.integers(0, len(rows[0]))
    places = data.draw(st.one_of(place, st.lists(place, min_size=len(rows), max_size=len(rows))))
    longer = insert(seqs, pattern, places)
    each = np.broadcast_to(places, len(rows)).tolist()
    assert words(longer) == [s[:i] + pattern + s[i:] for s, i in zip(rows, each, strict=True)]
    assert words(delete(longer, places, len(pattern))) == rows


@compiled
@given(st.data(), equal_rows())
def test_substituting_is_deleting_and_inserting(data, rows):
    length = len(rows[0])
    size = data.draw(st.integers(0, length))
    word = st.text(letters, min_size=size, max_size=size)
    patterns = data.draw(st.lists(word, min_size=len(rows), max_size=len(rows)))
    place = st.integers(0, length - size)
    places = data.draw(st.lists(place, min_size=len(rows), max_size=len(rows)))
    seqs = data.draw(containers(rows))
    found = substitute(seqs, patterns, places)
    assert words(found) == words(insert(delete(seqs, places, size), patterns, places))


@compiled
@given(st.data(), equal_rows(), text, alphabets, st.sampled_from([-1, -2]))
def test_one_hot_arrays_are_edited_like_their_letters(data, rows, pattern, alphabet, ohe_axis):
    place = data.draw(st.integers(0, len(rows[0])))
    size = data.draw(st.integers(0, len(rows[0]) - place))
    onehot = sp.ohe(rows, alphabet, ohe_axis=ohe_axis)
    named = {"alphabet": alphabet, "ohe_axis": ohe_axis}

    def same(found, seqs):
        np.testing.assert_array_equal(found, sp.ohe(seqs, alphabet, ohe_axis=ohe_axis))

    same(insert(onehot, pattern, place, **named), insert(rows, pattern, place))
    same(delete(onehot, place, size, ohe_axis=ohe_axis), delete(rows, place, size))
    same(
        substitute(onehot, rows[0][:size], place, **named), substitute(rows, rows[0][:size], place)
    )
    if rows[0]:
        same(tile(onehot, 30, ohe_axis=ohe_axis), tile(rows, 30))


@compiled
@given(
    st.lists(st.text(letters, min_size=1, max_size=12), min_size=1, max_size=5), st.integers(0, 40)
)
def test_tile_repeats(patterns, length):
    assert words(tile(patterns, length)) == [(p * length)[:length] for p in patterns]


@compiled
@given(st.data(), equal_rows(), alphabets)
def test_single_mutants_are_complete_and_distinct(data, rows, alphabet):
    mutants = single_mutants(data.draw(containers(rows)), alphabet)
    expected = [
        row[:i] + other + row[i + 1 :]
        for row in rows
        for i, letter in enumerate(row)
        if known(letter, alphabet)
        for other in others(letter, alphabet)
    ]
    assert words(mutants[:]) == expected
    edits = mutants.edits()
    assert len(edits.row) == len(mutants) == len(expected)
    for i, mutant in enumerate(expected):
        row = rows[edits.row[i]]
        places = [j for j in range(len(row)) if row[j] != mutant[j]]
        assert places == [edits.position[i]]
        assert (row[places[0]] + mutant[places[0]]).encode() == edits.reference[
            i
        ] + edits.alternative[i]
    if expected:
        index = data.draw(st.lists(st.integers(-len(expected), len(expected) - 1), max_size=20))
        assert words(mutants[index]) == [expected[i] for i in index]


@compiled
@given(st.data(), equal_rows(), alphabets, seeds, st.floats(0, 1))
def test_mutations_are_letters_of_the_alphabet_in_known_places(data, rows, alphabet, seed, rate):
    seqs = data.draw(containers(rows))
    found = words(mutate(seqs, alphabet, rate=rate, rng=seed))
    for old, new in zip("".join(rows), "".join(found), strict=True):
        assert old == new or (known(old, alphabet) and new in others(old, alphabet))
    assert words(mutate(seqs, alphabet, rate=0, rng=seed)) == rows
    everything = "".join(words(mutate(seqs, alphabet, rate=1, rng=seed)))
    for old, new in zip("".join(rows), everything, strict=True):
        assert (old != new) == (known(old, alphabet) is not None)


@compiled
@given(st.data(), equal_rows(), seeds)
def test_number_of_mutations_is_exact(data, rows, seed):
    fewest = min(sum(known(c, DNA) is not None for c in row) for row in rows)
    number = data.draw(st.integers(0, fewest))
    found = words(mutate(data.draw(containers(rows)), DNA, number=number, rng=seed))
    for old, new in zip(rows, found, strict=True):
        assert sum(a != b for a, b in zip(old, new, strict=True)) == number


@compiled
@given(st.data(), equal_rows(), seeds, st.floats(0, 1), st.sampled_from([-1, -2]))
def test_batches_and_one_hot_arrays_mutate_like_the_whole(data, rows, seed, rate, ohe_axis):
    whole = mutate(rows, DNA, rate=rate, rng=seed)
    cut = data.draw(st.integers(0, len(rows)))
    for part in (range(cut), range(cut, len(rows))):
        batch = mutate(
            [rows[i] for i in part] or np.zeros((0, len(rows[0])), "S1"),
            DNA, rate=rate, rng=seed, rows=list(part),
        )  # fmt: skip
        np.testing.assert_array_equal(batch, whole[list(part)])
    onehot = sp.ohe(rows, DNA, ohe_axis=ohe_axis)
    found = mutate(onehot, DNA, rate=rate, rng=seed, ohe_axis=ohe_axis)
    np.testing.assert_array_equal(found, sp.ohe(whole, DNA, ohe_axis=ohe_axis))


@compiled
@given(st.data(), st.integers(1, 6), st.integers(0, 5), seeds)
def test_jitter_cuts_all_arrays_at_one_place(data, n, most, seed):
    length = data.draw(st.integers(2 * most + 1, 20))
    rows = data.draw(
        st.lists(st.text("ACGT", min_size=length, max_size=length), min_size=n, max_size=n)
    )
    track = np.arange(n * 2 * length, dtype=np.float32).reshape(n, 2, length)
    onehot = sp.ohe(rows, DNA)
    seqs = data.draw(containers(rows))
    cut, columns, values = jitter(
        seqs, onehot, track, max_jitter=most, length_axes=[-1, -2, -1], rng=seed
    )
    offsets = values[:, 0, 0].astype(int) % length
    assert (offsets <= 2 * most).all()
    assert words(cut) == [
        row[i : i + length - 2 * most] for row, i in zip(rows, offsets, strict=True)
    ]
    np.testing.assert_array_equal(columns, sp.ohe(words(cut), DNA))
    np.testing.assert_array_equal(values[:, 1], values[:, 0] + length)
    part = data.draw(st.lists(st.integers(0, n - 1), min_size=1))
    (alone,) = jitter(track[part], max_jitter=most, rng=seed, rows=part)
    np.testing.assert_array_equal(alone, values[part])


@compiled
@given(
    st.lists(st.text(st.characters(min_codepoint=0, max_codepoint=127), max_size=15), max_size=5),
    st.sampled_from([DNA, RNA, AA, METHYLATED, Alphabet("dots", ".-", unknown="?")]),
    st.sampled_from(["-.", "", "N*x"]),
)
def test_sanitized_sequences_hold_nothing_else(rows, alphabet, remove):
    found = words(sanitize(rows, alphabet, remove=remove))
    gone = set(" \t\n\v\f\r\0") | set(remove)
    for row, clean in zip(rows, found, strict=True):
        expected = [
            known(c, alphabet) or alphabet.unknown
            for c in row
            if known(c, alphabet) or c not in gone
        ]
        assert clean == "".join(expected)
    if alphabet.unknown not in remove:
        assert words(sanitize(found, alphabet, remove=remove)) == found


@compiled
@given(st.data(), equal_rows(), alphabets, st.sampled_from([0, 0.1, 0.5, 1]))
def test_rows_with_few_unknown_letters_stay(data, rows, alphabet, most):
    seqs = data.draw(containers(rows))
    shares = [
        sum(known(c, alphabet) is None for c in row) / len(row) if row else 0.0 for row in rows
    ]
    np.testing.assert_allclose(unknown_content(seqs, alphabet), shares)
    expected = [r for r, share in zip(rows, shares, strict=True) if share <= most and share < 1]
    assert words(remove_N(seqs, alphabet, most=most)) == expected
    if rows[0]:
        onehot = sp.ohe(rows, alphabet, ohe_axis=-2)
        found = remove_N(onehot, alphabet, most=most, ohe_axis=-2)
        assert len(found) == len(expected)
        if expected:
            np.testing.assert_array_equal(found, sp.ohe(expected, alphabet, ohe_axis=-2))


@compiled
@given(equal_rows(), st.integers(0, 3), seeds, st.integers(0, 30))
def test_chain_without_pseudocount_draws_only_words_it_has_seen(rows, order, seed, length):
    rows = [row.replace("N", "A").upper() for row in rows] + ["ACGTA"]
    chain = fit_markov(rows, order, DNA, pseudocount=0)
    drawn = words(sp.random_seqs((3, length), DNA, markov=chain, rng=seed))
    seen = {row[i : i + order + 1] for row in rows for i in range(len(row) - order)}
    followed = {word[:order] for word in seen if all(c in "ACGT" for c in word)}
    for word in drawn:
        for i in range(length - order):
            assert word[i : i + order + 1] in seen or word[i : i + order] not in followed


@compiled
@given(st.lists(st.text("ACGTN", max_size=12), min_size=1, max_size=5), st.data(), seeds)
def test_one_hot_ragged_rows_change_like_their_letters(rows, data, seed):
    order = data.draw(st.permutations(range(len(rows))))
    seqs = Ragged.from_bytes([row.encode() for row in rows])
    onehot = Ragged(sp.ohe(seqs.values, DNA, dtype=np.float32), seqs.starts, seqs.sizes)
    seqs, onehot = seqs[order], onehot[order]
    named = {"ohe_axis": -1}

    def same(found, letters):
        assert found.values.dtype == np.float32
        np.testing.assert_array_equal(found.sizes, letters.sizes)
        np.testing.assert_array_equal(found.values, sp.ohe(letters.values, DNA))

    same(mutate(onehot, DNA, rate=0.5, rng=seed, **named), mutate(seqs, DNA, rate=0.5, rng=seed))
    same(insert(onehot, "GN", 0, **named), insert(seqs, "GN", 0))
    same(delete(onehot, 0, seqs.sizes // 2, **named), delete(seqs, 0, seqs.sizes // 2))
    pattern = ["T" * (size // 2) for size in seqs.sizes]
    same(substitute(onehot, pattern, 0, **named), substitute(seqs, pattern, 0))
    same(remove_N(onehot, DNA, most=0.3, **named), remove_N(seqs, DNA, most=0.3))
    same(single_mutants(onehot, DNA, **named)[:], single_mutants(seqs, DNA)[:])
    shares = unknown_content(onehot, DNA, **named)
    np.testing.assert_array_equal(shares, unknown_content(seqs, DNA))
