"""Sequence arrays: encode, decode, complement, pad, shuffle, sample and count.

Every function takes plain containers (strings, lists, numpy arrays, `Ragged`) and gives numpy arrays
back. Importing the package loads numpy and nothing heavier; compiled kernels load on first use.
"""

import importlib
from typing import Any

from seqpro.alphabet import AA, DNA, RNA, Alphabet
from seqpro.clean import remove_N, sanitize, unknown_content
from seqpro.codons import codon_table
from seqpro.complexity import entropy, linguistic_complexity
from seqpro.containers import as_codes, as_ragged
from seqpro.content import gc_content, length, nucleotide_content
from seqpro.coverage import bin_coverage, normalize_coverage
from seqpro.distance import edit_distance, hamming_distance
from seqpro.hashing import digest_rows, hash_rows
from seqpro.jitter import jitter
from seqpro.kmers import count_kmers, count_kmers_sparse, kmer_totals
from seqpro.mutate import mutate, single_mutants
from seqpro.onehot import decode_ohe, ohe
from seqpro.pad import pad_seqs
from seqpro.patterns import delete, insert, substitute, tile
from seqpro.ragged import Ragged
from seqpro.revcomp import reverse_complement
from seqpro.sample import fit_markov, random_seqs
from seqpro.shuffle import k_shuffle
from seqpro.similarity import near_duplicate_groups, shared_sequence_groups
from seqpro.tokens import decode_kmer_tokens, decode_tokens, kmer_tokens, tokenize
from seqpro.transcribe import back_transcribe, transcribe
from seqpro.translate import six_frames, translate

__version__ = "0.1.0"

__all__ = [
    # alphabets
    "Alphabet",
    "DNA",
    "RNA",
    "AA",
    "codon_table",
    # letters and numbers
    "ohe",
    "decode_ohe",
    "tokenize",
    "decode_tokens",
    "kmer_tokens",
    "decode_kmer_tokens",
    # from one molecule to another
    "reverse_complement",
    "transcribe",
    "back_transcribe",
    "translate",
    "six_frames",
    # lengths, cleaning and edits
    "pad_seqs",
    "sanitize",
    "remove_N",
    "substitute",
    "insert",
    "delete",
    "tile",
    # chance
    "random_seqs",
    "fit_markov",
    "k_shuffle",
    "jitter",
    "mutate",
    "single_mutants",
    # what sequences are made of
    "length",
    "gc_content",
    "nucleotide_content",
    "unknown_content",
    "count_kmers",
    "count_kmers_sparse",
    "kmer_totals",
    "entropy",
    "linguistic_complexity",
    # which sequences are alike
    "hamming_distance",
    "edit_distance",
    "shared_sequence_groups",
    "near_duplicate_groups",
    "hash_rows",
    "digest_rows",
    # tracks
    "bin_coverage",
    "normalize_coverage",
    # containers
    "Ragged",
    "as_codes",
    "as_ragged",
]


_MODULES = ("bed", "gtf", "transforms", "xr")  # need pandas or xarray, or are looked for rarely


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    from seqpro.old_names import PACKAGE, missing

    raise missing(name, "module 'seqpro'", PACKAGE)


def __dir__() -> list[str]:
    return sorted([*__all__, *_MODULES, "__version__"])
