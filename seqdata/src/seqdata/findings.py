"""What a check finds in sources before they are built into a Dataset."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Severity = Literal["error", "warning", "note"]

_ORDER = ("error", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """One thing to know before building.

    Parameters
    ----------
    severity
        ``"error"``: the build stops, or its data would mislead; ``"warning"``: look at it; ``"note"``:
        good to know.
    check
        Name of the check.
    source
        What it is about: ``regions``, ``split``, ``variants`` or a reader's name.
    message
        What was found and what to do, on one line.
    count
        How many rows, records or samples it concerns.
    example
        The first of them.
    """

    severity: Severity
    check: str
    source: str
    message: str
    count: int
    example: str = ""


def findings_table(findings: Iterable[Finding]) -> pd.DataFrame:
    """Put findings into a table, errors first.

    Examples
    --------
    >>> table = findings_table([Finding("note", "a", "x", "m", 1), Finding("error", "b", "x", "m", 2)])
    >>> table["check"].tolist()
    ['b', 'a']
    """
    import pandas as pd

    ordered = sorted(findings, key=lambda finding: _ORDER.index(finding.severity))
    names = [field.name for field in fields(Finding)]
    table = pd.DataFrame([astuple(finding) for finding in ordered], columns=names)
    return table.astype({"count": "int64"})


def listed(words: Sequence[str]) -> str:
    """Name the first five of some words.

    Examples
    --------
    >>> listed(list("abcdef"))
    'a, b, c, d, e ...'
    """
    return ", ".join(words[:5]) + (" ..." if len(words) > 5 else "")


def one_line(error: Exception) -> str:
    r"""Put an error's message on one line.

    Examples
    --------
    >>> one_line(ValueError("a\nb."))
    'a b'
    """
    text = error.args[0] if isinstance(error, KeyError) and error.args else error
    return " ".join(str(text).split()).rstrip(".") or type(error).__name__
