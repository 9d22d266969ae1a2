"""Data sets by name."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest

import seqdata as sd
import seqdatasets
from seqdata.testing import assert_conforms
from seqdatasets.catalogue import find


def test_unknown_name_suggests_a_near_one() -> None:
    with pytest.raises(
        ValueError, match="no data set 'dream_yeast'; did you mean dream_yeast_demo"
    ):
        seqdatasets.load("dream_yeast")


def test_info_has_what_a_paper_must_cite() -> None:
    about = seqdatasets.info("dream_yeast_demo")
    assert {"title", "citation", "doi", "licence", "units", "rows"} <= set(about)
    assert all(len(file["sha256"]) == 64 for file in about["files"])


def test_what_is_done_to_info_does_not_reach_the_registry() -> None:
    """An edited address or hash would be what the next `load` fetches and checks."""
    about = seqdatasets.info("dream_yeast_demo")
    before = deepcopy(about)
    about["files"][0]["url"] = "http://elsewhere"
    about["lengths_bp"] = None
    for value in about.values():
        if isinstance(value, dict | list):
            value.clear()
    assert seqdatasets.info("dream_yeast_demo") == before
    assert find("dream_yeast_demo").files[0].url == before["files"][0]["url"]


@pytest.fixture(scope="module")
def yeast(mirror: Path):
    return seqdatasets.load("dream_yeast_demo")


def test_yeast_promoters_are_the_files_rows_in_order(yeast, mirror: Path) -> None:
    """Every row: 150 letters that end in the measured sequence, and its expression."""
    lines = (mirror / "dream_yeast/demo_train.txt").read_text().splitlines()
    assert yeast.sizes["_sequence"] == len(lines) == 6370
    letters = sd.chars(yeast, "seq").values
    for i, line in enumerate(lines):
        sequence, value = line.split("\t")
        assert letters[i].tobytes().decode().endswith(sequence)
        assert yeast["expression"].values[i] == np.float32(value)
        assert yeast["measured_start"].values[i] == 150 - len(sequence)


def test_yeast_context_is_the_plasmid_upstream_of_the_insert(yeast, mirror: Path) -> None:
    plasmid = json.loads((mirror / "dream_yeast/plasmid.json").read_text())
    upstream = plasmid[: plasmid.index("N" * 80)]
    letters = sd.chars(yeast, "seq").values
    for i in range(0, 6370, 97):
        start = int(yeast["measured_start"].values[i])
        adapter_end = start + 17
        assert letters[i, :adapter_end].tobytes().decode() == upstream[-adapter_end:]


def test_yeast_of_110_letters_has_40_of_plasmid(yeast) -> None:
    """The 40 letters that the challenge's documentation names."""
    i = int((yeast["measured_start"].values == 40).argmax())
    head = sd.chars(yeast, "seq").values[i, :40].tobytes()
    assert head == b"AGTGCTAGCAGGAATGATGCAAAAGGTTCCCGATTCGAAC"


def test_yeast_singletons_are_the_whole_numbers(yeast) -> None:
    assert int(yeast["is_singleton"].sum()) == 3693


def test_yeast_follows_the_contract(yeast) -> None:
    assert_conforms(yeast.isel(_sequence=slice(0, 50)))
    assert yeast.attrs["licence"].startswith("MIT")


def test_recipe_refuses_sequences_without_the_adapter(tmp_path: Path, mirror: Path) -> None:
    from seqdatasets.recipes.dream_yeast_demo import load

    table = tmp_path / "demo_train.txt"
    table.write_text("TGCATTTTTTTCACATCAAAA\t1\nACGTACGTACGTACGTACGTA\t2\n")
    with pytest.raises(ValueError, match="row 1 does not"):
        load({"demo_train.txt": table, "plasmid.json": mirror / "dream_yeast/plasmid.json"})
