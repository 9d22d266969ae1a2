"""A recipe as kernels read it: tables of numbers, made once and used for every block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import seqpro as sp
from motifdata import Motif, score_threshold
from motifdata.motif import PSEUDOCOUNT
from motifdata.scores import BIN, integer_scores
from seqdatasets import _kernels
from seqdatasets.simulation.embed import Embed, Embedder, Pair
from seqdatasets.simulation.position import Anywhere, Central, FixedStart, Normal, OutsideCentral
from seqdatasets.simulation.quantity import Quantity, cumulative
from seqdatasets.simulation.recipe import Recipe, room_of

CHANCE_PVALUE = 1e-4
"""Highest p-value of a chance hit: of one window on one strand, letters being equally likely."""

_STRANDS = {"both": 0, "forward": 1, "composite": 2, "same": 3}
_SAMPLINGS = {"pwm": 0, "best": 1}


@dataclass(frozen=True, eq=False)
class Plan:
    """What the kernels need to know of a recipe.

    Parameters
    ----------
    recipe
        The recipe.
    quota
        Arms, each as often as its weight says, shape (weights,).
    bounds
        Where each arm's embedders begin in `steps`, shape (arms + 1,).
    steps
        Every embedder, shape (embedders,), of the type `_kernels.place.STEP`.
    laws, values
        Cumulative probabilities and values of every law, one after the other.
    choices
        Motifs to choose from, of all embedders.
    widths
        Positions of each motif, shape (motifs,).
    thresholds
        Cumulative probabilities of the motifs' letters, shape (motifs, longest, 4).
    scores
        Log-odds of the motifs' letters, bits, shape (motifs, longest, 4).
    is_causal
        Which motifs decide, shape (motifs,).
    most
        Elements that a sequence holds at most.
    sites
        What finds chance hits.
    """

    recipe: Recipe
    quota: NDArray[np.int64]
    bounds: NDArray[np.int64]
    steps: NDArray[Any]
    laws: NDArray[np.uint64]
    values: NDArray[np.int64]
    choices: NDArray[np.int64]
    widths: NDArray[np.int64]
    thresholds: NDArray[np.uint64]
    scores: NDArray[np.float64]
    is_causal: NDArray[np.bool_]
    most: int
    sites: ChanceSites


@dataclass(frozen=True, eq=False)
class ChanceSites:
    """Score matrices of the causal motifs on both strands, as the kernel that finds chance hits reads them.

    Parameters
    ----------
    words
        For every word of a few letters: which matrices it can be the core of, a bit each, shape
        (groups, words).
    matrices
        Whole scores, shape (matrices, longest, 5), the last column for unknown letters.
    widths
        Positions of each matrix, shape (matrices,).
    limits
        Least score of a hit, shape (matrices,).
    cores
        Where the core begins in each matrix, shape (matrices,).
    """

    words: NDArray[np.uint64]
    matrices: NDArray[np.int32]
    widths: NDArray[np.int64]
    limits: NDArray[np.int64]
    cores: NDArray[np.int64]


class _Tables:
    """Collects what several embedders share: laws and choices."""

    def __init__(self) -> None:
        self.laws: list[NDArray[np.uint64]] = []
        self.values: list[int] = []
        self.choices: list[int] = []

    def law(self, quantity: Quantity) -> int:
        """Add a law; give the place where it begins."""
        place = len(self.values)
        self.laws.append(quantity.thresholds())
        self.values += quantity.values
        return place

    def choice(self, motifs: Sequence[int]) -> tuple[int, int]:
        """Add motifs to choose from; give the range of places."""
        place = len(self.choices)
        self.choices += motifs
        return place, len(self.choices)


def plan_of(recipe: Recipe) -> Plan:
    """Turn a recipe into tables.

    Examples
    --------
    >>> import motifdata as md
    >>> from seqdatasets.simulation import grammar
    >>> recipe = grammar.multi_label(list(md.load("consensus_yeast"))[:2])
    >>> plan_of(recipe).widths.tolist()
    [13, 6]
    """
    tables = _Tables()
    motifs = recipe.motifs
    number = {motif.id: i for i, motif in enumerate(motifs)}
    widths = {motif.id: len(motif) for motif in motifs}
    embedders = [step for arm in recipe.arms for step in arm.embedders]
    steps = np.zeros(len(embedders), _kernels.place.STEP)
    for i, embedder in enumerate(embedders):
        steps[i] = _step(embedder, number, widths, tables)
    sizes = [len(arm.embedders) for arm in recipe.arms]
    causal = set(recipe.causal)
    most = max(sum(step.most for step in arm.embedders) for arm in recipe.arms)
    return Plan(
        recipe=recipe,
        quota=np.repeat(np.arange(len(sizes)), [arm.weight for arm in recipe.arms]),
        bounds=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        steps=steps,
        laws=np.concatenate([np.empty(0, np.uint64), *tables.laws]),
        values=np.array(tables.values, np.int64),
        choices=np.array(tables.choices, np.int64),
        widths=np.array([len(motif) for motif in motifs], np.int64),
        thresholds=cumulative(_stacked([motif.probabilities for motif in motifs], 0.25)),
        scores=_stacked([motif.log_odds() for motif in motifs], 0.0),
        is_causal=np.array([motif.id in causal for motif in motifs]),
        most=most,
        sites=chance_sites([motif for motif in motifs if motif.id in causal]),
    )


def _step(
    step: Embedder, number: dict[str, int], widths: dict[str, int], tables: _Tables
) -> tuple[Any, ...]:
    """Give one embedder as an entry of the table, in the order of its fields."""
    motifs = [number[motif] for motif in step.motifs]
    kind, a, b = _position(step)
    if isinstance(step, Pair):
        slots, choices, partner, gap = 0, motifs[:1], motifs[1], tables.law(step.gap)
    else:
        slots, choices, partner, gap = step.room, motifs, -1, 0
    return (
        tables.law(step.quantity),
        slots,
        *tables.choice(choices),
        partner,
        gap,
        room_of(step, widths),
        _STRANDS[step.strand],
        kind,
        a,
        b,
        isinstance(step, Embed) and step.is_scrambled,
        _SAMPLINGS[step.sampling],
        -np.inf if step.min_score is None else step.min_score,
    )


def _position(step: Embedder) -> tuple[int, float, float]:
    law = step.position
    if isinstance(law, Anywhere):
        return 0, 0.0, 0.0
    if isinstance(law, Central):
        return 1, law.width, 0.0
    if isinstance(law, OutsideCentral):
        return 2, law.width, 0.0
    if isinstance(law, Normal):
        return 3, law.deviation, law.offset
    assert isinstance(law, FixedStart)
    return 4, law.start, 0.0


def _stacked(matrices: list[NDArray[np.float64]], filler: float) -> NDArray[np.float64]:
    """Put matrices of unequal length into one array, shape (n, longest, 4)."""
    out = np.full((len(matrices), max(map(len, matrices)), 4), filler)
    for i, matrix in enumerate(matrices):
        out[i, : len(matrix)] = matrix
    return out


def chance_sites(motifs: Sequence[Motif]) -> ChanceSites:
    """Prepare the search for sites as rare as 1e-4, as `motifdata.scan` finds them with its defaults.

    A motif too short or too vague to have such rare sites has none.

    Examples
    --------
    >>> import motifdata as md
    >>> chance_sites([md.Motif.from_consensus("TGACTCAT", id="m")]).widths.tolist()
    [8, 8]
    """
    lowest = [score_threshold(motif, CHANCE_PVALUE) for motif in motifs]
    found = [
        (m, round(limit / BIN))
        for m, limit in zip(motifs, lowest, strict=True)
        if np.isfinite(limit)
    ]
    both = [
        (scores, limit)
        for motif, limit in found
        for forward in [integer_scores(motif, None, PSEUDOCOUNT)]
        for scores in (forward, forward[::-1, sp.DNA.complement_columns()])
    ]
    longest = max((len(scores) for scores, _ in both), default=1)
    matrices = np.full((len(both), longest, 5), -(1 << 24), np.int32)
    letters = _kernels.chance.WORD
    words = np.zeros((-(-len(both) // 64), 4**letters), np.uint64)
    cores = np.zeros(len(both), np.int64)
    for i, (scores, limit) in enumerate(both):
        matrices[i, : len(scores), :4] = scores
        cores[i], can = _core(scores, limit, letters)
        words[i // 64] |= can.astype(np.uint64) << np.uint64(i % 64)
    widths = np.array([len(scores) for scores, _ in both], np.int64)
    limits = np.array([limit for _, limit in both], np.int64)
    return ChanceSites(words, matrices, widths, limits, cores)


def _core(scores: NDArray[np.int32], limit: int, letters: int) -> tuple[int, NDArray[np.bool_]]:
    """Find the neighbouring positions that tell most, and the words there that can be part of a hit."""
    best = scores.max(axis=1)
    tells = np.convolve(best - scores.mean(axis=1), np.ones(letters), mode="valid")
    core = int(tells.argmax())
    totals = np.zeros(1, np.int64)
    for row in scores[core : core + letters]:
        totals = (totals[:, None] + row).ravel()
    rest = int(best.sum() - best[core : core + letters].sum())
    return core, totals + rest >= limit
