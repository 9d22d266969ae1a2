"""Compiled kernels: cached where something can be written, compiled anew where not, lock released."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import seqpro
from seqpro import _kernels
from seqpro.kernel import kernel

ENCODE = """
import seqpro as sp
from seqpro import _kernels
assert sp.ohe("ACGT", sp.DNA).sum() == 4
assert sp.random_seqs(10, sp.DNA, rng=0).size == 10
stats = _kernels.onehot.gather.stats
print(sp.__file__, stats.cache_path, sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""

SPIN = """
import threading, time
import numpy as np
from seqpro.kernel import kernel

@kernel
def spin(rounds):
    state = np.uint64(1)
    for _ in range(rounds):
        state ^= state << np.uint64(13)
        state ^= state >> np.uint64(7)
        state ^= state << np.uint64(17)
    return state

spin(1)
worker = threading.Thread(target=spin, args=(100_000_000,))
worker.start()
ticks = 0
while worker.is_alive():
    time.sleep(0.01)
    ticks += 1
print(ticks)
"""


def run(script, **variables):
    """Run a script, given as text or as a file, in a process of its own; give the words it prints."""
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"} | variables
    command = [script] if isinstance(script, Path) else ["-c", script]
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, timeout=120, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_kernel_computes_what_the_function_computes():
    @kernel
    def total(values):
        result = 0
        for value in values:
            result += value
        return result

    assert total(np.arange(10)) == total.py_func(np.arange(10)) == 45


def test_kernel_releases_the_interpreter_lock(tmp_path):
    """Without that, threads would run one after the other and nobody else at all.

    In a file and a cache of its own: numba's cache would give back a kernel compiled otherwise.
    """
    script = tmp_path / "spin.py"
    script.write_text(SPIN)
    (ticks,) = run(script, NUMBA_CACHE_DIR=str(tmp_path))
    assert int(ticks) > 5


def test_second_process_finds_the_kernel_compiled(tmp_path):
    first = run(ENCODE, NUMBA_CACHE_DIR=str(tmp_path))
    second = run(ENCODE, NUMBA_CACHE_DIR=str(tmp_path))
    assert first[1].startswith(str(tmp_path))
    assert (first[2:], second[2:]) == (["0", "1"], ["1", "0"])


def test_read_only_installation_compiles_anew(tmp_path):
    """A copy of the package where a file stands in the cache's place, and no home to write to."""
    copy = tmp_path / "seqpro"
    shutil.copytree(
        Path(seqpro.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__", "*.nb*")
    )
    (copy / "_kernels" / "__pycache__").touch()
    nowhere = os.path.join(os.devnull, "nowhere")
    homes = dict.fromkeys(("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"), nowhere)
    where, cache, *_ = run(ENCODE, PYTHONPATH=str(tmp_path), **homes)
    assert Path(where).parent == copy
    assert cache == "None"
    assert not list(tmp_path.rglob("*.nb[ic]"))


def test_kernel_file_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"'seqpro\._kernels' has no attribute 'gpu'"):
        _kernels.gpu  # noqa: B018
