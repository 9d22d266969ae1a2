"""Reading a text file line by line, with errors that say where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn


class NumberedLines:
    r"""The lines of a file, one after the other, stripped, with their numbers for error messages.

    Parameters
    ----------
    path
        A text file in UTF-8; any kind of line end will do.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.txt"
    >>> _ = path.write_text("one\n two\n")
    >>> lines = NumberedLines(path)
    >>> lines.take(), lines.peek(), lines.number
    ('one', 'two', 1)
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines = path.read_text(encoding="utf-8").splitlines()
        self._next = 0

    @property
    def at_end(self) -> bool:
        """Whether every line has been taken."""
        return self._next >= len(self._lines)

    @property
    def number(self) -> int:
        """1-based number of the line last taken."""
        return self._next

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

    def fail(self, problem: str, *, number: int | None = None) -> NoReturn:
        """Raise a ValueError about a line: the one last taken, unless another's number is given."""
        msg = f"{self.path}, line {number or self.number}: {problem}"
        raise ValueError(msg)
