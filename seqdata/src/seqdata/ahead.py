"""Make the next items of an iterator on another thread while the caller uses this one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def read_ahead(items: Iterator[T], n: int) -> Iterator[T]:
    """Give the items of an iterator, of which up to `n` are made ahead, on one thread.

    An error of `items` is raised in its place. The thread ends with the last item, or when the
    result is closed or forgotten.

    Parameters
    ----------
    items
        Used by that thread alone.
    n
        Items that may be ready before they are asked for; 0 makes each when it is asked for.

    Examples
    --------
    >>> list(read_ahead(iter("ACGT"), 2))
    ['A', 'C', 'G', 'T']
    """
    if not n:
        yield from items
        return
    worker = ThreadPoolExecutor(1, thread_name_prefix="seqdata-loader")
    try:
        waiting: deque[Future[list[T]]] = deque(worker.submit(_next, items) for _ in range(n))
        while found := waiting.popleft().result():
            waiting.append(worker.submit(_next, items))
            yield found[0]
    finally:
        worker.shutdown(cancel_futures=True)


def _next(items: Iterator[T]) -> list[T]:
    """Give the next item in a list, which is empty at the end."""
    return list(islice(items, 1))
