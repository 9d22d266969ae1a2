"""The table of models by name. Listing them imports none."""

from __future__ import annotations

import difflib
import importlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

NETWORKS = {
    "cnn": "eugene.models.zoo.cnn:CNN",
    "dream_cnn": "eugene.models.zoo.dream_cnn:DreamCNN",
}
"""Networks: a class called with its config, the class of the same name ending in ``Config``."""

BASELINES = {
    "kmer_linear": "eugene.models.baselines:KmerLinear",
    "kmer_forest": "eugene.models.kmer_trees:KmerForest",
    "kmer_boosting": "eugene.models.kmer_trees:KmerBoosting",
    "rule_oracle": "eugene.models.rule_oracle:RuleOracle",
}
"""Models without a network: subclasses of `Baseline`."""


@dataclass(frozen=True)
class Architecture:
    """A model by name, found but not built.

    Parameters
    ----------
    name
        Its name in the table.
    factory
        Its class.
    is_network
        Whether it is a network rather than a baseline.
    """

    name: str
    factory: Any
    is_network: bool


def list_models() -> list[str]:
    """List the names that `eugene.fit` takes.

    Examples
    --------
    >>> list_models()
    ['cnn', 'dream_cnn', 'kmer_linear', 'kmer_forest', 'kmer_boosting', 'rule_oracle']
    """
    return [*NETWORKS, *BASELINES]


def find_model(name: str) -> Architecture:
    """Find a model by name.

    Raises
    ------
    ValueError
        If there is no such model; the message suggests near names.

    Examples
    --------
    >>> find_model("cnn").is_network
    True
    """
    if name not in NETWORKS and name not in BASELINES:
        near = difflib.get_close_matches(name, list_models(), n=2, cutoff=0.4)
        hint = (
            f"did you mean {' or '.join(near)}?"
            if near
            else f"there are {', '.join(list_models())}"
        )
        msg = f"no model {name!r}; {hint}"
        raise ValueError(msg)
    module, _, attribute = (NETWORKS | BASELINES)[name].partition(":")
    factory = getattr(importlib.import_module(module), attribute)
    return Architecture(name, factory, name in NETWORKS)


def build_network(name: str, **config: Any) -> nn.Module:
    """Build an untrained network.

    Parameters
    ----------
    name
        A network of the table.
    config
        Fields of its config.

    Returns
    -------
    Module that maps one-hot float (n, letters, length) to (n, targets), with its ``config``

    Raises
    ------
    ValueError
        If there is no such network, or it has no such setting; the message suggests near names.

    Examples
    --------
    >>> build_network("cnn", length=60, filters=8).config.filters
    8
    """
    architecture = find_model(name)
    if not architecture.is_network:
        msg = f"{name!r} is a baseline without a network; pass its name to eugene.fit"
        raise ValueError(msg)
    network = architecture.factory
    module = importlib.import_module(network.__module__)
    config_class = getattr(module, f"{network.__name__}Config")
    check_settings(name, config, {field.name for field in fields(config_class)})
    built: nn.Module = network(config_class(**config))
    return built


def check_settings(name: str, found: dict[str, Any], known: set[str]) -> None:
    """Refuse settings that a model does not have.

    Raises
    ------
    ValueError
        Naming the setting and the near ones.

    Examples
    --------
    >>> check_settings("cnn", {"filter": 8}, {"filters", "kernel"})
    Traceback (most recent call last):
    ValueError: model 'cnn' has no setting 'filter'; did you mean filters?
    """
    for setting in found:
        if setting not in known:
            near = difflib.get_close_matches(setting, known, n=2, cutoff=0.5)
            hint = (
                f"did you mean {' or '.join(near)}?"
                if near
                else f"it has {', '.join(sorted(known))}"
            )
            msg = f"model {name!r} has no setting {setting!r}; {hint}"
            raise ValueError(msg)
