"""Mutations: at random, and every single one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqpro import _kernels
from seqpro.alphabet import UNKNOWN, Alphabet, Case, require_alphabet
from seqpro.checks import as_array, choice, real_number, shown, whole_number
from seqpro.clean import read_rows
from seqpro.containers import BLOCK, Block, Rows, copy_block, rows_of, same_size
from seqpro.content import count_classes
from seqpro.parallel import run_blocks
from seqpro.ragged import Ragged
from seqpro.sample import RandomState, draw_seed, row_numbers

_TOGETHER = 256  # mutants that iteration makes at a time
_TABLE = 1 << 14  # lines of the table of edits that a thread makes at a time


def mutate(
    seqs: Any,
    alphabet: Alphabet,
    *,
    rate: float | None = None,
    number: int | None = None,
    rng: RandomState = None,
    rows: ArrayLike | None = None,
    case: Case = "fold",
    ohe_axis: int | None = None,
) -> Any:
    """Replace letters at random by other letters of the alphabet, all equally likely.

    Letters outside the alphabet stay. A replacement has the case of the letter before it, so that
    soft-masked stretches remain so. Exactly one of `rate` and `number` is given.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`, or a one-hot array if
        `ohe_axis` is given.
    alphabet
        The letters, two or more.
    rate
        Probability, 0 to 1, that a known letter is replaced, independently of the others.
    number
        Letters to replace in each sequence, at as many different positions; every set of known
        positions is equally likely.
    rng
        Seed, generator or None. A row depends on the seed and its number only.
    rows
        Number of each sequence, shape (n,), where they are a part of more; 0, 1, 2 ... by default.
    case
        ``"fold"``: lower case counts as upper case; ``"strict"``: lower case is unknown and stays.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    array of the input's shape: ``S1`` for text, uint8 for ASCII codes, one-hot as it came; a `Ragged`
    for a `Ragged`

    Raises
    ------
    ValueError
        If both or none of `rate` and `number` are given or one is out of range, if a sequence has fewer
        than `number` known letters, or if the alphabet has one letter only.

    Notes
    -----
    A rate is met to within 2**-53.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.mutate("AAAAaaaaNN", sp.DNA, number=3, rng=1).tobytes()
    b'AATAaagcNN'
    >>> sp.mutate("ACGT", sp.DNA, rate=0).tobytes()
    b'ACGT'
    """
    choice(case, "case", ("fold", "strict"))
    letters = _replacements(require_alphabet(alphabet), case)
    columns = alphabet.index_table(case)
    sequences = rows_of(seqs, alphabet=alphabet, ohe_axis=ohe_axis)
    kernel, amount = _amount(rate, number)
    numbers = row_numbers(rows, len(sequences))
    seed = draw_seed(rng)

    def work(first: int, block: Block, target: NDArray[np.uint8]) -> None:
        keys = numbers[first : first + block.sizes.size]
        short = kernel(*block, columns, letters, amount, seed, keys, target)
        if short >= 0:
            msg = (
                f"seqs must have {number} known letters to mutate or more; found fewer in sequence "
                f"{first + short} of {block.sizes[short]} letters"
            )
            raise ValueError(msg)

    return sequences.map(work)


def single_mutants(
    seqs: Any, alphabet: Alphabet, *, case: Case = "fold", ohe_axis: int | None = None
) -> SingleMutants:
    """Give every sequence that differs from one of `seqs` in a single known letter, made when asked for.

    There are ``letters - 1`` of them for each known letter; unknown letters are never replaced. They
    come in order of sequence, position and the alphabet's letters.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`, or a one-hot array if
        `ohe_axis` is given. They are read again whenever mutants are asked for, so they must not change
        meanwhile.
    alphabet
        The letters, two or more.
    case
        ``"fold"``: lower case counts as upper case, and a replacement has the case of the letter before
        it; ``"strict"``: lower case is unknown.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    SingleMutants, a sequence of mutants that holds none of them

    Raises
    ------
    ValueError
        If lengths differ and `seqs` is no `Ragged`, or if the alphabet has one letter only.

    Examples
    --------
    >>> import seqpro as sp
    >>> mutants = sp.single_mutants(["AC", "NG"], sp.DNA)
    >>> len(mutants), mutants[0].tobytes(), [row.tobytes() for row in mutants[5:7]]
    (9, b'CC', [b'AT', b'NA'])
    >>> edits = mutants.edits(slice(5, 7))
    >>> edits.row.tolist(), edits.position.tolist(), edits.reference, edits.alternative
    ([0, 1], [1, 1], array([b'C', b'G'], dtype='|S1'), array([b'T', b'A'], dtype='|S1'))
    """
    choice(case, "case", ("fold", "strict"))
    letters = _replacements(require_alphabet(alphabet), case)
    rows = rows_of(seqs, alphabet=alphabet, ohe_axis=ohe_axis)
    if not isinstance(seqs, Ragged):
        rows.one_length()
    return SingleMutants(rows, letters, alphabet.index_table(case))


@dataclass(frozen=True, eq=False)
class Edits:
    """Which letter each mutant has in place of which, as columns of a table.

    Parameters
    ----------
    row
        Number of the sequence, int64, shape (n,); other axes of sequences are counted through.
    position
        0-based position of the letter, int64, shape (n,).
    reference, alternative
        The letter before and after, ``S1``, shape (n,).

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.single_mutants("AC", sp.DNA).edits().alternative.tobytes()
    b'CGTAGT'
    """

    row: NDArray[np.int64]
    position: NDArray[np.int64]
    reference: NDArray[np.bytes_]
    alternative: NDArray[np.bytes_]


class SingleMutants:
    """All single mutants of some sequences; `single_mutants` makes it.

    ``len()`` counts them, a whole number gives one mutant, and a slice, an array of numbers or a boolean
    mask gives several, shape (n, length), in the kind of the sequences: ``S1`` for text, uint8 for ASCII
    codes, one-hot as it came; a `Ragged` for a `Ragged`. Beside the sequences themselves it holds one
    number for each of them.

    Parameters
    ----------
    rows
        The sequences.
    letters
        Replacement of every byte for each column, shape (256, letters).
    columns
        Column of every byte, shape (256,).

    Examples
    --------
    >>> import seqpro as sp
    >>> mutants = sp.single_mutants("AC", sp.DNA)
    >>> mutants
    SingleMutants(6 mutants of 1 sequence)
    >>> [batch.shape for batch in mutants.batches(4)]
    [(4, 2), (2, 2)]
    """

    def __init__(self, rows: Rows, letters: NDArray[np.uint8], columns: NDArray[np.uint8]) -> None:
        self._rows, self._letters, self._columns = rows, letters, columns
        self._others = letters.shape[1] - 1
        known = count_classes(rows, np.where(columns == UNKNOWN, columns, 0), 1)[:, 0]
        self._bounds = np.zeros(len(rows) + 1, np.int64)  # first mutant of each sequence
        np.cumsum(known * self._others, out=self._bounds[1:])

    def __len__(self) -> int:
        return int(self._bounds[-1])

    def __repr__(self) -> str:
        n = len(self._rows)
        return f"SingleMutants({len(self)} mutants of {n} sequence{'s' * (n != 1)})"

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (mutant for batch in self.batches(_TOGETHER) for mutant in batch)

    def __getitem__(self, index: Any) -> Any:
        numbers = self._numbers(index)
        chosen = self._chosen(numbers)

        def work(first: int, block: Block, target: NDArray[np.uint8]) -> None:
            part = _slice(numbers, first, first + block.sizes.size)
            places, _, codes = self._changes(part, self._sources(part), block)
            copy_block(block, target)
            target[np.cumsum(block.sizes) - block.sizes + places] = codes

        made = chosen.map(work)
        return made[0] if isinstance(index, int | np.integer) else made

    def batches(self, size: int) -> Iterator[Any]:
        """Give the mutants in order, `size` at a time; the last batch may have fewer."""
        size = whole_number(size, "size", low=1)
        return (self[start : start + size] for start in range(0, len(self), size))

    def edits(self, index: Any = slice(None)) -> Edits:
        """Say what the mutants of an index, all by default, change, without making them.

        Parameters
        ----------
        index
            As for the mutants themselves; a whole number gives columns of one entry.
        """
        numbers = self._numbers(index)
        n = len(numbers)
        row, position = np.empty(n, np.int64), np.empty(n, np.int64)
        reference, alternative = np.empty(n, np.uint8), np.empty(n, np.uint8)

        def work(a: int, b: int) -> None:
            part = _slice(numbers, a, b)
            row[a:b] = self._sources(part)
            block = read_rows(self._rows, row[a:b])
            position[a:b], reference[a:b], alternative[a:b] = self._changes(part, row[a:b], block)

        run_blocks(work, n, block=self._together(numbers))
        return Edits(row, position, reference.view("S1"), alternative.view("S1"))

    def _numbers(self, index: Any) -> range | NDArray[np.int64]:
        if isinstance(index, slice):
            return range(len(self))[index]
        numbers = as_array(index, "index")
        if numbers.dtype == np.bool_ and numbers.shape == (len(self),):
            return np.flatnonzero(numbers)
        if numbers.ndim > 1 or (numbers.size and numbers.dtype.kind not in "iu"):
            msg = (
                f"an index must be a whole number, a slice, an array of numbers or a mask of {len(self)} "
                f"mutants; found {numbers.dtype} of shape {numbers.shape}"
            )
            raise TypeError(msg)
        numbers = np.atleast_1d(numbers).astype(np.int64)
        outside = (numbers < -len(self)) | (numbers >= len(self))
        if outside.any():
            msg = f"an index must lie within the {len(self)} mutants; found {numbers[outside][0]}"
            raise IndexError(msg)
        return numbers % max(1, len(self))

    def _chosen(self, numbers: range | NDArray[np.int64]) -> Rows:
        """Give the sequences that mutants come from as rows, one for each mutant."""
        rows, n = self._rows, len(numbers)
        sizes = same_size(rows.length or 0, n)
        if rows.length is None:
            sizes = rows.sizes[self._sources(_slice(numbers, 0, n))]
        return replace(
            rows,
            shape=(n,),
            sizes=sizes,
            length=rows.length if n else rows.length or 0,
            read=lambda a, b: read_rows(rows, self._sources(_slice(numbers, a, b))),
        )

    def _sources(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the row that each mutant comes from."""
        return np.searchsorted(self._bounds, numbers, side="right") - 1

    def _together(self, numbers: range | NDArray[np.int64]) -> int:
        """Give how many mutants may be looked at together, so that few positions need be read."""
        mean = max(1, int(self._bounds[-1]) // max(1, len(self._rows)))
        apart = min(abs(numbers.step), mean) if isinstance(numbers, range) else mean
        return min(_TABLE, max(1, BLOCK * self._others // apart))

    def _changes(
        self, numbers: NDArray[np.int64], row: NDArray[np.int64], block: Block
    ) -> tuple[NDArray[Any], ...]:
        """Give position, letter before and letter after of mutants; `block` are their sequences."""
        places, pick = np.divmod(numbers - self._bounds[row], self._others)
        known = (self._bounds[row + 1] - self._bounds[row]) // self._others
        if (known < block.sizes).any():
            ordinals = places
            places = np.empty_like(ordinals)
            _kernels.modify.known_places(*block, self._columns, ordinals, places)
        before = block.values[block.starts + places]
        pick += pick >= self._columns[before]
        return places, before, self._letters[before, pick]


def _slice(numbers: range | NDArray[np.int64], start: int, stop: int) -> NDArray[np.int64]:
    part = numbers[start:stop]
    return np.arange(part.start, part.stop, part.step) if isinstance(part, range) else part


def _amount(rate: float | None, number: int | None) -> tuple[Any, Any]:
    """Give the kernel and how much it is to mutate."""
    if (rate is None) == (number is None):
        found = "neither" if rate is None else f"rate={shown(rate)} and number={shown(number)}"
        msg = f"exactly one of rate and number must be given; found {found}"
        raise ValueError(msg)
    if rate is not None:
        rate = real_number(rate, "rate", low=0, high=1)
        return _kernels.random.mutate_rate, np.uint64(round(float(rate) * 2**53))
    return _kernels.random.mutate_number, whole_number(number, "number", low=0)


@lru_cache(maxsize=64)
def _replacements(alphabet: Alphabet, case: Case) -> NDArray[np.uint8]:
    """Give the letter of each column that takes the place of every byte, shape (256, letters)."""
    if len(alphabet) < 2:
        msg = f"alphabet must have two letters or more to mutate; found {alphabet.letters}"
        raise ValueError(msg)
    columns = alphabet.index_table(case)
    table = np.tile(alphabet.codes, (256, 1))
    for code in np.flatnonzero(columns != UNKNOWN):
        letter = chr(code)
        if letter in alphabet.letters:
            continue
        for column, other in enumerate(alphabet.letters):
            twin = other.lower() if letter.islower() else other.upper()
            if columns[ord(twin)] == column:
                table[code, column] = ord(twin)
    table.flags.writeable = False
    return table
