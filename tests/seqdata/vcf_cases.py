"""Small VCF files and genomes, and the haplotypes that they describe by a plain reading."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pysam
from hypothesis import strategies as st

from seqdata.readers.protocol import RegionSource
from seqdata.readers.vcf import VCF
from seqdata.windows import Windows, cut

Change = tuple[int, str, str]  # first base, REF and the allele carried
Record = tuple[str, int, str, str, list[str]]  # contig, first base, REF, ALT, calls
COMPLEMENT = str.maketrans("ACGTNacgtn", "TGCANtgcan")
HEADER = '##fileformat=VCFv4.2\n##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
HEADER += '##INFO=<ID=END,Number=1,Type=Integer,Description="End">\n'
HEADER += '##ALT=<ID=DEL,Description="Deletion">\n'


# the oracle: one haplotype of a whole contig, from which windows are cut


def trimmed(start: int, ref: str, alt: str) -> tuple[int, int, str]:
    """What REF and allele do not share: span and the letters that take its place."""

    def without_end(ref: str, alt: str, least: int) -> tuple[str, str]:
        while min(len(ref), len(alt)) > least and ref[-1].upper() == alt[-1].upper():
            ref, alt = ref[:-1], alt[:-1]
        return ref, alt

    ref, alt = without_end(ref, alt, 1)
    same = [a == b for a, b in zip(ref.upper(), alt.upper(), strict=False)]
    shared = [*same, False].index(False)
    ref, alt = without_end(ref[shared:], alt[shared:], 0)
    return start + shared, start + shared + len(ref), alt


def haplotype(reference: str, changes: Sequence[Change]) -> list[tuple[str, int]]:
    """Letters and coordinates of a contig with changes, the first of those that overlap."""
    slots = [[(letter, i)] for i, letter in enumerate(reference)]
    inserted: list[list[tuple[str, int]]] = [[] for _ in range(len(reference) + 1)]
    owner: dict[int, int] = {}
    spans = [trimmed(*change) for change in changes]
    for number, (start, end, letters) in enumerate(
        sorted(spans, key=lambda s: (s[0], s[1] > s[0]))
    ):
        if start == end:
            is_within = start in owner and owner.get(start) == owner.get(start - 1)
            if letters and not inserted[start] and not is_within:
                inserted[start] = [(letter, max(start - 1, 0)) for letter in letters]
        elif not any(i in owner for i in range(start, end)):
            for i in range(start, end):
                owner[i] = number
                slots[i] = [(letter, i) for letter in letters[i - start : i - start + 1]]
            slots[end - 1] += [(letter, end - 1) for letter in letters[end - start :]]
    return [pair for i, slot in enumerate([*slots, []]) for pair in inserted[i] + slot]


def window(
    whole: list[tuple[str, int]], length: int, start: int, end: int, strand: str = "+"
) -> tuple[str, list[int]]:
    """Letters and coordinates of a window, what is beyond the contig marked."""
    low, high = max(start, 0), min(end, length)
    found = [pair for pair in whole if pair[1] >= low][: high - low]
    found += [("N", -1)] * (high - low - len(found))
    found = [("N", -1)] * (low - start) + found + [("N", -1)] * (end - high)
    letters, places = "".join(letter for letter, _ in found), [place for _, place in found]
    if strand == "-":
        return letters[::-1].translate(COMPLEMENT), places[::-1]
    return letters, places


# files


def write_genome(folder: Path, contigs: dict[str, str], name: str = "g.fa") -> Path:
    path = folder / name
    path.write_text("".join(f">{contig}\n{letters}\n" for contig, letters in contigs.items()))
    return path


def write_vcf(
    folder: Path,
    samples: Sequence[str],
    records: Sequence[Record],
    *,
    name: str = "v.vcf",
    contigs: Sequence[str] = ("chr1", "chr2"),
    info: str = ".",
    form: str = "GT",
    compress: bool = True,
) -> Path:
    lines = [f"##contig=<ID={contig}>" for contig in contigs]
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + "\t".join(samples))
    for contig, start, ref, alt, calls in records:
        fixed = [contig, str(start + 1), ".", ref, alt, ".", ".", info, form]
        lines.append("\t".join([*fixed, *calls]))
    path = folder / name
    path.write_text(HEADER + "\n".join(lines) + "\n")
    if not compress:
        return path
    pysam.tabix_compress(str(path), f"{path}.gz", force=True)
    return folder / f"{name}.gz"


def one(folder: Path, letters: str, changes: Sequence[tuple[int, str, str]], **options: Any) -> VCF:
    """A genome of one contig and a haploid sample that carries all of these."""
    genome = write_genome(folder, {"chr1": letters})
    records = [("chr1", start, ref, alt, ["1"]) for start, ref, alt in changes]
    return VCF(write_vcf(folder, ["Ann"], records), genome, **options)


def rows_of(reader: RegionSource, rows: Sequence[tuple[str, int, int, str]]) -> np.ndarray:
    """What the engine cuts for these windows."""
    table = pd.DataFrame(rows, columns=["chrom", "low", "high", "strand"])
    windows = Windows(
        table["chrom"].to_numpy(dtype=object), (table["strand"] == "-").to_numpy(),
        np.arange(len(rows) + 1), table["low"].to_numpy(), table["high"].to_numpy(),
    )  # fmt: skip
    return cut(reader, windows, {name: name for name in reader.contigs()})


def letters_of(reader: VCF, start: int, end: int, strand: str = "+") -> list[str]:
    """A window of chr1, one text for each haplotype."""
    found = rows_of(reader, [("chr1", start, end, strand)])[0]
    return [row.tobytes().decode() for row in found.reshape(-1, end - start)]


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """A small genome, variants of two samples, and windows over it."""
    base = st.sampled_from("ACGTac")
    contigs = {name: draw(st.text(base, min_size=1, max_size=40)) for name in ("chr1", "chr2")}
    ploidy = draw(st.integers(1, 3))
    records = []
    for contig, letters in contigs.items():
        starts = draw(st.lists(st.integers(0, len(letters) - 1), max_size=9))
        for start in sorted(starts):
            ref = letters[start : start + draw(st.sampled_from([1, 1, 1, 2, 3, 7]))]
            own = st.one_of(
                st.just("*"),
                st.text(base, min_size=1, max_size=4),
                st.just(ref[:1]),
                st.text(base, max_size=3).map(lambda text, ref=ref: ref + text),
                st.text(base, min_size=1, max_size=2).map(lambda text, ref=ref: text + ref),
            )
            alts = draw(st.lists(own, min_size=1, max_size=2))
            allele = st.sampled_from([".", *map(str, range(len(alts) + 1)), "1", "1"])
            calls = st.lists(allele, min_size=ploidy, max_size=ploidy)
            separator = draw(st.sampled_from("|/"))
            texts = [separator.join(draw(calls)) for _ in range(2)]
            records.append((contig, start, ref, ",".join(alts), texts))
    spans = st.tuples(st.sampled_from(sorted(contigs)), st.integers(-6, 39), st.integers(1, 30))
    rows = [
        (c, a, a + size, draw(st.sampled_from("+-")))
        for c, a, size in draw(st.lists(spans, min_size=1, max_size=6))
        if a < len(contigs[c]) and a + size > 0
    ]
    return {
        "contigs": contigs, "ploidy": ploidy, "records": records, "rows": rows or [("chr1", 0, 1, "+")],
        "missing": draw(st.sampled_from(["reference", "N"])), "indels": draw(st.booleans()),
        "grouping": draw(st.sampled_from([(0, 1, 40, 0), (310, 5, 300, 1), (1 << 22, 4 << 20, 9_999, 500)])),
    }  # fmt: skip


def carried(case: dict[str, Any], contig: str, sample: int, hap: int) -> list[Change]:
    """What a haplotype carries, by a plain reading of the records."""
    found = []
    for name, start, ref, alt, calls in case["records"]:
        if name != contig:
            continue
        allele = calls[sample].replace("/", "|").split("|")[hap]
        if allele == "." and case["missing"] == "N":
            # REF of one letter more on either side of nothing, so that nothing is shared
            found.append((start, ref, "N" * len(ref)))
        elif allele not in ".0":
            letters = alt.split(",")[int(allele) - 1]
            low, high, rest = trimmed(start, ref, letters)
            if letters != "*" and (case["indels"] or high - low == len(rest)):
                found.append((start, ref, letters))
    return found
