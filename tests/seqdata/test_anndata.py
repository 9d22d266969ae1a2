"""AnnData over regions: every number at its region and its group, on the way in and out."""

from __future__ import annotations

import builtins
import logging
import warnings
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import sparse
from tests.seqdata.conftest import results, text, windows

import seqdata as sd
from seqdata.readers.anndata import AnnData, to_anndata
from seqdata.testing import assert_conforms

CELLS, REGIONS = 23, 6


@pytest.fixture(autouse=True)
def _plain_text():
    """No anndata that allows pandas 3 (0.12.6) writes the text arrays that pandas 3 makes by itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas 3 warns that the option will go
        with pd.option_context("future.infer_string", False):
            yield


def cells(matrix: str = "csr", *, seed: int = 0) -> anndata.AnnData:
    """Counts of cells of three types and two donors, one cell without a type."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(0.8, (CELLS, REGIONS)).astype("f4")
    types = rng.choice(["B", "T", "NK"], CELLS).astype(object)
    types[4] = None
    obs = pd.DataFrame(
        {
            "type": pd.Categorical(types),
            "lineage": pd.Series(types)
            .map({"B": "lymphoid", "T": "lymphoid", "NK": "innate"})
            .tolist(),
            "donor": rng.choice(["d1", "d2"], CELLS),
        },
        index=[f"cell{i}" for i in range(CELLS)],
    )
    var = pd.DataFrame(
        {"gc": np.linspace(0, 1, REGIONS), "peak_type": pd.Categorical([*"aabbca"])},
        index=[f"chr1:{10 * i}-{10 * i + 8}" for i in range(REGIONS)],
    )
    make = {"csr": sparse.csr_matrix, "csc": sparse.csc_matrix, "dense": np.asarray}[matrix]
    return anndata.AnnData(make(counts), obs=obs, var=var, layers={"double": make(2 * counts)})


def _expected(adata: anndata.AnnData, group: str, aggregate: str) -> np.ndarray:
    """Add up the cells of a group one by one."""
    found = np.zeros(REGIONS)
    mine = [i for i, label in enumerate(adata.obs["type"]) if label == group]
    counts = adata.X.toarray() if sparse.issparse(adata.X) else adata.X
    for i in mine:
        found += counts[i]
    return (found / (len(mine) if aggregate == "mean" else 1)).astype("f4")


@pytest.mark.parametrize("matrix", ["csr", "csc", "dense"])
@pytest.mark.parametrize("backed", [False, True])
@pytest.mark.parametrize("aggregate", ["sum", "mean"])
def test_a_pseudobulk_is_the_sum_or_mean_of_its_cells(
    tmp_path, monkeypatch, matrix, backed, aggregate
):
    """Whether the matrix is in memory or in a file, by rows, by columns or dense, block by block."""
    monkeypatch.setattr("seqdata.readers.anndata._CELLS", 5)
    adata = cells(matrix)
    data: object = adata
    if backed:
        adata.write_h5ad(tmp_path / "a.h5ad")
        data = tmp_path / "a.h5ad"
    ds = AnnData(data, groups="type", aggregate=aggregate).dataset("counts")
    assert ds["counts_sample"].values.tolist() == ["B", "NK", "T"]
    for group in ds["counts_sample"].values:
        found = ds["counts"].sel(counts_sample=group).values
        np.testing.assert_array_equal(found, _expected(adata, group, aggregate))
    assert_conforms(ds)


def test_columns_of_var_and_what_groups_share_in_obs_are_carried_over(caplog):
    with caplog.at_level(logging.WARNING):
        ds = AnnData(cells(), groups="type").dataset("counts")
    assert "1 of 23 cells are in no group" in caplog.text
    assert ds["peak_type"].values.tolist() == [*"aabbca"]
    assert ds["gc"].dtype == np.float32
    assert ds["counts_lineage"].values.tolist() == ["lymphoid", "innate", "lymphoid"]
    assert int(ds["counts_cells"].sum()) == CELLS - 1
    assert "counts_donor" not in ds  # differs within a type
    assert ds["chrom"].values.tolist() == ["chr1"] * REGIONS
    assert ds["chromStart"].values.tolist() == [10 * i for i in range(REGIONS)]


