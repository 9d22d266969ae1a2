"""The one driver that runs an explanation method over a Dataset's rows, block by block."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from eugene.models.model import Model
from seqdata import Loader, progress
from seqexplainer import METHODS, Attribution, load_method

_ROWS = 64


def explain_blocks(
    model: Model,
    data: xr.Dataset,
    rows: NDArray[np.int64],
    *,
    method: str,
    output: int | None,
    seed: int,
    options: dict[str, Any],
) -> Iterator[Attribution]:
    """Explain rows of a Dataset, some at a time.

    Parameters
    ----------
    model
        What is explained.
    data
        Dataset with the model's sequence variable.
    rows
        Positions of the rows, in order.
    method
        Name of a method in `seqexplainer.METHODS`.
    output
        Column of the targets.
    seed
        Seed; each block has a generator of its own, so that a block does not depend on others.
    options
        Further arguments of the method.

    Yields
    ------
    Attribution of each block, in the order of `rows`

    Raises
    ------
    ValueError
        If there is no such method, or it has no such option.
    """
    function = load_method(method)
    known = inspect.signature(function).parameters
    for name in options:
        if name not in known or name in ("predictor", "seqs", "output", "alphabet", "rng"):
            own = [k for k in known if k not in ("predictor", "seqs", "output", "alphabet", "rng")]
            msg = f"method {method!r} has no option {name!r}; it has {', '.join(own)}"
            raise ValueError(msg)
    predictor = model.predictor()
    loader = Loader(data, [model.card.variable], batch_size=_ROWS, rows=rows)
    for number, batch in enumerate(progress(loader, description=method, total=len(loader))):
        chance = {"rng": np.random.default_rng([seed, number])} if "rng" in known else {}
        yield function(
            predictor,
            batch[model.card.variable],
            output=output,
            alphabet=model.alphabet,
            **chance,
            **options,
        )


def method_names() -> list[str]:
    """List the explanation methods.

    Examples
    --------
    >>> "ism" in method_names()
    True
    """
    return list(METHODS)
