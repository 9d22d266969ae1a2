"""The variables of a simulated Dataset: which there are, and their values for a block."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from seqdata.labels import encode_labels
from seqdata.schema import EMBEDDING, LENGTH, SEQUENCE
from seqdatasets import _kernels
from seqdatasets.simulation.blocks import Block, pair_gaps, paired
from seqdatasets.simulation.plan import Plan
from seqdatasets.simulation.streams import stream
from seqpro import DNA

Axis = Literal["row", "letter", "site"]

STRANDS = ("+", "-")
ROLES = ("distractor", "causal")
_BASES = tuple(DNA.letters)


@dataclass(frozen=True)
class Column:
    """One variable.

    Parameters
    ----------
    axis
        What its first axis counts: rows, letters (of ragged sequences) or planted sites.
    dims
        Its dimensions.
    inner
        Sizes of the dimensions after the first.
    dtype
        Its type; `str` for free text.
    attrs
        Its attributes.
    labels
        What its codes stand for, if it holds labels.
    """

    axis: Axis
    dims: tuple[str, ...]
    dtype: Any
    inner: tuple[int, ...] = ()
    attrs: dict[str, Any] = field(default_factory=dict)
    labels: tuple[str, ...] = ()


def columns_of(plan: Plan) -> dict[str, Column]:
    """List the variables of a recipe's Dataset, in order.

    Examples
    --------
    >>> import motifdata as md
    >>> from seqdatasets.simulation import grammar
    >>> from seqdatasets.simulation.plan import plan_of
    >>> plan = plan_of(grammar.multi_label(list(md.load("consensus_yeast"))[:1]))
    >>> list(columns_of(plan))[:4]
    ['row', 'seq', 'label_ABF1', 'chance_hit']
    """
    recipe = plan.recipe
    found = {"row": _by_row(np.int64)}
    sequence = {"alphabet": DNA.name}
    if is_ragged(plan):
        found |= {"seq_start": _by_row(np.int64), "seq_size": _by_row(np.int64)}
        found["seq"] = Column("letter", ("seq_value",), np.uint8, attrs=sequence)
        mask = Column("letter", ("seq_value",), bool)
    else:
        length = (recipe.lengths.most,)
        found["seq"] = Column("row", (SEQUENCE, LENGTH), np.uint8, length, sequence)
        mask = Column("row", (SEQUENCE, LENGTH), bool, length)
    for name, rule in recipe.targets.items():
        dtype = np.int8 if rule.task == "binary" else np.float32
        found[name] = _by_row(dtype, attrs={"task": rule.task, "rule": recipe.name or name})
    found["chance_hit"] = _by_row(bool)
    if paired(plan) is not None:
        found |= {"gap": _by_row(np.int64), "gap_start": _by_row(np.int64)}
        found["gap_center"] = _by_row(np.float32)
    if recipe.variants is not None:
        found |= _variant_columns(recipe.lengths.most)
    motifs = tuple(motif.id for motif in recipe.motifs)
    return found | {"motif_mask": mask, "causal_mask": mask} | _embedding_columns(motifs)


def _by_row(dtype: Any, **options: Any) -> Column:
    return Column("row", (SEQUENCE,), dtype, **options)


def _variant_columns(length: int) -> dict[str, Column]:
    alleles = Column(
        "row", (SEQUENCE, "_allele", LENGTH), np.uint8, (2, length), {"alphabet": DNA.name}
    )
    base = _label((SEQUENCE,), "row", _BASES)
    return {
        "alleles": alleles,
        "variantStart": _by_row(np.int64),
        "variantEnd": _by_row(np.int64),
        "ref": base,
        "alt": base,
        "variant_is_causal": _by_row(bool),
        "variant_effect": _by_row(np.float32, attrs={"units": "bits"}),
    }


def _embedding_columns(motifs: tuple[str, ...]) -> dict[str, Column]:
    number = Column("site", (EMBEDDING,), np.int64)
    return {
        "embedding_row": number,
        "embedding_motif": _label((EMBEDDING,), "site", motifs),
        "embedding_start": number,
        "embedding_end": number,
        "embedding_strand": _label((EMBEDDING,), "site", STRANDS),
        "embedding_pair": number,
        "embedding_role": _label((EMBEDDING,), "site", ROLES),
        "embedding_is_causal": Column("site", (EMBEDDING,), bool),
        "embedding_string": Column("site", (EMBEDDING,), str),
        "embedding_score": Column("site", (EMBEDDING,), np.float32),
    }


def _label(dims: tuple[str, ...], axis: Axis, labels: tuple[str, ...]) -> Column:
    coded = encode_labels(np.array(labels, dtype=object))
    if coded is None:  # more labels than the contract stores as codes
        return Column(axis, dims, str, labels=labels)
    return Column(axis, dims, coded[0].dtype, attrs=coded[1], labels=labels)


def is_ragged(plan: Plan) -> bool:
    """Whether a recipe's sequences have several lengths."""
    return len(plan.recipe.lengths.values) > 1


