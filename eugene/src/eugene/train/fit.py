"""Training: a model by name, or a network of one's own, fitted to a split Dataset."""

from __future__ import annotations

import copy
import json
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from eugene import settings
from eugene.dataset import require_dataset
from eugene.evaluate.leak import TRAINED_ON, fingerprints
from eugene.models.card import Card
from eugene.models.model import Model, alphabet_of
from eugene.models.registry import check_settings, find_model
from eugene.models.storage import save_model
from eugene.tasks import TASKS
from eugene.train.optimizer import Optimizer
from eugene.train.run import HISTORY, RUN, Run
from eugene.train.targets import Missing, Targets, read_targets, usable_rows
from seqdata.loader import jitter_room, select_rows
from seqdata.provenance import version_of
from seqdata.view import is_ragged
from seqpro.files import write_whole

if TYPE_CHECKING:
    from torch import nn

_log = logging.getLogger(__name__)


def fit(
    model: str | nn.Module,
    data: xr.Dataset,
    *,
    targets: str | Sequence[str],
    inputs: str = "seq",
    epochs: int = 15,
    batch_size: int = 64,
    optimizer: Optimizer | None = None,
    both_strands: bool | None = None,
    missing: Missing = "drop",
    seed: int = 0,
    out: str | os.PathLike[str] | None = None,
    **config: Any,
) -> Run:
    """Train a model on the train rows of a Dataset and choose its best epoch on the val rows.

    The same call, data and seed give the same model on the same machine. No global random state is
    changed, and the Dataset is left as it is.

    Parameters
    ----------
    model
        A name of `eugene.models.list_models`: a network (``"cnn"``, ``"dream_cnn"``) or a baseline
        (``"kmer_linear"``, ``"kmer_forest"``, ``"kmer_boosting"``, and for simulated data
        ``"rule_oracle"``); or a network of one's own that maps one-hot float (n, letters, length) to
        (n, targets); a copy of it is trained.
    data
        Dataset with ``split``, in memory or opened from a store.
    targets
        Variable or variables to predict. Classes (int8) are trained with cross-entropy and chosen by
        AUROC; measured numbers are standardised, trained with squared error and chosen by Pearson's r.
    inputs
        The sequence variable, of one length.
    epochs
        Passes over the train rows. Baselines need none.
    batch_size
        Rows in a training step.
    optimizer
        How weights are moved; `Optimizer` with its defaults if None.
    both_strands
        Whether a sequence and its reverse complement mean the same: each is then shown on a random
        strand, and predictions average both. None: yes for DNA, no for others and for simulated labels
        that follow the order of motifs.
    missing
        What to do with NaN targets: ``"drop"`` rows that lack any, ``"mask"`` the missing entries,
        or raise an ``"error"``. What was dropped is logged and stands in the run's summary.
    seed
        Decides initial weights, order, strands and dropout.
    out
        Folder for the run; by default a new one in ``settings.current().runs_dir``.
    config
        Settings of the model, such as ``filters=64``.

    Returns
    -------
    Run: the best model, where it is, its scores, and what to do next

    Raises
    ------
    ValueError
        If the data is not split, a variable or setting does not fit, or targets are missing under
        ``missing="error"``.
    FileExistsError
        If `out` holds a run already.

    Examples
    --------
    >>> import tempfile, eugene as eu, numpy as np, seqdatasets
    >>> data = seqdatasets.simulate(num_seqs=200, seq_length=60, seed=0)
    >>> data = eu.preprocess.split(data, seed=0)
    >>> run = eu.fit("cnn", data, targets="label", epochs=1, filters=8, out=tempfile.mkdtemp() + "/run")
    >>> run.history.columns.tolist()
    ['epoch', 'train_loss', 'val_loss', 'val_auroc', 'val_auprc', 'val_accuracy']
    """
    require_dataset(data)
    for name, number in (("epochs", epochs), ("batch_size", batch_size)):
        if not isinstance(number, int | np.integer) or number < 1:
            msg = f"{name} must be a whole number of at least 1; found {number!r}"
            raise ValueError(msg)
    values = read_targets(data, targets)
    rows = {
        part: usable_rows(values, select_rows(data, split=part), missing, part=part)
        for part in ("train", "val")
    }
    dropped = {part: int((data["split"].values == part).sum()) - rows[part].size for part in rows}
    job = _Job(data, inputs, values, rows, epochs, batch_size, optimizer or Optimizer(), seed)
    card = _card(job, data, inputs, both_strands)
    folder = _new_folder(out, model)
    trained, history = _train(model, job, card, config, folder)
    save_model(trained, folder)
    record = {
        "model": trained.card.architecture,
        "inputs": inputs,
        "targets": [targets] if isinstance(targets, str) else list(targets),
        "epochs": epochs if history else 0,
        "batch_size": batch_size,
        "optimizer": asdict(job.optimizer),
        "missing": missing,
        "seed": seed,
        "rows": {part: int(chosen.size) for part, chosen in rows.items()},
        "dropped": dropped,
    }
    seen = [fingerprints(codes, trained.alphabet) for codes in job.batches("train")]
    write_whole(folder / TRAINED_ON, np.unique(np.concatenate(seen)).tobytes())
    write_whole(folder / HISTORY, json.dumps(history).encode())
    write_whole(folder / RUN, json.dumps(record, indent=1).encode())
    return Run(trained, folder, record, history, data)


