"""Laws of explanations: what holds for any model and any sequences."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import seqpro as sp
from seqexplainer import (
    TorchPredictor,
    average_strands,
    deeplift_shap,
    gradient_x_input,
    ism,
    occlusion,
    project,
    score_against_truth,
    single_mutant_effects,
)

LENGTH = 12
seeds = st.integers(0, 2**32 - 1)
words = st.lists(st.text("ACGTN", min_size=LENGTH, max_size=LENGTH), min_size=1, max_size=3)
known_words = st.lists(st.text("ACGT", min_size=LENGTH, max_size=LENGTH), min_size=1, max_size=3)
activations = st.sampled_from([nn.ReLU, nn.GELU, nn.SiLU, nn.ELU, nn.Tanh, nn.Softplus])
few = settings(max_examples=25, deadline=None)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def network(seed, activation=nn.GELU):
    torch.manual_seed(seed)
    act = activation()  # one module, used twice
    layers = [nn.Conv1d(4, 6, 5), act, nn.MaxPool1d(2), nn.Conv1d(6, 5, 3), act]
    return nn.Sequential(*layers, nn.Softmax(1), nn.Flatten(), nn.Linear(10, 1))


def predictor(seed, activation=nn.GELU):
    return TorchPredictor(network(seed, activation).double())


@few
@given(seeds, activations, words, words.map(lambda rows: rows[0]))
def test_deeplift_is_complete_for_any_network_sequence_and_reference(seed, activation, seqs, other):
    references = sp.as_codes([[other]] * len(seqs))
    result = deeplift_shap(predictor(seed, activation), seqs, references=references)
    assert (result.completeness_error <= 1e-6).all()


@few
@given(seeds, known_words)
def test_deeplift_gives_nothing_to_positions_where_sequence_and_reference_agree(seed, seqs):
    codes = sp.as_codes(seqs)
    references = codes[:, None].copy()
    references[:, 0, :5] = np.frombuffer(b"TGCAT", np.uint8)
    contributions = project(
        deeplift_shap(predictor(seed), seqs, references=references).scores, seqs
    )
    np.testing.assert_allclose(contributions[codes == references[:, 0]], 0, atol=1e-7)


@few
@given(seeds, words)
def test_ism_of_a_sum_is_the_sum_of_isms(seed, seqs):
    one, two = predictor(seed), predictor(seed + 1)
    together = ism(lambda codes: one(codes) + two(codes), seqs).scores
    np.testing.assert_allclose(together, ism(one, seqs).scores + ism(two, seqs).scores, atol=1e-6)


@few
@given(seeds, words)
def test_ism_effects_are_zero_for_the_letter_that_is_there(seed, seqs):
    effects = single_mutant_effects(ism(predictor(seed), seqs).scores, seqs)
    assert (project(effects, seqs) == 0).all()


@few
@given(seeds, words, st.integers(1, LENGTH - 1))
def test_positions_that_the_model_does_not_read_score_nothing(seed, seqs, start):
    model = predictor(seed)

    def reads_the_start(codes):
        covered = codes.copy()
        covered[:, start:] = ord("A")
        return model(covered)

    options = {"window": 1, "stride": 1, "rng": 0, "n_fills": 2}
    for result in (ism(reads_the_start, seqs), occlusion(reads_the_start, seqs, **options)):
        np.testing.assert_allclose(result.scores[..., start:], 0, atol=1e-12)


@few
@given(seeds, known_words)
def test_all_methods_agree_on_a_linear_model(seed, seqs):
    """Against unknown letters, DeepLIFT and occlusion both give the weights, ISM and gradients the rest."""
    torch.manual_seed(seed)
    model = TorchPredictor(nn.Sequential(nn.Flatten(), nn.Linear(4 * LENGTH, 1)))
    unknown = np.full((len(seqs), 1, LENGTH), ord("N"), np.uint8)
    by_reference = deeplift_shap(model, seqs, references=unknown).scores
    by_window = occlusion(model, seqs, window=1, stride=1, fill="N").scores
    by_gradient = gradient_x_input(model, seqs, correct=False).scores
    np.testing.assert_allclose(by_reference, by_gradient, atol=1e-6)
    np.testing.assert_allclose(project(by_window, seqs), project(by_gradient, seqs), atol=1e-5)
    np.testing.assert_allclose(
        gradient_x_input(model, seqs).scores, ism(model, seqs).scores, atol=1e-5
    )


@few
@given(seeds, known_words)
def test_averaged_strands_are_explained_alike_from_either_strand(seed, seqs):
    model = average_strands(predictor(seed))
    turned = sp.reverse_complement(seqs, sp.DNA)
    references = np.full((len(seqs), 1, LENGTH), ord("N"), np.uint8)
    for explain in (
        lambda rows: ism(model, rows),
        lambda rows: gradient_x_input(model, rows),
        lambda rows: deeplift_shap(model, rows, references=references),
    ):
        there, back = explain(seqs).scores, explain(turned).scores
        expected = sp.reverse_complement(there, sp.DNA, ohe_axis=-2)
        np.testing.assert_allclose(back, expected, atol=1e-6)


@few
@given(seeds, known_words)
def test_windows_side_by_side_share_out_the_whole_loss(seed, seqs):
    """Of an additive model, replacing all windows in turn loses what replacing all at once does."""
    torch.manual_seed(seed)
    model = TorchPredictor(nn.Sequential(nn.Flatten(), nn.Linear(4 * LENGTH, 1)).double())
    result = occlusion(model, seqs, window=4, stride=4, n_fills=3, rng=seed % 1000)
    whole = occlusion(model, seqs, window=LENGTH, stride=LENGTH, n_fills=3, rng=seed % 1000)
    totals = [project(found.scores, seqs).sum(axis=1) for found in (result, whole)]
    np.testing.assert_allclose(*totals, atol=1e-5)


scores = st.lists(st.integers(-4, 4), min_size=LENGTH, max_size=LENGTH)
masks = st.lists(st.booleans(), min_size=LENGTH, max_size=LENGTH).filter(
    lambda m: 0 < sum(m) < LENGTH
)


@given(scores, masks)
def test_turning_the_ranking_around_mirrors_the_roc_curve(values, mask):
    there = score_against_truth([values], [mask], signed=True)
    back = score_against_truth([[-value for value in values]], [mask], signed=True)
    assert there.auroc[0] + back.auroc[0] == pytest.approx(1)


@given(scores, masks, st.permutations(range(LENGTH)))
def test_areas_depend_on_ranks_only(values, mask, order):
    plain = score_against_truth([values], [mask], signed=True)
    moved = score_against_truth(
        [[np.exp(values[i]) for i in order]], [[mask[i] for i in order]], signed=True
    )
    assert moved.auroc[0] == pytest.approx(plain.auroc[0])
    assert moved.auprc[0] == pytest.approx(plain.auprc[0])
