"""The rule oracle: the rule of a simulated Dataset itself, as a model. It learns nothing but its scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

import seqpro as sp
from eugene.models.baselines import Baseline
from eugene.models.card import Card
from seqpro.checks import shown

if TYPE_CHECKING:
    import xarray as xr

    from seqexplainer.predictor import Predictor

_ROWS = 4096  # sequences that are scanned at a time


class RuleOracle(Baseline):
    """Says how likely the rule makes a sequence positive, knowing the motifs but not where they are.

    Every place is weighed by the odds that a motif was planted there, from its probabilities and the
    background; the odds of all arrangements that make a positive are compared with those of all that make a
    negative. No model of the letters alone can do much better, so its score is what there is to learn.

    Parameters
    ----------
    card
        What the model takes and gives; its config says what the rule is.
    log_odds
        Bits of each letter at each position of the deciding motifs, 0 past their ends, shape (motifs,
        positions, letters).
    sizes
        Positions of each motif, shape (motifs,).
    slope, intercept
        From the evidence to log-odds, fitted on the training rows; shape (1,).

    Notes
    -----
    For motifs of presence the evidence is the logarithm of the mean odds over places (over sets of k places
    where the rule counts to k), added up over motifs that must all be there. For order and distance it is
    the logarithm of the mean, over pairs of places that fit the rule, of the product of both motifs' odds,
    less the same for the other pairs that do not overlap.
    """

    def __init__(
        self,
        card: Card,
        *,
        log_odds: NDArray[np.float64],
        sizes: NDArray[np.int64],
        slope: NDArray[np.float64],
        intercept: NDArray[np.float64],
    ) -> None:
        super().__init__(card)
        self.log_odds, self.sizes, self.slope, self.intercept = log_odds, sizes, slope, intercept

    @property
    def name(self) -> str:
        """What it is."""
        return "rule oracle"

    @classmethod
    def config_for(
        cls, data: xr.Dataset, targets: tuple[str, ...], given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Read the rule of a target from the recipe that simulated data hold.

        Raises
        ------
        ValueError
            If the data hold no recipe, or the rule is none that the oracle knows.
        """
        from seqdatasets.simulation import recipe_of

        recipe = recipe_of(data)
        if len(targets) != 1 or targets[0] not in recipe.targets:
            msg = (
                f"targets of the rule oracle must be one of {', '.join(recipe.targets)}; "
                f"found {', '.join(targets)}"
            )
            raise ValueError(msg)
        rule = _described(recipe.targets[targets[0]])
        strands = {
            step.strand
            for arm in recipe.arms
            for step in arm.embedders
            if set(step.motifs) & set(rule["motifs"])
        }
        named = {motif.id: motif.probabilities.tolist() for motif in recipe.motifs}
        probabilities = [named[motif] for motif in rule["motifs"]]
        turned = strands != {"forward"}
        return {**rule, "probabilities": probabilities, "reverse_sites": turned, **given}

    @classmethod
    def fit_rows(
        cls,
        card: Card,
        codes: NDArray[np.uint8],
        targets: NDArray[np.float32],
        validation: tuple[NDArray[np.uint8], NDArray[np.float32]],  # noqa: ARG003 - makes no choice
    ) -> Self:
        """Bring the evidence to the scale of log-odds.

        Parameters
        ----------
        card
            Its config holds the rule and the motifs.
        codes
            Training sequences, ASCII codes, shape (n, length), which also give the background.
        targets
            Labels, shape (n, 1); NaN rows are left out.
        validation
            Not used.

        Raises
        ------
        ValueError
            If strands are to be averaged although the rule is the order of motifs.
        """
        from sklearn.linear_model import LogisticRegression

        config = dict(card.config or {})
        if config["rule"] == "order" and card.both_strands:
            msg = "both_strands must be False for the order of motifs, which the other strand turns round"
            raise ValueError(msg)
        log_odds, sizes = _log_odds(config.pop("probabilities"), codes)
        model = cls(
            replace(card, config=config),
            log_odds=log_odds,
            sizes=sizes,
            slope=np.ones(1),
            intercept=np.zeros(1),
        )
        known = ~np.isnan(targets[:, 0])
        evidence = model.evidence(codes[known])
        fitted = LogisticRegression(C=1e6).fit(evidence[:, None], targets[known, 0])
        model.slope, model.intercept = fitted.coef_[0], fitted.intercept_
        return model

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Give log-odds, sizes, slope and intercept."""
        names = ("log_odds", "sizes", "slope", "intercept")
        return {name: np.asarray(getattr(self, name)) for name in names}

    def predictor(self) -> Predictor:
        """Give the model as explanation methods take it."""
        return self._outputs

    def _outputs(self, codes: NDArray[np.uint8], /) -> NDArray[np.float64]:
        return (self.slope * self.evidence(codes) + self.intercept)[:, None]

    def evidence(self, codes: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Give the logarithm of the odds of a positive, but for a constant.

        Parameters
        ----------
        codes
            ASCII codes, shape (n, length).

        Returns
        -------
        float64 array, shape (n,)
        """
        config = self.card.config or {}
        found = []
        for start in range(0, len(codes), _ROWS):
            odds = self._odds(codes[start : start + _ROWS])
            is_pair = config["rule"] != "presence"
            found.append(_pairs(odds, self.sizes, config) if is_pair else _presence(odds, config))
        return np.concatenate(found)

    def _odds(self, codes: NDArray[np.uint8]) -> list[NDArray[np.float64]]:
        """Odds of a site of each motif at each start, (n, starts), over the strands it is planted on."""
        turned = (self.card.config or {})["reverse_sites"]
        found = []
        for log_odds, size in zip(self.log_odds, self.sizes, strict=True):
            forward = log_odds[:size]
            # letters A C G T: the complement of a letter stands at the mirrored place
            strands = [forward, forward[::-1, ::-1]] if turned else [forward]
            found.append(np.mean([_site_odds(codes, strand) for strand in strands], axis=0))
        return found


