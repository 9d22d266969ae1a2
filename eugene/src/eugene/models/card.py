"""What a saved model says of itself: enough to load it, use it, and tell where it came from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Card:
    """Everything about a model but its weights.

    Parameters
    ----------
    architecture
        Name in the registry, or ``module:Class`` of a network of the user's own.
    config
        Settings of the architecture; None for a network of the user's own.
    variable
        The sequence variable it takes.
    length
        Letters of a sequence.
    alphabet
        Name of the alphabet.
    targets
        Names of its outputs.
    task
        Name of the task.
    center, scale
        For each target: prediction = center + scale * network output.
    both_strands
        Whether it averages the outputs of both strands.
    data
        Identity of the training data: its store's uuid, or None if it was in memory.
    seed
        Seed of the training.
    versions
        Versions of the packages that trained it.

    Examples
    --------
    >>> card = Card("cnn", {}, "seq", 9, "DNA", ("y",), "regression", (0.0,), (1.0,), True, None, 0)
    >>> Card.from_json(card.to_json()) == card
    True
    """

    architecture: str
    config: dict[str, Any] | None
    variable: str
    length: int
    alphabet: str
    targets: tuple[str, ...]
    task: str
    center: tuple[float, ...]
    scale: tuple[float, ...]
    both_strands: bool
    data: str | None
    seed: int
    versions: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Write the card as JSON."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> Card:
        """Read a card.

        Raises
        ------
        ValueError
            If the text is not a card's JSON.
        """
        try:
            fields = json.loads(text)
            for name in ("targets", "center", "scale"):
                fields[name] = tuple(fields[name])
            return cls(**fields)
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            msg = (
                f"a model card must be the JSON that eugene writes; found something else ({error})"
            )
            raise ValueError(msg) from None
