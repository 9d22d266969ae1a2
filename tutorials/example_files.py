"""Small made-up input files for the tutorials, the same ones each time.

The biology in them is planted, so that a reader can see whether a step kept it: reporter sequences with
a CRE site are more active, and genes begin 30 bp behind a TATA box.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyBigWig

import seqpro as sp

CRE = "TGACGTCA"
TATA = "TATAAAAG"
CONTIGS = {"chrI": 60_000, "chrII": 40_000, "chrIII": 20_000}  # bp
APART = 500  # bp from one gene's start to the next
BOX = 31  # bp from the first letter of a TATA box to the start of its gene
WITH_BOX = 0.8  # share of genes
FALL = 120  # bp in which reads fall to a third


def write_table(path: str) -> None:
    """Write measurements of 1,000 sequences of 80 bp, a CRE site in every other one.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "mpra.tsv")
    >>> write_table(str(path))
    >>> path.read_text().split()[:3]
    ['name', 'sequence', 'activity']
    """
    rng = np.random.default_rng(0)
    letters = sp.random_seqs((1000, 80), sp.DNA, rng=rng)
    for row in letters[::2]:
        start = rng.integers(10, 60)
        row[start : start + len(CRE)] = list(CRE)
    activity = rng.normal(0, 0.6, 1000)
    activity[::2] += 1.5
    activity[rng.choice(1000, 12, replace=False)] = np.nan  # not measured: empty cells
    table = pd.DataFrame(
        {
            "name": [f"oligo{i:03d}" for i in range(1000)],
            "sequence": [row.tobytes().decode() for row in letters],
            "activity": activity.round(3),
        }
    )
    table.to_csv(path, sep="\t", index=False)


def write_genome(genome: str, starts: str, signal: str) -> None:
    """Write a genome, its transcription start sites, and the RNA that was read behind them.

    Parameters
    ----------
    genome
        FASTA file of three contigs.
    starts
        BED file with one position for each gene, on both strands.
    signal
        bigWig file with the number of reads at each base, of both strands together.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> write_genome(f"{folder}/genome.fa", f"{folder}/tss.bed", f"{folder}/rna.bw")
    >>> (folder / "tss.bed").read_text().split()[:6]
    ['chrI', '40', '41', 'gene000', '.', '+']
    """
    rng = np.random.default_rng(1)
    genes = _genes(rng)
    with open(genome, "w") as fasta, pyBigWig.open(signal, "w") as bigwig:
        bigwig.addHeader(list(CONTIGS.items()))
        for contig, size in CONTIGS.items():
            letters = rng.choice(list("ACGT"), size, p=[0.31, 0.19, 0.19, 0.31])
            expected = np.full(size, 0.05)  # reads a base
            for gene in genes[genes["chrom"] == contig].itertuples():
                if rng.random() < WITH_BOX:
                    _plant_box(letters, gene.chromStart, gene.strand)
                expected += rng.lognormal(1.5, 0.5) * _shape(size, gene.chromStart, gene.strand)
            lines = ["".join(letters[i : i + 60]) for i in range(0, size, 60)]
            fasta.write(f">{contig}\n" + "\n".join(lines) + "\n")
            reads = rng.poisson(expected).astype(float)
            bases = np.flatnonzero(reads)
            names, ends = [contig] * bases.size, (bases + 1).tolist()
            bigwig.addEntries(names, bases.tolist(), ends=ends, values=reads[bases].tolist())
    genes.to_csv(starts, sep="\t", header=False, index=False)


def _genes(rng: np.random.Generator) -> pd.DataFrame:
    """One start every 500 bp, the first 40 bp behind a contig's left end."""
    places = [(name, p) for name, size in CONTIGS.items() for p in range(40, size, APART)]
    contigs, positions = zip(*places, strict=True)
    return pd.DataFrame(
        {
            "chrom": contigs,
            "chromStart": positions,
            "chromEnd": np.array(positions) + 1,
            "name": [f"gene{i:03d}" for i in range(len(places))],
            "score": ".",
            "strand": rng.choice(["+", "-"], len(places)),
        }
    )


def _plant_box(letters: np.ndarray, start: int, strand: str) -> None:
    """Put a TATA box before the start of a gene, in the gene's direction."""
    first = start - BOX if strand == "+" else start + BOX - len(TATA) + 1
    box = TATA if strand == "+" else TATA[::-1].translate(str.maketrans("ACGT", "TGCA"))
    letters[first : first + len(TATA)] = list(box)


def _shape(size: int, start: int, strand: str) -> np.ndarray:
    """Share of its first base's reads that a gene has at each base: fewer and fewer behind its start."""
    behind = (np.arange(size) - start) * (1 if strand == "+" else -1)
    return np.where(behind >= 0, np.exp(-np.abs(behind) / FALL), 0)
