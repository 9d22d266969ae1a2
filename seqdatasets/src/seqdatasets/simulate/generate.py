"""The one call that generates sequences, labels and truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

import motifdata as md
import seqpro as sp
from motifdata import Motif, MotifSet
from seqdata import annotate, validate
from seqdata.provenance import add_step
from seqdata.schema import EMBEDDING, LENGTH, MOTIF, MOTIF_LENGTH, OHE, SEQUENCE
from seqdatasets.simulate.embed import Embeddings, Strand, embed
from seqdatasets.simulate.rules import RULES

_CHANCE_PVALUE = 1e-4
_MOST_REDRAWS = 100


def simulate(
    *,
    gen_type: str = "presence",
    num_seqs: int = 10_000,
    seq_length: int = 200,
    background_dist: ArrayLike = (0.27, 0.23, 0.23, 0.27),
    motifs: Sequence[str | Motif] = ("POU2F1", "CEBPA"),
    pos_motifs: Sequence[str] = ("POU2F1",),
    motif_set: str | MotifSet = "consensus_vertebrates",
    distractor_rate: float = 0.5,
    strand: Strand = "both",
    scrub: bool = False,
    seed: int = 0,
) -> xr.Dataset:
    """Generate labelled DNA sequences whose rule is known.

    Letters of the background are independent. Motifs are planted into it, their letters drawn from
    their probabilities, without overlaps, everywhere equally likely. Whatever does not decide the label
    is the same in both classes.

    Parameters
    ----------
    gen_type
        The rule. ``"presence"``: a sequence is positive if one of `pos_motifs` was planted in it; half
        of the sequences are.
    num_seqs
        Number of sequences.
    seq_length
        Length of each, bp.
    background_dist
        Probability of A, C, G and T in the background; sums to 1.
    motifs
        What is planted: names in `motif_set`, or motifs. Those not in `pos_motifs` are distractors.
    pos_motifs
        Names of the motifs that make a sequence positive.
    motif_set
        Where names are looked up: a `MotifSet`, or the name of a set that `motifdata.load` knows.
    distractor_rate
        Share of the sequences that each distractor is planted in, the same in both classes.
    strand
        ``"both"``: each motif on a random strand; ``"forward"``: all on the forward one.
    scrub
        Whether backgrounds are drawn anew until no negative sequence has a chance hit of a positive
        motif. Backgrounds of positives are treated alike, before planting. The share of negative
        sequences with a chance hit is recorded either way, in the root attribute ``chance_hit_rate``.
    seed
        Decides everything that is random.

    Returns
    -------
    Dataset with ``row``, ``seq`` (_sequence, _length), ``label`` (int8), the truth as masks
    ``motif_mask`` and ``causal_mask`` (_sequence, _length), the table of planted motifs ``embedding_*``
    (_embedding), and the motifs themselves (_motif). The recipe is in ``provenance``

    Raises
    ------
    ValueError
        If an argument does not fit; the message names it.

    Notes
    -----
    A chance hit is a site of a positive motif, on either strand, with a p-value of at most 1e-4, that
    touches nothing planted. A distractor that resembles a positive motif makes no chance hits.

    Examples
    --------
    >>> data = simulate(num_seqs=4, seq_length=50, seed=1)
    >>> data["label"].values.tolist(), data["seq"].shape
    ([1, 1, 0, 0], (4, 50))
    """
    if gen_type not in RULES:
        msg = f"gen_type must be one of {', '.join(RULES)}; found {gen_type!r}"
        raise ValueError(msg)
    chosen = _choose(motifs, motif_set)
    is_positive = _positives(chosen, pos_motifs)
    _check(num_seqs, seq_length, distractor_rate, strand)
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3)]
    plan = RULES[gen_type](num_seqs, is_positive, distractor_rate=distractor_rate, rng=streams[0])
    causes = [motif for motif, positive in zip(chosen, is_positive, strict=True) if positive]
    background = _background(
        num_seqs, seq_length, background_dist, causes if scrub else [], streams[1]
    )
    codes, table = embed(background, chosen, plan.present, strand=strand, rng=streams[2])
    truth = _truth(table, is_positive, chosen, codes.shape)
    negative = plan.label == 0
    chance = _chance_hit_rate(codes[negative], truth["motif_mask"][1][negative], causes)
    ds = xr.Dataset(
        {
            "row": (SEQUENCE, np.arange(num_seqs, dtype=np.int64)),
            "seq": ((SEQUENCE, LENGTH), codes, {"alphabet": "DNA"}),
            "label": (SEQUENCE, plan.label, {"task": "binary", "rule": gen_type}),
            **truth,
            **_motif_table(chosen),
        },
        attrs={"chance_hit_rate": chance},
    )
    recipe: dict[str, Any] = {
        "gen_type": gen_type,
        "num_seqs": num_seqs,
        "seq_length": seq_length,
        "background_dist": np.asarray(background_dist, float).tolist(),
        "motifs": [motif.id for motif in chosen],
        "pos_motifs": list(pos_motifs),
        "motif_set": motif_set if isinstance(motif_set, str) else "given",
        "distractor_rate": distractor_rate,
        "strand": strand,
        "scrub": scrub,
        "seed": seed,
    }
    validate(ds)
    return annotate(add_step(ds, "seqdatasets.simulate", **recipe))


def _choose(motifs: Sequence[str | Motif], motif_set: str | MotifSet) -> list[Motif]:
    if isinstance(motifs, str) or not motifs:
        msg = f"motifs must be a list of at least one name or motif; found {motifs!r}"
        raise ValueError(msg)
    known = md.load(motif_set) if isinstance(motif_set, str) else motif_set
    chosen = [motif if isinstance(motif, Motif) else known[motif] for motif in motifs]
    strangers = [motif for motif in chosen if motif.alphabet != sp.DNA]
    if strangers:
        msg = (
            f"motifs must be over DNA ({sp.DNA.letters}), as the sequences are; found {strangers[0].id!r} "
            f"over {strangers[0].alphabet.name} ({strangers[0].alphabet.letters}). Make a motif of its "
            "probabilities with the alphabet seqpro.DNA"
        )
        raise ValueError(msg)
    names = [motif.id for motif in chosen]
    if len(set(names)) != len(names):
        msg = f"motifs must be different; found {', '.join(names)}"
        raise ValueError(msg)
    return chosen


def _positives(motifs: list[Motif], pos_motifs: Sequence[str]) -> NDArray[np.bool_]:
    if isinstance(pos_motifs, str) or not pos_motifs:
        msg = f"pos_motifs must be a list of at least one name; found {pos_motifs!r}"
        raise ValueError(msg)
    unknown = [name for name in pos_motifs if not any(name in (m.id, m.name) for m in motifs)]
    if unknown:
        names = ", ".join(motif.id for motif in motifs)
        msg = f"pos_motifs must be among motifs ({names}); found {unknown[0]!r}"
        raise ValueError(msg)
    return np.array([motif.id in pos_motifs or motif.name in pos_motifs for motif in motifs])


def _check(num_seqs: int, seq_length: int, distractor_rate: float, strand: str) -> None:
    if num_seqs < 2 or seq_length < 1:
        msg = f"num_seqs must be at least 2 and seq_length positive; found {num_seqs} and {seq_length}"
        raise ValueError(msg)
    if not 0 <= distractor_rate <= 1:
        msg = f"distractor_rate must be between 0 and 1; found {distractor_rate}"
        raise ValueError(msg)
    if strand not in ("both", "forward"):
        msg = f"strand must be 'both' or 'forward'; found {strand!r}"
        raise ValueError(msg)


def _background(
    n: int, length: int, weights: ArrayLike, scrubbed: list[Motif], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Draw independent letters; rows with a hit of a scrubbed motif are drawn again."""
    codes = sp.random_seqs((n, length), sp.DNA, weights=weights, rng=rng).view(np.uint8)
    waiting = np.unique(_hits(codes, scrubbed))
    for _ in range(_MOST_REDRAWS):
        if not waiting.size:
            return codes
        fresh = sp.random_seqs((waiting.size, length), sp.DNA, weights=weights, rng=rng)
        codes[waiting] = fresh.view(np.uint8)
        waiting = waiting[np.unique(_hits(codes[waiting], scrubbed))]
    msg = (
        f"scrub found chance hits in {waiting.size} backgrounds after {_MOST_REDRAWS} draws; use a longer "
        "motif, shorter sequences, or scrub=False"
    )
    raise ValueError(msg)


