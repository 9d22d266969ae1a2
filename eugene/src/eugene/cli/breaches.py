"""All that is wrong with a store, where `seqdata.validate` stops at the first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr


def breaches(ds: xr.Dataset) -> list[str]:
    """Find the breaches of the data contract in a Dataset.

    What `seqdata.validate` names is set aside and the rest is checked again, until it follows the
    contract. So a variable has one breach named, and one that is judged by another, such as ragged values
    by their starts, none where that other is broken.

    Parameters
    ----------
    ds
        Any Dataset.

    Returns
    -------
    Messages of `seqdata.validate`, in the order in which it comes upon them; none if `ds` follows the
    contract

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> ds = xr.Dataset({"row": ("_sequence", [0, 1]), "chromStart": ("_sequence", [0.5, 2.0]),
    ...                  "split": ("_sequence", np.array(["train", "Test"], object))})
    >>> [message.split("'")[1] for message in breaches(ds)]
    ['chromStart', 'split']
    """
    found: list[str] = []
    aside: set[str] = set()
    while message := _breach(ds):
        named = re.findall(r"'([^']*)'", message)
        if not aside & set(named):  # else it follows from what was set aside
            found.append(message)
        name = next((n for n in named if n in {"row", *ds.variables, *ds.dims}), None)
        if name is None or (name == "row" and "row" in aside):
            break
        aside.add(name)
        ds = _without(ds, name)
    return found


def _without(ds: xr.Dataset, name: str) -> xr.Dataset:
    """Set a variable or a dimension aside; keys are replaced, as nothing can be without."""
    import numpy as np

    if name == "row" and "_sequence" in ds.dims:
        return ds.assign(row=("_sequence", np.arange(ds.sizes["_sequence"], dtype=np.int64)))
    return ds.drop_vars(name) if name in ds.variables else ds.drop_dims(name)


def _breach(ds: xr.Dataset) -> str:
    import seqdata as sd

    try:
        sd.validate(ds)
    except sd.ContractError as error:
        return str(error)
    return ""
