"""The one thread pool: kernels run over blocks of rows on it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

_pool: ThreadPoolExecutor | None = None
_lock = threading.Lock()
_here = threading.local()


def thread_count() -> int:
    """Give the number of threads in use: ``SEQPRO_THREADS`` if set, else the processors allowed.

    Raises
    ------
    ValueError
        If ``SEQPRO_THREADS`` is not a positive whole number.

    Examples
    --------
    >>> thread_count() >= 1
    True
    """
    wanted = os.environ.get("SEQPRO_THREADS")
    if wanted is None:
        return (
            len(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else os.cpu_count() or 1
        )
    if not wanted.isdigit() or int(wanted) < 1:
        msg = f"SEQPRO_THREADS must be a positive whole number; found {wanted!r}"
        raise ValueError(msg)
    return int(wanted)


def run_blocks(work: Callable[[int, int], object], n: int, *, block: int) -> None:
    """Call ``work(start, stop)`` for blocks that cover ``range(n)``, several at a time.

    Blocks run in no particular order, so `work` must write each row's result in its own place; then
    results do not depend on the number of threads. A block's exception is raised here. Called from
    inside a block, it runs in the calling thread.

    Parameters
    ----------
    work
        Function of a half-open range of rows; should release the interpreter lock.
    n
        Number of rows.
    block
        Rows a block has at least, and an eighth of the most that it has; fewer than two blocks run in
        the calling thread.

    Examples
    --------
    >>> squares = [0] * 5
    >>> def work(start, stop):
    ...     for i in range(start, stop):
    ...         squares[i] = i * i
    >>> run_blocks(work, 5, block=2)
    >>> squares
    [0, 1, 4, 9, 16]
    """
    threads = thread_count()
    step = min(max(block, n // (4 * threads)), 8 * block)
    bounds = [(start, min(start + step, n)) for start in range(0, n, step)]
    if threads == 1 or n < 2 * block or getattr(_here, "inside", False):
        for start, stop in bounds:
            work(start, stop)
        return
    futures = _submit(work, bounds, threads)
    wait(futures)  # even after a failure: no block may still write when this returns
    for future in futures:
        future.result()


def _run(work: Callable[[int, int], object], start: int, stop: int) -> None:
    _here.inside = True
    work(start, stop)


def _submit(
    work: Callable[[int, int], object], bounds: list[tuple[int, int]], threads: int
) -> list[Future[None]]:
    """Hand all blocks to a pool of so many threads; a pool of another number ends when it is done."""
    global _pool
    with _lock:  # held until the last block is in: nobody may shut the pool down in between
        if _pool is None or _pool._max_workers != threads:
            if _pool is not None:
                _pool.shutdown(wait=False)
            _pool = ThreadPoolExecutor(threads, thread_name_prefix="seqpro")
        return [_pool.submit(_run, work, start, stop) for start, stop in bounds]


def _forget_pool() -> None:
    """Drop the pool in a forked child: its threads did not come along."""
    global _pool, _lock
    _pool, _lock = None, threading.Lock()
    _here.inside = False


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pool)
