"""Evaluation: scores with bootstrap intervals, beside a baseline."""

from eugene.evaluate.evaluation import Evaluation, evaluate, score

__all__ = ["evaluate", "score", "Evaluation"]
