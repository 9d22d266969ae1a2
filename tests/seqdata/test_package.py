"""The package as a whole: what it exports, and what a bare import must not load."""

from __future__ import annotations

import subprocess
import sys

import seqdata as sd

HEAVY = ("torch", "pysam", "pyBigWig", "matplotlib", "dask", "numba", "pyfaidx", "tqdm", "scipy")


def test_a_bare_import_loads_nothing_heavy() -> None:
    code = f"import sys, seqdata; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_exported_name_is_there_once() -> None:
    assert len(set(sd.__all__)) == len(sd.__all__)
    assert all(hasattr(sd, name) for name in sd.__all__)