def values_of(plan: Plan, block: Block, letters_before: int) -> dict[str, NDArray[Any]]:
    """Give the values of every variable for a block; labels are codes.

    `letters_before` is the number of letters of all rows before the block, where sequences are ragged.
    """
    truth, recipe = block.truth, plan.recipe
    values: dict[str, NDArray[Any]] = {"row": truth.rows, "seq": block.letters}
    values |= {"motif_mask": block.motif_mask, "causal_mask": block.causal_mask}
    for name, rule in recipe.targets.items():
        values[name] = rule.values(truth, stream(recipe.seed, "target", name))
    values["chance_hit"] = block.chance_hit
    values |= pair_gaps(plan, truth)
    if recipe.variants is not None:
        values |= _variant_values(plan, block)
    if is_ragged(plan):
        inside = np.arange(block.letters.shape[1]) < truth.sizes[:, None]
        values |= {name: values[name][inside] for name in ("seq", "motif_mask", "causal_mask")}
        values["seq_start"] = letters_before + np.cumsum(truth.sizes) - truth.sizes
        values["seq_size"] = truth.sizes
    return values | _embedding_values(plan, block)


def _embedding_values(plan: Plan, block: Block) -> dict[str, NDArray[Any]]:
    truth = block.truth
    row = truth.rows[truth.row]
    is_causal = plan.is_causal[truth.motif]
    return {
        "embedding_row": row,
        "embedding_motif": truth.motif,
        "embedding_start": truth.start,
        "embedding_end": truth.end,
        "embedding_strand": truth.is_reverse,
        "embedding_pair": np.where(truth.pair < 0, -1, row * plan.most + truth.pair),
        "embedding_role": is_causal,
        "embedding_is_causal": is_causal,
        "embedding_string": block.strings,
        "embedding_score": truth.score,
    }


def _variant_values(plan: Plan, block: Block) -> dict[str, NDArray[Any]]:
    """Draw each row's variant, and what it does to the site that it hits."""
    truth, letters = block.truth, block.letters
    assert plan.recipe.variants is not None
    n = truth.rows.size
    position, alt = np.zeros(n, np.int64), np.zeros(n, np.uint8)
    share = np.uint64(round(plan.recipe.variants.causal * 2**53))
    seed = np.uint64(stream(plan.recipe.seed, "variant"))
    _kernels.plant.draw_variants(
        seed, truth.rows, truth.sizes, block.causal_mask, block.motif_mask, share,
        DNA.index_table(), DNA.codes, letters, position, alt,
    )  # fmt: skip
    rows = np.arange(n)
    alleles = np.stack([letters, letters], axis=1)
    alleles[rows, 1, position] = alt
    columns = DNA.index_table()
    ref, new = columns[letters[rows, position]].astype(np.int64), columns[alt].astype(np.int64)
    is_hit = (truth.start <= position[truth.row]) & (position[truth.row] < truth.end)
    site = np.flatnonzero(is_hit)
    row, motif, reverse = truth.row[site], truth.motif[site], truth.is_reverse[site]
    place = np.where(
        reverse, truth.end[site] - 1 - position[row], position[row] - truth.start[site]
    )
    before, after = (np.where(reverse, 3 - bases[row], bases[row]) for bases in (ref, new))
    effect = np.zeros(n, np.float32)
    effect[row] = plan.scores[motif, place, after] - plan.scores[motif, place, before]
    return {
        "alleles": alleles,
        "variantStart": position,
        "variantEnd": position + 1,
        "ref": ref,
        "alt": new,
        "variant_is_causal": block.causal_mask[rows, position],
        "variant_effect": effect,
    }
