"""Batches as tensors: encoded on the device, open to any transform."""

from __future__ import annotations

import gc
import multiprocessing
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import xarray as xr

import seqdata as sd
import seqpro as sp
from seqdata.torch import compare_letters, one_hot


def letters(n: int, length: int, alphabet: str = "ACGTNacgtnRYK-") -> np.ndarray:
    return np.random.default_rng(0).choice(np.frombuffer(alphabet.encode(), "u1"), (n, length))


@pytest.fixture
def data() -> xr.Dataset:
    return xr.Dataset(
        {
            "row": ("_sequence", np.arange(9)),
            "seq": (("_sequence", "_length"), letters(9, 20)),
            "y": (("_sequence", "_target"), np.arange(18, dtype="f4").reshape(9, 2)),
            "counts": (("_sequence", "_length"), np.full((9, 20), 60_000, "u2")),
            "covered": (("_sequence", "_length"), np.eye(9, 20, dtype=bool)),
            "species": ("_sequence", np.array(["fly"] * 9, dtype=object)),
        }
    )


def test_batches_are_tensors_of_the_stored_types(data: xr.Dataset, device: str) -> None:
    loader = sd.get_torch_dataloader(data, ["y", "counts", "covered"], batch_size=4, device=device)
    assert len(loader) == 3
    batches = list(loader)
    assert [len(batch["y"]) for batch in batches] == [4, 4, 1]
    types = {name: tensor.dtype for name, tensor in batches[0].items()}
    assert types == {"y": torch.float32, "counts": torch.uint16, "covered": torch.bool}
    assert all(tensor.device.type == device for b in batches for tensor in b.values())
    assert (
        torch.cat([batch["y"] for batch in batches]).cpu().numpy().tolist()
        == data["y"].values.tolist()
    )


@pytest.mark.parametrize("alphabet", [sp.DNA, sp.RNA, sp.AA], ids=lambda a: a.name)
def test_one_hot_on_the_device_equals_seqpro(alphabet: sp.Alphabet, device: str) -> None:
    codes = letters(6, 50, "ACDEFGHIKLMNPQRSTVWYUacgtunX*-")
    found = one_hot(torch.from_numpy(codes).to(device), alphabet)
    expected = sp.ohe(codes, alphabet, ohe_axis=-2)
    assert found.dtype == torch.float32
    np.testing.assert_array_equal(found.cpu().numpy(), expected)


@pytest.mark.parametrize("shape", [(256,), (1, 256), (2, 4, 32), (0, 5), (3, 0)], ids=str)
@pytest.mark.parametrize("alphabet", [sp.DNA, sp.AA], ids=lambda a: a.name)
def test_both_ways_to_encode_agree_on_every_byte(
    shape: tuple[int, ...], alphabet: sp.Alphabet
) -> None:
    """A network trained on a GPU must see the same letters on a processor."""
    codes = torch.from_numpy(np.arange(np.prod(shape)).astype("u1").reshape(shape))
    found = compare_letters(codes, alphabet)
    assert found.shape == (*shape[:-1], len(alphabet), shape[-1])
    for place in np.ndindex(shape):
        letter = chr(codes[place]).upper() if codes[place] < 128 else ""
        expected = [float(letter == known) for known in alphabet.letters]
        assert found[(*place[:-1], slice(None), place[-1])].tolist() == expected
    torch.testing.assert_close(one_hot(codes, alphabet), found, rtol=0, atol=0)


def test_named_sequences_are_encoded_and_others_are_not(data: xr.Dataset) -> None:
    data = data.assign(control=data["seq"])
    loader = sd.get_torch_dataloader(data, ["seq", "control"], ohe={"seq": sp.DNA}, batch_size=9)
    (batch,) = loader
    assert batch["seq"].shape == (9, 4, 20)
    assert batch["control"].dtype == torch.uint8
    np.testing.assert_array_equal(batch["control"].numpy(), data["seq"].values)


