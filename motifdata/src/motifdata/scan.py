"""Scan sequences for sites of motifs, with exact p-values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motifdata import _kernels
from motifdata._layout import FlatSequences, ScoreStack, Strands, flatten, stack_scores
from motifdata.motif import PSEUDOCOUNT, Motif
from motifdata.motifset import Motifs, MotifSet, as_motifset
from motifdata.scores import BIN, check_pvalue, null_distributions
from seqpro.parallel import run_blocks

if TYPE_CHECKING:
    import pandas as pd

_CHUNK = 1 << 21  # positions indexed at a time
_MOST_WORDS = 1 << 20  # words an index tells apart
_MOST_BLOCK_WORDS = (
    1 << 12
)  # words whose scores are tabled for a block of positions: they fit the L1 cache
_BLOCK = 1 << 16  # positions a thread scores at a time
_NONE = -(1 << 23)  # stands for "no site" among whole scores


def scan(
    seqs: Any,
    motifs: Motifs,
    *,
    pvalue: float = 1e-4,
    background: ArrayLike | None = None,
    pseudocount: float = PSEUDOCOUNT,
    strands: Strands = "both",
) -> pd.DataFrame:
    """Find every site whose score is as rare as `pvalue` by chance.

    A site's score is the sum of its letters' log-odds, each rounded to 1/128 bit; its p-value is the exact
    probability that random letters of the background score at least as high. Sites overlap freely, and a
    palindromic site is reported once on each strand. A window that holds a letter outside the alphabet
    (N) is no site. Lower case counts as upper case.

    Parameters
    ----------
    seqs
        Sequences of any lengths, as for `seqpro.as_ragged`.
    motifs
        A motif, a set, or any iterable of motifs.
    pvalue
        Highest p-value of a site, for one window on one strand. A motif too short or too vague to have
        such rare sites has none.
    background
        Probability of each letter, shape (letters,): that of the log-odds and of the random letters. By
        default the background of the `MotifSet`, uniform for motifs that come without one.
    pseudocount
        As for `Motif.log_odds`; must be above 0.
    strands
        ``"both"``, ``"+"`` or ``"-"``; ``"+"`` for alphabets without a complement.

    Returns
    -------
    Table of sites, sorted by row, start, order of motif, and strand (``+`` first):
    ``row`` (int64, position of the sequence in `seqs`), ``motif`` (id), ``start`` and ``end`` (int64,
    0-based half-open on the forward strand), ``strand``, ``score`` (bits) and ``pvalue``.

    Raises
    ------
    ValueError
        If an argument does not fit.

    Notes
    -----
    The distribution of scores is computed by dynamic programming as in Staden 1989. Sites are looked up
    in an index of the sequences' words rather than by scoring every window; all sites are found.

    Examples
    --------
    >>> scan(["CCTGACTCACC", "CCCC"], Motif.from_consensus("TGACTCA", id="AP1"))[["row", "start", "strand"]]
       row  start strand
    0    0      2      +
    """
    check_pvalue(pvalue)
    motifset = as_motifset(motifs)
    stack = stack_scores(motifset, background, pseudocount, strands)
    flat = flatten(seqs, motifset.alphabet, margin=stack.matrices.shape[1])
    thresholds, tails = _rare_scores(stack, motifset, pvalue)
    site, matrix, score = _find(flat, stack, thresholds)
    order = np.argsort(site * max(1, stack.lengths.size) + matrix)
    site, matrix, score = site[order], matrix[order], score[order]
    sizes = np.array([tail.size for tail in tails], dtype=np.int64)
    above = score - thresholds[matrix]
    row = np.searchsorted(flat.places, site, side="right") - 1
    start = site - flat.places[row]
    return _table(
        {
            "row": row.astype(np.int64),
            "motif": np.array(motifset.ids, dtype=object)[stack.motif[matrix]],
            "start": start,
            "end": start + stack.lengths[matrix],
            "strand": np.array(["+", "-"], dtype=object)[stack.minus[matrix].astype(np.intp)],
            "score": score * BIN,
            "pvalue": np.concatenate([np.empty(0), *tails])[
                (np.cumsum(sizes) - sizes)[matrix] + above
            ],
        }
    )


def best_scores(
    seqs: Any,
    motifs: Motifs,
    *,
    background: ArrayLike | None = None,
    pseudocount: float = PSEUDOCOUNT,
    strands: Strands = "both",
) -> NDArray[np.float64]:
    """Give the best score of each motif in each sequence, over all positions and strands.

    Parameters
    ----------
    seqs, motifs, background, pseudocount, strands
        As for `scan`, with the same scores.

    Returns
    -------
    Bits, shape (n, motifs); minus infinity where a sequence has no window for the motif, because it is
    too short or every window holds a letter outside the alphabet.

    Raises
    ------
    ValueError
        If an argument does not fit.

    Examples
    --------
    >>> motif = Motif("m", [[1, 0, 0, 0], [0, 1, 0, 0]])
    >>> best_scores(["TTAC", "GT", "AN"], motif).tolist()
    [[4.0], [4.0], [-inf]]
    """
    motifset = as_motifset(motifs)
    stack = stack_scores(motifset, background, pseudocount, strands)
    flat = flatten(seqs, motifset.alphabet, margin=stack.matrices.shape[1])
    out = np.full((flat.sizes.size, stack.lengths.size), _NONE, np.int32)
    longest_word = _word_length(len(motifset.alphabet), _MOST_BLOCK_WORDS)
    word_lengths = np.minimum(stack.lengths, longest_word)
    for k in np.unique(word_lengths).tolist():
        chosen = np.flatnonzero(word_lengths == k)
        out[:, chosen] = _best_of_rows(flat, k, stack.matrices[chosen], stack.lengths[chosen])
    by_strand = out.reshape(flat.sizes.size, len(motifset), 2 if strands == "both" else 1)
    return _in_bits(by_strand.max(axis=2))


def score_track(
    seqs: Any,
    motif: Motif,
    *,
    background: ArrayLike | None = None,
    pseudocount: float = PSEUDOCOUNT,
    strands: Strands = "both",
) -> NDArray[np.float64]:
    """Give for each position the best score of a site that covers it, on either strand.

    This is what a plain motif scan says about the importance of positions.

    Parameters
    ----------
    seqs
        Sequences of any lengths, as for `seqpro.as_ragged`.
    motif
        One motif.
    background, pseudocount, strands
        As for `scan`, with the same scores.

    Returns
    -------
    Bits, shape (n, length), as wide as the longest sequence; minus infinity where no site covers a
    position: past a sequence's end, or where every window holds a letter outside the alphabet.

    Raises
    ------
    ValueError
        If an argument does not fit.

    Examples
    --------
    >>> motif = Motif("m", [[1, 0, 0, 0], [0, 1, 0, 0]])
    >>> score_track(["CCAC", "AN"], motif).round(1).tolist()
    [[-8.0, -8.0, 4.0, 4.0], [-inf, -inf, -inf, -inf]]
    """
    if not isinstance(motif, Motif):
        msg = (
            f"motif must be one Motif; found {type(motif).__name__}. Take it from the set by its id"
        )
        raise TypeError(msg)
    stack = stack_scores(MotifSet([motif]), background, pseudocount, strands)
    flat = flatten(seqs, motif.alphabet, margin=0)
    out = np.full((flat.sizes.size, flat.sizes.max(initial=0)), _NONE, np.int32)
    track_of_rows = _kernels.scan.track_of_rows

    def work(a: int, b: int) -> None:
        places, sizes = flat.places[a:b], flat.sizes[a:b]
        track_of_rows(flat.letters, places, sizes, stack.matrices, stack.lengths, out[a:b])

    run_blocks(work, flat.sizes.size, block=_rows_at_once(flat))
    return _in_bits(out)


def _rare_scores(
    stack: ScoreStack, motifs: MotifSet, pvalue: float
) -> tuple[NDArray[np.int64], list[NDArray[np.float64]]]:
    """Give each matrix's lowest score as rare as `pvalue`, and the p-values from there on."""
    shared = 1  # neighbouring matrices with one distribution: both strands, where they look alike
    if motifs.alphabet.has_complement and stack.lengths.size > len(motifs):
        complement = stack.background[motifs.alphabet.complement_columns()]
        shared = 2 if np.array_equal(complement, stack.background) else 1
    matrices = [stack.matrix(i) for i in range(0, stack.lengths.size, shared)]
    thresholds, tails = [], []
    for lowest, tail in null_distributions(matrices, stack.background):
        rare = int(np.searchsorted(tail[::-1], pvalue, side="right"))
        thresholds += [lowest + tail.size - rare] * shared
        tails += [tail[tail.size - rare :]] * shared
    return np.array(thresholds, dtype=np.int64), tails


