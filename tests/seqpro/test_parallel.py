"""The thread pool: every row once, errors raised, and alive after forks, in blocks and in children."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

import seqpro as sp
from seqpro import parallel
from seqpro.parallel import run_blocks, thread_count


def run(script, **variables):
    """Run a script in a process of its own; a deadlock fails after a minute instead of hanging."""
    environment = os.environ | {"SEQPRO_THREADS": "4"} | variables
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.fixture
def four_threads(monkeypatch):
    monkeypatch.setenv("SEQPRO_THREADS", "4")


@pytest.mark.parametrize("threads", ["1", "3", "8"])
@pytest.mark.parametrize("n", [0, 1, 2, 7, 100, 1001])
@pytest.mark.parametrize("block", [1, 10, 5000])
def test_every_row_is_worked_on_once(monkeypatch, threads, n, block):
    monkeypatch.setenv("SEQPRO_THREADS", threads)
    seen = np.zeros(n, int)

    def work(start, stop):
        assert start < stop
        seen[start:stop] += 1

    run_blocks(work, n, block=block)
    assert (seen == 1).all()


def test_blocks_hold_at_least_the_rows_asked_for(four_threads):
    sizes = []
    run_blocks(lambda start, stop: sizes.append(stop - start), 1000, block=150)
    assert len(sizes) > 1
    assert sum(size < 150 for size in sizes) <= 1


def test_two_blocks_run_at_the_same_time(monkeypatch):
    monkeypatch.setenv("SEQPRO_THREADS", "2")
    meeting = threading.Barrier(2, timeout=30)
    run_blocks(lambda start, stop: meeting.wait(), 2, block=1)
    assert not meeting.broken


def test_no_more_threads_than_allowed_are_used(monkeypatch):
    monkeypatch.setenv("SEQPRO_THREADS", "2")
    names = set()

    def work(start, stop):
        names.add(threading.current_thread().name)
        time.sleep(0.01)

    run_blocks(work, 100, block=1)
    assert len(names) == 2


@pytest.mark.parametrize(("threads", "n", "block"), [("1", 100, 1), ("4", 3, 2), ("4", 100, 100)])
def test_little_work_stays_in_the_calling_thread(monkeypatch, threads, n, block):
    monkeypatch.setenv("SEQPRO_THREADS", threads)
    workers = []
    run_blocks(lambda start, stop: workers.append(threading.get_ident()), n, block=block)
    assert set(workers) == {threading.get_ident()}


def test_number_of_threads_can_change_between_calls(monkeypatch):
    for threads in ("2", "5", "1", "3"):
        monkeypatch.setenv("SEQPRO_THREADS", threads)
        seen = np.zeros(50, int)
        run_blocks(lambda a, b, seen=seen: seen.__setitem__(slice(a, b), 1), 50, block=1)
        assert thread_count() == int(threads)
        assert seen.all()


def test_default_is_the_processors_this_process_may_use(monkeypatch):
    monkeypatch.delenv("SEQPRO_THREADS", raising=False)
    assert 1 <= thread_count() <= os.cpu_count()


@pytest.mark.parametrize("wanted", ["0", "-2", "two", "1.5", ""])
def test_impossible_number_of_threads_is_refused(monkeypatch, wanted):
    monkeypatch.setenv("SEQPRO_THREADS", wanted)
    message = f"SEQPRO_THREADS must be a positive whole number; found '{wanted}'"
    with pytest.raises(ValueError, match=message):
        sp.gc_content("ACGT")


@pytest.mark.parametrize("threads", ["1", "4"])
def test_exception_in_a_block_is_raised(monkeypatch, threads):
    monkeypatch.setenv("SEQPRO_THREADS", threads)

    def work(start, stop):
        if start <= 57 < stop:
            msg = "row 57 is broken"
            raise KeyError(msg)

    with pytest.raises(KeyError, match="row 57 is broken"):
        run_blocks(work, 100, block=1)


def test_no_block_still_writes_after_an_exception(four_threads):
    finished = []

    def work(start, stop):
        if start == 0:
            raise ValueError
        time.sleep(0.05)
        finished.append(start)

    with pytest.raises(ValueError, match=r"^$"):
        run_blocks(work, 8, block=1)
    assert len(finished) == 7


def test_pool_works_after_an_exception(four_threads):
    with pytest.raises(ZeroDivisionError):
        run_blocks(lambda start, stop: 1 / 0, 100, block=1)
    seen = np.zeros(100, int)
    run_blocks(lambda a, b: seen.__setitem__(slice(a, b), 1), 100, block=1)
    assert seen.all()


def test_block_may_run_blocks_of_its_own():
    """More nested calls than threads: were they to wait for the pool, they would wait for ever."""
    script = """
