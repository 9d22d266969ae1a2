"""From a recipe to a Dataset, in memory or straight into a store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from motifdata import Motif, MotifSet
from seqdata import annotate, open_zarr, validate
from seqdata.provenance import add_step
from seqdata.schema import MOTIF, MOTIF_LENGTH, OHE
from seqdata.store import StorePath, StoreWriter, block_rows
from seqdatasets.simulation.blocks import count_sites, make_block, sizes
from seqdatasets.simulation.columns import Column, columns_of, is_ragged, values_of
from seqdatasets.simulation.forms import to_form
from seqdatasets.simulation.plan import Plan, plan_of
from seqdatasets.simulation.recipe import STEP, Recipe, as_recipe
from seqpro.checks import as_array, shown

Rows: TypeAlias = "range | NDArray[np.int64]"

_BLOCK_LETTERS = 1 << 23  # letters that are made at a time
_FREE_TEXT = ("ref", "alt")


def simulate_recipe(
    recipe: Recipe | str | Mapping[str, Any],
    *,
    rows: ArrayLike | None = None,
    out: StorePath | None = None,
    overwrite: bool = False,
) -> xr.Dataset:
    """Generate the sequences of a recipe, all of them or some.

    A row depends on the recipe and its number only: made alone, in any block, order or process, it has the
    same letters, targets and truth.

    Parameters
    ----------
    recipe
        A `Recipe`, its JSON text, or what that text stands for.
    rows
        Numbers of the rows to make, each below ``num_seqs`` and once; None makes all.
    out
        Store to write, block by block, so that memory does not grow with the rows; None keeps the data in
        memory.
    overwrite
        Whether a store at `out` may be replaced.

    Returns
    -------
    Dataset with ``row`` (the numbers), ``seq`` (_sequence, _length) or ragged ``seq``, the targets,
    ``chance_hit`` (whether a row holds a site of a causal motif that nobody planted), ``gap`` ``gap_start``
    ``gap_center`` (bp, where pairs are planted), the truth as ``motif_mask`` and ``causal_mask`` of the
    sequences' shape and as the table ``embedding_*`` (_embedding), and the motifs (_motif). The recipe is
    in ``provenance``, from where `recipe_of` takes it

    Raises
    ------
    ValueError
        If the recipe is none, a number is no row's, or something cannot be planted.
    FileExistsError
        If `out` exists and `overwrite` is False.

    Notes
    -----
    A chance hit is a site of a causal motif, on either strand, with a p-value of at most 1e-4 among equally
    likely letters (as `motifdata.scan` finds it), that touches nothing planted. The root attribute
    ``chance_hit_rate`` is the share of the rows that have one, among those whose ``label`` is 0 where there
    is a label.

    Examples
    --------
    >>> from seqdatasets.simulation import recipe_of, simulate
    >>> data = simulate(num_seqs=6, seq_length=30, seed=2)
    >>> again = simulate_recipe(recipe_of(data), rows=[4])
    >>> bool((again["seq"].values[0] == data["seq"].values[4]).all())
    True
    """
    recipe = as_recipe(recipe)
    numbers = _row_numbers(rows, recipe.num_seqs)
    plan = plan_of(recipe)
    columns = columns_of(plan)
    totals = _totals(plan, numbers)
    if out is None:
        return _in_memory(plan, columns, numbers, totals)
    _write(plan, columns, numbers, totals, out, overwrite=overwrite)
    return open_zarr(out)


def _row_numbers(rows: ArrayLike | None, total: int) -> Rows:
    if rows is None:
        return range(total)
    numbers = as_array(rows, "rows")
    is_whole = numbers.ndim == 1 and (numbers.dtype.kind in "iu" or not numbers.size)
    if not is_whole or (numbers.size and not 0 <= numbers.min() <= numbers.max() < total):
        msg = f"rows must be whole numbers from 0 to {total - 1}; found {shown(numbers)}"
        raise ValueError(msg)
    numbers = numbers.astype(np.int64)
    if np.unique(numbers).size != numbers.size:
        msg = "rows must be different numbers; found one of them twice"
        raise ValueError(msg)
    return numbers


def _blocks(plan: Plan, rows: Rows) -> Iterator[NDArray[np.int64]]:
    step = max(1, _BLOCK_LETTERS // plan.recipe.lengths.most)
    for start in range(0, len(rows), step):
        yield np.asarray(rows[start : start + step], dtype=np.int64)


def _totals(plan: Plan, rows: Rows) -> dict[str, int]:
    """Count rows, letters and planted sites before anything is made."""
    totals = {"row": len(rows), "letter": 0, "site": 0}
    for part in _blocks(plan, rows):
        sites, scrambled = count_sites(plan, part)
        totals["site"] += int((sites - scrambled).sum())
        totals["letter"] += int(sizes(plan, part).sum()) if is_ragged(plan) else 0
    return totals


class _ChanceHits:
    """Counts the rows with a chance hit among those that stand for the rate."""

    def __init__(self) -> None:
        self._rows = self._hits = 0

    def add(self, values: Mapping[str, NDArray[Any]]) -> None:
        """Count a block."""
        hit = values["chance_hit"]
        chosen = values["label"] == 0 if "label" in values else np.ones(hit.size, bool)
        self._rows += int(chosen.sum())
        self._hits += int(hit[chosen].sum())

    @property
    def rate(self) -> float:
        """Share of the rows."""
        return self._hits / max(1, self._rows)


def _in_memory(
    plan: Plan, columns: dict[str, Column], rows: Rows, totals: dict[str, int]
) -> xr.Dataset:
    arrays = {
        name: np.empty((totals[c.axis], *c.inner), object if c.dtype is str else c.dtype)
        for name, c in columns.items()
    }
    filled = dict.fromkeys(totals, 0)
    hits = _ChanceHits()
    for part in _blocks(plan, rows):
        values = values_of(plan, make_block(plan, part), filled["letter"])
        hits.add(values)
        reached = dict(filled)
        for name, column in columns.items():
            start = filled[column.axis]
            stop = start + len(values[name])
            arrays[name][start:stop] = _texts(column, values[name])
            reached[column.axis] = stop
        filled = reached
    # without fastpath, xarray would let pandas look at every string
    variables = {
        name: xr.Variable(c.dims, _decoded(c, arrays[name]), _kept_attrs(c), fastpath=True)
        for name, c in columns.items()
    }
    ds = xr.Dataset({**variables, **_motif_table(plan.recipe.motifs)})
    return annotate(_described(plan, ds, hits.rate))


def _texts(column: Column, values: NDArray[Any]) -> NDArray[Any]:
    """Turn codes into text where a column of labels is stored as free text."""
    if column.dtype is str and column.labels:
        return np.array(column.labels, object)[values.astype(np.intp)]
    return values


def _decoded(column: Column, values: NDArray[Any]) -> NDArray[Any]:
    if column.labels and column.dtype is not str:
        return np.array(column.labels, object)[values]
    return values


def _kept_attrs(column: Column) -> dict[str, Any]:
    return {} if column.labels else column.attrs


def _described(plan: Plan, ds: xr.Dataset, rate: float) -> xr.Dataset:
    described = add_step(ds.assign_attrs(chance_hit_rate=rate), STEP, recipe=to_form(plan.recipe))
    validate(described)
    return described


def _write(
    plan: Plan,
    columns: dict[str, Column],
    rows: Rows,
    totals: dict[str, int],
    out: StorePath,
    *,
    overwrite: bool,
) -> None:
    hollow = {
        name: (
            c.dims,
            np.broadcast_to(
                np.zeros((), "i1" if c.dtype is str else c.dtype), (totals[c.axis], *c.inner)
            ),
        )
        for name, c in columns.items()
    }
    chunk = block_rows(
        xr.Dataset({name: hollow[name] for name in columns if columns[name].axis == "row"})
    )
    hits = _ChanceHits()
    with StoreWriter(out, overwrite=overwrite) as writer, ThreadPoolExecutor(1) as saver:
        sinks = {name: _Sink(writer, name, c, totals[c.axis], chunk) for name, c in columns.items()}
        letters = 0
        saving: Future[None] | None = None
        for part in _blocks(plan, rows):
            values = values_of(plan, make_block(plan, part), letters)
            letters += len(values["seq"]) if is_ragged(plan) else 0
            hits.add(values)
            if saving is not None:
                saving.result()  # one block is saved while the next is made
            saving = saver.submit(_save, sinks, values)
        if saving is not None:
            saving.result()
        for sink in sinks.values():
            sink.close()
        for name, variable in xr.Dataset(_motif_table(plan.recipe.motifs)).variables.items():
            writer.write(str(name), variable, chunk)
        attrs = _described(plan, xr.Dataset(), hits.rate).attrs
        writer.commit(attrs)


def _save(sinks: dict[str, _Sink], values: dict[str, NDArray[Any]]) -> None:
    for name, sink in sinks.items():
        sink.add(values[name])


class _Sink:
    """Collects the values of one variable and writes them in whole blocks of its array."""

    def __init__(
        self, writer: StoreWriter, name: str, column: Column, total: int, rows: int
    ) -> None:
        self._column = column
        shape = (total, *column.inner)
        free_text = name in _FREE_TEXT
        self._as_text = free_text or column.dtype is str
        dtype = str if self._as_text else column.dtype
        attrs = {} if free_text else column.attrs
        self._array = writer.create(
            name, dims=column.dims, shape=shape, dtype=dtype, rows=rows, attrs=attrs
        )
        self._step = self._array.block
        self._parts: list[NDArray[Any]] = []
        self._held = self._written = 0

    def add(self, values: NDArray[Any]) -> None:
        """Take values, and write what fills blocks."""
        if self._as_text and self._column.labels:
            values = np.array(self._column.labels, object)[values]
        elif not self._as_text:
            values = values.astype(self._column.dtype, copy=False)
        self._parts.append(values)
        self._held += len(values)
        whole = self._held // self._step * self._step
        if whole:
            self._flush(whole)

    def _flush(self, number: int) -> None:
        held = self._parts[0] if len(self._parts) == 1 else np.concatenate(self._parts)
        for start in range(0, number, self._step):
            stop = min(start + self._step, number)
            place = self._written + start
            self._array[place : place + stop - start] = held[start:stop]
        self._parts = [held[number:].copy()]
        self._held -= number
        self._written += number

    def close(self) -> None:
        """Write what is left."""
        if self._held:
            self._flush(self._held)


def _motif_table(motifs: tuple[Motif, ...]) -> dict[str, Any]:
    arrays = MotifSet(motifs).to_arrays()
    dims = {"motif": (MOTIF, MOTIF_LENGTH, OHE)}
    return {name: (dims.get(name, (MOTIF,)), values) for name, values in arrays.items()}