def test_without_groups_every_cell_is_a_sample_and_a_layer_can_be_read():
    adata = cells()
    ds = AnnData(adata, layer="double").dataset("counts")
    np.testing.assert_array_equal(ds["counts"].values, 2 * adata.to_df().to_numpy().T)
    assert ds["counts_sample"].values.tolist() == adata.obs_names.tolist()
    assert ds["counts_donor"].values.tolist() == adata.obs["donor"].tolist()


def test_values_follow_their_regions_into_a_built_dataset(tmp_path):
    """Rows of another order, a strand and a part of the regions: matched by place, never by position."""
    path = tmp_path / "g.fa"
    path.write_text(">chr1\n" + "ACGTTGCA" * 20 + "\n")
    source = AnnData(cells(), groups="type")
    built = sd.build(source.regions().iloc[[4, 0, 3]], length=6, seq=sd.GenomeFASTA(path))
    found = source.add_to(built, "counts")
    np.testing.assert_array_equal(
        found["counts"].values, source.dataset("counts")["counts"].values[[4, 0, 3]]
    )
    assert found["peak_type"].values.tolist() == ["c", "a", "b"]
    with_others = sd.build(
        pd.DataFrame({"chrom": "chr1", "chromStart": [90, 10], "chromEnd": [95, 18]}),
        length=6,
        seq=sd.GenomeFASTA(path),
    )
    with pytest.raises(
        ValueError, match=r"1 of 2 have none, first chr1:90-95\. Pass missing='fill'"
    ):
        source.add_to(with_others, "counts")
    filled = source.add_to(with_others, "counts", missing="fill")
    assert np.isnan(filled["counts"].values[0]).all()
    assert filled["peak_type"].values.tolist() == ["", "a"]
    assert_conforms(filled)


@pytest.mark.parametrize(
    "var",
    [
        pd.DataFrame({"chrom": ["c", "c"], "start": [1, 5], "end": [4, 9]}, index=["x", "y"]),
        pd.DataFrame(
            {"chrom": ["c", "c"], "chromStart": [1, 5], "chromEnd": [4, 9]}, index=["x", "y"]
        ),
        pd.DataFrame({"seqnames": ["c", "c"], "start": [1, 5], "end": [4, 9]}, index=["x", "y"]),
        pd.DataFrame(index=["c:1-4", "c:5-9"]),
        pd.DataFrame(index=["c-1-4", "c-5-9"]),
        pd.DataFrame(index=["c_1_4", "c_5_9"]),
    ],
)
def test_regions_are_told_from_columns_or_names(var):
    adata = anndata.AnnData(np.eye(2, dtype="f4"), var=var, obs=pd.DataFrame(index=["a", "b"]))
    ds = AnnData(adata).dataset("y")
    places = list(
        zip(ds["chrom"].values, ds["chromStart"].values, ds["chromEnd"].values, strict=True)
    )
    assert places == [("c", 1, 4), ("c", 5, 9)]
    assert "start" not in ds


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        (
            {},
            {"groups": "organ"},
            r"groups must name a column of obs; found 'organ', not type, lineage",
        ),
        ({}, {"layer": "triple"}, r"layer must be one of the data's; found 'triple', not double"),
        ({}, {"aggregate": "median"}, r"aggregate must be 'sum' or 'mean'"),
        ({"var_names": [*"abcdef"]}, {}, r"var must have columns chrom, start and end.*found 'a'"),
        (
            {"var_names": ["chr1:0-8", *[f"chr1:{i}-9" for i in range(4)], "chr1-0-8"]},
            {},
            r"regions of var must come once; found chr1:0-8 twice",
        ),
    ],
)
def test_data_that_cannot_be_placed_are_refused(change, arguments, message):
    adata = cells()
    for name, value in change.items():
        setattr(adata, name, value)
    with pytest.raises(ValueError, match=message):
        AnnData(adata, **arguments)


