"""R2 10,000 windows of 2,114 bp out of a bigWig: yeast ATAC-seq, and 10 M intervals on 250 Mb."""

import numpy as np
from inputs import YEAST, made_once, places

N, LENGTH = 10_000, 2_114

CASES = {"dense, yeast": ("dense",), "sparse, 250 Mb": ("sparse",)}
SIDES = {"ours": "ours", "pybigwig": "ours", "pybigtools": "peers"}
ROUNDS = 3


def _path(kind):
    """Give the path of the file."""
    return YEAST / "SRR1822137.coverage.bw" if kind == "dense" else made_once("sparse.bw", _write)


def _write(path):
    import pyBigWig

    starts = np.sort(np.random.default_rng(0).choice(25_000_000, 10_000_000, replace=False)) * 10
    with pyBigWig.open(str(path), "w") as file:
        file.addHeader([("chr1", 250_000_000)])
        for part in np.array_split(starts, 100):
            values = (part % 97 + 1).astype(float)
            file.addEntries(
                ["chr1"] * part.size, part.tolist(), (part + 5).tolist(), values.tolist()
            )


def _windows(path):
    import pyBigWig

    with pyBigWig.open(str(path)) as file:
        return places(file.chroms(), N, LENGTH)


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


def pybigwig(kind):
    import pyBigWig

    path = _path(kind)
    at = list(zip(*(column.tolist() for column in _windows(path)), strict=True))
    file = pyBigWig.open(str(path))

    def call():
        out = np.empty((N, LENGTH), np.float32)
        for row, place in zip(out, at, strict=True):
            row[:] = file.values(*place, numpy=True)
        return np.nan_to_num(out, copy=False)

    return call, np.ndarray.tobytes


def pybigtools(kind):
    import pybigtools as peer

    path = _path(kind)
    at = list(zip(*(column.tolist() for column in _windows(path)), strict=True))
    file = peer.open(str(path))

    def call():
        out = np.empty((N, LENGTH), np.float32)
        for row, place in zip(out, at, strict=True):
            row[:] = file.values(*place)
        return np.nan_to_num(out, copy=False)

    return call, np.ndarray.tobytes
