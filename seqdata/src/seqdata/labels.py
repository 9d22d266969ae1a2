"""Labels: text columns of few values, stored as small integer codes with their meanings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

FREE_TEXT = ("id", "name", "ref", "alt")
"""Variables that are always stored as text."""

_MOST_LABELS = 4096
_EMPTY = "%"


def encode_labels(
    values: NDArray[np.object_],
) -> tuple[NDArray[np.integer], dict[str, object]] | None:
    """Turn text into codes and CF attributes, or give None where there are too many distinct values.

    Parameters
    ----------
    values
        Text, any shape.

    Returns
    -------
    Codes of the smallest integer type, of the same shape, and the attributes ``flag_values`` and
    ``flag_meanings`` (CF conventions 3.5). White space in a meaning is percent-encoded; an empty
    label is written ``%``.

    Examples
    --------
    >>> codes, attrs = encode_labels(np.array(["chr2", "chr1", "chr2"], object))
    >>> codes.tolist(), attrs["flag_meanings"]
    ([0, 1, 0], 'chr2 chr1')
    """
    codes, labels = pd.factorize(np.asarray(values, dtype=object).ravel())
    if len(labels) > _MOST_LABELS:
        return None
    dtype = np.min_scalar_type(-max(len(labels), 1))
    meanings = " ".join(
        quote(str(label), safe="!#$&'()*+,-./:;<=>?@[]^_`{|}~") or _EMPTY for label in labels
    )
    attrs: dict[str, object] = {"flag_values": list(range(len(labels))), "flag_meanings": meanings}
    return codes.astype(dtype).reshape(np.shape(values)), attrs


def label_words(attrs: Mapping[Any, Any]) -> list[str]:
    """Give the labels that codes stand for, in the order of ``flag_values``.

    Examples
    --------
    >>> label_words({"flag_meanings": "left%20eye % chr1"})
    ['left eye', '', 'chr1']
    """
    words = str(attrs["flag_meanings"]).split()
    return ["" if word == _EMPTY else unquote(word) for word in words]


def decode_labels(variable: xr.Variable) -> xr.Variable:
    """Turn codes with CF flag attributes back into an object array that shares its few strings.

    Examples
    --------
    >>> codes = xr.Variable("_sequence", [0, 1], {"flag_values": [0, 1], "flag_meanings": "+ -"})
    >>> decode_labels(codes).values.tolist()
    ['+', '-']
    """
    attrs, words = dict(variable.attrs), label_words(variable.attrs)
    values = np.asarray(attrs.pop("flag_values"), dtype=np.int64)
    del attrs["flag_meanings"]
    labels = np.empty(int(values.max(initial=-1)) + 1, dtype=object)
    labels[values] = words
    # without fastpath, pandas 3 with pyarrow would make a string of its own for each row
    return xr.Variable(variable.dims, labels[variable.values], attrs, fastpath=True)


def with_text_labels(ds: xr.Dataset, names: Sequence[str] | None = None) -> xr.Dataset:
    """Give a Dataset whose labels, or some of them, are text where they were codes.

    Examples
    --------
    >>> codes = xr.Variable("_sequence", [0, 1], {"flag_values": [0, 1], "flag_meanings": "+ -"})
    >>> with_text_labels(xr.Dataset({"strand": codes}))["strand"].values.tolist()
    ['+', '-']
    """
    chosen = set(ds.variables if names is None else names)
    coded = {
        name: decode_labels(variable)
        for name, variable in ds.variables.items()
        if name in chosen and "flag_meanings" in variable.attrs
    }
    return ds.assign(coded)
