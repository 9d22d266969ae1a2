"""What is planted: single motifs and pairs of them, how often, where and on which strand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from seqdatasets.simulation.forms import recipe_object
from seqdatasets.simulation.position import Anywhere, Position
from seqdatasets.simulation.quantity import Quantity
from seqpro.checks import choice, flag, real_number, shown, whole_number

Strand = Literal["both", "forward"]
PairStrand = Literal["both", "same", "forward", "composite"]
Sampling = Literal["pwm", "best"]

_ONCE = Quantity.fixed(1)
_ANYWHERE = Anywhere()


@recipe_object
@dataclass(frozen=True)
class Embed:
    """Plant sites of a motif, or each time of one of several motifs.

    Parameters
    ----------
    motifs
        Ids of motifs; each time one of them is taken, all equally often.
    quantity
        How many sites a sequence gets.
    room
        Places that a sequence keeps at least: those beyond the number drawn stay as they are, so that the
        places of everything else have the same law whether or not the sites are there.
    position
        Where sites stand.
    strand
        ``"both"``: each site on a random strand; ``"forward"``: all on the forward one.
    sampling
        ``"pwm"``: letters drawn from the motif's probabilities; ``"best"``: the likeliest letters.
    min_score
        Drawn letters have at least this log-odds score, bits; None takes them as they come.
    is_scrambled
        Whether the sequence is shuffled after these sites are planted and before any others are, keeping
        its counts of dinucleotides: what they bring to the composition stays, the sites do not.

    Raises
    ------
    ValueError
        If an argument does not fit.

    Examples
    --------
    >>> Embed(("GATA1",), Quantity.uniform(0, 2)).most
    2
    """

    motifs: tuple[str, ...]
    quantity: Quantity = _ONCE
    room: int = 0
    position: Position = _ANYWHERE
    strand: Strand = "both"
    sampling: Sampling = "pwm"
    min_score: float | None = None
    is_scrambled: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.motifs, str) or not self.motifs:
            msg = f"motifs of Embed must be a list of at least one id; found {shown(self.motifs)}"
            raise ValueError(msg)
        object.__setattr__(self, "motifs", tuple(self.motifs))
        whole_number(self.room, "room", low=0)
        choice(self.strand, "strand", get_args(Strand))
        flag(self.is_scrambled, "is_scrambled")
        _check_sampling(self.sampling, self.min_score)

    @property
    def most(self) -> int:
        """Places that a sequence needs at most."""
        return max(self.quantity.most, self.room)


@recipe_object
@dataclass(frozen=True)
class Pair:
    """Plant two motifs, `first` upstream of `second`, with a gap between them and nothing else in it.

    Upstream is towards position 0 of the sequence, whatever the strands.

    Parameters
    ----------
    first, second
        Ids of the motifs.
    gap
        Positions between the end of the upstream site and the start of the other one, bp.
    room
        Length, bp, that is kept for the pair in any case; the pair stands at its left end. So pairs of
        different gaps begin at places of one law, and leave the same room to what else is planted. 0
        keeps what the widest gap needs.
    quantity
        How many pairs a sequence gets.
    position
        Where the room for the pair stands.
    strand
        ``"both"``: each site on a random strand; ``"same"``: both on one random strand; ``"forward"``:
        both on the forward one; ``"composite"``: the pair is one site on a random strand, so that on the
        reverse one `second` is upstream, and both motifs are turned.
    sampling, min_score
        As for `Embed`.

    Raises
    ------
    ValueError
        If an argument does not fit.

    Examples
    --------
    >>> Pair("GATA1", "TAL1_GATA1", Quantity.uniform(5, 15)).gap.most
    15
    """

    first: str
    second: str
    gap: Quantity
    room: int = 0
    quantity: Quantity = _ONCE
    position: Position = _ANYWHERE
    strand: PairStrand = "both"
    sampling: Sampling = "pwm"
    min_score: float | None = None

    def __post_init__(self) -> None:
        whole_number(self.room, "room", low=0)
        choice(self.strand, "strand", get_args(PairStrand))
        _check_sampling(self.sampling, self.min_score)

    @property
    def motifs(self) -> tuple[str, ...]:
        """Ids of the motifs."""
        return (self.first, self.second)

    @property
    def most(self) -> int:
        """Pairs that a sequence holds at most."""
        return self.quantity.most


Embedder: TypeAlias = Embed | Pair


@recipe_object
@dataclass(frozen=True)
class Arm:
    """One way to make a sequence: everything that is planted in it.

    Parameters
    ----------
    embedders
        What is planted.
    weight
        Share of the sequences, in whole numbers: of arms with the weights 1 and 3, a quarter is made by
        the first. Every so many rows in a row as the weights sum up to share them out exactly.

    Raises
    ------
    ValueError
        If `weight` is no whole number from 0.

    Examples
    --------
    >>> Arm((Embed(("GATA1",)),)).weight
    1
    """

    embedders: tuple[Embedder, ...]
    weight: int = 1

    def __post_init__(self) -> None:
        whole_number(self.weight, "weight of an Arm", low=0)
        object.__setattr__(self, "embedders", tuple(self.embedders))


def _check_sampling(sampling: str, min_score: float | None) -> None:
    choice(sampling, "sampling", get_args(Sampling))
    if min_score is not None:
        real_number(min_score, "min_score")
        if sampling == "best":
            msg = "min_score is for drawn letters; leave it out with sampling='best'"
            raise ValueError(msg)