def _chance_hit_rate(
    codes: NDArray[np.uint8], planted: NDArray[np.bool_], causes: list[Motif]
) -> float:
    """Share of the rows with a hit of the causal motifs that touches nothing planted."""
    unplanted = np.where(planted, np.uint8(ord("N")), codes)
    return float(np.unique(_hits(unplanted, causes)).size / max(1, len(codes)))


def _hits(codes: NDArray[np.uint8], motifs: list[Motif]) -> NDArray[np.int64]:
    """Rows with a hit of any of the motifs, on either strand."""
    if not motifs or not codes.size:
        return np.empty(0, np.int64)
    hits = md.scan(codes, MotifSet(motifs), pvalue=_CHANCE_PVALUE)
    return hits["row"].to_numpy(dtype=np.int64)


def _truth(
    table: Embeddings, is_positive: NDArray[np.bool_], motifs: list[Motif], shape: tuple[int, ...]
) -> dict[str, Any]:
    """The masks and the table of planted motifs."""
    causal = is_positive[table.motif]
    masks = {}
    for name, chosen in (("motif_mask", np.ones_like(causal)), ("causal_mask", causal)):
        steps = np.zeros((shape[0], shape[1] + 1), np.int32)
        np.add.at(steps, (table.row[chosen], table.start[chosen]), 1)
        np.add.at(steps, (table.row[chosen], table.end[chosen]), -1)
        masks[name] = ((SEQUENCE, LENGTH), np.cumsum(steps, axis=1)[:, :-1] > 0)
    names = np.array([motif.id for motif in motifs], dtype=object)
    columns: dict[str, NDArray[Any]] = {
        "embedding_row": table.row,
        "embedding_motif": names[table.motif],
        "embedding_start": table.start,
        "embedding_end": table.end,
        "embedding_strand": np.where(table.reverse, "-", "+").astype(object),
        "embedding_role": np.where(causal, "positive", "distractor").astype(object),
        "embedding_is_causal": causal,
        "embedding_string": np.array([site.decode() for site in table.letters], dtype=object),
        "embedding_score": _scores(table, motifs),
    }
    return masks | {name: (EMBEDDING, values) for name, values in columns.items()}


