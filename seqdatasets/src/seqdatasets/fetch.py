"""Files of data sets: from a mirror folder, the cache, or the network, always checked by hash."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from seqdatasets.catalogue import find
from seqdatasets.download import download as download_to
from seqdatasets.download import hash_of
from seqdatasets.entries import SPLITS, Entry, RemoteFile
from seqdatasets.unpack import unpack
from seqpro.checks import choice, flag, shown

_log = logging.getLogger(__name__)

MIRROR = "SEQDATASETS_MIRROR"
CACHE = "SEQDATASETS_CACHE"

Subset = str | int | Sequence[str | int] | None


def fetch(
    name: str, *, subset: Subset = None, split: str | None = None, download: bool = True
) -> dict[str, Path]:
    """Make sure that a data set's files are on this machine, and say where.

    Each file is looked for in the folder that the environment variable ``SEQDATASETS_MIRROR`` names,
    then in the cache (``SEQDATASETS_CACHE``, or the user's cache folder), and then downloaded into
    the cache, with a progress bar where somebody watches. A download that was cut off goes on where it was.
    Whatever its source, a file's sha256 is checked. Where none has been recorded, the one that is found is
    logged, and kept beside the file in the cache, so that a later change is noticed. Archives are unpacked
    in the cache.

    Parameters
    ----------
    name
        A name of `list_datasets`.
    subset
        The subset whose files are wanted, or several; None for the default one.
    split
        ``"train"``, ``"val"`` or ``"test"`` leaves out files that only hold rows of the others.
    download
        Whether files may be downloaded; False raises for those that are not here.

    Returns
    -------
    Path of each file by its name; of an archive, the folder it was unpacked into

    Raises
    ------
    ValueError
        If there is no such data set or subset, a file's size or hash is not the recorded one, or an archive
        is damaged or would write outside its folder.
    ConnectionError
        If a file is not here and cannot be downloaded; the message gives the address and the place to put
        the file by hand.

    Examples
    --------
    >>> fetch("dream_yeats")
    Traceback (most recent call last):
    ValueError: no data set 'dream_yeats'; did you mean dream_yeast or dream_yeast_demo?
    """
    flag(download, "download")
    entry = find(name)
    if split is not None:
        choice(split, "split", SPLITS)
    wanted = files_of(entry, subsets_of(entry, subset), split)
    return {file.name: _fetch_file(name, file, download=download) for file in wanted}


def cache_folder() -> Path:
    """Give the folder that downloads go to.

    Examples
    --------
    >>> isinstance(cache_folder(), Path)
    True
    """
    import pooch

    return Path(os.environ.get(CACHE) or pooch.os_cache("seqdatasets"))


def subsets_of(entry: Entry, subset: Subset) -> tuple[str, ...]:
    """Give the names of the subsets that are asked for; of none, if the data set has none.

    Examples
    --------
    >>> subsets_of(find("deBoer20"), [0, 6])
    ('0', '6')
    """
    if subset is None:
        return () if entry.default_subset is None else (entry.default_subset,)
    asked = [subset] if isinstance(subset, str | int) else list(subset)
    names = tuple(dict.fromkeys(str(each) for each in asked))
    if not entry.subsets:
        msg = f"data set {entry.name!r} has no subsets; found subset={shown(subset)}. Leave it out"
        raise ValueError(msg)
    unknown = [each for each in names if each not in entry.subsets]
    if unknown or not names:
        known = ", ".join(
            f"{key} ({about.get('about', '')})" for key, about in entry.subsets.items()
        )
        msg = f"subset of {entry.name!r} must be one or several of {known}; found {shown(subset)}"
        raise ValueError(msg)
    return names


def files_of(entry: Entry, subsets: Sequence[str], split: str | None) -> list[RemoteFile]:
    """Give the files that hold rows of some subsets and of a split.

    Examples
    --------
    >>> [file.name for file in files_of(find("jores21"), ["proto"], "test")]
    ['CNN_test_proto.tsv']
    """
    return [
        file
        for file in entry.files
        if (not file.subsets or set(file.subsets) & set(subsets))
        and (split is None or file.split in (None, split))
    ]


def is_here(entry: Entry) -> bool:
    """Whether all files of a data set's default subset are on this machine; hashes are not checked.

    Examples
    --------
    >>> is_here(Entry("mine", (RemoteFile("a", path="/nowhere/a"),), "recipe", {}))
    False
    """
    wanted = files_of(entry, subsets_of(entry, None), None)
    return all(_place(entry.name, file) is not None for file in wanted)


def _place(dataset: str, file: RemoteFile) -> Path | None:
    """Where a file is on this machine, if it is."""
    if file.path:
        own = Path(file.path)
        return own if own.exists() else None
    mirrored = _mirrored(file)
    if mirrored is not None:
        return mirrored
    kept = cache_folder() / dataset / file.name
    return kept if kept.exists() else None


def _mirrored(file: RemoteFile) -> Path | None:
    folder = os.environ.get(MIRROR)
    if not folder or not file.mirror:
        return None
    path = Path(folder, file.mirror)
    return path if path.exists() else None


def _fetch_file(dataset: str, file: RemoteFile, *, download: bool = True) -> Path:
    place = _place(dataset, file)
    kept = cache_folder() / dataset / file.name
    if file.path:
        if place is None:
            msg = (
                f"{file.name} of data set {dataset!r} must be at {file.path}; there is no such file"
            )
            raise FileNotFoundError(msg)
        remedy = f"the entry of {dataset!r} is of another file"
    elif place is None:
        place, remedy = _download(dataset, file, kept, allowed=download), "delete it"
    elif place == kept:
        remedy = "it has changed: to download it again, delete it"
    else:
        remedy = f"replace it, or unset {MIRROR}"
    found = _checked_hash(place, file, remedy, note=kept if place == kept else None)
    if file.unpack is None:
        return place
    unpacked = cache_folder() / dataset / f"{file.name}.unpacked-{found[:12]}"
    return unpack(place, unpacked, file.unpack)


def _checked_hash(path: Path, file: RemoteFile, remedy: str, note: Path | None) -> str:
    """Check a file's size and hash, and give the hash; that of the first time where none is recorded."""
    size = path.stat().st_size
    if file.bytes is not None and size != file.bytes:
        msg = f"{path} must have {file.bytes:,} bytes; found {size:,}: {remedy}"
        raise ValueError(msg)
    found = hash_of(path)
    seen = note.with_name(f"{note.name}.sha256") if note else None
    expected = file.sha256
    if expected is None and seen is not None and seen.exists():
        expected = seen.read_text("utf-8").split()[0]
        remedy += f", with {seen.name}, which holds its hash of the first time"
    if expected is not None and found != expected:
        msg = f"{path} must have sha256 {expected}; found {found}: {remedy}"
        raise ValueError(msg)
    if expected is None and not file.path:  # a file of the user's own may change
        _log.warning("%s: hash not recorded: computed sha256 %s now; keep it", path, found)
        if seen is not None:
            seen.write_text(f"{found}  {file.name}\n", "utf-8")
    return found


def _download(dataset: str, file: RemoteFile, target: Path, *, allowed: bool) -> Path:
    """Download to the cache, or say how to do it by hand."""
    import requests

    if not allowed:
        msg = f"{file.name} is not on this machine, and download=False. {_by_hand(dataset, file, target)}"
        raise ConnectionError(msg)
    try:
        return download_to(file, target)
    except (requests.RequestException, OSError) as error:
        response = getattr(error, "response", None)
        why = type(error).__name__ if response is None else f"HTTP status {response.status_code}"
        msg = f"{file.name} could not be downloaded ({why}). {_by_hand(dataset, file, target)}"
        raise ConnectionError(msg) from error


def _by_hand(dataset: str, file: RemoteFile, target: Path) -> str:
    mirrored = f", or name a folder that holds {file.mirror} in {MIRROR}" if file.mirror else ""
    return (
        f"Without a network, get it from {file.url} and put it at {target}{mirrored}; "
        f"seqdatasets.info({dataset!r}) lists all the files"
    )
