"""GC-matched negatives: like the positives in length and GC content, and nowhere near them."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seqdata as sd
import seqpro as sp
from seqdata.negatives import GCMatched, gc_matched_regions, ks_distance


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    """Two contigs whose GC content changes along them, with gaps of N and lower case."""
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("genome") / "g.fa"
    lines = []
    for name, size in (("chr1", 60_000), ("chr2", 30_000)):
        gc = np.repeat(rng.uniform(0.2, 0.7, size // 500), 500)
        letters = np.where(
            rng.random(size) < gc, rng.choice([*"GC"], size), rng.choice([*"ATt"], size)
        )
        letters[5_000:5_400] = "N"
        letters[9_000] = "R"
        lines.append(f">{name}\n{''.join(letters)}\n")
    path.write_text("".join(lines))
    return _Genome(sd.GenomeFASTA(path), {line[1:5]: line[6:-1] for line in lines})


class _Genome(tuple[sd.GenomeFASTA, dict[str, str]]):
    """A reader and its letters, shown in a few words."""

    def __new__(cls, *parts):
        return super().__new__(cls, parts)

    def __repr__(self):
        return "genome"


def _regions(rng, n: int, *, longest: int = 200) -> pd.DataFrame:
    sizes = rng.integers(20, longest, n)
    chrom = rng.choice(["chr1", "chr2"], n)
    limits = np.where(chrom == "chr1", 60_000, 30_000) - sizes
    starts = rng.integers(0, limits)
    starts[(starts > 4_800) & (starts < 5_400)] += 1_000  # none of N alone
    strand = rng.choice(["+", "-", "."], n)
    return pd.DataFrame(
        {"chrom": chrom, "chromStart": starts, "chromEnd": starts + sizes, "strand": strand}
    )


def _gc(letters: str) -> float:
    known = [letter for letter in letters.upper() if letter in "ACGT"]
    return sum(letter in "GC" for letter in known) / len(known)


@settings(deadline=None, max_examples=12)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 25),
    ratio=st.sampled_from([0.3, 1.0, 2.5]),
    same_contig=st.booleans(),
)
def test_negatives_are_free_windows_like_their_regions(genome, seed, n, ratio, same_contig):
    """Checked base by base: no region, no blacklist, no gap, no other negative; length and GC as promised."""
    reader, letters = genome
    rng = np.random.default_rng(seed)
    regions, exclude = _regions(rng, n), _regions(rng, 9, longest=2_000)
    found = gc_matched_regions(
        regions, reader, ratio=ratio, exclude=exclude, same_contig=same_contig, seed=seed
    )
    assert len(found) == max(1, round(ratio * n))
    taken = {
        (chrom, place)
        for table in (regions, exclude)
        for chrom, start, end in table[["chrom", "chromStart", "chromEnd"]].itertuples(index=False)
        for place in range(start, end)
    }
    for row in found.itertuples():
        matched = regions.iloc[row.region]
        text = letters[row.chrom][row.chromStart : row.chromEnd]
        assert len(text) == row.chromEnd - row.chromStart == matched.chromEnd - matched.chromStart
        assert set(text.upper()) <= set("ACGT")
        assert row.gc == pytest.approx(_gc(text))
        own = _gc(letters[matched.chrom][matched.chromStart : matched.chromEnd])
        assert abs(row.gc - own) <= 0.2 + 1e-9
        assert row.strand == matched.strand
        assert row.chrom == matched.chrom or not same_contig
        places = {(row.chrom, place) for place in range(row.chromStart, row.chromEnd)}
        assert taken.isdisjoint(places)
        taken |= places
    counts = found["region"].value_counts().reindex(range(n), fill_value=0)
    assert counts.max() - counts.min() <= 1


def test_the_same_seed_gives_the_same_negatives(genome):
    reader, _ = genome
    regions = _regions(np.random.default_rng(1), 20)
    first, second, other = (gc_matched_regions(regions, reader, seed=seed) for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(first, second)
    assert not first["chromStart"].equals(other["chromStart"])


def test_a_plan_gives_what_the_function_gives(genome, tmp_path):
    """The blacklist may be a file, and the plan is what build is given."""
    reader, _ = genome
    (tmp_path / "black.bed").write_text("chr1\t0\t30000\n")
    regions = _regions(np.random.default_rng(2), 12)
    plan = GCMatched(ratio=2.0, exclude=tmp_path / "black.bed", tolerance=0.3, same_contig=False)
    found = plan.regions(regions, reader, seed=5)
    expected = gc_matched_regions(
        regions,
        reader,
        ratio=2.0,
        exclude=tmp_path / "black.bed",
        tolerance=0.3,
        same_contig=False,
        seed=5,
    )
    pd.testing.assert_frame_equal(found, expected)
    assert (found.loc[found["chrom"] == "chr1", "chromStart"] >= 30_000).all()


def test_contigs_that_are_not_named_are_left_alone(genome):
    reader, _ = genome
    regions = _regions(np.random.default_rng(3), 30)
    found = gc_matched_regions(regions, reader, contigs=["chr2"])
    assert set(found["chrom"]) == {"chr2"}
    assert set(found["region"]) == set(np.flatnonzero(regions["chrom"] == "chr2"))


def test_regions_over_a_contigs_end_are_matched_by_the_letters_they_have(genome):
    reader, letters = genome
    regions = pd.DataFrame({"chrom": ["chr2"], "chromStart": [29_900], "chromEnd": [30_100]})
    found = gc_matched_regions(regions, reader)
    assert (found["chromEnd"] - found["chromStart"]).tolist() == [200]
    assert found["gc"][0] == pytest.approx(_gc(letters["chr2"][29_900:]), abs=0.2)


def test_summits_that_were_left_behind_by_resizing_do_not_matter(genome):
    reader, _ = genome
    regions = _regions(np.random.default_rng(3), 3).assign(summit=10**6)
    assert len(gc_matched_regions(regions, reader)) == 3


def test_real_peaks_get_negatives_of_the_same_gc_content(mirror, caplog):
    """1,605 peaks of yeast: without matching, the distributions would differ by a quarter."""
    folder = mirror / "region_fixtures" / "yeast_sacCer3_atac"
    peaks = sp.bed.read_bed(folder / "SRR1822137.hmmratac.narrowPeak")
    reader = sd.GenomeFASTA(folder / "sacCer3.fa")
    with caplog.at_level(logging.INFO, logger="seqdata.negatives"):
        found = gc_matched_regions(peaks, reader)
    assert "1605 negatives for 1605 regions" in caplog.text
    assert not sp.bed.overlap_labels(found, {"peaks": peaks})["peaks"].any()
    assert len(sp.bed.merge(found, gap=0)) <= len(found)
    assert found["chrom"].value_counts().to_dict() == peaks["chrom"].value_counts().to_dict()
    sizes = (peaks["chromEnd"] - peaks["chromStart"]).to_numpy()
    own = _contents(reader, peaks)
    assert (np.sort(found["chromEnd"] - found["chromStart"]) == np.sort(sizes)).all()
    np.testing.assert_allclose(_contents(reader, found), found["gc"])
    unmatched = sp.bed.shuffle(peaks, reader.contigs(), exclude=peaks, rng=0)
    long = sizes >= 100  # short ones have few values
    matched = long[found["region"]]
    assert ks_distance(own[long], found["gc"].to_numpy()[matched]) < 0.04
    assert ks_distance(own[long], _contents(reader, unmatched)[long]) > 0.15
    from scipy.stats import ks_2samp

    assert ks_2samp(own, found["gc"]).pvalue > 0.5
    assert ks_2samp(own, found["gc"]).statistic == pytest.approx(
        ks_distance(own, found["gc"].to_numpy())
    )


def _contents(reader, table: pd.DataFrame) -> np.ndarray:
    ds = sd.build(table[["chrom", "chromStart", "chromEnd"]], seq=reader)
    return sp.gc_content(sd.ragged(ds, "seq"), by="valid")


def test_a_path_in_the_place_of_a_genome_is_told_what_to_pass():
    region = pd.DataFrame({"chrom": ["chr1"], "chromStart": [100], "chromEnd": [200]})
    with pytest.raises(TypeError, match=r"genome must be a reader .*; found 'g.fa'"):
        sd.gc_matched_regions(region, "g.fa")


@pytest.mark.parametrize(
    ("regions", "arguments", "message"),
    [
        (
            {"chrom": ["chr1"], "chromStart": [20_000], "chromEnd": [46_000]},
            {},
            r"every row must have a free place on its contig; row 0 \(chr1:20000-46000\)",
        ),
        (
            {"chrom": ["chr1"] * 13, "chromStart": [0] * 13, "chromEnd": [4_000] * 13},
            {"tolerance": 0.5},
            r"room for 13 negatives; found none for \d+, such as one like chr1:0-4000 \(4000 bp",
        ),
        (
            {"chrom": ["chr1"] * 2, "chromStart": [0, 30_000], "chromEnd": [29_000, 60_000]},
            {},
            r"room for 2 negatives; they need 59,000 bp on chr1, of which 1,000 bp are free",
        ),
        (
            {"chrom": ["chr1"], "chromStart": [0], "chromEnd": [1_000]},
            {"ratio": 1e5, "same_contig": False, "contigs": ["chr1", "chr2"]},
            r"room for 100,000 negatives; they need 100,000,000 bp on genome, of which 88,198 bp",
        ),
        (
            {"chrom": ["chr9"], "chromStart": [0], "chromEnd": [9]},
            {},
            r"it has no 'chr9' \(only chr1, chr2",
        ),
        ({}, {"contigs": ["chr9"]}, r"it has no 'chr9'"),
        ({}, {"contigs": "chr1"}, r"contigs must be several names; found the text 'chr1'"),
        ({}, {"contigs": ["chr2"]}, r"regions must have letters on contigs chr2"),
        (
            {"chrom": ["chr1"], "chromStart": [5_100], "chromEnd": [5_200]},
            {},
            r"regions must have letters",
        ),
        ({}, {"ratio": 0}, r"ratio must be a number above 0; found 0"),
        ({}, {"ratio": -1}, r"ratio must be a number from 0"),
        ({}, {"tolerance": 2}, r"tolerance must be a number from 0 to 1"),
        ({}, {"seed": -1}, r"seed must be a whole number, at least 0"),
        ({}, {"same_contig": 1}, r"same_contig must be True or False"),
        (
            {},
            {"exclude": pd.DataFrame({"chrom": ["1"], "chromStart": [0], "chromEnd": [5]})},
            r"exclude must name contigs of the genome; found '1', and the genome has 'chr1'",
        ),
    ],
)
def test_what_cannot_be_drawn_is_said(genome, regions, arguments, message):
    table = regions or {"chrom": ["chr1"], "chromStart": [100], "chromEnd": [200]}
    with pytest.raises(ValueError, match=message):
        gc_matched_regions(pd.DataFrame(table), genome[0], **arguments)


@settings(deadline=None, max_examples=30)
@given(
    first=st.lists(st.integers(0, 5), min_size=1, max_size=9),
    second=st.lists(st.integers(0, 5), min_size=1, max_size=9),
)
def test_the_distance_of_distributions_is_what_is_counted_value_by_value(first, second):
    places = sorted({*first, *second})
    shares = [
        [sum(v <= p for v in values) / len(values) for p in places] for values in (first, second)
    ]
    expected = max(abs(a - b) for a, b in zip(*shares, strict=True))
    assert ks_distance(np.array(first), np.array(second)) == pytest.approx(expected)
