"""Counts of k-mers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from itertools import product

import numpy as np
import pytest
from Bio.Seq import Seq
from scipy.sparse import csr_array

import seqpro as sp
from seqpro import AA, DNA, RNA, Alphabet, Ragged
from seqpro import kmers as kmers_module
from seqpro.alphabet import DNA_IUPAC
from seqpro.kmers import count_kmers_sparse, kmer_names, kmer_totals, kmer_words

METHYLATED = Alphabet("methylated", "ACGTm", pairs="AT CG mG")


def words_of(counted, k, alphabet, row=0):
    """The counts of one row of a sparse table, by word."""
    part = slice(*counted.offsets[row : row + 2].tolist())
    words = kmer_words(counted.kmers[part], k, alphabet).tolist()
    return dict(zip(words, counted.counts[part].tolist(), strict=True))


def loop(seq, k, alphabet=DNA, canonical=False):
    """Count k-mers one by one."""
    found = Counter(seq[i : i + k] for i in range(len(seq) - k + 1))
    known = {word: n for word, n in found.items() if set(word) <= set(alphabet.letters)}
    if not canonical:
        return known
    joined = Counter()
    for word, n in known.items():
        joined[min(word, str(Seq(word).reverse_complement()))] += n
    return dict(joined)


def test_overlapping_words_count_each_time():
    counts = sp.count_kmers(["AAAA"], 2, DNA)[0]
    assert dict(zip(kmer_names(2, DNA), counts.tolist(), strict=True))["AA"] == 3
    assert counts.sum() == 3


def test_columns_stand_in_the_alphabets_order():
    assert kmer_names(2, DNA) == ["".join(pair) for pair in product("ACGT", repeat=2)]
    words = kmer_names(3, DNA)
    np.testing.assert_array_equal(sp.count_kmers(words, 3, DNA), np.eye(64))


def test_word_with_a_letter_outside_is_not_counted():
    assert sp.count_kmers(["ACNGT"], 2, DNA).sum() == 2
    assert sp.count_kmers(["NNNN"], 1, DNA).sum() == 0


def test_lower_case_counts_as_upper_case():
    np.testing.assert_array_equal(
        sp.count_kmers(["acGt"], 2, DNA), sp.count_kmers(["ACGT"], 2, DNA)
    )


def test_other_alphabets():
    assert sp.count_kmers(["ACDA"], 1, AA)[0, :3].tolist() == [2, 1, 1]
    assert sp.count_kmers(["ACGU", "ACGT"], 1, RNA).tolist() == [[1, 1, 1, 1], [1, 1, 1, 0]]


def test_rows_of_unequal_length():
    counts = sp.count_kmers(Ragged.from_bytes([b"ACGT", b"", b"A"]), 2, DNA)
    assert counts.sum(axis=1).tolist() == [3, 0, 0]


@pytest.mark.parametrize(("k", "count"), [(1, 2), (2, 10), (3, 32), (4, 136)])
def test_both_strands_share_a_column(k, count):
    """The numbers of words up to reverse complement are known: (4^k + palindromes) / 2."""
    names = kmer_names(k, DNA, canonical=True)
    assert len(names) == count
    assert all(name <= str(Seq(name).reverse_complement()) for name in names)
    words = kmer_names(k, DNA)
    counts = sp.count_kmers(words, k, DNA, canonical=True)
    assert counts.sum(axis=1).tolist() == [1] * len(words)
    for word, column in zip(words, counts.argmax(axis=1), strict=True):
        assert names[column] in (word, str(Seq(word).reverse_complement()))


def test_canonical_counts_do_not_know_the_strand():
    seqs = sp.random_seqs((20, 50), DNA, rng=0)
    turned = sp.reverse_complement(seqs, DNA)
    forward = sp.count_kmers(seqs, 3, DNA, canonical=True)
    np.testing.assert_array_equal(forward, sp.count_kmers(turned, 3, DNA, canonical=True))


@pytest.mark.parametrize(
    ("k", "found"), [(0, "k=0"), (-1, "k=-1"), (12, "k=12"), (2.0, "k=2.0"), ("2", "k='2'")]
)
def test_k_that_gives_no_table_is_refused(k, found):
    message = f"k must be a whole number, at least 1, .* 4194304 words; found {found} of 4 letters"
    with pytest.raises(ValueError, match=message):
        sp.count_kmers(["ACGT"], k, DNA)
    with pytest.raises(ValueError, match=message):
        kmer_names(k, DNA)


def test_both_strands_need_letters_that_pair():
    with pytest.raises(ValueError, match="canonical must be False for alphabet 'AA', which has no"):
        sp.count_kmers(["ACD"], 1, AA, canonical=True)
    with pytest.raises(ValueError, match=r"canonical must be False .* pairs go one way only"):
        kmer_names(2, METHYLATED, canonical=True)
    with pytest.raises(ValueError, match="canonical must be False for alphabet 'AA', which has no"):
        count_kmers_sparse(["ACD"], 1, AA, canonical=True)
    with pytest.raises(ValueError, match=r"canonical must be False .* pairs go one way only"):
        kmer_totals(["ACD"], 1, METHYLATED, canonical=True)


def test_leading_axes_of_the_counts_are_those_of_the_sequences():
    assert sp.count_kmers("ACGTA", 1, DNA).tolist() == [2, 1, 1, 1]
    nested = sp.count_kmers([["AC", "CC"], ["GG", "TT"], ["A", ""]], 1, DNA)
    assert nested.shape == (3, 2, 4)
    assert nested[0, 1].tolist() == [0, 2, 0, 0]
    assert sp.count_kmers(np.zeros((2, 0, 5), "S1"), 1, DNA).shape == (2, 0, 4)


@pytest.mark.parametrize("ohe_axis", [-1, -2])
def test_one_hot_arrays_are_counted_like_their_letters(ohe_axis):
    seqs = ["ACGTNACG", "TTTTTTTT"]
    onehot = sp.ohe(seqs, DNA, ohe_axis=ohe_axis)
    expected = sp.count_kmers(seqs, 2, DNA, canonical=True)
    found = sp.count_kmers(onehot, 2, DNA, canonical=True, ohe_axis=ohe_axis)
    np.testing.assert_array_equal(found, expected)
    sparse = count_kmers_sparse(onehot, 3, DNA, ohe_axis=ohe_axis)
    assert words_of(sparse, 3, DNA, 0) == {"ACG": 2, "CGT": 1}
    totals = kmer_totals(onehot, 8, DNA, ohe_axis=ohe_axis)
    assert kmer_words(totals.kmers, 8, DNA).tolist() == ["TTTTTTTT"]


def test_lower_case_is_unknown_where_told():
    assert sp.count_kmers("AcGT", 1, DNA, case="strict").tolist() == [1, 0, 1, 1]
    assert words_of(count_kmers_sparse("AcGT", 1, DNA, case="strict"), 1, DNA) == {
        "A": 1,
        "G": 1,
        "T": 1,
    }
    with pytest.raises(ValueError, match="case must be 'fold' or 'strict'; found 'upper'"):
        sp.count_kmers("A", 1, DNA, case="upper")


@pytest.mark.parametrize("seqs", [[], np.zeros((0, 5), "S1"), Ragged.from_bytes([])])
def test_no_sequences_give_no_rows(seqs):
    assert sp.count_kmers(seqs, 2, DNA).shape == (0, 16)


@pytest.mark.parametrize("shape", [(10, 1_000_000), (200_000, 40)])
def test_large_batches_agree_with_numpy(shape):
    seqs = sp.random_seqs(shape, DNA, rng=0)
    columns = DNA.index_table()[seqs.view(np.uint8)].astype(np.int32)
    words = 16 * columns[:, :-2] + 4 * columns[:, 1:-1] + columns[:, 2:]
    words += 64 * np.arange(shape[0], dtype=np.int32)[:, None]
    expected = np.bincount(words.ravel(), minlength=64 * shape[0]).reshape(-1, 64)
    assert np.array_equal(sp.count_kmers(seqs, 3, DNA), expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.uint64])
def test_smaller_types_hold_the_same_counts(dtype):
    seqs = sp.random_seqs((50, 200), DNA, rng=0)
    found = sp.count_kmers(seqs, 2, DNA, dtype=dtype)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, sp.count_kmers(seqs, 2, DNA))


def test_counts_never_wrap():
    """A repeat of 200 letters would turn into a small number."""
    assert sp.count_kmers("A" * 128, 2, DNA, dtype=np.int8)[0] == 127
    message = r"dtype must hold counts up to 128, .*; found int8, which ends at 127"
    with pytest.raises(ValueError, match=message):
        sp.count_kmers("A" * 129, 2, DNA, dtype=np.int8)
    with pytest.raises(ValueError, match=message):
        sp.count_kmers("A" * 129, 2, DNA, out=np.zeros(16, np.int8))
    for dtype in (np.float32, ">i4" if sys.byteorder == "little" else "<i4", "S1"):
        with pytest.raises(TypeError, match="dtype must be a type of whole numbers such as int32"):
            sp.count_kmers("A", 2, DNA, dtype=dtype)


@pytest.mark.parametrize("canonical", [False, True])
@pytest.mark.parametrize("layout", ["plain", "strided", "transposed"])
def test_out_is_filled_and_returned(layout, canonical):
    seqs = [["ACGT", "TTTT", "AC"], ["GGGG", "CCCC", ""]]
    expected = sp.count_kmers(seqs, 1, DNA, canonical=canonical)
    words = expected.shape[-1]
    out = {
        "plain": np.full((2, 3, words), 7),
        "strided": np.full((2, 3, 2 * words), 7)[..., ::2],
        "transposed": np.full((words, 3, 2), 7, np.int16).T,
    }[layout]
    assert sp.count_kmers(seqs, 1, DNA, canonical=canonical, out=out) is out
    np.testing.assert_array_equal(out, expected)


def test_out_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"out must be an array of .*\(1, 4\).*int64"):
        sp.count_kmers(["A"], 1, DNA, out=np.zeros((2, 4), np.int64))
    with pytest.raises(ValueError, match=r"out must be an array of .*\(1, 4\).*int32"):
        sp.count_kmers(["A"], 1, DNA, dtype=np.int32, out=np.zeros((1, 4), np.int64))


OUT_OF_CORE = """
import resource, sys
import numpy as np
import seqpro as sp
from seqpro.kmers import kmer_totals

