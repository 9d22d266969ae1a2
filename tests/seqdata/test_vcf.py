"""Haplotypes from VCF files: each sample's own letters, whatever the variants do to lengths."""

from __future__ import annotations

import gzip
import itertools
import os
import pickle
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pysam
import pytest
from hypothesis import given, settings
from tests.seqdata.vcf_cases import (
    COMPLEMENT,
    HEADER,
    Change,
    Record,
    carried,
    cases,
    haplotype,
    letters_of,
    one,
    rows_of,
    window,
    write_genome,
    write_vcf,
)

import seqdata as sd
from seqdata.readers import variant_files, variant_text, variants
from seqdata.readers.fasta import GenomeFASTA
from seqdata.readers.protocol import RegionSource
from seqdata.readers.vcf import VCF
from seqdata.testing import assert_conforms

# the law


@settings(deadline=None, max_examples=60)
@given(case=cases())
def test_windows_are_those_of_the_whole_haplotype(case: dict[str, Any]) -> None:
    """Any variants, overlapping or not, any windows: the letters and places of the whole contig's."""
    gap, run, size, room = case["grouping"]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(variants, "_GAP", gap)
        patch.setattr(variants, "_LEAST_GAP", 0)
        patch.setattr(variants, "_RUN", run)
        patch.setattr(variants, "_ROOM", room)
        patch.setattr(variant_text, "_LEAST", size)
        patch.setattr(variant_text, "_MOST", size)
        patch.setattr(variant_text, "_WHOLE", 8 << 20 if size == 9_999 else -1)
        patch.setattr(variants, "_AHEAD", size)
        genome = write_genome(Path(folder), case["contigs"])
        path = write_vcf(Path(folder), ["Ann", "Ben"], case["records"])
        reader = VCF(
            path, genome, samples=["Ben", "Ann"], missing=case["missing"], unphased="as_is",
            indels=case["indels"], ploidy=case["ploidy"],
        )  # fmt: skip
        for contig, start, end, strand in case["rows"]:
            row = [(contig, start, end, strand)]
            letters, places = rows_of(reader, row)[0], rows_of(reader.positions(), row)[0]
            for column, sample in enumerate([1, 0]):
                for hap in range(case["ploidy"]):
                    changes = carried(case, contig, sample, hap)
                    whole = haplotype(case["contigs"][contig], changes)
                    length = len(case["contigs"][contig])
                    expected = window(whole, length, start, end, strand)
                    assert letters[column, hap].tobytes().decode() == expected[0]
                    assert places[column, hap].tolist() == expected[1]
        sizes = {end - start for _, start, end, _ in case["rows"]}
        if len(sizes) == 1:
            together = rows_of(reader, case["rows"])
            apart = np.concatenate([rows_of(reader, [row]) for row in case["rows"]])
            np.testing.assert_array_equal(together, apart)


# by hand

GENOME = "AACCGGTTAC"
BY_HAND = {
    "SNP": ([(2, "C", "T")], 1, 6, "ATCGG", [1, 2, 3, 4, 5]),
    "deletion": ([(2, "CCG", "C")], 1, 6, "ACGTT", [1, 2, 5, 6, 7]),
    "insertion": ([(2, "C", "CTT")], 1, 6, "ACTTC", [1, 2, 2, 2, 3]),
    "insertion after the base before the window": ([(2, "C", "CTT")], 3, 6, "CGG", [3, 4, 5]),
    "insertion after the last base": ([(5, "G", "GTT")], 3, 6, "CGG", [3, 4, 5]),
    "deletion over the start": ([(1, "ACCG", "A")], 3, 6, "GTT", [5, 6, 7]),
    "deletion to the contig's end": ([(6, "TTAC", "T")], 4, 9, "GGTNN", [4, 5, 6, -1, -1]),
    "replacement": ([(2, "CCG", "TAA")], 1, 6, "ATAAG", [1, 2, 3, 4, 5]),
    "shorter replacement over the start": ([(2, "CCG", "TA")], 3, 6, "AGT", [3, 5, 6]),
    "longer replacement over the start": ([(2, "CC", "TAGG")], 3, 7, "AGGG", [3, 3, 3, 4]),
    "insertion at the contig's start": ([(0, "A", "TTA")], 0, 3, "TTA", [0, 0, 0]),
    "deletion at the contig's start": ([(0, "AAC", "C")], 0, 3, "CCG", [2, 3, 4]),
    "not left-aligned": ([(2, "CCGG", "CCG")], 1, 6, "ACCGT", [1, 2, 3, 5, 6]),
    "SNP and deletion at one POS": ([(2, "C", "T"), (2, "CCG", "C")], 1, 5, "ATGT", [1, 2, 5, 6]),
    "two insertions at one place": ([(2, "C", "CA"), (2, "C", "CTTT")], 2, 6, "CACG", [2, 2, 3, 4]),
    "SNP in a deletion": ([(1, "ACCG", "A"), (3, "C", "T")], 0, 4, "AAGT", [0, 1, 5, 6]),
    "an overlapped one does not hold": (
        [(0, "AAC", "A"), (1, "ACC", "A"), (3, "C", "T")], 3, 6, "TGG", [3, 4, 5],
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "start", "end", "letters", "places"), BY_HAND.values(), ids=BY_HAND
)
def test_case_42_an_indel_keeps_the_length_of_its_window(
    tmp_path: Path, changes: list[Change], start: int, end: int, letters: str, places: list[int]
) -> None:
    reader = one(tmp_path, GENOME, changes)
    assert letters_of(reader, start, end) == [letters]
    assert rows_of(reader.positions(), [("chr1", start, end, "+")])[0, 0, 0].tolist() == places
    assert letters_of(reader, start, end, "-") == [letters[::-1].translate(COMPLEMENT)]


