"""Reading a text file line by line, with errors that say where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|nan|inf)"
"""What is written as a number, as a regular expression."""


class NumberedLines:
    r"""The lines of a file, one after the other, stripped, with their numbers for error messages.

    Parameters
    ----------
    path
        Where the text is from, for messages.
    text
        What the file holds; any kind of line end will do.

    Examples
    --------
    >>> lines = NumberedLines(Path("a.txt"), "one\n two\n")
    >>> lines.take(), lines.peek(), lines.number
    ('one', 'two', 1)
    """

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self._lines = text.splitlines()
        self._next = 0

    @property
    def at_end(self) -> bool:
        """Whether every line has been taken."""
        return self._next >= len(self._lines)

    @property
    def number(self) -> int:
        """1-based number of the line last taken."""
        return self._next

    @property
    def stem(self) -> str:
        """Name of the file without its endings, for a motif that the file does not name."""
        return self.path.name.removesuffix(".gz").rpartition(".")[0] or self.path.name

    def peek(self) -> str:
        """Give the next line and leave it."""
        return self._lines[self._next].strip()

    def take(self) -> str:
        """Give the next line and move on."""
        self._next += 1
        return self._lines[self._next - 1].strip()

    def until(self, *starts: str) -> Iterator[str]:
        """Take lines up to the one that begins with any of `starts`, which stays."""
        while not self.at_end and not self.peek().startswith(starts):
            yield self.take()

    def filled(self, *starts: str) -> Iterator[str]:
        """Take lines as `until` does, without blank lines and comments, which begin with ``#``."""
        return (line for line in self.until(*starts) if line and not line.startswith("#"))

    def value(self, text: str, *, number: int | None = None) -> float:
        """Give the number that a word spells; an error names the line last taken, or another."""
        if re.fullmatch(NUMBER, text, flags=re.IGNORECASE) is None:
            self.fail(f"expected a number; found {text!r}", number=number)
        return float(text)

    def fail(self, problem: str, *, number: int | None = None) -> NoReturn:
        """Raise a ValueError about a line: the one last taken, unless another's number is given."""
        msg = f"{self.path}, line {self.number if number is None else number}: {problem}"
        raise ValueError(msg)
