"""Haplotypes as a variable of batches: made of stored genotypes when a batch is taken."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqdata import _kernels
from seqdata.columns import Chosen, Column, Held, RaggedColumn, Rows
from seqdata.labels import with_text_labels
from seqdata.schema import LENGTH, SEQUENCE
from seqpro import DNA, Ragged
from seqpro.parallel import run_blocks
from seqpro.ragged import concatenate

_BLOCK = 1 << 18  # letters that are worth a thread
_ROWS = ("windowStart", "windowEnd", "strand")
_PARTS = (
    "first", "count", "chromSize", "reference", "reference_start", "reference_size", "genotype",
    "variantStart", "variantEnd", "ref", "alt",
)  # fmt: skip


def has_genotypes(ds: xr.Dataset, name: str) -> bool:
    """Whether a Dataset holds genotypes to make the haplotypes `name` of.

    Examples
    --------
    >>> has_genotypes(xr.Dataset(), "hap")
    False
    """
    return name not in ds and f"{name}_genotype" in ds


class GenotypeColumn(Column):
    """Haplotypes of the rows of a Dataset that stores genotypes.

    Items are those of haplotypes that are stored as letters: samples, haplotypes and positions, but for the
    dimensions that items run over; rows of a Ragged where windows differ in size.

    Parameters
    ----------
    ds
        Dataset with the parts of the contract, ``{name}_genotype`` and others.
    name
        Name of the haplotypes.
    over
        Dimensions that items run over; the first is ``_sequence``.

    Raises
    ------
    ValueError
        If a part is missing, or rows are no longer the windows that they were built as.

    Examples
    --------
    >>> GenotypeColumn(xr.Dataset({"hap_genotype": ((), 0)}), "hap", ("_sequence",))
    Traceback (most recent call last):
    ValueError: haplotypes 'hap' are made of several variables; found no windowStart in the Dataset
    """

    step = 1

    def __init__(self, ds: xr.Dataset, name: str, over: tuple[str, ...]) -> None:
        needed = [*_ROWS, *(f"{name}_{part}" for part in _PARTS)]
        missing = [part for part in needed if part not in ds]
        if missing:
            msg = (
                f"haplotypes {name!r} are made of several variables; found no {missing[0]} in the "
                "Dataset"
            )
            raise ValueError(msg)
        super().__init__(name, ds.variables[f"{name}_genotype"])
        self.dtype = np.dtype(np.uint8)
        self._genotypes = _as_ragged(ds, f"{name}_genotype", f"{name}_first", f"{name}_count")
        part = f"{name}_reference"
        self._reference = _as_ragged(ds, part, f"{part}_start", f"{part}_size", name)
        self.in_memory = self._genotypes.in_memory and self._reference.in_memory
        self.dims = (SEQUENCE, f"{name}_sample", f"{name}_haplotype")
        self._shape = tuple(ds.sizes[dim] for dim in self.dims[1:])
        self._over = over
        self._windows, self._reverse = _windows(ds, name), _text(ds, "strand") == "-"
        self._variants = _Variants.of(ds, name)
        self._firsts, self._counts = (
            ds[f"{name}_{part}"].values.astype(np.int64) for part in ("first", "count")
        )
        sizes = np.unique(self._windows[:, 3])
        self.is_ragged = sizes.size > 1
        self._length = 0 if self.is_ragged or not sizes.size else int(sizes[0])
        if self._length and ds.sizes.get(LENGTH, self._length) != self._length:
            msg = (
                f"{LENGTH} must be that of the windows (windowStart to windowEnd) to make haplotypes "
                f"{name!r}; found {ds.sizes[LENGTH]} positions for windows of {self._length} bp. Select "
                "positions after seqdata.haplotypes"
            )
            raise ValueError(msg)

    @property
    def extents(self) -> Rows:
        """Positions that rows cover, as `Column.extents`."""
        return self._windows[:, 3]

    def units(self, rows: Rows) -> Rows:
        """Give the number of each row's block of genotypes, as `Column.units`."""
        return self._genotypes.units(rows)

    def sizes(self, rows: Rows) -> Rows:
        """Give the bytes of each row's genotypes and reference, 0 where they are in memory anyway."""
        return self._genotypes.sizes(rows) + self._reference.sizes(rows)

    def hold(self, rows: Rows, space: NDArray[Any] | None = None) -> Held:  # noqa: ARG002
        """Read the genotypes and the reference of rows."""
        return Held(_Parts(rows, self._genotypes.hold(rows), self._reference.hold(rows)))

    def take(self, held: Held, chosen: Chosen) -> NDArray[np.uint8] | Ragged:
        """Make the haplotypes of a batch."""
        return self._made(held, chosen, np.dtype(np.uint8))

    def positions(self, held: Held, chosen: Chosen) -> NDArray[np.int64] | Ragged:
        """Give the place on the contig of each letter that `take` gives, -1 beyond the contig."""
        return self._made(held, chosen, np.dtype(np.int64))

    def join(self, parts: list[Any]) -> NDArray[Any] | Ragged:
        """Put items from several groups together."""
        return concatenate(parts) if self.is_ragged else np.concatenate(parts)

    def _made(self, held: Held, chosen: Chosen, dtype: np.dtype[Any]) -> Any:
        """Make letters (uint8) or coordinates (int64)."""
        rows = held.values.rows[chosen.places]
        each, inner = self._entries(rows.size, chosen)
        crops = np.zeros(rows.size, np.int64) if chosen.starts is None else chosen.starts
        sizes = self._windows[rows, 3] - 2 * chosen.room
        per_row = int(np.prod(inner, dtype=np.int64))
        out = np.empty(int(sizes.sum()) * per_row, dtype)
        begins, within = (np.cumsum(sizes) - sizes) * per_row, np.arange(per_row)
        step = per_row if self.is_ragged else 1
        places = begins[:, None] + within * (1 if self.is_ragged else sizes[:, None])
        self._write(held.values, chosen.places, each, crops, sizes, out, places.ravel(), step)
        if self.is_ragged:
            return Ragged.from_sizes(out.reshape(-1, *inner), sizes)
        return out.reshape(rows.size, *inner, self._length - 2 * chosen.room)

    def _entries(self, n: int, chosen: Chosen) -> tuple[list[NDArray[np.intp]], tuple[int, ...]]:
        """Give item, sample and haplotype of every window to write, and the axes that items have."""
        free = [i for i, dim in enumerate(self.dims[1:]) if dim not in chosen.samples]
        inner = tuple(self._shape[i] for i in free)
        index = np.indices((n, *inner)).reshape(1 + len(inner), -1)
        numbers = [
            index[1 + free.index(i)] if i in free else chosen.samples[dim][index[0]]
            for i, dim in enumerate(self.dims[1:])
        ]
        return [index[0], *numbers], inner

    def _write(
        self,
        parts: _Parts,
        items: Rows,
        entries: list[NDArray[np.intp]],
        crops: Rows,
        sizes: Rows,
        out: NDArray[Any],
        places: Rows,
        step: int,
    ) -> None:
        """Write windows of haplotypes into `out`, each from its place on."""
        item, samples, haplotypes = entries
        kernels, rows = _kernels.haplotypes, parts.rows[items][item]
        genotypes, reference = parts.genotypes.values, parts.reference.values
        genotype_places = genotypes.starts[parts.genotypes.at(items)][item]
        reference_places = reference.starts[parts.reference.at(items)][item]
        what = kernels.LETTERS if out.dtype == np.uint8 else kernels.COORDINATES
        v = self._variants
        work = partial(
            _call, kernels.write_stored, samples, haplotypes, genotypes.values, genotype_places,
            self._firsts[rows], self._counts[rows], v.spans, v.starts, v.ends, v.letters,
            reference.values, reference_places, self._windows[rows], self._reverse[rows],
            DNA.complement_table(), crops[item], sizes[item], out, places, step, what,
        )  # fmt: skip
        longest = max(int(sizes.max(initial=1)), 1)
        run_blocks(work, item.size, block=max(_BLOCK // longest, 1))


def _call(kernel: Any, *arguments: Any) -> None:
    """Call a kernel whose rows come last."""
    *others, first, last = arguments
    kernel(first, last, *others)


@dataclass(frozen=True)
class _Parts:
    """What is held of some rows."""

    rows: Rows
    genotypes: Held
    reference: Held


@dataclass(frozen=True)
class _Variants:
    """All variants: REF's span, and start, end, first letter and letters of what ALT changes."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    spans: NDArray[np.int64]
    letters: NDArray[np.uint8]

    @classmethod
    def of(cls, ds: xr.Dataset, name: str) -> _Variants:
        starts, ends = (
            ds[f"{name}_{part}"].values.astype(np.int64) for part in ("variantStart", "variantEnd")
        )
        refs, alts = (_text(ds, f"{name}_{part}").tolist() for part in ("ref", "alt"))
        text = "".join([*refs, *alts]).encode("latin-1", "replace")
        letters = np.frombuffer(
            text, np.uint8
        ).copy()  # kernels are compiled anew for what is read-only
        sizes = np.fromiter(map(len, [*refs, *alts]), np.int64, 2 * len(refs))
        places = np.cumsum(sizes) - sizes
        n = len(refs)
        spans = _kernels.vcf_text.trim_alleles(
            letters, places[:n], sizes[:n], places[n:], sizes[n:], starts
        )
        return cls(starts, ends, spans, letters)


def _as_ragged(
    ds: xr.Dataset, name: str, start: str, size: str, called: str | None = None
) -> RaggedColumn:
    """Give stretches of a variable along its first dimension as a ragged column."""
    dim = str(ds[name].dims[0])
    part = xr.Dataset({name: ds[name].variable, start: ds[start].variable, size: ds[size].variable})
    called = called or name
    renamed = {dim: f"{called}_value", start: f"{called}_start", size: f"{called}_size"}
    return RaggedColumn(called, part.rename({name: called, **renamed}), (SEQUENCE,))


def _windows(ds: xr.Dataset, name: str) -> NDArray[np.int64]:
    """Give positions before the contig, first on it, on it, all, and the contig's end, for each row."""
    low, high, contig = (
        ds[part].values.astype(np.int64)
        for part in ("windowStart", "windowEnd", f"{name}_chromSize")
    )
    start, end = np.maximum(low, 0), np.minimum(high, contig)
    return np.stack([start - low, start, end - start, high - low, contig], axis=1)


def _text(ds: xr.Dataset, name: str) -> NDArray[np.object_]:
    """Give text that may be stored as labels."""
    return np.asarray(with_text_labels(ds, [name])[name].values, dtype=object)
