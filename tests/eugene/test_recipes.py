"""Recipes: what a user writes is read as they mean it, and a mistake is named with its line."""

from __future__ import annotations

import hashlib
import inspect
import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyBigWig
import pytest
import xarray as xr
import yaml

import seqdata as sd
import seqpro as sp
from eugene.recipes import CALLS, read_recipe, recipe_of
from eugene.recipes.values import hints_of, reader_types
from seqdata.provenance import steps

BUILD = """\
build:
  regions: peaks.bed
  out: made/peaks.zarr
  length: 8
  center: midpoint
  max_jitter: 2
  chrom_alias: {1: chr1}
  readers:
    seq: {type: GenomeFASTA, path: genome.fa}
    signal:
      type: BigWig
      files: {NO: a.bw, 007: b.bw}
      bin_width: 4
      missing: .nan
      statistic: max
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A genome of one contig, two bigWigs, two regions and a table."""
    (tmp_path / "genome.fa").write_text(">chr1\nACGTACGTACGTACGTACGTACGT\n")
    for name, value in (("a", 2.0), ("b", 3.0)):
        with pyBigWig.open(str(tmp_path / f"{name}.bw"), "w") as file:
            file.addHeader([("chr1", 24)])
            file.addEntries(["chr1"], [0], ends=[16], values=[value])
    (tmp_path / "peaks.bed").write_text("1\t4\t12\n1\t10\t18\n")
    (tmp_path / "table.tsv").write_text("dna\ty\nACGU\t1.5\nGG\tND\n")
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(text)
    return path


def contents(store: Path) -> dict[str, bytes]:
    files = (path for path in store.rglob("*") if path.is_file())
    return {str(path.relative_to(store)): path.read_bytes() for path in files}


def test_a_recipe_builds_what_the_function_builds(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")  # paths begin in the recipe's folder, wherever one is
    made = read_recipe(write(folder, BUILD)).run()
    signal = sd.BigWig(
        {"NO": folder / "a.bw", "007": folder / "b.bw"},
        bin_width=4,
        missing=math.nan,
        statistic="max",
    )
    expected = sd.build(
        folder / "peaks.bed", out=folder / "direct.zarr", length=8, max_jitter=2,
        chrom_alias={"1": "chr1"}, seq=sd.GenomeFASTA(folder / "genome.fa"), signal=signal,
    )  # fmt: skip
    xr.testing.assert_identical(made, expected)
    assert made["signal_sample"].values.tolist() == ["NO", "007"]
    assert np.isnan(made["signal"].values[1, 0]).tolist() == [False, False, True]
    assert contents(folder / "made" / "peaks.zarr") == contents(folder / "direct.zarr")


def test_a_recipe_of_a_table_and_of_a_fasta_file(folder: Path) -> None:
    recipe = read_recipe(write(folder, """\
read_table:
  path: [table.tsv]
  sequence: dna
  targets: y
  alphabet: RNA
  missing: [ND]
  out: table.zarr
"""))  # fmt: skip
    assert recipe.keywords["alphabet"] is sp.RNA
    made = recipe.run()
    assert sd.ragged(made, "seq")[0].tobytes() == b"ACGU"
    assert np.isnan(made["y"].values).tolist() == [False, True]
    recipe = read_recipe(write(folder, "read_fasta: {path: genome.fa}"))
    assert recipe.run(out=folder / "f.zarr").sizes["_length"] == 24
    with pytest.raises(FileExistsError, match=r"pass overwrite=True"):
        recipe.run(out=folder / "f.zarr")
    recipe.run(out=folder / "f.zarr", overwrite=True)
    with pytest.raises(ValueError, match=r"recipe.yaml must say where to write: .*or pass --out"):
        recipe.run()
    with pytest.raises(ValueError, match=r"must have a section 'build' to be looked at"):
        recipe.lint()


def test_the_linter_takes_what_it_needs_from_a_recipe(folder: Path) -> None:
    text = BUILD.replace("  chrom_alias: {1: chr1}\n", "").replace("{NO: a.bw, 007: b.bw}", "a.bw")
    findings = read_recipe(write(folder, text + "  negatives: {ratio: 2}\n  seed: 4\n")).lint()
    assert "contig_names" in findings["check"].tolist()
    assert not (folder / "made").exists()


def test_values_are_read_as_the_function_means_them(folder: Path) -> None:
    """YAML alone would take 010 for eight, 1:30 for ninety, NO for False and 1e-3 for text."""
    text = BUILD.replace("length: 8", "length: 1_000").replace(
        "  readers:",
        "  negatives: {ratio: 1e-1, same_contig: no, contigs: [010, 1:30, on]}\n  readers:",
    )
    keywords = read_recipe(write(folder, text)).keywords
    assert keywords["length"] == 1000
    assert keywords["chrom_alias"] == {"1": "chr1"}
    assert keywords["out"] == folder / "made/peaks.zarr"
    negatives = keywords["negatives"]
    assert (negatives.ratio, negatives.same_contig) == (0.1, False)
    assert negatives.contigs == ["010", "1:30", "on"]
    assert keywords["signal"].samples == ("NO", "007")
    text = BUILD.replace("length: 8", "length: null").replace("made/peaks.zarr", "memory://a")
    keywords = read_recipe(write(folder, text)).keywords
    assert keywords["length"] is None
    assert keywords["out"] == "memory://a"


@pytest.mark.parametrize("call", [*(getattr(sd, name) for name in CALLS), *reader_types().values()])
def test_types_of_every_keyword_are_known(call: Any) -> None:
    """A keyword without a type could not be checked."""
    known = hints_of(call)
    assert set(inspect.signature(call).parameters) <= set(known)


def test_the_recipe_of_the_readme_has_only_keywords_that_exist() -> None:
    """It is what users copy first."""
    text = (Path(__file__).parents[2] / "eugene" / "README.md").read_text()
    block = re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)[0]
    section = yaml.safe_load(block)["build"]
    readers = section.pop("readers")
    inspect.signature(sd.build).bind(**section)
    inspect.signature(sd.GCMatched).bind(**section["negatives"])
    for told in readers.values():
        inspect.signature(reader_types()[told.pop("type")]).bind(**told)


