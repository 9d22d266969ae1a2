"""Tables: every row in, with the types the contract asks for, and errors that name the line."""

from __future__ import annotations

import bz2
import csv
import gzip
import json
import lzma
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seqdata as sd
import seqpro as sp
from seqdata.readers import table
from seqdata.readers.table_text import PlainText, Words
from seqdata.testing import assert_conforms, assert_same_rows


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def writer(text: str, name: str = "data.csv") -> Path:
        (tmp_path / name).write_bytes(text.encode())
        return tmp_path / name

    return writer


def letters(ds: Any) -> list[str]:
    if "seq_value" in ds.dims:
        return [row.tobytes().decode() for row in sd.ragged(ds, "seq")]
    return [row.tobytes().decode() for row in ds["seq"].values]


def test_a_csv_file_with_targets_and_annotations(write: Any) -> None:
    path = write(
        "dna,activity,is_on,species,reads,passed\nACGT,1.5,1,fly,7,True\nGGCC,-2,0,,9,False\n"
    )
    ds = sd.read_table(path, sequence="dna", targets=["activity", "is_on"])
    assert letters(ds) == ["ACGT", "GGCC"]
    assert ds["activity"].values.tolist() == [1.5, -2]
    assert ds["species"].values.tolist() == ["fly", ""]
    types = {name: str(ds[name].dtype) for name in ("activity", "is_on", "reads", "passed")}
    assert types == {"activity": "float32", "is_on": "int8", "reads": "int64", "passed": "bool"}
    assert ds["activity"].attrs["task"] == "regression"
    assert ds["is_on"].attrs["task"] == "binary"
    assert_conforms(ds)


@pytest.mark.parametrize(
    ("name", "separator"), [("a.csv", ","), ("a.tsv", "\t"), ("a.txt", "\t"), ("a.tab", "\t")]
)
def test_the_name_tells_the_separator(write: Any, name: str, separator: str) -> None:
    path = write(f"dna{separator}y\nAC{separator}3\n", name)
    assert sd.read_table(path, sequence="dna", targets="y")["y"].values.tolist() == [3]


def test_another_separator_can_be_given(write: Any) -> None:
    path = write("dna;y\nAC;3\n")
    assert sd.read_table(path, sequence="dna", separator=";")["y"].values.tolist() == [3]


def test_a_name_that_tells_no_separator_is_an_error(write: Any) -> None:
    with pytest.raises(ValueError, match=r"separator must be given for data.dat"):
        sd.read_table(write("dna y\n", "data.dat"), sequence="dna")


@pytest.mark.parametrize(
    ("ending", "compress"),
    [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)],
)
def test_compressed_files(tmp_path: Path, ending: str, compress: Any) -> None:
    path = tmp_path / f"data.tsv.{ending}"
    path.write_bytes(compress(b"dna\ty\nAC\t3\nGG\t4\n"))
    assert letters(sd.read_table(path, sequence="dna")) == ["AC", "GG"]


def test_a_file_without_a_header(write: Any) -> None:
    ds = sd.read_table(write("AC\t3\nGG\t4\n", "a.txt"), sequence="dna", names=["dna", "y"])
    assert letters(ds) == ["AC", "GG"]
    assert ds["y"].values.tolist() == [3, 4]


def test_windows_line_ends_quotes_and_spaces(write: Any) -> None:
    ds = sd.read_table(write('dna,note\r\n" AC ","a, b"\r\n"GG",c\r\n'), sequence="dna")
    assert letters(ds) == ["AC", "GG"]
    assert ds["note"].values.tolist() == ["a, b", "c"]


def test_missing_measurements_are_nan_and_missing_classes_are_minus_1(write: Any) -> None:
    """One empty cell must not turn a classification into a regression."""
    text = "dna,y,z,none\nAC,1.5,1,\nGG,,0,\nTT,NA,,\n"
    ds = sd.read_table(write(text), sequence="dna", targets=["y", "z", "none"])
    np.testing.assert_array_equal(ds["y"], np.array([1.5, np.nan, np.nan], "f4"))
    assert (ds["z"].dtype, ds["z"].values.tolist()) == (np.int8, [1, 0, -1])
    assert np.isnan(ds["none"]).all()
    tasks = {name: ds[name].attrs["task"] for name in ("y", "z", "none")}
    assert tasks == {"y": "regression", "z": "binary", "none": "regression"}
    assert_conforms(ds)


