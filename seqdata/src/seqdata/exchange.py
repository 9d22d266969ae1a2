"""Putting a finished folder in the place of another, so that a kill leaves the old or the new one."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import socket
import sys
import uuid
from pathlib import Path


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
        shutil.rmtree(new)
    else:
        previous = _previous(target)
        target.rename(previous)
        new.rename(target)
        shutil.rmtree(previous)


def recover(target: Path) -> None:
    """Bring the old folder back if a kill came between the two renames of `replace`.

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
        shutil.rmtree(previous)
    else:
        previous.rename(target)


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
        except PermissionError:
            continue


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
