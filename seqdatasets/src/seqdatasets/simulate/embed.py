"""Planting motifs: where they go, on which strand, and which letters they bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from motifdata import Motif
from seqpro import reverse_complement

Strand = Literal["both", "forward"]

_MOST_ROUNDS = 10_000


@dataclass(frozen=True)
class Embeddings:
    """Planted motifs, one entry each, sorted by row and start.

    Parameters
    ----------
    row
        Position of the sequence.
    motif
        Position of the motif in the list of motifs.
    start, end
        0-based half-open interval in the sequence.
    reverse
        Whether the motif stands on the reverse strand.
    letters
        What was planted, as read on the forward strand.
    """

    row: NDArray[np.int64]
    motif: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    reverse: NDArray[np.bool_]
    letters: list[bytes]


def embed(
    background: NDArray[np.uint8],
    motifs: Sequence[Motif],
    present: NDArray[np.bool_],
    *,
    strand: Strand,
    rng: np.random.Generator,
) -> tuple[NDArray[np.uint8], Embeddings]:
    """Plant motifs into background sequences.

    Each motif's letters are drawn from its probabilities. All arrangements in which the motifs of a
    sequence do not overlap are equally likely.

    Parameters
    ----------
    background
        ASCII codes, shape (n, length); not changed.
    motifs
        What can be planted.
    present
        Which motif goes into which sequence, shape (n, motifs).
    strand
        ``"both"``: each motif on a random strand; ``"forward"``: all on the forward one.
    rng
        Generator.

    Returns
    -------
    The sequences, shape (n, length), and the table of what was planted

    Raises
    ------
    ValueError
        If a motif is longer than the sequences, planted or not, or if the motifs of a sequence do not
        fit, or hardly fit, into its length.

    Examples
    --------
    >>> import motifdata as md, numpy as np
    >>> motif = md.Motif("m", np.eye(4))
    >>> background = np.full((1, 4), 65, np.uint8)
    >>> rng = np.random.default_rng(0)
    >>> codes, table = embed(background, [motif], np.ones((1, 1), bool), strand="forward", rng=rng)
    >>> codes.tobytes(), table.start.tolist()
    (b'ACGT', [0])
    """
    length = background.shape[1]
    widths = np.array([len(motif) for motif in motifs])
    if widths.max(initial=0) > length:
        longest = motifs[int(widths.argmax())]
        msg = (
            f"motifs must fit into seq_length={length}; found {longest.id!r} of {len(longest)} bp. "
            "Make sequences longer, or leave it out"
        )
        raise ValueError(msg)
    starts = _arrange(present, widths, length, rng)
    row, motif = np.nonzero(present)
    start = starts[row, motif]
    reverse = rng.random(row.size) < (0.5 if strand == "both" else 0.0)
    codes = background.copy()
    letters: list[bytes] = [b""] * row.size
    for m, chosen in enumerate(motifs):
        entries = np.flatnonzero(motif == m)
        sites = chosen.sample(entries.size, rng=rng).view(np.uint8)
        turned = reverse_complement(sites, chosen.alphabet, mask=reverse[entries])
        places = start[entries][:, None] + np.arange(widths[m])
        codes[row[entries][:, None], places] = turned
        for entry, site in zip(entries, turned, strict=True):
            letters[entry] = site.tobytes()
    order = np.lexsort((start, row))
    table = Embeddings(
        row[order],
        motif[order],
        start[order],
        (start + widths[motif])[order],
        reverse[order],
        [letters[i] for i in order],
    )
    return codes, table


def _arrange(
    present: NDArray[np.bool_], widths: NDArray[np.int64], length: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw starts for all motifs at once, again and again where they overlap (rejection sampling)."""
    most = int((present @ widths).max(initial=0))
    if most > length:
        msg = (
            f"the motifs of a sequence take up to {most} bp and do not fit into seq_length={length}"
        )
        raise ValueError(msg)
    starts = np.zeros(present.shape, np.int64)
    waiting = np.flatnonzero(present.any(axis=1))
    for _ in range(_MOST_ROUNDS):
        if not waiting.size:
            return starts
        drawn = rng.integers(0, length - widths + 1, (waiting.size, widths.size))
        starts[waiting] = drawn
        waiting = waiting[_overlaps(drawn, widths, present[waiting])]
    msg = (
        f"the motifs of a sequence (up to {most} bp) found no room in seq_length={length} after "
        f"{_MOST_ROUNDS} tries; make sequences longer or plant fewer motifs"
    )
    raise ValueError(msg)


def _overlaps(
    starts: NDArray[np.int64], widths: NDArray[np.int64], present: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    far = np.iinfo(np.int64).max // 2
    where = np.where(present, starts, far)
    order = np.argsort(where, axis=1)
    ordered = np.take_along_axis(where, order, axis=1)
    ends = ordered + widths[order]
    return np.asarray((ordered[:, 1:] < np.minimum(ends[:, :-1], far)).any(axis=1))
