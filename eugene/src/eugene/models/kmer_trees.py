"""Trees of k-mer counts: a random forest, and boosted trees."""

from __future__ import annotations

from abc import abstractmethod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from eugene.models.baselines import Baseline, kmer_counts
from eugene.models.card import Card
from eugene.tasks import TASKS

if TYPE_CHECKING:
    from seqexplainer.predictor import Predictor

_ROWS = 512  # rows that go down the trees at a time


class Trees(NamedTuple):
    """Binary trees, their nodes one after the other.

    Examples
    --------
    >>> one_leaf = np.zeros(1, np.int32)
    >>> Trees(one_leaf, np.zeros(1), one_leaf, one_leaf, np.array([0.5]), one_leaf, one_leaf).depth()
    0
    """

    features: NDArray[np.int32]
    """Column that a node looks at, shape (nodes,)."""
    thresholds: NDArray[np.float64]
    """Rows go left where their value is at most this, shape (nodes,)."""
    left: NDArray[np.int32]
    """Node on the left, shape (nodes,); a leaf names itself."""
    right: NDArray[np.int32]
    """Node on the right, shape (nodes,); a leaf names itself."""
    values: NDArray[np.float64]
    """What a node says, shape (nodes,)."""
    roots: NDArray[np.int32]
    """First node of each tree, shape (trees,)."""
    targets: NDArray[np.int32]
    """Target that each tree is for, shape (trees,)."""

    def depth(self) -> int:
        """Give the most steps from a root to a leaf."""
        steps = 0
        inner = self.roots[self.left[self.roots] != self.roots]
        while inner.size:
            below = np.concatenate([self.left[inner], self.right[inner]])
            inner = below[self.left[below] != below]
            steps += 1
        return steps

    def leaf_values(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give what each tree says of each row, shape (n, trees)."""
        found = np.empty((counts.shape[0], self.roots.size))
        features = self.features.astype(np.intp)
        children = np.stack([self.left, self.right], axis=1).astype(np.intp).ravel()
        depth = self.depth()
        for start in range(0, counts.shape[0], _ROWS):
            part = counts[start : start + _ROWS].astype(np.float32)  # as scikit-learn compares
            rows = np.arange(part.shape[0])[:, None] * part.shape[1]
            nodes = np.repeat(self.roots[None].astype(np.intp), part.shape[0], axis=0)
            for _ in range(depth):
                value = part.take(rows + features.take(nodes))
                nodes = children.take(2 * nodes + (value > self.thresholds.take(nodes)))
            found[start : start + _ROWS] = self.values.take(nodes)
        return found


class _KmerTrees(Baseline):
    """What the forest and the boosted trees share."""

    def __init__(self, card: Card, *, offset: NDArray[np.float64], **trees: NDArray[Any]) -> None:
        super().__init__(card)
        self.offset = offset
        self.trees = Trees(**trees)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Give the trees and what is added to them."""
        return {**self.trees._asdict(), "offset": self.offset}

    def predictor(self) -> Predictor:
        """Give the model as explanation methods take it."""
        return self._outputs

    def _outputs(self, codes: NDArray[np.uint8], /) -> NDArray[np.float64]:
        said = self.trees.leaf_values(kmer_counts(codes, self.card))
        which = np.arange(self.offset.size) == self.trees.targets[:, None]  # (trees, targets)
        return self.offset + self._combined(said @ which, which.sum(axis=0))

    @abstractmethod
    def _combined(self, sums: NDArray[np.float64], trees: NDArray[np.int64]) -> NDArray[np.float64]:
        """Turn sums over the trees of each target, (n, targets), into outputs."""


class KmerForest(_KmerTrees):
    """Random forest on k-mer counts.

    Trees of 1- to `longest`-mer counts, of both strands together if both mean the same, each grown on a
    resample of the rows with a random choice of k-mers at every fork.

    Parameters
    ----------
    card
        What the model takes and gives; its config has ``longest``, ``trees``, and ``leaf``, the fewest rows
        of a leaf.
    offset
        Zeros, shape (targets,).
    trees
        The arrays of `Trees`.

    References
    ----------
    Breiman 2001, "Random Forests".
    """

    DEFAULTS = MappingProxyType({"longest": 4, "trees": 200, "leaf": 5})

    @property
    def name(self) -> str:
        """What it is."""
        return "k-mer random forest"

    @classmethod
    def fit_rows(
        cls,
        card: Card,
        codes: NDArray[np.uint8],
        targets: NDArray[np.float32],
        validation: tuple[NDArray[np.uint8], NDArray[np.float32]],  # noqa: ARG003 - makes no choice
    ) -> Self:
        """Fit to sequences and their targets.

        Parameters
        ----------
        card
            Its config decides how many trees grow on which k-mers.
        codes
            Training sequences, ASCII codes, shape (n, length).
        targets
            Shape (n, targets); NaN rows are left out target by target.
        validation
            Not used: a forest makes no choice.
        """
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        is_class = card.task == "binary"
        kind = RandomForestClassifier if is_class else RandomForestRegressor
        counts = kmer_counts(codes, card)
        config = card.config or {}
        grown: list[list[Any]] = []
        for column in targets.T:
            known = _known(column, card)
            model = kind(
                n_estimators=config["trees"],
                min_samples_leaf=config["leaf"],
                max_features="sqrt",
                random_state=card.seed,
                n_jobs=-1,
            ).fit(counts[known], column[known])
            grown.append([tree.tree_ for tree in model.estimators_])
        return cls(card, offset=np.zeros(len(grown)), **_gather(grown, 1.0)._asdict())

    def _combined(self, sums: NDArray[np.float64], trees: NDArray[np.int64]) -> NDArray[np.float64]:
        means = sums / trees
        if self.card.task == "regression":
            return means
        least = 0.5 / trees  # trees that all agree are not certain
        chances = np.clip(means, least, 1 - least)
        return np.asarray(np.log(chances / (1 - chances)))


class KmerBoosting(_KmerTrees):
    """Boosted trees on k-mer counts.

    Small trees of 1- to `longest`-mer counts, of both strands together if both mean the same, each fitted
    to what those before it leave; as many as predict the validation rows best.

    Parameters
    ----------
    card
        What the model takes and gives; its config has ``longest``, ``trees`` (at most), ``depth`` and
        ``rate``, the share of each tree that is taken.
    offset
        What is predicted before the first tree, shape (targets,).
    trees
        The arrays of `Trees`.

    References
    ----------
    Friedman 2002, "Stochastic gradient boosting".
    """

    DEFAULTS = MappingProxyType({"longest": 4, "trees": 300, "depth": 4, "rate": 0.1})

    @property
    def name(self) -> str:
        """What it is."""
        return "k-mer boosted trees"

    @classmethod
    def fit_rows(
        cls,
        card: Card,
        codes: NDArray[np.uint8],
        targets: NDArray[np.float32],
        validation: tuple[NDArray[np.uint8], NDArray[np.float32]],
    ) -> Self:
        """Fit to sequences and their targets.

        Parameters
        ----------
        card
            Its config decides how many trees grow on which k-mers.
        codes
            Training sequences, ASCII codes, shape (n, length).
        targets
            Shape (n, targets); NaN rows are left out target by target.
        validation
            Sequences and targets that choose the number of trees.
        """
        counts, held_out = kmer_counts(codes, card), kmer_counts(validation[0], card)
        grown, offsets = [], []
        for column, judge in zip(targets.T, validation[1].T, strict=True):
            known, judged = _known(column, card), ~np.isnan(judge)
            own = counts[known]
            model = _boosted(card).fit(own, column[known])
            best = _best_count(model, card, held_out[judged], judge[judged])
            trees = [stage[0].tree_ for stage in model.estimators_]
            rate = model.learning_rate
            first = own[:1]
            everything = float(np.ravel(_scores(model, card)(first))[0])
            parts = sum(float(tree.predict(first.astype(np.float32))[0, 0]) for tree in trees)
            grown.append(trees[:best])
            offsets.append(everything - rate * parts)
        return cls(card, offset=np.array(offsets), **_gather(grown, rate)._asdict())

    def _combined(
        self,
        sums: NDArray[np.float64],
        trees: NDArray[np.int64],  # noqa: ARG002 - a sum needs no number
    ) -> NDArray[np.float64]:
        return sums


def _boosted(card: Card) -> Any:
    from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor

    config = card.config or {}
    is_class = card.task == "binary"
    return (GradientBoostingClassifier if is_class else GradientBoostingRegressor)(
        n_estimators=config["trees"],
        max_depth=config["depth"],
        learning_rate=config["rate"],
        subsample=0.5,
        max_features="sqrt",
        random_state=card.seed,
    )


def _scores(model: Any, card: Card) -> Any:
    """Give the function of a boosted model whose values are sums over its trees."""
    return model.decision_function if card.task == "binary" else model.predict


def _best_count(
    model: Any, card: Card, counts: NDArray[np.float64], target: NDArray[np.float32]
) -> int:
    """Give the number of trees with the best score on the validation rows."""
    is_class = card.task == "binary"
    stages = model.staged_decision_function if is_class else model.staged_predict
    task = TASKS[card.task]
    metric = task.metrics[task.main_metric]
    found = [float(metric(target, np.ravel(values))) for values in stages(counts)]
    return int(np.argmax(np.nan_to_num(found, nan=-np.inf))) + 1


def _known(column: NDArray[np.float32], card: Card) -> NDArray[np.bool_]:
    """Tell which rows have a target; refuse classes that are all the same."""
    known = ~np.isnan(column)
    if card.task == "binary" and np.unique(column[known]).size < 2:
        msg = (
            f"targets must hold both classes among the train rows; found only {column[known][:1]}. "
            "Split with stratify="
        )
        raise ValueError(msg)
    return known


def _gather(grown: list[list[Any]], rate: float) -> Trees:
    """Put the trees of all targets behind each other; `rate` scales what they say."""
    trees = [(t, tree) for t, of_target in enumerate(grown) for tree in of_target]
    sizes = [tree.node_count for _, tree in trees]
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32)
    own = np.arange(sum(sizes), dtype=np.int32)
    first = np.repeat(roots, sizes)
    is_leaf = np.concatenate([tree.children_left == -1 for _, tree in trees])
    left = np.concatenate([tree.children_left for _, tree in trees])
    right = np.concatenate([tree.children_right for _, tree in trees])
    return Trees(
        features=np.concatenate([np.maximum(tree.feature, 0) for _, tree in trees]).astype("i4"),
        thresholds=np.concatenate([tree.threshold for _, tree in trees]),
        left=np.where(is_leaf, own, first + left).astype("i4"),
        right=np.where(is_leaf, own, first + right).astype("i4"),
        # the last number of a node: its mean, or the share of the positive class
        values=rate * np.concatenate([tree.value[:, 0, -1] for _, tree in trees]),
        roots=roots,
        targets=np.array([t for t, _ in trees], dtype="i4"),
    )
