"""Bring sequences to one length."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqpro.alphabet import DNA, Alphabet, require_alphabet, require_letter
from seqpro.checks import choice, size_of_axis
from seqpro.containers import Block, rows_of
from seqpro.ragged import Ragged, Side


def pad_seqs(
    seqs: Any,
    *,
    length: int | None = None,
    side: Side = "right",
    truncate: Side = "right",
    letter: str | None = None,
    alphabet: Alphabet = DNA,
    ohe_axis: int | None = None,
) -> NDArray[Any]:
    """Pad sequences, and cut longer ones, to one length.

    Parameters
    ----------
    seqs
        Sequences in any container of `as_codes`, or a one-hot array if `ohe_axis` is given.
    length
        Positions of the result; the longest sequence's by default.
    side
        Where shorter sequences are filled: ``"left"``, ``"right"``, or ``"both"``, which puts an odd
        letter on the right.
    truncate
        Where longer sequences are cut: as `side`; ``"both"`` keeps the centre.
    letter
        Letter to fill with, the alphabet's own for unknown by default; in a one-hot array a letter
        outside the alphabet is an all-zero column.
    alphabet
        Names the columns of a one-hot array and the letter to fill with: pass `AA` for proteins.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    array, shape (..., length): ``S1`` for text, uint8 for ASCII codes, one-hot as it came

    Raises
    ------
    ValueError
        If an argument does not fit.

    Examples
    --------
    >>> import seqpro as sp
    >>> [row.tobytes() for row in sp.pad_seqs(["A", "AC", "ACGT"], side="both")]
    [b'NANN', b'NACN', b'ACGT']
    >>> sp.pad_seqs(["ACG"], length=2, truncate="left").tobytes()
    b'CG'
    """
    unknown = require_alphabet(alphabet).unknown
    fill = require_letter(unknown if letter is None else letter, "letter")
    rows = rows_of(seqs, alphabet=alphabet, ohe_axis=ohe_axis)
    if length is None:
        length = rows.longest()
    length = size_of_axis(length, "length")
    for name, value in (("side", side), ("truncate", truncate)):
        choice(value, name, ("left", "right", "both"))

    def work(_: int, block: Block, target: NDArray[np.uint8]) -> None:
        target[:] = Ragged(*block).to_padded(length, fill, side=side, truncate=truncate).reshape(-1)

    return rows.map(work, sizes=length)
