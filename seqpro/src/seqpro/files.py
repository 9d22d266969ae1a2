"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a name beside `path` to write to; the file there takes its place in one step at the end.

    The name is that of an empty file. After an error what was at `path` is still there, and nothing else.

    Raises
    ------
    FileNotFoundError
        If the folder of `path` is not there.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with written_whole(folder / "a.txt") as unfinished:
    ...     _ = unfinished.write_text("new")
    >>> [(file.name, file.read_text()) for file in folder.iterdir()]
    [('a.txt', 'new')]
    """
    if not path.parent.is_dir():
        msg = (
            f"path must lie in a folder that is there; found no folder {path.parent}. Make it first"
        )
        raise FileNotFoundError(msg)
    unfinished = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        unfinished.touch(exist_ok=False)
        yield unfinished
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` beside `path`, then put it in its place in one step, as `written_whole` does.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_whole(folder / "a.txt", b"new")
    >>> [(file.name, file.read_text()) for file in folder.iterdir()]
    [('a.txt', 'new')]
    """
    with written_whole(path) as unfinished:
        unfinished.write_bytes(data)
