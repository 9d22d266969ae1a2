"""A zarr store that notices when another one has taken its place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from zarr.storage import LocalStore

from seqdata.store import ROOT, StoreChangedError


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
            msg = f"{self.root} was replaced after it was opened; open it again with seqdata.open_zarr"
            raise StoreChangedError(msg)


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(folder / ROOT)
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns
