"""The data contract: which variables a Dataset may hold, their dimensions, types and missing values.

Meaning lives in names and dimensions. Attributes help people and are written by `annotate`; nothing
breaks when an xarray operation drops them. `seqdata.validation` checks Datasets against this file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd

CONTRACT_VERSION = "1"

SEQUENCE = "_sequence"
LENGTH = "_length"
OHE = "_ohe"
STRAND = "_strand"
TARGET = "_target"
ALLELE = "_allele"
ROUND = "_round"
EMBEDDING = "_embedding"
HIT = "_hit"
EDIT = "_edit"
MOTIF = "_motif"
MOTIF_LENGTH = "_motif_length"
VALUE = "{v}_value"
SAMPLE = "{v}_sample"
HAPLOTYPE = "{v}_haplotype"
VARIANT = "{v}_variant"

SPLITS = ("train", "val", "test", "unused")
STRANDS = ("+", "-", ".")
ROW_KEYS = {EMBEDDING: "embedding_row", HIT: "hit_row", EDIT: "edit_row"}
"""Long tables, and the variable that says which row each entry belongs to."""


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
    beside
        Dimension that the Dataset must have for the spec to hold; without it, the name is free.
    lowest, highest
        Bounds of whole numbers, or None.
    words
        Words that a label may be; empty for any.
    """

    name: str
    dims: tuple[str, ...]
    kinds: tuple[str, ...]
    missing: str
    prose: str
    beside: str = ""
    lowest: int | None = None
    highest: int | None = None
    words: tuple[str, ...] = ()

    def names(self, name: str, dims: Collection[Hashable] | None = None) -> bool:
        """Whether this spec is about the variable called `name`, in a Dataset that has `dims`."""
        pattern = re.escape(self.name).replace(r"\{v\}", "(?P<stem>.+)").replace(r"\*", ".*")
        found = re.fullmatch(pattern, name)
        if found is None or dims is None or not self.beside:
            return found is not None
        return self.beside.replace("{v}", found["stem"]) in dims

    def shape(self) -> str:
        """Show the dimensions as text, those that may be absent in brackets."""
        return ", ".join(
            f"[{dim.removesuffix('?')}]" if dim.endswith("?") else dim for dim in self.dims
        ).replace("|", " or ")

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
_NOTES = (*_NUMBERS, "label", "text")
_GAPS = "float32: NaN; int: -1; text: empty"
_NEVER = "never missing"
_EXTENT = "_length|{v}_length"
_LETTERS = "_ohe|{v}_ohe"
_FIRST, _LAST = ord("!"), ord("~")  # ASCII codes that print

