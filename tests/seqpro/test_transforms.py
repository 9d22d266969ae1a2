"""Augmentation: each sequence its own coins, tracks along with it, nothing that depends on batches."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import seqpro as sp
from seqpro import DNA
from seqpro import transforms as tf

SEQS = sp.random_seqs((300, 40), DNA, rng=0).view(np.uint8)
PLACES = np.broadcast_to(np.arange(40.0), SEQS.shape).copy()  # a track that names its own positions
EVERY = {
    "reverse_complement": tf.ReverseComplement(),
    "jitter": tf.Jitter(4),
    "translocate": tf.Translocate(most=7),
    "invert": tf.Invert(longest=9),
    "delete": tf.Delete(longest=9),
    "insert": tf.Insert(longest=9),
    "mutate": tf.Mutate(rate=0.2),
    "shuffle": tf.Shuffle(),
}
MOVING = [name for name in EVERY if name not in ("mutate", "shuffle")]


def augmented(*transforms, seqs=SEQS, seed=0, **options):
    batch = {"seq": seqs, "places": PLACES[: len(seqs)]}
    done = tf.Augment(*transforms, tracks=["places"], fill=-1, seed=seed, **options)(batch)
    return done["seq"], done["places"].astype(int)


@pytest.mark.parametrize("name", MOVING)
def test_letters_and_tracks_stay_together(name):
    """A track out of step with its sequence would teach a network nonsense, and nothing would show it."""
    seqs, places = augmented(EVERY[name])
    known = places >= 0
    rows = np.arange(len(seqs))[:, None]
    before = SEQS[rows, np.where(known, places, 0)]
    turned = DNA.complement_table()[before]
    backwards = np.diff(places, axis=1, append=places[:, -1:] + 1) == -1
    assert ((seqs == before) | (seqs == turned) | ~known).all()
    if name not in ("reverse_complement", "invert"):
        assert (seqs == before)[known].all()
    else:
        assert (seqs == turned)[backwards].all()


@pytest.mark.parametrize("name", [name for name in EVERY if name != "jitter"])
def test_each_sequence_throws_its_own_coin(name):
    """The published package threw one coin for a whole batch."""
    changed = (augmented(EVERY[name])[0] != SEQS).any(axis=1)
    assert 100 < changed.sum() < 200


@pytest.mark.parametrize("name", EVERY)
def test_batches_change_nothing(name):
    whole = augmented(EVERY[name])[0]
    augment = tf.Augment(EVERY[name], seed=0)
    parts = [augment({"seq": part})["seq"] for part in np.split(SEQS, [1, 7, 200])]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_row_numbers_decide_where_they_are_given():
    augment = tf.Augment(*EVERY.values(), seed=3)
    whole = augment({"seq": SEQS}, rows=np.arange(300))["seq"]
    order = np.random.default_rng(0).permutation(300)
    again = augment({"seq": SEQS[order]}, rows=order)["seq"]
    np.testing.assert_array_equal(again, whole[order])


def test_a_second_epoch_differs_from_the_first_and_another_seed_from_both():
    augment = tf.Augment(tf.Mutate(1.0, rate=0.5), seed=0)
    first, second = augment({"seq": SEQS})["seq"], augment({"seq": SEQS})["seq"]
    other = tf.Augment(tf.Mutate(1.0, rate=0.5), seed=1)({"seq": SEQS})["seq"]
    assert (first != second).any(axis=1).all()
    assert (first != other).any(axis=1).all()


@pytest.mark.parametrize("threads", ["1", "3"])
def test_threads_change_nothing(monkeypatch, threads):
    monkeypatch.setattr("seqpro.containers.BLOCK", 64)
    monkeypatch.setenv("SEQPRO_THREADS", threads)
    found = augmented(*EVERY.values())
    monkeypatch.undo()
    for one, two in zip(found, augmented(*EVERY.values()), strict=True):
        np.testing.assert_array_equal(one, two)


def test_input_is_not_changed():
    seqs, places = SEQS.copy(), PLACES.copy()
    tf.Augment(*EVERY.values(), tracks=["t"], seed=0)({"seq": seqs, "t": places})
    np.testing.assert_array_equal(seqs, SEQS)
    np.testing.assert_array_equal(places, PLACES)


def test_reverse_complement_of_all_is_the_function_and_changes_strands():
    track = np.random.default_rng(0).normal(size=(300, 3, 2, 40))
    augment = tf.Augment(
        tf.ReverseComplement(1.0), tracks=["t", "u"], stranded=["t"], alphabet=DNA, seed=0
    )
    done = augment({"seq": SEQS, "t": track, "u": PLACES})
    np.testing.assert_array_equal(done["seq"], sp.reverse_complement(SEQS, DNA))
    np.testing.assert_array_equal(done["t"], track[:, :, ::-1, ::-1])
    np.testing.assert_array_equal(done["u"], PLACES[:, ::-1])


@pytest.mark.parametrize(
    ("name", "size"), [("delete", 5), ("insert", 5), ("delete", 40), ("insert", 40), ("delete", 0)]
)
def test_a_stretch_goes_or_comes_and_the_length_stays(name, size):
    kind = tf.Delete if name == "delete" else tf.Insert
    seqs, places = augmented(kind(1.0, shortest=size, longest=size))
    assert seqs.shape == SEQS.shape
    new = places < 0
    assert (new.sum(axis=1) <= size).all()
    for row in places:
        kept = row[row >= 0]
        assert (np.diff(kept) >= 1).all()  # the order stays
        if name == "delete" and kept.size:
            assert kept.size == 40 - size
            assert (np.diff(kept) > 1).sum() <= 1  # one gap at most
        else:
            assert (np.diff(kept) == 1).all() or not kept.size  # nothing is lost inside


def test_letters_that_come_in_are_random_and_of_the_alphabet():
    a = np.full((2000, 30), ord("A"), np.uint8)
    seqs = tf.Augment(tf.Insert(1.0, shortest=10, longest=10), seed=0)({"seq": a})["seq"]
    counts = np.array([(seqs == code).sum() for code in DNA.codes])
    assert counts.sum() == seqs.size
    assert np.ptp(counts[1:]) < 0.1 * counts[1:].mean()


@pytest.mark.parametrize("ohe_axis", [-1, -2])
@pytest.mark.parametrize("dtype", ["u1", "f4"])
def test_one_hot_and_letters_meet_the_same_changes(ohe_axis, dtype):
    seqs = SEQS.copy()
    seqs[:, 5] = ord("N")
    letters = tf.Augment(*EVERY.values(), seed=0)({"seq": seqs})["seq"]
    onehot = sp.ohe(seqs, DNA, ohe_axis=ohe_axis, dtype=dtype)
    done = tf.Augment(*EVERY.values(), ohe_axis=ohe_axis, seed=0)({"seq": onehot})["seq"]
    assert done.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(done, sp.ohe(letters, DNA, ohe_axis=ohe_axis, dtype=dtype))


def test_tensors_come_back_as_tensors():
    batch = {"seq": sp.ohe(SEQS, DNA, ohe_axis=-2, dtype="f4"), "t": PLACES}
    tensors = {name: torch.from_numpy(value) for name, value in batch.items()}
    options = {"ohe_axis": -2, "tracks": ["t"], "seed": 0}
    expected = tf.Augment(*EVERY.values(), **options)(batch)
    found = tf.Augment(*EVERY.values(), **options)(tensors)
    for name, value in expected.items():
        assert isinstance(found[name], torch.Tensor)
        np.testing.assert_array_equal(found[name].numpy(), value)


def test_noise_is_normal_and_each_sequences_own():
    onehot = np.zeros((400, 4, 50), np.float32)
    noisy = tf.Augment(ohe_axis=-2, noise=0.3, seed=0)({"seq": onehot})["seq"]
    assert abs(noisy.mean()) < 0.005
    assert abs(noisy.std() - 0.3) < 0.005
    inside = (np.abs(noisy) < 0.3).mean()
    assert abs(inside - 0.6827) < 0.005  # within one standard deviation
    assert np.unique(noisy[:, 0, 0]).size == 400
    augment = tf.Augment(ohe_axis=-2, noise=0.3, seed=0)
    parts = [augment({"seq": part})["seq"] for part in np.split(onehot, [3, 77])]
    np.testing.assert_array_equal(np.concatenate(parts), noisy)


def test_stretches_are_anywhere_with_equal_chance():
    _, places = augmented(tf.Delete(1.0, shortest=10, longest=10), seqs=SEQS)
    gaps = [np.setdiff1d(np.arange(40), row[row >= 0]).min() for row in places]
    assert min(gaps) == 0
    assert max(gaps) == 30
    assert 12 < np.mean(gaps) < 18


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tf.Mutate(1.5), ValueError, "probability must be from 0 to 1; found 1.5"),
        (lambda: tf.Delete(shortest=5, longest=3), ValueError, "in this order; found 5 and 3"),
        (lambda: tf.Jitter(-1), ValueError, "most must not be negative; found -1"),
        (lambda: tf.Translocate(most=-1), ValueError, "most must not be negative; found -1"),
        (lambda: tf.Augment(stranded=["t"], seed=0), ValueError, "stranded must name tracks"),
        (lambda: tf.Augment(noise=0.1, seed=0), ValueError, "noise must be 0, or .* ohe_axis"),
        (lambda: tf.Augment(alphabet="DNA", seed=0), TypeError, "alphabet must be an Alphabet"),
        (lambda: tf.Augment(seed=0)({"x": SEQS}), KeyError, "must hold 'seq'; found"),
        (lambda: tf.Augment(tf.Jitter(20), seed=0)({"seq": SEQS}), ValueError, "more than 40 pos"),
        (lambda: tf.Augment(tf.Insert(longest=41), seed=0)({"seq": SEQS}), ValueError, "at most the"),
        (
            lambda: tf.Augment(tracks=["t"], seed=0)({"seq": SEQS, "t": PLACES[:, :9]}),
            ValueError,
            r"track 't' must have shape .* n=300 and length=40 .* found \(300, 9\)",
        ),
        (
            lambda: tf.Augment(ohe_axis=-1, noise=1, seed=0)({"seq": sp.ohe(SEQS, DNA)}),
            TypeError,
            "noise needs one-hot sequences of a float type; found uint8",
        ),
        (lambda: tf.Augment(seed=0)({"seq": ["ACG", "T"]}), ValueError, "must all have one length"),
        (lambda: tf.Augment(seed=0)({"seq": "ACG"}), ValueError, "must have one axis of sequences"),
    ],
)  # fmt: skip
def test_argument_that_does_not_fit_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("n", [0, 1])
def test_few_sequences_are_fine(n):
    done = tf.Augment(*EVERY.values(), tracks=["t"], seed=0)({"seq": SEQS[:n], "t": PLACES[:n]})
    assert done["seq"].shape == done["t"].shape == (n, 32)
