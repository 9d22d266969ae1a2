"""Putting a finished folder in the place of another, so that a kill leaves the old or the new one."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import socket
import sys
import uuid
from contextlib import suppress
from pathlib import Path

_TRIES = 100  # more readers than that do not come between two renames


def beside(target: Path) -> Path:
    """Name a hidden folder beside `target` to write in; the name tells machine and process.

    Examples
    --------
    >>> beside(Path("/data/a.zarr")).name.startswith(".a.zarr.writing-")
    True
    """
    owner = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    return target.with_name(f".{target.name}.writing-{owner}")


def replace(new: Path, target: Path) -> None:
    """Put `new` where `target` is, in one step where the system has one, and remove the old.

    What of the old cannot be removed, such as a file that is open on Windows, is left to later writes.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ("new", "target"):
    ...     (folder / name).mkdir()
    ...     _ = (folder / name / "a.txt").write_text(name)
    >>> replace(folder / "new", folder / "target")
    >>> (folder / "target" / "a.txt").read_text(), (folder / "new").exists()
    ('new', False)
    """
    if not target.exists():
        new.rename(target)
    elif _exchange(new, target):
        shutil.rmtree(new, ignore_errors=True)
    else:
        _replace_by_renames(new, target)
        _discard(_previous(target), target)


def recover(target: Path) -> None:
    """Bring the old folder back if a kill came between the two renames of `replace`.

    Where the writer is alive and only between its renames, it gets the old folder back once more and
    replaces it again; where it has just finished, the new folder stays.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / ".target.previous").mkdir()
    >>> recover(folder / "target")
    >>> [path.name for path in folder.iterdir()]
    ['target']
    """
    previous = _previous(target)
    if not previous.exists():
        return
    if target.exists():
        _discard(previous, target)
        return
    try:
        previous.rename(target)
    except OSError:  # unless the writer or another reader was faster
        if previous.exists() and not target.exists():
            raise


def remove_abandoned(target: Path) -> None:
    """Remove what processes of this machine that are no more had begun to write for `target`.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> beside(folder / "a.zarr").mkdir()
    >>> remove_abandoned(folder / "a.zarr")
    >>> len(list(folder.iterdir()))  # of this very process: kept
    1
    """
    if sys.platform == "win32":
        return  # no signal there asks whether a process lives: os.kill(pid, 0) would send CTRL_C_EVENT
    machine, name = re.escape(socket.gethostname()), re.escape(target.name)
    ours = re.compile(rf"\.{name}\.writing-{machine}-(\d+)-[0-9a-f]+")
    for folder in target.parent.iterdir():
        owner = ours.fullmatch(folder.name)
        if owner is None:
            continue
        try:
            os.kill(int(owner[1]), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except (OSError, OverflowError):  # of another user, or no number of a process
            continue


def _replace_by_renames(new: Path, target: Path) -> None:
    """Move `target` aside and `new` in its place, anew if a reader brought `target` back meanwhile."""
    for _ in range(_TRIES):
        target.rename(_previous(target))
        try:
            new.rename(target)
        except OSError:
            if target.exists():
                continue
            recover(target)
            raise
        return
    msg = f"{target} could not be replaced: other processes keep opening it. Write it again"
    raise OSError(msg)


def _discard(folder: Path, target: Path) -> None:
    """Remove an old folder; whatever stays has a name that `recover` does not bring back."""
    with suppress(OSError):
        folder = folder.rename(beside(target))
    shutil.rmtree(folder, ignore_errors=True)


def _exchange(first: Path, second: Path) -> bool:
    """Swap two folders atomically (Linux ``renameat2``); False where that is not possible."""
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return rename(here, os.fsencode(first), here, os.fsencode(second), swap) == 0


def _previous(path: Path) -> Path:
    return path.with_name(f".{path.name}.previous")