def test_what_is_left_of_a_window_decides_through_a_chain_of_overlaps(tmp_path: Path) -> None:
    """A loses nothing, B overlaps A, C overlaps B: C is applied, also where only B reaches the window."""
    changes = [(0, "AACC", "A"), (2, "CCGGTT", "C"), (6, "T", "G")]
    reader = one(tmp_path, GENOME, changes)
    assert letters_of(reader, 5, 9) == ["GGTA"]


def test_long_deletions_draw_in_what_is_far_to_the_right(tmp_path: Path) -> None:
    """Deletions of 900 and 1,500 bases one after the other, and SNPs behind each of them."""
    letters = np.random.default_rng(0).choice(np.frombuffer(b"ACG", "u1"), 4_000).tobytes().decode()
    changes = [(10, letters[10:911], letters[10]), (920, letters[920], "T"),
               (940, letters[940:2_441], letters[940]), (2_450, letters[2_450], "T")]  # fmt: skip
    reader = one(tmp_path, letters, changes)
    whole = haplotype(letters, changes)
    for start, end in [(0, 100), (5, 12), (500, 600), (930, 960)]:
        assert letters_of(reader, start, end) == [window(whole, 4_000, start, end)[0]]
    assert "T" in letters_of(reader, 0, 100)[0][40:]


@pytest.mark.parametrize(
    ("start", "end", "letters"),
    [(-2, 3, "NNTTA"), (-2, 5, "NNTTAAC"), (8, 12, "ATNN"), (-1, 12, "NTTAACCGGTTNN")],
)
def test_ends_of_the_contig_are_filled_apart_from_insertions(
    tmp_path: Path, start: int, end: int, letters: str
) -> None:
    """At the left the haplotype begins where the contig does; at the right N stand where they would in
    the reference, so that what is inserted there pushes the contig's last bases out."""
    reader = one(tmp_path, GENOME, [(0, "A", "TTA"), (8, "A", "ATT")])
    assert letters_of(reader, start, end) == [letters]


def test_samples_keep_their_letters_in_any_order(tmp_path: Path) -> None:
    """The published reader gives samples each other's letters when their order is not the file's (D3)."""
    names = ["Zoe", "Ann", "Max", "Ben"]
    genome = write_genome(tmp_path, {"chr1": GENOME})
    calls = ["0|1", "1|1", "0|0", "1|0"]
    path = write_vcf(tmp_path, names, [("chr1", 2, "C", "T", calls)])
    expected = {
        name: ["CT"[int(c)] for c in call.split("|")]
        for name, call in zip(names, calls, strict=True)
    }
    for order in (None, ["Ann", "Ben", "Max", "Zoe"], ["Ben", "Zoe"], names[::-1], ["Max"]):
        reader = VCF(path, genome, samples=order)
        region = pd.DataFrame({"chrom": ["chr1"], "chromStart": [2], "chromEnd": [3]})
        ds = sd.build(region, hap=reader)
        assert ds["hap_sample"].values.tolist() == (order or names)
        assert ds["hap_haplotype"].values.tolist() == ["1", "2"]
        for name in order or names:
            found = ds["hap"].sel(hap_sample=name).values[0, :, 0].tobytes().decode()
            assert list(found) == expected[name]


def test_alleles_go_by_their_number_and_haplotypes_by_their_place(tmp_path: Path) -> None:
    genome = write_genome(tmp_path, {"chr1": GENOME})
    records: list[Record] = [
        ("chr1", 1, "A", "T,*,C", ["1|3", "2|0"]),
        ("chr1", 4, "G", "GAA,GT", ["0|2", "1|0"]),
    ]
    reader = VCF(write_vcf(tmp_path, ["Ann", "Ben"], records), genome)
    assert letters_of(reader, 0, 8) == ["ATCCGGTT", "ACCCGTGT", "AACCGAAG", "AACCGGTT"]


