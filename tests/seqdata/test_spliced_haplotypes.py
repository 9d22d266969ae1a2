"""Haplotypes of spliced rows: the exons' own letters with their indels, and never an intron's."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.seqdata.vcf_cases import (
    COMPLEMENT,
    Record,
    carried,
    cases,
    haplotype,
    write_genome,
    write_vcf,
)

import seqdata as sd
from seqdata.readers import variants
from seqdata.readers.vcf import VCF
from seqdata.testing import assert_conforms

Exons = list[tuple[int, int]]


def transcript(
    whole: list[tuple[str, int]], length: int, exons: Exons, strand: str
) -> tuple[str, list[int]]:
    """Letters and coordinates of a spliced row, by a plain reading of its rule."""
    size = sum(end - start for start, end in exons)
    pairs = [pair for start, end in exons for pair in whole if start <= pair[1] < end]
    before = sum(max(min(end, 0) - start, 0) for start, end in exons)
    behind = sum(max(end - max(start, length), 0) for start, end in exons)
    if strand == "-":
        pairs, before = [(letter.translate(COMPLEMENT), i) for letter, i in pairs[::-1]], behind
    row = ([("N", -1)] * before + pairs + [("N", -1)] * size)[:size]
    return "".join(letter for letter, _ in row), [i for _, i in row]


def table_of(rows: list[tuple[str, Exons, str]]) -> pd.DataFrame:
    return pd.DataFrame({
        "chrom": [contig for contig, _, _ in rows],
        "chromStart": [exons[0][0] for _, exons, _ in rows],
        "chromEnd": [exons[-1][1] for _, exons, _ in rows],
        "strand": [strand for _, _, strand in rows],
        "exon_starts": [np.array([start for start, _ in exons]) for _, exons, _ in rows],
        "exon_ends": [np.array([end for _, end in exons]) for _, exons, _ in rows],
    })  # fmt: skip


@st.composite
def transcripts(draw: st.DrawFn, lengths: dict[str, int]) -> list[tuple[str, Exons, str]]:
    """Rows of one to four exons, some beside each other, in any order."""
    rows = []
    for _ in range(draw(st.integers(1, 5))):
        contig = draw(st.sampled_from(sorted(lengths)))
        count = draw(st.integers(1, 4))
        places = sorted(
            draw(st.sets(st.integers(0, lengths[contig]), min_size=2, max_size=2 * count))
        )
        places = places[: len(places) // 2 * 2]
        exons = list(zip(places[::2], places[1::2], strict=True))
        rows.append((contig, exons, draw(st.sampled_from("+-."))))
    return rows


@settings(deadline=None, max_examples=40)
@given(case=cases(), data=st.data())
def test_spliced_haplotypes_are_what_their_exons_have(
    case: dict[str, Any], data: st.DataObject
) -> None:
    """Any variants, exons and strands, jitter room over the contig's ends, windows read in any groups."""
    lengths = {name: len(letters) for name, letters in case["contigs"].items()}
    rows = data.draw(transcripts(lengths))
    room, (gap, run, _, _) = data.draw(st.sampled_from([0, 3])), case["grouping"]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(variants, "_GAP", gap)
        patch.setattr(variants, "_LEAST_GAP", 0)
        patch.setattr(variants, "_RUN", run)
        genome = write_genome(Path(folder), case["contigs"])
        path = write_vcf(Path(folder), ["Ann", "Ben"], case["records"])
        reader = VCF(
            path, genome, missing=case["missing"], unphased="as_is", indels=case["indels"],
            ploidy=case["ploidy"],
        )  # fmt: skip
        ds = sd.build(
            table_of(rows), hap=reader, place=reader.positions(), max_jitter=room, block_bytes=40
        )
    for i, (contig, exons, strand) in enumerate(rows):
        wide = [list(exon) for exon in exons]
        wide[0][0] -= room
        wide[-1][1] += room
        for sample in range(2):
            for hap in range(case["ploidy"]):
                whole = haplotype(case["contigs"][contig], carried(case, contig, sample, hap))
                expected = transcript(whole, lengths[contig], [(a, b) for a, b in wide], strand)
                found = [values_of(ds, name, i)[..., sample, hap, :] for name in ("hap", "place")]
                assert found[0].tobytes().decode() == expected[0]
                assert found[1].tolist() == expected[1]


