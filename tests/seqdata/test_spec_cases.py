"""The specification's table of cases for seqdata, a test for each number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyBigWig
import pysam
import pytest

import seqdata as sd

BATCHES = pytest.mark.parametrize("rows_per_block", [1, 2, 7, 100])


def genome(folder: Path, **contigs: str) -> sd.GenomeFASTA:
    path = folder / "genome.fa"
    path.write_text("".join(f">{name}\n{letters}\n" for name, letters in contigs.items()))
    return sd.GenomeFASTA(path)


def table(*rows: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["chrom", "chromStart", "chromEnd", "strand"])


def letters(ds: Any, variable: str = "seq") -> list[str]:
    found = sd.ragged(ds, variable) if f"{variable}_value" in ds.dims else ds[variable].values
    return [row.tobytes().decode() for row in found]


def test_31_windows_over_contig_ends_are_padded_on_each_side(tmp_path: Path) -> None:
    reader = genome(tmp_path, c="ACGTT" + "G" * 91 + "CATG")
    regions = table(("c", 0, 2, "+"), ("c", 98, 102, "+"))
    assert letters(sd.build(regions, length=6, max_jitter=0, seq=reader))[0] == "NNACGT"
    assert letters(sd.build(table(("c", 96, 104, "+")), seq=reader)) == ["CATGNNNN"]


@BATCHES
@pytest.mark.parametrize("widths", [[8], [5, 9, 8]], ids=["fixed", "variable"])
def test_33_rows_on_minus_are_turned_for_every_batch_size(
    tmp_path: Path, rows_per_block: int, widths: list[int]
) -> None:
    rng = np.random.default_rng(0)
    contig = "".join(rng.choice(list("ACGT"), 200))
    values = rng.integers(1, 9, 200).astype(np.float32)
    with pyBigWig.open(str(tmp_path / "a.bw"), "w") as file:
        file.addHeader([("c", 200)])
        file.addEntries("c", 0, values=values.tolist(), span=1, step=1)
    starts, sizes = np.arange(0, 180, 9), np.resize(widths, 20)
    regions = table(
        *(("c", a, a + s, "+-"[i % 2]) for i, (a, s) in enumerate(zip(starts, sizes, strict=True)))
    )
    readers = {"seq": genome(tmp_path, c=contig), "x": sd.BigWig({"s": tmp_path / "a.bw"})}
    block = rows_per_block * 4 * int(sizes.max())
    ds = sd.build(regions, out=tmp_path / "a.zarr", block_bytes=block, **readers)
    tracks = sd.ragged(ds, "x") if "x_value" in ds.dims else np.moveaxis(ds["x"].values, 1, -1)
    for i, (start, size, found, track) in enumerate(
        zip(starts, sizes, letters(ds), tracks, strict=True)
    ):
        expected, signal = contig[start : start + size], values[start : start + size]
        if i % 2:
            expected = expected[::-1].translate(str.maketrans("ACGT", "TGCA"))
            signal = signal[::-1]
        assert found == expected
        assert track[:, 0].tolist() == signal.tolist()


def test_34_jitter_room_lies_on_both_sides_and_the_region_stays(tmp_path: Path) -> None:
    reader = genome(tmp_path, c="".join(np.random.default_rng(1).choice(list("ACGT"), 100)))
    regions = table(("c", 40, 61, "+"))
    plain = sd.build(regions, length=10, seq=reader)
    roomy = sd.build(regions, length=10, max_jitter=4, seq=reader)
    assert roomy.sizes["_length"] == 18
    assert letters(roomy)[0][4:14] == letters(plain)[0]
    assert (roomy["chromStart"].item(), roomy["chromEnd"].item()) == (40, 61)


def test_35_bigwig_values_come_back_bit_for_bit(tmp_path: Path) -> None:
    values = np.float32([0.1, 1 / 3, 1e-30, 3.4e38, 16777217])
    with pyBigWig.open(str(tmp_path / "a.bw"), "w") as file:
        file.addHeader([("c", 20), ("empty", 20)])
        file.addEntries("c", 5, values=values.tolist(), span=1, step=1)
    regions = table(("c", 3, 12, "+"), ("empty", 3, 12, "+"))
    ds = sd.build(regions, out=tmp_path / "a.zarr", x=sd.BigWig({"s": tmp_path / "a.bw"}))
    expected = np.concatenate([[0, 0], values, [0, 0]]).astype(np.float32)
    assert ds["x"].values[0, 0].tobytes() == expected.tobytes()
    assert not ds["x"].values[1].any()


@pytest.mark.parametrize("rows_per_block", [1, 2, 100])
def test_37_transcripts_are_joined_and_their_rows_stay_in_order(
    tmp_path: Path, rows_per_block: int
) -> None:
    reader = genome(tmp_path, c="AACCGGTTACGTACGTTTGA")
    regions = table(("c", 0, 9, "+"), ("c", 0, 9, "-"), ("c", 4, 20, "-"))
    regions["exon_starts"] = [np.array([0, 6]), np.array([0, 6]), np.array([4, 17])]
    regions["exon_ends"] = [np.array([3, 9]), np.array([3, 9]), np.array([7, 20])]
    regions["gene"] = ["plus", "minus", "other"]
    ds = sd.build(regions, block_bytes=6 * rows_per_block, seq=reader)
    assert letters(ds) == ["AACTTA", "TAAGTT", "TCAACC"]
    assert ds["gene"].values.tolist() == ["plus", "minus", "other"]


def bam(folder: Path, *, paired: bool) -> Path:
    """One fragment at 10 to 40 of a contig, as two mates or as two single reads, 8 bp each."""
    path = folder / "a.bam"
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "c", "LN": 100}]}
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        for number, (start, mate) in enumerate([(10, 32), (32, 10)]):
            read = pysam.AlignedSegment(file.header)
            read.query_name, read.query_sequence = "f" if paired else f"r{number}", "ACGTACGT"
            read.query_qualities = pysam.qualitystring_to_array("I" * 8)
            read.reference_id, read.reference_start = 0, start
            read.mapping_quality, read.cigarstring = 60, "8M"
            read.flag = (99, 147)[number] if paired else (0, 16)[number]
            if paired:
                read.next_reference_id, read.next_reference_start = 0, mate
                read.template_length = (30, -30)[number]
            file.write(read)
    pysam.index(str(path))
    return path


def test_38_fragments_cover_what_lies_between_their_mates(tmp_path: Path) -> None:
    path = bam(tmp_path, paired=True)
    covered = sd.BAM({"s": path}, count="fragments")
    for start, end in ((15, 35), (22, 28)):
        assert (sd.build(table(("c", start, end, "+")), x=covered)["x"].values == 1).all()
    for shift, places in (((0, 0), [10, 39]), ((4, -5), [14, 34])):
        reader = sd.BAM({"s": path}, count="cut_sites", shift=shift)
        found = sd.build(table(("c", 0, 100, "+")), x=reader)["x"].values[0, 0]
        assert np.flatnonzero(found).tolist() == places


def test_40_single_reads_give_coverage_or_a_clear_error(tmp_path: Path) -> None:
    path = bam(tmp_path, paired=False)
    ds = sd.build(table(("c", 0, 100, "+")), x=sd.BAM({"s": path}))
    assert np.flatnonzero(ds["x"].values[0, 0]).tolist() == [*range(10, 18), *range(32, 40)]
    with pytest.raises(ValueError, match="paired"):
        sd.build(table(("c", 0, 100, "+")), x=sd.BAM({"s": path}, count="fragments"))


def test_42_indels_keep_the_length_of_the_window(tmp_path: Path) -> None:
    reader = genome(tmp_path, c="AACCGGTTACGTACGTTTGA")
    (tmp_path / "a.vcf").write_text(
        "##fileformat=VCFv4.2\n##contig=<ID=c,length=20>\n"
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tone\n"
        "c\t3\t.\tCC\tC\t.\t.\t.\tGT\t0|1\nc\t6\t.\tG\tGAA\t.\t.\t.\tGT\t1|0\n"
    )
    pysam.tabix_index(str(tmp_path / "a.vcf"), preset="vcf", force=True)
    ds = sd.build(table(("c", 0, 10, "+")), hap=sd.VCF(tmp_path / "a.vcf.gz", reader))
    assert [row.tobytes() for row in ds["hap"].values[0, 0]] == [b"AACCGGAATT", b"AACGGTTACG"]


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("batch_size", [1, 7, 64, 1000])
@pytest.mark.parametrize("buffer_bytes", [1, 400, 1 << 20])
def test_43_an_epoch_gives_each_row_once(
    tmp_path: Path, shuffle: bool, batch_size: int, buffer_bytes: int
) -> None:
    reader = genome(tmp_path, c="ACGT" * 50)
    regions = table(*(("c", i % 150, i % 150 + 20, "+") for i in range(300)))
    ds = sd.build(regions, out=tmp_path / "a.zarr", block_bytes=20 * 32, seq=reader)
    options = {"batch_size": batch_size, "shuffle": shuffle, "buffer_bytes": buffer_bytes}
    batches = [batch["row"] for batch in sd.Loader(ds, ["row", "seq"], **options)]
    found = np.concatenate(batches)
    assert sorted(found.tolist()) == list(range(300))
    assert shuffle or found.tolist() == list(range(300))
    assert [len(batch) for batch in batches[:-1]] == [batch_size] * (len(batches) - 1)


def test_45_what_a_transform_adds_arrives_as_a_tensor(tmp_path: Path) -> None:
    import torch

    reader = genome(tmp_path, c="ACGT" * 20)
    ds = sd.build(table(("c", 0, 8, "+"), ("c", 4, 12, "+")), seq=reader)
    loader = sd.get_torch_dataloader(
        ds,
        ["seq"],
        batch_size=2,
        transform=lambda batch: batch | {"first": batch["seq"][:, 0].clone()},
    )
    (batch,) = loader
    assert torch.is_tensor(batch["first"])
    assert batch["first"].tolist() == [65, 65]


def test_47_a_table_is_joined_by_key_with_policies_for_what_is_missing(tmp_path: Path) -> None:
    reader = genome(tmp_path, c="ACGT" * 20)
    regions = table(("c", 0, 8, "+"), ("c", 4, 12, "+"), ("c", 8, 16, "+"))
    ds = sd.build(regions.assign(name=["x", "y", "z"]), seq=reader)
    more = pd.DataFrame({"name": ["z", "x", "unused"], "dose": [3.5, 1.5, 9.0]})
    found = sd.join(ds, more, on="name", missing="fill")
    np.testing.assert_array_equal(found["dose"].values, np.float32([1.5, np.nan, 3.5]))
    with pytest.raises(ValueError, match="y"):
        sd.join(ds, more, on="name")
    with pytest.raises(ValueError, match="unused"):
        sd.join(ds, more, on="name", missing="fill", unused="error")
