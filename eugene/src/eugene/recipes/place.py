"""Places in a YAML file, so that an error can say where it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import yaml  # type: ignore[import-untyped]


@dataclass(frozen=True)
class Place:
    """Where in a recipe one is.

    Parameters
    ----------
    file
        The recipe.
    name
        Keys from the top to here, joined by dots; empty at the top.

    Examples
    --------
    >>> Place(Path("a.yaml")).at("build").at("length").name
    'build.length'
    """

    file: Path
    name: str = ""

    def at(self, key: str) -> Place:
        """Give the place of a key inside this one."""
        return replace(self, name=f"{self.name}.{key}" if self.name else key)

    def error(self, node: Any, message: str) -> ValueError:
        """Make the error for a node of the file: file, line, and what is wrong, on one line."""
        text = " ".join(message.split())
        return ValueError(f"{self.file.name}, line {node.start_mark.line + 1}: {text}")


def read_nodes(path: Path) -> yaml.Node:
    """Read a YAML file as nodes, which know their lines.

    Raises
    ------
    ValueError
        If it is no YAML, or empty.
    """
    import yaml

    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = "" if mark is None else f", line {mark.line + 1}"
        msg = f"{path.name}{line} is not YAML: {error.problem}"
        raise ValueError(msg) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        msg = f"{path.name} is not YAML: {' '.join(str(error).split())}"
        raise ValueError(msg) from None
    if node is None:
        msg = f"{path.name} must hold a recipe; it is empty"
        raise ValueError(msg)
    return node


def entries(node: Any, place: Place, *, what: str) -> dict[str, tuple[Any, Any]]:
    """Give a mapping's entries: key and value as nodes, by the key's text.

    Raises
    ------
    ValueError
        If the node is no mapping, a key is none of text, or a key comes twice.
    """
    import yaml

    if not isinstance(node, yaml.MappingNode):
        raise place.error(node, f"{place.name or 'a recipe'} must hold {what}; found {found(node)}")
    by_key: dict[str, tuple[Any, Any]] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise place.error(key, f"a key must be text; found {found(key)}")
        if key.value in by_key:
            raise place.error(key, f"{place.at(key.value).name} comes twice; remove one")
        by_key[key.value] = (key, value)
    return by_key


def found(node: Any) -> str:
    """Say what a node holds, for an error.

    Examples
    --------
    >>> import yaml
    >>> [found(yaml.compose(text)) for text in ("5", "'5'", "[1, 2]", "{a: 1}", "~")]
    ['5', "the text '5'", 'a list', 'a mapping', 'nothing']
    """
    import yaml

    from seqpro.checks import shown

    if isinstance(node, yaml.ScalarNode):
        if is_null(node):
            return "nothing"
        is_text = node.tag == "tag:yaml.org,2002:str"
        return f"the text {shown(node.value)}" if is_text else node.value
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"


def is_null(node: Any) -> bool:
    """Whether a node holds nothing, or null.

    Examples
    --------
    >>> import yaml
    >>> is_null(yaml.compose("null")), is_null(yaml.compose("'null'"))
    (True, False)
    """
    return bool(node.tag == "tag:yaml.org,2002:null")


def close_to(word: str, words: tuple[str, ...]) -> str:
    """Say which of some words a mistyped one may be, or all of them.

    Examples
    --------
    >>> close_to("lenght", ("length", "center")), close_to("x", ("length", "center"))
    ('did you mean length?', 'it may be length, center')
    """
    near = get_close_matches(word, words, n=3)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"it may be {', '.join(words)}"
