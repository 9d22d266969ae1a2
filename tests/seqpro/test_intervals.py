"""Operations on intervals: each against plain Python that looks at every base of every row."""

from __future__ import annotations

import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqpro import bed as bed_tables
from seqpro import gtf, intervals
from seqpro.bed import (
    clip,
    merge,
    overlap_fractions,
    overlap_labels,
    resize,
    shuffle,
    sort,
    subtract,
)

quick = settings(deadline=None, max_examples=60)
SIZES = {"chr1": 25, "chr2": 31, "chr10": 0}
Row = tuple[str, int, int]


def table(*rows: Row, **columns: Any) -> pd.DataFrame:
    """A table with labels that are not the rows' numbers."""
    frame = pd.DataFrame(rows, columns=["chrom", "chromStart", "chromEnd"])
    frame = frame.astype({"chrom": object, "chromStart": np.int64, "chromEnd": np.int64})
    return frame.assign(**columns).set_axis([f"row{i}" for i in range(len(rows))])


def triples(frame: pd.DataFrame) -> list[Row]:
    columns = (frame[name].tolist() for name in ("chrom", "chromStart", "chromEnd"))
    return list(zip(*columns, strict=True))


def bases(rows: list[Row]) -> set[tuple[str, int]]:
    return {(chrom, place) for chrom, start, end in rows for place in range(start, end)}


def runs(places: list[int]) -> list[tuple[int, int]]:
    """Half-open runs of neighbours in sorted numbers."""
    breaks = [i for i, (a, b) in enumerate(pairwise(places), 1) if b != a + 1]
    cuts = [0, *breaks, len(places)]
    return [(places[a], places[b - 1] + 1) for a, b in pairwise(cuts) if a < b]


@st.composite
def rows(draw: Any, low: int = -4, longest: int = 12, most: int = 12) -> list[Row]:
    place = st.tuples(st.sampled_from(list(SIZES)), st.integers(low, 30), st.integers(0, longest))
    return [
        (chrom, start, start + size) for chrom, start, size in draw(st.lists(place, max_size=most))
    ]


# Order, size and place


def test_contigs_are_ordered_by_their_numbers() -> None:
    names = ["chrX", "chr10", "chr2", "chr10_alt2", "2", "chr10_alt10", "chr1", "X", "10", "chrM"]
    found = sort(table(*((name, 0, 1) for name in names)))
    expected = [
        "2",
        "10",
        "X",
        "chr1",
        "chr2",
        "chr10",
        "chr10_alt2",
        "chr10_alt10",
        "chrM",
        "chrX",
    ]
    assert found["chrom"].tolist() == expected


@given(rows())
@quick
def test_sort_orders_by_place_and_keeps_rows_of_one_place_in_order(found: list[Row]) -> None:
    frame = table(*found)
    rank = ["chr1", "chr2", "chr10"].index
    expected = sorted(range(len(found)), key=lambda i: (rank(found[i][0]), *found[i][1:]))
    assert sort(frame).index.tolist() == [f"row{i}" for i in expected]
    pd.testing.assert_frame_equal(sort(frame), frame.iloc[expected])


@given(rows())
@quick
def test_clip_leaves_the_bases_that_exist(found: list[Row]) -> None:
    expected = []
    for i, (chrom, start, end) in enumerate(found):
        left = [place for place in range(start, end) if 0 <= place < SIZES[chrom]]
        if left:
            expected.append((f"row{i}", chrom, left[0], left[-1] + 1))
        elif start == end and 0 <= start <= SIZES[chrom]:
            expected.append((f"row{i}", chrom, start, end))
    clipped = clip(table(*found), SIZES)
    labels = clipped.index.tolist()
    assert [(label, *row) for label, row in zip(labels, triples(clipped), strict=True)] == expected


