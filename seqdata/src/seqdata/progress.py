"""Progress bars: on in a terminal or a notebook, off everywhere else."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def progress(
    items: Iterable[T], *, description: str, total: int | None = None, show: bool | None = None
) -> Iterator[T]:
    """Go through `items`, showing a bar with the remaining time where somebody watches.

    Parameters
    ----------
    items
        What to go through.
    description
        Label of the bar.
    total
        Number of items, where they have no length.
    show
        True or False to decide; None shows it in a terminal or a notebook only.

    Examples
    --------
    >>> import seqdata as sd
    >>> list(sd.progress(range(3), description="counting"))
    [0, 1, 2]
    """
    visible = is_watched() if show is None else show
    if not visible or sys.stderr is None:  # a program without a console has nowhere to show it
        yield from items
        return
    with warnings.catch_warnings():  # of a notebook without widgets, where the bar is text
        warnings.filterwarnings("ignore", "IProgress not found")
        from tqdm.auto import tqdm
    yield from tqdm(items, desc=description, total=total, leave=False)


def is_watched() -> bool:
    """Whether standard error is a terminal or the process a notebook's kernel.

    Examples
    --------
    >>> isinstance(is_watched(), bool)
    True
    """
    if sys.stderr is not None and sys.stderr.isatty():
        return True
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")
