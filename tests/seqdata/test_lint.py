"""The linter names what would stop a build or spoil its data, and is silent where all is well."""

from __future__ import annotations

import gzip
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyBigWig
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seqdata as sd
import seqpro as sp
from seqdata.leakage import overlapping_splits, repeated, sequence_keys, shared_between
from seqdata.lint import CHECKS, lint
from seqdata.lint_tracks import outlier_scores
from seqdata.lint_variants import twin_of
from seqdata.readers.protocol import Axis
from seqdata.summaries import blocks_of, sampled_rows

RNG = np.random.default_rng(5)
GENOME = {
    "chr1": RNG.choice(list("ACGT"), 4000),
    "chr2": RNG.choice(list("ACGT"), 1000),
    "chrM": RNG.choice(list("ACGT"), 300),
}
GENOME = {name: "".join(letters) for name, letters in GENOME.items()}


def write_genome(path: Path, contigs: dict[str, str]) -> Path:
    path.write_text("".join(f">{name}\n{letters}\n" for name, letters in contigs.items()))
    return path


@pytest.fixture(scope="module")
def seq(tmp_path_factory: pytest.TempPathFactory) -> sd.GenomeFASTA:
    return sd.GenomeFASTA(write_genome(tmp_path_factory.mktemp("genome") / "g.fa", GENOME))


class Track:
    """A reader whose values are given by a function of sample and position."""

    dtype = np.dtype(np.float32)
    is_sequence = False
    fill = 0.0

    def __init__(
        self, values: Any, samples: int = 1, *, stranded: bool = False, contigs: Any = None
    ) -> None:
        self.values, self.samples, self.stranded = values, samples, stranded
        self.known = contigs or {name: len(letters) for name, letters in GENOME.items()}

    def contigs(self) -> dict[str, int]:
        return self.known

    def axes(self) -> tuple[Axis, ...]:
        samples = Axis("{v}_sample", tuple(f"s{i}" for i in range(self.samples)))
        return (samples, Axis("_strand", ("+", "-"))) if self.stranded else (samples,)

    def files(self) -> list[str]:
        return ["track.bw"]

    def read(self, contig: str, starts: Any, ends: Any, out: Any, places: Any) -> None:
        assert (np.diff(starts) >= 0).all()
        assert (starts >= 0).all() and (ends <= self.known[contig]).all()  # noqa: PT018
        for start, end, place in zip(starts, ends, places, strict=True):
            for number in range(self.samples):
                part = self.values(number, np.arange(start, end))
                out[number, ..., place : place + end - start] = part


def noise(number: int, positions: np.ndarray) -> np.ndarray:
    return (positions * 7919 % 13) + 0.5


def table(rows: list[tuple[str, int, int]], strand: str = "+") -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["chrom", "chromStart", "chromEnd"])
    return frame.assign(strand=strand)


GOOD = [("chr1", 100, 200), ("chr1", 500, 600), ("chr2", 300, 400), ("chr1", 1000, 1100)]


def found(findings: pd.DataFrame, check: str) -> pd.Series:
    """Give the one finding of a check."""
    rows = findings[findings["check"] == check]
    assert len(rows) == 1, findings["check"].tolist()
    return rows.iloc[0]


def test_good_sources_have_no_findings(seq: sd.GenomeFASTA) -> None:
    findings = lint(
        table(GOOD), length=80, max_jitter=5, split=["train", "train", "val", "test"],
        seq=seq, signal=Track(noise, 5, stranded=True),
    )  # fmt: skip
    assert findings.empty, findings.to_string()
    assert findings.columns.tolist() == [
        "severity", "check", "source", "message", "count", "example",
    ]  # fmt: skip


