"""The data contract: which variables a Dataset may hold, their dimensions, types and missing values.

Meaning lives in names and dimensions. Attributes help people and are written by `annotate`; nothing
breaks when an xarray operation drops them. `seqdata.validation` checks Datasets against this file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

CONTRACT_VERSION = "1-draft"

SEQUENCE = "_sequence"
LENGTH = "_length"
OHE = "_ohe"
STRAND = "_strand"
TARGET = "_target"
EMBEDDING = "_embedding"
MOTIF = "_motif"
MOTIF_LENGTH = "_motif_length"
VALUE = "{v}_value"

SPLITS = ("train", "val", "test", "unused")
STRANDS = ("+", "-", ".")


@dataclass(frozen=True)
class Spec:
    """What one variable, or one family of variables, must be.

    Parameters
    ----------
    name
        The variable's name; ``{v}`` stands for any stem and ``*`` for any ending. Specs named
        ``any`` hold for every other variable whose dimensions fit.
    dims
        Dimensions in order. A trailing ``?`` marks one that may be absent, ``|`` alternatives.
    kinds
        Types allowed. ``label`` is text of few values, ``text`` is free text.
    missing
        How a missing value is written.
    prose
        What the variable means.
    """

    name: str
    dims: tuple[str, ...]
    kinds: tuple[str, ...]
    missing: str
    prose: str

    def names(self, name: str) -> bool:
        """Whether this spec is about the variable called `name`."""
        pattern = re.escape(self.name).replace(r"\{v\}", ".+").replace(r"\*", ".*")
        return re.fullmatch(pattern, name) is not None

    def fits(self, dims: tuple[str, ...]) -> bool:
        """Whether a variable's dimensions are those of this spec."""
        left = list(dims)
        for wanted in self.dims:
            choices = wanted.removesuffix("?").split("|")
            if left and any(dim_matches(left[0], choice) for choice in choices):
                left.pop(0)
            elif not wanted.endswith("?"):
                return False
        return not left


def dim_matches(dim: str, pattern: str) -> bool:
    """Whether a dimension is the one a pattern names; ``{v}`` stands for any stem.

    Examples
    --------
    >>> dim_matches("atac_sample", "{v}_sample"), dim_matches("_length", "{v}_length")
    (True, False)
    """
    if pattern.startswith("{v}"):
        return not dim.startswith("_") and dim.endswith(pattern.removeprefix("{v}"))
    return dim == pattern


_NUMBERS = ("float32", "int8", "int16", "int64", "uint8", "uint16", "uint32", "bool")
_COUNTS = ("float32", "uint16", "uint32")
_EXTENT = "_length|{v}_length"