def allocated():
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmData"))

seqs = np.memmap(sys.argv[1], np.uint8, "r", shape=(60_000, 1000))
counts = np.memmap(sys.argv[2], np.int32, "w+", shape=(60_000, 512))
sp.count_kmers(seqs[:100], 5, sp.DNA, canonical=True, out=counts[:100])  # loads and compiles
kmer_totals(seqs[:5000], 20, sp.DNA)
limit = allocated() + (44 << 20)
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
assert sp.count_kmers(seqs, 5, sp.DNA, canonical=True, out=counts) is counts
assert (counts.sum(axis=1, dtype=np.int64) == 996).all()
totals = kmer_totals(seqs[:20_000], 20, sp.DNA)
assert totals.counts.sum() == 20_000 * 981
try:
    np.ones(60_000_000, np.uint8)
except MemoryError:
    print("limited")
"""


def test_sequences_and_counts_on_disk_need_little_memory(tmp_path):
    """60 MB of letters and 123 MB of counts in files, while the process may allocate 46 MB."""
    seqs = np.memmap(tmp_path / "seqs", np.uint8, "w+", shape=(60_000, 1000))
    seqs[:] = sp.random_seqs(1000, DNA, rng=0).view(np.uint8)
    seqs.flush()
    command = [sys.executable, "-c", OUT_OF_CORE, tmp_path / "seqs", tmp_path / "counts"]
    environment = os.environ | {"SEQPRO_THREADS": "1"}
    run = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "limited"


@pytest.mark.parametrize("canonical", [False, True])
@pytest.mark.parametrize("k", [1, 2, 5, 8, 16, 31])
def test_sparse_counts_agree_with_a_loop(k, canonical):
    """Short and long rows, so that k-mers are counted in a table, by insertion and by digits."""
    rng = np.random.default_rng(k)
    seqs = [
        "".join(rng.choice(list("ACGTN"), size, p=[0.4, 0.3, 0.2, 0.09, 0.01]))
        for size in range(90)
    ]
    seqs += [seqs[-1] * 60, "A" * 5000]
    counted = count_kmers_sparse(seqs, k, DNA, canonical=canonical)
    for row, seq in enumerate(seqs):
        assert words_of(counted, k, DNA, row) == loop(seq, k, canonical=canonical)
        part = counted.kmers[counted.offsets[row] : counted.offsets[row + 1]].astype(np.int64)
        assert (np.diff(part) > 0).all()
    assert counted.offsets[-1] == counted.kmers.size == counted.counts.size


@pytest.mark.parametrize("k", [1, 3, 6, 14])
def test_sparse_counts_of_proteins(k):
    seqs = sp.random_seqs((20, 60), AA, rng=0)
    seqs[:, 30:] = seqs[:, :30]
    counted = count_kmers_sparse(seqs, k, AA)
    for row, seq in enumerate(seqs):
        assert words_of(counted, k, AA, row) == loop(seq.tobytes().decode(), k, AA)


def test_both_strands_of_an_alphabet_of_many_letters():
    """The 15 letters of IUPAC codes take another path than four."""
    seq = "ACGTRYKMNNSWACGBDHV"
    counted = count_kmers_sparse(seq, 3, DNA_IUPAC, canonical=True)
    turned = sp.reverse_complement(seq, DNA).tobytes().decode()
    rank = {letter: i for i, letter in enumerate(DNA_IUPAC.letters)}
    words = [seq[i : i + 3] for i in range(len(seq) - 2)]
    partners = [turned[len(seq) - 3 - i : len(seq) - i] for i in range(len(seq) - 2)]
    order = [
        min(pair, key=lambda word: [rank[c] for c in word])
        for pair in zip(words, partners, strict=True)
    ]
    assert words_of(counted, 3, DNA_IUPAC) == dict(Counter(order))


def test_sparse_counts_make_the_dense_table():
    """The docstring's way to a matrix."""
    seqs = sp.random_seqs((30, 80), DNA, rng=1)
    offsets, codes, counts = count_kmers_sparse(seqs, 4, DNA)
    matrix = csr_array((counts, codes.astype("int64"), offsets), shape=(30, 4**4))
    np.testing.assert_array_equal(matrix.toarray(), sp.count_kmers(seqs, 4, DNA))


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_canonical_codes_are_the_names_of_the_dense_columns(k):
    words = kmer_names(k, DNA)
    codes = count_kmers_sparse(words, k, DNA, canonical=True).kmers
    columns = sp.count_kmers(words, k, DNA, canonical=True).argmax(axis=1)
    names = np.array(kmer_names(k, DNA, canonical=True))
    assert kmer_words(codes, k, DNA).tolist() == names[columns].tolist()