def _find(
    flat: FlatSequences, stack: ScoreStack, thresholds: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    """Places in the flat array, numbers of matrices and scores of all sites, in no order."""
    letters, margin = stack.matrices.shape[2] - 1, stack.matrices.shape[1]
    inside = flat.letters.size - 2 * margin
    parts = []
    if stack.lengths.size:
        k = _word_length(letters, min(_MOST_WORDS, max(letters, inside)))
        k = min(k, margin)
        for begin in range(0, inside, _CHUNK):
            size = min(_CHUNK, inside - begin)
            chunk = flat.letters[begin : begin + size + 2 * margin]
            parts += _find_in_chunk(chunk, k, (margin, margin + size), stack, thresholds, begin)
    nothing = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int32))
    site, matrix, score = zip(nothing, *parts, strict=True)
    return np.concatenate(site), np.concatenate(matrix), np.concatenate(score)


def _find_in_chunk(
    chunk: NDArray[np.uint8],
    k: int,
    window: tuple[int, int],
    stack: ScoreStack,
    thresholds: NDArray[np.int64],
    begin: int,
) -> list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]]:
    letters = stack.matrices.shape[2] - 1
    offsets = np.empty(letters**k + 1, np.int32)
    words, positions = np.empty((2, chunk.size), np.int32)
    _kernels.scan.index_words(chunk, letters, k, offsets, words, positions)
    find_sites = _kernels.scan.find_sites
    parts = []

    def work(a: int, b: int) -> None:
        matrices, lengths = stack.matrices[a:b], stack.lengths[a:b]
        site, score, numbers = find_sites(
            chunk, window, k, offsets, positions, matrices, lengths, thresholds[a:b]
        )
        parts.append((site + begin, np.repeat(np.arange(a, b), numbers), score))

    run_blocks(work, stack.lengths.size, block=16)
    return parts