def _scores(table: Embeddings, motifs: list[Motif]) -> NDArray[np.float32]:
    """Log-odds of each planted site, bits, read on the motif's strand."""
    scores = np.empty(table.row.size, np.float32)
    for m, motif in enumerate(motifs):
        entries = np.flatnonzero(table.motif == m)
        sites = sp.as_codes([table.letters[i] for i in entries])
        if not entries.size:
            continue
        forward = sp.reverse_complement(sites, motif.alphabet, mask=table.reverse[entries])
        columns = motif.alphabet.index_table()[forward]
        scores[entries] = motif.log_odds()[np.arange(len(motif)), columns].sum(axis=1)
    return scores


def _motif_table(motifs: list[Motif]) -> dict[str, Any]:
    longest = max(len(motif) for motif in motifs)
    matrix = np.full((len(motifs), longest, 4), np.nan, np.float32)
    for i, motif in enumerate(motifs):
        matrix[i, : len(motif)] = motif.probabilities
    return {
        "motif": ((MOTIF, MOTIF_LENGTH, OHE), matrix),
        "motif_size": (MOTIF, np.array([len(motif) for motif in motifs], np.int64)),
        "motif_id": (MOTIF, np.array([motif.id for motif in motifs], dtype=object)),
        "motif_name": (MOTIF, np.array([motif.name for motif in motifs], dtype=object)),
        "motif_source": (MOTIF, np.array([motif.source for motif in motifs], dtype=object)),
    }
