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

_LEFT = "left"  # in place of the process that owns a folder
_TRIES = 100  # more readers than that do not come between two renames


def beside(target: Path, *, work: str | None = None) -> Path:
    """Name a hidden folder beside `target` to write in; the name tells machine, process and work.

    Parameters
    ----------
    target
        Folder to be.
    work
        Hexadecimal name of what is being done, by which `take_up` finds it again; random by default.

    Examples
    --------
    >>> beside(Path("/data/a.zarr")).name.startswith(".a.zarr.writing-")
    True
    """
    return _named(target, str(os.getpid()), work or uuid.uuid4().hex[:8])


def take_up(target: Path, work: str) -> Path | None:
    """Make what another process had begun of the same work one's own, if it is no more.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp(), "a.zarr")
    >>> beside(target, work="c0ffee").mkdir()
    >>> leave(beside(target, work="c0ffee"), target, "c0ffee")
    >>> take_up(target, "c0ffee") == beside(target, work="c0ffee")
    True
    """
    for folder, name in _abandoned(target):
        if name == work:
            own = beside(target, work=work)
            with suppress(OSError):  # unless another process was faster
                _move(folder, own)
                return own
    return None


def leave(folder: Path, target: Path, work: str) -> None:
    """Give up a folder so that any process, this one too, may take up its work.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp(), "a.zarr")
    >>> beside(target, work="c0ffee").mkdir()
    >>> leave(beside(target, work="c0ffee"), target, "c0ffee")
    >>> [path.name.split("-")[-2:] for path in target.parent.iterdir()]
    [['left', 'c0ffee']]
    """
    left = _named(target, _LEFT, work)
    shutil.rmtree(left, ignore_errors=True)
    _move(folder, left)


def journal_of(folder: Path) -> Path:
    """Name the file beside an unfinished folder that tells what is in it.

    Examples
    --------
    >>> journal_of(Path(".a.zarr.writing-here-1-c0ffee")).name
    '.a.zarr.writing-here-1-c0ffee.journal'
    """
    return folder.with_name(f"{folder.name}.journal")


def _move(folder: Path, new: Path) -> None:
    folder.rename(new)
    with suppress(FileNotFoundError):
        journal_of(folder).replace(journal_of(new))


def _named(target: Path, owner: str, work: str) -> Path:
    return target.with_name(f".{target.name}.writing-{socket.gethostname()}-{owner}-{work}")


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
    for folder, _ in _abandoned(target):
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            journal_of(folder).unlink(missing_ok=True)


def _abandoned(target: Path) -> list[tuple[Path, str]]:
    """Folders of processes of this machine that are no more, or that left them, each with its work."""
    if sys.platform == "win32":
        return []  # no signal there asks whether a process lives: os.kill(pid, 0) would send CTRL_C_EVENT
    machine, name = re.escape(socket.gethostname()), re.escape(target.name)
    ours = re.compile(rf"\.{name}\.writing-{machine}-(\d+|{_LEFT})-([0-9a-f]+)")
    found = []
    for folder in target.parent.iterdir():
        match = ours.fullmatch(folder.name)
        if match and (match[1] == _LEFT or _is_dead(int(match[1]))):
            found.append((folder, match[2]))
    return found


def _is_dead(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):  # of another user, or no number of a process
        pass
    return False


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