def values_of(ds: Any, name: str, row: int) -> np.ndarray:
    """A row, positions last."""
    if f"{name}_size" in ds:
        return np.moveaxis(sd.ragged(ds, name)[row], 0, -1)
    return ds[name].values[row]


GENOME = "AACCGGTTACGTACGTTTGA"
CASES = {
    "deletion within an exon": ([(3, "CGG", "C")], "ACCCGTNN", "ACGGGTNN"),
    "deletion over an exon's end": ([(4, "GGTTA", "G")], "ACCGCGTN", "ACGCGGTN"),
    "deletion of a whole exon": ([(7, "TACGTA", "T")], "ACCGGNNN", "CCGGTNNN"),
    "insertion within an exon": ([(3, "C", "CTT")], "ACCTTGGC", "ACGCCAAG"),
    "insertion after an exon's last base": ([(5, "G", "GAA")], "ACCGGAAC", "ACGTTCCG"),
    "insertion before an exon's first base": ([(8, "A", "AAAA")], "ACCGGCGT", "ACGCCGGT"),
    "SNP in the intron": ([(7, "T", "A")], "ACCGGCGT", "ACGCCGGT"),
}


@pytest.mark.parametrize(("changes", "forward", "reverse"), CASES.values(), ids=CASES)
def test_indels_of_transcripts(
    tmp_path: Path, changes: list[tuple[int, str, str]], forward: str, reverse: str
) -> None:
    """Exons ACCGG (1 to 6) and CGT (9 to 12): the transcript is longer or shorter at its 3' end."""
    records: list[Record] = [("chr1", start, ref, alt, ["1"]) for start, ref, alt in changes]
    genome = write_genome(tmp_path, {"chr1": GENOME})
    reader = VCF(write_vcf(tmp_path, ["Ann"], records), genome)
    exons = [(1, 6), (9, 12)]
    ds = sd.build(table_of([("chr1", exons, "+"), ("chr1", exons, "-")]), hap=reader)
    assert [row.tobytes().decode() for row in ds["hap"].values[:, 0, 0]] == [forward, reverse]


def test_rows_of_one_exon_keep_to_the_rule_of_spliced_rows(tmp_path: Path) -> None:
    """Else transcripts of one exon would be lengthened with what follows them, and others not."""
    genome = write_genome(tmp_path, {"chr1": GENOME})
    reader = VCF(write_vcf(tmp_path, ["Ann"], [("chr1", 3, "CGG", "C", ["1"])]), genome)
    one = [("chr1", [(1, 8)], "+"), ("chr1", [(1, 8)], "-")]
    ds = sd.build(table_of(one), hap=reader)
    assert [row.tobytes() for row in ds["hap"].values[:, 0, 0]] == [b"ACCTTNN", b"AAGGTNN"]


def test_spliced_haplotypes_follow_the_contract_and_go_to_stores(tmp_path: Path) -> None:
    genome = write_genome(tmp_path, {"chr1": GENOME})
    records: list[Record] = [
        ("chr1", 3, "CGG", "C", ["0|1", "0/1"]),
        ("chr1", 9, "C", "CA", ["1|1", "0|0"]),
    ]
    path = write_vcf(tmp_path, ["Ann", "Ben"], records)
    table = table_of([("chr1", [(1, 6), (9, 12)], "+"), ("chr1", [(0, 3), (8, 19)], "-")])
    reader = VCF(path, genome, unphased="as_is")
    kept = sd.build(table, hap=reader)
    stored = sd.build(table, hap=reader, out=tmp_path / "a.zarr", workers=2, block_bytes=10)
    assert_conforms(kept)
    np.testing.assert_array_equal(kept["hap"].values, stored["hap"].values)
    with pytest.raises(ValueError, match=r"must be phased .* sample 'Ben' has 0/1 at chr1, POS 4"):
        sd.build(table, hap=VCF(path, genome))
    away = table_of([("chr1", [(0, 2), (8, 12)], "+")])
    assert sd.build(away, hap=VCF(path, genome))["hap"].values[0, 0, 0].tobytes() == b"AAACAG"
