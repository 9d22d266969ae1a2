"""Simulated Datasets as files of other programs; tables and stores are written by seqdata."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import xarray as xr

import seqdata as sd
from seqdata.schema import SEQUENCE
from seqpro.files import written_whole

_ENDINGS = (".zarr", ".simdata", ".fa", ".fasta", ".bed", ".tsv", ".csv")
_ROWS = 4_096  # that are held at a time


def sequence_names(ds: xr.Dataset) -> list[str]:
    """Name the sequences by ``id``, or ``synth`` and their key where there is none.

    Examples
    --------
    >>> sequence_names(xr.Dataset({"row": ("_sequence", np.array([0, 7]))}))
    ['synth0', 'synth7']
    """
    if "id" in ds:
        return [str(name) for name in ds["id"].values.tolist()]
    return [f"synth{row}" for row in ds["row"].values.tolist()]


def sequences(ds: xr.Dataset) -> Iterator[str]:
    """Give the letters of ``seq``, of one length or ragged, of which some thousand rows are held.

    Raises
    ------
    ValueError
        If there is no ``seq``.

    Examples
    --------
    >>> letters = (("_sequence", "_length"), np.frombuffer(b"ACGT", "u1").reshape(2, 2))
    >>> list(sequences(xr.Dataset({"seq": letters})))
    ['AC', 'GT']
    """
    if "seq" not in ds:
        msg = f"ds must hold 'seq'; found {', '.join(map(str, ds.data_vars))}"
        raise ValueError(msg)
    if not ds.sizes[SEQUENCE]:
        return iter(())
    loader = sd.Loader(ds.assign_attrs(max_jitter=0), ["seq"], batch_size=_ROWS)
    return (row.tobytes().decode("ascii") for batch in loader for row in batch["seq"])


def to_fasta(ds: xr.Dataset, path: str | os.PathLike[str]) -> None:
    r"""Write sequences as FASTA, each on one line.

    The file appears whole or not at all.

    Parameters
    ----------
    ds
        Dataset with ``seq``, of one length or ragged, named by ``id``, or ``synth`` and their key.
    path
        File to write.

    Raises
    ------
    ValueError
        If there is no ``seq``.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.fa")
    >>> letters = (("_sequence", "_length"), np.frombuffer(b"ACGT", "u1").reshape(1, 4))
    >>> to_fasta(xr.Dataset({"row": ("_sequence", [3]), "seq": letters}), path)
    >>> path.read_text()
    '>synth3\nACGT\n'
    """
    with written_whole(Path(path)) as unfinished, unfinished.open("w", newline="\n") as file:
        for letters, name in zip(sequences(ds), sequence_names(ds), strict=True):
            file.write(f">{name}\n{letters}\n")


def embeddings_to_bed(ds: xr.Dataset, path: str | os.PathLike[str]) -> None:
    r"""Write the planted motifs as BED, one row each, the sequences being the contigs.

    Columns are the sequence's name, start and end (0-based, half-open), the motif, its score in bits (a dot
    where it is missing) and its strand. The file appears whole or not at all.

    Parameters
    ----------
    ds
        Dataset with the table ``embedding_*``.
    path
        File to write.

    Raises
    ------
    ValueError
        If there is no truth.

    Examples
    --------
    >>> import tempfile
    >>> from seqdatasets.simulation import simulate
    >>> path = Path(tempfile.mkdtemp(), "a.bed")
    >>> embeddings_to_bed(simulate(num_seqs=2, motifs=["GATA1"], strand="forward", seed=0), path)
    >>> path.read_text().split("\t")[3]
    'GATA1'
    """
    import pandas as pd

    from seqpro.bed import write_bed

    if "embedding_row" not in ds:
        msg = "ds must hold the truth 'embedding_*', as simulate gives it; found none"
        raise ValueError(msg)
    names = dict(zip(ds["row"].values.tolist(), sequence_names(ds), strict=True))
    rows = ds["embedding_row"].values
    there = np.isin(rows, ds["row"].values)
    score = ds["embedding_score"].values.astype(np.float64).round(4)
    table = pd.DataFrame(
        {
            "chrom": [names[row] for row in rows[there].tolist()],
            "chromStart": ds["embedding_start"].values[there],
            "chromEnd": ds["embedding_end"].values[there],
            "name": ds["embedding_motif"].values[there].astype(str),
            "score": score[there],
            "strand": ds["embedding_strand"].values[there].astype(str),
        }
    )
    write_bed(table, path)


def write_file(ds: xr.Dataset, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Write a simulated Dataset in the format that the name's ending tells.

    Parameters
    ----------
    ds
        Dataset of `simulate`.
    path
        ``.zarr`` for a store, ``.simdata``, ``.fa`` or ``.fasta``, ``.bed`` for the planted motifs, ``.tsv``
        or ``.csv`` for a table of sequences and what else has one value a row.
    overwrite
        Whether what is at `path` may be replaced.

    Raises
    ------
    ValueError
        If the ending is another.
    FileExistsError
        If `path` exists and `overwrite` is False.

    Examples
    --------
    >>> import tempfile
    >>> from seqdatasets.simulation import simulate
    >>> path = Path(tempfile.mkdtemp(), "a.fa")
    >>> write_file(simulate(num_seqs=2, seed=0), path)
    >>> path.read_text()[:7]
    '>synth0'
    """
    from seqdatasets.simulation.simdata import to_simdata

    path = Path(path)
    check_ending(path)
    if path.exists() and not overwrite and path.suffix != ".zarr":
        msg = f"{path} exists; pass overwrite to replace it"
        raise FileExistsError(msg)
    if path.suffix == ".zarr":
        sd.to_zarr(ds, path, overwrite=overwrite)
    elif path.suffix == ".simdata":
        to_simdata(ds, path)
    elif path.suffix in (".fa", ".fasta"):
        to_fasta(ds, path)
    elif path.suffix == ".bed":
        embeddings_to_bed(ds, path)
    else:
        names = [str(name) for name in ds.data_vars if ds[name].dims == (SEQUENCE,)]
        own = [name for name in names if name not in ("row", "seq_start", "seq_size")]
        sd.to_table(ds, path, variables=["seq", *own])


def check_ending(path: Path) -> None:
    """Refuse a name whose ending tells no format.

    Examples
    --------
    >>> check_ending(Path("a.fa"))
    """
    if path.suffix not in _ENDINGS:
        msg = f"path must end in {', '.join(_ENDINGS)}; found {path.name!r}"
        raise ValueError(msg)
