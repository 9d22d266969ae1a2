"""BigWig files: one number a base, for one or several samples, unstranded or in stranded pairs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqdata import _kernels
from seqdata.readers.arguments import keep_arguments
from seqdata.readers.bigwig_file import BigWigFile, Blocks
from seqdata.readers.protocol import SampleReader, Statistic, check_bins, shared_contigs
from seqpro.parallel import run_blocks

File = str | os.PathLike[str]

_PART = 1 << 16  # bytes of a file that one thread decompresses at a time


class BigWig(SampleReader):
    """Signal tracks from bigWig files.

    Values are read exactly as they are stored (float32).

    Parameters
    ----------
    files
        One path; a mapping of sample name to path; or a mapping of sample name to a pair of paths,
        the plus strand's and the minus strand's. A single path is a sample named for its file.
    missing
        Value of bases the file says nothing about, and of positions beyond a contig's end. 0 suits
        coverage; NaN keeps "not measured" apart from zero.
    bin_width
        Positions that are joined into one value, bp; must divide the length of every window.
    statistic
        ``"mean"``, ``"sum"`` or ``"max"`` of the positions of a bin.

    Raises
    ------
    FileNotFoundError
        If a file is not there.
    ValueError
        If a file is not a bigWig, if some samples are pairs and others are not, or if the files'
        contigs disagree in length. While reading, if a file is damaged or was changed.

    Examples
    --------
    >>> import pathlib, tempfile, pyBigWig, pandas as pd, seqdata as sd
    >>> path = str(pathlib.Path(tempfile.mkdtemp(), "a.bw"))
    >>> with pyBigWig.open(path, "w") as file:
    ...     file.addHeader([("chr1", 10)])
    ...     file.addEntries(["chr1"], [2], ends=[4], values=[1.5])
    >>> region = pd.DataFrame({"chrom": ["chr1"], "chromStart": [0], "chromEnd": [5]})
    >>> sd.build(region, signal=sd.BigWig({"mine": path}))["signal"].values.tolist()
    [[[0.0, 0.0, 1.5, 1.5, 0.0]]]
    """

    dtype: np.dtype[Any] = np.dtype(np.float32)
    is_sequence = False

    @keep_arguments
    def __init__(
        self,
        files: File | Mapping[str, File | tuple[File, File]],
        *,
        missing: float = 0.0,
        bin_width: int = 1,
        statistic: Statistic = "mean",
    ) -> None:
        if isinstance(files, str | os.PathLike):
            files = {Path(files).stem: files}
        if not files:
            msg = "files must name at least one bigWig; found none"
            raise ValueError(msg)
        self.fill = float(missing)
        self.bin_width, self.statistic = check_bins(bin_width, statistic)
        self.samples = tuple(files)
        pairs = [tuple(f) if isinstance(f, tuple | list) else (f,) for f in files.values()]
        widths = {len(pair) for pair in pairs}
        if len(widths) != 1 or not widths <= {1, 2}:
            msg = "files must give every sample one path, or every sample a (plus, minus) pair"
            raise ValueError(msg)
        self.is_stranded = widths == {2}
        self._paths = tuple(os.fspath(path) for pair in pairs for path in pair)
        self._opened = [_opened(Path(path)) for path in self._paths]
        found = {path: file.contigs for path, file in zip(self._paths, self._opened, strict=True)}
        self._contigs = shared_contigs(found, "bigWig")
        self._found: dict[str, tuple[str, Blocks]] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what was read, so that a reader that has read is the same reader."""
        return self.__dict__ | {"_found": {}}

    def read(
        self,
        contig: str,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        out: NDArray[Any],
        places: NDArray[np.int64],
    ) -> None:
        """Write the signal of intervals within one contig, each block of a file decompressed once."""
        rows = out.reshape(-1, out.shape[-1])
        reached = np.maximum.accumulate(ends)
        tasks = [
            (file, part, row)
            for file, row in zip(self._opened, rows, strict=True)
            for part in _parts(self._blocks(file, contig).touching(starts, ends))
        ]

        def work(first: int, last: int) -> None:
            for file, part, row in tasks[first:last]:
                words, bounds = file.words(part)
                bad = _kernels.bigwig.paint_blocks(
                    words, words.view("<f4"), bounds, file.number(contig), starts, ends, reached, row, places
                )  # fmt: skip
                if bad >= 0:
                    raise file.damaged(int(part.places[bad]))

        run_blocks(work, len(tasks), block=1)

    def _blocks(self, file: BigWigFile, contig: str) -> Blocks:
        """Find the blocks of a contig; those of the last contig asked for are kept."""
        path = os.fspath(file.path)
        found = self._found.get(path)
        if found is None or found[0] != contig:
            found = self._found[path] = contig, file.blocks(contig)
        return found[1]


def _parts(blocks: Blocks) -> list[Blocks]:
    """Divide blocks into parts that are decompressed in one go."""
    reached = np.cumsum(blocks.sizes) // _PART
    bounds = [0, *(np.flatnonzero(np.diff(reached)) + 1).tolist(), reached.size]
    return [blocks[a:b] for a, b in pairwise(bounds) if b > a]


def _opened(path: Path) -> BigWigFile:
    if not path.exists():
        msg = f"no bigWig file at {path}"
        raise FileNotFoundError(msg)
    return BigWigFile(path)