@pytest.mark.parametrize(("call", "letters"), [("1", "TT"), ("1|0|0", None), ("0", "CC")])
def test_a_call_of_one_allele_stands_on_every_haplotype(
    tmp_path: Path, call: str, letters: str | None
) -> None:
    """A man's X; calls of any other number of alleles are refused."""
    genome = write_genome(tmp_path, {"chr1": GENOME})
    records: list[Record] = [("chr1", 2, "C", "T", ["0|1", call])]
    reader = VCF(write_vcf(tmp_path, ["Ann", "Ben"], records), genome, ploidy=2)
    if letters is None:
        message = r"must have 2 alleles .* found '1\|0\|0'|'1\|0\|0' at chr1, POS 3, ALT T, of sample 'Ben'"
        with pytest.raises(ValueError, match=message):
            letters_of(reader, 0, 4)
    else:
        assert "".join(letters_of(reader, 2, 3)[2:]) == letters


def test_unphased_genotypes_are_refused_unless_asked_for(tmp_path: Path) -> None:
    genome = write_genome(tmp_path, {"chr1": GENOME})
    records: list[Record] = [
        ("chr1", 0, "A", "G", ["1/1", "0/0"]),
        ("chr1", 2, "C", "T", ["0|1", "0/1"]),
        ("chr1", 3, "C", "T", ["1/0", "1/0"]),
        ("chr1", 6, "T", "*", ["1/0", "0/1"]),
    ]
    path = write_vcf(tmp_path, ["Ann", "Ben"], records)
    reader = VCF(path, genome)
    with pytest.raises(
        ValueError, match=r"must be phased \(0\|1\); sample 'Ann' has 1/0 at"
    ) as info:
        letters_of(reader, 0, 8)
    assert "at chr1, POS 4, of v.vcf.gz, one of 5 such calls from POS 1 to 7" in str(info.value)
    assert "pass unphased='as_is' to take alleles as they are written" in str(info.value)
    assert letters_of(VCF(path, genome, unphased="as_is"), 0, 4) == ["GACT", "GATC", "AACT", "AATC"]
    # homozygous calls, and calls that change nothing, need no phase; nor do windows that meet none
    assert letters_of(reader, 0, 2) == ["GA", "GA", "AA", "AA"]
    assert letters_of(reader, 4, 8) == ["GGTT"] * 4
    assert letters_of(VCF(path, genome, samples=["Ann"]), 0, 3) == ["GAC", "GAT"]


def test_an_unphased_variant_left_of_a_window_is_met_through_what_it_overlaps(
    tmp_path: Path,
) -> None:
    genome = write_genome(tmp_path, {"chr1": GENOME})
    records: list[Record] = [
        ("chr1", 1, "ACC", "A", ["0/1"]),
        ("chr1", 3, "CGG", "C", ["1|1"]),
    ]
    reader = VCF(write_vcf(tmp_path, ["Ann"], records), genome)
    assert letters_of(reader, 6, 8) == ["TT", "TT"]
    records[1] = ("chr1", 2, "CCGG", "C", ["1|1"])
    reader = VCF(write_vcf(tmp_path, ["Ann"], records, name="w.vcf"), genome)
    with pytest.raises(ValueError, match=r"must be phased .* POS 2"):
        letters_of(reader, 5, 8)


def test_missing_genotypes_by_policy(tmp_path: Path) -> None:
    genome = write_genome(tmp_path, {"chr1": GENOME})
    records: list[Record] = [("chr1", 2, "CC", "C,T", ["1|.", ".", "2|2"])]
    path = write_vcf(tmp_path, ["Ann", "Ben", "Cat"], records)
    with pytest.raises(
        ValueError,
        match=r"must not be missing; sample 'Ann' has 1\|. at chr1, POS 3.*one of 2 such",
    ):
        letters_of(VCF(path, genome), 0, 5)
    assert letters_of(VCF(path, genome, samples=["Cat"]), 0, 5) == ["AATGG"] * 2
    as_reference = letters_of(VCF(path, genome, missing="reference"), 0, 5)
    assert as_reference == ["AACGG", "AACCG", "AACCG", "AACCG", "AATGG", "AATGG"]
    as_n = letters_of(VCF(path, genome, missing="N"), 0, 5)
    assert as_n == ["AACGG", "AANNG", "AANNG", "AANNG", "AATGG", "AATGG"]


def test_a_record_without_genotypes_is_missing(tmp_path: Path) -> None:
    genome = write_genome(tmp_path, {"chr1": GENOME})
    path = write_vcf(tmp_path, ["Ann"], [("chr1", 2, "C", "T", ["30"])], form="DP")
    with pytest.raises(ValueError, match=r"must hold genotypes .* none in its first 1 records"):
        VCF(path, genome)
    reader = VCF(path, genome, ploidy=2, missing="N")
    assert letters_of(reader, 0, 5) == ["AANCG"] * 2


