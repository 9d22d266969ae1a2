"""Training: it learns, repeats itself exactly, leaves the user's things alone, and says what it did."""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr

import eugene as eu
import seqpro as sp
from eugene.train import Optimizer, load_run

SMALL = {"epochs": 2, "filters": 8, "hidden": 8, "kernel": 5}


def test_fit_learns_what_there_is_to_learn(gc_run) -> None:
    evaluation = gc_run.evaluate(split="test")
    assert evaluation.value("pearson") > 0.9
    assert gc_run.score == pytest.approx(gc_run.history["val_pearson"].max())


def test_same_seed_same_model_other_seed_other_model(gc_data: xr.Dataset, tmp_path: Path) -> None:
    digests = [
        eu.fit(
            "cnn", gc_data, targets="gc", seed=seed, out=tmp_path / str(i), **SMALL
        ).model.digest()
        for i, seed in enumerate((1, 1, 2))
    ]
    assert digests[0] == digests[1] != digests[2]


def test_no_global_state_is_changed(gc_data: xr.Dataset, tmp_path: Path) -> None:
    """A user's own random numbers and log levels stay as they were."""
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    random.seed(5)
    before = np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002
    level = logging.getLogger("pytorch_lightning").level
    copy = gc_data.copy(deep=True)
    eu.fit("cnn", gc_data, targets="gc", out=tmp_path / "run", **SMALL)
    torch.testing.assert_close(torch.rand(3), expected)
    np.testing.assert_array_equal(np.random.get_state()[1], before[0])  # noqa: NPY002
    assert random.getstate() == before[1]
    assert logging.getLogger("pytorch_lightning").level == level
    assert gc_data.identical(copy)


def test_training_is_silent_where_nobody_watches(
    gc_data: xr.Dataset, tmp_path: Path, capfd
) -> None:
    eu.fit("cnn", gc_data, targets="gc", out=tmp_path / "run", **SMALL)
    out, err = capfd.readouterr()
    assert not out
    assert not err


def test_the_best_epoch_is_kept(gc_data: xr.Dataset, tmp_path: Path) -> None:
    """A rate that ruins the last epochs must not ruin the model."""
    optimizer = Optimizer(learning_rate=0.3, schedule="constant")
    run = eu.fit(
        "cnn",
        gc_data,
        targets="gc",
        optimizer=optimizer,
        out=tmp_path / "run",
        **(SMALL | {"epochs": 6}),
    )
    scores = run.history["val_pearson"].fillna(-1)
    assert run.best_epoch == int(scores.idxmax())
    val = run.evaluate(split="val", baseline=False)
    assert val.value("pearson") == pytest.approx(run.score, abs=1e-4)


def test_history_is_of_whole_epochs(gc_run, gc_data: xr.Dataset) -> None:
    """The val loss is that of all val rows at once, in float32, both strands averaged."""
    predicted = gc_run.predict(split="val")["predictions"].values[:, 0]
    target = gc_data["gc"].values[gc_data["split"].values == "val"]
    scale = gc_run.model.card.scale[0]
    expected = np.mean((predicted - target) ** 2) / scale**2
    assert gc_run.history["val_loss"][gc_run.best_epoch] == pytest.approx(expected, rel=1e-3)


def test_run_opens_again_with_the_same_numbers(gc_run, gc_data: xr.Dataset) -> None:
    again = load_run(gc_run.path, gc_data)
    assert again.record == gc_run.record
    assert again.history.equals(gc_run.history)
    np.testing.assert_array_equal(
        again.predict(split="test")["predictions"], gc_run.predict(split="test")["predictions"]
    )
    assert again.summary() == gc_run.summary()
    with pytest.raises(ValueError, match="opened without its data"):
        load_run(gc_run.path).evaluate()


def test_store_and_memory_give_the_same_model(gc_data: xr.Dataset, tmp_path: Path) -> None:
    import seqdata as sd

    stored = sd.to_zarr(gc_data, tmp_path / "gc.zarr")
    first = eu.fit("cnn", gc_data, targets="gc", out=tmp_path / "a", **SMALL)
    second = eu.fit("cnn", stored, targets="gc", out=tmp_path / "b", **SMALL)
    assert first.model.digest() == second.model.digest()
    assert second.model.card.data == stored.attrs["uuid"]


