"""The zoo, baselines, and models on disk. Every test runs over the whole table."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import eugene as eu
import seqpro as sp
from eugene.models import Card, build_network, list_models, load_model, save_model
from eugene.models.model import NetworkModel
from eugene.models.registry import BASELINES, NETWORKS
from eugene.models.zoo.dream_cnn import DreamCNN, DreamCNNConfig, Stage

LENGTH = 40


@pytest.fixture(params=NETWORKS)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


def onehot(n: int = 3, length: int = LENGTH) -> torch.Tensor:
    seqs = sp.random_seqs((n, length), sp.DNA, rng=0)
    return torch.from_numpy(sp.ohe(seqs, sp.DNA, ohe_axis=-2, dtype=np.float32))


def card(name: str, config: dict | None = None, **changes) -> Card:
    fields = {
        "architecture": name, "config": config, "variable": "seq", "length": LENGTH, "alphabet": "DNA",
        "targets": ("y",), "task": "regression", "center": (1.0,), "scale": (2.0,), "both_strands": True,
        "data": None, "seed": 0,
    }  # fmt: skip
    return Card(**{**fields, **changes})


def test_every_file_of_the_zoo_is_in_the_table() -> None:
    folder = Path(eu.models.__file__).parent / "zoo"
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert files == {target.split(":")[0].rsplit(".", 1)[1] for target in NETWORKS.values()}


def test_listing_models_imports_none() -> None:
    code = "import sys, eugene.models.registry as r; r.list_models(); print('torch' in sys.modules)"
    # eugene.models itself reads torch lazily: listing must stay quick
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"


@pytest.mark.parametrize("targets", [1, 3])
def test_network_maps_a_batch_and_a_batch_of_one(name: str, targets: int, device: str) -> None:
    network = build_network(name, length=LENGTH, targets=targets).to(device).eval()
    x = onehot().to(device)
    assert network(x).shape == (3, targets)
    assert network(x[:1]).shape == (1, targets)
    torch.testing.assert_close(network(x[:1]), network(x)[:1], rtol=1e-4, atol=1e-5)


def test_gradient_reaches_the_input_and_every_weight(name: str) -> None:
    network = build_network(name, length=LENGTH).train()
    x = onehot(8).requires_grad_()
    network(x).square().sum().backward()
    assert x.grad is not None
    assert x.grad.abs().sum() > 0
    for part, parameter in network.named_parameters():
        assert parameter.grad is not None, part
        # before a batch norm a constant has no effect
        assert parameter.grad.abs().sum() > 0 or part.endswith("bias"), part


def test_two_instances_of_different_length_live_together(name: str) -> None:
    long, short = build_network(name, length=80), build_network(name, length=LENGTH)
    assert long.eval()(onehot(length=80)).shape == short.eval()(onehot()).shape


def test_other_alphabet_widths_work(name: str) -> None:
    network = build_network(name, length=LENGTH, letters=20).eval()
    assert network(torch.zeros(2, 20, LENGTH)).shape == (2, 1)


def test_saved_network_predicts_the_same(name: str, tmp_path: Path) -> None:
    network = build_network(name, length=LENGTH)
    with torch.no_grad():  # running statistics that differ from a fresh network's
        for _ in range(3):
            network.train()(onehot(16) + 0.1)
    from dataclasses import asdict

    model = NetworkModel(card(name, asdict(network.config)), network.eval())
    save_model(model, tmp_path)
    codes = sp.random_seqs((5, LENGTH), sp.DNA, rng=1).view(np.uint8)
    again = load_model(tmp_path)
    np.testing.assert_array_equal(model.predict(codes), again.predict(codes))
    assert model.digest() == again.digest()


def test_every_setting_of_the_small_network_changes_it() -> None:
    """A setting that is accepted and ignored would be a lie."""
    plain = {k: v.shape for k, v in build_network("cnn", length=LENGTH).state_dict().items()}
    x = onehot(4)
    for setting, value in {
        "filters": 9,
        "kernel": 5,
        "hidden": 7,
        "pool": 2,
        "kmer": 2,
        "dropout": 0.9,
    }.items():
        torch.manual_seed(0)
        changed = build_network("cnn", length=LENGTH, **{setting: value})
        torch.manual_seed(0)
        usual = build_network("cnn", length=LENGTH)
        shapes = {k: v.shape for k, v in changed.state_dict().items()}
        torch.manual_seed(1)
        first = changed.train()(x)
        torch.manual_seed(1)
        assert shapes != plain or not torch.equal(first, usual.train()(x)), setting


@pytest.mark.parametrize(
    ("config", "total"),
    [
        ({"head": "soft_bins"}, 1_933_970),
        ({"covariates": 1}, 1_945_857),
        ({"covariates": 1, "targets": 2}, 1_962_754),
    ],
    ids=["yeast", "human", "fly"],
)
def test_dream_cnn_has_the_published_parameter_counts(config: dict, total: int) -> None:
    network = DreamCNN(DreamCNNConfig(**config))
    assert sum(p.numel() for p in network.parameters()) == total


def test_dream_cnn_layers_have_the_published_shapes() -> None:
    network = DreamCNN(DreamCNNConfig(head="soft_bins"))
    counts = lambda part: sum(p.numel() for p in part.parameters())  # noqa: E731
    assert (counts(network.first), counts(network.core), counts(network.final)) == (
        23_360,
        1_909_440,
        1_170,
    )
    stages = [(counts(stage.inner), counts(stage.resize)) for stage in network.core]
    assert stages == [
        (420_048, 573_696), (173_856, 229_632), (87_072, 114_816),
        (45_968, 57_472), (45_968, 57_472), (45_968, 57_472),
    ]  # fmt: skip


def test_dream_cnn_takes_four_channels_and_constants_change_its_answer() -> None:
    network = DreamCNN(DreamCNNConfig(head="soft_bins")).eval()
    x = onehot(2, 150)
    plain = network(x)
    torch.testing.assert_close(plain, network(x, torch.zeros(2, 2)))
    assert not torch.allclose(plain, network(x, torch.ones(2, 2)), atol=1e-7)
    assert ((plain >= 0) & (plain <= 17)).all()
    with pytest.raises(ValueError, match="'soft_bins' has one target; found targets=2"):
        DreamCNN(DreamCNNConfig(head="soft_bins", targets=2))


def test_dream_cnn_sees_87_letters() -> None:
    """The receptive field that the layers' widths give: one letter moves 87 positions, no more."""
    network = DreamCNN(DreamCNNConfig(covariates=0)).eval()
    body = torch.nn.Sequential(*network.core)
    with torch.no_grad():
        for stage in network.core:
            assert isinstance(stage, Stage)
            stage.inner[6].gate = torch.nn.Sequential(
                torch.nn.Identity()
            )  # gates look at all positions
            stage.inner[6].forward = lambda x: x
    x = torch.zeros(1, 4, 301).requires_grad_()
    first = torch.cat([branch(x) for branch in network.first], dim=1)
    body(first)[0, :, 150].sum().backward()
    reached = torch.nonzero(x.grad[0].abs().sum(0)).ravel()
    assert reached.max() - reached.min() + 1 <= 87
    assert reached.max() - reached.min() + 1 >= 85


