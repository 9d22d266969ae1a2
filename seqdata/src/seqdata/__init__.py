"""From raw files to labelled datasets: the data contract, readers, stores and loaders.

One object goes through the suite: an `xarray.Dataset` that follows the contract in
`seqdata.schema`, in memory or lazily opened from a zarr v3 store.
"""

from typing import Any

from seqdata.build import build
from seqdata.combine import concat, select
from seqdata.convert import convert
from seqdata.export import to_bed, to_table
from seqdata.export_bigwig import to_bigwig
from seqdata.genotypes import haplotypes
from seqdata.keyed import join
from seqdata.lint import lint
from seqdata.loader import Loader
from seqdata.negatives import GCMatched, gc_matched_regions
from seqdata.overlaps import label_overlaps
from seqdata.progress import progress
from seqdata.readers.anndata import AnnData, to_anndata
from seqdata.readers.bam import BAM
from seqdata.readers.bigwig import BigWig
from seqdata.readers.fasta import FlatFASTA, GenomeFASTA
from seqdata.readers.fragments import Fragments
from seqdata.readers.genotypes import Genotypes
from seqdata.readers.table import Table
from seqdata.readers.vcf import VCF
from seqdata.repeats import repeated_rows
from seqdata.report import report, report_page
from seqdata.rows import read_fasta, read_table
from seqdata.store import StoreChangedError, open_zarr, to_zarr
from seqdata.torch import get_torch_dataloader
from seqdata.validation import ContractError, annotate, validate
from seqdata.view import chars, head, ragged

__version__ = "0.1.0"

__all__ = [
    "read_table",
    "read_fasta",
    "build",
    "lint",
    "report",
    "report_page",
    "GenomeFASTA",
    "BigWig",
    "BAM",
    "Fragments",
    "VCF",
    "Genotypes",
    "AnnData",
    "FlatFASTA",
    "Table",
    "GCMatched",
    "gc_matched_regions",
    "open_zarr",
    "to_zarr",
    "chars",
    "ragged",
    "head",
    "haplotypes",
    "select",
    "concat",
    "join",
    "label_overlaps",
    "repeated_rows",
    "to_bed",
    "to_table",
    "to_bigwig",
    "to_anndata",
    "convert",
    "validate",
    "annotate",
    "Loader",
    "get_torch_dataloader",
    "progress",
    "ContractError",
    "StoreChangedError",
]


def __getattr__(name: str) -> Any:
    from seqdata.old_names import PACKAGE
    from seqpro.old_names import missing

    raise missing(name, "module 'seqdata'", PACKAGE)