MISTAKES = {
    "unknown keyword": (
        "length: 8", "lenght: 8",
        r"^recipe.yaml, line 4: build has no keyword 'lenght'; did you mean length\?$",
    ),
    "nothing like it": (
        "length: 8", "zzz: 8", r"line 4: build has no keyword 'zzz'; it may be regions, out",
    ),
    "keyword of a class": (
        "bin_width", "binwidth", r"line 13: BigWig has no keyword 'binwidth'; did you mean bin_width\?",
    ),
    "text for a number": (
        "length: 8", "length: wide",
        r"line 4: build.length must be a whole number or nothing; found the text 'wide'$",
    ),
    "quoted number": ("length: 8", "length: '8'", r"build.length must be .*; found the text '8'"),
    "fraction": ("length: 8", "length: 8.5", r"must be a whole number or nothing; found 8.5$"),
    "list for a number": (
        "max_jitter: 2", "max_jitter: [2]", r"build.max_jitter must be a whole number; found a list",
    ),
    "nothing for a number": (
        "max_jitter: 2", "max_jitter:", r"max_jitter must be a whole number; found nothing",
    ),
    "no choice": (
        "center: midpoint", "center: sumit",
        r"build.center must be midpoint or summit; found the text 'sumit': did you mean summit\?",
    ),
    "list for a path": (
        "regions: peaks.bed", "regions: [a.bed]", r"line 2: build.regions must be a path; found a list",
    ),
    "key twice": ("length: 8", "length: 8\n  length: 9", r"line 5: build.length comes twice"),
    "mapping for text": (
        "{1: chr1}", "{1: {a: b}}", r"build.chrom_alias.1 must be text; found a mapping",
    ),
    "no regions": (
        "regions: peaks.bed\n", "\n", r"line 3: build must have 'regions'; found out, length",
    ),
    "reader without a type": (
        "{type: GenomeFASTA, path: genome.fa}", "{path: genome.fa}",
        r"line 9: build.readers.seq must have a type, one of GenomeFASTA, BigWig, .*; found path",
    ),
    "unknown reader": (
        "type: BigWig", "type: Bigwig",
        r"line 11: build.readers.signal.type must be one of .*'Bigwig': did you mean BigWig\?",
    ),
    "reader of rows": ("type: BigWig", "type: Table", r"signal.type must be .*found the text 'Table'"),
    "reader as a path": (
        "{type: GenomeFASTA, path: genome.fa}", "genome.fa",
        r"build.readers.seq must be a reader, with its type; found the text 'genome.fa'",
    ),
    "file that is not there": (
        "a.bw", "c.bw", r"line 11: build.readers.signal: no bigWig file at .*c.bw",
    ),
    "bad option": ("bin_width: 4", "bin_width: 0", r"line 11: build.readers.signal: bin_width must"),
    "name of a keyword": ("seq: {", "length: {", r"a reader must not be called 'length'"),
    "unknown section": ("build:", "biuld:", r"line 1: a recipe has no section 'biuld'; .*build\?"),
    "two sections": (
        "build:", "read_fasta: {path: genome.fa}\nbuild:",
        r"a recipe must have one section: .*; found read_fasta, build",
    ),
    "no YAML": ("length: 8", "length: [8", r"^recipe.yaml, line 5 is not YAML: "),
    "a tab": ("  length: 8", "\tlength: 8", r"^recipe.yaml, line 4 is not YAML: "),
    "hash of a missing file": (
        "build:", "sha256: {c.fa: 00}\nbuild:", r"line 1: sha256 names c.fa, which is not at",
    ),
    "another file": (
        "build:", "sha256: {genome.fa: 00}\nbuild:",
        r"line 1: genome.fa must be the file the recipe .* of sha256 00; found [0-9a-f]{64}$",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_with_its_line(folder: Path, old: str, new: str, message: str) -> None:
    assert old in BUILD
    with pytest.raises(ValueError, match=message) as error:
        read_recipe(write(folder, BUILD.replace(old, new, 1)))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"recipe.yaml must hold a recipe; it is empty"),
        ("# only a comment\n", r"it is empty"),
        ("- build", r"line 1: a recipe must hold one section: build, read_table, read_fasta; found a list"),
        ("build: 3", r"line 1: build must hold the keywords of build; found 3"),
        ("sha256: {}", r"line 1: a recipe must have one section: .*; found none"),
        ("{[a]: 3}", r"line 1: a key must be text; found a list"),
        ("read_fasta: {path: a, alphabet: dna}", r"must be DNA or RNA or AA; found the text 'dna'"),
        ("read_table: {path: {a: b}, sequence: s}", r"path must be a path or a list; found a mapping"),
    ],
)  # fmt: skip
def test_what_is_no_recipe_is_said_to_be_none(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_recipe(write(tmp_path, text))


def test_text_in_another_encoding_is_no_recipe(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"build:\n  regions: caf\xe9.bed\n")
    with pytest.raises(ValueError, match=r"a.yaml is not YAML: .*utf-8"):
        read_recipe(tmp_path / "a.yaml")
    with pytest.raises(FileNotFoundError, match=r"no recipe at "):
        read_recipe(tmp_path / "b.yaml")


def test_options_in_pairs_and_readers_within_readers(folder: Path) -> None:
    """Fragments' shift is a pair of numbers, a VCF's reference a path or a reader of its own."""
    (folder / "f.tsv").write_text("chr1\t1\t9\n")
    text = """\
build:
  regions: peaks.bed
  readers:
    cuts: {type: Fragments, files: f.tsv, contig_sizes: {chr1: 24}, shift: [4, -5], dtype: uint8}
"""
    cuts = read_recipe(write(folder, text)).keywords["cuts"]
    assert cuts.shift.tolist() == [4, -5]
    assert cuts.dtype == np.uint8
    with pytest.raises(
        ValueError, match=r"line 4: build.readers.cuts.shift must be a list of 2; found a list"
    ):
        read_recipe(write(folder, text.replace("[4, -5]", "[4]")))
    with pytest.raises(
        ValueError, match=r"build.readers.cuts.shift.1 must be a whole number; found the text 'x'"
    ):
        read_recipe(write(folder, text.replace("-5]", "x]")))
    with pytest.raises(ValueError, match=r"line 4: build.readers.cuts: dtype must be"):
        read_recipe(write(folder, text.replace("uint8", "uint7")))
    text = text.replace(
        "cuts: {", "hap: {type: VCF, path: v, reference: {type: BigWig, files: a.bw}} #"
    )
    with pytest.raises(
        ValueError, match=r"hap.reference.type must be one of GenomeFASTA; found the text 'BigWig'"
    ):
        read_recipe(write(folder, text))


def recorded(folder: Path, **changes: Any) -> xr.Dataset:
    """A Dataset with the provenance of a build, written by hand."""

    def entry(name: str) -> dict[str, str]:
        return {"file": name, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}

    step = {
        "step": "seqdata.build", "version": "0.1.0", "regions": entry("peaks.bed"), "length": 8,
        "center": "midpoint", "max_jitter": 2, "exclude": None, "chrom_alias": {"1": "chr1"},
        "negatives": None,
        "readers": {
            "seq": {"type": "GenomeFASTA", "path": entry("genome.fa")},
            "signal": {
                "type": "BigWig", "files": {"NO": entry("a.bw"), "007": entry("b.bw")}, "missing": math.nan,
                "bin_width": 4, "statistic": "max",
            },
        },
    }  # fmt: skip
    later = {"step": "seqdata.select", "version": "0.1.0"}
    return xr.Dataset(attrs={"provenance": json.dumps([step | changes, later])})


def test_provenance_becomes_a_recipe_that_builds_the_same(folder: Path) -> None:
    text = recipe_of(recorded(folder), out="again.zarr")
    assert "# What was done afterwards is not part of it: seqdata.select\n" in text
    assert "center" not in text  # what is as by default needs no line
    made = read_recipe(write(folder, text)).run()
    xr.testing.assert_equal(made, read_recipe(write(folder, BUILD)).run())
    assert list(made.data_vars)[-2:] == ["seq", "signal"]
    (folder / "a.bw").write_bytes((folder / "b.bw").read_bytes())
    with pytest.raises(ValueError, match=r"a.bw must be the file the recipe was made for"):
        read_recipe(write(folder, text))


def test_negatives_and_their_seed_come_back(folder: Path) -> None:
    told = {"ratio": 1.0, "exclude": None, "tolerance": 0.3, "contigs": ["1"], "same_contig": True}
    text = recipe_of(recorded(folder, negatives=told | {"seed": 11}))
    keywords = read_recipe(write(folder, text)).keywords
    assert "ratio: 1.0\n" in text  # said though it is the default: an empty entry reads as nothing
    assert keywords["seed"] == 11
    assert keywords["negatives"] == sd.GCMatched(ratio=1.0, tolerance=0.3, contigs=["1"])


def test_two_files_of_one_name_are_told_apart(folder: Path) -> None:
    (folder / "other").mkdir()
    entries = [{"file": "a.bw", "sha256": digest * 32} for digest in ("ab", "cd")]
    told = {"type": "BigWig", "files": {"x": entries[0], "y": entries[1]}, "missing": 0.0, "bin_width": 1,
            "statistic": "mean"}  # fmt: skip
    text = recipe_of(recorded(folder, readers={"signal": told}))
    assert "x: a.bw\n" in text
    assert "y: cdcdcdcd/a.bw\n" in text


REFUSED = {
    "regions in memory": ({"regions": "a table"}, r"regions must have been a file .* a table in memory"),
    "options not told": ({"readers": {"seq": [{"file": "g.fa", "sha256": "00"}]}},
                         r"options of reader 'seq', .*; found its files alone"),
    "options of another version": ({"readers": {"seq": {"type": "GenomeFASTA", "path": "g", "mask": 1}}},
                                   r"options of reader 'seq'"),
    "reader of the user": ({"readers": {"x": {"type": "Mine", "files": []}}}, r"reader 'x', .*; found Mine"),
    "groups in memory": ({"chrom_alias": {"entries": 20_000, "sha256": "00"}},
                         r"chrom_alias must have been a file .* with 20000 entries"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "message"), REFUSED.values(), ids=REFUSED)
def test_a_recipe_that_would_not_do_is_refused(
    folder: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        recipe_of(recorded(folder, **changes))


def test_a_dataset_of_another_origin_has_no_recipe() -> None:
    with pytest.raises(
        ValueError, match=r"must begin with one of build, read_table, read_fasta .*; found nothing"
    ):
        recipe_of(xr.Dataset())
    with pytest.raises(ValueError, match=r"found seqdatasets.simulate"):
        recipe_of(
            xr.Dataset(attrs={"provenance": '[{"step": "seqdatasets.simulate", "version": "1"}]'})
        )


@pytest.mark.parametrize("alphabet", ["DNA", "RNA"])
def test_stores_of_tables_and_fasta_files_are_made_again(folder: Path, alphabet: str) -> None:
    """The bytes are the same, in another folder too."""
    kind = getattr(sp, alphabet)
    text = (folder / "table.tsv").read_text()
    (folder / "table.tsv").write_text(text if alphabet == "RNA" else text.replace("U", "T"))
    table = sd.read_table(folder / "table.tsv", sequence="dna", targets="y", missing=["ND"], alphabet=kind,
                          out=folder / "t.zarr")  # fmt: skip
    fasta = sd.read_fasta(folder / "genome.fa", out=folder / "f.zarr")
    other = folder / "other"
    other.mkdir()
    for name in ("table.tsv", "genome.fa"):
        (folder / name).rename(other / name)
    for name, ds in (("t.zarr", table), ("f.zarr", fasta)):
        read_recipe(write(other, recipe_of(ds, out=name))).run()
        assert contents(other / name) == contents(folder / name)
    assert steps(sd.open_zarr(other / "t.zarr"))[0]["missing"] == ["ND"]
    frame = pd.DataFrame({"chrom": ["chr1"], "chromStart": [0], "chromEnd": [4]})
    with pytest.raises(ValueError, match=r"table in memory|files alone"):
        recipe_of(sd.build(frame, seq=sd.GenomeFASTA(other / "genome.fa")))
