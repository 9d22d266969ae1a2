"""The one place that turns what users hold (text, arrays, tensors, Ragged, one-hot) into ASCII codes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from seqpro import _kernels
from seqpro.alphabet import Alphabet
from seqpro.checks import as_array, choice, shown, whole_number
from seqpro.columns import Columns, anonymous_letters, letters_axis
from seqpro.parallel import run_blocks
from seqpro.ragged import Ragged

PAD = 0
"""Byte that fills the end of a shorter sequence where sequences of unequal length share an array."""

BLOCK = 1 << 18
"""Positions that a thread takes at a time, unless a function says otherwise."""

_LETTER = 32  # the lowest ASCII code of a character that is no control character
_DEEPEST = 32  # levels of nesting, fewer than numpy's axes
_PREFIX = 1024  # bytes that tell letters from numbers at no cost
_CODES = np.dtype(np.uint8)
_TEXT = np.dtype("S1")


class Block(NamedTuple):
    """Some rows of codes over a flat array: what kernels take."""

    values: NDArray[np.uint8]
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]


def copy_block(block: Block, out: NDArray[np.uint8]) -> None:
    """Write the rows of a block one after the other."""
    _kernels.ragged.copy_rows(*block, 1, np.cumsum(block.sizes) - block.sizes, out)


@dataclass(frozen=True)
class Rows:
    """Sequences of any container, as rows of ASCII codes that are read block by block.

    A list of strings or a one-hot array is never turned into letters as a whole, so that a function
    needs no more memory than its result and a few blocks.
    """

    source: Any
    shape: tuple[int, ...]  # axes of sequences
    sizes: NDArray[np.int64]  # letters of each row
    length: int | None  # the same, if all are equal
    read: Callable[[int, int], NDArray[np.uint8] | Block]  # codes of a half-open range of rows
    dtype: np.dtype[Any]  # of letters in the answer: S1 for text, uint8 for codes
    columns: Columns | None  # how letters stand in a one-hot array
    argument: str

    def __len__(self) -> int:
        return self.sizes.size

    def one_length(self) -> int:
        """Give the length of all rows; refuse rows of unequal length."""
        if self.length is None:
            msg = (
                f"{self.argument} must all have one length; found lengths {int(self.sizes.min())} to "
                f"{int(self.sizes.max())}. seqpro.pad_seqs makes them equal; seqpro.as_ragged keeps them"
            )
            raise ValueError(msg)
        return self.length

    def longest(self) -> int:
        """Give the length of the longest row; 0 where there is none."""
        return int(self.sizes.max()) if self.sizes.size else self.length or 0

    def block(self, start: int, stop: int) -> Block:
        """Give the codes of some rows over a flat array."""
        codes = self.read(start, stop)
        if not isinstance(codes, Block):
            n, length = codes.shape
            codes = Block(codes.reshape(-1), np.arange(n) * length, np.full(n, length))
        return Block(_sealed(codes.values), _sealed(codes.starts), _sealed(codes.sizes))

    def dense(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Give the codes of some rows as an array (rows, longest), shorter ones filled with `PAD`."""
        codes = self.read(start, stop)
        if isinstance(codes, Block):
            codes = Ragged(*codes).to_padded(self.longest(), PAD)
        return _sealed(codes)

    def blocks(self) -> Iterator[tuple[int, Block]]:
        """Read all rows in order, a block at a time, each with the number of its first row."""
        step = self._rows_of(BLOCK)
        for first in range(0, len(self), step):
            yield first, self.block(first, min(first + step, len(self)))

    def run(self, work: Callable[[int, Block], object], *, positions: int = BLOCK) -> None:
        """Call ``work(first, block)`` on blocks of about so many positions, several at a time."""
        self._run(lambda start, stop: work(start, self.block(start, stop)), positions)

    def run_dense(self, work: Callable[[int, NDArray[np.uint8]], object]) -> None:
        """Call ``work(first, codes)`` on blocks of rows, as `dense` gives them, several at a time."""
        self._run(lambda start, stop: work(start, self.dense(start, stop)), BLOCK)

    def _run(self, work: Callable[[int, int], object], positions: int) -> None:
        run_blocks(work, len(self), block=self._rows_of(positions))

    def _rows_of(self, positions: int) -> int:
        """Give the number of rows that have about so many positions."""
        mean = self.length if self.length is not None else int(self.sizes.mean())
        return max(1, positions // max(1, mean))

    def map(
        self,
        work: Callable[[int, Block, NDArray[np.uint8]], object],
        *,
        sizes: int | NDArray[np.int64] | None = None,
        out: NDArray[Any] | None = None,
        positions: int = BLOCK,
    ) -> Any:
        """Make a new sequence of each row, in the kind that was given.

        Parameters
        ----------
        work
            ``work(first, block, target)`` writes the new rows of a block one after the other.
        sizes
            Letters of the new rows: one number for a dense result, one for each row for a `Ragged`;
            those of the rows by default.
        out
            Array to write a dense result into; may be the input itself.
        positions
            About how many positions a block has.
        """
        if sizes is None:
            sizes = self.sizes if isinstance(self.source, Ragged) else self.one_length()
        if not isinstance(sizes, np.ndarray):
            return self._map_dense(work, int(sizes), out, positions)
        if out is not None:
            msg = "out must be None for rows of unequal length, which have no array to fill"
            raise ValueError(msg)
        return self._map_ragged(work, sizes, positions)

    def _map_dense(
        self, work: Callable[..., object], length: int, out: NDArray[Any] | None, positions: int
    ) -> NDArray[Any]:
        columns = self.columns
        if columns is None:
            result = output(out, (*self.shape, length), self.dtype, _CODES, _TEXT)
            filled = as_rows(result.view(np.uint8))
        else:
            result = output(out, columns.shape(self.shape, length), columns.dtype)
            filled = as_rows(result, ndim=3)
        overlaps = is_itself(out, self.source, self.argument)

        def each(first: int, block: Block) -> None:
            rows = filled[first : first + block.sizes.size]
            if columns is None and rows.flags.c_contiguous and not overlaps:
                work(first, block, rows.reshape(-1))
                return
            codes = np.empty((len(rows), length), np.uint8)
            work(first, block, codes.reshape(-1))
            if columns is None:
                rows[...] = codes
            else:
                columns.encode(codes, rows)

        self.run(each, positions=positions)
        put_back(filled, result)
        return result

    def output(
        self, out: NDArray[Any] | None, shape: tuple[int, ...], dtype: DTypeLike
    ) -> NDArray[Any]:
        """Give the array to write numbers into, as `output` does; it may not overlap the input."""
        result = output(out, shape, dtype)
        if is_itself(out, self.source, self.argument):
            msg = f"out must share no memory with {self.argument}; found an overlap"
            raise ValueError(msg)
        return result

    def _map_ragged(
        self, work: Callable[..., object], sizes: NDArray[np.int64], positions: int
    ) -> Ragged:
        starts = np.cumsum(sizes) - sizes
        columns, total = self.columns, int(sizes.sum())
        values: NDArray[Any] = (
            np.empty(total, np.uint8)
            if columns is None
            else np.empty((total, columns.width), columns.dtype)
        )

        def each(first: int, block: Block) -> None:
            begin = int(starts[first])
            end = begin + int(sizes[first : first + block.sizes.size].sum())
            codes = values[begin:end] if columns is None else np.empty(end - begin, np.uint8)
            work(first, block, codes)
            if columns is not None:
                columns.encode(codes[None], values[None, begin:end])

        self.run(each, positions=positions)
        return Ragged(values if columns else values.view(self.dtype), starts, sizes)


def rows_of(
    seqs: Any,
    *,
    alphabet: Alphabet | None = None,
    ohe_axis: int | None = None,
    argument: str = "seqs",
    least: int = _LETTER,
) -> Rows:
    """Read any container as rows of codes.

    Parameters
    ----------
    seqs
        As for `as_codes`, of equal lengths or not; with `ohe_axis`, a one-hot array of any number type
        or a `Ragged` of one-hot columns.
    alphabet
        Names the columns of a one-hot array; without it, each column is a letter of its own.
    ohe_axis
        Axis of the letters of a one-hot array, one of the last two. None for letters.
    argument
        Name used in error messages.
    least
        As for `as_codes`.
    """
    if ohe_axis is not None:
        return _onehot_rows(seqs, alphabet, ohe_axis, argument)
    if isinstance(seqs, str | bytes):
        codes = np.frombuffer(_ascii(seqs, argument), np.uint8)
        return _dense_rows(codes, _TEXT, argument)
    if isinstance(seqs, Ragged):
        return _ragged_rows(seqs, argument, least)
    if not isinstance(seqs, list | tuple):
        seqs = list(seqs) if isinstance(seqs, Sequence) else as_array(seqs, argument)
    if _holds_letters(seqs):
        return _dense_rows(_letters(seqs, argument, least), seqs.dtype, argument)
    words, shape = _words(seqs, argument)
    return _word_rows(seqs, words, shape, argument)


def as_codes(
    seqs: Any, *, unequal: str = "error", argument: str = "seqs", least: int = _LETTER
) -> NDArray[np.uint8]:
    """Give sequences as one array of ASCII codes with the positions on the last axis.

    Parameters
    ----------
    seqs
        A string or bytes, shape (length,); a list of them, nested to any depth, shape (..., length);
        a numpy array of text, or of letters (``S1``); a uint8 array, which is taken as ASCII
        codes and not copied; whatever numpy turns into one of these (a Series, a DataArray, a tensor);
        a `Ragged`. Numbers of any other type are refused, never turned into text, and so are uint8
        arrays that hold numbers instead of letters, such as one-hot arrays and indices: nothing as
        high as `least`.
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
    choice(unequal, "unequal", ("error", "pad"))
    whole_number(least, "least", low=0, high=255)
    rows = rows_of(seqs, argument=argument, least=least)
    length = rows.longest() if unequal == "pad" else rows.one_length()
    if isinstance(rows.source, np.ndarray) and _holds_letters(rows.source):
        return rows.source.view(np.uint8)
    return rows.dense(0, len(rows)).reshape(*rows.shape, length)


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
    rows = rows_of(seqs, argument=argument)
    if len(rows.shape) != 1:
        msg = (
            f"{argument} must be a list of sequences or an array of shape (n, length); found "
            f"{'one sequence. Put it in a list' if not rows.shape else f'{rows.shape} sequences'}"
        )
        raise ValueError(msg)
    return Ragged(*rows.block(0, len(rows)))


def as_rows(array: NDArray[Any], *, ndim: int = 2) -> NDArray[Any]:
    """Join the leading axes of an array into one, so that `ndim` axes are left; empty axes are fine.

    Examples
    --------
    >>> as_rows(np.zeros((2, 3, 0))).shape
    (6, 0)
    """
    lead = array.ndim - ndim + 1
    return array.reshape(math.prod(array.shape[: max(lead, 0)]), *array.shape[max(lead, 0) :])


def put_back(rows: NDArray[Any], array: NDArray[Any]) -> None:
    """Copy what was written into `as_rows` of an array, where those are no view of it.

    So it is where axes were joined that have gaps between them.
    """
    if not np.shares_memory(rows, array):
        array[...] = rows.reshape(array.shape).view(array.dtype)


def output(
    out: NDArray[Any] | None, shape: tuple[int, ...], dtype: DTypeLike, *also: DTypeLike
) -> NDArray[Any]:
    """Give the array to write into: `out` if it fits (`dtype` or `also`), a new one if it is None."""
    if out is None:
        return np.empty(shape, dtype)
    allowed = {np.dtype(d) for d in (dtype, *also)}
    if not isinstance(out, np.ndarray) or out.shape != shape or out.dtype not in allowed:
        found = (
            f"{out.shape} and {out.dtype}" if isinstance(out, np.ndarray) else type(out).__name__
        )
        types = " or ".join(sorted(str(d).lstrip("|") for d in allowed))
        msg = f"out must be an array of shape {shape} and dtype {types}; found {found}"
        raise ValueError(msg)
    if not out.flags.writeable:
        msg = "out must be an array that can be written; found one that is read-only"
        raise ValueError(msg)
    return out


def is_itself(out: NDArray[Any] | None, source: Any, argument: str) -> bool:
    """Whether `out` is the input itself; any other overlap of the two is refused."""
    values = source.values if isinstance(source, Ragged) else source
    if out is None or not isinstance(values, np.ndarray) or not np.may_share_memory(out, values):
        return False
    if out.ctypes.data != values.ctypes.data or out.strides != values.strides:
        msg = f"out must be {argument} itself or share no memory with it; found an overlap"
        raise ValueError(msg)
    return True


def _dense_rows(codes: NDArray[np.uint8], dtype: np.dtype[Any], argument: str) -> Rows:
    rows, length = as_rows(codes), codes.shape[-1]

    def read(start: int, stop: int) -> NDArray[np.uint8]:
        return np.ascontiguousarray(rows[start:stop])

    answer = _CODES if dtype == _CODES else _TEXT
    return Rows(
        codes, codes.shape[:-1], same_size(length, len(rows)), length, read, answer, None, argument
    )


def _onehot_rows(seqs: Any, alphabet: Alphabet | None, ohe_axis: int, argument: str) -> Rows:
    whole_number(ohe_axis, "ohe_axis")
    array = seqs.values if isinstance(seqs, Ragged) else as_array(seqs, argument)
    if isinstance(seqs, Ragged) and (array.ndim != 2 or ohe_axis not in (-1, 2)):
        msg = (
            f"{argument} must hold values of shape (total, letters), with ohe_axis=-1, to be a one-hot "
            f"Ragged; found values of shape {array.shape} and ohe_axis={ohe_axis}"
        )
        raise ValueError(msg)
    if array.dtype.kind not in "biuf":
        msg = f"{argument} must hold numbers where ohe_axis is given; found {array.dtype}"
        raise TypeError(msg)
    if alphabet is None:
        axis = -1 if isinstance(seqs, Ragged) else ohe_axis
        alphabet = anonymous_letters(array.shape[axis] if -array.ndim <= axis < array.ndim else 1)
    axis = letters_axis(array, alphabet, -1 if isinstance(seqs, Ragged) else ohe_axis, argument)
    columns = Columns(alphabet, axis=axis, dtype=array.dtype, uniform=True)
    if isinstance(seqs, Ragged):

        def read_ragged(start: int, stop: int) -> Block:
            part = seqs[start:stop].packed()
            codes = columns.decode_strictly(part.values[None], start, argument)
            return Block(codes[0], part.starts, part.sizes)

        return Rows(
            seqs, (len(seqs),), seqs.sizes, _one(seqs.sizes), read_ragged, _CODES, columns, argument
        )
    rows, length = as_rows(array, ndim=3), array.shape[-3 - axis]

    def read(start: int, stop: int) -> NDArray[np.uint8]:
        return columns.decode_strictly(rows[start:stop], start, argument)

    shape = array.shape[:-2]
    return Rows(array, shape, same_size(length, len(rows)), length, read, _CODES, columns, argument)


def _ragged_rows(ragged: Ragged, argument: str, least: int) -> Rows:
    values = ragged.values
    if values.dtype not in (_CODES, _TEXT) or values.ndim != 1:
        msg = (
            f"{argument} must hold letters (uint8 ASCII codes or S1); found a Ragged of {values.dtype}"
            f"{'' if values.ndim == 1 else ' columns. For one-hot columns pass ohe_axis=-1'}"
        )
        raise TypeError(msg)
    codes = _letters(values, argument, least)

    def read(start: int, stop: int) -> Block:
        return Block(codes, ragged.starts[start:stop], ragged.sizes[start:stop])

    sizes = ragged.sizes
    return Rows(ragged, (len(ragged),), sizes, _one(sizes), read, values.dtype, None, argument)


def _word_rows(seqs: Any, words: Any, shape: tuple[int, ...], argument: str) -> Rows:
    sizes = _lengths(words, argument)
    length = _one(sizes)

    def read(start: int, stop: int) -> NDArray[np.uint8] | Block:
        codes = np.frombuffer(_join(words[start:stop], start, argument), np.uint8)
        if length is not None:
            return codes.reshape(stop - start, length)
        part = sizes[start:stop]
        return Block(codes, np.cumsum(part) - part, part)

    return Rows(seqs, shape, sizes, length, read, _TEXT, None, argument)


def _sealed(array: NDArray[Any]) -> NDArray[Any]:
    """Give a read-only view without gaps, so that a kernel meets one type of array and compiles once."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


def same_size(length: int, n: int) -> NDArray[np.int64]:
    """One length for n rows, without the memory."""
    return np.broadcast_to(np.int64(length), (n,))


def _one(sizes: NDArray[np.int64]) -> int | None:
    """Give the length of all rows, 0 if there is no row, None if they differ."""
    if not sizes.size:
        return 0
    first = int(sizes[0])
    return first if (sizes == first).all() else None


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


def _words(seqs: Any, argument: str) -> tuple[Any, tuple[int, ...]]:
    """Flatten nested text to a list or array of words and the shape of the nesting."""
    if isinstance(seqs, Sequence):
        shape = nested_shape(seqs, argument)
        flat: Any = seqs
        for size in shape[1:]:
            flat = [item for part in flat for item in _items(part, size, argument)]
        return flat, shape
    if seqs.dtype.kind not in "SUOT":
        msg = (
            f"{argument} must be text (str, bytes, a list of them, an array of letters or of uint8 "
            f"ASCII codes); found {seqs.dtype} numbers. For a one-hot array pass ohe_axis where the "
            "function has it"
        )
        raise TypeError(msg)
    return (seqs.reshape(-1) if seqs.ndim else [_ascii(seqs[()], argument)]), seqs.shape


def _lengths(words: Any, argument: str) -> NDArray[np.int64]:
    if isinstance(words, np.ndarray) and words.dtype.kind in "SU":
        return np.char.str_len(words).astype(np.int64)
    try:
        return np.fromiter(map(len, words), np.int64, len(words))
    except TypeError:
        for word in words:
            _ascii(word, argument)
        raise


def _join(words: Any, first: int, argument: str) -> bytes:
    """Join words to ASCII bytes, at once where all are str or all are bytes."""
    items = words.tolist() if isinstance(words, np.ndarray) else words
    try:
        if items and isinstance(items[0], bytes):
            joined = b"".join(items)
            if joined.isascii():
                return joined
        else:
            return "".join(items).encode("ascii")
    except (TypeError, UnicodeEncodeError):
        pass  # str and bytes mixed, or something that is neither: looked at one by one
    return b"".join(_ascii(item, argument, first + i) for i, item in enumerate(items))


def nested_shape(seqs: Sequence[Any], argument: str) -> tuple[int, ...]:
    """Give the shape of a nested list of text, as its first items tell it; () for text itself.

    Examples
    --------
    >>> nested_shape([["A", "C"]], "seqs")
    (1, 2)
    """
    shape: list[int] = []
    while isinstance(seqs, Sequence) and not isinstance(seqs, str | bytes):
        shape.append(len(seqs))
        if not seqs:
            break
        if len(shape) > _DEEPEST:
            msg = f"{argument} must be nested at most {_DEEPEST} levels deep; found a list that holds more"
            raise ValueError(msg)
        seqs = seqs[0]
    return tuple(shape)


def _items(part: Any, size: int, argument: str) -> Sequence[Any]:
    if isinstance(part, Sequence) and not isinstance(part, str | bytes) and len(part) == size:
        return part
    msg = f"{argument} must be nested evenly, with {size} items in each inner list; found {shown(part)}"
    raise ValueError(msg)


def _ascii(text: Any, argument: str, number: int | None = None) -> bytes:
    place = "" if number is None else f" of sequence {number}"
    if not isinstance(text, str | bytes):
        msg = f"{argument} must hold text; found {shown(text)} of type {type(text).__name__}"
        raise TypeError(msg)
    if not text.isascii():
        at = next(i for i in range(len(text)) if not text[i : i + 1].isascii())
        msg = (
            f"{argument} must be ASCII letters; found {text[at : at + 1]!r} at position {at}{place}"
        )
        raise ValueError(msg)
    return text.encode("ascii") if isinstance(text, str) else text
