"""Train, evaluate, explain and report on sequence models.

Names are looked up when they are first used, so that importing the package, or asking the command line
for help, loads neither torch nor Lightning.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_MODULES = ("settings", "preprocess", "models", "train", "evaluate", "interpret", "plot", "report")
_NAMES = {
    "fit": "eugene.train.fit",
    "predict": "eugene.evaluate.predict",
    "load_model": "eugene.models.storage",
    "load_run": "eugene.train.run",
    "demo": "eugene.cli.demo",
    "doctor": "eugene.cli.doctor",
}

__all__ = [
    "settings",
    "preprocess",
    "models",
    "train",
    "evaluate",
    "interpret",
    "plot",
    "report",
    "fit",
    "predict",
    "load_model",
    "load_run",
    "demo",
    "doctor",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"eugene.{name}")
    if name in _NAMES:
        value = getattr(importlib.import_module(_NAMES[name]), name)
        globals()[name] = value
        return value
    msg = f"module 'eugene' has no attribute {name!r}; it has {', '.join(__all__)}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
