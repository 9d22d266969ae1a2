"""Coverage: bins and library sizes."""

from __future__ import annotations

import numpy as np
import pytest

import seqpro as sp


@pytest.mark.parametrize("dtype", ["u1", "u2", "i4", "i8", "f2", "f4", "f8", "?", ">i4"])
@pytest.mark.parametrize("width", [1, 2, 5, 20])
@pytest.mark.parametrize("statistic", ["sum", "mean", "max"])
def test_bins_agree_with_numpy(dtype, width, statistic):
    coverage = np.random.default_rng(0).integers(0, 100, (3, 2, 40)).astype(dtype)
    found = sp.bin_coverage(coverage, width, statistic=statistic)
    expected = getattr(np, statistic)(coverage.reshape(3, 2, -1, width).astype(float), axis=-1)
    np.testing.assert_array_equal(found, expected.astype(found.dtype))


@pytest.mark.parametrize(
    ("dtype", "statistic", "expected"),
    [
        ("u1", "sum", "u8"), ("i2", "sum", "i8"), ("f4", "sum", "f4"), ("u1", "mean", "f8"),
        ("f4", "mean", "f4"), ("u1", "max", "u1"), ("?", "sum", "u8"),
    ],
)  # fmt: skip
def test_counts_never_wrap_and_means_of_counts_are_no_whole_numbers(dtype, statistic, expected):
    coverage = np.full((1, 1000), 200).astype(dtype)
    found = sp.bin_coverage(coverage, 1000, statistic=statistic)
    assert found.dtype == np.dtype(expected)
    assert found.item() == coverage.item(0) * (1000 if statistic == "sum" else 1)


def test_missing_values_make_the_bin_missing():
    coverage = [[1.0, np.nan, 3.0, 4.0]]
    for statistic, last in (("sum", 7.0), ("mean", 3.5), ("max", 4.0)):
        found = sp.bin_coverage(coverage, 2, statistic=statistic)
        np.testing.assert_array_equal(found, [[np.nan, last]])


def test_small_numbers_beside_large_ones_are_not_lost():
    coverage = np.ones(1 << 20, np.float32)
    coverage[0] = 2.0**24  # in single precision 1 more would change nothing
    assert sp.bin_coverage(coverage, 1 << 20).item() == np.float32(2.0**24 + 2**20 - 1)


@pytest.mark.parametrize("width", [0, -2, 2.0, 2**70])
def test_bin_width_that_is_no_number_of_positions_is_refused(width):
    with pytest.raises(ValueError, match=r"bin_width must be a whole number.*; found"):
        sp.bin_coverage([1, 2, 3, 4], width)


def test_bin_width_that_does_not_divide_is_refused():
    with pytest.raises(ValueError, match=r"bin_width must divide the length, 4; found 3"):
        sp.bin_coverage([1, 2, 3, 4], 3)


@pytest.mark.parametrize("statistic", ["sum", "mean", "max"])
@pytest.mark.parametrize("dtype", [">f2", ">f8", np.longdouble, ">i4", "?"])
def test_numbers_that_kernels_do_not_take_are_read_as_ones_they_do(dtype, statistic):
    coverage = np.array([[0, 1, 1, 1]], dtype)
    plain = {"sum": [1, 2], "mean": [0.5, 1], "max": [1, 1]}[statistic]
    found = sp.bin_coverage(coverage, 2, statistic=statistic)
    np.testing.assert_array_equal(found, [plain])


@pytest.mark.parametrize("shape", [(0, 6), (2, 0), (0,)])
def test_nothing_gives_nothing(shape):
    assert sp.bin_coverage(np.zeros(shape), 3).shape == (*shape[:-1], shape[-1] // 3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: sp.bin_coverage(["ACGT"], 2), TypeError, "coverage must hold numbers"),
        (lambda: sp.bin_coverage(3.0, 2), ValueError, "found one number"),
        (lambda: sp.bin_coverage([1, 2], 2, statistic="median"), ValueError, "found 'median'"),
        (lambda: sp.normalize_coverage([1, 2], 0), ValueError, "total must be positive.*found 0"),
        (lambda: sp.normalize_coverage([1], 1, method="RPKM"), ValueError, "found 'RPKM'"),
        (lambda: sp.normalize_coverage([True, None], 1), TypeError, "coverage must hold numbers"),
    ],
)
def test_argument_that_does_not_fit_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_counts_per_million_and_per_kilobase():
    coverage = np.array([[1, 2, 0, 1], [4, 0, 0, 0]])
    cpm = sp.normalize_coverage(coverage, [2_000_000, 500_000])
    assert cpm.tolist() == [[0.5, 1.0, 0.0, 0.5], [8.0, 0, 0, 0]]
    cpkm = sp.normalize_coverage(coverage, [2_000_000, 500_000], method="CPKM")
    np.testing.assert_allclose(cpkm, cpm / 0.004, rtol=1e-15)


def test_one_total_for_each_strand_or_sample():
    coverage = np.ones((2, 3, 5))
    found = sp.normalize_coverage(coverage, [[1e6], [2e6]])
    assert found[:, 0, 0].tolist() == [1.0, 0.5]
    assert found.shape == coverage.shape