def test_summits_that_are_cut_off_are_gone() -> None:
    """A summit outside its peak would centre a window on something else."""
    frame = table(("c", -5, 10), ("c", 5, 30), ("c", 5, 9), summit=[-1, 25, 7], name="p")
    clipped = clip(frame, {"c": 20})
    assert clipped["summit"].tolist() == [-1, -1, 7]
    assert clipped["name"].tolist() == ["p"] * 3
    cut = subtract(frame.iloc[1:], table(("c", 6, 8), ("c", 12, 13)), how="cut")
    assert triples(cut) == [("c", 5, 6), ("c", 8, 12), ("c", 13, 30), ("c", 5, 6), ("c", 8, 9)]
    assert cut["summit"].tolist() == [-1, -1, 25, -1, -1]


# Merge


def merged(found: list[Row], gap: int) -> list[Row]:
    """Join any two rows that are near until none are."""
    groups = [[row] for row in found]
    for i in range(len(groups)):
        j = 0
        while j < len(groups):
            one, other = groups[i], groups[j]
            near = any(
                a[0] == b[0] and max(a[1], b[1]) <= min(a[2], b[2]) + gap
                for a in one
                for b in other
            )
            if i != j and one and other and near:
                groups[i], groups[j], j = one + other, [], 0
            else:
                j += 1
    joined = [group for group in groups if group]
    spans = [(g[0][0], min(r[1] for r in g), max(r[2] for r in g)) for g in joined]
    return sorted(spans, key=lambda span: (list(SIZES).index(span[0]), *span[1:]))


@given(rows(), st.integers(0, 4))
@quick
def test_merge_joins_whatever_is_near(found: list[Row], gap: int) -> None:
    joined = merge(table(*found), gap=gap)
    assert triples(joined) == merged(found, gap)
    assert joined.index.tolist() == list(range(len(joined)))
    assert list(joined) == ["chrom", "chromStart", "chromEnd"]


@given(rows(), st.data())
@quick
def test_merge_by_strand_is_merge_of_each_strand(found: list[Row], data: Any) -> None:
    strand = st.sampled_from(["+", "-", ".", None])
    strands = data.draw(st.lists(strand, min_size=len(found), max_size=len(found)))
    frame = table(*found, strand=pd.Series(strands, dtype=object).to_numpy())
    joined = merge(frame, gap=1, stranded=True)
    for one in "+-.":
        rows_of_it = [row for row, s in zip(found, strands, strict=True) if (s or ".") == one]
        assert triples(joined[joined["strand"] == one]) == merged(rows_of_it, 1)
    assert set(joined["strand"]) <= set("+-.")
    again = merge(frame.iloc[::-1], gap=1, stranded=True)
    pd.testing.assert_frame_equal(again, joined)


def test_far_contigs_do_not_touch_however_large_the_gap() -> None:
    found = merge(table(("chr1", 0, 5), ("chr2", 3, 9), ("chr1", 9, 10)), gap=10**6)
    assert triples(found) == [("chr1", 0, 10), ("chr2", 3, 9)]


# Subtract and overlap


@given(rows(), rows())
@quick
def test_subtract_drops_rows_or_cuts_bases(found: list[Row], black: list[Row]) -> None:
    frame, taken = table(*found), bases(black)
    clear = [f"row{i}" for i, row in enumerate(found) if not bases([row]) & taken]
    pd.testing.assert_frame_equal(subtract(frame, table(*black)), frame.loc[clear])
    expected = []
    for i, (chrom, start, end) in enumerate(found):
        left = [place for place in range(start, end) if (chrom, place) not in taken]
        pieces = runs(left) if start < end else [(start, end)]
        expected += [(f"row{i}", chrom, *piece) for piece in pieces]
    cut = subtract(frame, table(*black), how="cut")
    labels = cut.index.tolist()
    assert [(label, *row) for label, row in zip(labels, triples(cut), strict=True)] == expected


