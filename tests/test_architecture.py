"""The arrows between the packages, and what a bare import may load."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT = {
    "seqpro": set(),
    "motifdata": {"seqpro"},
    "seqdata": {"seqpro"},
    "seqdatasets": {"seqpro", "motifdata", "seqdata"},
    "seqexplainer": {"seqpro", "motifdata"},
    "eugene": {"seqpro", "motifdata", "seqdata", "seqdatasets", "seqexplainer"},
}
HEAVY = (
    "torch",
    "pysam",
    "pyBigWig",
    "matplotlib",
    "pytorch_lightning",
    "captum",
    "dask",
    "numba",
    "sklearn",
)
ALSO_HEAVY = {
    "seqpro": ("pandas", "xarray", "scipy"),
    "motifdata": ("pandas", "xarray", "scipy"),
    "eugene": ("pandas", "xarray", "zarr", "scipy"),
}


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package / "src" / package).rglob("*.py"))


def imports(path: Path) -> list[tuple[str, tuple[str, ...]]]:
    """Each imported module with the names taken from it."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(alias.name, ()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.append((node.module or "", tuple(alias.name for alias in node.names)))
        elif isinstance(node, ast.ImportFrom):
            pytest.fail(f"{path}: relative import; write the full name")
    return found


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_package_imports_only_the_siblings_it_may(package: str) -> None:
    for path in sources(package):
        for module, _ in imports(path):
            sibling = module.split(".")[0]
            if sibling in MAY_IMPORT and sibling != package:
                assert sibling in MAY_IMPORT[package], f"{path} imports {module}"


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_package_uses_only_public_names_of_its_siblings(package: str) -> None:
    for path in sources(package):
        for module, names in imports(path):
            sibling = module.split(".")[0]
            if sibling in MAY_IMPORT and sibling != package:
                private = [part for part in (*module.split("."), *names) if part.startswith("_")]
                assert not private, f"{path} takes {private} from {module}"


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_bare_import_loads_nothing_heavy(package: str) -> None:
    """A user who imports a package pays only for what it is."""
    code = f"import sys, {package}; print(' '.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {module.split(".")[0] for module in run.stdout.split()}
    heavy = loaded & {*HEAVY, *ALSO_HEAVY.get(package, ())}
    assert not heavy, f"import {package} loads {sorted(heavy)}"


def test_help_loads_neither_torch_nor_lightning() -> None:
    code = (
        "import sys\nfrom eugene.cli.app import app\n"
        "try:\n    app(['fit', '--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'torch', 'pytorch_lightning', 'xarray'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip().endswith("[]")


def test_kernels_call_only_kernels_of_their_own_file() -> None:
    """Numba's cache does not see edits elsewhere: a stale kernel would go on giving old answers."""
    for package in MAY_IMPORT:
        for path in (ROOT / package / "src" / package).glob("_kernels/*.py"):
            if path.name == "__init__.py":
                continue
            taken = {module for module, _ in imports(path) if module.split(".")[0] != "numba"}
            assert taken <= {"seqpro.kernel", "numpy", "math", "__future__"}, path
