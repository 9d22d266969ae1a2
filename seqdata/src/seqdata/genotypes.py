"""Haplotypes of a cohort, made of its stored genotypes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from seqdata.columns import Chosen
from seqdata.genotype_column import GenotypeColumn, has_genotypes
from seqdata.provenance import add_step
from seqdata.readers.vcf_checks import check_samples
from seqdata.schema import LENGTH, SEQUENCE
from seqdata.selection import select_rows
from seqdata.validation import annotate
from seqpro import DNA, Ragged
from seqpro.checks import flag


def haplotypes(
    ds: xr.Dataset,
    variable: str,
    *,
    samples: Sequence[str] | None = None,
    rows: ArrayLike | None = None,
    positions: bool = False,
) -> xr.Dataset:
    r"""Write out the haplotypes of a Dataset that stores genotypes.

    They are in memory whole: rows x samples x haplotypes x length bytes. `seqdata.Loader` makes those of
    one batch at a time.

    Parameters
    ----------
    ds
        Dataset that was built with a `seqdata.Genotypes` reader, in memory or lazy.
    variable
        Name of the haplotypes: that of the reader.
    samples
        Names of samples, in the order wanted; None takes all.
    rows
        A boolean mask, shape (n,), or positions, whose order is kept; None takes all.
    positions
        Whether to give the place on the contig of each letter, too, as `seqdata.VCF.positions` does.

    Returns
    -------
    Dataset with the rows, and in place of genotypes `variable`, (_sequence, {variable}_sample,
    {variable}_haplotype, _length) or ragged where windows differ in size, and maybe
    ``{variable}_position``

    Raises
    ------
    ValueError
        If there are no such genotypes, or a sample or row is not there.

    Examples
    --------
    >>> import pathlib, tempfile, pysam, pandas as pd, seqdata as sd
    >>> from seqdata.readers.genotypes import Genotypes
    >>> folder = pathlib.Path(tempfile.mkdtemp()); _ = (folder / "g.fa").write_text(">chr1\nAACCGGTT\n")
    >>> text = ("##fileformat=VCFv4.2\n##contig=<ID=chr1>\n##FORMAT=<ID=GT,Number=1,Type=String>\n"
    ...         "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tAnn\tBen\n"
    ...         "chr1\t2\t.\tAC\tA\t.\t.\t.\tGT\t0|1\t1|1\n")
    >>> _ = (folder / "v.vcf").write_text(text)
    >>> pysam.tabix_compress(str(folder / "v.vcf"), str(folder / "v.vcf.gz"))
    >>> region = pd.DataFrame({"chrom": ["chr1"], "chromStart": [1], "chromEnd": [5]})
    >>> ds = sd.build(region, hap=Genotypes(folder / "v.vcf.gz", folder / "g.fa"))
    >>> [h.tobytes() for h in haplotypes(ds, "hap", samples=["Ann"])["hap"].values[0, 0]]
    [b'ACCG', b'ACGG']
    """
    if not has_genotypes(ds, variable):
        known = [str(v).removesuffix("_genotype") for v in ds if str(v).endswith("_genotype")]
        msg = (
            f"variable must name haplotypes that are stored as genotypes; found {variable!r}. "
            f"The Dataset has {', '.join(known) or 'none'}"
        )
        raise ValueError(msg)
    flag(positions, "positions")
    if rows is not None:
        ds = ds.isel({SEQUENCE: select_rows(ds, split=None, rows=rows)})
    if samples is not None:
        known = ds[f"{variable}_sample"].values.tolist()
        check_samples(samples, known, f"{variable}_sample")
        ds = ds.isel({f"{variable}_sample": [known.index(sample) for sample in samples]})
    column = GenotypeColumn(ds, variable, (SEQUENCE,))
    every = np.arange(ds.sizes[SEQUENCE])
    held = column.hold(every)
    chosen = Chosen(every, {})
    made: dict[str, Any] = {variable: column.take(held, chosen)}
    if positions:
        made[f"{variable}_position"] = column.positions(held, chosen)
    found = ds.drop_vars([name for name in ds.variables if _is_part(ds, str(name), variable)])
    for name, values in made.items():
        attrs = {"alphabet": DNA.name} if name == variable else {}
        if isinstance(values, Ragged):
            found[f"{variable}_start"] = (SEQUENCE, values.starts)
            found[f"{variable}_size"] = (SEQUENCE, values.sizes)
            found[name] = ((f"{variable}_value", *column.dims[1:]), values.values, attrs)
        else:
            found[name] = ((*column.dims, LENGTH), values, attrs)
    given = None if samples is None else list(samples)
    return annotate(add_step(found, "seqdata.haplotypes", variable=variable, samples=given))


def _is_part(ds: xr.Dataset, name: str, variable: str) -> bool:
    """Whether a variable is of the stored genotypes alone."""
    parts = ("first", "count", "chromSize", "reference_start", "reference_size", "reference")
    own = [f"{variable}_{part}" for part in parts]
    return name in own or f"{variable}_variant" in ds.variables[name].dims
