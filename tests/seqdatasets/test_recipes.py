"""Recipes: each source's files, with their real headers and quirks, as what the registry promises."""

from __future__ import annotations

import csv
import fnmatch
import gzip
import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import seqdatasets
from seqdata.testing import assert_conforms, assert_same_rows
from seqdatasets.catalogue import _registry, find
from seqdatasets.recipes import (
    dealmeida22,
    deboer20,
    dream_drosophila,
    dream_human_mpra,
    dream_yeast,
    farley15,
    jores21,
    kopp21,
    promoters,
    ray13,
)

ADAPTER = "TGCATTTTTTTCACATC"
FLANK = "AGTGCTAGCAGGAATGATGCAAAAGGTTCCCGATTCGAAC"  # the 40 letters that the challenge names
MPRA = "seq_id\tseq\tmean_value\tfold\n"


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    content = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def letters(ds: xr.Dataset) -> list[str]:
    from seqdata.view import sequences

    return [row.tobytes().decode() for row in sequences(ds, "seq")]


def table_of(path: Path, separator: str = "\t") -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream, delimiter=separator))


# Small files of every data set whose real ones are not in the mirror, at their places in a mirror.


def small_jores21(folder: Path) -> None:
    header = "set\tsp\tgene\tsequence\tenrichment\n"
    for part in ("train", "test"):
        write(folder, f"jores21/CNN_{part}_leaf.tsv", f"{header}{part}\tZm\tZm1\tACGT\t-0.5\n")


def small_ray13(folder: Path) -> None:
    text = (
        "Probe_ID\tProbe_Set\tRNA_Seq\tRNCMPT00001\tRNCMPT00002\n"
        "p1\tSetA\tAGACGGAUUA\t1.5\t NaN\np2\tSetB\tAGACU\t-2.25\t0.5\n"
    )
    write(folder, "ray13/norm_data.txt.gz", text)


def small_deboer20(folder: Path) -> None:
    write(folder, find("deBoer20").files[0].mirror, "ACGTACGT\t11.25\nACGTA\t3\n")


def small_dealmeida22(folder: Path) -> None:
    table = "Dev_log2_enrichment\tHk_log2_enrichment\tDev_log2_enrichment_scaled\n"
    for i, part in enumerate(("Train", "Val", "Test")):
        fasta = f">chr2L_{i}1_{i}4_+_negative\nACGT\n>chr2L_{i}1_{i}4_-_negative\nACGA\n"
        write(folder, f"deAlmeida22/Sequences_{part}.fa", fasta)
        write(
            folder,
            f"deAlmeida22/Sequences_activity_{part}.txt",
            f"{table}{i}.5\t-1\t0\n{i}.75\t\t1\n",
        )


def small_kopp21(folder: Path) -> None:
    rng = np.random.default_rng(0)
    genome = "".join(
        f">{name}\n{''.join(rng.choice(list('ACGTN'), size))}\n"
        for name, size in (("chr1", 30_000), ("chr2", 25_010), ("chr3", 1_000))
    )
    write(folder, "kopp21/hg38.fa.gz", genome)
    peaks = (
        "chr1\t15000\t15050\t.\t900\t.\t9.5\t-1\t3.2\t20\nchr2\t399\t401\t.\t1\t.\t1\t-1\t1\t1\n"
    )
    write(folder, "kopp21/ENCFF446WOD.bed.gz", peaks + "chr3\t500\t501\t.\t1\t.\t1\t-1\t1\t0\n")
    write(folder, "kopp21/ENCFF356LFX.bed.gz", "chr1\t0\t6000\nchr3\t900\t901\n")


def small_farley15(folder: Path) -> None:
    header = "Enhancer,Barcode,Biological Replicate 1 (RPM),Biological Replicate 2 (RPM)\n"
    text = f"\ufeff{header}ACGTACG,AACC,4.5,\nACGTAC,GGTT,0,1.25\n"
    write(folder, "farley15/farley2015_seqs.csv", text)


