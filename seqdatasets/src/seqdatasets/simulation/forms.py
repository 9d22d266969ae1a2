"""The JSON form of what a recipe is made of: a frozen dataclass is an object with its ``kind``."""

from __future__ import annotations

import difflib
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from motifdata import Motif

T = TypeVar("T")

_KINDS: dict[str, type] = {}
_NOT_WRITTEN = ("alphabet", "probabilities")  # every motif of a recipe is over DNA


def recipe_object(kind: type[T]) -> type[T]:
    """Register a frozen dataclass, so that `from_form` knows it by its name."""
    _KINDS[kind.__name__] = kind
    return kind


def to_form(value: Any) -> Any:
    """Give the JSON form of an object, of what it holds, and so on down to numbers and text.

    Of a file's path only the name stays, so that equal recipes have equal forms in any folder.

    Examples
    --------
    >>> from seqdatasets.simulation.quantity import Quantity
    >>> to_form(Quantity.fixed(2))
    {'kind': 'Quantity', 'values': [2], 'weights': [1.0]}
    """
    if isinstance(value, Motif):
        names = [field.name for field in fields(value) if field.name not in _NOT_WRITTEN]
        known = {name: getattr(value, name) for name in names}
        return {"kind": "Motif", **known, "probabilities": value.probabilities.tolist()}
    if is_dataclass(value) and not isinstance(value, type):
        held = {field.name: to_form(getattr(value, field.name)) for field in fields(value)}
        held |= {name: Path(held[name]).name for name in _files_of(type(value))}
        return {"kind": type(value).__name__, **held}
    if isinstance(value, tuple | list):
        return [to_form(item) for item in value]
    if isinstance(value, dict):
        return {str(key): to_form(item) for key, item in value.items()}
    return value


def from_form(form: Any, folder: Path = Path()) -> Any:
    """Give the object of a JSON form; lists become tuples, and files are looked for in `folder`.

    Raises
    ------
    ValueError
        If a kind is not known, or does not have a field.

    Examples
    --------
    >>> from_form({"kind": "Quantity", "values": [2], "weights": [1.0]}).mean
    2.0
    """
    if isinstance(form, list):
        return tuple(from_form(item, folder) for item in form)
    if not isinstance(form, dict):
        return form
    held = {key: from_form(item, folder) for key, item in form.items() if key != "kind"}
    if "kind" not in form:
        return held
    if form["kind"] == "Motif":
        return Motif(**held)
    kind = _KINDS.get(form["kind"])
    if kind is None:
        raise ValueError(_unknown("kind", form["kind"], list(_KINDS)))
    names = [field.name for field in fields(kind)]
    odd = [name for name in held if name not in names]
    if odd:
        raise ValueError(_unknown(f"a field of {kind.__name__}", odd[0], names))
    held |= {name: str(folder / held[name]) for name in _files_of(kind) if name in held}
    try:
        return kind(**held)
    except TypeError as error:
        msg = f"a recipe's {kind.__name__} must have all its fields: {error}"
        raise ValueError(msg) from error


def _files_of(kind: type) -> list[str]:
    return [field.name for field in fields(kind) if field.metadata.get("is_file")]


def _unknown(what: str, found: Any, known: list[str]) -> str:
    close = difflib.get_close_matches(str(found), known, n=1)
    hint = f". Did you mean {close[0]!r}?" if close else ""
    return f"{what} in a recipe must be one of {', '.join(known)}; found {found!r}{hint}"
