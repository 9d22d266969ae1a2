"""A look at the records of a VCF file before they are used."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple

import numpy as np

from seqdata.findings import Finding, Severity
from seqdata.readers.protocol import RegionSource

_RECORDS = 50_000  # records that are compared with the genome at a time
_OTHER_BUILD = 0.05  # share of wrong reference alleles that tells of another genome

_ADVICE: dict[str, tuple[Severity, str]] = {
    "variants_unreadable": (
        "error",
        "records have no position or alleles; write the file anew, such as with bcftools",
    ),
    "contig_names": (
        "error",
        "records are on contigs that the genome names otherwise; rename them",
    ),
    "contig_missing": ("error", "records are on contigs that the genome lacks; remove them"),
    "variant_beyond_contig": (
        "error",
        "records lie beyond their contig; are they of another genome build? Lift them over",
    ),
    "unsorted_variants": ("error", "records are out of order; sort the file with: bcftools sort"),
    "multiallelic_variants": (
        "warning",
        "records have several alternative alleles; split them with: bcftools norm -m -any",
    ),
    "unatomised_variants": (
        "warning",
        "records replace several bases at once; take them apart with: bcftools norm --atomize",
    ),
    "untrimmed_variants": (
        "note",
        "records repeat bases that reference and alternative share; trim them with: bcftools norm -f",
    ),
    "symbolic_alleles": (
        "warning",
        "records have alleles without letters (<DEL>, *, breakends); remove or rewrite them",
    ),
}


class _Record(NamedTuple):
    contig: str
    start: int
    ref: str
    alts: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.contig}:{self.start + 1} {self.ref[:20]}>{','.join(self.alts)[:20]}"


class _Tally:
    """How many records each check found, and the first of them."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.examples: dict[str, str] = {}
        self.records = 0
        self.compared = 0

    def add(self, check: str, example: object) -> None:
        self.counts[check] = self.counts.get(check, 0) + 1
        if check not in self.examples:
            self.examples[check] = str(example)


def check_variants(path: Path, genome: RegionSource | None) -> Iterator[Finding]:
    r"""Read all records of a VCF file and say what is wrong with them.

    Parameters
    ----------
    path
        VCF file, plain or gzipped (``.gz`` or ``.bgz``).
    genome
        Reader of the genome that reference alleles are compared with, in either case of letters, or None.

    Raises
    ------
    ValueError
        If it is a BCF file.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.vcf"); _ = path.write_text("c\t5\t.\tA\tC,G\n")
    >>> [(finding.check, finding.example) for finding in check_variants(path, None)]
    [('multiallelic_variants', 'c:5 A>C,G'), ('ref_unchecked', '')]
    """
    if path.suffix == ".bcf":
        msg = f"variants must be a VCF file; found {path.name}. Convert it with: bcftools view -Oz"
        raise ValueError(msg)
    tally = _Tally()
    try:
        for batch in _batches(path, tally):
            _compare(batch, genome, tally)
    except (OSError, EOFError, zlib.error) as error:
        message = f"{path.name} breaks off or is damaged ({error}); fetch it again"
        yield Finding("error", "variants_unreadable", "variants", message, 1, path.name)
    for check, (severity, advice) in _ADVICE.items():
        if check in tally.counts:
            number = tally.counts[check]
            message = f"{number:,} of {tally.records:,} {advice}"
            yield Finding(severity, check, "variants", message, number, tally.examples[check])
    yield from _references(tally, genome)


def twin_of(contig: str, known: Mapping[str, int]) -> str:
    """Give the name by which `known` has a contig of another naming convention, or ``""``.

    Examples
    --------
    >>> twin_of("chrM", {"1": 5, "MT": 3}), twin_of("2", {"chr1": 5})
    ('MT', '')
    """
    bare = contig[3:] if contig.lower().startswith("chr") else contig
    names = {"M": ("M", "MT"), "MT": ("M", "MT")}.get(bare.upper(), (bare,))
    candidates = (f"{prefix}{name}" for name in names for prefix in ("chr", "", "Chr", "CHR"))
    return next((name for name in candidates if name in known and name != contig), "")


def _references(tally: _Tally, genome: RegionSource | None) -> Iterator[Finding]:
    if genome is None:
        message = (
            "reference alleles were not compared; pass the genome, such as seq=GenomeFASTA(...)"
        )
        yield Finding("note", "ref_unchecked", "variants", message, tally.records)
        return
    wrong = tally.counts.get("ref_mismatch", 0)
    if wrong:
        is_other = wrong > _OTHER_BUILD * tally.compared
        advice = "use the genome build they are of" if is_other else "remove or mend these records"
        message = (
            f"{wrong:,} of {tally.compared:,} reference alleles ({wrong / tally.compared:.1%}) differ from "
            f"the genome; {advice}"
        )
        yield Finding(
            "error", "ref_mismatch", "variants", message, wrong, tally.examples["ref_mismatch"]
        )


