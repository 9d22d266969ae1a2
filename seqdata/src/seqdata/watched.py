"""Zarr stores that notice when another one has taken their place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Self, cast

from zarr.core.buffer import default_buffer_prototype
from zarr.storage import FsspecStore, LocalStore

from seqdata.remote import ROOT
from seqdata.store import StoreChangedError


class WatchedStore(LocalStore):
    """A local store that refuses to read on once another store has taken its place."""

    def __init__(self, root: Path | str, *, read_only: bool = True) -> None:
        super().__init__(root, read_only=read_only)
        self._opened = _identity(Path(root))

    async def get(self, *args: Any, **kwargs: Any) -> Any:
        """Read as any local store, then see that it is still the one that was opened."""
        found = await super().get(*args, **kwargs)
        self._check()
        return found

    def get_sync(self, *args: Any, **kwargs: Any) -> Any:
        """Do the same without an event loop."""
        found = super().get_sync(*args, **kwargs)
        self._check()
        return found

    def _check(self) -> None:
        if _identity(Path(self.root)) != self._opened:
            raise StoreChangedError.of(self.root)


class WatchedURL(FsspecStore):
    """A store under a URL that refuses to read on once the root's metadata are not those it had.

    They hold the ``uuid``, so that equal metadata are those of an equal store. Each block that is read
    costs one more request, for them.
    """

    _url: str
    _root: bytes

    @classmethod
    def at(cls, url: str, root: bytes) -> Self:
        """Open the store whose root's metadata are these."""
        store = cast("Self", cls.from_url(url.rstrip("/"), read_only=True))
        store._url, store._root = url, root
        return store

    async def get(self, *args: Any, **kwargs: Any) -> Any:
        """Read as any store of zarr, then see that it is still the one that was opened."""
        found = await super().get(*args, **kwargs)
        root = await super().get(ROOT, default_buffer_prototype())
        if root is None or root.to_bytes() != self._root:
            raise StoreChangedError.of(self._url)
        return found


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(folder / ROOT)
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns
