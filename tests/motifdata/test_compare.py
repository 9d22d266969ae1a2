"""Comparison of motifs, against a plain computation of the same definition and against Tomtom's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import seqpro as sp
from motifdata import Motif, MotifSet, compare, load, read_meme

JASPAR = "JASPAR2022_CORE_vertebrates_non-redundant_v2.meme"
STEP = 1 / 40


def random_motifs(lengths, seed, alphabet=sp.DNA):
    rng = np.random.default_rng(seed)
    width = len(alphabet)
    return MotifSet(
        Motif(f"m{i}", rng.dirichlet(np.full(width, 0.4), n), alphabet)
        for i, n in enumerate(lengths)
    )


def levels_of(first, second):
    """Distance of each column of `first` to each of `second`, in whole steps."""
    gaps = first.astype(np.float32)[:, None] - second.astype(np.float32)[None]
    return np.floor(np.sqrt((gaps**2).sum(axis=-1)) / STEP + 0.5).astype(int)


def naive_match(query, target, targets, both, least=3):
    """Score and p-value of the best alignment, from the definition."""
    pool = np.concatenate([m.probabilities for m in targets])
    if both:
        pool = np.concatenate([pool, *(m.reverse_complement().probabilities for m in targets)])
    gap = (pool == 0.25).all(axis=1)  # says nothing: counts as a column without a partner
    levels = levels_of(query.probabilities, pool)
    medians = np.sort(levels[:, ~gap], axis=1)[:, ((~gap).sum() - 1) // 2]
    levels[:, gap] = medians[:, None]
    n, w = len(query), len(target)
    least = min(least, n, w)
    spans = {}
    for offset in range(least - n, w - least + 1):
        spans[offset] = range(max(0, -offset), min(n, w - offset))
    best = -np.inf
    for turned in (False, True) if both else (False,):
        read = query.reverse_complement() if turned else query
        middle = medians[::-1] if turned else medians
        level = levels_of(read.probabilities, target.probabilities)
        inside = (target.probabilities == 0.25).all(axis=1)
        level[:, inside] = middle[:, None]
        for offset, span in spans.items():
            score = sum(middle[i] - level[i, i + offset] for i in span)
            best = max(best, score)
    none = 1.0
    for span in spans.values():
        chance = np.ones(1)
        for i in span:
            chance = np.convolve(chance, np.bincount(levels[i]) / pool.shape[0])
        limit = medians[list(span)].sum() - best
        none *= 1 - (chance[: limit + 1].sum() if limit >= 0 else 0)
    return best * STEP, 1 - none ** (2 if both else 1)


@pytest.mark.parametrize("both", [True, False], ids=["both strands", "one strand"])
def test_compare__equals_the_definition(both):
    gapped = Motif.from_consensus("CGGNNNNTTSNNA", id="gapped")
    targets = MotifSet([*random_motifs([4, 6, 6, 9, 2], seed=0), gapped])
    queries = random_motifs([1, 5, 8, 12], seed=1)
    table = compare(queries, targets, top=None, strands="both" if both else "+")
    assert len(table) == 24
    for match in table.itertuples():
        query, target = queries[match.query], targets[match.target]
        score, pvalue = naive_match(query, target, targets, both)
        assert match.score == pytest.approx(score, abs=1e-9)
        assert match.pvalue == pytest.approx(pvalue, rel=1e-6, abs=1e-12)
        assert match.evalue == pytest.approx(6 * pvalue, rel=1e-6, abs=1e-12)


def test_compare__qvalues_are_those_of_all_targets_however_few_are_reported():
    queries, targets = random_motifs([7, 10], seed=3), random_motifs([5, 5, 8, 8, 11, 6], seed=2)
    every = compare(queries, targets, top=None)
    for _, own in every.groupby("query"):
        np.testing.assert_allclose(own["qvalue"], stats.false_discovery_control(own["pvalue"]))
    few = compare(queries, targets, top=2)
    assert few["qvalue"].tolist() == every.groupby("query").head(2)["qvalue"].tolist()


@pytest.mark.parametrize("top", [1, 3, 100])
def test_compare__the_best_few_are_the_first_of_all(top):
    targets, queries = (
        random_motifs([5, 5, 8, 8, 8, 11, 5, 8], seed=2),
        random_motifs([7, 10], seed=3),
    )
    every = compare(queries, targets, top=None)
    few = compare(queries, targets, top=top)
    expected = every.groupby("query", sort=False).head(top).reset_index(drop=True)
    assert few.equals(expected)


def test_compare__rows_go_by_query_then_pvalue():
    table = compare(random_motifs([6, 4, 9], seed=4), random_motifs([5, 7, 9, 12], seed=5), top=3)
    assert table["query"].tolist() == ["m0"] * 3 + ["m1"] * 3 + ["m2"] * 3
    assert table.groupby("query")["pvalue"].is_monotonic_increasing.all()


def test_compare__a_shifted_copy_is_found_where_it_lies():
    targets = load("consensus_vertebrates")
    whole = targets["CTCF"]
    inside = Motif("inside", whole.probabilities[3:10])
    wider = Motif("wider", np.concatenate([np.full((2, 4), 0.25), whole.probabilities]))
    for query, offset, overlap in [(inside, 3, 7), (wider, -2, 12)]:
        for read, strand in [(query, "+"), (query.reverse_complement(), "-")]:
            match = compare(read, targets, top=1).loc[0]
            assert (match["target"], match["offset"]) == ("CTCF", offset)
            assert (match["strand"], match["overlap"]) == (strand, overlap)


def test_compare__one_strand_misses_a_reverse_complement():
    targets = load("consensus_vertebrates")
    query = targets["ETS1"].reverse_complement()
    both, one = compare(query, targets, top=1), compare(query, targets, top=1, strands="+")
    assert both.loc[0, "target"] == "ETS1"
    assert both.loc[0, "strand"] == "-"
    assert one.loc[0, "pvalue"] > 1000 * both.loc[0, "pvalue"]


def test_compare__can_say_that_nothing_matches():
    """Random motifs must not look like matches: the best E-value is about 1, not tiny."""
    queries = random_motifs([10] * 40, seed=6)
    for known in ("consensus_vertebrates", "consensus_yeast"):
        table = compare(queries, load(known), top=1)
        assert table["evalue"].median() > 0.3


def test_compare__a_gap_is_no_evidence():
    """Weak columns are near to N, but CGGNNNNNNNNNNNCCG must not be what every unclear motif resembles."""
    rng = np.random.default_rng(0)
    weak = MotifSet(Motif(f"weak{i}", rng.dirichlet(np.full(4, 8.0), 15)) for i in range(40))
    table = compare(weak, load("consensus_yeast"), top=1)
    assert (table["evalue"] < 0.1).sum() <= 8  # 4 expected
    site = Motif.from_consensus("CGGNRSWNYNDNBNCCG", id="site")
    assert compare(site, load("consensus_yeast"), top=1).loc[0, "target"] == "GAL4"
    assert table["evalue"].min() > 1e-3


def test_compare__pvalues_of_chance_matches_are_even():
    """Queries made of the targets' own columns in random order have p-values as rare as they say."""
    targets = load("consensus_vertebrates")
    pool = np.concatenate([m.probabilities for m in targets])
    rng = np.random.default_rng(7)
    queries = MotifSet(Motif(f"q{i}", pool[rng.integers(0, len(pool), 9)]) for i in range(150))
    pvalues = compare(queries, targets, top=None)["pvalue"]
    for limit in (0.5, 0.1, 0.01):
        assert (pvalues <= limit).mean() == pytest.approx(limit, rel=0.35)


