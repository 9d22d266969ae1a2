"""Alphabets: which letters there are, in which order, and what pairs with what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from seqpro.checks import choice, shown

Case = Literal["fold", "strict"]

UNKNOWN = 255
"""Value that `Alphabet.index_table` gives to a byte outside the alphabet."""


@dataclass(frozen=True)
class Alphabet:
    """An ordered set of one-byte letters, with the pairs that complement each other.

    The order of `letters` is the order of one-hot columns everywhere in the suite.

    Parameters
    ----------
    name
        What error messages and stores call it.
    letters
        The letters, each once, in order.
    pairs
        Words of two letters, ``"AT CG"``: each letter's complement. Letters outside the alphabet may
        be paired too (the IUPAC codes of `DNA` and `RNA` are), so that they survive a reverse
        complement. Empty for alphabets without a complement, such as proteins.
    unknown
        Letter that stands for "not known" when decoding and padding.

    Raises
    ------
    ValueError
        If a letter is repeated or not ASCII, if `unknown` is not one letter, if a pair is not two
        letters, or if some letters of the alphabet have a complement and others do not.

    Examples
    --------
    >>> DNA.letters, len(DNA), DNA.complement("R")
    ('ACGT', 4, 'Y')
    >>> Alphabet("methylated", letters="ACGTm", pairs="AT CG mG").complement("m")
    'G'
    """

    name: str
    letters: str
    pairs: str = ""
    unknown: str = "N"

    def __post_init__(self) -> None:
        for field in ("name", "letters", "pairs", "unknown"):
            if not isinstance(getattr(self, field), str):
                msg = f"{field} of an alphabet must be text; found {shown(getattr(self, field))}"
                raise TypeError(msg)
        if not self.letters or not self.letters.isascii():
            msg = f"letters of alphabet {self.name!r} must be ASCII, at least one; found {self.letters!r}"
            raise ValueError(msg)
        if len(set(self.letters)) != len(self.letters):
            twice = sorted({c for c in self.letters if self.letters.count(c) > 1})
            msg = f"letters of alphabet {self.name!r} must be unique; repeated: {', '.join(twice)}"
            raise ValueError(msg)
        if len(self.unknown) != 1 or not self.unknown.isascii():
            msg = f"unknown of alphabet {self.name!r} must be one ASCII letter; found {self.unknown!r}"
            raise ValueError(msg)
        bad = [pair for pair in self.pairs.split() if len(pair) != 2 or not pair.isascii()]
        if bad:
            msg = f"pairs of alphabet {self.name!r} must be words of two ASCII letters; found {bad[0]!r}"
            raise ValueError(msg)
        missing = [c for c in self.letters if c not in self._complements()]
        if self.pairs and missing:
            msg = (
                f"pairs of alphabet {self.name!r} must give every letter a complement; "
                f"none for {', '.join(missing)}"
            )
            raise ValueError(msg)

    def __len__(self) -> int:
        return len(self.letters)

    def __getattr__(self, name: str) -> Any:
        from seqpro.old_names import ALPHABET, missing

        raise missing(name, "an Alphabet", ALPHABET)

    def _complements(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for pair in self.pairs.split():
            first, second = pair[0], pair[1]
            found.setdefault(first, second)
            found.setdefault(second, first)
        return found

    @property
    def codes(self) -> NDArray[np.uint8]:
        """The letters as ASCII codes, shape (letters,)."""
        return np.frombuffer(self.letters.encode("ascii"), dtype=np.uint8)

    @property
    def has_complement(self) -> bool:
        """Whether sequences of this alphabet can be reverse complemented."""
        return bool(self.pairs)

    def with_letters(self, letters: str) -> Alphabet:
        """Give an alphabet with more letters after these: a stop, the unknown, ambiguity codes.

        Parameters
        ----------
        letters
            Letters to add, in order. In an alphabet with complements each needs one.

        Raises
        ------
        ValueError
            If a letter is there already or lacks a complement.

        Examples
        --------
        >>> AA.with_letters("*").letters
        'ACDEFGHIKLMNPQRSTVWY*'
        """
        if not isinstance(letters, str) or not letters:
            msg = f"letters must be text, one letter or more; found {shown(letters)}"
            raise ValueError(msg)
        return replace(self, name=f"{self.name} with {letters}", letters=self.letters + letters)

    def complement(self, letter: str) -> str:
        """Give the letter that pairs with `letter`, in its case; a letter without a partner is its own.

        Raises
        ------
        ValueError
            If `letter` is not one ASCII letter.
        """
        return chr(_complement_table(self)[require_letter(letter, "letter")])

    def index_table(self, case: Case = "fold") -> NDArray[np.uint8]:
        """Give the column of every byte, shape (256,); `UNKNOWN` for bytes outside the alphabet.

        With ``case="fold"`` a lower-case letter counts as its upper-case one unless the alphabet
        has both; with ``"strict"`` it is unknown.
        """
        choice(case, "case", ("fold", "strict"))
        return _index_table(self, case)

    def complement_table(self) -> NDArray[np.uint8]:
        """Give the complement of every byte, shape (256,), keeping the case of each letter.

        Raises
        ------
        ValueError
            If the alphabet has no complement.
        """
        if not self.has_complement:
            msg = f"alphabet {self.name!r} has no complement; give it pairs, such as pairs='AT CG'"
            raise ValueError(msg)
        return _complement_table(self)

    def complement_columns(self) -> NDArray[np.intp]:
        """Give the one-hot column of each letter's complement, shape (letters,).

        Raises
        ------
        ValueError
            If the alphabet has no complement, or a letter's is not in the alphabet.
        """
        columns = self.index_table("strict")[self.complement_table()[self.codes]]
        if (columns == UNKNOWN).any():
            letter = self.letters[int(columns.argmax())]
            msg = (
                f"complements of alphabet {self.name!r} must be among its letters {self.letters!r} "
                f"to have columns; found {self.complement(letter)!r} for {letter!r}"
            )
            raise ValueError(msg)
        return columns.astype(np.intp)


def require_alphabet(alphabet: Any) -> Alphabet:
    """Give `alphabet` back; refuse anything else, such as its name."""
    if not isinstance(alphabet, Alphabet):
        msg = (
            "alphabet must be an Alphabet such as seqpro.DNA, seqpro.RNA or seqpro.AA; "
            f"found {shown(alphabet)}"
        )
        raise TypeError(msg)
    return alphabet


def require_letter(letter: Any, argument: str) -> int:
    """Give the code of one ASCII letter; refuse anything else."""
    if not isinstance(letter, str) or len(letter) != 1 or not letter.isascii():
        msg = f"{argument} must be one ASCII letter; found {shown(letter)}"
        raise ValueError(msg)
    return ord(letter)


@lru_cache(maxsize=64)
def _index_table(alphabet: Alphabet, case: Case) -> NDArray[np.uint8]:
    table = np.full(256, UNKNOWN, np.uint8)
    for column, letter in enumerate(alphabet.letters):
        table[ord(letter)] = column
    if case == "fold":
        for column, letter in enumerate(alphabet.letters):
            for twin in (letter.lower(), letter.upper()):
                if table[ord(twin)] == UNKNOWN:
                    table[ord(twin)] = column
    table.flags.writeable = False
    return table


@lru_cache(maxsize=64)
def _complement_table(alphabet: Alphabet) -> NDArray[np.uint8]:
    table = np.arange(256, dtype=np.uint8)
    complements = alphabet._complements()
    for letter, partner in complements.items():
        table[ord(letter)] = ord(partner)
    for letter, partner in complements.items():
        for case in (str.lower, str.upper):
            if case(letter) not in complements:
                table[ord(case(letter))] = ord(case(partner))
    table.flags.writeable = False
    return table


_IUPAC_PAIRS = "RY KM BV DH SS WW NN"

_IUPAC_LETTERS = "RYSWKMBDHVN"

DNA = Alphabet("DNA", "ACGT", f"AT CG {_IUPAC_PAIRS}")
RNA = Alphabet("RNA", "ACGU", f"AU CG {_IUPAC_PAIRS}")
DNA_IUPAC = replace(DNA, name="DNA_IUPAC", letters=DNA.letters + _IUPAC_LETTERS)
RNA_IUPAC = replace(RNA, name="RNA_IUPAC", letters=RNA.letters + _IUPAC_LETTERS)
AA = Alphabet("AA", "ACDEFGHIKLMNPQRSTVWY", unknown="X")