def test_several_targets_train_together(gc_data: xr.Dataset, tmp_path: Path) -> None:
    run = eu.fit("cnn", gc_data, targets=["gc", "at"], out=tmp_path / "run", **SMALL)
    predicted = run.predict(split="test")["predictions"]
    assert predicted.dims == ("_sequence", "_target")
    assert predicted["_target"].values.tolist() == ["gc", "at"]
    table = run.evaluate(baseline=False).table
    assert set(table["target"]) == {"gc", "at"}


def test_missing_targets_are_masked_or_dropped_and_counted(
    gc_data: xr.Dataset, tmp_path: Path
) -> None:
    """A masked entry changes nothing: training on it equals training on any other value there."""
    holes = gc_data["gc"].values.copy()
    train = np.flatnonzero(gc_data["split"].values == "train")
    holes[train[:20]] = np.nan
    data = gc_data.assign(gc=("_sequence", holes))
    masked = eu.fit("cnn", data, targets=["gc", "at"], missing="mask", out=tmp_path / "a", **SMALL)
    assert np.isfinite(masked.history["train_loss"]).all()
    assert masked.record["dropped"]["train"] == 0
    dropped = eu.fit("cnn", data, targets=["gc", "at"], missing="drop", out=tmp_path / "b", **SMALL)
    assert dropped.record["dropped"]["train"] == 20
    assert "20 train" in dropped.summary()
    with pytest.raises(ValueError, match="must not be missing"):
        eu.fit("cnn", data, targets="gc", missing="error", out=tmp_path / "c", **SMALL)
    assert not (tmp_path / "c").exists()


def test_network_of_ones_own(gc_data: xr.Dataset, tmp_path: Path) -> None:
    own = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(160, 1))
    run = eu.fit(own, gc_data, targets="gc", epochs=60, batch_size=16, out=tmp_path / "run")
    assert run.evaluate(baseline=False).value("pearson") > 0.9
    assert run.model.card.architecture.endswith(":Sequential")
    with pytest.raises(ValueError, match="a network of one's own has its own"):
        eu.fit(own, gc_data, targets="gc", filters=3, out=tmp_path / "other")


def test_jitter_room_is_cut_for_training_and_prediction(
    tmp_path: Path, gc_data: xr.Dataset
) -> None:
    """A Dataset built with max_jitter trains on windows of the length that was asked for."""
    data = gc_data.assign_attrs(max_jitter=4)
    run = eu.fit("cnn", data, targets="gc", out=tmp_path / "run", **SMALL)
    assert run.model.card.length == 32
    centre = gc_data.isel(_length=slice(4, 36))
    np.testing.assert_allclose(
        run.predict(data, split="test")["predictions"],
        run.predict(centre, split="test")["predictions"],
        rtol=1e-6,
    )


def test_dream_cnn_soft_bins_predicts_on_the_scale_of_the_bins(
    gc_data: xr.Dataset, tmp_path: Path
) -> None:
    data = gc_data.assign(level=("_sequence", 17 * gc_data["gc"].values))
    run = eu.fit(
        "dream_cnn", data, targets="level", epochs=1, head="soft_bins", out=tmp_path / "run"
    )
    assert run.model.card.center == (0.0,)
    predicted = run.predict(split="test")["predictions"].values
    assert ((predicted >= 0) & (predicted <= 17)).all()