@pytest.mark.parametrize("task", ["regression", "binary"])
def test_kmer_baseline_equals_scikit_learn(task: str) -> None:
    """Ridge with the leave-one-out penalty, or logistic regression, on standardised k-mer counts."""
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from eugene.models.baselines import KmerLinear

    rng = np.random.default_rng(0)
    codes = sp.random_seqs((300, LENGTH), sp.DNA, rng=0).view(np.uint8)
    signal = sp.gc_content(codes) + rng.normal(0, 0.05, 300)
    target = (signal if task == "regression" else signal > np.median(signal)).astype(np.float32)[
        :, None
    ]
    the_card = card("kmer_linear", {"longest": 2}, task=task, both_strands=False)
    model = KmerLinear.fit_rows(the_card, codes, target, (codes[:50], target[:50]))
    counts = np.concatenate([sp.count_kmers(codes, k, sp.DNA) for k in (1, 2)], axis=1).astype(
        float
    )
    if task == "regression":
        oracle = make_pipeline(StandardScaler(), RidgeCV(alphas=np.logspace(-1, 5, 13)))
        expected = oracle.fit(counts, target[:, 0]).predict(counts)
        np.testing.assert_allclose(model.predict(codes)[:, 0], expected, rtol=1e-4)
    else:
        candidates = []
        for penalty in np.logspace(-1, 5, 13)[::3]:
            oracle = make_pipeline(
                StandardScaler(), LogisticRegression(C=1 / penalty, max_iter=1000)
            )
            candidates.append(oracle.fit(counts, target[:, 0]).predict_proba(counts)[:, 1])
        found = model.predict(codes)[:, 0]
        assert min(np.abs(found - c).max() for c in candidates) < 1e-3


