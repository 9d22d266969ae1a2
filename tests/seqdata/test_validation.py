"""Every breach of the contract is named: the variable, what was expected, what was found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import seqdata as sd
from seqdata.schema import HIT, SPECS, Spec, kind_of
from seqdata.testing import assert_conforms
from seqdata.validation import spec_of

N = 3
ROW = ("_sequence", np.arange(N))


def labels(*words: object) -> tuple[str, np.ndarray]:
    return ("_sequence", np.array(words, dtype=object))


def numbers(*values: float, dtype: str = "i8") -> tuple[str, np.ndarray]:
    return ("_sequence", np.array(values, dtype=dtype))


BREACHES = {
    "no key": ({"x": numbers(0, 0, 0)}, "must have a variable 'row'.*found none"),
    "key twice": ({"row": numbers(4, 5, 4)}, "'row' must be unique; found 4 2 times"),
    "key as float": ({"row": numbers(0, 1, 2, dtype="f8")}, r"'row' .* type int64; found float64"),
    "start as int32": (
        {"row": ROW, "chromStart": numbers(1, 2, 3, dtype="i4")},
        r"'chromStart' .* must have type int64; found int32",
    ),
    "target as float64": (
        {"row": ROW, "activity": numbers(1, 2, 3, dtype="f8")},
        r"'activity' .*float32.*found float64. Convert it with astype",
    ),
    "contig by position": (
        {"row": ROW, "chrom": (("_sequence", "_length"), np.zeros((N, 2), "u1"))},
        r"'chrom' must have dimensions \(_sequence\); found \(_sequence, _length\)",
    ),
    "axes in another order": (
        {"row": ROW, "onehot": (("_sequence", "_length", "_ohe"), np.zeros((N, 5, 4), "f4"))},
        r"'onehot' has dimensions \(_sequence, _length, _ohe\), which no variable",
    ),
    "attributions with letters last": (
        {"row": ROW, "attributions_ism": (("_sequence", "_length", "_ohe"), np.zeros((N, 5, 4)))},
        r"'attributions_ism' must have dimensions \(_sequence, \[_allele\], \[_target\], _ohe or \{v\}_ohe, "
        r"_length or \{v\}_length\); found \(_sequence, _length, _ohe\)",
    ),
    "unknown reserved dimension": (
        {"row": ROW, "x": (("_sequence", "_position"), np.zeros((N, 2), "f4"))},
        "dimension '_position' must be one of the contract's: _sequence, _length",
    ),
    "split of another name": (
        {"row": ROW, "split": labels("train", "validation", "test")},
        "'split' must hold train, val, test, unused; found 'validation'",
    ),
    "strand as number": (
        {"row": ROW, "strand": labels("+", "1", "-")},
        r"'strand' must hold \+, -, \.; found '1'",
    ),
    "region backwards": (
        {"row": ROW, "chromStart": numbers(0, 9, 0), "chromEnd": numbers(5, 5, 5)},
        "'chromEnd' must not be before 'chromStart'; found 9 to 5 at position 1",
    ),
    "window backwards": (
        {"row": ROW, "windowStart": numbers(0, 0, -2), "windowEnd": numbers(5, 5, -3)},
        "'windowEnd' must not be before 'windowStart'; found -2 to -3 at position 2",
    ),
    "missing label": (
        {"row": ROW, "tissue": labels("a", None, "b")},
        "'tissue' must hold text only, '' where it is missing; found mixed",
    ),
    "numbers in text": ({"row": ROW, "id": labels("a", 3, "b")}, "'id' must hold text only"),
    "all missing": ({"row": ROW, "id": labels(None, None, None)}, "'id' must hold text only"),
    "name with a slash": ({"row": ROW, "RNA/DNA": numbers(1, 2, 3)}, "without '/'.*'RNA/DNA'"),
    "name with a leading dot": ({"row": ROW, ".x": numbers(1, 2, 3)}, "begin with '.'.*'.x'"),
    "name that is a number": ({"row": ROW, 5: numbers(1, 2, 3)}, "must be text.*found 5"),
    "genotypes of rows by sample": (
        {"row": ROW, "hap_genotype": (("_sequence", "hap_sample"), np.zeros((N, 2), "i1")),
         "hap_ref": ("hap_variant", np.array(["A"], object))},
        r"'hap_genotype' must have dimensions \(\{v\}_variant, \{v\}_sample, \{v\}_haplotype\); found",
    ),
    "variants no row refers to": (
        {"row": ROW, "hap_ref": ("hap_variant", np.array(["A"], object))},
        "flat dimension 'hap_variant' must have a variable 'hap_first'; found none",
    ),
    "variants beyond the table": (
        {"row": ROW, "hap_ref": ("hap_variant", np.array(["A", "C"], object)),
         "hap_first": numbers(0, 1, 2), "hap_count": numbers(2, 1, 1)},
        "'hap_first' and 'hap_count' must stay within the 2 places of 'hap_variant'; found 2 \\+ 1 at pos",
    ),
    "variant backwards": (
        {"row": ROW, "variantStart": numbers(4, 4, 4), "variantEnd": numbers(5, 5, 3)},
        "'variantEnd' must not be before 'variantStart'; found 4 to 3 at position 2",
    ),
    "variant of a cohort backwards": (
        {"row": ROW, "hap_first": numbers(0, 0, 0), "hap_count": numbers(1, 1, 1),
         "hap_variantStart": ("hap_variant", np.array([4])),
         "hap_variantEnd": ("hap_variant", np.array([3]))},
        "'hap_variantEnd' must not be before 'hap_variantStart'; found 4 to 3 at position 0",
    ),
    "motif planted backwards": (
        {"row": ROW, "embedding_row": ("_embedding", [0]), "embedding_start": ("_embedding", [5]),
         "embedding_end": ("_embedding", [2])},
        "'embedding_end' must not be before 'embedding_start'; found 5 to 2 at position 0",
    ),
    "hit backwards": (
        {"row": ROW, "hit_row": ("_hit", [0]), "hit_start": ("_hit", [5]), "hit_end": ("_hit", [2])},
        "'hit_end' must not be before 'hit_start'; found 5 to 2",
    ),
    "edit backwards": (
        {"row": ROW, "edit_row": ("_edit", [0]), "edit_start": ("_edit", [5]), "edit_end": ("_edit", [2])},
        "'edit_end' must not be before 'edit_start'; found 5 to 2",
    ),
    "planted motifs without rows": (
        {"row": ROW, "embedding_motif": ("_embedding", np.array(["GATA"], object))},
        "dimension '_embedding' must have a variable 'embedding_row'; found none",
    ),
    "hits without rows": (
        {"row": ROW, "hit_motif": ("_hit", np.array(["GATA"], object))},
        "dimension '_hit' must have a variable 'hit_row'; found none",
    ),
    "edits without rows": (
        {"row": ROW, "edit_alt": ("_edit", np.array(["A"], object))},
        "dimension '_edit' must have a variable 'edit_row'; found none",
    ),
    "column of planted motifs under another name": (
        {"row": ROW, "embedding_row": ("_embedding", [0]), "motif": ("_embedding", np.zeros(1, "f4"))},
        r"'motif' has dimensions \(_embedding\), which no variable of the contract has",
    ),
    "motifs without sizes": (
        {"motif": (("_motif", "_motif_length", "_ohe"), np.zeros((1, 5, 4), "f4"))},
        "dimension '_motif_length' must have a variable 'motif_size'; found none",
    ),
    "motif longer than its matrix": (
        {"motif": (("_motif", "_motif_length", "_ohe"), np.zeros((1, 5, 4), "f4")),
         "motif_size": ("_motif", [6])},
        "'motif_size' must be 5 at most, as '_motif_length' is; found 6",
    ),
    "three alleles": (
        {"row": ROW, "seq": (("_sequence", "_allele", "_length"), np.full((N, 3, 4), 65, "u1"))},
        "dimension '_allele' must have 2 places, reference and alternative; found 3",
    ),
    "one strand without its name": (
        {"row": ROW, "x": (("_sequence", "_strand", "_length"), np.zeros((N, 1, 4), "f4"))},
        "dimension '_strand' must be \\+ then -, or one of them by name; found 1 places without names",
    ),
    "bins of no width": (
        {"row": ROW, "x": (("_sequence", "x_length"), np.zeros((N, 4), "f4"), {"bin_width": 0})},
        "'bin_width' of variable 'x' must be a whole number of bp from 1; found 0",
    ),
    "offset as text": (
        {"row": ROW, "x": (("_sequence", "x_length"), np.zeros((N, 4), "f4"), {"offset": "7"})},
        "'offset' of variable 'x' must be a whole number of bp from 0; found '7'",
    ),
    "label without a meaning": (
        {"row": ROW, "tissue": (*numbers(0, 1, 2, dtype="i1"),
                                {"flag_values": [0, 1], "flag_meanings": "eye brain"})},
        "'tissue' must hold codes of 'flag_values'; found 2 at position 2",
    ),
    "meanings and values of two lengths": (
        {"row": ROW, "tissue": (*numbers(0, 1, 1, dtype="i1"),
                                {"flag_values": [0, 1], "flag_meanings": "eye"})},
        "'flag_values' and 'flag_meanings' of variable 'tissue' must have one length; found 2 and 1",
    ),
    "coded strand of another name": (
        {"row": ROW, "strand": (*numbers(0, 1, 1, dtype="i1"),
                                {"flag_values": [0, 1], "flag_meanings": "+ minus"})},
        r"'strand' must hold \+, -, \.; found 'minus'",
    ),
    "counts as int32": (
        {"row": ROW, "x": (("_sequence", "x_sample", "_length"), np.zeros((N, 1, 4), "i4"))},
        r"'x' \(_sequence, x_sample, _length\) must have type .*uint16.*; found int32",
    ),
    "dates": (
        {"row": ROW, "when": ("_sequence", np.zeros(N, "datetime64[ns]"))},
        r"'when' \(_sequence\) must have type .*; found datetime64",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("variables", "message"), BREACHES.values(), ids=BREACHES)
def test_a_breach_is_named(variables: dict, message: str) -> None:
    with pytest.raises(sd.ContractError, match=message):
        sd.validate(xr.Dataset(variables))


COORDINATES = {
    "numbers for names": ("x_sample", [1, 2], "coordinate 'x_sample' must be names, as text; found int64"),
    "a name twice": ("x_sample", ["a", "a"], "'x_sample' must hold names that are all different; found 'a'"),
    "a missing name": ("x_sample", ["a", None], "'x_sample' must hold text only"),
    "a target twice": ("_target", ["a", "a"], "'_target' must hold names that are all different"),
    "strands the other way round": ("_strand", ["-", "+"], r"must be \+ then -.*found \['-', '\+'\]"),
    "an index of rows": ("_sequence", ["a", "b"], "'_sequence' must have no coordinate.*drop_vars"),
}  # fmt: skip


@pytest.mark.parametrize(("dim", "names", "message"), COORDINATES.values(), ids=COORDINATES)
def test_what_is_keyed_by_name_must_have_names(dim: str, names: list, message: str) -> None:
    variables = {
        "row": ("_sequence", [0, 1]),
        "y": (("_sequence", "x_sample"), np.zeros((2, 2), "f4")),
    }
    variables["z"] = (("_sequence", "_target"), np.zeros((2, 2), "f4"))
    variables["cuts"] = (("_sequence", "_strand", "_length"), np.zeros((2, 2, 3), "f4"))
    values = np.array(names, dtype=object if isinstance(names[0], str) else None)
    with pytest.raises(sd.ContractError, match=message):
        sd.validate(xr.Dataset(variables, {dim: values}))


@pytest.mark.parametrize("dim", ["x_sample", "_target"])
def test_readers_must_name_their_samples_and_targets(dim: str) -> None:
    """Else a join would put the samples of two files together in whatever order they come."""
    ds = xr.Dataset(
        {"row": ("_sequence", [0, 1]), "y": (("_sequence", dim), np.zeros((2, 2), "f4"))}
    )
    sd.validate(ds)
    with pytest.raises(
        sd.ContractError, match=f"dimension '{dim}' must have a coordinate with names"
    ):
        assert_conforms(ds)


ATTRIBUTES = {
    "room below zero": ({"max_jitter": -1}, "'max_jitter' .* must be a whole number of bp from 0; found -1"),
    "half a room": ({"max_jitter": 1.5}, "'max_jitter' .* found 1.5"),
    "room as a flag": ({"max_jitter": True}, "'max_jitter' .* found True"),
    "genome as a number": ({"genome": 38}, "'genome' of the data must be text; found 38"),
    "other coordinates": (
        {"coordinate_system": "1-based"},
        "'coordinate_system' .* must be '0-based half-open'; found '1-based'",
    ),
    "provenance as prose": ({"provenance": "made by me"}, "'provenance' .* must be a JSON list of steps"),
    "provenance of one step": ({"provenance": "{}"}, "'provenance' .* must be a JSON list of steps"),
}  # fmt: skip


@pytest.mark.parametrize(("attrs", "message"), ATTRIBUTES.values(), ids=ATTRIBUTES)
def test_a_root_attribute_that_means_nothing_is_named(attrs: dict, message: str) -> None:
    with pytest.raises(sd.ContractError, match=message):
        sd.validate(xr.Dataset({"row": ROW}, attrs=attrs))


# every line of the table, one by one

LINES = {f"{i}-{spec.name}-{spec.shape()}": spec for i, spec in enumerate(SPECS)}
SIZES = {"_sequence": 3, "_allele": 2, "_strand": 2, "_ohe": 4, "hap_haplotype": 2, "hap_sample": 2}
COMPANIONS = {
    "hap_value": {
        "hap_start": ("_sequence", [0, 1, 2]),
        "hap_size": ("_sequence", [1, 1, 1]),
        "other": ("hap_value", np.zeros(3, "f4")),
    },
    "hap_reference_value": {
        "hap_reference_start": ("_sequence", [0, 1, 2]),
        "hap_reference_size": ("_sequence", [1, 1, 1]),
    },
    "hap_variant": {
        "hap_first": ("_sequence", [0, 1, 2]),
        "hap_count": ("_sequence", [1, 1, 1]),
        "hap_note": ("hap_variant", np.zeros(3, "f4")),
    },
    "_embedding": {"embedding_row": ("_embedding", [0, 0, 2])},
    "_hit": {"hit_row": ("_hit", [0, 0, 2])},
    "_edit": {"edit_row": ("_edit", [0, 0, 2])},
    "_motif_length": {"motif_size": ("_motif", [1, 2, 3])},
}
NAMES = {"hap_sample": ["a", "b"], "_target": ["a", "b", "c"], "_strand": ["+", "-"]}


def name_of(spec: Spec) -> str:
    return spec.name.replace("{v}", "hap").replace("*", "x").replace("any", "hap")


def dims_of(spec: Spec) -> tuple[str, ...]:
    """All dimensions of a line, those that may be absent among them."""
    dims = [dim.removesuffix("?").split("|")[0].replace("{v}", "hap") for dim in spec.dims]
    flat = "hap_reference_value" if spec.name == "{v}_reference" else dims[0]
    return (flat, *dims[1:])


def values_of(spec: Spec, kind: str, shape: tuple[int, ...]) -> np.ndarray:
    if kind in ("label", "text"):
        return np.full(shape, spec.words[0] if spec.words else "a", dtype=object)
    return np.full(shape, max(spec.lowest or 0, 0), dtype=kind)


def dataset_of(spec: Spec, values: Any = None, *, dims: Any = None, kind: str = "") -> xr.Dataset:
    """A Dataset that needs this line of the table and holds `values`, or what the line allows."""
    dims = dims or dims_of(spec)
    shape = tuple(SIZES.get(dim, 3) for dim in dims)
    if values is None:
        values = values_of(spec, kind or spec.kinds[0], shape)
    needed = {*dims, spec.beside.replace("{v}", "hap")}
    variables: dict[str, Any] = {"row": ("_sequence", [5, 3, 4])}
    for dim in sorted(needed & set(COMPANIONS)):
        variables |= COMPANIONS[dim]
    if spec.name != "row" or kind != "int64":
        variables[name_of(spec)] = (dims, values)
    coords = {dim: np.array(NAMES[dim], object) for dim in dims if dim in NAMES}
    return xr.Dataset(variables, coords)


def each_line(*, of: Any = lambda spec: True) -> pytest.MarkDecorator:
    chosen = {key: spec for key, spec in LINES.items() if of(spec)}
    return pytest.mark.parametrize("spec", chosen.values(), ids=chosen)


@each_line()
def test_each_line_of_the_table_judges_what_it_names(spec: Spec) -> None:
    """No line hides another, and every type that a line allows goes through a store."""
    for kind in spec.kinds:
        ds = dataset_of(spec, kind=kind)
        sd.validate(ds)
        found = spec_of(ds, name_of(spec))
        assert found == spec
        assert kind_of(ds[name_of(spec)]) in (kind, "text")


@each_line()
@pytest.mark.parametrize("dtype", ["float64", "int32", "uint64", "complex64"])
def test_another_type_than_the_lines_is_refused(spec: Spec, dtype: str) -> None:
    ds = dataset_of(spec, kind=dtype)
    with pytest.raises(sd.ContractError, match=rf"variable '{name_of(spec)}' \(.*found {dtype}"):
        sd.validate(ds)


@each_line()
def test_other_dimensions_than_the_lines_are_refused(spec: Spec) -> None:
    beside = "_edit" if HIT in spec.dims else HIT
    ds = dataset_of(spec, dims=(*dims_of(spec), beside), kind="float32")
    expected = "has dimensions" if spec.name == "any" else r"must have dimensions \("
    with pytest.raises(sd.ContractError, match=f"'{name_of(spec)}' {expected}.*{beside}"):
        sd.validate(ds)


@each_line(of=lambda spec: spec.lowest is not None)
def test_numbers_beyond_the_lines_bounds_are_refused(spec: Spec) -> None:
    """In one value a row by `validate`, in letters and genotypes by `assert_conforms`."""
    good = dataset_of(spec)[name_of(spec)].values
    for bound, step in ((spec.lowest, -1), (spec.highest, 1)):
        if bound is None:
            continue
        bad = good.copy()
        bad.flat[-1] = bound + step
        ds = dataset_of(spec, bad)
        check = sd.validate if bad.ndim == 1 and spec.name != "any" else assert_conforms
        check = assert_conforms if dims_of(spec)[0].endswith("_value") else check
        with pytest.raises(
            sd.ContractError,
            match=f"'{name_of(spec)}' must be {spec.lowest}.*; found {bound + step} at pos",
        ):
            check(ds)


@each_line(of=lambda spec: spec.words)
def test_words_beyond_the_lines_are_refused(spec: Spec) -> None:
    odd = np.array([*spec.words[:2], "odd"], object)
    with pytest.raises(sd.ContractError, match=f"'{name_of(spec)}' must hold .*; found 'odd'"):
        sd.validate(dataset_of(spec, odd))


@each_line(of=lambda spec: {"label", "text"} & set(spec.kinds))
def test_missing_text_is_written_as_empty(spec: Spec) -> None:
    with pytest.raises(sd.ContractError, match=f"'{name_of(spec)}' must hold text only"):
        sd.validate(
            dataset_of(spec, np.array(["a", np.nan, "a"][: SIZES.get(dims_of(spec)[0], 3)], object))
        )


@each_line(of=lambda spec: spec.missing == "never missing" and "float32" in spec.kinds)
def test_what_is_never_missing_has_no_gaps(spec: Spec) -> None:
    values = dataset_of(spec)[name_of(spec)].values
    values.flat[3] = np.nan
    with pytest.raises(
        sd.ContractError, match=f"'{name_of(spec)}' must have no missing.*found 1 NaN"
    ):
        assert_conforms(dataset_of(spec, values))


def test_names_of_genotypes_are_free_where_there_are_none() -> None:
    own = {"read_count": numbers(1, 2, 3, dtype="f4"), "is_first": numbers(1, 0, 0, dtype="i1")}
    own |= {"allele_ref": labels("a", "b", "c"), "seen_first": numbers(1, 2, 3, dtype="i2")}
    sd.validate(xr.Dataset({"row": ROW, **own}))


def test_a_start_too_large_to_add_to_is_refused() -> None:
    """The sum would turn negative and pass for a place within the values."""
    with pytest.raises(sd.ContractError, match="must stay within the 10 places"):
        sd.validate(ragged([0, 2**63 - 1], [1, 5]))


@pytest.mark.parametrize("rows", [[3, 1, 2, 1], [1, 1, 2, 3], [9, 5, 5, 5]], ids=str)
def test_a_key_twice_is_found_in_any_order(rows: list[int]) -> None:
    twice = max(rows, key=rows.count)
    with pytest.raises(
        sd.ContractError, match=f"'row' must be unique; found {twice} {rows.count(twice)} t"
    ):
        sd.validate(xr.Dataset({"row": ("_sequence", rows)}))


@pytest.mark.parametrize("rows", [[], [7], [3, 1, 2], [-5, 0, 2**62]], ids=str)
def test_keys_of_any_order_and_size_are_fine(rows: list[int]) -> None:
    sd.validate(xr.Dataset({"row": ("_sequence", np.array(rows, dtype="i8"))}))


def test_long_variables_are_looked_at_to_their_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values are read some at a time; the position in the message counts from the first."""
    monkeypatch.setattr("seqdata.validation._ROWS", 2)
    ds = xr.Dataset(
        {"row": ("_sequence", np.arange(7)), "summit": ("_sequence", [-1, 0, 1, 2, 3, -2, 5])}
    )
    with pytest.raises(
        sd.ContractError, match="'summit' must be -1 or more; found -2 at position 5"
    ):
        sd.validate(ds)


