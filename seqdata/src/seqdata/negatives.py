"""Negative regions: windows of a genome that are like given regions in length and GC content."""

from __future__ import annotations

import bisect
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seqdata.readers.protocol import RegionSource
from seqdata.regions import read_regions
from seqpro import bed, gc_content
from seqpro.checks import flag, real_number, shown, whole_number

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)

_CANDIDATES = (16, 2048)  # fewest and most places tried for each region in a round
_TRIED = 1 << 24  # letters read in a round, if that allows as many places
_CLOSE = 0.005  # difference in GC content that is accepted first
_ROUNDS = 6  # rounds before the difference that is accepted doubles
_LAST = 16  # further rounds with the whole tolerance before giving up
_LETTERS = 16 << 20  # letters held at a time
_GENOME = "genome"  # name of the line on which all contigs lie end to end


@dataclass(frozen=True)
class GCMatched:
    """Negatives that are random windows of the genome, each like one region in length and GC content.

    Parameters
    ----------
    ratio
        Negatives for each region.
    exclude
        Path of a BED file, or a table, of intervals to stay clear of, such as a blacklist.
    tolerance
        Most that a negative's GC content differs from its region's, 0 to 1. Places that differ by
        0.005 are looked for first, then by twice as much, and so on, so that few come near to it.
    contigs
        Contigs to draw from and whose regions are matched; None for those of the regions.
    same_contig
        Whether a negative lies on the contig of its region, which keeps splits by contig balanced.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> import seqdata as sd
    >>> sd.GCMatched(ratio=2.0).tolerance
    0.2
    """

    ratio: float = 1.0
    exclude: str | os.PathLike[str] | pd.DataFrame | None = None
    tolerance: float = 0.2
    contigs: Sequence[str] | None = None
    same_contig: bool = True

    def __post_init__(self) -> None:
        if real_number(self.ratio, "ratio", low=0) == 0 or not np.isfinite(self.ratio):
            msg = f"ratio must be a number above 0; found {self.ratio}"
            raise ValueError(msg)
        real_number(self.tolerance, "tolerance", low=0, high=1)
        flag(self.same_contig, "same_contig")
        if isinstance(self.contigs, str):
            msg = f"contigs must be several names; found the text {self.contigs!r}. Pass a list"
            raise ValueError(msg)

    def regions(
        self, regions: str | os.PathLike[str] | pd.DataFrame, genome: RegionSource, *, seed: int
    ) -> pd.DataFrame:
        """Draw the negatives of given regions, as `gc_matched_regions` does."""
        return gc_matched_regions(
            regions,
            genome,
            ratio=self.ratio,
            exclude=self.exclude,
            tolerance=self.tolerance,
            contigs=self.contigs,
            same_contig=self.same_contig,
            seed=seed,
        )


