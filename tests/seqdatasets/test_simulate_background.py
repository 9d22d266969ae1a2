"""Backgrounds: each has the composition that it promises, and rows that depend on their number only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import seqpro as sp
from seqdatasets.simulation import GCMatched, Independent, Markov, Quantity, ShuffledGenome

ROWS = np.arange(3000)


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A genome of three contigs; the second is too short for windows, the third has unknown letters."""
    rng = np.random.default_rng(0)
    first = sp.random_seqs(5000, sp.DNA, weights=[0.4, 0.1, 0.2, 0.3], rng=rng).tobytes().decode()
    third = (
        "".join(rng.choice(list("acgt"), 400)) + "N" * 50 + "".join(rng.choice(list("ACGT"), 400))
    )
    path = tmp_path_factory.mktemp("genome") / "g.fa"
    lines = [first[i : i + 60] for i in range(0, 5000, 60)]
    path.write_text("\n".join([">one", *lines, ">two", "ACGT", ">three", third]) + "\n")
    return path


def backgrounds(genome: Path) -> dict:
    return {
        "independent": Independent((0.1, 0.2, 0.3, 0.4)),
        "markov": Markov.fit([genome.read_text().split("\n")[1] * 3], order=2),
        "gc": GCMatched(Quantity.choice([20, 50, 70])),
        "shuffled": ShuffledGenome(str(genome), k=2),
        "windows": ShuffledGenome(str(genome), k=0),
    }


@pytest.mark.parametrize("name", ["independent", "markov", "gc", "shuffled", "windows"])
def test_row_depends_on_the_seed_and_its_number_only(name: str, genome: Path) -> None:
    background = backgrounds(genome)[name]
    whole = background.letters(7, ROWS[:50], 40)
    assert whole.shape == (50, 40)
    assert set(np.unique(whole)) <= set(b"ACGT")
    part = background.letters(7, np.array([31, 4]), 40)
    np.testing.assert_array_equal(part, whole[[31, 4]])
    assert (background.letters(8, ROWS[:50], 40) != whole).any()


def test_markov_keeps_the_dinucleotides_of_what_it_was_fitted_to() -> None:
    sequences = sp.random_seqs(
        (50, 2000), sp.DNA, markov=Markov.fit(["ACACGT" * 500], order=1, pseudocount=20)._chain(), rng=0
    )  # fmt: skip
    fitted = Markov.fit(sequences, order=1)
    drawn = fitted.letters(0, ROWS[:500], 200)
    expected = sp.count_kmers(sequences, 2, sp.DNA).sum(axis=0)
    found = sp.count_kmers(drawn, 2, sp.DNA).sum(axis=0)
    np.testing.assert_allclose(found / found.sum(), expected / expected.sum(), atol=0.01)


def test_gc_matched_rows_have_the_spread_of_what_they_match() -> None:
    given = [sp.random_seqs((400, 200), sp.DNA, gc=gc, rng=i) for i, gc in enumerate((0.3, 0.6))]
    background = GCMatched.of(np.concatenate(given))
    drawn = sp.gc_content(background.letters(0, ROWS, 200))
    expected = np.concatenate([sp.gc_content(part) for part in given])
    assert drawn.mean() == pytest.approx(expected.mean(), abs=0.01)
    assert drawn.std() > 0.14, "independent letters of one GC share would have 0.035"
    near = np.abs(drawn[:, None] - [0.3, 0.6]).min(axis=1)
    assert np.mean(near < 0.12) > 0.95


def test_shuffled_windows_keep_their_dinucleotides(genome: Path) -> None:
    plain, shuffled = (ShuffledGenome(str(genome), k=k).letters(3, ROWS[:200], 60) for k in (0, 2))
    counted = [sp.count_kmers(letters, 2, sp.DNA) for letters in (plain, shuffled)]
    np.testing.assert_array_equal(counted[0], counted[1])
    assert (plain != shuffled).any(axis=1).mean() > 0.95


def test_windows_are_from_everywhere_in_the_genome(genome: Path) -> None:
    text = genome.read_text()
    first = "".join(text.split(">")[1].split("\n")[1:])
    third = text.split(">three\n")[1].strip().upper()
    windows = ShuffledGenome(str(genome), k=0).letters(3, ROWS, 60)
    places = [first.find(row.tobytes().decode()) for row in windows]
    elsewhere = [w for w, p in zip(windows, places, strict=True) if p < 0]
    assert all(row.tobytes().decode() in third for row in elsewhere)
    valid = 5000 - 59 + 2 * (400 - 59)  # windows without an unknown letter
    assert len(elsewhere) / 3000 == pytest.approx(2 * 341 / valid, abs=0.02)
    inside = np.array([p for p in places if p >= 0])
    from scipy.stats import kstest

    assert kstest(inside / 4941, "uniform").pvalue > 1e-4


def test_genome_without_room_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.fa"
    path.write_text(">a\nACGTNACGT\n")
    background = ShuffledGenome(str(path))
    with pytest.raises(ValueError, match=r"must have a contig of at least 10 bp; found none"):
        background.letters(0, ROWS[:1], 10)
    with pytest.raises(ValueError, match=r"must have windows of 6 known letters"):
        background.letters(0, ROWS[:1], 6)
    with pytest.raises(FileNotFoundError):
        ShuffledGenome(str(tmp_path / "b.fa"))
    with pytest.raises(ValueError, match=r"k must be a whole number, at least 0"):
        ShuffledGenome(str(path), k=-1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Markov(1, (1.0,), ((1.0, 0, 0, 0),)),
            r"initial must have shape \(4,\) for order 1",
        ),
        (lambda: Markov(0, (1.0,), ((0.5, 0, 0, 0),)), r"sum to 1"),
        (
            lambda: GCMatched(Quantity.fixed(101)),
            r"percent of G and C must be a whole number from 0",
        ),
        (lambda: Independent((1.0,)), r"background_dist must be four probabilities"),
    ],
)
def test_bad_background_is_refused(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