def test_sequences_with_further_axes_keep_them(data: xr.Dataset) -> None:
    alleles = data.assign(
        seq=(("_sequence", "_allele", "_length"), letters(18, 20).reshape(9, 2, 20))
    )
    (batch,) = sd.get_torch_dataloader(alleles, ["seq"], ohe={"seq": sp.DNA}, batch_size=9)
    expected = sp.ohe(alleles["seq"].values.reshape(18, 20), sp.DNA, ohe_axis=-2)
    np.testing.assert_array_equal(batch["seq"].reshape(18, 4, 20).numpy(), expected)


def test_a_transform_may_change_add_and_drop(data: xr.Dataset) -> None:
    def transform(batch: dict[str, Any]) -> dict[str, Any]:
        return {
            "x": batch["seq"] * 2,
            "gc": batch["seq"][:, 1:3].mean((1, 2)),
            "n": len(batch["y"]),
        }

    options: dict[str, Any] = {"ohe": {"seq": sp.DNA}, "batch_size": 4, "transform": transform}
    batch = next(iter(sd.get_torch_dataloader(data, ["seq", "y"], **options)))
    assert set(batch) == {"x", "gc", "n"}
    assert batch["x"].max() == 2
    assert batch["gc"].shape == (4,)


def test_options_of_the_loader_pass_through(data: xr.Dataset) -> None:
    options: dict[str, Any] = {"batch_size": 2, "shuffle": True, "seed": 3, "drop_last": True}
    loader = sd.get_torch_dataloader(data, ["row"], **options)
    loader.set_epoch(4)
    expected = sd.Loader(data, ["row"], **options)
    expected.set_epoch(4)
    found = [batch["row"].tolist() for batch in loader]
    assert found == [batch["row"].tolist() for batch in expected]
    assert len(loader) == 4


def test_changing_a_tensor_does_not_change_the_data(data: xr.Dataset) -> None:
    before = data.copy(deep=True)
    for batch in sd.get_torch_dataloader(data, ["seq", "y"], batch_size=9):
        for tensor in batch.values():
            tensor.zero_()
    xr.testing.assert_identical(data, before)


def test_text_and_unknown_encodings_are_refused(data: xr.Dataset) -> None:
    with pytest.raises(ValueError, match="variables must be numbers; found text in 'species'"):
        sd.get_torch_dataloader(data, ["seq", "species"], batch_size=2)
    with pytest.raises(
        ValueError, match=r"ohe must name variables of the batch \(y\); found 'seq'"
    ):
        sd.get_torch_dataloader(data, ["y"], ohe={"seq": sp.DNA}, batch_size=2)
    with pytest.raises(ValueError, match="found no 'z' among"):
        sd.get_torch_dataloader(data, ["z"], batch_size=2)


NO_SEQUENCES = {
    "floats": ("track", r"found 'track', float32 \('_sequence', '_length'\)"),
    "mask": ("covered", r"found 'covered', bool \('_sequence', '_length'\)"),
    "counts of samples": ("reads", r"found 'reads', uint8 \('_sequence', 'reads_sample'\)"),
}


@pytest.mark.parametrize(("name", "message"), NO_SEQUENCES.values(), ids=NO_SEQUENCES)
def test_only_letters_are_encoded(data: xr.Dataset, name: str, message: str) -> None:
    """A float target, read as letters, would give a tensor of zeros."""
    data = data.assign(
        track=data["counts"].astype("f4"), reads=(("_sequence", "reads_sample"), letters(9, 2))
    )
    with pytest.raises(ValueError, match=rf"ohe must name sequences .*{message}"):
        sd.get_torch_dataloader(data, [name], ohe={name: sp.DNA}, batch_size=2)


