"""Splits into train, val and test rows that do not leak."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import seqpro as sp
from eugene.dataset import require_dataset
from eugene.models.model import alphabet_of
from seqdata.provenance import add_step
from seqdata.schema import SEQUENCE
from seqdata.view import sequences

By = Literal["random", "homology", "chrom"]
Fractions = tuple[float, float, float]


def split(
    data: xr.Dataset,
    *,
    by: By = "random",
    fractions: Fractions = (0.8, 0.1, 0.1),
    stratify: str | None = None,
    val: str | Sequence[str] = (),
    test: str | Sequence[str] = (),
    shared: int = 32,
    ignore_common: float | None = None,
    variable: str = "seq",
    seed: int = 0,
) -> xr.Dataset:
    """Mark every row as train, val or test.

    Parameters
    ----------
    data
        Dataset with rows.
    by
        ``"random"``: each row by itself. ``"homology"``: rows whose sequences share `shared` letters in
        a row, on either strand, stay together. ``"chrom"``: whole contigs, those of `val` and `test`.
        Rows of one ``group``, where the data has that variable, stay together in any case.
    fractions
        Share of rows in train, val and test, for ``"random"`` and ``"homology"``.
    stratify
        A variable of few values whose shares are kept equal in all parts (``"random"`` only).
    val, test
        Contigs, for ``"chrom"``: one name or several.
    shared
        Letters in a row that make two sequences relatives, 1 to 32, for ``"homology"``.
    ignore_common
        For ``"homology"``: leave out stretches that more than this share of the sequences have, such as
        0.5; adapters and flanks would make relatives of all. None leaves nothing out.
    variable
        The sequence that ``"homology"`` compares.
    seed
        Decides which rows go where.

    Returns
    -------
    Dataset with ``split`` (_sequence), and with ``group`` (_sequence, int64) for ``"homology"``

    Raises
    ------
    ValueError
        If an argument does not fit, a contig is not in the data, or a part would be empty.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> data = split(xr.Dataset({"row": ("_sequence", np.arange(10))}), seed=0)
    >>> {part: int((data["split"] == part).sum()) for part in ("train", "val", "test")}
    {'train': 8, 'val': 1, 'test': 1}
    """
    require_dataset(data)
    val, test = ([names] if isinstance(names, str) else list(names) for names in (val, test))
    _check(data, by, fractions, stratify, val, test)
    groups = None
    if by == "chrom":
        parts = _by_contig(data, val, test)
        _check_whole(data, parts)
    else:
        groups = _groups(data, by, variable, shared, ignore_common)
        strata = None if stratify is None else data[stratify].values
        parts = _by_group(groups, strata, fractions, np.random.default_rng(seed))
    for part in ("train", "val", "test"):
        if not (parts == part).any() and (by == "chrom" or fractions[_PARTS.index(part)] > 0):
            msg = f"split by {by!r} leaves no row for {part!r}: {_remedy(by, groups)}"
            raise ValueError(msg)
    out = data.assign(split=(SEQUENCE, parts))
    if by == "homology":
        out = out.assign(group=(SEQUENCE, groups))
    details: dict[str, Any] = {"by": by, "seed": seed}
    details |= {"val": list(val), "test": list(test)} if by == "chrom" else {"fractions": fractions}
    details |= (
        {"shared": shared, "ignore_common": ignore_common, "variable": variable}
        if by == "homology"
        else {"stratify": stratify}
    )
    return add_step(out, "eugene.preprocess.split", **details)


_PARTS = ("train", "val", "test")


def _check(
    data: xr.Dataset,
    by: str,
    fractions: Fractions,
    stratify: str | None,
    val: Sequence[str],
    test: Sequence[str],
) -> None:
    if by not in ("random", "homology", "chrom"):
        msg = f"by must be 'random', 'homology' or 'chrom'; found {by!r}"
        raise ValueError(msg)
    if len(fractions) != 3 or min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-6:
        msg = f"fractions must be three non-negative numbers that sum to 1; found {fractions}"
        raise ValueError(msg)
    if by == "chrom" and not (val and test):
        msg = f"by='chrom' needs contigs for val and for test; found val={val} and test={test}"
        raise ValueError(msg)
    if by != "chrom" and (val or test):
        msg = f"val and test name contigs and need by='chrom'; found by={by!r}"
        raise ValueError(msg)
    if stratify is not None and (by != "random" or stratify not in data):
        msg = (
            f"stratify must name a variable and needs by='random'; found {stratify!r} and by={by!r}"
        )
        raise ValueError(msg)


def _by_contig(data: xr.Dataset, val: Sequence[str], test: Sequence[str]) -> NDArray[np.object_]:
    if "chrom" not in data:
        msg = "by='chrom' needs a variable 'chrom'; the data has none. Use by='homology' or by='random'"
        raise ValueError(msg)
    contigs = data["chrom"].values
    known = set(contigs.tolist())
    for contig in (*val, *test):
        if contig not in known:
            near = ", ".join(sorted(known)[:8])
            msg = f"val and test must name contigs of the data; found {contig!r}, but it has {near}"
            raise ValueError(msg)
    if set(val) & set(test):
        msg = (
            f"val and test must name different contigs; both have {', '.join(set(val) & set(test))}"
        )
        raise ValueError(msg)
    parts = np.full(contigs.size, "train", dtype=object)
    parts[np.isin(contigs.astype(str), list(val))] = "val"
    parts[np.isin(contigs.astype(str), list(test))] = "test"
    return parts


def _check_whole(data: xr.Dataset, parts: NDArray[np.object_]) -> None:
    if "group" not in data:
        return
    pairs = np.stack([data["group"].values.astype(str), parts.astype(str)])
    cut = np.unique(pairs, axis=1).shape[1] - np.unique(pairs[0]).size
    if cut:
        msg = (
            f"by='chrom' would cut {cut} of the groups in 'group': their rows are on contigs of several "
            "parts. Choose contigs that hold whole groups, or drop 'group' from the data"
        )
        raise ValueError(msg)


def _groups(
    data: xr.Dataset, by: str, variable: str, shared: int, ignore_common: float | None
) -> NDArray[np.int64]:
    """Number the rows that must stay together: those of one ``group``, and relatives."""
    groups = np.arange(data.sizes[SEQUENCE])
    if "group" in data:
        groups = np.unique(data["group"].values.astype(str), return_inverse=True)[1]
    if by == "homology":
        groups = _joined(groups, _relatives(data[variable], data, shared, ignore_common))
    return groups.astype(np.int64)


def _relatives(
    variable: xr.DataArray, data: xr.Dataset, shared: int, ignore_common: float | None
) -> NDArray[np.int64]:
    alphabet = alphabet_of(variable)
    if not alphabet.has_complement:
        msg = (
            f"by='homology' compares DNA or RNA; {variable.name!r} is {alphabet.name}. Put a clustering of "
            "your own into a variable 'group' and use by='random', which keeps groups together"
        )
        raise ValueError(msg)
    seqs = sequences(data, str(variable.name))
    return sp.shared_sequence_groups(
        seqs, shared=shared, ignore_common=ignore_common, alphabet=alphabet
    )


def _joined(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the groups of rows that either grouping ties together; the first row's number names each."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    first, second = (np.unique(groups, return_inverse=True)[1] for groups in (first, second))
    shape = (first.max(initial=-1) + 1, second.max(initial=-1) + 1)
    edges = coo_array((np.ones(first.size, bool), (first, second + shape[0])), (sum(shape),) * 2)
    labels = connected_components(edges, directed=False)[1][first]
    _, leader, member = np.unique(labels, return_index=True, return_inverse=True)
    return leader[member]


def _by_group(
    groups: NDArray[np.int64],
    strata: NDArray[Any] | None,
    fractions: Fractions,
    rng: np.random.Generator,
) -> NDArray[np.object_]:
    """Put whole groups in random order and cut the row at the fractions, within each stratum."""
    parts = np.full(groups.size, "train", dtype=object)
    levels = np.zeros(groups.size, np.int64)
    if strata is not None:
        levels = np.unique(strata, return_inverse=True)[1]
        if np.unique(np.stack([groups, levels]), axis=1).shape[1] > np.unique(groups).size:
            msg = "stratify must be constant within each group; found a group with several values"
            raise ValueError(msg)
    for level in np.unique(levels):
        rows = np.flatnonzero(levels == level)
        names, member, sizes = np.unique(groups[rows], return_inverse=True, return_counts=True)
        order = rng.permutation(names.size)
        part_of = np.empty(names.size, np.int64)
        cuts = np.cumsum(fractions)[:2] * rows.size
        middle = np.cumsum(sizes[order]) - sizes[order] / 2
        part_of[order] = np.searchsorted(cuts, middle)
        parts[rows] = np.array(_PARTS, dtype=object)[part_of[member]]
    return parts


def _remedy(by: str, groups: NDArray[np.int64] | None) -> str:
    if by == "chrom" or groups is None:
        return "name contigs that have rows"
    largest = np.unique(groups, return_counts=True)[1].max() / groups.size
    if largest > 0.5:
        return (
            f"{largest:.0%} of the rows are one group of relatives; if a part of the design is common to "
            "all, leave it out with ignore_common=0.5"
        )
    return "there are too few rows or groups"