@given(rows(), st.lists(rows(), max_size=3), st.integers(1, 4), st.sampled_from([0, 0.1, 0.5, 1]))
@quick
def test_overlaps_are_counted_in_bases(
    found: list[Row], sets: list[list[Row]], min_bp: int, min_fraction: float
) -> None:
    peaks = {f"set{i}": table(*one) for i, one in enumerate(sets)}
    frame = table(*found)
    fractions = overlap_fractions(frame, peaks)
    labels = overlap_labels(frame, peaks, min_bp=min_bp, min_fraction=min_fraction)
    assert list(labels) == list(fractions) == list(peaks)
    assert labels.index.equals(frame.index)
    for name, one in zip(peaks, sets, strict=True):
        covered = [len(bases([row]) & bases(one)) for row in found]
        sizes = [end - start for _, start, end in found]
        share = [c / s if s else 0 for c, s in zip(covered, sizes, strict=True)]
        assert fractions[name].tolist() == share
        assert labels[name].dtype == bool
        enough = [c >= min_bp and f >= min_fraction for c, f in zip(covered, share, strict=True)]
        assert labels[name].tolist() == enough


def test_fractions_that_are_just_reached_count() -> None:
    """3 of 30 bases are a tenth, although 0.1 * 30 is more than 3 in floating point."""
    frame, peaks = table(("c", 0, 30)), {"x": table(("c", 0, 1), ("c", 5, 7))}
    assert overlap_labels(frame, peaks, min_fraction=0.1)["x"].tolist() == [True]
    assert overlap_labels(frame, peaks, min_fraction=0.11)["x"].tolist() == [False]


# Shuffle


def allowed_starts(row: Row, sizes: dict[str, int], exclude: list[Row]) -> list[int]:
    """Starts that put the row on its contig and off the excluded; points may touch but not enter these."""
    chrom, start, end = row
    length = end - start
    taken = {(c, place) for c, place in bases(exclude) if 0 <= place < sizes[c]}
    starts = range(sizes[chrom] - length + 1)
    if length:
        return [s for s in starts if not bases([(chrom, s, s + length)]) & taken]
    return [s for s in starts if not {(chrom, s - 1), (chrom, s)} <= taken]


@given(rows(low=0, most=6), rows(), st.integers(0, 2**64))
@quick
def test_shuffled_rows_lie_on_their_contig_and_off_the_excluded(
    found: list[Row], exclude: list[Row], seed: int
) -> None:
    fits = [row for row in found if allowed_starts(row, SIZES, exclude)]
    shuffled = shuffle(table(*fits), SIZES, exclude=table(*exclude), rng=seed)
    for row, (chrom, start, end) in zip(fits, triples(shuffled), strict=True):
        assert chrom == row[0]
        assert end - start == row[2] - row[1]
        assert start in allowed_starts(row, SIZES, exclude)
    for row in set(found) - set(fits):
        with pytest.raises(
            ValueError, match="every row must have a free place on its contig; row 0"
        ):
            shuffle(table(row), SIZES, exclude=table(*exclude), rng=seed)


class Even(np.random.Generator):
    """Draws that are spread evenly: one for each of as many equal parts of 0 to 1."""

    def random(self, size: int) -> Any:  # type: ignore[override]
        return (np.arange(size) + 0.5) / size


@given(rows(low=0, most=1), rows())
@quick
def test_every_allowed_start_has_the_same_share_of_the_draws(
    found: list[Row], exclude: list[Row]
) -> None:
    for row in found:
        starts = allowed_starts(row, SIZES, exclude)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(intervals, "draw_seed", lambda rng: Even(np.random.PCG64(0)))
            found_starts = shuffle(table(*[row] * len(starts)), SIZES, exclude=table(*exclude))
        assert sorted(found_starts["chromStart"]) == starts