def small_dream_yeast(folder: Path) -> None:
    plasmid = "T" * 200 + FLANK + ADAPTER + "N" * 80 + "GGTTACGGCTGTT"
    write(folder, "dream_yeast/plasmid.json", json.dumps(plasmid))
    inserts = ["A" * 80, "C" * 48, "G" * 112, "AN" * 40, "T" * 80]
    rows = [f"{ADAPTER}{insert}GGTTACGGCTGTT" for insert in inserts]
    values = ["11", "12.5", "0", "17.0", "3.25"]
    train = "".join(f"{row}\t{value}\n" for row, value in zip(rows, values, strict=True))
    write(folder, "dream_yeast/train_sequences.txt", train)
    test = "".join(f"{row}\t{value}\n" for row, value in zip(rows[:2], ["-1.33", "1"], strict=True))
    write(folder, "dream_yeast/filtered_test_data_with_MAUDE_expression.txt", test)


MADE: dict[str, Callable[[Path], None]] = {
    "jores21": small_jores21,
    "ray13": small_ray13,
    "deBoer20": small_deboer20,
    "deAlmeida22": small_dealmeida22,
    "kopp21": small_kopp21,
    "farley15": small_farley15,
    "dream_yeast": small_dream_yeast,
}


@pytest.fixture
def load_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., xr.Dataset]:
    """Give `load` on small made files where the mirror does not hold the real ones."""
    monkeypatch.setenv("SEQDATASETS_CACHE", str(tmp_path / "cache"))

    def loaded(name: str, **options: object) -> xr.Dataset:
        if name in MADE:
            monkeypatch.setenv("SEQDATASETS_MIRROR", str(tmp_path / "mirror"))
            MADE[name](tmp_path / "mirror")
            files = [replace(file, sha256=None, bytes=None) for file in find(name).files]
            monkeypatch.setitem(_registry(), name, replace(find(name), files=tuple(files)))
        return seqdatasets.load(name, download=False, **options)

    return loaded


@pytest.mark.parametrize("name", list(_registry()))
def test_variables_are_those_that_the_registry_promises(
    name: str, load_small: Callable[..., xr.Dataset], mirror: Path
) -> None:
    """Every data set by name: the contract holds, and each variable has the stated type and units."""
    ds = load_small(name)
    assert_conforms(ds.isel(_sequence=slice(0, 20)))
    entry = find(name)
    promised = {
        pattern: about
        for pattern, about in entry.about["variables"].items()
        if about.get("subset") in (None, entry.default_subset)
    }
    for pattern, about in promised.items():
        found = fnmatch.filter(map(str, ds.data_vars), pattern)
        assert found, pattern
        for variable in found:
            wanted = "object" if about["type"] in ("label", "text") else about["type"]
            assert str(ds[variable].dtype) == wanted, variable
            assert ds[variable].attrs.get("units") == about.get("units")
    assert ("split" in ds) == bool(entry.about["split"])


