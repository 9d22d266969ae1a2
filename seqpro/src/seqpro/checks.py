"""Checks of arguments: the value comes back, or an error says argument, expected and found."""

from __future__ import annotations

from reprlib import repr as short
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LARGEST = 2**63  # what a 64-bit number does not hold
_LONGEST = 2**48  # positions, far beyond any memory
_SHOWN = 80  # characters of a value that a message shows


def shown(value: Any) -> str:
    """Show a value in a message: short, and on one line.

    Examples
    --------
    >>> shown("ACGT"), shown(np.zeros((2, 3)))
    ("'ACGT'", 'an array of float64 with shape (2, 3)')
    """
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} with shape {value.shape}"
    text = " ".join(short(value).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def whole_number(
    value: Any, argument: str, *, low: int | None = None, high: int | None = None
) -> int:
    """Give a whole number from `low` to `high`, both included.

    Examples
    --------
    >>> whole_number(3, "k", low=1)
    3
    """
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if is_whole and (low is None or value >= low) and (high is None or value <= high):
        if abs(int(value)) < _LARGEST:
            return int(value)
        high = _LARGEST - 1
    bounds = (
        "" if low is None else f", at least {low}" if high is None else f" from {low} to {high}"
    )
    msg = f"{argument} must be a whole number{bounds}; found {shown(value)}"
    raise ValueError(msg)


def real_number(value: Any, argument: str, *, low: float = -np.inf, high: float = np.inf) -> float:
    """Give a number from `low` to `high`, both included.

    Examples
    --------
    >>> real_number(0.5, "rate", low=0, high=1)
    0.5
    """
    is_real = isinstance(value, int | float | np.integer | np.floating | np.bool_)
    if is_real and low <= value <= high:
        return float(value)
    bounds = (
        "" if low == -np.inf else f" from {low:g}" + ("" if high == np.inf else f" to {high:g}")
    )
    msg = f"{argument} must be a number{bounds}; found {shown(value)}"
    raise ValueError(msg)


def flag(value: Any, argument: str) -> bool:
    """Give True or False.

    Examples
    --------
    >>> flag(np.True_, "canonical")
    True
    """
    if isinstance(value, bool | np.bool_):
        return bool(value)
    msg = f"{argument} must be True or False; found {shown(value)}"
    raise ValueError(msg)


def number_type(value: Any, argument: str) -> np.dtype[Any]:
    """Give a numpy type of what names one.

    Examples
    --------
    >>> number_type("f4", "dtype")
    dtype('float32')
    """
    try:
        return np.dtype(value)
    except (TypeError, ValueError) as error:
        msg = f"{argument} must be a type of numbers, such as 'float32'; found {shown(value)}"
        raise TypeError(msg) from error


def kernel_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Give the number type that kernels read in place of `dtype`: native, no half or long floats.

    Examples
    --------
    >>> kernel_type(np.dtype(">f2"))
    dtype('float32')
    """
    if dtype.kind == "f":
        return np.dtype(np.float32 if dtype.itemsize <= 4 else np.float64)
    return dtype.newbyteorder("=")


def size_of_axis(value: Any, argument: str) -> int:
    """Give a number of positions that an array can have.

    Examples
    --------
    >>> size_of_axis(100, "length")
    100
    """
    size = whole_number(value, argument, low=0)
    if size > _LONGEST:
        msg = f"{argument} must be at most {_LONGEST}, or no array can hold it; found {size}"
        raise ValueError(msg)
    return size


def choice(value: Any, argument: str, choices: tuple[str, ...]) -> str:
    """Give one of some words.

    Examples
    --------
    >>> choice("fold", "case", ("fold", "strict"))
    'fold'
    """
    if isinstance(value, str) and value in choices:
        return value
    *first, last = map(repr, choices)
    msg = f"{argument} must be {', '.join(first)} or {last}; found {shown(value)}"
    raise ValueError(msg)


def as_array(value: Any, argument: str) -> NDArray[Any]:
    """Give an array of what holds one: a list, a DataArray, a Series, a tensor of any device.

    Examples
    --------
    >>> as_array([1, 2], "numbers")
    array([1, 2])
    """
    if hasattr(value, "detach"):
        # a tensor, which numpy takes from the processor only, and without gradients
        value = value.detach().cpu()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
    special = isinstance(value, np.ndarray) and type(value) is not np.ndarray
    if special and np.ma.is_masked(value):  # numpy loads its masked arrays only now
        found = int(np.ma.count_masked(value))
        msg = f"{argument} must have no masked entries; found {found}. Fill them first: {argument}.filled()"
        raise ValueError(msg)
    try:
        return np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        msg = f"{argument} must be an array or what numpy makes one of; found {shown(value)}"
        raise TypeError(msg) from error
