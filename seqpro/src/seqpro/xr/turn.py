"""The other strand, RNA and proteins, and sequences of one length."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqpro.alphabet import DNA, Alphabet
from seqpro.codons import CodonTable
from seqpro.pad import pad_seqs as plain_pad_seqs
from seqpro.ragged import Side
from seqpro.revcomp import reverse_complement as plain_reverse_complement
from seqpro.transcribe import back_transcribe as plain_back_transcribe
from seqpro.transcribe import transcribe as plain_transcribe
from seqpro.translate import Incomplete
from seqpro.translate import translate as plain_translate
from seqpro.xr.blocks import apply, core_dims, each_sequence, ohe_axis, require_letters


def reverse_complement(
    seqs: xr.DataArray,
    alphabet: Alphabet,
    *,
    mask: xr.DataArray | None = None,
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
) -> xr.DataArray:
    """Reverse complement sequences, as letters or one-hot.

    Coords along the positions stay where they are: they number the positions of the result.

    Parameters
    ----------
    seqs
        Letters, or one-hot of the alphabet.
    alphabet
        As for `seqpro.reverse_complement`.
    mask
        True for sequences to turn; the others are copied. Has some of their dims; all turn by default.
    length_dim, ohe_dim
        Dims of positions and of letters.

    Returns
    -------
    DataArray of the type of `seqs`, shape (..., length) or (..., letters, length)

    Raises
    ------
    TypeError, ValueError
        As `seqpro.reverse_complement`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["ACGN", "AACC"]), dims=("_sequence", "_length"))
    >>> strand = xr.DataArray(["+", "-"], dims="_sequence")
    >>> turned = sp.xr.reverse_complement(seqs, sp.DNA, mask=strand == "-")
    >>> [row.tobytes() for row in turned.values]
    [b'ACGN', b'GGTT']
    """
    core = core_dims(seqs, length_dim, ohe_dim, alphabet=alphabet)
    chosen = each_sequence(True if mask is None else mask, "mask", seqs, core)
    turn = partial(plain_reverse_complement, alphabet=alphabet, ohe_axis=ohe_axis(core))

    def work(block: NDArray[Any], part: NDArray[np.bool_]) -> NDArray[Any]:
        return turn(block, mask=np.broadcast_to(part, block.shape[: -len(core)]))

    return apply(work, (seqs, core), (chosen, ()), out=core, keeps_attrs=True)


def transcribe(seqs: xr.DataArray, *, length_dim: str = "_length") -> xr.DataArray:
    """Write DNA as RNA: each T becomes U, in its case; other letters stay.

    Parameters
    ----------
    seqs
        Letters, shape (..., length) in any order of dims, the coding strand 5' to 3'.
    length_dim
        Dim of positions.

    Returns
    -------
    DataArray of the type of `seqs`, shape (..., length)

    Raises
    ------
    TypeError, ValueError
        As `seqpro.transcribe`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> sp.xr.transcribe(xr.DataArray(sp.as_codes("TAtN"), dims="_length")).values.tobytes()
    b'UAuN'
    """
    require_letters(seqs, length_dim)
    return apply(plain_transcribe, (seqs.transpose(..., length_dim), ()))


def back_transcribe(seqs: xr.DataArray, *, length_dim: str = "_length") -> xr.DataArray:
    """Write RNA as DNA: each U becomes T, in its case; other letters stay.

    Parameters
    ----------
    seqs
        Letters, shape (..., length) in any order of dims.
    length_dim
        Dim of positions.

    Returns
    -------
    DataArray of the type of `seqs`, shape (..., length)

    Raises
    ------
    TypeError, ValueError
        As `seqpro.back_transcribe`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> sp.xr.back_transcribe(xr.DataArray(sp.as_codes("UAuN"), dims="_length")).values.tobytes()
    b'TAtN'
    """
    require_letters(seqs, length_dim)
    return apply(plain_back_transcribe, (seqs.transpose(..., length_dim), ()))


def translate(
    seqs: xr.DataArray,
    *,
    table: int | CodonTable = 1,
    frame: int = 0,
    ambiguous: Literal["resolve", "unknown", "error"] = "resolve",
    unknown_char: str = "X",
    incomplete: Incomplete = "error",
    alphabet: Alphabet = DNA,
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
    aa_length_dim: str = "_aa_length",
) -> xr.DataArray:
    """Translate DNA or RNA to amino acids, codon by codon to the end; a stop is ``*``.

    Proteins that end at a stop, or that lack the codons without a residue, differ in length:
    `seqpro.translate` gives those as a `Ragged`.

    Parameters
    ----------
    seqs
        Letters, or one-hot of the alphabet, 5' to 3'.
    table, frame, ambiguous, unknown_char, incomplete, alphabet
        As for `seqpro.translate`.
    length_dim, ohe_dim
        Dims of positions and of letters.
    aa_length_dim
        New dim of amino acids; may be `length_dim` again.

    Returns
    -------
    DataArray of letters, shape (..., codons), with codons = (length - frame) // 3: uint8 for ASCII
    codes, ``S1`` for ``S1`` and one-hot

    Raises
    ------
    TypeError, ValueError
        As `seqpro.translate`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["ATGNNNtaa"]), dims=("_sequence", "_length"))
    >>> sp.xr.translate(seqs).values.tobytes(), sp.xr.translate(seqs).dims
    (b'MX*', ('_sequence', '_aa_length'))
    """
    core = core_dims(seqs, length_dim, ohe_dim, alphabet=alphabet)
    if ambiguous not in ("resolve", "unknown", "error"):  # "drop", say
        msg = (
            "ambiguous must be 'resolve', 'unknown' or 'error' for proteins of one length; found "
            f"{ambiguous!r}. seqpro.translate gives proteins of any lengths"
        )
        raise ValueError(msg)
    work = partial(
        plain_translate,
        table=table,
        frame=frame,
        ambiguous=ambiguous,
        unknown_char=unknown_char,
        incomplete=incomplete,
        alphabet=alphabet,
        ohe_axis=ohe_axis(core),
    )
    residues = apply(work, (seqs, core), out=(aa_length_dim,), renumbers=(length_dim,))
    left = max(0, seqs.sizes[length_dim] - frame) % 3
    if left and incomplete == "error":  # a lazy array has not told yet
        msg = (
            f"seqs must hold whole codons from position {frame} on; found {seqs.sizes[length_dim]} "
            f"positions along {length_dim!r}. incomplete='drop' leaves the last {left} out"
        )
        raise ValueError(msg)
    return residues


def pad_seqs(
    seqs: xr.DataArray,
    *,
    length: int,
    side: Side = "right",
    truncate: Side = "right",
    letter: str | None = None,
    alphabet: Alphabet = DNA,
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
) -> xr.DataArray:
    """Pad sequences, or cut them, to another length.

    Parameters
    ----------
    seqs
        Letters, or one-hot of the alphabet.
    length
        Positions of the result.
    side, truncate, letter, alphabet
        As for `seqpro.pad_seqs`.
    length_dim, ohe_dim
        Dims of positions and of letters.

    Returns
    -------
    DataArray of the type of `seqs`, shape (..., length) or (..., letters, length)

    Raises
    ------
    TypeError, ValueError
        As `seqpro.pad_seqs`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["ACG"]), dims=("_sequence", "_length"))
    >>> sp.xr.pad_seqs(seqs, length=5, side="left").values.tobytes()
    b'NNACG'
    """
    core = core_dims(seqs, length_dim, ohe_dim, alphabet=alphabet)
    work = partial(
        plain_pad_seqs,
        length=length,
        side=side,
        truncate=truncate,
        letter=letter,
        alphabet=alphabet,
        ohe_axis=ohe_axis(core),
    )
    return apply(work, (seqs, core), out=core, renumbers=(length_dim,), keeps_attrs=True)