SPECS: tuple[Spec, ...] = (
    Spec(
        "row",
        (SEQUENCE,),
        ("int64",),
        "never missing",
        "Key of a row: unique, and the same after any selection or sorting. Long tables refer to rows "
        "by this value, never by position.",
    ),
    Spec("chrom", (SEQUENCE,), ("label",), "never missing", "Contig of the region the user gave."),
    Spec(
        "chromStart",
        (SEQUENCE,),
        ("int64",),
        "never missing",
        "Start of the region the user gave, 0-based.",
    ),
    Spec(
        "chromEnd",
        (SEQUENCE,),
        ("int64",),
        "never missing",
        "End of the region the user gave, exclusive.",
    ),
    Spec(
        "strand",
        (SEQUENCE,),
        ("label",),
        "`.`",
        "Strand of the region: + - or the dot. Rows on - are stored 5' to 3'.",
    ),
    Spec(
        "summit",
        (SEQUENCE,),
        ("int64",),
        "-1",
        "Position of a peak's summit on its contig, 0-based.",
    ),
    Spec("score", (SEQUENCE,), ("float32",), "NaN", "Score column of the regions."),
    Spec("name", (SEQUENCE,), ("text",), "empty", "Name column of the regions or records."),
    Spec("id", (SEQUENCE,), ("text",), "empty", "Identifier from the source; never an index."),
    Spec(
        "windowStart",
        (SEQUENCE,),
        ("int64",),
        "never missing",
        "Start of what is stored, jitter room included, 0-based; negative where it passes the contig.",
    ),
    Spec(
        "windowEnd", (SEQUENCE,), ("int64",), "never missing", "End of what is stored, exclusive."
    ),
    Spec(
        "genome",
        (SEQUENCE,),
        ("label",),
        "never missing",
        "Assembly of each row, when there is more than one; otherwise a root attribute.",
    ),
    Spec("split", (SEQUENCE,), ("label",), "`unused`", "One of train, val, test, unused."),
    Spec("fold", (SEQUENCE,), ("int16",), "-1", "Cross-validation fold, from 0."),
    Spec(
        "group",
        (SEQUENCE,),
        ("label", "int64"),
        "never missing",
        "Rows that belong together; no split cuts a group. Many groups are numbers, few are labels.",
    ),
    Spec(
        "parent_row",
        (SEQUENCE,),
        ("int64",),
        "-1",
        "In a Dataset with rows of its own (variants, designs, mutants): the row it came from.",
    ),
    Spec(
        "variantStart",
        (SEQUENCE,),
        ("int64",),
        "never missing",
        "Variant effects: start of the reference allele, 0-based.",
    ),
    Spec(
        "variantEnd",
        (SEQUENCE,),
        ("int64",),
        "never missing",
        "End of the reference allele, exclusive.",
    ),
    Spec("ref", (SEQUENCE,), ("text",), "empty", "Reference allele."),
    Spec("alt", (SEQUENCE,), ("text",), "empty", "Alternative allele."),
    Spec(
        "predictions*",
        (SEQUENCE, "_allele?", "_round?", "_target?"),
        ("float32",),
        "NaN",
        "Output of a model for each row, on the scale of the target.",
    ),
    Spec(
        "attributions_*",
        (SEQUENCE, "_target?", OHE, LENGTH),
        ("float32",),
        "never missing",
        "Contribution that each letter would make at each position. The observed letters' entries add "
        "up to the method's effect; plots show only those.",
    ),
    Spec(
        "{v}_start",
        (SEQUENCE,),
        ("int64",),
        "never missing",
        "Ragged variables: first place of each row on the flat dimension {v}_value.",
    ),
    Spec(
        "{v}_size",
        (SEQUENCE,),
        ("int64",),
        "never missing",
        "Ragged variables: number of places of each row on the flat dimension {v}_value.",
    ),
    Spec(
        "any",
        (VALUE, "{v}_sample?", "_strand?"),
        ("uint8", *_COUNTS),
        "tracks: NaN",
        "Flat values of ragged variables: a sequence as ASCII codes, or a track along one. Variables "
        "of one sequence share the dimension.",
    ),
    Spec(
        "any",
        (VALUE, "{v}_sample", "{v}_haplotype"),
        ("uint8", "int64"),
        "`N`; -1",
        "Flat values of ragged haplotypes, or the place on the contig that each letter is at.",
    ),
    Spec(
        "any",
        (SEQUENCE, "_allele?", "_round?", LENGTH),
        ("uint8",),
        "`N`",
        "A sequence, as ASCII codes; attribute `alphabet`.",
    ),
    Spec(
        "any",
        (SEQUENCE, "{v}_sample", "{v}_haplotype", _EXTENT),
        ("uint8",),
        "`N`",
        "Haplotypes, as ASCII codes; samples are keyed by name.",
    ),
    Spec(
        "any",
        (SEQUENCE, "{v}_sample", "{v}_haplotype", _EXTENT),
        ("int64",),
        "-1",
        "Place on the contig that each letter of a haplotype is at, 0-based; that of the base before an "
        "insertion for its letters.",
    ),
    Spec(
        "any",
        (SEQUENCE, "{v}_sample?", "_strand?", _EXTENT),
        ("uint8", *_COUNTS),
        "NaN",
        "A track along the window. Counts never wrap. Attributes `bin_width` and `offset`, bp, where "
        "the extent is not the window's.",
    ),
    Spec("any", (SEQUENCE, LENGTH), ("bool",), "never missing", "A mask over positions."),
    Spec(
        "any",
        (SEQUENCE, TARGET),
        ("float32", "int8", "int64"),
        "float32: NaN; int: -1",
        "Several targets; the coordinate `_target` names them. Attributes `units` and `task`.",
    ),
    Spec("any", (SEQUENCE, "{v}_sample"), _NUMBERS, "NaN", "A number for each row and sample."),
    Spec(
        "any",
        ("{v}_sample",),
        (*_NUMBERS, "label", "text"),
        "NaN; empty",
        "A number or note on each sample.",
    ),
    Spec(
        "any",
        (SEQUENCE,),
        (*_NUMBERS, "label", "text"),
        "float32: NaN; int: -1; text: empty",
        "A target or an annotation. `{target}_se` is a target's standard error. Attributes `units` "
        "and `task`.",
    ),
    Spec(
        "embedding_row",
        (EMBEDDING,),
        ("int64",),
        "never missing",
        "Planted motifs: key of the row that holds each.",
    ),
    Spec(
        "embedding_start",
        (EMBEDDING,),
        ("int64",),
        "never missing",
        "Start of a planted motif in its sequence, 0-based.",
    ),
    Spec(
        "embedding_end",
        (EMBEDDING,),
        ("int64",),
        "never missing",
        "End of a planted motif, exclusive.",
    ),
    Spec(
        "embedding_pair",
        (EMBEDDING,),
        ("int64",),
        "-1",
        "Number shared by the two motifs of a pair.",
    ),
    Spec(
        "embedding_is_causal",
        (EMBEDDING,),
        ("bool",),
        "never missing",
        "Whether the planted motif decides the label; False for distractors.",
    ),
    Spec(
        "embedding_*",
        (EMBEDDING,),
        ("label", "text", "float32"),
        "NaN; empty",
        "Planted motifs: `motif`, `strand`, `role`, `string` (the letters) and `score` (bits).",
    ),
    Spec(
        "hit_row",
        ("_hit",),
        ("int64",),
        "never missing",
        "Motif hits: key of the row that holds each.",
    ),
    Spec(
        "edit_row",
        ("_edit",),
        ("int64",),
        "never missing",
        "Designs: key of the row each edit is in.",
    ),
    Spec(
        "any",
        ("_hit|_edit",),
        (*_NUMBERS, "label", "text"),
        "float32: NaN; int: -1; text: empty",
        "A column of the table of hits or of edits.",
    ),
    Spec(
        "any",
        (MOTIF, MOTIF_LENGTH, OHE),
        ("float32",),
        "NaN beyond `motif_size`",
        "Probabilities of motifs, with `motif_size`, `motif_id`, `motif_name` and `motif_source`.",
    ),
    Spec("motif_size", (MOTIF,), ("int64",), "never missing", "Positions of each motif."),
    Spec(
        "any",
        (MOTIF,),
        ("text", "label", "float32", "int64"),
        "NaN; empty",
        "A column of the motif table.",
    ),
)
"""Every variable of the contract. A variable is judged by the first spec that names it, else by the
first `any` spec whose dimensions and type fit."""

