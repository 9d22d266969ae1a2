"""Models on disk: weights as safetensors, everything else in a JSON card. Nothing is unpickled."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from eugene.models.card import Card
from eugene.models.model import Model, NetworkModel
from eugene.models.registry import BASELINES, NETWORKS, build_network, find_model
from seqpro.files import write_whole

if TYPE_CHECKING:
    from torch import nn

WEIGHTS = "model.safetensors"
CARD = "card.json"


def save_model(model: Model, folder: str | os.PathLike[str]) -> Path:
    """Write a model to a folder: ``model.safetensors`` and ``card.json``.

    Each file is written beside its place and then moved there, so that a kill leaves the old or the
    new one.

    Parameters
    ----------
    model
        A trained model.
    folder
        Made if it is not there.

    Returns
    -------
    Path of the folder

    Examples
    --------
    >>> import tempfile
    >>> from eugene.models import Card, build_network, load_model
    >>> settings = {"length": 20, "filters": 4}
    >>> card = Card("cnn", settings, "seq", 20, "DNA", ("y",), "regression", (0.0,), (1.0,), True, None, 0)
    >>> model = NetworkModel(card, build_network("cnn", **settings))
    >>> folder = save_model(model, tempfile.mkdtemp())
    >>> load_model(folder).digest() == model.digest()
    True
    """
    from safetensors.numpy import save

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / WEIGHTS, save(_contiguous(model.arrays())))
    write_whole(folder / CARD, model.card.to_json().encode())
    return folder


def load_model(path: str | os.PathLike[str], *, network: nn.Module | None = None) -> Model:
    """Read a model that `save_model` or `eugene.fit` wrote.

    Parameters
    ----------
    path
        A run's folder.
    network
        For a network of one's own: an instance of the same shape, whose weights are replaced. Models
        of the registry need nothing.

    Returns
    -------
    Model: `NetworkModel` or a baseline

    Raises
    ------
    FileNotFoundError
        If there is no model in the folder.
    ValueError
        If the card is damaged, the weights do not fit it, or a network of one's own is not given.

    Examples
    --------
    >>> load_model("nowhere")
    Traceback (most recent call last):
    FileNotFoundError: no model in nowhere: card.json and model.safetensors are not there
    """
    from safetensors.numpy import load_file

    folder = Path(path)
    if not (folder / CARD).exists() or not (folder / WEIGHTS).exists():
        msg = f"no model in {folder}: {CARD} and {WEIGHTS} are not there"
        raise FileNotFoundError(msg)
    card = Card.from_json((folder / CARD).read_text())
    arrays = load_file(folder / WEIGHTS)
    if card.architecture in BASELINES:
        return find_model(card.architecture).factory(card, **arrays)
    if network is None and card.architecture not in NETWORKS:
        msg = f"the model in {folder} is {card.architecture}; pass network= an instance of it"
        raise ValueError(msg)
    if network is None:
        network = build_network(card.architecture, **(card.config or {}))
    _load_weights(network, arrays, folder)
    return NetworkModel(card, network.eval())


def _contiguous(arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    import numpy as np

    return {name: np.array(array, order="C") for name, array in arrays.items()}


def _load_weights(network: nn.Module, arrays: dict[str, NDArray[Any]], folder: Path) -> None:
    import torch

    weights = {name: torch.from_numpy(array) for name, array in arrays.items()}
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        first = str(error).splitlines()[-1].strip()
        msg = f"the weights in {folder} do not fit {type(network).__name__}: {first}"
        raise ValueError(msg) from None
