"""Makes the rows of a recipe, a block at a time: letters, masks, truth and targets.

A block depends on the recipe and the numbers of its rows only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import seqpro as sp
from seqdatasets import _kernels
from seqdatasets.simulation.plan import Plan
from seqdatasets.simulation.streams import stream, uniforms
from seqdatasets.simulation.truth import Truth, gaps, sizes_of
from seqpro.parallel import run_blocks

_BLOCK = 512  # rows that a thread takes at least
_MOST_REDRAWS = 1000
_COLUMNS = sp.DNA.index_table()


@dataclass(frozen=True, eq=False)
class Placed:
    """What is planted in some rows, and where, before any letter is drawn.

    Parameters
    ----------
    rows
        Number of each row, shape (n,).
    sizes
        Length of each row, bp, shape (n,).
    offsets
        Where each row's sites begin in `sites`, shape (n + 1,).
    sites
        The sites, of the type `_kernels.place.SITE`.
    """

    rows: NDArray[np.int64]
    sizes: NDArray[np.int64]
    offsets: NDArray[np.int64]
    sites: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Block:
    """Everything about some rows.

    Parameters
    ----------
    truth
        What is planted.
    letters
        ASCII codes, shape (n, longest); those beyond a row's size mean nothing.
    motif_mask, causal_mask
        Where anything, or what decides, is planted, shape (n, longest).
    chance_hit
        Which rows hold a site that nobody planted, shape (n,).
    strings
        Letters of each site as they stand in the sequence, shape (sites,).
    """

    truth: Truth
    letters: NDArray[np.uint8]
    motif_mask: NDArray[np.bool_]
    causal_mask: NDArray[np.bool_]
    chance_hit: NDArray[np.bool_]
    strings: NDArray[np.object_]


def count_sites(plan: Plan, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count each row's sites, and those that are scrambled and so not in the truth, shapes (n,).

    Examples
    --------
    >>> import motifdata as md
    >>> from seqdatasets.simulation import grammar
    >>> from seqdatasets.simulation.plan import plan_of
    >>> recipe = grammar.order(list(md.load("consensus_yeast"))[:2], num_seqs=3)
    >>> count_sites(plan_of(recipe), np.arange(3))[0].tolist()
    [2, 2, 2]
    """
    seed = np.uint64(stream(plan.recipe.seed, "place"))
    sites, scrambled = np.empty((2, rows.size), np.int64)
    arms = np.empty(rows.size, np.int64)
    draw, count = _kernels.place.draw_arms, _kernels.place.count_sites

    def work(a: int, b: int) -> None:
        draw(seed, rows[a:b], plan.quota, arms[a:b])
        tables = (plan.bounds, plan.steps, plan.laws, plan.values)
        count(seed, rows[a:b], arms[a:b], *tables, sites[a:b], scrambled[a:b])

    run_blocks(work, rows.size, block=_BLOCK)
    return sites, scrambled


