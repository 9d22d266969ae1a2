"""Attributions: how much each letter contributes to a prediction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

import seqdata as sd
from eugene.dataset import require_dataset
from eugene.interpret.stream import explain_blocks
from eugene.models.model import Model, alphabet_of
from seqdata.loader import jitter_room, select_rows
from seqdata.provenance import add_step
from seqdata.schema import LENGTH, OHE, SEQUENCE
from seqdata.store import StorePath
from seqexplainer import project

if TYPE_CHECKING:
    from eugene.train.run import Run


def attribute(
    model: Model | Run,
    data: xr.Dataset,
    *,
    method: str = "deeplift_shap",
    split: str | None = None,
    rows: ArrayLike | None = None,
    output: str | None = None,
    seed: int = 0,
    out: StorePath | None = None,
    overwrite: bool = False,
    **options: Any,
) -> xr.Dataset:
    """Explain predictions, letter by letter.

    What is explained is the prediction on the target's scale, or the log-odds of a class; averaged
    over both strands if the model does so.

    Parameters
    ----------
    model
        A trained model, or a run.
    data
        Dataset with the sequence variable that the model takes.
    method
        ``"deeplift_shap"``, ``"gradient_x_input"`` (networks only), ``"ism"`` or ``"occlusion"`` (any
        model).
    split
        Explain only rows of this split.
    rows
        Explain only these rows: a boolean mask or positions.
    output
        Name of the target to explain; needed if there are several.
    seed
        Seed of methods that draw at random.
    out
        Store to write the result to; None keeps it in memory.
    overwrite
        Whether to replace a store that is there.
    options
        Options of the method, such as ``n_references=10``.

    Returns
    -------
    Dataset of the chosen rows with ``attributions_{method}`` (_sequence, _ohe, _length), float32, in
    hypothetical form: the entry of a letter is what it would contribute there, that of the observed
    letter what it does. Methods that claim completeness add ``completeness_error_{method}``
    (_sequence): how far the contributions are from adding up to the prediction

    Raises
    ------
    ValueError
        If an argument does not fit, or the method needs a network and the model is none.
    FileExistsError
        If `out` is there and may not be replaced.

    Examples
    --------
    >>> import eugene as eu, tempfile, seqdatasets
    >>> data = eu.preprocess.split(seqdatasets.simulate(num_seqs=200, seq_length=60, seed=0), seed=0)
    >>> run = eu.fit("kmer_linear", data, targets="label", out=tempfile.mkdtemp() + "/run")
    >>> eu.interpret.attribute(run, data, method="ism", rows=[0])["attributions_ism"].shape
    (1, 4, 60)
    """
    trained = model if isinstance(model, Model) else model.model
    require_dataset(data)
    trained.check_sequences(data)
    if out is not None and not overwrite and Path(out).exists():
        msg = f"{out} exists; pass overwrite=True to replace it"
        raise FileExistsError(msg)
    column = _column(trained, output)
    positions = select_rows(data, split=split, rows=rows)
    blocks = list(
        explain_blocks(
            trained, data, positions, method=method, output=column, seed=seed, options=options
        )
    )
    name = f"attributions_{method}"
    attrs: dict[str, Any] = {
        "method": method,
        "target": trained.card.targets[column],
        "model": trained.digest(),
        "seed": seed,
        "model_calls": sum(block.model_calls for block in blocks),
        **{key: value for key, value in blocks[0].parameters.items() if value is not None},
    }
    scores = np.concatenate([block.scores for block in blocks])
    result = _rows_as_explained(data, positions, trained)
    result = result.assign({name: ((SEQUENCE, OHE, LENGTH), scores, attrs)})
    result = result.assign_coords({OHE: np.array(list(trained.alphabet.letters), dtype=object)})
    errors = [block.completeness_error for block in blocks if block.completeness_error is not None]
    if errors:
        error = np.concatenate(errors).astype(np.float32)
        result = result.assign({f"completeness_error_{method}": (SEQUENCE, error)})
    details = {"method": method, "target": attrs["target"], "model": attrs["model"], "seed": seed}
    result = add_step(result, "eugene.interpret.attribute", **details, options=options)
    return result if out is None else sd.to_zarr(result, out, overwrite=overwrite)


def contributions(data: xr.Dataset, method: str, *, variable: str = "seq") -> np.ndarray[Any, Any]:
    """Give the contribution of the observed letter at each position.

    Parameters
    ----------
    data
        Result of `attribute`.
    method
        Name of the method.
    variable
        The sequence.

    Returns
    -------
    float32 array, shape (n, length)

    Raises
    ------
    ValueError
        If the Dataset has no attributions of that method.
    """
    name = f"attributions_{method}"
    if name not in data:
        found = [str(v) for v in data.data_vars if str(v).startswith("attributions_")]
        msg = f"data has no {name!r}; it has {', '.join(found) or 'no attributions'}"
        raise ValueError(msg)
    alphabet = alphabet_of(data[variable])
    return project(data[name].values, data[variable].values, alphabet=alphabet)


def _column(model: Model, output: str | None) -> int:
    targets = model.card.targets
    if output is None and len(targets) == 1:
        return 0
    if output not in targets:
        found = "none" if output is None else repr(output)
        msg = f"output must name one of the model's targets ({', '.join(targets)}); found {found}"
        raise ValueError(msg)
    return targets.index(output)


def _rows_as_explained(data: xr.Dataset, rows: np.ndarray[Any, Any], model: Model) -> xr.Dataset:
    """Give the chosen rows, cut to the centre that the model sees if the data has jitter room."""
    room = jitter_room(data)
    chosen = data.isel({SEQUENCE: rows})
    if not room:
        return chosen
    chosen = chosen.isel({LENGTH: slice(room, room + model.card.length)})
    if "windowStart" in chosen:
        chosen = chosen.assign(
            windowStart=chosen["windowStart"] + room, windowEnd=chosen["windowEnd"] - room
        )
    return chosen.assign_attrs(max_jitter=0)
