"""References: the sequences that an explanation compares with."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqpro import as_codes, k_shuffle

logger = logging.getLogger(__name__)


def shuffled_references(
    seqs: Any, n_references: int, *, k: int = 2, rng: int | np.random.Generator | None = None
) -> NDArray[np.uint8]:
    """Shuffle each sequence several times, keeping how often each word of k letters occurs.

    A sequence that can only be shuffled into itself, such as a run of one letter, is counted in a
    logged warning: nothing stands out against itself.

    Parameters
    ----------
    seqs
        Sequences of shape (n, length), in any container of `seqpro.as_codes`.
    n_references
        Shuffles of each sequence.
    k
        Length of the words whose counts are kept: 2 for dinucleotides.
    rng
        Seed, generator or None.

    Returns
    -------
    uint8 array of ASCII codes, shape (n, n_references, length)

    Raises
    ------
    ValueError
        If `n_references` or `k` is less than 1, or `seqs` is not of shape (n, length).

    Examples
    --------
    >>> references = shuffled_references(["AACCGGTT"], 3, rng=0)
    >>> references.shape, sorted(references[0, 0].tobytes().decode())
    ((1, 3, 8), ['A', 'A', 'C', 'C', 'G', 'G', 'T', 'T'])
    """
    codes = as_codes(seqs)
    if codes.ndim != 2 or n_references < 1:
        msg = (
            "seqs must have shape (n, length) and n_references be at least 1; "
            f"found shape {codes.shape} and n_references={n_references}"
        )
        raise ValueError(msg)
    references = k_shuffle(np.repeat(codes[:, None], n_references, axis=1), k, rng=rng)
    unchanged = (references == codes[:, None]).all(axis=(1, 2)).sum()
    if unchanged:
        logger.warning(
            "%d of %d sequences are equal to all their %d shuffles (k=%d); a smaller k changes more",
            unchanged,
            len(codes),
            n_references,
            k,
        )
    return references