def _batches(path: Path, tally: _Tally) -> Iterator[list[_Record]]:
    batch: list[_Record] = []
    finished: set[str] = set()
    contig, start = "", -1
    with _opened(path) as lines:
        for line in lines:
            if line.startswith("#") or not line.strip():
                continue
            tally.records += 1
            record = _record(line)
            if record is None:
                tally.add("variants_unreadable", line[:40].strip())
                continue
            if record.contig != contig:
                finished.add(contig)
                contig, start = record.contig, -1
            if record.contig in finished or record.start < start:
                tally.add("unsorted_variants", record)
            start = record.start
            _check_alleles(record, tally)
            batch.append(record)
            if len(batch) == _RECORDS:
                yield batch
                batch = []
    if batch:
        yield batch


def _opened(path: Path) -> IO[str]:
    opener: Any = gzip.open if path.suffix in (".gz", ".bgz") else open
    stream: IO[str] = opener(path, "rt", encoding="latin-1")
    return stream


def _record(line: str) -> _Record | None:
    fields = line.rstrip("\r\n").split("\t", 5)
    if len(fields) < 5 or not fields[1].isdecimal() or not fields[3] or not fields[4]:
        return None
    alts = () if fields[4] == "." else tuple(fields[4].split(","))
    return _Record(fields[0], int(fields[1]) - 1, fields[3], alts)


def _check_alleles(record: _Record, tally: _Tally) -> None:
    if len(record.alts) > 1:
        tally.add("multiallelic_variants", record)
    plain = [alt for alt in record.alts if alt.isalpha()]
    if len(plain) < len(record.alts):
        tally.add("symbolic_alleles", record)
    kinds = {_kind(record.ref.upper(), alt.upper()) for alt in plain}
    if "compound" in kinds:
        tally.add("unatomised_variants", record)
    elif "untrimmed" in kinds and len(record.alts) == 1:
        tally.add("untrimmed_variants", record)


def _kind(ref: str, alt: str) -> Literal["simple", "untrimmed", "compound"]:
    """Tell one substitution, or one insertion or deletion behind a base, from anything else."""
    is_simple = min(len(ref), len(alt)) == 1 and (len(ref) == len(alt) or ref[0] == alt[0])
    if is_simple:
        return "simple"
    before = _shared(ref, alt)
    behind = _shared(ref[before:][::-1], alt[before:][::-1])
    left = sorted(len(allele) - before - behind for allele in (ref, alt))
    return "untrimmed" if left[0] == 0 or left == [1, 1] else "compound"


def _shared(ref: str, alt: str) -> int:
    """Count the letters that both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(ref, alt, strict=False)))


def _compare(batch: list[_Record], genome: RegionSource | None, tally: _Tally) -> None:
    """Compare the reference alleles of some records with the genome."""
    if genome is None:
        return
    known = genome.contigs()
    by_contig: dict[str, list[_Record]] = {}
    for record in batch:
        if record.contig not in known:
            is_renamed = bool(twin_of(record.contig, known))
            tally.add("contig_names" if is_renamed else "contig_missing", record)
        elif not 0 <= record.start <= known[record.contig] - len(record.ref):
            tally.add("variant_beyond_contig", record)
        else:
            by_contig.setdefault(record.contig, []).append(record)
    for contig, records in by_contig.items():
        for record, found in zip(records, _letters(genome, contig, records), strict=True):
            tally.compared += 1
            if record.ref.upper() != found.upper():
                tally.add("ref_mismatch", f"{record} (genome: {found[:20]})")


def _letters(genome: RegionSource, contig: str, records: list[_Record]) -> list[str]:
    starts = np.array([record.start for record in records], dtype=np.int64)
    sizes = np.array([len(record.ref) for record in records], dtype=np.int64)
    places = np.cumsum(sizes) - sizes
    out = np.empty(int(sizes.sum()), dtype=np.uint8)
    order = np.argsort(starts, kind="stable")
    genome.read(contig, starts[order], (starts + sizes)[order], out, places[order])
    text = out.tobytes().decode("latin-1")
    return [text[place : place + size] for place, size in zip(places, sizes, strict=True)]
