"""Bring sequences to one length."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from seqpro.containers import as_ragged, in_kind
from seqpro.ragged import Side


def pad_seqs(
    seqs: Any,
    *,
    length: int | None = None,
    side: Side = "right",
    truncate: Side = "right",
    letter: str = "N",
) -> NDArray[Any]:
    """Pad sequences, and cut longer ones, to one length.

    Parameters
    ----------
    seqs
        A list of strings, an array of text, an array of letters (n, length), or a `Ragged`.
    length
        Positions of the result; the longest sequence's by default.
    side
        Where shorter sequences are filled: ``"left"``, ``"right"``, or ``"both"``, which puts an odd
        letter on the right.
    truncate
        Where longer sequences are cut: as `side`; ``"both"`` keeps the centre.
    letter
        Letter to fill with.

    Returns
    -------
    array, shape (n, length): ``S1`` for text, uint8 ASCII codes for uint8 and `Ragged`

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
    if len(letter) != 1 or not letter.isascii():
        msg = f"letter must be one ASCII letter; found {letter!r}"
        raise ValueError(msg)
    ragged = as_ragged(seqs)
    if length is None:
        length = int(ragged.sizes.max()) if len(ragged) else 0
    padded = ragged.to_padded(length, ord(letter), side=side, truncate=truncate)
    return in_kind(padded, seqs)
