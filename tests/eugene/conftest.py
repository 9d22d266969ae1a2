"""Small data and small runs that the tests of eugene share."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import eugene as eu
import seqdatasets
import seqpro as sp


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Networks of the tests are small: threads would spend their time waiting for each other."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def regression_data(n: int = 300, length: int = 40, seed: int = 0) -> xr.Dataset:
    """Sequences whose target is their share of G and C, with a little noise."""
    seqs = sp.random_seqs((n, length), sp.DNA, rng=seed).view(np.uint8)
    noise = np.random.default_rng(seed).normal(0, 0.02, n)
    target = (sp.gc_content(seqs) + noise).astype(np.float32)
    data = xr.Dataset(
        {
            "row": ("_sequence", np.arange(n)),
            "seq": (("_sequence", "_length"), seqs, {"alphabet": "DNA"}),
            "gc": ("_sequence", target),
            "at": ("_sequence", 1 - target),
        }
    )
    return eu.preprocess.split(data, seed=seed)


@pytest.fixture(scope="session")
def gc_data() -> xr.Dataset:
    return regression_data()


@pytest.fixture(scope="session")
def motif_data() -> xr.Dataset:
    """Simulated presence of a strong motif, split."""
    data = seqdatasets.simulate(
        num_seqs=2000,
        seq_length=60,
        motifs=["CTCF", "CEBPA"],
        pos_motifs=["CTCF"],
        strand="forward",
        seed=0,
    )
    return eu.preprocess.split(data, stratify="label", seed=0)


@pytest.fixture(scope="session")
def gc_run(gc_data: xr.Dataset, tmp_path_factory: pytest.TempPathFactory) -> eu.train.Run:
    out = tmp_path_factory.mktemp("gc") / "run"
    return eu.fit(
        "cnn",
        gc_data,
        targets="gc",
        epochs=15,
        batch_size=16,
        filters=8,
        hidden=8,
        kernel=5,
        out=out,
    )


@pytest.fixture(scope="session")
def motif_run(motif_data: xr.Dataset, tmp_path_factory: pytest.TempPathFactory) -> eu.train.Run:
    out = tmp_path_factory.mktemp("motif") / "run"
    return eu.fit(
        "cnn", motif_data, targets="label", epochs=12, filters=32, both_strands=False, out=out
    )
