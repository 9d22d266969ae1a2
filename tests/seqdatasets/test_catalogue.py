"""Data sets by name: the registry is whole, and a user can add to it."""

from __future__ import annotations

import hashlib
import importlib
import re
from copy import deepcopy
from pathlib import Path

import pytest

import seqdatasets
from seqdatasets.catalogue import _registry, find
from seqdatasets.entries import SPLITS, entry_of

NAMES = list(_registry())
FIELDS = (
    *("title", "citation", "doi", "licence", "source", "organism", "assay", "task", "target"),
    *("units", "lengths_bp", "split", "variables", "description"),
)
NEEDED = (
    *("random1000", "jores21", "ray13", "deBoer20", "deAlmeida22", "kopp21", "farley15"),
    *("dream_yeast", "dream_yeast_demo", "dream_human_mpra", "dream_drosophila", "deepstarr_demo"),
)
FILE = {"name": "a.tsv", "url": "https://example.org/a.tsv"}
MINE = {"title": "Mine", "licence": "mine", "files": [FILE], "options": {"sequence": "seq"}}


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for data sets of the user's own."""
    monkeypatch.setenv("SEQDATASETS_REGISTRY", str(tmp_path / "registry"))
    return tmp_path / "registry"


def test_the_promised_data_sets_are_there() -> None:
    assert set(NEEDED) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_field_of_the_registry_is_there(name: str) -> None:
    """A data set without citation, licence or units cannot be used in a paper."""
    about = seqdatasets.info(name)
    assert set(FIELDS) <= set(about)
    assert all(about[key] for key in FIELDS if key != "split")
    assert re.fullmatch(r"10\.\d{4,9}/\S+", about["doi"])
    assert about["task"] in ("regression", "binary", "mixed", "none")
    assert len(about["title"]) <= 34  # else a terminal of 80 columns cuts it
    assert about["source"].startswith("https://")
    assert hasattr(importlib.import_module(about["recipe"]), "load")
    for variable in about["variables"].values():
        assert variable["type"] in ("uint8", "int8", "int16", "int64", "float32", "label", "text")
        assert variable.get("task", "none") in ("none", "binary", "regression")
        assert ("task" in variable) <= ("units" in variable)


@pytest.mark.parametrize("name", NAMES)
def test_every_file_has_an_address_and_its_hash_comes_with_its_size(name: str) -> None:
    entry = find(name)
    assert entry.files
    for file in entry.files:
        assert file.url.startswith("https://")
        assert file.mirror
        assert file.split is None or file.split in entry.about["split"]
        assert (file.sha256 is None) == (file.bytes is None)
    for subset in entry.subsets:
        assert any(subset in file.subsets for file in entry.files)


@pytest.mark.parametrize("name", NAMES)
def test_recorded_hashes_and_sizes_are_those_of_the_real_files(name: str, mirror: Path) -> None:
    for file in find(name).files:
        assert (file.sha256 is not None) == (mirror / file.mirror).exists()
        if file.sha256 is not None:
            content = (mirror / file.mirror).read_bytes()
            assert hashlib.sha256(content).hexdigest() == file.sha256
            assert len(content) == file.bytes