SPECS: tuple[Spec, ...] = (
    Spec(
        "row",
        (SEQUENCE,),
        ("int64",),
        _NEVER,
        "Key of a row: unique, and the same after any selection or sorting. Long tables refer to rows "
        "by this value, never by position.",
    ),
    Spec("chrom", (SEQUENCE,), ("label",), _NEVER, "Contig of the region the user gave."),
    Spec(
        "chromStart",
        (SEQUENCE,),
        ("int64",),
        _NEVER,
        "Start of the region the user gave, 0-based.",
        lowest=0,
    ),
    Spec(
        "chromEnd",
        (SEQUENCE,),
        ("int64",),
        _NEVER,
        "End of the region the user gave, exclusive.",
        lowest=0,
    ),
    Spec(
        "strand",
        (SEQUENCE,),
        ("label",),
        "`.`",
        "Strand of the region: + - or the dot. Rows on - are stored 5' to 3'.",
        words=STRANDS,
    ),
    Spec(
        "summit",
        (SEQUENCE,),
        ("int64",),
        "-1",
        "Position of a peak's summit on its contig, 0-based.",
        lowest=-1,
    ),
    Spec("score", (SEQUENCE,), ("float32",), "NaN", "Score column of the regions."),
    Spec("name", (SEQUENCE,), ("text",), "empty", "Name column of the regions or records."),
    Spec("id", (SEQUENCE,), ("text",), "empty", "Identifier from the source; never an index."),
    Spec(
        "windowStart",
        (SEQUENCE,),
        ("int64",),
        _NEVER,
        "Start of what is stored, jitter room included, 0-based; negative where it passes the contig.",
    ),
    Spec("windowEnd", (SEQUENCE,), ("int64",), _NEVER, "End of what is stored, exclusive."),
    Spec(
        "genome",
        (SEQUENCE,),
        ("label",),
        _NEVER,
        "Assembly of each row, when there is more than one; otherwise a root attribute.",
    ),
    Spec(
        "split",
        (SEQUENCE,),
        ("label",),
        "`unused`",
        "One of train, val, test, unused.",
        words=SPLITS,
    ),
    Spec("fold", (SEQUENCE,), ("int16",), "-1", "Cross-validation fold, from 0.", lowest=-1),
    Spec(
        "group",
        (SEQUENCE,),
        ("label", "int64"),
        _NEVER,
        "Rows that belong together; no split cuts a group. Many groups are numbers, few are labels.",
    ),
    Spec(
        "parent_row",
        (SEQUENCE,),
        ("int64",),
        "-1",
        "In a Dataset with rows of its own (variants, designs, mutants): key of the row it came from, in the "
        "Dataset it was made of.",
    ),
    Spec(
        "variantStart",
        (SEQUENCE,),
        ("int64",),
        _NEVER,
        "Variant effects: start of the reference allele, 0-based.",
        lowest=0,
    ),
    Spec(
        "variantEnd",
        (SEQUENCE,),
        ("int64",),
        _NEVER,
        "End of the reference allele, exclusive.",
        lowest=0,
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
        "predictions*",
        (SEQUENCE, "_allele?", "_round?", "{v}_sample?", "_strand?", f"{_EXTENT}?"),
        ("float32",),
        "NaN",
        "Predicted tracks, or their totals. They share the axes of the measured track.",
    ),
    Spec(
        "predictions*",
        (VALUE, "{v}_sample?", "_strand?"),
        ("float32",),
        "NaN",
        "Predicted values along ragged sequences.",
    ),
    Spec(
        "attributions_*",
        (SEQUENCE, "_allele?", "_target?", _LETTERS, _EXTENT),
        ("float32",),
        _NEVER,
        "Contribution that each letter would make at each position. The observed letters' entries add "
        "up to the method's effect; plots show only those.",
    ),
    Spec(
        "{v}_start",
        (SEQUENCE,),
        ("int64",),
        _NEVER,
        "Ragged variables: first place of each row on the flat dimension {v}_value.",
        beside=VALUE,
    ),
    Spec(
        "{v}_size",
        (SEQUENCE,),
        ("int64",),
        _NEVER,
        "Ragged variables: number of places of each row on the flat dimension {v}_value.",
        beside=VALUE,
    ),
    Spec(
        "{v}_first",
        (SEQUENCE,),
        ("int64",),
        _NEVER,
        "Genotypes: the row's first variant on {v}_variant.",
        beside=VARIANT,
    ),
    Spec(
        "{v}_count",
        (SEQUENCE,),
        ("int64",),
        _NEVER,
        "Genotypes: number of the row's variants, which follow each other on {v}_variant.",
        beside=VARIANT,
    ),
    Spec(
        "{v}_chromSize",
        (SEQUENCE,),
        ("int64",),
        _NEVER,
        "Genotypes: length of the row's contig, bp; beyond it haplotypes are N.",
        beside=VARIANT,
        lowest=0,
    ),
    Spec(
        "{v}_reference",
        (VALUE,),
        ("uint8",),
        "`N`",
        "Genotypes: letters of the + strand from the window's start on its contig to where the row's "
        "haplotypes end; ragged.",
        beside=VARIANT,
        lowest=_FIRST,
        highest=_LAST,
    ),
    Spec(
        "{v}_chrom",
        (VARIANT,),
        ("label",),
        _NEVER,
        "Contig of a variant, as the regions call it.",
        beside=VARIANT,
    ),
    Spec(
        "{v}_variantStart",
        (VARIANT,),
        ("int64",),
        _NEVER,
        "Start of a variant's reference allele, 0-based.",
        beside=VARIANT,
        lowest=0,
    ),
    Spec(
        "{v}_variantEnd",
        (VARIANT,),
        ("int64",),
        _NEVER,
        "End of a variant's reference allele, exclusive.",
        beside=VARIANT,
        lowest=0,
    ),
    Spec(
        "{v}_ref",
        (VARIANT,),
        ("label", "text"),
        _NEVER,
        "Reference allele of a variant, of the + strand.",
        beside=VARIANT,
    ),
    Spec(
        "{v}_alt",
        (VARIANT,),
        ("label", "text"),
        "empty: REF is not known for some haplotypes",
        "Alternative allele of a variant, one to an entry.",
        beside=VARIANT,
    ),
    Spec(
        "{v}_genotype",
        (VARIANT, SAMPLE, HAPLOTYPE),
        ("int8",),
        "-1",
        "1 where a haplotype carries the alternative allele, 0 where not, -1 where it is not known: the "
        "reference allele's letters become N.",
        beside=VARIANT,
        lowest=-1,
        highest=1,
    ),
    Spec(
        "any",
        (VARIANT,),
        _NOTES,
        _GAPS,
        "A note on each variant of a cohort.",
    ),
    Spec(
        "any",
        (VALUE,),
        ("uint8",),
        "`N`",
        "Flat letters of ragged sequences, as ASCII codes; attribute `alphabet`.",
        lowest=_FIRST,
        highest=_LAST,
    ),
    Spec(
        "any",
        (VALUE,),
        ("bool",),
        _NEVER,
        "A mask along ragged sequences.",
    ),
    Spec(
        "any",
        (VALUE, "{v}_sample?", "_strand?"),
        ("uint8", *_COUNTS),
        "NaN",
        "Flat values of a track along ragged sequences, whose dimension it shares; with a dimension of "
        "its own where it is binned.",
    ),
    Spec(
        "any",
        (VALUE, SAMPLE, HAPLOTYPE),
        ("uint8",),
        "`N`",
        "Flat letters of ragged haplotypes, as ASCII codes.",
        lowest=_FIRST,
        highest=_LAST,
    ),
    Spec(
        "any",
        (VALUE, SAMPLE, HAPLOTYPE),
        ("int64",),
        "-1",
        "Place on the contig that each letter of a ragged haplotype is at.",
        lowest=-1,
    ),
    Spec(
        "any",
        (SEQUENCE, "_allele?", "_round?", _EXTENT),
        ("uint8",),
        "`N`",
        "A sequence, as ASCII codes; attribute `alphabet`. A second one, such as a barcode, has an "
        "extent of its own.",
        lowest=_FIRST,
        highest=_LAST,
    ),
    Spec(
        "any",
        (SEQUENCE, SAMPLE, HAPLOTYPE, _EXTENT),
        ("uint8",),
        "`N`",
        "Haplotypes, as ASCII codes; samples are keyed by name.",
        lowest=_FIRST,
        highest=_LAST,
    ),
    Spec(
        "any",
        (SEQUENCE, SAMPLE, HAPLOTYPE, _EXTENT),
        ("int64",),
        "-1",
        "Place on the contig that each letter of a haplotype is at, 0-based; that of the base before an "
        "insertion for its letters.",
        lowest=-1,
    ),
    Spec(
        "any",
        (SEQUENCE, "{v}_sample?", "_strand?", _EXTENT),
        ("uint8", *_COUNTS),
        "NaN",
        "A track along the window; uint8 needs samples or strands, else it is letters. Counts never wrap. "
        "Attributes `bin_width`, and `offset` from the window's 5' end, bp, where the extent is not the "
        "window's.",
    ),
    Spec("any", (SEQUENCE, _EXTENT), ("bool",), _NEVER, "A mask over positions."),
    Spec(
        "any",
        (SEQUENCE, TARGET),
        ("float32", "int8", "int64"),
        "float32: NaN; int: -1",
        "Several targets; the coordinate `_target` names them. Attributes `units` and `task`.",
    ),
    Spec(
        "any",
        (SEQUENCE, SAMPLE, "_strand?"),
        _NUMBERS,
        "NaN",
        "A number for each row and sample, such as a replicate's measurement.",
    ),
    Spec("any", (SAMPLE,), _NOTES, "NaN; empty", "A number or note on each sample."),
    Spec(
        "any",
        (SEQUENCE,),
        _NOTES,
        _GAPS,
        "A target or an annotation. `{target}_se` is a target's standard error. Attributes `units` "
        "and `task`.",
    ),
    Spec(
        "embedding_row",
        (EMBEDDING,),
        ("int64",),
        _NEVER,
        "Planted motifs: key of the row that holds each.",
    ),
    Spec(
        "embedding_start",
        (EMBEDDING,),
        ("int64",),
        _NEVER,
        "Start of a planted motif in its sequence, 0-based.",
        lowest=0,
    ),
    Spec(
        "embedding_end",
        (EMBEDDING,),
        ("int64",),
        _NEVER,
        "End of a planted motif, exclusive.",
        lowest=0,
    ),
    Spec(
        "embedding_strand",
        (EMBEDDING,),
        ("label",),
        "`.`",
        "Strand of a planted motif.",
        words=STRANDS,
    ),
    Spec(
        "embedding_pair",
        (EMBEDDING,),
        ("int64",),
        "-1",
        "Number, within its row, that the two motifs of a pair share.",
        lowest=-1,
    ),
    Spec(
        "embedding_is_causal",
        (EMBEDDING,),
        ("bool",),
        _NEVER,
        "Whether the planted motif decides the label; False for distractors.",
    ),
    Spec(
        "embedding_*",
        (EMBEDDING,),
        _NOTES,
        _GAPS,
        "Planted motifs: `motif`, `role`, `string` (the letters), `score` (bits) and others.",
    ),
    Spec(
        "hit_row",
        (HIT,),
        ("int64",),
        _NEVER,
        "Motif hits: key of the row that holds each.",
    ),
    Spec(
        "hit_start",
        (HIT,),
        ("int64",),
        _NEVER,
        "Start of a hit in its sequence, 0-based.",
        lowest=0,
    ),
    Spec("hit_end", (HIT,), ("int64",), _NEVER, "End of a hit, exclusive.", lowest=0),
    Spec("hit_strand", (HIT,), ("label",), "`.`", "Strand of a hit.", words=STRANDS),
    Spec(
        "any",
        (HIT,),
        _NOTES,
        _GAPS,
        "A column of the table of hits.",
    ),
    Spec(
        "edit_row",
        (EDIT,),
        ("int64",),
        _NEVER,
        "Mutants and designs: key of the row each edit is in.",
    ),
    Spec(
        "edit_start",
        (EDIT,),
        ("int64",),
        _NEVER,
        "Start of what an edit takes out of the sequence it is made in, 0-based.",
        lowest=0,
    ),
    Spec("edit_end", (EDIT,), ("int64",), _NEVER, "End of what it takes out, exclusive.", lowest=0),
    Spec("edit_ref", (EDIT,), ("label", "text"), "empty: an insertion", "Letters it takes out."),
    Spec("edit_alt", (EDIT,), ("label", "text"), "empty: a deletion", "Letters it puts in."),
    Spec("edit_round", (EDIT,), ("int64",), "-1", "Designs: round of the edit, from 0.", lowest=-1),
    Spec(
        "any",
        (EDIT,),
        _NOTES,
        _GAPS,
        "A column of the table of edits.",
    ),
    Spec(
        "any",
        (MOTIF, MOTIF_LENGTH, _LETTERS),
        ("float32",),
        "NaN beyond `motif_size`",
        "Probabilities of motifs, with `motif_size`, `motif_id`, `motif_name` and `motif_source`.",
    ),
    Spec("motif_size", (MOTIF,), ("int64",), _NEVER, "Positions of each motif.", lowest=0),
    Spec("any", (MOTIF,), _NOTES, _GAPS, "A column of the motif table."),
)
"""Every variable of the contract. A variable is judged by the specs of the first name that is its own,
else by those for any name: by the first of them that its dimensions and its type fit."""

