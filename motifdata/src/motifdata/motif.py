"""One motif: how likely each letter is at each position."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

import seqpro as sp
from motifdata.background import EXACT, check_background
from seqpro import Alphabet
from seqpro.checks import shown, whole_number

PSEUDOCOUNT = 1e-3
"""Share of the background that log-odds mix into each position unless told otherwise."""

SUM_TOLERANCE = 0.02 + EXACT
"""Sums this close to 1 come from rounding, at worst of four numbers to two digits each."""

WHOLE = 1e-13
"""Relative difference within which a count is taken for the whole number beside it."""

_TEXTS = ("name", "source", "species", "taxon", "licence", "statistics")

_IUPAC = {
    "A": "A", "C": "C", "G": "G", "T": "T", "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT",
    "M": "AC", "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Motif:
    """A motif: a probability of each letter at each position, with where it came from.

    Two motifs are equal when all their fields are. To change a field, use `dataclasses.replace`.

    Parameters
    ----------
    id
        Identifier, unique within a `MotifSet`; a database's accession.
    probabilities
        Probability of each letter at each position, shape (length, letters). Rows must sum to 1
        within 0.02 and are divided by their sum; the array is copied and read-only.
    alphabet
        The letters, in the order of the columns.
    name
        A second name, such as the gene's; empty if there is none.
    nsites
        Number of sites the motif was made from, or None if not known; NaN becomes None.
    evalue
        E-value that the discovering program gave, or None; NaN becomes None.
    source
        Where the motif comes from: a URL, a citation, a database.
    species
        Species whose factor it is.
    taxon
        Group of species, such as ``"vertebrates"``.
    licence
        Terms under which the motif may be used.
    threshold
        Least score of a site, bits, that the discovering program gave, or None; NaN becomes None.
    statistics
        What else that program reported, in its own words.

    Raises
    ------
    ValueError
        If the identifier is empty, the shape does not fit the alphabet, a row is not a distribution, or
        `nsites` or `evalue` is negative.
    TypeError
        If a field of text holds none.

    Examples
    --------
    >>> motif = Motif("m", [[0.9, 0.1, 0, 0], [0, 0, 0, 1]])
    >>> motif
    Motif('m', length 2, consensus 'AT')
    >>> motif.reverse_complement().consensus()
    'AT'
    """

    id: str
    probabilities: NDArray[np.float64]
    alphabet: Alphabet = sp.DNA
    name: str = ""
    nsites: float | None = None
    evalue: float | None = None
    source: str = ""
    species: str = ""
    taxon: str = ""
    licence: str = ""
    threshold: float | None = None
    statistics: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not self.id.strip():
            msg = f"id of a motif must be text that is not blank; found {self.id!r}"
            raise ValueError(msg)
        matrix = np.array(self.probabilities, dtype=np.float64)
        _check_shape(self.id, matrix, self.alphabet)
        sums = matrix.sum(axis=1)
        bad = ~(np.abs(sums - 1) <= SUM_TOLERANCE) | ~(matrix >= 0).all(axis=1)
        if bad.any():
            position = int(bad.argmax())
            msg = (
                f"probabilities of motif {self.id!r} must be non-negative and sum to 1 at each position; "
                f"found {matrix[position].tolist()} at position {position}. "
                "Counts become a motif with Motif.from_counts"
            )
            raise ValueError(msg)
        off = np.abs(sums - 1) > EXACT
        matrix[off] /= sums[off, None]
        matrix.flags.writeable = False
        object.__setattr__(self, "probabilities", matrix)
        self._check_texts()
        self._check_numbers()

    def _check_texts(self) -> None:
        for field in _TEXTS:
            if not isinstance(value := getattr(self, field), str):
                msg = f"{field} of motif {self.id!r} must be text; found {shown(value)}"
                raise TypeError(msg)

    def _check_numbers(self) -> None:
        for field, low in (("nsites", 0), ("evalue", 0), ("threshold", -np.inf)):
            value = getattr(self, field)
            if value is None or np.isnan(value):
                object.__setattr__(self, field, None)
            elif value < low or (field == "nsites" and np.isinf(value)):
                msg = (
                    f"{field} of motif {self.id!r} must not be negative or infinite; found {value}"
                )
                raise ValueError(msg)

    @classmethod
    def from_counts(
        cls,
        counts: ArrayLike,
        *,
        id: str,  # noqa: A002
        pseudocount: float = 0.0,
        **fields: Any,
    ) -> Motif:
        """Make a motif from how often each letter was seen at each position.

        Parameters
        ----------
        counts
            Counts, shape (length, letters); weighted counts need not be whole.
        id
            Identifier.
        pseudocount
            Counts added to each position in all, shared evenly by the letters. 0 keeps letters that
            were never seen at probability 0; `log_odds` has a pseudocount of its own.
        fields
            Further fields of `Motif`. `nsites` is the largest total of a position unless given.

        Raises
        ------
        ValueError
            If a count is negative or a position has none.

        Examples
        --------
        >>> motif = Motif.from_counts([[8, 0, 0, 0], [0, 2, 6, 0]], id="m", pseudocount=2)
        >>> motif.probabilities.tolist(), motif.nsites
        ([[0.85, 0.05, 0.05, 0.05], [0.05, 0.25, 0.65, 0.05]], 8.0)
        """
        table = np.asarray(counts, dtype=np.float64)
        _check_shape(id, table, fields.get("alphabet", sp.DNA))
        totals = table.sum(axis=1)
        bad = ~(table >= 0).all(axis=1) | ~(totals + pseudocount > 0) | ~np.isfinite(totals)
        if bad.any() or pseudocount < 0:
            position = int(bad.argmax())
            msg = (
                f"counts of motif {id!r} must not be negative, and each position needs some; "
                f"found {table[position].tolist()} at position {position}, pseudocount {pseudocount:g}"
            )
            raise ValueError(msg)
        smoothed = table + pseudocount / table.shape[1]
        fields.setdefault("nsites", float(totals.max()))
        return cls(id, smoothed / smoothed.sum(axis=1, keepdims=True), **fields)

    @classmethod
    def from_consensus(
        cls,
        consensus: str,
        *,
        id: str,  # noqa: A002
        certainty: float = 0.95,
        **fields: Any,
    ) -> Motif:
        """Make a motif of DNA or RNA from an IUPAC consensus, such as ``"TGASTCA"``.

        The letters that a code stands for share `certainty` evenly, and the other letters share the
        rest evenly: with 0.94, S (C or G) becomes 0.03, 0.47, 0.47, 0.03. N is 0.25 each. Case does not
        matter, and T and U are one letter.

        Parameters
        ----------
        consensus
            IUPAC letters, one a position.
        id
            Identifier.
        certainty
            Probability that the code's letters have together, above 0 and at most 1.
        fields
            Further fields of `Motif`.

        Raises
        ------
        ValueError
            If a letter is no IUPAC code, the alphabet is not DNA or RNA, or `certainty` is out of range.

        Examples
        --------
        >>> Motif.from_consensus("TS", id="m", certainty=0.94).probabilities.round(2).tolist()
        [[0.02, 0.02, 0.02, 0.94], [0.03, 0.47, 0.47, 0.03]]
        """
        _require_nucleotides(fields.get("alphabet", sp.DNA), "from_consensus")
        codes = consensus.upper().replace("U", "T")
        unknown = [i for i, letter in enumerate(codes) if letter not in _IUPAC]
        if unknown:
            msg = (
                f"consensus of motif {id!r} must be of IUPAC letters ({''.join(_IUPAC)}); "
                f"found {consensus[unknown[0]]!r} at position {unknown[0]}"
            )
            raise ValueError(msg)
        if not 0 < certainty <= 1:
            msg = f"certainty must be above 0 and at most 1; found {certainty}"
            raise ValueError(msg)
        allowed = np.array([[letter in _IUPAC[code] for letter in "ACGT"] for code in codes])
        allowed = allowed.reshape(-1, 4)
        inside = allowed.sum(axis=1, keepdims=True)
        outside = np.maximum(4 - inside, 1)
        spread = np.where(allowed, certainty / np.maximum(inside, 1), (1 - certainty) / outside)
        return cls(id, np.where(inside == 4, 0.25, spread), **fields)

    def __len__(self) -> int:
        return self.probabilities.shape[0]

    def __repr__(self) -> str:
        name = f" {self.name!r}" if self.name else ""
        return f"Motif({self.id!r}{name}, length {len(self)}, consensus {self.consensus()!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Motif):
            return NotImplemented
        return self._labels() == other._labels() and np.array_equal(
            self.probabilities, other.probabilities
        )

    def __hash__(self) -> int:
        return hash((self.id, self.probabilities.tobytes()))

    def _labels(self) -> tuple[Any, ...]:
        return tuple(getattr(self, f.name) for f in fields(self) if f.name != "probabilities")

    def counts(self) -> NDArray[np.float64]:
        """Give how often each letter was seen at each position, shape (length, letters).

        These are the probabilities times `nsites`: not whole where a file gave rounded probabilities.

        Raises
        ------
        ValueError
            If the number of sites is not known.

        Examples
        --------
        >>> Motif("m", [[0.25, 0.75, 0, 0]], nsites=8).counts().tolist()
        [[2.0, 6.0, 0.0, 0.0]]
        """
        if self.nsites is None:
            msg = (
                f"nsites of motif {self.id!r} must be known to give counts; found None. "
                "Set it with dataclasses.replace"
            )
            raise ValueError(msg)
        counts = self.probabilities * self.nsites
        whole = np.rint(counts)
        return np.where(np.abs(counts - whole) <= WHOLE * np.maximum(1, counts), whole, counts)

    def consensus(self, kind: Literal["argmax", "iupac"] = "argmax") -> str:
        """Give one letter a position.

        Parameters
        ----------
        kind
            ``"argmax"``: the likeliest letter, the first of equals. ``"iupac"`` (DNA and RNA): the code
            for the letters that are at least half as likely as the likeliest.

        Raises
        ------
        ValueError
            If `kind` is neither, or is ``"iupac"`` for another alphabet.

        Examples
        --------
        >>> motif = Motif.from_consensus("TGASTCAN", id="AP1")
        >>> motif.consensus(), motif.consensus("iupac")
        ('TGACTCAA', 'TGASTCAN')
        """
        if kind == "argmax":
            return "".join(self.alphabet.letters[i] for i in self.probabilities.argmax(axis=1))
        if kind != "iupac":
            msg = f"kind must be 'argmax' or 'iupac'; found {kind!r}"
            raise ValueError(msg)
        _require_nucleotides(self.alphabet, "consensus('iupac')")
        code_of = {letters: code for code, letters in _IUPAC.items()}
        likely = self.probabilities >= 0.5 * self.probabilities.max(axis=1, keepdims=True)
        sets = ("".join(np.array(list("ACGT"))[row]) for row in likely)
        text = "".join(code_of[letters] for letters in sets)
        return text.replace("T", "U") if self.alphabet == sp.RNA else text

    def information_content(self, background: ArrayLike | None = None) -> NDArray[np.float64]:
        """Give the information of each position in bits, shape (length,).

        It is the relative entropy of the position's letters to `background`: at most 2 bits for DNA under
        a uniform background.

        Parameters
        ----------
        background
            Probability of each letter, shape (letters,); uniform by default.

        Raises
        ------
        ValueError
            If `background` is not a distribution over the letters.

        Examples
        --------
        >>> Motif("m", [[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.25] * 4]).information_content().tolist()
        [2.0, 1.0, 0.0]
        """
        chances = check_background(background, self.alphabet)
        ratio = np.where(self.probabilities > 0, self.probabilities / chances, 1.0)
        return np.asarray((self.probabilities * np.log2(ratio)).sum(axis=1))

    def reverse_complement(self) -> Motif:
        """Give the motif as it reads on the other strand, under the same id.

        Raises
        ------
        ValueError
            If the alphabet has no complement.

        Examples
        --------
        >>> Motif.from_consensus("GGAA", id="ETS").reverse_complement().consensus()
        'TTCC'
        """
        columns = self.alphabet.complement_columns()
        return replace(self, probabilities=self.probabilities[::-1][:, columns])

    def log_odds(
        self, background: ArrayLike | None = None, *, pseudocount: float = PSEUDOCOUNT
    ) -> NDArray[np.float64]:
        """Give the score of each letter at each position in bits, shape (length, letters).

        The score is ``log2(p / background)``, where `p` is the probability mixed with the background:
        ``(1 - pseudocount) * probability + pseudocount * background``. So no score is below
        ``log2(pseudocount)``, -10 bits by default, and none is minus infinity unless `pseudocount` is 0.

        Parameters
        ----------
        background
            Probability of each letter, shape (letters,); uniform by default.
        pseudocount
            Share of the background in the mixture, a probability.

        Raises
        ------
        ValueError
            If `background` is not a distribution over the letters or `pseudocount` is not a probability.

        Examples
        --------
        >>> Motif("m", [[1, 0, 0, 0]]).log_odds(pseudocount=0.25).round(2).tolist()
        [[1.7, -2.0, -2.0, -2.0]]
        """
        if not 0 <= pseudocount <= 1:
            msg = f"pseudocount must be a probability, 0 to 1; found {pseudocount}"
            raise ValueError(msg)
        chances = check_background(background, self.alphabet)
        mixed = (1 - pseudocount) * self.probabilities + pseudocount * chances
        with np.errstate(divide="ignore"):  # log2(0) is -inf, which pseudocount=0 asks for
            return np.asarray(np.log2(mixed / chances))

    def sample(self, n: int, *, rng: int | np.random.Generator | None = None) -> NDArray[np.bytes_]:
        """Draw `n` sites, each position on its own, shape (n, length).

        Parameters
        ----------
        n
            Number of sites.
        rng
            Seed, generator or None. Under one seed, a site does not depend on how many there are.

        Returns
        -------
        ``S1`` array, shape (n, length)

        Examples
        --------
        >>> Motif("m", [[1, 0, 0, 0], [0, 0, 0, 1]]).sample(2, rng=0).tolist()
        [[b'A', b'T'], [b'A', b'T']]
        """
        draws = np.random.default_rng(rng).random((n, len(self)))
        column = np.zeros(draws.shape, dtype=np.intp)
        last = np.cumsum(self.probabilities > 0, axis=1).argmax(
            axis=1
        )  # never a letter of chance 0
        for limit in np.cumsum(self.probabilities, axis=1).T:
            column += draws >= limit
        return self.alphabet.codes[np.minimum(column, last)].view("S1")

    def trim(self, *, bits: float = 0.25) -> Motif:
        """Drop positions from both ends that carry less than `bits` of information.

        Raises
        ------
        ValueError
            If no position carries as much.

        Examples
        --------
        >>> Motif.from_consensus("NNGGANAN", id="m").trim().consensus("iupac")
        'GGANA'
        """
        kept = np.flatnonzero(self.information_content() >= bits)
        if not kept.size:
            most = self.information_content().max()
            msg = f"bits must leave a position of motif {self.id!r}, whose best has {most:.2f}; found {bits}"
            raise ValueError(msg)
        return replace(self, probabilities=self.probabilities[kept[0] : kept[-1] + 1])

    def pad(self, *, left: int = 0, right: int = 0, background: ArrayLike | None = None) -> Motif:
        """Add positions that say nothing to the ends.

        Parameters
        ----------
        left, right
            Number of positions to add before and after.
        background
            Probability of each letter there, shape (letters,); uniform by default.

        Raises
        ------
        ValueError
            If a number is negative, or `background` is not a distribution over the letters.

        Examples
        --------
        >>> Motif.from_consensus("GGAA", id="ETS").pad(left=1, right=2).consensus("iupac")
        'NGGAANN'
        """
        sizes = (whole_number(left, "left", low=0), whole_number(right, "right", low=0))
        chances = check_background(background, self.alphabet)
        before, after = (np.tile(chances, (size, 1)) for size in sizes)
        return replace(self, probabilities=np.concatenate([before, self.probabilities, after]))


def _check_shape(identifier: str, matrix: NDArray[np.float64], alphabet: Alphabet) -> None:
    if matrix.ndim == 2 and matrix.shape[0] > 0 and matrix.shape[1] == len(alphabet):
        return
    transposed = matrix.ndim == 2 and matrix.shape[0] == len(alphabet)
    hint = ". Transpose it: letters are the last axis" if transposed else ""
    msg = (
        f"the matrix of motif {identifier!r} must have shape (length, {len(alphabet)}) for alphabet "
        f"{alphabet.name} ({alphabet.letters}); found {matrix.shape}{hint}"
    )
    raise ValueError(msg)


def _require_nucleotides(alphabet: Alphabet, what: str) -> None:
    if alphabet not in (sp.DNA, sp.RNA):
        msg = f"{what} knows the IUPAC codes of DNA and RNA; found alphabet {alphabet.name!r}"
        raise ValueError(msg)
