"""One length for sequences of unequal length."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import eugene as eu
import seqdata as sd
from seqdata.view import sequence_variables
from seqpro import DNA, as_ragged


def ragged(seqs: list[str]) -> xr.Dataset:
    variables = sequence_variables(as_ragged(seqs), DNA)
    return xr.Dataset({"row": ("_sequence", np.arange(len(seqs))), **variables})


@given(
    st.lists(st.text("ACGT", min_size=1, max_size=9), min_size=2, max_size=6), st.integers(1, 12)
)
@settings(deadline=None, max_examples=40)
def test_left_padding_is_what_strings_do(seqs: list[str], length: int) -> None:
    seqs = [*seqs, "A" * 10]  # lengths differ
    padded = eu.preprocess.pad(ragged(seqs), length=length, side="left", truncate="left")
    expected = [s.rjust(length, "N")[-length:] for s in seqs]
    assert [row.tobytes().decode() for row in sd.chars(padded, "seq").values] == expected
    sd.validate(padded)


def test_padding_says_how_much_was_cut() -> None:
    padded = eu.preprocess.pad(ragged(["ACGT", "AC"]), length=3)
    assert padded["seq"].attrs["letters_cut"] == 1
    assert padded["seq"].attrs["alphabet"] == "DNA"


def test_tracks_along_the_sequence_are_not_left_behind() -> None:
    data = ragged(["ACGT", "AC"]).assign(reactivity=("seq_value", np.zeros(6, np.float32)))
    with pytest.raises(ValueError, match="'reactivity' lies along it"):
        eu.preprocess.pad(data, length=4)


def test_sequence_of_one_length_is_refused() -> None:
    with pytest.raises(ValueError, match="must be ragged"):
        eu.preprocess.pad(ragged(["ACGT", "ACGT"]), length=4)