def test_shuffled_starts_are_uniform() -> None:
    """Long stretches must not be favoured beyond their number of starts, nor short ones."""
    exclude = table(("chr1", 5, 9), ("chr1", 12, 20))
    row = ("chr1", 3, 6)
    starts = allowed_starts(row, SIZES, triples(exclude))
    assert starts == [0, 1, 2, 9, 20, 21, 22]
    found = shuffle(table(*[row] * 70_000), SIZES, exclude=exclude, rng=3)["chromStart"]
    counts = Counter(found.tolist())
    assert sum((counts[start] - 10_000) ** 2 / 10_000 for start in starts) < 22.5  # chi2, p 0.001
    assert sum(counts.values()) == sum(counts[start] for start in starts)


def test_a_row_shuffles_the_same_in_any_company() -> None:
    frame = table(("chr1", 0, 5), ("chr2", 1, 9), ("chr1", 3, 4))
    other = table(("chr2", 0, 31), ("chr2", 1, 9))
    first = triples(shuffle(frame, SIZES, rng=5))
    assert triples(shuffle(frame, SIZES, rng=5)) == first
    assert triples(shuffle(frame.iloc[:2], SIZES, rng=5)) == first[:2]
    assert triples(shuffle(other, SIZES, rng=5))[1] == first[1]
    assert any(triples(shuffle(frame, SIZES, rng=seed)) != first for seed in range(6, 12))


def test_summits_move_with_their_peaks() -> None:
    frame = table(("chr2", 4, 9), ("chr2", 4, 9), summit=[6, -1], name="p")
    moved = shuffle(frame, SIZES, rng=0)
    assert (moved["summit"] - moved["chromStart"]).tolist()[0] == 2
    assert moved["summit"].tolist()[1] == -1
    assert moved["name"].tolist() == ["p", "p"]


def test_a_row_without_a_place_is_named_with_the_room_there_is() -> None:
    frame = table(("chr1", 0, 3), ("chr1", 2, 14))
    message = (
        r"row 1 \(chr1:2-14\) is 12 bp, the longest free stretch there 11 bp. Leave the row out"
    )
    with pytest.raises(ValueError, match=message):
        shuffle(frame, SIZES, exclude=table(("chr1", 11, 15)), rng=0)


# What holds for all of them

OPERATIONS = {
    "sort": sort,
    "resize": lambda bed: resize(bed, 5),
    "clip": lambda bed: clip(bed, {"chr1": 100}),
    "merge": merge,
    "merge by strand": lambda bed: merge(bed.assign(strand="+"), stranded=True),
    "subtract": lambda bed: subtract(bed, bed.iloc[:1]),
    "subtract, cut": lambda bed: subtract(bed, bed.iloc[:1], how="cut"),
    "shuffle": lambda bed: shuffle(bed, {"chr1": 100}, exclude=bed.iloc[:1], rng=0),
    "overlap_labels": lambda bed: overlap_labels(bed, {"x": bed}),
    "overlap_fractions": lambda bed: overlap_fractions(bed, {"x": bed}),
}
each = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)


@each
def test_tables_without_rows_pass_through(operation: Any) -> None:
    """A sample without peaks goes through the same steps as any other."""
    full = table(("chr1", 2, 9), ("chr1", 20, 22), summit=[5, -1])
    found = operation(full.iloc[:0])
    assert len(found) == 0
    assert list(found) == list(operation(full))
    assert found.dtypes.to_dict() == operation(full).dtypes.to_dict()


@each
def test_the_table_itself_stays_as_it_was(operation: Any) -> None:
    frame = table(("chr1", 20, 22), ("chr1", 2, 9), ("chr1", 2, 9), summit=[-1, 3, 8])
    before = frame.copy(deep=True)
    operation(frame)
    pd.testing.assert_frame_equal(frame, before)


@each
def test_labels_may_repeat_and_columns_may_hold_anything(operation: Any) -> None:
    frame = table(("chr1", 20, 22), ("chr1", 2, 9), peak=[[1], {"a": 2}])
    expected = operation(frame)
    found = operation(frame.set_axis([7, 7]))
    pd.testing.assert_frame_equal(found.reset_index(drop=True), expected.reset_index(drop=True))


