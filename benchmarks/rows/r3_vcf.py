"""R3 haplotypes of windows from VCF, against one pysam fetch a window."""

import os
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

CASES = {
    "yeast (real), 1 sample, 5,000 x 1 kb": ("yeast", 5_000, None),
    "made up, 100 samples, 200 x 1 kb of 1 Mb": ("cohort", 200, 1_000_000),
    "made up, 100 samples, 1,000 x 1 kb of 5 Mb": ("cohort", 1_000, 5_000_000),
}
SIDES = {"ours": "ours", "pysam_loop": "ours"}

LENGTH = 1_000
ROOM = 200  # bp to the right that the loop reads in case of deletions


def yeast(_):
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    folder = (
        Path(os.environ.get("SEQDATASETS_MIRROR", beside)) / "region_fixtures/yeast_sacCer3_atac"
    )
    return folder / "sacCer3_sample_variants.vcf.gz", folder / "sacCer3.fa"


def cohort(size):
    """Write a contig, and phased SNPs and indels of 100 samples, one variant in 80 bp."""
    import pysam

    rng = np.random.default_rng(0)
    folder = Path(tempfile.mkdtemp())
    reference = rng.choice(np.frombuffer(b"ACGT", "u1"), size).tobytes().decode()
    (folder / "g.fa").write_text(f">chr1\n{reference}\n")
    names = [f"s{i}" for i in range(100)]
    lines = ["##fileformat=VCFv4.2", f"##contig=<ID=chr1,length={size}>"]
    lines.append('##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">')
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + "\t".join(names))
    for start in range(40, size - 40, 80):
        ref = reference[start : start + (4 if start % 7 == 0 else 1)]
        alt = (
            ref[0] + "GA"
            if start % 11 == 0
            else ref[0]
            if len(ref) > 1
            else "ACGT"["CGTA".index(ref)]
        )
        calls = rng.random((100, 2)) < rng.beta(0.3, 2)
        texts = "\t".join(f"{a:d}|{b:d}" for a, b in calls)
        lines.append(f"chr1\t{start + 1}\t.\t{ref}\t{alt}\t.\tPASS\t.\tGT\t{texts}")
    (folder / "v.vcf").write_text("\n".join(lines) + "\n")
    pysam.tabix_index(str(folder / "v.vcf"), preset="vcf")
    return folder / "v.vcf.gz", folder / "g.fa"


def inputs(source, n, size):
    path, genome = {"yeast": yeast, "cohort": cohort}[source](size)
    index = genome.with_name(genome.name + ".fai")
    if not index.exists():
        import pysam

        pysam.faidx(str(genome))
    table = pd.read_csv(index, sep="\t", header=None, usecols=[0, 1], names=["chrom", "size"])
    table = table[table["chrom"] != "chrM"]
    rng = np.random.default_rng(1)
    rows = table.sample(n, replace=True, weights="size", random_state=1)
    starts = (rng.random(n) * (rows["size"] - LENGTH)).astype(int).to_numpy()
    regions = pd.DataFrame(
        {"chrom": rows["chrom"].to_numpy(), "chromStart": starts, "chromEnd": starts + LENGTH}
    )
    return path, genome, regions


def ours(source, n, size):
    import seqdata as sd
    from seqdata.readers.vcf import VCF

    path, genome, regions = inputs(source, n, size)

    def call():
        return sd.build(regions, hap=VCF(path, genome, unphased="as_is"))["hap"].values

    return call, np.ndarray.tobytes


def pysam_loop(source, n, size):
    import pysam

    path, genome, regions = inputs(source, n, size)

    def call():
        with pysam.VariantFile(str(path)) as file, pysam.FastaFile(str(genome)) as fasta:
            windows = [
                window(file, fasta, *row) for row in regions.itertuples(index=False, name=None)
            ]
        return np.stack(windows)

    return call, np.ndarray.tobytes


def window(file, fasta, contig, start, end):
    reference = fasta.fetch(contig, start, end + ROOM)
    haplotypes = [[] for _ in range(2 * len(file.header.samples))]
    for record in file.fetch(contig, start, end + ROOM):
        for sample, call in enumerate(record.samples.values()):
            for i, allele in enumerate(call.allele_indices):
                if allele:
                    change = (record.start, record.ref, record.alleles[allele])
                    haplotypes[2 * sample + i].append(change)
    out = np.empty((len(haplotypes), end - start), "u1")
    for row, changes in zip(out, haplotypes, strict=True):
        row[:] = np.frombuffer(applied(reference, changes, start, end).encode(), "u1")
    return out.reshape(-1, 2, end - start)


def applied(reference, changes, start, end):
    parts, position = [], start
    for low, ref, alt in changes:
        shared = ref[0] == alt[0]
        high = low + len(ref)
        low += shared
        if low < position and low < start:  # began before the window
            if shared and low + len(alt) - 1 < start:
                position = max(position, high)
            elif not shared:
                parts.append(alt[start - low :])
                position = max(position, high)
            continue
        is_inserted_before = shared and low == start and len(ref) == 1
        if low < position or is_inserted_before:
            continue
        parts += [reference[position - start : low - start], alt[shared:]]
        position = high
    parts.append(reference[position - start :])
    return "".join(parts)[: end - start]
