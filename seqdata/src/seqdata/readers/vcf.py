"""VCF and BCF files: the haplotypes of samples, written over a reference genome."""

from __future__ import annotations

import gzip
import logging
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from seqdata import _kernels
from seqdata.readers.fasta import GenomeFASTA
from seqdata.readers.protocol import Axis
from seqpro.checks import choice, flag, shown, whole_number
from seqpro.parallel import run_blocks

_log = logging.getLogger(__name__)

Unphased = Literal["error", "as_is"]
Missing = Literal["error", "reference", "N"]
Symbolic = Literal["error", "skip"]

_GAP = 1 << 20  # bp times samples between windows whose variants are still read in one go
_LEAST_GAP, _FIXED = 1_000, 50  # bp; samples whose genotypes take as long as the rest of a record
_RUN = 4 << 20  # most bp read in one go
_CELLS = 64 << 20  # most bp times haplotypes read in one go
_ROOM = 500  # bp read beyond windows from the start, for what deletions draw in
_TEXT = 8 << 20  # characters of records that are parsed at a time
_BLOCK = 4 << 20  # letters and records that are worth a thread
_HEAD = 1_000  # records that are looked at for the ploidy, and for how many REF are wrong
_MISSING = ("reference", "N", "error")  # in the order of the kernel's numbers
_FIX = "bcftools norm -f reference.fa -c s"