def test_contigs_of_another_naming_are_told_with_their_twins(seq: sd.GenomeFASTA) -> None:
    rows = table([("1", 0, 100), ("MT", 0, 100), ("chr9", 0, 100), ("chr2", 0, 100)])
    findings = lint(rows, seq=seq)
    names = found(findings, "contig_names")
    assert (names["severity"], names["count"], names["example"]) == ("error", 2, "1:0-100")
    assert names["message"].endswith("pass chrom_alias={'1': 'chr1', 'MT': 'chrM'}")
    missing = found(findings, "contig_missing")
    assert (missing["count"], missing["example"]) == (1, "chr9:0-100")
    assert "chr9 (it has chr1, chr2, chrM)" in missing["message"]


@pytest.mark.parametrize(
    ("contig", "known", "twin"),
    [("1", "chr1", "chr1"), ("chr1", "1", "1"), ("MT", "chrM", "chrM"), ("chrM", "MT", "MT"),
     ("chrX", "X", "X"), ("chr1", "chr2", ""), ("Chr3", "chr3", "chr3"), ("chr1", "chr1", "")],
)  # fmt: skip
def test_twins_of_contig_names(contig: str, known: str, twin: str) -> None:
    assert twin_of(contig, {known: 5}) == twin


def test_readers_of_two_builds_are_told_apart(seq: sd.GenomeFASTA) -> None:
    other = Track(noise, contigs={"chr1": 4000, "chr2": 1200, "chrM": 300})
    finding = found(lint(table(GOOD), seq=seq, signal=other), "build_mismatch")
    assert (finding["source"], finding["count"], finding["example"]) == ("signal", 1, "chr2")
    assert "chr2 has 1,200 bp, not 1,000 bp" in finding["message"]


def test_regions_and_windows_past_contig_ends_are_counted(seq: sd.GenomeFASTA) -> None:
    rows = table([("chrM", 250, 310), ("chrM", 0, 20), ("chrM", 280, 300), ("chrM", 100, 120)])
    findings = lint(rows, length=60, seq=seq)
    beyond = found(findings, "region_beyond_contig")
    assert (beyond["severity"], beyond["count"], beyond["example"]) == ("error", 1, "chrM:250-310")
    over = found(findings, "window_over_end")
    assert (over["severity"], over["count"], over["example"]) == ("warning", 2, "chrM:0-20")
    with pytest.raises(ValueError, match="must overlap its contig"):
        sd.build(table([("chrM", 400, 420)]), length=60, seq=seq)
    assert found(lint(table([("chrM", 400, 420)]), seq=seq), "region_beyond_contig")["count"] == 1


@pytest.mark.parametrize(("end", "count"), [(300, 0), (301, 1)])
def test_the_last_base_of_a_contig_is_still_on_it(
    seq: sd.GenomeFASTA, end: int, count: int
) -> None:
    findings = lint(table([("chrM", 280, end)]), seq=seq)
    assert findings["check"].tolist() == ["region_beyond_contig"] * count


def test_the_last_base_of_a_contig_is_read() -> None:
    signal = Track(lambda _, at: (at == 299) * 1.5 + (at == 280) * 0.5)
    assert lint(table([("chrM", 280, 300), ("chrM", 281, 300)]), length=None, x=signal)["check"].tolist() == [
        "unequal_lengths",
    ]  # fmt: skip
    only_last = Track(lambda _, at: (at == 299) * 1.5)
    assert lint(table([("chrM", 280, 300)]), x=only_last).empty


def test_windows_of_unequal_length_are_said_to_become_ragged(seq: sd.GenomeFASTA) -> None:
    rows = table([("chr1", 0, 100), ("chr1", 200, 320)])
    finding = found(lint(rows, seq=seq), "unequal_lengths")
    assert (finding["severity"], finding["count"], finding["example"]) == (
        "note",
        1,
        "chr1:200-320",
    )
    assert "100 to 120 bp" in finding["message"]
    assert lint(rows, length=50, seq=seq).empty


def test_windows_that_bins_do_not_fill_are_told(seq: sd.GenomeFASTA) -> None:
    binned = Track(noise)
    binned.bin_width = 32
    finding = found(lint(table(GOOD), length=64, max_jitter=5, signal=binned), "bin_width")
    assert (finding["severity"], finding["count"]) == ("error", 4)
    assert lint(table(GOOD), length=64, signal=binned).empty


