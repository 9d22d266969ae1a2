"""Fragment files of single-cell and bulk ATAC-seq: cut sites and coverage, by group of cells."""

from __future__ import annotations

import gzip
import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, NoReturn

import numpy as np
from numpy.typing import NDArray

from seqdata import _kernels
from seqdata.readers.arguments import keep_arguments
from seqdata.readers.linear_index import LinearIndex, find_or_make_index, read_index, scan
from seqdata.readers.painting import (
    File,
    Near,
    count_type,
    named_files,
    shift_pair,
    write_windows,
)
from seqdata.readers.protocol import SampleReader, Statistic, check_bins
from seqpro.bed import read_contig_sizes
from seqpro.checks import choice, flag

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)

_COUNTS = {"cut_sites": 2, "fragments": 3}  # as the kernels number them
_HELD = 200_000_000  # most fragments of files without an index that are held in memory
_LINES = 1_000_000  # lines read at a time
_BGZIP = b"\x1f\x8b\x08\x04"
_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


@dataclass(frozen=True)
class _Held:
    """Fragments of one contig in memory, sorted by start."""

    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    groups: NDArray[np.int32]
    weights: NDArray[np.int32]
    longest: int


class Fragments(SampleReader):
    r"""Counts of sequenced fragments, from files with one fragment a line.

    Columns are contig, start and end (0-based, half-open), then barcode and number of reads in files
    such as 10x Genomics' ``fragments.tsv.gz``; a BED file of three columns will do where neither is
    needed. Comments begin with ``#``. ``count`` says what a fragment adds:

    - ``"cut_sites"``: 1 at its first base and 1 at its last one, moved by `shift`.
    - ``"fragments"``: 1 to each of its bases.

    Files that are compressed with bgzip are read where windows are, through a tabix index, which is
    made beside the file where that is possible. All others are read whole when first asked for and
    held in memory: 16 bytes a fragment, 200,000,000 fragments at most.

    Parameters
    ----------
    files
        One path, or a mapping of sample name to path. A single path is a sample named for its file,
        up to the first dot.
    contig_sizes
        Length of each contig, bp, by name, or the path of a ``chrom.sizes`` or ``.fai`` file: fragment
        files do not say. Contigs without fragments count zero.
    count
        What is counted.
    stranded
        Whether left cut sites (on +) and right ones (on -) are counted apart, on an axis ``_strand``.
    groups
        Group of each barcode, as a mapping or as a file of two columns without a header (barcode and
        group, with a comma between them if its name ends in ``.csv``, else a tab). Groups take the
        samples' place on the axis, in the order in which they first come; fragments of other barcodes
        are not counted, and their number is logged once. None counts all fragments.
    weights
        Whether a fragment counts as often as its fifth column says, its number of reads.
    shift
        What is added to left and to right cut sites, bp. 10x Genomics' files are shifted already.
    dtype
        ``"uint32"``, ``"uint16"``, ``"uint8"`` or ``"float32"``.
    bin_width
        Positions that are joined into one value, bp; must divide the length of every window.
    statistic
        ``"sum"``, ``"mean"`` (float32) or ``"max"`` of the positions of a bin.

    Raises
    ------
    FileNotFoundError
        If a file is not there.
    ValueError
        If a bgzipped file is cut short, no contig of a file is in `contig_sizes`, a barcode has two
        groups, or an argument does not fit the others. While reading, if a line is no fragment or passes
        its contig's end (the message shows it), a count is too large for `dtype`, or too many fragments
        would be held in memory.

    Examples
    --------
    >>> import pathlib, tempfile, pandas as pd, seqdata as sd
    >>> path = pathlib.Path(tempfile.mkdtemp(), "fragments.tsv")
    >>> _ = path.write_text("chr1\t1\t4\tAC\t2\nchr1\t2\t6\tGT\t1\n")
    >>> region = pd.DataFrame({"chrom": ["chr1"], "chromStart": [0], "chromEnd": [7]})
    >>> cells = sd.Fragments(path, contig_sizes={"chr1": 9}, groups={"GT": "neuron", "AC": "glia"})
    >>> sd.build(region, cuts=cells)["cuts"].values.tolist()
    [[[0, 0, 1, 0, 0, 1, 0], [0, 1, 0, 1, 0, 0, 0]]]
    """

    fill = 0.0
    is_sequence = False

    @keep_arguments
    def __init__(
        self,
        files: File | Mapping[str, File],
        *,
        contig_sizes: File | Mapping[str, int],
        count: Literal["cut_sites", "fragments"] = "cut_sites",
        stranded: bool = False,
        groups: File | Mapping[str, str] | None = None,
        weights: bool = False,
        shift: tuple[int, int] = (0, 0),
        dtype: Any = "uint32",
        bin_width: int = 1,
        statistic: Statistic = "sum",
    ) -> None:
        self.count = choice(count, "count", tuple(_COUNTS))
        self.is_stranded = flag(stranded, "stranded")
        if self.is_stranded and count == "fragments":
            msg = "stranded must be False for count='fragments', which have no strand; found True"
            raise ValueError(msg)
        self.is_weighted = flag(weights, "weights")
        self.shift = shift_pair(shift, is_used=count == "cut_sites")
        self._farthest = int(np.abs(self.shift).max())
        self.dtype: np.dtype[Any] = count_type(dtype)
        self.bin_width, self.statistic = check_bins(bin_width, statistic)
        paths = named_files(files, "fragment file")
        self._paths = tuple(paths.values())
        self._contigs = _sizes(contig_sizes)
        self.samples = tuple(paths)
        self._group_of: dict[str, int] | None = None
        if groups is not None:
            if len(paths) > 1:
                msg = (
                    f"groups need a single file, whose barcodes they name; found {len(paths)} files"
                )
                raise ValueError(msg)
            self.samples, self._group_of = _numbered(groups)
        self._barcodes, self._groups = _sorted_words(self._group_of or {})
        self._indexes = [_index(path) for path in self._paths]
        self._held: dict[str, dict[str, _Held]] = {}
        self._warned: set[str] = set()
        for path, index in zip(self._paths, self._indexes, strict=True):
            self._check_first_line(path)
            if index is not None:
                self._check_contigs(path, index.names)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what was read: other processes read it anew."""
        return self.__dict__ | {"_held": {}, "_warned": set()}

    def read(
        self,
        contig: str,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        out: NDArray[Any],
        places: NDArray[np.int64],
    ) -> None:
        """Write the counts of intervals within one contig, near ones in one go."""
        rows = out.reshape(len(self._paths), -1, out.shape[-1])
        for number, path in enumerate(self._paths):
            is_held = self._indexes[number] is None
            if is_held and path not in self._held:
                self._held[path] = self._hold(path)
            count = self._paint_held if is_held else self._paint_lines
            paint = partial(count, number, contig)
            tally = write_windows(
                paint, path, starts, ends, rows[number], places, is_near=self._near(number, contig),
                is_span=self.count == "fragments", where=f"{Path(path).name}, {contig}",
            )  # fmt: skip
            self._warn(path, contig, tally)

    def _near(self, number: int, contig: str) -> Near:
        index = self._indexes[number]
        if index is None or contig not in index.names:
            return lambda ends, starts: starts < ends
        return partial(index.is_near, index.names.index(contig))

    def _paint_lines(
        self,
        number: int,
        contig: str,
        stream: BinaryIO,
        low: int,
        high: int,
        tracks: NDArray[np.int64],
        tally: NDArray[np.int64],
    ) -> None:
        """Count the fragments of a file with an index along a run."""
        kernels, path, index = _kernels.paint, self._paths[number], self._indexes[number]
        if index is None or contig not in index.names:
            return
        offset = index.offset(index.names.index(contig), low - self._farthest)
        if offset is None:
            return
        word, before = np.frombuffer(contig.encode(), np.uint8), int(tally[kernels.SCANNED])

        def take(data: NDArray[np.uint8]) -> tuple[int, bool]:
            used, state = kernels.paint_lines(
                data, word, self._contigs[contig], low, high, _COUNTS[self.count], self.shift,
                self._barcodes, self._groups, self.is_weighted, 1 + self.is_stranded, tracks, tally,
            )  # fmt: skip
            if state == kernels.OTHER and tally[kernels.SCANNED] == before:
                msg = (
                    f"{Path(path).name} must hold fragments of {contig} where its index points; found "
                    f"{_line(data, used)}. Make the index anew: tabix -f -p bed {Path(path).name}"
                )
                raise ValueError(msg)
            if state in (kernels.BAD, kernels.BEYOND):
                _refuse(
                    path, _line(data, used), is_beyond=state == kernels.BEYOND,
                    is_weighted=self.is_weighted,
                )  # fmt: skip
            return int(used), bool(state != kernels.MORE)

        scan(stream, offset, take)

    def _paint_held(
        self,
        number: int,
        contig: str,
        stream: BinaryIO,  # noqa: ARG002  # what is held is not read again
        low: int,
        high: int,
        tracks: NDArray[np.int64],
        tally: NDArray[np.int64],
    ) -> None:
        """Count the fragments of a file without an index along a run."""
        held = self._held[self._paths[number]].get(contig)
        if held is None:
            return
        bounds = (low - self._farthest - held.longest, high + self._farthest)
        part = slice(*np.searchsorted(held.starts, bounds))
        _kernels.paint.paint_fragments(
            held.starts[part], held.ends[part], held.groups[part], held.weights[part], low, high,
            _COUNTS[self.count], self.shift, 1 + self.is_stranded, tracks, tally,
        )  # fmt: skip

    def _hold(self, path: str) -> dict[str, _Held]:
        """Read all fragments of a file, sorted, by contig."""
        parts: dict[str, list[NDArray[np.int32]]] = {}
        seen: set[str] = set()
        found = 0
        for table in self._tables(path):
            found += len(table)
            if found > _HELD:
                msg = (
                    f"{Path(path).name} must have an index to be read where windows are: more than {_HELD} "
                    "fragments do not go into memory. Sort it by position, compress it with bgzip, and "
                    "run: tabix -p bed"
                )
                raise ValueError(msg)
            for contig, rows in table.groupby(0, sort=False, observed=True):
                seen.add(str(contig))
                if contig in self._contigs:
                    parts.setdefault(str(contig), []).append(self._columns(path, rows))
        self._check_contigs(path, tuple(seen))
        return {contig: _sorted(np.concatenate(each, axis=1)) for contig, each in parts.items()}

    def _tables(self, path: str) -> Iterator[pd.DataFrame]:
        import pandas as pd

        columns = [0, 1, 2, *([3] if self._group_of is not None else [])]
        columns += [4] if self.is_weighted else []
        try:
            with pd.read_csv(
                path, sep="\t", header=None, comment="#", usecols=columns, chunksize=_LINES,
                dtype={0: str, 1: np.int64, 2: np.int64, 3: str, 4: np.int64}, keep_default_na=False,
            ) as tables:  # fmt: skip
                yield from tables
        except pd.errors.EmptyDataError:
            return
        except (ValueError, EOFError, OSError) as error:
            msg = (
                f"{Path(path).name} must have contig, start and end in its columns"
                f"{', then barcode and number of reads' if len(columns) > 3 else ''}; {error}"
            )
            raise ValueError(msg) from None

    def _columns(self, path: str, rows: pd.DataFrame) -> NDArray[np.int32]:
        """Give starts, ends, groups and weights of fragments of one contig, shape (4, n)."""
        starts, ends = rows[1].to_numpy(), rows[2].to_numpy()
        size = self._contigs[str(rows[0].iloc[0])]
        bad = (starts < 0) | (ends <= starts) | (ends > size)
        if self.is_weighted:
            bad |= rows[4].to_numpy() < 0
        if bad.any():
            row = int(bad.argmax())
            line = repr("\t".join(map(str, rows.iloc[row])))
            _refuse(path, line, is_beyond=ends[row] > size, is_weighted=self.is_weighted)
        columns = np.zeros((4, len(rows)), np.int32)
        columns[:2] = starts, ends
        if self._group_of is not None:
            columns[2] = rows[3].map(self._group_of).fillna(-1).to_numpy()
        columns[3] = rows[4] if self.is_weighted else 1
        return columns

    def _check_first_line(self, path: str) -> None:
        """Refuse a file that lacks the columns asked for, which could be read as no fragments at all."""
        needed = 5 if self.is_weighted else 4 if self._group_of is not None else 3
        first = next(_data_lines(path), None)
        if first is not None and len(first.split("\t")) < needed:
            msg = (
                f"{Path(path).name} must have {needed} columns, with tabs between them, for what is asked "
                f"for; found {first[:80]!r}"
            )
            raise ValueError(msg)

    def _check_contigs(self, path: str, found: tuple[str, ...]) -> None:
        if found and not set(found) & self._contigs.keys():
            msg = (
                f"contig_sizes must name the contigs of {Path(path).name}; found {', '.join(found[:5])} in "
                f"the file and {', '.join(list(self._contigs)[:5])} in contig_sizes"
            )
            raise ValueError(msg)

    def _warn(self, path: str, contig: str, tally: NDArray[np.int64]) -> None:
        outside, counted = int(tally[_kernels.paint.NO_GROUP]), int(tally[_kernels.paint.COUNTED])
        if not outside or path in self._warned:
            return
        self._warned.add(path)
        _log.log(
            logging.INFO if counted else logging.WARNING,
            "%s: %d of %d fragments in the windows on %s are of barcodes in no group, and not counted; "
            "groups has barcodes such as %s, the file %s",
            Path(path).name, outside, outside + counted, contig, next(iter(self._group_of or {}), None),
            next(_data_lines(path)).split("\t")[3],
        )  # fmt: skip


def _refuse(path: str, line: str, *, is_beyond: bool, is_weighted: bool) -> NoReturn:
    name = Path(path).name
    if is_beyond:
        msg = (
            f"fragments of {name} must end within their contig; found {line}. Pass the contig_sizes of the "
            "genome it was aligned to"
        )
        raise ValueError(msg)
    needed = ", barcode and number of reads" if is_weighted else ""
    msg = f"lines of {name} must have contig, start and a larger end{needed}; found {line}"
    raise ValueError(msg)


def _sizes(contig_sizes: File | Mapping[str, int]) -> dict[str, int]:
    if isinstance(contig_sizes, str | os.PathLike):
        return read_contig_sizes(contig_sizes)
    return {str(name): int(size) for name, size in contig_sizes.items()}


def _numbered(groups: File | Mapping[str, str]) -> tuple[tuple[str, ...], dict[str, int]]:
    """Give the groups in order, and the number of each barcode's group."""
    pairs = list(groups.items()) if isinstance(groups, Mapping) else _group_lines(Path(groups))
    if not pairs:
        msg = "groups must name at least one barcode; found none"
        raise ValueError(msg)
    names = tuple(dict.fromkeys(str(group) for _, group in pairs))
    number = {name: i for i, name in enumerate(names)}
    found: dict[str, int] = {}
    for barcode, group in pairs:
        first = found.setdefault(str(barcode), number[str(group)])
        if first != number[str(group)]:
            msg = f"groups must give a barcode one group; found {barcode!r} in {names[first]!r} and {group!r}"
            raise ValueError(msg)
    return names, found


