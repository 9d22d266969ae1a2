"""R3 read coverage of windows from BAM, against one pysam fetch a window."""

import numpy as np
from inputs import made_once

CONTIG, READS, LETTERS = 10_000_000, 300_000, 50
CASES = {
    "9,990 x 2,114 bp, 1 kb apart": (1_000, 2_114),
    "1,990 x 2,114 bp, 5 kb apart": (5_000, 2_114),
    "990 x 1 kb, 10 kb apart": (10_000, 1_000),
    "240 x 1 kb, 40 kb apart": (40_000, 1_000),
    "240 x 1 kb, 40 kb apart, on peaks with half of the reads": (40_000, 1_000, True),
}
SIDES = {"ours": "ours", "pysam_fetch": "ours", "pysam_count_coverage": "ours"}
ROUNDS = 3


def alignments(in_peaks):
    """Give the path of a file of single reads at random places, or half of them on the windows."""
    name = "reads-in-peaks" if in_peaks else "reads"
    return str(made_once(name, lambda folder: _write(folder, in_peaks)) / "a.bam")


def _write(folder, in_peaks):
    """Write reads with qualities that compress as real ones do."""
    import pysam

    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    path = folder / "a.sam"
    starts = rng.integers(0, CONTIG - LETTERS, READS)
    if in_peaks:
        peaks, length = windows(40_000, 1_000)
        starts[::2] = rng.choice(peaks, READS // 2) + rng.integers(0, length, READS // 2)
    starts = np.sort(starts)
    flags = 16 * rng.integers(0, 2, READS)
    letters = rng.choice(np.frombuffer(b"ACGT", "u1"), (READS, LETTERS))
    scores = rng.choice(np.frombuffer(b"F,:#", "u1"), (READS, LETTERS), p=[0.8, 0.1, 0.05, 0.05])
    with path.open("w") as out:
        out.write(f"@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:{CONTIG}\n")
        for i in range(READS):
            row, score = letters[i].tobytes().decode(), scores[i].tobytes().decode()
            place = f"{flags[i]}\tchr1\t{starts[i] + 1}\t60\t{LETTERS}M"
            out.write(f"r{i}\t{place}\t*\t0\t0\t{row}\t{score}\n")
    bam = str(path.with_suffix(".bam"))
    pysam.samtools.view("-b", "-o", bam, str(path), catch_stdout=False)
    path.unlink()
    pysam.index(bam)


def windows(step, length):
    return np.arange(0, CONTIG - 10_000, step) + 17, length


def ours(step, length, in_peaks=False):
    from seqdata.readers.bam import BAM

    reader = BAM(alignments(in_peaks))
    starts, length = windows(step, length)

    def call():
        out = np.zeros((1, starts.size * length), np.uint32)
        reader.read("chr1", starts, starts + length, out, np.arange(starts.size) * length)
        return out

    return call, np.ndarray.tobytes


def pysam_fetch(step, length, in_peaks=False):
    import pysam

    file = pysam.AlignmentFile(alignments(in_peaks))
    starts, length = windows(step, length)

    def call():
        out = np.zeros((starts.size, length), np.uint32)
        for row, start in zip(out, starts, strict=True):
            for read in file.fetch("chr1", start, start + length):
                for first, last in read.get_blocks():
                    row[max(first - start, 0) : max(last - start, 0)] += 1
        return out

    return call, np.ndarray.tobytes


def pysam_count_coverage(step, length, in_peaks=False):
    import pysam

    file = pysam.AlignmentFile(alignments(in_peaks))
    starts, length = windows(step, length)

    def call():
        out = np.zeros((starts.size, length), np.uint32)
        for row, start in zip(out, starts, strict=True):
            row[:] = np.sum(
                file.count_coverage("chr1", start, start + length, quality_threshold=0), axis=0
            )
        return out

    return call, np.ndarray.tobytes