class VCF:
    r"""Haplotypes of samples, from a VCF or BCF file and the reference genome.

    A window holds as many letters as it has reference bases. It begins at its first base and follows the
    haplotype from there: where deletions make it short, the haplotype goes on to the right of the window,
    and where insertions make it long, it is cut at the right. Bases of a deletion that began before the
    window are left out at its start; inserted letters belong to the base before them. Beyond the contig
    are N: a window over a contig's end has as many N as it has positions there, whatever is inserted.
    Windows on the ``-`` strand are the reverse complement of this, so that they are lengthened and cut at
    their 5' end. Exons of spliced rows are windows of their own.

    Of variants of one haplotype that overlap, the first is kept (by position of the first changed base,
    then in the file's order); how many are left out is logged. Records need be neither split nor
    left-aligned. A call of one allele, such as a man's on X, stands on every haplotype. Phase sets (PS)
    are not looked at.

    Parameters
    ----------
    path
        VCF compressed with bgzip, or BCF. An index is made beside it if there is none.
    reference
        The genome, as a reader or the path of a FASTA file.
    samples
        Names of samples, in the order wanted; None takes all.
    unphased
        Genotypes with ``/`` whose alleles differ: ``"error"``, or ``"as_is"`` to take the alleles in the
        order they are written, which says nothing about what is on one chromosome.
    missing
        Alleles ``.``: ``"error"``, ``"reference"``, or ``"N"`` for every base of REF.
    symbolic
        Alleles without letters, such as ``<DEL>`` and breakends: ``"error"``, or ``"skip"`` to leave the
        reference as it is; how many are skipped is logged. ``*`` never changes anything.
    indels
        Whether variants that change the length are applied; without them, position i of a window is
        reference position start + i.
    ploidy
        Number of haplotypes; None takes the most alleles of a genotype among the first 1,000 records.
    chrom_alias
        The reference's names of contigs that the VCF file calls otherwise, by the file's names, such as
        ``{"1": "chr1"}``.

    Raises
    ------
    FileNotFoundError
        If a file is not there.
    ValueError
        If the file has no genotypes or no index, its contigs are not the reference's, or an argument
        does not fit; while reading, if REF differs from the reference in or near a window, or a haplotype
        of a window depends on a genotype that a policy refuses.

    Notes
    -----
    The length rule is that of haplotypes of fixed length in GenVarLoader.

    Examples
    --------
    >>> import pysam, pandas as pd, seqdata as sd
    >>> from seqdata.readers.vcf import VCF
    >>> folder = Path(tempfile.mkdtemp()); _ = (folder / "g.fa").write_text(">chr1\nAACCGGTT\n")
    >>> text = ("##fileformat=VCFv4.2\n##contig=<ID=chr1>\n##FORMAT=<ID=GT,Number=1,Type=String>\n"
    ...         "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tAnn\n"
    ...         "chr1\t2\t.\tAC\tA\t.\t.\t.\tGT\t0|1\n")
    >>> _ = (folder / "v.vcf").write_text(text)
    >>> pysam.tabix_compress(str(folder / "v.vcf"), str(folder / "v.vcf.gz"))
    >>> region = pd.DataFrame({"chrom": ["chr1"], "chromStart": [1], "chromEnd": [5]})
    >>> ds = sd.build(region, hap=VCF(folder / "v.vcf.gz", folder / "g.fa"))
    >>> [ds["hap"].sel(hap_sample="Ann", hap_haplotype=h).values.tobytes() for h in "12"]
    [b'ACCG', b'ACGG']
    """

    dtype: np.dtype[Any] = np.dtype(np.uint8)
    fill = float(ord("N"))
    is_sequence = True

    def __init__(
        self,
        path: str | os.PathLike[str],
        reference: GenomeFASTA | str | os.PathLike[str],
        *,
        samples: Sequence[str] | None = None,
        unphased: Unphased = "error",
        missing: Missing = "error",
        symbolic: Symbolic = "error",
        indels: bool = True,
        ploidy: int | None = None,
        chrom_alias: Mapping[str, str] | None = None,
    ) -> None:
        self.path = Path(path)
        if not self.path.exists():
            msg = f"no VCF file at {self.path}"
            raise FileNotFoundError(msg)
        self.reference = reference if isinstance(reference, GenomeFASTA) else GenomeFASTA(reference)
        self.unphased = choice(unphased, "unphased", get_args(Unphased))
        self.missing = choice(missing, "missing", get_args(Missing))
        self.symbolic = choice(symbolic, "symbolic", get_args(Symbolic))
        self.indels = flag(indels, "indels")
        self._names = {known: own for own, known in (chrom_alias or {}).items()}
        if not _is_plain(self.path):
            _check_blocks(self.path)
        columns, lengths = _read_header(self.path)
        self.samples = _chosen(samples, columns, self.path.name)
        order = {sample: i for i, sample in enumerate(self.samples)}
        self._targets = np.array([order.get(column, -1) for column in columns], dtype=np.int64)
        self._told = set[str]()
        _ensure_index(self.path, max(lengths.values(), default=0))
        self._check_names()
        self._check_contigs(lengths)
        self.ploidy = (
            self._find_ploidy() if ploidy is None else whole_number(ploidy, "ploidy", low=1)
        )

    def __getstate__(self) -> dict[str, Any]:
        return {
            **self.__dict__,
            "_told": set(),
        }  # equal readers are equal bytes, whatever was logged

    def contigs(self) -> Mapping[str, int]:
        """Give the length of each contig of the reference, bp."""
        return self.reference.contigs()

    def axes(self) -> tuple[Axis, ...]:
        """Samples by name, then haplotypes from 1."""
        haplotypes = tuple(str(i + 1) for i in range(self.ploidy))
        return Axis("{v}_sample", self.samples), Axis("{v}_haplotype", haplotypes)

    def files(self) -> list[str]:
        """Name the VCF file and the reference."""
        return [os.fspath(self.path), *self.reference.files()]

    def positions(self) -> HaplotypePositions:
        """Give a reader of the reference position of every letter that this one writes.

        Returns
        -------
        Reader of int64 with the same axes: 0-based positions on the contig; an inserted letter has that of
        the base before it, and beyond the contig's end they are -1

        Examples
        --------
        >>> VCF.positions.__annotations__["return"]
        'HaplotypePositions'
        """
        return HaplotypePositions(self)

    def read(
        self,
        contig: str,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        out: NDArray[Any],
        places: NDArray[np.int64],
    ) -> None:
        """Write the letters of each haplotype in intervals within one contig."""
        self._read(contig, starts, ends, out, places, coordinates=False)

    def _read(
        self,
        contig: str,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        out: NDArray[Any],
        places: NDArray[np.int64],
        *,
        coordinates: bool,
    ) -> None:
        rows = out.reshape(-1, out.shape[-1])
        gap = max(_GAP // (_FIXED + len(self._targets)), _LEAST_GAP)
        longest = max(min(_RUN, _CELLS // len(rows)), 1)
        left_out = skipped = 0
        with _open(self.path) as file:
            for first, last, _, _ in _kernels.gather.near_runs(starts, ends, gap, longest).tolist():
                part = slice(first, last)
                windows = _Windows(starts[part], ends[part], places[part])
                records, reference = self._load(file, contig, windows)
                found = self._write(contig, records, reference, windows, rows, coordinates)
                left_out += int(found[:, 2].sum())
                skipped += int(found[:, 3].sum())
        self._tell(contig, left_out, "variants overlap an earlier one of their haplotype: left out")
        self._tell(contig, skipped, "symbolic alleles are skipped")

    def _tell(self, contig: str, count: int, what: str) -> None:
        """Log a count once: the first that is not 0."""
        if count and what not in self._told:
            self._told.add(what)
            _log.warning("%s, %s: %d %s (not said again)", self.path.name, contig, count, what)

    def _write(
        self,
        contig: str,
        records: _Records,
        reference: _Reference,
        windows: _Windows,
        rows: NDArray[Any],
        coordinates: bool,
    ) -> NDArray[np.int64]:
        """Write all haplotypes of one run of windows; count what was left out and skipped."""
        r, found = records, np.zeros((len(rows), 4), np.int64)
        codes, unphased = np.ascontiguousarray(r.codes.T), np.ascontiguousarray(r.unphased.T)

        def work(first: int, last: int) -> None:
            _kernels.haplotypes.write_windows(
                first, last, codes, unphased, self.ploidy, _MISSING.index(self.missing),
                self.unphased == "error", r.positions, r.sizes, r.first, r.alleles, r.letters,
                reference.letters, reference.start, reference.length, windows.starts, windows.ends,
                windows.places, rows, coordinates, found,
            )  # fmt: skip

        cells = int((windows.ends - windows.starts).sum()) + len(records.positions)
        run_blocks(work, len(rows), block=max(_BLOCK // cells, 1))
        if found[:, 0].any():
            column = int((found[:, 0] != 0).argmax())
            self._refuse(contig, records, int(found[column, 0]), int(found[column, 1]), column)
        return found

    def _load(self, file: Any, contig: str, windows: _Windows) -> tuple[_Records, _Reference]:
        """Read all records that windows can depend on, and the reference under them."""
        length = self.contigs()[contig]
        low, high = int(windows.starts[0]), int(windows.ends.max())
        reach = min(high + _ROOM, length)
        while True:  # until no record reaches over the start: what holds there depends on them all
            records = self._fetch(file, contig, low, reach)
            begin = int(records.positions[records.ends > low].min(initial=low))
            if begin == low:
                break
            low = begin
        while reach < min(high + records.deleted, length):  # deletions draw in what is to the right
            needed = min(high + records.deleted, length)
            records = records.joined(self._fetch(file, contig, reach, needed, begins_there=True))
            reach = needed
        reach = min(max(reach, int(records.ends.max(initial=0))), length)
        letters = np.empty(reach - low, np.uint8)
        where = [np.array([i], dtype=np.int64) for i in (low, reach, 0)]
        self.reference.read(contig, where[0], where[1], letters, where[2])
        reference = _Reference(low, length, letters)
        self._check_reference(contig, records, reference)
        return records, reference

    def _fetch(
        self, file: Any, contig: str, low: int, high: int, *, begins_there: bool = False
    ) -> _Records:
        """Read the records that overlap ``[low, high)``, or only those that begin in it."""
        lines = _lines(file, self._names.get(contig, contig), low, high)
        parts = [self._parse(text, low if begins_there else -1) for text in _batches(lines)]
        parts = parts or [self._parse([], -1)]
        return parts[0].joined(*parts[1:])

    def _parse(self, lines: list[str], begin: int) -> _Records:
        """Parse lines of records that begin at `begin` or later."""
        text, ends = _joined_text(lines)
        kernels = _kernels.haplotypes
        columns, positions = kernels.find_fields(text, ends)
        if columns.size and (columns[:, 9 if self.samples else 7] < 0).any():
            line = lines[int((columns[:, 9] < 0).argmax())]
            msg = f"{self.path.name}: a record must have a column for each sample; found {shown(line)}"
            raise ValueError(msg)
        kept = positions >= begin
        columns, positions, ends = columns[kept], positions[kept], ends[kept]
        sizes, letters_from, first, alleles, letters = kernels.split_alleles(
            text, columns, positions
        )
        kinds = alleles[:, 4]
        if self.symbolic == "skip":
            kinds[kinds == kernels.SYMBOLIC] = kernels.SKIPPED
        if not self.indels:
            changes = (kinds == kernels.SEQUENCE) & (alleles[:, 3] != alleles[:, 1] - alleles[:, 0])
            kinds[changes] = kernels.UNCHANGED
        codes = np.empty((len(ends), len(self.samples) * self.ploidy), np.int16)
        unphased = np.zeros((len(ends), len(self.samples)), np.bool_)
        row, column = kernels.read_genotypes(
            text, columns, ends, self._targets, first, self.ploidy, codes, unphased
        )
        if row >= 0:
            begin, end = columns[row, 0], ends[row]
            self._refuse_call(text[begin:end].tobytes().decode("latin-1"), column)
        return _Records(positions, sizes, letters_from, first, alleles, letters, codes, unphased)

    def _find_ploidy(self) -> int:
        with _open(self.path) as file:
            lines = list(islice(_lines(file), _HEAD))
        text, ends = _joined_text(lines)
        columns, _ = _kernels.haplotypes.find_fields(text, ends)
        found = int(_kernels.haplotypes.most_alleles(text, columns, ends))
        if not found:
            msg = (
                f"{self.path.name} must hold genotypes (FORMAT that begins with GT); found none in its first "
                f"{len(lines)} records. If they come later, pass ploidy="
            )
            raise ValueError(msg)
        return found

    def _check_names(self) -> None:
        unknown = [contig for contig in self._names if contig not in self.contigs()]
        if unknown:
            msg = (
                f"chrom_alias must lead to contigs of {self.reference.path.name}; found {unknown[0]!r}. "
                f"It has {_some(list(self.contigs()))}"
            )
            raise ValueError(msg)

    def _check_contigs(self, lengths: Mapping[str, int]) -> None:
        """Refuse files of another genome or with other names: all would be reference, without a word."""
        known, name = self.contigs(), self.path.name
        files = f"{name} and {self.reference.path.name}"
        for contig, length in known.items():
            stated = lengths.get(self._names.get(contig, contig), 0)
            if stated and stated != length:
                msg = (
                    f"{files} must be of one genome; the header gives {contig} {stated} bp, the reference "
                    f"{length} bp. Use the genome build that the variants were called on"
                )
                raise ValueError(msg)
        with _open(self.path) as file:
            held = set(file.contigs if hasattr(file, "contigs") else lengths)
        used = {self._names.get(contig, contig) for contig in known}
        twins = {contig: _twin(contig) for contig in known if contig not in held}
        lost = {contig: twin for contig, twin in twins.items() if twin in held - used}
        if lost or (held and not held & used):
            some = ", ".join(f"{own!r}: {contig!r}" for contig, own in islice(lost.items(), 3))
            way_out = f". Pass chrom_alias={{{some}{', ...' if len(lost) > 3 else ''}}}"
            msg = (
                f"{files} must name contigs alike; the variants are on {_some(sorted(held))}, the reference "
                f"has {_some(list(known))}{way_out if lost else '. Pass chrom_alias='}"
            )
            raise ValueError(msg)

    def _check_reference(self, contig: str, records: _Records, reference: _Reference) -> None:
        """Refuse a REF that is not what the reference has."""
        row = _first_mismatch(records, reference)
        if row < 0:
            return
        stated, found = _alleles_at(records, reference, row)
        wrong, looked_at = self._count_mismatches()
        msg = (
            f"REF must be what the reference has; {self.path.name} has {stated!r} at {contig}, POS "
            f"{int(records.positions[row]) + 1}, {self.reference.path.name} {found!r}. Of the first "
            f"{looked_at} records {wrong} differ: "
        )
        msg += (
            f"most likely the file is of another genome build; use the one it was called on (or {_FIX})"
            if wrong > looked_at / 100
            else f"mend or remove these records, such as with: {_FIX}"
        )
        raise ValueError(msg)

    def _count_mismatches(self) -> tuple[int, int]:
        """Count the first records of the file that differ from the reference, one contig at a time."""
        names = {self._names.get(contig, contig): contig for contig in self.contigs()}
        with _open(self.path) as file:
            lines = [
                line for line in islice(_lines(file), _HEAD) if line.split("\t", 1)[0] in names
            ]
        wrong = 0
        for line in lines:
            contig = names[line.split("\t", 1)[0]]
            record = self._parse([line], -1)
            low, length = int(record.positions[0]), self.contigs()[contig]
            high = min(int(record.ends[0]), length)
            letters = np.empty(max(high - low, 0), np.uint8)
            if letters.size:
                where = [np.array([i], dtype=np.int64) for i in (low, high, 0)]
                self.reference.read(contig, where[0], where[1], letters, where[2])
            wrong += _first_mismatch(record, _Reference(low, length, letters)) >= 0
        return wrong, len(lines)

    def _refuse(self, contig: str, records: _Records, why: int, row: int, column: int) -> None:
        """Say why a haplotype cannot be written."""
        kernels, sample = _kernels.haplotypes, column // self.ploidy
        calls = records.codes.reshape(len(records.codes), -1, self.ploidy)
        separator = "/" if records.unphased[row, sample] else "|"
        call = separator.join("." if code < 0 else str(code) for code in calls[row, sample])
        first, last = (int(records.positions[i]) + 1 for i in (0, -1))
        where = (
            f"sample {self.samples[sample]!r} has {call} at {contig}, POS {int(records.positions[row]) + 1}, "
            f"of {self.path.name}"
        )
        around = f"such calls from POS {first} to {last}"
        if why == kernels.UNPHASED:
            open_calls = records.unphased & (calls != calls[..., :1]).any(-1)
            msg = (
                f"heterozygous genotypes must be phased (0|1); {where}, one of {int(open_calls.sum())} "
                f"{around}. Phase the file, or pass unphased='as_is' to take alleles as they are written"
            )
        elif why == kernels.MISSING:
            count = int((calls < 0).any(-1).sum())
            msg = (
                f"genotypes must not be missing; {where}, one of {count} {around}. Pass missing='reference' "
                "or missing='N'"
            )
        else:
            allele = (
                _letters_of(records, row).split("\t")[1].split(",")[calls[row, sample].max() - 1]
            )
            msg = (
                f"alleles must have letters; {where}, allele {allele}. Pass symbolic='skip' to leave the "
                "reference as it is there"
            )
        raise ValueError(msg)

    def _refuse_call(self, line: str, column: int) -> None:
        words = line.split("\t")
        call = words[9 + column].split(":")[0] if 9 + column < len(words) else "nothing"
        msg = (
            f"genotypes must have {self.ploidy} alleles (or one) that ALT has; {self.path.name} has {call!r} "
            f"at {words[0]}, POS {words[1]}, ALT {words[4]}, of sample "
            f"{self.samples[self._targets[column]]!r}. If it has more alleles, pass ploidy="
        )
        raise ValueError(msg)


class HaplotypePositions:
    """Reference positions of the letters that a `VCF` reader writes; made by its method ``positions``.

    Parameters
    ----------
    haplotypes
        The reader of the letters.

    Examples
    --------
    >>> HaplotypePositions.fill
    -1.0
    """

    dtype: np.dtype[Any] = np.dtype(np.int64)
    fill = -1.0
    is_sequence = False

    def __init__(self, haplotypes: VCF) -> None:
        self.haplotypes = haplotypes

    def contigs(self) -> Mapping[str, int]:
        """Give the length of each contig of the reference, bp."""
        return self.haplotypes.contigs()

    def axes(self) -> tuple[Axis, ...]:
        """Samples by name, then haplotypes from 1."""
        return self.haplotypes.axes()

    def files(self) -> list[str]:
        """Name the VCF file and the reference."""
        return self.haplotypes.files()

    def read(
        self,
        contig: str,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        out: NDArray[Any],
        places: NDArray[np.int64],
    ) -> None:
        """Write the reference position of each haplotype's letters in intervals within one contig."""
        self.haplotypes._read(contig, starts, ends, out, places, coordinates=True)


@dataclass(frozen=True)
class _Windows:
    """Intervals of one contig, and where their values go."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    places: NDArray[np.int64]


@dataclass(frozen=True)
class _Reference:
    """Letters of a contig from `start` on, and the whole contig's length."""

    start: int
    length: int
    letters: NDArray[np.uint8]


@dataclass(frozen=True)
class _Records:
    """Records as arrays; `alleles` has start, end, first letter, letters and kind of each alternative."""

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
        return self.positions + self.sizes

    @property
    def deleted(self) -> int:
        """Most bases that these records can take out of a haplotype."""
        return int((self.sizes - 1).sum())

    def joined(self, *others: _Records) -> _Records:
        """Append other records."""
        parts = (self, *others)
        if len(parts) == 1:
            return self
        letters = np.cumsum([0, *(p.letters.size for p in parts)])
        count = np.cumsum([0, *(len(p.alleles) for p in parts)])
        shift = [np.array([0, 0, at, 0, 0]) for at in letters]
        moved = [
            replace(
                part,
                letters_from=part.letters_from + letters[i],
                first=part.first[: None if i == len(others) else -1] + count[i],
                alleles=part.alleles + shift[i],
            )
            for i, part in enumerate(parts)
        ]
        names = [field.name for field in fields(_Records)]
        return _Records(**{n: np.concatenate([getattr(p, n) for p in moved]) for n in names})


def _open(path: Path) -> AbstractContextManager[Any]:
    """Open a file to fetch records from: VCF as text, which is read several times as fast; BCF by record."""
    import pysam

    if _is_bcf(path):
        return pysam.VariantFile(os.fspath(path))
    return pysam.TabixFile(os.fspath(path), encoding="latin-1")


def _lines(
    file: Any, contig: str | None = None, low: int | None = None, high: int | None = None
) -> Iterator[str]:
    """Lines of the records that overlap an interval, or of all."""
    is_text = hasattr(file, "contigs")
    known = file.contigs if is_text else file.header.contigs
    if contig is not None and contig not in known:
        return iter(())
    found = file.fetch(contig, low, high)
    return found if is_text else (str(record).rstrip("\n") for record in found)


def _batches(lines: Iterator[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if size > _TEXT:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _joined_text(lines: list[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Give the lines' characters and where each ends."""
    encoded = "\n".join([*lines, ""]).encode("latin-1", "replace")
    sizes = np.fromiter(map(len, lines), np.int64, len(lines))
    return np.frombuffer(encoded, np.uint8), np.cumsum(sizes + 1) - 1


def _first_mismatch(records: _Records, reference: _Reference) -> int:
    r = records
    return int(
        _kernels.haplotypes.first_mismatch(
            r.positions, r.sizes, r.letters_from, r.letters, reference.letters, reference.start
        )
    )


def _letters_of(records: _Records, row: int) -> str:
    """REF and ALT of a record, a tab between them."""
    rest = records.letters[records.letters_from[row] :][: 1 << 16].tobytes().decode("latin-1")
    return "\t".join(rest.split("\t")[:2])


def _alleles_at(records: _Records, reference: _Reference, row: int) -> tuple[str, str]:
    """REF as the file and as the reference has it, not more than 20 letters."""
    begin = int(records.positions[row]) - reference.start
    size = min(int(records.sizes[row]), 20)
    found = reference.letters[begin : begin + size].tobytes().decode("latin-1")
    return _letters_of(records, row).split("\t")[0][:size], found or "nothing: its end"


def _read_header(path: Path) -> tuple[list[str], dict[str, int]]:
    """Names of samples, and length of contigs (0 where it is not said)."""
    import pysam

    loudness = pysam.set_verbosity(0)  # else an index that is still to be made is missed on stderr
    try:
        with pysam.VariantFile(os.fspath(path)) as file:
            samples = [str(name) for name in file.header.samples]
            lengths = {str(n): int(c.length or 0) for n, c in file.header.contigs.items()}
    except (OSError, ValueError) as error:
        msg = f"{path.name} must be a VCF or BCF file; it cannot be read as one ({error})"
        raise ValueError(msg) from None
    finally:
        pysam.set_verbosity(loudness)
    if not samples:
        msg = f"{path.name} must hold samples with genotypes; found a file of sites alone"
        raise ValueError(msg)
    return samples, lengths


def _chosen(samples: Sequence[str] | None, columns: list[str], name: str) -> tuple[str, ...]:
    """Check the names of samples that are asked for."""
    if samples is None:
        return tuple(columns)
    if isinstance(samples, str) or not len(samples):
        msg = f"samples must be a list of at least one name; found {shown(samples)}"
        raise ValueError(msg)
    wanted = tuple(samples)
    unknown = [sample for sample in wanted if sample not in columns]
    if unknown:
        msg = f"samples must be in {name}; found {unknown[0]!r}. It has {_some(columns)}"
        raise ValueError(msg)
    if len(set(wanted)) < len(wanted):
        twice = next(sample for sample in wanted if wanted.count(sample) > 1)
        msg = f"samples must be named once each; found {twice!r} {wanted.count(twice)} times"
        raise ValueError(msg)
    return wanted


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")


def _twin(contig: str) -> str:
    """The name that the other habit gives a contig: 1 and chr1, MT and chrM."""
    other = {"MT": "chrM", "chrM": "MT"}
    return other.get(contig, contig[3:] if contig.startswith("chr") else f"chr{contig}")


def _is_plain(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) != b"\x1f\x8b"


def _is_bcf(path: Path) -> bool:
    if _is_plain(path):
        return False
    with gzip.open(path) as file:
        return file.read(3) == b"BCF"


def _check_blocks(path: Path) -> None:
    """Refuse files not in blocks of gzip, as the first header says (SAM specification, section 4.1)."""
    with path.open("rb") as file:
        head = file.read(14)
    if head[:4] == b"\x1f\x8b\x08\x04" and head[12:14] == b"BC":
        return
    text = path.name.removesuffix(".gz")
    unzip = f"gunzip {path.name} && " if text != path.name else ""
    msg = (
        f"{path.name} must be compressed in blocks, so that it can be indexed. Run: {unzip}bgzip {text} "
        f"&& tabix -p vcf {text}.gz"
    )
    raise ValueError(msg)


def _ensure_index(path: Path, longest: int) -> None:
    """Make an index if there is none; `longest` is the length of the longest contig, bp."""
    import pysam

    indexes = [path.with_name(path.name + suffix) for suffix in (".tbi", ".csi")]
    if any(index.exists() for index in indexes):
        return
    _check_blocks(path)
    is_bcf = _is_bcf(path)
    preset: Any = "bcf" if is_bcf else "vcf"
    with_csi = is_bcf or longest > 2**29  # what the older kind of index can hold
    way_out = f"Run: {f'bcftools index {path.name}' if with_csi else f'tabix -p vcf {path.name}'}"
    if not os.access(path.parent, os.W_OK):
        msg = f"{path.name} must have an index beside it, and {path.parent} cannot be written. {way_out}"
        raise ValueError(msg)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        made = os.path.join(folder, "index")
        try:
            pysam.tabix_index(os.fspath(path), preset=preset, index=made, csi=with_csi, force=True)
        except OSError:
            msg = (
                f"{path.name} cannot be indexed: its records must be sorted by contig and position. Run: "
                f"bcftools sort {path.name} -Oz -o sorted.vcf.gz"
            )
            raise ValueError(msg) from None
        os.replace(made, indexes[with_csi])
