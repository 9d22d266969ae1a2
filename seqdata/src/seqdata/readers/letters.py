"""Letters of sequences: what readers refuse, and which ones an alphabet does not know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from seqdata import _kernels
from seqpro import Alphabet, Ragged

_SIGNS = bytes(range(ord("!"), ord("~") + 1))  # ASCII without white space and control codes
_NEAR = 12  # letters shown on both sides of what is refused


def check_letters(letters: bytes, where: str) -> None:
    """Refuse white space, control codes and whatever is not ASCII in a sequence.

    Raises
    ------
    ValueError
        If there is any; the message begins with `where` and shows the place.

    Examples
    --------
    >>> check_letters(b"AC GT", "a.fa, line 3")
    Traceback (most recent call last):
    ValueError: a.fa, line 3: sequences must be unbroken ASCII letters; found 'AC GT'. Remove ' '
    """
    strays = letters.translate(None, _SIGNS)
    if not strays:
        return
    place = letters.index(strays[0])
    near = letters[max(0, place - _NEAR) : place + _NEAR].decode(errors="replace")
    what = strays.decode(errors="replace")[0]
    msg = f"{where}: sequences must be unbroken ASCII letters; found {near!r}. Remove {what!r}"
    raise ValueError(msg)


def check_block(sequences: Ragged, where: Callable[[int], str]) -> None:
    """Refuse the same in many sequences.

    Parameters
    ----------
    sequences
        Rows that follow each other.
    where
        Gives the message's beginning for a row's position.

    Raises
    ------
    ValueError
        At the first sequence with any.

    Examples
    --------
    >>> check_block(Ragged.from_bytes([b"AC", b"A C"]), lambda row: f"row {row}")
    Traceback (most recent call last):
    ValueError: row 1: sequences must be unbroken ASCII letters; found 'A C'. Remove ' '
    """
    is_stray = (sequences.values < _SIGNS[0]) | (sequences.values > _SIGNS[-1])
    if is_stray.any():
        row = int(np.searchsorted(sequences.offsets, is_stray.argmax(), side="right")) - 1
        check_letters(sequences[row].tobytes(), where(row))


def known_letters(alphabet: Alphabet) -> bytes:
    """Give all letters that mean something in an alphabet, in both cases.

    Those are its letters, the ones it pairs (the IUPAC codes of DNA and RNA) and its unknown.

    Examples
    --------
    >>> from seqpro import DNA
    >>> known_letters(DNA)
    b'ABCDGHKMNRSTVWYabcdghkmnrstvwy'
    """
    letters = {*alphabet.letters, *alphabet.pairs, alphabet.unknown} - {" "}
    both = {case for letter in letters for case in (letter.lower(), letter.upper())}
    return "".join(sorted(both)).encode()


def count_outside(sequences: Ragged | Sequence[bytes], known: bytes) -> Counter[str]:
    """Count the letters that are not among `known`.

    Examples
    --------
    >>> count_outside([b"ACGT", b"AEE-"], b"ACGT")
    Counter({'E': 2, '-': 1})
    """
    rows = sequences if isinstance(sequences, Ragged) else Ragged.from_bytes(sequences)
    is_known = np.zeros(256, np.bool_)
    is_known[list(known)] = True
    counts = _kernels.table_text.count_outside(rows.values, is_known)
    return Counter({chr(code): int(counts[code]) for code in np.flatnonzero(counts)})
