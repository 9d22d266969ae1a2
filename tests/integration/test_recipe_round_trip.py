"""A store tells the recipe that makes it again: whatever the reader and its options, the bytes are equal."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pysam
import pytest

import seqdata as sd
import seqpro as sp
from eugene.recipes import read_recipe, recipe_of

YEAST = "region_fixtures/yeast_sacCer3_atac"
PEAKS = "SRR1822137.hmmratac.narrowPeak"
FILES = (
    PEAKS, "sacCer3.fa", "sacCer3.fa.fai", "SRR1822137.coverage.bw", "SRR1822137.cuts_plus.bw",
    "SRR1822137.cuts_minus.bw", "SRR1822137.fragments.bed.gz", "SRR1822137.fragments.bed.gz.tbi",
    "sacCer3_sample_variants.vcf.gz", "sacCer3_sample_variants.vcf.gz.tbi",
)  # fmt: skip


def contents(store: Path) -> dict[str, bytes]:
    files = (path for path in store.rglob("*") if path.is_file())
    return {str(path.relative_to(store)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def folder(mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Links to the yeast files, with a small BAM file and groups of barcodes beside them."""
    made = tmp_path_factory.mktemp("yeast")
    for name in FILES:
        (made / name).symlink_to(mirror / YEAST / name)
    header = pysam.AlignmentHeader.from_dict(
        {"HD": {"SO": "coordinate"}, "SQ": [{"SN": "chrI", "LN": 230_218}]}
    )
    with pysam.AlignmentFile(str(made / "reads.bam"), "wb", header=header) as file:
        for start in range(400, 600, 7):
            line = f"r{start}\t{16 * (start % 2)}\tchrI\t{start}\t{start % 60}\t5M\t*\t0\t0\tACGTA\tFFFFF"
            file.write(pysam.AlignedSegment.fromstring(line, header))
    pysam.index(str(made / "reads.bam"))
    (made / "chrI.bed").write_text("chrI\t300\t500\tp1\t0\t+\nchrI\t450\t650\tp2\t0\t-\n")
    (made / "cells.tsv").write_text("chrI\t310\t350\tAC\t2\nchrI\t410\t450\tGT\t1\n")
    (made / "groups.tsv").write_text("GT\tneuron\nAC\tglia\n")
    return made


def readers(folder: Path) -> dict[str, dict[str, Any]]:
    """Arguments of builds that use every reader with options of its own."""
    path = {name: folder / name for name in FILES}
    return {
        "tracks": {
            "regions": path[PEAKS], "length": 64, "center": "summit", "max_jitter": 8,
            "block_bytes": 1 << 16,
            "negatives": sd.GCMatched(ratio=0.25), "seed": 5,
            "seq": sd.GenomeFASTA(path["sacCer3.fa"]),
            "cuts": sd.BigWig({"z": (path["SRR1822137.cuts_plus.bw"], path["SRR1822137.cuts_minus.bw"])}),
            "coverage": sd.BigWig(
                {"NO": path["SRR1822137.coverage.bw"], "007": path["SRR1822137.coverage.bw"]},
                bin_width=16, statistic="sum", missing=float("nan"),
            ),
        },
        "counts": {
            "regions": path[PEAKS], "length": 64,
            "fragments": sd.Fragments(
                path["SRR1822137.fragments.bed.gz"], contig_sizes=path["sacCer3.fa.fai"], stranded=True,
                shift=(4, -5), dtype="uint16",
            ),
        },
        "haplotypes": {
            "regions": path[PEAKS], "length": 64,
            "hap": sd.VCF(
                path["sacCer3_sample_variants.vcf.gz"], sd.GenomeFASTA(path["sacCer3.fa"]), samples=["BKI"],
                unphased="as_is", indels=False,
            ),
        },
        "reads and cells": {
            "regions": folder / "chrI.bed", "exclude": folder / "cells.tsv",
            "b": sd.BAM({"b": folder / "reads.bam", "a": folder / "reads.bam"}, count="five_prime",
                        stranded=True, min_mapping_quality=20, keep_duplicates=True),
            "a": sd.Fragments(folder / "cells.tsv", contig_sizes={"chrI": 230_218},
                              groups=folder / "groups.tsv", weights=True),
        },
    }  # fmt: skip


@pytest.mark.parametrize("name", ["tracks", "counts", "haplotypes", "reads and cells"])
def test_the_recipe_of_a_store_makes_the_same_bytes_elsewhere(
    folder: Path, name: str, tmp_path: Path
) -> None:
    keywords = readers(folder)[name]
    if name == "reads and cells":
        (folder / "far.bed").write_text("chrI\t900\t950\n")
        keywords["exclude"] = folder / "far.bed"
    made = sd.build(**keywords, out=tmp_path / "made.zarr")
    text = recipe_of(made, out="made.zarr")
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(folder, elsewhere, symlinks=True)
    (elsewhere / "recipe.yaml").write_text(text)
    read_recipe(elsewhere / "recipe.yaml").run()
    assert contents(elsewhere / "made.zarr") == contents(tmp_path / "made.zarr")
    assert str(folder) not in made.attrs["provenance"]


def test_the_recipe_of_a_table_with_its_own_separator_and_names(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("ACGU;1.5\nGG;-9\n")
    made = sd.read_table(
        tmp_path / "a.txt", sequence="rna", targets=["y"], alphabet=sp.RNA, separator=";",
        names=["rna", "y"], missing=["-9"], out=tmp_path / "made.zarr",
    )  # fmt: skip
    (tmp_path / "again").mkdir()
    (tmp_path / "a.txt").rename(tmp_path / "again" / "a.txt")
    (tmp_path / "again" / "recipe.yaml").write_text(recipe_of(made, out="made.zarr"))
    read_recipe(tmp_path / "again" / "recipe.yaml").run()
    assert contents(tmp_path / "again" / "made.zarr") == contents(tmp_path / "made.zarr")


def test_another_option_of_a_reader_is_another_recipe(folder: Path) -> None:
    """Two stores whose provenance is the same but whose values differ could not be told apart."""
    texts = {
        recipe_of(
            sd.build(
                folder / "chrI.bed", b=sd.BAM(folder / "reads.bam", min_mapping_quality=quality)
            )
        )
        for quality in (0, 20)
    }
    assert len(texts) == 2
