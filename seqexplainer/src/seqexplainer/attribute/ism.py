"""In silico mutagenesis: predict every sequence that differs by one letter."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqexplainer.predictor import Predictor, choose_output, predict, read_seqs, require_positive
from seqexplainer.results import Attribution, project
from seqpro import DNA, Alphabet
from seqpro.alphabet import UNKNOWN


def ism(
    predictor: Predictor,
    seqs: Any,
    *,
    output: int | None = None,
    alphabet: Alphabet = DNA,
    batch_size: int = 4096,
) -> Attribution:
    """Score letters by the effect of putting each of them at each position.

    Every sequence is predicted once, and once for each other letter at each position: for DNA
    3 x length + 1 predictions. Effects are stored as differences to their mean over letters at each
    position, so that the score of the observed letter is what is lost on average when a letter drawn at
    random takes its place; `single_mutant_effects` gives the plain effects back.

    Parameters
    ----------
    predictor
        Any `Predictor`.
    seqs
        Sequences of shape (n, length), in any container of `seqpro.as_codes`.
    output
        Column of the prediction to explain; needed if there are several.
    alphabet
        Letters to put, in the order of the scores. Positions that hold a letter outside it are left as
        they are, with scores of 0.
    batch_size
        Mutants made and handed to the predictor at a time, of several sequences where they are short.

    Returns
    -------
    Attribution
        `scores` (n, letters, length); there is no `baseline`.

    Raises
    ------
    ValueError
        If an argument does not fit, or if `output` is needed.

    Examples
    --------
    >>> from seqexplainer import project
    >>> def count_g(seqs):
    ...     return (seqs == ord("G")).sum(axis=1)
    >>> result = ism(count_g, ["AG"])
    >>> project(result.scores, ["AG"]).tolist()
    [[-0.25, 0.75]]
    >>> single_mutant_effects(result.scores, ["AG"])[0].tolist()
    [[0.0, -1.0], [0.0, -1.0], [1.0, 0.0], [0.0, -1.0]]
    """
    codes = read_seqs(predictor, seqs, alphabet)
    predictions = predict(predictor, codes)
    column = choose_output(predictions.shape[1], output)
    prediction = predictions[:, column]
    index = alphabet.index_table()[codes]
    rows, positions = np.nonzero(index != UNKNOWN)
    width = len(alphabet) - 1
    effects = np.zeros((len(codes), len(alphabet), codes.shape[1]), np.float32)
    step = max(1, require_positive(batch_size=batch_size) // width)
    others = _other_letters(len(alphabet))
    for start in range(0, rows.size, step):
        row, position = rows[start : start + step], positions[start : start + step]
        letters = others[index[row, position]]  # (sites, letters - 1)
        mutants = np.repeat(codes[row], width, axis=0)
        mutants[np.arange(len(mutants)), np.repeat(position, width)] = alphabet.codes[
            letters.ravel()
        ]
        values = predict(predictor, mutants)[:, column].reshape(-1, width)
        effects[row[:, None], letters, position[:, None]] = values - prediction[row, None]
    return Attribution(
        scores=effects - effects.mean(axis=1, keepdims=True),
        prediction=prediction,
        baseline=np.full(len(codes), np.nan),
        completeness_error=None,
        standard_error=None,
        model_calls=len(codes) + rows.size * width,
        method="ism",
        parameters={"output": output, "alphabet": alphabet.letters},
    )


def single_mutant_effects(
    scores: NDArray[Any], seqs: Any, *, alphabet: Alphabet = DNA
) -> NDArray[np.float32]:
    """Turn scores of `ism` back into the effect of each single mutation.

    Parameters
    ----------
    scores
        Scores of `ism`, shape (n, letters, length).
    seqs
        The sequences they explain, shape (n, length).
    alphabet
        Order of the letters.

    Returns
    -------
    float32 array, shape (n, letters, length)
        Prediction with that letter at that position, minus the prediction of the sequence as it is: 0
        for the observed letter, and where the observed letter is outside the alphabet.

    Raises
    ------
    ValueError
        If shapes do not fit.

    Examples
    --------
    >>> scores = ism(lambda seqs: (seqs == ord("G")).sum(axis=1), ["G"]).scores
    >>> single_mutant_effects(scores, ["G"]).ravel().tolist()
    [-1.0, -1.0, 0.0, -1.0]
    """
    return np.asarray(scores, np.float32) - project(scores, seqs, alphabet=alphabet)[:, None]


def _other_letters(count: int) -> NDArray[np.intp]:
    """Give the columns of the other letters for each letter, shape (letters, letters - 1)."""
    return np.array([[b for b in range(count) if b != a] for a in range(count)])
