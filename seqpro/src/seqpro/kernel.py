"""The one decorator for compiled kernels, shared by the suite. Importing this module loads numba.

A kernel is a serial function over a block of rows, called through `seqpro.parallel.run_blocks`. It
releases the interpreter lock, is cached on disk, and calls only kernels of its own file: numba's cache
does not notice edits elsewhere. Kernels live in ``_kernels`` folders and are imported on first use, so
that no bare import pays for numba (0.25 s on top of numpy's 0.08 s).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile `function` with numba on its first call: no interpreter lock, cached on disk.

    Where neither the installation nor the user's cache folder can be written, the kernel is compiled
    anew in each process instead.

    Examples
    --------
    >>> @kernel
    ... def add(a, b):
    ...     return a + b
    >>> add(1, 2)
    3
    """
    return _compiled(function)


def summing_kernel(function: F) -> F:
    """Compile as `kernel` does, letting sums be added up in any order, which is several times as fast.

    Missing values (NaN) and infinities stay what they are.

    Examples
    --------
    >>> @summing_kernel
    ... def total(numbers):
    ...     found = 0.0
    ...     for number in numbers:
    ...         found += number
    ...     return found
    >>> total((1.0, 2.5))
    3.5
    """
    return _compiled(function, fastmath={"reassoc", "nsz"})


def _compiled(function: F, **options: Any) -> F:
    try:
        return numba.njit(nogil=True, cache=True, **options)(function)
    except RuntimeError:  # numba: no place to cache this file
        return numba.njit(nogil=True, **options)(function)
