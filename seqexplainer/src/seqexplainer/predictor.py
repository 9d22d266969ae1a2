"""What is explained: two protocols for models, and adapters that give other things their shape.

Methods that only ask for predictions take a `Predictor`; methods that need gradients take a
`DifferentiablePredictor`. Torch modules are adapted in `seqexplainer.network`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqpro import DNA, Alphabet, as_codes, reverse_complement

if TYPE_CHECKING:
    import torch


class Predictor(Protocol):
    """Anything that turns sequences into numbers when it is called.

    It takes uint8 ASCII codes of shape (n, length) and gives numbers of shape (n, targets). One with
    an attribute `alphabet` is checked against the alphabet that it is explained with.

    Examples
    --------
    >>> def count_g(seqs):
    ...     return (seqs == ord("G")).sum(axis=1, keepdims=True)
    >>> predictor: Predictor = count_g
    >>> predictor(as_codes(["GAGG"])).tolist()
    [[3]]
    """

    def __call__(self, seqs: NDArray[np.uint8], /) -> ArrayLike:
        """Predict sequences of shape (n, length); gives shape (n, targets)."""
        ...


@runtime_checkable
class DifferentiablePredictor(Protocol):
    """A `Predictor` that also shows its network, so that gradients can be taken.

    Attributes
    ----------
    module
        Network on one-hot sequences: float (n, letters, length) to (n, targets). It computes what
        the call computes.
    device
        Where to run it, or None for where it lies.

    Examples
    --------
    >>> import torch
    >>> from seqexplainer import TorchPredictor
    >>> isinstance(TorchPredictor(torch.nn.Flatten()), DifferentiablePredictor)
    True
    >>> isinstance(len, DifferentiablePredictor)
    False
    """

    @property
    def module(self) -> torch.nn.Module:
        """The network."""
        ...

    @property
    def device(self) -> str | torch.device | None:
        """Where to run it."""
        ...

    def __call__(self, seqs: NDArray[np.uint8], /) -> ArrayLike:
        """Predict sequences of shape (n, length); gives shape (n, targets)."""
        ...


@dataclass(frozen=True)
class StringPredictor:
    """A `Predictor` around a function of strings.

    Parameters
    ----------
    function
        Takes a list of n strings; gives n numbers, or an array of shape (n, targets).

    Examples
    --------
    >>> predictor = StringPredictor(lambda words: [word.count("TATA") for word in words])
    >>> predictor(as_codes(["CTATAC", "CCCCCC"])).tolist()
    [[1.0], [0.0]]
    """

    function: Callable[[list[str]], ArrayLike]

    def __call__(self, seqs: Any) -> NDArray[np.float64]:
        """Predict sequences of shape (n, length); gives shape (n, targets)."""
        codes = as_codes(seqs)
        return predict(lambda rows: self.function([row.tobytes().decode() for row in rows]), codes)


def average_strands(predictor: Predictor, alphabet: Alphabet = DNA) -> Predictor:
    """Average the predictions of a sequence and of its reverse complement.

    Targets are averaged one by one, so they must not differ between strands. A
    `DifferentiablePredictor` stays one, and gradients pass through both strands.

    Parameters
    ----------
    predictor
        What predicts one strand.
    alphabet
        Says what pairs with what.

    Raises
    ------
    ValueError
        If the alphabet has no complement, or is not that of `predictor`.

    Examples
    --------
    >>> count_g = StringPredictor(lambda words: [word.count("G") for word in words])
    >>> average_strands(count_g)(as_codes(["GGGC"])).tolist()
    [[2.0]]
    """
    alphabet.complement_table()  # refuses alphabets without one
    require_alphabet(predictor, alphabet)
    if isinstance(predictor, DifferentiablePredictor):
        from seqexplainer.network import StrandAverage

        module = StrandAverage(predictor.module, alphabet)
        return _DifferentiableStrands(predictor, alphabet, module, predictor.device)
    return _Strands(predictor, alphabet)


@dataclass(frozen=True)
class _Strands:
    predictor: Predictor
    alphabet: Alphabet

    def __call__(self, seqs: Any) -> NDArray[np.float64]:
        codes = as_codes(seqs)
        forward = predict(self.predictor, codes)
        return (forward + predict(self.predictor, reverse_complement(codes, self.alphabet))) / 2


@dataclass(frozen=True)
class _DifferentiableStrands(_Strands):
    module: torch.nn.Module
    device: str | torch.device | None


def predict(predictor: Predictor, seqs: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Call a predictor and give its answer as float64, shape (n, targets).

    Raises
    ------
    ValueError
        If the answer has not one row a sequence.

    Examples
    --------
    >>> predict(lambda seqs: (seqs == ord("G")).sum(axis=1), as_codes(["GAGG", "CCCC"])).tolist()
    [[3.0], [0.0]]
    """
    values = np.asarray(predictor(seqs), dtype=np.float64)
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim != 2 or values.shape[0] != seqs.shape[0]:
        msg = (
            f"predictor must give an array of shape (n, targets) with n = {seqs.shape[0]}; "
            f"found shape {values.shape}. Wrap it in a function that reduces its answer to that"
        )
        raise ValueError(msg)
    return values


