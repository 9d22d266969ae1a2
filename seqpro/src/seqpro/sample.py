"""Random sequences, of independent letters or by a Markov chain."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqpro import _kernels
from seqpro.alphabet import Alphabet, Case, require_alphabet
from seqpro.checks import as_array, real_number, shown, size_of_axis
from seqpro.containers import Block, as_rows, rows_of
from seqpro.parallel import run_blocks

RandomState: TypeAlias = int | np.integer | np.random.Generator | None

_BLOCK = 1 << 16  # letters a thread draws at a time
_GUIDE = 1 << 10  # values of a draw's highest bits that are looked up
_ENTRIES = 1 << 21  # largest table of transitions: 16 MiB
_TOLERANCE = 1e-6  # how far a sum of probabilities may be from 1


def random_seqs(
    shape: int | tuple[int, ...],
    alphabet: Alphabet,
    *,
    weights: ArrayLike | None = None,
    gc: float | None = None,
    markov: MarkovChain | None = None,
    rng: RandomState = None,
    rows: ArrayLike | None = None,
) -> NDArray[np.bytes_]:
    """Draw sequences of independent letters, or of letters that depend on those before them.

    At most one of `weights`, `gc` and `markov` says how likely letters are; without any, all letters
    are equally likely.

    Parameters
    ----------
    shape
        Shape of the result, (..., length).
    alphabet
        The letters.
    weights
        Probability of each letter, in the alphabet's order, shape (letters,), summing to 1.
    gc
        Probability, 0 to 1, that a letter is G or C, which are equally likely, and so are the other
        two. For alphabets of A, C, G and T or U.
    markov
        Chain over the same letters, such as `fit_markov` gives.
    rng
        Seed, generator or None. A row depends on the seed and its number only.
    rows
        Number of each sequence, shape (n,), where they are a part of more; 0, 1, 2 ... by default.

    Returns
    -------
    ``S1`` array of `shape`

    Raises
    ------
    ValueError
        If `weights` has another length, a negative entry, or a sum that is not 1 within 1e-6; if `gc`
        is no probability or the alphabet has other letters; if the chain has; if two of them are given.

    Notes
    -----
    Letters are drawn with 53 random bits: a probability is met to within 2**-53.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.random_seqs((2, 5), sp.DNA, weights=[0, 0.5, 0.5, 0], rng=1).tolist()
    [[b'C', b'C', b'G', b'G', b'C'], [b'C', b'C', b'G', b'G', b'C']]
    >>> round(float(sp.gc_content(sp.random_seqs(100_000, sp.DNA, gc=0.7, rng=1))), 2)
    0.7
    """
    sizes = shape if isinstance(shape, tuple | list) else (shape,)
    shape = tuple(size_of_axis(size, "shape") for size in sizes)
    given = [n for n, v in (("weights", weights), ("gc", gc), ("markov", markov)) if v is not None]
    if len(given) > 1:
        msg = f"at most one of weights, gc and markov may be given; found {' and '.join(given)}"
        raise ValueError(msg)
    letters = require_alphabet(alphabet).codes
    out = np.empty(shape, np.uint8)
    table = as_rows(out) if shape else out.reshape(1, 1)
    numbers = row_numbers(rows, len(table))
    arguments: tuple[Any, ...]
    if markov is None:
        chances = _chances(alphabet, weights, gc)
        draw, arguments = _kernels.random.sample, _guided(tuple(chances.tolist()))
    else:
        draw, arguments = _kernels.random.sample_chain, _chained(alphabet, markov)
    seed = draw_seed(rng)
    run_blocks(
        lambda a, b: draw(letters, *arguments, seed, numbers[a:b], table[a:b]),
        len(table),
        block=max(1, _BLOCK // max(1, table.shape[1])),
    )
    return out.view("S1")


@dataclass(frozen=True, eq=False)
class MarkovChain:
    """Letters that depend on the `order` letters before them.

    Parameters
    ----------
    alphabet
        The letters.
    order
        How many letters the next one depends on; 0 for none.
    initial
        Probability of each k-mer of `order` letters at the beginning of a sequence, shape
        (letters ** order,): the first letter counts most, so that of order 2 in DNA the k-mers are AA,
        AC, AG, AT, CA ...
    transitions
        Probability of each letter after each k-mer, shape (letters ** order, letters).

    Raises
    ------
    ValueError
        If shapes do not fit, probabilities are negative or do not sum to 1 within 1e-6, or the table
        of transitions has more than 2**21 entries.

    Examples
    --------
    >>> import seqpro as sp
    >>> letters = sp.Alphabet("two letters", "AB")
    >>> alternating = MarkovChain(letters, 1, initial=[1, 0], transitions=[[0, 1], [1, 0]])
    >>> sp.random_seqs(6, letters, markov=alternating, rng=0).tobytes()
    b'ABABAB'
    """

    alphabet: Alphabet
    order: int
    initial: NDArray[np.float64]
    transitions: NDArray[np.float64]

    def __post_init__(self) -> None:
        contexts = _contexts(self.order, require_alphabet(self.alphabet))
        shapes = {"initial": (contexts,), "transitions": (contexts, len(self.alphabet))}
        for name, shape in shapes.items():
            chances = np.asarray(getattr(self, name), np.float64)
            object.__setattr__(self, name, chances)
            if chances.shape != shape:
                msg = (
                    f"{name} must have shape {shape} for order {self.order}; found {chances.shape}"
                )
                raise ValueError(msg)
            if not _are_probabilities(chances):
                msg = f"{name} must be non-negative numbers that sum to 1 (in each row)"
                raise ValueError(msg)


def fit_markov(
    seqs: Any,
    order: int,
    alphabet: Alphabet,
    *,
    pseudocount: float = 1.0,
    case: Case = "fold",
    ohe_axis: int | None = None,
) -> MarkovChain:
    """Fit a Markov chain to sequences, from which `random_seqs` draws sequences like them.

    Every stretch of ``order + 1`` letters of the alphabet counts once; stretches with an unknown letter
    do not. A chain begins with a k-mer as often as other letters follow it in `seqs`, anywhere in them.

    Parameters
    ----------
    seqs
        Sequences of any lengths in any container of `as_codes`, or a one-hot array if `ohe_axis` is
        given.
    order
        How many letters the next one depends on: 0 keeps the letters' frequencies, 1 those of
        dinucleotides.
    alphabet
        The letters; others are unknown.
    pseudocount
        Added to the count of every word of ``order + 1`` letters. With 0, words that `seqs` lack are
        never drawn, and after a k-mer that nothing follows all letters are equally likely.
    case
        ``"fold"``: lower case counts as upper case; ``"strict"``: lower case is unknown.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    MarkovChain with `initial` of shape (letters ** order,) and `transitions` of shape
    (letters ** order, letters)

    Raises
    ------
    ValueError
        If `order` is negative or needs more than 2**21 transitions, if `pseudocount` is negative, or if
        there is nothing to count and no pseudocount.

    Notes
    -----
    Maximum likelihood given the counts; with a pseudocount of 1, Laplace's rule of succession.

    Examples
    --------
    >>> import seqpro as sp
    >>> chain = sp.fit_markov(["AACC", "CCA"], 1, sp.DNA, pseudocount=0)
    >>> chain.transitions[:2].tolist()  # A: A, C; C: C, C, A
    [[0.5, 0.5, 0.0, 0.0], [0.3333333333333333, 0.6666666666666666, 0.0, 0.0]]
    """
    contexts = _contexts(order, require_alphabet(alphabet))
    pseudocount = real_number(pseudocount, "pseudocount", low=0, high=np.finfo(float).max)
    counts = np.zeros((contexts, len(alphabet)), np.int64)
    columns, lock = alphabet.index_table(case), threading.Lock()
    count = _kernels.random.count_transitions

    def work(_: int, block: Block) -> None:
        with lock:  # blocks are read several at a time and counted one by one
            count(*block, columns, len(alphabet), order, counts)

    rows_of(seqs, alphabet=alphabet, ohe_axis=ohe_axis).run(work)
    transitions: NDArray[np.float64] = counts + np.float64(pseudocount)
    followed = transitions.sum(axis=1)
    if not followed.sum():
        msg = (
            f"seqs must hold {order + 1} letters of {alphabet.name} in a row somewhere to fit a chain of "
            f"order {order} without a pseudocount; found none"
        )
        raise ValueError(msg)
    transitions[followed == 0] = 1
    transitions /= transitions.sum(axis=1, keepdims=True)
    return MarkovChain(alphabet, order, followed / followed.sum(), transitions)


def _contexts(order: int, alphabet: Alphabet) -> int:
    """Give the number of k-mers of `order` letters."""
    width = len(alphabet)
    if (
        not isinstance(order, int | np.integer)
        or not 0 <= order < 64
        or width ** (int(order) + 1) > _ENTRIES
    ):
        most = int(math.log(_ENTRIES, max(width, 2)) + 1e-9) - 1
        msg = f"order must be a whole number, 0 to {most} for {width} letters; found {shown(order)}"
        raise ValueError(msg)
    return width ** int(order)


def _are_probabilities(chances: NDArray[np.float64]) -> bool:
    """Whether numbers are non-negative and sum to 1 along the last axis."""
    return bool((chances >= 0).all() and (abs(chances.sum(axis=-1) - 1) <= _TOLERANCE).all())


def _chances(
    alphabet: Alphabet, weights: ArrayLike | None, gc: float | None
) -> NDArray[np.float64]:
    """Give the probability of each letter."""
    width = len(alphabet)
    chances = np.full(width, 1 / width) if weights is None else as_array(weights, "weights")
    if chances.dtype.kind not in "iuf":
        msg = f"weights must be {width} non-negative numbers that sum to 1; found {shown(weights)}"
        raise ValueError(msg)
    chances = chances.astype(np.float64, copy=False)
    if gc is not None:
        if sorted(alphabet.letters) not in (list("ACGT"), list("ACGU")):
            msg = f"gc needs an alphabet of A, C, G and T or U; found {alphabet.letters}. Pass weights"
            raise ValueError(msg)
        gc = real_number(gc, "gc", low=0, high=1)
        chances = np.array([gc / 2 if c in "GC" else (1 - gc) / 2 for c in alphabet.letters])
    if chances.shape != (width,) or not _are_probabilities(chances):
        msg = (
            f"weights must be {width} non-negative numbers that sum to 1 "
            f"(order {alphabet.letters}); found {shown(weights)}, sum {chances.sum():g}"
        )
        raise ValueError(msg)
    return chances


@lru_cache(maxsize=64)
def _guided(chances: tuple[float, ...]) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Give the thresholds of independent letters, and the guide to them."""
    thresholds = _thresholds(np.array(chances))
    lowest = np.arange(_GUIDE, dtype=np.uint64) * np.uint64(2**53 // _GUIDE)
    return thresholds, np.searchsorted(thresholds, lowest, side="right").astype(np.uint8)


def _chained(alphabet: Alphabet, markov: MarkovChain) -> tuple[Any, ...]:
    """Give what the kernel needs to know of a chain."""
    if not isinstance(markov, MarkovChain):
        msg = f"markov must be a MarkovChain, as seqpro.fit_markov gives; found {type(markov).__name__}"
        raise TypeError(msg)
    if markov.alphabet.letters != alphabet.letters:
        msg = f"markov must be a chain of the letters {alphabet.letters}; found {markov.alphabet.letters}"
        raise ValueError(msg)
    codes = np.arange(markov.initial.size)
    tails = codes % max(1, codes.size // len(alphabet)) * len(alphabet)
    return tails, _thresholds(markov.initial), _thresholds(markov.transitions), int(markov.order)


def _thresholds(chances: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Sum probabilities up along the last axis, on the scale of 2**53."""
    sums = np.cumsum(chances, axis=-1)
    sums *= 2.0**53
    thresholds = np.round(sums, out=sums).astype(np.uint64)
    last = chances.shape[-1] - 1 - (chances[..., ::-1] > 0).argmax(axis=-1)
    beyond = np.arange(chances.shape[-1]) >= last[..., None]
    thresholds[beyond] = 2**53  # rounding must not reach letters of weight 0
    return thresholds


def row_numbers(rows: ArrayLike | None, n: int) -> NDArray[np.uint64]:
    """Give the number of each of n sequences, which with the seed decides its random draws.

    Raises
    ------
    ValueError
        If `rows` is not n whole numbers from 0.

    Examples
    --------
    >>> row_numbers(None, 3).tolist(), row_numbers([7], 1).tolist()
    ([0, 1, 2], [7])
    """
    if rows is None:
        return np.arange(n, dtype=np.uint64)
    numbers = as_array(rows, "rows")
    if numbers.shape != (n,) or (n and (numbers.dtype.kind not in "iu" or numbers.min() < 0)):
        msg = (
            f"rows must be a whole number from 0 for each of the {n} sequences; found "
            f"{numbers.dtype} of shape {numbers.shape}"
        )
        raise ValueError(msg)
    return numbers.astype(np.uint64)


def draw_seed(rng: RandomState) -> np.uint64:
    """Draw the seed of one call from a seed, a generator (which moves on) or fresh entropy.

    Examples
    --------
    >>> int(draw_seed(0)) == int(draw_seed(0)), int(draw_seed(0)) == int(draw_seed(1))
    (True, False)
    """
    is_seed = isinstance(rng, int | np.integer) and not isinstance(rng, bool) and rng >= 0
    if not is_seed and not isinstance(rng, np.random.Generator | None):
        msg = f"rng must be a whole number from 0, a Generator or None; found {shown(rng)}"
        raise ValueError(msg)
    return np.random.default_rng(rng).integers(2**64, dtype=np.uint64)
