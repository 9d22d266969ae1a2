"""Scan sequences for sites of motifs, with exact p-values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motifdata import _kernels
from motifdata._layout import FlatSequences, Strands, as_letters, flatten, stack_scores
from motifdata.hits import Search, table_of, word_length
from motifdata.motif import PSEUDOCOUNT, Motif
from motifdata.motifset import Motifs, MotifSet, as_motifset
from motifdata.scores import BIN
from seqpro.parallel import run_blocks

if TYPE_CHECKING:
    import pandas as pd

_MOST_BLOCK_WORDS = 1 << 12  # words whose scores are tabled for a block: they fit the L1 cache
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
    ohe_axis: int | None = None,
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
    ohe_axis
        Axis of the letters if `seqs` is a one-hot array: -1 for shape (n, length, letters), -2 for
        (n, letters, length). A column that is not one-hot is an unknown letter.

    Returns
    -------
    Table of sites, sorted by row, start, order of motif, and strand (``+`` first):
    ``row`` (int64, position of the sequence in `seqs`), ``motif`` (id), ``start`` and ``end`` (int64,
    0-based half-open on the forward strand), ``strand``, ``score`` (bits), ``pvalue`` and ``qvalue``:
    the share of false discoveries among the motif's sites that are as rare.

    Raises
    ------
    ValueError
        If an argument does not fit.

    Notes
    -----
    The distribution of scores is computed by dynamic programming as in Staden 1989. Sites are looked up
    in an index of the sequences' words rather than by scoring every window; all sites are found.

    Q-values follow Benjamini and Hochberg 1995, motif by motif: the tests are all windows of known letters
    of all sequences, on each strand asked for. They do not depend on the other motifs. Windows rarer than
    `pvalue` are all that is seen, so a q-value can be larger than one from all windows, never smaller.

    Examples
    --------
    >>> scan(["CCTGACTCACC", "CCCC"], Motif.from_consensus("TGACTCA", id="AP1"))[["row", "start", "strand"]]
       row  start strand
    0    0      2      +
    """
    search = Search.of(motifs, pvalue, background, pseudocount, strands)
    hits = search.find(seqs, ohe_axis=ohe_axis)
    return table_of(hits.columns(search.motifs.ids))


def count_sites(
    seqs: Any,
    motifs: Motifs,
    *,
    pvalue: float = 1e-4,
    background: ArrayLike | None = None,
    pseudocount: float = PSEUDOCOUNT,
    strands: Strands = "both",
    ohe_axis: int | None = None,
) -> NDArray[np.int64]:
    """Count the sites of each motif in each sequence; a palindromic site counts on both strands.

    Parameters
    ----------
    seqs, motifs, pvalue, background, pseudocount, strands, ohe_axis
        As for `scan`, with the same sites.

    Returns
    -------
    Number of sites, shape (n, motifs).

    Raises
    ------
    ValueError
        If an argument does not fit.

    Examples
    --------
    >>> motif = Motif.from_consensus("TGACTCA", id="AP1")
    >>> count_sites(["CCTGACTCACC", "CCCC"], motif).tolist()
    [[1], [0]]
    """
    search = Search.of(motifs, pvalue, background, pseudocount, strands)
    rows = as_letters(seqs, search.motifs.alphabet, ohe_axis)
    hits = search.find(rows)
    shape = (len(rows), len(search.motifs))
    counts = np.bincount(hits.row * shape[1] + hits.motif, minlength=shape[0] * shape[1])
    return counts.reshape(shape).astype(np.int64)


def best_scores(
    seqs: Any,
    motifs: Motifs,
    *,
    background: ArrayLike | None = None,
    pseudocount: float = PSEUDOCOUNT,
    strands: Strands = "both",
    ohe_axis: int | None = None,
) -> NDArray[np.float64]:
    """Give the best score of each motif in each sequence, over all positions and strands.

    Parameters
    ----------
    seqs, motifs, background, pseudocount, strands, ohe_axis
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
    flat = flatten(seqs, motifset.alphabet, margin=stack.matrices.shape[1], ohe_axis=ohe_axis)
    out = np.full((flat.sizes.size, stack.lengths.size), _NONE, np.int32)
    longest_word = word_length(len(motifset.alphabet), _MOST_BLOCK_WORDS)
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
    ohe_axis: int | None = None,
) -> NDArray[np.float64]:
    """Give for each position the best score of a site that covers it, on either strand.

    This is what a plain motif scan says about the importance of positions.

    Parameters
    ----------
    seqs
        Sequences of any lengths, as for `seqpro.as_ragged`.
    motif
        One motif.
    background, pseudocount, strands, ohe_axis
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
    flat = flatten(seqs, motif.alphabet, margin=0, ohe_axis=ohe_axis)
    out = np.full((flat.sizes.size, flat.sizes.max(initial=0)), _NONE, np.int32)
    track_of_rows = _kernels.scan.track_of_rows

    def work(a: int, b: int) -> None:
        places, sizes = flat.places[a:b], flat.sizes[a:b]
        track_of_rows(flat.letters, places, sizes, stack.matrices, stack.lengths, out[a:b])

    run_blocks(work, flat.sizes.size, block=_rows_at_once(flat))
    return _in_bits(out)


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


def _rows_at_once(flat: FlatSequences) -> int:
    return max(1, _BLOCK // max(1, int(flat.sizes.max(initial=1))))


def _in_bits(scores: NDArray[np.int32]) -> NDArray[np.float64]:
    return np.where(scores > _NONE, scores * BIN, -np.inf)
