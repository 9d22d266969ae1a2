"""Trained models: sequences in, predictions on the target's scale out."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import seqpro as sp
from eugene import settings
from eugene.models.card import Card
from eugene.tasks import TASKS
from seqdata.loader import jitter_room

if TYPE_CHECKING:
    import xarray as xr
    from torch import nn

    from seqexplainer import Predictor, TorchPredictor

ALPHABETS = {alphabet.name: alphabet for alphabet in (sp.DNA, sp.RNA, sp.AA)}


def alphabet_of(sequence: xr.DataArray) -> sp.Alphabet:
    """Give the alphabet of a sequence variable: DNA where its attribute ``alphabet`` is missing.

    Raises
    ------
    ValueError
        If it names another than DNA, RNA and AA.

    Examples
    --------
    >>> import xarray as xr
    >>> alphabet_of(xr.DataArray([65], attrs={"alphabet": "RNA"})).name
    'RNA'
    """
    name = str(sequence.attrs.get("alphabet", sp.DNA.name))
    if name not in ALPHABETS:
        msg = f"models take sequences of {', '.join(ALPHABETS)}; {sequence.name!r} is of {name!r}"
        raise ValueError(msg)
    return ALPHABETS[name]


class Model(ABC):
    """A trained model and its card.

    Parameters
    ----------
    card
        What the model takes and gives.
    """

    def __init__(self, card: Card) -> None:
        self.card = card

    @property
    def name(self) -> str:
        """What tables and figures call it."""
        return self.card.architecture

    @property
    def alphabet(self) -> sp.Alphabet:
        """The letters it takes."""
        return ALPHABETS[self.card.alphabet]

    @abstractmethod
    def arrays(self) -> dict[str, NDArray[Any]]:
        """Give everything that was learned, by name."""

    @abstractmethod
    def predictor(self) -> Predictor:
        """Give the model as explanation methods take it.

        Returns
        -------
        Predictor of the target's scale for regression and of log-odds for classes, averaged over
        both strands if the model does so
        """

    def predict(self, codes: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Predict sequences.

        Parameters
        ----------
        codes
            ASCII codes, shape (n, length).

        Returns
        -------
        float32 array, shape (n, targets): on the target's scale, or probabilities

        Raises
        ------
        ValueError
            If the length is not that the model was trained with.
        """
        self.check_length(codes.shape[-1])
        outputs = np.asarray(self.predictor()(codes))
        return TASKS[self.card.task].link(outputs).astype(np.float32)

    def check_sequences(self, data: xr.Dataset) -> None:
        """Refuse sequences that are not there, or of another alphabet or length than the model's."""
        name = self.card.variable
        if name not in data:
            known = ", ".join(map(str, data.data_vars))
            msg = f"data must have the sequence variable {name!r}; found {known}"
            raise ValueError(msg)
        found = alphabet_of(data[name])
        if found != self.alphabet:
            msg = (
                f"{self.card.architecture} takes {self.alphabet.name}; the data's {name!r} is "
                f"{found.name}. Read it with the alphabet that it has"
            )
            raise ValueError(msg)
        self.check_length(data.sizes["_length"] - 2 * jitter_room(data))

    def check_length(self, length: int) -> None:
        """Refuse sequences of another length than the model was trained with."""
        if length != self.card.length:
            msg = (
                f"{self.card.architecture} takes sequences of {self.card.length} letters; the data's "
                f"{self.card.variable!r} has {length}. Bring it to that length, or train on this one"
            )
            raise ValueError(msg)

    def digest(self) -> str:
        """Hash what was learned, so that results can name their model."""
        digest = hashlib.sha256()
        for name, array in sorted(self.arrays().items()):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:16]


class NetworkModel(Model):
    """A trained network.

    Parameters
    ----------
    card
        What the model takes and gives.
    network
        Maps one-hot float (n, letters, length) to (n, targets).
    """

    def __init__(self, card: Card, network: nn.Module) -> None:
        super().__init__(card)
        self.network = network

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Give the weights and buffers, by their names in the network."""
        return {name: tensor.cpu().numpy() for name, tensor in self.network.state_dict().items()}

    def predictor(self) -> Predictor:
        """Give the network as explanation methods take it, with its target scale and strands."""
        from seqexplainer import average_strands

        single = self.forward_predictor()
        return average_strands(single, self.alphabet) if self.card.both_strands else single

    def forward_predictor(self) -> TorchPredictor:
        """Give the network as it reads one strand, on the target's scale."""
        from eugene.models.layers import Scaled
        from seqexplainer import TorchPredictor

        return TorchPredictor(
            Scaled(self.network, self.card.center, self.card.scale),
            alphabet=self.alphabet,
            batch_size=settings.current().batch_size,
            device=settings.device(),
        )

    def parameter_count(self) -> int:
        """Count the weights."""
        return sum(parameter.numel() for parameter in self.network.parameters())
