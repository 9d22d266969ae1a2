"""Models without a network, by value: trees as scikit-learn's own, and a rule worked out by hand."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import eugene as eu
import motifdata as md
import seqdatasets
import seqpro as sp
from eugene.models import Card, load_model, save_model
from eugene.models.baselines import kmer_counts
from eugene.models.kmer_trees import KmerBoosting, KmerForest
from eugene.models.rule_oracle import RuleOracle
from seqdatasets.simulation import grammar, simulate_recipe

LENGTH = 40
TREES = {
    KmerForest: {"longest": 2, "trees": 12, "leaf": 5},
    KmerBoosting: {"longest": 2, "trees": 12, "depth": 3, "rate": 0.2},
}


def card(config: dict, **changes) -> Card:
    fields = {
        "architecture": "", "config": config, "variable": "seq", "length": LENGTH, "alphabet": "DNA",
        "targets": ("y",), "task": "regression", "center": (0.0,), "scale": (1.0,), "both_strands": False,
        "data": None, "seed": 3,
    }  # fmt: skip
    return Card(**{**fields, **changes})


def rows(n: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Sequences and their share of G and C, with some noise."""
    codes = sp.random_seqs((n, LENGTH), sp.DNA, rng=seed).view(np.uint8)
    noise = np.random.default_rng(seed).normal(0, 0.03, n)
    return codes, (sp.gc_content(codes) + noise).astype(np.float32)[:, None]


def as_task(target: np.ndarray, task: str) -> np.ndarray:
    return target if task == "regression" else (target > 0.5).astype(np.float32)


@pytest.mark.parametrize("task", ["regression", "binary"])
def test_forest_predicts_what_scikit_learn_predicts(task: str) -> None:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    codes, number = rows()
    target = as_task(number, task)
    model = KmerForest.fit_rows(card(TREES[KmerForest], task=task), codes, target, (codes, target))
    kind = RandomForestRegressor if task == "regression" else RandomForestClassifier
    peer = kind(n_estimators=12, min_samples_leaf=5, max_features="sqrt", random_state=3)
    new, _ = rows(100, seed=1)
    counts, held_out = (
        np.concatenate([sp.count_kmers(c, k, sp.DNA) for k in (1, 2)], axis=1) for c in (codes, new)
    )
    peer.fit(counts, target[:, 0])
    if task == "regression":
        np.testing.assert_allclose(model.predict(new)[:, 0], peer.predict(held_out), rtol=1e-5)
        return
    chance = peer.predict_proba(held_out)[:, 1]
    least = 0.5 / 12
    np.testing.assert_allclose(
        model.predict(new)[:, 0], np.clip(chance, least, 1 - least), rtol=1e-5
    )
    assert (chance == 0).any()  # where log-odds would be infinite


@pytest.mark.parametrize("task", ["regression", "binary"])
def test_boosted_trees_predict_what_scikit_learn_predicts(task: str) -> None:
    from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
    from sklearn.metrics import roc_auc_score

    codes, number = rows()
    target = as_task(number, task)
    val = rows(80, seed=2)
    judge = as_task(val[1], task)
    model = KmerBoosting.fit_rows(
        card(TREES[KmerBoosting], task=task), codes, target, (val[0], judge)
    )
    kind = GradientBoostingRegressor if task == "regression" else GradientBoostingClassifier
    peer = kind(
        n_estimators=12, max_depth=3, learning_rate=0.2, subsample=0.5, max_features="sqrt", random_state=3,
    )  # fmt: skip
    new, _ = rows(100, seed=1)
    counts, held_out, judged = (
        np.concatenate([sp.count_kmers(c, k, sp.DNA) for k in (1, 2)], axis=1)
        for c in (codes, new, val[0])
    )
    peer.fit(counts, target[:, 0])
    if task == "regression":
        scores = [np.corrcoef(p, judge[:, 0])[0, 1] for p in peer.staged_predict(judged)]
        stages = list(peer.staged_predict(held_out))
    else:
        staged = peer.staged_predict_proba(judged)
        scores = [roc_auc_score(judge[:, 0], p[:, 1]) for p in staged]
        stages = [p[:, 1] for p in peer.staged_predict_proba(held_out)]
    expected = stages[int(np.argmax(scores))]
    np.testing.assert_allclose(model.predict(new)[:, 0], expected, rtol=1e-4)


