"""Small Datasets and genomic files that the tests of seqdata share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyBigWig
import pytest
import xarray as xr

import seqpro as sp
from seqdata.view import sequence_variables

CONTIGS = {"chr1": 500, "chr2": 137, "chrM": 60}
N = 7


def text(*words: str) -> np.ndarray:
    return np.array(words, dtype=object)


def dense() -> xr.Dataset:
    """Rows of one length with a target, a class, labels, free text and a mask."""
    rng = np.random.default_rng(0)
    return xr.Dataset(
        {
            "row": ("_sequence", np.arange(N) * 10),
            "seq": (("_sequence", "_length"), rng.choice(np.frombuffer(b"ACGT", "u1"), (N, 12))),
            "activity": ("_sequence", np.array([1.5, np.nan, -2, 0, 3, 4, 5], "f4")),
            "is_active": ("_sequence", np.array([0, 1, -1, 0, 1, 1, 0], "i1")),
            "tissue": ("_sequence", text("left eye", "100%", "", "naïve T", "a_b", "100%", "%")),
            "id": ("_sequence", text("x1", "", "a b", "é", "%20", "x1", "x2")),
            "covered": (("_sequence", "_length"), rng.random((N, 12)) < 0.5),
            "split": ("_sequence", text("train", "val", "test", "unused", "train", "val", "train")),
            "fold": ("_sequence", np.arange(N, dtype="i2")),
            "barcodes": ("_sequence", np.arange(N) * 1_000_000_007),
        }
    )


def windows() -> xr.Dataset:
    """Regions with their windows, stranded counts, and tracks of two samples and a coarser extent."""
    rng = np.random.default_rng(1)
    return xr.Dataset(
        {
            "row": ("_sequence", np.arange(N)),
            "chrom": ("_sequence", text(*["chr1", "chr2"] * 3, "chr1")),
            "chromStart": ("_sequence", np.arange(N) * 100),
            "chromEnd": ("_sequence", np.arange(N) * 100 + 8),
            "strand": ("_sequence", text(*"+-.+-.+")),
            "summit": ("_sequence", np.array([-1, 104, 203, -1, 400, 500, 601])),
            "score": ("_sequence", np.arange(N, dtype="f4")),
            "name": ("_sequence", text(*["peak"] * N)),
            "windowStart": ("_sequence", np.arange(N) * 100 - 2),
            "windowEnd": ("_sequence", np.arange(N) * 100 + 10),
            "seq": (("_sequence", "_length"), rng.choice(np.frombuffer(b"ACGTN", "u1"), (N, 12))),
            "cuts": (
                ("_sequence", "cuts_sample", "_strand", "_length"),
                rng.integers(0, 2**16, (N, 2, 2, 12)).astype("u2"),
            ),
            "atac": (
                ("_sequence", "atac_sample", "atac_length"),
                np.where(rng.random((N, 1, 3)) < 0.3, np.nan, 1).astype("f4"),
            ),
            "depth": (("_sequence", "cuts_sample"), rng.random((N, 2)).astype("f4")),
        },
        {
            "cuts_sample": text("brain", "liver"),
            "atac_sample": text("pool"),
            "_strand": text("+", "-"),
            "batch": ("cuts_sample", text("first", "second batch")),
        },
        {"max_jitter": 2, "genome": "sacCer3"},
    )


def unequal() -> xr.Dataset:
    """Sequences of unequal length, one of them empty, with a value for each of their bases."""
    words = [b"ACG", b"T", b"", b"GGGGG", b"NN", b"AC", b"TTTT"]
    flat = sp.Ragged.from_bytes(words)
    reactivity = np.arange(flat.values.size, dtype="f4")
    reactivity[3] = np.nan
    return xr.Dataset(
        {
            "row": ("_sequence", np.arange(N)[::-1] + 3),
            **sequence_variables(flat, sp.RNA),
            "reactivity": ("seq_value", reactivity),
            "half_life": ("_sequence", np.linspace(0, 1, N, dtype="f4"), {"units": "hours"}),
        }
    )


def planted() -> xr.Dataset:
    """Rows with a long table of planted motifs and one of hits, which refer to rows by key."""
    rows = np.array([50, 50, 10, 30])
    return dense().assign(
        embedding_row=("_embedding", rows),
        embedding_start=("_embedding", np.array([0, 6, 2, 1])),
        embedding_end=("_embedding", np.array([4, 9, 5, 4])),
        embedding_pair=("_embedding", np.array([0, 0, -1, -1])),
        embedding_is_causal=("_embedding", np.array([True, True, False, True])),
        embedding_motif=("_embedding", text("GATA", "SOX", "GATA", "my motif")),
        embedding_score=("_embedding", np.array([1, 2, np.nan, 3], "f4")),
        hit_row=("_hit", rows[::-1].copy()),
        hit_motif=("_hit", text("SOX", "GATA", "SOX", "")),
    )


def results() -> xr.Dataset:
    """Several targets by name, predictions, attributions, haplotypes, alleles, motifs."""
    rng = np.random.default_rng(2)
    floats = lambda *shape: rng.standard_normal(shape).astype("f4")  # noqa: E731
    letters = lambda *shape: rng.choice(np.frombuffer(b"ACGT", "u1"), shape)  # noqa: E731
    dims = ("_sequence", "_target", "_ohe", "_length")
    return xr.Dataset(
        {
            "row": ("_sequence", np.arange(N)),
            "parent_row": ("_sequence", np.array([4, 4, -1, 2, 2, 0, 9])),
            "seq": (("_sequence", "_allele", "_length"), letters(N, 2, 6)),
            "expression": (("_sequence", "_target"), floats(N, 3)),
            "predictions": (("_sequence", "_allele", "_target"), floats(N, 2, 3)),
            "predictions_cnn": (("_sequence", "_target"), floats(N, 3)),
            "attributions_ism": (dims, floats(N, 3, 4, 6)),
            "phased": (
                ("_sequence", "phased_sample", "phased_haplotype", "_length"),
                letters(N, 2, 2, 6),
            ),
            "motif": (("_motif", "_motif_length", "_ohe"), floats(2, 5, 4)),
            "motif_size": ("_motif", np.array([5, 3])),
            "motif_name": ("_motif", text("GATA1", "SOX2")),
        },
        {"_target": text("K562", "HepG2", ""), "phased_sample": text("HG001", "HG002")},
    )


EXAMPLES: dict[str, Callable[[], xr.Dataset]] = {
    "dense": dense,
    "windows": windows,
    "unequal": unequal,
    "planted": planted,
    "results": results,
}


@pytest.fixture(params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> xr.Dataset:
    """Each kind of Dataset that the contract carries, in turn."""
    return EXAMPLES[request.param]()


@pytest.fixture
def simple() -> xr.Dataset:
    """Rows of one length with a target, a class, labels, free text and a mask."""
    return dense()


@pytest.fixture
def ragged() -> xr.Dataset:
    """Sequences of unequal length."""
    return unequal()


@pytest.fixture
def with_planted() -> xr.Dataset:
    """Rows with long tables."""
    return planted()


@pytest.fixture
def with_results() -> xr.Dataset:
    """Several targets, attributions and more."""
    return results()


@pytest.fixture
def with_windows() -> xr.Dataset:
    """Regions, windows and tracks."""
    return windows()


@pytest.fixture(scope="session")
def genome(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FASTA of three contigs with lower case and N, 23 letters a line, without an index."""
    rng = np.random.default_rng(3)
    letters = np.frombuffer(b"ACGTacgtN", "u1")
    path = tmp_path_factory.mktemp("genome") / "genome.fa"
    with path.open("w") as out:
        for name, length in CONTIGS.items():
            sequence = rng.choice(letters, length).tobytes().decode()
            out.write(f">{name} some words\n")
            out.writelines(f"{sequence[i : i + 23]}\n" for i in range(0, length, 23))
    return path


@pytest.fixture(scope="session")
def signals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """BigWig files ``a`` to ``d`` over the genome's contigs; chrM has no data in any of them."""
    folder = tmp_path_factory.mktemp("signals")
    paths = {}
    for seed, name in enumerate("abcd"):
        rng = np.random.default_rng(seed)
        paths[name] = folder / f"{name}.bw"
        with pyBigWig.open(str(paths[name]), "w") as out:
            out.addHeader(list(CONTIGS.items()))
            for contig in ("chr1", "chr2"):
                starts = np.flatnonzero(rng.random(CONTIGS[contig]) < 0.4)
                values = rng.standard_normal(starts.size).astype("f4").astype(float)
                out.addEntries(
                    [contig] * starts.size, starts.tolist(), ends=(starts + 1).tolist(),
                    values=values.tolist(),
                )  # fmt: skip
    return paths