@pytest.mark.parametrize("dtype", ["category", "string", "str", object])
def test_contigs_may_be_of_any_text_type(dtype: Any) -> None:
    frame = table(("chr10", 2, 9), ("chr2", 3, 4)).astype({"chrom": dtype})
    other = table(("chr10", 3, 4))
    assert sort(frame)["chrom"].tolist() == ["chr2", "chr10"]
    assert merge(frame)["chrom"].tolist() == ["chr2", "chr10"]
    assert subtract(frame, other)["chrom"].tolist() == ["chr2"]
    assert overlap_labels(frame, {"x": other})["x"].tolist() == [True, False]
    assert len(clip(frame, {"chr10": 5, "chr2": 3})) == 1


def test_contigs_that_are_numbers_match_their_text() -> None:
    frame = table(("1", 2, 9), ("10", 3, 4)).astype({"chrom": int})
    assert overlap_labels(frame, {"x": table(("10", 0, 9))})["x"].tolist() == [False, True]
    assert clip(frame, {"1": 5, "10": 9})["chromEnd"].tolist() == [5, 4]


def test_unsigned_and_nullable_coordinates_are_numbers_like_others() -> None:
    for dtype in ("uint32", "Int64", "float64", object):
        frame = table(("c", 2, 9)).astype({"chromStart": dtype, "chromEnd": dtype})
        assert triples(merge(frame)) == [("c", 2, 9)]
        assert triples(clip(frame, {"c": 5})) == [("c", 2, 5)]


BROKEN = {
    "not a table": ([("c", 1, 2)], TypeError, "must be a DataFrame; found list.*read_bed"),
    "no column": (table(("c", 1, 2)).drop(columns="chromEnd"), ValueError, "it has no chromEnd"),
    "no contig": (table(("c", 1, 2), (None, 1, 2)), ValueError, "row 1: every row must name a contig"),
    "backwards": (table(("c", 1, 2), ("c", 5, 3)), ValueError, "row 1: an interval .* found 5 to 3"),
    "fraction": (table(("c", 1, 2)).assign(chromEnd=2.5), ValueError, "chromEnd must be a whole number"),
    "nothing": (table(("c", 1, 2)).assign(chromStart=np.nan), ValueError, "chromStart must be a whole"),
}  # fmt: skip


