"""Options that several commands have."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

Store = Annotated[Path, typer.Argument(help="A store (.zarr folder).")]
RunFolder = Annotated[Path, typer.Argument(help="A run's folder, as 'eugene fit' wrote it.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="Where to write.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")]
Seed = Annotated[int, typer.Option(help="Seed of everything random.")]
Split = Annotated[str, typer.Option(help="Which rows: train, val or test.")]


class Kind(StrEnum):
    """Alphabets by name."""

    DNA = "DNA"
    RNA = "RNA"
    AA = "AA"


def settings(given: list[str] | None) -> dict[str, Any]:
    """Read settings written as name=value; values are numbers, true, false, null, or text.

    Raises
    ------
    ValueError
        If one has no equals sign.

    Examples
    --------
    >>> settings(["filters=64", "pool=5"])
    {'filters': 64, 'pool': 5}
    """
    found: dict[str, Any] = {}
    for one in given or ():
        name, equals, value = one.partition("=")
        if not name or not equals:
            msg = f"--setting must be name=value, such as filters=64; found {one!r}"
            raise ValueError(msg)
        try:
            found[name] = json.loads(value)
        except json.JSONDecodeError:
            found[name] = value
    return found
