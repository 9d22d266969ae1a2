"""The suite's own file: every field of every motif, exactly, in HDF5."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from motifdata.io._hdf5 import h5py_module, open_hdf5
from motifdata.io._matrix import Content
from motifdata.motif import Motif
from motifdata.motifset import MotifSet
from seqpro import Alphabet

KIND = "motifdata motifs"
"""Value of the root attribute ``kind``."""

_VERSION = 1
_TEXTS = ("id", "name", "source", "species", "taxon", "licence", "statistics")
_NUMBERS = ("nsites", "evalue", "threshold")
_ALPHABET = ("name", "letters", "pairs", "unknown")


def parse(path: Path, data: bytes, alphabet: Alphabet | None) -> Content:
    """Read motifs; the positions of all of them lie after each other in ``probabilities``."""
    with open_hdf5(path, data) as file:
        try:
            used = Alphabet(**{key: file.attrs[f"alphabet_{key}"] for key in _ALPHABET})
            motifs = _read_motifs(file, used)
            background = file["background"][:].tolist()
        except (KeyError, TypeError, ValueError) as error:
            msg = f"{path}: expected a file that write_motifs made; found {error}"
            raise ValueError(msg) from error
    if alphabet is not None and alphabet.letters != used.letters:
        msg = f"{path}: expected the letters {alphabet.letters}; found {used.letters}"
        raise ValueError(msg)
    return Content(motifs, [0] * len(motifs), background)


def _read_motifs(file: Any, alphabet: Alphabet) -> list[Motif]:
    columns: dict[str, list[Any]] = {key: file[key].asstr()[:].tolist() for key in _TEXTS}
    columns |= {key: file[key][:].tolist() for key in _NUMBERS}
    matrices = np.split(file["probabilities"][:], np.cumsum(file["length"][:])[:-1])
    rows = zip(matrices, *columns.values(), strict=True)
    return [
        Motif(probabilities=matrix, alphabet=alphabet, **dict(zip(columns, values, strict=True)))
        for matrix, *values in rows
    ]


def render(motifs: MotifSet) -> bytes:
    """Write motifs; equal sets give equal bytes."""
    h5py = h5py_module()
    target = io.BytesIO()
    listed = list(motifs)
    with h5py.File(target, "w") as file:
        file.attrs["kind"], file.attrs["version"] = KIND, _VERSION
        for key in _ALPHABET:
            file.attrs[f"alphabet_{key}"] = getattr(motifs.alphabet, key)
        file["background"] = motifs.background
        file["length"] = np.array([len(motif) for motif in listed], dtype=np.int64)
        file["probabilities"] = np.concatenate([motif.probabilities for motif in listed])
        for key in _TEXTS:
            file.create_dataset(
                key, data=[getattr(motif, key) for motif in listed], dtype=h5py.string_dtype()
            )
        for key in _NUMBERS:
            file[key] = np.array([getattr(motif, key) for motif in listed], dtype=np.float64)
    return target.getvalue()
