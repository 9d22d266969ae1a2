"""Names of the published SeqData lead to ours."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

import seqdata as sd
from seqdata.old_names import PACKAGE

PUBLISHED = (  # what SeqData 0.2.2 exports
    "from_flat_files", "from_region_files", "open_zarr", "to_zarr", "get_torch_dataloader", "read_bedlike",
    "read_bam", "read_bigwig", "read_flat_fasta", "read_genome_fasta", "read_table", "read_vcf", "BAM", "VCF",
    "BigWig", "FlatFASTA", "GenomeFASTA", "Table", "add_bed_to_sdata", "label_overlapping_regions",
    "merge_obs",
)  # fmt: skip
_NAMES = re.compile(r"\b((?:seqdata|seqpro|seqdatasets)(?:\.\w+)+)")


def named(text: str) -> Any:
    """The object that a dotted name of a hint stands for."""
    package, *names = text.split(".")
    found = importlib.import_module(package)
    for name in names:
        if not hasattr(found, name) and inspect.ismodule(found):
            importlib.import_module(f"{found.__name__}.{name}")
        found = getattr(found, name)
    return found


def calls(hint: str) -> Iterator[ast.Call]:
    """The calls that a hint writes out, outer ones with those inside them."""
    for match in re.finditer(r"\b(?:seqdata|seqpro|seqdatasets)[\w.]*\(", hint):
        depth, end = 1, match.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(hint[end], 0)
            end += 1
        call = ast.parse(hint[match.start() : end], mode="eval").body
        assert isinstance(call, ast.Call)
        yield call


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_script_for_the_published_package_finds_each_name_or_is_told_the_new_one(
    name: str,
) -> None:
    assert name in sd.__all__ or name in PACKAGE


@pytest.mark.parametrize("name", PACKAGE)
def test_old_name_is_an_error_of_one_line_that_names_the_new_call(name: str) -> None:
    assert name not in sd.__all__
    with pytest.raises(
        AttributeError, match=rf"'seqdata' has no attribute '{name}'; here it is "
    ) as error:
        getattr(sd, name)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", PACKAGE)
def test_new_names_exist(name: str) -> None:
    """A pointer to nothing would be worse than none."""
    for text in _NAMES.findall(PACKAGE[name]):
        assert named(text) is not None


@pytest.mark.parametrize("name", [name for name, hint in PACKAGE.items() if list(calls(hint))])
def test_calls_of_a_hint_can_be_made(name: str) -> None:
    """The arguments must fit, or one error leads to the next."""
    accepted: set[str] = set()
    for call in calls(PACKAGE[name]):
        signature = inspect.signature(named(ast.unparse(call.func)))
        keywords = {str(keyword.arg): keyword.value for keyword in call.keywords}
        signature.bind(*call.args, **keywords)
        accepted |= set(signature.parameters)
        if "options" in signature.parameters:
            accepted |= set(inspect.signature(sd.Loader).parameters)
    for new in re.findall(r"\w+= is (\w+)(?=[;,= ]|$)", PACKAGE[name]):
        assert new in accepted or new == "not", new


def test_an_unknown_name_is_an_ordinary_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"'seqdata' has no attribute 'nothing'$"):
        sd.nothing  # noqa: B018
    assert not hasattr(sd, "nothing")
