"""Numbers in place of letters or k-mers: what language models read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from seqpro import _kernels
from seqpro.alphabet import UNKNOWN, Alphabet, Case, require_alphabet, require_letter
from seqpro.checks import as_array, number_type, shown, whole_number
from seqpro.columns import letters_and_folds
from seqpro.containers import BLOCK, as_rows, put_back, rows_of
from seqpro.parallel import run_blocks

TokenMap = Alphabet | Mapping[str, int]

_SPAN = 1 << 20  # the farthest that tokens may lie apart


def tokenize(
    seqs: Any,
    tokens: TokenMap,
    *,
    unknown: int = -1,
    case: Case = "fold",
    dtype: DTypeLike = np.int32,
    ohe_axis: int | None = None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Give the number of each letter.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`, or a one-hot array of the
        alphabet `tokens` if `ohe_axis` is given. Of sequences of unequal length the shorter ones end
        in `unknown`.
    tokens
        An alphabet, whose letters are 0, 1, 2 ...; or the number of each letter.
    unknown
        Number of any other letter.
    case
        ``"fold"``: lower case counts as upper case, unless `tokens` has both; ``"strict"``: it is
        unknown.
    dtype
        Whole-number type of the result.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.
    out
        Array to write into, of the result's shape and dtype. It is also what is returned.

    Returns
    -------
    array of `dtype`, shape (..., length)

    Raises
    ------
    ValueError
        If a key of `tokens` is not one letter, or `dtype` cannot hold a number.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.tokenize("ACGTNa", sp.DNA).tolist()
    [0, 1, 2, 3, -1, 0]
    >>> sp.tokenize(["AN", "T"], {"A": 5, "T": 6, "N": 7}, unknown=0).tolist()
    [[5, 7], [6, 0]]
    """
    alphabet, numbers = _letters_and_numbers(tokens)
    unknown = whole_number(unknown, "unknown")
    table = np.full(256, unknown, _whole_number_type(dtype, [*numbers, unknown]))
    columns = alphabet.index_table(case)
    known = columns != UNKNOWN
    table[known] = numbers[columns[known]]
    rows = rows_of(seqs, alphabet=alphabet, ohe_axis=ohe_axis)
    length = rows.longest()
    result = rows.output(out, (*rows.shape, length), table.dtype)
    filled = as_rows(result)

    four = (*letters_and_folds(alphabet, case), table[alphabet.codes], table.dtype.type(unknown))

    def look_up(first: int, codes: NDArray[np.uint8]) -> None:
        target = filled[first : first + len(codes)]
        if not target.flags.c_contiguous or not table.dtype.isnative:
            target[...] = table[codes]
        elif len(alphabet) == 4:  # as fast as memory takes the numbers
            _kernels.tokens.number_four(codes.reshape(-1), *four, target.reshape(-1))
        else:
            _kernels.onehot.gather(codes.reshape(-1), table, target.reshape(-1))

    rows.run_dense(look_up)
    put_back(filled, result)
    return result


def decode_tokens(
    tokens: Any, letters: TokenMap, *, unknown_char: str | None = None
) -> NDArray[np.bytes_]:
    """Turn the numbers of letters back into letters.

    Parameters
    ----------
    tokens
        Whole numbers of any type, shape (..., length).
    letters
        What `tokenize` was given: an alphabet, or the number of each letter, each number once.
    unknown_char
        Letter for any other number; the alphabet's own, or N, by default.

    Returns
    -------
    ``S1`` array, shape (..., length)

    Raises
    ------
    TypeError
        If `tokens` are not whole numbers.
    ValueError
        If two letters have one number, or numbers lie more than a million apart.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.decode_tokens([0, 1, 2, 3, -1], sp.DNA).tobytes()
    b'ACGTN'
    """
    array = _whole_numbers(tokens)
    alphabet, numbers = _letters_and_numbers(letters)
    if np.unique(numbers).size < numbers.size:
        msg = f"letters must have a number each to be decoded; found {dict(letters)}"
        raise ValueError(msg)
    lowest = int(numbers.min())
    span = int(numbers.max()) - lowest + 1
    if span > _SPAN:
        msg = f"letters must have numbers within {_SPAN} of each other; found a span of {span}"
        raise ValueError(msg)
    other = require_letter(
        alphabet.unknown if unknown_char is None else unknown_char, "unknown_char"
    )
    table = np.full(span, other, np.uint8)
    table[numbers - lowest] = alphabet.codes
    flat = np.ascontiguousarray(array).reshape(-1)
    out = np.empty(flat.size, np.uint8)
    take = _kernels.tokens.take
    run_blocks(
        lambda a, b: take(flat[a:b], lowest, table, np.uint8(other), out[a:b]),
        flat.size,
        block=BLOCK,
    )
    return out.reshape(array.shape).view("S1")


