"""From raw files to labelled datasets: the data contract, readers, stores and loaders.

One object goes through the suite: an `xarray.Dataset` that follows the contract in
`seqdata.schema`, in memory or lazily opened from a zarr v3 store.
"""

from seqdata.build import build
from seqdata.loader import Loader
from seqdata.progress import progress
from seqdata.readers.bigwig import BigWig
from seqdata.readers.fasta import FlatFASTA, GenomeFASTA
from seqdata.readers.table import Table
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
    "GenomeFASTA",
    "BigWig",
    "FlatFASTA",
    "Table",
    "open_zarr",
    "to_zarr",
    "chars",
    "ragged",
    "head",
    "validate",
    "annotate",
    "Loader",
    "get_torch_dataloader",
    "progress",
    "ContractError",
    "StoreChangedError",
]
