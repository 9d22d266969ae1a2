"""Groups of sequences that share a stretch."""

from __future__ import annotations

import tracemalloc
from itertools import combinations

import numpy as np
import pytest

import seqpro as sp
from seqpro import AA, DNA, RNA, Alphabet, Ragged, similarity
from seqpro.similarity import near_duplicate_groups

METHYLATED = Alphabet("methylated", "ACGTm", pairs="AT CG mG")


def groups(seqs, shared, **options):
    return sp.shared_sequence_groups(seqs, shared=shared, **options).tolist()


@pytest.mark.parametrize(("ignore_common", "position"), [(None, 0), (0.5, 1)])
def test_memory_is_what_the_docstring_says(monkeypatch, ignore_common, position):
    """32 MB for one thread, plus bytes a position, also where half of every sequence is design."""
    monkeypatch.setenv("SEQPRO_THREADS", "1")
    seqs = sp.random_seqs((10_000, 400), sp.DNA, rng=0).view(np.uint8)
    seqs[:, :200] = seqs[0, :200]
    sp.shared_sequence_groups(seqs[:9], ignore_common=ignore_common)  # compiles
    tracemalloc.start()
    sp.shared_sequence_groups(seqs, ignore_common=ignore_common)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    expected = (32 << 20) + seqs.size * position + 16 * len(seqs)
    assert 0.9 * expected < peak < 1.1 * expected


@pytest.mark.parametrize("portion", [1, 50, 1000])
def test_groups_do_not_depend_on_the_parts_they_are_compared_in(monkeypatch, portion):
    """Rows 200 to 249 tie two rows each, by stretches that fall into different parts."""
    seqs = sp.random_seqs((300, 60), sp.DNA, rng=0)
    seqs[100:200, 20:40] = seqs[:100, 20:40]
    seqs[200:250, :20] = seqs[:50, :20]
    seqs[200:250, 40:] = seqs[50:100, 40:]
    expected = sp.shared_sequence_groups(seqs, shared=18)
    fifty = list(range(50))
    assert expected.tolist() == fifty * 5 + list(range(250, 300))
    monkeypatch.setattr(similarity, "_PORTION", portion)
    for threads in ("1", "3"):
        monkeypatch.setenv("SEQPRO_THREADS", threads)
        np.testing.assert_array_equal(sp.shared_sequence_groups(seqs, shared=18), expected)


@pytest.mark.parametrize("ohe_axis", [-1, -2])
@pytest.mark.parametrize("function", [sp.shared_sequence_groups, near_duplicate_groups])
def test_one_hot_arrays_are_grouped_like_their_letters(function, ohe_axis):
    seqs = sp.random_seqs((20, 50), sp.DNA, rng=0)
    seqs[12:] = seqs[:8]
    seqs[12:, 0] = b"N"
    onehot = sp.ohe(seqs, sp.DNA, ohe_axis=ohe_axis)
    assert function(onehot, ohe_axis=ohe_axis).tolist() == [*range(12), *range(8)]


@pytest.mark.parametrize("function", [sp.shared_sequence_groups, near_duplicate_groups])
def test_groups_have_the_leading_axes_of_the_sequences(function):
    stretch = sp.random_seqs(40, sp.DNA, rng=3).tobytes().decode()
    other = sp.random_seqs(40, sp.DNA, rng=4).tobytes().decode()
    nested = [[stretch, other], [other, ""], ["ACGT", stretch]]
    assert function(nested).tolist() == [[0, 1], [1, 3], [4, 0]]
    assert function(stretch).tolist() == 0


@pytest.mark.parametrize("axes", [1, 2])
def test_design_common_to_all_is_left_out(axes):
    """Letters of a common adapter relate nothing, while what is left of a stretch still does."""
    adapter = sp.random_seqs(40, sp.DNA, rng=5).tobytes().decode()
    inner = [row.tobytes().decode() for row in sp.random_seqs((6, 40), sp.DNA, rng=6)]
    inner[5] = inner[2][:32] + inner[5][32:]
    seqs = [adapter + part.lower() + adapter for part in inner]
    given = seqs if axes == 1 else [seqs[:3], seqs[3:]]
    assert sp.shared_sequence_groups(given).ravel().tolist() == [0] * 6
    found = sp.shared_sequence_groups(given, ignore_common=0.5)
    assert found.ravel().tolist() == [0, 1, 2, 3, 4, 2]
    assert sp.shared_sequence_groups(given, ignore_common=0).ravel().tolist() == [*range(6)]
    assert sp.shared_sequence_groups(given, ignore_common=1).ravel().tolist() == [0] * 6


