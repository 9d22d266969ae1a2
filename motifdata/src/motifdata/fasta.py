"""Scan a FASTA file, or regions of a genome in one."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motifdata._layout import Strands
from motifdata.hits import CHUNK, Hits, Search, table_of
from motifdata.motif import PSEUDOCOUNT
from motifdata.motifset import Motifs
from seqpro import Ragged
from seqpro.places import Places, places_of

if TYPE_CHECKING:
    import pandas as pd

_SMALLEST = 64  # letters that the smallest record counts for: its row has a cost, too


def scan_fasta(
    path: str | os.PathLike[str],
    motifs: Motifs,
    *,
    regions: pd.DataFrame | None = None,
    pvalue: float = 1e-4,
    background: ArrayLike | None = None,
    pseudocount: float = PSEUDOCOUNT,
    strands: Strands = "both",
) -> pd.DataFrame:
    r"""Find every site in a FASTA file whose score is as rare as `pvalue` by chance.

    The file is read once, from its beginning to its end, a record at a time; it needs no index.

    Parameters
    ----------
    path
        FASTA file, plain or gzipped. A record's name is its header up to the first white space.
    motifs
        A motif, a set, or any iterable of motifs.
    regions
        Table with ``chrom``, ``chromStart`` and ``chromEnd`` (0-based, half-open), as `seqpro.bed.read_bed`
        gives; only sites that lie whole within a region are reported, once for each region that they are
        in. Strands of regions do not matter. By default all records are scanned.
    pvalue, background, pseudocount, strands
        As for `scan`.

    Returns
    -------
    Table of sites (rows) as `scan` gives it, with ``chrom``, the record's name, after ``row``. ``row``
    numbers the records of the file, or the regions; ``start`` and ``end`` are places on the record's
    forward strand. Rows are sorted by ``row`` first.

    Raises
    ------
    ValueError
        If the file is no FASTA file, a record with regions comes twice, a region lies on a record that the
        file does not have or passes its end, or an argument does not fit.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from motifdata.motif import Motif
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.fa")
    >>> _ = path.write_text(">chr1 first\nCCTGAC\nTCACC\n>chr2\nAAAA\n")
    >>> table = scan_fasta(path, Motif.from_consensus("TGACTCA", id="AP1"))
    >>> table[["chrom", "start", "end", "strand"]]
      chrom  start  end strand
    0  chr1      2    9      +
    """
    search = Search.of(motifs, pvalue, background, pseudocount, strands)
    file = Path(path)
    if regions is None:
        hits, names = _scan_records(file, search)
        chroms = np.array(names, dtype=object)
    else:
        places = places_of(regions, "regions")
        hits = _scan_regions(file, search, places)
        chroms = np.array(places.contigs, dtype=object)[places.codes]
    columns = hits.columns(search.motifs.ids)
    row = columns.pop("row")
    return table_of({"row": row, "chrom": chroms[row], **columns})


def records(path: Path) -> Iterator[tuple[str, bytes]]:
    r"""Give name and letters of each record of a FASTA file, plain or gzipped.

    Raises
    ------
    ValueError
        If the file does not begin with ``>`` or a record has no name.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.fa"); _ = path.write_text(">x first\nAC\nGT\n>y\nA\n")
    >>> list(records(path))
    [('x', b'ACGT'), ('y', b'A')]
    """
    name = ""
    lines: list[bytes] = []
    with _open(path) as stream:
        for number, line in enumerate(stream, 1):
            if line.startswith(b">"):
                if name:
                    yield name, b"".join(lines)
                name, lines = _name(path, number, line), []
            elif name:
                lines.append(line.strip())
            elif line.strip():
                msg = (
                    f"{path}, line {number}: a FASTA file must begin with '>'; found {line[:40]!r}"
                )
                raise ValueError(msg)
    if name:
        yield name, b"".join(lines)


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def _name(path: Path, number: int, line: bytes) -> str:
    words = line[1:].decode("utf-8", "replace").split(None, 1)
    if not words or line[1:2].isspace():
        msg = f"{path}, line {number}: a record must have a name after '>'; found {line[:40]!r}"
        raise ValueError(msg)
    return words[0]


def _scan_records(path: Path, search: Search) -> tuple[Hits, list[str]]:
    """Scan all records, short ones together; give their names as well."""
    parts, firsts = [], []
    names: list[str] = []
    waiting: list[bytes] = []
    room = CHUNK  # letters that are scanned together, at least one record's
    for name, letters in records(path):
        if waiting and len(letters) > room:
            parts.append(search.find(waiting))
            firsts.append(len(names) - len(waiting))
            waiting, room = [], CHUNK
        names.append(name)
        waiting.append(letters)
        room -= len(letters) + _SMALLEST
    parts.append(search.find(waiting))
    firsts.append(len(names) - len(waiting))
    return Hits.join(parts, firsts), names


def _scan_regions(path: Path, search: Search, places: Places) -> Hits:
    """Scan the regions of each record as it comes by, and put the sites in the regions' order."""
    parts = [search.find([])]
    code_of = {name: code for code, name in enumerate(places.contigs)}
    seen: set[str] = set()
    for name, letters in records(path):
        if name in seen:
            msg = f"{path}: a record with regions must come once; found {name!r} twice"
            raise ValueError(msg)
        if name in code_of:
            seen.add(name)
            own = np.flatnonzero(places.codes == code_of[name])
            parts.append(_in_regions(name, letters, own, places, search))
    missing = [name for name in places.contigs if name not in seen]
    if missing:
        msg = (
            f"regions must lie on records of {path}; found {missing[0]!r}, "
            f"{len(missing)} such contigs in all"
        )
        raise ValueError(msg)
    hits = Hits.join(parts, [0] * len(parts))
    order = np.argsort(hits.row, kind="stable")
    columns = ("row", "motif", "start", "end", "minus", "score", "pvalue")
    return replace(hits, **{column: getattr(hits, column)[order] for column in columns})


def _in_regions(
    name: str, letters: bytes, own: NDArray[np.intp], places: Places, search: Search
) -> Hits:
    """Scan those of the regions that lie on this record."""
    starts, ends = places.starts[own], places.ends[own]
    outside = np.flatnonzero((ends > len(letters)) | (starts < 0))
    if outside.size:
        i = outside[0]
        msg = (
            f"regions must lie within their records; found {name}:{starts[i]}-{ends[i]}, and {name} "
            f"has {len(letters)} letters. seqpro.bed.clip cuts regions to their contigs"
        )
        raise ValueError(msg)
    hits = search.find(Ragged(np.frombuffer(letters, np.uint8), starts, ends - starts))
    shift = starts[hits.row]
    return replace(
        hits, row=own[hits.row].astype(np.int64), start=hits.start + shift, end=hits.end + shift
    )
