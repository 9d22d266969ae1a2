"""Recipes: they reproduce their data byte for byte, in any pieces, and refuse what does not fit together."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import motifdata as md
import seqdata as sd
from seqdata.testing import assert_conforms
from seqdatasets import grammar, recipe_of, simulate, simulate_recipe
from seqdatasets.simulation import (
    Additive,
    Anywhere,
    Arm,
    Central,
    Embed,
    FixedStart,
    Flipped,
    GCMatched,
    Located,
    Markov,
    Normal,
    Order,
    OutsideCentral,
    Pair,
    Present,
    Quantity,
    Recipe,
    ShuffledGenome,
    Variants,
    run,
)

KNOWN = md.load("consensus_vertebrates")
A, B, C = (KNOWN[name] for name in ("POU2F1", "CEBPA", "TBP"))
SMALL = {"num_seqs": 60, "seed": 5}

RECIPES = {
    "presence": grammar.presence([A, B, C], ["POU2F1", "CEBPA"], **SMALL),
    "presence shuffled": grammar.presence(
        [A, C], ["POU2F1"], negatives="shuffled", scrub=True, **SMALL
    ),
    "order": grammar.order([A, B, C], ["POU2F1", "CEBPA"], scrub=True, **SMALL),
    "distance": grammar.distance([A, B], dist_from="center", **SMALL),
    "counting": grammar.counting(A, **SMALL),
    "density": grammar.density([A, B], **SMALL),
    "localization": grammar.localization(A, **SMALL),
    "multi_label": grammar.multi_label([A, B, C], **SMALL).with_label_noise(0.2),
    "cooperativity": grammar.cooperativity(A, B, logic="xor", **SMALL),
    "helical_phase": grammar.helical_phase(A, B, **SMALL),
    "heterodimer": grammar.heterodimer(A, B, **SMALL),
    "regression": grammar.regression([A, B], interactions=[("POU2F1", "CEBPA", 2.0)], **SMALL),
    "ragged": grammar.order([A, B], seq_length=Quantity.uniform(80, 120), **SMALL),
    "variants": grammar.multi_label([A, B], variants=Variants(0.5), **SMALL),
    "markov": grammar.multi_label([A], background=Markov.fit(["ACGTTGCA" * 9], order=2), **SMALL),
    "gc": grammar.multi_label([A], background=GCMatched(Quantity.choice([30, 60])), **SMALL),
}


@pytest.mark.parametrize("name", RECIPES)
def test_stored_recipe_reproduces_the_data_byte_for_byte(name: str) -> None:
    recipe = RECIPES[name]
    data = simulate_recipe(recipe)
    assert_conforms(data)
    assert recipe_of(data) == recipe
    text = recipe.to_json()
    assert simulate_recipe(text).identical(data)
    assert simulate_recipe(json.loads(text)).identical(data)


@pytest.mark.parametrize("name", ["presence", "distance", "ragged", "variants"])
def test_stored_recipe_makes_the_same_store(name: str, tmp_path: Path) -> None:
    recipe = RECIPES[name]
    stored = simulate_recipe(recipe, out=tmp_path / "a.zarr")
    again = simulate_recipe(recipe_of(stored), out=tmp_path / "b.zarr")
    assert stored.attrs["uuid"] == again.attrs["uuid"]
    xr.testing.assert_identical(stored.load().drop_attrs(), simulate_recipe(recipe).drop_attrs())


@pytest.mark.parametrize("name", RECIPES)
def test_any_row_alone_is_the_row_in_the_whole(name: str) -> None:
    recipe = RECIPES[name]
    whole = simulate_recipe(recipe)
    chosen = np.array([41, 7, 0, 59])
    part = simulate_recipe(recipe, rows=chosen)
    np.testing.assert_array_equal(part["row"].values, chosen)
    for i, row in enumerate(chosen.tolist()):
        one = sd.select(part, rows=[i])
        same = sd.select(whole, rows=[row])
        for key in one.variables:
            if key in ("seq_start", "seq") and "seq_start" in one:
                continue
            if str(key).startswith("embedding_"):
                mine = one["embedding_row"].values == row
                other = same["embedding_row"].values == row
                np.testing.assert_array_equal(
                    one[key].values[mine], same[key].values[other], str(key)
                )
            elif "seq_value" not in one[key].dims:
                np.testing.assert_array_equal(one[key].values, same[key].values, str(key))
    if "seq_start" in whole:
        letters, expected = sd.ragged(part, "seq"), sd.ragged(whole, "seq")
        for i, row in enumerate(chosen.tolist()):
            np.testing.assert_array_equal(letters[i], expected[row])


@pytest.mark.parametrize("name", ["presence shuffled", "order", "ragged", "variants"])
@pytest.mark.parametrize("letters", [1, 700, 5000])
def test_size_of_blocks_does_not_matter(
    name: str, letters: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = simulate_recipe(RECIPES[name])
    monkeypatch.setattr(run, "_BLOCK_LETTERS", letters)
    assert simulate_recipe(RECIPES[name]).identical(whole)
    stored = simulate_recipe(RECIPES[name], out=tmp_path / "a.zarr").load()
    assert stored.equals(whole)


def test_another_process_with_other_threads_makes_the_same_rows(tmp_path: Path) -> None:
    recipe = replace(RECIPES["presence shuffled"], num_seqs=3000)
    (tmp_path / "recipe.json").write_text(recipe.to_json())
    code = (
        "import sys, seqdatasets as s; from pathlib import Path; p = Path(sys.argv[1]);"
        "s.simulate_recipe((p / 'recipe.json').read_text(), out=p / 'a.zarr')"
    )
    environment = {**os.environ, "SEQPRO_THREADS": "3"}
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True, env=environment)
    assert sd.open_zarr(tmp_path / "a.zarr").load().equals(simulate_recipe(recipe))


def test_recipe_is_found_again_after_selection() -> None:
    data = simulate_recipe(RECIPES["order"])
    part = sd.select(data, rows=[3, 9])
    assert simulate_recipe(recipe_of(part), rows=part["row"].values)["seq"].equals(part["seq"])
    with pytest.raises(ValueError, match=r"must hold one recipe in its provenance; found 0"):
        recipe_of(xr.Dataset())


def test_no_row_at_all_is_a_dataset() -> None:
    for name in ("order", "ragged"):
        data = simulate_recipe(RECIPES[name], rows=[])
        assert data.sizes["_sequence"] == data.sizes["_embedding"] == 0


def test_existing_store_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "a.zarr"
    first = simulate(num_seqs=10, out=path)
    with pytest.raises(FileExistsError, match=r"pass overwrite=True"):
        simulate(num_seqs=20, out=path)
    assert first.sizes["_sequence"] == 10
    assert simulate(num_seqs=20, out=path, overwrite=True).sizes["_sequence"] == 20


def test_store_is_not_there_when_generation_fails(tmp_path: Path) -> None:
    poly = md.Motif.from_consensus("AAAAAAAA", id="poly", certainty=1.0)
    with pytest.raises(ValueError, match="scrub found no background"):
        simulate(num_seqs=4, seq_length=40, motifs=[poly], background_dist=[1, 0, 0, 0], scrub=True,
                 out=tmp_path / "a.zarr")  # fmt: skip
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows_of_a_store(tmp_path: Path) -> None:
    """Once the buffers of the store are full, 1.5 million rows (1 GiB) more cost next to nothing."""
    code = """
