"""Predictions of a model for a Dataset's rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

import seqdata as sd
from eugene.dataset import require_dataset
from eugene.models.model import Model
from seqdata.loader import select_rows
from seqdata.progress import progress
from seqdata.provenance import add_step
from seqdata.schema import SEQUENCE, TARGET

if TYPE_CHECKING:
    from eugene.train.run import Run

_ROWS = 2048  # rows predicted at a time


def predict(
    model: Model | Run,
    data: xr.Dataset,
    *,
    split: str | None = None,
    rows: ArrayLike | None = None,
    name: str = "predictions",
) -> xr.Dataset:
    """Predict rows of a Dataset; no targets are needed.

    Parameters
    ----------
    model
        A trained model, or a run.
    data
        Dataset with the sequence variable that the model takes.
    split
        Predict only rows of this split.
    rows
        Predict only these rows: a boolean mask or positions.
    name
        Name of the new variable; it must begin with ``predictions``.

    Returns
    -------
    Dataset of the chosen rows with ``predictions`` (_sequence, _target), float32, on the target's scale,
    or probabilities for classes

    Raises
    ------
    ValueError
        If the sequence variable is not there, or of another length or alphabet than the model takes, if
        the data's ``_target`` has other names than the model's targets, or if the name is taken.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=200, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("kmer_linear", data, targets="label", out=tempfile.mkdtemp() + "/run")
    >>> eu.predict(run, data, split="test")["predictions"].shape
    (20, 1)
    """
    trained = model if isinstance(model, Model) else model.model
    require_dataset(data)
    card = trained.card
    if not name.startswith("predictions") or name in data:
        msg = f"name must begin with 'predictions' and be new to the data; found {name!r}"
        raise ValueError(msg)
    trained.check_sequences(data)
    named = data.coords[TARGET].values.tolist() if TARGET in data.coords else list(card.targets)
    if named != list(card.targets):
        msg = (
            f"the data's {TARGET} is {named}, the model predicts {list(card.targets)}: one Dataset cannot "
            f"hold both. Leave the other out first, with data.drop_dims({TARGET!r})"
        )
        raise ValueError(msg)
    positions = select_rows(data, split=split, rows=rows)
    loader = sd.Loader(data, [card.variable], batch_size=_ROWS, rows=positions)
    parts = [
        trained.predict(batch[card.variable])
        for batch in progress(loader, description="predicting", total=len(loader))
    ]
    chosen = data.isel({SEQUENCE: positions})
    attrs = {"model": trained.digest(), "architecture": card.architecture, "task": card.task}
    out = chosen.assign({name: ((SEQUENCE, TARGET), np.concatenate(parts), attrs)})
    out = out.assign_coords({TARGET: np.array(card.targets, dtype=object)})
    return add_step(out, "eugene.predict", model=trained.digest(), architecture=card.architecture)
