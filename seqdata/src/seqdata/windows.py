"""Windows along contigs, and the one way in which values are cut out for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import seqpro as sp
from seqdata.readers.protocol import RegionSource, bins_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Windows:
    """Rows to cut out: each has one piece of a contig or, where it is spliced, several.

    Parameters
    ----------
    contigs
        Contig of each row, shape (n,); as a Categorical, they are sorted by contig sooner.
    reverse
        True for rows that are read 3' to 5' and turned, shape (n,).
    bounds
        Row i has the pieces ``bounds[i]`` to ``bounds[i + 1]``, shape (n + 1,).
    starts, ends
        0-based half-open pieces, in the order of the genome within a row, shape (pieces,); they may pass
        the ends of the contig.

    Examples
    --------
    >>> windows = Windows(np.array(["c", "c"], object), np.array([False, True]),
    ...                   np.array([0, 2, 3]), np.array([0, 8, 4]), np.array([2, 9, 9]))
    >>> windows.sizes.tolist(), windows.are_equal, windows[1:].starts.tolist()
    ([3, 5], False, [4])
    """

    contigs: NDArray[np.object_] | pd.Categorical
    reverse: NDArray[np.bool_]
    bounds: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.contigs)

    def __getitem__(self, rows: slice) -> Windows:
        first, last, _ = rows.indices(len(self))
        bounds = self.bounds[first : last + 1]
        pieces = slice(bounds[0], bounds[-1])
        return Windows(
            self.contigs[rows],
            self.reverse[rows],
            bounds - bounds[0],
            self.starts[pieces],
            self.ends[pieces],
        )

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Positions of each row, shape (n,)."""
        total = np.concatenate([[0], np.cumsum(self.ends - self.starts)])
        return np.diff(total[self.bounds])

    @property
    def are_equal(self) -> bool:
        """Whether all rows have one size."""
        sizes = self.sizes
        return bool((sizes == sizes[0]).all())


def cut(reader: RegionSource, windows: Windows, names: Mapping[str, str]) -> NDArray[Any]:
    r"""Read the values of windows, turned to 5' to 3'.

    Parameters
    ----------
    reader
        Where the values come from.
    windows
        What to read. What lies beyond a contig is the reader's fill.
    names
        The reader's name of each contig.

    Returns
    -------
    array of `binned_type`, shape (n, *axes, bins) if all windows have one size, else
    (total bins, *axes), row after row

    Raises
    ------
    OverflowError
        If a sum over a bin passes what the reader's type can hold.

    Examples
    --------
    >>> import pathlib, tempfile, seqdata as sd
    >>> path = pathlib.Path(tempfile.mkdtemp(), "g.fa"); _ = path.write_text(">c\nAACCG\n")
    >>> windows = Windows(np.array(["c"], object), np.array([True]), np.array([0, 2]),
    ...                   np.array([0, 4]), np.array([2, 6]))
    >>> cut(sd.GenomeFASTA(path), windows, {"c": "c"}).tobytes()
    b'NCTT'
    """
    inner = tuple(len(axis.labels) for axis in reader.axes())
    flat = np.empty((*inner, int(windows.sizes.sum())), reader.dtype)
    cut_into(reader, windows, names, flat)
    binned = _binned(reader, flat)
    if not windows.are_equal:
        return np.ascontiguousarray(np.moveaxis(binned, -1, 0))
    return np.ascontiguousarray(np.moveaxis(binned.reshape(*inner, len(windows), -1), -2, 0))


def cut_into(
    reader: RegionSource, windows: Windows, names: Mapping[str, str], flat: NDArray[Any]
) -> None:
    r"""Read the values of windows, position by position and row after row, turned to 5' to 3'.

    Parameters
    ----------
    reader, windows, names
        As in `cut`.
    flat
        Array of the reader's type to fill, shape (*axes, total positions).

    Examples
    --------
    >>> import pathlib, tempfile, seqdata as sd
    >>> path = pathlib.Path(tempfile.mkdtemp(), "g.fa"); _ = path.write_text(">c\nAACCG\n")
    >>> windows = Windows(np.array(["c"], object), np.array([True]), np.array([0, 1]),
    ...                   np.array([2]), np.array([6]))
    >>> flat = np.empty(4, np.uint8); cut_into(sd.GenomeFASTA(path), windows, {"c": "c"}, flat)
    >>> flat.tobytes()
    b'NCGG'
    """
    sizes = windows.sizes
    flat[...] = reader.fill
    for contig, low, high, places in _on_contigs(reader, windows, names):
        reader.read(contig, low, high, flat, places)
    dims = [axis.dim for axis in reader.axes()]
    turn(
        flat,
        np.cumsum(sizes) - sizes,
        sizes,
        windows.reverse,
        is_sequence=reader.is_sequence,
        strand=dims.index("_strand") if "_strand" in dims else None,
    )


