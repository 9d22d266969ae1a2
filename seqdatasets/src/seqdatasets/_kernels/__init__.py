"""Compiled kernels. A kernel file is imported when first asked for: ``_kernels.place.place_sites``."""

import importlib
from types import ModuleType

_FILES = ("chance", "place", "plant")


def __getattr__(name: str) -> ModuleType:
    if name not in _FILES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return importlib.import_module(f"{__name__}.{name}")