def test_a_group_column_without_values_and_too_many_cells_are_refused(monkeypatch):
    adata = cells()
    adata.obs["nothing"] = np.nan
    with pytest.raises(ValueError, match=r"groups must leave cells"):
        AnnData(adata, groups="nothing")
    monkeypatch.setattr("seqdata.readers.anndata._MOST_DENSE", 100)
    with pytest.raises(
        ValueError, match=r"groups must be given for many cells.*23 cells by 6 regions"
    ):
        AnnData(adata)
    AnnData(adata, groups="type")


def test_names_that_are_taken_are_refused():
    source = AnnData(cells(), groups="type")
    ds = source.dataset("counts")
    with pytest.raises(ValueError, match=r"the data has a variable 'counts' already"):
        source.add_to(ds, "counts")


def test_a_file_is_named_in_the_provenance_and_can_be_written_again(tmp_path: Path):
    cells().write_h5ad(tmp_path / "a.h5ad")
    source = AnnData(tmp_path / "a.h5ad", groups="type")
    assert '"a.h5ad"' in source.dataset().attrs["provenance"]
    assert source.files() == [str(tmp_path / "a.h5ad")]
    cells(seed=1).write_h5ad(tmp_path / "a.h5ad")  # not held open


# ---- the way out


def test_a_dataset_goes_to_anndata_and_back():
    ds = AnnData(cells(), groups="type").dataset("counts")
    adata = to_anndata(ds, variable="counts")
    assert adata.shape == (3, REGIONS)
    assert adata.var_names[1] == "chr1:10-18"
    assert adata.obs["counts_lineage"].tolist() == ["lymphoid", "innate", "lymphoid"]
    again = AnnData(adata).dataset("counts")
    np.testing.assert_array_equal(again["counts"].values, ds["counts"].values)
    assert again["peak_type"].values.tolist() == ds["peak_type"].values.tolist()


def test_targets_become_observations_and_others_layers(tmp_path):
    ds = results()
    adata = to_anndata(ds, variable="expression", layers=["predictions_cnn"], names="row")
    assert adata.obs_names.tolist() == ["K562", "HepG2", ""]
    np.testing.assert_array_equal(adata.X, ds["expression"].values.T)
    np.testing.assert_array_equal(adata.layers["predictions_cnn"], ds["predictions_cnn"].values.T)
    assert adata.var_names.tolist() == [*"0123456"]
    adata.write_h5ad(tmp_path / "a.h5ad")
    np.testing.assert_array_equal(anndata.read_h5ad(tmp_path / "a.h5ad").X, adata.X)


def test_one_number_a_row_is_one_observation():
    ds = windows()
    adata = to_anndata(ds, variable="score")
    assert adata.shape == (1, 7)
    assert adata.obs_names.tolist() == ["score"]
    assert adata.var["chrom"].tolist() == ds["chrom"].values.tolist()
    assert "seq" not in adata.var


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"variable": "nothing"}, r"found 'nothing' \(\)"),
        ({"variable": "seq"}, r"found 'seq' \('_sequence', '_length'\)"),
        (
            {"variable": "depth", "layers": ["score"]},
            r"layers must have the axes of 'depth'.*'score'",
        ),
        (
            {"variable": "depth", "names": "seq"},
            r"names must be a variable with one value a row; found 'seq'",
        ),
        (
            {"variable": "depth", "names": "name"},
            r"names of rows must be unique; found 'peak' twice",
        ),
    ],
)
def test_what_is_no_matrix_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        to_anndata(windows(), **arguments)


def test_without_anndata_the_error_says_what_to_install(monkeypatch):
    importing = builtins.__import__

    def without(name, *args, **options):
        if name == "anndata":
            raise ImportError(name)
        return importing(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"pip install 'eugene-seqdata\[h5ad\]'"):
        AnnData("a.h5ad")
    ds = xr.Dataset({"row": ("_sequence", [1]), "y": ("_sequence", text("a"))})
    with pytest.raises(ImportError, match=r"needs anndata"):
        to_anndata(ds, variable="y")