def test_sparse_counts_of_one_string_and_of_nothing():
    assert words_of(count_kmers_sparse("ACGACG", 3, DNA), 3, DNA) == {"ACG": 2, "CGA": 1, "GAC": 1}
    assert count_kmers_sparse([["AC", "C"], ["", "AC"]], 2, DNA).offsets.tolist() == [0, 1, 1, 1, 2]
    for seqs in ([], ["", "A"], Ragged.from_bytes([])):
        counted = count_kmers_sparse(seqs, 2, DNA)
        assert counted.offsets.tolist() == [0] * (len(seqs) + 1)
        assert counted.kmers.size == counted.counts.size == 0
        assert kmer_totals(seqs, 2, DNA).kmers.size == 0


@pytest.mark.parametrize("function", [count_kmers_sparse, kmer_totals])
@pytest.mark.parametrize(
    ("k", "alphabet", "found"), [(0, DNA, 0), (32, DNA, 32), (15, AA, 15), (2.0, AA, "2.0")]
)
def test_k_without_codes_is_refused(function, k, alphabet, found):
    message = rf"k must be .* fewer than 2\*\*63 words; found k={found} of {len(alphabet)} letters"
    with pytest.raises(ValueError, match=message):
        function(["ACGT"], k, alphabet)
    with pytest.raises(ValueError, match=message):
        kmer_words([0], k, alphabet)


