"""Labels come back letter by letter, whatever stands in them."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from seqdata.labels import decode_labels, encode_labels

AWKWARD = ["", "%", "%20", " ", "a b", "tab\there", "line\nend", "100%", "naïve", "β", "+", "-", ".",
           "a,b;c", '"', "\\", "\u00a0", "\u2003x"]  # fmt: skip


def roundtrip(values: np.ndarray) -> np.ndarray:
    encoded = encode_labels(values)
    assert encoded is not None
    codes, attrs = encoded
    return decode_labels(xr.Variable(["x", "y"][: values.ndim], codes, attrs)).values


def test_awkward_labels_come_back() -> None:
    values = np.array(AWKWARD[::-1] + AWKWARD, dtype=object)
    assert roundtrip(values).tolist() == values.tolist()


def test_each_awkward_label_alone_comes_back() -> None:
    for word in AWKWARD:
        assert roundtrip(np.array([word], dtype=object)).tolist() == [word]


def test_meanings_are_words_that_any_cf_reader_can_split() -> None:
    _, attrs = encode_labels(np.array(["left eye", "", "chr1"], dtype=object)) or ((), {})
    assert str(attrs["flag_meanings"]).split() == ["left%20eye", "%", "chr1"]
    assert attrs["flag_values"] == [0, 1, 2]


def test_labels_of_several_axes_keep_their_shape() -> None:
    values = np.array([["a", "b"], ["b", "c"], ["", "a"]], dtype=object)
    assert roundtrip(values).tolist() == values.tolist()


def test_decoded_labels_share_their_few_strings() -> None:
    """A million labels must cost a pointer each, not a string each."""
    decoded = roundtrip(np.array(["chr1", "chr2"] * 500, dtype=object))
    assert len({id(label) for label in decoded}) == 2


@pytest.mark.parametrize(("distinct", "dtype"), [(1, "i1"), (128, "i1"), (129, "i2"), (4096, "i2")])
def test_codes_are_the_smallest_that_hold_every_label(distinct: int, dtype: str) -> None:
    values = np.array([f"label{i}" for i in range(distinct)], dtype=object)
    codes, _ = encode_labels(values) or (np.zeros(0), {})
    assert codes.dtype == dtype
    assert roundtrip(values).tolist() == values.tolist()


def test_many_different_words_are_text_and_no_labels() -> None:
    assert encode_labels(np.array([f"barcode{i}" for i in range(4097)], dtype=object)) is None


def test_no_labels_at_all_come_back() -> None:
    assert roundtrip(np.array([], dtype=object)).tolist() == []
