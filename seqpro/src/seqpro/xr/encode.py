"""Letters as columns or as numbers, and back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import DTypeLike, NDArray

from seqpro.alphabet import Alphabet, Case
from seqpro.columns import Unknown
from seqpro.onehot import decode_ohe as plain_decode_ohe
from seqpro.onehot import ohe as plain_ohe
from seqpro.tokens import TokenMap
from seqpro.tokens import decode_kmer_tokens as plain_decode_kmer_tokens
from seqpro.tokens import decode_tokens as plain_decode_tokens
from seqpro.tokens import kmer_tokens as plain_kmer_tokens
from seqpro.tokens import tokenize as plain_tokenize
from seqpro.xr.blocks import (
    apply,
    core_dims,
    ohe_axis,
    require_array,
    require_dims,
    with_labels,
)


def ohe(
    seqs: xr.DataArray,
    alphabet: Alphabet,
    *,
    dtype: DTypeLike = np.uint8,
    case: Case = "fold",
    unknown: Unknown = "zero",
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
) -> xr.DataArray:
    """One-hot encode letters.

    Parameters
    ----------
    seqs
        Letters, shape (..., length) in any order of dims.
    alphabet, dtype, case, unknown
        As for `seqpro.ohe`.
    length_dim
        Dim of positions.
    ohe_dim
        New dim of letters, with the alphabet's letters as labels.

    Returns
    -------
    DataArray of `dtype`, shape (..., letters, length)

    Raises
    ------
    TypeError, ValueError
        As `seqpro.ohe`, and if `seqs` is one-hot already.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["ACN", "ttg"]), dims=("_sequence", "_length"))
    >>> sp.xr.ohe(seqs, sp.DNA).sel(_ohe="T").values.tolist()
    [[0, 0, 0], [1, 1, 0]]
    """
    core = core_dims(seqs, length_dim, ohe_dim)
    if ohe_dim in core:
        msg = f"seqs must be letters; found {ohe_dim!r} among the dims {seqs.dims}, as in one-hot arrays"
        raise ValueError(msg)
    encode = partial(
        plain_ohe, alphabet=alphabet, ohe_axis=-2, dtype=dtype, case=case, unknown=unknown
    )
    work = partial(_letters_from_first, encode)
    encoded = apply(work, (_length_last(seqs, length_dim), ()), out=(ohe_dim,), keeps_attrs=True)
    return with_labels(encoded.transpose(..., ohe_dim, length_dim), ohe_dim, alphabet.letters)


def decode_ohe(
    onehot: xr.DataArray,
    alphabet: Alphabet,
    *,
    unknown_char: str | None = None,
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
) -> xr.DataArray:
    """Turn one-hot columns back into letters.

    Parameters
    ----------
    onehot
        Numbers of any type, shape (..., letters, length) in any order of dims.
    alphabet, unknown_char
        As for `seqpro.decode_ohe`.
    length_dim, ohe_dim
        Dims of positions and of letters.

    Returns
    -------
    DataArray of ``S1``, shape (..., length)

    Raises
    ------
    TypeError, ValueError
        As `seqpro.decode_ohe`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> onehot = xr.DataArray(sp.ohe("ACNT", sp.DNA), dims=("_length", "_ohe"))
    >>> sp.xr.decode_ohe(onehot, sp.DNA).values.tobytes()
    b'ACNT'
    """
    require_array(onehot, "onehot")
    require_dims(onehot, "onehot", length_dim=length_dim, ohe_dim=ohe_dim)
    core_dims(onehot, length_dim, ohe_dim, alphabet=alphabet, argument="onehot")
    decode = partial(plain_decode_ohe, alphabet=alphabet, ohe_axis=-2, unknown_char=unknown_char)
    work = partial(_letters_to_first, decode)
    return apply(work, (_length_last(onehot, length_dim), (ohe_dim,)), keeps_attrs=True)


def tokenize(
    seqs: xr.DataArray,
    tokens: TokenMap,
    *,
    unknown: int = -1,
    case: Case = "fold",
    dtype: DTypeLike = np.int32,
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
) -> xr.DataArray:
    """Give the number of each letter.

    Parameters
    ----------
    seqs
        Letters, or one-hot of the alphabet `tokens`.
    tokens, unknown, case, dtype
        As for `seqpro.tokenize`.
    length_dim, ohe_dim
        Dims of positions and of letters.

    Returns
    -------
    DataArray of `dtype`, shape (..., length)

    Raises
    ------
    TypeError, ValueError
        As `seqpro.tokenize`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["ACGTN"]), dims=("_sequence", "_length"))
    >>> sp.xr.tokenize(seqs, sp.DNA).values.tolist()
    [[0, 1, 2, 3, -1]]
    """
    alphabet = tokens if isinstance(tokens, Alphabet) else None
    core = core_dims(seqs, length_dim, ohe_dim, alphabet=alphabet)
    work = partial(plain_tokenize, tokens=tokens, unknown=unknown, case=case, dtype=dtype)
    if ohe_dim in core:
        work = partial(_letters_to_first, partial(work, ohe_axis=-2))
    return apply(work, (_length_last(seqs, length_dim), core[:-1]))


def decode_tokens(
    tokens: xr.DataArray,
    letters: TokenMap,
    *,
    unknown_char: str | None = None,
    length_dim: str = "_length",
) -> xr.DataArray:
    """Turn the numbers of letters back into letters.

    Parameters
    ----------
    tokens
        Whole numbers, shape (..., length) in any order of dims.
    letters, unknown_char
        As for `seqpro.decode_tokens`.
    length_dim
        Dim of positions.

    Returns
    -------
    DataArray of ``S1``, shape (..., length)

    Raises
    ------
    TypeError, ValueError
        As `seqpro.decode_tokens`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> tokens = xr.DataArray([0, 1, 2, 3, -1], dims="_length")
    >>> sp.xr.decode_tokens(tokens, sp.DNA).values.tobytes()
    b'ACGTN'
    """
    require_array(tokens, "tokens")
    require_dims(tokens, "tokens", length_dim=length_dim)
    work = partial(plain_decode_tokens, letters=letters, unknown_char=unknown_char)
    return apply(work, (_length_last(tokens, length_dim), ()))


def kmer_tokens(
    seqs: xr.DataArray,
    k: int,
    alphabet: Alphabet,
    *,
    stride: int = 1,
    unknown: int = -1,
    case: Case = "fold",
    dtype: DTypeLike = np.int64,
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
    token_dim: str = "_token",
) -> xr.DataArray:
    """Give the number of each k-mer: its place among all words of k letters in the alphabet's order.

    Parameters
    ----------
    seqs
        Letters, or one-hot of the alphabet.
    k, alphabet, stride, unknown, case, dtype
        As for `seqpro.kmer_tokens`.
    length_dim, ohe_dim
        Dims of positions and of letters.
    token_dim
        New dim of k-mers along the sequence.

    Returns
    -------
    DataArray of `dtype`, shape (..., tokens), with ``(length - k) // stride + 1`` tokens

    Raises
    ------
    TypeError, ValueError
        As `seqpro.kmer_tokens`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["AACGT"]), dims=("_sequence", "_length"))
    >>> sp.xr.kmer_tokens(seqs, 2, sp.DNA).values.tolist()
    [[0, 1, 6, 11]]
    """
    core = core_dims(seqs, length_dim, ohe_dim, alphabet=alphabet)
    work = partial(
        plain_kmer_tokens,
        k=k,
        alphabet=alphabet,
        stride=stride,
        unknown=unknown,
        case=case,
        dtype=dtype,
        ohe_axis=ohe_axis(core),
    )
    found = apply(work, (seqs, core), out=(token_dim,))
    if k > seqs.sizes[length_dim]:  # a lazy array has not told yet
        msg = f"k must be at most the length of the sequences, {seqs.sizes[length_dim]}; found {k}"
        raise ValueError(msg)
    return found


def decode_kmer_tokens(
    tokens: xr.DataArray,
    k: int,
    alphabet: Alphabet,
    *,
    stride: int = 1,
    unknown_char: str | None = None,
    token_dim: str = "_token",
    length_dim: str = "_length",
) -> xr.DataArray:
    """Turn the numbers of k-mers back into letters.

    Parameters
    ----------
    tokens
        Whole numbers, shape (..., tokens) in any order of dims.
    k, alphabet, stride, unknown_char
        As for `seqpro.decode_kmer_tokens`.
    token_dim
        Dim of k-mers along the sequence.
    length_dim
        New dim of positions.

    Returns
    -------
    DataArray of ``S1``, shape (..., length), with ``(tokens - 1) * stride + k`` letters

    Raises
    ------
    TypeError, ValueError
        As `seqpro.decode_kmer_tokens`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> tokens = xr.DataArray([0, 1, 6, 11], dims="_token")
    >>> sp.xr.decode_kmer_tokens(tokens, 2, sp.DNA).values.tobytes()
    b'AACGT'
    """
    require_array(tokens, "tokens")
    require_dims(tokens, "tokens", token_dim=token_dim)
    work = partial(
        plain_decode_kmer_tokens,
        k=k,
        alphabet=alphabet,
        stride=stride,
        unknown_char=unknown_char,
    )
    return apply(work, (tokens, (token_dim,)), out=(length_dim,))


def _length_last(data: xr.DataArray, length_dim: str) -> xr.DataArray:
    """Bring positions to the end, for functions that treat each by itself and may get some only."""
    return data.transpose(..., length_dim)


def _letters_from_first(
    encode: Callable[[NDArray[Any]], NDArray[Any]], block: NDArray[Any]
) -> NDArray[Any]:
    """Call a function that gives (..., letters, length), for the shape (..., length, letters)."""
    return np.moveaxis(encode(block), -2, -1)


def _letters_to_first(
    decode: Callable[[NDArray[Any]], NDArray[Any]], block: NDArray[Any]
) -> NDArray[Any]:
    """Call a function that takes (..., letters, length) with an array (..., length, letters)."""
    return decode(np.moveaxis(block, -1, -2))