def _described(rule: Any) -> dict[str, Any]:
    """Say in plain words and numbers what a rule of `seqdatasets.simulate` is."""
    from seqdatasets.simulation import Distance, Flipped, Order, Present

    if isinstance(rule, Flipped):
        return _described(rule.rule)
    if isinstance(rule, Present) and rule.logic != "odd":
        logic, count = rule.logic, rule.at_least
        return {"rule": "presence", "motifs": list(rule.motifs), "logic": logic, "count": count}
    if isinstance(rule, Order):
        return {"rule": "order", "motifs": [rule.first, rule.second]}
    if isinstance(rule, Distance):
        motifs, distances = [rule.first, rule.second], list(rule.distances)
        return {
            "rule": "distance",
            "motifs": motifs,
            "distances": distances,
            "dist_from": rule.dist_from,
        }
    msg = f"the rule oracle knows presence (any, all, none, count), order and distance; found {shown(rule)}"
    raise ValueError(msg)


def _log_odds(
    probabilities: list[Any], codes: NDArray[np.uint8]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give each motif's log-odds against the sequences' own letters, padded to one length."""
    from motifdata import Motif

    counts = sp.count_kmers(codes, 1, sp.DNA).sum(axis=0)
    shares = counts + counts[::-1]  # of both strands
    motifs = [Motif("m", matrix) for matrix in probabilities]
    tables = [motif.log_odds(shares / shares.sum()) for motif in motifs]
    sizes = np.array([len(table) for table in tables])
    padded = np.zeros((len(tables), sizes.max(), len(sp.DNA)))
    for i, table in enumerate(tables):
        padded[i, : len(table)] = table
    return padded, sizes


def _site_odds(codes: NDArray[np.uint8], log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Odds of a site at each start, shape (n, starts); letters outside the alphabet say nothing."""
    starts = codes.shape[1] - len(log_odds) + 1
    bits = np.zeros((codes.shape[0], starts))
    for position, scores in enumerate(log_odds):
        table = np.zeros(256)
        for letter, score in zip(sp.DNA.letters, scores, strict=True):
            table[[ord(letter), ord(letter.lower())]] = score
        bits += table[codes[:, position : position + starts]]
    return np.exp2(bits)


def _presence(odds: list[NDArray[np.float64]], config: Mapping[str, Any]) -> NDArray[np.float64]:
    """Compare sequences that hold the motifs with sequences that hold none."""
    if config["logic"] == "all":
        return np.sum([np.log(of_motif.mean(axis=1)) for of_motif in odds], axis=0)
    places, count = np.concatenate(odds, axis=1), config["count"]
    sets = np.zeros((len(places), count + 1))  # sums over all sets of so many places
    sets[:, 0] = 1
    for place in (places / places.shape[1]).T:
        sets[:, 1:] += sets[:, :-1] * place[:, None]
    evidence = np.log(sets[:, count])
    return -evidence if config["logic"] == "none" else evidence


def _pairs(
    odds: list[NDArray[np.float64]], sizes: NDArray[np.int64], config: Mapping[str, Any]
) -> NDArray[np.float64]:
    """Compare pairs of places that fit the rule with those that do not."""
    first, second = odds
    fits, others = _fitting(first.shape[1], second.shape[1], sizes, config)
    means = [((first @ pairs) * second).sum(axis=1) / pairs.sum() for pairs in (fits, others)]
    return np.asarray(np.log(means[0]) - np.log(means[1]))


def _fitting(
    first: int, second: int, sizes: NDArray[np.int64], config: Mapping[str, Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mark the pairs of starts (first, second) that make a positive, and those that make a negative."""
    a, b = np.arange(first)[:, None], np.arange(second)[None]
    after, before = (
        b - a - sizes[0],
        a - b - sizes[1],
    )  # gaps where the first motif is upstream, or not
    apart = (after >= 0) | (before >= 0)
    if config["rule"] == "order":
        fits = after >= 0
    else:
        distance = {
            "edge": np.maximum(after, before),
            "start": np.abs(b - a),
            "center": np.abs(b + sizes[1] / 2 - a - sizes[0] / 2),
        }[config["dist_from"]]
        low, high = (np.isin(side(distance), config["distances"]) for side in (np.floor, np.ceil))
        fits = apart & low & high
    return fits.astype(float), (apart & ~fits).astype(float)