AXES = {
    SEQUENCE: "rows",
    LENGTH: "positions of the primary sequence",
    OHE: "letters of the primary sequence",
    "{v}_length": "positions of a variable with another extent",
    "{v}_ohe": "letters of a variable with another alphabet",
    VALUE: "flat places of a ragged variable",
    SAMPLE: "samples of a track or of haplotypes, by name",
    HAPLOTYPE: "haplotypes",
    VARIANT: "variants of a cohort, in the order of the genome, one alternative allele each",
    STRAND: "strands, + then -",
    TARGET: "targets, by name",
    EMBEDDING: "planted motifs, a long table",
    HIT: "motif hits, a long table",
    EDIT: "edits of designed or mutated sequences, a long table",
    MOTIF: "motifs",
    MOTIF_LENGTH: "positions of motifs",
    ALLELE: "reference and alternative",
    ROUND: "rounds of a design",
}
NAMED_DIMS = (TARGET, SAMPLE, HAPLOTYPE, STRAND, ALLELE, OHE, "{v}_ohe")
"""Dimensions whose coordinates are names: text, all different."""


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
        name = "any name" if spec.name == "any" else f"`{spec.name}`"
        kinds = ", ".join(spec.kinds)
        lines.append(f"| {name} | {spec.shape()} | {kinds} | {spec.missing} | {spec.prose} |")
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
