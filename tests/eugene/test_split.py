"""Splits: every row in one part, no relatives on two sides."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import eugene as eu
import seqpro as sp
from seqdata import validate
from seqdata.view import sequence_variables
from seqpro import DNA


def dataset(n: int, **variables) -> xr.Dataset:
    return xr.Dataset({"row": ("_sequence", np.arange(n)), **variables})


def counts(data: xr.Dataset) -> dict[str, int]:
    parts, sizes = np.unique(data["split"].values.astype(str), return_counts=True)
    return dict(zip(parts.tolist(), sizes.tolist(), strict=True))


@given(st.integers(20, 300), st.integers(0, 5))
@settings(deadline=None, max_examples=20)
def test_random_split_has_the_asked_shares(n: int, seed: int) -> None:
    found = counts(eu.preprocess.split(dataset(n), fractions=(0.6, 0.2, 0.2), seed=seed))
    for part, share in (("train", 0.6), ("val", 0.2), ("test", 0.2)):
        assert abs(found[part] - share * n) <= 1


def test_same_seed_same_split_and_the_input_is_left_alone() -> None:
    data = dataset(50)
    first, again = eu.preprocess.split(data, seed=1), eu.preprocess.split(data, seed=1)
    assert first.identical(again)
    assert "split" not in data
    assert not eu.preprocess.split(data, seed=2)["split"].equals(first["split"])
    validate(first)


def relatives(n: int = 60) -> list[str]:
    """Families of three: a sequence, an overlapping shift, and the reverse complement of the first."""
    seqs = []
    for row in sp.random_seqs((n // 3, 120), DNA, rng=0):
        text = row.tobytes().decode()
        turned = sp.reverse_complement(text[:80], DNA).tobytes().decode()
        seqs += [text[:80], text[40:], turned]
    return seqs


@pytest.mark.parametrize("ragged", [False, True])
def test_homology_split_keeps_relatives_together(ragged: bool) -> None:
    """An overlapping or reverse-complemented twin in the test set would be a leak."""
    seqs = relatives()
    if ragged:
        seqs = [s[: 80 - i % 5] for i, s in enumerate(seqs)]
    data = dataset(len(seqs), **sequence_variables(sp.as_ragged(seqs), DNA))
    out = eu.preprocess.split(data, by="homology", shared=30, fractions=(0.6, 0.2, 0.2), seed=0)
    parts = out["split"].values.reshape(-1, 3)
    assert (parts == parts[:, :1]).all()
    assert len(counts(out)) == 3
    validate(out)


def test_common_part_of_the_design_is_said_and_can_be_left_out() -> None:
    """An adapter is no evidence of kinship, and must not hide the kinship that there is."""
    seqs = ["TGCATTTTTTTCACATCAGTC" + s + "GGTTACGGCTGTT" for s in relatives()]
    data = dataset(len(seqs), **sequence_variables(sp.as_ragged(seqs), DNA))
    with pytest.raises(ValueError, match=r"100% of the rows are one group .* ignore_common=0\.5"):
        eu.preprocess.split(data, by="homology", shared=20)
    out = eu.preprocess.split(
        data, by="homology", shared=20, ignore_common=0.5, fractions=(0.6, 0.2, 0.2), seed=0
    )
    parts = out["split"].values.reshape(-1, 3)
    assert (parts == parts[:, :1]).all()
    assert len(np.unique(out["group"].values)) == 20


def test_yeast_promoters_split_into_unrelated_parts(mirror) -> None:
    """No 32 letters in a row of the random parts are shared by train and test, on either strand."""
    import seqdatasets

    data = seqdatasets.load("dream_yeast_demo")
    data = eu.preprocess.split(data, by="homology", ignore_common=0.5, seed=0)
    assert 630 <= counts(data)["test"] <= 645

    def words(part: str, both_strands: bool) -> set[bytes]:
        chosen = data.isel(_sequence=data["split"].values == part)
        found: set[bytes] = set()
        for row, start in zip(chosen["seq"].values, chosen["measured_start"].values, strict=True):
            inner = row[start + 17 : -13]
            for strand in [inner, sp.reverse_complement(inner, DNA)][: 1 + both_strands]:
                text = strand.tobytes()
                found |= {text[i : i + 32] for i in range(len(text) - 31)}
        return found

    assert not words("train", True) & words("test", False)


def test_chromosome_split_moves_whole_contigs() -> None:
    chrom = np.array(["chr1", "chr2", "chr3", "chr1"], dtype=object)
    data = dataset(4, chrom=("_sequence", chrom))
    out = eu.preprocess.split(data, by="chrom", val=["chr2"], test=["chr3"])
    assert out["split"].values.tolist() == ["train", "val", "test", "train"]


def test_stratified_split_keeps_the_share_of_each_class() -> None:
    label = (np.arange(400) % 4 == 0).astype(np.int8)
    out = eu.preprocess.split(dataset(400, label=("_sequence", label)), stratify="label", seed=3)
    for part in ("train", "val", "test"):
        assert out["label"].values[out["split"].values == part].mean() == pytest.approx(
            0.25, abs=0.03
        )


def test_groups_that_are_already_there_are_not_cut() -> None:
    group = np.repeat(np.arange(20), 5)
    out = eu.preprocess.split(dataset(100, group=("_sequence", group)), seed=0)
    for g in range(20):
        assert len(set(out["split"].values[group == g])) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"by": "chromosome"}, "by must be 'random', 'homology' or 'chrom'; found 'chromosome'"),
        ({"fractions": (0.8, 0.3, 0.1)}, "sum to 1"),
        ({"by": "chrom"}, "needs contigs for val and for test"),
        ({"by": "chrom", "val": ["a"], "test": ["b"]}, "needs a variable 'chrom'"),
        ({"val": ["chr1"]}, "need by='chrom'"),
        ({"stratify": "nothing"}, "stratify must name a variable"),
    ],
)
def test_bad_argument_is_named(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        eu.preprocess.split(dataset(10), **arguments)


def test_unknown_contig_and_empty_part_are_refused() -> None:
    data = dataset(3, chrom=("_sequence", np.array(["1", "2", "3"], dtype=object)))
    with pytest.raises(ValueError, match="found 'chr8', but it has 1, 2, 3"):
        eu.preprocess.split(data, by="chrom", val=["chr8"], test=["1"])
    with pytest.raises(ValueError, match="leaves no row for 'val'"):
        eu.preprocess.split(dataset(3), fractions=(0.98, 0.01, 0.01))


@pytest.mark.parametrize("alphabet", [sp.DNA, sp.RNA], ids=lambda alphabet: alphabet.name)
def test_relatives_stay_together_in_any_alphabet(alphabet: sp.Alphabet) -> None:
    seqs = sp.random_seqs((100, 50), alphabet, rng=0)
    twice = np.concatenate([seqs, sp.reverse_complement(seqs, alphabet)])
    data = xr.Dataset(
        {
            "row": ("_sequence", np.arange(200)),
            "seq": (("_sequence", "_length"), twice.view(np.uint8), {"alphabet": alphabet.name}),
        }
    )
    parts = eu.preprocess.split(data, by="homology", seed=0)["split"].values
    np.testing.assert_array_equal(parts[:100], parts[100:])


def test_proteins_are_not_compared_as_if_they_were_dna() -> None:
    seqs = sp.random_seqs((20, 50), sp.AA, rng=0).view(np.uint8)
    data = xr.Dataset({"seq": (("_sequence", "_length"), seqs, {"alphabet": "AA"})})
    with pytest.raises(ValueError, match="by='homology' compares DNA or RNA; 'seq' is AA"):
        eu.preprocess.split(data, by="homology")


def test_no_split_cuts_a_group_that_is_there() -> None:
    seqs = sp.random_seqs((120, 50), sp.DNA, rng=0).view(np.uint8)
    seqs[1] = seqs[0]  # relatives in two groups: these are one then
    group = np.repeat(np.arange(40), 3)
    seqs[3] = seqs[0]
    data = xr.Dataset(
        {
            "seq": (("_sequence", "_length"), seqs, {"alphabet": "DNA"}),
            "group": ("_sequence", group),
            "chrom": ("_sequence", np.array(["a", "b", "c"] * 40, dtype=object)),
        }
    )
    out = eu.preprocess.split(data, by="homology", seed=1)
    for key in (group, out["group"].values):
        assert all(len(set(out["split"].values[key == name])) == 1 for name in np.unique(key))
    assert len(set(out["group"].values[:6])) == 1
    assert np.unique(out["group"]).size == 39
    with pytest.raises(ValueError, match="by='chrom' would cut 80 of the groups"):
        eu.preprocess.split(data, by="chrom", val="b", test="c")
    whole = data.drop_vars("group")
    assert set(eu.preprocess.split(whole, by="chrom", val="b", test=["c"])["split"].values) == {
        "train",
        "val",
        "test",
    }
