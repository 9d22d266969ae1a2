"""How networks are trained: Lightning's trainer around `SequenceModule`, the best epoch kept."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytorch_lightning as pl
import torch
from torch import nn

from eugene import settings
from eugene.models.card import Card
from eugene.models.model import ALPHABETS, NetworkModel
from eugene.models.registry import build_network
from eugene.models.storage import save_model
from eugene.tasks import TASKS
from eugene.train.module import SEQUENCE_KEY, TARGET_KEY, SequenceModule
from seqdata import Loader
from seqdata.progress import is_watched

if TYPE_CHECKING:
    from eugene.train.fit import _Job

_EVALUATION_BATCH = 512


def train_by_name(
    name: str, config: dict[str, Any], job: _Job, card: Card, folder: Path
) -> tuple[NetworkModel, list[dict[str, float]]]:
    """Build a network of the registry for the data at hand and train it."""
    alphabet = ALPHABETS[card.alphabet]
    config = {
        "length": card.length,
        "targets": len(card.targets),
        "letters": len(alphabet),
        **config,
    }

    def build() -> nn.Module:
        return build_network(name, **config)

    with torch.random.fork_rng(devices=[]):
        full = asdict(cast(Any, build()).config)
    return train_network(build, job, replace(card, architecture=name, config=full), folder)


def train_network(
    build: Callable[[], nn.Module], job: _Job, card: Card, folder: Path
) -> tuple[NetworkModel, list[dict[str, float]]]:
    """Train a network and give it with the weights of its best epoch, and the history.

    The best weights so far are on disk after every epoch, so that a training that is killed leaves a
    model.
    """
    with torch.random.fork_rng(), _quiet_lightning():
        torch.manual_seed(job.seed)
        network = build()
        if getattr(network, "predicts_target_scale", False):
            width = len(card.targets)
            card = replace(card, center=(0.0,) * width, scale=(1.0,) * width)
        module = SequenceModule(
            network,
            TASKS[card.task],
            ALPHABETS[card.alphabet],
            np.array(card.center),
            np.array(card.scale),
            job.optimizer,
            card.both_strands,
        )
        best = _BestEpoch(f"val_{TASKS[card.task].main_metric}", card, folder)
        trainer = pl.Trainer(
            max_epochs=job.epochs,
            accelerator="gpu" if settings.device() == "cuda" else "cpu",
            devices=1,
            gradient_clip_val=job.optimizer.gradient_clip,
            callbacks=[best],
            logger=False,
            enable_checkpointing=False,
            enable_model_summary=False,
            enable_progress_bar=False,
            num_sanity_val_steps=0,
            default_root_dir=folder,
        )
        train = _Batches(job, "train", job.batch_size, shuffle=True)
        trainer.fit(module, train, _Batches(job, "val", _EVALUATION_BATCH, shuffle=False))
    network.load_state_dict(best.weights)
    return NetworkModel(card, network.cpu().eval()), module.history


class _Batches:
    """Batches of one part of the data, as `SequenceModule` takes them."""

    def __init__(self, job: _Job, part: str, size: int, *, shuffle: bool) -> None:
        # a last batch of one row has no variance for batch norm: leave it out of training
        lone = shuffle and job.rows[part].size % size == 1 and job.rows[part].size > size
        self._inputs, self._targets = job.inputs, job.targets.values
        data = job.data[[job.inputs]].assign(
            row=("_sequence", np.arange(job.data.sizes["_sequence"]))
        )
        data.attrs = job.data.attrs
        self._loader = Loader(
            data,
            [job.inputs, "row"],
            batch_size=size,
            shuffle=shuffle,
            seed=job.seed,
            rows=job.rows[part],
            drop_last=lone,
            crop="random" if shuffle else "center",
        )

    def __len__(self) -> int:
        return len(self._loader)

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        for batch in self._loader:
            yield {
                SEQUENCE_KEY: torch.from_numpy(batch[self._inputs]),
                TARGET_KEY: torch.from_numpy(self._targets[batch["row"]]),
            }


class _BestEpoch(pl.Callback):
    """Keeps the weights of the best epoch, in memory and on disk, and shows progress."""

    def __init__(self, metric: str, card: Card, folder: Path) -> None:
        self.metric, self.card, self.folder = metric, card, folder
        self.weights: dict[str, torch.Tensor] = {}
        self._score = -np.inf
        self._bar: Any = None

    def on_train_start(self, trainer: pl.Trainer, *_: Any) -> None:
        if is_watched():
            from tqdm.auto import tqdm

            total = int(trainer.estimated_stepping_batches)
            self._bar = tqdm(total=total, desc=f"training {self.card.architecture}", leave=False)

    def on_train_batch_end(self, *_: Any) -> None:
        if self._bar is not None:
            self._bar.update()

    def on_validation_end(self, _: pl.Trainer, pl_module: Any) -> None:
        score = pl_module.history[-1][self.metric]
        if self._bar is not None:
            self._bar.set_postfix_str(f"{self.metric} {score:.3f}")
        if not self.weights or score > self._score:
            self._score = score if score == score else self._score
            network = pl_module.network
            self.weights = {k: v.detach().cpu().clone() for k, v in network.state_dict().items()}
            save_model(NetworkModel(self.card, network), self.folder)

    def teardown(self, *_: Any, **__: Any) -> None:
        if self._bar is not None:
            self._bar.close()


@contextmanager
def _quiet_lightning() -> Iterator[None]:
    """Hold back Lightning's notices about the hardware, and about its own use of torch, while training."""
    loggers = [logging.getLogger(name) for name in ("pytorch_lightning", "lightning.pytorch")]
    loggers += [logging.getLogger("pytorch_lightning.utilities.rank_zero")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            # pytorch-lightning 2.6 uses a name that torch 2.13 is about to drop
            message = r"`isinstance\(treespec, LeafSpec\)` is deprecated"
            warnings.filterwarnings("ignore", message=message, category=FutureWarning)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
