"""What k-mers contribute to the predictions, wherever they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from eugene.interpret.attribute import contributions
from eugene.models.model import alphabet_of
from seqpro.kmers import canonical_columns, kmer_names

if TYPE_CHECKING:
    import pandas as pd

    from seqpro import Alphabet


def kmer_effects(
    data: xr.Dataset,
    *,
    method: str,
    k: int = 6,
    both_strands: bool = True,
    common: float = 0.5,
    minimum: int = 10,
    variable: str = "seq",
) -> pd.DataFrame:
    """Average what each k-mer contributes to the predictions over the places where it stands.

    It needs no list of known motifs, and claims no more than the attributions do.

    Parameters
    ----------
    data
        Result of `attribute`, with some hundreds of sequences.
    method
        Whose attributions to read.
    k
        Letters of a k-mer.
    both_strands
        Whether a k-mer and its reverse complement are one, under the name that comes first in the
        alphabet.
    common
        Leave out the places where more than this share of the sequences have the same k-mer, such as
        an adapter: what all share tells nothing of their differences.
    minimum
        K-mers that stand at fewer places are left out.
    variable
        The sequence.

    Returns
    -------
    DataFrame, from the k-mer that raises predictions most to the one that lowers them most: ``kmer``,
    ``places``, ``effect`` (mean of the summed contributions of its letters, in units of the prediction,
    log-odds for classes) and its ``standard_error`` over places

    Raises
    ------
    ValueError
        If there are no such attributions, or `k` is longer than the sequences.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=300, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("kmer_linear", data, targets="label", out=tempfile.mkdtemp() + "/run")
    >>> explained = eu.interpret.attribute(run, data, method="ism", split="test")
    >>> eu.interpret.kmer_effects(explained, method="ism", k=3).columns.tolist()
    ['kmer', 'places', 'effect', 'standard_error']
    """
    import pandas as pd

    share = contributions(data, method, variable=variable).astype(np.float64)
    alphabet = alphabet_of(data[variable])
    if not 1 <= k <= share.shape[1]:
        msg = f"k must be from 1 to the sequences' {share.shape[1]} letters; found {k}"
        raise ValueError(msg)
    words = _words(data[variable].values, k, alphabet)
    words[_is_common(words, common)] = -1
    joined = both_strands and alphabet.has_complement
    if joined:
        words = np.where(words < 0, -1, canonical_columns(k, alphabet)[0][words])
    total = np.cumsum(np.pad(share, ((0, 0), (1, 0))), axis=1)
    effects = total[:, k:] - total[:, :-k]
    known = words >= 0
    names = kmer_names(k, alphabet, canonical=joined)
    groups = pd.DataFrame({"word": words[known], "effect": effects[known]}).groupby("word")[
        "effect"
    ]
    table = groups.agg(places="count", effect="mean", standard_error="sem").reset_index()
    table = table[table["places"] >= minimum]
    table.insert(0, "kmer", [names[word] for word in table.pop("word")])
    return table.sort_values("effect", ascending=False, ignore_index=True)


def _words(codes: NDArray[np.uint8], k: int, alphabet: Alphabet) -> NDArray[np.int64]:
    """Number the k-mer at each place, shape (n, length - k + 1); -1 where a letter is unknown."""
    columns = alphabet.index_table()[codes].astype(np.int64)
    letters = len(alphabet)
    places = codes.shape[1] - k + 1
    words = np.zeros((codes.shape[0], places), np.int64)
    unknown = np.zeros(words.shape, bool)
    for i in range(k):
        part = columns[:, i : i + places]
        words = words * letters + part
        unknown |= part >= letters
    words[unknown] = -1
    return words


def _is_common(words: NDArray[np.int64], common: float) -> NDArray[np.bool_]:
    """Mark the places whose k-mer more than this share of the rows have there."""
    marked = np.zeros(words.shape, bool)
    for place in range(words.shape[1]):
        _, member, counts = np.unique(words[:, place], return_inverse=True, return_counts=True)
        marked[:, place] = (counts > common * words.shape[0])[member]
    return marked
