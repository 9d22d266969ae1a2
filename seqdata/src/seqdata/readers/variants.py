"""Records of variants as arrays: what stands where, and which haplotypes carry it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqdata import _kernels
from seqdata.readers import vcf_checks
from seqdata.readers.fasta import GenomeFASTA
from seqdata.readers.linear_index import LinearIndex
from seqdata.readers.protocol import Axis
from seqdata.readers.variant_text import Lines, opened

_GAP = 4 << 20  # bp times samples between windows whose variants are still read in one go
_LEAST_GAP, _FIXED = 1_000, 100  # bp; samples whose genotypes take as long as the rest of a record
_RUN = 4 << 20  # most bp read in one go
_CELLS = 64 << 20  # most bp times haplotypes read in one go
_ROOM = 500  # bp read beyond windows from the start, for what deletions draw in
_AHEAD = 1 << 18  # bp of the reference worth reading in one go, as far as there are windows
_HEAD = 1_000  # records that are looked at for the ploidy, and for how many REF are wrong


@dataclass(frozen=True)
class Reference:
    """Letters of a contig from `start` on, and the whole contig's length.

    Examples
    --------
    >>> Reference(3, 9, np.frombuffer(b"ACG", np.uint8)).letters.tobytes()
    b'ACG'
    """

    start: int
    length: int
    letters: NDArray[np.uint8]


@dataclass(frozen=True)
class Records:
    """Records as arrays.

    Parameters
    ----------
    positions, sizes
        First base of REF, 0-based, and its size, bp, shape (records,).
    letters_from
        Where each record's REF and alternatives begin in `letters`, shape (records,).
    first
        Number of each record's first alternative, shape (records + 1,).
    alleles
        Start, end, first letter, letters and kind of each alternative, shape (alternatives, 5).
    letters
        REF and ALT as they are written, each with the tab behind it.
    codes
        Number of the allele that each haplotype carries, -1 where it is missing, shape (records,
        haplotypes).
    unphased
        Whether a call is unphased, shape (records, samples).

    Examples
    --------
    >>> list(Records.__dataclass_fields__)[:2]
    ['positions', 'sizes']
    """

    positions: NDArray[np.int64]
    sizes: NDArray[np.int64]
    letters_from: NDArray[np.int64]
    first: NDArray[np.int64]
    alleles: NDArray[np.int64]
    letters: NDArray[np.uint8]
    codes: NDArray[np.int16]
    unphased: NDArray[np.bool_]

    @property
    def ends(self) -> NDArray[np.int64]:
        """End of each REF, exclusive, shape (records,)."""
        return self.positions + self.sizes

    def words(self) -> list[tuple[str, list[str]]]:
        """Give REF and the alternatives of each record; none are an empty text."""
        words = self.letters.tobytes().decode("latin-1").split("\t")[:-1]
        alternatives = ["" if alt == "." else alt for alt in words[1::2]]
        return [(ref, alt.split(",")) for ref, alt in zip(words[::2], alternatives, strict=True)]


@dataclass(frozen=True)
class Run:
    """Some windows that are near each other, and all that they depend on.

    Examples
    --------
    >>> list(Run.__dataclass_fields__)
    ['windows', 'records', 'reference']
    """

    windows: slice
    records: Records
    reference: Reference


@dataclass(frozen=True)
class VariantSource:
    """A VCF or BCF file, the reference under it, and what is wanted of it.

    Parameters
    ----------
    path
        The file.
    index
        Its index, if it is text.
    reference
        The genome.
    own_names
        The file's names of contigs, by the reference's, where they differ.
    samples
        Names of the samples that are wanted.
    targets
        Place of each sample of the file among those, or -1, shape (samples of the file,).
    ploidy
        Haplotypes of a sample.
    skip_symbolic
        Whether alleles without letters are passed over.
    indels
        Whether variants that change the length are applied.

    Examples
    --------
    >>> list(VariantSource.__dataclass_fields__)[:2]
    ['path', 'index']
    """

    path: Path
    index: LinearIndex | None
    reference: GenomeFASTA
    own_names: Mapping[str, str]
    samples: tuple[str, ...]
    targets: NDArray[np.int64]
    ploidy: int
    skip_symbolic: bool
    indels: bool
    _texts: dict[str, Lines] = field(default_factory=dict, compare=False, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the text that is kept, so that a reader that has read is the same reader."""
        return {**self.__dict__, "_texts": {}}

    def axes(self) -> tuple[Axis, ...]:
        """Samples by name, then haplotypes from 1."""
        haplotypes = tuple(str(i + 1) for i in range(self.ploidy))
        return Axis("{v}_sample", self.samples), Axis("{v}_haplotype", haplotypes)

    def files(self) -> list[str]:
        """Name the VCF file and the reference."""
        return [os.fspath(self.path), *self.reference.files()]

    def runs(
        self, contig: str, starts: NDArray[np.int64], ends: NDArray[np.int64], *, beyond: bool
    ) -> Iterator[Run]:
        """Go over windows of one contig, those that are near each other at once.

        Parameters
        ----------
        contig
            Name of the contig.
        starts, ends
            0-based half-open windows on the contig, sorted by start, shape (n,).
        beyond
            Whether to read what deletions draw in from the right of a window, too.

        Raises
        ------
        ValueError
            If a REF is not what the reference has, or the file cannot be read.
        """
        longest = max(min(_RUN, _CELLS // (len(self.samples) * self.ploidy)), 1)
        furthest = int(ends.max(initial=0))
        reference = Reference(0, self.reference.contigs()[contig], np.empty(0, np.uint8))
        with opened(self.path, self.index, self._texts) as file:
            gap = max(_GAP // (_FIXED + len(self.targets)), _LEAST_GAP)
            if file.is_small(self.own_names.get(contig, contig)):
                gap = _AHEAD
            bounds = _kernels.gather.near_runs(starts, ends, gap, longest)[:, :2]
            for first, last in bounds.tolist():
                part = slice(first, last)
                records, low, high = self._load(
                    file, contig, starts[part], ends[part], beyond=beyond
                )
                if low < reference.start or high > reference.start + reference.letters.size:
                    ahead = max(high, min(low + _AHEAD, furthest))
                    reference = replace(
                        reference, start=low, letters=self._letters(contig, low, ahead)
                    )
                self._check(contig, records, reference)
                yield Run(part, records, reference)

    def _load(
        self,
        file: Any,
        contig: str,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        *,
        beyond: bool,
    ) -> tuple[Records, int, int]:
        """Read the records that windows can depend on; say from where to where they need the reference."""
        length, low = self.reference.contigs()[contig], int(starts[0])
        reach = min(int(ends.max()) + _ROOM, length)
        name = self.own_names.get(contig, contig)
        while True:  # until no record reaches over the start: what holds there depends on them all
            lines = file.fetch(name, low, reach)
            begin = int(lines.positions[lines.ends > low].min(initial=low))
            if begin == low:
                break
            low = begin
        while True:  # until all is there that deletions draw in
            kept, needed = lines.needed(starts, ends, beyond=beyond)
            if min(needed, length) <= reach:
                break
            more = file.fetch(name, reach, min(needed, length))
            lines = lines.joined(more.kept(more.positions >= reach))
            reach = min(needed, length)
        records = self._parse(lines.kept(kept))
        return records, low, min(max(needed, int(records.ends.max(initial=0))), length)

    def _check(self, contig: str, records: Records, reference: Reference) -> None:
        """Refuse a REF that is not what the reference has."""
        row = first_mismatch(records, reference)
        if row >= 0:
            where = f"{contig}, POS {int(records.positions[row]) + 1}"
            files = self.path.name, self.reference.path.name
            wrong = self._count_mismatches()
            vcf_checks.refuse_reference(records, reference, row, files, where, wrong)

    def _count_mismatches(self) -> tuple[int, int]:
        """Count the first records of the file that differ from the reference, and those looked at."""
        names = {self.own_names.get(name, name): name for name in self.reference.contigs()}
        with opened(self.path, self.index) as file:
            lines = file.head(_HEAD)
        every = [lines.line(row) for row in range(len(lines.positions))]
        known = [(names.get(line.split("\t", 1)[0]), row) for row, line in enumerate(every)]
        wrong = [
            self._is_wrong(contig, lines.kept(np.arange(len(every)) == row))
            for contig, row in known
            if contig is not None
        ]
        return sum(wrong), len(wrong)

    def _letters(self, contig: str, low: int, high: int) -> NDArray[np.uint8]:
        letters = np.empty(max(high - low, 0), np.uint8)
        if letters.size:
            where = [np.array([i], dtype=np.int64) for i in (low, high, 0)]
            self.reference.read(contig, where[0], where[1], letters, where[2])
        return letters

    def _is_wrong(self, contig: str, line: Lines) -> bool:
        """Whether a record's REF is not what the reference has."""
        record = self._parse(line)
        low, length = int(record.positions[0]), self.reference.contigs()[contig]
        letters = self._letters(contig, low, min(int(record.ends[0]), length))
        return first_mismatch(record, Reference(low, length, letters)) >= 0

    def _parse(self, lines: Lines) -> Records:
        """Read alleles and genotypes."""
        kernels, ends = _kernels.vcf_text, lines.line_ends
        sizes, letters_from, first, alleles, letters = kernels.split_alleles(
            lines.text, lines.columns, lines.positions
        )
        kinds = alleles[:, 4]
        if self.skip_symbolic:
            kinds[kinds == kernels.SYMBOLIC] = kernels.SKIPPED
        if not self.indels:
            changes = (kinds == kernels.SEQUENCE) & (alleles[:, 3] != alleles[:, 1] - alleles[:, 0])
            kinds[changes] = kernels.UNCHANGED
        codes = np.empty((len(ends), len(self.samples) * self.ploidy), np.int16)
        unphased = np.zeros((len(ends), len(self.samples)), np.bool_)
        row, column = kernels.read_genotypes(
            lines.text, lines.columns, ends, self.targets, first, self.ploidy, codes, unphased
        )
        if row >= 0:
            sample = self.samples[self.targets[column]]
            vcf_checks.refuse_call(lines.line(row), column, sample, self.ploidy, self.path.name)
        return Records(
            lines.positions, sizes, letters_from, first, alleles, letters, codes, unphased
        )


def first_mismatch(records: Records, reference: Reference) -> int:
    """Find the first record whose REF is not what the reference has, or -1.

    Letters beyond A, C, G and T fit everything.

    Examples
    --------
    >>> none, flat = np.zeros(0, np.int64), np.zeros(0, np.uint8)
    >>> records = Records(none, none, none, np.zeros(1, np.int64), np.zeros((0, 5), np.int64), flat,
    ...                   np.zeros((0, 2), np.int16), np.zeros((0, 1), np.bool_))
    >>> first_mismatch(records, Reference(0, 9, flat))
    -1
    """
    r = records
    return int(
        _kernels.vcf_text.first_mismatch(
            r.positions, r.sizes, r.letters_from, r.letters, reference.letters, reference.start
        )
    )


def find_ploidy(path: Path, index: LinearIndex | None) -> int:
    """Give the most alleles of a genotype among the first records of a file, which has this index.

    Raises
    ------
    ValueError
        If there are no genotypes among them.

    Examples
    --------
    >>> find_ploidy(Path("trio.vcf"), None)
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] Could not open variant file: No such file or directory: 'trio.vcf'
    """
    with opened(path, index) as file:
        lines = file.head(_HEAD)
    found = int(_kernels.vcf_text.most_alleles(lines.text, lines.columns, lines.line_ends))
    if not found:
        msg = (
            f"{path.name} must hold genotypes (FORMAT that begins with GT); found none in its first "
            f"{len(lines.positions)} records. If they come later, pass ploidy="
        )
        raise ValueError(msg)
    return found