def ragged(starts: list[int], sizes: list[int]) -> xr.Dataset:
    return xr.Dataset(
        {
            "row": ("_sequence", np.arange(len(starts))),
            "seq": ("seq_value", np.zeros(10, "u1")),
            "seq_start": ("_sequence", np.array(starts)),
            "seq_size": ("_sequence", np.array(sizes)),
        }
    )


@pytest.mark.parametrize(
    ("starts", "sizes"), [([0, 8], [3, 3]), ([-1, 0], [1, 1]), ([0, 4], [1, -1])], ids=str
)
def test_ragged_rows_must_stay_within_their_values(starts: list[int], sizes: list[int]) -> None:
    with pytest.raises(sd.ContractError, match="must stay within the 10 places of 'seq_value'"):
        sd.validate(ragged(starts, sizes))


def test_ragged_rows_may_overlap_and_leave_gaps() -> None:
    sd.validate(ragged([5, 0, 5, 10], [5, 2, 1, 0]))


@pytest.mark.parametrize("part", ["seq_start", "seq_size"])
def test_ragged_values_need_starts_and_sizes(part: str) -> None:
    with pytest.raises(sd.ContractError, match=f"'seq_value' must have a variable '{part}'"):
        sd.validate(ragged([0], [1]).drop_vars(part))


