"""Installations: names of distributions, and wheels, routes and commands in fresh environments."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DISTRIBUTIONS = {
    "seqpro": "eugene-seqpro",
    "motifdata": "eugene-motifdata",
    "seqdata": "eugene-seqdata",
    "seqdatasets": "eugene-seqdatasets",
    "seqexplainer": "eugene-seqexplainer",
    "eugene": "eugene-workflows",
}
NEEDS = {
    "seqpro": [],
    "motifdata": ["seqpro"],
    "seqdata": ["seqpro"],
    "seqdatasets": ["seqpro", "motifdata", "seqdata"],
    "seqexplainer": ["seqpro", "motifdata"],
    "eugene": ["seqpro", "motifdata", "seqdata", "seqdatasets", "seqexplainer"],
}


def project(folder: str) -> dict:
    return tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]


def bare(requirement: str) -> str:
    return re.split(r"[\[<>=!~ @;]", requirement, maxsplit=1)[0].lower()


@pytest.mark.parametrize("package", DISTRIBUTIONS)
def test_sibling_requirements_carry_our_prefix(package: str) -> None:
    """A requirement on plain 'seqpro' would install a stranger's code."""
    described = project(package)
    assert described["name"] == DISTRIBUTIONS[package]
    extras = described.get("optional-dependencies", {}).values()
    wanted = [
        bare(r) for r in [*described["dependencies"], *(r for extra in extras for r in extra)]
    ]
    assert not set(wanted) & set(DISTRIBUTIONS)
    ours = {r for r in wanted if r in DISTRIBUTIONS.values()}
    assert ours == {DISTRIBUTIONS[name] for name in NEEDS[package]}


@pytest.mark.parametrize("package", DISTRIBUTIONS)
def test_member_cannot_be_uploaded_and_says_what_it_is(package: str) -> None:
    described = project(package)
    assert "Private :: Do Not Upload" in described["classifiers"]
    assert described["requires-python"] == ">=3.11"
    assert (ROOT / package / "src" / package / "py.typed").exists()


@pytest.mark.parametrize("package", DISTRIBUTIONS)
def test_every_third_party_import_is_declared(package: str) -> None:
    """What a package imports, it requires: nothing rides along with a sibling's requirements."""
    names = {
        "pytorch_lightning": "pytorch-lightning",
        "sklearn": "scikit-learn",
        "yaml": "pyyaml",
    }
    described = project(package)
    extras = described.get("optional-dependencies", {}).values()
    declared = {bare(r) for r in [*described["dependencies"], *(r for e in extras for r in e)]}
    declared |= {bare(r).replace("eugene-", "") for r in described["dependencies"]}
    found: dict[str, Path] = {}
    for path in (ROOT / package / "src").rglob("*.py"):
        for match in re.finditer(
            r"^\s*(?:import|from) (\w+)", path.read_text(), flags=re.MULTILINE
        ):
            found.setdefault(match.group(1), path)
    missing = {
        module: path
        for module, path in found.items()
        if module not in sys.stdlib_module_names
        and module != package
        and names.get(module, module).lower() not in declared
        and module not in ("requests",)  # comes with pooch, whose errors are its own
    }
    assert not missing


def test_constraints_are_plain_pins() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", pin) for pin in pins)
    assert "torch==2.13.0" in pins
    assert not {bare(pin) for pin in pins} & {*DISTRIBUTIONS, *DISTRIBUTIONS.values()}


def fresh_environment(folder: Path) -> Path:
    """Make an empty virtual environment and give its Python."""
    venv.create(folder, with_pip=True)
    return folder / "bin" / "python"


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def pip_install(python: Path, *arguments: str | Path, cwd: Path = ROOT) -> None:
    run(
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "-c",
        ROOT / "constraints.txt",
        *arguments,
        cwd=cwd,
    )


