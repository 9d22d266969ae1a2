"""D1 an epoch of 1,000,000 x 1 kb, shuffled, in batches of 1,024, by other loaders.

GenVarLoader has the same letters uncompressed, in its own copy of a FASTA file that is mapped into memory; it
gives letters, or one-hot with the public seqpro that it is used with. `buffered` is its loader of that name.
Torch's DataLoader reads ``array[i]`` of our store, and xbatcher slices of 1,024 rows, which it can shuffle
only as such. `ours_held` has a buffer that holds the whole store, which the first call reads.
"""

import numpy as np
from inputs import made_once, sequences, store

from rows import d1_loader

N, LENGTH, CONTIGS = 1_000_000, 1_000, 100
SIDES = {
    "ours": "ours",
    "ours_one_hot": "ours",
    "ours_held": "ours",
    "genvarloader": "peers",
    "genvarloader_buffered": "peers",
    "genvarloader_one_hot": "peers",
    "xbatcher": "peers",
    "one_row_at_a_time": "ours",
}
PARTS = {"genvarloader_one_hot": 20, "xbatcher": 100, "one_row_at_a_time": 20_000}
"""How many times as much a whole epoch is as what these sides do of one."""
ROUNDS = 3


def ours():
    return _ours(d1_loader.BUFFER)


def ours_one_hot():
    return d1_loader.ours_one_hot(N, ("seq",), 1.0)


def ours_held():
    return _ours(2 << 30)


def _ours(buffer_bytes):
    import seqdata as sd

    ds = sd.open_zarr(store(N, ("seq",)))
    how = {"batch_size": d1_loader.BATCH, "shuffle": True, "buffer_bytes": buffer_bytes}
    loader = sd.Loader(ds, ["seq"], **how)
    return lambda: sum(len(batch["seq"]) for batch in loader), None


def _some(side):
    """Some rows, drawn at random."""
    return np.random.default_rng(2).permutation(N)[: N // PARTS[side]].tolist()


def _write_fasta(path):
    with path.open("wb") as file:
        for number, part in enumerate(np.split(sequences(N, LENGTH), CONTIGS)):
            file.write(f">chr{number}\n".encode() + part.tobytes() + b"\n")


def _reference():
    """Give GenVarLoader's view of the letters, and where the rows are."""
    import genvarloader as peer
    import polars

    rows = np.arange(N)
    within = rows % (N // CONTIGS) * LENGTH
    names = [f"chr{number}" for number in rows // (N // CONTIGS)]
    bed = polars.DataFrame({"chrom": names, "chromStart": within, "chromEnd": within + LENGTH})
    fasta = made_once("letters.fa", _write_fasta)
    return peer.Reference.from_path(fasta, in_memory=False), bed


def genvarloader():
    import genvarloader as peer

    rows = peer.RefDataset(*_reference()).with_len(LENGTH)
    return lambda: sum(map(len, rows.to_dataloader(d1_loader.BATCH, shuffle=True))), None


def genvarloader_buffered():
    import genvarloader as peer
    import polars

    reference, bed = _reference()
    track = {"sample_id": ["a"], "chrom": ["chr0"], "start": [0], "end": [1], "value": [1.0]}
    tracks = peer.Table("none", polars.DataFrame(track))  # it writes no letters alone
    path = made_once("letters.gvl", lambda half: peer.write(half, bed, tracks=tracks))
    rows = peer.Dataset.open(path, reference=reference)
    rows = rows.with_seqs("reference").with_tracks(False).with_len(LENGTH)
    how = {"shuffle": True, "mode": "buffered", "buffer_bytes": d1_loader.BUFFER}
    return lambda: sum(map(len, rows.to_dataloader(d1_loader.BATCH, **how))), None


def genvarloader_one_hot():
    import genvarloader as peer
    import torch

    import seqpro

    def encode(letters):
        return torch.from_numpy(seqpro.ohe(letters, seqpro.DNA)).transpose(1, 2)

    rows = peer.RefDataset(*_reference()).with_len(LENGTH)
    rows = rows.subset_to(_some("genvarloader_one_hot"))
    how = {"shuffle": True, "transform": encode}
    return lambda: sum(map(len, rows.to_dataloader(d1_loader.BATCH, **how))), None


def xbatcher():
    import torch
    import xarray
    import xbatcher as peer
    from xbatcher.loaders.torch import MapDataset

    letters = xarray.open_zarr(store(N, ("seq",)), chunks=None)["seq"]
    batches = peer.BatchGenerator(
        letters, {"_sequence": d1_loader.BATCH, "_length": LENGTH}, preload_batch=False
    )
    chosen = np.random.default_rng(2).permutation(len(batches))[: len(batches) // PARTS["xbatcher"]]
    loader = torch.utils.data.DataLoader(
        MapDataset(batches), batch_size=None, sampler=chosen.tolist()
    )
    return lambda: sum(map(len, loader)), None


def one_row_at_a_time():
    import torch
    import zarr

    array = zarr.open_group(store(N, ("seq",)), mode="r")["seq"]

    class Rows(torch.utils.data.Dataset):
        def __len__(self):
            return N

        def __getitem__(self, i):
            return array[i]

    loader = torch.utils.data.DataLoader(
        Rows(), batch_size=d1_loader.BATCH, sampler=_some("one_row_at_a_time"), collate_fn=list
    )
    return lambda: sum(map(len, loader)), None
