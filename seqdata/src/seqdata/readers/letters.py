"""Letters of sequences: what readers refuse, and which ones an alphabet does not know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from seqpro import Alphabet

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


def check_block(sequences: Sequence[bytes], where: Callable[[int], str]) -> None:
    """Refuse the same in many sequences.

    Raises
    ------
    ValueError
        At the first sequence with any; the message begins with what `where` gives for its position.

    Examples
    --------
    >>> check_block([b"AC", b"A C"], lambda row: f"row {row}")
    Traceback (most recent call last):
    ValueError: row 1: sequences must be unbroken ASCII letters; found 'A C'. Remove ' '
    """
    if b"".join(sequences).translate(None, _SIGNS):
        for row, letters in enumerate(sequences):
            check_letters(letters, where(row))


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


def count_outside(sequences: Iterable[bytes], known: bytes) -> Counter[str]:
    """Count the letters that are not among `known`.

    Examples
    --------
    >>> count_outside([b"ACGT", b"AEE-"], b"ACGT")
    Counter({'E': 2, '-': 1})
    """
    outside = b"".join(sequences).translate(None, known)
    return Counter({chr(code): outside.count(code) for code in sorted(set(outside))})
