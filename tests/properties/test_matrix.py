"""Every function x every container: the answer is what slow, plain Python gives for a list of str.

Two tables, `ENTRIES` (functions with their options, and an oracle for each) and `CONTAINERS`, and one
law: ``function(container(rows))`` equals ``oracle(rows)``, in the kind that was given, and the input is as
it was. A sample of the pairs runs by default; all of them are marked slow.
"""

from __future__ import annotations

import hashlib
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from inspect import isfunction
from itertools import combinations, product
from typing import Any, Literal
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr
from Bio.Data import CodonTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import seqpro as sp
from seqpro import AA, DNA, RNA, Alphabet, Ragged
from seqpro.containers import Rows

LETTERS = "ACGTNacgtnRYSWKMBDHVrykm-."
UNIFORM = "\xfe"  # the letter that a column of equal shares is read as here: one of no alphabet
WIDTH = 6  # positions of arrays without rows

METHYLATED = Alphabet("methylated", "ACGTm", pairs="AT CG mG")

# --- plain Python: what each function must give ------------------------------------------------------


def known(letter: str, alphabet: Alphabet, case: str = "fold") -> str | None:
    """The alphabet's letter that a letter counts as, or None."""
    if letter in alphabet.letters:
        return letter
    twin = letter.swapcase()
    return twin if case == "fold" and twin != letter and twin in alphabet.letters else None


def upper(text: str) -> str:
    """Fold the case of ASCII letters only."""
    return text.encode("latin-1").upper().decode("latin-1")


def column(letter: str, alphabet: Alphabet, case: str = "fold") -> int | None:
    own = known(letter, alphabet, case)
    return None if own is None else alphabet.letters.index(own)


def words(seq: str, k: int, case: str = "fold", alphabet: Alphabet = DNA) -> list[str]:
    """The k-mers of known letters, in the alphabet's letters, overlapping ones each time."""
    found = []
    for i in range(len(seq) - k + 1):
        word = [known(letter, alphabet, case) for letter in seq[i : i + k]]
        if None not in word:
            found.append("".join(word))
    return found


def turned(seq: str, pairs: str = "ACGTRYKMBVDHSWN TGCAYRMKVBHDSWN") -> str:
    """Reverse complement by a dictionary, in the case of each letter."""
    partner = dict(zip(*pairs.split(), strict=True))
    for a, b in list(partner.items()):
        partner.setdefault(a.swapcase(), b.lower() if a.isupper() else b.upper())
    return "".join(partner.get(letter, letter) for letter in reversed(seq))


def first_of_strands(word: str) -> str:
    return min(word, turned(word))


def code_of(word: str) -> int:
    return sum("ACGT".index(letter) * 4**i for i, letter in enumerate(reversed(word)))


def on_all(one: Callable[..., Any], **options: Any) -> Callable[[list[str]], list[Any]]:
    """Turn an oracle of one sequence into one of a list."""
    return lambda rows: [one(row, **options) for row in rows]


def one_hot(rows, *, alphabet=DNA, case="fold", unknown=0.0, letters_first=False):
    longest = max(map(len, rows), default=0)
    answers = []
    for row in rows:
        answer = np.zeros((longest, len(alphabet)))
        for place in range(longest):
            at = column(row[place], alphabet, case) if place < len(row) else None
            answer[place] = unknown if at is None else np.arange(len(alphabet)) == at
        answers.append(answer.T if letters_first else answer)
    return answers


def tokens(rows, *, numbers, unknown=-1, fold=True):
    longest = max(map(len, rows), default=0)
    table = dict(numbers)
    if fold:
        table |= {a.swapcase(): n for a, n in numbers.items() if a.swapcase() not in numbers}
    return [[table.get(c, unknown) for c in row] + [unknown] * (longest - len(row)) for row in rows]


def word_tokens(rows, *, k, stride=1, unknown=-1, case="fold"):
    longest = max(map(len, rows), default=0)
    answers = []
    for row in rows:
        answers.append([])
        for start in range(0, longest - k + 1, stride):
            word = words(row[start : start + k], k, case)
            answers[-1].append(code_of(word[0]) if word else unknown)
    return answers


def replaced(row, *, old, new):
    return "".join(new[old.index(c)] if c in old else c for c in row)


BASES = {
    "A": "A", "C": "C", "G": "G", "T": "T", "U": "T", "R": "AG", "Y": "CT", "S": "CG", "W": "AT",
    "K": "GT", "M": "AC", "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT", UNIFORM: "ACGT",
}  # fmt: skip


def residue(codon: str, table: int, ambiguous: str) -> str | None:
    """The one amino acid that a codon stands for, or None."""
    forward = CodonTable.unambiguous_dna_by_id[table].forward_table
    codon = upper(codon)
    if ambiguous != "resolve" and not set(codon) <= set("ACGTU"):
        return None
    meanings = product(*(BASES.get(c, "") for c in codon))
    found = {forward.get("".join(meaning), "*") for meaning in meanings}
    return found.pop() if len(found) == 1 else None


def protein(row, *, table=1, frame=0, ambiguous="resolve", to_stop=None):
    answer = ""
    for start in range(frame, len(row) - 2, 3):
        letter = residue(row[start : start + 3], table, ambiguous)
        if letter is None and ambiguous == "drop":
            continue
        if letter == "*" and to_stop:
            return answer + "*" * (to_stop == "inclusive")
        answer += letter or "X"
    return answer


def frames(rows):
    both = [strand for row in rows for strand in (row, turned(replaced(row, old="Uu", new="Tt")))]
    return [protein(strand, frame=frame) for strand in both for frame in range(3)]