@pytest.mark.parametrize("kind", TREES)
def test_trees_of_several_targets_with_gaps_are_those_of_each_alone(kind: type) -> None:
    codes, number = rows()
    targets = np.concatenate([number, 1 - number], axis=1)
    targets[::3, 1] = np.nan
    config = TREES[kind]
    both = kind.fit_rows(
        card(config, targets=("a", "b"), center=(0, 0), scale=(1, 1)),
        codes,
        targets,
        (codes, targets),
    )
    for t in range(2):
        kept = ~np.isnan(targets[:, t])
        alone = kind.fit_rows(
            card(config), codes[kept], targets[kept, t : t + 1], (codes[kept], targets[kept, t : t + 1])
        )  # fmt: skip
        np.testing.assert_allclose(both.predict(codes)[:, t], alone.predict(codes)[:, 0], rtol=1e-5)


@pytest.mark.parametrize("kind", TREES)
def test_trees_on_disk_are_arrays_and_predict_the_same(kind: type, tmp_path: Path) -> None:
    codes, target = rows()
    names = {KmerForest: "kmer_forest", KmerBoosting: "kmer_boosting"}
    the_card = card(TREES[kind], architecture=names[kind], both_strands=True)
    model = kind.fit_rows(the_card, codes, target, (codes, target))
    save_model(model, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["card.json", "model.safetensors"]
    again = load_model(tmp_path)
    np.testing.assert_array_equal(again.predict(codes), model.predict(codes))
    assert (again.digest(), again.name) == (model.digest(), model.name)
    turned = sp.reverse_complement(codes, sp.DNA)
    np.testing.assert_array_equal(model.predict(codes), model.predict(turned))


def test_trees_refuse_rows_of_one_class() -> None:
    codes, target = rows(20)
    for kind, config in TREES.items():
        with pytest.raises(ValueError, match="targets must hold both classes among the train rows"):
            kind.fit_rows(card(config, task="binary"), codes, target * 0, (codes, target * 0))


def test_counts_of_both_strands_are_added() -> None:
    codes, _ = rows(5)
    one, both = (kmer_counts(codes, card({"longest": 2}, both_strands=b)) for b in (False, True))
    turned = kmer_counts(sp.reverse_complement(codes, sp.DNA), card({"longest": 2}))
    np.testing.assert_array_equal(both, one + turned)


# --- the oracle

FIRST = md.Motif.from_consensus("ACG", id="first")
SECOND = md.Motif.from_consensus("TTGA", id="second")


def oracle(recipe, **changes) -> RuleOracle:
    """An oracle of a recipe, on the scale of its evidence."""
    data = simulate_recipe(recipe)
    data = eu.preprocess.split(data, stratify="label", seed=0)
    config = RuleOracle.config_for(data, ("label",), {})
    length = data.sizes["_length"]
    the_card = card(config, task="binary", length=length, architecture="rule_oracle", **changes)
    codes, target = data["seq"].values, data["label"].values.astype(np.float32)[:, None]
    return RuleOracle.fit_rows(the_card, codes, target, (codes, target))


def codes_of(*seqs: str) -> np.ndarray:
    return np.array([list(seq.encode()) for seq in seqs], dtype=np.uint8)


def odds(model: RuleOracle, motif: int, word: str) -> float:
    """Odds of one place, letter by letter, over the strands that motifs stand on."""
    table = model.log_odds[motif][: model.sizes[motif]]
    turned = sp.reverse_complement(word, sp.DNA).tobytes().decode()
    words = [word, turned] if model.card.config["reverse_sites"] else [word]
    each = [2 ** sum(row["ACGT".index(x)] for row, x in zip(table, w, strict=True)) for w in words]
    return float(np.mean(each))


SETUP = {"num_seqs": 200, "seq_length": 30, "seed": 0}
SEQUENCE = "GGACGTTTTGACCCGTACGTCAAGGTTACG"


@pytest.mark.parametrize("strand", ["forward", "both"])
@pytest.mark.parametrize("rule", ["order", "distance"])
def test_oracle_compares_all_pairs_of_places(rule: str, strand: str) -> None:
    """A plain loop over every pair, with each motif's odds worked out letter by letter."""
    options = {} if rule == "order" else {"min_dist": 2, "max_dist": 4}
    model = oracle(getattr(grammar, rule)([FIRST, SECOND], strand=strand, **options, **SETUP))
    fits, others = [], []
    for a, b in product(range(28), range(27)):
        gap = b - a - 3 if b > a else a - b - 4
        if gap < 0:
            continue
        value = odds(model, 0, SEQUENCE[a : a + 3]) * odds(model, 1, SEQUENCE[b : b + 4])
        is_positive = b > a if rule == "order" else 2 <= gap <= 4
        (fits if is_positive else others).append(value)
    expected = np.log(np.mean(fits)) - np.log(np.mean(others))
    np.testing.assert_allclose(model.evidence(codes_of(SEQUENCE)), expected, rtol=1e-9)


@pytest.mark.parametrize("logic", ["any", "all", "none", "count"])
def test_oracle_weighs_places_of_motifs_that_are_there(logic: str) -> None:
    extra = {"count": 2} if logic == "count" else {}
    ids = ["first", "second"]
    recipe = grammar.presence([FIRST, SECOND], ids, logic=logic, **extra, **SETUP)
    model = oracle(recipe)
    places = [
        [odds(model, m, SEQUENCE[i : i + k]) for i in range(30 - k + 1)]
        for m, k in ((0, 3), (1, 4))
    ]
    joined = np.concatenate(places)
    expected = {
        "any": np.log(joined.mean()),
        "all": np.log(np.mean(places[0])) + np.log(np.mean(places[1])),
        "none": -np.log(joined.mean()),
        "count": np.log((joined.sum() ** 2 - (joined**2).sum()) / 2 / joined.size**2),
    }[logic]
    np.testing.assert_allclose(model.evidence(codes_of(SEQUENCE)), expected, rtol=1e-9)


def test_oracle_says_what_a_reader_sees() -> None:
    """Two clear sites: upstream or downstream, near or far, there or not."""
    order = oracle(grammar.order([FIRST, SECOND], strand="forward", **SETUP))
    seqs = ["CCACGCCCCCCTTGACCCCCCCCCCCCCCC", "CCTTGACCCCCCACGCCCCCCCCCCCCCCC"]
    chances = order.predict(codes_of(*seqs))[:, 0]
    assert chances[0] > 0.9
    assert chances[1] < 0.1
    distance = oracle(
        grammar.distance([FIRST, SECOND], min_dist=2, max_dist=4, strand="forward", **SETUP)
    )
    seqs = [
        "CCACGCCCTTGACCCCCCCCCCCCCCCCCC",
        "CCACGCCCCCCCTTGACCCCCCCCCCCCCC",
        "TTGACCCACGCCCCCCCCCCCCCCCCCCCC",
    ]
    chances = distance.predict(codes_of(*seqs))[:, 0]
    assert chances[0] > 0.8
    assert chances[1] < 0.2
    assert chances[2] > 0.8


@pytest.mark.parametrize("rule", ["presence", "order", "distance"])
def test_oracle_is_calibrated_and_beats_counts(rule: str, tmp_path: Path) -> None:
    """Were its odds not those of the simulation, its slope would not be 1."""
    data = seqdatasets.simulate(gen_type=rule, num_seqs=3000, seq_length=120, seed=1)
    data = eu.preprocess.split(data, stratify="label", seed=0)
    run = eu.fit("rule_oracle", data, targets="label", out=tmp_path / "run")
    assert run.name == "rule oracle"
    assert run.model.slope[0] == pytest.approx(1, abs=0.25)
    assert run.evaluate(baseline=False).value("auroc") > {"presence": 0.93}.get(rule, 0.98)
    again = eu.load_run(tmp_path / "run", data)
    np.testing.assert_array_equal(again.predict()["predictions"], run.predict()["predictions"])
    assert again.model.card.both_strands == (rule != "order")


def test_label_noise_does_not_hide_the_rule() -> None:
    recipe = grammar.order([FIRST, SECOND], **SETUP).with_label_noise(0.1)
    assert oracle(recipe).card.config["rule"] == "order"


def test_oracle_of_the_order_reads_one_strand() -> None:
    with pytest.raises(ValueError, match="both_strands must be False for the order of motifs"):
        oracle(grammar.order([FIRST, SECOND], **SETUP), both_strands=True)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: xr.Dataset(), "must hold one recipe in its provenance; found 0"),
        (
            lambda: simulate_recipe(grammar.localization(FIRST, width=10, **SETUP)),
            r"the rule oracle knows presence .* order and distance; found Located",
        ),
        (
            lambda: simulate_recipe(grammar.multi_label([FIRST], **SETUP)),
            "targets of the rule oracle must be one of label_first; found label",
        ),
    ],
)
def test_data_without_a_rule_that_it_knows_are_refused(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RuleOracle.config_for(make(), ("label",), {})
