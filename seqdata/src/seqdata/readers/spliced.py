"""Haplotypes of spliced rows: what a haplotype has of each exon, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqdata import _kernels
from seqdata.readers.policies import Policies
from seqdata.readers.variants import Run
from seqdata.windows import Windows, turn
from seqpro.parallel import run_blocks

_BLOCK = 4 << 20  # letters and records that are worth a thread


class SplicedHaplotypes:
    """A reader of whole spliced rows, whose exons' haplotypes have lengths of their own.

    A row has as many letters as its exons have reference bases: a haplotype that is longer is cut at the
    3' end, a shorter one filled there with N. Made by the method ``spliced`` of `seqdata.VCF` and of its
    positions.

    Parameters
    ----------
    policies
        The file, and how its genotypes are read.
    coordinates
        Whether to give the place on the contig of each letter, -1 where there is none, for the letter.

    Examples
    --------
    >>> SplicedHaplotypes(None, coordinates=True).fill
    -1
    """

    def __init__(self, policies: Policies, *, coordinates: bool) -> None:
        self.policies, self.coordinates = policies, coordinates
        self.dtype: np.dtype[Any] = np.dtype(np.int64 if coordinates else np.uint8)
        self.fill = -1 if coordinates else ord("N")

    def cut(self, windows: Windows, names: Mapping[str, str]) -> NDArray[Any]:
        """Read the values of rows, turned to 5' to 3', as `seqdata.windows.cut` does.

        Parameters
        ----------
        windows
            The rows.
        names
            The reader's name of each contig.

        Returns
        -------
        array of shape (n, samples, haplotypes, length) if all rows have one size, else
        (total, samples, haplotypes), row after row

        Raises
        ------
        ValueError
            As `seqdata.VCF` where it reads.
        """
        sizes = windows.sizes
        row_starts = np.cumsum(sizes) - sizes
        flat = np.full((self.policies.haplotypes, int(sizes.sum())), self.fill, self.dtype)
        for chrom in dict.fromkeys(windows.contigs.tolist()):
            rows = np.flatnonzero(windows.contigs == chrom)
            self._read(names[chrom], _chosen(windows, rows), flat, row_starts[rows])
        turn(flat, row_starts, sizes, windows.reverse, is_sequence=not self.coordinates)
        inner = tuple(len(axis.labels) for axis in self.policies.source.axes())
        if not windows.are_equal:
            return np.ascontiguousarray(flat.T).reshape(-1, *inner)
        whole = flat.reshape(*inner, len(windows), -1)
        return np.ascontiguousarray(np.moveaxis(whole, -2, 0))

    def _read(
        self, contig: str, windows: Windows, flat: NDArray[Any], row_starts: NDArray[np.int64]
    ) -> None:
        """Write the rows of one contig, in the order of the genome."""
        length = self.policies.source.reference.contigs()[contig]
        low, high = np.maximum(windows.starts, 0), np.minimum(windows.ends, length)
        inside = np.flatnonzero(high > low)
        order = inside[np.argsort(low[inside], kind="stable")]
        places = np.zeros(low.size, np.int64)
        written = np.zeros((len(flat), low.size), np.int64)
        parts, passed_over, total = list[NDArray[Any]](), np.zeros(2, np.int64), 0
        for run in self.policies.source.runs(contig, low[order], high[order], beyond=False):
            part = order[run.windows]
            room = high[part] - low[part] + _inserted(run, low[part], high[part])
            bounds = np.append(0, np.cumsum(room))
            values = np.empty((len(flat), bounds[-1]), self.dtype)
            found, sizes = (
                np.zeros((len(flat), 4), np.int64),
                np.empty((len(flat), part.size), np.int64),
            )
            self._write(run, low[part], high[part], bounds, values, sizes, found)
            passed_over += self.policies.checked(contig, run, found)
            places[part], written[:, part] = total + bounds[:-1], sizes
            parts.append(values)
            total += bounds[-1]
        self.policies.tell(contig, passed_over)
        pieces = np.concatenate(parts, axis=1) if parts else np.empty((len(flat), 0), self.dtype)
        self._join(windows, length, pieces, places, written, flat, row_starts)

    def _write(
        self,
        run: Run,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        bounds: NDArray[np.int64],
        values: NDArray[Any],
        sizes: NDArray[np.int64],
        found: NDArray[np.int64],
    ) -> None:
        """Write all haplotypes of the exons of a run, each as long as it is."""
        kernels, arguments = _kernels.haplotypes, self.policies.arguments(run)
        what = kernels.COORDINATES if self.coordinates else kernels.LETTERS

        def work(first: int, last: int) -> None:
            kernels.write_pieces(
                first, last, *arguments, starts, ends, bounds, values, sizes, what, found
            )

        cells = int(bounds[-1]) + len(run.records.positions)
        run_blocks(work, len(values), block=max(_BLOCK // cells, 1))

    def _join(
        self,
        windows: Windows,
        length: int,
        pieces: NDArray[Any],
        places: NDArray[np.int64],
        written: NDArray[np.int64],
        flat: NDArray[Any],
        row_starts: NDArray[np.int64],
    ) -> None:
        """Put the exons of each row together; what lies beyond the contig at the 5' end stays as it is."""
        before = np.maximum(np.minimum(windows.ends, 0) - windows.starts, 0)
        behind = np.maximum(windows.ends - np.maximum(windows.starts, length), 0)
        firsts = windows.bounds[:-1]
        room = np.stack([np.add.reduceat(before, firsts), np.add.reduceat(behind, firsts)], axis=1)
        reverse = windows.reverse
        kept = np.stack([room[:, 0], windows.sizes - room[:, 1]], axis=1)
        kept[reverse, 0], kept[~reverse, 1] = 0, windows.sizes[~reverse]
        join = _kernels.haplotypes.join_pieces

        def work(first: int, last: int) -> None:
            join(
                first,
                last,
                pieces,
                places,
                written,
                windows.bounds,
                kept,
                ~reverse,
                flat,
                row_starts,
            )

        run_blocks(work, len(flat), block=max(_BLOCK // max(int(windows.sizes.sum()), 1), 1))


def _chosen(windows: Windows, rows: NDArray[np.intp]) -> Windows:
    """Give some of the rows."""
    counts = np.diff(windows.bounds)[rows]
    bounds = np.append(0, np.cumsum(counts))
    pieces = np.repeat(windows.bounds[rows] - bounds[:-1], counts) + np.arange(bounds[-1])
    return Windows(
        windows.contigs[rows],
        windows.reverse[rows],
        bounds,
        windows.starts[pieces],
        windows.ends[pieces],
    )


def _inserted(run: Run, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Most letters that variants can add to each interval."""
    r = run.records
    longest = np.zeros(len(r.positions) + 1, np.int64)
    record = np.repeat(np.arange(len(r.positions)), np.diff(r.first))
    np.maximum.at(
        longest, record, np.maximum(r.alleles[:, 3] - r.alleles[:, 1] + r.alleles[:, 0], 0)
    )
    total = np.append(0, np.cumsum(longest[:-1]))
    first = np.searchsorted(np.maximum.accumulate(r.ends), starts, side="right")
    last = np.searchsorted(r.positions, ends, side="right")
    return total[np.maximum(first, last)] - total[first]
