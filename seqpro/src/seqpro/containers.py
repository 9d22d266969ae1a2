"""The one place that turns what users hold (str, lists, arrays, Ragged) into arrays of ASCII codes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from reprlib import repr as short
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqpro.ragged import Ragged

PAD = 0
"""Byte that fills the end of a shorter sequence where sequences of unequal length share an array."""

_LETTER = 32  # the lowest ASCII code of a character that is no control character
_PREFIX = 1024  # bytes that tell letters from numbers at no cost


def as_codes(
    seqs: Any, *, unequal: str = "error", argument: str = "seqs", least: int = _LETTER
) -> NDArray[np.uint8]:
    """Give sequences as one array of ASCII codes with the positions on the last axis.

    Parameters
    ----------
    seqs
        A string or bytes, shape (length,); a list of them, nested to any depth, shape (..., length);
        a numpy array of text or of ``S1`` letters; a uint8 array, which is taken as ASCII codes and
        not copied; whatever numpy turns into one of these (a Series, a DataArray); a `Ragged`. Numbers
        of any other type are refused, never turned into text, and so are uint8 arrays that hold
        numbers instead of letters, such as one-hot arrays and indices: nothing as high as `least`.
    unequal
        What to do with sequences of unequal length: ``"error"``, or ``"pad"`` to fill their ends
        with zero bytes.
    argument
        Name used in error messages.
    least
        Byte that a uint8 array must reach somewhere, unless all are zero bytes, which are padding. 32
        is the lowest ASCII letter; 2 lets indices pass and refuses one-hot arrays only.

    Returns
    -------
    uint8 array, shape (..., length)

    Raises
    ------
    TypeError
        If `seqs` holds numbers, or mixes text and numbers.
    ValueError
        If a letter is not ASCII, or if lengths differ and `unequal` is ``"error"``.

    Examples
    --------
    >>> as_codes(["AC", "GT"])
    array([[65, 67],
           [71, 84]], dtype=uint8)
    >>> as_codes(["ACG", "T"], unequal="pad").tolist()
    [[65, 67, 71], [84, 0, 0]]
    """
    if isinstance(seqs, str | bytes):
        return np.frombuffer(_ascii(seqs, argument), np.uint8)
    seqs = _as_array(seqs)
    if _holds_letters(seqs):
        return _letters(seqs, argument, least)
    shape: tuple[int, ...]
    if isinstance(seqs, Ragged):
        ragged, shape = _ragged_codes(seqs, argument, least), (len(seqs),)
    else:
        words, shape = _words(seqs, argument)
        ragged = Ragged.from_bytes(words)
    sizes = ragged.sizes
    longest = int(sizes.max()) if sizes.size else 0
    if sizes.size and int(sizes.min()) != longest:
        if unequal != "pad":
            msg = (
                f"{argument} must all have one length; found lengths {int(sizes.min())} to {longest}. "
                "Make them equal with seqpro.pad_seqs"
            )
            raise ValueError(msg)
        return ragged.to_padded(longest, PAD).reshape(*shape, longest)
    return ragged.packed().values.reshape(*shape, longest)


def as_ragged(seqs: Any, *, argument: str = "seqs") -> Ragged:
    """Give sequences of any lengths as a `Ragged` of ASCII codes, one row a sequence.

    Parameters
    ----------
    seqs
        As for `as_codes`, with one axis of sequences: a list of strings, an array of text, an array
        of letters of shape (n, length), or a `Ragged`.
    argument
        Name used in error messages.

    Raises
    ------
    TypeError, ValueError
        As `as_codes`, and if `seqs` is one sequence or nested deeper than one axis.

    Examples
    --------
    >>> as_ragged(["ACG", "T"]).sizes.tolist()
    [3, 1]
    """
    if isinstance(seqs, Ragged):
        return _ragged_codes(seqs, argument, _LETTER)
    if isinstance(seqs, str | bytes):
        msg = f"{argument} must be a list of sequences; found one {type(seqs).__name__}. Put it in a list"
        raise ValueError(msg)
    seqs = _as_array(seqs)
    if _holds_letters(seqs):
        if seqs.ndim != 2:
            msg = f"{argument} must be an array of shape (n, length); found shape {seqs.shape}"
            raise ValueError(msg)
        return Ragged.from_dense(_letters(seqs, argument, _LETTER))
    words, shape = _words(seqs, argument)
    if len(shape) != 1:
        msg = f"{argument} must be a flat list of sequences; found a nesting of shape {shape}"
        raise ValueError(msg)
    return Ragged.from_bytes(words)


def is_text(seqs: Any) -> bool:
    """Whether `seqs` holds letters as text rather than as ASCII codes.

    Functions that give sequences back use it to answer in kind: ``S1`` letters for text, uint8 for
    codes.
    """
    if isinstance(seqs, Ragged):
        return False
    return getattr(seqs, "dtype", None) != np.uint8


def in_kind(codes: NDArray[np.uint8], seqs: Any) -> NDArray[Any]:
    """View `codes` as ``S1`` letters if `seqs` was text, else give them as they are."""
    return codes.view("S1") if is_text(seqs) else codes


def as_rows(array: NDArray[Any], *, ndim: int = 2) -> NDArray[Any]:
    """Join the leading axes of an array into one, so that `ndim` axes are left; empty axes are fine.

    Examples
    --------
    >>> as_rows(np.zeros((2, 3, 0))).shape
    (6, 0)
    """
    lead = array.ndim - ndim + 1
    return array.reshape(math.prod(array.shape[:lead]), *array.shape[lead:])


def _as_array(seqs: Any) -> Any:
    """Turn whatever else holds an array (a DataArray, a Series) into numpy's."""
    return seqs if isinstance(seqs, Sequence | Ragged) else np.asarray(seqs)