def test_default_folder_is_a_new_one_each_time(
    gc_data: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EUGENE_RUNS_DIR", str(tmp_path / "runs"))
    paths = [eu.fit("kmer_linear", gc_data, targets="gc").path.name for _ in range(2)]
    assert paths == ["kmer_linear-001", "kmer_linear-002"]
    with pytest.raises(FileExistsError, match="holds a run already"):
        eu.fit("kmer_linear", gc_data, targets="gc", out=tmp_path / "runs" / "kmer_linear-001")


def test_proteins_have_one_strand(tmp_path: Path, gc_data: xr.Dataset) -> None:
    data = gc_data.copy()
    data["seq"].attrs["alphabet"] = "AA"
    run = eu.fit("cnn", data, targets="gc", out=tmp_path / "run", **SMALL)
    assert not run.model.card.both_strands
    with pytest.raises(ValueError, match="both_strands must be False for AA"):
        eu.fit("cnn", data, targets="gc", both_strands=True, out=tmp_path / "other")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"targets": "nothing"}, "found no 'nothing'"),
        ({"inputs": "nothing"}, "inputs must name a sequence of the data; found no 'nothing'"),
        ({"inputs": "gc"}, "must be a sequence"),
        ({"model": "cnm"}, "no model 'cnm'"),
        ({"filter": 3}, "no setting 'filter'; did you mean filters"),
        ({"missing": "skip"}, "'drop', 'mask' or 'error'"),
    ],
)
def test_bad_argument_is_named_and_leaves_no_run(
    gc_data: xr.Dataset, tmp_path: Path, change: dict, message: str
) -> None:
    arguments = {"model": "cnn", "targets": "gc", "out": tmp_path / "run", "epochs": 1, **change}
    with pytest.raises(ValueError, match=message):
        eu.fit(arguments.pop("model"), gc_data, **arguments)
    assert not (tmp_path / "run" / "run.json").exists()


def test_data_without_a_split_says_how_to_make_one(gc_data: xr.Dataset, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no variable 'split'"):
        eu.fit("cnn", gc_data.drop_vars("split"), targets="gc", out=tmp_path / "run")


def test_ragged_sequences_say_what_to_do(tmp_path: Path) -> None:
    from seqdata.view import sequence_variables
    from seqpro import DNA, as_ragged

    variables = sequence_variables(as_ragged(["ACGT", "AC", "A", "ACG"]), DNA)
    split = np.array(["train", "train", "val", "test"], object)
    y = np.arange(4, dtype=np.float32)
    data = xr.Dataset(
        {
            "row": ("_sequence", np.arange(4)),
            "y": ("_sequence", y),
            "split": ("_sequence", split),
            **variables,
        }
    )
    with pytest.raises(ValueError, match=r"found 1 to 4 letters. Use eugene.preprocess.pad first"):
        eu.fit("cnn", data, targets="y", out=tmp_path / "run")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"learning_rate": 0}, "must be positive"),
        ({"schedule": "step"}, "'one_cycle' or 'constant'"),
    ],
)
def test_bad_optimizer_is_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Optimizer(**change)


def test_killed_training_leaves_the_best_model_so_far(tmp_path: Path) -> None:
    """A laptop that runs out of battery costs the rest of the training, not the model."""
    script = f"""
import eugene as eu, seqdatasets
data = eu.preprocess.split(seqdatasets.simulate(num_seqs=400, seq_length=60, seed=0), seed=0)
eu.fit("cnn", data, targets="label", epochs=100000, filters=8, out={str(tmp_path / "run")!r})
"""
    with subprocess.Popen([sys.executable, "-c", script]) as process:
        deadline = time.monotonic() + 120
        while not (tmp_path / "run" / "card.json").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(0.5)
        os.kill(process.pid, signal.SIGKILL)
    model = eu.load_model(tmp_path / "run")
    assert model.predict(np.full((2, 60), 65, np.uint8)).shape == (2, 1)
    with pytest.raises(FileNotFoundError, match="no finished run"):
        load_run(tmp_path / "run")


def test_record_says_what_was_asked(gc_run) -> None:
    record = json.loads((gc_run.path / "run.json").read_text())
    assert record["model"] == "cnn"
    assert record["optimizer"]["learning_rate"] == Optimizer().learning_rate
    assert record["rows"] == {"train": 240, "val": 30}


@pytest.mark.parametrize("steps", range(1, 13))
def test_any_number_of_steps_has_a_schedule(steps: int) -> None:
    weight = torch.nn.Parameter(torch.zeros(1))
    made = Optimizer(learning_rate=0.01).configure([weight], steps)
    optimizer, rate = made["optimizer"], made["lr_scheduler"]["scheduler"]
    rates = []
    for _ in range(steps):
        rates.append(rate.get_last_lr()[0])
        optimizer.step()
        rate.step()
    assert rates[0] == pytest.approx(0.01 / 25)
    assert steps < 3 or max(rates) > 0.005
    assert steps < 3 or rates[-1] < max(rates)


