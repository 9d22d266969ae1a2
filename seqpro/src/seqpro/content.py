"""What sequences are made of."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from seqpro import _kernels
from seqpro.alphabet import DNA, UNKNOWN, Alphabet, Case, require_alphabet
from seqpro.checks import choice
from seqpro.containers import PAD, Block, Rows, rows_of

By = Literal["length", "valid"]


def gc_content(
    seqs: Any, *, by: By = "length", alphabet: Alphabet = DNA, ohe_axis: int | None = None
) -> NDArray[np.float64]:
    """Give the fraction of G and C in each sequence, in either case.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`, or a one-hot array if
        `ohe_axis` is given.
    by
        What to divide by: ``"length"``, all positions, N and padding included, which is the longest
        sequence's length where lengths differ; ``"valid"``, the letters A, C, G, T and U only.
    alphabet
        Names the columns of a one-hot array; letters need none.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    float64 array, shape (...): between 0 and 1; NaN where there is nothing to divide by

    Raises
    ------
    ValueError
        If `by` is neither.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.gc_content(["GGCA", "NNca"]).tolist(), sp.gc_content(["GGCA", "NNca"], by="valid").tolist()
    ([0.75, 0.25], [0.75, 0.5])
    """
    rows = rows_of(seqs, alphabet=require_alphabet(alphabet), ohe_axis=ohe_axis)
    table = np.full(256, UNKNOWN, np.uint8)
    for letter, column in zip("GCATU", (0, 0, 1, 1, 1), strict=True):
        table[[ord(letter), ord(letter.lower())]] = column
    counts = count_classes(rows, table, 2)
    return _share(counts[:, :1], counts, rows, by).reshape(rows.shape)


def nucleotide_content(
    seqs: Any,
    alphabet: Alphabet,
    *,
    by: By = "length",
    case: Case = "fold",
    ohe_axis: int | None = None,
) -> NDArray[np.float64]:
    """Give the fraction of each letter of an alphabet in each sequence.

    `count_kmers` with ``k=1`` gives the counts.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`, or a one-hot array if
        `ohe_axis` is given.
    alphabet
        Gives the letters and their order; nucleotides or any other.
    by
        What to divide by: ``"length"``, all positions, unknown letters and padding included, which is
        the longest sequence's length where lengths differ; ``"valid"``, letters of the alphabet only.
    case
        ``"fold"``: lower case counts as upper case; ``"strict"``: lower case is unknown.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    float64 array, shape (..., letters): between 0 and 1; NaN where there is nothing to divide by

    Raises
    ------
    ValueError
        If `by` is neither.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.nucleotide_content(["AAcN", "GGGG"], sp.DNA).tolist()
    [[0.5, 0.25, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]
    """
    rows = rows_of(seqs, alphabet=require_alphabet(alphabet), ohe_axis=ohe_axis)
    counts = count_classes(rows, alphabet.index_table(case), len(alphabet))
    return _share(counts, counts, rows, by).reshape(*rows.shape, len(alphabet))


def length(seqs: Any, *, ohe_axis: int | None = None) -> NDArray[np.int64]:
    """Count the letters of each sequence; zero bytes, which pad text arrays, are none.

    Parameters
    ----------
    seqs
        Sequences in any container of `as_codes`, or a one-hot array if `ohe_axis` is given, whose
        positions all count.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    int64 array, shape (...)

    Raises
    ------
    TypeError, ValueError
        As `as_codes`.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.length(["ACGT", "", "NN"]).tolist()
    [4, 0, 2]
    """
    rows = rows_of(seqs, ohe_axis=ohe_axis)
    table = np.zeros(256, np.uint8)
    table[PAD] = UNKNOWN
    return count_classes(rows, table, 1)[:, 0].reshape(rows.shape)


def _share(
    part: NDArray[np.int64], counts: NDArray[np.int64], rows: Rows, by: By
) -> NDArray[np.float64]:
    """Divide some counts by all counts of the row, or by the length of rows; NaN where that is 0."""
    choice(by, "by", ("length", "valid"))
    with np.errstate(invalid="ignore"):
        return part / (counts.sum(axis=1, keepdims=True) if by == "valid" else rows.longest())


def count_classes(rows: Rows, table: NDArray[np.uint8], classes: int) -> NDArray[np.int64]:
    """Count the letters of each class of `table` in each row, shape (n, classes); `UNKNOWN` is none."""
    counts = np.zeros((len(rows), classes), np.int64)
    count = _kernels.counts.count_classes

    def work(first: int, block: Block) -> None:
        count(*block, table, counts[first : first + block.sizes.size])

    rows.run(work)
    return counts
