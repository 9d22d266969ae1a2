"""Tutorials do what they say: a reader who runs one sees what is printed in it, and no warning."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pyBigWig
import pyfaidx
import pytest

import eugene
import motifdata
import seqdata
import seqpro

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tutorials"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))
MOST_LINES = {"01_table_to_batches.ipynb": 4, "02_regions_to_batches.ipynb": 10}
STRICT = """
import warnings
warnings.simplefilter("error")
"""
KEPT = {  # arrays that tests compare with the files
    "01_table_to_batches.ipynb": "seq=data['seq'].values, activity=data['activity'].values, site=has_site",
    "02_regions_to_batches.ipynb": "seq=data['seq'].values, reads=data['rna'].values[:, 0]",
}
PACKAGES = {"sd": seqdata, "sp": seqpro, "md": motifdata, "eu": eugene}


def loaded(path: Path) -> ModuleType:
    """Load a file that is in no package."""
    spec = importlib.util.spec_from_file_location(f"tutorial_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(name: str) -> Any:
    return nbformat.read(FOLDER / name, as_version=4)


def shown(cells: Any) -> list[Any]:
    """What a reader sees below each cell of code; of pictures only that there is one."""
    found = []
    for cell in cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            is_picture = len(data.get("image/png", "")) > 1000
            found.append("picture" if is_picture else (output.get("text"), dict(data)))
    return found


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Run each notebook once: its cells afterwards, and the arrays that it had."""
    execute = loaded(FOLDER / "execute.py")
    done: dict[str, Any] = {}

    def once(name: str) -> Any:
        if name not in done:
            arrays = tmp_path_factory.mktemp("kept") / "arrays.npz"
            last = f"import numpy as np\nnp.savez({str(arrays)!r}, {KEPT[name]})"
            cells = execute.executed(FOLDER / name, first=STRICT, last=last).cells[1:-1]
            done[name] = cells, np.load(arrays)
        return done[name]

    return once


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_runs_without_a_warning_and_shows_what_is_stored_in_it(
    run: Any, name: str
) -> None:
    cells, _ = run(name)
    stored = shown(read(name).cells)
    assert shown(cells) == stored
    assert "picture" in stored


@pytest.mark.parametrize(("name", "most"), MOST_LINES.items())
def test_files_become_batches_in_as_few_lines_as_promised(name: str, most: int) -> None:
    (cell,) = (c for c in read(name).cells if "the-lines" in c.metadata.get("tags", ()))
    lines = [line for line in cell.source.splitlines() if line.strip()]
    assert len(lines) <= most
    assert "get_torch_dataloader" in cell.source
    assert ";" not in cell.source
    assert max(map(len, lines)) <= 100


def test_every_notebook_is_in_the_index_and_has_its_promise() -> None:
    index = (FOLDER / "README.md").read_text()
    assert re.findall(r"\(([^()]+\.ipynb)\)", index) == NOTEBOOKS == sorted(MOST_LINES)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_code_and_prose_name_only_what_a_user_can_call(name: str) -> None:
    text = "\n".join(cell.source for cell in read(name).cells)
    calls = re.findall(r"(?<![\w.])(sd|sp|md|eu)\.(\w+)", text)
    assert calls
    missing = {f"{short}.{call}" for short, call in calls if call not in PACKAGES[short].__all__}
    assert not missing
    assert not re.search(r"(?<!\w)_[a-z]\w*\.|\._[a-z]|import _", text)


def test_table_of_the_first_notebook_arrives_whole(run: Any, tmp_path: Path) -> None:
    _, arrays = run("01_table_to_batches.ipynb")
    loaded(FOLDER / "example_files.py").write_table(str(tmp_path / "mpra.tsv"))
    table = pd.read_csv(tmp_path / "mpra.tsv", sep="\t")
    assert [row.tobytes().decode() for row in arrays["seq"]] == table["sequence"].tolist()
    np.testing.assert_array_equal(arrays["activity"], table["activity"].astype("f4"))
    means = [np.nanmean(arrays["activity"][rows]) for rows in (arrays["site"], ~arrays["site"])]
    assert means[0] - means[1] > 1  # what the picture shows


def test_windows_of_the_second_notebook_are_what_the_files_say(run: Any, tmp_path: Path) -> None:
    """Letters and signal, on both strands and past the ends, by other readers one window at a time."""
    _, arrays = run("02_regions_to_batches.ipynb")
    names = [str(tmp_path / name) for name in ("genome.fa", "tss.bed", "rna.bw")]
    loaded(FOLDER / "example_files.py").write_genome(*names)
    lines = [line.split("\t") for line in Path(names[1]).read_text().splitlines()]
    assert len(lines) == len(arrays["seq"]) == 240
    with pyfaidx.Fasta(names[0]) as genome, pyBigWig.open(names[2]) as bigwig:
        for row, (contig, start, _, _, _, strand) in enumerate(lines):
            low, high = int(start) - 200, int(start) + 201
            before = max(0, -low)
            letters = "N" * before + str(genome[contig][max(0, low) : high])
            signal = np.nan_to_num(bigwig.values(contig, max(0, low), high))
            signal = np.concatenate([np.zeros(before), signal])
            if strand.strip() == "-":
                letters = letters[::-1].translate(str.maketrans("ACGT", "TGCA"))
                signal = signal[::-1]
            assert arrays["seq"][row].tobytes().decode() == letters
            np.testing.assert_array_equal(arrays["reads"][row], signal)


def test_files_of_the_tutorials_are_the_same_each_time_and_hold_what_is_said() -> None:
    examples = loaded(FOLDER / "example_files.py")
    found = doctest.testmod(examples, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert (found.attempted > 5, found.failed) == (True, 0)


@pytest.fixture
def docs(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Load a file of the folder of docs."""
    monkeypatch.syspath_prepend(ROOT / "docs")
    yield lambda name: loaded(ROOT / "docs" / f"{name}.py")
    sys.modules.pop("notebooks", None)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_becomes_a_page_with_code_and_pictures(docs: Any, name: str) -> None:
    page = docs("notebooks").notebook_page(FOLDER / name)
    assert page.count("data:image/png;base64,") == 1
    assert page.count('<div class="code">') == sum(c.cell_type == "code" for c in read(name).cells)
    assert ".ipynb" not in page
    other = next(n for n in NOTEBOOKS if n != name)
    assert f'href="{Path(other).stem}.html"' in page


def test_docs_lead_to_tutorials_packages_and_the_new_names_of_old_calls(docs: Any) -> None:
    build, notebooks = docs("build"), docs("notebooks")
    front = notebooks.markdown(build.front_page(["seqpro", "seqdata"]))
    links = {f"tutorials/{Path(name).stem}.html" for name in NOTEBOOKS}
    assert {*links, "seqpro.html", "seqdata.html"} <= set(re.findall(r'href="([^"]+)"', front))
    table = notebooks.markdown(build.old_names_page(["seqpro", "seqdata"]))
    assert "seqdata.read_table(path" in table
    assert re.search(r"<code>from_region_files</code></td>\s*<td>seqdata\.build\(", table)
    assert "<em>" not in table


def test_docs_have_no_second_page_for_a_function_that_shares_its_name_with_a_module(
    docs: Any,
) -> None:
    hidden = set(docs("build").hidden_modules("seqdata"))
    assert r"seqdata\.build" in hidden
    assert r"seqdata\.schema" not in hidden
