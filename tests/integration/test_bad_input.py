"""What users get wrong, end to end: one sentence that names the thing, and nothing half-written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import eugene as eu
import seqdata as sd
import seqpro as sp


def one_sentence(error: pytest.ExceptionInfo[Exception]) -> str:
    text = str(error.value)
    assert "\n" not in text
    return text


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_unknown_letter_names_letter_and_place() -> None:
    with pytest.raises(ValueError, match="'J'") as error:
        sp.ohe(["ACGT", "ACJT"], sp.DNA, unknown="error")
    assert "position 2 of sequence 1" in one_sentence(error)


def test_unequal_lengths_where_one_is_needed() -> None:
    with pytest.raises(ValueError, match="lengths 2 to 4") as error:
        sp.reverse_complement(["ACGT", "AC"], sp.DNA)
    assert "pad_seqs" in one_sentence(error)


def test_region_on_a_contig_that_the_genome_lacks(tmp_path: Path) -> None:
    (tmp_path / "g.fa").write_text(">chr1\nACGT\n")
    region = pd.DataFrame({"chrom": ["1"], "chromStart": [0], "chromEnd": [2]})
    genome = sd.GenomeFASTA(tmp_path / "g.fa")
    with pytest.raises(ValueError, match="region 1:0-2 is on a contig that reader 'seq'") as error:
        sd.build(region, out=tmp_path / "out.zarr", seq=genome)
    assert "It has 'chr1'" in one_sentence(error)
    assert leftovers(tmp_path) == ["g.fa"]


def test_table_without_the_named_column(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("dna\ty\nACGT\t1\n")
    with pytest.raises(ValueError, match="'sequence'") as error:
        sd.read_table(tmp_path / "a.tsv", sequence="sequence", out=tmp_path / "out.zarr")
    assert "among dna, y" in one_sentence(error)
    assert leftovers(tmp_path) == ["a.tsv"]


def test_missing_target_is_an_error_if_that_is_asked(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("dna\ty\n" + "ACGT\t1\nACGA\t\n" * 20)
    data = eu.preprocess.split(
        sd.read_table(tmp_path / "a.tsv", sequence="dna", targets="y"), seed=0
    )
    with pytest.raises(ValueError, match="target 'y' must not be missing; found NaN") as error:
        eu.fit("cnn", data, targets="y", missing="error", out=tmp_path / "run")
    one_sentence(error)
    assert leftovers(tmp_path) == ["a.tsv"]


def test_store_of_another_contract_version(tmp_path: Path) -> None:
    import zarr

    sd.to_zarr(xr.Dataset({"row": ("_sequence", np.arange(2))}), tmp_path / "a.zarr")
    zarr.open_group(tmp_path / "a.zarr", mode="r+").attrs["seqdata_contract"] = "0"
    with pytest.warns(UserWarning, match="Consolidated"):
        zarr.consolidate_metadata(tmp_path / "a.zarr")
    with pytest.raises(
        sd.ContractError, match="must have contract version '1'; found '0'"
    ) as error:
        sd.open_zarr(tmp_path / "a.zarr")
    one_sentence(error)


def test_checkpoint_of_another_length(tmp_path: Path) -> None:
    seqs = sp.random_seqs((60, 20), sp.DNA, rng=0).view(np.uint8)
    data = xr.Dataset(
        {
            "row": ("_sequence", np.arange(60)),
            "seq": (("_sequence", "_length"), seqs),
            "y": ("_sequence", sp.gc_content(seqs).astype(np.float32)),
        }
    )
    data = eu.preprocess.split(data, seed=0)
    run = eu.fit("cnn", data, targets="y", epochs=1, filters=4, out=tmp_path / "run")
    model = eu.load_model(run.path)
    with pytest.raises(ValueError, match=r"takes sequences of 20 letters; .* has 17") as error:
        eu.predict(model, data.isel(_length=slice(0, 17)))
    one_sentence(error)