def test_other_names_of_contigs_are_followed(seq: sd.GenomeFASTA) -> None:
    rows = table([("1", 500, 600), ("MT", 0, 100), ("chr2", 0, 100)])
    alias = {"1": "chr1", "MT": "chrM"}
    readers = {"seq": seq, "signal": Track(noise)}
    assert lint(rows, chrom_alias=alias, **readers).empty
    assert found(lint(rows, chrom_alias={"1": "chr1"}, seq=seq), "contig_names")["count"] == 1
    assert sd.build(rows, chrom_alias=alias, seq=seq).sizes["_sequence"] == 3


def test_excluded_windows_are_left_out(seq: sd.GenomeFASTA) -> None:
    rows = table([*GOOD, ("chr9", 0, 100)])
    exclude = table([("chr9", 50, 60), ("chr1", 599, 601)])
    findings = lint(rows, exclude=exclude, split=["train", "test", "dev", "val", "dev"], seq=seq)
    assert findings["check"].tolist() == ["split_names", "excluded"]
    assert found(findings, "excluded")["count"] == 2
    assert found(findings, "split_names")["example"] == "chr2:300-400"
    whole = lint(table(GOOD), exclude=table([("chr1", 0, 4000), ("chr2", 0, 1000)]), seq=seq)
    assert found(whole, "excluded")["severity"] == "error"


def test_empty_regions_are_left_out_of_the_other_checks(seq: sd.GenomeFASTA) -> None:
    rows = table([*GOOD, ("chr1", 50, 50), ("chr1", 60, 40)])
    finding = found(lint(rows, seq=seq), "empty_regions")
    assert (finding["count"], finding["example"]) == (2, "chr1:50-50")
    assert found(lint(rows, length=10, seq=seq), "empty_regions")["count"] == 1  # points are fine


def test_regions_that_cannot_be_read_are_a_finding(tmp_path: Path, seq: sd.GenomeFASTA) -> None:
    path = tmp_path / "bad.bed"
    path.write_text("chr1\t5\tx\n")
    finding = found(lint(path, seq=seq), "regions")
    assert finding["severity"] == "error"
    assert "line 1" in finding["message"]
    assert found(lint(table([]), seq=seq), "regions")["severity"] == "error"


def test_duplicate_regions_are_counted(seq: sd.GenomeFASTA) -> None:
    findings = lint(table([*GOOD, GOOD[1], GOOD[1]]), seq=seq)
    assert found(findings, "duplicate_regions")["count"] == 2
    assert "duplicate_sequences" not in findings["check"].tolist()  # it is the same place


def test_summits_and_strands_are_asked_for(seq: sd.GenomeFASTA) -> None:
    rows = table(GOOD, strand=".")
    finding = found(lint(rows, length=50, center="summit", seq=seq), "summit_missing")
    assert (finding["severity"], finding["count"]) == ("error", 4)
    with_summits = rows.assign(summit=[150, -1, 350, 1050])
    findings = lint(with_summits, center="summit", seq=seq, signal=Track(noise, stranded=True))
    assert found(findings, "summit_missing")["example"] == "chr1:500-600"
    assert found(findings, "summit_unused")["severity"] == "note"
    assert found(findings, "strand_missing")["count"] == 4


def test_letters_are_looked_at(tmp_path: Path) -> None:
    letters = {"c": "N" * 30 + "acgtacgtag" * 9 + "AQ" + "ACGTC" * 4}
    seq = sd.GenomeFASTA(write_genome(tmp_path / "g.fa", letters))
    findings = lint(table([("c", 0, 60), ("c", 60, 140)]), seq=seq)
    unknown = found(findings, "unknown_letters")
    assert (unknown["count"], unknown["example"]) == (1, "c:0-60")
    assert "21.43% of all letters" in unknown["message"]
    foreign = found(findings, "foreign_letters")
    assert (foreign["count"], foreign["example"]) == (1, "Q")
    assert found(findings, "lower_case")["count"] == 90
    assert "64.3%" in found(findings, "lower_case")["message"]


