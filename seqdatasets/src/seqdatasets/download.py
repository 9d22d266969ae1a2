"""Downloads that go on where they were cut off, and put a file in place only when it is whole."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from seqdatasets.entries import RemoteFile

ATTEMPTS = 3
_PAUSE = 1.0  # seconds; doubled after each attempt that brought nothing
_BLOCK = 1 << 16
_TIMEOUT = 30


class CutOffError(ConnectionError):
    """The connection ended before the file did; what came of it stays in the part file."""


def download(file: RemoteFile, target: Path) -> Path:
    """Download a file to `target`, which is nothing, or whole and of the recorded size and hash.

    What comes in is written to ``{target}.part``. Where the connection is lost, or the process killed, the
    next attempt asks the server for the rest of it; a server that cannot give parts sends the file anew.

    Parameters
    ----------
    file
        What to download. Its size and hash are checked where they are known, and the size that the server
        states.
    target
        Where to put it; its folder is made.

    Returns
    -------
    `target`

    Raises
    ------
    ValueError
        If the file is not the recorded one; nothing of it is kept.
    requests.RequestException, CutOffError, OSError
        If it cannot be had or written; what there is of it is kept for the next call.

    Examples
    --------
    >>> import tempfile
    >>> file = RemoteFile("a.txt", url="http://127.0.0.1:9/a.txt")
    >>> download(file, Path(tempfile.mkdtemp(), "a.txt"))  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    requests.exceptions.ConnectionError: no connection
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part, note = _beside(target)
    with _alone(part, target) as stream:
        if target.exists():  # another process has been faster
            part.unlink(missing_ok=True)
            return target
        was_resumed = _fill(file, stream, note)
        try:
            _check(file, part)
        except ValueError:
            if not was_resumed:
                _forget(part, note)
                raise
            stream.truncate(0)  # the server's file has changed since: once more from its start
            note.unlink(missing_ok=True)
            _fill(file, stream, note)
            try:
                _check(file, part)
            except ValueError:
                _forget(part, note)
                raise
        os.replace(part, target)
        note.unlink(missing_ok=True)
    return target


def _beside(target: Path) -> tuple[Path, Path]:
    return target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.part.json")


def _forget(part: Path, note: Path) -> None:
    part.unlink(missing_ok=True)
    note.unlink(missing_ok=True)


@contextmanager
def _alone(part: Path, target: Path) -> Iterator[IO[bytes]]:
    """Open the part file for one process at a time, where the system can lock files."""
    try:
        import fcntl
    except ImportError:  # Windows lets nobody replace a file that another process has open
        with part.open("ab") as stream:
            yield stream
        return
    while True:
        with part.open("ab") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            if target.exists() or _is_still(part, stream):
                yield stream
                return


def _is_still(part: Path, stream: IO[bytes]) -> bool:
    """Whether the part file is the one that was opened, which another process may have removed."""
    try:
        return os.path.samestat(part.stat(), os.fstat(stream.fileno()))
    except FileNotFoundError:
        return False


def _fill(file: RemoteFile, stream: IO[bytes], note: Path) -> bool:
    """Append what is missing; whether the last of the requests that took was for a rest."""
    idle = 0  # attempts in a row that brought nothing
    while True:
        have = stream.seek(0, os.SEEK_END)
        try:
            return _request(file, stream, note, have) > 0
        except CutOffError:
            idle = idle + 1 if stream.seek(0, os.SEEK_END) <= have else 0
            if idle == ATTEMPTS:
                raise
        time.sleep(_PAUSE * 2**idle)


def _request(file: RemoteFile, stream: IO[bytes], note: Path, have: int) -> int:
    """Ask once for what is missing, and give the number of bytes that were kept from before."""
    import requests

    headers = {"Accept-Encoding": "identity"}
    validator = _validator(note, file.url)
    if have and (validator or file.sha256):
        headers["Range"] = f"bytes={have}-"
        if validator:
            headers["If-Range"] = validator
    with requests.get(file.url, headers=headers, stream=True, timeout=_TIMEOUT) as response:
        if response.status_code == 416:  # nothing lies beyond: it is whole, or another file
            if response.headers.get("Content-Range") == f"bytes */{have}":
                return have
            stream.truncate(0)
            raise CutOffError(file.url)
        response.raise_for_status()
        is_rest = response.status_code == 206 and response.headers.get(
            "Content-Range", ""
        ).startswith(f"bytes {have}-")
        if not is_rest:
            stream.truncate(0)
            have = 0
        _remember(note, file.url, response.headers)
        _copy(file, response, stream, have)
    return have


def _copy(file: RemoteFile, response: Any, stream: IO[bytes], have: int) -> None:
    """Write the body as it comes, undecoded, under a bar where somebody watches."""
    import urllib3
    from tqdm.auto import tqdm

    from seqdata.progress import is_watched

    length = response.headers.get("Content-Length")
    total = have + int(length) if length and length.isdigit() else file.bytes
    try:
        with tqdm(
            total=total,
            initial=have,
            unit="B",
            unit_scale=True,
            desc=file.name,
            disable=not is_watched(),
        ) as bar:
            for block in response.raw.stream(_BLOCK, decode_content=False):
                stream.write(block)
                bar.update(len(block))
    except (urllib3.exceptions.HTTPError, ConnectionError) as error:
        raise CutOffError(str(error)) from error
    finally:
        stream.flush()
        os.fsync(stream.fileno())


def _validator(note: Path, url: str) -> str | None:
    """Give what tells whether the server's file is still the one whose beginning is here."""
    try:
        noted = json.loads(note.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    found: str | None = noted.get("validator") if noted.get("url") == url else None
    return found


def _remember(note: Path, url: str, headers: Any) -> None:
    tag = headers.get("ETag", "")
    strong = None if tag.startswith("W/") else tag
    validator = strong or headers.get("Last-Modified")
    note.write_text(json.dumps({"url": url, "validator": validator}), "utf-8")


def _check(file: RemoteFile, part: Path) -> None:
    size = part.stat().st_size
    if file.bytes is not None and size != file.bytes:
        msg = (
            f"{file.name} must have {file.bytes:,} bytes; {file.url} gave {size:,}. It was not kept. Try "
            "again, or get it elsewhere"
        )
        raise ValueError(msg)
    if file.sha256 is not None and hash_of(part) != file.sha256:
        msg = (
            f"{file.name} must have the sha256 hash {file.sha256}; {file.url} gave {hash_of(part)}. It was "
            "not kept: the file there is damaged, or another one by now"
        )
        raise ValueError(msg)


def hash_of(path: Path) -> str:
    """Give the sha256 of a file.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a"); _ = path.write_bytes(b"")
    >>> hash_of(path)[:8]
    'e3b0c442'
    """
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
