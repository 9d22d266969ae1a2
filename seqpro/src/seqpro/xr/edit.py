"""Patterns of letters in sequences: write over, insert, cut out, repeat."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqpro.alphabet import DNA, Alphabet
from seqpro.containers import as_codes
from seqpro.patterns import delete as plain_delete
from seqpro.patterns import insert as plain_insert
from seqpro.patterns import substitute as plain_substitute
from seqpro.patterns import tile as plain_tile
from seqpro.xr.blocks import (
    Dims,
    Named,
    apply,
    core_dims,
    each_sequence,
    ohe_axis,
    require_letters,
    require_sequence_dims,
)


def substitute(
    seqs: xr.DataArray,
    pattern: xr.DataArray | str,
    position: xr.DataArray | int,
    *,
    alphabet: Alphabet = DNA,
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
    pattern_length_dim: str = "_pattern_length",
) -> xr.DataArray:
    """Write a pattern over the letters of each sequence; lengths stay.

    Parameters
    ----------
    seqs
        Letters, or one-hot of the alphabet.
    pattern
        One string of letters, or letters along `pattern_length_dim` with some of the sequences' dims.
    position
        Where the pattern begins, 0-based: one number, or an array with some of the sequences' dims.
    alphabet
        As for `seqpro.substitute`.
    length_dim, ohe_dim
        Dims of positions and of letters.
    pattern_length_dim
        Dim of positions of `pattern`.

    Returns
    -------
    DataArray of the type of `seqs`, shape (..., length) or (..., letters, length)

    Raises
    ------
    TypeError, ValueError
        As `seqpro.substitute`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["AAAA", "TTTT"]), dims=("_sequence", "_length"))
    >>> edited = sp.xr.substitute(seqs, "GC", xr.DataArray([0, 2], dims="_sequence"))
    >>> [row.tobytes() for row in edited.values]
    [b'GCAA', b'TTGC']
    """
    core = core_dims(seqs, length_dim, ohe_dim, alphabet=alphabet)
    work = partial(plain_substitute, alphabet=alphabet, ohe_axis=ohe_axis(core))
    patterns = _patterns(pattern, pattern_length_dim, seqs, core)
    places = each_sequence(position, "position", seqs, core)
    return _edited(work, seqs, core, patterns, pattern_length_dim, places, ())


def insert(
    seqs: xr.DataArray,
    pattern: xr.DataArray | str,
    position: xr.DataArray | int,
    *,
    alphabet: Alphabet = DNA,
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
    pattern_length_dim: str = "_pattern_length",
) -> xr.DataArray:
    """Put a pattern between the letters of each sequence, which grows by the pattern's length.

    Parameters
    ----------
    seqs
        Letters, or one-hot of the alphabet.
    pattern
        One string of letters, or letters along `pattern_length_dim` with some of the sequences' dims.
    position
        Letters that come before the pattern, from 0 to the sequence's length: one number, or an array
        with some of the sequences' dims.
    alphabet
        As for `seqpro.insert`.
    length_dim, ohe_dim
        Dims of positions and of letters.
    pattern_length_dim
        Dim of positions of `pattern`.

    Returns
    -------
    DataArray of the type of `seqs`, shape (..., length + pattern length) or (..., letters, length +
    pattern length)

    Raises
    ------
    TypeError, ValueError
        As `seqpro.insert`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["AAAA", "TTTT"]), dims=("_sequence", "_length"))
    >>> [row.tobytes() for row in sp.xr.insert(seqs, "gc", 3).values]
    [b'AAAgcA', b'TTTgcT']
    """
    core = core_dims(seqs, length_dim, ohe_dim, alphabet=alphabet)
    work = partial(plain_insert, alphabet=alphabet, ohe_axis=ohe_axis(core))
    patterns = _patterns(pattern, pattern_length_dim, seqs, core)
    places = each_sequence(position, "position", seqs, core)
    return _edited(work, seqs, core, patterns, pattern_length_dim, places, (length_dim,))


def delete(
    seqs: xr.DataArray,
    position: xr.DataArray | int,
    size: int,
    *,
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
) -> xr.DataArray:
    """Cut a stretch out of each sequence, which becomes shorter by it.

    Parameters
    ----------
    seqs
        Letters, or one-hot of any alphabet.
    position
        Where the stretch begins, 0-based: one number, or an array with some of the sequences' dims.
    size
        Letters of the stretch, one number for all.
    length_dim, ohe_dim
        Dims of positions and of letters.

    Returns
    -------
    DataArray of the type of `seqs`, shape (..., length - size) or (..., letters, length - size)

    Raises
    ------
    TypeError, ValueError
        As `seqpro.delete`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["AAGTCAAA"]), dims=("_sequence", "_length"))
    >>> sp.xr.delete(seqs, 2, 3).values.tobytes()
    b'AAAAA'
    """
    core = core_dims(seqs, length_dim, ohe_dim)
    if np.ndim(size):
        msg = f"size must be one number, for results of one length; found {type(size).__name__}"
        raise TypeError(msg)
    places = each_sequence(position, "position", seqs, core)
    cut = partial(plain_delete, ohe_axis=ohe_axis(core))

    def work(block: NDArray[Any], part: NDArray[Any]) -> NDArray[Any]:
        return cut(block, np.broadcast_to(part, block.shape[: -len(core)]), size)

    return apply(
        work,
        (seqs, core),
        (places, ()),
        out=core,
        renumbers=(length_dim,),
        keeps_attrs=True,
    )


def tile(
    pattern: xr.DataArray, length: int, *, length_dim: str = "_length", ohe_dim: str = "_ohe"
) -> xr.DataArray:
    """Repeat patterns, end to end, until a length is full; the last copy may be cut.

    Parameters
    ----------
    pattern
        Letters, or one-hot of any alphabet.
    length
        Positions of the result.
    length_dim, ohe_dim
        Dims of positions and of letters.

    Returns
    -------
    DataArray of the type of `pattern`, shape (..., length) or (..., letters, length)

    Raises
    ------
    TypeError, ValueError
        As `seqpro.tile`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> sp.xr.tile(xr.DataArray(sp.as_codes("ACG"), dims="_length"), 8).values.tobytes()
    b'ACGACGAC'
    """
    core = core_dims(pattern, length_dim, ohe_dim, argument="pattern")
    work = partial(plain_tile, length=length, ohe_axis=ohe_axis(core))
    return apply(work, (pattern, core), out=core, renumbers=(length_dim,), keeps_attrs=True)


def _patterns(pattern: Any, dim: str, seqs: xr.DataArray, core: Dims) -> Named:
    """Give patterns as letters along `dim`."""
    if isinstance(pattern, str | bytes):
        return xr.Variable((dim,), as_codes(pattern, argument="pattern"))
    require_letters(pattern, dim, "pattern", keyword="pattern_length_dim")
    require_sequence_dims([other for other in pattern.dims if other != dim], "pattern", seqs, core)
    return pattern


def _edited(
    edit: Callable[..., NDArray[Any]],
    seqs: xr.DataArray,
    core: Dims,
    patterns: Named,
    pattern_length_dim: str,
    places: Named,
    renumbers: Dims,
) -> xr.DataArray:
    """Call ``edit(block, pattern, position)`` with patterns and positions for each sequence."""

    def work(block: NDArray[Any], pattern: NDArray[Any], part: NDArray[Any]) -> NDArray[Any]:
        shape = block.shape[: -len(core)]
        if pattern.ndim > 1:  # not one for all
            pattern = np.broadcast_to(pattern, (*shape, pattern.shape[-1]))
        return edit(block, pattern, np.broadcast_to(part, shape))

    return apply(
        work,
        (seqs, core),
        (patterns, (pattern_length_dim,)),
        (places, ()),
        out=core,
        renumbers=renumbers,
        keeps_attrs=True,
    )
