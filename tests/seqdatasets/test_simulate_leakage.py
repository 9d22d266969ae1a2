"""Nothing but the rule tells the label: models that cannot see the rule stay at chance."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import xarray as xr

import motifdata as md
import seqpro as sp
from seqdatasets import grammar, simulate, simulate_recipe

N = 6000
RULES = ("presence", "order", "distance")
SPREAD = 0.5 / np.sqrt(3 * (N // 4))  # standard error of a chance AUROC of half the rows


def simulated(gen_type: str, **change) -> xr.Dataset:
    motifs = ["POU2F1", "CEBPA", "TBP"]
    pos_motifs = motifs[:1] if gen_type == "presence" else motifs[:2]
    arguments = {"num_seqs": N, "motifs": motifs, "pos_motifs": pos_motifs, "seed": 21} | change
    return simulate(gen_type=gen_type, **arguments)


def auroc(features: np.ndarray, label: np.ndarray, model=None) -> float:
    """AUROC on the second half of the rows of a model that was fitted to the first half."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    half = len(label) // 2
    model = model or make_pipeline(StandardScaler(), LogisticRegression(max_iter=200))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(features[:half], label[:half])
        return float(roc_auc_score(label[half:], model.predict_proba(features[half:])[:, 1]))


def composition(letters: np.ndarray, longest: int = 2) -> np.ndarray:
    counts = [sp.count_kmers(letters, k, sp.DNA) for k in range(1, longest + 1)]
    return np.concatenate(counts, axis=1).astype(np.float32)


def first_sites(data: xr.Dataset, motifs: list[str] | None = None) -> np.ndarray:
    """Start and strand of the first planted site of each row, whatever its motif, -1 where there is none."""
    row, motif = data["embedding_row"].values, data["embedding_motif"].values
    chosen = np.isin(motif, motifs) if motifs else np.ones(row.size, bool)
    found = np.full((data.sizes["_sequence"], 2), -1.0)
    for place in np.flatnonzero(chosen)[::-1]:
        strand = data["embedding_strand"].values[place] == "-"
        found[row[place]] = data["embedding_start"].values[place], strand
    return found


def test_measure_of_leakage_sees_a_leak() -> None:
    """Order told by a model that may know both positions, presence by counts of letters."""
    data = simulated("order")
    both = np.stack([first_sites(data, [m])[:, 0] for m in ("POU2F1", "CEBPA")], axis=1)
    assert auroc(both, data["label"].values) > 0.99
    data = simulated("presence", seq_length=60)
    assert auroc(composition(data["seq"].values), data["label"].values) > 0.6


@pytest.mark.parametrize("rule", ["order", "distance"])
@pytest.mark.parametrize("strand", ["both", "forward"])
def test_composition_position_and_strand_tell_nothing(rule: str, strand: str) -> None:
    data = simulated(rule, strand=strand)
    label = data["label"].values
    assert abs(auroc(composition(data["seq"].values), label) - 0.5) < 4 * SPREAD
    assert abs(auroc(first_sites(data), label) - 0.5) < 4 * SPREAD
    assert abs(auroc(first_sites(data, ["TBP"]), label) - 0.5) < 4 * SPREAD


@pytest.mark.parametrize("negatives", ["background", "shuffled"])
def test_presence_is_told_by_the_motif_alone(negatives: str) -> None:
    """What is not the deciding motif, the background and the distractors, tells nothing."""
    data = simulated("presence", negatives=negatives)
    label = data["label"].values
    others = first_sites(data, ["CEBPA", "TBP"])
    assert abs(auroc(others, label) - 0.5) < 4 * SPREAD
    rest = np.where(data["motif_mask"].values, np.uint8(ord("N")), data["seq"].values)
    counts = [sp.count_kmers(rest, k, sp.DNA) for k in (1, 2)]
    share = np.concatenate([c / c.sum(axis=1, keepdims=True) for c in counts], axis=1)
    if negatives == "background":
        assert abs(auroc(share, label) - 0.5) < 4 * SPREAD
    else:
        assert abs(auroc(composition(data["seq"].values), label) - 0.5) < 4 * SPREAD


def test_scrubbing_tells_nothing() -> None:
    data = simulated("order", scrub=True)
    assert abs(auroc(composition(data["seq"].values), data["label"].values) - 0.5) < 4 * SPREAD
    assert not data["chance_hit"].values.any()


@pytest.mark.parametrize("rule", RULES)
def test_row_number_tells_nothing(rule: str) -> None:
    """A model that sees rows in order, or every second one, learns nothing from where they stand."""
    data = simulated(rule)
    label, row = data["label"].values, data["row"].values
    powers = np.stack([row % k for k in (2, 3, 4, 5, 8)], axis=1).astype(float)
    assert abs(auroc(powers, label) - 0.5) < 4 * SPREAD


def tree_scores(datasets: list[xr.Dataset]) -> np.ndarray:
    """AUROC of boosted trees on counts of words of 1 to 5 letters, first site, strand and GC content."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    scores = []
    for data in datasets:
        letters = data["seq"].values
        gc = sp.gc_content(letters)[:, None]
        features = np.concatenate([composition(letters, 5), first_sites(data), gc], axis=1)
        model = HistGradientBoostingClassifier(max_iter=40, max_leaf_nodes=8, max_bins=16)
        scores.append(auroc(features, data["label"].values, model))
    return np.array(scores)


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["order", "distance"])
def test_boosted_trees_on_words_stay_at_chance(rule: str) -> None:
    scores = tree_scores([simulated(rule, num_seqs=4000, seed=seed) for seed in range(20)])
    error = scores.std() / np.sqrt(scores.size)
    assert abs(scores.mean() - 0.5) < 4 * error, scores
    assert error < 0.005


@pytest.mark.slow
def test_boosted_trees_see_an_order_whose_strands_give_it_away() -> None:
    """Why order puts both motifs on one strand; and the trees are able to see such a thing."""
    motifs = [md.load("consensus_vertebrates")[name] for name in ("POU2F1", "CEBPA")]
    recipes = [
        grammar.order(motifs, strand="both", sampling="best", num_seqs=4000, seed=seed)
        for seed in range(3)
    ]
    scores = tree_scores([simulate_recipe(recipe) for recipe in recipes])
    assert scores.min() > 0.52, scores