@pytest.mark.parametrize("allele", ["<DEL>", "C[chr1:9[", "]chr1:9]C", ".C", "<NON_REF>"])
def test_symbolic_alleles_are_refused_or_skipped_and_counted(
    tmp_path: Path, allele: str, caplog: pytest.LogCaptureFixture
) -> None:
    genome = write_genome(tmp_path, {"chr1": GENOME})
    records: list[Record] = [
        ("chr1", 2, "C", allele, ["0|1", "0|0"]),
        ("chr1", 4, "G", f"A,{allele}", ["1|1", "0|2"]),
    ]
    path = write_vcf(tmp_path, ["Ann", "Ben"], records)
    with pytest.raises(
        ValueError, match=r"must have letters; sample 'Ann' has 0\|1 at chr1, POS 3"
    ) as info:
        letters_of(VCF(path, genome), 0, 8)
    assert f"allele {allele}. Pass symbolic='skip'" in str(info.value)
    reader = VCF(path, genome, symbolic="skip")
    expected = ["AACCAGTT", "AACCAGTT", "AACCGGTT", "AACCGGTT"]
    assert letters_of(reader, 0, 8) == expected
    assert letters_of(reader, 0, 8) == expected
    assert caplog.messages == ["v.vcf.gz, chr1: 2 symbolic alleles are skipped (not said again)"]


def test_a_symbolic_deletion_that_began_before_the_window_is_not_passed_over(
    tmp_path: Path,
) -> None:
    genome = write_genome(tmp_path, {"chr1": GENOME})
    records: list[Record] = [("chr1", 1, "A", "<DEL>", ["1|0"])]
    path = write_vcf(tmp_path, ["Ann"], records, info="DP=3;END=6")
    for reader_options, refused in [({}, True), ({"symbolic": "skip"}, False)]:
        reader = VCF(path, genome, **reader_options)  # type: ignore[arg-type]
        if refused:
            with pytest.raises(ValueError, match=r"POS 2, of v.vcf.gz, allele <DEL>"):
                letters_of(reader, 4, 8)
        else:
            assert letters_of(reader, 4, 8) == ["GGTT"] * 2
        assert letters_of(reader, 6, 8) == ["TT"] * 2


def test_overlapping_variants_are_counted_in_the_log_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    changes = [(1, "ACC", "A"), (2, "C", "T"), (3, "C", "G"), (6, "T", "A")]
    reader = one(tmp_path, GENOME, changes)
    fresh = pickle.dumps(dict(reader.__getstate__(), reference=None))
    for _ in range(2):
        assert letters_of(reader, 0, 6) == ["AAGGAT"]
    assert caplog.messages == [
        "v.vcf.gz, chr1: 2 variants overlap an earlier one of their haplotype: left out (not said again)"
    ]
    used = pickle.dumps(dict(reader.__getstate__(), reference=None))
    assert used == fresh, "a build goes on only where its readers are the same bytes"


def test_without_indels_places_are_those_of_the_reference(tmp_path: Path) -> None:
    changes = [(1, "A", "T"), (2, "CC", "C"), (4, "GG", "TA"), (7, "T", "TGG"), (8, "AC", "TTT")]
    reader = one(tmp_path, GENOME, changes, indels=False)
    assert letters_of(reader, 0, 10) == ["ATCCTATTAC"]
    places = rows_of(reader.positions(), [("chr1", 0, 10, "+")])
    assert places[0, 0, 0].tolist() == list(range(10))


def test_case_is_kept_and_not_looked_at(tmp_path: Path) -> None:
    reader = one(tmp_path, "aaCcggNNac", [(2, "C", "t"), (3, "CG", "C"), (6, "A", "G")])
    assert letters_of(reader, 0, 9) == ["aatcgGNac"]


# files that do not fit


def test_a_ref_that_is_not_the_references_is_refused(tmp_path: Path) -> None:
    """Variants called on another build would give letters of no genome at all."""
    genome = write_genome(tmp_path, {"chr1": GENOME})
    records: list[Record] = [
        ("chr1", start, GENOME[start] if start < 6 else "G", "<DEL>", ["0"]) for start in range(10)
    ]
    reader = VCF(write_vcf(tmp_path, ["Ann"], records), genome)
    message = (
        r"v.vcf.gz has 'G' at chr1, POS 7, g.fa 'T'. Of the first 10 records 4 differ: most likely the "
        r"file is of another genome build"
    )
    with pytest.raises(ValueError, match=message):
        letters_of(reader, 5, 8)
    beyond = VCF(
        write_vcf(tmp_path, ["Ann"], [("chr1", 9, "CAA", "C", ["1"])], name="w.vcf"), genome
    )
    with pytest.raises(ValueError, match=r"w.vcf.gz has 'CAA' at chr1, POS 10, g.fa 'C'"):
        letters_of(beyond, 0, 10)


def test_few_wrong_refs_are_not_blamed_on_the_build(tmp_path: Path) -> None:
    genome = write_genome(tmp_path, {"chr1": "A" * 200})
    records: list[Record] = [("chr1", i, "C" if i == 90 else "A", "G", ["0"]) for i in range(150)]
    reader = VCF(write_vcf(tmp_path, ["Ann"], records), genome)
    with pytest.raises(
        ValueError, match=r"Of the first 150 records 1 differ: mend or remove these"
    ):
        letters_of(reader, 0, 200)