def fitted(row, *, length, side="right", truncate="right", letter="N"):
    cut, spare = max(len(row) - length, 0), max(length - len(row), 0)
    start = {"left": cut, "right": 0, "both": cut // 2}[truncate]
    before = {"left": spare, "right": 0, "both": spare // 2}[side]
    return letter * before + row[start : start + length] + letter * (spare - before)


def clean(row, *, alphabet=DNA, remove="-.", unknown="N", case="fold"):
    gone = set(" \t\n\v\f\r\0") | set(remove)
    kept = [c for c in row if known(c, alphabet, case) or c not in gone]
    return "".join(known(c, alphabet, case) or unknown for c in kept)


def unknown_share(row, *, alphabet=DNA, case="fold"):
    letters = row.replace("\0", "")
    return sum(not known(c, alphabet, case) for c in letters) / len(letters) if letters else 0.0


def kept(rows, *, most, **options):
    shares = [unknown_share(row, **options) for row in rows]
    return [row for row, share in zip(rows, shares, strict=True) if share <= most and share < 1]


def spliced(rows, *, patterns, places, removed):
    """One of each per row, again from the first where rows are more."""
    answers = []
    for i, row in enumerate(rows):
        at = places[i % len(places)]
        answers.append(row[:at] + patterns[i % len(patterns)] + row[at + removed :])
    return answers


def in_case(letter: str, other: str, alphabet: Alphabet) -> str:
    """What `other` looks like in the place of `letter`: in its case, where the alphabet allows."""
    twin = other.lower() if letter.islower() else other.upper()
    keep = letter in alphabet.letters or known(twin, alphabet) != other
    return other if keep else twin


def mutants(rows, *, alphabet=DNA, case="fold"):
    return [
        row[:i] + in_case(letter, other, alphabet) + row[i + 1 :]
        for row in rows
        for i, letter in enumerate(row)
        if known(letter, alphabet, case)
        for other in alphabet.letters
        if other != known(letter, alphabet, case)
    ]


def gc_share(rows, *, by="length"):
    longest, answers = max(map(len, rows), default=0), []
    for row in map(upper, rows):
        gc = row.count("G") + row.count("C")
        whole = longest if by == "length" else gc + sum(map(row.count, "ATU"))
        answers.append(gc / whole if whole else np.nan)
    return answers


def letter_shares(rows, *, by="length", case="fold", alphabet=DNA):
    longest, answers = max(map(len, rows), default=0), []
    for row in rows:
        counts = Counter(known(c, alphabet, case) for c in row)
        whole = longest if by == "length" else sum(counts[c] for c in alphabet.letters)
        answers.append([counts[c] / whole if whole else np.nan for c in alphabet.letters])
    return answers


def word_counts(row, *, k, canonical=False, case="fold"):
    names = ["".join(word) for word in product("ACGT", repeat=k)]
    if canonical:
        names = [name for name in names if name == first_of_strands(name)]
    found = Counter(first_of_strands(w) if canonical else w for w in words(row, k, case))
    return [found[name] for name in names]


def coded(seq, k, canonical=False, case="fold"):
    return [code_of(first_of_strands(w) if canonical else w) for w in words(seq, k, case)]


def sparse_counts(rows, **options):
    """Offsets, codes and counts of the k-mers that each row has."""
    tables = [sorted(Counter(coded(row, **options)).items()) for row in rows]
    offsets = [sum(map(len, tables[:i])) for i in range(len(tables) + 1)]
    flat = [item for table in tables for item in table]
    return offsets, [code for code, _ in flat], [count for _, count in flat]


def total_counts(rows, **options):
    found = sorted(Counter(code for row in rows for code in coded(row, **options)).items())
    return [code for code, _ in found], [count for _, count in found]


def bits(row, *, k, case="fold"):
    counts = Counter(words(row, k, case)).values()
    shares = [count / sum(counts) for count in counts]
    return -sum(p * float(np.log2(p)) for p in shares) + 0.0 if shares else np.nan


def vocabulary(row, *, lengths):
    distinct = sum(len(set(words(row, k))) for k in lengths)
    possible = sum(min(4**k, len(words(row, k))) for k in lengths)
    return distinct / possible if possible else np.nan


def same_letter(a: str, b: str, unknown: str, case: str = "fold") -> bool:
    if unknown == "letter":
        return a == b or (case == "fold" and upper(a) == upper(b))
    own = known(a, DNA, case)
    return a == b == "\0" or (own is not None and own == known(b, DNA, case))


def differing(first, second, *, unknown="mismatch", case="fold"):
    return sum(not same_letter(a, b, unknown, case) for a, b in zip(first, second, strict=True))


@cache
def levenshtein(first, second, unknown="mismatch", case="fold"):
    first, second = first.rstrip("\0"), second.rstrip("\0")
    line = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        above, line[0] = line[0], i
        for j, b in enumerate(second, 1):
            change = above + (not same_letter(a, b, unknown, case))
            above, line[j] = line[j], min(line[j] + 1, line[j - 1] + 1, change)
    return line[-1]


def joined(rows, alike):
    """Number of the first row of each row's group, where `alike` says which two belong together."""
    groups = list(range(len(rows)))
    for a, b in combinations(range(len(rows)), 2):
        if alike(rows[a], rows[b]):
            both = {groups[a], groups[b]}
            groups = [min(both) if group in both else group for group in groups]
    return groups


@lru_cache(maxsize=1 << 14)
def held(row, k, both_strands):
    found = set(words(row, k))
    return {first_of_strands(word) for word in found} if both_strands else found


def sharing(rows, *, shared, both_strands=True, ignore_common=None):
    if ignore_common is not None:
        having = Counter(word for row in rows for word in set(words(row, 12)))
        common = {word for word, n in having.items() if n > ignore_common * len(rows)}
        rows = [without(row, common) for row in rows]
    return joined(rows, lambda a, b: held(a, shared, both_strands) & held(b, shared, both_strands))


def without(row, common):
    hidden = set()
    for i in range(len(row) - 11):
        if upper(row[i : i + 12]) in common:
            hidden |= set(range(i, i + 12))
    return "".join("N" if i in hidden else letter for i, letter in enumerate(row))


def near(rows, *, k, similarity):
    def alike(a, b):
        first, second = held(a, k, True), held(b, k, True)
        both = first | second
        return bool(both) and len(first & second) >= similarity * len(both)

    return joined(rows, alike)


def chain(rows, *, order, more=1, case="fold"):
    """Initial and transition probabilities, with `more` added to every count."""
    names = ["".join(word) for word in product("ACGT", repeat=order)]
    counts = Counter(word for row in rows for word in words(row, order + 1, case))
    table = [[counts[name + letter] + more for letter in "ACGT"] for name in names]
    whole = sum(map(sum, table))
    return [sum(line) / whole for line in table], [[n / sum(line) for n in line] for line in table]


def xxh64(row, *, seed=0):
    """XXH64 as its specification says it, with Python's whole numbers."""
    p1, p2, p3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
    p4, p5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
    data, mask = row.encode("latin-1"), 2**64 - 1

    def spin(x, by):
        return ((x << by) | (x >> (64 - by))) & mask

    def step(lane, word):
        return spin((lane + word * p2) & mask, 31) * p1 & mask

    def word_at(place, size):
        return int.from_bytes(data[place : place + size], "little")

    place = 0
    if len(data) >= 32:
        lanes = [(seed + p1 + p2) & mask, (seed + p2) & mask, seed, (seed - p1) & mask]
        while place <= len(data) - 32:
            lanes = [step(lane, word_at(place + 8 * i, 8)) for i, lane in enumerate(lanes)]
            place += 32
        hashed = sum(spin(lane, by) for lane, by in zip(lanes, (1, 7, 12, 18), strict=True)) & mask
        for lane in lanes:
            hashed = ((hashed ^ step(0, lane)) * p1 + p4) & mask
    else:
        hashed = (seed + p5) & mask
    hashed = (hashed + len(data)) & mask
    while place + 8 <= len(data):
        hashed = (spin(hashed ^ step(0, word_at(place, 8)), 27) * p1 + p4) & mask
        place += 8
    if place + 4 <= len(data):
        hashed = (spin(hashed ^ (word_at(place, 4) * p1 & mask), 23) * p2 + p3) & mask
        place += 4
    for byte in data[place:]:
        hashed = spin(hashed ^ (byte * p5 & mask), 11) * p1 & mask
    hashed = (hashed ^ (hashed >> 33)) * p2 & mask
    hashed = (hashed ^ (hashed >> 29)) * p3 & mask
    return hashed ^ (hashed >> 32)


# --- laws of what is random: they hold for whatever is drawn ------------------------------------------


def keeps_klets(k):
    def law(row, drawn):
        def klets(seq):
            return Counter(seq[i : i + k] for i in range(len(seq) - k + 1))

        assert klets(drawn) == klets(row)
        assert len(drawn) == len(row)
        if len(row) >= k:
            assert drawn[: k - 1] == row[: k - 1]
            assert drawn[len(row) - k + 1 :] == row[len(row) - k + 1 :]
        else:
            assert drawn == row

    return law


def is_mutated(number=None, case="fold", alphabet=DNA):
    def law(row, drawn):
        changed = [(a, b) for a, b in zip(row, drawn, strict=True) if a != b]
        for a, b in changed:
            own = known(a, alphabet, case)
            assert own
            assert b in [in_case(a, other, alphabet) for other in alphabet.letters if other != own]
        if number is not None:
            assert len(changed) == number

    return law


def is_cut(most):
    def law(row, drawn):
        size = len(row) - 2 * most
        assert drawn in [row[start : start + size] for start in range(2 * most + 1)]

    return law


# --- the table of functions ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Given:
    """What options may depend on: the rows as the function reads them, their axes, their container."""

    rows: list[str]
    shape: tuple[int, ...]
    make: Callable[[list[str]], Any]


@dataclass(frozen=True)
class Entry:
    """A public function with its options, and what it must give."""

    call: Callable[..., Any]
    oracle: Callable[[list[str]], Any] | None = None  # None: random, told by `law`
    args: tuple[Any, ...] = ()  # after the sequences; functions are called with what is `Given`
    options: dict[str, Any] = field(default_factory=dict)
    gives: Literal["same", "dense", "ragged", "numbers", "whole"] = "same"
    letters: Literal["kind", "text", "codes"] = "kind"
    dtype: str = "i8"  # of numbers
    unequal: Literal["no", "ragged", "yes"] = "ragged"  # where lengths may differ
    alphabet: Alphabet | None = DNA  # of one-hot arrays; None where there are none
    prepare: Callable[[list[str]], list[str]] = list  # makes rows that the function takes
    law: Callable[[str, str], None] | None = None
    joins: bool = False  # whether axes of sequences become one
    flat: bool = False  # whether one axis of sequences is all it takes
    pairs: bool = False  # whether the answer is for each with each
    out: bool = False
    only: str = ""  # beginning of the containers that it takes
    but: tuple[str, ...] = ()  # containers that mean something else to it


def every_other(given):
    return (np.arange(len(given.rows)) % 2 == 0).reshape(given.shape)


def each(*values, dtype=object):
    """An option with one value for each row."""

    def option(given):
        chosen = [values[i % len(values)] for i in range(len(given.rows))]
        return np.array(chosen, dtype).reshape(given.shape)

    return option


def rotated(given):
    """The rows with their first letter last, in the same container."""
    return given.make([row[1:] + row[:1] for row in given.rows])


def shorter(given):
    return given.make([row[1:] for row in given.rows])


def longer_by(letters):
    return lambda rows: [row + letters for row in rows]


def whole_codons(rows):
    return [row[: len(row) // 3 * 3] for row in rows]


def no_thymine(rows):
    return [row.replace("T", "U").replace("t", "u") for row in rows]


def half_thymine(rows):
    return [no_thymine([row])[0] if i % 2 else row for i, row in enumerate(rows)]


def jittered(seqs, *, ohe_axis=None, **options):
    """`jitter` with the axis of positions that goes with an axis of letters."""
    letters_last = (
        ohe_axis is not None and not isinstance(seqs, Ragged) and ohe_axis % seqs.ndim == seqs.ndim - 1
    )  # fmt: skip
    return sp.jitter(seqs, length_axes=-2 if letters_last else -1, **options)[0]


def all_mutants(seqs, *args, **options):
    return sp.single_mutants(seqs, *args, **options)[:]


def masked_mutants(seqs, *args, **options):
    found = sp.single_mutants(seqs, *args, **options)
    return found[np.arange(len(found)) % 3 == 1]


def chain_tables(seqs, *args, **options):
    found = sp.fit_markov(seqs, *args, **options)
    return found.initial, found.transitions


ACGT = {"A": 0, "C": 1, "G": 2, "T": 3}
SOME = {"A": 5, "T": 6, "g": -7, "a": 1}
TEXT = {"alphabet": None}
NUMBERS = {"gives": "numbers", "unequal": "yes"}

ENTRIES: dict[str, Entry] = {
    "ohe": Entry(sp.ohe, one_hot, (DNA,), dtype="u1", out=True, **NUMBERS, **TEXT),
    "ohe uniform": Entry(
        sp.ohe, lambda rows: one_hot(rows, unknown=0.25, letters_first=True), (DNA,),
        {"ohe_axis": -2, "unknown": "uniform", "dtype": "f4"}, dtype="f4", out=True, **NUMBERS, **TEXT,
    ),
    "ohe strict": Entry(
        sp.ohe, lambda rows: one_hot(rows, alphabet=AA, case="strict", unknown=-1), (AA,),
        {"case": "strict", "unknown": -1, "dtype": ">i2"}, dtype=">i2", out=True, **NUMBERS, **TEXT,
    ),
    "ohe refusing": Entry(
        sp.ohe, one_hot, (DNA,), {"unknown": "error", "dtype": "?"}, dtype="?", unequal="no",
        prepare=on_all(lambda row: "".join(c if known(c, DNA) else "g" for c in row)),
        gives="numbers", out=True, but=("S1 with zero bytes", "codes with zero bytes"), **TEXT,
    ),
    "decode_ohe": Entry(
        sp.decode_ohe, on_all(lambda row: row.replace(UNIFORM, "N")), (DNA,), letters="text",
        only="one-hot",
    ),
    "decode_ohe AA": Entry(
        sp.decode_ohe, on_all(lambda row: row.replace(UNIFORM, "?").replace("X", "?")), (AA,),
        {"unknown_char": "?"}, letters="text", alphabet=AA, only="one-hot",
    ),
    "tokenize": Entry(
        sp.tokenize, lambda rows: tokens(rows, numbers=ACGT), (DNA,), dtype="i4", out=True, **NUMBERS,
    ),
    "tokenize mapping": Entry(
        sp.tokenize, lambda rows: tokens(rows, numbers=SOME, unknown=0), (SOME,),
        {"unknown": 0, "dtype": "i1"}, dtype="i1", alphabet=Alphabet("some", "ATga", unknown="?"),
        out=True, **NUMBERS,
    ),
    "tokenize strict": Entry(
        sp.tokenize, lambda rows: tokens(rows, numbers=ACGT, unknown=9, fold=False), (DNA,),
        {"unknown": 9, "case": "strict", "dtype": ">u2"}, dtype=">u2", out=True, **NUMBERS,
    ),
    "kmer_tokens": Entry(
        sp.kmer_tokens, lambda rows: word_tokens(rows, k=2), (2, DNA), prepare=longer_by("GC"), **NUMBERS,
    ),
    "kmer_tokens stride": Entry(
        sp.kmer_tokens, lambda rows: word_tokens(rows, k=3, stride=2, unknown=-5), (3, DNA),
        {"stride": 2, "unknown": -5, "dtype": "i2"}, dtype="i2", prepare=longer_by("GCA"), **NUMBERS,
    ),
    "kmer_tokens strict": Entry(
        sp.kmer_tokens, lambda rows: word_tokens(rows, k=1, case="strict"), (1, DNA), {"case": "strict"},
        prepare=longer_by("g"), **NUMBERS,
    ),
    "reverse_complement": Entry(sp.reverse_complement, on_all(turned), (DNA,), out=True),
    "reverse_complement mask": Entry(
        sp.reverse_complement,
        lambda rows: [row if i % 2 else turned(row) for i, row in enumerate(rows)],
        (DNA,), {"mask": every_other}, out=True,
    ),
    "reverse_complement RNA": Entry(
        sp.reverse_complement, on_all(turned, pairs="ACGURYKMBVDHSWN UGCAYRMKVBHDSWN"), (RNA,),
        prepare=no_thymine, alphabet=RNA,
    ),
    "reverse_complement methylated": Entry(
        sp.reverse_complement, on_all(turned, pairs="ACGTm TGCAG"), (METHYLATED,), alphabet=METHYLATED,
        but=("uniform",),  # C has the shares of G and m
    ),
    "transcribe": Entry(
        sp.transcribe, on_all(replaced, old="Tt", new="Uu"), prepare=half_thymine, **TEXT
    ),
    "back_transcribe": Entry(
        sp.back_transcribe, on_all(replaced, old="Uu", new="Tt"), prepare=half_thymine, **TEXT
    ),
    "translate": Entry(sp.translate, on_all(protein), letters="text", prepare=whole_codons),
    "translate mitochondria": Entry(
        sp.translate, on_all(protein, table=2, frame=1, ambiguous="unknown"),
        options={"table": 2, "frame": 1, "ambiguous": "unknown", "incomplete": "drop", "alphabet": RNA},
        letters="text", alphabet=RNA, prepare=no_thymine,
    ),
    "translate to_stop": Entry(
        sp.translate, on_all(protein, frame=2, to_stop="inclusive"), gives="ragged", letters="text",
        options={"to_stop": "inclusive", "incomplete": "drop", "frame": 2}, unequal="yes",
    ),
    "translate drop": Entry(
        sp.translate, on_all(protein, ambiguous="drop", to_stop="exclusive"), gives="ragged",
        options={"to_stop": "exclusive", "ambiguous": "drop", "incomplete": "drop"}, unequal="yes",
        letters="text",
    ),
    "six_frames": Entry(
        sp.six_frames, frames, gives="ragged", letters="text", unequal="yes",
    ),
    "pad_seqs": Entry(
        sp.pad_seqs,
        lambda rows: [fitted(row, length=max(map(len, rows))) for row in rows],
        gives="dense", unequal="yes",
    ),
    "pad_seqs left": Entry(
        sp.pad_seqs, on_all(fitted, length=5, side="left", truncate="left", letter="A"),
        options={"length": 5, "side": "left", "truncate": "left", "letter": "A"}, gives="dense",
        unequal="yes",
    ),
    "pad_seqs both": Entry(
        sp.pad_seqs, on_all(fitted, length=4, side="both", truncate="both"),
        options={"length": 4, "side": "both", "truncate": "both"}, gives="dense", unequal="yes",
    ),
    "sanitize": Entry(sp.sanitize, on_all(clean), (DNA,), gives="ragged", unequal="yes", **TEXT),
    "sanitize strict": Entry(
        sp.sanitize, on_all(clean, alphabet=RNA, remove="NTA", unknown="?", case="strict"), (RNA,),
        {"remove": "NTA", "unknown_char": "?", "case": "strict"}, gives="ragged", unequal="yes", **TEXT,
    ),
    "unknown_content": Entry(
        sp.unknown_content, on_all(unknown_share), (DNA,), dtype="f8", **NUMBERS
    ),
    "unknown_content strict": Entry(
        sp.unknown_content, on_all(unknown_share, alphabet=AA, case="strict"), (AA,),
        {"case": "strict"}, dtype="f8", alphabet=AA, **NUMBERS,
    ),
    "remove_N": Entry(sp.remove_N, lambda rows: kept(rows, most=0), (DNA,), joins=True),
    "remove_N most": Entry(
        sp.remove_N, lambda rows: kept(rows, most=0.5), (DNA,), {"most": 0.5}, joins=True
    ),
    "remove_N strict": Entry(
        sp.remove_N, lambda rows: kept(rows, most=0.3, alphabet=AA, case="strict"), (AA,),
        {"most": 0.3, "case": "strict"}, joins=True, alphabet=AA,
    ),
    "substitute": Entry(
        sp.substitute, lambda rows: spliced(rows, patterns=["GN"], places=[1], removed=2), ("GN", 1),
        prepare=longer_by("ACG"),
    ),
    "substitute each": Entry(
        sp.substitute,
        lambda rows: [
            spliced([row], patterns=[p := ("", "T", "CAc")[i % 3]], places=[(0, 2, 1)[i % 3]],
                    removed=len(p))[0]
            for i, row in enumerate(rows)
        ],
        (each("", "T", "CAc"), each(0, 2, 1, dtype="i4")), prepare=longer_by("ACGT"),
    ),
    "insert": Entry(
        sp.insert, lambda rows: spliced(rows, patterns=["gtc"], places=[1], removed=0), (b"gtc", 1),
        prepare=longer_by("A"),
    ),
    "insert each": Entry(
        sp.insert, lambda rows: spliced(rows, patterns=["A", "c"], places=[0, 2, 3], removed=0),
        (each("A", "c"), each(0, 2, 3, dtype="u8")), prepare=longer_by("ACG"),
    ),
    "delete": Entry(
        sp.delete, lambda rows: spliced(rows, patterns=[""], places=[1], removed=2), (1, 2),
        prepare=longer_by("ACG"),
    ),
    "delete each": Entry(
        sp.delete, lambda rows: spliced(rows, patterns=[""], places=[2, 0], removed=1),
        (each(2, 0, dtype="i8"), each(1, dtype="u1")), prepare=longer_by("ACG"),
    ),
    "tile": Entry(
        sp.tile, on_all(lambda row: (row * 8)[:8]), (8,), gives="dense", unequal="yes",
        prepare=longer_by("G"),
    ),
    "k_shuffle 1": Entry(sp.k_shuffle, None, (1,), {"rng": 5}, law=keeps_klets(1)),
    "k_shuffle": Entry(sp.k_shuffle, None, (), {"rng": 5}, law=keeps_klets(2)),
    "k_shuffle 3": Entry(sp.k_shuffle, None, (3,), {"rng": 2**40}, law=keeps_klets(3)),
    "jitter": Entry(
        jittered, None, (), {"max_jitter": 1, "rng": 7}, law=is_cut(1), prepare=longer_by("ACG"),
        but=("nested", "one-hot of one, letters first"),  # rows are what the first axis counts
    ),
    "mutate": Entry(sp.mutate, None, (DNA,), {"rate": 0.4, "rng": 1}, law=is_mutated()),
    "mutate strict": Entry(
        sp.mutate, None, (AA,), {"rate": 0.9, "rng": 1, "case": "strict"}, alphabet=AA,
        law=is_mutated(case="strict", alphabet=AA),
    ),
    "mutate number": Entry(
        sp.mutate, None, (DNA,), {"number": 2, "rng": 1}, law=is_mutated(2), prepare=longer_by("ac"),
    ),
    "single_mutants": Entry(all_mutants, mutants, (DNA,), joins=True),
    "single_mutants masked": Entry(
        masked_mutants, lambda rows: mutants(rows, alphabet=RNA)[1::3], (RNA,), joins=True, alphabet=RNA,
    ),
    "single_mutants strict": Entry(
        all_mutants, lambda rows: mutants(rows, case="strict"), (DNA,), {"case": "strict"}, joins=True
    ),
    "length": Entry(sp.length, on_all(lambda row: len(row.replace("\0", ""))), **NUMBERS),
    "gc_content": Entry(sp.gc_content, gc_share, dtype="f8", **NUMBERS),
    "gc_content valid": Entry(
        sp.gc_content, lambda rows: gc_share(rows, by="valid"), (), {"by": "valid", "alphabet": RNA},
        dtype="f8", prepare=half_thymine, alphabet=RNA, **NUMBERS,
    ),
    "nucleotide_content": Entry(sp.nucleotide_content, letter_shares, (DNA,), dtype="f8", **NUMBERS),
    "nucleotide_content valid": Entry(
        sp.nucleotide_content,
        lambda rows: letter_shares(rows, by="valid", case="strict", alphabet=METHYLATED),
        (METHYLATED,), {"by": "valid", "case": "strict"}, dtype="f8", alphabet=METHYLATED, **NUMBERS,
    ),
    "count_kmers": Entry(sp.count_kmers, on_all(word_counts, k=2), (2, DNA), out=True, **NUMBERS),
    "count_kmers canonical": Entry(
        sp.count_kmers, on_all(word_counts, k=3, canonical=True), (3, DNA),
        {"canonical": True, "dtype": "u2"}, dtype="u2", out=True, **NUMBERS,
    ),
    "count_kmers strict": Entry(
        sp.count_kmers, on_all(word_counts, k=1, case="strict"), (1, DNA), {"case": "strict"}, **NUMBERS
    ),
    "count_kmers_sparse": Entry(
        sp.count_kmers_sparse, lambda rows: sparse_counts(rows, k=3), (3, DNA), gives="whole", unequal="yes"
    ),
    "count_kmers_sparse canonical": Entry(
        sp.count_kmers_sparse, lambda rows: sparse_counts(rows, k=2, canonical=True, case="strict"),
        (2, DNA), {"canonical": True, "case": "strict"}, gives="whole", unequal="yes",
    ),
    "kmer_totals": Entry(
        sp.kmer_totals, lambda rows: total_counts(rows, k=2), (2, DNA), gives="whole", unequal="yes"
    ),
    "kmer_totals canonical": Entry(
        sp.kmer_totals, lambda rows: total_counts(rows, k=3, canonical=True, case="strict"), (3, DNA),
        {"canonical": True, "case": "strict"}, gives="whole", unequal="yes",
    ),
    "entropy": Entry(sp.entropy, on_all(bits, k=2), (2, DNA), dtype="f8", **NUMBERS),
    "entropy strict": Entry(
        sp.entropy, on_all(bits, k=1, case="strict"), (1, DNA), {"case": "strict"}, dtype="f8", **NUMBERS
    ),
    "linguistic_complexity": Entry(
        sp.linguistic_complexity, on_all(vocabulary, lengths=(2,)), (2, DNA), dtype="f8", **NUMBERS
    ),
    "linguistic_complexity several": Entry(
        sp.linguistic_complexity, on_all(vocabulary, lengths=(1, 2, 3)), ([1, 2, 3], DNA), dtype="f8",
        **NUMBERS,
    ),
    "hamming_distance": Entry(
        sp.hamming_distance, on_all(lambda row: differing(row, row[1:] + row[:1])), (rotated, DNA), **NUMBERS
    ),
    "hamming_distance all": Entry(
        sp.hamming_distance,
        lambda rows: [[differing(a, b, unknown="letter") for b in rows] for a in rows],
        (lambda given: given.make(given.rows), DNA), {"all_pairs": True, "unknown": "letter"},
        gives="numbers", unequal="no", pairs=True,
    ),
    "hamming_distance strict": Entry(
        sp.hamming_distance, on_all(lambda row: differing(row, row[1:] + row[:1], case="strict")),
        (rotated, DNA), {"case": "strict"}, **NUMBERS,
    ),
    "edit_distance": Entry(
        sp.edit_distance, on_all(lambda row: levenshtein(row, row[1:])), (shorter, DNA), **NUMBERS
    ),
    "edit_distance all": Entry(
        sp.edit_distance, lambda rows: [[levenshtein(a, b, "letter") for b in rows] for a in rows],
        (lambda given: given.make(given.rows), DNA), {"all_pairs": True, "unknown": "letter"},
        pairs=True, **NUMBERS,
    ),
    "edit_distance strict": Entry(
        sp.edit_distance, on_all(lambda row: levenshtein(row, row[1:], "letter", "strict")),
        (shorter, DNA), {"unknown": "letter", "case": "strict"}, **NUMBERS,
    ),
    "shared_sequence_groups": Entry(
        sp.shared_sequence_groups, lambda rows: sharing(rows, shared=4), (), {"shared": 4}, **NUMBERS
    ),
    "shared_sequence_groups strand": Entry(
        sp.shared_sequence_groups,
        lambda rows: sharing(rows, shared=3, both_strands=False, ignore_common=0.5), (),
        {"shared": 3, "both_strands": False, "ignore_common": 0.5}, **NUMBERS,
    ),
    "near_duplicate_groups": Entry(
        sp.near_duplicate_groups, lambda rows: near(rows, k=4, similarity=0.5), (),
        {"k": 4, "similarity": 0.5}, **NUMBERS,
    ),
    "fit_markov": Entry(
        chain_tables, lambda rows: chain(rows, order=1), (1, DNA), gives="whole", unequal="yes"
    ),
    "fit_markov strict": Entry(
        chain_tables, lambda rows: chain(rows, order=2, more=0.5, case="strict"), (2, DNA),
        {"pseudocount": 0.5, "case": "strict"}, gives="whole", unequal="yes",
    ),
    "hash_rows": Entry(sp.hash_rows, on_all(xxh64), dtype="u8", **NUMBERS, **TEXT),
    "hash_rows seed": Entry(
        sp.hash_rows, on_all(xxh64, seed=2**63), (), {"seed": 2**63}, dtype="u8", **NUMBERS,
        **TEXT,
    ),
    "digest_rows": Entry(
        sp.digest_rows, on_all(lambda row: list(hashlib.sha256(row.encode("latin-1")).digest())),
        dtype="u1", **NUMBERS, **TEXT,
    ),
    "digest_rows md5": Entry(
        sp.digest_rows, on_all(lambda row: list(hashlib.md5(row.encode("latin-1")).digest())), (),
        {"algorithm": "md5"}, dtype="u1", **NUMBERS, **TEXT,
    ),
    "as_codes": Entry(
        sp.as_codes, list, gives="dense", letters="codes", unequal="no", **TEXT
    ),
    "as_codes pad": Entry(
        sp.as_codes,
        lambda rows: [fitted(row, length=max(map(len, rows)), letter="\0") for row in rows], (),
        {"unequal": "pad"}, gives="dense", letters="codes", unequal="yes", **TEXT,
    ),
    "as_ragged": Entry(
        sp.as_ragged, list, gives="ragged", letters="codes", unequal="yes", flat=True, **TEXT
    ),
}  # fmt: skip

VIEWS = ("as_codes", "as_ragged")  # may give the input's own memory

ELSEWHERE = {
    "Alphabet": "what functions are told: tests/seqpro/test_alphabet.py",
    "DNA": "an alphabet",
    "RNA": "an alphabet",
    "AA": "an alphabet",
    "Ragged": "a container: tests/properties/test_ragged.py",
    "codon_table": "takes a number: tests/seqpro/test_codons.py",
    "random_seqs": "takes no sequences: tests/properties/test_seqpro.py",
}

# --- the table of containers --------------------------------------------------------------------------


@dataclass(frozen=True)
class Container:
    """What users hold sequences in."""

    make: Callable[..., Any]  # of rows; of rows and an alphabet where it is one-hot
    kind: Literal["text", "codes", "one-hot"]
    axes: Literal["one", "rows", "nested"] = "rows"
    equal: bool = False  # whether it holds rows of one length only
    ragged: bool = False
    padded: bool = False  # with zero bytes
    axis: int | None = None  # of letters
    uniform: bool = False  # whether unknown letters are columns of equal shares
    both: bool = False  # or some of them

    def trim(self, rows: list[str]) -> list[str] | None:
        """The rows that it can hold, if any."""
        if self.axes == "one":
            return rows[:1] or None
        if self.axes == "nested":
            rows = rows[: len(rows) // 2 * 2]
        return None if self.equal and len({*map(len, rows)}) > 1 else rows

    def shape(self, rows: list[str]) -> tuple[int, ...]:
        n = len(rows)
        return {"one": (), "rows": (n,), "nested": (2, n // 2)}[self.axes]

    def read(self, rows: list[str], alphabet: Alphabet | None) -> list[str]:
        """The rows as functions read them."""
        if self.padded:
            longest = max(map(len, rows), default=0)
            return [row.ljust(longest, "\0") for row in rows]
        if self.kind != "one-hot":
            return rows
        unknown = UNIFORM if self.uniform else alphabet.unknown
        if not self.both:
            return ["".join(known(c, alphabet) or unknown for c in row) for row in rows]
        others = alphabet.unknown, UNIFORM
        return [
            "".join(known(c, alphabet) or others[i % 2] for i, c in enumerate(row)) for row in rows
        ]


def table(rows):
    """Codes, shape (n, longest), the ends of shorter rows filled with zero bytes."""
    if not rows:
        return np.zeros((0, WIDTH), np.uint8)
    longest = max(map(len, rows))
    lists = [list(row.ljust(longest, "\0").encode("latin-1")) for row in rows]
    return np.array(lists, np.uint8).reshape(len(rows), longest)


def letters(rows):
    return table(rows).view("S1")


def strided(array):
    """The same values with gaps between them."""
    wide = np.zeros([2 * size + 1 for size in array.shape], array.dtype)
    part = wide[tuple(slice(1, None, 2) for _ in array.shape)]
    part[...] = array
    return part


def backwards(array):
    every = tuple(slice(None, None, -1) for _ in array.shape)
    return np.ascontiguousarray(array[every])[every]


def read_only(array):
    array.flags.writeable = False
    return array


def unaligned(array):
    place = np.zeros(array.nbytes + 1, np.uint8)[1:]
    moved = place.view(array.dtype) if array.size else place.reshape(-1)[:0].view(array.dtype)
    moved = moved.reshape(array.shape)
    moved[...] = array
    return moved


def mapped(array):
    if not array.size:
        return array  # no file can be mapped that is empty
    with tempfile.TemporaryFile() as file:
        found = np.memmap(file, array.dtype, "w+", shape=array.shape)
    found[...] = array
    return found


def apart(rows, values_of=lambda rows: np.frombuffer("".join(rows).encode("latin-1"), np.uint8)):
    """A Ragged whose rows lie anywhere: gaps before them, the last first, equal ones and parts shared."""
    flat, starts = "", []
    for row in reversed(rows):
        if row not in flat:
            flat += "GN" + row
        starts.append(flat.index(row))
    return Ragged(values_of([flat]), np.array(starts[::-1], int), np.array([*map(len, rows)], int))


def in_a_row(rows):
    return Ragged.from_bytes([row.encode("latin-1") for row in rows])


def beside(rows):
    """A text array that is a column of a packed table."""
    records = np.zeros(
        len(rows), [("before", "u1"), ("seq", f"U{max(map(len, rows), default=0) or 1}")]
    )
    records["seq"] = rows
    return records["seq"]


def nest(rows):
    half = len(rows) // 2
    return [rows[:half], rows[half:]]


def in_two(array):
    return array.reshape(2, len(array) // 2, *array.shape[1:])


def columns(rows, alphabet, dtype="u1"):
    """One-hot, shape (n, length, letters): all-zero or uniform where a letter is unknown."""
    length = len(rows[0]) if rows else WIDTH
    array = np.zeros((len(rows), length, len(alphabet)), dtype)
    for i, row in enumerate(rows):
        for j, letter in enumerate(row):
            if letter == UNIFORM:
                array[i, j] = 1 / len(alphabet)
            elif letter in alphabet.letters:
                array[i, j, alphabet.letters.index(letter)] = 1
    return array


def hot(dtype="u1", *, first=False, then=lambda array: array):
    def make(rows, alphabet):
        array = columns(rows, alphabet, dtype)
        return then(np.ascontiguousarray(np.moveaxis(array, -1, -2)) if first else array)

    return make


def hot_ragged(rows, alphabet, dtype="f4", lay=in_a_row):
    flat = lay(rows)
    seq = flat.values.tobytes().decode("latin-1")
    values = columns([seq], alphabet, dtype)[0] if seq else np.zeros((0, len(alphabet)), dtype)
    return Ragged(values, flat.starts, flat.sizes)


def sized(rows):
    return (
        max(2, *map(len, rows), 2) if rows else 2
    )  # numpy's text of one letter is the type of letters


CONTAINERS: dict[str, Container] = {
    # text
    "str": Container(lambda rows: rows[0], "text", "one"),
    "bytes": Container(lambda rows: rows[0].encode(), "text", "one"),
    "text array of one": Container(lambda rows: np.array(rows[0]), "text", "one"),
    "S1 of one": Container(lambda rows: letters(rows)[0], "text", "one"),
    "list of str": Container(list, "text"),
    "list of bytes": Container(lambda rows: [row.encode() for row in rows], "text"),
    "list of both": Container(
        lambda rows: [row.encode() if i % 2 else row for i, row in enumerate(rows)], "text"
    ),
    "tuple": Container(tuple, "text"),
    "objects": Container(lambda rows: np.array(rows, object), "text"),
    "objects strided": Container(lambda rows: strided(np.array(rows, object)), "text"),
    "U": Container(lambda rows: np.array(rows, f"U{sized(rows)}"), "text"),
    "U big-endian": Container(lambda rows: np.array(rows, f">U{sized(rows)}"), "text"),
    "U backwards": Container(lambda rows: backwards(np.array(rows, f"U{sized(rows)}")), "text"),
    "U unaligned": Container(beside, "text"),
    "S": Container(lambda rows: np.array(rows, f"S{sized(rows)}"), "text"),
    "S strided": Container(lambda rows: strided(np.array(rows, f"S{sized(rows)}")), "text"),
    "StringDType": Container(lambda rows: np.array(rows, np.dtypes.StringDType()), "text"),
    "Series": Container(lambda rows: pd.Series(rows, dtype="str"), "text"),
    "Series of objects": Container(lambda rows: pd.Series(rows, dtype=object)[::-1][::-1], "text"),
    "Series of categories": Container(lambda rows: pd.Series(rows, dtype="category"), "text"),
    "Index": Container(lambda rows: pd.Index(rows, dtype="str"), "text"),
    "DataArray of text": Container(
        lambda rows: xr.DataArray(np.array(rows, f"U{sized(rows)}"), dims="row"), "text"
    ),
    "nested list": Container(nest, "text", "nested"),
    "nested tuple of U": Container(
        lambda rows: np.array(rows, f"U{sized(rows)}").reshape(2, -1) if rows else np.zeros((2, 0), "U2"),
        "text", "nested",
    ),
    "S1": Container(letters, "text", equal=True),
    "S1 strided": Container(lambda rows: strided(letters(rows)), "text", equal=True),
    "S1 Fortran": Container(lambda rows: np.asfortranarray(letters(rows)), "text", equal=True),
    "S1 backwards": Container(lambda rows: backwards(letters(rows)), "text", equal=True),
    "S1 read-only": Container(lambda rows: read_only(letters(rows)), "text", equal=True),
    "S1 memmap": Container(lambda rows: mapped(letters(rows)), "text", equal=True),
    "S1 of a DataArray": Container(lambda rows: xr.DataArray(letters(rows)), "text", equal=True),
    "S1 nested": Container(lambda rows: in_two(letters(rows)), "text", "nested", equal=True),
    "S1 nested Fortran": Container(
        lambda rows: np.asfortranarray(in_two(letters(rows))), "text", "nested", equal=True
    ),
    "S1 with zero bytes": Container(letters, "text", padded=True),
    # codes
    "codes of one": Container(lambda rows: table(rows)[0], "codes", "one"),
    "codes of one in a Series": Container(lambda rows: pd.Series(table(rows)[0]), "codes", "one"),
    "codes": Container(table, "codes", equal=True),
    "codes strided": Container(lambda rows: strided(table(rows)), "codes", equal=True),
    "codes Fortran": Container(lambda rows: np.asfortranarray(table(rows)), "codes", equal=True),
    "codes backwards": Container(lambda rows: backwards(table(rows)), "codes", equal=True),
    "codes read-only": Container(lambda rows: read_only(table(rows)), "codes", equal=True),
    "codes memmap": Container(lambda rows: mapped(table(rows)), "codes", equal=True),
    "codes in a tensor": Container(lambda rows: torch.tensor(table(rows)), "codes", equal=True),
    "codes in a tensor turned": Container(
        lambda rows: torch.tensor(np.ascontiguousarray(table(rows).T)).T, "codes", equal=True
    ),
    "codes in a DataArray": Container(
        lambda rows: xr.DataArray(table(rows), dims=("row", "place")), "codes", equal=True
    ),
    "codes nested": Container(lambda rows: in_two(table(rows)), "codes", "nested", equal=True),
    "codes nested strided": Container(
        lambda rows: strided(in_two(table(rows))), "codes", "nested", equal=True
    ),
    "codes with zero bytes": Container(table, "codes", padded=True),
    # Ragged
    "Ragged": Container(in_a_row, "codes", ragged=True),
    "Ragged of S1": Container(
        lambda rows: Ragged.from_sizes(in_a_row(rows).values.view("S1"), in_a_row(rows).sizes),
        "text", ragged=True,
    ),
    "Ragged reordered": Container(lambda rows: in_a_row(rows[::-1])[::-1], "codes", ragged=True),
    "Ragged of a part": Container(
        lambda rows: in_a_row(["TTN", *rows, "ACG"])[1 : len(rows) + 1], "codes", ragged=True
    ),
    "Ragged with gaps and overlaps": Container(apart, "codes", ragged=True),
    "Ragged of S1 with gaps and overlaps": Container(
        lambda rows: apart(rows, lambda rows: np.array(list(rows[0]), "S1")), "text", ragged=True
    ),
    "Ragged read-only": Container(
        lambda rows: Ragged(read_only(in_a_row(rows).values.copy()), in_a_row(rows).starts,
                            in_a_row(rows).sizes),
        "codes", ragged=True,
    ),
    "Ragged of one length": Container(
        lambda rows: Ragged.from_dense(table(rows)), "codes", ragged=True, equal=True
    ),
    # one-hot
    **{
        f"one-hot letters {'first' if axis in (-2, 1) else 'last'} {dtype} axis {axis}": Container(
            hot(dtype, first=axis in (-2, 1)), "one-hot", equal=True, axis=axis
        )
        for axis, dtypes in {
            -1: ("?", "u1", "i8", "f2", "f4", "f8", ">f4", ">i4"),
            -2: ("?", "u1", "i8", "f2", "f4", "f8", ">f8", ">u2"),
            2: ("u1", "f4"),
            1: ("u1", "f4"),
        }.items()
        for dtype in dtypes
    },
    **{
        f"one-hot letters {'first' if first else 'last'} {name}": Container(
            hot(dtype, first=first, then=then), "one-hot", equal=True, axis=-2 if first else -1,
        )
        for first in (False, True)
        for name, dtype, then in (
            ("strided", "f4", strided),
            ("strided u1", "u1", strided),
            ("Fortran", "u1", np.asfortranarray),
            ("backwards", "f4", backwards),
            ("read-only", "u1", read_only),
            ("unaligned", "f8", unaligned),
            ("memmap", "f4", mapped),
            ("tensor", "f4", torch.tensor),
            ("tensor bool", "?", torch.tensor),
            ("detached tensor", "f4", lambda a: torch.tensor(a, requires_grad=True).detach()),
            ("DataArray", "u1", xr.DataArray),
        )
    },
    **{
        f"one-hot letters {'first' if first else 'last'} {name} {dtype}": Container(
            hot(dtype, first=first), "one-hot", equal=True, axis=-2 if first else -1, uniform=True,
            both=both,
        )
        for first, dtype, both in product((False, True), ("f2", "f4", "f8", ">f4"), (False, True))
        for name in ("uniform or zero" if both else "uniform",)
    },
    "one-hot of one": Container(
        hot("f4", then=lambda array: array[0]), "one-hot", "one", equal=True, axis=-1
    ),
    "one-hot of one, letters first": Container(
        hot("u1", first=True, then=lambda array: array[0]), "one-hot", "one", equal=True, axis=0
    ),
    "one-hot nested": Container(hot("u1", then=in_two), "one-hot", "nested", equal=True, axis=3),
    "one-hot nested, letters first": Container(
        hot("f4", first=True, then=in_two), "one-hot", "nested", equal=True, axis=-2
    ),
    "one-hot Ragged": Container(hot_ragged, "one-hot", ragged=True, axis=-1),
    "one-hot Ragged u1": Container(
        lambda rows, alphabet: hot_ragged(rows, alphabet, "u1"), "one-hot", ragged=True, axis=2
    ),
    "one-hot Ragged with gaps and overlaps": Container(
        lambda rows, alphabet: hot_ragged(rows, alphabet, "f8", apart), "one-hot", ragged=True, axis=-1
    ),
    "one-hot Ragged uniform": Container(
        hot_ragged, "one-hot", ragged=True, axis=-1, uniform=True
    ),
}  # fmt: skip


# --- the law ------------------------------------------------------------------------------------------


def takes(name: str, held: str) -> bool:
    """Whether the tables say anything of this pair."""
    entry, container = ENTRIES[name], CONTAINERS[held]
    if {held, container.axes, "uniform" * container.uniform} & {*entry.but}:
        return False
    if entry.only == "one-hot" and (container.kind != "one-hot" or container.ragged):
        return False
    return container.kind != "one-hot" or entry.alphabet is not None


def hold(container: Container, rows: list[str], alphabet: Alphabet | None) -> Any:
    if container.kind == "one-hot":
        return container.make(rows, alphabet)
    return container.make(rows)


def ask(entry: Entry, container: Container, read: list[str], seqs: Any, **more: Any) -> Any:
    """Call the function on a container whose rows it reads as those of `read`."""
    given = Given(read, container.shape(read), lambda rows: hold(container, rows, entry.alphabet))
    args = [arg(given) if isfunction(arg) else arg for arg in entry.args]
    options = {k: v(given) if isfunction(v) else v for k, v in entry.options.items()} | more
    if container.axis is not None:
        options["ohe_axis"] = container.axis
    return entry.call(seqs, *args, **options)


def of_no_rows(name: str, container: Container) -> Any:
    """What an array without rows tells of the answer: what one row of its length would give, if so."""
    entry = ENTRIES[name]
    if not container.equal or container.ragged or any(map(isfunction, entry.args)):
        return None
    return expectation(name, ("A" * WIDTH,))


@lru_cache(maxsize=1 << 14)
def expectation(name: str, rows: tuple[str, ...]) -> Any:
    """What a function must give; of random ones what codes get, once the law has been checked."""
    entry = ENTRIES[name]
    if entry.oracle is not None:
        return entry.oracle(list(rows))
    found = ask(entry, CONTAINERS["Ragged"], list(rows), in_a_row(rows))
    drawn = [row.tobytes().decode("latin-1") for row in found]
    for row, other in zip(rows, drawn, strict=True):
        entry.law(row, other)
    return drawn


def refusal(entry: Entry, container: Container, rows: list[str]) -> str | None:
    """The message that these rows must give, if any."""
    if entry.flat and container.axes != "rows":
        return r"must be a list of sequences or an array of shape \(n, length\); found"
    allowed = entry.unequal == "yes" or (entry.unequal == "ragged" and container.ragged)
    if allowed or len({*map(len, rows)}) < 2:
        return None
    return r"one length.*found lengths \d+ (to|and) \d+|found nothing \(a shorter sequence\)"


def check(name: str, held: str, rows: list[str]) -> bool:
    """The law for a function, a container and rows; whether it says anything of them."""
    entry, container = ENTRIES[name], CONTAINERS[held]
    fitting = container.trim(entry.prepare(rows)) if takes(name, held) else None
    if fitting is None:
        return False
    rows = container.read(fitting, entry.alphabet)
    seqs = hold(container, rows, entry.alphabet)
    before = contents(seqs)
    try:
        if message := refusal(entry, container, rows):
            with pytest.raises(ValueError, match=message):
                ask(entry, container, rows, seqs)
        else:
            found = ask(entry, container, rows, seqs)
            expected = expectation(name, tuple(rows))
            model = None if rows else of_no_rows(name, container)
            compare(entry, container, rows, seqs, found, expected, model)
            if name.split()[0] not in VIEWS:
                assert is_new(found, seqs), "the answer is a view of the input"
            if entry.out and isinstance(found, np.ndarray):
                for out in (np.ones_like(found), strided(np.ones_like(found))):
                    assert ask(entry, container, rows, seqs, out=out) is out
                    assert np.array_equal(out, found, equal_nan=found.dtype.kind == "f")
        assert contents(seqs) == before, "the input was changed"
    except BaseException as error:
        error.add_note(f"{name} of {held}, rows {rows}")
        raise
    return True


def contents(seqs: Any) -> Any:
    if isinstance(seqs, Ragged):
        return seqs.values.tolist(), seqs.starts.tolist(), seqs.sizes.tolist()
    return repr(seqs) if isinstance(seqs, str | bytes | list | tuple) else np.asarray(seqs).tolist()


def is_new(found: Any, seqs: Any) -> bool:
    mine = found.values if isinstance(found, Ragged) else found
    theirs = seqs.values if isinstance(seqs, Ragged) else np.asarray(seqs)
    return not isinstance(mine, np.ndarray) or not np.may_share_memory(mine, theirs)


def compare(
    entry: Entry,
    container: Container,
    rows: list[str],
    seqs: Any,
    found: Any,
    expected: Any,
    model: Any = None,
) -> None:
    """The answer has the kind, the type, the shape and the values that it must have."""
    shape, model = container.shape(rows), expected or model
    if entry.gives == "whole":
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12)
    elif entry.gives == "numbers":
        inner = shape if entry.pairs else np.shape(model)[1:] if model else None
        same_numbers(found, np.array(expected, entry.dtype), shape, inner)
    elif entry.gives == "ragged" or (entry.gives == "same" and container.ragged):
        assert isinstance(found, Ragged)
        assert found.sizes.tolist() == [*map(len, expected)]
        same_letters(found.packed().values, as_kind(entry, container, seqs, ["".join(expected)])[0])
    else:
        lead = (len(expected),) if entry.joins else shape
        model = expected or (rows if entry.joins else model) or model
        array = as_kind(entry, container, seqs, model or [""])[: len(expected)]
        if model:
            same_letters(found, array.reshape(*lead, *array.shape[1:]))
        else:  # a list without sequences: nobody knows of what length
            assert (found.dtype, found.shape[: len(lead)]) == (array.dtype, lead)


def as_kind(entry: Entry, container: Container, seqs: Any, rows: list[str]) -> Any:
    """Rows of one length as an array in the kind that the function must give for the container."""
    if entry.letters == "codes" or (
        container.kind == "codes" and entry.letters in ("kind", "text")
    ):
        return plain_codes(rows)
    if entry.letters == "text" or container.kind == "text":
        return plain_codes(rows).view("S1")
    dtype = seqs.values.dtype if isinstance(seqs, Ragged) else np.asarray(seqs).dtype
    own = ["".join(known(c, entry.alphabet) or c for c in row) for row in rows]
    array = columns(own, entry.alphabet, dtype)
    first = container.axis in (-2, 1) or (container.axes == "one" and container.axis == 0)
    return np.moveaxis(array, -1, -2) if first else array


def plain_codes(rows: list[str]) -> Any:
    return np.frombuffer("".join(rows).encode("latin-1"), np.uint8).reshape(len(rows), len(rows[0]))


def same_letters(found: Any, expected: Any) -> None:
    assert type(found) is np.ndarray
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    assert np.array_equal(found, expected)


def same_numbers(found: Any, expected: Any, shape: tuple[int, ...], inner: Any) -> None:
    assert type(found) is np.ndarray
    assert found.dtype == expected.dtype
    assert found.shape[: len(shape)] == shape
    assert inner is None or found.shape[len(shape) :] == inner
    if found.dtype.kind == "f":
        np.testing.assert_allclose(found.reshape(-1), expected.reshape(-1), rtol=1e-12)
    else:
        np.testing.assert_array_equal(found.reshape(-1), expected.reshape(-1))


def drawn_rows(seed: int, sizes: list[int], of: str = LETTERS) -> list[str]:
    draw = random.Random(seed)
    return ["".join(draw.choices(of, k=size)) for size in sizes]


ROWS = {
    "no rows": [],
    "one empty row": [""],
    "empty rows": ["", "", ""],
    "one letter each": ["A", "n", "T", "-"],
    "one row": ["ACGTN"],
    "unknown letters": ["NNNNN", "nnnnn", "RYKMN", "-...-"],
    "lower case": ["acgtacgt", "ACGTACGT", "acGTacGT", "ttttAAAA"],
    "repeats": ["ACACACACACACACA", "acacacacacacaca", "GTGTGTGTGTGTGTG", "AAAAAAAAAAAAAAA"],
    "all letters": drawn_rows(1, [16] * 6),
    "known letters": drawn_rows(2, [9] * 40, "ACGT"),
    "lengths": ["ACGT", "", "NNacgtRYa", "T", "ac-gt.", "TTTTTTTTTTTTT"],
    "long rows": drawn_rows(3, [264] * 4, "ACGTACGTacgtN"),
    "long rows of lengths": drawn_rows(4, [65, 64, 63, 200, 0, 128], "ACGTACGTacgtNR"),
}

MANY_ROWS = ("unknown letters", "repeats", "all letters", "known letters", "lengths")

pairs_of = {name: [held for held in CONTAINERS if takes(name, held)] for name in ENTRIES}


def sample() -> dict[str, list[str]]:
    """Pairs of functions and containers that leave none of either out."""
    draw = random.Random(20)
    chosen = {name: set(draw.sample(held, min(5, len(held)))) for name, held in pairs_of.items()}
    for held in CONTAINERS:
        names = [name for name in ENTRIES if held in pairs_of[name]]
        for name in draw.sample(names, 3):
            chosen[name].add(held)
    return {name: sorted(held) for name, held in chosen.items()}


SAMPLE = sample()


def test_no_public_function_is_left_out():
    """A function that nobody compares with plain Python can be wrong for a container, unnoticed."""
    told = {name.split()[0] for name in [*ENTRIES, *NUMBER_ENTRIES]}
    assert set(sp.__all__) - told - set(ELSEWHERE) == set()
    assert not told & set(ELSEWHERE)
    assert set(ELSEWHERE) <= set(sp.__all__)
    assert {held for chosen in SAMPLE.values() for held in chosen} == set(CONTAINERS)


@contextmanager
def blocks_of_one_row() -> Iterator[None]:
    """Rows are worked on one by one by several threads, as if they were long."""
    one = patch.object(Rows, "_rows_of", lambda _rows, _positions: 1)
    with patch.dict("os.environ", SEQPRO_THREADS="3"), one:
        yield


@pytest.mark.parametrize("name", ENTRIES)
def test_some_containers_get_what_plain_python_gives(name):
    assert sum(check(name, held, rows) for held in SAMPLE[name] for rows in ROWS.values())
    with blocks_of_one_row():
        for held in SAMPLE[name]:
            check(name, held, ROWS["all letters"])
            check(name, held, ROWS["lengths"])


@pytest.mark.slow
@pytest.mark.parametrize("name", ENTRIES)
def test_all_containers_get_what_plain_python_gives(name):
    for held in pairs_of[name]:
        assert sum(check(name, held, rows) for rows in ROWS.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", ENTRIES)
def test_all_containers_get_the_same_block_by_block(name):
    with blocks_of_one_row():
        for held, rows in product(pairs_of[name], MANY_ROWS):
            check(name, held, ROWS[rows])


@st.composite
def row_lists(draw, max_size=12):
    """Rows of one length, more often than of several."""
    sizes = st.integers(0, max_size)
    n = draw(st.integers(0, 5))
    one = draw(st.one_of(st.none(), sizes, sizes))
    row = st.text(st.sampled_from(LETTERS), max_size=max_size)
    if one is not None:
        row = st.text(st.sampled_from(LETTERS), min_size=one, max_size=one)
    return draw(st.lists(row, min_size=n, max_size=n))


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(ENTRIES)), st.data(), row_lists())
def test_any_container_gets_what_plain_python_gives(name, data, rows):
    held = data.draw(st.sampled_from(pairs_of[name]))
    check(name, held, rows)


RANDOM = [name for name, entry in ENTRIES.items() if entry.law]


@pytest.mark.parametrize("name", RANDOM)
def test_batches_of_any_container_equal_the_whole(name):
    """A loader that reads batch by batch draws what one call draws."""
    entry = ENTRIES[name]
    for held, kind in product(pairs_of[name], ("all letters", "lengths")):
        container = CONTAINERS[held]
        rows = container.trim(entry.prepare(ROWS[kind]))
        if rows is None or refusal(entry, container, rows):
            continue
        rows = container.read(rows, entry.alphabet)
        drawn = expectation(name, tuple(rows))
        for part in ([0],) if container.axes == "one" else ([1, 0, 3, 2], [2, 2]):
            batch = [rows[i] for i in part]
            seqs = hold(container, batch, entry.alphabet)
            found = ask(entry, container, batch, seqs, rows=part)
            compare(entry, container, batch, seqs, found, [drawn[i] for i in part])


# --- functions of numbers -----------------------------------------------------------------------------


@dataclass(frozen=True)
class NumberEntry:
    """A function of tokens or of coverage, and what it must give."""

    call: Callable[..., Any]
    oracle: Callable[[list[list[float]]], Any]
    args: tuple[Any, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    kinds: str = "biuf"  # of numbers that it takes
    dtype: Callable[[np.dtype], Any] = lambda dtype: dtype  # of the answer
    axes: tuple[str, ...] = ("one", "rows", "nested")


def letters_of(rows, *, names, unknown="N"):
    return [[names.get(token, unknown).encode() for token in row] for row in rows]


def words_spelled(rows, *, k, stride):
    """The letters of DNA that 2-mers spell; of overlapping ones each letter once."""
    answers = []
    for row in rows:
        spelled = ["N"] * ((len(row) - 1) * stride + k)
        for i, token in enumerate(row):
            if 0 <= token < 4**k:
                for j in range(k):
                    spelled[i * stride + j] = "ACGT"[int(token) // 4 ** (k - 1 - j) % 4]
        answers.append([letter.encode() for letter in spelled])
    return answers


def bins(rows, *, width, of):
    return [[of(row[i : i + width]) for i in range(0, len(row), width)] for row in rows]


def cut_like_letters(rows):
    """The part of each track that lies along the letters that `jitter` keeps."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(rows[0])]
    kept = sp.jitter([alphabet] * len(rows), max_jitter=1, rng=7)[0]
    starts = [alphabet.index(line[:1].tobytes().decode()) for line in kept]
    return [row[a : a + len(row) - 2] for row, a in zip(rows, starts, strict=True)]


def jittered_track(track, **options):
    return sp.jitter(track, **options)[0]


def sum_type(dtype):
    return {"f": dtype, "i": "i8"}.get(dtype.kind, "u8")


def mean_type(dtype):
    return dtype if dtype.kind == "f" else "f8"


NUMBER_ENTRIES = {
    "decode_tokens": NumberEntry(
        sp.decode_tokens, lambda rows: letters_of(rows, names=dict(enumerate("ACGT"))), (DNA,),
        kinds="iu", dtype=lambda _: "S1",
    ),
    "decode_tokens mapping": NumberEntry(
        sp.decode_tokens, lambda rows: letters_of(rows, names={-7: "g", 5: "A", 2: "t"}, unknown="."),
        ({"g": -7, "A": 5, "t": 2},), {"unknown_char": "."}, kinds="iu", dtype=lambda _: "S1",
    ),
    "decode_kmer_tokens": NumberEntry(
        sp.decode_kmer_tokens, lambda rows: words_spelled(rows, k=2, stride=1), (2, DNA), kinds="iu",
        dtype=lambda _: "S1",
    ),
    "decode_kmer_tokens stride": NumberEntry(
        sp.decode_kmer_tokens, lambda rows: words_spelled(rows, k=2, stride=2), (2, DNA), {"stride": 2},
        kinds="iu", dtype=lambda _: "S1",
    ),
    "bin_coverage": NumberEntry(
        sp.bin_coverage, lambda rows: bins(rows, width=3, of=sum), (3,), dtype=sum_type
    ),
    "bin_coverage mean": NumberEntry(
        sp.bin_coverage, lambda rows: bins(rows, width=6, of=lambda part: sum(part) / 6), (6,),
        {"statistic": "mean"}, dtype=mean_type,
    ),
    "bin_coverage max": NumberEntry(
        sp.bin_coverage, lambda rows: bins(rows, width=2, of=max), (2,), {"statistic": "max"},
    ),
    "normalize_coverage": NumberEntry(
        sp.normalize_coverage, lambda rows: [[n / 2e6 * 1e6 for n in row] for row in rows], (2_000_000,),
        dtype=lambda _: "f8",
    ),
    "normalize_coverage CPKM": NumberEntry(
        sp.normalize_coverage,
        lambda rows: [[n / 5e5 * 1e6 / (len(row) / 1000) for n in row] for row in rows], (500_000,),
        {"method": "CPKM"}, dtype=lambda _: "f8",
    ),
    "jitter": NumberEntry(
        jittered_track, cut_like_letters, (), {"max_jitter": 1, "rng": 7}, axes=("one", "rows"),
    ),
}  # fmt: skip

NUMBER_TYPES = (
    "?",
    "u1",
    "i1",
    "u2",
    ">i2",
    "i4",
    "u4",
    "i8",
    "u8",
    "f2",
    "f4",
    ">f4",
    "f8",
    ">f8",
)
TENSOR_TYPES = ("?", "u1", "i1", "i4", "i8", "f2", "f4", "f8")

NUMBER_CONTAINERS = {
    "array": (np.asarray, NUMBER_TYPES, "rows"),
    "list": (lambda array: array.tolist(), ("?", "i8", "f8"), "rows"),
    "tuples": (lambda array: tuple(map(tuple, array.tolist())), ("i8", "f8"), "rows"),
    "strided": (strided, NUMBER_TYPES, "rows"),
    "Fortran": (np.asfortranarray, ("u1", "i4", "f4", ">f8"), "rows"),
    "backwards": (backwards, NUMBER_TYPES, "rows"),
    "read-only": (read_only, ("u1", "i8", "f4", "f8"), "rows"),
    "unaligned": (unaligned, ("i4", "i8", "f4", ">f8"), "rows"),
    "memmap": (mapped, ("u1", "f4"), "rows"),
    "tensor": (torch.tensor, TENSOR_TYPES, "rows"),
    "turned tensor": (lambda array: torch.tensor(array.T.copy()).T, TENSOR_TYPES, "rows"),
    "DataArray": (xr.DataArray, ("i4", "f4"), "rows"),
    "DataFrame": (pd.DataFrame, ("i4", "f8"), "rows"),
    "one": (lambda array: array[0], NUMBER_TYPES, "one"),
    "Series": (lambda array: pd.Series(array[0]), ("i4", "f8"), "one"),
    "nested": (in_two, NUMBER_TYPES, "nested"),
    "nested strided": (lambda array: strided(in_two(array)), ("i4", "f2"), "nested"),
    "nested list": (lambda array: in_two(array).tolist(), ("i8", "f8"), "nested"),
}


@pytest.mark.parametrize("name", NUMBER_ENTRIES)
@pytest.mark.parametrize("held", NUMBER_CONTAINERS)
def test_numbers_of_any_type_and_layout_get_what_plain_python_gives(name, held):
    entry, (make, dtypes, axes) = NUMBER_ENTRIES[name], NUMBER_CONTAINERS[held]
    draw = random.Random(8)
    rows = [[draw.randrange(8) for _ in range(12)] for _ in range(4)]
    for dtype in dtypes:
        array = np.array(rows).astype(dtype)
        if array.dtype.kind not in entry.kinds or axes not in entry.axes:
            continue
        numbers = make(array)
        found = entry.call(numbers, *entry.args, **entry.options)
        expected = np.array(entry.oracle(array.tolist()))
        expected = expected.astype(entry.dtype(array.dtype))
        shape = {"one": (), "rows": (4,), "nested": (2, 2)}[axes]
        expected = expected[0] if axes == "one" else expected.reshape(*shape, -1)
        assert type(found) is np.ndarray
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape), dtype
        if found.dtype.kind == "f":
            np.testing.assert_allclose(found, expected, rtol=1e-12, err_msg=dtype)
        else:
            np.testing.assert_array_equal(found, expected, err_msg=dtype)
        assert np.array_equal(
            np.asarray(numbers).reshape(-1), array[: 1 if axes == "one" else 4].reshape(-1)
        )


# --- columns of no letter -----------------------------------------------------------------------------

FIVE = DNA.with_letters("N")
BLANK = ["AC_N_", "N__TG"]  # _ is an all-zero column
ON_BLANK: dict[str, tuple[Callable[..., Any], Any]] = {
    "pad_seqs": (partial(sp.pad_seqs, length=6, letter="A"), ["AC_N_A", "N__TGA"]),
    "reverse_complement": (sp.reverse_complement, ["_N_GT", "CA__N"]),
    "substitute": (partial(sp.substitute, pattern="G", position=1), ["AG_N_", "NG_TG"]),
    "insert": (partial(sp.insert, pattern="N", position=2), ["ACN_N_", "N_N_TG"]),
    "remove_N": (partial(sp.remove_N, most=0.4), BLANK),
    "mutate": (partial(sp.mutate, rate=0), BLANK),
    "single_mutants": (
        lambda *args, **options: sp.single_mutants(*args, **options)[::4],
        ["CC_N_", "AA_N_", "AC_A_", "A__TG", "N__AG", "N__TA"],
    ),
    "tokenize": (
        lambda seqs, alphabet, ohe_axis: sp.tokenize(seqs, alphabet, ohe_axis=ohe_axis),
        [[0, 1, -1, 4, -1], [4, -1, -1, 3, 2]],
    ),
    "unknown_content": (sp.unknown_content, [0.4, 0.4]),
    "nucleotide_content": (
        partial(sp.nucleotide_content, by="valid"),
        [[1 / 3, 1 / 3, 0, 0, 1 / 3], [0, 0, 1 / 3, 1 / 3, 1 / 3]],
    ),
    "count_kmers": (partial(sp.count_kmers, k=1), [[1, 1, 0, 0, 1], [0, 0, 1, 1, 1]]),
}


@pytest.mark.parametrize("ragged", [False, True])
@pytest.mark.parametrize("name", ON_BLANK)
def test_columns_of_no_letter_are_not_the_letter_n(name, ragged):
    """Five-letter arrays hold N as a letter and padding as nothing: mixing them up makes up letters."""
    call, expected = ON_BLANK[name]
    array = columns(BLANK, FIVE)
    seqs = Ragged.from_dense(array) if ragged else array
    found = call(seqs, alphabet=FIVE, ohe_axis=-1)
    if isinstance(expected, list) and isinstance(expected[0], str):
        flat = found.packed().values if isinstance(found, Ragged) else found.reshape(-1, 5)
        np.testing.assert_array_equal(flat, columns(["".join(expected)], FIVE)[0])
    else:
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("dtype", ["u1", "f4", "f8"])
@pytest.mark.parametrize("axis", [-1, -2])
def test_bytes_beyond_ascii_are_letters_of_no_alphabet(dtype, axis):
    """Any byte may stand in an array of codes; none is taken for something else than a letter."""
    codes = np.arange(256, dtype=np.uint8)[None]
    expected = np.zeros((1, 256, 4))
    for place, pair in enumerate(("Aa", "Cc", "Gg", "Tt")):
        expected[0, [*map(ord, pair)], place] = 1
    found = sp.ohe(codes, DNA, dtype=dtype, ohe_axis=axis)
    np.testing.assert_array_equal(np.moveaxis(found, axis, -1), expected)
    onehot = sp.ohe(["ACGT"], DNA, dtype=dtype, ohe_axis=axis)
    longer = sp.insert(onehot, codes[0, 128:], 4, ohe_axis=axis)
    assert not np.moveaxis(longer, axis, -1)[0, 4:].any()
