"""Sites that a scan finds: the search behind every scan, and the table it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motifdata import _kernels
from motifdata._layout import FlatSequences, ScoreStack, Strands, flatten, stack_scores
from motifdata.motifset import Motifs, MotifSet, as_motifset
from motifdata.qvalues import qvalues_of_groups
from motifdata.scores import BIN, check_pvalue, null_distributions
from seqpro.parallel import run_blocks

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 1 << 21
"""Positions that are indexed at a time, which bounds memory."""

_MOST_WORDS = 1 << 20  # words an index tells apart


@dataclass(frozen=True, eq=False)
class Hits:
    """Sites, sorted by row, start, motif and strand, and how many windows were looked at.

    Parameters
    ----------
    row, motif
        Numbers of sequence and motif, shape (hits,).
    start, end
        0-based half-open on the sequence's forward strand, shape (hits,).
    minus
        Whether the site is on the minus strand, shape (hits,).
    score
        Bits, shape (hits,).
    pvalue
        Probability that one random window scores as high, shape (hits,).
    windows
        Windows of known letters that were looked at for each motif, each strand counted, shape (motifs,).

    Examples
    --------
    >>> from motifdata.motif import Motif
    >>> search = Search.of(Motif.from_consensus("TGACTCA", id="AP1"), 1e-3, None, 1e-3, "both")
    >>> hits = search.find(["CCTGACTCACC", "NNNNNNNNN"])
    >>> hits.start.tolist(), hits.windows.tolist()
    ([2], [10])
    """

    row: NDArray[np.int64]
    motif: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    minus: NDArray[np.bool_]
    score: NDArray[np.float64]
    pvalue: NDArray[np.float64]
    windows: NDArray[np.int64]

    @classmethod
    def join(cls, parts: list[Hits], first_rows: list[int]) -> Hits:
        """Join the hits of parts of the sequences; `first_rows` says where each part's rows begin.

        Examples
        --------
        >>> from motifdata.motif import Motif
        >>> search = Search.of(Motif.from_consensus("TGACTCA", id="AP1"), 1e-3, None, 1e-3, "both")
        >>> parts = [search.find(["TGACTCA"]), search.find(["", "TGACTCA"])]
        >>> Hits.join(parts, [0, 1]).row.tolist()
        [0, 2]
        """
        rows = [part.row + first for part, first in zip(parts, first_rows, strict=True)]
        columns = ("motif", "start", "end", "minus", "score", "pvalue")
        joined = {name: np.concatenate([getattr(p, name) for p in parts]) for name in columns}
        windows = np.stack([part.windows for part in parts]).sum(axis=0)
        return cls(row=np.concatenate(rows), **joined, windows=windows)

    def columns(self, ids: list[str]) -> dict[str, NDArray[Any]]:
        """Give the columns of the table of sites, by name.

        Examples
        --------
        >>> from motifdata.motif import Motif
        >>> search = Search.of(Motif.from_consensus("TGACTCA", id="AP1"), 1e-3, None, 1e-3, "both")
        >>> list(search.find(["TGACTCA"]).columns(["AP1"]))
        ['row', 'motif', 'start', 'end', 'strand', 'score', 'pvalue', 'qvalue']
        """
        return {
            "row": self.row,
            "motif": np.array(ids, dtype=object)[self.motif],
            "start": self.start,
            "end": self.end,
            "strand": np.array(["+", "-"], dtype=object)[self.minus.astype(np.intp)],
            "score": self.score,
            "pvalue": self.pvalue,
            "qvalue": qvalues_of_groups(self.pvalue, self.motif, self.windows),
        }


@dataclass(frozen=True, eq=False)
class Search:
    """Motifs made ready to be looked for: score matrices, and the lowest score that is rare enough.

    Parameters
    ----------
    motifs
        The motifs.
    stack
        Their score matrices.
    thresholds
        Least score of a site for each matrix, in bins, shape (matrices,).
    tails
        P-values from there on, bin by bin, one matrix after the other, shape (bins,).
    firsts
        Where each matrix's p-values begin, shape (matrices,).

    Examples
    --------
    >>> from motifdata.motif import Motif
    >>> search = Search.of(Motif("m", [[1, 0, 0, 0], [0, 1, 0, 0]]), 0.1, None, 1e-3, "+")
    >>> search.tails[search.firsts[0]], search.tails[-1]
    (np.float64(0.0625), np.float64(0.0625))
    """

    motifs: MotifSet
    stack: ScoreStack
    thresholds: NDArray[np.int64]
    tails: NDArray[np.float64]
    firsts: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        motifs: Motifs,
        pvalue: float,
        background: ArrayLike | None,
        pseudocount: float,
        strands: Strands,
    ) -> Search:
        """Make motifs ready; the arguments are those of `motifdata.scan`."""
        check_pvalue(pvalue)
        motifset = as_motifset(motifs)
        stack = stack_scores(motifset, background, pseudocount, strands)
        thresholds, tails = _rare_scores(stack, motifset, pvalue)
        sizes = np.array([tail.size for tail in tails], dtype=np.int64)
        joined = np.concatenate([np.empty(0), *tails])
        return cls(motifset, stack, thresholds, joined, np.cumsum(sizes) - sizes)

    def find(self, seqs: Any, *, ohe_axis: int | None = None) -> Hits:
        """Find all sites in sequences, as `motifdata.scan` takes them."""
        stack = self.stack
        flat = flatten(
            seqs, self.motifs.alphabet, margin=stack.matrices.shape[1], ohe_axis=ohe_axis
        )
        site, matrix, score = _find(flat, stack, self.thresholds)
        order = np.argsort(site * max(1, stack.lengths.size) + matrix)
        site, matrix, score = site[order], matrix[order], score[order]
        row = np.searchsorted(flat.places, site, side="right") - 1
        start = site - flat.places[row]
        return Hits(
            row=row.astype(np.int64),
            motif=stack.motif[matrix],
            start=start,
            end=start + stack.lengths[matrix],
            minus=stack.minus[matrix],
            score=score * np.float64(BIN),
            pvalue=self.tails[self.firsts[matrix] + score - self.thresholds[matrix]],
            windows=self._windows(flat),
        )

    def _windows(self, flat: FlatSequences) -> NDArray[np.int64]:
        """Windows of known letters for each motif, on the strands asked for."""
        unknown = np.flatnonzero(flat.letters == len(self.motifs.alphabet))
        runs = np.diff(unknown, prepend=-1, append=flat.letters.size) - 1
        sizes, numbers = np.unique(runs, return_counts=True)
        lengths, place = np.unique(self.stack.lengths, return_inverse=True)
        by_length = np.array(
            [(np.maximum(sizes - length + 1, 0) * numbers).sum() for length in lengths.tolist()],
            dtype=np.int64,
        )
        windows = np.zeros(len(self.motifs), np.int64)
        np.add.at(windows, self.stack.motif, by_length[place])
        return windows


def table_of(columns: dict[str, NDArray[Any]]) -> pd.DataFrame:
    """Give columns as a table, those of objects as text.

    Examples
    --------
    >>> table_of({"motif": np.array(["a"], dtype=object), "start": np.array([3])})
      motif  start
    0     a      3
    """
    import pandas as pd

    return pd.DataFrame(
        {
            key: pd.Series(v, dtype="str" if v.dtype == object else v.dtype)
            for key, v in columns.items()
        }
    )


def _rare_scores(
    stack: ScoreStack, motifs: MotifSet, pvalue: float
) -> tuple[NDArray[np.int64], list[NDArray[np.float64]]]:
    """Give each matrix's lowest score as rare as `pvalue`, and the p-values from there on."""
    shared = 1  # neighbouring matrices with one distribution: both strands, where they look alike
    if motifs.alphabet.has_complement and stack.lengths.size > len(motifs):
        complement = stack.background[motifs.alphabet.complement_columns()]
        shared = 2 if np.array_equal(complement, stack.background) else 1
    matrices = [stack.matrix(i) for i in range(0, stack.lengths.size, shared)]
    thresholds, tails = [], []
    for lowest, tail in null_distributions(matrices, stack.background):
        rare = int(np.searchsorted(tail[::-1], pvalue, side="right"))
        thresholds += [lowest + tail.size - rare] * shared
        tails += [tail[tail.size - rare :]] * shared
    return np.array(thresholds, dtype=np.int64), tails