AXES = {
    SEQUENCE: "rows",
    LENGTH: "positions of the primary sequence",
    OHE: "letters of the primary sequence",
    "{v}_length": "positions of a variable with another extent",
    "{v}_ohe": "letters of a variable with another alphabet",
    "{v}_value": "flat places of a ragged variable",
    "{v}_sample": "samples of a track or of haplotypes, by name",
    "{v}_haplotype": "haplotypes",
    STRAND: "strands, + then -",
    TARGET: "targets, by name",
    EMBEDDING: "planted motifs, a long table",
    "_hit": "motif hits, a long table",
    "_edit": "edits of designed sequences, a long table",
    MOTIF: "motifs",
    MOTIF_LENGTH: "positions of motifs",
    "_allele": "reference and alternative",
    "_round": "rounds of a design",
}


def contract_table() -> str:
    """Render the contract as the Markdown tables of CONVENTIONS.md.

    Examples
    --------
    >>> contract_table().splitlines()[0]
    '| dimension | what it counts |'
    """
    lines = ["| dimension | what it counts |", "|---|---|"]
    lines += [f"| `{dim}` | {what} |" for dim, what in AXES.items()]
    lines += ["", "| variable | dimensions | type | missing | meaning |", "|---|---|---|---|---|"]
    for spec in SPECS:
        dims = ", ".join(
            f"[{dim.removesuffix('?')}]" if dim.endswith("?") else dim.replace("|", " or ")
            for dim in spec.dims
        )
        name = "any name" if spec.name == "any" else f"`{spec.name}`"
        kinds = ", ".join(spec.kinds)
        lines.append(f"| {name} | {dims} | {kinds} | {spec.missing} | {spec.prose} |")
    return "\n".join(lines)


def kind_of(variable: Any) -> str:
    """Name a variable's type as the contract does: ``text`` for every kind of string array.

    Examples
    --------
    >>> import numpy as np
    >>> kind_of(np.array(["a", "b"])), kind_of(np.zeros(2, "float32"))
    ('text', 'float32')
    """
    dtype = variable.dtype
    return "text" if dtype.kind in "OTU" or isinstance(dtype, pd.StringDtype) else dtype.name
