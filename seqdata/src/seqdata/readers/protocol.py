"""What a reader must answer. Strand, jitter, contig ends and order are the engine's business."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, get_args, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from seqpro import Ragged
from seqpro.checks import choice, whole_number

Statistic = Literal["sum", "mean", "max"]


@dataclass(frozen=True)
class RowBlock:
    """Some rows of a table or FASTA file.

    Parameters
    ----------
    sequences
        The letters of each row, one row after the other.
    columns
        Other columns by name, one value a row.
    """

    sequences: Ragged
    columns: dict[str, NDArray[Any]]


@runtime_checkable
class RowSource(Protocol):
    """A file whose rows are sequences."""

    def blocks(self) -> Iterator[RowBlock]:
        """Give the file's rows in order, some thousands at a time."""

    def files(self) -> list[str]:
        """Name the files that are read, for provenance."""


@dataclass(frozen=True)
class Axis:
    """An axis that a region source's values have before the positions.

    Parameters
    ----------
    dim
        Dimension; ``{v}`` stands for the variable's name.
    labels
        Name of each entry.
    """

    dim: str
    labels: tuple[str, ...]


@runtime_checkable
class RegionSource(Protocol):
    """A file with values along contigs. Must be picklable.

    A reader of tracks may also have ``bin_width`` (positions that the engine joins into one value, bp) and
    ``statistic`` (how it joins them), which `bins_of` gives. One whose rows with exons are more than the
    values of each exon may have a method ``spliced``, which gives what reads them, as `seqdata.VCF` has.
    """

    dtype: np.dtype[Any]
    fill: float
    """Value outside the contig, and where the file has none."""
    is_sequence: bool
    """Whether values are letters, to be complemented on the reverse strand."""

    def contigs(self) -> Mapping[str, int]:
        """Give each contig's length, bp."""

    def axes(self) -> tuple[Axis, ...]:
        """Give the axes before the positions."""

    def files(self) -> list[str]:
        """Name the files that are read, for provenance."""

    def read(
        self,
        contig: str,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        out: NDArray[Any],
        places: NDArray[np.int64],
    ) -> None:
        """Write the values of intervals that lie within one contig.

        Parameters
        ----------
        contig
            Name of the contig.
        starts, ends
            0-based half-open intervals, sorted by start, shape (n,).
        out
            Array to write into, shape (*axes, total); the intervals' places hold `fill`.
        places
            Where in `out` each interval's first value goes, shape (n,).
        """


class SampleReader:
    """What readers of one or several files with values along contigs share."""

    samples: tuple[str, ...]
    is_stranded: bool
    _paths: tuple[str, ...]
    _contigs: Mapping[str, int]

    def contigs(self) -> Mapping[str, int]:
        """Give each contig's length, bp."""
        return self._contigs

    def axes(self) -> tuple[Axis, ...]:
        """Samples, or groups of them, then strands if they are told apart."""
        samples = Axis("{v}_sample", self.samples)
        return (samples, Axis("_strand", ("+", "-"))) if self.is_stranded else (samples,)

    def files(self) -> list[str]:
        """Name the files, sample by sample."""
        return list(self._paths)


def bins_of(reader: RegionSource) -> tuple[int, Statistic]:
    """Give how many positions a reader's values are joined from, and how.

    Examples
    --------
    >>> import types
    >>> bins_of(types.SimpleNamespace(bin_width=128, statistic="sum")), bins_of(object())
    ((128, 'sum'), (1, 'mean'))
    """
    return getattr(reader, "bin_width", 1), getattr(reader, "statistic", "mean")


def check_bins(bin_width: int, statistic: Statistic) -> tuple[int, Statistic]:
    """Check how a reader wants its values binned.

    Examples
    --------
    >>> check_bins(128, "mean")
    (128, 'mean')
    """
    choice(statistic, "statistic", get_args(Statistic))
    return whole_number(bin_width, "bin_width", low=1), statistic


def shared_contigs(contigs: Mapping[str, Mapping[str, int]], kind: str) -> dict[str, int]:
    """Give the contigs that all files of a reader have, in the first one's order.

    Parameters
    ----------
    contigs
        Each file's contigs and their lengths, bp, by its path.
    kind
        What the files are, for the error.

    Raises
    ------
    ValueError
        If two files give one contig different lengths.

    Examples
    --------
    >>> shared_contigs({"a.bw": {"chr1": 9, "chr2": 5}, "b.bw": {"chr1": 9}}, "bigWig")
    {'chr1': 9}
    """
    first, *others = contigs.items()
    shared = dict(first[1])
    for path, found in others:
        for name in shared.keys() & found.keys():
            if shared[name] != found[name]:
                msg = (
                    f"{kind} files must agree on contigs; {Path(path).name} gives {name} {found[name]} bp, "
                    f"the files before it {shared[name]} bp. Are they of one genome?"
                )
                raise ValueError(msg)
        shared = {name: size for name, size in shared.items() if name in found}
    return shared
