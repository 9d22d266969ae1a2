"""Independent tasks done here, by processes of this machine, or by a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from multiprocessing import get_context
from typing import Any, TypeVar

from seqdata.progress import progress

Task = TypeVar("Task")
Workers = int | Executor | Any

_AHEAD = 4  # tasks handed out for each worker


def run_tasks(
    work: Callable[[Task], Any],
    tasks: Sequence[Task],
    *,
    workers: Workers = 1,
    description: str = "",
) -> Iterator[tuple[Task, Any]]:
    """Do tasks and give each with its result, as they are done.

    Parameters
    ----------
    work
        Function of a task. With other processes it must be one that can be pickled.
    tasks
        What to do.
    workers
        Number of processes, 1 for none but this one; or an executor of `concurrent.futures`; or a client
        of Dask, ``distributed.Client``.
    description
        Name of the progress bar.

    Examples
    --------
    >>> sorted(result for _, result in run_tasks(abs, [-1, -2]))
    [1, 2]
    """
    if isinstance(workers, int) and workers == 1:
        for task in progress(tasks, description=description):
            yield task, work(task)
        return
    with _pool(workers) as pool:
        yield from progress(_finished(pool, work, tasks), description=description, total=len(tasks))


def _pool(workers: Workers) -> AbstractContextManager[Executor]:
    if isinstance(workers, Executor):
        return nullcontext(workers)
    if hasattr(workers, "get_executor"):
        return nullcontext(workers.get_executor())
    if isinstance(workers, int) and workers > 1:
        return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    msg = f"workers must be a number of processes, an executor or a Dask client; found {workers!r}"
    raise ValueError(msg)


def _finished(
    pool: Executor, work: Callable[[Task], Any], tasks: Sequence[Task]
) -> Iterator[tuple[Task, Any]]:
    """Hand tasks out, some ahead of those that are done, so that few wait in memory."""
    waiting: dict[Future[Any], Task] = {}
    ahead = _AHEAD * getattr(pool, "_max_workers", 8)
    left = iter(tasks)
    try:
        while True:
            for task in left:
                waiting[pool.submit(work, task)] = task
                if len(waiting) >= ahead:
                    break
            if not waiting:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                yield waiting.pop(future), future.result()
    finally:
        for future in waiting:
            future.cancel()
        wait(waiting)  # none may still write when this returns
