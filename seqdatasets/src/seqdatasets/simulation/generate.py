"""The one call that generates sequences, labels and truth for the three standard rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

import xarray as xr
from numpy.typing import ArrayLike

import motifdata as md
from motifdata import Motif, MotifSet
from seqdata.store import StorePath
from seqdatasets.simulation import grammar
from seqdatasets.simulation.background import Background, Independent, independent
from seqdatasets.simulation.embed import Sampling, Strand
from seqdatasets.simulation.grammar.single import PresenceLogic
from seqdatasets.simulation.quantity import Quantity
from seqdatasets.simulation.recipe import Recipe, check_motifs
from seqdatasets.simulation.rules import DistFrom
from seqdatasets.simulation.run import simulate_recipe
from seqpro.checks import choice, shown, whole_number

GenType = Literal["presence", "order", "distance"]

_RULES: dict[str, Callable[..., Recipe]] = {
    "presence": grammar.presence,
    "order": grammar.order,
    "distance": grammar.distance,
}
MOTIFS = ("POU2F1", "CEBPA")
"""What is planted unless told otherwise."""


def simulate(
    *,
    num_seqs: int = 10_000,
    seq_length: int | Quantity = 200,
    gen_type: GenType | None = None,
    background_dist: ArrayLike | None = None,
    motifs: Sequence[str | Motif] = MOTIFS,
    pos_motifs: Sequence[str] | None = None,
    min_dist: int | None = None,
    max_dist: int | None = None,
    motif_set: str | MotifSet = "consensus_vertebrates",
    background: Background | None = None,
    logic: PresenceLogic | None = None,
    count: int | None = None,
    dist_from: DistFrom | None = None,
    negatives: str | None = None,
    distractor_rate: float = 0.5,
    pos_fraction: float = 0.5,
    strand: Strand = "both",
    sampling: Sampling = "pwm",
    min_score: float | None = None,
    scrub: bool = False,
    seed: int = 0,
    out: StorePath | None = None,
    overwrite: bool = False,
) -> xr.Dataset:
    """Generate labelled DNA sequences whose rule is known.

    Letters are drawn, then motifs are planted into them without overlaps, their letters drawn from their
    probabilities. What does not decide the label has one law in both classes. Other rules are in
    `seqdatasets.grammar`, and `simulate_recipe` generates what any recipe says.

    Parameters
    ----------
    num_seqs
        Number of sequences.
    seq_length
        Length of each, bp, or the law of it.
    gen_type
        The rule. ``"presence"``: a sequence is positive if one of `pos_motifs` is planted in it.
        ``"order"``: if the first of two is upstream of the second. ``"distance"``: if the two are from
        `min_dist` to `max_dist` apart. None is distance where a distance is given, else presence.
    background_dist
        Probability of A, C, G and T before motifs are planted; sums to 1. None takes 0.27, 0.23, 0.23, 0.27.
    motifs
        What is planted: names in `motif_set`, or motifs. Those not in `pos_motifs` are distractors.
    pos_motifs
        Names of the motifs that decide: any number for presence, exactly two for order and distance. None
        takes the first of `motifs`, or the first two.
    min_dist, max_dist
        For distance: distances of positives, bp, both included; 5 to 15 by default.
    motif_set
        Where names are looked up: a `MotifSet`, or the name of a set that `motifdata.load` knows.
    background
        What draws the letters, in place of `background_dist`, such as `seqdatasets.simulation.Markov`.
    logic, count
        For presence: ``"any"`` (default), ``"all"``, ``"none"``, or ``"count"`` for `count` sites; see
        `seqdatasets.grammar.presence`.
    dist_from
        For distance: ``"edge"`` (default) measures from the end of the upstream motif to the start of the
        other, ``"start"`` from start to start, ``"center"`` from middle to middle.
    negatives
        For presence ``"background"`` (default) or ``"shuffled"``; for distance ``"uniform"`` (default),
        ``"far"``, ``"near"`` or ``"both"``; see `seqdatasets.grammar`.
    distractor_rate
        Share of the sequences that each distractor is planted in, the same in both classes.
    pos_fraction
        Share of positives.
    strand
        ``"both"``: each motif on a random strand; ``"forward"``: all on the forward one. For order, the
        two that decide share their strand; see `seqdatasets.grammar.order`.
    sampling
        ``"pwm"``: letters drawn from the motifs; ``"best"``: their likeliest letters.
    min_score
        Least log-odds score of what is drawn, bits; None takes it as it comes.
    scrub
        Whether backgrounds are drawn anew, in both classes, until they hold no chance hit of a deciding
        motif. ``chance_hit`` and ``chance_hit_rate`` say what is there either way.
    seed
        Decides everything that is random.
    out
        Store to write, block by block; None keeps the data in memory.
    overwrite
        Whether a store at `out` may be replaced.

    Returns
    -------
    Dataset as `simulate_recipe` gives it: ``seq`` (_sequence, _length), ``label`` (int8), the truth as
    masks and as the table ``embedding_*``; for presence also ``label_{id}`` for each motif

    Raises
    ------
    ValueError
        If an argument does not fit, or belongs to another rule; the message names it.
    FileExistsError
        If `out` exists and `overwrite` is False.

    Examples
    --------
    >>> data = simulate(num_seqs=4, seq_length=50, seed=1)
    >>> int(data["label"].values.sum()), data["seq"].shape
    (2, (4, 50))
    >>> data = simulate(gen_type="distance", num_seqs=100, min_dist=3, max_dist=6)
    >>> sorted(set(data["gap"].values[data["label"].values == 1].tolist()))
    [3, 4, 5, 6]
    """
    if gen_type is None:
        gen_type = "presence" if min_dist is None and max_dist is None else "distance"
    choice(gen_type, "gen_type", get_args(GenType))
    choice(strand, "strand", get_args(Strand))
    options: dict[str, dict[str, Any]] = {
        "presence": {"logic": logic, "count": count, "negatives": negatives},
        "order": {},
        "distance": {
            "min_dist": min_dist,
            "max_dist": max_dist,
            "dist_from": dist_from,
            "negatives": negatives,
        },
    }
    _check_belongs(options, gen_type)
    chosen = _choose(motifs, motif_set)
    if pos_motifs is None:
        pos_motifs = [motif.id for motif in chosen[: 1 if gen_type == "presence" else 2]]
    if background is not None and background_dist is not None:
        msg = "background and background_dist must not both be given; leave one of them out"
        raise ValueError(msg)
    if background is None:
        background = Independent() if background_dist is None else independent(background_dist)
    whole_number(num_seqs, "num_seqs", low=1)
    recipe = _RULES[gen_type](
        chosen,
        pos_motifs,
        **{name: value for name, value in options[gen_type].items() if value is not None},
        distractor_rate=distractor_rate,
        pos_fraction=pos_fraction,
        strand="same" if gen_type == "order" and strand == "both" else strand,
        sampling=sampling,
        min_score=min_score,
        num_seqs=num_seqs,
        seq_length=seq_length,
        background=background,
        scrub=scrub,
        seed=seed,
    )
    return simulate_recipe(recipe, out=out, overwrite=overwrite)


def _check_belongs(options: dict[str, dict[str, Any]], gen_type: str) -> None:
    """Refuse options that are given but belong to other rules."""
    for rule, belonging in options.items():
        for name, value in belonging.items():
            if value is not None and name not in options[gen_type]:
                msg = f"{name} is for gen_type={rule!r}; found it with {gen_type!r}. Leave it out"
                raise ValueError(msg)


def _choose(motifs: Sequence[str | Motif], motif_set: str | MotifSet) -> list[Motif]:
    if isinstance(motifs, str | Motif) or not len(motifs):
        msg = f"motifs must be a list of at least one name or motif; found {shown(motifs)}"
        raise ValueError(msg)
    known = md.load(motif_set) if isinstance(motif_set, str) else motif_set
    chosen = [motif if isinstance(motif, Motif) else known[motif] for motif in motifs]
    check_motifs(tuple(chosen))
    return chosen
