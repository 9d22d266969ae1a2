"""Write the pages of the packages that are named: ``python docs/build.py seqpro motifdata``.

A page for each package and public module, made of the docstrings; one for each tutorial; and one that
says what names of the published packages are called here.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import nbformat
import pdoc
from jinja2 import pass_context
from jinja2.runtime import Context
from notebooks import markdown, notebook_page, page, title

import seqpro

FOLDER = Path(__file__).resolve().parent
TUTORIALS = FOLDER.parent / "tutorials"
MODULES = (
    "seqpro.bed", "seqpro.gtf", "seqpro.transforms", "seqpro.xr", "seqdata.schema", "seqdata.testing",
)  # fmt: skip
"""Public modules that their package does not list among its names."""
WITH_OLD_NAMES = ("seqpro", "seqdata")


def main(packages: list[str]) -> None:
    """Write all pages to ``docs/_build``."""
    target = FOLDER / "_build"
    modules = [name for name in MODULES if name.split(".")[0] in packages]
    hidden = [f"!{name}$" for package in packages for name in hidden_modules(package)]
    # names that only type checkers import are shown as they are written
    warnings.filterwarnings("ignore", message="Error parsing type annotation")
    pdoc.render.configure(docformat="numpy", template_directory=FOLDER / "templates")
    pdoc.render.env.filters["to_markdown"] = with_plain_returns
    pdoc.render.env.globals["front"] = markdown(front_page(packages))
    # a default such as ``alphabet=seqpro.DNA`` is shown by its name, not by all that it holds
    seqpro.Alphabet.__repr__ = lambda alphabet: f"seqpro.{alphabet.name}"  # type: ignore[method-assign]
    pdoc.pdoc(*packages, *modules, *hidden, output_directory=target)
    write_tutorials(target / "tutorials")
    (target / "old_names.html").write_text(
        page("Old names", markdown(old_names_page(packages)), home="index.html")
    )


def hidden_modules(package: str) -> Iterator[str]:
    """Name the modules whose name in their package means something else, such as a function.

    Every public name is loaded, those that wait for their first use too.
    """
    module = importlib.import_module(package)
    for name in getattr(module, "__all__", ()):
        found = getattr(module, name)
        setattr(module, name, found)
        path = f"{package}.{name}"
        if isinstance(found, ModuleType):
            yield from hidden_modules(found.__name__)
        elif hasattr(module, "__path__") and importlib.util.find_spec(path) is not None:
            yield re.escape(path)


@pass_context
def with_plain_returns(context: Context, docstring: str) -> str:
    """Show what a function returns as the sentence that it is: our docstrings repeat no types there."""
    # a heading with a space behind it is none that pdoc makes a list of
    plain = re.sub(r"^(Returns|Yields)\n---", r"\1 \n---", docstring, flags=re.MULTILINE)
    return str(pdoc.render_helpers.to_markdown_with_context(context, plain))


def front_page(packages: list[str]) -> str:
    """Write the first page: tutorials, packages, and where to look for old names."""
    lines = [
        "# The eugene suite",
        "",
        "Learn from DNA, RNA and protein sequences.",
        "",
        "## Tutorials",
        "",
    ]
    for path in sorted(TUTORIALS.glob("*.ipynb")):
        name = title(nbformat.read(path, as_version=4))
        lines.append(f"- [{name.replace('. ', ' · ', 1)}](tutorials/{path.stem}.html)")
    lines += ["", "## Packages", ""]
    for package in packages:
        summary = str(importlib.import_module(package).__doc__).splitlines()[0]
        lines.append(f"- [{package}]({package}.html): {summary}")
    lines += [
        "",
        "Names of the published packages and [what they are called here](old_names.html).",
        "",
    ]
    return "\n".join(lines)


def write_tutorials(folder: Path) -> None:
    """Write a page for each notebook, with the outputs that are stored in it."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(TUTORIALS.glob("*.ipynb")):
        (folder / f"{path.stem}.html").write_text(notebook_page(path))


def old_names_page(packages: list[str]) -> str:
    """List the names of published packages with what they are called here."""
    lines = ["# Names of the published packages", ""]
    for package in (name for name in WITH_OLD_NAMES if name in packages):
        names = importlib.import_module(f"{package}.old_names").PACKAGE
        lines += [f"## {package}", "", "| published | here |", "|---|---|"]
        plain = {old: re.sub(r"([_*|])", r"\\\1", new) for old, new in names.items()}
        lines += [f"| `{old}` | {new} |" for old, new in plain.items()]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    main(sys.argv[1:])