def test_compare__takes_a_motif_a_set_or_a_list():
    targets = load("consensus_yeast")
    expected = compare(targets.select(["GCN4"]), targets)
    assert compare(targets["GCN4"], targets).equals(expected)
    assert compare([targets["GCN4"]], list(targets)).equals(expected)
    assert compare([], targets).dtypes.to_dict() == expected.dtypes.to_dict()


def test_compare__proteins_on_one_strand():
    targets = random_motifs([5, 6, 7, 8], seed=8, alphabet=sp.AA)
    table = compare(targets, targets, top=1, strands="+")
    assert table["target"].tolist() == targets.ids


def test_compare__threads_change_nothing(monkeypatch):
    targets = load("consensus_yeast")
    table = compare(targets, targets)
    monkeypatch.setenv("SEQPRO_THREADS", "1")
    assert compare(targets, targets).equals(table)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"targets": []}, "targets must hold"),
        ({"targets": Motif("p", np.eye(20)[:1], sp.AA), "strands": "+"}, "one alphabet"),
        ({"top": 0}, "top and min_overlap"),
        ({"min_overlap": 0}, "top and min_overlap"),
        ({"strands": "-"}, "strands must be 'both' or"),
        ({"strands": "?"}, "strands must be"),
    ],
)
def test_compare__refuses(change, reason):
    options = {"targets": load("consensus_yeast")} | change
    targets = options.pop("targets")
    with pytest.raises(ValueError, match=reason):
        compare(Motif("m", [[1, 0, 0, 0]]), targets, **options)


def test_compare__noisy_copies_find_their_originals(mirror):
    targets = read_meme(mirror / "motifs" / JASPAR)
    rng = np.random.default_rng(9)
    picked = [m for m in list(targets)[::9] if m.information_content().sum() > 8]
    noisy = [
        Motif(m.id, 0.9 * m.probabilities + 0.1 * rng.dirichlet(np.ones(4), len(m))) for m in picked
    ]
    best = compare(noisy, targets, top=3).groupby("query", sort=False)
    found = [query in group["target"].tolist() for query, group in best]
    assert np.mean(found) > 0.97
    first = best.head(1)
    assert (first["query"] == first["target"]).mean() > 0.85  # some JASPAR motifs are near twins


@pytest.mark.slow
def test_compare__agrees_with_memelites_tomtom(mirror):
    from memelite import tomtom

    every = read_meme(mirror / "motifs" / JASPAR)
    # columns without information are where the two differ by intention
    targets = MotifSet(m for m in every if m.information_content().min() >= 0.01)
    assert len(targets) > 0.8 * len(every)
    queries = list(read_meme(mirror / "motifs" / "H12CORE_meme_format.meme"))[::10]
    found = tomtom([q.probabilities.T for q in queries], [t.probabilities.T for t in targets])
    theirs, _, offsets, _, strands = (np.asarray(part) for part in found)
    table = compare(queries, targets, top=None)
    ours, own_offsets, own_minus = (
        table.assign(minus=table["strand"] == "-")
        .pivot(index="query", columns="target", values=column)
        .loc[[q.id for q in queries], targets.ids]
        .to_numpy()
        for column in ("pvalue", "offset", "minus")
    )
    best = np.arange(len(queries)), ours.argmin(axis=1)
    assert (best[1] == theirs.argmin(axis=1)).mean() > 0.9
    assert (theirs[best] < 4 * theirs.min(axis=1)).all()  # else near twins, in other bins
    logs = [np.log10(np.maximum(p, 1e-13)).ravel() for p in (ours, theirs)]
    assert np.corrcoef(*logs)[0, 1] > 0.995
    assert (own_minus[best] == strands[best]).mean() > 0.95  # palindromes match on both
    plus = ~own_minus[best] & (strands[best] == 0)
    assert (own_offsets[best][plus] == offsets[best][plus]).mean() > 0.95