def test_ragged_starts_are_whole_numbers() -> None:
    ds = ragged([0], [1]).assign(seq_start=("_sequence", np.array([0.0])))
    with pytest.raises(sd.ContractError, match=r"'seq_start' .* must have type int64"):
        sd.validate(ds)


def test_a_variable_that_only_ends_like_a_ragged_one_is_free() -> None:
    insert = ("_sequence", np.array([1.5, 2, 3], "f4"))
    sd.validate(xr.Dataset({"row": ROW, "insert_size": insert, "translation_start": insert}))


def test_data_of_another_contract_version_is_refused() -> None:
    ds = xr.Dataset({"row": ROW}, attrs={"seqdata_contract": "7"})
    with pytest.raises(sd.ContractError, match="version '1'; found '7'"):
        sd.validate(ds)


def test_lazy_text_is_checked_when_it_is_written(tmp_path: Path) -> None:
    """A missing label must not turn into another label's code."""
    ds = xr.Dataset({"row": ROW, "tissue": labels("a", None, "b")}).chunk()
    with pytest.raises(sd.ContractError, match="'tissue' must hold text only"):
        sd.to_zarr(ds, tmp_path / "a.zarr")
    assert not list(tmp_path.iterdir())


def test_variables_outside_the_contract_are_the_users_own() -> None:
    own = xr.Dataset({"row": ROW, "grid": (("x", "y"), np.zeros((2, 2)))})
    sd.validate(own)
    assert "outside the contract" in sd.annotate(own)["grid"].attrs["description"]


def test_annotate_explains_every_variable_and_the_coordinates(example: xr.Dataset) -> None:
    out = sd.annotate(example)
    assert out.attrs["coordinate_system"] == "0-based half-open"
    assert all(out[name].attrs["description"] for name in out.data_vars)
    xr.testing.assert_equal(out, example)


def test_coded_labels_are_as_good_as_text() -> None:
    codes = (
        "_sequence",
        np.array([0, 1, 0], "i1"),
        {"flag_values": [0, 1], "flag_meanings": "+ -"},
    )
    sd.validate(xr.Dataset({"row": ROW, "strand": codes}))
    with pytest.raises(sd.ContractError, match=r"'strand' .* must have type label; found int8"):
        sd.validate(xr.Dataset({"row": ROW, "strand": codes[:2]}))
