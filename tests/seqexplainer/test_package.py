"""The package as a whole: what importing costs, and that its tables are true."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import seqexplainer

HEAVY = ["torch", "captum", "matplotlib", "pandas", "scipy", "numba", "sklearn", "motifdata"]


def loaded_after(statement):
    code = f"{statement}\nimport json, sys\nprint(json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_bare_import_loads_nothing_heavy():
    assert loaded_after("import seqexplainer") == []


def test_methods_on_predictions_run_without_torch():
    statement = (
        "import seqexplainer as sx\n"
        "predict = lambda seqs: (seqs == 71).sum(1)\n"
        "sx.project(sx.ism(predict, ['ACGT']).scores, ['ACGT'])\n"
        "sx.score_against_truth([[0.1, 0.2]], [[True, False]])\n"
        "sx.load_method('ism')"
    )
    assert "torch" not in loaded_after(statement)


@pytest.mark.parametrize("name", seqexplainer.__all__)
def test_every_public_name_is_there_and_listed(name):
    assert getattr(seqexplainer, name) is not None
    assert name in dir(seqexplainer)


def test_other_names_are_refused():
    with pytest.raises(AttributeError, match="has no attribute 'attribution'"):
        seqexplainer.attribution  # noqa: B018


def test_readme_lists_every_public_name_once():
    readme = Path(__file__).parents[2] / "seqexplainer" / "README.md"
    table = readme.read_text().split("| name | what it does |")[1]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == seqexplainer.__all__


def test_readme_tour_runs():
    readme = (Path(__file__).parents[2] / "seqexplainer" / "README.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert blocks
    exec("\n".join(blocks), {})
