"""``eugene data``: raw files to stores, and what can be asked of a store."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyBigWig
import pytest
import xarray as xr
import yaml
import zarr
from typer.testing import CliRunner

import seqdata as sd
from eugene.cli.app import app
from eugene.cli.breaches import breaches

YEAST = "region_fixtures/yeast_sacCer3_atac"


def call(*arguments: str | Path | int, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def contents(store: Path) -> dict[str, bytes]:
    files = (path for path in store.rglob("*") if path.is_file())
    return {str(path.relative_to(store)): path.read_bytes() for path in files}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A genome, a bigWig, regions, and a recipe of the three."""
    (tmp_path / "g.fa").write_text(">chr1\nACGTACGTACGT\n")
    with pyBigWig.open(str(tmp_path / "a.bw"), "w") as file:
        file.addHeader([("chr1", 12)])
        file.addEntries(["chr1"], [0], ends=[5], values=[2.0])
    (tmp_path / "r.bed").write_text("chr1\t2\t6\n")
    (tmp_path / "r.yaml").write_text("""\
build:
  regions: r.bed
  out: r.zarr
  length: 4
  readers:
    seq: {type: GenomeFASTA, path: g.fa}
    signal: {type: BigWig, files: {atac: a.bw}}
""")
    return tmp_path


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with regions, a split, a target and a track."""
    ds = xr.Dataset(
        {
            "row": ("_sequence", np.arange(4)),
            "chrom": ("_sequence", np.array(["chr1", "chr1", "chr2", "chr2"], object)),
            "chromStart": ("_sequence", np.arange(4) * 10),
            "chromEnd": ("_sequence", np.arange(4) * 10 + 4),
            "split": ("_sequence", np.array(["train", "train", "val", "test"], object)),
            "half_life": ("_sequence", np.array([1, 2, np.nan, 4], "f4"), {"units": "hours"}),
            "seq": (
                ("_sequence", "_length"),
                np.frombuffer(b"ACGTACGTGGCCTTTT", "u1").reshape(4, 4),
            ),
            "atac": (
                ("_sequence", "atac_sample", "atac_length"),
                np.ones((4, 1, 2), "f4"),
                {"bin_width": 2},
            ),
        },
        {"atac_sample": np.array(["liver"], object)},
        {"genome": "sacCer3", "max_jitter": 3},
    )
    sd.to_zarr(ds, tmp_path / "store.zarr")
    return tmp_path / "store.zarr"


def test_table_with_unequal_lengths_is_padded_and_shown(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("dna,y\nACGT,1.5\nAC,2.5\n")
    call("data", "table", tmp_path / "a.csv", "--sequence", "dna", "--target", "y",
         "--out", tmp_path / "a.zarr")  # fmt: skip
    call("data", "pad", tmp_path / "a.zarr", "--length", 5, "--side", "left",
         "--out", tmp_path / "b.zarr")  # fmt: skip
    text = call("data", "info", tmp_path / "b.zarr")
    assert "NACGT" in text
    assert "NNNAC" in text
    assert "b.zarr: 2 rows" in text


def test_windows_are_built_from_options(files: Path) -> None:
    call("data", "build", files / "r.bed", "--genome", files / "g.fa", "--signal",
         f"atac={files}/a.bw", "--length", 4, "--out", files / "o.zarr")  # fmt: skip
    data = sd.open_zarr(files / "o.zarr")
    assert sd.chars(data, "seq").values.tobytes() == b"GTAC"
    assert data["signal"].values.sum() == 6
    call("data", "fasta", files / "g.fa", "--out", files / "f.zarr")
    with pytest.raises(ValueError, match=r"--signal must be NAME=FILE.bw"):
        call("data", "build", files / "r.bed", "--genome", files / "g.fa", "--signal", "a.bw",
             "--out", files / "x.zarr")  # fmt: skip
    with pytest.raises(
        ValueError, match=r"--genome must be given with regions \(r.bed\); or name a recipe"
    ):
        call("data", "build", files / "r.bed", "--out", files / "x.zarr")
    with pytest.raises(ValueError, match=r"--out must be given with regions"):
        call("data", "build", files / "r.bed", "--genome", files / "g.fa")


def test_a_recipe_and_options_that_say_the_same_build_the_same_values(files: Path) -> None:
    assert "GTAC" in call("data", "build", files / "r.yaml")
    call("data", "build", files / "r.bed", "--genome", files / "g.fa", "--signal",
         f"atac={files}/a.bw", "--length", 4, "--out", files / "o.zarr")  # fmt: skip
    xr.testing.assert_equal(sd.open_zarr(files / "r.zarr"), sd.open_zarr(files / "o.zarr"))


def test_a_recipe_builds_equal_bytes_each_time(files: Path) -> None:
    call("data", "build", files / "r.yaml")
    call("data", "build", files / "r.yaml", "--out", files / "again.zarr")
    assert contents(files / "r.zarr") == contents(files / "again.zarr")
    with pytest.raises(FileExistsError, match=r"r.zarr exists"):
        call("data", "build", files / "r.yaml")
    call("data", "build", files / "r.yaml", "--overwrite")
    assert contents(files / "r.zarr") == contents(files / "again.zarr")


def test_options_that_a_recipe_would_not_heed_are_refused(files: Path) -> None:
    """An option that is silently ignored costs a user a wrong store."""
    with pytest.raises(
        ValueError, match=r"--genome, --length, --max-jitter must not .* write it into r.yaml"
    ):
        call("data", "build", files / "r.yaml", "--length", 8, "--genome", files / "g.fa",
             "--max-jitter", 0)  # fmt: skip


def test_yeast_peaks_from_one_recipe_are_equal_bytes_each_time(
    mirror: Path, tmp_path: Path
) -> None:
    """Negatives, stranded cuts, a binned track and haplotypes of real files."""
    yeast = mirror / YEAST
    recipe = {
        "build": {
            "regions": str(yeast / "SRR1822137.hmmratac.narrowPeak"),
            "out": "peaks.zarr",
            "length": 128,
            "center": "summit",
            "max_jitter": 16,
            "negatives": {"ratio": 0.5},
            "seed": 3,
            "readers": {
                "seq": {"type": "GenomeFASTA", "path": str(yeast / "sacCer3.fa")},
                "cuts": {
                    "type": "BigWig",
                    "files": {
                        "pool": [
                            str(yeast / f"SRR1822137.cuts_{strand}.bw") for strand in ("plus", "minus")
                        ]
                    },
                },
                "coverage": {
                    "type": "Fragments",
                    "files": str(yeast / "SRR1822137.fragments.bed.gz"),
                    "contig_sizes": str(yeast / "sacCer3.fa.fai"),
                    "count": "fragments",
                    "bin_width": 16,
                    "dtype": "uint16",
                },
                "hap": {
                    "type": "VCF",
                    "path": str(yeast / "sacCer3_sample_variants.vcf.gz"),
                    "reference": str(yeast / "sacCer3.fa"),
                    "unphased": "as_is",
                },
            },
        }
    }  # fmt: skip
    path = tmp_path / "yeast.yaml"
    path.write_text(yaml.safe_dump(recipe))
    call("data", "build", path)
    made = sd.open_zarr(tmp_path / "peaks.zarr")
    assert made.sizes["_sequence"] == 1605 + 802
    assert made["cuts"].dims == ("_sequence", "cuts_sample", "_strand", "_length")
    assert made["coverage"].shape == (2407, 1, 10)
    assert int(made["is_peak"].sum()) == 1605
    call("data", "build", path, "--out", tmp_path / "again.zarr")
    assert contents(tmp_path / "peaks.zarr") == contents(tmp_path / "again.zarr")
    assert "follows the data contract" in call("data", "validate", tmp_path / "peaks.zarr")
    text = call("data", "info", tmp_path / "peaks.zarr")
    assert "peaks.zarr: 2,407 rows" in text
    assert "bins of 16 bp" in text
    assert re.search(r"^  hap_sample +1  BKI$", text, flags=re.MULTILINE)
    findings = call("data", "lint", path, code=0)
    assert "error" not in findings
    assert re.search(r"^(warning|note) ", findings)
    figures = call("data", "report", tmp_path / "peaks.zarr")
    assert re.search(r"^  chrIV +\d+$", figures, flags=re.MULTILINE)


def test_info_says_what_a_user_asks_of_a_store(store: Path) -> None:
    text = call("data", "info", store, "--rows", 2)
    size = sum(len(data) for data in contents(store).values())
    assert text.startswith(f"store.zarr: 4 rows, {size / 1000:.1f} kB on disk\n")
    assert "genome sacCer3\n" in text
    assert "room for shifts: 3 bp on both sides" in text
    assert "split: train 2, val 1, test 1" in text
    assert sd.open_zarr(store).attrs["uuid"] in text
    assert sd.open_zarr(store).attrs["seqdata_contract"] in text
    lines = {line.split()[0]: line for line in text.splitlines() if line.strip()}
    assert re.search(r"_sequence +float32 +hours", lines["half_life"])
    assert re.search(r"float32 +bins of 2 bp", lines["atac"])
    assert re.search(r"uint8", lines["seq"])
    assert re.search(r"1  liver$", lines["atac_sample"])
    assert "not recorded" in text
    assert text.count("ACGT") == 2
    assert "First rows" not in call("data", "info", store, "--rows", 0)


def test_info_tells_the_steps_a_store_went_through(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("dna,y\nACGT,1.5\nACGG,2.5\nACGA,1\nTTGA,3\n")
    call("data", "table", tmp_path / "a.csv", "--sequence", "dna", "--out", tmp_path / "a.zarr")
    call(
        "data",
        "split",
        tmp_path / "a.zarr",
        "--fractions",
        0.5,
        0.25,
        0.25,
        "--out",
        tmp_path / "b.zarr",
    )
    text = call("data", "info", tmp_path / "b.zarr")
    first, second = (line for line in text.splitlines() if re.match(r"  (seqdata|eugene)\.", line))
    assert re.match(r"  seqdata.read_table [\d.]+: .*files a.csv", first)
    assert second.startswith("  eugene.")
    assert "sha256" not in text


def test_a_recipe_printed_from_a_store_makes_the_store_again(tmp_path: Path) -> None:
    (tmp_path / "a.fa").write_text(">x\nACGU\n>y\nAC\n")
    call("data", "fasta", tmp_path / "a.fa", "--alphabet", "RNA", "--out", tmp_path / "a.zarr")
    text = call("data", "info", tmp_path / "a.zarr", "--recipe")
    (tmp_path / "again").mkdir()
    (tmp_path / "a.fa").rename(tmp_path / "again" / "a.fa")
    (tmp_path / "again" / "recipe.yaml").write_text(text)
    call("data", "build", tmp_path / "again" / "recipe.yaml")
    assert contents(tmp_path / "again" / "a.zarr") == contents(tmp_path / "a.zarr")


@pytest.mark.filterwarnings("ignore:Consolidated metadata")
def test_validate_names_every_breach(store: Path, tmp_path: Path) -> None:
    """Whoever mends one breach at a time reads a large store again and again."""
    assert call("data", "validate", store) == "store.zarr follows the data contract\n"
    broken = xr.open_zarr(store, mask_and_scale=False).load()
    broken = broken.assign(
        half_life=broken["half_life"].astype("f8"),
        chromEnd=broken["chromEnd"] - [0, 0, 5, 0],
        fold=broken["row"].astype("f4"),
    )
    broken.to_zarr(tmp_path / "broken.zarr", zarr_format=3, consolidated=False)
    zarr.consolidate_metadata(str(tmp_path / "broken.zarr"))
    lines = call("data", "validate", tmp_path / "broken.zarr", code=1).splitlines()
    assert len(lines) == 3
    assert any("'half_life'" in line and "found float64" in line for line in lines)
    assert any("'chromEnd' must not be before 'chromStart'" in line for line in lines)
    assert any("'fold'" in line and "int16" in line for line in lines)


def test_breaches_of_ragged_rows_and_of_keys_are_all_found() -> None:
    """Each once, and nothing that only follows from another."""
    ds = xr.Dataset(
        {
            "row": ("_sequence", [3, 3]),
            "seq": ("seq_value", np.frombuffer(b"ACGT", "u1")),
            "seq_start": ("_sequence", [0, 3]),
            "seq_size": ("_sequence", [3, 9]),
            "rna": ("rna_value", np.frombuffer(b"ACGT", "u1")),
            "strand": ("_sequence", np.array(["+", "x"], object)),
        }
    )
    found = breaches(ds)
    for expected in ("'row' must be unique", "found 3 + 9", "'rna_start'", "found 'x'"):
        assert sum(expected in message for message in found) == 1, found
    assert len(found) == 4
    assert not breaches(xr.Dataset({"row": ("_sequence", [3, 4])}))


def test_breaches_that_no_variable_has_end_the_search() -> None:
    ds = xr.Dataset({"row": ("_sequence", [3, 4])}, attrs={"seqdata_contract": "0"})
    (message,) = breaches(ds)
    assert "contract version" in message
    found = breaches(
        xr.Dataset({"y": ("_sequence", np.zeros(2, "f4")), "fold": ("_sequence", ["a", "b"])})
    )
    assert sorted("'fold'" in message for message in found) == [False, True]
    assert any("must have a variable 'row'" in message for message in found)


def test_an_old_store_is_converted(tmp_path: Path) -> None:
    old = zarr.open_group(str(tmp_path / "old.zarr"), mode="w", zarr_format=2)
    seq = old.create_array("seq", data=np.array([[b"A", b"C"], [b"G", b"T"]], "S1"))
    seq.attrs["_ARRAY_DIMENSIONS"] = ["_sequence", "_length"]
    with pytest.raises(sd.ContractError, match=r"zarr v2 store"):
        call("data", "info", tmp_path / "old.zarr")
    call("data", "convert", tmp_path / "old.zarr", "--out", tmp_path / "new.zarr")
    assert sd.chars(sd.open_zarr(tmp_path / "new.zarr"), "seq").values.tobytes() == b"ACGT"


def test_report_prints_figures_or_writes_a_page(store: Path, tmp_path: Path) -> None:
    text = call("data", "report", store)
    assert text.startswith("4 rows\n")
    rows = {line.split()[0]: line.split() for line in text.splitlines() if line.startswith("  ")}
    found = sd.report(sd.open_zarr(store))
    assert rows["chr1"] == ["chr1", "2"]
    assert rows["train"] == ["train", "2"]
    assert rows["half_life"][1] == str(int(found["target_missing"].sel(target="half_life"))) == "1"
    assert f"{found['track_total'].values[0]:.5g}" in rows["atac:"]
    assert "nan" not in text.lower()
    page = tmp_path / "page.html"
    assert call("data", "report", store, "--out", page) == f"report: {page}\n"
    assert page.read_text().startswith("<!doctype html>")


def test_lint_ends_with_exit_code_1_where_a_build_would_stop(files: Path) -> None:
    text = call("data", "lint", files / "r.yaml")
    assert "error" not in text
    (files / "r.bed").write_text("1\t2\t6\nchr1\t30\t40\n")
    text = call("data", "lint", files / "r.yaml", code=1)
    line = next(line for line in text.splitlines() if "chrom_alias={'1': 'chr1'}" in line)
    assert line.startswith("error   seq (1): ")
    assert line.endswith("(first 1:2-6)")
    assert not (files / "r.zarr").exists()


def test_lint_says_that_there_is_nothing_to_say(files: Path) -> None:
    letters = np.random.default_rng(0).choice(list("ACGT"), 4000)
    (files / "g.fa").write_text(">chr1\n" + "".join(letters) + "\n")
    (files / "r.bed").write_text("chr1\t100\t200\nchr1\t900\t1000\n")
    (files / "r.yaml").write_text(
        "build: {regions: r.bed, readers: {seq: {type: GenomeFASTA, path: g.fa}}}"
    )
    assert call("data", "lint", files / "r.yaml") == "nothing found\n"


def test_data_sets_are_listed_and_fetched(tmp_path: Path, mirror: Path) -> None:
    assert "dream_yeast_demo" in call("data", "list")
    assert "_sequence 6,370" in call(
        "data", "fetch", "dream_yeast_demo", "--out", tmp_path / "y.zarr"
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("length: 4", "lenght: 4", "r.yaml, line 4: build has no keyword 'lenght'; did you mean length?"),
        ("g.fa", "h.fa", "r.yaml, line 6: build.readers.seq: no FASTA file at "),
        ("length: 4", "length: [", "r.yaml, line "),
    ],
)  # fmt: skip
def test_a_mistake_in_a_recipe_ends_in_one_line_and_exit_code_1(
    files: Path, old: str, new: str, message: str
) -> None:
    recipe = files / "r.yaml"
    recipe.write_text(recipe.read_text().replace(old, new))
    code = "from eugene.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "data", "build", str(recipe)],
        capture_output=True, text=True, check=False, env={**os.environ},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith(f"eugene: {message}")
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (files / "r.zarr").exists()