@pytest.mark.parametrize("name", sorted(MADE))
def test_store_holds_what_memory_holds(
    name: str,
    load_small: Callable[..., xr.Dataset],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Big data sets go through stores in blocks; nothing may be lost between them."""
    in_memory = load_small(name)
    monkeypatch.setattr(promoters, "_STORED_ROWS", 2)
    monkeypatch.setattr(promoters, "_ROWS", 1)
    stored = load_small(name, out=tmp_path / "a.zarr")
    assert_same_rows(stored, in_memory)
    assert letters(stored) == letters(in_memory)
    assert [path.name for path in tmp_path.glob("*.zarr")] == ["a.zarr"]


def test_random1000_is_the_table(mirror: Path) -> None:
    ds = seqdatasets.load("random1000")
    path = mirror / "datasets/random1000/random1000_seqs.tsv"
    rows = table_of(path)
    assert letters(ds) == [row["seq"] for row in rows]
    assert ds["name"].values.tolist() == [row["name"] for row in rows]
    for i in range(10):
        assert ds[f"label_{i}"].values.tolist() == [int(row[f"label_{i}"]) for row in rows]
        wanted = np.array([row[f"activity_{i}"] for row in rows], np.float32)
        np.testing.assert_array_equal(ds[f"activity_{i}"].values, wanted)


def test_jores21_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    """Spreadsheets put one before the header, which then would not be found."""
    text = "\ufeffset\tsp\tgene\tsequence\tenrichment\ntest\tAt\tAT1G1\tACGT\t1\n"
    ds = jores21.load({"CNN_test_leaf.tsv": write(tmp_path, "CNN_test_leaf.tsv", text)})
    assert ds["species"].values.tolist() == ["At"]
    assert ds["split"].values.tolist() == ["test"]


def test_jores21_refuses_an_unknown_set(tmp_path: Path) -> None:
    text = "set\tsp\tgene\tsequence\tenrichment\ndev\tAt\tAT1G1\tACGT\t1\n"
    path = write(tmp_path, "CNN_test_leaf.tsv", text)
    with pytest.raises(ValueError, match="'set' must hold train or test; found 'dev'"):
        jores21.load({path.name: path})


def test_ray13_keeps_rna_lengths_and_gaps(load_small: Callable[..., xr.Dataset]) -> None:
    """`` NaN`` with its space is a gap, U stays U, and set A is for training."""
    ds = load_small("ray13")
    assert letters(ds) == ["AGACGGAUUA", "AGACU"]
    assert ds["seq"].attrs["alphabet"] == "RNA"
    assert ds["_target"].values.tolist() == ["RNCMPT00001", "RNCMPT00002"]
    np.testing.assert_array_equal(ds["binding"].values, [[1.5, np.nan], [-2.25, 0.5]])
    assert ds["split"].values.tolist() == ["train", "test"]
    assert ds["name"].values.tolist() == ["p1", "p2"]


def test_ray13_without_proteins_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "norm_data.txt.gz", "Probe_Set\tRNA_Seq\nSetA\tACGU\n")
    with pytest.raises(ValueError, match=r"a column RNCMPT\.\.\. .*found Probe_Set, RNA_Seq"):
        ray13.load({path.name: path})


@pytest.mark.parametrize(
    ("text", "expression", "is_native"),
    [
        ("ACGTA\t11.5\nACG\t3\n", [11.5, 3.0], [-1, -1]),
        ("sequence\tEL\nACGTA\t11.5\nACG\tNA\n", [11.5, np.nan], [-1, -1]),
        ("ACGTA\tNA\nACG\t3\n", [np.nan, 3.0], [-1, -1]),
        (
            "seq\tnative\ta\tb\tc\tEL\nACGTA\tTRUE\t1\t2\t3\t11.5\nACG\tFALSE\t1\t2\t3\tNA\n",
            [11.5, np.nan],
            [1, 0],
        ),
    ],
)
def test_deboer20_tables_with_and_without_header(
    tmp_path: Path, text: str, expression: list[float], is_native: list[int]
) -> None:
    ds = deboer20.load({"a.txt.gz": write(tmp_path, "a.txt.gz", text)})
    assert letters(ds) == ["ACGTA", "ACG"]
    np.testing.assert_array_equal(ds["expression"].values, np.float32(expression))
    assert ds["is_native"].values.tolist() == is_native


def test_deboer20_of_one_column_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt.gz", "ACGT 3\n")
    with pytest.raises(ValueError, match=r"with a tab between; found \['ACGT 3'\]"):
        deboer20.load({path.name: path})


@pytest.mark.parametrize("subset", [6, "6", [6]])
def test_deboer20_takes_an_index_or_a_list(subset: object) -> None:
    from seqdatasets.fetch import subsets_of

    assert subsets_of(find("deBoer20"), subset) == ("6",)


def test_dealmeida22_pairs_record_and_line_by_place(load_small: Callable[..., xr.Dataset]) -> None:
    ds = load_small("deAlmeida22")
    assert ds["split"].values.tolist() == ["train"] * 2 + ["val"] * 2 + ["test"] * 2
    assert ds["Dev_log2_enrichment"].values.tolist() == [0.5, 0.75, 1.5, 1.75, 2.5, 2.75]
    np.testing.assert_array_equal(ds["Hk_log2_enrichment"].values, [-1, np.nan] * 3)
    assert ds["Dev_log2_enrichment_scaled"].values.tolist() == [0, 1] * 3
    assert ds["chromStart"].values.tolist() == [0, 0, 10, 10, 20, 20]
    assert ds["chromEnd"].values.tolist() == [4, 4, 14, 14, 24, 24]
    assert ds["strand"].values.tolist() == ["+", "-"] * 3


def test_dealmeida22_refuses_pairs_that_do_not_fit(tmp_path: Path) -> None:
    small_dealmeida22(tmp_path)
    files = {path.name: path for path in (tmp_path / "deAlmeida22").iterdir()}
    table = files["Sequences_activity_Val.txt"]
    table.write_text(table.read_text() + "1\t1\t1\n")
    with pytest.raises(ValueError, match=r"equally many rows, in the same order; found 2 and 3"):
        dealmeida22.load(files)
    del files["Sequences_activity_Val.txt"]
    with pytest.raises(ValueError, match=r"Sequences_Val\.fa needs the table of activities"):
        dealmeida22.load(files)


def test_kopp21_bins_labels_and_splits(load_small: Callable[..., xr.Dataset]) -> None:
    """Against a plain loop over the genome: bins near peaks, their letters, and what a peak touches."""
    ds = load_small("kopp21")
    near = {"chr1": (5_000, 25_050), "chr2": (0, 10_401), "chr3": (0, 1_000)}
    peaks = {"chr1": (15_000, 15_050), "chr2": (399, 401), "chr3": (500, 501)}
    listed = {"chr1": (0, 6_000), "chr2": (-999, -999), "chr3": (900, 901)}
    expected = []
    for chrom, (low, high) in near.items():
        for start in range(low, high - 199, 200):
            window = start - 150, start + 350
            if window[0] < listed[chrom][1] and window[1] > listed[chrom][0]:
                continue
            hit = start < peaks[chrom][1] and start + 200 > peaks[chrom][0]
            expected.append((chrom, start, start + 200, int(hit)))
    columns = [ds[name].values.tolist() for name in ("chrom", "chromStart", "chromEnd", "is_bound")]
    assert list(zip(*columns, strict=True)) == expected
    assert [row[3] for row in expected].count(1) == 4  # the peak on chr2 lies over a bin's end
    rng = np.random.default_rng(0)
    genome = {
        name: "".join(rng.choice(list("ACGTN"), size))
        for name, size in (("chr1", 30_000), ("chr2", 25_010), ("chr3", 1_000))
    }
    for row, (chrom, start, _, _) in zip(letters(ds), expected, strict=True):
        padded = "N" * 150 + genome[chrom] + "N" * 350
        assert row == padded[start : start + 500]
    splits = {"chr1": "train", "chr2": "val", "chr3": "test"}
    assert ds["split"].values.tolist() == [splits[row[0]] for row in expected]
    assert ds.attrs["genome"] == "hg38"


def test_kopp21_counts_reads_of_real_alignments(tmp_path: Path, mirror: Path) -> None:
    folder = mirror / "region_fixtures/human_hg38_chr22_ctcf"
    peaks = (folder / "ctcf_peaks.narrowPeak").read_bytes()
    files = {
        "ENCFF446WOD.bed.gz": write(tmp_path, "ENCFF446WOD.bed.gz", peaks),
        "ENCFF356LFX.bed.gz": write(tmp_path, "ENCFF356LFX.bed.gz", "chr22\t0\t100\n"),
        "hg38.fa.gz": folder / "hg38_chr22_32.0-32.3Mb.fa.gz",
        "ENCFF546PJU.bam": folder / "ctcf_chip.bam",
    }
    ds = kopp21.load(files)
    assert ds["coverage"].dims == ("_sequence", "coverage_sample", "_length")
    assert ds["coverage_sample"].values.tolist() == ["ENCFF546PJU"]
    bound = ds["is_bound"].values == 1
    assert 6 <= bound.sum() < bound.size / 5
    depth = ds["coverage"].values.sum(axis=(1, 2))
    assert depth[bound].mean() > depth[~bound].mean()


def test_kopp21_without_a_file_names_it() -> None:
    with pytest.raises(ValueError, match=r"files must hold hg38\.fa\.gz; found none"):
        kopp21.load({})


def test_farley15_library_has_two_replicates_with_gaps(
    load_small: Callable[..., xr.Dataset],
) -> None:
    ds = load_small("farley15")
    assert letters(ds) == ["ACGTACG", "ACGTAC"]
    np.testing.assert_array_equal(ds["rpm"].values, [[4.5, np.nan], [0, 1.25]])
    assert ds["barcode"].values.tolist() == ["AACC", "GGTT"]


def test_farley15_annotated_is_the_table_without_its_legend(mirror: Path) -> None:
    ds = seqdatasets.load("farley15", subset="annotated")
    path = mirror / "datasets/farley15/farley2015_seqs_annot.csv"
    rows = table_of(path, ",")
    assert letters(ds) == [row["Enhancer Sequence"] for row in rows]
    assert ds["name"].values.tolist() == [row["Name"].strip() for row in rows]
    assert ds["tissue"].values.tolist() == [row["Tissue Specificity"].strip() for row in rows]
    for variable, column in (
        ("expression_endogenous", "Endogenous"),
        ("expression_ectopic", "Ectopic"),
    ):
        wanted = [float(row[f"Expression Level (0-5) {column}"]) for row in rows]
        assert ds[variable].values.tolist() == wanted
    assert not any("Score" in str(name) or "Key" in str(name) for name in ds.variables)


def test_farley15_of_both_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"farley2015_seqs\.csv or .*; found none"):
        farley15.load({})


def test_yeast_rows_end_in_the_measured_sequence(load_small: Callable[..., xr.Dataset]) -> None:
    """Against plain strings: plasmid before, the whole measured sequence at the end, 150 letters."""
    ds = load_small("dream_yeast")
    inserts = ["A" * 80, "C" * 48, "G" * 112, "AN" * 40, "T" * 80, "A" * 80, "C" * 48]
    plasmid = "T" * 200 + FLANK
    whole = [f"{plasmid}{ADAPTER}{insert}GGTTACGGCTGTT" for insert in inserts]
    assert letters(ds) == [row[-150:] for row in whole]
    assert ds["measured_start"].values.tolist() == [120 - len(insert) for insert in inserts]
    assert ds["split"].values.tolist() == ["train"] * 5 + ["test"] * 2
    nan = np.nan
    np.testing.assert_array_equal(ds["expression"].values, [11, 12.5, 0, 17, 3.25, nan, nan])
    wanted = np.float32([nan, nan, nan, nan, nan, -1.33, 1])
    np.testing.assert_array_equal(ds["expression_maude"].values, wanted)
    assert ds["is_singleton"].values.tolist() == [1, 0, 1, 1, 0, 0, 0]


def test_yeast_row_without_the_adapter_is_named_in_whichever_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promoters, "_ROWS", 2)
    small_dream_yeast(tmp_path)
    files = {path.name: path for path in (tmp_path / "dream_yeast").iterdir()}
    lines = files["train_sequences.txt"].read_text().splitlines()
    lines[3] = "ACGT" * 20 + "\t3"
    files["train_sequences.txt"].write_text("\n".join(lines) + "\n")
    with pytest.raises(ValueError, match="row 3 does not"):
        dream_yeast.load(files)
    lines[3] = "TGCA\t3"
    files["train_sequences.txt"].write_text("\n".join(lines) + "\n")
    with pytest.raises(ValueError, match="row 3 does not"):
        dream_yeast.load(files)


def test_human_excerpt_takes_each_construct_once(mirror: Path) -> None:
    """60 of 3,000 rows come twice, in different files: as files are, test rows would be trained on."""
    ds = seqdatasets.load("dream_human_mpra")
    rows = {}
    for part in ("train", "valid", "test"):
        path = mirror / f"dream_human_mpra/sample_{part}.txt"
        for row in table_of(path):
            rows.setdefault(row["seq_id"], row)
    assert ds["id"].values.tolist() == list(rows)
    assert letters(ds) == [row["seq"] for row in rows.values()]
    assert len(set(letters(ds))) == len(rows) == 2940
    wanted = np.float32([row["mean_value"] for row in rows.values()])
    np.testing.assert_array_equal(ds["activity"].values, wanted)
    folds = np.array([int(row["fold"]) for row in rows.values()])
    assert ds["fold"].values.tolist() == folds.tolist()
    assert (ds["split"].values == np.array(["test", "val", "train"])[np.minimum(folds, 2)]).all()


def test_human_element_of_both_orientations_is_in_one_split(mirror: Path) -> None:
    ds = seqdatasets.load("dream_human_mpra")
    groups: dict[int, set[str]] = {}
    for group, split in zip(ds["group"].values, ds["split"].values, strict=True):
        groups.setdefault(int(group), set()).add(split)
    assert max(map(len, groups.values())) == 1
    stems = [name.split("_")[0] for name in ds["id"].values]
    assert len(groups) == len(set(stems)) < len(stems)


def test_human_cell_line_is_taken_out_of_the_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQDATASETS_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("SEQDATASETS_CACHE", str(tmp_path / "cache"))
    archive = tmp_path / "mirror" / "dream_human_mpra" / "human_mpra_data.tar.gz"
    archive.parent.mkdir(parents=True)
    with tarfile.open(archive, "w:gz") as made:
        for value, cell in enumerate(("K562", "HepG2")):
            content = f"{MPRA}seq1_F\tACGT\t{value}\t1\n".encode()
            member = tarfile.TarInfo(f"human_mpra/{cell}_clean.tsv")
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    ds = seqdatasets.load("dream_human_mpra", subset=["HepG2", "K562"])
    assert ds["activity"].values.tolist() == [1.0, 0.0]
    assert ds["subset"].values.tolist() == ["HepG2", "K562"]
    with pytest.raises(ValueError, match=r"must hold WTC11_clean\.tsv; found HepG2_clean\.tsv"):
        seqdatasets.load("dream_human_mpra", subset="WTC11")


def test_human_ids_tell_element_and_orientation(tmp_path: Path) -> None:
    ids = ["seq7_F", "seq7_Reversed:", "ENSG01_F", "seq8_shuffled_3", "seq9"]
    text = MPRA + "".join(f"{name}\tACG{'ACGTA'[i]}\t{i}\t{i}\n" for i, name in enumerate(ids))
    ds = dream_human_mpra.load({"sample_test.txt": write(tmp_path, "sample_test.txt", text)})
    assert ds["group"].values.tolist() == [1, 1, 0, 2, 3]
    assert ds["is_reversed"].values.tolist() == [0, 1, 0, 0, 0]


def test_fly_windows_are_in_one_split_only(mirror: Path) -> None:
    """12 sequences of the test file stand in the training file, too."""
    ds = seqdatasets.load("dream_drosophila")
    rows, last = {}, {}
    for part in ("train", "val", "test"):
        path = mirror / f"dream_drosophila/sample_{part}.txt"
        for row in table_of(path):
            rows[row["ID"]] = {**row, "split": part}  # the last of them counts
            last[row["seqnames"], row["start"]] = part
    rows = {
        k: row for k, row in rows.items() if last[row["seqnames"], row["start"]] == row["split"]
    }
    assert sorted(ds["id"].values) == sorted(rows)
    for i, name in enumerate(ds["id"].values.tolist()):
        row = rows[name]
        assert ds["split"].values[i] == row["split"]
        assert ds["chromStart"].values[i] == int(row["start"]) - 1
        assert ds["Dev_log2_enrichment"].values[i] == np.float32(row["Dev_log2_enrichment"])
        assert ds["strand"].values[i] == name.split("_")[3]
    assert letters(ds) == [rows[name]["Sequence"] for name in ds["id"].values]


def test_fly_row_that_comes_twice_in_a_file_is_taken_once(tmp_path: Path) -> None:
    header = "seqnames\tstart\tend\tID\tset\tSequence\tDev_log2_enrichment\tHk_log2_enrichment\n"
    row = "chrX\t11\t14\tchrX_11_14_+_negative\tTrain\tACGT\t1\t2\n"
    path = write(tmp_path, "sample_val.txt", header + row * 2)
    assert dream_drosophila.load({path.name: path}).sizes["_sequence"] == 1


def test_deepstarr_example_is_the_fasta(mirror: Path) -> None:
    ds = seqdatasets.load("deepstarr_demo")
    lines = (mirror / "datasets/deepstarr/Sequences_example.fa").read_text().splitlines()
    assert [f">{name}" for name in ds["name"].values] == lines[::2]
    assert letters(ds) == lines[1::2]
    assert (ds["chromEnd"].values - ds["chromStart"].values == 249).all()


# The excerpt of the DREAM yeast data, which eugene's demo uses.


@pytest.fixture(scope="module")
def yeast(mirror: Path) -> xr.Dataset:
    return seqdatasets.load("dream_yeast_demo")


def test_yeast_promoters_are_the_files_rows_in_order(yeast: xr.Dataset, mirror: Path) -> None:
    """Every row: 150 letters that end in the measured sequence, and its expression."""
    lines = (mirror / "dream_yeast/demo_train.txt").read_text().splitlines()
    assert yeast.sizes["_sequence"] == len(lines) == 6370
    for i, (row, line) in enumerate(zip(letters(yeast), lines, strict=True)):
        sequence, value = line.split("\t")
        assert row.endswith(sequence)
        assert yeast["expression"].values[i] == np.float32(value)
        assert yeast["measured_start"].values[i] == 150 - len(sequence)


def test_yeast_context_is_the_plasmid_upstream_of_the_insert(
    yeast: xr.Dataset, mirror: Path
) -> None:
    plasmid = json.loads((mirror / "dream_yeast/plasmid.json").read_text())
    upstream = plasmid[: plasmid.index("N" * 80)]
    rows = letters(yeast)
    for i in range(0, 6370, 97):
        adapter_end = int(yeast["measured_start"].values[i]) + 17
        assert rows[i][:adapter_end] == upstream[-adapter_end:]


def test_yeast_of_110_letters_has_40_of_plasmid(yeast: xr.Dataset) -> None:
    i = int((yeast["measured_start"].values == 40).argmax())
    assert letters(yeast)[i][:40] == FLANK


def test_yeast_singletons_are_the_whole_numbers(yeast: xr.Dataset) -> None:
    assert int(yeast["is_singleton"].sum()) == 3693


def test_yeast_plasmid_without_an_insert_is_refused(tmp_path: Path, mirror: Path) -> None:
    plasmid = write(tmp_path, "plasmid.json", json.dumps("ACGT" * 100))
    table = mirror / "dream_yeast/demo_train.txt"
    with pytest.raises(ValueError, match=r"plasmid\.json must hold 80 N after the left adapter"):
        promoters.read_promoters(table, plasmid, target="expression")