@pytest.mark.parametrize("rows", [1, 2, 100])
def test_whole_numbers_beside_gaps_keep_their_digits(
    write: Any, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """A float32 would give 248956416, a place that is 5 bp off."""
    monkeypatch.setattr(table, "_ROWS", rows)
    path = write("dna,place,reads,share\nAC,248956421,7,16777217.5\nGG,,,\nTT,3,9,1\n")
    ds = sd.read_table(path, sequence="dna")
    assert (ds["place"].dtype, ds["place"].values.tolist()) == (np.int64, [248956421, -1, 3])
    np.testing.assert_array_equal(ds["reads"], np.array([7, np.nan, 9], "f4"))
    assert ds["share"].dtype == np.float32
    assert_conforms(ds)


def test_a_gap_beside_a_value_that_stands_for_gaps_is_refused(write: Any) -> None:
    path = write("dna,place\nAC,248956421\nGG,\nTT,-1\n")
    with pytest.raises(ValueError, match=r"'place' must not have both empty cells and -1.*found 1"):
        sd.read_table(path, sequence="dna")


@pytest.mark.parametrize("rows", [1, 100])
def test_whole_numbers_beyond_int64_are_text(
    write: Any, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """As int64, 2**64 - 1 would be -1."""
    monkeypatch.setattr(table, "_ROWS", rows)
    ds = sd.read_table(write("dna,key\nAC,18446744073709551615\nGG,7\n"), sequence="dna")
    assert ds["key"].values.tolist() == ["18446744073709551615", "7"]


@pytest.mark.parametrize(
    ("folds", "found"),
    [("1 2", [1, 2]), ("1 ", [1, -1]), ("70000 1", None), ("70000 ", None), ("0.5 1", None)],
)
def test_folds_are_small_and_none_wraps(write: Any, folds: str, found: list[int] | None) -> None:
    path = write("dna,fold\n" + "".join(f"AC,{fold}\n" for fold in folds.split(" ")))
    if found is None:
        with pytest.raises(ValueError, match=r"'fold' .* must have type int16"):
            sd.read_table(path, sequence="dna")
    else:
        ds = sd.read_table(path, sequence="dna")
        assert (ds["fold"].dtype, ds["fold"].values.tolist()) == (np.int16, found)


def test_letters_outside_the_alphabet_are_kept_and_counted(
    write: Any, caplog: pytest.LogCaptureFixture
) -> None:
    ds = sd.read_table(write("dna\nACGU\nAC-U\n"), sequence="dna")
    assert letters(ds) == ["ACGU", "AC-U"]
    assert caplog.messages == [
        "data.csv: 3 letters are outside alphabet DNA ('U' 2, '-' 1); in one-hot arrays they are zero "
        "columns"
    ]


def test_letters_of_an_alphabet_may_be_digits(write: Any) -> None:
    states = sp.Alphabet("states", "0123")
    ds = sd.read_table(write("path\n0012\n33\n"), sequence="path", alphabet=states)
    assert letters(ds) == ["0012", "33"]


def test_a_table_in_latin_1_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("dna,note\nAC,levée\n".encode("latin1"))
    with pytest.raises(ValueError, match=r"a.csv must be UTF-8 text; .* Save it as UTF-8"):
        sd.read_table(tmp_path / "a.csv", sequence="dna")


def test_rows_of_unequal_length_are_ragged(write: Any) -> None:
    ds = sd.read_table(write("dna\nACG\nT\nGGGG\n"), sequence="dna")
    assert ds["seq"].dims == ("seq_value",)
    assert letters(ds) == ["ACG", "T", "GGGG"]
    assert_conforms(ds)


@pytest.mark.parametrize("word", ["NA", "NULL", "nan", "None", "N"])
def test_sequences_that_spell_a_missing_value_are_sequences(write: Any, word: str) -> None:
    """Asparagine-alanine is a peptide."""
    ds = sd.read_table(write(f"peptide\nMK\n{word}\n"), sequence="peptide", alphabet=sp.AA)
    assert letters(ds) == ["MK", word]
    assert ds["seq"].attrs["alphabet"] == sp.AA.name


def test_columns_that_the_contract_knows_get_its_types(write: Any) -> None:
    """A fold is small, a score may be whole, an identifier of digits is still text."""
    path = write("dna,fold,score,id,name,chrom\nAC,1,3,007,8,1\nGG,2,4,009,9,X\n")
    ds = sd.read_table(path, sequence="dna")
    assert ds["fold"].dtype == np.int16
    assert ds["score"].dtype == np.float32
    assert ds["id"].values.tolist() == ["007", "009"]
    assert ds["name"].values.tolist() == ["8", "9"]
    assert ds["chrom"].values.tolist() == ["1", "X"]
    assert_conforms(ds)


@pytest.mark.parametrize("rows", [1, 2, 3, 100])
def test_the_size_of_a_block_changes_nothing(
    write: Any, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """Columns that look like numbers at first and like text later on included."""
    path = write(
        "dna,y,plate,depth,tag\nACG,1,001,5,a\nTT,2,002,6,\nGGG,,003,,c\nA,4,A01,8,d\nC,0,,9,5\n"
    )
    expected = sd.read_table(path, sequence="dna", targets="y")
    monkeypatch.setattr(table, "_ROWS", rows)
    ds = sd.read_table(path, sequence="dna", targets="y")
    assert_same_rows(ds, expected)
    assert ds["plate"].values.tolist() == ["001", "002", "003", "A01", ""]
    assert {name: v.dtype for name, v in ds.items()} == {n: v.dtype for n, v in expected.items()}


def test_a_store_holds_what_memory_holds(write: Any, tmp_path: Path) -> None:
    path = write("dna,y,note\nACG,1.5,a\nTTT,,\n")
    expected = sd.read_table(path, sequence="dna", targets="y")
    stored = sd.read_table(path, sequence="dna", targets="y", out=tmp_path / "a.zarr")
    assert_same_rows(stored.load(), expected)
    with pytest.raises(FileExistsError):
        sd.read_table(path, sequence="dna", out=tmp_path / "a.zarr")
    sd.read_table(path, sequence="dna", out=tmp_path / "a.zarr", overwrite=True)


WORDS = ["NA", "N/A", "n/a", "#NA", "nan", "NaN", "null", "NULL", "None", "<NA>"]


def test_the_usual_words_and_the_empty_cell_are_missing(write: Any) -> None:
    rows = "".join(f"AC,{word},{word}\n" for word in ["", *WORDS])
    ds = sd.read_table(write(f"dna,y,note\nGG,2.5,x\n{rows}"), sequence="dna", targets="y")
    assert ds["y"].values[0] == 2.5
    assert np.isnan(ds["y"].values[1:]).all()
    assert ds["note"].values.tolist() == ["x", *[""] * (len(WORDS) + 1)]


def test_words_for_missing_values_can_be_given_and_others_are_then_none(write: Any) -> None:
    path = write("dna,y,note\nAC,-999,ND\nGG,1.5,NA\nTT,,x\n")
    ds = sd.read_table(path, sequence="dna", targets="y", missing=["ND", "-999"])
    np.testing.assert_array_equal(ds["y"], np.array([np.nan, 1.5, np.nan], "f4"))
    assert ds["note"].values.tolist() == ["", "NA", "x"]
    with pytest.raises(ValueError, match=r"data.csv, line 3: target 'y' .*found 'NA'. .*missing="):
        sd.read_table(write("dna,y\nAC,1\nGG,NA\n"), sequence="dna", targets="y", missing=["ND"])
    with pytest.raises(ValueError, match=r"missing must be a list of words, .* found 'NA'"):
        sd.read_table(path, sequence="dna", missing="NA")


def test_sequences_are_never_missing_words(write: Any) -> None:
    ds = sd.read_table(write("dna\nNNA\nN\n"), sequence="dna", missing=["N"])
    assert letters(ds) == ["NNA", "N"]


@pytest.mark.parametrize("value", ["inf", "-inf", "1e39", "-4e38"])
def test_a_measurement_that_float32_cannot_hold_is_refused(write: Any, value: str) -> None:
    """It would silently become infinite, and so would the loss of every model."""
    with pytest.raises(
        ValueError, match=r"line 2: target 'y' must be a finite number of float32; found"
    ):
        sd.read_table(write(f"dna,y\nAC,{value}\n"), sequence="dna", targets="y")


def test_several_files_follow_each_other_and_columns_go_by_name(write: Any) -> None:
    paths = [
        write("dna,y,note\nAC,1.5,1\nGG,2,2\n", "a.csv"),
        write("note\tdna\ty\nx\tTT\t\n", "b.tsv"),
        write("y,note,dna\n4,4,CC\n", "c.csv"),
    ]
    ds = sd.read_table(paths, sequence="dna", targets="y")
    assert letters(ds) == ["AC", "GG", "TT", "CC"]
    np.testing.assert_array_equal(ds["y"], np.array([1.5, 2, np.nan, 4], "f4"))
    assert ds["note"].values.tolist() == ["1", "2", "x", "4"]
    assert ds["row"].values.tolist() == [0, 1, 2, 3]
    assert_conforms(ds)
    files = [entry["file"] for entry in json.loads(ds.attrs["provenance"])[0]["files"]]
    assert files == ["a.csv", "b.tsv", "c.csv"]


def test_files_of_different_columns_are_refused_and_the_columns_named(write: Any) -> None:
    paths = [write("dna,y,z\nAC,1,2\n", "a.csv"), write("dna,y,w,v\nAC,1,2,3\n", "b.csv")]
    message = r"b.csv has no 'z' and further 'w', 'v', compared with a.csv"
    with pytest.raises(ValueError, match=message):
        sd.read_table(paths, sequence="dna")
    with pytest.raises(
        ValueError, match=r"sequence must name a column of b.csv; found no 'dna' among"
    ):
        sd.read_table([paths[0], write("DNA,y\nA,1\n", "b.csv")], sequence="dna")


def test_lines_are_counted_in_each_file(write: Any) -> None:
    paths = [write("dna,y\nAC,1\nAC,1\n", "a.csv"), write("dna,y\nAC,1\nAC,x\n", "b.csv")]
    with pytest.raises(ValueError, match=r"b.csv, line 3: target 'y'"):
        sd.read_table(paths, sequence="dna", targets="y")


@pytest.mark.parametrize("paths", [[], ["a.csv", "b.csv", "a.csv"]])
def test_no_file_and_a_file_twice_are_refused(paths: list[str]) -> None:
    with pytest.raises(
        ValueError, match=r"path must name one file or several different ones; found"
    ):
        sd.read_table(paths, sequence="dna")


DAMAGED = {
    "gz": (gzip.compress, -9), "xz": (lzma.compress, -9), "bz2": (bz2.compress, -9), "no gz": (bytes, 0)
}  # fmt: skip


@pytest.mark.parametrize(("compress", "cut"), DAMAGED.values(), ids=DAMAGED)
def test_a_compressed_table_that_is_cut_short_is_refused(
    tmp_path: Path, compress: Any, cut: int, request: pytest.FixtureRequest
) -> None:
    text = b"dna,y\n" + b"".join(b"ACGT%d,%d\n" % (0, i * 7919 % 1000) for i in range(5000))
    text = text.replace(b"T0", b"T")
    ending = request.node.callspec.id.removeprefix("no ")
    path = tmp_path / f"a.csv.{ending}"
    path.write_bytes(compress(text)[: cut or None])
    with pytest.raises(ValueError, match=rf"a.csv.{ending} is cut short or damaged"):
        sd.read_table(path, sequence="dna")


def test_an_empty_file_and_a_row_of_too_many_cells_are_refused_by_name(write: Any) -> None:
    with pytest.raises(ValueError, match=r"data.csv must have a header line and rows; it is empty"):
        sd.read_table(write(""), sequence="dna")
    with pytest.raises(ValueError, match=r"data.csv must have the same columns .* line 3, saw 3"):
        sd.read_table(write("dna,y\nAC,1\nAC,1,2\n"), sequence="dna")


@pytest.mark.parametrize("rows", [1, 100])
def test_truth_values_beside_numbers_and_gaps_are_text_whatever_the_block(
    write: Any, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(table, "_ROWS", rows)
    ds = sd.read_table(write("dna,a,b\nAC,1,True\nGG,True,\nTT,0,False\n"), sequence="dna")
    assert ds["a"].values.tolist() == ["1", "True", "0"]
    assert ds["b"].values.tolist() == ["True", "", "False"]


def test_long_sequences_are_read_a_few_rows_at_a_time(
    write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A block of 100,000 rows of an Enformer window each would be 20 GB."""
    monkeypatch.setattr(table, "_BLOCK", 100)
    monkeypatch.setattr(table, "_FIRST_ROWS", 2)
    plain = sd.Table(write("dna\n" + "ACGTACGTAC\n" * 25), sequence="dna")
    assert [len(block.sequences) for block in plain.blocks()] == [8, 9, 8]
    other = sd.Table(write("dna,is_on\n" + "ACGTACGTAC,True\n" * 25), sequence="dna")
    assert [len(block.sequences) for block in other.blocks()] == [2, 10, 10, 3]


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "dna": ["ACG", "GGT", "NA", "TTA"],
            "y": [1.5, np.nan, -2, 0],
            "is_on": [1, 0, 1, 1],
            "reads": [7, 8, 9, 2**40],
            "place": pd.array([248956421, None, 3, 4], "Int64"),
            "passed": [True, False, True, True],
            "maybe": pd.array([True, None, False, True], "boolean"),
            "note": ["a", None, "", "ND"],
            "plate": pd.Categorical(["p1", "p2", "p1", None]),
            "id": [7, 8, 9, 10],
            "large": np.array([1, 2, 3, 2**64 - 1], "u8"),
        }
    )


@pytest.mark.parametrize("rows", [1, 3, 100])
def test_parquet_gives_what_the_same_table_as_csv_gives(
    frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_csv(tmp_path / "a.csv", index=False)
    expected = sd.read_table(tmp_path / "a.csv", sequence="dna", targets=["y", "is_on"])
    monkeypatch.setattr(table, "_ROWS", rows)
    ds = sd.read_table(tmp_path / "a.parquet", sequence="dna", targets=["y", "is_on"])
    assert_same_rows(ds, expected)
    assert {name: v.dtype for name, v in ds.items()} == {n: v.dtype for n, v in expected.items()}
    assert ds["place"].values.tolist() == [248956421, -1, 3, 4]
    assert ds["large"].values.tolist()[-1] == str(2**64 - 1)
    assert_conforms(ds)


def test_words_of_parquet_are_missing_only_if_they_are_named(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    """Parquet has empty cells of its own: NA may be a name there."""
    frame["note"] = ["NA", None, "ND", "x"]
    frame.to_parquet(tmp_path / "a.parquet")
    assert sd.read_table(tmp_path / "a.parquet", sequence="dna")["note"].values[0] == "NA"
    ds = sd.read_table(tmp_path / "a.parquet", sequence="dna", missing=["ND"])
    assert ds["note"].values.tolist() == ["NA", "", "", "x"]


def test_sequences_of_parquet_may_be_bytes_and_must_be_there(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"dna": [b"AC", b"GGG"]}).to_parquet(path)
    assert letters(sd.read_table(path, sequence="dna")) == ["AC", "GGG"]
    pd.DataFrame({"dna": ["AC", None]}).to_parquet(path)
    with pytest.raises(ValueError, match=r"a.parquet, row 2: expected letters in column 'dna'"):
        sd.read_table(path, sequence="dna")
    pd.DataFrame({"dna": [1, 2]}).to_parquet(path)
    with pytest.raises(ValueError, match=r"a.parquet, row 1: expected letters .*'dna'; found 1"):
        sd.read_table(path, sequence="dna")


def test_a_text_target_of_parquet_is_named_by_row(tmp_path: Path) -> None:
    pd.DataFrame({"dna": ["AC", "GG"], "y": ["1", "high"]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(
        ValueError, match=r"a.parquet, row 2: target 'y' must be a number; found 'high'"
    ):
        sd.read_table(tmp_path / "a.parquet", sequence="dna", targets="y")


def test_parquet_that_is_no_table_of_single_values_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"dna": ["AC"], "hits": [[1, 2]]}).to_parquet(path)
    with pytest.raises(
        ValueError, match=r"columns of a.parquet must hold one value a row; .*'hits'"
    ):
        sd.read_table(path, sequence="dna")
    pd.DataFrame({"dna": ["AC"], "raw": [b"x"]}).to_parquet(path)
    with pytest.raises(
        ValueError, match=r"a.parquet must hold text or numbers; found binary in 'raw'"
    ):
        sd.read_table(path, sequence="dna")
    pq.write_table(pa.table([["AC"], ["a"], ["b"]], names=["dna", "x", "x"]), path)
    with pytest.raises(ValueError, match=r"columns of a.parquet must .* found 'x' twice"):
        sd.read_table(path, sequence="dna")
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ValueError, match=r"a.parquet must be a whole parquet file"):
        sd.read_table(path, sequence="dna")
    with pytest.raises(ValueError, match=r"separator and names are of text files"):
        sd.read_table(path, sequence="dna", separator=",")


def test_parquet_without_pyarrow_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.parquet").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"a.parquet needs pyarrow; .*eugene-seqdata\[parquet\]"
    ):
        sd.read_table(tmp_path / "a.parquet", sequence="dna")


ERRORS = {
    "no sequence column": ("dna,y\nAC,1\n", {"sequence": "seq"}, "found no 'seq' among dna, y"),
    "no target column": ("dna,y\nAC,1\n", {"targets": "z"}, "targets must name .* no 'z' among"),
    "sequence as target": ("dna,y\nAC,1\n", {"targets": ["y", "dna"]}, "found 'dna' in both"),
    "target as text": ("dna,y\nAC,1\nGG,high\n", {"targets": "y"}, "line 3: target 'y' .* found 'high'"),
    "empty sequence": ("dna,y\nAC,1\n ,2\n", {}, "data.csv, line 3: expected letters in column 'dna'"),
    "sequence left out": ("y,dna\n1,AC\n2\n", {}, "data.csv, line 3: expected letters"),
    "letters beyond ASCII": ("dna,y\nAC,1\nGÜ,2\n", {}, "line 3: .* ASCII letters; found 'GÜ'"),
    "space in a sequence": ("dna,y\nAC,1\nG G,2\n", {}, "line 3: .* ASCII letters; found 'G G'"),
    "numbers as sequence": ("dna,y\nAC,1.5\nGG,2e3\n", {"sequence": "y"},
                            "column 'y' of data.csv holds the number 1.5"),
    "one number as sequence": ("dna\nAC\n-7\n", {}, "holds the number -7. Name another column"),
    "column twice": ("dna,y,y\nAC,1,2\n", {}, "columns of data.csv must .* found 'y' twice"),
    "given name twice": ("AC,1,2\n", {"names": ["dna", "y", "y"]}, "found 'y' twice"),
    "no rows": ("dna,y\n", {}, "data.csv must hold at least one sequence; found none"),
    "row names without a name": ("dna,y\nrow1,AC,1\nrow2,GG,2\n", {}, "must have a name for every column"),
    "numbered rows without a name": ("dna,y\n1,AC,1\n2,GG,2\n", {}, "must have a name for every column"),
    "column of the contract": ("dna,row\nAC,1\n", {}, "column 'row' must be renamed"),
    "column named seq": ("dna,seq\nAC,1\n", {}, "column 'seq' must be renamed"),
    "column with a slash": ("dna,RNA/DNA\nAC,1\n", {"targets": "RNA/DNA"}, "without '/'"),
    "strand of another name": ("dna,strand\nAC,fwd\n", {}, "'strand' must hold"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "arguments", "message"), ERRORS.values(), ids=ERRORS)
def test_what_cannot_be_read_is_named(
    write: Any, text: str, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        sd.read_table(write(text), **{"sequence": "dna", **arguments})


def test_lines_are_counted_across_blocks_and_without_a_header(
    write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "_ROWS", 2)
    path = write("AC,1\nAC,1\nAC,1\nAC,x\n")
    with pytest.raises(ValueError, match="line 4: target 'y'"):
        sd.read_table(path, sequence="dna", names=["dna", "y"], targets="y")


@pytest.mark.parametrize(
    ("file", "sequence", "targets", "names"),
    [
        ("datasets/random1000/random1000_seqs.tsv", "seq", ["activity_0", "label_0"], None),
        ("datasets/farley15/farley2015_seqs_annot.csv", "Enhancer Sequence", [], None),
        ("dream_yeast/demo_train.txt", "dna", ["expression"], ["dna", "expression"]),
        ("dream_human_mpra/sample_train.txt", "seq", ["mean_value"], None),
        ("datasets/eugene_test_1000seqs_66/test_seqs.tsv", "SEQ", ["ACTIVITY", "LABEL"], None),
    ],
    ids=lambda value: value.split("/")[-1] if isinstance(value, str) else "",
)
def test_real_tables_agree_with_plain_python(
    mirror: Path, file: str, sequence: str, targets: list[str], names: list[str] | None
) -> None:
    ds = sd.read_table(mirror / file, sequence=sequence, targets=targets, names=names)
    with (mirror / file).open(newline="") as stream:
        separator = "," if file.endswith(".csv") else "\t"
        rows = list(csv.DictReader(stream, names, delimiter=separator))
    assert letters(ds) == [row[sequence] for row in rows]
    for target in targets:
        expected = np.array([float(row[target]) for row in rows], "f4")
        np.testing.assert_array_equal(ds[target].values.astype("f4"), expected)


WORDS_OF_CELLS = [
    *(
        "",
        "NA",
        "nan",
        "-nan",
        "null",
        "1.#IND",
        "x",
        "a b",
        " a",
        "b ",
        "é",
        "%",
        "N",
        "nano",
        "1e",
        "1e+",
    ),
    *(
        "0",
        "1",
        "-0",
        "+5",
        "007",
        "-12",
        "1.",
        ".5",
        "-.5e1",
        "1e5",
        "1E-5",
        "1e22",
        "1e23",
        "1e-300",
    ),
    *(
        "0.1",
        "3.14159265358979",
        "0.30000000000000004",
        "123456789012345",
        "1234567890123456",
        "1e400",
    ),
    *(
        "9223372036854775807",
        "9223372036854775808",
        "248956421",
        "16777217",
        "1_0",
        "0x1",
        "--1",
        "1.2.3",
    ),
    *(
        "+-1",
        ".",
        "-",
        "+",
        "e5",
        " 1",
        "1 ",
        " ",
        "True",
        "false",
        "TRUE",
        "inf",
        "-Infinity",
        "infant",
    ),
    *(
        "1.5e+3",
        "4.35",
        "0e99",
        "1e-22",
        "2.5e-23",
        "00000000000000000000123.5",
        "5e-324",
        "1,5",
        "a;b",
    ),
]
CELLS = st.one_of(
    st.sampled_from(WORDS_OF_CELLS[:16]),
    st.sampled_from(WORDS_OF_CELLS),
    st.floats(-1e30, 1e30).map(repr),
    st.floats(-1e3, 1e3).map("{:.4f}".format),
    st.integers(-(2**60), 2**60).map(str),
)
OF_KIND = {
    "any": CELLS,
    "number": st.one_of(st.just("NA"), st.floats(-1e9, 1e9, width=32).map("{:.6g}".format)),
    "whole": st.integers(-(2**40), 2**40).map(str),
    "word": st.sampled_from(["a", "b c", "NA", "", "7", "é"]),
    "no text": st.sampled_from(["True", "false", "inf", "-Infinity", "1", " 2", "3 ", "NA"]),
}


def _read_both(path: Path, **options: Any) -> list[Any]:
    """What is read as plain text where that can be, and what pandas alone reads: Datasets or messages."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise table.NotPlainError

    found: list[Any] = []
    for plain_blocks in (table.plain_blocks, refuse):
        with pytest.MonkeyPatch.context() as patch, np.errstate(over="ignore"):
            patch.setattr(table, "plain_blocks", plain_blocks)
            patch.setattr(table, "_ROWS", 3)
            patch.setattr(table, "_BLOCK", 64)
            try:
                found.append(sd.read_table(path, sequence="dna", **options))
            except ValueError as error:
                found.append(str(error))
    return found


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_plain_text_means_what_pandas_takes_it_for(
    tmp_path_factory: pytest.TempPathFactory, data: Any
) -> None:
    """A table must not change its meaning with a quote in its last line."""
    kinds = data.draw(st.lists(st.sampled_from(sorted(OF_KIND)), min_size=1, max_size=3))
    cells = st.tuples(
        st.sampled_from(["AC", "GGT", " ACG ", "NA", "A"]), *(OF_KIND[kind] for kind in kinds)
    )
    rows = data.draw(st.lists(cells, min_size=1, max_size=9))
    quoting = data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]))
    line_end = data.draw(st.sampled_from(["\n", "\r\n", "\n\n"]))
    path = tmp_path_factory.mktemp("both") / "a.csv"
    with path.open(
        "w", newline="", encoding=data.draw(st.sampled_from(["utf-8", "utf-8-sig"]))
    ) as file:
        names = ["dna", *(f"c{i}" for i in range(len(kinds)))]
        csv.writer(file, quoting=quoting, lineterminator=line_end).writerows([names, *rows])
    targets = ["c0"] if data.draw(st.booleans()) else []
    missing = data.draw(st.sampled_from([None, ["x", "NA"], ["1"]]))
    plain, other = _read_both(path, targets=targets, missing=missing)
    if isinstance(other, str):
        assert plain == other
        return
    assert_same_rows(plain, other)
    assert {name: v.dtype for name, v in plain.items()} == {n: v.dtype for n, v in other.items()}


ODD_TEXTS = {
    "quotes in quotes": 'dna,c\nAC,"a ""b"""\nGG,c\n',
    "a line end in quotes": 'dna,c\nAC,"a\nb"\nGG,c\n',
    "a quote within": 'dna,c\nAC,5" long\nGG,c\n',
    "white lines": "dna,c\nAC,1\n  \n\nGG,2\n",
    "white space first": "c,dna\n  a,AC\nb,GG\n",
    "lone carriage returns": "dna,c\rAC,1\rGG,2\r",
    "no last line end": "dna,c\nAC,1\nGG,2",
    "no last line end, Windows": "dna,c\r\nAC,1\r\nGG,2\r",
    "a short row": "dna,c,d\nAC,1,2\nGG,3\nTT,4,5\n",
    "a long row far down": "dna,c\n" + "ACGTACGTACGT,1\n" * 20 + "GG,2,3\n",
    "a bad target far down": "dna,c\n" + "ACGTACGTACGT,1\n" * 20 + "GG,high\n",
    "an empty name": "dna,\nAC,1\n",
    "an empty sequence far down": "dna,c\n" + "ACGTACGTACGT,1\n" * 20 + " ,2\n",
    "a quote far down": "dna,c\n" + "ACGTACGTACGT,1\n" * 20 + 'GG,"2""3"\n',
    "a quoted name": '"dna","c, d"\nAC,1\n',
    "a tab in a sequence": "dna,c\nAC\t,1\nGG,2\n",
    "an open quote": 'dna,c\nAC,"1\n\nGG,2\n',
    "truth values": "dna,c\nAC,True\nGG,false\nTT,TRUE\n",
    "infinity": "dna,c\nAC,inf\nGG,-Infinity\nTT,1\n",
    "numbers with spaces": "dna,c\nAC, 1\nGG,2 \nTT,3\n",
    "keys beyond int64": "dna,c\nAC,9223372036854775808\nGG,1\n",
    "keys of many digits": "dna,c\nAC,1234567890123456789\nGG,1\n",
    "words of spaces": "dna,c\nAC, \nGG,1\n",
    "blank lines first": "\n\ndna,c\nAC,1\n",
}


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
@pytest.mark.parametrize("targets", [[], ["c"]])
def test_text_that_is_not_plain_means_what_it_meant_and_is_refused_as_it_was(
    write: Any, text: str, targets: list[str]
) -> None:
    plain, other = _read_both(write(text), targets=targets)
    if isinstance(other, str):
        assert plain == other
    else:
        assert_same_rows(plain, other)


def test_numbers_are_rounded_once() -> None:
    """Their digits are those that Python reads, to the last bit."""
    rng = np.random.default_rng(0)
    numbers = rng.standard_normal(200) * 10.0 ** rng.integers(-30, 30, 200)
    words = [f"{x:.{d}{kind}}" for kind in "efg" for d in (3, 8, 14, 17) for x in numbers]
    words = ["0.5", *(word for word in words if not word.strip("-").isdigit())]
    text = PlainText("".join(f"{word}\n" for word in words).encode(), columns=1, separator=",")
    assert text.column(0, Words([])).tolist() == [float(word) for word in words]


@pytest.mark.parametrize(
    "text",
    [
        b'AC,"1\n\n',
        b'AC,1"\n',
        b'AC,"1"2\n',
        b"AC\n",
        b"AC,1,2\n",
        b"AC,1\rG,2\n",
        b"AC,\0\n",
        b"AC,\xff\n",
    ],
)
def test_what_is_not_plain_is_left_to_pandas(text: bytes) -> None:
    with pytest.raises(table.NotPlainError):
        PlainText(text, columns=2, separator=",")