def gc_matched_regions(
    regions: str | os.PathLike[str] | pd.DataFrame,
    genome: RegionSource,
    *,
    ratio: float = 1.0,
    exclude: str | os.PathLike[str] | pd.DataFrame | None = None,
    tolerance: float = 0.2,
    contigs: Sequence[str] | None = None,
    same_contig: bool = True,
    seed: int = 0,
) -> pd.DataFrame:
    r"""Draw random windows of a genome that have the lengths and GC contents of given regions.

    Windows overlap no region, nothing excluded, no letter but A, C, G and T (in either case), and no
    other window. Of some random places for each region, each equally likely, the free one nearest
    in GC content is taken; the largest distance between the two distributions of GC content
    (Kolmogorov-Smirnov) is logged.

    Parameters
    ----------
    regions
        Path of a BED-like file or a table, as `seqdata.build` takes. Resize them first, as negatives have
        the length of their regions.
    genome
        Reader of the sequence, such as ``GenomeFASTA("hg38.fa")``. It is read once for its gaps.
    ratio
        Negatives for each region; regions are matched in turn, in random order.
    exclude
        Path of a BED-like file, or a table, of intervals to stay clear of.
    tolerance
        Most that a negative's GC content differs from its region's, 0 to 1. Places that differ by
        0.005 are looked for first, then by twice as much, and so on, so that few come near to it.
    contigs
        Contigs to draw from and whose regions are matched; None for those of the regions.
    same_contig
        Whether a negative lies on the contig of its region; False draws from all `contigs`.
    seed
        Decides the places. The same seed gives the same negatives.

    Returns
    -------
    DataFrame with a row for each negative: ``chrom chromStart chromEnd``, ``strand`` (its region's), ``gc``
    (0 to 1), and ``region``, the row of the region that it matches

    Raises
    ------
    TypeError
        If `genome` is no reader.
    ValueError
        If an argument is out of range, contigs do not fit, no region has letters, or there is no
        room for so many negatives.

    Examples
    --------
    >>> import pathlib, tempfile, pandas as pd, seqdata as sd
    >>> path = pathlib.Path(tempfile.mkdtemp(), "g.fa"); _ = path.write_text(">chr1\n" + "ACGT" * 50 + "\n")
    >>> region = pd.DataFrame({"chrom": ["chr1"], "chromStart": [80], "chromEnd": [120]})
    >>> found = sd.gc_matched_regions(region, sd.GenomeFASTA(path), ratio=2, tolerance=0.1)
    >>> (found["chromEnd"] - found["chromStart"]).tolist(), found["gc"].tolist()
    ([40, 40], [0.5, 0.5])
    """
    import pandas as pd

    plan = GCMatched(ratio, exclude, tolerance, contigs, same_contig)
    whole_number(seed, "seed", low=0)
    if not isinstance(genome, RegionSource):
        msg = f"genome must be a reader such as seqdata.GenomeFASTA('genome.fa'); found {shown(genome)}"
        raise TypeError(msg)
    table = _read_places(regions)
    sizes = _sizes(table, genome, plan.contigs)
    gc = _gc_of_regions(table, genome)
    taken = pd.concat([table, _excluded(exclude, genome), _gaps(genome, sizes)])
    taken = taken[taken["chrom"].isin(list(sizes))][["chrom", "chromStart", "chromEnd"]]
    rng = np.random.default_rng(seed)
    matched = _matched_rows(table, gc, sizes, plan.ratio, rng)
    wanted = table.iloc[matched].reset_index(drop=True)
    _check_room(wanted, sizes, taken, plan)
    starts, names, found_gc = _draw(wanted, gc[matched], genome, sizes, taken, plan, rng)
    lengths = (wanted["chromEnd"] - wanted["chromStart"]).to_numpy(dtype=np.int64)
    negatives = {
        "chrom": names,
        "chromStart": starts,
        "chromEnd": starts + lengths,
        "strand": wanted["strand"].to_numpy(dtype=object),
        "gc": found_gc,
        "region": matched,
    }
    _log.info(
        "%d negatives for %d regions; GC contents differ by %.4f at most, and their distributions by %.4f "
        "(Kolmogorov-Smirnov)",
        len(matched), len(table), np.abs(gc[matched] - found_gc).max(),
        ks_distance(gc[matched], found_gc),
    )  # fmt: skip
    return pd.DataFrame(negatives)


