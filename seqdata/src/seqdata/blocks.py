"""Arrays of a store that is being written: by whole blocks only, so that many can write at once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

if TYPE_CHECKING:
    import zarr

_NO_TEXT = "\ufffd"  # the character that stands for one that is lost


class BlockArray:
    """An array that takes whole blocks of its first axis, each of which is one file.

    Whoever writes a part of a block reads the block, changes it and writes it again; two who do so at
    once lose the rows of one of them. So parts are refused, and any number of threads, processes and
    machines may write different blocks at once.

    Parameters
    ----------
    array
        The array of zarr.

    Raises
    ------
    ValueError
        On writing, if what is given is not one or more whole blocks; the last may be short.

    Examples
    --------
    >>> import numpy as np, zarr
    >>> array = BlockArray(zarr.create_array({}, shape=(5,), chunks=(2,), dtype="i8", fill_value=0))
    >>> array[2:4] = np.array([7, 8]); array[4:5] = np.array([9])
    >>> array[1:3] = np.array([0, 0])
    Traceback (most recent call last):
    ValueError: rows must be whole blocks of 2, ... of the 5 rows of ''; found 1:3 ...
    """

    def __init__(self, array: zarr.Array[Any]) -> None:
        from seqdata.letter_codec import with_letter_codec

        # all blocks are written: to look for those of zeros alone takes as long as to compress all
        self._array = with_letter_codec(array).with_config({"write_empty_chunks": True})
        self.block = array.chunks[0] if array.ndim else 1

    @classmethod
    def within(cls, folder: str | os.PathLike[str], name: str) -> Self:
        """Open an array of a store that is being written in a folder."""
        import zarr

        group = zarr.open_group(os.fspath(folder), mode="r+", zarr_format=3, use_consolidated=False)
        return cls(cast("zarr.Array[Any]", group[name]))

    def __setitem__(self, rows: slice, values: Any) -> None:
        total = self._array.shape[0]
        start, stop, step = rows.indices(total)
        begins, ends = start % self.block == 0, stop % self.block == 0 or stop == total
        if not (begins and ends and step == 1 and len(values) == stop - start):
            msg = (
                f"rows must be whole blocks of {self.block}, the last of which may be short, of the {total} "
                f"rows of {self._array.basename!r}; found {start}:{stop} and {len(values)} values. Writing a "
                "part of a block loses what others write of it at the same time"
            )
            raise ValueError(msg)
        self._array[start:stop] = values

    def extend(self, values: Any) -> None:
        """Make the array longer, by whole blocks after whole blocks."""
        start = self._array.shape[0]
        self._array.resize((start + len(values), *self._array.shape[1:]))
        self[start:] = values

    def write_scalar(self, value: Any) -> None:
        """Write the one value of an array without axes."""
        self._array[...] = value


def lost_value(dtype: Any) -> Any:
    """Give what is read where the file of a block is lost: a value that data do not consist of.

    It is the array's fill value. All blocks are written, so where it is that, a block without a file
    was lost, by a copy that was cut short for one; zarr would read it as zeros.

    Parameters
    ----------
    dtype
        Type of the array: of numpy, or str for text.

    Returns
    -------
    The lowest number, or the highest where there are none below zero; None for types without such a value

    Examples
    --------
    >>> lost_value("i2"), lost_value("u1"), lost_value("?")
    (-32768, 255, None)
    """
    if dtype is str:
        return _NO_TEXT
    kind = np.dtype(dtype).kind
    if kind == "f":
        return float(np.finfo(dtype).min)
    if kind in "iu":
        return int(np.iinfo(dtype).min or np.iinfo(dtype).max)
    return None