def test_equal_windows_are_found_on_both_strands(tmp_path: Path) -> None:
    part = GENOME["chr1"][:50]
    turned = sp.reverse_complement(part, sp.DNA).tobytes().decode()
    letters = {"c": part + "N" * 50 + turned.lower() + "N" * 50 + GENOME["chr2"][:50]}
    seq = sd.GenomeFASTA(write_genome(tmp_path / "g.fa", letters))
    rows = table([("c", 0, 50), ("c", 50, 100), ("c", 100, 150), ("c", 150, 200), ("c", 200, 250)])
    split = ["train", "train", "test", "val", "unused"]
    findings = lint(rows, split=split, seq=seq)
    duplicates = found(findings, "duplicate_sequences")
    assert (duplicates["count"], duplicates["example"]) == (
        1,
        "c:100-150",
    )  # not the stretches of N
    leaking = found(findings, "split_duplicates")
    assert (leaking["severity"], leaking["count"]) == ("error", 2)
    assert "1 train windows and 1 test windows" in leaking["message"]


def test_splits_that_share_places_or_relatives_are_told(tmp_path: Path) -> None:
    first = GENOME["chr1"][:300]
    mutated = list(first)
    mutated[150] = "A" if first[150] != "A" else "C"
    stretch = GENOME["chr2"][:260] + first[:40]
    contigs = {"a": first, "b": "".join(mutated), "c": stretch, "d": GENOME["chr1"][1000:1600]}
    seq = sd.GenomeFASTA(write_genome(tmp_path / "g.fa", contigs))
    rows = table([("a", 0, 300), ("b", 0, 300), ("c", 0, 300), ("d", 0, 300), ("d", 299, 599)])
    frame = rows.assign(part=["train", "val", "test", "train", "test"])
    findings = lint(frame, split="part", seq=seq)
    overlap = found(findings, "split_overlap")
    assert (overlap["count"], overlap["example"]) == (2, "d:0-300")
    near = found(findings, "split_near_duplicates")
    assert (near["count"], near["severity"]) == (2, "warning")
    assert found(findings, "split_shared_stretch")["count"] == 1
    assert "split_duplicates" not in findings["check"].tolist()
    unused = lint(rows, split=["train", "unused", "unused", "train", "unused"], seq=seq)
    assert unused.empty, unused.to_string()


def test_unknown_splits_are_told(seq: sd.GenomeFASTA) -> None:
    finding = found(lint(table(GOOD), split=["train", "dev", "test", None], seq=seq), "split_names")
    assert finding["count"] == 2
    assert "'dev', None; rename it" in finding["message"]


def test_flat_tracks_are_told(seq: sd.GenomeFASTA) -> None:
    kinds = [0.0, 3.0, np.nan]
    reader = Track(lambda i, at: np.full(at.size, kinds[i]) if i < 3 else noise(i, at), 4)
    findings = lint(table(GOOD), seq=seq, signal=reader)
    empty = found(findings, "empty_track")
    assert (empty["count"], empty["example"]) == (2, "s0")
    assert "2 of 4 samples" in empty["message"]
    assert found(findings, "constant_track")["example"] == "s1"
    missing = found(findings, "missing_values")
    assert (missing["count"], missing["example"]) == (400, "s2")


def test_negative_counts_are_told_and_other_negative_values_are_not(seq: sd.GenomeFASTA) -> None:
    counts = lint(table(GOOD), x=Track(lambda _, at: -(at % 4.0)))
    assert found(counts, "negative_counts")["count"] == 300
    assert lint(table(GOOD), x=Track(lambda _, at: -(at % 4) - 0.5)).empty


