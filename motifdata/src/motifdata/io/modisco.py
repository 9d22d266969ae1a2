"""Patterns of TF-MoDISco result files, of modisco-lite and of the first version. Read only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import seqpro as sp
from motifdata.io._hdf5 import open_hdf5
from motifdata.io._matrix import Content
from motifdata.motif import Motif
from seqpro import Alphabet

GROUPS = ("pos_patterns", "neg_patterns", "metacluster_idx_to_submetacluster_results")
"""Groups at the root of a result file, at least one of which it has."""


def parse(path: Path, data: bytes, alphabet: Alphabet | None) -> Content:
    """Read the letter probabilities of every pattern; ids are such as ``pos_patterns.pattern_0``."""
    with open_hdf5(path, data) as file:
        motifs = [
            _read_pattern(path, identifier, group, alphabet or sp.DNA)
            for identifier, group in (*_patterns(file), *_old_patterns(file))
        ]
    return Content(motifs, [0] * len(motifs))


def _patterns(file: Any) -> Iterator[tuple[str, Any]]:
    for kind in GROUPS[:2]:
        for name in sorted(file.get(kind, ()), key=_place):
            yield f"{kind}.{name}", file[kind][name]


def _old_patterns(file: Any) -> Iterator[tuple[str, Any]]:
    clusters = file.get(GROUPS[2], {})
    for cluster in sorted(clusters, key=_place):
        found = clusters[cluster].get("seqlets_to_patterns_result", {}).get("patterns", {})
        for name in sorted((n for n in found if n.startswith("pattern_")), key=_place):
            yield f"{cluster}.{name}", found[name]


def _place(name: str) -> tuple[int, str]:
    digits = re.search(r"(\d+)$", name)
    return (int(digits[1]) if digits else -1, name)


def _read_pattern(path: Path, identifier: str, group: Any, alphabet: Alphabet) -> Motif:
    try:
        matrix = group["sequence/fwd" if "sequence/fwd" in group else "sequence"][:]
        return Motif(identifier, matrix, alphabet, nsites=_seqlets(group), source="TF-MoDISco")
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        msg = (
            f"{path}, {identifier}: expected a matrix of probabilities in 'sequence'; found {error}"
        )
        raise ValueError(msg) from error


def _seqlets(group: Any) -> float | None:
    for place in ("seqlets/n_seqlets", "seqlets_and_alnmts/seqlets"):
        if place in group:
            values = np.asarray(group[place][()])
            return float(values.ravel()[0]) if place.endswith("n_seqlets") else float(len(values))
    return None
