"""The functions of seqpro for xarray: dims by name, lazy arrays of dask, coords kept.

Each function does what the one of the same name in `seqpro` does, to a DataArray. Sequences are letters
(``S1``, or uint8 ASCII codes) along ``length_dim``; an array that also has ``ohe_dim`` is one-hot, in any
number type. All other dims count sequences. The defaults are the dims of the suite:

``length_dim="_length"``
    Positions. They may be any dim of the array, in any memory order.
``ohe_dim="_ohe"``
    Letters of one-hot arrays, as many as the alphabet has; if they carry labels, in its order.

Results have the dims of the sequences first, in their order, then the others: letters before positions,
(..., _ohe, _length). Coords along dims that stay are kept, those along positions only where the positions
are still the same ones. Attributes of the array stay where the result is still the sequences (encoded,
turned, cut, shuffled ...), not where it is numbers about them or another kind of letters. Arguments that
go with sequences (masks, places, totals) are single values or DataArrays with some of their dims.

An array of dask gives one: nothing is computed before it is asked for, and the result does not depend on
how it is cut into chunks, not even where it is random. `ohe`, `decode_ohe`, `tokenize`, `decode_tokens`,
`transcribe` and `back_transcribe` keep chunks along the positions; other functions join them, so a chunk
must fit into memory with all positions of its sequences.

Left out is what gives sequences of unequal length (`seqpro.sanitize`, `seqpro.six_frames`,
`seqpro.translate` up to a stop), another number of them (`seqpro.remove_N`: select by `unknown_content`
instead; `seqpro.single_mutants`), or an answer about all together (`seqpro.shared_sequence_groups`,
`seqpro.kmers.kmer_totals`, `seqpro.fit_markov`).
"""

from __future__ import annotations

try:
    import xarray  # noqa: F401
except ImportError as error:
    msg = "seqpro.xr needs xarray, which is not installed: pip install eugene-seqpro[xarray]"
    raise ImportError(msg) from error

from seqpro.xr.coverage import bin_coverage, normalize_coverage
from seqpro.xr.distance import edit_distance, hamming_distance
from seqpro.xr.draw import jitter, k_shuffle, mutate
from seqpro.xr.edit import delete, insert, substitute, tile
from seqpro.xr.encode import (
    decode_kmer_tokens,
    decode_ohe,
    decode_tokens,
    kmer_tokens,
    ohe,
    tokenize,
)
from seqpro.xr.measure import (
    count_kmers,
    digest_rows,
    entropy,
    gc_content,
    hash_rows,
    length,
    linguistic_complexity,
    nucleotide_content,
    unknown_content,
)
from seqpro.xr.turn import back_transcribe, pad_seqs, reverse_complement, transcribe, translate

__all__ = [
    "ohe",
    "decode_ohe",
    "tokenize",
    "decode_tokens",
    "kmer_tokens",
    "decode_kmer_tokens",
    "reverse_complement",
    "transcribe",
    "back_transcribe",
    "translate",
    "pad_seqs",
    "substitute",
    "insert",
    "delete",
    "tile",
    "k_shuffle",
    "mutate",
    "jitter",
    "gc_content",
    "nucleotide_content",
    "unknown_content",
    "length",
    "count_kmers",
    "entropy",
    "linguistic_complexity",
    "hash_rows",
    "digest_rows",
    "hamming_distance",
    "edit_distance",
    "bin_coverage",
    "normalize_coverage",
]
