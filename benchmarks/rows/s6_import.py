"""S6 import, in an interpreter of its own."""

import subprocess
import sys

SIDES = {
    "seqpro": "ours",
    "motifdata": "ours",
    "seqdata": "ours",
    "seqdatasets": "ours",
    "seqexplainer": "ours",
    "eugene": "ours",
    "nothing": "ours",
    "public_seqpro": "peers",
}


def _importing(code: str):
    return lambda: subprocess.run([sys.executable, "-c", code], check=True), None


def seqpro():
    return _importing("import seqpro")


def motifdata():
    return _importing("import motifdata")


def seqdata():
    return _importing("import seqdata")


def seqdatasets():
    return _importing("import seqdatasets")


def seqexplainer():
    return _importing("import seqexplainer")


def eugene():
    return _importing("import eugene")


def nothing():
    return _importing("")


def public_seqpro():
    return _importing("import seqpro")
