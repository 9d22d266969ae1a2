"""BAM files: counts of aligned reads and of fragments along the genome."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from seqdata import _kernels
from seqdata.readers.arguments import keep_arguments
from seqdata.readers.linear_index import LinearIndex, find_or_make_index, read_index, scan
from seqdata.readers.painting import File, count_type, named_files, shift_pair, write_windows
from seqdata.readers.protocol import SampleReader, Statistic, check_bins, shared_contigs
from seqpro.checks import choice, flag, whole_number

_log = logging.getLogger(__name__)

_COUNTS = ("depth", "five_prime", "cut_sites", "fragments")
_LOOKED_AT = 10_000  # reads that tell whether a file is paired
_DUPLICATE = 1024
_WHY = (
    "unmapped", "with a flag of excluded_flags, or duplicates", "without every flag of required_flags",
    "below min_mapping_quality", "not of a proper pair on one contig",
    "of a fragment longer than max_fragment_length", "of a pair without a template length",
)  # fmt: skip


class BAM(SampleReader):
    r"""Counts of aligned reads, or of fragments, from sorted BAM files.

    ``count`` says what one read or pair adds:

    - ``"depth"``: 1 to each base that it aligns to (CIGAR M, = and X; not deletions, introns or
      clipped ends). Mates that overlap count twice where they do.
    - ``"five_prime"``: 1 at its first aligned base in reading direction, moved by `shift`.
    - ``"cut_sites"``: 1 at the fragment's first base and 1 at its last one, moved by `shift`.
    - ``"fragments"``: 1 to each base of the fragment, also between the mates, and where both mates
      lie outside the window.

    The last two count proper pairs, each once, by its left read: filters look at that read, and the
    fragment runs for the template length from its start. Reads without a proper pair add nothing.

    Never counted are unmapped reads; by default neither are secondary and supplementary alignments,
    reads that failed quality control, and duplicates. Where a file has reads but none is counted, and
    where pairs are too long, a warning is logged, once for each file.

    Parameters
    ----------
    files
        One path, or a mapping of sample name to path. A single path is a sample named for its file,
        up to the first dot. A missing index is made beside the file where that folder can be written.
    count
        What is counted.
    stranded
        Whether strands are counted apart, on an axis ``_strand``. Ends (five_prime, cut_sites) are on
        the strand that is read from them: left ends on +, right ends on -. Depth and fragments are on
        the strand of the pair's first read; a single read's own.
    shift
        What is added to the position of ends on + and on -, bp. ``(4, -5)`` centres Tn5 cuts, unless
        the file's reads have been shifted already.
    min_mapping_quality
        Reads below are left out.
    min_base_quality
        Bases below are left out of the depth; reads without qualities are kept whole.
    keep_duplicates
        Whether reads marked as duplicates (flag 1024) are counted.
    required_flags
        Reads are left out unless they have all these SAM flags, added up; such as 64, first reads only.
    excluded_flags
        Reads are left out that have any of these SAM flags, added up. The default is secondary (256),
        failed quality control (512) and supplementary (2048).
    max_fragment_length
        Fragments longer than this are not counted, bp. Files are searched so far left of windows.
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
        If a file is no BAM, is cut short, has no index and none can be made, or has single reads where
        pairs are to be counted; if the files' contigs disagree in length; or if an argument does not fit
        the others. While reading, if a count is too large for `dtype`.

    Notes
    -----
    The SAM and BAM format specification says what flags and template lengths are. The shift of Tn5 is
    that of Buenrostro et al., Nature Methods 10, 1213 (2013).

    Examples
    --------
    >>> import pathlib, tempfile, pandas as pd, pysam, seqdata as sd
    >>> path = str(pathlib.Path(tempfile.mkdtemp(), "a.bam"))
    >>> header = pysam.AlignmentHeader.from_dict({"SQ": [{"SN": "chr1", "LN": 10}]})
    >>> with pysam.AlignmentFile(path, "wb", header=header) as file:
    ...     for start in (1, 2):
    ...         line = f"r\t0\tchr1\t{start + 1}\t60\t3M\t*\t0\t0\tACG\tFFF"
    ...         _ = file.write(pysam.AlignedSegment.fromstring(line, header))
    >>> region = pd.DataFrame({"chrom": ["chr1"], "chromStart": [0], "chromEnd": [6]})
    >>> sd.build(region, reads=sd.BAM({"mine": path}))["reads"].values.tolist()
    [[[0, 1, 2, 2, 1, 0]]]
    """

    fill = 0.0
    is_sequence = False

    @keep_arguments
    def __init__(
        self,
        files: File | Mapping[str, File],
        *,
        count: Literal["depth", "five_prime", "cut_sites", "fragments"] = "depth",
        stranded: bool = False,
        shift: tuple[int, int] = (0, 0),
        min_mapping_quality: int = 0,
        min_base_quality: int = 0,
        keep_duplicates: bool = False,
        required_flags: int = 0,
        excluded_flags: int = 2816,
        max_fragment_length: int = 2_000,
        dtype: Any = "uint32",
        bin_width: int = 1,
        statistic: Statistic = "sum",
    ) -> None:
        self.count = choice(count, "count", _COUNTS)
        self.is_stranded = flag(stranded, "stranded")
        self.shift = shift_pair(shift, is_used=count in ("five_prime", "cut_sites"))
        self._farthest = int(np.abs(self.shift).max())
        self.min_mapping_quality = whole_number(
            min_mapping_quality, "min_mapping_quality", low=0, high=255
        )
        self.min_base_quality = whole_number(min_base_quality, "min_base_quality", low=0, high=93)
        self.required_flags, self.excluded_flags = _flags(
            required_flags, excluded_flags, keep_duplicates=flag(keep_duplicates, "keep_duplicates")
        )
        if self.min_base_quality and count != "depth":
            msg = (
                f"min_base_quality must be 0 for count={count!r}, which looks at no bases; "
                f"found {min_base_quality}"
            )
            raise ValueError(msg)
        self.max_fragment_length = whole_number(
            max_fragment_length, "max_fragment_length", low=1, high=2**30
        )
        self.dtype: np.dtype[Any] = count_type(dtype)
        self.bin_width, self.statistic = check_bins(bin_width, statistic)
        paths = named_files(files, "BAM file")
        self.samples = tuple(paths)
        self._paths = tuple(paths.values())
        self._numbers: list[dict[str, int]] = []
        self._contigs = self._read_headers()
        self._indexes = [_index(path) for path in self._paths]
        self._warned: set[tuple[str, str]] = set()

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what was logged, so that a reader that has read is the same reader."""
        return self.__dict__ | {"_warned": set()}

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
        is_span = self.count in ("depth", "fragments")
        for number, path in enumerate(self._paths):
            paint = partial(self._paint, number, contig)
            near = partial(self._indexes[number].is_near, self._numbers[number][contig])
            tally = write_windows(
                paint, path, starts, ends, rows[number], places,
                is_near=near, is_span=is_span, where=f"{Path(path).name}, {contig}",
            )  # fmt: skip
            self._warn(path, contig, tally)

    def _paint(
        self,
        number: int,
        contig: str,
        stream: BinaryIO,
        low: int,
        high: int,
        tracks: NDArray[np.int64],
        tally: NDArray[np.int64],
    ) -> None:
        """Count the reads of one file along a run."""
        kernels, path = _kernels.paint, self._paths[number]
        contig_number = self._numbers[number][contig]
        reach = self.max_fragment_length if self.count in ("cut_sites", "fragments") else 0
        offset = self._indexes[number].offset(contig_number, low - reach - self._farthest)
        if offset is None:
            return
        before = int(tally[kernels.SCANNED])

        def take(data: NDArray[np.uint8]) -> tuple[int, bool]:
            used, state = kernels.paint_alignments(
                data, contig_number, low, high, _COUNTS.index(self.count), self.required_flags,
                self.excluded_flags, self.min_mapping_quality, self.min_base_quality, self.shift,
                self.max_fragment_length, tracks, tally,
            )  # fmt: skip
            is_lost = state == kernels.OTHER and tally[kernels.SCANNED] == before
            if state == kernels.BAD or is_lost:
                msg = (
                    f"{Path(path).name} must hold reads of {contig} where its index points; found other "
                    "bytes. Make the index anew (samtools index), or copy the file anew"
                )
                raise ValueError(msg)
            return int(used), bool(state != kernels.MORE)

        scan(stream, offset, take)

    def _warn(self, path: str, contig: str, tally: NDArray[np.int64]) -> None:
        """Log, once for each file, that nothing was counted, and that fragments were too long."""
        kernels, name = _kernels.paint, Path(path).name
        left_out = tally[kernels.UNMAPPED : kernels.NO_LENGTH + 1]
        long = int(tally[kernels.TOO_LONG])
        if left_out.sum() and not tally[kernels.COUNTED] and ("none", path) not in self._warned:
            self._warned.add(("none", path))
            most = int(left_out.argmax())
            _log.warning(
                "%s: none of %d reads in the windows on %s is counted; %d are %s",
                name, left_out.sum(), contig, left_out[most], _WHY[most],
            )  # fmt: skip
        if long and ("long", path) not in self._warned:
            self._warned.add(("long", path))
            _log.warning(
                "%s: %d reads on %s are of fragments longer than max_fragment_length (%d bp), which are "
                "not counted", name, long, contig, self.max_fragment_length,
            )  # fmt: skip

    def _read_headers(self) -> dict[str, int]:
        contigs: dict[str, dict[str, int]] = {}
        for path in self._paths:
            found = _read_header(path, needs_pairs=self.count in ("cut_sites", "fragments"))
            self._numbers.append({name: number for number, name in enumerate(found)})
            contigs[path] = found
        return shared_contigs(contigs, "BAM")


