"""R1 100,000 windows of 1,000 bp out of the yeast genome, in shuffled order."""

import os
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve()
MIRROR = Path(os.environ.get("SEQDATASETS_MIRROR", HERE.parents[3] / "shared" / "data"))
GENOME = MIRROR / "region_fixtures" / "yeast_sacCer3_atac" / "sacCer3.fa"
N, LENGTH = 100_000, 1_000

CASES = {"lines of 50": ("lines",), "one line a contig": ("long",), "bgzip": ("bgzip",)}
SIDES = {"ours": "ours", "ours_build": "ours", "pysam": "ours", "pyfaidx": "ours"}


def genome(kind):
    """The genome, laid out in a way, with its indexes."""
    import pysam

    folder = Path(tempfile.mkdtemp())
    if kind == "bgzip":
        path = folder / "a.fa.gz"
        pysam.tabix_compress(str(GENOME), str(path))
    else:
        path = folder / "a.fa"
        path.write_bytes(GENOME.read_bytes())
    pysam.faidx(str(path))
    if kind == "long":
        with pysam.FastaFile(str(path)) as file:
            records = [f">{name}\n{file.fetch(name)}\n" for name in file.references]
        path = folder / "b.fa"
        path.write_text("".join(records))
        pysam.faidx(str(path))
    return path


def windows(path):
    """Contig, start and end of each window."""
    index = [line.split("\t") for line in Path(f"{path}.fai").read_text().splitlines()]
    rng, sizes = np.random.default_rng(0), np.array([int(fields[1]) for fields in index])
    contig = rng.choice(len(index), N, p=sizes / sizes.sum())
    starts = (rng.random(N) * (sizes[contig] - LENGTH)).astype(np.int64)
    return np.array([fields[0] for fields in index], dtype=object)[contig], starts, starts + LENGTH


def joined(texts):
    return "".join(texts).encode()


def ours(kind):
    import seqdata as sd

    path = genome(kind)
    contig, starts, ends = windows(path)
    reader = sd.GenomeFASTA(path)
    rows_of = {name: np.flatnonzero(contig == name) for name in reader.contigs()}

    def call():
        out = np.empty(N * LENGTH, np.uint8)
        for name, rows in rows_of.items():
            order = rows[np.argsort(starts[rows], kind="stable")]
            reader.read(name, starts[order], ends[order], out, order * LENGTH)
        return out

    return call, np.ndarray.tobytes


def ours_build(kind):
    import pandas as pd

    import seqdata as sd

    path = genome(kind)
    contig, starts, ends = windows(path)
    table = pd.DataFrame({"chrom": contig, "chromStart": starts, "chromEnd": ends})
    reader = sd.GenomeFASTA(path)
    return lambda: sd.build(table, seq=reader)["seq"].values, np.ndarray.tobytes


def pysam(kind):
    import pysam as peer

    path = genome(kind)
    contig, starts, ends = windows(path)
    places = list(zip(contig.tolist(), starts.tolist(), ends.tolist(), strict=True))
    file = peer.FastaFile(str(path))
    return lambda: [file.fetch(*place) for place in places], joined


def pyfaidx(kind):
    import pyfaidx as peer

    path = genome(kind)
    contig, starts, ends = windows(path)
    places = list(zip(contig.tolist(), starts.tolist(), ends.tolist(), strict=True))
    file = peer.Fasta(str(path), as_raw=True)
    return lambda: [file[name][start:end] for name, start, end in places], joined
