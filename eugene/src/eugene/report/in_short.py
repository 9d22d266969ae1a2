"""A report's message in a few sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eugene.plot.motif_table import SURE
from eugene.plot.training import LABELS

if TYPE_CHECKING:
    import pandas as pd

    from eugene.report.study import Learned

CLEAR = 5
"""Standard errors above which an effect is told."""

_NAMED = 6


def in_short(learned: Learned) -> list[str]:
    """Say how well a run predicts, what its filters look for, and which known motifs it uses.

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
    run, evaluation = learned.run, learned.evaluation
    models = list(evaluation.predictions)
    metric = evaluation.table["metric"].iloc[0]
    own = evaluation.row(metric)
    first = (
        f"{run.name} predicts {own['target']} of unseen sequences with {LABELS[metric]} = "
        f"{own['value']:.3f} (95 % interval {own['low']:.3f} to {own['high']:.3f}, "
        f"{evaluation.rows.size} rows)"
    )
    if len(models) == 2:
        other = evaluation.row(metric, model=models[1])
        gap = evaluation.row(metric, model=f"{models[0]} - {models[1]}")
        first += (
            f"; a {models[1]} on the same rows reaches {other['value']:.3f}, and the paired difference is "
            f"{gap['value']:+.3f} ({gap['low']:+.3f} to {gap['high']:+.3f}), {_verdict(gap)}"
        )
    return [first + ".", _filters_in_short(learned), _sites_in_short(learned)]


def _verdict(gap: dict[str, Any]) -> str:
    if gap["low"] > 0:
        return "so the network is the better model"
    if gap["high"] < 0:
        return "so the k-mer model is the better one"
    return "which these rows cannot tell from none"


def _filters_in_short(learned: Learned) -> str:
    if learned.filters is None:
        return (
            "It has no filters; the logos below show which letters carry its strongest predictions."
        )
    table = learned.filters.table
    sure = table[table["evalue"] < SURE]
    if not len(sure):
        top = ", ".join(table["consensus"].head(3))
        return f"Its most influential filters read {top}; none resembles a known motif for certain."
    groups = sorted(sure.groupby("match_name", sort=False), key=lambda group: -len(group[1]))
    named = [
        f"{name} ({len(rows)} filter{'s' * (len(rows) > 1)}, {_directions(rows['direction'])})"
        for name, rows in groups[:_NAMED]
    ]
    more = f", and {len(groups) - _NAMED} more" if len(groups) > _NAMED else ""
    return (
        f"Of its {len(table)} most influential filters, {len(sure)} {'look' if len(sure) > 1 else 'looks'} "
        f"like a known motif (e-value below {SURE}): {', '.join(named)}{more}."
    )


def _sites_in_short(learned: Learned) -> str:
    clear = clear_effects(learned.effects)
    if not len(clear):
        return "No known motif's sites have an effect that is clear from chance."
    named = [f"{row.name} {row.effect:+.2f}" for row in clear.head(3).itertuples(index=False)]
    return (
        f"Sites of known motifs that change its predictions most, on average: {', '.join(named)}."
    )


def clear_effects(effects: pd.DataFrame) -> pd.DataFrame:
    """Keep the effects that are more than `CLEAR` standard errors from nothing."""
    return effects[effects["z"].abs() > CLEAR].reset_index(drop=True)


def _directions(correlations: pd.Series) -> str:
    raises = (correlations > 0).mean()
    return "raising" if raises == 1 else "lowering" if raises == 0 else "raising or lowering"