def _group_lines(path: Path) -> list[tuple[str, str]]:
    separator = "," if path.name.removesuffix(".gz").endswith(".csv") else "\t"
    pairs = []
    for line in _data_lines(os.fspath(path)):
        words = line.split(separator)
        if len(words) != 2:
            msg = (
                f"groups: {path.name} must have two columns, barcode and group; found {line[:80]!r}"
            )
            raise ValueError(msg)
        pairs.append((words[0], words[1]))
    return pairs


def _data_lines(path: str) -> Iterator[str]:
    """Lines of a text file, plain or compressed, without comments."""
    opener: Any = gzip.open if path.endswith((".gz", ".bgz")) else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                yield line.rstrip("\r\n")


def _sorted_words(words: Mapping[str, int]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Give words in order, padded with zeros, shape (words, width), and their numbers."""
    ordered = sorted((word.encode(), number) for word, number in words.items())
    if not ordered:
        return np.empty((0, 0), np.uint8), np.empty(0, np.int64)
    padded = np.array([word for word, _ in ordered], "S")
    return (
        padded.view(np.uint8).reshape(len(ordered), -1),
        np.array([number for _, number in ordered], np.int64),
    )


def _sorted(columns: NDArray[np.int32]) -> _Held:
    ordered = columns[:, np.argsort(columns[0], kind="stable")]
    starts, ends, groups, weights = ordered
    return _Held(starts, ends, groups, weights, int((ends - starts).max()))


def _line(data: NDArray[np.uint8], start: int) -> str:
    """Show the line of some bytes that begins at `start`."""
    return repr(data[start : start + 200].tobytes().split(b"\n", 1)[0].decode(errors="replace"))


def _index(path: str) -> LinearIndex | None:
    """Read or make a file's tabix index; None if the file cannot have one."""
    with open(path, "rb") as file:
        if file.read(18)[:4] != _BGZIP:
            return None
        file.seek(-min(len(_END), os.path.getsize(path)), os.SEEK_END)
        if file.read() != _END:
            msg = (
                f"{Path(path).name} must end with bgzip's end mark; it is cut short. Copy it anew, or, if it "
                "is whole, compress it anew with bgzip"
            )
            raise ValueError(msg)
    import pysam

    def make(made: str) -> None:
        pysam.tabix_index(path, preset="bed", index=made, keep_original=True)

    try:
        found = find_or_make_index(path, (".tbi", ".csi"), make, f"tabix -p bed {Path(path).name}")
    except ValueError as error:
        _log.warning("%s; the whole file is read into memory instead", error)
        return None
    index = read_index(found)
    if index.columns != (1, 2, 3, 0x10000):
        msg = f"{Path(found).name} must be an index of a BED file; make it anew: tabix -f -p bed {path}"
        raise ValueError(msg)
    return index
