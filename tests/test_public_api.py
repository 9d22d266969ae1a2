"""What the READMEs promise, and what every public function's docstring must have."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("seqpro", "motifdata", "seqdata", "seqdatasets", "seqexplainer", "eugene")
MODULES = (
    *PACKAGES,
    "seqpro.xr",
    *(
        f"eugene.{name}"
        for name in ("preprocess", "models", "train", "evaluate", "interpret", "plot", "report")
    ),
)


def public(module: ModuleType) -> list[tuple[str, Any]]:
    """Functions and classes of a module's `__all__`."""
    members = [(name, getattr(module, name)) for name in module.__all__]
    return [
        (f"{module.__name__}.{name}", value)
        for name, value in members
        if inspect.isfunction(value) or inspect.isclass(value)
    ]


ALL = [member for name in MODULES for member in public(importlib.import_module(name))]


@pytest.mark.parametrize("package", PACKAGES)
def test_all_is_what_the_readme_promises(package: str) -> None:
    text = (ROOT / package / "README.md").read_text()
    table = text.split("| name | what it does |", 1)[1].split("\n\n")[0]
    promised = re.findall(r"^\| `([^`]+)`", table, flags=re.MULTILINE)
    assert sorted(promised) == sorted(importlib.import_module(package).__all__)
    assert len(promised) == len(set(promised))


def test_root_readme_names_every_package_and_begins_with_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text()
    assert re.findall(r"^\| \[(\w+)\]", text, flags=re.MULTILINE) == list(PACKAGES)
    first = text.split("```", 2)[1].split("\n")
    assert [line.split("#")[0].strip() for line in first if line] == ["make demo", "make test"]


@pytest.mark.parametrize("package", ["", *PACKAGES])
def test_readme_tour_runs(package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newcomer can copy every block of a README, in order."""
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(
        r"```python\n(.*?)```", (ROOT / package / "README.md").read_text(), flags=re.DOTALL
    )
    assert blocks
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, f"{package}/README.md", "exec"), names)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_of_all_exists_and_dir_shows_it(package: str) -> None:
    module = importlib.import_module(package)
    for name in module.__all__:
        assert hasattr(module, name), name
        assert name in dir(module), name


@pytest.mark.parametrize(("name", "member"), ALL, ids=[name for name, _ in ALL])
def test_docstring_says_what_one_must_know(name: str, member: Any) -> None:
    doc = inspect.getdoc(member) or ""
    assert len(doc.splitlines()) > 1, f"{name} has no docstring to speak of"
    if inspect.isclass(member) and issubclass(member, Exception):
        return
    assert ">>> " in doc, f"{name} has no example"
    if inspect.isfunction(member):
        takes = [
            p for p in inspect.signature(member).parameters.values() if p.kind is not p.VAR_KEYWORD
        ]
        assert not takes or "Parameters\n---" in doc, f"{name} does not explain its parameters"
        assert "\n" not in doc.split("\n\n")[0], f"{name} has no one-line summary"
        for parameter in takes:
            assert re.search(rf"\b{parameter.name}\b", doc), (
                f"{name} does not mention {parameter.name}"
            )


@pytest.mark.parametrize(("name", "member"), ALL, ids=[name for name, _ in ALL])
def test_functions_are_annotated(name: str, member: Any) -> None:
    if not inspect.isfunction(member):
        return
    for parameter in inspect.signature(member).parameters.values():
        assert parameter.annotation is not parameter.empty, f"{name}: {parameter.name} has no type"
    assert inspect.signature(member).return_annotation is not inspect.Signature.empty, name


ARRAYS = [
    (name, member)
    for name, member in ALL
    if inspect.isfunction(member)
    and re.search(r"NDArray|Tensor|ArrayLike", str(inspect.signature(member)))
]


@pytest.mark.parametrize(("name", "member"), ARRAYS, ids=[name for name, _ in ARRAYS])
def test_array_functions_name_the_axes_of_their_shapes(name: str, member: Any) -> None:
    axis = r"\((\.\.\.|(n|length|letters|rows|_sequence|motifs)\b) ?[,)*=]"
    assert re.search(axis, inspect.getdoc(member) or ""), name


@pytest.mark.parametrize("package", PACKAGES)
def test_unknown_name_is_an_attribute_error(package: str) -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing_of_this_name'"):
        importlib.import_module(package).nothing_of_this_name  # noqa: B018