def _best_of_rows(
    flat: FlatSequences, k: int, matrices: NDArray[np.int32], lengths: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Best score of each matrix in each row, shape (n, matrices), by tables of words of k letters."""
    codes = np.empty(flat.letters.size, np.uint16)
    _kernels.scan.encode_words(flat.letters, matrices.shape[2] - 1, k, codes)
    out = np.full((flat.sizes.size, lengths.size), _NONE, np.int32)
    best_of_rows = _kernels.scan.best_of_rows

    def work(a: int, b: int) -> None:
        best_of_rows(codes, k, flat.places[a:b], flat.sizes[a:b], matrices, lengths, out[a:b])

    run_blocks(work, flat.sizes.size, block=_rows_at_once(flat))
    return out


def _word_length(letters: int, most: int) -> int:
    """Give the longest word of which there are at most `most`, at least 1."""
    k = 1
    while 1 < letters ** (k + 1) <= most:
        k += 1
    return k


def _rows_at_once(flat: FlatSequences) -> int:
    return max(1, _BLOCK // max(1, int(flat.sizes.max(initial=1))))


def _in_bits(scores: NDArray[np.int32]) -> NDArray[np.float64]:
    return np.where(scores > _NONE, scores * BIN, -np.inf)


def _table(columns: dict[str, NDArray[Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            key: pd.Series(v, dtype="str" if v.dtype == object else v.dtype)
            for key, v in columns.items()
        }
    )
