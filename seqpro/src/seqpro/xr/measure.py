"""Numbers about each sequence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Literal

import xarray as xr
from numpy.typing import DTypeLike, NDArray

from seqpro.alphabet import DNA, Alphabet, Case
from seqpro.clean import unknown_content as plain_unknown_content
from seqpro.complexity import entropy as plain_entropy
from seqpro.complexity import linguistic_complexity as plain_linguistic_complexity
from seqpro.containers import as_rows
from seqpro.content import By
from seqpro.content import gc_content as plain_gc_content
from seqpro.content import length as plain_length
from seqpro.content import nucleotide_content as plain_nucleotide_content
from seqpro.hashing import digest_rows as plain_digest_rows
from seqpro.hashing import hash_rows as plain_hash_rows
from seqpro.kmers import count_kmers as plain_count_kmers
from seqpro.kmers import kmer_names
from seqpro.xr.blocks import Dims, apply, core_dims, ohe_axis, require_letters, with_labels

_MOST_LABELS = 4096  # words that are worth naming


def gc_content(
    seqs: xr.DataArray,
    *,
    by: By = "length",
    alphabet: Alphabet = DNA,
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
) -> xr.DataArray:
    """Give the fraction of G and C in each sequence, in either case.

    Parameters
    ----------
    seqs
        Letters, or one-hot of the alphabet.
    by, alphabet
        As for `seqpro.gc_content`.
    length_dim, ohe_dim
        Dims of positions and of letters.

    Returns
    -------
    DataArray of float64, shape (...): between 0 and 1; NaN where there is nothing to divide by

    Raises
    ------
    TypeError, ValueError
        As `seqpro.gc_content`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["GGCA", "NNca"]), dims=("_sequence", "_length"))
    >>> sp.xr.gc_content(seqs).values.tolist(), sp.xr.gc_content(seqs, by="valid").values.tolist()
    ([0.75, 0.25], [0.75, 0.5])
    """
    core = core_dims(seqs, length_dim, ohe_dim, alphabet=alphabet)
    return _measured(plain_gc_content, seqs, core, by=by, alphabet=alphabet)


def nucleotide_content(
    seqs: xr.DataArray,
    alphabet: Alphabet,
    *,
    by: By = "length",
    case: Case = "fold",
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
) -> xr.DataArray:
    """Give the fraction of each letter of an alphabet in each sequence.

    Parameters
    ----------
    seqs
        Letters, or one-hot of the alphabet.
    alphabet, by, case
        As for `seqpro.nucleotide_content`.
    length_dim
        Dim of positions.
    ohe_dim
        Dim of letters, of one-hot arrays and of the result.

    Returns
    -------
    DataArray of float64, shape (..., letters): between 0 and 1; NaN where there is nothing to divide by

    Raises
    ------
    TypeError, ValueError
        As `seqpro.nucleotide_content`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["AAcN", "GGGG"]), dims=("_sequence", "_length"))
    >>> sp.xr.nucleotide_content(seqs, sp.DNA).sel(_ohe="C").values.tolist()
    [0.25, 0.0]
    """
    core = core_dims(seqs, length_dim, ohe_dim, alphabet=alphabet)
    content = _measured(
        plain_nucleotide_content, seqs, core, (ohe_dim,), alphabet=alphabet, by=by, case=case
    )
    return with_labels(content, ohe_dim, alphabet.letters)


def unknown_content(
    seqs: xr.DataArray,
    alphabet: Alphabet,
    *,
    case: Case = "fold",
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
) -> xr.DataArray:
    """Give the fraction of letters outside an alphabet in each sequence.

    ``data.isel(_sequence=unknown_content(data["seq"], alphabet).compute() == 0)`` is for a Dataset what
    `seqpro.remove_N` is for arrays.

    Parameters
    ----------
    seqs
        Letters, or one-hot of the alphabet.
    alphabet, case
        As for `seqpro.unknown_content`.
    length_dim, ohe_dim
        Dims of positions and of letters.

    Returns
    -------
    DataArray of float64, shape (...): between 0 and 1; 0 for a sequence without letters

    Raises
    ------
    TypeError, ValueError
        As `seqpro.unknown_content`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["ACNN", "acgt"]), dims=("_sequence", "_length"))
    >>> sp.xr.unknown_content(seqs, sp.DNA).values.tolist()
    [0.5, 0.0]
    """
    core = core_dims(seqs, length_dim, ohe_dim, alphabet=alphabet)
    return _measured(plain_unknown_content, seqs, core, alphabet=alphabet, case=case)


def length(
    seqs: xr.DataArray, *, length_dim: str = "_length", ohe_dim: str = "_ohe"
) -> xr.DataArray:
    """Count the letters of each sequence; zero bytes, which pad text arrays, are none.

    Parameters
    ----------
    seqs
        Letters, or one-hot of any alphabet, whose positions all count.
    length_dim, ohe_dim
        Dims of positions and of letters.

    Returns
    -------
    DataArray of int64, shape (...)

    Raises
    ------
    TypeError, ValueError
        As `seqpro.length`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["ACGT", "NN"], unequal="pad"), dims=("_sequence", "_length"))
    >>> sp.xr.length(seqs).values.tolist()
    [4, 2]
    """
    return _measured(plain_length, seqs, core_dims(seqs, length_dim, ohe_dim))


def count_kmers(
    seqs: xr.DataArray,
    k: int,
    alphabet: Alphabet,
    *,
    canonical: bool = False,
    case: Case = "fold",
    dtype: DTypeLike | None = None,
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
    kmer_dim: str = "_kmer",
) -> xr.DataArray:
    """Count every k-mer in each sequence; overlapping ones count each time.

    Parameters
    ----------
    seqs
        Letters, or one-hot of the alphabet.
    k, alphabet, canonical, case, dtype
        As for `seqpro.count_kmers`.
    length_dim, ohe_dim
        Dims of positions and of letters.
    kmer_dim
        New dim of k-mers, with the words as labels if there are at most 4096.

    Returns
    -------
    DataArray of int64 or `dtype`, shape (..., words)

    Raises
    ------
    TypeError, ValueError
        As `seqpro.count_kmers`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["ACGT", "AAAN"]), dims=("_sequence", "_length"))
    >>> sp.xr.count_kmers(seqs, 2, sp.DNA).sel(_kmer=["AA", "AC"]).values.tolist()
    [[0, 1], [2, 0]]
    """
    core = core_dims(seqs, length_dim, ohe_dim, alphabet=alphabet)
    counts = _measured(
        plain_count_kmers,
        seqs,
        core,
        (kmer_dim,),
        k=k,
        alphabet=alphabet,
        canonical=canonical,
        case=case,
        dtype=dtype,
    )
    if counts.sizes[kmer_dim] > _MOST_LABELS:
        return counts
    return with_labels(counts, kmer_dim, kmer_names(k, alphabet, canonical=canonical))


def entropy(
    seqs: xr.DataArray,
    k: int,
    alphabet: Alphabet,
    *,
    case: Case = "fold",
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
) -> xr.DataArray:
    """Give the Shannon entropy of each sequence's k-mers, in bits.

    Parameters
    ----------
    seqs
        Letters, or one-hot of the alphabet.
    k, alphabet, case
        As for `seqpro.complexity.entropy`.
    length_dim, ohe_dim
        Dims of positions and of letters.

    Returns
    -------
    DataArray of float64, shape (...); NaN where a sequence has no k-mer

    Raises
    ------
    TypeError, ValueError
        As `seqpro.complexity.entropy`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["AAAA", "AACC", "ACGT"]), dims=("_sequence", "_length"))
    >>> sp.xr.entropy(seqs, 1, sp.DNA).values.tolist()
    [0.0, 1.0, 2.0]
    """
    core = core_dims(seqs, length_dim, ohe_dim, alphabet=alphabet)
    return _measured(plain_entropy, seqs, core, k=k, alphabet=alphabet, case=case)


def linguistic_complexity(
    seqs: xr.DataArray,
    k: int | Iterable[int],
    alphabet: Alphabet,
    *,
    case: Case = "fold",
    length_dim: str = "_length",
    ohe_dim: str = "_ohe",
) -> xr.DataArray:
    """Give the share of the possible k-mers that each sequence has.

    Parameters
    ----------
    seqs
        Letters, or one-hot of the alphabet.
    k, alphabet, case
        As for `seqpro.complexity.linguistic_complexity`.
    length_dim, ohe_dim
        Dims of positions and of letters.

    Returns
    -------
    DataArray of float64, shape (...): above 0 to 1; NaN where a sequence has no k-mer

    Raises
    ------
    TypeError, ValueError
        As `seqpro.complexity.linguistic_complexity`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["ACACACAC", "ACGTTGCA"]), dims=("_sequence", "_length"))
    >>> sp.xr.linguistic_complexity(seqs, 2, sp.DNA).round(3).values.tolist()
    [0.286, 1.0]
    """
    core = core_dims(seqs, length_dim, ohe_dim, alphabet=alphabet)
    lengths = list(k) if isinstance(k, Iterable) else k  # read again for every block
    return _measured(
        plain_linguistic_complexity, seqs, core, k=lengths, alphabet=alphabet, case=case
    )


def hash_rows(seqs: xr.DataArray, *, seed: int = 0, length_dim: str = "_length") -> xr.DataArray:
    """Give a 64-bit number for each sequence that equal ones share, fast.

    Parameters
    ----------
    seqs
        Letters, shape (..., length) in any order of dims.
    seed
        As for `seqpro.hash_rows`.
    length_dim
        Dim of positions.

    Returns
    -------
    DataArray of uint64, shape (...)

    Raises
    ------
    TypeError, ValueError
        As `seqpro.hash_rows`.

    Examples
    --------
    >>> import seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes(["ACGT", "TTTT", "ACGT"]), dims=("_sequence", "_length"))
    >>> int((sp.xr.hash_rows(seqs) == sp.xr.hash_rows(seqs[0])).sum())
    2
    """
    require_letters(seqs, length_dim)
    work = partial(_of_rows, partial(plain_hash_rows, seed=seed))
    return apply(work, (seqs, (length_dim,)))


def digest_rows(
    seqs: xr.DataArray,
    *,
    algorithm: Literal["sha256", "md5"] = "sha256",
    length_dim: str = "_length",
    digest_dim: str = "_digest",
) -> xr.DataArray:
    """Give the digest of each sequence's letters, as hashlib gives it.

    Parameters
    ----------
    seqs
        Letters, shape (..., length) in any order of dims.
    algorithm
        As for `seqpro.digest_rows`.
    length_dim
        Dim of positions.
    digest_dim
        New dim of the digest's bytes.

    Returns
    -------
    DataArray of uint8, shape (..., bytes)

    Raises
    ------
    TypeError, ValueError
        As `seqpro.digest_rows`.

    Examples
    --------
    >>> import hashlib, seqpro as sp, xarray as xr
    >>> seqs = xr.DataArray(sp.as_codes("ACGT"), dims="_length")
    >>> sp.xr.digest_rows(seqs).values.tobytes() == hashlib.sha256(b"ACGT").digest()
    True
    """
    require_letters(seqs, length_dim)
    work = partial(_of_rows, partial(plain_digest_rows, algorithm=algorithm))
    return apply(work, (seqs, (length_dim,)), out=(digest_dim,))


def _of_rows(measure: Callable[[NDArray[Any]], NDArray[Any]], block: NDArray[Any]) -> NDArray[Any]:
    """Call a function that takes sequences along one axis only."""
    found = measure(as_rows(block))
    return found.reshape((*block.shape[:-1], *found.shape[1:]))


def _measured(
    measure: Callable[..., NDArray[Any]],
    seqs: xr.DataArray,
    core: Dims,
    out: Dims = (),
    **options: Any,
) -> xr.DataArray:
    work = partial(measure, ohe_axis=ohe_axis(core), **options)
    return apply(work, (seqs, core), out=out)
