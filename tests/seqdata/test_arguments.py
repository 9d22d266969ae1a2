"""What a reader was made with can be told, so that a store can say how to build it again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from seqdata.provenance import file_entry
from seqdata.readers.arguments import describe, keep_arguments

File = str | os.PathLike[str]


class Inner:
    @keep_arguments
    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path


class Signals:
    @keep_arguments
    def __init__(
        self,
        files: File | Mapping[str, File | tuple[File, File]],
        *,
        groups: str | os.PathLike[str] | Mapping[str, str] | None = None,
        samples: Sequence[str] | None = None,
        reference: Inner | str | os.PathLike[str] | None = None,
        dtype: Any = "uint32",
        shift: tuple[int, int] = (0, 0),
        count: Literal["depth", "ends"] = "depth",
    ) -> None:
        if count == "none":
            msg = "count must be depth or ends"
            raise ValueError(msg)
        self.files = files


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    found = [tmp_path / name for name in ("a.bw", "b.bw")]
    for path in found:
        path.write_text(path.name)
    return found


def test_files_are_told_by_name_and_content_wherever_they_stand(paths: list[Path]) -> None:
    """A store must not hold folders of the machine it was built on, and must notice other files."""
    a, b = paths
    entry = file_entry(a)
    assert describe(Signals(a))["files"] == describe(Signals(str(a)))["files"] == entry
    pair = describe(Signals({"x": (a, str(b))}))["files"]
    assert pair == {"x": [entry, file_entry(b)]}
    assert describe(Signals(a, reference=Inner(b)))["reference"] == {
        "type": "Inner",
        "path": file_entry(b),
    }
    assert os.fspath(a.parent) not in json.dumps(describe(Signals({"x": str(a)}, groups=b)))


def test_text_that_is_no_path_stays_text(paths: list[Path]) -> None:
    """Names of samples and groups that happen to be files would be told as hashes."""
    a, _ = paths
    found = describe(Signals(a, groups={"AC": str(a)}, samples=[str(a)]))
    assert found["groups"] == {"AC": str(a)}
    assert found["samples"] == [str(a)]


def test_every_argument_is_told_with_its_default(paths: list[Path]) -> None:
    """A default that changes later would change what a recipe builds."""
    found = describe(Signals(paths[0], dtype=np.uint8, shift=(4, np.int64(-5))))  # type: ignore[arg-type]
    del found["files"]
    assert found == {
        "type": "Signals", "groups": None, "samples": None, "reference": None, "dtype": "uint8",
        "shift": [4, -5], "count": "depth",
    }  # fmt: skip
    assert json.loads(json.dumps(found)) == found


def test_what_a_caller_changes_afterwards_is_not_told(paths: list[Path]) -> None:
    files = {"x": str(paths[0])}
    reader = Signals(files)
    files["y"] = str(paths[1])
    assert list(describe(reader)["files"]) == ["x"]


def test_long_mappings_do_not_fill_the_metadata(paths: list[Path]) -> None:
    few = {f"cell{i}": "B" for i in range(10_000)}
    assert describe(Signals(paths[0], groups=few))["groups"] == few
    many = describe(Signals(paths[0], groups=few | {"one more": "T"}))["groups"]
    other = describe(Signals(paths[0], groups=few | {"one more": "B"}))["groups"]
    assert many["entries"] == other["entries"] == 10_001
    assert many["sha256"] != other["sha256"]


def test_a_reader_of_somebody_else_is_told_by_its_files(paths: list[Path]) -> None:
    class Own:
        def files(self) -> list[str]:
            return [os.fspath(paths[0])]

    assert describe(Own()) == {"type": "Own", "files": [file_entry(paths[0])]}  # type: ignore[arg-type]


def test_signature_and_errors_of_the_class_stay_its_own() -> None:
    with pytest.raises(ValueError, match=r"count must be"):
        Signals("a.bw", count="none")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'bins'"):
        Signals("a.bw", bins=2)  # type: ignore[call-arg]
    import inspect

    assert list(inspect.signature(Signals).parameters)[:2] == ["files", "groups"]
