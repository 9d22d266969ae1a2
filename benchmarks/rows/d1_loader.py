"""D1 an epoch from a store, shuffled, in batches of 1,024.

`ours` and `ours_one_hot` give every selected row once; `whole_blocks` reads what they must read, block by
block in order on as many threads, and makes no batches. `one_row_at_a_time` is torch's DataLoader over
``array[i]`` and gives one in 5,000 rows only: its time is to be taken 5,000 times.
"""

import tempfile
from pathlib import Path

import numpy as np

CASES = {
    "1,000,000 x 1 kb": (1_000_000, ("seq",), 1.0),
    "1,000,000 x 1 kb, a split of 10 %": (1_000_000, ("seq",), 0.1),
    "500,000 of 0.5 to 1.5 kb": (500_000, ("ragged",), 1.0),
    "200,000 x 1 kb, three variables": (200_000, ("seq", "counts", "y"), 1.0),
}
SIDES = {
    "ours": "ours",
    "ours_one_hot": "ours",
    "whole_blocks": "ours",
    "one_row_at_a_time": "ours",
}
BUFFER = 256 << 20
BATCH = 1_024
ONE_IN = 5_000


def _store(n, variables):
    """Give the path of a store, which is made once and larger than the buffer."""
    import seqdata as sd

    path = Path(tempfile.gettempdir(), "eugene-benchmarks", f"{n}-{'-'.join(variables)}.zarr")
    if not path.exists():
        sd.to_zarr(_dataset(n, variables), path)
    return path


def _dataset(n, variables):
    import xarray as xr

    rng = np.random.default_rng(0)
    ds = xr.Dataset({"row": ("_sequence", np.arange(n))})
    sizes = np.full(n, 1_000) if "ragged" not in variables else rng.integers(500, 1_500, n)
    letters = np.frombuffer(b"ACGT", "u1")[rng.integers(0, 4, sizes.sum(), np.uint8)]
    if "ragged" in variables:
        starts = np.cumsum(sizes) - sizes
        ds["ragged"] = ("ragged_value", letters)
        return ds.assign(ragged_start=("_sequence", starts), ragged_size=("_sequence", sizes))
    ds["seq"] = (("_sequence", "_length"), letters.reshape(n, 1_000))
    if "counts" in variables:
        ds["counts"] = (("_sequence", "_length"), rng.poisson(0.3, (n, 1_000)).astype("u2"))
        ds["y"] = ("_sequence", rng.standard_normal(n).astype("f4"))
    return ds


def _selected(n, share):
    return np.random.default_rng(1).random(n) < share


def _options(n, share):
    return {
        "batch_size": BATCH,
        "shuffle": True,
        "rows": _selected(n, share),
        "buffer_bytes": BUFFER,
    }


def ours(n, variables, share):
    import seqdata as sd

    ds = sd.open_zarr(_store(n, variables))

    def call():
        loader = sd.Loader(ds, ["row", *variables], **_options(n, share))
        return sum(int(batch["row"].sum()) for batch in loader)

    return call, lambda total: str(total).encode()


def ours_one_hot(n, variables, share):
    import seqdata as sd
    import seqpro as sp

    ds = sd.open_zarr(_store(n, variables))
    pad = {"ragged": "N"} if "ragged" in variables else None

    def call():
        loader = sd.get_torch_dataloader(
            ds, ["row", *variables], ohe={variables[0]: sp.DNA}, pad=pad, **_options(n, share)
        )
        return sum(int(batch["row"].sum()) for batch in loader)

    return call, lambda total: str(total).encode()


def whole_blocks(n, variables, share):  # noqa: ARG001
    import zarr

    from seqpro.parallel import run_blocks

    group = zarr.open_group(_store(n, variables), mode="r")

    def call():
        for name in ("row", *variables):
            array = group[name]
            size = array.chunks[0]

            def work(start, stop, array=array, size=size):
                for i in range(start, stop):
                    array[i * size : (i + 1) * size]

            run_blocks(work, -(-array.shape[0] // size), block=1)

    return call, None


def one_row_at_a_time(n, variables, share):
    import torch
    import zarr

    group = zarr.open_group(_store(n, variables), mode="r")
    chosen = np.random.default_rng(2).permutation(np.flatnonzero(_selected(n, share)))
    chosen = chosen[: chosen.size // ONE_IN].tolist()
    sizes = (
        [group[f"ragged_{part}"][:] for part in ("start", "size")] if "ragged" in variables else ()
    )

    class Rows(torch.utils.data.Dataset):
        def __len__(self):
            return n

        def __getitem__(self, i):
            if sizes:
                return group["ragged"][sizes[0][i] : sizes[0][i] + sizes[1][i]]
            return tuple(group[name][i] for name in variables)

    loader = torch.utils.data.DataLoader(
        Rows(), batch_size=BATCH, sampler=chosen, collate_fn=lambda rows: rows
    )
    return lambda: sum(map(len, loader)), None