@pytest.mark.parametrize("size", [31, 32])
@pytest.mark.parametrize("before", [False, True])
def test_no_letter_of_the_common_design_helps_to_make_relatives(before, size):
    """Two rows share 31 letters, or 32, and beside them what all rows have."""
    adapter = sp.random_seqs(40, sp.DNA, rng=5)
    inner = sp.random_seqs((6, 40), sp.DNA, rng=6)
    inner[:, [0, 39]] = np.array(list("ACGTAC"), "S1")[:, None]  # no letter that most rows have
    part = slice(40 - size, 40) if before else slice(0, size)
    inner[5, part] = inner[2, part]
    design = np.broadcast_to(adapter, (6, 40))
    seqs = np.concatenate([inner, design] if before else [design, inner], axis=1)
    found = sp.shared_sequence_groups(seqs, ignore_common=0.5)
    assert found.tolist() == [0, 1, 2, 3, 4, 2 if size == 32 else 5]


def test_one_shared_stretch_makes_relatives():
    assert groups(["AACCGGTA", "TTTTTTTT", "GGTACCCC"], 4) == [0, 1, 0]
    assert groups(["AACCGGTA", "TTTTTTTT", "GGTACCCC"], 5) == [0, 1, 2]


def test_relatives_of_relatives_are_one_group():
    assert groups(["AAAAACCC", "CCGGGGGG", "AACCCCGG"], 4, both_strands=False) == [0, 0, 0]


def test_group_is_named_by_its_first_row():
    assert groups(["TTGA", "ACAC", "GGCC", "ACAC", "TTGA"], 4, both_strands=False) == [
        0,
        1,
        2,
        1,
        0,
    ]


def test_other_strand_is_a_relative_unless_told():
    pair = ["AACCGTAG", "CTACGGTT"]
    assert groups(pair, 8) == [0, 0]
    assert groups(pair, 8, both_strands=False) == [0, 1]


def test_unknown_letters_relate_nothing():
    assert groups(["NNNNNN", "NNNNNN"], 3) == [0, 1]
    assert groups(["ACGNTTT", "GGGNTTT"], 4) == [0, 1]
    assert groups(["ACGTNTTT", "GGACGTGG"], 4) == [0, 0]


def test_lower_case_is_the_same_sequence():
    assert groups(["acgtacgg", "ACGTACGG"], 8) == [0, 0]


@pytest.mark.parametrize("shared", [1, 2, 31, 32])
def test_stretch_of_every_allowed_length(shared):
    """One letter less than the shared stretch of these two makes none."""
    stretch = sp.random_seqs(shared, sp.DNA, rng=3).tobytes().decode()
    first, second = "A" * 40 + stretch, stretch + "A" * 40
    other = sp.random_seqs(shared, sp.DNA, rng=4).tobytes().decode()
    assert groups([first, second], shared)[1] == 0
    if shared > 30:
        assert groups([stretch, other, stretch], shared) == [0, 1, 0]
        assert groups([stretch[:-1], stretch[1:]], shared) == [0, 1]


def test_rna_and_its_other_strand():
    assert groups(["AACCGUAG", "CUACGGUU"], 8, alphabet=RNA) == [0, 0]


def test_rows_of_unequal_length_and_shorter_than_the_stretch():
    assert groups(Ragged.from_bytes([b"AC", b"", b"GGACGTT", b"ACGT", b"AC"]), 4) == [0, 1, 2, 2, 4]


@pytest.mark.parametrize("seqs", [[], np.zeros((0, 40), "S1")])
def test_no_sequences_make_no_groups(seqs):
    assert sp.shared_sequence_groups(seqs).shape == (0,)


@pytest.mark.parametrize("shared", [0, 33, -1, 8.0])
def test_stretch_of_another_length_is_refused(shared):
    with pytest.raises(ValueError, match=f"shared must be .* from 1 to 32; found {shared}"):
        sp.shared_sequence_groups(["ACGT"], shared=shared)


@pytest.mark.parametrize("alphabet", [AA, Alphabet("other", "TGCA", pairs="AT CG")])
def test_other_alphabet_is_refused(alphabet):
    with pytest.raises(ValueError, match=f"alphabet must be DNA or RNA; found '{alphabet.name}'"):
        sp.shared_sequence_groups(["ACGT"], alphabet=alphabet)
    with pytest.raises(TypeError, match="alphabet must be an Alphabet such as"):
        sp.shared_sequence_groups(["ACGT"], alphabet=alphabet.name)


def test_mutated_copies_are_found_in_a_large_library():
    """50,000 sequences of 80 bp; every second one carries 40 bp of the row before it, half turned."""
    seqs = sp.random_seqs((50_000, 80), sp.DNA, rng=0)
    seqs[1::4, 40:] = seqs[::4, :40]
    seqs[3::4, 40:] = sp.reverse_complement(seqs[2::4, :40], sp.DNA)
    expected = np.arange(50_000) // 2 * 2
    assert np.array_equal(sp.shared_sequence_groups(seqs), expected)