@dataclass(frozen=True)
class _Job:
    """What is trained on, and how: everything but the model."""

    data: xr.Dataset
    inputs: str
    targets: Targets
    rows: dict[str, NDArray[np.int64]]
    epochs: int
    batch_size: int
    optimizer: Optimizer
    seed: int

    def batches(self, part: str) -> Iterator[NDArray[np.uint8]]:
        """Sequences of a part, some thousands at a time."""
        from seqdata import Loader

        for batch in Loader(self.data, [self.inputs], batch_size=8192, rows=self.rows[part]):
            yield batch[self.inputs]

    def codes(self, part: str) -> NDArray[np.uint8]:
        """Sequences of a part, in memory."""
        return np.concatenate(list(self.batches(part)))

    def values(self, part: str) -> NDArray[np.float32]:
        """Targets of a part."""
        return self.targets.values[self.rows[part]]


def _card(job: _Job, data: xr.Dataset, inputs: str, both_strands: bool | None) -> Card:
    if inputs not in data:
        known = ", ".join(map(str, data.data_vars))
        msg = f"inputs must name a sequence of the data; found no {inputs!r} among {known}"
        raise ValueError(msg)
    if is_ragged(data, inputs):
        sizes = data[f"{inputs}_size"].values
        msg = (
            f"inputs {inputs!r} must have one length; found {sizes.min()} to {sizes.max()} letters. Use "
            "eugene.preprocess.pad first"
        )
        raise ValueError(msg)
    if data[inputs].ndim != 2 or data[inputs].dtype != np.uint8:
        msg = f"inputs {inputs!r} must be a sequence (uint8 letters); found {data[inputs].dtype}"
        raise ValueError(msg)
    alphabet = alphabet_of(data[inputs])
    if both_strands is None:
        both_strands = alphabet.name == "DNA" and not _needs_strand(data, job.targets.names)
    if both_strands and not alphabet.has_complement:
        msg = f"both_strands must be False for {alphabet.name}, which has no reverse complement"
        raise ValueError(msg)
    task = TASKS[job.targets.task]
    train = job.values("train")
    width = len(job.targets.names)
    center, scale = np.zeros(width), np.ones(width)
    if task.standardise:
        center, scale = np.nanmean(train, axis=0), np.nanstd(train, axis=0)
        scale[scale == 0] = 1
    packages = ("seqpro", "seqdata", "seqexplainer", "eugene")
    return Card(
        architecture="",
        config=None,
        variable=inputs,
        length=data.sizes["_length"] - 2 * jitter_room(data),
        alphabet=alphabet.name,
        targets=job.targets.names,
        task=task.name,
        center=tuple(map(float, center)),
        scale=tuple(map(float, scale)),
        both_strands=both_strands,
        data=data.attrs.get("uuid"),
        seed=job.seed,
        versions={package: version_of(package) for package in packages},
    )


def _needs_strand(data: xr.Dataset, targets: Sequence[str]) -> bool:
    """Tell whether a label is another one on the other strand, as those of the rule of order are."""
    rules = [data[name].attrs.get("rule") for name in targets if name in data]
    if "order" not in rules:
        return False
    _log.info("the order of motifs is another one on the other strand: only the given one is read")
    return True


def _train(
    model: str | nn.Module, job: _Job, card: Card, config: dict[str, Any], folder: Path
) -> tuple[Model, list[dict[str, float]]]:
    """Fit a baseline, a network by name, or a network of the user's own."""
    if not isinstance(model, str):
        if config:
            msg = f"settings ({', '.join(config)}) are for models by name; a network of one's own has its own"
            raise ValueError(msg)
        from eugene.train.networks import train_network

        name = f"{type(model).__module__}:{type(model).__qualname__}"
        return train_network(
            lambda: copy.deepcopy(model), job, replace(card, architecture=name), folder
        )
    architecture = find_model(model)
    if architecture.is_network:
        from eugene.train.networks import train_by_name

        return train_by_name(model, config, job, card, folder)
    check_settings(model, config, set(architecture.factory.DEFAULTS))
    config = architecture.factory.config_for(job.data, job.targets.names, config)
    card = replace(card, architecture=model, config=config)
    validation = (job.codes("val"), job.values("val"))
    return architecture.factory.fit_rows(
        card, job.codes("train"), job.values("train"), validation
    ), []


def _new_folder(out: str | os.PathLike[str] | None, model: str | nn.Module) -> Path:
    """Make the run's folder: the one that was asked for, or the next free number."""
    if out is not None:
        folder = Path(out)
        if (folder / RUN).exists():
            msg = f"{folder} holds a run already; choose another folder or delete it"
            raise FileExistsError(msg)
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    name = model if isinstance(model, str) else type(model).__name__
    number = 1
    while True:
        folder = settings.current().runs_dir / f"{name}-{number:03d}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            number += 1
        else:
            return folder
