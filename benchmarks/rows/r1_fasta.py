"""R1 100,000 windows of 1,000 bp out of the yeast genome, in shuffled order."""

from pathlib import Path

import numpy as np
from inputs import YEAST, made_once, places

N, LENGTH = 100_000, 1_000

CASES = {"lines of 50": ("lines",), "one line a contig": ("long",), "bgzip": ("bgzip",)}
SIDES = {"ours": "ours", "ours_build": "ours", "pysam": "ours", "pyfaidx": "ours"}
ROUNDS = 3


def genome(kind):
    """The genome, laid out in a way, with its indexes."""
    import pysam

    def write(folder):
        folder.mkdir(parents=True)
        path = folder / ("a.fa.gz" if kind == "bgzip" else "a.fa")
        if kind == "bgzip":
            pysam.tabix_compress(str(YEAST / "sacCer3.fa"), str(path))
        elif kind == "long":
            with pysam.FastaFile(str(YEAST / "sacCer3.fa")) as file:
                path.write_text("".join(f">{n}\n{file.fetch(n)}\n" for n in file.references))
        else:
            path.write_bytes((YEAST / "sacCer3.fa").read_bytes())
        pysam.faidx(str(path))

    return made_once(f"yeast-{kind}", write) / ("a.fa.gz" if kind == "bgzip" else "a.fa")


def windows(path):
    """Contig, start and end of each window."""
    index = [line.split("\t") for line in Path(f"{path}.fai").read_text().splitlines()]
    return places({fields[0]: int(fields[1]) for fields in index}, N, LENGTH)


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
    at = list(zip(contig.tolist(), starts.tolist(), ends.tolist(), strict=True))
    file = peer.FastaFile(str(path))
    return lambda: [file.fetch(*place) for place in at], joined


def pyfaidx(kind):
    import pyfaidx as peer

    path = genome(kind)
    contig, starts, ends = windows(path)
    at = list(zip(contig.tolist(), starts.tolist(), ends.tolist(), strict=True))
    file = peer.Fasta(str(path), as_raw=True)
    return lambda: [file[name][start:end] for name, start, end in at], joined
