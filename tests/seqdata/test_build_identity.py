"""What a build is taken for: the same work is taken up again, other work never is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import seqdata as sd
from seqdata.provenance import steps
from seqdata.store import StoreWriter

TABLE = pd.DataFrame(
    {
        "chrom": ["chr1", "chr2", "chr1"],
        "chromStart": [0, 5, 9],
        "chromEnd": [20, 25, 29],
        "name": ["a", "bc", ""],
        "is_new": [True, False, True],
    }
)


def interrupted(genome: Path, out: Path, table: pd.DataFrame) -> str:
    """Stop a build after its first block, and give the name of what it leaves."""
    out.parent.mkdir()

    def stop(*arguments: Any) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(StoreWriter, "mark", stop)
        with pytest.raises(KeyboardInterrupt):
            sd.build(table, out=out, block_bytes=20, seq=sd.GenomeFASTA(genome))
    (left,) = out.parent.iterdir()
    return left.name


CHANGES: dict[str, Any] = {
    "number": lambda t: t.assign(chromStart=[0, 6, 9], chromEnd=[20, 26, 29]),
    "label": lambda t: t.assign(chrom=["chr1", "chr1", "chr1"]),
    "order of labels": lambda t: t.assign(chrom=["chr2", "chr1", "chr2"]),
    "text": lambda t: t.assign(name=["ab", "c", ""]),
    "truth": lambda t: t.assign(is_new=[True, True, True]),
    "name of a column": lambda t: t.rename(columns={"is_new": "is_old"}),
    "type": lambda t: t.assign(is_new=t["is_new"].astype(np.int8)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_other_regions_are_other_work(genome: Path, tmp_path: Path, change: str) -> None:
    """Blocks of one build would end in the store of another."""
    first = interrupted(genome, tmp_path / "a" / "x.zarr", TABLE)
    assert interrupted(genome, tmp_path / "b" / "x.zarr", TABLE.copy()) == first
    assert interrupted(genome, tmp_path / "c" / "x.zarr", CHANGES[change](TABLE)) != first


def test_the_names_that_were_translated_are_on_record(genome: Path) -> None:
    table = TABLE.assign(chrom=["1", "2", "1"])
    alias = {"1": "chr1", "2": "chr2"}
    (step,) = steps(sd.build(table, seq=sd.GenomeFASTA(genome), chrom_alias=alias))
    assert step["chrom_alias"] == alias
    (step,) = steps(sd.build(TABLE, seq=sd.GenomeFASTA(genome)))
    assert step["chrom_alias"] is None
