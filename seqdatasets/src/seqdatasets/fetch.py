"""Files of data sets: from a mirror folder, the cache, or the network, always checked by hash."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from seqdatasets.catalogue import RemoteFile, find

MIRROR = "SEQDATASETS_MIRROR"
CACHE = "SEQDATASETS_CACHE"


def fetch(name: str) -> dict[str, Path]:
    """Make sure that a data set's files are on this machine, and say where.

    Each file is looked for in the folder that the environment variable ``SEQDATASETS_MIRROR`` names,
    then in the cache (``SEQDATASETS_CACHE``, or the user's cache folder), and then downloaded into
    the cache, with a progress bar where somebody watches. Whatever its source, its sha256 is checked.

    Parameters
    ----------
    name
        A name of `list_datasets`.

    Returns
    -------
    Path of each file by its name

    Raises
    ------
    ValueError
        If there is no such data set, or a file's hash is not the recorded one.
    ConnectionError
        If a download fails; the message gives the address and the place to put the file by hand.

    Examples
    --------
    >>> fetch("dream_yeast")
    Traceback (most recent call last):
    ValueError: no data set 'dream_yeast'; did you mean dream_yeast_demo?
    """
    return {file.name: _fetch_file(name, file) for file in find(name).files}


def cache_folder() -> Path:
    """Give the folder that downloads go to.

    Examples
    --------
    >>> isinstance(cache_folder(), Path)
    True
    """
    import pooch

    return Path(os.environ.get(CACHE) or pooch.os_cache("seqdatasets"))


def _fetch_file(dataset: str, file: RemoteFile) -> Path:
    mirror = os.environ.get(MIRROR)
    if mirror:
        mirrored = Path(mirror, file.mirror)
        if mirrored.exists():
            _check_hash(mirrored, file, "replace it, or unset SEQDATASETS_MIRROR")
            return mirrored
    kept = cache_folder() / dataset / file.name
    if kept.exists():
        _check_hash(kept, file, "delete it, and it is downloaded again")
        return kept
    return _download(file, kept)


def _check_hash(path: Path, file: RemoteFile, remedy: str) -> None:
    with open(path, "rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != file.sha256:
        msg = f"{path} must have sha256 {file.sha256}; found {found}: {remedy}"
        raise ValueError(msg)


def _download(file: RemoteFile, target: Path) -> Path:
    """Download to the cache; pooch writes beside the target and renames once the hash is right."""
    import pooch
    import requests

    from seqdata.progress import is_watched

    downloader = pooch.HTTPDownloader(progressbar=is_watched(), timeout=30)
    try:
        path = pooch.retrieve(
            file.url,
            known_hash=f"sha256:{file.sha256}",
            fname=target.name,
            path=target.parent,
            downloader=downloader,
        )
    except (requests.RequestException, OSError) as error:
        msg = (
            f"{file.name} could not be downloaded ({type(error).__name__}). Without a network, get it from "
            f"{file.url} and put it at {target}, or name a folder that holds {file.mirror} in {MIRROR}"
        )
        raise ConnectionError(msg) from error
    return Path(path)