def mutated(seqs, rate, rng):
    """Copies whose letters are drawn anew with a chance of `rate`."""
    changed = seqs.copy()
    places = rng.random(seqs.shape) < rate
    changed[places] = DNA.codes[rng.integers(0, 4, int(places.sum()))]
    return changed


def family(n, length, rng):
    """Descendants of a few sequences, from identical to unrelated, of any strand, with some N."""
    codes = DNA.codes[rng.integers(0, 4, (n, length))]
    for i in range(n // 4, n):
        parent = codes[[rng.integers(0, i)]]
        codes[i] = mutated(parent, rng.choice([0, 0.01, 0.04, 0.1, 1]), rng)[0]
        if rng.random() < 0.3:
            codes[i] = sp.reverse_complement(codes[i], DNA)
    codes[rng.random(codes.shape) < 0.001] = ord("N")
    return codes


def kmer_set(seq, k, both_strands):
    """The k-mers of a sequence by slicing."""
    found = {seq[i : i + k] for i in range(len(seq) - k + 1)}
    found = {word for word in found if set(word) <= set("ACGT")}
    if not both_strands:
        return found
    turned = str.maketrans("ACGT", "TGCA")
    return {min(word, word.translate(turned)[::-1]) for word in found}


def jaccard_groups(seqs, threshold, k, both_strands):
    """Compare all pairs exactly."""
    sets = [kmer_set(seq, k, both_strands) for seq in seqs]
    groups = list(range(len(seqs)))
    for a, b in combinations(range(len(seqs)), 2):
        if sets[a] and sets[b] and len(sets[a] & sets[b]) / len(sets[a] | sets[b]) >= threshold:
            joined = {groups[a], groups[b]}
            groups = [min(joined) if group in joined else group for group in groups]
    return groups


@pytest.mark.parametrize("both_strands", [False, True])
@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.5, 0.8, 0.95, 1.0])
def test_near_duplicates_are_those_of_a_comparison_of_all_pairs(threshold, both_strands):
    rng = np.random.default_rng(int(100 * threshold))
    codes = family(150, 120, rng)
    seqs = [row.tobytes().decode() for row in codes]
    expected = jaccard_groups(seqs, threshold, 10, both_strands)
    found = near_duplicate_groups(seqs, similarity=threshold, k=10, both_strands=both_strands)
    assert found.tolist() == expected
    assert 1 < len(set(expected)) < 150


@pytest.mark.parametrize("threshold", [0.1, 0.4, 0.7])
def test_rows_of_one_band_are_compared_with_all_they_are_not_joined_with(monkeypatch, threshold):
    """With every row in one band the result is exact; bridges between groups come in any order."""
    monkeypatch.setattr(similarity, "_bands", lambda *_: (1, 0))
    for seed in range(20):
        rng = np.random.default_rng(seed)
        codes = rng.permutation(family(60, 60, rng))
        seqs = [row.tobytes().decode() for row in codes]
        expected = jaccard_groups(seqs, threshold, 8, False)
        found = near_duplicate_groups(seqs, similarity=threshold, k=8, both_strands=False)
        assert found.tolist() == expected


def pairs_of_index(index, n, rng):
    """Pairs of sequences of 99 12-mers whose Jaccard index is about so much, and what it is exactly."""
    shared = round(2 * index / (1 + index) * 99)
    columns = rng.integers(0, 4, (n, 2, 110))
    columns[:, 1, : shared + 11] = columns[:, 0, : shared + 11]
    columns[:, 1, shared + 11] = (columns[:, 0, shared + 11] + 1) % 4
    return DNA.codes[columns].reshape(-1, 110), shared / (2 * 99 - shared)


@pytest.mark.parametrize("index", [0.1, 0.3, 0.5, 0.8])
def test_pairs_just_similar_enough_are_rarely_missed(index):
    """A chance of 0.001 at most: 5 of 5,000 on average, 20 never."""
    seqs, exact = pairs_of_index(index, 5000, np.random.default_rng(2))
    found = near_duplicate_groups(seqs, similarity=exact - 1e-9, both_strands=False)
    assert (found[::2] != found[1::2]).sum() < 20
    found = near_duplicate_groups(seqs, similarity=exact + 1e-9, both_strands=False)
    assert (found[::2] == found[1::2]).sum() < 20  # but for chance


@pytest.mark.parametrize("index", [0.2, 0.5, 0.8])
def test_chance_of_missing_a_pair_is_that_of_the_docstring(monkeypatch, index):
    """With bands too few on purpose, so that misses can be counted: within five standard deviations."""
    monkeypatch.setattr(similarity, "_MISSED", 1.0)
    bands, width = similarity._bands(index, 3)
    assert (bands, width) == (1, 3)
    seqs, exact = pairs_of_index(index, 5000, np.random.default_rng(1))
    found = near_duplicate_groups(seqs, similarity=exact - 1e-9, both_strands=False, sketch=3)
    missed = (found[::2] != found[1::2]).mean()
    chance = (1 - exact**width) ** bands
    assert abs(missed - chance) < 5 * np.sqrt(chance * (1 - chance) / 5000)