import numpy as np
from seqpro.parallel import run_blocks
seen = np.zeros((40, 50), int)
def outer(start, stop):
    for row in range(start, stop):
        run_blocks(lambda a, b: seen[row, a:b].__iadd__(1), 50, block=1)
run_blocks(outer, 40, block=1)
print((seen == 1).all())
"""
    assert run(script) == ["True"]


def test_public_functions_may_be_called_in_blocks(four_threads):
    seqs = sp.random_seqs((64, 30), sp.DNA, rng=0)
    turned = np.empty_like(seqs)

    def work(start, stop):
        turned[start:stop] = sp.reverse_complement(seqs[start:stop], sp.DNA)

    run_blocks(work, 64, block=1)
    np.testing.assert_array_equal(turned, sp.reverse_complement(seqs, sp.DNA))


def test_callers_in_many_threads_share_the_pool(four_threads, monkeypatch):
    monkeypatch.setattr("seqpro.shuffle._BLOCK", 64)
    seqs = sp.random_seqs((100, 30), sp.DNA, rng=0)
    results = {}
    callers = [
        threading.Thread(target=lambda i=i: results.update({i: sp.k_shuffle(seqs, 2, rng=i)}))
        for i in range(8)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(60)
    for i in range(8):
        np.testing.assert_array_equal(results[i], sp.k_shuffle(seqs, 2, rng=i))


def test_number_of_threads_may_change_while_others_work(monkeypatch):
    """A caller whose pool is replaced between two blocks must not find it shut down."""

    class SlowPool(parallel.ThreadPoolExecutor):
        def submit(self, *args):
            time.sleep(0.005)
            return super().submit(*args)

    wanted = threading.local()
    monkeypatch.setattr(parallel, "ThreadPoolExecutor", SlowPool)
    monkeypatch.setattr(parallel, "_pool", None)
    monkeypatch.setattr(parallel, "thread_count", lambda: wanted.threads)
    seen = np.zeros((2, 12), int)
    errors = []

    def call(threads):
        wanted.threads = threads
        try:
            for _ in range(4):
                run_blocks(lambda a, b: seen[threads - 2, a:b].__iadd__(1), 12, block=1)
        except RuntimeError as error:
            errors.append(error)

    callers = [threading.Thread(target=call, args=(threads,)) for threads in (2, 3)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(60)
    assert errors == []
    assert (seen == 4).all()


def test_pool_is_made_anew_in_a_forked_child():
    """A data loader forks after the pool has been used; its children must not wait for dead threads."""
    script = """
import os
import numpy as np
import seqpro as sp
codes = np.full((4000, 1000), 67, np.uint8)
assert (sp.gc_content(codes) == 1).all()
child = os.fork()
if not child:
    os._exit(0 if (sp.gc_content(codes) == 1).all() and sp.ohe(codes, sp.DNA).sum() == codes.size else 3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), (sp.gc_content(codes) == 1).all())
"""
    assert run(script) == ["0", "True"]


def test_fork_inside_a_block_gives_a_child_with_a_pool_of_its_own():
    script = """
import os, threading
from seqpro.parallel import run_blocks
codes = []
def work(start, stop):
    if start:
        return
    child = os.fork()
    if not child:
        meeting = threading.Barrier(2, timeout=20)
        run_blocks(lambda a, b: meeting.wait(), 2, block=1)
        os._exit(0)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
run_blocks(work, 4, block=1)
print(codes[0])
"""
    assert run(script) == ["0"]


def test_fork_context_of_multiprocessing():
    script = """
from multiprocessing import get_context
import numpy as np
import seqpro as sp
seqs = sp.random_seqs((4000, 500), sp.DNA, rng=0)
expected = sp.gc_content(seqs)
with get_context("fork").Pool(2) as pool:
    found = pool.map(sp.gc_content, [seqs, seqs, seqs])
print(all(np.array_equal(expected, part) for part in found))
"""
    assert run(script) == ["True"]


def test_spawned_processes_give_the_same_rows():
    seqs = sp.random_seqs((50, 30), sp.DNA, rng=0)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = pool.submit(sp.k_shuffle, seqs, 2, rng=3).result(timeout=60)
    np.testing.assert_array_equal(there, sp.k_shuffle(seqs, 2, rng=3))
