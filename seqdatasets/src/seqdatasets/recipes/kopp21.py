"""Binding of JunD in human stem cells: windows around ChIP-seq peaks, cut out of the genome."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import seqdata
from seqdata.schema import SEQUENCE
from seqdatasets.recipes.common import store_in
from seqpro import bed
from seqpro.intervals import clip, merge

BIN_BP = 200
WINDOW_BP = 500
NEAR_BP = 10_000
_GENOME, _PEAKS, _BLACKLIST = "hg38.fa.gz", "ENCFF446WOD.bed.gz", "ENCFF356LFX.bed.gz"
_BAMS = ("ENCFF546PJU.bam", "ENCFF059BEU.bam")
_SPLITS = {"chr3": "test", "chr2": "val"}


def load(files: Mapping[str, Path], *, folder: Path | None = None) -> xr.Dataset:
    r"""Cut the neighbourhood of peaks into bins, and label each by whether a peak reaches into it.

    The stretches up to 10,000 bp from peaks are cut into bins of 200 bp, without those whose window touches
    the blacklist; a window reaches 150 bp further on both sides.

    Parameters
    ----------
    files
        Paths of ``ENCFF446WOD.bed.gz`` (peaks), ``ENCFF356LFX.bed.gz`` (blacklist) and ``hg38.fa.gz``
        (unpacked), and, for the coverage, of ``ENCFF546PJU.bam`` and ``ENCFF059BEU.bam`` (DNase-seq).
    folder
        Where stores may be made; None keeps the data in memory.

    Returns
    -------
    Dataset with ``seq`` (_sequence, _length = 500), ``is_bound`` (int8), the bins as regions, ``split``
    (chr3 is test, chr2 val, all else train) and, where the alignments are given, ``coverage`` (_sequence,
    coverage_sample, _length; reads over each position)

    Raises
    ------
    ValueError
        If a file is not there, or the peaks are not on the genome's contigs.

    Examples
    --------
    >>> import gzip, tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> paths = {name: folder / name for name in ("ENCFF446WOD.bed.gz", "ENCFF356LFX.bed.gz")}
    >>> _ = paths["ENCFF446WOD.bed.gz"].write_bytes(gzip.compress(b"chr3\t450\t460\n"))
    >>> _ = paths["ENCFF356LFX.bed.gz"].write_bytes(gzip.compress(b"chr3\t5000\t5001\n"))
    >>> paths["hg38.fa.gz"] = folder / "hg38.fa"
    >>> _ = paths["hg38.fa.gz"].write_text(">chr3\n" + "ACGT" * 250 + "\n")
    >>> ds = load(paths)
    >>> ds["chromStart"].values.tolist(), ds["is_bound"].values.tolist()
    ([0, 200, 400, 600, 800], [0, 0, 1, 0, 0])
    """
    lacking = [name for name in (_GENOME, _PEAKS, _BLACKLIST) if name not in files]
    if lacking:
        msg = f"files must hold {lacking[0]}; found {', '.join(files) or 'none'}"
        raise ValueError(msg)
    peaks = bed.read_bed(files[_PEAKS])
    genome = seqdata.GenomeFASTA(files[_GENOME])
    readers: dict[str, Any] = {"seq": genome, **_coverage(files)}
    ds = seqdata.build(
        _bins(peaks, genome.contigs()),
        length=WINDOW_BP,
        exclude=files[_BLACKLIST],
        out=store_in(folder, "windows"),
        **readers,
    )
    ds = seqdata.label_overlaps(ds, peaks, variable="is_bound", fraction=0.0)
    contigs = ds["chrom"].values.astype(str)
    splits = [_SPLITS.get(contig, "train") for contig in contigs]
    ds = ds.assign(split=(SEQUENCE, np.array(splits, dtype=object)))
    return ds.assign_attrs(genome="hg38")


def _bins(peaks: pd.DataFrame, sizes: Mapping[str, int]) -> pd.DataFrame:
    """Cut what is near peaks into bins of one length, without what is left over at the ends."""
    near = pd.DataFrame(
        {
            "chrom": peaks["chrom"],
            "chromStart": peaks["chromStart"] - NEAR_BP,
            "chromEnd": peaks["chromEnd"] + NEAR_BP,
        }
    )
    near["chromStart"] = near["chromStart"].clip(lower=0)
    stretches = merge(clip(near, sizes))
    counts = ((stretches["chromEnd"] - stretches["chromStart"]) // BIN_BP).to_numpy()
    place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    starts = np.repeat(stretches["chromStart"].to_numpy(), counts) + place * BIN_BP
    chrom = np.repeat(stretches["chrom"].to_numpy(), counts)
    return pd.DataFrame({"chrom": chrom, "chromStart": starts, "chromEnd": starts + BIN_BP})


def _coverage(files: Mapping[str, Path]) -> dict[str, seqdata.BAM]:
    there = {Path(name).stem: files[name] for name in _BAMS if name in files}
    return {"coverage": seqdata.BAM(there)} if there else {}
