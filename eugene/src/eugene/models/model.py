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

if TYPE_CHECKING:
    from torch import nn

    from seqexplainer import Predictor, TorchPredictor

ALPHABETS = {alphabet.name: alphabet for alphabet in (sp.DNA, sp.RNA, sp.AA)}


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
