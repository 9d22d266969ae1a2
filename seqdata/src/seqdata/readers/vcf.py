"""VCF and BCF files: the haplotypes of samples, written over a reference genome."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from seqdata import _kernels
from seqdata.readers import variant_files
from seqdata.readers.arguments import keep_arguments
from seqdata.readers.fasta import GenomeFASTA
from seqdata.readers.linear_index import read_index
from seqdata.readers.policies import Missing, Policies, Unphased
from seqdata.readers.protocol import Axis
from seqdata.readers.spliced import SplicedHaplotypes
from seqdata.readers.variants import Run, VariantSource, find_ploidy
from seqdata.readers.vcf_checks import check_contigs, check_samples
from seqpro.checks import choice, flag, whole_number
from seqpro.parallel import run_blocks

Symbolic = Literal["error", "skip"]

_BLOCK = 4 << 20  # letters and records that are worth a thread


class VCF:
    r"""Haplotypes of samples, from a VCF or BCF file and the reference genome.

    A window holds as many letters as it has reference bases. It begins at its first base and follows the
    haplotype from there: where deletions make it short, the haplotype goes on to the right of the window,
    and where insertions make it long, it is cut at the right. Bases of a deletion that began before the
    window are left out at its start; inserted letters belong to the base before them. Beyond the contig
    are N: a window over a contig's end has as many N as it has positions there, whatever is inserted.
    Windows on the ``-`` strand are the reverse complement of this, so that they are lengthened and cut at
    their 5' end.

    Of spliced rows a haplotype has the letters that its exons have, so that indels make it longer or shorter
    than the reference: letters belong to an exon if the base that they are at (`positions`) does. It is cut
    at the 3' end, or filled there with N; introns and what follows the transcript are never drawn in.

    Of variants of one haplotype that overlap, the first is kept (by position of the first changed base,
    then in the file's order); how many are left out is logged. Records need be neither split nor
    left-aligned. A call of one allele, such as a man's on X, stands on every haplotype. Phase sets (PS)
    are not looked at. Of many samples, `seqdata.Genotypes` stores less.

    Parameters
    ----------
    path
        VCF compressed with bgzip, or BCF. An index is made beside it if there is none.
    reference
        The genome, as a reader or the path of a FASTA file.
    samples
        Names of samples, in the order wanted; None takes all.
    unphased
        Genotypes with ``/`` whose alleles differ: ``"error"``, or ``"as_is"`` to take the alleles in the
        order they are written, which says nothing about what is on one chromosome.
    missing
        Alleles ``.``: ``"error"``, ``"reference"``, or ``"N"`` for every base of REF.
    symbolic
        Alleles without letters, such as ``<DEL>`` and breakends: ``"error"``, or ``"skip"`` to leave the
        reference as it is; how many are skipped is logged. ``*`` never changes anything.
    indels
        Whether variants that change the length are applied; without them, position i of a window is
        reference position start + i.
    ploidy
        Number of haplotypes; None takes the most alleles of a genotype among the first 1,000 records.
    chrom_alias
        The reference's names of contigs that the VCF file calls otherwise, by the file's names, such as
        ``{"1": "chr1"}``.

    Raises
    ------
    FileNotFoundError
        If a file is not there.
    ValueError
        If the file has no genotypes, no index or that of another file, its contigs are not the reference's,
        or an argument does not fit; while reading, if REF differs from the reference in or near a window, or
        a haplotype of a window depends on a genotype that a policy refuses.

    Notes
    -----
    The length rule is that of haplotypes of fixed length in GenVarLoader.

    Examples
    --------
    >>> import pathlib, tempfile, pysam, pandas as pd, seqdata as sd
    >>> folder = pathlib.Path(tempfile.mkdtemp()); _ = (folder / "g.fa").write_text(">chr1\nAACCGGTT\n")
    >>> text = ("##fileformat=VCFv4.2\n##contig=<ID=chr1>\n##FORMAT=<ID=GT,Number=1,Type=String>\n"
    ...         "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tAnn\n"
    ...         "chr1\t2\t.\tAC\tA\t.\t.\t.\tGT\t0|1\n")
    >>> _ = (folder / "v.vcf").write_text(text)
    >>> pysam.tabix_compress(str(folder / "v.vcf"), str(folder / "v.vcf.gz"))
    >>> region = pd.DataFrame({"chrom": ["chr1"], "chromStart": [1], "chromEnd": [5]})
    >>> ds = sd.build(region, hap=sd.VCF(folder / "v.vcf.gz", folder / "g.fa"))
    >>> [ds["hap"].sel(hap_sample="Ann", hap_haplotype=h).values.tobytes() for h in "12"]
    [b'ACCG', b'ACGG']
    """

    dtype: np.dtype[Any] = np.dtype(np.uint8)
    fill = float(ord("N"))
    is_sequence = True

    @keep_arguments
    def __init__(
        self,
        path: str | os.PathLike[str],
        reference: GenomeFASTA | str | os.PathLike[str],
        *,
        samples: Sequence[str] | None = None,
        unphased: Unphased = "error",
        missing: Missing = "error",
        symbolic: Symbolic = "error",
        indels: bool = True,
        ploidy: int | None = None,
        chrom_alias: Mapping[str, str] | None = None,
    ) -> None:
        self.path = Path(path)
        if not self.path.exists():
            msg = f"no VCF file at {self.path}"
            raise FileNotFoundError(msg)
        self.reference = reference if isinstance(reference, GenomeFASTA) else GenomeFASTA(reference)
        skip_symbolic = choice(symbolic, "symbolic", get_args(Symbolic)) == "skip"
        flag(indels, "indels")
        own_names = {known: own for own, known in (chrom_alias or {}).items()}
        if not variant_files.is_plain(self.path):
            variant_files.check_blocks(self.path)
        columns, lengths = variant_files.read_header(self.path)
        if samples is not None:
            check_samples(samples, columns, self.path.name)
        self.samples = tuple(columns if samples is None else samples)
        beside = variant_files.ensure_index(self.path, max(lengths.values(), default=0))
        index = None if variant_files.is_bcf(self.path) else read_index(beside)
        held = set(lengths if index is None else index.names)
        files = self.path.name, self.reference.path.name
        check_contigs(files, self.contigs(), own_names, lengths, held)
        if ploidy is None:
            ploidy = find_ploidy(self.path, index)
        self.ploidy = whole_number(ploidy, "ploidy", low=1)
        order = {sample: i for i, sample in enumerate(self.samples)}
        source = VariantSource(
            self.path, index, self.reference, own_names, self.samples,
            np.array([order.get(column, -1) for column in columns], dtype=np.int64), self.ploidy,
            skip_symbolic, indels,
        )  # fmt: skip
        self._policies = Policies(source, missing=missing, unphased=unphased)

    def contigs(self) -> Mapping[str, int]:
        """Give the length of each contig of the reference, bp."""
        return self.reference.contigs()

    def axes(self) -> tuple[Axis, ...]:
        """Samples by name, then haplotypes from 1."""
        return self._policies.source.axes()

    def files(self) -> list[str]:
        """Name the VCF file and the reference."""
        return self._policies.source.files()

    def positions(self) -> HaplotypePositions:
        """Give a reader of the reference position of every letter that this one writes.

        Returns
        -------
        Reader of int64 with the same axes: 0-based positions on the contig; an inserted letter has that of
        the base before it, and beyond the contig's end they are -1

        Examples
        --------
        >>> VCF.positions.__annotations__["return"]
        'HaplotypePositions'
        """
        return HaplotypePositions(self)

    def spliced(self) -> SplicedHaplotypes:
        """Give the reader of spliced rows; `seqdata.build` takes it for regions with exons.

        Examples
        --------
        >>> VCF.spliced.__annotations__["return"]
        'SplicedHaplotypes'
        """
        return SplicedHaplotypes(self._policies, coordinates=False)

    def read(
        self,
        contig: str,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        out: NDArray[Any],
        places: NDArray[np.int64],
    ) -> None:
        """Write the letters of each haplotype in intervals within one contig."""
        _read(self._policies, contig, starts, ends, out, places, coordinates=False)


class HaplotypePositions:
    """Reference positions of the letters that a `VCF` reader writes; made by its method ``positions``.

    Parameters
    ----------
    haplotypes
        The reader of the letters.

    Examples
    --------
    >>> HaplotypePositions.fill
    -1.0
    """

    dtype: np.dtype[Any] = np.dtype(np.int64)
    fill = -1.0
    is_sequence = False

    @keep_arguments
    def __init__(self, haplotypes: VCF) -> None:
        self.haplotypes = haplotypes

    def contigs(self) -> Mapping[str, int]:
        """Give the length of each contig of the reference, bp."""
        return self.haplotypes.contigs()

    def axes(self) -> tuple[Axis, ...]:
        """Samples by name, then haplotypes from 1."""
        return self.haplotypes.axes()

    def files(self) -> list[str]:
        """Name the VCF file and the reference."""
        return self.haplotypes.files()

    def spliced(self) -> SplicedHaplotypes:
        """Give the reader of spliced rows; `seqdata.build` takes it for regions with exons.

        Examples
        --------
        >>> HaplotypePositions.spliced.__annotations__["return"]
        'SplicedHaplotypes'
        """
        return SplicedHaplotypes(self.haplotypes._policies, coordinates=True)

    def read(
        self,
        contig: str,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        out: NDArray[Any],
        places: NDArray[np.int64],
    ) -> None:
        """Write the reference position of each haplotype's letters in intervals within one contig."""
        _read(self.haplotypes._policies, contig, starts, ends, out, places, coordinates=True)


def _read(
    policies: Policies,
    contig: str,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    out: NDArray[Any],
    places: NDArray[np.int64],
    *,
    coordinates: bool,
) -> None:
    """Write windows of all haplotypes."""
    rows, passed_over = out.reshape(-1, out.shape[-1]), np.zeros(2, np.int64)
    for run in policies.source.runs(contig, starts, ends, beyond=True):
        part = run.windows
        found = np.zeros((len(rows), 4), np.int64)
        _write(policies, run, starts[part], ends[part], places[part], rows, found, coordinates)
        passed_over += policies.checked(contig, run, found)
    policies.tell(contig, passed_over)


def _write(
    policies: Policies,
    run: Run,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    places: NDArray[np.int64],
    rows: NDArray[Any],
    found: NDArray[np.int64],
    coordinates: bool,
) -> None:
    """Write one run of windows of all haplotypes; `found` receives what was in the way."""
    kernels, arguments = _kernels.haplotypes, policies.arguments(run)
    what = kernels.COORDINATES if coordinates else kernels.LETTERS
    length = run.reference.length

    def work(first: int, last: int) -> None:
        kernels.write_windows(
            first, last, *arguments, length, starts, ends, places, rows, what, found
        )

    cells = int((ends - starts).sum()) + len(run.records.positions)
    run_blocks(work, len(rows), block=max(_BLOCK // cells, 1))
