"""Occlusion: replace windows of the sequence and see what the prediction loses."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from seqexplainer.predictor import Predictor, choose_output, predict, read_seqs, require_positive
from seqexplainer.references import shuffled_references
from seqexplainer.results import Attribution
from seqpro import DNA, Alphabet, ohe, random_seqs

Fill = Literal["shuffle", "random", "N"]


def occlusion(
    predictor: Predictor,
    seqs: Any,
    *,
    window: int = 10,
    stride: int = 2,
    fill: Fill = "shuffle",
    n_fills: int | None = None,
    output: int | None = None,
    alphabet: Alphabet = DNA,
    batch_size: int = 4096,
    rng: int | np.random.Generator | None = None,
) -> Attribution:
    """Score bases by what the prediction loses when the windows that cover them are replaced.

    The loss of a window, its prediction minus the mean over fills, is spread evenly over its positions
    and averaged over the windows that cover a position. The first windows start at 0, `stride`, ... and
    one more ends at the end where they do not reach it.

    Parameters
    ----------
    predictor
        Any `Predictor`.
    seqs
        Sequences of shape (n, length), in any container of `seqpro.as_codes`.
    window
        Width of a window, bp.
    stride
        From one window's start to the next, bp; at most `window`.
    fill
        What replaces a window: ``"shuffle"``, the letters at the same place of a dinucleotide shuffle
        of the whole sequence; ``"random"``, independent letters with equal chances; ``"N"``, the
        unknown letter, which most models have not seen in training, so that their answer may mean
        nothing.
    n_fills
        Shuffled or random fills of each window, 8 by default; 1 for ``"N"``.
    output
        Column of the prediction to explain; needed if there are several.
    alphabet
        Letters of the scores, in order.
    batch_size
        Replaced sequences made and handed to the predictor at a time.
    rng
        Seed of the fills.

    Returns
    -------
    Attribution
        `scores` (n, letters, length) has an entry for the observed letter only, and zeros elsewhere:
        windows say nothing about letters that are not there. There is no `baseline`. `standard_error`
        is that of the mean over fills.

    Raises
    ------
    ValueError
        If an argument does not fit, or if `output` is needed.

    Examples
    --------
    >>> from seqexplainer import project
    >>> def count_g(seqs):
    ...     return (seqs == ord("G")).sum(axis=1)
    >>> result = occlusion(count_g, ["AAGGAA"], window=2, stride=2, fill="N")
    >>> project(result.scores, ["AAGGAA"]).tolist()
    [[0.0, 0.0, 1.0, 1.0, 0.0, 0.0]]
    """
    codes = read_seqs(predictor, seqs, alphabet)
    length = codes.shape[1]
    starts = _window_starts(length, window, stride)
    fills = _fills(codes, fill, n_fills, alphabet, rng)
    predictions = predict(predictor, codes)
    column = choose_output(predictions.shape[1], output)
    prediction = predictions[:, column]
    n, count = fills.shape[:2]
    shape = (n, count, starts.size)
    filled = np.empty(shape)
    step = require_positive(batch_size=batch_size)
    for start in range(0, filled.size, step):
        flat = np.arange(start, min(start + step, filled.size))
        row, draw, place = np.unravel_index(flat, shape)
        inside = starts[place, None] + np.arange(window)
        changed = codes[row]
        changed[np.arange(flat.size)[:, None], inside] = fills[row[:, None], draw[:, None], inside]
        filled.flat[flat] = predict(predictor, changed)[:, column]
    loss = _spread(prediction[:, None, None] - filled, starts, window, length)
    observed = ohe(codes, alphabet, ohe_axis=-2, dtype=np.float32)
    error = loss.std(axis=1, ddof=1) / np.sqrt(count) if count > 1 else None
    return Attribution(
        scores=observed * loss.mean(axis=1)[:, None].astype(np.float32),
        prediction=prediction,
        baseline=np.full(n, np.nan),
        completeness_error=None,
        standard_error=None if error is None else observed * error[:, None].astype(np.float32),
        model_calls=n + filled.size,
        method="occlusion",
        parameters={
            "output": output,
            "alphabet": alphabet.letters,
            "window": window,
            "stride": stride,
            "fill": fill,
            "n_fills": count,
        },
    )


def _window_starts(length: int, window: int, stride: int) -> NDArray[np.intp]:
    """Give the start of each window, 0-based; together the windows cover every position."""
    if not 1 <= stride <= window <= length:
        msg = (
            "window and stride must fit 1 <= stride <= window <= length, so that every position is "
            f"covered; found stride={stride}, window={window}, length {length}"
        )
        raise ValueError(msg)
    last = length - window
    return np.unique(np.append(np.arange(0, last + 1, stride), last))


def _fills(
    codes: NDArray[np.uint8],
    fill: str,
    n_fills: int | None,
    alphabet: Alphabet,
    rng: int | np.random.Generator | None,
) -> NDArray[np.uint8]:
    """Give whole sequences to fill windows from, shape (n, fills, length)."""
    if fill not in ("shuffle", "random", "N"):
        msg = f"fill must be 'shuffle', 'random' or 'N'; found {fill!r}"
        raise ValueError(msg)
    n, length = codes.shape
    if fill == "N":
        if n_fills not in (None, 1):
            msg = f"n_fills must be 1 with fill='N', which is always the same; found {n_fills}"
            raise ValueError(msg)
        return np.full((n, 1, length), ord(alphabet.unknown), np.uint8)
    count = 8 if n_fills is None else require_positive(n_fills=n_fills)
    if fill == "shuffle":
        return shuffled_references(codes, count, rng=rng)
    return (
        random_seqs((n * count, length), alphabet, rng=rng).view(np.uint8).reshape(n, count, length)
    )


def _spread(
    losses: NDArray[np.float64], starts: NDArray[np.intp], window: int, length: int
) -> NDArray[np.float64]:
    """Average, at each position, the losses per position of the windows that cover it.

    Takes shape (n, fills, windows), gives (n, fills, length).
    """
    positions = np.arange(length)
    covers = (starts[:, None] <= positions) & (positions < starts[:, None] + window)
    shares = covers / (covers.sum(axis=0) * window)  # (windows, length)
    return losses @ shares
