"""Core promoters of three plants, their strength measured in tobacco leaves or maize protoplasts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import xarray as xr

import seqdata
from seqdata.schema import SEQUENCE
from seqdatasets.recipes.common import chosen, measured, split_by, store_in


def load(files: Mapping[str, Path], *, folder: Path | None = None) -> xr.Dataset:
    r"""Read the promoters of one assay.

    Parameters
    ----------
    files
        Paths of ``CNN_train_leaf.tsv`` and ``CNN_test_leaf.tsv``, those of ``proto``, or one of them, with
        the columns set, sp, gene, sequence and enrichment.
    folder
        Where stores may be made; None keeps the data in memory.

    Returns
    -------
    Dataset with ``seq`` (_sequence, _length = 170), ``enrichment`` (float32, log2), ``species`` (At, Sb or
    Zm), ``gene`` and ``split`` (train or test)

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "CNN_test_leaf.tsv")
    >>> _ = path.write_text("set\tsp\tgene\tsequence\tenrichment\ntest\tAt\tAT1G1\tACGT\t-0.5\n")
    >>> load({"CNN_test_leaf.tsv": path})["split"].values.tolist()
    ['test']
    """
    names = [f"CNN_{part}_{assay}.tsv" for assay in ("leaf", "proto") for part in ("train", "test")]
    ds = seqdata.read_table(
        chosen(files, *names),
        sequence="sequence",
        targets="enrichment",
        out=store_in(folder, "promoters"),
    )
    ds = split_by(ds, "set", {"train": "train", "test": "test"})
    ds = ds.assign(enrichment=(SEQUENCE, measured(ds, "enrichment")))
    return ds.rename_vars(sp="species")