def choose_output(targets: int, output: int | None) -> int:
    """Give the column of the model's output to explain.

    Raises
    ------
    ValueError
        If there are several columns and none is named, or if there is no such column.

    Examples
    --------
    >>> choose_output(1, None), choose_output(3, 2)
    (0, 2)
    """
    if output is None and targets == 1:
        return 0
    if output is None:
        msg = (
            f"output must name a column, for the model has {targets} outputs; "
            f"pass output=0 to output={targets - 1}"
        )
        raise ValueError(msg)
    if not 0 <= output < targets:
        msg = f"output must be a column from 0 to {targets - 1}; found {output!r}"
        raise ValueError(msg)
    return int(output)


def require_alphabet(predictor: Any, alphabet: Alphabet) -> None:
    """Refuse to explain a predictor of one alphabet with the letters of another.

    Raises
    ------
    ValueError
        If `predictor` has an attribute `alphabet` that differs from `alphabet`.

    Examples
    --------
    >>> require_alphabet(len, DNA)
    """
    own = getattr(predictor, "alphabet", alphabet)
    if own != alphabet:
        msg = (
            f"alphabet must be that of the predictor, {own.name} ({own.letters}); "
            f"found {alphabet.name} ({alphabet.letters})"
        )
        raise ValueError(msg)


def read_seqs(predictor: Any, seqs: Any, alphabet: Alphabet) -> NDArray[np.uint8]:
    """Give the sequences to explain as ASCII codes, shape (n, length).

    Raises
    ------
    TypeError
        If the predictor is a bare torch module, which does not take letters.
    ValueError
        If there is no sequence, if they are not of one length, or if the predictor has another alphabet.

    Examples
    --------
    >>> read_seqs(len, ["AC", "GT"], DNA).shape
    (2, 2)
    """
    if hasattr(predictor, "named_modules"):
        msg = (
            f"predictor must take letters; found the torch module {type(predictor).__name__}. "
            "Pass seqexplainer.TorchPredictor(module)"
        )
        raise TypeError(msg)
    require_alphabet(predictor, alphabet)
    codes = as_codes(seqs)
    if codes.ndim != 2 or not codes.size:
        msg = (
            f"seqs must hold sequences of shape (n, length), at least one; found shape {codes.shape}. "
            "Put a single sequence in a list"
        )
        raise ValueError(msg)
    return codes


def require_positive(**counts: int) -> int:
    """Give a count that must be at least 1, named as the caller's argument.

    Raises
    ------
    ValueError
        If it is not.

    Examples
    --------
    >>> require_positive(batch_size=64)
    64
    """
    ((name, count),) = counts.items()
    if count < 1:
        msg = f"{name} must be at least 1; found {count}"
        raise ValueError(msg)
    return count
