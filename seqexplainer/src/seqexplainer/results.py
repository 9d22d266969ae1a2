"""What explanation methods give back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqpro import DNA, Alphabet, as_codes, ohe


class CompletenessWarning(UserWarning):
    """Contributions do not add up to the difference of predictions that they are to explain.

    Examples
    --------
    >>> issubclass(CompletenessWarning, UserWarning)
    True
    """


@dataclass(frozen=True, eq=False)
class Attribution:
    """Scores of every letter at every position, with what is needed to judge them.

    Scores are hypothetical for every method: the entry of letter a at position l is the contribution
    that this letter would make there. The contribution of the observed letter is the entry of the
    observed letter; `project` picks it out.

    Attributes
    ----------
    scores
        float32, shape (n, letters, length).
    prediction
        What the model predicts for each sequence, shape (n,).
    baseline
        The prediction that contributions are relative to, shape (n,); NaN where the method has none.
    completeness_error
        Shape (n,): how far the contributions of a sequence are from adding up to
        ``prediction - baseline``. None where the method does not claim that they do.
    standard_error
        float32, shape (n, letters, length), of `scores`; None where the method does not sample, or
        drew a single sample.
    model_calls
        Sequences pushed through the model.
    method
        Name of the method in `METHODS`.
    parameters
        Its settings: numbers, strings and None.

    Examples
    --------
    >>> from seqexplainer import ism
    >>> result = ism(lambda seqs: (seqs == ord("G")).sum(axis=1), ["AG"])
    >>> result.method, result.scores.shape, result.model_calls
    ('ism', (1, 4, 2), 7)
    """

    scores: NDArray[np.float32]
    prediction: NDArray[np.float64]
    baseline: NDArray[np.float64]
    completeness_error: NDArray[np.float64] | None
    standard_error: NDArray[np.float32] | None
    model_calls: int
    method: str
    parameters: dict[str, Any] = field(default_factory=dict)


def project(scores: NDArray[Any], seqs: Any, *, alphabet: Alphabet = DNA) -> NDArray[np.float32]:
    """Give the contribution of the observed letter at each position.

    Parameters
    ----------
    scores
        Hypothetical scores, shape (n, letters, length).
    seqs
        The sequences they explain, shape (n, length).
    alphabet
        Order of the letters.

    Returns
    -------
    float32 array, shape (n, length): 0 where the letter is outside the alphabet

    Raises
    ------
    ValueError
        If shapes do not fit.

    Examples
    --------
    >>> scores = np.arange(8).reshape(1, 4, 2)
    >>> project(scores, ["CT"]).tolist(), project(scores, ["NT"]).tolist()
    ([[2.0, 7.0]], [[0.0, 7.0]])
    """
    onehot = ohe(as_codes(seqs), alphabet, ohe_axis=-2, dtype=np.float32)
    if np.shape(scores) != onehot.shape:
        msg = (
            f"scores must have the shape (n, letters, length) = {onehot.shape} of the sequences; "
            f"found {np.shape(scores)}"
        )
        raise ValueError(msg)
    return np.einsum("nal,nal->nl", np.asarray(scores, np.float32), onehot)
