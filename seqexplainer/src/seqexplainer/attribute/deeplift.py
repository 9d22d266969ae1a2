"""DeepLIFT against several references of each sequence, also known as DeepSHAP."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from seqexplainer.attribute.multipliers import find_multipliers
from seqexplainer.network import as_outputs, borrowed, encode, require_module
from seqexplainer.predictor import (
    DifferentiablePredictor,
    choose_output,
    read_seqs,
    require_positive,
)
from seqexplainer.references import shuffled_references
from seqexplainer.results import Attribution, CompletenessWarning
from seqpro import DNA, Alphabet, as_codes

RELATIVE_TOLERANCE = 1e-3
"""Completeness error that draws a warning, relative to the differences that are explained."""

ROUNDING = 1e-5
"""What is allowed on top for rounding, relative to the predictions themselves."""

DEFAULT_REFERENCES = 20
DEFAULT_K = 2


def deeplift_shap(
    predictor: DifferentiablePredictor,
    seqs: Any,
    *,
    references: Any = None,
    n_references: int | None = None,
    k: int | None = None,
    output: int | None = None,
    alphabet: Alphabet = DNA,
    batch_size: int = 64,
    rng: int | np.random.Generator | None = None,
) -> Attribution:
    """Share the difference between a prediction and that of reference sequences among the bases.

    Contributions are exact for each reference (they add up to the difference of predictions) and
    averaged over references. Every nonlinear operation of the network has a rule, wherever it is
    called from; where the network uses one without a rule, its gradient is taken and contributions no
    longer add up: then a `CompletenessWarning` says by how much, and names the operations.

    Parameters
    ----------
    predictor
        A `TorchPredictor`, or another with a `module`.
    seqs
        Sequences of shape (n, length), in any container of `seqpro.as_codes`.
    references
        Sequences to compare with, shape (n, references, length); by default shuffles of each sequence.
    n_references
        Number of shuffles of each sequence, 20 by default. Not together with `references`.
    k
        Length of the words whose counts the shuffles keep, 2 by default. Not together with
        `references`.
    output
        Column of the prediction to explain; needed if there are several.
    alphabet
        Letters of the scores, in order. Letters outside it are all-zero columns.
    batch_size
        Pairs of a sequence and a reference pushed through the network at a time.
    rng
        Seed of the shuffles.

    Returns
    -------
    Attribution
        `scores` (n, letters, length): for multiplier m and reference r, letter a at position l gets
        m[a, l] - sum over b of m[b, l] r[b, l], averaged over references. `baseline` is the mean
        prediction of a sequence's references, `completeness_error` how far contributions are from the
        difference to it, and `standard_error` that of the mean over references.

    Raises
    ------
    TypeError
        If the predictor shows no `module`.
    ValueError
        If an argument does not fit, if `output` is needed, or if the network runs other operations on
        the sequences than on the references.

    Notes
    -----
    The rescale rule of Shrikumar, Greenside and Kundaje 2017 for functions of one number, averaged over
    references as by Lundberg and Lee 2017; products, quotients, softmax and normalisation by the Shapley
    value of a product; maxima by giving the difference to the position of the larger maximum.

    Examples
    --------
    >>> from seqexplainer import TorchPredictor, project
    >>> network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(24, 1), torch.nn.ReLU())
    >>> result = deeplift_shap(TorchPredictor(network), ["ACGTTT"], n_references=5, rng=0)
    >>> total = project(result.scores, ["ACGTTT"]).sum(axis=1)
    >>> np.allclose(total, result.prediction - result.baseline, atol=1e-6)
    True
    """
    module = require_module(predictor)
    codes = read_seqs(predictor, seqs, alphabet)
    compared = _references(codes, references, n_references, k, rng)
    n, count, length = compared.shape
    blocks = []
    with borrowed(module, predictor.device) as placement:
        step = max(1, require_positive(batch_size=batch_size) // count)
        for start in range(0, n, step):
            own = encode(codes[start : start + step], alphabet, placement)
            letters = compared[start : start + step].reshape(-1, length)
            others = encode(letters, alphabet, placement)
            blocks.append(_explain(module, own, others, output, batch_size))
    without_rule = set().union(*(block.without_rule for block in blocks))
    scores, standard_error, prediction, baseline, error, explained = (
        np.concatenate(column) for column in zip(*(block.arrays for block in blocks), strict=True)
    )
    _warn_if_incomplete(error, explained, prediction, without_rule)
    return Attribution(
        scores=scores,
        prediction=prediction,
        baseline=baseline,
        completeness_error=error,
        standard_error=standard_error if count > 1 else None,
        model_calls=n * (1 + 2 * count),
        method="deeplift_shap",
        parameters={
            "output": output,
            "alphabet": alphabet.letters,
            "references": "shuffled" if references is None else "given",
            "n_references": count,
            "k": (k or DEFAULT_K) if references is None else None,
        },
    )


def _references(
    codes: NDArray[np.uint8],
    references: Any,
    n_references: int | None,
    k: int | None,
    rng: int | np.random.Generator | None,
) -> NDArray[np.uint8]:
    if references is None:
        count = DEFAULT_REFERENCES if n_references is None else n_references
        return shuffled_references(codes, count, k=DEFAULT_K if k is None else k, rng=rng)
    if n_references is not None or k is not None:
        msg = (
            "n_references and k describe shuffles, which are made when references is None; "
            f"found references with n_references={n_references} and k={k}"
        )
        raise ValueError(msg)
    given = as_codes(references, argument="references")
    n, length = codes.shape
    if given.ndim != 3 or given.shape[::2] != (n, length) or not given.shape[1]:
        msg = (
            f"references must have shape (n, references, length) = ({n}, at least 1, {length}); "
            f"found {given.shape}"
        )
        raise ValueError(msg)
    return given


class _Block(NamedTuple):
    """Results of some sequences; the arrays in the order of `Attribution`, then what is explained."""

    arrays: tuple[NDArray[Any], ...]
    without_rule: set[str]


def _explain(
    module: torch.nn.Module,
    onehot: torch.Tensor,
    references: torch.Tensor,
    output: int | None,
    batch_size: int,
) -> _Block:
    """Explain n sequences by n x count references, those of a sequence next to each other."""
    n, count = len(onehot), len(references) // len(onehot)
    with torch.no_grad():
        outputs = as_outputs(module(onehot.clone()), n)
    column = choose_output(outputs.shape[1], output)
    pairs = onehot.repeat_interleave(count, 0)
    found = [
        find_multipliers(module, pairs[a : a + batch_size], references[a : a + batch_size], column)
        for a in range(0, len(pairs), batch_size)
    ]
    values = torch.cat([part.values for part in found])
    baselines = torch.cat([part.references for part in found])[:, column].view(n, count)
    # (n, count, letters, length): what each letter would contribute against each reference
    scores = values - (values * references).sum(1, keepdim=True)
    scores = scores.view(n, count, *scores.shape[1:])
    totals = (values * (pairs - references)).sum((1, 2), dtype=torch.float64).view(n, count)
    prediction, baselines = outputs[:, column].double(), baselines.double()
    baseline = baselines.mean(1)
    arrays = (
        scores.mean(1).float(),
        (scores.std(1, correction=min(1, count - 1)) / count**0.5).float(),
        prediction,
        baseline,
        (totals.mean(1) - (prediction - baseline)).abs(),
        (prediction[:, None] - baselines).abs().mean(1),
    )
    names = set().union(*(part.without_rule for part in found))
    return _Block(tuple(array.cpu().numpy() for array in arrays), names)


def _warn_if_incomplete(
    error: NDArray[np.float64],
    explained: NDArray[np.float64],
    prediction: NDArray[np.float64],
    without_rule: set[str],
) -> None:
    allowed = RELATIVE_TOLERANCE * explained + ROUNDING * np.abs(prediction)
    wrong = ~(error <= allowed)  # NaN is wrong too
    if not wrong.any():
        return
    worst = int(np.argmax(np.where(wrong, np.nan_to_num(error - allowed, nan=np.inf), -np.inf)))
    cause = (
        f"operations without a rule, whose gradient was used: {', '.join(sorted(without_rule))}"
        if without_rule
        else "no operation without a rule was seen; scripted code and custom autograd functions cannot "
        "be seen, and low precision (TF32, half) does not add up either"
    )
    msg = (
        f"contributions do not add up for {wrong.sum()} of {wrong.size} sequences: at worst they miss "
        f"by {error[worst]:.3g} where predictions differ by {explained[worst]:.3g}; {cause}. "
        "seqexplainer.ism needs no rules"
    )
    warnings.warn(msg, CompletenessWarning, stacklevel=3)
