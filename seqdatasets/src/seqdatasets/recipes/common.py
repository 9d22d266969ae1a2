"""What several recipes do: where a store may be made, and how rows come to their split."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqdata.schema import SEQUENCE
from seqpro.checks import shown

_WINDOW = re.compile(r"(chr[^_]+)_(\d+)_(\d+)_(?:([+-])_)?(.+)")


def store_in(folder: Path | None, stem: str) -> Path | None:
    """Name a store for the working folder, if there is one.

    Examples
    --------
    >>> store_in(None, "train") is None
    True
    """
    return None if folder is None else folder / f"{stem}.zarr"


def measured(ds: xr.Dataset, name: str) -> NDArray[np.float32]:
    """Give a target's values as float32, those too of a column that holds only 0, 1 and gaps.

    `seqdata.read_table` takes such a column for classes, with -1 in the gaps.

    Examples
    --------
    >>> ds = xr.Dataset({"x": ("_sequence", np.array([0, 1, -1], np.int8))})
    >>> measured(ds, "x").tolist()
    [0.0, 1.0, nan]
    """
    values = ds[name].values
    found = values.astype(np.float32)
    if values.dtype == np.int8:
        found[values == -1] = np.nan
    return found


def with_split(ds: xr.Dataset, split: str) -> xr.Dataset:
    """Put all rows into one split.

    Examples
    --------
    >>> import numpy as np
    >>> ds = xr.Dataset({"row": ("_sequence", np.arange(2))})
    >>> with_split(ds, "test")["split"].values.tolist()
    ['test', 'test']
    """
    return ds.assign(split=(SEQUENCE, np.full(ds.sizes[SEQUENCE], split, dtype=object)))


def split_by(ds: xr.Dataset, variable: str, meaning: Mapping[str, str]) -> xr.Dataset:
    """Put rows into splits by the words of a variable, which the split then stands for.

    Parameters
    ----------
    ds
        Dataset with rows.
    variable
        Name of a label; it is dropped.
    meaning
        The split of each of its words.

    Returns
    -------
    Dataset with ``split``

    Raises
    ------
    ValueError
        If the variable is not there or has another word.

    Examples
    --------
    >>> import numpy as np
    >>> ds = xr.Dataset({"set": ("_sequence", np.array(["A", "B"], dtype=object))})
    >>> split_by(ds, "set", {"A": "train", "B": "test"})["split"].values.tolist()
    ['train', 'test']
    """
    if variable not in ds:
        msg = f"the table must have the column {variable!r}; found {', '.join(map(str, ds.variables))}"
        raise ValueError(msg)
    words = ds[variable].values.astype(str)
    found, codes = np.unique(words, return_inverse=True)
    odd = [str(word) for word in found if word not in meaning]
    if odd:
        msg = f"column {variable!r} must hold {' or '.join(meaning)}; found {shown(odd[0])}"
        raise ValueError(msg)
    splits = np.array([meaning[word] for word in found], dtype=object)[codes]
    return ds.drop_vars(variable).assign(split=(SEQUENCE, splits))


def split_by_fold(ds: xr.Dataset) -> xr.Dataset:
    """Put rows of fold 0 into the split test, those of fold 1 into val, all others into train.

    Examples
    --------
    >>> import numpy as np
    >>> ds = xr.Dataset({"fold": ("_sequence", np.arange(3))})
    >>> split_by_fold(ds)["split"].values.tolist()
    ['test', 'val', 'train']
    """
    folds = ds["fold"].values
    splits = np.array(["test", "val", "train"], dtype=object)[np.clip(folds, 0, 2)]
    return ds.assign(split=(SEQUENCE, splits))


def window_variables(names: Sequence[str]) -> dict[str, tuple[str, NDArray[np.generic]]]:
    """Read regions out of names such as ``chr2L_5588_5836_+_negative``, 1-based with both ends included.

    Parameters
    ----------
    names
        One for each row.

    Returns
    -------
    ``chrom``, ``chromStart`` and ``chromEnd`` (0-based, half-open), ``strand`` where the names have one,
    and ``region_class``, all along the rows; nothing, if some name is no such name

    Examples
    --------
    >>> found = window_variables(["chr2L_5588_5836_+_negative"])
    >>> {name: values.tolist() for name, (_, values) in found.items()}["chromStart"]
    [5587]
    """
    matches = [_WINDOW.fullmatch(name) for name in names]
    parts = [match.groups() for match in matches if match is not None]
    if len(parts) < len(names) or not parts:
        return {}
    chrom, start, end, strand, region_class = zip(*parts, strict=True)
    found: dict[str, tuple[str, NDArray[np.generic]]] = {
        "chrom": (SEQUENCE, np.array(chrom, dtype=object)),
        "chromStart": (SEQUENCE, np.array(start, dtype=np.int64) - 1),
        "chromEnd": (SEQUENCE, np.array(end, dtype=np.int64)),
        "region_class": (SEQUENCE, np.array(region_class, dtype=object)),
    }
    if None not in strand:
        found["strand"] = (SEQUENCE, np.array(strand, dtype=object))
    return found


def chosen(files: Mapping[str, Path], *names: str) -> list[Path]:
    """Give those of some files that were fetched, in the order of the names.

    Raises
    ------
    ValueError
        If none of them is there.

    Examples
    --------
    >>> chosen({"b": Path("b"), "a": Path("a")}, "a", "b", "c") == [Path("a"), Path("b")]
    True
    """
    found = [files[name] for name in names if name in files]
    if not found:
        msg = f"files must hold one of {', '.join(names)}; found {', '.join(files) or 'none'}"
        raise ValueError(msg)
    return found