def _find(
    flat: FlatSequences, stack: ScoreStack, thresholds: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    """Places in the flat array, numbers of matrices and scores of all sites, in no order."""
    letters, margin = stack.matrices.shape[2] - 1, stack.matrices.shape[1]
    inside = flat.letters.size - 2 * margin
    parts = []
    if stack.lengths.size:
        k = word_length(letters, min(_MOST_WORDS, max(letters, inside)))
        k = min(k, margin)
        for begin in range(0, inside, CHUNK):
            size = min(CHUNK, inside - begin)
            chunk = flat.letters[begin : begin + size + 2 * margin]
            parts += _find_in_chunk(chunk, k, (margin, margin + size), stack, thresholds, begin)
    nothing = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int32))
    site, matrix, score = zip(nothing, *parts, strict=True)
    return np.concatenate(site), np.concatenate(matrix), np.concatenate(score)


def _find_in_chunk(
    chunk: NDArray[np.uint8],
    k: int,
    window: tuple[int, int],
    stack: ScoreStack,
    thresholds: NDArray[np.int64],
    begin: int,
) -> list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]]:
    letters = stack.matrices.shape[2] - 1
    offsets = np.empty(letters**k + 1, np.int32)
    words, positions = np.empty((2, chunk.size), np.int32)
    _kernels.scan.index_words(chunk, letters, k, offsets, words, positions)
    find_sites = _kernels.scan.find_sites
    parts = []

    def work(a: int, b: int) -> None:
        matrices, lengths = stack.matrices[a:b], stack.lengths[a:b]
        site, score, numbers = find_sites(
            chunk, window, k, offsets, positions, matrices, lengths, thresholds[a:b]
        )
        parts.append((site + begin, np.repeat(np.arange(a, b), numbers), score))

    run_blocks(work, stack.lengths.size, block=16)
    return parts


def word_length(letters: int, most: int) -> int:
    """Give the longest word of which there are at most `most`, at least 1.

    Examples
    --------
    >>> word_length(4, 4096)
    6
    """
    k = 1
    while 1 < letters ** (k + 1) <= most:
        k += 1
    return k