def _holds_letters(seqs: Any) -> bool:
    """Whether `seqs` is an array with one letter per entry."""
    return isinstance(seqs, np.ndarray) and seqs.ndim > 0 and seqs.dtype in ("uint8", "S1")


def _letters(array: NDArray[Any], argument: str, least: int) -> NDArray[np.uint8]:
    """View an array of letters as codes; refuse uint8 numbers that are none."""
    if array.dtype != np.uint8 or not array.size or array.flat[:_PREFIX].max() >= least:
        return array.view(np.uint8)
    highest = int(array.max())  # only where the first letters did not tell
    if 0 < highest < least:
        msg = (
            f"{argument} must hold letters as ASCII codes; found uint8 numbers of {highest} at most. "
            "For a one-hot array pass ohe_axis where the function has it, else seqpro.decode_ohe makes "
            f"letters; alphabet.codes[{argument}] makes letters of indices"
        )
        raise TypeError(msg)
    return array


def _ragged_codes(ragged: Ragged, argument: str, least: int) -> Ragged:
    if ragged.values.dtype == np.uint8:
        _letters(ragged.values, argument, least)
        return ragged
    if ragged.values.dtype == np.dtype("S1"):
        return Ragged(ragged.values.view(np.uint8), ragged.starts, ragged.sizes)
    msg = f"{argument} must hold letters (uint8 ASCII codes or S1); found a Ragged of {ragged.values.dtype}"
    raise TypeError(msg)


def _words(seqs: Any, argument: str) -> tuple[list[bytes], tuple[int, ...]]:
    """Flatten nested text to a list of bytes and the shape of the nesting."""
    if isinstance(seqs, Sequence):
        shape = _shape(seqs)
        flat: Any = seqs
        for size in shape[1:]:
            flat = [item for part in flat for item in _items(part, size, argument)]
    else:
        if seqs.dtype.kind not in "SUOT":
            msg = (
                f"{argument} must be text (str, bytes, a list of them, an array of letters or of uint8 "
                f"ASCII codes); found {seqs.dtype} numbers"
            )
            raise TypeError(msg)
        shape, flat = seqs.shape, seqs.ravel().tolist()
    return [_ascii(item, argument) for item in flat], shape


def _shape(seqs: Sequence[Any]) -> tuple[int, ...]:
    shape: list[int] = []
    while isinstance(seqs, Sequence) and not isinstance(seqs, str | bytes):
        shape.append(len(seqs))
        if not seqs:
            break
        seqs = seqs[0]
    return tuple(shape)


def _items(part: Any, size: int, argument: str) -> Sequence[Any]:
    if isinstance(part, Sequence) and not isinstance(part, str | bytes) and len(part) == size:
        return part
    msg = f"{argument} must be nested evenly, with {size} items in each inner list; found {short(part)}"
    raise ValueError(msg)


def _ascii(text: Any, argument: str) -> bytes:
    if not isinstance(text, str | bytes):
        msg = f"{argument} must hold text; found {text!r} of type {type(text).__name__}"
        raise TypeError(msg)
    if not text.isascii():
        place = next(i for i in range(len(text)) if not text[i : i + 1].isascii())
        letter = text[place : place + 1]
        msg = f"{argument} must be ASCII letters; found {letter!r} at position {place}"
        raise ValueError(msg)
    return text.encode("ascii") if isinstance(text, str) else text