def sizes(plan: Plan, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the length of each row, bp, shape (n,)."""
    lengths = plan.recipe.lengths
    if len(lengths.values) == 1:
        return np.full(rows.size, lengths.most)
    return sizes_of(lengths, uniforms(stream(plan.recipe.seed, "length"), rows)[:, 0])


def place(plan: Plan, rows: NDArray[np.int64]) -> Placed:
    """Decide what is planted where.

    Raises
    ------
    ValueError
        If the elements of a row found no arrangement in many tries.
    """
    seed = np.uint64(stream(plan.recipe.seed, "place"))
    lengths = sizes(plan, rows)
    offsets = np.concatenate([[0], np.cumsum(count_sites(plan, rows)[0])])
    sites = np.zeros(int(offsets[-1]), _kernels.place.SITE)
    draw, put = _kernels.place.draw_arms, _kernels.place.place_sites
    tables = (plan.bounds, plan.steps, plan.laws, plan.values, plan.choices, plan.widths)
    failed: list[int] = []

    def work(a: int, b: int) -> None:
        arms = np.empty(b - a, np.int64)
        elements = np.zeros(plan.most, _kernels.place.ELEMENT)
        own = sites[offsets[a] : offsets[b]]
        draw(seed, rows[a:b], plan.quota, arms)
        bad = put(
            seed, rows[a:b], lengths[a:b], arms, *tables, elements, offsets[a:b] - offsets[a], own
        )
        own["row"] += a
        if bad >= 0:
            failed.append(int(rows[a + bad]))

    run_blocks(work, rows.size, block=_BLOCK)
    if failed:
        msg = (
            f"what is planted in row {min(failed)} found no room in 10,000 tries; make sequences longer or "
            "the laws of positions wider, or plant less"
        )
        raise ValueError(msg)
    return Placed(rows, lengths, offsets, sites)


def make_block(plan: Plan, rows: NDArray[np.int64]) -> Block:
    """Make the rows of some numbers.

    Raises
    ------
    ValueError
        If something cannot be planted, or no background without chance hits is found.
    """
    placed = place(plan, rows)
    letters, hit = _background(plan, placed)
    _plant(plan, placed, letters, scrambled=False)
    masks = [np.zeros(letters.shape, bool) for _ in range(2)]
    for mask, chosen in zip(masks, (np.ones_like(plan.is_causal), plan.is_causal), strict=True):
        _mark(plan, placed, chosen, mask)
    if not plan.recipe.scrub:
        hit = _hits(plan, placed.sizes, letters, masks[0])
    there = placed.sites[placed.sites["is_scrambled"] == 0]
    strings, scores = _read(plan, there, letters)
    truth = Truth(
        rows=rows,
        sizes=placed.sizes,
        motifs=tuple(motif.id for motif in plan.recipe.motifs),
        row=there["row"].astype(np.int64),
        motif=there["motif"].astype(np.int64),
        start=there["start"].astype(np.int64),
        end=there["start"] + plan.widths[there["motif"]],
        is_reverse=there["is_reverse"] == 1,
        pair=there["pair"].astype(np.int64),
        score=scores,
    )
    return Block(truth, letters, masks[0], masks[1], hit, strings)


def _background(plan: Plan, placed: Placed) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Draw letters, scramble what is to be, and draw rows with chance hits anew if they are scrubbed."""
    recipe = plan.recipe
    length = recipe.lengths.most
    is_scrambled = _rows_scrambled(placed)
    letters = np.empty((placed.rows.size, length), np.uint8)
    waiting = np.arange(placed.rows.size)
    nothing = np.zeros((1, length), bool)
    for attempt in range(_MOST_REDRAWS):
        seed = stream(recipe.seed, "background", attempt)
        whole = waiting.size == placed.rows.size
        fresh = recipe.background.letters(seed, placed.rows[waiting], length)
        _scramble(plan, placed, waiting, is_scrambled[waiting], fresh, attempt)
        letters = fresh if whole else letters
        letters[waiting] = fresh
        if not recipe.scrub:
            return letters, np.empty(0, bool)
        mask = np.broadcast_to(nothing, fresh.shape)
        waiting = waiting[_hits(plan, placed.sizes[waiting], fresh, mask)]
        if not waiting.size:
            return letters, np.zeros(placed.rows.size, bool)
    msg = (
        f"scrub found no background without a chance hit of {' or '.join(recipe.causal)} for row "
        f"{placed.rows[waiting[0]]} in {_MOST_REDRAWS} tries; make sequences shorter, or the motifs longer"
    )
    raise ValueError(msg)


def _rows_scrambled(placed: Placed) -> NDArray[np.bool_]:
    found = np.zeros(placed.rows.size, bool)
    found[placed.sites["row"][placed.sites["is_scrambled"] == 1]] = True
    return found


def _scramble(
    plan: Plan,
    placed: Placed,
    waiting: NDArray[np.int64],
    is_scrambled: NDArray[np.bool_],
    letters: NDArray[np.uint8],
    attempt: int,
) -> None:
    """Plant the sites that are to be scrambled, and shuffle their rows; `letters` are those of `waiting`."""
    chosen = np.flatnonzero(is_scrambled)
    if not chosen.size:
        return
    whole = np.empty((placed.rows.size, letters.shape[1]), np.uint8)
    whole[waiting] = letters
    _plant(plan, placed, whole, scrambled=True)
    for size in np.unique(placed.sizes[waiting[chosen]]).tolist():
        some = chosen[placed.sizes[waiting[chosen]] == size]
        numbers = placed.rows[waiting[some]]
        seed = stream(plan.recipe.seed, "scramble", attempt)
        shuffled = sp.k_shuffle(whole[waiting[some], :size], 2, rng=seed, rows=numbers)
        letters[some, :size] = np.asarray(shuffled).view(np.uint8)


def _plant(plan: Plan, placed: Placed, letters: NDArray[np.uint8], *, scrambled: bool) -> None:
    """Write the letters of sites."""
    seed = np.uint64(stream(plan.recipe.seed, "site"))
    tables = (plan.steps, plan.widths, plan.thresholds, plan.scores, sp.DNA.codes)
    plant = _kernels.plant.plant_sites
    failed: list[int] = []

    def work(a: int, b: int) -> None:
        offsets = placed.offsets[a : b + 1]
        bad = plant(
            seed, placed.rows[a:b], offsets, placed.sites, int(scrambled), *tables, letters[a:b]
        )
        if bad >= 0:
            failed.append(int(placed.sites["motif"][bad]))

    run_blocks(work, placed.rows.size, block=_BLOCK)
    if failed:
        motif = plan.recipe.motifs[min(failed)]
        msg = f"min_score must be a score that sites of {motif.id!r} reach; 10,000 sites did not. Lower it"
        raise ValueError(msg)


def _mark(plan: Plan, placed: Placed, chosen: NDArray[np.bool_], out: NDArray[np.bool_]) -> None:
    """Mark the positions of some motifs."""
    mark = _kernels.plant.mark_sites
    run_blocks(
        lambda a, b: mark(placed.offsets[a : b + 1], placed.sites, chosen, plan.widths, out[a:b]),
        placed.rows.size,
        block=_BLOCK,
    )


def _hits(
    plan: Plan, lengths: NDArray[np.int64], letters: NDArray[np.uint8], planted: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Tell which rows hold a chance hit of a causal motif, shape (n,)."""
    sites = plan.sites
    out = np.zeros(len(letters), bool)
    find = _kernels.chance.find_hits
    tables = (_COLUMNS, sites.words, sites.matrices, sites.widths, sites.limits, sites.cores)
    run_blocks(
        lambda a, b: find(letters[a:b], lengths[a:b], planted[a:b], *tables, out[a:b]),
        len(letters),
        block=_BLOCK,
    )
    return out


def _read(
    plan: Plan, sites: NDArray[Any], letters: NDArray[np.uint8]
) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Give the letters of each site as text, and their scores in bits."""
    strings, scores = np.empty(sites.size, object), np.zeros(sites.size)
    for m, width in enumerate(plan.widths.tolist()):
        places = np.flatnonzero(sites["motif"] == m)
        if not places.size:
            continue
        own = sites[places]
        codes = letters[own["row"][:, None], own["start"][:, None] + np.arange(width)]
        strings[places] = codes.view(f"S{width}")[:, 0].astype(f"U{width}").astype(object)
        columns = _COLUMNS[codes]
        turned = np.where(own["is_reverse"][:, None] == 1, 3 - columns[:, ::-1], columns)
        scores[places] = plan.scores[m, np.arange(width), turned].sum(axis=1)
    return strings, scores


def pair_gaps(plan: Plan, truth: Truth) -> dict[str, NDArray[Any]]:
    """Give the distance of the two motifs of a pair by three definitions, shapes (n,).

    Recipes that name two motifs in every pair have them; others have none.

    Examples
    --------
    >>> import motifdata as md
    >>> from seqdatasets.simulation import grammar
    >>> from seqdatasets.simulation.plan import plan_of
    >>> recipe = grammar.order(list(md.load("consensus_yeast"))[:2], num_seqs=3)
    >>> plan = plan_of(recipe)
    >>> list(pair_gaps(plan, make_block(plan, np.arange(3)).truth))
    ['gap', 'gap_start', 'gap_center']
    """
    motifs = paired(plan)
    if motifs is None:
        return {}
    found = gaps(truth, *motifs)
    return {
        "gap": found.edge,
        "gap_start": found.start,
        "gap_center": found.center.astype(np.float32),
    }


def paired(plan: Plan) -> tuple[str, str] | None:
    """Give the two motifs of all pairs, if there are pairs and they are all of the same two."""
    steps = plan.steps[plan.steps["partner"] >= 0]
    found = {
        tuple(sorted((int(plan.choices[step["first_motif"]]), int(step["partner"]))))
        for step in steps
    }
    if len(found) != 1:
        return None
    first, second = next(iter(found))
    return plan.recipe.motifs[first].id, plan.recipe.motifs[second].id