def test_contigs_by_other_names_are_refused_and_can_be_renamed(tmp_path: Path) -> None:
    """Without this every haplotype would be the reference, and nobody would know."""
    genome = write_genome(tmp_path, {"chr1": GENOME, "chrM": "ACGT"})
    records: list[Record] = [("1", 2, "C", "T", ["1"]), ("MT", 1, "C", "A", ["1"])]
    path = write_vcf(tmp_path, ["Ann"], records, contigs=["1", "MT"])
    message = (
        r"v.vcf.gz and g.fa must name contigs alike; the variants are on 1, MT, the reference has chr1, "
        r"chrM. Pass chrom_alias=\{'1': 'chr1', 'MT': 'chrM'\}"
    )
    with pytest.raises(ValueError, match=message):
        VCF(path, genome)
    with pytest.raises(ValueError, match=r"must name contigs alike.*chrom_alias=\{'MT': 'chrM'\}"):
        VCF(path, genome, chrom_alias={"1": "chr1"})
    reader = VCF(path, genome, chrom_alias={"1": "chr1", "MT": "chrM"})
    assert letters_of(reader, 0, 4) == ["AATC"]
    assert rows_of(reader, [("chrM", 0, 4, "+")]).tobytes() == b"AAGT"
    other = write_genome(tmp_path, {"NC_1": GENOME}, "other.fa")
    with pytest.raises(ValueError, match=r"the reference has NC_1. Pass chrom_alias="):
        VCF(path, other)


def test_a_contig_without_variants_is_the_reference(tmp_path: Path) -> None:
    genome = write_genome(tmp_path, {"chr1": GENOME, "chr2": "TTGGAA", "chr9": "CCC"})
    reader = VCF(write_vcf(tmp_path, ["Ann"], [("chr1", 2, "C", "T", ["1"])]), genome)
    assert dict(reader.contigs()) == {"chr1": 10, "chr2": 6, "chr9": 3}
    assert rows_of(reader, [("chr2", 1, 7, "+")]).tobytes() == b"TGGAAN"
    assert rows_of(reader, [("chr9", 0, 3, "-")]).tobytes() == b"GGG"


