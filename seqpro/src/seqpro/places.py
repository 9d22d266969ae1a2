"""Where the rows of a table are: its columns of coordinates, read and checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

_FARTHEST = 2**53  # above, a float no longer tells whole numbers apart
_COORDINATES = ("chrom", "chromStart", "chromEnd")


class Places(NamedTuple):
    """Where the rows of a table are: names of the contigs, number of each row's, start and end."""

    contigs: list[str]
    codes: NDArray[np.intp]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def places_of(table: pd.DataFrame, argument: str) -> Places:
    """Take the places from a table of intervals; refuse what is none.

    Parameters
    ----------
    table
        Table with ``chrom``, ``chromStart`` and ``chromEnd`` (0-based, half-open).
    argument
        Name used in error messages.

    Raises
    ------
    TypeError, ValueError
        If `table` is not a DataFrame, a column is missing, a row names no contig, a coordinate is not a
        whole number, or an interval ends before its start.

    Examples
    --------
    >>> import pandas as pd
    >>> bed = pd.DataFrame({"chrom": ["b", "a"], "chromStart": [1, 5], "chromEnd": [4, 9]})
    >>> places_of(bed, "bed").codes
    array([0, 1])
    """
    pd = import_pandas()
    if not isinstance(table, pd.DataFrame):
        msg = (
            f"{argument} must be a DataFrame; found {type(table).__name__}. "
            "Files are read with seqpro.bed.read_bed"
        )
        raise TypeError(msg)
    missing = [name for name in _COORDINATES if name not in table]
    if missing:
        msg = (
            f"{argument} must have columns chrom, chromStart and chromEnd; it has no {missing[0]} "
            f"(only {', '.join(map(str, table.columns))}). Rename its columns"
        )
        raise ValueError(msg)

    def place(row: int) -> str:
        return f"{argument}, row {row}"

    chrom = table["chrom"]
    refuse(chrom.isna(), place, "every row must name a contig", lambda row: chrom.iloc[row])
    codes, names = pd.factorize(chrom)
    contigs = list(dict.fromkeys(map(str, names)))
    codes = numbered(map(str, names), contigs)[codes]
    starts, ends = (whole_numbers(table[name], place) for name in _COORDINATES[1:])
    rule = "an interval must not end before its start"
    refuse(pd.Series(ends < starts), place, rule, lambda row: f"{starts[row]} to {ends[row]}")
    return Places(contigs, codes, starts, ends)


def import_pandas() -> Any:
    """Give pandas, which only tables need, or say how to install it.

    Raises
    ------
    ImportError
        If pandas is not installed.

    Examples
    --------
    >>> import_pandas().__name__
    'pandas'
    """
    try:
        import pandas
    except ImportError as error:
        msg = "tables need pandas, which is not installed: pip install 'eugene-seqpro[tables]'"
        raise ImportError(msg) from error
    return pandas


def parse_coordinates(column: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Read a column of coordinates.

    Parameters
    ----------
    column
        Numbers, or text that writes them.

    Returns
    -------
    The numbers, and a boolean Series that marks the rows without a whole number up to 2**53

    Examples
    --------
    >>> import pandas as pd
    >>> parse_coordinates(pd.Series(["5", "1e20", "x"]))[1].tolist()
    [False, True, True]
    """
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce")
    return numbers, numbers.isna() | (numbers % 1 != 0) | (numbers.abs() > _FARTHEST)


def whole_numbers(column: pd.Series, place: Callable[[int], str]) -> NDArray[np.int64]:
    """Read a column of coordinates; refuse it where it is anything but whole numbers.

    Parameters
    ----------
    column
        Numbers, or text that writes them.
    place
        Gives the words for where a row is, from its number, as in `refuse`.

    Examples
    --------
    >>> import pandas as pd
    >>> whole_numbers(pd.Series(["5", "7"]), place="row {}".format)
    array([5, 7])
    """
    numbers, bad = parse_coordinates(column)
    rule = f"{column.name} must be a whole number"
    refuse(bad, place, rule, lambda row: repr(column.iloc[row]))
    return numbers.to_numpy(np.int64)


def refuse(
    broken: pd.Series, place: Callable[[int], str], rule: str, found: Callable[[int], object]
) -> None:
    """Raise a ValueError for the first row that breaks a rule, if any does.

    Parameters
    ----------
    broken
        Marks the rows that break the rule.
    place
        Gives the words for where a row is, from its number.
    rule
        What must hold.
    found
        Gives what a row has instead, from its number.

    Examples
    --------
    >>> import pandas as pd
    >>> column = pd.Series([1, -2])
    >>> refuse(column < 0, lambda row: f"row {row}", "a start must be 0 or more", column.get)
    Traceback (most recent call last):
    ValueError: row 1: a start must be 0 or more; found -2
    """
    if broken.any():
        row = int(broken.to_numpy().argmax())
        msg = f"{place(row)}: {rule}; found {found(row)}"
        raise ValueError(msg)


def numbered(names: Iterable[str], contigs: Iterable[str]) -> NDArray[np.intp]:
    """Give the number that each name has among `contigs`, -1 if none."""
    numbers = {contig: number for number, contig in enumerate(contigs)}
    return np.array([numbers.get(name, -1) for name in names], np.intp)