def _flags(required: int, excluded: int, *, keep_duplicates: bool) -> tuple[int, int]:
    required = whole_number(required, "required_flags", low=0, high=4095)
    excluded = whole_number(excluded, "excluded_flags", low=0, high=4095)
    if keep_duplicates and excluded & _DUPLICATE:
        msg = f"excluded_flags must not hold 1024 where keep_duplicates is True; found {excluded}"
        raise ValueError(msg)
    excluded |= 0 if keep_duplicates else _DUPLICATE
    if required & (excluded | 4):
        msg = (
            f"required_flags must be flags that are not left out; found {required & (excluded | 4)} in "
            "both. Take it out of excluded_flags, or pass keep_duplicates=True for 1024; 4 is unmapped"
        )
        raise ValueError(msg)
    return required, excluded


def _read_header(path: str, *, needs_pairs: bool) -> dict[str, int]:
    """Read each contig's length, and refuse what is no BAM file of the kind needed."""
    import pysam

    name = Path(path).name
    verbosity = pysam.set_verbosity(
        0
    )  # what is wrong with a file is said by the error, not on stderr
    try:
        with pysam.AlignmentFile(path, "rb", check_sq=False) as file:
            is_bam, contigs = file.is_bam, dict(zip(file.references, file.lengths, strict=True))
            first = [read.is_paired for read in file.head(_LOOKED_AT)] if needs_pairs else []
    except (OSError, ValueError) as error:
        msg = f"{name} must be a whole BAM file; it cannot be read as one: {error}"
        raise ValueError(msg) from None
    finally:
        pysam.set_verbosity(verbosity)
    if not is_bam:
        msg = f"{name} must be a BAM file; found SAM or CRAM. Convert it: samtools view -b"
        raise ValueError(msg)
    if first:
        _log.info("%s: %d of the first %d reads are paired", name, sum(first), len(first))
    if first and not any(first):
        msg = (
            f"{name} must hold paired reads for count='cut_sites' or 'fragments'; none of its first "
            f"{len(first)} is paired. For single reads, count='five_prime' takes a shift too"
        )
        raise ValueError(msg)
    return contigs


def _index(path: str) -> LinearIndex:
    import pysam

    def make(made: str) -> None:
        try:
            pysam.samtools.index("-o", made, path, catch_stdout=False)
        except pysam.SamtoolsError:  # contigs beyond 512 Mb need the other kind of index
            pysam.samtools.index("-c", "-o", made, path, catch_stdout=False)

    return read_index(
        find_or_make_index(path, (".bai", ".csi"), make, f"samtools index {Path(path).name}")
    )