def test_contigs_of_other_lengths_are_of_another_build(tmp_path: Path) -> None:
    genome = write_genome(tmp_path, {"chr1": GENOME})
    records: list[Record] = [("chr1", 2, "C", "T", ["1"])]
    path = write_vcf(tmp_path, ["Ann"], records, contigs=["chr1,length=12"])
    with pytest.raises(
        ValueError, match=r"must be of one genome; the header gives chr1 12 bp, the ref"
    ):
        VCF(path, genome)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"samples": ["Ann", "Eve"]}, r"samples must be in v.vcf.gz; found 'Eve'. It has Ann, Ben"),
        ({"samples": ["Ann", "Ann"]}, r"named once each; found 'Ann' 2 times"),
        ({"samples": "Ann"}, r"must be a list of at least one name; found 'Ann'"),
        ({"samples": []}, r"must be a list of at least one name; found \[\]"),
        ({"unphased": "guess"}, r"unphased must be 'error' or 'as_is'; found 'guess'"),
        ({"missing": None}, r"missing must be 'error', 'reference' or 'N'; found None"),
        ({"symbolic": "N"}, r"symbolic must be 'error' or 'skip'; found 'N'"),
        ({"indels": 1}, r"indels must be True or False; found 1"),
        ({"ploidy": 0}, r"ploidy must be a whole number, at least 1; found 0"),
        (
            {"chrom_alias": {"1": "chr9"}},
            r"chrom_alias must lead to contigs of g.fa; found 'chr9'. It has chr1",
        ),
    ],
    ids=str,
)
def test_arguments_that_do_not_fit(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    genome = write_genome(tmp_path, {"chr1": GENOME})
    path = write_vcf(tmp_path, ["Ann", "Ben"], [("chr1", 2, "C", "T", ["0|1", "0|0"])])
    with pytest.raises(ValueError, match=message):
        VCF(path, genome, **options)


def test_files_that_hold_no_haplotypes(tmp_path: Path) -> None:
    genome = write_genome(tmp_path, {"chr1": GENOME})
    with pytest.raises(FileNotFoundError, match=r"no VCF file at .*a.vcf.gz"):
        VCF(tmp_path / "a.vcf.gz", genome)
    (tmp_path / "bed").write_text("chr1\t0\t5\n")
    with pytest.raises(ValueError, match=r"bed must be a VCF or BCF file"):
        VCF(tmp_path / "bed", genome)
    sites = tmp_path / "sites.vcf"
    sites.write_text(HEADER + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
    with pytest.raises(ValueError, match=r"sites.vcf must hold samples .* sites alone"):
        VCF(sites, genome)


def test_a_missing_index_is_made_or_told_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    genome = write_genome(tmp_path, {"chr1": GENOME})
    records: list[Record] = [("chr1", 2, "C", "T", ["1"])]
    plain = write_vcf(tmp_path, ["Ann"], records, compress=False)
    with pytest.raises(ValueError, match=r"Run: bgzip v.vcf && tabix -p vcf v.vcf.gz"):
        VCF(plain, genome)
    zipped = tmp_path / "w.vcf.gz"
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    with pytest.raises(
        ValueError, match=r"Run: gunzip w.vcf.gz && bgzip w.vcf && tabix -p vcf w.vcf.gz"
    ):
        VCF(zipped, genome)
    path = write_vcf(tmp_path, ["Ann"], records)
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda *_: False)
        with pytest.raises(ValueError, match=r"cannot be written. Run: tabix -p vcf v.vcf.gz"):
            VCF(path, genome)
    assert sorted(p.name for p in tmp_path.glob("v.vcf.gz*")) == ["v.vcf.gz"]
    assert letters_of(VCF(path, genome), 0, 4) == ["AATC"]
    assert sorted(p.name for p in tmp_path.glob("v.vcf.gz*")) == ["v.vcf.gz", "v.vcf.gz.tbi"]
    assert not [p for p in tmp_path.iterdir() if p.is_dir()]


@pytest.mark.parametrize("csi", [False, True])
def test_the_index_of_another_file_is_refused(
    tmp_path: Path, csi: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    """Records beyond the reach of a stale index are not found: haplotypes would be the reference."""
    genome = write_genome(tmp_path, {"chr1": GENOME})
    first: Record = ("chr1", 2, "C", "T", ["1"])
    more: list[Record] = [first, ("chr1", 5, "G", "T", ["1"])]
    path = write_vcf(tmp_path, ["Ann"], [first])
    pysam.tabix_index(str(path), preset="vcf", csi=csi)
    index = path.with_name(f"{path.name}.{'csi' if csi else 'tbi'}")
    os.utime(index, (1, 1))  # as after a copy: the time alone says nothing
    assert letters_of(VCF(path, genome), 0, 8) == ["AATCGGTT"]
    write_vcf(tmp_path, ["Ann"], more)
    message = rf"{index.name} must fit v.vcf.gz; .* Make it anew: tabix -f -p vcf v.vcf.gz"
    with pytest.raises(ValueError, match=message):
        VCF(path, genome)
    index.write_bytes(b"no index")
    with pytest.raises(ValueError, match=message):
        VCF(path, genome)
    index.unlink()
    assert letters_of(VCF(path, genome), 0, 8) == ["AATCGTTT"]
    write_vcf(tmp_path, ["Ann"], [])
    with pytest.raises(ValueError, match=r"must fit v.vcf.gz"):
        VCF(path, genome)
    assert capfd.readouterr().err == ""


def test_a_damaged_file_is_named_and_nothing_else_is_said(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """htslib would write to the error stream of whoever builds, and one would not know of which file."""
    rng = np.random.default_rng(0)
    letters = rng.choice(np.frombuffer(b"ACGT", "u1"), 40_000).tobytes().decode()
    genome = write_genome(tmp_path, {"chr1": letters})
    records: list[Record] = [
        ("chr1", i, letters[i], "ACGT".replace(letters[i], "")[rng.integers(3)], ["0|1"])
        for i in range(0, 40_000, 4)
    ]
    path = write_vcf(tmp_path, ["Ann"], records)
    reader = VCF(path, genome)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 99] = bytes(99)
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"v.vcf.gz must be whole; .* Copy it anew"):
        letters_of(reader, 0, 40_000)
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ValueError, match=r"v.vcf.gz must be .* file may be truncated"):
        VCF(path, genome)
    assert capfd.readouterr().err == ""


def test_line_ends_of_windows(tmp_path: Path) -> None:
    genome = write_genome(tmp_path, {"chr1": GENOME})
    plain = write_vcf(tmp_path, ["Ann"], [("chr1", 2, "C", "T", ["0|1"])], compress=False)
    plain.write_bytes(plain.read_bytes().replace(b"\n", b"\r\n"))
    pysam.tabix_compress(str(plain), f"{plain}.gz")
    assert letters_of(VCF(f"{plain}.gz", genome), 0, 4) == ["AACC", "AATC"]


def test_records_out_of_order_cannot_be_indexed(tmp_path: Path) -> None:
    genome = write_genome(tmp_path, {"chr1": GENOME})
    records: list[Record] = [("chr1", 5, "G", "T", ["1"]), ("chr1", 2, "C", "T", ["1"])]
    with pytest.raises(
        ValueError, match=r"must be sorted by contig and position. Run: bcftools sort"
    ):
        VCF(write_vcf(tmp_path, ["Ann"], records), genome)


def test_contigs_longer_than_an_old_index_can_hold(tmp_path: Path) -> None:
    """The genomes of wheat and newts; 2**29 bp is the limit."""
    path = write_vcf(
        tmp_path,
        ["Ann"],
        [("chr1", 700_000_000, "C", "T", ["1"])],
        contigs=["chr1,length=800000000"],
    )
    variant_files.ensure_index(path, 800_000_000)
    assert (tmp_path / "v.vcf.gz.csi").exists()