@pytest.mark.parametrize(
    "wrong", [{"epochs": 0}, {"epochs": "5"}, {"batch_size": 0}, {"epochs": -1}], ids=str
)
@pytest.mark.parametrize("model", ["cnn", "kmer_linear"])
def test_epochs_and_batches_are_whole_numbers(
    gc_data: xr.Dataset, tmp_path: Path, wrong: dict, model: str
) -> None:
    with pytest.raises(
        ValueError, match=f"{next(iter(wrong))} must be a whole number of at least 1"
    ):
        eu.fit(model, gc_data, targets="gc", out=tmp_path / "run", **wrong)
    assert not (tmp_path / "run").exists()


def test_what_is_no_dataset_is_refused_with_a_way_out(gc_run, gc_data: xr.Dataset) -> None:
    for call in (
        lambda data: eu.fit("cnn", data, targets="gc"),
        lambda data: eu.predict(gc_run, data),
        lambda data: eu.preprocess.split(data),
        lambda data: eu.interpret.attribute(gc_run, data),
        lambda data: eu.evaluate.evaluate(gc_run, data),
    ):
        with pytest.raises(TypeError, match=r"found str\. Open a store"):
            call("mpra.zarr")


def test_infinite_targets_are_refused(gc_data: xr.Dataset, tmp_path: Path) -> None:
    values = gc_data["gc"].values.copy()
    values[7] = np.inf
    with pytest.raises(ValueError, match="must be finite or NaN; found infinity at position 7"):
        eu.fit("cnn", gc_data.assign(gc=("_sequence", values)), targets="gc", out=tmp_path / "r")


def test_minus_one_is_missing_for_classes_and_a_number_for_measurements() -> None:
    from eugene.train.targets import read_targets

    values = np.array([-1, 0, 1])
    for dtype in ("int8", "int64"):
        data = xr.Dataset({"y": ("_sequence", values.astype(dtype))})
        for task, expected in (("binary", [np.nan, 0, 1]), ("regression", [-1, 0, 1])):
            data["y"].attrs["task"] = task
            np.testing.assert_array_equal(read_targets(data, "y").values[:, 0], expected)


def test_a_network_of_ones_own_is_not_touched(gc_data: xr.Dataset, tmp_path: Path) -> None:
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(160, 1))
    before = network[1].weight.detach().clone()
    runs = [
        eu.fit(network, gc_data, targets="gc", epochs=2, out=tmp_path / str(i)) for i in range(2)
    ]
    assert runs[0].model.digest() == runs[1].model.digest()
    torch.testing.assert_close(network[1].weight, before)
    assert network.training


def test_rows_that_were_trained_on_are_counted(gc_run, gc_data: xr.Dataset, caplog) -> None:
    """Another split of the same data scores a model on what it has seen."""
    with caplog.at_level("WARNING"):
        gc_run.evaluate(baseline=False)
    assert not caplog.text
    again = eu.preprocess.split(gc_data, seed=5)
    moved = (again["split"] == "test") & (gc_data["split"] == "train")
    turned = sp.reverse_complement(again["seq"].values, sp.DNA)
    again = again.assign(
        seq=again["seq"].copy(data=turned)
    )  # the other strand is no other sequence
    with caplog.at_level("WARNING"):
        gc_run.evaluate(again, baseline=False)
    assert (
        f"{int(moved.sum())} of 30 rows of test have a sequence that cnn was trained" in caplog.text
    )


@pytest.mark.parametrize("rule", ["presence", "order", "distance"])
def test_order_is_read_on_one_strand_and_other_rules_on_both(rule: str, tmp_path) -> None:
    """On the other strand upstream is downstream: averaging both would leave nothing to learn."""
    import seqdatasets

    data = seqdatasets.simulate(gen_type=rule, num_seqs=200, seq_length=60, seed=0)
    data = eu.preprocess.split(data, stratify="label", seed=0)
    run = eu.fit("kmer_linear", data, targets="label", longest=1, out=tmp_path / "run")
    assert run.model.card.both_strands == (rule != "order")
    data = data.assign(label=("_sequence", data["label"].values, {"task": "binary"}))
    run = eu.fit("kmer_linear", data, targets="label", longest=1, out=tmp_path / "other")
    assert run.model.card.both_strands
