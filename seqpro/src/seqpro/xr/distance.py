"""Distances between sequences."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqpro.alphabet import Alphabet, Case
from seqpro.containers import as_codes, rows_of
from seqpro.distance import Outside
from seqpro.distance import edit_distance as plain_edit_distance
from seqpro.distance import hamming_distance as plain_hamming_distance
from seqpro.xr.blocks import Dims, apply, core_dims, ohe_axis, sequence_dims


def hamming_distance(
    seqs: xr.DataArray,
    others: xr.DataArray | str,
    alphabet: Alphabet,
    *,
    case: Case = "fold",
    unknown: Outside = "mismatch",
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
) -> xr.DataArray:
    """Count the positions where sequences of one length differ.

    Sequences are matched by their dims: those along the same dims are compared row by row, those along
    different ones each with each. ``others.rename(_sequence="_other")`` asks for all pairs.

    Parameters
    ----------
    seqs
        Letters, or one-hot of the alphabet.
    others
        As `seqs`, one-hot or not, along some of its dims or other ones; or one string.
    alphabet, case, unknown
        As for `seqpro.distance.hamming_distance`.
    length_dim, ohe_dim
        Dims of positions and of letters.

    Returns
    -------
    DataArray of int64, shape (...): dims of `seqs`, then further ones of `others`

    Raises
    ------
    TypeError, ValueError
        As `seqpro.distance.hamming_distance`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["ACGT", "AANN"]), dims=("_sequence", "_length"))
    >>> sp.xr.hamming_distance(seqs, "ACCT", sp.DNA).values.tolist()
    [1, 3]
    >>> sp.xr.hamming_distance(seqs, seqs.rename(_sequence="_other"), sp.DNA).values.tolist()
    [[0, 3], [3, 2]]
    """
    seqs, others, core = _alike(seqs, others, alphabet, length_dim, ohe_dim)
    if seqs.sizes[length_dim] != others.sizes[length_dim]:
        msg = (
            "seqs and others must be of one length to be compared position by position; found "
            f"{seqs.sizes[length_dim]} and {others.sizes[length_dim]} along {length_dim!r}. "
            "edit_distance takes any lengths"
        )
        raise ValueError(msg)
    measure = partial(plain_hamming_distance, alphabet=alphabet, case=case, unknown=unknown)
    return _distances(measure, seqs, others, core)


def edit_distance(
    seqs: xr.DataArray,
    others: xr.DataArray | str,
    alphabet: Alphabet,
    *,
    case: Case = "fold",
    unknown: Outside = "mismatch",
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
) -> xr.DataArray:
    """Count the letters to insert, delete or replace to turn one sequence into another (Levenshtein).

    Parameters
    ----------
    seqs, others
        As for `hamming_distance`, of any lengths. Zero bytes at their ends are no letters.
    alphabet, case, unknown
        As for `seqpro.distance.edit_distance`.
    length_dim, ohe_dim
        Dims of positions and of letters.

    Returns
    -------
    DataArray of int64, shape (...): dims of `seqs`, then further ones of `others`

    Raises
    ------
    TypeError, ValueError
        As `seqpro.distance.edit_distance`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["ACGT", "CGTA"]), dims=("_sequence", "_length"))
    >>> sp.xr.edit_distance(seqs, "CGTAA", sp.DNA).values.tolist()
    [3, 1]
    """
    seqs, others, core = _alike(seqs, others, alphabet, length_dim, ohe_dim)
    measure = partial(plain_edit_distance, alphabet=alphabet, case=case, unknown=unknown)
    return _distances(measure, seqs, others, core)


def _alike(
    seqs: xr.DataArray, others: Any, alphabet: Alphabet, length_dim: str, ohe_dim: str
) -> tuple[xr.DataArray, xr.DataArray, Dims]:
    """Give both arrays as letters, unless both are one-hot, and the dims of a sequence in them."""
    if isinstance(others, str | bytes):
        others = xr.DataArray(as_codes(others, argument="others"), dims=length_dim)
    core = core_dims(seqs, length_dim, ohe_dim, alphabet=alphabet)
    other_core = core_dims(others, length_dim, ohe_dim, alphabet=alphabet, argument="others")
    if core == other_core:
        return seqs, others, core
    work, letters = partial(_as_letters, alphabet), (length_dim,)
    if ohe_dim in core:
        return apply(work, (seqs, core), out=letters), others, letters
    return seqs, apply(work, (others, other_core), out=letters), letters


def _as_letters(alphabet: Alphabet, block: NDArray[Any]) -> NDArray[np.uint8]:
    """Read one-hot columns as plain functions do; shape (..., length)."""
    rows = rows_of(block, alphabet=alphabet, ohe_axis=-2)
    return rows.dense(0, len(rows)).reshape(*rows.shape, rows.longest())


def _distances(
    measure: Callable[..., NDArray[np.int64]],
    seqs: xr.DataArray,
    others: xr.DataArray,
    core: Dims,
) -> xr.DataArray:
    """Measure between sequences of the same place along common dims, or each with each without any."""
    dims, other_dims = sequence_dims(seqs, core), sequence_dims(others, core)
    each_with_each = bool(dims and other_dims) and not {*dims} & {*other_dims}
    measure = partial(measure, ohe_axis=ohe_axis(core))

    def work(block: NDArray[Any], other: NDArray[Any]) -> NDArray[np.int64]:
        if each_with_each:  # the first has axes of one for the dims of the second
            lead = block.shape[: len(dims)]
            return measure(block.reshape(*lead, *block.shape[-len(core) :]), other, all_pairs=True)
        lead, other_lead = block.shape[: -len(core)], other.shape[: -len(core)]
        if lead and other_lead:  # else one of them is compared with all
            shape = np.broadcast_shapes(lead, other_lead)
            block = np.broadcast_to(block, (*shape, *block.shape[-len(core) :]))
            other = np.broadcast_to(other, (*shape, *other.shape[-len(core) :]))
        return measure(block, other)

    return apply(work, (seqs, core), (others, core), renumbers=(core[-1],))
