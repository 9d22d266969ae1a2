"""From nodes of a YAML file to arguments: each value is read as its parameter's annotation says.

Numbers, truth values and text are told apart by the annotation rather than by YAML's own rules, so that
a contig called ``1`` or a sample called ``NO`` stays text.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import GenericAlias, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from eugene.recipes.place import Place, close_to, entries, found, is_null
from seqpro import AA, DNA, RNA, Alphabet

_WHOLE = re.compile(r"[-+]?\d[\d_]*")
_ALPHABETS = {alphabet.name: alphabet for alphabet in (DNA, RNA, AA)}


def arguments(node: Any, call: Callable[..., Any], place: Place) -> dict[str, Any]:
    """Read a mapping as the keyword arguments of a function or class.

    Parameters
    ----------
    node
        The mapping.
    call
        Function or class; its signature says which keys there may be and what they hold. What it takes as
        ``**name`` stands in the mapping under ``name``.
    place
        Where the mapping is.

    Returns
    -------
    Arguments by name, those of ``**name`` still under ``name``

    Raises
    ------
    ValueError
        If a key is unknown, missing or twice there, or a value is of another type.
    """
    parameters, hints = inspect.signature(call).parameters, hints_of(call)
    given = entries(node, place, what=f"the keywords of {call.__name__}")
    for name, (key, _) in given.items():
        if name not in parameters:
            near = close_to(name, tuple(parameters))
            raise place.error(key, f"{call.__name__} has no keyword {name!r}; {near}")
    for name, parameter in parameters.items():
        is_needed = parameter.default is parameter.empty and parameter.kind != parameter.VAR_KEYWORD
        if is_needed and name not in given:
            there = ", ".join(given) or "nothing"
            raise place.error(node, f"{place.name} must have {name!r}; found {there}")
    read = {}
    for name, (_, value) in given.items():
        is_many = parameters[name].kind == inspect.Parameter.VAR_KEYWORD
        hint: Any = GenericAlias(Mapping, (str, hints[name])) if is_many else hints[name]
        read[name] = value_of(value, hint, place.at(name))
    return read


def hints_of(call: Callable[..., Any]) -> dict[str, Any]:
    """Give the types of a function's or class's parameters.

    Examples
    --------
    >>> import seqdata as sd
    >>> hints_of(sd.BigWig)["bin_width"]
    <class 'int'>
    """
    import pandas as pd

    takes = call.__init__ if inspect.isclass(call) else call
    return get_type_hints(takes, localns={"pd": pd})


def value_of(node: Any, hint: Any, place: Place) -> Any:
    """Read a node as a value of the type that a hint says.

    Raises
    ------
    ValueError
        If it is of another type; the message says file, line, place, expected and found.

    Examples
    --------
    >>> import yaml
    >>> place = Place(Path("folder/recipe.yaml"))
    >>> value_of(yaml.compose("1_000"), int | None, place), value_of(yaml.compose("1"), str, place)
    (1000, '1')
    >>> value_of(yaml.compose("a.bw"), os.PathLike[str], place).as_posix()
    'folder/a.bw'
    """
    import yaml  # type: ignore[import-untyped]

    options = _options(hint)
    if Any in options:
        return yaml.safe_load(yaml.serialize(node))
    if is_null(node):
        if type(None) in options:
            return None
        raise _wrong(node, options, place)
    readers = {yaml.ScalarNode: _scalar, yaml.SequenceNode: _list, yaml.MappingNode: _mapping}
    return readers[type(node)](node, options, place)


def _scalar(node: Any, options: tuple[Any, ...], place: Place) -> Any:
    """Read one value; of several types that fit, paths come before text and numbers before both."""
    text, is_plain = node.value, node.style is None
    if Alphabet in options and text in _ALPHABETS:
        return _ALPHABETS[text]
    if bool in options and node.tag == "tag:yaml.org,2002:bool":
        return text.lower() in ("true", "yes", "on")
    if int in options and is_plain and _WHOLE.fullmatch(text):
        return int(text)
    if float in options and is_plain:
        try:
            return float(re.sub(r"^([-+]?)\.(nan|inf)$", r"\1\2", text.lower()))
        except ValueError:
            pass
    if text in _choices(options):
        return text
    if any(_is_kind(option, os.PathLike) for option in options):
        return _path(text, place)
    if str in options:
        return text
    raise _wrong(node, options, place)


def _path(text: str, place: Place) -> Path | str:
    """Give a path; a relative one begins in the recipe's folder."""
    return text if "://" in text else place.file.parent / Path(text).expanduser()


