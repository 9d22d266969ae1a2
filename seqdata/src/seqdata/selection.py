"""Which rows of a Dataset a split, a mask or a list of positions selects."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from seqdata.schema import SEQUENCE, SPLITS, kind_of


def select_rows(
    ds: xr.Dataset, *, split: str | None = None, rows: ArrayLike | None = None
) -> NDArray[np.int64]:
    """Give the positions of the rows that a split, a mask or a list of positions selects.

    Parameters
    ----------
    ds
        Dataset with rows.
    split
        Keep rows whose ``split`` is this.
    rows
        A boolean mask, shape (n,), or positions, whose order is kept.

    Returns
    -------
    int64 array of positions

    Raises
    ------
    ValueError
        If nothing is selected, the Dataset has no ``split`` or only its codes, or `rows` does not fit.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> ds = xr.Dataset({"split": ("_sequence", np.array(["train", "test"], object))})
    >>> select_rows(ds, split="test").tolist()
    [1]
    """
    n = ds.sizes[SEQUENCE]
    positions = np.arange(n)
    if rows is not None:
        chosen = np.asarray(rows)
        fits = chosen.ndim == 1 and (
            chosen.size == n if chosen.dtype == bool else chosen.dtype.kind in "iu"
        )
        if not fits:
            msg = (
                f"rows must be a boolean mask of {n} values or whole-number positions; "
                f"found {chosen.dtype} with shape {chosen.shape}"
            )
            raise ValueError(msg)
        if chosen.dtype != bool and chosen.size and not -n <= chosen.min() <= chosen.max() < n:
            msg = f"rows must be positions below {n}; found {chosen.min()} to {chosen.max()}"
            raise ValueError(msg)
        positions = positions[chosen]
    if split is not None:
        if "split" not in ds or split not in SPLITS:
            found = "no variable 'split'" if "split" not in ds else repr(split)
            msg = f"split must be one of {', '.join(SPLITS)} of a split Dataset; found {found}"
            raise ValueError(msg)
        if kind_of(ds["split"]) != "text":
            msg = (
                f"split needs splits as text; found {ds['split'].dtype} codes. Open the store with "
                "labels='text', or pass rows="
            )
            raise ValueError(msg)
        positions = positions[ds["split"].values[positions] == split]
    if not positions.size:
        msg = f"no rows selected by split={split!r} and rows; the Dataset has {n}"
        raise ValueError(msg)
    return positions.astype(np.int64)
