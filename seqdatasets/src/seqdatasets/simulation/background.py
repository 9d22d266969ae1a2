"""Backgrounds: the letters that are there before anything is planted.

A background answers ``letters(seed, rows, length)`` with ASCII codes of shape (n, length), a row depending
on the seed and its number only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

import seqpro as sp
from seqdata import GenomeFASTA
from seqdata.provenance import file_entry
from seqdatasets.simulation.forms import recipe_object
from seqdatasets.simulation.quantity import Quantity
from seqdatasets.simulation.streams import stream, uniforms
from seqpro.checks import shown, whole_number
from seqpro.sample import MarkovChain, fit_markov

_UPPER = np.frombuffer(bytes(range(256)).upper(), np.uint8)
_MOST_WINDOWS = 1000  # tries at a window of known letters only


class Background(Protocol):
    """What draws the letters that are there before anything is planted."""

    def letters(
        self, seed: int, rows: NDArray[np.int64], length: int
    ) -> NDArray[np.uint8]:  # pragma: no cover
        """Draw ASCII codes for the rows of some numbers, shape (n, length)."""


@recipe_object
@dataclass(frozen=True)
class Independent:
    """Letters that do not depend on each other.

    Parameters
    ----------
    weights
        Probability of A, C, G and T, summing to 1.

    Raises
    ------
    ValueError
        If `weights` are not four probabilities that sum to 1 within 1e-6.

    Examples
    --------
    >>> Independent((0, 1, 0, 0)).letters(0, np.arange(1), 3).tobytes()
    b'CCC'
    """

    weights: tuple[float, ...] = (0.27, 0.23, 0.23, 0.27)

    def __post_init__(self) -> None:
        try:
            weights = tuple(float(weight) for weight in self.weights)
        except (TypeError, ValueError):
            weights = ()
        if len(weights) != 4 or not min(weights) >= 0 or not abs(sum(weights) - 1) <= 1e-6:
            msg = (
                "background_dist must be four probabilities, of A, C, G and T, that sum to 1; found "
                f"{shown(self.weights)}{f', sum {sum(weights):g}' if weights else ''}. "
                "Divide each by their sum"
            )
            raise ValueError(msg)
        object.__setattr__(self, "weights", weights)

    def letters(self, seed: int, rows: NDArray[np.int64], length: int) -> NDArray[np.uint8]:
        """Draw ASCII codes for the rows of some numbers, shape (n, length)."""
        shape = (rows.size, length)
        drawn = sp.random_seqs(shape, sp.DNA, weights=self.weights, rng=seed, rows=rows)
        return drawn.view(np.uint8)


@recipe_object
@dataclass(frozen=True)
class Markov:
    """Letters that depend on the `order` letters before them.

    Parameters
    ----------
    order
        How many letters the next one depends on.
    initial
        Probability of each k-mer of `order` letters at the beginning, as in `seqpro.sample.MarkovChain`.
    transitions
        Probability of A, C, G and T after each k-mer, one tuple a k-mer.

    Raises
    ------
    ValueError
        If the numbers are no probabilities or do not fit `order`.

    Examples
    --------
    >>> background = Markov.fit(["ACACACACAC"], order=1, pseudocount=0)
    >>> bool(set(background.letters(0, np.arange(1), 6).tobytes()) == set(b"AC"))
    True
    """

    order: int
    initial: tuple[float, ...]
    transitions: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        self._chain()

    @classmethod
    def fit(cls, seqs: Any, *, order: int, pseudocount: float = 1.0) -> Markov:
        """Fit the chain to sequences, as `seqpro.fit_markov` does.

        Examples
        --------
        >>> Markov.fit(["AACC"], order=0, pseudocount=0).transitions
        ((0.5, 0.5, 0.0, 0.0),)
        """
        chain = fit_markov(seqs, order, sp.DNA, pseudocount=pseudocount)
        transitions = tuple(map(tuple, chain.transitions.tolist()))
        return cls(order, tuple(chain.initial.tolist()), transitions)

    def _chain(self) -> MarkovChain:
        return MarkovChain(
            sp.DNA, self.order, np.array(self.initial), np.array(self.transitions, ndmin=2)
        )

    def letters(self, seed: int, rows: NDArray[np.int64], length: int) -> NDArray[np.uint8]:
        """Draw ASCII codes for the rows of some numbers, shape (n, length)."""
        shape = (rows.size, length)
        drawn = sp.random_seqs(shape, sp.DNA, markov=self._chain(), rng=seed, rows=rows)
        return drawn.view(np.uint8)


@recipe_object
@dataclass(frozen=True)
class GCMatched:
    """Independent letters whose share of G and C differs from row to row, as it does in given sequences.

    Parameters
    ----------
    percent
        The law of the share of G and C, in whole percent.

    Raises
    ------
    ValueError
        If a share is above 100 percent.

    Examples
    --------
    >>> GCMatched.of(["GGGG", "AAAA"]).percent.values
    (0, 100)
    """

    percent: Quantity

    def __post_init__(self) -> None:
        whole_number(self.percent.most, "percent of G and C", low=0, high=100)

    @classmethod
    def of(cls, seqs: Any) -> GCMatched:
        """Take the shares of G and C from sequences in any container of `seqpro`.

        Examples
        --------
        >>> GCMatched.of(["ACGT"]).percent.values
        (50,)
        """
        shares = np.asarray(sp.gc_content(seqs), np.float64).ravel()
        counts = np.bincount(np.rint(100 * shares[np.isfinite(shares)]).astype(np.int64))
        found = np.flatnonzero(counts)
        weights = counts[found] / counts.sum()
        return cls(Quantity(tuple(found.tolist()), tuple(weights.tolist())))

    def letters(self, seed: int, rows: NDArray[np.int64], length: int) -> NDArray[np.uint8]:
        """Draw ASCII codes for the rows of some numbers, shape (n, length)."""
        draws = (uniforms(stream(seed, "percent"), rows)[:, 0] * 2.0**53).astype(np.uint64)
        drawn = np.searchsorted(self.percent.thresholds(), draws, side="right")
        out = np.empty((rows.size, length), np.uint8)
        for i, percent in enumerate(self.percent.values):
            chosen = drawn == i
            if chosen.any():
                shape = (int(chosen.sum()), length)
                part = sp.random_seqs(shape, sp.DNA, gc=percent / 100, rng=seed, rows=rows[chosen])
                out[chosen] = part.view(np.uint8)
        return out


@recipe_object
@dataclass(frozen=True)
class ShuffledGenome:
    r"""Windows of a genome from random places, their letters shuffled but the counts of k-lets kept.

    Windows with a letter other than A, C, G and T are not taken; every other window is equally likely.
    Where rows have several lengths, a row is the beginning of a shuffled window.

    Parameters
    ----------
    fasta
        Path of the genome's FASTA file. The JSON form keeps its name only.
    k
        Length of the words whose counts are kept; 0 leaves windows as they are.
    sha256
        Hash of the file, by which a stored recipe knows it again; empty takes that of the file as it is.

    Raises
    ------
    ValueError
        If the file is another than the hash says, or has no window of known letters.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "g.fa"); _ = path.write_text(">c\nAAAACCCC\n")
    >>> sorted(ShuffledGenome(str(path), k=1).letters(0, np.arange(1), 8).tobytes().decode())
    ['A', 'A', 'A', 'A', 'C', 'C', 'C', 'C']
    """

    fasta: str = field(metadata={"is_file": True})
    k: int = 2
    sha256: str = ""

    def __post_init__(self) -> None:
        whole_number(self.k, "k", low=0)
        found = file_entry(self.fasta)["sha256"]
        if self.sha256 and found != self.sha256:
            msg = (
                f"{self.fasta} must be the file of the recipe, sha256 {self.sha256}; found {found}. "
                "Put that file in its place"
            )
            raise ValueError(msg)
        object.__setattr__(self, "fasta", str(self.fasta))
        object.__setattr__(self, "sha256", found)

    def letters(self, seed: int, rows: NDArray[np.int64], length: int) -> NDArray[np.uint8]:
        """Draw ASCII codes for the rows of some numbers, shape (n, length)."""
        out = np.empty((rows.size, length), np.uint8)
        waiting = np.arange(rows.size)
        for attempt in range(_MOST_WINDOWS):
            out[waiting] = self._windows(stream(seed, "window", attempt), rows[waiting], length)
            known = np.isin(out[waiting], sp.DNA.codes).all(axis=1)
            waiting = waiting[~known]
            if not waiting.size:
                break
        else:
            msg = (
                f"{self.fasta} must have windows of {length} known letters; {_MOST_WINDOWS} random ones "
                "all held others. Make sequences shorter"
            )
            raise ValueError(msg)
        if not self.k:
            return out
        shuffled = sp.k_shuffle(out, self.k, rng=stream(seed, "shuffle"), rows=rows)
        return np.asarray(shuffled).view(np.uint8)

    def _windows(self, seed: int, rows: NDArray[np.int64], length: int) -> NDArray[np.uint8]:
        """Read a window for each row, all starts of all contigs being equally likely."""
        reader = _genome(self.fasta, self.sha256)
        names = list(reader.contigs())
        numbers = np.maximum(0, np.array(list(reader.contigs().values())) - length + 1)
        ends = np.cumsum(numbers)
        if not ends.size or not ends[-1]:
            msg = f"{self.fasta} must have a contig of at least {length} bp; found none"
            raise ValueError(msg)
        places = (uniforms(seed, rows)[:, 0] * ends[-1]).astype(np.int64)
        contig = np.searchsorted(ends, places, side="right")
        starts = places - (ends - numbers)[contig]
        out = np.empty(rows.size * length, np.uint8)
        for i in np.unique(contig).tolist():
            chosen = np.flatnonzero(contig == i)
            chosen = chosen[np.argsort(starts[chosen], kind="stable")]
            first = starts[chosen]
            reader.read(names[i], first, first + length, out, chosen * length)
        return _UPPER[out].reshape(rows.size, length)


@lru_cache(maxsize=4)
def _genome(fasta: str, sha256: str) -> GenomeFASTA:  # noqa: ARG001 - another file is another entry
    return GenomeFASTA(Path(fasta))


def independent(background_dist: ArrayLike) -> Independent:
    """Give the background of four probabilities in any container.

    Examples
    --------
    >>> independent(np.array([0.25] * 4)).weights
    (0.25, 0.25, 0.25, 0.25)
    """
    array = np.asarray(background_dist, dtype=object).ravel()
    return Independent(tuple(array.tolist()))
