"""Execute the notebooks of this folder and keep what they show: ``python tutorials/execute.py``.

Each runs from top to bottom in a kernel of its own, in an empty folder. Outputs are free of times and
folders, so that a notebook changes only when its code, or what the packages answer, does.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent


def executed(path: Path, *, first: str = "", last: str = "") -> Any:
    """Run a notebook in an empty folder, and give it with its outputs.

    Parameters
    ----------
    path
        The notebook.
    first, last
        Code to run before its cells and after them, in cells of their own.
    """
    notebook = nbformat.read(path, as_version=4)
    around = [nbformat.v4.new_code_cell(code) for code in (first, last)]
    notebook.cells = [around[0], *notebook.cells, around[1]]
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(FOLDER / "example_files.py", folder)
        place = {"metadata": {"path": folder}}
        client = NotebookClient(notebook, timeout=300, resources=place)
        # bars would leave the time they took in the outputs
        client.execute(env={**os.environ, "TQDM_DISABLE": "1"})
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    return notebook


def main(paths: list[Path]) -> None:
    """Execute notebooks and write them back."""
    for path in paths:
        notebook = executed(path)
        notebook.cells = notebook.cells[1:-1]
        numbered = (cell for cell in notebook.cells if cell.cell_type == "code")
        for number, cell in enumerate(numbered, 1):
            cell.execution_count = number
            for output in cell.outputs:
                if "execution_count" in output:
                    output.execution_count = number
        nbformat.write(notebook, path)
        print(path.name)


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or sorted(FOLDER.glob("*.ipynb")))
