"""What a bare import costs."""

from __future__ import annotations

import subprocess
import sys

import seqpro

HEAVY = {"numba", "llvmlite", "pandas", "scipy", "torch", "xarray", "matplotlib", "multiprocessing"}


def loaded_after(script):
    done = subprocess.run(
        [sys.executable, "-c", f"{script}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_bare_import_loads_nothing_heavy():
    loaded = loaded_after("import seqpro; seqpro.DNA.complement_table(); seqpro.as_codes(['ACG'])")
    assert {"seqpro", "numpy"} <= loaded
    assert not HEAVY & loaded


def test_first_call_that_needs_a_kernel_loads_the_compiler():
    assert "numba" in loaded_after("import seqpro; seqpro.gc_content('ACGT')")


def test_every_public_name_is_there_and_documented():
    assert len(set(seqpro.__all__)) == len(seqpro.__all__)
    for name in seqpro.__all__:
        assert getattr(seqpro, name).__doc__
