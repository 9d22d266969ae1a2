"""An ordered collection of motifs over one alphabet."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

import seqpro as sp
from motifdata.background import check_background
from motifdata.motif import Motif
from seqpro import Alphabet

if TYPE_CHECKING:
    import pandas as pd

Motifs: TypeAlias = "Motif | MotifSet | Iterable[Motif]"


class MotifSet:
    """Motifs in order, each with an id of its own, over one alphabet and with one background.

    A set does not change: every method gives a new one.

    Parameters
    ----------
    motifs
        The motifs.
    background
        Probability of each letter, shape (letters,), against which the motifs are scored unless told
        otherwise; uniform by default.

    Raises
    ------
    ValueError
        If two motifs share an id, their alphabets differ, or `background` does not fit.

    Examples
    --------
    >>> motifs = MotifSet(Motif.from_consensus(s, id=s) for s in ("TGACTCA", "GGAA"))
    >>> motifs
    MotifSet(2 motifs of DNA: TGACTCA, GGAA)
    >>> motifs["GGAA"].consensus(), "GATA" in motifs
    ('GGAA', False)
    """

    def __init__(
        self, motifs: Iterable[Motif] = (), *, background: ArrayLike | None = None
    ) -> None:
        self._motifs = tuple(motifs)
        strangers = [m for m in self._motifs if not isinstance(m, Motif)]
        if strangers:
            msg = f"motifs must hold Motif objects; found {type(strangers[0]).__name__}"
            raise TypeError(msg)
        repeated = [key for key, count in Counter(self.ids).items() if count > 1]
        if repeated:
            msg = (
                f"motifs must have an id each; found {repeated[0]!r} more than once, "
                f"{len(repeated)} such ids in all. Give them new ids with dataclasses.replace"
            )
            raise ValueError(msg)
        alphabets = {m.alphabet: m for m in self._motifs}
        if len(alphabets) > 1:
            found = ", ".join(f"{a.name} ({m.id!r})" for a, m in alphabets.items())
            msg = f"motifs must be over one alphabet; found {found}"
            raise ValueError(msg)
        self._alphabet: Alphabet = next(iter(alphabets), sp.DNA)
        self._background = check_background(background, self._alphabet).copy()
        self._background.flags.writeable = False
        self._by_id = {m.id: m for m in self._motifs}

    @property
    def ids(self) -> list[str]:
        """The ids, in order."""
        return [m.id for m in self._motifs]

    @property
    def alphabet(self) -> Alphabet:
        """The alphabet of all motifs; DNA for an empty set."""
        return self._alphabet

    @property
    def background(self) -> NDArray[np.float64]:
        """Probability of each letter, shape (letters,), read-only."""
        return self._background

    def __len__(self) -> int:
        return len(self._motifs)

    def __iter__(self) -> Iterator[Motif]:
        return iter(self._motifs)

    def __contains__(self, item: object) -> bool:
        if isinstance(item, Motif):
            return self._by_id.get(item.id) == item
        return item in self._by_id or any(m.name == item for m in self._motifs if m.name)

    def __getitem__(self, key: str) -> Motif:
        """Give the motif of an id, or of a name that only one motif has."""
        if not isinstance(key, str):
            msg = f"motifs are looked up by id or name; found {key!r}. Take the i-th from list(motifs)"
            raise TypeError(msg)
        if key in self._by_id:
            return self._by_id[key]
        named = [m for m in self._motifs if m.name and m.name == key]
        if len(named) == 1:
            return named[0]
        if named:
            msg = f"name {key!r} belongs to several motifs; pass one of their ids: " + ", ".join(
                m.id for m in named
            )
            raise ValueError(msg)
        raise ValueError(self._unknown(key))

    def _unknown(self, key: str) -> str:
        names = dict.fromkeys([*self.ids, *(m.name for m in self._motifs if m.name)])
        folded = {name.casefold(): name for name in names}
        close = difflib.get_close_matches(key.casefold(), folded, n=3)
        hint = (
            ". Did you mean " + " or ".join(repr(folded[c]) for c in close) + "?" if close else ""
        )
        return f"no motif has the id or name {key!r} among {len(self)}{hint}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MotifSet):
            return NotImplemented
        return self._motifs == other._motifs and np.array_equal(self.background, other.background)

    def __hash__(self) -> int:
        return hash((self._motifs, self._background.tobytes()))

    def __add__(self, other: MotifSet) -> MotifSet:
        """Join two sets; the background is that of the left one."""
        if not isinstance(other, MotifSet):
            return NotImplemented
        background = self._background if len(self) else other._background
        return MotifSet([*self, *other], background=background)

    def __repr__(self) -> str:
        shown = ", ".join(self.ids[:3]) + (", ..." if len(self) > 3 else "")
        plural = "" if len(self) == 1 else "s"
        return f"MotifSet({len(self)} motif{plural} of {self.alphabet.name}: {shown or 'none'})"

    def select(self, ids: Iterable[str]) -> MotifSet:
        """Give the motifs of some ids or names, in the order asked for, with the same background.

        Raises
        ------
        ValueError
            If an id is unknown, or one motif is asked for twice.

        Examples
        --------
        >>> motifs = MotifSet(Motif.from_consensus(s, id=s) for s in ("TGACTCA", "GGAA", "GATAA"))
        >>> motifs.select(["GATAA", "GGAA"]).ids
        ['GATAA', 'GGAA']
        """
        if isinstance(ids, str):
            msg = f"ids must be a list of ids; found the text {ids!r}. Put it in a list"
            raise TypeError(msg)
        return MotifSet([self[key] for key in ids], background=self._background)

    def to_frame(self) -> pd.DataFrame:
        """Give a table of the motifs, one row each, in order.

        Columns: ``id``, ``name``, ``length`` (positions), ``information`` (bits in all, against the set's
        background), ``nsites`` (NaN where not known), ``source`` and ``consensus`` (likeliest letters).

        Examples
        --------
        >>> motifs = MotifSet([Motif.from_consensus("GATAA", id="GATA", certainty=1)])
        >>> motifs.to_frame()[["id", "length", "information", "consensus"]]
             id  length  information consensus
        0  GATA       5         10.0     GATAA
        """
        import pandas as pd

        motifs = self._motifs
        return pd.DataFrame(
            {
                "id": pd.Series(self.ids, dtype="str"),
                "name": pd.Series([m.name for m in motifs], dtype="str"),
                "length": np.array([len(m) for m in motifs], dtype=np.int64),
                "information": np.array(
                    [m.information_content(self._background).sum() for m in motifs], dtype=float
                ),
                "nsites": np.array([m.nsites for m in motifs], dtype=float),
                "source": pd.Series([m.source for m in motifs], dtype="str"),
                "consensus": pd.Series([m.consensus() for m in motifs], dtype="str"),
            }
        )


def as_motifset(motifs: Motifs) -> MotifSet:
    """Give one motif, a set or any iterable of motifs as a `MotifSet`.

    Raises
    ------
    TypeError
        If it is none of these.

    Examples
    --------
    >>> as_motifset(Motif.from_consensus("GATAA", id="GATA"))
    MotifSet(1 motif of DNA: GATA)
    """
    if isinstance(motifs, MotifSet):
        return motifs
    if isinstance(motifs, Motif):
        return MotifSet([motifs])
    if not isinstance(motifs, Iterable):
        msg = (
            f"motifs must be a Motif, a MotifSet or a list of Motif; found {type(motifs).__name__}"
        )
        raise TypeError(msg)
    return MotifSet(motifs)
