"""Reverse complement of letters and of one-hot arrays."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqpro import _kernels
from seqpro.alphabet import Alphabet, require_alphabet
from seqpro.checks import as_array
from seqpro.columns import letters_axis
from seqpro.containers import BLOCK, Block, as_rows, is_itself, output, put_back, rows_of
from seqpro.parallel import run_blocks
from seqpro.ragged import Ragged


def reverse_complement(
    seqs: Any,
    alphabet: Alphabet,
    *,
    ohe_axis: int | None = None,
    mask: ArrayLike | None = None,
    out: NDArray[Any] | None = None,
) -> Any:
    """Reverse complement sequences, as letters or one-hot.

    Letters keep their case; IUPAC codes are complemented (R and Y, K and M ...); other letters, such
    as gaps, stay. U in DNA and T in RNA are refused, for their complement would be a guess. Columns of
    a one-hot array may hold any numbers. The result is a new array unless `out` is given.

    Parameters
    ----------
    seqs
        Letters of shape (..., length) in any container of `as_codes`, or a one-hot array if
        `ohe_axis` is given.
    alphabet
        Says what pairs with what. Proteins are refused.
    ohe_axis
        None for letters; for one-hot arrays the axis of the letters: -1 for (..., length, letters)
        or -2 for (..., letters, length).
    mask
        True for sequences to turn; the others are copied. Shape: that of the sequences, (...).
    out
        Array to write into, of the input's shape, ``S1`` or uint8 for letters and the input's type for
        one-hot; may be the input itself. It is also returned.

    Returns
    -------
    array of the input's shape: ``S1`` for text, uint8 for ASCII codes, one-hot as it came; a `Ragged`
    for a `Ragged`

    Raises
    ------
    ValueError
        If the alphabet has no complement, if DNA holds U or RNA holds T, or if lengths or axes do not
        fit.

    Examples
    --------
    >>> import seqpro as sp
    >>> sp.reverse_complement(["ACGN", "AAcc"], sp.DNA).tolist()
    [[b'N', b'C', b'G', b'T'], [b'g', b'g', b'T', b'T']]
    >>> sp.decode_ohe(sp.reverse_complement(sp.ohe("AC", sp.DNA), sp.DNA, ohe_axis=-1), sp.DNA).tobytes()
    b'GT'
    """
    table = require_alphabet(alphabet).complement_table()
    if ohe_axis is not None and not isinstance(seqs, Ragged):
        return _onehot(seqs, alphabet, ohe_axis, mask, out)
    rows = rows_of(seqs, alphabet=alphabet, ohe_axis=ohe_axis)
    chosen = _row_mask(mask, rows.shape)
    plain, flips = _flips(alphabet)
    foreign = np.zeros(256, np.bool_)
    foreign[[ord(c) for c in _foreign(alphabet) + _foreign(alphabet).lower()]] = True
    turn = _kernels.revcomp.reverse_complement

    def work(first: int, block: Block, target: NDArray[np.uint8]) -> None:
        part = chosen[first : first + block.sizes.size]
        at = turn(*block, plain, flips, table, foreign, part, target)
        if at >= 0:
            msg = (
                f"seqs must be {alphabet.name}, without {_foreign(alphabet)}; found one in sequence "
                f"{first + at}. seqpro.transcribe and seqpro.back_transcribe change DNA to RNA and back"
            )
            raise ValueError(msg)

    return rows.map(work, out=out)


def _onehot(
    seqs: Any, alphabet: Alphabet, ohe_axis: int, mask: ArrayLike | None, out: NDArray[Any] | None
) -> NDArray[Any]:
    columns = alphabet.complement_columns()
    onehot = as_array(seqs, "seqs")
    axis = letters_axis(onehot, alphabet, ohe_axis, "seqs")
    if onehot.dtype.kind not in "biuf":
        msg = f"seqs must hold numbers where ohe_axis is given; found {onehot.dtype}"
        raise TypeError(msg)
    chosen = _row_mask(mask, onehot.shape[:-2])
    result = output(out, onehot.shape, onehot.dtype)
    in_place = is_itself(out, onehot, "seqs")
    source, filled = as_rows(onehot, ndim=3), as_rows(result, ndim=3)

    def turn(start: int, stop: int) -> None:
        block = np.ascontiguousarray(source[start:stop])
        turned = _turned(block, axis, columns)
        filled[start:stop] = np.where(chosen[start:stop, None, None], turned, block)

    def reverse(start: int, stop: int) -> None:
        block = np.ascontiguousarray(source[start:stop]).reshape(stop - start, -1).view(bits)
        target = filled[start:stop]
        direct = target.flags.c_contiguous and not in_place
        rows = target if direct else np.empty_like(target)
        _kernels.revcomp.reverse(block, chosen[start:stop], rows.reshape(block.shape).view(bits))
        if not direct:
            target[...] = rows

    # where the alphabet is its own complement backwards, as DNA is, a row is turned by reading it backwards
    backwards = (columns == np.arange(len(columns))[::-1]).all() and onehot.dtype.itemsize <= 8
    bits = np.dtype(f"u{onehot.dtype.itemsize}" if backwards else "u1")
    step = max(1, BLOCK // max(1, onehot.shape[-3 - axis]))
    run_blocks(reverse if backwards else turn, len(source), block=step)
    put_back(filled, result)
    return result


def _turned(onehot: NDArray[Any], axis: int, columns: NDArray[np.intp]) -> NDArray[Any]:
    """Reverse complement one-hot rows of any alphabet."""
    turned = np.zeros_like(onehot)
    target, source = np.moveaxis(turned, axis, 0), np.moveaxis(onehot, axis, 0)
    for column, partner in enumerate(columns):  # added, for two letters may have one complement
        target[partner] += source[column, :, ::-1]
    return turned


@lru_cache(maxsize=64)
def _flips(alphabet: Alphabet) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Say how bits of four letters turn each into its complement: the letters, and three numbers.

    These are the number of a bit, the bits to flip more in letters that have it, and those to flip in
    all. The letters are zeros where no bit tells them apart.
    """
    plain = alphabet.codes
    if plain.size == 4 and alphabet.letters.isupper() and alphabet.letters.isalpha():
        change = plain ^ alphabet.complement_table()[plain]
        for bit in range(5):
            with_bit, without = change[plain >> bit & 1 == 1], change[plain >> bit & 1 == 0]
            if np.unique(with_bit).size == 1 == np.unique(without).size:
                return plain, np.array([bit, with_bit[0] ^ without[0], without[0]], np.uint8)
    return np.zeros(4, np.uint8), np.zeros(3, np.uint8)


def _foreign(alphabet: Alphabet) -> str:
    """Give the letter of the other nucleic acid that must not stand in this one."""
    for here, there in ("TU", "UT"):
        if here in alphabet.letters and there not in alphabet.letters:
            return there
    return ""


def _row_mask(mask: ArrayLike | None, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    if mask is None:
        return np.ones(math.prod(shape), np.bool_)
    chosen = as_array(mask, "mask")
    if chosen.dtype != np.bool_ or chosen.shape != shape:
        msg = f"mask must be boolean with shape {shape}; found {chosen.dtype} with shape {chosen.shape}"
        raise ValueError(msg)
    return chosen.reshape(-1)