import resource, sys, seqdatasets as s
for n in (2_500_000, 4_000_000):
    s.simulate(num_seqs=n, out=sys.argv[1] + "/a.zarr", overwrite=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)
"""
    found = subprocess.run(
        [sys.executable, "-c", code, tmp_path], check=True, capture_output=True, text=True
    )
    first, second = map(int, found.stdout.split())
    assert second - first < 200, "MiB"


# parts that do not fit each other

ONE = (Arm((Embed(("POU2F1",)),)),)
LABEL = {"label": Present(("POU2F1",))}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Recipe((), ONE, LABEL), r"motifs must hold at least one Motif"),
        (lambda: Recipe((A,), (), LABEL), r"arms must hold at least one Arm of weight above 0"),
        (lambda: Recipe((A,), (Arm((), 0),), LABEL), r"arms must hold at least one Arm"),
        (
            lambda: Recipe((B,), ONE, {"label": Present(("CEBPA",))}),
            r"no motif has the id or name 'POU2F1'",
        ),
        (lambda: Recipe((A,), ONE, {"label": Present(("CEBPB",))}), r"no motif has the id or name"),
        (lambda: Recipe((A,), ONE, LABEL, causal=("x",)), r"no motif has the id or name 'x'"),
        (
            lambda: Recipe((A,), (Arm((Embed(("octamer",)),)),), LABEL),
            r"names motifs by their id; found the name 'octamer' of 'POU2F1'",
        ),
        (lambda: Recipe((A, A), ONE, LABEL), r"motifs must be different"),
        (
            lambda: Recipe((A,), (Arm((Embed(("POU2F1",), Quantity.fixed(9)),)),), LABEL, seq_length=70),
            r"up to 72 bp and do not fit into seq_length=70",
        ),
        (
            lambda: Recipe((A,), (Arm((Embed(("POU2F1",), room=9),)),), LABEL, seq_length=70),
            r"up to 72 bp and do not fit",
        ),
        (
            lambda: Recipe((A, B), (Arm((Pair("POU2F1", "CEBPA", Quantity.fixed(3)),)),), LABEL,
                           seq_length=20),
            r"up to 21 bp and do not fit",
        ),
        (
            lambda: Recipe((A,), (Arm((Embed(("POU2F1",), position=Central(7)),)),), LABEL),
            r"Central\(width=7\) has room for 7 bp",
        ),
        (
            lambda: Recipe((A,), (Arm((Embed(("POU2F1",), position=FixedStart(193)),)),), LABEL),
            r"FixedStart\(start=193\) has room for 0 bp",
        ),
        (
            lambda: Recipe((A,), (Arm((Embed(("POU2F1",), Quantity.fixed(2), position=FixedStart(1)),)),),
                           LABEL),
            r"has room for 8 bp .* found up to 2 times 8 bp",
        ),
        (
            lambda: Recipe((A,), ONE, LABEL, seq_length=Quantity.uniform(5, 9)),
            r"motifs must fit into seq_length=5",
        ),
        (
            lambda: Recipe((A,), ONE, LABEL, seq_length=Quantity.uniform(9, 10), variants=Variants()),
            r"variants need sequences of one length",
        ),
        (lambda: Recipe((A,), ONE, LABEL, num_seqs=-1), r"num_seqs must be a whole number"),
        (lambda: Embed("POU2F1"), r"motifs of Embed must be a list"),
        (lambda: Embed(()), r"motifs of Embed must be a list"),
        (lambda: Embed(("a",), strand="composite"), r"strand must be 'both' or 'forward'"),
        (lambda: Pair("a", "b", Quantity.fixed(1), strand="x"), r"strand must be 'both', 'same', 'for"),
        (lambda: Arm((), -1), r"weight of an Arm must be a whole number, at least 0"),
        (lambda: Present(("a",), "some"), r"logic must be 'any', 'all', 'none' or 'odd'"),
        (lambda: Flipped(Additive({"a": 1.0}), 0.1), r"rule must give labels to be flipped"),
        (lambda: Flipped(Present(("a",)), 2), r"rate must be a number from 0 to 1"),
        (lambda: Additive({}), r"effects must name a number for each"),
        (lambda: Additive({"a": "b"}), r"effects and interactions must be a number"),
        (lambda: Located("a", 0), r"width must be a whole number, at least 1"),
        (lambda: Normal(-1), r"deviation must be a number from 0"),
        (lambda: OutsideCentral(0), r"width must be a whole number, at least 1"),
        (lambda: FixedStart(-1), r"start must be a whole number, at least 0"),
        (lambda: Variants(1.5), r"causal must be a number from 0 to 1"),
        (lambda: grammar.counting(A, negative=Quantity.uniform(0, 3)), r"positive must be above neg"),
        (lambda: grammar.helical_phase(A, B, turns=(1,)), r"turns must bring motifs of 8 and 10 bp at"),
        (lambda: grammar.helical_phase(A, B, turns=()), r"turns must bring motifs"),
        (lambda: grammar.cooperativity(A, B, logic="nand"), r"logic must be 'and', 'or' or 'xor'"),
        (lambda: Quantity((1,), (0.5,)), r"a Quantity must have values, and weights .* sum to 1"),
        (lambda: Quantity((), ()), r"a Quantity must have values"),
        (lambda: Quantity((-1,), (1.0,)), r"values of a Quantity must be a whole number, at least 0"),
        (lambda: Quantity.uniform(3, 2), r"high must be at least low; found 3 to 2"),
        (lambda: Quantity.bernoulli(1.1), r"rate must be a number from 0 to 1"),
        (lambda: Recipe.from_json("[1]"), r"must be the JSON of a recipe; found \(1,\)"),
        (
            lambda: Recipe.from_json('{"kind": "Recepie"}'),
            r"kind in a recipe must be one of .*; found 'Recepie'\. Did you mean 'Recipe'\?",
        ),
        (
            lambda: Recipe.from_json('{"kind": "Arm", "wieght": 1}'),
            r"a field of Arm in a recipe .*found 'wieght'\. Did you mean 'weight'\?",
        ),
        (lambda: Recipe.from_json('{"kind": "Order"}'), r"Order must have all its fields"),
    ],
)  # fmt: skip
def test_parts_that_do_not_fit_are_refused(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("rows", [[60], [-1], [0.5], [1, 1], [[1]], "a"])
def test_numbers_that_are_no_rows_are_refused(rows) -> None:
    with pytest.raises(ValueError, match="rows must be"):
        simulate_recipe(RECIPES["order"], rows=rows)


def test_arrangement_that_cannot_be_is_refused_after_some_tries() -> None:
    """Two sites that must stand at one place end in an error that names the row, not in an endless loop."""
    both = (Embed(("POU2F1",), position=FixedStart(5)), Embed(("CEBPA",), position=FixedStart(8)))
    recipe = Recipe((A, B), (Arm(both),), {"label": Order("POU2F1", "CEBPA")}, num_seqs=3)
    with pytest.raises(ValueError, match=r"what is planted in row 0 found no room in 10,000 tries"):
        simulate_recipe(recipe)


def test_genome_of_a_recipe_is_known_by_its_hash(tmp_path: Path) -> None:
    """A recipe that was stored reads the very same file, wherever it is now, or says that it cannot."""
    fasta = tmp_path / "genome.fa"
    fasta.write_text(">c\n" + "ACGTTGCAGT" * 40 + "\n")
    recipe = grammar.multi_label([A], background=ShuffledGenome(str(fasta)), num_seqs=5)
    data = simulate_recipe(recipe)
    assert str(tmp_path) not in data.attrs["provenance"]
    assert simulate_recipe(recipe_of(data, folder=tmp_path)).identical(data)
    fasta.write_text(">c\n" + "ACGTTGCAGG" * 40 + "\n")
    with pytest.raises(ValueError, match=r"genome.fa must be the file of the recipe, sha256"):
        recipe_of(data, folder=tmp_path)


def test_anywhere_is_where_everything_stands_unless_told() -> None:
    assert Embed(("a",)).position == Anywhere() == Pair("a", "b", Quantity.fixed(0)).position
