"""D2 a store of 100,000 regions x 1,000 bp with letters and a signal, and one of a table of 1 M x 200 bp."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
from inputs import YEAST, made_once, places

LENGTH = 1_000

CASES = {"regions": ("regions", 100_000), "table": ("table", 1_000_000)}
SIDES = {"ours": "ours", "loop_and_to_zarr": "ours"}
ROUNDS = 3


def _regions(n):
    import pandas as pd

    import seqdata as sd

    sizes = sd.GenomeFASTA(YEAST / "sacCer3.fa").contigs()
    contig, starts, ends = places(dict(sizes), n, LENGTH)
    return pd.DataFrame({"chrom": contig, "chromStart": starts, "chromEnd": ends})


def _table(n):
    def write(path):
        rng = np.random.default_rng(0)
        letters = np.frombuffer(b"ACGT", "u1")[rng.integers(0, 4, (n, 200), np.uint8)]
        with path.open("w") as file:
            file.write("dna\tactivity\n")
            for row, value in zip(letters, rng.standard_normal(n), strict=True):
                file.write(f"{row.tobytes().decode()}\t{value:.4f}\n")

    return made_once(f"{n}.tsv", write)


_FOLDER = tempfile.TemporaryDirectory()  # goes with the process


def _fresh():
    path = Path(_FOLDER.name, "store.zarr")
    shutil.rmtree(path, ignore_errors=True)
    return path


def _content(path):
    import zarr

    group = zarr.open_group(path, mode="r")
    return b"".join(
        group[name][:].tobytes() for name in ("seq", "signal", "activity") if name in group
    )


def ours(kind, n):
    import seqdata as sd

    def of_regions():
        path = _fresh()
        genome, signal = (
            sd.GenomeFASTA(YEAST / "sacCer3.fa"),
            sd.BigWig(YEAST / "SRR1822137.coverage.bw"),
        )
        sd.build(regions, out=path, seq=genome, signal=signal)
        return path

    def of_table():
        path = _fresh()
        sd.read_table(table, sequence="dna", targets="activity", out=path)
        return path

    if kind == "regions":
        regions = _regions(n)
        return of_regions, _content
    table = _table(n)
    return of_table, _content


def loop_and_to_zarr(kind, n):
    """One region or row at a time into arrays, then xarray's ``to_zarr``, as tutorials do it."""
    import xarray as xr

    def of_regions():
        import pyBigWig
        import pyfaidx

        genome = pyfaidx.Fasta(str(YEAST / "sacCer3.fa"), as_raw=True)
        bigwig = pyBigWig.open(str(YEAST / "SRR1822137.coverage.bw"))
        seq = np.empty((n, LENGTH), "u1")
        signal = np.empty((n, 1, LENGTH), "f4")
        for i, (chrom, start, end) in enumerate(regions.itertuples(index=False)):
            seq[i] = np.frombuffer(genome[chrom][start:end].encode(), "u1")
            signal[i, 0] = np.nan_to_num(bigwig.values(chrom, start, end, numpy=True))
        dims = ("_sequence", "_length")
        ds = xr.Dataset(
            {"seq": (dims, seq), "signal": (("_sequence", "sample", "_length"), signal)}
        )
        path = _fresh()
        ds.to_zarr(path, zarr_format=3, consolidated=False)
        return path

    def of_table():
        import csv

        letters, activity = [], []
        with table.open() as file:
            for row in csv.DictReader(file, delimiter="\t"):
                letters.append(np.frombuffer(row["dna"].encode(), "u1"))
                activity.append(float(row["activity"]))
        values = {"seq": (("_sequence", "_length"), np.stack(letters))}
        ds = xr.Dataset(values | {"activity": ("_sequence", np.float32(activity))})
        path = _fresh()
        ds.to_zarr(path, zarr_format=3, consolidated=False)
        return path

    if kind == "regions":
        regions = _regions(n)
        return of_regions, _content
    table = _table(n)
    return of_table, _content