def clean_copy(folder: Path) -> Path:
    """Copy what git knows of, as a clone would have it."""
    files = run("git", "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    for name in files:
        source = ROOT / name
        if source.exists():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    return folder


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheels of all six packages, built from a clean copy."""
    clone = clean_copy(tmp_path_factory.mktemp("clone"))
    for package in DISTRIBUTIONS:
        run(sys.executable, "-m", "build", "--wheel", "--outdir", clone / "dist", clone / package)
    return clone / "dist"


@pytest.mark.slow
@pytest.mark.network
def test_wheels_hold_the_package_and_its_data(wheels: Path) -> None:
    for package in DISTRIBUTIONS:
        (wheel,) = wheels.glob(f"{DISTRIBUTIONS[package].replace('-', '_')}-*.whl")
        names = zipfile.ZipFile(wheel).namelist()
        assert f"{package}/__init__.py" in names
        assert f"{package}/py.typed" in names
        source = ROOT / package / "src" / package
        data = [p for p in source.rglob("*") if p.suffix in (".toml", ".tsv", ".j2", ".meme")]
        assert {str(p.relative_to(source.parent)) for p in data} <= set(names)


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.parametrize("package", DISTRIBUTIONS)
def test_wheel_installs_alone(package: str, wheels: Path, tmp_path: Path) -> None:
    """Each package leaves home with only its siblings: nobody needs torch to read a FASTA file."""
    python = fresh_environment(tmp_path / "env")
    pip_install(python, "--find-links", wheels, DISTRIBUTIONS[package], cwd=tmp_path)
    out = run(python, "-c", f"import {package}; print({package}.__version__)", cwd=tmp_path)
    assert out.strip() == project(package)["version"]
    installed = {
        bare(line) for line in run(python, "-m", "pip", "freeze", cwd=tmp_path).splitlines()
    }
    assert ("torch" in installed) == (package in ("seqexplainer", "eugene"))
    assert {DISTRIBUTIONS[name] for name in NEEDS[package]} <= installed


@pytest.mark.slow
@pytest.mark.network
def test_one_package_installs_from_its_folder(tmp_path: Path) -> None:
    clone = clean_copy(tmp_path / "clone")
    python = fresh_environment(tmp_path / "env")
    pip_install(python, clone / "seqpro", clone / "seqdata", cwd=tmp_path)
    code = "import seqdata as sd, seqpro as sp; print(sd.__name__, sp.ohe('AC', sp.DNA).sum())"
    assert run(python, "-c", code, cwd=tmp_path).split() == ["seqdata", "2"]


@pytest.mark.slow
@pytest.mark.network
def test_everything_installs_from_the_root(tmp_path: Path) -> None:
    """`pip install .` gives all six packages and the command."""
    clone = clean_copy(tmp_path / "clone")
    python = fresh_environment(tmp_path / "env")
    pip_install(python, "torch==2.13.0", cwd=tmp_path)
    pip_install(python, ".", cwd=clone)
    code = f"import {', '.join(DISTRIBUTIONS)}; print('all')"
    assert run(python, "-c", code, cwd=tmp_path).strip() == "all"
    out = run(python.parent / "eugene", "doctor", cwd=tmp_path)
    assert "MEND" not in out


@pytest.mark.slow
@pytest.mark.network
def test_development_installation_runs_the_command(tmp_path: Path) -> None:
    """The route of `make`: editable packages in a fresh environment, and a training by command line."""
    clone = clean_copy(tmp_path / "clone")
    python = fresh_environment(tmp_path / "env")
    pip_install(python, "torch==2.13.0", cwd=tmp_path)
    pip_install(python, "-r", "requirements-dev.txt", cwd=clone)
    assert "clone" in run(python, "-c", "import seqpro; print(seqpro.__file__)", cwd=tmp_path)
    eugene = python.parent / "eugene"
    run(
        eugene,
        "simulate",
        "--num-seqs",
        "200",
        "--seq-length",
        "60",
        "--out",
        "sim.zarr",
        cwd=tmp_path,
    )
    run(eugene, "data", "split", "sim.zarr", "--out", "split.zarr", cwd=tmp_path)
    out = run(
        eugene,
        "fit",
        "cnn",
        "split.zarr",
        "--target",
        "label",
        "--epochs",
        "1",
        "--out",
        "run",
        cwd=tmp_path,
    )
    assert "score on val" in out
