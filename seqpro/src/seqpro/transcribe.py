"""From DNA to RNA and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqpro import _kernels
from seqpro.containers import rows_of


def transcribe(seqs: Any) -> Any:
    """Write DNA as RNA: each T becomes U, in its case; other letters stay.

    Parameters
    ----------
    seqs
        Letters of shape (..., length), the coding strand 5' to 3', in any container of `as_codes`.

    Returns
    -------
    array of shape (..., length): ``S1`` for text, uint8 for ASCII codes; a `Ragged` for a `Ragged`

    Raises
    ------
    TypeError, ValueError
        As `as_codes`.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.transcribe("TAtN").tobytes()
    b'UAuN'
    """
    return _replace_letters(seqs, b"Tt", b"Uu")


def back_transcribe(seqs: Any) -> Any:
    """Write RNA as DNA: each U becomes T, in its case; other letters stay.

    Parameters
    ----------
    seqs
        Letters of shape (..., length) in any container of `as_codes`.

    Returns
    -------
    array of shape (..., length): ``S1`` for text, uint8 for ASCII codes; a `Ragged` for a `Ragged`

    Raises
    ------
    TypeError, ValueError
        As `as_codes`.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.back_transcribe(["UAuN"]).tolist()
    [[b'T', b'A', b't', b'N']]
    """
    return _replace_letters(seqs, b"Uu", b"Tt")


def _replace_letters(seqs: Any, old: bytes, new: bytes) -> Any:
    table = np.arange(256, dtype=np.uint8)
    table[list(old)] = list(new)
    take = _kernels.revcomp.replace
    return rows_of(seqs).map(lambda _, block, target: take(*block, table, target))