@pytest.mark.parametrize("threshold", np.linspace(0.06, 1, 20).tolist())
def test_bands_keep_the_chance_of_missing_a_pair_and_use_no_more_than_the_sketch(threshold):
    for sketch in (120, 128, 500):
        bands, width = similarity._bands(threshold, sketch)
        assert bands * width <= sketch
        assert (1 - threshold**width) ** bands <= 9e-4
        more = width + 1
        assert more > sketch or (1 - threshold**more) ** (sketch // more) > 9e-4


def test_relatives_of_near_duplicates_are_one_group():
    """A chain of sequences, each like the next and unlike the last."""
    rng = np.random.default_rng(0)
    chain = [DNA.codes[rng.integers(0, 4, 300)]]
    for i in range(10):
        chain.append(chain[-1].copy())
        chain[-1][30 * i : 30 * i + 30] = DNA.codes[rng.integers(0, 4, 30)]
    assert near_duplicate_groups(np.stack(chain), similarity=0.6).tolist() == [0] * 11
    assert near_duplicate_groups(np.stack(chain[::9]), similarity=0.6).tolist() == [0, 1]


def test_same_seed_gives_the_same_groups_with_any_number_of_threads(monkeypatch):
    seqs = family(2000, 100, np.random.default_rng(0))
    monkeypatch.setattr(similarity, "_MISSED", 0.6)  # so that the seed matters
    options = {"similarity": 0.35, "sketch": 12, "k": 8}
    results = []
    for threads in ("1", "2", "4"):
        monkeypatch.setenv("SEQPRO_THREADS", threads)
        results.append(near_duplicate_groups(seqs, rng=5, **options).tolist())
    assert results[0] == results[1] == results[2]
    assert near_duplicate_groups(seqs, rng=6, **options).tolist() != results[0]
    assert (
        near_duplicate_groups(seqs, **options).tolist()
        == near_duplicate_groups(seqs, rng=0, **options).tolist()
    )


def test_near_duplicates_among_proteins():
    rng = np.random.default_rng(0)
    seqs = AA.codes[rng.integers(0, 20, (50, 120))]
    seqs[25:] = seqs[:25]
    seqs[25:, 60] = ord("X")
    found = near_duplicate_groups(seqs, k=4, alphabet=AA, both_strands=False)
    assert found.tolist() == [*range(25), *range(25)]


def test_sequences_without_a_kmer_are_alone():
    assert near_duplicate_groups(["ACGT", "ACGT", "", "NNNNNNNNNNNNNN"], k=5).tolist() == [
        0,
        1,
        2,
        3,
    ]
    assert near_duplicate_groups(["acgt", "ACGT"], k=4, case="strict").tolist() == [0, 1]
    assert near_duplicate_groups([]).shape == (0,)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"similarity": 0}, r"similarity must be above 0, at most 1; found 0"),
        ({"similarity": 1.1}, r"similarity must be a number from 0 to 1; found 1\.1"),
        ({"similarity": float("nan")}, r"similarity must be .*; found nan"),
        ({"sketch": 0}, r"sketch must be a whole number from 1 to 65536; found 0"),
        ({"sketch": 8.0}, r"sketch must be a whole number.*; found 8\.0"),
        ({"similarity": 0.05}, r"sketch must be at least 137 for similarity=0\.05; found 128"),
        ({"k": 32}, r"k must be a whole number, at least 1.*; found k=32 of 4 letters"),
        (
            {"alphabet": AA},
            r"both_strands must be False for alphabet 'AA', which has no complement",
        ),
        ({"alphabet": METHYLATED}, r"both_strands must be False .*, whose pairs go one way only"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        near_duplicate_groups(["ACGT"], **options)
    assert near_duplicate_groups(["ACGT"], similarity=0.05, sketch=137).tolist() == [0]


def test_large_families_are_grouped_in_little_time():
    """20,000 variants of 20 sequences, as in a mutagenesis library, and as many identical rows."""
    rng = np.random.default_rng(0)
    wild = DNA.codes[rng.integers(0, 4, (20, 200))]
    codes = np.concatenate(
        [mutated(np.repeat(wild, 1000, axis=0), 0.01, rng), np.repeat(wild, 1000, axis=0)]
    )
    codes[20_000::1000] = wild
    found = near_duplicate_groups(codes, similarity=0.3)
    assert np.array_equal(found, np.tile(np.repeat(np.arange(20) * 1000, 1000), 2))