@pytest.mark.parametrize(("broken", "error", "message"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_table_of_intervals_is_refused(broken: Any, error: Any, message: str) -> None:
    good = table(("c", 0, 50))
    calls: dict[str, Any] = {
        "bed": [
            lambda: sort(broken),
            lambda: merge(broken),
            lambda: clip(broken, {"c": 50}),
            lambda: shuffle(broken, {"c": 50}),
            lambda: subtract(broken, good),
            lambda: overlap_labels(broken, {"x": good}),
        ],
        "blacklist": [lambda: subtract(good, broken)],
        "exclude": [lambda: shuffle(good, {"c": 50}, exclude=broken)],
        r"peaks\['x'\]": [lambda: overlap_fractions(good, {"x": broken})],
    }
    for argument, calls_of_it in calls.items():
        for call in calls_of_it:
            with pytest.raises(error, match=f"{argument}.*{message}"):
                call()


@pytest.mark.parametrize(
    ("one", "other"), [("1", "chr1"), ("chrX", "X"), ("Chr1", "chr1"), ("NC_000001.11", "chr1")]
)
def test_contigs_named_by_another_convention_are_told(one: str, other: str) -> None:
    """Labels that are all False would train a model on nothing."""
    frame, others = table((one, 0, 9)), table((other, 0, 9))
    message = f"name contigs by different conventions.* has '{one}' and .* has '{other}'; rename"
    calls = [
        lambda: overlap_labels(frame, {"x": others}),
        lambda: overlap_fractions(frame, {"x": others}),
        lambda: subtract(frame, others),
        lambda: shuffle(frame, {one: 99}, exclude=others),
        lambda: clip(frame, {other: 99}),
        lambda: shuffle(frame, {other: 99}),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=message):
            call()


def test_sets_on_other_contigs_of_one_convention_overlap_nothing() -> None:
    frame, others = table(("chr1", 0, 9)), table(("chr2", 0, 9))
    assert overlap_labels(frame, {"x": others})["x"].tolist() == [False]
    assert len(subtract(frame, others)) == 1


ERRORS = {
    "gap": (lambda t: merge(t, gap=-1), "gap must be 0 bp or more; found -1"),
    "strand": (lambda t: merge(t, stranded=True), "stranded=True needs a column strand"),
    "how": (lambda t: subtract(t, t, how="keep"), "how must be 'drop' or 'cut'; found 'keep'"),
    "bp": (lambda t: overlap_labels(t, {"x": t}, min_bp=0), "min_bp must be at least 1 bp; found 0"),
    "fraction": (lambda t: overlap_labels(t, {"x": t}, min_fraction=2), "between 0 and 1; found 2"),
    "contig": (lambda t: clip(t, {"d": 5}), "contig_sizes must have every contig of bed; .* no 'c'"),
    "size": (lambda t: clip(t, {"c": -5}), "contig_sizes must be 0 bp or more; found -5"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "message"), ERRORS.values(), ids=ERRORS)
def test_arguments_that_do_not_fit_are_named(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(table(("c", 1, 2)))


def test_a_gap_is_a_whole_number_of_bases() -> None:
    with pytest.raises(TypeError):
        merge(table(("c", 1, 2)), gap=1.5)  # type: ignore[arg-type]


def test_one_table_in_place_of_named_sets_is_told() -> None:
    with pytest.raises(TypeError, match=r"peaks must map names to tables, .* found DataFrame"):
        overlap_labels(table(("c", 1, 2)), table(("c", 1, 2)))  # type: ignore[arg-type]


def test_coordinates_beyond_all_genomes_are_refused_rather_than_wrapped() -> None:
    frame = table(*((f"c{i}", 0, 2**53) for i in range(600)))
    with pytest.raises(ValueError, match=r"must span at most 2\*\*62 bp together"):
        merge(frame)


def test_without_pandas_the_way_to_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = table(("c", 1, 2))
    (tmp_path / "a").write_text("")
    monkeypatch.setitem(sys.modules, "pandas", None)
    for call in (bed_tables.read_bed, gtf.read_gtf, gtf.read_gff3, lambda _: sort(frame)):
        with pytest.raises(ImportError, match=r"pip install 'eugene-seqpro\[tables\]'"):
            call(tmp_path / "a")


def test_the_verbs_are_offered_where_the_files_are_read() -> None:
    for name in bed_tables.__all__:
        assert hasattr(bed_tables, name), name
    assert bed_tables.sort is intervals.sort


def test_peaks_of_a_whole_genome_against_plain_sets(mirror: Any) -> None:
    folder = mirror / "region_fixtures" / "yeast_sacCer3_atac"
    peaks = bed_tables.read_bed(folder / "SRR1822137.hmmratac.narrowPeak")
    sizes = bed_tables.read_contig_sizes(folder / "sacCer3.fa.fai")
    assert sum(sizes.values()) == 12_157_105
    windows = clip(resize(peaks, 1000, center="summit"), sizes)
    covered = bases(triples(peaks))
    found = overlap_fractions(windows, {"peaks": peaks})["peaks"]
    for (chrom, start, end), fraction in zip(triples(windows), found, strict=True):
        hit = sum((chrom, place) in covered for place in range(start, end))
        assert fraction == hit / (end - start), (chrom, start)
    apart = shuffle(windows, sizes, exclude=peaks, rng=0)
    assert not overlap_labels(apart, {"peaks": peaks})["peaks"].any()
    assert len(bases(triples(merge(peaks)))) == len(covered)