def binned_type(reader: RegionSource) -> np.dtype[Any]:
    """Give the type of what `cut` reads: the reader's own; float32 for means over bins of counts.

    Examples
    --------
    >>> import types
    >>> counts = types.SimpleNamespace(dtype=np.dtype("uint16"), bin_width=8, statistic="mean")
    >>> binned_type(counts)
    dtype('float32')
    """
    bin_width, statistic = bins_of(reader)
    if bin_width > 1 and statistic == "mean":
        return np.dtype(np.float32)
    return np.dtype(reader.dtype)


def _on_contigs(
    reader: RegionSource, windows: Windows, names: Mapping[str, str]
) -> Iterator[tuple[str, NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    """Pieces on each contig, sorted by start, cut to the contig, with their places in the flat values."""
    import pandas as pd

    sizes = windows.ends - windows.starts
    codes, contigs = pd.factorize(windows.contigs)
    lengths = reader.contigs()
    ends = np.array([lengths[names[contig]] for contig in contigs], np.int64)
    codes = np.repeat(codes, np.diff(windows.bounds))
    low, high = np.maximum(windows.starts, 0), np.minimum(windows.ends, ends[codes])
    places = np.cumsum(sizes) - sizes + low - windows.starts
    order = np.lexsort((low, codes))
    order = order[(high > low)[order]]
    bounds = np.searchsorted(codes[order], np.arange(contigs.size + 1))
    for contig, (first, last) in zip(contigs, pairwise(bounds.tolist()), strict=True):
        chosen = order[first:last]
        if chosen.size:
            yield names[contig], low[chosen], high[chosen], places[chosen]


def turn(
    flat: NDArray[Any],
    starts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    reverse: NDArray[np.bool_],
    *,
    is_sequence: bool,
    strand: int | None = None,
) -> None:
    """Turn the rows to be reversed, in place: letters are complemented, strands exchanged.

    Parameters
    ----------
    flat
        Values row after row, shape (*axes, total positions).
    starts, sizes
        Where each row lies, shape (n,).
    reverse
        True for rows to be turned, shape (n,).
    is_sequence
        Whether values are letters.
    strand
        Number of the axis of strands.

    Examples
    --------
    >>> flat = np.frombuffer(b"AACGT", np.uint8).copy()
    >>> turn(flat, np.array([0, 2]), np.array([2, 3]), np.array([True, False]), is_sequence=True)
    >>> flat.tobytes()
    b'TTCGT'
    """
    if not reverse.any():
        return
    if is_sequence:
        for row in flat.reshape(-1, flat.shape[-1]):
            turned = sp.reverse_complement(sp.Ragged(row, starts, sizes), sp.DNA, mask=reverse)
            row[...] = turned.values
        return
    for i in np.flatnonzero(reverse):
        row = flat[..., starts[i] : starts[i] + sizes[i]]
        turned = row[..., ::-1] if strand is None else np.flip(row, axis=(strand, -1))
        row[...] = turned.copy()


def _binned(reader: RegionSource, flat: NDArray[Any]) -> NDArray[Any]:
    """Join positions into bins; no window begins within a bin of another."""
    bin_width, statistic = bins_of(reader)
    if bin_width == 1:
        return flat
    binned = sp.bin_coverage(flat, bin_width, statistic=statistic)
    dtype = binned_type(reader)
    if dtype.kind in "iu" and binned.size and binned.max() > np.iinfo(dtype).max:
        msg = (
            f"a bin of {bin_width} bp must fit into {dtype}; found a sum of {binned.max()} in "
            f"{reader.files()[0]}. Give the reader a wider dtype"
        )
        raise OverflowError(msg)
    return binned.astype(dtype, copy=False)
