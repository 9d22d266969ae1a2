"""Nucleotides to proteins: one reading frame or all six."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from seqpro import _kernels
from seqpro.alphabet import DNA, Alphabet, require_alphabet, require_letter
from seqpro.checks import choice, shown
from seqpro.codons import STOP, CodonTable, codon_table
from seqpro.columns import UNIFORM
from seqpro.containers import Block, Rows, rows_of
from seqpro.ragged import Ragged

Ambiguous = Literal["resolve", "unknown", "error", "drop"]
NoneLeftOut = Literal["resolve", "unknown", "error"]
Incomplete = Literal["error", "drop"]
ToStop = Literal["inclusive", "exclusive"]

_LETTERS = "ACMGRSVTWYHKDBN"  # the one at place b - 1 stands for the bases whose bits are set in b
_DROPPED, _REFUSED, _NOWHERE = 255, 254, 253  # instead of a residue: no ASCII letter equals them


def translate(
    seqs: Any,
    *,
    table: int | CodonTable = 1,
    frame: int = 0,
    to_stop: ToStop | None = None,
    ambiguous: Ambiguous = "resolve",
    unknown_char: str = "X",
    incomplete: Incomplete = "error",
    alphabet: Alphabet = DNA,
    ohe_axis: int | None = None,
) -> Any:
    """Translate DNA or RNA to amino acids, codon by codon; a stop is ``*``.

    T and U are one letter, and so are both cases. Every codon is read as inside a gene: a start codon
    such as TTG is L, not M. A codon with a letter that is no nucleotide (a gap, a padding byte) counts
    as ambiguous and has no residue. Amino acids are the 20 letters of `AA`: a codon that is D or N is
    unknown, not B.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), 5' to 3', in any container of `as_codes`, or a one-hot array
        if `ohe_axis` is given, whose all-zero and uniform columns are N.
    table
        NCBI's number of the genetic code, see `codon_table`, or a `CodonTable`.
    frame
        0-based position of the first codon: 0, 1 or 2.
    to_stop
        None translates to the end; ``"inclusive"`` ends each protein with its first stop,
        ``"exclusive"`` before it. What follows the stop is not looked at.
    ambiguous
        What becomes of a codon with a letter other than A, C, G, T and U. ``"resolve"``: the residue
        that all its meanings share (GCN is A, TAR is ``*``), else `unknown_char`; ``"unknown"``: always
        `unknown_char`; ``"error"``: refused; ``"drop"``: left out.
    unknown_char
        Letter of a codon without a residue; none of the table's own.
    incomplete
        What becomes of one or two letters after the last codon: ``"error"`` or ``"drop"``.
    alphabet
        Names the columns of a one-hot array; letters need none.
    ohe_axis
        Axis of the letters of a one-hot array: -1 or -2. None for letters.

    Returns
    -------
    array of letters, shape (..., codons), with codons = (length - frame) // 3: uint8 for ASCII codes,
    ``S1`` for text and one-hot; a `Ragged` of such letters, one row for each sequence in order, for a
    `Ragged` and wherever proteins may end early, with `to_stop` or ``ambiguous="drop"``

    Raises
    ------
    TypeError
        If `table` is neither number nor table.
    ValueError
        If a length does not fit, if a codon is refused, if `to_stop` is asked of a code whose stops are
        amino acids as well, or if an argument is none of the above.

    Notes
    -----
    Letters stand for bases as in NC-IUB, Nomenclature for incompletely specified bases (1984).

    Examples
    --------
    >>> translate("ATGNNNtaa").tobytes()
    b'MX*'
    >>> translate(["ATGTAAGCN", "AUGGCNUUU"], to_stop="exclusive").sizes.tolist()
    [1, 3]
    >>> translate("ATGNNNtaa", ambiguous="drop")[0].tobytes()
    b'M*'
    """
    code = _code(table)
    residues = _residues(code, *_policy(code, ambiguous, unknown_char, Ambiguous))
    stop = _stop(code, to_stop)
    if not isinstance(frame, int | np.integer) or not 0 <= frame <= 2:
        msg = f"frame must be 0, 1 or 2, the 0-based position of the first codon; found {shown(frame)}"
        raise ValueError(msg)
    rows = _rows(seqs, alphabet, ohe_axis)
    _refuse_incomplete(rows, int(frame), incomplete)
    reading = _Reading(int(frame), _masks(ohe_axis is not None), residues)
    if to_stop is None and ambiguous != "drop":
        return _translate_all(rows, reading)
    return _translate_kept(rows, reading, stop, to_stop == "inclusive")


def six_frames(
    seqs: Any,
    *,
    table: int | CodonTable = 1,
    ambiguous: NoneLeftOut = "resolve",
    unknown_char: str = "X",
    alphabet: Alphabet = DNA,
    ohe_axis: int | None = None,
) -> Ragged:
    """Translate each sequence in its six reading frames, three on each strand.

    The order is +1 +2 +3 -1 -2 -3: frame +f begins at position f - 1, frame -f at position f - 1 of the
    reverse complement. Letters that make no whole codon are left out, so frames of one sequence differ
    by one residue at most. Sequence i has rows ``6 * i`` to ``6 * i + 5``; ``result[3::6]`` is frame -1 of
    all.

    Parameters
    ----------
    seqs
        Sequences of shape (..., length), of equal lengths or not, as for `translate`.
    table, ambiguous, unknown_char, alphabet, ohe_axis
        As for `translate`; codons cannot be dropped, so that residue j of frame +f always begins at
        position ``f - 1 + 3 * j``.

    Returns
    -------
    `Ragged` of letters, 6 rows for each sequence in order: uint8 for ASCII codes, ``S1`` for text and
    one-hot

    Raises
    ------
    TypeError, ValueError
        As `translate`.

    Examples
    --------
    >>> [frame.tobytes() for frame in six_frames("ATGGCTTAA")]
    [b'MA*', b'WL', b'GL', b'LSH', b'*A', b'KP']
    >>> six_frames(["ATGGCTTAA", "ATGTAG"])[0::6].sizes.tolist()
    [3, 2]
    """
    code = _code(table)
    forward = _residues(code, *_policy(code, ambiguous, unknown_char, NoneLeftOut))
    backward = _of_complements(forward.tobytes())
    rows = _rows(seqs, alphabet, ohe_axis)
    reading = _Reading(0, _masks(ohe_axis is not None), forward)
    frames = (0, 1, 2, 0, 1, 2)
    sizes = np.subtract(rows.sizes[:, None], frames).reshape(-1)
    np.maximum(sizes, 0, out=sizes)
    sizes //= 3
    starts = np.cumsum(sizes)
    starts -= sizes
    residues = np.empty(int(sizes.sum()), np.uint8)
    kernel = _kernels.translate.six_frames

    def work(first: int, block: Block) -> None:
        part = slice(6 * first, 6 * (first + block.sizes.size))
        kernel(*block, reading.masks, forward, backward, starts[part], residues)
        if reading.refuses:
            begin = int(starts[part][0])
            written = residues[begin : begin + int(sizes[part].sum())]
            _refuse_ambiguous(written, sizes[part], block, first, frames)

    rows.run(work)
    return Ragged(residues.view(rows.dtype), starts, sizes)


class _Reading(NamedTuple):
    """Where codons begin and what they mean, as kernels take it."""

    frame: int
    masks: NDArray[np.uint8]
    residues: NDArray[np.uint8]

    @property
    def refuses(self) -> bool:
        """Whether codons without a residue are refused, such as three letters that are none."""
        return bool(self.residues[0] == _REFUSED)


def _translate_all(rows: Rows, reading: _Reading) -> Any:
    """Translate every whole codon."""
    frame, kernel = reading.frame, _kernels.translate.translate

    def work(first: int, block: Block, target: NDArray[np.uint8]) -> None:
        kernel(*block, *reading, target)
        if reading.refuses:
            sizes = np.maximum(block.sizes - frame, 0) // 3
            _refuse_ambiguous(target, sizes, block, first, (frame,))

    letters = rows.sizes if isinstance(rows.source, Ragged) else rows.one_length()
    return rows.map(work, sizes=np.maximum(letters - frame, 0) // 3)


def _translate_kept(rows: Rows, reading: _Reading, stop: int, inclusive: bool) -> Ragged:
    """Translate up to the first stop, without what is dropped: once to count, once to write."""
    kept = np.empty(len(rows), np.int64)
    kernels = _kernels.translate

    def count(first: int, block: Block) -> None:
        part = kept[first : first + block.sizes.size]
        kernels.count_kept(*block, *reading, _DROPPED, stop, inclusive, part)

    def work(first: int, block: Block, target: NDArray[np.uint8]) -> None:
        part = kept[first : first + block.sizes.size]
        kernels.translate_kept(*block, *reading, _DROPPED, part, target)
        if reading.refuses:
            _refuse_ambiguous(target, part, block, first, (reading.frame,))

    rows.run(count)
    return rows.map(work, sizes=kept)


def _rows(seqs: Any, alphabet: Alphabet, ohe_axis: int | None) -> Rows:
    """Read sequences; the answer to one-hot input is text."""
    others = set(require_alphabet(alphabet).letters) - set(_LETTERS + "U")
    if others:
        msg = (
            f"alphabet must hold nucleotides only, such as seqpro.DNA or seqpro.RNA; found "
            f"{''.join(sorted(others))!r} in {alphabet.name!r}"
        )
        raise ValueError(msg)
    rows = rows_of(seqs, alphabet=alphabet, ohe_axis=ohe_axis)
    return rows if ohe_axis is None else replace(rows, columns=None, dtype=np.dtype("S1"))


def _refuse_incomplete(rows: Rows, frame: int, incomplete: Incomplete) -> None:
    if choice(incomplete, "incomplete", get_args(Incomplete)) == "drop":
        return
    sizes = rows.sizes if rows.length is None else rows.sizes[:1]
    left = np.maximum(sizes - frame, 0) % 3
    if left.any():
        row = int((left > 0).argmax())
        msg = (
            f"seqs must hold whole codons from position {frame} on; found {sizes[row] - frame} letters "
            f"there in sequence {row}. incomplete='drop' leaves the last {left[row]} out"
        )
        raise ValueError(msg)


def _refuse_ambiguous(
    residues: NDArray[np.uint8],
    sizes: NDArray[np.int64],
    block: Block,
    first: int,
    frames: tuple[int, ...],
) -> None:
    """Name the first refused codon among proteins that lie one after the other, some for each row."""
    refused = residues == _REFUSED
    if not refused.any():
        return
    at, ends = int(refused.argmax()), np.cumsum(sizes)
    protein = int(np.searchsorted(ends, at, side="right"))
    row, turn = divmod(protein, len(frames))
    place = frames[turn] + 3 * (at - int(ends[protein] - sizes[protein]))
    begin = int(block.starts[row]) + place
    letters = block.values[begin : begin + 3].tolist()
    codon = "".join("N" if letter == UNIFORM else chr(letter) for letter in letters)
    msg = (
        f"seqs must hold codons of A, C, G and T or U only; found {codon!r} at position {place} of "
        f"sequence {first + row}. ambiguous='resolve' reads what it can of such codons"
    )
    raise ValueError(msg)


def _code(table: Any) -> CodonTable:
    if isinstance(table, CodonTable):
        return table
    if not isinstance(table, int | np.integer):
        msg = f"table must be the number of an NCBI genetic code or a CodonTable; found {shown(table)}"
        raise TypeError(msg)
    return codon_table(int(table))


def _stop(table: CodonTable, to_stop: ToStop | None) -> int:
    """Give the byte at which proteins end; one that no residue has where they do not."""
    if to_stop is None:
        return _NOWHERE
    choice(to_stop, "to_stop", get_args(ToStop))
    if table.ambiguous_stops:
        msg = (
            f"to_stop must be None for codon table {table.name!r}, whose stop codons "
            f"{', '.join(table.ambiguous_stops)} are amino acids as well; found {to_stop!r}. A CodonTable "
            f"with {STOP} for them ends proteins there"
        )
        raise ValueError(msg)
    return ord(STOP)


@lru_cache(maxsize=2)
def _masks(is_onehot: bool) -> NDArray[np.uint8]:
    """Bases of every byte as bits: A 1, C 2, G 4, T and U 8; shape (256,)."""
    masks = np.zeros(256, np.uint8)
    for bases, letter in enumerate(_LETTERS, 1):
        masks[[ord(letter), ord(letter.lower())]] = bases
    masks[[ord("U"), ord("u")]] = masks[ord("T")]
    if is_onehot:
        masks[UNIFORM] = masks[ord("N")]
    masks.flags.writeable = False
    return masks


def _policy(code: CodonTable, ambiguous: str, unknown_char: str, choices: Any) -> tuple[bool, int]:
    """Say whether ambiguous codons are resolved, and the residue of those that are not."""
    policy = choice(ambiguous, "ambiguous", get_args(choices))
    unknown = require_letter(unknown_char, "unknown_char")
    if unknown_char in code.amino_acids:
        msg = (
            f"unknown_char must be none of the letters of codon table {code.name!r}; found "
            f"{unknown_char!r}. 'X' stands for any amino acid"
        )
        raise ValueError(msg)
    return policy == "resolve", {"error": _REFUSED, "drop": _DROPPED}.get(policy, unknown)


@lru_cache(maxsize=64)
def _residues(code: CodonTable, resolve: bool, other: int) -> NDArray[np.uint8]:
    """Residue of every three masks, shape (4096,): the index is twelve bits, four for each letter."""
    bases = np.array([8, 2, 1, 4])  # T, C, A, G: the order of a codon table
    holds = np.arange(16)[:, None] & bases > 0  # (masks, bases)
    if not resolve:
        holds[holds.sum(axis=1) > 1] = False
    letters = np.frombuffer(code.amino_acids.encode(), np.uint8).reshape(4, 4, 4)
    meanings = np.zeros((16, 16, 16), np.int64)
    residues = np.full((16, 16, 16), other, np.uint8)
    for letter in np.unique(letters):
        found = np.einsum("ai,bj,ck,ijk->abc", holds, holds, holds, letters == letter)
        meanings += found
        residues[found] = letter
    residues[meanings > 1] = other
    residues.flags.writeable = False
    return residues.reshape(-1)


@lru_cache(maxsize=64)
def _of_complements(residues: bytes) -> NDArray[np.uint8]:
    """Turn residues of codons into those of their reverse complements, shape (4096,)."""
    partner = [int(f"{bases:04b}"[::-1], 2) for bases in range(16)]  # A and T, C and G
    cube = np.frombuffer(residues, np.uint8).reshape(16, 16, 16)
    return cube[np.ix_(partner, partner, partner)].transpose().reshape(-1)