def test_list_says_what_can_be_loaded_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mirror: Path
) -> None:
    monkeypatch.setenv("SEQDATASETS_CACHE", str(tmp_path))
    here = seqdatasets.list_datasets()["here"]
    assert here["random1000"]
    assert not here["ray13"]
    monkeypatch.setenv("SEQDATASETS_MIRROR", str(tmp_path))
    assert not seqdatasets.list_datasets()["here"].any()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("dream_yeats", "no data set 'dream_yeats'; did you mean dream_yeast or dream_yeast_demo"),
        ("JORES21", "no data set 'JORES21'; did you mean jores21"),
        ("zzzz", "no data set 'zzzz'; there are random1000, jores21"),
        (3, "no data set 3; there are"),
    ],
)
def test_unknown_name_suggests_a_near_one(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        seqdatasets.load(name)


def test_what_is_done_to_info_does_not_reach_the_registry() -> None:
    """An edited address or hash would be what the next `load` fetches and checks."""
    about = seqdatasets.info("jores21")
    before = deepcopy(about)
    about["files"][0]["url"] = "http://elsewhere"
    about["lengths_bp"] = None
    for value in about.values():
        if isinstance(value, dict | list):
            value.clear()
    assert seqdatasets.info("jores21") == before
    assert find("jores21").files[0].url == before["files"][0]["url"]


def test_info_prints_a_line_a_field_with_what_to_cite_and_where_to_get_it() -> None:
    text = repr(seqdatasets.info("jores21"))
    assert re.search(r"^doi +10\.1038/s41477-021-00932-y$", text, re.MULTILINE)
    assert re.search(r"^  leaf +tobacco leaves; rows: 72158$", text, re.MULTILINE)
    assert "sha256: not recorded; subsets: leaf" in text


def test_own_table_is_loaded_by_name_from_any_process(registry: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("dna,y,set\nACGT,1.5,train\nGGCC,,test\n")
    described = tmp_path / "mine.toml"
    described.write_text(
        '[mine]\ntitle = "My assay"\nlicence = "mine"\nsplit = "mine"\n'
        'options = {sequence = "dna", targets = ["y"], split = "set", rename = {y = "activity"}}\n'
        'variables = {activity = {type = "float32", units = "log2", task = "regression"}}\n'
        '[[mine.files]]\nname = "a.csv"\npath = "a.csv"\n'
    )
    kept = seqdatasets.add_dataset(described)
    assert kept == registry / "mine.json"
    assert seqdatasets.list_datasets().loc["mine", "here"]
    ds = seqdatasets.load("mine", split="train")
    assert ds["activity"].values.tolist() == [1.5]
    assert ds["activity"].attrs["units"] == "log2"
    kept.unlink()
    with pytest.raises(ValueError, match="no data set 'mine'"):
        find("mine")


def test_own_files_make_a_split_and_may_be_fasta(registry: Path, tmp_path: Path) -> None:
    for name in ("train.fa", "test.fa"):
        (tmp_path / name).write_text(f">{name}\nACGT\n")
    files = [{"name": name, "path": str(tmp_path / name)} for name in ("train.fa", "test.fa")]
    options = {"splits": {"train.fa": "train", "test.fa": "test"}}
    seqdatasets.add_dataset({"mine": {**MINE, "files": files, "options": options}})
    assert seqdatasets.load("mine")["split"].values.tolist() == ["train", "test"]


def test_own_data_set_is_replaced_only_when_asked(registry: Path) -> None:
    seqdatasets.add_dataset({"mine": MINE})
    with pytest.raises(ValueError, match="'mine' already; pass overwrite=True"):
        seqdatasets.add_dataset({"mine": MINE})
    seqdatasets.add_dataset({"mine": {**MINE, "title": "New"}}, overwrite=True)
    assert seqdatasets.info("mine")["title"] == "New"
    with pytest.raises(ValueError, match="'jores21' already; choose another name"):
        seqdatasets.add_dataset({"jores21": MINE}, overwrite=True)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({}, "entry must hold one data set by its name; found none"),
        ({"a": MINE, "b": MINE}, "found a, b"),
        ({"../a": MINE}, r"name must be letters, digits, .*; found '\.\./a'"),
        ({"a": {"title": "T"}}, "'a' must have the field 'licence'; found title"),
        ({"a": {**MINE, "files": []}}, "'a' must have the field 'files'"),
        ({"a": {**MINE, "title": 3}}, "field 'title' of data set 'a' must be text; found 3"),
        (
            {"a": {**MINE, "rows": "many"}},
            "field 'rows' of .* must be a whole number; found 'many'",
        ),
        ({"a": {**MINE, "files": [FILE, FILE]}}, r"names of their own; found 'a\.tsv' twice"),
        ({"a": {**MINE, "subsets": {"x": {}}}}, "'default_subset' of .* must be one of x"),
        ({"a": "table"}, "'a' must be a table of fields; found 'table'"),
    ],
)
def test_faulty_entry_is_named(registry: Path, entry: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        seqdatasets.add_dataset(entry)
    assert not registry.exists()


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ({"name": "../a", "url": "https://x.org"}, r"'name' of .* plain file name; found '\.\./a'"),
        ({"name": "a", "url": "example.org"}, "'url' of file 'a' .* begins https://"),
        ({"name": "a"}, "must have a 'url', or the 'path' of a file on this machine"),
        ({"name": "a", "path": "a", "mirror": "../a"}, "'mirror' of .* inside the mirror folder"),
        ({"name": "a", "path": "a", "sha256": "abc"}, "'sha256' of .* 64 digits .* found 'abc'"),
        ({"name": "a", "path": "a", "bytes": "3"}, "'bytes' of .* a whole number; found '3'"),
        ({"name": "a", "path": "a", "split": "dev"}, "'split' of .* one of train, val, test"),
        ({"name": "a", "path": "a", "unpack": "rar"}, "'unpack' of .* one of tar, zip, gzip"),
        ({"name": "a", "path": "a", "md5": ""}, "has no field 'md5'; there are name, mirror"),
    ],
)
def test_faulty_file_is_named(file: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        entry_of("a", {**MINE, "files": [file]})


def test_toml_that_cannot_be_read_is_named(registry: Path, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[a\n")
    with pytest.raises(ValueError, match=r"a\.toml must be a TOML file; .*line 1"):
        seqdatasets.add_dataset(tmp_path / "a.toml")
    with pytest.raises(TypeError, match="dictionary or the path of a TOML file; found 3"):
        seqdatasets.add_dataset(3)


def test_damaged_file_of_the_users_folder_is_named(registry: Path) -> None:
    registry.mkdir()
    (registry / "a.json").write_text("[]")
    with pytest.raises(ValueError, match=r"a\.json must hold one data set"):
        find("a")


def test_splits_are_those_of_the_contract() -> None:
    assert SPLITS == ("train", "val", "test")
