"""Ways to look at a Dataset: letters, a short table, ragged rows, one line a variable."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from seqdata.schema import LENGTH, SEQUENCE, dim_matches, kind_of
from seqpro import Alphabet, Ragged, as_ragged

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 48  # letters of a sequence that `head` shows


def chars(ds: xr.Dataset, variable: str) -> xr.DataArray:
    """View a sequence variable as letters.

    Parameters
    ----------
    ds
        Dataset with the variable.
    variable
        Name of a sequence: uint8 ASCII codes of any dims, such as (_sequence, _length).

    Returns
    -------
    DataArray of ``S1``, same dims

    Raises
    ------
    ValueError
        If the variable is not there, or does not hold codes.

    Examples
    --------
    >>> import numpy as np, xarray as xr, seqdata as sd
    >>> ds = xr.Dataset({"seq": (("_sequence", "_length"), np.frombuffer(b"ACGT", "u1").reshape(2, 2))})
    >>> sd.chars(ds, "seq").values.tolist()
    [[b'A', b'C'], [b'G', b'T']]
    """
    found = _find(ds, variable)
    if found.dtype != np.uint8:
        msg = f"variable {variable!r} must hold ASCII codes (uint8); found {found.dtype}"
        raise ValueError(msg)
    return found.copy(data=np.ascontiguousarray(found.values).view("S1"))


def ragged(ds: xr.Dataset, variable: str) -> Ragged:
    """Give a ragged variable's rows, in the Dataset's present order.

    Parameters
    ----------
    ds
        Dataset with the flat variable and its ``_start`` and ``_size``.
    variable
        Name of the flat variable, such as ``"seq"``.

    Returns
    -------
    Ragged of n rows; the samples and strands of a track are columns of its values

    Raises
    ------
    ValueError
        If the variable is not there or not ragged.

    Examples
    --------
    >>> import numpy as np, xarray as xr, seqdata as sd
    >>> ds = xr.Dataset({
    ...     "seq": ("seq_value", np.frombuffer(b"ACGT", "u1")),
    ...     "seq_start": ("_sequence", [0, 3]), "seq_size": ("_sequence", [3, 1]),
    ... })
    >>> [row.tobytes() for row in sd.ragged(ds.isel(_sequence=[1, 0]), "seq")]
    [b'T', b'ACG']
    """
    found = _find(ds, variable)
    stem = str(found.dims[0]).removesuffix("_value")
    if stem == found.dims[0] or f"{stem}_start" not in ds:
        msg = f"variable {variable!r} must be ragged (dims '{{v}}_value'); found dims {found.dims}"
        raise ValueError(msg)
    return Ragged(found.values, ds[f"{stem}_start"].values, ds[f"{stem}_size"].values)


def sequence_variables(
    ragged: Ragged, alphabet: Alphabet, name: str = "seq"
) -> dict[str, xr.Variable]:
    """Give the variables of a sequence: one of a single length, or flat with starts and sizes.

    Parameters
    ----------
    ragged
        ASCII codes, one row a sequence.
    alphabet
        Recorded in the attributes.
    name
        The variable's name.

    Returns
    -------
    ``{name}`` (_sequence, _length) if all rows have one size, else ``{name}`` on ``{name}_value`` with
    ``{name}_start`` and ``{name}_size``

    Examples
    --------
    >>> from seqpro import DNA, as_ragged
    >>> list(sequence_variables(as_ragged(["AC", "G"]), DNA))
    ['seq', 'seq_start', 'seq_size']
    """
    packed, attrs = ragged.packed(), {"alphabet": alphabet.name}
    sizes = packed.sizes
    if sizes.size and (sizes == sizes[0]).all():
        codes = packed.values.reshape(len(packed), int(sizes[0]))
        return {name: xr.Variable((SEQUENCE, LENGTH), codes, attrs)}
    return {
        name: xr.Variable(f"{name}_value", packed.values, attrs),
        f"{name}_start": xr.Variable(SEQUENCE, packed.starts),
        f"{name}_size": xr.Variable(SEQUENCE, packed.sizes),
    }


def sequences(ds: xr.Dataset, variable: str) -> Ragged:
    """Give the rows of a sequence, whether they have one length or not.

    Parameters
    ----------
    ds
        Dataset with the variable.
    variable
        Name of a sequence: (_sequence, _length), or ragged.

    Returns
    -------
    Ragged of n rows of ASCII codes

    Raises
    ------
    ValueError
        If the variable is not there.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> ds = xr.Dataset({"seq": (("_sequence", "_length"), np.frombuffer(b"ACGT", "u1").reshape(2, 2))})
    >>> [row.tobytes() for row in sequences(ds, "seq")]
    [b'AC', b'GT']
    """
    return ragged(ds, variable) if is_ragged(ds, variable) else as_ragged(ds[variable].values)


def is_ragged(ds: xr.Dataset, variable: str) -> bool:
    """Whether a variable has rows of unequal length.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> is_ragged(xr.Dataset({"x": ("_sequence", np.zeros(2))}), "x")
    False
    """
    dim = next(map(str, _find(ds, variable).dims), "")
    return not dim.startswith("_") and dim.endswith("_value")


def head(ds: xr.Dataset, n: int = 5) -> pd.DataFrame:
    """Show the first rows as a table: letters, targets, regions, splits.

    Parameters
    ----------
    ds
        Any Dataset with rows.
    n
        Rows to show.

    Returns
    -------
    DataFrame with one column a sequence (long ones shortened in the middle) and one for each variable
    with a single value a row

    Examples
    --------
    >>> import numpy as np, xarray as xr, seqdata as sd
    >>> ds = xr.Dataset({
    ...     "row": ("_sequence", [7, 8]),
    ...     "seq": (("_sequence", "_length"), np.frombuffer(b"ACGT", "u1").reshape(2, 2)),
    ... })
    >>> sd.head(ds)
       row seq
    0    7  AC
    1    8  GT
    """
    import pandas as pd

    top = ds.isel({SEQUENCE: slice(0, n)}) if SEQUENCE in ds.dims else ds
    columns: dict[str, object] = {}
    for name, variable in top.data_vars.items():
        dims = variable.dims
        if dims == (SEQUENCE,) and not _is_place(ds, str(name)):
            columns[str(name)] = variable.values
        elif kind_of(variable) == "uint8" and _is_by_position(dims):
            columns[str(name)] = [_shorten(row.tobytes()) for row in variable.values]
        elif kind_of(variable) == "uint8" and is_ragged(top, str(name)):
            columns[str(name)] = [_shorten(row.tobytes()) for row in ragged(top, str(name))]
    return pd.DataFrame(columns)


def _find(ds: xr.Dataset, variable: str) -> xr.DataArray:
    if variable not in ds:
        known = ", ".join(map(str, ds.data_vars)) or "none"
        msg = f"data has no variable {variable!r}; it has {known}"
        raise ValueError(msg)
    return ds[variable]


def _is_by_position(dims: tuple[Hashable, ...]) -> bool:
    """Whether dimensions are those of letters: rows and positions, and nothing else."""
    if len(dims) != 2 or dims[0] != SEQUENCE:
        return False
    return any(dim_matches(str(dims[1]), extent) for extent in (LENGTH, "{v}_length"))


def _is_place(ds: xr.Dataset, name: str) -> bool:
    """Whether a variable says where each row lies on a flat dimension."""
    stem, _, part = name.rpartition("_")
    return (part in ("start", "size") and f"{stem}_value" in ds.dims) or (
        part in ("first", "count") and f"{stem}_variant" in ds.dims
    )


def _shorten(letters: bytes) -> str:
    text = letters.decode("ascii", "replace")
    if len(text) <= _SHOWN:
        return text
    return f"{text[: _SHOWN // 2]}…{text[-(_SHOWN // 2) + 1 :]}"
