"""What readers that count along the genome share: their options, and counts that never wrap."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np
from numpy.typing import NDArray

from seqdata import _kernels
from seqpro.checks import choice, shown, whole_number
from seqpro.parallel import run_blocks

_TYPES = ("uint8", "uint16", "uint32", "float32")
_EXACT = 2**24  # up to which float32 holds every whole number
_FARTHEST = 10_000  # bp; no enzyme's shift is as large
_GAP, _WIDEST_GAP = 2_000, 50_000  # bp between windows that are, and may be, counted in one go
_RUN = 1 << 20  # most bp counted in one go, unless a window is longer

File = str | os.PathLike[str]
Near = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.bool_]]


def named_files(files: File | Mapping[str, File], kind: str) -> dict[str, str]:
    """Give the path of each sample; a single path is a sample named for its file.

    Raises
    ------
    FileNotFoundError
        If a file is not there.
    ValueError
        If there is none.

    Examples
    --------
    >>> named_files({}, "BAM file")
    Traceback (most recent call last):
    ValueError: files must name at least one BAM file; found none
    """
    if isinstance(files, str | os.PathLike):
        files = {Path(files).name.split(".")[0]: files}
    if not files:
        msg = f"files must name at least one {kind}; found none"
        raise ValueError(msg)
    paths = {str(sample): os.fspath(path) for sample, path in files.items()}
    for path in paths.values():
        if not os.path.exists(path):
            msg = f"no {kind} at {path}"
            raise FileNotFoundError(msg)
    return paths


def count_type(dtype: Any) -> np.dtype[Any]:
    """Give the type of counts.

    Examples
    --------
    >>> count_type("uint16")
    dtype('uint16')
    """
    try:
        name = np.dtype(dtype).name
    except TypeError:
        name = dtype
    return np.dtype(choice(name, "dtype", _TYPES))


def shift_pair(shift: Any, *, is_used: bool) -> NDArray[np.int64]:
    """Give the shifts of left and right ends, bp; what is not used must be zero.

    Examples
    --------
    >>> shift_pair((4, -5), is_used=True)
    array([ 4, -5])
    """
    if not isinstance(shift, tuple | list) or len(shift) != 2:
        msg = f"shift must be two whole numbers, such as (4, -5); found {shown(shift)}"
        raise ValueError(msg)
    numbers = [whole_number(each, "shift", low=-_FARTHEST, high=_FARTHEST) for each in shift]
    if any(numbers) and not is_used:
        msg = f"shift must be (0, 0) where no ends are counted; found {shown(shift)}. It moves single ends"
        raise ValueError(msg)
    return np.array(numbers, np.int64)


def write_windows(
    paint: Callable[[BinaryIO, int, int, NDArray[np.int64], NDArray[np.int64]], None],
    path: str,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    rows: NDArray[Any],
    places: NDArray[np.int64],
    *,
    is_near: Near,
    is_span: bool,
    where: str,
) -> NDArray[np.int64]:
    """Count along runs of near windows, several runs at a time, and write each window's counts.

    Parameters
    ----------
    paint
        Counts along a run: the open file, start, end, tracks to add to, shape (rows, end - start + 1), and
        a tally of what became of each read.
    path
        The file, which each block of runs opens once.
    starts, ends
        Windows, sorted by start, 0-based half-open, shape (n,).
    rows
        Array to write into, shape (rows, total).
    places
        Where each window's first value goes, shape (n,).
    is_near
        Whether it is worth counting on from ends to later starts; arrays of shape (gaps,).
    is_span
        Whether tracks hold starts and ends of spans, which are summed up here, rather than counts.
    where
        File and contig, for the error.

    Returns
    -------
    The tally over all runs

    Raises
    ------
    ValueError
        If a count is too large for the type of `rows`.

    Examples
    --------
    >>> import tempfile
    >>> def paint(stream, low, high, tracks, tally):
    ...     tracks[0, 3 - low], tracks[0, 5 - low] = 1, -1
    >>> out = np.zeros((1, 4), "u2")
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     _ = write_windows(paint, file.name, np.array([2]), np.array([6]), out, np.array([0]),
    ...                       is_span=True, is_near=lambda ends, starts: starts < ends, where="")
    >>> out
    array([[0, 1, 1, 0]], dtype=uint16)
    """
    runs = _runs(starts, ends, is_near)
    tallies = np.zeros((len(runs), _kernels.paint.TALLY), np.int64)
    limit = _limit(rows.dtype)

    def count_runs(start: int, stop: int) -> None:
        with open(path, "rb") as stream:
            for number in range(start, stop):
                part = runs[number]
                first, last = starts[part], ends[part]
                low, high = int(first[0]), int(last.max())
                tracks = np.zeros((rows.shape[0], high - low + 1), np.int64)
                paint(stream, low, high, tracks, tallies[number])
                most = _kernels.paint.write_counts(
                    tracks, low, first, last, is_span, rows, places[part]
                )
                if most > limit:
                    _refuse_count(tracks, low, first, last, rows.dtype, where)

    run_blocks(count_runs, len(runs), block=1)
    return tallies.sum(axis=0)


def _runs(starts: NDArray[np.int64], ends: NDArray[np.int64], is_near: Near) -> list[slice]:
    """Ranges of sorted intervals that are counted in one go."""
    reached = np.maximum.accumulate(ends)
    gaps = starts[1:] - reached[:-1]
    is_far = gaps > _GAP
    asked = np.flatnonzero(is_far & (gaps <= _WIDEST_GAP))
    is_far[asked] = ~is_near(reached[asked], starts[asked + 1])
    stops = np.append(np.flatnonzero(is_far) + 1, starts.size)
    fitting = np.searchsorted(reached, starts + _RUN, side="right")
    runs, first = [], 0
    while first < starts.size:
        near = stops[np.searchsorted(stops, first, side="right")]
        stop = max(first + 1, int(min(near, fitting[first])))
        runs.append(slice(first, stop))
        first = stop
    return runs


def _limit(dtype: np.dtype[Any]) -> int:
    """Give the largest count that a type holds exactly."""
    return _EXACT if dtype.kind == "f" else int(np.iinfo(dtype).max)


def _refuse_count(
    tracks: NDArray[np.int64],
    low: int,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    dtype: np.dtype[Any],
    where: str,
) -> NoReturn:
    """Name the largest count within windows, and where it is."""
    found = (_kernels.paint.most_in(track, low, starts, ends) for track in tracks)
    most, position = max(found, key=lambda each: int(each[0]))
    msg = (
        f"dtype must hold every count; found {most} at position {position} (0-based) of {where}, and "
        f"{dtype.name} holds at most {_limit(dtype)}. Pass a larger one, such as dtype='uint32'"
    )
    raise ValueError(msg)