def ks_distance(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Give the largest difference between two samples' cumulative distributions, 0 to 1.

    Examples
    --------
    >>> ks_distance(np.array([0.1, 0.2]), np.array([0.2, 0.3]))
    0.5
    """
    places = np.concatenate([first, second])
    shares = [np.searchsorted(np.sort(v), places, side="right") / v.size for v in (first, second)]
    return float(np.abs(shares[0] - shares[1]).max(initial=0.0))


def _read_places(regions: str | os.PathLike[str] | pd.DataFrame) -> pd.DataFrame:
    """Read regions; summits, scores and names play no part."""
    if isinstance(regions, str | os.PathLike):
        return read_regions(regions)
    return read_regions(regions.drop(columns=["summit", "score", "name"], errors="ignore"))


def _sizes(
    table: pd.DataFrame, genome: RegionSource, contigs: Sequence[str] | None
) -> dict[str, int]:
    """Give the lengths of the contigs to draw from."""
    known = genome.contigs()
    for name in (*table["chrom"].unique(), *(contigs or ())):
        if name not in known:
            listed = ", ".join(list(known)[:5])
            msg = (
                f"contigs of regions must be in the genome; it has no {name!r} (only {listed} ...)"
            )
            raise ValueError(msg)
    chosen = contigs if contigs is not None else tuple(table["chrom"].unique())
    return {name: int(size) for name, size in known.items() if name in chosen}


def _excluded(
    exclude: str | os.PathLike[str] | pd.DataFrame | None, genome: RegionSource
) -> pd.DataFrame:
    import pandas as pd

    if exclude is None:
        return pd.DataFrame({"chrom": [], "chromStart": [], "chromEnd": []}).astype(
            {"chrom": object, "chromStart": np.int64, "chromEnd": np.int64}
        )
    table = bed.read_bed(exclude) if isinstance(exclude, str | os.PathLike) else exclude
    if len(table) and not table["chrom"].isin(list(genome.contigs())).any():
        msg = (
            f"exclude must name contigs of the genome; found {table['chrom'].iloc[0]!r}, and the genome has "
            f"{next(iter(genome.contigs()))!r}. Rename them"
        )
        raise ValueError(msg)
    return table


def _read(
    genome: RegionSource, contig: str, starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Read intervals of one contig, sorted by start, one after the other."""
    sizes = ends - starts
    letters = np.full(int(sizes.sum()), ord("N"), np.uint8)
    if letters.size:
        genome.read(contig, starts, ends, letters, np.cumsum(sizes) - sizes)
    return letters


def _gaps(genome: RegionSource, sizes: Mapping[str, int]) -> pd.DataFrame:
    """Find the runs of letters other than A, C, G and T."""
    import pandas as pd

    known = np.zeros(256, dtype=bool)
    known[np.frombuffer(b"ACGTacgt", np.uint8)] = True
    found: list[tuple[str, int, int]] = []
    for contig, size in sizes.items():
        for low in range(0, size, _LETTERS):
            high = min(low + _LETTERS, size)
            letters = _read(genome, contig, np.array([low]), np.array([high]))
            edges = np.flatnonzero(np.diff(known[letters], prepend=True, append=True)) + low
            found += [
                (contig, int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)
            ]
    return pd.DataFrame(found, columns=["chrom", "chromStart", "chromEnd"])


def _gc(
    genome: RegionSource,
    contigs: NDArray[np.object_],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Give the share of G and C among the known letters of intervals that lie on their contigs."""
    import pandas as pd

    gc = np.full(starts.size, np.nan)
    numbers, names = pd.factorize(contigs)
    order = np.lexsort((starts, numbers))
    bounds = np.cumsum(np.bincount(numbers, minlength=len(names)))
    for contig, rows in zip(
        names, np.split(order, bounds[:-1]), strict=False
    ):  # no contig, no rows
        for part in _parts(rows, ends - starts):
            letters = _read(genome, contig, starts[part], ends[part])
            gc[part] = _shares(letters, (ends - starts)[part])
    return gc


def _parts(rows: NDArray[np.intp], sizes: NDArray[np.int64]) -> Iterator[NDArray[np.intp]]:
    """Cut rows into parts of some millions of letters."""
    numbers = np.cumsum(sizes[rows]) // _LETTERS
    yield from np.split(rows, np.flatnonzero(np.diff(numbers)) + 1)


def _shares(letters: NDArray[np.uint8], sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    from seqpro import Ragged

    if sizes.size and (sizes == sizes[0]).all() and sizes[0]:
        return gc_content(letters.reshape(sizes.size, -1).view("S1"), by="valid")
    return gc_content(Ragged.from_sizes(letters, sizes), by="valid")


def _gc_of_regions(table: pd.DataFrame, genome: RegionSource) -> NDArray[np.float64]:
    lengths = table["chrom"].map(dict(genome.contigs())).to_numpy(dtype=np.int64)
    starts = np.clip(table["chromStart"].to_numpy(dtype=np.int64), 0, lengths)
    ends = np.clip(table["chromEnd"].to_numpy(dtype=np.int64), starts, lengths)
    return _gc(genome, table["chrom"].to_numpy(dtype=object), starts, ends)


def _matched_rows(
    table: pd.DataFrame,
    gc: NDArray[np.float64],
    sizes: Mapping[str, int],
    ratio: float,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Choose the region that each negative is to match: all equally often, in random order."""
    usable = np.flatnonzero(table["chrom"].isin(list(sizes)).to_numpy() & ~np.isnan(gc))
    if not usable.size:
        msg = f"regions must have letters on contigs {', '.join(list(sizes)[:5])}; found none that has"
        raise ValueError(msg)
    if usable.size < len(table):
        _log.warning(
            "%d regions have no letters on the contigs and are not matched",
            len(table) - usable.size,
        )
    n = max(1, round(ratio * usable.size))
    rounds = -(-n // usable.size)
    return np.concatenate([rng.permutation(usable) for _ in range(rounds)])[:n].astype(np.int64)


def _check_room(
    wanted: pd.DataFrame, sizes: Mapping[str, int], taken: pd.DataFrame, plan: GCMatched
) -> None:
    """Refuse at once what cannot fit, in place of trying for long."""
    barred = bed.clip(bed.merge(taken), sizes)
    lengths = wanted["chromEnd"] - wanted["chromStart"]
    needed = lengths.groupby(wanted["chrom"]).sum().to_dict()
    free = {name: size - _bases(barred[barred["chrom"] == name]) for name, size in sizes.items()}
    if not plan.same_contig:
        needed, free = {"genome": sum(needed.values())}, {"genome": sum(free.values())}
    for name, bases in needed.items():
        if bases > free[name]:
            msg = (
                f"there must be room for {len(wanted):,} negatives; they need {bases:,} bp on {name}, of "
                f"which {free[name]:,} bp are free. Lower ratio, or pass same_contig=False"
            )
            raise ValueError(msg)


def _bases(table: pd.DataFrame) -> int:
    return int((table["chromEnd"] - table["chromStart"]).sum())


def _draw(
    wanted: pd.DataFrame,
    gc: NDArray[np.float64],
    genome: RegionSource,
    sizes: Mapping[str, int],
    taken: pd.DataFrame,
    plan: GCMatched,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.object_], NDArray[np.float64]]:
    """Find a place for each negative, in rounds: those that find none try other random places."""
    n = len(wanted)
    starts, names = np.full(n, -1, dtype=np.int64), np.full(n, "", dtype=object)
    found_gc, chosen = np.full(n, np.nan), _Chosen()
    lengths = (wanted["chromEnd"] - wanted["chromStart"]).to_numpy(dtype=np.int64)
    open_rows = np.arange(n)
    for accepted in _accepted(plan.tolerance):
        if not open_rows.size:
            return starts, names, found_gc
        tries = int(np.clip(_TRIED // max(1, lengths[open_rows].sum()), *_CANDIDATES))
        rows = np.repeat(open_rows, tries)
        contigs, places = _candidates(wanted.iloc[rows], sizes, taken, plan.same_contig, rng)
        candidate_gc = _gc(genome, contigs, places, places + lengths[rows])
        distance = np.abs(candidate_gc - gc[rows]).reshape(-1, tries)
        for i, row in enumerate(open_rows):
            for k in np.argsort(distance[i], kind="stable"):
                place = i * tries + int(k)
                if distance[i, k] > accepted:
                    break
                if chosen.add(contigs[place], int(places[place]), int(lengths[row])):
                    starts[row], names[row] = places[place], contigs[place]
                    found_gc[row] = candidate_gc[place]
                    break
        open_rows = open_rows[starts[open_rows] < 0]
    if open_rows.size:
        _refuse(wanted, gc, open_rows, plan)
    return starts, names, found_gc


def _accepted(tolerance: float) -> Iterator[float]:
    """Give the difference in GC content that each round accepts: little at first."""
    accepted = min(_CLOSE, tolerance)
    while accepted < tolerance:
        for _ in range(_ROUNDS):
            yield accepted
        accepted *= 2
    for _ in range(_LAST):
        yield tolerance


def _refuse(
    wanted: pd.DataFrame, gc: NDArray[np.float64], left: NDArray[np.intp], plan: GCMatched
) -> None:
    chrom, start, end = (wanted[c].iloc[left[0]] for c in ("chrom", "chromStart", "chromEnd"))
    msg = (
        f"there must be room for {len(wanted)} negatives; found none for {left.size}, such as one like "
        f"{chrom}:{start}-{end} ({end - start} bp, GC {gc[left[0]]:.3f} within {plan.tolerance}). Raise "
        "tolerance, lower ratio, shorten the regions, or pass same_contig=False"
    )
    raise ValueError(msg)


class _Chosen:
    """The windows that were taken, by contig, none overlapping another."""

    def __init__(self) -> None:
        self._starts: dict[str, list[int]] = {}
        self._ends: dict[str, list[int]] = {}

    def add(self, contig: str, start: int, length: int) -> bool:
        """Take a window if it is free."""
        starts, ends = self._starts.setdefault(contig, []), self._ends.setdefault(contig, [])
        place = bisect.bisect_right(starts, start)
        if place and ends[place - 1] > start:
            return False
        if place < len(starts) and starts[place] < start + length:
            return False
        starts.insert(place, start)
        ends.insert(place, start + length)
        return True


def _candidates(
    wanted: pd.DataFrame,
    sizes: Mapping[str, int],
    taken: pd.DataFrame,
    same_contig: bool,
    rng: np.random.Generator,
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Draw a random free place for each row, on its contig or on all of them laid end to end."""
    table = wanted[["chrom", "chromStart", "chromEnd"]]
    if same_contig:
        moved = bed.shuffle(table, sizes, exclude=taken, rng=rng)
        return moved["chrom"].to_numpy(dtype=object), moved["chromStart"].to_numpy(dtype=np.int64)
    import pandas as pd

    names = np.array(list(sizes), dtype=object)
    widths = (
        np.array(list(sizes.values()), dtype=np.int64) + 1
    )  # a base between contigs, never covered
    begins = np.cumsum(widths) - widths
    offsets = dict(zip(names, begins.tolist(), strict=True))
    shift = taken["chrom"].map(offsets)
    barred = pd.DataFrame(
        {
            "chrom": _GENOME,
            "chromStart": np.concatenate([taken["chromStart"] + shift, begins + widths - 1]),
            "chromEnd": np.concatenate([taken["chromEnd"] + shift, begins + widths]),
        }
    )
    line = {_GENOME: int(widths.sum())}
    moved = bed.shuffle(table.assign(chrom=_GENOME), line, exclude=barred, rng=rng)
    places = moved["chromStart"].to_numpy(dtype=np.int64)
    number = np.searchsorted(begins, places, side="right") - 1
    return names[number], places - begins[number]
