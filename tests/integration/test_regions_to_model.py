"""Peaks and signal of a real genome, through every package, to explained predictions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import eugene as eu
import seqdata as sd
import seqpro as sp
from seqdata.testing import assert_conforms


@pytest.fixture(scope="module")
def peaks(mirror: Path, tmp_path_factory: pytest.TempPathFactory):
    """All ATAC peaks of yeast with sequence and signal, and the log of the mean signal as target."""
    folder = mirror / "region_fixtures" / "yeast_sacCer3_atac"
    data = sd.build(
        folder / "SRR1822137.hmmratac.narrowPeak",
        out=tmp_path_factory.mktemp("yeast") / "peaks.zarr",
        length=200,
        center="summit",
        max_jitter=10,
        seq=sd.GenomeFASTA(folder / "sacCer3.fa"),
        signal=sd.BigWig({"atac": folder / "SRR1822137.coverage.bw"}),
    )
    level = np.log1p(data["signal"].values.mean(axis=(1, 2))).astype(np.float32)
    data = data.assign(level=("_sequence", level, {"units": "log(1 + mean coverage)"}))
    return eu.preprocess.split(data, by="chrom", val=["chrII"], test=["chrIV", "chrVII"])


def test_peaks_follow_the_contract_and_keep_their_places(peaks) -> None:
    assert peaks.sizes["_sequence"] == 1605
    assert_conforms(peaks.isel(_sequence=slice(0, 40)).load())
    assert (peaks["windowEnd"].values - peaks["windowStart"].values == 220).all()


def test_model_of_peaks_trains_predicts_and_explains(peaks, mirror: Path, tmp_path: Path) -> None:
    """Whole contigs are held out, windows lose their jitter room, results keep their coordinates."""
    run = eu.fit("cnn", peaks, targets="level", epochs=1, filters=8, hidden=8, out=tmp_path / "run")
    assert run.model.card.length == 200
    evaluation = run.evaluate(n_resamples=50)
    assert set(peaks["chrom"].values[evaluation.rows]) == {"chrIV", "chrVII"}
    explained = eu.interpret.attribute(
        run, peaks, method="gradient_x_input", rows=evaluation.rows[:3]
    )
    assert explained["attributions_gradient_x_input"].shape == (3, 4, 200)
    assert (explained["windowEnd"].values - explained["windowStart"].values == 200).all()
    letters = sd.chars(explained, "seq").values
    genome = sd.GenomeFASTA(mirror / "region_fixtures" / "yeast_sacCer3_atac" / "sacCer3.fa")
    region = explained[["chrom", "windowStart", "windowEnd"]].to_dataframe()
    region.columns = ["chrom", "chromStart", "chromEnd"]
    again = sd.build(region, seq=genome)
    np.testing.assert_array_equal(sd.chars(again, "seq").values, letters)


def test_a_network_tells_peaks_from_gc_matched_negatives_on_held_out_contigs(
    mirror: Path, tmp_path: Path
) -> None:
    """The whole way: peaks and negatives, store, loader, network; GC content alone tells nothing."""
    folder = mirror / "region_fixtures" / "yeast_sacCer3_atac"
    data = sd.build(
        folder / "SRR1822137.hmmratac.narrowPeak",
        out=tmp_path / "peaks.zarr",
        length=300,
        center="summit",
        max_jitter=20,
        negatives=sd.GCMatched(ratio=1.0),
        seed=0,
        seq=sd.GenomeFASTA(folder / "sacCer3.fa"),
    )
    assert_conforms(data)
    label = data["is_peak"].values.astype(np.int8)
    data = data.assign(label=("_sequence", label, {"task": "binary"}))
    data = eu.preprocess.split(data, by="chrom", val=["chrII"], test=["chrIV", "chrVII"])
    run = eu.fit("cnn", data, targets="label", epochs=4, seed=0, out=tmp_path / "run")
    table = run.evaluate(split="test", n_resamples=50).table
    aurocs = table[(table["model"] == "cnn") & (table["metric"] == "auroc")]["value"]
    held_out = data["split"].values == "test"
    gc = sp.gc_content(data["seq"].values[held_out])
    assert aurocs.item() > 0.85
    assert abs(roc_auc_score(label[held_out], gc) - 0.5) < 0.05
