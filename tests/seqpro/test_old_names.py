"""Names of the published packages lead to ours."""

from __future__ import annotations

import copy
import pickle
import re

import pytest

import seqpro as sp
from seqpro.old_names import ALPHABET, PACKAGE, RAGGED


@pytest.mark.parametrize("name", PACKAGE)
def test_old_name_of_the_package_is_an_error_that_names_the_new_call(name):
    with pytest.raises(AttributeError, match=rf"'seqpro' has no attribute '{name}'; here it is "):
        getattr(sp, name)


@pytest.mark.parametrize("name", ALPHABET)
def test_old_method_of_an_alphabet_is_an_error_that_names_the_new_call(name):
    with pytest.raises(AttributeError, match=rf"has no attribute '{name}'; here it is "):
        getattr(sp.DNA, name)


@pytest.mark.parametrize("name", RAGGED)
def test_old_member_of_a_ragged_is_an_error_that_names_the_new_one(name):
    with pytest.raises(AttributeError, match=rf"has no attribute '{name}'; here it is "):
        getattr(sp.as_ragged(["A"]), name)


def test_every_new_name_exists():
    """A pointer to nothing would be worse than none."""
    for hint in [*PACKAGE.values(), *ALPHABET.values(), *RAGGED.values()]:
        for name in re.findall(r"seqpro\.(\w+)", hint):
            assert hasattr(sp, name), hint
        for name in re.findall(r"alphabet\.(\w+)", hint.replace("seqpro.alphabet", "")):
            assert hasattr(sp.DNA, name), hint
        for name in re.findall(r"[Rr]agged\.(\w+)", hint.replace("seqpro.ragged", "")):
            assert hasattr(sp.as_ragged(["A"]), name), hint


def test_unknown_name_is_an_ordinary_attribute_error():
    with pytest.raises(AttributeError, match=r"has no attribute 'nothing'$"):
        sp.DNA.nothing  # noqa: B018
    assert not hasattr(sp, "nothing")


def test_alphabets_still_copy_and_pickle():
    assert pickle.loads(pickle.dumps(sp.DNA)) == copy.deepcopy(sp.DNA) == sp.DNA


def test_tables_and_transforms_load_when_first_asked_for():
    assert sp.bed.read_bed
    assert sp.gtf.read_gtf
    assert {"bed", "gtf", "transforms", "xr"} <= set(dir(sp))


def test_the_top_level_stays_small():
    assert len(sp.__all__) <= 60
