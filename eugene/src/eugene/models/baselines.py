"""Models without a network, to stand beside every network's score."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

import seqpro as sp
from eugene.models.card import Card
from eugene.models.model import ALPHABETS, Model

if TYPE_CHECKING:
    import xarray as xr

    from seqexplainer.predictor import Predictor

_PENALTIES = np.logspace(-1, 5, 13)


class Baseline(Model):
    """A model that is fitted in one go, without a network.

    Its constructor takes the card and what `arrays` gives, so that it is saved and loaded like a network.
    """

    DEFAULTS: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    """Settings that a user may give, and what they are otherwise."""

    @classmethod
    def config_for(
        cls,
        data: xr.Dataset,  # noqa: ARG003 - for models that ask the data
        targets: tuple[str, ...],  # noqa: ARG003
        given: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Give the config of a model of some data: what the user gave, and defaults for the rest."""
        return {**cls.DEFAULTS, **given}

    @classmethod
    @abstractmethod
    def fit_rows(
        cls,
        card: Card,
        codes: NDArray[np.uint8],
        targets: NDArray[np.float32],
        validation: tuple[NDArray[np.uint8], NDArray[np.float32]],
    ) -> Self:
        """Fit to sequences (n, length) and targets (n, targets), with as much again for choices."""


class KmerLinear(Baseline):
    """Linear model of k-mer counts: ridge regression, or logistic regression for classes.

    Counts of all 1- to `longest`-mers, of both strands together if both mean the same, are standardised
    on the training rows. The penalty is chosen from 0.1 to 100,000: among 13 values by leave-one-out
    error for ridge (the exact closed form), among 5 on the validation rows for logistic regression.

    Parameters
    ----------
    card
        What the model takes and gives; its config has ``longest``.
    weights
        Weight of each standardised count, shape (targets, k-mers).
    intercept
        Shape (targets,).
    center, scale
        Mean and standard deviation of each count, shape (k-mers,).
    """

    DEFAULTS = MappingProxyType({"longest": 4})

    def __init__(
        self,
        card: Card,
        *,
        weights: NDArray[np.float64],
        intercept: NDArray[np.float64],
        center: NDArray[np.float64],
        scale: NDArray[np.float64],
    ) -> None:
        super().__init__(card)
        self.weights, self.intercept, self.center, self.scale = weights, intercept, center, scale

    @property
    def name(self) -> str:
        """What it is for its task."""
        is_ridge = self.card.task == "regression"
        return "k-mer ridge" if is_ridge else "k-mer logistic regression"

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
            Its config decides which k-mers are counted.
        codes
            Training sequences, ASCII codes, shape (n, length).
        targets
            Shape (n, targets); NaN rows are left out target by target.
        validation
            Sequences and targets that choose the penalty of a logistic regression.
        """
        counts = kmer_counts(codes, card)
        center, scale = counts.mean(axis=0), counts.std(axis=0)
        scale[scale == 0] = 1
        scaled = (counts - center) / scale
        held_out = (kmer_counts(validation[0], card) - center) / scale
        fit_one = _fit_ridge if card.task == "regression" else _fit_logistic
        fitted = [
            fit_one(scaled, targets[:, t], held_out, validation[1][:, t])
            for t in range(targets.shape[1])
        ]
        weights = np.stack([weight for weight, _ in fitted])
        intercept = np.array([constant for _, constant in fitted])
        return cls(card, weights=weights, intercept=intercept, center=center, scale=scale)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Give weights, intercept, center and scale."""
        names = ("weights", "intercept", "center", "scale")
        return {name: np.asarray(getattr(self, name)) for name in names}

    def predictor(self) -> Predictor:
        """Give the model as explanation methods take it."""
        return self._outputs

    def _outputs(self, codes: NDArray[np.uint8], /) -> NDArray[np.float64]:
        scaled = (kmer_counts(codes, self.card) - self.center) / self.scale
        return scaled @ self.weights.T + self.intercept


def kmer_counts(codes: NDArray[np.uint8], card: Card) -> NDArray[np.float64]:
    """Count the 1- to `longest`-mers of sequences, of both strands together if the card says so.

    Parameters
    ----------
    codes
        ASCII codes, shape (n, length).
    card
        Of a model whose config has ``longest``.

    Returns
    -------
    float64 array, shape (n, k-mers): 1-mers first, k-mers of a length in the order of the alphabet

    Raises
    ------
    ValueError
        If ``longest`` is no whole number of at least 1.

    Examples
    --------
    >>> card = Card("kmer_linear", {"longest": 1}, "seq", 4, "DNA", ("y",), "regression", (0.0,), (1.0,),
    ...             False, None, 0)
    >>> kmer_counts(np.frombuffer(b"GATA", np.uint8)[None], card)
    array([[2., 0., 1., 1.]])
    """
    longest = (card.config or {}).get("longest", KmerLinear.DEFAULTS["longest"])
    if not isinstance(longest, int) or longest < 1:
        msg = f"longest must be a whole number of at least 1; found {longest!r}"
        raise ValueError(msg)
    alphabet = ALPHABETS[card.alphabet]
    strands = [codes, sp.reverse_complement(codes, alphabet)] if card.both_strands else [codes]
    tables = [
        sum(sp.count_kmers(strand, k, alphabet).astype(np.float64) for strand in strands)
        for k in range(1, longest + 1)
    ]
    return np.concatenate(tables, axis=1)


def _fit_ridge(
    counts: NDArray[np.float64], target: NDArray[np.float32], *_: Any
) -> tuple[NDArray[np.float64], float]:
    from sklearn.linear_model import RidgeCV

    known = ~np.isnan(target)
    model = RidgeCV(alphas=_PENALTIES).fit(counts[known], target[known].astype(np.float64))
    return np.asarray(model.coef_), float(model.intercept_)


def _fit_logistic(
    counts: NDArray[np.float64],
    target: NDArray[np.float32],
    held_out: NDArray[np.float64],
    held_target: NDArray[np.float32],
) -> tuple[NDArray[np.float64], float]:
    from sklearn.linear_model import LogisticRegression

    from eugene.metrics import auroc

    known, judged = ~np.isnan(target), ~np.isnan(held_target)
    best: tuple[float, NDArray[np.float64], float] | None = None
    for penalty in _PENALTIES[::3]:
        model = LogisticRegression(C=1 / penalty, max_iter=1000)
        model.fit(counts[known], target[known])
        weights, constant = np.asarray(model.coef_[0]), float(model.intercept_[0])
        score = float(auroc(held_target[judged], (held_out @ weights + constant)[judged]))
        if best is None or score > best[0]:
            best = (score, weights, constant)
    assert best is not None
    return best[1], best[2]
