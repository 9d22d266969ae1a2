"""What a reader was made with: its arguments are kept, and told as JSON for provenance."""

from __future__ import annotations

import copy
import functools
import hashlib
import inspect
import json
import os
from collections.abc import Callable, Iterable, Mapping
from types import UnionType
from typing import Any, Concatenate, ParamSpec, Union, get_args, get_origin, get_type_hints

import numpy as np

from seqdata.provenance import file_entry
from seqdata.readers.protocol import RegionSource, RowSource

P = ParamSpec("P")

_KEPT = "_arguments"
_MOST = 10_000  # entries of a list or mapping that are told one by one


def keep_arguments(
    init: Callable[Concatenate[Any, P], None],
) -> Callable[Concatenate[Any, P], None]:
    """Let a class keep what it is made with, for `describe`: a decorator of its ``__init__``.

    Parameters
    ----------
    init
        The method. Its annotations tell `describe` which texts are paths: those that may be a
        ``PathLike``.

    Returns
    -------
    The method, which also notes its arguments and the defaults of those that were not given

    Examples
    --------
    >>> class Track:
    ...     @keep_arguments
    ...     def __init__(self, samples: list[str], *, missing: float = 0.0) -> None: ...
    >>> describe(Track(["a", "b"]))
    {'type': 'Track', 'samples': ['a', 'b'], 'missing': 0.0}
    """
    signature = inspect.signature(init)

    @functools.wraps(init)
    def made(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> None:
        init(self, *args, **kwargs)
        given = signature.bind(self, *args, **kwargs)
        given.apply_defaults()
        _, *names = given.arguments
        setattr(self, _KEPT, {name: _own(given.arguments[name]) for name in names})

    return made


def describe(reader: RegionSource | RowSource) -> dict[str, Any]:
    r"""Tell a reader's class and what it was made with, as JSON can hold it.

    Parameters
    ----------
    reader
        Any reader.

    Returns
    -------
    ``type``, the name of the class, and its arguments by name. A file stands as its name and sha256, a
    reader within a reader as its own description, and a list or mapping of more than 10,000 entries as
    their number and sha256. Of a class that does not keep its arguments only ``type`` and ``files``

    Examples
    --------
    >>> import pathlib, tempfile, seqdata as sd
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.fa"); _ = path.write_text(">x\nAC\n")
    >>> describe(sd.FlatFASTA(path))["type"]
    'FlatFASTA'
    """
    kind = type(reader)
    kept = getattr(reader, _KEPT, None)
    if kept is None:
        return {"type": kind.__name__, "files": [file_entry(path) for path in reader.files()]}
    hints = get_type_hints(kind.__init__)
    told = {name: _told(value, _options(hints[name])) for name, value in kept.items()}
    return {"type": kind.__name__, **told}


def _own(value: Any) -> Any:
    """Keep what a caller may change later as it is now."""
    return copy.copy(value) if isinstance(value, dict | list) else value


def _told(value: Any, options: tuple[Any, ...]) -> Any:
    """Tell an argument whose annotation allows these types."""
    if isinstance(value, os.PathLike) or (isinstance(value, str) and _may_be_path(options)):
        return file_entry(value)
    if hasattr(value, _KEPT):
        return describe(value)
    if isinstance(value, type | np.dtype):
        return np.dtype(value).name
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, str) or not isinstance(value, Iterable):
        return value
    inner = _inner(options)
    told: Any
    if isinstance(value, Mapping):
        told = {str(key): _told(item, inner) for key, item in value.items()}
    else:
        told = [_told(item, inner) for item in value]
    return told if len(told) <= _MOST else _summary(told)


def _summary(told: Any) -> dict[str, Any]:
    digest = hashlib.sha256(json.dumps(told, default=str).encode())
    return {"entries": len(told), "sha256": digest.hexdigest()}


def _options(hint: Any) -> tuple[Any, ...]:
    """Types that an annotation allows: those of a union, or itself."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _may_be_path(options: tuple[Any, ...]) -> bool:
    kinds = (get_origin(option) or option for option in options)
    return any(inspect.isclass(kind) and issubclass(kind, os.PathLike) for kind in kinds)


def _inner(options: tuple[Any, ...]) -> tuple[Any, ...]:
    """Types that the values of a container may have, whatever container it is."""
    found: list[Any] = []
    for option in options:
        kind = get_origin(option)
        has_keys = inspect.isclass(kind) and issubclass(kind, Mapping)
        for argument in get_args(option)[1 if has_keys else 0 :]:
            found += _options(argument)
    return tuple(found)
