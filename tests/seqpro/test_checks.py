"""Checks of arguments: right values pass, others are named on one line."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import seqpro as sp
from seqpro.checks import as_array, choice, real_number, shown, whole_number


@pytest.mark.parametrize("value", [0, 3, np.int8(3), np.uint64(3)])
def test_whole_numbers_of_any_kind_come_back_as_int(value):
    assert type(whole_number(value, "k", low=0, high=3)) is int


@pytest.mark.parametrize("value", [-1, 4, 2.0, "2", None, True, [2], np.array([2]), float("nan")])
def test_what_is_no_whole_number_within_bounds_is_named(value):
    with pytest.raises(ValueError, match=r"^k must be a whole number from 0 to 3; found .+$"):
        whole_number(value, "k", low=0, high=3)


@pytest.mark.parametrize("value", [0, 0.5, 1, np.float32(0.25)])
def test_numbers_come_back_as_float(value):
    assert type(real_number(value, "rate", low=0, high=1)) is float


@pytest.mark.parametrize("value", [-0.1, 1.1, "1", None, [0.5], float("nan"), 1j])
def test_what_is_no_number_within_bounds_is_named(value):
    with pytest.raises(ValueError, match=r"^rate must be a number from 0 to 1; found .+$"):
        real_number(value, "rate", low=0, high=1)


@pytest.mark.parametrize("value", ["foldd", None, {"fold"}, ["fold"], np.array(["fold", "x"])])
def test_what_is_no_choice_is_named(value):
    with pytest.raises(ValueError, match=r"^case must be 'fold' or 'strict'; found .+$"):
        choice(value, "case", ("fold", "strict"))


@pytest.mark.parametrize("value", [np.zeros((99, 99)), "A" * 999, list(range(999)), "A\nB"])
def test_values_are_shown_short_and_on_one_line(value):
    assert len(shown(value)) < 90
    assert "\n" not in shown(value)


@pytest.mark.parametrize(
    "tensor",
    [torch.ones(2), torch.ones(2, requires_grad=True), torch.ones(2, dtype=torch.bfloat16)],
    ids=["plain", "with a gradient", "of a type that numpy lacks"],
)
def test_tensors_of_any_kind_become_arrays(tensor):
    assert as_array(tensor, "x").tolist() == [1, 1]


def test_what_numpy_makes_no_array_of_is_named():
    with pytest.raises(TypeError, match=r"^x must be an array or what numpy makes one of; found"):
        as_array([[1, 2], [3]], "x")


def test_masked_entries_are_refused_instead_of_read():
    letters = np.ma.array(["ACGT", "AAAA"], mask=[False, True])
    with pytest.raises(ValueError, match=r"seqs must have no masked entries; found 1. Fill them"):
        sp.ohe(letters, sp.DNA)
    assert as_array(np.ma.array([1, 2]), "numbers").tolist() == [1, 2]
