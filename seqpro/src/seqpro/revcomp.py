"""Reverse complement of letters and of one-hot arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from seqpro import _kernels
from seqpro.alphabet import Alphabet
from seqpro.containers import as_codes, as_rows, in_kind
from seqpro.parallel import run_blocks

_BLOCK = 1 << 18  # positions a thread takes at a time


def reverse_complement(
    seqs: Any,
    alphabet: Alphabet,
    *,
    ohe_axis: int | None = None,
    mask: ArrayLike | None = None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Reverse complement sequences, as letters or one-hot.

    Letters keep their case; IUPAC codes are complemented (R and Y, K and M ...); other letters stay.
    The result is always a new array unless `out` is given.

    Parameters
    ----------
    seqs
        Letters of shape (..., length) in any container of `as_codes`, or a one-hot array if
        `ohe_axis` is given.
    alphabet
        Says what pairs with what. Proteins are refused.
    ohe_axis
        None for letters; for one-hot arrays the axis of the letters, -1 for (..., length, letters)
        or -2 for (..., letters, length).
    mask
        True for sequences to turn; the others are copied. Shape: that of the sequences, (...).
    out
        Array to write into, of the input's shape, ``S1`` or uint8 for letters and the input's type for
        one-hot; may be the input itself. It is also returned.

    Returns
    -------
    array of the input's shape: ``S1`` for text, uint8 for ASCII codes, one-hot as it came

    Raises
    ------
    ValueError
        If the alphabet has no complement, or if lengths or axes do not fit.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.reverse_complement(["ACGN", "AAcc"], sp.DNA).tolist()
    [[b'N', b'C', b'G', b'T'], [b'g', b'g', b'T', b'T']]
    >>> sp.decode_ohe(sp.reverse_complement(sp.ohe("AC", sp.DNA), sp.DNA, ohe_axis=-1), sp.DNA).tobytes()
    b'GT'
    """
    if ohe_axis is not None:
        return _onehot(np.asarray(seqs), alphabet, ohe_axis, mask, out)
    table = alphabet.complement_table()
    codes = as_codes(seqs)
    if out is not None:
        _check_out(out, codes.shape, ("uint8", "S1"))
    target = np.empty_like(codes) if out is None else out.view(np.uint8)
    chosen = _row_mask(mask, codes.shape[:-1])
    rows, filled = as_rows(codes), as_rows(target)
    turn = _kernels.revcomp.reverse_complement
    run_blocks(
        lambda a, b: turn(rows[a:b], table, chosen[a:b], filled[a:b]),
        rows.shape[0],
        block=max(1, _BLOCK // max(1, rows.shape[1])),
    )
    if not np.shares_memory(filled, target):
        target[...] = filled.reshape(target.shape)
    return in_kind(target, seqs) if out is None else out


def _onehot(
    onehot: NDArray[Any],
    alphabet: Alphabet,
    ohe_axis: int,
    mask: ArrayLike | None,
    out: NDArray[Any] | None,
) -> NDArray[Any]:
    columns = alphabet.complement_columns()
    if ohe_axis not in (-1, -2) or onehot.ndim < 2 or onehot.shape[ohe_axis] != len(alphabet):
        msg = (
            f"a one-hot array must have {len(alphabet)} letters ({alphabet.name}) on ohe_axis -1 or -2; "
            f"found ohe_axis={ohe_axis} and shape {onehot.shape}"
        )
        raise ValueError(msg)
    if out is not None:
        _check_out(out, onehot.shape, (onehot.dtype,))
    chosen = _row_mask(mask, onehot.shape[:-2]).reshape(onehot.shape[:-2])
    turned = np.zeros_like(onehot)
    target = np.moveaxis(turned, ohe_axis, 0)
    source = np.moveaxis(np.flip(onehot, axis=-3 - ohe_axis), ohe_axis, 0)
    for column, partner in enumerate(columns):  # added, for two letters may have one complement
        target[partner] += source[column]
    result = np.where(chosen[..., None, None], turned, onehot)
    if out is None:
        return result
    out[...] = result
    return out


def _check_out(out: NDArray[Any], shape: tuple[int, ...], dtypes: tuple[DTypeLike, ...]) -> None:
    if out.shape != shape or out.dtype not in dtypes:
        allowed = " or ".join(str(np.dtype(dtype)) for dtype in dtypes)
        msg = f"out must have shape {shape} and dtype {allowed}; found {out.shape} and {out.dtype}"
        raise ValueError(msg)


def _row_mask(mask: ArrayLike | None, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    if mask is None:
        return np.ones(int(np.prod(shape)), np.bool_)
    chosen = np.asarray(mask)
    if chosen.dtype != np.bool_ or chosen.shape != shape:
        msg = f"mask must be boolean with shape {shape}; found {chosen.dtype} with shape {chosen.shape}"
        raise ValueError(msg)
    return chosen.reshape(-1)