def test_both_strands_give_one_prediction() -> None:
    from eugene.models.baselines import KmerLinear

    codes = sp.random_seqs((60, LENGTH), sp.DNA, rng=0).view(np.uint8)
    target = sp.gc_content(codes).astype(np.float32)[:, None]
    models = [
        KmerLinear.fit_rows(card("kmer_linear", {"longest": 3}), codes, target, (codes, target))
    ]
    network = build_network("cnn", length=LENGTH, filters=8).eval()
    models.append(NetworkModel(card("cnn"), network))
    for model in models:
        turned = sp.reverse_complement(codes, sp.DNA)
        np.testing.assert_allclose(
            model.predict(codes), model.predict(turned), rtol=1e-5, atol=1e-6
        )


def test_network_of_ones_own_loads_into_an_instance(tmp_path: Path) -> None:
    own = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4 * LENGTH, 1))
    save_model(NetworkModel(card("mine:Net"), own), tmp_path)
    fresh = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4 * LENGTH, 1))
    codes = sp.random_seqs((4, LENGTH), sp.DNA, rng=0).view(np.uint8)
    expected = NetworkModel(card("mine:Net"), own).predict(codes)
    np.testing.assert_array_equal(load_model(tmp_path, network=fresh).predict(codes), expected)
    with pytest.raises(ValueError, match="is mine:Net; pass network= an instance of it"):
        load_model(tmp_path)
    with pytest.raises(ValueError, match="do not fit Sequential"):
        load_model(
            tmp_path,
            network=torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4 * LENGTH, 2)),
        )


def test_damaged_card_and_missing_model_are_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no model in"):
        load_model(tmp_path)
    network = build_network("cnn", length=LENGTH, filters=8)
    save_model(NetworkModel(card("cnn", {"length": LENGTH, "filters": 8}), network), tmp_path)
    (tmp_path / "card.json").write_text('{"architecture": "cnn"}')
    with pytest.raises(ValueError, match="a model card must be the JSON that eugene writes"):
        load_model(tmp_path)


def test_model_on_disk_needs_no_pickle(tmp_path: Path) -> None:
    network = build_network("cnn", length=LENGTH, filters=8)
    save_model(NetworkModel(card("cnn", {"length": LENGTH, "filters": 8}), network), tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["card.json", "model.safetensors"]
    assert json.loads((tmp_path / "card.json").read_text())["targets"] == ["y"]


def test_sequences_of_another_length_are_refused() -> None:
    model = NetworkModel(card("cnn"), build_network("cnn", length=LENGTH, filters=8))
    with pytest.raises(
        ValueError, match=f"takes sequences of {LENGTH} letters; the data's 'seq' has 30"
    ):
        model.predict(np.full((2, 30), 65, np.uint8))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: build_network("cnm"), "no model 'cnm'; did you mean cnn"),
        (
            lambda: build_network("cnn", length=9, filter=3),
            "no setting 'filter'; did you mean filters",
        ),
        (lambda: build_network("kmer_linear"), "is a baseline without a network"),
    ],
)
def test_unknown_model_or_setting_suggests_a_near_one(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_list_names_everything() -> None:
    assert list_models() == [*NETWORKS, *BASELINES]