def test_a_sample_of_another_scale_is_told(seq: sd.GenomeFASTA) -> None:
    scales = [1.0, 1.1, 0.9, 1.05, 40.0]
    findings = lint(table(GOOD), signal=Track(lambda i, at: noise(i, at) * scales[i], 5))
    finding = found(findings, "scale_outlier")
    assert (finding["count"], finding["example"]) == (1, "s4")
    assert "38.1 times the median total" in finding["message"]


def test_samples_that_differ_a_little_are_no_outliers() -> None:
    assert not outlier_scores(np.array([100.0, 100, 100, 100, 101])).any()
    assert not outlier_scores(np.array([1.0, 1000, 1])).any()  # too few to tell
    assert outlier_scores(np.array([100.0, 100, 100, 100, 1000]))[4] > 3.5  # without any spread
    assert not outlier_scores(np.array([0.0, 0, 100, 110, 90, 95])).any()


def test_readers_that_raise_are_findings(seq: sd.GenomeFASTA) -> None:
    def broken(number: int, positions: np.ndarray) -> np.ndarray:
        msg = "the file ends\nearly."
        raise OSError(msg)

    finding = found(lint(table(GOOD), seq=seq, signal=Track(broken)), "unreadable")
    assert (finding["source"], finding["example"]) == ("signal", "OSError")
    assert finding["message"].startswith("the file ends early. Mend")


