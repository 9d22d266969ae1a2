"""Motifs as convolution weights and back: the scores are the scan's, and nothing is lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seqpro as sp
from motifdata import Motif, MotifSet, scan
from motifdata.filters import from_kernels, to_kernels

SKEWED = [0.35, 0.15, 0.1, 0.4]


def random_motifs(lengths, seed, alphabet=sp.DNA, **options):
    rng = np.random.default_rng(seed)
    width = len(alphabet)
    made = (
        Motif(f"m{i}", rng.dirichlet(np.full(width, 0.3), n), alphabet)
        for i, n in enumerate(lengths)
    )
    return MotifSet(made, **options)


def test_to_kernels__a_convolution_gives_the_scores_of_the_scan():
    motifs = random_motifs([5, 8], seed=0)
    seqs = sp.random_seqs((1, 200), sp.DNA, rng=0)
    onehot = sp.ohe(seqs, sp.DNA, ohe_axis=-2)[0].astype(float)
    for strand in ("+", "-"):
        weights = to_kernels(motifs, width=8, align="left", strands=strand)
        table = scan(seqs, motifs, pvalue=1, strands=strand)
        for number, motif in enumerate(motifs):
            windows = np.lib.stride_tricks.sliding_window_view(onehot, 8, axis=1)
            track = np.einsum("lpw,lw->p", windows, weights[number])
            hits = table[(table["motif"] == motif.id) & (table["start"] < track.size)]
            np.testing.assert_allclose(
                track[hits["start"]], hits["score"], atol=len(motif) / 256 + 1e-4
            )


@pytest.mark.parametrize(("align", "first"), [("left", 0), ("center", 2), ("right", 5)])
def test_to_kernels__a_short_motif_lies_where_it_is_asked_to(align, first):
    motif = random_motifs([4], seed=1)["m0"]
    weights = to_kernels(motif, width=9, align=align)
    assert weights.dtype == np.float32
    assert weights.shape == (1, 4, 9)
    np.testing.assert_allclose(weights[0, :, first : first + 4], motif.log_odds().T, rtol=1e-6)
    beside = np.delete(weights, np.s_[first : first + 4], axis=2)
    assert (beside == 0).all()


def test_to_kernels__both_strands_are_two_filters_a_motif():
    motifs = random_motifs([6, 3], seed=2)
    both = to_kernels(motifs, strands="both")
    assert np.array_equal(both[::2], to_kernels(motifs, strands="+"))
    assert np.array_equal(both[1::2], to_kernels(motifs, strands="-"))
    turned = MotifSet([m.reverse_complement() for m in motifs])
    assert np.array_equal(both[1], to_kernels(turned)[0])


def test_to_kernels__the_background_of_the_set_counts_unless_another_is_given():
    motifs = random_motifs([6], seed=3, background=SKEWED)
    expected = to_kernels(list(motifs), background=SKEWED)
    assert np.array_equal(to_kernels(motifs), expected)
    assert not np.array_equal(to_kernels(list(motifs)), expected)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 2**16),
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.sampled_from(["left", "center", "right"]),
    st.sampled_from([None, SKEWED]),
    st.sampled_from([1e-4, 1e-3, 0.2]),
)
def test_from_kernels__of_to_kernels_is_the_motif(seed, lengths, align, background, pseudocount):
    """Whoever puts motifs into a layer must be able to read them out again."""
    motifs = random_motifs(lengths, seed)
    options = {"background": background, "pseudocount": pseudocount}
    weights = to_kernels(motifs, width=10, align=align, **options)
    again = from_kernels(weights, ids=motifs.ids, **options)
    blank = np.full(4, 0.25) if background is None else np.array(background)
    for motif, back in zip(motifs, again, strict=True):
        room = 10 - len(motif)
        first = {"left": 0, "center": room // 2, "right": room}[align]
        inside = back.probabilities[first : first + len(motif)]
        np.testing.assert_allclose(inside, motif.probabilities, atol=1e-5)
        beside = np.delete(back.probabilities, np.s_[first : first + len(motif)], axis=0)
        np.testing.assert_allclose(beside, np.tile(blank, (room, 1)), atol=1e-6)


def test_from_kernels__is_a_softmax_of_trained_weights():
    weights = np.random.default_rng(4).normal(size=(3, 4, 7))
    nats = from_kernels(weights, temperature=np.log(2))
    expected = np.exp(weights) / np.exp(weights).sum(axis=1, keepdims=True)
    for i, motif in enumerate(nats):
        assert motif.id == f"filter_{i}"
        np.testing.assert_allclose(motif.probabilities, expected[i].T, rtol=1e-9)
    sharp = from_kernels(weights, temperature=0.1)
    assert (
        sharp["filter_0"].information_content().sum()
        > 3 * nats["filter_0"].information_content().sum()
    )


def test_from_kernels__huge_weights_do_not_overflow_and_shifts_do_not_matter():
    weights = np.random.default_rng(5).normal(size=(1, 4, 3)).astype(np.float32)
    shifted = from_kernels(weights + np.float32(64))["filter_0"].probabilities
    np.testing.assert_allclose(shifted, from_kernels(weights)["filter_0"].probabilities, atol=1e-5)
    assert np.isfinite(from_kernels(weights * 1e6)["filter_0"].probabilities).all()


def test_from_kernels__takes_tensors_and_other_alphabets():
    import torch

    layer = torch.nn.Conv1d(20, 2, 5)
    motifs = from_kernels(layer.weight, alphabet=sp.AA)
    assert motifs.alphabet == sp.AA
    assert [len(m) for m in motifs] == [5, 5]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (
            {"width": 3},
            r"width must be at least the length of each motif; found 3, and 'm0' of length 4",
        ),
        ({"width": 0}, r"width must be a whole number, at least 1"),
        ({"align": "middle"}, r"align must be 'left', 'center' or 'right'; found 'middle'"),
        ({"pseudocount": 0}, r"pseudocount must be above 0"),
        ({"pseudocount": 2}, r"pseudocount must be a probability"),
        ({"strands": "?"}, r"strands must be"),
        ({"background": [1, 2]}, r"background must be 4 positive numbers"),
    ],
)
def test_to_kernels__refuses(options, reason):
    with pytest.raises(ValueError, match=reason):
        to_kernels(random_motifs([4], seed=6), **options)


def test_to_kernels__refuses_no_motifs_and_strands_of_proteins():
    with pytest.raises(ValueError, match=r"motifs must hold at least one"):
        to_kernels([])
    with pytest.raises(ValueError, match=r"strands must be '\+'"):
        to_kernels(random_motifs([4], seed=6, alphabet=sp.AA), strands="both")


@pytest.mark.parametrize(
    ("weights", "options", "reason"),
    [
        (np.zeros((2, 7, 4)), {}, r"shape \(filters, 4, width\).*swapaxes"),
        (np.zeros((4, 7)), {}, r"found \(4, 7\)"),
        (np.full((1, 4, 2), np.nan), {}, r"weights must be finite; found nan at \[0, 0, 0\]"),
        (np.zeros((1, 4, 2)), {"temperature": 0}, r"temperature above 0"),
        (np.zeros((1, 4, 2)), {"pseudocount": 1}, r"pseudocount must be below 1"),
        (np.zeros((1, 4, 2)), {"ids": ["a", "b"]}, r"ids must be one for each of the 1 filters"),
    ],
)
def test_from_kernels__refuses(weights, options, reason):
    with pytest.raises(ValueError, match=reason):
        from_kernels(weights, **options)
