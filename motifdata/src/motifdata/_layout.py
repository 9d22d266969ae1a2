"""How kernels see sequences and motifs: one flat array of letters, one stack of score matrices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motifdata import _kernels
from motifdata.background import check_background
from motifdata.motifset import MotifSet
from motifdata.scores import integer_scores
from seqpro import Alphabet, Ragged, as_ragged, decode_ohe

Strands = Literal["both", "+", "-"]

_LONGEST = 250  # positions; sums of more scores of unknown letters would not fit an int32


@dataclass(frozen=True, eq=False)
class FlatSequences:
    """Sequences in one array of letter numbers, unknown letters between them and at both ends.

    Parameters
    ----------
    letters
        0 to letters - 1, and `letters` for any other byte, shape (total,).
    places
        Where each sequence begins, ascending, shape (n,).
    sizes
        Length of each sequence, shape (n,).

    Examples
    --------
    >>> import seqpro as sp
    >>> flat = flatten(["AC", "NG"], sp.DNA, margin=1)
    >>> flat.letters.tolist(), flat.places.tolist()
    ([4, 0, 1, 4, 4, 2, 4, 4], [1, 4])
    """

    letters: NDArray[np.uint8]
    places: NDArray[np.int64]
    sizes: NDArray[np.int64]


def as_letters(seqs: Any, alphabet: Alphabet, ohe_axis: int | None) -> Ragged:
    """Give sequences, or a one-hot array whose letters are on `ohe_axis`, as rows of letters.

    Examples
    --------
    >>> import seqpro as sp
    >>> as_letters(sp.ohe(["ACNT"], sp.DNA), sp.DNA, -1).values.tobytes()
    b'ACNT'
    """
    if ohe_axis is not None:
        seqs = decode_ohe(seqs, alphabet, ohe_axis=ohe_axis)
    return as_ragged(seqs)


def flatten(
    seqs: Any, alphabet: Alphabet, *, margin: int, ohe_axis: int | None = None
) -> FlatSequences:
    """Lay sequences out in one array, with `margin` unknown letters before and after them all.

    Lower case counts as upper case.

    Examples
    --------
    >>> import seqpro as sp
    >>> flatten(["ac"], sp.DNA, margin=0).letters.tolist()
    [0, 1, 4]
    """
    rows = as_letters(seqs, alphabet, ohe_axis)
    places = margin + np.cumsum(rows.sizes + 1) - (rows.sizes + 1)
    total = int(rows.sizes.sum()) + len(rows) + 2 * margin
    letters = np.full(total, len(alphabet), np.uint8)
    _kernels.scan.lay_out(
        rows.values, rows.starts, rows.sizes, alphabet.index_table(), len(alphabet), places, letters
    )
    return FlatSequences(letters, places, rows.sizes)


@dataclass(frozen=True, eq=False)
class ScoreStack:
    """Score matrices of motifs on their strands, padded to one length.

    Parameters
    ----------
    matrices
        Scores in bins, shape (matrices, longest, letters + 1); the last column, for unknown letters, is
        too low for any site.
    lengths
        Positions of each matrix, shape (matrices,).
    motif
        Number of the motif that each matrix belongs to, ascending, shape (matrices,).
    minus
        Whether the matrix finds sites on the minus strand, shape (matrices,).
    background
        Probability of each letter, shape (letters,).

    Examples
    --------
    >>> from motifdata.motif import Motif
    >>> motifs = MotifSet([Motif("m", [[1, 0, 0, 0]])])
    >>> stack = stack_scores(motifs, None, 0.5, "both")
    >>> stack.matrices[:, 0, :4].tolist()
    [[169, -128, -128, -128], [-128, -128, -128, 169]]
    """

    matrices: NDArray[np.int32]
    lengths: NDArray[np.int64]
    motif: NDArray[np.int64]
    minus: NDArray[np.bool_]
    background: NDArray[np.float64]

    def matrix(self, i: int) -> NDArray[np.int32]:
        """Give matrix i without its padding, shape (length, letters)."""
        return self.matrices[i, : self.lengths[i], :-1]


def stack_scores(
    motifs: MotifSet, background: ArrayLike | None, pseudocount: float, strands: Strands
) -> ScoreStack:
    """Score matrices of `motifs`; the background is the set's own unless another is given.

    A site on the minus strand has the score of its reverse complement.

    Raises
    ------
    ValueError
        If `strands` does not fit the alphabet, or a motif has more than 250 positions.

    Examples
    --------
    >>> from motifdata.motif import Motif
    >>> motifs = MotifSet([Motif("m", [[1, 0, 0, 0]])])
    >>> stack_scores(motifs, None, 0.5, "-").minus.tolist()
    [True]
    """
    wanted = strand_flags(strands, motifs.alphabet)
    chances = motifs.background
    if background is not None:
        chances = check_background(background, motifs.alphabet)
    longest = max((len(motif) for motif in motifs), default=0)
    if longest > _LONGEST:
        msg = f"motifs must have at most {_LONGEST} positions to be scanned for; found one of {longest}"
        raise ValueError(msg)
    shape = (len(motifs) * len(wanted), longest, len(motifs.alphabet) + 1)
    matrices = np.full(shape, _kernels.scan.NEVER, np.int32)
    i = 0
    for motif in motifs:
        scores = integer_scores(motif, chances, pseudocount)
        for minus in wanted:
            columns = motifs.alphabet.complement_columns() if minus else slice(None)
            matrices[i, : len(motif), :-1] = scores[::-1][:, columns] if minus else scores
            i += 1
    return ScoreStack(
        matrices,
        np.repeat([len(motif) for motif in motifs], len(wanted)).astype(np.int64),
        np.repeat(np.arange(len(motifs)), len(wanted)),
        np.tile(np.array(wanted, dtype=bool), len(motifs)),
        chances,
    )


def strand_flags(strands: Strands, alphabet: Alphabet) -> list[bool]:
    """Give for each strand asked for whether it is the minus strand.

    Raises
    ------
    ValueError
        If `strands` is none of its values, or the alphabet has no complement and it is not ``"+"``.

    Examples
    --------
    >>> import seqpro as sp
    >>> strand_flags("both", sp.DNA)
    [False, True]
    """
    flags = {"both": [False, True], "+": [False], "-": [True]}.get(strands)
    if flags is None:
        msg = f"strands must be 'both', '+' or '-'; found {strands!r}"
        raise ValueError(msg)
    if any(flags) and not alphabet.has_complement:
        msg = (
            f"strands must be '+' for alphabet {alphabet.name!r}, which has no complement; "
            f"found {strands!r}"
        )
        raise ValueError(msg)
    return flags