def test_bcf_gives_the_same_haplotypes(tmp_path: Path) -> None:
    genome = write_genome(tmp_path, {"chr1": GENOME, "chr2": GENOME})
    records: list[Record] = [
        ("chr1", 1, "A", "T,*,C", ["1|3", "2|0"]),
        ("chr1", 4, "G", "GAA,GT", ["0|2", "1|0"]),
        ("chr2", 2, "CC", "C", [".|.", "1/1"]),
    ]
    path = write_vcf(tmp_path, ["Ann", "Ben"], records)
    with (
        pysam.VariantFile(str(path)) as file,
        pysam.VariantFile(str(tmp_path / "v.bcf"), "wb", header=file.header) as out,
    ):
        for record in file:
            out.write(record)
    rows = [("chr1", 0, 9, "+"), ("chr2", 1, 10, "-"), ("chr1", 3, 12, "+")]
    found = [rows_of(VCF(p, genome, missing="N"), rows) for p in (path, tmp_path / "v.bcf")]
    np.testing.assert_array_equal(*found)
    assert (tmp_path / "v.bcf.csi").exists()


# through the engine


def test_build_gives_labelled_haplotypes_and_their_places(tmp_path: Path) -> None:
    genome = write_genome(tmp_path, {"chr1": GENOME * 9, "chr2": GENOME})
    records: list[Record] = [
        ("chr1", 2, "C", "T", ["0|1", "1|0"]),
        ("chr1", 21, "ACC", "A", ["1|1", "0|1"]),
        ("chr1", 33, "C", "CGGG", ["1|0", "0|0"]),
        ("chr2", 8, "A", "ATTT", ["1|1", "0|1"]),
    ]
    reader = VCF(write_vcf(tmp_path, ["Ann", "Ben"], records), genome)
    rows = [("chr1", 0, 12, "+"), ("chr1", 18, 30, "-"), ("chr2", -2, 10, "+"), ("chr1", 25, 37, "-"),
            ("chr2", 3, 15, "-"), ("chr1", 22, 34, "+"), ("chr1", 80, 92, "+")]  # fmt: skip
    table = pd.DataFrame(rows, columns=["chrom", "chromStart", "chromEnd", "strand"])
    for n in (1, 2, 7):
        part = table[:n].assign(chromStart=table["chromStart"].clip(lower=0))
        short = part["chromStart"] != table["chromStart"][:n]
        part.loc[short, "chromEnd"] -= 2  # a region begins on its contig, a window need not
        ds = sd.build(part, length=12, hap=reader, place=reader.positions())
        assert ds["hap"].dims == ("_sequence", "hap_sample", "hap_haplotype", "_length")
        assert_conforms(ds)
        for i, (contig, start, end, strand) in enumerate(rows[:n]):
            letters = {"chr1": GENOME * 9, "chr2": GENOME}[contig]
            for column, sample in enumerate(["Ann", "Ben"]):
                for hap in range(2):
                    changes = [(r[1], r[2], r[3]) for r in records
                               if r[0] == contig and r[4][column].split("|")[hap] == "1"]  # fmt: skip
                    expected = window(haplotype(letters, changes), len(letters), start, end, strand)
                    found = ds.sel(hap_sample=sample, place_sample=sample).isel(
                        _sequence=i, hap_haplotype=hap, place_haplotype=hap
                    )
                    assert found["hap"].values.tobytes().decode() == expected[0]
                    assert found["place"].values.tolist() == expected[1]


def test_a_reader_goes_to_other_processes(tmp_path: Path) -> None:
    reader = one(tmp_path, GENOME, [(2, "C", "T")])
    copy = pickle.loads(pickle.dumps(reader))
    assert letters_of(copy, 0, 4) == ["AATC"]
    assert isinstance(copy, RegionSource)
    assert isinstance(pickle.loads(pickle.dumps(reader.positions())), RegionSource)


# real files


def expected_letters(
    fasta: Any, file: Any, contig: str, start: int, end: int, sample: str, hap: int
) -> str:
    """One window of one haplotype from a stretch around it, by pysam and the oracle."""
    length = fasta.get_reference_length(contig)
    low, high = max(start - 400, 0), min(end + 400, length)
    changes = []
    for record in file.fetch(contig, low, high):
        allele = record.samples[sample].allele_indices[hap]
        if allele and record.start >= low and record.stop <= high:
            changes.append((record.start - low, record.ref, record.alleles[allele]))
    whole = haplotype(fasta.fetch(contig, low, high), changes)
    return window([(letter, i + low) for letter, i in whole], length, start, end)[0]


