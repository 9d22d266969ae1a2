"""An ordered collection of motifs over one alphabet."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

import seqpro as sp
from motifdata.background import check_background
from motifdata.motif import Motif
from seqpro import Alphabet
from seqpro.checks import choice, shown

if TYPE_CHECKING:
    import pandas as pd

Motifs: TypeAlias = "Motif | MotifSet | Iterable[Motif]"
Repeated: TypeAlias = Literal["refuse", "number", "first"]

_FIELDS = (
    "name",
    "nsites",
    "evalue",
    "source",
    "species",
    "taxon",
    "licence",
    "threshold",
    "statistics",
)
_NUMBERS = ("nsites", "evalue", "threshold")
_ARRAY_TEXTS = ("id", "name", "source", "species", "taxon", "licence")
_QUERIES = 64  # motifs compared with all others at a time, which bounds memory


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
                f"{len(repeated)} such ids in all. Rename them, or join sets with merge(repeated='number')"
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
        return self.merge(other) if isinstance(other, MotifSet) else NotImplemented

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

    def filter(
        self, pattern: str | None = None, *, taxon: str | None = None, species: str | None = None
    ) -> MotifSet:
        """Give the motifs that fit everything asked for, in order, with the same background.

        Parameters
        ----------
        pattern
            Regular expression (`re.search`, capital and small letters alike) that the id or the name holds.
            It may fit no motif, which gives an empty set.
        taxon, species
            What the motif's field of that name is, capital and small letters alike.

        Raises
        ------
        ValueError
            If `pattern` is no regular expression, or no motif of the set has that taxon or species.

        Examples
        --------
        >>> sites = {"GATA1": "GATAAG", "GATA2": "AGATAA", "ETS1": "GGAA"}
        >>> motifs = MotifSet(Motif.from_consensus(s, id=i, taxon="vertebrates") for i, s in sites.items())
        >>> motifs.filter("^gata", taxon="vertebrates").ids
        ['GATA1', 'GATA2']
        """
        kept = list(self._motifs)
        if pattern is not None:
            try:
                search = re.compile(pattern, re.IGNORECASE).search
            except (re.error, TypeError) as error:
                msg = f"pattern must be a regular expression; found {shown(pattern)}: {error}"
                raise ValueError(msg) from error
            kept = [motif for motif in kept if search(motif.id) or search(motif.name)]
        for field, wanted in (("taxon", taxon), ("species", species)):
            if wanted is not None:
                self._require_value(field, wanted)
                kept = [m for m in kept if getattr(m, field).casefold() == wanted.casefold()]
        return MotifSet(kept, background=self._background if kept else None)

    def _require_value(self, field: str, wanted: str) -> None:
        values = dict.fromkeys(getattr(m, field) for m in self._motifs if getattr(m, field))
        if not isinstance(wanted, str) or wanted.casefold() not in map(str.casefold, values):
            listing = ", ".join(map(repr, values)) or "none"
            msg = f"{field} must be one that a motif has ({listing}); found {shown(wanted)}"
            raise ValueError(msg)

    def merge(self, *others: MotifSet, repeated: Repeated = "refuse") -> MotifSet:
        """Join sets, this one first; the background is that of the first set with a motif.

        Parameters
        ----------
        others
            The sets to add, in order.
        repeated
            What to do with ids that occur twice. ``"refuse"``; ``"number"``: later motifs become ``id_2``,
            ``id_3`` and so on; ``"first"``: only the first motif of an id is kept.

        Raises
        ------
        ValueError
            If an id occurs twice and `repeated` is ``"refuse"``, or alphabets differ.

        Examples
        --------
        >>> ets = MotifSet([Motif.from_consensus("GGAA", id="ETS")])
        >>> ets.merge(ets, repeated="number").ids
        ['ETS', 'ETS_2']
        """
        choice(repeated, "repeated", ("refuse", "number", "first"))
        sets = [self, *others]
        background = next((s._background for s in sets if len(s)), self._background)
        motifs = [motif for each in sets for motif in each]
        if repeated == "first":
            firsts: dict[str, Motif] = {}
            for motif in motifs:
                firsts.setdefault(motif.id, motif)
            motifs = list(firsts.values())
        elif repeated == "number":
            motifs = number_repeated(motifs)
        return MotifSet(motifs, background=background)

    def rename(self, ids: Mapping[str, str] | Callable[[Motif], str]) -> MotifSet:
        """Give the motifs new ids, in the same order.

        Parameters
        ----------
        ids
            New ids by old ones; motifs not named keep theirs. Or a function that takes a motif and gives
            its new id.

        Raises
        ------
        ValueError
            If an old id is unknown, or two motifs would have one id.

        Examples
        --------
        >>> motifs = MotifSet([Motif.from_consensus("GATAA", id="MA0035.1", name="GATA1")])
        >>> motifs.rename(lambda motif: motif.name).ids
        ['GATA1']
        """
        if callable(ids):
            new = [ids(motif) for motif in self._motifs]
        else:
            unknown = [old for old in ids if old not in self._by_id]
            if unknown:
                raise ValueError(self._unknown(str(unknown[0])))
            new = [ids.get(motif.id, motif.id) for motif in self._motifs]
        renamed = [replace(motif, id=key) for motif, key in zip(self._motifs, new, strict=True)]
        return MotifSet(renamed, background=self._background)

    def deduplicate(self, *, pvalue: float = 1e-6) -> MotifSet:
        """Leave out motifs that are like one before them.

        The motifs are gone through in order; one is left out if `motifdata.compare` gives it and a motif
        already kept a p-value of at most `pvalue`, on either strand, whichever of the two is the query, or
        if their probabilities are the same. A family thus keeps its first member: sort the set first to
        choose which.

        Parameters
        ----------
        pvalue
            Largest p-value of an alignment that counts as the same motif.

        Raises
        ------
        ValueError
            If `pvalue` is not above 0 and at most 1.

        Examples
        --------
        >>> sites = ("TGACTCAT", "ATGAGTCA", "CCGGAAGT")
        >>> motifs = MotifSet(Motif.from_consensus(s, id=s) for s in sites)
        >>> motifs.deduplicate(pvalue=1e-3).ids
        ['TGACTCAT', 'CCGGAAGT']
        """
        from motifdata.scores import check_pvalue

        check_pvalue(pvalue)
        like = self._alike(pvalue)
        kept: list[int] = []
        for i, motif in enumerate(self._motifs):
            same = (
                np.array_equal(motif.probabilities, self._motifs[k].probabilities) for k in kept
            )
            if like[i].isdisjoint(kept) and not any(same):
                kept.append(i)
        return MotifSet([self._motifs[i] for i in kept], background=self._background)

    def _alike(self, pvalue: float) -> list[set[int]]:
        """Numbers of the motifs that each motif is like."""
        from motifdata.compare import compare

        place = {key: i for i, key in enumerate(self.ids)}
        like: list[set[int]] = [set() for _ in self._motifs]
        strands: Literal["both", "+"] = "both" if self._alphabet.has_complement else "+"
        for start in range(0, len(self), _QUERIES):
            asked = self._motifs[start : start + _QUERIES]
            table = compare(asked, self, top=None, strands=strands)
            close = table[table["pvalue"] <= pvalue]
            for query, target in zip(close["query"], close["target"], strict=True):
                like[place[query]].add(place[target])
                like[place[target]].add(place[query])
        return like

    def to_frame(self) -> pd.DataFrame:
        """Give a table of the motifs, one row each, in order, from which `from_frame` makes them again.

        Columns: ``id``, ``name``, ``length`` (positions), ``information`` (bits in all, against the set's
        background), ``nsites`` and ``evalue`` (NaN where not known), ``source``, ``species``, ``taxon``,
        ``licence``, ``threshold`` (bits, NaN where not known), ``statistics``, ``consensus`` (likeliest
        letters) and ``probabilities`` (an array of shape (length, letters) in each row).

        Examples
        --------
        >>> motifs = MotifSet([Motif.from_consensus("GATAA", id="GATA", certainty=1)])
        >>> motifs.to_frame()[["id", "length", "information", "consensus"]]
             id  length  information consensus
        0  GATA       5         10.0     GATAA
        """
        import pandas as pd

        motifs = self._motifs
        bits = [motif.information_content(self._background).sum() for motif in motifs]
        matrices = np.empty(len(motifs), dtype=object)
        matrices[:] = [motif.probabilities for motif in motifs]
        columns: dict[str, Any] = {
            "id": pd.Series(self.ids, dtype="str"),
            "name": pd.Series([m.name for m in motifs], dtype="str"),
            "length": np.array([len(m) for m in motifs], dtype=np.int64),
            "information": np.array(bits, dtype=float),
        }
        for field in _FIELDS[1:]:
            values = [getattr(m, field) for m in motifs]
            number = field in _NUMBERS
            columns[field] = np.array(values, float) if number else pd.Series(values, dtype="str")
        columns["consensus"] = pd.Series([m.consensus() for m in motifs], dtype="str")
        return pd.DataFrame(columns | {"probabilities": matrices})

    @classmethod
    def from_frame(
        cls,
        table: pd.DataFrame,
        *,
        alphabet: Alphabet = sp.DNA,
        background: ArrayLike | None = None,
    ) -> MotifSet:
        """Make motifs of the rows of a table such as `to_frame` gives.

        Parameters
        ----------
        table
            Columns ``id`` and ``probabilities`` (arrays of shape (length, letters)), and any of the other
            fields of a `Motif`; what is missing in a column is empty. Other columns are passed over.
        alphabet
            The letters, in the order of the matrices' columns.
        background
            Probability of each letter, shape (letters,); uniform by default.

        Raises
        ------
        ValueError
            If a column is missing, or a row makes no motif.

        Examples
        --------
        >>> motifs = MotifSet([Motif.from_consensus("GATAA", id="GATA", nsites=20)])
        >>> MotifSet.from_frame(motifs.to_frame()) == motifs
        True
        """
        missing = {"id", "probabilities"} - set(table.columns)
        if missing:
            msg = f"table must have the columns id and probabilities; found no {min(missing)}"
            raise ValueError(msg)
        given = [field for field in _FIELDS if field in table.columns]
        filled = {
            field: table[field].astype(float) if field in _NUMBERS else table[field].fillna("")
            for field in given
        }
        rows = zip(table["id"], table["probabilities"], *filled.values(), strict=True)
        motifs = [
            Motif(key, matrix, alphabet, **dict(zip(given, values, strict=True)))
            for key, matrix, *values in rows
        ]
        return cls(motifs, background=background)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Give the arrays of the data contract's motif table.

        Returns
        -------
        ``motif``, float32 probabilities of shape (motifs, length, letters), NaN beyond a motif's end;
        ``motif_size``, int64; ``motif_id``, ``motif_name``, ``motif_source``, ``motif_species``,
        ``motif_taxon`` and ``motif_licence``, text as objects; and ``motif_nsites``, float32, NaN where not
        known: one value for each motif

        Raises
        ------
        ValueError
            If there is no motif.

        Examples
        --------
        >>> motifs = MotifSet(Motif.from_consensus(s, id=s) for s in ("TGACTCA", "GGAA"))
        >>> arrays = motifs.to_arrays()
        >>> arrays["motif"].shape, arrays["motif_size"].tolist(), arrays["motif_id"].tolist()
        ((2, 7, 4), [7, 4], ['TGACTCA', 'GGAA'])
        """
        if not len(self):
            msg = "motifs must hold at least one to give arrays; found none"
            raise ValueError(msg)
        sizes = np.array([len(motif) for motif in self._motifs], dtype=np.int64)
        matrix = np.full((len(self), sizes.max(), len(self._alphabet)), np.nan, dtype=np.float32)
        for row, motif in zip(matrix, self._motifs, strict=True):
            row[: len(motif)] = motif.probabilities
        arrays: dict[str, NDArray[Any]] = {"motif": matrix, "motif_size": sizes}
        for field in _ARRAY_TEXTS:
            values = [getattr(motif, field) for motif in self._motifs]
            arrays[f"motif_{field}"] = np.array(values, dtype=object)
        nsites = [motif.nsites for motif in self._motifs]
        return arrays | {"motif_nsites": np.array(nsites, dtype=np.float32)}

    @classmethod
    def from_arrays(
        cls,
        arrays: Mapping[str, Any],
        *,
        alphabet: Alphabet = sp.DNA,
        background: ArrayLike | None = None,
    ) -> MotifSet:
        """Make motifs of the arrays of the data contract's motif table.

        Probabilities are those of the arrays, which hold 32 bits, divided by their sum.

        Parameters
        ----------
        arrays
            Arrays by the names that `to_arrays` gives, or a Dataset that has them. ``motif``,
            ``motif_size`` and ``motif_id`` are needed.
        alphabet
            The letters, in the order of the last axis.
        background
            Probability of each letter, shape (letters,); uniform by default.

        Raises
        ------
        ValueError
            If an array is missing, or a row makes no motif.

        Examples
        --------
        >>> motifs = MotifSet([Motif.from_consensus("GATAA", id="GATA", certainty=1)])
        >>> MotifSet.from_arrays(motifs.to_arrays()) == motifs
        True
        """
        missing = [key for key in ("motif", "motif_size", "motif_id") if key not in arrays]
        if missing:
            msg = f"arrays must hold motif, motif_size and motif_id; found no {missing[0]}"
            raise ValueError(msg)
        given = [field for field in (*_ARRAY_TEXTS, "nsites") if f"motif_{field}" in arrays]
        columns = [np.asarray(arrays[f"motif_{field}"]).tolist() for field in given]
        sizes = np.asarray(arrays["motif_size"])
        rows = zip(np.asarray(arrays["motif"], dtype=np.float64), sizes, *columns, strict=True)
        motifs = [
            Motif(
                probabilities=matrix[:size],
                alphabet=alphabet,
                **dict(zip(given, values, strict=True)),
            )
            for matrix, size, *values in rows
        ]
        return cls(motifs, background=background)


def number_repeated(motifs: Iterable[Motif]) -> list[Motif]:
    """Give later motifs of one id new ids that no other motif has: ``id_2``, ``id_3`` and so on.

    Examples
    --------
    >>> motif = Motif.from_consensus("GGAA", id="ETS")
    >>> [each.id for each in number_repeated([motif, motif])]
    ['ETS', 'ETS_2']
    """
    listed = list(motifs)
    taken = {motif.id for motif in listed}
    seen: set[str] = set()
    found = []
    for motif in listed:
        key, number = motif.id, 1
        while key in seen or (number > 1 and key in taken):
            number += 1
            key = f"{motif.id}_{number}"
        seen.add(key)
        found.append(motif if key == motif.id else replace(motif, id=key))
    return found


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
