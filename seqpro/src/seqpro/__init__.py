"""Sequence arrays: encode, decode, complement, pad, shuffle, sample and count.

Every function takes plain containers (strings, lists, numpy arrays, `Ragged`) and gives numpy arrays
back. Importing the package loads numpy and nothing heavier; compiled kernels load on first use.
"""

from seqpro.alphabet import AA, DNA, RNA, Alphabet
from seqpro.containers import as_codes, as_ragged
from seqpro.content import gc_content
from seqpro.kmers import count_kmers
from seqpro.onehot import decode_ohe, ohe
from seqpro.pad import pad_seqs
from seqpro.ragged import Ragged
from seqpro.revcomp import reverse_complement
from seqpro.sample import random_seqs
from seqpro.shuffle import k_shuffle
from seqpro.similarity import shared_sequence_groups

__version__ = "0.1.0"

__all__ = [
    "Alphabet",
    "DNA",
    "RNA",
    "AA",
    "ohe",
    "decode_ohe",
    "reverse_complement",
    "pad_seqs",
    "k_shuffle",
    "random_seqs",
    "gc_content",
    "count_kmers",
    "shared_sequence_groups",
    "Ragged",
    "as_codes",
    "as_ragged",
]