def test_findings_do_not_depend_on_blocks(
    seq: sd.GenomeFASTA, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = table([*GOOD, ("chr1", 0, 100), ("chr2", 300, 400)])
    split = ["train", "test"] * 3
    readers = {"seq": seq, "signal": Track(lambda i, at: noise(i, at) * (1 + 30 * (i == 3)), 5)}
    whole = lint(rows, split=split, **readers)
    monkeypatch.setattr("seqdata.lint_sources._BLOCK_BYTES", 150)
    pd.testing.assert_frame_equal(lint(rows, split=split, **readers), whole)


def test_a_sample_of_values_is_said_to_be_one(
    seq: sd.GenomeFASTA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqdata.lint_sources.MOST_ROWS", 10)
    rows = table([("chr1", i, i + 20) for i in range(0, 900, 30)])
    findings = lint(rows, seq=seq, signal=Track(lambda _, positions: positions * np.nan))
    message = found(findings, "empty_track")["message"]
    assert "everywhere in 10 of 30 windows (drawn with seed 0): s0" in message


@pytest.mark.parametrize("order", [1, -1])
def test_duplicates_are_counted_in_all_windows_not_in_a_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: int
) -> None:
    """Repeats that are far apart would be missed in a sample of the windows, and so would leakage."""
    monkeypatch.setattr("seqdata.lint_sources.MOST_ROWS", 10)
    monkeypatch.setattr("seqdata.lint_sources._BLOCK_BYTES", 150)
    letters = "".join(np.random.default_rng(0).choice(list("ACGT"), 3000))
    turned = letters[::-1].translate(str.maketrans("ACGT", "TGCA"))
    contigs = {"a": letters, "b": letters.lower(), "c": turned, "d": "N" * 3000}
    seq = sd.GenomeFASTA(write_genome(tmp_path / "g.fa", contigs))
    starts = range(0, 3000, 60)
    places = [(name, at, at + 20) for name in "abd" for at in starts]
    places += [("c", 2980 - at, 3000 - at) for at in starts]  # those of a on the other strand
    places = places[::order]
    split = ["test" if contig == "c" else "train" for contig, _, _ in places]
    findings = lint(table(places), split=split, seq=seq)
    words = [contigs[name][low:high].upper() for name, low, high in places]
    keys = [min(w, w[::-1].translate(str.maketrans("ACGT", "TGCA"))) for w in words if "N" not in w]
    again = len(keys) - len(set(keys))
    assert again == 100
    duplicates = found(findings, "duplicate_sequences")
    assert (duplicates["count"], duplicates["severity"]) == (again, "warning")
    assert duplicates["message"].startswith("100 of 200 windows have the letters of another place")
    assert (
        "(100 train windows and 50 test windows)" in found(findings, "split_duplicates")["message"]
    )
    assert found(findings, "unknown_letters")["count"] == 50


VCF = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


def record(contig: str, position: int, ref: str, alt: str) -> str:
    return f"{contig}\t{position}\t.\t{ref}\t{alt}\t.\t.\t.\n"


@pytest.fixture
def records() -> list[str]:
    """Records without fault: a substitution, an insertion and a deletion."""
    letters = GENOME["chr1"]
    swap = {"A": "C", "C": "G", "G": "T", "T": "A"}
    return [
        record("chr1", 11, letters[10].lower(), swap[letters[10]]),
        record("chr1", 21, letters[20], letters[20] + "ACC"),
        record("chr1", 31, letters[30:33], letters[30]),
        record("chr2", 1, GENOME["chr2"][0], "."),
    ]


def lint_variants(folder: Path, lines: list[str], **readers: Any) -> pd.DataFrame:
    path = folder / "a.vcf.gz"
    with gzip.open(path, "wt") as out:
        out.write(VCF + "".join(lines))
    return lint(table(GOOD), variants=path, **readers)


def test_good_variants_have_no_findings(
    tmp_path: Path, seq: sd.GenomeFASTA, records: list[str]
) -> None:
    findings = lint_variants(tmp_path, records, seq=seq)
    assert findings.empty, findings.to_string()


@pytest.mark.parametrize(
    ("line", "check", "severity"),
    [
        (record("chr1", 41, "N", "A"), "ref_mismatch", "error"),
        (record("1", 41, "A", "C"), "contig_names", "error"),
        (record("chr7", 41, "A", "C"), "contig_missing", "error"),
        (record("chr2", 1001, "A", "C"), "variant_beyond_contig", "error"),
        (record("chr2", 1000, "AC", "A"), "variant_beyond_contig", "error"),
        (record("chr1", 31, GENOME["chr1"][30], "<DEL>"), "unsorted_variants", "error"),
        (record("chr2", 51, GENOME["chr2"][50], "<DEL>"), "symbolic_alleles", "warning"),
        (record("chr2", 51, GENOME["chr2"][50], "*"), "symbolic_alleles", "warning"),
        (record("chr2", 51, GENOME["chr2"][50], "N[chr1:7["), "symbolic_alleles", "warning"),
        (record("chr2", 51, GENOME["chr2"][50], "N,NA"), "multiallelic_variants", "warning"),
        (record("chr2", 51, GENOME["chr2"][50:52], "NN"), "unatomised_variants", "warning"),
        (record("chr2", 51, GENOME["chr2"][50:53], "NA"), "unatomised_variants", "warning"),
        (record("chr2", 51, GENOME["chr2"][50], "NA"), "unatomised_variants", "warning"),
        (record("chr2", 51, GENOME["chr2"][50:52], GENOME["chr2"][50] + "N"), "untrimmed_variants", "note"),
        (record("chr2", 51, GENOME["chr2"][50:53], GENOME["chr2"][50:52]), "untrimmed_variants", "note"),
        ("chr2\tx\t.\tA\tC\n", "variants_unreadable", "error"),
        ("chr2 51 . A C\n", "variants_unreadable", "error"),
    ],
)  # fmt: skip
def test_faulty_variants_are_told(
    tmp_path: Path, seq: sd.GenomeFASTA, records: list[str], line: str, check: str, severity: str
) -> None:
    finding = found(lint_variants(tmp_path, [*records, line, line], seq=seq), check)
    assert (finding["severity"], finding["count"], finding["source"]) == (severity, 2, "variants")


def test_records_of_one_place_are_in_order_and_one_base_back_is_not(
    tmp_path: Path, seq: sd.GenomeFASTA
) -> None:
    lines = [record("chr1", at, GENOME["chr1"][at - 1], "N") for at in (5, 5, 4)]
    assert lint_variants(tmp_path, lines[:2], seq=seq).empty
    assert found(lint_variants(tmp_path, lines, seq=seq), "unsorted_variants")["count"] == 1
    again = [*lines[:1], record("chr2", 1, GENOME["chr2"][0], "N"), *lines[1:2]]
    assert found(lint_variants(tmp_path, again, seq=seq), "unsorted_variants")["count"] == 1


def test_variants_of_another_build_are_told_to_be(tmp_path: Path, seq: sd.GenomeFASTA) -> None:
    lines = [record("chr1", i + 1, "ACGT"[i % 4], "N") for i in range(0, 400, 3)]
    wrong = sum("ACGT"[i % 4] != GENOME["chr1"][i] for i in range(0, 400, 3))
    finding = found(lint_variants(tmp_path, lines, seq=seq), "ref_mismatch")
    assert finding["count"] == wrong
    assert "use the genome build they are of" in finding["message"]


def test_variants_without_a_genome_are_said_to_be_unchecked(
    tmp_path: Path, records: list[str]
) -> None:
    findings = lint_variants(tmp_path, records, signal=Track(noise))
    assert findings["check"].tolist() == ["ref_unchecked"]


def test_a_truncated_file_of_variants_is_a_finding(tmp_path: Path, seq: sd.GenomeFASTA) -> None:
    path = tmp_path / "a.vcf.gz"
    whole = gzip.compress((VCF + record("chr1", 1, GENOME["chr1"][0], "N") * 500).encode())
    path.write_bytes(whole[: len(whole) // 2])
    finding = found(lint(table(GOOD), variants=path, seq=seq), "variants_unreadable")
    assert "breaks off or is damaged" in finding["message"]


def test_bad_arguments_raise(tmp_path: Path, seq: sd.GenomeFASTA) -> None:
    rows = table(GOOD)
    with pytest.raises(ValueError, match="lint needs at least one reader"):
        lint(rows)
    with pytest.raises(TypeError, match=r"out must be a reader of regions.*found 'x.zarr'"):
        lint(rows, seq=seq, out="x.zarr")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="length must be a whole number, at least 1; found 0"):
        lint(rows, length=0, seq=seq)
    with pytest.raises(ValueError, match="max_jitter must be"):
        lint(rows, max_jitter=-1, seq=seq)
    with pytest.raises(ValueError, match="center must be"):
        lint(rows, center="peak", seq=seq)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="split must be an array, or a column"):
        lint(rows, split="fold", seq=seq)
    with pytest.raises(ValueError, match="one entry for each of the 4 regions"):
        lint(rows, split=["train"], seq=seq)
    with pytest.raises(FileNotFoundError, match="variants must be a file"):
        lint(rows, variants=tmp_path / "none.vcf", seq=seq)
    with pytest.raises(FileNotFoundError, match="regions must be a file"):
        lint(tmp_path / "none.bed", seq=seq)
    (tmp_path / "a.bcf").touch()
    with pytest.raises(ValueError, match="bcftools view"):
        lint(rows, variants=tmp_path / "a.bcf", seq=seq)


def test_every_check_is_named_by_its_function() -> None:
    assert len(set(CHECKS)) == len(CHECKS)
    assert all(check.__doc__ for check in CHECKS)


def test_messages_are_one_line(seq: sd.GenomeFASTA) -> None:
    rows = table([("1", 0, 100), ("chr9", 0, 10), ("chrM", 250, 310), ("chr1", 5, 5)])
    findings = lint(rows, split=["a\nb"] * 4, center="summit", seq=seq)
    assert len(findings) > 5
    assert not findings["message"].str.contains("\n").any()


def test_real_peaks_are_linted(mirror: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = mirror / "region_fixtures" / "yeast_sacCer3_atac"
    peaks = sp.bed.read_bed(folder / "SRR1822137.hmmratac.narrowPeak")
    by_contig = np.where(peaks["chrom"] == "chrIV", "test", "train")
    with caplog.at_level(logging.WARNING):
        findings = lint(
            peaks, length=500, center="summit", split=by_contig,
            variants=folder / "sacCer3_sample_variants.vcf.gz",
            seq=sd.GenomeFASTA(folder / "sacCer3.fa"),
            cuts=sd.BigWig(folder / "SRR1822137.coverage.bw"),
        )  # fmt: skip
    checks = findings["check"].tolist()
    assert "error" not in findings["severity"].tolist() or checks[0] == "split_duplicates"
    assert "ref_mismatch" not in checks
    assert "split_overlap" not in checks
    assert found(findings, "untrimmed_variants")["count"] == 308
    assert "split_shared_stretch" in checks  # yeast has repeats on many chromosomes


def test_a_real_bigwig_of_another_genome_is_told(tmp_path: Path, seq: sd.GenomeFASTA) -> None:
    path = str(tmp_path / "a.bw")
    with pyBigWig.open(path, "w") as out:
        out.addHeader([("1", 4000)])
        out.addEntries(["1"], [5], ends=[9], values=[1.0])
    findings = lint(table(GOOD[:2]), seq=seq, signal=sd.BigWig(path))
    assert findings["check"].tolist() == ["contig_names"]


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"), st.integers(-5, 30), st.integers(1, 9),
            st.sampled_from(["train", "val", "test", "unused"]),
        ),
        min_size=1, max_size=12,
    )
)  # fmt: skip
def test_overlaps_between_splits_are_those_of_a_plain_loop(rows: list[Any]) -> None:
    expected = [
        any(
            a == b
            and s != t
            and "unused" not in (s, t)
            and low < start + size
            and start < low + long
            for b, start, size, t in rows
        )
        for a, low, long, s in rows
    ]
    contigs, starts, sizes, splits = (np.array(part) for part in zip(*rows, strict=True))
    got = overlapping_splits(contigs.astype(object), starts, starts + sizes, splits.astype(object))
    assert got.tolist() == expected


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(st.text("ACGTUacgtn", max_size=3), st.sampled_from(["train", "test", ""])), min_size=1)
)  # fmt: skip
def test_equal_sequences_are_those_of_a_plain_loop(rows: list[tuple[str, str]]) -> None:
    pairs = str.maketrans("ACGT", "TGCA")

    def key(word: str) -> str:
        plain = word.upper().replace("U", "T")
        return min(plain, plain.translate(pairs)[::-1])

    words, splits = zip(*rows, strict=True)
    keys = sequence_keys(sp.as_ragged(list(words)), both_strands=True)
    plain = [key(word) for word in words]
    assert repeated(keys).tolist() == [word in plain[:i] for i, word in enumerate(plain)]
    expected = [
        bool(s)
        and any(t and s != t and other == word for other, t in zip(plain, splits, strict=True))
        for word, s in zip(plain, splits, strict=True)
    ]
    assert shared_between(keys, np.array(splits, dtype=object)).tolist() == expected


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 9), max_size=20), st.integers(1, 20))
def test_blocks_cover_all_rows_once_and_fit(sizes: list[int], room: int) -> None:
    parts = list(blocks_of(np.array(sizes, dtype=np.int64), room))
    assert [i for part in parts for i in range(part.start, part.stop)] == list(range(len(sizes)))
    assert all(sum(sizes[part]) <= room or part.stop - part.start == 1 for part in parts)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 9), max_size=20), st.integers(1, 20), st.integers(1, 50))
def test_a_sample_is_no_larger_than_allowed(sizes: list[int], rows: int, places: int) -> None:
    drawn = sampled_rows(np.array(sizes, dtype=np.int64), rows=rows, places=places)
    assert len(set(drawn.tolist())) == len(drawn) <= rows
    assert sum(sizes[i] for i in drawn) <= places or len(drawn) == 1
    assert bool(len(drawn)) == bool(sizes)
