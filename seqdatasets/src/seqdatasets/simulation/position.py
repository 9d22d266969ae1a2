"""Where sites stand. Starts are drawn by these laws, given that nothing overlaps and all lies inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from seqdatasets.simulation.forms import recipe_object
from seqpro.checks import real_number, whole_number


@recipe_object
@dataclass(frozen=True)
class Anywhere:
    """Every start is equally likely.

    Examples
    --------
    >>> Anywhere()
    Anywhere()
    """


@recipe_object
@dataclass(frozen=True)
class Central:
    """Every start is equally likely for which the site lies within the central stretch.

    Parameters
    ----------
    width
        Length of the central stretch, bp. Of a longer sequence, ``(length - width) // 2`` positions lie
        before it.

    Raises
    ------
    ValueError
        If `width` is no whole number from 1.

    Examples
    --------
    >>> Central(50).width
    50
    """

    width: int

    def __post_init__(self) -> None:
        whole_number(self.width, "width", low=1)


@recipe_object
@dataclass(frozen=True)
class OutsideCentral:
    """Every start is equally likely for which the site lies beside the central stretch.

    Parameters
    ----------
    width
        Length of the central stretch, bp, as for `Central`.

    Raises
    ------
    ValueError
        If `width` is no whole number from 1.

    Examples
    --------
    >>> OutsideCentral(50).width
    50
    """

    width: int

    def __post_init__(self) -> None:
        whole_number(self.width, "width", low=1)


@recipe_object
@dataclass(frozen=True)
class Normal:
    """Sites stand around the middle by a normal law; what would reach over an end is drawn again.

    Parameters
    ----------
    deviation
        Standard deviation, bp.
    offset
        Distance of the law's mean from the middle of the sequence, bp; negative is towards its start.

    Raises
    ------
    ValueError
        If `deviation` is negative.

    Examples
    --------
    >>> Normal(10.0).offset
    0.0
    """

    deviation: float
    offset: float = 0.0

    def __post_init__(self) -> None:
        real_number(self.deviation, "deviation", low=0, high=1e9)
        real_number(self.offset, "offset", low=-1e9, high=1e9)


@recipe_object
@dataclass(frozen=True)
class FixedStart:
    """Sites begin at one position.

    Parameters
    ----------
    start
        0-based position.

    Raises
    ------
    ValueError
        If `start` is no whole number from 0.

    Examples
    --------
    >>> FixedStart(0).start
    0
    """

    start: int

    def __post_init__(self) -> None:
        whole_number(self.start, "start", low=0)


Position: TypeAlias = Anywhere | Central | OutsideCentral | Normal | FixedStart
