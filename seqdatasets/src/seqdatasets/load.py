"""A named data set as a Dataset."""

from __future__ import annotations

import fnmatch
import importlib
import logging
import os
import tempfile
from inspect import signature
from pathlib import Path
from typing import Any

import xarray as xr

from seqdatasets.catalogue import find
from seqdatasets.entries import SPLITS, Entry
from seqdatasets.fetch import Subset, fetch, subsets_of
from seqpro.checks import choice

_log = logging.getLogger(__name__)


def load(
    name: str,
    *,
    split: str | None = None,
    subset: Subset = None,
    out: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    download: bool = True,
) -> xr.Dataset:
    """Fetch a data set and give it as a Dataset.

    Parameters
    ----------
    name
        A name of `list_datasets`.
    split
        ``"train"``, ``"val"`` or ``"test"`` of the standard split, whose other files are not fetched; None
        for all rows, with the variable ``split`` where there is a standard split.
    subset
        One of the data set's subsets (see `list_datasets` and `info`), or several, whose rows follow each
        other and say in the variable ``subset`` which they are of. None for the default one.
    out
        Store to write, through temporary stores beside it, so that the sequences of big data sets need not
        fit into memory; None keeps the data in memory.
    overwrite
        Whether a store at `out` may be replaced.
    download
        Whether files may be downloaded; False raises for those that are not here.

    Returns
    -------
    Dataset that follows the contract, in memory, or opened lazily from `out`; `info` says which variables
    it has, and its attributes where it is from

    Raises
    ------
    ValueError
        If there is no such data set, split or subset, a file is not the recorded one, or is not what the
        recipe expects.
    ConnectionError
        If a file is neither in the mirror nor in the cache, and cannot be downloaded.
    FileExistsError
        If `out` exists and `overwrite` is False.

    Examples
    --------
    >>> load("dream_yeats")
    Traceback (most recent call last):
    ValueError: no data set 'dream_yeats'; did you mean dream_yeast or dream_yeast_demo?
    """
    import seqdata

    entry = find(name)
    subsets = subsets_of(entry, subset)
    _check_split(entry, split)
    if out is None:
        fetched = _fetched(entry, subsets, split, download=download)
        return _joined(entry, fetched, split, folder=None)
    is_url = "://" in os.fspath(out)
    if not is_url and Path(out).exists() and not overwrite:
        msg = f"{os.fspath(out)} exists; pass overwrite=True to replace it, or choose another place"
        raise FileExistsError(msg)
    fetched = _fetched(entry, subsets, split, download=download)
    near = None if is_url else _existing(Path(out).resolve().parent)
    with tempfile.TemporaryDirectory(prefix=".seqdatasets-", dir=near) as folder:
        ds = _joined(entry, fetched, split, folder=Path(folder))
        return seqdata.to_zarr(ds, out, overwrite=overwrite)


def _existing(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _check_split(entry: Entry, split: str | None) -> None:
    if split is None:
        return
    choice(split, "split", SPLITS)
    if not entry.about.get("split"):
        msg = (
            f"data set {entry.name!r} has no standard split; found split={split!r}. Load all of it, and "
            "split it yourself, as eugene.preprocess.split does"
        )
        raise ValueError(msg)


def _fetched(
    entry: Entry, subsets: tuple[str, ...], split: str | None, *, download: bool
) -> dict[str, dict[str, Path]]:
    """Fetch the files of each subset; all before the first of them is read."""
    parts = {
        each: fetch(entry.name, subset=each or None, split=split, download=download)
        for each in subsets or ("",)
    }
    for each, files in parts.items():
        if not files:
            there = entry.about["split"]
            msg = f"no file of {entry.name!r} {each} holds rows of split {split!r}; the split is: {there}"
            raise ValueError(msg)
    return parts


def _joined(
    entry: Entry, fetched: dict[str, dict[str, Path]], split: str | None, folder: Path | None
) -> xr.Dataset:
    """Read the subsets one by one, and give their rows one after the other."""
    import seqdata

    parts = [_part(entry, subset, files, split, folder) for subset, files in fetched.items()]
    if len(parts) > 1:
        parts = [_labelled(part, subset) for part, subset in zip(parts, fetched, strict=True)]
    ds = parts[0] if len(parts) == 1 else seqdata.concat(parts)
    about = {key: entry.about.get(key, "not stated") for key in ("licence", "doi", "citation")}
    return ds.assign_attrs(dataset=entry.name, **about)


def _part(
    entry: Entry, subset: str, files: dict[str, Path], split: str | None, folder: Path | None
) -> xr.Dataset:
    import seqdata
    from seqdata.provenance import add_step, file_entry

    recipe = importlib.import_module(entry.recipe)
    of_subset = entry.subsets.get(subset, {}).get("options", {})
    options: dict[str, Any] = {**entry.options, **of_subset}
    if folder is not None and "folder" in signature(recipe.load).parameters:
        options["folder"] = folder / f"subset-{subset}"
        options["folder"].mkdir()
    ds: xr.Dataset = recipe.load(files, **options)
    if split is None:
        _check_rows(entry, subset, ds.sizes["_sequence"])
    elif (ds["split"].values != split).any():
        ds = seqdata.select(ds, split=split)
    ds = _described(ds, entry)
    entries = [file_entry(path) for path in files.values() if path.is_file()]
    details = {"dataset": entry.name, "subset": subset, "split": split, "files": entries}
    ds = add_step(ds, "seqdatasets.load", **details)
    seqdata.validate(ds)
    return seqdata.annotate(ds)


def _check_rows(entry: Entry, subset: str, found: int) -> None:
    """Tell the user where a file that nobody could check by hash is not as long as was published."""
    expected = entry.subsets[subset].get("rows") if subset else entry.about.get("rows")
    if isinstance(expected, int) and expected != found:
        _log.warning("%s %s: expected %d rows; found %d", entry.name, subset, expected, found)


def _described(ds: xr.Dataset, entry: Entry) -> xr.Dataset:
    """Write the units and tasks that the registry states into the variables' attributes."""
    ds = ds.copy()
    for pattern, about in entry.about.get("variables", {}).items():
        attrs = {key: about[key] for key in ("units", "task") if key in about}
        for name in fnmatch.filter(map(str, ds.data_vars), pattern):
            ds[name].attrs.update(attrs)
    return ds


def _labelled(ds: xr.Dataset, subset: str) -> xr.Dataset:
    """Say of each row which subset it is of."""
    import numpy as np

    return ds.assign(subset=("_sequence", np.full(ds.sizes["_sequence"], subset, dtype=object)))
