"""How a function of arrays is applied to DataArrays: dims by name, blocks of dask one by one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqpro.alphabet import Alphabet, require_alphabet

Named = xr.DataArray | xr.Variable
Dims = tuple[str, ...]

_LETTERS = (np.dtype(np.uint8), np.dtype("S1"))


def apply(
    function: Callable[..., NDArray[Any]],
    data: tuple[xr.DataArray, Dims],
    *more: tuple[Named, Dims],
    out: Dims = (),
    renumbers: Dims = (),
    keeps_attrs: bool = False,
) -> xr.DataArray:
    """Call `function` on arrays whose named dims come last, at once or for each block of dask.

    Parameters
    ----------
    function
        Takes one array for each input, shape (..., *dims), the leading axes broadcast against each
        other, and gives an array of shape (..., *out). Rows must not depend on each other, and it must
        take arrays without rows: on those it is tried to learn type and shape of what it gives.
    data
        Array and the dims of it that `function` needs whole.
    more
        What goes with the data: further arrays and their dims.
    out
        Dims that `function` gives; new ones or those of the inputs.
    renumbers
        Dims whose entries are other ones in the result: their size may change, and coords along them
        go.
    keeps_attrs
        Whether the result has the attributes of the data.

    Raises
    ------
    ValueError
        If a new dim is there already.

    Examples
    --------
    >>> rows = xr.DataArray([[1, 2], [3, 4]], dims=("_length", "_sequence"))
    >>> apply(lambda block: block.sum(axis=-1), (rows, ("_length",))).values.tolist()
    [4, 6]
    """
    arrays = [data[0], *(_without_coords_of(data[0], array) for array, _ in more)]
    cores = [data[1], *(core for _, core in more)]
    taken = {str(dim) for array in arrays for dim in array.dims} & {*out}.difference(*cores)
    if taken:
        msg = f"new dims must not be among those of the array; found {sorted(taken)}. Name others"
        raise ValueError(msg)
    options: dict[str, Any] = {}
    if any(array.chunks is not None for array in arrays):
        arrays = [_with_full_chunks(array) for array in arrays]
        function, options = _lazily(function, arrays, cores, out)
    result: xr.DataArray = xr.apply_ufunc(
        function,
        *arrays,
        input_core_dims=cores,
        output_core_dims=[out],
        exclude_dims=set(renumbers),
        keep_attrs="override",
        **options,
    )
    result.attrs = dict(data[0].attrs) if keeps_attrs else {}
    return result


def _without_coords_of(first: xr.DataArray, array: Named) -> Named:
    """Leave out coords that the first array has, too: to compare them, lazy ones would be computed."""
    if isinstance(array, xr.Variable):
        return array
    return array.drop_vars((set(array.coords) - set(array.xindexes)) & set(first.coords))


def _without_rows(array: Named, core: Dims) -> NDArray[Any]:
    axes = max(1, array.ndim - len(core))
    return np.empty((0,) * axes + tuple(array.sizes[dim] for dim in core), array.dtype)


def full_chunks(sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Leave out chunks of nothing: dask mistakes axes of several chunks and one entry."""
    return tuple(filter(None, sizes)) or (0,)


def _with_full_chunks(array: Named) -> Named:
    chunks = tuple(map(full_chunks, array.chunks or ()))
    if array.chunks is None or chunks == array.chunks:
        return array
    return array.copy(data=array.data.rechunk(chunks))


def _lazily(
    function: Callable[..., NDArray[Any]],
    arrays: Sequence[Named],
    cores: Sequence[Dims],
    out: Dims,
) -> tuple[Callable[..., Any], dict[str, Any]]:
    """Give the function for arrays of dask, and what xarray needs to know of it."""
    tried = function(*map(_without_rows, arrays, cores))
    sizes = tried.shape[tried.ndim - len(out) :]
    work = partial(_in_block, function)
    if all(array.size for array in arrays):
        gufunc = {"output_sizes": dict(zip(out, sizes, strict=True)), "allow_rechunk": True}
        return work, {
            "dask": "parallelized",
            "output_dtypes": [tried.dtype],
            "dask_gufunc_kwargs": gufunc,
        }

    def as_one_block(*whole: Any) -> Any:  # dask broadcasts and joins no axes without entries
        import dask.array

        leads = [
            part.shape[: part.ndim - len(core)] for part, core in zip(whole, cores, strict=True)
        ]
        shape = (*np.broadcast_shapes(*leads), *sizes)
        return dask.array.from_delayed(dask.delayed(work)(*whole), shape, dtype=tried.dtype)

    return as_one_block, {"dask": "allowed"}


def _in_block(function: Callable[..., NDArray[Any]], *blocks: NDArray[Any]) -> NDArray[Any]:
    try:
        return function(*blocks)
    except (TypeError, ValueError) as error:
        error.add_note("Sequences and positions are counted from the beginning of a chunk of dask.")
        raise


