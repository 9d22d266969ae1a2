"""Digests and hashes of rows."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from seqpro import Ragged
from seqpro.hashing import digest_rows, hash_rows


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
@pytest.mark.parametrize("container", [list, np.array, lambda words: Ragged.from_bytes(words)])
def test_digests_are_those_that_others_compute(algorithm, container):
    words = [b"ACGT", b"ACG", b"acgt", b"N" * 5_000]
    digests = digest_rows(container(words), algorithm=algorithm)
    assert digests.dtype == np.uint8
    expected = [hashlib.new(algorithm, word).hexdigest() for word in words]
    assert [digest.tobytes().hex() for digest in digests] == expected


def test_no_rows_have_no_digests():
    assert digest_rows([]).shape == (0, 32)
    assert digest_rows([], algorithm="md5").shape == (0, 16)
    assert hash_rows([]).shape == (0,)
    assert hash_rows([]).dtype == np.uint64


@pytest.mark.parametrize(
    ("row", "seed", "expected"),
    [
        (b"", 0, 0xEF46DB3751D8E999),
        (b"a", 0, 0xD24EC4F1A98C6E5B),
        (b"abc", 0, 0x44BC2CF5AD770999),
        (b"ACGT", 1, 0x8A9822495B2098A3),
        (b"ACGTACG", 7, 0xCC996068EEACA3B6),
        (bytes(32), 0, 0xF6E9BE5D70632CF5),
        (bytes(range(64)), 12345678901234567890, 0xEC9DEB71B8245B5C),
        (bytes(range(101)), 0, 0xE99038495F85381E),
        (bytes(range(101)), 2**64 - 1, 0x49B1A7087BCDB7BE),
    ],
)
def test_hashes_are_those_of_the_reference_implementation(row, seed, expected):
    """Numbers of the package xxhash 3; a hash stored by one release must be found by the next."""
    assert hash_rows(Ragged.from_bytes([row]), seed=seed).tolist() == [expected]


def test_equal_rows_have_equal_hashes_wherever_they_lie():
    rows = Ragged(np.frombuffer(b"TACGTACGTA", np.uint8), [0, 4, 1, 5, 9], [4, 4, 4, 4, 0])
    hashes = hash_rows(rows)
    assert hashes[0] == hashes[1] != hashes[2] == hashes[3]
    assert np.array_equal(hash_rows(rows[::-1]), hashes[::-1])
    assert not np.isin(hash_rows(rows, seed=1), hashes).any()


def test_many_different_rows_have_different_hashes():
    words = [f"{i:b}".encode() for i in range(100_000)]
    assert np.unique(hash_rows(words)).size == 100_000


def test_hashes_find_the_duplicates_of_a_library():
    _, first, group = np.unique(
        hash_rows(["ACG", "TT", "ACG", "TT", "A"]), return_index=True, return_inverse=True
    )
    assert first[group].tolist() == [0, 1, 0, 1, 4]


def test_rows_of_numbers_have_hashes_too():
    tracks = Ragged.from_sizes(np.array([1.0, 2.0, 1.0, 2.0, 3.0], np.float32), [2, 2, 1])
    assert np.unique(hash_rows(tracks)).size == 2
    assert digest_rows(tracks)[0].tobytes() == hashlib.sha256(tracks[0].tobytes()).digest()
    onehot = Ragged(np.eye(4, dtype=np.uint8), [0, 1], [2, 2])
    assert hash_rows(onehot)[1] == hash_rows([onehot[1].tobytes()])[0]


@pytest.mark.parametrize("algorithm", ["sha1", "SHA256", None, "rapidhash"])
def test_other_algorithms_are_refused(algorithm):
    with pytest.raises(ValueError, match=r"algorithm must be 'sha256' or 'md5'; found"):
        digest_rows(["A"], algorithm=algorithm)


def test_seed_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"seed must lie within 0 and 2\*\*64 - 1; found -1"):
        hash_rows(["A"], seed=-1)
    with pytest.raises(ValueError, match=r"found 18446744073709551616"):
        hash_rows(["A"], seed=2**64)
    with pytest.raises(TypeError, match=r"seed must be a whole number; found float"):
        hash_rows(["A"], seed=1.0)
    with pytest.raises(TypeError, match=r"seed must be a whole number; found bool"):
        hash_rows(["A"], seed=True)


@pytest.mark.parametrize("function", [digest_rows, hash_rows])
def test_numbers_that_are_no_sequences_are_refused(function):
    with pytest.raises(TypeError, match="seqs must"):
        function(np.arange(3.0))
