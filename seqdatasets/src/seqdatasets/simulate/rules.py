"""Rules that give a sequence its label. One function a rule: which motif goes where, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Plan:
    """What a rule decided for each sequence.

    Parameters
    ----------
    label
        0 or 1, shape (n,).
    present
        Which motif is planted, shape (n, motifs).
    """

    label: NDArray[np.int8]
    present: NDArray[np.bool_]


def presence(
    num_seqs: int,
    is_positive: NDArray[np.bool_],
    *,
    distractor_rate: float,
    rng: np.random.Generator,
) -> Plan:
    """A sequence is positive if one of the positive motifs was planted in it.

    Half of the sequences are positive, in random order. A positive one gets one positive motif, each
    equally often; a negative one gets none. Every other motif is a distractor, planted at one rate in
    both classes.

    Parameters
    ----------
    num_seqs
        Number of sequences.
    is_positive
        Which motifs are positive ones, shape (motifs,).
    distractor_rate
        Share of the sequences that each distractor is planted in.
    rng
        Generator.

    Returns
    -------
    Plan

    Examples
    --------
    >>> plan = presence(4, np.array([True]), distractor_rate=0.0, rng=np.random.default_rng(0))
    >>> int(plan.label.sum()), bool((plan.present[:, 0] == (plan.label == 1)).all())
    (2, True)
    """
    label = rng.permutation(np.arange(num_seqs) % 2).astype(np.int8)
    present = rng.random((num_seqs, is_positive.size)) < distractor_rate
    present[:, is_positive] = False
    chosen = rng.choice(np.flatnonzero(is_positive), num_seqs)
    positive = label == 1
    present[positive, chosen[positive]] = True
    return Plan(label, present)


RULES: dict[str, Callable[..., Plan]] = {"presence": presence}
"""Every rule, by the name that ``gen_type`` takes."""
