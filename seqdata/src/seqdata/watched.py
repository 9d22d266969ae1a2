"""Zarr stores that notice when another one has taken their place, and when a block is lost."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
from zarr.core.buffer import default_buffer_prototype
from zarr.storage import FsspecStore, LocalStore

from seqdata.blocks import lost_value
from seqdata.remote import ROOT
from seqdata.store import StoreChangedError


class WatchedStore(LocalStore):
    """A local store that refuses to read on where a block is lost, or another store has taken its place."""

    def __init__(self, root: Path | str, *, read_only: bool = True) -> None:
        super().__init__(root, read_only=read_only)
        self._opened = _identity(Path(root))
        self._whole = _arrays_written_whole(Path(root, ROOT).read_bytes())

    async def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        """Read as any local store, then see that it is still the one that was opened."""
        return self._checked(key, await super().get(key, *args, **kwargs))

    def get_sync(self, key: str, *args: Any, **kwargs: Any) -> Any:
        """Do the same without an event loop."""
        return self._checked(key, super().get_sync(key, *args, **kwargs))

    def _checked(self, key: str, found: Any) -> Any:
        if _identity(Path(self.root)) != self._opened:
            raise StoreChangedError.of(self.root)
        if found is None:
            _refuse_loss(key, self._whole, self.root)
        return found


class WatchedURL(FsspecStore):
    """A store under a URL that refuses to read on where a block is lost, or its root's metadata change.

    They hold the ``uuid``, so that equal metadata are those of an equal store. Each block that is read
    costs one more request, for them.
    """

    _url: str
    _root: bytes
    _whole: frozenset[str]

    @classmethod
    def at(cls, url: str, root: bytes) -> Self:
        """Open the store whose root's metadata are these."""
        store = cast("Self", cls.from_url(url.rstrip("/"), read_only=True))
        store._url, store._root, store._whole = url, root, _arrays_written_whole(root)
        return store

    async def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        """Read as any store of zarr, then see that it is still the one that was opened."""
        found = await super().get(key, *args, **kwargs)
        root = await super().get(ROOT, default_buffer_prototype())
        if root is None or root.to_bytes() != self._root:
            raise StoreChangedError.of(self._url)
        if found is None:
            _refuse_loss(key, self._whole, self._url)
        return found


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(folder / ROOT)
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def _arrays_written_whole(root: bytes) -> frozenset[str]:
    """Name the arrays of which every block was written, as the root's metadata tell."""
    consolidated = json.loads(root).get("consolidated_metadata") or {"metadata": {}}
    arrays = consolidated["metadata"].items()
    return frozenset(
        name for name, each in arrays
        if "data_type" in each and each["fill_value"] == _lost_value(each["data_type"])
    )  # fmt: skip


def _lost_value(data_type: Any) -> Any:
    """Give what stands for lost values, by a type's name in metadata."""
    try:
        return lost_value(str if data_type == "string" else np.dtype(data_type))
    except TypeError:  # types of zarr's own
        return None


def _refuse_loss(key: str, whole: frozenset[str], place: Path | str) -> None:
    """Refuse a block that must be there and is not."""
    name, _, within = key.partition("/")
    if name in whole and within.split("/")[0] == "c":
        msg = (
            f"block {key} of {place} is lost. Copy the store again from where it is whole, or build it "
            "anew"
        )
        raise OSError(msg)