def test_words_of_codes():
    assert kmer_words(range(16), 2, DNA).tolist() == kmer_names(2, DNA)
    assert kmer_words(4**31 - 1, 31, DNA) == "T" * 31
    assert kmer_words([[0, 1], [5, 7]], 1, AA).tolist() == [["A", "C"], ["G", "I"]]
    assert kmer_words(np.empty((0, 3), np.uint64), 5, DNA).shape == (0, 3)


@pytest.mark.parametrize("codes", [[-1], [16], [0.5], [2**63]])
def test_codes_that_name_no_word_are_refused(codes):
    with pytest.raises(ValueError, match="kmers must be whole numbers from 0 to 15 for k=2; found"):
        kmer_words(codes, 2, DNA)


@pytest.mark.parametrize("portion", [1, 100, 1 << 21])
@pytest.mark.parametrize(("k", "alphabet"), [(1, DNA), (7, DNA), (31, DNA), (2, AA), (9, AA)])
def test_totals_are_the_sum_over_the_sequences(monkeypatch, portion, k, alphabet):
    """In one portion and in many, some of which are empty."""
    monkeypatch.setattr(kmers_module, "_PORTION", portion)
    seqs = [row.tobytes().decode() for row in sp.random_seqs((40, 50), alphabet, rng=2)]
    seqs += [seqs[3] + "-" + seqs[4], "A" * 300, "", seqs[5]]
    expected = sum((Counter(loop(seq, k, alphabet)) for seq in seqs), Counter())
    totals = kmer_totals(seqs, k, alphabet)
    words = kmer_words(totals.kmers, k, alphabet).tolist()
    assert dict(zip(words, totals.counts.tolist(), strict=True)) == dict(expected)
    assert (np.diff(totals.kmers.astype(np.int64)) > 0).all()


def test_totals_of_both_strands_of_a_chromosome():
    seq = sp.random_seqs(3_000_000, DNA, rng=0)
    totals = kmer_totals(seq, 8, DNA, canonical=True)
    dense = sp.count_kmers(seq, 8, DNA, canonical=True)
    np.testing.assert_array_equal(totals.counts, dense[dense > 0])


def test_counts_do_not_depend_on_the_number_of_threads(monkeypatch):
    seqs = sp.random_seqs((3000, 300), DNA, rng=0)
    results = []
    for threads in ("1", "2", "5"):
        monkeypatch.setenv("SEQPRO_THREADS", threads)
        monkeypatch.setattr(kmers_module, "_PORTION", 10_000)
        results.append((*count_kmers_sparse(seqs, 15, DNA), *kmer_totals(seqs, 15, DNA)))
    for other in results[1:]:
        for first, second in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(first, second)
