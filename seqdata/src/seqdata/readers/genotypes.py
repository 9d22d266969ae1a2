"""Genotypes of a cohort over windows: what its haplotypes are made of, once for all samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from seqdata import _kernels
from seqdata.readers.variant_text import stretches
from seqdata.readers.variants import Run
from seqdata.readers.vcf import VCF
from seqdata.schema import SEQUENCE
from seqdata.windows import Windows


class Genotypes(VCF):
    r"""A `seqdata.VCF` of a cohort, of which genotypes are stored and haplotypes made when they are loaded.

    As letters, haplotypes take samples x haplotypes x length bytes a window; this takes the variants of all
    windows once, and a byte for each variant and haplotype. `seqdata.Loader`, `seqdata.get_torch_dataloader`
    and `seqdata.haplotypes` give the letters that the `seqdata.VCF` would. What no policy lets be read is
    refused when the Dataset is built, for all samples. The genotypes of all windows are in memory then.
    Spliced rows are refused: store their haplotypes.

    Parameters
    ----------
    path, reference, samples, unphased, missing, symbolic, indels, ploidy, chrom_alias
        As of `seqdata.VCF`.

    Raises
    ------
    FileNotFoundError, ValueError
        As `seqdata.VCF`.

    Examples
    --------
    >>> import pathlib, tempfile, pysam, pandas as pd, seqdata as sd
    >>> folder = pathlib.Path(tempfile.mkdtemp()); _ = (folder / "g.fa").write_text(">chr1\nAACCGGTT\n")
    >>> text = ("##fileformat=VCFv4.2\n##contig=<ID=chr1>\n##FORMAT=<ID=GT,Number=1,Type=String>\n"
    ...         "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tAnn\tBen\n"
    ...         "chr1\t2\t.\tAC\tA\t.\t.\t.\tGT\t0|1\t1|1\n")
    >>> _ = (folder / "v.vcf").write_text(text)
    >>> pysam.tabix_compress(str(folder / "v.vcf"), str(folder / "v.vcf.gz"))
    >>> region = pd.DataFrame({"chrom": ["chr1"], "chromStart": [1], "chromEnd": [5]})
    >>> ds = sd.build(region, hap=Genotypes(folder / "v.vcf.gz", folder / "g.fa"))
    >>> ds["hap_alt"].values, ds["hap_genotype"].values[0].tolist()
    (array(['A'], dtype=object), [[0, 1], [1, 1]])
    >>> batches = sd.Loader(ds, ["hap"], batch_size=2, over=("_sequence", "hap_sample"))
    >>> [letters.tobytes() for letters in next(iter(batches))["hap"][0]]
    [b'ACCG', b'ACGG']
    """

    def variables(
        self, name: str, windows: Windows, names: Mapping[str, str]
    ) -> dict[str, xr.Variable]:
        """Read what the haplotypes of some windows are made of.

        Parameters
        ----------
        name
            Name of the haplotypes, such as ``"hap"``.
        windows
            The rows, of one piece each.
        names
            The reader's name of each contig.

        Returns
        -------
        Variables of the contract: for each row ``{name}_first``, ``{name}_count`` and ``{name}_chromSize``;
        the reference's letters, ragged, in ``{name}_reference``; the variants in ``{name}_chrom``,
        ``{name}_variantStart``, ``{name}_variantEnd``, ``{name}_ref`` and ``{name}_alt``; which haplotypes
        carry them in ``{name}_genotype``

        Raises
        ------
        ValueError
            If rows have several pieces, or as `seqdata.VCF` where it reads.
        """
        if len(windows.starts) > len(windows):
            msg = (
                f"genotypes need rows of one piece; found {len(windows)} rows of {len(windows.starts)} "
                "exons. Store the haplotypes of spliced rows: take VCF for Genotypes"
            )
            raise ValueError(msg)
        contigs = list(dict.fromkeys(windows.contigs.tolist()))
        found = [self._on_contig(chrom, names[chrom], windows) for chrom in contigs]
        rows = _joined([part.rows for part in found])
        variants = _joined([part.variants for part in found])
        before = np.cumsum([0, *(len(part.variants["chrom"]) for part in found)])[:-1]
        rows["first"] += np.repeat(before, [len(part.rows["row"]) for part in found])
        reference = _joined([{"letters": part.letters} for part in found])["letters"]
        size = rows["reached"] - rows["start"]
        rows["reference_start"], rows["reference_size"] = np.cumsum(size) - size, size
        order = np.argsort(rows["row"])
        kept = ("first", "count", "chromSize", "reference_start", "reference_size")
        dim = f"{name}_variant"
        shape = tuple(len(axis.labels) for axis in self.axes())
        genotype = variants.pop("genotype").reshape(-1, *shape)
        inner = [axis.dim.replace("{v}", name) for axis in self.axes()]
        return {
            **{f"{name}_{key}": xr.Variable(SEQUENCE, rows[key][order]) for key in kept},
            f"{name}_reference": xr.Variable(f"{name}_reference_value", reference),
            **{f"{name}_{key}": xr.Variable(dim, values) for key, values in variants.items()},
            f"{name}_genotype": xr.Variable((dim, *inner), genotype),
        }

    def _on_contig(self, chrom: str, contig: str, windows: Windows) -> _OnContig:
        """Read what the windows on one contig depend on."""
        size = self.contigs()[contig]
        rows = np.flatnonzero(windows.contigs == chrom)
        rows = rows[np.argsort(np.maximum(windows.starts[rows], 0), kind="stable")]
        starts, ends = np.maximum(windows.starts[rows], 0), np.minimum(windows.ends[rows], size)
        reached = np.zeros(rows.size, np.int64)
        letters, parts = list[NDArray[np.uint8]](), list[dict[str, NDArray[Any]]]()
        passed_over, covered = np.zeros(2, np.int64), 0
        for run in self._policies.source.runs(contig, starts, ends, beyond=True):
            part = run.windows
            passed_over += self._survey(contig, run, starts[part], ends[part], reached[part])
            letters.append(_letters_under(run, starts[part], reached[part]))
            upto = int(reached[part].max())
            parts.append(_variants_of(run, chrom, self._policies.missing, covered, upto))
            covered = max(covered, upto)
        self._policies.tell(contig, passed_over)
        variants = _joined(parts)
        first, count = stretches(variants["variantStart"], variants["variantEnd"], starts, reached)
        columns = {
            "row": rows, "start": starts, "reached": reached, "first": first, "count": count,
            "chromSize": np.full(rows.size, size, np.int64),
        }  # fmt: skip
        return _OnContig(columns, variants, np.concatenate(letters))

    def _survey(
        self,
        contig: str,
        run: Run,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        reached: NDArray[np.int64],
    ) -> NDArray[np.int64]:
        """Write how far the haplotypes of windows reach; count the alleles that are passed over."""
        found = np.zeros((self._policies.haplotypes, 4), np.int64)
        arguments = self._policies.arguments(run)
        length = run.reference.length
        _kernels.haplotypes.survey_windows(*arguments, length, starts, ends, found, reached)
        return self._policies.checked(contig, run, found)


@dataclass(frozen=True)
class _OnContig:
    """What was read for one contig: columns of the rows, columns of the variants, reference letters."""

    rows: dict[str, NDArray[Any]]
    variants: dict[str, NDArray[Any]]
    letters: NDArray[np.uint8]


def _joined(parts: Sequence[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Put columns one after the other."""
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def _letters_under(
    run: Run, starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Copy the reference under each window, one after the other."""
    sizes = ends - starts
    letters = np.empty(int(sizes.sum()), np.uint8)
    reference = run.reference
    _kernels.gather.copy_windows(
        reference.letters, reference.start, starts, ends, letters, np.cumsum(sizes) - sizes
    )
    return letters


def _variants_of(
    run: Run, chrom: str, missing: int, low: int, high: int
) -> dict[str, NDArray[Any]]:
    """Give the alternative alleles that are carried, of records that begin from `low` to `high`."""
    r = run.records
    counts = np.maximum(np.diff(r.first), 1)
    slots = np.append(0, np.cumsum(counts))
    kept = np.zeros(slots[-1], np.bool_)
    genotype = np.zeros((slots[-1], r.codes.shape[1]), np.int8)
    _kernels.haplotypes.carried_alleles(r.codes, missing, r.first, r.alleles, slots, kept, genotype)
    record = np.repeat(np.arange(len(counts)), counts)
    kept &= (r.positions[record] >= low) & (r.positions[record] < high)
    chosen, number = record[kept], (np.arange(len(record)) - slots[record])[kept]
    words = r.words()
    refs = [words[i][0] for i in chosen.tolist()]
    alts = [words[i][1][k] for i, k in zip(chosen.tolist(), number.tolist(), strict=True)]
    return {
        "chrom": np.full(len(refs), chrom, object),
        "variantStart": r.positions[chosen],
        "variantEnd": r.ends[chosen],
        "ref": np.array(refs, object),
        "alt": np.array(alts, object),
        "genotype": genotype[kept],
    }
