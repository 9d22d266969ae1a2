"""Models: the registry of architectures, trained models, and models on disk."""

from eugene.models.card import Card
from eugene.models.registry import build_network, list_models
from eugene.models.storage import load_model, save_model

__all__ = ["list_models", "build_network", "load_model", "save_model", "Card"]
