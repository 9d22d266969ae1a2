"""The contract's table is what the conventions print, and no spec hides another."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqdata.schema import AXES, SPECS, Spec, contract_table, dim_matches

ROOT = Path(__file__).resolve().parents[2]


def test_the_conventions_show_the_contract_as_it_is() -> None:
    text = (ROOT / "CONVENTIONS.md").read_text()
    begin, end = "<!-- contract: begin -->\n", "\n<!-- contract: end -->"
    assert text.count(begin) == text.count(end) == 1
    assert text.split(begin)[1].split(end)[0].strip() == contract_table()


def test_every_dimension_is_explained_and_used() -> None:
    patterns = {
        part.removesuffix("?") for spec in SPECS for d in spec.dims for part in d.split("|")
    }
    assert patterns == set(AXES)


def test_the_more_special_name_is_asked_first() -> None:
    """Else a variable such as embedding_row would be judged by the spec of embedding_*."""
    names = [spec.name for spec in SPECS if spec.name != "any"]
    for i, name in enumerate(names):
        wider = [
            other for other in SPECS[: [s.name for s in SPECS].index(name)] if other.name != "any"
        ]
        hidden = [other.name for other in wider if "*" in other.name and other.names(name)]
        assert not hidden, (names[i], hidden)


@pytest.mark.parametrize(
    ("dims", "fits"),
    [
        (("_sequence", "_length"), True),
        (("_sequence", "atac_length"), True),
        (("_sequence", "atac_sample", "_length"), True),
        (("_sequence", "_strand", "_length"), True),
        (("_sequence", "atac_sample", "_strand", "atac_length"), True),
        (("_sequence", "_strand", "atac_sample", "_length"), False),
        (("_sequence", "_length", "_length"), False),
        (("_sequence", "atac_sample"), False),
        (("_length",), False),
    ],
    ids=str,
)
def test_optional_and_alternative_dimensions(dims: tuple[str, ...], fits: bool) -> None:
    track = Spec("any", ("_sequence", "{v}_sample?", "_strand?", "_length|{v}_length"), (), "", "")
    assert track.fits(dims) is fits


def test_a_name_is_reserved_only_beside_its_dimension() -> None:
    """Else `read_count` or `is_reference` of a user's own would be judged as parts of genotypes."""
    spec = next(spec for spec in SPECS if spec.name == "{v}_count")
    assert spec.names("hap_count", {"hap_variant"})
    assert not spec.names("read_count", {"hap_variant", "_sequence"})
    assert not spec.names("_count", {"_variant"})
    assert not spec.names("hap_counts", {"hap_variant"})


def test_dimensions_are_shown_as_a_reader_would_write_them() -> None:
    spec = Spec("x", ("_sequence", "_target?", "_length|{v}_length", "a|b?"), (), "", "")
    assert spec.shape() == "_sequence, [_target], _length or {v}_length, [a or b]"


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.name} {spec.shape()}")
def test_the_table_says_what_the_code_checks(spec: Spec) -> None:
    """Bounds, words and missing values are no secret rules: they fit the types and the prose."""
    assert spec.beside == "" or spec.name.startswith("{v}_")
    assert "\n" not in spec.prose + spec.missing
    assert spec.prose.endswith(".")
    assert not spec.words or "label" in spec.kinds
    assert spec.lowest is None or any(kind.startswith(("int", "uint")) for kind in spec.kinds)
    assert ("-1" in spec.missing) == (spec.lowest == -1) or spec.name in (
        "any",
        "parent_row",
        "embedding_*",
    )


def test_a_stem_is_never_empty_or_reserved() -> None:
    assert dim_matches("atac_sample", "{v}_sample")
    assert not dim_matches("_sample", "{v}_sample")
    assert not dim_matches("_value", "{v}_value")