def kmer_tokens(
    seqs: Any,
    k: int,
    alphabet: Alphabet,
    *,
    stride: int = 1,
    unknown: int = -1,
    case: Case = "fold",
    dtype: DTypeLike = np.int64,
    ohe_axis: int | None = None,
) -> NDArray[Any]:
    """Give the number of each k-mer: its place among all words of k letters in alphabetical order.

    `kmers.kmer_names` lists the words in that order. Letters after the last whole k-mer have no token.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), in any container of `as_codes`, or a one-hot array if
        `ohe_axis` is given. Of sequences of unequal length the shorter ones end in `unknown`.
    k
        Letters of a word, at least 1 and at most the sequences' length.
    alphabet
        Gives letters and order.
    stride
        Letters from the start of a k-mer to that of the next: 1 for overlapping ones, `k` for words
        side by side.
    unknown
        Number of a k-mer with a letter outside the alphabet.
    case
        ``"fold"``: lower case counts as upper case; ``"strict"``: lower case is unknown.
    dtype
        Whole-number type of the result.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    array of `dtype`, shape (..., tokens), with ``(length - k) // stride + 1`` tokens

    Raises
    ------
    ValueError
        If `k` or `stride` does not fit, or `dtype` cannot hold the numbers.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.kmer_tokens("AACGT", 2, sp.DNA).tolist(), sp.kmer_tokens("AACGT", 2, sp.DNA, stride=2).tolist()
    ([0, 1, 6, 11], [0, 6])
    """
    width = len(require_alphabet(alphabet))
    k, stride = _check_word(k, stride, width)
    unknown = whole_number(unknown, "unknown")
    kind = _whole_number_type(dtype, [width**k - 1, unknown])
    rows = rows_of(seqs, alphabet=alphabet, ohe_axis=ohe_axis)
    length = rows.longest()
    if len(rows) and length < k:
        msg = f"k must be at most the length of the sequences, {length}; found {k}"
        raise ValueError(msg)
    out = np.empty((len(rows), max(0, (length - k) // stride + 1)), kind)
    table = alphabet.index_table(case)
    encode = _kernels.tokens.kmer_tokens

    def work(first: int, codes: NDArray[np.uint8]) -> None:
        encode(codes, table, width, k, stride, unknown, out[first : first + len(codes)])

    rows.run_dense(work)
    return out.reshape(*rows.shape, out.shape[1])


def decode_kmer_tokens(
    tokens: Any, k: int, alphabet: Alphabet, *, stride: int = 1, unknown_char: str | None = None
) -> NDArray[np.bytes_]:
    """Turn the numbers of k-mers back into letters.

    A letter is unknown only if no known k-mer covers it.

    Parameters
    ----------
    tokens
        Whole numbers, shape (..., tokens).
    k
        Letters of a word.
    alphabet
        Gives letters and order.
    stride
        Letters from the start of a k-mer to that of the next, 1 to `k`.
    unknown_char
        Letter that no known k-mer covers; the alphabet's own by default.

    Returns
    -------
    ``S1`` array, shape (..., length), with ``(tokens - 1) * stride + k`` letters

    Raises
    ------
    TypeError
        If `tokens` are not whole numbers.
    ValueError
        If `k` or `stride` does not fit.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.decode_kmer_tokens([0, 1, 6, 11], 2, sp.DNA).tobytes()
    b'AACGT'
    """
    width = len(require_alphabet(alphabet))
    k, stride = _check_word(k, stride, width)
    if stride > k:
        msg = (
            f"stride must be at most k={k}, for the letters between words are lost; found {stride}"
        )
        raise ValueError(msg)
    array = np.atleast_1d(_whole_numbers(tokens))
    other = require_letter(
        alphabet.unknown if unknown_char is None else unknown_char, "unknown_char"
    )
    rows = as_rows(array)
    count = array.shape[-1]
    out = np.full((len(rows), (count - 1) * stride + k if count else 0), other, np.uint8)
    decode = _kernels.tokens.decode_kmer_tokens
    run_blocks(
        lambda a, b: decode(rows[a:b], alphabet.codes, k, stride, out[a:b]),
        len(rows),
        block=max(1, BLOCK // max(1, out.shape[1])),
    )
    return out.reshape(*array.shape[:-1], out.shape[1]).view("S1")


def _letters_and_numbers(tokens: TokenMap) -> tuple[Alphabet, NDArray[np.int64]]:
    """Turn a token map into an alphabet and the number of each of its letters."""
    if isinstance(tokens, Alphabet):
        return tokens, np.arange(len(tokens))
    if not isinstance(tokens, Mapping) or not tokens:
        msg = (
            f"tokens must be an Alphabet or a mapping of letters to numbers; found {shown(tokens)}"
        )
        raise TypeError(msg)
    for letter, number in tokens.items():
        require_letter(letter, "each key of tokens")
        if not isinstance(number, int | np.integer):
            msg = f"tokens must be whole numbers; found {shown(number)} for {letter!r}"
            raise TypeError(msg)
    unknown = "N" if "N" not in tokens else "?"
    return Alphabet("tokens", "".join(tokens), unknown=unknown), np.array(
        list(tokens.values()), np.int64
    )


def _whole_numbers(tokens: Any) -> NDArray[Any]:
    array = as_array(tokens, "tokens")
    if array.dtype.kind not in "iu" and array.size:
        msg = f"tokens must be whole numbers; found {array.dtype}"
        raise TypeError(msg)
    array = array.astype(array.dtype.newbyteorder("=") if array.size else np.int64, copy=False)
    return array.view(np.int64) if array.dtype == np.uint64 else array  # above 2**63 none is known


def _whole_number_type(dtype: DTypeLike, numbers: Any) -> np.dtype[Any]:
    kind = number_type(dtype, "dtype")
    if kind.kind not in "iu":
        msg = f"dtype must be a whole-number type; found {kind}"
        raise ValueError(msg)
    low, high = int(min(numbers)), int(max(numbers))
    if low < np.iinfo(kind).min or high > np.iinfo(kind).max:
        msg = f"dtype must hold the numbers from {low} to {high}; found {kind}"
        raise ValueError(msg)
    return kind


def _check_word(k: int, stride: int, width: int) -> tuple[int, int]:
    if width ** min(whole_number(k, "k", low=1), 64) >= 2**63:
        msg = f"k must be such that words of {width} letters fit 63 bits; found {k}"
        raise ValueError(msg)
    return int(k), whole_number(stride, "stride", low=1)
