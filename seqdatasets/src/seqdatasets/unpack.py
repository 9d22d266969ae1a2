"""Archives, unpacked whole or not at all, and never outside their folder."""

from __future__ import annotations

import gzip
import os
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath

_DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, tarfile.TarError, zipfile.BadZipFile)


def unpack(archive: Path, target: Path, kind: str) -> Path:
    """Unpack an archive into a folder, or a gzipped file into a file.

    Parameters
    ----------
    archive
        The archive.
    target
        Where to put what is in it. What is there already is taken to be that.
    kind
        ``"tar"`` (plain or compressed), ``"zip"`` or ``"gzip"``.

    Returns
    -------
    `target`

    Raises
    ------
    ValueError
        If a member would leave the folder or is no plain file or folder, or the archive is damaged.
        Nothing of it is kept.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> with zipfile.ZipFile(folder / "a.zip", "w") as made: made.writestr("x/a.txt", "A")
    >>> (unpack(folder / "a.zip", folder / "a", "zip") / "x" / "a.txt").read_text()
    'A'
    """
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        made = folder / "content"
        if kind == "tar":
            _untar(archive, made)
        elif kind == "zip":
            _unzip(archive, made)
        else:
            with gzip.open(archive, "rb") as source, made.open("wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
        _put(made, target)
    except _DAMAGE as error:
        msg = (
            f"{archive.name} is cut short or damaged: {error}. Delete {archive}, and fetch it again"
        )
        raise ValueError(msg) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return target


def _put(made: Path, target: Path) -> None:
    try:
        os.rename(made, target)
    except OSError:
        if not target.exists():  # else another process has been faster, with the same content
            raise


def _untar(archive: Path, folder: Path) -> None:
    folder.mkdir()
    with tarfile.open(archive) as source:
        for member in source.getmembers():
            _check_name(archive, member.name)
            if not (member.isfile() or member.isdir()):
                _refuse(archive, member.name, "a link or a device")
        source.extractall(folder, filter="data")


def _unzip(archive: Path, folder: Path) -> None:
    folder.mkdir()
    with zipfile.ZipFile(archive) as source:
        for member in source.infolist():
            _check_name(archive, member.filename)
            if stat.S_ISLNK(member.external_attr >> 16):
                _refuse(archive, member.filename, "a link")
        source.extractall(folder)


def _check_name(archive: Path, name: str) -> None:
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    if posix.is_absolute() or windows.anchor or ".." in posix.parts or ".." in windows.parts:
        _refuse(archive, name, "outside the folder it is unpacked into")


def _refuse(archive: Path, name: str, what: str) -> None:
    msg = (
        f"members of {archive.name} must be plain files inside their folder; found {name!r}, {what}. Nothing "
        "of it was unpacked: do not trust this file"
    )
    raise ValueError(msg)
