"""Bring a Dataset's sequences to one length."""

from __future__ import annotations

import numpy as np
import xarray as xr

import seqdata as sd
from seqdata.provenance import add_step
from seqdata.schema import LENGTH, SEQUENCE
from seqpro import as_codes
from seqpro.ragged import Side


def pad(
    data: xr.Dataset,
    *,
    length: int,
    variable: str = "seq",
    side: Side = "right",
    truncate: Side = "right",
    letter: str = "N",
) -> xr.Dataset:
    """Give the sequences of a ragged variable one length, so that networks can take them.

    Parameters
    ----------
    data
        Dataset whose `variable` is ragged.
    length
        Positions of the result, bp (or residues).
    variable
        The sequence.
    side
        Where shorter sequences are filled: ``"left"``, ``"right"`` or ``"both"``.
    truncate
        Where longer ones are cut; ``"both"`` keeps the centre.
    letter
        Letter to fill with.

    Returns
    -------
    Dataset in which `variable` has dims (_sequence, _length) and its start and size are gone

    Raises
    ------
    ValueError
        If the variable is not ragged, tracks lie along it, or `letter` is not one letter.

    Examples
    --------
    >>> import seqdata as sd, xarray as xr
    >>> from seqdata.view import sequence_variables
    >>> from seqpro import DNA, as_ragged
    >>> data = xr.Dataset({"row": ("_sequence", [0, 1]), **sequence_variables(as_ragged(["ACG", "T"]), DNA)})
    >>> sd.head(pad(data, length=4))["seq"].tolist()
    ['ACGN', 'TNNN']
    """
    ragged = sd.ragged(data, variable)
    stem = str(data[variable].dims[0]).removesuffix("_value")
    others = [
        str(k) for k, v in data.data_vars.items() if f"{stem}_value" in v.dims and k != variable
    ]
    if others:
        msg = f"variable {variable!r} cannot be padded alone: {others[0]!r} lies along it. Drop that first"
        raise ValueError(msg)
    if len(letter) != 1:
        msg = f"letter must be one letter; found {letter!r}"
        raise ValueError(msg)
    fill = int(as_codes(letter)[0])
    padded = ragged.to_padded(length, fill, side=side, truncate=truncate)
    cut = int(np.maximum(ragged.sizes - length, 0).sum())
    attrs = {**data[variable].attrs, "letters_cut": cut}
    out = data.drop_vars([variable, f"{stem}_start", f"{stem}_size"])
    out = out.assign({variable: ((SEQUENCE, LENGTH), padded, attrs)})
    details = {"length": length, "side": side, "truncate": truncate, "letter": letter}
    return add_step(out, "eugene.preprocess.pad", variable=variable, **details)
