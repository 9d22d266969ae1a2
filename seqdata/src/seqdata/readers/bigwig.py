"""BigWig files: one number a base, for one or several samples, unstranded or in stranded pairs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqdata import _kernels
from seqdata.readers.protocol import Axis, Statistic, check_bins, shared_contigs

File = str | os.PathLike[str]

_GAP = 2_000  # bp between windows that are still read in one go
_RUN = 4 << 20  # most bp read in one go


class BigWig:
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
        contigs disagree in length.

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
        self._paths = [tuple(os.fspath(path) for path in pair) for pair in pairs]
        self._contigs = self._read_contigs()

    def contigs(self) -> Mapping[str, int]:
        """Give each contig's length, bp: the contigs that every file has."""
        return self._contigs

    def axes(self) -> tuple[Axis, ...]:
        """Samples, then strands if the files come in pairs."""
        samples = Axis("{v}_sample", self.samples)
        return (samples, Axis("_strand", ("+", "-"))) if self.is_stranded else (samples,)

    def files(self) -> list[str]:
        """Name the files, sample by sample."""
        return [path for pair in self._paths for path in pair]

    def read(
        self,
        contig: str,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        out: NDArray[Any],
        places: NDArray[np.int64],
    ) -> None:
        """Write the signal of intervals within one contig, near ones in one go."""
        rows = out.reshape(-1, out.shape[-1])
        runs = _kernels.gather.near_runs(starts, ends, _GAP, _RUN).tolist()
        for row, path in zip(rows, self.files(), strict=True):
            with _open(path) as file:
                for first, last, low, high in runs:
                    values = file.values(contig, low, high, numpy=True)
                    values[np.isnan(values)] = self.fill
                    part = slice(first, last)
                    _kernels.gather.copy_windows(
                        values, low, starts[part], ends[part], row, places[part]
                    )

    def _read_contigs(self) -> dict[str, int]:
        contigs: dict[str, dict[str, int]] = {}
        for path in self.files():
            if not Path(path).exists():
                msg = f"no bigWig file at {path}"
                raise FileNotFoundError(msg)
            with _open(path) as file:
                contigs[path] = {str(name): int(size) for name, size in file.chroms().items()}
        return shared_contigs(contigs, "bigWig")


def _open(path: str) -> Any:
    import pyBigWig

    try:
        file = pyBigWig.open(path)
    except RuntimeError:
        file = None
    if file is None or not file.isBigWig():
        msg = f"{Path(path).name} must be a bigWig file; it cannot be read as one"
        raise ValueError(msg)
    return file
