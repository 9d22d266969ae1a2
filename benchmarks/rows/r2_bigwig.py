"""R2 10,000 windows of 2,114 bp out of a bigWig: yeast ATAC-seq, and 10 M intervals on 250 Mb."""

import os
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve()
MIRROR = Path(os.environ.get("SEQDATASETS_MIRROR", HERE.parents[3] / "shared" / "data"))
YEAST = MIRROR / "region_fixtures" / "yeast_sacCer3_atac" / "SRR1822137.coverage.bw"
N, LENGTH = 10_000, 2_114

CASES = {"dense, yeast": ("dense",), "sparse, 250 Mb": ("sparse",)}
SIDES = {"ours": "ours", "bigwig_loop": "ours"}


def _path(kind):
    """Give the path of the file; the generated one is made once."""
    import pyBigWig

    path = Path(tempfile.gettempdir(), "eugene-benchmarks", "sparse.bw")
    if kind == "dense" or path.exists():
        return YEAST if kind == "dense" else path
    path.parent.mkdir(exist_ok=True)
    starts = np.sort(np.random.default_rng(0).choice(25_000_000, 10_000_000, replace=False)) * 10
    with pyBigWig.open(str(path), "w") as file:
        file.addHeader([("chr1", 250_000_000)])
        for part in np.array_split(starts, 100):
            values = (part % 97 + 1).astype(float)
            file.addEntries(
                ["chr1"] * part.size, part.tolist(), (part + 5).tolist(), values.tolist()
            )
    return path


def _windows(path):
    import pyBigWig

    with pyBigWig.open(str(path)) as file:
        sizes = file.chroms()
    names, lengths = np.array(list(sizes), dtype=object), np.array(list(sizes.values()))
    rng = np.random.default_rng(1)
    contig = rng.choice(names.size, N, p=lengths / lengths.sum())
    starts = (rng.random(N) * (lengths[contig] - LENGTH)).astype(np.int64)
    return names[contig], starts, starts + LENGTH


def ours(kind):
    import seqdata as sd

    path = _path(kind)
    contig, starts, ends = _windows(path)
    reader = sd.BigWig(path)
    rows_of = {name: np.flatnonzero(contig == name) for name in reader.contigs()}

    def call():
        out = np.zeros((1, N * LENGTH), np.float32)
        for name, rows in rows_of.items():
            order = rows[np.argsort(starts[rows], kind="stable")]
            if order.size:
                reader.read(name, starts[order], ends[order], out, order * LENGTH)
        return out

    return call, np.ndarray.tobytes


def bigwig_loop(kind):
    import pyBigWig

    path = _path(kind)
    places = list(zip(*(column.tolist() for column in _windows(path)), strict=True))
    file = pyBigWig.open(str(path))

    def call():
        out = np.empty((N, LENGTH), np.float32)
        for row, place in zip(out, places, strict=True):
            row[:] = file.values(*place, numpy=True)
        return np.nan_to_num(out, copy=False)

    return call, np.ndarray.tobytes
