"""A report's message in a few sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eugene.plot.training import LABELS

if TYPE_CHECKING:
    import pandas as pd

    from eugene.report.study import Learned

_NAMED = 6
_WORDS = 3


def in_short(learned: Learned) -> list[str]:
    """Say how well a run predicts, what its filters look for, and which k-mers count most.

    Parameters
    ----------
    learned
        Result of `study`.

    Returns
    -------
    list of sentences

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=200, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("kmer_linear", data, targets="label", out=tempfile.mkdtemp() + "/run")
    >>> in_short(eu.report.study(run))[0][:56]
    'k-mer logistic regression predicts label of unseen seque'
    """
    return [_score(learned), _filters(learned), _kmers(learned)]


def _score(learned: Learned) -> str:
    run, evaluation = learned.run, learned.evaluation
    models = list(evaluation.predictions)
    metric = evaluation.table["metric"].iloc[0]
    own = evaluation.row(metric)
    kind = "sequences it was trained on" if evaluation.split == "train" else "unseen sequences"
    text = (
        f"{run.name} predicts {own['target']} of {kind} with {LABELS[metric]} = "
        f"{own['value']:.3f} (95 % interval {own['low']:.3f} to {own['high']:.3f}, "
        f"{evaluation.rows.size} rows)"
    )
    if len(models) == 2:
        other = evaluation.row(metric, model=models[1])
        gap = evaluation.row(metric, model=f"{models[0]} - {models[1]}")
        text += (
            f"; a {models[1]} on the same rows reaches {other['value']:.3f}, and the paired difference is "
            f"{gap['value']:+.3f} ({gap['low']:+.3f} to {gap['high']:+.3f}), {_verdict(gap, *models)}"
        )
    return text + "."


def _verdict(gap: dict[str, Any], first: str, second: str) -> str:
    if gap["low"] > 0:
        return f"so on these rows the {first} predicts better"
    if gap["high"] < 0:
        return f"so on these rows the {second} predicts better"
    return "which these rows cannot tell from none"


def _filters(learned: Learned) -> str:
    if learned.filters is None:
        return "The logos below show which letters carry its strongest predictions."
    table = learned.filters.table
    top = ", ".join(table["consensus"].head(3))
    if "is_match" not in table:
        return f"Its most influential filters read {top}."
    if not table["is_match"].any():
        near = table.sort_values("evalue").drop_duplicates("match_name").head(2)["match_name"]
        return (
            f"Its most influential filters read {top}; none resembles a known motif more than chance "
            f"would have it (nearest: {', '.join(near)})."
        )
    sure = table[table["is_match"]]
    groups = sorted(sure.groupby("match_name", sort=False), key=lambda group: -len(group[1]))
    named = [
        f"{name} ({len(rows)} filter{'s' * (len(rows) > 1)}, {_directions(rows['direction'])})"
        for name, rows in groups[:_NAMED]
    ]
    more = f", and {len(groups) - _NAMED} more" if len(groups) > _NAMED else ""
    return (
        f"Of its {len(table)} most influential filters, {len(sure)} {'look' if len(sure) > 1 else 'looks'} "
        f"like a known motif: {', '.join(named)}{more}."
    )


def _directions(correlations: pd.Series) -> str:
    raises = (correlations > 0).mean()
    return "raising" if raises == 1 else "lowering" if raises == 0 else "raising or lowering"


def _kmers(learned: Learned) -> str:
    table = learned.kmers
    if len(table) < 2 * _WORDS:
        return "There are too few sequences to tell which k-mers count most."
    named = [
        ", ".join(f"{row.kmer} ({row.effect:+.2g})" for row in part.itertuples(index=False))
        for part in (table.head(_WORDS), table.tail(_WORDS)[::-1])
    ]
    return (
        f"Where they stand, the {len(table['kmer'].iloc[0])}-mers {named[0]} raise its prediction most, and "
        f"{named[1]} lower it most, in units of {learned.unit}."
    )
