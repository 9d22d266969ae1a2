"""Stores under a URL of fsspec: made in a folder of this machine, then put there, the root last."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from urllib.request import url2pathname

ROOT = "zarr.json"
"""File that makes a folder a zarr store."""
_CLAIM = ".seqdata-writing"  # beside the root while it is being put there


def place_of(path: str | os.PathLike[str]) -> Path | str:
    """Tell a URL, which is given back as text, from a folder of this machine.

    Examples
    --------
    >>> place_of("s3://bucket/a.zarr"), place_of("file:///data/a.zarr").as_posix()
    ('s3://bucket/a.zarr', '/data/a.zarr')
    """
    text = os.fspath(path)
    if text.startswith("file://"):
        text = url2pathname(urlsplit(text).path)
    if "://" in text:
        return text
    return Path(text).resolve()  # a lazy Dataset outlives a change of folder, a link keeps pointing


def staging_of(url: str) -> Path:
    """Name the folder of this machine, among temporary files, in which a store for a URL is made.

    Examples
    --------
    >>> staging_of("s3://bucket/a.zarr") == staging_of("s3://other/a.zarr")
    False
    """
    name = hashlib.blake2b(url.encode(), digest_size=8).hexdigest()
    return Path(tempfile.gettempdir(), f"seqdata-{name}.zarr")


def state_of(url: str) -> Literal["nothing", "store", "other"]:
    """Say what is under a URL; what an interrupted `publish` left counts as nothing.

    Examples
    --------
    >>> state_of("memory://nowhere.zarr")
    'nothing'
    """
    files, path = file_system(url)
    files.invalidate_cache()
    if files.exists(f"{path}/{ROOT}"):
        return "store"
    try:
        names = files.ls(path, detail=False)
    except FileNotFoundError:
        return "nothing"
    return "other" if names and not files.exists(f"{path}/{_CLAIM}") else "nothing"


def claim(url: str) -> None:
    """Mark a URL as being written to, which shows at once whether that is possible.

    Raises
    ------
    OSError
        If nothing can be written there.

    Examples
    --------
    >>> claim("memory://claimed.zarr"); release("memory://claimed.zarr")
    """
    files, path = file_system(url)
    try:
        with tempfile.TemporaryDirectory() as folder:
            note = Path(folder, _CLAIM)
            note.write_text("being written\n")
            files.put_file(str(note), f"{path}/{_CLAIM}")  # makes folders where there are folders
    except Exception as error:
        msg = f"{url} cannot be written to ({error}). Write to a folder, and copy that"
        raise OSError(msg) from error


def release(url: str) -> None:
    """Take back a claim.

    Examples
    --------
    >>> release("memory://nowhere.zarr")
    """
    files, path = file_system(url)
    with suppress(
        Exception
    ):  # each file system has errors of its own; a claim that stays does no harm
        files.rm_file(f"{path}/{_CLAIM}")


def publish(folder: Path, url: str) -> None:
    """Put a finished store under a URL that is claimed, in place of the one there.

    The root's metadata are removed first and written last, so that at no time they stand over the
    blocks of two stores.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp()); _ = (folder / ROOT).write_text("{}")
    >>> claim("memory://published.zarr"); publish(folder, "memory://published.zarr")
    >>> state_of("memory://published.zarr"), read_file("memory://published.zarr", ROOT)
    ('store', b'{}')
    """
    files, path = file_system(url)
    sources = {
        f"{path}/{file.relative_to(folder).as_posix()}": str(file)
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
    root = sources.pop(f"{path}/{ROOT}")
    with suppress(FileNotFoundError):
        files.rm_file(f"{path}/{ROOT}")
    files.put(list(sources.values()), list(sources))
    files.invalidate_cache()
    for stale in set(files.find(path)) - {*sources, f"{path}/{_CLAIM}"}:
        files.rm_file(stale)
    files.put_file(root, f"{path}/{ROOT}")
    release(url)


def read_file(url: str, name: str) -> bytes | None:
    """Read one file under a URL; None if it is not there.

    Examples
    --------
    >>> read_file("memory://nowhere.zarr", "zarr.json") is None
    True
    """
    files, path = file_system(url)
    try:
        found: bytes = files.cat_file(f"{path}/{name}")
    except FileNotFoundError:
        return None
    return found


def file_system(url: str) -> tuple[Any, str]:
    """Give the file system of a URL, and the URL's path in it.

    Raises
    ------
    ImportError
        If fsspec, or what it needs for such a URL, is not installed.

    Examples
    --------
    >>> file_system("memory://a.zarr/")[1]
    '/a.zarr'
    """
    try:
        from fsspec.core import url_to_fs  # type: ignore[import-untyped]
    except ImportError:
        msg = f"{url} needs the extra remote: pip install 'eugene-seqdata[remote]'"
        raise ImportError(msg) from None
    files, path = url_to_fs(url)
    return files, path.rstrip("/")
