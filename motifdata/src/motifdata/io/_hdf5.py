"""HDF5 files: opened from memory, with errors that name the file."""

from __future__ import annotations

import importlib
import io
from pathlib import Path
from typing import Any

MAGIC = b"\x89HDF\r\n\x1a\n"
"""What every HDF5 file begins with."""


def h5py_module() -> Any:
    """Give h5py, or say how to install it."""
    try:
        return importlib.import_module("h5py")
    except ImportError as error:
        msg = "HDF5 files need h5py, which is not installed: pip install 'eugene-motifdata[h5]'"
        raise ImportError(msg) from error


def open_hdf5(path: Path, data: bytes) -> Any:
    """Open the bytes of a file for reading."""
    h5py = h5py_module()
    try:
        return h5py.File(io.BytesIO(data), "r")
    except OSError as error:
        msg = f"{path}: expected a whole HDF5 file; found one that cannot be opened ({error})"
        raise ValueError(msg) from error
