"""D1 an epoch from a store larger than the buffer, shuffled, in batches of 1,024.

`ours` and `ours_one_hot` give every selected row once; `whole_blocks` has zarr read what they must read,
block by block in order on as many threads, and makes no batches.
"""

import numpy as np
from inputs import store

CASES = {
    "1,000,000 x 1 kb": (1_000_000, ("seq",), 1.0),
    "1,000,000 x 1 kb, a split of 10 %": (1_000_000, ("seq",), 0.1),
    "500,000 of 0.5 to 1.5 kb": (500_000, ("ragged",), 1.0),
    "200,000 x 1 kb, three variables": (200_000, ("seq", "counts", "y"), 1.0),
}
SIDES = {"ours": "ours", "ours_one_hot": "ours", "whole_blocks": "ours"}
ROUNDS = 3
BUFFER = 256 << 20
BATCH = 1_024


def _options(n, share):
    return {
        "batch_size": BATCH,
        "shuffle": True,
        "rows": np.random.default_rng(1).random(n) < share,
        "buffer_bytes": BUFFER,
    }


def ours(n, variables, share):
    import seqdata as sd

    ds = sd.open_zarr(store(n, variables))

    def call():
        loader = sd.Loader(ds, ["row", *variables], **_options(n, share))
        return sum(int(batch["row"].sum()) for batch in loader)

    return call, lambda total: str(total).encode()


def ours_one_hot(n, variables, share):
    import seqdata as sd
    import seqpro as sp

    ds = sd.open_zarr(store(n, variables))
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

    group = zarr.open_group(store(n, variables), mode="r")

    def call():
        for name in ("row", *variables):
            array = group[name]
            size = array.chunks[0]

            def work(start, stop, array=array, size=size):
                for i in range(start, stop):
                    array[i * size : (i + 1) * size]

            run_blocks(work, -(-array.shape[0] // size), block=1)

    return call, None