def test_without_torch_the_error_tells_how_to_get_it(
    data: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(ImportError, match=r"pip install 'eugene-seqdata\[torch\]'"):
        sd.get_torch_dataloader(data, ["y"], batch_size=2)


@pytest.mark.parametrize("prefetch", [0, 1, 5, 100])
def test_making_batches_ahead_changes_none(data: xr.Dataset, prefetch: int) -> None:
    options: dict[str, Any] = {"batch_size": 2, "shuffle": True, "seed": 3}
    loader = sd.get_torch_dataloader(data, ["row"], prefetch=prefetch, **options)
    expected = sd.Loader(data, ["row"], **options)
    for _ in range(2):
        assert [b["row"].tolist() for b in loader] == [b["row"].tolist() for b in expected]


@pytest.mark.parametrize("prefetch", [0, 3])
def test_a_state_counts_the_batches_given_not_those_made_ahead(
    data: xr.Dataset, prefetch: int
) -> None:
    def make() -> sd.torch.TorchLoader:
        options: dict[str, Any] = {"batch_size": 2, "shuffle": True, "prefetch": prefetch}
        return sd.get_torch_dataloader(data, ["row"], **options)

    loader = make()
    batches = iter(loader)
    next(batches), next(batches)
    state = loader.state_dict()
    rest = [batch["row"].tolist() for batch in batches]
    again = make()
    again.load_state_dict(state)
    assert [batch["row"].tolist() for batch in again] == rest
    assert len(rest) == 3


def test_no_more_batches_than_asked_for_are_made_ahead(data: xr.Dataset) -> None:
    made = []
    loader = sd.get_torch_dataloader(data, ["row"], batch_size=1, prefetch=2)
    original = loader._as_tensors
    loader._as_tensors = lambda arrays: (made.append(1), original(arrays))[1]  # type: ignore[method-assign]
    batches = iter(loader)
    for given in range(1, 6):
        next(batches)
        time.sleep(0.05)
        assert len(made) == given + 2


def test_an_error_while_making_batches_ahead_reaches_the_user(data: xr.Dataset) -> None:
    loader = sd.get_torch_dataloader(data, ["row"], batch_size=1)
    loader._as_tensors = lambda arrays: 1 / 0  # type: ignore[method-assign,assignment,return-value]
    with pytest.raises(ZeroDivisionError):
        next(iter(loader))


def test_a_loader_that_is_left_early_stops_its_thread(data: xr.Dataset) -> None:
    before = threading.active_count()
    batches = iter(sd.get_torch_dataloader(data, ["row"], batch_size=1))
    next(batches)
    del batches
    gc.collect()
    assert threading.active_count() <= before


def test_sequences_of_unequal_length_are_padded_and_encoded(ragged: xr.Dataset) -> None:
    options: dict[str, Any] = {"ohe": {"seq": sp.RNA}, "batch_size": 7}
    with pytest.raises(ValueError, match=r"found 'seq' with rows of unequal .*pad=\{'seq': 'N'\}"):
        sd.get_torch_dataloader(ragged, ["seq"], **options)
    (batch,) = sd.get_torch_dataloader(ragged, ["seq"], pad={"seq": "N"}, **options)
    assert batch["seq"].shape == (7, 4, 5)
    expected = sp.ohe(sd.ragged(ragged, "seq").to_padded(5, ord("N")), sp.RNA, ohe_axis=-2)
    np.testing.assert_array_equal(batch["seq"].numpy(), expected)


def test_types_are_given_by_name(data: xr.Dataset) -> None:
    loader = sd.get_torch_dataloader(
        data, ["y", "counts"], batch_size=9, dtypes={"counts": "f4", "y": "f8"}
    )
    (batch,) = loader
    assert {name: tensor.dtype for name, tensor in batch.items()} == {
        "counts": torch.float32, "y": torch.float64,
    }  # fmt: skip
    with pytest.raises(ValueError, match=r"found 'seq', uint8 .* in dtypes\. Leave it out of ohe"):
        sd.get_torch_dataloader(
            data, ["seq"], ohe={"seq": sp.DNA}, batch_size=2, dtypes={"seq": "f4"}
        )


def sums(path: Path) -> list[float]:
    """Run in another process: what each batch of a store adds up to."""
    ds = sd.open_zarr(path)
    loader = sd.get_torch_dataloader(ds, ["seq"], ohe={"seq": sp.DNA}, batch_size=4, shuffle=True)
    return [batch["seq"].sum().item() for batch in loader]


def test_spawned_workers_give_the_same_batches(data: xr.Dataset, tmp_path: Path) -> None:
    sd.to_zarr(data, tmp_path / "a.zarr")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(sums, (tmp_path / "a.zarr",)) == sums(tmp_path / "a.zarr")
