"""Gradients of the prediction by the one-hot sequence."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqexplainer.network import borrowed, encode, input_gradient, require_module
from seqexplainer.predictor import DifferentiablePredictor, read_seqs, require_positive
from seqexplainer.results import Attribution
from seqpro import DNA, Alphabet


def gradient_x_input(
    predictor: DifferentiablePredictor,
    seqs: Any,
    *,
    output: int | None = None,
    correct: bool = True,
    alphabet: Alphabet = DNA,
    batch_size: int = 256,
) -> Attribution:
    """Score letters by the gradient of the prediction; the observed ones make gradient times input.

    A gradient tells about infinitely small changes: where the model is saturated it is zero, however
    much the letter matters.

    Parameters
    ----------
    predictor
        A `TorchPredictor`, or another with a `module`.
    seqs
        Sequences of shape (n, length), in any container of `seqpro.as_codes`.
    output
        Column of the prediction to explain; needed if there are several.
    correct
        Subtract the mean over letters at each position. It removes the part of the gradient that
        points off the one-hot sequences, where no data constrained the model (Majdandzic, Rajesh and
        Koo 2023).
    alphabet
        Letters of the scores, in order. Letters outside it are all-zero columns.
    batch_size
        Sequences pushed through the network at a time.

    Returns
    -------
    Attribution
        `scores` (n, letters, length) is the gradient; there is no `baseline`.

    Raises
    ------
    TypeError
        If the predictor shows no `module`.
    ValueError
        If an argument does not fit, or if `output` is needed.

    Examples
    --------
    >>> import torch
    >>> from seqexplainer import TorchPredictor, project
    >>> network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(8, 1))
    >>> with torch.no_grad():
    ...     _ = network[1].weight.copy_(torch.tensor([[1.0, 0, 0, 0, 0, 0, 0, 2.0]]))
    >>> result = gradient_x_input(TorchPredictor(network), ["AT"], correct=False)
    >>> project(result.scores, ["AT"]).tolist()
    [[1.0, 2.0]]
    """
    module = require_module(predictor)
    codes = read_seqs(predictor, seqs, alphabet)
    step = require_positive(batch_size=batch_size)
    predictions, gradients = [], []
    with borrowed(module, predictor.device) as placement:
        for start in range(0, len(codes), step):
            onehot = encode(codes[start : start + step], alphabet, placement)
            prediction, gradient = input_gradient(module, onehot, output)
            if correct:
                gradient = gradient - gradient.mean(1, keepdim=True)
            predictions.append(prediction.double().cpu().numpy())
            gradients.append(gradient.float().cpu().numpy())
    return Attribution(
        scores=np.concatenate(gradients),
        prediction=np.concatenate(predictions),
        baseline=np.full(len(codes), np.nan),
        completeness_error=None,
        standard_error=None,
        model_calls=len(codes),
        method="gradient_x_input",
        parameters={"output": output, "alphabet": alphabet.letters, "correct": correct},
    )