def _list(node: Any, options: tuple[Any, ...], place: Place) -> Any:
    for option in options:
        kinds = get_args(option)
        if _is_kind(option, tuple) and Ellipsis not in kinds:
            if len(kinds) == len(node.value):
                pairs = enumerate(zip(node.value, kinds, strict=True))
                return tuple(value_of(value, kind, place.at(str(i))) for i, (value, kind) in pairs)
        elif _is_kind(option, Sequence) and option is not str:
            return [value_of(v, kinds[0], place.at(str(i))) for i, v in enumerate(node.value)]
    raise _wrong(node, options, place)


def _mapping(node: Any, options: tuple[Any, ...], place: Place) -> Any:
    for option in options:
        if _is_kind(option, Mapping):
            kind = get_args(option)[1]
            given = entries(node, place, what="names and their values")
            return {name: value_of(v, kind, place.at(name)) for name, (_, v) in given.items()}
        if _is_reader(option):
            return _reader(node, option, place)
        if _is_public(option):
            return _made(node, node, option, place)
    raise _wrong(node, options, place)


def _reader(node: Any, option: Any, place: Place) -> Any:
    """Make a reader of the mapping's ``type`` with the rest of the mapping as keywords."""
    import yaml

    known = {name: kind for name, kind in reader_types().items() if option in (kind, _source())}
    given = entries(node, place, what="a reader: its type and keywords")
    key, named = given.get("type", (None, None))
    names = ", ".join(known)
    if key is None:
        there = ", ".join(given) or "nothing"
        raise place.error(node, f"{place.name} must have a type, one of {names}; found {there}")
    if not isinstance(named, yaml.ScalarNode) or named.value not in known:
        text = found(named)
        hint = close_to(str(named.value), tuple(known))
        raise place.error(named, f"{place.name}.type must be one of {names}; found {text}: {hint}")
    rest = [(k, v) for k, v in node.value if k.value != "type"]
    keywords = yaml.MappingNode(node.tag, rest, node.start_mark, node.end_mark)
    return _made(node, keywords, known[named.value], place)


def _made(node: Any, keywords: Any, kind: Callable[..., Any], place: Place) -> Any:
    """Call a class, and say where in the file its own errors come from."""
    read = arguments(keywords, kind, place)
    try:
        return kind(**read)
    except (ValueError, TypeError, OSError) as error:
        raise place.error(node, f"{place.name}: {error}") from error


def reader_types() -> dict[str, type]:
    """Give the classes of seqdata that read values along contigs, by name.

    Examples
    --------
    >>> "BigWig" in reader_types(), "Table" in reader_types()
    (True, False)
    """
    import seqdata as sd

    public = {name: getattr(sd, name) for name in sd.__all__}
    return {name: kind for name, kind in public.items() if _is_reader(kind)}


def _source() -> type:
    from seqdata.readers.protocol import RegionSource

    return RegionSource


def _is_reader(option: Any) -> bool:
    return inspect.isclass(option) and hasattr(option, "contigs") and hasattr(option, "read")


def _is_public(option: Any) -> bool:
    import seqdata as sd

    return inspect.isclass(option) and option.__name__ in sd.__all__


def _is_kind(option: Any, kind: type) -> bool:
    origin = get_origin(option) or option
    return inspect.isclass(origin) and issubclass(origin, kind)


def _options(hint: Any) -> tuple[Any, ...]:
    """Types that a hint allows."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _choices(options: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(c for o in options if get_origin(o) is Literal for c in get_args(o))


def _wrong(node: Any, options: tuple[Any, ...], place: Place) -> ValueError:
    kinds = [_expected(option) for option in options]
    if "a path" in kinds:
        kinds = [kind for kind in kinds if kind != "text"]
    expected = " or ".join(kind for kind in kinds if kind)
    hint = ""
    if (choices := _choices(options)) and not isinstance(node.value, list):
        hint = f": {close_to(node.value, choices)}"
    return place.error(node, f"{place.name} must be {expected}; found {found(node)}{hint}")


def _expected(option: Any) -> str:
    """Say what a type is called in a recipe; types that only Python has are not named."""
    named = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
    if option in named:
        return named[option]
    if get_origin(option) is Literal:
        return " or ".join(get_args(option))
    if option is Alphabet:
        return " or ".join(_ALPHABETS)
    if _is_kind(option, os.PathLike):
        return "a path"
    kinds = get_args(option)
    if _is_kind(option, Mapping):
        return f"names, each with {' or '.join(filter(None, map(_expected, _options(kinds[1]))))}"
    if _is_kind(option, tuple) and Ellipsis not in kinds:
        return f"a list of {len(kinds)}"
    if _is_kind(option, Sequence):
        return "a list"
    if _is_reader(option):
        return "a reader, with its type"
    if _is_public(option):
        return f"the keywords of {option.__name__}"
    return "nothing" if option is type(None) else ""