def compare(
    reader: VCF, genome: Path, rows: list[tuple[str, int, int, str]], samples: Sequence[str]
) -> int:
    """Compare windows of some samples with the oracle; give how many differ from the reference."""
    found = rows_of(reader, rows)
    differing = 0
    with pysam.FastaFile(str(genome)) as fasta, pysam.VariantFile(str(reader.path)) as file:
        for i, (contig, start, end, _) in enumerate(rows):
            for sample, hap in itertools.product(samples, range(reader.ploidy)):
                letters = found[i, reader.samples.index(sample), hap].tobytes().decode()
                assert letters == expected_letters(fasta, file, contig, start, end, sample, hap)
                differing += letters != fasta.fetch(contig, start, end)
    return differing


def test_yeast_variants(mirror: Path) -> None:
    """Every record of 44,251 fits the FASTA, and windows at random are those of the oracle."""
    folder = mirror / "region_fixtures/yeast_sacCer3_atac"
    path, genome = folder / "sacCer3_sample_variants.vcf.gz", folder / "sacCer3.fa"
    reader = VCF(path, GenomeFASTA(genome), unphased="as_is")
    rng = np.random.default_rng(0)
    places = list(reader.contigs().items())
    rows = [("chrI", 0, 500, "+"), *(
        (contig, int(a), int(a) + 500, "+") for contig, length in places
        for a in rng.integers(0, length - 500, 4))]  # fmt: skip
    assert compare(reader, genome, rows, ["BKI"]) > 50
    whole = [(contig, a, min(a + 200_000, length), "+")
             for contig, length in places for a in range(0, length, 200_000)]  # fmt: skip
    for row in whole:
        assert rows_of(reader, [row]).shape == (1, 1, 2, row[2] - row[1])
    with pytest.raises(ValueError, match=r"must be phased .* has 0/1 at chrI, POS 582"):
        rows_of(VCF(path, genome), [("chrI", 0, 1_000, "+")])


def test_text_read_whole_or_as_it_is_needed(mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contigs that take much of a file are not read whole; what is kept of them must not be missed."""
    folder = mirror / "region_fixtures/yeast_sacCer3_atac"
    path, genome = folder / "sacCer3_sample_variants.vcf.gz", folder / "sacCer3.fa"
    starts = np.random.default_rng(3).integers(0, 200_000, 150)
    rows = [("chrI", int(a), int(a) + 300, "+") for a in starts]
    rows += [("chrIV", int(a) * 7, int(a) * 7 + 300, "-") for a in starts]
    whole = rows_of(VCF(path, genome, unphased="as_is"), rows)
    monkeypatch.setattr(variant_text, "_WHOLE", -1)
    for least, gap in [(1 << 16, 1 << 22), (1 << 12, 1), (1 << 14, 1 << 18)]:
        monkeypatch.setattr(variant_text, "_LEAST", least)
        monkeypatch.setattr(variants, "_GAP", gap)
        np.testing.assert_array_equal(rows_of(VCF(path, genome, unphased="as_is"), rows), whole)


def test_truth_calls_of_na12878(mirror: Path) -> None:
    folder = mirror / "region_fixtures/human_hg19_chr20_na12878"
    genome, path = folder / "hg19_chr20_9.995-11.095Mb.fa.gz", folder / "NA12878_nist.vcf.gz"
    reader = VCF(path, genome, unphased="as_is")
    rows = [("chr20", a, a + 1_000, "+") for a in range(10_000_000, 10_100_000, 5_000)]
    assert compare(reader, genome, rows, ["INTEGRATION"]) > 10


def test_a_cohort_of_a_hundred(mirror: Path) -> None:
    folder = mirror / "region_fixtures/human_hg19_chr20_na12878"
    genome, path = folder / "hg19_chr20_9.995-11.095Mb.fa.gz", folder / "multisample_100.vcf.gz"
    with pysam.VariantFile(str(path)) as file:
        samples = list(file.header.samples)
        starts = [record.start for record in file]
    rng = np.random.default_rng(0)
    order = rng.permutation(samples).tolist()
    reader = VCF(path, genome, samples=order, unphased="as_is", missing="reference")
    rows = [("chr20", start - 200, start + 200, "+") for start in starts[::9]]
    assert compare(reader, genome, rows, order[:12]) > 20


def test_phased_genotypes_of_the_1000_genomes(mirror: Path, tmp_path: Path) -> None:
    """There is no FASTA for these: N everywhere but under the records' REF."""
    path = mirror / "region_fixtures/human_hg38_chr21_phased_vcf/1000g_chr21_phased.vcf.gz"
    letters = np.full(46_709_983, ord("N"), np.uint8)
    with pysam.VariantFile(str(path)) as file:
        samples, starts = list(file.header.samples), []
        for record in file:
            letters[record.start : record.stop] = np.frombuffer(record.ref.encode(), np.uint8)
            starts.append(record.start)
    genome = tmp_path / "g.fa"
    genome.write_bytes(b">chr21\n" + letters.tobytes() + b"\n")
    reader = VCF(path, genome)
    rows = [("chr21", start - 40, start + 60, "+") for start in starts[::3]]
    assert compare(reader, genome, rows, samples[::7]) > 20