def core_dims(
    seqs: Any,
    length_dim: str,
    ohe_dim: str,
    *,
    alphabet: Alphabet | None = None,
    argument: str = "seqs",
) -> Dims:
    """Give the dims of one sequence: (`length_dim`,) of letters, (`ohe_dim`, `length_dim`) of one-hot.

    Parameters
    ----------
    seqs
        What a user gave.
    length_dim, ohe_dim
        As in the docstring of the package.
    alphabet
        Letters of one-hot arrays; any if None.
    argument
        Name used in error messages.

    Raises
    ------
    TypeError
        If `seqs` is no DataArray or holds neither letters nor one-hot columns.
    ValueError
        If a dim is missing, or `ohe_dim` does not fit the alphabet.

    Examples
    --------
    >>> core_dims(xr.DataArray([65, 67], dims="_length").astype("uint8"), "_length", "_ohe")
    ('_length',)
    """
    require_array(seqs, argument)
    if ohe_dim not in seqs.dims:
        require_letters(seqs, length_dim, argument, ohe_dim=ohe_dim)
        return (length_dim,)
    require_dims(seqs, argument, length_dim=length_dim)
    if seqs.dtype.kind not in "biuf":
        msg = f"{argument} must hold numbers to be one-hot along {ohe_dim!r}; found {seqs.dtype}"
        raise TypeError(msg)
    if alphabet is not None:
        _check_columns(seqs, ohe_dim, require_alphabet(alphabet), argument)
    return (ohe_dim, length_dim)


def ohe_axis(core: Dims) -> int | None:
    """Give the axis of letters among dims of `core_dims`, as plain functions take it."""
    return -2 if len(core) == 2 else None


def require_array(data: Any, argument: str) -> None:
    """Refuse what is no DataArray."""
    if isinstance(data, xr.Dataset):
        some = next(iter(data.data_vars), "seq")
        msg = f"{argument} must be a DataArray; found a Dataset. Pass one variable, such as data[{some!r}]"
        raise TypeError(msg)
    if not isinstance(data, xr.DataArray):
        msg = (
            f"{argument} must be a DataArray; found {type(data).__name__}. The function of the same name "
            "in seqpro takes other containers"
        )
        raise TypeError(msg)


def require_dims(data: xr.DataArray, argument: str, **dims: str) -> None:
    """Refuse an array without the dims, whose keywords are the names of arguments."""
    for name, dim in dims.items():
        if dim not in data.dims:
            msg = (
                f"{argument} must have the dim {dim!r}; found {data.dims}. Pass the name of its own as "
                f"{name}"
            )
            raise ValueError(msg)


def require_letters(
    seqs: Any,
    length_dim: str,
    argument: str = "seqs",
    *,
    keyword: str = "length_dim",
    ohe_dim: str | None = None,
) -> None:
    """Refuse what is no array of letters along a dim; `ohe_dim` is the one that one-hot would need."""
    require_array(seqs, argument)
    if seqs.dtype.kind in "OSTU" and seqs.dtype not in _LETTERS:
        way_out = f"seqpro.pad_seqs({argument}.values) makes an array (..., length) of letters"
        if length_dim in seqs.dims:
            way_out = f"{argument}.astype('S1') makes letters, if each entry is one"
        msg = (
            f"{argument} must hold one letter an entry, S1 or uint8 ASCII codes, along {length_dim!r}; "
            f"found text of type {seqs.dtype}. {way_out}"
        )
        raise TypeError(msg)
    if seqs.dtype not in _LETTERS:
        way_out = (
            "" if ohe_dim is None else f". One-hot needs the dim {ohe_dim!r}, or ohe_dim to name it"
        )
        msg = f"{argument} must hold letters, S1 or uint8 ASCII codes; found {seqs.dtype}{way_out}"
        raise TypeError(msg)
    require_dims(seqs, argument, **{keyword: length_dim})


def each_sequence(value: Any, argument: str, seqs: xr.DataArray, core: Dims) -> Named:
    """Give what goes with each sequence, one for all or some of their dims, as an array with dims."""
    if isinstance(value, xr.DataArray):
        require_sequence_dims(value.dims, argument, seqs, core)
        return value
    if np.ndim(value):
        msg = (
            f"{argument} must be one value or a DataArray with dims of the sequences; found "
            f"{type(value).__name__}"
        )
        raise TypeError(msg)
    return xr.Variable((), np.asarray(value))


def require_sequence_dims(
    dims: Iterable[Hashable], argument: str, seqs: xr.DataArray, core: Dims
) -> None:
    """Refuse dims that do not count sequences."""
    allowed = sequence_dims(seqs, core)
    if any(dim not in allowed for dim in dims):
        msg = f"{argument} must have dims of the sequences, {allowed}; found {(*dims,)}"
        raise ValueError(msg)


def sequence_dims(seqs: xr.DataArray, core: Dims) -> Dims:
    """Give the dims that count sequences, in the array's order."""
    return tuple(str(dim) for dim in seqs.dims if dim not in core)


def with_labels(result: xr.DataArray, dim: str, labels: Iterable[str]) -> xr.DataArray:
    """Name the entries of a new dim."""
    return result.assign_coords({dim: np.array(list(labels), dtype=object)})


def _check_columns(seqs: xr.DataArray, ohe_dim: str, alphabet: Alphabet, argument: str) -> None:
    if seqs.sizes[ohe_dim] != len(alphabet):
        msg = (
            f"{argument} must have {len(alphabet)} letters ({alphabet.name}) along {ohe_dim!r}; found "
            f"{dict(seqs.sizes)}"
        )
        raise ValueError(msg)
    labels = seqs.coords[ohe_dim].values.tolist() if ohe_dim in seqs.xindexes else []
    are_letters = labels and all(isinstance(label, str) and len(label) == 1 for label in labels)
    if are_letters and labels != list(alphabet.letters):
        msg = (
            f"{argument} must have the letters of {alphabet.name}, {alphabet.letters}, along {ohe_dim!r}; "
            f"found the labels {''.join(labels)}. Pass their alphabet, or bring them in order with sel"
        )
        raise ValueError(msg)
