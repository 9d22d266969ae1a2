"""What sites of known motifs contribute to the predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import motifdata as md
from eugene.interpret.attribute import contributions

if TYPE_CHECKING:
    import pandas as pd


def motif_effects(
    data: xr.Dataset,
    known: md.MotifSet,
    *,
    method: str,
    variable: str = "seq",
    pvalue: float = 1e-3,
    minimum_sites: int = 10,
) -> pd.DataFrame:
    """Tell what sites of known motifs contribute, compared with the same positions in other sequences.

    A site's effect is the sum of its letters' contributions, less what the same positions contribute on
    average over all sequences: a stretch that all share, such as an adapter, has no effect. A motif's
    effect is the mean over its sites.

    Parameters
    ----------
    data
        Result of `attribute`, with some hundreds of sequences.
    known
        Motifs to look for, on both strands.
    method
        Whose attributions to read.
    variable
        The sequence.
    pvalue
        Highest p-value of a site, as in `motifdata.scan`.
    minimum_sites
        Motifs with fewer sites are left out.

    Returns
    -------
    DataFrame, the largest effect first: ``motif``, ``name``, ``consensus``, ``sites``, ``effect`` in units
    of the prediction (log-odds for classes), its ``standard_error`` over sites, and their ratio ``z``

    Raises
    ------
    ValueError
        If there are no such attributions.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=300, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("kmer_linear", data, targets="label", out=tempfile.mkdtemp() + "/run")
    >>> explained = eu.interpret.attribute(run, data, method="ism", split="test")
    >>> table = eu.interpret.motif_effects(explained, md.load("consensus_vertebrates"), method="ism")
    >>> table.columns.tolist()
    ['motif', 'name', 'consensus', 'sites', 'effect', 'standard_error', 'z']
    """
    share = contributions(data, method, variable=variable).astype(np.float64)
    surplus = np.cumsum(np.pad(share - share.mean(axis=0), ((0, 0), (1, 0))), axis=1)
    sites = md.scan(data[variable].values, known, pvalue=pvalue)
    sites = sites.drop_duplicates(["row", "motif", "start"])  # a palindrome is one site
    row = sites["row"].to_numpy()
    effect = surplus[row, sites["end"].to_numpy()] - surplus[row, sites["start"].to_numpy()]
    groups = sites.assign(effect=effect).groupby("motif", sort=False)["effect"]
    table = groups.agg(sites="count", effect="mean", standard_error="sem").reset_index()
    table = table[table["sites"] >= max(minimum_sites, 2)]
    table = table.assign(
        name=[known[name].name or name for name in table["motif"]],
        consensus=[known[name].consensus() for name in table["motif"]],
        z=table["effect"] / table["standard_error"],
    )
    order = ["motif", "name", "consensus", "sites", "effect", "standard_error", "z"]
    return table.sort_values("effect", key=abs, ascending=False, ignore_index=True)[order]
