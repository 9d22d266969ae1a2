"""Explain any sequence model, and mark explanations against known truth.

Predictors go in, an `Attribution` comes out; neither knows about files or data sets. Importing the package
loads numpy and nothing heavier: names that need torch load it on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from seqexplainer.attribute import METHODS, load_method
from seqexplainer.attribute.ism import ism, single_mutant_effects
from seqexplainer.attribute.occlusion import occlusion
from seqexplainer.plot import plot_attribution
from seqexplainer.predictor import (
    DifferentiablePredictor,
    Predictor,
    StringPredictor,
    average_strands,
)
from seqexplainer.references import shuffled_references
from seqexplainer.results import Attribution, CompletenessWarning, project
from seqexplainer.score.ground_truth import TruthScore, random_baseline, score_against_truth
from seqexplainer.score.ranking import ranking_areas

if TYPE_CHECKING:
    from seqexplainer.attribute.deeplift import deeplift_shap
    from seqexplainer.attribute.gradients import gradient_x_input
    from seqexplainer.motifs.filters import filter_motifs
    from seqexplainer.network import TorchPredictor

__version__ = "0.1.0"

__all__ = [
    "Predictor",
    "DifferentiablePredictor",
    "TorchPredictor",
    "StringPredictor",
    "average_strands",
    "ism",
    "single_mutant_effects",
    "occlusion",
    "gradient_x_input",
    "deeplift_shap",
    "METHODS",
    "load_method",
    "shuffled_references",
    "Attribution",
    "CompletenessWarning",
    "project",
    "filter_motifs",
    "score_against_truth",
    "random_baseline",
    "TruthScore",
    "ranking_areas",
    "plot_attribution",
]

_NEEDS_TORCH = {
    "TorchPredictor": "seqexplainer.network",
    "gradient_x_input": "seqexplainer.attribute.gradients",
    "deeplift_shap": "seqexplainer.attribute.deeplift",
    "filter_motifs": "seqexplainer.motifs.filters",
}


def __getattr__(name: str) -> Any:
    if name not in _NEEDS_TORCH:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(_NEEDS_TORCH[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
