"""Write the API pages of the packages that are named: ``python docs/build.py seqpro motifdata``."""

import importlib
import sys
import warnings
from pathlib import Path

import pdoc


def main(packages: list[str]) -> None:
    """Load every public name, those that wait for their first use too, and write the pages."""
    for package in packages:
        module = importlib.import_module(package)
        for name in module.__all__:
            setattr(module, name, getattr(module, name))
    # names that only type checkers import are shown as they are written
    warnings.filterwarnings("ignore", message="Error parsing type annotation")
    pdoc.render.configure(docformat="numpy")
    pdoc.pdoc(*packages, output_directory=Path(__file__).parent / "_build")


if __name__ == "__main__":
    main(sys.argv[1:])
