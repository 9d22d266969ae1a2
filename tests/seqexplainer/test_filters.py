"""Filters become the motifs that their windows spell, against a loop over every window."""

import logging

import numpy as np
import pytest
import torch
from torch import nn

import seqpro as sp
from seqexplainer import TorchPredictor, average_strands, filter_motifs

SEQS = sp.random_seqs((40, 30), sp.DNA, rng=3).view(np.uint8)


def network(**options):
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv1d(4, 5, 4, **options), nn.ReLU(), nn.AdaptiveMaxPool1d(1), nn.Flatten()
    )


def every_window(convolution):
    """Activation and letters of every window that lies inside its sequence, one at a time."""
    width = convolution.dilation[0] * (convolution.kernel_size[0] - 1) + 1
    stride, padding = convolution.stride[0], convolution.padding
    named = {"same": (width - 1) // 2, "valid": 0}  # of an odd number, the greater half goes right
    padding = named[padding] if isinstance(padding, str) else padding[0]
    starts = [o * stride - padding for o in range(100) if 0 <= o * stride - padding <= 30 - width]
    weight = convolution.weight.detach()
    found = []
    for row in SEQS:
        for start in starts:
            letters = row[start : start + width]
            onehot = torch.from_numpy(sp.ohe(letters, sp.DNA, ohe_axis=-2, dtype=np.float32))
            value = (weight * onehot[:, :: convolution.dilation[0]]).sum((1, 2)) + convolution.bias
            found.append((value.detach().numpy(), letters))
    return np.array([value for value, _ in found]), np.array([letters for _, letters in found])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"padding": 3},
        {"padding": "same"},
        {"padding": "valid"},
        {"stride": 2, "padding": 1},
        {"dilation": 2, "padding": 2},
    ],
    ids=["plain", "padded", "same", "valid", "strided", "dilated"],
)
@pytest.mark.parametrize("batch_size", [7, 256])
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_motifs_count_the_letters_of_the_strongest_windows(options, batch_size):
    module = network(**options)
    values, letters = every_window(module[0])
    motifs = filter_motifs(
        TorchPredictor(module), SEQS, top=20, pseudocount=0, batch_size=batch_size
    )
    assert len(motifs) == 5
    for number in range(5):
        strongest = np.argsort(-values[:, number], kind="stable")[:20]
        strongest = strongest[values[strongest, number] > 0.5 * values[strongest[0], number]]
        counts = sp.ohe(letters[strongest], sp.DNA).sum(axis=0)
        motif = motifs[f"filter_{number}"]
        assert (motif.nsites, len(motif)) == (len(strongest), len(counts))
        read = slice(None, None, module[0].dilation[0])  # windows that tie may differ in between
        found, expected = motif.probabilities[read], counts[read] / len(strongest)
        np.testing.assert_allclose(found, expected, atol=1e-9)


def test_threshold_decides_how_many_windows_count():
    module = network()
    values, _ = every_window(module[0])
    motifs = filter_motifs(TorchPredictor(module), SEQS, top=10**6, threshold=0.8)
    expected = (values > 0.8 * values.max(axis=0)).sum(axis=0)
    assert [motif.nsites for motif in motifs] == expected.tolist()


def test_source_tells_the_layer_and_in_how_many_sequences_the_filter_is_active():
    module = network()
    values, _ = every_window(module[0])
    peaks = values.reshape(40, -1, 5).max(axis=1)
    active = (peaks > 0.5 * peaks.max(axis=0)).sum(axis=0)
    sources = [motif.source for motif in filter_motifs(TorchPredictor(module), SEQS)]
    assert sources == [f"layer 0, active in {count} of 40 sequences" for count in active]


def test_dead_filters_are_left_out_and_said(caplog):
    module = network()
    with torch.no_grad():
        module[0].bias[[1, 4]] = -100
    with caplog.at_level(logging.WARNING, "seqexplainer.motifs.filters"):
        motifs = filter_motifs(TorchPredictor(module), SEQS)
    assert motifs.ids == ["filter_0", "filter_2", "filter_3"]
    assert caplog.records[0].getMessage() == "2 of 5 filters are never above 0"


def test_filters_that_give_nan_are_dead(caplog):
    """A diverged filter once became a motif without letters and without sites."""
    module = network()
    with torch.no_grad():
        module[0].weight[2] = torch.nan
        module[0].bias[4] = torch.nan
    with caplog.at_level(logging.WARNING, "seqexplainer.motifs.filters"):
        motifs = filter_motifs(TorchPredictor(module), SEQS)
    assert motifs.ids == ["filter_0", "filter_1", "filter_3"]
    assert caplog.records[0].getMessage() == "2 of 5 filters are never above 0"


def test_unknown_letters_count_for_none():
    module = nn.Sequential(nn.Conv1d(4, 1, 3), nn.Flatten())
    with torch.no_grad():
        module[0].weight[:] = 1
        module[0].bias[:] = 0
    motifs = filter_motifs(TorchPredictor(module), ["ANA", "ANC"], pseudocount=0.4)
    expected = [[2.1, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.1], [1.1, 1.1, 0.1, 0.1]]
    expected = np.array(expected) / np.sum(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(motifs["filter_0"].probabilities, expected)


def test_module_keeps_no_hook_and_its_weights(caplog):
    module = network().train()
    filter_motifs(TorchPredictor(module), SEQS)
    with pytest.raises(ValueError, match="at least as long as a filter reads"):
        filter_motifs(TorchPredictor(module), ["ACG"])
    assert not module[0]._forward_hooks
    assert all(part.training for part in module.modules())


class AddsChannels(nn.Module):
    """Appends a constant channel to the sequence before its convolution, which stands second."""

    def __init__(self):
        super().__init__()
        self.mix, self.read = nn.Conv1d(3, 1, 1), nn.Conv1d(5, 3, 4)

    def forward(self, onehot):
        full = torch.cat([onehot, torch.ones_like(onehot[:, :1])], 1)
        return self.mix(self.read(full)).amax((1, 2))


def test_layer_is_found_by_name_and_may_take_further_channels():
    motifs = filter_motifs(TorchPredictor(AddsChannels()), SEQS, layer="read")
    assert motifs["filter_0"].source.startswith("layer read,")


@pytest.mark.parametrize(
    ("predictor", "layer", "message"),
    [
        (TorchPredictor(AddsChannels()), None, "layer 'mix' must take the one-hot sequence, once"),
        (
            TorchPredictor(network()),
            "1",
            r"layer must name a torch.nn.Conv1d of the module \('0'\)",
        ),
        (TorchPredictor(nn.Flatten()), None, r"of the module \(none\); found None"),
        (average_strands(TorchPredictor(network())), None, "it ran 2 times"),
    ],
    ids=["deeper", "no convolution", "none", "both strands"],
)
def test_layers_whose_windows_are_not_those_of_the_sequence_are_refused(predictor, layer, message):
    with pytest.raises(ValueError, match=message):
        filter_motifs(predictor, SEQS, layer=layer)


@pytest.mark.parametrize(
    "options", [{"threshold": 1.0}, {"threshold": -0.1}, {"top": 0}, {"batch_size": 0}]
)
def test_settings_that_do_not_fit_are_refused(options):
    with pytest.raises(ValueError, match=f"{next(iter(options))} must be at least"):
        filter_motifs(TorchPredictor(network()), SEQS, **options)
