"""What names of the published packages are called here: asking for one raises an error that says it."""

from __future__ import annotations

_ONE_FOR_ALL = "takes one sequence or many"

PACKAGE = {
    # SeqPro 0.1 to 0.23
    "rag": "seqpro.Ragged and seqpro.ragged",
    "alphabets": "seqpro.alphabet (seqpro.DNA, seqpro.RNA, seqpro.AA)",
    "ALPHABETS": "seqpro.DNA, seqpro.RNA and seqpro.AA",
    "NucleotideAlphabet": "seqpro.Alphabet(name, letters, pairs='AT CG')",
    "AminoAlphabet": "seqpro.Alphabet for the letters, seqpro.codon_table for the code",
    "cast_seqs": "seqpro.as_codes or, for unequal lengths, seqpro.as_ragged",
    "check_axes": "nothing: every function checks its own axes",
    "SeqType": "typing.Any: every function takes every container",
    "StrSeqType": "typing.Any: every function takes every container",
    "NestedStr": "typing.Any: every function takes every container",
    "PathLike": "os.PathLike",
    "experimental": "seqpro.hamming_distance, seqpro.kmer_tokens and their neighbours",
    "remove_N_seqs": "seqpro.remove_N",
    "remove_only_N_seqs": "seqpro.remove_N(seqs, alphabet, most=...)",
    "remove_whitespace": "seqpro.sanitize",
    "rev_comp_byte": "seqpro.reverse_complement",
    "rev_comp_bstring": "seqpro.reverse_complement",
    "rev_comp_string": "seqpro.reverse_complement",
    # SeqPro 0.0.1, spring 2023
    "sanitize_seq": f"seqpro.sanitize, which {_ONE_FOR_ALL}",
    "sanitize_seqs": "seqpro.sanitize",
    "ascii_encode_seq": "seqpro.as_codes",
    "ascii_encode_seqs": "seqpro.as_codes",
    "ascii_decode_seq": "numpy: codes.view('S1')",
    "ascii_decode_seqs": "numpy: codes.view('S1')",
    "reverse_complement_seq": f"seqpro.reverse_complement, which {_ONE_FOR_ALL}",
    "reverse_complement_seqs": "seqpro.reverse_complement",
    "ohe_seq": "seqpro.ohe(seq, seqpro.DNA, ohe_axis=-2), whose ohe_axis=-2 puts the letters first",
    "ohe_seqs": "seqpro.ohe(seqs, seqpro.DNA, ohe_axis=-2), whose ohe_axis=-2 puts the letters first",
    "ohe_to_bytes": "seqpro.decode_ohe",
    "decode_seq": "seqpro.decode_ohe(seq, seqpro.DNA, ohe_axis=-2)",
    "decode_seqs": "seqpro.decode_ohe(seqs, seqpro.DNA, ohe_axis=-2)",
    "shuffle_seq": "seqpro.k_shuffle(seq, 1)",
    "shuffle_seqs": "seqpro.k_shuffle(seqs, 1)",
    "dinuc_shuffle_seq": "seqpro.k_shuffle(seq, 2)",
    "dinuc_shuffle_seqs": "seqpro.k_shuffle(seqs, 2)",
    "gc_content_seq": f"seqpro.gc_content, which {_ONE_FOR_ALL}",
    "gc_content_seqs": "seqpro.gc_content",
    "nucleotide_content_seq": f"seqpro.nucleotide_content, which {_ONE_FOR_ALL}",
    "nucleotide_content_seqs": "seqpro.nucleotide_content",
    "count_kmers_seq": f"seqpro.count_kmers, which {_ONE_FOR_ALL}",
    "count_kmers_seqs": "seqpro.count_kmers",
    "random_seq": "seqpro.random_seqs(length, seqpro.DNA)",
    "pad_sequences": "seqpro.pad_seqs",
    "edit_distance_seqs": "seqpro.edit_distance",
    "seq2kmer": "seqpro.kmer_tokens",
    "kmer2seq": "seqpro.decode_kmer_tokens",
}

ALPHABET = {
    "array": "alphabet.codes.view('S1')",
    "alphabet": "alphabet.letters",
    "complement_map": "alphabet.complement(letter)",
    "complement_map_bytes": "alphabet.complement_table()",
    "str_comp_table": "alphabet.complement_table()",
    "bytes_comp_table": "alphabet.complement_table()",
    "bytes_comp_array": "alphabet.complement_table()",
    "ohe": "seqpro.ohe(seqs, alphabet)",
    "decode_ohe": "seqpro.decode_ohe(onehot, alphabet)",
    "tokenize": "seqpro.tokenize(seqs, alphabet)",
    "decode_tokens": "seqpro.decode_tokens(tokens, alphabet)",
    "reverse_complement": "seqpro.reverse_complement(seqs, alphabet)",
    "rev_comp_byte": "seqpro.reverse_complement(seqs, alphabet)",
    "translate": "seqpro.translate(seqs)",
    "codons": "seqpro.codon_table(1)",
    "amino_acids": "seqpro.codon_table(1)",
    "aa_array": "seqpro.AA.codes.view('S1')",
}

RAGGED = {
    "data": "ragged.values",
    "lengths": "ragged.sizes",
    "from_lengths": "Ragged.from_sizes(values, sizes)",
    "to_packed": "ragged.packed()",
    "to_ak": "awkward.unflatten(ragged.packed().values, ragged.sizes)",
    "to_numpy": "ragged.to_padded(length, fill)",
    "is_empty": "len(ragged) == 0",
    "is_contiguous": "ragged.packed() is ragged",
    "rag_dim": "1: a Ragged has one ragged axis, the second",
}


def missing(name: str, owner: str, renamed: dict[str, str]) -> AttributeError:
    """Give the error for a name that `owner` does not have, with its new name where there is one.

    Examples
    --------
    >>> missing("ohe_seq", "module 'seqpro'", {"ohe_seq": "seqpro.ohe"})
    AttributeError("module 'seqpro' has no attribute 'ohe_seq'; here it is seqpro.ohe")
    """
    hint = f"; here it is {renamed[name]}" if name in renamed else ""
    return AttributeError(f"{owner} has no attribute {name!r}{hint}")
