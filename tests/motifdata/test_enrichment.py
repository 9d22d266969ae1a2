"""Enrichment of motifs in groups of sequences, against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import seqpro as sp
from motifdata import Motif, MotifSet, best_scores
from motifdata.enrichment import auroc, enrichment, enrichment_of_hits, fisher_pvalues
from motifdata.scan import count_sites

SITES = ("TGACTCA", "CCGGAAGT", "GATAAG")
MOTIFS = MotifSet(Motif.from_consensus(site, id=site) for site in SITES)


def planted(n=120, seed=0):
    """Sequences of which the first third hold TGACTCA and the second third GATAAG."""
    seqs = sp.random_seqs((n, 60), sp.DNA, rng=seed)
    for row, site in enumerate([SITES[0]] * (n // 3) + [SITES[2]] * (n // 3)):
        seqs[row, 20 : 20 + len(site)] = np.array(list(site), "S1")
    return seqs, np.repeat(["ap1", "gata", "none"], n // 3)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 60), st.data())
def test_fisher_pvalues__are_scipys(total, data):
    marked = data.draw(st.integers(0, total))
    drawn = data.draw(st.integers(0, total))
    low, high = max(0, drawn + marked - total), min(marked, drawn)
    found = data.draw(st.integers(low, high))
    table = [[found, marked - found], [drawn - found, total - marked - drawn + found]]
    expected = stats.fisher_exact(table, alternative="greater").pvalue
    result = fisher_pvalues(np.array([found]), np.array([marked]), drawn, total)[0]
    assert result == pytest.approx(expected, rel=1e-9)


def test_fisher_pvalues__of_a_large_study_keep_their_digits():
    found, marked = np.array([900, 700, 5_000]), np.array([9_000, 7_000, 40_000])
    expected = stats.hypergeom.sf(found - 1, 1_000_000, marked, 60_000)
    np.testing.assert_allclose(
        fisher_pvalues(found, marked, 60_000, 1_000_000), expected, rtol=1e-6
    )


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=2, max_size=40))
def test_auroc__is_the_statistic_of_mann_and_whitney(pairs):
    scores, inside = (np.array(column) for column in zip(*pairs, strict=True))
    if inside.all() or not inside.any():
        return
    expected = stats.mannwhitneyu(scores[inside], scores[~inside]).statistic
    expected /= inside.sum() * (~inside).sum()
    assert auroc(scores[:, None].astype(float), inside)[0] == pytest.approx(expected)


def test_auroc__sequences_without_a_window_rank_last():
    scores = np.array([[-np.inf], [1.0], [-np.inf], [-5.0]])
    assert auroc(scores, np.array([True, True, False, False])).tolist() == [(0.5 + 2) / 4]


def test_enrichment__finds_the_motif_that_was_planted_in_each_group():
    seqs, labels = planted()
    table = enrichment(seqs, MOTIFS, labels, pvalue=1e-3)
    first = table.groupby("group").head(1).set_index("group")
    assert first.loc["ap1", "motif"] == SITES[0]
    assert first.loc["gata", "motif"] == SITES[2]
    assert (first.loc[["ap1", "gata"], "qvalue"] < 1e-10).all()
    assert (first.loc[["ap1", "gata"], "auroc"] > 0.95).all()
    assert (first.loc[["ap1", "gata"], "log2_odds"] > 4).all()
    assert first.loc["none", "qvalue"] > 0.05


def test_enrichment__numbers_are_those_of_the_scan_and_of_scipy():
    seqs, labels = planted(seed=1)
    counts = count_sites(seqs, MOTIFS, pvalue=1e-3)
    best = best_scores(seqs, MOTIFS)
    table = enrichment(seqs, MOTIFS, labels, pvalue=1e-3)
    for line in table.itertuples():
        inside = labels == line.group
        has = counts[:, SITES.index(line.motif)] > 0
        cells = [[(has & inside).sum(), (has & ~inside).sum()]]
        cells.append([(~has & inside).sum(), (~has & ~inside).sum()])
        assert [line.in_group, line.in_others] == cells[0]
        assert [line.group_size, line.others_size] == [40, 80]
        expected = stats.fisher_exact(cells, alternative="greater").pvalue
        assert line.pvalue == pytest.approx(expected, rel=1e-9)
        half = np.array(cells) + 0.5
        odds = half[0, 0] * half[1, 1] / (half[0, 1] * half[1, 0])
        assert line.log2_odds == pytest.approx(np.log2(odds))
        score = best[:, SITES.index(line.motif)]
        u = stats.mannwhitneyu(score[inside], score[~inside]).statistic
        assert line.auroc == pytest.approx(u / (40 * 80))
    np.testing.assert_allclose(table["qvalue"], stats.false_discovery_control(table["pvalue"]))


def test_enrichment__of_groups_at_random_is_not_significant():
    seqs, _ = planted(seed=2)
    rng = np.random.default_rng(0)
    least = [
        enrichment(seqs, MOTIFS, rng.permutation(120) < 60, pvalue=1e-2)["qvalue"].min()
        for _ in range(20)
    ]
    assert np.mean(np.array(least) < 0.05) <= 0.15


def test_enrichment__booleans_are_one_comparison_and_onehot_is_letters():
    seqs, labels = planted()
    inside = labels == "ap1"
    table = enrichment(seqs, MOTIFS, inside)
    assert table["group"].tolist() == [True] * 3
    assert enrichment(sp.ohe(seqs, sp.DNA), MOTIFS, inside, ohe_axis=-1).equals(table)
    numbered = enrichment(seqs, MOTIFS, inside.astype(int))
    assert numbered["group"].tolist() == [0] * 3 + [1] * 3
    one = numbered[numbered["group"] == 1].reset_index(drop=True)
    assert one.drop(columns=["group", "qvalue"]).equals(table.drop(columns=["group", "qvalue"]))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"labels": ["a", "a"]}, r"labels must name at least two groups; found \['a'\]"),
        ({"labels": ["a"]}, r"one for each of 2 sequences"),
        ({"labels": [0.5, 1.5]}, r"labels must be text, whole numbers or booleans"),
        ({"ids": ["x", "y"]}, r"shape \(n, motifs\), here \(2, 2\); found \(2, 1\)"),
        ({"best": [[1.0], [np.nan]]}, r"found NaN for motif 'x'"),
    ],
)
def test_enrichment_of_hits__refuses(change, reason):
    options = {"counts": [[1], [0]], "best": [[1.0], [2.0]], "labels": ["a", "b"], "ids": ["x"]}
    options |= change
    with pytest.raises(ValueError, match=reason):
        enrichment_of_hits(
            options["counts"], options["best"], options["labels"], ids=options["ids"]
        )
